"""The published gap on the page: sums of whole years and four quarters, signs, billions, and what changed between
releases. What two books say of one trade is tested with their facts."""

import dataclasses
from decimal import Decimal

import pandas as pd
import pytest

from builders import known_on, shipped, trade
from tradebalance import api
from tradebalance.case import asof
from tradebalance.facts import mirror
from tradebalance.facts.revisions import Revisions
from tradebalance.pages import trade_gap
from tradebalance.words.terms import month

SOURCES = ["a publisher"]


@pytest.fixture(scope="module")
def history():
    """Ten quarters to 2026Q2: exports rise by a billion a quarter from 20, imports stand at 5; 2024 and 2025 whole."""
    return trade([20_000 + 1000 * n for n in range(10)], [5000] * 10)


def drawn(chart):
    """The lines of a chart's first panel by their words: the last point of each."""
    return [line.get_xydata()[-1].tolist() for line in chart.figure().axes[0].lines]


def test_a_year_is_the_sum_of_its_four_quarters_and_a_part_of_one_is_left_out(history):
    table = trade_gap.trade_by_year_table(history)
    assert table.to_dict("index") == {
        "2024": {"Exports, bn": "86.00", "Imports, bn": "20.00", "Gap, bn": "66.00"},
        "2025": {"Exports, bn": "102.00", "Imports, bn": "20.00", "Gap, bn": "82.00"},
    }
    assert list(trade_gap.trade_by_year_table(history, last=1).index) == ["2025"]


def test_a_deficit_keeps_its_sign(history):
    turned = history.assign(gap_usd_mn=-history["gap_usd_mn"])
    assert trade_gap.trade_by_year_table(turned).at["2025", "Gap, bn"] == "-82.00"
    chart = trade_gap.quarters_chart(turned, "USA", SOURCES)
    assert chart.title == "The gap of the last quarter, 2026Q2, is $-24.0 billion"
    assert min(bar.get_height() for bar in chart.figure().axes[0].patches) == -24


def test_sums_of_four_quarters_end_at_the_last_quarter_and_are_billions(history):
    chart = trade_gap.four_quarter_sums_chart(history, "USA", SOURCES)
    assert chart.title == "The gap is $90 billion over the four quarters to 2026Q2, 1.4 times that to 2024Q4"
    assert chart.data.iloc[0].to_dict() == {"Exports, bn": "110.0", "Imports, bn": "20.0", "Gap, bn": "90.0"}
    assert list(chart.data.index[[0, -1]].astype(str)) == ["2026Q2", "2024Q4"]
    assert drawn(chart) == [[2026.25, 110.0], [2026.25, 20.0], [2026.25, 90.0]]


def test_a_long_record_is_held_against_the_last_quarter_five_years_before():
    flat = trade([30_000] * 28 + [70_000] * 4, [10_000] * 32)
    chart = trade_gap.four_quarter_sums_chart(flat, "USA", SOURCES, first=2018)
    assert chart.title == "The gap is $240 billion over the four quarters to 2026Q2, 3.0 times that to 2021Q4"


def test_every_quarter_has_its_own_bar_and_row(history):
    chart = trade_gap.quarters_chart(history, "USA", SOURCES, last=8)
    assert [bar.get_height() for bar in chart.figure().axes[0].patches] == [17, 18, 19, 20, 21, 22, 23, 24]
    assert list(chart.data["Gap, bn"]) == [f"{gap}.0" for gap in range(24, 16, -1)]
    assert list(chart.data.index[[0, -1]].astype(str)) == ["2026Q2", "2024Q3"]
    assert (chart.data["Imports, bn"] == "5.0").all()


def test_the_lead_says_who_sold_what_and_the_headline_is_their_difference():
    known = known_on("USA")
    exports, imports = (
        float(known.history[name].iloc[-4:].sum()) / 1000 for name in ("exports_usd_mn", "imports_usd_mn")
    )
    twelve = float(known.months["gap_usd_mn"].iloc[-12:].sum()) / 1000
    assert trade_gap.headline(known) == (
        f"Vietnam's goods surplus with the United States is ${exports - imports:.1f} billion over the four quarters to "
        f"2026Q2 and ${twelve:.1f} billion over the twelve months to August 2026 on the US Census book"
    )
    lead = trade_gap.lead(known)
    assert (
        f"Vietnam sold the United States ${exports:.1f} billion of goods in the four quarters 2025Q3 to 2026Q2" in lead
    )
    assert f"bought ${imports:.1f} billion there. In the twelve months" in lead
    own = dataclasses.replace(known, gap_error=1234.0)
    assert f"bought ${imports:.1f} billion there (standard error 1.2). In" in trade_gap.lead(own)


