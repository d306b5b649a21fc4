"""Forecasts that are estimated on logarithms of quarterly series: yearly drift, damped and complex smoothing, the
airline model, and their mixture.

In logarithms, because trade grows in proportion and a path in levels once fell below zero. Each function takes `logs`,
a row a series of the same length, oldest first, and `known`, how many of the quarters the parameters are estimated on:
the rest only moves the state on, so that a level starts at the end of the data whatever the parameters come from. It
returns the logs of the HORIZON quarters after them, a row a series, as medians. Many series at once, because a
backtest asks for hundreds and numpy answers hundreds in the time of a few.

Likelihoods are Gaussian with the variance concentrated out; the airline model's is exact, smoothing has heuristic
starting states (half the parameters, and smaller errors than estimated ones on these books). The search goes over a
lattice of whole steps, so that the parameters, and with them the path, are the same on every machine; their standard
errors are about a tenth.

Sources: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), sections 5.2 (drift), 8.5
(innovations state space models) and 9.9 (seasonal ARIMA); Box and Jenkins, Time Series Analysis (1970), for the airline
model; Brockwell and Davis, Time Series: Theory and Methods (2nd ed.), section 8.6, for the likelihood of a Gaussian
series from its covariances; Svetunkov, Kourentzes and Ord, "Complex exponential smoothing", Naval Research Logistics 69
(2022), for that; Clemen, "Combining forecasts", International Journal of Forecasting 5 (1989), for equal weights.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
QUARTERS_A_YEAR = 4
HORIZON = 8  # quarters that a method forecasts; what comes after them is the path's own damped growth
FEWEST_ERRORS = 8  # below two years of origins a size says nothing; it then has a relative error of about a quarter
EXACT = 1e-9  # a change of growth that is nothing but a float's last digits
TINY = float(np.finfo(float).tiny)  # in place of a variance of nothing


class Space(NamedTuple):
    """Where parameters are looked for: starts (the best of all combinations, so as not to end in a lesser valley),
    bounds, the first steps, and how often they are halved."""

    starts: tuple[tuple[float, ...], ...]
    bounds: tuple[tuple[float, float], ...]
    steps: tuple[float, ...]
    halvings: int


# Weight of the level; of the trend, as a share of that; of the seasons, as a share of the rest (sums above would be no
# average); damping a quarter, within the bounds of Hyndman and Athanasopoulos.
SMOOTHING = Space(
    ((0.05, 0.3, 0.6, 0.9), (0.05, 0.3), (0.05, 0.3), (0.85, 0.95)),
    ((0.01, 0.99), (0.0, 1.0), (0.0, 1.0), (0.8, 0.98)),
    (0.16,) * 4,
    4,
)
AIRLINE = Space(((-0.6, -0.3, 0.1, 0.4), (-0.9, -0.6, -0.3)), ((-1.0, 1.0), (-1.0, 1.0)), (0.16, 0.16), 4)
# The complex parameter's real and imaginary part, near 1 of which the model is stable (its authors' figure 1), and the
# weight of the seasons. The growth of a quarter is a thousandth of the level times what the imaginary part is off 1.
COMPLEX = Space(
    ((0.9, 1.3, 1.7), (1.0, 0.992, 1.008), (0.05, 0.3, 0.6)),
    ((0.1, 2.5), (0.9, 1.1), (0.0, 0.9)),
    (0.16, 0.008, 0.16),
    6,
)


def drift(logs: Array, known: int) -> Array:
    """The same quarter of the last year, times the mean yearly change for each year ahead."""
    change = (logs[:, QUARTERS_A_YEAR:known] - logs[:, : known - QUARTERS_A_YEAR]).mean(axis=1, keepdims=True)
    years = HORIZON // QUARTERS_A_YEAR
    grown = change * np.repeat(np.arange(years) + 1, QUARTERS_A_YEAR)
    path: Array = np.tile(logs[:, -QUARTERS_A_YEAR:], years) + grown
    return path


def damped_smoothing(logs: Array, known: int) -> Array:
    """ETS(A,Ad,A): exponential smoothing with an additive damped trend and additive seasons."""
    begin = _beginning(logs[:, :known])

    def unlikelihood(given: Array, rows: Array) -> Array:
        return smoothed(logs[rows, :known], _weights(given), begin.of(rows)).squares

    found = _weights(_search(unlikelihood, logs[:, :known], SMOOTHING)[:, :, None])
    _, level, trend, seasons = smoothed(logs, found, begin)
    damping = found[3]
    path = []
    for ahead in range(HORIZON):
        trend = damping * trend
        level = level + trend
        path.append(level + seasons[(logs.shape[1] + ahead) % QUARTERS_A_YEAR])
    return np.concatenate(path, axis=1)


def _weights(given: Array) -> Array:
    level, trend, seasons, damping = given
    return np.array([level, trend * level, seasons * (1 - level), damping])


class Beginning(NamedTuple):
    """The states before a series: level, its change a quarter, and the seasons of a year, a row a series."""

    level: Array
    trend: Array
    seasons: Array

    def of(self, rows: Array) -> "Beginning":
        return Beginning(*(part[rows] for part in self))


def _beginning(logs: Array) -> Beginning:
    """The heuristic states of Hyndman and others (2008), section 2.6.1: a moving average of the first five years, its
    line over ten quarters, and the mean distances from it by season. Needs four years."""
    count, length = logs.shape
    years = max(min(5, length // QUARTERS_A_YEAR), 4)
    first = logs[:, : years * QUARTERS_A_YEAR]
    sums = np.concatenate([np.zeros((count, 1)), first.cumsum(axis=1)], axis=1)
    means = (sums[:, QUARTERS_A_YEAR:] - sums[:, :-QUARTERS_A_YEAR]) / QUARTERS_A_YEAR
    centred = (means[:, 1:] + means[:, :-1]) / 2  # of the third quarter on
    off = np.full(first.shape, np.nan)
    off[:, 2 : 2 + centred.shape[1]] = first[:, 2 : 2 + centred.shape[1]] - centred
    seasons = np.nanmean(off.reshape(count, years, QUARTERS_A_YEAR), axis=1)
    line = np.linalg.pinv(np.column_stack([np.ones(10), np.arange(1, 11)]))
    level, trend = line @ centred[:, :10].T
    return Beginning(level, trend, seasons - seasons.mean(axis=1, keepdims=True))


class Smoothed(NamedTuple):
    """What a smoothing leaves: the sum of squared errors and the last states, a row a series, a column a trial."""

    squares: Array
    level: Array
    trend: Array
    seasons: list[Array]


def smoothed(logs: Array, weights: Array, begin: Beginning) -> Smoothed:
    """Run ETS(A,Ad,A) over series; `weights` (of level, trend, seasons, and the damping) x series x trials."""
    alpha, beta, gamma, damping = weights
    level, trend = begin.level[:, None] + 0 * alpha, begin.trend[:, None]
    seasons = [begin.seasons[:, season, None] for season in range(QUARTERS_A_YEAR)]
    squares = np.zeros_like(level)
    for at in range(logs.shape[1]):
        season = seasons[at % QUARTERS_A_YEAR]
        trend = damping * trend
        error = logs[:, at, None] - (level + trend + season)
        level, trend = level + trend + alpha * error, trend + beta * error
        seasons[at % QUARTERS_A_YEAR] = season + gamma * error
        squares = squares + error * error
    return Smoothed(squares, level, trend, seasons)


def complex_smoothing(logs: Array, known: int) -> Array:
    """CES with partial seasons: level and information potential smoothed as one complex number, additive seasons.

    Of logs of USD million: its trend is a share of the level, some 9 in such logs. The states before a series come
    from smoothing it there and back.
    """
    begin = _beginning(logs[:, :known])

    def unlikelihood(given: Array, rows: Array) -> Array:
        part = logs[rows, :known]
        return complex_smoothed(part, given, _backcast(part, given, begin.of(rows))).squares

    found = _search(unlikelihood, logs[:, :known], COMPLEX)[:, :, None]
    start = _backcast(logs[:, :known], found, begin)
    _, level, potential, seasons = complex_smoothed(logs, found, start)
    real, imaginary, _ = found
    path = []
    for ahead in range(HORIZON):
        path.append(level + seasons[(logs.shape[1] + ahead) % QUARTERS_A_YEAR])
        level, potential = level - (1 - imaginary) * potential, level + (1 - real) * potential
    return np.concatenate(path, axis=1)


def _backcast(logs: Array, given: Array, begin: Beginning) -> Beginning:
    """The states before a series after smoothing it forwards and then backwards; `trend` is the potential."""
    level = begin.level[:, None] + 0 * given[0]
    forth = complex_smoothed(logs, given, Beginning(level, level / given[0], begin.seasons[:, :, None]))
    # backwards the seasons stand in the other order: the first to come is that of the last quarter
    turn = [(logs.shape[1] - 1 - at) % QUARTERS_A_YEAR for at in range(QUARTERS_A_YEAR)]
    turned = np.stack([forth.seasons[season] for season in turn], axis=1)
    back = complex_smoothed(logs[:, ::-1], given, Beginning(forth.level, forth.trend, turned))
    seasons = np.stack([back.seasons[turn.index(season)] for season in range(QUARTERS_A_YEAR)], axis=1)
    return Beginning(back.level, back.trend, seasons)


def complex_smoothed(logs: Array, given: Array, begin: Beginning) -> Smoothed:
    """Run CES over series; `given` (real and imaginary part, weight of the seasons) x series x trials.

    `trend` is the information potential, of the beginning and of the end; states are series x trials.
    """
    real, imaginary, weight = given
    level, potential = begin.level, begin.trend
    seasons = [begin.seasons[:, season] for season in range(QUARTERS_A_YEAR)]
    squares = np.zeros_like(level)
    drawn, gained, less, more = 1 - imaginary, real - imaginary, 1 - real, real + imaginary
    with np.errstate(over="ignore", invalid="ignore"):  # outside the stable region, where nothing is found
        for at in range(logs.shape[1]):
            season = seasons[at % QUARTERS_A_YEAR]
            error = logs[:, at, None] - (level + season)
            level, potential = (
                level - drawn * potential + gained * error,
                level + less * potential + more * error,
            )
            seasons[at % QUARTERS_A_YEAR] = season + weight * error
            squares = squares + error * error
    return Smoothed(np.where(np.isfinite(squares), squares, np.inf), level, potential, seasons)


def airline(logs: Array, known: int) -> Array:
    """ARIMA(0,1,1)(0,1,1) of quarters: changes of yearly changes are moving averages of independent errors."""
    changes = _changes(logs)
    reach = known - QUARTERS_A_YEAR - 1

    def unlikelihood(given: Array, rows: Array) -> Array:
        return whitened(changes[rows, :reach], given).unlikelihood

    found = _search(unlikelihood, logs[:, :known], AIRLINE)[:, :, None]
    path = list(logs.T)
    for change in whitened(changes, found, HORIZON).expected:
        path.append(path[-1] + path[-QUARTERS_A_YEAR] - path[-QUARTERS_A_YEAR - 1] + change[:, 0])
    return np.stack(path[-HORIZON:], axis=1)


def _changes(logs: Array) -> Array:
    return np.diff(logs[:, QUARTERS_A_YEAR:] - logs[:, :-QUARTERS_A_YEAR], axis=1)


def _covariances(given: Array) -> list[Array]:
    """Of two changes so many quarters apart, in units of the errors' variance: those of (1 + a B)(1 + b B^4)."""
    quarter, year = given
    nothing = np.zeros_like(quarter)
    weights = [1 + nothing, quarter, nothing, nothing, year, quarter * year]
    return [
        np.add.reduce([weights[lag] * weights[lag + apart] for lag in range(len(weights) - apart)])
        for apart in range(len(weights))
    ]


