"""One scenario's tables: small numbers that anyone can check by hand, and what has to add up."""

import dataclasses
import re
from decimal import Decimal
from itertools import accumulate

import pandas as pd
import pytest

import tradebalance as tb
from tradebalance.answers import comparison, timing
from tradebalance.answers.answer import LEVELS, contributions
from tradebalance.answers.gap import CARRIED_BY, STEPS, Calendar
from tradebalance.assumptions.baseline import method_of
from tradebalance.pages import delivery_scenario, say, wording

STEP_WORDS = delivery_scenario.step_words(Calendar(pd.Period("2026Q3"), 40))


def with_simulated(answer, **tables):
    return dataclasses.replace(answer, simulated=dataclasses.replace(answer.simulated, **tables))


def steps(**means):
    """A bridge of some steps, each a billion less to a billion more in nine draws of ten."""
    rows = {step: float(means.get(step, 0)) for step in STEPS}
    spread = {step: 1000.0 * (amount != 0) for step, amount in rows.items()}
    columns = {
        "mean": rows,
        "p05": {s: rows[s] - spread[s] for s in rows},
        "p50": rows,
        "p95": {s: rows[s] + spread[s] for s in rows},
    }
    free = {step: amount / 2 for step, amount in rows.items()}
    for step, carrier in CARRIED_BY.items():
        free[carrier], free[step] = free[carrier] + free[step], 0.0
    return pd.DataFrame({**columns, "order_free": free}).loc[list(STEPS)]


def amounts(cells):
    """Printed numbers as they stand, none where there is none."""
    is_number = re.compile(r"[+-]?\d")
    return [Decimal(cell.replace(",", "").split()[0]) if is_number.match(cell) else None for cell in cells]


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
    assert table.at[STEP_WORDS["not_binding"], "5 to 95 %"] == "-31 to -29"  # as far as 200 draws carry it
    assert table.at[STEP_WORDS["cancelled"], "5 to 95 %"] == ""
    assert table.at[STEP_WORDS["not_binding"], "In any order, bn"] == "-15.00"
    carried = f"in “{STEP_WORDS['after_the_horizon']}”"
    assert table.at[STEP_WORDS["no_room_in_time"], "In any order, bn"] == carried
    assert table.at[STEP_WORDS["additional"], "In any order, bn"] == "30.00"


def test_what_is_printed_of_steps_adds_up_row_by_row(drawn):
    thirds = dict.fromkeys(("not_binding", "cancelled", "bought_anyway"), -3_333)
    for bridge in (steps(announced=100_000, **thirds), steps(announced=90_304, lands_elsewhere=-6, no_room_in_time=-8)):
        table = delivery_scenario.bridge_table(with_simulated(drawn, steps=bridge))
        left = amounts(table["Left, bn"])
        assert list(accumulate(amounts(table["Mean, bn"])[:-1])) == left[:-1]
        assert left[-1] == left[-2] == round(Decimal(sum(bridge["mean"])) / 1000, 2)
        *free, whole = amounts(table["In any order, bn"])
        assert sum(filter(None, free)) == whole


def test_a_bridge_ends_at_the_additional_imports_of_the_headline(drawn, certain):
    for answer in (drawn, certain):
        table, total = delivery_scenario.bridge_table(answer), answer.simulated.totals.at["additional", "mean"]
        assert list(table.index) == list(delivery_scenario.step_words(answer.calendar).values())
        assert table.iloc[-1]["Left, bn"] == table.iloc[-2]["Left, bn"] == say.billions(total, 2)
        assert ("5 to 95 %" in table) == (answer is drawn)


# --- by year --------------------------------------------------------------------------------------


def test_a_years_share_is_of_that_years_gap_and_the_sum_since_the_start_runs_on(certain):
    table = delivery_scenario.by_year_table(certain)
    table = table[~table.index.str.endswith("published")]
    assert list(table.index) == ["2026, Q3 to Q4", "2027", "2028", "2029", "2030", "2031, Q1 to Q2"]
    assert list(table["Surplus without the deals, bn"]) == ["100.0", *["200.0"] * 4, "100.0"]
    assert list(table["New imports, bn"]) == ["9.03", *["18.06"] * 4, "9.03"]
    assert list(table["Since the start, bn"]) == ["9.03", "27.09", "45.15", "63.21", "81.27", "90.30"]
    assert list(table["Share"]) == ["9.03 %"] * 6


