"""Duties that the United States collects on a country's goods, by month, and what they are of a published rate.

The collected share of a month is its calculated duties over its imports for consumption. A published rate falls on a
part of the goods only; that part is measured as (collected share - base) / rate, over the months in which the rate
held, less what was collected before any of the rates (the base).
"""

import calendar
import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from ..words.cells import CellError, Cells, Rows, amount, decimal
from ..words.problems import raise_errors
from ..words.terms import month
from . import trade

COLUMNS = ["period", "calculated_duties_usd", "imports_for_consumption_usd"]
is_duties = set(COLUMNS).issubset  # by a file's columns
BASE_YEAR = 2024  # the last whole year before the tariffs of 2025


@dataclass(frozen=True)
class Duty:
    """One month's calculated duties and imports for consumption, in USD as printed; `source_id` is its `file:line`."""

    month: pd.Period
    duties_usd: Decimal
    imports_usd: Decimal
    source_id: str

    @property
    def share(self) -> Fraction:
        """Duties as a fraction of imports, exactly."""
        return Fraction(self.duties_usd) / Fraction(self.imports_usd)


@dataclass(frozen=True)
class Covered:
    """What is collected under one published rate, as fractions.

    `months` are those in which it held, `collected` their share, `share` the part of the goods that bears the rate over
    the base of 2024, and `most` that over the lowest month before all rates.
    """

    since: dt.date
    rate: Fraction
    months: tuple[pd.Period, ...]
    collected: Fraction
    share: Fraction
    most: Fraction


def read(columns: Sequence[str], rows: Rows, file: str) -> list[Duty]:
    """The months in order. Raises Refused with every problem of every row, and for a month twice or left out."""
    check = Cells(file)
    check.need(COLUMNS, columns, "a file of duties")
    found: dict[pd.Period, Duty] = {}
    for line, row in rows:
        when = check.read(line, row, "period", month)
        duties = check.read(line, row, "calculated_duties_usd", amount)
        imports = check.read(line, row, "imports_for_consumption_usd", _positive)
        if when is None or duties is None or imports is None:
            continue
        if duties > imports:
            reason, fix = "more duties than imports", "check the columns and their unit"
            check.note("implausible", line, "calculated_duties_usd", row["calculated_duties_usd"], reason, fix)
        check.once(line, "period", when, found)
        found.setdefault(when, Duty(when, duties, imports, f"{file}:{line}"))
    for one, following in itertools.pairwise(sorted(found)):
        if following != one + 1:
            line = int(found[following].source_id.rsplit(":", 1)[1])
            check.note(
                "missing_value", line, "period", str(following), f"nothing between it and {one}", "add the months"
            )
    raise_errors(check.problems)
    return [found[when] for when in sorted(found)]


def _positive(text: str) -> Decimal:
    if (value := decimal(text)) <= 0:
        raise CellError("out_of_range", "a share of no imports", "give a month with imports, or leave it out")
    return value


def known(duties: Iterable[Duty], at: pd.Period) -> list[Duty]:
    """The months that were out by the end of a month, as trade by partner is; later revisions are in them."""
    return [each for each in duties if each.month + trade.lag("USA") <= at]


def share(duties: Iterable[Duty]) -> Fraction:
    """Duties over imports of several months together. Raises ZeroDivisionError without any."""
    duties = list(duties)
    return Fraction(sum(each.duties_usd for each in duties)) / Fraction(sum(each.imports_usd for each in duties))


def base(duties: Iterable[Duty]) -> Fraction:
    """The share that was collected in BASE_YEAR. Raises ZeroDivisionError without a month of it."""
    return share(each for each in duties if each.month.year == BASE_YEAR)


def covered(duties: Sequence[Duty], rates: Mapping[dt.date, Fraction]) -> list[Covered]:
    """What was collected under each of some dated rates, oldest first; one that no month is of is left out.

    A month is of the rate that held on most of its days, if that held already when the month before ended: duties
    follow a rate with a lag, since goods under way are let in at the old one. A rate of 0 covers nothing. Empty
    without the base year, or a month before the first rate.
    """
    days = sorted(rates)
    before = [each.share for each in duties if days and each.month.end_time.date() < days[0]]
    if sum(each.month.year == BASE_YEAR for each in duties) < 12 or not before:
        return []
    found = []
    for since in (day for day in days if rates[day]):
        held = [each for each in duties if _held(each.month, days) == since]
        if held:
            over = [(share(held) - floor) / rates[since] for floor in (base(duties), min(before))]
            months = tuple(each.month for each in held)
            found.append(Covered(since, rates[since], months, share(held), *over))
    return found


def _held(when: pd.Period, days: Sequence[dt.date]) -> dt.date | None:
    """The day from which the rate held that a month is of, or None for a month between two."""
    first = when.start_time.date()
    middle = first.replace(day=calendar.monthrange(first.year, first.month)[1] // 2 + 1)
    begun = [day for day in days if day < first]
    return begun[-1] if begun and not any(first <= day < middle for day in days) else None
