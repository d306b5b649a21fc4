"""Schedules: exact shares that add up to 1, windows, delays."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import FIRST, paces, starts
from tradebalance import cells, delivery
from tradebalance.delivery import PROFILES, Pace, printed_window, profile, schedule
from tradebalance.terms import quarter


@given(st.sampled_from(sorted(PROFILES)), st.integers(1, 200))
def test_a_profile_adds_up_to_exactly_one_and_is_never_negative(name, quarters):
    weights = profile(name, quarters)
    assert len(weights) == quarters
    assert sum(weights) == 1
    assert min(weights) >= 0


def test_profiles_of_four_quarters():
    assert profile("uniform", 4) == [Fraction(1, 4)] * 4
    assert profile("front_loaded", 4) == [Fraction(n, 10) for n in (4, 3, 2, 1)]
    assert profile("back_loaded", 4) == [Fraction(n, 10) for n in (1, 2, 3, 4)]


def test_the_s_curve_is_a_tenth_in_after_a_quarter_of_the_window_and_symmetric():
    weights = [float(w) for w in profile("s_curve", 40)]
    assert sum(weights[:20]) == pytest.approx(0.5)
    assert weights == pytest.approx(weights[::-1])
    # the logistic curve is cut to the window, which takes 1.2 % off each end and adds it inside
    low = 1 / (1 + 9**2)
    assert sum(weights[:10]) == pytest.approx((0.1 - low) / (1 - 2 * low))


@given(paces, starts)
def test_a_delay_never_raises_cumulative_delivery_by_any_date(pace, first):
    later = Pace(pace.profile, pace.quarters, pace.delay_quarters + 1)
    early, late = schedule(pace, first), schedule(later, first)
    for when in pd.period_range(min(early), max(late), freq="Q"):
        assert sum(s for q, s in late.items() if q <= when) <= sum(s for q, s in early.items() if q <= when)


def test_front_loaded_leads_and_back_loaded_trails_at_every_date():
    totals = {name: pd.Series([float(w) for w in profile(name, 12)]).cumsum()[:-1] for name in PROFILES}
    assert (totals["front_loaded"] > totals["uniform"]).all()
    assert (totals["uniform"] > totals["back_loaded"]).all()


def test_the_deals_own_window_replaces_the_length_but_not_the_delay():
    window = pd.period_range("2030Q1", "2032Q4", freq="Q")
    shares = schedule(Pace("uniform", 40, delay_quarters=2), FIRST, window)
    assert (min(shares), max(shares)) == (quarter("2030Q3"), quarter("2033Q2"))
    assert set(shares.values()) == {Fraction(1, 12)}


def test_milestones_are_quarters_that_only_the_delay_moves():
    milestones = ((quarter("2027Q1"), Decimal("0.4")), (quarter("2028Q1"), Decimal("0.6")))
    pace = Pace("milestones", 1, 1, milestones)
    expected = {quarter("2027Q2"): Fraction(2, 5), quarter("2028Q2"): Fraction(3, 5)}
    assert schedule(pace, FIRST) == expected
    assert schedule(pace, FIRST, pd.period_range("2040Q1", periods=4, freq="Q")) == expected


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        ("2030", "2032", ("2030Q1", "2032Q4")),
        ("2025-10", "2028", ("2025Q4", "2028Q4")),
        ("2025", "2028 for first 50; rest not stated", None),
        ("2025", "not stated", None),
        ("", "2032", None),
    ],
)
def test_only_a_window_printed_with_both_ends_counts(start, end, window):
    found = printed_window(cells.vague_date(start), cells.vague_date(end))
    assert (found is None) if window is None else (str(found[0]), str(found[-1])) == window


def test_a_category_without_a_pace_of_its_own_has_the_general_one():
    own, general = Pace("front_loaded", 12), Pace("uniform", 40)
    plan = delivery.Delivery("now", general, {"agriculture": own})
    assert plan.pace_of("agriculture") is own
    assert plan.pace_of("energy") is general
