"""The arithmetic: the gap, the bridge from announced to additional imports, and closure.

The gap is the home country's exports to its partner minus its imports from there, on a named book: Vietnam's with the
United States, unless a case says otherwise. Positive is the home country's surplus. This is the one place that says so.

`credit` and `Trace` are the model's equation for one component, before and after `delivery` says when
things arrive. They work on arrays of one value a draw, float64 for simulated draws and Fraction objects
where everything is fixed, so that the deterministic path is exact and is the same code.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions.delivery import Array, Due
from ..assumptions.distributions import EVIDENCE_MONTHS, MONTHS_A_QUARTER
from ..words.terms import Category

# The bridge's order: facts before judgement. The order moves the steps, never their end.
STEPS = [
    "announced",
    "overlaps",
    "left_out_by_the_scenario",
    "services_and_finance",
    "counted_in_the_aircraft",
    "made_elsewhere",
    "lands_elsewhere",
    "list_to_paid_price",
    "prices_of_today",
    "options_not_exercised",
    "not_binding",
    "arrived_before",
    "cancelled",
    "cancelled_by_an_event",
    "after_the_horizon",
    "no_room_in_time",
    "prices_of_the_delivery_year",
    "recorded_after_the_horizon",
    "not_recorded_on_this_book",
    "bought_anyway",
]  # fromm the announced sum on, in order: what adds up to the additional imports
# What of a category's value is no goods that come from the partner, and where the bridge says so.
NOT_GOODS = {
    Category.SERVICES: "services_and_finance",
    Category.FINANCE: "services_and_finance",
    Category.ENGINES: "counted_in_the_aircraft",
}
# The steps that share the factor of another, which carries the order-free amount of them all.
CARRIED_BY = {
    "cancelled_by_an_event": "cancelled",
    "prices_of_today": "prices_of_the_delivery_year",
    "arrived_before": "after_the_horizon",
    "no_room_in_time": "after_the_horizon",
    "recorded_after_the_horizon": "not_recorded_on_this_book",
}


SPELL = EVIDENCE_MONTHS // MONTHS_A_QUARTER  # quarters in which a deal may become binding by one look at the evidence


@dataclass(frozen=True)
class Calendar:
    """The forecast's quarters, from `first` on, `horizon` of them, and the dollars that amounts are in.

    Those are of each quarter's own year, or of the year `dollars_of`, from which prices rise by `inflation` a year.
    """

    first: pd.Period
    horizon: int
    dollars_of: int | None = None
    inflation: Fraction = Fraction(0)

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

    @property
    def spells(self) -> int:
        """How many spells of SPELL quarters it takes to reach the horizon: in each, deals may become binding."""
        return -(-self.horizon // SPELL)

    @property
    def bound_by(self) -> pd.Period:
        """The quarter by whose end what has not become binding counts as never binding: the last of the spells."""
        return self.first + self.spells * SPELL - 1

    @property
    def deflators(self) -> list[Fraction]:
        """What each quarter's own dollars are divided by."""
        return [self.deflator(year) for year in self.quarters.year]

    def deflator(self, year: int) -> Fraction:
        """What the dollars of any year are divided by, of one that is over too: 1 where each keeps its own."""
        return Fraction(1) if self.dollars_of is None else (1 + self.inflation) ** (year - self.dollars_of)

    def weights(self, schedule: Mapping[pd.Period, Fraction]) -> tuple[int, list[Fraction]]:
        """How many quarters after the forecast's start a schedule starts, and its shares from there on, a quarter each.

        Raises ValueError for one that starts before: what is late is due in the forecast.
        """
        shares = {quarter.ordinal: share for quarter, share in schedule.items()}
        start = min(shares)
        if start < self.first.ordinal:
            raise ValueError(f"a share is due in {min(schedule)}, before the forecast starts in {self.first}")
        return start - self.first.ordinal, [shares.get(at, Fraction(0)) for at in range(start, max(shares) + 1)]


@dataclass(frozen=True)
class Values:
    """One draw's (or every draw's) values of a component's factors: arrays of one value a draw.

    `value` is announced, USD million; `spells` are what becomes binding when, `arrived` the share of that which came
    before the forecast; `hazard` and `escalation` are rates a year, `slip` quarters, and the rest shares or ratios.
    """

    value: Array
    goods: Array
    landed: Array
    price: Array
    firm: Array
    exercise: Array
    spells: "tuple[Spell, ...]"
    arrived: Array
    hazard: Array
    escalation: Array
    capture: Array
    valuation: Array
    additionality: Array
    slip: Array


