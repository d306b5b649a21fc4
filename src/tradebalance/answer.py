"""One scenario's answer: what went in, what came out, and the measures that readers quote.

`solve` needs no disk: `inputs.gather` brings what it takes.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import pandas as pd

from . import acting, credit, fan, filling, gap, tariff, without_deals
from . import scenario as scenarios
from .assumption_entries import Record
from .baseline import Baseline, forecast
from .commitments import Leaf
from .credit import Component
from .distributions import Assumption
from .gap import Calendar
from .known import Inputs, Known
from .problems import Problem, Refused
from .scenario import Scenario
from .simulation import Capacities, Number, Paths, Simulated, simulate

# What today's gap may come down to, as shares of it: no growth, a quarter less, half, nothing.
LEVELS = (1.0, 0.75, 0.5, 0.0)
ASSUMPTIONS_OF_TODAY = "the assumptions, with the evidence and capacities that they rest on"


@dataclass(frozen=True)
class Model:
    """What a scenario comes to before anything is drawn: its parts, its path without deals and what limits them.

    `baseline` has exports, imports and gap by forecast quarter, `untaxed` the same before the scenario's tariff steps;
    `gap_last_four` is today's gap, of the last four published quarters (under `fixed`, four times the stated one);
    `paths` draws the gap without deals, None where it is stated and has no error.
    """

    inputs: Inputs
    components: tuple[Component, ...]
    calendar: Calendar
    baseline: pd.DataFrame
    untaxed: pd.DataFrame
    capacities: Capacities
    paths: Paths | None
    duty: tariff.Tariff | None
    gap_last_four: Fraction


@dataclass(frozen=True)
class Answer:
    """Inputs and everything worked out from them; money in USD million, closure as fractions.

    `baseline` has exports, imports and gap by forecast quarter, `untaxed` the same before the scenario's tariff
    steps; `gap_last_four` is today's gap, of the
    last four published quarters (under `fixed`, four times the stated one). Closure is None where the
    gap is not above zero.
    """

    inputs: Inputs
    components: tuple[Component, ...]
    calendar: Calendar
    baseline: pd.DataFrame
    untaxed: pd.DataFrame
    simulated: Simulated
    duty: tariff.Tariff | None
    gap_last_four: Fraction
    warnings: tuple[Problem, ...]

    @property
    def scenario(self) -> Scenario:
        return self.inputs.scenario

    @property
    def known(self) -> Known:
        return self.inputs.known

    @property
    def counted(self) -> Fraction:
        """The announced value of the deals that the scenario lets in, USD million."""
        return sum((c.value_usd_mn for c in self.components if c.included), Fraction(0))

    @property
    def best_year(self) -> int:
        """The calendar year with the highest mean additional imports, the same in every draw."""
        means = self.simulated.by_year["mean"]
        return int(max(means.index, key=lambda year: float(means[year])))

    @property
    def annual_rate(self) -> dict[str, Number] | None:
        """Closure (i) of `gap`; None without a surplus."""
        total = self.simulated.totals.loc["additional"]
        return self._measure(lambda amount, gap_: gap.annual_rate(amount, self.calendar.horizon, gap_), total)

    @property
    def best_year_rate(self) -> dict[str, Number] | None:
        """Closure (ii) of `gap`; None without a surplus."""
        return self._measure(gap.best_year_rate, self.simulated.by_year.loc[self.best_year])

    @property
    def months_of_todays_gap(self) -> dict[str, Number] | None:
        """Closure (iii) of `gap`; None without a surplus."""
        return self._measure(gap.months_of_gap, self.simulated.totals.loc["additional"])

    @property
    def baseline_closure(self) -> dict[str, Number] | None:
        """Closure against the baseline over the horizon; None where that gap is not above zero."""
        over = sum(self.baseline["gap_usd_mn"], Fraction(0))
        return self._measure(gap.baseline_closure, self.simulated.totals.loc["additional"], over)

    @property
    def first_quarter_closed(self) -> pd.Period | None:
        """The first quarter whose mean gap is at or below zero, or None."""
        means = self.simulated.gap["mean"]
        return next((quarter for quarter in means.index if means[quarter] <= 0), None)

    @property
    def hindsight(self) -> tuple[str, ...]:
        """What a replay of an earlier month does not take as it stood then; empty for an answer of today."""
        plan = self.scenario.delivery.schedule()
        assumes = self.scenario.credit == "assumptions" or plan.slips or plan.is_limited or self.duty is not None
        return (*self.known.hindsight, *((ASSUMPTIONS_OF_TODAY,) if self.known.is_replay and assumes else ()))

    def _measure(
        self, measure: Callable[[Any, Any], Number], amounts: pd.Series, over: Fraction | None = None
    ) -> dict[str, Number] | None:
        gap_ = self.gap_last_four if over is None else over
        if gap_ <= 0:
            return None
        exact = isinstance(amounts["mean"], Fraction)
        return {str(name): measure(amount, gap_ if exact else float(gap_)) for name, amount in amounts.items()}

    @property
    def bridge(self) -> dict[str, Number]:
        """The signed steps (means) from announced that add up to the additional imports."""
        return {str(step): amount for step, amount in self.simulated.steps["mean"].items()}

    @property
    def assumptions(self) -> list[Assumption]:
        """The assumptions this answer looked up, each once, in the order the bridge applies them."""
        used = credit.looked_up(self.components) + (self.duty.assumptions if self.duty else [])
        return list({a.path: a for a in used}.values())

    @property
    def settings(self) -> list[Record]:
        """What else acted on this answer: mixes, windows, limits, tariff rates and correlations."""
        return acting.settings(self.components, self.scenario, self.inputs.assumptions, self.duty)


def model(inputs: Inputs) -> Model:
    """A scenario's components, path and limits.

    Raises ValueError where the history is too short for the baseline, and Refused where an assumption is missing
    or a deal cannot fill a tranche.
    """
    scenario, known = inputs.scenario, inputs.known
    calendar = Calendar(known.first, scenario.horizon.quarters)
    method = scenario.baseline.record()
    duty = tariff.tariff(scenario.tariff, inputs.assumptions)
    trade = fan.fan(method, known.history, calendar.first, calendar.horizon)
    moved = without_deals.moved(duty, calendar, known)
    path = without_deals.under(moved, duty, trade.path)
    found = credit.components(
        _leaves(inputs), scenario, inputs.assumptions, calendar.first, as_of=known.as_of, events=known.events
    )
    return Model(
        inputs=inputs,
        components=tuple(found),
        calendar=calendar,
        baseline=path,
        untaxed=gap.with_gap(trade.path),
        capacities=credit.capacities(scenario, inputs.assumptions, calendar.quarters),
        paths=None if trade.errors is None else without_deals.draws(trade, moved, duty),
        duty=duty,
        gap_last_four=4 * path["gap_usd_mn"].iloc[0] if method.method == "fixed" else known.gap_last_four,
    )


def under_baseline(inputs: Inputs, method: Baseline) -> Inputs:
    """The inputs with another baseline, for `model` and `solve`."""
    written = scenarios.Baseline.model_validate(asdict(method))
    return replace(inputs, scenario=inputs.scenario.model_copy(update={"baseline": written}))


def path(inputs: Inputs, method: Baseline) -> pd.DataFrame:
    """Exports, imports and gap without deals under any baseline, the scenario's tariff steps in them; exact."""
    known, calendar = inputs.known, Calendar(inputs.known.first, inputs.scenario.horizon.quarters)
    duty = tariff.tariff(inputs.scenario.tariff, inputs.assumptions)
    without = forecast(method, known.history, calendar.first, calendar.horizon)
    return without_deals.under(without_deals.moved(duty, calendar, known), duty, without)


