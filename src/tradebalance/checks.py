"""The rules that a published series or a ledger of commitments must keep, whatever its source."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import pandas as pd

from . import cells, ledger_links, money
from .cells import CellError, VagueDate
from .ledger_links import LedgerRow as LedgerRow
from .ledger_links import value_of as value_of
from .problems import Problem
from .terms import FLOW_KEY, Frequency, Role, Status, ValueKind

SERIES_KEY = [column for column in FLOW_KEY if column != "period"]
LEDGER_COLUMNS = ["id", "part_of", "buyer", "seller", "category", "value", "currency", "unit", "status", "source"]
LARGEST_DEAL_USD_MN = Decimal(200_000)  # twice the announced total: beyond it, a unit or a point has slipped
REPLACED = ledger_links.REPLACED
WARNINGS = {"date_missing", "delivery_dates_missing", "delivery_before_signing"}
UNSIGNED = (Status.NEGOTIATING, Status.PLANNED)
YEAR = re.compile(r"\b(19|20)\d\d\b")

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
                severity: Literal["error", "warning"] = "warning" if code in WARNINGS else "error"
                code = "bad_interval" if code == "delivery_before_signing" else code
                problems.append(Problem(code, file, reason, fix, line, column, row.get(column, ""), severity))
    return [*problems, *ledger_links.problems(rows, file)]


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
