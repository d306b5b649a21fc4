"""The raw files of a case, checked against their sidecars, and what they hold: months of trade, books printed in
pieces, a ledger, a timeline.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pandas as pd

from ..facts import customs_vn, duties, fragments, goods, own_book, timeline
from ..facts import ledger as ledgers
from ..facts.fragments import Fragment
from ..facts.trade import carried, combine, flow_problems
from ..words.problems import Problem, attempt, raise_errors, refuse
from ..words.terms import FLOW_COLUMNS, Flow, Valuation
from . import printed_tables, regular, sidecars
from .layouts import Holds, RawFile, publisher
from .printed_tables import Traded


def _counted(of: ModuleType, files: Sequence[RawFile]) -> Traded:
    """What the files of one publisher's layout hold of trade."""
    flows, aside = of.read([(file.table.rows, file.sidecar.flow_source(file.name)) for file in files])
    return Traded(flows, aside, of.aside_warnings(aside))


def bulletins(files: Iterable[RawFile], partner: str) -> goods.Bulletins:
    """A country's block in every bulletin of Vietnam Customs, line by line. Raises Refused with every problem."""
    own = [file for file in files if publisher(file.table) is customs_vn]
    return goods.read([(file.table.rows, file.sidecar.flow_source(file.name)) for file in own], partner)


class PrintedBook(NamedTuple):
    """A book printed in pieces: the file's vintage, its fragments, and how the book values each flow."""

    vintage: pd.Period
    fragments: list[Fragment]
    valuation: Mapping[Flow, Valuation]


PrintedBooks = dict[tuple[str, str], PrintedBook]  # by (reporter, partner)


def trade(files: Iterable[RawFile]) -> Traded:
    """The trade that all files hold, as given by month or quarter. Raises Refused with every problem."""
    files = list(files)
    readings = [partial(printed_tables.trade, file) for file in files if file.table.read_from]
    readings += [partial(_counted, of, own) for of, own in _by_publisher(files)]
    tried = [attempt(reading) for reading in readings]
    held = [found for found, _ in tried if found is not None]
    given = pd.concat([pd.DataFrame(columns=FLOW_COLUMNS), *(each.flows for each in held)], ignore_index=True)
    more, told = carried(given, {file.name for file in files if file.table.read_from})
    given = pd.concat([given, more], ignore_index=True)
    raise_errors([*(each for _, problems in tried for each in problems), *flow_problems(combine([given]))])
    warnings = [*(one for each in held for one in each.warnings), *told]
    return Traded(given, [row for each in held for row in each.aside], warnings)


def _by_publisher(files: Iterable[RawFile]) -> list[tuple[ModuleType, list[RawFile]]]:
    """The files with counts of trade by the module that reads their layout: one may go on where another ends."""
    found: dict[ModuleType, list[RawFile]] = {}
    for file in files:
        if of := publisher(file.table):
            found.setdefault(of, []).append(file)
    return list(found.items())


def printed_books(files: Iterable[RawFile]) -> PrintedBooks:
    """What the newest file printed of each book in pieces. Raises Refused, also for a sidecar that does not say whose
    book it is and how it values both flows."""
    books: PrintedBooks = {}
    in_pieces = [file for file in files if fragments.is_fragments(file.columns)]
    for file in sorted(in_pieces, key=lambda file: file.sidecar.vintage):
        found = fragments.read(file.table.columns, file.table.rows, file.name)
        raise_errors(fragments.repeated(found, file.name))
        valuation = {Flow(flow): value for flow, value in file.sidecar.valuation.items()}
        if not (file.sidecar.reporter and file.sidecar.partner and set(valuation) == set(Flow)):
            reason = "whose book is this, and how does it value exports and imports?"
            fix = "add reporter, partner and valuation, with export and import, to the sidecar"
            refuse("missing_value", file.sidecar_name, reason, fix)
        books[file.sidecar.reporter, file.sidecar.partner] = PrintedBook(file.sidecar.vintage, found, valuation)
    return books


def reconciled(books: PrintedBooks, table: pd.DataFrame) -> tuple[list[pd.DataFrame], dict[str, Sequence[float]]]:
    """Each book printed in pieces as flows, pieced together with its mirror's months in `table`; what was fitted."""
    pieced = {pair: own_book.book(printed.fragments, table, *pair) for pair, printed in books.items()}
    rows = [own_book.as_flows(of, *pair, books[pair].vintage, books[pair].valuation) for pair, of in pieced.items()]
    return rows, {of.settings.rests_on: of.settings.found for of in pieced.values()}


