"""The rules that a published series or a ledger of commitments must keep, whatever its source."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

import pandas as pd

from . import cells
from .cells import CellError
from .problems import Problem
from .terms import FLOW_KEY, Frequency, Role, Status, ValueKind

SERIES_KEY = [column for column in FLOW_KEY if column != "period"]
LEDGER_COLUMNS = ["id", "part_of", "buyer", "seller", "category", "value", "currency", "unit", "status", "source"]
LARGEST_DEAL_USD_MN = Decimal(200_000)  # twice the announced total: beyond it, a unit or a point has slipped

LedgerRow = tuple[int, Mapping[str, str]]
Complaint = tuple[str, str, str, str]  # code, column, reason, fix


# --- flows ----------------------------------------------------------------------------------------


def flow_problems(flows: pd.DataFrame) -> list[Problem]:
    """Two figures for one key, and months missing inside a series, over the long table of `flows`."""
    return [*_duplicates(flows), *_gaps(flows)]


def _duplicates(flows: pd.DataFrame) -> list[Problem]:
    problems = []
    for row in flows[flows.duplicated(FLOW_KEY, keep="first")].itertuples():
        file, line = str(row.ids).split()[0].rsplit(":", 1)
        reason = f"a second figure for {row.reporter}/{row.partner} {row.flow} {row.period}, vintage {row.vintage}"
        fix = "keep one file for each partner and vintage"
        problems.append(Problem("duplicate_key", file, reason, fix, int(line), value=str(row.value_usd_mn)))
    return problems


def _gaps(flows: pd.DataFrame) -> list[Problem]:
    problems = []
    monthly = flows[flows["frequency"] == Frequency.MONTHLY]
    for _, one in monthly.groupby(SERIES_KEY):
        found = set(one["period"])
        missing = [p for p in pd.period_range(min(found), max(found), freq="M") if p not in found]
        if missing:
            file = str(one["ids"].iloc[0]).split()[0].rsplit(":", 1)[0]
            reason = f"{len(missing)} months missing inside the series, the first {missing[0]}"
            problems.append(Problem("missing_period", file, reason, "add the rows, or drop the years before the gap"))
    return problems


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
                problems.append(Problem(code, file, reason, fix, line, column, row.get(column, "")))
    between_rows = (_repeated_ids, _dangling_links, _parts_beyond_their_whole, _counted_twice)
    return [*problems, *(problem for rule in between_rows for problem in rule(rows, file))]


def _value_rule(row: Mapping[str, str]) -> Iterable[Complaint]:
    try:
        value = cells.money(row["value"], row["currency"], row["unit"])
    except CellError as error:
        yield error.code, error.cell, error.reason, error.fix
        return
    if value is not None and value < 0:
        yield "out_of_range", "value", "a purchase is not negative", "give a cancellation a row and status of its own"
    if value is not None and value > LARGEST_DEAL_USD_MN:
        reason = f"{value} USD million is more than twice all that was announced"
        yield "implausible", "value", reason, "check the unit and the decimal point"


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
    _source_rule,
]


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
    for link in ("part_of", "restates"):
        up = {row["id"]: row.get(link, "") for _, row in rows}
        for line, row in rows:
            target = row.get(link, "")
            if target and target not in up:
                reason, fix = "no row has this id", "correct it or add the row"
                problems.append(Problem("unknown_parent", file, reason, fix, line, link, target))
            elif row["id"] in _above(target, up):
                reason, fix = f"{link} leads back to this row", "remove one of the links"
                problems.append(Problem("parent_cycle", file, reason, fix, line, link, target))
    return problems


def _above(start: str, up: Mapping[str, str]) -> list[str]:
    """The chain of ids from `start` upward, to its end or to the first id met twice."""
    chain: list[str] = []
    while start and start not in chain:
        chain.append(start)
        start = up.get(start, "")
    return chain


def _parts_beyond_their_whole(rows: Sequence[LedgerRow], file: str) -> list[Problem]:
    problems = []
    for line, whole in rows:
        total = _value(whole)
        parts = {row["id"]: _value(row) for _, row in rows if row["part_of"] == whole["id"]}
        named = sum((value for value in parts.values() if value is not None), Decimal(0))
        if parts and total is not None and named > total:
            reason = f"its parts {', '.join(parts)} sum to {named} USD million, {whole['id']} says {total}"
            problems.append(Problem("parts_sum", file, reason, "correct a part", line, "value", whole["value"]))
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


def _value(row: Mapping[str, str]) -> Decimal | None:
    try:
        return cells.money(row["value"], row["currency"], row["unit"])
    except CellError:
        return None  # reported by the value's own rule
