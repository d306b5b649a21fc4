"""The width of the gap's future, in sums of four quarters, and whose it is."""

import dataclasses

import numpy as np
import pytest

from builders import FIRST, beta, component, model_of
from tradebalance.answers import model
from tradebalance.answers.gap import Calendar
from tradebalance.answers.sensitivity import outlook
from tradebalance.case import inputs

CALENDAR = Calendar(FIRST, 12)


def noisy(size):
    """Paths whose four-quarter sums have a known spread: one normal a draw, the same in each quarter."""

    def paths(block):
        return 50_000 + size * block.normals("trade", 1).repeat(12, axis=1)

    return paths


def test_bands_are_the_quantiles_of_four_quarters_sums():
    of = model_of([], CALENDAR, paths=noisy(1000), draws=20_000)
    found = outlook(of).with_deals
    assert list(found.index) == list(CALENDAR.quarters[3:])
    expected = 200_000 + 4000 * np.array([-1.645, -0.6745, 0, 0.6745, 1.645])
    np.testing.assert_allclose(found.iloc[5], expected, atol=120)


def test_the_shares_are_those_of_the_variances_and_add_up_to_one():
    deals = component("A", 8000, price=beta(2, 2, "p"))  # 4,000 in the first year: variance 4000^2 / 20
    of = model_of([deals], CALENDAR, paths=noisy(300), draws=50_000)
    found = outlook(of)
    variance = 4000**2 / 20
    share = variance / (variance + (4 * 300) ** 2)
    assert found.shares.iloc[0]["deals"] == pytest.approx(share, abs=0.01)
    assert found.shares.iloc[0]["trade"] == pytest.approx(1 - share, abs=0.01)
    assert abs(found.shares.iloc[0]["together"]) < 0.01
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    assert found.spreads.iloc[0].to_dict() == pytest.approx({"deals": variance**0.5, "trade": 1200}, rel=0.02)


def test_deals_that_come_with_a_high_gap_narrow_it():
    """The same stream moves both: the part together is minus twice the covariance over the whole."""
    deals = component("A", 8000, price=beta(1, 1, "p"))

    def paths(block):
        return 50_000 + 500 * (block.value(beta(1, 1, "p"), "A") - 0.5)[:, None].repeat(12, axis=1)

    found = outlook(model_of([deals], CALENDAR, paths=paths)).shares.iloc[0]
    # trade 2000 U - deals 4000 U: variances 4 and 16 parts, covariance 8, the whole (4000 - 2000)^2: 4 parts
    assert found.to_dict() == pytest.approx({"deals": 4, "trade": 1, "together": -4})


def test_the_deals_leave_the_gap_lower_by_what_they_add():
    of = model_of([component("A", 8000)], CALENDAR, paths=noisy(0))
    found = outlook(of)
    assert (found.without_deals - found.with_deals)["p50"].iloc[0] == pytest.approx(4000)
    assert (found.without_deals - found.with_deals)["p50"].iloc[-1] == pytest.approx(0, abs=1e-6)


def test_a_certain_path_has_no_shares_and_a_short_horizon_is_refused():
    of = model_of([component("A", 8000)], CALENDAR, paths=None)
    assert outlook(of).shares.empty
    with pytest.raises(ValueError, match="less than four quarters"):
        outlook(dataclasses.replace(of, calendar=Calendar(FIRST, 3)))


def test_the_shipped_gap_is_uncertain_by_trade_and_not_by_the_deals():
    found = outlook(model.model(inputs.gather("even", draws=4000)))
    assert (found.shares["deals"] < 0.001).all()
    assert (found.spreads["trade"] > 10_000).all()
