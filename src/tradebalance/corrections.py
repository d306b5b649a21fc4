"""Hand-written corrections of raw cells: data with a reason and the value they expect, never a patch in code."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from .problems import Problem, raise_errors
from .readers import Document, Row, Table
from .validation import Strict, Words, validated


class Correction(Strict):
    """One cell by file (below data/raw), physical row and column: as it stands, as it should, why, to what effect."""

    file: Words
    row: Annotated[int, Field(ge=2)]
    column: Words
    expected: str
    value: str
    reason: Words
    source: Words
    effect: Words

    @property
    def words(self) -> str:
        """For a page: which cell is read otherwise than it stands, why, and to what effect."""
        stands = f"“{self.expected}”" if self.expected else "blank"
        return (
            f"row {self.row} of {self.file}, {self.column}: {stands} as published, read as “{self.value}”, because "
            f"{self.reason} ({self.source}); effect: {self.effect}"
        )


class Corrections(Strict):
    corrections: list[Correction]


def parse(document: Document) -> list[Correction]:
    """The corrections of a file. Raises Refused with every problem, each on its key's line."""
    raise_errors(document.problems)
    found, problems = validated(Corrections, document.data, document)
    raise_errors(problems)
    return found.corrections if found else []


def apply(table: Table, corrections: Sequence[Correction]) -> tuple[Table, list[Problem]]:
    """The table with its corrections made, and a problem for each that does not find what it expects."""
    wanted = [correction for correction in corrections if correction.file == table.file]
    rows = {row.line: row for row in table.rows}
    problems = []
    for correction in wanted:
        row = rows.get(correction.row)
        found = row.cells.get(correction.column) if row else None
        if row is None or found != correction.expected:
            reason = f"a correction expects {correction.expected!r} here"
            fix = "look at data/corrections.yaml: the raw file has changed, or the correction is wrong"
            where = (correction.row, correction.column, found)
            problems.append(Problem("inconsistent", table.file, reason, fix, *where))
            continue
        rows[correction.row] = Row(row.line, {**row.cells, correction.column: correction.value})
    return replace(table, rows=list(rows.values())), problems
