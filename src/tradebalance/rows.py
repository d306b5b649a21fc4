"""The cells of a printed table's rows -> entries: labels to codes, periods, and values in USD million."""

import datetime as dt
import re
from collections.abc import Callable, Iterable

import pandas as pd

from . import amounts, countries, headers, periods, values
from .cells import CellError, fold
from .entries import Entry
from .headers import Column, Record
from .options import Options
from .problems import Problem, errors
from .sheets import Sheet
from .validation import nearest

VALUATIONS = {
    "fob": "fob", "cif": "cif", "fas": "fas", "customs value": "customs_value", "customs_value": "customs_value",
    "cv": "customs_value", "customs": "customs_value",
}  # fmt: skip
LEAD_OF_PART = re.compile(r"(?:quarter|quy|qtr|q|month|thang|t|m)?[.\s]*(?=[\divx]+$)")
OF_ALL_YEARS = 1900  # the year of a total that names none
FLOW_CODES = "1 is import in legacy Comtrade and Comext, and export in UN/EDIFACT 8323"


def entries(sheet: Sheet, rows: Iterable[Record]) -> tuple[list[Entry], list[tuple[Record, list[Entry]]]]:
    """The figures of all rows, and the totals rows with their own."""
    found: list[Entry] = []
    totals: list[tuple[Record, list[Entry]]] = []
    for row in rows:
        if _labels_total(sheet, row):
            totals.append((row, _row_entries(sheet, row, is_total=True)))
        else:
            found += _row_entries(sheet, row)
    return _with_lone_years(found, totals)


def _with_lone_years(
    found: list[Entry], totals: list[tuple[Record, list[Entry]]]
) -> tuple[list[Entry], list[tuple[Record, list[Entry]]]]:
    """`Cả năm 2024` is a total where the file gives parts of that year, and a figure of the year where it does not."""
    years = {entry.period.year for entry in found} | {OF_ALL_YEARS}
    lone = {
        row.line
        for row, stated in totals
        if stated and all(entry.period.year not in years and all(entry.series) for entry in stated)
    }
    figures = [entry for row, stated in totals for entry in stated if row.line in lone]
    return [*found, *figures], [(row, stated) for row, stated in totals if row.line not in lone]


def _labels_total(sheet: Sheet, row: Record) -> bool:
    labels = [sheet.text(row, role) for role in ("period", "reporter", "partner", "flow")]
    return any(headers.TOTAL.fullmatch(fold(text)) or headers.TOTAL_OF_YEAR.fullmatch(fold(text)) for text in labels)


def _row_entries(sheet: Sheet, row: Record, *, is_total: bool = False) -> list[Entry]:
    """The entries of one row, one a value column; a cell that cannot be read is a problem and no entry."""
    before = len(errors(sheet.problems))
    common = {role: _read_cell(sheet, row, role, is_total) for role in CELL_READERS}
    published = _published(sheet, row)
    if len(errors(sheet.problems)) > before:
        _values_of_bad_row(sheet, row)
        return []
    entries = []
    for column in sheet.header.values:
        flow = column.flow or common["flow"]
        printed = _period(sheet, row, column, is_total)
        value = values.value(sheet, row, column)
        if value is None or printed is None:
            continue
        number, step, mark = value
        period_column = sheet.header.of("period")
        entries.append(
            Entry(
                row.line, column.name, row.cells[column.at].strip(), common["reporter"], common["partner"], flow,
                printed.period, number, step, printed.to_date,
                period_text=sheet.text(row, "period") if period_column else column.period or "",
                period_column=period_column.name if period_column else column.name,
                flow_column=sheet.name("flow") if sheet.header.of("flow") else column.name,
                vintage=published[0], published=published[1], vintage_column=sheet.name("vintage"),
                valuation=common["valuation"], valuation_text=sheet.text(row, "valuation"),
                status=mark or printed.mark or common["status"] or None,
            )
        )  # fmt: skip
    return entries


def _values_of_bad_row(sheet: Sheet, row: Record) -> None:
    """A row with a bad label still has its other cells read, so that all its problems are told at once."""
    for column in sheet.header.values:
        _period(sheet, row, column, is_total=False)
        values.value(sheet, row, column)


