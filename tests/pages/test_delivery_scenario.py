"""One scenario's tables: small numbers that anyone can check by hand, and what has to add up."""

import dataclasses

import pandas as pd
import pytest

import tradebalance as tb
from tradebalance.answers.answer import LEVELS, contributions
from tradebalance.answers.gap import STEPS, Calendar, step_words
from tradebalance.pages import delivery_scenario, say

STEP_WORDS = step_words(Calendar(pd.Period("2026Q3"), 40))


def with_simulated(answer, **tables):
    return dataclasses.replace(answer, simulated=dataclasses.replace(answer.simulated, **tables))


def steps(**means):
    """A bridge of some steps, each a million less to a million more in nine draws of ten."""
    rows = {step: float(means.get(step, 0)) for step in STEPS}
    spread = {step: 1000.0 * (amount != 0) for step, amount in rows.items()}
    columns = {
        "mean": rows,
        "p05": {s: rows[s] - spread[s] for s in rows},
        "p95": {s: rows[s] + spread[s] for s in rows},
    }
    return pd.DataFrame({**columns, "order_free": {step: amount / 2 for step, amount in rows.items()}}).loc[list(STEPS)]


def column(table, name):
    return {row: cell for row, cell in table[name].items() if cell not in ("0", "")}


# --- the bridge -----------------------------------------------------------------------------------


def test_what_is_left_after_a_step_is_what_was_left_before_it_with_the_step(drawn):
    bridge = steps(announced=100_000, services_and_finance=-20_000, not_binding=-30_000, bought_anyway=-5_000)
    table = delivery_scenario.bridge_table(with_simulated(drawn, steps=bridge))
    assert column(table, "Mean, bn") == {
        "Announced": "+100.00",
        STEP_WORDS["services_and_finance"]: "-20.00",
        STEP_WORDS["not_binding"]: "-30.00",
        STEP_WORDS["bought_anyway"]: "-5.00",
    }
    left = table["Left, bn"]
    assert left["Announced"] == left[STEP_WORDS["left_out_by_the_scenario"]] == "100.00"
    assert left[STEP_WORDS["services_and_finance"]] == left[STEP_WORDS["list_to_paid_price"]] == "80.00"
    assert left[STEP_WORDS["not_binding"]] == left[STEP_WORDS["not_recorded_on_this_book"]] == "50.00"
    assert left[STEP_WORDS["bought_anyway"]] == left[STEP_WORDS["additional"]] == "45.00"


def test_each_step_has_its_range_and_its_amount_in_any_order(drawn):
    bridge = steps(announced=100_000, not_binding=-30_000, no_room_in_time=-8_000, after_the_horizon=-2_000)
    table = delivery_scenario.bridge_table(with_simulated(drawn, steps=bridge))
    assert table.at[STEP_WORDS["not_binding"], "5 to 95 %"] == "-31.00 to -29.00"
    assert table.at[STEP_WORDS["cancelled"], "5 to 95 %"] == ""
    assert table.at[STEP_WORDS["not_binding"], "In any order, bn"] == "-15.00"
    carried = f"in “{STEP_WORDS['after_the_horizon']}”"
    assert table.at[STEP_WORDS["no_room_in_time"], "In any order, bn"] == carried
    assert table.at[STEP_WORDS["additional"], "In any order, bn"] == "30.00"


def test_a_bridge_ends_at_the_additional_imports_of_the_headline(drawn, certain):
    for answer in (drawn, certain):
        table, total = delivery_scenario.bridge_table(answer), answer.simulated.totals.at["additional", "mean"]
        assert list(table.index) == list(step_words(answer.calendar).values())
        assert table.iloc[-1]["Left, bn"] == table.iloc[-2]["Left, bn"] == say.billions(total, 2)
        assert ("5 to 95 %" in table) == (answer is drawn)


# --- by year --------------------------------------------------------------------------------------


def test_a_years_share_is_of_that_years_gap_and_the_sum_since_the_start_runs_on(certain):
    table = delivery_scenario.by_year_table(certain)
    assert list(table.index) == ["2026, Q3 to Q4", "2027", "2028", "2029", "2030", "2031, Q1 to Q2"]
    assert list(table["Gap without deals, bn"]) == ["100.0", *["200.0"] * 4, "100.0"]
    assert list(table["Additional imports, bn"]) == ["9.03", *["18.06"] * 4, "9.03"]
    assert list(table["Since the start, bn"]) == ["9.03", "27.09", "45.15", "63.21", "81.27", "90.30"]
    assert list(table["Share"]) == ["9.03 %"] * 6


def test_years_of_draws_have_a_range_and_add_up_to_the_additional_imports(drawn):
    table, simulated = delivery_scenario.by_year_table(drawn), drawn.simulated
    shown = table.at["2027", "Additional imports, bn"]
    assert shown == say.ranged(drawn.in_year(2027), 2)
    assert float(shown.split()[0]) == pytest.approx(simulated.by_year.at[2027, "mean"] / 1000, abs=0.5)
    assert table["Since the start, bn"].iloc[-1] == say.ranged(drawn.additional).split()[0]
    gap = float(drawn.baseline.loc["2027Q1":"2027Q4", "gap_usd_mn"].sum())
    assert table.at["2027", "Share"] == say.percent(simulated.by_year.at[2027, "mean"] / gap)


