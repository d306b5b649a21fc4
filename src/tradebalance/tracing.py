"""From a shown figure back to its raw rows, its cells and the publisher's address."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from . import census, flows, own_book, terms
from .fragments import Fragment
from .problems import Problem, Refused
from .store import Facts
from .terms import Flow, Frequency, Pair
from .validation import nearest

# column -> the flows it is made of, from the home country's side, with their sign
COLUMNS = {
    "exports_usd_mn": [(Flow.EXPORT, 1)],
    "imports_usd_mn": [(Flow.IMPORT, 1)],
    "gap_usd_mn": [(Flow.EXPORT, 1), (Flow.IMPORT, -1)],
}


@dataclass(frozen=True)
class Cell:
    """One raw cell: where it stands, what it says, what it counts for in the figure, and who publishes it.

    `printed` is the value in USD million (a growth rate as a fraction); `weight` is 1 or -1 in a sum
    of counts, and how much the figure moves per unit printed in a book pieced together.
    """

    file: str
    row: int
    column: str
    period: str
    flow: str
    printed: Decimal
    weight: Decimal
    url: str


@dataclass(frozen=True)
class Chain:
    """A figure in USD million, its standard error (None for a count), and the cells it rests on."""

    column: str
    period: str
    reporter: str
    value_usd_mn: Decimal
    se_usd_mn: Decimal | None
    cells: tuple[Cell, ...]


def trace(facts: Facts, column: str, period: pd.Period, reporter: str) -> Chain:
    """The chain behind a column of a month, quarter or year on a book.

    Raises Refused for an unknown column or book, and for a period with a part that is not published.
    """
    if column not in COLUMNS:
        raise _refused(
            "unknown_key", "no such column", f"use {', '.join(COLUMNS)}{nearest(column, list(COLUMNS))}", column
        )
    partner = facts.pair.other(reporter)
    if (reporter, partner) in facts.fragments:
        return _pieced_together(facts, column, period, reporter, partner)
    try:
        snapshot = flows.as_of(facts.flows, reporter, partner)
    except ValueError as error:
        raise _refused("empty", str(error), "use another reporter", reporter) from None
    monthly = snapshot.flows[snapshot.flows["frequency"] == Frequency.MONTHLY]
    months = set(pd.period_range(period.asfreq("M", "start"), period.asfreq("M", "end"), freq="M"))
    asked = monthly[monthly["period"].isin(months)]
    parts = [(asked[asked["flow"] == _on_book(flow, reporter, facts.pair)], sign) for flow, sign in COLUMNS[column]]
    if any(len(part) < len(months) for part, _ in parts):
        fix = f"use a period from {min(monthly['period'])} to {max(monthly['period'])}"
        raise _refused("missing_period", "not all its months are published", fix, str(period))
    value = sum((sign * flows.total(part) for part, sign in parts), Decimal(0))
    found = [cell for part, sign in parts for cell in _counts(facts, part, sign)]
    return Chain(column, str(period), reporter, value, None, tuple(found))


def _refused(code: str, reason: str, fix: str, value: str) -> Refused:
    return Refused([Problem(code, "trace", reason, fix, value=value)])


def _on_book(flow: Flow, reporter: str, pair: Pair) -> Flow:
    """The flow's name on a book: the home country's exports are the other side's imports."""
    if reporter == pair.home:
        return flow
    return Flow.IMPORT if flow is Flow.EXPORT else Flow.EXPORT


def _counts(facts: Facts, part: pd.DataFrame, sign: int) -> Iterable[Cell]:
    for row in part.itertuples():
        file, line = str(row.ids).rsplit(":", 1)
        column, url = census.column_of(Flow(row.flow), row.period), facts.files[file].sidecar.url
        yield Cell(file, int(line), column, str(row.period), Flow(row.flow), row.value_usd_mn, Decimal(sign), url)


def _pieced_together(facts: Facts, column: str, period: pd.Period, reporter: str, partner: str) -> Chain:
    """A figure of a book printed in pieces: the fragments that bear on it, with their weights."""
    of = own_book.book(facts.fragments[reporter, partner].fragments, facts.flows, reporter, partner)
    known = sorted(set(of.quarters["period"]))
    if period.freqstr == "M":
        raise _refused("missing_period", "this book is known by quarter", "use a quarter or a year", str(period))
    quarters = list(pd.period_range(period.asfreq("Q", "start"), period.asfreq("Q", "end"), freq="Q"))
    if not set(quarters) <= set(known):
        fix = f"use a period from {known[0]} to {known[-1]}"
        raise _refused("missing_period", "not all its quarters are known", fix, str(period))
    value, error, weights = of.total(dict(COLUMNS[column]), quarters)
    cells = [
        _fragment_cell(fragment, weight)
        for fragment, weight in zip(of.system.fragments, weights, strict=True)
        if abs(weight) >= own_book.BEARING
    ]
    rounded, se = (Decimal(f"{number:.1f}") for number in (value, error))
    return Chain(column, str(period), reporter, rounded, se, tuple(cells))


def _fragment_cell(fragment: Fragment, weight: float) -> Cell:
    file, line = fragment.source_id.rsplit(":", 1)
    span = str(fragment.first) if fragment.first == fragment.last else f"{fragment.first} to {fragment.last}"
    flow = f"{fragment.flow} growth" if fragment.against else fragment.flow
    share = Decimal(f"{weight:.3f}")
    url = fragment.url or fragment.source
    return Cell(file, int(line), "value", span, flow, fragment.value, share, url)


def as_text(chain: Chain) -> str:
    """The chain for a terminal: the figure, then one line a cell, then the addresses."""
    book = terms.book_name(chain.reporter)
    figure = f"{chain.column} {chain.period} = {chain.value_usd_mn:,f} USD million, {book}"
    if chain.se_usd_mn is None:
        lines = [f"{figure}, the sum of"]
    else:
        lines = [
            f"{figure}, standard error {chain.se_usd_mn:,f}: the mirror series, moved by what was printed, with weights"
        ]
    lines += [
        f"  {c.weight:>+7} x {c.printed:>12,f}  {c.period}  {c.flow:<6}  data/raw/{c.file}:{c.row} {c.column}"
        for c in chain.cells
    ]
    return "\n".join([*lines, *(f"published at {url}" for url in sorted({c.url for c in chain.cells}))])


def as_json(chain: Chain) -> dict[str, object]:
    """The chain in plain types; numbers are decimal strings."""
    cells = [{**vars(cell), "printed": str(cell.printed), "weight": str(cell.weight)} for cell in chain.cells]
    error = None if chain.se_usd_mn is None else str(chain.se_usd_mn)
    return {**vars(chain), "value_usd_mn": str(chain.value_usd_mn), "se_usd_mn": error, "cells": cells}
