"""Forecasts as they stood: what is kept of an answer when its report is written, and how it did once figures came out.

One record a scenario, book and month of knowledge; a replay is none, since it may know what came later.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from . import scores
from .terms import quarter

KEPT = ["scenario", "title", "reporter", "as_of", "known", "draws", "seed", "first_quarter", "last_quarter"]
KEPT += ["gap_last_four_quarters_usd_mn", "additional_usd_mn", "by_quarter", "inputs", "version"]
DIGITS = 1  # USD 0.1 million: what the figures themselves are printed to


def freeze(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is kept of an answer's JSON; None for a replay, and for an answer that was changed for its run."""
    if record["is_replay"] or record["changes"]:
        return None
    return {key: _rounded(record[key]) for key in KEPT}


def _rounded(value: Any) -> Any:
    """Floats to DIGITS at any depth, so that another machine's last bit is no other forecast."""
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def key(frozen: Mapping[str, Any]) -> str:
    """The name of a forecast: scenario, book and the month by whose end it was made."""
    return f"{frozen['scenario']}-{frozen['reporter']}-{frozen['as_of']}"


def scored(frozen: Mapping[str, Any], history: pd.DataFrame) -> pd.DataFrame:
    """A forecast against what its book holds now: a row a quarter published since, maybe none.

    Columns in USD million: `p05`, `p50`, `p95` of the gap with deals, `baseline` (its median without), `outturn`,
    `error` (absolute, of the median), `interval_score`; and `is_inside`.
    """
    rows = {quarter(row["quarter"]): row for row in frozen["by_quarter"]}
    gaps = history["gap_usd_mn"].astype(float)
    found = {when: _scored(row, float(gaps[when])) for when, row in rows.items() if when in gaps.index}
    return pd.DataFrame(found, index=COLUMNS, columns=pd.PeriodIndex(list(found), freq="Q"), dtype=object).T


COLUMNS = ["p05", "p50", "p95", "baseline", "outturn", "is_inside", "error", "interval_score"]


def _scored(row: Mapping[str, Any], outturn: float) -> dict[str, float]:
    low, middle, high = (float(row[f"gap_{point}_usd_mn"]) for point in ("p05", "p50", "p95"))
    return {
        "p05": low,
        "p50": middle,
        "p95": high,
        "baseline": float(row["baseline_gap_p50_usd_mn"]),
        "outturn": outturn,
        "is_inside": scores.is_inside(low, high, outturn),
        "error": abs(outturn - middle),
        "interval_score": scores.interval_score(low, high, outturn),
    }


def summary(found: Iterable[pd.DataFrame]) -> dict[str, float | int | None]:
    """The scores of several forecasts' quarters together: n, how many inside, mean error and interval score."""
    tables = [table for table in found if len(table)]
    if not tables:
        return {"n": 0, "inside": 0, "mean_absolute_error_usd_mn": None, "interval_score_usd_mn": None}
    whole = pd.concat(tables)
    return {
        "n": len(whole),
        "inside": int(whole["is_inside"].sum()),
        "mean_absolute_error_usd_mn": float(whole["error"].mean()),
        "interval_score_usd_mn": float(whole["interval_score"].mean()),
    }
