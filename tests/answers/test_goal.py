"""What it would take: what is found reaches the goal and a little less does not; certificates are true."""

import dataclasses
import itertools
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from builders import FIRST, FLAT, beta, component, gather, model_of
from tradebalance.answers import following, goal, model
from tradebalance.answers.draws import Raised, RandomBlock, random_blocks
from tradebalance.answers.gap import Calendar
from tradebalance.answers.goal import SECTIONS, Goal, seek
from tradebalance.assumptions.baseline import METHODS
from tradebalance.assumptions.delivery import Pace, schedule
from tradebalance.words.problems import Refused
from tradebalance.words.terms import quarter

CALENDAR = Calendar(FIRST, 12)
DUE = schedule(Pace(quarters=40), FIRST)  # as the scenario has it
CERTAIN = component("A", 40_000, DUE)  # 1,000 a quarter: 2 % of a gap of 200,000 a year
DRAWN = [
    component(
        name,
        value,
        DUE,
        is_coin=name == "A",
        conversion=beta(4, 3, "conversion.mou"),
        additionality=beta(7, 3, "additionality.aircraft"),
        price=beta(24, 24, "price_paid_of_announced.list"),
    )
    for name, value in (("A", 20_000), ("B", 30_000))
]
BY = quarter("2028Q4")


def drawn_model():
    return model_of(DRAWN, CALENDAR)


@pytest.fixture(scope="module")
def drawn():
    return drawn_model()


def reached(of, by, components=None, sections=(), times=1.0):
    """Closure by the quarter a draw, from the equations alone."""
    calendar = Calendar(of.calendar.first, (by - of.calendar.first).n + 1)
    found = []
    for block in random_blocks(of.inputs.scenario.seed, of.inputs.scenario.draws):
        source = Raised(block.seed, block.block, block.size, sections=sections, times=times)
        parts = following.traces(following.plan(components or of.components, calendar, of.capacities), source)
        found.append(sum(traced.additional.sum(axis=1) for _, traced in parts))
    return np.concatenate(found) * 4 / calendar.horizon / float(of.gap_last_four)


def limited(monkeypatch, room):
    """Capacity of aircraft, the same in every quarter; None for any amount."""

    def capacities(_scenario, _assumptions, quarters):
        return {} if room is None else {"aircraft": [Fraction(room)] * len(quarters)}

    monkeypatch.setattr(goal.credit, "capacities", capacities)
    return capacities(None, None, range(BY.ordinal - FIRST.ordinal + 1))


def scaled(of, times):
    return [dataclasses.replace(c, value_usd_mn=c.value_usd_mn * Fraction(times)) for c in of.components]


def test_a_certain_case_is_the_closed_form():
    """1,000 a quarter is 2 % of today's gap a year; 3 % takes half as much again, or 26 quarters instead of 40."""
    found = seek(model_of([CERTAIN], CALENDAR), Goal(0.03, quarter("2028Q2"), 0.5))
    total, speed = found.lever("announced_total"), found.lever("speed")
    assert found.share == pytest.approx(0.02)
    assert (found.probability, found.draws, found.quarters, found.feasible) == (0, 1, 8, True)
    assert total.needed == pytest.approx(1.5 * total.as_it_is, rel=0.001)
    assert (speed.as_it_is, speed.needed) == (40, 26)
    assert found.every_dollar == pytest.approx(40_000 / 2 / 200_000)
    assert not found.lever("additionality").feasible
    assert found.lever("additionality").share == pytest.approx(0.02)


def test_a_goal_that_is_reached_already_takes_less_or_more_time():
    found = seek(model_of([CERTAIN], CALENDAR), Goal(0.01, quarter("2028Q2"), 0.9))
    assert found.probability == 1
    assert found.lever("announced_total").times == pytest.approx(0.5, rel=0.001)
    assert found.lever("speed").needed == 80


@pytest.mark.parametrize("confidence", [0.3, 0.7])
def test_the_found_total_reaches_the_goal_and_a_little_less_does_not(drawn, confidence):
    lever = seek(drawn, Goal(0.02, BY, confidence)).lever("announced_total")
    assert lever.needed == pytest.approx(lever.times * lever.as_it_is)
    assert (reached(drawn, BY, scaled(drawn, lever.times)) >= 0.02).mean() == pytest.approx(lever.probability)
    assert lever.probability >= confidence
    assert (reached(drawn, BY, scaled(drawn, lever.times * 0.995)) >= 0.02).mean() < confidence


