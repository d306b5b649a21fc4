"""The records of a file of printed figures, with their physical lines: CSV, TSV, XLSX, HTML, gzip and ZIP.

Raises Refused for what is no table.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..words.problems import Problem, Refused, raise_errors, refuse
from . import decoding, headers, html_tables, workbooks
from .headers import Grid, Record
from .options import Options
from .sheet import PAGE

DELIMITERS = ",;\t|"
LONGEST_FIELD = 100_000
SMALLER = "give the part that is wanted as a file of its own"
WORKBOOKS = (".xlsx", ".xlsm")
PAGES = (".html", ".htm", ".xhtml")
csv.field_size_limit(decoding.MOST_UNPACKED)  # so that a field beyond LONGEST_FIELD is told with its column


def grid(content: bytes, file: str, options: Options, name: str = "", delimiter: str = "") -> Grid:
    """The records of a file, told apart by its name's ending.

    `name` is that of a file inside an archive; `delimiter` is found by the header where none is given.
    """
    name = (name or file).casefold()
    decoding.refuse_pointer(content, file)
    if name.endswith(".gz"):
        return grid(decoding.gunzipped(content, file), file, options, _inner(name.removesuffix(".gz"), file))
    if name.endswith(".zip"):
        member, unpacked = decoding.unzipped(content, file)
        return grid(unpacked, file, options, _inner(member, file))
    reader = _workbook if name.endswith(WORKBOOKS) else _page if name.endswith(PAGES) else _csv
    found = reader(content, file, options, delimiter)
    _refuse_mojibake(found, options)
    return found


def _inner(name: str, file: str) -> str:
    if name.casefold().endswith((".gz", ".zip")):
        refuse("not_text", file, "an archive inside an archive", "unpack it")
    return name if "." in name else f"{name}.csv"


def _csv(content: bytes, file: str, options: Options, delimiter: str = "") -> Grid:
    text = decoding.text(content, file, options.encoding)
    decoding.page_problem(text, file)
    lines = io.StringIO(text, newline="").readlines()
    delimiter = delimiter or _delimiter(lines, file, options)
    if (count := text.count(delimiter)) > headers.MOST_CELLS:
        refuse("too_large", file, f"{count:,} cells (limit {headers.MOST_CELLS:,})", SMALLER)
    records = tuple(_records(lines, delimiter, file, options))
    return Grid(file, records, delimiter, complete=text.endswith(("\n", "\r")))


def _delimiter(lines: Sequence[str], file: str, options: Options) -> str:
    """The delimiter that makes the most of a header; a tab in a .tsv, and a comma where no header is found."""

    def most(delimiter: str) -> int:
        split = csv.reader((line[:LONGEST_FIELD] for line in lines[: headers.LOOKED_AT]), delimiter=delimiter)
        return max((headers.score(cells, options.reading) for cells in split), default=0)

    return "\t" if ".tsv" in file.casefold() else max(DELIMITERS, key=most)


def _records(lines: Sequence[str], delimiter: str, file: str, options: Options) -> list[Record]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records: list[Record] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                longest = max(cells, key=len)
                if len(longest) > LONGEST_FIELD:
                    reason = f"a field of {len(longest):,} characters (limit {LONGEST_FIELD:,})"
                    name = _names(records, options).get(cells.index(longest))
                    refuse("field_too_long", file, reason, "clean the file", start, name)
                if len(records) == headers.MOST_ROWS:
                    refuse("too_large", file, f"more than {headers.MOST_ROWS:,} rows", SMALLER, start)
                records.append(Record(start, tuple(cells), raw=lines[start - 1].rstrip("\r\n")))
            start = reader.line_num + 1
    except csv.Error as error:
        _refuse_record(str(error), lines, start, delimiter, records, options, file)
    return records


def _refuse_record(
    error: str, lines: Sequence[str], start: int, delimiter: str, records: list[Record], options: Options, file: str
) -> None:
    if "field limit" in error:
        refuse("field_too_long", file, f"a field of over {LONGEST_FIELD:,} characters", "clean the file", start)
    if "unexpected end" not in error:
        refuse("not_csv", file, error, "write the file as CSV: a quote inside a quoted cell is doubled", start)
    rest = lines[start - 1 :]
    *before, swallowed = next(csv.reader([*rest, '"'], delimiter=delimiter))  # what it would be if closed at the end
    line = start + len(rest) - max(len(io.StringIO(swallowed, newline="").readlines()), 1)
    reason = f"a quote opened on line {line} never closes and swallows the rows below"
    refuse("unclosed_quote", file, reason, "close it", line, _names(records, options).get(len(before)))


def _names(records: Sequence[Record], options: Options) -> dict[int, str]:
    if header := headers.find(records, options.reading):
        return {column.at: column.name for column in header.columns}
    return dict(enumerate(cell.strip() for cell in records[0].cells)) if records else {}


def _workbook(content: bytes, file: str, options: Options, _: str = "") -> Grid:
    """The one sheet with a table that is not hidden, or the one that `sheet` names, merged text cells filled in."""
    unpacked = decoding.workbook_archive(content, file)
    sheets = {name: (records, is_hidden) for name, records, is_hidden in _sheets(unpacked, file)}
    if options.sheet is not None and options.sheet not in sheets:
        refuse("not_csv", file, f"no sheet {options.sheet!r}", f"there are {', '.join(sheets)}", value=options.sheet)
    chosen = [sheets[options.sheet]] if options.sheet is not None else list(sheets.values())
    found = [one for one in chosen if headers.find(one[0], options.reading)]
    with_table = [records for records, is_hidden in found if options.sheet is not None or not is_hidden]
    if found and not with_table:
        hidden = ", ".join(name for name, (_, is_hidden) in sheets.items() if is_hidden)
        refuse("needs_choice", file, "a sheet that is hidden holds the table", f"state sheet, if it is meant: {hidden}")
    if len(with_table) > 1:
        refuse("not_csv", file, f"{len(with_table)} sheets hold a table", f"state sheet: one of {', '.join(sheets)}")
    filled = [records for records, _ in chosen if records]
    return Grid(file, tuple((with_table or filled or [[]])[0]), "sheet")


def _sheets(content: bytes, file: str) -> Iterator[tuple[str, list[Record], bool]]:
    """Name and records of each sheet, and whether it is hidden."""
    from python_calamine import SheetVisibleEnum, load_workbook

    try:
        workbook = load_workbook(io.BytesIO(content))
        for told in workbook.sheets_metadata:
            workbooks.refuse_far(content, told.name, file)  # the reader makes every cell up to the last one
            sheet, unseen = workbook.get_sheet_by_name(told.name), workbooks.unseen(content, told.name)
            cells = sheet.to_python(skip_empty_area=False)
            records = _sheet_records(cells, _merged(sheet, len(cells), file), unseen)
            yield told.name, records, told.visible != SheetVisibleEnum.Visible
    except BaseException as error:  # calamine panics on some damaged files, which is no Exception
        if isinstance(error, Refused | KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        refuse("not_text", file, f"not a workbook that can be read: {error}", "save it again as XLSX")


def _merged(sheet: Any, height: int, file: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The first and last cell, by row and column, of each merged range. Raises Refused where they lie over one another,
    which would fill the same cells again and again."""
    merged = sheet.merged_cell_ranges or []
    tall = [max(min(bottom + 1, height) - top, 0) for (top, _), (bottom, _) in merged]
    covered = sum(rows * (right - left + 1) for rows, ((_, left), (_, right)) in zip(tall, merged, strict=True))
    if covered > headers.MOST_CELLS:
        refuse("too_large", file, f"{covered:,} merged cells (limit {headers.MOST_CELLS:,})", "unmerge them")
    return list(merged)


