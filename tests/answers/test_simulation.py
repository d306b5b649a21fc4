"""The model's identities, exactly where everything is fixed and draw by draw where it is not."""

import itertools
from dataclasses import replace
from fractions import Fraction
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from builders import FIRST, beta, component, components, fixed, gather, slip
from exact_sums import coin, point, product, times, total
from reference import additional_imports
from tradebalance.answers import following, gap, model, simulation
from tradebalance.answers.draws import BLOCK, Common, Exact, Quantiles, RandomBlock, random_blocks
from tradebalance.answers.gap import Calendar
from tradebalance.answers.simulation import plan, simulate
from tradebalance.assumptions.delivery import Pace, schedule
from tradebalance.assumptions.distributions import Mix
from tradebalance.words.terms import Strength

CALENDAR = Calendar(FIRST, 12)
BASE = [Fraction(50_000)] * 12
few = settings(max_examples=40)  # exact fractions are slow, and what is wrong here is wrong in most examples
several = st.lists(components, max_size=4, unique_by=lambda c: c.id)


def uncertain(name: str = "A", value: object = 1000, is_political: float = 0.0, **factors: object) -> object:
    """A component of which nothing is certain."""
    drawn = {
        "goods": beta(6, 3, "goods"),
        "landed": beta("1.5", "1.5", "landed", "0.65"),
        "price": beta(24, 24, "price"),
        "conversion": beta("1.5", 6, "conversion"),
        "additionality": beta(7, 3, "additionality"),
    }
    return component(name, value, is_coin=True, political=is_political, **{**drawn, **factors})


# --- exact arithmetic -----------------------------------------------------------------------------


@few
@given(several)
def test_the_bridge_adds_up_to_the_additional_imports_exactly(found):
    result = simulate(found, BASE, CALENDAR, 1, 1)
    assert list(result.steps.index) == gap.STEPS
    assert result.steps["mean"].sum() == result.totals.at["additional", "mean"]
    assert result.steps.at["announced", "mean"] == sum(c.value_usd_mn for c in found)


@given(components)
def test_credited_is_arrived_plus_delivered_at_todays_prices_plus_still_to_come_plus_never_realised(one):
    (traced,) = following.trace([one], Exact(), CALENDAR)
    steps = {name: amounts[0] for name, amounts in traced.steps.items()}
    parts = [
        -steps["arrived_before"],
        traced.delivered.sum() - steps["prices_of_the_delivery_year"],
        -steps["after_the_horizon"],
        -steps["no_room_in_time"],
        -steps["cancelled"],
        -steps["cancelled_by_an_event"],
    ]
    assert all(part >= 0 for part in parts)
    assert sum(parts) == traced.credited[0]


@few
@given(several)
def test_quarters_add_up_to_years_and_components_to_the_change_in_the_gap(found):
    result = simulate(found, BASE, CALENDAR, 1, 1)
    assert result.by_year["mean"].sum() == result.totals.at["additional", "mean"]
    for quarter, base in zip(CALENDAR.quarters, BASE, strict=True):
        contributions = sum(result.by_component[quarter]) if len(result.by_component) else 0
        assert base - result.gap.at[quarter, "mean"] == contributions


@few
@given(several, st.sampled_from([None, 40, 300]))
def test_the_path_agrees_to_a_cent_with_a_second_implementation(found, capacity):
    names = {"goods": "goods", "landed": "landed", "price": "price", "C": "conversion", "hazard": "hazard"}
    names |= {"capture": "capture", "val": "valuation", "A": "additionality", "slip": "slip", "L": "late"}
    names |= {"e": "escalation", "f": "firm", "x": "exercise"}
    deals = [
        {key: float(getattr(c.factors, name).mean) for key, name in names.items()}
        | {
            "V": float(c.value_usd_mn),
            "lag": c.factors.lag,
            "year": c.priced_in,
            "a": float(c.arrived + c.factors.arrived.mean),
        }
        | {"w": {(quarter - FIRST).n: float(share) for quarter, share in c.schedule.items()}}
        | {"events": [(hit.at, float(hit.cancels)) for hit in c.hits]}
        for c in found
        if c.included
    ]
    limits = {} if capacity is None else {"aircraft": [Fraction(capacity)] * CALENDAR.horizon}
    result = simulate(found, BASE, CALENDAR, 1, 1, capacities=limits)
    expected = additional_imports(deals, CALENDAR.horizon, capacity)
    ours = [float(base - mean) for base, mean in zip(BASE, result.gap["mean"], strict=True)]
    assert ours == pytest.approx(expected, abs=0.01)


