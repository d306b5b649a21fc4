"""Schedules: exact shares that add up to 1, windows, delays."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import FIRST, paces, windows
from tradebalance.assumptions import delivery
from tradebalance.assumptions.delivery import PROFILES, Delivery, Pace, printed_window, schedule
from tradebalance.words import cells
from tradebalance.words.terms import quarter


def profile(name: str, quarters: int) -> list[Fraction]:
    return PROFILES[name].weights(quarters)


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


@given(paces, windows)
def test_a_delay_never_raises_cumulative_delivery_by_any_date(pace, window):
    later = pace.model_copy(update={"delay_quarters": pace.delay_quarters + 1})
    early, late = schedule(pace, FIRST, window), schedule(later, FIRST, window)
    for when in pd.period_range(min(early), max(late), freq="Q"):
        assert sum(s for q, s in late.items() if q <= when) <= sum(s for q, s in early.items() if q <= when)


def test_front_loaded_leads_and_back_loaded_trails_at_every_date():
    totals = {name: pd.Series([float(w) for w in profile(name, 12)]).cumsum()[:-1] for name in PROFILES}
    assert (totals["front_loaded"] > totals["uniform"]).all()
    assert (totals["uniform"] > totals["back_loaded"]).all()


def test_the_deals_own_window_replaces_the_length_but_not_the_delay():
    window = pd.period_range("2030Q1", "2032Q4", freq="Q")
    shares = schedule(Pace(quarters=40, delay_quarters=2), FIRST, window)
    assert (min(shares), max(shares)) == (quarter("2030Q3"), quarter("2033Q2"))
    assert set(shares.values()) == {Fraction(1, 12)}


def test_milestones_are_quarters_that_only_the_delay_moves():
    pace = Pace(milestones={"2027Q1": Decimal("0.4"), "2028Q1": Decimal("0.6")}, delay_quarters=1)
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
    own = Pace(profile="front_loaded", quarters=12)
    plan = Delivery(**{"from": "now"}, profile="uniform", quarters=40, by_category={"agriculture": own})
    assert plan.pace_of("agriculture") == own
    assert plan.pace_of("energy") is plan


# --- slip and capacity ----------------------------------------------------------------------------

fractions = st.integers(0, 500).map(lambda n: Fraction(n, 7))


def test_a_window_is_held_against_the_calendar():
    """What is late comes in what is left of the window, which does not move on; of a window that is over, at once."""
    window = pd.period_range(FIRST - 3, periods=6, freq="Q")
    assert schedule(Pace(), FIRST, window) == dict.fromkeys(pd.period_range(FIRST, periods=3, freq="Q"), Fraction(1, 3))
    assert schedule(Pace(), FIRST + 1, window) == {FIRST + 1: Fraction(1, 2), FIRST + 2: Fraction(1, 2)}
    assert schedule(Pace(), FIRST + 9, window) == {FIRST + 9: 1}
    assert schedule(Pace(delay_quarters=9), FIRST, window) == {q + 9: Fraction(1, 6) for q in window}
    milestones = Pace(milestones={FIRST - 2: Decimal("0.4"), FIRST - 1: Decimal("0.1"), FIRST + 2: Decimal("0.5")})
    assert schedule(milestones, FIRST) == {FIRST: Fraction(1, 2), FIRST + 2: Fraction(1, 2)}


@given(st.sampled_from(sorted(PROFILES)), st.integers(1, 20), st.integers(0, 12), st.integers(0, 20))
def test_what_is_due_adds_up_to_one_however_late(name, quarters, first, slip):
    weights = np.array(profile(name, quarters), dtype=object)
    found = delivery.due(weights, 8)
    assert (found.within.sum(axis=1) + found.beyond == 1).all()
    at = first + slip
    assert list(found.within[min(at, 8)]) == [*[0] * at, *weights, *[0] * 8][:8]


def test_the_mean_over_delays_is_that_of_their_schedules():
    """Half on time, a quarter a quarter late, a quarter far beyond the horizon."""
    found = delivery.due(np.array([Fraction(1, 2)] * 2), 4)
    mean = found.spread(np.array([Fraction(1, 2), Fraction(1, 4), 0, 0, 0, 0, 0, Fraction(1, 4)]))
    assert list(mean.within[1]) == [0, Fraction(1, 4), Fraction(3, 8), Fraction(1, 8)]
    assert mean.beyond[1] == Fraction(1, 4)


def let_through(wanted, alive, room):
    """What leaves and what waits of each deal where all share a room a quarter."""
    served = delivery.served(wanted, alive, room)
    return map(np.array, zip(*(delivery.queued(served, each) for each in wanted), strict=True))


@given(st.lists(st.lists(fractions, min_size=6, max_size=6), min_size=1, max_size=3), fractions)
def test_what_does_not_fit_waits_and_nothing_is_lost(amounts, room):
    wanted = np.array(amounts, dtype=object)[:, None, :]
    alive = np.full(wanted.shape, Fraction(1), dtype=object)
    leaving, waiting = let_through(wanted, alive, [room] * 6)
    assert (leaving.sum(axis=2) + waiting == wanted.sum(axis=2)).all()
    assert (leaving.sum(axis=0) <= room).all()
    assert (np.cumsum(leaving, axis=2) <= np.cumsum(wanted, axis=2)).all()
    busy = np.cumsum(wanted.sum(axis=0), axis=1) > np.cumsum(leaving.sum(axis=0), axis=1)
    assert (leaving.sum(axis=0)[busy] == room).all()  # nobody waits while there is room


@given(st.lists(fractions, min_size=6, max_size=6), st.lists(fractions, min_size=6, max_size=6), fractions)
def test_what_a_dollar_comes_to_in_turn_is_what_leaves_of_it_and_what_waits(amounts, worth, room):
    wanted, each = (np.array([of], dtype=object) for of in (amounts, worth))
    served = delivery.served([wanted], [0 * wanted + 1], [room] * 6)
    leaving, waiting = delivery.queued(served, wanted)
    assert (wanted * delivery.in_turn(served, each)).sum() == (leaving * each).sum()
    assert (wanted * delivery.in_turn(served, 0 * each, 1)).sum() == waiting[0]


def test_capacity_bounds_what_arrives_after_cancellations():
    wanted, alive = np.full((1, 1, 3), 100.0), np.array([[[1.0, 0.5, 0.5]]])
    leaving, waiting = let_through(wanted, alive, np.array([50.0, 50.0, 50.0]))
    assert leaving[0][0].tolist() == [50.0, 100.0, 100.0]  # half of each later hundred has been cancelled
    assert waiting[0][0] == pytest.approx(50)
