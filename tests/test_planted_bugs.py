"""Bugs that must not live: each is planted here, and the test that has to catch it is seen to fail.

A row names the bug, where it is planted, the wrong code, and its killer: a test of this suite. A
killer that passes with the bug in place fails here.
"""

import dataclasses
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import test_answer
import test_baseline
import test_case
import test_delivery
import test_evidence
import test_flows
import test_golden
import test_increments
import test_simulation
import test_tracking

from tradebalance import (
    baseline,
    commitments,
    credit,
    delivery,
    flows,
    gap,
    held_out,
    increments,
    inputs,
    store,
    track_inputs,
    tracking,
)
from tradebalance.answer import solve
from tradebalance.draws import RandomBlock
from tradebalance.problems import Refused
from tradebalance.terms import Role

schedule, trace, split, survival = delivery.schedule, gap.trace_component, commitments._split, gap.survival
observed, naive = gap.observed, baseline._seasonal_naive


def a_quarter_late(pace, first, window=None):
    return schedule(pace, first + 1, window)


def last_quarter_lost(pace, first, window=None):
    return dict(list(schedule(pace, first, window).items())[:-1])


def weights_of_the_wrong_total(quarters):
    return [Fraction(2 * (quarters - t), quarters * quarters) for t in range(quarters)]


def price_twice(value, values, before, shares, calendar, lag):
    discounted = dataclasses.replace(values, landed=values.landed * values.price)
    wrong = trace(value, discounted, before, shares, calendar, lag)
    return dataclasses.replace(wrong, steps=trace(value, values, before, shares, calendar, lag).steps)


def cancelled_by_subtraction(value, values, before, shares, calendar, lag):
    traced = trace(value, values, before, shares, calendar, lag)
    hidden = {"cancelled": traced.delivered.sum(axis=1) - traced.credited}
    return dataclasses.replace(traced, steps={**traced.steps, **hidden})


def bought_anyway_added(value, values, before, shares, calendar, lag):
    traced = trace(value, values, before, shares, calendar, lag)
    return dataclasses.replace(traced, steps={**traced.steps, "bought_anyway": -traced.steps["bought_anyway"]})


def due_before_arrives_now(value, values, before, shares, calendar, lag):
    return trace(value, values, 0 * before, [shares[0] + before, *shares[1:]], calendar, lag)


def hazard_a_quarter(hazard, quarters):
    return survival(4 * hazard, quarters)


def remainder_is_the_whole(top, whole, by_root, at):
    found = split(top, whole, by_root, at)
    return [dataclasses.replace(x, value_usd_mn=whole.value_usd_mn) if x.is_remainder else x for x in found]


def gap_of_the_other_side(snapshot, reporter):
    return observed(snapshot, "VNM" if reporter == "USA" else "USA")


def drift_every_quarter(history, quarters):
    drift = Fraction(history[-1] - history[0], len(history) - 1)
    return [value + drift * (t + 1) for t, value in enumerate(naive(history, quarters))]


def one_stream_for_all(self, name):
    return np.random.default_rng(self.seed + self.block).permutation(self.size) / self.size


def streams_by_turn(self, name):
    turns[0] += 1
    return np.random.default_rng([self.seed, turns[0]]).random(self.size)


turns = [0]
standing, lines_of, check_held_out = tracking.standing, tracking._lines, held_out.check


def gap_of_vietnam_in_every_case(snapshot, reporter, home="VNM"):
    return observed(snapshot, reporter)


def level_for_increment(self):
    return self.ratio


def linear_for_seasonal(lines, year, months, path):
    return Fraction(months, 12)


def aircraft_twice(pledge, group, product):
    found = lines_of(pledge, group, product)
    return found + [m for (name, _), m in pledge.lines.items() if name in group.lines and name == "aircraft_hs8800"]


def share_of_all_groups(pledge, group, product, through, last, path):
    whole = list(pledge.lines.values())
    wrong = dataclasses.replace(pledge, additions={key: value * wrong_weight(pledge, group, whole)
                                                   for key, value in pledge.additions.items()})  # fmt: skip
    return standing(wrong if product else pledge, group, product, through, last, path)


def wrong_weight(pledge, group, whole):
    own, every = (tracking._total(each, pledge.base_year, 12) for each in (lines_of(pledge, group, None), whole))
    return own / every


def absent_is_zero(pledge, group, product):
    months = pd.period_range("2017-01", "2020-12", freq="M")
    return [{month: line.get(month, Fraction(0)) for month in months} for line in lines_of(pledge, group, product)]


def base_in_the_increment(self):
    return self.exports


def windows_due_at_once(window, first, through, weights):
    return Fraction(1)


def held_out_stays_in(prior, outcomes, held_out_):
    return float(prior.parameters["a"]), float(prior.parameters["b"])


def phase_one_tests_itself(anchored, priors, episodes, figures, never_tested, file):
    return check_held_out(anchored, priors, episodes, figures, "nobody", file)


def phase_one():
    return track_inputs.gather(store.case("phase-one"))


def without_aircraft():
    test_tracking.test_the_base_year_and_both_published_targets_come_out(phase_one())


def printed_to_october():
    test_tracking.test_the_season_of_a_total_is_its_own_and_meets_the_printed_target_to_october(phase_one())


def aircraft_end_in_april():
    test_tracking.test_aircraft_end_in_april_and_are_told_of_and_the_total_with_them_goes_no_further(phase_one())


