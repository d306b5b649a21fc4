"""One scenario's answer: what went in, what came out, and the measures that readers quote.

`solve` needs no disk: `inputs.gather` brings what it takes.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from operator import truediv
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import pandas as pd

from ..assumptions import credit
from ..assumptions.baseline import COLUMNS
from ..facts import ledger
from ..words.problems import Problem
from . import gap, means, tariffs
from .model import Inputs, Model, model
from .simulation import Number, Simulated, simulate
from .unused import unused

TAIL = NormalDist().inv_cdf(0.95)  # how many standard deviations a normal's 95 % point is above its median
# What today's gap may come down to, as shares of it: no growth, a quarter less, half, nothing.
LEVELS = (1.0, 0.75, 0.5, 0.0)
ASSUMPTIONS_OF_TODAY = "the assumptions, with the evidence and capacities that they rest on"


class StandardErrors(NamedTuple):
    """The standard errors of a range's mean and points: by how much other draws would have them differ."""

    mean: float
    p05: float
    p50: float
    p95: float


@dataclass(frozen=True)
class Range:
    """A mean and its 5, 50 and 95 % points over so many draws; all the same where nothing is drawn.

    `error` is the mean's standard error where it is not that of a mean of the draws (see `means`).
    """

    mean: Number
    p05: Number
    p50: Number
    p95: Number
    draws: int = 1
    error: float | None = None

    @property
    def is_exact(self) -> bool:
        """Whether nothing was drawn: draws are floats, what is certain is reckoned in fractions."""
        return isinstance(self.mean, Fraction)

    @property
    def points(self) -> dict[str, Number]:
        """The mean and the points by name."""
        return {name: getattr(self, name) for name in StandardErrors._fields}

    def map(self, each: Callable[[Number], Number]) -> "Range":
        """The range of another measure of the same draws, one that rises with this one."""
        mapped = {name: each(point) for name, point in self.points.items()}
        error = self.error and self.error * float(mapped["mean"] / self.mean)  # all measures are proportions
        return Range(**mapped, draws=self.draws, error=error)

    @property
    def standard_errors(self) -> StandardErrors:
        """Of the mean and the points; 0 for one draw, which is exact.

        A sample quantile's is (p (1 - p))^0.5 / (density there x draws^0.5) (Stuart and Ord, Kendall's Advanced Theory
        of Statistics, 10.10). The density is that of a parabola in a normal score, through the three points: what is
        drawn here is skewed.
        """
        if self.draws == 1:
            return StandardErrors(0.0, 0.0, 0.0, 0.0)
        low, middle, high = float(self.p05), float(self.p50), float(self.p95)
        slope, bend, root = (high - low) / 2 / TAIL, (high + low - 2 * middle) / 2 / TAIL**2, self.draws**0.5

        def at(probability: float) -> float:
            score = NormalDist().inv_cdf(probability)
            spread = max(slope + 2 * bend * score, 0.0)  # a point that holds many draws has none
            return float(spread * (probability * (1 - probability)) ** 0.5 / NormalDist().pdf(score) / root)

        mean = float((slope**2 + 2 * bend**2) ** 0.5 / root) if self.error is None else self.error
        return StandardErrors(mean, at(0.05), at(0.5), at(0.95))


