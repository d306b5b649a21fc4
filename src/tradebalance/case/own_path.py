"""A path of trade without the deals that a scenario states in a file of its own, which stands beside the scenario's."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd

from ..assumptions.baseline import Baseline, StatedQuarter
from ..reading import grids, printed, readers
from ..reading.options import Options
from ..words.problems import Problem, few, raise_errors, refuse
from ..words.terms import Flow, Frequency, Pair
from . import regular, sidecars, writing

Amounts = dict[tuple[Flow, pd.Period], tuple[Fraction, int]]  # and the line of each


def with_figures(
    baseline: Baseline, folder: Path, scenario: str, pair: Pair, quarters: pd.PeriodIndex
) -> tuple[Baseline, dict[str, str]]:
    """The baseline with the figures of its file for some quarters, and the files read with their sha256.

    The file has a row a quarter or month and the columns exports and imports, of the pair's home country to and from
    its partner; its unit stands in the header, or in a sidecar as any printed table may have one (quarter, exports,
    imports; `unit: USD million`). Raises Refused with every problem of it, quarters that are missing among them.
    """
    path = folder / str(baseline.path)
    name = f"scenarios/{baseline.path}"
    file, fix = f"scenarios/{scenario}.yaml", "give its name from the scenario's folder on"
    if not path.resolve().is_relative_to(folder.resolve()):
        refuse("unsafe_name", file, "a file outside of that folder", fix, None, "baseline.path", baseline.path)
    if not path.exists():
        refuse("empty", file, "there is no such file", fix, None, "baseline.path", baseline.path)
    beside = path.with_name(sidecars.name(path.name))
    given, wrong = _options(beside, f"scenarios/{beside.relative_to(folder)}", pair)
    found = printed.read(grids.grid(regular.read(path, name), name, given), given)
    amounts: Amounts = {
        (Flow(entry.flow), entry.period): (Fraction(entry.value), entry.row)
        for entry in found.entries
        if entry.value is not None and entry.flow in [*Flow] and entry.period.freqstr[0] == Frequency.QUARTERLY
    }
    # a table of which nothing could be read is told of as such, and not as one that lacks every quarter
    unread = not amounts and found.problems
    raise_errors([*wrong, *found.problems, *(() if unread else _complaints(name, amounts, quarters))])
    figures = []
    for quarter in quarters:
        (exports, export_row), (imports, import_row) = (amounts[flow, quarter] for flow in Flow)
        figures.append(StatedQuarter(quarter, exports, imports, name, (export_row, import_row)))
    read = [path, *([beside] if beside.is_file() else [])]
    hashes = {f"scenarios/{each.relative_to(folder)}": writing.sha256_of(each) for each in read}
    return baseline.with_figures(figures), hashes


def _options(beside: Path, name: str, pair: Pair) -> tuple[Options, list[Problem]]:
    """How the file is to be read: by its sidecar, if it has one, as trade of the pair in quarters."""
    said = readers.yaml_document(regular.read(beside, name) if beside.is_file() else b"{}", name)
    given, wrong = sidecars.printed_options(said)
    return replace(given, reporter=pair.home, partner=pair.partner, to="quarterly"), wrong


def _complaints(name: str, amounts: Amounts, quarters: pd.PeriodIndex) -> Iterator[Problem]:
    """A problem for each flow without a figure for every quarter, and for each figure below zero."""
    for flow in Flow:
        absent = [str(quarter) for quarter in quarters if (flow, quarter) not in amounts]
        if absent:
            reason = f"no figures of {flow}s in {few(absent)}, which the scenario forecasts"
            yield Problem("missing_period", name, reason, "add them, or shorten the horizon", column=f"{flow}s")
        below = [str(quarter) for quarter in quarters if amounts.get((flow, quarter), (0, 0))[0] < 0]
        if below:
            yield Problem(
                "out_of_range", name, f"{flow}s below zero in {few(below)}", "correct them", column=f"{flow}s"
            )
