"""The rules that a ledger of commitments must keep, whatever its source: those of a row, and those between rows.

Its rows are parsed once into entries; every rule goes over these.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeVar

from ..words import cells, money
from ..words.amounts import Unit
from ..words.cells import CellError, Complaint, VagueDate, fold
from ..words.problems import Problem
from ..words.terms import Role, Status, ValueKind

LINKS = ("part_of", "restates", "same_as")
DATES = ("signed_on", "delivery_start", "delivery_end")
REPLACED = "umbrella_replaced_by_parts"
TOTAL = re.compile(r"(?:grand )?total\b.*|sum\b.*|tong(?: cong)?\b.*|all deals")
MOST_LEVELS = 20  # rows from a part up to its last whole; the committed ledger has two
NEARLY = Decimal("1.05")  # how far a sum may exceed the bound that it is printed as
LEDGER_COLUMNS = ["id", "part_of", "buyer", "seller", "category", "value", "currency", "unit", "status", "source"]
LARGEST_DEAL_USD_MN = Decimal(200_000)  # twice the announced total: beyond it, a unit or a point has slipped
WARNINGS = {"date_missing", "delivery_dates_missing", "delivery_before_signing"}
UNSIGNED = (Status.NEGOTIATING, Status.PLANNED)
YEAR = re.compile(r"\b(19|20)\d\d\b")
Severity = Literal["error", "warning"]
Ends = tuple[Decimal | None, Decimal | None]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Entry:
    """A ledger's row with its cells read; where one cannot be read, the CellError that says why.

    `value` is in USD million, None where nothing was published: that of `value_used` where one is given, else the
    value's (needs_choice for a bound or range). `ends` are those of a value that was not read, `printed` is the unit
    that the value prints itself, and `dates` are by column.
    """

    line: int
    row: Mapping[str, str]
    value: Decimal | CellError | None
    ends: Ends | CellError | None
    printed: Unit
    dates: Mapping[str, VagueDate | CellError]

    @property
    def id(self) -> str:
        return self.row["id"]

    @property
    def role(self) -> str:
        """The role as written; an absent one means deal."""
        return self.row.get("role") or Role.DEAL

    @property
    def is_part(self) -> bool:
        """Whether the row may be a part of a whole, if it says so."""
        return self.role in (Role.DEAL, Role.RESTATEMENT)

    @property
    def usd_mn(self) -> Decimal | None:
        """The value; None too where it cannot be read, which the value's own rule tells."""
        return None if isinstance(self.value, CellError) else self.value

    @property
    def is_open(self) -> bool:
        """Whether the value is a range or a bound of which no point was chosen."""
        return isinstance(self.value, CellError) and self.value.code == "needs_choice"

    @property
    def window(self) -> list[str]:
        """The delivery dates that are stated."""
        words = (self.row.get(column, "").strip() for column in DATES[1:])
        return [word for word in words if word not in cells.NO_DATE]

    def problem(
        self, code: str, file: str, reason: str, fix: str, column: str, severity: Severity = "error"
    ) -> Problem:
        """A problem at one of the row's cells."""
        return Problem(code, file, reason, fix, self.line, column, self.row.get(column, ""), severity)


RowRule = Callable[["Entry"], Iterable[Complaint]]


def entries(rows: Iterable[tuple[int, Mapping[str, str]]]) -> list[Entry]:
    """The rows, each with its line, as entries."""
    found = []
    for line, row in rows:
        as_written = [row.get(column, "") for column in ("value", "currency", "unit")]
        printed = money.printed_unit(as_written[0])
        value = _tried(_value, row.get("value_used", "").strip(), *as_written, printed)
        ends = _tried(money.bounds, *as_written) if isinstance(value, CellError) else None
        dates = {column: _tried(cells.vague_date, row.get(column, "")) for column in DATES}
        found.append(Entry(line, row, value, ends, printed, dates))
    return found


def _tried(parse: Callable[..., Parsed], *texts: Any) -> Parsed | CellError:
    try:
        return parse(*texts)
    except CellError as error:
        return error


