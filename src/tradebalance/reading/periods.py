"""One printed period -> a month, quarter or year, or the months from January to date; one printed day -> a date.

English and Vietnamese forms, ISO, SDMX and statistical offices' own, dates and Excel serials. What has
two readings (FY2025, 03/04/2025, Jan-25) is refused. Raises CellError.
"""

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

import pandas as pd

from ..words import amounts
from ..words.cells import CellError, fold

MONTH_NAMES = {name.casefold(): n for n, name in enumerate(calendar.month_name) if name}
MONTH_NAMES |= {name[:3]: n for name, n in MONTH_NAMES.items()} | {"sept": 9}
FIRST_YEAR, LAST_YEAR, SOME_YEAR = 1900, 2200, 2000
EXAMPLE = "write 2025Q1, 2025-03 or 2025"


@dataclass(frozen=True)
class Reading:
    """What a file declares of its periods: locale, Excel's date system, the frequency M, Q or Y; None if not.

    `is_vietnamese` says that T1 is tháng 1, and `is_series` that who trades what in which unit is declared: a column
    beside one of dates can then only be the figures.
    """

    locale: str | None = None
    date_system: str | None = None
    frequency: str | None = None
    is_vietnamese: bool = True
    is_series: bool = False


AS_PRINTED = Reading()
Match = re.Match[str]


def _bad(reason: str, code: str = "bad_period", fix: str = EXAMPLE) -> CellError:
    return CellError(code, reason, fix, "period")


def _year_of(text: str) -> int:
    year = int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _bad(f"year {year}")
    return year


def _number_of(month: str) -> int:
    """The number of a month in digits, as it is, or of its English name."""
    if not month.isdigit() and month not in MONTH_NAMES:
        raise _bad("not a period")
    return MONTH_NAMES.get(month) or int(month)


Y, M = r"(?P<y>\d{4})", r"(?P<m>\d{1,2})"
NAME = r"(?P<m>[a-z]{3,9})\.?"
QUARTERS = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "first": 1, "second": 2, "third": 3, "fourth": 4,
    "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4,
}  # fmt: skip
THANG = "gieng|mot|hai|ba|tu|bon|nam|sau|bay|tam|chin|muoi|muoi mot|muoi hai|chap"
MONTH_WORDS = dict(zip(THANG.split("|"), (1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12), strict=True))
EPOCHS = {"excel1900": dt.date(1899, 12, 30), "excel1904": dt.date(1904, 1, 1)}
FREQUENCIES = amounts.by_word({
    "M": "monthly|m|month|months|thang", "Q": "quarterly|q|quarter|quarters|quy",
    "Y": "annual|yearly|a|y|annually|year|years|nam",
})  # fmt: skip
FEWEST_DAYS = 4  # first or last days in a row that say what they stand for
LONGEST_CELL = 80


@dataclass(frozen=True)
class PrintedPeriod:
    """A printed period; `to_date` says that it runs from January to the end of that month.

    `mark` is what a footnote mark beside it means, as the p of `2025Q1p`.
    """

    period: pd.Period
    to_date: bool = False
    mark: str | None = None


Reader = Callable[[Match, Reading], PrintedPeriod]


def read(text: str, reading: Reading = AS_PRINTED) -> PrintedPeriod:
    """The period that a cell prints. Raises CellError with bad_period, ambiguous_period, ambiguous_date or others."""
    found = _printed(text, reading)
    return replace(found, period=_of_day(found.period, reading)) if found.period.freqstr == "D" else found


def last_day(text: str, reading: Reading = AS_PRINTED) -> dt.date:
    """The last day of what a cell prints: a day, month, quarter or year. Raises CellError."""
    day: dt.date = _printed(text, reading).period.end_time.date()
    return day


def _printed(text: str, reading: Reading) -> PrintedPeriod:
    """What a cell prints, a day as such."""
    if len(text) > LONGEST_CELL:
        raise _bad("a text, not a period")
    bare, mark = amounts.split_mark(text.strip())
    words = fold(bare).replace("–", "-").replace("—", "-").replace("−", "-")
    for pattern, reader in FORMS:
        if found := pattern.fullmatch(words):
            return replace(reader(found, reading), mark=mark)
    raise _bad("not a period")


