"""What each baseline would have said in the past, and how it did: a rolling-origin backtest.

From each of the last ORIGINS quarters that an outturn follows, every method forecasts exports, imports and
the gap with nothing but the quarters up to there, errors of its own included (`fan`). The figures are the newest
release's, so what was revised later is known: a little hindsight. Results are told apart by the
quarter forecast, to 2024 and after: since then tariffs came, went and were hurried before.

Measures by method, flow and horizon, over n origins (`n_bands` of them late enough for a band):
- log RMSE, of log outturn over forecast (not a number for a gap that was ever at or below zero);
- MASE: mean absolute error over the mean absolute change over a year in the WINDOW quarters before the
  origin (Hyndman and Koehler 2006); RMSE ratio: of errors scaled so, over that of the better of naive
  and seasonal naive, with the Diebold-Mariano test of equal squared errors (1995) against it, in the
  form for small samples of Harvey, Leybourne and Newbold (1997);
- coverage of the 80 % interval, with a 90 % interval of its own from a moving-block bootstrap, since forecasts of
  overlapping spans miss together (Kuensch 1989);
- CRPS of the draws in USD million (`scoring`), smaller is better.

`next_years` says what every baseline expects of the coming year, `bands` what the default does of the coming
quarters, with 80 % bands.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..facts.known import Known
from ..facts.trade import by_year, with_gap
from . import fan
from .baseline import COLUMNS, DEFAULT, METHODS, WINDOW, Baseline, above_zero
from .methods import HORIZON, QUARTERS_A_YEAR, Array
from .nowcast import running
from .scoring import crps_of_sample

ORIGINS = 60  # fifteen years: from the first, every method has ten years behind it and errors of as many
HORIZONS = (1, 4, 8)
SERIES = ("exports", "imports", "gap")
REFERENCES = ("naive", "seasonal_naive")
NOMINAL = 0.8
ENDS = [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2]
LEVEL = 0.9  # of the interval for a coverage
DRAWS = 1000  # a quantile at 10 % is then good to a percentage point of its probability
RESAMPLES = 1000
SEED = 20_250_402  # any fixed number would do; it is the day the tariffs were announced
DIGITS = 9  # of an outcome in USD million, so that a machine's last bits do not tell
KEYS = ["method", "series", "horizon", "origin", "quarter"]
NUMBERS = ["median", "outturn", "scale", "low", "high", "crps"]


def outcomes(
    history: pd.DataFrame,
    methods: Iterable[str] = (),
    origins: int = ORIGINS,
    *,
    pooled: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A row a forecast of some methods (default: all): method, series, horizon, origin, quarter, and how it went.

    An origin is the last known quarter; `pooled` are the errors of several partners, which the mixture asks for.
    `median`, `outturn`, `scale`, the interval's `low` and `high`, and `crps` are USD million, the last three not a
    number where the record is too short for errors. Raises ValueError where it is too short for a forecast.
    """
    known = above_zero(history)
    start = max(method.needs for method in METHODS.values())  # together, so that scores are of the same quarters
    if len(known) <= start:
        raise ValueError(f"a backtest needs {start + 1} quarters of trade both ways, there are {len(known)}")
    normals = np.random.default_rng(SEED).standard_normal((DRAWS, HORIZON, len(COLUMNS)))
    actual = _three(known[COLUMNS].to_numpy().astype(float).T)
    rows: list[list[Any]] = []
    for method in methods or METHODS:
        for origin, paths, drawn in _forecasts(method, known, max(start, len(known) - origins), normals, pooled):
            path, first = _three(paths), known.index[origin - 1] + 1
            for series in SERIES:
                scale = _scale(actual[series][:origin])
                for horizon in HORIZONS:
                    if origin + horizon <= len(known):
                        outturn = float(actual[series][origin + horizon - 1])
                        numbers = [float(path[series][horizon - 1]), outturn, scale]
                        numbers += _band(drawn[series][:, horizon - 1], outturn) if drawn else [float("nan")] * 3
                        rows.append([method, series, horizon, first - 1, first + horizon - 1, *numbers])
    return pd.DataFrame(rows, columns=[*KEYS, *NUMBERS]).round(dict.fromkeys(NUMBERS, DIGITS))


