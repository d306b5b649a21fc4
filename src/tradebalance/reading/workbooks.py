"""What a reader of values drops from an XLSX workbook, and what changes a figure: raised and struck-out characters,
formulas that nobody calculated, number formats that scale what they show, rows and columns that are hidden."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from ..words.amounts import Unit, unit_or_none
from ..words.problems import refuse
from . import html_tables
from .headers import MOST_CELLS, MOST_COLUMNS, MOST_ROWS

BOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS, STYLES = "xl/sharedstrings.xml", "xl/styles.xml"
WORTH_A_LOOK = re.compile(rb"<(?:\w+:)?f[ >/]|hidden=|inlineStr")  # in a sheet whose book has no odd string or format
LITERAL = re.compile(r'"([^"]*)"|\[\$([^\]-]*)[^\]]*\]|\\(.)')
IN_BRACKETS = re.compile(r"\[[^\]]*\]")  # a colour or a condition
SCALED = re.compile(r"[0#?],+(?![0#?,.])")
CELL = re.compile(r"([A-Z]{1,3})(\d+)")
LAST_COLUMN = 16_384  # of any workbook (ECMA-376)
PERCENTS = {9: "0%", 10: "0.00%"}  # formats that every workbook has
HIDDEN = "{} hidden"  # no figure, country or name of a column


def unseen(content: bytes, name: str) -> dict[tuple[int, int], str]:
    """What cells of a sheet show where that is not their value, by row and column from 0, with {} for the value.

    Raises an error of ElementTree, KeyError or StopIteration for a damaged workbook.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {each.casefold(): each for each in book.namelist()}
        strings = _odd_strings(book.read(parts[STRINGS])) if STRINGS in parts else {}
        formats = _odd_formats(book.read(parts[STYLES])) if STYLES in parts else {}
        sheet = book.read(parts[_path(book, name).casefold()])
    found: dict[tuple[int, int], str] = {}
    columns, row_is_hidden = set(), False
    is_odd = strings or formats or WORTH_A_LOOK.search(sheet)
    for event, element in ElementTree.iterparse(io.BytesIO(sheet), ("start", "end")) if is_odd else ():
        kind, is_hidden = _kind(element), element.get("hidden") in ("1", "true")
        if event == "start" and kind == "row":
            row_is_hidden = is_hidden
        elif kind == "row":
            element.clear()
        elif kind == "col" and is_hidden:
            columns |= {*range(int(element.get("min", "1")), min(int(element.get("max", "1")), LAST_COLUMN) + 1)}
        elif event == "end" and kind == "c" and (place := CELL.fullmatch(element.get("r", ""))):
            column = _number(place[1])
            shown = HIDDEN if row_is_hidden or column in columns else _shown(element, strings, formats)
            found |= {(int(place[2]) - 1, column - 1): shown} if shown else {}
    return found


