"""From a figure of trade, on one book or two, to its raw cells."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from typing import Any

import pandas as pd

from ..case import asof, layouts, printed_tables
from ..case.store import Facts
from ..facts import own_book, revisions
from ..facts.fragments import Fragment
from ..facts.trade import Snapshot, as_of, older_vintage
from ..words.citations import Place
from ..words.problems import refuse
from ..words.terms import Flow, Frequency
from .chain import RATIO, WEIGHT_DIGITS, Cell, Chain, Part, summed

OF_ONE_FLOW = {Flow.EXPORT: "exports_usd_mn", Flow.IMPORT: "imports_usd_mn"}
# column -> the flows it is made of, from the home country's side, with their sign
COLUMNS = {name: {flow: 1} for flow, name in OF_ONE_FLOW.items()} | {"gap_usd_mn": {Flow.EXPORT: 1, Flow.IMPORT: -1}}
FOUR_QUARTERS = {name.replace("_usd", "_four_quarters_usd"): name for name in COLUMNS}
TWELVE_MONTHS = {name.replace("_usd", "_twelve_months_usd"): name for name in COLUMNS}
LAST_FOUR = "gap_last_four_quarters_usd_mn"
RATIOS = {"mirror_ratio_exports": "exports_usd_mn", "mirror_ratio_imports": "imports_usd_mn"}
DIFFERENCE = "mirror_gap_difference_usd_mn"
# column -> what it takes of the newer and of the older release
REVISIONS = {
    "gap_before_revision_usd_mn": (0, 1),
    "gap_after_revision_usd_mn": (1, 0),
    "gap_revision_usd_mn": (1, -1),
}
Raw = tuple[Place, str, str, Decimal, int]  # a raw cell: its place and column, text, USD million, and 1 or -1
MONTHS_IN = {"M": 1, "Q": 3, "Y": 12}


def trade(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """A column of COLUMNS over a month, quarter or year, on a book as known at the end of month `at`.

    Raises Refused for an unknown book, and for a period with a part that is not published.
    """
    return _book(facts, reporter, at)(column, period)


def _book(facts: Facts, reporter: str, at: pd.Period | None) -> Callable[[str, pd.Period], Chain]:
    """How a column over a period is traced on a book as known at the end of a month: by what was counted or, before
    that, by what it was pieced together from."""
    if (reporter, facts.pair.other(reporter)) not in facts.fragments:
        return partial(_counted, facts, release(facts, reporter, at), reporter)
    counts = own_book.counts(facts.flows, reporter, facts.pair.other(reporter), at)
    pieces = cache(partial(_pieced, facts, reporter, at))

    def chain(column: str, period: pd.Period) -> Chain:
        if counts and period.start_time >= min(counts.flows["period"]).start_time:
            return _counted(facts, counts, reporter, column, period)
        return _pieced_together(facts, pieces(), column, period, reporter, counts)

    return chain


def _counted(facts: Facts, snapshot: Snapshot, reporter: str, column: str, period: pd.Period) -> Chain:
    """A column over a period as the exact sum of what was counted in it."""
    signs = _signed_flows(facts, column, reporter)
    rows = [row for row in published(snapshot) if row.flow in signs]
    start, end = period.start_time, period.end_time
    inside = [row for row in rows if start <= row.period.start_time and row.period.end_time <= end]
    if sum(MONTHS_IN[row.frequency] for row in inside) < MONTHS_IN[period.freqstr[0]] * len(signs):
        known = [row.period.asfreq("M", how) for row in rows for how in ("start", "end")]
        fix = f"use a period from {min(known)} to {max(known)}"
        refuse("missing_period", "trace", "not all its months are published", fix, value=str(period))
    return summed(column, period, reporter, cells=cells_of(facts, inside, signs))


def release(facts: Facts, reporter: str, at: pd.Period | None) -> Snapshot:
    """A book's figures as known at the end of a month. Raises Refused for a book without any."""
    try:
        return as_of(facts.flows, reporter, facts.pair.other(reporter), at)
    except ValueError as error:
        refuse("empty", "trace", str(error), "use another reporter", value=reporter)


def cell_text(facts: Facts, file: str, line: int, column: str, read: str) -> str:
    """A raw cell as it stands in the file: what was `read` of it, or what its correction expected to find."""
    return next((c.expected for c in facts.corrections if (c.file, c.row, c.column) == (file, line, column)), read)


def published(snapshot: Snapshot) -> list[Any]:
    """The rows of a release as published: months, and quarters that are no sums of months."""
    rows = list(snapshot.flows.itertuples())
    months = {(row.flow, row.period) for row in rows if row.frequency == Frequency.MONTHLY}
    return [
        r for r in rows if r.frequency == Frequency.MONTHLY or (r.flow, r.period.asfreq("M", "start")) not in months
    ]


def _signed_flows(facts: Facts, column: str, reporter: str) -> dict[Flow, int]:
    return {revisions.on_book(flow, reporter, facts.pair.home): sign for flow, sign in COLUMNS[column].items()}


