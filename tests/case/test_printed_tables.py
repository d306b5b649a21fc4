"""A printed table with a sidecar becomes rows of the long table, to the digit and the cell, or is refused whole."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.reading.test_classes import page, workbook
from tradebalance.case import asof, folder, store, writing
from tradebalance.report import check
from tradebalance.words.problems import Problem, Refused

CASE = "name: Thai trade\nhome: THA\npartner: USA\nbooks: [THA]\n"
SOURCE = "title: made up\nproducer: a test\nurl: https://x.example/t\nlicence: none\n"
SAID = {
    "reporter": "THA", "partner": "USA", "unit": "USD million", "basis": "customs", "status": "preliminary",
    "valuation": "{export: fob, import: cif}", "vintage": "2025-09",
}  # fmt: skip
ENGLISH = "Month,Exports,Imports\n" + "".join(
    f'2025-{month:02},"{export}",{month}00.5\n'
    for month, export in enumerate(["1,000.25", "2,000.5", *["3,000.0"] * 6], 1)
)
VIETNAMESE = "Kỳ báo cáo;Nước báo cáo;Đối tác;Chiều;Trị giá;Đơn vị\n" + "".join(
    f"Quý {quarter}/2024;Thái Lan;Hoa Kỳ;{flow};{value};triệu USD\n"
    for quarter in (1, 2, 3, 4) for flow, value in (("xuất khẩu", f"1.23{quarter},5"), ("nhập khẩu", f"40{quarter},25"))
)  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case without any figures: home is Thailand."""
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "scenarios").mkdir()
    return tmp_path


def put(case: Path, content: str | bytes, name: str = "thai-customs/2025-09/table.csv", **said: str) -> Path:
    """A table in data/raw with the sidecar that says SAID and `said`, of which an empty one is left out."""
    path = case / "data" / "raw" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    keys = {"sha256": writing.sha256_of(path), **SAID, **said}
    lines = "".join(f"{key}: {text}\n" for key, text in keys.items() if text)
    path.with_name(f"{path.stem}.source.yaml").write_text(SOURCE + lines, encoding="utf-8")
    return path


def built(case: Path) -> pd.DataFrame:
    store.build(folder.case(str(case)))
    return pd.read_csv(case / "data/processed/flows.csv", dtype=str, keep_default_na=False)


def refused(case: Path) -> tuple[Problem, ...]:
    """The problems of a build that is refused; what was there before stands as it was."""
    before = {path.name: path.read_bytes() for path in (case / "data").glob("processed/*")}
    with pytest.raises(Refused) as caught:
        store.build(folder.case(str(case)))
    assert {path.name: path.read_bytes() for path in (case / "data").glob("processed/*")} == before
    return caught.value.problems


def codes(problems: Iterable[Problem]) -> set[tuple[str, str | None]]:
    return {(problem.code, problem.column) for problem in problems}


def figures(flows: pd.DataFrame, flow: str, frequency: str) -> dict[str, str]:
    some = flows[(flows["flow"] == flow) & (flows["frequency"] == frequency)]
    return dict(zip(some["period"], some["value_usd_mn"], strict=True))


def test_an_english_table_of_months_is_in_flows_to_the_digit_and_its_quarters_are_sums(case):
    put(case, ENGLISH)
    flows = built(case)
    assert figures(flows, "export", "M") == {"2025-01": "1000.25", "2025-02": "2000.5"} | {
        f"2025-0{month}": "3000" for month in range(3, 9)
    }
    assert figures(flows, "export", "Q") == {"2025Q1": "6000.75", "2025Q2": "9000"}
    assert figures(flows, "import", "M")["2025-08"] == "800.5"
    first = flows[(flows["period"] == "2025-01") & (flows["flow"] == "import")].iloc[0]
    assert first.to_dict() == {
        "reporter": "THA", "partner": "USA", "flow": "import", "valuation": "cif", "basis": "customs",
        "frequency": "M", "period": "2025-01", "vintage": "2025-09", "value_usd_mn": "100.5", "se_usd_mn": "",
        "status": "preliminary", "origin": "published", "ids": "thai-customs/2025-09/table.csv:2",
    }  # fmt: skip


