"""One printed amount in a table of figures -> an exact number, with the currency, scale and mark printed beside it.

Nothing is guessed: a comma or point that may stand for decimals or for thousands is refused unless the locale, or
the digits themselves, say which. Raises CellError.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import NamedTuple, TypeVar

from .cells import CellError, fold

MOST_DIGITS = 30
POINT, COMMA = ".", ","
PLAIN = re.compile(r"[0-9]+")
GROUPED = {sep: re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(sep)}[0-9]{{3}})+") for sep in ".,' "}
LAKHS = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
ONE_NUMBER = "give one plain number"
Meaning = TypeVar("Meaning")


def by_word(table: Mapping[Meaning, str]) -> dict[str, Meaning]:
    """The meaning of each word, of a table that lists a meaning's words with bars between them."""
    return {word: meaning for meaning, words in table.items() for word in words.split("|")}


@cache
def decimal_sign(locale: str) -> str:
    """The decimal sign of a locale such as vi, de or en_US. Raises CellError for an unknown one."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(locale.replace("-", "_")).number_symbols["latn"]["decimal"])
    except (UnknownLocaleError, ValueError):
        raise CellError("ambiguous_number", f"no locale {locale!r}", "state a locale such as vi, en or de") from None


def number_of(digits: str, locale: str | None, *, strict_point: bool = False) -> tuple[Decimal, str | None, Decimal]:
    """The digits as a number, the decimal sign that they prove, and the unit of the last digit."""
    if sum(character.isdigit() for character in digits) > MOST_DIGITS:
        raise CellError("bad_value", f"more than {MOST_DIGITS} digits", ONE_NUMBER)
    readings = {sign: value for sign in (POINT, COMMA) if (value := _read(digits, sign)) is not None}
    if not readings:
        raise CellError("bad_value", "separators that make no number", ONE_NUMBER)
    if locale is not None:
        sign = decimal_sign(locale)
        if sign not in readings:
            reason = f"not a number as the locale {locale} prints them"
            raise CellError("locale_conflict", reason, "correct the cell, or state the locale that it is in")
    elif len(set(readings.values())) == 2 and (COMMA in digits or strict_point):
        reason = f"{digits!r}: it may stand for decimals or for thousands"
        raise CellError("ambiguous_number", reason, "state the locale, such as vi or en")
    else:
        sign = POINT if POINT in readings else COMMA
    proven = sign if locale is not None or len(readings) == 1 else None
    return readings[sign], proven, Decimal(1).scaleb(-len(digits.partition(sign)[2]))


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


CURRENCY_OF = by_word({
    "USD": "usd|us$|u.s.$|$|us dollar|us dollars|u.s. dollars|dollar|dollars|do la my|do la|do|usd$",
    "VND": "vnd|dong|₫|d|viet nam dong|vietnamese dong",
    "EUR": "eur|€|euro|euros",
    "GBP": "gbp|£|pounds",
    "JPY": "jpy|¥|yen",
    "CNY": "cny|rmb|yuan|nhan dan te",
})  # fmt: skip
SCALE_OF = by_word({
    Decimal(10) ** 3: "thousand|thousands|k|nghin|ngan|000|'000|000s|ths|tsd|mille",
    Decimal(10) ** 5: "lakh|lakhs",
    Decimal(10) ** 6: "mn|million|millions|mio|mln|mil|mm|m|trieu|tr|millionen|millones|millon",
    Decimal(10) ** 7: "crore|crores",
    Decimal(10) ** 9: "bn|bln|billion|billions|b|ty|ti|mrd|milliard|milliards|milliarden|nghin trieu|thousand million",
    Decimal(10) ** 12: "trillion|trillions|trn|tn|nghin ty|ngan ty|nghin ti|ngan ti",
})  # fmt: skip
STATUS_OF = by_word({
    "preliminary": "p|prel|prelim|preliminary|provisional|so bo|uoc tinh so bo|so lieu so bo",
    "revised": "r|rev|revised|dieu chinh",
    "estimated": "e|est|estimate|estimated|uoc tinh|uoc|uoc thuc hien",
    "final": "final|chinh thuc|f",
})  # fmt: skip
STATED_MISSING = {".", "..", "...", "…", "n/a", "na", "n.a.", "n.a", "-", "–", "—", ":"}  # a blank or NaN says nothing
NO_VALUE = STATED_MISSING | {"", "nan", "+nan", "-nan", "null", "none", "tbd", "tba", "nil", "x", "?", "--", "---"}
VIETNAMESE = {"ty", "ti", "trieu", "tr", "nghin", "ngan", "dong", "do"}  # a point beside them may stand for thousands
MINUS = "-−–—﹣‐‑˗"
MARK = re.compile(
    r"(?P<core>.*?)\s*(?P<mark>(?:[*†‡§]+|\([*†‡§]+\)|⁽?[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾?|[ᵃᵇᶜᵈᵉᶠᵖʳ]"
    r"|\((?=[^)]*[^\W\d_])[^()\d]{1,20}\)|\[[^\[\]]{1,12}\]|\^\w{1,3})+)"
)
NOTE_NUMBER = re.compile(r"(?P<core>.*\d.*?)\s+(?P<mark>\(\d\))")
STATUS_LETTER = re.compile(r"(?P<core>.*\d)\s*(?P<mark>[pre])", re.IGNORECASE)
STRAY = re.compile(r"\s*[.,;/:]")
UNIT_IN_BRACKETS = re.compile(r"\s*\(([^()]*[^\W\d_][^()]*)\)\s*")
SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?e[+-]?[0-9]{1,4}", re.IGNORECASE)
DIGITS = re.compile(r"[0-9](?:[0-9.,' ’ʼ´`]*[0-9])?")
SUBSTITUTES = str.maketrans({"’": "'", "ʼ": "'", "´": "'", "`": "'", "‘": "'"})
BAD_LOOKS = (
    (re.compile(r".+ (?:hidden|struck out)"), "hidden or struck out: show it if it counts, or delete it"),
    (re.compile(r"=.*", re.DOTALL), "a formula that nobody calculated, not its result"),
    (re.compile(r"[-\d.e]+ \([^()]*[0#?],+[^()]*\)", re.IGNORECASE), "its number format shows thousands of it or more"),
    (re.compile(r"#+|#.*[!?/].*|#name\??|#n/a", re.IGNORECASE), "a spreadsheet's error or a column too narrow"),
    (re.compile(r"[+-]?inf(inity)?|∞", re.IGNORECASE), "not finite"),
    (re.compile(r".*[%‰].*", re.DOTALL), "a percentage, not a value"),
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*|\d{1,2}/\d{1,2}/\d{2,4}"), "a date: have columns shifted?"),
    (re.compile(r".*\d[\s\w$]*(?:[-–—‐~]|to|den|and)\s*[\s$\w]*\d.*", re.IGNORECASE), "a range, not one value"),
    (re.compile(r"\D*(over|nearly|about|around|almost|approx|circa|ca\.|up to|at least|at most|more than|less than|"
                r"hon|gan|khoang|tren|duoi|~|≈|<|>|≥|≤)\W*.*\d.*", re.IGNORECASE), "a bound or an approximation"),
)  # fmt: skip
ENGLISH = {
    "low": "over|more than|at least|exceeding|above|just over|well over|no less than|not less than|>|>=|≥",
    "high": "nearly|almost|up to|at most|as much as|no more than|not more than|less than|below|under|<|<=|≤",
    "about": "about|around|approximately|approx.|approx|circa|ca.|c.|roughly|some|an estimated|estimated|~|≈",
}
IN_VIETNAMESE = {
    "low": "hon|tren|it nhat|toi thieu|khong duoi|vuot",
    "high": "gan|duoi|toi da|khong qua|len toi|len den",
    "about": "khoang|vao khoang|xap xi|uoc tinh|uoc khoang|uoc",
}
HEDGE_OF = by_word(ENGLISH) | by_word(IN_VIETNAMESE)
HEDGE = re.compile(
    r"(?P<word>" + "|".join(map(re.escape, sorted(HEDGE_OF, key=len, reverse=True))) + r")(?![a-z])\s*(?P<rest>.*)"
)
OR_MORE = re.compile(r"(?P<rest>.*\d.*?)\s*(?:\bor more|\bhoặc hơn|\btrở lên)")
BOUNDS = {"low": "at least", "high": "at most"}
LARGEST_EXPONENT = 15
LONGEST_CELL = 120  # characters; beyond it a cell is a text


@dataclass(frozen=True)
class Unit:
    """The currency and scale of a cell, unit column, header or option, each None where not stated."""

    currency: str | None = None
    scale: Decimal | None = None


@dataclass(frozen=True)
class Amount:
    """What a cell printed: the number, and the unit and mark beside it, nothing or None where not printed.

    `style` is the decimal sign that the digits prove ("." or ","), None where they prove neither;
    `unit_of_last_digit` is 1 for 31, 0.1 for 31.4.
    """

    number: Decimal
    unit: Unit = Unit()
    mark: str | None = None
    style: str | None = None
    unit_of_last_digit: Decimal = Decimal(1)


def unit(text: str) -> Unit:
    """`USD bn`, `million US$`, `tỷ đồng` -> Unit; an empty text states nothing. Raises CellError for other words."""
    return _unit(fold(text[:LONGEST_CELL]))


def unit_or_none(text: str) -> Unit:
    """The same, other words stating nothing either."""
    try:
        return unit(text)
    except CellError:
        return Unit()


def status(mark: str) -> str:
    """A mark's meaning: preliminary, revised, estimated or final, or `note:` and the mark itself."""
    return STATUS_OF.get(fold(mark.strip("()[]^ ")).rstrip("."), f"note:{mark.strip('[]')}")


