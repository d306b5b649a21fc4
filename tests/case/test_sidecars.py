"""A sidecar says what a raw file is: what it may say, what it must, and the one offered where none is."""

import pytest

from tradebalance.case import sidecars
from tradebalance.case.sidecars import Sidecar
from tradebalance.facts.census import COLUMNS as CENSUS_COLUMNS
from tradebalance.facts.census import MONTHS, MUST_SAY, last_published, says
from tradebalance.reading import readers
from tradebalance.reading.readers import Table
from tradebalance.words.problems import Problem
from tradebalance.words.terms import month

SHA256 = "0123456789abcdef" * 4
PLAIN = Table("evidence/2026-11/notes.csv", ["a"], [])
SIDECAR = f"""\
title: U.S. Trade in Goods by Country
producer: U.S. Census Bureau
url: https://www.census.gov/foreign-trade/balance/country.xlsx
licence: public domain
reporter: USA
unit: USD million
vintage: 2026-10
last_period: 2026-08
status: to 2021 final, 2022-2025 revised, 2026 preliminary
sha256: {SHA256}
"""


def census(*months: str, file: str = "us-census/2026-10/country.csv") -> Table:
    """A file of the Census layout with a figure of 1 in the named months, as I2026-08."""
    years = sorted({name[1:5] for name in months})
    blank = {"CTY_CODE": "5520", "CTYNAME": "Vietnam", "IYR": "0", "EYR": "0"}
    cells = [
        {"year": year, **blank}
        | {f"{s}{m}": str(int(f"{s}{year}-{n:02}" in months)) for s in "IE" for n, m in enumerate(MONTHS, 1)}
        for year in years
    ]
    return Table(file, CENSUS_COLUMNS, [readers.Row(line, row) for line, row in enumerate(cells, 2)])


AUGUST = census("I2026-08", "E2026-08")


def parse(text: str, table: Table = AUGUST, sha256: str = SHA256) -> tuple[Sidecar | None, list[Problem]]:
    return sidecars.parse(readers.yaml_document(text.encode(), "country.source.yaml"), table, sha256, MUST_SAY)


def cells(table: Table) -> list[dict[str, str]]:
    return [row.cells for row in table.rows]


def changed(old: str, new: str) -> str:
    assert SIDECAR.count(old) == 1
    return SIDECAR.replace(old, new)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2026 preliminary", {2026: "preliminary"}),
        ("2022-2024 revised", {2022: "revised", 2023: "revised", 2024: "revised"}),
        ("to 1901 final, 1902 revised", {1900: "final", 1901: "final", 1902: "revised"}),
        (
            "2020 final, 2021-2022 revised; 2023 preliminary",
            {2020: "final", 2021: "revised", 2022: "revised", 2023: "preliminary"},
        ),
    ],
)
def test_status_words_say_the_status_of_each_year(words, expected):
    assert sidecars.status_by_year(words) == expected


@pytest.mark.parametrize("words", ["", "final", "as in each row", "2026 provisional", "2025-2022 revised"])
def test_status_words_without_a_year_are_refused(words):
    with pytest.raises(ValueError, match="status needs spans"):
        sidecars.status_by_year(words)


def test_a_whole_sidecar_gives_what_a_reader_of_figures_needs():
    sidecar, problems = parse(SIDECAR)
    assert problems == []
    source = sidecar.flow_source("country.csv")
    assert (source.vintage, source.last_period) == (month("2026-10"), month("2026-08"))
    assert [source.status[year] for year in (1992, 2021, 2022, 2025, 2026)] == [
        "final", "final", "revised", "revised", "preliminary",
    ]  # fmt: skip