def ledger(files: Iterable[RawFile]) -> list[ledgers.Event]:
    """The events of the newest ledger; earlier ones are kept for the record only."""
    return _newest(files, ledgers.is_ledger, ledgers.read)


def happenings(files: Iterable[RawFile]) -> list[timeline.Happening]:
    """The happenings of the newest timeline; earlier ones are kept for the record only."""
    return _newest(files, timeline.is_timeline, timeline.read)


def collected(files: Iterable[RawFile]) -> list[duties.Duty]:
    """The duties by month of the newest file of them; earlier ones are kept for the record only."""
    return _newest(files, duties.is_duties, duties.read)


def _newest(files: Iterable[RawFile], is_wanted: Holds, read: Callable[..., list[Any]]) -> list[Any]:
    """What the newest file of a layout holds; nothing where there is none."""
    found = [file for file in files if is_wanted(file.columns)]
    newest = max(found, key=lambda file: file.sidecar.vintage, default=None)
    return read(newest.table.columns, newest.table.rows, newest.name) if newest else []


# ids of raw rows are joined by spaces, and file and row by a colon; what begins with - is an option to a command
RAW_NAME = re.compile(r"(?!-)[A-Za-z0-9._()-]+")
HIDDEN = (".", "~$")  # what file managers and office programs leave behind
DATA_SUFFIXES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".html", ".htm", ".gz", ".zip", ".pdf")


def raw_files(raw: Path) -> list[RawFile]:
    """Every raw file with its sidecar, in order of name. Raises Refused with all problems of all files."""
    found, problems = _read(raw)
    raise_errors([*problems, *_strays(raw), *(problem for file in found for problem in _problems(file))])
    return found


def as_they_stand(raw: Path) -> list[RawFile]:
    """Every raw file with its sidecar, in order of name, read and not judged. Raises Refused without the folder, and
    for what cannot be read."""
    found, problems = _read(raw)
    raise_errors(problems)
    return found


def _read(raw: Path) -> tuple[list[RawFile], list[Problem]]:
    """The raw files with their sidecars, and a problem for each that cannot be read."""
    if not raw.is_dir():
        refuse("empty", str(raw), "no folder of raw files", "name one with files and their sidecars")
    names = [path.relative_to(raw).as_posix() for path in _paths(raw) if is_data(path)]
    tried = [attempt(partial(_as_it_stands, raw, name)) for name in names]
    return [file for file, _ in tried if file], [problem for _, problems in tried for problem in problems]


def _as_it_stands(raw: Path, name: str) -> RawFile:
    there = beside(raw / name)
    said = regular.read(there, sidecars.name(name)) if there.exists() else None
    return RawFile(name, regular.read(raw / name, name), said)


def _paths(raw: Path) -> list[Path]:
    return sorted(path for path in raw.rglob("*") if not path.is_dir() and not path.name.startswith(HIDDEN))


def _strays(raw: Path) -> Iterable[Problem]:
    """A problem for each file whose name no list of sources can hold, and for each that is no table and beside none."""
    for path in _paths(raw):
        name, is_sidecar = path.relative_to(raw).as_posix(), path.name.endswith(sidecars.SUFFIX)
        if not all(map(RAW_NAME.fullmatch, path.relative_to(raw).parts)):
            fix = "use letters, digits, - _ . ( and ) only, and no - first"
            yield Problem("unsafe_name", name, "a name that a list of sources cannot hold", fix)
        if not is_data(path) and not (is_sidecar and data_files(path)):
            reason = "a sidecar without its file" if is_sidecar else "neither a table nor a sidecar"
            yield Problem("unknown_key", name, reason, "remove it, or add what is missing")


def data_files(sidecar: Path) -> list[Path]:
    """The raw files that a sidecar stands beside."""
    return [path for path in sorted(sidecar.parent.iterdir()) if is_data(path) and beside(path) == sidecar]


def is_data(path: Path) -> bool:
    return path.suffix.casefold() in DATA_SUFFIXES


def beside(path: Path) -> Path:
    """Where the sidecar of a raw file stands."""
    return path.with_name(sidecars.name(path.name))


def _problems(file: RawFile) -> list[Problem]:
    """What is wrong with a raw file and its sidecar, but for the corrections of it."""
    found, refused = attempt(lambda: file.as_it_stands)
    if found is None:
        return refused
    of = publisher(found)
    if file.said is None:
        says = printed_tables.says(found) if found.read_from else of.says(r.cells for r in found.rows) if of else {}
        return [sidecars.missing(found, file.sha256, says)]
    return sidecars.parse(file.document, found, file.sha256, of.MUST_SAY if of else None)[1]
