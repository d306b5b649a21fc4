"""What a scenario's tariff steps do to trade without the deals: to its path, to its draws, and by year.

One unknown is drawn once: a draw has one elasticity of exports, one of imports (from the same evidence), and one share
for all steps that go by it. The path is that at the median of each, times the chance that the steps come about.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from ..assumptions import tariff
from ..assumptions.baseline import COLUMNS
from ..assumptions.distributions import Assumption
from ..assumptions.methods import QUARTERS_A_YEAR
from ..assumptions.nowcast import Nowcast
from ..assumptions.tariff import Burden, Tariff, Value
from ..facts.known import Known
from ..facts.trade import with_gap
from .draws import Array, Quantiles, RandomBlock
from .following import tariff_comes
from .gap import Calendar
from .simulation import by_year

A_YEAR = "a_year"
POINTS = {"p05": 0.05, "p50": 0.5, "p95": 0.95}


@dataclass(frozen=True)
class Effect:
    """Tariff steps and what they lay on exports and imports, in the order of COLUMNS."""

    duty: Tariff
    burdens: tuple[Burden | None, Burden | None]

    @property
    def moves(self) -> bool:
        """Whether any quarter differs from what the baseline's window bears."""
        return any((np.abs(of.at(_median)) > 1e-12).any() for of in self.burdens if of is not None)

    def on_path(self, path: pd.DataFrame) -> pd.DataFrame:
        """The path without deals with the steps in it, as far as they are likely, and its gap."""
        chance = self.duty.takes_effect.mean
        moved = {}
        for column, factor in zip(COLUMNS, self._factors(_median), strict=True):
            expected = [1 + chance * (Fraction(float(by)) - 1) for by in np.broadcast_to(factor, (1, len(path)))[0]]
            moved[column] = [Fraction(value) * by for value, by in zip(path[column], expected, strict=True)]
        return with_gap(path.assign(**moved))

    def factors(self, block: RandomBlock) -> tuple[Array, Array]:
        """What exports and imports are multiplied by, a row a draw, a column a quarter: 1 where no step comes."""

        def owned(assumption: Assumption, owner: str) -> Array:
            return block.value(assumption, owner=owner)

        comes = tariff_comes(self.duty, block)[:, None] > 0
        found = [np.where(comes, factor, 1.0) for factor in self._factors(owned)]
        exports, imports = (np.broadcast_to(factor, (block.size, factor.shape[1])) for factor in found)
        return exports, imports

    def _factors(self, value: Value) -> list[Array]:
        return [
            np.ones((1, 1)) if of is None else np.exp(-value(self.duty.elasticity, column)[:, None] * of.at(value))
            for column, of in zip(COLUMNS, self.burdens, strict=True)
        ]


def _median(assumption: Assumption, _: str) -> Array:
    return np.array([float(assumption.quantile(0.5))])


def effect(duty: Tariff | None, calendar: Calendar, known: Known, running: Nowcast | None) -> Effect | None:
    """What the steps do in the forecast quarters; None without any.

    The months of a running quarter were traded under the tariffs of their time: its nowcast is left as it is, and is
    one of the four quarters that later ones are compared with.
    """
    if duty is None:
        return None
    reference = pd.period_range(end=known.first if running else known.first - 1, periods=QUARTERS_A_YEAR, freq="Q")
    traded = calendar.quarters == (known.first if running else None)
    exports, imports = (
        found and replace(found, phased=np.where(traded, 0.0, found.phased))
        for found in (of(duty, calendar.quarters, reference) for of in (tariff.burden, tariff.burden_of_imports))
    )
    return Effect(duty, (exports, imports))


def moved(
    of: Effect, untaxed: pd.DataFrame, calendar: Calendar, blocks: Iterable[RandomBlock]
) -> dict[str, pd.DataFrame]:
    """What the steps add to exports, imports and the gap of the path without deals, in USD million.

    By name of the flow: a row a calendar year and one, A_YEAR, of the horizon's mean year; the columns mean and POINTS,
    over the draws of what is unknown of the steps.
    """
    levels = untaxed[COLUMNS].to_numpy().astype(float).T
    quantiles, sums, total = Quantiles(), np.zeros(1), 0
    for block in blocks:
        exports, imports = (level * (by - 1) for level, by in zip(levels, of.factors(block), strict=True))
        rows = [_years(each, calendar) for each in (exports, imports, exports - imports)]
        both = np.hstack(rows)
        quantiles.add(both)
        sums, total = sums + both.sum(axis=0), total + len(both)
    table = pd.DataFrame({"mean": sums / total} | {name: quantiles.at(p) for name, p in POINTS.items()})
    labels = [*calendar.years, A_YEAR]
    parts = np.split(np.arange(len(table)), 3)
    return {
        name: table.iloc[at].set_axis(labels) for name, at in zip(("exports", "imports", "gap"), parts, strict=True)
    }


def _years(quarterly: Array, calendar: Calendar) -> Array:
    mean = quarterly.sum(axis=1) * QUARTERS_A_YEAR / calendar.horizon
    return np.column_stack([by_year(quarterly, calendar), mean])