def cells_of(facts: Facts, rows: Sequence[Any], signs: Mapping[Flow, int]) -> list[Cell]:
    """The raw cells of published rows, flow by flow, each with its flow's sign."""
    behind = _behind(facts)
    found = [
        _cell(facts, raw_cell, row.period, flow, sign)
        for flow, sign in signs.items()
        for row in rows
        if row.flow == flow
        for raw_cell in behind([Place.of(each) for each in row.ids.split()], flow, row.period, row.value_usd_mn)
    ]
    return netted(found)


def netted(cells: Sequence[Cell]) -> list[Cell]:
    """The cells but those that are added for one period and taken off for another: they count for nothing."""
    weights: Counter[tuple[str, int, str]] = Counter()
    for cell in cells:
        weights[cell.file, cell.row, cell.column] += int(cell.weight)
    return [cell for cell in cells if weights[cell.file, cell.row, cell.column]]


def _cell(facts: Facts, of: Raw, period: pd.Period, flow: Flow, sign: int) -> Cell:
    (file, line), column, read, value, weight = of
    table, said = facts.files[file].table, facts.files[file].sidecar
    text, share = cell_text(facts, file, line, column, read), Decimal(sign * weight)
    found = Cell(file, line, column, str(period), flow, value, share, said.url, text, said.unit or "as printed")
    publisher = layouts.publisher(table)
    return replace(found, printed_in=publisher.printed_in(dict(table.rows)[line], line)) if publisher else found


def _behind(facts: Facts) -> Callable[[Sequence[Place], Flow, pd.Period, Decimal], list[Raw]]:
    """How the raw cells behind a published figure are found, by the rows it is from: those that the publisher's layout
    names or, of a printed table, the one with the figure and, of what lies between two years to date, that of the first
    one, counted off."""
    rows = cache(lambda file: dict(facts.files[file].table.rows))
    entries = cache(
        lambda file: {(one.row, one.flow, one.period): one for one in printed_tables.read(facts.files[file]).entries}
    )

    def behind(places: Sequence[Place], flow: Flow, period: pd.Period, value: Decimal) -> list[Raw]:
        file, line = places[0]
        if of := layouts.publisher(facts.files[file].table):
            texts = {place: rows(place.file)[place.row] for place in places}
            found = of.behind(texts, flow, period)
            return [(at, column, texts[at][column], of.usd_mn(texts[at][column]), sign) for at, column, sign in found]
        entry = entries(file)[line, str(flow), period]
        less, at = entry.less, Place(file, entry.row)
        if less is None or not less.value:
            return [(at, entry.column, entry.text, value, 1)]
        whole = value + less.value
        return [
            (at, entry.column, entry.text, whole, 1),
            (Place(file, less.row), less.column, less.text, less.value, -1),
        ]

    return behind


def _pieced(facts: Facts, reporter: str, at: pd.Period | None) -> own_book.Reconciled:
    """A book printed in pieces, as known at the end of a month. Raises Refused where nothing was printed by then."""
    try:
        return asof.pieced(facts, reporter, facts.pair.other(reporter), at or asof.newest_month(facts, reporter))
    except ValueError as error:
        refuse("empty", "trace", str(error), "use a later month", value=str(at))


def _pieced_together(
    facts: Facts, of: own_book.Reconciled, column: str, period: pd.Period, reporter: str, counts: Snapshot | None
) -> Chain:
    """A figure of a book printed in pieces: the fragments that bear on it, the quarter that was counted first among
    them, their weights, and the mirror's part."""
    if period.freqstr == "M":
        reason, fix = "before it was counted, this book is known by quarter", "use a quarter or a year"
        refuse("missing_period", "trace", reason, fix, value=str(period))
    known = sorted(set(of.quarters["period"]))
    quarters = list(pd.period_range(period.asfreq("Q", "start"), period.asfreq("Q", "end"), freq="Q"))
    if not set(quarters) <= set(known):
        fix = f"use a period from {known[0]} to {known[-1]}"
        refuse("missing_period", "trace", "not all its quarters are known", fix, value=str(period))
    signs = COLUMNS[column]
    _, error, moved = of.total(signs, quarters)
    shown = [Decimal(f"{of.total({flow: sign}, [each])[0]:.1f}") for flow, sign in signs.items() for each in quarters]
    weights, mirror = own_book.pieces(of, signs, quarters)
    cells: list[Cell] = []
    lesser = 0.0
    for fragment, share, weight in zip(of.system.fragments, moved, weights, strict=True):
        if abs(share) >= own_book.BEARING:
            cells += _fragment_cells(facts, fragment, weight, reporter, counts)
        else:
            lesser += weight * float(fragment.value)
    return Chain(
        column,
        str(period),
        reporter,
        value=sum(shown, Decimal(0)),  # as tables add it: each quarter to 0.1
        cells=tuple(cells),
        se_usd_mn=Decimal(f"{error:.1f}"),
        mirror_usd_mn=Decimal(f"{mirror:.2f}"),
        lesser_usd_mn=Decimal(f"{lesser:.2f}"),
    )


