"""What checked raw files hold: months of trade, books printed in pieces, a ledger, a timeline."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from . import census, checks, flows, fragments, ledger_events, own_book, sidecars, terms, timeline
from .commitments import Event
from .corrections import Correction
from .fragments import Fragment
from .problems import Problem, Refused, raise_errors
from .readers import Table
from .sidecars import Sidecar
from .terms import Flow, Valuation
from .timeline import Happening


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
    if problems:
        raise Refused(problems)
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
    combined = flows.combine(tables)
    raise_errors([*problems, *checks.flow_problems(combined)])
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
                raise Refused([Problem("missing_value", sidecars.name(file.table.file), reason, fix)])
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
    return ledger_events.read(newest.table.columns, _cells(newest), newest.table.file) if newest else []


def happenings(files: Iterable[RawFile]) -> list[Happening]:
    """The happenings of the newest timeline; earlier ones are kept for the record only."""
    newest = _newest(files, timeline.is_timeline)
    return timeline.read(newest.table.columns, _cells(newest), newest.table.file) if newest else []


def _newest(files: Iterable[RawFile], is_wanted: Callable[[list[str]], bool]) -> RawFile | None:
    found = [file for file in files if is_wanted(file.table.columns)]
    return max(found, key=lambda file: file.sidecar.vintage, default=None)


def _cells(file: RawFile) -> list[tuple[int, dict[str, str]]]:
    return [(row.line, row.cells) for row in file.table.rows]