@few
@given(components, st.integers(1, 12))
def test_a_longer_horizon_leaves_earlier_quarters_as_they_were(one, more):
    short = simulate([one], BASE, CALENDAR, 1, 1)
    long = simulate([one], BASE + [Fraction(50_000)] * more, Calendar(FIRST, 12 + more), 1, 1)
    pd.testing.assert_frame_equal(long.gap.iloc[:12], short.gap, check_freq=False)


@few
@given(several)
def test_zero_conversion_gives_the_baseline_exactly(found):
    none = [component(c.leaf.id, c.value_usd_mn, c.schedule, conversion=fixed(0)) for c in found]
    result = simulate(none, BASE, CALENDAR, 1, 1)
    assert list(result.gap["mean"]) == list(result.gap["p05"]) == list(result.gap["p95"]) == BASE


def test_zero_conversion_gives_the_baseline_exactly_in_draws_too():
    result = simulate([uncertain(conversion=fixed(0))], BASE, CALENDAR, 3000, 1)
    assert result.draws == 3000
    for column in result.gap:
        assert list(result.gap[column]) == [50_000.0] * 12


def test_no_deals_give_the_baseline():
    assert list(simulate([], BASE, CALENDAR, 1, 1).gap["p50"]) == BASE


def test_what_is_left_out_is_a_step_and_nothing_else():
    result = simulate([component("A", 300), component("B", 200, included=False)], BASE, CALENDAR, 1, 1)
    assert result.steps.at["left_out_by_the_scenario", "mean"] == -200
    assert result.totals["mean"].to_dict() == {"credited": 300, "delivered": 300, "additional": 300}


def test_what_is_late_comes_in_what_is_left_of_its_window():
    window = pd.period_range(FIRST - 4, periods=8, freq="Q")
    result = simulate([component("A", 800, schedule(Pace(quarters=8), FIRST, window))], BASE, CALENDAR, 1, 1)
    assert [base - g for base, g in zip(BASE, result.gap["mean"], strict=True)] == [200] * 4 + [0] * 8


def test_a_share_due_before_the_forecast_is_refused():
    with pytest.raises(ValueError, match="2026Q2, before the forecast starts in 2026Q3"):
        simulate([component("A", 800, {FIRST - 1: Fraction(1)})], BASE, CALENDAR, 1, 1)


def brought(one, calendar=CALENDAR):
    """What a certain component adds a quarter."""
    result = simulate([one], [Fraction(50_000)] * calendar.horizon, calendar, 1, 1)
    return [Fraction(50_000) - gap for gap in result.gap["mean"]], result.steps["mean"]


def test_what_becomes_binding_later_waits_and_counts_a_spell_at_a_time():
    """A half at once, then each spell a fifth of what is left: 500, 100, 80; 20 quarters have three spells."""
    once = {FIRST: Fraction(1)}
    late = component("A", 1000, once, conversion=fixed("0.5"), late=fixed("0.2"))
    added, steps = brought(late, Calendar(FIRST, 20))
    assert {n: amount for n, amount in enumerate(added) if amount} == {0: 500, 8: 100, 16: 80}
    assert steps["not_binding"] == -320
    assert Calendar(FIRST, 20).bound_by == FIRST + 23


def test_what_became_binding_late_is_cancelled_from_then_on():
    late = component("A", 1000, {FIRST: Fraction(1)}, conversion=fixed(0), late=fixed(1), hazard=fixed("0.1"))
    assert brought(late, Calendar(FIRST, 20))[0][8] == 1000
    two = component("A", 1000, {FIRST + 4: Fraction(1)}, conversion=fixed(0), late=fixed(1), hazard=fixed("0.1"))
    assert float(brought(two, Calendar(FIRST, 20))[0][12]) == pytest.approx(1000 * np.exp(-0.1))


