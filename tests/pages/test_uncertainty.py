"""The page on uncertainty: what its sentences and tables say is what was found."""

import dataclasses
import json
import re

import pytest

from builders import gather
from tradebalance.answers import answer as answer_
from tradebalance.answers import goal, model, sensitivity
from tradebalance.assumptions.baseline import METHODS
from tradebalance.pages import chart, records, say, show, uncertainty
from tradebalance.pages.chart import Chart
from tradebalance.words import terms


class Page:
    """Everything the notebook works out, for a scenario with few draws."""

    def __init__(self, name, **settings):
        gathered = gather(name, draws=1000, **settings)
        self.answer, self.model = answer_.solve(gathered), model.model(gathered)
        self.width = sensitivity.outlook(self.model)
        self.swings, self.shares = sensitivity.tornado(self.model), sensitivity.sobol(self.model)
        self.sought = goal.seek(self.model, goal.Goal(0.01, terms.quarter("2030Q4"), 0.5))
        self.held = list(goal.by_method(self.model, goal.horizon(self.model)))

    @property
    def all(self):
        return self.answer, self.width, self.swings, self.shares, self.sought, self.held


@pytest.fixture(scope="module")
def even():
    return Page("even")


@pytest.fixture(scope="module")
def certain():
    return Page("as_announced", baseline={"method": "fixed", "exports_usd_mn": 60_000, "imports_usd_mn": 10_000})


def test_the_title_says_the_range_of_the_answer_and_the_lead_whose_the_doubt_is(even, certain):
    low, high = (f"{float(end) / 1000:.0f}" for end in (even.answer.additional.p05, even.answer.additional.p95))
    title = uncertainty.headline(even.answer, even.width)
    assert title == f"Nine times in ten the deals bring ${low} to {high} billion of new imports"
    gap = even.width.with_deals.loc[terms.quarter("2028Q2")] / 1000
    said = uncertainty.lead(even.answer, even.width)
    assert f"to 2028Q2 is between ${gap['p05']:,.0f} and ${gap['p95']:,.0f} billion" in said
    assert said.endswith("Of that doubt under 0.01 % is the deals'.")
    assert uncertainty.headline(certain.answer, certain.width).startswith("Nothing is uncertain here")


def test_deals_are_named_where_they_are_what_is_unknown_and_trade_where_deals_are_certain():
    stated = Page("even", baseline={"method": "fixed", "exports_usd_mn": 60_000, "imports_usd_mn": 10_000})
    assert "100 % of that doubt is the deals'" in uncertainty.lead(stated.answer, stated.width)
    assert "the deals 100 %" in uncertainty.doubt_chart(stated.answer, stated.width).alt
    sure = Page("as_announced")
    assert "The surplus of the four quarters to 2028Q2 may be $" in uncertainty.headline(sure.answer, sure.width)
    assert "taken at its word, $90.3 billion of new imports" in uncertainty.lead(sure.answer, sure.width)
    assert "has no range" in uncertainty.new_imports_chart(sure.answer, sure.width)


def test_the_headline_table_has_the_figures_of_its_parts(even):
    table = uncertainty.headline_table(*even.all)["Found"]
    low = even.width.with_deals.at[terms.quarter("2028Q2"), "p05"] / 1000
    assert f"({low:,.1f} to" in table["Surplus, four quarters to 2028Q2"]
    own = max(even.held, key=lambda each: each.purchases)
    row = f"New imports a year that hold the surplus to {own.last}, {METHODS[own.method].short}"
    assert table[row] == f"{float(own.purchases) / 1000:,.1f} bn"
    total = even.sought.lever("announced_total").needed / 1000
    assert table["Announcements that close 1.00 % a year by 2030Q4"] == f"{total:,.1f} bn"


FIRST = "Share of aircraft that would not have been bought anyway"


