"""Raw files as `data/raw` holds them, the Census Bureau's layout and fragments, checked by the readers of `build`."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from . import census, checks, fragments, sidecars
from .census import Source
from .fragments import Fragment
from .options import Options
from .problems import Problem, Refused, errors
from .readers import Document, Table
from .sidecars import Sidecar
from .terms import month

Checked = tuple[int, int, list[dict[str, str | None]], list[Problem]]  # rows read, rows kept, figures, problems
FILE = "file"  # stands for the file's name, which may hold blanks, in the ids of rows


def is_known(columns: Iterable[str]) -> bool:
    """Whether a file is in one of the two layouts, by its columns."""
    columns = list(columns)
    return census.is_layout(columns) or fragments.is_fragments(columns)


def checked(
    table: Table, beside: Document | None, sha256: str, options: Options, newest: pd.Period | None = None
) -> Checked:
    """Figures and problems of a raw file, with the sidecar beside it or without; `newest` judges the future."""
    sidecar, problems = _sidecar(table, beside, sha256)
    if errors(problems):
        return len(table.rows), 0, [], problems
    reader = _census if census.is_layout(table.columns) else _fragments
    try:
        figures, told = reader(table, sidecar, options, newest)
    except Refused as refusal:
        figures, told = [], list(refusal.problems)
    problems += [replace(problem, file=table.file) for problem in told]
    off = {problem.row for problem in problems if problem.severity == "error" or problem.code == "unknown_country"}
    return len(table.rows), sum(row.line not in off for row in table.rows), figures, problems


def _sidecar(table: Table, beside: Document | None, sha256: str) -> tuple[Sidecar | None, list[Problem]]:
    """The sidecar, if there is one; its problems are told as the file's, and name it in the reason."""
    if beside is None:
        return None, []
    sidecar, problems = sidecars.parse(beside, table, sha256, in_place=False)
    where = beside.file.rsplit("/", 1)[-1]
    return sidecar, [
        replace(p, file=table.file, row=None, reason=f"{where}, line {p.row}: {p.reason}") for p in problems
    ]


Found = tuple[list[dict[str, str | None]], list[Problem]]


def _census(table: Table, sidecar: Sidecar | None, options: Options, newest: pd.Period | None) -> Found:
    source, problems = (sidecar.flow_source(FILE), []) if sidecar else _derived(table, options, newest)
    flows, aside = census.read([(row.line, row.cells) for row in table.rows], source)
    problems += [census.aside_warning(row) for row in aside]
    problems += checks.flow_problems(flows)
    vintage = sidecar.vintage if sidecar else options.vintage
    return [_flow_figure(row, vintage) for row in flows.to_dict("records")], problems


def _derived(table: Table, options: Options, newest: pd.Period | None) -> tuple[Source, list[Problem]]:
    """What a sidecar would say, from the file: its last month that is not 0. Raises Refused if there is none."""
    last = sidecars.last_published(table)
    if last is None:
        raise Refused([Problem("no_rows", FILE, "no month has a figure other than 0", "download the file again")])
    horizon = _vintage(options) or newest
    if horizon is not None and last > horizon:
        row = next(row for row in table.rows if row.cells["year"].strip() == str(last.year))
        reason, fix = f"{last} is after {horizon}", "state the vintage of a newer file"
        raise Refused([Problem("future_period", FILE, reason, fix, row.line, "year", row.cells["year"])])
    reason = "no sidecar says the last published month: the 0s after the last other figure are taken as not yet"
    fix = "state last_period in a sidecar beside the file"
    told = Problem("missing_value", FILE, reason, fix, None, "last_period", str(last), "warning")
    return Source(FILE, horizon or last, last, dict.fromkeys(range(1900, last.year + 1), "")), [told]


def _vintage(options: Options) -> pd.Period | None:
    try:
        return month((options.vintage or "")[:7])
    except ValueError:
        return None


def _flow_figure(row: dict[str, object], vintage: str | None) -> dict[str, str | None]:
    names = ("reporter", "partner", "flow", "period", "origin")
    return {
        **{name: str(row[name]) for name in names},
        "value_usd_mn": f"{row['value_usd_mn']:f}",
        "vintage": vintage,
        "status": str(row["status"]) or None,
    }


def _fragments(table: Table, sidecar: Sidecar | None, options: Options, _: pd.Period | None) -> Found:
    """Each printed level is a figure of its span; a growth rate is checked, and is none."""
    read = fragments.read(table.columns, [(row.line, row.cells) for row in table.rows], FILE)
    reporter = sidecar.reporter if sidecar else options.reporter
    partner = sidecar.partner if sidecar else options.partner
    status = {f"{FILE}:{row.line}": row.cells.get("status") for row in table.rows}
    levels = [_level(one, reporter, partner, status[one.source_id]) for one in read if one.against is None]
    return levels, fragments.repeated(read, FILE)


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