def refuse_far(content: bytes, name: str, file: str) -> None:
    """Raise Refused for a sheet with something in a cell beyond what a table may have: a reader makes all before it.

    What a sheet says of its size is not asked: a cell counts with what is in it. Raises as `unseen` does.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {each.casefold(): each for each in book.namelist()}
        rows, columns = _extent(book.read(parts[_path(book, name).casefold()]))
    fix = "delete what stands far from the table, or give the table as a file of its own"
    if columns > MOST_COLUMNS:
        reason = f"sheet {name!r} has something in column {columns:,} (limit {MOST_COLUMNS:,})"
        refuse("too_many_columns", file, reason, fix)
    if rows > MOST_ROWS:
        refuse("too_large", file, f"sheet {name!r} has something in row {rows:,} (limit {MOST_ROWS:,})", fix)
    if rows * columns > MOST_CELLS:
        refuse("too_large", file, f"sheet {name!r} has {rows:,} rows of {columns:,} cells (limit {MOST_CELLS:,})", fix)


def _extent(part: bytes) -> tuple[int, int]:
    """The last row and the last column that hold something; cells without a place follow the one before them."""
    row = column = last_row = last_column = 0

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal row, column, last_row, last_column
        kind = tag.rpartition(":")[2]
        if kind == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif kind == "c":
            place = CELL.fullmatch(attributes.get("r", ""))
            row, column = (int(place[2]), _number(place[1])) if place else (row, column + 1)
        elif kind in ("v", "is", "f"):
            last_row, last_column = max(last_row, row), max(last_column, column)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.ParseFile(io.BytesIO(part))
    return last_row, last_column


def _kind(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, kind: str) -> Iterator[Element]:
    return (child for child in element.iter() if _kind(child) == kind)


def _path(book: zipfile.ZipFile, name: str) -> str:
    """The part of the archive that a sheet is kept in."""
    sheet = next(s for s in _children(ElementTree.fromstring(book.read(BOOK)), "sheet") if s.get("name") == name)
    link = next(value for key, value in sheet.items() if key.endswith("}id"))
    links = _children(ElementTree.fromstring(book.read(LINKS)), "Relationship")
    target = next(one.get("Target", "") for one in links if one.get("Id") == link)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _odd_strings(part: bytes) -> dict[str, str]:
    """The shared texts, by number, that are not what their characters say."""
    is_odd = b"vertAlign" in part or b"strike" in part
    items = [one for one in ElementTree.fromstring(part) if _kind(one) == "si"] if is_odd else []
    return {str(n): text for n, one in enumerate(items) if (text := _runs(one))}


def _runs(item: Element) -> str:
    """A text of runs as it is shown, notes in brackets; nothing where none is raised, lowered or struck out."""
    shown, is_odd = "", False
    for run in _children(item, "r"):
        marks = {_kind(one): one.get("val", "1") for of_run in _children(run, "rPr") for one in of_run}
        text = "".join(one.text or "" for one in _children(run, "t"))
        is_struck = _is_struck(run)
        is_raised = marks.get("vertAlign", "baseline") != "baseline"
        is_odd |= is_struck or is_raised
        shown += "\1" if is_struck else f"\2{text}\3" if is_raised else text
    return _verbatim(html_tables.in_one(shown)) if is_odd else ""


def _is_struck(item: Element) -> bool:
    return any(one.get("val", "1") not in ("0", "false") for one in _children(item, "strike"))


def _verbatim(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _odd_formats(part: bytes) -> dict[str, str]:
    """What is shown in number formats that say more of a figure than its digits, by the number of the style."""
    root = ElementTree.fromstring(part)
    codes = PERCENTS | {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in _children(root, "numFmt")}
    styles = [xf for of_cells in _children(root, "cellXfs") for xf in of_cells]
    struck = {str(n) for fonts in _children(root, "fonts") for n, font in enumerate(fonts) if _is_struck(font)}
    by_style = {
        str(n): "struck out" if xf.get("fontId") in struck else _printed(codes.get(int(xf.get("numFmtId", "0")), ""))
        for n, xf in enumerate(styles)
    }
    return {number: f"{{}} {_verbatim(words)}" for number, words in by_style.items() if words}


def _printed(code: str) -> str:
    """What a number format adds to the digits: a percent sign, a unit, or itself where it scales them."""
    first = code.split(";")[0]
    bare = IN_BRACKETS.sub("", LITERAL.sub("", first))
    if re.search("[ymdhs]", bare.casefold()):
        return ""  # a date
    if "%" in bare or SCALED.search(bare):
        return "%" if "%" in bare else f"({first})"
    words = " ".join(["".join(found) for found in LITERAL.findall(first)] + [sign for sign in "$€£¥₫" if sign in bare])
    return words.strip() if unit_or_none(words) != Unit() else ""


def _shown(cell: Element, strings: dict[str, str], formats: dict[str, str]) -> str | None:
    """What a cell shows in place of its value: a text of runs, a formula that gave nothing or 0, a number's format."""
    parts = {_kind(part): part.text or "" for part in cell}
    value, kind = parts.get("v", ""), cell.get("t", "n")
    if kind == "n" and "f" in parts and value in ("", "0"):
        return _verbatim(f"={parts['f']}")
    if kind == "inlineStr":
        return _runs(cell)
    return strings.get(value) if kind == "s" else formats.get(cell.get("s", "")) if kind == "n" else None
