"""From announced leaves to components: one category each, its factors looked up, its schedule set.

A component is the unit of the model's equations (the d of V[d], C[d], w[d]). A named deal is one
component; a remainder is one for each category of its mix. `settings` is what acted besides the numbers of each
deal; a page that lists the numbers alone would hide half of what was assumed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial

import pandas as pd

from ..facts.known import Known
from ..facts.ledger import Event, Leaf, is_known
from ..words.problems import Problem, refuse
from ..words.terms import Category, Status, Strength
from . import delivery
from .delivery import Delivery, Schedule, printed_window
from .distributions import Assumption, Mix, Record, Steps, Window, stated
from .events import Hit, hits
from .scenario import ScenarioSpec
from .tariff import Tariff
from .written import (
    CAPACITY,
    CONCENTRATION,
    DEALS,
    ESCALATION,
    EXERCISE,
    FIRM_SHARE,
    HAZARD,
    LATE,
    MIX,
    SLIP,
    WINDOW,
    Assumptions,
)

AT_MARKET_PRICES = (Category.LNG, Category.ENERGY, Category.AGRICULTURE)
UNFINISHED = (Status.MOU, Status.NEGOTIATING, Status.PLANNED)
CERTAIN = stated("every factor", 1, "the scenario's choice: credit none")
NOTHING = stated("no goods", 0, "no goods, nothing cancelled, or nothing later, by definition")
ON_TIME = stated("no slip", 0, "the scenario's choice: nothing slips")
# the factors that are assumptions, in the order in which the bridge applies them
ORDER = (
    "concentration", "goods", "landed", "price", "escalation", "firm", "exercise", "conversion", "late", "arrived",
    "slip", "hazard", "capture", "valuation", "additionality",
)  # fmt: skip


@dataclass(frozen=True)
class Factors:
    """What stands between a component's announced value and what a book records as additional; by default nothing.

    All are shares but `hazard` and `escalation` (a year), `valuation` (a ratio), `lag` and `slip` (quarters), and
    `concentration` (of a mix: how many looks at it the stated shares are worth). `is_coin`: conversion is the
    probability of a coin, else a fraction; both are given `age_months` without becoming binding, and speak of the first
    24 months, `late` of each 24 after them. `firm` is the share that is ordered for sure, `exercise` that of the
    options which are taken up, `arrived` that which had come before the forecast. `political` and `seller` are the
    correlations that two deals have by the common factors: a good political draw makes conversion likelier, a bad
    seller's draw moves a whole category later.
    """

    goods: Assumption = CERTAIN
    landed: Assumption = CERTAIN
    price: Assumption = CERTAIN
    escalation: Assumption = NOTHING
    firm: Assumption = CERTAIN
    exercise: Assumption = CERTAIN
    conversion: Assumption = CERTAIN
    late: Assumption = NOTHING
    concentration: Assumption = CERTAIN
    arrived: Assumption = NOTHING
    is_coin: bool = False
    hazard: Assumption = NOTHING
    capture: Assumption = CERTAIN
    valuation: Assumption = CERTAIN
    lag: int = 0
    additionality: Assumption = CERTAIN
    slip: Assumption = ON_TIME
    age_months: int = 0
    political: float = 0.0
    seller: float = 0.0

    def bound(self, spells: int) -> Fraction:
        """The share that is binding after so many spells of 24 months, on average, exactly."""
        return 1 - self.conversion.aged(self.age_months).misses(1) * self.late.misses(spells - 1)

    def bound_if_odds_held(self, spells: int) -> Fraction:
        """As `bound`, if each deal's odds of the first 24 months held for ever: an upper bound of what is late."""
        return 1 - self.conversion.aged(self.age_months).misses(spells)

    @property
    def uncertain(self) -> list[Assumption]:
        """The assumptions in the order of ORDER."""
        return [getattr(self, name) for name in ORDER]


@dataclass(frozen=True)
class Component:
    """One category's part of one leaf: USD million as announced, its factors and its schedule.

    `mix` is that of which it is a part, where the part is drawn; `priced_in` the year of whose prices its value is
    (None: of today's); `arrived` the share of it that came before the forecast where everything is on time, `window`
    the one that is said of this deal alone, `hits` the events that strike it.
    """

    leaf: Leaf
    category: str
    value_usd_mn: Fraction
    included: bool
    factors: Factors
    schedule: Schedule
    mix: Mix | None = None
    priced_in: int | None = None
    arrived: Fraction = Fraction(0)
    window: Window | None = None
    hits: tuple[Hit, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.leaf.id}: {self.category}" if self.leaf.is_remainder else self.leaf.id


