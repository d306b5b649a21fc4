"""What blocks of draws add up to: means and quantiles of the deals and of the gap, kept without the draws."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from . import gap
from .draws import Array, Quantiles, Single
from .gap import Calendar

POINTS = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
TOTALS = ["credited", "delivered", "additional"]


class DealSums:
    """What blocks of the deals' draws add up to."""

    def __init__(self, calendar: Calendar, quantiles: Quantiles | Single):
        self._calendar, self._quantiles = calendar, quantiles
        self.total = 0
        self._rows: Any = 0
        self._steps: Any = 0
        self._on_book: Any = 0
        self._by_component: dict[str, Any] = {}
        self._order_free: dict[str, Any] = {}

    def add(
        self, rows: Array, steps: Array, on_book: Array, by_component: dict[str, Array], order_free: dict[str, Any]
    ) -> None:
        """Add a block: rows of credited, delivered and additional by quarter, steps, and sums by quarter and name."""
        self._quantiles.add(np.column_stack([_quantities(rows, self._calendar), steps]))
        self.total += len(rows)
        self._rows, self._steps = self._rows + rows.sum(axis=0), self._steps + steps.sum(axis=0)
        self._on_book = self._on_book + on_book
        for sums, new in ((self._by_component, by_component), (self._order_free, order_free)):
            sums.update({name: sums.get(name, 0) + amounts for name, amounts in new.items()})

    @property
    def table(self) -> pd.DataFrame:
        """Totals, years and steps, one under the other."""
        means = _quantities((self._rows / self.total)[None, :], self._calendar)[0]
        mean = [*means, *(self._steps / self.total)]
        return pd.DataFrame({"mean": mean} | {name: self._quantiles.at(p) for name, p in POINTS.items()})

    @property
    def steps(self) -> pd.DataFrame:
        table = self.table[-len(gap.STEPS) :].set_axis(gap.STEPS)
        nothing = 0 * self._steps[0]
        return table.assign(order_free=[self._order_free.get(step, nothing) / self.total for step in gap.STEPS])

    @property
    def by_component(self) -> pd.DataFrame:
        columns = ["credited", "delivered", *self._calendar.quarters]
        means = {name: amounts / self.total for name, amounts in self._by_component.items()}
        return pd.DataFrame(means, index=columns).T

    @property
    def on_book(self) -> pd.DataFrame:
        """What the book records as delivered, and of that bought anyway, by quarter (means)."""
        return pd.DataFrame(self._on_book / self.total, self._calendar.quarters, ["recorded", "bought_anyway"])


class GapSums:
    """What blocks of draws of the gap, with and without deals, add up to.

    `median` is the path without deals, the median of exports less that of imports. The draws' own median differs
    from it by sampling and because a difference of medians is not the median of a difference (1 to 2 % after nine to
    ten years); means and points of both gaps are moved by that, so that they stand around the path that is shown.
    Chances (`closed`, `reached`) are of the draws as they fell.
    """

    def __init__(
        self, calendar: Calendar, quantiles: Quantiles | Single, levels: Sequence[float], median: Sequence[Fraction]
    ):
        self._calendar, self._quantiles, self._levels, self._median = calendar, quantiles, levels, median
        self.total, self.closed = 0, 0
        self._rows: Any = 0
        self._reached: Any = 0

    def add(self, without: Array, additional: Array) -> None:
        gaps = without - additional
        both = np.column_stack([gaps, without + 0 * additional, by_year(gaps, self._calendar)])
        self._quantiles.add(both)
        self.total += len(gaps)
        self.closed += int((gaps <= 0).any(axis=1).sum())
        self._rows = self._rows + both.sum(axis=0)
        span = max(gaps.shape[1] - 3, 0)
        four = np.add.reduce([gaps[:, n : n + span] for n in range(4)])
        self._reached = self._reached + np.array([(four <= level).sum(axis=0) for level in self._levels])

    @property
    def _table(self) -> pd.DataFrame:
        columns = {"mean": self._rows / self.total} | {name: self._quantiles.at(p) for name, p in POINTS.items()}
        table = pd.DataFrame(columns)
        horizon = self._calendar.horizon
        drawn = table["p50"][horizon : 2 * horizon]
        path = list(self._median) if drawn.dtype == object else [float(value) for value in self._median]
        moved = (np.array(path) - np.array(drawn))[None, :]
        return table.add(np.concatenate([moved[0], moved[0], by_year(moved, self._calendar)[0]]), axis=0)

    @property
    def with_deals(self) -> pd.DataFrame:
        return self._table[: self._calendar.horizon].set_axis(self._calendar.quarters)

    @property
    def without_deals(self) -> pd.DataFrame:
        horizon = self._calendar.horizon
        return self._table[horizon : 2 * horizon].set_axis(self._calendar.quarters)

    @property
    def by_year(self) -> pd.DataFrame:
        return self._table[2 * self._calendar.horizon :].set_axis(self._calendar.years)

    @property
    def at_or_below(self) -> pd.DataFrame:
        shares = np.asarray(self._reached).T / self.total if len(self._levels) else None
        return pd.DataFrame(shares, index=self._calendar.quarters[3:], columns=list(self._levels))


def _quantities(rows: Array, calendar: Calendar) -> Array:
    """From rows of credited, delivered and additional by quarter: the totals and the years."""
    additional = rows[:, 2:]
    return np.column_stack([rows[:, 0], rows[:, 1], additional.sum(axis=1), by_year(additional, calendar)])


def by_year(quarterly: Array, calendar: Calendar) -> Array:
    """Sums of the quarters of each calendar year: a row a draw, a column a year."""
    return np.column_stack([quarterly[:, calendar.quarters.year == year].sum(axis=1) for year in calendar.years])
