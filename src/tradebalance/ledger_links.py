"""The rules between the rows of a ledger: ids, links, parts against wholes, and nothing counted twice."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from . import money
from .cells import CellError, fold
from .problems import Problem
from .terms import Role

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


def problems(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
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
