"""What is kept of a release's forecasts of trade, by method as a grid of quantiles, and how they did.

A forecast of trade is scored against each quarter published since, exports, imports and the gap apart, by what was
first published of it and by the newest release: by the CRPS and the probability integral transform, both read off the
grid (`assumptions.scoring`), and by whether it lies between the 5 and 95 % points.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions import fan, nowcast, scoring
from ..assumptions.baseline import COLUMNS, METHODS, Baseline, above_zero
from ..assumptions.methods import HORIZON
from ..facts.known import Known
from ..words.terms import quarter
from .draws import random_blocks

PROBABILITIES = (0.025, *(n / 20 for n in range(1, 20)), 0.975)
FLOWS = ("exports", "imports", "gap")
DIGITS = 1  # USD 0.1 million: what the figures themselves are printed to
DRAWS, SEED = 8000, 1  # of one block; a 5 % point is then good to a quarter of a percentage point
KEYS = ["method", "note", "reporter", "as_of", "flow", "release", "ahead", "quarter"]
SCORES = ["outturn", "error", "crps", "interval_score", "pit", "is_inside", "is_inside_80"]
INNER = (0.1, 0.9)  # the ends of an 80 % band
Json = dict[str, Any]


def methods(known: Known) -> list[str]:
    """The methods for whose errors the book's record is long enough."""
    record = len(above_zero(known.history))
    return [name for name in METHODS if record >= fan.needed_quarters(name)]


def trade(known: Known, method: str) -> Json:
    """A method's forecast of trade without the deals: for each flow a row a quarter, a column a probability."""
    (block,) = random_blocks(SEED, DRAWS)
    normals = block.normals("trade by method", HORIZON * len(COLUMNS)).reshape(-1, HORIZON, len(COLUMNS))
    given = Baseline(method=method).without_deals_after(known.dates.before_deals, known.history)
    found = fan.fan(given, known.history, known.first, HORIZON, nowcast.running(known), known.pooled)
    exports, imports = found.draw(normals)
    drawn = zip(FLOWS, (exports, imports, exports - imports), strict=True)
    grids = {f"{flow}_usd_mn": np.quantile(of, PROBABILITIES, axis=0).T.round(DIGITS).tolist() for flow, of in drawn}
    return {"method": method, "first_quarter": str(known.first), "probabilities": list(PROBABILITIES), **grids}


def scores(forecast: Mapping[str, Any], outturns: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A forecast of trade against the quarters published since: a row a flow, release and quarter, maybe none.

    `outturns` has exports, imports and gap by release, first and latest. Columns: KEYS, then `outturn`, `error`
    (absolute, of the median), `crps` and `interval_score` in USD million, `pit`, `is_inside` and
    `is_inside_80`. What was kept as three points only has no CRPS, no transform and no 80 % band.
    """
    return pd.DataFrame(list(_rows(forecast, outturns)), columns=[*KEYS, *SCORES])


def together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The scores of several forecasts; no row where nothing they forecast is out."""
    found = [table for table in tables if len(table)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*KEYS, *SCORES])


def _rows(forecast: Mapping[str, Any], outturns: Mapping[str, pd.DataFrame]) -> Iterator[Json]:
    levels, first = forecast["probabilities"], quarter(forecast["first_quarter"])
    about = {key: forecast.get(key, "") for key in ("method", "note", "reporter", "as_of")}
    for flow in FLOWS:
        for ahead, points in enumerate(forecast.get(f"{flow}_usd_mn", ()), 1):
            when = first + ahead - 1
            for release, history in outturns.items():
                if when in history.index:
                    outturn = float(history.at[when, f"{flow}_usd_mn"])
                    keys = {"flow": flow, "release": release, "ahead": ahead, "quarter": when, "outturn": outturn}
                    yield {**about, **keys, **_scored(levels, points, outturn)}


def _scored(levels: Sequence[float], points: Sequence[float], outturn: float) -> Json:
    low, middle, high = (points[levels.index(level)] for level in (scoring.LOW, 0.5, scoring.HIGH))
    of = scoring.score_of_band(low, middle, high, outturn)
    is_grid = len(levels) == len(PROBABILITIES)
    inner = [points[levels.index(level)] for level in INNER] if is_grid else []
    return {
        **{key: of[key] for key in ("error", "interval_score", "is_inside")},
        "crps": scoring.crps_of_quantiles(levels, points, outturn) if is_grid else None,
        "pit": scoring.pit_of_quantiles(levels, points, outturn) if is_grid else None,
        "is_inside_80": inner[0] <= outturn <= inner[1] if inner else None,
    }


def summary(found: pd.DataFrame) -> list[Json]:
    """The scores by method, book, flow, release and quarters ahead, over the releases that forecast them."""
    keys = ["reporter", "method", "note", "flow", "release", "ahead"]
    return [
        dict(zip(keys, key, strict=True))
        | {
            "n": len(part),
            "inside": int(part["is_inside"].sum()),
            "inside_80": int(part["is_inside_80"].sum()) if part["is_inside_80"].notna().all() else None,
            "mean_absolute_error_usd_mn": _mean(part["error"]),
            "interval_score_usd_mn": _mean(part["interval_score"]),
            "crps_usd_mn": _mean(part["crps"]),
            "pit": _mean(part["pit"]),
        }
        for key, part in found.groupby(keys, sort=False)
    ]


def _mean(numbers: pd.Series) -> float | None:
    known = numbers.dropna()
    return round(float(known.mean()), 9) if len(known) else None
