"""The published gap on the page: sums of whole years and four quarters, signs, billions, and what changed between
releases. What two books say of one trade is tested with their facts."""

import dataclasses
import re
from decimal import Decimal

import pandas as pd
import pytest

from builders import known_on, shipped, trade
from tradebalance import api
from tradebalance.case import asof
from tradebalance.facts import mirror
from tradebalance.facts.revisions import Revisions
from tradebalance.pages import records, trade_gap
from tradebalance.pages.show import show
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
    table = trade_gap.trade_by_year_table(history, "USA")
    assert table.to_dict("index") == {
        "2024": {"Exports, bn": "86.00", "Imports, bn": "20.00", "Surplus, bn": "66.00"},
        "2025": {"Exports, bn": "102.00", "Imports, bn": "20.00", "Surplus, bn": "82.00"},
    }
    assert list(trade_gap.trade_by_year_table(history, "USA", last=1).index) == ["2025"]
    assert show(table)._repr_mimebundle_()["text/html"].count("<caption>Goods trade by calendar year") == 1


def without_months(history):
    """The US book as known, with these quarters and no months."""
    known = known_on("USA")
    return dataclasses.replace(known, history=history, months=known.months[:0], first=history.index[-1] + 1)


def test_a_deficit_keeps_its_sign(history):
    turned = history.assign(gap_usd_mn=-history["gap_usd_mn"])
    assert trade_gap.trade_by_year_table(turned, "USA").at["2025", "Surplus, bn"] == "-82.00"
    chart = trade_gap.recent_chart(without_months(turned), SOURCES)
    assert chart.title == "The newest figure: $-24.0 billion in 2026Q2, after $-20.0 billion a year before"
    assert min(bar.get_height() for bar in chart.figure().axes[0].patches) == -24


def test_sums_of_four_quarters_end_at_the_last_quarter_and_are_billions(history):
    chart = trade_gap.four_quarter_sums_chart(history, "USA", SOURCES)
    assert chart.title == "The surplus of four quarters is $90.0 billion; to 2024Q4 it was $66.0 billion"
    assert chart.data.iloc[0].to_dict() == {"Exports, bn": "110.0", "Imports, bn": "20.0", "Surplus, bn": "90.0"}
    assert list(chart.data.index[[0, -1]].astype(str)) == ["2026Q2", "2024Q4"]
    axes = chart.figure().axes[0]
    assert drawn(chart)[:2] == [[2026.5, 110.0], [2026.5, 20.0]]  # a quarter ends a quarter after its beginning
    assert list(axes.lines[2].get_ydata()) == [20.0, 110.0]  # the surplus is what lies between
    assert [text.get_text() for text in axes.texts] == ["exports 110.0", "imports 20.0", "surplus 90.0"]


def test_a_long_record_is_held_against_the_quarter_five_years_before():
    flat = trade([30_000] * 28 + [70_000] * 4, [10_000] * 32)
    chart = trade_gap.four_quarter_sums_chart(flat, "USA", SOURCES, first=2018)
    assert chart.title == "The surplus of four quarters is $240.0 billion; to 2021Q2 it was $80.0 billion"
    assert (str(chart.data.index[-1]), chart.data["Surplus, bn"].iloc[-1]) == ("2021Q2", "80.0")


def test_the_newest_year_stands_beside_the_one_before(history):
    chart = trade_gap.recent_chart(without_months(history), SOURCES)
    axes = chart.figure().axes[0]
    assert [bar.get_height() for bar in axes.patches] == [17, 18, 19, 20, 21, 22, 23, 24]
    assert [text.get_text() for text in axes.texts] == [
        "74.0 in the year to 2025Q2", "90.0 in the year to 2026Q2", "20.0", "24.0",
    ]  # fmt: skip
    assert list(chart.data["Surplus, bn"]) == [f"{gap}.0" for gap in range(24, 16, -1)]
    assert list(chart.data.index[[0, -1]]) == ["2026Q2", "2024Q3"]


def test_a_book_with_months_shows_two_years_of_them():
    known = known_on("USA")
    chart = trade_gap.recent_chart(known, SOURCES)
    axes, gap = chart.figure().axes[0], known.months["gap_usd_mn"].astype(float) / 1000
    assert len(axes.patches) == 24
    assert axes.patches[-1].get_height() == gap.iloc[-1]
    assert f"{gap.iloc[-12:].sum():.1f} in the year to Aug 2026" in [text.get_text() for text in axes.texts]


def test_the_headline_is_the_twelve_months_and_the_lead_says_who_sold_what():
    known = known_on("USA")
    twelve = known.twelve_months
    exports, imports, gap = (
        float(twelve.now[name]) / 1000 for name in ("exports_usd_mn", "imports_usd_mn", "gap_usd_mn")
    )
    before = float(known.months["gap_usd_mn"].iloc[-24:-12].sum()) / 1000
    headline = trade_gap.headline(known)
    assert headline == (
        f"Vietnam's goods surplus with the United States is ${exports - imports:.1f} billion a year, up "
        f"{(gap / before - 1) * 100:.0f} %"
    )
    assert len(headline.split()) <= 15
    lead = trade_gap.lead(known)
    assert lead.startswith(
        f"On US Census figures, Vietnam sold the United States ${exports:.1f} billion of goods in the twelve months to "
        f"August 2026 and bought ${imports:.1f} billion there. The surplus comes back every year; "
    )
    own = dataclasses.replace(known, gap_error=1234.0)
    assert f"bought ${imports:.1f} billion there (standard error 1.2). The" in trade_gap.lead(own)