@pytest.mark.parametrize("name", list(SECTIONS))
@pytest.mark.parametrize("room", [None, 500])
def test_the_found_share_reaches_the_goal_and_a_little_less_does_not(drawn, name, room, monkeypatch):
    of = dataclasses.replace(drawn, capacities=limited(monkeypatch, room))
    base = reached(of, BY)
    share, confidence = float(np.quantile(base, 0.75)), 0.35
    lever = seek(of, Goal(share, BY, confidence)).lever(name)
    assert lever.feasible
    assert lever.times > 1
    assert lever.as_it_is < lever.needed <= 1
    at = {f: (reached(of, BY, None, SECTIONS[name], f * lever.times) >= share).mean() for f in (1, 0.99)}
    assert at[1] == pytest.approx(lever.probability)
    assert at[1] >= confidence > at[0.99]


def test_the_found_speed_reaches_the_goal_and_a_quarter_slower_does_not(drawn):
    share = float(np.quantile(reached(drawn, BY), 0.9))
    lever = seek(drawn, Goal(share, BY, 0.5)).lever("speed")

    def within(quarters):
        return [dataclasses.replace(c, schedule=schedule(Pace(quarters=quarters), FIRST)) for c in drawn.components]

    assert lever.unit == "quarters of the window"
    assert 1 < lever.needed < 40
    assert (reached(drawn, BY, within(lever.needed)) >= share).mean() >= 0.5
    assert (reached(drawn, BY, within(lever.needed + 1)) >= share).mean() < 0.5


def test_printed_windows_come_earlier_but_never_before_the_forecast():
    of = model.model(gather("as_announced", **{"delivery.from": "announced"}))
    late = component("A", 40_000, schedule(Pace(quarters=8), FIRST + 8))
    of = dataclasses.replace(of, components=(late,), gap_last_four=Fraction(200_000))
    found = seek(of, Goal(0.05, FIRST + 7, 0.5)).lever("speed")
    # a half of 40,000 over two years is 5 % a year: half the window has to be in
    assert (found.as_it_is, found.needed, found.unit) == (0, 4, "quarters earlier")
    assert found.share == pytest.approx(0.05)
    sooner = goal._earlier(goal._trial(of, Goal(0.05, FIRST + 7, 0.5)), late, 11)
    assert sum(sooner.schedule.values()) == 1
    assert min(sooner.schedule) == FIRST
    assert sooner.schedule[FIRST] == Fraction(4, 8)


@pytest.mark.parametrize("name", ["announced_total", "conversion", "additionality", "speed"])
def test_more_ambition_and_more_confidence_take_more(drawn, name):
    base = reached(drawn, BY)
    shares = [float(np.quantile(base, q)) for q in (0.3, 0.5, 0.6)]
    needed = [seek(drawn, Goal(share, BY, 0.5)).lever(name).needed for share in shares]
    surer = seek(drawn, Goal(shares[0], BY, 0.6)).lever(name).needed
    sign = -1 if name == "speed" else 1
    assert [sign * n for n in needed] == sorted(sign * n for n in needed)
    assert sign * surer >= sign * needed[0]


def test_every_draw_rises_with_the_lever(drawn):
    rising = [reached(drawn, BY, None, ("conversion",), times) for times in (0.5, 1, 1.7, 1e12)]
    assert all((above >= below - 1e-12).all() for below, above in itertools.pairwise(rising))
    block = RandomBlock(1, 0, 4000)
    raised = Raised(1, 0, 4000, sections=("conversion",), times=1.0)
    assert (raised.value(beta(2, 5, "conversion.x")) == block.value(beta(2, 5, "conversion.x"))).all()


def test_certificates_are_true(drawn):
    """At each lever's end the share is still below the goal, as the equations say apart."""
    found = seek(drawn, Goal(0.3, BY, 0.5))
    assert not found.feasible
    assert 0.3 > found.every_dollar == pytest.approx(50_000 * 4 / 10 / 200_000)
    for name, sections in SECTIONS.items():
        lever = found.lever(name)
        rates = reached(drawn, BY, None, sections, 1e12)
        assert not lever.feasible
        assert lever.probability == (rates >= 0.3).mean() < 0.5
        assert lever.share == pytest.approx(np.quantile(rates, 0.5, method="higher"), rel=1e-2)
        assert lever.share < 0.3
    assert found.lever("announced_total").feasible  # more than was announced would do, and is what it would take
    assert found.lever("announced_total").needed > 90_300