def test_a_vietnamese_table_of_quarters_is_read_by_its_locale_and_traced_to_its_cells(case, command):
    put(case, VIETNAMESE, reporter="", partner="", unit="", locale="vi", status="to 2024 final")
    flows = built(case)
    assert figures(flows, "export", "Q") == {f"2024Q{n}": f"123{n}.5" for n in (1, 2, 3, 4)}
    assert figures(flows, "import", "Q")["2024Q3"] == "403.25"
    assert set(flows["status"]) == {"final"}
    chain = json.loads(command("trace", "gap_usd_mn", "2024Q3", "--reporter", "THA", "--case", case, "--json").out)
    assert Decimal(chain["value_usd_mn"]) == Decimal("1233.5") - Decimal("403.25")
    assert [(c["file"], c["row"], c["column"], c["raw"], c["weight"]) for c in chain["cells"]] == [
        ("thai-customs/2025-09/table.csv", 6, "Trị giá", "1.233,5", "1"),
        ("thai-customs/2025-09/table.csv", 7, "Trị giá", "403,25", "-1"),
    ]
    year = json.loads(command("trace", "exports_usd_mn", "2024", "--reporter", "THA", "--case", case, "--json").out)
    assert (Decimal(year["value_usd_mn"]), len(year["cells"])) == (Decimal("4932"), 4)
    assert command("trace", "gap_usd_mn", "2025Q1", "--reporter", "THA", "--case", case).code == 2


QUARTERS = {"reporter": "", "partner": "", "unit": "", "status": "final"}
MULTIPLIED = "period,reporter,partner,flow,value,unit,UNIT_MULT\n2024Q1,THA,USA,X,1250,US dollars,6\n"
CODED = (
    "Year,Quarter,Trade Flow Code,Trade Flow,Reporter Code,Reporter,Partner ISO,Partner,cmdCode,Trade Value (US$)\n"
    "2024,1,2,Export,764,Thailand,USA,USA,TOTAL,1250000000.5\n2024,1,1,Import,764,Thailand,USA,USA,TOTAL,410000000\n"
)
NOTED = page(
    "Period|Exports<sup>1</sup> (USD bn)|<span hidden>2</span>Imports (USD bn)",
    "Q1 2024|1.25<sub>p</sub>|<del>9</del>0.41",
    "Q2 2024|1.3<a href='#n'>2</a>|0.42",
)
TO_DATE = "Period,Exports,Imports\n3M2024,100,10\n6M2024,250.5,30\n9M2024,400,60\n"
BY_DAYS = "observation_date,EXPTH\n2024-01-01,10500.1\n2024-02-01,9800.2\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("table.csv", ENGLISH, {}),
        ("table.csv", VIETNAMESE, QUARTERS | {"locale": "vi"}),
        ("table.csv", MULTIPLIED, QUARTERS),
        ("table.csv", CODED, QUARTERS),
        ("table.html", NOTED, QUARTERS | {"reporter": "THA", "partner": "USA"}),
        ("table.csv", TO_DATE, {"status": "final"}),
        ("table.csv", BY_DAYS, {"flow": "export", "frequency": "monthly", "status": "final"}),
        ("table.xlsx", workbook(["Period", "Exports", "Imports"], ["Q1 2024", 1.25, 0.41]), {"unit": "USD bn"}),
    ],
)
def test_build_writes_what_check_reads(case, name, content, said):
    path = put(case, content, f"thai-customs/2025-09/{name}", **said)
    flows = built(case)
    (report,) = check.check([path], None, folder.case(str(case)))
    assert report["ok"]
    assert report["figures"]
    columns = ["reporter", "partner", "flow", "period", "origin"]
    read = {tuple(figure[column] for column in columns): figure["value_usd_mn"] for figure in report["figures"]}
    printed = flows[flows["frequency"] == ("M" if len(report["figures"][0]["period"]) == 7 else "Q")]
    wrote = {tuple(row[column] for column in columns): row["value_usd_mn"] for row in printed.to_dict("records")}
    assert {key: Decimal(value) for key, value in wrote.items()} == {key: Decimal(value) for key, value in read.items()}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("table.csv", "Quarter,Exports,Product\n2025Q1,31.4,rice\n", "needs_choice"),
        ("table.csv", "Quarter,Exports\n2025-01-01,31.4\n", "ambiguous_period"),
        ("table.csv", "Thang,Xuat khau\n2025-01,10.250\n", "ambiguous_number"),
        ("table.csv", 'Quarter,Exports\n2025Q1,"over 31 million USD"\n', "bad_value"),
        ("table.html", page("Quarter|Exports", "2025Q1|31<br>119"), "bad_value"),
        ("table.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not_text"),
    ],
)
def test_a_table_that_cannot_be_read_stops_the_build_by_name(case, name, content, code):
    path = put(case, content, f"thai-customs/2025-09/{name}")
    problems = [problem for problem in refused(case) if problem.severity == "error"]
    assert {problem.code for problem in problems} == {code}
    assert {problem.file for problem in problems} == {path.relative_to(case / "data/raw").as_posix()}


