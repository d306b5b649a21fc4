"""Assumptions as numbers and distributions: means, quantiles, ageing, slips in whole quarters, steps and windows."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from builders import beta, fixed, gather, known_on, slip
from tradebalance.answers.answer import solve
from tradebalance.assumptions import credit
from tradebalance.assumptions.credit import Factors
from tradebalance.assumptions.distributions import LONGEST_SLIP_QUARTERS, Assumption, Steps
from tradebalance.case import folder, inputs
from tradebalance.words.cells import vague_date
from tradebalance.words.terms import Status, Strength, quarter

AIRCRAFT = slip("0.75", 9, "0.6", "0.25", 60, "0.3")  # evidence/priors: ordinary and crisis regime


def test_a_deal_that_waits_longer_is_less_likely_to_become_binding():
    memorandum = beta("1.5", 6, "conversion.mou.default")
    means = [memorandum.aged(months).mean for months in (0, 12, 24, 48)]
    assert means == [Fraction(3, 15), Fraction(3, 16), Fraction(3, 17), Fraction(3, 19)]
    assert means == sorted(means, reverse=True)


def test_ageing_is_what_bayes_makes_of_deals_that_are_still_waiting():
    """Draw rates, let deals convert by them over a year and a half, and look at those left."""
    memorandum = beta("1.5", 6, "conversion.mou.default")
    rng = np.random.default_rng(3)
    chances = memorandum.quantile(rng.random(400_000))
    left = chances[rng.random(chances.size) < (1 - chances) ** (18 / 24)]
    assert left.mean() == pytest.approx(float(memorandum.aged(18).mean), abs=0.002)


def test_a_certain_conversion_does_not_age():
    assert fixed(1).aged(60) == fixed(1)


def test_slips_are_a_distribution_over_whole_quarters():
    assert sum(AIRCRAFT.quarters) == 1
    assert min(AIRCRAFT.quarters) >= 0
    assert len(AIRCRAFT.quarters) == LONGEST_SLIP_QUARTERS + 1


def test_slips_are_as_long_as_the_lognormals_say():
    months = 0.75 * 9 * np.exp(0.6**2 / 2) + 0.25 * 60 * np.exp(0.3**2 / 2)
    assert 3 * float(AIRCRAFT.mean) == pytest.approx(months, rel=0.005)
    at_most_a_year = 0.75 * stats.lognorm(0.6, scale=9).cdf(13.5) + 0.25 * stats.lognorm(0.3, scale=60).cdf(13.5)
    assert float(sum(AIRCRAFT.quarters[:5])) == pytest.approx(at_most_a_year, abs=1e-6)


def test_a_slip_drawn_by_its_quantiles_has_its_probabilities():
    rng = np.random.default_rng(5)
    draws = AIRCRAFT.quantile(rng.random(200_000))
    assert (draws == draws.astype(int)).all()
    for q in (0, 2, 5, 20):
        p = float(AIRCRAFT.quarters[q])
        assert abs((draws == q).mean() - p) < 4 * (p * (1 - p) / draws.size) ** 0.5


@pytest.mark.parametrize(("a", "b"), [("1.5", 6), (24, 24), (2, "4.25"), (8, 2), ("1.5", "1.5")])
def test_drawn_values_are_the_inverse_of_the_distribution(a, b):
    rng = np.random.default_rng(1)
    probability = np.concatenate([rng.random(20_000), 10.0 ** -np.arange(1, 12)])
    np.testing.assert_allclose(
        beta(a, b, "x").quantile(probability), stats.beta(float(a), float(b)).ppf(probability), rtol=1e-6
    )


def test_drawn_hazards_are_the_inverse_of_the_distribution():
    hazard = Assumption("h", "a test", Strength.WEAK, "gamma", (Decimal(4), Decimal("0.03")))
    probability = np.random.default_rng(1).random(20_000)
    expected = stats.gamma(4, scale=0.03 / 4).ppf(probability)
    np.testing.assert_allclose(hazard.quantile(probability), expected, rtol=1e-6)


def test_steps_hold_from_their_quarter_on_and_the_first_before():
    levels = ((quarter("2026Q3"), Decimal(300)), (quarter("2029Q1"), Decimal(700)))
    energy = Steps("capacity", "", Strength.WEAK, levels)
    found = [energy.at(quarter(q)) for q in ("2025Q1", "2026Q3", "2028Q4", "2029Q1", "2040Q1")]
    assert found == [300, 300, 300, 700, 700]


def test_what_is_left_of_a_slip_is_its_tail_less_what_is_over():
    """Half 3 months, half 24 (sigma next to 0): after two quarters without a delivery it is the long one, six to go."""
    late = slip("0.5", 3, "0.001", "0.5", 24, "0.001")
    assert late.quarters[1] == late.quarters[8] == Fraction(1, 2)
    left = late.after(2)
    assert [q for q, p in enumerate(left.quarters) if p] == [6]
    assert left.mean == left.quantile(0.01) == 6
    assert late.after(90).mean == 0
    assert fixed(3, "slip").after(1).mean == 2
    assert fixed(3, "slip").after(5).mean == 0


def test_what_lands_is_bounded_by_the_subsets_of_the_ledger_that_go_elsewhere():
    """50 of 200 aircraft to Thailand and at least 20 to Kazakhstan: at most 130 of 200 can land in Vietnam."""
    found = {c.leaf.id: c for c in solve(gather("even", draws=10)).components}
    assert found["VJ-737-200"].factors.landed.at_most == Decimal("0.65")


def test_a_subset_not_known_yet_takes_nothing_off():
    facts = known_on("USA", pd.Period("2026-10", "M"))
    parsed, assumed = inputs.read_scenario(folder.case(), "even")
    for month, share in (("2025-04", 1), ("2025-05", "0.65")):
        made = credit.components(replace(facts, as_of=pd.Period(month, "M")), parsed, assumed)
        assert {c.leaf.id: c for c in made}["VJ-737-200"].factors.landed.at_most == Decimal(share)


@pytest.fixture(scope="module")
def of_a_folder():
    """Facts on the US book, the scenario `published` and what it assumes."""
    return known_on("USA", pd.Period("2026-10", "M")), *inputs.read_scenario(folder.case(), "published")


def by_leaf(facts, parsed, assumed, first: pd.Period, as_of: str = "2026-10") -> dict[str, credit.Component]:
    made = credit.components(replace(facts, first=first, as_of=pd.Period(as_of, "M")), parsed, assumed)
    return {component.leaf.id: component for component in made}


@pytest.mark.parametrize(("stated", "landed"), [("0.5", "0.5"), ("0.65", "0.65"), ("0.8", "0.65")])
def test_of_a_stated_bound_and_of_what_the_subsets_leave_the_lower_holds(of_a_folder, stated, landed):
    facts, parsed, assumed = of_a_folder
    (path,) = (path for path, record in assumed.by_path.items() if getattr(record, "elsewhere", ()))
    bounded = replace(assumed.by_path[path], at_most=Decimal(stated))
    assumed = replace(assumed, by_path={**assumed.by_path, path: bounded})
    assert by_leaf(facts, parsed, assumed, facts.first)["VJ-737-200"].factors.landed.at_most == Decimal(landed)


@pytest.mark.parametrize(
    ("printed", "as_of", "age"), [("2025Q1", "2025-12", 9), ("2025", "2026-10", 10), ("2025-03-01", "2025-03", 0),
                                  ("before 2025-03-13", "2025-12", 9), ("2025", "2025-06", 0), ("", "2026-10", 0)]
)  # fmt: skip
def test_a_memorandum_ages_from_the_latest_day_that_its_date_can_mean(of_a_folder, printed, as_of, age):
    facts, parsed, assumed = of_a_folder
    (signed,) = (leaf for leaf in facts.leaves if leaf.id == "VNA-737-2026")
    memorandum = replace(signed, now=replace(signed.now, status=Status.MOU, date=vague_date(printed)))
    facts = replace(facts, leaves=(memorandum,))
    found = by_leaf(facts, parsed, assumed, facts.first, as_of)["VNA-737-2026"]
    assert found.factors.age_months == age


def test_an_assumed_window_stays_where_it_is_as_the_data_move_on(of_a_folder):
    """Aircraft are assumed to arrive from 2028 to 2036: in 2029 what is late comes in the eight years that are left."""
    facts, parsed, assumed = of_a_folder
    for first, quarters in (("2025Q2", 36), ("2026Q3", 36), ("2029Q1", 32)):
        due = by_leaf(facts, parsed, assumed, quarter(first))["VJ-737-200"].schedule
        assert (max(due), len(due)) == (quarter("2036Q4"), quarters)


def test_of_a_deal_that_is_late_already_what_is_left_of_its_slip_counts(of_a_folder):
    facts, _, _ = of_a_folder
    parsed, assumed = inputs.read_scenario(folder.case(), "slipped")
    aircraft = assumed.by_path["slip_months.aircraft"]
    for first, elapsed in (("2026Q3", 0), ("2029Q1", 4)):
        made = by_leaf(facts, parsed, assumed, quarter(first))["VJ-737-200"].factors.slip
        assert made == aircraft.after(elapsed)


def test_unnamed_rests_age_as_named_deals_do_and_what_is_signed_does_not(of_a_folder):
    """By October 2026 the talks of May 2025 are 17 months old, the memoranda of 13 March 2025 19."""
    facts, parsed, assumed = of_a_folder
    made = by_leaf(facts, parsed, assumed, facts.first)
    ages = {name: made[f"{name}-remainder"].factors.age_months for name in ("T1", "T2", "T3")}
    assert ages == {"T1": 0, "T2": 19, "T3": 17}


def test_a_value_is_in_prices_of_the_middle_year_of_its_lists_or_of_its_announcement(of_a_folder):
    """Vietjet's 24 is the sum of lists of 2016 and 2018, the 7.8 of Vietnam Airlines a list of 2023, T3 of May 2025."""
    facts, parsed, assumed = of_a_folder
    made = by_leaf(facts, parsed, assumed, facts.first)
    years = {name: made[name].priced_in for name in ("VJ-737-200", "VNA-737-2026", "T3-remainder")}
    assert years == {"VJ-737-200": 2017, "VNA-737-2026": 2023, "T3-remainder": 2025}