def _fragment_cells(
    facts: Facts, fragment: Fragment, weight: float, reporter: str, counts: Snapshot | None
) -> list[Cell]:
    """The cell of a printed figure; of a quarter that was counted, those of its bulletins."""
    share, url = Decimal(f"{weight:.{WEIGHT_DIGITS}f}"), fragment.url or fragment.source
    if counts and fragment.is_count:
        found = _counted(facts, counts, reporter, OF_ONE_FLOW[Flow(fragment.flow)], fragment.first.asfreq("Q"))
        return [replace(cell, weight=cell.weight * share, id=fragment.id) for cell in found.cells]
    file, line = Place.of(fragment.source_id)
    span = str(fragment.first) if fragment.first == fragment.last else f"{fragment.first} to {fragment.last}"
    flow = f"{fragment.flow} growth" if fragment.against else fragment.flow
    cells = dict(facts.files[file].table.rows)[line]
    text, unit = (cell_text(facts, file, line, column, cells[column]) for column in ("value", "unit"))
    return [Cell(file, line, "value", span, flow, fragment.value, share, url, text, unit, fragment.id)]


def last_four(facts: Facts, reporter: str, at: pd.Period | None = None) -> Chain:
    """The gap of the last four quarters that a book holds: what every report starts from."""
    at = at or asof.newest_month(facts, reporter)
    read = asof.figures_of(facts, reporter, at)
    if len(read.history) < 4:
        refuse("empty", "trace", f"{len(read.history)} quarters were known by {at}", "use a later month", value=str(at))
    found = over(facts, "gap_usd_mn", list(read.history.index[-4:]), reporter, at)
    error = None if read.gap_error is None else Decimal(f"{read.gap_error:.1f}")
    return replace(found, column=LAST_FOUR, se_usd_mn=error)


def four_quarters(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """A column of FOUR_QUARTERS: the four quarters to the one given. Raises Refused for another period."""
    if period.freqstr != "Q-DEC":
        refuse("bad_period", "trace", f"{column} is of the four quarters to one", "name it: 2025Q1", value=str(period))
    quarters = list(pd.period_range(end=period, periods=4, freq="Q"))
    return replace(over(facts, FOUR_QUARTERS[column], quarters, reporter, at), column=column)


def twelve_months(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """A column of TWELVE_MONTHS: the twelve months to the one given. Raises Refused for another period."""
    if period.freqstr != "M":
        refuse("bad_period", "trace", f"{column} is of the twelve months to one", "name it: 2025-03", value=str(period))
    months = list(pd.period_range(end=period, periods=12, freq="M"))
    return replace(over(facts, TWELVE_MONTHS[column], months, reporter, at), column=column)


def over(facts: Facts, column: str, quarters: Sequence[pd.Period], reporter: str, at: pd.Period | None) -> Chain:
    """A column over successive quarters or months: the sum of each flow in each of them, as the tables show them."""
    figure = _book(facts, reporter, at)
    signed = [(OF_ONE_FLOW[flow], Decimal(sign)) for flow, sign in COLUMNS[column].items()]
    parts = [Part(sign, figure(name, quarter)) for quarter in quarters for name, sign in signed]
    return summed(column, f"{quarters[0]} to {quarters[-1]}", reporter, parts=parts)


def mirror(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """One book's figure over the other's, or their difference: both chains side by side."""
    of = RATIOS.get(column, "gap_usd_mn")
    own, other = (trade(facts, of, period, book, at) for book in (reporter, facts.pair.other(reporter)))
    parts = Part(Decimal(1), own), Part(Decimal(-1 if column == DIFFERENCE else 1), other)
    if column == DIFFERENCE:
        return summed(column, period, reporter, parts=parts, note="two books of one trade, compared and never added")
    ratio = (own.value / other.value).quantize(Decimal("0.000001"))
    return Chain(column, str(period), reporter, ratio, parts=parts, unit="ratio", how=RATIO)


def revision(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """What the newest release says of the months of a period that the one before also holds, and that one."""
    partner = facts.pair.other(reporter)
    in_pieces = (reporter, partner) in facts.fragments
    newer = own_book.counts(facts.flows, reporter, partner, at) if in_pieces else release(facts, reporter, at)
    before = older_vintage(facts.flows, reporter, partner, newer.vintage) if newer else None
    if newer is None or before is None:
        refuse("empty", "trace", "there is no earlier release of this book", "use another reporter", value=reporter)
    older = as_of(facts.flows, reporter, partner, before)
    changes = revisions.between(facts.flows, reporter, partner, before, newer.vintage, facts.pair.home)
    held = list(changes.months.loc[changes.months["measure"] == "gap", "period"])
    months = [month for month in held if period.start_time <= month.start_time <= period.end_time]
    if not months:
        fix = f"use a period from {held[0]} to {held[-1]}"
        refuse("missing_period", "trace", "no month of it is in both releases", fix, value=str(period))
    signs = _signed_flows(facts, "gap_usd_mn", reporter)
    cells = [
        replace(cell, weight=cell.weight * weight)
        for snapshot, weight in zip((newer, older), REVISIONS[column], strict=True)
        if weight
        for cell in cells_of(facts, [row for row in published(snapshot) if row.period in months], signs)
    ]
    return summed(column, period, reporter, cells=netted(cells))
