"""What an event cancels: of what has not arrived by then, in its share of the draws, and counted on its own."""

from fractions import Fraction

import numpy as np
import pytest

from builders import FIRST, beta, component, fixed, gather
from tradebalance.answers import following, simulation
from tradebalance.answers.answer import solve
from tradebalance.answers.draws import Exact, Points, RandomBlock
from tradebalance.answers.gap import Calendar
from tradebalance.answers.model import model
from tradebalance.assumptions.delivery import Pace, schedule
from tradebalance.assumptions.events import Hit

CALENDAR = Calendar(FIRST, 8)
EVEN = schedule(Pace(quarters=10), FIRST)  # a tenth a quarter, two of them after the horizon
HALF = Hit("crisis", 3, Fraction(1), Fraction(1, 2))
TAXED = {"tariff": "in_force", "tariff_effect.takes_effect": 0.4}


def follow(one, source=None, calendar=CALENDAR, capacity=None):
    (traced,) = following.trace([one], source or Exact(), calendar, capacity)
    return traced


def test_what_has_arrived_is_not_cancelled_and_of_the_rest_the_share_is():
    """1,000 in ten quarters; half of it cancelled from the fourth on: 3 x 100 + 5 x 50 arrive, 2 x 50 are to come."""
    traced = follow(component(due=EVEN, hits=(HALF,)))
    assert list(traced.delivered[0]) == [100, 100, 100, 50, 50, 50, 50, 50]
    assert traced.steps["cancelled_by_an_event"][0] == -350
    assert traced.steps["after_the_horizon"][0] == -100
    assert traced.steps["cancelled"][0] == 0


def test_an_event_strikes_what_cancellations_have_left():
    one = component(due=EVEN, hazard=fixed("0.03"), hits=(HALF,))
    traced, calm = follow(one), follow(component(due=EVEN, hazard=fixed("0.03")))
    assert traced.steps["cancelled"][0] == calm.steps["cancelled"][0]
    spared = calm.delivered[0] - traced.delivered[0]
    assert list(spared[:3]) == [0, 0, 0]
    assert list(spared[3:]) == [amount / 2 for amount in calm.delivered[0][3:]]


def test_two_events_strike_one_after_the_other():
    other = Hit("war", 5, Fraction(1), Fraction(1, 2))
    assert list(follow(component(due=EVEN, hits=(HALF, other))).delivered[0]) == [100, 100, 100, 50, 50, 25, 25, 25]


def test_what_waits_for_room_when_the_event_comes_has_not_arrived():
    """With room for 60 a quarter, 40 wait after the first; all is cancelled in the second quarter."""
    traced = follow(component(due=EVEN, hits=(Hit("end", 1, Fraction(1), Fraction(1)),)), capacity=[Fraction(60)] * 8)
    assert list(traced.delivered[0]) == [60, *[0] * 7]
    assert traced.steps["cancelled_by_an_event"][0] == -940
    assert traced.steps["no_room_in_time"][0] == 0


def test_scheduled_delivered_to_come_and_never_realised_are_credited_in_every_draw():
    one = component(
        due=EVEN, hazard=beta(2, 30, "hazard"), conversion=beta(2, 2, "conversion"), is_coin=True,
        hits=(Hit("crisis", 3, Fraction(3, 10), Fraction(1, 2)), Hit("war", 6, Fraction(1, 2), Fraction(1))),
    )  # fmt: skip
    traced = follow(one, RandomBlock(3, 0, 500), capacity=[Fraction(80)] * 8)
    reasons = ("cancelled", "cancelled_by_an_event", "after_the_horizon", "no_room_in_time")
    parts = [traced.delivered.sum(axis=1), *(-traced.steps[reason] for reason in reasons)]
    assert min(part.min() for part in parts) >= 0
    np.testing.assert_allclose(sum(parts), traced.credited, rtol=1e-9, atol=1e-9)


def test_an_event_happens_in_its_share_of_the_draws_and_to_all_it_names_at_once():
    hit = Hit("crisis", 0, Fraction(3, 10), Fraction(1))
    block = RandomBlock(1, 0, 8192)
    left = [following.spared(component(name, due=EVEN, hits=(hit,)), block, CALENDAR)[:, 0] for name in "AB"]
    assert set(left[0]) == {0.0, 1.0}
    assert left[0].mean() == pytest.approx(0.7, abs=0.015)
    assert (left[0] == left[1]).all()
    other = following.spared(component("A", hits=(Hit("war", 0, Fraction(3, 10), Fraction(1)),)), block, CALENDAR)
    assert abs(np.corrcoef(left[0], other[:, 0])[0, 1]) < 0.05


def test_on_the_mean_path_an_event_happens_in_part():
    hit = Hit("crisis", 4, Fraction(1, 4), Fraction(1, 2))
    left = following.spared(component(due=EVEN, hits=(hit,)), Points((None,)), CALENDAR)[0]
    assert list(left[:4]) == [1.0] * 4
    assert list(left[4:]) == [0.875] * 5


def test_an_event_that_may_happen_is_drawn_and_one_that_must_is_exact():
    certain, chance = (
        component(due=EVEN, hits=(Hit("x", 0, of, Fraction(1, 2)),)) for of in (Fraction(1), Fraction(1, 2))
    )
    assert simulation.is_exact([certain])
    assert not simulation.is_exact([chance])


def test_with_the_tariff_and_without_it_are_the_draws_of_its_own_coin():
    """The event hangs on the coin by which exports fall: together the two events strike every draw once."""
    tied = [{"name": "with", "cancels": 1, "of": ["VJ-737-200"], "if": "tariff"},
            {"name": "without", "cancels": 1, "of": ["VJ-737-200"], "if": "no tariff"}]  # fmt: skip
    found = []
    for which in (tied[:1], tied[1:]):
        of = model(gather("slipped", changes={**TAXED, "events": which}))
        (jets,) = [part for part in of.components if part.id == "VJ-737-200"]
        found.append((of, following.spared(jets, RandomBlock(1, 0, 4000), of.calendar)[:, 0]))
    (of, with_it), (_, without) = found
    assert ((with_it == 0) ^ (without == 0)).all()
    assert without.mean() == pytest.approx(0.4, abs=0.03)
    by_exports, _ = of.moved.factors(RandomBlock(1, 0, 4000))
    assert ((by_exports != 1).any(axis=1) == (with_it == 0)).all()


def test_the_steps_of_a_scenario_with_events_add_up_and_other_categories_stay():
    crisis = [{"name": "crisis", "on": "2029Q1", "chance": 0.3, "cancels": 0.25, "of": ["aircraft"]}]
    calm, struck = (solve(gather("published", draws=800, changes=c)).simulated for c in ({}, {"events": crisis}))
    for column in ("mean", "order_free"):
        assert struck.steps[column].sum() == pytest.approx(struck.totals.at["additional", "mean"], rel=1e-9)
    assert struck.steps.at["cancelled_by_an_event", "mean"] < 0 == calm.steps.at["cancelled_by_an_event", "mean"]
    others = [name for name in calm.by_component.index if not name.endswith("aircraft") and "737" not in name]
    assert (struck.by_component.loc[others] == calm.by_component.loc[others]).all(axis=None)