def test_the_founding_figures_stand_with_the_cells_and_the_bulletins_that_they_add_up_from():
    table = trade_gap.founding_table(api.Case(shipped()).founding())
    assert [table.at[name, "bn"] for name in table.index] == ["31.394", "4.098", "27.296", "90.300"]
    made, pdf = table.at["exports 2025Q1", "Made of, mn"], table.at["exports 2025Q1", "Printed in"]
    assert sum(float(part.replace(",", "")) for part in made.split()) == pytest.approx(31_394.185, abs=0.002)
    assert pdf == "2025-t4-5x(vn-sb).pdf"
    assert table.at["announced", "Rows"].startswith("data/raw/commitments/")
    assert api.load("phase-one").founding() == []


def test_the_book_that_is_missing_is_the_other_sides():
    known = known_on("USA")
    assert "figures that Vietnam publishes" in trade_gap.one_book(known)


# --- revisions ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def revised():
    """Two releases of three months: the exports of the first month went up by 100, the imports of the last by 30."""
    old, new = {}, {}
    for period, exports, imports in (("2025-11", 100, 0), ("2025-12", 0, 0), ("2026-01", 0, 30)):
        old |= {("exports", period): 900, ("imports", period): 300, ("gap", period): 600}
        new |= {("exports", period): 900 + exports, ("imports", period): 300 + imports}
        new["gap", period] = new["exports", period] - new["imports", period]
    rows = [(measure, month(at), *map(Decimal, (old[measure, at], to, to - old[measure, at])))
            for (measure, at), to in new.items()]  # fmt: skip
    table = pd.DataFrame(rows, columns=["measure", "period", "old_usd_mn", "new_usd_mn", "change_usd_mn"])
    return Revisions("USA", "VNM", month("2026-02"), month("2026-04"), table, ("VNM only before",))


def test_a_revision_is_the_newer_release_less_the_older(revised):
    table = trade_gap.revised_months_table(revised)
    assert list(table.index) == ["2025-11", "2025-12", "2026-01"]
    assert list(table["Exports, change, mn"]) == ["+100.0", "+0.0", "+0.0"]
    assert list(table["Imports, change, mn"]) == ["+0.0", "+0.0", "+30.0"]
    assert list(table["Gap before, mn"]) == ["600.0"] * 3
    assert list(table["Gap after, mn"]) == ["700.0", "600.0", "570.0"]
    assert list(table["Gap, change, mn"]) == ["+100.0", "+0.0", "-30.0"]
    assert list(trade_gap.revised_months_table(revised, last=1).index) == ["2026-01"]


def test_a_years_revision_is_the_sum_of_its_months(revised):
    table = trade_gap.revised_years_table(revised)
    assert list(table["Months changed"]) == ["1 of 2", "1 of 1"]
    assert table.loc["2025", ["Gap before, mn", "Gap after, mn", "Gap, change, mn"]].tolist() == [
        "1,200.0", "1,300.0", "+100.0"]  # fmt: skip


def test_the_sentence_on_revisions_names_the_month_that_changed_most(revised):
    said = trade_gap.revisions_lead(dataclasses.replace(known_on("USA"), revisions=revised))
    assert "The release of April 2026 changed the gap of 2 of the 3 months that the one of February 2026" in said
    assert "most that of 2025-11, by +100.0 million dollars" in said
    assert "Not compared: VNM only before." in said


# --- two books ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both():
    return asof.books(case=shipped())


def test_two_books_apart_is_the_count_less_the_book_in_pieces(both):
    table = trade_gap.mirror_table(mirror.by_year(both), both)
    for year, row in table.iterrows():
        count, pieces = (float(row[name].split()[0]) for name in ("Gap, US book, bn", "Gap, Vietnam book, bn"))
        assert float(row["Apart, bn"]) == pytest.approx(count - pieces, abs=0.11), year


def test_the_picture_of_two_books_draws_each_gap_in_its_band(both):
    row = mirror.by_quarter(both).loc[both.bound[-1]]
    count, own, error = (float(row[f"gap_{name}_usd_mn"]) / 1000 for name in ("USA", "VNM", "VNM_se"))
    panel = trade_gap.gaps_chart(both).figure().axes[0]
    assert [line.get_ydata()[-1] for line in panel.lines] == [count, own]
    (band,) = panel.collections
    ends = [y for x, y in band.get_paths()[0].vertices if x == panel.lines[0].get_xdata()[-1]]
    assert min(ends) == pytest.approx(own - mirror.Z90 * error)
    assert max(ends) == pytest.approx(own + mirror.Z90 * error)


def test_the_picture_of_ratios_has_exports_above_and_imports_below(both):
    last = mirror.by_quarter(both).loc[both.bound[-1]]
    panels = trade_gap.ratios_chart(both).figure().axes
    assert [axes.lines[0].get_ydata()[-1] for axes in panels] == [
        float(last[f"{flow}_ratio"]) for flow in ("exports", "imports")
    ]
    assert [axes.get_title(loc="left") for axes in panels] == [
        "Vietnam's exports: US Census book over Vietnam Customs book",
        "Vietnam's imports: US Census book over Vietnam Customs book",
    ]
