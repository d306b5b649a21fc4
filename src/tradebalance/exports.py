"""A table as CSV or XLSX that a spreadsheet opens without running what is in it, and that reads back equal.

In CSV a text that a spreadsheet would take for a formula is written behind an apostrophe, which its reader takes off.
Numbers such as -27.3 stay as they are. In XLSX a text is a text whatever it looks like, never a formula or a link, and
a number is a number where that is exact, or else its digits as text. Both read back as the cells' texts (`text_of`).
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# at the start of the cell or of a line in it, after any blanks: some readers strip those first
FORMULA = re.compile(r"(?:^|[\r\n])[\s\u00a0\u200b\ufeff]*[=+\-@＝＋－＠|%]|^[\t\r]")
GUARD = "'"
EXACT_DIGITS = 15  # a double holds any decimal of so many digits (IEEE 754)
LONGEST_CELL = 32_767  # characters, Excel's limit; XlsxWriter drops a longer text
NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
CREATED = dt.datetime(2000, 1, 1)  # the same table gives the same bytes
AS_WRITTEN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def defused(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it; one that has apostrophes gets one more."""
    if NUMBER.fullmatch(text) or not FORMULA.search(text.lstrip(GUARD)):
        return text
    return GUARD + text


def restored(text: str) -> str:
    """The text that `defused` was given."""
    return (
        text[1:]
        if text.startswith(GUARD) and FORMULA.search(text.lstrip(GUARD)) and not NUMBER.fullmatch(text)
        else text
    )


def text_of(cell: object) -> str:
    """A cell's text: None as nothing, a Decimal in plain digits without the zeros that say nothing."""
    if isinstance(cell, Decimal) and cell.is_finite():
        digits = format(cell, "f")
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return "0" if digits == "-0" else digits
    return "" if cell is None else str(cell)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with \\n line ends, every cell as its text, defused."""
    out = io.StringIO(newline="")
    # of the line ends the writer only knows its own, so that a lone \r would end a row: those cells are quoted by hand
    for row in (columns, *rows):
        out.write(",".join(_quoted(defused(text_of(cell))) for cell in row) + "\n")
    return out.getvalue()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if not text or re.search('[",\r\n]', text) else text


def rows_of(text: str) -> list[list[str]]:
    """The cells of a CSV that `csv_text` wrote, header first."""
    return [[restored(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def xlsx_bytes(
    columns: Sequence[str], rows: Iterable[Sequence[object]], about: Mapping[str, str] | None = None
) -> bytes:
    """A workbook, always of the same bytes: the table on its first sheet, and what it is `about` on a second.

    Raises ValueError for what a sheet cannot give back: a column without a name, a row without any text, a text that
    is too long or holds a character that XML cannot.
    """
    import xlsxwriter

    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, AS_WRITTEN)
    workbook.set_properties({"created": CREATED})
    _write_sheet(workbook.add_worksheet("table"), [columns, *rows])
    if about:
        _write_sheet(workbook.add_worksheet("about"), [("key", "value"), *about.items()])
    workbook.close()
    return content.getvalue()


def _write_sheet(sheet: Any, rows: Sequence[Sequence[object]]) -> None:
    if not all(map(text_of, rows[0])):
        raise ValueError("every column of a sheet needs a name")
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows):
        if not any(map(text_of, row)):
            raise ValueError(f"row {line + 1} of the sheet has no text")
        for column, cell in enumerate(row):
            text = text_of(cell)
            if len(text.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST_CELL or NOT_IN_XML.search(text):
                raise ValueError(f"a sheet cannot hold the text in row {line + 1}, column {column + 1}")
            if (
                isinstance(cell, Decimal)
                and NUMBER.fullmatch(text)
                and len(Decimal(text).as_tuple().digits) <= EXACT_DIGITS
            ):
                sheet.write_number(line, column, float(text))
            else:
                sheet.write_string(line, column, text)


def xlsx_rows(content: bytes) -> list[list[str]]:
    """The cells of the first sheet of a workbook that `xlsx_bytes` wrote, header first."""
    from python_calamine import load_workbook

    sheet = load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
    return [
        [cell if isinstance(cell, str) else text_of(Decimal(repr(cell))) for cell in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]
