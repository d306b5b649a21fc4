"""From a figure of trade, on one book or two, to its raw cells."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from ..case import asof, raw
from ..case.printed_tables import PrintedCell
from ..case.store import Facts
from ..facts import customs_vn, own_book, revisions
from ..facts.fragments import Fragment
from ..facts.own_book import Reconciled
from ..facts.trade import Snapshot, as_of, of_vintage, older_vintage
from ..words.citations import Place
from ..words.problems import refuse
from ..words.terms import Flow, Frequency
from .chain import RATIO, Cell, Chain, Part

# column -> the flows it is made of, from the home country's side, with their sign
COLUMNS = {
    "exports_usd_mn": [(Flow.EXPORT, 1)],
    "imports_usd_mn": [(Flow.IMPORT, 1)],
    "gap_usd_mn": [(Flow.EXPORT, 1), (Flow.IMPORT, -1)],
}
FOUR_QUARTERS = {name.replace("_usd", "_four_quarters_usd"): name for name in COLUMNS}
LAST_FOUR = "gap_last_four_quarters_usd_mn"
RATIOS = {"mirror_ratio_exports": "exports_usd_mn", "mirror_ratio_imports": "imports_usd_mn"}
DIFFERENCE = "mirror_gap_difference_usd_mn"
# column -> what it takes of the newer and of the older release
REVISIONS = {
    "gap_before_revision_usd_mn": (0, 1),
    "gap_after_revision_usd_mn": (1, 0),
    "gap_revision_usd_mn": (1, -1),
}
MONTHS_IN = {"M": 1, "Q": 3, "Y": 12}
RATIO_DIGITS = Decimal("0.000001")
WEIGHT_DIGITS = 6  # 31,400 times half a unit of the seventh is 0.02, below the 0.1 that a figure is shown to


def trade(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """A column of COLUMNS over a month, quarter or year, on a book as known at the end of month `at`.

    Raises Refused for an unknown book, and for a period with a part that is not published.
    """
    partner = facts.pair.other(reporter)
    if (reporter, partner) in facts.fragments:
        counts = own_book.counts(facts.flows, reporter, partner, at)
        if counts is None or period.start_time < min(counts.flows["period"]).start_time:
            return _pieced_together(facts, _book(facts, reporter, at), column, period, reporter)
        return _counted(facts, counts, column, period, reporter)
    try:
        snapshot = as_of(facts.flows, reporter, partner, at)
    except ValueError as error:
        refuse("empty", "trace", str(error), "use another reporter", value=reporter)
    return _counted(facts, snapshot, column, period, reporter)


def _counted(facts: Facts, snapshot: Snapshot, column: str, period: pd.Period, reporter: str) -> Chain:
    """A column over a period as the exact sum of what was counted in it."""
    signs = _signed_flows(facts, column, reporter)
    rows = [row for row in _published(snapshot) if row.flow in signs]
    start, end = period.start_time, period.end_time
    inside = [row for row in rows if start <= row.period.start_time and row.period.end_time <= end]
    if sum(MONTHS_IN[row.frequency] for row in inside) < MONTHS_IN[period.freqstr[0]] * len(signs):
        known = [row.period.asfreq("M", how) for row in rows for how in ("start", "end")]
        fix = f"use a period from {min(known)} to {max(known)}"
        refuse("missing_period", "trace", "not all its months are published", fix, value=str(period))
    found = _cells_of(facts, inside, signs)
    return Chain(column, str(period), reporter, total(found), tuple(found))


def cell_text(facts: Facts, file: str, line: int, column: str) -> str:
    """A raw cell as it stands in the file, before any correction."""
    expected = _expected(facts, file, line, column)
    if expected is not None:
        return expected
    return next(row for row in facts.files[file].table.rows if row.line == line).cells[column]


def _expected(facts: Facts, file: str, line: int, column: str) -> str | None:
    """What a corrected cell holds in the file; None for one that is not corrected."""
    place = (file, line, column)
    return next((c.expected for c in facts.corrections if (c.file, c.row, c.column) == place), None)


def total(cells: Iterable[Cell]) -> Decimal:
    """Cells times their weights, exactly."""
    return sum((cell.weight * cell.printed for cell in cells), Decimal(0))


def _published(snapshot: Snapshot) -> list[Any]:
    """The rows of a release as published: months, and quarters that are no sums of months."""
    rows = list(snapshot.flows.itertuples())
    months = {(row.flow, row.period) for row in rows if row.frequency == Frequency.MONTHLY}
    return [
        r for r in rows if r.frequency == Frequency.MONTHLY or (r.flow, r.period.asfreq("M", "start")) not in months
    ]


def _signed_flows(facts: Facts, column: str, reporter: str) -> dict[Flow, int]:
    """The reporter's flows that a column is made of, with their sign."""
    return {revisions.on_book(flow, reporter, facts.pair.home): sign for flow, sign in COLUMNS[column]}


