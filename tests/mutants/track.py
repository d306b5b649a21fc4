"""Bugs that must not live: what became of a pledge, and where a figure comes from."""

from fractions import Fraction

import pandas as pd

from tests.trace import test_ledger
from tests.track import test_priors, test_tracking
from tradebalance.case import folder, store, track_inputs
from tradebalance.facts import ledger
from tradebalance.track import priors, tracking

lines_of = tracking._lines
check_held_out = priors.check


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


def held_out_stays_in(prior, outcomes, held_out_):
    return float(prior.parameters["a"]), float(prior.parameters["b"])


def phase_one_tests_itself(anchored, priors, episodes, figures, never_tested, file):
    return check_held_out(anchored, priors, episodes, figures, "nobody", file)


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
HELD_OUT = test_priors.test_an_episode_is_looked_for_in_the_prior_without_it

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
    ("the episode held out stays in its prior", priors, "without", held_out_stays_in, HELD_OUT),
    (
        "Phase One tests the priors made from it",
        priors,
        "check",
        phase_one_tests_itself,
        test_priors.test_phase_one_helps_to_make_a_prior_and_never_tests_it,
    ),
    ("a remainder is traced to its whole alone", ledger, "inside", nothing_inside, remainder),
]
