"""Errors of a baseline: how large, how they go together, and that draws hold what was measured."""

import numpy as np
import pandas as pd
import pytest

from builders import pooled_errors, trade
from tradebalance.assumptions import baseline, fan
from tradebalance.assumptions.baseline import Baseline
from tradebalance.words.terms import quarter

NEXT = quarter("2026Q3")
WIDE_HORIZON = 24


def walk(seed: int, quarters: int = 60, correlation: float = 0.0, size: float = 0.1) -> pd.DataFrame:
    """Exports and imports that are random walks in logs, with steps of a known size and correlation."""
    normals = np.random.default_rng(seed).standard_normal((quarters, 2))
    imports = correlation * normals[:, 0] + np.sqrt(1 - correlation**2) * normals[:, 1]
    paths = [level * np.exp(size * steps.cumsum()) for level, steps in ((30_000, normals[:, 0]), (3_000, imports))]
    return trade(*paths, last="2026Q2")


def normals(draws: int, quarters: int = 8, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((draws, quarters, 2))


def long(correlation: float, window: int, monkeypatch) -> fan.Errors:
    """The errors of naive on a long record, so that what is measured is near what was put in."""
    monkeypatch.setattr(fan, "ORIGINS", window)
    return fan.errors(Baseline(method="naive"), walk(5, window + 20, correlation))


@pytest.mark.parametrize("method", sorted(baseline.METHODS))
def test_the_median_is_the_path_without_errors(method):
    found = fan.fan(Baseline(method=method), walk(1), NEXT, WIDE_HORIZON, pooled=pooled_errors())
    path = baseline.forecast(Baseline(method=method), walk(1), NEXT, WIDE_HORIZON)
    for drawn, column in zip(found.draw(np.zeros((1, WIDE_HORIZON, 2))), baseline.COLUMNS, strict=True):
        assert drawn[0] == pytest.approx(path[column].astype(float).to_numpy(), rel=1e-12)
    for drawn, column in zip(found.draw(normals(8001, WIDE_HORIZON)), baseline.COLUMNS, strict=True):
        assert np.median(drawn, axis=0) == pytest.approx(path[column].astype(float).to_numpy(), rel=0.04)
        assert drawn.min() > 0


def test_the_size_of_the_errors_of_a_walk_grows_as_the_root_of_the_horizon(monkeypatch):
    errors = long(0.0, 1500, monkeypatch)
    assert errors.size(8)[0] == pytest.approx(0.1 * np.sqrt(np.arange(1, 9)), rel=0.1)
    assert errors.counts == tuple(range(1500, 1492, -1))


def test_the_correlation_of_the_flows_is_recovered_from_the_record_and_by_the_draws(monkeypatch):
    errors = long(0.6, 1500, monkeypatch)
    assert errors.correlations == pytest.approx([0.6] * 8, abs=0.1)
    path = baseline.forecast(Baseline(method="naive"), walk(5), NEXT, 8)
    exports, imports = fan.Fan(path, errors).draw(normals(100_000))
    drawn = [np.corrcoef(np.log(exports[:, h]), np.log(imports[:, h]))[0, 1] for h in range(8)]
    assert drawn == pytest.approx(list(errors.correlations), abs=0.01)


def test_a_correlation_that_rises_with_the_horizon_is_drawn_as_measured():
    errors = fan.Errors(((0.1, 0.15, 0.17, 0.2),) * 2, (0.14, 0.22, 0.3, 0.36), (40, 39, 38, 37))
    path = baseline.forecast(Baseline(method="naive"), walk(5), NEXT, 6)
    drawn = fan.Fan(path, errors).draw(normals(200_000, 6))
    logs = [np.log(flow) - np.log(np.median(flow, axis=0)) for flow in drawn]
    found = [np.corrcoef(logs[0][:, h], logs[1][:, h])[0, 1] for h in range(6)]
    assert found == pytest.approx([0.14, 0.22, 0.3, 0.36, 0.36, 0.36], abs=0.01)
    sizes = [0.1, 0.15, 0.17, 0.2, 0.2 * np.sqrt(5 / 4), 0.2 * np.sqrt(6 / 4)]
    assert logs[0].std(axis=0) == pytest.approx(sizes, rel=0.01)
    assert np.corrcoef(logs[0][:, 0], logs[0][:, 3])[0, 1] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("walks", "within"), [(60, 0.08), pytest.param(250, 0.05, marks=pytest.mark.slow)])
