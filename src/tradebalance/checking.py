"""`check`: what is wrong with figures, a ledger or a scenario, without building or writing anything."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from . import checks, grids, layouts, ledger_events, options, printed, readers
from .layouts import Checked
from .options import Options
from .problems import SHOWN, Problem, Refused, errors, in_order
from .sheets import Grid

if TYPE_CHECKING:
    import pandas as pd

    from .readers import Document
    from .store import Case

LEDGER_MARKS = {"buyer", "seller"}
Newest = Callable[[], "pd.Period | None"]  # the newest vintage of the case's own figures, which the future is judged by
FIGURES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".html", ".htm", ".gz", ".zip", ".parquet")


class CannotTell(ValueError):
    """Neither the name nor the content of a file says what kind it is."""


@dataclass(frozen=True)
class Opened:
    """A file that is not a scenario: its bytes, what is said of it, and its records or why there are none."""

    path: Path
    content: bytes
    options: Options
    grid: Grid | None
    refused: Sequence[Problem] = ()

    @property
    def columns(self) -> list[str]:
        """The names in the first record, or in the first line of a file that could not be read."""
        if self.grid is not None:
            return [cell.strip() for cell in self.grid.records[0].cells] if self.grid.records else []
        first = self.content[:100_000].split(b"\n", 1)[0].decode("utf-8-sig", "replace")
        return [name.strip().strip('"') for name in first.split(",")]


def check(
    paths: Sequence[Path], kind: str | None, case: "Case", said: Mapping[str, object] | None = None
) -> list[dict[str, object]]:
    """One report a file, in the form of `check --json`; `said` is what `--set` adds to a file's sidecar.

    Raises CannotTell, options.Unknown, and OSError for an unreadable path.
    """
    options.options(said or {})
    opened = [_opened(path, kind, said or {}) for path in paths]
    newest = cache(lambda: _newest_vintage(case))
    return [_report(path, *one, case, newest) for path, one in zip(paths, opened, strict=True)]


def _newest_vintage(case: "Case") -> "pd.Period | None":
    from . import store

    return store.newest_vintage(case)


def _opened(path: Path, kind: str | None, said: Mapping[str, object]) -> tuple[str, Opened | None]:
    """The kind of a file, and the file opened if it is one of figures or a ledger."""
    if kind == "scenario" or (kind is None and path.suffix in (".yaml", ".yml")):
        return "scenario", None
    content, given = path.read_bytes(), _options(path, said)
    try:
        file = Opened(path, content, given, grid(content, str(path), given))
    except Refused as refusal:
        file = Opened(path, content, given, None, refusal.problems)
    return kind or _kind(file), file


def _report(path: Path, kind: str, file: Opened | None, case: "Case", newest: Newest) -> dict[str, object]:
    if file is None:
        read, kept, figures, problems = _scenario(path, case)
    elif file.grid is None:
        read, kept, figures, problems = 0, 0, [], list(file.refused)
    else:
        read, kept, figures, problems = _ledger(file.grid) if kind == "ledger" else _flows(file, file.grid, newest)
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


def _flows(file: Opened, found: Grid, newest: Newest) -> Checked:
    if not layouts.is_known(file.columns):
        result = printed.read(found, file.options, newest())
        return result.rows_read, result.rows_kept, result.figures, result.problems
    try:
        table = readers.rectangular(found)
    except Refused as refusal:
        return 0, 0, [], list(refusal.problems)
    sha256 = hashlib.sha256(file.content).hexdigest()
    return layouts.checked(table, _beside(file.path), sha256, file.options, newest())


def _kind(file: Opened) -> str:
    if {name.casefold() for name in file.columns} >= LEDGER_MARKS:
        return "ledger"
    if file.path.suffix.casefold() in FIGURES or layouts.is_known(file.columns):
        return "flows"
    raise CannotTell(f"{file.path}: neither figures, a scenario nor a ledger by its looks; say which by --kind")


def figures(content: bytes, file: str, given: Options, newest: "pd.Period | None" = None) -> printed.Result:
    """The figures of a file's bytes. Raises Refused where the bytes are no table, or not those of the checksum."""
    return printed.read(grid(content, file, given), given, newest)


def grid(content: bytes, file: str, given: Options) -> Grid:
    """The records of a file's bytes. Raises Refused where they are no table, or not those of the checksum."""
    found = hashlib.sha256(content).hexdigest()
    if given.sha256 and given.sha256.casefold() != found:
        reason, fix = f"the file has the checksum {found}", "restore the file, or state the new checksum"
        raise Refused([Problem("checksum_mismatch", file, reason, fix, value=given.sha256)])
    return grids.grid(content, file, given)


def _options(path: Path, said: Mapping[str, object]) -> Options:
    """What the sidecar beside a file says, and over it what the command says."""
    beside = _beside(path)
    own = options.options(beside.data, strict=False) if beside and isinstance(beside.data, dict) else Options()
    return options.over(own, options.options(said))


def _beside(path: Path) -> "Document | None":
    """The sidecar beside a file, None if there is none."""
    sidecar = path.with_name(f"{path.name.split('.')[0]}.source.yaml")
    return readers.yaml_document(sidecar.read_bytes(), str(sidecar)) if sidecar.is_file() else None


def _scenario(path: Path, case: "Case") -> Checked:
    from . import inputs, scenario

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


def _parsed_problems(name: str, document: "Document", case: "Case") -> list[Problem]:
    """Errors are raised; what is returned are warnings that only the case's figures can tell."""
    from . import credit, inputs, store

    parsed, assumed = inputs.parse_scenario(
        name, document, inputs.document(case, inputs.ASSUMPTIONS), {}, store.declared(case).books
    )
    known = inputs.with_facts(case, parsed)
    found = credit.components(known.leaves, parsed, assumed, known.first, as_of=known.as_of, events=known.events)
    last = known.first + parsed.horizon.quarters - 1
    return credit.outside_horizon(found, known.first, last, document.file)


def _ledger(found: Grid) -> Checked:
    """A ledger's leaves and problems; its columns are known in capitals too."""
    try:
        table = readers.rectangular(_in_lower_case(found))
    except Refused as refusal:
        return 0, 0, [], list(refusal.problems)
    rows = [(row.line, row.cells) for row in table.rows]
    problems = checks.ledger_problems(table.columns, rows, table.file)
    wrong = {problem.row for problem in errors(problems)}
    replaced = {problem.row for problem in problems if problem.code == checks.REPLACED}
    kept = sum(line not in wrong | replaced for line, _ in rows)
    if errors(problems):
        return len(rows), kept, [], problems
    return len(rows), kept, ledger_events.figures(rows, table.file), problems


def _in_lower_case(found: Grid) -> Grid:
    header = [replace(record, cells=tuple(cell.casefold() for cell in record.cells)) for record in found.records[:1]]
    return replace(found, records=(*header, *found.records[1:]))