def amount(text: str, locale: str | None = None, *, strict_point: bool = False) -> Amount:
    """The printed amount. `strict_point` says that a lone point before three digits is ambiguous too, as it is
    beside a Vietnamese word (`1.200 triệu`).
    """
    if len(text) > LONGEST_CELL:
        raise CellError("bad_value", f"a cell of {len(text)} characters", ONE_NUMBER)
    bare, mark = split_mark(text.strip())
    plain = unicodedata.normalize("NFKC", bare).translate(SUBSTITUTES).strip()
    if SCIENTIFIC.fullmatch(plain):
        return _scientific(plain, mark)
    _refuse_what_is_no_value(plain)
    digits = DIGITS.search(plain)
    if digits is None:
        raise CellError("not_a_number", "not a number", "write it in digits")
    before, after = plain[: digits.start()], plain[digits.end() :]
    if re.search(r"\d", before + after):
        raise CellError("bad_value", "digits and letters mixed, or two numbers", ONE_NUMBER)
    if STRAY.match(after):
        raise CellError("bad_value", "a separator that separates nothing", ONE_NUMBER)
    negative, words = _sign(before, UNIT_IN_BRACKETS.sub(r" \1", after))
    try:
        stated = _unit(fold(words))
    except CellError:
        raise CellError("bad_value", f"{words.strip()!r} is neither a unit nor a sign", ONE_NUMBER) from None
    number, style, last = number_of(digits[0], locale, strict_point=strict_point or is_vietnamese(words))
    return Amount(-number if negative else number, stated, mark, style, last)