def test_prices_rise_from_the_year_of_the_list_to_that_of_delivery():
    """List of 2024, delivered in 2028, 10 % a year: 1.1^2 to today's prices of 2026 and as much to 2028."""
    one = component(
        "A", 1000, {FIRST + 7: Fraction(1)}, escalation=fixed("0.1"), priced_in=2024, conversion=fixed("0.5")
    )
    added, steps = brought(one)
    assert added[7] == 500 * Fraction("1.1") ** 4
    assert steps["prices_of_today"] == 1000 * (Fraction("1.21") - 1)
    assert steps["not_binding"] == -500 * Fraction("1.21")
    assert steps["prices_of_the_delivery_year"] == 500 * Fraction("1.21") * (Fraction("1.21") - 1)


def test_dollars_of_a_named_year_are_deflated_to_it():
    one = component("A", 1000, {FIRST + 7: Fraction(1)}, escalation=fixed("0.1"), priced_in=2026)
    calendar = Calendar(FIRST, 12, dollars_of=2025, inflation=Fraction("0.02"))
    assert brought(one, calendar)[0][7] == 1000 * Fraction("1.1") ** 2 / Fraction("1.02") ** 3
    assert calendar.deflators[:3] == [Fraction("1.02")] * 2 + [Fraction("1.02") ** 2]


def test_a_lag_moves_deliveries_on_and_what_leaves_the_horizon_is_not_recorded():
    result = simulate([component("A", 1200, schedule(Pace(quarters=12), FIRST), lag=2)], BASE, CALENDAR, 1, 1)
    assert [base - g for base, g in zip(BASE, result.gap["mean"], strict=True)] == [0, 0] + [100] * 10
    assert result.steps.at["recorded_after_the_horizon", "mean"] == -200
    assert result.steps.at["not_recorded_on_this_book", "mean"] == 0


def test_the_gap_closes_where_additional_imports_reach_it():
    base = [Fraction(100)] * 12
    due = schedule(Pace(quarters=12), FIRST)
    assert simulate([component("A", 1200, due)], base, CALENDAR, 1, 1).probability_closed == 1
    assert simulate([component("A", 1199, due)], base, CALENDAR, 1, 1).probability_closed == 0


