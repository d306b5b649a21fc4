"""Bugs that must not live: what became of a pledge, and where a figure comes from."""

import dataclasses
from fractions import Fraction

import pandas as pd

from tests.trace import test_ledger
from tests.track import test_live, test_priors, test_tracking
from tradebalance.case import folder, store, track_inputs
from tradebalance.facts import ledger
from tradebalance.track import live, priors, rise, tracking
from tradebalance.track.rise import TrackWindow
from tradebalance.words.terms import Strength

lines_of = tracking._lines
check_held_out = priors.check
held_out = priors.without
likelihood = priors._likelihood


def level_for_increment(self):
    return self.ratio


def linear_for_seasonal(lines, year, months, path):
    return Fraction(months, 12)


def aircraft_twice(pledge, group, product):
    found = lines_of(pledge, group, product)
    counted = pledge.groups[group].lines
    return found + [m for (name, _), m in pledge.lines.items() if name in counted and name == "aircraft_hs8800"]


def absent_is_zero(pledge, group, product):
    months = pd.period_range("2017-01", "2020-12", freq="M")
    return [{month: line.get(month, Fraction(0)) for month in months} for line in lines_of(pledge, group, product)]


def held_out_stays_in(pool, episode):
    return pool


def held_out_of_its_first_kind(pool, episode):
    kind = next(kind for kind, of in pool.items() if episode in of)
    return {**pool, **held_out({kind: pool[kind]}, episode)}


def ends_are_numbers_like_others(outcomes, scale):
    return likelihood(outcomes, dataclasses.replace(scale, is_cut=False))


def phase_one_tests_itself(anchored, priors, episodes, figures, never_tested, file):
    return check_held_out(anchored, priors, episodes, figures, "nobody", file)


def due_once(window, first, through, weights):
    months = [month for month in window.span if first <= month <= through]
    return Fraction(len(months), window.months)


def printed_by_its_start(event):
    start = event.delivery_start.earliest
    if start is None:
        return None
    months = {"first": pd.Period(start, freq="M"), "months": 60, "source": "a guess", "strength": Strength.STRONG}
    return TrackWindow.model_construct(**months)


def always_printed(window, printed):
    return True


def phase_one():
    return track_inputs.gather(folder.case("phase-one"))


def without_aircraft():
    test_tracking.test_the_base_year_and_both_published_targets_come_out(phase_one())


def printed_to_october():
    test_tracking.test_the_season_of_a_total_is_its_own_and_meets_the_printed_target_to_october(phase_one())


def nothing_inside(remainder, leaves, events):
    return []


def remainder():
    test_ledger.test_a_remainder_is_the_whole_less_its_named_parts(store.facts(folder.case()))


TWO_MEASURES = test_tracking.test_level_and_increment_are_two_measures
NEVER_ZERO = test_tracking.test_a_month_that_is_missing_is_never_zero
HELD_OUT = test_priors.test_an_episode_is_held_out_of_every_kind_that_it_stands_in
SAME_MODEL = test_priors.test_the_fit_is_that_of_the_same_model_drawn

PLANTED = [
    (
        "track's increment is the level",
        tracking.Standing,
        "increment_ratio",
        property(level_for_increment),
        TWO_MEASURES,
    ),
    ("track's seasonal path is linear", tracking, "_share", linear_for_seasonal, printed_to_october),
    ("track counts aircraft twice", tracking, "_lines", aircraft_twice, without_aircraft),
    ("track takes an absent month for zero", tracking, "_lines", absent_is_zero, NEVER_ZERO),
    ("the episode held out stays in its kind", priors, "without", held_out_stays_in, HELD_OUT),
    ("an episode of two kinds is held out of one", priors, "without", held_out_of_its_first_kind, HELD_OUT),
    ("all of a pledge is a number like others", priors, "_likelihood", ends_are_numbers_like_others, SAME_MODEL),
    (
        "Phase One tests the priors made from it",
        priors,
        "check",
        phase_one_tests_itself,
        test_priors.test_phase_one_helps_to_make_a_prior_and_never_tests_it,
    ),
    (
        "a value a year is due once",
        rise,
        "_due",
        due_once,
        test_live.test_a_value_a_year_is_due_again_in_every_year,
    ),
    (
        "a window is printed by its start alone",
        live,
        "printed_window",
        printed_by_its_start,
        test_live.test_of_vietnams_sum_48_4_billion_is_not_itemised_and_no_total_has_a_printed_window,
    ),
    (
        "an assumed window passes for a printed one",
        track_inputs,
        "_is_printed",
        always_printed,
        test_live.test_of_vietnams_sum_48_4_billion_is_not_itemised_and_no_total_has_a_printed_window,
    ),
    ("a remainder is traced to its whole alone", ledger, "inside", nothing_inside, remainder),
]