def solve(inputs: Inputs) -> Answer:
    """Work out a scenario's answer. Raises as `model` does."""
    scenario, of = inputs.scenario, model(inputs)
    simulated = simulate(
        of.components,
        list(of.baseline["gap_usd_mn"]),
        of.calendar,
        scenario.draws,
        scenario.seed,
        capacities=of.capacities,
        paths=of.paths,
        levels=[share * float(of.gap_last_four) for share in LEVELS],
    )
    last, file = of.calendar.quarters[-1], f"{scenario.name}.yaml"
    return Answer(
        inputs=inputs,
        components=of.components,
        calendar=of.calendar,
        baseline=of.baseline,
        untaxed=of.untaxed,
        simulated=simulated,
        duty=of.duty,
        gap_last_four=of.gap_last_four,
        warnings=(
            *_nothing_announced(inputs),
            *credit.outside_horizon(of.components, of.calendar.first, last, file),
        ),
    )


def _leaves(inputs: Inputs) -> list[Leaf]:
    """The parts that count, with the deals by which the scenario fills a tranche. Raises Refused for others."""
    known, fill = inputs.known, inputs.scenario.include.fill
    day = known.as_of.end_time.date()
    found, wrong = filling.filled(known.leaves, known.events, day, fill)
    unknown = [name for name in fill if name not in {leaf.tranche for leaf in known.leaves} and known.leaves]
    if wrong or unknown:
        reason, file = "no deal with a value that is not counted already", f"{inputs.scenario.name}.yaml"
        fix = "name tranches of the ledger, and deals of it that are in none"
        raise Refused(Problem("unknown_parent", file, reason, fix, None, "include.fill", n) for n in [*wrong, *unknown])
    return found


def _nothing_announced(inputs: Inputs) -> list[Problem]:
    if inputs.known.leaves:
        return []
    reason = f"none of the announced totals was known by {inputs.known.as_of}"
    return [Problem("empty", f"{inputs.scenario.name}.yaml", reason, "use a later month", severity="warning")]


def contributions(answer: Answer, by: Literal["category", "deal"] = "category") -> pd.DataFrame:
    """Mean announced, credited, delivered and additional by category or deal in USD million, largest additional first.

    Each row is a category, or a part of the ledger: a named deal or a tranche's unnamed rest.
    """
    included = [c for c in answer.components if c.included]
    table = answer.simulated.by_component
    by_component = pd.DataFrame(
        {
            "announced": [c.value_usd_mn for c in included],
            "credited": list(table["credited"]),
            "delivered": list(table["delivered"]),
            "additional": list(table[list(answer.calendar.quarters)].sum(axis=1)),
        },
        index=pd.Index([c.category if by == "category" else c.leaf.id for c in included], name=by),
    )
    return by_component.groupby(level=by).sum().sort_values(["additional", "announced"], ascending=False)
