"""Trade without the deals: the quarterly exports and imports that a scenario starts from.

Each method is a function from a history to a path; the table METHODS is where a new one goes. A path
is a median (of a level with an error in logarithms, median and mean of the log agree), not a mean.
`naive`, `hold` and `seasonal_naive` are exact; the others are estimated on logarithms (`log_models`)
and given to 0.1 USD million.

Window. What is estimated rests on the WINDOW quarters before the forecast, ten years. The record of
the US book begins with the opening of trade, when exports doubled in a year. Log errors of exports eight
quarters ahead, over the last 60 origins: drift 0.37 from the whole record, 0.23 from fifteen years, 0.20 from
ten, 0.19 from eight; the airline model 0.43, 0.22, 0.21 and 0.22. Below ten years its imports get worse (0.37
against 0.33), above them drift does.

Horizon. A method forecasts `log_models.HORIZON` quarters, and after them its last forecast year is held,
seasons included. Forty quarters of a growth rate of ten years would multiply exports by four, which is
nobody's forecast and would drown every measure of the deals; a path that goes on growing is a scenario, and
`fixed` can state one. Holding is the smallest assumption that neither adds growth nor takes it back.

Source of the simple methods: Hyndman and Athanasopoulos, Forecasting: Principles and Practice
(3rd ed.), section 5.2, "Some simple forecasting methods".
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from .methods import HORIZON, MODELS, QUARTERS_A_YEAR, Logs

COLUMNS = ["exports_usd_mn", "imports_usd_mn"]
WINDOW = 40
SMALLEST_USD_MN = Decimal("0.1")  # what an estimated path is rounded to, and so its least value


@dataclass(frozen=True)
class Baseline:
    """A method's name and, for `fixed` only, the exports and imports of every quarter in USD million.

    `estimate_to` is the last quarter that parameters and errors are estimated on (None: all); levels
    start at the end of the data in either case.
    """

    method: str
    exports_usd_mn: Decimal | None = None
    imports_usd_mn: Decimal | None = None
    estimate_to: pd.Period | None = None

    @property
    def words(self) -> str:
        """What the method does, in a clause for a page."""
        until = "" if self.estimate_to is None else f", estimated on figures to {self.estimate_to}"
        return WORDS[self.method] + until + (HELD_WORDS if self.method in GROWING else "")


Path = list[Fraction]


def _naive(history: Sequence[Fraction]) -> Path:
    return [history[-1]] * HORIZON


def _hold(history: Sequence[Fraction]) -> Path:
    return [sum(history[-QUARTERS_A_YEAR:]) / Fraction(QUARTERS_A_YEAR)] * HORIZON


def _seasonal_naive(history: Sequence[Fraction]) -> Path:
    return [history[-QUARTERS_A_YEAR + t % QUARTERS_A_YEAR] for t in range(HORIZON)]


def _modelled(name: str) -> Callable[[Sequence[Fraction], int], Path]:
    def method(history: Sequence[Fraction], known: int) -> Path:
        start = max(0, known - WINDOW)
        return _levels(MODELS[name](tuple(_logs(history[start:])), known - start))

    return method


def _mean(history: Sequence[Fraction], known: int) -> Path:
    """The mean of the logs of all other methods' paths."""
    paths = [_logs(method(history, known)) for name, method in METHODS.items() if name != "mean"]
    return _levels([sum(logs) / len(paths) for logs in zip(*paths, strict=True)])


def _logs(values: Sequence[Fraction]) -> Logs:
    return tuple(math.log(value) for value in values)


def _levels(logs: Sequence[float]) -> Path:
    return [max(Fraction(f"{math.exp(log):.1f}"), Fraction(SMALLEST_USD_MN)) for log in logs]


# method -> a path of HORIZON quarters from a history and the number of its quarters to estimate on
METHODS: dict[str, Callable[[Sequence[Fraction], int], Path]] = {
    "naive": lambda history, _: _naive(history),
    "hold": lambda history, _: _hold(history),
    "seasonal_naive": lambda history, _: _seasonal_naive(history),
    **{name: _modelled(name) for name in MODELS},
    "mean": _mean,
}
GROWING = (*MODELS, "mean")  # estimated on logs, so on quarters above zero
WORDS = {
    "naive": "the last quarter repeated",
    "hold": "the mean of the last four quarters held",
    "seasonal_naive": "the same quarter of the last year repeated",
    "seasonal_naive_drift": "the same quarter of the last year, moved by the mean yearly growth of ten years",
    "ets": "exponential smoothing with seasons and a damped trend",
    "sarima": "the airline model, a seasonal moving average of changes in yearly growth",
    "mean": "the geometric mean of six forecasts",
    "fixed": "a stated level held",
}
HELD_WORDS = ", for two years and then held at the second year's level"
# ets and sarima: four years, the fewest from which the library can start a seasonal pattern and estimate on it
NEEDED_QUARTERS = {
    "naive": 1,
    "hold": 4,
    "seasonal_naive": 4,
    "seasonal_naive_drift": 5,
    "ets": 16,
    "sarima": 16,
    "mean": 16,
    "fixed": 0,
}


def usable(baseline: Baseline, history: pd.DataFrame) -> pd.DataFrame:
    """The quarters of a history that a method can stand on: the estimated ones need trade above zero both ways."""
    return above_zero(history) if baseline.method in GROWING else history


def above_zero(history: pd.DataFrame) -> pd.DataFrame:
    """The quarters after the last one without exports or without imports."""
    closed = (history[COLUMNS] <= 0).any(axis=1).to_numpy()
    return history.iloc[closed.nonzero()[0][-1] + 1 :] if closed.any() else history


def estimated_on(baseline: Baseline, history: pd.DataFrame) -> int:
    """How many quarters of a history a method may estimate on: those up to `estimate_to`."""
    until = baseline.estimate_to
    return len(history) if until is None else int((history.index <= until).sum())


def forecast(baseline: Baseline, history: pd.DataFrame, first: pd.Period, quarters: int) -> pd.DataFrame:
    """The path without deals: exact Fractions in USD million, columns COLUMNS, a row a quarter from `first`.

    `history` has the same columns on the quarters before `first` (unused by `fixed`). Raises
    ValueError if it is shorter than the method needs.
    """
    index = pd.period_range(first, periods=quarters, freq="Q")
    if baseline.method == "fixed":
        level = {"exports_usd_mn": baseline.exports_usd_mn, "imports_usd_mn": baseline.imports_usd_mn}
        return pd.DataFrame({name: [Fraction(v or 0)] * quarters for name, v in level.items()}, index, dtype=object)
    known = usable(baseline, history)
    count, needed = estimated_on(baseline, known), NEEDED_QUARTERS[baseline.method]
    if count < needed:
        raise ValueError(f"baseline {baseline.method!r} needs {needed} quarters of history, there are {count}")
    method = METHODS[baseline.method]
    paths = {name: _held(method([Fraction(v) for v in known[name]], count), quarters) for name in COLUMNS}
    return pd.DataFrame(paths, index=index, dtype=object)


def _held(path: Path, quarters: int) -> Path:
    """A path of any length: after the last forecast quarter, the last forecast year again and again."""
    return [path[t] if t < HORIZON else path[HORIZON - QUARTERS_A_YEAR + t % QUARTERS_A_YEAR] for t in range(quarters)]
