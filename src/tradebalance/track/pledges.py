"""What was pledged over a base year, group by group, and what was bought, product line by product line.

The agreement adds so much to a group's purchases of a year; the exports come by month, product and
group of lines. Which lines a group of the agreement is made of is the case's to say, for publishers
differ: aircraft are in the agreement under one code and in US exports under another.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Annotated

import pandas as pd
from pydantic import Field

from ..words import cells
from ..words.problems import Problem, raise_errors
from ..words.schema import Strict, Words
from ..words.terms import USD_MN_PER_BN, month

Line = tuple[str, str]  # group of lines, product
Months = Mapping[pd.Period, Fraction]
ADDITION = re.compile(r"additional_over_(\d{4})_usd_bn")  # the column's name holds the base year
is_lines = {"group", "product", "period", "value_usd_mn"}.issubset  # by a file's columns
is_printed = {"group", "path", "through", "target_usd_bn", "actual_usd_bn", "source_url"}.issubset


class Group(Strict):
    """A group that is followed: the agreement's groups that add to it, and the groups of export lines in it."""

    additions: Annotated[list[Words], Field(min_length=1)]
    lines: Annotated[list[Words], Field(min_length=1)]


@dataclass(frozen=True)
class Pledge:
    """Additions over the base year in USD million by (group, year), and each line's exports by month."""

    base_year: int
    additions: Mapping[tuple[str, int], Fraction]
    lines: Mapping[Line, Months]
    groups: Mapping[str, Group]


@dataclass(frozen=True)
class TrackerFigure:
    """What a tracker printed of a group to a month, in USD million (None where it printed none)."""

    group: str
    path: str
    through: pd.Period
    target_usd_mn: Fraction | None
    actual_usd_mn: Fraction | None
    url: str


@cache
def first_months(year: int, months: int = 12) -> tuple[pd.Period, ...]:
    return tuple(pd.period_range(f"{year}-01", periods=months, freq="M"))


def total(lines: Iterable[Months], year: int, months: int = 12) -> Fraction:
    """The sum of a year's first months. Raises KeyError for a month that is absent: it is not zero."""
    wanted = first_months(year, months)
    return sum((line[month] for line in lines for month in wanted), Fraction(0))


def is_agreement(columns: Iterable[str]) -> bool:
    return any(ADDITION.fullmatch(name) for name in columns)


def read_additions(columns: Sequence[str], rows: cells.Rows, file: str) -> tuple[int, dict[tuple[str, int], Fraction]]:
    """The base year, and what the agreement adds to it by (group, year). Raises Refused with every problem."""
    column = next(name for name in columns if ADDITION.fullmatch(name))
    base_year = int(column.removeprefix("additional_over_")[:4])
    check = cells.Cells(file)
    found: dict[tuple[str, int], Fraction] = {}
    for line, row in rows:
        year = check.read(line, row, "year", cells.year)
        value = check.read(line, row, column, cells.amount)
        if year is not None and value is not None:
            if year <= base_year:
                check.note("bad_period", line, "year", row["year"], f"not after the base year {base_year}")
            check.once(line, "group", (row["group"], year), found)
            found[row["group"], year] = Fraction(value) * USD_MN_PER_BN
    raise_errors(check.problems)
    return base_year, found


def read_lines(rows: cells.Rows, file: str) -> dict[Line, dict[pd.Period, Fraction]]:
    """Exports in USD million by line and month; a month without a row is absent. Raises Refused with every problem."""
    check = cells.Cells(file)
    found: dict[Line, dict[pd.Period, Fraction]] = {}
    for line, row in rows:
        period = check.read(line, row, "period", month)
        value = check.read(line, row, "value_usd_mn", cells.amount)
        if period is not None and value is not None:
            months = found.setdefault((row["group"], row["product"]), {})
            check.once(line, "period", period, months)
            months[period] = Fraction(value)
    raise_errors(check.problems)
    return found


def read_printed(rows: cells.Rows, file: str) -> list[TrackerFigure]:
    """What a tracker printed, in file order. Raises Refused with every problem."""
    check = cells.Cells(file)
    found = []
    for line, row in rows:
        through = check.read(line, row, "through", month)
        printed = [check.read(line, row, name, cells.maybe_number) for name in ("target_usd_bn", "actual_usd_bn")]
        target, actual = (None if billions is None else billions * USD_MN_PER_BN for billions in printed)
        if through is not None:
            found.append(TrackerFigure(row["group"], row["path"], through, target, actual, row["source_url"]))
    raise_errors(check.problems)
    return found


def pledge(base_year: int, additions: Mapping[tuple[str, int], Fraction], lines: Mapping[Line, Months],
           groups: Mapping[str, Group], file: str) -> Pledge:  # fmt: skip
    """The pledge, checked: each group names what is there, and each of its lines has the whole base year.

    Raises Refused with every problem; `file` is where the groups are declared.
    """
    problems = []
    known_lines, known_groups = {group for group, _ in lines}, {group for group, _ in additions}
    for name, group in groups.items():
        for named, known, what in ((group.lines, known_lines, "lines"), (group.additions, known_groups, "additions")):
            problems += [
                Problem("unknown_key", file, f"no such group of {what}", f"use {', '.join(sorted(known))}", None,
                        f"track.groups.{name}.{what}", each)
                for each in named
                if each not in known
            ]  # fmt: skip
    base = first_months(base_year)
    used = {name for group in groups.values() for name in group.lines}
    for (name, product), months in lines.items():
        missing = [str(each) for each in base if each not in months] if name in used else []
        if missing:
            fix = "add the months: a target is a share of the whole base year"
            problems.append(Problem("missing_period", file, f"{product} lacks {', '.join(missing)}", fix, value=name))
    raise_errors(problems)
    for name, group in groups.items():
        if not any(lines[each][month] for each in lines if each[0] in group.lines for month in base):
            fix = "leave the group out: nothing can be shared in proportion to nothing"
            problems.append(Problem("out_of_range", file, f"no exports in {base_year}", fix, value=name))
    raise_errors(problems)
    return Pledge(base_year, additions, lines, groups)
