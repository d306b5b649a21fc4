"""One printed table while it is read: its header checked, its rows told from titles, notes and torn lines; and one
printed figure of it, with its place in the file."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import takewhile

import pandas as pd

from ..words.amounts import Unit
from ..words.cells import Cells, fold
from ..words.problems import Problem, repeats
from . import headers, periods
from .headers import Column, Grid, Header, Record
from .options import Options


@dataclass(frozen=True)
class PrintedFigure:
    """One printed figure and where it stands; `value` in USD million, None where stated to be missing.

    `step` is the unit of the last printed digit in USD million, `published` the last day of the printed vintage,
    `less` the year to date that was taken off the printed one, where a figure is what lies between the two. `places`
    are the cells of its period, flow, vintage and valuation: column and text.
    """

    row: int
    column: str
    text: str
    reporter: str
    partner: str
    flow: str
    period: pd.Period
    value: Decimal | None
    step: Decimal = Decimal(0)
    to_date: bool = False
    vintage: str | None = None
    published: dt.date | None = None
    valuation: str = ""
    basis: str = ""
    status: str | None = None
    origin: str = "published"
    less: "PrintedFigure | None" = None
    places: Mapping[str, tuple[str, str | None]] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        """What one figure is given for, but for the vintage."""
        return (*self.series, str(self.period), self.to_date)

    @property
    def series(self) -> tuple[str, str, str]:
        return (self.reporter, self.partner, self.flow)

    def problem(self, code: str, reason: str, fix: str, *, at: str = "value", warning: bool = False) -> Problem:
        """A problem at this entry's value, or at its period, flow, vintage or valuation cell; the file is set later."""
        column, value = self.places.get(at, (self.column, self.text))
        return Problem(code, "", reason, fix, self.row, column, value, "warning" if warning else "error")


PAGE = "page"  # stands for the delimiter of an HTML page, whose lines above a table are no rows
FOOTER = re.compile(r"(?:nguon|source|note|notes|ghi chu|chu thich)\b.*|[*†‡§¹²³]+.*|\(?\w\)\s.*|[pre] ?[:=].*")
SEVERAL = ("", "ignored", "rate", "period", "total", "multiplier")  # roles that several columns may have
CODED = ("reporter", "partner", "flow")  # of which the code and the name may stand in two columns
REQUIRED = ("period", "reporter", "partner", "flow", "value")


@dataclass(kw_only=True)
class Sheet(Cells):
    """One table while it is read: its header, what holds for all its rows, and the problems so far.

    `strict` are the columns in which a lone point before three digits may stand for thousands.
    """

    grid: Grid
    header: Header
    options: Options
    above: Unit
    reading: periods.Reading = periods.AS_PRINTED
    strict: frozenset[int] = frozenset()
    style: tuple[str, int] | None = None
    currencies: dict[str, int] = field(default_factory=dict)

    @property
    def line(self) -> int:
        """The header's line, the last one of several."""
        return self.grid.records[self.header.last].line

    def tell(self, problems: Iterable[Problem]) -> None:
        """Note problems of figures, which do not know their file."""
        self.problems += [replace(problem, file=self.file) for problem in problems]

    def text(self, row: Record, role: str) -> str:
        """A row's cell of a role, stripped; empty if there is no such column."""
        column = self.header.of(role)
        return row.cells[column.at].strip() if column else ""

    def place(self, row: Record, role: str) -> tuple[str, str] | None:
        """The name and text of a row's cell of a role; None if there is no such column."""
        return (self.name(role), self.text(row, role)) if self.header.of(role) else None

    def name(self, role: str) -> str:
        column = self.header.of(role)
        return column.name if column else role


def check_columns(sheet: Sheet) -> bool:
    """Tell what is wrong with the columns; returns whether the rows below can be read."""
    line, columns = sheet.line, sheet.header.columns
    if len(columns) > headers.MOST_COLUMNS:
        sheet.note("too_many_columns", line, None, None, f"{len(columns)} columns", f"at most {headers.MOST_COLUMNS}")
        return False
    repeated = _repeated(columns)
    for column in repeated:
        sheet.note("duplicate_column", line, column.name, column.name, "two columns say the same", "remove one")
    for role in REQUIRED:
        if not _has(sheet, role):
            found = ", ".join(column.name for column in columns if column.name)
            fix = f"add a column {role}" + ("" if role in ("period", "value") else f", or state {role} as an option")
            sheet.note("missing_column", line, role, None, f"no such column; there are {found[:200]}", fix)
    return all(_has(sheet, role) for role in ("period", "value")) and not any(c.role in REQUIRED for c in repeated)


