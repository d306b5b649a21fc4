"""Printed fragments and the mirror series -> a full quarterly series with standard errors.

A book is sometimes printed in pieces only: months, quarters, year to date, years, growth rates, surpluses. What is
found keeps the ratio to the mirror smooth and the pieces true within their rounding: proportional Denton benchmarking
with noisy benchmarks (IMF, Quarterly National Accounts Manual, ch. 6), solved as one Gaussian system (`benchmark`),
exports and imports together, since a surplus ties them. Any pair with fragments and a mirror series will do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from ..words.terms import FLOW_COLUMNS, OTHER_SIDE, Basis, Flow, Frequency, Origin, Valuation, quarter
from . import benchmark, trade
from .benchmark import SIGNS, Array, Fits, Settings, System, mirror_mean, predict, span_pattern
from .fragments import Fragment
from .trade import Snapshot

# A fragment this many standard errors from what all the others say is in conflict with them: about one in twenty of
# Gaussian errors is.
CONFLICT, BY_CHANCE = 2.0, 0.0455


@dataclass(frozen=True)
class Reconciled:
    """The reconciled book.

    `quarters`: a row a flow and quarter, with value_usd_mn, se_usd_mn and origin. `residuals`: a row a fragment, as
    printed, as fitted, as predicted without it, the prediction's standard error and their distance `z` in it.
    `weights`: how much each fragment (row) moves each flow and quarter (column), per USD million printed.
    """

    system: System
    settings: Settings
    quarters: pd.DataFrame
    residuals: pd.DataFrame
    weights: pd.DataFrame

    @property
    def printed(self) -> list[Fragment]:
        """The fragments that were printed before the book was counted."""
        return [fragment for fragment in self.system.fragments if not fragment.is_count]

    @property
    def conflicts(self) -> pd.DataFrame:
        """The residuals of the printed fragments in conflict with the others, the worst first."""
        printed = self.residuals.loc[[fragment.id for fragment in self.printed]]
        return printed[printed["z"].abs() > CONFLICT].sort_values("z", key=abs, ascending=False, kind="stable")

    def total(self, signs: Mapping[Flow, int], quarters: Sequence[pd.Period]) -> tuple[float, float, Array]:
        """A signed sum of flows over quarters, its standard error (USD million), and the fragments' weights in it.

        The error is that of the sum: the quarters' errors are tied to one another by the printed years above all.
        """
        value, error, weights = sums(self.system, self.settings, signs, [quarters])
        return float(value[0]), float(error[0]), weights[0]


def sums(
    of: System, settings: Settings, signs: Mapping[Flow, int], spans: Iterable[Sequence[pd.Period]]
) -> tuple[Array, Array, Array]:
    """A signed sum of flows over each span of quarters: values, standard errors (USD million), fragments' weights."""
    patterns = np.array([span_pattern(of, span) for span in spans])
    return predict(of, settings, {flow: signs.get(flow, 0) * patterns for flow in Flow})


def reconcile(of: System, settings: Settings, first: pd.Period, last: pd.Period) -> Reconciled:
    """The quarters of a system from `first` to `last`, or to the mirror's last full one if that is sooner."""
    covered = pd.period_range(first, last, freq="Q")
    quarters = [quarter for quarter in covered if span_pattern(of, [quarter]).sum() == 3]
    spans = [[quarter] for quarter in quarters]
    tables, weights = [], []
    for flow in Flow:
        value, se, by_fragment = sums(of, settings, {flow: 1}, spans)
        columns = {"flow": flow, "period": quarters, "value_usd_mn": value, "se_usd_mn": se}
        tables.append(pd.DataFrame(columns | {"origin": origins(of, {flow: 1}, spans)}))
        names = [f.id for f in of.fragments]
        weights.append(pd.DataFrame(by_fragment.T, index=names, columns=[(flow, q) for q in quarters]))
    table = pd.concat(tables, ignore_index=True)
    return Reconciled(of, settings, table, _residuals(of, settings), pd.concat(weights, axis=1))


