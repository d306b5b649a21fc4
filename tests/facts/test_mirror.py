"""Two books of one trade: known gaps and ratios, exact counts, and errors that come from the joint covariance."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from builders import known_on, shipped
from tradebalance.case import asof, folder, inputs
from tradebalance.facts import benchmark, mirror, trade
from tradebalance.pages import trade_gap
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Flow, Origin, month, period, quarter


@pytest.fixture(scope="module")
def both() -> mirror.Books:
    return asof.books(case=shipped())


@pytest.fixture(scope="module")
def by_year(both) -> pd.DataFrame:
    return mirror.by_year(both)


@pytest.fixture(scope="module")
def by_quarter(both) -> pd.DataFrame:
    return mirror.by_quarter(both)


@pytest.mark.parametrize(("year", "ratio"), [("2014", "1.07"), ("2024", "1.14"), ("2025", "1.27")])
def test_the_ratio_of_vietnams_exports_in_known_years(by_year, year, ratio):
    assert round(by_year.at[period(year), "exports_ratio"], 2) == Decimal(ratio)


def test_the_ratio_of_2022_over_the_months_that_were_printed(both, by_year):
    """Ten months were printed of 2022: over them it is 1.18, and the year's estimate agrees within its error."""
    (printed,) = [f for f in both.pieces.system.fragments if (f.flow, f.first) == ("export", month("2022-01"))]
    counted = trade.series(both.counted, Flow.IMPORT, "M")[printed.first : printed.last]
    assert round(sum(counted) / printed.value, 2) == Decimal("1.18")
    row = by_year.loc[period("2022")]
    assert abs(row["exports_ratio"] - Decimal("1.18")) < 2 * row["exports_ratio_se"]


@pytest.mark.parametrize(("year", "counted", "own"), [("2024", "123.2", "104.4"), ("2025", "178.3", "133.9")])
def test_the_gap_of_known_years_on_both_books(by_year, year, counted, own):
    row = by_year.loc[period(year)]
    assert round(row["gap_USA_usd_mn"] / 1000, 1) == Decimal(counted)
    assert round(row["gap_VNM_usd_mn"] / 1000, len(own.partition(".")[2])) == Decimal(own)
    assert row["difference_usd_mn"] == row["gap_USA_usd_mn"] - row["gap_VNM_usd_mn"]


def test_the_gap_of_the_first_quarter_of_2025_on_both_books(by_quarter):
    row = by_quarter.loc[quarter("2025Q1")]
    assert round(row["gap_USA_usd_mn"] / 1000, 1) == Decimal("36.5")
    assert round(row["gap_VNM_usd_mn"] / 1000, 1) == Decimal("27.3")
    assert row["exports_VNM_origin"] is Origin.DERIVED
    assert row["exports_VNM_se_usd_mn"] == row["exports_ratio_se"] == 0


def test_quarters_add_up_to_years_exactly_on_both_books(by_year, by_quarter):
    for year, row in by_year.iterrows():
        quarters = by_quarter[[q.year == year.year for q in by_quarter.index]]
        if len(quarters) == 4:
            for column in [c for c in row.index if c.endswith("_usd_mn") and "_se_" not in c]:
                assert sum(quarters[column]) == row[column], (year, column)


def test_the_count_is_what_the_traced_cells_add_up_to(by_year):
    assert by_year.at[period("2025"), "exports_USA_usd_mn"] == Decimal("193879.4")
    assert by_year.at[period("2025"), "imports_USA_usd_mn"] == Decimal("15603.2")


def test_a_years_error_is_that_of_the_sum_and_not_of_its_quarters_added(both, by_year, by_quarter):
    """Where the year was printed the quarters' errors cancel: adding their squares would say twice too much."""
    year = list(pd.period_range("2021Q1", periods=4, freq="Q"))
    error = both.pieces.total(benchmark.SIGNS["export"], year)[1]
    assert by_year.at[period("2021"), "exports_VNM_se_usd_mn"] == round(Decimal(error), 1)
    squares = sum(by_quarter.loc[q, "exports_VNM_se_usd_mn"] ** 2 for q in year).sqrt()
    assert squares > Decimal("1.5") * by_year.at[period("2021"), "exports_VNM_se_usd_mn"]


def test_the_ratios_error_agrees_with_draws_of_the_book(by_year):
    """The delta method against 200,000 draws, where the book is least sure."""
    row = by_year.loc[period("2019")]
    value, error = float(row["exports_VNM_usd_mn"]), float(row["exports_VNM_se_usd_mn"])
    drawn = float(row["exports_USA_usd_mn"]) / np.random.default_rng(1).normal(value, error, 200_000)
    spread = np.ptp(np.quantile(drawn, [0.16, 0.84])) / 2
    assert np.isclose(spread, float(row["exports_ratio_se"]), rtol=0.03)


def test_the_ratio_is_the_count_over_the_book_and_its_error_in_proportion(by_quarter):
    for _, row in by_quarter.iterrows():
        for flow in ("exports", "imports"):
            ratio = row[f"{flow}_USA_usd_mn"] / row[f"{flow}_VNM_usd_mn"]
            assert row[f"{flow}_ratio"] == round(ratio, 4)
            relative = row[f"{flow}_VNM_se_usd_mn"] / row[f"{flow}_VNM_usd_mn"]
            assert abs(row[f"{flow}_ratio_se"] - ratio * relative) < Decimal("0.0002")