def period_in(text: str, reading: Reading = AS_PRINTED) -> pd.Period | None:
    """The period alone, or the day that may stand for one; None where a cell prints neither."""
    with suppress(CellError):
        found = _printed(text, reading).period
        is_open = found.freqstr[0] == "D" and _edge(found, "M") and reading.frequency is None
        return found if is_open or found.freqstr[0] != "D" else _of_day(found, reading)
    return None


def of_days(texts: Iterable[str], reading: Reading) -> str | None:
    """What the days among a file's periods stand for: M, Q or Y as its other periods are, or as four days or more that
    each start, or each end, the next one; None where that is not told."""
    found = [period for text in {*texts} if (period := period_in(text, replace(reading, frequency=None))) is not None]
    days = sorted({period for period in found if period.freqstr[0] == "D"})
    others = {period.freqstr[0] for period in found if period.freqstr[0] != "D"}
    if not days or others:
        return others.pop() if days and len(others) == 1 else None
    for frequency in "MQY" if len(days) >= FEWEST_DAYS else "":
        edges = {_edge(day, frequency) for day in days}
        in_a_row = days[-1].asfreq(frequency).ordinal - days[0].asfreq(frequency).ordinal == len(days) - 1
        if len(edges) == 1 and in_a_row and all(edges):
            return frequency
    return None


def _edge(day: pd.Period, frequency: str) -> str:
    """Whether a day is the start or the end of its month, quarter or year; nothing where it is neither."""
    period = day.asfreq(frequency)
    return next((how for how in ("start", "end") if day == period.asfreq("D", how)), "")


def is_part_of_year(text: str, reading: Reading = AS_PRINTED) -> bool:
    """Whether a cell names a quarter or month of a year that stands elsewhere: `Q1`, `Quý I`, `tháng 1`, `Jan`."""
    found = period_in(f"{text} {SOME_YEAR}", reading)
    return bool(found is not None and found.freqstr[0] != "Y")


def canonical(text: str | None) -> str:
    """One form for all that print the same period; the text itself where it is none."""
    return str(period_in(text or "") or text or "")


def _month_of(year: str, number: int) -> PrintedPeriod:
    if not 1 <= number <= 12:
        raise _bad(f"month {number}")
    return PrintedPeriod(pd.Period(year=_year_of(year), month=number, freq="M"))


def _quarter(found: Match, _: Reading) -> PrintedPeriod:
    """1Q25, Q1'25 and Q1/25 too: the two digits can only be a year, and trade of the 1970s and later is meant."""
    number, year = QUARTERS.get(found["q"]) or int(found["q"]), found["y"]
    if not 1 <= number <= 4:
        raise _bad("quarters are 1 to 4")
    century = ("19" if int(year) >= 70 else "20") if len(year) == 2 else ""
    return PrintedPeriod(pd.Period(year=_year_of(century + year), quarter=number, freq="Q"))


def _month(found: Match, _: Reading) -> PrintedPeriod:
    number, year = _number_of(found["m"]), _year_of(found["y"])
    if number > 12 and number == (year + 1) % 100:
        raise _bad("a fiscal year, or a month cut short", "ambiguous_period")
    return _month_of(found["y"], number)


def _t_month(found: Match, reading: Reading) -> PrintedPeriod:
    if (reading.locale or "vi")[:2] in ("fr", "es", "pt", "it", "ro") or not (reading.locale or reading.is_vietnamese):
        fix = "state locale: vi where it is a month, or write 2025Q1 or 2025-01"
        raise _bad("T1 is tháng 1 or trimestre 1", "ambiguous_period", fix)
    return _month(found, reading)


def _to_date(found: Match, _: Reading) -> PrintedPeriod:
    return replace(_month_of(found["y"], _number_of(found["m"])), to_date=True)