def test_capacity_and_windows_are_certificates_of_the_total(monkeypatch):
    limited(monkeypatch, 600)
    found = seek(model_of([CERTAIN], CALENDAR), Goal(0.013, quarter("2028Q2"), 0.5))
    total = found.lever("announced_total")
    assert (total.feasible, found.capacity) == (False, True)
    assert total.share == pytest.approx(600 * 4 / 200_000)
    monkeypatch.undo()
    late = component("A", 40_000, schedule(Pace(quarters=8), FIRST + 20))
    found = seek(model_of([late], CALENDAR), Goal(0.013, quarter("2028Q2"), 0.5))
    assert (found.lever("announced_total").feasible, found.lever("announced_total").share) == (False, 0)


def test_the_draws_share_at_the_confidence_is_reached_in_that_part_of_them(drawn):
    for confidence in (0.1, 0.5, 0.9, 1.0):
        found = seek(drawn, Goal(0.001, BY, confidence))
        base = reached(drawn, BY)
        assert (base >= found.share - 1e-12).mean() >= confidence
        assert (base > found.share + 1e-12).mean() < confidence


def test_the_shipped_scenario():
    of = model.model(gather("even", draws=1000, **{"baseline.method": "hold"}))
    near, far = (seek(of, Goal(share, quarter("2030Q4"), 0.5)) for share in (0.006, 0.05))
    assert near.feasible
    assert near.lever("conversion").feasible
    assert near.probability < 0.5
    assert near.baseline_gap == pytest.approx(4 * float(of.baseline["gap_usd_mn"].iloc[-1]))
    assert far.every_dollar == pytest.approx(90_300 * 4 / 18 / 210_931.5)
    assert [lever.feasible for lever in far.levers] == [True, False, False, False]


def test_quarters_out_of_reach_and_no_surplus_are_refused(drawn):
    for by in ("2026Q2", "2090Q1"):
        with pytest.raises(Refused, match="a quarter from 2026Q3 to 2076Q2"):
            seek(drawn, Goal(0.01, quarter(by), 0.5))
    with pytest.raises(Refused, match="no surplus to close"):
        seek(dataclasses.replace(drawn, gap_last_four=Fraction(-1)), Goal(0.01, BY, 0.5))


# --- what holds the gap where it is, put back in --------------------------------------------------


def growing_model():
    return model.model(gather("even", **{"baseline": {"method": "seasonal_naive_drift"}}))


@pytest.fixture(scope="module")
def growing():
    return growing_model()


@pytest.mark.parametrize("quarters", [4, 8, 20])
def test_the_purchases_put_back_in_hold_the_gap_exactly(growing, quarters):
    found = goal.break_even(growing, quarters)
    year = growing.baseline["gap_usd_mn"].iloc[quarters - 4 : quarters]
    assert sum(year) - found.purchases == growing.gap_last_four
    assert found.last == year.index[-1]
    assert found.purchases > 0


@pytest.mark.parametrize("quarters", [4, 8, 20])
def test_exports_that_grow_at_the_holding_rate_hold_the_gap(growing, quarters):
    """Each quarter's exports are those of the same quarter before, grown a year."""
    found = goal.break_even(growing, quarters)
    exports = [float(v) for v in growing.inputs.known.history["exports_usd_mn"].iloc[-4:]]
    for _ in range(quarters):
        exports.append(exports[-4] * (1 + found.holding))
    imports = growing.baseline["imports_usd_mn"].iloc[quarters - 4 : quarters]
    assert sum(exports[-4:]) - float(sum(imports)) == pytest.approx(float(growing.gap_last_four), rel=1e-12)


@pytest.mark.parametrize("quarters", [4, 8])
def test_growth_is_the_paths_and_the_slowdown_what_is_too_much(growing, quarters):
    found = goal.break_even(growing, quarters)
    before = float(sum(growing.inputs.known.history["exports_usd_mn"].iloc[-4:]))
    then = float(sum(growing.baseline["exports_usd_mn"].iloc[quarters - 4 : quarters]))
    assert before * (1 + found.growth) ** (quarters / 4) == pytest.approx(then)
    assert found.slowdown == pytest.approx(found.growth - found.holding)
    assert found.slowdown > 0


