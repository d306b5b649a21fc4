"""Delivery cases against baselines, and why one gap differs from another.

The deals move little of a gap that the baseline moves by tens of billions. Additional imports do not depend on the path
without deals, so a scenario's draws serve for every baseline.

A change is told apart into terms that are each counted on their own. Between two scenarios the quarters are forecast in
both. Between two months the newer one knows some quarters that the older one forecast (what came out against the older
path), both forecast later ones, and both know earlier ones (what was revised). Signs are those of the gap: what raises
Vietnam's surplus is positive. Everything is exact, on the path without deals and the mean of the deals' draws;
`residual` is what the terms leave of the change, nothing but the last digits of floats.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from ..assumptions.baseline import Baseline, possible
from ..facts.known import Known
from ..words.problems import refuse
from . import model, timing
from .answer import Solution, solve
from .simulation import Number

AHEAD = (4, 8)  # quarters; beyond two years a path is a scenario


def decisions(answer: Solution, over: pd.PeriodIndex | None = None) -> pd.DataFrame:
    """What the deals of a scenario do to the gap under every baseline that the record is long enough for.

    A row a method (index); columns, in USD million over the next 4 and 8 quarters (or the horizon, if that is
    shorter): `gap_4` and `gap_8` without deals, `additional_4` and `additional_8` (means), `with_4` and `with_8`;
    `share`, additional imports over the gap without deals in some quarters, by default the answer's own years of
    delivery; and `closure`, the same over the whole horizon (both None where that gap is not above zero). Paths are
    medians under the scenario's own tariff steps.
    """
    over = timing.years_of_delivery(answer) if over is None else over
    longest = max([answer.calendar.horizon, *((quarter - answer.known.first).n + 1 for quarter in over[-1:])])
    paths = model.paths(answer.inputs, methods(answer), longest)
    rows = {method: _row(answer, path, over) for method, path in paths.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("baseline")


def methods(answer: Solution) -> list[Baseline]:
    """The baselines that the answer's record is long enough for; a stated level first, where the scenario has one."""
    own = answer.scenario.baseline
    long_enough = possible(answer.known.history, own, answer.known.dates.before_deals)
    return [own, *long_enough] if own.is_stated else long_enough


def _row(answer: Solution, path: pd.DataFrame, over: pd.PeriodIndex) -> dict[str, Number | None]:
    horizon, additional = answer.calendar.horizon, answer.additional_by_quarter
    row: dict[str, Number | None] = {}
    for ahead in AHEAD:
        gap, more = sum(path["gap_usd_mn"].iloc[: min(ahead, horizon)], Fraction(0)), additional.iloc[:ahead].sum()
        row |= {f"gap_{ahead}": gap, f"additional_{ahead}": more, f"with_{ahead}": gap - more}
    closure, then = answer.closure_against(path.iloc[:horizon]), sum(path["gap_usd_mn"].loc[over], Fraction(0))
    added = sum(additional.filter(list(over)), Fraction(0))
    row["share"] = added / (then if isinstance(added, Fraction) else float(then)) if then > 0 else None
    row["closure"] = None if closure is None else closure.mean
    return row


# In the order shown. What was delivered since is inside the published imports, where nobody tells it apart, so a
# quarter's expected deliveries leave (`deliveries`, `displacement`) as its outturn comes in.
TERM_WORDS = {
    "outturn_exports": "Exports published, against the older path or year",
    "outturn_imports": "Imports published, against the older path or year",
    "baseline_exports": "Exports without deals",
    "baseline_imports": "Imports without deals",
    "tariff": "Tariff steps",
    "ledger": "New events of the ledger",
    "deliveries": "Deliveries that the book records",
    "displacement": "Of these, bought anyway",
    "revision": "Revision of published quarters",
    "residual": "Residual",
    "change": "Change of the gap",
}
TERMS = [term for term in TERM_WORDS if term != "change"]  # what the terms add up to


