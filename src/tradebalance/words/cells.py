"""One printed cell -> a number or a date; what is ambiguous is refused by a CellError, with code, reason and fix.

`Cells` reads those of a raw table one by one and keeps what is wrong with them until all are read.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from .problems import Problem, Severity, raise_errors
from .terms import period

PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
COMMA_NUMBER = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+,\d+")
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
    if len(text) == 10:
        return dt.date.fromisoformat(text), dt.date.fromisoformat(text)
    first, last = (period(text).asfreq("D", how) for how in ("start", "end"))
    return dt.date(first.year, first.month, first.day), dt.date(last.year, last.month, last.day)


@lru_cache(maxsize=10_000)  # the same few words stand in most rows
def fold(text: str) -> str:
    """A text for looking up words: no case, no diacritics, one space between words (`Trị giá` -> `tri gia`)."""
    plain = unicodedata.normalize("NFKD", text.strip()).casefold().replace("đ", "d")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


Rows = Sequence[tuple[int, Mapping[str, str]]]  # physical line, cells by column
Complaint = tuple[str, str, str, str]  # of a row: code, column, reason, fix
Read = TypeVar("Read")


def missing_columns(file: str, columns: Iterable[str], present: Collection[str], fix: str) -> list[Problem]:
    """A problem at the header for each column that is not there."""
    absent = [name for name in columns if name not in present]
    return [Problem("missing_column", file, "the column is missing", fix, 1, name) for name in absent]


@dataclass
class Cells:
    """The cells of one file and the problems found in them so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def need(self, columns: Collection[str], present: Collection[str], what: str = "the file") -> None:
        """Raise Refused for columns that the file lacks."""
        raise_errors(missing_columns(self.file, columns, present, f"{what} has the columns {', '.join(columns)}"))

    def read(self, line: int, row: Mapping[str, str], column: str, parse: Callable[[str], Read]) -> Read | None:
        """A cell's value, or None and a problem where it cannot be read."""
        return self.parsed(line, column, row[column], parse)

    def parsed(
        self, line: int, column: str, text: str, parse: Callable[[str], Read], fix: str | None = None
    ) -> Read | None:
        """What a cell's text is read as, or None and a problem; `fix` is said in place of the reader's own."""
        try:
            return parse(text.strip())
        except CellError as error:
            self.note(error.code, line, column, text, error.reason, fix or error.fix)
        except ValueError as error:
            self.note("bad_period", line, column, text, str(error))
        return None

    def hold(self, rows: Rows, rule: Callable[[Mapping[str, str]], Iterable[Complaint]]) -> None:
        """Raise Refused with what a rule says of each row."""
        for line, row in rows:
            for code, column, reason, fix in rule(row):
                self.note(code, line, column, row[column], reason, fix)
        raise_errors(self.problems)

    def note(
        self, code: str, line: int, column: str | None, value: str | None, reason: str, fix: str = "correct the cell",
        severity: Severity = "error",
    ) -> None:  # fmt: skip
        self.problems.append(Problem(code, self.file, reason, fix, line, column, value, severity))

    def warn(self, code: str, line: int, column: str | None, value: str | None, reason: str, fix: str) -> None:
        self.note(code, line, column, value, reason, fix, "warning")

    def once(self, line: int, column: str, key: object, found: Collection[object]) -> None:
        """Note a key that was there before."""
        if key in found:
            self.note("duplicate_key", line, column, str(key), "the same figure is given twice")


def number(text: str) -> Fraction:
    """A plain number, exactly. Raises CellError."""
    return Fraction(decimal(text))


def maybe_number(text: str) -> Fraction | None:
    """As `number`, None for an empty cell."""
    return number(text) if text else None


def amount(text: str) -> Decimal:
    """A number that is not negative. Raises CellError."""
    value = decimal(text)
    if value < 0:
        raise CellError("negative_flow", "trade is never negative", "check the sign")
    return value


def year(text: str) -> int:
    """Raises ValueError for anything but four digits."""
    if not re.fullmatch(r"\d{4}", text):
        raise ValueError(f"{text!r} is not a year of four digits")
    return int(text)
