"""Bugs that must not live: each is planted here, and the test that has to catch it is seen to fail.

A row names the bug, where it is planted, the wrong code, and its killer: a test of this suite. A
killer that passes with the bug in place fails here.
"""

import dataclasses
import pathlib
import re
import tempfile
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import test_answer
import test_baseline
import test_classes
import test_delivery
import test_flows
import test_golden
import test_layouts
import test_money
import test_simulation

from tradebalance import (
    amounts,
    baseline,
    commitments,
    credit,
    delivery,
    flows,
    gap,
    headers,
    inputs,
    printed,
    sidecars,
    store,
    values,
)
from tradebalance.answer import solve
from tradebalance.draws import RandomBlock
from tradebalance.problems import Refused
from tradebalance.terms import Role

schedule, trace, split, survival = delivery.schedule, gap.trace_component, commitments._split, gap.survival
printed_amount = values._amount
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


def every_cell_by_the_locale(sheet, row, column):
    return printed_amount(sheet, dataclasses.replace(row, numeric=frozenset()), column)


def zeros_are_figures(table):
    return max(pd.Period(year=int(row.cells["year"]), month=12, freq="M") for row in table.rows)


def good(name):
    return lambda: test_classes.test_what_is_printed_oddly_gives_its_figures(name)


def bad(name):
    return lambda: test_classes.test_what_is_wrong_is_refused_at_its_cell_and_for_nothing_else(name)


def without_sidecar():
    with tempfile.TemporaryDirectory() as folder:
        killer = test_layouts.test_without_a_sidecar_the_last_month_is_derived_and_said_so
        killer(pathlib.Path(folder), "f.csv", test_layouts.VIETNAM)


def points_in_vietnamese():
    test_money.test_nothing_is_guessed("1.200 triệu USD", "", "", "ambiguous_number")


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
    ("a workbook's number is read by the locale", values, "_amount", every_cell_by_the_locale, good("numbers.xlsx")),
    ("a value that was not read is a gap", printed, "_unread", lambda *_: set(), bad("an unread value is no gap")),
    ("months not yet published are 0", sidecars, "last_published", zeros_are_figures, without_sidecar),
    ("a Vietnamese point is a decimal one", amounts, "is_vietnamese", lambda _: False, points_in_vietnamese),
    (
        "a first quarter starts no year to date",
        printed,
        "_first_of_year",
        lambda *_: None,
        good("year to date from a first quarter"),
    ),
    ("a total column is no total", headers, "TOTAL", re.compile("never"), bad("a wrong wide sum")),
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
    with pytest.raises((AssertionError, Refused, pytest.fail.Exception)):
        killer()
