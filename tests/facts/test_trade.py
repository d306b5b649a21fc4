"""The US book as published: anchors, vintages, quarters of complete months."""

import dataclasses
import itertools
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from builders import shipped
from tradebalance.case import store, writing
from tradebalance.facts import census, trade
from tradebalance.facts.trade import Source
from tradebalance.words import terms
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Flow, month, quarter


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return store.facts(shipped()).flows


def yearly_gap(table, at=None) -> pd.Series:
    history = trade.observed(trade.as_of(table, "USA", "VNM", at), "USA")
    return history["gap_usd_mn"].groupby(history.index.year).sum()


def test_the_gap_of_known_years_on_the_us_book(table):
    by_year = yearly_gap(table)
    assert round(by_year[2024] / 1000, 2) == Decimal("123.25")
    assert round(by_year[2025] / 1000, 2) == Decimal("178.28")


def test_the_last_four_quarters(table):
    history = trade.observed(trade.as_of(table, "USA", "VNM"), "USA")
    assert history.index[-1] == quarter("2026Q2")
    assert round(history["gap_usd_mn"].iloc[-4:].sum() / 1000, 2) == Decimal("210.93")


def test_each_vintage_gives_its_own_2023(table):
    assert round(yearly_gap(table, month("2024-08"))[2023] / 1000, 2) == Decimal("104.58")
    assert round(yearly_gap(table)[2023] / 1000, 2) == Decimal("104.57")


@pytest.mark.parametrize(("at", "vintage"), [("2024-08", "2024-08"), ("2024-11", "2024-08"), ("2024-12", "2026-10")])
def test_a_vintage_up_to_three_months_old_is_what_a_reader_knew(table, at, vintage):
    snapshot = trade.as_of(table, "USA", "VNM", month(at))
    assert (snapshot.vintage, snapshot.truncated) == (month(vintage), vintage > at)


def test_a_fresh_vintage_ends_where_it_ended(table):
    snapshot = trade.as_of(table, "USA", "VNM", month("2024-11"))
    assert trade.observed(snapshot, "USA").index[-1] == quarter("2024Q2")


def test_without_a_fresh_vintage_the_newest_is_cut_to_what_was_out(table):
    snapshot = trade.as_of(table, "USA", "VNM", month("2025-05"))
    assert (snapshot.vintage, snapshot.truncated) == (month("2026-10"), True)
    assert trade.series(snapshot, Flow.IMPORT, "M").index[-1] == month("2025-03")
    assert trade.observed(snapshot, "USA").index[-1] == quarter("2025Q1")
    assert "with hindsight" in snapshot.words


@pytest.mark.parametrize(("at", "first"), [("2025-05", "2025Q2"), ("2025-04", "2025Q1"), ("2026-10", "2026Q3")])
def test_the_first_forecast_quarter_follows_the_publication_lag(table, at, first):
    assert trade.first_forecast_quarter(month(at), "USA") == quarter(first)
    published = trade.observed(trade.as_of(table, "USA", "VNM", month(at)), "USA")
    assert published.index[-1] + 1 == quarter(first)


def test_an_incomplete_quarter_is_left_out(table):
    snapshot = trade.as_of(table, "USA", "VNM")
    assert trade.series(snapshot, Flow.IMPORT, "M").index[-1] == month("2026-08")
    assert trade.series(snapshot, Flow.IMPORT).index[-1] == quarter("2026Q2")


def test_quarters_are_exact_sums_of_their_months(table):
    snapshot = trade.as_of(table, "USA", "VNM")
    for flow in Flow:
        months = trade.series(snapshot, flow, "M")
        for when, value in trade.series(snapshot, flow).items():
            assert value == sum(months[p] for p in pd.period_range(when.asfreq("M", "start"), periods=3, freq="M"))


def test_an_unknown_pair_names_those_there_are(table):
    with pytest.raises(ValueError, match="USA/CHN, USA/VNM, VNM/USA"):
        trade.as_of(table, "CHN", "USA")


# --- one sum, of one series -----------------------------------------------------------------------


def months_of(table, reporter="USA", flow=Flow.IMPORT, when="2025Q1", vintage="2026-10") -> pd.DataFrame:
    """The months of a quarter, of one series."""
    chosen = table[
        (table["reporter"] == reporter)
        & (table["partner"] != "CHN")
        & (table["flow"] == flow)
        & (table["frequency"] == "M")
        & (table["vintage"] == month(vintage))
    ]
    return chosen[[p.asfreq("Q") == quarter(when) for p in chosen["period"]]]


