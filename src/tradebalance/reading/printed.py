"""A table of printed cells and what its sidecar says of it -> tidy figures, and everything wrong with it.

Rows are read one by one, then totals are checked and dropped, repeats and older vintages set aside, years to
date differenced and months added up, and the series rules applied. Money is exact USD million.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pandas as pd

from ..words import cells
from ..words.problems import Problem, errors, repeats
from . import headers, periods, rows, rules, scope
from .options import Options
from .sheet import PrintedFigure, Sheet, check_columns, data_rows, distinct

DROPPED = {"preamble_skipped", "footer_skipped", "duplicate_row_dropped", "totals_row_checked",
           "older_vintage_kept_aside"}  # fmt: skip


@dataclass
class Result:
    """Figures as `check` prints them, the problems, and how many rows were read and kept."""

    entries: list[PrintedFigure] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows_read: int = 0
    rows_kept: int = 0

    @property
    def figures(self) -> list[dict[str, str | None]]:
        return [as_figure(entry) for entry in self.entries]


def read(
    grid: headers.Grid, options: Options, newest: pd.Period | None = None, held: rules.Held | None = None
) -> Result:
    """All figures and problems of a table. `newest` is the newest vintage known, which the future is judged by, `held`
    what the case holds, which figures are held against."""
    header = headers.find(grid.records, options.reading)
    if header is None:
        names = ", ".join(cell.strip() for record in grid.records[:1] for cell in record.cells)
        reason = "no header found" + (f"; the first line has {names[:80]}" if names else "")
        fix = "the first line with cells must name the columns, such as period and value"
        return Result(problems=[Problem("no_header", grid.file, reason, fix)])
    sheet, data, readable = _sheet(grid, header, options)
    if not readable:
        return Result(problems=sheet.problems, rows_read=len(data))
    if not data:
        sheet.note("no_rows", sheet.line, None, None, "a header and nothing below it", "add the rows")
    entries, stated = rows.entries(sheet, distinct(sheet, data))
    entries = _newest_vintages(sheet, _without_repeats(sheet, entries))
    rules.check(sheet, entries, stated)
    rules.check_columns(sheet, entries, data)
    unread = _unread(sheet, data)
    gaps, held = (*options.known_gaps, *(unread or ())), {} if errors(sheet.problems) else held or {}
    known = rules.Said(newest, held, gaps, options.cumulative, gaps_can_be_told=unread is not None)
    sheet.tell(rules.problems([e for e in entries if not e.to_date], known))
    entries = _months_to_quarters(sheet, _differenced(sheet, entries, known))
    wrong = {p.row for p in errors(sheet.problems)}
    dropped = {p.row for p in sheet.problems if p.code in DROPPED} - wrong
    lines = {row.line for row in data}
    return Result(entries, sheet.problems, len(lines | dropped), len(lines - wrong - dropped))


def _sheet(grid: headers.Grid, header: headers.Header, options: Options) -> tuple[Sheet, list[headers.Record], bool]:
    """The table with what its columns, words and periods tell, its rows, and whether those can be read."""
    above = headers.unit_above(grid.records[: header.last + 1])
    sheet = Sheet(file=grid.file, grid=grid, header=header, options=options, above=above)
    readable, data = check_columns(sheet), data_rows(sheet)
    texts = [column.period or "" for column in header.values]
    texts += [rows.period_text(sheet, row) for row in data if row.cells]
    frequency = options.reading.frequency or periods.of_days(texts, options.reading)
    is_vietnamese = headers.speaks_vietnamese(grid.records)
    sheet.reading = replace(options.reading, frequency=frequency, is_vietnamese=is_vietnamese)
    sheet.strict = rows.strict_columns(sheet, data)
    scope.check(sheet, data)
    return sheet, data, readable


def _unread(sheet: Sheet, data: Iterable[headers.Record]) -> set[str] | None:
    """The periods of rows that could not be read: they are not absent. None where one cannot be told."""
    wrong = {p.row for p in errors(sheet.problems)}
    periods_of_rows: set[str] = set()
    for row in data:
        if row.line in wrong:
            texts = [c.period for c in sheet.header.values if c.period]
            texts += [rows.period_text(sheet, row)] if row.cells else re.split(r"[,;\t|]", row.raw)
            found = {periods.canonical(text) for text in texts if periods.period_in(text, sheet.reading)}
            if not found:
                return None
            periods_of_rows |= found
    return periods_of_rows


def _without_repeats(sheet: Sheet, entries: Sequence[PrintedFigure]) -> list[PrintedFigure]:
    """One entry a key and vintage: a second one with the same value is dropped, with another refused."""
    dropped = set()
    for entry, first in repeats(entries, key=lambda entry: (*entry.key, entry.vintage, entry.valuation)):
        dropped.add(id(entry))
        if first.value == entry.value:
            reason = f"the figure of row {first.row} once more"
            sheet.warn("duplicate_row_dropped", entry.row, None, None, reason, "remove one")
        else:
            reason = f"the period, reporter, partner and flow of row {first.row}, with another value ({first.text})"
            fix = "give each its own vintage" if sheet.header.of("vintage") else "add a vintage column"
            sheet.tell([entry.problem("duplicate_key", reason, f"{fix}, or remove one", at="period")])
    return [entry for entry in entries if id(entry) not in dropped]


def _newest_vintages(sheet: Sheet, entries: Sequence[PrintedFigure]) -> list[PrintedFigure]:
    """The newest vintage of each key, published by `as_of` if that is given; the others are set aside."""
    limit = cells.span(sheet.options.as_of)[1] if sheet.options.as_of else dt.date.max
    by_date = sorted(entries, key=lambda e: e.published or dt.date.min)
    newest = {(*e.key, e.valuation): e for e in by_date if e.published is None or e.published <= limit}
    kept = {id(entry) for entry in newest.values()}

    code, fix = "older_vintage_kept_aside", "none needed"
    reason = "another vintage of the figure is newer, or this one is from after the as-of date"
    older = (entry for entry in entries if id(entry) not in kept)
    sheet.tell(entry.problem(code, reason, fix, at="vintage", warning=True) for entry in older)
    return [entry for entry in entries if id(entry) in kept]


def _differenced(sheet: Sheet, entries: Sequence[PrintedFigure], known: rules.Said) -> list[PrintedFigure]:
    """Years to date as quarters or months, by exact differences; other entries as they are."""
    to_date = [entry for entry in entries if entry.to_date]
    flat = [entry for entry in entries if not entry.to_date]
    for year in rules.groups(to_date, lambda entry: (*entry.series, entry.valuation, entry.period.year)):
        flat += _steps(sheet, year, _first_of_year(entries, year[0]))
    if to_date:
        sheet.tell(rules.problems(flat, replace(known, cumulative=False)))
    return flat


def _first_of_year(entries: Sequence[PrintedFigure], to_date: PrintedFigure) -> PrintedFigure | None:
    """The figure of the year's first quarter or month, which is its own year to date; None if there is none."""
    year, wanted = pd.Timestamp(to_date.period.year, 1, 1), (*to_date.series, to_date.valuation)
    firsts = (
        entry
        for entry in entries
        if not entry.to_date and entry.value is not None and (*entry.series, entry.valuation) == wanted
        if entry.period.start_time == year and entry.period.end_time < to_date.period.end_time
    )
    return next(firsts, None)


