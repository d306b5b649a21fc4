"""Bugs that must not live: each is planted here, and the test that has to catch it is seen to fail.

A row names the bug, where it is planted, the wrong code, and its killer: a test of this suite. A
killer that passes with the bug in place fails here.
"""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
import test_answer
import test_backtest
import test_baseline
import test_delivery
import test_fan
import test_flows
import test_golden
import test_simulation

from tradebalance import backtest, baseline, commitments, credit, delivery, fan, flows, gap, inputs, log_models, store
from tradebalance.answer import solve
from tradebalance.draws import RandomBlock
from tradebalance.problems import Refused
from tradebalance.terms import Role

schedule, trace, split, survival = delivery.schedule, gap.trace_component, commitments._split, gap.survival
observed, log_errors, summary = gap.observed, fan.log_errors, fan._summary
honest, honest_outcomes, dm, ranks = backtest._forecast, backtest.outcomes, backtest.diebold_mariano, backtest.ranks


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


def outturn_seen(method, past, first, normals):
    path, drawn = honest(method, past, first, normals)
    return {series: values + 1 for series, values in path.items()}, drawn


def known_to_the_end(history, methods=("naive",), origins=60):
    return honest_outcomes(history, methods, origins).assign(scale=lambda t: t["outturn"].abs().max())


def crps_without_spread(draws, outturn):
    return float(np.abs(draws - outturn).mean())


def overlap_forgotten(differences, horizon):
    return dm(differences, 1)


def ranks_of_imports(found):
    return ranks(found.assign(series=found["series"].map({"gap": "x", "imports": "gap", "exports": "y"})))


def flows_apart(self, quarters):
    return np.zeros(quarters)


def errors_stop_growing(self, quarters):
    return np.array(self.sizes)[:, np.minimum(np.arange(quarters), len(self.counts) - 1)]


def one_stream_for_all(self, name):
    return np.random.default_rng(self.seed + self.block).permutation(self.size) / self.size


def streams_by_turn(self, name):
    turns[0] += 1
    return np.random.default_rng([self.seed, turns[0]]).random(self.size)


turns = [0]


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


def chosen_for_the_gap():
    history = inputs.known("USA").history
    test_backtest.test_the_choice_is_the_lowest_mean_rank_of_the_gaps_mase(honest_outcomes(history))


def sizes_grow():
    test_fan.test_sizes_never_fall_with_the_horizon_and_grow_beyond_the_measured("hold")


BRIDGE = test_simulation.test_the_bridge_adds_up_to_the_additional_imports_exactly
CREDITED = test_simulation.test_credited_is_due_before_plus_delivered_plus_still_to_come_plus_never_realised
SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation
BEFORE = test_simulation.test_what_was_due_before_the_forecast_is_shown_and_not_added
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
    (
        "backtest forecasts beside the method",
        backtest,
        "_forecast",
        outturn_seen,
        test_backtest.test_a_forecast_is_that_of_the_baseline_on_the_quarters_to_its_origin,
    ),
    (
        "backtest scales by what came later",
        backtest,
        "outcomes",
        known_to_the_end,
        test_backtest.test_nothing_after_the_origin_moves_a_forecast_its_band_or_its_scale,
    ),
    (
        "CRPS leaves the spread out",
        test_backtest,
        "crps",
        crps_without_spread,
        test_backtest.test_crps_is_the_mean_distance_less_half_that_between_draws,
    ),
    (
        "Diebold-Mariano forgets the overlap",
        test_backtest,
        "diebold_mariano",
        overlap_forgotten,
        test_backtest.test_diebold_mariano_counts_the_overlap_and_shrinks_for_small_samples,
    ),
    ("choice is made for imports", backtest, "ranks", ranks_of_imports, chosen_for_the_gap),
    ("errors stop growing after two years", fan.Errors, "size", errors_stop_growing, sizes_grow),
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
