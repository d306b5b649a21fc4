"""When additional imports come: until when little, in which years most, over which quarters nearly all of them.

All of it by means over the draws. A share of the gap is over the years of delivery, not over the horizon, which says
only how far one looks: of two horizons that hold the same deliveries both give the same share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from ..assumptions.delivery import printed_window
from ..facts.ledger import Leaf
from ..words.problems import refuse
from .answer import Solution, contributions
from .simulation import Number

# What the words of a sentence mean: conventions, stated in docs/glossary.md, from which no figure but these follows.
LITTLE = Fraction(1, 4)  # of the best year's additional imports, at a yearly rate: a year under it brings little
PEAK = Fraction(9, 10)  # of the best year's: a year with as much is one of the peak
MOST = Fraction(9, 10)  # of all additional imports: the years of delivery hold as much


@dataclass(frozen=True)
class Timing:
    """When the additional imports of an answer come; means in USD million.

    `little_before` is the first calendar year that brings more than little, None where that is the first of the
    horizon, and `little` what comes before it. `peak` are the first and the last of the years at the peak, all in a
    row, and `at_peak` what one of them brings on average.
    """

    little_before: int | None
    little: Number
    peak: tuple[int, int]
    at_peak: Number


def timing(answer: Solution) -> Timing | None:
    """The years of an answer; None where nothing is additional. A year counts by its quarters in the horizon."""
    means = answer.simulated.by_year["mean"]
    most = means[answer.best_year]
    if most <= 0:
        return None
    quarters = pd.Series(answer.calendar.quarters.year).value_counts()
    starts = next(year for year in means.index if means[year] * 4 / int(quarters[year]) >= LITTLE * most)
    years = [answer.best_year]
    while means.get(years[0] - 1, 0) >= PEAK * most:
        years.insert(0, years[0] - 1)
    while means.get(years[-1] + 1, 0) >= PEAK * most:
        years.append(years[-1] + 1)
    return Timing(
        little_before=None if starts == means.index[0] else int(starts),
        little=sum(means[means.index < starts], Fraction(0)),
        peak=(years[0], years[-1]),
        at_peak=sum(means[years], Fraction(0)) / len(years),
    )


@dataclass(frozen=True)
class DuePart:
    """A part of the announced sum that a scenario counts, in an answer: means in USD million, and the quarters in which
    it is due before any delay.

    `is_printed` is whether a source printed both ends of these, `is_open` whether it printed a beginning alone.
    """

    leaf: Leaf
    announced: Fraction
    credited: Number
    additional: Number
    first: pd.Period
    last: pd.Period
    is_printed: bool
    is_open: bool


def parts(answer: Solution) -> list[DuePart]:
    """The parts of an answer, those that bring most first."""
    brought = contributions(answer, "deal")
    found = []
    for leaf in dict.fromkeys(component.leaf for component in answer.included):
        due = [quarter for each in answer.included if each.leaf == leaf for quarter in each.schedule]
        own = answer.scenario.delivery.start == "announced" and not leaf.is_remainder
        window = printed_window(leaf.now.delivery_start, leaf.now.delivery_end) if own else None
        has_begun = own and window is None and leaf.now.delivery_start.earliest is not None
        row = brought.loc[leaf.id]
        found.append(
            DuePart(
                leaf, row["announced"], row["credited"], row["additional"], min(due), max(due),
                is_printed=window is not None, is_open=has_begun,
            )
        )  # fmt: skip
    return sorted(found, key=lambda part: (-float(part.additional), -part.announced))


def years_of_delivery(*answers: Solution) -> pd.PeriodIndex:
    """The quarters over which shares are taken, one span for all answers that are compared; empty where none brings
    anything.

    From the first to the last quarter of the shortest spans that hold MOST of each one's mean additional imports, as
    far as all of them forecast: answers of two dates have no span from before the later one. Raises Refused for
    answers in dollars of different years.
    """
    in_one_unit(answers)
    spans = [span for answer in answers if len(span := _shortest(answer.additional_by_quarter))]
    if not spans:
        return pd.PeriodIndex([], freq="Q")
    first = max(min(span[0] for span in spans), *(answer.calendar.first for answer in answers))
    return pd.period_range(first, max(span[-1] for span in spans), freq="Q")


def in_one_unit(answers: Sequence[Solution]) -> None:
    """Raises Refused where the amounts of some answers are in dollars of different years: they cannot be compared."""
    units = {(each.calendar.dollars_of, each.calendar.inflation) for each in answers}
    if len(units) > 1:
        years = sorted({str(year or "each year's own") for year, _ in units})
        reason, fix = "amounts in dollars of different years", "give all that are compared the same prices"
        refuse("out_of_range", "comparison", reason, fix, None, "prices", ", ".join(years))


def _shortest(amounts: pd.Series) -> pd.PeriodIndex:
    """The shortest run of quarters that holds MOST of some amounts, the first of several; empty without any."""
    so_far = [Fraction(0), *amounts.cumsum()]
    wanted = MOST * so_far[-1]
    if wanted <= 0:
        return pd.PeriodIndex(amounts.index[:0], freq="Q")
    runs = (
        (end - start, start)
        for start in range(len(amounts))
        for end in range(start + 1, len(so_far))
        if so_far[end] - so_far[start] >= wanted
    )
    length, start = min(runs)
    return pd.PeriodIndex(amounts.index[start : start + length], freq="Q")


def a_year(answer: Solution, over: pd.PeriodIndex) -> Number:
    """Mean additional imports a year over some quarters, USD million. What falls due after the horizon counts as none.

    Raises ValueError without a quarter.
    """
    if not len(over):
        raise ValueError("no quarters to take a yearly mean over")
    within = answer.additional_by_quarter.filter(list(over))
    return sum(within, Fraction(0)) * 4 / len(over)


def share_of_a_year(answer: Solution, over: pd.PeriodIndex) -> Number | None:
    """The same as a share of the gap of the newest twelve months (`Solution.gap_of_a_year`); None where that is not
    above zero, and without a quarter."""
    gap = answer.gap_of_a_year
    if gap <= 0 or not len(over):
        return None
    added = a_year(answer, over)
    return added / (gap if isinstance(added, Fraction) else float(gap))


class Against(NamedTuple):
    """Shares of a year's gap, of an answer and of another over the same quarters, as fractions."""

    over: pd.PeriodIndex
    own: Number
    other: Number

    @property
    def apart(self) -> float:
        """By how much more of the gap the answer closes a year: negative for less."""
        return float(self.own) - float(self.other)

    @property
    def times(self) -> float:
        """How many times as much."""
        return float(self.own) / float(self.other)


def against(answer: Solution, other: Solution) -> Against | None:
    """What two answers close a year over the years of delivery of both; None where either has no gap to close or the
    other closes nothing."""
    over = years_of_delivery(answer, other)
    own, others = (share_of_a_year(each, over) for each in (answer, other))
    return None if own is None or not others else Against(over, own, others)


def common_year(answers: Sequence[Solution]) -> int | None:
    """The last calendar year that lies in all horizons with all its quarters; None where there is none."""
    whole = [
        {year for year in answer.calendar.years if (answer.calendar.quarters.year == year).sum() == 4}
        for answer in answers
    ]
    return max(set.intersection(*whole), default=None) if whole else None


def by_end_of(answer: Solution, year: int) -> Number:
    """Mean additional imports to the end of a calendar year, USD million."""
    means = answer.simulated.by_year["mean"]
    return sum(means[means.index <= year], Fraction(0))
