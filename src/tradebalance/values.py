"""A printed value cell -> USD million: its unit from the cell, the columns beside it, the header or the options."""

from dataclasses import replace
from decimal import Context, Decimal, localcontext

from . import amounts
from .amounts import Amount, Unit
from .cells import CellError
from .headers import Column, Record
from .problems import Problem
from .sheets import Sheet

MILLION = Decimal(10) ** 6
MOST_DIGITS_MEANT = 12


def value(sheet: Sheet, row: Record, column: Column) -> tuple[Decimal | None, Decimal, str | None] | None:
    """USD million, the unit of the last digit and the mark; None, and a problem, where the cell cannot be read."""
    text = row.cells[column.at].strip()
    if sheet.options.allow_missing and amounts.is_missing(text):
        sheet.warn("missing_value", row.line, column.name, text, "stated to be missing", "add it once it is published")
        return None, Decimal(0), None
    try:
        amount = _amount(sheet, row, column)
        factor = _usd_mn(sheet, amount, row, column, text)
    except CellError as error:
        where = {"value": column.name, "unit": sheet.name("unit")}.get(error.cell, error.cell)
        value = sheet.text(row, "unit") if error.cell == "unit" and sheet.header.of("unit") else text
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


def _amount(sheet: Sheet, row: Record, column: Column) -> Amount:
    """A number of a workbook is what it is; a printed one is read by the locale, or by the sign the file proves."""
    text = row.cells[column.at].strip()
    if column.at in row.numeric:
        return amounts.amount(text)
    amount = amounts.amount(text, sheet.options.locale, strict_point=sheet.grid.delimiter == ";")
    _check_style(sheet, amount, row.line)
    return amount


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
    beside = _joined_units(amounts.unit(sheet.text(row, "unit")), amounts.unit(sheet.text(row, "currency")))
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
        beside_role = "currency" if sheet.text(row, "currency") else "unit"
        where, value = (column.name, text) if from_cell else (sheet.name(beside_role), sheet.text(row, beside_role))
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
    number = _amount(sheet, row, column).number if column else Decimal(text)
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