# --- draws ----------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_identities_hold_in_every_draw(seed):
    block = RandomBlock(seed, 0, 200)
    slips = {"slip": slip("0.5", 9, "0.6", "0.5", 30, "0.3"), "hazard": fixed("0.3")}
    binds = {
        "arrived": beta(2, 5, "arrived"),
        "late": beta(2, 5, "late"),
        "escalation": beta(14, 14, "rise", "0.056"),
        "priced_in": 2019,
    }
    for one in (uncertain("A"), uncertain("B", 50_000, **slips, **binds)):
        (traced,) = following.trace([one], block, CALENDAR)
        np.testing.assert_allclose(sum(traced.steps.values()), traced.additional.sum(axis=1), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(traced.added, traced.additional.sum(axis=1), rtol=1e-9, atol=1e-9)
        lost = ("arrived_before", "cancelled", "after_the_horizon", "no_room_in_time", "prices_of_the_delivery_year")
        kept = sum(traced.steps.get(step, 0) for step in lost)
        np.testing.assert_allclose(traced.delivered.sum(axis=1) - kept, traced.credited, rtol=1e-9, atol=1e-9)
        assert (traced.additional >= 0).all()


def test_adding_or_reordering_deals_leaves_other_deals_as_they_were():
    a, b, c = uncertain("A"), uncertain("B", 700), uncertain("C", 900)
    block = RandomBlock(7, 0, 10_000)
    alone, together = (simulation.run_block(plan(deals, CALENDAR), block, apart=True) for deals in ([a], [c, b, a]))
    assert (alone.by_component["A"] == together.by_component["A"]).all()
    assert list(together.by_component) == ["C", "B", "A"]


def test_a_higher_conversion_signs_a_superset_of_deals_draw_by_draw():
    block = RandomBlock(1, 0, 5000)
    signed = {p: block.coin("A", block.value(fixed(p))) for p in ("0.2", "0.5")}
    assert (signed["0.5"] >= signed["0.2"]).all()
    assert signed["0.5"].sum() > signed["0.2"].sum()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    one, same, other = (simulate([uncertain()], BASE, CALENDAR, 5000, seed).gap.to_csv() for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_more_draws_begin_with_the_same_draws():
    few, many = (next(random_blocks(3, n)).value(beta(2, 5, "x")) for n in (BLOCK // 2, 2 * BLOCK))
    np.testing.assert_array_equal(few, many[: BLOCK // 2])


def test_a_coin_comes_up_as_often_as_its_probability_says():
    draws = 40_000
    result = simulate([component("A", 1000, is_coin=True, conversion=fixed("0.3"))], BASE, CALENDAR, draws, 5)
    error = (0.3 * 0.7 / draws) ** 0.5
    assert abs(result.totals.at["credited", "mean"] / 1000 - 0.3) < 4 * error


def test_deals_correlate_by_the_common_factor_as_stated():
    """Two deals' normal scores correlate by the stated number, each keeps its distribution; none is independent."""
    late, drawn = slip("1", 9, "0.6"), beta(2, 5, "x")
    block = RandomBlock(4, 0, 60_000)
    for correlation in (0.0, 0.4):
        common = Common("seller aircraft", correlation)
        one, other = (stats.norm.ppf(block._uniform(name, common)) for name in ("A", "B"))
        assert np.corrcoef(one, other)[0, 1] == pytest.approx(correlation, abs=0.015)
        assert stats.kstest(one, "norm").pvalue > 0.001
        assert block.value(late, common, "A").mean() == pytest.approx(float(late.mean), rel=0.02)
        assert stats.kstest(block.value(drawn, common, "A"), stats.beta(2, 5).cdf).pvalue > 0.001


def test_a_good_political_draw_signs_more_and_a_bad_sellers_draw_delays_a_category():
    deals = [uncertain(name, is_political=0.9) for name in "AB"]
    coins = [following.spells(deal, RandomBlock(6, 0, 20_000), 1)[0].share for deal in deals]
    together = (coins[0] * coins[1]).mean()
    assert together > 2 * coins[0].mean() * coins[1].mean()
    late = [component(name, slip=slip("1", 12, "0.7"), seller=0.9) for name in "AB"]
    delays = [following.delays(deal, RandomBlock(6, 0, 20_000)) for deal in late]
    assert np.corrcoef(*delays)[0, 1] > 0.7


@few
@given(several)
def test_order_free_steps_add_up_to_the_same_end(found):
    result = simulate(found, BASE, CALENDAR, 1, 1)
    assert result.steps["order_free"].sum() == result.totals.at["additional", "mean"]


def test_an_order_free_step_is_the_mean_over_all_orders():
    """Three shares, six orders, by hand: price, conversion and additionality of 1000."""
    shares = {"price": Fraction(1, 2), "conversion": Fraction(1, 5), "additionality": Fraction(7, 10)}
    one = component("A", 1000, **{name: fixed(float(share)) for name, share in shares.items()})
    steps = {"price": "list_to_paid_price", "conversion": "not_binding", "additionality": "bought_anyway"}
    taken = dict.fromkeys(shares, Fraction(0))
    for order in itertools.permutations(shares):
        left = Fraction(1000)
        for name in order:
            taken[name] += left * (shares[name] - 1) / 6
            left *= shares[name]
    found = simulate([one], BASE, CALENDAR, 1, 1).steps["order_free"]
    assert {name: found[step] for name, step in steps.items()} == taken


def test_draws_follow_the_stated_distributions():
    block = RandomBlock(11, 0, BLOCK)
    drawn = block.value(beta("1.5", 6, "x", "0.65")) / 0.65
    assert stats.kstest(drawn, stats.beta(1.5, 6).cdf).pvalue > 0.001
    gamma = beta(4, "0.03", "h")
    hazard = block.value(replace(gamma, form="gamma"))
    assert stats.kstest(hazard, stats.gamma(4, scale=0.03 / 4).cdf).pvalue > 0.001


def test_quantiles_of_blocks_are_those_of_all_draws():
    rng = np.random.default_rng(0)
    values = np.column_stack([rng.gamma(2, 1000, 30_000), rng.normal(5e4, 10, 30_000)])
    quantiles = Quantiles()
    for block in np.array_split(values, 4):
        quantiles.add(block)
    for share in (0.05, 0.5, 0.95):
        np.testing.assert_allclose(quantiles.at(share), np.quantile(values, share, axis=0), rtol=2e-3)


def test_quantiles_meet_an_atom_exactly():
    quantiles = Quantiles()
    quantiles.add(np.array([[0.0]] * 90 + [[1234.5]] * 10))
    assert [quantiles.at(p)[0] for p in (0.05, 0.5, 0.95)] == [0.0, 0.0, 1234.5]


def test_the_draws_agree_with_the_convolution_of_independent_deals():
    """Sums of independent coins have an exact distribution: the draws' distribution function must meet it."""
    draws, values, chances = 200_000, (100, 250, 400, 50), (0.2, 0.35, 0.15, 0.6)
    deals = [
        component(f"D{n}", value, is_coin=True, conversion=fixed(p))
        for n, (value, p) in enumerate(zip(values, chances, strict=True))
    ]
    totals = np.concatenate(
        [simulation.run_block(plan(deals, CALENDAR), block).rows[:, 0] for block in random_blocks(2, draws)]
    )
    exact = np.array([1.0])
    for value, p in zip(values, chances, strict=True):
        one = np.zeros(value // 50 + 1)
        one[0], one[-1] = 1 - p, p
        exact = np.convolve(exact, one)
    for at in range(len(exact)):
        p = exact[: at + 1].sum()
        error = max((p * (1 - p) / draws) ** 0.5, 1e-6)
        assert abs((totals <= at * 50 + 1e-6).mean() - p) < 4 * error


# --- the draws' distribution against exact ones ---------------------------------------------------


def credited(components, draws, seed, calendar=CALENDAR):
    """The credited sum of each draw, from the package's own values and first equation."""
    found = []
    for block in random_blocks(seed, draws):
        amounts = [traced.credited for _, traced in following.traces(plan(components, calendar), block)]
        found.append(np.broadcast_to(sum(amounts), block.size))
    return np.concatenate(found)


def largest_z(sums, exact, step, points=60):
    """The largest distance between the two distribution functions, in standard errors, at points over the range."""
    cumulative = np.cumsum(exact)
    assert cumulative[-1] == pytest.approx(1, abs=1e-9)
    places = np.unique(np.searchsorted(cumulative, np.linspace(0.005, 0.995, points)))
    p = cumulative[places]
    drawn = np.searchsorted(np.sort(sums), (places + 0.5) * step, side="right") / len(sums)
    return float(np.abs((drawn - p) / np.sqrt(p * (1 - p) / len(sums))).max())


def exact_credited(components, step):
    """Deals one by one; the parts of a tranche's rest share one fraction."""
    parts = []
    for _, group in groupby(sorted(components, key=lambda c: c.leaf.id), key=lambda c: c.leaf.id):
        rest = list(group)
        goods = total(
            [product([c.factors.goods, c.factors.landed, c.factors.price], float(c.value_usd_mn), step) for c in rest]
        )
        of = rest[0].factors
        if of.is_coin:
            parts.append(coin(goods, float(of.conversion.aged(of.age_months).mean)))
        elif of.conversion.is_fixed:
            assert of.conversion.mean == 1
            parts.append(goods)
        else:
            parts.append(times(goods, of.conversion, step))
    return total(parts)


def deals():
    """Four parts that share no assumption, so that their sum is a convolution."""

    def drawn(name, **more):
        return {
            key: beta(a, b, f"{key}.{name}") for key, (a, b) in {"goods": (6, 3), "price": (24, 24), **more}.items()
        }

    landed = beta("1.5", "1.5", "landed", "0.65")
    return [
        component("A", 900, is_coin=True, conversion=beta("1.5", 6, "mou"), **drawn("A")),
        component("B", 700, conversion=beta(2, 5, "fraction"), landed=landed, **drawn("B")),
        component("C", 400, is_coin=True, conversion=fixed("0.35"), goods=beta(4, 4, "goods.C")),
        component("D", 300, price=beta(12, 4, "price.D")),
    ]


def test_what_two_parts_look_up_is_one_unknown_and_their_coins_are_two():
    """Two parts at one drawn price spread as one part of their size; coins of a half spread by the half's root."""
    price, half = beta(24, 24, "price"), {"is_coin": True, "conversion": fixed("0.5")}
    both = credited([component("A", 400, price=price), component("B", 600, price=price)], 20_000, 1)
    np.testing.assert_allclose(both, credited([component("C", 1000, price=price)], 20_000, 1))
    coins = credited([component("A", 500, **half), component("B", 500, **half)], 40_000, 1)
    assert coins.std() == pytest.approx(500 / 2**0.5, rel=0.02)


def test_a_mix_is_drawn_about_its_shares_and_its_parts_add_up_to_the_rest():
    """A Dirichlet of concentration 3 about 0.2, 0.3, 0.5: each share is a Beta of mean and weight as stated."""
    shares = {"aircraft": Fraction(1, 5), "energy": Fraction(3, 10), "technology": Fraction(1, 2)}
    mix = Mix("category_mix.T3", "a test", Strength.JUDGEMENT, shares)
    block = RandomBlock(8, 0, BLOCK)
    drawn = {name: block.share(mix, fixed(3), name) for name in shares}
    np.testing.assert_allclose(sum(drawn.values()), 1)
    for name, share in shares.items():
        assert stats.kstest(drawn[name], stats.beta(3 * float(share), 3 * (1 - float(share))).cdf).pvalue > 0.001
    parts = [
        replace(component(name, 1000 * share, concentration=fixed(3)), category=name, mix=mix)
        for name, share in shares.items()
    ]
    np.testing.assert_allclose(credited(parts, 5000, 8), 1000)


def test_a_coin_waits_as_long_as_a_geometric_number_of_spells():
    waits = RandomBlock(9, 0, 60_000).wait("A", np.full(60_000, 0.3))
    for spell in (1, 2, 3):
        assert (waits == spell).mean() == pytest.approx(0.3 * 0.7 ** (spell - 1), abs=0.008)
    assert np.isinf(RandomBlock(9, 0, 10).wait("A", np.zeros(10))).all()


def test_products_of_shares_and_coins_meet_their_exact_distribution():
    assert largest_z(credited(deals(), 200_000, 3), exact_credited(deals(), 1.0), 1.0) < 4


def test_another_price_would_be_seen():
    """The check can fail: a price of another shape is many standard errors off."""
    others = deals()
    others[3] = component("D", 300, price=beta(11, 4, "price"))
    assert largest_z(credited(others, 200_000, 3), exact_credited(deals(), 1.0), 1.0) > 8


def test_certain_deals_are_a_point_at_the_exact_sum():
    certain = [component(name, value, price=fixed("0.5")) for name, value in (("A", 120), ("B", 260))]
    (exact,) = [sum(t.credited[0] for t in following.trace(certain, Exact(), CALENDAR))]
    assert exact == 190
    assert np.argmax(exact_credited(certain, 1.0)) == 190
    assert (credited(certain, 10, 1) == 190).all()
    np.testing.assert_allclose(total([point(60, 1.0), point(130, 1.0)]), exact_credited(certain, 1.0), atol=1e-12)


@pytest.mark.slow
def test_a_million_draws_meet_the_exact_distribution():
    assert largest_z(credited(deals(), 1_000_000, 5), exact_credited(deals(), 0.5), 0.5) < 4


def moment(share, power):
    """The mean of (1 - x)^power, of a Beta or a fixed number."""
    if share.is_fixed:
        return (1 - float(share.mean)) ** power
    a, b = map(float, share.parameters)
    return float(np.prod([(b + n) / (a + b + n) for n in range(power)]))


def exact_mean(one, of):
    """What a part is credited with on average: its factors are drawn apart, so their means multiply."""
    factors = one.factors
    rise = of.calendar.first.year - one.priced_in if one.priced_in else 0
    grown = integrate.quad(lambda u: (1 + factors.escalation.quantile(u)) ** rise, 0, 1)[0]
    shares = float(factors.goods.mean * factors.landed.mean * factors.price.mean)
    first = float(factors.conversion.aged(factors.age_months).mean)
    bound = 1 - (1 - first) * moment(factors.late, of.calendar.spells - 1)
    return float(one.value_usd_mn) * shares * grown * bound


@pytest.mark.slow
def test_a_million_draws_of_the_shipped_scenario_meet_the_exact_mean():
    of = model.model(gather("even"))
    sums = credited(of.included, 1_000_000, 1, of.calendar)
    mean = sum(exact_mean(one, of) for one in of.included)
    assert mean == pytest.approx(float(sums.mean()), abs=4 * float(sums.std()) / 1000)