def test_years_of_draws_have_a_range_and_add_up_to_the_additional_imports(drawn):
    table, simulated = delivery_scenario.by_year_table(drawn), drawn.simulated
    shown = table.at["2027", "New imports, bn"]
    assert shown.partition(" ")[2] == say.ranged(drawn.in_year(2027), 2).partition(" ")[2]
    assert float(shown.split()[0]) == pytest.approx(simulated.by_year.at[2027, "mean"] / 1000, abs=0.01)
    assert float(table["Since the start, bn"].iloc[-1]) == pytest.approx(float(drawn.additional.mean) / 1000, abs=0.005)
    gap = float(drawn.baseline.loc["2027Q1":"2027Q4", "gap_usd_mn"].sum())
    assert table.at["2027", "Share"] == say.percent(simulated.by_year.at[2027, "mean"] / gap)


def test_years_as_printed_add_up_to_the_sum_since_the_start(drawn):
    thirds = drawn.simulated.by_year.assign(mean=1_003.0)  # a hundredth is lost in three years
    table = delivery_scenario.by_year_table(with_simulated(drawn, by_year=thirds)).loc["2026, Q3 to Q4":]
    since = amounts(table["Since the start, bn"])
    assert list(accumulate(amounts(table["New imports, bn"]))) == since
    assert since[-1] == Decimal("11.03")


def test_all_that_is_drawn_of_the_surplus_stands_in_the_numbers_behind_it(drawn):
    table = delivery_scenario.by_year_table(drawn)
    published, ahead = delivery_scenario._published_and_projected(drawn)
    surplus, band = (table.iloc[:, column] for column in (0, 1))
    assert [surplus[f"{year}, published"] for year in published.index] == [f"{amount:,.1f}" for amount in published]
    parts = amounts([surplus["2026, Q1 to Q2, published"], surplus["2026, Q3 to Q4"]])
    assert float(sum(parts)) == pytest.approx(ahead[2026], abs=0.1)
    assert surplus["2030"] == f"{ahead[2030]:,.1f}"
    drawn_band = delivery_scenario._band(drawn, published)
    for year in ("2027", "2035"):
        low, high = drawn_band.loc[int(year), ["p05", "p95"]]
        assert band[year] == f"{low:,.1f} to {high:,.1f}"
    assert band["2036, Q1 to Q2"] == band["2025, published"] == ""  # no whole year ahead


def test_a_year_without_a_gap_has_no_share(certain):
    none = dataclasses.replace(certain, baseline=certain.baseline.assign(gap_usd_mn=0))
    assert list(delivery_scenario.by_year_table(none)["Share"][-6:]) == [""] * 6


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
        "Surplus, four times the stated quarter": "200.0 bn",
        "Firm orders": "90.3 bn",
        "Delivered by 2031Q2": "90.3 bn",
        "New imports": "90.3 bn",
        "Of which stood before the talks": "50.15 bn",
        "Of which the talks added": "40.15 bn",
        "Best year, 2027": "18.06 bn",
        "Share of the year that the scenario states, a year, 2026Q3 to 2030Q4": "9.03 %",
        "Share closed, a year over 5 years": "9.03 %",
        "Share closed in the best year, 2027": "9.03 %",
        "Months of the stated surplus": "5.42",
        "Share closed of the projection without the deals over 5 years": "9.03 %",
        "First quarter with no surplus left, on the mean path": "none",
        "Chance that some quarter has no surplus": "0 %",
    }


def test_the_headline_of_draws_has_ranges_in_their_order(drawn):
    shown = delivery_scenario.headline_table(drawn)["USD, nominal"]
    for row, label in (
        ("credited", "Firm orders"),
        ("delivered", "Delivered by 2036Q2"),
        ("additional", "New imports"),
    ):
        assert shown[label] == f"{say.ranged(getattr(drawn, row))} bn"
        mean, low, high = map(float, shown[label].translate(str.maketrans("", "", "()bnto")).split())
        assert low < mean < high


def test_a_bridge_of_nothing_announced_draws_its_two_ends():
    """Before the first announced total there is a sum of nothing, and no step takes anything off it."""
    answer = tb.load().scenario("even").set(as_of="2025-02", draws=200).solve()
    chart = delivery_scenario.bridge_chart(answer)
    assert chart.title == "Of $0.0 billion announced, $0.0 billion would be new imports"
    assert chart.figure() is not None