def _cells_of(facts: Facts, rows: Sequence[Any], signs: Mapping[Flow, int]) -> list[Cell]:
    """The raw cells of published rows, flow by flow, each with its flow's sign; one that is added for a period and
    taken off for another counts for nothing, and is left out."""
    behind = raw.cells(facts.files)
    found = [
        _cell(facts, cell, str(row.period), flow, sign)
        for flow, sign in signs.items()
        for row in rows
        if row.flow == flow
        for cell in behind([Place.of(each) for each in row.ids.split()], flow, row.period, row.value_usd_mn)
    ]
    weights: Counter[tuple[str, str]] = Counter()
    for cell in found:
        weights[cell.place, cell.column] += int(cell.weight)
    return [cell for cell in found if weights[cell.place, cell.column]]


def _cell(facts: Facts, cell: PrintedCell, period: str, flow: Flow, sign: int) -> Cell:
    file, line = cell.place
    sidecar = facts.files[file].sidecar
    expected = _expected(facts, file, line, cell.column)
    text = cell.text if expected is None else expected
    weight = Decimal(sign * cell.weight)
    unit = sidecar.unit or "as printed"
    return Cell(file, line, cell.column, period, flow, cell.value_usd_mn, weight, sidecar.url, text, unit)


# --- a book printed in pieces ---------------------------------------------------------------------


def _book(facts: Facts, reporter: str, at: pd.Period | None) -> Reconciled:
    partner = facts.pair.other(reporter)
    mirror_at = min(at, asof.newest_month(facts, partner)) if at else None
    pieces = facts.fragments[reporter, partner].fragments
    return own_book.book(pieces, facts.flows, reporter, partner, at, mirror_at, kept=facts.fits)


def _pieced_together(facts: Facts, of: Reconciled, column: str, period: pd.Period, reporter: str) -> Chain:
    """A figure of a book printed in pieces: the fragments that bear on it, their weights, and the mirror's part."""
    known = sorted(set(of.quarters["period"]))
    if period.freqstr == "M":
        refuse("missing_period", "trace", "this book is known by quarter", "use a quarter or a year", value=str(period))
    quarters = list(pd.period_range(period.asfreq("Q", "start"), period.asfreq("Q", "end"), freq="Q"))
    if not set(quarters) <= set(known):
        fix = f"use a period from {known[0]} to {known[-1]}"
        refuse("missing_period", "trace", "not all its quarters are known", fix, value=str(period))
    signs = dict(COLUMNS[column])
    value, error, moved = of.total(signs, quarters)
    weights, mirror = own_book.pieces(of, signs, quarters)
    printed = zip(of.system.fragments, moved, weights, strict=True)
    cells, lesser = [], 0.0
    for fragment, share, weight in printed:
        if abs(share) >= own_book.BEARING:
            cells.append(_fragment_cell(facts, fragment, weight))
        else:
            lesser += weight * float(fragment.value)
    to_tenths = [Decimal(f"{number:.1f}") for number in (value, error)]
    to_hundredths = [Decimal(f"{number:.2f}") for number in (mirror, lesser)]
    chain = Chain(column, str(period), reporter, to_tenths[0], tuple(cells), se_usd_mn=to_tenths[1])
    return replace(chain, mirror_usd_mn=to_hundredths[0], lesser_usd_mn=to_hundredths[1])


