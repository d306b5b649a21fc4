"""How far purchases rose over a base year, against the path on which announced totals would arrive.

No list says which shipments belong to a deal. What the exporter's book shows is how far exports rose
over the base year, and that is an UPPER BOUND on what a deal added: it holds all that was bought for any
other reason, and prices. It is none on deliveries, for what would have been bought anyway leaves no rise.
Each announced total is taken to arrive evenly over its window: the one that was printed, or one that the
case assumes. A total without either is on no path. Everything is exact but the rule for odd months, which
needs logarithms.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from statistics import mean, median
from typing import Annotated, Self

import pandas as pd
from pydantic import Field

from ..facts.ledger import Event
from ..words.schema import Strict, Words, written_as
from ..words.terms import Strength, month
from .pledges import Months, first_months, total

# Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): a modified z beyond 3.5 marks an outlier
ODD_Z = 3.5
MAD_TO_SIGMA = 1.4826  # the standard deviation of a normal variable over its median absolute deviation
HISTORY_YEARS = 10  # seasonal differences before the base year that say what is usual


class TrackWindow(Strict):
    """When an announced total is taken to arrive: evenly over so many months from a month on.

    One that `recurs` is the first of a row without an end: the total comes again in each next span.
    """

    first: Annotated[pd.Period, written_as(month, "write a month like 2025-03", "bad_period"), Field(alias="from")]
    months: Annotated[int, Field(ge=1, le=600)]
    source: Words
    strength: Annotated[Strength, Field(strict=False)]
    recurs: bool = False

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


@dataclass(frozen=True)
class Rise:
    """From the first window's month to `through`, in USD million: exports, the base year's level, and the path.

    `announced` are the totals on the path, `months_left` how many months the longest window still has, 0 where one
    has no end.
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
        """Exports above the base year's level: at most this much was added by the deals."""
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


