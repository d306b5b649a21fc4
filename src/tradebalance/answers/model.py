"""A scenario's model: what goes in, the parts of the ledger with their factors, the path without deals, limits.

Trade without the deals follows the scenario's tariff steps: its path, and draws of its gap.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from ..assumptions import credit, events, fan, nowcast, tariff
from ..assumptions.baseline import Baseline
from ..assumptions.distributions import Assumption, Record
from ..assumptions.overrides import covers, terms_of
from ..assumptions.scenario import ScenarioSpec
from ..assumptions.written import INFLATION, Assumptions
from ..facts import ledger
from ..facts.known import Known
from ..facts.trade import MONTHS_A_YEAR, with_gap
from ..words.problems import CHANGES, Problem, Refused, raise_errors
from ..words.schema import nearest
from . import tariffs
from .arrivals import Arrival, Grounds, bounds
from .draws import Array, RandomBlock, random_blocks
from .following import Capacities, Source, groups, plan
from .gap import Calendar
from .simulation import Paths
from .tariffs import Effect


@dataclass(frozen=True)
class Inputs:
    """All that an answer depends on: facts, assumptions, what was changed for this run by key or path, and what counts
    or bounds what has arrived."""

    known: Known
    scenario: ScenarioSpec
    assumptions: Assumptions
    changes: Mapping[str, object] = field(default_factory=dict)
    grounds: Grounds = field(default_factory=Grounds)


def in_dollars(trade: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Trade by quarter or month, forecast or published, in the dollars that the calendar's amounts are in: those of
    their years as they are, of a named one as Fractions.

    Published trade is brought to the named year by the rate that brings the forecast there, so that no share is of
    amounts in two units.
    """
    if calendar.dollars_of is None:
        return trade
    deflators = [calendar.deflator(year) for year in trade.index.year]
    return trade.map(Fraction).div(pd.Series(deflators, trade.index, dtype=object), axis=0)


def draw_gap(trade: fan.Fan, moved: Effect | None, calendar: Calendar) -> Paths:
    """Draws of the gap without deals, of trade that strays from its path and answers to the tariff steps."""
    quarters, flows = trade.path.shape
    deflators = np.array(calendar.deflators, dtype=float)[None, :]

    def draw(block: RandomBlock) -> Array:
        half = block.half_of_normals("trade without deals", quarters * flows).reshape(-1, quarters, flows)
        exports, imports = trade.draw_pairs(half, block.size)
        if moved is not None:
            by_exports, by_imports = moved.factors(block)
            exports, imports = exports * by_exports, imports * by_imports
        found = exports - imports
        return found if calendar.dollars_of is None else np.asarray(found / deflators)

    return draw


