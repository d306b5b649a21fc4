"""Means that are worked out: against the draws, against closed forms written anew, and against each other."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate

from builders import FIRST, beta, component, fixed, gather, slip
from tests.answers import test_simulation
from tradebalance.answers import following, gap, means, simulation
from tradebalance.answers.answer import Solution, solve
from tradebalance.answers.draws import random_blocks
from tradebalance.answers.gap import Calendar
from tradebalance.answers.model import model
from tradebalance.assumptions import tariff
from tradebalance.assumptions.delivery import Pace, schedule
from tradebalance.assumptions.events import Hit
from tradebalance.assumptions.scenario import TariffChoice
from tradebalance.case import folder, inputs

CALENDAR = Calendar(FIRST, 24)
BASE = [Fraction(50_000)] * 24
NAMES = [name for name in inputs.names(folder.case()) if gather(name).scenario.credit != "none"]
DRAWS = 4000


def furthest(components, calendar, draws=DRAWS, seed=1):
    """By how many standard errors the draws of any quarter, total or step are off the mean that is worked out."""
    found = [simulation.run_block(following.plan(components, calendar), each) for each in random_blocks(seed, draws)]
    mean = means.mean(components, calendar)
    drawn, exact = (
        np.concatenate([np.column_stack([block.rows, block.steps]) for block in blocks]) for blocks in (found, [mean])
    )
    error = drawn.std(axis=0) / draws**0.5
    assert drawn.mean(axis=0)[error < 1e-9] == pytest.approx(exact[0][error < 1e-9], abs=1e-6)
    return np.max(np.abs(drawn.mean(axis=0) - exact[0])[error >= 1e-9] / error[error >= 1e-9])


def raw(of, **changes):
    """What the draws say by themselves."""
    given = {"draws": DRAWS, "seed": 1, "capacities": of.capacities, "paths": of.paths} | changes
    return simulation.simulate(of.components, list(of.baseline["gap_usd_mn"]), of.calendar, **given)


@pytest.mark.parametrize("name", NAMES)
def test_draws_meet_the_mean_of_every_quarter_and_step(name):
    """Without limits; of a hundred or so that move together, none of the shipped seeds' is further off than four."""
    of = model(gather(name))
    assert furthest(of.components, of.calendar) < 4


# --- closed forms, written anew -------------------------------------------------------------------


def stays(late, spells):
    """The mean chance that what is open stays open for so many spells, of a Beta on 0..1 or a fixed number."""
    if late.is_fixed:
        return (1 - float(late.mean)) ** spells
    a, b = map(float, late.parameters)
    return float(np.prod([(b + n) / (a + b + n) for n in range(spells)]))


def alive(hazard, years):
    """E exp(-h years), of a Gamma by its moment generating function."""
    if hazard.is_fixed:
        return np.exp(-float(hazard.mean) * years)
    shape, mean = map(float, hazard.parameters)
    return (1 + years * mean / shape) ** -shape


def risen(escalation, years):
    return (
        integrate.quad(lambda u: (1 + escalation.quantile(u)) ** years, 0, 1)[0]
        if not escalation.is_fixed
        else (1 + float(escalation.mean)) ** years
    )


def additional_by_hand(one, calendar):
    """A part's mean additional imports by quarter, as a sum of products of moments."""
    of, found = one.factors, np.zeros(calendar.horizon)
    level = float(one.value_usd_mn) * float(of.firm.mean + (1 - of.firm.mean) * of.exercise.mean)
    for name in ("goods", "landed", "price", "capture", "valuation", "additionality"):
        level *= float(getattr(of, name).mean)
    first = float(of.conversion.aged(of.age_months).mean)
    left = [(1 - first) * stays(of.late, spell) for spell in range(calendar.spells)]
    bound = [first * (1 - float(of.arrived.mean)), *(a - b for a, b in itertools.pairwise(left))]
    past = calendar.first.year - one.priced_in if one.priced_in else 0
    prices = [risen(of.escalation, past + quarter.year - calendar.first.year) for quarter in calendar.quarters]
    delays = [1.0] if of.slip.is_fixed else list(map(float, of.slip.quarters))
    for (spell, share), (delay, chance), (due, weight) in itertools.product(
        enumerate(bound), enumerate(delays), one.schedule.items()
    ):
        at = (due - calendar.first).n + delay + 8 * spell
        if at < calendar.horizon:
            survives = alive(of.hazard, (at - 8 * spell) / 4)
            found[at] += level * share * chance * float(weight) * survives * prices[at]
    return found