def test_tables_show_what_was_found_in_words(even):
    swings = uncertainty.swings_table(even.answer, even.swings)
    assert swings.loc[FIRST, "Swing, bn"] == f"{even.swings.swings.iloc[0] / 1000:,.2f}"
    assert swings.loc[FIRST, "Moved over"] == "45 to 90 %"
    held = uncertainty.break_even_table(even.held)
    for each in even.held:
        row = held.loc[say.opening(METHODS[each.method].short)]
        assert row["New imports that hold it, bn"] == f"{float(each.purchases) / 1000:,.1f}"
        assert row["Growth that holds it"] in (f"{each.holding * 100:.1f} %", "0.0 %")
    chances = uncertainty.probabilities_table(even.answer)
    assert chances.columns[0] == "At most 210.9 bn (today's)"
    assert "At most 0.0 bn" not in chances.columns  # no draw comes down to nothing
    assert chances.index[0] == "2027Q4"
    assert uncertainty.indices_table(even.answer, even.shares).index[0] == FIRST


def test_no_key_of_a_file_stands_in_a_table_or_a_picture(even):
    charts = [
        uncertainty.tornado_chart(even.answer, even.swings),
        uncertainty.indices_chart(even.answer, even.shares),
        uncertainty.break_even_chart(even.answer, even.held),
    ]
    shown = [*(show.chart_html(each) for each in charts), uncertainty.not_varied(even.answer, even.swings)]
    shown += [
        uncertainty.agreement(even.answer, even.swings, even.shares),
        uncertainty.binding_table(even.answer).to_string(),
    ]
    for text in shown:
        words = " ".join(re.sub(r"<[^>]*>", " ", text).split())
        assert re.findall(r"[a-z]_[a-z]|VJ-|T[123]-|additionality|sarima|\bnan\b", words) == []


def test_an_assumption_is_moved_between_values_in_the_unit_of_its_name():
    found = model.model(gather("slipped", draws=200))
    late, answer = sensitivity.tornado(found), answer_.solve(gather("slipped", draws=200))
    table = uncertainty.swings_table(answer, late)
    quarters = late.table.loc["slip_months.aircraft", ["low", "high"]]
    low, high = table.loc["Delay of aircraft", "Moved over"].removesuffix(" months").split(" to ")
    assert (float(low), float(high)) == pytest.approx(tuple(3 * quarters), rel=0.05)
    assert (
        table.loc["Mix of goods of the unnamed rest under negotiation", "Moved over"] == "one kind of goods at a time"
    )
    label = uncertainty.tornado_chart(answer, late).figure().axes[0].texts[0].get_text()
    assert label.endswith(f"{high} months")


def test_the_fan_stands_on_one_scale_with_the_deals_as_far_as_a_baseline_forecasts(even):
    axes = uncertainty.fan_chart(even.answer, even.width).figure().axes
    assert len(axes) == 1
    past, deals = (line for line in axes[0].lines if line.get_color() in (chart.INK, chart.ORANGE))
    assert past.get_ydata()[-1] == pytest.approx(float(even.answer.gap_last_four) / 1000)
    last = even.width.additional.loc[terms.quarter("2028Q2"), "p50"]
    assert (deals.get_xdata()[-1], deals.get_ydata()[-1]) == (2028.25, pytest.approx(last / 1000))


def test_holding_the_surplus_is_drawn_beside_what_the_deals_bring(even):
    picture = uncertainty.break_even_chart(even.answer, even.held)
    widths = [bar.get_width() for bar in picture.figure().axes[0].patches]
    needed = sorted(float(each.purchases) / 1000 for each in even.held)
    assert widths == pytest.approx([even.held[0].deals / 1000, *needed])
    assert f"${needed[0]:,.0f} to {needed[-1]:,.0f} billion" in picture.title


def test_few_draws_are_called_not_settled(even):
    few = sensitivity.sobol(even.model, draws=64)
    assert "Not settled" in uncertainty.settled(few)
    assert "64 draws" in uncertainty.settled(few)


def test_figures_draw_at_both_widths_and_where_nothing_varies_a_sentence_stands(even, certain):
    for each in (
        uncertainty.fan_chart(even.answer, even.width),
        uncertainty.new_imports_chart(even.answer, even.width),
        uncertainty.doubt_chart(even.answer, even.width),
        uncertainty.tornado_chart(even.answer, even.swings),
        uncertainty.indices_chart(even.answer, even.shares),
        uncertainty.fan_chart(certain.answer, certain.width),
    ):
        assert isinstance(each, Chart)
        for narrow in (False, True):
            assert each.figure(narrow).axes
    assert "No assumption" in uncertainty.tornado_chart(certain.answer, certain.swings)
    assert "Nothing of the deals is drawn" in uncertainty.indices_chart(certain.answer, certain.shares)
    assert uncertainty.headline_table(*certain.all).loc["The deals' part of its variance", "Found"] == "none"


