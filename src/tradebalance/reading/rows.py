"""The cells of a printed table's rows -> entries: labels to codes, periods, and values in USD million.

A value's unit is that of its cell, of the columns beside it, of the header or of the options.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pandas as pd

from ..words import amounts
from ..words.amounts import COMMA, POINT, Amount, Unit
from ..words.cells import CellError, fold
from ..words.money import MILLION
from ..words.problems import errors
from ..words.schema import nearest
from ..words.terms import Basis, Valuation
from . import countries, headers, periods
from .headers import Column, Record
from .options import Options
from .sheet import PrintedFigure, Sheet

MOST_DIGITS_MEANT = 12
FEWEST_DOLLARS = 1_000  # fewer, of a country's trade, have lost their scale
ONES = dict.fromkeys(("units", "unit", "ones"), Decimal(1))
EXPONENT = re.compile(r"(\d{1,2})(?:\.0)?")


def read_value(sheet: Sheet, row: Record, column: Column) -> tuple[Decimal | None, Decimal, str | None] | None:
    """USD million, the unit of the last digit and the mark; None, and a problem, where the cell cannot be read."""
    text = row.cells[column.at].strip()
    if sheet.options.allow_missing and text.casefold() in amounts.STATED_MISSING:
        sheet.warn("missing_value", row.line, column.name, text, "stated to be missing", "add it once it is published")
        return None, Decimal(0), None
    try:
        amount = _amount(sheet, row, column)
        factor = _usd_mn(sheet, amount, row, column, text)
    except CellError as error:
        beside = sheet.place(row, error.cell) if error.cell in ("unit", "currency") else None
        where, value = beside or (column.name if error.cell == "value" else error.cell, text)
        sheet.note(error.code, row.line, where, value, error.reason, error.fix)
        return None
    if amount.mark in amounts.BOUNDS.values():
        sheet.warn("inexact_value", row.line, column.name, text, f"a bound: {amount.mark} as much", "none needed")
    bare = _without_residue(amount.number)
    number, exact = _converted(bare, factor)
    if not exact or bare != amount.number:
        reason = "a conversion that does not come out, or the residue of binary arithmetic: rounded"
        sheet.warn("inexact_value", row.line, column.name, text, reason, "none needed")
    return number, _converted(amount.unit_of_last_digit, factor)[0], amount.mark


def _amount(sheet: Sheet, row: Record, column: Column) -> Amount:
    """A number of a workbook is what it is; a printed one is read by the locale, or by the sign the file proves."""
    text = row.cells[column.at].strip()
    if column.at in row.numeric:
        return amounts.amount(text)
    strict = sheet.grid.delimiter == ";" or column.at in sheet.strict
    amount = amounts.bounded(text, sheet.options.locale, strict_point=strict)
    _check_style(sheet, amount, row.line)
    return amount


LONE_POINT = re.compile(r"[^\d.,]*[1-9]\d{0,2}\.\d{3}(?![\d.,]).*", re.DOTALL)


def strict_columns(sheet: Sheet, rows: Iterable[Record]) -> frozenset[int]:
    """The columns where a lone point before three digits may stand for thousands: of a table that is Vietnamese or has
    a decimal comma, or where no cell is printed otherwise; none where a cell proves a decimal point."""
    columns = [column for column in sheet.header.columns if column.role in ("value", "rate")]
    texts = {c.at: [row.cells[c.at].strip() for row in rows if row.cells and c.at not in row.numeric] for c in columns}
    printed = {at: [text for text in found if re.search(r"\d", text)] for at, found in texts.items()}
    lone = {at for at, found in printed.items() if any(LONE_POINT.fullmatch(text) for text in found)}
    if not lone or sheet.options.locale:
        return frozenset()
    styles = {_style(text) for found in printed.values() for text in found}
    if POINT in styles and COMMA not in styles:
        return frozenset()
    if COMMA in styles or headers.speaks_vietnamese(sheet.grid.records):
        return frozenset(lone)
    return frozenset(at for at in lone if all(LONE_POINT.fullmatch(text) for text in printed[at]))


def _style(text: str) -> str | None:
    with suppress(CellError):
        return amounts.amount(text).style
    return None


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


def _usd_mn(sheet: Sheet, amount: Amount, row: Record, column: Column, text: str) -> tuple[Decimal, Decimal]:
    """What a printed 1 is in USD million, as a fraction. Raises CellError for units that are absent or in conflict, and
    a rate that is wanting: a mix of currencies where the file starts in another one."""
    beside = _joined_units(amounts.unit(sheet.text(row, "unit")), amounts.unit(sheet.text(row, "currency")))
    stated = (amount.unit, beside, column.unit, sheet.above, amounts.unit(sheet.options.unit or ""))
    scales = {unit.scale for unit in stated if unit.scale is not None}
    multiplier = _multiplier(sheet, row)
    if multiplier is not None and not (multiplier == 1 and scales):
        scales.add(multiplier)
    currencies = list(dict.fromkeys(unit.currency for unit in stated if unit.currency))
    if len(scales) > 1 or len(currencies) > 1:
        raise CellError("unit_conflict", "the cell, its column or the options state two units", "keep one")

    if currencies and not scales and not 0 < abs(amount.number) < FEWEST_DOLLARS:
        scales = {Decimal(1)}  # plain `USD` is dollars
    currency = currencies[0] if currencies else amounts.unit(sheet.options.currency or "").currency
    if not scales or currency is None:
        missing = "scale" if not scales else "currency"
        reason = f"no {missing} in the cell, its column or the options"
        fix, where = "say USD bn or USD mn, or USD for plain dollars", "unit" if sheet.header.of("unit") else "value"
        raise CellError("unit_missing", reason, fix, where)
    if not currencies:
        reason = f"taken to be {currency}, as the options say"
        sheet.warn("currency_assumed", row.line, column.name, text, reason, "none")
    rate = Decimal(1) if currency == "USD" else _rate(sheet, row, currency)
    from_cell = amount.unit.currency is not None or not sheet.header.of("unit")
    sheet.currencies.setdefault(currency, row.line)
    if rate is None:
        first, line = next(iter(sheet.currencies.items()))
        code, reason = "rate_missing", f"{currency} without a rate"
        if currency != first:
            code, reason = "currency_mix", f"{currency}, where row {line} is in {first}"
        where = "value" if from_cell else "currency" if sheet.text(row, "currency") else "unit"
        raise CellError(code, reason, f"add a column or option fx_{currency.lower()}_per_usd", where)
    return next(iter(scales)), rate * MILLION


def _multiplier(sheet: Sheet, row: Record) -> Decimal | None:
    """What a column such as UNIT_MULT says that a printed 1 is, as an exponent or in words; None where none does."""
    found: dict[Decimal, str] = {}
    for column in (c for c in sheet.header.columns if c.role == "multiplier"):
        text = fold(row.cells[column.at])
        exponent = EXPONENT.fullmatch(text)
        scale = Decimal(10) ** int(exponent[1]) if exponent else ONES.get(text) or amounts.unit_or_none(text).scale
        if text and scale is None:
            fix = "write 6 or millions"
            raise CellError("unit_missing", f"{text!r} is neither an exponent nor a scale", fix, column.name)
        found |= {scale: column.name} if scale is not None else {}
    if len(found) > 1:
        raise CellError("unit_conflict", "the columns of the scale disagree", "keep one", [*found.values()][-1])
    return next(iter(found), None)


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
    number = _amount(sheet, row, column).number if column else Decimal(text)
    if number <= 0:
        raise CellError("bad_value", "a rate is above 0", "correct it", column.name if column else "value")
    return number


def _converted(number: Decimal, factor: tuple[Decimal, Decimal]) -> tuple[Decimal, bool]:
    with localcontext(prec=80):
        found = number * factor[0] / factor[1]
        is_exact = Fraction(found) * Fraction(factor[1]) == Fraction(number) * Fraction(factor[0])
        return found if is_exact else found.quantize(Decimal("0.000001")), is_exact


VALUATIONS = {words: str(each) for each in Valuation for words in (each.value, each.value.replace("_", " "))}
VALUATIONS |= dict.fromkeys(("cv", "customs"), "customs_value")
BASES = amounts.by_word({
    str(Basis.CUSTOMS): "customs|customs basis|census|census basis|cb",
    str(Basis.BOP): "bop|balance of payments|bop basis|balance of payments basis|bpm6|bpm5",
})  # fmt: skip
LEAD_OF_PART = re.compile(r"(?:quarter|quy|qtr|q|month|thang|t|m)?[.\s]*(?=[\divx]+$)")
OF_ALL_YEARS = 1900  # the year of a total that names none
Totals = list[tuple[Record, list[PrintedFigure]]]  # rows of totals, each with its figures
FLOW_CODE = re.compile(r"0?[12](\.0)?")
FLOW_CODES = "1 is import in legacy Comtrade and Comext, and export in UN/EDIFACT 8323"


def entries(sheet: Sheet, rows: Iterable[Record]) -> tuple[list[PrintedFigure], Totals]:
    """The figures of all rows, and the totals rows with their own.

    `Cả năm 2024` is a total where the file gives parts of that year, and a figure of the year where it does not.
    """
    found: list[PrintedFigure] = []
    totals: Totals = []
    for row in rows:
        labels = [fold(sheet.text(row, role)) for role in ("period", "reporter", "partner", "flow")]
        if any(headers.TOTAL.fullmatch(text) or headers.TOTAL_OF_YEAR.fullmatch(text) for text in labels):
            totals.append((row, [*_row_entries(sheet, row, is_total=True)]))
        else:
            found += _row_entries(sheet, row)
    years = {entry.period.year for entry in found} | {OF_ALL_YEARS}
    lone = [
        (row, stated)
        for row, stated in totals
        if stated and all(entry.period.year not in years and all(entry.series) for entry in stated)
    ]
    figures = [entry for _, stated in lone for entry in stated]
    return [*found, *figures], [each for each in totals if each not in lone]


def _row_entries(sheet: Sheet, row: Record, *, is_total: bool = False) -> Iterator[PrintedFigure]:
    """The entries of one row, one a value column; a cell that cannot be read is a problem and no entry."""
    before = len(errors(sheet.problems))
    common = {role: _read_cell(sheet, row, role, is_total) for role in CELL_READERS}
    if common["basis"] == Basis.BOP and not any(problem.code == "kept_apart" for problem in sheet.problems):
        reason = "on the balance-of-payments basis: no customs figures, and not to be set beside them"
        sheet.warn("kept_apart", row.line, sheet.name("basis"), sheet.text(row, "basis"), reason, "none needed")
    vintage, published = _published(sheet, row)
    is_bad = len(errors(sheet.problems)) > before
    for column in sheet.header.values:  # of a row with a bad label too, so that all its problems are told at once
        flow = column.flow or common["flow"]
        printed = _period(sheet, row, column, is_total and not is_bad)
        value = read_value(sheet, row, column)
        if is_bad or value is None or printed is None:
            continue
        number, step, mark = value
        yield PrintedFigure(
            row.line, column.name, row.cells[column.at].strip(), common["reporter"], common["partner"], flow,
            printed.period, number, step, printed.to_date, vintage, published, common["valuation"],
            basis=common["basis"],
            status=mark or printed.mark or common["status"] or None,
            places={
                "period": sheet.place(row, "period") or (column.name, column.period or ""),
                "flow": (sheet.name("flow") if sheet.header.of("flow") else column.name, flow),
                "vintage": (sheet.name("vintage"), vintage),
                "valuation": ("valuation", sheet.text(row, "valuation")),
                "basis": ("basis", sheet.text(row, "basis")),
            },
        )  # fmt: skip


def _read_cell(sheet: Sheet, row: Record, role: str, is_total: bool) -> str:
    """A label's meaning, from its cell or the option; of a totals row a blank or a word for total is ''."""
    said = {c.name: row.cells[c.at].strip() for c in sheet.header.columns if c.role == role}
    if role == "flow" and not said and all(value.flow for value in sheet.header.values):
        return ""
    said = said or {role: str(getattr(sheet.options, role, None) or "")}
    if not sheet.header.of(role) and not said[role]:
        return ""  # told once, as a missing column
    if is_total and all(not text or headers.TOTAL.fullmatch(fold(text)) for text in said.values()):
        return ""
    words = {name: text for name, text in said.items() if text and not (role == "flow" and FLOW_CODE.fullmatch(text))}
    found: dict[str, str] = {}
    for name, text in (words or said).items():  # a code without a scheme stands beside its word
        meaning = sheet.parsed(row.line, name, text, lambda cell: CELL_READERS[role](cell, sheet.options))
        if meaning and meaning not in found and found:
            reason = f"it says {meaning}, and {next(iter(found.values()))} says {next(iter(found))}"
            sheet.note("duplicate_column", row.line, name, text, reason, "correct or remove one")
        found |= {meaning: name} if meaning else {}
    return next(iter(found), "")


