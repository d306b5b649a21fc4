"""Components and a baseline -> draws of the quarterly gap, summed up as they come.

Draws are made and forgotten in blocks, so memory does not grow with their number: what is kept are means and quantiles
of the deals and of the gap. Where every factor is fixed there is one draw, in exact arithmetic, by the same equations.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any, cast

import numpy as np
import pandas as pd

from ..assumptions.credit import Component
from . import gap
from .draws import Array, Exact, Quantiles, RandomBlock, Single, random_blocks, stretch
from .following import Capacities, Plan, Source, Together, groups, plan, stretches
from .gap import Calendar, Trace
from .shapley import Shapley

POINTS = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
TOTALS = ["credited", "delivered", "additional"]
LOOKED_UP = {*gap.NOT_GOODS.values(), "made_elsewhere", "lands_elsewhere", "list_to_paid_price", "bought_anyway"}
PLACES = {step: place for place, step in enumerate(gap.STEPS)}


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

    def add(self, block: "Block") -> None:
        """Add a block's draws."""
        self._quantiles.add(quantities(block.rows, self._calendar), block.steps)
        self.total += len(block.rows)
        self._rows, self._steps = self._rows + block.rows.sum(axis=0), self._steps + block.steps.sum(axis=0)
        self._on_book = self._on_book + block.on_book
        for sums, new in ((self._by_component, block.by_component), (self._order_free, block.order_free)):
            sums.update({name: sums.get(name, 0) + amounts for name, amounts in new.items()})

    def tables(self) -> dict[str, Any]:
        """The deals' part of `Simulated`."""
        quarters, last = self._calendar.quarters, len(gap.STEPS)
        means = quantities((self._rows / self.total)[None, :], self._calendar)[0]
        table = _points([*means, *(self._steps / self.total)], self._quantiles)
        order_free = [self._order_free.get(step, 0 * self._steps[0]) / self.total for step in gap.STEPS]
        by_component = {name: amounts / self.total for name, amounts in self._by_component.items()}
        return {
            "totals": table[: len(TOTALS)].set_axis(TOTALS),
            "by_year": table[len(TOTALS) : -last].set_axis(self._calendar.years),
            "steps": table[-last:].set_axis(gap.STEPS).assign(order_free=order_free),
            "by_component": pd.DataFrame(by_component, index=["credited", "delivered", *quarters, *gap.STEPS]).T,
            "on_book": pd.DataFrame(self._on_book / self.total, quarters, ["recorded", "bought_anyway"]),
        }


class GapSums:
    """What blocks of draws of the gap, with and without deals, add up to.

    `median` is the path without deals, the median of exports less that of imports. The draws' own median differs
    from it by sampling and because a difference of medians is not the median of a difference (1 to 2 % after nine to
    ten years); means and points of both gaps are moved by that, so that they stand around the path that is shown. A
    year's points stand around the sum of its quarters' medians, which is what is shown of the path by year; its mean
    is the sum of its quarters'.
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
        without = np.broadcast_to(without, gaps.shape)
        both = gaps, without, by_year(gaps, self._calendar), by_year(without, self._calendar)
        self._quantiles.add(*both)
        self.total += len(gaps)
        self.closed += int((gaps.min(axis=1) <= 0).sum())
        self._rows = self._rows + np.concatenate([each.sum(axis=0) for each in both])
        four = four_quarters(gaps)
        below = [[np.count_nonzero(quarter <= level) for quarter in four.T] for level in self._levels]
        self._reached = self._reached + np.array(below)

    def tables(self) -> dict[str, Any]:
        """The gap's part of `Simulated`."""
        quarters, horizon = self._calendar.quarters, self._calendar.horizon
        table = _points(self._rows / self.total, self._quantiles)
        drawn, last = table["p50"], 2 * horizon + len(self._calendar.years)
        path = np.array([value if drawn.dtype == object else float(value) for value in self._median])
        moved = path - np.array(drawn[horizon : 2 * horizon])
        moved_years = by_year(path[None, :], self._calendar)[0] - np.array(drawn[last:])
        of_means = np.concatenate([moved, moved, by_year(moved[None, :], self._calendar)[0]])
        of_points = np.concatenate([moved, moved, moved_years])
        table = table[:last].add(pd.DataFrame({"mean": of_means} | dict.fromkeys(POINTS, of_points)))
        shares = np.asarray(self._reached).T / self.total if len(self._levels) else None
        return {
            "gap": table[:horizon].set_axis(quarters),
            "without_deals": table[horizon : 2 * horizon].set_axis(quarters),
            "gap_by_year": table[2 * horizon :].set_axis(self._calendar.years),
            "probability_closed": self.closed / self.total,
            "at_or_below": pd.DataFrame(shares, index=quarters[3:], columns=list(self._levels)),
        }


