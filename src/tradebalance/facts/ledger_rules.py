"""The rules that a ledger of commitments must keep, whatever its source: those of a row, and those between rows.

ids, links, parts against wholes, and nothing counted twice.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from ..words import cells, money
from ..words.cells import CellError, VagueDate, fold
from ..words.problems import Problem
from ..words.terms import Role, Status, ValueKind

LedgerRow = tuple[int, Mapping[str, str]]
LINKS = ("part_of", "restates", "same_as")
REPLACED = "umbrella_replaced_by_parts"
TOTAL = re.compile(r"(?:grand )?total\b.*|sum\b.*|tong(?: cong)?\b.*|all deals")
MOST_LEVELS = 20  # rows from a part up to its last whole; the committed ledger has two
NEARLY = Decimal("1.05")  # how far a sum may exceed the bound that it is printed as


def value_of(row: Mapping[str, str]) -> Decimal | None:
    """USD million of a row, None where nothing was published: `value_used` where that is given, else the value.

    Raises CellError, with needs_choice for a bound or range without a `value_used`.
    """
    used = row.get("value_used", "").strip()
    if not used:
        return money.value(row["value"], row["currency"], row["unit"])
    try:
        return money.value(used, row["currency"] or "USD", row["unit"] or _printed_scale(row["value"]))
    except CellError as error:
        raise CellError(error.code, error.reason, error.fix, "value_used") from None


def _printed_scale(value: str) -> str:
    """The scale that a bound is printed in; its chosen value is in the same."""
    scale = money.printed_unit(value).scale
    return next((word for word, known in money.SCALES.items() if known == scale), "")


def link_problems(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    """Every problem of the links between a ledger's rows, errors and warnings."""
    return [problem for rule in RULES for problem in rule(rows, file)]


