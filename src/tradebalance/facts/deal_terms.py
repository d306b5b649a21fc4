"""What a ledger row prints of its deal besides value and window: pieces, price of one, next event, confidence.

All columns are optional. A deal may have firm pieces and options; where a source says that there are options and not
how many, both cells say `undisclosed`. The price of a piece follows from value and quantity, unless it is printed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from ..words import cells, money
from ..words.cells import CellError, VagueDate
from ..words.terms import Confidence

COLUMNS = (
    "firm_quantity", "option_quantity", "unit_price", "list_price_year", "next_event", "next_event_on", "confidence",
    "happened",
)  # fmt: skip
UNDISCLOSED = "undisclosed"
UNDATED = VagueDate(None, None, "")
# list prices were published for jets only, the first of which flew passengers in the fifties
FIRST_YEAR, LAST_YEAR = 1950, 2100
SAME = Decimal("0.05")  # so far may value / quantity be from a printed price of one: values are printed to two digits
Read = TypeVar("Read")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A row's terms; None, empty or undated where it prints nothing.

    `firm_quantity` and `option_quantity` add up to the row's quantity; where one of them is printed, the other follows.
    `is_split_undisclosed`: there are options, and no source says how many. `unit_price_usd_mn` is the value of one
    piece, `list_price_year` the year (or years) of the list prices behind the value. `next_event` is the next dated
    milestone as told on the row's date, `happened` the one of an earlier row of the deal that had come by then.
    """

    firm_quantity: Decimal | None = None
    option_quantity: Decimal | None = None
    is_split_undisclosed: bool = False
    unit_price_usd_mn: Decimal | None = None
    list_price_year: VagueDate = UNDATED
    next_event: str = ""
    next_event_on: VagueDate = UNDATED
    confidence: Confidence | None = None
    happened: str = ""


def quantity(text: str) -> Decimal | None:
    """A plain number of pieces; anything else is no quantity to reckon with."""
    try:
        return cells.decimal(text)
    except CellError:
        return None


def read(row: Mapping[str, str], value_usd_mn: Decimal | None) -> tuple[Terms, list[CellError]]:
    """A row's terms and every problem of their cells, each with its column in `cell`."""
    found: list[CellError] = []
    firm, option, is_open = _split(row, found)
    price = _cell(row, "unit_price", lambda text: _price(text, row), found)
    pieces = quantity(row.get("quantity", ""))
    worked_out = value_usd_mn / pieces if value_usd_mn is not None and pieces else None
    if price is not None and worked_out is not None and abs(price - worked_out) > SAME * worked_out:
        reason = f"{pieces} pieces at it are not {value_usd_mn} USD million"
        found.append(CellError("inconsistent", reason, "correct one of the three", "unit_price"))
    terms = Terms(
        firm_quantity=firm,
        option_quantity=option,
        is_split_undisclosed=is_open,
        unit_price_usd_mn=worked_out if price is None else price,
        list_price_year=_cell(row, "list_price_year", _years, found) or UNDATED,
        next_event=row.get("next_event", "").strip(),
        next_event_on=_cell(row, "next_event_on", cells.vague_date, found) or UNDATED,
        confidence=_cell(row, "confidence", _confidence, found),
        happened=row.get("happened", "").strip(),
    )
    if terms.next_event_on != UNDATED and not terms.next_event:
        found.append(CellError("inconsistent", "a date without an event", "say what happens then", "next_event"))
    return terms, found


def _cell(row: Mapping[str, str], column: str, parse: Callable[[str], Read], found: list[CellError]) -> Read | None:
    """A cell's value; None where it is empty, or cannot be read, which is noted."""
    text = row.get(column, "").strip()
    if not text:
        return None
    try:
        return parse(text)
    except CellError as error:
        found.append(CellError(error.code, error.reason, error.fix, column))
    return None


def _split(row: Mapping[str, str], found: list[CellError]) -> tuple[Decimal | None, Decimal | None, bool]:
    """Firm pieces, options, and whether there are options of an undisclosed number."""
    columns = COLUMNS[:2]
    words = [row.get(column, "").strip() for column in columns]
    if UNDISCLOSED in words:
        if set(words) != {UNDISCLOSED}:
            reason = "one of firm and option pieces is undisclosed, the other not"
            other = next(column for column, text in zip(columns, words, strict=True) if text != UNDISCLOSED)
            found.append(CellError("inconsistent", reason, f"write {UNDISCLOSED} in both, or both numbers", other))
        return None, None, True
    wrong = len(found)
    firm, option = (_cell(row, column, _pieces, found) for column in columns)
    pieces = quantity(row.get("quantity", ""))
    if len(found) > wrong or (firm is None and option is None):
        return firm, option, False
    if pieces is not None:
        firm = pieces - (option or 0) if firm is None else firm
        option = pieces - firm if option is None else option
        if firm + option != pieces or min(firm, option) < 0:
            reason = f"{firm} firm and {option} optional pieces are not the quantity {pieces}"
            column = columns[1] if words[1] else columns[0]
            found.append(CellError("inconsistent", reason, "correct one of the three", column))
    return firm, option, False


def _pieces(text: str) -> Decimal:
    number = cells.decimal(text)
    if number < 0:
        raise CellError("out_of_range", "a number of pieces is not negative", "correct it")
    return number


def _price(text: str, row: Mapping[str, str]) -> Decimal | None:
    """The price of one, in the row's currency and unit unless it prints its own."""
    price = money.value(text, row.get("currency", ""), row.get("unit", ""))
    if price is not None and price < 0:
        raise CellError("out_of_range", "a price is not negative", "correct it")
    return price


def _years(text: str) -> VagueDate:
    """A year, or a range of years."""
    years = cells.vague_date(text)
    if not all(part.isdecimal() and len(part) == 4 for part in text.split("-")):
        raise CellError("bad_date", "not a year", "write 2025, or 2016-2018 where the prices are of several years")
    if years.earliest is None or years.latest is None:
        raise CellError("bad_date", "not a year", "write 2025, or leave it empty")
    if not FIRST_YEAR <= years.earliest.year <= years.latest.year <= LAST_YEAR:
        raise CellError("implausible", f"no list price is of before {FIRST_YEAR} or after {LAST_YEAR}", "correct it")
    return years


def _confidence(text: str) -> Confidence:
    if text not in [*Confidence]:
        raise CellError("bad_value", "not a known code", f"use one of {', '.join(Confidence)}")
    return Confidence(text)