def components(
    facts: Known,
    scenario: ScenarioSpec,
    assumptions: Assumptions,
    duty: Tariff | None = None,
) -> list[Component]:
    """Every leaf's components under a scenario, from what is known at the end of a month.

    `duty` is the scenario's tariff, on which events may hang. Of what came before the forecast this takes only what is
    said of a deal alone; what the evidence bounds is added by `answers.model`. A deal's age counts by that month, and
    its subsets that land elsewhere are looked up among the ledger's events. Raises Refused, naming the paths that were
    tried, where an assumption is missing.
    """
    known = _Context(facts, scenario, assumptions, duty)
    shares = ((leaf, *each) for leaf in facts.leaves for each in _categories(leaf, assumptions).items())
    return [_component(leaf, category, share, known) for leaf, category, share in shares]


def _component(leaf: Leaf, category: str, share: Fraction, known: "_Context") -> Component:
    wanted = known.scenario.include
    arrived, schedule = _schedule(leaf, category, known)
    return Component(
        leaf=leaf,
        category=category,
        value_usd_mn=Fraction(leaf.value_usd_mn) * share,
        included=leaf.status in wanted.status and (wanted.remainders or not leaf.is_remainder),
        factors=_factors(leaf, category, known),
        schedule=schedule,
        mix=_drawn_mix(leaf, known),
        priced_in=_priced_in(leaf),
        arrived=arrived,
        window=_own_window(leaf, category, known),
        hits=hits(known.scenario.events, leaf.id, category, known.facts.first, known.duty),
    )


@dataclass(frozen=True)
class _Context:
    facts: Known
    scenario: ScenarioSpec
    assumptions: Assumptions
    duty: Tariff | None


def capacities(scenario: ScenarioSpec, assumptions: Assumptions, quarters: pd.PeriodIndex) -> dict[str, list[Fraction]]:
    """Category -> USD million at paid prices that can arrive in each quarter; empty where nothing is limited."""
    if not scenario.delivery.is_limited:
        return {}
    steps = {str(c): assumptions.of_category(Steps, CAPACITY, c) for c in Category}
    return {category: [Fraction(found.at(q)) for q in quarters] for category, found in steps.items()}


def outside_horizon(found: Iterable[Component], first: pd.Period, last: pd.Period, file: str) -> list[Problem]:
    """A warning for each component of which nothing is due between the first and the last quarter."""
    fix = "lengthen the horizon, or shorten the delay or the window"
    return [
        Problem("outside_horizon", file, f"nothing of {c.id} is due from {first} to {last}", fix, severity="warning")
        for c in found
        if c.included and not any(first <= quarter <= last for quarter in c.schedule)
    ]


def looked_up(found: Iterable[Component]) -> list[Assumption]:
    """The assumptions behind the components that count, each once, in the order the bridge applies them."""
    steps = zip(*(c.factors.uncertain for c in found if c.included), strict=True)
    used = [assumption for step in steps for assumption in step]
    return list({a.path: a for a in used if a not in (CERTAIN, NOTHING, ON_TIME)}.values())


def _categories(leaf: Leaf, assumptions: Assumptions) -> Mapping[str, Fraction]:
    """Category -> share of the leaf; a tranche's remainder has the mix stated for the tranche."""
    mix = _mix(leaf, assumptions)
    return mix.shares if mix else {leaf.event.category: Fraction(1)}


def _mix(leaf: Leaf, assumptions: Assumptions) -> Mix | None:
    mix = assumptions.by_path.get(f"{MIX}.{leaf.event.id}") if leaf.is_remainder else None
    return mix if isinstance(mix, Mix) else None


def _drawn_mix(leaf: Leaf, known: _Context) -> Mix | None:
    """The mix of a remainder, where there is something to draw: credited, and of more than one category."""
    mix = _mix(leaf, known.assumptions)
    return mix if mix and len(mix.shares) > 1 and known.scenario.credit == "assumptions" else None


def _schedule(leaf: Leaf, category: str, known: _Context) -> tuple[Fraction, Schedule]:
    """The share that came before the forecast, and when the rest is due: without any factors everything is on time."""
    pace, first, window = known.scenario.delivery.pace_of(category), known.facts.first, _window(leaf, category, known)
    if known.scenario.credit == "none":
        return delivery.on_time(delivery.planned(pace, first, window), first)
    return Fraction(0), delivery.schedule(pace, first, window)