def _forecasts(
    method: str, known: pd.DataFrame, start: int, normals: Array, pooled: pd.DataFrame | None
) -> Iterator[tuple[int, Array, dict[str, Array]]]:
    """From each origin on: the flows' paths, and draws of the three series where the quarters before it are enough for
    errors of every method, which are those of the origins before it against the quarters before it."""
    origins = range(max(METHODS[method].needs, start - fan.remembered(method)), len(known))
    paths = fan.past_paths(method, known, origins)
    enough = max(fan.needed_quarters(name) for name in METHODS)
    for at, origin in enumerate(origins):
        if origin < start:
            continue
        drawn: dict[str, Array] = {}
        if origin >= enough:
            earlier = slice(max(0, at - fan.remembered(method)), at)
            errors = fan.against(paths[earlier], known.iloc[:origin], origins[earlier])
            path = pd.DataFrame(paths[at].T, pd.period_range(known.index[origin - 1] + 1, periods=HORIZON), COLUMNS)
            drawn = _three(np.array(fan.Fan(path, fan.summary(method, errors, path.index[0], pooled)).draw(normals)))
        yield origin, paths[at], drawn


def _three(flows: Array) -> dict[str, Array]:
    exports, imports = flows
    return dict(zip(SERIES, (exports, imports, exports - imports), strict=True))


def _scale(before: Array) -> float:
    """The mean absolute change over a year in the last WINDOW quarters."""
    window = before[-WINDOW:]
    return float(np.abs(window[QUARTERS_A_YEAR:] - window[:-QUARTERS_A_YEAR]).mean())


def _band(draws: Array, outturn: float) -> list[float]:
    return [*map(float, np.quantile(draws, ENDS)), crps_of_sample(draws, outturn)]


def scores(found: pd.DataFrame) -> pd.DataFrame:
    """The measures of outcomes, as the module says; a row a series, horizon and method (the index)."""
    rows = {}
    for (series, horizon), part in found.groupby(["series", "horizon"], sort=False):
        by_method = dict(iter(part.groupby("method", sort=False)))
        reference = min((by_method[name] for name in REFERENCES if name in by_method), key=_rmse)
        for method, one in by_method.items():
            rows[series, int(horizon), method] = _scores(one, reference, int(horizon))
    order = [(s, h, m) for s in SERIES for h in HORIZONS for m in METHODS if (s, h, m) in rows]
    index = pd.MultiIndex.from_tuples(order, names=["series", "horizon", "method"])
    return pd.DataFrame([rows[key] for key in order], index=index)


def _scores(one: pd.DataFrame, reference: pd.DataFrame, horizon: int) -> dict[str, float]:
    scaled, best = (_scaled(part) for part in (one, reference))
    banded = one.dropna(subset=["crps"])
    both = one[["outturn", "median"]].to_numpy()
    inside = banded["outturn"].between(banded["low"], banded["high"]).to_numpy()
    statistic, p_value = diebold_mariano(scaled**2 - best**2, horizon)
    low, high = block_bootstrap(inside, horizon)
    return {
        "n": len(one),
        "log_rmse": float(np.sqrt((np.log(both[:, 0] / both[:, 1]) ** 2).mean())) if (both > 0).all() else float("nan"),
        "mase": float(np.abs(scaled).mean()),
        "rmse_ratio": _rmse(one) / _rmse(reference),
        "dm": statistic,
        "dm_p": p_value,
        "n_bands": len(banded),
        "covered": int(inside.sum()),
        "coverage": float(inside.mean()) if len(banded) else float("nan"),
        "coverage_low": low,
        "coverage_high": high,
        "crps_usd_mn": float(banded["crps"].mean()),
    }


