"""What it would take: to hold the gap where it is, and to close a share of it by a quarter.

Break-even: purchases a year, or slower growth of exports, that would hold the gap; exact, on the path without draws.
Measured on four quarters, against the four before the forecast, so that seasons play no part. The purchases are the
rise of the gap; the growth is the compound yearly rate by which exports would reach what holds the gap, imports
following the path, and has a closed form.

A goal: mean yearly additional imports up to a quarter (closure (i) of `gap`, over the quarters to it) reach a share of
today's gap in at least the wanted part of the draws. Each lever is moved alone, all else as the scenario says, and its
least strength closed in on with the same draws. Where no strength of a lever is enough, the draws at its end say so.
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

from ..assumptions import credit
from ..assumptions.baseline import Baseline, possible
from ..assumptions.delivery import MOST_QUARTERS, schedule
from ..assumptions.methods import HORIZON, QUARTERS_A_YEAR
from ..words.problems import refuse
from . import following, gap, simulation
from .draws import Array, Points, Raised, random_blocks
from .model import Model, path


@dataclass(frozen=True)
class BreakEven:
    """Four quarters to `last` against the last four before the forecast; USD million, growth as yearly fractions.

    `purchases` are the additional imports of that year that would hold the gap (negative: it falls anyway), `deals`
    the mean path's; `growth` is exports' on the path, `holding` the growth that would hold the gap without deals.
    """

    method: str
    last: pd.Period
    gap_today: Fraction
    gap_then: Fraction
    deals: float
    growth: float
    holding: float

    @property
    def purchases(self) -> Fraction:
        return self.gap_then - self.gap_today

    @property
    def slowdown(self) -> float:
        """By how much exports would have to grow slower a year."""
        return self.growth - self.holding


def break_even(of: Model, quarters: int, method: Baseline | None = None) -> BreakEven:
    """The break-even of the four quarters that end `quarters` after today's, under the scenario's or another baseline.

    Raises ValueError outside 4..horizon, where no exports could hold the gap, or for a history too short.
    """
    if not QUARTERS_A_YEAR <= quarters <= of.calendar.horizon:
        raise ValueError(f"{quarters} quarters are not between {QUARTERS_A_YEAR} and {of.calendar.horizon}")
    year = slice(quarters - QUARTERS_A_YEAR, quarters)
    trade = of.baseline if method is None else path(of.inputs, method)
    exports, imports = (trade[name].iloc[year].map(Fraction).sum() for name in ("exports_usd_mn", "imports_usd_mn"))
    stated, last = of.baseline["exports_usd_mn"].iloc[0], of.published["exports_usd_mn"].iloc[-QUARTERS_A_YEAR:]
    today = QUARTERS_A_YEAR * Fraction(stated) if of.scenario.baseline.is_level else last.map(Fraction).sum()
    needed = of.gap_last_four + imports
    if min(today, exports, needed) <= 0:
        raise ValueError("without exports above zero no growth of them can hold the gap")
    growth, holding = (float(to / today) ** (QUARTERS_A_YEAR / quarters) - 1 for to in (exports, needed))
    return BreakEven(
        method=of.inputs.scenario.baseline.method if method is None else method.method,
        last=of.calendar.quarters[quarters - 1],
        gap_today=of.gap_last_four,
        gap_then=exports - imports,
        deals=float(of.draw_additional(Points((None,)))[0, year].sum()),  # with every assumption at its mean
        growth=growth,
        holding=holding,
    )


def horizon(of: Model) -> int:
    """As far as a baseline forecasts, or the scenario's horizon where that is shorter."""
    return min(HORIZON, of.calendar.horizon)


def by_method(of: Model, quarters: int) -> Iterator[BreakEven]:
    """The break-even under each baseline that the history is long enough for; under a stated one, its own only."""
    own = of.scenario.baseline
    methods = [own] if own.is_stated else possible(of.known.history, own, of.known.dates.before_deals)
    return (break_even(of, quarters, method) for method in methods)


