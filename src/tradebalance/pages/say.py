"""What pages say: messages of a catalogue by key, their named placeholders filled with numbers as they are printed.

A message stands whole in `messages/<language>.po`, to be worded otherwise without reading code. A placeholder says how
its value is shown: `{gap:bn}` is USD million in billions, `{share:pct1}` a fraction in per cent with one decimal,
`{reporter:book}` the book of a country's code, `{as_of:month}` a month in words; without a form a value is shown as it
is, and Python's own forms work too (`{lag:.1f}`). Tables show numbers in the same forms.
"""

import gettext
import io
import math
import pkgutil
import string
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from ..answers.answer import Range
from ..answers.simulation import Number
from ..words.terms import USD_MN_PER_BN, book_name, country_name, figures_name

LANGUAGE = "en"


def billions(usd_mn: Number | Decimal, digits: int = 1) -> str:
    """USD million as billions, without a unit: `210.9`."""
    return f"{float(usd_mn) / USD_MN_PER_BN:,.{digits}f}"


def exact_billions(usd_mn: Number | Decimal) -> str:
    """USD million as billions with every digit that is there: `8.25`."""
    return f"{float(usd_mn) / USD_MN_PER_BN:g}"


def percent(share: Number | Decimal | None, digits: int = 2) -> str:
    """A fraction as `0.40 %`; None is one that is not known."""
    return "an unknown share" if share is None else f"{float(share) * 100:,.{digits}f} %"


def bn_cell(usd_mn: Number | Decimal | None, absent: str = "", digits: int = 2) -> str:
    """Billions in a cell that may have nothing to show."""
    return absent if usd_mn is None else billions(usd_mn, digits)


def from_to(*ends: str) -> str:
    """Two ends as `Q3 to Q4`, or the one that both are."""
    return " to ".join(dict.fromkeys(ends))


def span(low: Number, high: Number, digits: int = 2) -> str:
    """Billions from low to high: `10.60 to 24.63`."""
    return f"{billions(low, digits)} to {billions(high, digits)}"


def ends(usd_mn: Sequence[Number], digits: int = 1) -> str:
    """The least and the most of some amounts as billions, `0.1 to 1.0`, or the one that both are."""
    return from_to(*(billions(of(usd_mn), digits) for of in (min, max)))


def banded(row: pd.Series, middle: str = "p50", low: str = "p05", high: str = "p95") -> str:
    """Billions of a row with its band: `16.8 (10.6 to 24.6)`."""
    return f"{billions(row[middle])} ({billions(row[low])} to {billions(row[high])})"


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
    return f"{round(amount, digits) + 0.0:,.{digits}f}"  # no minus before a zero


def minus(number: str) -> str:
    """A printed number with a minus sign for its hyphen."""
    return number.replace("-", "\N{MINUS SIGN}")


def parts_adding_up(amounts: Sequence[Number], digits: int = 1, scale: float = 1 / USD_MN_PER_BN) -> list[float]:
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


def mean_and_range(amounts: Range, most: int, unit: str = "", scale: float = 1) -> str:
    """A mean with its 5 to 95 % range, with the decimals that the draws carry, as many at both ends: `0.40 % (0.2 to
    0.6)`; without the range where nothing is drawn."""
    mean = carried(scale * float(amounts.mean), scale * amounts.standard_errors.mean, most)
    return f"{mean}{unit}" if amounts.is_exact else f"{mean}{unit} ({ends_of(amounts, most, scale)})"


def ends_of(amounts: Range, most: int = 1, scale: float = 1 / USD_MN_PER_BN) -> str:
    """The 5 and 95 % points, both with the decimals that the draws carry: `4 to 14`."""
    errors = amounts.standard_errors
    digits = decimals(scale * max(errors.p05, errors.p95), most)
    return " to ".join(_rounded(scale * float(end), digits) for end in (amounts.p05, amounts.p95))


