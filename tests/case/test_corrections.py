"""Corrections change the cell they name, once it says what they expect, and nothing else."""

import shutil

import pytest

from builders import table_of
from releases import CASE
from tradebalance.case import folder, sidecars, store
from tradebalance.case.raw import raw_files
from tradebalance.facts import ledger
from tradebalance.reading import readers
from tradebalance.words.problems import Refused
from tradebalance.words.schema import read

GOOD = b"""corrections:
  - {file: a/b.csv, row: 3, column: value, expected: "2", value: "20", reason: a slip, source: a page, effect: more}
"""
TABLE = table_of(b"id,value\nx,1\ny,2\n", "a/b.csv")


def wanted(content: bytes = GOOD) -> list[sidecars.Correction]:
    return read(sidecars.Corrections, readers.yaml_document(content, "corrections.yaml")).corrections


def test_the_named_cell_is_corrected_and_no_other():
    table, problems = sidecars.correct(TABLE, wanted())
    assert problems == []
    assert [row.cells["value"] for row in table.rows] == ["1", "20"]
    assert [row.cells["value"] for row in TABLE.rows] == ["1", "2"]


@pytest.mark.parametrize(
    "change", [(b'expected: "2"', b'expected: "3"'), (b"row: 3", b"row: 9"), (b"column: value", b"column: v")]
)
def test_a_correction_that_does_not_find_what_it_expects_stops_the_build(change):
    _, problems = sidecars.correct(TABLE, wanted(GOOD.replace(*change)))
    assert [(p.code, p.file) for p in problems] == [("inconsistent", "a/b.csv")]


@pytest.mark.parametrize("change", [(b"reason: a slip, ", b""), (b"row: 3", b"row: 1"), (b"column", b"colum")])
def test_a_correction_without_reason_or_place_is_refused(change):
    with pytest.raises(Refused):
        wanted(GOOD.replace(*change))


def test_the_committed_corrections_find_what_they_expect_and_say_what_they_change():
    where = folder.case()
    raw = {file.name: file.table for file in raw_files(where.raw)}
    found = wanted(where.corrections.read_bytes())
    assert found
    for correction in found:
        row = next(row for row in raw[correction.file].rows if row.line == correction.row)
        assert row.cells[correction.column] == correction.expected != correction.value


def test_without_the_correction_the_talks_tranche_would_be_known_too_early(tmp_path):
    import datetime as dt

    shutil.copytree(CASE / "data", tmp_path / "data")
    shutil.copytree(CASE / "scenarios", tmp_path / "scenarios")
    march, case = dt.date(2025, 3, 31), folder.case(str(tmp_path))

    def announced() -> int:
        return sum(leaf.value_usd_mn for leaf in ledger.leaves(store.facts(case).events, march))

    assert announced() == 54_300
    (tmp_path / "data" / "corrections.yaml").unlink()
    with pytest.raises(Refused, match="run `tradebalance build`"):
        announced()
    store.build(case)
    assert announced() == 90_300
