"""What pages say: messages of a catalogue by key, their named placeholders filled with numbers as they are printed.

A message stands whole in `messages/<language>.po`, to be worded otherwise without reading code. A placeholder says how
its value is shown: `{gap:bn}` is USD million in billions, `{share:pct1}` a fraction in per cent with one decimal,
`{reporter:book}` the book of a country's code, `{as_of:month}` a month in words; without a form a value is shown as it
is, and Python's own forms work too (`{lag:.1f}`). Tables show numbers in the same forms.

Fixed words of a few letters, heads of tables and words in cells, are their own key, under the context `label`. The
language of all of it is `LANGUAGE`; separators of numbers, names of months and lists are those of the Unicode CLDR.
"""

import datetime as dt
import gettext
import io
import math
import numbers
import pkgutil
import string
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn

import pandas as pd

from ..answers.answer import Range
from ..answers.simulation import Number
from ..words.phrase import Phrase
from ..words.terms import BOOKS, USD_MN_PER_BN, Pair, book_name, country_name, figures_name, quarter

LANGUAGE: ContextVar[str] = ContextVar("LANGUAGE", default="en")  # of all words and numbers that pages are made of


class Worded(str):
    """Words in the reader's language, or a name that has none: no label any more."""

    __slots__ = ()


# --- numbers and dates ----------------------------------------------------------------------------


def number(amount: Any, form: str = ",.1f") -> str:
    """A number in one of Python's forms, with the language's separators: `1,234.5`."""
    return format(amount, form).translate(_separators(LANGUAGE.get()))


@cache
def _separators(language: str) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return str.maketrans({",": get_group_symbol(language), ".": get_decimal_symbol(language)})


def billions(usd_mn: Number | Decimal, digits: int = 1) -> str:
    """USD million as billions, without a unit: `210.9`."""
    return number(float(usd_mn) / USD_MN_PER_BN, f",.{digits}f")


def bn(amount: str) -> str:
    """Billions as printed, with their unit: `210.9 bn`."""
    return say("page.bn", amount=amount)


def exact_billions(usd_mn: Number | Decimal) -> str:
    """USD million as billions with every digit that is there: `8.25`."""
    return number(float(usd_mn) / USD_MN_PER_BN, "g")


def percent(share: Number | Decimal | None, digits: int = 2) -> str:
    """A fraction as `0.40 %`; None is one that is not known."""
    return label("an unknown share") if share is None else with_per_cent(number(float(share) * 100, f",.{digits}f"))


def with_per_cent(points: str) -> str:
    """Hundredths as printed, with their sign: `0.40 %`."""
    return say("page.per_cent", points=points)


def month(when: pd.Period | dt.date, form: str = "yMMMM") -> str:
    """A month in words, by a skeleton of the Unicode CLDR: `August 2026`, `Aug 2026` by `yMMM`, `Aug` by `MMM`."""
    from babel.dates import format_skeleton

    return format_skeleton(form, dt.date(when.year, when.month, 1), locale=LANGUAGE.get())


def day(when: dt.date) -> str:
    """A day with its month in short: `02 Apr 2025`."""
    return say("page.day", day=when, month=month(when, "yMMM"))


def period(when: object) -> str:
    """A quarter as the language writes it, `2026Q3`; every other period, as a month, by its ISO form: `2026-08`."""
    if isinstance(when, pd.Period) and when.freqstr.startswith("Q"):
        return say("page.quarter", year=when.year, quarter=when.quarter)
    return str(when)


def bn_cell(usd_mn: Number | Decimal | None, absent: str = "", digits: int = 2) -> str:
    """Billions in a cell that may have nothing to show."""
    return absent if usd_mn is None else billions(usd_mn, digits)


def from_to(*ends: str) -> str:
    """Two ends as `Q3 to Q4`, or the one that both are."""
    first, *last = dict.fromkeys(ends)
    return say("page.from_to", first=first, last=last[0]) if last else first


def span(low: Number, high: Number, digits: int = 2) -> str:
    """Billions from low to high: `10.60 to 24.63`."""
    return between(billions(low, digits), billions(high, digits))


def between(low: str, high: str) -> str:
    """What lies between two printed numbers, which may be the same: `4 to 14`."""
    return say("page.from_to", first=low, last=high)


def within(middle: str, low: str, high: str) -> str:
    """A printed number with its range: `16.8 (10.6 to 24.6)`."""
    return say("page.range", middle=middle, low=low, high=high)


def out_of(part: object, whole: object) -> str:
    """Two counts: `3 of 8`."""
    return say("page.of", part=part, whole=whole)


def ends(usd_mn: Sequence[Number], digits: int = 1) -> str:
    """The least and the most of some amounts as billions, `0.1 to 1.0`, or the one that both are."""
    return from_to(*(billions(end(usd_mn), digits) for end in (min, max)))


def banded(row: pd.Series, middle: str = "p50", low: str = "p05", high: str = "p95") -> str:
    """Billions of a row with its band: `16.8 (10.6 to 24.6)`."""
    return within(*(billions(row[point]) for point in (middle, low, high)))


