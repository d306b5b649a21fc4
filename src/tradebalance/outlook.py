"""What every baseline says of the coming quarters of one book, side by side, with 80 % bands."""

import numpy as np
import pandas as pd

from . import baseline, fan
from .backtest import DRAWS, NOMINAL, SEED
from .baseline import COLUMNS, METHODS, Baseline
from .log_models import HORIZON, QUARTERS_A_YEAR, Array
from .terms import quarter

# The quarter in which the first totals were announced (March 2025): the last with next to nothing of the deals in it.
# What T1, announced before 13 March, may have delivered by its end is in the figures to it; nothing evidences any.
BEFORE_DEALS = quarter("2025Q1")
MORE_DRAWS = 10 * DRAWS  # the ends of a band are then good to about half a per cent of it


def bands(history: pd.DataFrame, first: pd.Period) -> pd.DataFrame:
    """The gap of the next HORIZON quarters: median and 80 % band in USD million; a row a method and quarter."""
    rows = {}
    for method in METHODS:
        for ahead, numbers in enumerate(_gap(Baseline(method), history, first).T):
            rows[method, first + ahead] = numbers
    index = pd.MultiIndex.from_tuples(rows, names=["method", "quarter"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["median", "low", "high"])


def next_years(history: pd.DataFrame, first: pd.Period) -> pd.DataFrame:
    """The gap of the next four quarters and of the four after by method, USD million.

    Columns: `median`, `low` and `high` of the next four (`median` is the sum of the quarters' medians),
    `year_after`, and `before_deals`, the median with parameters from figures to BEFORE_DEALS.
    """
    rows = {}
    for method in METHODS:
        path = _path(Baseline(method), history, first)
        low, high = _year_band(Baseline(method), history, first)
        early = _path(Baseline(method, estimate_to=BEFORE_DEALS), history, first)
        rows[method] = [
            path[:QUARTERS_A_YEAR].sum(),
            low,
            high,
            path[QUARTERS_A_YEAR:].sum(),
            early[:QUARTERS_A_YEAR].sum(),
        ]
    columns = ["median", "low", "high", "year_after", "before_deals"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")


def _path(given: Baseline, history: pd.DataFrame, first: pd.Period) -> Array:
    path = baseline.forecast(given, history, first, HORIZON)
    found: Array = (path[COLUMNS[0]] - path[COLUMNS[1]]).to_numpy().astype(float)
    return found


def _draws(given: Baseline, history: pd.DataFrame, first: pd.Period) -> Array:
    normals = np.random.default_rng(SEED).standard_normal((MORE_DRAWS, HORIZON, len(COLUMNS)))
    exports, imports = fan.fan(given, history, first, HORIZON).draw(normals)
    found: Array = exports - imports
    return found


def _gap(given: Baseline, history: pd.DataFrame, first: pd.Period) -> Array:
    ends = np.quantile(_draws(given, history, first), [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2], axis=0)
    return np.vstack([_path(given, history, first), ends])


def _year_band(given: Baseline, history: pd.DataFrame, first: pd.Period) -> tuple[float, float]:
    sums = _draws(given, history, first)[:, :QUARTERS_A_YEAR].sum(axis=1)
    low, high = np.quantile(sums, [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2])
    return float(low), float(high)