def _flow(text: str, options: Options) -> str:
    scheme = {fold(code): fold(flow) for code, flow in options.flow_scheme.items()}
    word = scheme.get(fold(text), fold(text))
    if not word:
        raise CellError("missing_flow", "blank", "write export, import or balance")
    if FLOW_CODE.fullmatch(word):
        raise CellError("ambiguous_flow", f"codes 1 and 2 need a declared scheme: {FLOW_CODES}", "set flow_scheme")
    if word not in headers.FLOW_OF:
        fix = "use export, import or balance" + nearest(word, [*headers.FLOW_OF])
        raise CellError("unknown_flow", "neither exports, imports nor balance", fix)
    return headers.FLOW_OF[word]


def _one_of(table: Mapping[str, str], what: str, fix: str) -> Callable[[str, Options], str]:
    def read(text: str, _: Options) -> str:
        if text and fold(text) not in table:
            raise CellError("bad_value", f"not a {what}", fix)
        return table.get(fold(text), "")

    return read


CELL_READERS: dict[str, Callable[[str, Options], str]] = {
    "reporter": lambda text, _: countries.code(text),
    "partner": lambda text, _: countries.code(text),
    "flow": _flow,
    "valuation": _one_of(VALUATIONS, "valuation", "use fob, cif, fas or customs value"),
    "basis": _one_of(BASES, "basis", "use customs or bop"),
    "status": lambda text, _: amounts.status(text).removeprefix("note:") if text else "",
}