class Whitened(NamedTuple):
    """Minus twice the log likelihood at its best variance, but for a constant, and the changes expected next."""

    unlikelihood: Array
    expected: list[Array]


def whitened(changes: Array, given: Array, ahead: int = 0) -> Whitened:
    """The Cholesky factor of the changes' covariances row by row, and with it their independent parts.

    A change is its row of the factor times the independent parts; those that are still to come are expected to be zero.
    """
    covariances = _covariances(given)
    reach = len(covariances) - 1
    rows: list[list[Array]] = []
    parts: list[Array] = []
    expected: list[Array] = []
    squares, logs = np.zeros_like(given[0]), np.zeros_like(given[0])
    for at in range(changes.shape[1] + ahead):
        row = _factor(covariances, rows, min(reach, at))
        rows.append(row)
        known = np.add.reduce([row[lag] * parts[at - lag] for lag in range(1, len(row))], axis=0)
        if at < changes.shape[1]:
            part = (changes[:, at, None] - known) / row[0]
            squares, logs = squares + part * part, logs + np.log(row[0])
        else:
            part = np.zeros_like(squares)
            expected.append(known + part)
        parts.append(part)
    count = changes.shape[1]
    return Whitened(count * np.log(np.maximum(squares, TINY) / count) + 2 * logs, expected)


