"""Cells of a raw table read one by one, what is wrong with them kept until all are read."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from . import cells
from .cells import CellError
from .problems import Problem, raise_errors

Rows = Sequence[tuple[int, Mapping[str, str]]]  # physical line, cells by column
Read = TypeVar("Read")


@dataclass
class Cells:
    """The cells of one file and the problems found in them so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def need(self, columns: Collection[str], present: Collection[str]) -> None:
        """Raise Refused for columns that the file lacks."""
        fix = f"the file has the columns {', '.join(columns)}"
        raise_errors(
            Problem("missing_column", self.file, "the column is missing", fix, 1, name)
            for name in columns
            if name not in present
        )

    def read(self, line: int, row: Mapping[str, str], column: str, parse: Callable[[str], Read]) -> Read | None:
        """A cell's value, or None and a problem where it cannot be read."""
        try:
            return parse(row[column].strip())
        except CellError as error:
            self.problems.append(Problem(error.code, self.file, error.reason, error.fix, line, column, row[column]))
        except ValueError as error:
            self.note("bad_period", line, column, row[column], str(error))
        return None

    def note(self, code: str, line: int, column: str, value: str, reason: str) -> None:
        self.problems.append(Problem(code, self.file, reason, "correct the cell", line, column, value))

    def once(self, line: int, column: str, key: object, found: Collection[object]) -> None:
        """Note a key that was there before."""
        if key in found:
            self.note("duplicate_key", line, column, str(key), "the same figure is given twice")


def number(text: str) -> Fraction:
    """A plain number, exactly. Raises CellError."""
    return Fraction(cells.decimal(text))


def maybe_number(text: str) -> Fraction | None:
    """As `number`, None for an empty cell."""
    return number(text) if text else None


def amount(text: str) -> Fraction:
    """A number that is not negative. Raises CellError."""
    value = number(text)
    if value < 0:
        raise CellError("negative_flow", "trade is never negative", "check the sign")
    return value


def year(text: str) -> int:
    """Raises ValueError for anything but four digits."""
    if not re.fullmatch(r"\d{4}", text):
        raise ValueError(f"{text!r} is not a year of four digits")
    return int(text)
