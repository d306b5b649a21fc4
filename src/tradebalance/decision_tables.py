"""Tables of comparisons: deals against baselines, why gaps differ, and how earlier answers did.

As in `tables`: text cells, money in billions of dollars.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from . import comparison
from .answer import Answer
from .attribution import TERM_WORDS
from .replay import Trial
from .sentences import billions, percent
from .tables import Cell
from .terms import USD_MN_PER_BN

BASELINE_WORDS = {
    "naive": "last quarter repeated",
    "hold": "last year's mean held",
    "seasonal_naive": "last year repeated",
    "seasonal_naive_drift": "last year, growing",
    "ets": "smoothing",
    "sarima": "airline model",
    "mean": "mean of the six",
    "fixed": "stated level",
}


def decisions(answers: Iterable[Answer]) -> pd.DataFrame:
    """Every scenario under every baseline, a pair a row: the gap ahead without and with deals, and the closure."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Gap, 4 quarters, bn": lambda row: billions(row["gap_4"]),
        "Deals, bn": lambda row: billions(row["additional_4"], 2),
        "With deals, bn": lambda row: billions(row["with_4"]),
        "Gap, 8 quarters, bn": lambda row: billions(row["gap_8"]),
        "Deals, bn (8)": lambda row: billions(row["additional_8"], 2),
        "With deals, bn (8)": lambda row: billions(row["with_8"]),
        "Closure over the horizon": _closure,
    }
    rows = {
        f"{answer.scenario.name}, {method}": row
        for answer in answers
        for method, row in comparison.decisions(answer).iterrows()
    }
    return _table(
        "Scenario, baseline", {name: {pair: cell(row) for pair, row in rows.items()} for name, cell in columns.items()}
    )


def schedules(answers: Sequence[Answer]) -> pd.DataFrame:
    """Mean additional imports by calendar year, a column a scenario, in USD billion."""
    means = {answer.scenario.name: answer.simulated.by_year["mean"] for answer in answers}
    years = sorted({year for rows in means.values() for year in rows.index})
    cells = {n: {str(y): billions(rows[y], 2) if y in rows.index else "" for y in years} for n, rows in means.items()}
    return _table("Year", cells)


def matrix(answers: Sequence[Answer]) -> pd.DataFrame:
    """The gap of the next four quarters under each baseline, and each scenario's closure against it."""
    found = {answer.scenario.name: comparison.decisions(answer) for answer in answers}
    methods = list(dict.fromkeys(method for rows in found.values() for method in rows.index))
    columns: dict[str, dict[str, Cell]] = {"Gap, next 4 quarters, bn": {}}
    for name, rows in found.items():
        for method in methods:
            words = f"{method} ({BASELINE_WORDS[method]})"
            if method in rows.index:
                columns["Gap, next 4 quarters, bn"].setdefault(words, billions(rows.at[method, "gap_4"]))
            columns.setdefault(name, {})[words] = _closure(rows.loc[method]) if method in rows.index else ""
    return _table("Baseline", columns)


def _closure(row: pd.Series) -> Cell:
    return "no gap" if row["closure"] is None else percent(row["closure"])


def attribution(spans: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The terms of a change of the gap over each of some named spans, in USD billion; they add up to the change.

    Terms that are exactly nothing over every span are left out, but for the residual.
    """
    columns: dict[str, dict[str, Cell]] = {}
    for span, terms in spans.items():
        columns[f"{span}, bn"] = {TERM_WORDS[str(name)]: signed(amount) for name, amount in terms.items()}
    table = _table("What moved the gap", columns)
    return table[(table != "0").any(axis=1) | table.index.isin([TERM_WORDS["residual"], TERM_WORDS["change"]])]


def signed(usd_mn: Any) -> Cell:
    """Billions to a million, with a sign where they are not nothing: `+1.366`, `0.000`, and `0` for an exact zero."""
    shown = round(float(usd_mn) / USD_MN_PER_BN, 3)
    return "0" if not usd_mn else f"{shown:+,.3f}" if shown else "0.000"


def trial(found: Trial) -> pd.DataFrame:
    """A replay by baseline: the quarters' sum as then forecast, hit or missed, and the scores in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Forecast, bn": lambda row: f"{billions(row['p50'])} ({billions(row['p05'])} to {billions(row['p95'])})",
        "Outturn, bn": lambda row: billions(row["outturn"]),
        "Sum": lambda row: "inside" if row["is_inside"] else "outside",
        "Quarters inside": lambda row: f"{int(row['quarters_inside'])} of {int(row['quarters'])}",
        "Error, bn": lambda row: billions(row["error"]),
        "Interval score, bn": lambda row: billions(row["interval_score"]),
        "CRPS, bn": lambda row: billions(row["crps"]),
    }
    rows = {str(method): row for method, row in found.in_all.iterrows()}
    return _table("Baseline", {name: {m: cell(row) for m, row in rows.items()} for name, cell in columns.items()})


def trial_by_quarter(found: Trial) -> pd.DataFrame:
    """The replayed scenario under its own baseline, or the first there is, quarter by quarter, in USD billion."""
    own = found.answer.scenario.baseline.method
    method = own if own in found.in_all.index else found.in_all.index[0]
    columns: dict[str, Callable[[Any], Cell]] = {
        "Forecast, bn": lambda row: f"{billions(row['p50'])} ({billions(row['p05'])} to {billions(row['p95'])})",
        "Outturn, bn": lambda row: billions(row["outturn"]),
        "Band": lambda row: "hit" if row["is_inside"] else "missed",
    }
    rows = {str(quarter): row for quarter, row in found.by_quarter.loc[method].iterrows()}
    return _table("Quarter", {name: {q: cell(row) for q, row in rows.items()} for name, cell in columns.items()})


def errors_by_horizon(found: pd.DataFrame) -> pd.DataFrame:
    """How far successive forecasts were off, by quarters ahead, in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Outturns": lambda row: str(int(row["n"])),
        "Mean error, bn": lambda row: f"{row['bias'] / USD_MN_PER_BN:+,.1f}",
        "Mean absolute error, bn": lambda row: billions(row["mean_absolute"]),
        "Of the outturn": lambda row: percent(row["share"], 0),
        "Inside the band": lambda row: f"{int(row['inside'])} of {int(row['n'])}",
        "Interval score, bn": lambda row: billions(row["interval_score"]),
    }
    rows = {str(ahead): row for ahead, row in found.iterrows()}
    return _table("Quarters ahead", {name: {a: cell(row) for a, row in rows.items()} for name, cell in columns.items()})


def frozen(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Frozen forecasts and how they did, one a row, from their scores as JSON; scores in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Scenario": lambda one: one["scenario"],
        "Book": lambda one: one["reporter"],
        "As of": lambda one: one["as_of"],
        "Quarters published since": lambda one: str(one["n"]),
        "Inside the band": lambda one: f"{one['inside']} of {one['n']}",
        "Mean error, bn": lambda one: _score(one["mean_absolute_error_usd_mn"]),
        "Interval score, bn": lambda one: _score(one["interval_score_usd_mn"]),
    }
    return _table("Forecast", {name: {one["file"]: cell(one) for one in found} for name, cell in columns.items()})


def _score(usd_mn: float | None) -> Cell:
    return "" if usd_mn is None else billions(usd_mn, 2)


def _table(index: str, columns: Mapping[str, Mapping[str, Cell]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(cells, dtype=str) for name, cells in columns.items()}).rename_axis(index)
