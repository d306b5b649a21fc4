"""The page of a release's changes: its words, tables and chart repeat the figures of the releases."""

import pytest

from builders import shipped
from tradebalance import api
from tradebalance.pages import changes


@pytest.fixture(scope="module")
def found():
    return api.Case(shipped()).changes("USA", "2024-08", "2026-10")


def test_the_headline_and_the_lead_count_the_months(found):
    assert "The release of October 2026 adds 26 months; the gap of the last four quarters" in changes.headline(found)
    revised = changes.revised_table(found, last=500)
    assert f"Of the {len(found.revisions.of('gap'))} months that both hold, {len(revised)} were" in changes.lead(found)
    assert not (revised["Gap, change, mn"] == "+0.0").any()


def test_the_tables_hold_each_headline_and_the_newest_months(found):
    shown = changes.headlines_table(found)
    gap = next(one for one in found.headlines if one.measure == changes.LAST_FOUR)
    row = shown.loc["Gap of the last four quarters, bn"]
    assert row["By the older"] == f"{float(gap.was) / 1000:,.1f} to 2024Q2"
    assert row["The same, revised"] == f"{float(gap.revised) / 1000:,.1f}"
    assert row["Change"] == f"{float(gap.now - gap.was) / 1000:+,.1f}"
    assert list(changes.added_table(found).index[[0, -1]]) == ["2025-07", "2026-08"]


def test_the_chart_tells_added_months_from_those_that_both_hold(found):
    chart = changes.months_chart(found, last=30)
    axes = chart.figure().axes[0]
    both, added = axes.containers
    assert (len(both), len(added)) == (4, 26)
    heights = [bar.get_height() for bar in [*both, *added]]
    assert heights == pytest.approx([float(v) / 1000 for v in found.after.months["gap_usd_mn"].iloc[-30:]])
    assert f"August 2026, is ${heights[-1]:,.1f} billion" in chart.title