# A decimal is shown where one of it is at least so many standard errors: other draws then seldom print another number,
# and never one that is further off than one of the last decimal.
CARRIED = 5


def decimals(error: float, most: int) -> int:
    """How many decimals draws carry by their standard error, at most so many."""
    return min(most, max(math.floor(-math.log10(CARRIED * error)), 0)) if error > 0 else most


def carried(amount: Number, error: float = 0.0, most: int = 1) -> str:
    """A number with the decimals that its draws carry. An error of 0 is of an exact number."""
    return _rounded(float(amount), decimals(error, most))


def _rounded(amount: float, digits: int) -> str:
    return number(round(amount, digits) + 0.0, f",.{digits}f")  # no minus before a zero


def minus(number: str) -> str:
    """A printed number with a minus sign for its hyphen."""
    return number.replace("-", "\N{MINUS SIGN}")


def parts_adding_up(
    amounts: Sequence[Number | Decimal], digits: int = 1, scale: float = 1 / USD_MN_PER_BN
) -> list[float]:
    """Amounts (of USD million in billions, unless scaled otherwise) rounded so that as printed they add up to their sum
    as printed: by largest remainders, none further from its amount than one of the last decimal."""
    unit = 10.0**-digits
    exact = [float(amount) * scale / unit for amount in amounts]
    units = [math.floor(each) for each in exact]
    whole = float(f"{math.fsum(map(float, amounts)) / (1 / scale):.{digits}f}")  # as printed: not every half goes up
    missing = round(whole / unit) - sum(units)
    for at in sorted(range(len(exact)), key=lambda at: units[at] - exact[at])[:missing]:
        units[at] += 1
    return [round(each * unit, digits) for each in units]


def mean_and_range(amounts: Range, most: int, unit: Callable[[str], str] = str, scale: float = 1) -> str:
    """A mean with its 5 to 95 % range, with the decimals that the draws carry, as many at both ends: `0.40 % (0.2 to
    0.6)`; without the range where nothing is drawn. `unit` puts one beside the mean."""
    mean = unit(carried(scale * float(amounts.mean), scale * amounts.standard_errors.mean, most))
    return mean if amounts.is_exact else within(mean, *_ends_of(amounts, most, scale))


def ends_of(amounts: Range, most: int = 1, scale: float = 1 / USD_MN_PER_BN) -> str:
    """The 5 and 95 % points, both with the decimals that the draws carry: `4 to 14`."""
    return between(*_ends_of(amounts, most, scale))


def with_range(mean: str, amounts: Range, most: int = 1) -> str:
    """Printed billions with the range of what they are the mean of; without it where nothing varies."""
    is_one = amounts.p05 == amounts.mean == amounts.p95
    return mean if is_one else within(mean, *_ends_of(amounts, most, 1 / USD_MN_PER_BN))


def _ends_of(amounts: Range, most: int, scale: float) -> tuple[str, str]:
    errors = amounts.standard_errors
    digits = decimals(scale * max(errors.p05, errors.p95), most)
    return _rounded(scale * float(amounts.p05), digits), _rounded(scale * float(amounts.p95), digits)


def ranged(amounts: Range, most: int = 1) -> str:
    """Billions with their 5 to 95 % range: `17 (10 to 25)`; without it where nothing varies."""
    found = mean_and_range(amounts, most, scale=1 / USD_MN_PER_BN)
    return found.partition(" ")[0] if amounts.p05 == amounts.mean == amounts.p95 else found


def ranged_share(shares: Range | None) -> str:
    """A share with its 5 to 95 % range: `0.40 % (0.2 to 0.6)`."""
    undefined = label("not defined: there is no surplus to close")
    return undefined if shares is None else mean_and_range(shares, 2, with_per_cent, 100)


# --- words ----------------------------------------------------------------------------------------


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    from babel.lists import format_list

    language = LANGUAGE.get()
    return format_list(parts, locale="en_GB" if language == "en" else language)  # no comma before the last


def spaced(name: str) -> str:
    """A name of code as words: `seasonal naive`."""
    return name.replace("_", " ")


def opening(words: str) -> str:
    """Words with a capital letter first, all else as it is."""
    return Worded(words[:1].upper() + words[1:])


def group_words(name: str) -> str:
    """`goods_ex_aircraft` as `goods without aircraft`."""
    of, _, out = (label_if_any(spaced(part)) for part in name.partition("_ex_"))
    return say("page.without", of=of, out=out) if out else of


def country(code: str) -> str:
    """A country, by its code, which stands for one that has no name: `the United States`."""
    name = country_name(code)
    return code if name == code else label(name)


def country_alone(code: str) -> str:
    """A country where no sentence is about it: `United States`."""
    return label("United States") if code == "USA" else country(code)


def side(code: str) -> str:
    """Whose figures, where there is little room: `US`, `Vietnam`."""
    return label("US") if code == "USA" else country(code)


def book(reporter: str) -> str:
    """Whose figures, as the model calls them: `US Census book`."""
    return label(book_name(reporter)) if reporter in BOOKS else say("page.book", reporter=reporter)


