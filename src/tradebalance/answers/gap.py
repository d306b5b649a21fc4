"""The arithmetic: the gap, the bridge from announced to additional imports, and closure.

The gap is the home country's exports to its partner minus its imports from there, on a named book: Vietnam's with the
United States, unless a case says otherwise. Positive is the home country's surplus. This is the one place that says so.

`credit` and `record` are the model's equation for one component, before and after `delivery` says when
things arrive. They work on arrays of one value a draw, float64 for simulated draws and Fraction objects
where everything is fixed, so that the deterministic path is exact and is the same code.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions.delivery import Array, Due

# The bridge's order: facts before judgement. The order moves the steps, never their end.
STEP_WORDS = {
    "announced": "Announced",
    "overlaps": "Counted twice",
    "left_out_by_the_scenario": "Left out by the scenario",
    "services_and_finance": "Services and finance, not goods",
    "lands_elsewhere": "Lands in another country",
    "list_to_paid_price": "List price above the price paid",
    "not_firm": "Never becomes binding",
    "cancelled": "Cancelled",
    "due_before_the_forecast": "Due before the forecast starts",
    "after_the_horizon": "Due after the horizon",
    "no_room_in_time": "Waits for capacity beyond the horizon",
    "recorded_after_the_horizon": "Arrives in time, recorded after the horizon",
    "not_recorded_on_this_book": "Not recorded on this book",
    "bought_anyway": "Would have been bought anyway",
    "additional": "Additional imports",
}
STEPS = [step for step in STEP_WORDS if step != "additional"]  # what the steps add up to
# The step that carries a factor's order-free amount; steps that share a factor (being on time, being on the book)
# have one amount together.
ORDER_FREE = {
    "goods": "services_and_finance",
    "landed": "lands_elsewhere",
    "price": "list_to_paid_price",
    "conversion": "not_firm",
    "kept": "cancelled",
    "on_time": "after_the_horizon",
    "on_book": "not_recorded_on_this_book",
    "additionality": "bought_anyway",
}
# The steps that share the factor of another, which carries the order-free amount of them all.
CARRIED_BY = {
    "due_before_the_forecast": "after_the_horizon",
    "no_room_in_time": "after_the_horizon",
    "recorded_after_the_horizon": "not_recorded_on_this_book",
}


@dataclass(frozen=True)
class Calendar:
    """The forecast's quarters, from `first` on, `horizon` of them."""

    first: pd.Period
    horizon: int

    @cached_property
    def quarters(self) -> pd.PeriodIndex:
        return pd.period_range(self.first, periods=self.horizon, freq="Q")

    @property
    def last(self) -> pd.Period:
        return self.quarters[-1]

    @property
    def years(self) -> list[int]:
        """Calendar years with at least one quarter in the horizon."""
        return sorted(set(self.quarters.year))

    def weights(self, schedule: Mapping[pd.Period, Fraction]) -> tuple[int, list[Fraction]]:
        """How many quarters after the forecast's start a schedule starts (negative: before), and its shares from
        there on, quarter by quarter."""
        shares = {quarter.ordinal: share for quarter, share in schedule.items()}
        start = min(shares)
        return start - self.first.ordinal, [shares.get(at, Fraction(0)) for at in range(start, max(shares) + 1)]


@dataclass(frozen=True)
class Values:
    """One draw's (or every draw's) values of a component's factors: arrays of one value a draw."""

    goods: Array
    landed: Array
    price: Array
    conversion: Array
    hazard: Array
    capture: Array
    valuation: Array
    additionality: Array
    slip: Array


@dataclass(frozen=True)
class Trace:
    """What becomes of one component: USD million, a row a draw.

    `steps` are signed, of STEPS; `factors` the shares whose product with the announced value is the sum of
    additional imports; `delivered`, `recorded` (by the book), `bought_anyway` (of that) and `additional` have a
    column a quarter of the horizon.
    """

    steps: dict[str, Array]
    factors: dict[str, Array]
    credited: Array
    delivered: Array
    recorded: Array
    bought_anyway: Array
    additional: Array


def credit(value: Any, values: Values) -> tuple[Array, dict[str, Array]]:
    """What an announced value is credited with, and the steps that lead there."""
    as_goods = value * values.goods
    landed = as_goods * values.landed
    paid = landed * values.price
    steps = {
        "announced": value + 0 * values.goods,
        "services_and_finance": -value * (1 - values.goods),
        "lands_elsewhere": -as_goods * (1 - values.landed),
        "list_to_paid_price": -landed * (1 - values.price),
        "not_firm": -paid * (1 - values.conversion),
    }
    return paid * values.conversion, steps