Name = Literal["announced_total", "conversion", "speed", "additionality"]
SECTIONS: dict[Name, tuple[str, ...]] = {
    "conversion": ("conversion", "remainder_fraction"),
    "additionality": ("additionality",),
}
ROUNDING = 1e-12  # what is missed by a float's last digits is met
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
class Aim:
    """The model up to the goal's quarter, and what its draws say of the goal."""

    of: Model
    goal: Goal
    draws: int

    def rates(self, components: Sequence[credit.Component], sections: Sequence[str] = (), times: float = 1.0) -> Array:
        """The share of the gap closed by the quarter, a value a draw, with some sections' shares raised."""
        return np.asarray(np.add.reduce([np.zeros(self.draws), *self.apart(components, sections, times).values()]))

    def apart(self, components: Sequence[credit.Component], sections: Sequence[str], times: float) -> dict[str, Array]:
        """As `rates`, by component."""
        today, quarters, found = float(self.of.gap_last_four), self.of.calendar.horizon, []
        plan = following.plan(components, self.of.calendar, self.of.capacities)
        for source in self.sources(sections, times):
            added = {c.id: np.broadcast_to(t.added, source.size) for c, t in following.traces(plan, source)}
            found.append({name: gap.annual_rate(amounts, quarters, today) for name, amounts in added.items()})
        return {name: np.concatenate([block[name] for block in found]) for name in found[0]}

    def sources(self, sections: Sequence[str], times: float) -> Iterator[Raised]:
        for block in random_blocks(self.of.inputs.scenario.seed, self.draws):
            yield Raised(block.seed, block.block, block.size, sections=tuple(sections), times=times)

    def probability(self, rates: Array) -> float:
        return float((rates >= self.goal.share * (1 - ROUNDING)).mean())

    def meets(self, rates: Array) -> bool:
        return self.probability(rates) >= self.goal.confidence

    def share(self, rates: Array) -> float:
        """The largest share that the wanted part of the draws reaches."""
        allowed = len(rates) - int(np.ceil(self.goal.confidence * len(rates) - 1e-9))
        return float(np.sort(rates)[min(allowed, len(rates) - 1)])

    def lever(
        self, name: Name, as_it_is: float, needed: float | None, unit: str, rates: Array, times: float | None = None
    ) -> Lever:
        return Lever(name, as_it_is, needed, unit, self.probability(rates), self.share(rates), times)


def announced_total(trial: Aim, base: Array) -> Lever:
    """All values in proportion. Without capacity the equations are linear in them."""

    def rates(times: float) -> Array:
        if not trial.of.capacities:
            return times * base
        return trial.rates([replace(c, value_usd_mn=c.value_usd_mn * Fraction(times)) for c in trial.of.components])

    announced = float(trial.of.inputs.known.announced)
    unit = "USD million announced"
    return _least(trial, "announced_total", base, rates, MOST_TIMES, lambda times: times * announced, unit)


def raised(trial: Aim, name: Name, base: Array) -> Lever:
    """All shares of a kind in proportion, each to at most 1.

    The equations are linear in additionality, and without capacity in the conversion of what may not become binding
    later too.
    """
    sections, components = SECTIONS[name], trial.of.components
    # of what arrives, a part is additional, whatever the capacity
    waits = [c for c in components if name == "conversion" and (trial.of.capacities or c.factors.late.mean)]
    linear = [c for c in components if c not in waits]
    whole = trial.apart(linear, sections, WHOLE) if linear else {}

    def rates(times: float) -> Array:
        parts = [whole[c.id] * _share(trial, c, name, times) for c in linear]
        return np.asarray(np.add.reduce([trial.rates(waits, sections, times), *parts]))

    def mean(times: float) -> float:
        weights = [float(c.value_usd_mn * c.factors.goods.mean) for c in components]
        means = [float(_share(trial, c, name, times).mean()) for c in components]
        return sum(w * m for w, m in zip(weights, means, strict=True)) / sum(weights) if weights else 0.0

    return _least(trial, name, base, rates, WHOLE, mean, "mean share, weighted by the announced value of goods")