@pytest.mark.parametrize("name", ["even", "published", "slipped", "named_deals", "stalled"])
def test_every_quarters_mean_is_the_sum_of_products_of_moments(name):
    of = model(gather(name))
    by_hand = sum(additional_by_hand(one, of.calendar) for one in of.included)
    assert means.mean(of.components, of.calendar).rows[0, 2:] == pytest.approx(by_hand, rel=1e-6)
    assert by_hand.sum() > 1000


def test_no_part_looks_one_assumption_up_for_two_of_its_factors():
    """Else their product would have another mean than the product of their means."""
    for name in NAMES:
        for one in model(gather(name)).included:
            uncertain = [each.path for each in one.factors.uncertain if not each.is_fixed]
            assert len(uncertain) == len(set(uncertain))


def test_a_rule_has_the_powers_of_its_assumption():
    """Of a Beta by its rising factorials, of a Gamma by its moment generating function."""
    values, weights = means.rule(beta("0.76", "0.18", "x", "0.5"))
    powers = np.cumprod([0.5 * (0.76 + n) / (0.94 + n) for n in range(2 * means.NODES - 1)])
    assert [weights @ values**n for n in range(1, 2 * means.NODES)] == pytest.approx(list(powers))
    values, weights = means.rule(replace(beta(2, "0.03", "x"), form="gamma"))
    assert [weights @ np.exp(-values * years) for years in (1, 10, 50)] == pytest.approx(
        [(1 + 0.015 * years) ** -2 for years in (1, 10, 50)], rel=1e-5
    )


def test_the_mean_is_that_of_the_convolution_of_independent_deals():
    exact = test_simulation.exact_credited(test_simulation.deals(), 1.0)
    mean = means.mean(test_simulation.deals(), test_simulation.CALENDAR).rows[0, 0]
    assert mean == pytest.approx(exact @ np.arange(len(exact)), rel=1e-3)


def test_events_that_hang_on_one_tariff_happen_together():
    duty = tariff.tariff(TariffChoice(path="in_force"), gather("even").assumptions)
    perhaps = replace(duty, takes_effect=fixed("0.4"))
    hits = tuple(Hit(name, 4, Fraction(chance), Fraction(1, 2), perhaps) for name, chance in (("x", 1), ("y", "1/2")))
    one = component(
        "A", 1000, schedule(Pace(quarters=20), FIRST), is_coin=True, conversion=fixed("0.5", "signed"), hits=hits
    )
    assert furthest([one], CALENDAR) < 4
    kept = 1 - 0.4 * (1 - 0.5 * 0.75)
    assert means.mean([one], CALENDAR).rows[0, 2 + 4] == pytest.approx(0.5 * 50 * kept)


# --- where room is short --------------------------------------------------------------------------


def crowd():
    """Two late aircraft deals of which one sells out what the other needs."""
    due = schedule(Pace(quarters=4), FIRST)
    late = {"slip": slip("1", 9, "0.6"), "hazard": fixed("0.1"), "price": beta(6, 3, "price")}
    return [
        component("A", 1000, due, is_coin=True, conversion=beta(2, 2, "A"), late=beta(1, 9, "late"), **late),
        component("B", 800, due, conversion=beta(3, 2, "B"), additionality=beta(2, 6, "B2"), **late),
    ]


