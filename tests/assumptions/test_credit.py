"""What a page says was assumed: every record that acted, and no word of what did not."""

from decimal import Decimal
from fractions import Fraction

import pytest

from builders import gather, leaf
from tradebalance.answers.answer import Solution, solve
from tradebalance.assumptions import credit
from tradebalance.assumptions.written import Assumptions
from tradebalance.pages import compare_schedules, delivery_scenario, say, wording


@pytest.fixture(scope="module")
def answers() -> dict[str, Solution]:
    names = ("even", "slipped", "published", "as_announced", "seed_2025")
    return {name: solve(gather(name, draws=300)) for name in names}


def paths(answer):
    return {record.path for record in answer.settings}


def test_windows_limits_and_common_factors_are_listed_where_they_act(answers):
    slipped = paths(answers["slipped"])
    assert {"window_where_none_is_printed.aircraft", "capacity_usd_mn_per_quarter.aircraft"} <= slipped
    assert {"category_mix.T1", "category_mix.T3", "correlation.political", "correlation.seller"} <= slipped
    assert not {path for path in paths(answers["even"]) if path.startswith(("window", "capacity", "tariff"))}
    assert "correlation.seller" not in paths(answers["even"])
    assert {path for path in paths(answers["published"]) if path.startswith("window")}
    assert not {path for path in paths(answers["published"]) if path.startswith("capacity")}
    assert {path.split(".")[0] for path in paths(answers["as_announced"])} == {"category_mix"}


def test_a_rest_whose_mix_nobody_states_keeps_the_category_of_its_tranche():
    rest = leaf(is_remainder=True)
    assert credit._categories(rest, Assumptions("assumptions.yaml", {})) == {rest.event.category: 1}


@pytest.mark.parametrize(
    ("factor", "parameters", "of_energy"),
    [("additionality", (8, 2), (2, 4)), ("slip", (1, 12, "0.7"), (1, 2, "0.6")), ("price", (1,), (1,))],
)
def test_lng_is_a_category_of_its_own(answers, factor, parameters, of_energy):
    """There is no US LNG in Vietnam's trade, so nearly all of it is additional; it waits for terminals."""
    parts = {part.id: part for part in answers["slipped"].components}
    for category, stated in (("lng", parameters), ("energy", of_energy)):
        found = getattr(parts[f"T3-remainder: {category}"].factors, factor)
        assert found.parameters == tuple(Decimal(each) for each in stated)
    assert parts["T2-remainder: lng"].value_usd_mn == Fraction(45, 100) * 4_150
    assert parts["T3-remainder: lng"].value_usd_mn == parts["T3-remainder: energy"].value_usd_mn


def test_lng_is_written_in_capitals():
    assert wording.category_words("lng") == "LNG"


def test_a_tariff_path_is_listed_with_its_dated_rates():
    taxed = solve(gather("even", draws=200, tariff="in_force"))
    (path,) = (record for record in taxed.settings if record.path.startswith("tariff_path"))
    assert "12.5% from 24 Jul 2026" in path.words
    assert "12.5% from 24 Jul 2026" in " ".join(delivery_scenario.assumptions_table(taxed)["Taken as"])
    assert "12.5% from 24 Jul 2026" in wording.assumed(taxed)
    assert "tariff" not in delivery_scenario.limits(taxed).split("is in the data.")[1]


def test_the_table_of_assumptions_gives_words_for_windows_and_limits(answers):
    table = delivery_scenario.assumptions_table(answers["slipped"])
    assert table.at["Assumed years of delivery of aircraft", "Taken as"] == "2028Q1 to 2036Q4"
    limit = table.at["Most of aircraft that can be delivered in a quarter", "Taken as"]
    assert limit[0].isdigit()
    assert table["From"].str.len().min() > 0


def test_a_page_says_what_acts_and_what_does_not(answers):
    said = {name: wording.assumed(answer) for name, answer in answers.items()}
    assert "slip as such deliveries have slipped before" in said["slipped"]
    assert "waits for the next quarter" in said["slipped"]
    assert "Nothing slips further" in said["even"]
    assert "with the errors that this method has made" in said["even"]
    assert "the window printed, or where none is, of the one assumed" in said["published"]
    assert "imports have no range" in said["as_announced"]
    assert "without an error band" in said["seed_2025"]
    assert delivery_scenario.limits(answers["slipped"]).endswith("In this scenario there are no tariff steps.")
    assert "no delays beyond a stated one, no limits of capacity" in delivery_scenario.limits(answers["even"])


def test_chances_say_what_is_drawn_and_that_one_path_has_none(answers):
    said = {name: delivery_scenario.chances_lead(answers[name]) for name in ("even", "as_announced", "seed_2025")}
    assert "(deals and errors of the baseline)" in said["even"]
    assert "(errors of the baseline)" in said["as_announced"]
    assert said["seed_2025"].endswith("These are no chances.")
    assert "the gap's band from 300 draws, seed 1" in wording.colophon(answers["as_announced"])
    assert "; one exact path. " in wording.colophon(answers["seed_2025"])


def test_deals_that_fill_a_tranche_are_named():
    fill = {"include": {"status": ["signed", "mou", "negotiating", "planned"], "fill": {"T3": ["SPA-787"]}}}
    said = wording.assumed(solve(gather("even", draws=100, **fill)))
    assert "inside “Unnamed, under negotiation”" in said
    assert "SPA-787 inside" not in said


def test_the_bridge_shows_each_steps_range_and_its_amount_in_any_order(answers):
    table = delivery_scenario.bridge_table(answers["slipped"])
    row = answers["slipped"].simulated.steps.loc["not_binding"]
    assert table.at["No firm order by 2036Q2", "5 to 95 %"] == f"{row['p05'] / 1000:,.0f} to {row['p95'] / 1000:,.0f}"
    free = float(table.at["No firm order by 2036Q2", "In any order, bn"])
    assert free == pytest.approx(row["order_free"] / 1000, abs=0.1)  # few draws carry one decimal
    total = answers["slipped"].simulated.totals.at["additional", "mean"]
    assert table.at["New imports", "In any order, bn"] == f"{total / 1000:,.1f}"
    assert "5 to 95 %" not in delivery_scenario.bridge_table(answers["as_announced"])


def test_a_step_that_shares_a_factor_points_to_the_row_that_carries_it():
    late = solve(gather("even", draws=200, as_of="2026-10", **{"delivery.delay_quarters": 8, "reporter": "VNM",
                                                                      "books.VNM.lag_quarters": 2}))  # fmt: skip
    row = delivery_scenario.bridge_table(late).loc["Arrives in time, recorded after the horizon"]
    assert float(row["Mean, bn"]) < 0
    assert row["In any order, bn"] == "in “Not recorded on this book”"


def test_probabilities_stand_by_year_and_share_of_todays_gap(answers):
    table = delivery_scenario.probabilities_table(answers["even"])
    assert list(table.columns) == [
        f"At most {x}" for x in ("100 % of today's", "75 % of today's", "50 % of today's", "nothing")
    ]
    level = answers["even"].simulated.at_or_below
    quarter = next(q for q in level.index if str(q) == "2030Q4")
    assert table.loc["2030Q4"].iloc[1] == say.percent(level.loc[quarter].iloc[1], 0)


def test_terms_that_are_nothing_are_told_from_those_that_round_to_it():
    assert [compare_schedules.signed(amount) for amount in (0, 1e-9, -0.2, 12, -1366)] == [
        "0", "0.000", "0.000", "+0.012", "-1.366"
    ]  # fmt: skip