def test_extrapolated_quarters_are_marked_and_bind_no_headline():
    """Before the bulletins, what fragments do not reach is the mirror alone."""
    early = asof.books(month("2022-06"), case=shipped())
    quarters = mirror.by_quarter(early)
    loose = quarters[quarters["imports_VNM_origin"] == Origin.EXTRAPOLATED]
    assert list(loose.index) == list(pd.period_range("2021Q3", "2022Q1", freq="Q"))
    assert early.bound[-1] == quarter("2021Q2")
    for words in (trade_gap.mirror_lead(early), trade_gap.gaps_chart(early).title):
        assert "2021Q2" in words
        assert "2021Q4" not in words
    table = trade_gap.mirror_table(quarters, early, 4)
    assert table.at["2022Q1", "Vietnam's are"] == "extrapolated"


def test_counts_have_no_error_and_say_none(both, by_year, by_quarter):
    assert both.counted_from == quarter("2023Q1")
    counted = by_quarter.loc[both.counted_from :]
    assert set(counted["gap_VNM_se_usd_mn"]) == {Decimal(0)}
    assert min(by_quarter.loc[: both.counted_from - 1, "gap_VNM_se_usd_mn"]) > 0
    table = trade_gap.mirror_table(by_year, both)
    assert "(" not in table.at["2025", "Vietnam figures, bn"]
    assert "(" in table.at["2022", "Vietnam figures, bn"]
    assert "standard error" not in trade_gap.mirror_lead(both)


def test_the_lead_splits_the_distance_between_exports_and_imports(both):
    row = mirror.compare(both, {"last": both.bound[-4:]}).loc["last"]
    exports = (row["exports_USA_usd_mn"] - row["exports_VNM_usd_mn"]) / 1000
    imports = (row["imports_VNM_usd_mn"] - row["imports_USA_usd_mn"]) / 1000
    words = trade_gap.mirror_lead(both)
    assert f"{exports:.1f} lie in Vietnam's exports and {imports:.1f} in its imports" in words
    assert round(exports + imports, 1) == round(row["difference_usd_mn"] / 1000, 1)
    found = mirror.apart(both)
    assert (found.first, found.last) == (both.bound[-4], both.bound[-1])
    assert (found.in_exports / 1000, found.in_imports / 1000) == (exports, imports)
    assert found.in_exports + found.in_imports == found.apart == found.gap_other - found.gap_own


def test_years_before_the_quarters_are_those_of_which_a_year_was_printed(by_year):
    assert [str(year) for year in by_year.index[:3]] == ["2014", "2017", "2018"]


def test_conflicting_figures_are_told_by_what_they_are_of_and_counted(both):
    residuals = both.pieces.residuals
    far = set(residuals.index[residuals["z"].abs() > 2])
    assert "VN016" in far
    subjects = {each.subject for each in both.pieces.system.fragments if each.id in far}
    table = trade_gap.conflicts_table(both)
    assert {label.lower() for label in table.index} == {subject.lower() for subject in subjects}
    assert f"{len(far)} lie more than 2 standard errors" in trade_gap.conflicts_lead(both)


@pytest.mark.parametrize("at", ["2020-06", "2023-08", "2025-05"])
def test_an_earlier_month_has_its_own_two_books(at):
    early = asof.books(month(at), case=shipped())
    assert max(f.published for f in early.pieces.system.fragments) <= month(at)
    last = mirror.by_quarter(early).index[-1]
    assert last.asfreq("M", "end") <= month(at) - 2
    assert "with hindsight" in early.words
    for chart in (trade_gap.gaps_chart(early), trade_gap.ratios_chart(early)):
        assert chart.figure() is not None
    assert str(early.bound[-1]) in trade_gap.mirror_lead(early)


def test_a_book_that_is_a_count_has_no_pieces_to_set_beside():
    with pytest.raises(Refused, match="VNM with USA"):
        asof.books(reporter="USA", case=shipped())
    with pytest.raises(Refused, match="after the newest release"):
        asof.books(month("2030-01"), case=shipped())
    with pytest.raises(Refused, match="no fragments"):
        asof.books(month("2005-01"), case=shipped())


def test_what_the_us_book_captures_is_measured_from_the_mirror():
    """US exports over Vietnam's imports of months that both counted, times CIF over FAS; its ends are of two years."""
    of = {book: known_on(book).months for book in ("USA", "VNM")}
    both = pd.concat({book: table["imports_usd_mn"].astype(float) for book, table in of.items()}, axis=1).dropna()
    assumed = inputs.read_scenario(folder.case(), "even")[1]
    captured = assumed.by_path["books.USA.capture.default"]
    valuation = float(assumed.by_path["books.VNM.valuation"].mean)

    def share(first, last):
        return valuation * both.loc[first:last, "USA"].sum() / both.loc[first:last, "VNM"].sum()

    assert float(captured.mean) == pytest.approx(share("2024-01", "2026-07"), abs=0.005)
    ends = share("2023-01", "2023-12"), share("2024-01", "2024-12")
    assert tuple(map(float, captured.between)) == pytest.approx(ends, abs=0.005)
