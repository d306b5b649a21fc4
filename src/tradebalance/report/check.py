"""`check`: what is wrong with figures, a ledger or a scenario, without building or writing anything.

Raw files as `data/raw` holds them, the Census Bureau's layout and fragments, checked by the readers of `build`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd

from ..case import folder, layouts, raw, regular, sidecars
from ..case.folder import Folder
from ..case.sidecars import Sidecar
from ..facts import fragments, goods, ledger, ledger_rules, trade
from ..facts.fragments import Fragment
from ..reading import grids, options, printed, readers, rules
from ..reading.headers import Grid
from ..reading.options import Options
from ..reading.readers import Table
from ..words.problems import SHOWN, Problem, Refused, attempt, errors, in_order, raise_errors, refuse, shown
from ..words.schema import Document, read
from ..words.terms import Origin, month

Checked = tuple[int, int, list[dict[str, str | None]], list[Problem]]  # rows read, rows kept, figures, problems
FILE = "file"  # stands for the file's name, which may hold blanks, in the ids of rows


def checked(
    table: Table, beside: Document | None, sha256: str, options: Options, newest: pd.Period | None = None
) -> Checked:
    """Figures and problems of a raw file, with the sidecar beside it or without; `newest` judges the future."""
    of = layouts.publisher(table)
    sidecar, problems = _sidecar(table, beside, sha256, of)
    if errors(problems):
        return len(table.rows), 0, [], problems
    found, refused = attempt(
        lambda: _counts(of, table, sidecar, options, newest) if of else _fragments(table, sidecar, options)
    )
    figures, told, aside = found or ([], refused, set())
    problems += [replace(problem, file=table.file) for problem in told]
    off = aside | {problem.row for problem in errors(problems)}
    return len(table.rows), sum(row.line not in off for row in table.rows), figures, problems


def _sidecar(
    table: Table, beside: Document | None, sha256: str, of: ModuleType | None
) -> tuple[Sidecar | None, list[Problem]]:
    """The sidecar, if there is one; its problems are told as the file's, and name it in the reason."""
    if beside is None:
        return None, []
    sidecar, problems = sidecars.parse(beside, table, sha256, of.MUST_SAY if of else None, in_place=False)
    where = beside.file.rsplit("/", 1)[-1]
    return sidecar, [
        replace(p, file=table.file, row=None, reason=f"{where}, line {p.row}: {p.reason}") for p in problems
    ]


Found = tuple[list[dict[str, str | None]], list[Problem], set[int | None]]  # figures, problems, lines kept aside


def _counts(of: ModuleType, table: Table, sidecar: Sidecar | None, options: Options, newest: pd.Period | None) -> Found:
    """What the file itself prints: what only follows from it and others is for `build`."""
    horizon = _vintage(options) or newest
    source, problems = (sidecar.flow_source(FILE), []) if sidecar else of.unsaid(table.rows, FILE, horizon)
    flows, aside = of.read([(table.rows, source)])
    problems += [*of.aside_warnings(aside), *trade.flow_problems(flows)]
    vintage = str(sidecar.vintage) if sidecar else options.vintage
    printed = flows[flows["origin"] == Origin.PUBLISHED]
    lines: set[int | None] = {int(row["row"]) for row in aside}
    return [_flow_figure(row, vintage) for row in printed.to_dict("records")], problems, lines


def _vintage(options: Options) -> pd.Period | None:
    try:
        return month((options.vintage or "")[:7])
    except ValueError:
        return None


def _flow_figure(row: dict[str, object], vintage: str | None) -> dict[str, str | None]:
    return {
        **{name: str(row[name]) for name in ("reporter", "partner", "flow", "period", "origin")},
        "value_usd_mn": f"{row['value_usd_mn']:f}",
        "vintage": vintage,
        "status": str(row["status"]) or None,
    }


def _fragments(table: Table, sidecar: Sidecar | None, options: Options) -> Found:
    """Each printed level is a figure of its span; a growth rate is checked, and is none."""
    read = fragments.read(table.columns, table.rows, FILE)
    reporter = sidecar.reporter if sidecar else options.reporter
    partner = sidecar.partner if sidecar else options.partner
    status = {f"{FILE}:{row.line}": row.cells.get("status") for row in table.rows}
    levels = [_level(one, reporter, partner, status[one.source_id]) for one in read if one.against is None]
    return levels, fragments.repeated(read, FILE), set()


def _level(one: Fragment, reporter: str | None, partner: str | None, status: str | None) -> dict[str, str | None]:
    return {
        "reporter": reporter or None,
        "partner": partner or None,
        "flow": one.flow,
        "period": str(one.first) if one.first == one.last else f"{one.first}/{one.last}",
        "value_usd_mn": f"{one.value.normalize():f}",
        "vintage": str(one.published),
        "status": status or None,
        "origin": "published",
    }


