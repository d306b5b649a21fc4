"""An answer as JSON: amounts under their unit, parts that add up to their whole, and nothing left out."""

import json
from fractions import Fraction
from types import SimpleNamespace

import pandas as pd
import pytest

from builders import gather, known_on
from tradebalance.answers import comparison
from tradebalance.answers.answer import solve
from tradebalance.pages import delivery_scenario, records
from tradebalance.words.terms import quarter


@pytest.fixture(scope="module")
def said(drawn):
    return json.loads(json.dumps(records.as_json(drawn), allow_nan=False))


def test_the_steps_of_the_bridge_add_up_to_the_additional_imports(said, drawn):
    assert said["bridge"][0] == {
        "step": "announced", "usd_mn": 90_300, "p05_usd_mn": 90_300, "p95_usd_mn": 90_300, "order_free_usd_mn": 90_300,
    }  # fmt: skip
    total = said["additional_usd_mn"]["mean"]
    assert sum(step["usd_mn"] for step in said["bridge"]) == pytest.approx(total)
    assert total == pytest.approx(float(drawn.additional.mean))
    assert said["credited_usd_mn"]["mean"] > said["delivered_in_horizon_usd_mn"]["mean"] > total


def test_quarters_years_categories_and_deals_add_up_to_the_same(said):
    total = said["additional_usd_mn"]["mean"]
    sums = {
        "by_quarter": sum(row["additional_mean_usd_mn"] for row in said["by_quarter"]),
        "by_year": sum(row["additional_usd_mn"]["mean"] for row in said["by_year"]),
        "of_which": sum(said["of_which"].values()),
        "contributions": sum(row["additional_mean_usd_mn"] for row in said["contributions"]),
        "deals": sum(row["additional_mean_usd_mn"] for row in said["deals"]),
    }  # fmt: skip
    assert sums == {name: pytest.approx(total) for name in sums}


def test_money_is_usd_million_and_shares_are_fractions(said, drawn):
    known = drawn.known
    gap = float(known.history["gap_usd_mn"].iloc[-4:].sum())
    assert said["gap_last_four_quarters_usd_mn"] == pytest.approx(gap)
    assert said["gap_last_four_quarters_se_usd_mn"] is None
    assert said["announced_usd_mn"] == 90_300
    yearly = said["additional_usd_mn"]["mean"] / 10
    assert said["closure"]["annual_rate"]["mean"] == pytest.approx(yearly / gap)
    assert said["months_of_todays_gap"]["mean"] == pytest.approx(said["additional_usd_mn"]["mean"] / gap * 12)
    assert [said[key] for key in ("reporter", "home", "partner", "as_of")] == ["USA", "VNM", "USA", "2026-10"]
    assert said["last_four_quarters"] == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]


def test_the_record_of_a_scenarios_page_holds_what_its_sentences_and_tables_print(drawn, certain):
    said = json.loads(json.dumps(records.scenario_as_json(drawn, None, drawn), allow_nan=False))
    assert said["against_central"]["apart"] == 0
    assert said["against_central"]["times"] == 1
    assert said["against_central"]["share_a_year"] == said["years_of_delivery"]["share_a_year"]
    assert records.scenario_as_json(certain, None, None)["against_central"] is None
    duties, rates = said["duties"], delivery_scenario.collected_rates(drawn)
    assert (duties["base_year"], duties["base"]) == (2024, pytest.approx(0.0382, abs=0.0002))
    assert [rate["since"] for rate in duties["rates"]] == [str(rate.since) for rate in rates]
    assert duties["rates"][0]["collected"] == pytest.approx(float(rates[0].collected))
    table = delivery_scenario.duties_table(drawn)
    assert list(table["Taken as"]) == [f"{rate['taken_as']:.2f}" for rate in duties["rates"]]


def test_a_delay_is_in_the_months_that_its_path_says():
    answer = solve(gather("slipped", draws=20))
    said = {row["path"]: row for row in records.scenario_as_json(answer, None, None)["assumptions"]}
    delay = next(each for each in answer.assumptions if each.path == "slip_months.aircraft")
    assert said["slip_months.aircraft"]["mean"] == pytest.approx(3 * float(delay.mean), abs=1e-9)
    assert 0.6 < said["additionality.aircraft"]["mean"] < 0.8
    assert len(said) > 40
    assert "from 2026Q3" in said["capacity_usd_mn_per_quarter.lng"]["taken_as"]


