"""Trade without the deals: the quarterly exports and imports that a scenario starts from.

Each method is a function from a history to a path; the register METHODS is where a new one goes, and the only place:
scenarios, pages, backtest and errors read it. A path is a median (of a level with an error in logarithms, median and
mean of the log agree), not a mean. `naive`, `hold` and `seasonal_naive` are exact; the others are estimated on
logarithms (`methods`) and given to 0.1 USD million.

Window. What is estimated rests on the WINDOW quarters before the forecast, ten years. The record of the US book begins
with the opening of trade, when exports doubled in a year. Log errors of exports eight quarters ahead, over the last 60
origins: drift 0.37 from the whole record, 0.23 from fifteen years, 0.20 from ten, 0.19 from eight; the airline model
0.43, 0.22, 0.21 and 0.22. Below ten years its imports get worse (0.37 against 0.33), above them drift does.

Horizon. A method forecasts `methods.HORIZON` quarters, and after them its last forecast year is held,
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
from functools import partial
from typing import Annotated, Self

import pandas as pd
from pydantic import Field, field_validator, model_validator

from ..words.schema import Number, Quarter, Strict, one_of, wrong
from .methods import HORIZON, QUARTERS_A_YEAR, Logs, airline, damped_smoothing, drift

COLUMNS = ["exports_usd_mn", "imports_usd_mn"]
WINDOW = 40
SMALLEST_USD_MN = Decimal("0.1")  # what an estimated path is rounded to, and so its least value
FIXED = "fixed"  # the one baseline that is stated, not forecast
# No pair of countries trades a trillion dollars in a quarter; the largest goods importer's total is below it.
LARGEST_QUARTER_USD_MN = Decimal(1_000_000)
Level = Annotated[Number, Field(ge=0)]


class Baseline(Strict):
    """A method's name and, for `fixed` only, the exports and imports of every quarter in USD million.

    `estimate_to` is the last quarter that parameters and errors are estimated on (None: all), which keeps later ones,
    that may hold deliveries, out of it; levels start at the end of the data in either case.
    """

    method: Annotated[str, one_of(lambda: [*METHODS, FIXED])]
    exports_usd_mn: Level | None = None
    imports_usd_mn: Level | None = None
    estimate_to: Quarter | None = None

    @model_validator(mode="after")
    def _levels_go_with_fixed(self) -> Self:
        if self.is_stated != all(level is not None for level in (self.exports_usd_mn, self.imports_usd_mn)):
            fix = "give exports_usd_mn and imports_usd_mn a quarter with method: fixed, and only with it"
            raise wrong("wrong_type", "levels and method do not go together", fix)
        if self.is_stated and self.estimate_to is not None:
            raise wrong("wrong_type", "a stated level is not estimated", "remove estimate_to, or use another method")
        return self

    @field_validator("exports_usd_mn", "imports_usd_mn")
    @classmethod
    def _plausible(cls, level: Decimal | None) -> Decimal | None:
        if level is not None and level > LARGEST_QUARTER_USD_MN:
            reason = f"more than {LARGEST_QUARTER_USD_MN:,} USD million in a quarter"
            raise wrong("implausible", reason, "give USD million, not thousands or dollars")
        return level

    @property
    def is_stated(self) -> bool:
        return self.method == FIXED

    @property
    def words(self) -> str:
        """What the method does, in a clause for a page."""
        until = "" if self.estimate_to is None else f", estimated on figures to {self.estimate_to}"
        method = method_of(self.method)
        return method.words + until + (HELD_WORDS if method.is_estimated else "")

    @property
    def needs(self) -> int:
        """The fewest quarters of history that the method can stand on."""
        return method_of(self.method).needs


Path = list[Fraction]
Forecast = Callable[[Sequence[Fraction], int], Path]


@dataclass(frozen=True)
class Method:
    """A way to forecast: its name in a scenario, what it does in a clause and in a few words, the quarters it needs.

    `forecast` gives HORIZON quarters in USD million from a history and the number of its quarters to estimate on.
    `is_estimated`: on logarithms, so from quarters above zero, on a path that is held after its last year.
    """

    name: str
    words: str
    short: str
    needs: int
    forecast: Forecast
    is_estimated: bool = False


def _repeated(quarters: int) -> Forecast:
    return lambda history, _: [history[-quarters + t % quarters] for t in range(HORIZON)]


def _hold(history: Sequence[Fraction], _: int) -> Path:
    return [sum(history[-QUARTERS_A_YEAR:]) / Fraction(QUARTERS_A_YEAR)] * HORIZON


def _modelled(model: Callable[[Logs, int], Logs]) -> Forecast:
    def method(history: Sequence[Fraction], known: int) -> Path:
        start = max(0, known - WINDOW)
        return _levels(model(tuple(math.log(value) for value in history[start:]), known - start))

    return method


def _mean(history: Sequence[Fraction], known: int) -> Path:
    paths = [[math.log(value) for value in METHODS[name].forecast(history, known)] for name in AVERAGED]
    return _levels([sum(logs) / len(paths) for logs in zip(*paths, strict=True)])


def _levels(logs: Sequence[float]) -> Path:
    return [max(Fraction(f"{math.exp(log):.1f}"), Fraction(SMALLEST_USD_MN)) for log in logs]


_estimated = partial(Method, is_estimated=True)
# ets and sarima need four years, the fewest from which the library can start a seasonal pattern and estimate on it
METHODS = {
    method.name: method
    for method in (
        Method("naive", "the last quarter repeated", "last quarter repeated", 1, _repeated(1)),
        Method("hold", "the mean of the last four quarters held", "last year's mean held", 4, _hold),
        Method("seasonal_naive", "the same quarter of the last year repeated", "last year repeated", 4, _repeated(4)),
        _estimated(
            "seasonal_naive_drift",
            "the same quarter of the last year, moved by the mean yearly growth of ten years",
            "last year, growing",
            5,
            _modelled(drift),
        ),
        _estimated(
            "ets", "exponential smoothing with seasons and a damped trend", "smoothing", 16, _modelled(damped_smoothing)
        ),
        _estimated(
            "sarima",
            "the airline model, a seasonal moving average of changes in yearly growth",
            "airline model",
            16,
            _modelled(airline),
        ),
        _estimated("mean", "the geometric mean of six forecasts", "mean of the six", 16, _mean),
    )
}
AVERAGED = ("naive", "hold", "seasonal_naive", "seasonal_naive_drift", "ets", "sarima")  # those of `mean`, and no later
STATED = Method(FIXED, "a stated level held", "stated level", 0, lambda *_: [])
HELD_WORDS = ", for two years and then held at the second year's level"


def method_of(name: str) -> Method:
    """The method that a baseline names, registered or stated."""
    return STATED if name == FIXED else METHODS[name]


def usable(baseline: Baseline, history: pd.DataFrame) -> pd.DataFrame:
    """The quarters of a history that a method can stand on: the estimated ones need trade above zero both ways."""
    return above_zero(history) if method_of(baseline.method).is_estimated else history


def above_zero(history: pd.DataFrame) -> pd.DataFrame:
    """The quarters after the last one without exports or without imports."""
    closed = (history[COLUMNS].to_numpy() <= 0).any(axis=1)
    return history.iloc[closed.nonzero()[0][-1] + 1 :] if closed.any() else history


def estimated_on(baseline: Baseline, history: pd.DataFrame) -> int:
    """How many quarters of a history a method may estimate on: those up to `estimate_to`."""
    return len(history) if baseline.estimate_to is None else int((history.index <= baseline.estimate_to).sum())


def possible(history: pd.DataFrame, estimate_to: pd.Period | None) -> list[Baseline]:
    """The registered methods that a history is long enough for, estimated on figures to `estimate_to`."""
    found = [Baseline(method=name, estimate_to=estimate_to) for name in METHODS]
    return [each for each in found if estimated_on(each, usable(each, history)) >= each.needs]


def forecast(baseline: Baseline, history: pd.DataFrame, first: pd.Period, quarters: int) -> pd.DataFrame:
    """The path without deals: exact Fractions in USD million, columns COLUMNS, a row a quarter from `first`.

    `history` has the same columns on the quarters before `first` (unused by `fixed`). Raises
    ValueError if it is shorter than the method needs.
    """
    index = pd.period_range(first, periods=quarters, freq="Q")
    if baseline.is_stated:
        level = {"exports_usd_mn": baseline.exports_usd_mn, "imports_usd_mn": baseline.imports_usd_mn}
        return pd.DataFrame({name: [Fraction(v or 0)] * quarters for name, v in level.items()}, index, dtype=object)
    known = usable(baseline, history)
    count, method = estimated_on(baseline, known), METHODS[baseline.method]
    if count < method.needs:
        raise ValueError(f"baseline {baseline.method!r} needs {method.needs} quarters of history, there are {count}")
    paths = {name: _held(method.forecast([Fraction(v) for v in known[name]], count), quarters) for name in COLUMNS}
    return pd.DataFrame(paths, index=index, dtype=object)


def _held(path: Path, quarters: int) -> Path:
    """A path of any length: after the last forecast quarter, the last forecast year again and again."""
    return [path[t] if t < HORIZON else path[HORIZON - QUARTERS_A_YEAR + t % QUARTERS_A_YEAR] for t in range(quarters)]
