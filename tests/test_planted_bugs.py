"""Bugs that must not live: each is planted here, and the test that has to catch it is seen to fail.

A row names the bug, where it is planted, the wrong code, and its killer: a test of this suite. A
killer that passes with the bug in place fails here.
"""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
import test_answer
import test_attribution
import test_baseline
import test_comparison
import test_delivery
import test_distributions
import test_fan
import test_flows
import test_frozen
import test_golden
import test_replay
import test_simulation

from tradebalance import (
    attribution,
    baseline,
    commitments,
    comparison,
    credit,
    delivery,
    fan,
    flows,
    frozen,
    gap,
    inputs,
    log_models,
    replay,
    scores,
    store,
)
from tradebalance.answer import solve
from tradebalance.distributions import Assumption
from tradebalance.draws import RandomBlock
from tradebalance.problems import Refused
from tradebalance.records import as_json
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


def _of_quarter(old, new, unchanged, changes):
    row = quarter_row(old, new, unchanged)
    changed = row | changes(row)
    rest = {name: changed[name] for name in attribution.TERMS if name != "residual"}
    return attribution._closed(rest, row["change"])


def deliveries_by_subtraction(old, new, unchanged):
    """The term takes what the others leave, tariffs forgotten, so the residual can show nothing."""
    others = ("outturn_exports", "outturn_imports", "baseline_exports", "baseline_imports", "displacement", "revision")

    def changes(row):
        return {"tariff": Fraction(0), "deliveries": row["change"] - sum(row[name] for name in others)}

    return _of_quarter(old, new, unchanged, changes)


def displacement_takes_off(old, new, unchanged):
    return _of_quarter(old, new, unchanged, lambda row: {"displacement": -row["displacement"]})


def ledger_is_in_deliveries(old, new, unchanged):
    return quarter_row(old, new, new)


def replay_sees_the_outturn(then, method):
    """The baseline is estimated on the figures of today."""
    today = inputs.known(then.scenario.reporter).history
    return without(dataclasses.replace(then, inputs=_knowing(then.inputs, today)), method)


def _knowing(of, history):
    shown = history.set_axis(history.index - (len(history) - len(of.known.history)))
    return dataclasses.replace(of, known=dataclasses.replace(of.known, history=shown))


def outturn_a_quarter_off(then, now):
    return outturn_of(then, now).shift(1).bfill()


def scored_a_quarter_off(frozen_, history):
    return scored(frozen_, history.set_axis(history.index + 1))


def half_the_penalty(low, high, outturn):
    return high - low + (interval_score(low, high, outturn) - high + low) / 2


def bought_with_the_baseline(answer, method, additional):
    """What the deals bring is scaled with the gap, as if a larger gap drew larger deliveries."""
    row = decision(answer, method, additional)
    return row | {"with_4": row["gap_4"] - row["additional_4"] * 2}


quarter_row, without, outturn_of = attribution._row, replay._without, replay.outturn_of
scored, interval_score, decision = frozen.scored, scores.interval_score, comparison._row
turns = [0]


def older_deals_convert_better(self, months):
    return aged(self, -min(months, 12))


def correlation_is_the_loading(self, name, common):
    return uniform(self, name, dataclasses.replace(common, correlation=common.correlation**2))


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


BRIDGE = test_simulation.test_the_bridge_adds_up_to_the_additional_imports_exactly
CREDITED = test_simulation.test_credited_is_due_before_plus_delivered_plus_still_to_come_plus_never_realised
SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation


def replayed():
    """A replay of May 2025, small, and what is known now."""
    return solve(inputs.gather("even", draws=2000, as_of="2025-05")), inputs.known("USA")


def replayed_bands():
    may, now = replayed()
    test_replay.test_a_quarters_band_is_that_of_the_answer_itself(replay.trial(may, now, ["hold"]), may)


def replayed_outturn():
    may, now = replayed()
    test_replay.test_the_outturn_of_the_trial_is_met(replay.trial(may, now, ["hold"]))


def frozen_scores():
    record = {**as_json(solve(inputs.gather("even", draws=300))), "changes": {}}
    test_frozen.test_a_later_release_scores_each_quarter_against_its_own_outturn(record)


def decided():
    test_comparison.test_a_row_is_the_gap_without_and_with_the_deals(solve(inputs.gather("even", draws=800)))


TARIFF_TERM = test_attribution.test_a_tariff_step_moves_its_own_term_alone
DISPLACED = test_attribution.test_displacement_moves_alone_where_deliveries_stay
LEDGER = test_attribution.test_the_ledgers_new_events_have_a_term_of_their_own
BEFORE = test_simulation.test_what_was_due_before_the_forecast_is_shown_and_not_added
SLIP = test_delivery.test_what_is_due_adds_up_to_one_however_late
ROOM = test_delivery.test_what_does_not_fit_waits_and_nothing_is_lost
AGE = test_distributions.test_a_deal_that_waits_longer_is_less_likely_to_become_binding
CORRELATION = test_simulation.test_deals_correlate_by_the_common_factor_as_stated
STREAMS = test_simulation.test_adding_or_reordering_deals_leaves_other_deals_as_they_were
ORACLE = test_simulation.test_the_draws_agree_with_the_convolution_of_independent_deals

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
    ("deliveries are what the other terms leave", attribution, "_row", deliveries_by_subtraction, TARIFF_TERM),
    ("what is bought anyway takes off the gap", attribution, "_row", displacement_takes_off, DISPLACED),
    ("new events of the ledger hide in deliveries", attribution, "_row", ledger_is_in_deliveries, LEDGER),
    ("a replay is estimated on the outturn", replay, "_without", replay_sees_the_outturn, replayed_bands),
    ("a replay's outturn is a quarter off", replay, "outturn_of", outturn_a_quarter_off, replayed_outturn),
    ("a forecast is scored against the quarter before", frozen, "scored", scored_a_quarter_off, frozen_scores),
    (
        "a miss costs half of what it should",
        scores,
        "interval_score",
        half_the_penalty,
        test_replay.test_the_interval_score_is_the_width_and_twenty_times_what_is_missed,
    ),
    ("deals are taken off twice under a baseline", comparison, "_row", bought_with_the_baseline, decided),
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