def test_a_year_without_a_gap_has_no_share(certain):
    none = dataclasses.replace(certain, baseline=certain.baseline.assign(gap_usd_mn=0))
    assert list(delivery_scenario.by_year_table(none)["Share"]) == [""] * 6


# --- contributions --------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["category", "deal"])
def test_contributions_add_up_to_their_total(certain, drawn, by):
    whole = delivery_scenario.contributions_table(certain, by)
    assert list(whole.loc["Total"]) == ["90.30"] * 4
    totals = drawn.simulated.totals["mean"]
    shown = delivery_scenario.contributions_table(drawn, by).loc["Total"]
    assert shown["Announced, bn"] == "90.30"
    for kind in ("credited", "delivered", "additional"):
        assert shown[f"{kind.capitalize()}, bn"] == say.billions(totals[kind], 2)


def test_a_deals_row_is_what_was_announced_of_it(certain):
    table = delivery_scenario.contributions_table(certain, "deal")
    expected = {leaf.id: say.billions(leaf.value_usd_mn, 2) for leaf in certain.known.leaves}
    assert dict(table["Announced, bn"].drop("Total")) == expected
    assert table.index[0] == "T3-remainder"
    categories = contributions(certain)["announced"]
    aircraft = delivery_scenario.contributions_table(certain).at["aircraft", "Announced, bn"]
    assert aircraft == say.billions(categories["aircraft"], 2)


# --- chances and the headline ---------------------------------------------------------------------


def test_chances_stand_by_the_level_and_the_year_they_are_of(drawn):
    reached = drawn.simulated.at_or_below
    chances = pd.DataFrame(
        {level: [(row + 100 * n) / 1000 for row in range(len(reached))] for n, level in enumerate(reached.columns)},
        index=reached.index,
    )
    table = delivery_scenario.probabilities_table(with_simulated(drawn, at_or_below=chances))
    assert list(table.columns) == [
        *(f"At most {level:.0%} of today's".replace("%", " %") for level in LEVELS if level),
        "At most nothing",
    ]
    fourths = [row for row, quarter in enumerate(reached.index) if quarter.quarter == 4]
    assert list(table.index) == [str(reached.index[row]) for row in fourths]
    assert list(table["At most nothing"]) == [say.percent((row + 300) / 1000, 0) for row in fourths]
    assert list(table.iloc[:, 0]) == [say.percent(row / 1000, 0) for row in fourths]


def test_one_path_is_at_or_below_a_level_or_it_is_not(certain):
    table = delivery_scenario.probabilities_table(certain)
    assert set(table.iloc[:, 0]) == {"100 %"}
    assert set(table.iloc[:, 1:].to_numpy().ravel()) == {"0 %"}


def test_the_headline_of_every_dollar_at_its_word(certain):
    assert delivery_scenario.headline_table(certain)["USD, nominal"].to_dict() == {
        "Announced": "90.3 bn",
        "Gap, four times the stated quarter": "200.0 bn",
        "Credited": "90.3 bn",
        "Delivered by 2031Q2": "90.3 bn",
        "Additional imports": "90.3 bn",
        "Of which stood before the talks": "50.15 bn",
        "Of which the talks added": "40.15 bn",
        "Best year, 2027": "18.06 bn",
        "Share of the year that the scenario states, a year, 2026Q3 to 2030Q4": "9.03 %",
        "Closure, a year over 5 years": "9.03 %",
        "Closure in the best year, 2027": "9.03 %",
        "Months of the stated gap": "5.42",
        "Closure against the baseline over 5 years": "9.03 %",
        "First quarter with no gap left, on the mean path": "none",
        "Share of draws in which some quarter's gap closes": "0 %",
    }


def test_the_headline_of_draws_has_ranges_in_their_order(drawn):
    shown = delivery_scenario.headline_table(drawn)["USD, nominal"]
    for row, label in (
        ("credited", "Credited"),
        ("delivered", "Delivered by 2036Q2"),
        ("additional", "Additional imports"),
    ):
        assert shown[label] == f"{say.ranged(getattr(drawn, row))} bn"
        mean, low, high = map(float, shown[label].translate(str.maketrans("", "", "()bnto")).split())
        assert low < mean < high


def test_a_bridge_of_nothing_announced_draws_its_two_ends():
    """Before the first announced total there is a sum of nothing, and no step takes anything off it."""
    answer = tb.load().scenario("even").set(as_of="2025-02", draws=200).solve()
    chart = delivery_scenario.bridge_chart(answer)
    assert chart.title == "Of $0.0 billion announced, $0.0 billion would be additional imports"
    assert chart.figure() is not None