def test_every_quarter_of_the_horizon_has_its_row_from_the_first_after_the_figures(said):
    assert [row["quarter"] for row in said["by_quarter"]] == [str(quarter("2026Q3") + n) for n in range(40)]
    assert (said["first_quarter"], said["last_quarter"]) == ("2026Q3", "2036Q2")
    for row in said["by_quarter"]:
        assert row["gap_p05_usd_mn"] <= row["gap_p50_usd_mn"] <= row["gap_p95_usd_mn"]
    chances = said["probability_at_or_below"]
    ends = dict.fromkeys(row["four_quarters_to"] for row in chances)
    assert list(ends) == [f"{year}Q4" for year in range(2027, 2036)]
    assert len(chances) == 4 * len(ends)


def test_a_year_has_its_additional_imports_and_the_trade_without_the_deals(said, drawn):
    for row in said["by_year"]:
        year = int(row["year"])
        of_year = drawn.baseline[drawn.baseline.index.year == year]
        assert row["quarters_in_horizon"] == len(of_year) == (2 if year in (2026, 2036) else 4)
        assert row["baseline_exports_usd_mn"] == pytest.approx(float(of_year["exports_usd_mn"].sum()))
        assert row["baseline_imports_usd_mn"] == pytest.approx(float(of_year["imports_usd_mn"].sum()))
        drawn_year = drawn.simulated.by_year.loc[year]
        assert row["additional_usd_mn"] == {point: pytest.approx(drawn_year[point]) for point in ("mean", "p05", "p95")}


def test_the_two_lines_add_up_to_the_additional_imports_and_go_by_the_total_of_a_part(drawn):
    means = drawn.simulated.by_component[list(drawn.calendar.quarters)].sum(axis=1)
    before = sum(means[c.id] for c in drawn.included if c.leaf.tranche == "T1")
    found = records.as_json(drawn)["of_which"]
    assert found["stood_before_usd_mn"] == pytest.approx(before)
    assert sum(found.values()) == pytest.approx(float(drawn.additional.mean), rel=1e-12)


def test_scenarios_side_by_side_share_their_years_and_their_date(drawn, certain):
    found = records.compared_as_json([drawn, certain])
    assert found["common_year"] == 2030
    whole = found["side_by_side"][1]
    assert whole["by_end_of_common_year_usd_mn"] == 18 * 4515
    assert whole["of_which"] == {"stood_before_usd_mn": 50_150, "added_usd_mn": 40_150}
    over = pd.period_range(*found["years_of_delivery"].values(), freq="Q")
    assert whole["share_a_year"] == pytest.approx(90_300 * 4 / len(over) / 200_000)


def test_a_decisions_gap_with_deals_is_that_without_them_less_the_deals(drawn, certain):
    rows = records.compared_as_json([drawn, certain])["decisions"]
    assert [row["scenario"] for row in rows] == ["even"] * (len(rows) - 1) + ["as_announced"]
    for row in rows:
        for span in (4, 8):
            without, deals, with_them = (row[f"{name}_{span}_usd_mn"] for name in ("gap", "additional", "with"))
            assert with_them == pytest.approx(without - deals)
    assert rows[-1]["additional_4_usd_mn"] == 4 * 4515
    assert rows[-1]["closure"] == pytest.approx(90_300 / (20 * 50_000))
    assert "closure_usd_mn" not in rows[0]
    assert "share_usd_mn" not in rows[0]


def test_the_terms_of_a_change_keep_their_names_and_signs(drawn):
    spans = comparison.published_years(drawn.known)
    (one, other) = records.attribution_as_json(spans)
    assert (one["quarters"], other["quarters"]) == ("2023 to 2024", "2024 to 2025")
    history = drawn.known.history["gap_usd_mn"].astype(float)
    by_year = history.groupby(history.index.year).sum()
    assert other["change_usd_mn"] == pytest.approx(by_year[2025] - by_year[2024])


def test_facts_of_several_books_name_the_files_of_all_and_say_the_first(drawn):
    own = known_on("VNM")
    found = records.known_as_json(drawn.known, own, files={"x.csv": "00"})
    assert (found["reporter"], found["home"], found["partner"]) == ("USA", "VNM", "USA")
    assert {*drawn.known.files, *own.files, "x.csv"} <= set(found["inputs"])
    assert found["sources"] == list(dict.fromkeys(found["sources"]))
    assert found["gap_last_four_quarters_usd_mn"] == pytest.approx(float(drawn.known.gap_last_four))


def test_named_attributes_stand_under_their_key_and_unit():
    of = SimpleNamespace(at=quarter("2026Q3"), inner=SimpleNamespace(amount=Fraction(5, 2)), none=None)
    assert records.named(of, "at") == {"at": "2026Q3"}
    assert records.named(of, "rise:mn=inner.amount none:mn") == {"rise_usd_mn": 2.5, "none_usd_mn": None}
