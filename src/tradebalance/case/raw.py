"""The raw files of a case, checked against their sidecars, and what they hold: months of trade, books printed in
pieces, a ledger, a timeline.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pandas as pd

from ..facts import census, customs_vn, duties, fragments, goods, own_book, timeline
from ..facts import ledger as ledgers
from ..facts.fragments import Fragment
from ..facts.trade import carried, combine, flow_problems
from ..reading import grids, readers
from ..reading.headers import Grid, Record
from ..reading.options import Options
from ..track import evidence, pledges
from ..words.cells import Rows
from ..words.problems import Problem, attempt, raise_errors, refuse
from ..words.terms import FLOW_COLUMNS, Flow, Valuation
from . import printed_tables, regular, sidecars
from .printed_tables import Traded
from .sidecars import RawFile

Holds = Callable[[Iterable[str]], bool]

# What tells a layout by its columns and, of one with counts of trade, the module of `facts` that reads it and has all
# that `census` has. A publisher's layout is added here; a file of none of them is a printed table.
READERS: tuple[tuple[Holds, ModuleType | None], ...] = (
    (census.is_layout, census),
    (customs_vn.is_layout, customs_vn),
    (fragments.is_fragments, None),
    (ledgers.is_ledger, None),
    (timeline.is_timeline, None),
    (duties.is_duties, None),
    (pledges.is_agreement, None),
    (pledges.is_lines, None),
    (pledges.is_printed, None),
    (evidence.is_episodes, None),
    (evidence.is_priors, None),
    (evidence.is_figures, None),
    (evidence.is_cited, None),
)


# The layouts that hold neither trade nor a ledger, by the word that `check` has for them, and what reads each.
OTHERS: dict[str, tuple[Holds, Callable[[Sequence[str], Rows, str], object]]] = {
    "timeline": (timeline.is_timeline, timeline.read),
    "duties": (duties.is_duties, duties.read),
    "agreement": (pledges.is_agreement, pledges.read_additions),
    "episodes": (evidence.is_episodes, evidence.episodes),
    "priors": (evidence.is_priors, evidence.priors),
    "evidence": (evidence.is_figures, evidence.figures),
}


def is_own(columns: Iterable[str]) -> bool:
    """Whether a file has one of the layouts of READERS, by its columns."""
    columns = list(columns)
    return any(holds(columns) for holds, _ in READERS)


def holds_trade(columns: Iterable[str]) -> bool:
    """Whether a file of these columns holds a publisher's counts, or a book in pieces."""
    columns = list(columns)
    return fragments.is_fragments(columns) or any(holds(columns) for holds, of in READERS if of)


def publisher(table: readers.Table) -> ModuleType | None:
    """The module that reads the table's layout, if it is one with counts of trade."""
    return next((one for holds, one in READERS if not table.read_from and holds(table.columns)), None)


def grid(content: bytes, file: str, given: Options) -> Grid:
    """The records of a file's bytes; one of READERS with commas is not searched for another delimiter."""
    if is_bulletin(content):
        return bulletin(content, file)
    first = content[:FIRST_LINE].split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    return grids.grid(content, file, given, delimiter="," if is_own(_names(first.split(","))) else "")


def is_bulletin(content: bytes) -> bool:
    """Whether a file is a PDF, as Vietnam Customs publishes its bulletins."""
    return content.startswith(customs_vn.PDF_MARK)


@lru_cache(maxsize=64)
def bulletin(content: bytes, file: str) -> Grid:
    """The records of a bulletin's PDF, kept: a thousand letters a page take their time. Raises Refused."""
    header = Record(1, customs_vn.COLUMNS)
    rows = (Record(line, tuple(cells.values())) for line, cells in customs_vn.lines(content, file))
    return Grid(file, (header, *rows))


def _names(cells: Iterable[str]) -> list[str]:
    return [cell.strip().strip('"') for cell in cells]


def table(found: Grid, given: Options) -> readers.Table:
    """A raw file's records as a table. Raises Refused for one of READERS that is not rectangular."""
    if not found.records or is_own(_names(found.records[0].cells)):
        return readers.rectangular(found)
    return readers.printed(found, given.reading)


def _counted(of: ModuleType, files: Sequence[RawFile]) -> Traded:
    """What the files of one publisher's layout hold of trade."""
    flows, aside = of.read([(file.table.rows, file.sidecar.flow_source(file.table.file)) for file in files])
    return Traded(flows, aside, of.aside_warnings(aside))