def test_a_month_between_two_years_to_date_names_both_cells(case, command):
    to_date = "Period,Exports,Imports\n2025-01,100,10\n2025-02,250.5,30\n2025-03,400,60\n"
    put(case, to_date, cumulative="true", frequency="monthly")
    flows = built(case)
    assert figures(flows, "export", "M") == {"2025-01": "100", "2025-02": "150.5", "2025-03": "149.5"}
    ids = dict(zip(flows["period"], flows["ids"], strict=True))
    assert ids["2025-02"] == "thai-customs/2025-09/table.csv:3 thai-customs/2025-09/table.csv:2"
    chain = json.loads(command("trace", "exports_usd_mn", "2025-02", "--reporter", "THA", "--case", case, "--json").out)
    assert [(c["row"], c["raw"], c["weight"]) for c in chain["cells"]] == [(3, "250.5", "1"), (2, "100", "-1")]
    assert sum(Decimal(c["printed"]) * Decimal(c["weight"]) for c in chain["cells"]) == Decimal("150.5")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"unit": ""}, {("unit_missing", "Exports"), ("unit_missing", "Imports")}),
        ({"basis": ""}, {("missing_value", "basis")}),
        ({"valuation": "{export: fob}"}, {("missing_value", "valuation.import")}),
        ({"status": ""}, {("missing_value", "status")}),
        ({"status": "to 2024 final"}, {("missing_value", "status")}),
        ({"reporter": ""}, {("missing_column", "reporter")}),
        ({"frequency": "quarterly"}, {("mixed_frequency", "Month")}),
        ({"vintage": "2025-03"}, {("bad_value", "vintage")}),
        ({"locale": "martian"}, {("bad_value", "locale")}),
        ({"local": "en"}, {("unknown_key", "local")}),
    ],
)
def test_what_neither_table_nor_sidecar_says_is_asked_for_by_its_key(case, said, found):
    put(case, ENGLISH)
    built(case)
    put(case, ENGLISH, **said)
    problems = refused(case)
    assert codes(p for p in problems if p.severity == "error") == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("2025-05", "2025-04", {("duplicate_key", "Month"), ("missing_period", "Month")}),
        ("2,000.5", "n/a", {("bad_value", "Exports")}),
        ("500.5", "-500.5", {("negative_flow", "Imports")}),
        ("Month", "Perod", {("no_header", None)}),
        ("2025-08", "2025-12", {("missing_period", "Month"), ("vintage_too_early", "vintage")}),
    ],
)
def test_a_wrong_table_is_refused_whole_with_rows_and_codes(case, old, new, found):
    put(case, ENGLISH)
    built(case)
    assert ENGLISH.count(old) == 1
    put(case, ENGLISH.replace(old, new))
    problems = refused(case)
    assert codes(problems) >= found
    assert {p.file for p in problems} == {"thai-customs/2025-09/table.csv"}


def test_ambiguous_numbers_are_refused_without_a_locale(case):
    put(case, "Quarter;Exports;Imports\n2025Q1;1.234;1.111\n2025Q2;1.300;1.200\n")
    assert {p.code for p in refused(case)} >= {"ambiguous_number"}
    put(case, "Quarter;Exports;Imports\n2025Q1;1.234;1.111\n2025Q2;1.300;1.200\n", locale="vi")
    assert figures(built(case), "export", "Q") == {"2025Q1": "1234", "2025Q2": "1300"}