# --- the first screen -----------------------------------------------------------------------------


def test_a_title_says_amount_years_and_share_in_fifteen_words(drawn, certain):
    over = timing.years_of_delivery(drawn)
    share = wording.share_cell(drawn, over)
    amount = say.ranged(drawn.additional).split()[0]
    assert delivery_scenario.headline(drawn) == (
        f"New imports: ${amount} billion, mostly {over[0].year} to {over[-1].year}, {share} of the surplus a year"
    )
    assert delivery_scenario.headline(certain) == (
        "Arithmetic, not a forecast: $90.3 billion by 2031, 9.03 % of the surplus a year"
    )
    for answer in (drawn, certain):
        assert len(delivery_scenario.headline(answer).split()) <= 15


def test_the_lead_holds_a_scenario_against_the_central_one_over_the_same_years(drawn):
    renamed = dataclasses.replace(
        drawn, inputs=dataclasses.replace(drawn.inputs, scenario=drawn.scenario.model_copy(update={"name": "other"}))
    )
    halved = with_simulated(renamed, by_component=drawn.simulated.by_component / 2)
    over = timing.years_of_delivery(drawn, halved)
    points = 100 * float(timing.share_of_a_year(drawn, over)) / 2
    assert "this is the central scenario" in delivery_scenario.lead(drawn, drawn)
    assert f"the deals close {points:.2f} points of the surplus a year less" in delivery_scenario.lead(halved, drawn)
    assert f"the deals close {points:.2f} points of the surplus a year more" in delivery_scenario.lead(drawn, halved)
    assert "the deals close as much of the surplus a year" in delivery_scenario.lead(renamed, drawn)
    assert "a case of its own" in delivery_scenario.lead(renamed, None)


def test_every_dollar_is_named_arithmetic_off_the_scale_and_has_no_waterfall(certain, drawn):
    over = timing.years_of_delivery(certain, drawn)
    renamed = certain.scenario.model_copy(update={"name": "as_announced"})
    whole = dataclasses.replace(certain, inputs=dataclasses.replace(certain.inputs, scenario=renamed))
    times = float(timing.share_of_a_year(whole, over)) / float(timing.share_of_a_year(drawn, over))
    assert f"off the scale, at {times:.1f} times what the central scenario closes" in delivery_scenario.lead(
        whole, drawn
    )
    assert delivery_scenario.loses_nothing(certain)
    assert not delivery_scenario.loses_nothing(drawn)


def test_the_central_answer_is_solved_on_the_same_book_and_month_with_few_draws():
    case = tb.load()
    even = case.scenario("even").set(reporter="VNM", as_of="2026-05", draws=3000).solve()
    central = even.central()
    assert (central.scenario.name, central.scenario.reporter) == ("slipped", "VNM")
    assert (central.calendar.first, central.simulated.draws) == (even.calendar.first, 500)
    assert central.central() is central
    assert case.scenario("seed_2025").solve().central() is None


# --- pictures -------------------------------------------------------------------------------------


def test_the_waterfalls_printed_parts_add_up_to_its_printed_end(drawn):
    for thirds in ({"not_binding": -33_333, "cancelled": -33_333}, {"not_binding": -10_049, "cancelled": -20_049}):
        bridge = steps(announced=100_000, **thirds)
        chart = delivery_scenario.bridge_chart(with_simulated(drawn, steps=bridge))
        labels = [text.get_text() for text in chart.figure().axes[0].texts]
        *parts, end = (float(label.replace("−", "-")) for label in labels)
        assert sum(parts) == pytest.approx(end)
        assert end == pytest.approx(round((100_000 + sum(thirds.values())) / 1000, 1))
        assert f"${end:,.1f} billion would be new imports" in chart.title
        assert len(labels) == 4  # steps of exactly nothing are left out
        assert not (chart.data["Mean, bn"] == "0").any()


def test_the_band_runs_to_the_horizon_and_opens_at_the_last_published_year(drawn):
    published, ahead = delivery_scenario._published_and_projected(drawn)
    band = delivery_scenario._band(drawn, published)
    assert (band.index[0], band.index[-1]) == (published.index[-1], drawn.calendar.years[-1])
    assert set(band.iloc[0]) == {published.iloc[-1]}
    history = drawn.known.history["gap_usd_mn"].astype(float) / 1000
    first = drawn.calendar.years[0]
    so_far = history[history.index.year == first].sum()
    assert band.at[first, "p95"] == pytest.approx(float(drawn.simulated.gap_by_year.at[first, "p95"]) / 1000 + so_far)
    assert ahead[2030] == pytest.approx(float(drawn.baseline.loc["2030Q1":"2030Q4", "gap_usd_mn"].sum()) / 1000)


