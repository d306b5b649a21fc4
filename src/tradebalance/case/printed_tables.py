"""Printed tables, in any shape that `reading` reads, as rows of the long table of flows.

What neither the table nor its sidecar says is asked for by its key, and never guessed.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from ..reading import printed
from ..reading.options import Options
from ..reading.readers import Table
from ..reading.sheet import PrintedFigure
from ..words.amounts import BOUNDS
from ..words.problems import Problem, errors, raise_errors
from ..words.terms import FLOW_COLUMNS, Basis, Flow, Frequency, Origin, Valuation
from . import sidecars
from .layouts import RawFile
from .sidecars import TODO

STATUSES = {"final", "revised", "preliminary", "estimated"}
SAID_FOR_ALL = ("reporter", "partner", "flow")  # by the sidecar of a table without such a column
# what a first reading, without a sidecar, finds wanting -> the key that says it
ASKED = {"unit_missing": "unit", "ambiguous_number": "locale", "ambiguous_date": "locale", "rate_missing": "currency"}


class Traded(NamedTuple):
    """What a file holds of trade: rows of the long table, rows kept aside, and warnings."""

    flows: pd.DataFrame
    aside: list[dict[str, str]]
    warnings: list[Problem]


def trade(file: RawFile) -> Traded:
    """The exports and imports of a printed table. Raises Refused with all that is wrong with it or left unsaid."""
    result = read(file)
    entries = [entry for entry in result.entries if entry.value is not None]
    rows = [_row(file, entry) for entry in entries if entry.flow in [*Flow]]
    found = [*result.problems, *_unsaid(file, rows), *(p for entry in entries for p in _complaints(file, entry, rows))]
    raise_errors(found)
    return Traded(pd.DataFrame(rows, columns=FLOW_COLUMNS), [], found)


def read(file: RawFile) -> printed.Result:
    """The figures as the release of the sidecar has them; quarters are added up by `facts/trade` alone."""
    given = replace(file.options, to=None, status=None, vintage=str(file.sidecar.vintage))
    return printed.read(file.table.grid, given, file.sidecar.vintage)


def says(table: Table) -> dict[str, str]:
    """The keys that a table's sidecar needs beside its source, as far as a reading without it tells."""
    problems = errors(printed.read(table.grid, Options()).problems)
    wanting = [str(p.column) for p in problems if p.code == "missing_column" if p.column in SAID_FOR_ALL]
    wanting += [ASKED[p.code] for p in problems if p.code in ASKED]
    valuation = f"{{export: {TODO}, import: {TODO}}}"
    return {**dict.fromkeys(wanting, TODO), "basis": TODO, "valuation": valuation, "status": TODO}


def _row(file: RawFile, entry: PrintedFigure) -> dict[str, object]:
    said, flow, name = file.sidecar, Flow(entry.flow), file.name
    lines = dict.fromkeys([entry.row, *([entry.less.row] if entry.less else [])])
    return {
        "reporter": entry.reporter,
        "partner": entry.partner,
        "flow": flow,
        "valuation": Valuation(entry.valuation) if entry.valuation else said.valuation.get(flow.value),
        "basis": Basis(entry.basis) if entry.basis else said.basis,
        "frequency": Frequency(entry.period.freqstr[0]),
        "period": entry.period,
        "vintage": said.vintage,
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
        Problem("missing_value", file.sidecar_name, reason,
                f"add it to the sidecar: {fixes.get(key, ', '.join(Valuation))}", column=key)
        for key in keys
    ]  # fmt: skip


def _complaints(file: RawFile, entry: PrintedFigure, rows: Iterable[dict[str, object]]) -> Iterable[Problem]:
    """Why a figure is none of the long table's: a year or a bound; published later, or of another valuation or basis
    than the sidecar says; a balance without its two flows."""
    said, frequency = file.sidecar, entry.period.freqstr[0]

    def wrong(code: str, reason: str, fix: str, at: str = "period") -> Problem:
        return replace(entry.problem(code, reason, fix, at=at), file=file.name)

    if frequency not in (Frequency.MONTHLY, Frequency.QUARTERLY):
        yield wrong("bad_period", "neither a month nor a quarter", "give the months or quarters")
    if entry.status in BOUNDS.values():
        yield wrong(
            "bad_value", f"a bound ({entry.status})", "give it in a table of fragments, with its bound", "value"
        )
    if entry.published and entry.published > said.vintage.end_time.date():
        yield wrong("bad_value", f"published after the release of {said.vintage}", "correct one of the two", "vintage")
    if entry.flow not in [*Flow]:
        same = [row["flow"] for row in rows if (row["reporter"], row["partner"], row["period"])
                == (entry.reporter, entry.partner, entry.period)]  # fmt: skip
        if {*same} != {*Flow}:
            yield wrong("missing_flow", "a balance without its exports and imports", "add both", "flow")
        return
    if entry.valuation and entry.valuation != said.valuation.get(Flow(entry.flow).value, entry.valuation):
        yield wrong("inconsistent", "the sidecar says another valuation", "correct one of the two", "valuation")
    if entry.basis and said.basis not in (None, entry.basis):
        yield wrong("inconsistent", "the sidecar says another basis", "correct one of the two", "basis")
