"""From data/arrivals.yaml to what has arrived so far, each cell that it names checked against its raw file."""

from collections.abc import Iterable, Sequence

from . import arrivals, readers, store, writing
from .answer import Answer
from .arrivals import Arrival, CellOf, Evidence, Evidences
from .asof import raw_files_of
from .cells import PLAIN_NUMBER
from .problems import raise_errors
from .store import Case, Facts
from .validation import validated


def evidence(where: Case, facts: Facts) -> list[Evidence]:
    """What the case says of arrivals, each cell checked against its raw file; none without the file.

    Raises Refused with every problem of the file, and for a cell that holds something else.
    """
    path = where.arrivals
    if not path.exists():
        return []
    name = path.relative_to(where.root).as_posix()
    written = readers.yaml_document(path.read_bytes(), name)
    raise_errors(written.problems)
    found, problems = validated(Evidences, written.data, written)
    deals = found.deals if found else []
    for number, of_deal in enumerate(deals):
        problems += [
            written.problem("inconsistent", ("deals", str(number)), reason, "look at the file it names", cell.source_id)
            for cell in of_deal.cells
            for reason in _cell_complaints(facts, cell)
        ]
        problems += [
            written.problem(code, ("deals", str(number)), reason, "use the id of a deal of the ledger, once", value)
            for code, reason, value in _name_complaints(facts, of_deal, deals[:number], deals)
        ]
    raise_errors(problems)
    return deals


def bounds(where: Case, answer: Answer) -> list[Arrival]:
    """What has arrived so far of each part of the announced sum, by the case's evidence and an answer's assumptions."""
    return arrivals.bounds(answer.known, answer.components, evidence(where, store.facts(where)))


def files(where: Case, found: Iterable[Arrival]) -> dict[str, str]:
    """The files that say what has arrived -> sha256."""
    raw = sorted(raw_files_of(row for each in found for row in each.rows))
    found_in = {f"data/raw/{file}": writing.sha256_of(where.raw / file) for file in raw}
    return found_in | ({"data/arrivals.yaml": writing.sha256_of(where.arrivals)} if where.arrivals.exists() else {})


def _name_complaints(
    facts: Facts, of_deal: Evidence, before: Sequence[Evidence], every: Sequence[Evidence]
) -> Iterable[tuple[str, str, str]]:
    """Why the deals it names will not do: not in the ledger, told of twice, or moving with one that moves itself."""
    known = {event.id for event in facts.events}
    for name in (of_deal.deal, of_deal.moves_with):
        if name and name not in known:
            yield "unknown_parent", f"{name} is not in the ledger", name
    if of_deal.deal in {each.deal for each in before}:
        yield "duplicate_key", f"{of_deal.deal} is told of above", of_deal.deal
    if of_deal.moves_with in {each.deal for each in every if each.moves_with}:
        yield "inconsistent", f"{of_deal.moves_with} moves with another deal itself", of_deal.moves_with


def _cell_complaints(facts: Facts, cell: CellOf) -> Iterable[str]:
    """Why a named cell will not do: no such file, row or column, another content, or no number."""
    rows = {row.line: row.cells for row in facts.files[cell.file].table.rows} if cell.file in facts.files else {}
    holds = rows.get(cell.row, {}).get(cell.column)
    if holds != cell.expected:
        yield f"{cell.column} is expected to hold {cell.expected!r} and holds {holds!r}"
    elif not PLAIN_NUMBER.fullmatch(cell.expected):
        yield f"{cell.expected!r} is not a plain number"
