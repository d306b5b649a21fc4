"""Outturn against a pledged path: what was bought by a month, and what should have been by then.

The method is that of the Peterson Institute's tracker of the US-China Phase One deal (C. P. Bown, "US-China phase one
tracker", 2020): a year's target is the level of the base year plus the agreed addition; by month m of it, T x m/12
(linear: its reports to 25 October 2020) or T x the share of the base year's exports reached by month m (seasonal: from
26 October 2020 on); a product's target shares its group's in proportion to the base year. A total has its own base year
and so its own season: on the seasonal path the groups' targets to date need not add up to it, in December they do.

Everything is exact. A month that is not published is absent and never zero: a total goes through
the last month that all its lines hold, and its target goes to the same month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile

import pandas as pd

from .pledges import Months, Pledge, first_months, total


@dataclass(frozen=True)
class Standing:
    """Where a group (product None) or one of its products stands by a month, in USD million.

    `through` is the month it goes to, `base` the base year's exports and `full_target` the year's
    target; `base_to_date` and `target` are what the path asks of the two by that month. `actual` is
    None, and with it both ratios, where the month is not published.
    """

    group: str
    product: str | None
    through: pd.Period
    base: Fraction
    full_target: Fraction
    base_to_date: Fraction
    target: Fraction
    actual: Fraction | None

    @property
    def ratio(self) -> Fraction | None:
        """Level over target to date. Never call it delivery: the base year's level is in both."""
        return None if self.actual is None or not self.target else self.actual / self.target

    @property
    def increment_ratio(self) -> Fraction | None:
        """Increment over the base year's level to date, over the addition due by then; below 0 for a fall."""
        due = self.target - self.base_to_date
        return None if self.actual is None or not due else (self.actual - self.base_to_date) / due

    @property
    def required(self) -> Fraction | None:
        """What each month left of the year must bring to meet the year's target; None with no month left."""
        left = 12 - self.through.month
        return None if self.actual is None or not left else (self.full_target - self.actual) / left

    @property
    def so_far(self) -> Fraction | None:
        """What a month has brought so far, on average."""
        return None if self.actual is None else self.actual / self.through.month

    @property
    def verdict(self) -> str:
        """In words: against the target, and against the base year."""
        if self.actual is None:
            return "not published"
        if self.actual >= self.target:
            return "on target"
        return f"short of target, {'above' if self.actual > self.base_to_date else 'below'} the base year"


def standing(
    pledge: Pledge, group: str, product: str | None, through: pd.Period, last: pd.Period, path: str
) -> Standing:
    """A group or product by a month of an agreed year, from figures to the month `last`."""
    lines = _lines(pledge, group, product)
    base, of_group = (total(each, pledge.base_year) for each in (lines, _lines(pledge, group, None)))
    addition = sum((pledge.additions[name, through.year] for name in pledge.groups[group].additions), Fraction(0))
    full_target = base + addition * base / of_group
    share = _share(lines, pledge.base_year, through.month, path)
    known = last_month(pledge, group, product, through.year, last)
    actual = total(lines, through.year, through.month) if through.month <= known else None
    return Standing(group, product, through, base, full_target, base * share, full_target * share, actual)


def track(pledge: Pledge, last: pd.Period, path: str) -> list[Standing]:
    """Every group and its products by the last month that each holds in the year of `last`, with figures to `last`.

    One that holds no month of that year stands at its first, unpublished.
    """
    found = []
    for group in pledge.groups:
        for product in (None, *products(pledge, group)):
            month = max(last_month(pledge, group, product, last.year, last), 1)
            found.append(standing(pledge, group, product, pd.Period(year=last.year, month=month, freq="M"), last, path))
    return found


def products(pledge: Pledge, group: str) -> list[str]:
    """A group's products in order of name; none where several groups of the agreement are added up.

    A product shares the addition to its own group: shared out over a sum of groups it would be another.
    """
    of = pledge.groups[group]
    return [] if len(of.additions) > 1 else sorted(product for name, product in pledge.lines if name in of.lines)


def _lines(pledge: Pledge, group: str, product: str | None) -> list[Months]:
    wanted = pledge.groups[group].lines
    return [months for (name, each), months in pledge.lines.items() if name in wanted and product in (None, each)]


def _share(lines: Sequence[Months], year: int, months: int, path: str) -> Fraction:
    """The share of a year's target that a path asks for by the end of a month."""
    if path == "linear":
        return Fraction(months, 12)
    whole = total(lines, year)
    return total(lines, year, months) / whole if whole else Fraction(months, 12)


def last_month(pledge: Pledge, group: str, product: str | None, year: int, last: pd.Period) -> int:
    """The last month of a year up to which every line holds every month, not after `last`; 0 if there is none."""
    lines = _lines(pledge, group, product)
    months = [month for month in first_months(year) if month <= last]
    return sum(1 for _ in takewhile(lambda month: all(month in line for line in lines), months))
