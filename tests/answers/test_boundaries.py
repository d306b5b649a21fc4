"""The edges of the model: the horizon's ends, a past window, a room exactly full, shares of 0 and 1, few draws."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import FIRST, beta, component, fixed
from tradebalance.answers.draws import BLOCK, Common, Points, Quantiles, Raised, RandomBlock, random_blocks
from tradebalance.answers.gap import Calendar
from tradebalance.answers.simulation import simulate
from tradebalance.assumptions.delivery import Pace, due, queued, schedule, served

LAST = FIRST + 3
CALENDAR, BASE = Calendar(FIRST, 4), [Fraction(1000)] * 4


def outcome(one, **limits):
    """What a certain component brings in each quarter, and the steps that took something off."""
    result = simulate([one], BASE, CALENDAR, 1, 1, **limits)
    brought = [base - gap for base, gap in zip(BASE, result.gap["mean"], strict=True)]
    steps = result.steps["mean"].drop("announced")
    return brought, {step: amount for step, amount in steps.items() if amount}


@pytest.mark.parametrize(
    ("quarter", "factors", "brought", "steps"),
    [
        (FIRST, {}, [100, 0, 0, 0], {}),
        (LAST, {}, [0, 0, 0, 100], {}),
        (LAST, {"slip": fixed(1)}, [0] * 4, {"after_the_horizon": -100}),
        (LAST + 1, {}, [0] * 4, {"after_the_horizon": -100}),
        (LAST, {"lag": 1}, [0] * 4, {"recorded_after_the_horizon": -100}),
        (LAST - 1, {"lag": 1}, [0, 0, 0, 100], {}),
        (FIRST, {"lag": 3}, [0, 0, 0, 100], {}),
        (FIRST, {"lag": 4}, [0] * 4, {"recorded_after_the_horizon": -100}),
        (FIRST, {"lag": 5}, [0] * 4, {"recorded_after_the_horizon": -100}),
    ],
)
def test_what_falls_on_an_end_of_the_horizon_is_inside_and_a_quarter_beyond_is_not(quarter, factors, brought, steps):
    assert outcome(component("A", 100, {quarter: Fraction(1)}, **factors)) == (brought, steps)


def test_a_window_over_before_the_forecast_is_due_at_once_and_a_slip_moves_it():
    over = schedule(Pace(quarters=4), FIRST, pd.period_range(end=FIRST - 1, periods=4, freq="Q"))
    assert outcome(component("A", 100, over)) == ([100, 0, 0, 0], {})
    assert outcome(component("A", 100, over, slip=fixed(2))) == ([0, 0, 100, 0], {})
    found = due(np.array([Fraction(1, 2)] * 2), 4)
    assert [[*within, beyond] for within, beyond in zip(found.within, found.beyond, strict=True)] == [
        [Fraction(1, 2), Fraction(1, 2), 0, 0, 0],
        [0, Fraction(1, 2), Fraction(1, 2), 0, 0],
        [0, 0, Fraction(1, 2), Fraction(1, 2), 0],
        [0, 0, 0, Fraction(1, 2), Fraction(1, 2)],
        [0, 0, 0, 0, 1],
    ]
    assert outcome(component("A", 100, over, slip=fixed(99))) == ([0, 0, 0, 0], {"after_the_horizon": -100})


@pytest.mark.parametrize(("room", "brought", "waits"), [(101, 100, 0), (100, 100, 0), (99, 99, 1), (0, 0, 100)])
def test_a_room_that_is_exactly_full_makes_nobody_wait(room, brought, waits):
    limits = {"capacities": {"aircraft": [Fraction(room)] * 4}}
    one = component("A", 100, {LAST: Fraction(1)})
    steps = {"no_room_in_time": -waits} if waits else {}
    assert outcome(one, **limits) == ([0, 0, 0, brought], steps)


def test_what_waited_takes_the_next_quarters_room_to_the_last_dollar():
    wanted = np.array([[Fraction(150), Fraction(50), Fraction(0)]], dtype=object)
    leaving, waiting = queued(served([wanted], [wanted * 0 + 1], [Fraction(100)] * 3), wanted)
    assert (leaving[0].tolist(), waiting[0]) == ([100, 100, 0], 0)


FACTORS = ["goods", "landed", "price", "conversion", "capture", "valuation", "additionality"]


@pytest.mark.parametrize("factor", FACTORS)
def test_a_share_of_nothing_leaves_nothing_and_a_share_of_all_leaves_all(factor):
    now = {FIRST: Fraction(1)}
    for share in (0, 1):
        brought, steps = outcome(component("A", 100, now, **{factor: fixed(share)}))
        assert brought == [100 * share, 0, 0, 0]
        assert sum(steps.values()) == 100 * share - 100
        assert len(steps) == 1 - share


@pytest.mark.parametrize("share", [0, 1])
def test_a_coin_of_0_never_comes_up_and_one_of_1_always_does(share):
    block = RandomBlock(1, 0, BLOCK)
    for common in (Common("political", 0.0), Common("political", 0.9)):
        assert set(block.coin("A", np.full(BLOCK, float(share)), common)) == {share}
    one = component("A", 100, {FIRST: Fraction(1)}, is_coin=True, conversion=fixed(share), goods=beta(2, 2, "goods"))
    result = simulate([one], BASE, CALENDAR, 500, 1)
    assert result.draws == 500
    assert (result.totals.at["credited", "mean"] > 0) == bool(share)


def test_a_share_is_raised_to_1_and_no_further():
    drawn = beta(2, 2, "conversion.mou")
    as_it_is, raised, whole = (
        Raised(1, 0, 500, sections=("conversion",), times=times).value(drawn) for times in (1.0, 2.0, 1e12)
    )
    np.testing.assert_array_equal(raised, np.minimum(1.0, 2 * as_it_is))
    assert set(whole) == {1.0}
    assert Points((None,)).value(drawn) == pytest.approx(0.5)


# --- the horizon's length, and the number of draws ------------------------------------------------


@pytest.mark.parametrize("quarters", [1, 3, 4, 5])
def test_four_quarters_are_counted_from_the_fourth_on(quarters):
    calendar = Calendar(FIRST, quarters)
    base = [Fraction(100)] * quarters
    at = simulate([component("A", 100, {FIRST: Fraction(1)})], base, calendar, 1, 1, levels=(300.0, 299.0)).at_or_below
    assert [str(quarter) for quarter in at.index] == [str(FIRST + n) for n in range(3, quarters)]
    assert at[300.0].tolist() == [1.0, 0.0][: max(quarters - 3, 0)]  # the first four hold the quarter that is closed
    assert at[299.0].tolist() == [0.0, 0.0][: max(quarters - 3, 0)]


@pytest.mark.parametrize(
    ("draws", "sizes"),
    [(0, []), (1, [1]), (BLOCK - 1, [BLOCK - 1]), (BLOCK, [BLOCK]), (BLOCK + 1, [BLOCK, 1])],
)
def test_draws_are_cut_into_blocks_without_one_lost_or_added(draws, sizes):
    assert [block.size for block in random_blocks(1, draws)] == sizes


def test_no_draws_have_no_quantile():
    with pytest.raises(ValueError, match="no draws were added"):
        Quantiles().at(0.5)


@pytest.mark.parametrize("draws", [1, 2, 3])
def test_few_draws_have_their_least_and_their_greatest_at_the_ends(draws):
    quantiles = Quantiles()
    quantiles.add(np.arange(draws, dtype=float)[:, None])
    assert quantiles.at(0.0)[0] == pytest.approx(0)
    assert quantiles.at(1.0)[0] == pytest.approx(draws - 1)
