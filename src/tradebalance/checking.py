"""`check`: what is wrong with a scenario or a ledger, without building or writing anything."""

from collections.abc import Sequence
from pathlib import Path

from . import checks, commitments, credit, inputs, readers, scenario
from .problems import SHOWN, Problem, Refused, errors, in_order
from .readers import Document
from .store import Case

LEDGER_MARKS = {"buyer", "seller"}


class CannotTell(ValueError):
    """Neither the name nor the content of a file says what kind it is."""


def check(paths: Sequence[Path], kind: str | None, case: Case) -> list[dict[str, object]]:
    """One report a file, in the form of `check --json`. Raises CannotTell, and OSError for an unreadable path."""
    return [_report(path, kind or _kind(path), case) for path in paths]


def _kind(path: Path) -> str:
    if path.suffix in (".yaml", ".yml"):
        return "scenario"
    if set(path.read_bytes().split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")) >= LEDGER_MARKS:
        return "ledger"
    raise CannotTell(f"{path}: neither a scenario nor a ledger by its looks; say which by --kind")


def _report(path: Path, kind: str, case: Case) -> dict[str, object]:
    read, figures, problems = _scenario(path, case) if kind == "scenario" else _ledger(path)
    ordered = in_order(problems)
    kept = read - len({p.row for p in errors(ordered) if (p.row or 0) > 1}) if kind == "ledger" else 0
    return {
        "file": str(path),
        "kind": kind,
        "ok": not errors(ordered),
        "rows_read": read,
        "rows_kept": kept,
        "figures": figures if not errors(ordered) else [],
        "problems": [problem.as_json() for problem in ordered[:SHOWN]],
        "problems_not_shown": max(0, len(ordered) - SHOWN),
    }


def _scenario(path: Path, case: Case) -> tuple[int, list[dict[str, str]], list[Problem]]:
    document = readers.yaml_document(path.read_bytes(), str(path))
    others = [str(other) for other in sorted(path.parent.glob("*.y*ml")) if other != path]
    problems: list[Problem] = []
    try:
        if path.stem == inputs.ASSUMPTIONS:
            inputs.parse_assumptions(document)
        else:
            problems += [p for p in scenario.name_problems([*others, str(path)]) if p.file == str(path)]
            problems += _parsed_problems(path.stem, document, case)
    except Refused as refusal:
        problems += refusal.problems
    return 0, [], problems


def _parsed_problems(name: str, document: Document, case: Case) -> list[Problem]:
    """Errors are raised; what is returned are warnings that only the case's figures can tell."""
    parsed, assumed = inputs.parse_scenario(name, document, inputs.document(case, inputs.ASSUMPTIONS), {})
    known = inputs.with_facts(case, parsed)
    found = credit.components(known.leaves, parsed, assumed, known.first)
    last = known.first + parsed.horizon.quarters - 1
    return credit.outside_horizon(found, known.first, last, document.file)


def _ledger(path: Path) -> tuple[int, list[dict[str, str]], list[Problem]]:
    try:
        table = readers.table(path.read_bytes(), str(path))
    except Refused as refusal:
        return 0, [], list(refusal.problems)
    rows = [(row.line, row.cells) for row in table.rows]
    problems = checks.ledger_problems(table.columns, rows, str(path))
    if errors(problems):
        return len(rows), [], problems
    events = commitments.read(table.columns, rows, str(path))
    leaves = commitments.leaves(events, commitments.FOREVER)
    return len(rows), [{"id": leaf.id, "value_usd_mn": str(leaf.value_usd_mn)} for leaf in leaves], problems