@pytest.mark.parametrize("said", [{}, {"valuation": "{export: fas, import: fob}"}, {"basis": "bop"}])
def test_a_second_table_of_a_book_in_one_release_is_refused(case, said):
    put(case, ENGLISH)
    put(case, ENGLISH, "another/2025-09/table.csv", **said)
    assert {p.code for p in refused(case)} == {"valuation_mix" if said else "duplicate_key"}


def test_a_later_release_stands_beside_the_earlier_one(case):
    put(case, ENGLISH)
    put(case, ENGLISH.replace("800.5", "801"), "thai-customs/2025-10/table.csv", vintage="2025-10")
    flows = built(case)
    august = flows[(flows["period"] == "2025-08") & (flows["flow"] == "import")]
    assert dict(zip(august["vintage"], august["value_usd_mn"], strict=True)) == {"2025-09": "800.5", "2025-10": "801"}


def test_a_release_of_one_month_goes_on_where_the_one_before_ends(case):
    put(case, ENGLISH)
    put(case, "Month,Exports,Imports\n2025-09,3100,900.5\n", "thai-customs/2025-10/table.csv", vintage="2025-10")
    put(case, "Month,Exports,Imports\n2025-10,3200,910\n", "thai-customs/2025-11/table.csv", vintage="2025-11")
    warnings = store.build(folder.case(str(case)))
    assert [(w.code, w.file) for w in warnings] == [
        ("kept_apart", "thai-customs/2025-10/table.csv"), ("kept_apart", "thai-customs/2025-11/table.csv"),
    ]  # fmt: skip
    known = asof.known("THA", case=folder.case(str(case)))
    assert known.history["exports_usd_mn"].tolist() == [Decimal("6000.75"), Decimal(9000), Decimal(9100)]
    flows = pd.read_csv(case / "data/processed/flows.csv", dtype=str, keep_default_na=False)
    last = flows[(flows["vintage"] == "2025-11") & (flows["flow"] == "import") & (flows["frequency"] == "M")]
    assert last["period"].tolist() == [f"2025-{month:02}" for month in range(1, 11)]
    assert last["ids"].iloc[0] == "thai-customs/2025-09/table.csv:2"


def test_a_release_of_months_inside_the_one_before_revises_them_alone(case):
    put(case, ENGLISH)
    put(case, "Month,Exports,Imports\n2025-05,3100,555\n", "thai-customs/2025-10/table.csv", vintage="2025-10")
    flows = built(case)
    newest = flows[flows["vintage"] == "2025-10"]
    assert figures(newest, "import", "M") == {f"2025-0{n}": "555" if n == 5 else f"{n}00.5" for n in range(1, 9)}


def test_a_release_with_a_gap_to_the_one_before_stands_alone_and_says_so(case):
    put(case, ENGLISH)
    put(case, "Month,Exports,Imports\n2025-11,3200,910\n", "thai-customs/2025-12/table.csv", vintage="2025-12")
    (warning,) = store.build(folder.case(str(case)))
    assert (warning.code, warning.file) == ("kept_apart", "thai-customs/2025-12/table.csv")
    assert "2025-08" in warning.reason
    flows = pd.read_csv(case / "data/processed/flows.csv", dtype=str, keep_default_na=False)
    assert flows[flows["vintage"] == "2025-12"]["period"].tolist() == ["2025-11", "2025-11"]


def test_a_release_in_another_unit_than_the_one_before_is_refused(case):
    put(case, ENGLISH)
    later = put(case, ENGLISH, "thai-customs/2025-10/table.csv", vintage="2025-10", unit="USD thousand")
    (problem,) = refused(case)
    assert (problem.code, problem.file) == ("scale_jump", later.relative_to(case / "data/raw").as_posix())


def test_releases_by_quarter_have_no_months_to_compare(case):
    """The newest release is read, and no month is told to have been revised."""
    by_quarter = {"reporter": "", "partner": "", "unit": "", "locale": "vi"}
    for vintage, table, said in (
        ("2025-09", ENGLISH, {}), ("2025-10", ENGLISH, {}), ("2025-11", VIETNAMESE, by_quarter)
    ):  # fmt: skip
        put(case, table, f"thai-customs/{vintage}/table.csv", vintage=vintage, **said)
        built(case)
        book = asof.known("THA", case=folder.case(str(case)))
        assert (book.revisions is None) == (vintage != "2025-10")


