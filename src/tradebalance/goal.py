"""What it would take: the least of each lever alone that closes a share of today's gap by a quarter.

The goal: mean yearly additional imports up to the quarter (closure (i) of `gap`, over the quarters to it), as a share
of today's gap, reach the share in at least the wanted part of the draws. Each lever is moved with all else as the
scenario says. Where no strength of a lever is enough, the draws at its end say so.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from . import credit, gap, simulation
from .answer import Model
from .gap import Calendar
from .levers import SECTIONS, Goal, Lever, Name, Trial, announced_total, raised, speed
from .problems import Problem, Refused
from .scenario import MOST_QUARTERS


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

    def lever(self, name: Name) -> Lever:
        return next(lever for lever in self.levers if lever.name == name)


def seek(of: Model, goal: Goal) -> Sought:
    """What each lever alone would have to be. Raises Refused for a goal that no forecast can be asked for."""
    trial = _trial(of, goal)
    base = trial.rates(trial.of.components)
    levers = (announced_total(trial, base), *(raised(trial, name) for name in SECTIONS), speed(trial, base))
    counted = float(sum((c.value_usd_mn for c in of.components if c.included), Fraction(0)))
    dearest = max((float(c.factors.valuation.mean) for c in of.components if c.included), default=1.0)
    to, inside = trial.quarters, trial.quarters <= of.calendar.horizon and trial.quarters >= 4
    return Sought(
        goal=goal,
        quarters=trial.quarters,
        draws=trial.draws,
        gap_today=float(of.gap_last_four),
        baseline_gap=float(of.baseline["gap_usd_mn"].iloc[to - 4 : to].sum()) if inside else None,
        probability=trial.probability(base),
        share=trial.share(base),
        every_dollar=gap.annual_rate(counted * max(1.0, dearest), trial.quarters, float(of.gap_last_four)),
        capacity=bool(trial.of.capacities),
        levers=levers,
    )


def _trial(of: Model, goal: Goal) -> Trial:
    scenario = of.inputs.scenario
    last = of.calendar.first + MOST_QUARTERS - 1
    if not of.calendar.first <= goal.by <= last:
        reason, fix = "not a quarter of the forecast", f"use a quarter from {of.calendar.first} to {last}"
        raise Refused([Problem("out_of_range", f"{scenario.name}.yaml", reason, fix, None, "by", str(goal.by))])
    if of.gap_last_four <= 0:
        reason, fix = "there is no surplus to close", "use a book or a month with one"
        raise Refused([Problem("empty", f"{scenario.name}.yaml", reason, fix, None, "close", str(goal.share))])
    calendar = Calendar(of.calendar.first, (goal.by - of.calendar.first).n + 1)
    limits = credit.capacities(scenario, of.inputs.assumptions, calendar.quarters)
    # what brings no goods closes nothing: it need not be drawn
    goods = tuple(c for c in of.components if c.included and c.factors.goods.mean)
    draws = 1 if simulation.is_exact(goods) else scenario.draws
    return Trial(replace(of, components=goods, calendar=calendar, capacities=limits), goal, draws)
