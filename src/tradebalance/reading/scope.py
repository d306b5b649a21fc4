"""What a table is of, beyond who trades with whom: columns and titles that split the flow of goods or measure something
else. A figure of a part is never read as the whole."""

import re
from collections.abc import Iterable, Sequence

from ..words.amounts import by_word
from ..words.cells import fold
from . import headers
from .headers import Column, Record
from .sheet import Sheet

KIND_OF = by_word({
    "part": "cmd|commodity|commodities|product|products|goods|item|hs|hs2|hs4|hs6|sitc|bec|cn|cn8|naics|tariff|chapter|"
    "heading|category|categories|goods/services|mot|mos|customs|partner2|2nd partner|second partner|type|regime|"
    "trade regime|procedure|customs procedure|stat procedure|transport|transport mode|mode of transport|sector|"
    "industry|port|district|province|region|mat hang|nhom|nhom hang|ten hang|loai hang|ma hang|ma hs|chuong|"
    "phuong thuc van tai|khu vuc|tinh",
    "measure": "indicator|indicators|series|measure|variable|subject|concept|chi tieu",
    "adjusted": "seasonal adjustment|seasonal adjust|seasonally adjusted|seasadj|s adjustment|s adj|seasonality|"
    "adjustment|adjusted|sa|hieu chinh mua vu",
    "prices": "price|prices|price base|gia co dinh",
})  # fmt: skip
SUFFIX = re.compile(r"(?: ?(?:code|desc|description|name|id|group|iso|level)s?)+$")
TOTAL = re.compile(
    r"(?:(?:grand )?total|all|tong(?: so| cong)?|toan bo)(?: (?:mot|cpc|trade|goods|merchandise|commodit(?:y|ies)|"
    r"products?|modes?(?: of transport)?|customs procedures?|partners?|sectors?|industries|ports|mat hang|hang hoa))?|"
    r"0+(?:\.0)?|[cw]00|[ctzx]|goods|world|hang hoa"
)
VALUE = re.compile(r"(?:trade )?values?(?: in (?:us )?(?:dollars|usd|euros?))?|obs value|v|usd|tri gia")
AS_RECORDED = re.compile(r"nsa|n|no|false|0|none|raw|khong|(?:not|un|non)[ -]?(?:seasonally )?adjusted.*")
ADJUSTED = re.compile(r"(?<!not )(?<!non )seasonally adjusted|da hieu chinh mua vu")
ALLOWED = {  # what the cells of a column of a kind may say, and what is wrong where they do not
    "part": (TOTAL, "it splits the flow, and this is no total"),
    "measure": (VALUE, "it says what is measured, and that is no value of trade in goods"),
    "adjusted": (AS_RECORDED, "the figures are adjusted; use the series as recorded"),
    "prices": (re.compile(r"v|current.*|nominal.*|gia hien hanh"), "the figures are not at current prices"),
}


def _kind(column: Column) -> str:
    """Which kind of scope a column tells; nothing for any other column."""
    name, _ = headers.split_unit(column.name)
    return "" if column.role else KIND_OF.get(name) or KIND_OF.get(SUFFIX.sub("", name)) or ""


def check(sheet: Sheet, rows: Iterable[Record]) -> None:
    """Tell columns, titles and names of measures by which the figures are not those of all goods, as recorded."""
    rows = [row for row in rows if row.cells]
    for column in sheet.header.columns:
        _tell_unread(sheet, column, rows)
        allowed, reason = ALLOWED.get(_kind(column)) or (None, "")
        cells = [(row.line, row.cells[column.at].strip()) for row in rows] if allowed else []
        off = [(line, text) for line, text in cells if text and allowed and not _says(allowed, text)]
        if off:
            line, text = off[0]
            others = f" (and {len(off) - 1} more rows)" if len(off) > 1 else ""
            sheet.note("needs_choice", line, column.name, text, reason + others, "keep rows of totals of goods alone")
        if column.role == "value" and column.more:
            reason = f"{column.more!r} says more than a unit: are these the figures of all goods?"
            sheet.note("needs_choice", sheet.line, column.name, column.name, reason, "name it export, import or value")
    for record in sheet.grid.records[: sheet.header.first]:
        if ADJUSTED.search(fold(" ".join(record.cells))):
            reason, fix = ALLOWED["adjusted"][1], "download the figures that are not adjusted"
            sheet.note("needs_choice", record.line, None, None, reason, fix)


def _tell_unread(sheet: Sheet, column: Column, rows: Sequence[Record]) -> None:
    """Tell a column that is not known, or has no name and holds something; one that numbers the rows may have none."""
    fix = "remove it, or leave it"
    if column.name and column.role in ("", "total") and not _kind(column):
        reason = "a total: checked, not kept" if column.role else "not a column known here; it is not read"
        sheet.warn("unknown_column", sheet.line, column.name, None, reason, fix)
    cells = {row.cells[column.at].strip() for row in rows} if not (column.name or column.role) else {""}
    numbers = {*map(str, range(len(rows) + 1))} if not column.at else set()
    if any(cells) and not numbers.issuperset(cells):
        reason = f"column {column.at + 1} has no name; it is not read"
        sheet.warn("unknown_column", sheet.line, None, None, reason, fix)


def _says(allowed: re.Pattern[str], text: str) -> bool:
    name, _ = headers.split_unit(text)
    return bool(allowed.fullmatch(name.strip()) or (allowed is VALUE and name in headers.FLOW_OF))
