"""What a reader of values drops from an XLSX workbook, and what changes a figure: raised and struck-out characters,
formulas that nobody calculated, number formats that scale what they show, rows and columns that are hidden."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ..words.amounts import Unit, unit_or_none
from . import html_tables

BOOK, STRINGS, STYLES = "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml"
LINKS = "xl/_rels/workbook.xml.rels"
WORTH_A_LOOK = re.compile(rb"<(?:\w+:)?f[ >/]|hidden=|inlineStr")  # in a sheet whose book has no odd string or format
LITERAL = re.compile(r'"([^"]*)"|\[\$([^\]-]*)[^\]]*\]|\\(.)')
SCALED = re.compile(r"[0#?](,+)(?![0#?,.])")
IN_BRACKETS = re.compile(r"\[[^\]]*\]")  # a colour or a condition
CELL = re.compile(r"([A-Z]{1,3})(\d+)")
PERCENTS = {9: "0%", 10: "0.00%"}  # formats that every workbook has


@dataclass
class Unseen:
    """Of one sheet: what cells show in place of their values or after them, by row and column from 0, and the rows and
    columns that are hidden."""

    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    after: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)


def unseen(content: bytes, name: str) -> Unseen:
    """What is told of the sheet of a name. Raises ElementTree.ParseError and KeyError for a damaged workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {each.casefold(): each for each in book.namelist()}
        strings = _odd_strings(book.read(parts[STRINGS])) if STRINGS in parts else {}
        formats = _odd_formats(book.read(parts[STYLES])) if STYLES in parts else {}
        sheet = book.read(parts[_path(book, name).casefold()])
    if not (strings or formats or WORTH_A_LOOK.search(sheet)):
        return Unseen()
    found = Unseen()
    for element in ElementTree.fromstring(sheet).iter():
        kind = _kind(element)
        if kind == "row" and element.get("hidden") in ("1", "true"):
            found.rows.add(int(element.get("r", "0")) - 1)
        elif kind == "col" and element.get("hidden") in ("1", "true"):
            found.columns |= {*range(int(element.get("min", "1")) - 1, int(element.get("max", "1")))}
        elif kind == "c" and (place := CELL.fullmatch(element.get("r", ""))):
            at = int(place[2]) - 1, _number(place[1])
            text, after = _shown(element, strings), formats.get(element.get("s", ""))
            if text is not None:
                found.texts[at] = text
            elif after and element.get("t", "n") == "n":
                found.after[at] = after
    return found


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
    return number - 1


def _odd_strings(part: bytes) -> dict[str, str]:
    """The shared texts, by number, that are not what their characters say."""
    if b"vertAlign" not in part and b"strike" not in part:
        return {}
    items = [one for one in ElementTree.fromstring(part) if _kind(one) == "si"]
    return {str(n): text for n, one in enumerate(items) if (text := _runs(one)) is not None}


def _runs(item: Element) -> str | None:
    """A text of several runs as it is shown, notes in brackets; None where none is raised, lowered or struck out."""
    shown, is_odd = "", False
    for run in _children(item, "r"):
        marks = {_kind(one): one.get("val", "1") for one in _children(run, "rPr") for one in one}
        text = "".join(one.text or "" for one in _children(run, "t"))
        struck = marks.get("strike", "0") not in ("0", "false")
        raised = marks.get("vertAlign", "baseline") != "baseline"
        is_odd |= struck or raised
        shown += "\1" if struck else f"\2{text}\3" if raised else text
    return html_tables.in_one(shown) if is_odd else None


def _odd_formats(part: bytes) -> dict[str, str]:
    """What number formats that say more of a figure than its digits print after them, by the number of the style."""
    root = ElementTree.fromstring(part)
    codes = PERCENTS | {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in _children(root, "numFmt")}
    styles = [xf for all_ in _children(root, "cellXfs") for xf in all_]
    by_style = {str(n): _printed(codes.get(int(xf.get("numFmtId", "0")), "")) for n, xf in enumerate(styles)}
    return {number: words for number, words in by_style.items() if words}


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


def _shown(cell: Element, strings: dict[str, str]) -> str | None:
    """What a cell shows in place of its value, where that is a text of runs, or a formula that gave nothing or 0."""
    value = next((one.text or "" for one in _children(cell, "v")), "")
    kind = cell.get("t", "n")
    formula = next(_children(cell, "f"), None)
    if kind == "n" and formula is not None and value in ("", "0"):
        return f"={formula.text or ''}"
    return strings.get(value) if kind == "s" else _runs(cell) if kind == "inlineStr" else None