def test_what_is_binding_after_some_spells_has_a_closed_form():
    """A half of the time 0.2 of what is left, and if the odds of a Beta(1, 1) held for n spells, n / (n + 1)."""
    late = Factors(conversion=fixed("0.5"), late=fixed("0.2"))
    assert [late.bound(n) for n in (1, 2, 3)] == [Fraction(1, 2), Fraction(3, 5), Fraction(17, 25)]
    even_odds = Factors(conversion=beta(1, 1, "mou"), late=beta(1, 3, "late"))
    assert even_odds.bound_if_odds_held(4) == Fraction(4, 5)
    assert even_odds.bound(3) == 1 - Fraction(1, 2) * Fraction(3 * 4, 4 * 5)


def test_odds_that_held_would_bring_most_of_the_unnamed_rest_in_ten_years(of_a_folder):
    """Beta(1.5, 6), 17 months old, would be 0.56 after five spells; what is assumed of later ones keeps below."""
    old = Factors(conversion=beta("1.5", 6, "mou"), age_months=17)
    assert float(old.bound_if_odds_held(5)) == pytest.approx(0.56, abs=0.005)
    facts, parsed, assumed = of_a_folder
    rest = by_leaf(facts, parsed, assumed, facts.first)["T3-remainder"].factors
    assert rest.bound(1) < rest.bound(5) < rest.bound_if_odds_held(5)
