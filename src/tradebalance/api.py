"""The Python API: a case on disk, a scenario of it, and its answer. Everything else stands in the rooms below.

import tradebalance as tb
answer = tb.load().scenario("even").set({"additionality.aircraft": 0.5}, reporter="VNM").solve()
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from .answers import answer as answers
from .answers import goal, sensitivity
from .answers.changes import Changes, changes
from .answers.goal import BreakEven, Sought
from .assumptions.scenario import ScenarioSpec
from .case import asof, folder, forecasts, inputs, store, track_inputs, writing
from .case.folder import Declaration, Folder
from .facts.goods import TO_DATE, Goods
from .facts.known import Known
from .facts.mirror import Books
from .pages import delivery_scenario, show, wording
from .reading import readers
from .trace import ask, ledger, trade
from .trace.chain import Chain
from .track.live import LivePledge
from .track.outturn import PledgeOutturn, RiseOutturn
from .track.priors import Checked
from .words import terms
from .words.citations import Citation, cite, files_of
from .words.problems import Problem, Refused, attempt, raise_errors
from .words.schema import Document, keyed, nearest


def load(case: str | Path = "") -> "Case":
    """A case, its data/raw read and checked once: one by name or folder, else the one at hand.

    At hand is the nearest folder, from the current one up, that has a case.yaml, else the shipped case. Raises
    Refused with every problem of the data, and for a name that is none, with the nearest.
    """
    return Case(store.hold(folder.case(case)))


@dataclass(frozen=True, repr=False)
class Case:
    """A folder with data/raw and scenarios, its facts held."""

    folder: Folder

    @property
    def facts(self) -> store.Facts:
        return store.facts(self.folder)

    @cached_property
    def about(self) -> Declaration:
        """What its case.yaml says: whose surplus with whom, on whose books."""
        return folder.declared(self.folder)

    @property
    def scenarios(self) -> list[str]:
        """The names of its scenarios."""
        return inputs.names(self.folder)

    @property
    def central(self) -> str:
        """The name of the scenario whose answer the first sentences tell. Raises Refused as `inputs.central` does."""
        return inputs.central(self.folder)

    def scenario(self, name: str = "") -> "Scenario":
        """A scenario by name, the central one if none is named. Raises Refused with every problem of its file, or
        naming the nearest."""
        return Scenario._made(self, name or self.central, {}, None)

    def known(self, reporter: str = "", as_of: str = "", *, partner: str = "") -> Known:
        """The facts on a book (the partner's, if none is named) at the end of a month, by default the newest release's.

        Raises Refused for a book or a month without figures.
        """
        return asof.known(reporter or self.about.partner, _month(as_of), case=self.folder, partner=partner)

    def books(self, as_of: str = "") -> Books | None:
        """Both books side by side as known at the end of a month; None where only one is at hand, or was by then."""
        if len(self.about.books) < 2:
            return None
        try:
            return asof.books(_month(as_of), case=self.folder)
        except Refused as refusal:
            if {problem.code for problem in refusal.problems} != {"empty"}:
                raise
            return None

    def others(self, known: Known) -> list[Known]:
        """The same facts on the other side's book: one, or none where the case has no figures of it."""
        return asof.others(known, case=self.folder)

    def replays(self, reporter: str, months: Iterable[pd.Period]) -> list[Known]:
        """The facts on a book at the end of each of several months that had figures."""
        return asof.replays(reporter, months, case=self.folder)

    def changes(
        self, reporter: str = "", old: str = "", new: str = "", scenarios: Iterable[str] = ()
    ) -> Changes | None:
        """What a release of a book (the partner's, if none is named) says that an older one did not, and what became
        of the headlines, of scenarios too; None where no two are at hand. Raises Refused for one that is not there."""
        name = reporter or self.about.partner
        try:
            before, after, revised = asof.releases(name, _month(old), _month(new), case=self.folder)
        except Refused:
            if old or new:
                raise
            return None
        pairs = [
            tuple(self.scenario(each).set(reporter=name, as_of=str(known.as_of)).solve() for known in (before, after))
            for each in scenarios
        ]
        return changes(before, after, revised, [(was, now) for was, now in pairs])

    def comparable(self, reporter: str) -> list[str]:
        """The scenarios that can be held against each other on a book."""
        return inputs.comparable(self.folder, self.scenarios, reporter)

    def solved(self, names: Iterable[str], **keys: object) -> tuple[list["Answer"], list[tuple[str, list[Problem]]]]:
        """The answers of several scenarios with these values of their own keys; and the titles of those that are
        refused at that, and why. Raises Refused for a name that is none, and where all are refused."""
        asked = [self.scenario(name) for name in names]
        tried = [attempt(lambda each=each: each.set(**keys).solve()) for each in asked]  # type: ignore[misc]
        answers = [answer for answer, _ in tried if answer is not None]
        if not answers:
            raise_errors(problem for _, problems in tried for problem in problems)
        pairs = zip(asked, tried, strict=True)
        return answers, [(each.spec.title, problems) for each, (answer, problems) in pairs if answer is None]

    def track(self, as_of: str = "", path: str = "") -> PledgeOutturn | RiseOutturn:
        """Outturn against the committed path, as known at the end of a month."""
        return track_inputs.gather(self.folder, _month(as_of), path or None)

    def pledge_and_rise(self, as_of: str = "", path: str = "") -> tuple[PledgeOutturn, RiseOutturn]:
        """A pledge's replay and a rise over a base year: the case's own, and beside it the other one of its kind."""
        return track_inputs.both(self.folder, _month(as_of), path or None)

    def live_pledges(self, as_of: str = "") -> list[LivePledge]:
        """The pledges of all cases at hand that are followed as a rise, as known at the end of a month, by country."""
        return track_inputs.live(self.folder, _month(as_of))

    def kept_forecasts(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Every kept forecast against what was published and told since, as `score --json` has it, and the checksums of
        what is judged. Raises Refused for a file that is no forecast."""
        return forecasts.scores(self.folder), forecasts.judged(self.folder)

    def episodes(self) -> tuple[list[Checked], tuple[Citation, ...], dict[str, str]]:
        """The priors held against the episodes that they rest on, the sources, and the files with their sha256."""
        return track_inputs.episodes(self.folder)

    def founding(self) -> list[Chain]:
        """The figures that the question began with, traced: exports, imports and gap of the quarter before the deals
        on the home country's own book, and the announced sum. None for a case without such a quarter or book."""
        quarter, home = self.about.dates.before_deals, self.about.home
        if quarter is None or home not in self.about.books:
            return []
        flows = [self.trace(column, str(quarter), home) for column in trade.COLUMNS]
        return [*flows, self.trace(ledger.ANNOUNCED)]

    def trace(self, column: str, period: str = "", reporter: str = "") -> Chain:
        """The chain from a figure of the facts to its raw cells and addresses. Raises Refused for an unknown one."""
        return ask.trace(self.facts, column, period, reporter)

    def __repr__(self) -> str:
        pair, newest = self.about.pair, asof.newest_month(self.facts, self.about.partner)
        books = " and ".join(terms.book_name(book) for book in self.about.books)
        return (
            f"{self.about.name}: {pair.home_name}'s goods surplus with {pair.partner_name}\n"
            f"figures: {books}, release of {newest:%B %Y}\nscenarios: {', '.join(self.scenarios)}"
        )


@dataclass(frozen=True, init=False, repr=False)
class Scenario:
    """A scenario of a case, checked and ready to solve. From Python by the keys of a scenario's file:

    `Scenario(title="Mine", reporter="USA", baseline={"method": "hold"}, horizon={"quarters": 40}, ...)`.
    """

    case: Case
    name: str
    changes: Mapping[str, object]
    spec: ScenarioSpec
    _said: Document | None = field(compare=False)

    def __init__(self, *, case: Case | str | Path = "", name: str = "mine", **keys: object):
        """Raises Refused with every problem of the keys."""
        said = Document(f"scenario {name}", {key: _said(value) for key, value in keys.items()})
        vars(self).update(vars(Scenario._made(case if isinstance(case, Case) else load(case), name, {}, said)))

    @classmethod
    def _made(cls, case: Case, name: str, changes: Mapping[str, object], said: Document | None) -> "Scenario":
        spec, _ = inputs.read_scenario(case.folder, name, changes, said)
        made = object.__new__(cls)
        vars(made).update(case=case, name=name, changes=changes, spec=spec, _said=said)
        return made

    def set(self, changes: Mapping[str, object] | str | None = None, /, **keys: object) -> "Scenario":
        """The scenario with assumptions changed by path, and with other values of its own keys.

        `changes` is a mapping, or one as YAML or JSON text (empty: none); a key that is None stays as it is. Floats are
        exact by their digits. Raises Refused for a path or key that is not there, naming the nearest.
        """
        if isinstance(changes, str):
            changes = _mapping(changes)
        known = [key for key in ScenarioSpec.model_fields if key not in ("name", "set")]
        fixes = {key: f"use {', '.join(known)}{nearest(key, known)}" for key in keys if key not in known}
        file = f"scenario {self.name}"
        raise_errors(Problem("unknown_key", file, "no such key", fix, None, key) for key, fix in fixes.items())
        told = {path: _said(value) for path, value in {**(changes or {}), **keys}.items() if value is not None}
        return Scenario._made(self.case, self.name, {**self.changes, **told}, self._said)

    def solve(self) -> "Answer":
        """The scenario's answer. Raises Refused where its month leaves too little to stand on."""
        found = inputs.gather(self.name, case=self.case.folder, changes=self.changes, said=self._said)
        return Answer(**vars(answers.solve(found)), case=self.case)

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self.spec.title}", *([self.spec.about] if self.spec.about else [])]
        lines += [f"  {path} = {value}" for path, value in self.changes.items()]
        return "\n".join(lines)


HELD_AGAINST = 500  # draws: means are worked out, and what limits of capacity change is then known to a thousandth


@dataclass(frozen=True, repr=False)
class Answer(answers.Solution):
    """A scenario's answer: what went in, the measures that readers quote, and the draws summed up."""

    case: Case

    @cached_property
    def rise(self) -> RiseOutturn | None:
        """By how much the case's trade rose since its totals, whatever the answer's book: its `at_most` is the most
        that can have come in addition. None for a case that follows none."""
        return track_inputs.rise_of(self.case.folder, self.scenario.as_of)

    @cached_property
    def goods(self) -> Goods:
        """Vietnam's trade by commodity, as printed by the answer's month."""
        return asof.goods_of(self.scenario.as_of, case=self.case.folder)

    @property
    def goods_sources(self) -> tuple[Citation, ...]:
        """The publishers of the lines of goods."""
        return cite(self.known.citations, self.goods.table(TO_DATE)["ids"])

    @property
    def arrival_sources(self) -> tuple[Citation, ...]:
        """The publishers of the rows that say what has arrived."""
        return cite(self.known.citations, [row for part in self.arrived for row in part.rows])

    @property
    def arrival_files(self) -> dict[str, str]:
        """The files that say what has arrived, with their sha256."""
        where = self.case.folder
        raw = files_of([*(row for part in self.arrived for row in part.rows), *self.goods.table(TO_DATE)["ids"]])
        by_hand = writing.checksum(where.root, where.arrivals)
        if len(self.goods.table(TO_DATE)):
            by_hand |= writing.checksum(where.commodities.parents[1], where.commodities)
        return asof.checksums(self.case.facts, raw) | by_hand

    @property
    def duty_files(self) -> dict[str, str]:
        """The file of duties collected, with its sha256; nothing where there is none."""
        return asof.checksums(self.case.facts, files_of(each.source_id for each in self.known.duties))

    def central(self) -> "Answer | None":
        """What the answer is held against: that of the case's central scenario on the same book and month, in the same
        dollars, of fewer draws; itself where it is that one, None where trade is stated and not comparable."""
        if self.scenario.name == self.case.central:
            return self
        if self.scenario.baseline.is_level:
            return None
        own = {"reporter": self.scenario.reporter, "as_of": self.scenario.as_of, "prices": self.scenario.prices}
        draws = min(self.scenario.draws, HELD_AGAINST)
        return self.case.scenario().set(**own, draws=draws, seed=self.scenario.seed).solve()

    def outlook(self) -> sensitivity.Outlook:
        """How wide the gap's future is, in sums of four quarters, and what of it the deals account for."""
        return sensitivity.outlook(self)

    def tornado(self) -> sensitivity.Tornado:
        """What the answer comes to as one assumption at a time goes to its ends."""
        return sensitivity.tornado(self)

    def sobol(self) -> sensitivity.Sobol:
        """The part of the variance that falls to each assumption, all drawn together."""
        return sensitivity.sobol(self)

    def goal(self, close: float, by: str, confidence: float = 0.5) -> Sought:
        """What it would take to close a share of today's gap a year by a quarter, in a part of the draws."""
        return goal.seek(self, goal.Goal(close, terms.quarter(by), confidence))

    def break_even(self) -> list[BreakEven]:
        """What would hold the gap where it is, under each baseline."""
        return list(goal.by_method(self, goal.horizon(self)))

    def trace(self, column: str, period: str = "") -> Chain:
        """The chain from a figure of `run --json` or of the facts behind it to raw rows, assumptions and seed."""
        return ask.trace_answer_of(self.case.folder, self.case.facts, self, column, period)

    def __repr__(self) -> str:
        return f"{self.scenario.title}\n{delivery_scenario.headline_table(self).to_string()}"

    def _repr_html_(self) -> str:
        title = show.sentence_html(f"**{wording.plain_text(self.scenario.title)}**")
        return f"{title}{show.table_html(delivery_scenario.headline_table(self))}"

    def _repr_markdown_(self) -> str:
        table = delivery_scenario.headline_table(self)
        rows = [["", *table.columns], ["---"] * (len(table.columns) + 1), *table.reset_index().to_numpy().tolist()]
        lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
        return "\n".join([f"**{wording.plain_text(self.scenario.title)}**", "", *lines])


def _month(text: str) -> pd.Period | None:
    return terms.month(text) if text else None


def _said(value: object) -> object:
    """A value as a file would say it: periods as text, the rest as it is."""
    if isinstance(value, pd.Period):
        return str(value)
    if isinstance(value, Mapping):
        return {str(_said(key)): _said(each) for key, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, list | tuple) else value


def _mapping(text: str) -> Mapping[str, object]:
    """A mapping as YAML or JSON text; empty text is an empty one. Raises Refused."""
    if not text.strip():
        return {}
    written = readers.yaml_document(text.encode(), "set")
    raise_errors(written.problems)
    return keyed(written, "write {additionality.aircraft: 0.5}", of="paths")
