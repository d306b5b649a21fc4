"""From a sum of what was announced to the ledger's rows, and from what has arrived to the rows that bound it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from ..answers import arrivals
from ..answers.answer import Solution
from ..case import asof, track_inputs
from ..case.folder import Folder
from ..case.store import Facts
from ..facts import ledger
from ..facts.goods import REPORTER
from ..facts.known import Known
from ..words.citations import Place
from ..words.problems import refuse
from ..words.schema import nearest
from ..words.terms import Flow
from . import goods, trade
from .chain import LESSER, Cell, Chain, Part, summed

ANNOUNCED = "announced_usd_mn"


def announced(facts: Facts, leaves: Sequence[ledger.Leaf], which: str = "") -> Chain:
    """The announced sum, or what `which` picks of it: a tranche, a part, a stage, how sure it is, or any row.

    Raises Refused where it picks nothing, or a row whose value was never published.
    """
    parts = [leaf for leaf in leaves if not which or which in picks(leaf)]
    if [leaf.id for leaf in parts] == [which]:
        return of_leaf(facts, leaves, parts[0])
    if parts:
        return summed(ANNOUNCED, which, "", parts=[Part(Decimal(1), of_leaf(facts, leaves, leaf)) for leaf in parts])
    event = next((event for event in facts.events if event.id == which), None)
    if event is None:
        known = list(dict.fromkeys([*(word for leaf in leaves for word in picks(leaf)), *(e.id for e in facts.events)]))
        fix = f"use {', '.join(sorted({word for leaf in leaves for word in picks(leaf)}))}, or the id of a ledger row"
        refuse("unknown_key", "trace", "no such part of what was announced", fix + nearest(which, known), value=which)
    if event.value_usd_mn is None:
        place = Place.of(event.source_id)
        reason, fix = "no value was published for it", f"read the row, published at {event.source_url}"
        refuse("missing_value", f"data/raw/{place.file}", reason, fix, place.row, "value", which)
    note = "a row of the ledger that adds nothing to the announced sum"
    return summed(ANNOUNCED, which, "", cells=[_cell(facts, event, 1)], note=note)


def picks(leaf: ledger.Leaf) -> list[str]:
    """The words by which a part of the announced sum can be asked for."""
    return [leaf.id, leaf.tranche, ledger.stage(leaf), *([] if leaf.is_remainder else [leaf.event.attribution])]


def of_leaf(facts: Facts, leaves: Iterable[ledger.Leaf], leaf: ledger.Leaf) -> Chain:
    """One part of the announced sum: the row that holds its value, or for a remainder the whole less its named parts.

    Rows that only tell more of the deal stand beside it with the weight 0.
    """
    cells = [_cell(facts, leaf.event, 1)]
    if leaf.is_remainder:
        cells += [_cell(facts, each.event, -1) for each in ledger.inside(leaf, leaves, facts.events)]
        unvalued = [e.id for e in facts.events if e.part_of == leaf.event.id and e.value_usd_mn is None]
        note = f"named inside it, without a published value: {', '.join(unvalued)}" if unvalued else ""
    else:
        told = next(deal for deal in ledger.deals(facts.events).values() if leaf.event in deal.events).events
        cells += [_cell(facts, event, 0) for event in told if event != leaf.event and event.value_usd_mn is not None]
        status = f"status {leaf.status} from {leaf.now.id}, {leaf.now.date.words}" if leaf.now != leaf.event else ""
        note = "; ".join(filter(None, (status, *_terms(leaf))))
    return summed(ANNOUNCED, leaf.id, "", cells=cells, note=note)


def _terms(leaf: ledger.Leaf) -> Iterable[str]:
    """What the ledger prints of a deal besides value and window, each as a clause."""
    counted, split, after = leaf.event, leaf.split, leaf.now
    if split.is_split_undisclosed:
        yield f"firm pieces and options undisclosed ({split.id})"
    elif split.firm_quantity is not None:
        yield f"{split.firm_quantity} firm pieces and {split.option_quantity} options ({split.id})"
    if counted.unit_price_usd_mn is not None:
        prices = counted.list_price_year.words and f" at list prices of {counted.list_price_year.words}"
        yield f"{counted.unit_price_usd_mn:,.1f} USD million a piece{prices}"
    if after.next_event:
        yield f"next: {after.next_event}, {after.next_event_on.words or 'undated'} ({after.id})"
    if counted.confidence:
        yield f"confidence of the row {counted.confidence}"


def _cell(facts: Facts, event: ledger.Event, weight: int) -> Cell:
    file, line = Place.of(event.source_id)
    cells = dict(facts.files[file].table.rows)[line]
    column = "value_used" if cells.get("value_used", "").strip() else "value"
    return Cell(
        file=file,
        row=line,
        column=column,
        period=event.date.words or "undated",
        flow=f"{event.role}, {event.status}",
        printed=event.value_usd_mn or Decimal(0),
        weight=Decimal(weight),
        url=event.source_url,
        raw=trade.cell_text(facts, file, line, column, cells[column]),
        unit=" ".join(cells[name] for name in ("currency", "unit") if cells.get(name)),
        id=event.id,
    )


LOW, HIGH = "arrived_low_usd_mn", "arrived_high_usd_mn"
CAN_HAVE_ARRIVED = "can_have_arrived_usd_mn"


def can_have_arrived(where: Folder, facts: Facts, at: pd.Period | None) -> Chain:
    """The most that can have arrived in addition: months since the totals less those of the base year, each weighed.

    Raises Refused for a case that follows no rise, and for a month by which nothing was to be followed.
    """
    rise = track_inputs.rise_of(where, at)
    if rise is None:
        refuse("empty", "trace", "no rise over a base year is followed", "use a case that does, or a later month")
    about = rise.about
    rows = trade.published(trade.release(facts, about.reporter, about.as_of))
    flow = Flow.IMPORT if about.reporter == about.home else Flow.EXPORT
    weights = {month: Decimal(of.numerator) / of.denominator for month, of in rise.weights.items() if of}
    found = [
        replace(cell, weight=cell.weight * weights[row.period])
        for row in rows
        if row.flow == flow and row.period in weights
        for cell in trade.cells_of(facts, [row], {flow: 1})
    ]
    odd = f"; out of line, and at what the months beside it average: {', '.join(str(one.month) for one in rise.odd)}"
    of_what = "a bound of additional purchases, not of deliveries"
    note = f"over the level of {rise.base_year}{odd if rise.bound != rise.rise else ''}; {of_what}"
    value = Decimal(rise.at_most.numerator) / rise.at_most.denominator
    span = f"{rise.first} to {rise.through}"
    return Chain(CAN_HAVE_ARRIVED, span, about.reporter, round(value, 6), tuple(found), note=note)


def arrived(where: Folder, facts: Facts, answer: Solution, column: str, which: str) -> Chain:
    """The least or the most that has arrived of a part: its announced rows, and the rows that count or bound it."""
    found = answer.arrived
    arrival = next((each for each in found if each.leaf.id == which), None)
    if arrival is None:
        ids = [each.leaf.id for each in found]
        fix = f"use {', '.join(ids)}{nearest(which, ids)}"
        refuse("unknown_key", "trace", "no such part of what was announced", fix, value=which)
    announced = of_leaf(facts, answer.known.leaves, arrival.leaf)
    evidence = tuple(_evidence(facts, answer.known, row) for row in arrival.rows if row != arrival.leaf.event.source_id)
    amount = arrival.low_usd_mn if column == LOW else arrival.uncapped_usd_mn
    counted = Part(amount / announced.value, announced)
    if column == LOW:
        return Chain(LOW, which, "", amount, evidence, (counted,), note=arrival.low_why)
    parts = [counted]
    if arrival.held:
        parts.append(Part(Decimal(1), _held(where, facts, answer, arrival)))
    note, high = _points(answer, arrival), arrival.high_usd_mn
    return Chain(HIGH, which, answer.scenario.reporter, high, evidence, tuple(parts), how=LESSER, note=note)


def _held(where: Folder, facts: Facts, answer: Solution, arrival: arrivals.Arrival) -> Chain:
    """All that the lines brought since the totals in which a part can stand."""
    lines, found = answer.inputs.grounds.lines, asof.goods_of(answer.scenario.as_of, case=replace(where, held=facts))
    assert lines is not None
    names = lines.names(part.category for part in answer.components if part.leaf.id == arrival.leaf.id)
    months = pd.period_range(lines.first, lines.last, freq="M")
    cells = goods.cells(facts, found, Flow.IMPORT, names, months)
    return summed("imports_of_its_lines_usd_mn", f"{lines.first} to {lines.last}", REPORTER, cells=cells)


def _evidence(facts: Facts, known: Known, row: str) -> Cell:
    """A row that counts or bounds arrivals, as a cell that adds no money."""
    file, line = Place.of(row)
    cells = dict(facts.files[file].table.rows)[line]
    column = "quantity" if "quantity" in cells else "value"
    words = cells.get("statement") or cells.get("item") or cells.get("description") or ""
    unit = cells.get("quantity_unit") or cells.get("unit") or ""
    when = cells.get("date") or cells.get("year/period") or cells.get("signed_on") or ""
    url = known.citations.rows[row].url if row in known.citations.rows else cells.get("source_url", "")
    raw = trade.cell_text(facts, file, line, column, cells[column])
    return Cell(file, line, column, when, words, Decimal(0), Decimal(0), url, raw, unit)


def _points(answer: Solution, arrival: arrivals.Arrival) -> str:
    """The high points that bound a part, with the paths of their assumptions."""
    mine = [c.factors for c in answer.components if c.leaf.id == arrival.leaf.id]
    bounding = [factor for factors in mine for factor in (factors.goods, factors.landed, factors.price)]
    points = dict.fromkeys(f"{factor.path} {float(factor.quantile(arrivals.HIGH)):.2f}" for factor in bounding)
    return f"{arrival.high_why}; 95 % points: {', '.join(points)}"
