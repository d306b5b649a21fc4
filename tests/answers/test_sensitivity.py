"""What moves the answer, against closed forms: products and sums of independent shares have exact indices."""

import dataclasses
import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from scipy import stats

from builders import FIRST, beta, component, fixed, gather, model_of, slip
from tradebalance.answers import model, sensitivity
from tradebalance.answers.gap import Calendar
from tradebalance.answers.sensitivity import indices, outlook, sobol, tornado
from tradebalance.answers.simulation import simulate
from tradebalance.assumptions.distributions import Mix
from tradebalance.words.terms import Strength

CALENDAR = Calendar(FIRST, 12)
SHARES = {"goods": (6, 3), "price": (2, 5), "additionality": (7, 3)}


@cache
def shipped(name, reporter="USA"):
    return model.model(gather(name, reporter=reporter))


def shares(**others):
    return {name: beta(a, b, f"section.{name}") for name, (a, b) in SHARES.items()} | others


def moments(a, b):
    """Mean and variance of a Beta."""
    return a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))


# --- tornado --------------------------------------------------------------------------------------


def test_a_swing_is_the_products_of_the_range_and_the_other_means():
    found = tornado(model_of([component("A", 1000, **shares())], CALENDAR))
    means = {name: a / (a + b) for name, (a, b) in SHARES.items()}
    for name, (a, b) in SHARES.items():
        rest = 1000 * math.prod(mean for other, mean in means.items() if other != name)
        low, high = stats.beta(a, b).ppf([0.05, 0.95])
        assert found.table.at[f"section.{name}", "additional_low"] == pytest.approx(rest * low)
        assert found.table.at[f"section.{name}", "additional_high"] == pytest.approx(rest * high)
    assert found.mean_path["additional"] == pytest.approx(1000 * math.prod(means.values()))
    assert list(found.swings) == sorted(found.swings, reverse=True)
    assert found.table.at["section.price", "source"] == "a test"
    assert found.table.at["section.price", "strength"] == "judgement"


def test_an_assumption_moves_all_components_that_look_it_up():
    both = [component(name, value, price=beta(2, 5, "section.price")) for name, value in (("A", 1000), ("B", 300))]
    found = tornado(model_of(both, CALENDAR))
    low, high = stats.beta(2, 5).ppf([0.05, 0.95])
    assert found.swings["section.price"] == pytest.approx(1300 * (high - low))


def test_closure_swings_are_the_additional_imports_over_todays_gap():
    found = tornado(model_of([component("A", 1000, **shares())], CALENDAR), "closure")
    assert found.swings["section.price"] == pytest.approx(
        (found.table["additional_high"] - found.table["additional_low"])["section.price"] * 4 / 12 / 200_000
    )


def test_the_mean_path_is_the_path_with_every_factor_fixed_at_its_mean():
    of = shipped("even")
    certain = [
        dataclasses.replace(
            c,
            mix=None,
            factors=dataclasses.replace(
                c.factors,
                is_coin=False,
                **{
                    name: fixed(float((a.aged(c.factors.age_months) if name == "conversion" else a).mean))
                    for name in (
                        "goods",
                        "landed",
                        "price",
                        "escalation",
                        "conversion",
                        "late",
                        "arrived",
                        "hazard",
                        "additionality",
                    )
                    for a in [getattr(c.factors, name)]
                },
            ),
        )
        for c in of.components
    ]
    exact = simulate(certain, [Fraction(0)] * 40, of.calendar, 1, 1).totals["mean"]
    found = tornado(of).mean_path
    assert found["additional"] == pytest.approx(float(exact["additional"]), rel=1e-9)
    assert found["credited"] == pytest.approx(float(exact["credited"]), rel=1e-9)


def test_a_slip_moves_by_whole_quarters():
    late = slip("1", 12, "0.7")
    found = tornado(model_of([component("A", 1200, slip=late)], CALENDAR)).table.loc["slip"]
    assert (found["low"], found["high"]) == (late.quantile(0.05), late.quantile(0.95))
    due = [min(max(12 - quarters, 0), 8) * 150 for quarters in (found["low"], found["high"])]
    assert [found["additional_low"], found["additional_high"]] == pytest.approx(due)


def test_a_fixed_value_moves_over_the_range_its_source_states_and_without_one_is_named():
    found = tornado(shipped("even", "VNM"))
    row = found.table.loc["books.VNM.capture.aircraft"]
    assert (row["low"], row["high"]) == (0.57, 1.0)
    assert row["additional_high"] > found.mean_path["additional"] > row["additional_low"]
    assert {"books.VNM.valuation", "books.VNM.capture.default", "mix_concentration"} <= set(found.not_varied)
    assert not set(found.not_varied) & set(found.table.index)