@pytest.mark.parametrize("room", [20, 80, 300])
def test_means_with_limits_are_those_without_and_what_limits_change(room):
    limits, parts = {"aircraft": [Fraction(room)] * 24}, crowd()
    one, other = (simulation.simulate(parts, BASE, CALENDAR, DRAWS, seed, capacities=limits) for seed in (1, 2))
    assert one.limits.draws > 100
    found, again = (means.worked_out(each, parts, CALENDAR) for each in (one, other))
    for row in simulation.TOTALS:
        drawn = (one.totals.at[row, "p95"] - one.totals.at[row, "p05"]) / 3.29 / DRAWS**0.5
        assert found.totals.at[row, "mean"] == pytest.approx(one.totals.at[row, "mean"], abs=4 * drawn)
        error = max(found.errors[row], 1e-9)
        assert again.totals.at[row, "mean"] == pytest.approx(found.totals.at[row, "mean"], abs=4 * error * 2**0.5)
    _adds_up(found)


def test_what_limits_change_is_known_fifty_times_as_well_in_the_central_scenario():
    of = model(gather("slipped"))
    drawn = raw(of)
    found = means.worked_out(drawn, of.components, of.calendar)
    of_draws = Solution(**vars(of), simulated=drawn).additional.standard_errors.mean
    assert 0 < found.errors["additional"] < of_draws / 25
    assert found.errors["credited"] == 0
    _adds_up(found)


def _adds_up(found):
    """The bridge, the deals, the years and the change of the gap: each adds up to what is shown of it."""
    whole, parts, quarters = found.totals["mean"], found.by_component, found.gap.index
    assert found.steps["mean"].sum() == pytest.approx(whole["additional"], rel=1e-9)
    assert found.steps["order_free"].sum() == pytest.approx(whole["additional"], rel=1e-9)
    assert found.steps["mean"]["announced":"not_binding"].sum() == pytest.approx(whole["credited"], rel=1e-9)
    assert found.by_year["mean"].sum() == pytest.approx(whole["additional"], rel=1e-9)
    assert parts["credited"].sum() == pytest.approx(whole["credited"], rel=1e-9)
    assert parts["delivered"].sum() == pytest.approx(whole["delivered"], rel=1e-9)
    for step in gap.STEPS[3:]:
        assert parts[step].sum() == pytest.approx(found.steps.at[step, "mean"], rel=1e-9, abs=1e-6)
    change = (found.without_deals["mean"] - found.gap["mean"]).to_numpy(float)
    assert change == pytest.approx(parts[list(quarters)].sum().to_numpy(float), rel=1e-6, abs=1e-6)
    assert found.on_book.sum()["recorded"] - found.on_book.sum()["bought_anyway"] == pytest.approx(whole["additional"])


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_shown_of_means_adds_up(name):
    found = solve(gather(name, draws=500))
    _adds_up(found.simulated)
    assert found.credited.standard_errors.mean == 0
    assert (found.additional.standard_errors.mean == 0) is not found.scenario.delivery.is_limited
    assert found.additional.standard_errors.p95 > 0


def test_another_seed_moves_no_mean_where_nothing_is_limited():
    one, other = (solve(gather("even", draws=300, seed=seed)) for seed in (1, 2))
    assert one.additional.mean == other.additional.mean
    assert one.additional.p95 != other.additional.p95
    assert one.annual_rate.standard_errors.mean == 0


def test_of_a_measure_the_error_is_in_proportion():
    found = solve(gather("slipped", draws=500))
    rate, whole = found.annual_rate, found.additional
    assert rate.standard_errors.mean / rate.mean == pytest.approx(whole.standard_errors.mean / whole.mean)
    assert rate.standard_errors.mean > 0


def test_what_is_certain_stays_exact():
    found = solve(gather("as_announced"))
    assert found.additional.mean == found.known.announced
    assert isinstance(found.additional.mean, Fraction)
    assert found.simulated.errors == {}
