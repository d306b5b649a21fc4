"""`check`: what is wrong with figures, a ledger or a scenario, without building or writing anything."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from . import checks, commitments, credit, grids, inputs, options, printed, readers, scenario, store
from .options import Options
from .problems import SHOWN, Problem, Refused, errors, in_order
from .readers import Document
from .store import Case

LEDGER_MARKS = {"buyer", "seller"}
FIGURES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".html", ".htm", ".gz", ".zip", ".parquet")
LARGEST_FILE = 200_000_000

Checked = tuple[int, int, list[dict[str, str | None]], list[Problem]]  # rows read, rows kept, figures, problems


class CannotTell(ValueError):
    """Neither the name nor the content of a file says what kind it is."""


def check(
    paths: Sequence[Path], kind: str | None, case: Case, said: Mapping[str, object] | None = None
) -> list[dict[str, object]]:
    """One report a file, in the form of `check --json`; `said` is what `--set` adds to a file's sidecar.

    Raises CannotTell, options.Unknown, and OSError for an unreadable path.
    """
    options.options(said or {})
    kinds = [kind or _kind(path) for path in paths]
    newest = _newest_vintage(case) if "flows" in kinds else None
    return [_report(path, one, case, said or {}, newest) for path, one in zip(paths, kinds, strict=True)]


def _kind(path: Path) -> str:
    if path.suffix in (".yaml", ".yml"):
        return "scenario"
    with path.open("rb") as file:
        first = file.readline(100_000).decode("utf-8-sig", "replace").strip()
    if {name.strip().strip('"') for name in first.split(",")} >= LEDGER_MARKS:
        return "ledger"
    if path.suffix.casefold() in FIGURES:
        return "flows"
    raise CannotTell(f"{path}: neither figures, a scenario nor a ledger by its looks; say which by --kind")


def _newest_vintage(case: Case) -> pd.Period | None:
    """The newest vintage of the case's own figures, which the future is judged by; None if it has none."""
    try:
        vintages = store.facts(case).flows["vintage"]
    except (Refused, OSError):
        return None
    return None if vintages.empty else max(vintages)


def _report(
    path: Path, kind: str, case: Case, said: Mapping[str, object], newest: pd.Period | None
) -> dict[str, object]:
    if kind == "scenario":
        read, kept, figures, problems = _scenario(path, case)
    else:
        read, kept, figures, problems = _ledger(path) if kind == "ledger" else _flows(path, said, newest)
    ordered = in_order(problems)
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


def _flows(path: Path, said: Mapping[str, object], newest: pd.Period | None) -> Checked:
    content = path.read_bytes()
    try:
        result = figures(content, str(path), _options(path, said), newest)
    except Refused as refusal:
        return 0, 0, [], list(refusal.problems)
    return result.rows_read, result.rows_kept, result.figures, result.problems


def figures(content: bytes, file: str, given: Options, newest: pd.Period | None = None) -> printed.Result:
    """The figures of a file's bytes. Raises Refused where the bytes are no table, or not those of the checksum."""
    found = hashlib.sha256(content).hexdigest()
    if given.sha256 and given.sha256.casefold() != found:
        reason, fix = f"the file has the checksum {found}", "restore the file, or state the new checksum"
        raise Refused([Problem("checksum_mismatch", file, reason, fix, value=given.sha256)])
    return printed.read(grids.grid(content, file, given), given, newest)


def _options(path: Path, said: Mapping[str, object]) -> Options:
    """What the sidecar beside a file says, and over it what the command says."""
    beside = path.with_name(f"{path.name.split('.')[0]}.source.yaml")
    sidecar = readers.yaml_document(beside.read_bytes(), str(beside)).data if beside.is_file() else {}
    own = options.options(sidecar, strict=False) if isinstance(sidecar, dict) else Options()
    return options.over(own, options.options(said))


def _scenario(path: Path, case: Case) -> Checked:
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
    return 0, 0, [], problems


def _parsed_problems(name: str, document: Document, case: Case) -> list[Problem]:
    """Errors are raised; what is returned are warnings that only the case's figures can tell."""
    parsed, assumed = inputs.parse_scenario(
        name, document, inputs.document(case, inputs.ASSUMPTIONS), {}, store.declared(case).books
    )
    known = inputs.with_facts(case, parsed)
    found = credit.components(known.leaves, parsed, assumed, known.first)
    last = known.first + parsed.horizon.quarters - 1
    return credit.outside_horizon(found, known.first, last, document.file)


def _ledger(path: Path) -> Checked:
    try:
        table = readers.table(path.read_bytes(), str(path))
    except Refused as refusal:
        return 0, 0, [], list(refusal.problems)
    rows = [(row.line, row.cells) for row in table.rows]
    problems = checks.ledger_problems(table.columns, rows, str(path))
    wrong = {problem.row for problem in errors(problems)}
    replaced = {problem.row for problem in problems if problem.code == checks.REPLACED}
    kept = sum(line not in wrong | replaced for line, _ in rows)
    if errors(problems):
        return len(rows), kept, [], problems
    return len(rows), kept, commitments.figures(rows, str(path)), problems
