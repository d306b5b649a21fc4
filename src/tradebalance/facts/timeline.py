"""What happened when: official totals, tariff actions, agreements and deliveries, one dated record a row."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..words.cells import CellError, Cells, Complaint, Rows, decimal
from ..words.schema import nearest
from ..words.terms import TimelineKind

is_timeline = {"date", "kind", "statement"}.issubset  # by a file's columns
COLUMNS = ["date", "kind", "statement", "value", "unit", "source_url"]


@dataclass(frozen=True)
class Happening:
    """One dated statement. `value` is None where none was printed; `unit` is the printed words, a rate's in percent.

    `source_id` is the row's `file:line`.
    """

    date: dt.date
    kind: TimelineKind
    statement: str
    value: Decimal | None
    unit: str
    url: str
    source_id: str


def read(columns: Sequence[str], rows: Rows, file: str) -> list[Happening]:
    """The happenings, oldest first, in file order within a day. Raises Refused with every problem of every row."""
    check = Cells(file)
    check.need(COLUMNS, columns, "a timeline")
    check.hold(rows, _complaints)
    return sorted((_happening(row, f"{file}:{line}") for line, row in rows), key=lambda each: each.date)


def known(happenings: Iterable[Happening], at: dt.date) -> list[Happening]:
    """What had happened by a day, in the order given."""
    return [each for each in happenings if each.date <= at]


def _complaints(row: Mapping[str, str]) -> Iterable[Complaint]:
    try:
        dt.date.fromisoformat(row["date"])
    except ValueError:
        yield "bad_date", "date", "not a day", "write a day like 2025-04-02"
    if row["kind"] not in [*TimelineKind]:
        fix = f"use {', '.join(TimelineKind)}{nearest(row['kind'], [str(kind) for kind in TimelineKind])}"
        yield "unknown_key", "kind", "not a kind of happening", fix
    if not row["statement"].strip():
        yield "missing_value", "statement", "nothing is said", "say what happened, or remove the row"
    try:
        value = decimal(row["value"]) if row["value"].strip() else None
    except CellError as error:
        yield error.code, "value", error.reason, error.fix
    else:
        if value is not None and not row["unit"].strip():
            yield "unit_conflict", "unit", "a value without a unit", "say what it counts"


def _happening(row: Mapping[str, str], source_id: str) -> Happening:
    return Happening(
        date=dt.date.fromisoformat(row["date"]),
        kind=TimelineKind(row["kind"]),
        statement=row["statement"].strip(),
        value=decimal(row["value"]) if row["value"].strip() else None,
        unit=row["unit"].strip(),
        url=row["source_url"].strip(),
        source_id=source_id,
    )
