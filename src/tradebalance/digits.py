"""Digits and the separators between them -> an exact number, by the locale or by what they prove themselves.

A comma or point that may stand for decimals or for thousands is refused. Raises CellError.
"""

import re
from decimal import Decimal
from functools import cache

from .cells import CellError

MOST_DIGITS = 30
POINT, COMMA = ".", ","
PLAIN = re.compile(r"[0-9]+")
GROUPED = {sep: re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(sep)}[0-9]{{3}})+") for sep in ".,' "}
LAKHS = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
ONE_NUMBER = "give one plain number"


@cache
def decimal_sign(locale: str) -> str:
    """The decimal sign of a locale such as vi, de or en_US. Raises CellError for an unknown one."""
    from babel import Locale, UnknownLocaleError

    try:
        found = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise CellError("ambiguous_number", f"no locale {locale!r}", "state a locale such as vi, en or de") from None
    return str(found.number_symbols["latn"]["decimal"])


def number_of(digits: str, locale: str | None, *, strict_point: bool = False) -> tuple[Decimal, str | None, Decimal]:
    """The digits as a number, the decimal sign that they prove, and the unit of the last digit."""
    if sum(character.isdigit() for character in digits) > MOST_DIGITS:
        raise CellError("bad_value", f"more than {MOST_DIGITS} digits", ONE_NUMBER)
    readings = {sign: value for sign in (POINT, COMMA) if (value := _read(digits, sign)) is not None}
    if not readings:
        raise CellError("bad_value", "separators that make no number", ONE_NUMBER)
    if locale is not None and decimal_sign(locale) not in readings:
        reason = f"not a number as the locale {locale} prints them"
        raise CellError("locale_conflict", reason, "correct the cell, or state the locale that it is in")
    if locale is not None:
        return readings[decimal_sign(locale)], decimal_sign(locale), _last(digits, decimal_sign(locale))
    if len(set(readings.values())) == 2 and (COMMA in digits or strict_point):
        reason = "it may stand for decimals or for thousands"
        raise CellError("ambiguous_number", f"{digits!r}: {reason}", "state the locale, such as vi or en")
    sign = POINT if POINT in readings else COMMA
    proven = sign if len(set(readings.values())) == 1 and len(readings) == 1 else None
    return readings[sign], proven, _last(digits, sign)


def _read(digits: str, sign: str) -> Decimal | None:
    """The digits with `sign` before decimals; None if they are no number then."""
    whole, found, decimals = digits.partition(sign)
    if found and not PLAIN.fullmatch(decimals):
        return None
    other = POINT if sign == COMMA else COMMA
    grouped = any(GROUPED[group].fullmatch(whole) for group in (other, "'", " "))
    if not (PLAIN.fullmatch(whole) or grouped or (sign == POINT and LAKHS.fullmatch(whole))):
        return None
    return Decimal(re.sub(r"[^0-9]", "", whole) + (f".{decimals}" if found else ""))


def _last(digits: str, sign: str) -> Decimal:
    return Decimal(1).scaleb(-len(digits.partition(sign)[2]))