def bulletins(files: Iterable[RawFile], partner: str) -> goods.Bulletins:
    """A country's block in every bulletin of Vietnam Customs, line by line. Raises Refused with every problem."""
    own = [file for file in files if publisher(file.table) is customs_vn]
    return goods.read([(file.table.rows, file.sidecar.flow_source(file.table.file)) for file in own], partner)


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
    more, told = carried(given, {file.table.file for file in files if file.table.read_from})
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
    for file in sorted(files, key=lambda file: file.sidecar.vintage):
        if fragments.is_fragments(file.table.columns):
            found = fragments.read(file.table.columns, file.table.rows, file.table.file)
            raise_errors(fragments.repeated(found, file.table.file))
            valuation = {Flow(flow): value for flow, value in file.sidecar.valuation.items()}
            if not (file.sidecar.reporter and file.sidecar.partner and set(valuation) == set(Flow)):
                reason = "whose book is this, and how does it value exports and imports?"
                fix = "add reporter, partner and valuation, with export and import, to the sidecar"
                refuse("missing_value", sidecars.name(file.table.file), reason, fix)
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
    found = [file for file in files if is_wanted(file.table.columns)]
    newest = max(found, key=lambda file: file.sidecar.vintage, default=None)
    return read(newest.table.columns, newest.table.rows, newest.table.file) if newest else []


# ids of raw rows are joined by spaces, and file and row by a colon; what begins with - is an option to a command
RAW_NAME = re.compile(r"(?!-)[A-Za-z0-9._()-]+")
HIDDEN = (".", "~$")  # what file managers and office programs leave behind
DATA_SUFFIXES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".html", ".htm", ".gz", ".zip", ".pdf")
FIRST_LINE = 100_000  # bytes among which a first line must end


def raw_files(raw: Path) -> list[RawFile]:
    """Every raw file with its sidecar, in order of name. Raises Refused with all problems of all files."""
    if not raw.is_dir():
        refuse("empty", str(raw), "no folder of raw files", "name one with files and their sidecars")
    problems: list[Problem] = []
    found = []
    paths = sorted(path for path in raw.rglob("*") if not path.is_dir() and not path.name.startswith(HIDDEN))
    for path in paths:
        name, is_sidecar = path.relative_to(raw).as_posix(), path.name.endswith(sidecars.SUFFIX)
        if not all(map(RAW_NAME.fullmatch, path.relative_to(raw).parts)):
            fix = "use letters, digits, - _ . ( and ) only, and no - first"
            problems.append(Problem("unsafe_name", name, "a name that a list of sources cannot hold", fix))
        if is_data(path):
            file, of_file = _raw_file(path, name)
            problems += of_file
            found += [file] if file else []
        elif not is_sidecar or not data_files(path):
            reason = "a sidecar without its file" if is_sidecar else "neither a table nor a sidecar"
            problems.append(Problem("unknown_key", name, reason, "remove it, or add what is missing"))
    raise_errors(problems)
    return found


def data_files(sidecar: Path) -> list[Path]:
    """The raw files that a sidecar stands beside."""
    return [path for path in sorted(sidecar.parent.iterdir()) if is_data(path) and beside(path) == sidecar]


def is_data(path: Path) -> bool:
    return path.suffix.casefold() in DATA_SUFFIXES


def beside(path: Path) -> Path:
    """Where the sidecar of a raw file stands."""
    return path.with_name(sidecars.name(path.name))


def _raw_file(path: Path, name: str) -> tuple[RawFile | None, list[Problem]]:
    there, (content, refused) = beside(path), attempt(lambda: regular.read(path, name))
    if content is None:
        return None, refused
    sha256 = hashlib.sha256(content).hexdigest()
    said = regular.read(there, sidecars.name(name)) if there.exists() else b""
    document = readers.yaml_document(said, sidecars.name(name))
    given, _ = sidecars.printed_options(document)
    found, refused = attempt(lambda: table(grid(content, name, given), given))
    if found is None:
        return None, refused
    of = publisher(found)
    if not there.exists():
        says = printed_tables.says(found) if found.read_from else of.says(r.cells for r in found.rows) if of else {}
        return None, [sidecars.missing(found, sha256, says)]
    sidecar, problems = sidecars.parse(document, found, sha256, of.MUST_SAY if of else None)
    return (RawFile(found, sidecar, sha256, hashlib.sha256(said).hexdigest(), given) if sidecar else None), problems
