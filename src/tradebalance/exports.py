"""A table as CSV that a spreadsheet opens without running what is in it, and that reads back equal.

A text that a spreadsheet would take for a formula is written behind an apostrophe, which its reader takes off.
Numbers such as -27.3 stay as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# at the start of the cell or of a line in it, after any blanks: some readers strip those first
FORMULA = re.compile(r"(?:^|[\r\n])[\s\u00a0\u200b\ufeff]*[=+\-@＝＋－＠|%]|^[\t\r]")
GUARD = "'"


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


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with \\n line ends, None as an empty cell, every other cell as its text, defused."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for row in (columns, *rows):
        writer.writerow([defused("" if cell is None else str(cell)) for cell in row])
    return out.getvalue()


def rows_of(text: str) -> list[list[str]]:
    """The cells of a CSV that `csv_text` wrote, header first."""
    return [[restored(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