def _period(sheet: Sheet, row: Record, column: Column, is_total: bool) -> periods.PrintedPeriod | None:
    """The period of a value cell, from its column's header or its row; None, and a problem, if it cannot be told."""
    text = column.period or period_text(sheet, row)
    if is_total and not column.period:
        year = headers.TOTAL_OF_YEAR.fullmatch(fold(text))
        named = next((y for y in year.groups() if y), None) if year else None
        return periods.PrintedPeriod(pd.Period(year=int(named or OF_ALL_YEARS), freq="Y"))
    name = column.name if column.period else sheet.name("period")
    printed = sheet.parsed(row.line, name, text, lambda cell: _of_frequency(sheet, row, cell))
    if printed is None:
        return None
    months = {"Q": 3 * printed.period.quarter, "M": printed.period.month}.get(printed.period.freqstr[0])
    if sheet.options.cumulative and months:
        return periods.PrintedPeriod(pd.Period(year=printed.period.year, month=months, freq="M"), to_date=True)
    return printed


def _of_frequency(sheet: Sheet, row: Record, text: str) -> periods.PrintedPeriod:
    """The period, which must be what the options and the row's column of frequencies say, but for a year to date."""
    column = sheet.text(row, "frequency")
    stated = [periods.FREQUENCIES.get(fold(column), "?")] if column else []
    if "?" in stated:
        raise CellError("bad_value", "no frequency of trade figures", "use M, Q or A", sheet.name("frequency"))
    own = sheet.reading if not stated else replace(sheet.reading, frequency=stated[0])
    printed = periods.read(text, own)
    said = {*stated, sheet.options.reading.frequency} - {None, printed.period.freqstr[0]}
    if said and not printed.to_date:
        words = {"M": "month", "Q": "quarter", "Y": "year"}
        reason = f"a {words[printed.period.freqstr[0]]}, where the frequency says a {words[said.pop() or 'Y']}"
        raise CellError("mixed_frequency", reason, "correct one of the two", "period")
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
    text = sheet.text(row, "vintage") or sheet.options.vintage
    if not text:
        return None, None
    fix, reading = "write 2025-05-07 or 2025-05", sheet.reading
    day = sheet.parsed(row.line, sheet.name("vintage"), text, lambda cell: periods.last_day(cell, reading), fix)
    return text, day
