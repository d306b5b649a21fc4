"""Components and a baseline -> draws of the quarterly gap, summed up as they come.

Draws are made and forgotten in blocks, so memory does not grow with their number: what is kept are means and quantiles
of the deals and of the gap. Where every factor is fixed there is one draw, in exact arithmetic, by the same equations.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import chain, groupby
from operator import or_
from typing import Any, cast

import numpy as np
import pandas as pd

from ..assumptions import delivery
from ..assumptions.credit import Component
from ..assumptions.tariff import Tariff
from ..words.terms import Category
from . import gap
from .draws import Array, Cases, Common, Exact, Points, Quantiles, RandomBlock, Single, Some, random_blocks
from .gap import SPELL, Calendar, Course, Credited, Spell, Trace, Values

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

    def add(self, block: "Block") -> None:
        """Add a block's draws."""
        self._quantiles.add(np.column_stack([quantities(block.rows, self._calendar), block.steps]))
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
        without = without + 0 * additional
        both = np.column_stack([gaps, without, by_year(gaps, self._calendar), by_year(without, self._calendar)])
        self._quantiles.add(both)
        self.total += len(gaps)
        self.closed += int((gaps <= 0).any(axis=1).sum())
        self._rows = self._rows + both.sum(axis=0)
        four = four_quarters(gaps)
        self._reached = self._reached + np.array([(four <= level).sum(axis=0) for level in self._levels])

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
    additional = rows[:, 2:]
    return np.column_stack([rows[:, 0], rows[:, 1], additional.sum(axis=1), by_year(additional, calendar)])


def by_year(quarterly: Array, calendar: Calendar) -> Array:
    """Sums of the quarters of each calendar year: a row a draw, a column a year."""
    return np.column_stack([quarterly[:, calendar.quarters.year == year].sum(axis=1) for year in calendar.years])


def four_quarters(quarterly: Array) -> Array:
    """Sums, of the draws as they fell, of each quarter and the three before it."""
    span = max(quarterly.shape[1] - 3, 0)
    return np.asarray(np.add.reduce([quarterly[:, n : n + span] for n in range(4)]))