def origins(of: System, signs: Mapping[Flow, int], spans: Iterable[Sequence[pd.Period]]) -> list[Origin]:
    """Where a signed sum of flows over each span of quarters comes from: published; derived by adding and subtracting
    printed levels; past the last fragment, extrapolated; or else estimated."""
    spans = list(spans)
    exact = [n for n, f in enumerate(of.fragments) if not (f.is_vague or f.is_estimate or f.against)]
    patterns = np.array([span_pattern(of, span) for span in spans])
    wanted = np.hstack([patterns * signs.get(flow, 0) for flow in Flow])
    levels = np.hstack([of.patterns[flow][exact] for flow in Flow])
    published = (levels == wanted[:, None]).all(axis=2).any(axis=1)
    combinations = np.linalg.lstsq(levels.T, wanted.T, rcond=None)[0]
    derived = np.isclose(levels.T @ combinations, wanted.T, atol=1e-9).all(axis=0)
    last = min(max(f.last for f in of.fragments if flow in SIGNS[f.flow]) for flow in signs)
    return [
        Origin.EXTRAPOLATED if max(span).asfreq("M", "end") > last
        else Origin.PUBLISHED if is_published
        else Origin.DERIVED if is_derived
        else Origin.ESTIMATED
        for span, is_published, is_derived in zip(spans, published, derived, strict=True)
    ]  # fmt: skip


def _residuals(of: System, settings: Settings) -> pd.DataFrame:
    fitted = predict(of, settings, of.patterns)[0]
    error, variance = benchmark.leave_one_out(of, settings)
    columns = {
        "printed_usd_mn": of.printed,
        "fitted_usd_mn": fitted,
        "without_it_usd_mn": of.printed - error,
        "se_usd_mn": np.sqrt(variance),
        "z": error / np.sqrt(variance),
    }
    return pd.DataFrame(columns, index=pd.Index([f.id for f in of.fragments], name="fragment"))


LAST_DIGIT_USD_MN = Decimal("0.0000005")  # half a dollar
JUDGED = 8  # quarters counted later that the settings are judged by; the next ones show how well they do
FIRST = quarter("2018Q1")  # before it, too little was printed to tie a quarter down
BEARING = 0.01  # a fragment that moves a quarter by less than a hundredth of itself is not named as its source


def book(
    fragments: Sequence[Fragment],
    table: pd.DataFrame,
    reporter: str,
    partner: str,
    at: pd.Period | None = None,
    mirror_at: pd.Period | None = None,
    *,
    kept: Fits | None = None,
) -> Reconciled:
    """A reporter's own book before it was counted, from the fragments printed by `at` and the mirror as of `mirror_at`
    (default: all); its settings are those `kept` of the same fragments, mirror and counts, or searched for: as the
    first JUDGED quarters counted by then judge best or, until there are so many, as fragments judge one another.

    From the first month that the reporter's counts hold on, fragments are of no use, and of those no quarter is given.
    Raises ValueError if nothing was printed by then, or the partner's book is not there.
    """
    counted = counts(table, reporter, partner, at)
    first = min(counted.flows["period"]) if counted else None
    known = [fragment for fragment in fragments if at is None or fragment.published <= at]
    before = [fragment for fragment in known if first is None or max(fragment.months) < first]
    if not before:
        raise ValueError("no fragments to reconcile")
    mirror = _mirror(table, reporter, partner, mirror_at)
    settings = benchmark.fit(benchmark.system(known, mirror), kept or {}, _judges(counted))
    before += _first_quarter(counted) if counted else []
    last = (first or mirror.index[-1] + 1).asfreq("Q") - 1
    return reconcile(benchmark.system(before, mirror), settings, FIRST, last)


def counts(table: pd.DataFrame, reporter: str, partner: str, at: pd.Period | None = None) -> Snapshot | None:
    """The months that the reporter's customs had counted by the end of a month; None if it had none."""
    counted = table[table["frequency"] == Frequency.MONTHLY]
    try:
        found = trade.as_of(counted, reporter, partner, at)
    except ValueError:
        return None
    return None if found.truncated or found.flows.empty else found


