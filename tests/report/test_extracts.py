"""The tables that users take away: the figures in them, the files they become, and what is refused."""

import csv
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import load_workbook

from tests import builders
from tradebalance.case import folder, store
from tradebalance.report import extracts
from tradebalance.report.extracts import Asked
from tradebalance.words import plain, terms
from tradebalance.words.problems import Refused

CASE = folder.case()


@pytest.fixture(scope="module")
def tables() -> dict[str, extracts.Extract]:
    return {name: extracts.extract(name, CASE, Asked()) for name in extracts.TABLES}


def records(table: extracts.Extract) -> list[dict[str, object]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def one(table: extracts.Extract, **wanted: str) -> dict[str, object]:
    (found,) = [r for r in records(table) if all(r[name] == value for name, value in wanted.items())]
    return found


def xlsx_rows(content: bytes) -> list[list[str]]:
    """The cells of the first sheet of a workbook, header first."""
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [[cell if isinstance(cell, str) else plain.text_of(Decimal(repr(cell))) for cell in row] for row in rows]


def asked(name: str, **said: str) -> extracts.Extract:
    months = {key: terms.month(said.pop(key)) for key in ("as_of", "old", "new") if key in said}
    return extracts.extract(name, CASE, Asked(**months, **said))


@pytest.mark.parametrize("name", extracts.TABLES)
def test_a_table_reads_back_equal_from_csv_and_from_xlsx(tables, name):
    table = tables[name]
    written = [[plain.text_of(cell) for cell in row] for row in (table.columns, *table.rows)]
    assert len(written) > 5
    assert builders.csv_rows(table.as_csv()) == written
    assert xlsx_rows(table.as_xlsx()) == written


@pytest.mark.parametrize("name", extracts.TABLES)
def test_the_command_writes_the_table_whole_and_tells_its_rows(command, tables, tmp_path, name):
    for suffix in (".csv", ".xlsx"):
        outcome = command("table", name, "--out", tmp_path / f"t{suffix}")
        assert (outcome.code, outcome.err) == (0, "")
        assert f"{len(tables[name].rows)} rows" in outcome.out
    assert (tmp_path / "t.csv").read_bytes() == tables[name].as_csv().encode()
    assert (tmp_path / "t.xlsx").read_bytes() == tables[name].as_xlsx()
    assert {path.name for path in tmp_path.iterdir()} == {"t.csv", "t.xlsx"}


@pytest.mark.parametrize("name", extracts.TABLES)
def test_the_json_holds_the_table_its_release_and_its_inputs(command, tables, name):
    found = json.loads(command("table", name, "--json").out)
    assert found["rows"] == [
        {column: None if cell is None else plain.text_of(cell) for column, cell in record.items()}
        for record in records(tables[name])
    ]
    assert found["known"]
    assert found["version"]
    assert found["inputs"]
    assert all(len(sha256) == 64 for sha256 in found["inputs"].values())


def test_flows_are_the_figures_of_the_processed_file(tables):
    with (CASE.processed / "flows.csv").open(encoding="utf-8", newline="") as file:
        kept = [
            row
            for row in csv.DictReader(file)
            if (row["reporter"], row["partner"], row["frequency"], row["vintage"]) == ("USA", "VNM", "Q", "2026-10")
        ]
    assert len(kept) == len(tables["flows"].rows)
    assert {Decimal(row["value_usd_mn"]) for row in kept} == {r["value_usd_mn"] for r in records(tables["flows"])}


def test_flows_of_vietnams_book_have_errors_and_origins_by_quarter_and_year():
    quarter = one(asked("flows", reporter="VNM"), flow="export", period="2025Q1")
    assert (quarter["value_usd_mn"], quarter["origin"]) == (Decimal("31394.185080"), "derived")
    assert not quarter["se_usd_mn"]
    year = one(asked("flows", reporter="VNM", by="year"), flow="import", period="2019")
    of_year = [r for r in records(asked("flows", reporter="VNM")) if r["flow"] == "import" and "2019Q" in r["period"]]
    assert year["value_usd_mn"] == sum(r["value_usd_mn"] for r in of_year)
    assert year["se_usd_mn"] < min(r["se_usd_mn"] for r in of_year)  # the year was printed, its quarters were not


def test_flows_by_month_are_what_the_publisher_prints():
    row = one(asked("flows", by="month"), flow="import", period="2024-04")
    assert row["value_usd_mn"] == Decimal("10105.7")
    row = one(asked("flows", reporter="VNM", by="month"), flow="import", period="2026-07")
    assert row["value_usd_mn"] == Decimal("2061.420477")
    with pytest.raises(Refused, match="not known by month"):
        asked("flows", reporter="VNM", by="month", as_of="2022-12")


def test_goods_by_kind_come_by_any_length_with_their_bulletins():
    cotton = {"flow": "import", "kind": "Cotton"}
    months = [one(asked("goods"), **cotton, period=f"2025-{month:02d}")["value_usd_mn"] for month in range(1, 13)]
    year = one(asked("goods", by="year"), **cotton, period="2025")["value_usd_mn"]
    assert year == sum(months) == one(asked("goods", by="year-to-date"), **cotton, period="2025-12")["value_usd_mn"]
    found = asked("goods", by="quarter", as_of="2025-08")
    assert "to 2025-07" in found.about["known"]
    assert {"data/commodities.yaml", "data/raw/vietnam-customs-bulletins/2026-08/usa_by_commodity.csv"} <= {
        *found.inputs
    }
    assert "LPG" in found.notes[0]
    with pytest.raises(Refused, match="no bulletin by commodity"):
        asked("goods", as_of="2022-12")


def test_a_replay_of_vietnams_book_is_of_its_month_and_knows_nothing_later():
    rows = records(asked("flows", reporter="VNM", as_of="2025-05"))
    assert {r["vintage"] for r in rows} == {"2025-05"}
    assert max(r["period"] for r in rows) == "2025Q1"


def test_the_mirror_has_the_known_ratio_and_gap_of_2024(tables):
    row = one(tables["mirror"], period="2024")
    assert round(row["exports_ratio"], 2) == Decimal("1.14")
    assert round(row["difference_usd_mn"] / 1000, 1) == Decimal("18.9")
    assert [r["period"] for r in records(asked("mirror", by="quarter"))][-1] == "2026Q2"
    assert not asked("mirror", by="quarter").notes
    early = asked("mirror", by="quarter", as_of="2023-04")  # the bulletins of 2023Q1 are out, Census' months not yet
    assert records(early)[-1]["period"] == "2022Q4"
    uncounted = asked("mirror", by="quarter", as_of="2023-03")
    assert [r["gap_VNM_origin"] for r in records(uncounted) if r["period"] == "2022Q4"] == ["extrapolated"]
    assert uncounted.notes == ("Quarters after 2022Q3 are extrapolated and bind no headline.",)


def test_revisions_take_any_two_releases_and_name_what_was_not_compared(tables):
    assert set(tables["revisions"].notes) == {
        "Not compared: partner CHN only in the release of 2024-08.",
        "Not compared: months 2024-07 to 2026-08 only in the release of 2026-10.",
    }
    forth = one(asked("revisions", by="year"), measure="gap", period="2023")
    back = one(asked("revisions", by="year", old="2026-10", new="2024-08"), measure="gap", period="2023")
    assert forth["change_usd_mn"] == -back["change_usd_mn"] != 0


@pytest.mark.parametrize("year", ["2023", "2024", "2025"])
def test_revisions_against_the_first_publication_are_the_bulletins_own_sums(year):
    """First: the months as each bulletin printed them; later: the year to date of December's."""
    path = Path(__file__).resolve().parents[2] / "data/raw/vietnam-customs-bulletins/2026-08/usa_monthly.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["flow"] == "import" and row["period"].startswith(year)]
    row = one(asked("revisions", reporter="VNM", since_first=True, by="year"), measure="imports", period=year)
    assert row["old_usd_mn"] == sum(Decimal(each["usd_month"]) for each in rows) / 1_000_000
    assert row["new_usd_mn"] == Decimal(rows[-1]["usd_year_to_date"]) / 1_000_000
    assert row["change_usd_mn"] == row["new_usd_mn"] - row["old_usd_mn"] != 0


def test_revisions_of_a_book_with_a_release_a_month_are_of_the_newest_two(command):
    found = asked("revisions", reporter="VNM")
    assert (found.about["known"], records(found)[-1]["period"]) == ("releases of 2026-07 and 2026-08", "2026-06")
    said = command("table", "revisions", "--reporter", "VNM", "--from", "first", "--to", "2024-12", "--by", "year")
    assert "2024" in said.out
    assert "2025" not in said.out


def test_residuals_mark_and_name_the_figures_in_conflict(tables):
    marked = [r["fragment"] for r in records(tables["residuals"]) if r["in_conflict"] == "yes"]
    assert "VN014" in marked
    assert all(abs(one(tables["residuals"], fragment=name)["z"]) > 2 for name in marked)
    (note,) = tables["residuals"].notes
    assert all(name in note for name in marked)


def test_leaves_add_up_to_what_was_announced_and_say_what_was_corrected(tables):
    assert sum(r["value_usd_mn"] for r in records(tables["leaves"])) == 90_300
    assert sum(r["value_usd_mn"] for r in records(asked("leaves", as_of="2025-03"))) == 54_300
    assert "signed_on: blank as published" in tables["leaves"].notes[0]


def test_the_ledger_has_every_event_and_a_replay_those_of_its_time(tables):
    assert len(tables["ledger"].rows) == len(store.facts(CASE).events)
    early = {r["id"] for r in records(asked("ledger", as_of="2025-03"))}
    assert 0 < len(early) < len(tables["ledger"].rows)
    assert "VNA-737-2026" not in early


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["mirrow"], 2, "did you mean 'mirror'?"),
        (["leaves", "--by", "year"], 2, "leaves takes --as-of"),
        (["mirror", "--by", "month"], 2, "use --reporter, --as-of, --by year or quarter"),
        (["flows", "--from", "2024-08"], 2, "--from: the table flows cannot be asked for this"),
        (["flows", "--reporter", "XXX"], 2, "no figures of XXX with VNM"),
        (["flows", "--as-of", "2025-5"], 2, "not a month like"),
        (["residuals", "--reporter", "USA"], 2, "VNM with USA"),
        (["revisions", "--reporter", "VNM", "--to", "2023-02"], 2, "no two releases of VNM"),
        (["revisions", "--from", "2020-01"], 2, "there are 2024-08, 2026-10"),
        (["flows", "--out", "flows.txt"], 2, ".csv or .xlsx"),
    ],
)
def test_what_a_table_cannot_be_asked_is_refused_in_one_sentence(command, arguments, code, words):
    outcome = command("table", *arguments)
    assert outcome.code == code
    assert words in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_a_file_that_cannot_be_written_leaves_nothing(command, tmp_path):
    (tmp_path / "file").write_text("in the way")
    outcome = command("table", "leaves", "--out", tmp_path / "file" / "leaves.xlsx")
    assert outcome.code == 3
    assert "cannot write" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_printed_table_is_the_table(command, tables):
    lines = command("table", "mirror").out.splitlines()
    assert lines[0].split() == list(tables["mirror"].columns)
    assert lines[-1].split()[0] == "2025"