def test_a_citation_names_producer_title_release_and_address():
    sidecar, _ = parse(SIDECAR)
    for words in ("U.S. Trade in Goods by Country", "U.S. Census Bureau", "October 2026", "https://www.census.gov/"):
        assert words in str(sidecar.citation)
    rows, _ = parse(changed("url: https://www.census.gov/foreign-trade/balance/country.xlsx", "url: in each row"))
    assert "each row of it names its own" in str(rows.citation)


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "code"),
    [
        ("licence: ", "license: ", 4, "license", "unknown_key"),
        ("title: U.S. Trade in Goods by Country\n", "", 1, "title", "empty"),
        ("vintage: 2026-10", "vintage: 2026-11", 7, "vintage", "bad_value"),
        ("vintage: 2026-10", "vintage: 2026-13", 7, "vintage", "bad_period"),
        ("vintage: 2026-10", "vintage: October", 7, "vintage", "bad_period"),
        ("last_period: 2026-08", "last_period: 2026", 8, "last_period", "wrong_type"),
        ("last_period: 2026-08", "last_period: 2026-11", 7, "vintage", "vintage_too_early"),
        ("last_period: 2026-08\n", "", 1, None, "empty"),
        ("status: to 2021 final, 2022-2025 revised, 2026 preliminary", "status: fresh", 1, None, "empty"),
        ("unit: USD million", "unit: USD billion", 6, "unit", "unit_conflict"),
        ("reporter: USA", "reporter: VNM", 5, "reporter", "bad_value"),
        (f"sha256: {SHA256}", f"sha256: {SHA256[:-1]}0", 10, "sha256", "checksum_mismatch"),
        (f"sha256: {SHA256}", "sha256: abc", 10, "sha256", "wrong_type"),
        ("licence: public domain", "licence: no", 4, "licence", "wrong_type"),
        ("reporter: USA", "reporter: USA\nseasonally_adjusted: true", 1, None, "bad_value"),
        ("reporter: USA", "reporter: USA\nbasis: landed", 6, "basis", "wrong_type"),
        ("reporter: USA", "reporter: USA\nvaluation: {export: price}", 6, "valuation.export", "wrong_type"),
    ],
)
def test_a_sidecar_that_will_not_do_is_refused_on_the_line_of_its_key(old, new, row, column, code):
    sidecar, problems = parse(changed(old, new))
    assert sidecar is None
    found = {(problem.row, problem.column, problem.code) for problem in problems}
    assert (row, column, code) in found
    assert len(found - {(1, "licence", "empty")}) == 1  # a key misspelt is also a key missing


def test_an_unknown_key_names_the_nearest():
    problem = next(p for p in parse(changed("licence: ", "license: "))[1] if p.code == "unknown_key")
    assert "did you mean 'licence'?" in problem.fix


def test_the_last_published_month_is_the_last_with_a_figure_of_either_flow():
    assert last_published(cells(census("I2025-12", "E2026-03", "I2026-02"))) == month("2026-03")


def test_the_sidecar_offered_for_a_census_file_is_one_that_passes():
    table = census("I2025-12", "E2026-08")
    sidecar, problems = parse(sidecars.template(table, SHA256, says(cells(table))), table)
    assert problems == []
    assert (sidecar.reporter, sidecar.unit, sidecar.last_period) == ("USA", "USD million", month("2026-08"))
    assert sidecar.flow_source(table.file).status[2026] == "preliminary"
    assert sidecar.flow_source(table.file).status[2025] == "revised"


def test_the_sidecar_offered_for_any_other_file_leaves_what_only_a_person_knows():
    lines = dict(line.split(": ") for line in sidecars.template(PLAIN, SHA256, {}).splitlines())
    assert lines["vintage"] == "2026-11"
    assert lines["sha256"] == SHA256
    assert {key for key, text in lines.items() if text == "TODO"} == {"title", "producer", "url", "licence"}


def test_the_problem_of_a_missing_sidecar_prints_it_on_lines_of_its_own():
    problem = sidecars.missing(AUGUST, SHA256, says(cells(AUGUST)))
    assert "us-census/2026-10/country.source.yaml" in problem.fix
    assert set(sidecars.template(AUGUST, SHA256, says(cells(AUGUST))).splitlines()) <= set(str(problem).splitlines())


@pytest.mark.parametrize(
    ("column", "text"), [("IAUG", "0"), ("IAUG", "n/a"), ("EAUG", "1,234"), ("year", "Total"), ("year", "")]
)
def test_a_file_whose_cells_are_wrong_is_still_offered_a_sidecar(column, text):
    row = AUGUST.rows[0].cells | {"EAUG": "0"} | {column: text}
    problem = sidecars.missing(Table(AUGUST.file, AUGUST.columns, [readers.Row(2, row)]), SHA256, says([row]))
    assert (problem.code, problem.file) == ("source_missing", AUGUST.file)
    assert f"sha256: {SHA256}" in problem.fix


@pytest.mark.parametrize("said", ["cumulative: maybe", "fx_vnd_per_usd: soon", "locale: xx"])
def test_a_value_that_an_option_cannot_have_is_told_and_the_rest_is_read(said):
    document = readers.yaml_document(f"{said}\nfrequency: monthly\n".encode(), "f.source.yaml")
    given, problems = sidecars.printed_options(document)
    assert given.frequency == "monthly"
    assert [(problem.code, problem.row) for problem in problems] == [("bad_value", 1)]