def _repeated(columns: Sequence[Column]) -> list[Column]:
    """The second of two columns with one name, of one role, or of one flow and period."""
    what = {c.at: (c.flow, periods.canonical(c.period)) for c in columns}
    by_name = repeats([c for c in columns if c.name], key=lambda c: (fold(c.name), what[c.at]))
    by_role = repeats([c for c in columns if c.role not in (*SEVERAL, *CODED)], key=lambda c: (c.role, what[c.at]))
    again = {column.at for column, _ in (*by_name, *by_role)}
    return [column for column in columns if column.at in again]


def _has(sheet: Sheet, role: str) -> bool:
    if sheet.header.of(role) or getattr(sheet.options, role, None):
        return True
    wide = [getattr(column, role) for column in sheet.header.values] if role in ("period", "flow") else []
    return bool(wide) and all(wide)


def data_rows(sheet: Sheet) -> list[Record]:
    """The records below the header, cut to its width; what is above, below or torn is told; the torn have no cells."""
    records, header = sheet.grid.records, sheet.header
    top = records[header.first].line
    for line in range(1, top) if sheet.grid.delimiter != PAGE else [r.line for r in records[: header.first]]:
        sheet.warn("preamble_skipped", line, None, None, "above the header", "remove it, or leave it")
    body = records[header.last + 1 :]
    footer = [*takewhile(lambda record: _is_footer(record, len(header.columns)), reversed(body))]
    for record in footer:
        sheet.warn("footer_skipped", record.line, None, None, "a note below the table", "remove it, or leave it")
    return [_fitted(sheet, record, last=record is records[-1]) for record in body[: len(body) - len(footer)]]


def _is_footer(record: Record, width: int) -> bool:
    filled = [cell for cell in dict.fromkeys(record.cells) if cell.strip()]
    first = fold(filled[0]) if filled else ""
    if FOOTER.fullmatch(first):
        return True
    looks_like_data = periods.period_in(first) or headers.TOTAL.fullmatch(first) or re.match(r"\d", first)
    shifted = any(first.count(delimiter) >= max(width - 2, 1) for delimiter in ";\t|,")
    return len(filled) == 1 and width > 2 and bool(re.search(r"[^\W\d_]", first)) and not (looks_like_data or shifted)


def _fitted(sheet: Sheet, record: Record, *, last: bool) -> Record:
    """The record cut to the header's width if what is beyond is blank; without cells, and a problem, if torn."""
    width = len(sheet.header.columns)
    if not any(cell.strip() for cell in record.cells[width:]) and len(record.cells) >= width:
        return replace(record, cells=record.cells[:width])
    if last and not sheet.grid.complete and len(record.cells) < width:
        reason = f"the last line has {len(record.cells)} fields of {width} and no line end"
        sheet.note("truncated", record.line, None, None, reason, "download it again")
        return replace(record, cells=())
    other = next((d for d in ",;\t|" if d != sheet.grid.delimiter and record.raw.count(d) == width - 1), None)
    reason = f"{len(record.cells)} fields, the header has {width}" + (f"; this row uses {other}" if other else "")
    fix = "one delimiter a file; quote cells that hold it"
    sheet.note("ragged_row", record.line, None, record.raw or None, reason, fix)
    return replace(record, cells=())


def distinct(sheet: Sheet, rows: Iterable[Record]) -> list[Record]:
    """The rows with cells, those that repeat another left out and told."""
    whole = [row for row in rows if row.cells]
    again = {row.line: first.line for row, first in repeats(whole, key=lambda row: row.cells)}
    for line, first in again.items():
        sheet.warn("duplicate_row_dropped", line, None, None, f"the same as row {first}", "remove one")
    return [row for row in whole if row.line not in again]