def _value(used: str, text: str, currency: str, unit: str, printed: Unit) -> Decimal | None:
    """A chosen value is in the currency and scale of the bound or range that it is chosen for."""
    if not used:
        return money.value(text, currency, unit)
    scale = next((word for word, known in money.SCALES.items() if known == printed.scale), "")
    try:
        return money.value(used, currency or "USD", unit or scale)
    except CellError as error:
        raise CellError(error.code, error.reason, error.fix, "value_used") from None


def ledger_problems(columns: Iterable[str], found: Sequence[Entry], file: str) -> list[Problem]:
    """Every problem of a ledger's cells and of the links between its rows, errors and warnings."""
    absent = [name for name in LEDGER_COLUMNS if name not in set(columns)]
    if absent:
        fix = f"a ledger has the columns {', '.join(LEDGER_COLUMNS)}"
        return [Problem("missing_column", file, "the column is missing", fix, 1, name) for name in absent]
    if not found:
        return [Problem("no_rows", file, "a header and nothing else", "add a row", 1)]
    problems = []
    for entry in found:
        for row_rule in ROW_RULES:
            for code, column, reason, fix in row_rule(entry):
                severity: Severity = "warning" if code in WARNINGS else "error"
                code = "bad_interval" if code == "delivery_before_signing" else code
                problems.append(entry.problem(code, file, reason, fix, column, severity))
    return [*problems, *(problem for rule in RULES for problem in rule(found, file))]


def _value_rule(entry: Entry) -> Iterable[Complaint]:
    if isinstance(entry.value, CellError):
        refused = _refused_open(entry, entry.value) if entry.is_open else entry.value
        if refused:
            yield refused.code, refused.cell, refused.reason, refused.fix
    elif entry.value is not None and entry.value < 0:
        yield "out_of_range", "value", "a purchase is not negative", "give a cancellation a row and status of its own"
    elif entry.value is not None and entry.value > LARGEST_DEAL_USD_MN:
        reason = f"{entry.value} USD million is more than twice all that was announced"
        yield "implausible", "value", reason, "check the unit and the decimal point"


def _refused_open(entry: Entry, error: CellError) -> CellError | None:
    """Why a value may not stay open; None where it may.

    A range has two ends to schedule between; a bound has one, and may stand only where nothing is scheduled.
    """
    ends = entry.ends
    if ends is None or isinstance(ends, CellError):
        return ends if ends and ends.code == "ambiguous_number" else error
    may_stay = None not in ends or (ends != (None, None) and not entry.window)
    return None if may_stay else error


def _beside_rule(entry: Entry) -> Iterable[Complaint]:
    """A unit printed with the value against the currency and unit columns."""
    row, printed = entry.row, entry.printed
    if printed.currency and row["currency"] not in ("", printed.currency):
        yield "inconsistent", "currency", f"the value is printed in {printed.currency}", "keep one of the two"
    if printed.scale and money.SCALES.get(row["unit"]) not in (None, printed.scale):
        yield "inconsistent", "unit", "the value is printed in another unit", "keep one of the two"


def _missing_dates_rule(entry: Entry) -> Iterable[Complaint]:
    row = entry.row
    if entry.role != Role.DEAL or not row["value"].strip() or row.get("restates") or row["part_of"]:
        return
    if "delivery_start" in row and not entry.window:
        fix = "give them, or leave it to the scenario"
        yield "delivery_dates_missing", "delivery_start", "no delivery dates", fix
    undated = "signed_on" in row and not row["signed_on"].strip() and not YEAR.search(row.get("note", ""))
    if row["status"] == Status.SIGNED and undated:
        yield "date_missing", "signed_on", "signed, without a date", "give a date, or a bound (before 2025-03)"


def _order_rule(entry: Entry) -> Iterable[Complaint]:
    """Signing, start and end of delivery in this order, as far as vague dates tell."""
    dates = [date for date in entry.dates.values() if isinstance(date, VagueDate)]
    if len(dates) < len(DATES):
        return  # told by the rule of dates
    signed, start, end = dates
    if _surely_before(end, start):
        yield "bad_interval", "delivery_end", "delivery ends before it starts", "correct one of the two"
    if _surely_before(start, signed):
        yield "delivery_before_signing", "delivery_start", "delivery starts before signing", "correct one of the two"
    if entry.role == Role.DEAL and entry.row["status"] in UNSIGNED and signed.words == str(signed.earliest):
        reason = f"a day of signing, and the status {entry.row['status']}"
        yield "inconsistent", "signed_on", reason, "correct one of the two"


