"""Paths without deals, against sums worked out by hand."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from tradebalance import baseline
from tradebalance.baseline import Baseline
from tradebalance.terms import quarter

HISTORY = pd.DataFrame(
    {
        "exports_usd_mn": [Decimal(v) for v in ("10", "20", "30", "40", "14", "24", "34", "45")],
        "imports_usd_mn": [Decimal(v) for v in ("1", "1", "1", "1", "2", "2", "2", "2.1")],
    },
    index=pd.period_range("2024Q3", periods=8, freq="Q"),
)


def exports(method: str, quarters: int = 6) -> list[Fraction]:
    return list(baseline.forecast(Baseline(method), HISTORY, quarter("2026Q3"), quarters)["exports_usd_mn"])


def test_naive_repeats_the_last_quarter():
    assert exports("naive", 2) == [45, 45]


def test_hold_keeps_the_exact_mean_of_four_quarters():
    assert exports("hold", 2) == [Fraction(117, 4)] * 2


def test_seasonal_naive_repeats_the_last_year():
    assert exports("seasonal_naive") == [14, 24, 34, 45, 14, 24]


def test_drift_adds_the_mean_yearly_change_once_a_year():
    drift = Fraction(4 + 4 + 4 + 5, 4)
    assert exports("seasonal_naive_drift") == [
        14 + drift,
        24 + drift,
        34 + drift,
        45 + drift,
        14 + 2 * drift,
        24 + 2 * drift,
    ]


def test_fixed_is_the_stated_level_in_every_quarter():
    stated = Baseline("fixed", Decimal("31.4"), Decimal("4.1"))
    path = baseline.forecast(stated, HISTORY.iloc[:0], quarter("2025Q2"), 3)
    assert list(path["exports_usd_mn"] - path["imports_usd_mn"]) == [Fraction("27.3")] * 3
    assert path.index[0] == quarter("2025Q2")


@pytest.mark.parametrize("method", sorted(baseline.METHODS))
def test_a_longer_path_starts_like_a_shorter_one(method):
    assert exports(method, 9)[:5] == exports(method, 5)


@pytest.mark.parametrize("method", sorted(baseline.METHODS))
def test_too_short_a_history_is_refused_with_both_lengths(method):
    needed = baseline.NEEDED_QUARTERS[method]
    with pytest.raises(ValueError, match=f"needs {needed} quarters of history, there are {needed - 1}"):
        baseline.forecast(Baseline(method), HISTORY.iloc[: needed - 1], quarter("2026Q3"), 4)


def test_every_method_has_words_and_a_length():
    assert set(baseline.METHODS) | {"fixed"} == set(baseline.WORDS) == set(baseline.NEEDED_QUARTERS)
