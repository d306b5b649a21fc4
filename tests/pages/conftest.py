"""Two answers that several pages' tests read, each solved once."""

import pytest

from builders import gather
from tradebalance.answers.answer import Solution, solve

FIFTY_A_QUARTER = {"method": "fixed", "exports_usd_mn": 60_000, "imports_usd_mn": 10_000}


@pytest.fixture(scope="session")
def certain() -> Solution:
    """90.3 billion over twenty quarters, 4.515 in each, against a gap of 50: a year 18.06 of 200."""
    return solve(gather("as_announced", baseline=FIFTY_A_QUARTER))


@pytest.fixture(scope="session")
def drawn() -> Solution:
    """Deals by their assumptions, over ten years, in 200 draws."""
    return solve(gather("even", draws=200))
