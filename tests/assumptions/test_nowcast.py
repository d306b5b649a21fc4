"""The running quarter from its months: how far it missed over fifteen years, what its bands held, what it knows."""

import dataclasses
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import known_on
from tradebalance.assumptions import fan, nowcast
from tradebalance.assumptions.baseline import COLUMNS, METHODS, Baseline
from tradebalance.words.terms import month, quarter

QUARTERS = 60


@pytest.fixture(scope="module")
def months() -> pd.DataFrame:
    return known_on("USA").months


def errors(months: pd.DataFrame, name: str, known: int) -> pd.Series:
    last = months.index[-1].asfreq("Q") - 1  # the last whole quarter
    return nowcast.replayed(months[name].astype(float), last, known).errors.dropna()


@pytest.mark.parametrize(
    ("name", "known", "bar"),
    [
        ("exports_usd_mn", 1, 0.055),
        ("exports_usd_mn", 2, 0.038),
        ("imports_usd_mn", 1, 0.12),
        ("imports_usd_mn", 2, 0.055),
    ],
)
def test_over_the_last_sixty_quarters_it_misses_by_no_more_than_the_bar(months, name, known, bar):
    found = errors(months, name, known)[-QUARTERS:]
    assert len(found) == QUARTERS
    assert np.sqrt((found**2).mean()) <= bar


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("known", [1, 2])
def test_four_in_five_outturns_lie_in_its_band_from_errors_before_them_only(months, name, known):
    found = errors(months, name, known)
    sizes = (found**2).shift(1).rolling(nowcast.ERRORS).mean() ** 0.5
    inside = (found.abs() <= 1.2816 * sizes)[-QUARTERS:]
    assert 0.75 <= inside.mean() <= 0.85


def test_a_quarter_is_its_months_over_the_share_they_were_in_the_five_years_before():
    index = pd.period_range("2015-01", "2026-08", freq="M")
    shares = {1: (20, 30, 50), 2: (30, 30, 40), 3: (40, 35, 25), 4: (10, 20, 70)}  # per cent of each season's quarter
    values = [Decimal(10 * shares[m.quarter][(m.month - 1) % 3]) for m in index]
    table = pd.DataFrame(dict.fromkeys(COLUMNS, values), index)
    found = nowcast.nowcast(table, quarter("2026Q3"))
    assert (found.months_known, found.values) == (2, (Fraction(1000), Fraction(1000)))
    assert found.sizes == (0, 0)


def test_a_change_of_the_sixth_year_before_changes_nothing(months):
    running = quarter("2026Q3")
    moved = months.astype(float)
    moved.loc[month("2020-07") : month("2020-09"), "exports_usd_mn"] = [3.0, 5.0, 1.0]
    five = nowcast.replayed(months["exports_usd_mn"], running, 2).values[running]
    assert nowcast.replayed(moved["exports_usd_mn"], running, 2).values[running] == five


@pytest.mark.parametrize("last", ["2026-06", "2026-09"])
def test_there_is_none_without_a_month_or_with_all_of_them(months, last):
    longer = months.reindex(pd.period_range(months.index[0], "2026-09", freq="M")).ffill()
    assert nowcast.nowcast(longer[: month(last)], quarter("2026Q3")) is None


def test_a_month_known_of_one_flow_only_is_not_known(months):
    half = months.astype(float)
    half.loc[month("2026-08"), "imports_usd_mn"] = float("nan")
    assert nowcast.nowcast(half, quarter("2026Q3")).months_known == 1


def test_too_few_quarters_give_no_error_and_so_no_nowcast(months):
    assert nowcast.nowcast(months[month("2024-01") :], quarter("2026Q3")) is None


def test_points_of_the_gap_are_those_of_draws():
    found = nowcast.running(known_on("USA"))
    first, own = np.random.default_rng(3).standard_normal((2, 400_000))
    exports, imports = (float(v) * np.exp(e) for v, e in zip(found.values, found.errors(first, own), strict=True))
    drawn = np.quantile(exports - imports, [0.1, 0.5, 0.9])
    assert found.gap_at(0.1, 0.5, 0.9) == pytest.approx(drawn, rel=0.002)


# --- as the first quarter of every baseline -------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("reporter", ["USA", "VNM"])
def test_every_baseline_starts_with_it_and_goes_on_from_there(reporter, method):
    known = known_on(reporter)
    running = nowcast.running(known)
    path = fan.path(Baseline(method=method), known.history, known.first, 5, running)
    assert tuple(path.iloc[0]) == running.values
    longer = pd.concat([known.history[COLUMNS], path.iloc[:1]])
    pd.testing.assert_frame_equal(path.iloc[1:], fan.path(Baseline(method=method), longer, known.first + 1, 4))


def test_no_forecast_is_below_what_is_published():
    for reporter in ("USA", "VNM"):
        known = known_on(reporter)
        running = nowcast.running(known)
        published = known.months["gap_usd_mn"][known.months.index.asfreq("Q") == known.first].sum()
        assert running.gap_at(0.001)[0] > published
        for method in METHODS:
            ahead = fan.fan(Baseline(method=method), known.history, known.first, 2, running, known.pooled)
            drawn = ahead.draw_gap(np.random.default_rng(1).standard_normal((4000, 2, 2)))
            assert np.quantile(drawn[:, 0], 0.005) > float(published)


def test_the_first_quarter_has_the_nowcasts_error_and_the_later_ones_the_methods_on_top():
    known = known_on("USA")
    running, method = nowcast.running(known), Baseline(method="hold")
    ahead = fan.fan(method, known.history, known.first, 3, running)
    exports, _ = ahead.draw(np.random.default_rng(2).standard_normal((200_000, 3, 2)))
    logs = np.log(exports / ahead.path["exports_usd_mn"].to_numpy().astype(float))
    alone = fan.errors(method, known.history).size(2)[0]
    wanted = np.sqrt(running.sizes[0] ** 2 + np.array([0, *alone**2]))
    assert np.sqrt((logs**2).mean(axis=0)) == pytest.approx(wanted, rel=0.01)


def test_a_stated_level_has_none():
    known = known_on("USA")
    stated = Baseline(method="fixed", exports_usd_mn=1000, imports_usd_mn=100)
    path = fan.path(stated, known.history, known.first, 2, nowcast.running(known))
    assert set(path["exports_usd_mn"]) == {1000}


def test_a_replay_knows_the_months_of_its_time_only():
    known = known_on("USA", month("2026-01"))  # figures to November 2025
    found = nowcast.running(known)
    assert (str(found.quarter), found.months_known) == ("2025Q4", 2)
    later = dataclasses.replace(known, months=known.months[:-1])
    assert nowcast.running(later).months_known == 1
