"""From a figure of trade to its raw cells: exact sums, and weights where a book is pieced together."""

import csv
import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from builders import known_on, shipped
from tradebalance.case import asof
from tradebalance.facts import mirror
from tradebalance.pages import trade_gap
from tradebalance.trace import ask, trade
from tradebalance.words import terms
from tradebalance.words.problems import Refused

ROOT = Path(__file__).resolve().parents[2]


def traced(facts, column, period):
    return ask.trace(facts, column, terms.period(period), "USA")


@pytest.mark.parametrize("column", trade.COLUMNS)
def test_a_year_is_the_exact_sum_of_its_months_and_of_its_quarters(facts, column):
    year = traced(facts, column, "2025")
    months = [traced(facts, column, f"2025-{month:02}") for month in range(1, 13)]
    quarters = [traced(facts, column, f"2025Q{quarter}") for quarter in range(1, 5)]
    assert year.value_usd_mn == sum(part.value_usd_mn for part in months)
    assert year.value_usd_mn == sum(part.value_usd_mn for part in quarters)
    assert {cell for part in months for cell in part.cells} == set(year.cells)


def test_the_gap_of_2025_is_what_the_publisher_prints_for_the_year(facts):
    assert traced(facts, "gap_usd_mn", "2025").value_usd_mn == Decimal("193879.4") - Decimal("15603.2")


def test_a_traced_quarter_is_the_quarter_that_the_answers_start_from(facts):
    history = known_on("USA").history
    last = history.index[-1]
    assert traced(facts, "gap_usd_mn", str(last)).value_usd_mn == history.at[last, "gap_usd_mn"]
    assert traced(facts, "imports_usd_mn", str(last)).value_usd_mn == history.at[last, "imports_usd_mn"]


@pytest.mark.parametrize("period", ["2026", "2026Q3", "2026-09", "1980Q1"])
def test_a_period_with_a_month_not_published_is_refused(facts, period):
    with pytest.raises(Refused, match="not all its months are published"):
        traced(facts, "gap_usd_mn", period)


def test_a_book_without_figures_is_refused(facts):
    with pytest.raises(Refused, match="no figures of CHN"):
        ask.trace(facts, "gap_usd_mn", pd.Period("2025Q1", freq="Q"), "CHN")


@pytest.mark.parametrize("period", ["2025Q1", "2024", "2026-08"])
def test_traced_cells_stand_in_the_raw_file_and_add_up_to_the_value(command, period):
    chain = json.loads(command("trace", "gap_usd_mn", period, "--json").out)
    for cell in chain["cells"]:
        with (ROOT / "data/raw" / cell["file"]).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        assert rows[cell["row"] - 1][rows[0].index(cell["column"])] == cell["printed"]
    total = sum(Decimal(cell["weight"]) * Decimal(cell["printed"]) for cell in chain["cells"])
    assert total == Decimal(chain["value_usd_mn"])
    if period == "2025Q1":
        assert total == Decimal("36511.8")


def test_a_book_pieced_together_is_traced_to_fragments_with_their_weights(facts):
    chain = ask.trace(facts, "exports_usd_mn", pd.Period("2021", freq="Y"), "VNM")
    (most,) = [cell for cell in chain.cells if cell.period == "2021-01 to 2021-12"]
    assert (most.file, most.row, most.printed) == ("vietnam-customs/2026-11/fragments.csv", 29, Decimal(95_600))
    assert most.weight == pytest.approx(Decimal(1), abs=Decimal("0.1"))
    assert abs(chain.value_usd_mn - most.printed) <= chain.se_usd_mn


def test_the_founding_quarter_is_traced_to_the_cells_of_its_bulletins(facts):
    exports, imports = (ask.trace(facts, f"{flow}s_usd_mn", "2025Q1", "VNM") for flow in ("export", "import"))
    assert (exports.value, imports.value) == (Decimal("31394.185080"), Decimal("4097.828022"))
    for chain in (exports, imports):
        assert chain.value == sum(cell.weight * cell.printed for cell in chain.cells)
        assert {cell.file for cell in chain.cells} == {"vietnam-customs-bulletins/2026-08/usa_monthly.csv"}
    assert {cell.printed_in for cell in exports.cells} == {"2025-t4-5x(vn-sb).pdf"}
    assert {cell.printed_in for cell in imports.cells} == {"2025-t4-5n(vn-sb).pdf"}


def test_a_revised_month_is_traced_to_the_years_to_date_around_it(facts):
    """March 2024 is not at hand: April's year to date less its own month, less February's year to date."""
    chain = ask.trace(facts, "exports_usd_mn", "2024-03", "VNM")
    cells = {(cell.column, cell.weight): cell for cell in chain.cells}
    assert set(cells) == {("usd_year_to_date", 1), ("usd_month", -1), ("usd_year_to_date", -1)}
    assert chain.value == sum(cell.weight * cell.printed for cell in chain.cells)


@pytest.mark.parametrize("column", ["gap_usd_mn", "gap_four_quarters_usd_mn"])
def test_a_book_of_which_nothing_was_printed_yet_is_refused(facts, column):
    with pytest.raises(Refused, match=r"no fragments to reconcile.*use a later month"):
        ask.trace(facts, column, "2004Q1", "VNM", terms.month("2005-01"))


