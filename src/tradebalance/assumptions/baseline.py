"""Trade without the deals: the quarterly exports and imports that a scenario starts from.

Each method is a function from histories to paths; the register METHODS is where a new one goes, and the only place:
scenarios, pages, backtest and errors read it. A path is a median (of a level with an error in logarithms, median and
mean of the log agree), not a mean. `naive`, `hold` and `seasonal_naive` are exact; the others are estimated on
logarithms (`methods`) and given to 0.1 USD million. Three more are stated, not forecast: a level, a growth, a file.

Default. `mixture` is of the methods that beat both naive ones at 4 and at 8 quarters, by the MASE of the gap over
that of the airline model, geometric means over five books and 60 origins (or all there are): drift 0.94 and 0.88,
complex smoothing 0.97 and 0.93, the airline model itself, the better naive one 1.12 and 1.03. Damped smoothing has
1.06 and 1.04 and is not in it; the mixture has 0.95 and 0.91, with damped smoothing in it 0.96 and 0.93. Weights are
equal, because those inverse to squared errors at 4 and 8 quarters, pooled over partners, come to 0.32 to 0.35.

Window. What is estimated rests on the WINDOW quarters before the forecast, ten years. The record of the US book begins
with the opening of trade, when exports doubled in a year. Log errors of exports eight quarters ahead, over the last 60
origins: drift 0.37 from the whole record, 0.23 from fifteen years, 0.20 from ten, 0.19 from eight; the airline model
0.43, 0.22, 0.21 and 0.22. Below ten years its imports get worse (0.37 against 0.33), above them drift does.

Imports. Those since the deals may hold deliveries, and growth that rests on them would go on delivering: parameters of
imports are estimated on the quarters to the case's `before_deals`. Their level starts at the end of the data and holds
what has arrived by then.

Horizon. A method forecasts `methods.HORIZON` quarters, two years. Then its growth, the mean of the second year over
the first, fades by the factor DAMPING a quarter, seasons kept (the damped trend of Gardner and McKenzie, "Forecasting
trends in time series", Management Science 31, 1985). DAMPING is what the mixture errs least with over the four
partners of the Census files at hand, origins from 1996: log RMSE 12, 16, 20 and 24 quarters ahead 0.32, 0.34, 0.40
and 0.45, against 0.31, 0.36, 0.44 and 0.52 with no growth after two years and 0.33, 0.38, 0.46 and 0.54 with growth
for ever.

Source of the simple methods: Hyndman and Athanasopoulos, Forecasting: Principles and Practice
(3rd ed.), section 5.2, "Some simple forecasting methods".
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Annotated, NamedTuple, Self

import numpy as np
import pandas as pd
from pydantic import Field, PrivateAttr, field_validator, model_validator

from ..words.phrase import Phrase
from ..words.schema import Number, Quarter, Strict, Words, one_of, wrong
from .methods import HORIZON, QUARTERS_A_YEAR, Array, airline, complex_smoothing, damped_smoothing, drift, mixture

COLUMNS = ["exports_usd_mn", "imports_usd_mn"]
WINDOW = 40
DAMPING = 0.9  # of growth, a quarter, after the last one that a method forecasts
SMALLEST_USD_MN = Decimal("0.1")  # what an estimated path is rounded to, and so its least value
DEFAULT = "mixture"
FIXED, GROWTH, FILE = "fixed", "growth", "file"  # stated, not forecast
# No pair of countries trades a trillion dollars in a quarter; the largest goods importer's total is below it.
LARGEST_QUARTER_USD_MN = Decimal(1_000_000)
Level = Annotated[Number, Field(ge=0)]
Rate = Annotated[Number, Field(ge=Decimal("-0.5"), le=1)]  # a year: no path of ten years halves or doubles each


class StatedQuarter(NamedTuple):
    """A quarter of a path that a file states: exports and imports in USD million, and the lines they stand on."""

    quarter: pd.Period
    exports: Fraction
    imports: Fraction
    file: str
    rows: tuple[int, int]


class Baseline(Strict):
    """A method's name, and what a stated one states: a level a quarter in USD million (`fixed`), rates a year
    (`growth`), or the name of a file with quarters (`file`), whose figures `given` holds once it is read.

    `estimate_to` is the last quarter that parameters and errors are estimated on (None: all), which keeps later ones,
    that may hold deliveries, out of it; `imports_estimate_to` is the same for the parameters of imports only. Levels
    start at the end of the data in either case.
    """

    method: Annotated[str, one_of(lambda: [*METHODS, *STATED])]
    exports_usd_mn: Level | None = None
    imports_usd_mn: Level | None = None
    exports: Rate | None = None
    imports: Rate | None = None
    path: Words | None = None
    estimate_to: Quarter | None = None
    imports_estimate_to: Quarter | None = None
    _given: tuple[StatedQuarter, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _keys_go_with_the_method(self) -> Self:
        own = STATED_KEYS.get(self.method, ())
        for method, keys in STATED_KEYS.items():
            given = [key for key in keys if getattr(self, key) is not None]
            if len(given) != (len(keys) if keys == own else 0):
                *first, last = keys
                fix = f"give {', '.join(first)}{' and ' if first else ''}{last} with method: {method}, and only with it"
                raise wrong("wrong_type", f"{' and '.join(keys)} and method do not go together", fix)
        estimates = [key for key in ESTIMATE_KEYS if getattr(self, key) is not None]
        if self.is_stated and estimates:
            fix = f"remove {' and '.join(estimates)}, or use another method"
            raise wrong("wrong_type", "a stated path is not estimated", fix)
        if self.imports_estimate_to is not None and not method_of(self.method).is_estimated:
            raise wrong("wrong_type", "this method has no parameters of imports", "remove imports_estimate_to")
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
        """Whether someone states the path: it has no errors then."""
        return self.method in STATED

    @property
    def is_level(self) -> bool:
        """Whether it is one level that needs no figures of trade at all, and is itself today's."""
        return self.method == FIXED

    @property
    def states_amounts(self) -> bool:
        """Whether it states exports and imports, which are those of one book, and starts with no nowcast."""
        return self.method in (FIXED, FILE)

    @property
    def words(self) -> str:
        """What the method does, in a clause for a page."""
        method = method_of(self.method)
        if self.method == GROWTH:
            return Phrase(method.words, exports=_rate(self.exports), imports=_rate(self.imports))
        parts = {"method": Phrase(method.words), "until": "", "imports": "", "after": ""}
        if self.estimate_to is not None:
            parts["until"] = Phrase(", estimated on figures to {to}", to=self.estimate_to)
        if self.imports_estimate_to is not None:
            parts["imports"] = Phrase(", imports estimated on figures to {to}", to=self.imports_estimate_to)
        if method.is_estimated:
            parts["after"] = Phrase(DAMPED_WORDS)
        return Phrase("{method}{until}{imports}{after}", **parts)

    @property
    def needs(self) -> int:
        """The fewest quarters of history that the method can stand on."""
        return method_of(self.method).needs

    def without_deals_after(self, last: pd.Period | None, history: pd.DataFrame) -> "Baseline":
        """The baseline with parameters of imports estimated on the quarters to the last one without deliveries of the
        deals, where it estimates any, says nothing else, and those are enough."""
        if last is None or not method_of(self.method).is_estimated or self.estimate_to or self.imports_estimate_to:
            return self
        if not self.needs <= int((usable(self, history).index <= last).sum()) < len(usable(self, history)):
            return self
        return self.model_copy(update={"imports_estimate_to": last})

    @property
    def given(self) -> tuple[StatedQuarter, ...]:
        """The quarters of its file, once that is read."""
        return self._given

    def with_figures(self, figures: Sequence[StatedQuarter]) -> "Baseline":
        """The baseline with the quarters of its file."""
        found = self.model_copy()
        found._given = tuple(figures)
        return found