@dataclass(frozen=True)
class Model:
    """What a scenario comes to before anything is drawn: its parts, its path without deals and what limits them.

    `baseline` has exports, imports and gap by forecast quarter, `untaxed` the same before the scenario's tariff steps;
    `gap_last_four` is today's gap, of the last four published quarters (under `fixed`, four times the stated one), in
    the dollars of all amounts; `moved` is what those steps do, None without any; `paths` draws the gap without deals,
    None where it is certain. `arrived` is what had arrived of each part, from which the components start.
    """

    inputs: Inputs
    components: tuple[credit.Component, ...]
    calendar: Calendar
    baseline: pd.DataFrame
    untaxed: pd.DataFrame
    capacities: Capacities
    paths: Paths | None
    moved: Effect | None
    gap_last_four: Fraction
    arrived: tuple[Arrival, ...]

    @property
    def scenario(self) -> ScenarioSpec:
        return self.inputs.scenario

    @property
    def known(self) -> Known:
        return self.inputs.known

    @property
    def published(self) -> pd.DataFrame:
        """Exports, imports and gap by published quarter, in the dollars that the answer's amounts are in."""
        return in_dollars(self.known.history, self.calendar)

    @property
    def gap_twelve_months(self) -> Fraction | None:
        """The gap of the newest twelve published months, USD million, in the dollars that the answer's amounts are in;
        None on a book without so many."""
        months = self.known.months.iloc[-MONTHS_A_YEAR:]
        return _gap_of(months, self.calendar) if len(months) == MONTHS_A_YEAR else None

    @property
    def gap_of_a_year(self) -> Fraction:
        """What shares of a year are of, USD million: the gap of the newest twelve months, of the last four quarters on
        a book without months, and four times the stated quarter under a stated level."""
        twelve = None if self.scenario.baseline.is_level else self.gap_twelve_months
        return self.gap_last_four if twelve is None else twelve

    @property
    def duty(self) -> tariff.Tariff | None:
        return self.moved.duty if self.moved else None

    @property
    def included(self) -> list[credit.Component]:
        """The components of the deals that the scenario lets in."""
        return [component for component in self.components if component.included]

    @property
    def blocks(self) -> Iterator[RandomBlock]:
        """The scenario's draws, a block at a time."""
        return random_blocks(self.scenario.seed, self.scenario.draws)

    def draw_additional(self, source: Source) -> Array:
        """Additional imports in USD million, a row a draw, a column a quarter."""
        found = groups(plan(self.components, self.calendar, self.capacities), source)
        return sum((together.additional for together in found), np.zeros((source.size, self.calendar.horizon)))

    def draw_without(self, block: RandomBlock) -> Array:
        """The gap without deals in USD million, a row a draw, a column a quarter."""
        if self.paths is not None:
            return self.paths(block)
        return np.tile(self.baseline["gap_usd_mn"].to_numpy().astype(float), (block.size, 1))

    @property
    def assumptions(self) -> list[Assumption]:
        """The assumptions that were looked up, each once, in the order the bridge applies them."""
        used = credit.looked_up(self.components) + (self.duty.assumptions if self.duty else [])
        return list({a.path: a for a in used}.values())

    @property
    def settings(self) -> list[Record]:
        """What else acts: mixes, windows, limits, tariff rates and correlations."""
        return credit.settings(self.components, self.scenario, self.inputs.assumptions, self.duty)


def model(inputs: Inputs) -> Model:
    """A scenario's components, path and limits.

    Raises ValueError where the history is too short for the baseline, and Refused where an assumption is missing,
    a deal is not in the ledger or cannot fill a tranche.
    """
    scenario, known = inputs.scenario, inputs.known
    leaves = _leaves(inputs)
    raise_errors([*_deal_problems(inputs, leaves), *_event_problems(inputs, leaves)])
    calendar = _calendar(inputs)
    method = scenario.baseline
    duty = tariff.tariff(scenario.tariff, inputs.assumptions)
    running = None if method.states_amounts else nowcast.running(known)
    trade = fan.fan(method, known.history, calendar.first, calendar.horizon, running, known.pooled)
    moved = tariffs.effect(duty, calendar, known, running)
    path = in_dollars(moved.on_path(trade.path) if moved else with_gap(trade.path), calendar)
    parts = credit.components(replace(known, leaves=leaves), scenario, inputs.assumptions, duty)
    arrived = bounds(known, parts, inputs.grounds)
    return Model(
        inputs=inputs,
        components=tuple(_started(part, arrived, inputs) for part in parts),
        calendar=calendar,
        baseline=path,
        untaxed=in_dollars(with_gap(trade.path), calendar),
        capacities=credit.capacities(scenario, inputs.assumptions, calendar.quarters),
        paths=None if trade.errors is None and (duty is None or duty.is_certain) else draw_gap(trade, moved, calendar),
        moved=moved,
        gap_last_four=4 * path["gap_usd_mn"].iloc[0] if method.is_level else _gap_of(known.history.iloc[-4:], calendar),
        arrived=arrived,
    )


def _gap_of(trade: pd.DataFrame, calendar: Calendar) -> Fraction:
    return sum(map(Fraction, in_dollars(trade, calendar)["gap_usd_mn"]), Fraction(0))


def _started(part: credit.Component, arrived: Iterable[Arrival], inputs: Inputs) -> credit.Component:
    """A component with the share of it that had arrived before the forecast: as is said of its deal, or of the one
    whose units carry it, or as the evidence bounds it. Where nothing is credited all of it is still to come."""
    start = next((each.starts[part.id] for each in arrived if part.id in each.starts), None)
    if start is None or inputs.scenario.credit == "none" or part.factors.arrived != credit.NOTHING:
        return part
    said = inputs.assumptions.by_path.get(start.path)
    found = said if isinstance(said, Assumption) else start
    return replace(part, factors=replace(part.factors, arrived=found))


