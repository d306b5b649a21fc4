"""The backtest: what a forecast may know, each measure against a value worked out by hand, and what it found."""

import math

import numpy as np
import pandas as pd
import pytest

from builders import gather, known_on, trade
from tradebalance.assumptions import backtest, baseline, fan, nowcast
from tradebalance.assumptions.backtest import block_bootstrap, diebold_mariano
from tradebalance.assumptions.baseline import Baseline
from tradebalance.case import folder, inputs
from tradebalance.words.terms import quarter

QUIET_TO = quarter("2024Q4")
# findings on the US book are of these methods
SHIPPED = [
    "mixture",
    "naive",
    "hold",
    "seasonal_naive",
    "seasonal_naive_drift",
    "ets",
    "ces",
    "sarima",
]
QUICK = ("naive", "seasonal_naive", "hold")
FIRST_ORIGIN = 16  # quarters: what the models need


def walk(seed: int = 1, quarters: int = 64, size: float = 0.1) -> pd.DataFrame:
    paths = np.random.default_rng(seed).normal(0.02, size, (2, quarters)).cumsum(axis=1)
    return trade(30_000 * np.exp(paths[0]), 3_000 * np.exp(paths[1]), last="2026Q2")


@pytest.fixture(scope="module")
def usa():
    return backtest.outcomes(known_on("USA").history, pooled=known_on("USA").pooled)


@pytest.fixture(scope="module")
def usa_scores(usa):
    return backtest.scores(usa)


# --- what a forecast may know -----------------------------------------------------------------------


def test_nothing_after_the_origin_moves_a_forecast_its_band_or_its_scale():
    origin = walk().index[49]
    changed = walk()
    changed.iloc[50:, :2] = changed.iloc[50:, :2].map(lambda value: 3 * value)
    columns = ["median", "low", "high", "scale"]
    for method in ("hold", "seasonal_naive_drift", "sarima"):
        found = [backtest.outcomes(table, [method]) for table in (walk(), changed)]
        before, after = (one[one["origin"] <= origin].reset_index(drop=True) for one in found)
        assert len(before) > 100
        pd.testing.assert_frame_equal(before[columns], after[columns])


def test_a_forecast_is_that_of_the_baseline_on_the_quarters_to_its_origin():
    history = walk(quarters=34)
    found = backtest.outcomes(history, ["ets"])
    row = found[(found["series"] == "gap") & (found["horizon"] == 4)].iloc[10]
    known = history[history.index <= row["origin"]]
    path = baseline.forecast(Baseline(method="ets"), known, row["origin"] + 1, 4)
    assert row["quarter"] == row["origin"] + 4
    assert row["median"] == float(path["exports_usd_mn"].iloc[3] - path["imports_usd_mn"].iloc[3])
    assert row["outturn"] == float(history.at[row["quarter"], "gap_usd_mn"])


def test_every_method_is_scored_on_the_same_quarters(usa_scores):
    assert (usa_scores.groupby(["series", "horizon"])["n"].nunique() == 1).all()
    assert (usa_scores.groupby(["series", "horizon"])["n_bands"].nunique() == 1).all()
    assert list(usa_scores.xs(("gap", "naive"), level=("series", "method"))["n"]) == [60, 57, 53]


def test_a_record_too_short_for_a_band_is_scored_without_one_and_a_shorter_one_is_refused():
    found = backtest.outcomes(walk(quarters=FIRST_ORIGIN + 3), QUICK)
    assert found["crps"].isna().all()
    table = backtest.scores(found)
    assert list(table.loc["gap"].loc[1, "n"]) == [3, 3, 3]
    assert list(table.loc["gap"].loc[1, "n_bands"]) == [0, 0, 0]
    with pytest.raises(ValueError, match="needs 17 quarters of trade both ways, there are 16"):
        backtest.outcomes(walk(quarters=FIRST_ORIGIN), QUICK)


# --- measures ---------------------------------------------------------------------------------------


def test_mase_is_the_error_over_the_mean_yearly_change():
    """Exports that rise by 10 a quarter: naive misses h quarters ahead by 10 h, a year's change is 40."""
    levels = [1000 + 10 * t for t in range(36)]
    table = backtest.scores(backtest.outcomes(trade(levels, [1] * 36), QUICK))
    for horizon in backtest.HORIZONS:
        assert table.at[("gap", horizon, "naive"), "mase"] == pytest.approx(horizon / 4)
    assert table.at[("gap", 1, "seasonal_naive"), "mase"] == pytest.approx(1)
    assert table.at[("gap", 1, "hold"), "mase"] == pytest.approx(2.5 / 4)
    assert table.at[("gap", 1, "hold"), "rmse_ratio"] == pytest.approx(2.5)
    assert table.at[("gap", 1, "seasonal_naive"), "rmse_ratio"] == pytest.approx(4)