def _rate(rate: Decimal | None) -> str:
    return f"{float(rate or 0) * 100:+g} %"


Path = list[Fraction]
Forecast = Callable[[Array, int], Array]


@dataclass(frozen=True)
class Method:
    """A way to forecast: its name in a scenario, what it does in a clause and in a few words, the quarters it needs.

    `forecast` gives HORIZON quarters in USD million, a row a history, from histories of one length (rows, oldest first)
    and the number of their quarters to estimate on. `is_estimated`: on logarithms, so from quarters above zero, on a
    path whose growth fades after two years; such a path is a float, any other as exact as its history.
    """

    name: str
    words: str
    short: str
    needs: int
    forecast: Forecast
    is_estimated: bool = False


def _repeated(quarters: int) -> Forecast:
    return lambda histories, _: np.tile(histories[:, -quarters:], HORIZON // quarters)


def _hold(histories: Array, _: int) -> Array:
    return np.repeat(histories[:, -QUARTERS_A_YEAR:].sum(axis=1, keepdims=True) / QUARTERS_A_YEAR, HORIZON, axis=1)


def _modelled(model: Forecast) -> Forecast:
    """A model of logarithms as a method of levels: a forecast that was made once is kept, by all that it rests on."""

    @lru_cache(maxsize=256)  # some kilobytes each: those of a page's scenarios, books and months
    def forecast(levels: bytes, series: int, known: int) -> Array:
        found: Array = np.exp(model(np.log(np.frombuffer(levels).reshape(series, -1)), known))
        found.flags.writeable = False
        return found

    def method(histories: Array, known: int) -> Array:
        start = max(0, known - WINDOW)
        levels = histories[:, start:].astype(float)
        return forecast(levels.tobytes(), len(levels), known - start)

    return method


_estimated = partial(Method, is_estimated=True)
# smoothing and the seasonal model need four years, the fewest that seasons can start from and be estimated on
METHODS = {
    method.name: method
    for method in (
        _estimated(
            DEFAULT,
            "the average of three forecasts: last year growing, a seasonal model and complex smoothing",
            "mean of three",
            16,
            _modelled(mixture),
        ),
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
            "ces",
            "complex exponential smoothing, which needs no choice between a level and a trend, with seasons",
            "complex smoothing",
            16,
            _modelled(complex_smoothing),
        ),
        _estimated(
            "sarima",
            "a seasonal model, a moving average of changes in yearly growth",
            "seasonal model",
            16,
            _modelled(airline),
        ),
    )
}