def _share(trial: Aim, component: credit.Component, name: Name, times: float) -> Array:
    """What part of a component becomes binding, or is additional, in each draw."""
    sources = trial.sources(SECTIONS[name], times)
    if name == "conversion":
        count = trial.of.calendar.spells
        found = (following.spells(component, source, count) for source in sources)
        return np.concatenate([np.add.reduce([spell.share for spell in each]) for each in found])
    return np.concatenate([source.value(component.factors.additionality) for source in sources])


def _least(
    trial: Aim,
    name: Name,
    base: Array,
    rates: Callable[[float], Array],
    end: float,
    level: Callable[[float], float],
    unit: str,
) -> Lever:
    """The least multiple that meets the goal, from 0 to `end`; `base` are the rates at 1."""
    at_end = rates(end)
    if not trial.meets(at_end):
        return trial.lever(name, level(1.0), None, unit, at_end)
    low, high, below, met = 0.0, 1.0, np.zeros(trial.draws), base
    while not trial.meets(met):
        low, below, share = high, met, trial.share(met)
        high = min(2 * high * max(1.0, trial.goal.share / share if share > 0 else 1.0), end)
        met = at_end if high == end else rates(high)
    if not low:
        below = rates(0.0)
        if trial.meets(below):  # the lever does not act
            return trial.lever(name, level(1.0), level(0.0), unit, below, 0.0)
    high, met = _narrowed(trial, rates, (low, below), (high, met))
    return trial.lever(name, level(1.0), level(high), unit, met, high)


def _narrowed(
    trial: Aim, rates: Callable[[float], Array], under: tuple[float, Array], over: tuple[float, Array]
) -> tuple[float, Array]:
    """The least multiple that meets the goal, and its rates, between one that does not and one that does.

    By the Illinois method (Dowell and Jarratt 1971, "A modified regula falsi method"): a step simulates every draw,
    and the share is nearly straight in the multiple. It stays between what meets the goal and what does not.
    """
    (low, below), (high, met) = under, over
    lack, more = trial.goal.share - trial.share(below), trial.share(met) - trial.goal.share
    moved = 0
    while high - low > TOLERANCE * high:
        inside = 0.9 * TOLERANCE * high  # beside an end that is right already, a try closes on it
        straight = low + (high - low) * lack / (lack + more)
        middle = min(max(straight + inside / 9, low + inside), high - inside)  # above it: no goal is met by rounding
        tried = rates(middle)
        if trial.meets(tried):
            high, met, more = middle, tried, trial.share(tried) - trial.goal.share
            lack, moved = (lack / 2 if moved > 0 else lack), 1
        else:
            low, lack = middle, trial.goal.share - trial.share(tried)
            more, moved = (more / 2 if moved < 0 else more), -1
    return high, met


def speed(trial: Aim, base: Array) -> Lever:
    """A shorter window where all deals start now; else all windows earlier, though not before the forecast."""
    plan = trial.of.inputs.scenario.delivery
    if plan.start == "now" and not plan.milestones:
        unit, move = "quarters of the window", _within
        as_it_is, quickest, slowest = plan.quarters, 1, MOST_QUARTERS
    else:
        due = [(quarter - trial.of.calendar.first).n for c in trial.of.components for quarter in c.schedule]
        unit, move = "quarters earlier", _earlier
        as_it_is, quickest, slowest = 0, max([*due, 0]), 0

    def rates(quarters: int) -> Array:
        return base if quarters == as_it_is else trial.rates([move(trial, c, quarters) for c in trial.of.components])

    met = rates(quickest)
    if not trial.meets(met):
        return trial.lever("speed", as_it_is, None, unit, met)
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
    return trial.lever("speed", as_it_is, enough, unit, met)


