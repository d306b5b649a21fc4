"""The US book as published: anchors, vintages, quarters of complete months."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tradebalance import census, flows, gap, store, writing
from tradebalance.census import Source
from tradebalance.problems import Refused
from tradebalance.terms import Flow, month, quarter

CASE = store.case()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return store.read_flows(CASE.processed / "flows.csv")


def yearly_gap(table, at=None) -> pd.Series:
    history = gap.observed(flows.as_of(table, "USA", "VNM", at), "USA")
    return history["gap_usd_mn"].groupby(history.index.year).sum()


def test_the_gap_of_known_years_on_the_us_book(table):
    by_year = yearly_gap(table)
    assert round(by_year[2024] / 1000, 2) == Decimal("123.25")
    assert round(by_year[2025] / 1000, 2) == Decimal("178.28")


def test_the_last_four_quarters(table):
    history = gap.observed(flows.as_of(table, "USA", "VNM"), "USA")
    assert history.index[-1] == quarter("2026Q2")
    assert round(history["gap_usd_mn"].iloc[-4:].sum() / 1000, 2) == Decimal("210.93")


def test_each_vintage_gives_its_own_2023(table):
    assert round(yearly_gap(table, month("2024-08"))[2023] / 1000, 2) == Decimal("104.58")
    assert round(yearly_gap(table)[2023] / 1000, 2) == Decimal("104.57")


def test_a_fresh_vintage_is_what_a_reader_knew(table):
    snapshot = flows.as_of(table, "USA", "VNM", month("2024-11"))
    assert (snapshot.vintage, snapshot.truncated) == (month("2024-08"), False)
    assert gap.observed(snapshot, "USA").index[-1] == quarter("2024Q2")


def test_without_a_fresh_vintage_the_newest_is_cut_to_what_was_out(table):
    snapshot = flows.as_of(table, "USA", "VNM", month("2025-05"))
    assert (snapshot.vintage, snapshot.truncated) == (month("2026-10"), True)
    assert flows.series(snapshot, Flow.IMPORT, "M").index[-1] == month("2025-03")
    assert gap.observed(snapshot, "USA").index[-1] == quarter("2025Q1")
    assert "with hindsight" in snapshot.words


@pytest.mark.parametrize(("at", "first"), [("2025-05", "2025Q2"), ("2025-04", "2025Q1"), ("2026-10", "2026Q3")])
def test_the_first_forecast_quarter_follows_the_publication_lag(table, at, first):
    assert flows.first_forecast_quarter(month(at), "USA") == quarter(first)
    published = gap.observed(flows.as_of(table, "USA", "VNM", month(at)), "USA")
    assert published.index[-1] + 1 == quarter(first)


def test_an_incomplete_quarter_is_left_out(table):
    snapshot = flows.as_of(table, "USA", "VNM")
    assert flows.series(snapshot, Flow.IMPORT, "M").index[-1] == month("2026-08")
    assert flows.series(snapshot, Flow.IMPORT).index[-1] == quarter("2026Q2")


def test_quarters_are_exact_sums_of_their_months(table):
    snapshot = flows.as_of(table, "USA", "VNM")
    for flow in Flow:
        months = flows.series(snapshot, flow, "M")
        for when, value in flows.series(snapshot, flow).items():
            assert value == sum(months[p] for p in pd.period_range(when.asfreq("M", "start"), periods=3, freq="M"))


def test_an_unknown_pair_names_those_there_are(table):
    with pytest.raises(ValueError, match="USA/CHN, USA/VNM, VNM/USA"):
        flows.as_of(table, "CHN", "USA")


# --- the publisher's layout -----------------------------------------------------------------------

SOURCE = Source("here/f.csv", month("2026-10"), month("2026-02"), {2026: "preliminary"})


def row(**cells: str) -> dict[str, str]:
    zero = dict.fromkeys(census.COLUMNS, "0.0")
    return {**zero, "year": "2026", "CTY_CODE": "5520", "CTYNAME": "Vietnam", **cells}


def read(*rows: dict[str, str]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    return census.read(list(enumerate(rows, 2)), SOURCE)


GOOD = row(IJAN="10.5", IFEB="11", IYR="21.5", EJAN="1", EFEB="2", EYR="3")


def test_months_after_the_last_published_one_are_absent():
    table, _ = read(GOOD)
    assert sorted({str(p) for p in table["period"]}) == ["2026-01", "2026-02"]
    assert set(table["ids"]) == {"here/f.csv:2"}


def test_a_published_zero_stays_a_zero():
    table, _ = read(row(IJAN="10.5", IYR="10.5", EFEB="2", EYR="2"))
    values = {(r.flow, str(r.period)): r.value_usd_mn for r in table.itertuples()}
    assert values[Flow.IMPORT, "2026-02"] == 0
    assert values[Flow.EXPORT, "2026-01"] == 0


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"IMAR": "5", "IYR": "26.5"}, "future_period", "IMAR"),
        ({"IYR": "25"}, "annual_mismatch", "IYR"),
        ({"IJAN": "-1", "IYR": "10"}, "negative_flow", "IJAN"),
        ({"IJAN": "1,234"}, "ambiguous_number", "IJAN"),
        ({"EFEB": "n/a"}, "not_a_number", "EFEB"),
        ({"year": "26"}, "bad_period", "year"),
    ],
)
def test_a_wrong_cell_is_named_by_file_row_and_column(cells, code, column):
    with pytest.raises(Refused) as refused:
        read(GOOD, {**GOOD, "CTY_CODE": "5700", "CTYNAME": "China", **cells})
    assert (code, "here/f.csv", 3, column) in {(p.code, p.file, p.row, p.column) for p in refused.value.problems}


def test_a_last_period_without_any_figure_is_refused():
    with pytest.raises(Refused) as refused:
        read(row(IJAN="10.5", IYR="10.5"))
    assert [p.code for p in refused.value.problems] == ["missing_period"]


@pytest.mark.parametrize("cells", [{"CTY_CODE": "0001"}, {"CTYNAME": "Viet Nam"}, {"CTY_CODE": "5700"}])
def test_a_row_whose_code_and_name_do_not_agree_is_kept_aside(cells):
    table, aside = read(GOOD, row(IJAN="7", IYR="7", **cells))
    assert len(table) == 4
    assert [(one["file"], one["row"]) for one in aside] == [("here/f.csv", "3")]


def test_processed_flows_survive_the_round_trip(table, tmp_path: Path):
    writing.write_csv(tmp_path / "again.csv", table)
    pd.testing.assert_frame_equal(store.read_flows(tmp_path / "again.csv"), table)


def test_revisions_are_the_exact_difference_of_two_releases(table):
    old = flows.of_vintage(table, "USA", "VNM", month("2024-08"))
    changes = gap.revisions(old, flows.as_of(table, "USA", "VNM"), "USA")
    april = changes.loc[month("2024-04")]
    assert april["old_usd_mn"] == Decimal("10034.126316") - Decimal("820.7577")
    assert april["new_usd_mn"] == Decimal("10105.7") - Decimal("820.0")
    assert april["change_usd_mn"] == april["new_usd_mn"] - april["old_usd_mn"]
    assert changes.index[-1] == month("2024-06")
    assert not gap.is_revised(changes)[month("2015-06")]  # the same figure at fewer digits