def by_quarter(old: Solution, new: Solution) -> pd.DataFrame:
    """The change from an older answer's gap to a newer one's, a row a quarter: columns TERMS, then `change`.

    The quarters are those that both know or forecast, from the older one's last four on; exact Fractions in USD
    million, terms adding up to the change. Raises Refused for two books, for dollars of two years, and for a newer
    answer that knows less.
    """
    _on_one_book(old.scenario.reporter, new.scenario.reporter)
    timing.in_one_unit([old, new])
    if new.calendar.first < old.calendar.first:
        reason, fix = "the second answer knows fewer quarters than the first", "put the older one first"
        refuse("out_of_range", "attribution", reason, fix, None, "as_of", str(new.known.as_of))
    unchanged = new  # the newer answer as it would be had nothing happened to the deals since the older one
    if new.known.leaves != old.known.leaves:
        unchanged = solve(replace(new.inputs, known=replace(new.known, leaves=old.known.leaves)))
    views = [_view(answer) for answer in (old, new, unchanged)]
    both = views[0].index.intersection(views[1].index)
    quarters = both[both >= old.calendar.first - 4]
    rows = [_attribution_row(*(view.loc[quarter] for view in views)) for quarter in quarters]
    return pd.DataFrame(rows, index=quarters, columns=[*TERMS, "change"], dtype=object)


@dataclass(frozen=True)
class Choices:
    """What two choices move over the next four quarters, USD million: `projections`, by how much the surplus without
    deals differs between the ways to project it, from `low` to `high`; `scenarios`, by how much the mean additional
    imports differ between scenarios that credit the deals, from `least` to `most`, None where one alone does."""

    low: float
    high: float
    least: float
    most: float
    scenarios: float | None

    @property
    def projections(self) -> float:
        return self.high - self.low


def choices(answers: Sequence[Solution]) -> Choices:
    """The choices of some answers. Tariff steps move the surplus too and are no projection: they are left out, unless
    all have some; so are scenarios that take every dollar at its word."""
    untaxed = [answer for answer in answers if answer.moved is None] or answers
    apart = {_path_hangs_on(answer): answer for answer in untaxed}
    ranges = [decisions(answer)["gap_4"].astype(float) for answer in apart.values()]
    widest = max(ranges, key=lambda gaps: gaps.max() - gaps.min())
    drawn = [answer for answer in answers if not answer.is_certain] or answers
    deals = [float(answer.additional_by_quarter.iloc[:4].sum()) for answer in drawn]
    least, most = min(deals), max(deals)
    return Choices(widest.min(), widest.max(), least, most, most - least if len(drawn) > 1 else None)


def _path_hangs_on(answer: Solution) -> tuple[object, ...]:
    """What trade without deals differs by between answers whose tariffs stay."""
    said = answer.scenario
    return str(answer.known), repr(said.baseline), repr(said.prices), answer.calendar.horizon


def extremes(answers: Sequence[Solution]) -> tuple[Solution, Solution]:
    """Of several answers those with the most and the least additional imports over their horizons.

    The one that knows less stands first, else that with the most.
    """
    most, least = (pick(answers, key=lambda answer: float(answer.additional.mean)) for pick in (max, min))
    return (least, most) if least.calendar.first < most.calendar.first else (most, least)


def spans(old: Solution, new: Solution) -> dict[str, pd.Series]:
    """The terms over the quarters that readers ask for, by what they are called; those without a quarter are left out.

    What the older answer forecast and the newer one knows; the next four quarters; all that are ahead in both.
    """
    table = by_quarter(old, new)
    since = table.index[(table.index >= old.calendar.first) & (table.index < new.calendar.first)]
    ahead = table.index[table.index >= new.calendar.first]
    parts = {"published since": since, "next four quarters": ahead[:4], "all quarters ahead in both": ahead}
    return {f"{words}, {of[0]} to {of[-1]}": total(table.loc[of]) for words, of in parts.items() if len(of)}


def total(table: pd.DataFrame) -> pd.Series:
    """The sum of some quarters' terms, each and their change, USD million."""
    return pd.Series({name: sum(table[name], Fraction(0)) for name in table.columns}, dtype=object)