def test_a_mix_moves_each_of_its_categories_to_the_95_percent_point_of_its_share():
    """Half of a rest of 1,000 adds, the other half does not: 1,000 times the shares' Beta(1.25, 1.25) points."""
    mix = Mix("category_mix.T", "a test", Strength.JUDGEMENT, {"aircraft": Fraction(1, 2), "energy": Fraction(1, 2)})
    parts = [
        dataclasses.replace(component(name, 500, concentration=fixed("2.5"), additionality=fixed(added)),
                            category=name, mix=mix)
        for name, added in (("aircraft", 1), ("energy", 0))
    ]  # fmt: skip
    row = tornado(model_of(parts, CALENDAR)).table.loc["category_mix.T"]
    low, high = stats.beta(1.25, 1.25).ppf([0.05, 0.95])
    assert [row["additional_low"], row["additional_high"]] == pytest.approx([1000 * low, 1000 * high])


def test_the_largest_swings_of_the_shipped_scenarios():
    assert set(tornado(shipped("even")).table.index[:3]) == {
        "remainder_fraction.T3",
        "additionality.aircraft",
        "landed_in_vietnam.VJ-737-200",
    }
    assert set(tornado(shipped("even"), "credited").table.index[:3]) == {
        "remainder_fraction.T3",
        "late_conversion.default",
        "landed_in_vietnam.VJ-737-200",
    }
    assert tornado(shipped("slipped")).table.index[0] == "slip_months.aircraft"


def test_an_outcome_there_is_not_is_refused():
    with pytest.raises(ValueError, match="not one of credited, additional, closure"):
        tornado(shipped("even"), "gap")


# --- Sobol indices --------------------------------------------------------------------------------


def test_indices_of_a_product_of_shares_are_those_of_the_closed_form():
    """With c the squared coefficients of variation and P = prod(1 + c): S = c / (P - 1), and the total of an input is
    1 - (P / (1 + c) - 1) / (P - 1)."""
    found = sobol(model_of([component("A", 1000, **shares())], CALENDAR), draws=16_384).table
    squared = {name: v / m**2 for name, (a, b) in SHARES.items() for m, v in [moments(a, b)]}
    product = math.prod(1 + c for c in squared.values())
    for name, c in squared.items():
        row = found.loc[f"section.{name}"]
        error = (row["first_high"] - row["first_low"]) / 3.3, (row["total_high"] - row["total_low"]) / 3.3
        assert abs(row["first"] - c / (product - 1)) < 4 * error[0]
        assert abs(row["total"] - (1 - (product / (1 + c) - 1) / (product - 1))) < 4 * error[1]
        assert max(error) < 0.02


def test_an_assumption_that_several_components_look_up_is_one_input():
    """Y = (1000 + 300) P Q, P and Q drawn once for both parts: the indices of one product."""
    both = [
        component(name, value, price=beta(2, 5, "section.price"), additionality=beta(7, 3, "section.additionality"))
        for name, value in (("A", 1000), ("B", 300))
    ]
    found = sobol(model_of(both, CALENDAR), draws=16_384).table
    (p, var_p), (q, var_q) = moments(2, 5), moments(7, 3)
    variance = (var_p + p**2) * (var_q + q**2) - (p * q) ** 2
    assert found.at["section.price", "first"] == pytest.approx(var_p * q**2 / variance, abs=0.03)
    assert found.at["section.price", "total"] == pytest.approx(1 - var_q * p**2 / variance, abs=0.03)
    assert found.at["section.additionality", "first"] == pytest.approx(var_q * p**2 / variance, abs=0.03)


def test_luck_is_apart_from_the_assumption_that_gives_its_odds():
    """A coin of chance P: the chance explains the variance of P, its luck the rest."""
    one = component("A", 1000, is_coin=True, conversion=beta("1.5", 6, "conversion.mou"))
    found = sobol(model_of([one], CALENDAR), draws=16_384).table
    (p, var_p) = moments(1.5, 6)
    assert list(found.index) == [sensitivity.LUCK, "conversion.mou"]
    assert found.at["conversion.mou", "first"] == pytest.approx(var_p / (p * (1 - p)), abs=0.02)
    assert found.at["conversion.mou", "total"] + found.at[sensitivity.LUCK, "first"] == pytest.approx(1, abs=0.05)


def test_a_common_factor_is_an_input_of_its_own():
    deals = [
        component(n, 1000, is_coin=True, conversion=fixed("0.4", "conversion.mou"), political=0.9) for n in ("A", "B")
    ]
    found = sobol(model_of(deals, CALENDAR)).table
    assert list(found.index) == ["correlation.political", sensitivity.LUCK]
    assert found.at["correlation.political", "first"] > 0.5


def test_the_estimators_meet_ishigamis_function_and_the_librarys_figures():
    """Exact indices of Ishigami and Homma (1990): first 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437."""

    def ishigami(x):
        return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])

    one, other = np.random.default_rng(1).uniform(-math.pi, math.pi, (2, 3, 65_536))
    mixed = np.array([ishigami(np.where(np.arange(3)[:, None] == n, other, one)) for n in range(3)])
    first, total = (found[0] for found in indices(ishigami(one), ishigami(other), mixed))
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    arrays = {"f_A": ishigami(one)[None], "f_B": ishigami(other)[None], "f_AB": mixed[:, None]}
    theirs = stats.sobol_indices(func=arrays, n=65_536)
    np.testing.assert_allclose(first, theirs.first_order, atol=1e-9)
    np.testing.assert_allclose(total, theirs.total_order, atol=1e-9)