def _window(leaf: Leaf, category: str, known: _Context) -> pd.PeriodIndex | None:
    """The quarters in which a deal was to arrive, printed or assumed; None where it starts with the forecast."""
    plan = known.scenario.delivery
    if plan.start == "now":
        return None
    if own := _own_window(leaf, category, known):
        return own.quarters
    if is_window_assumed(leaf, plan, category):
        return known.assumptions.of_category(Window, WINDOW, category).quarters
    return printed_window(leaf.now.delivery_start, leaf.now.delivery_end)


def _own_window(leaf: Leaf, category: str, known: _Context) -> Window | None:
    """The window that is said of this deal alone, where windows act."""
    plan = known.scenario.delivery
    acts = plan.start == "announced" and not plan.pace_of(category).milestones
    return known.assumptions.of_deal(Window, leaf.id, "window") if acts else None


def is_window_assumed(leaf: Leaf, plan: Delivery, category: str) -> bool:
    """Whether a deal arrives in its category's assumed window: under `published`, where none was printed for it."""
    is_published = plan.start == "announced" and plan.pace_of(category).profile == "published"
    return is_published and printed_window(leaf.now.delivery_start, leaf.now.delivery_end) is None


def _factors(leaf: Leaf, category: str, known: _Context) -> Factors:
    """What is ordered, at which price, and how much of it is additional; then `_in_time` and `_on_the_book`."""
    slip = _slip(leaf, category, known)
    if known.scenario.credit == "none":
        return Factors(slip=slip)
    of = known.assumptions
    kind = "energy_and_agriculture" if category in AT_MARKET_PRICES else leaf.event.value_kind
    own = partial(of.of_deal, Assumption, leaf.id)
    goods = own("goods") or (of.of_category(Assumption, "goods_share", category) if leaf.is_goods else NOTHING)
    firm = _firm(leaf, of)
    no_goods = goods.is_fixed and not goods.mean  # of services and finance nobody states how additional goods are
    added = own("additionality") or of.of_category(Assumption, "additionality", category) if not no_goods else NOTHING
    ordered = Factors(
        goods=goods,
        landed=own("landed") or _landed(leaf, category, known),
        price=own("price") or of.first_of(f"price_paid_of_announced.{kind}"),
        firm=firm,
        exercise=CERTAIN if firm == CERTAIN else own("exercise") or of.of_category(Assumption, EXERCISE, category),
        escalation=of.of_category(Assumption, ESCALATION, category),
        concentration=of.first_of(CONCENTRATION) if _drawn_mix(leaf, known) else CERTAIN,
        additionality=added,
        slip=slip,
        political=of.correlation("political"),
        seller=of.correlation("seller"),
    )
    return _on_the_book(_in_time(ordered, leaf, category, known), category, known)


def _in_time(ordered: Factors, leaf: Leaf, category: str, known: _Context) -> Factors:
    """With what becomes of an order: whether it is binding by when, what had come of it, what is cancelled."""
    of = known.assumptions
    own = partial(of.of_deal, Assumption, leaf.id)
    return replace(
        ordered,
        conversion=own("conversion") or _conversion(leaf, category, of),
        late=_late(leaf, category, of),
        arrived=own("arrived") or NOTHING,
        is_coin=not leaf.is_remainder,
        hazard=of.of_category(Assumption, HAZARD, category),
        age_months=0 if own("conversion") else age_months(leaf.now, known.facts.as_of),
    )


def _on_the_book(delivered: Factors, category: str, known: _Context) -> Factors:
    """With what the scenario's book records of what is delivered, at which price point and how much later."""
    of, book = known.assumptions, f"books.{known.scenario.reporter}"
    return replace(
        delivered,
        capture=of.of_category(Assumption, f"{book}.capture", category),
        valuation=of.first_of(f"{book}.valuation"),
        lag=int(of.first_of(f"{book}.lag_quarters").parameters[0]),
    )


def _slip(leaf: Leaf, category: str, known: _Context) -> Assumption:
    """How much later than its window a deal starts; of one whose window began before the forecast, what is left."""
    plan = known.scenario.delivery
    own = known.assumptions.of_deal(Assumption, leaf.id, "slip_months") if plan.start == "announced" else None
    if not plan.slips and own is None:
        return ON_TIME
    window, first = _window(leaf, category, known), known.facts.first
    found = own or known.assumptions.of_category(Assumption, SLIP, category)
    return found if window is None or window[0] >= first else found.after((first - window[0]).n)