def test_log_rmse_is_of_outturn_over_forecast():
    levels = [1000 * 1.02**t for t in range(36)]
    table = backtest.scores(backtest.outcomes(trade(levels, [v / 2 for v in levels]), QUICK))
    assert table.at[("exports", 4, "naive"), "log_rmse"] == pytest.approx(4 * math.log(1.02), rel=1e-3)
    inverted = backtest.scores(backtest.outcomes(trade([v / 2 for v in levels], levels), QUICK))
    assert math.isnan(inverted.at[("gap", 4, "naive"), "log_rmse"])  # the gap is below zero, and scored all the same
    assert inverted.at[("gap", 4, "naive"), "mase"] == pytest.approx(table.at[("gap", 4, "naive"), "mase"], rel=1e-3)


def test_diebold_mariano_of_one_step_is_the_t_test_of_the_mean_difference():
    """At one quarter ahead the corrected statistic is exactly Student's."""
    from scipy.stats import ttest_1samp

    differences = np.random.default_rng(4).normal(0.2, 1, 30)
    assert diebold_mariano(differences, 1) == pytest.approx(tuple(ttest_1samp(differences, 0)))


def test_diebold_mariano_counts_the_overlap_and_shrinks_for_small_samples():
    differences = np.array([1.0, 2.0, 0.0, 3.0, 1.0, -1.0, 2.0, 0.0])
    centred = differences - 1.0
    first = (centred[1:] * centred[:-1]).sum() / 8
    variance = (centred**2).sum() / 8 + 2 * 0.5 * first
    expected = 1.0 / math.sqrt(variance / 8) * math.sqrt((8 + 1 - 4 + 2 / 8) / 8)
    assert diebold_mariano(differences, 2)[0] == pytest.approx(expected)
    assert all(math.isnan(number) for number in diebold_mariano(differences, 5))
    assert all(math.isnan(number) for number in diebold_mariano(np.zeros(20), 1))


def test_diebold_mariano_rejects_about_as_often_as_it_says():
    generator = np.random.default_rng(5)
    steps = generator.standard_normal((800, 63))
    overlapping = np.stack([steps[:, k : k + 60] for k in range(4)]).sum(axis=0)  # as four quarters ahead
    rejected = np.mean([diebold_mariano(row, 4)[1] < 0.1 for row in overlapping])
    assert 0.08 <= rejected <= 0.2  # Bartlett's weights leave some of the overlap out, so a little too often


def test_a_bootstrap_of_blocks_is_wider_than_one_of_single_values_where_misses_cluster():
    clustered = np.repeat(np.random.default_rng(6).random(12) < 0.8, 5)
    scattered = np.random.default_rng(7).permutation(clustered)
    low, high = block_bootstrap(clustered, 8)
    narrow_low, narrow_high = block_bootstrap(scattered, 1)
    assert high - low > 1.3 * (narrow_high - narrow_low)
    assert low <= clustered.mean() <= high
    assert block_bootstrap(clustered, 8) == (low, high)
    assert all(math.isnan(end) for end in block_bootstrap(clustered[:15], 8))


def test_coverage_counts_outturns_inside_the_band(usa):
    part = usa[(usa["method"] == "hold") & (usa["series"] == "gap") & (usa["horizon"] == 4)]
    by_hand = sum(row.low <= row.outturn <= row.high for row in part.itertuples())
    row = backtest.scores(usa).loc[("gap", 4, "hold")]
    assert (row["covered"], row["n_bands"]) == (by_hand, 57)
    assert row["coverage"] == by_hand / 57


@pytest.mark.parametrize(("walks", "within"), [(8, 0.12), pytest.param(25, 0.09, marks=pytest.mark.slow)])
def test_bands_of_walks_cover_about_their_nominal_share(walks, within):
    tables = [backtest.scores(backtest.outcomes(walk(seed, 100), ["naive"], 20)) for seed in range(walks)]
    coverage = np.mean([table.xs("exports")["coverage"] for table in tables], axis=0)
    assert coverage == pytest.approx([0.8, 0.79, 0.77], abs=within)


def test_samples_split_by_the_quarter_forecast(usa):
    early, late = backtest.split(usa, QUIET_TO)
    assert len(early) + len(late) == len(usa)
    assert max(early["quarter"]) == quarter("2024Q4")
    assert min(late["quarter"]) == quarter("2025Q1")
    assert set(backtest.scores(late)["n"]) == {6}


# --- what it found ----------------------------------------------------------------------------------


def log_rmse(scores: pd.DataFrame, series: str) -> pd.DataFrame:
    return scores["log_rmse"].loc[series].unstack("horizon")


