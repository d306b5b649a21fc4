"""Nominal against constant dollars, by hand."""

from decimal import Decimal

import pytest

from tradebalance.answers import answer
from tradebalance.answers.answer import solve
from tradebalance.case import inputs
from tradebalance.pages import uncertainty
from tradebalance.words.problems import Refused

RATES = {
    "prices.escalation_per_year": Decimal("0.03"),
    "prices.inflation_per_year": Decimal("0.02"),
    "prices.base_year": 2025,
}


@pytest.fixture(scope="module")
def stated():
    return solve(inputs.gather("as_announced", changes=RATES))


def test_aircraft_escalate_to_their_year_and_all_is_deflated_to_the_base_year(stated):
    table = answer.at_prices(stated)
    share = 4 / 20
    planes = (24_000 + 7_800 + 0.30 * 8_250 + 0.35 * 36_000) * share
    year = table.loc[2028]
    assert year["announced_prices"] == pytest.approx(90_300 * share)
    assert year["nominal"] == pytest.approx(90_300 * share + planes * (1.03**3 - 1))
    assert year["constant"] == pytest.approx(year["nominal"] / 1.02**3)
    assert table["announced_prices"].sum() == pytest.approx(90_300)


def test_the_number_of_aircraft_is_that_of_the_deals_that_print_one(stated):
    """As announced: all of Vietjet's 200 and Vietnam Airlines' 50 arrive over the horizon."""
    assert answer.at_prices(stated)["aircraft"].sum() == pytest.approx(250)


def test_dollars_over_the_paid_unit_price_are_the_aircraft_that_add():
    found = solve(inputs.gather("even", changes=RATES))
    (vietjet,) = [c for c in found.components if c.id == "VJ-737-200"]
    mean = {name: float(getattr(vietjet.factors, name).mean) for name in ("landed", "capture", "additionality")}
    most = 250 * 1.05 * mean["capture"] * mean["additionality"]
    planes = answer.at_prices(found)["aircraft"].sum()
    assert 0.5 * most * mean["landed"] < planes < most
    assert answer._paid_each(vietjet) == pytest.approx(24_000 / 200 * 0.5)


def test_a_deal_that_fills_a_rest_in_part_is_priced_by_its_own_row():
    """12 billion for 30 widebodies, of which 5.1 fill the rest; Vietnam's book counts freight and insurance too."""
    ours, theirs = (
        next(c for c in solve(inputs.gather("named_deals", reporter=book, draws=300)).components if c.id == "VNA-WB30")
        for book in ("USA", "VNM")
    )
    assert ours.value_usd_mn == 5_100
    assert answer._paid_each(ours) == pytest.approx(12_000 / 30 * float(ours.factors.price.mean))
    assert answer._paid_each(theirs) == pytest.approx(1.03 * answer._paid_each(ours))


def test_without_rates_there_is_no_such_view_and_the_page_says_why():
    plain = solve(inputs.gather("as_announced"))
    assert answer.at_prices(plain) is None
    assert "No source at hand" in uncertainty.prices(plain)


def test_the_table_names_the_rates_and_the_base_year(stated):
    table = uncertainty.prices(stated)
    assert list(table.columns)[2:] == [
        "Aircraft at 3.0 % a year more, bn",
        "In dollars of 2025, at 2.0 % a year, bn",
    ]
    assert table.index[0] == "2026"


def test_the_rates_come_together_and_within_reason():
    with pytest.raises(Refused, match="inflation_per_year"):
        inputs.gather("even", changes={"prices.escalation_per_year": Decimal("0.03")})
    with pytest.raises(Refused, match=r"prices\.escalation_per_year"):
        inputs.gather("even", changes={**RATES, "prices.escalation_per_year": Decimal(3)})
