"""From announced leaves to components: one category each, its factors looked up, its schedule set.

A component is the unit of the model's equations (the d of V[d], C[d], w[d]). A named deal is one
component; a remainder is one for each category of its mix.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from .assumptions import Assumption, Assumptions, stated
from .commitments import Leaf
from .delivery import Delivery, Schedule, printed_window, schedule
from .problems import Problem
from .scenario import Scenario
from .terms import Category, Status

AT_MARKET_PRICES = (Category.ENERGY, Category.AGRICULTURE)
CERTAIN = stated("every factor", 1, "the scenario's choice: credit none")
NOTHING = stated("no goods", 0, "no goods, or nothing cancelled, by definition")


@dataclass(frozen=True)
class Factors:
    """What stands between a component's announced value and what a book records as additional.

    All are shares but `hazard` (a year, from the forecast's start), `valuation` (a ratio) and
    `lag` (quarters). `is_coin`: conversion is the probability of a coin, else a fraction.
    """

    goods: Assumption
    landed: Assumption
    price: Assumption
    conversion: Assumption
    is_coin: bool
    hazard: Assumption
    capture: Assumption
    valuation: Assumption
    lag: int
    additionality: Assumption

    @property
    def uncertain(self) -> list[Assumption]:
        """The assumptions in the order in which the bridge applies them."""
        first = [self.goods, self.landed, self.price, self.conversion]
        return [*first, self.hazard, self.capture, self.valuation, self.additionality]


WHOLE = Factors(
    goods=CERTAIN,
    landed=CERTAIN,
    price=CERTAIN,
    conversion=CERTAIN,
    is_coin=False,
    hazard=NOTHING,
    capture=CERTAIN,
    valuation=CERTAIN,
    lag=0,
    additionality=CERTAIN,
)


@dataclass(frozen=True)
class Component:
    """One category's part of one leaf: USD million as announced, its factors and its schedule."""

    leaf: Leaf
    category: str
    value_usd_mn: Fraction
    included: bool
    factors: Factors
    schedule: Schedule

    @property
    def id(self) -> str:
        return f"{self.leaf.id}: {self.category}" if self.leaf.is_remainder else self.leaf.id


def components(
    leaves: Iterable[Leaf], scenario: Scenario, assumptions: Assumptions, first: pd.Period
) -> list[Component]:
    """Every leaf's components under a scenario whose first forecast quarter is `first`.

    Raises Refused, naming the paths that were tried, where an assumption is missing.
    """
    plan = scenario.delivery.schedule()
    return [
        Component(
            leaf=leaf,
            category=category,
            value_usd_mn=Fraction(leaf.value_usd_mn) * share,
            included=_is_included(leaf, scenario),
            factors=_factors(leaf, category, scenario, assumptions),
            schedule=_schedule(leaf, category, plan, first),
        )
        for leaf in leaves
        for category, share in _categories(leaf, assumptions).items()
    ]


def outside_horizon(found: Iterable[Component], first: pd.Period, last: pd.Period, file: str) -> list[Problem]:
    """A warning for each component of which nothing is due between the first and the last quarter."""
    fix = "lengthen the horizon, or shorten the delay or the window"
    return [
        Problem("outside_horizon", file, f"nothing of {c.id} is due from {first} to {last}", fix, severity="warning")
        for c in found
        if c.included and not any(first <= quarter <= last for quarter in c.schedule)
    ]


def _is_included(leaf: Leaf, scenario: Scenario) -> bool:
    wanted = scenario.include
    return leaf.status in wanted.status and (wanted.remainders or not leaf.is_remainder)


def _categories(leaf: Leaf, assumptions: Assumptions) -> dict[str, Fraction]:
    """Category -> share of the leaf; a tranche's remainder has the mix stated for the tranche."""
    if leaf.is_remainder and leaf.event.id in assumptions.mixes:
        return dict(assumptions.mixes[leaf.event.id])
    return {leaf.event.category: Fraction(1)}


def _schedule(leaf: Leaf, category: str, plan: Delivery, first: pd.Period) -> Schedule:
    window = printed_window(leaf.now.delivery_start, leaf.now.delivery_end) if plan.start == "announced" else None
    return schedule(plan.pace_of(category), first, window)


def _factors(leaf: Leaf, category: str, scenario: Scenario, known: Assumptions) -> Factors:
    if scenario.credit == "none":
        return WHOLE
    book = f"books.{scenario.reporter}"
    goods = known.first_of(f"goods_share.{category}", "goods_share.default") if leaf.is_goods else NOTHING
    return Factors(
        goods=goods,
        landed=known.first_of(*(f"landed_in_vietnam.{key}" for key in (leaf.id, category, "default"))),
        price=known.first_of(_price_path(leaf, category)),
        conversion=_conversion(leaf, category, known),
        is_coin=not leaf.is_remainder,
        hazard=known.first_of(f"cancellation_per_year.{category}", "cancellation_per_year.default"),
        capture=known.first_of(f"{book}.capture.{category}", f"{book}.capture.default"),
        valuation=known.first_of(f"{book}.valuation"),
        lag=int(known.first_of(f"{book}.lag_quarters").parameters[0]),
        additionality=_additionality(goods, category, known),
    )


def _price_path(leaf: Leaf, category: str) -> str:
    kind = "energy_and_agriculture" if category in AT_MARKET_PRICES else leaf.event.value_kind
    return f"price_paid_of_announced.{kind}"


def _conversion(leaf: Leaf, category: str, known: Assumptions) -> Assumption:
    if leaf.is_remainder:
        return known.first_of(f"remainder_fraction.{leaf.event.id}", "remainder_fraction.default")
    if leaf.status is Status.CANCELLED:
        return NOTHING
    path = f"conversion.{leaf.status}"
    return known.first_of(f"{path}.{category}", f"{path}.default", path)


def _additionality(goods: Assumption, category: str, known: Assumptions) -> Assumption:
    """Services and finance bring no goods, so nobody states how additional those goods are."""
    if goods.is_fixed and not goods.mean:
        return NOTHING
    return known.first_of(f"additionality.{category}", "additionality.default")
