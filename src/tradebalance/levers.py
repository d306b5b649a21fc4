"""The levers of a goal: how far each alone has to be moved, by bisection on the same draws.

Without capacity every draw rises with a lever, so the part of the draws that reaches the goal does. With capacity,
deals of a category share its room, and a draw may fall by what one deal gives up to another that is less additional:
what is found then still reaches the goal, and the step below it does not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd

from . import gap, simulation
from .answer import Model
from .credit import Component
from .delivery import schedule
from .draws import Array, Raised, random_blocks
from .scenario import MOST_QUARTERS

Name = Literal["announced_total", "conversion", "speed", "additionality"]
SECTIONS: dict[Name, tuple[str, ...]] = {
    "conversion": ("conversion", "remainder_fraction"),
    "additionality": ("additionality",),
}
TOLERANCE = 0.001  # of what is found; a thousandth is far below what any lever is known to
WHOLE = 1e12  # a multiple that takes every share a draw can have to 1
MOST_TIMES = 2.0**20  # a million times the announced sum; more than the world trades


@dataclass(frozen=True)
class Goal:
    """A share of today's gap, the quarter to reach it by, and the part of the draws in which it has to be reached."""

    share: float
    by: pd.Period
    confidence: float


@dataclass(frozen=True)
class Lever:
    """What one lever alone would have to be.

    `as_it_is` and `needed` (None: not feasible) are in `unit`, `times` is the multiple of what the scenario has where
    the lever is one; `probability` and `share` (the share of the gap
    reached with the wanted confidence) hold at `needed`, or at the lever's end where that is not enough.
    """

    name: Name
    as_it_is: float
    needed: float | None
    unit: str
    probability: float
    share: float
    times: float | None = None

    @property
    def feasible(self) -> bool:
        return self.needed is not None


@dataclass(frozen=True)
class Trial:
    """The model up to the goal's quarter, and what its draws say of the goal."""

    of: Model
    goal: Goal
    draws: int

    @property
    def quarters(self) -> int:
        return self.of.calendar.horizon

    def rates(self, components: Sequence[Component], sections: Sequence[str] = (), times: float = 1.0) -> Array:
        """The share of the gap closed by the quarter, a value a draw, with some sections' shares raised."""
        found: Array = np.add.reduce([np.zeros(self.draws), *self.apart(components, sections, times).values()])
        return found

    def apart(self, components: Sequence[Component], sections: Sequence[str], times: float) -> dict[str, Array]:
        """As `rates`, by component."""
        today, found = float(self.of.gap_last_four), []
        for source in self.sources(sections, times):
            traces = simulation.traces(components, source, self.of.calendar, self.of.capacities)
            sums = {c.id: traced.additional.sum(axis=1) for c, traced in traces}
            found.append({name: gap.annual_rate(total, self.quarters, today) for name, total in sums.items()})
        return {name: np.concatenate([block[name] for block in found]) for name in found[0]}

    def sources(self, sections: Sequence[str], times: float) -> Iterator[Raised]:
        for block in random_blocks(self.of.inputs.scenario.seed, self.draws):
            yield Raised(block.seed, block.block, block.size, sections=tuple(sections), times=times)

    def probability(self, rates: Array) -> float:
        return float((rates >= self.goal.share).mean())

    def meets(self, rates: Array) -> bool:
        return self.probability(rates) >= self.goal.confidence

    def share(self, rates: Array) -> float:
        """The largest share that the wanted part of the draws reaches."""
        allowed = len(rates) - int(np.ceil(self.goal.confidence * len(rates) - 1e-9))
        return float(np.sort(rates)[min(allowed, len(rates) - 1)])


def announced_total(trial: Trial, base: Array) -> Lever:
    """All values in proportion. Without capacity the equations are linear in them."""

    def rates(times: float) -> Array:
        if not trial.of.capacities:
            return times * base
        return trial.rates([replace(c, value_usd_mn=c.value_usd_mn * Fraction(times)) for c in trial.of.components])

    announced = float(trial.of.inputs.known.announced)
    return _lever(trial, "announced_total", rates, MOST_TIMES, lambda times: times * announced, "USD million announced")


