"""Forecasts that are estimated on logarithms of a quarterly series: yearly drift, damped smoothing, airline model.

In logarithms, because trade grows in proportion and a path in levels once fell below zero. Each
function takes `logs`, oldest first, and `known`, how many of them the parameters are estimated on: the
rest only moves the state on, so that a level starts at the end of the data whatever the
parameters come from. It returns the logs of the HORIZON quarters after them, as medians.

Estimated parameters are rounded to PARAMETER_DIGITS: their standard errors are about 0.1, and the
path is then the same on every machine, whatever an optimiser does in its last digits.

Sources: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), sections 5.2
(drift), 8.5 (innovations state space models) and 9.9 (seasonal ARIMA); Box and Jenkins, Time Series
Analysis (1970), for the airline model.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

Logs = tuple[float, ...]

QUARTERS_A_YEAR = 4
HORIZON = 8  # quarters; beyond two years nobody's forecast of a quarter beats a held level by much
PARAMETER_DIGITS = 2
SMALLEST_WEIGHT = 0.01
EXACT = 1e-9  # a change of growth that is nothing but a float's last digits
AIRLINE_START = (-0.3, -0.6)  # where the search starts: the middle of what rolling estimates on these books gave


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

    start = model(logs[:known]).start_params
    found = model(logs[:known]).fit(disp=False).params if _is_noisy(logs[:known]) else start
    rounded = found.round(PARAMETER_DIGITS)
    # the library divides by the level's weight and by its complement: neither may round to nothing
    rounded[0] = min(max(rounded[0], SMALLEST_WEIGHT), 1 - SMALLEST_WEIGHT)
    with np.errstate(invalid="ignore"):  # a summary of the errors that is not used divides by their size, maybe zero
        return _plain(model(logs).smooth(rounded).forecast(HORIZON))


@cache
def airline(logs: Logs, known: int) -> Logs:
    """ARIMA(0,1,1)(0,1,1) of quarters: changes of yearly changes are moving averages; exact likelihood."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    def model(part: Logs) -> "SARIMAX":
        # the differences themselves are modelled, so that no vague starting state costs digits
        orders = {"order": (0, 1, 1), "seasonal_order": (0, 1, 1, QUARTERS_A_YEAR)}
        return SARIMAX(list(part), **orders, concentrate_scale=True, simple_differencing=True)

    changes = (0.0,) * HORIZON
    if _is_noisy(logs[:known]):
        fitting = {"start_params": AIRLINE_START, "disp": False, "cov_type": "none", "warn_convergence": False}
        rounded = model(logs[:known]).fit(**fitting).params.round(PARAMETER_DIGITS)
        changes = _plain(model(logs).filter(rounded).forecast(HORIZON))
    path = list(logs)
    for change in changes:
        path.append(path[-1] + path[-QUARTERS_A_YEAR] - path[-QUARTERS_A_YEAR - 1] + change)
    return tuple(path[-HORIZON:])


def _is_noisy(logs: Logs) -> bool:
    """Whether there is anything to estimate: seasons and growth that never change leave no errors."""
    changes = [
        now - before - (then - earlier)
        for earlier, then, before, now in zip(
            logs, logs[1:], logs[QUARTERS_A_YEAR:], logs[QUARTERS_A_YEAR + 1 :], strict=False
        )
    ]
    return max(abs(change) for change in changes) > EXACT


def _plain(values: object) -> Logs:
    return tuple(float(value) for value in values)  # type: ignore[attr-defined]


MODELS: dict[str, Callable[[Logs, int], Logs]] = {
    "seasonal_naive_drift": drift,
    "ets": damped_smoothing,
    "sarima": airline,
}
