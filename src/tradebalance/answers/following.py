"""Components drawn from a source and followed through the equations, parts that go on alike together.

A `Plan` has what is the same in every draw. Draws are followed some thousands at a time, as many as a processor's cache
holds, and parts of a category by what they have in common (`Together`): a category may share room.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from itertools import groupby
from operator import add

import numpy as np

from ..assumptions import delivery
from ..assumptions.credit import Component
from ..assumptions.tariff import Tariff
from ..words.terms import Category
from . import gap
from .draws import Array, Cases, Common, Exact, Points, RandomBlock, stretch
from .gap import SPELL, Calendar, Spell, Trace, Values
from .prospects import Course, Prospects, Waiting

Source = Exact | RandomBlock | Points | Cases
Capacities = Mapping[str, Sequence[Fraction]]
SHARED = [
    "goods", "landed", "price", "hazard", "escalation", "firm", "exercise", "capture", "valuation", "additionality",
]  # fmt: skip


AT_ONCE = 4096  # draws that are followed together: as many as a processor's cache holds of a few dozen arrays
FEWEST_AT_ONCE = 256
PARTS = 64  # that are followed together, where they share no room


def stretches(source: Source, parts: int) -> Iterator[tuple[slice, Source]]:
    """A source's draws, so many at once: fewer, the more parts there are."""
    size = max(FEWEST_AT_ONCE, AT_ONCE * PARTS // max(parts, PARTS))
    if not isinstance(source, RandomBlock) or source.size <= size:
        yield slice(0, source.size), source
        return
    for start in range(0, source.size, size):
        rows = slice(start, min(start + size, source.size))
        yield rows, stretch(source, rows)


@dataclass(frozen=True)
class Planned:
    """A component on a calendar: when it is due from the quarter `first` on, counted from the forecast's start, the
    years from its prices to today's, and the step of the bridge for what of it is no goods from the partner."""

    of: Component
    due: delivery.Due
    first: int
    years: int
    not_goods: str

    @property
    def like(self) -> tuple[object, ...]:
        """What parts that go on alike have in common: a dollar of each, binding and due when another's is, is delivered
        in the same quarters."""
        return self.of.factors.hazard, self.of.factors.escalation, self.of.hits, self.of.factors.lag

    @property
    def on_book(self) -> tuple[object, ...]:
        """What of a delivered dollar the book shows that would not have been bought anyway."""
        return self.of.factors.capture, self.of.factors.valuation, self.of.factors.additionality


@dataclass(frozen=True)
class Plan:
    """What of a model is the same in every draw: the included parts, those of a category together that share its room,
    with that room, and others, as many as are followed together, with None."""

    components: tuple[Component, ...]
    calendar: Calendar
    sharing: tuple[tuple[tuple[Planned, ...], Array | None], ...]
    dtype: type = float

    @property
    def each(self) -> Iterator["Plan"]:
        """Of every included part alone, as if nothing were limited."""
        parts = {part.of.id: part for parts, _ in self.sharing for part in parts}
        for part in (parts[component.id] for component in self.components if component.id in parts):
            yield replace(self, components=(part.of,), sharing=(((part,), None),))

    def only(self, categories: Container[str]) -> "Plan":
        """Of some categories that share room alone."""
        some = tuple(each for each in self.sharing if each[1] is not None and each[0][0].of.category in categories)
        return replace(self, components=tuple(part.of for parts, _ in some for part in parts), sharing=some)


def plan(
    components: Iterable[Component], calendar: Calendar, capacities: Capacities | None = None, dtype: type = float
) -> Plan:
    """A plan for sources of a type of numbers."""
    found, tables = tuple(components), dict[object, delivery.Due]()
    included = sorted((c for c in found if c.included), key=lambda c: (c.category, c.id))
    sharing: list[tuple[tuple[Planned, ...], Array | None]] = []
    free: list[Planned] = []
    for category, group in groupby(included, key=lambda c: c.category):
        room = (capacities or {}).get(category)
        parts = tuple(_part(component, calendar, dtype, tables) for component in group)
        if room is None:
            free += parts
        else:
            sharing.append((parts, np.array(room, dtype)))
    sharing += [(tuple(free[at : at + PARTS]), None) for at in range(0, len(free), PARTS)]
    return Plan(found, calendar, tuple(sharing), dtype)


def _part(component: Component, calendar: Calendar, dtype: type, tables: dict[object, delivery.Due]) -> Planned:
    first, shares = calendar.weights(component.schedule)
    weights: Array = np.array(shares, dtype)
    key = tuple(weights.tolist())
    if key not in tables:
        tables[key] = delivery.due(weights, calendar.horizon)
    years = calendar.first.year - component.priced_in if component.priced_in else 0
    return Planned(component, tables[key], first, years, _not_goods(component))


@dataclass(frozen=True)
class Together:
    """Parts that go on alike (`Planned.like`), of one category where they share its room."""

    parts: tuple[Planned, ...]
    traces: tuple[Trace, ...]
    _due: Array | None = None

    @cached_property
    def falls_due(self) -> Array:
        return gap.falling_due(self.traces) if self._due is None else self._due

    def where(self, waiting: Waiting | None) -> "Together":
        """The same parts where some of them wait, or none; what falls due of them is the same."""
        ahead = replace(self.traces[0].prospects, waiting=waiting)
        traces = tuple(replace(each, prospects=ahead) for each in self.traces)
        return Together(self.parts, traces, self.falls_due)

    @property
    def additional(self) -> Array:
        """Additional imports, draws x quarters."""
        ahead, each = self.traces[0].prospects, self.parts[0].on_book
        if all(part.on_book == each for part in self.parts):
            return gap.later(ahead.flow(self.falls_due), ahead.lag) * self.traces[0].to_the_gap[:, None]
        return gap.later(ahead.flow(gap.falling_due(self.traces, on_book=True)), ahead.lag)


def traces(of: Plan, source: Source) -> Iterator[tuple[Component, Trace]]:
    """Every included component with what becomes of it, a category at a time, as one limits it."""
    for together in groups(of, source):
        yield from zip((part.of for part in together.parts), together.traces, strict=True)


def trace(
    deals: Sequence[Component], source: Source, calendar: Calendar, capacity: Sequence[Fraction] | None = None
) -> list[Trace]:
    """The components of one category, included or not, their values drawn from a source and followed through the
    equations."""
    limits = {} if capacity is None else {deals[0].category: capacity}
    of = plan([replace(deal, included=True) for deal in deals], calendar, limits, source.dtype)
    found = {component.id: each for component, each in traces(of, source)}
    return [found[deal.id] for deal in deals]


def groups(of: Plan, source: Source) -> Iterator[Together]:
    """The parts that go on alike, a category at a time, with what becomes of them."""
    for parts, room in of.sharing:
        apart: dict[object, list[Planned]] = {}
        for part in parts:
            apart.setdefault(part.like, []).append(part)
        found = (_together(alike, source, of.calendar) for alike in apart.values())
        yield from found if room is None else _limited(list(found), room, source.size)


def _together(parts: Sequence[Planned], source: Source, calendar: Calendar) -> Together:
    """Parts that go on alike, their values drawn from a source and followed through the equations."""
    values = [_values(part, source, calendar) for part in parts]
    alive = gap.survival(values[0].hazard, calendar.horizon + 1)
    kept = alive * spared(parts[0].of, source, calendar) if parts[0].of.hits else alive
    prices = gap.prices(values[0].escalation, calendar)
    ahead = Prospects(alive, kept, prices, parts[0].of.factors.lag)
    return Together(tuple(parts), tuple(_trace(*each, ahead, source) for each in zip(parts, values, strict=True)))


def _trace(part: Planned, values: Values, ahead: Prospects, source: Source) -> Trace:
    orders = gap.credit(values, part.not_goods, part.years)
    slip = part.of.factors.slip
    # the mean of a delay is the mean of its schedules
    due = (
        part.due.spread(np.array(slip.quarters, float)) if isinstance(source, Cases) and not slip.is_fixed else part.due
    )
    late = part.first + values.slip.astype(int)
    courses = [
        Course(amount, spell.since, np.minimum(late + spell.since, ahead.horizon))
        for amount, spell in zip(orders.to_come, values.spells, strict=True)
    ]
    return Trace(values, orders, courses, due, ahead, part.not_goods)


def _limited(found: Sequence[Together], room: Array, draws: int) -> Sequence[Together]:
    """Parts of a category with what becomes of them where all of them share its room."""
    if not any(each.falls_due.any() for each in found):  # services and finance take no room
        return found
    whole = draws, len(room)
    due = [np.broadcast_to(each.falls_due, whole) for each in found]
    kept = [np.broadcast_to(each.traces[0].prospects.kept[:, :-1], whole) for each in found]
    arrives = reduce(add, (each * left for each, left in zip(due, kept, strict=True)))
    crowded = np.flatnonzero((arrives > room[None, :]).any(axis=1))  # where nothing is crowded, all leaves when due
    if not len(crowded):
        return found
    served = delivery.served([each[crowded] for each in due], [each[crowded] for each in kept], room)
    return [each.where(Waiting(crowded, draws, served)) for each in found]


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


def _values(part: Planned, source: Source, calendar: Calendar) -> Values:
    component, factors = part.of, part.of.factors
    value: Array = np.array([component.value_usd_mn], source.dtype)
    if component.mix is not None:
        drawn = source.share(component.mix, factors.concentration, component.category)
        value = value * drawn / np.array([component.mix.shares[component.category]], source.dtype)[0]
    if isinstance(source, Cases):
        value = value * source.weights  # without limits all that follows rises with it in proportion: sums are means
    return Values(
        value=value,
        spells=spells(component, source, calendar.spells),
        arrived=np.array([component.arrived], source.dtype)[0] + source.value(factors.arrived),
        slip=delays(component, source),
        **{name: source.value(getattr(factors, name)) for name in SHARED},
    )


def delays(component: Component, source: Source) -> Array:
    """By how many quarters each draw's deliveries are late; by none where all delays are taken together."""
    slip = component.factors.slip
    if isinstance(source, Cases) and not slip.is_fixed:
        return np.zeros(1)
    return source.value(slip, Common(f"seller {component.category}", component.factors.seller), component.id)


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
