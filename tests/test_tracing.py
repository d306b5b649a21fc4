"""From a figure back to its cells: exact sums, and refusals that name what would do."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tradebalance import inputs, store, terms, tracing
from tradebalance.problems import Refused

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def facts():
    return store.facts(store.case())


def traced(facts, column, period):
    return tracing.trace(facts, column, terms.period(period), "USA")


@pytest.mark.parametrize("column", tracing.COLUMNS)
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
    history = inputs.known("USA").history
    last = history.index[-1]
    assert traced(facts, "gap_usd_mn", str(last)).value_usd_mn == history.at[last, "gap_usd_mn"]
    assert traced(facts, "imports_usd_mn", str(last)).value_usd_mn == history.at[last, "imports_usd_mn"]


def test_an_unknown_column_names_the_nearest(facts):
    with pytest.raises(Refused, match=r"gap_usd_m.*did you mean 'gap_usd_mn'\?"):
        traced(facts, "gap_usd_m", "2025Q1")


@pytest.mark.parametrize("period", ["2026", "2026Q3", "2026-09", "1980Q1"])
def test_a_period_with_a_month_not_published_is_refused(facts, period):
    with pytest.raises(Refused, match="not all its months are published"):
        traced(facts, "gap_usd_mn", period)


def test_a_book_without_figures_is_refused(facts):
    with pytest.raises(Refused, match="no figures of CHN"):
        tracing.trace(facts, "gap_usd_mn", pd.Period("2025Q1", freq="Q"), "CHN")


def test_the_command_names_file_line_columns_and_address(command):
    outcome = command("trace", "gap_usd_mn", "2025Q1")
    assert outcome.code == 0
    assert "36511.8" in outcome.out.replace(",", "")
    for column in ("IJAN", "IFEB", "IMAR", "EJAN", "EFEB", "EMAR"):
        assert f"data/raw/us-census/2026-10/vietnam.csv:35 {column}\n" in outcome.out
    assert "https://www.census.gov/" in outcome.out


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
    chain = tracing.trace(facts, "exports_usd_mn", pd.Period("2025Q1", freq="Q"), "VNM")
    (cell,) = chain.cells
    assert (cell.file, cell.row, cell.printed) == ("vietnam-customs/2026-11/fragments.csv", 51, Decimal(31_400))
    assert cell.weight == pytest.approx(Decimal(1), abs=Decimal("0.01"))
    assert abs(chain.value_usd_mn - 31_400) <= 50
    assert chain.se_usd_mn > 0


def test_a_book_known_by_quarter_has_no_months(facts):
    with pytest.raises(Refused, match="known by quarter"):
        tracing.trace(facts, "exports_usd_mn", pd.Period("2025-01", freq="M"), "VNM")
