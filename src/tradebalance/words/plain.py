"""Values as JSON and CSV hold them: numbers to a fixed digit, exact ones as text without idle zeros, and text that no
spreadsheet runs.

What a spreadsheet would take for a formula is written behind an apostrophe, which a reader takes off again: at the
start of a cell, of a line in it, and after a semicolon or a tab, at which a spreadsheet may split the cell (OWASP, CSV
injection). Numbers such as -27.3 stay as they are.
"""

import io
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# where a cell may start, any blanks, which some readers strip first, and what makes a formula
FORMULA = re.compile(r"((?:^|[\r\n;\t])[\s\u00a0\u200b\ufeff]*)('*[=+\-@＝＋－＠|%])")
GUARDED = re.compile(FORMULA.pattern.replace("('*", "'('*"))
STRIPPED = re.compile(r"^'*[\t\r]")  # a first character that some readers drop, and look at the next one
GUARD = "'"
# kinds of characters that a terminal obeys or hides instead of showing them: controls, marks of direction and of no
# width, halves of characters, ends of lines and paragraphs
UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
DIGITS = 9  # a machine's last bits are no other answer


def plain(value: Any, digits: int = DIGITS) -> Any:
    """A number as a float of so many digits, what is none as None; a row, mapping or named tuple by its names.

    Text stays, and so does a truth value.
    """
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping | pd.Series):
        return {str(name): plain(each, digits) for name, each in value.items()}
    if value is None or isinstance(value, str | bool):
        return value
    number = float(value)
    return None if math.isnan(number) else round(number, digits)


def text_of(cell: object) -> str:
    """A cell's text: None as nothing, a Decimal in plain digits without the zeros that say nothing."""
    if isinstance(cell, Decimal) and cell.is_finite():
        digits = format(cell, "f")
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        return "0" if digits == "-0" else digits
    return "" if cell is None else str(cell)


def text_or_none(cell: object) -> str | None:
    """The same, but for nothing, which JSON has a word for."""
    return None if cell is None else text_of(cell)


def defused(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would begin to run it; one that is there already gets one
    more."""
    if NUMBER.fullmatch(text):
        return text
    guarded = FORMULA.sub(rf"\1{GUARD}\2", text)
    return GUARD + guarded if STRIPPED.match(guarded) else guarded


def restored(text: str) -> str:
    """The text that `defused` made this one of."""
    if NUMBER.fullmatch(text):
        return text
    guarded = text.removeprefix(GUARD) if STRIPPED.match(text) else text
    return GUARDED.sub(r"\1\2", guarded)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with \\n line ends, every cell as its text, defused."""
    out = io.StringIO(newline="")
    # of the line ends the writer only knows its own, so that a lone \r would end a row: those cells are quoted by hand
    for row in (columns, *rows):
        out.write(",".join(_quoted(defused(text_of(cell))) for cell in row) + "\n")
    return out.getvalue()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if not text or re.search('[",\r\n]', text) else text


def shown(text: str) -> str:
    """A text for a terminal: what would be obeyed or hidden, but for tab and line end, is written as JSON writes it, so
    that JSON stays equal."""
    return re.sub(r"[^\n\t -~]", lambda found: _written_out(found[0]), text)


def _written_out(character: str) -> str:
    return json.dumps(character)[1:-1] if unicodedata.category(character) in UNSHOWN else character