def _span(found: Match, _: Reading) -> PrintedPeriod:
    """Jan-Mar 2025 is a quarter, Jan-Jun 2025 the year to date; other spans are neither."""
    first, last = _number_of(found["a"]), _number_of(found["b"])
    if not 1 <= first <= last <= 12:
        raise _bad("no such months")
    if last - first == 2 and first % 3 == 1:
        return PrintedPeriod(pd.Period(year=_year_of(found["y"]), quarter=last // 3, freq="Q"))
    if first == 1 and last > 1:
        return replace(_month_of(found["y"], last), to_date=True)
    raise _bad("neither a quarter nor a year to date")


def _refuse(code: str, reason: str, fix: str = EXAMPLE) -> Reader:
    def reader(*_: object) -> PrintedPeriod:
        raise _bad(reason, code, fix)

    return reader


def _serial(found: Match, reading: Reading) -> PrintedPeriod:
    number = int(found["n"])
    days = {name: epoch + dt.timedelta(days=number) for name, epoch in EPOCHS.items()}
    if reading.date_system not in EPOCHS:
        reason = f"{number} is {days['excel1900']} in Excel's 1900 system and {days['excel1904']} in the 1904 system"
        raise _bad(reason, "ambiguous_date", "state date_system: excel1900 or excel1904")
    by_quarter = replace(reading, frequency=reading.frequency or "Q")  # what a serial stands for where nothing says it
    return PrintedPeriod(_of_day(pd.Period(days[reading.date_system], freq="D"), by_quarter))


def _plain_day(found: Match, _: Reading) -> PrintedPeriod:
    return _day(found["y"], _number_of(found["m"]), int(found["d"]))


def _slashed(found: Match, reading: Reading) -> PrintedPeriod:
    """31/03/2025 has one reading; 03/04/2025 has two, unless a locale other than English puts the day first."""
    first, second = int(found["a"]), int(found["b"])
    day_first = second <= 12 and (first > 12 or first == second or (reading.locale or "en")[:2] != "en")
    if not day_first and first <= 12 and second <= 12:
        raise _bad("day and month may stand either way round", "ambiguous_date")
    day, month = (first, second) if day_first else (second, first)
    return _day(found["y"], month, day)


def _day(year: str, month: int, day: int) -> PrintedPeriod:
    first = _month_of(year, month).period
    try:
        return PrintedPeriod(pd.Period(dt.date(first.year, month, day), freq="D"))
    except ValueError:
        raise _bad("no such day") from None


def _of_day(day: pd.Period, reading: Reading) -> pd.Period:
    """The period of the declared frequency that the day starts or ends."""
    _year_of(str(day.year))
    if reading.frequency is None and _edge(day, "M"):
        reason, fix = (
            "the day may stand for a month, a quarter or a year",
            "state frequency: monthly, quarterly or annual",
        )
        raise _bad(reason, "ambiguous_period", fix)
    if not _edge(day, reading.frequency or "M"):
        raise _bad("neither the start nor the end of a month, quarter or year that the file is of")
    return day.asfreq(reading.frequency)


Q = r"(?P<q>\d{1,2}|iv|i{1,3})"
SEP = r"(?:\s*(?:[/\-.,:_']|nam|of|nam:)?\s*)"
LEAD = r"(?:in |nam |ca nam |year |full year |whole year |calendar year |cy ?)?"
_FORMS: tuple[tuple[str, Reader], ...] = (
    (rf"{LEAD}{Y}(?:\.0)?", lambda found, _: PrintedPeriod(pd.Period(year=_year_of(found["y"]), freq="Y"))),
    (rf"{Y}{SEP}(?:q\.?|quarter|qtr|quy|qui){SEP}{Q}", _quarter),
    (rf"(?:quy|qui) (?P<q>mot|hai|ba|bon|tu){SEP}{Y}", _quarter),
    (rf"(?:quarter|qtr|quy|qui|q)\.?{SEP}{Q}{SEP}{Y}", _quarter),
    (rf"(?P<q>\d)\s?q{SEP}{Y}", _quarter),
    (rf"{Y}\s*[/\-. ]\s*(?P<q>iv|i{{1,3}})", _quarter),
    (rf"(?P<q>iv|i{{1,3}})\s*[/\-. ]\s*{Y}", _quarter),
    (rf"(?P<q>first|second|third|fourth|1st|2nd|3rd|4th) (?:quarter|qtr){SEP}{Y}", _quarter),
    (r"(?P<q>\d)q'?(?P<y>\d\d)", _quarter),
    (r"(?:q|quy|qui|quarter|qtr)\.?\s*(?P<q>\d|iv|i{1,3})\s*[/\-. ']\s*(?P<y>\d\d)", _quarter),
    (r"(?P<y>\d\d)\s*[/\-. ']?\s*q(?P<q>\d)", _quarter),
    (r"(?:q|quy|qui)\.?\s*(?:\d|iv|i{1,3})\d\d", _refuse("ambiguous_period", "a year of two digits")),
    (r"(?:fy|fiscal year|nam tai chinh|nam tai khoa)\s*[/'\-]?\s*\d{2,4}(?:\s*[/\-]\s*\d{2,4})?|\d{4}\s*/\s*\d\d\d\d"
     r"|(?:q\d|\d{4})\s*fy\s*\d{0,4}|fy\s*\d{2,4}\s*[/\- ]?q\d|q\d\s*[/\- ]?fy\s*\d{2,4}",
     _refuse("ambiguous_period", "a fiscal year starts in another month in each country")),
    (rf"{Y}\s?-\s?\d{{4}}", _refuse("bad_period", "a span of years")),
    (r"(?:h|half)\s*[12][\s/\-.]*\d{4}|\d{4}[\s/\-.]*[hs][12]|[12]h\s*[/\-']?\s*(?:\d\d|\d{4})"
     r"|(?:first|second) half(?: of)? \d{4}|(?:6 thang|nua) (?:dau|cuoi) nam|nua (?:dau|cuoi)(?: nam)? \d{4}",
     _refuse("mixed_frequency", "a half-year, neither a month nor a quarter", "give quarters or months")),
    (rf"{M}\s*m{SEP}{Y}", _to_date),
    (rf"{M}\s*t\s*[/\-]\s*{Y}", _to_date),
    (rf"(?:luy ke )?{M} thang(?: dau)?{SEP}{Y}", _to_date),
    (rf"(?:first )?{M} months{SEP}(?:of )?{Y}", _to_date),
    (rf"(?:ytd|year to date|luy ke(?: den)?(?: thang)?) {M}{SEP}{Y}", _to_date),
    (rf"(?:ytd|year to date(?: to)?) {NAME}{SEP}{Y}", _to_date),
    (rf"{NAME}{SEP}{Y} (?:ytd|year to date)", _to_date),
    (r"\d{1,2}\s*m\s*[/'\-]?\s*\d\d|\d{1,2}t/\d\d", _refuse("ambiguous_period", "a year of two digits")),
    (rf"(?:tu )?thang (?P<a>\d{{1,2}})\s*(?:-|den)\s*(?:thang )?(?P<b>\d{{1,2}}){SEP}{Y}", _span),
    (rf"(?P<a>[a-z]{{3,9}})\.?\s*(?:-|to|/)\s*(?P<b>[a-z]{{3,9}})\.?{SEP}{Y}", _span),
    (rf"{Y}\s*[-/.]?\s*m\s*{M}", _month),
    (r"\d{4}\s*/\s*(?:1[3-9]|[2-9]\d)|\d{4}\.\d", _refuse("ambiguous_period", "a fiscal year, or a month cut short")),
    (rf"{Y}\s*[-/.]\s*{M}", _month),
    (r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)", _month),
    (rf"{M}\s*[-/.]\s*{Y}", _month),
    (rf"(?:m|thang\s*){M}{SEP}{Y}", _month),
    (rf"thang (?P<m>{THANG}){SEP}{Y}", lambda found, _: _month_of(found["y"], MONTH_WORDS[found["m"]])),
    (rf"t\.?\s*{M}\s*[/\-. ]\s*{Y}", _t_month),
    (rf"{NAME}{SEP}{Y}", _month),
    (rf"{Y}{SEP}{NAME}", _month),
    (r"(?P<m>[a-z]{3,9})\.?\s*[-/' ]?\s*\d\d|\d\d\s*[-/' ]\s*[a-z]{3,9}|\d{1,2}\s*[/\-.]\s*\d\d|t\d{1,2}/\d\d",
     _refuse("ambiguous_period", "a year of two digits, or a day")),
    (r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d\d", _refuse("ambiguous_date", "a year of two digits")),
    (rf"{Y}[-/.]{M}[-/.](?P<d>\d{{1,2}})(?:[t ]00:00(?::00(?:\.0+)?)?z?)?", _plain_day),
    (r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)", _plain_day),
    (rf"(?:ngay )?(?P<a>\d{{1,2}})[/.\-](?P<b>\d{{1,2}})[/.\-]{Y}", _slashed),
    (rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-]{NAME}[\s\-,]+{Y}", _plain_day),
    (rf"{NAME}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{Y}", _plain_day),
    (r"(?P<n>\d{5})(?:\.0+)?", _serial),
)  # fmt: skip
FORMS = tuple((re.compile(pattern), reader) for pattern, reader in _FORMS)
