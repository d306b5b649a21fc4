"""Printed tables, in any shape that `reading` reads, as rows of the long table of flows; the cells behind a figure.

What neither the table nor its sidecar says is asked for by its key, and never guessed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from ..reading import printed
from ..reading.options import Options
from ..reading.periods import FREQUENCIES
from ..reading.readers import Table
from ..reading.sheet import PrintedFigure
from ..words.cells import fold
from ..words.citations import Place
from ..words.problems import Problem, errors, raise_errors
from ..words.terms import FLOW_COLUMNS, Basis, Flow, Frequency, Origin, Valuation, month
from . import sidecars
from .sidecars import TODO, RawFile

STATUSES = {"final", "revised", "preliminary", "estimated"}
BASES = {"customs": Basis.CUSTOMS, "bop": Basis.BOP, "balance of payments": Basis.BOP}
SAID_FOR_ALL = ("reporter", "partner", "flow")  # by the sidecar of a table without such a column
# what a first reading, without a sidecar, finds wanting -> the key that says it
ASKED = {"unit_missing": "unit", "ambiguous_number": "locale", "ambiguous_date": "locale", "rate_missing": "currency"}


class PrintedCell(NamedTuple):
    """A raw cell behind a figure: its place and column, its text, its value in USD million, and 1 or -1."""

    place: Place
    column: str
    text: str
    value_usd_mn: Decimal
    weight: int


# of a figure by the rows behind it, its flow, period and value
CellsOf = Callable[[Sequence[Place], Flow, pd.Period, Decimal], list[PrintedCell]]


class Traded(NamedTuple):
    """What a file holds of trade: rows of the long table, rows kept aside, and warnings."""

    flows: pd.DataFrame
    aside: list[dict[str, str]]
    warnings: list[Problem]


def trade(file: RawFile) -> Traded:
    """The exports and imports of a printed table. Raises Refused with all that is wrong with it or left unsaid."""
    result = _read(file)
    entries = [entry for entry in result.entries if entry.value is not None]
    rows = [_row(file, entry) for entry in entries if entry.flow in [*Flow]]
    found = [*result.problems, *_unsaid(file, rows), *(p for entry in entries for p in _complaints(file, entry, rows))]
    raise_errors(found)
    return Traded(pd.DataFrame(rows, columns=FLOW_COLUMNS), [], found)


def cells(file: RawFile) -> CellsOf:
    """The cell of a figure and, of what lies between two years to date, that of the first one, counted off."""
    entries = {(e.row, e.flow, e.period): e for e in _read(file).entries}

    def at(entry: PrintedFigure, value: Decimal, weight: int) -> PrintedCell:
        return PrintedCell(Place(file.table.file, entry.row), entry.column, entry.text, value, weight)

    def of(places: Sequence[Place], flow: Flow, period: pd.Period, value: Decimal) -> list[PrintedCell]:
        entry = entries[places[0].row, str(flow), period]
        less = [entry.less] if entry.less and entry.less.value else []
        whole = value + sum((each.value or Decimal(0) for each in less), Decimal(0))
        return [at(entry, whole, 1), *(at(each, each.value or Decimal(0), -1) for each in less)]

    return of


def says(table: Table) -> dict[str, str]:
    """The keys that a table's sidecar needs beside its source, as far as a reading without it tells."""
    problems = errors(printed.read(table.grid, Options()).problems)
    wanting = [str(p.column) for p in problems if p.code == "missing_column" if p.column in SAID_FOR_ALL]
    wanting += [ASKED[p.code] for p in problems if p.code in ASKED]
    return {
        **dict.fromkeys(wanting, TODO),
        "basis": TODO,
        "valuation": f"{{export: {TODO}, import: {TODO}}}",
        "status": TODO,
    }


def _read(file: RawFile) -> printed.Result:
    """The figures as the release of the sidecar has them; quarters are added up by `facts/trade` alone."""
    given = replace(file.options, to=None, status=None, vintage=file.sidecar.vintage)
    return printed.read(file.table.grid, given, month(file.sidecar.vintage))


