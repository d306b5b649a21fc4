"""Bugs that must not live: each is planted here, and the test that has to catch it is seen to fail.

A row names the bug, where it is planted, the wrong code, and its killer: a test of this suite. A
killer that passes with the bug in place fails here.
"""

import dataclasses
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import test_answer
import test_arrivals
import test_baseline
import test_delivery
import test_flows
import test_golden
import test_ledger_figures
import test_simulation
import test_sources
import test_tracing

from tradebalance import (
    arrival_inputs,
    arrivals,
    baseline,
    commitments,
    credit,
    delivery,
    flows,
    gap,
    inputs,
    own_book,
    sources,
    store,
    terms,
    tracing,
)
from tradebalance.answer import solve
from tradebalance.draws import RandomBlock
from tradebalance.problems import Refused
from tradebalance.terms import Role

schedule, trace, split, survival = delivery.schedule, gap.trace_component, commitments._split, gap.survival
observed, naive = gap.observed, baseline._seasonal_naive
rise, landed, rows_of, pieces = arrivals.rise, arrivals._landed, inputs._rows, own_book.pieces


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


def weights_per_statement(of, signs, quarters):
    return of.total(signs, quarters)[2], pieces(of, signs, quarters)[1]


def nothing_inside(remainder, leaves, events):
    return []


def rise_of_whole_imports(events, history, as_of):
    found = rise(events, history, as_of)
    return found and dataclasses.replace(found, by_quarter=history["imports_usd_mn"][-len(found.by_quarter) :])


def counted_without_leaving(given, happened):
    return landed(given.model_copy(update={"elsewhere": []}) if given else None, happened)


def told_by_rows(leaf):
    return terms.Stage.RESTATED if leaf.told > 1 else terms.Stage.SIGNED


def weights():
    chain = tracing.trace(store.facts(store.case()), "gap_usd_mn", "2025", "VNM")
    total = sum(cell.weight * cell.printed for cell in chain.cells) + chain.mirror_usd_mn + chain.lesser_usd_mn
    assert abs(total - chain.value) <= Decimal("0.2")


def remainder():
    test_tracing.test_a_remainder_is_the_whole_less_its_named_parts(store.facts(store.case()))


def arrivals_today(test):
    where = store.case()
    today = solve(inputs.gather("even", draws=10))
    return lambda: test(today, arrival_inputs.evidence(where, store.facts(where)))


def rise_today():
    test_arrivals.test_the_rise_of_imports_is_that_of_the_methods(solve(inputs.gather("even", draws=10)))


def thailand():
    arrivals_today(test_arrivals.test_the_one_aircraft_went_to_thailand_so_none_is_counted)()


def stage_sums():
    test_ledger_figures.test_stages_add_up_to_the_announced_sum_exactly_with_every_part_once(inputs.known("USA"))


def script_link():
    test_sources.test_an_address_that_is_no_plain_web_page_is_text("javascript:alert(1)")


def own_sources():
    test_sources.test_no_file_of_a_later_release_or_another_pair_is_cited()


def newest_rows(table, periods):
    return [row.replace("2024-08", "2026-10") for row in rows_of(table, periods)]


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
    ("growth rates are traced without their base", own_book, "pieces", weights_per_statement, weights),
    ("a remainder is traced to its whole alone", commitments, "inside", nothing_inside, remainder),
    ("imports themselves bound what arrived", arrivals, "rise", rise_of_whole_imports, rise_today),
    ("an aircraft that went elsewhere counts as landed", arrivals, "_landed", counted_without_leaving, thailand),
    ("an unnamed rest counts as a signed deal", commitments, "stage", told_by_rows, stage_sums),
    ("any address becomes a link", sources.Citation, "href", property(lambda each: each.url), script_link),
    ("the newest release is cited for an older one", inputs, "_rows", newest_rows, own_sources),
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