# --- tables as CSV and XLSX: what is written reads back equal, and nothing in it runs -------------


NASTY = [
    "=1+1", "+1", "-1+2", "@SUM(A1)", "|calc", "%0", "'=1", "''", "'", "\t=1", "\r=1", " =1", "\u00a0=1", "\ufeff=1",
    "ok\n=cmd|'/c calc'!A0", "a\rb", "a\r\nb", "a\nb\n", "  leading", "trailing  ", '"', '"quoted", and more', ",", ";",
    "Tổng cục Hải quan", "日本\U0001f600", "12345678901234567890", "0012", "1e5", "-27.3", "1,234.5", "TRUE", "NaN",
    "http://x.example", "internal:a!A1", "mailto:a@b", "_x0041_", "_x000D_", "<&>", "\x01\x08\x0b", "\u2028", "{=1}",
]  # fmt: skip
XML = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
TEXT = st.one_of(st.sampled_from(NASTY), st.text(XML, max_size=30), st.text("=+-@'\"\r\n\t ,;|%1a", max_size=8))
NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1E40"), max_value=Decimal("1E40")),
    st.integers(-(10**30), 10**30).map(Decimal),
)
CELL = st.one_of(TEXT, NUMBERS, st.none())
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.tuples(
        st.lists(TEXT.filter(bool), min_size=width, max_size=width),
        st.lists(
            st.lists(CELL, min_size=width, max_size=width).filter(lambda row: any(map(plain.text_of, row))),
            max_size=4,
        ),
    )
)


