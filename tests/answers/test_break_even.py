"""What holds the gap where it is, put back in."""

from fractions import Fraction

import pandas as pd
import pytest

from builders import FIRST, FLAT, component
from tradebalance.answers import goal, model
from tradebalance.answers.gap import Calendar
from tradebalance.assumptions.delivery import Pace, schedule
from tradebalance.case import inputs


def growing_model():
    return model.model(inputs.gather("even", **{"baseline": {"method": "seasonal_naive_drift"}}))


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


def test_a_gap_that_is_held_needs_nothing():
    found = goal.break_even(model.model(inputs.gather("even", **{"baseline.method": "hold"})), 8)
    assert (found.purchases, found.slowdown) == (0, 0)


def test_the_deals_of_the_year_are_those_on_the_mean_path():
    due = schedule(Pace(quarters=10), FIRST)
    of = model.model(inputs.gather("even", baseline=FLAT))
    of = goal.replace(of, components=(component("A", 1000, due),), calendar=Calendar(of.calendar.first, 40))
    assert goal.break_even(of, 8).deals == pytest.approx(400)
    assert goal.break_even(of, 12).deals == pytest.approx(200)


def test_every_baseline_answers_and_a_stated_one_for_itself_only():
    of = model.model(inputs.gather("even"))
    found = {b.method: b for b in goal.by_method(of, 8)}
    assert set(found) == {"naive", "hold", "seasonal_naive", "seasonal_naive_drift", "ets", "sarima", "mean"}
    assert found["hold"].purchases == found["seasonal_naive"].purchases == 0
    assert found["sarima"].purchases > 100_000
    own = model.model(inputs.gather("even", **{"baseline": {"method": "ets"}}))
    assert goal.break_even(own, 8) == found["ets"]
    stated = model.model(inputs.gather("even", baseline=FLAT))
    (only,) = goal.by_method(stated, 8)
    assert (only.method, only.purchases, only.growth) == ("fixed", 0, 0)


def test_a_tariff_that_slows_exports_is_in_the_path():
    taxed = model.model(inputs.gather("even", tariff="duty_proposed", **{"baseline": {"method": "ets"}}))
    plain = model.model(inputs.gather("even", **{"baseline": {"method": "ets"}}))
    of_taxed = {b.method: b.gap_then for b in goal.by_method(taxed, 8)}
    assert of_taxed["ets"] == sum(taxed.baseline["gap_usd_mn"].iloc[4:8])
    assert of_taxed["ets"] != sum(plain.baseline["gap_usd_mn"].iloc[4:8])


def test_quarters_out_of_the_horizon_and_no_exports_are_refused(growing):
    for quarters in (3, 41):
        with pytest.raises(ValueError, match="not between 4 and 40"):
            goal.break_even(growing, quarters)
    nothing = pd.DataFrame({n: [Fraction(0)] * 40 for n in growing.baseline}, growing.calendar.quarters, dtype=object)
    with pytest.raises(ValueError, match="no growth of them"):
        goal.break_even(goal.replace(growing, baseline=nothing), 8)
