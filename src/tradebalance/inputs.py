"""From a scenario's name to all that its answer depends on."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from . import assumptions, commitments, flows, gap, readers, scenario, store
from .answer import Inputs
from .assumptions import Assumptions
from .problems import Problem, Refused
from .readers import Document
from .scenario import Scenario
from .store import Case, Facts
from .terms import PARTNER
from .validation import nearest

ASSUMPTIONS = "_assumptions"


def names(where: Case) -> list[str]:
    """The case's scenarios, in order of name."""
    return sorted(path.stem for path in where.scenarios.glob("*.yaml") if path.stem != ASSUMPTIONS)


def read_scenario(where: Case, name: str, changes: Mapping[str, object] | None = None) -> tuple[Scenario, Assumptions]:
    """A scenario and its assumptions, `changes` made to either by dotted path.

    Raises Refused with every problem of the scenario's file, of a name that is not there, and of
    overrides that name no assumption.
    """
    if name not in names(where):
        fix = f"use one of {', '.join(names(where))}" + nearest(name, names(where))
        raise Refused([Problem("unknown_key", "scenarios", "no such scenario", fix, value=name)])
    document = _document(where, name)
    tree = _document(where, ASSUMPTIONS)
    return parse_scenario(name, document, tree, changes or {})


def parse_scenario(
    name: str, document: Document, tree: Document, changes: Mapping[str, object]
) -> tuple[Scenario, Assumptions]:
    """As `read_scenario`, from documents already read."""
    if tree.problems:
        raise Refused(tree.problems)
    known = assumptions.parse(tree.data, tree)
    parsed = scenario.parse(name, _changed(document, changes))
    if not parsed.set or not isinstance(tree.data, dict):
        return parsed, known
    return parsed, assumptions.parse(assumptions.override(tree.data, parsed.set, document), tree)


def _document(where: Case, name: str) -> Document:
    path = where.scenarios / f"{name}.yaml"
    return readers.yaml_document(path.read_bytes(), f"scenarios/{name}.yaml")


def _changed(document: Document, changes: Mapping[str, object]) -> Document:
    """The document with values set by dotted path: a scenario's own key, else an assumption's path."""
    if not isinstance(document.data, dict):
        return document
    data = dict(document.data)
    for path, value in changes.items():
        head, *rest = path.split(".")
        if head in Scenario.model_fields:
            data = _set(data, [head, *rest], value)
        else:
            data = _set(data, ["set", path], value)
    return Document(document.file, data, document.lines, document.problems)


def _set(data: Mapping[str, Any], path: Sequence[str], value: object) -> dict[str, Any]:
    head, *rest = path
    inner = data.get(head)
    return {**data, head: _set(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value}


def gather(name: str, *, case: Case | None = None, **changes: object) -> Inputs:
    """All inputs of a scenario by name; `changes` are scenario keys (reporter, as_of, draws, seed, ...).

    Raises Refused where the scenario, the data or a change will not do.
    """
    where = case or store.case()
    parsed, known = read_scenario(where, name, changes)
    facts = store.facts(where)
    at = parsed.as_of or newest(facts)
    if at > newest(facts):
        fix = f"use a month up to {newest(facts)}"
        reason = "after the newest release of figures"
        raise Refused([Problem("out_of_range", f"scenarios/{name}.yaml", reason, fix, None, "as_of", str(at))])
    history, words, used = _history(facts, parsed, at)
    first = history.index[-1] + 1 if len(history) else flows.first_forecast_quarter(at, parsed.reporter)
    leaves = commitments.leaves(facts.events, at.end_time.date())
    used = {*used, *(event.source_id.rsplit(":", 1)[0] for event in facts.events)}
    return Inputs(
        scenario=parsed,
        assumptions=known,
        leaves=tuple(leaves),
        history=history,
        as_of=at,
        first=first,
        known=words,
        sources=tuple(facts.files[file].sidecar.citation for file in sorted(used)),
        files=_checksums(where, facts, used, name),
    )


def newest(facts: Facts) -> pd.Period:
    """The newest vintage of any figures."""
    return max(facts.flows["vintage"])


def _history(facts: Facts, parsed: Scenario, at: pd.Period) -> tuple[pd.DataFrame, str, set[str]]:
    """The scenario's book as known, in words which release it is, and the raw files behind it."""
    if parsed.baseline.method == "fixed":
        empty = pd.DataFrame(columns=["exports_usd_mn", "imports_usd_mn", "gap_usd_mn"])
        return empty, "no release: the scenario states the level of trade", set()
    try:
        snapshot = flows.as_of(facts.flows, parsed.reporter, PARTNER[parsed.reporter], at)
    except ValueError as error:
        fix = "use a reporter whose figures are there, or baseline: {method: fixed, ...}"
        file = f"scenarios/{parsed.name}.yaml"
        raise Refused([Problem("empty", file, str(error), fix, None, "reporter", parsed.reporter)]) from None
    files = {part.rsplit(":", 1)[0] for ids in snapshot.flows["ids"] for part in ids.split()}
    return gap.observed(snapshot, parsed.reporter), snapshot.words, files


def _checksums(where: Case, facts: Facts, used: set[str], name: str) -> dict[str, str]:
    """Input file, relative to the case -> sha256."""
    own = [f"scenarios/{ASSUMPTIONS}.yaml", f"scenarios/{name}.yaml"]
    raw = {f"data/raw/{file}": facts.files[file].sha256 for file in sorted(used)}
    return raw | {file: store.sha256_of(where.root / file) for file in own}


