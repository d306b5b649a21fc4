"""From a shown figure back to its raw rows, its cells and the publisher's address."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from . import flows, terms
from .problems import Problem, Refused
from .store import Facts
from .terms import HOME, PARTNER, Flow, Frequency
from .validation import nearest

# column -> the flows it is made of, from the home country's side, with their sign
COLUMNS = {
    "exports_usd_mn": [(Flow.EXPORT, 1)],
    "imports_usd_mn": [(Flow.IMPORT, 1)],
    "gap_usd_mn": [(Flow.EXPORT, 1), (Flow.IMPORT, -1)],
}


@dataclass(frozen=True)
class Cell:
    """One raw cell: where it stands, what it says (USD million), its sign in the figure, and who publishes it."""

    file: str
    row: int
    column: str
    period: str
    flow: str
    value_usd_mn: Decimal
    sign: int
    url: str


@dataclass(frozen=True)
class Chain:
    """A figure in USD million and the cells whose signed sum it is."""

    column: str
    period: str
    reporter: str
    value_usd_mn: Decimal
    cells: tuple[Cell, ...]


def trace(facts: Facts, column: str, period: pd.Period, reporter: str) -> Chain:
    """The chain behind a column of a month, quarter or year on a book.

    Raises Refused for an unknown column or book, and for a period with a month not published.
    """
    if column not in COLUMNS:
        fix = f"use {', '.join(COLUMNS)}{nearest(column, list(COLUMNS))}"
        raise Refused([Problem("unknown_key", "trace", "no such column", fix, None, "COLUMN", column)])
    try:
        snapshot = flows.as_of(facts.flows, reporter, PARTNER[reporter])
    except ValueError as error:
        fix = "use another reporter"
        raise Refused([Problem("empty", "trace", str(error), fix, None, "--reporter", reporter)]) from None
    monthly = snapshot.flows[snapshot.flows["frequency"] == Frequency.MONTHLY]
    months = pd.period_range(period.asfreq("M", "start"), period.asfreq("M", "end"), freq="M")
    found = [
        cell
        for flow, sign in COLUMNS[column]
        for cell in _cells(facts, monthly, _on_book(flow, reporter), sign, months)
    ]
    if len(found) < len(months) * len(COLUMNS[column]):
        fix = f"use a period up to {max(monthly['period'])}"
        reason = "not all its months are published"
        raise Refused([Problem("missing_period", "trace", reason, fix, None, "PERIOD", str(period))])
    value = sum((cell.sign * cell.value_usd_mn for cell in found), Decimal(0))
    return Chain(column, str(period), reporter, value, tuple(found))


def _on_book(flow: Flow, reporter: str) -> Flow:
    """The flow's name on a book: the home country's exports are the other side's imports."""
    if reporter == HOME:
        return flow
    return Flow.IMPORT if flow is Flow.EXPORT else Flow.EXPORT


def _cells(facts: Facts, monthly: pd.DataFrame, flow: Flow, sign: int, months: Iterable[pd.Period]) -> Iterable[Cell]:
    wanted = set(months)
    for row in monthly[monthly["flow"] == flow].itertuples():
        if row.period in wanted:
            file, line = str(row.ids).rsplit(":", 1)
            column = flows.census_column(flow, row.period)
            url = facts.files[file].sidecar.url
            yield Cell(file, int(line), column, str(row.period), flow, row.value_usd_mn, sign, url)


def as_text(chain: Chain) -> str:
    """The chain for a terminal: the figure, then one line a cell, then the addresses."""
    book = terms.book_name(chain.reporter)
    lines = [f"{chain.column} {chain.period} = {chain.value_usd_mn:,f} USD million, {book}, the sum of"]
    lines += [
        f"  {'+' if c.sign > 0 else '-'} {c.value_usd_mn:>12,f}  {c.period}  {c.flow:<6}  "
        f"data/raw/{c.file}:{c.row} {c.column}"
        for c in chain.cells
    ]
    return "\n".join([*lines, *(f"published at {url}" for url in sorted({c.url for c in chain.cells}))])


def as_json(chain: Chain) -> dict[str, object]:
    """The chain in plain types; values are decimal strings."""
    cells = [{**vars(cell), "value_usd_mn": str(cell.value_usd_mn)} for cell in chain.cells]
    return {**vars(chain), "value_usd_mn": str(chain.value_usd_mn), "cells": cells}