@dataclass(frozen=True)
class Followed:
    """Monthly exports against announced totals by tranche, each due in its window, from figures to `through`.

    On the path `linear` every month is set against a twelfth of the base year, on `seasonal` against the same month
    of it, and each total is spread in the same way. `printed` names the totals whose window is a printed one.
    """

    exports: Months
    base_year: int
    announced: Mapping[str, Fraction]
    windows: Mapping[str, TrackWindow]
    through: pd.Period
    path: str
    printed: frozenset[str] = field(default=frozenset(), kw_only=True)

    @property
    def base(self) -> Fraction:
        """Exports of the base year."""
        return total([self.exports], self.base_year)

    @property
    def used(self) -> dict[str, TrackWindow]:
        """The windows of the totals that were announced."""
        return {tranche: window for tranche, window in self.windows.items() if tranche in self.announced}

    @property
    def undated(self) -> dict[str, Fraction]:
        """The totals that are on no path, as no window is printed or assumed."""
        return {tranche: amount for tranche, amount in self.announced.items() if tranche not in self.windows}

    @property
    def first(self) -> pd.Period:
        return min(window.first for window in self.used.values())

    def to(self, through: pd.Period, first: pd.Period | None = None) -> Rise:
        """What came by a month against the path; `first` starts the count later than the first window does.

        Raises KeyError for a month that is absent.
        """
        weights, used, start = self._weights, self.used, first or self.first
        months = pd.period_range(start, through, freq="M")
        is_endless = any(window.recurs for window in used.values())
        end = through if is_endless else max(window.span[-1] for window in used.values())
        return Rise(
            first=start,
            through=through,
            exports=sum((self.exports[month] for month in months), Fraction(0)),
            base_to_date=self.base * sum((weights[month.month] for month in months), Fraction(0)),
            due={name: self.announced[name] * _due(window, start, through, weights) for name, window in used.items()},
            announced={name: self.announced[name] for name in used},
            full_base=self.base * Fraction((end - self.first).n + 1, 12),
            months_left=max((end - through).n, 0),
        )

    def share_due(self, window: TrackWindow) -> Fraction:
        """The share of a total with this window that is due by now; of one that recurs how many times it is."""
        return _due(window, window.first, self.through, self._weights)

    @property
    def rise(self) -> Rise:
        return self.to(self.through)

    @property
    def by_quarter(self) -> list[tuple[Rise, Rise]]:
        """Each quarter since the first window began, as far as it is published: alone, and all to its end."""
        quarters = pd.period_range(self.first.asfreq("Q"), self.through.asfreq("Q"), freq="Q")
        ends = [(max(q.asfreq("M", "start"), self.first), min(q.asfreq("M", "end"), self.through)) for q in quarters]
        return [(self.to(last, first), self.to(last)) for first, last in ends]

    @property
    def odd(self) -> list[Odd]:
        return odd_months(self.exports, self.base_year)

    @property
    def usual(self) -> Self:
        """The same with each odd month at what its neighbours average."""
        return replace(self, exports={**self.exports, **{each.month: each.usual for each in self.odd}})

    @property
    def without_odd(self) -> Rise:
        return self.usual.rise

    @property
    def bound(self) -> Rise:
        """The larger of the two: additional purchases are bounded by it whichever is the base year's usual level."""
        return max(self.rise, self.without_odd, key=lambda rise: rise.increment)

    @property
    def at_most(self) -> Fraction:
        """THE most that can have arrived so far and would not have been bought anyway, in USD million: never below
        zero. Deliveries can have been more, by what took the place of other purchases."""
        return max(self.bound.increment, Fraction(0))

    @property
    def weights(self) -> dict[pd.Period, Fraction]:
        """How often each month's exports count in the bound's increment, which is their weighted sum."""
        since = pd.period_range(self.first, self.through, freq="M")
        found = Counter(dict.fromkeys(since, Fraction(1)))
        each = {month: Fraction(len(since), 12) for month in first_months(self.base_year)}
        if self.path == "seasonal":
            by_number = Counter(month.month for month in since)
            each = {month: Fraction(by_number[month.month]) for month in each}
        found.subtract(each)
        if self.bound == self.rise:
            return dict(found)
        odd = {one.month: found.pop(one.month, Fraction(0)) for one in self.odd}
        for at, weight in odd.items():
            near = [beside for beside in (at - 1, at + 1) if beside in self.exports]
            found.update(dict.fromkeys(near, weight / len(near)))
        return dict(found)

    @property
    def _weights(self) -> dict[int, Fraction]:
        """Calendar month -> the share of the base year that it stands for; the twelve add up to 1."""
        if self.path == "linear":
            return dict.fromkeys(range(1, 13), Fraction(1, 12))
        return {month.month: self.exports[month] / self.base for month in first_months(self.base_year)}


def printed_window(event: Event) -> TrackWindow | None:
    """The months of a window that the ledger prints with both its ends, else None."""
    start, end = event.delivery_start.earliest, event.delivery_end.latest
    if start is None or end is None or end < start:
        return None
    first = pd.Period(start, freq="M")
    return TrackWindow.model_construct(
        first=first,
        months=(pd.Period(end, freq="M") - first).n + 1,
        source=event.source,
        strength=Strength.MEDIUM if event.is_yearly else Strength.STRONG,  # of a yearly value no first year is printed
        recurs=event.is_yearly,
    )


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
        Odd(at, exports[at], mean(exports[m] for m in (at - 1, at + 1) if m in exports), (each - middle) / spread)
        for at, each in rises.items()
        if at.year >= base_year and spread and abs(each - middle) > ODD_Z * spread
    ]


def _due(window: TrackWindow, first: pd.Period, through: pd.Period, weights: Mapping[int, Fraction]) -> Fraction:
    """The share of a total that is due from one month to another, the window's months weighted; of one that recurs how
    many times the total is."""
    whole = sum((weights[month.month] for month in window.span), Fraction(0))
    last = through if window.recurs else min(through, window.span[-1])
    months = pd.period_range(max(first, window.first), last, freq="M")
    return sum((weights[month.month] for month in months), Fraction(0)) / whole
