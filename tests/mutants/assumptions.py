"""Bugs that must not live: trade without the deals, and when deals arrive."""

import dataclasses
import tempfile
from decimal import Decimal
from pathlib import Path

import numpy as np

from builders import known_on, pooled_errors
from tests.answers import test_answer, test_simulation
from tests.assumptions import test_backtest, test_baseline, test_delivery, test_distributions, test_fan, test_pool
from tests.case import test_own_path
from tests.pages import test_baseline as test_baseline_page
from tradebalance.answers.answer import solve
from tradebalance.assumptions import backtest, baseline, delivery, fan, methods, pool
from tradebalance.assumptions.distributions import Assumption
from tradebalance.case import folder, inputs, own_path, store
from tradebalance.trace import ask
from tradebalance.words.terms import Flow

planned = delivery.planned
schedule = delivery.schedule
due = delivery.due
log_errors = fan.log_errors
before = pool.before
shared = fan._shared
honest_outcomes = backtest.outcomes
aged = Assumption.aged


def last_quarter_lost(pace, first, window=None):
    return dict(list(planned(pace, first, window).items())[:-1])


def window_moves_on(pace, first, window=None):
    return schedule(pace, first, None if window is None else window + max(0, (first - window[0]).n))


def a_late_deal_slips_anew(slip, quarters):
    return slip


def slip_brings_forward(weights, horizon):
    found = due(weights, horizon)
    return delivery.Due(found.within[::-1], found.beyond[::-1])


def slip_loses_what_it_delays(weights, horizon):
    found = due(weights, horizon)
    return delivery.Due(found.within, 0 * found.beyond + found.beyond[0])


def capacity_cuts_instead_of_waiting(served, wanted):
    return served * wanted, 0 * wanted[:, 0]


def drift_every_quarter(logs, known):
    change = (logs[:, known - 1] - logs[:, 0]) / (known - 1)
    return np.stack([logs[:, -4 + t % 4] + change * (t + 1) for t in range(8)], axis=1)


def drift_at_once(logs, known):
    return (methods.drift(logs, known) + methods.airline(logs, known) + methods.complex_smoothing(logs, known)) / 3


def mixed(method):
    return dataclasses.replace(baseline.METHODS["mixture"], forecast=baseline._modelled(method))


def a_quarter_ahead(method, history, origins):
    return log_errors(method, history.shift(-1).ffill(), origins)


def knows_the_running_year(table, first):
    return before(table, first + 4)


def the_pool_alone(found, pooled):
    return shared(found[:0], pooled)


def of_all_figures(self, last, history):
    return self


def gaps_are_filled(name, amounts, quarters):
    amounts.update({(flow, quarter): (1, 1) for flow in Flow for quarter in quarters if (flow, quarter) not in amounts})
    return ()


def known_to_the_end(history, methods=("naive",), origins=60, *, pooled=None):
    return honest_outcomes(history, methods, origins, pooled=pooled).assign(scale=lambda t: t["outturn"].abs().max())


def older_deals_convert_better(self, months):
    return aged(self, -min(months, 12))


def weights():
    chain = ask.trace(store.facts(folder.case()), "gap_usd_mn", "2025", "VNM")
    total = sum(cell.weight * cell.printed for cell in chain.cells) + chain.mirror_usd_mn + chain.lesser_usd_mn
    assert abs(total - chain.value) <= Decimal("0.2")


def as_announced():
    test_answer.test_as_announced_delivers_every_announced_dollar(
        {"as_announced": solve(inputs.gather("as_announced"))}
    )


def fades_after_two_years():
    test_baseline.test_after_two_years_growth_fades_by_a_tenth_a_quarter_and_the_seasons_stay("sarima")


def names_every_missing_quarter():
    with tempfile.TemporaryDirectory() as place:
        test_own_path.test_a_path_that_lacks_quarters_names_them_all(Path(place))


def knows_three_whole_years():
    test_pool.test_a_month_knows_the_three_whole_years_before_it(pooled_errors())


def a_surplus_with_imports_added(flows):
    exports, imports = flows
    return dict(zip(backtest.SERIES, (exports, imports, exports + imports), strict=True))


def bands_add_up():
    known = known_on("USA")
    years = backtest.next_years(known)
    test_baseline_page.test_the_bands_hold_each_median_and_the_surplus_is_the_difference_of_the_flows(
        backtest.bands(known), years
    )


SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation
CALENDAR = test_delivery.test_a_window_is_held_against_the_calendar
LEFT = test_distributions.test_what_is_left_of_a_slip_is_its_tail_less_what_is_over
SLIP = test_delivery.test_what_is_due_adds_up_to_one_however_late
ROOM = test_delivery.test_what_does_not_fit_waits_and_nothing_is_lost
AGE = test_distributions.test_a_deal_that_waits_longer_is_less_likely_to_become_binding

PLANTED = [
    ("schedule loses its last quarter", delivery, "planned", last_quarter_lost, as_announced),
    ("a deal converts better the longer it waits", Assumption, "aged", older_deals_convert_better, AGE),
    (
        "drift is added every quarter",
        baseline.METHODS,
        "seasonal_naive_drift",
        dataclasses.replace(baseline.METHODS["seasonal_naive_drift"], forecast=baseline._modelled(drift_every_quarter)),
        test_baseline.test_drift_multiplies_by_the_mean_yearly_growth_once_a_year,
    ),
    ("the projected surplus is the sum of the flows", backtest, "_three", a_surplus_with_imports_added, bands_add_up),
    ("growth never fades", baseline, "DAMPING", 1.0, fades_after_two_years),
    ("growth ends after two years", baseline, "DAMPING", 0.0, fades_after_two_years),
    (
        "drift has its whole weight at once",
        baseline.METHODS,
        "mixture",
        mixed(drift_at_once),
        test_baseline.test_the_mixture_is_three_logs_of_equal_weight_and_drift_comes_in_over_its_first_year,
    ),
    ("the pool knows the running year", pool, "before", knows_the_running_year, knows_three_whole_years),
    (
        "the record's own errors do not count",
        fan,
        "_shared",
        the_pool_alone,
        test_pool.test_the_record_counts_as_much_as_the_pool_and_few_errors_widen_the_band,
    ),
    (
        "imports rest on figures that hold deliveries",
        baseline.Baseline,
        "without_deals_after",
        of_all_figures,
        test_backtest.test_the_default_rests_its_imports_on_the_quarters_before_the_deals,
    ),
    (
        "a quarter that a path's file lacks is made up",
        own_path,
        "_complaints",
        gaps_are_filled,
        names_every_missing_quarter,
    ),
    (
        "baseline's errors see a quarter ahead",
        fan,
        "log_errors",
        a_quarter_ahead,
        test_fan.test_an_error_uses_nothing_after_its_origin,
    ),
    (
        "backtest scales by what came later",
        backtest,
        "outcomes",
        known_to_the_end,
        test_backtest.test_nothing_after_the_origin_moves_a_forecast_its_band_or_its_scale,
    ),
    ("a window recedes as the data move on", test_delivery, "schedule", window_moves_on, CALENDAR),
    ("a deal that is late already slips by as much again", Assumption, "after", a_late_deal_slips_anew, LEFT),
    ("a slip brings deliveries forward", delivery, "due", slip_brings_forward, SECOND),
    ("what slips past the horizon is lost", delivery, "due", slip_loses_what_it_delays, SLIP),
    (
        "capacity cuts deliveries instead of delaying",
        delivery,
        "queued",
        capacity_cuts_instead_of_waiting,
        ROOM,
    ),
]
