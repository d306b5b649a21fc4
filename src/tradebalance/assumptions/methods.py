"""Forecasts that are estimated on logarithms of a quarterly series: yearly drift, damped smoothing, airline model.

In logarithms, because trade grows in proportion and a path in levels once fell below zero. Each
function takes `logs`, oldest first, and `known`, how many of them the parameters are estimated on: the
rest only moves the state on, so that a level starts at the end of the data whatever the
parameters come from. It returns the logs of the HORIZON quarters after them, as medians.

The likelihoods are exact, with the variance concentrated out; the search over two or four parameters is Nelder and
Mead's, because the quasi-Newton ones call threaded linear algebra on matrices of ten rows, which on a busy machine
takes ten times as long and ends in other last digits on another one. Estimated parameters are rounded to
PARAMETER_DIGITS: their standard errors are about 0.1, and the path is then the same on every machine.

Sources: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), sections 5.2
(drift), 8.5 (innovations state space models) and 9.9 (seasonal ARIMA); Box and Jenkins, Time Series
Analysis (1970), for the airline model; Brockwell and Davis, Time Series: Theory and Methods (2nd ed.),
section 8.6, for the likelihood of a Gaussian series from its covariances.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Logs = tuple[float, ...]
QUARTERS_A_YEAR = 4
HORIZON = 8  # quarters; beyond two years nobody's forecast of a quarter beats a held level by much
PARAMETER_DIGITS = 2
FEWEST_ERRORS = 8  # below two years of origins a size says nothing; it then has a relative error of about a quarter
EXACT = 1e-9  # a change of growth that is nothing but a float's last digits
# Where a search may start, by parameter (it takes the best of all combinations, so as not to end in a lesser
# valley), and within which bounds. Smoothing: weight of the level; of the trend, as a share of that; of the seasons,
# as a share of the rest (sums above would be no average); damping a quarter, whose bounds are the library's.
SMOOTHING_STARTS = ((0.3, 0.6, 0.9), (0.05, 0.3), (0.05, 0.3), (0.85, 0.95))
SMOOTHING_BOUNDS = [(0.01, 0.99), (0.0, 1.0), (0.0, 1.0), (0.8, 0.98)]
AIRLINE_STARTS = ((-0.6, -0.3, 0.1, 0.4), (-0.9, -0.6, -0.3))
AIRLINE_BOUNDS = [(-1.0, 1.0)] * 2


def drift(logs: Logs, known: int) -> Logs:
    """The same quarter of the last year, times the mean yearly change for each year ahead."""
    changes = [now - before for before, now in zip(logs[:known], logs[QUARTERS_A_YEAR:known], strict=False)]
    change = sum(changes) / len(changes)
    last = logs[-QUARTERS_A_YEAR:]
    return tuple(last[t % QUARTERS_A_YEAR] + change * (t // QUARTERS_A_YEAR + 1) for t in range(HORIZON))


@cache
def damped_smoothing(logs: Logs, known: int) -> Logs:
    """ETS(A,Ad,A): exponential smoothing with an additive damped trend and additive seasons."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    def model(part: Logs) -> "ETSModel":
        # heuristic starting states: half the parameters, and smaller errors than estimated ones on these books
        return ETSModel(
            list(part),
            error="add",
            trend="add",
            damped_trend=True,
            seasonal="add",
            seasonal_periods=QUARTERS_A_YEAR,
            initialization_method="heuristic",
        )

    fitted = model(logs[:known])
    found: Sequence[float] | Array = [values[0] for values in SMOOTHING_STARTS]
    if _is_noisy(logs[:known]):
        found = _search(lambda given: -fitted.loglike(_weights(given)), SMOOTHING_STARTS, SMOOTHING_BOUNDS)
    with np.errstate(invalid="ignore"):  # a summary of the errors that is not used divides by their size, maybe zero
        ahead = model(logs).smooth(_weights(found).round(PARAMETER_DIGITS)).forecast(HORIZON)
    return tuple(float(value) for value in ahead)


def _weights(given: Sequence[float] | Array) -> Array:
    level, trend, seasons, damping = given
    return np.array([level, trend * level, seasons * (1 - level), damping])


@cache
def airline(logs: Logs, known: int) -> Logs:
    """ARIMA(0,1,1)(0,1,1) of quarters: changes of yearly changes are moving averages of independent errors."""
    found: Array = np.zeros(2)
    if _is_noisy(logs[:known]):
        fitted = _changes(logs[:known])
        found = _search(lambda given: _unlikelihood(fitted, given), AIRLINE_STARTS, AIRLINE_BOUNDS)
    path = list(logs)
    for change in _expected(_changes(logs), found.round(PARAMETER_DIGITS)):
        path.append(path[-1] + path[-QUARTERS_A_YEAR] - path[-QUARTERS_A_YEAR - 1] + change)
    return tuple(path[-HORIZON:])


def _changes(logs: Logs) -> Array:
    return np.diff(np.array(logs[QUARTERS_A_YEAR:]) - logs[:-QUARTERS_A_YEAR])


def _covariances(given: Sequence[float] | Array) -> Array:
    """Of two changes so many quarters apart, in units of the errors' variance: those of (1 + a B)(1 + b B^4)."""
    quarter, year = given
    weights = np.convolve([1.0, quarter], [1.0, 0.0, 0.0, 0.0, year])
    return np.correlate(weights, weights, "full")[len(weights) - 1 :]


def _unlikelihood(changes: Array, given: Sequence[float] | Array) -> float:
    """Minus twice the log likelihood at its best variance, but for a constant."""
    from scipy.linalg import cho_solve_banded, cholesky_banded

    n = len(changes)
    root = cholesky_banded(np.repeat(_covariances(given)[:, None], n, axis=1), lower=True)
    squares = changes @ cho_solve_banded((root, True), changes)
    return float(n * np.log(squares / n) + 2 * np.log(root[0]).sum())


def _expected(changes: Array, given: Array) -> list[float]:
    """The best linear predictors of the next HORIZON changes: zero where they covary with none that is known."""
    from scipy.linalg import solveh_banded

    covariances = _covariances(given)
    weighted = solveh_banded(np.repeat(covariances[:, None], len(changes), axis=1), changes, lower=True)[::-1]
    within_reach = (covariances[ahead:] for ahead in range(1, HORIZON + 1))
    return [float(apart @ weighted[: len(apart)]) for apart in within_reach]


def _search(
    function: Callable[[Sequence[float] | Array], float],
    starts: Sequence[Sequence[float]],
    bounds: Sequence[tuple[float, float]],
) -> Array:
    """Where a function is smallest, to a tenth of the digit that parameters are rounded to.

    The search sets out again from what it found: its simplex can fall flat on a bound.
    """
    from scipy.optimize import minimize

    found: Array = np.array(min(product(*starts), key=function))
    options = {"xatol": 0.1**PARAMETER_DIGITS / 10, "fatol": 1e-6, "maxiter": 1000}
    for _ in range(2):
        found = minimize(function, found, method="Nelder-Mead", bounds=bounds, options=options).x
    return found


def _is_noisy(logs: Logs) -> bool:
    """Whether there is anything to estimate: seasons and growth that never change leave no errors."""
    return bool(np.abs(_changes(logs)).max() > EXACT)
