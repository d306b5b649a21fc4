"""From a scenario's name to all that its answer depends on, and what data/arrivals.yaml says of arrivals."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from operator import index
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from ..answers.arrivals import Evidence, Evidences, Grounds, day_of
from ..answers.model import Inputs
from ..assumptions import baseline, scenario
from ..assumptions.overrides import override
from ..assumptions.scenario import ScenarioSpec
from ..assumptions.written import Assumptions, parse
from ..facts.known import Known
from ..reading import readers
from ..words.cells import PLAIN_NUMBER
from ..words.problems import CHANGES, Problem, raise_errors, refuse, together
from ..words.schema import Document, KeyPath, keyed, nearest, paths, read
from ..words.terms import BOOKS
from . import asof, folder, own_path, regular, store, track_inputs, writing
from .folder import Folder

ASSUMPTIONS = "_assumptions"


def names(where: Folder) -> list[str]:
    """The case's scenarios, in order of name."""
    return sorted(path.stem for path in where.scenarios.glob("*.yaml") if path.stem != ASSUMPTIONS)


def check_names(where: Folder, wanted: Iterable[str]) -> None:
    """Raises Refused with each of the names that is no scenario of the case, and the nearest one that is."""
    known = names(where)
    fixes = {name: f"use one of {', '.join(known)}{nearest(str(name), known)}" for name in wanted if name not in known}
    raise_errors(Problem("unknown_key", "scenarios", "no such scenario", fix, value=str(n)) for n, fix in fixes.items())


def central(where: Folder) -> str:
    """The scenario whose answer the first sentences tell: the one that case.yaml names, else the first by name that
    credits the deals by assumptions, else the first.

    Raises Refused for a case without any, and where its own case.yaml names one that is not there.
    """
    found, named = names(where), folder.declared(where).central
    if not found:
        refuse("empty", "scenarios", "there is no scenario", "add one")
    is_its_own = where.declaration.parent == where.root
    if named and named not in found and is_its_own:
        fix = f"use one of {', '.join(found)}{nearest(named, found)}"
        refuse("unknown_key", folder.DECLARATION, "no such scenario in this case", fix, None, "central", named)
    return named if named in found else next((name for name in found if _credits(where, name)), found[0])


def _credits(where: Folder, name: str) -> bool:
    said = document(where, name).data
    return isinstance(said, Mapping) and said.get("credit") == "assumptions"


def comparable(where: Folder, wanted: Iterable[str], reporter: str) -> list[str]:
    """Those of the scenarios that can be held against each other on a book: all but levels stated on another one."""
    parsed = [read_scenario(where, name)[0] for name in wanted]
    return [one.name for one in parsed if can_stand_on(one, reporter)]


def can_stand_on(parsed: ScenarioSpec, reporter: str) -> bool:
    """Whether a scenario says the same on that book: one that states levels of trade says those of its own."""
    return not parsed.baseline.states_amounts or parsed.reporter == reporter


def read_scenario(
    where: Folder, name: str, changes: Mapping[str, object] | None = None, said: Document | None = None
) -> tuple[ScenarioSpec, Assumptions]:
    """A scenario and its assumptions, `changes` made to either by dotted path; `said` stands in for its file.

    Raises Refused with every problem of the scenario's file, of a name that is not there, and of
    overrides that name no assumption.
    """
    if said is None:
        check_names(where, [name])
    raise_errors(scenario.name_problems(f"scenarios/{known}.yaml" for known in names(where)))
    books = folder.declared(where).books
    return parse_scenario(name, said or document(where, name), document(where, ASSUMPTIONS), changes or {}, books)


def parse_scenario(
    name: str, written: Document, tree: Document, changes: Mapping[str, object], books: Sequence[str] = tuple(BOOKS)
) -> tuple[ScenarioSpec, Assumptions]:
    """As `read_scenario`, from documents already read, for a case with figures on these reporters' books."""
    known, changed = parse_assumptions(tree), _changed(written, changes)

    def overridden() -> Assumptions:
        data = changed.data if isinstance(changed.data, dict) else {}
        of_all, of_deals = (said if isinstance(said := data.get(key), dict) else {} for key in ("set", "deals"))
        if not (of_all or of_deals) or not isinstance(tree.data, dict):
            return known
        return parse(override(tree.data, of_all, changed, list(paths(ScenarioSpec)), of_deals), tree)

    assumed, parsed = together([overridden, lambda: scenario.parse(name, changed, books)])
    return parsed, assumed


def parse_assumptions(tree: Document) -> Assumptions:
    """The case's assumptions. Raises Refused with every problem of the file."""
    raise_errors(tree.problems)
    return parse(keyed(tree, "write sections of assumptions; copy the shipped file"), tree)


