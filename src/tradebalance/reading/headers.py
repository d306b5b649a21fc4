"""What the columns of a printed table are: its header found, in English or Vietnamese, long or wide."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from ..words.amounts import Unit, by_word, unit, unit_or_none
from ..words.cells import fold
from . import periods
from .periods import Reading

ROLE_OF = by_word({
    "period": "period|time period|time|date|quarter|month|ky|thoi gian|quy|thang|thoi ky|ky bao cao|"
    "reference period|ref period|year|nam|quarter/year|refperiod|observation date",
    "reporter": "reporter|reporting country|reporter country|reporter code|reporter iso|reporteriso|nuoc bao cao|"
    "quoc gia bao cao|ben bao cao|nuoc|reporter name|reportercode|reporter desc|reporterdesc|ref area",
    "partner": "partner|partner country|partner code|partneriso|counterpart|doi tac|nuoc doi tac|thi truong|"
    "country|trading partner|partner name|ctyname|partnercode|partner iso|partner desc|partnerdesc|counterpart area",
    "flow": "flow|trade flow|direction|chieu|luong|dong|chieu thuong mai|luong hang|xuat/nhap|xuat nhap khau|"
    "flow code|flowcode|xnk|loai hinh|flow desc|flowdesc|trade flow code",
    "value": "value|amount|trade value|tri gia|gia tri|kim ngach|so tien|figure|obs value|"
    "primaryvalue|tri gia xnk",
    "unit": "unit|units|don vi|don vi tinh|dvt|unit of measure|unit measure",
    "multiplier": "unit mult|unit multiplier|unitmult|powercode|power code|powercode code|multiplier|scale",
    "frequency": "freq|freqcode|frequency|tan suat|periodicity",
    "currency": "currency|tien te|loai tien|dong tien",
    "vintage": "vintage|published|published on|publication date|release|release date|released|ngay cong bo|cong bo",
    "valuation": "valuation|price basis|gia|dinh gia|incoterm|incoterms",
    "basis": "basis|co so|coverage",
    "status": "status|trang thai|tinh trang|obs status",
    "rate": "rate|exchange rate|ty gia|fx|fx rate",
    "ignored": "note|notes|ghi chu|source|nguon|comment|comments|remark|remarks|url|source url|id|stt|no|no.|#|"
    "footnote|chu thich",
})  # fmt: skip
FLOW_OF = by_word({
    "export": "export|exports|exp|x|xk|e|xuat khau|kim ngach xuat khau|tri gia xuat khau|exports of goods|"
    "goods exports|xuat|total exports|merchandise exports|exports (fob)|exports fob|tong kim ngach xuat khau|"
    "xuat khau hang hoa",
    "import": "import|imports|imp|m|nk|i|nhap khau|kim ngach nhap khau|tri gia nhap khau|imports of goods|"
    "goods imports|nhap|total imports|merchandise imports|imports (cif)|imports cif|tong kim ngach nhap khau|"
    "nhap khau hang hoa",
    "balance": "balance|trade balance|bal|net exports|can can|can can thuong mai|can can tm|thang du|surplus",
})  # fmt: skip
TOTAL = re.compile(r"(?:grand |sub-?)?totals?|sum|tong(?: cong| so)?|cong|ca nam|whole year")
TOTAL_OF_YEAR = re.compile(
    r"(?:total|tong(?: cong)?|ca nam|whole year|sum)\s*(?:nam |of )?(\d{4})|(\d{4}) (?:total|sum)"
)
VIETNAMESE = re.compile(
    r"[ăđơư\u1ea1-\u1ef9]|\b(?:thang|quy|nuoc|chieu|doi tac|thi truong|xuat khau|nhap khau|tri gia|gia tri|kim ngach|"
    r"trieu|nghin|ngan|don vi|dvt|so bo|nguon|ghi chu|hoa ky)\b"
)
NOTE = re.compile(
    r"(?:\s*(?:\[(?:\d{1,2}|\w)\]|\(\d\)|[*†‡§¹²³⁴⁵⁶⁷⁸⁹]+))+(?=$|\s*[(,\[])"
)  # of a footnote, after a name
SERIES_ID = re.compile(r"[A-Z][A-Z0-9_.:-]{2,}")
RATE = re.compile(r"fx ([a-z]{3}) per usd|([a-z]{3}) ?(?:per|/) ?usd|ty gia ([a-z]{3})/usd")
WITH_UNIT = re.compile(r"(?P<name>.*?)\s*(?:[(\[](?P<inner>[^()\[\]]+)[)\]]|,\s*(?P<after>[^,]+)|\s-\s(?P<dash>.+))")
LONGEST_NAME = 120  # characters of a column's name
MOST_SEARCHED = 500  # records searched for words of a language
LOOKED_AT = 40  # records among which a header must come
# Of one table, whatever it is kept in: ten times the rows of the Census Bureau's workbook of all partners and years,
# and as much in all as some 500 MB hold.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 100_000, 500, 5_000_000


@dataclass(frozen=True)
class Record:
    """One record of a file: its physical line and its cells, and whether one merged cell spans it all.

    `numeric` are the places of the cells that a workbook holds as numbers: no locale has to be known to read them.
    """

    line: int
    cells: tuple[str, ...]
    is_title: bool = False
    raw: str = ""
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Column:
    """A column by what it holds: a role, or a measure of one flow or period; `name` is as printed, `more` what of a
    measure's name is neither.

    role is one of ROLE_OF's, `total` for a sum of the periods beside it, or "" for an unknown one. A wide column is
    a value with the flow or period set.
    """

    at: int
    name: str
    role: str
    flow: str | None = None
    period: str | None = None
    unit: Unit = field(default_factory=Unit)
    currency: str = ""
    more: str = ""


@dataclass(frozen=True)
class Header:
    """The header's columns, and the numbers of its first and last record."""

    columns: tuple[Column, ...]
    first: int
    last: int

    def of(self, role: str) -> Column | None:
        return next((column for column in self.columns if column.role == role), None)

    @property
    def values(self) -> list[Column]:
        return [column for column in self.columns if column.role == "value"]


