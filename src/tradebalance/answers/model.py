"""A scenario's model: what goes in, the parts of the ledger with their factors, the path without deals, limits.

Trade without the deals follows the scenario's tariff steps: its path, and draws of its gap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from ..assumptions import credit, fan, nowcast, tariff
from ..assumptions.baseline import Baseline
from ..assumptions.distributions import Assumption, Record
from ..assumptions.methods import QUARTERS_A_YEAR
from ..assumptions.nowcast import Nowcast
from ..assumptions.scenario import ScenarioSpec
from ..assumptions.written import Assumptions
from ..facts import ledger, trade
from ..facts.known import Known
from ..facts.trade import with_gap
from ..words.problems import Problem, Refused
from .draws import Array, Common, RandomBlock, random_blocks
from .gap import Calendar
from .simulation import Capacities, Paths, Source, traces


@dataclass(frozen=True)
class Inputs:
    """All that an answer depends on: facts, assumptions, and what was changed for this run by key or path."""

    known: Known
    scenario: ScenarioSpec
    assumptions: Assumptions
    changes: Mapping[str, object] = field(default_factory=dict)


def tariff_factors(
    duty: tariff.Tariff | None, calendar: Calendar, known: Known, running: Nowcast | None
) -> list[float] | None:
    """What the tariff steps multiply exports by in each quarter, or None without any.

    The months of a running quarter were traded under the tariffs of their time: its nowcast is left as it is, and is
    one of the four quarters that later ones are compared with.
    """
    if duty is None:
        return None
    last = known.first if running else known.first - 1
    found = tariff.multipliers(duty, calendar.quarters, pd.period_range(end=last, periods=QUARTERS_A_YEAR, freq="Q"))
    return [1.0, *found[1:]] if running else found


def under_tariffs(moved_by: list[float] | None, duty: tariff.Tariff | None, path: pd.DataFrame) -> pd.DataFrame:
    """The path without deals, its exports moved by the tariff steps as far as they are likely, with its gap."""
    if moved_by is None or duty is None:
        return trade.with_gap(path)
    expected = [1 + duty.takes_effect.mean * (Fraction(by) - 1) for by in moved_by]
    exports = [Fraction(value) * by for value, by in zip(path["exports_usd_mn"], expected, strict=True)]
    return trade.with_gap(path.assign(exports_usd_mn=exports))


def draws_under_tariffs(trade: fan.Fan, moved_by: list[float] | None, duty: tariff.Tariff | None) -> Paths:
    """Draws of the gap without deals; a tariff path that may not come about does so by a coin."""
    quarters, flows = trade.path.shape

    def draw(block: RandomBlock) -> Array:
        normals = block.normals("trade without deals", quarters * flows).reshape(-1, quarters, flows)
        exports, imports = trade.draw(normals)
        if moved_by is not None and duty is not None:
            # likelier the worse the political draw that makes deals binding
            against = Common("political", duty.political, sign=-1)
            comes = block.coin("tariff", block.value(duty.takes_effect, "tariff"), against)[:, None]
            exports = exports * np.where(comes > 0, np.array(moved_by)[None, :], 1.0)
        return exports - imports

    return draw


@dataclass(frozen=True)
class Model:
    """What a scenario comes to before anything is drawn: its parts, its path without deals and what limits them.

    `baseline` has exports, imports and gap by forecast quarter, `untaxed` the same before the scenario's tariff steps;
    `gap_last_four` is today's gap, of the last four published quarters (under `fixed`, four times the stated one);
    `paths` draws the gap without deals, None where it is stated and has no error.
    """

    inputs: Inputs
    components: tuple[credit.Component, ...]
    calendar: Calendar
    baseline: pd.DataFrame
    untaxed: pd.DataFrame
    capacities: Capacities
    paths: Paths | None
    duty: tariff.Tariff | None
    gap_last_four: Fraction

    @property
    def scenario(self) -> ScenarioSpec:
        return self.inputs.scenario

    @property
    def known(self) -> Known:
        return self.inputs.known

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
        found = traces(self.components, source, self.calendar, self.capacities)
        return sum((traced.additional for _, traced in found), np.zeros((source.size, self.calendar.horizon)))

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

    Raises ValueError where the history is too short for the baseline, and Refused where an assumption is missing
    or a deal cannot fill a tranche.
    """
    scenario, known = inputs.scenario, inputs.known
    calendar = Calendar(known.first, scenario.horizon.quarters)
    method = scenario.baseline
    duty = tariff.tariff(scenario.tariff, inputs.assumptions)
    running = None if method.is_stated else nowcast.running(known)
    trade = fan.fan(method, known.history, calendar.first, calendar.horizon, running)
    moved = tariff_factors(duty, calendar, known, running)
    path = under_tariffs(moved, duty, trade.path)
    return Model(
        inputs=inputs,
        components=tuple(credit.components(replace(known, leaves=_leaves(inputs)), scenario, inputs.assumptions)),
        calendar=calendar,
        baseline=path,
        untaxed=with_gap(trade.path),
        capacities=credit.capacities(scenario, inputs.assumptions, calendar.quarters),
        paths=None if trade.errors is None else draws_under_tariffs(trade, moved, duty),
        duty=duty,
        gap_last_four=4 * path["gap_usd_mn"].iloc[0] if method.is_stated else known.gap_last_four,
    )


def under_baseline(inputs: Inputs, method: Baseline) -> Inputs:
    """The inputs with another baseline, for `model` and `solve`."""
    return replace(inputs, scenario=inputs.scenario.model_copy(update={"baseline": method}))


def path(inputs: Inputs, method: Baseline) -> pd.DataFrame:
    """Exports, imports and gap without deals under any baseline, the scenario's tariff steps in them; exact."""
    known, calendar = inputs.known, Calendar(inputs.known.first, inputs.scenario.horizon.quarters)
    duty = tariff.tariff(inputs.scenario.tariff, inputs.assumptions)
    running = None if method.is_stated else nowcast.running(known)
    without = fan.path(method, known.history, calendar.first, calendar.horizon, running)
    return under_tariffs(tariff_factors(duty, calendar, known, running), duty, without)


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