OF_A_CASE = {f"{kind}.yaml": kind for kind in ("case", "corrections", "arrivals", "commodities")}  # by name
Known = Callable[[], tuple["pd.Period | None", rules.Held]]  # the case's newest vintage, and the size of its figures


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
    paths: Sequence[Path], kind: str | None, case: Folder, said: Mapping[str, object] | None = None
) -> list[dict[str, object]]:
    """One report a file, in the form of `check --json`; `said` is what `--set` adds to a file's sidecar.

    Raises CannotTell, options.Unknown, and OSError for an unreadable path.
    """
    from ..case import store

    options.options(said or {})
    opened = [_opened(path, kind, said or {}) for path in paths]
    known = cache(lambda: store.published(case))
    return [_report(path, *one, case, known) for path, one in zip(paths, opened, strict=True)]


def _opened(path: Path, kind: str | None, said: Mapping[str, object]) -> tuple[str, Opened | None]:
    """The kind of a file, and the file opened if it is one of figures or a ledger."""
    if kind == "scenario" or (kind is None and path.suffix in (".yaml", ".yml")):
        own = "sidecar" if path.name.endswith(sidecars.SUFFIX) else OF_A_CASE.get(path.name, "scenario")
        return kind or own, None
    content, given = regular.read(path), _options(path, said)
    file = Opened(path, content, given, *attempt(lambda: grid(content, str(path), given)))
    return kind or _kind(file), file


def _report(path: Path, kind: str, file: Opened | None, case: Folder, known: Known) -> dict[str, object]:
    figures: list[dict[str, str | None]] = []
    if file is None:
        read, kept, problems = 0, 0, _of_yaml(path, kind, case)
    elif file.grid is None:
        read, kept, problems = 0, 0, list(file.refused)
    else:
        read, kept, figures, problems = _read(kind, file, file.grid, known)
    ordered = in_order(problems)
    return {
        "file": str(path),
        "kind": kind,
        "ok": not errors(ordered),
        "rows_read": read,
        "rows_kept": kept,
        "figures": figures if not errors(ordered) else [],
        "problems": [problem.as_json() for problem in shown(ordered)],
        "problems_not_shown": max(0, len(ordered) - SHOWN),
    }


def _read(kind: str, file: Opened, found: Grid, known: Known) -> Checked:
    if kind == "ledger":
        return _ledger(found)
    return _beside_trade(kind, file, found) if kind in layouts.OTHERS else _flows(file, found, known)


def _beside_trade(kind: str, file: Opened, found: Grid) -> Checked:
    """The problems of a raw file that holds no trade and of the sidecar beside it; its rows are no figures of trade."""
    table, refused = attempt(lambda: layouts.table(found, file.options))
    if table is None:
        return 0, 0, [], refused
    _, problems = _sidecar(table, _beside(file.path), hashlib.sha256(file.content).hexdigest(), None)
    problems += attempt(lambda: layouts.OTHERS[kind][1](table.columns, table.rows, table.file))[1]
    wrong = {problem.row for problem in errors(problems)}
    return len(table.rows), sum(row.line not in wrong for row in table.rows), [], problems


def _flows(file: Opened, found: Grid, known: Known) -> Checked:
    if not layouts.holds_trade(file.columns):
        result = printed.read(found, file.options, *known())
        return result.rows_read, result.rows_kept, result.figures, result.problems
    table, refused = attempt(lambda: layouts.table(found, file.options))
    if table is None:
        return 0, 0, [], refused
    sha256 = hashlib.sha256(file.content).hexdigest()
    return checked(table, _beside(file.path), sha256, file.options, known()[0])


def _kind(file: Opened) -> str:
    if other := next((kind for kind, (holds, _) in layouts.OTHERS.items() if holds(file.columns)), None):
        return other
    if {name.casefold() for name in file.columns} >= {"buyer", "seller"}:
        return "ledger"
    if file.path.suffix.casefold() in (*raw.DATA_SUFFIXES, ".parquet") or layouts.holds_trade(file.columns):
        return "flows"
    raise CannotTell(f"{file.path}: neither figures, a scenario nor a ledger by its looks; say which by --kind")


def grid(content: bytes, file: str, given: Options) -> Grid:
    """The records of a file's bytes. Raises Refused where they are no table, or not those of the checksum."""
    found = hashlib.sha256(content).hexdigest()
    if given.sha256 and given.sha256.casefold() != found:
        reason, fix = f"the file has the checksum {found}", "restore the file, or state the new checksum"
        refuse("checksum_mismatch", file, reason, fix, value=given.sha256)
    return layouts.bulletin(content, file) if layouts.is_bulletin(content) else grids.grid(content, file, given)


