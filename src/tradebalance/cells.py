"""One printed cell -> a number or a date with its unit; refuses what is ambiguous.

Every function raises CellError, whose code, reason and fix go into a problem report.
"""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
SCALES = {"mn": Decimal(1), "bn": Decimal(1000)}
MONEY = re.compile(r"(?:US\$|\$|USD)\s*(\S+?)\s*(bn|billion|mn|million)", re.IGNORECASE)
COMMA_NUMBER = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+,\d+")
LOWER_BOUND = r"over|more than|at least|exceeding|above|hơn|trên|>=?|≥"
UPPER_BOUND = r"nearly|almost|up to|at most|less than|below|under|gần|dưới|<=?|≤"
BOUND = re.compile(
    rf"(?:(?P<low>{LOWER_BOUND})|(?P<high>{UPPER_BOUND})|about|around|approximately|khoảng|~)(?!\w)\s*(?P<amount>.*)",
    re.IGNORECASE,
)
CURRENCY, SCALE = r"(?:US\$|\$|USD)", r"(?:bn|billion|mn|million)"
RANGE = re.compile(
    rf"({CURRENCY}?\s*)([\d.]+)\s*({SCALE}?)\s*(?:[-–—]|to|đến)\s*{CURRENCY}?\s*([\d.]+)\s*({SCALE}?)", re.IGNORECASE
)
SCALE_WORDS = {"billion": "bn", "million": "mn"}

VAGUE_DATE = re.compile(
    r"(?P<hedge>before |end-|about )?"
    r"(?P<first>\d{4}(?:Q[1-4]|-\d{2}(?:-\d{2})?)?)"
    r"(?:-(?P<last>\d{4})(?!\d))?"
    r"(?P<more>\s.*)?"
)
SLASHED_DATE = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
NO_DATE = {"", "not stated", "not disclosed"}
PARTIAL_END = re.compile(r"\b(first|part|rest)\b")


class CellError(ValueError):
    """A cell that cannot be read, or not without guessing: the problem's code, the reason, the fix.

    `cell` says which one, where several were read together.
    """

    def __init__(self, code: str, reason: str, fix: str, cell: str = "value"):
        super().__init__(reason)
        self.code, self.reason, self.fix, self.cell = code, reason, fix, cell


@dataclass(frozen=True)
class VagueDate:
    """A date as printed: the earliest and latest day it can mean (None = open) and the words."""

    earliest: dt.date | None
    latest: dt.date | None
    words: str


def decimal(text: str) -> Decimal:
    """A plain number with a decimal point, exactly. Thousands separators and decimal commas are refused."""
    text = text.strip()
    if PLAIN_NUMBER.fullmatch(text):
        return Decimal(text)
    fix = "print digits, with a point before decimals and nothing between thousands"
    if COMMA_NUMBER.fullmatch(text):
        raise CellError("ambiguous_number", "a comma may stand for decimals or for thousands", fix)
    raise CellError("not_a_number", "not a plain number", fix)


def money(value: str, currency: str, unit: str) -> Decimal | None:
    """USD million from a ledger's value, currency and unit cells; None where no value was published.

    A value may carry its own currency and scale ("US$50.15 billion"). Nothing is guessed: a
    currency other than USD, a scale other than mn or bn, or a bound ("over 90") is refused.
    """
    value = value.strip()
    if not value:
        return None
    if BOUND.match(value) or RANGE.fullmatch(value):
        raise CellError("needs_choice", "a bound or a range is not a value", "state value_used, and why in the note")
    printed = MONEY.fullmatch(value)
    if printed:
        word = printed[2].lower()
        return decimal(printed[1]) * SCALES[SCALE_WORDS.get(word, word)]
    number = decimal(value)
    if not currency:
        raise CellError("currency_missing", "a value without a currency", "state USD", "currency")
    if currency != "USD":
        raise CellError("unknown_currency", f"currency {currency!r} is not USD", "convert, and state USD", "currency")
    if unit not in SCALES:
        raise CellError("bad_value", f"unit {unit!r} is neither mn nor bn", "state mn or bn", "unit")
    return number * SCALES[unit]