def test_a_book_known_by_quarter_has_no_months(facts):
    with pytest.raises(Refused, match="known by quarter"):
        ask.trace(facts, "exports_usd_mn", pd.Period("2022-12", freq="M"), "VNM")
    assert ask.trace(facts, "exports_usd_mn", "2023-01", "VNM").value == Decimal(
        "6149.468977"
    )  # as February revised it


@pytest.mark.parametrize("column", trade.COLUMNS)
@pytest.mark.parametrize("period", ["2018Q1", "2021", "2022", "2022Q4"])
def test_weights_times_what_was_printed_and_the_mirrors_part_give_the_figure(command, column, period):
    chain = json.loads(command("trace", column, period, "--reporter", "VNM", "--json").out)
    assert chain["cells"]
    parts = [Decimal(chain[name]) for name in ("mirror_usd_mn", "lesser_usd_mn")]
    total = sum((Decimal(cell["weight"]) * Decimal(cell["printed"]) for cell in chain["cells"]), sum(parts))
    assert abs(total - Decimal(chain["value_usd_mn"])) <= Decimal("0.2")


def test_a_fragment_is_shown_as_it_stands_in_its_file(command):
    chain = json.loads(command("trace", "exports_usd_mn", "2022", "--reporter", "VNM", "--json").out)
    counted = [cell for cell in chain["cells"] if "bulletins" in cell["file"]]
    chain["cells"] = [cell for cell in chain["cells"] if cell not in counted]
    assert counted
    assert chain["cells"]
    for cell in chain["cells"]:
        with (ROOT / "data/raw" / cell["file"]).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        row = dict(zip(rows[0], rows[cell["row"] - 1], strict=True))
        assert (row["value"], row["unit"], row["id"]) == (cell["raw"], cell["unit"], cell["id"])
        scale = {"USD billion": Decimal(1000), "USD million": Decimal(1), "percent": Decimal("0.01")}[cell["unit"]]
        assert Decimal(cell["raw"]) * scale == Decimal(cell["printed"])


@pytest.mark.parametrize("reporter", ["USA", "VNM"])
def test_the_gap_of_the_last_four_quarters_is_traced_exactly(facts, reporter):
    known = known_on(reporter)
    chain = ask.trace(facts, "gap_last_four_quarters_usd_mn", "", reporter)
    assert chain.value == known.gap_last_four
    assert chain.value == sum(part.weight * part.chain.value for part in chain.parts)
    assert chain.period == f"{known.last_four[0]} to {known.last_four[-1]}"
    assert chain.value == sum(cell.weight * cell.printed for part in chain.parts for cell in signed(part))


def signed(part):
    return [dataclasses.replace(cell, weight=cell.weight * part.weight) for cell in part.chain.all_cells()]


def test_four_quarters_to_one_are_those_of_the_page(facts):
    history = known_on("USA").history
    chain = ask.trace(facts, "gap_four_quarters_usd_mn", "2019Q3")
    wanted = history.loc[pd.period_range("2018Q4", "2019Q3", freq="Q"), "gap_usd_mn"]
    assert (
        chain.value == wanted.sum() == sum(cell.weight * cell.printed for part in chain.parts for cell in signed(part))
    )


@pytest.mark.parametrize("column", ["mirror_ratio_exports", "mirror_ratio_imports"])
@pytest.mark.parametrize("period", ["2024", "2025Q1"])
def test_a_mirror_ratio_holds_both_books_side_by_side(facts, column, period):
    chain = ask.trace(facts, column, period)
    own, other = (part.chain for part in chain.parts)
    assert (own.reporter, other.reporter) == ("USA", "VNM")
    assert (chain.how, chain.unit) == ("the ratio of", "ratio")
    assert abs(chain.value - own.value / other.value) <= Decimal("0.000001")
    assert not chain.cells
    assert {cell.file.split("/")[0] for cell in own.all_cells()} == {"us-census"}
    assert {cell.file.split("/")[0] for cell in other.all_cells()} == {"vietnam-customs-bulletins"}


def test_a_traced_ratio_is_the_one_that_the_page_shows(facts):
    both = asof.books(case=shipped())
    shown = trade_gap.mirror_table(mirror.by_year(both), both)
    traced = {year: ask.trace(facts, "mirror_ratio_exports", year).value for year in shown.index if year >= "2018"}
    assert {year: f"{ratio:.3f}" for year, ratio in traced.items()} == {
        year: shown.at[year, "Exports, ratio"].split()[0] for year in traced
    }


def test_a_revision_is_the_newer_releases_cells_less_the_olders(facts):
    shown = trade_gap.revised_years_table(known_on("USA").revisions)
    for year in shown.index:
        before, after, change = (
            ask.trace(facts, f"gap_{name}_usd_mn", year) for name in ("before_revision", "after_revision", "revision")
        )
        assert change.value == after.value - before.value == sum(c.weight * c.printed for c in change.cells)
        assert f"{change.value:+,.1f}" == shown.at[year, "Surplus, change"]
        assert {cell.file.split("/")[1] for cell in before.cells} == {"2024-08"}
        assert {cell.file.split("/")[1] for cell in after.cells} == {"2026-10"}
