"""Errors of the mixture on several partners, by year: what a record of one partner is too short to tell.

The sizes below are of the logs of outturn over the mixture's forecast from the quarters before it, on the US book's
figures of Vietnam, Taiwan and Thailand (release of October 2026) and China (August 2024, to June 2024), by the year of
the outturn: root mean squares in per cent for exports and imports of the partner, and their mean products in per cent
squared, 1 to 8 quarters ahead. Source: the Census files of the four shipped cases; `tools/pooled_errors.py` works the
tables out again, and a test holds them to that. Whole years only, so that a replay of an earlier month has the years
that were over by then.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from .methods import HORIZON, Array

YEARS = 3  # how many of the last whole years count
# year, errors at each horizon, then 1 to 8 quarters ahead
EXPORTS = """
2006 16 7.2 7.0 7.2 9.4 11.4 15.3 19.3 23.3
2007 16 3.9 6.0 9.0 9.9 13.2 12.0 10.4 14.1
2008 16 6.8 8.3 10.1 11.8 15.2 16.7 19.8 20.7
2009 16 11.5 20.6 26.6 30.6 35.7 37.5 40.0 42.2
2010 16 6.3 10.1 15.3 18.1 21.2 24.7 26.8 29.7
2011 16 6.7 9.3 9.8 12.2 18.6 22.3 26.5 29.1
2012 16 7.4 8.5 6.8 8.2 10.9 12.6 12.4 14.7
2013 16 2.9 3.6 4.7 6.3 9.4 10.0 11.3 13.5
2014 16 4.4 4.2 4.5 4.5 6.2 6.7 8.0 9.4
2015 16 5.6 6.3 6.3 5.4 6.7 7.4 7.1 7.4
2016 16 4.4 5.7 6.5 8.4 9.3 9.1 9.0 8.4
2017 16 4.7 4.3 5.8 7.0 7.6 9.8 9.7 10.7
2018 16 5.6 6.2 6.6 7.7 9.3 10.4 11.6 13.1
2019 16 9.0 10.7 13.6 15.9 16.9 16.4 16.1 16.4
2020 16 11.6 14.3 14.8 12.3 17.8 19.0 20.8 23.3
2021 16 11.0 14.4 18.3 21.1 22.3 23.9 23.7 20.2
2022 16 11.3 13.9 15.4 15.2 22.4 26.8 31.9 35.9
2023 16 8.1 15.2 20.3 24.0 23.4 22.0 20.8 18.9
2024 14 7.6 9.6 11.4 12.4 16.8 21.3 24.0 25.7
2025 12 17.1 22.2 28.8 33.3 38.0 41.9 44.7 45.6
"""
IMPORTS = """
2006 16 14.8 15.5 15.8 19.1 27.1 23.8 23.2 22.8
2007 16 15.1 17.2 18.6 20.1 20.8 21.7 21.7 22.5
2008 16 24.5 28.2 29.8 29.2 35.4 37.5 37.3 38.5
2009 16 15.5 28.0 35.0 36.2 34.2 33.8 33.2 30.7
2010 16 11.6 17.1 20.3 25.4 21.4 25.5 27.8 23.9
2011 16 12.8 15.2 16.8 15.7 23.2 27.8 32.1 35.3
2012 16 8.2 11.2 11.8 14.2 17.4 19.1 20.5 20.5
2013 16 14.9 16.2 12.5 12.6 17.8 20.1 20.9 23.9
2014 16 10.3 11.4 11.3 13.1 14.8 15.3 14.9 16.3
2015 16 13.8 11.8 13.2 14.6 18.2 16.8 20.2 21.8
2016 16 12.9 18.7 16.3 15.5 21.4 22.8 23.1 25.5
2017 16 13.0 17.5 23.4 25.4 20.7 17.3 17.3 21.4
2018 16 11.6 16.1 18.4 19.3 19.4 22.3 25.8 27.4
2019 16 8.7 9.7 11.5 13.7 17.8 21.9 22.3 23.4
2020 16 18.0 22.5 25.0 23.3 23.4 27.5 30.6 32.3
2021 16 10.4 13.0 16.2 19.5 20.9 24.1 26.0 25.1
2022 16 14.3 16.7 16.8 17.6 24.3 27.9 30.3 31.9
2023 16 8.3 11.6 15.8 17.7 17.6 18.8 18.9 20.5
2024 14 12.7 15.2 16.3 17.2 16.9 16.1 18.0 18.8
2025 12 10.8 12.4 14.2 16.2 21.8 25.8 26.6 26.7
"""
TOGETHER = """
2006 16 3.1 -13.6 4.6 10.6 169.5 261.8 282.2 367.3
2007 16 -31.9 -65.5 -103.3 -120.8 -169.1 -177.2 -113.6 -109.4
2008 16 47.7 23.8 5.7 -34.1 -205.3 -279.7 -435.6 -434.4
2009 16 124.7 443.8 704.0 857.1 928.4 844.9 680.6 486.9
2010 16 -5.3 89.3 231.7 361.2 343.9 488.4 553.5 498.8
2011 16 45.0 63.4 101.2 120.3 300.3 476.2 691.6 868.1
2012 16 4.7 31.2 45.6 88.2 153.5 195.5 217.0 220.2
2013 16 3.9 -1.4 -7.4 -0.9 84.8 111.0 137.2 248.4
2014 16 -6.9 6.1 2.3 -5.6 9.7 12.6 20.4 65.8
2015 16 -8.8 8.3 12.3 17.9 -22.5 22.0 8.2 -2.4
2016 16 -30.9 -44.7 -19.6 -13.4 -13.6 -31.9 5.6 33.0
2017 16 19.2 3.5 24.8 44.5 87.4 94.1 75.4 102.3
2018 16 -9.3 -5.4 -6.5 -3.8 60.4 144.5 194.7 219.7
2019 16 -8.9 -15.3 15.2 46.4 196.0 283.2 289.6 294.9
2020 16 110.5 137.4 145.6 32.7 -72.6 -26.5 -28.4 -50.1
2021 16 60.3 162.5 264.1 333.0 235.7 225.0 190.8 44.1
2022 16 81.9 130.4 130.4 155.5 423.7 633.6 799.2 919.6
2023 16 28.6 125.3 246.8 309.3 319.6 285.6 274.8 296.4
2024 14 29.9 53.5 42.9 38.9 5.5 47.5 91.0 86.0
2025 12 93.8 169.7 321.5 450.5 674.6 826.9 910.3 887.0
"""


class Pooled(NamedTuple):
    """How many errors there are at each horizon, their mean squares (flow x horizon) and mean products (horizon), and
    by flow the mean square at the last horizon over all years that were over."""

    number: int
    squares: Array
    products: Array
    of_all_years: Array


def before(first: pd.Period) -> Pooled | None:
    """The errors of the last YEARS whole years before a quarter's year; None where the tables hold none of them."""
    years, counts, squares, products = _tables()
    rows = (years < first.year) & (years >= first.year - YEARS)
    if not rows.any():
        return None
    weights, over = counts[rows] / counts[rows].sum(), years < first.year
    last = np.average(squares[:, over, -1], axis=1, weights=counts[over])
    of_rows = np.tensordot(squares[:, rows], weights, (1, 0)), weights @ products[rows]
    return Pooled(int(counts[rows].sum()), *of_rows, last)


@cache
def _tables() -> tuple[Array, Array, Array, Array]:
    """Years, numbers of errors, squares (flow x year x horizon) and products (year x horizon), as fractions."""
    tables = [np.array(text.split(), dtype=float).reshape(-1, HORIZON + 2) for text in (EXPORTS, IMPORTS, TOGETHER)]
    exports, imports, products = (table[:, 2:] for table in tables)
    return tables[0][:, 0], tables[0][:, 1], np.stack([exports, imports]) ** 2 / 1e4, products / 1e4