def test_the_band_of_a_walk_covers_its_nominal_share(walks, within):
    """Of walks that go on as they were, how often the 80 % band of the first, fourth and eighth quarter holds."""
    inside, steps = [], normals(2000)
    for seed in range(walks):
        whole = walk(1000 + seed, 68, 0.3)
        known, after = whole.iloc[:60], whole.iloc[60:]
        drawn = fan.fan(Baseline(method="naive"), known, NEXT, 8).draw(steps)
        for flow, column in zip(drawn, baseline.COLUMNS, strict=True):
            low, high = np.quantile(flow, [0.1, 0.9], axis=0)
            outturn = after[column].astype(float).to_numpy()
            inside.append(((low <= outturn) & (outturn <= high))[[0, 3, 7]])
    # 40 overlapping errors give the size at eight quarters a spread of a quarter, which costs a few points
    assert np.mean(inside, axis=0) == pytest.approx([0.79, 0.77, 0.75], abs=within)


def test_the_same_normals_give_the_same_bytes_and_a_draw_does_not_depend_on_the_others():
    found = fan.fan(Baseline(method="sarima"), walk(1), NEXT, 8)
    again = fan.fan(Baseline(method="sarima"), walk(1), NEXT, 8)
    many, few = found.draw(normals(500)), again.draw(normals(500)[:20])
    assert [flow[:20].tobytes() for flow in many] == [flow.tobytes() for flow in few]


@pytest.mark.parametrize("method", sorted(baseline.METHODS))
def test_sizes_never_fall_with_the_horizon_and_grow_beyond_the_measured(method):
    errors = fan.errors(Baseline(method=method), walk(1), pooled_errors())
    sizes = errors.size(40)
    assert len(errors.counts) == 8
    assert (np.diff(sizes, axis=1) >= 0).all()
    far = np.array(errors.far or sizes[:, 7])
    assert sizes[:, 31] == pytest.approx(np.maximum(sizes[:, 7], 2 * far))
    assert bool(errors.far) == (method == "mixture")


def test_beyond_two_years_a_size_grows_from_that_of_all_years_and_never_falls():
    errors = fan.Errors(((0.1, 0.3), (0.2, 0.3)), (0.0, 0.0), (9, 9), far=(0.1, 0.2))
    assert list(errors.size(8)[0]) == pytest.approx([0.1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3])
    assert list(errors.size(8)[1]) == pytest.approx([0.2, 0.3, 0.3, 0.3, *(0.2 * np.sqrt([2.5, 3, 3.5, 4]))])


def test_an_error_uses_nothing_after_its_origin():
    history, changed = walk(3), walk(3)
    changed.iloc[50:, :2] = changed.iloc[50:, :2].map(lambda value: 2 * value)
    for method in baseline.METHODS:
        before, after = (fan.log_errors(method, table, [50]) for table in (history, changed))
        assert after - before == pytest.approx(np.full((1, 2, 8), np.log(2)), abs=1e-4)


def test_errors_after_estimate_to_are_left_out():
    history, shaken = walk(4), walk(4)
    shaken.iloc[-4:, 0] = shaken.iloc[-4:, 0].map(lambda value: 3 * value)
    until = history.index[-5]
    found = [fan.errors(Baseline(method="seasonal_naive", estimate_to=until), table) for table in (history, shaken)]
    assert found[0] == found[1]
    assert fan.errors(Baseline(method="seasonal_naive"), shaken).sizes[0][0] > 1.2 * found[1].sizes[0][0]


def test_a_method_that_runs_low_has_a_wider_fan():
    """Trade that grows by a tenth a quarter: holding misses by the growth, and every error counts from zero."""
    levels = [1000 * 1.1**t for t in range(60)]
    sizes = fan.errors(Baseline(method="naive"), trade(levels, levels)).sizes
    assert sizes[0] == pytest.approx(np.log(1.1) * np.arange(1, 9), rel=1e-3)


def test_a_stated_level_has_no_error():
    stated = Baseline(method="fixed", exports_usd_mn=31_400, imports_usd_mn=4_100)
    exports, imports = fan.fan(stated, walk(1).iloc[:0], NEXT, 8).draw(normals(5))
    assert set(exports.ravel()) == {31_400.0}
    assert set(imports.ravel()) == {4_100.0}


def test_a_short_record_gives_a_band_from_few_errors_and_a_shorter_one_none():
    needed = fan.needed_quarters("ets")
    errors = fan.errors(Baseline(method="ets"), walk(1).iloc[:needed])
    assert errors.counts == (8,)
    assert errors.size(4)[0] == pytest.approx(errors.sizes[0][0] * np.sqrt([1, 2, 3, 4]))
    with pytest.raises(ValueError, match=f"need {needed} quarters of history above zero, there are {needed - 1}"):
        fan.fan(Baseline(method="ets"), walk(1).iloc[: needed - 1], NEXT, 4)


def test_normals_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="5 quarters of 2 flows"):
        fan.fan(Baseline(method="hold"), walk(1), NEXT, 8).draw(normals(3, 5))
