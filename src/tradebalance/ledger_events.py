"""A ledger's rows -> dated events, and what a sound ledger holds."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from . import cells, checks, money
from .cells import CellError
from .commitments import FOREVER, Event, leaves
from .problems import Problem, errors, raise_errors
from .terms import Role, Status, ValueKind


def read(columns: Sequence[str], rows: Sequence[checks.LedgerRow], file: str) -> list[Event]:
    """A ledger's rows as events. Raises Refused with every problem of the ledger, and for a value left open."""
    reason, fix = "a range or bound cannot be scheduled without a stated value", "add value_used, and why in the note"
    unchosen = [
        Problem("needs_choice", file, reason, fix, line, "value", row["value"])
        for line, row in rows
        if checks.is_open(row)
    ]
    raise_errors(errors(checks.ledger_problems(columns, rows, file)) or unchosen)
    return [_event(row, f"{file}:{line}") for line, row in rows]


def figures(rows: Sequence[checks.LedgerRow], file: str) -> list[dict[str, str | None]]:
    """A sound ledger's leaves with their values, and its ranges and bounds with their ends, in USD million."""
    events = [_event(row, f"{file}:{line}") for line, row in rows]
    valued: list[dict[str, str | None]] = [
        {"id": leaf.id, "value_usd_mn": str(leaf.value_usd_mn)} for leaf in leaves(events, FOREVER)
    ]
    for _, row in rows:
        if checks.is_open(row):
            low, high = (
                end if end is None else str(end) for end in money.bounds(row["value"], row["currency"], row["unit"])
            )
            valued.append({"id": row["id"], "low_usd_mn": low, "high_usd_mn": high})
    return valued


def _event(row: Mapping[str, str], source_id: str) -> Event:
    texts = ("part_of", "tranche", "attribution", "category", "nature", "buyer", "seller", "description", "source")
    return Event(
        id=row["id"],
        role=Role(row.get("role") or Role.DEAL),
        quantity=_quantity(row.get("quantity", "")),
        value_usd_mn=None if checks.is_open(row) else checks.value_of(row),
        value_kind=ValueKind(row.get("value_kind") or ValueKind.ANNOUNCED),
        date=cells.vague_date(row.get("signed_on", "")),
        status=Status(row["status"]),
        delivery_start=cells.vague_date(row.get("delivery_start", "")),
        delivery_end=cells.vague_date(row.get("delivery_end", "")),
        source_url=row.get("source_url", ""),
        source_id=source_id,
        restates=(row.get("restates") or row.get("same_as") or "").strip(),
        **{name: row.get(name, "").strip() for name in texts},
    )


def _quantity(text: str) -> Decimal | None:
    """A plain number; anything else is no quantity to reckon with."""
    try:
        return cells.decimal(text)
    except CellError:
        return None