@dataclass(frozen=True)
class Solution(Model):
    """A model and what its draws came to; money in USD million.

    Closure is in fractions, None where the gap is not above zero.
    """

    simulated: Simulated

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a reader should know before quoting the answer."""
        file, reason = f"{self.scenario.name}.yaml", f"none of the announced totals was known by {self.known.as_of}"
        early = [] if self.known.leaves else [Problem("empty", file, reason, "use a later month", severity="warning")]
        beside = credit.outside_horizon(self.components, self.calendar.first, self.calendar.last, file)
        return (*early, *unused(self), *beside)

    @property
    def is_certain(self) -> bool:
        """Whether the deals have no range: every factor is fixed."""
        return self.simulated.draws == 1

    @property
    def has_one_path(self) -> bool:
        """Whether the gap has no range either: the deals are fixed, trade and its tariffs are stated."""
        return self.is_certain and self.paths is None

    @property
    def counted(self) -> Fraction:
        """The announced value of the deals that the scenario lets in, USD million."""
        return sum((c.value_usd_mn for c in self.included), Fraction(0))

    @property
    def credited(self) -> Range:
        """What becomes firm orders of goods at the price paid, USD million."""
        return self._range(self.simulated.totals.loc["credited"], "credited")

    @property
    def delivered(self) -> Range:
        """What of it arrives within the horizon, USD million."""
        return self._range(self.simulated.totals.loc["delivered"], "delivered")

    @property
    def additional(self) -> Range:
        """What of that the book shows and would not have been bought anyway, USD million."""
        return self._range(self.simulated.totals.loc["additional"], "additional")

    def in_year(self, year: int) -> Range:
        """Additional imports in the quarters of a calendar year that the horizon holds, USD million."""
        return self._range(self.simulated.by_year.loc[year], year)

    @property
    def additional_by_quarter(self) -> pd.Series:
        """Mean additional imports by quarter, USD million."""
        return self.simulated.by_component[list(self.calendar.quarters)].sum()

    @property
    def best_year(self) -> int:
        """The calendar year with the highest mean additional imports, the same in every draw."""
        return int(self.simulated.by_year["mean"].astype(float).idxmax())

    @property
    def annual_rate(self) -> Range | None:
        """Closure (i) of `gap`; None without a surplus."""
        return self._measure(lambda amount, gap_: gap.annual_rate(amount, self.calendar.horizon, gap_), self.additional)

    @property
    def best_year_rate(self) -> Range | None:
        """Closure (ii): additional imports of the best year over the gap of the last four observed quarters."""
        return self._measure(truediv, self.in_year(self.best_year))

    @property
    def months_of_todays_gap(self) -> Range | None:
        """Closure (iii), of stock against flow: how many months of today's gap all additional imports amount to."""
        return self._measure(lambda amount, gap_: amount * 12 / gap_, self.additional)

    @property
    def baseline_closure(self) -> Range | None:
        """Closure against the baseline over the horizon; None where that gap is not above zero."""
        return self.closure_against(self.baseline)

    def closure_against(self, path: pd.DataFrame) -> Range | None:
        """All additional imports over the gap of the same quarters on a path without deals; None as there."""
        return self._measure(truediv, self.additional, sum(path["gap_usd_mn"], Fraction(0)))

    @property
    def first_quarter_closed(self) -> pd.Period | None:
        """The first quarter whose mean gap is at or below zero, or None."""
        means = self.simulated.gap["mean"]
        return next((quarter for quarter in means.index if means[quarter] <= 0), None)

    @property
    def moved_by_tariffs(self) -> dict[str, pd.DataFrame]:
        """What `tariffs.moved` says of exports, imports and the gap, in USD million; empty without tariff steps."""
        return tariffs.moved(self.moved, self.untaxed, self.calendar, self.blocks) if self.moved else {}

    @property
    def hindsight(self) -> tuple[str, ...]:
        """What a replay of an earlier month does not take as it stood then; empty for an answer of today."""
        plan = self.scenario.delivery
        assumes = self.scenario.credit == "assumptions" or plan.slips or plan.is_limited or self.duty is not None
        return (*self.known.hindsight, *((ASSUMPTIONS_OF_TODAY,) if self.known.is_replay and assumes else ()))

    def _measure(
        self, measure: Callable[[Any, Any], Number], amounts: Range, over: Fraction | None = None
    ) -> Range | None:
        gap_ = self.gap_last_four if over is None else over
        if gap_ <= 0:
            return None
        over_ = gap_ if amounts.is_exact else float(gap_)
        return amounts.map(lambda amount: measure(amount, over_))

    def _range(self, row: pd.Series, measure: str | int) -> Range:
        points = {name: row[name] for name in StandardErrors._fields}
        return Range(**points, draws=self.simulated.draws, error=self.simulated.errors.get(measure))

    @property
    def bridge(self) -> pd.DataFrame:
        """The signed steps from announced that add up to the additional imports, in USD million, a step a row.

        Columns: the mean, its 5 and 95 % points, and the mean whatever the order of the steps.
        """
        return self.simulated.steps.astype(float).add_suffix("_usd_mn")

    @property
    def by_quarter(self) -> pd.DataFrame:
        """The gap without and with deals (5, 50 and 95 % points) and mean additional imports, USD million a quarter."""
        points = ["p05", "p50", "p95"]
        without = self.simulated.without_deals[points].add_prefix("baseline_gap_")
        with_deals = self.simulated.gap[points].add_prefix("gap_")
        added = self.additional_by_quarter.rename("additional_mean")
        return pd.concat([without, with_deals, added], axis=1).astype(float).add_suffix("_usd_mn")

    @property
    def by_year(self) -> pd.DataFrame:
        """Additional imports a calendar year (the mean, its 5, 50 and 95 % points), and exports and imports without the
        deals, USD million, of the quarters that the horizon holds."""
        added = self.simulated.by_year.add_prefix("additional_").add_suffix("_usd_mn")
        flows = self.baseline[list(COLUMNS)].groupby(self.baseline.index.year).sum().add_prefix("baseline_")
        return pd.concat([added, flows], axis=1).astype(float)