def find(records: Sequence[Record], reading: Reading) -> Header | None:
    """The header among the first records, its merged levels joined; None if there is none."""
    for number, record in enumerate(records[:LOOKED_AT]):
        if _names_columns(record.cells, reading):
            first = last = number
            while first and _is_level(records[first - 1], record, reading):
                first -= 1
            while last + 1 < len(records) and _continues(records[last + 1], records[last], reading):
                last += 1
            return Header(tuple(_columns(records[first : last + 1], reading)), first, last)
    if reading.is_series and records and len(records[0].cells) == 2:  # dates, and the figures by the name of a series
        dates, figures = _columns(records[:1], reading)
        if dates.role == "period" and not figures.role and SERIES_ID.fullmatch(figures.name):
            return Header((dates, replace(figures, role="value", more="")), 0, 0)
    return None


def speaks_vietnamese(records: Iterable[Record]) -> bool:
    """Whether a word of Vietnamese stands in a table, its names, titles and notes, where a point may stand between
    thousands and T1 is January."""
    words = " | ".join({cell.casefold() for record in islice(records, MOST_SEARCHED) for cell in record.cells})
    return bool(VIETNAMESE.search(unicodedata.normalize("NFC", words)) or VIETNAMESE.search(fold(words)))


def score(cells: Sequence[str], reading: Reading) -> int:
    """How many columns a record names, 0 if it is no header: what tells one delimiter from another."""
    return sum(bool(_meaning(cell, reading)) for cell in cells) if _names_columns(cells, reading) else 0


def unit_above(records: Sequence[Record]) -> Unit:
    """The unit that a preamble or title states (`Đơn vị: tỷ USD`); nothing if it states none."""
    for record in records:
        for cell in dict.fromkeys(cell[:LONGEST_NAME] for cell in record.cells):
            found = re.search(r"(?:don vi(?: tinh)?|dvt|units?|in)\s*[:：]?\s*(.+?)\)?$", fold(cell))
            stated = unit_or_none(found[1]) if found else Unit()
            if stated != Unit():
                return stated
    return Unit()