def test_growth_in_dollars_of_a_year_is_from_the_exports_of_today_in_the_same():
    """Exports of the four quarters to 2036Q2 held at a level lose 2 % a year to prices, as do those of 2025."""
    of = model.model(gather("even", changes={"prices.dollars_of": 2026, "baseline.method": "hold"}))
    found, last = goal.break_even(of, 40), of.known.history["exports_usd_mn"].iloc[-4:].astype(float)
    today = last.to_numpy() @ [1.02, 1.02, 1, 1]
    then = float(of.baseline["exports_usd_mn"].iloc[-4:].sum())
    assert found.growth == pytest.approx((then / today) ** (1 / 10) - 1)
    assert found.holding == pytest.approx(
        (float(of.gap_last_four + sum(of.baseline["imports_usd_mn"].iloc[-4:])) / today) ** (1 / 10) - 1
    )


def test_a_gap_that_is_held_needs_nothing():
    stated = {"method": "fixed", "exports_usd_mn": 60_000, "imports_usd_mn": 5_000}
    found = goal.break_even(model.model(gather("even", baseline=stated)), 8)
    assert (found.purchases, found.slowdown) == (0, 0)


def test_a_gap_that_is_held_above_todays_needs_what_it_is_above():
    """The running quarter is put above the one that it takes the place of, and `hold` holds the mean with it."""
    of = model.model(gather("even", **{"baseline.method": "hold"}))
    found = goal.break_even(of, 8)
    assert found.purchases == 4 * of.baseline["gap_usd_mn"].iloc[-1] - of.gap_last_four > 0


def test_the_deals_of_the_year_are_those_on_the_mean_path():
    due = schedule(Pace(quarters=10), FIRST)
    of = model.model(gather("even", baseline=FLAT))
    of = goal.replace(of, components=(component("A", 1000, due),), calendar=Calendar(of.calendar.first, 40))
    assert goal.break_even(of, 8).deals == pytest.approx(400)
    assert goal.break_even(of, 12).deals == pytest.approx(200)


def test_every_baseline_answers_and_a_stated_one_for_itself_only():
    of = model.model(gather("even"))
    found = {b.method: b for b in goal.by_method(of, 8)}
    assert set(found) == set(METHODS)
    for name in ("hold", "seasonal_naive"):
        own = model.model(gather("even", **{"baseline.method": name}))
        assert found[name].purchases == sum(own.baseline["gap_usd_mn"].iloc[4:8]) - of.gap_last_four
    assert found["sarima"].purchases > 100_000
    own = model.model(gather("even", **{"baseline": {"method": "seasonal_naive_drift"}}))
    assert goal.break_even(own, 8) == found["seasonal_naive_drift"]
    stated = model.model(gather("even", baseline=FLAT))
    (only,) = goal.by_method(stated, 8)
    assert (only.method, only.purchases, only.growth) == ("fixed", 0, 0)


def test_a_tariff_that_slows_exports_is_in_the_path():
    taxed = model.model(gather("even", tariff="in_force", **{"baseline": {"method": "seasonal_naive_drift"}}))
    plain = model.model(gather("even", **{"baseline": {"method": "seasonal_naive_drift"}}))
    of_taxed = {b.method: b.gap_then for b in goal.by_method(taxed, 8)}
    assert of_taxed["seasonal_naive_drift"] == sum(taxed.baseline["gap_usd_mn"].iloc[4:8])
    assert of_taxed["seasonal_naive_drift"] != sum(plain.baseline["gap_usd_mn"].iloc[4:8])


def test_quarters_out_of_the_horizon_and_no_exports_are_refused(growing):
    for quarters in (3, 41):
        with pytest.raises(ValueError, match="not between 4 and 40"):
            goal.break_even(growing, quarters)
    nothing = pd.DataFrame({n: [Fraction(0)] * 40 for n in growing.baseline}, growing.calendar.quarters, dtype=object)
    with pytest.raises(ValueError, match="no growth of them"):
        goal.break_even(goal.replace(growing, baseline=nothing), 8)