class Hedge(NamedTuple):
    """What a value is hedged with (low, high or about), the value without it, and `vi` where hedge and unit are in
    Vietnamese, which prints a comma before decimals."""

    kind: str
    rest: str
    locale: str | None


def plain(text: str) -> str:
    """Lower case, with composed letters and single blanks; superscripts stay what they are. Empty for a long text."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()) if len(text) <= LONGEST_CELL else ""


def hedge(text: str) -> Hedge | None:
    """The hedge of a value; None for a plain one."""
    words = plain(text)
    if more := OR_MORE.fullmatch(words):
        return Hedge("low", more["rest"], None)
    before = re.split(r"\d", words, maxsplit=1)[0]
    found = HEDGE.fullmatch(fold(before))
    if not found:
        return None
    rest = found["rest"] + words[len(before) :]
    in_vietnamese = found["word"] in by_word(IN_VIETNAMESE) and is_vietnamese(rest) and POINT not in rest
    return Hedge(HEDGE_OF[found["word"]], rest, "vi" if in_vietnamese else None)


def bounded(text: str, locale: str | None = None, *, strict_point: bool = False) -> Amount:
    """As `amount`; the bound that a phrase with its own unit states (`hơn 5,151 tỷ USD`) is marked as one."""
    hedged = hedge(text)
    if hedged and hedged.kind in BOUNDS:
        found = amount(hedged.rest, locale or hedged.locale, strict_point=strict_point)
        if found.unit != Unit():
            return replace(found, mark=BOUNDS[hedged.kind])
    return amount(text, locale, strict_point=strict_point)


def is_vietnamese(words: str) -> bool:
    """Whether a currency or scale is written in Vietnamese, where a point stands between thousands."""
    return not VIETNAMESE.isdisjoint(re.split(r"[\W\d]+", fold(words)))


def split_mark(text: str) -> tuple[str, str | None]:
    """A cell without the footnote marks at its end, and the marks. (USD) after a number is a unit and no mark."""
    for pattern in (MARK, NOTE_NUMBER, STATUS_LETTER):
        found = pattern.fullmatch(text)
        if found and re.search(r"\d", found["core"]) and unit_or_none(found["mark"].strip("()[]")) == Unit():
            return found["core"], status(found["mark"])
    return text, None


def _refuse_what_is_no_value(text: str) -> None:
    if text.casefold() in NO_VALUE:
        reason = "blank" if not text else "no figure; a missing one is '..' with allow_missing"
        raise CellError("bad_value", reason, ONE_NUMBER)
    for looks, reason in BAD_LOOKS:
        if looks.fullmatch(text) or looks.fullmatch(fold(text)):
            raise CellError("bad_value", reason, ONE_NUMBER)


def _scientific(text: str, mark: str | None) -> Amount:
    number = Decimal(text.replace(",", "."))
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise CellError("bad_value", "too large or too small for a figure", ONE_NUMBER)
    return Amount(number, mark=mark, unit_of_last_digit=Decimal(1).scaleb(int(str(number.as_tuple().exponent))))


def _sign(before: str, after: str) -> tuple[bool, str]:
    """Whether the amount is negative, and what stands around it besides the sign."""
    brackets = before.count("(") + after.count(")")
    around = before.replace("(", " ").strip() + " | " + after.replace(")", " ").strip()
    left, right = (side.strip() for side in around.split("|", 1))
    minuses = sum(side.count(sign) for side in (left, right) for sign in MINUS)
    at_an_end = any(side and side[place] in MINUS for side, place in ((left, 0), (left, -1), (right, 0), (right, -1)))
    words = f"{left} {right}".translate(dict.fromkeys(map(ord, MINUS), " "))
    unclear = brackets not in (0, 2) or brackets // 2 + minuses > 1 or "(" in after or ")" in before
    stray_plus = "+" in words and (minuses or brackets or left[:1] != "+")
    if unclear or stray_plus or (minuses and not at_an_end):
        raise CellError("bad_value", "the sign is unclear", ONE_NUMBER)
    return bool(brackets or minuses), words.removeprefix("+")


@cache
def _unit(words: str) -> Unit:
    """Folded words as currency and scale, the longest phrases first; every word must be known."""
    currency: str | None = None
    scale: Decimal | None = None
    bare = re.sub(r"[(),;/]|\bin\b|\bof\b", " ", words)
    parts = re.sub(r"(us\$|\$|€|£|¥|₫)", r" \1 ", bare).split()
    while parts:
        for length in range(min(4, len(parts)), 0, -1):
            phrase = " ".join(parts[:length])
            known_currency, known_scale = CURRENCY_OF.get(phrase), SCALE_OF.get(phrase)
            if known_currency and currency in (None, known_currency):
                currency = known_currency
            elif known_scale and scale is None:
                scale = known_scale
            else:
                continue
            del parts[:length]
            break
        else:
            raise CellError("unit_missing", f"{' '.join(parts)!r} is no unit", "say USD bn or USD mn", "unit")
    return Unit(currency, scale)
