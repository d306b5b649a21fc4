"""From a scenario's name to all that its answer depends on."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from . import assumptions, baseline, commitments, flows, gap, own_book, quarterly, readers, scenario, store, writing
from .answer import Inputs, Known
from .assumptions import Assumptions
from .problems import Problem, Refused, raise_errors
from .readers import Document
from .scenario import Scenario
from .store import Case, Facts
from .terms import PARTNER
from .validation import nearest

ASSUMPTIONS = "_assumptions"


def names(where: Case) -> list[str]:
    """The case's scenarios, in order of name."""
    return sorted(path.stem for path in where.scenarios.glob("*.yaml") if path.stem != ASSUMPTIONS)


def comparable(where: Case, wanted: Iterable[str], reporter: str) -> list[str]:
    """Those of the scenarios that can be held against each other on a book: all but levels stated on another one."""
    parsed = [read_scenario(where, name)[0] for name in wanted]
    return [one.name for one in parsed if one.baseline.method != "fixed" or one.reporter == reporter]


def read_scenario(where: Case, name: str, changes: Mapping[str, object] | None = None) -> tuple[Scenario, Assumptions]:
    """A scenario and its assumptions, `changes` made to either by dotted path.

    Raises Refused with every problem of the scenario's file, of a name that is not there, and of
    overrides that name no assumption.
    """
    if name not in names(where):
        fix = f"use one of {', '.join(names(where))}" + nearest(name, names(where))
        raise Refused([Problem("unknown_key", "scenarios", "no such scenario", fix, value=name)])
    raise_errors(scenario.name_problems(f"scenarios/{known}.yaml" for known in names(where)))
    return parse_scenario(name, document(where, name), document(where, ASSUMPTIONS), changes or {})


def parse_scenario(
    name: str, written: Document, tree: Document, changes: Mapping[str, object]
) -> tuple[Scenario, Assumptions]:
    """As `read_scenario`, from documents already read."""
    known = parse_assumptions(tree)
    changed = _changed(written, changes)
    problems: list[Problem] = []
    overrides = changed.data.get("set") if isinstance(changed.data, dict) else None
    if isinstance(overrides, dict) and overrides and isinstance(tree.data, dict):
        try:
            known = assumptions.parse(assumptions.override(tree.data, overrides, changed), tree)
        except Refused as refusal:
            problems += refusal.problems
    try:
        parsed = scenario.parse(name, changed)
    except Refused as refusal:
        problems += refusal.problems
    if problems:
        raise Refused(problems)
    return parsed, known


def parse_assumptions(tree: Document) -> Assumptions:
    """The case's assumptions. Raises Refused with every problem of the file."""
    if tree.problems:
        raise Refused(tree.problems)
    return assumptions.parse(tree.data, tree)


def document(where: Case, name: str) -> Document:
    """A YAML file of the case's scenarios, read but not judged. Raises Refused if it is missing."""
    path = where.scenarios / f"{name}.yaml"
    if not path.exists():
        fix = "add the file, if need be a copy of the one in the repository"
        raise Refused([Problem("empty", f"scenarios/{name}.yaml", "the file is missing", fix)])
    return readers.yaml_document(path.read_bytes(), f"scenarios/{name}.yaml")


def _changed(written: Document, changes: Mapping[str, object]) -> Document:
    """The document with values set by dotted path: a scenario's own key, else an assumption's path."""
    if not isinstance(written.data, dict):
        return written
    data = dict(written.data)
    for path, value in changes.items():
        head, *rest = path.split(".")
        own_key = head in Scenario.model_fields
        data = _set(data, [head, *rest] if own_key else ["set", path], value)
    return Document(written.file, data, written.lines, written.problems)


