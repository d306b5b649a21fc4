"""The arithmetic: the gap, the bridge from announced to additional imports, and closure.

The gap is the home country's exports to its partner minus its imports from there, on a named book: Vietnam's with the
United States, unless a case says otherwise. Positive is the home country's surplus. This is the one place that says so.

`credit` and `Trace` are the model's equation for one component, before and after `delivery` says when
things arrive. They work on arrays of one value a draw, float64 for simulated draws and Fraction objects
where everything is fixed, so that the deterministic path is exact and is the same code. No quarter is held of each
component and draw: what an amount comes to is read off a table of what a dollar does (`Prospects`), by the quarter in
which its schedule starts, and quarters are those of all parts together that share one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from itertools import accumulate, pairwise
from operator import add, mul
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions.delivery import Array, Due
from ..assumptions.distributions import EVIDENCE_MONTHS, MONTHS_A_QUARTER
from ..words.terms import Category
from .prospects import Course, Prospects, spread

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

    @cached_property
    def in_years(self) -> dict[int, slice]:
        """By calendar year with at least one quarter in the horizon, where its quarters stand."""
        found = self.quarters.year
        return {int(year): slice(*np.searchsorted(found, [year, year + 1])) for year in sorted(set(found))}

    @cached_property
    def years_on(self) -> list[int]:
        """By quarter, how many years after the forecast's first it is."""
        return [int(year) - self.first.year for year in self.quarters.year]

    @property
    def years(self) -> list[int]:
        """Calendar years with at least one quarter in the horizon."""
        return list(self.in_years)

    @property
    def spells(self) -> int:
        """How many spells of SPELL quarters it takes to reach the horizon: in each, deals may become binding."""
        return -(-self.horizon // SPELL)

    @property
    def bound_by(self) -> pd.Period:
        """The quarter by whose end what has not become binding counts as never binding: the last of the spells."""
        return self.first + self.spells * SPELL - 1

    @cached_property
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
    """One draw's (or every draw's) values of a component's factors: arrays of one value a draw, or of one for all.

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
class Trace:
    """A credited value followed to the additional imports on a book: USD million, a value or row a draw, or one for
    all.

    `courses` has one a spell, `due` when the schedule falls due, `not_goods` is the step of `credit`. `delivered`,
    `recorded` (by the book) and `additional` have a column a quarter of the horizon and are not kept; `sums` has what
    these and others add up to, without the quarters. Each term is counted on its own, when it is asked for.
    """

    values: Values
    orders: Credited
    courses: Sequence[Course]
    due: Due
    prospects: Prospects
    not_goods: str

    @property
    def value(self) -> Array:
        return self.values.value

    @property
    def credited(self) -> Array:
        return self.orders.amount

    @property
    def delivered(self) -> Array:
        return self.prospects.flow(falling_due([self]))

    @property
    def recorded(self) -> Array:
        return np.asarray(later(self.delivered, self.prospects.lag) * self.on_book[:, None])

    @property
    def additional(self) -> Array:
        return np.asarray(self.recorded * self.values.additionality[:, None])

    @property
    def on_book(self) -> Array:
        """What of a delivered dollar the book shows."""
        return times(self.values.capture, self.values.valuation)

    @property
    def to_the_gap(self) -> Array:
        """What of a delivered dollar the book shows that would not have been bought anyway."""
        return times(self.on_book, self.values.additionality)

    @property
    def added(self) -> Array:
        """The sum of the additional imports over the horizon."""
        return times(self.sums["recorded"], self.to_the_gap)

    @cached_property
    def bound(self) -> list[Array]:
        """Each course's amount, in dollars that are binding from the forecast's start."""
        return [times(course.to_come, self.prospects.since(course.since)) for course in self.courses]

    @cached_property
    def sums(self) -> dict[str, Array]:
        """By what `Prospects.of` tells of a dollar, what all of it comes to."""
        found: dict[str, Array] = {}
        for before, name in pairwise(("", "leaving", "alive", "kept", "delivered", "recorded")):
            if found and self.prospects.is_same(before, name):
                found[name] = found[before]
                continue
            amounts = self.bound if found else [course.to_come for course in self.courses]
            each = (self.prospects.of(name, self.due, course) for course in self.courses)
            found[name] = reduce(add, (times(amount, share) for amount, share in zip(amounts, each, strict=True)))
        return found

    @cached_property
    def steps(self) -> dict[str, Array]:
        """The signed steps, of STEPS, that add up to the additional imports."""
        sums, on_book, nothing = self.sums, self.on_book, 0 * self.credited[:1]
        more = {
            name: sums[after] - sums[before] if sums[after] is not sums[before] else nothing
            for name, before, after in (
                ("prices_of_the_delivery_year", "kept", "delivered"),
                ("recorded_after_the_horizon", "delivered", "recorded"),
            )
        }
        return (
            self.orders.steps
            | self._not_arrived()
            | {
                "prices_of_the_delivery_year": more["prices_of_the_delivery_year"],
                "recorded_after_the_horizon": times(more["recorded_after_the_horizon"], on_book),
                "not_recorded_on_this_book": -off(sums["delivered"], on_book),
                "bought_anyway": -off(times(sums["recorded"], on_book), self.values.additionality),
            }
        )

    def _not_arrived(self) -> dict[str, Array]:
        """What of the amounts does not arrive within the horizon, by reason: signed steps."""
        ahead, sums, nothing = self.prospects, self.sums, 0 * self.credited[:1]
        found = {"cancelled": sums["alive"] - sums["leaving"], "cancelled_by_an_event": nothing}
        if sums["kept"] is not sums["alive"]:
            found["cancelled_by_an_event"] = sums["kept"] - sums["alive"]
        found |= dict.fromkeys(("after_the_horizon", "no_room_in_time"), nothing)
        for course in self.courses:
            left = [("after_the_horizon", times(course.to_come, self.due.beyond[course.starts]))]
            if ahead.waiting is not None:
                waits = times(course.to_come, ahead.of("waits", self.due, course))
                left.append(("no_room_in_time", waits))
            for reason, amount in left:
                if not amount.any():
                    continue
                alive = ahead.at_end(ahead.alive, course.since)
                kept = alive if ahead.kept is ahead.alive else ahead.at_end(ahead.kept, course.since)
                found["cancelled"] = found["cancelled"] - off(amount, alive)
                if kept is not alive:
                    found["cancelled_by_an_event"] = found["cancelled_by_an_event"] - times(amount, alive - kept)
                found[reason] = found[reason] - times(amount, kept)
        return found

    @cached_property
    def factors(self) -> dict[str, Array]:
        """The ratios whose product with the announced value is the sum of additional imports, each under the step that
        carries it."""
        values, first, sums, one = self.values, self.courses[0], self.sums, np.ones(1, self.credited.dtype)
        # where nothing is bound, arrives or is recorded: what would be
        in_time = (1 - values.arrived) * self.due.within.sum(axis=1)[first.starts]
        at_end = self.prospects.at_end(self.prospects.kept, first.since)
        return {
            self.not_goods: values.goods,
            "lands_elsewhere": values.landed,
            "list_to_paid_price": values.price,
            "options_not_exercised": taken_up(values),
            "not_binding": reduce(add, (spell.share for spell in values.spells)),
            "after_the_horizon": _ratio(sums["leaving"], self.credited, in_time),
            "cancelled": _ratio(sums["kept"], sums["leaving"], at_end),
            "prices_of_the_delivery_year": self.orders.to_today * _ratio(sums["delivered"], sums["kept"], one),
            "not_recorded_on_this_book": self.on_book * _ratio(sums["recorded"], sums["delivered"], one),
            "bought_anyway": values.additionality,
        }


def falling_due(parts: Sequence[Trace], *, on_book: bool = False) -> Array:
    """What falls due of some parts in each quarter, in dollars that are binding from the forecast's start: draws x
    quarters; by one product a schedule, whatever the number of parts. Of each dollar all, or what it is `to_the_gap`.
    """
    found: Array | int = 0
    for due in {id(part.due): part.due for part in parts}.values():
        courses, amounts = list[Course](), list[Array]()
        for part in (part for part in parts if part.due is due):
            courses += part.courses
            amounts += [times(amount, part.to_the_gap) for amount in part.bound] if on_book else part.bound
        found = found + spread(courses, amounts, due)
    return np.asarray(found)


def credit(values: Values, not_goods: str, years: int) -> Credited:
    """What an announced value is credited with.

    `not_goods` is the step that says where the part that is no goods goes, `years` are those from the prices of the
    announcement to today's.
    """
    as_goods = times(values.value, values.goods)
    landed = times(as_goods, values.landed)
    paid = times(landed, values.price)
    to_today = _risen(values.escalation, years)
    today = times(paid, to_today)
    asked = taken_up(values)
    ordered = times(today, asked)
    bound = reduce(add, (spell.share for spell in values.spells))
    arrived = values.arrived * (values.spells[0].since == 0)  # what becomes binding later has not come before
    to_come = [times(ordered, spell.share) for spell in values.spells]
    steps = {
        "announced": values.value,
        not_goods: -off(values.value, values.goods),
        "lands_elsewhere": -off(as_goods, values.landed),
        "list_to_paid_price": -off(landed, values.price),
        "prices_of_today": -off(paid, to_today),
        "options_not_exercised": -off(today, asked),
        "not_binding": -off(ordered, bound),
        "arrived_before": -off(to_come[0], 1 - arrived),
    }
    return Credited(times(ordered, bound), (times(to_come[0], 1 - arrived), *to_come[1:]), steps, to_today)


def times(amount: Array, share: Array) -> Array:
    """A share of an amount: of all, of nothing and of nothing at all, without a step a draw."""
    if share.size == 1 and share[0] == 1:
        return amount
    return np.asarray(amount * share) if share.size > 1 or share[0] else 0 * amount[:1]


def off(amount: Array, share: Array) -> Array:
    """What a share takes off an amount."""
    return times(amount, 1 - share)


def _risen(rate: Array, years: int) -> Array:
    """What a yearly rate comes to over whole years, before or after."""
    risen = reduce(mul, [1 + rate] * abs(years), 1 + 0 * rate)
    return np.asarray(risen if years >= 0 else 1 / risen)


def taken_up(values: Values) -> Array:
    """The share of a deal that is ordered, were it binding: what is firm, and the options that are exercised."""
    return np.asarray(values.firm + off(values.exercise, values.firm))


def _ratio(part: Array, whole: Array, otherwise: Array) -> Array:
    """The part's share of the whole; where there is no whole, another measure of the same."""
    if part is whole:
        return np.ones(1, part.dtype) if whole.all() else np.where(whole == 0, otherwise, 1)
    nothing = whole == 0
    if not nothing.any():
        return np.asarray(part / whole)
    return np.where(nothing, otherwise, part / np.where(nothing, 1, whole))


def survival(hazard: Array, quarters: int) -> Array:
    """R: the share not yet cancelled by each quarter, exp(-hazard x years since the forecast's start)."""
    years = -np.arange(quarters) / 4
    if hazard.dtype != object:
        return np.exp(np.multiply.outer(years, hazard)).T
    return np.array([[Fraction(math.exp(float(h) * t)) for t in years] for h in hazard], dtype=object)


def prices(escalation: Array, calendar: Calendar) -> Array:
    """The ratio of each quarter's prices to those of the forecast's first year, draws x quarters, from rates a year."""
    by_year = list(accumulate(calendar.in_years, lambda risen, _: risen * (1 + escalation), initial=0 * escalation + 1))
    found = [by_year[year] for year in calendar.years_on]
    if calendar.dollars_of is not None:
        deflators = np.array(calendar.deflators, dtype=escalation.dtype)
        found = [risen / deflator for risen, deflator in zip(found, deflators, strict=True)]
    return np.array(found).T


def later(amounts: Array, lag: int) -> Array:
    """Amounts moved `lag` quarters on; nothing from before the forecast moves in."""
    if not lag:
        return amounts
    return np.concatenate([np.zeros_like(amounts[:, :lag]), amounts[:, :-lag]], axis=1)


def annual_rate(additional: Any, quarters: int, gap_last_four: Any) -> Any:
    """Closure (i): mean yearly additional imports over the gap of the last four observed quarters."""
    return additional * 4 / quarters / gap_last_four