def _no_forecast(*_: object) -> Array:
    raise ValueError("a stated path is not forecast")


STATED = {
    method.name: method
    for method in (
        Method(FIXED, "a stated level held", "stated level", 0, _no_forecast),
        Method(
            GROWTH,
            "the last four quarters growing by a stated {exports} a year in exports and {imports} in imports",
            "stated growth",
            QUARTERS_A_YEAR,
            _no_forecast,
        ),
        Method(FILE, "a path stated in a file", "stated path", QUARTERS_A_YEAR, _no_forecast),  # a year: today's gap
    )
}
STATED_KEYS = {FIXED: ("exports_usd_mn", "imports_usd_mn"), GROWTH: ("exports", "imports"), FILE: ("path",)}
ESTIMATE_KEYS = ("estimate_to", "imports_estimate_to")
DAMPED_WORDS = ", for two years; after them its growth fades by a tenth a quarter"


def method_of(name: str) -> Method:
    """The method that a baseline names, registered or stated."""
    return STATED[name] if name in STATED else METHODS[name]


def usable(baseline: Baseline, history: pd.DataFrame) -> pd.DataFrame:
    """The quarters of a history that a method can stand on: the estimated ones need trade above zero both ways."""
    return above_zero(history) if method_of(baseline.method).is_estimated else history


def above_zero(history: pd.DataFrame) -> pd.DataFrame:
    """The quarters after the last one without exports or without imports."""
    closed = (history[COLUMNS].to_numpy() <= 0).any(axis=1)
    return history.iloc[closed.nonzero()[0][-1] + 1 :] if closed.any() else history


def estimated_on(baseline: Baseline, history: pd.DataFrame, column: str) -> int:
    """How many quarters of a history the parameters of a flow may be estimated on."""
    own = baseline.imports_estimate_to if column == COLUMNS[1] else None
    until = own if own is not None else baseline.estimate_to
    return len(history) if until is None else int((history.index <= until).sum())


def is_long_enough(baseline: Baseline, history: pd.DataFrame) -> bool:
    """Whether both flows have the quarters that the method needs."""
    known = usable(baseline, history)
    return min(estimated_on(baseline, known, column) for column in COLUMNS) >= baseline.needs