def _meaning(cell: str, reading: Reading) -> str:
    """`role`, `flow`, `period`, `part` (of a year) or `unit` for a cell that a header may hold, else nothing."""
    name, unit_text = split_unit(cell) if len(cell) <= LONGEST_NAME else ("", "")
    if not name:
        return ""
    if name in ROLE_OF or RATE.fullmatch(name):
        return "role"
    if name in FLOW_OF:
        return "flow"
    if periods.period_in(cell, reading) or periods.period_in(name, reading):
        return "period"
    if periods.is_part_of_year(name, reading):
        return "part"
    return "unit" if unit_text or _states_unit(name) else ""


def _states_unit(text: str) -> bool:
    """Whether a text is a scale or a currency, which alone is a unit of 1: `US$`, but not the letter for dong."""
    found = unit_or_none(text)
    return found.scale is not None or (found.currency is not None and text not in ("d", "do"))


def split_unit(cell: str) -> tuple[str, str]:
    """A header cell's folded name, and the unit that it carries: `Value (USD bn)`, `Exports, USD mn`."""
    folded = fold(NOTE.sub("", cell.strip())).replace("_", " ")
    found = WITH_UNIT.fullmatch(folded)
    text = (found["inner"] or found["after"] or found["dash"]) if found else ""
    if found and _states_unit(text):
        return found["name"].strip(" :"), text
    return folded.strip(" :"), ""


def _names_columns(cells: Sequence[str], reading: Reading) -> bool:
    meanings = [_meaning(cell, reading) for cell in dict.fromkeys(cells) if cell.strip()]
    roles = meanings.count("role")
    wide = meanings.count("flow") + meanings.count("period")
    return roles >= 2 or (roles >= 1 and wide >= 1) or (meanings.count("flow") >= 2 and roles + wide == len(meanings))


def _is_level(above: Record, header: Record, reading: Reading) -> bool:
    """Whether a record above a header belongs to it: a merged title, or a level of merged cells."""
    if above.is_title:
        return True
    cells = [cell for cell in above.cells if cell.strip()]
    return len(cells) >= 2 and len(above.cells) == len(header.cells) and all(_meaning(c, reading) for c in cells)


def _continues(below: Record, above: Record, reading: Reading) -> bool:
    """Whether a record below is one more level: every cell names a column or repeats the one above."""
    if len(below.cells) != len(above.cells) or below.cells == above.cells:
        return False
    pairs = [(cell, over) for cell, over in zip(below.cells, above.cells, strict=True) if cell.strip()]
    meanings = [_meaning(cell, reading) for cell, over in pairs if cell != over]
    repeated = len(meanings) < len(pairs)
    return len(meanings) > 1 and all(meanings) and (repeated or not {"role", "flow"}.isdisjoint(meanings))


def _columns(levels: Sequence[Record], reading: Reading) -> Iterator[Column]:
    named = [level.cells for level in levels if not level.is_title]
    for at in range(len(levels[-1].cells)):
        parts = [" ".join(cells[at].split())[:LONGEST_NAME] for cells in named if at < len(cells) and cells[at].strip()]
        yield _column(at, list(dict.fromkeys(parts)), reading)


def _column(at: int, parts: Sequence[str], reading: Reading) -> Column:
    """One column from its header cells, the topmost first."""
    role, flow, period, within, currency, more, stated = "", None, None, "", "", "", Unit()
    for part in parts:
        name, unit_text = split_unit(part)
        rate = RATE.fullmatch(name)
        if rate or name in ROLE_OF:
            role = "rate" if rate else ROLE_OF[name]
            currency = next((code.upper() for code in rate.groups() if code), "") if rate else currency
        elif name in FLOW_OF:
            flow = FLOW_OF[name]
        elif text := next((text for text in (part, name) if periods.period_in(text, reading)), None):
            period = text
        elif periods.is_part_of_year(name, reading):
            within = name
        elif _states_unit(name):
            unit_text = name
        elif TOTAL.fullmatch(name) or TOTAL_OF_YEAR.fullmatch(name):
            role = "total"
        else:
            more = name
        stated = unit(unit_text) if unit_text else stated
    period = f"{within} {period}" if within and period else period
    if role != "total" and (flow or period or (stated != Unit() and not role)):
        role = "value"
    return Column(at, parts[-1] if parts else "", role, flow, period, stated, currency, more)


@dataclass(frozen=True)
class Grid:
    """A file's records that are not blank; `complete` says that the last one ends in a line end."""

    file: str
    records: tuple[Record, ...]
    delimiter: str = ","
    complete: bool = True