def _scaled(one: pd.DataFrame) -> Array:
    return np.asarray((one["outturn"] - one["median"]) / one["scale"])


def _rmse(one: pd.DataFrame) -> float:
    return float(np.sqrt((_scaled(one) ** 2).mean()))


def diebold_mariano(differences: Array, horizon: int) -> tuple[float, float]:
    """The statistic of a mean difference in loss and its two-sided p value.

    Not numbers where the differences do not vary, or there are fewer than two spans of `horizon` quarters.

    Negative: smaller losses than the reference. Errors h quarters ahead overlap, so h - 1
    autocovariances count, with Bartlett's weights (they keep the variance above zero); the correction
    and the t distribution with n - 1 degrees of freedom are those of Harvey, Leybourne and Newbold.
    """
    from scipy.special import stdtr

    n = len(differences)
    if n < 2 * horizon or np.ptp(differences) < 1 / 10**DIGITS:
        return float("nan"), float("nan")
    centred = differences - differences.mean()
    lags = [(1 - lag / horizon) * 2 * (centred[lag:] * centred[: n - lag]).sum() / n for lag in range(1, horizon)]
    variance = (centred**2).sum() / n + sum(lags)
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    statistic = float(differences.mean() / np.sqrt(variance / n) * np.sqrt(correction))
    return statistic, float(2 * stdtr(n - 1, -abs(statistic)))


