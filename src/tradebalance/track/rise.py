"""How far purchases rose over a base year, against the path on which announced totals would arrive.

No list says which shipments belong to a deal. What the exporter's book shows is how far exports rose
over the base year, and that is an UPPER BOUND on deliveries: it holds all that was bought for any
other reason, and prices. Each announced total is taken to arrive evenly over a window that the case
assumes. Everything is exact but the rule for odd months, which needs logarithms.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Annotated

import pandas as pd
from pydantic import Field

from ..words.schema import Strict, Words, written_as
from ..words.terms import Strength, month
from .pledges import Months

# Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): a modified z beyond 3.5 marks an outlier
ODD_Z = 3.5
MAD_TO_SIGMA = 1.4826  # the standard deviation of a normal variable over its median absolute deviation
HISTORY_YEARS = 10  # seasonal differences before the base year that say what is usual


class TrackWindow(Strict):
    """When an announced total is taken to arrive: evenly over so many months from a month on; an assumption."""

    first: Annotated[pd.Period, written_as(month, "write a month like 2025-03", "bad_period"), Field(alias="from")]
    months: Annotated[int, Field(ge=1, le=600)]
    source: Words
    strength: Annotated[Strength, Field(strict=False)]

    @property
    def span(self) -> pd.PeriodIndex:
        return pd.period_range(self.first, periods=self.months, freq="M")


@dataclass(frozen=True)
class Odd:
    """A month whose rise over the year before is out of line: its robust z, and what its neighbours average."""

    month: pd.Period
    value: Fraction
    usual: Fraction
    z: float

    @property
    def excess(self) -> Fraction:
        return self.value - self.usual


@dataclass(frozen=True)
class Rise:
    """From the first window's month to `through`, in USD million: exports, the base year's level, and the path.

    `announced` is the sum of the totals, `months_left` how many months the longest window still has.
    """

    first: pd.Period
    through: pd.Period
    exports: Fraction
    base_to_date: Fraction
    due: Mapping[str, Fraction]
    announced: Mapping[str, Fraction]
    full_base: Fraction
    months_left: int

    @property
    def increment(self) -> Fraction:
        """Exports above the base year's level: at most this much was delivered."""
        return self.exports - self.base_to_date

    @property
    def path(self) -> Fraction:
        """What would have arrived by now."""
        return sum(self.due.values(), Fraction(0))

    @property
    def whole(self) -> Fraction:
        return sum(self.announced.values(), Fraction(0))

    @property
    def increment_ratio(self) -> Fraction | None:
        """The upper bound over the path."""
        return self.increment / self.path if self.path else None

    @property
    def ratio(self) -> Fraction:
        """Level over the level that the path asks for. Never call it delivery: the base year's level is in both."""
        return self.exports / (self.base_to_date + self.path)

    @property
    def so_far(self) -> Fraction:
        """The increment of a month, on average."""
        return self.increment / Fraction((self.through - self.first).n + 1)

    @property
    def required(self) -> Fraction | None:
        """The increment that each month left must bring, were all of it so far delivered; None with none left."""
        return (self.whole - self.increment) / self.months_left if self.months_left else None


def rise(
    exports: Months, base_year: int, announced: Mapping[str, Fraction], windows: Mapping[str, TrackWindow],
    through: pd.Period, path: str, first: pd.Period | None = None,
) -> Rise:  # fmt: skip
    """What came by a month against the path; `first` starts the count later than the first window does.

    `linear` sets every month against a twelfth of the base year, `seasonal` against the same month of it,
    and spreads each total in the same way. Raises KeyError for a month that is absent.
    """
    weights = _weights(exports, base_year, path)
    used = {tranche: window for tranche, window in windows.items() if tranche in announced}
    start = first or min(window.first for window in used.values())
    months = pd.period_range(start, through, freq="M")
    level = base(exports, base_year)
    end = max(window.span[-1] for window in used.values())
    return Rise(
        first=start,
        through=through,
        exports=sum((exports[month] for month in months), Fraction(0)),
        base_to_date=level * sum((weights[month.month] for month in months), Fraction(0)),
        due={name: announced[name] * _due(window, start, through, weights) for name, window in used.items()},
        announced={name: announced[name] for name in used},
        full_base=level * Fraction((end - min(window.first for window in used.values())).n + 1, 12),
        months_left=max((end - through).n, 0),
    )


def by_quarter(
    exports: Months, base_year: int, announced: Mapping[str, Fraction], windows: Mapping[str, TrackWindow],
    through: pd.Period, path: str,
) -> list[tuple[Rise, Rise]]:  # fmt: skip
    """Each quarter since the first window began, complete or as far as it is published: alone, and all to its end."""
    start = min(window.first for tranche, window in windows.items() if tranche in announced)
    found = []
    for quarter in pd.period_range(start.asfreq("Q"), through.asfreq("Q"), freq="Q"):
        first, last = max(quarter.asfreq("M", "start"), start), min(quarter.asfreq("M", "end"), through)
        alone = rise(exports, base_year, announced, windows, last, path, first=first)
        found.append((alone, rise(exports, base_year, announced, windows, last, path, first=start)))
    return found


def odd_months(exports: Months, base_year: int) -> list[Odd]:
    """Months from the base year on whose log rise over the same month a year before is out of line.

    Usual are the median and the median absolute deviation of all such rises from ten years before the
    base year on; out of line is a distance of more than 3.5 robust standard deviations.
    """
    first = pd.Period(year=base_year - HISTORY_YEARS, month=1, freq="M")
    rises = {
        month: math.log(exports[month] / exports[month - 12])
        for month in sorted(exports)
        if month >= first and exports.get(month - 12) and exports[month]
    }
    if not rises:
        return []
    middle = median(rises.values())
    spread = MAD_TO_SIGMA * median(abs(rise - middle) for rise in rises.values())
    return [
        Odd(month, exports[month], _neighbours(exports, month), (each - middle) / spread)
        for month, each in rises.items()
        if month.year >= base_year and spread and abs(each - middle) > ODD_Z * spread
    ]


def without(exports: Months, odd: Sequence[Odd]) -> dict[pd.Period, Fraction]:
    """The exports with each odd month at what its neighbours average."""
    return {**exports, **{each.month: each.usual for each in odd}}


def _neighbours(exports: Months, month: pd.Period) -> Fraction:
    beside = [exports[each] for each in (month - 1, month + 1) if each in exports]
    return sum(beside, Fraction(0)) / Fraction(len(beside))


def base(exports: Months, base_year: int) -> Fraction:
    """Exports of the base year."""
    return sum((exports[month] for month in pd.period_range(f"{base_year}-01", periods=12, freq="M")), Fraction(0))


def _weights(exports: Months, base_year: int, path: str) -> dict[int, Fraction]:
    """Calendar month -> the share of the base year that it stands for; the twelve add up to 1."""
    if path == "linear":
        return dict.fromkeys(range(1, 13), Fraction(1, 12))
    level = base(exports, base_year)
    return {month.month: exports[month] / level for month in pd.period_range(f"{base_year}-01", periods=12, freq="M")}


def _due(window: TrackWindow, first: pd.Period, through: pd.Period, weights: Mapping[int, Fraction]) -> Fraction:
    """The share of a total that is due from one month to another, the window's months weighted."""
    whole = sum((weights[month.month] for month in window.span), Fraction(0))
    return sum((weights[month.month] for month in window.span if first <= month <= through), Fraction(0)) / whole
