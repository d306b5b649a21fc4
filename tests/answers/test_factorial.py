"""What a grid's spread hangs on, against sums of squares in exact fractions."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tradebalance.answers.factorial import shares, strongest

grids = st.lists(st.integers(1, 4), min_size=1, max_size=4).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-50, 50))
)


def exact(grid):
    """Each axis's share of the sum of squares about the mean, cell by cell in fractions; None without a spread."""
    cells = {at: Fraction(int(grid[at])) for at in itertools.product(*map(range, grid.shape))}
    mean = sum(cells.values()) / len(cells)
    total = sum((value - mean) ** 2 for value in cells.values())
    own = []
    for axis, levels in enumerate(grid.shape):
        of = [[value for at, value in cells.items() if at[axis] == level] for level in range(levels)]
        own.append(sum(len(values) * (sum(values) / len(values) - mean) ** 2 for values in of))
    return [part / total for part in own] if total else None


@for_any(grid=grids)
def test_shares_are_those_of_exact_sums_of_squares(grid):
    found, oracle = shares(grid.astype(float)), exact(grid)
    if oracle is None:
        assert found is None
    else:
        assert found.own == pytest.approx([float(part) for part in oracle], abs=1e-12)
        assert sum(found.own) + found.together == pytest.approx(1, abs=1e-12)


def test_sums_leave_nothing_to_what_dimensions_do_together_and_a_product_of_signs_all():
    rows, columns = np.array([1.0, 2.0, 6.0]), np.array([0.0, 10.0])
    found = shares(rows[:, None] + columns[None, :])
    assert found.together == pytest.approx(0, abs=1e-12)
    assert found.own == pytest.approx([rows.var() / (rows.var() + columns.var()), 25 / (rows.var() + 25)])
    found = shares(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert (found.own, found.together) == ((0, 0), 1)


def test_equal_results_have_no_shares_though_their_last_bits_differ():
    assert shares(np.full((2, 3), 8383.3)) is None
    assert shares(np.array([0.1 + 0.2, 0.3])) is None
    assert shares(np.array([8383.3, 8383.4])).own == (1,)


def test_the_strongest_axis_comes_first_and_of_equal_ones_the_earlier():
    grid = np.array([0.0, 1.0])[:, None, None] + np.array([0.0, 3.0])[None, :, None] + np.array([0.0, 1.0])[None, None]
    assert strongest(shares(grid)) == [1, 0, 2]