def published(older: Known, newer: Known, before: pd.PeriodIndex, after: pd.PeriodIndex) -> pd.Series:
    """The change of the published gap from the quarters `before`, as known first, to those `after`, as known later.

    Exact, in USD million: exports and imports of the newer release, and its revision of the earlier quarters.
    Deliveries are inside the imports; nobody publishes them apart. Raises KeyError for quarters not published.
    """
    _on_one_book(older.reporter, newer.reporter)
    parts = older.history.loc[before], newer.history.loc[before], newer.history.loc[after]
    first, then, later = (total(part.map(Fraction)) for part in parts)
    row = dict.fromkeys(TERMS, Fraction(0)) | {
        "outturn_exports": later["exports_usd_mn"] - then["exports_usd_mn"],
        "outturn_imports": then["imports_usd_mn"] - later["imports_usd_mn"],
        "revision": then["gap_usd_mn"] - first["gap_usd_mn"],
    }
    return pd.Series(_closed(row, later["gap_usd_mn"] - first["gap_usd_mn"]), dtype=object)


def published_years(known: Known, last: int = 3) -> dict[str, pd.Series]:
    """The terms from each of the last full calendar years to the next, as published, by the years' names."""
    full = [year for year, part in known.history.groupby(known.history.index.year) if len(part) == 4][-last:]
    quarters = {year: pd.period_range(f"{year}Q1", f"{year}Q4", freq="Q") for year in full}
    return {
        f"{before} to {after}": published(known, known, quarters[before], quarters[after])
        for before, after in itertools.pairwise(full)
    }


def _on_one_book(one: str, other: str) -> None:
    if one != other:
        reason, fix = "two books of one trade: nothing adds across them", "compare answers on one book"
        refuse("out_of_range", "attribution", reason, fix, None, "reporter", f"{one}, {other}")


def _view(answer: Solution) -> pd.DataFrame:
    """What an answer holds of each quarter, each on its own; published quarters first, then the forecast."""
    plain, path, book = (part.map(Fraction) for part in (answer.untaxed, answer.baseline, answer.simulated.on_book))
    taxed = {flow: path[f"{flow}_usd_mn"] - plain[f"{flow}_usd_mn"] for flow in ("exports", "imports")}
    forecast = pd.DataFrame(
        {
            "is_published": False,
            "exports": plain["exports_usd_mn"],
            "imports": plain["imports_usd_mn"],
            "tariff": taxed["exports"] - taxed["imports"],
            "recorded": book["recorded"],
            "bought_anyway": book["bought_anyway"],
            "gap": path["gap_usd_mn"] - answer.additional_by_quarter.map(Fraction).set_axis(path.index),
        },
        dtype=object,
    )
    published = answer.published.map(Fraction).rename(columns=lambda name: name.removesuffix("_usd_mn"))
    nothing = dict.fromkeys(("tariff", "recorded", "bought_anyway"), Fraction(0))
    return pd.concat([published.assign(is_published=True, **nothing)[forecast.columns], forecast])


def _attribution_row(old: pd.Series, new: pd.Series, unchanged: pd.Series) -> dict[str, Fraction]:
    """One quarter's terms. `unchanged` is the newer view with the older ledger."""
    row = dict.fromkeys(TERMS, Fraction(0))
    change = new["gap"] - old["gap"]
    if old["is_published"]:
        return _closed(row | {"revision": new["exports"] - old["exports"] - (new["imports"] - old["imports"])}, change)
    kind = "outturn" if new["is_published"] else "baseline"
    row[f"{kind}_exports"] = new["exports"] - old["exports"]
    row[f"{kind}_imports"] = old["imports"] - new["imports"]
    row["ledger"] = unchanged["recorded"] - new["recorded"] + new["bought_anyway"] - unchanged["bought_anyway"]
    row["tariff"] = new["tariff"] - old["tariff"]
    row["deliveries"] = old["recorded"] - unchanged["recorded"]
    row["displacement"] = unchanged["bought_anyway"] - old["bought_anyway"]
    return _closed(row, change)


def _closed(terms: Mapping[str, Fraction], change: Fraction) -> dict[str, Fraction]:
    """The terms with what they leave of the change, and the change."""
    return {**terms, "residual": change - sum(terms.values()), "change": change}
