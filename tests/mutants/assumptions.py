"""Bugs that must not live: trade without the deals, and when deals arrive."""

import dataclasses
from decimal import Decimal

import numpy as np

from tests.answers import test_answer, test_simulation
from tests.assumptions import test_backtest, test_baseline, test_delivery, test_distributions, test_fan
from tradebalance.answers.answer import solve
from tradebalance.assumptions import backtest, baseline, credit, delivery, fan
from tradebalance.assumptions.distributions import Assumption
from tradebalance.case import folder, inputs, store
from tradebalance.trace import ask

schedule = delivery.schedule
due = delivery.due
within_capacity = delivery.within_capacity
log_errors = fan.log_errors
honest_outcomes = backtest.outcomes
aged = Assumption.aged


def last_quarter_lost(pace, first, window=None):
    return dict(list(schedule(pace, first, window).items())[:-1])


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


def drift_every_quarter(logs, known):
    change = (logs[known - 1] - logs[0]) / (known - 1)
    return tuple(logs[-4 + t % 4] + change * (t + 1) for t in range(8))


def grown_for_ever(path, quarters):
    growth = path[-1] / path[-5]
    return [path[t] if t < 8 else path[4 + t % 4] * growth ** (t // 4 - 1) for t in range(quarters)]


def a_quarter_ahead(method, history, origins):
    return log_errors(method, history.shift(-1).ffill(), origins)


def known_to_the_end(history, methods=("naive",), origins=60):
    return honest_outcomes(history, methods, origins).assign(scale=lambda t: t["outturn"].abs().max())


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


def held_after_two_years():
    test_baseline.test_after_two_years_the_second_year_is_held_with_its_seasons("sarima")


SECOND = test_simulation.test_the_path_agrees_to_a_cent_with_a_second_implementation
BEFORE = test_simulation.test_what_was_due_before_the_forecast_is_shown_and_not_added
SLIP = test_delivery.test_what_is_due_adds_up_to_one_however_late
ROOM = test_delivery.test_what_does_not_fit_waits_and_nothing_is_lost
AGE = test_distributions.test_a_deal_that_waits_longer_is_less_likely_to_become_binding

PLANTED = [
    ("schedule loses its last quarter", credit, "schedule", last_quarter_lost, as_announced),
    ("a deal converts better the longer it waits", Assumption, "aged", older_deals_convert_better, AGE),
    (
        "drift is added every quarter",
        baseline.METHODS,
        "seasonal_naive_drift",
        dataclasses.replace(baseline.METHODS["seasonal_naive_drift"], forecast=baseline._modelled(drift_every_quarter)),
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
        "backtest scales by what came later",
        backtest,
        "outcomes",
        known_to_the_end,
        test_backtest.test_nothing_after_the_origin_moves_a_forecast_its_band_or_its_scale,
    ),
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
]
