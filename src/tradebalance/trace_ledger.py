"""From a sum of what was announced to the ledger's rows."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd

from . import asof, commitments
from .chains import Cell, Chain, Part
from .commitments import Event, Leaf
from .problems import Problem, Refused
from .store import Facts
from .trace_trade import cell_text, refused, total
from .validation import nearest

ANNOUNCED = "announced_usd_mn"


def as_known(facts: Facts, reporter: str, at: pd.Period | None) -> list[Leaf]:
    """The parts of the announced sum as known at the end of a month (default: the newest release's)."""
    at = at or asof.newest_month(facts, reporter)
    return commitments.leaves(facts.events, at.end_time.date())


def announced(facts: Facts, leaves: Sequence[Leaf], which: str = "") -> Chain:
    """The announced sum, or what `which` picks of it: a tranche, a part, a stage, how sure it is, or any row.

    Raises Refused where it picks nothing, or a row whose value was never published.
    """
    parts = [leaf for leaf in leaves if not which or which in picks(leaf)]
    if [leaf.id for leaf in parts] == [which]:
        return of_leaf(facts, leaves, parts[0])
    if parts:
        chains = tuple(Part(Decimal(1), of_leaf(facts, leaves, leaf)) for leaf in parts)
        value = sum((part.chain.value for part in chains), Decimal(0))
        return Chain(ANNOUNCED, which, "", value, parts=chains)
    event = next((event for event in facts.events if event.id == which), None)
    if event is None:
        known = list(dict.fromkeys([*(word for leaf in leaves for word in picks(leaf)), *(e.id for e in facts.events)]))
        fix = f"use {', '.join(sorted({word for leaf in leaves for word in picks(leaf)}))}, or the id of a ledger row"
        raise refused("unknown_key", "no such part of what was announced", fix + nearest(which, known), which)
    if event.value_usd_mn is None:
        file, line = event.source_id.rsplit(":", 1)
        reason, fix = "no value was published for it", f"read the row, published at {event.source_url}"
        raise Refused([Problem("missing_value", f"data/raw/{file}", reason, fix, int(line), "value", which)])
    note = "a row of the ledger that adds nothing to the announced sum"
    return Chain(ANNOUNCED, which, "", event.value_usd_mn, (_cell(facts, event, 1),), note=note)


def picks(leaf: Leaf) -> list[str]:
    """The words by which a part of the announced sum can be asked for."""
    return [leaf.id, leaf.tranche, commitments.stage(leaf), *([] if leaf.is_remainder else [leaf.event.attribution])]


def of_leaf(facts: Facts, leaves: Iterable[Leaf], leaf: Leaf) -> Chain:
    """One part of the announced sum: the row that holds its value, or for a remainder the whole less its named parts.

    Rows that only tell more of the deal stand beside it with the weight 0.
    """
    cells = [_cell(facts, leaf.event, 1)]
    if leaf.is_remainder:
        inside = commitments.inside(leaf, leaves, facts.events)
        cells += [_cell(facts, each.event, -1) for each in inside]
        unvalued = [e.id for e in facts.events if e.part_of == leaf.event.id and e.value_usd_mn is None]
        note = f"named inside it, without a published value: {', '.join(unvalued)}" if unvalued else ""
    else:
        told = next(deal for deal in commitments.deals(facts.events).values() if leaf.event in deal.events).events
        cells += [_cell(facts, event, 0) for event in told if event != leaf.event and event.value_usd_mn is not None]
        now = f"status {leaf.status} from {leaf.now.id}, {leaf.now.date.words}"
        note = now if leaf.now != leaf.event else ""
    return Chain(ANNOUNCED, leaf.id, "", total(cells), tuple(cells), note=note)


def _cell(facts: Facts, event: Event, weight: int) -> Cell:
    file, line = event.source_id.rsplit(":", 1)
    cells = next(row for row in facts.files[file].table.rows if row.line == int(line)).cells
    column = "value_used" if cells.get("value_used", "").strip() else "value"
    unit = " ".join(cells[name] for name in ("currency", "unit") if cells.get(name))
    return Cell(
        file=file,
        row=int(line),
        column=column,
        period=event.date.words or "undated",
        flow=f"{event.role}, {event.status}",
        printed=event.value_usd_mn or Decimal(0),
        weight=Decimal(weight),
        url=event.source_url,
        raw=cell_text(facts, file, int(line), column),
        unit=unit,
        id=event.id,
    )