def document(where: Folder, name: str) -> Document:
    """A YAML file of the case's scenarios, read but not judged. Raises Refused if it is missing."""
    path, file = where.scenarios / f"{name}.yaml", f"scenarios/{name}.yaml"
    if not path.exists():
        fix = "add the file, if need be a copy of the one in the repository"
        refuse("empty", file, "the file is missing", fix)
    return readers.yaml_document(regular.read(path, file), file)


@dataclass
class Changed(Document):
    """A scenario's document with changes made: what is wrong with one of them is told of as a change, not of a line."""

    changed: Sequence[KeyPath] = ()

    def problem(self, code: str, path: KeyPath, reason: str, fix: str, value: object = None) -> Problem:
        if path and any(at[: len(path)] == path or path[: len(at)] == at for at in self.changed):
            column = ".".join(path[1:] if path[0] == "set" else path)
            return Problem(code, CHANGES, reason, fix, None, column, None if value is None else str(value))
        return super().problem(code, path, reason, fix, value)


def _changed(written: Document, changes: Mapping[str, object]) -> Document:
    """The document with values set by dotted path: a scenario's own key, else an assumption's path."""
    if not isinstance(written.data, dict) or not changes:
        return written
    data, own = dict(written.data), ScenarioSpec.model_fields
    if isinstance(data.get("tariff"), str):  # a bare name, which a change below it would lose
        data["tariff"] = {"path": data["tariff"]}
    told = [tuple(name.split(".")) if name.split(".")[0] in own else ("set", name) for name in changes]
    for path, value in zip(told, changes.values(), strict=True):
        if isinstance(value, Integral) and not isinstance(value, bool):  # numpy's too
            value = index(value)
        data = _set(data, path, value)
    return Changed(written.file, data, written.lines, written.problems, told)