def _surely_before(one: VagueDate, other: VagueDate) -> bool:
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest


def _code_rule(column: str, codes: type[StrEnum], problem: str, optional: bool) -> RowRule:
    def rule(entry: Entry) -> Iterable[Complaint]:
        found = entry.row.get(column, "")
        if found not in [*codes] and not (optional and not found):
            yield problem, column, "not a known code", f"use one of {', '.join(codes)}"

    return rule


def _date_rule(entry: Entry) -> Iterable[Complaint]:
    for column, date in entry.dates.items():
        if isinstance(date, CellError):
            yield date.code, column, date.reason, date.fix


def _source_rule(entry: Entry) -> Iterable[Complaint]:
    if not entry.row["source"].strip():
        yield "source_missing", "source", "a figure without a source", "name the page or document"


ROW_RULES: tuple[RowRule, ...] = (
    _value_rule, _code_rule("role", Role, "bad_value", optional=True),
    _code_rule("status", Status, "unknown_status", optional=False),
    _code_rule("value_kind", ValueKind, "bad_value", optional=True),
    _date_rule, _order_rule, _missing_dates_rule, _beside_rule, _source_rule,
)  # fmt: skip


def _repeated_ids(found: Sequence[Entry], file: str) -> Iterable[Problem]:
    first: dict[str, int] = {}
    for entry in found:
        if first.setdefault(entry.id, entry.line) != entry.line:
            yield entry.problem("duplicate_id", file, f"used in row {first[entry.id]}", "rename one", "id")


def _dangling_links(found: Sequence[Entry], file: str) -> Iterable[Problem]:
    for link in LINKS:
        up = {entry.id: entry.row.get(link, "") for entry in found}
        for entry in found:
            target = entry.row.get(link, "")
            above = _above(target, up)
            if target and target not in up:
                yield entry.problem("unknown_parent", file, "no row has this id", "correct it or add the row", link)
            elif entry.id in above:
                reason = f"{link} leads back to this row"
                yield entry.problem("parent_cycle", file, reason, "remove one of the links", link)
            elif len(above) > MOST_LEVELS:
                fix = f"link it within {MOST_LEVELS} steps"
                yield entry.problem("inconsistent", file, f"a chain of {len(above)} rows", fix, link)


def _above(start: str, up: Mapping[str, str]) -> list[str]:
    """The chain of ids from `start` upward, to its end or to the first id met twice."""
    chain: dict[str, None] = {}
    while start and start not in chain:
        chain[start] = None
        start = up.get(start, "")
    return list(chain)


def _parts_beyond_their_whole(found: Sequence[Entry], file: str) -> Iterable[Problem]:
    up = {entry.id: entry.row["part_of"] for entry in found}
    parts_of: dict[str, dict[str, Decimal | None]] = {}
    for entry in found:
        parts_of.setdefault(entry.row["part_of"], {})[entry.id] = entry.usd_mn
    for whole in found:
        if whole.id in _above(whole.row["part_of"], up):
            continue  # a circle, told by its own rule
        total = whole.usd_mn
        parts = parts_of.get(whole.id, {}) if whole.id else {}
        named = sum((value for value in parts.values() if value is not None), Decimal(0))
        if parts and total is not None and named > total:
            reason = f"its parts {', '.join(parts)} sum to {named} USD million, {whole.id} says {total}"
            yield whole.problem("parts_sum", file, reason, "correct a part", "value")
        elif parts and named == total:
            reason = f"its parts {', '.join(parts)} are counted in its place"
            yield whole.problem(REPLACED, file, reason, "none needed", "value", "warning")