def solve(inputs: Inputs) -> Solution:
    """Work out a scenario's answer. Raises as `model` does."""
    return answered(model(inputs))


def answered(of: Model) -> Solution:
    """Work out a model's answer."""
    scenario = of.scenario
    simulated = simulate(
        of.components,
        list(of.baseline["gap_usd_mn"]),
        of.calendar,
        scenario.draws,
        scenario.seed,
        capacities=of.capacities,
        paths=of.paths,
        levels=[share * float(of.gap_last_four) for share in LEVELS],
    )
    found = means.worked_out(simulated, of.components, of.calendar)
    return Solution(**vars(of), simulated=found)


def contributions(answer: Solution, by: Literal["category", "deal"] = "category") -> pd.DataFrame:
    """Mean announced, credited, delivered and additional by category or deal in USD million, largest additional first.

    Each row is a category, or a part of the ledger: a named deal or a tranche's unnamed rest.
    """
    included, table = answer.included, answer.simulated.by_component
    by_component = pd.DataFrame(
        {
            "announced": [c.value_usd_mn for c in included],
            "credited": list(table["credited"]),
            "delivered": list(table["delivered"]),
            "additional": list(table[list(answer.calendar.quarters)].sum(axis=1)),
        },
        index=pd.Index([c.category if by == "category" else c.leaf.id for c in included], name=by),
    )
    return by_component.groupby(level=by).sum().sort_values(["additional", "announced"], ascending=False)


class OfWhich(NamedTuple):
    """Mean additional imports, USD million: of orders that stood before the talks, and of what the talks added."""

    stood_before: Number
    added: Number


def of_which(answer: Solution) -> OfWhich | None:
    """Additional imports by whether the total that a part belongs to was announced, on its date, before the talks
    began; the two add up to all. None for a case that names no talks, and where nothing was announced yet."""
    talks, parts = answer.known.dates.talks, answer.included
    if talks is None or not parts:
        return None
    day = {event.id: ledger.day_of(event, dt.date.max) for event in answer.known.events}
    means = answer.simulated.by_component[list(answer.calendar.quarters)].sum(axis=1)
    is_before = {c.id: day[c.leaf.tranche] < talks.began.date() for c in parts}
    split = {then: [means[name] for name, before in is_before.items() if before is then] for then in (True, False)}
    return OfWhich(*(sum(split[then], Fraction(0)) for then in (True, False)))