def record(
    credited: tuple[Array, dict[str, Array]], values: Values, due: Due, leaving: Array, waiting: Array, lag: int
) -> Trace:
    """Follow a credited value to the additional imports on a book, each term counted on its own.

    `due` says when its shares fall due, `leaving` the amounts that leave in each quarter of the horizon before
    cancellations, `waiting` what waits for room at its end; `lag` is the quarters until the book records them.
    """
    amount, steps = credited
    horizon = leaving.shape[1]
    alive = survival(values.hazard, horizon + 1)
    delivered = leaving * alive[:, :horizon]
    still_due, end = amount * due.beyond, alive[:, horizon]
    on_book = (values.capture * values.valuation)[:, None]
    recorded = later(delivered, lag) * on_book
    too_late = delivered[:, max(horizon - lag, 0) :] if lag else delivered[:, :0]
    additional = recorded * values.additionality[:, None]
    bought_anyway = recorded * (1 - values.additionality)[:, None]
    steps = steps | {
        "cancelled": -(leaving * (1 - alive[:, :horizon])).sum(axis=1) - (still_due + waiting) * (1 - end),
        "due_before_the_forecast": -amount * due.before,
        "after_the_horizon": -still_due * end,
        "no_room_in_time": -waiting * end,
        "recorded_after_the_horizon": -(too_late * on_book).sum(axis=1),
        "not_recorded_on_this_book": -(delivered * (1 - on_book)).sum(axis=1),
        "bought_anyway": -bought_anyway.sum(axis=1),
    }
    left, arrived, on_the_book = (flow.sum(axis=1) for flow in (leaving, delivered, recorded))
    factors = {
        "goods": values.goods,
        "landed": values.landed,
        "price": values.price,
        "conversion": values.conversion,
        "on_time": _ratio(left, amount, due.within.sum(axis=1)),
        "kept": _ratio(arrived, left, end),
        "on_book": _ratio(on_the_book, arrived, on_book[:, 0]),
        "additionality": values.additionality,
    }
    return Trace(steps, factors, amount, delivered, recorded, bought_anyway, additional)


def _ratio(part: Array, whole: Array, otherwise: Array) -> Array:
    """The part's share of the whole; where there is no whole, another measure of the same."""
    nothing = whole == 0
    return np.where(nothing, otherwise, part / np.where(nothing, 1, whole))


def order_free(value: Any, factors: Mapping[str, Array]) -> dict[str, Array]:
    """Each factor's Shapley value in what a product of shares takes off a value: signed, a row a draw.

    The average of the factor's step over all orders. By the multilinear extension (Owen 1972, "Multilinear
    extensions of games") it is the integral over q of -(1 - m[i]) value prod[j != i] (1 - q (1 - m[j])), a
    polynomial in q: exact, and it adds up to value x (product - 1).
    """
    lost = {name: 1 - share for name, share in factors.items()}
    return {
        name: -value * own * _integral(own, [part for other, part in lost.items() if other != name and part.any()])
        for name, own in lost.items()
    }


def _integral(own: Array, lost: Sequence[Array]) -> Array:
    """The integral from 0 to 1 of prod (1 - q lost[j]), from the polynomial's coefficients, in the type of `own`."""
    coefficients = [1 + 0 * own]
    for part in lost:
        below = [*coefficients, 0 * part]
        coefficients = [here - part * before for here, before in zip(below, [0 * part, *coefficients], strict=True)]
    shares = [c * (Fraction(1, n) if own.dtype == object else 1 / n) for n, c in enumerate(coefficients, 1)]
    return np.asarray(np.add.reduce(shares))


def survival(hazard: Array, quarters: int) -> Array:
    """R: the share not yet cancelled by each quarter, exp(-hazard x years since the forecast's start)."""
    if hazard.dtype != object:
        return np.exp(-hazard[:, None] * (np.arange(quarters) / 4)[None, :])
    return np.array([[Fraction(math.exp(-float(h) * t / 4)) for t in range(quarters)] for h in hazard], dtype=object)


def later(amounts: Array, lag: int) -> Array:
    """Amounts moved `lag` quarters on; nothing from before the forecast moves in."""
    if not lag:
        return amounts
    return np.concatenate([np.zeros_like(amounts[:, :lag]), amounts[:, :-lag]], axis=1)


def annual_rate(additional: Any, quarters: int, gap_last_four: Any) -> Any:
    """Closure (i): mean yearly additional imports over the gap of the last four observed quarters."""
    return additional * 4 / quarters / gap_last_four
