"""Bugs that must not live: each is planted here, and the test that has to catch it is seen to fail.

A row names the bug, where it is planted, the wrong code, and its killer: a test of this suite. A
killer that passes with the bug in place fails here.
"""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
import test_answer
import test_baseline
import test_break_even
import test_delivery
import test_distributions
import test_fan
import test_flows
import test_goal
import test_golden
import test_sensitivity
import test_simulation
import test_spread

from tradebalance import (
    baseline,
    break_even,
    commitments,
    credit,
    delivery,
    fan,
    flows,
    gap,
    inputs,
    levers,
    log_models,
    sensitivity,
    spread,
    store,
)
from tradebalance.answer import solve
from tradebalance.distributions import Assumption
from tradebalance.draws import INDEPENDENT, Points, Raised, RandomBlock
from tradebalance.problems import Refused
from tradebalance.terms import Role

schedule, record, credited, split = delivery.schedule, gap.record, gap.credit, commitments._split
due, survival, within_capacity = delivery.due, gap.survival, delivery.within_capacity
observed, log_errors, summary = gap.observed, fan.log_errors, fan._summary


def a_quarter_late(pace, first, window=None):
    return schedule(pace, first + 1, window)


def last_quarter_lost(pace, first, window=None):
    return dict(list(schedule(pace, first, window).items())[:-1])


def weights_of_the_wrong_total(quarters):
    return [Fraction(2 * (quarters - t), quarters * quarters) for t in range(quarters)]


def price_twice(value, values):
    amount, steps = credited(value, values)
    return amount * values.price, steps


def cancelled_by_subtraction(amount, values, due, leaving, waiting, lag):
    traced = record(amount, values, due, leaving, waiting, lag)
    hidden = {"cancelled": traced.delivered.sum(axis=1) - traced.credited}
    return dataclasses.replace(traced, steps={**traced.steps, **hidden})


def bought_anyway_added(amount, values, due, leaving, waiting, lag):
    traced = record(amount, values, due, leaving, waiting, lag)
    return dataclasses.replace(traced, steps={**traced.steps, "bought_anyway": -traced.steps["bought_anyway"]})


def additionality_twice(amount, values, due, leaving, waiting, lag):
    again = dataclasses.replace(values, capture=values.capture * values.additionality)
    return record(amount, again, due, leaving, waiting, lag)


def due_before_arrives_now(weights, first, horizon, slip):
    found = due(weights, first, horizon, slip)
    within = found.within.copy()
    within[:, 0] = within[:, 0] + found.before
    return dataclasses.replace(found, before=0 * found.before, within=within)


def slip_brings_forward(weights, first, horizon, slip):
    return due(weights, first, horizon, -slip)


def slip_loses_what_it_delays(weights, first, horizon, slip):
    late = due(weights, first, horizon, slip)
    return dataclasses.replace(late, beyond=due(weights, first, horizon, 0 * slip).beyond)


def capacity_cuts_instead_of_waiting(wanted, alive, capacity):
    _leaving, waiting = within_capacity(wanted, alive, capacity)
    room = np.inf if capacity is None else capacity[None, None, :]
    return np.minimum(wanted, room), 0 * waiting


def hazard_a_quarter(hazard, quarters):
    return survival(4 * hazard, quarters)


def remainder_is_the_whole(top, whole, by_root, at):
    found = split(top, whole, by_root, at)
    return [dataclasses.replace(x, value_usd_mn=whole.value_usd_mn) if x.is_remainder else x for x in found]


def gap_of_the_other_side(snapshot, reporter):
    return observed(snapshot, "VNM" if reporter == "USA" else "USA")


def drift_every_quarter(logs, known):
    change = (logs[known - 1] - logs[0]) / (known - 1)
    return tuple(logs[-4 + t % 4] + change * (t + 1) for t in range(8))


