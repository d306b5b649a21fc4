"""The page of a release's changes: its words, tables and chart repeat the figures of the releases."""

from dataclasses import replace
from fractions import Fraction

import pytest

from builders import shipped
from tradebalance import api
from tradebalance.answers.changes import Headline
from tradebalance.pages import changes


@pytest.fixture(scope="module")
def found():
    return api.Case(shipped()).changes("USA", "2024-08", "2026-10")


def test_the_title_and_the_lead_count_the_months(found):
    gap = next(one for one in found.headlines if one.measure == changes.LAST_FOUR)
    was, now = (f"{float(value) / 1000:,.1f}" for value in (gap.was, gap.now))
    assert changes.headline(found) == f"26 new months took the surplus of four quarters from ${was} to {now} billion"
    revised = changes.revised_table(found, last=500)
    most = found.revisions.of("gap")["change_usd_mn"].map(abs).max()
    held = len(found.revisions.of("gap"))
    said = f"Of the {held} months that both hold it revised {len(revised)}, by ${most:,.0f} million at most."
    assert changes.lead(found).endswith(said)
    assert not (revised.iloc[:, -1] == "+0.0").any()


def test_the_tables_hold_each_headline_and_all_months_that_were_added(found):
    shown = changes.headlines_table(found)
    gap = next(one for one in found.headlines if one.measure == changes.LAST_FOUR)
    row = shown.loc["Surplus of the last four quarters, bn"]
    assert row["By the older"] == f"{float(gap.was) / 1000:,.1f} to 2024Q2"
    assert row["The same, revised"] == f"{float(gap.revised) / 1000:,.1f}"
    assert row["Change"] == f"{float(gap.now - gap.was) / 1000:+,.1f}"
    added = changes.added_table(found)
    assert (list(added.index[[0, -1]]), len(added)) == (["2024-07", "2026-08"], 26)


def test_a_scenario_stands_under_its_title(found):
    one = Headline("even: additional_usd_mn", "to 2034Q2", Fraction(1000), "to 2036Q2", Fraction(3000))
    table = changes.headlines_table(replace(found, headlines=(one,)), {"even": "Even delivery"})
    assert list(table.index) == ["Even delivery: new imports, mean, bn"]
    assert table["Change"].item() == "+2.0"


def test_the_chart_tells_added_months_from_those_that_both_hold(found):
    chart = changes.months_chart(found, last=30)
    axes = chart.figure().axes[0]
    both, added = axes.containers
    assert (len(both), len(added)) == (4, 26)
    heights = [bar.get_height() for bar in [*both, *added]]
    assert heights == pytest.approx([float(v) / 1000 for v in found.after.months["gap_usd_mn"].iloc[-30:]])
    assert f"August 2026, is ${heights[-1]:,.1f} billion" in chart.title


def test_the_picture_of_revisions_has_a_bar_a_month_and_is_a_sentence_where_there_is_none(found):
    chart = changes.revisions_chart(found)
    bars = [bar.get_height() for bar in chart.figure().axes[0].patches]
    assert bars == pytest.approx([float(v) for v in found.revisions.of("gap")["change_usd_mn"].iloc[-24:]])
    assert chart.title == "Of the months since July 2022 that both hold, April 2024 was revised most"
    same = replace(found, revisions=replace(found.revisions, after=found.revisions.before))
    assert "No month that both releases hold was revised" in changes.revisions_chart(same)
    assert changes.lead(same).endswith("it revised 0.")


def test_what_revision_alone_moved_is_not_put_down_to_a_new_month(found):
    gap = next(one for one in found.headlines if one.measure == changes.LAST_FOUR)
    revised, same = gap._replace(was_of=gap.is_of), gap._replace(was=gap.now)
    titles = [changes.headline(replace(found, headlines=(one,))) for one in (revised, same)]
    assert titles[0].startswith("26 new months; revision took the surplus of four quarters from $113.3 to ")
    assert titles[1] == f"26 new months left the surplus of four quarters at ${float(gap.now) / 1000:,.1f} billion"