def _repeated_ids(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for line, row in rows:
        if row["id"] in first:
            reason = f"used in row {first[row['id']]}"
            problems.append(Problem("duplicate_id", file, reason, "rename one", line, "id", row["id"]))
        first.setdefault(row["id"], line)
    return problems


def _dangling_links(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    problems = []
    for link in LINKS:
        up = {row["id"]: row.get(link, "") for _, row in rows}
        for line, row in rows:
            target = row.get(link, "")
            if target and target not in up:
                reason, fix = "no row has this id", "correct it or add the row"
                problems.append(Problem("unknown_parent", file, reason, fix, line, link, target))
                continue
            above = _above(target, up)
            if row["id"] in above:
                reason, fix = f"{link} leads back to this row", "remove one of the links"
                problems.append(Problem("parent_cycle", file, reason, fix, line, link, target))
            elif len(above) > MOST_LEVELS:
                reason, fix = f"a chain of {len(above)} rows", f"link it within {MOST_LEVELS} steps"
                problems.append(Problem("inconsistent", file, reason, fix, line, link, target))
    return problems


def _above(start: str, up: Mapping[str, str]) -> list[str]:
    """The chain of ids from `start` upward, to its end or to the first id met twice."""
    chain: dict[str, None] = {}
    while start and start not in chain:
        chain[start] = None
        start = up.get(start, "")
    return list(chain)


def _parts_beyond_their_whole(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    problems = []
    up = {row["id"]: row["part_of"] for _, row in rows}
    parts_of: dict[str, dict[str, Decimal | None]] = {}
    for _, row in rows:
        parts_of.setdefault(row["part_of"], {})[row["id"]] = _value(row)
    for line, whole in rows:
        if whole["id"] in _above(whole["part_of"], up):
            continue  # a circle, told by its own rule
        total = _value(whole)
        parts = parts_of.get(whole["id"], {}) if whole["id"] else {}
        named = sum((value for value in parts.values() if value is not None), Decimal(0))
        if parts and total is not None and named > total:
            reason = f"its parts {', '.join(parts)} sum to {named} USD million, {whole['id']} says {total}"
            problems.append(Problem("parts_sum", file, reason, "correct a part", line, "value", whole["value"]))
        elif parts and named == total:
            reason = f"its parts {', '.join(parts)} are counted in its place"
            place = (line, "value", whole["value"])
            problems.append(Problem(REPLACED, file, reason, "none needed", *place, severity="warning"))
    return problems


def _counted_twice(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    """A deal is part of one whole, at one value: of the rows that restate one another one may say so."""
    up = {row["id"]: row.get("restates", "") for _, row in rows}
    first: dict[str, int] = {}
    problems = []
    for line, row in rows:
        if row["part_of"] and row.get("role", "") in ("", Role.DEAL, Role.RESTATEMENT) and _value(row) is not None:
            root = _above(row["id"], up)[-1]
            if root in first:
                reason = f"the deal {root} is already a part by row {first[root]}"
                fix = "leave part_of on the row whose value stood when the whole was announced"
                problems.append(Problem("double_count", file, reason, fix, line, "part_of", row["part_of"]))
            first.setdefault(root, line)
    return problems


def _same_deal_twice(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    """Deals of one buyer, seller, category and value that do not say whether they are one."""
    first: dict[tuple[object, ...], int] = {}
    problems = []
    for line, row in _counted(rows):
        names = [fold(row[column]) for column in ("buyer", "seller", "category")]
        key = (*names, fold(row.get("description", "")), _value(row))
        if key in first and all(names):
            reason = f"the buyer, seller, goods and value of row {first[key]}"
            place = (line, "id", row["id"])
            fix = "set same_as, or confirm that they are two"
            problems.append(Problem("possible_double_count", file, reason, fix, *place, severity="warning"))
        first.setdefault(key, line)
    return problems


def _total_as_row(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    """A list of deals whose last row is the sum of the others, or a row that calls itself a total."""
    if any(row.get("role", "") == Role.HEADLINE for _, row in rows):
        return []
    counted = _counted(rows, open_ones=True)
    values = [_value(row) or Decimal(0) for _, row in counted]
    problems = []
    for (line, row), value in zip(counted, values, strict=True):
        others = sum(values, Decimal(0)) - value
        labelled = any(TOTAL.fullmatch(fold(row[column])) for column in ("id", "buyer"))
        is_last = line == counted[-1][0]
        if len(counted) > 2 and (labelled or (is_last and _is_sum(row, others))):
            reason, fix = (
                "a total of the other rows would be counted with them",
                "remove it, or give it the role aggregate",
            )
            problems.append(Problem("double_count", file, reason, fix, line, "value", row["value"]))
    return problems


def _is_sum(row: Mapping[str, str], total: Decimal) -> bool:
    value = _value(row)
    if value is not None:
        return value == total
    try:
        low, _ = money.bounds(row["value"], row["currency"], row["unit"])
    except CellError:
        return False
    return low is not None and low <= total <= low * NEARLY


def _counted(rows: Sequence[LedgerRow], *, open_ones: bool = False) -> list[LedgerRow]:
    """The deals that are no part of another and restate none, with a value, or with a bound too."""
    return [
        (line, row)
        for line, row in rows
        if row.get("role", "") in ("", Role.DEAL) and not any(row.get(link, "") for link in LINKS)
        if _value(row) is not None or (open_ones and row["value"].strip())
    ]


def _value(row: Mapping[str, str]) -> Decimal | None:
    try:
        return value_of(row)
    except CellError:
        return None  # reported by the value's own rule


def _wholes_that_hold_nothing(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    """A row without an id, and a whole that cannot hold its parts: without a value, or itself only context."""
    of_id = {row["id"]: (line, row) for line, row in rows}
    fix = "give the whole its value, or leave part_of of its parts empty"
    problems = [
        Problem("inconsistent", file, "a row without an id", "give each row an id of its own", line, "id", "")
        for line, row in rows
        if not row["id"].strip()
    ]
    for line, row in rows:
        is_part = row.get("role", "") in ("", Role.DEAL, Role.RESTATEMENT) and row["value"].strip()
        whole = of_id.get(row["part_of"]) if is_part and row["part_of"] else None
        if whole and whole[1].get("role", "") in (Role.AGGREGATE, Role.PRICE_EVIDENCE):
            reason = f"row {whole[0]} is context, and its parts would be counted nowhere"
            problems.append(Problem("inconsistent", file, reason, fix, line, "part_of", row["part_of"]))
        elif whole and not whole[1]["value"].strip():
            reason = f"it has the part {row['id']} but no value of its own"
            problems.append(Problem("inconsistent", file, reason, fix, whole[0], "value", ""))
    return problems


RULES: tuple[Callable[[Sequence[LedgerRow], str], list[Problem]], ...] = (
    _repeated_ids, _dangling_links, _parts_beyond_their_whole, _counted_twice, _same_deal_twice, _total_as_row,
    _wholes_that_hold_nothing,
)  # fmt: skip
LEDGER_COLUMNS = ["id", "part_of", "buyer", "seller", "category", "value", "currency", "unit", "status", "source"]
LARGEST_DEAL_USD_MN = Decimal(200_000)  # twice the announced total: beyond it, a unit or a point has slipped
WARNINGS = {"date_missing", "delivery_dates_missing", "delivery_before_signing"}
UNSIGNED = (Status.NEGOTIATING, Status.PLANNED)
YEAR = re.compile(r"\b(19|20)\d\d\b")
Complaint = tuple[str, str, str, str]  # code, column, reason, fix


# --- ledgers --------------------------------------------------------------------------------------


def ledger_problems(columns: Iterable[str], rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    """Every problem of a ledger's cells and of the links between its rows. An absent `role` means deal."""
    absent = [name for name in LEDGER_COLUMNS if name not in set(columns)]
    if absent:
        fix = f"a ledger has the columns {', '.join(LEDGER_COLUMNS)}"
        return [Problem("missing_column", file, "the column is missing", fix, 1, name) for name in absent]
    if not rows:
        return [Problem("no_rows", file, "a header and nothing else", "add a row", 1)]
    problems = []
    for line, row in rows:
        for rule in ROW_RULES:
            for code, column, reason, fix in rule(row):
                severity: Literal["error", "warning"] = "warning" if code in WARNINGS else "error"
                code = "bad_interval" if code == "delivery_before_signing" else code
                problems.append(Problem(code, file, reason, fix, line, column, row.get(column, ""), severity))
    return [*problems, *link_problems(rows, file)]


def _value_rule(row: Mapping[str, str]) -> Iterable[Complaint]:
    try:
        value = value_of(row)
    except CellError as error:
        refused = _refused_open(row, error) if error.code == "needs_choice" else error
        if refused:
            yield refused.code, refused.cell, refused.reason, refused.fix
        return
    if value is not None and value < 0:
        yield "out_of_range", "value", "a purchase is not negative", "give a cancellation a row and status of its own"
    if value is not None and value > LARGEST_DEAL_USD_MN:
        reason = f"{value} USD million is more than twice all that was announced"
        yield "implausible", "value", reason, "check the unit and the decimal point"


def is_open(row: Mapping[str, str]) -> bool:
    """Whether a row's value is a range or a bound of which no point was chosen."""
    try:
        value_of(row)
    except CellError as error:
        return error.code == "needs_choice"
    return False


def _refused_open(row: Mapping[str, str], error: CellError) -> CellError | None:
    """Why a value may not stay open; None where it may.

    A range has two ends to schedule between; a bound has one, and may stand only where nothing is scheduled.
    """
    try:
        ends = money.bounds(row["value"], row["currency"], row["unit"])
    except CellError as unread:
        return unread if unread.code == "ambiguous_number" else error
    may_stay = None not in ends or (ends != (None, None) and not _window(row))
    return None if may_stay else error


def _window(row: Mapping[str, str]) -> list[str]:
    """The delivery dates that are stated."""
    words = (row.get(column, "").strip() for column in ("delivery_start", "delivery_end"))
    return [word for word in words if word not in cells.NO_DATE]


def _is_deal(row: Mapping[str, str]) -> bool:
    return row.get("role", "") in ("", Role.DEAL)


def _beside_rule(row: Mapping[str, str]) -> Iterable[Complaint]:
    """A unit printed with the value against the currency and unit columns."""
    printed = money.printed_unit(row["value"])
    if printed.currency and row["currency"] not in ("", printed.currency):
        yield "inconsistent", "currency", f"the value is printed in {printed.currency}", "keep one of the two"
    if printed.scale and money.SCALES.get(row["unit"]) not in (None, printed.scale):
        yield "inconsistent", "unit", "the value is printed in another unit", "keep one of the two"


def _missing_dates_rule(row: Mapping[str, str]) -> Iterable[Complaint]:
    if not _is_deal(row) or not row["value"].strip() or row.get("restates") or row["part_of"]:
        return
    if "delivery_start" in row and not _window(row):
        yield (
            "delivery_dates_missing",
            "delivery_start",
            "no delivery dates",
            "give them, or leave it to the scenario",
        )
    undated = "signed_on" in row and not row["signed_on"].strip() and not YEAR.search(row.get("note", ""))
    if row["status"] == Status.SIGNED and undated:
        yield "date_missing", "signed_on", "signed, without a date", "give a date, or a bound (before 2025-03)"


def _order_rule(row: Mapping[str, str]) -> Iterable[Complaint]:
    """Signing, start and end of delivery in this order, as far as vague dates tell."""
    try:
        signed, start, end = (cells.vague_date(row.get(c, "")) for c in ("signed_on", "delivery_start", "delivery_end"))
    except CellError:
        return  # told by the rule of dates
    if _surely_before(end, start):
        yield "bad_interval", "delivery_end", "delivery ends before it starts", "correct one of the two"
    if _surely_before(start, signed):
        yield "delivery_before_signing", "delivery_start", "delivery starts before signing", "correct one of the two"
    if _is_deal(row) and row["status"] in UNSIGNED and signed.words == str(signed.earliest):
        reason = f"a day of signing, and the status {row['status']}"
        yield "inconsistent", "signed_on", reason, "correct one of the two"


def _surely_before(one: VagueDate, other: VagueDate) -> bool:
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest


def _code_rule(column: str, codes: type[StrEnum], problem: str, optional: bool) -> Callable[..., Iterable[Complaint]]:
    def rule(row: Mapping[str, str]) -> Iterable[Complaint]:
        found = row.get(column, "")
        if found not in [*codes] and not (optional and not found):
            yield problem, column, "not a known code", f"use one of {', '.join(codes)}"

    return rule


def _date_rule(row: Mapping[str, str]) -> Iterable[Complaint]:
    for column in ("signed_on", "delivery_start", "delivery_end"):
        try:
            cells.vague_date(row.get(column, ""))
        except CellError as error:
            yield error.code, column, error.reason, error.fix


def _source_rule(row: Mapping[str, str]) -> Iterable[Complaint]:
    if not row["source"].strip():
        yield "source_missing", "source", "a figure without a source", "name the page or document"


ROW_RULES: list[Callable[[Mapping[str, str]], Iterable[Complaint]]] = [
    _value_rule,
    _code_rule("role", Role, "bad_value", optional=True),
    _code_rule("status", Status, "unknown_status", optional=False),
    _code_rule("value_kind", ValueKind, "bad_value", optional=True),
    _date_rule,
    _order_rule,
    _missing_dates_rule,
    _beside_rule,
    _source_rule,
]