def grown_for_ever(path, quarters):
    growth = path[-1] / path[-5]
    return [path[t] if t < 8 else path[4 + t % 4] * growth ** (t // 4 - 1) for t in range(quarters)]


def a_quarter_ahead(method, history, origin):
    return log_errors(method, history.shift(-1).ffill(), origin)


def spread_about_the_mean(found):
    return summary(found - np.nanmean(found, axis=0))


def flows_apart(self, quarters):
    return np.zeros(quarters)


def errors_stop_growing(self, quarters):
    return np.array(self.sizes)[:, np.minimum(np.arange(quarters), len(self.counts) - 1)]


def one_stream_for_all(self, name, common):
    return np.random.default_rng(self.seed + self.block).permutation(self.size) / self.size


def streams_by_turn(self, name, common):
    turns[0] += 1
    return np.random.default_rng([self.seed, turns[0]]).random(self.size)


turns = [0]


def older_deals_convert_better(self, months):
    return aged(self, -min(months, 12))


def correlation_is_the_loading(self, name, common):
    return uniform(self, name, dataclasses.replace(common, correlation=common.correlation**2))


def goal_by_the_wrong_inequality(self, rates):
    return self.probability(rates) <= self.goal.confidence


def draws_below_the_share(self, rates):
    return float((rates <= self.goal.share).mean())


def shares_above_one(self, assumption, owner, common=None):
    values = RandomBlock.value(self, assumption, owner, common or INDEPENDENT)
    return self.times * values if assumption.path.split(".")[0] in self.sections else values


def samples_swapped(a, b, mixed, weights=None):
    return indices(b, a, mixed, weights)


def one_column_of_a_group(deals, of):
    return {label: {sorted(names)[0]} for label, names in streams(deals, of).items()}


def one_component_moves(self, assumption, owner, common=None):
    values = moved(self, assumption, owner)
    return values if owner == "A" else np.full_like(values, values[0])


def a_quarter_off(ratio, quarters):
    return yearly(ratio, quarters - 1)


def together_with_the_wrong_sign(means, quarters):
    found = parts(means, quarters)
    return found.assign(together=-found["together"])


indices, streams, moved = sensitivity.indices, sensitivity._streams, Points.value
yearly, parts = break_even._yearly, spread._parts
aged, uniform = Assumption.aged, RandomBlock._uniform


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


def held_after_two_years():
    test_baseline.test_after_two_years_the_second_year_is_held_with_its_seasons("sarima")


def sizes_grow():
    test_fan.test_sizes_never_fall_with_the_horizon_and_grow_beyond_the_measured("hold")


def certificates():
    test_goal.test_certificates_are_true(test_goal.drawn_model())


def holding_growth():
    test_break_even.test_exports_that_grow_at_the_holding_rate_hold_the_gap(test_break_even.growing_model(), 8)


BRIDGE = test_simulation.test_the_bridge_adds_up_to_the_additional_imports_exactly
CREDITED = test_simulation.test_credited_is_due_before_plus_delivered_plus_still_to_come_plus_never_realised
SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation
BEFORE = test_simulation.test_what_was_due_before_the_forecast_is_shown_and_not_added
SLIP = test_delivery.test_what_is_due_adds_up_to_one_however_late
ROOM = test_delivery.test_what_does_not_fit_waits_and_nothing_is_lost
AGE = test_distributions.test_a_deal_that_waits_longer_is_less_likely_to_become_binding
CORRELATION = test_simulation.test_deals_correlate_by_the_common_factor_as_stated
STREAMS = test_simulation.test_adding_or_reordering_deals_leaves_other_deals_as_they_were
ORACLE = test_simulation.test_the_draws_agree_with_the_convolution_of_independent_deals
GOAL = test_goal.test_a_certain_case_is_the_closed_form
PRODUCT = test_sensitivity.test_indices_of_a_product_of_shares_are_those_of_the_closed_form
GROUP = test_sensitivity.test_an_assumption_that_several_components_draw_apart_is_one_group
SWING = test_sensitivity.test_an_assumption_moves_all_components_that_look_it_up
TOGETHER = test_spread.test_deals_that_come_with_a_high_gap_narrow_it

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
    ("bridge applies the price twice", gap, "credit", price_twice, BRIDGE),
    ("equation applies the price twice", gap, "credit", price_twice, SECOND),
    ("additionality is applied twice", gap, "record", additionality_twice, SECOND),
    ("bridge's cancelled is a subtraction", gap, "record", cancelled_by_subtraction, CREDITED),
    ("bridge adds what is bought anyway", gap, "record", bought_anyway_added, BRIDGE),
    ("what was due before arrives in the first quarter", delivery, "due", due_before_arrives_now, BEFORE),
    ("a slip brings deliveries forward", delivery, "due", slip_brings_forward, SECOND),
    ("what slips past the horizon is lost", delivery, "due", slip_loses_what_it_delays, SLIP),
    (
        "capacity cuts deliveries instead of delaying",
        delivery,
        "within_capacity",
        capacity_cuts_instead_of_waiting,
        ROOM,
    ),
    ("a deal converts better the longer it waits", Assumption, "aged", older_deals_convert_better, AGE),
    ("a correlation is taken for its square root", RandomBlock, "_uniform", correlation_is_the_loading, CORRELATION),
    ("hazard is taken a quarter, not a year", gap, "survival", hazard_a_quarter, SECOND),
    ("ledger's remainder is the whole tranche", commitments, "_split", remainder_is_the_whole, as_announced),
    ("ledger counts subsets as parts", commitments, "PART_ROLES", tuple(Role), stalled),
    ("gap is seen from the other side", gap, "observed", gap_of_the_other_side, known_years),
    ("publication lag is a month short", flows, "PUBLICATION_LAG_MONTHS", {"USA": 1}, cut_to_what_was_out),
    (
        "drift is added every quarter",
        log_models.MODELS,
        "seasonal_naive_drift",
        drift_every_quarter,
        test_baseline.test_drift_multiplies_by_the_mean_yearly_growth_once_a_year,
    ),
    ("baseline grows for ever", baseline, "_held", grown_for_ever, held_after_two_years),
    (
        "baseline's errors see a quarter ahead",
        fan,
        "log_errors",
        a_quarter_ahead,
        test_fan.test_an_error_uses_nothing_after_its_origin,
    ),
    (
        "baseline's errors lose their bias",
        fan,
        "_summary",
        spread_about_the_mean,
        test_fan.test_a_method_that_runs_low_has_a_wider_fan,
    ),
    (
        "exports and imports err apart",
        fan.Errors,
        "step_correlation",
        flows_apart,
        test_fan.test_a_correlation_that_rises_with_the_horizon_is_drawn_as_measured,
    ),
    ("errors stop growing after two years", fan.Errors, "size", errors_stop_growing, sizes_grow),
    ("goal by the wrong inequality", levers.Trial, "meets", goal_by_the_wrong_inequality, GOAL),
    ("goal counts the draws below the share", levers.Trial, "probability", draws_below_the_share, GOAL),
    ("a share is raised above 1", Raised, "value", shares_above_one, certificates),
    ("indices with their two samples swapped", sensitivity, "indices", samples_swapped, PRODUCT),
    ("a group redraws one column only", sensitivity, "_streams", one_column_of_a_group, GROUP),
    ("tornado moves one component only", Points, "value", one_component_moves, SWING),
    ("break-even is off by a quarter", break_even, "_yearly", a_quarter_off, holding_growth),
    ("a covariance counts with the wrong sign", spread, "_parts", together_with_the_wrong_sign, TOGETHER),
    ("deals share one stream", RandomBlock, "_uniform", one_stream_for_all, ORACLE),
    ("streams depend on the deals before", RandomBlock, "_uniform", streams_by_turn, STREAMS),
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
