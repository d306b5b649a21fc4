"""Paths without deals, against sums worked out by hand and against published worked examples of the models."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import gather, trade
from tradebalance.answers import answer
from tradebalance.assumptions import baseline, methods, nowcast
from tradebalance.assumptions.baseline import Baseline
from tradebalance.words.problems import Refused
from tradebalance.words.terms import quarter

SHORT = pd.DataFrame(
    {
        "exports_usd_mn": [Decimal(v) for v in ("10", "20", "30", "40", "14", "24", "34", "45")],
        "imports_usd_mn": [Decimal(v) for v in ("1", "1", "1", "1", "2", "2", "2", "2.1")],
    },
    index=pd.period_range("2024Q3", periods=8, freq="Q"),
)
NEXT = quarter("2026Q3")
SEASONS = (1.0, 1.2, 0.9, 1.1)
ESTIMATED = sorted(name for name, method in baseline.METHODS.items() if method.is_estimated)


def exports(method: str, quarters: int = 6, history: pd.DataFrame = SHORT, **settings) -> list[Fraction]:
    return list(baseline.forecast(Baseline(method=method, **settings), history, NEXT, quarters)["exports_usd_mn"])


def growing(rate: float, quarters: int = 60) -> pd.DataFrame:
    """Exports and imports with fixed seasons and a constant yearly growth, without any noise."""
    levels = [1000 * SEASONS[t % 4] * math.exp(rate * t / 4) for t in range(quarters)]
    return trade(levels, [level / 10 for level in levels], last="2026Q2")


def noisy(quarters: int = 60, seed: int = 7) -> pd.DataFrame:
    steps = np.random.default_rng(seed).normal(0.03, 0.1, (2, quarters)).cumsum(axis=1)
    seasons = np.tile(SEASONS, quarters // 4)
    return trade(20_000 * seasons * np.exp(steps[0]), 3_000 * np.exp(steps[1]), last="2026Q2")


def window(seed: int) -> np.ndarray:
    """One series of ten years in logs, as the methods take it."""
    return np.log(noisy(seed=seed)["exports_usd_mn"].astype(float).to_numpy())[None, -baseline.WINDOW :]


@pytest.mark.parametrize("method", ESTIMATED)
def test_a_forecast_is_made_once_and_another_for_any_other_series(method, monkeypatch):
    levels = np.exp(window(11))
    forecast = baseline.METHODS[method].forecast
    made = forecast(levels, 40)
    others = forecast(levels, 36), forecast(levels * 2, 40), forecast(levels.reshape(2, 20), 20)
    assert all(other.shape != made.shape or not np.array_equal(other, made) for other in others)
    monkeypatch.setattr(methods, "_search", lambda *_: pytest.fail("searched again"))
    monkeypatch.setattr(np, "log", lambda *_: pytest.fail("forecast again"))
    assert np.array_equal(forecast(levels.copy(), 40), made)
    with pytest.raises(ValueError, match="read-only"):
        made[0, 0] = 0


def test_naive_repeats_the_last_quarter():
    assert exports("naive", 2) == [45, 45]


def test_hold_keeps_the_exact_mean_of_four_quarters():
    assert exports("hold", 2) == [Fraction(117, 4)] * 2


def test_seasonal_naive_repeats_the_last_year():
    assert exports("seasonal_naive") == [14, 24, 34, 45, 14, 24]


def test_drift_multiplies_by_the_mean_yearly_growth_once_a_year():
    growth = (14 / 10 * 24 / 20 * 34 / 30 * 45 / 40) ** 0.25
    expected = [14 * growth, 24 * growth, 34 * growth, 45 * growth, 14 * growth**2, 24 * growth**2]
    assert exports("seasonal_naive_drift") == [Fraction(f"{value:.1f}") for value in expected]


def test_the_window_leaves_the_opening_of_trade_out_of_the_growth():
    history = growing(0.08)
    early = history.copy()
    early.iloc[: -baseline.WINDOW, :2] = early.iloc[: -baseline.WINDOW, :2].map(lambda value: value / 100)
    for method in ESTIMATED:
        assert exports(method, 8, early) == exports(method, 8, history)


@pytest.mark.parametrize("method", ["seasonal_naive_drift", "sarima"])
def test_seasons_that_grow_by_a_constant_rate_go_on_for_two_years(method):
    path = exports(method, 8, growing(0.08))
    expected = [1000 * SEASONS[t % 4] * math.exp(0.02 * t) for t in range(60, 68)]
    assert [float(value) for value in path] == pytest.approx(expected, rel=2e-4)


def test_the_damped_trend_grows_by_less_each_year_and_keeps_the_seasons():
    path = np.array([float(value) for value in exports("ets", 8, growing(0.08))])
    first, second = (
        np.log(path[:4] / [1000 * s * math.exp(0.02 * t) for s, t in zip(SEASONS, range(56, 60), strict=True)]),
        np.log(path[4:] / path[:4]),
    )
    assert (second < first).all()
    assert (second > 0.03).all()


@pytest.mark.parametrize("seed", range(8))
def test_the_airline_model_agrees_with_the_librarys_state_space_form(seed):
    """Another likelihood (a Kalman filter), another search (quasi-Newton), another way to forecast."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    logs = window(seed)
    model = SARIMAX(list(logs[0]), order=(0, 1, 1), seasonal_order=(0, 1, 1, 4), concentrate_scale=True)
    peer = model.fit(start_params=(-0.3, -0.6), disp=False, warn_convergence=False)
    rounded = model.filter(peer.params.round(2))
    # rounding falls apart where an estimate is near an edge or at the bound: a hundredth of a parameter
    assert methods.airline(logs, logs.shape[1])[0] == pytest.approx(list(rounded.forecast(8)), abs=0.005)