def _read_cell(sheet: Sheet, row: Record, role: str, is_total: bool) -> str:
    """A label's meaning, from its cell or the option; of a totals row a blank or a word for total is ''."""
    column = sheet.header.of(role)
    if role == "flow" and column is None and all(value.flow for value in sheet.header.values):
        return ""
    text = row.cells[column.at] if column else str(getattr(sheet.options, role, None) or "")
    if column is None and not text:
        return ""  # told once, as a missing column
    if is_total and (not text.strip() or headers.TOTAL.fullmatch(fold(text))):
        return ""
    try:
        return CELL_READERS[role](text, sheet.options)
    except CellError as error:
        sheet.add(error.code, row.line, column.name if column else role, text.strip(), error.reason, error.fix)
        return ""


def _flow(text: str, options: Options) -> str:
    name = fold(text)
    scheme = {fold(code): fold(flow) for code, flow in options.flow_scheme.items()}
    word = scheme.get(name, name)
    if not word:
        raise CellError("missing_flow", "blank", "write export, import or balance")
    if re.fullmatch(r"0?[12](\.0)?", word):
        raise CellError("ambiguous_flow", f"codes 1 and 2 need a declared scheme: {FLOW_CODES}", "set flow_scheme")
    if word not in headers.FLOW_OF:
        fix = "use export, import or balance" + nearest(word, [*headers.FLOW_OF])
        raise CellError("unknown_flow", "neither exports, imports nor balance", fix)
    return headers.FLOW_OF[word]


def _valuation(text: str, _: Options) -> str:
    if not text.strip():
        return ""
    if fold(text) not in VALUATIONS:
        raise CellError("bad_value", "not a valuation", "use fob, cif, fas or customs value")
    return VALUATIONS[fold(text)]


def _status(text: str, _: Options) -> str:
    return amounts.status(text.strip()).removeprefix("note:") if text.strip() else ""


CELL_READERS: dict[str, Callable[[str, Options], str]] = {
    "reporter": lambda text, _: countries.code(text),
    "partner": lambda text, _: countries.code(text),
    "flow": _flow,
    "valuation": _valuation,
    "status": _status,
}


def _period(sheet: Sheet, row: Record, column: Column, is_total: bool) -> periods.Printed | None:
    """The period of a value cell, from its column's header or its row; None, and a problem, if it cannot be told."""
    parts = [c for c in sheet.header.columns if c.role == "period"]
    text = column.period or period_text(sheet, row)
    if is_total and not column.period:
        year = headers.TOTAL_OF_YEAR.fullmatch(fold(text))
        named = next((y for y in year.groups() if y), None) if year else None
        return periods.Printed(pd.Period(year=int(named or OF_ALL_YEARS), freq="Y"))
    try:
        printed = periods.read(text, sheet.options.reading)
    except CellError as error:
        name = parts[0].name if parts and not column.period else column.name
        problem = Problem(error.code, sheet.grid.file, error.reason, error.fix, row.line, name, text)
        sheet.problems += [] if problem in sheet.problems else [problem]
        return None
    months = {"Q": 3 * printed.period.quarter, "M": printed.period.month}.get(printed.period.freqstr[0])
    if sheet.options.cumulative and months:
        return periods.Printed(pd.Period(year=printed.period.year, month=months, freq="M"), to_date=True)
    return printed


def period_text(sheet: Sheet, row: Record) -> str:
    """The printed period of a row; a year and a quarter or month in two columns are put together."""
    by_name = {fold(c.name): row.cells[c.at].strip() for c in sheet.header.columns if c.role == "period"}
    year = next((by_name[name] for name in ("year", "nam") if name in by_name), None)
    part = next((name for name in ("quarter", "quy", "month", "thang") if name in by_name), None)
    if year is None or part is None:
        return " ".join(by_name.values())
    words, letter = by_name[part], "Q" if part in ("quarter", "quy") else "M"
    bare = LEAD_OF_PART.sub("", fold(words))
    return f"{year}{letter}{bare}" if bare.isdigit() or letter == "Q" else f"{words} {year}"


def _published(sheet: Sheet, row: Record) -> tuple[str | None, dt.date | None]:
    """The vintage as printed and its last day; None where none is given."""
    text = sheet.text(row, "vintage") or sheet.options.vintage or ""
    if not text:
        return None, None
    try:
        return text, periods.last_day(text, sheet.options.reading)
    except CellError as error:
        fix = "write 2025-05-07 or 2025-05"
        sheet.add(error.code, row.line, sheet.name("vintage"), text, error.reason, fix)
        return None, None