# --- deals and assumptions ------------------------------------------------------------------------


def test_the_deals_are_told_in_words_and_add_up_as_printed():
    answer = tb.load().scenario("slipped").set(draws=400).solve()
    table = delivery_scenario.deals_table(answer)
    assert table.at["Vietnam Airlines: 50 Boeing 737s", "Due"] == "2030 to 2032, as printed"
    assert table.at["Vietjet: 200 Boeing 737s", "Due"] == "from 2028, end not stated (2036 assumed)"
    unnamed = table.filter(like="Unnamed", axis=0)
    assert len(unnamed) == 3
    assert unnamed["Due"].str.startswith("not stated (").all()
    assert table.at["All", "Announced"] == "90.30"
    for column in ("Announced", "Firm orders", "New imports"):
        *parts, whole = map(float, table[column])
        assert sum(parts) == pytest.approx(whole)
    assert table.at["All", "New imports"] == say.billions(answer.additional.mean)
    small = [part for part in timing.parts(answer) if round(float(part.additional) / 1000, 1) == 0]
    assert f"{len(small)} others" in table.index
    note = wording.unmarked(delivery_scenario.deals_note(answer))
    assert note.count("Vietnam Airlines: Pratt & Whitney engine service") == 1
    assert "Due" not in delivery_scenario.deals_table(tb.load().scenario("even").set(draws=50).solve())


def test_a_delay_is_printed_in_the_months_that_its_name_says():
    answer = tb.load().scenario("slipped").set(draws=50).solve()
    (delay,) = (each for each in answer.assumptions if each.path == "slip_months.aircraft")
    row = delivery_scenario.assumptions_table(answer).loc["Delay of aircraft"]
    low, mean, high = (3 * float(value) for value in (delay.quantile(0.05), delay.mean, delay.quantile(0.95)))
    assert row["Taken as"] == f"{mean:.0f} months ({low:.0f} to {high:.0f} months)"
    assert 20 < mean < 30
    share = delivery_scenario.assumptions_table(answer).loc["Share of aircraft that would not have been bought anyway"]
    assert share["Taken as"].startswith("70 % (4")


def test_the_assumptions_that_matter_most_are_at_their_ends():
    answer = tb.load().scenario("slipped").set(draws=50).solve()
    swings = answer.tornado()
    chart = delivery_scenario.matters_chart(answer, swings)
    first = swings.table.iloc[0]
    low, high = sorted(first[f"additional_{end}"] / 1000 for end in ("low", "high"))
    assert f"from ${low:,.1f} to {high:,.1f} billion" in chart.title
    assert list(delivery_scenario.matters_table(answer, swings).index) == list(chart.data.index[:6])
    assert not tb.load().scenario("as_announced").solve().tornado().table.size
    assert "every dollar is taken at its word" in delivery_scenario.nothing_assumed()


def test_other_projections_stand_on_one_scale_with_the_scenarios_own_marked(drawn):
    chart = delivery_scenario.others_chart(drawn)
    gaps = comparison.decisions(drawn)["gap_4"].astype(float) / 1000
    assert f"${gaps.min():,.0f} to {gaps.max():,.0f} billion" in chart.title
    own = method_of(drawn.scenario.baseline.method).short
    assert own[:1].upper() + own[1:] in chart.data.index
    assert len(chart.data) == len(gaps)
    stated = tb.load().scenario("seed_2025").solve()
    assert delivery_scenario.others_chart(stated).startswith("The scenario states the level of trade")


def test_links_to_references_are_named_by_their_host(drawn):
    said = delivery_scenario.about(drawn)
    assert "[vietnamleads" in said.replace("\\", "")
    assert "[1]" not in said


def test_what_a_scenario_is_held_against_is_the_central_scenarios_own_share():
    case = tb.load()
    whole = case.scenario().set(draws=8000).solve()
    few = case.scenario("stalled").set(draws=8000).solve().central()
    over = timing.years_of_delivery(whole)
    shares = [float(timing.share_of_a_year(answer, over)) for answer in (whole, few)]
    assert shares[0] == pytest.approx(shares[1], rel=0.003)
