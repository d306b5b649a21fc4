"""The draws' distribution against exact ones that were worked out another way, at grid points, |z| < 4."""

from itertools import groupby

import numpy as np
import pytest

from builders import FIRST, beta, component, fixed
from exact_sums import coin, point, product, times, total
from tradebalance.answers import model, simulation
from tradebalance.answers.draws import Exact, random_blocks
from tradebalance.answers.gap import Calendar, credit
from tradebalance.case import inputs

CALENDAR = Calendar(FIRST, 12)


def credited(components, draws, seed):
    """The credited sum of each draw, from the package's own values and first equation."""
    found = []
    for block in random_blocks(seed, draws):
        parts = [credit(float(c.value_usd_mn), simulation._values(c, block))[0] for c in components]
        found.append(np.add.reduce(parts))
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
    shares = {"goods": (6, 3), "price": (24, 24)}
    drawn = {name: beta(a, b, name) for name, (a, b) in shares.items()}
    return [
        component("A", 900, is_coin=True, conversion=beta("1.5", 6, "mou"), **drawn),
        component("B", 700, conversion=beta(2, 5, "fraction"), landed=beta("1.5", "1.5", "landed", "0.65"), **drawn),
        component("C", 400, is_coin=True, conversion=fixed("0.35"), goods=beta(4, 4, "goods")),
        component("D", 300, price=beta(12, 4, "price")),
    ]


def test_products_of_shares_and_coins_meet_their_exact_distribution():
    assert largest_z(credited(deals(), 200_000, 3), exact_credited(deals(), 1.0), 1.0) < 4


def test_another_price_would_be_seen():
    """The check can fail: a price of another shape is many standard errors off."""
    others = deals()
    others[3] = component("D", 300, price=beta(11, 4, "price"))
    assert largest_z(credited(others, 200_000, 3), exact_credited(deals(), 1.0), 1.0) > 8


def test_certain_deals_are_a_point_at_the_exact_sum():
    certain = [component(name, value, price=fixed("0.5")) for name, value in (("A", 120), ("B", 260))]
    (exact,) = [sum(t.credited[0] for t in simulation.trace(certain, Exact(), CALENDAR))]
    assert exact == 190
    assert np.argmax(exact_credited(certain, 1.0)) == 190
    assert (credited(certain, 10, 1) == 190).all()
    np.testing.assert_allclose(total([point(60, 1.0), point(130, 1.0)]), exact_credited(certain, 1.0), atol=1e-12)


@pytest.mark.slow
def test_a_million_draws_meet_the_exact_distribution():
    assert largest_z(credited(deals(), 1_000_000, 5), exact_credited(deals(), 0.5), 0.5) < 4


@pytest.mark.slow
def test_a_million_draws_of_the_shipped_scenario_meet_the_exact_distribution():
    """`even` with its deals drawn apart: nineteen parts, three of them sharing a fraction between several."""
    of = model.model(inputs.gather("even", changes={"correlation.political": 0}))
    included = [c for c in of.components if c.included]
    assert {c.factors.political for c in included} == {0.0}
    step = 10.0
    exact = exact_credited(included, step)
    mean = float(np.arange(len(exact)) @ exact) * step
    sums = credited(included, 1_000_000, 1)
    assert mean == pytest.approx(float(sums.mean()), abs=4 * float(sums.std()) / 1000)
    assert largest_z(sums, exact, step) < 4