def raised(trial: Trial, name: Name) -> Lever:
    """All shares of a kind in proportion, each to at most 1. Without capacity the equations are linear in them."""
    sections, components = SECTIONS[name], trial.of.components
    whole = {} if trial.of.capacities else trial.apart(components, sections, WHOLE)

    def rates(times: float) -> Array:
        if trial.of.capacities:
            return trial.rates(components, sections, times)
        parts = [whole[c.id] * _share(trial, c, name, times) for c in components]
        found: Array = np.add.reduce([np.zeros(trial.draws), *parts])
        return found

    def mean(times: float) -> float:
        weights = [float(c.value_usd_mn * c.factors.goods.mean) for c in components]
        means = [float(_share(trial, c, name, times).mean()) for c in components]
        return sum(w * m for w, m in zip(weights, means, strict=True)) / sum(weights) if weights else 0.0

    return _lever(trial, name, rates, WHOLE, mean, "mean share, weighted by the announced value of goods")


def _share(trial: Trial, component: Component, name: Name, times: float) -> Array:
    """What part of a component becomes binding, or is additional, in each draw."""
    sources = trial.sources(SECTIONS[name], times)
    if name == "conversion":
        return np.concatenate([simulation.binding(component, source) for source in sources])
    return np.concatenate([source.value(component.factors.additionality, component.id) for source in sources])


def _found(
    trial: Trial,
    name: Name,
    as_it_is: float,
    needed: float | None,
    unit: str,
    rates: Array,
    times: float | None = None,
) -> Lever:
    return Lever(name, as_it_is, needed, unit, trial.probability(rates), trial.share(rates), times)


def _lever(
    trial: Trial, name: Name, rates: Callable[[float], Array], end: float, level: Callable[[float], float], unit: str
) -> Lever:
    """The least multiple that meets the goal, by bisection from 0 to `end`."""
    at_end = rates(end)
    if not trial.meets(at_end):
        return _found(trial, name, level(1.0), None, unit, at_end)
    nothing = rates(0.0)
    if trial.meets(nothing):  # the lever does not act
        return _found(trial, name, level(1.0), level(0.0), unit, nothing, 0.0)
    low, high, met = 0.0, 1.0, rates(1.0)
    while not trial.meets(met):
        low, high = high, min(2 * high, end)
        met = rates(high)
    while high - low > TOLERANCE * high:
        middle = (low + high) / 2
        tried = rates(middle)
        if trial.meets(tried):
            high, met = middle, tried
        else:
            low = middle
    return _found(trial, name, level(1.0), level(high), unit, met, high)


def speed(trial: Trial, base: Array) -> Lever:
    """A shorter window where all deals start now; else all windows earlier, though not before the forecast."""
    plan = trial.of.inputs.scenario.delivery.schedule()
    if plan.start == "now" and not plan.pace.milestones:
        unit, as_it_is, quickest, slowest, move = (
            "quarters of the window",
            plan.pace.quarters,
            1,
            MOST_QUARTERS,
            _within,
        )
    else:
        due = [(quarter - trial.of.calendar.first).n for c in trial.of.components for quarter in c.schedule]
        unit, as_it_is, quickest, slowest, move = "quarters earlier", 0, max([*due, 0]), 0, _earlier

    def rates(quarters: int) -> Array:
        return base if quarters == as_it_is else trial.rates([move(trial, c, quarters) for c in trial.of.components])

    met = rates(quickest)
    if not trial.meets(met):
        return _found(trial, "speed", as_it_is, None, unit, met)
    step = 1 if slowest > quickest else -1
    enough, too_slow = (as_it_is, slowest + step) if trial.meets(base) else (quickest, as_it_is)
    met = base if enough == as_it_is else met
    while abs(too_slow - enough) > 1:
        middle = (enough + too_slow) // 2
        tried = rates(middle)
        if trial.meets(tried):
            enough, met = middle, tried
        else:
            too_slow = middle
    return _found(trial, "speed", as_it_is, enough, unit, met)


def _within(trial: Trial, component: Component, quarters: int) -> Component:
    """The component's window shortened in proportion as the general one comes down to `quarters`."""
    plan = trial.of.inputs.scenario.delivery.schedule()
    pace = plan.pace_of(component.category)
    length = -(-pace.quarters * quarters // plan.pace.quarters)
    moved = schedule(replace(pace, quarters=length), trial.of.calendar.first)
    return component if pace.milestones else replace(component, schedule=moved)


def _earlier(trial: Trial, component: Component, quarters: int) -> Component:
    """What is due in the forecast moved so many quarters earlier, though not before its first."""
    first = trial.of.calendar.first
    moved: dict[pd.Period, Fraction] = {}
    for quarter, share in component.schedule.items():
        to = quarter if quarter < first else max(first, quarter - quarters)
        moved[to] = moved.get(to, Fraction(0)) + share
    return replace(component, schedule=moved)
