"""Scores against their definitions and closed forms: of a band, a sample, a grid of quantiles."""

from statistics import NormalDist

import numpy as np
import pytest

from tradebalance.answers.score import PROBABILITIES
from tradebalance.assumptions import scoring

NORMAL = NormalDist(100, 10)
GRID = [NORMAL.inv_cdf(p) for p in PROBABILITIES]


def exact_crps(outturn: float, of: NormalDist = NORMAL) -> float:
    """Of a normal distribution (Gneiting and Raftery 2007, equation 21)."""
    score, standard = (outturn - of.mean) / of.stdev, NormalDist()
    return of.stdev * (score * (2 * standard.cdf(score) - 1) + 2 * standard.pdf(score) - 1 / np.sqrt(np.pi))


def test_the_interval_score_is_the_width_and_twenty_times_what_is_missed():
    assert scoring.interval_score(10, 30, 20) == 20
    assert scoring.interval_score(10, 30, 5) == pytest.approx(20 + 20 * 5)
    assert scoring.interval_score(10, 30, 31) == pytest.approx(20 + 20 * 1)


def test_the_crps_of_a_sample_is_the_mean_distance_less_half_that_between_draws():
    draws = np.random.default_rng(2).normal(3, 2, 200)
    apart = np.abs(draws[:, None] - draws[None, :]).mean()
    for outturn in (-1.0, 3.0, 20.0):
        expected = np.abs(draws - outturn).mean() - apart / 2
        assert scoring.crps_of_sample(draws, outturn) == pytest.approx(expected)
    assert scoring.crps_of_sample(np.full(50, 7.0), 4.0) == pytest.approx(3.0)


@pytest.mark.parametrize("outturn", [70, 92, 100, 113, 140])
def test_the_crps_of_a_grid_and_of_a_sample_are_those_of_their_distribution(outturn):
    expected = exact_crps(outturn)
    assert scoring.crps_of_quantiles(PROBABILITIES, GRID, outturn) == pytest.approx(expected, rel=0.03, abs=0.05)
    draws = np.random.default_rng(3).normal(100, 10, 200_000)
    assert scoring.crps_of_sample(draws, outturn) == pytest.approx(expected, abs=0.05)


def test_the_crps_of_a_point_is_its_absolute_error():
    assert scoring.crps_of_quantiles(PROBABILITIES, [80.0] * len(GRID), 92.0) == pytest.approx(12)


def test_the_transform_is_the_probability_below():
    assert scoring.pit_of_quantiles(PROBABILITIES, GRID, 100) == pytest.approx(0.5)
    assert scoring.pit_of_quantiles(PROBABILITIES, GRID, NORMAL.inv_cdf(0.83)) == pytest.approx(0.83, abs=0.005)
    assert [scoring.pit_of_quantiles(PROBABILITIES, GRID, outturn) for outturn in (0, 1000)] == [0, 1]