def test_a_total_is_the_exact_sum_of_its_figures(table):
    rows = months_of(table)
    found = trade.total(rows)
    assert isinstance(found, Decimal)
    assert found == sum(rows["value_usd_mn"]) == trade.series(trade.as_of(table, "USA", "VNM"), Flow.IMPORT)["2025Q1"]
    assert found == trade.total(list(rows.itertuples()))


@pytest.mark.parametrize(
    ("column", "other", "named"),
    [
        ("reporter", "VNM", "reporter USA and VNM"),
        ("partner", "CHN", "partner CHN and VNM"),
        ("flow", Flow.EXPORT, "flow export and import"),
        ("valuation", "cif", "valuation cif and customs_value"),
        ("basis", "bop", "basis bop and customs"),
        ("frequency", "Q", "frequency M and Q"),
        ("vintage", month("2024-08"), "vintage 2024-08 and 2026-10"),
    ],
)
def test_a_sum_across_books_valuations_or_vintages_is_refused_and_names_both(table, column, other, named):
    rows = months_of(table).reset_index(drop=True)
    mixed = rows.assign(**{column: [*rows[column][:2], other]})
    with pytest.raises(ValueError, match=f"not parts of one sum: {named}$"):
        trade.total(mixed)
    alike = rows.assign(**{column: [other] * len(rows)})
    assert trade.total(alike) == trade.total(rows)


def test_the_two_books_of_one_trade_do_not_add_up(table):
    of_quarter = table[table["period"] == quarter("2025Q1")]
    exports = (of_quarter["reporter"] == "VNM") & (of_quarter["flow"] == "export")
    newest = of_quarter["vintage"].isin([month("2026-08"), month("2026-10")])
    both = of_quarter[newest & (exports | (of_quarter["reporter"] == "USA") & (of_quarter["flow"] == "import"))]
    with pytest.raises(
        ValueError, match=r"reporter USA and VNM; .*valuation customs_value and fob; vintage 2026-08 and 2026-10"
    ):
        trade.total(both)


def test_a_month_and_its_quarter_overlap(table):
    months = months_of(table)
    its_quarter = table[
        (table["frequency"] == "Q") & (table["vintage"] == month("2026-10")) & (table["flow"] == "import")
    ]
    its_quarter = its_quarter[[p == quarter("2025Q1") for p in its_quarter["period"]]]
    with pytest.raises(ValueError, match=r"frequency M and Q; 2025-03 overlaps 2025Q1$"):
        trade.total(pd.concat([months[-1:], its_quarter]))
    with pytest.raises(ValueError, match=r"one sum: 2025-03 is there twice$"):
        trade.total(pd.concat([months, months[-1:]]))


def test_a_sum_of_nothing_is_refused(table):
    with pytest.raises(ValueError, match="no figures"):
        trade.total(table[:0])


def test_a_series_of_two_vintages_is_refused(table):
    snapshot = trade.as_of(table, "USA", "VNM")
    both = dataclasses.replace(snapshot, flows=table[table["partner"] == "VNM"])
    with pytest.raises(ValueError, match="vintage 2024-08 and 2026-10"):
        trade.series(both, Flow.IMPORT)


def test_years_are_exact_sums_of_four_quarters_and_as_sure_as_the_least_sure(table):
    of_year = table[(table["frequency"] == "Q") & (table["reporter"] == "VNM") & (table["vintage"] == month("2026-11"))]
    found = trade.years(of_year).set_index(["flow", "period"])
    quarters = of_year[of_year["flow"] == "export"].set_index("period")
    for when, year in itertools.groupby(quarters.index, key=lambda q: q.year):
        values = quarters.loc[list(year), "value_usd_mn"]
        if len(values) == 4:
            assert found.at[(Flow.EXPORT, terms.period(str(when))), "value_usd_mn"] == sum(values)
    assert found.at[(Flow.EXPORT, terms.period("2022")), "origin"] == "estimated"
    assert terms.period("2023") not in found.index.get_level_values("period")
    assert set(found["se_usd_mn"]) == {None}


# --- the publisher's layout -----------------------------------------------------------------------

SOURCE = Source("here/f.csv", month("2026-10"), month("2026-02"), {2026: "preliminary"})


def row(**cells: str) -> dict[str, str]:
    zero = dict.fromkeys(census.COLUMNS, "0.0")
    return {**zero, "year": "2026", "CTY_CODE": "5520", "CTYNAME": "Vietnam", **cells}


def read(*rows: dict[str, str]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    return census.read([(list(enumerate(rows, 2)), SOURCE)])


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