def _within(trial: Aim, component: credit.Component, quarters: int) -> credit.Component:
    """The component's window shortened in proportion as the general one comes down to `quarters`."""
    plan = trial.of.inputs.scenario.delivery
    pace = plan.pace_of(component.category)
    length = -(-pace.quarters * quarters // plan.quarters)
    moved = schedule(pace.model_copy(update={"quarters": length}), trial.of.calendar.first)
    return component if pace.milestones else replace(component, schedule=moved)


def _earlier(trial: Aim, component: credit.Component, quarters: int) -> credit.Component:
    """What is due in the forecast moved so many quarters earlier, though not before its first."""
    first = trial.of.calendar.first
    moved: dict[pd.Period, Fraction] = {}
    for quarter, share in component.schedule.items():
        to = quarter if quarter < first else max(first, quarter - quarters)
        moved[to] = moved.get(to, Fraction(0)) + share
    return replace(component, schedule=moved)


@dataclass(frozen=True)
class Sought:
    """A goal's answer. `every_dollar` is the share if every announced dollar that counts arrived as additional goods
    by the quarter, which no lever but more announcements can pass; `feasible` is whether the goal is within it and
    some lever alone reaches it. `capacity` is whether limits acted, `baseline_gap` the gap without deals of the four
    quarters to the goal's (None: not in the scenario's horizon). Money in USD million."""

    goal: Goal
    quarters: int
    draws: int
    gap_today: float
    baseline_gap: float | None
    probability: float
    share: float
    every_dollar: float
    capacity: bool
    levers: tuple[Lever, ...]

    @property
    def feasible(self) -> bool:
        return self.goal.share <= self.every_dollar and any(lever.feasible for lever in self.levers)

    @property
    def off(self) -> float:
        """What the goal takes off today's gap."""
        return self.goal.share * self.gap_today

    @property
    def rise(self) -> float | None:
        """By how much the gap without deals is above today's by then."""
        return None if self.baseline_gap is None else self.baseline_gap - self.gap_today

    def lever(self, name: Name) -> Lever:
        return next(lever for lever in self.levers if lever.name == name)


def seek(of: Model, goal: Goal) -> Sought:
    """What each lever alone would have to be. Raises Refused for a goal that no forecast can be asked for."""
    trial = _trial(of, goal)
    today, base = float(of.gap_last_four), trial.rates(trial.of.components)
    counted = float(sum((c.value_usd_mn for c in of.included), Fraction(0)))
    dearest = max((float(c.factors.valuation.mean) for c in of.included), default=1.0)
    quarters = trial.of.calendar.horizon
    inside = 4 <= quarters <= of.calendar.horizon
    return Sought(
        goal=goal,
        quarters=quarters,
        draws=trial.draws,
        gap_today=today,
        baseline_gap=float(of.baseline["gap_usd_mn"].iloc[quarters - 4 : quarters].sum()) if inside else None,
        probability=trial.probability(base),
        share=trial.share(base),
        every_dollar=gap.annual_rate(counted * max(1.0, dearest), quarters, today),
        capacity=bool(trial.of.capacities),
        levers=(announced_total(trial, base), *(raised(trial, name, base) for name in SECTIONS), speed(trial, base)),
    )


def _trial(of: Model, goal: Goal) -> Aim:
    scenario = of.inputs.scenario
    last = of.calendar.first + MOST_QUARTERS - 1
    if not of.calendar.first <= goal.by <= last:
        reason, fix = "not a quarter of the forecast", f"use a quarter from {of.calendar.first} to {last}"
        refuse("out_of_range", f"{scenario.name}.yaml", reason, fix, None, "by", str(goal.by))
    if of.gap_last_four <= 0:
        reason, fix = "there is no surplus to close", "use a book or a month with one"
        refuse("empty", f"{scenario.name}.yaml", reason, fix, None, "close", str(goal.share))
    calendar = replace(of.calendar, horizon=(goal.by - of.calendar.first).n + 1)
    limits = credit.capacities(scenario, of.inputs.assumptions, calendar.quarters)
    # what brings no goods closes nothing: it need not be drawn
    goods = tuple(c for c in of.included if c.factors.goods.mean)
    draws = 1 if simulation.is_exact(goods) else scenario.draws
    return Aim(replace(of, components=goods, calendar=calendar, capacities=limits), goal, draws)