def possible(history: pd.DataFrame, like: Baseline, before_deals: pd.Period | None) -> list[Baseline]:
    """The registered methods that a history is long enough for, estimated on the same quarters as another baseline; if
    that says none, imports on those to `before_deals`."""
    found = []
    for method in METHODS.values():
        until = like.imports_estimate_to if method.is_estimated else None
        given = Baseline(method=method.name, estimate_to=like.estimate_to, imports_estimate_to=until)
        found.append(given.without_deals_after(before_deals, history))
    return [each for each in found if is_long_enough(each, history)]


def forecast(baseline: Baseline, history: pd.DataFrame, first: pd.Period, quarters: int) -> pd.DataFrame:
    """The path without deals: exact Fractions in USD million, columns COLUMNS, a row a quarter from `first`.

    `history` has the same columns on the quarters before `first` (unused by `fixed` and `file`). Raises
    ValueError if it is shorter than the method needs, and for a file without figures of a quarter.
    """
    index = pd.period_range(first, periods=quarters, freq="Q")
    if baseline.is_stated:
        return _stated(baseline, history, index)
    known = usable(baseline, history)
    method, paths = METHODS[baseline.method], {}
    for name in COLUMNS:
        count = estimated_on(baseline, known, name)
        if count < method.needs:
            reason = f"needs {method.needs} quarters of history, there are {count}"
            raise ValueError(f"baseline {baseline.method!r} {reason}")
        (path,) = method.forecast(np.array([[Fraction(value) for value in known[name]]], dtype=object), count)
        paths[name] = _damped(path, quarters) if method.is_estimated else _repeated_year(path, quarters)
    return pd.DataFrame(paths, index=index, dtype=object)


def _damped(path: Array, quarters: int) -> Path:
    """A path of any length to 0.1 USD million: after the last forecast quarter, each quarter is that of the year before
    times the second year's growth over the first, in logs, faded by DAMPING a quarter."""
    logs = list(np.log(path))
    growth = float(np.mean(logs[QUARTERS_A_YEAR:]) - np.mean(logs[:-QUARTERS_A_YEAR]))
    for later in range(1, quarters - HORIZON + 1):
        logs.append(logs[-QUARTERS_A_YEAR] + growth * DAMPING**later)
    return [max(Fraction(f"{math.exp(log):.1f}"), Fraction(SMALLEST_USD_MN)) for log in logs[:quarters]]


def _repeated_year(path: Array, quarters: int) -> Path:
    """A path without growth, of any length."""
    return [Fraction(path[t % QUARTERS_A_YEAR]) for t in range(quarters)]


def _stated(baseline: Baseline, history: pd.DataFrame, index: pd.PeriodIndex) -> pd.DataFrame:
    if baseline.method == FIXED:
        level = {"exports_usd_mn": baseline.exports_usd_mn, "imports_usd_mn": baseline.imports_usd_mn}
        return pd.DataFrame({name: [Fraction(v or 0)] * len(index) for name, v in level.items()}, index, dtype=object)
    if baseline.method == FILE:
        known = {each.quarter: [each.exports, each.imports] for each in baseline.given}
        if missing := [str(quarter) for quarter in index if quarter not in known]:
            raise ValueError(f"the path of {baseline.path} has no figures of {', '.join(missing)}")
        return pd.DataFrame([known[quarter] for quarter in index], index, COLUMNS, dtype=object)
    if len(history) < QUARTERS_A_YEAR:
        raise ValueError(f"baseline 'growth' needs {QUARTERS_A_YEAR} quarters of history, there are {len(history)}")
    paths = {}
    for name, rate in zip(COLUMNS, (baseline.exports, baseline.imports), strict=True):
        year = [Fraction(value) for value in history[name].iloc[-QUARTERS_A_YEAR:]]
        grown = 1 + Fraction(rate or 0)
        paths[name] = [year[t % QUARTERS_A_YEAR] * grown ** (t // QUARTERS_A_YEAR + 1) for t in range(len(index))]
    return pd.DataFrame(paths, index, dtype=object)
