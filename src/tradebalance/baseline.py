"""Trade without the deals: the quarterly exports and imports that a scenario starts from.

Each method is a function from a history to a path; the table METHODS is where a new one goes.
The methods here give one central path without error bands, in exact arithmetic.

Source of the definitions: Hyndman and Athanasopoulos, Forecasting: Principles and Practice
(3rd ed.), section 5.2, "Some simple forecasting methods".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

QUARTERS_A_YEAR = 4
COLUMNS = ["exports_usd_mn", "imports_usd_mn"]


@dataclass(frozen=True)
class Baseline:
    """A method's name and, for `fixed` only, the exports and imports of every quarter in USD million."""

    method: str
    exports_usd_mn: Decimal | None = None
    imports_usd_mn: Decimal | None = None

    @property
    def words(self) -> str:
        """What the method does, in a clause for a page."""
        return WORDS[self.method]


Path = list[Fraction]


def _naive(history: Sequence[Fraction], quarters: int) -> Path:
    return [history[-1]] * quarters


def _hold(history: Sequence[Fraction], quarters: int) -> Path:
    return [sum(history[-QUARTERS_A_YEAR:]) / Fraction(QUARTERS_A_YEAR)] * quarters


def _seasonal_naive(history: Sequence[Fraction], quarters: int) -> Path:
    return [history[-QUARTERS_A_YEAR + t % QUARTERS_A_YEAR] for t in range(quarters)]


def _seasonal_naive_drift(history: Sequence[Fraction], quarters: int) -> Path:
    """The same quarter of the last year, plus the mean change over a year for each year ahead."""
    changes = [now - before for before, now in zip(history, history[QUARTERS_A_YEAR:], strict=False)]
    drift = sum(changes) / Fraction(len(changes))
    return [value + drift * (t // QUARTERS_A_YEAR + 1) for t, value in enumerate(_seasonal_naive(history, quarters))]


METHODS: dict[str, Callable[[Sequence[Fraction], int], Path]] = {
    "naive": _naive,
    "hold": _hold,
    "seasonal_naive": _seasonal_naive,
    "seasonal_naive_drift": _seasonal_naive_drift,
}
WORDS = {
    "naive": "the last quarter repeated",
    "hold": "the mean of the last four quarters held",
    "seasonal_naive": "the same quarter of the last year repeated",
    "seasonal_naive_drift": "the same quarter of the last year, moved by the mean yearly change of the whole record",
    "fixed": "a stated level held",
}
NEEDED_QUARTERS = {"naive": 1, "hold": 4, "seasonal_naive": 4, "seasonal_naive_drift": 5, "fixed": 0}


def forecast(baseline: Baseline, history: pd.DataFrame, first: pd.Period, quarters: int) -> pd.DataFrame:
    """The path without deals: exact Fractions in USD million, columns COLUMNS, a row a quarter from `first`.

    `history` has the same columns on the quarters before `first` (unused by `fixed`). Raises
    ValueError if it is shorter than the method needs.
    """
    index = pd.period_range(first, periods=quarters, freq="Q")
    if len(history) < NEEDED_QUARTERS[baseline.method]:
        needed = NEEDED_QUARTERS[baseline.method]
        raise ValueError(f"baseline {baseline.method!r} needs {needed} quarters of history, there are {len(history)}")
    if baseline.method == "fixed":
        level = {"exports_usd_mn": baseline.exports_usd_mn, "imports_usd_mn": baseline.imports_usd_mn}
        paths = {name: [Fraction(value or 0)] * quarters for name, value in level.items()}
    else:
        method = METHODS[baseline.method]
        paths = {name: method([Fraction(v) for v in history[name]], quarters) for name in COLUMNS}
    return pd.DataFrame(paths, index=index, dtype=object)