def _set(data: Mapping[str, Any], path: Sequence[str], value: object) -> dict[str, Any]:
    head, *rest = path
    inner = data.get(head)
    return {**data, head: _set(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value}


def gather(
    name: str,
    *,
    case: Folder | str | None = None,
    changes: Mapping[str, object] | None = None,
    said: Document | None = None,
    **settings: object,
) -> Inputs:
    """All inputs of a scenario by name, with changes by scenario key or assumption path.

    `said` stands in for the scenario's file. `settings` are changes too, those that are None left out. Raises Refused
    where the scenario, the data or a change will not do.
    """
    where = folder.case(case or "")
    made = {**(changes or {}), **{path: value for path, value in settings.items() if value is not None}}
    parsed, assumed = read_scenario(where, name, made, said)
    if parsed.baseline.states_amounts and "reporter" in made and "baseline" not in made:
        own_book = read_scenario(where, name, said=said)[0].reporter
        if parsed.reporter != own_book:
            reason, fix = f"the level of trade it states is on the book of {own_book}", "use another scenario"
            refuse("empty", CHANGES, reason, fix, None, "reporter", parsed.reporter)
    where = store.hold(where)
    facts = with_facts(where, parsed, made)
    found, bounding = grounds(where, parsed, facts)
    parsed, read = with_path(where.scenarios, parsed, facts)
    own = [f"{stem}.yaml" for stem in (ASSUMPTIONS, *([] if said else [name]))]
    of_errors = facts.pooled_files if parsed.baseline.method == baseline.DEFAULT else {}
    files = {
        **facts.files,
        **of_errors,
        **read,
        **bounding,
        **{f"scenarios/{file}": writing.sha256_of(where.scenarios / file) for file in own},
    }
    if said:
        files[said.file] = writing.sha256_of_text(repr(said.data))
    return Inputs(replace(facts, files=files), parsed, assumed, made, found)


def with_path(scenarios: Path, parsed: ScenarioSpec, facts: Known) -> tuple[ScenarioSpec, dict[str, str]]:
    """The scenario of a folder with what its path without the deals takes from the case, and the files of it with their
    sha256: the last quarter to estimate imports on, or its own file's figures. Raises Refused with its problems."""
    method, read = parsed.baseline.without_deals_after(facts.dates.before_deals, facts.history), dict[str, str]()
    if method.method == baseline.FILE:
        quarters = pd.period_range(facts.first, periods=parsed.horizon.quarters, freq="Q")
        method, read = own_path.with_figures(method, scenarios, parsed.name, facts.pair, quarters)
    return parsed.model_copy(update={"baseline": method}), read


def with_facts(where: Folder, parsed: ScenarioSpec, changes: Container[str] = ()) -> Known:
    """What a scenario stands on. Raises Refused where its month leaves too little to stand on."""
    method = parsed.baseline

    def refused(reason: str, fix: str, key: str, value: object) -> NoReturn:
        file = CHANGES if key in changes else f"scenarios/{parsed.name}.yaml"
        refuse("empty", file, reason, fix, None, key, str(value))

    facts = asof.known(parsed.reporter, parsed.as_of, case=where, without_figures=method.is_level)
    usable = baseline.usable(method, facts.history)
    for column, key in zip(baseline.COLUMNS[::-1], baseline.ESTIMATE_KEYS[::-1], strict=True):
        until = getattr(method, key)
        if until is not None and baseline.estimated_on(method, usable, column) < method.needs:
            reason = f"the baseline needs {method.needs} quarters up to it that it can use"
            refused(reason, "use a later quarter, or another baseline", f"baseline.{key}", until)
    needed = 0 if method.is_level else max(4, method.needs)  # 4: today's gap
    if len(usable) < needed:
        above = "" if len(usable) == len(facts.history) else " with trade both ways"
        reason = f"{len(usable)} quarters{above} were published by {facts.as_of}, the baseline needs {needed}"
        refused(reason, "use a later as_of, or another baseline", "as_of", facts.as_of)
    return facts


def grounds(where: Folder, parsed: ScenarioSpec, known: Known) -> tuple[Grounds, dict[str, str]]:
    """What counts or bounds what had arrived where a scenario starts, and the files of it with their sha256.

    The lines of the imports are the home customs' own, whatever the scenario's book, from the first total to the last
    quarter that the book holds. Raises Refused as `evidence` does.
    """
    facts, rise = store.facts(where), track_inputs.rise_of(where, parsed.as_of)
    told = tuple(evidence(where, facts))
    used = {cell.file for each in told for cell in each.cells}
    by_hand = writing.checksum(where.root, where.arrivals)
    if rise is None:
        return Grounds(told), asof.checksums(facts, used) | by_hand
    printed = asof.goods_of(parsed.as_of, case=where)
    lines = printed.since(rise.first, rise.base_year, last=pd.Period(day_of(known), freq="M"))
    if lines is not None:
        used |= printed.files
        by_hand |= writing.checksum(where.commodities.parents[1], where.commodities)
    return Grounds(told, lines, rise.at_most), asof.checksums(facts, used) | by_hand


def evidence(where: Folder, facts: store.Facts) -> list[Evidence]:
    """What the case says of arrivals, each cell checked against its raw file; none without the file.

    Raises Refused with every problem of the file, and for a cell that holds something else.
    """
    path = where.arrivals
    if not path.exists():
        return []
    file = path.relative_to(where.root).as_posix()
    return parse_evidence(readers.yaml_document(regular.read(path, file), file), facts)


def evidence_line(where: Folder, deal: str) -> tuple[str, int | None]:
    """The file and line that say what has arrived of a deal."""
    file = where.arrivals.relative_to(where.root).as_posix()
    written = readers.yaml_document(regular.read(where.arrivals, file), file)
    deals = keyed(written, "give a list under deals").get("deals", [])
    number = next((n for n, each in enumerate(deals) if isinstance(each, dict) and each.get("deal") == deal), None)
    return file, written.lines.get(("deals", str(number)))


def parse_evidence(written: Document, facts: store.Facts) -> list[Evidence]:
    """As `evidence`, from a document already read."""
    deals = read(Evidences, written).deals
    raise_errors(
        written.problem(code, ("deals", str(number)), reason, fix, value)
        for number in range(len(deals))
        for code, reason, fix, value in _complaints(facts, deals, number)
    )
    return deals


def _complaints(facts: store.Facts, deals: Sequence[Evidence], number: int) -> Iterable[tuple[str, str, str, str]]:
    """Why a deal's evidence will not do, and the fix: first its cells, then the deals that it names."""
    of_deal, fix = deals[number], "look at the file it names"
    for cell in of_deal.cells:
        rows = dict(facts.files[cell.file].table.rows) if cell.file in facts.files else {}
        holds = rows.get(cell.row, {}).get(cell.column)
        if holds != cell.expected:
            reason = f"{cell.column} is expected to hold {cell.expected!r} and holds {holds!r}"
            yield "inconsistent", reason, fix, cell.source_id
        elif not PLAIN_NUMBER.fullmatch(cell.expected):
            yield "inconsistent", f"{cell.expected!r} is not a plain number", fix, cell.source_id
    known, fix = {event.id for event in facts.events}, "use the id of a deal of the ledger, once"
    for name in (of_deal.deal, of_deal.moves_with):
        if name and name not in known:
            yield "unknown_parent", f"{name} is not in the ledger", fix, name
    if of_deal.deal in {each.deal for each in deals[:number]}:
        yield "duplicate_key", f"{of_deal.deal} is told of above", fix, of_deal.deal
    if of_deal.moves_with in {each.deal for each in deals if each.moves_with}:
        yield "inconsistent", f"{of_deal.moves_with} moves with another deal itself", fix, of_deal.moves_with