def _first_quarter(counted: Snapshot) -> list[Fragment]:
    """The first quarter counted, as fragments: it binds the ratio from that end. Its months alone would not do: what
    is on the way at a month's end makes the ratio jump, and nothing in the system says so."""
    rows = list(trade.quarters(counted.flows).itertuples())
    first = min((row.period for row in rows), default=None)
    return [
        Fragment(
            id=f"{row.flow} of {first}, counted", flow=str(row.flow), first=row.period.asfreq("M", "start"),
            last=row.period.asfreq("M", "end"), against=None, value=row.value_usd_mn, half_unit=LAST_DIGIT_USD_MN,
            is_vague=False, is_estimate=False, published=counted.vintage, words=f"{row.value_usd_mn:f} USD million",
            source="monthly bulletin", url="", source_id=row.ids, is_count=True,
        )
        for row in rows
        if row.period == first
    ]  # fmt: skip


def _judges(counted: Snapshot | None) -> benchmark.Truth:
    """The first JUDGED quarters counted, in USD million; none until all of them are known."""
    quarters = trade.quarters(counted.flows) if counted else pd.DataFrame(columns=FLOW_COLUMNS)
    judges = sorted(set(quarters["period"]))[:JUDGED]
    rows = [row for row in quarters.itertuples() if len(judges) == JUDGED and row.period in judges]
    return {(Flow(row.flow), row.period): float(row.value_usd_mn) for row in rows}


def _mirror(table: pd.DataFrame, reporter: str, partner: str, at: pd.Period | None) -> pd.DataFrame:
    """The other side's months as of `at`, from the reporter's side."""
    snapshot = trade.as_of(table, partner, reporter, at)
    return pd.DataFrame({flow: trade.series(snapshot, other, Frequency.MONTHLY) for flow, other in OTHER_SIDE.items()})


def as_flows(
    of: Reconciled, reporter: str, partner: str, vintage: pd.Period, valuation: Mapping[Flow, Valuation]
) -> pd.DataFrame:
    """The reconciled quarters as rows of the long table, to 0.1 USD million, with the fragments that bear on each."""
    constant = {
        "reporter": reporter, "partner": partner, "basis": Basis.CUSTOMS, "frequency": Frequency.QUARTERLY,
        "vintage": vintage, "status": "preliminary",
    }  # fmt: skip
    found = of.quarters.assign(
        value_usd_mn=[Decimal(f"{value:.1f}") for value in of.quarters["value_usd_mn"]],
        se_usd_mn=[Decimal(f"{error:.1f}") for error in of.quarters["se_usd_mn"]],
        valuation=[valuation[flow] for flow in of.quarters["flow"]],
        ids=[_bearing(of, row.flow, row.period) for row in of.quarters.itertuples()],
    )
    return found.assign(**constant)[FLOW_COLUMNS]


def _bearing(of: Reconciled, flow: Flow, period: pd.Period) -> str:
    """The raw rows of the fragments that move a quarter by at least BEARING of their own change."""
    column = of.weights[flow, period]
    return " ".join(dict.fromkeys(each.source_id for each in of.system.fragments if abs(column[each.id]) >= BEARING))


def pieces(of: Reconciled, signs: Mapping[Flow, int], quarters: Sequence[pd.Period]) -> tuple[Array, float]:
    """A signed sum of flows over quarters taken apart: what each fragment adds per unit it prints, and the rest.

    A level's unit is USD million; a growth rate's is 1, and it adds that times what the mirror puts at the
    span it is over. The rest is the mirror's part: the sum if every printed figure were zero. Weights
    times printed values, and the mirror's part, add up to the sum.
    """
    weights = of.total(signs, quarters)[2]
    system, settings = of.system, of.settings
    wanted = span_pattern(system, quarters)[None, :]
    at_ratio = mirror_mean(system.rows({flow: signs.get(flow, 0) * wanted for flow in Flow}, settings))[0]
    expected = mirror_mean(system.rows(system.patterns, settings))
    base = mirror_mean(system.rows(benchmark.reference_patterns(system), settings))
    rate = np.array([float(f.value) if f.against else 0.0 for f in system.fragments])
    unit = np.where([f.against is not None for f in system.fragments], base, 1.0)
    # a growth rate's own row holds minus (1 + rate) x its base: what it says beyond "as before" is the rate x base
    return weights * unit, float(at_ratio - weights @ (expected + rate * base))