@dataclass(frozen=True)
class Spell:
    """What share of a component becomes binding (draws) in a spell of quarters, and how many quarters after the
    forecast's start that spell begins, a whole number a draw, or one for all: deliveries wait for it."""

    share: Array
    since: Array


@dataclass(frozen=True)
class Credited:
    """What an announced value is credited with, USD million at prices of today, and the steps that lead there.

    `to_come` is what of it has not arrived before the forecast, a spell an entry, `to_today` the ratio of today's
    prices to those of the announcement.
    """

    amount: Array
    to_come: tuple[Array, ...]
    steps: dict[str, Array]
    to_today: Array


@dataclass(frozen=True)
class Course:
    """How a spell's amount goes on: what is `due` when, what is still `alive` by each quarter and at the end, and what
    of that is `kept` by events (shares; the same array where none strikes), what is `leaving` in each quarter before
    cancellations, and `waiting` for room at the end (USD million)."""

    due: Due
    alive: Array
    kept: Array
    leaving: Array
    waiting: Array


@dataclass(frozen=True)
class Trace:
    """A credited value followed to the additional imports on a book: USD million, a row a draw.

    `courses` has one a spell, `prices` the ratio of each quarter's prices to today's (draws x quarters), `lag` is the
    quarters until the book records a delivery, and `not_goods` the step of `credit`. `delivered`, `recorded` (by the
    book), `bought_anyway` (of that) and `additional` have a column a quarter of the horizon. Each term is counted on
    its own, when it is asked for: most who ask want the additional imports alone. `crowded` is whether something of the
    category waits for room.
    """

    values: Values
    orders: Credited
    courses: Sequence[Course]
    prices: Array
    lag: int
    not_goods: str
    crowded: Array | bool

    @property
    def value(self) -> Array:
        return self.values.value

    @property
    def credited(self) -> Array:
        return self.orders.amount

    @cached_property
    def delivered(self) -> Array:
        return np.asarray(self._at_todays * self.prices)

    @cached_property
    def recorded(self) -> Array:
        return np.asarray(later(self.delivered, self.lag) * self._on_book)

    @cached_property
    def bought_anyway(self) -> Array:
        return np.asarray(self.recorded * (1 - self.values.additionality)[:, None])

    @cached_property
    def additional(self) -> Array:
        return np.asarray(self.recorded * self.values.additionality[:, None])

    @cached_property
    def _at_todays(self) -> Array:
        horizon = self.prices.shape[1]
        return reduce(add, (course.leaving * course.kept[:, :horizon] for course in self.courses))

    @property
    def _on_book(self) -> Array:
        return np.asarray((self.values.capture * self.values.valuation)[:, None])

    @cached_property
    def steps(self) -> dict[str, Array]:
        """The signed steps, of STEPS, that add up to the additional imports."""
        horizon, on_book, rises = self.prices.shape[1], self._on_book, self.prices - 1
        too_late = self.delivered[:, max(horizon - self.lag, 0) :] if self.lag else self.delivered[:, :0]
        return (
            self.orders.steps
            | _not_arrived(self.orders, self.courses)
            | {
                "prices_of_the_delivery_year": (self._at_todays * rises).sum(axis=1),
                "recorded_after_the_horizon": -(too_late * on_book).sum(axis=1),
                "not_recorded_on_this_book": -(self.delivered * (1 - on_book)).sum(axis=1),
                "bought_anyway": -self.bought_anyway.sum(axis=1),
            }
        )

    @cached_property
    def factors(self) -> dict[str, Array]:
        """The ratios whose product with the announced value is the sum of additional imports, each under the step that
        carries it."""
        values, first, one = self.values, self.courses[0], 1 + 0 * self.credited
        left = reduce(add, (course.leaving for course in self.courses))
        flows = [flow.sum(axis=1) for flow in (left, self._at_todays, self.delivered, self.recorded)]
        # where nothing is bound, arrives or is recorded: what would be
        in_time = (1 - values.arrived) * first.due.within.sum(axis=1)
        return {
            self.not_goods: values.goods,
            "lands_elsewhere": values.landed,
            "list_to_paid_price": values.price,
            "options_not_exercised": taken_up(values),
            "not_binding": reduce(add, (spell.share for spell in values.spells)),
            "after_the_horizon": _ratio(flows[0], self.credited, in_time),
            "cancelled": _ratio(flows[1], flows[0], first.kept[:, -1]),
            "prices_of_the_delivery_year": self.orders.to_today * _ratio(flows[2], flows[1], one),
            "not_recorded_on_this_book": _ratio(flows[3], flows[2], self._on_book[:, 0]),
            "bought_anyway": values.additionality,
        }