def _set(data: Mapping[str, Any], path: Sequence[str], value: object) -> dict[str, Any]:
    head, *rest = path
    inner = data.get(head)
    return {**data, head: _set(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value}


def gather(
    name: str, *, case: Case | None = None, changes: Mapping[str, object] | None = None, **settings: object
) -> Inputs:
    """All inputs of a scenario by name, with changes by scenario key or assumption path.

    `settings` are changes too, those that are None left out. Raises Refused where the scenario, the
    data or a change will not do.
    """
    where = case or store.case()
    made = {**(changes or {}), **{path: value for path, value in settings.items() if value is not None}}
    parsed, assumed = read_scenario(where, name, made)
    if parsed.baseline.method == "fixed" and "reporter" in made and "baseline" not in made:
        own_book = read_scenario(where, name)[0].reporter
        if parsed.reporter != own_book:
            reason, fix = f"the level of trade it states is on the book of {own_book}", "use another scenario"
            raise Refused([_of_scenario(name, "empty", reason, fix, "reporter", parsed.reporter)])
    facts = with_facts(where, parsed)
    own = [f"scenarios/{ASSUMPTIONS}.yaml", f"scenarios/{name}.yaml"]
    files = {**facts.files, **{file: writing.sha256_of(where.root / file) for file in own}}
    return Inputs(replace(facts, files=files), parsed, assumed, made)


def with_facts(where: Case, parsed: Scenario) -> Known:
    """What a scenario stands on. Raises Refused where its month leaves too little to stand on."""
    name, states_level = parsed.name, parsed.baseline.method == "fixed"
    facts = known(parsed.reporter, parsed.as_of, case=where, without_figures=states_level)
    method = parsed.baseline.record()
    usable = baseline.usable(method, facts.history)
    until = method.estimate_to
    if until is not None and baseline.estimated_on(method, usable) < (
        needed := baseline.NEEDED_QUARTERS[method.method]
    ):
        reason = f"the baseline needs {needed} quarters up to it that it can use"
        fix = "use a later quarter, or another baseline"
        raise Refused([_of_scenario(name, "empty", reason, fix, "baseline.estimate_to", str(until))])
    needed = 0 if states_level else max(4, baseline.NEEDED_QUARTERS[method.method])  # 4: today's gap
    if len(usable) < needed:
        above = "" if len(usable) == len(facts.history) else " with trade both ways"
        reason = f"{len(usable)} quarters{above} were published by {facts.as_of}, the baseline needs {needed}"
        fix = "use a later as_of, or another baseline"
        raise Refused([_of_scenario(name, "empty", reason, fix, "as_of", str(facts.as_of))])
    return facts


def _of_scenario(name: str, code: str, reason: str, fix: str, key: str, value: str) -> Problem:
    return Problem(code, f"scenarios/{name}.yaml", reason, fix, None, key, value)


def known(
    reporter: str, as_of: pd.Period | None = None, *, case: Case | None = None, without_figures: bool = False
) -> Known:
    """The facts on a reporter's book at the end of a month (None: the newest release's).

    `without_figures` leaves the book empty, for a scenario that states the level of trade itself.
    Raises Refused for a book or a month without figures.
    """
    where = case or store.case()
    return _known(where, store.facts(where), reporter, as_of, without_figures=without_figures)


def replays(reporter: str, months: Iterable[pd.Period], *, case: Case | None = None) -> list[Known]:
    """The facts on a reporter's book at the end of each of several months that had figures; the others are left out."""
    where = case or store.case()
    facts = store.facts(where)
    newest, found = _newest(facts, reporter), []
    for month in months:
        if month <= newest:
            with contextlib.suppress(Refused):
                found.append(_known(where, facts, reporter, month))
    return found


def _known(
    where: Case, facts: Facts, reporter: str, as_of: pd.Period | None, *, without_figures: bool = False
) -> Known:
    newest = _newest(facts, reporter)
    at = as_of or newest
    if at > newest:
        reason, fix = "after the newest release of figures", f"use a month up to {newest}"
        raise Refused([Problem("out_of_range", "data/processed", reason, fix, None, "as_of", str(at))])
    read = _no_figures() if without_figures else _figures(facts, reporter, at)
    first = read.history.index[-1] + 1 if len(read.history) else flows.first_forecast_quarter(at, reporter)
    ledger = {event.source_id.rsplit(":", 1)[0] for event in facts.events}
    return Known(
        reporter=reporter,
        as_of=at,
        history=read.history,
        first=first,
        words=read.words,
        is_replay=at < newest,
        hindsight=read.hindsight,
        gap_error=read.gap_error,
        revisions=read.revisions,
        revision_files={f"data/raw/{file}": facts.files[file].sha256 for file in sorted(read.revision_files)},
        leaves=tuple(commitments.leaves(facts.events, at.end_time.date())),
        events=tuple(facts.events),
        figure_sources=tuple(facts.files[file].sidecar.citation for file in sorted(read.files)),
        ledger_sources=tuple(facts.files[file].sidecar.citation for file in sorted(ledger)),
        files={f"data/raw/{file}": facts.files[file].sha256 for file in sorted(read.files | ledger)}
        | _corrections(where),
    )


@dataclass(frozen=True)
class Figures:
    """A book as known: its quarters, in words which release they are, the raw files behind, the last year's error."""

    history: pd.DataFrame
    words: str
    files: frozenset[str]
    gap_error: float | None = None
    hindsight: tuple[str, ...] = ()
    revisions: pd.DataFrame = field(default_factory=gap.no_revisions)
    revision_files: frozenset[str] = frozenset()


def _corrections(where: Case) -> dict[str, str]:
    path = where.corrections
    return {path.relative_to(where.root).as_posix(): writing.sha256_of(path)} if path.exists() else {}


def _newest(facts: Facts, reporter: str) -> pd.Period:
    """The newest vintage of the reporter's figures; of any figures where there are none of its own."""
    own = facts.flows[facts.flows["reporter"] == reporter]
    if facts.flows.empty:
        raise Refused([Problem("empty", "data/processed", "there are no figures of trade", "add a release and build")])
    return max((own if len(own) else facts.flows)["vintage"])


def _no_figures() -> Figures:
    index = pd.PeriodIndex([], freq="Q")
    empty = pd.DataFrame(columns=[*baseline.COLUMNS, "gap_usd_mn"], index=index, dtype=object)
    return Figures(empty, "no release: the scenario states the level of trade", frozenset())


def _figures(facts: Facts, reporter: str, at: pd.Period) -> Figures:
    """A book as known at the end of a month. Raises Refused where there is none."""
    partner = PARTNER.get(reporter, "")
    try:
        if (reporter, partner) in facts.fragments:
            return _reconciled(facts, reporter, partner, at)
        snapshot = flows.as_of(facts.flows, reporter, partner, at)
    except ValueError as error:
        fix = "use another reporter or month, or a scenario that states the level of trade (baseline: {method: fixed})"
        raise Refused([Problem("empty", "data/processed", str(error), fix, None, "reporter", reporter)]) from None
    read = Figures(
        gap.observed(snapshot, reporter),
        snapshot.words,
        _raw_files(snapshot.flows["ids"]),
        hindsight=("the figures of trade, as revised since",) if snapshot.truncated else (),
    )
    older = flows.older_vintage(facts.flows, reporter, partner, snapshot.vintage)
    if older is None:
        return read
    before = flows.of_vintage(facts.flows, reporter, partner, older)
    changes = gap.revisions(before, snapshot, reporter)
    return replace(read, revisions=changes, revision_files=_raw_files(before.flows["ids"]))


def _reconciled(facts: Facts, reporter: str, partner: str, at: pd.Period) -> Figures:
    """A book printed in pieces, from the pieces and the mirror figures that were out by then."""
    vintage, fragments = facts.fragments[reporter, partner]
    mirror = min(at, _newest(facts, partner))
    of = own_book.book(fragments, facts.flows, reporter, partner, at, mirror)
    table = own_book.as_flows(of, reporter, partner, vintage)
    history = gap.observed(flows.Snapshot(table, at, vintage, truncated=at < vintage), reporter)
    last = history.index[-1]
    words = (
        f"{len(of.system.fragments)} figures printed by {at:%B %Y}, reconciled with the mirror series; "
        f"bound by them to {last}, later quarters are extrapolated and left out"
    )
    mirrored = flows.as_of(facts.flows, partner, reporter, mirror)
    files = _raw_files([*table["ids"], *mirrored.flows["ids"]])
    error = of.total(quarterly.SIGNS["balance"], list(history.index[-4:]))[1]
    hindsight = ("the mirror series, as revised since",) if mirrored.truncated else ()
    return Figures(history, words, files, error, hindsight)


def _raw_files(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(part.rsplit(":", 1)[0] for each in ids for part in each.split())