def bounds(value: str, currency: str, unit: str) -> tuple[Decimal | None, Decimal | None]:
    """Lowest and highest USD million of a printed range or bound, None where it is open; both None for `about`.

    Raises CellError where the value is neither, or its numbers cannot be read.
    """
    value = value.strip()
    spread = RANGE.fullmatch(value)
    if spread:
        sign, low, low_scale, high, high_scale = (part.strip() for part in spread.groups())
        ends = ((low, low_scale or high_scale), (high, high_scale or low_scale))
        pair = [_one_end(sign, number, scale, currency, unit) for number, scale in ends]
        if None in pair or (pair[0] or 0) > (pair[1] or 0):
            raise CellError("bad_value", "the range ends below its start", "write it as low-high")
        return pair[0], pair[1]
    bound = BOUND.match(value)
    if not bound:
        raise CellError("not_a_number", "neither a range nor a bound", "write over 90 or 4-5")
    amount = money(bound["amount"], currency, unit)
    return (amount if bound["low"] else None), (amount if bound["high"] else None)


def _one_end(sign: str, number: str, scale: str, currency: str, unit: str) -> Decimal | None:
    if sign and scale:
        return money(f"USD {number} {scale}", currency, unit)
    if scale:
        return money(number, currency, {"billion": "bn", "million": "mn"}.get(scale.casefold(), scale.casefold()))
    return money(number, "USD" if sign else currency, unit)


def vague_date(text: str) -> VagueDate:
    """A ledger's date, as vague as it was printed.

    "end-2027" is its last quarter, "before D" ends the day before D, a year, quarter or month
    spans it all. An end said of a part only ("2028 for first 50") leaves the latest day open.
    """
    words = text.strip()
    if words in NO_DATE:
        return VagueDate(None, None, words)
    fix = "write 2025, 2025Q1, 2025-03, 2025-03-13, end-2027 or before 2025-03-13"
    if SLASHED_DATE.match(words):
        raise CellError("ambiguous_date", "day and month may stand either way round", fix)
    match = VAGUE_DATE.fullmatch(words)
    if not match:
        raise CellError("bad_date", "not a date", fix)
    hedge, first, last = match["hedge"], match["first"], match["last"]
    if (hedge == "before " and last) or (hedge == "end-" and (last or len(first) > 4)):
        raise CellError("bad_date", f"{hedge.strip(' -')!r} goes with one date, and end- with a year", fix)
    try:
        earliest, latest = span(first)
        latest = span(last)[1] if last else latest
        if hedge == "before ":
            return VagueDate(None, earliest - dt.timedelta(days=1), words)
    except (ValueError, OverflowError):
        raise CellError("bad_date", "no such day in the calendar", fix) from None
    if hedge == "end-":
        earliest = dt.date(latest.year, 10, 1)
    if latest < earliest:
        raise CellError("bad_interval", "the range ends before it starts", fix)
    open_end = match["more"] and PARTIAL_END.search(match["more"])
    return VagueDate(earliest, None if open_end else latest, words)


def span(text: str) -> tuple[dt.date, dt.date]:
    """First and last day of a year, quarter, month or day in ISO form (a quarter as 2026Q1)."""
    if "Q" in text:
        year, number = (int(part) for part in text.split("Q"))
        return dt.date(year, 3 * number - 2, 1), _month_end(year, 3 * number)
    if len(text) == 10:
        return dt.date.fromisoformat(text), dt.date.fromisoformat(text)
    if len(text) == 7:
        first = dt.date.fromisoformat(f"{text}-01")
        return first, _month_end(first.year, first.month)
    return dt.date(int(text), 1, 1), dt.date(int(text), 12, 31)


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def fold(text: str) -> str:
    """A text for looking up words: no case, no diacritics, one space between words (`Trị giá` -> `tri gia`)."""
    plain = unicodedata.normalize("NFKD", text.strip()).casefold().replace("đ", "d")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