def _sheet_records(
    rows: Sequence[Sequence[object]],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    unseen: Mapping[tuple[int, int], str],
) -> list[Record]:
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell not in ("", None)), default=0)
    texts = [[_sheet_cell(cell) for cell in row] for row in rows]
    numeric = [frozenset(at for at, cell in enumerate(row) if isinstance(cell, float | int)) for row in rows]
    for (line, at), text in unseen.items():
        if line < len(texts) and at < len(texts[line]) and (texts[line][at] or "{}" not in text):
            texts[line][at] = text.format(texts[line][at])
    titles = set()
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or not (isinstance(rows[top][left], str) or _is_year_over(rows[top][left], top, bottom)):
            continue
        titles |= {top} if top == bottom and left == 0 and right + 1 >= width else set()
        for line in range(top, min(bottom + 1, len(rows))):
            texts[line][left : right + 1] = [texts[top][left]] * (min(right + 1, len(texts[line])) - left)
    return [
        Record(n + 1, tuple(row[:width]), n in titles, numeric=numeric[n])
        for n, row in enumerate(texts)
        if any(cell.strip() for cell in row)
    ]


def _is_year_over(cell: object, top: int, bottom: int) -> bool:
    """A year merged over the columns of its quarters; another merged number is one figure, not several."""
    return isinstance(cell, float) and cell.is_integer() and 1900 <= cell <= 2200 and top == bottom


def _sheet_cell(cell: object) -> str:
    """A cell as CSV would print it: 5520.0 is 5520, a float its shortest form, a date ISO."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time(0):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _page(content: bytes, file: str, options: Options, _: str = "") -> Grid:
    """The one table of an HTML page that has a header."""
    text = decoding.text(content, file, options.encoding)
    decoding.refuse_conflict(text, file)
    if len(text) > html_tables.LONGEST_PAGE:
        refuse("too_large", file, f"a page of {len(text):,} characters (limit {html_tables.LONGEST_PAGE:,})", SMALLER)
    found = [records for records in html_tables.tables(text, file) if records]
    if not found:
        first = text.lstrip().split("\n", 1)[0].strip()[:80]
        refuse("not_csv", file, "a page without a table", "download it again", 1, None, first)
    with_table = [records for records in found if headers.find(records, options.reading)]
    if len(with_table) > 1:
        refuse("not_csv", file, f"{len(with_table)} tables on the page", "keep one table a file")
    return Grid(file, tuple((with_table or found)[0]), PAGE)


def _refuse_mojibake(found: Grid, options: Options) -> None:
    reason, fix = "text decoded by the wrong table of characters", "save it again as UTF-8 from the source"
    wrong = [
        (record.line, at, cell)
        for record in found.records
        for at, cell in enumerate(record.cells)
        if not cell.isascii() and _is_mojibake(cell)
    ]
    names = _names(found.records, options) if wrong else {}
    raise_errors(Problem("mojibake", found.file, reason, fix, line, names.get(at), cell) for line, at, cell in wrong)


def _is_mojibake(text: str) -> bool:
    """Holds U+FFFD, or is UTF-8 once it is written back in an encoding that it was read in by mistake."""
    if "\ufffd" in text:
        return True
    for encoding in ("cp1252", "latin-1", "cp1258"):
        with suppress(UnicodeError):
            if not text.encode(encoding).decode("utf-8").isascii():
                return True
    return False