def block_bootstrap(values: Array, horizon: int) -> tuple[float, float]:
    """An interval for the mean of values in time, from resampled blocks as long as the forecasts overlap.

    Blocks are a year at least, since good and bad times last; not a number for fewer than two blocks.
    """
    n, block = len(values), max(horizon, QUARTERS_A_YEAR)
    if n < 2 * block:
        return float("nan"), float("nan")
    starts = np.random.default_rng(SEED).integers(0, n, (RESAMPLES, -(-n // block)))
    picked = ((starts[:, :, None] + np.arange(block)) % n).reshape(RESAMPLES, -1)[:, :n]
    low, high = np.quantile(values.astype(float)[picked].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def split(found: pd.DataFrame, last: pd.Period) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The outcomes of quarters to a last one, and of those after it."""
    is_early = np.array([quarter <= last for quarter in found["quarter"]], dtype=bool)
    return found[is_early], found[~is_early]


def ranks(found: pd.DataFrame) -> pd.Series:
    """Each method's mean rank of the gap's MASE over the horizons; 1 is best."""
    mean = scores(found)["mase"].loc["gap"].unstack("method").round(DIGITS).rank(axis=1).mean()
    return mean.reindex([method for method in METHODS if method in mean])


def choice(found: pd.DataFrame) -> str:
    """The method with the lowest mean rank; of equals, the one that stands first in METHODS.

    For the gap, because the gap is what is reported and a method may trade errors of one flow for those of
    the other; by MASE, which weighs quarters of a trade that grows tenfold alike; by rank, so that the
    horizon with the largest errors does not decide alone.
    """
    return str(ranks(found).idxmin())


MORE_DRAWS = 10 * DRAWS  # the ends of a band are then good to about half a per cent of it


def bands(known: Known) -> pd.DataFrame:
    """Exports, imports and gap of the next HORIZON quarters by the default baseline, a row a series and quarter: the
    median and the 80 % band in USD million."""
    ahead = _fan(known, DEFAULT)
    medians, drawn = _three(ahead.path[COLUMNS].to_numpy().astype(float).T), _three(np.array(ahead.draw(_normals())))
    found = {
        name: pd.DataFrame(
            np.vstack([medians[name], np.quantile(drawn[name], ENDS, axis=0)]).T,
            ahead.path.index,
            ["median", "low", "high"],
        )
        for name in SERIES
    }
    return pd.concat(found, names=["series", "quarter"])


class Moved(NamedTuple):
    """By how much the flows and the gap of a quarter move between two, in USD million."""

    first: pd.Period
    last: pd.Period
    exports: float
    imports: float
    gap: float


def moved(known: Known, found: pd.DataFrame) -> Moved:
    """From the last published quarter to the median of the last that `bands` found."""
    (_, last), now = found.index[-1], known.history.iloc[-1]
    return Moved(now.name, last, *(found.at[(name, last), "median"] - float(now[f"{name}_usd_mn"]) for name in SERIES))


def next_years(known: Known) -> pd.DataFrame:
    """The gap of the next four quarters and of the four after by method, USD million.

    Columns: `median`, `low` and `high` of the next four (`median` is the sum of the path's quarters, as everywhere, and
    not the median of the draws' sum), `year_after`, `before_deals`, the median with all parameters from figures to that
    quarter of the case, and the imports of the next four (`imports`) and what they would be with parameters from all
    figures (`imports_of_all`).
    """
    rows = {}
    for method, ahead, drawn in _fans(known):
        low, high = np.quantile(drawn[:, :QUARTERS_A_YEAR].sum(axis=1), ENDS)
        until, plain = (
            fan.path(given, known.history, known.first, QUARTERS_A_YEAR, ahead.nowcast)
            for given in (Baseline(method=method, estimate_to=known.dates.before_deals), Baseline(method=method))
        )
        year, after = ahead.gap[:QUARTERS_A_YEAR].sum(), ahead.gap[QUARTERS_A_YEAR:].sum()
        imports = (float(path[COLUMNS[1]].iloc[:QUARTERS_A_YEAR].sum()) for path in (ahead.path, plain))
        rows[method] = [year, low, high, after, fan.Fan(until, None).gap.sum(), *imports]
    columns = ["median", "low", "high", "year_after", "before_deals", "imports", "imports_of_all"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")


def expected(known: Known, years: int = 10) -> pd.DataFrame:
    """Trade without the deals by the default baseline in a case, by calendar year to the end of so many: a table of
    `trade.by_year`."""
    given = Baseline(method=DEFAULT).without_deals_after(known.dates.before_deals, known.history)
    path = fan.path(
        given, known.history, known.first, years * QUARTERS_A_YEAR + 1 - known.first.quarter, running(known)
    )
    return by_year(known.history, with_gap(path))


def against(found: pd.DataFrame, method: str = DEFAULT) -> pd.DataFrame:
    """One method's gap against each other's: the ratio of their scaled RMSE and the p value of equal squared errors, by
    horizon; a row a method, columns (`ratio`, horizon) and (`p`, horizon)."""
    gap = found[found["series"] == "gap"]
    rows: dict[str, dict[tuple[str, int], float]] = {}
    for horizon, part in gap.groupby("horizon"):
        by_method = dict(iter(part.groupby("method", sort=False)))
        own = _scaled(by_method[method])
        for name, other in by_method.items():
            if name != method:
                row = rows.setdefault(name, {})
                row["ratio", horizon] = _rmse(by_method[method]) / _rmse(other)
                row["p", horizon] = diebold_mariano(own**2 - _scaled(other) ** 2, horizon)[1]
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    return table.set_axis(pd.MultiIndex.from_tuples(table.columns), axis=1)


def _fans(known: Known) -> Iterator[tuple[str, fan.Fan, Array]]:
    """Every method's fan over HORIZON quarters, and MORE_DRAWS draws of the gap from the same numbers."""
    normals = _normals()
    for method in METHODS:
        found = _fan(known, method)
        yield method, found, found.draw_gap(normals)


def _fan(known: Known, method: str) -> fan.Fan:
    given = Baseline(method=method).without_deals_after(known.dates.before_deals, known.history)
    return fan.fan(given, known.history, known.first, HORIZON, running(known), known.pooled)


def _normals() -> Array:
    return np.random.default_rng(SEED).standard_normal((MORE_DRAWS, HORIZON, len(COLUMNS)))