def ranged(amounts: Range, most: int = 1) -> str:
    """Billions with their 5 to 95 % range: `17 (10 to 25)`; without it where nothing varies."""
    found = mean_and_range(amounts, most, scale=1 / USD_MN_PER_BN)
    return found.partition(" ")[0] if amounts.p05 == amounts.mean == amounts.p95 else found


def ranged_share(shares: Range | None) -> str:
    """A share with its 5 to 95 % range: `0.40 % (0.2 to 0.6)`."""
    undefined = "not defined: there is no surplus to close"
    return undefined if shares is None else mean_and_range(shares, 2, " %", 100)


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    from babel.lists import format_list

    return format_list(parts, locale="en_GB")  # without a comma before the last


def spaced(name: str) -> str:
    """A name of code as words: `seasonal naive`."""
    return name.replace("_", " ")


def opening(words: str) -> str:
    """Words with a capital letter first, all else as it is."""
    return words[:1].upper() + words[1:]


def group_words(name: str) -> str:
    """`goods_ex_aircraft` as `goods without aircraft`."""
    return spaced(name.replace("_ex_", " without "))


def whose(country: str) -> str:
    """A country before what is its own: `US`, `Vietnam's`."""
    return "US" if country == "USA" else f"{country_name(country)}'s"


def times_in_ten(share: float) -> str:
    """A chance in plain words: `eight times in ten`."""
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return f"{words[round(10 * share)]} times in ten"


FORMS: dict[str, Callable[[Any], str]] = {
    "bn": billions,
    "bn0": lambda usd_mn: billions(usd_mn, 0),
    "moved": lambda usd_mn: f"{float(usd_mn) / USD_MN_PER_BN:+,.1f}",
    "bn2": lambda usd_mn: billions(usd_mn, 2),
    "ends": ends,
    "ends2": lambda usd_mn: ends(usd_mn, 2),
    "pct": percent,
    "pct0": lambda share: percent(share, 0),
    "pct1": lambda share: percent(share, 1),
    "points1": lambda share: f"{float(share) * 100:.1f}",
    "ranged": ranged,
    "share": ranged_share,
    "in_ten": times_in_ten,
    "number": lambda value: f"{float(value):g}",
    "list": listed,
    "book": book_name,
    "figures": figures_name,
    "country": country_name,
    "whose": whose,
    "month": lambda month: f"{month:%B %Y}",
    "spaced": spaced,
    "group": group_words,
    "opening": opening,
}


class Filler(string.Formatter):
    """Fills the placeholders of a message, each in its form."""

    def format_field(self, value: Any, form: str) -> str:
        return FORMS[form](value) if form in FORMS else str(super().format_field(value, form))


@cache
def catalogue(language: str = LANGUAGE) -> gettext.GNUTranslations:
    """The messages of a language, by key."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    text = pkgutil.get_data(__name__, f"messages/{language}.po")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text or b"")))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def say(key: str, **values: Any) -> str:
    """A message with its placeholders filled; one with a plural goes by `count`. Raises KeyError for one that is not in
    the catalogue, or lacks a value."""
    messages = catalogue()
    message = messages.ngettext(key, key, values["count"]) if "count" in values else key
    message = messages.gettext(key) if message == key else message
    if message == key:
        raise KeyError(f"no message {key!r} in messages/{LANGUAGE}.po")
    return Filler().vformat(message, (), values)


def said_if_any(key: str, **values: Any) -> str:
    """A message of a name that may have none; nothing then."""
    return "" if catalogue().gettext(key) == key else say(key, **values)


def of_chart(key: str, **values: Any) -> dict[str, str]:
    """A chart's name, its finding, its words for who cannot see it, and its unit: the messages `<key>.title`, `.alt`,
    `.unit`."""
    return {
        "name": key.rpartition(".")[2].replace("_", "-"),
        **{part: say(f"{key}.{part}", **values) for part in ("title", "alt", "unit")},
    }