def texts(columns, rows):
    return [[plain.text_of(cell) for cell in row] for row in (columns, *rows)]


def as_numbers(written, read):
    """Each Decimal that was written, beside what it reads back as."""
    return [
        (cell, Decimal(read[line][at]))
        for line, row in enumerate(written)
        for at, cell in enumerate(row)
        if isinstance(cell, Decimal)
    ]


@given(TABLES)
@example((["a"], [["a\rb"], ["\r"], ["x\r\n"]]))
def test_a_csv_reads_back_equal(table):
    columns, rows = table
    read = builders.csv_rows(plain.csv_text(columns, rows))
    assert read == texts(columns, rows)
    assert all(before == after for before, after in as_numbers(rows, read[1:]))


@given(TABLES)
@example((["a"], [[text] for text in NASTY]))
def test_a_workbook_reads_back_equal(table):
    columns, rows = table
    read = xlsx_rows(extracts.xlsx_bytes(columns, rows))
    assert read == texts(columns, rows)
    assert all(before == after for before, after in as_numbers(rows, read[1:]))


@given(TABLES)
def test_no_cell_of_a_csv_starts_like_a_formula(table):
    for row in csv.reader(io.StringIO(plain.csv_text(*table), newline="")):
        for cell in row:
            assert plain.NUMBER.fullmatch(cell) or not re.match(r"[\s\u00a0\u200b\ufeff]*[=+\-@|%]", cell), cell