def _counted_twice(found: Sequence[Entry], file: str) -> Iterable[Problem]:
    """A deal is part of one whole, at one value: of the rows that restate one another one may say so."""
    up = {entry.id: entry.row.get("restates", "") for entry in found}
    first: dict[str, int] = {}
    for entry in found:
        if entry.row["part_of"] and entry.is_part and entry.usd_mn is not None:
            root = _above(entry.id, up)[-1]
            if root in first:
                reason = f"the deal {root} is already a part by row {first[root]}"
                fix = "leave part_of on the row whose value stood when the whole was announced"
                yield entry.problem("double_count", file, reason, fix, "part_of")
            first.setdefault(root, entry.line)


def _same_deal_twice(found: Sequence[Entry], file: str) -> Iterable[Problem]:
    """Deals of one buyer, seller, category and value that do not say whether they are one."""
    first: dict[tuple[object, ...], int] = {}
    for entry in _counted(found):
        names = [fold(entry.row[column]) for column in ("buyer", "seller", "category")]
        key = (*names, fold(entry.row.get("description", "")), entry.usd_mn)
        if key in first and all(names):
            reason = f"the buyer, seller, goods and value of row {first[key]}"
            fix = "set same_as, or confirm that they are two"
            yield entry.problem("possible_double_count", file, reason, fix, "id", "warning")
        first.setdefault(key, entry.line)


def _total_as_row(found: Sequence[Entry], file: str) -> Iterable[Problem]:
    """A list of deals whose last row is the sum of the others, or a row that calls itself a total."""
    if any(entry.role == Role.HEADLINE for entry in found):
        return
    counted = _counted(found, open_ones=True)
    total = sum((entry.usd_mn or Decimal(0) for entry in counted), Decimal(0))
    for entry in counted if len(counted) > 2 else []:
        labelled = any(TOTAL.fullmatch(fold(entry.row[column])) for column in ("id", "buyer"))
        if labelled or (entry is counted[-1] and _is_sum(entry, total - (entry.usd_mn or Decimal(0)))):
            reason = "a total of the other rows would be counted with them"
            yield entry.problem("double_count", file, reason, "remove it, or give it the role aggregate", "value")


def _is_sum(entry: Entry, total: Decimal) -> bool:
    if entry.usd_mn is not None:
        return entry.usd_mn == total
    low = entry.ends[0] if isinstance(entry.ends, tuple) else None
    return low is not None and low <= total <= low * NEARLY


def _counted(found: Sequence[Entry], *, open_ones: bool = False) -> list[Entry]:
    """The deals that are no part of another and restate none, with a value, or with a bound too."""
    return [
        entry
        for entry in found
        if entry.role == Role.DEAL and not any(entry.row.get(link, "") for link in LINKS)
        if entry.usd_mn is not None or (open_ones and entry.row["value"].strip())
    ]


def _wholes_that_hold_nothing(found: Sequence[Entry], file: str) -> Iterable[Problem]:
    """A row without an id, and a whole that cannot hold its parts: without a value, or itself only context."""
    of_id = {entry.id: entry for entry in found}
    for entry in found:
        if not entry.id.strip():
            yield entry.problem("inconsistent", file, "a row without an id", "give each row an id of its own", "id")
    fix = "give the whole its value, or leave part_of of its parts empty"
    for entry in found:
        whole = of_id.get(entry.row["part_of"]) if entry.is_part and entry.row["value"].strip() else None
        if not entry.row["part_of"] or whole is None:
            continue
        if whole.role in (Role.AGGREGATE, Role.PRICE_EVIDENCE):
            reason = f"row {whole.line} is context, and its parts would be counted nowhere"
            yield entry.problem("inconsistent", file, reason, fix, "part_of")
        elif not whole.row["value"].strip():
            reason = f"it has the part {entry.id} but no value of its own"
            yield whole.problem("inconsistent", file, reason, fix, "value")


RULES: tuple[Callable[[Sequence[Entry], str], Iterable[Problem]], ...] = (
    _repeated_ids, _dangling_links, _parts_beyond_their_whole, _counted_twice, _same_deal_twice, _total_as_row,
    _wholes_that_hold_nothing,
)  # fmt: skip
