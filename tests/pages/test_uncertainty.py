"""The page on uncertainty: what its sentences and tables say is what was found."""

import dataclasses
import json

import pytest

from builders import gather
from tradebalance.answers import answer, goal, model, sensitivity
from tradebalance.pages import records, uncertainty
from tradebalance.pages.chart import Chart
from tradebalance.pages.say import spaced
from tradebalance.words import terms


class Page:
    """Everything the notebook works out, for a scenario with few draws."""

    def __init__(self, name, **settings):
        gathered = gather(name, draws=1000, **settings)
        self.answer, self.model = answer.solve(gathered), model.model(gathered)
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


def test_the_headline_says_whose_the_uncertainty_is(even, certain):
    assert uncertainty.headline(even.answer, even.width).endswith(
        "what is unknown about the gap of the four quarters to 2028Q2 is trade, not the deals, which are under 0.01 % "
        "of its variance"
    )
    assert "nothing is uncertain" in uncertainty.headline(certain.answer, certain.width)


def test_deals_are_named_where_they_are_what_is_unknown():
    stated = Page("even", baseline={"method": "fixed", "exports_usd_mn": 60_000, "imports_usd_mn": 10_000})
    assert "is the deals, which are 100.00 % of its variance" in uncertainty.headline(stated.answer, stated.width)


def test_the_headline_table_has_the_figures_of_its_parts(even):
    table = uncertainty.headline_table(*even.all)["Found"]
    low = even.width.with_deals.at[terms.quarter("2028Q2"), "p05"] / 1000
    assert f"({low:,.1f} to" in table["Gap, four quarters to 2028Q2"]
    own = max(even.held, key=lambda each: each.purchases)
    assert (
        table[f"Purchases a year that hold the gap to {own.last}, {own.method}"]
        == f"{float(own.purchases) / 1000:,.1f} bn"
    )
    total = even.sought.lever("announced_total").needed / 1000
    assert table["Announcements that close 1.00 % a year by 2030Q4"] == f"{total:,.1f} bn"


def test_tables_show_what_was_found(even):
    swings = uncertainty.swings_table(even.swings)
    assert swings.loc["additionality · aircraft", "Swing, bn"] == f"{even.swings.swings.iloc[0] / 1000:,.2f}"
    held = uncertainty.break_even_table(even.held)
    for each in even.held:
        assert held.loc[spaced(each.method), "Holding purchases, bn"] == f"{float(each.purchases) / 1000:,.1f}"
        assert held.loc[spaced(each.method), "Holding growth"] == f"{each.holding * 100:.1f} %"
    chances = uncertainty.probabilities_table(even.answer)
    assert chances.columns[0] == "At most 210.9 bn (today's)"
    assert chances.index[0] == "2027Q4"
    assert uncertainty.indices_table(even.shares).index[0] == "additionality · aircraft"


def test_few_draws_are_called_not_settled(even):
    few = sensitivity.sobol(even.model, draws=64)
    assert "Not settled" in uncertainty.settled(few)
    assert "64 draws" in uncertainty.settled(few)


def test_figures_draw_at_both_widths_and_where_nothing_varies_a_sentence_stands(even, certain):
    for chart in (
        uncertainty.fan_chart(even.answer, even.width),
        uncertainty.tornado_chart(even.answer, even.swings),
        uncertainty.indices_chart(even.answer, even.shares),
        uncertainty.fan_chart(certain.answer, certain.width),
    ):
        assert isinstance(chart, Chart)
        for narrow in (False, True):
            assert chart.figure(narrow).axes
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


def test_the_page_says_whether_both_rankings_agree_and_why_not(even):
    said = uncertainty.agreement(even.swings, even.shares)
    tops = [list(found.table.index[:5]) for found in (even.swings, even.shares)]
    assert ("the same inputs" in said) is (tops[0] == tops[1])
    same = dataclasses.replace(even.shares, table=even.shares.table.reindex(even.swings.table.index))
    assert "the same inputs" in uncertainty.agreement(even.swings, same)
    late = even.swings.table.rename({tops[0][0]: "slip_months.aircraft"})
    assert "for each deal" in uncertainty.agreement(dataclasses.replace(even.swings, table=late), even.shares)


def test_what_becomes_binding_stands_by_part_with_its_bound(even):
    found = uncertainty.binding_table(even.answer)
    assert list(found.index) == ["T2, unnamed rest", "T3, unnamed rest"]
    rest = next(c.factors for c in even.answer.included if c.leaf.id == "T3-remainder")
    shown = [f"{float(share):.0%}".replace("%", " %") for share in (rest.bound(1), rest.bound(5))]
    assert list(found.loc["T3, unnamed rest"])[:2] == shown
