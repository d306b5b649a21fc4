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
import test_delivery
import test_exports
import test_flows
import test_golden
import test_mirror
import test_revisions
import test_simulation
import test_vintages

from tradebalance import (
    baseline,
    commitments,
    credit,
    delivery,
    exports,
    flows,
    gap,
    inputs,
    mirror,
    own_book,
    revisions,
    store,
)
from tradebalance.answer import solve
from tradebalance.draws import RandomBlock
from tradebalance.problems import Refused
from tradebalance.terms import Role

schedule, trace, split, survival = delivery.schedule, gap.trace_component, commitments._split, gap.survival
observed, naive = gap.observed, baseline._seasonal_naive
book, errors, between = own_book.book, mirror._errors, revisions.between


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


def fragments_of_any_date(pieces, table, reporter, partner, at=None, mirror_at=None):
    return book(pieces, table, reporter, partner, None, mirror_at)


def mirror_of_any_date(pieces, table, reporter, partner, at=None, mirror_at=None):
    return book(pieces, table, reporter, partner, at, None)


def errors_of_quarters_added(of, signs, spans):
    return np.array([np.sqrt(sum(errors(of, signs, [[q] for q in span]) ** 2)) for span in spans])


def revisions_of_the_other_side(table, reporter, partner, old, new):
    return between(table, reporter, partner, new, old)


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


def processed():
    return store.read_flows(store.case().processed / "flows.csv")


def raises_or_fails(test, *arguments):
    """A test that wants something refused, as an assertion."""
    try:
        test(*arguments)
    except pytest.fail.Exception as missing:
        raise AssertionError(str(missing)) from missing


def books_do_not_add_up():
    raises_or_fails(test_flows.test_the_two_books_of_one_trade_do_not_add_up, processed())


def a_month_and_its_quarter_overlap():
    raises_or_fails(test_flows.test_a_month_and_its_quarter_overlap, processed())


def years_error():
    both = inputs.books()
    by_year, by_quarter = mirror.by_year(both), mirror.by_quarter(both)
    test_mirror.test_a_years_error_is_that_of_the_sum_and_not_of_its_quarters_added(both, by_year, by_quarter)


def a_revised_month():
    made = revisions.between(processed(), "USA", "VNM", test_revisions.OLD, test_revisions.NEW)
    test_revisions.test_a_month_is_the_exact_difference_of_what_two_releases_print(made)


def named_if_one_sided():
    made = revisions.between(processed(), "USA", "VNM", test_revisions.OLD, test_revisions.NEW)
    test_revisions.test_what_only_one_release_holds_is_named(made)


def golden():
    test_golden.test_scenario("as_announced")


BRIDGE = test_simulation.test_the_bridge_adds_up_to_the_additional_imports_exactly
CREDITED = test_simulation.test_credited_is_due_before_plus_delivered_plus_still_to_come_plus_never_realised
SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation
BEFORE = test_simulation.test_what_was_due_before_the_forecast_is_shown_and_not_added
STREAMS = test_simulation.test_adding_or_reordering_deals_leaves_other_deals_as_they_were
REPLAY = test_vintages.test_a_replay_uses_the_fragments_and_the_mirror_of_its_time_and_says_so
NO_FORMULA = test_exports.test_no_cell_of_a_csv_starts_like_a_formula
ORACLE = test_simulation.test_the_draws_agree_with_the_convolution_of_independent_deals

PLANTED = [
    ("fragments printed later count in a replay", own_book, "book", fragments_of_any_date, REPLAY),
    ("mirror figures of later count in a replay", own_book, "book", mirror_of_any_date, REPLAY),
    ("a year's error adds its quarters'", mirror, "_errors", errors_of_quarters_added, years_error),
    ("revisions run from the newer to the older", revisions, "between", revisions_of_the_other_side, a_revised_month),
    ("what one release lacks is dropped", revisions, "_one_sided", lambda *_: (), named_if_one_sided),
    ("sums take what they get", flows, "refuse_mixed", lambda _: None, books_do_not_add_up),
    ("sums do not see a month in its quarter", flows, "_overlaps", lambda _: [], a_month_and_its_quarter_overlap),
    ("formulas leave as they came", exports, "defused", lambda text: text, NO_FORMULA),
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