def library(logs: np.ndarray):
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    names = {"error": "add", "trend": "add", "damped_trend": True, "seasonal": "add", "seasonal_periods": 4}
    bounds = {"smoothing_level": methods.SMOOTHING.bounds[0]}
    return ETSModel(list(logs[0]), **names, initialization_method="heuristic", bounds=bounds)


def likelihood(logs: np.ndarray, weights: np.ndarray) -> float:
    squares = methods.smoothed(logs, weights[:, None, None], methods._beginning(logs)).squares[0, 0]
    return float(-logs.size / 2 * (np.log(2 * np.pi * squares / logs.size) + 1))


def test_the_likelihood_and_the_forecast_of_smoothing_are_the_librarys(monkeypatch):
    logs, weights = window(3), np.array([0.6, 0.1, 0.2, 0.9])
    assert likelihood(logs, weights) == pytest.approx(library(logs).loglike(weights), abs=1e-6)
    monkeypatch.setattr(methods, "_search", lambda *_: np.array([[0.6], [0.1 / 0.6], [0.5], [0.9]]))
    peer = library(logs).smooth(weights).forecast(8)
    assert methods.damped_smoothing(logs, logs.shape[1])[0] == pytest.approx(list(peer), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_smoothing_is_at_least_as_likely_as_the_librarys_own_fit(seed, monkeypatch):
    logs, kept = window(seed), []
    search = methods._search
    monkeypatch.setattr(methods, "_search", lambda *given: kept.append(search(*given)) or kept[0])
    methods.damped_smoothing(logs, logs.shape[1])
    peer = library(logs).fit(disp=False, warn_convergence=False)
    assert likelihood(logs, methods._weights(kept[0][:, 0])) >= peer.llf - 0.05


def test_complex_smoothing_is_the_papers_recursion_in_complex_numbers():
    """Svetunkov, Kourentzes and Ord (2022): with a complex weight a, the forecast and its potential z become
    a (y + e i) + (1 + i - a) z after a value y that missed by e; the seasons are smoothed beside them."""
    logs, given = window(2), np.array([1.3, 1.01, 0.2])
    begin = methods.Beginning(np.array([[9.8]]), np.array([[7.5]]), np.array([[[0.05], [0.1], [-0.1], [-0.05]]]))
    found = methods.complex_smoothed(logs, given[:, None, None], begin)
    state, seasons, squares = 9.8 + 7.5j, [0.05, 0.1, -0.1, -0.05], 0.0
    for at, value in enumerate(logs[0]):
        error = value - seasons[at % 4] - state.real
        state = (1.3 + 1.01j) * (value - seasons[at % 4] + error * 1j) + (1 + 1j - (1.3 + 1.01j)) * state
        seasons[at % 4] += 0.2 * error
        squares += error**2
    assert found.squares[0, 0] == pytest.approx(squares, rel=1e-9)
    assert (found.level[0, 0], found.trend[0, 0]) == pytest.approx((state.real, state.imag), rel=1e-9)
    assert [float(season[0, 0]) for season in found.seasons] == pytest.approx(seasons)


@pytest.mark.parametrize(
    ("model", "space"), [(methods.damped_smoothing, methods.SMOOTHING), (methods.complex_smoothing, methods.COMPLEX)]
)
def test_no_parameters_at_random_are_much_likelier_than_those_found(model, space, monkeypatch):
    logs, kept = np.concatenate([window(seed) for seed in range(4)]), []
    search = methods._search
    monkeypatch.setattr(methods, "_search", lambda *given: kept.append((given, search(*given))) or kept[0][1])
    model(logs, logs.shape[1])
    (unlikelihood, *_), found = kept[0]
    low, high = (np.array(side)[:, None, None] for side in zip(*space.bounds, strict=True))
    rows, at_random = np.arange(len(logs)), np.random.default_rng(1).random((len(low), len(logs), 2000))
    best = unlikelihood(found[:, :, None], rows)[:, 0]
    tried = unlikelihood(low + (high - low) * at_random, rows).min(axis=1)
    assert (logs.shape[1] / 2 * np.log(best / tried) < 0.3).all()


def test_many_series_at_once_are_forecast_as_one_by_one():
    logs = np.concatenate([window(seed) for seed in range(3)])
    for model in (methods.drift, methods.airline, methods.damped_smoothing, methods.complex_smoothing):
        alone = np.concatenate([model(row[None, :], 40) for row in logs])
        assert model(logs, 40) == pytest.approx(alone, abs=1e-9)


def test_the_mixture_is_three_logs_of_equal_weight_and_drift_comes_in_over_its_first_year():
    history = noisy()
    drift, airline, complex_ = (np.log([float(v) for v in exports(m, 8, history)]) for m in methods.MIXED)
    of_drift = [1 / 12, 2 / 12, 3 / 12, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3]
    expected = [w * d + (1 - w) / 2 * (a + c) for w, d, a, c in zip(of_drift, drift, airline, complex_, strict=True)]
    assert np.log([float(v) for v in exports("mixture", 8, history)]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("method", sorted(set(baseline.METHODS) - set(ESTIMATED)))
def test_a_flat_method_stays_flat_for_ever(method):
    path = exports(method, 40, noisy())
    assert path == path[:4] * 10


@pytest.mark.parametrize("method", ESTIMATED)
def test_after_two_years_growth_fades_by_a_tenth_a_quarter_and_the_seasons_stay(method):
    logs = np.log([float(value) for value in exports(method, 40, noisy())])
    growth = (logs[4:8] - logs[:4]).mean()
    over_the_year = logs[8:] - logs[4:-4]
    assert over_the_year == pytest.approx([growth * 0.9**later for later in range(1, 33)], abs=2e-5)
    assert abs(logs[-1] - logs[-5]) < 0.05 * abs(growth)  # after ten years next to nothing is left


@pytest.mark.parametrize("method", sorted(baseline.METHODS))
def test_a_longer_path_starts_like_a_shorter_one(method):
    assert exports(method, 19, noisy())[:5] == exports(method, 5, noisy())


@pytest.mark.parametrize("method", ESTIMATED)
def test_an_estimated_path_is_exact_to_a_tenth_and_above_zero(method):
    falling = trade([5000 * 0.8**t for t in range(40)], [30.0] * 40, last="2026Q2")  # no noise on either side
    path = baseline.forecast(Baseline(method=method), falling, NEXT, 40)
    values = [value for name in baseline.COLUMNS for value in path[name]]
    assert all(isinstance(value, Fraction) and (10 * value).denominator == 1 for value in values)
    assert min(values) > 0


@pytest.mark.parametrize("method", ESTIMATED)
def test_what_comes_after_estimate_to_moves_the_level_and_not_the_parameters(method):
    """Twice the trade in the last year: the path doubles with the level, its growth and seasons stay."""
    history, until = noisy(), quarter("2025Q2")
    doubled = history.copy()
    doubled.iloc[-4:, :2] = doubled.iloc[-4:, :2].map(lambda value: 2 * value)
    plain, twice = (exports("seasonal_naive_drift", 8, h, estimate_to=until) for h in (history, doubled))
    assert [float(b / a) for a, b in zip(plain, twice, strict=True)] == pytest.approx([2.0] * 8, rel=1e-4)
    assert exports(method, 8, history, estimate_to=history.index[-1]) == exports(method, 8, history)
    assert exports(method, 8, doubled, estimate_to=until) != exports(method, 8, doubled)


def test_fixed_is_the_stated_level_in_every_quarter():
    stated = Baseline(method="fixed", exports_usd_mn=Decimal("31.4"), imports_usd_mn=Decimal("4.1"))
    path = baseline.forecast(stated, SHORT.iloc[:0], quarter("2025Q2"), 3)
    assert list(path["exports_usd_mn"] - path["imports_usd_mn"]) == [Fraction("27.3")] * 3
    assert path.index[0] == quarter("2025Q2")


def test_stated_growth_multiplies_the_last_year_once_a_year_and_keeps_its_seasons():
    stated = Baseline(method="growth", exports=Decimal("0.06"), imports=Decimal("-0.5"))
    path = baseline.forecast(stated, SHORT, NEXT, 6)
    grown = Fraction("1.06")
    assert list(path["exports_usd_mn"]) == [
        14 * grown,
        24 * grown,
        34 * grown,
        45 * grown,
        14 * grown**2,
        24 * grown**2,
    ]
    assert list(path["imports_usd_mn"][:5]) == [1, 1, 1, Fraction("1.05"), Fraction("0.5")]
    assert stated.words.endswith("by a stated +6 % a year in exports and -50 % in imports")
    with pytest.raises(ValueError, match="needs 4 quarters of history, there are 3"):
        baseline.forecast(stated, SHORT.iloc[:3], NEXT, 6)


def test_stated_growth_starts_from_the_nowcast_and_has_no_errors():
    result = answer.solve(
        gather("even", draws=100, changes={"baseline": {"method": "growth", "exports": 0, "imports": 0}})
    )
    running = nowcast.running(result.known)
    path = result.baseline["exports_usd_mn"]
    assert path.iloc[0] == path.iloc[4] == running.values[0]
    assert path.iloc[1] == Fraction(result.known.history["exports_usd_mn"].iloc[-3])
    assert result.paths is None
    assert result.gap_last_four == result.known.gap_last_four


@pytest.mark.parametrize("method", sorted(baseline.METHODS))
def test_too_short_a_history_is_refused_with_both_lengths(method):
    needed = baseline.METHODS[method].needs
    with pytest.raises(ValueError, match=f"needs {needed} quarters of history, there are {needed - 1}"):
        baseline.forecast(Baseline(method=method), noisy().iloc[: needed - 1], NEXT, 4)
    assert len(exports(method, 4, noisy().iloc[:needed])) == 4


@pytest.mark.parametrize("method", ESTIMATED)
def test_quarters_without_trade_do_not_count_for_a_method_on_logs(method):
    closed = noisy()
    closed.iloc[:50, 0] = Decimal(0)
    if method == "seasonal_naive_drift":
        assert exports(method, 8, closed) == exports(method, 8, closed.iloc[50:])
    else:
        with pytest.raises(ValueError, match="there are 10"):
            exports(method, 8, closed)


def test_the_words_say_what_is_held_and_what_is_estimated_to_when():
    assert Baseline(method="hold").words == "the mean of the last four quarters held"
    assert Baseline(method="ets").words.endswith("for two years; after them its growth fades by a tenth a quarter")
    assert "estimated on figures to 2025Q1" in Baseline(method="sarima", estimate_to=quarter("2025Q1")).words


def test_a_scenario_estimates_to_the_quarter_it_names():
    changes = {"baseline.method": "seasonal_naive_drift", "baseline.estimate_to": "2025Q1"}
    result = answer.solve(gather("as_announced", changes=changes))
    running = nowcast.running(result.known)
    history = result.known.history["exports_usd_mn"].astype(float)
    until = [q for q in history.index if q <= quarter("2025Q1")][-baseline.WINDOW :]
    growth = np.log(history[until]).diff(4).mean()
    first, second = (float(value) for value in result.baseline["exports_usd_mn"].iloc[:2])
    assert first == float(running.values[0])
    assert second == pytest.approx(history.iloc[-3] * math.exp(growth), abs=0.06)
    assert "estimated on figures to 2025Q1" in result.scenario.baseline.words


def test_a_scenario_that_leaves_too_little_to_estimate_on_is_refused_with_its_key():
    with pytest.raises(Refused) as refusal:
        gather("even", changes={"baseline.method": "ets", "baseline.estimate_to": "1996Q4"})
    (problem,) = refusal.value.problems
    assert (problem.column, problem.value, problem.code) == ("baseline.estimate_to", "1996Q4", "empty")
    assert "needs 16 quarters up to it" in problem.reason


def test_a_month_that_leaves_too_little_trade_for_the_method_is_refused():
    with pytest.raises(Refused, match="8 quarters with trade both ways were published by 1996-02"):
        gather("even", changes={"baseline.method": "ets"}, as_of="1996-02")
