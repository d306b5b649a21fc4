"""The cells of a printed table's rows -> entries: labels to codes, periods, and values in USD million."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext

import pandas as pd

from . import amounts, cells, countries, headers, periods
from .amounts import Amount, Unit
from .cells import CellError, fold
from .headers import Column, Record
from .options import Options
from .problems import Problem, errors
from .series_checks import Entry
from .sheets import Sheet
from .validation import nearest

MOST_DIGITS_MEANT = 12
MILLION = Decimal(10) ** 6
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
    labels = [_text(sheet, row, role) for role in ("period", "reporter", "partner", "flow")]
    return any(headers.TOTAL.fullmatch(fold(text)) or headers.TOTAL_OF_YEAR.fullmatch(fold(text)) for text in labels)


def _text(sheet: Sheet, row: Record, role: str) -> str:
    column = sheet.header.of(role)
    return row.cells[column.at].strip() if column else ""


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
        value = _value(sheet, row, column)
        if value is None or printed is None:
            continue
        number, step, mark = value
        period_column = sheet.header.of("period")
        entries.append(
            Entry(
                row.line, column.name, row.cells[column.at].strip(), common["reporter"], common["partner"], flow,
                printed.period, number, step, printed.to_date,
                period_text=_text(sheet, row, "period") if period_column else column.period or "",
                period_column=period_column.name if period_column else column.name,
                flow_column=sheet.name("flow") if sheet.header.of("flow") else column.name,
                vintage=published[0], published=published[1], vintage_column=sheet.name("vintage"),
                valuation=common["valuation"], valuation_text=_text(sheet, row, "valuation"),
                status=mark or common["status"] or None,
            )
        )  # fmt: skip
    return entries


def _values_of_bad_row(sheet: Sheet, row: Record) -> None:
    """A row with a bad label still has its other cells read, so that all its problems are told at once."""
    for column in sheet.header.values:
        _period(sheet, row, column, is_total=False)
        _value(sheet, row, column)


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
    text = _text(sheet, row, "vintage") or sheet.options.vintage or ""
    if not text:
        return None, None
    try:
        return text, cells.span(text)[1]
    except (ValueError, OverflowError):
        code = "ambiguous_date" if cells.SLASHED_DATE.fullmatch(text) else "bad_period"
        sheet.add(code, row.line, sheet.name("vintage"), text, "not a date or month", "write 2025-05-07 or 2025-05")
        return None, None


def _value(sheet: Sheet, row: Record, column: Column) -> tuple[Decimal | None, Decimal, str | None] | None:
    """USD million, the unit of the last digit and the mark; None, and a problem, where the cell cannot be read."""
    text = row.cells[column.at].strip()
    if sheet.options.allow_missing and amounts.is_missing(text):
        sheet.warn("missing_value", row.line, column.name, text, "stated to be missing", "add it once it is published")
        return None, Decimal(0), None
    try:
        strict = sheet.grid.delimiter == ";"
        amount = amounts.amount(text, sheet.options.locale, strict_point=strict)
        _check_style(sheet, amount, row.line)
        factor = _usd_mn(sheet, amount, row, column, text)
    except CellError as error:
        where = {"value": column.name, "unit": sheet.name("unit")}.get(error.cell, error.cell)
        value = _text(sheet, row, "unit") if error.cell == "unit" and sheet.header.of("unit") else text
        sheet.add(error.code, row.line, where, value, error.reason, error.fix)
        return None
    if factor is None:
        return None
    bare = _without_residue(amount.number)
    number, exact = _converted(bare, factor)
    exact = exact and bare == amount.number
    if not exact:
        reason = "a conversion that does not come out, or the residue of binary arithmetic: rounded"
        sheet.warn("inexact_value", row.line, column.name, text, reason, "none needed")
    return number, _converted(amount.unit_of_last_digit, factor)[0], amount.mark


def _without_residue(number: Decimal) -> Decimal:
    """31.4 for the 31.400000000000002 of a spreadsheet: digits beyond its fifteen that hide a shorter number."""
    shorter = Context(prec=15).plus(number).normalize()
    return shorter if number != shorter and len(shorter.as_tuple().digits) <= MOST_DIGITS_MEANT else number


def _check_style(sheet: Sheet, amount: Amount, line: int) -> None:
    """Without a locale the first cell that proves a decimal sign sets it for the file."""
    if amount.style is None or sheet.options.locale:
        return
    sheet.style = sheet.style or (amount.style, line)
    if amount.style != sheet.style[0]:
        names = {".": "point", ",": "comma"}
        reason = f"a decimal {names[amount.style]}, where row {sheet.style[1]} has a decimal {names[sheet.style[0]]}"
        raise CellError("locale_conflict", reason, "state the locale, such as vi or en, and correct the other cell")


def _usd_mn(sheet: Sheet, amount: Amount, row: Record, column: Column, text: str) -> tuple[Decimal, Decimal] | None:
    """What a printed 1 is in USD million, as a fraction; None if a rate is wanting, which is told later."""
    own = Unit(amount.currency, amount.scale)
    beside = _joined_units(amounts.unit(_text(sheet, row, "unit")), amounts.unit(_text(sheet, row, "currency")))
    declared = amounts.unit(sheet.options.unit or "")
    stated = (own, beside, column.unit, sheet.above, declared)
    scales = {unit.scale for unit in stated if unit.scale is not None}
    currencies = list(dict.fromkeys(unit.currency for unit in stated if unit.currency))
    if len(scales) > 1 or len(currencies) > 1:
        raise CellError("unit_conflict", "the cell, its column or the options state two units", "keep one")
    assumed = not currencies and bool(sheet.options.currency)
    currency = currencies[0] if currencies else amounts.unit(sheet.options.currency or "").currency
    if not scales or currency is None:
        missing = "scale" if not scales else "currency"
        reason = f"no {missing} in the cell, its column or the options"
        raise CellError("unit_missing", reason, "say USD bn or USD mn", "unit" if sheet.header.of("unit") else "value")
    if assumed:
        sheet.warn(
            "currency_assumed", row.line, column.name, text, f"taken to be {currency}, as the options say", "none"
        )
    rate = Decimal(1) if currency == "USD" else _rate(sheet, row, currency)
    from_cell = own.currency is not None or not sheet.header.of("unit")
    sheet.currencies.setdefault(currency, row.line)
    if rate is None:
        where, value = (column.name, text) if from_cell else (sheet.name("unit"), _text(sheet, row, "unit"))
        fix = f"add a column or option fx_{currency.lower()}_per_usd"
        problem = Problem("rate_missing", sheet.grid.file, f"{currency} without a rate", fix, row.line, where, value)
        sheet.wanting_rate.append((currency, problem))
        return None
    return next(iter(scales)), rate * MILLION


def _joined_units(one: Unit, other: Unit) -> Unit:
    if one.currency and other.currency and one.currency != other.currency:
        raise CellError("unit_conflict", "the unit and the currency column disagree", "keep one", "unit")
    return Unit(one.currency or other.currency, one.scale or other.scale)


def _rate(sheet: Sheet, row: Record, currency: str) -> Decimal | None:
    """Units of the currency for one dollar, from a rate column or the options; None if there is none."""
    column = next((c for c in sheet.header.columns if c.role == "rate" and c.currency in (currency, "")), None)
    text = row.cells[column.at].strip() if column else sheet.options.rates.get(currency, "")
    if not text:
        return None
    number = amounts.amount(text, sheet.options.locale).number
    if number <= 0:
        raise CellError("bad_value", "a rate is above 0", "correct it", column.name if column else "value")
    return number


def check_rates(sheet: Sheet) -> None:
    """A currency without a rate is rate_missing; in a file that starts in another currency it is a mix."""
    first = min(sheet.currencies, key=lambda currency: sheet.currencies[currency], default=None)
    for currency, problem in sheet.wanting_rate:
        mixed = currency != first
        reason = f"{currency}, where row {sheet.currencies[first or currency]} is in {first}"
        sheet.problems.append(replace(problem, code="currency_mix", reason=reason) if mixed else problem)


def _converted(number: Decimal, factor: tuple[Decimal, Decimal]) -> tuple[Decimal, bool]:
    with localcontext() as context:
        context.prec = 80
        exact = number * factor[0] / factor[1]
        rounded = exact.quantize(Decimal("0.000001"))
        return (exact, True) if exact * factor[1] == number * factor[0] else (rounded, False)