def _steps(sheet: Sheet, year: Sequence[PrintedFigure], first: PrintedFigure | None) -> list[PrintedFigure]:
    """Each year to date less the one before, or less the year's first quarter or month."""
    months, sofar, before, steps = 0, Decimal(0), first, []
    if first is not None and first.value is not None:
        months, sofar = first.period.end_time.month, first.value
    for entry in year:
        step = entry.period.month - months
        is_whole = step == 1 or (step == 3 and not entry.period.month % 3)
        if not is_whole or (entry.value is None and entry is not year[-1]):
            if errors(sheet.problems):
                return []  # the one in between may be what could not be read
            reason = f"{months} and {entry.period.month} months to date leave no month or quarter between them"
            sheet.tell([entry.problem("missing_period", reason, "add the year to date in between", at="period")])
            return []
        period = entry.period if step == 1 else entry.period.asfreq("Q")
        value = None if entry.value is None else entry.value - sofar
        steps.append(replace(entry, period=period, value=value, to_date=False, origin="derived", less=before))
        months, sofar, before = entry.period.month, entry.value or sofar, entry
    return steps


def _months_to_quarters(sheet: Sheet, entries: list[PrintedFigure]) -> list[PrintedFigure]:
    """With `to: quarterly`, exact sums of three months; months of a quarter not complete are told and left out."""
    if sheet.options.to is None:
        return entries
    monthly = [entry for entry in entries if entry.period.freqstr[0] == "M"]
    quarters = [entry for entry in entries if entry.period.freqstr[0] != "M"]
    for months in rules.groups(monthly, lambda entry: (*entry.series, entry.valuation, entry.period.asfreq("Q"))):
        values = [entry.value for entry in months if entry.value is not None]
        if len(values) == 3:
            whole = replace(months[0], period=months[0].period.asfreq("Q"), value=sum(values, Decimal(0)))
            statuses = {entry.status for entry in months}
            quarters.append(replace(whole, origin="derived", status=statuses.pop() if len(statuses) == 1 else None))
        else:
            last = months[-1]
            reason = f"{last.period.asfreq('Q')} has {len(values)} of its months: left out"
            sheet.tell([last.problem("missing_value", reason, "add the other months", at="period", warning=True)])
    return quarters


def as_figure(entry: PrintedFigure) -> dict[str, str | None]:
    """A figure as `check --json` prints it, the value in USD million as a decimal string."""
    value = None if entry.value is None else f"{entry.value.normalize():f}"
    names = ("reporter", "partner", "flow", "period", "value_usd_mn", "vintage", "status", "origin")
    return {name: getattr(entry, name, None) for name in names} | {"period": str(entry.period), "value_usd_mn": value}