def test_quarters_given_beside_their_months_are_refused(case):
    put(case, ENGLISH)
    put(case, "Quarter,Exports,Imports\n2025Q1,6000.75,601.5\n", "thai-customs/2025-09/quarters.csv")
    assert {p.code for p in refused(case)} == {"duplicate_key"}


@pytest.mark.parametrize(
    ("column", "cell", "found"),
    [
        ("Published", "2025-10-20", {("bad_value", "Published")}),
        ("Basis", "bop", {("inconsistent", "basis")}),
        ("Basis", "landed", {("bad_value", "Basis")}),
        ("Valuation", "cif", {("inconsistent", "valuation")}),
        ("Basis", "customs", set()),
    ],
)
def test_a_column_that_says_otherwise_than_the_sidecar_is_refused(case, column, cell, found):
    put(case, f"Month,Exports,{column}\n2025-01,100,{cell}\n2025-02,110,{cell}\n")
    assert codes(p for p in (refused(case) if found else []) if p.severity == "error") == found
    assert found or len(built(case)) == 2


def test_years_and_balances_alone_are_no_flows(case):
    put(case, "Year,Exports,Imports\n2023,100,50\n2024,110,60\n")
    assert {p.code for p in refused(case)} == {"bad_period"}
    put(case, "Quarter,Balance\n2024Q1,100\n2024Q2,110\n")
    assert {p.code for p in refused(case)} == {"missing_flow"}
    put(case, "Quarter,Exports,Imports,Balance\n2024Q1,100,50,50\n2024Q2,110,60,50\n")
    assert set(built(case)["flow"]) == {"export", "import"}


def test_a_correction_reaches_a_printed_cell_and_the_trace_shows_what_was_printed(case, command):
    put(case, ENGLISH)
    (case / "data/corrections.yaml").write_text(
        "corrections:\n- {file: thai-customs/2025-09/table.csv, row: 2, column: Exports, expected: '1,000.25', "
        "value: '1,100.25', reason: a digit, source: a letter, effect: more}\n"
    )
    assert figures(built(case), "export", "M")["2025-01"] == "1100.25"
    chain = json.loads(command("trace", "exports_usd_mn", "2025-01", "--reporter", "THA", "--case", case, "--json").out)
    assert [(c["raw"], Decimal(c["printed"])) for c in chain["cells"]] == [("1,000.25", Decimal("1100.25"))]


def test_the_sidecar_offered_for_a_printed_table_asks_for_what_it_does_not_say(case):
    sidecar = put(case, ENGLISH).with_name("table.source.yaml")
    sidecar.unlink()
    (problem,) = refused(case)
    lines = dict(line.split(": ", 1) for line in problem.fix.splitlines()[1:])
    asked = {key for key, text in lines.items() if "TODO" in text}
    assert asked == {
        "title", "producer", "url", "licence", "reporter", "partner", "unit", "basis", "valuation", "status",
    }  # fmt: skip
    sidecar.write_text(problem.fix.partition("\n")[2], encoding="utf-8")
    assert asked - {"valuation", "status", "unit"} <= {str(p.column).split(".")[0] for p in refused(case)}


def test_a_book_that_is_pieced_together_is_not_counted_twice(small_case, command):
    case = small_case()
    quarters = "Quarter,Exports,Imports\n2022Q3,28000,3400\n2022Q4,22000,3300\n"
    path = put(case, quarters, "vietnam-customs/2026-11/table.csv", reporter="VNM", vintage="2026-11")
    assert {p.code for p in refused(case)} == {"duplicate_key"}
    path.unlink(), path.with_name("table.source.yaml").unlink()
    put(case, quarters, "vietnam-customs/2026-12/table.csv", reporter="VNM", vintage="2026-12")
    (warning,) = store.build(folder.case(str(case)))
    assert (warning.code, warning.severity) == ("kept_apart", "warning")
    pieces = json.loads(command("trace", "gap_usd_mn", "2022Q3", "--reporter", "VNM", "--case", case, "--json").out)
    assert "vietnam-customs/2026-12/table.csv" not in {cell["file"] for cell in pieces["cells"]}
    assert "vietnam-customs/2026-11/fragments.csv" in {cell["file"] for cell in pieces["cells"]}
