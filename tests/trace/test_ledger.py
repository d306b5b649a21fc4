"""From a sum of what was announced or has arrived to the rows of the ledger and of the evidence."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests import builders
from tests.trace.test_answer import traced
from tradebalance.case import asof, folder, store
from tradebalance.trace import ask
from tradebalance.words import terms
from tradebalance.words.problems import Refused

ROOT = Path(__file__).resolve().parents[2]


def test_what_can_have_arrived_is_the_weighed_sum_of_printed_months(facts):
    chain = ask.trace(facts, "can_have_arrived_usd_mn", where=builders.shipped())
    assert abs(chain.value - sum(cell.weight * cell.printed for cell in chain.cells)) < Decimal("0.000001")
    assert {cell.file for cell in chain.cells} == {"us-census/2026-10/vietnam.csv"}
    assert "2024-07" in chain.note
    assert "2024-07" not in {cell.period for cell in chain.cells}


def test_goods_by_kind_are_traced_to_the_cells_of_the_bulletins(facts):
    whole = ask.trace(facts, "imports_of_agriculture_usd_mn", "2025Q1", where=builders.shipped())
    table = asof.goods_of(case=builders.shipped()).table("quarter")
    rows = table[(table["flow"] == "import") & (table["category"] == "agriculture")]
    assert whole.value == sum(rows.loc[rows["period"] == pd.Period("2025Q1"), "value_usd_mn"])
    for cell in whole.cells:
        printed = dict(facts.files[cell.file].table.rows)[cell.row]
        assert (printed[cell.column], printed["flow"]) == (cell.raw, "import")
    with pytest.raises(Refused, match="did you mean 'cotton'"):
        ask.trace(facts, "imports_of_coton_usd_mn", "2025", where=builders.shipped())
    with pytest.raises(Refused, match="use a period from 2023-01 to 2026-07"):
        ask.trace(facts, "imports_of_cotton_usd_mn", "2026", where=builders.shipped())


def test_the_announced_sum_is_the_exact_sum_of_its_raw_cells(command):
    chain = json.loads(command("trace", "announced_usd_mn", "--json").out)
    assert chain["value_usd_mn"] == "90300"
    assert "ledger" not in chain["reporter"]
    total = Decimal(0)
    for part in chain["parts"]:
        for cell in part["cells"]:
            with (ROOT / "data/raw" / cell["file"]).open(encoding="utf-8", newline="") as lines:
                rows = list(csv.reader(lines))
            row = dict(zip(rows[0], rows[cell["row"] - 1], strict=True))
            assert (row["id"], row["value"], row["source_url"]) == (cell["id"], cell["raw"], cell["url"])
            total += Decimal(part["weight"]) * Decimal(cell["weight"]) * 1000 * Decimal(cell["raw"])
    assert total == 90_300


@pytest.mark.parametrize(
    ("which", "value"),
    [
        ("T1", "50150"),
        ("T2", "4150"),
        ("T3", "36000"),
        ("unnamed", "48400"),
        ("restated", "39800"),
        ("signed", "2100"),
        ("probable", "33100"),
        ("possible", "8800"),
    ],
)
def test_a_tranche_or_stage_is_picked_by_its_name(facts, which, value):
    chain = ask.trace(facts, "announced_usd_mn", which)
    assert chain.value == Decimal(value)
    assert chain.value == sum(cell.weight * cell.printed for cell in chain.all_cells())


def test_a_remainder_is_the_whole_less_its_named_parts(facts):
    chain = ask.trace(facts, "T1-remainder")
    assert chain.value == Decimal("8250")
    assert [(cell.id, cell.weight) for cell in chain.cells] == [
        ("T1", 1), ("VJ-737-200", -1), ("VJ-CFM-2024", -1), ("VJ-HON-2024", -1), ("VNA-737-2023", -1),
        ("VNA-PW-2019", -1),
    ]  # fmt: skip


def test_a_deal_shows_the_row_that_counts_and_those_that_tell_it_again(facts):
    chain = ask.trace(facts, "VNA-737-2026")
    assert chain.value == 7_800
    assert {cell.id: cell.weight for cell in chain.cells} == {"VNA-737-2023": 1, "VNA-737-2025": 0, "VNA-737-2026": 0}
    assert "signed" in chain.note


def test_a_row_that_adds_nothing_says_so(facts):
    chain = ask.trace(facts, "announced_usd_mn", "VJ-AGG")
    assert chain.value == 50_000
    assert "adds nothing" in chain.note


def test_a_row_without_a_value_is_refused_by_its_place(facts):
    with pytest.raises(Refused, match=r"commitments\.csv:\d+: value: no value was published"):
        ask.trace(facts, "LNG-COP")


def test_a_corrected_cell_is_shown_with_reason_and_source(command):
    chain = json.loads(command("trace", "T3", "--json").out)
    (correction,) = chain["corrections"]
    assert (correction["row"], correction["column"], correction["value"]) == (4, "signed_on", "2025-05-07")
    assert correction["reason"]
    assert correction["source"]
    assert "corrected by data/corrections.yaml" in command("trace", "T3").out
    assert "corrected" not in command("trace", "T2").out


def test_a_corrected_value_shows_what_the_file_holds(small_case):
    where = folder.case(str(small_case("even")))
    more = """
  - file: commitments/2026-11/commitments.csv
    row: 15
    column: value
    expected: "1.1"
    value: "1.2"
    reason: a test
    source: a test
    effect: a test
"""
    where.corrections.write_text(where.corrections.read_text(encoding="utf-8").rstrip() + more, encoding="utf-8")
    store.build(where)
    chain = ask.trace(store.facts(where), "VJ-HON-2024")
    (cell,) = chain.cells
    assert (cell.raw, cell.printed, chain.value) == ("1.1", 1200, 1200)
    assert [each.value for each in chain.corrections] == ["1.2"]


def test_the_ledger_of_an_earlier_month_is_traced_as_it_was(facts):
    chain = ask.trace(facts, "announced_usd_mn", at=terms.month("2025-04"))
    assert chain.value == 54_300
    assert "T3-remainder" not in [part.chain.period for part in chain.parts]


def test_arrivals_are_traced_to_what_counts_and_what_bounds_them():
    low, high = (traced(f"arrived_{end}_usd_mn", "VJ-737-200") for end in ("low", "high"))
    assert {cell.file.split("/")[0] for cell in low.cells} == {"timeline", "capacity"}
    assert low.value == 0
    announced, held = high.parts
    assert abs(min(announced.weight * announced.chain.value, held.chain.value) - high.value) < Decimal("0.000001")
    assert {cell.file.split("/")[0] for cell in held.chain.cells} == {"vietnam-customs-bulletins"}
    assert "landed_in_vietnam.VJ-737-200" in high.note