def _row(file: RawFile, entry: PrintedFigure) -> dict[str, object]:
    said, flow, name = file.sidecar, Flow(entry.flow), file.table.file
    lines = dict.fromkeys([entry.row, *([entry.less.row] if entry.less else [])])
    return {
        "reporter": entry.reporter,
        "partner": entry.partner,
        "flow": flow,
        "valuation": Valuation(entry.valuation) if entry.valuation else said.valuation.get(flow.value),
        "basis": BASES.get(fold(entry.basis)) if entry.basis else said.basis,
        "frequency": Frequency(entry.period.freqstr[0]),
        "period": entry.period,
        "vintage": month(said.vintage),
        "value_usd_mn": Decimal(f"{(entry.value or Decimal(0)).normalize():f}"),
        "se_usd_mn": None,
        "status": entry.status if entry.status in STATUSES else _status(said.status, entry.period.year),
        "origin": Origin(entry.origin),
        "ids": " ".join(f"{name}:{line}" for line in lines),
    }


def _status(words: str, year: int) -> str | None:
    """The status of a year by a sidecar's words: one word for all years, or spans of them."""
    try:
        return words if words in STATUSES else sidecars.status_by_year(words).get(year)
    except ValueError:
        return None


def _unsaid(file: RawFile, rows: Iterable[dict[str, object]]) -> list[Problem]:
    """A problem for each key that no row and no sidecar says, at the sidecar."""
    keys = {
        f"{key}.{row['flow']}" if key == "valuation" else key: None
        for row in rows
        for key in ("valuation", "basis", "status")
        if row[key] is None
    }
    reason = "neither the table nor its sidecar says it"
    fixes = {"basis": "customs or bop", "status": "a word, or spans like `to 2024 final, 2025 preliminary`"}
    return [
        Problem("missing_value", sidecars.name(file.table.file), reason,
                f"add it to the sidecar: {fixes.get(key, ', '.join(Valuation))}", column=key)
        for key in keys
    ]  # fmt: skip


def _complaints(file: RawFile, entry: PrintedFigure, rows: Iterable[dict[str, object]]) -> Iterable[Problem]:
    """Why a figure is none of the long table's: a year; published later, or of another frequency, valuation or basis
    than the sidecar says; a column of bases with another word; a balance without its two flows."""
    said, frequency = file.sidecar, entry.period.freqstr[0]

    def wrong(code: str, reason: str, fix: str, at: str = "period") -> Problem:
        return replace(entry.problem(code, reason, fix, at=at), file=file.table.file)

    if frequency not in (Frequency.MONTHLY, Frequency.QUARTERLY):
        yield wrong("bad_period", "neither a month nor a quarter", "give the months or quarters")
    elif FREQUENCIES.get(fold(said.frequency), frequency) != frequency:
        yield wrong("mixed_frequency", f"the sidecar says {said.frequency}", "correct one of the two")
    if entry.published and entry.published > month(said.vintage).end_time.date():
        yield wrong("bad_value", f"published after the release of {said.vintage}", "correct one of the two", "vintage")
    if entry.flow not in [*Flow]:
        same = [row["flow"] for row in rows if (row["reporter"], row["partner"], row["period"])
                == (entry.reporter, entry.partner, entry.period)]  # fmt: skip
        if {*same} != {*Flow}:
            yield wrong("missing_flow", "a balance without its exports and imports", "add both", "flow")
        return
    if entry.valuation and entry.valuation != said.valuation.get(Flow(entry.flow).value, entry.valuation):
        yield wrong("inconsistent", "the sidecar says another valuation", "correct one of the two", "valuation")
    basis = BASES.get(fold(entry.basis))
    if entry.basis and (basis is None or said.basis not in (None, basis)):
        reason, fix = f"{entry.basis!r} is no basis, or not the sidecar's", f"use {' or '.join(Basis)} in both"
        yield Problem("inconsistent", file.table.file, reason, fix, entry.row, "basis", entry.basis)