def test_without_months_the_four_quarters_are_told_and_without_deals_no_sum(history):
    known = dataclasses.replace(without_months(history), leaves=())
    assert trade_gap.headline(known).endswith("is $90.0 billion in four quarters")
    assert trade_gap.lead(known) == (
        "On US Census figures, Vietnam sold the United States $110.0 billion of goods in the four quarters 2025Q3 to "
        "2026Q2 and bought $20.0 billion there."
    )


def test_a_surplus_that_fell_is_down():
    known = known_on("USA")
    months = known.months.copy()
    months["gap_usd_mn"] = months["gap_usd_mn"].where(months.index < months.index[-12], months["gap_usd_mn"] / 2)
    assert trade_gap.headline(dataclasses.replace(known, months=months)).endswith("billion a year, down 28 %")


def test_the_founding_figures_stand_with_the_cells_and_the_bulletins_that_they_add_up_from():
    figures = api.Case(shipped()).founding()
    table, rows = trade_gap.founding_table(figures, known_on("USA").citations), trade_gap.founding_rows_table(figures)
    assert table["USD bn"].to_dict() == {
        "Exports, 2025Q1": "31.394",
        "Imports, 2025Q1": "4.098",
        "Surplus, 2025Q1": "27.296",
        "Announced purchases": "90.300",
    }
    made, source = table.at["Exports, 2025Q1", "Made of, USD mn"], table.at["Exports, 2025Q1", "Source"]
    assert sum(float(part.replace(",", "")) for part in made.split()) == pytest.approx(31_394.185, abs=0.002)
    assert "Vietnam Customs" in source.detail
    assert "release of August 2026" in source.detail
    assert "Vietjet, AV AirFinance sign" in table.at["Announced purchases", "Source"]
    assert "csv" not in table.astype(str).to_string()  # files are named where a page names files, and only there
    assert rows.at["Exports, 2025Q1", "Publisher's document"] == "2025-t4-5x(vn-sb).pdf"
    assert rows.at["Announced purchases", "Row"].startswith("data/raw/commitments/2026-11/commitments.csv:2; ")
    assert api.load("phase-one").founding() == []


def test_the_book_that_is_missing_is_the_other_sides():
    known = known_on("USA")
    assert "no figures here that Vietnam publishes" in trade_gap.one_book(known)


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
    made = Revisions("USA", "VNM", month("2026-02"), month("2026-04"), "VNM", pd.DataFrame(), pd.DataFrame())
    vars(made).update(months=table, one_sided=("VNM only before",))  # as if worked out from both releases
    return made


def test_a_revision_is_the_newer_release_less_the_older(revised):
    table = trade_gap.revised_months_table(revised)
    assert list(table.index) == ["2025-11", "2025-12", "2026-01"]
    assert list(table["Exports, change"]) == ["+100.0", "+0.0", "+0.0"]
    assert list(table["Imports, change"]) == ["+0.0", "+0.0", "+30.0"]
    assert list(table["Surplus, change"]) == ["+100.0", "+0.0", "-30.0"]
    assert list(table["Surplus now"]) == ["700.0", "600.0", "570.0"]
    assert list(trade_gap.revised_months_table(revised, last=1).index) == ["2026-01"]


def test_a_years_revision_is_the_sum_of_its_months(revised):
    table = trade_gap.revised_years_table(revised)
    assert list(table["Months changed"]) == ["1 of 2", "1 of 1"]
    assert table.loc["2025", ["Surplus, change", "Surplus now"]].tolist() == ["+100.0", "1,300.0"]


def test_the_sentence_on_revisions_names_the_month_that_changed_most(revised):
    known = dataclasses.replace(known_on("USA"), revisions=revised)
    said = trade_gap.revisions_lead(known)
    assert "The release of April 2026 changed the surplus of 2 of the 3 months that the one of February 2026" in said
    assert "by +70.0 million dollars in all, most that of November 2025, by +100.0 million" in said
    assert trade_gap.not_compared(known) == "Not compared: VNM only before."


# --- two books ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both():
    return asof.books(case=shipped())


def test_two_books_apart_is_the_count_less_the_book_in_pieces(both):
    table = trade_gap.mirror_table(mirror.by_year(both), both)
    for year, row in table.iterrows():
        count, pieces = (float(row[name].split()[0]) for name in ("US figures, bn", "Vietnam figures, bn"))
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
        "Vietnam's exports",
        "Vietnam's imports",
    ]


def test_what_lies_between_the_books_is_told_in_parts_that_add_up(both):
    said = trade_gap.mirror_lead(both)
    apart, exports, imports = re.search(
        r"Of the \$([\d.]+) billion between them, ([\d.]+) lie in Vietnam's exports and ([\d.]+) in", said
    ).groups()
    assert float(exports) + float(imports) == pytest.approx(float(apart))
    record = records.books_as_json(known_on("USA"), [], both)["books_apart"]
    found = record["apart_usd_mn"], record["in_exports_usd_mn"], record["in_imports_usd_mn"]
    assert found[1] + found[2] == pytest.approx(found[0])
    for printed, usd_mn in zip((apart, exports, imports), found, strict=True):
        assert float(printed) == pytest.approx(usd_mn / 1000, abs=0.1)  # parts are rounded so that they add up
    assert f"the surplus is ${float(known_on('USA').gap_last_four) / 1000:.1f} billion on US Census figures" in said