def as_announced():
    test_answer.test_as_announced_delivers_every_announced_dollar(
        {"as_announced": solve(inputs.gather("as_announced"))}
    )


def stalled():
    test_answer.test_stalled_counts_only_named_signed_deals({"stalled": solve(inputs.gather("stalled", draws=10))})


def known_years():
    test_flows.test_the_gap_of_known_years_on_the_us_book(store.read_flows(store.case().processed / "flows.csv"))


def cut_to_what_was_out():
    table = store.read_flows(store.case().processed / "flows.csv")
    test_flows.test_without_a_fresh_vintage_the_newest_is_cut_to_what_was_out(table)


def golden():
    test_golden.test_scenario("as_announced")


BRIDGE = test_simulation.test_the_bridge_adds_up_to_the_additional_imports_exactly
CREDITED = test_simulation.test_credited_is_due_before_plus_delivered_plus_still_to_come_plus_never_realised
SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation
BEFORE = test_simulation.test_what_was_due_before_the_forecast_is_shown_and_not_added
STREAMS = test_simulation.test_adding_or_reordering_deals_leaves_other_deals_as_they_were
ORACLE = test_simulation.test_the_draws_agree_with_the_convolution_of_independent_deals

TWO_MEASURES = test_tracking.test_level_and_increment_are_two_measures
PRODUCT = test_tracking.test_a_product_shares_the_addition_to_its_own_group_in_proportion_to_the_base_year
NEVER_ZERO = test_tracking.test_a_month_that_is_missing_is_never_zero
INCREMENT = (
    test_increments.test_the_increment_is_over_the_base_years_level_and_the_path_is_each_totals_share_of_its_window
)
HELD_OUT = test_evidence.test_an_episode_is_looked_for_in_the_prior_without_it

PLANTED = [
    ("schedule starts a quarter late", credit, "schedule", a_quarter_late, golden),
    ("schedule loses its last quarter", credit, "schedule", last_quarter_lost, as_announced),
    (
        "profile's shares are of the wrong total",
        delivery.PROFILES,
        "front_loaded",
        weights_of_the_wrong_total,
        test_delivery.test_a_profile_adds_up_to_exactly_one_and_is_never_negative,
    ),
    ("bridge applies the price twice", gap, "trace_component", price_twice, BRIDGE),
    ("equation applies the price twice", gap, "trace_component", price_twice, SECOND),
    ("bridge's cancelled is a subtraction", gap, "trace_component", cancelled_by_subtraction, CREDITED),
    ("bridge adds what is bought anyway", gap, "trace_component", bought_anyway_added, BRIDGE),
    ("what was due before arrives in the first quarter", gap, "trace_component", due_before_arrives_now, BEFORE),
    ("hazard is taken a quarter, not a year", gap, "survival", hazard_a_quarter, SECOND),
    ("ledger's remainder is the whole tranche", commitments, "_split", remainder_is_the_whole, as_announced),
    ("ledger counts subsets as parts", commitments, "PART_ROLES", tuple(Role), stalled),
    ("gap is seen from the other side", gap, "observed", gap_of_the_other_side, known_years),
    ("publication lag is a month short", flows, "PUBLICATION_LAG_MONTHS", {"USA": 1}, cut_to_what_was_out),
    (
        "drift is added every quarter",
        baseline.METHODS,
        "seasonal_naive_drift",
        drift_every_quarter,
        test_baseline.test_drift_adds_the_mean_yearly_change_once_a_year,
    ),
    ("deals share one stream", RandomBlock, "_uniform", one_stream_for_all, ORACLE),
    ("streams depend on the deals before", RandomBlock, "_uniform", streams_by_turn, STREAMS),
    (
        "gap is seen from the other side in another case",
        gap,
        "observed",
        gap_of_vietnam_in_every_case,
        test_case.test_seen_from_the_other_home_the_gap_changes_its_sign,
    ),
    (
        "track's increment is the level",
        tracking.Standing,
        "increment_ratio",
        property(level_for_increment),
        TWO_MEASURES,
    ),
    ("track's seasonal path is linear", tracking, "_share", linear_for_seasonal, printed_to_october),
    ("track counts aircraft twice", tracking, "_lines", aircraft_twice, without_aircraft),
    ("track's product shares all groups' total", tracking, "standing", share_of_all_groups, PRODUCT),
    ("track takes an absent month for zero", tracking, "_lines", absent_is_zero, NEVER_ZERO),
    ("track takes aircraft after April for zero", tracking, "_lines", absent_is_zero, aircraft_end_in_april),
    ("a rise is the level", increments.Rise, "increment", property(base_in_the_increment), INCREMENT),
    ("a total is due at once", increments, "_due", windows_due_at_once, INCREMENT),
    ("the episode held out stays in its prior", held_out, "without", held_out_stays_in, HELD_OUT),
    (
        "Phase One tests the priors made from it",
        held_out,
        "check",
        phase_one_tests_itself,
        test_evidence.test_phase_one_helps_to_make_a_prior_and_never_tests_it,
    ),
]


@pytest.mark.parametrize(
    ("place", "name", "bug", "killer"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED]
)
def test_a_planted_bug_is_caught(monkeypatch, place, name, bug, killer):
    if isinstance(place, dict):
        monkeypatch.setitem(place, name, bug)
    else:
        monkeypatch.setattr(place, name, bug)
    with pytest.raises((AssertionError, Refused)):
        killer()
