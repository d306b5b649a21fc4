"""One scenario's answer: what went in, what came out, and the measures that readers quote.

`solve` needs no disk: `inputs.gather` brings what it takes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pandas as pd

from . import baseline, credit, gap
from .assumptions import Assumption, Assumptions
from .commitments import Event, Leaf
from .credit import Component
from .gap import Calendar
from .problems import Problem
from .scenario import Scenario
from .simulation import Number, Simulated, simulate


@dataclass(frozen=True)
class Known:
    """The facts at the end of a month, on the reporter's book of its trade with a partner.

    `history` is the book's quarters as published by then (exports, imports, gap; empty where
    nothing is), `first` the first quarter after them, `words` say which release they come from, and
    `gap_error` is the standard error of the last four quarters' gap in USD million (None for a count).
    `revisions` is what the newest release changed of the gap's months against the one before (may be empty), and
    `revision_files` the files of that one.
    `leaves` are the parts of what was announced, `events` all rows of the ledger. `figure_sources`
    and `ledger_sources` cite what was used, `files` maps each input file to its sha256.
    """

    reporter: str
    partner: str
    as_of: pd.Period
    history: pd.DataFrame
    first: pd.Period
    words: str
    gap_error: float | None
    leaves: tuple[Leaf, ...]
    events: tuple[Event, ...]
    revisions: pd.DataFrame
    revision_files: Mapping[str, str]
    figure_sources: tuple[str, ...]
    ledger_sources: tuple[str, ...]
    files: Mapping[str, str]

    @property
    def sources(self) -> tuple[str, ...]:
        return (*self.figure_sources, *self.ledger_sources)

    @property
    def announced(self) -> Fraction:
        return sum((Fraction(leaf.value_usd_mn) for leaf in self.leaves), Fraction(0))

    @property
    def gap_last_four(self) -> Fraction:
        """The gap of the last four published quarters, USD million."""
        return sum((Fraction(value) for value in self.history["gap_usd_mn"].iloc[-4:]), Fraction(0))

    @property
    def last_four(self) -> tuple[pd.Period, ...]:
        return tuple(self.first - n for n in (4, 3, 2, 1))


@dataclass(frozen=True)
class Inputs:
    """All that an answer depends on: facts, assumptions, and what was changed for this run by key or path."""

    known: Known
    scenario: Scenario
    assumptions: Assumptions
    changes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Inputs and everything worked out from them; money in USD million, closure as fractions.

    `baseline` has exports, imports and gap by forecast quarter; `gap_last_four` is today's gap, of the
    last four published quarters (under `fixed`, four times the stated one); `bridge` is the signed
    steps from announced that add up to the additional imports. Closure is None where the gap is not
    above zero.
    """

    inputs: Inputs
    components: tuple[Component, ...]
    calendar: Calendar
    baseline: pd.DataFrame
    simulated: Simulated
    bridge: Mapping[str, Number]
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

    def _measure(self, measure: Callable[[Any, Any], Number], amounts: pd.Series) -> dict[str, Number] | None:
        if self.gap_last_four <= 0:
            return None
        exact = isinstance(amounts["mean"], Fraction)
        over = self.gap_last_four if exact else float(self.gap_last_four)
        return {str(name): measure(amount, over) for name, amount in amounts.items()}

    @property
    def assumptions(self) -> list[Assumption]:
        """The assumptions this answer looked up, each once, in the order the bridge applies them."""
        used = [
            a for step in zip(*(c.factors.uncertain for c in self.components if c.included), strict=True) for a in step
        ]
        return list({a.path: a for a in used if a not in (credit.CERTAIN, credit.NOTHING)}.values())


def solve(inputs: Inputs) -> Answer:
    """Work out a scenario's answer. Raises ValueError where the history is too short for the baseline."""
    scenario = inputs.scenario
    calendar = Calendar(inputs.known.first, scenario.horizon.quarters)
    method = scenario.baseline.record()
    path = gap.with_gap(baseline.forecast(method, inputs.known.history, calendar.first, calendar.horizon))
    found = credit.components(inputs.known.leaves, scenario, inputs.assumptions, calendar.first)
    simulated = simulate(found, list(path["gap_usd_mn"]), calendar, scenario.draws, scenario.seed)
    last, file = calendar.quarters[-1], f"{scenario.name}.yaml"
    return Answer(
        inputs=inputs,
        components=tuple(found),
        calendar=calendar,
        baseline=path,
        simulated=simulated,
        bridge={step: simulated.steps[step] for step in gap.STEPS},
        gap_last_four=4 * path["gap_usd_mn"].iloc[0] if method.method == "fixed" else inputs.known.gap_last_four,
        warnings=(*_nothing_announced(inputs), *credit.outside_horizon(found, calendar.first, last, file)),
    )


def _nothing_announced(inputs: Inputs) -> list[Problem]:
    if inputs.known.leaves:
        return []
    reason = f"none of the announced totals was known by {inputs.known.as_of}"
    return [Problem("empty", f"{inputs.scenario.name}.yaml", reason, "use a later month", severity="warning")]


def contributions(answer: Answer) -> pd.DataFrame:
    """Mean announced, credited, delivered and additional by category in USD million, largest additional first."""
    included = [c for c in answer.components if c.included]
    table = answer.simulated.by_component
    by_component = pd.DataFrame(
        {
            "announced": [c.value_usd_mn for c in included],
            "credited": list(table["credited"]),
            "delivered": list(table["delivered"]),
            "additional": list(table[list(answer.calendar.quarters)].sum(axis=1)),
        },
        index=pd.Index([c.category for c in included], name="category"),
    )
    return by_component.groupby(level="category").sum().sort_values(["additional", "announced"], ascending=False)
