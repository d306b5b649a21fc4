"""The cells of a printed table's rows -> entries: labels to codes, periods, and values in USD million."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from . import amounts, cells, countries, headers, periods, values
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
    return found, totals


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
                status=mark or common["status"] or None,
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
    if word in ("1", "2"):
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
    text = column.period or _joined([(fold(c.name), row.cells[c.at].strip()) for c in parts])
    if is_total and not column.period:
        year = headers.TOTAL_OF_YEAR.fullmatch(fold(text))
        return periods.Printed(pd.Period(next((y for y in year.groups() if y), "1900") if year else "1900", freq="Y"))
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


def _joined(parts: Sequence[tuple[str, str]]) -> str:
    """The printed period; a year and a quarter or month in two columns are put together."""
    by_name = dict(parts)
    year = next((by_name[name] for name in ("year", "nam") if name in by_name), None)
    for names, letter in ((("quarter", "quy"), "Q"), (("month", "thang"), "-")):
        for name in names:
            if year is not None and name in by_name:
                digits = re.sub(r"\D", "", by_name[name])
                return f"{year}{letter}{digits.zfill(2) if letter == '-' else digits}" if digits else by_name[name]
    return " ".join(text for _, text in parts)


def _published(sheet: Sheet, row: Record) -> tuple[str | None, dt.date | None]:
    """The vintage as printed and its last day; None where none is given."""
    text = sheet.text(row, "vintage") or sheet.options.vintage or ""
    if not text:
        return None, None
    try:
        return text, cells.span(text)[1]
    except (ValueError, OverflowError):
        code = "ambiguous_date" if cells.SLASHED_DATE.fullmatch(text) else "bad_period"
        sheet.add(code, row.line, sheet.name("vintage"), text, "not a date or month", "write 2025-05-07 or 2025-05")
        return None, None
