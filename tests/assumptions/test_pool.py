"""Errors pooled over partners: the tables against the Census files, what a month may know of them, and the bars that
the mixture's bands are held to."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tradebalance.assumptions import backtest, fan, pool
from tradebalance.assumptions.baseline import Baseline
from tradebalance.words.terms import quarter

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import pooled_errors

QUIET_TO = quarter("2024Q4")


@pytest.fixture(scope="module")
def histories():
    return pooled_errors.histories()


@pytest.fixture(scope="module")
def outcomes(histories):
    """The last 60 origins of every partner by the default and by the airline model, which was the default before."""
    each = [backtest.outcomes(history, ["mixture", "sarima"]).assign(partner=n) for n, history in enumerate(histories)]
    found = pd.concat(each)
    return found.assign(inside=found["outturn"].between(found["low"], found["high"]))


def test_the_tables_are_what_the_census_files_give(histories):
    found = pooled_errors.tables(histories)
    assert found == [text.strip() for text in (pool.EXPORTS, pool.IMPORTS, pool.TOGETHER)]


def test_a_month_knows_the_three_whole_years_before_it():
    known = pool.before(quarter("2025Q2"))
    assert known.number == 16 + 16 + 14
    exports = (16 * 0.113**2 + 16 * 0.081**2 + 14 * 0.076**2) / 46
    imports = (16 * 0.319**2 + 16 * 0.205**2 + 14 * 0.188**2) / 46
    products = (16 * 81.9 + 16 * 28.6 + 14 * 29.9) / 46 / 1e4
    assert (known.squares[0, 0], known.squares[1, 7], known.products[0]) == pytest.approx((exports, imports, products))
    assert known.number == pool.before(quarter("2025Q4")).number
    early = pool.before(quarter("2008Q1"))  # of 2006 and 2007, sixteen errors each
    assert early.of_all_years == pytest.approx([(0.233**2 + 0.141**2) / 2, (0.228**2 + 0.225**2) / 2])
    assert pool.before(quarter("2006Q4")) is None


def errors_of(history: pd.DataFrame) -> fan.Errors:
    return fan.errors(Baseline(method="mixture"), history)


def test_what_came_after_the_forecast_does_not_move_its_errors(histories, monkeypatch):
    vietnam = histories[0].loc[:"2025Q1"]
    before = errors_of(vietnam)
    shaken = "\n".join(
        " ".join([*line.split()[:2], *["99.9"] * 8]) if line.startswith("2025") else line
        for line in pool.EXPORTS.strip().splitlines()
    )
    monkeypatch.setattr(pool, "EXPORTS", shaken)
    pool._tables.cache_clear()
    try:
        assert errors_of(vietnam) == before
        assert errors_of(histories[0]).sizes[0][0] > 2 * before.sizes[0][0]
    finally:
        pool._tables.cache_clear()


def test_the_record_counts_as_much_as_the_pool_and_few_errors_widen_the_band():
    """Errors of a tenth on every flow and horizon, four times the pool's squares at one quarter ahead."""
    pooled = pool.Pooled(48, np.full((2, 8), 0.05**2), np.full(8, 0.05**2), np.array([0.03, 0.04]) ** 2)
    own = np.full((fan.OWN + 7, 2, 8), 0.1)
    for origin in range(len(own)):
        own[origin, :, len(own) - origin :] = np.nan  # not over yet
    found = fan._shared(own, pooled)
    half = np.sqrt((0.1**2 + 0.05**2) / 2)
    widened = [np.sqrt(48 / ahead / (48 / ahead - 2)) for ahead in range(1, 9)]
    assert found.counts == (60,) * 8
    assert found.far == pytest.approx((0.03, 0.04))
    assert found.sizes[0] == pytest.approx([half * wider for wider in widened])
    assert found.correlations == pytest.approx([1.0] * 8)
    few = fan._shared(own[-4:], pooled)  # four origins: four errors one quarter ahead, one four ahead, none further
    of_own = [4, 3, 2, 1, 0, 0, 0, 0]
    sizes = [np.sqrt((n * 0.1**2 + 12 * 0.05**2) / (n + 12)) * w for n, w in zip(of_own, widened, strict=True)]
    assert few.sizes[1] == pytest.approx(np.maximum.accumulate(sizes))
    assert few.counts == tuple(48 + n for n in of_own)


def test_a_record_too_short_for_errors_of_its_own_has_the_pools(histories):
    short = histories[2].iloc[-16:]
    found, pooled = errors_of(short), pool.before(short.index[-1] + 1)
    widened = np.sqrt(pooled.number / (pooled.number - 2))
    assert found.counts == (pooled.number,) * 8
    assert found.sizes[0][0] == pytest.approx(np.sqrt(pooled.squares[0, 0]) * widened)
    with pytest.raises(ValueError, match="need 16 quarters of history above zero, there are 15"):
        errors_of(short.iloc[1:])
    early = histories[2].loc["2001Q1":"2005Q4"]
    with pytest.raises(ValueError, match="needs 8 errors of its own, as no year before 2006Q1 is pooled; there are 4"):
        errors_of(early)


def test_a_forecast_before_the_tables_has_the_errors_of_its_own_record(histories):
    early = histories[1].loc[:"2005Q4"]
    found = errors_of(early)
    origins = range(len(early) - fan.OWN - 7, len(early))
    assert found == fan._own(fan.log_errors("mixture", early, origins))


# --- the bars -----------------------------------------------------------------------------------------


def test_bands_hold_what_they_say_of_quiet_years_and_most_of_2025_and_2026(outcomes):
    """Four partners, both flows and the gap, 60 origins, nothing known of the quarters forecast."""
    is_late = pd.Series([quarter > QUIET_TO for quarter in outcomes["quarter"]], outcomes.index)
    own, is_gap = outcomes["method"] == "mixture", outcomes["series"] == "gap"
    quiet = outcomes[own & ~is_late]
    for part in (quiet[quiet["series"] == "gap"], quiet[quiet["series"] != "gap"]):
        held = part.groupby("horizon")["inside"].agg(["mean", "size"])
        assert held["mean"].between(0.77, 0.83).all()
        assert (held["size"] >= 190).all()
    late = outcomes[own & is_late & ~is_gap].groupby("horizon")["inside"].agg(["mean", "size"])
    assert (late["mean"] >= 0.6).all()
    assert list(late["size"]) == [36, 36, 36]
    gaps = outcomes[own & is_late & is_gap].groupby("horizon")["inside"].sum()
    assert list(gaps) == [10, 9, 8]  # of 18: what no band before knew; the page says so of its book


def test_the_default_scores_no_worse_than_the_airline_model_at_any_horizon(outcomes):
    crps = outcomes[outcomes["series"] == "gap"].groupby(["partner", "horizon", "method"])["crps"].mean().unstack()
    ratio = crps["mixture"] / crps["sarima"]
    assert (ratio.groupby("horizon").mean() < 1).all()
    assert (ratio.loc[0] < 1).all()  # Vietnam
    assert ratio.max() < 1.06  # Thailand one quarter ahead