def _landed(leaf: Leaf, category: str, known: _Context) -> Assumption:
    """The share that lands in Vietnam: at most what the ledger's subsets that go elsewhere leave of the quantity."""
    found = known.assumptions.first_of(*(f"landed_in_vietnam.{key}" for key in (leaf.id, category, "default")))
    if not found.elsewhere:
        return found
    events = {event.id: event for event in known.facts.events}
    unknown = [name for name in found.elsewhere if name not in events or events[name].quantity is None]
    if unknown or not leaf.event.quantity:
        reason = f"elsewhere: {', '.join(unknown) or leaf.id} has no row with a quantity in the ledger"
        fix = "name subsets of the deal, as the ledger does, or state at_most"
        refuse("unknown_parent", known.assumptions.file, reason, fix, column=found.path)
    parts = [events[name] for name in found.elsewhere]
    gone = sum((part.quantity or Decimal(0) for part in parts if is_known(part, known.facts.last_day)), Decimal(0))
    return replace(found, at_most=max(Decimal(0), min(found.at_most, 1 - gone / leaf.event.quantity)))


def _firm(leaf: Leaf, known: Assumptions) -> Assumption:
    """The share of a deal's pieces that is ordered for sure: as said of it alone, as the ledger tells, or assumed
    where there are options and nobody says how many."""
    said, told = known.of_deal(Assumption, leaf.id, "firm"), leaf.split
    pieces = told.quantity
    if said is not None and pieces:
        return replace(said, parameters=(said.parameters[0] / pieces,))
    if told.is_split_undisclosed:
        return known.of_category(Assumption, FIRM_SHARE, told.category)
    if not pieces or not told.option_quantity or told.firm_quantity is None:
        return CERTAIN
    share = told.firm_quantity / pieces
    source = f"ledger {told.id}: {told.firm_quantity} of {pieces} are firm"
    return Assumption(f"{DEALS}.{leaf.id}.firm", source, Strength.STRONG, "value", (share,))


def _priced_in(leaf: Leaf) -> int | None:
    """The year of whose prices a value is: the middle one of its lists, else that of its announcement; None without."""
    listed, day = leaf.event.list_price_year, leaf.event.date.latest or leaf.event.date.earliest
    if listed.earliest and listed.latest:
        return (listed.earliest.year + listed.latest.year) // 2
    return day.year if day else None


def age_months(now: Event, as_of: pd.Period) -> int:
    """Months since the newest event of what is not binding yet, deal or rest; 0 for others, and without any date."""
    day = now.date.latest or now.date.earliest
    if now.status not in UNFINISHED or day is None:
        return 0
    return max(0, int((as_of - pd.Period(day, freq="M")).n))


def _late(leaf: Leaf, category: str, known: Assumptions) -> Assumption:
    """The share of what is not binding after a spell that becomes so in the next; nothing of what is called signed."""
    return known.of_category(Assumption, LATE, category) if leaf.status in UNFINISHED else NOTHING


def _conversion(leaf: Leaf, category: str, known: Assumptions) -> Assumption:
    if leaf.is_remainder:
        return known.of_category(Assumption, "remainder_fraction", leaf.event.id)
    if leaf.status is Status.CANCELLED:
        return NOTHING
    return chance(leaf.status, category, known)


def chance(status: Status, category: str, known: Assumptions) -> Assumption:
    """The chance that a named deal of a status and category becomes binding within 24 months, not aged.

    Raises Refused, naming the paths that were tried, where none is stated.
    """
    path = f"conversion.{status}"
    return known.first_of(f"{path}.{category}", f"{path}.default", path)


def settings(
    components: Iterable[Component], scenario: ScenarioSpec, known: Assumptions, duty: Tariff | None
) -> list[Record]:
    """The records that acted on the included components, each once, in the order the bridge applies them."""
    included = [component for component in components if component.included]
    plan = scenario.delivery
    found: list[Record] = [*mixes(included, known)]
    found += [c.window for c in included if c.window]
    assumed = [c.category for c in included if not c.window and is_window_assumed(c.leaf, plan, c.category)]
    found += [known.of_category(Window, WINDOW, category) for category in assumed]
    if plan.is_limited:
        found += [known.of_category(Steps, CAPACITY, c.category) for c in included]
    found += duty.records if duty else ()
    if any(c.factors.political for c in included):
        found.append(known.first_of("correlation.political"))
    if plan.slips and any(c.factors.seller for c in included):
        found.append(known.first_of("correlation.seller"))
    return list({record.path: record for record in found}.values())


def mixes(included: Sequence[Component], known: Assumptions) -> list[Mix]:
    """The category mixes that split the remainders among some components, each once."""
    found = [mix for component in included if (mix := _mix(component.leaf, known))]
    return list({mix.path: mix for mix in found}.values())
