"""A ledger's printed value -> exact USD million, or the bounds of a range or a bound, in English or Vietnamese.

Numbers, currencies and scales are read as in a table of figures (`amounts`); here are the hedges around them
("hơn 37 tỷ USD", "$4-5 billion"). Raises CellError.
"""

import re
from decimal import Decimal

from . import amounts
from .cells import CellError

SCALES = {"mn": Decimal(10) ** 6, "bn": Decimal(10) ** 9}  # the words of a ledger's unit column
MILLION = Decimal(10) ** 6
NOTHING = amounts.Unit()  # neither currency nor scale is stated
NUMBER = r"\D*\d[\d.,]*"
RANGE = re.compile(
    rf"(?P<low>{NUMBER}[^\d]*?)\s*(?:[-–—‐‑]|\b(?:to|and|đến|tới|và)\b)\s*(?P<high>(?!\s*[-–—]){NUMBER}\D*)"
)
FROM = re.compile(r"^(?:from|between|từ|trong khoảng|khoảng từ)\b\s*")


def value(text: str, currency: str, unit: str) -> Decimal | None:
    """USD million from a ledger's value, currency and unit cells; None where no value was published.

    A value may carry its own currency and scale ("US$50.15 billion", "8,1 tỷ USD"). Nothing is guessed: a
    currency other than USD, a column's unit other than mn or bn, or a bound ("over 90") is refused.
    """
    if not text.strip():
        return None
    if _ends(text) or amounts.hedge(text):
        raise CellError("needs_choice", "a bound or a range is not a value", "state value_used, and why in the note")
    return _usd_mn(_amount(text, text), currency, unit)


def bounds(text: str, currency: str, unit: str) -> tuple[Decimal | None, Decimal | None]:
    """Lowest and highest USD million of a printed range or bound, None where it is open; both None for `about`.

    Raises CellError where the value is neither, or its numbers cannot be read.
    """
    if ends := _ends(text):
        low, high = (_amount(end, text) for end in ends)
        least, most = _usd_mn(low, currency, unit, high.unit), _usd_mn(high, currency, unit, low.unit)
        if least > most:
            raise CellError("bad_value", "the range ends below its start", "write it as low-high")
        return least, most
    hedge = amounts.hedge(text)
    if not hedge:
        raise CellError("not_a_number", "neither a range nor a bound", "write over 90 or 4-5")
    amount = _usd_mn(_amount(hedge.rest, text, hedge.locale), currency, unit)
    return (amount if hedge.kind == "low" else None), (amount if hedge.kind == "high" else None)


def printed_unit(text: str) -> amounts.Unit:
    """The currency and scale that a value, range or bound prints itself; nothing where it cannot be read."""
    ends, hedge = _ends(text), amounts.hedge(text)
    parts, locale = ends or ((hedge.rest,) if hedge else (text,)), hedge.locale if hedge else None
    try:
        units = [_amount(part, text, locale).unit for part in parts]
    except CellError:
        return NOTHING
    currency = next((unit.currency for unit in units if unit.currency), None)
    return amounts.Unit(currency, next((unit.scale for unit in reversed(units) if unit.scale), None))


def _ends(text: str) -> tuple[str, str] | None:
    found = RANGE.fullmatch(FROM.sub("", amounts.plain(text)))
    return (found["low"], found["high"]) if found else None


def _amount(text: str, whole: str, locale: str | None = None) -> amounts.Amount:
    return amounts.amount(text, locale, strict_point=amounts.is_vietnamese(whole))


def _usd_mn(amount: amounts.Amount, currency: str, unit: str, beside: amounts.Unit = NOTHING) -> Decimal:
    """USD million, by what the value, the other end of its range, or the columns state, in this order."""
    printed = amount.unit.currency or beside.currency
    if printed not in (None, "USD"):
        raise CellError("unknown_currency", f"currency {printed} is not USD", "convert, and state USD")
    if printed is None and not currency:
        raise CellError("currency_missing", "a value without a currency", "state USD", "currency")
    if printed is None and currency != "USD":
        raise CellError("unknown_currency", f"currency {currency!r} is not USD", "convert, and state USD", "currency")
    scale = amount.unit.scale or beside.scale or SCALES.get(unit)
    if scale is None:
        raise CellError("bad_value", f"unit {unit!r} is neither mn nor bn", "state mn or bn", "unit")
    return amount.number * scale / MILLION
