"""Errors of the mixture on several partners, by year: what a record of one partner is too short to tell.

The table (data/pooled_errors.csv; `Known.pooled`) has a row a year of the outturn and horizon, COLUMNS: how many errors
there are, the root mean squares in per cent of the logs of outturn over the mixture's forecast from the quarters before
it, of exports and imports of the partner, and the mean product of the two in per cent squared. Which partners and
releases are in it is told beside it, and `tools/pooled_errors.py` makes it. Whole years only, so that a replay of an
earlier month has the years that were over by then.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .methods import HORIZON, Array

YEARS = 3  # how many of the last whole years count
COLUMNS = ["year", "ahead", "errors", "exports_percent", "imports_percent", "product_percent_squared"]


class Pooled(NamedTuple):
    """How many errors there are at each horizon, their mean squares (flow x horizon) and mean products (horizon), and
    by flow the mean square at the last horizon over all years that were over."""

    number: int
    squares: Array
    products: Array
    of_all_years: Array


def before(table: pd.DataFrame, first: pd.Period) -> Pooled | None:
    """The errors of the last YEARS whole years before a quarter's year; None where the table holds none of them."""
    years, counts, squares, products = _arrays(table)
    rows = np.isin(years, known_years(first))
    if not rows.any():
        return None
    weights, over = counts[rows] / counts[rows].sum(), years < first.year
    last = np.average(squares[:, over, -1], axis=1, weights=counts[over])
    of_rows = np.tensordot(squares[:, rows], weights, (1, 0)), weights @ products[rows]
    return Pooled(int(counts[rows].sum()), *of_rows, last)


def known_years(first: pd.Period) -> range:
    """The years whose errors a forecast from a quarter rests on, oldest first."""
    return range(first.year - YEARS, first.year)


def _arrays(table: pd.DataFrame) -> tuple[Array, Array, Array, Array]:
    """Years, numbers of errors, squares (flow x year x horizon) and products (year x horizon), as fractions."""
    by_year = table[COLUMNS].to_numpy(dtype=float).reshape(-1, HORIZON, len(COLUMNS))
    exports, imports, products = (by_year[:, :, column] for column in (3, 4, 5))
    return by_year[:, 0, 0], by_year[:, 0, 2], np.stack([exports, imports]) ** 2 / 1e4, products / 1e4