def test_the_record_is_plain_and_names_its_scenario_apart_from_the_indexes_table(even):
    found = json.loads(
        json.dumps(
            records.uncertainty_as_json(even.answer, even.width, even.swings, even.shares, even.sought, even.held)
        )
    )
    assert found["uncertainty_of"] == "even"
    assert "scenario" not in found
    assert found["tornado"]["rows"][0]["assumption"] == "additionality.aircraft"
    assert found["goal"]["levers"][0]["lever"] == "announced_total"
    assert {row["baseline"] for row in found["break_even"]} >= {"hold", "ets", "sarima"}


def test_the_record_and_the_numbers_behind_the_charts_hold_what_the_page_prints(even):
    found = records.uncertainty_as_json(even.answer, even.width, even.swings, even.shares, even.sought, even.held)
    by_quarter = {row["four_quarters_to"]: row for row in found["variance"]}
    for whose in ("deals", "trade"):
        spread = even.width.spreads.at[terms.quarter("2028Q2"), whose]
        assert by_quarter["2028Q2"][f"sd_{whose}_usd_mn"] == pytest.approx(spread)
    assert list(found["sobol"]["alone"].values()) == pytest.approx(even.shares.first_sum)
    assert found["tornado"]["at_means"] == pytest.approx(even.swings.mean_path["additional"])
    goal_, gap_ = found["goal"], float(even.answer.gap_last_four)
    assert goal_["takes_off_usd_mn"] == pytest.approx(0.01 * gap_)
    assert goal_["larger_without_deals_usd_mn"] == pytest.approx(goal_["baseline_gap_four_quarters_usd_mn"] - gap_)
    assert f"${goal_['larger_without_deals_usd_mn'] / 1000:,.1f} billion larger" in goal_["why"][-1]
    shares = [f"{100 * row['within_two_years']:.0f} %" for row in found["binding"]]
    assert shares == list(uncertainty.binding_table(even.answer)["Within two years"])
    levels = {row["level_of_todays"]: row["level_usd_mn"] for row in found["probability_at_or_below"]}
    assert levels == {share: pytest.approx(share * gap_) for share in (1.0, 0.75, 0.5, 0.0)}
    assert "2028Q2" in {row["four_quarters_to"] for row in found["probability_at_or_below"]}
    for picture in (uncertainty.fan_chart, uncertainty.doubt_chart):
        assert "2028Q2" in picture(even.answer, even.width).data.index
    top = str(even.width.additional["p50"].idxmax())
    assert top in uncertainty.new_imports_chart(even.answer, even.width).data.index


def test_the_page_says_whether_both_rankings_agree_and_why_not(even):
    said = uncertainty.agreement(even.answer, even.swings, even.shares)
    tops = [list(found.table.index[:5]) for found in (even.swings, even.shares)]
    assert ("the same inputs" in said) is (tops[0] == tops[1])
    same = dataclasses.replace(even.shares, table=even.shares.table.reindex(even.swings.table.index))
    assert "the same inputs" in uncertainty.agreement(even.answer, even.swings, same)
    late = even.swings.table.rename({tops[0][0]: "slip_months.aircraft"})
    assert "for each deal" in uncertainty.agreement(
        even.answer, dataclasses.replace(even.swings, table=late), even.shares
    )


def test_what_becomes_binding_stands_by_part_with_its_bound(even):
    found = uncertainty.binding_table(even.answer)
    assert list(found.index) == ["Unnamed memoranda of March 2025", "Unnamed, under negotiation"]
    rest = next(c.factors for c in even.answer.included if c.leaf.id == "T3-remainder")
    shown = [f"{float(share):.0%}".replace("%", " %") for share in (rest.bound(1), rest.bound(5))]
    assert list(found.loc["Unnamed, under negotiation"])[:2] == shown