def _calendar(inputs: Inputs, quarters: int = 0) -> Calendar:
    """Of so many quarters, by default those of the horizon."""
    prices, count = inputs.scenario.prices, quarters or inputs.scenario.horizon.quarters
    if prices is None:
        return Calendar(inputs.known.first, count)
    return Calendar(inputs.known.first, count, prices.dollars_of, inputs.assumptions.first_of(INFLATION).mean)


def under_baseline(inputs: Inputs, method: Baseline) -> Inputs:
    """The inputs with another baseline, for `model` and `solve`."""
    return replace(inputs, scenario=inputs.scenario.model_copy(update={"baseline": method}))


def path(inputs: Inputs, method: Baseline, quarters: int = 0) -> pd.DataFrame:
    """Exports, imports and gap without deals under any baseline, the scenario's tariff steps in them; exact, over so
    many quarters, by default those of the horizon."""
    return paths(inputs, [method], quarters)[method.method]


def paths(inputs: Inputs, methods: Iterable[Baseline], quarters: int = 0) -> dict[str, pd.DataFrame]:
    """`path` under each of several baselines, by the method's name."""
    known, calendar = inputs.known, _calendar(inputs, quarters)
    duty = tariff.tariff(inputs.scenario.tariff, inputs.assumptions)
    by_months = nowcast.running(known)
    found = {}
    for method in methods:
        running = None if method.states_amounts else by_months
        without = fan.path(method, known.history, calendar.first, calendar.horizon, running)
        moved = tariffs.effect(duty, calendar, known, running)
        found[method.method] = in_dollars(moved.on_path(without) if moved else with_gap(without), calendar)
    return found


def _deal_problems(inputs: Inputs, leaves: Iterable[ledger.Leaf]) -> Iterator[Problem]:
    """What is said of one deal alone and cannot be: of one that is not in the ledger, or of more pieces than it has."""
    parts = {leaf.id: leaf for leaf in leaves}
    known = sorted(parts.keys() | ledger.deals(inputs.known.events).keys())
    for deal, paths in inputs.assumptions.deals.items():
        if deal not in known:
            fix = f"use the id of a deal{nearest(deal, known)}"
            yield Problem(
                "unknown_key", _said_in(paths[0], inputs), "no such deal in the ledger", fix, None, paths[0], deal
            )
        firm = inputs.assumptions.of_deal(Assumption, deal, "firm")
        if firm is not None and deal in parts:
            pieces = None if parts[deal].is_remainder else parts[deal].split.quantity
            if not pieces or firm.mean > pieces:
                reason = f"{deal} has {pieces} pieces" if pieces else f"the ledger has no number of pieces of {deal}"
                fix = "give at most so many" if pieces else "leave it out"
                yield Problem("out_of_range", _said_in(firm.path, inputs), reason, fix, None, firm.path, firm.words)


def _event_problems(inputs: Inputs, leaves: Iterable[ledger.Leaf]) -> Iterable[Problem]:
    deals = {leaf.id for leaf in leaves} | ledger.deals(inputs.known.events).keys()
    file = CHANGES if events.EVENTS in inputs.changes else f"{inputs.scenario.name}.yaml"
    return events.problems(inputs.scenario.events, deals, file)


def _said_in(path: str, inputs: Inputs) -> str:
    """The file, or the changes of a run, in which an assumption of one deal is stated."""
    scenario = inputs.scenario
    if any(covers(change, path) for change in inputs.changes):
        return CHANGES
    return f"{scenario.name}.yaml" if path in {*scenario.set, *terms_of(scenario.deals)} else inputs.assumptions.file


def _leaves(inputs: Inputs) -> tuple[ledger.Leaf, ...]:
    """The parts that count, with the deals by which the scenario fills a tranche. Raises Refused for others."""
    known, fill = inputs.known, inputs.scenario.include.fill
    found, wrong = ledger.filled(known.leaves, known.events, known.last_day, fill)
    unknown = [name for name in fill if name not in {leaf.tranche for leaf in known.leaves} and known.leaves]
    if wrong or unknown:
        reason, file = "no deal with a value that is not counted already", f"{inputs.scenario.name}.yaml"
        fix = "name tranches of the ledger, and deals of it that are in none"
        raise Refused(Problem("unknown_parent", file, reason, fix, None, "include.fill", n) for n in [*wrong, *unknown])
    return tuple(found)