def _points(means: Any, quantiles: Quantiles | Single) -> pd.DataFrame:
    return pd.DataFrame({"mean": means} | {name: quantiles.at(p) for name, p in POINTS.items()})


def quantities(rows: Array, calendar: Calendar) -> Array:
    """From rows of credited, delivered and additional by quarter: the totals and the years."""
    years = by_year(rows[:, 2:], calendar)
    return np.column_stack([rows[:, 0], rows[:, 1], years.sum(axis=1), years])


def by_year(quarterly: Array, calendar: Calendar) -> Array:
    """Sums of the quarters of each calendar year: a row a draw, a column a year."""
    return np.array([quarterly[:, quarters].sum(axis=1) for quarters in calendar.in_years.values()]).T


def four_quarters(quarterly: Array) -> Array:
    """Sums, of the draws as they fell, of each quarter and the three before it."""
    span = max(quarterly.shape[1] - 3, 0)
    return np.asarray(reduce(add, (quarterly[:, n : n + span] for n in range(4))))


Number = Fraction | float
Paths = Callable[[RandomBlock], Array]  # a block -> the gap without deals, USD million, a row a draw


@dataclass(frozen=True)
class Simulated:
    """What the draws add up to, in USD million; `draws` is 1 where nothing of the deals is uncertain.

    `totals` (rows TOTALS), `by_year` (additional imports of each calendar year), `steps` (the bridge's signed
    steps, rows gap.STEPS), `gap` and `without_deals` (a row a quarter) and `gap_by_year` (with deals, the
    forecast's quarters of each calendar year) have the columns mean, p05, p50, p95;
    `steps` has also order_free, its mean amount whatever the order of the steps. `by_component` has a row a
    component with the means credited, delivered, for each quarter additional, and of each step; `on_book` a row a
    quarter with the means of what the book records as delivered and of that `bought_anyway`. `probability_closed` is
    the share of draws in which some quarter's gap is at or below zero, and `at_or_below` (a row a quarter, a column a
    level) of those in which the four quarters to it add up to no more than the level. `limits` is what limits change;
    `errors` has, by row of `totals` and by year, the standard errors of means that are not the draws' own (see
    `means`, from which `by_component` and `on_book` are where something is drawn).
    """

    draws: int
    totals: pd.DataFrame
    by_year: pd.DataFrame
    gap: pd.DataFrame
    gap_by_year: pd.DataFrame
    without_deals: pd.DataFrame
    steps: pd.DataFrame
    by_component: pd.DataFrame
    on_book: pd.DataFrame
    probability_closed: float
    at_or_below: pd.DataFrame
    limits: "LimitSums | None" = None
    errors: Mapping[str | int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Block:
    """A block's draws: rows of credited, delivered and additional by quarter; steps, a column a step; sums by
    component, by quarter of what the book records and of that bought anyway (where they were asked for) and,
    order-free, by step; and by category the draws in which something of it waits for room."""

    rows: Array
    steps: Array
    by_component: dict[str, Array]
    on_book: Array
    order_free: dict[str, Any]
    crowded: dict[str, Array] = field(default_factory=dict)


def simulate(
    components: Sequence[Component],
    baseline_gap: Sequence[Fraction],
    calendar: Calendar,
    draws: int,
    seed: int,
    *,
    capacities: Capacities | None = None,
    paths: Paths | None = None,
    levels: Sequence[float] = (),
) -> Simulated:
    """Simulate the quarterly gap. The same arguments give the same bytes.

    `baseline_gap` is the gap without deals; `paths` draws it instead, `capacities` limit what a category can
    deliver in a quarter, and `levels` are those of `at_or_below`, in USD million over four quarters.
    """
    exact = is_exact(components)
    of = plan(components, calendar, capacities, object if exact else float)
    deals, limits = DealSums(calendar, Single() if exact else Quantiles()), LimitSums(of)
    gaps = GapSums(calendar, Single() if exact and paths is None else Quantiles(), levels, baseline_gap)
    certain = run_block(of, Exact(), apart=True) if exact else None
    sources: Iterable[Source] = [Exact()] if certain and paths is None else random_blocks(seed, draws)
    for source in sources:
        block = certain or run_block(of, source)
        if not (certain and deals.total):
            deals.add(block)
        if certain is None:
            limits.add(cast(RandomBlock, source), block.crowded)
        without = np.array(baseline_gap, source.dtype)[None, :] if paths is None else paths(cast(RandomBlock, source))
        gaps.add(without, block.rows[:, 2:].astype(without.dtype, copy=False))
    return Simulated(draws=deals.total, **deals.tables(), **gaps.tables(), limits=limits)


def is_exact(components: Iterable[Component]) -> bool:
    """Whether every factor of every included component is fixed, and every coin and mix certain."""
    return all(
        all(assumption.is_fixed for assumption in c.factors.uncertain)
        and (not c.factors.is_coin or {c.factors.conversion.mean, c.factors.late.mean} <= {0, 1})
        and c.mix is None
        and all(hit.is_certain for hit in c.hits)
        for c in components
        if c.included
    )


class LimitSums:
    """What limits change, added up: of the draws in which something waits for room, with limits less without.

    `block` has one row, the sums (None where nothing ever waits), `squares` those of the squares of `quantities`;
    `draws` counts those in which something waits.
    """

    def __init__(self, of: "Plan"):
        self._of = of
        self.block: Block | None = None
        self.squares: Any = 0.0
        self.draws = 0

    def add(self, source: RandomBlock, crowded: Mapping[str, Array]) -> None:
        """Add a block's draws, of which so many of each category are crowded."""
        if not crowded:
            return
        draws = reduce(np.union1d, crowded.values())
        here, some = stretch(source, draws), self._of.only(crowded)
        with_limits, without = _empty(some, here.size), _empty(some, here.size)
        for sharing in some.sharing:
            for at, few in stretches(here, len(sharing[0])):
                for together in groups(replace(some, sharing=(sharing,)), few):
                    _add(with_limits, together, at, None, apart=True)
                    _add(without, together.where(None), at, None, apart=True)
        changed = difference(with_limits, without)
        self.draws += len(draws)
        self.squares = self.squares + (quantities(changed.rows, self._of.calendar) ** 2).sum(axis=0)
        self.block = total([changed] if self.block is None else [self.block, changed])


def difference(one: Block, other: Block) -> Block:
    """What one block's draws have more than another's."""
    by_component = {name: amounts - other.by_component[name] for name, amounts in one.by_component.items()}
    rows, steps, on_book = (getattr(one, of) - getattr(other, of) for of in ("rows", "steps", "on_book"))
    return Block(rows, steps, by_component, on_book, {})


def scaled(block: Block, by: float) -> Block:
    """A block of so many times each of the sums of another."""
    by_component = {name: amounts * by for name, amounts in block.by_component.items()}
    return Block(block.rows * by, block.steps * by, by_component, block.on_book * by, {})


def total(blocks: Sequence[Block]) -> Block:
    """One row, the sum of all rows of some blocks."""
    by_component = dict[str, Any]()
    for block in blocks:
        by_component |= {name: by_component.get(name, 0) + amounts for name, amounts in block.by_component.items()}
    rows, steps = (
        np.add.reduce([getattr(block, of).sum(axis=0, keepdims=True) for block in blocks]) for of in ("rows", "steps")
    )
    return Block(rows, steps, by_component, np.add.reduce([block.on_book for block in blocks]), {})


def run_block(of: Plan, source: Source, *, apart: bool = False, order_free: bool = True) -> Block:
    """Draw and follow every component once for each draw of a block; `apart` asks for sums by component and of what
    the book records too, `order_free` for those of steps in any order."""
    block = _empty(of, source.size)
    for sharing in of.sharing:
        for at, here in stretches(source, len(sharing[0])):
            shapley = Shapley(at.stop - at.start, LOOKED_UP) if order_free else None
            for together in groups(replace(of, sharing=(sharing,)), here):
                _add(block, together, at, shapley, apart=apart)
            if shapley is not None:
                for step, amount in shapley.sums.items():
                    block.order_free[step] += amount
        source.forget_luck()
    for left_out in (component for component in of.components if not component.included):
        value = np.array([left_out.value_usd_mn], of.dtype)[0]
        for step, signed in (("announced", value), ("left_out_by_the_scenario", -value)):
            block.steps[:, PLACES[step]] += signed
            block.order_free[step] += signed * source.size
    in_order = {c.id: block.by_component[c.id] for c in of.components if c.id in block.by_component}
    return replace(block, by_component=in_order)


def _empty(of: Plan, size: int) -> Block:
    """A block of nothing; a quantity's draws stand side by side."""
    zero: Any = np.array([Fraction(0)], of.dtype)[0]

    def zeros(columns: int) -> Array:
        return np.full((columns, size), zero, of.dtype).T

    on_book: Array = np.full((of.calendar.horizon, 2), zero, of.dtype)
    return Block(zeros(2 + of.calendar.horizon), zeros(len(gap.STEPS)), {}, on_book, dict.fromkeys(gap.STEPS, zero))


def _add(block: Block, together: Together, at: slice, shapley: Shapley | None, *, apart: bool) -> None:
    """Add some parts' draws to those of a block at some rows."""
    rows, steps = block.rows[at], block.steps[at]
    rows[:, 2:] += together.additional
    for part, traced in zip(together.parts, together.traces, strict=True):
        rows[:, 0] += traced.credited
        rows[:, 1] += traced.sums["delivered"]
        for step, amounts in traced.steps.items():
            if len(amounts) > 1 or amounts[0]:
                steps[:, PLACES[step]] += amounts
        if shapley is not None:
            shapley.add(traced.value, traced.factors)
            block.order_free["announced"] += _total(traced.value, len(rows))
        if apart:
            recorded = np.broadcast_to(traced.recorded, (len(rows), traced.prospects.horizon))
            found = _by_component(traced, recorded)
            block.by_component[part.of.id] = block.by_component.get(part.of.id, 0) + found
            anyway = recorded * (1 - traced.values.additionality)[:, None]
            block.on_book[:] += np.column_stack([recorded.sum(axis=0), anyway.sum(axis=0)])
    waiting = together.traces[0].prospects.waiting
    if waiting is not None:
        category, crowded = together.parts[0].of.category, block.crowded
        crowded[category] = np.union1d(crowded.get(category, np.zeros(0, int)), waiting.draws + at.start)


def _total(amounts: Array, draws: int) -> Any:
    return amounts.sum() * (draws if len(amounts) == 1 else 1)


def _by_component(traced: Trace, recorded: Array) -> Array:
    """A component's sums over some draws: credited, delivered, additional by quarter, and each step."""
    draws, additional = len(recorded), (recorded * traced.values.additionality[:, None]).sum(axis=0)
    steps = [_total(traced.steps.get(step, 0 * traced.value[:1]), draws) for step in gap.STEPS]
    totals = [_total(of, draws) for of in (traced.credited, traced.sums["delivered"])]
    return np.concatenate([np.array(totals, additional.dtype), additional, np.array(steps, additional.dtype)])
