"""Means that are worked out, not drawn: by the model's one equation, at cases of each part instead of draws of all.

Means add up over the parts, so each part has its own cases. The equation is linear in most of a part's factors, which
are drawn apart from each other: at their means it gives the mean. In a few it is not, and these tell the cases apart,
each with its probability: the spell in which a dollar becomes binding, events, and of a number that compounds (price
rises, cancellation) the nodes of its Gauss rule (Golub and Welsch 1969, "Calculation of Gauss quadrature rules"), exact
for powers up to 2 NODES - 1 and, of survival over fifty years, to a hundred-thousandth. A delay moves the schedule, in
which the equation is linear too: what falls due on average is the mean over the delays.

Where capacity acts, deals share room that one draw fills and another does not: no such mean is known of that. It is the
mean without limits and what limits change on average, which the draws say, each once with and once without limits: a
control variate (Hammersley and Handscomb 1964, Monte Carlo Methods, 5.5). They change little, in few draws, so little
of the error is left, and nothing of it up to what is credited. Every mean is made in this way, so all still add up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, reduce

import numpy as np
import pandas as pd

from ..assumptions.credit import Component
from ..assumptions.distributions import Assumption
from .draws import BLOCK, Array, Cases, Single
from .following import plan
from .gap import Calendar
from .simulation import TOTALS, Block, DealSums, Simulated, by_year, quantities, run_block, scaled, total

NODES = 6
NOT_LINEAR = ("escalation", "hazard")
NOT_DRAWN = ["announced", "overlaps", "left_out_by_the_scenario"]  # steps that are the same in every draw
Rule = tuple[Array, Array]  # values and their weights, which add up to 1


def worked_out(drawn: Simulated, components: Sequence[Component], calendar: Calendar) -> Simulated:
    """What was drawn with these means in the place of the draws' own, and their errors; all points stay as drawn."""
    if drawn.draws == 1:
        return drawn
    moved, errors = _by_limits(drawn, calendar)
    sums = DealSums(calendar, Single())
    whole = mean(components, calendar)
    sums.add(whole if moved is None else total([whole, moved]))
    found = sums.tables()
    added = found["by_component"][list(calendar.quarters)].sum()
    without = drawn.without_deals["mean"]
    with_deals = without - added
    tables = {name: getattr(drawn, name).assign(mean=found[name]["mean"]) for name in ("totals", "by_year", "steps")}
    return replace(
        drawn,
        **tables | {"steps": tables["steps"].assign(order_free=_order_free(tables["steps"]))},
        by_component=found["by_component"],
        on_book=found["on_book"],
        gap=drawn.gap.assign(mean=with_deals),
        gap_by_year=drawn.gap_by_year.assign(mean=by_year(with_deals.to_numpy(float)[None, :], calendar)[0]),
        errors=errors,
    )


def _order_free(steps: pd.DataFrame) -> pd.Series:
    """The draws' Shapley values, which are ratios of what is drawn, in proportion to all that is lost on average: a
    ratio estimate (Cochran 1977, Sampling Techniques, chapter 6), so that they add up to the same end."""
    shares, whole = steps["order_free"].drop(NOT_DRAWN), steps["mean"].drop(NOT_DRAWN).sum()
    scaled = shares * (whole / shares.sum() if shares.sum() else 1)
    return scaled.reindex(steps.index).fillna(steps["order_free"])


def mean(parts: Iterable[Component], calendar: Calendar) -> Block:
    """One row, the mean of all the draws there could be were nothing limited, in the form of a block of draws; nothing
    of it is order-free."""
    whole = plan(parts, calendar)
    alone = ((of, each) for of in whole.each for each in cases(of.components[0], calendar))
    found = [run_block(of, each, apart=True, order_free=False) for of, each in alone]
    left_out = replace(whole, components=tuple(c for c in whole.components if not c.included), sharing=())
    return total([run_block(left_out, Cases(np.ones(1), {}), apart=True), *found])


def _by_limits(drawn: Simulated, calendar: Calendar) -> tuple[Block | None, dict[str | int, float]]:
    """What limits change on average, as a block of one row (None: nothing), and its standard errors by row of the
    totals and year: of the draws in which something waits for room, as all others are the same with limits and without.
    """
    limits, labels = drawn.limits, list[str | int]([*TOTALS, *calendar.years])
    if limits is None or limits.block is None:
        return None, dict.fromkeys(labels, 0.0)
    moved = scaled(limits.block, 1 / drawn.draws)
    variances = limits.squares / drawn.draws - quantities(moved.rows, calendar)[0] ** 2
    errors = (np.maximum(variances, 0) / drawn.draws) ** 0.5
    return moved, dict(zip(labels, map(float, errors), strict=True))


def cases(part: Component, calendar: Calendar) -> Iterator[Cases]:
    """The cases of a part, whose weights add up to 1, at most a block at a time."""
    rules = _rules(part, calendar)
    values = np.meshgrid(*(of for of, _ in rules.values()), indexing="ij")
    weights = reduce(np.multiply.outer, [of for _, of in rules.values()], np.ones(())).ravel()
    at = {name: of.ravel() for name, of in zip(rules, values, strict=True)}
    # what becomes binding does so as a whole: of so many dollars, of which each has a spell
    at[part.factors.conversion.path] = (at[f"wait {part.leaf.id}"] == 0).astype(float)
    for start in range(0, len(weights), BLOCK):
        here = slice(start, start + BLOCK)
        yield Cases(weights[here], {name: of[here] for name, of in at.items()})


def _rules(part: Component, calendar: Calendar) -> dict[str, Rule]:
    """By path or name, what tells the cases of a part apart."""
    uncertain = [found for name in NOT_LINEAR if not (found := getattr(part.factors, name)).is_fixed]
    rules = {f"wait {part.leaf.id}": _spells(part, calendar.spells)} | {found.path: rule(found) for found in uncertain}
    for hit in part.hits:
        rules[f"event {hit.name}"] = _coin(float(hit.chance))
        if hit.duty is not None:
            rules["tariff"] = _coin(float(hit.duty.takes_effect.mean))
    return rules


def _coin(chance: float) -> Rule:
    return _likely([1.0, 0.0], [chance, 1 - chance])


def _spells(part: Component, count: int) -> Rule:
    """In which of `count` spells a dollar becomes binding, from 0 on; infinity if in none."""
    of = part.factors
    late, weights = rule(of.late, count)
    still_open = (1 - float(of.conversion.aged(of.age_months).mean)) * np.array(
        [weights @ (1 - late) ** spell for spell in range(count)]
    )
    return _likely([*range(count), np.inf], [1 - still_open[0], *-np.diff(still_open), still_open[-1]])


def _likely(values: Sequence[float], weights: Sequence[float]) -> Rule:
    possible = np.array(weights) > 0
    return np.array(values, dtype=float)[possible], np.array(weights)[possible]


@cache
def rule(of: Assumption, nodes: int = NODES) -> Rule:
    """Values and weights of which a sum is a mean: exactly of powers up to 2 `nodes` - 1 of the assumption's value."""
    from scipy import special

    first, *rest = (float(p) for p in of.parameters)
    if of.form == "beta":
        at, weights = special.roots_jacobi(nodes, rest[0] - 1, first - 1)
        return float(of.at_most) * (1 + at) / 2, weights / weights.sum()
    if of.form == "gamma":
        at, weights = special.roots_genlaguerre(nodes, first - 1)
        return at * rest[0] / first, weights / weights.sum()
    return np.array([first]), np.ones(1)