def test_exports_on_the_us_book_are_forecast_as_well_as_in_an_independent_trial(usa_scores):
    errors = log_rmse(usa_scores, "exports")
    assert list(errors.loc["sarima"]) == pytest.approx([0.10, 0.15, 0.24], abs=0.03)
    assert list(errors.loc["seasonal_naive_drift", [4, 8]]) == pytest.approx([0.14, 0.20], abs=0.01)
    assert errors.drop("mixture")[1].idxmin() == "ces"
    assert errors.drop("mixture")[[4, 8]].idxmin().to_list() == ["seasonal_naive_drift"] * 2
    assert (errors.loc["hold"] > errors.loc["naive"]).all()


def test_imports_on_the_us_book_have_other_winners(usa_scores):
    errors = log_rmse(usa_scores, "imports").loc[SHIPPED]
    assert errors[1].idxmin() == "naive"
    assert errors[8].idxmin() == "ets"


def test_the_choice_is_the_lowest_mean_rank_of_the_gaps_mase(usa):
    mase = backtest.scores(usa)["mase"].loc["gap"].unstack("horizon")
    by_hand = {m: np.mean([(mase[h] < mase.at[m, h]).sum() + 1 for h in backtest.HORIZONS]) for m in mase.index}
    ties = [m for m in by_hand if by_hand[m] == min(by_hand.values())]
    assert backtest.choice(usa) == ties[0] == "mixture"
    assert backtest.choice(backtest.split(usa, QUIET_TO)[0]) == "mixture"


def test_shipped_scenarios_hold_the_choice_but_for_the_two_that_state_a_path_of_their_own(usa):
    """The default is chosen by the backtest; a dollar at its word needs no forecast; the seed is one quarter."""
    chosen = "back_loaded even front_loaded named_deals published s_curve slipped stalled".split()
    methods = {name: inputs.document(folder.case(), name).data["baseline"]["method"] for name in chosen}
    assert methods == dict.fromkeys(chosen, backtest.choice(usa))
    own = {
        name: inputs.document(folder.case(), name).data["baseline"]["method"] for name in ("as_announced", "seed_2025")
    }
    assert own == {"as_announced": "hold", "seed_2025": "fixed"}


def test_the_methods_differ_by_tens_of_billions_over_the_next_year():
    known = known_on("USA")
    years = backtest.next_years(known)
    now = nowcast.running(known)
    first = float(now.values[0] - now.values[1])
    assert years.at["hold", "median"] == pytest.approx(
        first + 3 / 4 * (first + float(known.history["gap_usd_mn"].iloc[-3:].sum()))
    )
    years = years.loc[SHIPPED]
    assert years["median"].idxmin() == "seasonal_naive"
    assert 60_000 < years["median"].max() - years["median"].min() < 80_000
    assert (years["low"] < years["median"]).all()
    assert (years["median"] < years["high"]).all()
    unmoved = ["naive", "hold", "seasonal_naive"]
    assert (years.loc[unmoved, "before_deals"] == years.loc[unmoved, "median"]).all()
    assert (years.drop(index=unmoved)["before_deals"] != years.drop(index=unmoved)["median"]).all()


def test_the_default_rests_its_imports_on_the_quarters_before_the_deals():
    """Their growth since may be deliveries: what the parameters know of it is left out, and the level is not."""
    known = known_on("USA")
    years = backtest.next_years(known)
    plain, early = (
        fan.path(given, known.history, known.first, 4, nowcast.running(known))["imports_usd_mn"].astype(float).sum()
        for given in (Baseline(method="mixture"), Baseline(method="mixture", imports_estimate_to=quarter("2025Q1")))
    )
    assert years.at["mixture", "imports"] == pytest.approx(early)
    assert years.at["mixture", "imports_of_all"] == pytest.approx(plain)
    assert 300 < plain - early < 1200
    assert gather("even").scenario.baseline.imports_estimate_to == quarter("2025Q1")
    assert gather("even", as_of="2025-05").scenario.baseline.imports_estimate_to is None  # no later figures were out
    stated = gather("even", changes={"baseline.estimate_to": "2024Q4"}).scenario.baseline
    assert (stated.imports_estimate_to, str(stated.estimate_to)) == (None, "2024Q4")


def test_the_outlook_of_may_2025_was_too_low_under_every_method():
    """Five quarters to 2026Q2, of which the outturn was 255.8 billion; as the figures stood, with hindsight."""
    known, outturn = known_on("USA", pd.Period("2025-05", "M")), known_on("USA").history["gap_usd_mn"]
    five = [known.first + ahead for ahead in range(5)]
    assert float(outturn[five].sum()) / 1000 == pytest.approx(255.8, abs=0.05)
    sums = {}
    for method in baseline.METHODS:
        path = fan.path(Baseline(method=method), known.history, known.first, 5)
        sums[method] = float((path["exports_usd_mn"] - path["imports_usd_mn"]).sum()) / 1000
    assert sums["hold"] == pytest.approx(166.7, abs=0.1)
    assert sums["ets"] == pytest.approx(197, abs=2)
    assert sums["sarima"] == pytest.approx(205, abs=2)
    assert max(sums.values()) < 220
