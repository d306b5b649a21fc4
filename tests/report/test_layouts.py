"""`check` of raw files: the Census Bureau's layout and fragments, with their sidecars or without."""

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from tradebalance.case import folder
from tradebalance.case.folder import case
from tradebalance.facts.census import COLUMNS
from tradebalance.report import check

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
VIETNAM = (RAW / "us-census" / "2026-10" / "vietnam.csv").read_bytes()
SIDECAR = (RAW / "us-census" / "2026-10" / "vietnam.source.yaml").read_bytes()
PRINTED = (RAW / "vietnam-customs" / "2026-11" / "fragments.csv").read_bytes()
ZEROS = ",0.0" * 26


def checked(folder: Path, content: bytes, name: str = "f.csv", beside: bytes = b"", **said) -> dict:
    (folder / name).write_bytes(content)
    if beside:
        (folder / f"{name.split('.')[0]}.source.yaml").write_bytes(beside)
    (report,) = check.check([folder / name], None, case(), said)
    assert report["kind"] == "flows"
    return report


def found(report: dict) -> set[tuple]:
    return {(p["code"], p["severity"], p["row"], p["column"], p["value"]) for p in report["problems"]}


def test_the_committed_file_gives_every_month_that_its_sidecar_says_is_published():
    (report,) = check.check([RAW / "us-census" / "2026-10" / "vietnam.csv"], None, folder.case())
    assert (report["ok"], report["problems"], report["rows_read"], report["rows_kept"]) == (True, [], 35, 35)
    assert len(report["figures"]) == 2 * (34 * 12 + 8)
    newest = {f["flow"]: f for f in report["figures"] if f["period"] == "2026-08"}
    assert Decimal(newest["export"]["value_usd_mn"]) == Decimal("1428.2")
    assert (newest["import"]["vintage"], newest["import"]["status"]) == ("2026-10", "preliminary")
    of_2024 = [f for f in report["figures"] if f["period"].startswith("2024")]
    sides = {f: sum(Decimal(x["value_usd_mn"]) for x in of_2024 if x["flow"] == f) for f in ("export", "import")}
    assert abs(sides["import"] - sides["export"] - Decimal("123249.4")) < 1  # the printed yearly totals, IYR - EYR


@pytest.mark.parametrize(
    ("name", "content"),
    [("f.csv", VIETNAM), ("f.csv.gz", gzip.compress(VIETNAM)), ("f.csv", VIETNAM.replace(b",", b";")),
     ("f.csv", VIETNAM.decode().encode("utf-16")), ("f.csv", VIETNAM.replace(b"\n", b"\r\n"))],
)  # fmt: skip
def test_without_a_sidecar_the_last_month_is_derived_and_said_so(tmp_path, name, content):
    report = checked(tmp_path, content, name)
    assert found(report) == {("missing_value", "warning", None, "last_period", "2026-08")}
    assert report["rows_read"] == report["rows_kept"] == 35
    assert max(f["period"] for f in report["figures"]) == "2026-08"
    assert {(f["vintage"], f["status"]) for f in report["figures"]} == {(None, None)}


def row(year: str, code: str = "5520", name: str = "Vietnam", cells: str = ZEROS) -> bytes:
    return f"{year},{code},{name}{cells}\n".encode()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (VIETNAM.replace(b",4.6\n", b",9.6\n", 1), ("annual_mismatch", 2, "EYR", "9.6")),
        (VIETNAM.replace(b"5520,Vietnam,0.0,", b"5520,Vietnam,abc,", 1), ("not_a_number", 2, "IJAN", "abc")),
        (VIETNAM.replace(b"2026,5520", b"2099,5520"), ("future_period", 36, "year", "2099")),
        (VIETNAM + b"2026,5520\n", ("ragged_row", 37, None, "2026,5520")),
        (VIETNAM.replace(b",EYR\n", b",Eyr\n"), ("missing_column", 1, "EYR", None)),
        (",".join(COLUMNS).encode() + b"\n" + row("2025"), ("no_rows", None, None, None)),
        (",".join(COLUMNS).encode() + b"\n" + row("2025.0"), ("bad_period", 2, "year", "2025.0")),
        (VIETNAM.replace(b",Vietnam,", b",Viet Nam,"), ("unknown_country", 2, "CTY_CODE", "5520")),
    ],
)
def test_what_is_wrong_in_the_layout_is_refused_at_its_cell(tmp_path, content, problem):
    report = checked(tmp_path, content)
    code, *place = problem
    assert (code, "error", *place) in found(report)
    assert (report["ok"], report["figures"]) == (False, [])


def test_codes_that_a_data_frame_wrote_as_floats_are_the_codes(tmp_path):
    report = checked(tmp_path, VIETNAM.replace(b",5520,", b",5520.0,"))
    assert (report["ok"], len(report["figures"])) == (True, 2 * (34 * 12 + 8))


def test_an_unknown_partner_is_kept_aside_with_a_warning_and_counted(tmp_path):
    report = checked(tmp_path, VIETNAM + row("2026", "9999", "Atlantis"), beside=b"")
    assert ("unknown_country", "warning", 37, "CTY_CODE", "9999") in found(report)
    assert (report["ok"], report["rows_read"], report["rows_kept"]) == (True, 36, 35)


def test_a_sidecar_is_held_against_the_file_wherever_the_two_lie(tmp_path):
    assert checked(tmp_path, VIETNAM, beside=SIDECAR)["problems"] == []
    early = checked(tmp_path, VIETNAM, beside=SIDECAR.replace(b"last_period: 2026-08", b"last_period: 2026-05"))
    assert ("future_period", "error", 36, "EAUG", "1428.2") in found(early)
    wrong = checked(tmp_path, VIETNAM, beside=SIDECAR.replace(b"last_period: 2026-08", b"last_period: 2026-88"))
    assert found(wrong) == {("bad_period", "error", None, "last_period", "2026-88")}
    assert "f.source.yaml, line " in wrong["problems"][0]["reason"]
    other = checked(tmp_path, VIETNAM + b"\n", beside=SIDECAR)
    assert [p["code"] for p in other["problems"]] == ["checksum_mismatch"]


def test_fragments_give_their_levels_and_not_their_growth_rates(tmp_path):
    report = checked(tmp_path, PRINTED, reporter="VNM", partner="USA")
    lines = PRINTED.decode().splitlines()
    assert (report["ok"], report["rows_read"], report["rows_kept"]) == (True, len(lines) - 1, len(lines) - 1)
    assert len(report["figures"]) == sum(",level," in line for line in lines)
    first = report["figures"][0]
    assert (first["reporter"], first["period"], first["value_usd_mn"]) == ("VNM", "2010-01/2010-03", "2840")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (b",USD billion,", b",USD trillion,", ("unit_conflict", "error", 2, "unit", "USD trillion")),
        (b",2.84,", b',"2,84",', ("ambiguous_number", "error", 2, "value", "2,84")),
        (b"VN002", b"VN001", ("duplicate_key", "error", 3, "id", "VN001")),
        (b"2010-03,level", b"2009-12,level", ("bad_period", "error", 2, "end", "2009-12")),
    ],
)
def test_a_wrong_fragment_is_refused_at_its_cell(tmp_path, before, after, problem):
    report = checked(tmp_path, PRINTED.replace(before, after, 1), reporter="VNM", partner="USA")
    assert found(report) == {problem}
    assert (report["rows_kept"], report["figures"]) == (report["rows_read"] - 1, [])
