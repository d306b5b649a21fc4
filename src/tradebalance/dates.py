"""One printed day -> a date, and the words for months that days and periods share. Raises CellError."""

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from .cells import CellError, fold

MONTH_NAMES = {name.casefold(): n for n, name in enumerate(calendar.month_name) if name}
MONTH_NAMES |= {name[:3]: n for name, n in MONTH_NAMES.items()} | {"sept": 9}
FIRST_YEAR, LAST_YEAR, SOME_YEAR = 1900, 2200, 2000
EXAMPLE = "write 2025Q1, 2025-03 or 2025"


@dataclass(frozen=True)
class Reading:
    """What a file declares of its periods: locale, Excel's date system, the frequency M, Q or Y; None if not."""

    locale: str | None = None
    date_system: str | None = None
    frequency: str | None = None


AS_PRINTED = Reading()
Match = re.Match[str]
DayReader = Callable[[Match, Reading], dt.date]


def day(words: str, reading: Reading) -> dt.date | None:
    """The day that folded words print; None where they print none. Raises CellError for one of two readings."""
    for pattern, reader in DAYS:
        found = pattern.fullmatch(words)
        if found:
            return reader(found, reading)
    return None


def words_of(text: str) -> str:
    return fold(text).replace("–", "-").replace("—", "-").replace("−", "-")


def bad(reason: str) -> CellError:
    return CellError("bad_period", reason, EXAMPLE, "period")


def year_of(text: str) -> int:
    year = int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise bad(f"year {year}")
    return year


def named(word: str) -> int:
    if word not in MONTH_NAMES:
        raise bad("not a period")
    return MONTH_NAMES[word]


def _iso_day(found: Match, _: Reading) -> dt.date:
    return _day(found["y"], int(found["m"]), int(found["d"]))


def _slashed(found: Match, reading: Reading) -> dt.date:
    """31/03/2025 has one reading; 03/04/2025 has two, unless a locale other than English puts the day first."""
    first, second = int(found["a"]), int(found["b"])
    day_first = second <= 12 and (first > 12 or first == second or (reading.locale or "en")[:2] != "en")
    month_first = first <= 12 and second > 12
    if not day_first and not month_first and first <= 12 and second <= 12:
        reason = "day and month may stand either way round"
        raise CellError("ambiguous_date", reason, EXAMPLE, "period")
    day, month = (first, second) if day_first else (second, first)
    return _day(found["y"], month, day)


def _worded_day(found: Match, _: Reading) -> dt.date:
    return _day(found["y"], named(found["m"]), int(found["d"]))


def _day(year: str, month: int, day: int) -> dt.date:
    if not 1 <= month <= 12:
        raise bad(f"month {month}")
    try:
        return dt.date(year_of(year), month, day)
    except ValueError as error:
        if isinstance(error, CellError):
            raise
        raise bad("no such day") from None


Y, M = r"(?P<y>\d{4})", r"(?P<m>\d{1,2})"
NAME = r"(?P<m>[a-z]{3,9})\.?"
DAY_FORMS: tuple[tuple[str, DayReader], ...] = (
    (rf"{Y}[-/.]{M}[-/.](?P<d>\d{{1,2}})(?:[t ]00:00(?::00(?:\.0+)?)?z?)?", _iso_day),
    (r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)", _iso_day),
    (rf"(?:ngay )?(?P<a>\d{{1,2}})[/.\-](?P<b>\d{{1,2}})[/.\-]{Y}", _slashed),
    (rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-]{NAME}[\s\-,]+{Y}", _worded_day),
    (rf"{NAME}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{Y}", _worded_day),
)
DAYS = tuple((re.compile(pattern), reader) for pattern, reader in DAY_FORMS)
