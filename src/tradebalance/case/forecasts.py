"""Forecasts as they stood: what is kept of an answer when its report is written, and how it did once figures came out.

One record a scenario, book and month of knowledge, written once and never changed; a replay is none, since it may know
what came later.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..assumptions import backtest
from ..words.problems import Problem, raise_errors
from ..words.terms import quarter
from . import asof, writing
from .folder import Folder

KEPT = ["scenario", "title", "reporter", "as_of", "known", "draws", "seed", "first_quarter", "last_quarter"]
KEPT += ["gap_last_four_quarters_usd_mn", "additional_usd_mn", "by_quarter", "inputs", "version"]
DIGITS = 1  # USD 0.1 million: what the figures themselves are printed to


def freeze(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is kept of an answer's JSON; None for a replay, for an answer that was changed for its run, and for one that
    puts the running quarter below what is published of it, as a stated level may."""
    published = record.get("nowcast", {}).get("published_usd_mn", float("-inf"))
    is_past = record["by_quarter"][0]["gap_p50_usd_mn"] < published
    return None if record["is_replay"] or record["changes"] or is_past else {key: _rounded(record[key]) for key in KEPT}


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
    return backtest.score(low, middle, high, outturn) | {"baseline": float(row["baseline_gap_p50_usd_mn"])}


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


HASH_DIGITS = 8  # of a second forecast of the same scenario, book and month: enough to tell a folder's files apart


def keep(where: Folder, records: Iterable[Mapping[str, Any]]) -> list[Path]:
    """Freeze the forecasts among answers' records; returns the files that are new.

    A forecast that is there already stays; another one of the same name gets a file with its checksum. Raises
    writing.CannotWrite.
    """
    forecasts = [forecast for record in records if (forecast := freeze(record)) is not None]
    return [path for forecast in forecasts for path in _kept(where.forecasts / f"{key(forecast)}.json", forecast)]


def _kept(path: Path, forecast: Mapping[str, Any]) -> list[Path]:
    text = json.dumps(forecast, indent=1, ensure_ascii=False) + "\n"
    other = path.with_name(f"{path.stem}-{writing.sha256_of_text(text)[:HASH_DIGITS]}.json")
    if any(file.exists() and file.read_text(encoding="utf-8") == text for file in (path, other)):
        return []
    new = next((file for file in (path, other) if writing.write_new(file, text)), None)
    if new is None:
        raise writing.CannotWrite(f"{other}: it is there with another text than its name says; put it back as it was")
    return [new]


def read(where: Folder) -> dict[str, dict[str, Any]]:
    """Every frozen forecast by the name of its file. Raises Refused with every file that is none."""
    found, problems = {}, []
    for path in sorted(where.forecasts.glob("*.json")):
        try:
            forecast = json.loads(path.read_text(encoding="utf-8"))
            missing = [key for key in KEPT if key not in forecast]
        except (ValueError, TypeError):
            missing = ["the whole"]
        if missing:
            reason = f"not a frozen forecast: it lacks {', '.join(missing)}"
            fix = "take it away, or put it back as it was"
            problems.append(Problem("empty", f"forecasts/{path.name}", reason, fix))
        else:
            found[path.name] = forecast
    raise_errors(problems)
    return found


def score(where: Folder) -> dict[str, Any]:
    """Every frozen forecast against the figures published since, as plain types for JSON.

    Raises Refused for a file that is no forecast, or one on a book without figures.
    """
    forecasts = read(where)
    books = {reporter: asof.known(reporter, case=where) for reporter in {f["reporter"] for f in forecasts.values()}}
    tables = {name: scored(one, books[one["reporter"]].history) for name, one in forecasts.items()}
    return {
        "outturn": {name: f"{known.words}, to {known.history.index[-1]}" for name, known in sorted(books.items())},
        "forecasts": [
            {
                "file": name,
                **{key: one[key] for key in ("scenario", "reporter", "as_of", "version")},
                **summary([tables[name]]),
                "quarters": [{"quarter": str(when), **_plain(row)} for when, row in tables[name].iterrows()],
            }
            for name, one in forecasts.items()
        ],
        "all": summary(tables.values()),
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name if name == "is_inside" else f"{name}_usd_mn": row[name] for name in COLUMNS}