Number = Fraction | float
Source = Exact | RandomBlock | Points | Cases
Paths = Callable[[RandomBlock], Array]  # a block -> the gap without deals, USD million, a row a draw
Capacities = Mapping[str, Sequence[Fraction]]
SHARED = [
    "goods", "landed", "price", "hazard", "escalation", "firm", "exercise", "capture", "valuation", "additionality",
]  # fmt: skip


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
    level) of those in which the four quarters to it add up to no more than the level. `crowded` has, for each block,
    the draws in which something waits for room; `errors`, by row of `totals` and by year, the standard errors of means
    that are not the draws' own (see `means`).
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
    crowded: tuple[Array, ...] = ()
    errors: Mapping[str | int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Block:
    """A block's draws: rows of credited, delivered and additional by quarter; steps, a column a step; sums by
    component, by quarter of what the book records and of that bought anyway and, order-free, by step; and in which
    draws something waits for room."""

    rows: Array
    steps: Array
    by_component: dict[str, Array]
    on_book: Any
    order_free: dict[str, Any]
    crowded: Array | bool = False


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
    deals = DealSums(calendar, Single() if exact else Quantiles())
    gaps = GapSums(calendar, Single() if exact and paths is None else Quantiles(), levels, baseline_gap)
    certain = run_block(components, Exact(), calendar, capacities) if exact else None
    crowded = []
    sources: Iterable[Source] = [Exact()] if certain and paths is None else random_blocks(seed, draws)
    for source in sources:
        block = certain or run_block(components, source, calendar, capacities)
        if not (certain and deals.total):
            deals.add(block)
            crowded.append(np.flatnonzero(block.crowded))
        without = np.array(baseline_gap, source.dtype)[None, :] if paths is None else paths(cast(RandomBlock, source))
        gaps.add(without, block.rows[:, 2:] if without.dtype == object else block.rows[:, 2:].astype(float))
    return Simulated(draws=deals.total, **deals.tables(), **gaps.tables(), crowded=tuple(crowded))


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


def run_block(
    components: Iterable[Component], source: Source, calendar: Calendar, capacities: Capacities | None = None
) -> Block:
    """Draw and trace every component once for each draw of a block."""
    zero: Array = np.array([Fraction(0)], source.dtype)
    rows = np.repeat(zero[None, :], source.size, axis=0).repeat(2 + calendar.horizon, axis=1)
    steps = dict.fromkeys(gap.STEPS, np.repeat(zero, source.size))
    by_component: dict[str, Array] = {}
    on_book = np.repeat(zero, 2 * calendar.horizon).reshape(-1, 2)
    order_free: dict[str, Any] = {}
    crowded: Array | bool = False
    components = list(components)
    for component, traced in traces(components, source, calendar, capacities):
        mine = np.column_stack([traced.credited, traced.delivered.sum(axis=1), traced.additional])
        rows = rows + mine
        by_step: Array = np.array([np.sum(traced.steps.get(step, zero)) for step in gap.STEPS], source.dtype)
        by_component[component.id] = np.concatenate([mine.sum(axis=0), by_step])
        crowded = crowded | traced.crowded
        on_book = on_book + np.column_stack([traced.recorded.sum(axis=0), traced.bought_anyway.sum(axis=0)])
        steps = {step: amounts + traced.steps.get(step, 0) for step, amounts in steps.items()}
        if not isinstance(source, Cases | Some):  # no part of a mean
            for step, amounts in gap.order_free(traced.value, traced.factors).items():
                order_free[step] = order_free.get(step, 0) + amounts.sum()
        order_free["announced"] = order_free.get("announced", 0) + traced.value.sum()
    for left_out in (component for component in components if not component.included):
        value = np.array([left_out.value_usd_mn], source.dtype)[0]
        for step, signed in (("announced", value), ("left_out_by_the_scenario", -value)):
            steps[step] = steps[step] + signed
            order_free[step] = order_free.get(step, 0) + signed * source.size
    in_order = {c.id: by_component[c.id] for c in components if c.included}
    return Block(rows, np.column_stack([steps[step] for step in gap.STEPS]), in_order, on_book, order_free, crowded)


def traces(
    components: Iterable[Component], source: Source, calendar: Calendar, capacities: Capacities | None = None
) -> Iterator[tuple[Component, Trace]]:
    """Every included component with what becomes of it, a category at a time, as one limits it."""
    included = sorted((c for c in components if c.included), key=lambda c: (c.category, c.id))
    for category, group in groupby(included, key=lambda c: c.category):
        deals = list(group)
        yield from zip(deals, trace(deals, source, calendar, (capacities or {}).get(category)), strict=True)


def trace(
    deals: Sequence[Component], source: Source, calendar: Calendar, capacity: Sequence[Fraction] | None = None
) -> list[Trace]:
    """The components of one category, their values drawn from a source and followed through the equations."""
    values = [_values(component, source, calendar) for component in deals]
    years = [calendar.first.year - component.priced_in if component.priced_in else 0 for component in deals]
    credited = [gap.credit(v, _not_goods(c), y) for c, v, y in zip(deals, values, years, strict=True)]
    room: Array | None = None if capacity is None else np.array(capacity, source.dtype)
    struck = [spared(component, source, calendar) if component.hits else None for component in deals]
    courses, crowded = _courses(deals, values, credited, struck, calendar, room)
    risen = (gap.prices(of.escalation, calendar) for of in values)
    return [
        Trace(of, each, course, prices, component.factors.lag, _not_goods(component), crowded)
        for component, of, each, course, prices in zip(deals, values, credited, courses, risen, strict=True)
    ]


def _courses(
    deals: Sequence[Component],
    values: Sequence[Values],
    credited: Sequence[Credited],
    struck: Sequence[Array | None],
    calendar: Calendar,
    room: Array | None,
) -> tuple[list[list[Course]], Array | bool]:
    """How each spell's amount of each component goes on, where all of them share a category's room, and in which draws
    something waits for it.

    `struck` is what events leave of each component, None of one that none strikes.
    """
    due = [[_due(c, of, spell, calendar) for spell in of.spells] for c, of in zip(deals, values, strict=True)]
    alive = [[gap.survival(of.hazard, calendar.horizon + 1, spell.since) for spell in of.spells] for of in values]
    kept = [of if left is None else [each * left for each in of] for of, left in zip(alive, struck, strict=True)]
    amounts = [amount for each in credited for amount in each.to_come]
    wanted = [amount[:, None] * one.within for amount, one in zip(amounts, chain(*due), strict=True)]
    leaving, waiting = delivery.within_capacity(wanted, list(chain(*kept)), room)
    late = (of != all_due for of, all_due in zip(leaving, wanted, strict=True))
    crowded = leaving is not wanted and reduce(or_, late).any(axis=1)
    flows = iter(zip(leaving, waiting, strict=True))
    courses = [
        [Course(*each, *next(flows)) for each in zip(*spells, strict=True)]
        for spells in zip(due, alive, kept, strict=True)
    ]
    return courses, crowded


def spared(component: Component, source: Source, calendar: Calendar) -> Array:
    """What the events that strike a component leave of it by each quarter and at the end: shares, a row a draw."""
    one: Array = np.array([Fraction(1)], source.dtype)
    left = np.repeat(np.repeat(one[None, :], source.size, axis=0), calendar.horizon + 1, axis=1)
    for hit in component.hits:
        happens = source.coin(f"event {hit.name}", np.repeat(np.array([hit.chance], source.dtype), source.size))
        if hit.duty is not None:
            comes = tariff_comes(hit.duty, source)
            happens = happens * ((1 - comes) if hit.unless else comes)
        lost = happens * np.array([hit.cancels], source.dtype)
        left[:, hit.at :] = left[:, hit.at :] * (1 - lost)[:, None]
    return left


def tariff_comes(duty: Tariff, source: Source) -> Array:
    """1 in the draws in which a scenario's tariff comes about, else 0."""
    return source.coin("tariff", source.value(duty.takes_effect))


def _not_goods(component: Component) -> str:
    """The step of the bridge for what of a component is no goods from the partner."""
    category = Category(component.category) if component.leaf.is_goods else Category.SERVICES
    return gap.NOT_GOODS.get(category, "made_elsewhere")


def _values(component: Component, source: Source, calendar: Calendar) -> Values:
    factors = component.factors
    value = np.full(source.size, np.array([component.value_usd_mn], source.dtype)[0])
    if component.mix is not None:
        drawn = source.share(component.mix, factors.concentration, component.category)
        value = value * drawn / np.array([component.mix.shares[component.category]], source.dtype)[0]
    if isinstance(source, Cases):
        value = value * source.weights  # without limits all that follows rises with it in proportion: sums are means
    return Values(
        value=value,
        spells=spells(component, source, calendar.spells),
        arrived=np.array([component.arrived], source.dtype)[0] + source.value(factors.arrived),
        slip=source.value(factors.slip, Common(f"seller {component.category}", factors.seller), component.id),
        **{name: source.value(getattr(factors, name)) for name in SHARED},
    )


def spells(component: Component, source: Source, count: int) -> tuple[Spell, ...]:
    """What part of a component becomes binding in which of `count` spells: all or nothing of a deal, in one of them.

    In the first by `conversion`, given its age; in each later one by `late`, of what is not binding by then.
    """
    factors, leaf = component.factors, component.leaf
    now = np.zeros(1, int)  # for all draws alike
    first, late = _first_spell(component, source), source.value(factors.late)
    if factors.late.is_fixed and not factors.late.mean:
        return (Spell(first, now),)
    if isinstance(source, Cases) or (factors.is_coin and isinstance(source, RandomBlock)):
        waits = np.where(first > 0, 0, source.wait(leaf.id, late))
        return (Spell((waits < count).astype(float), np.where(waits < count, waits, 0).astype(int) * SPELL),)
    left, found = 1 - first, [Spell(first, now)]
    for spell in range(1, count):
        found.append(Spell(left * late, now + spell * SPELL))
        left = left * (1 - late)
    return tuple(found)


def _first_spell(component: Component, source: Source) -> Array:
    factors, leaf = component.factors, component.leaf
    political = Common("political", factors.political)
    aged = factors.conversion.aged(factors.age_months)
    if factors.is_coin:
        return source.coin(leaf.id, source.value(aged), political)
    # a tranche's unnamed rest becomes binding in one fraction, whatever its categories
    return source.value(aged, political)


def _due(component: Component, values: Values, spell: Spell, calendar: Calendar) -> delivery.Due:
    first, shares = calendar.weights(component.schedule)
    late = values.slip.astype(int) + spell.since
    return delivery.due(np.array(shares, values.value.dtype), first, calendar.horizon, late)