def test_intervals_narrow_with_the_draws_and_few_draws_are_warned_of():
    of = model_of([component("A", 1000, **shares())], CALENDAR)
    few, many = sobol(of, draws=64), sobol(of, draws=4096)
    width = [(s.table["first_high"] - s.table["first_low"]).max() for s in (few, many)]
    assert width[0] > 4 * width[1]
    assert any("draw more" in warning for warning in few.warnings)
    assert many.warnings == ()


def test_first_order_indices_that_add_up_to_more_than_all_are_warned_of():
    table = sobol(model_of([component("A", 1000, **shares())], CALENDAR), draws=4096).table
    (warning,) = sensitivity._unsettled(table, (1.2, 1.1, 1.3))
    assert "add up to 1.20" in warning


def test_the_shipped_scenario_is_settled_and_agrees_with_its_tornado_on_what_matters_most():
    of = shipped("even")
    found = sobol(of, draws=4096)
    assert found.warnings == ()
    assert list(found.table.index[:3]) == list(tornado(of).table.index[:3])
    assert 0.8 < found.first_sum[0] <= 1
    assert (found.table["total"] >= found.table["first"] - 0.02).all()
    assert "conversion.signed" not in found.table.index


def test_the_same_seed_gives_the_same_indices():
    of = model_of([component("A", 1000, **shares())], CALENDAR)
    assert sobol(of, draws=512).table.equals(sobol(of, draws=512).table)


def test_nothing_drawn_leaves_no_variance_to_share_out():
    found = sobol(shipped("as_announced"), draws=256)
    assert (len(found.table), found.first_sum, found.warnings) == (0, (0, 0, 0), ())


# --- the width of the gap's future, in sums of four quarters, and whose it is ---------------------


def noisy(size):
    """Paths whose four-quarter sums have a known spread: one normal a draw, the same in each quarter."""

    def paths(block):
        return 50_000 + size * block.normals("trade", 1).repeat(12, axis=1)

    return paths


def test_bands_are_the_quantiles_of_four_quarters_sums():
    of = model_of([], CALENDAR, paths=noisy(1000), draws=20_000)
    found = outlook(of).with_deals
    assert list(found.index) == list(CALENDAR.quarters[3:])
    expected = 200_000 + 4000 * np.array([-1.645, -0.6745, 0, 0.6745, 1.645])
    np.testing.assert_allclose(found.iloc[5], expected, atol=120)


def test_the_shares_are_those_of_the_variances_and_add_up_to_one():
    deals = component("A", 8000, price=beta(2, 2, "p"))  # 4,000 in the first year: variance 4000^2 / 20
    of = model_of([deals], CALENDAR, paths=noisy(300), draws=50_000)
    found = outlook(of)
    variance = 4000**2 / 20
    share = variance / (variance + (4 * 300) ** 2)
    assert found.shares.iloc[0]["deals"] == pytest.approx(share, abs=0.01)
    assert found.shares.iloc[0]["trade"] == pytest.approx(1 - share, abs=0.01)
    assert abs(found.shares.iloc[0]["together"]) < 0.01
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    assert found.spreads.iloc[0].to_dict() == pytest.approx({"deals": variance**0.5, "trade": 1200}, rel=0.02)


def test_deals_that_come_with_a_high_gap_narrow_it():
    """The same stream moves both: the part together is minus twice the covariance over the whole."""
    deals = component("A", 8000, price=beta(1, 1, "p"))

    def paths(block):
        return 50_000 + 500 * (block.value(beta(1, 1, "p")) - 0.5)[:, None].repeat(12, axis=1)

    found = outlook(model_of([deals], CALENDAR, paths=paths)).shares.iloc[0]
    # trade 2000 U - deals 4000 U: variances 4 and 16 parts, covariance 8, the whole (4000 - 2000)^2: 4 parts
    assert found.to_dict() == pytest.approx({"deals": 4, "trade": 1, "together": -4})


def test_the_deals_leave_the_gap_lower_by_what_they_add():
    of = model_of([component("A", 8000)], CALENDAR, paths=noisy(0))
    found = outlook(of)
    assert (found.without_deals - found.with_deals)["p50"].iloc[0] == pytest.approx(4000)
    assert (found.without_deals - found.with_deals)["p50"].iloc[-1] == pytest.approx(0, abs=1e-6)


def test_a_certain_path_has_no_shares_and_a_short_horizon_is_refused():
    of = model_of([component("A", 8000)], CALENDAR, paths=None)
    assert outlook(of).shares.empty
    with pytest.raises(ValueError, match="less than four quarters"):
        outlook(dataclasses.replace(of, calendar=Calendar(FIRST, 3)))


def test_the_shipped_gap_is_uncertain_by_trade_and_not_by_the_deals():
    found = outlook(model.model(gather("even", draws=4000)))
    assert (found.shares["deals"] < 0.001).all()
    assert (found.spreads["trade"] > 10_000).all()