def _fragment_cell(facts: Facts, fragment: Fragment, weight: float) -> Cell:
    """The cell of a printed figure; of a month counted later, that of its own bulletin."""
    file, line = Place.of(fragment.source_id)
    if customs_vn.is_layout(facts.files[file].table.columns):
        (cell,) = raw.cells(facts.files)([Place(file, line)], Flow(fragment.flow), fragment.first, fragment.value)
        one = _cell(facts, cell, str(fragment.first), Flow(fragment.flow), 1)
        return replace(one, weight=Decimal(f"{weight:.{WEIGHT_DIGITS}f}"), id=fragment.id)
    span = str(fragment.first) if fragment.first == fragment.last else f"{fragment.first} to {fragment.last}"
    flow = f"{fragment.flow} growth" if fragment.against else fragment.flow
    text, unit = (cell_text(facts, file, line, column) for column in ("value", "unit"))
    share = Decimal(f"{weight:.{WEIGHT_DIGITS}f}")
    url = fragment.url or fragment.source
    return Cell(file, line, "value", span, flow, fragment.value, share, url, text, unit, fragment.id)


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


def over(facts: Facts, column: str, quarters: Sequence[pd.Period], reporter: str, at: pd.Period | None) -> Chain:
    """A column over successive quarters: the sum of each flow in each of them, as the tables show them."""
    parts = [
        Part(Decimal(sign), trade(facts, name, quarter, reporter, at))
        for quarter in quarters
        for name, sign in _single_columns(column)
    ]
    value = sum((part.weight * part.chain.value for part in parts), Decimal(0))
    return Chain(column, f"{quarters[0]} to {quarters[-1]}", reporter, value, parts=tuple(parts))


def _single_columns(column: str) -> list[tuple[str, int]]:
    of_flow = {pairs[0][0]: name for name, pairs in COLUMNS.items() if len(pairs) == 1}
    return [(of_flow[flow], sign) for flow, sign in COLUMNS[column]]


def mirror(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """One book's figure over the other's, or their difference: both chains side by side."""
    of = RATIOS.get(column, "gap_usd_mn")
    own, other = (trade(facts, of, period, book, at) for book in (reporter, facts.pair.other(reporter)))
    if column == DIFFERENCE:
        parts = (Part(Decimal(1), own), Part(Decimal(-1), other))
        note = "two books of one trade, compared and never added"
        return Chain(column, str(period), reporter, own.value - other.value, parts=parts, note=note)
    ratio = (own.value / other.value).quantize(RATIO_DIGITS)
    parts = (Part(Decimal(1), own), Part(Decimal(1), other))
    return Chain(column, str(period), reporter, ratio, parts=parts, unit="ratio", how=RATIO)


def revision(facts: Facts, column: str, period: pd.Period, reporter: str, at: pd.Period | None = None) -> Chain:
    """What the newest release says of the months of a period that the one before also holds, and that one."""
    partner = facts.pair.other(reporter)
    try:
        newer = as_of(facts.flows, reporter, partner, at)
    except ValueError as error:
        refuse("empty", "trace", str(error), "use another reporter", value=reporter)
    before = older_vintage(facts.flows, reporter, partner, newer.vintage)
    if before is None or (reporter, partner) in facts.fragments:
        refuse("empty", "trace", "there is no earlier release of this book", "use another reporter", value=reporter)
    older = of_vintage(facts.flows, reporter, partner, before)
    changes = revisions.between(facts.flows, reporter, partner, before, newer.vintage, facts.pair.home)
    held = changes.of("gap").index
    months = [month for month in held if period.start_time <= month.start_time <= period.end_time]
    if not months:
        fix = f"use a period from {held[0]} to {held[-1]}"
        refuse("missing_period", "trace", "no month of it is in both releases", fix, value=str(period))
    cells = [
        replace(cell, weight=cell.weight * weight)
        for snapshot, weight in zip((newer, older), REVISIONS[column], strict=True)
        if weight
        for cell in _cells_of(
            facts,
            [row for row in _published(snapshot) if row.period in months],
            _signed_flows(facts, "gap_usd_mn", reporter),
        )
    ]
    return Chain(column, str(period), reporter, total(cells), tuple(cells))
