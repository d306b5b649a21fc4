"""The raw files of a case, checked against their sidecars, and what they hold: months of trade, books printed in
pieces, a ledger, a timeline.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ..facts import census, fragments, own_book, timeline
from ..facts.fragments import Fragment
from ..facts.ledger import Event, read
from ..facts.timeline import Happening
from ..facts.trade import combine, flow_problems
from ..reading import readers
from ..reading.readers import Table
from ..words import terms
from ..words.problems import Problem, Refused, raise_errors, refuse
from ..words.terms import Flow, Valuation
from . import sidecars
from .sidecars import Correction, Sidecar


@dataclass(frozen=True)
class RawFile:
    """One checked raw file: its table (named relative to data/raw), its sidecar, the checksums of both, and the
    corrections made to the table."""

    table: Table
    sidecar: Sidecar
    sha256: str
    sidecar_sha256: str
    corrections: tuple[Correction, ...] = ()


class PrintedBook(NamedTuple):
    """A book printed in pieces: the file's vintage, its fragments, and how the book values each flow."""

    vintage: pd.Period
    fragments: list[Fragment]
    valuation: Mapping[Flow, Valuation]


PrintedBooks = dict[tuple[str, str], PrintedBook]  # by (reporter, partner)


def all_or_refused(files: Sequence[RawFile], *readings: Callable[[Sequence[RawFile]], Any]) -> list[Any]:
    """What each reading of the files gives; where some are refused, one Refused with the problems of them all."""
    found: list[Any] = []
    problems: list[Problem] = []
    for reading in readings:
        try:
            found.append(reading(files))
        except Refused as refusal:
            problems += refusal.problems
    raise_errors(problems)
    return found


def trade(files: Iterable[RawFile]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """The months of trade of all files in the Census layout, and the rows kept aside. Raises Refused."""
    problems: list[Problem] = []
    tables, aside = [], []
    for file in files:
        if census.is_layout(file.table.columns):
            try:
                table, kept_aside = census.read(_cells(file), file.sidecar.flow_source(file.table.file))
            except Refused as refusal:
                problems += refusal.problems
                continue
            tables.append(table)
            aside += kept_aside
    combined = combine(tables)
    raise_errors([*problems, *flow_problems(combined)])
    return combined, aside


def printed_books(files: Iterable[RawFile]) -> PrintedBooks:
    """What the newest file printed of each book in pieces. Raises Refused, also for a sidecar that does not say whose
    book it is and how it values both flows."""
    books: PrintedBooks = {}
    for file in sorted(files, key=lambda file: file.sidecar.vintage):
        if fragments.is_fragments(file.table.columns):
            found = fragments.read(file.table.columns, _cells(file), file.table.file)
            raise_errors(fragments.repeated(found, file.table.file))
            valuation = {Flow(flow): value for flow, value in file.sidecar.valuation.items()}
            if not (file.sidecar.reporter and file.sidecar.partner and set(valuation) == set(Flow)):
                reason = "whose book is this, and how does it value exports and imports?"
                fix = "add reporter, partner and valuation, with export and import, to the sidecar"
                refuse("missing_value", sidecars.name(file.table.file), reason, fix)
            pair = file.sidecar.reporter, file.sidecar.partner
            books[pair] = PrintedBook(terms.month(file.sidecar.vintage), found, valuation)
    return books


def reconciled(books: PrintedBooks, table: pd.DataFrame) -> list[pd.DataFrame]:
    """Each book that is printed in pieces as flows, pieced together with its mirror's months in `table`."""
    return [
        own_book.as_flows(own_book.book(printed.fragments, table, *pair), *pair, printed.vintage, printed.valuation)
        for pair, printed in books.items()
    ]


def ledger(files: Iterable[RawFile]) -> list[Event]:
    """The events of the newest ledger; earlier ones are kept for the record only."""
    newest = _newest(files, lambda columns: {"part_of", "buyer", "seller"} <= set(columns))
    return read(newest.table.columns, _cells(newest), newest.table.file) if newest else []


def happenings(files: Iterable[RawFile]) -> list[Happening]:
    """The happenings of the newest timeline; earlier ones are kept for the record only."""
    newest = _newest(files, timeline.is_timeline)
    return timeline.read(newest.table.columns, _cells(newest), newest.table.file) if newest else []


def _newest(files: Iterable[RawFile], is_wanted: Callable[[list[str]], bool]) -> RawFile | None:
    found = [file for file in files if is_wanted(file.table.columns)]
    return max(found, key=lambda file: file.sidecar.vintage, default=None)


def _cells(file: RawFile) -> list[tuple[int, dict[str, str]]]:
    return [(row.line, row.cells) for row in file.table.rows]


RAW_NAME = re.compile(r"[A-Za-z0-9._-]+")  # ids of raw rows are joined by spaces, and file and row by a colon
HIDDEN = (".", "~$")  # what file managers and office programs leave behind
DATA_SUFFIXES = (".csv", ".xlsx")


# --- raw ------------------------------------------------------------------------------------------


def raw_files(raw: Path) -> list[RawFile]:
    """Every raw file with its sidecar, in order of name. Raises Refused with all problems of all files."""
    if not raw.is_dir():
        refuse("empty", str(raw), "no folder of raw files", "name one with files and their sidecars")
    problems: list[Problem] = []
    found = []
    paths = sorted(path for path in raw.rglob("*") if path.is_file() and not path.name.startswith(HIDDEN))
    for path in paths:
        if not RAW_NAME.fullmatch(path.name):
            fix = "use letters, digits, - _ and . only"
            name = path.relative_to(raw).as_posix()
            problems.append(Problem("unsafe_name", name, "a name that a list of sources cannot hold", fix))
        if path.suffix in DATA_SUFFIXES:
            file, of_file = _raw_file(path, path.relative_to(raw).as_posix())
            problems += of_file
            found += [file] if file else []
        elif not path.name.endswith(sidecars.SUFFIX) or not data_files(path):
            name = path.relative_to(raw).as_posix()
            reason = (
                "a sidecar without its file" if path.name.endswith(sidecars.SUFFIX) else "neither CSV, XLSX nor sidecar"
            )
            problems.append(Problem("unknown_key", name, reason, "remove it, or add what is missing"))
    raise_errors(problems)
    return found


def data_files(sidecar: Path) -> list[Path]:
    """The raw files that a sidecar stands beside."""
    stem = sidecar.name.removesuffix(sidecars.SUFFIX)
    return [sidecar.with_name(stem + suffix) for suffix in DATA_SUFFIXES if sidecar.with_name(stem + suffix).exists()]


def _raw_file(path: Path, name: str) -> tuple[RawFile | None, list[Problem]]:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        table = readers.table(content, name)
    except Refused as refusal:
        return None, list(refusal.problems)
    beside = path.with_name(path.stem + sidecars.SUFFIX)
    if not beside.exists():
        return None, [sidecars.missing(table, sha256)]
    said = beside.read_bytes()
    sidecar, problems = sidecars.parse(readers.yaml_document(said, sidecars.name(name)), table, sha256)
    return (RawFile(table, sidecar, sha256, hashlib.sha256(said).hexdigest()) if sidecar else None), problems