def _factor(covariances: Sequence[Array], rows: Sequence[Sequence[Array]], reach: int) -> list[Array]:
    """The factor's next row, from the diagonal backwards."""
    row = [np.zeros_like(covariances[0])] * (reach + 1)
    for lag in range(reach, -1, -1):
        rest = covariances[lag]
        for further in range(lag + 1, reach + 1):
            other = row if lag == 0 else rows[-lag]
            rest = rest - row[further] * other[further - lag]
        row[lag] = np.sqrt(np.maximum(rest, TINY)) if lag == 0 else rest / rows[-lag][0]
    return row


def _search(unlikelihood: Callable[[Array, Array], Array], logs: Array, space: Space) -> Array:
    """Where each series is likeliest, parameters x series, on the lattice of the finest step.

    From the best start to the best of all neighbours a step away, diagonals too, and with half the step where none is
    better. Series without errors have nothing to estimate, and get the first start.
    """
    low, high = (np.array(side)[:, None, None] for side in zip(*space.bounds, strict=True))
    around = np.array(list(product((0, -1, 1), repeat=len(space.starts)))).T  # the first is where it is
    moves = (around * np.array(space.steps)[:, None])[:, None, :]
    rows = np.flatnonzero(np.abs(_changes(logs)).max(axis=1) > EXACT)
    found = np.repeat(np.array([values[0] for values in space.starts])[:, None], len(logs), axis=1)
    tried = np.array(list(product(*space.starts))).T[:, None, :] + np.zeros((1, len(rows), 1))
    found[:, rows] = _best(tried, unlikelihood(tried, rows))
    halved = np.zeros(len(logs), dtype=int)
    while len(rows):
        tried = np.clip(found[:, rows, None] + moves / 2.0 ** halved[rows, None], low, high)
        measured = unlikelihood(tried, rows)
        found[:, rows] = _best(tried, measured)
        halved[rows] += measured.argmin(axis=1) == 0
        rows = rows[halved[rows] <= space.halvings]
    return found


def _best(tried: Array, measured: Array) -> Array:
    return tried[:, np.arange(tried.shape[1]), measured.argmin(axis=1)]


MIXED = ("seasonal_naive_drift", "sarima", "ces")  # what `mixture` is of


def mixture(logs: Array, known: int) -> Array:
    """The geometric mean of drift, airline model and complex smoothing, where drift comes in over its first year.

    Drift starts from the quarters of a year ago and knows nothing of what came since: its errors one quarter ahead are
    1.5 times the others' on four partners, from the fourth quarter on no larger. It has a quarter of its equal share in
    the first quarter and all of it from the fourth.
    """
    of_drift = np.minimum(np.arange(1, HORIZON + 1) / QUARTERS_A_YEAR, 1) / len(MIXED)
    others = (airline(logs, known) + complex_smoothing(logs, known)) / 2
    return of_drift * drift(logs, known) + (1 - of_drift) * others
