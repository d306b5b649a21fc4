"""Tables of text cells, and how their rows and columns are named."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import pandas as pd

from ..answers.answer import Solution
from ..words.citations import Citation
from ..words.terms import CATEGORY_WORDS, Category
from .say import percent

Cell = str | Citation
Row = TypeVar("Row")


def table(rows: Iterable[Row], columns: Mapping[str, Callable[[Row], Cell]]) -> pd.DataFrame:
    """Text cells: a row each, a column each, filled by its function; the first column names the rows.

    A source in a cell stays one, so that it can be shown as a link.
    """
    found = list(rows)
    (corner, name), *rest = columns.items()
    cells = {head: [cell(row) for row in found] for head, cell in rest}
    return pd.DataFrame(cells, index=pd.Index([name(row) for row in found], name=corner))


def rows_of(frame: pd.DataFrame) -> list[pd.Series]:
    """The rows of a frame, each with its label as `name`."""
    return [row for _, row in frame.iterrows()]


def measures_table(heading: str, measures: Mapping[str, Cell]) -> pd.DataFrame:
    """Named measures, one a row."""
    return table(measures.items(), {"Measure": lambda one: one[0], heading: lambda one: one[1]})


def chances_table(answer: Solution, levels: Sequence[str]) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below each level, so named, to the end of each year."""
    shown = at_years_ends(answer.simulated.at_or_below).map(lambda chance: percent(chance, 0))
    return shown.set_axis(levels, axis=1).rename(str).rename_axis("Four quarters to")


def at_years_ends(by_quarter: pd.DataFrame) -> pd.DataFrame:
    """The rows of last quarters of a year."""
    return by_quarter[by_quarter.index.quarter == 4]


def path_words(path: str) -> str:
    """An assumption's path, spaced so that it can wrap: `additionality · power equipment`."""
    return path.replace(".", " · ").replace("_", " ")


def category_words(category: str) -> str:
    return CATEGORY_WORDS[Category(category)] if category in [*Category] else category
