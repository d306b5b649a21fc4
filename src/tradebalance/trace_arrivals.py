"""From what has arrived so far to the rows that count or bound it."""

from decimal import Decimal

import pandas as pd

from . import arrival_inputs, arrivals, asof, trace_ledger, trace_trade
from .answer import Answer
from .arrivals import Arrival
from .chains import LESSER, Cell, Chain, Part
from .credit import Component
from .known import Known
from .store import Case, Facts
from .trace_trade import cell_text, refused
from .validation import nearest

LOW, HIGH = "arrived_low_usd_mn", "arrived_high_usd_mn"
RISE = "imports_rise_usd_mn"
LAST_FOUR = "last_four"
FACTORS = ("goods", "landed", "price")


def imports_rise(facts: Facts, reporter: str, at: pd.Period | None, which: str = "") -> Chain:
    """By how much imports rose over the year before the totals: in all quarters since, a year, a quarter, `last_four`.

    Raises Refused where no such year or quarter is held.
    """
    at = at or asof.newest_month(facts, reporter)
    found = arrivals.rise(facts.events, asof.figures_of(facts, reporter, at).history, at)
    quarters = [] if found is None else list(found.by_quarter.index)
    wanted = quarters[-4:] if which == LAST_FOUR else [q for q in quarters if which in ("", str(q), str(q.year))]
    if found is None or not wanted:
        fix = (
            f"use a year or quarter from {quarters[0]} to {quarters[-1]}, or {LAST_FOUR}" if quarters else "use another"
        )
        raise refused("missing_period", "no rise is known of it", fix, which or reporter)
    before = [quarter - 4 * (quarter.year - found.base) for quarter in wanted]
    pairs = [(1, wanted), (-1, before)]
    parts = [Part(Decimal(sign), trace_trade.over(facts, "imports_usd_mn", each, reporter, at)) for sign, each in pairs]
    value = sum((part.weight * part.chain.value for part in parts), Decimal(0))
    note = f"against the same quarters of {found.base}; an upper bound on deliveries, not a measure of them"
    return Chain(RISE, which, reporter, value, parts=tuple(parts), note=note)


def arrived(where: Case, facts: Facts, answer: Answer, column: str, which: str) -> Chain:
    """The least or the most that has arrived of a part: its announced rows, and the rows that count or bound it."""
    found = arrivals.bounds(answer.known, answer.components, arrival_inputs.evidence(where, facts))
    arrival = next((each for each in found if each.leaf.id == which), None)
    if arrival is None:
        ids = [each.leaf.id for each in found]
        fix = f"use {', '.join(ids)}{nearest(which, ids)}"
        raise refused("unknown_key", "no such part of what was announced", fix, which)
    announced = trace_ledger.of_leaf(facts, answer.known.leaves, arrival.leaf)
    evidence = tuple(_evidence(facts, answer.known, row) for row in arrival.rows if row != arrival.leaf.event.source_id)
    amount = arrival.low_usd_mn if column == LOW else arrival.uncapped_usd_mn
    counted = Part(amount / announced.value, announced)
    if column == LOW:
        return Chain(LOW, which, "", amount, evidence, (counted,), note=arrival.low_why)
    parts: tuple[Part, ...] = (counted,)
    known = answer.known
    if arrivals.rise(known.events, known.history, known.as_of) is not None:
        parts = (counted, Part(Decimal(1), imports_rise(facts, known.reporter, known.as_of)))
    return Chain(
        HIGH,
        which,
        answer.scenario.reporter,
        arrival.high_usd_mn,
        evidence,
        parts,
        how=LESSER,
        note=_points(answer, arrival),
    )


def _evidence(facts: Facts, known: Known, row: str) -> Cell:
    """A row that counts or bounds arrivals, as a cell that adds no money."""
    file, line = row.rsplit(":", 1)
    cells = next(each for each in facts.files[file].table.rows if each.line == int(line)).cells
    column = "quantity" if "quantity" in cells else "value"
    words = cells.get("statement") or cells.get("item") or cells.get("description") or ""
    unit = cells.get("quantity_unit") or cells.get("unit") or ""
    when = cells.get("date") or cells.get("year/period") or cells.get("signed_on") or ""
    url = known.citations.rows[row].url if row in known.citations.rows else cells.get("source_url", "")
    raw = cell_text(facts, file, int(line), column)
    return Cell(file, int(line), column, when, words, Decimal(0), Decimal(0), url, raw, unit)


def _points(answer: Answer, arrival: Arrival) -> str:
    """The high points that bound a part, with the paths of their assumptions."""
    mine = [c for c in answer.components if c.leaf.id == arrival.leaf.id]
    points = dict.fromkeys(word for component in mine for word in _of_component(component))
    return f"{arrival.high_why}; 95 % points: {', '.join(points)}"


def _of_component(component: Component) -> list[str]:
    factors = [getattr(component.factors, name) for name in FACTORS]
    return [f"{factor.path} {float(factor.quantile(arrivals.HIGH)):.2f}" for factor in factors]