def _options(path: Path, said: Mapping[str, object]) -> Options:
    """What the sidecar beside a file says, and over it what the command says."""
    beside = _beside(path)
    own = options.options(beside.data, strict=False) if beside and isinstance(beside.data, dict) else Options()
    return options.over(own, options.options(said))


def _beside(path: Path) -> Document | None:
    sidecar = raw.beside(path)
    return readers.yaml_document(regular.read(sidecar), str(sidecar)) if sidecar.is_file() else None


def _of_yaml(path: Path, kind: str, case: Folder) -> list[Problem]:
    """What is wrong with a hand-written file, by the reader that the case itself reads it with."""
    from ..case import inputs, store

    document = readers.yaml_document(regular.read(path), str(path))
    readings: dict[str, Callable[[], object]] = {
        "case": lambda: read(folder.Declaration, document),
        "corrections": lambda: read(sidecars.Corrections, document),
        "commodities": lambda: read(goods.Kinds, document),
        "arrivals": lambda: inputs.parse_evidence(document, store.facts(case)),
    }
    try:
        if kind == "sidecar":
            return _of_sidecar(path, document)
        if kind in readings:
            readings[kind]()
        elif path.stem == inputs.ASSUMPTIONS:
            inputs.parse_assumptions(document)
        else:
            return _of_scenario(path, document, case)
    except Refused as refusal:
        return list(refusal.problems)
    return []


def _of_sidecar(path: Path, document: Document) -> list[Problem]:
    """A sidecar's problems, its checksum held against the file beside it where there is one."""
    raise_errors(document.problems)
    for beside in raw.data_files(path):
        content = regular.read(beside)
        given, _ = sidecars.printed_options(document)
        table = layouts.table(layouts.grid(content, str(beside), given), given)
        sha256, of = hashlib.sha256(content).hexdigest(), layouts.publisher(table)
        return sidecars.parse(document, table, sha256, of.MUST_SAY if of else None, in_place=False)[1]
    read(Sidecar, document)
    return []


def _of_scenario(path: Path, document: Document, case: Folder) -> list[Problem]:
    from ..assumptions import scenario

    others = [str(other) for other in sorted(path.parent.glob("*.y*ml")) if other != path]
    problems = [p for p in scenario.name_problems([*others, str(path)]) if p.file == str(path)]
    told, refused = attempt(lambda: _parsed_problems(path, document, case))
    return [*problems, *(told or refused)]


def _parsed_problems(path: Path, document: Document, case: Folder) -> list[Problem]:
    """Errors are raised; what is returned are warnings that only the case's figures can tell."""
    from ..answers import model, unused
    from ..assumptions import credit
    from ..assumptions.baseline import Baseline
    from ..case import inputs

    tree, books = inputs.document(case, inputs.ASSUMPTIONS), folder.declared(case).books
    parsed, assumed = inputs.parse_scenario(path.stem, document, tree, {}, books)
    facts = inputs.with_facts(case, parsed)
    found, wrong = attempt(lambda: inputs.with_path(path.parent, parsed, facts)[0])
    if found is None:  # of another file, which says so itself
        raise Refused(p if p.file == document.file else _of_path(p, document) for p in wrong)
    given = model.Inputs(facts, found, assumed, {})
    if not parsed.baseline.is_level:  # nothing here hangs on the path without the deals, and `hold` is not estimated
        given = model.under_baseline(given, Baseline(method="hold"))
    of = model.model(given)
    idle = [replace(p, row=document.lines.get(("set", str(p.column)))) for p in unused.unused(of)]
    return [*credit.outside_horizon(of.components, of.calendar.first, of.calendar.last, document.file), *idle]


def _of_path(problem: Problem, document: Document) -> Problem:
    """A problem of the file that a scenario's baseline names, at the key that names it."""
    at = problem.file if problem.row is None else f"{problem.file}, line {problem.row}"
    row, reason = document.lines.get(("baseline", "path")), f"{at}: {problem.column or 'the table'}: {problem.reason}"
    return replace(problem, row=row, column="baseline.path", reason=reason)


def _ledger(found: Grid) -> Checked:
    """A ledger's leaves and problems; its columns are known in capitals too."""
    header = [replace(record, cells=tuple(cell.casefold() for cell in record.cells)) for record in found.records[:1]]
    in_lower_case = replace(found, records=(*header, *found.records[1:]))
    table, refused = attempt(lambda: readers.rectangular(in_lower_case))
    if table is None:
        return 0, 0, [], refused
    entries = ledger_rules.entries(table.rows)
    problems = ledger_rules.ledger_problems(table.columns, entries, table.file)
    wrong = {problem.row for problem in errors(problems)}
    replaced = {problem.row for problem in problems if problem.code == ledger_rules.REPLACED}
    kept = sum(entry.line not in wrong | replaced for entry in entries)
    return len(entries), kept, [] if wrong else ledger.figures(entries, table.file), problems
