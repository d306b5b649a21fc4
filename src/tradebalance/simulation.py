"""Components and a baseline -> draws of the quarterly gap, summed up as they come.

Draws are made and forgotten in blocks, so memory does not grow with their number. Where every
factor is fixed there is one draw, in exact arithmetic, through the same equations.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from . import gap
from .credit import Component
from .draws import Array, Exact, Quantiles, RandomBlock, Single, random_blocks
from .gap import Calendar, Trace, Values

Number = Fraction | float
POINTS = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
OWN_FACTORS = ["goods", "landed", "price", "hazard", "capture", "valuation", "additionality"]
TOTALS = ["credited", "delivered", "additional"]


@dataclass(frozen=True)
class Simulated:
    """What the draws add up to, in USD million; `draws` is 1 where nothing is uncertain.

    `totals` (rows TOTALS), `by_year` (additional imports of each calendar year) and `gap` (a row a
    quarter) have the columns mean, p05, p50, p95. `steps` are the bridge's signed means.
    `by_component` has a row a component with the means credited, delivered and, for each quarter,
    additional.
    """

    draws: int
    totals: pd.DataFrame
    by_year: pd.DataFrame
    gap: pd.DataFrame
    steps: dict[str, Number]
    by_component: pd.DataFrame
    probability_closed: float


@dataclass(frozen=True)
class Block:
    """A block's draws: a row a draw, and its sums by component; columns credited, delivered, additional by quarter."""

    rows: Array
    by_component: dict[str, Array]
    steps: Counter[str]


def simulate(
    components: Sequence[Component], baseline_gap: Sequence[Fraction], calendar: Calendar, draws: int, seed: int
) -> Simulated:
    """Simulate the quarterly gap. The same arguments give the same bytes."""
    exact = is_exact(components)
    sources: Iterable[Exact | RandomBlock] = [Exact()] if exact else random_blocks(seed, draws)
    quantiles = Single() if exact else Quantiles()
    total, closed = 0, 0
    rows: Any = 0
    sums: dict[str, Any] = {}
    steps: Counter[str] = Counter()
    for source in sources:
        block = run_block(components, source, calendar)
        quantities = _quantities(block.rows, source.numbers(baseline_gap), calendar)
        quantiles.add(quantities)
        closed += int((quantities[:, -calendar.horizon :] <= 0).any(axis=1).sum())
        total += source.size
        rows = rows + block.rows.sum(axis=0)
        sums = {name: sums.get(name, 0) + amounts for name, amounts in block.by_component.items()}
        steps.update(block.steps)
    mean = _quantities((rows / total)[None, :], source.numbers(baseline_gap), calendar)[0]
    table = pd.DataFrame({"mean": mean} | {name: quantiles.at(point) for name, point in POINTS.items()})
    columns = ["credited", "delivered", *calendar.quarters]
    return Simulated(
        draws=total,
        totals=table[: len(TOTALS)].set_axis(TOTALS),
        by_year=table[len(TOTALS) : -calendar.horizon].set_axis(calendar.years),
        gap=table[-calendar.horizon :].set_axis(calendar.quarters),
        steps={step: amount / total for step, amount in steps.items()},
        by_component=pd.DataFrame({name: amounts / total for name, amounts in sums.items()}, index=columns).T,
        probability_closed=closed / total,
    )


def is_exact(components: Iterable[Component]) -> bool:
    """Whether every factor of every included component is fixed, and every coin certain."""
    return all(
        all(assumption.is_fixed for assumption in c.factors.uncertain)
        and (not c.factors.is_coin or c.factors.conversion.mean in (0, 1))
        for c in components
        if c.included
    )


def run_block(components: Iterable[Component], source: Exact | RandomBlock, calendar: Calendar) -> Block:
    """Draw and trace every component once for each draw of a block."""
    zero = source.numbers([Fraction(0)])
    rows = np.repeat(zero[None, :], source.size, axis=0).repeat(2 + calendar.horizon, axis=1)
    sums: dict[str, Array] = {}
    steps: Counter[str] = Counter(dict.fromkeys(gap.STEPS, zero[0]))
    for component in components:
        if component.included:
            traced = trace(component, source, calendar)
            mine = np.column_stack([traced.credited, traced.delivered.sum(axis=1), traced.additional])
            rows = rows + mine
            sums[component.id] = mine.sum(axis=0)
            steps.update({step: amounts.sum() for step, amounts in traced.steps.items()})
        else:
            value = source.numbers([component.value_usd_mn])[0] * source.size
            steps.update({"announced": value, "left_out_by_the_scenario": -value})
    return Block(rows, sums, steps)


def trace(component: Component, source: Exact | RandomBlock, calendar: Calendar) -> Trace:
    """One component's values drawn from a source and followed through the equations."""
    factors = component.factors
    # a tranche's unnamed rest becomes binding in one fraction, whatever its categories; a named deal by its own coin
    conversion = source.value(factors.conversion, component.leaf.id)
    own = {name: source.value(getattr(factors, name), component.id) for name in OWN_FACTORS}
    binding = source.coin(component.leaf.id, conversion) if factors.is_coin else conversion
    values = Values(conversion=binding, **own)
    before, shares = calendar.weights(component.schedule)
    value, due_before, *due = source.numbers([component.value_usd_mn, before, *shares])
    return gap.trace_component(value, values, due_before, due, calendar, factors.lag)


def _quantities(rows: Array, baseline_gap: Array, calendar: Calendar) -> Array:
    """From rows of credited, delivered and additional by quarter: the totals, the years and the gap by quarter."""
    additional = rows[:, 2:]
    by_year = [additional[:, calendar.quarters.year == year].sum(axis=1) for year in calendar.years]
    totals = [rows[:, 0], rows[:, 1], additional.sum(axis=1)]
    return np.column_stack([*totals, *by_year, baseline_gap[None, :] - additional])