def figures(reporter: str) -> str:
    """Whose figures, in a reader's words: `US Census figures`."""
    return label(figures_name(reporter)) if reporter in BOOKS else say("page.figures", reporter=reporter)


def whose(code: str) -> str:
    """A country before what is its own: `US`, `Vietnam's`."""
    return label("US") if code == "USA" else say("page.whose", country=code)


def pair_words(pair: Pair) -> str:
    """Both countries, for a line above a title: `Vietnam–United States`."""
    return say("page.pair", pair=pair)


TEN = ("no times in ten", "one times in ten", "two times in ten", "three times in ten", "four times in ten",
       "five times in ten", "six times in ten", "seven times in ten", "eight times in ten", "nine times in ten",
       "ten times in ten")  # fmt: skip


def times_in_ten(share: float) -> str:
    """A chance in plain words: `eight times in ten`."""
    return label(TEN[round(10 * share)])


FORMS: dict[str, Callable[[Any], str]] = {
    "bn": billions,
    "bn0": lambda usd_mn: billions(usd_mn, 0),
    "moved": lambda usd_mn: number(float(usd_mn) / USD_MN_PER_BN, "+,.1f"),
    "bn2": lambda usd_mn: billions(usd_mn, 2),
    "ends": ends,
    "ends2": lambda usd_mn: ends(usd_mn, 2),
    "pct": percent,
    "pct0": lambda share: percent(share, 0),
    "pct1": lambda share: percent(share, 1),
    "points1": lambda share: number(float(share) * 100, ".1f"),
    "ranged": ranged,
    "share": ranged_share,
    "in_ten": times_in_ten,
    "number": lambda value: number(float(value), "g"),
    "list": listed,
    "label": lambda words: label(words),
    "label_if_any": lambda words: label_if_any(words),
    "book": book,
    "figures": figures,
    "country": country,
    "country_alone": country_alone,
    "side": side,
    "whose": whose,
    "quarter": lambda written: period(quarter(written)),
    "month": month,
    "short_month": lambda when: month(when, "yMMM"),
    "spaced": spaced,
    "group": group_words,
    "opening": opening,
}


class Filler(string.Formatter):
    """Fills the placeholders of a message, each in its form."""

    def format_field(self, value: Any, form: str) -> str:
        if form in FORMS:
            return FORMS[form](value)
        if form and isinstance(value, numbers.Number):
            return number(value, form)
        if isinstance(value, Phrase):
            return phrase(value)
        return str(super().format_field(value, form)) if form else period(value)


# --- the catalogue --------------------------------------------------------------------------------

LABEL = "label"  # the context of words that are their own key


class Missing(gettext.NullTranslations):
    """What answers where a catalogue does not have a label."""

    def pgettext(self, context: str, message: str) -> NoReturn:
        raise KeyError(f"no {context} {message!r} in messages/{LANGUAGE.get()}.po")


@cache
def catalogue(language: str = "en") -> gettext.GNUTranslations:
    """The messages of a language, by key. A label that is left open in English is what it says."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    messages = read_po(io.BytesIO(pkgutil.get_data(__name__, f"messages/{language}.po") or b""))
    for message in messages:
        if language == "en" and message.context == LABEL and not message.string:
            message.string = message.id
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    found = gettext.GNUTranslations(compiled)
    found.add_fallback(Missing())
    return found


def say(key: str, **values: Any) -> str:
    """A message with its placeholders filled; one with a plural goes by `count`. Raises KeyError for one that is not in
    the catalogue, or lacks a value."""
    messages = catalogue(LANGUAGE.get())
    message = messages.ngettext(key, key, values["count"]) if "count" in values else key
    message = messages.gettext(key) if message == key else message
    if message == key:
        raise KeyError(f"no message {key!r} in messages/{LANGUAGE.get()}.po")
    return Worded(Filler().vformat(message, (), values))


def said_if_any(key: str, **values: Any) -> str:
    """A message of a name that may have none; nothing then."""
    return "" if catalogue(LANGUAGE.get()).gettext(key) == key else say(key, **values)


def label(words: str) -> str:
    """A fixed word or a few, as the language has them; what is said already stays as it is. Raises KeyError for words
    that are not in the catalogue."""
    return words if isinstance(words, Worded) else Worded(catalogue(LANGUAGE.get()).pgettext(LABEL, words))


def label_if_any(words: str) -> str:
    """A word of a file: as the language has it where it has it, else as it stands."""
    try:
        return label(words)
    except KeyError:
        return words


def phrase(words: str) -> str:
    """Words of a lower room in the reader's language; of a template that the catalogue does not have, as they stand."""
    return (
        words
        if not isinstance(words, Phrase)
        else Worded(Filler().vformat(label_if_any(words.template), (), words.values))
    )


def of_chart(key: str, **values: Any) -> dict[str, str]:
    """A chart's name, its finding, its words for who cannot see it, and its unit: the messages `<key>.title`, `.alt`,
    `.unit`."""
    return {
        "name": key.rpartition(".")[2].replace("_", "-"),
        **{part: say(f"{key}.{part}", **values) for part in ("title", "alt", "unit")},
    }
