"""What one release says otherwise than another: exact by flow and period, and nothing dropped without a word."""

from decimal import Decimal

import pytest

from builders import known_on, shipped
from tradebalance.case import store
from tradebalance.facts import benchmark, revisions
from tradebalance.pages import trade_gap
from tradebalance.words.terms import Flow, month, period

TABLE = store.facts(shipped()).flows
OLD, NEW = month("2024-08"), month("2026-10")


@pytest.fixture(scope="module")
def revised() -> revisions.Revisions:
    return revisions.between(TABLE, "USA", "VNM", OLD, NEW)


def test_a_month_is_the_exact_difference_of_what_two_releases_print(revised):
    gap = revised.of("gap").loc[month("2024-04")]
    assert gap["old_usd_mn"] == Decimal("10034.126316") - Decimal("820.7577")
    assert gap["new_usd_mn"] == Decimal("10105.7") - Decimal("820.0")
    assert gap["change_usd_mn"] == gap["new_usd_mn"] - gap["old_usd_mn"]
    assert revised.of("exports").at[month("2024-04"), "change_usd_mn"] == Decimal("10105.7") - Decimal("10034.126316")
    assert revised.of("imports").at[month("2024-04"), "change_usd_mn"] == Decimal("820.0") - Decimal("820.7577")


def test_the_last_month_is_the_last_that_both_hold(revised):
    assert revised.of("gap").index[-1] == month("2024-06")


@pytest.mark.parametrize("frequency", ["M", "Q", "Y"])
def test_exports_less_imports_is_the_gap_at_every_frequency(revised, frequency):
    of = {measure: revised.of(measure, frequency) for measure in benchmark.MEASURES}
    for column in ("old_usd_mn", "new_usd_mn", "change_usd_mn"):
        assert (of["exports"][column] - of["imports"][column] == of["gap"][column]).all()


def test_a_year_is_the_exact_sum_of_its_months_and_counts_those_revised(revised):
    months, years = revised.of("exports"), revised.of("exports", "Y")
    for year, row in years.iterrows():
        assert row["change_usd_mn"] == sum(
            months[months.index.map(lambda m, y=year: m.year == y.year)]["change_usd_mn"]
        )
    assert (years.at[period("2022"), "months"], years.at[period("2022"), "revised_months"]) == (12, 11)
    assert years.at[period("2024"), "months"] == 6
    assert round(years.at[period("2022"), "change_usd_mn"], 1) == Decimal("-65.1")


def test_the_same_figure_at_fewer_digits_is_no_revision(revised):
    row = revised.of("gap").loc[month("2015-06")]
    assert row["change_usd_mn"] != 0
    assert row["revised_months"] == 0
    assert month("2015-06") not in revised.changed.index
    assert len(revised.changed) == revised.of("gap", "Y")["revised_months"].sum() > 0


def test_the_other_way_round_the_signs_turn(revised):
    back = revisions.between(TABLE, "USA", "VNM", NEW, OLD)
    assert (back.of("gap", "Y")["change_usd_mn"] == -revised.of("gap", "Y")["change_usd_mn"]).all()


def test_what_only_one_release_holds_is_named(revised):
    assert set(revised.one_sided) == {
        "partner CHN only in the release of 2024-08",
        "months 2024-07 to 2026-08 only in the release of 2026-10",
    }


def test_a_month_lost_from_one_flow_is_named_and_leaves_no_gap_of_that_month(revised):
    is_lost = (TABLE["vintage"] == NEW) & (TABLE["flow"] == Flow.EXPORT) & (TABLE["period"] == month("2023-05"))
    found = revisions.between(TABLE[~is_lost], "USA", "VNM", OLD, NEW)
    assert "imports of 2023-05 only in the release of 2024-08" in found.one_sided
    assert "months 2024-07 to 2026-08 only in the release of 2026-10" in found.one_sided
    assert month("2023-05") not in found.of("gap").index
    assert month("2023-05") not in found.of("imports").index  # exports of the book that counts
    assert month("2023-05") in found.of("exports").index
    assert found.of("gap", "Y").at[period("2023"), "months"] == 11


def test_a_release_that_there_is_not_is_refused_and_those_there_are_named():
    with pytest.raises(ValueError, match=r"no release of 2025-01 .* there are 2024-08, 2026-10"):
        revisions.between(TABLE, "USA", "VNM", month("2025-01"), NEW)
    with pytest.raises(ValueError, match=r"there are 2023-02 to 2026-08$"):
        revisions.between(TABLE, "VNM", "USA", month("2026-11"), month("2026-11"))
    with pytest.raises(ValueError, match="there are none"):
        revisions.between(TABLE, "VNM", "CHN", month("2026-11"), month("2026-11"))


def test_each_bulletin_revises_the_months_before_it():
    """What April's year to date of 2025 differs by is March's: exports 4.5 million dollars less than first printed."""
    found = revisions.between(TABLE, "VNM", "USA", month("2025-04"), month("2025-05"))
    changed = found.of("exports")["change_usd_mn"]
    assert changed[changed != 0].to_dict() == {month("2025-03"): Decimal("-4.533307")}
    assert found.one_sided == ("months 2025-04 only in the release of 2025-05",)


def test_the_page_tells_the_largest_change_and_what_was_not_compared():
    known = known_on("USA")
    words = trade_gap.revisions_lead(known)
    assert "partner CHN only in the release of 2024-08" in trade_gap.not_compared(known)
    gap = known.revisions.of("gap")
    largest = gap["change_usd_mn"].map(abs).idxmax()
    assert f"most that of {largest:%B %Y}, by {gap.at[largest, 'change_usd_mn']:+,.1f} million" in words
    years = trade_gap.revised_years_table(known.revisions)
    assert years.at["2022", "Months changed"].endswith("of 12")
    assert years.at["2024", "Months changed"].endswith("of 6")
    assert list(trade_gap.revised_months_table(known.revisions).index)[-1] == "2024-06"


@pytest.mark.parametrize("at", ["2024-08", "2024-11", "2025-05"])
def test_no_month_before_the_newer_release_knows_what_it_revised(at):
    known = known_on("USA", month(at))
    assert known.revisions is None
    assert "No two releases" in trade_gap.revisions_lead(known)
    assert trade_gap.revised_years_table(None).empty
    assert trade_gap.revised_months_table(None).empty


def test_spans_are_said_in_words():
    months = [month("2024-01"), month("2024-02"), month("2024-04")]
    assert revisions._spans(months) == "2024-01 to 2024-02, 2024-04"