@given(TABLES)
def test_a_workbook_holds_no_formula_and_no_link(table):
    with zipfile.ZipFile(io.BytesIO(extracts.xlsx_bytes(*table))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "<hyperlink" not in sheet
        assert not [name for name in archive.namelist() if "rels" in name and "sheet" in name]


def test_numbers_are_numbers_where_that_is_exact_and_else_their_digits():
    exact, long = Decimal("10034.126316"), Decimal("1234567890.1234567")
    content = extracts.xlsx_bytes(["a"], [[exact], [long], ["10034.126316"]])
    cells = [row[0] for row in load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()]
    assert cells[1:] == [10034.126316, "1234567890.1234567", "10034.126316"]
    assert isinstance(cells[1], float)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-12, 12))
def test_fifteen_digits_survive_as_a_number(digits, power):
    number = Decimal(digits).scaleb(power)
    (_, (read,)) = xlsx_rows(extracts.xlsx_bytes(["a"], [[number]]))
    assert Decimal(read) == number


def test_the_same_table_is_the_same_bytes():
    table = ["a", "b"], [["x", Decimal(1)], [None, Decimal("2.50")]]
    assert extracts.xlsx_bytes(*table, {"known": "now"}) == extracts.xlsx_bytes(*table, {"known": "now"})
    assert plain.csv_text(*table) == 'a,b\nx,1\n"",2.5\n'


def test_a_second_sheet_says_what_the_table_is():
    content = extracts.xlsx_bytes(["a"], [["x"]], {"known": "=now"})
    assert load_workbook(io.BytesIO(content)).get_sheet_by_name("about").to_python() == [
        ["key", "value"],
        ["known", "=now"],
    ]


@pytest.mark.parametrize(
    ("columns", "row", "message"),
    [
        (["a", ""], ["x", "y"], "needs a name"),
        (["a", "b"], ["", None], "row 2 of the sheet has no text"),
        (["a"], ["x" * 32_768], "row 2, column 1"),
        (["a"], ["\U0001f600" * 16_384], "row 2, column 1"),
        (["a"], ["\ufffe"], "row 2, column 1"),
        (["a"], ["\ud800"], "row 2, column 1"),
    ],
)
def test_what_a_sheet_cannot_give_back_is_refused(columns, row, message):
    with pytest.raises(ValueError, match=message):
        extracts.xlsx_bytes(columns, [row])


def test_text_of_a_number_is_its_plain_digits():
    numbers = {"820.0": "820", "2.50": "2.5", "1E+3": "1000", "-0.0": "0", "1E-7": "0.0000001", "NaN": "NaN"}
    assert {number: plain.text_of(Decimal(number)) for number in numbers} == numbers
    assert plain.text_of(None) == ""