def credit(values: Values, not_goods: str, years: int) -> Credited:
    """What an announced value is credited with.

    `not_goods` is the step that says where the part that is no goods goes, `years` are those from the prices of the
    announcement to today's.
    """
    as_goods = values.value * values.goods
    landed = as_goods * values.landed
    paid = landed * values.price
    to_today = (1 + values.escalation) ** years
    today = paid * to_today
    asked = taken_up(values)
    ordered = today * asked
    bound = reduce(add, (spell.share for spell in values.spells))
    arrived = values.arrived * (values.spells[0].since == 0)  # what becomes binding later has not come before
    steps = {
        "announced": values.value,
        not_goods: -values.value * (1 - values.goods),
        "lands_elsewhere": -as_goods * (1 - values.landed),
        "list_to_paid_price": -landed * (1 - values.price),
        "prices_of_today": paid * (to_today - 1),
        "options_not_exercised": -today * (1 - asked),
        "not_binding": -ordered * (1 - bound),
        "arrived_before": -ordered * values.spells[0].share * arrived,
    }
    to_come = [ordered * spell.share for spell in values.spells]
    to_come[0] = to_come[0] * (1 - arrived)
    return Credited(ordered * bound, tuple(to_come), steps, to_today)


def taken_up(values: Values) -> Array:
    """The share of a deal that is ordered, were it binding: what is firm, and the options that are exercised."""
    return np.asarray(values.firm + (1 - values.firm) * values.exercise)


def _not_arrived(credited: Credited, courses: Sequence[Course]) -> dict[str, Array]:
    """What of the amounts does not arrive within the horizon, by reason: signed steps."""
    reasons = ("cancelled", "cancelled_by_an_event", "after_the_horizon", "no_room_in_time")
    found = dict.fromkeys(reasons, 0 * credited.amount)
    for amount, course in zip(credited.to_come, courses, strict=True):
        still_due = amount * course.due.beyond
        lost = {"cancelled": 1 - course.alive}
        if course.kept is not course.alive:  # an event strikes what is alive
            lost["cancelled_by_an_event"] = course.alive - course.kept
        for reason, share in lost.items():
            in_time = np.vecdot(course.leaving, share[:, :-1])
            found[reason] = found[reason] - in_time - (still_due + course.waiting) * share[:, -1]
        end = course.kept[:, -1]
        found["after_the_horizon"] = found["after_the_horizon"] - still_due * end
        found["no_room_in_time"] = found["no_room_in_time"] - course.waiting * end
    return found


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


def survival(hazard: Array, quarters: int, since: Array) -> Array:
    """R: the share not yet cancelled by each quarter, exp(-hazard x years since it became binding).

    `since` has the quarters from the forecast's start until then, a whole number a draw, or one for all.
    """
    bound = np.maximum(np.arange(quarters)[None, :] - since.astype(int)[:, None], 0)
    if hazard.dtype != object:
        return np.asarray(np.exp((-hazard / 4)[:, None] * bound))
    each = zip(hazard, bound, strict=True)
    return np.array([[Fraction(math.exp(-float(h) * int(t) / 4)) for t in row] for h, row in each], dtype=object)


def prices(escalation: Array, calendar: Calendar) -> Array:
    """The ratio of each quarter's prices to those of the forecast's first year, draws x quarters, from rates a year."""
    years = np.array(calendar.quarters.year - calendar.first.year)
    deflators = np.array(calendar.deflators, dtype=escalation.dtype)
    by_year = (1 + escalation)[:, None] ** np.arange(years[-1] + 1)[None, :]
    return np.asarray(by_year[:, years] / deflators[None, :])


def later(amounts: Array, lag: int) -> Array:
    """Amounts moved `lag` quarters on; nothing from before the forecast moves in."""
    if not lag:
        return amounts
    return np.concatenate([np.zeros_like(amounts[:, :lag]), amounts[:, :-lag]], axis=1)


def annual_rate(additional: Any, quarters: int, gap_last_four: Any) -> Any:
    """Closure (i): mean yearly additional imports over the gap of the last four observed quarters."""
    return additional * 4 / quarters / gap_last_four
