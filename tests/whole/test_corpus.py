"""The corpus of printed figures: every odd but valid file gives its figures, every wrong one its problem."""

import gzip
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from tradebalance.case import folder
from tradebalance.report import check

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
GOOD, BAD, LEDGER = (
    json.loads((CORPUS / kind / "expected.json").read_text(encoding="utf-8")) for kind in ("good", "bad", "ledger")
)
HEADER = "period,reporter,partner,flow,value,unit\n"


def huge_cell() -> bytes:
    return (HEADER + "2025Q1,VNM,USA,export,31.4,USD bn" + "x" * 1_200_000 + "\n").encode()


def zip_bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("d.csv", b"0" * 60_000_000)
    return content.getvalue()


MADE = {"b76_huge_cell.csv": huge_cell, "b78_zip_bomb.zip": zip_bomb}  # too large to keep
DROPPED = {"preamble_skipped", "footer_skipped", "duplicate_row_dropped", "totals_row_checked",
           "older_vintage_kept_aside", "umbrella_replaced_by_parts"}  # fmt: skip


def checked(path: Path, options: dict[str, object]) -> dict:
    """The report of `check` on one file; read = kept + dropped with a warning + errors, whatever the file."""
    (report,) = check.check([path], None, folder.case(), options)
    wrong = {p["row"] for p in report["problems"] if p["severity"] == "error"}
    dropped = {p["row"] for p in report["problems"] if p["code"] in DROPPED} - wrong
    if report["ok"]:
        assert report["rows_read"] == report["rows_kept"] + len(dropped)
    elif not report["problems_not_shown"]:
        unread = wrong - set(range(2, 10_000))  # a problem of the header, or of the file, is of no row that was read
        assert report["rows_read"] in (0, report["rows_kept"] + len(dropped | wrong - unread))
    return report


def warned(report: dict) -> list[tuple[str, int]]:
    return [(p["code"], p["row"]) for p in report["problems"]]


def expected_warnings(listed: list[str]) -> list[tuple[str, int]]:
    """`code:row3`, `code:rows1-3` and `code:row3:..` as pairs of code and row."""
    pairs = []
    for words in listed:
        code, place = words.split(":")[:2]
        first, _, last = place.removeprefix("rows").removeprefix("row").partition("-")
        pairs += [(code, row) for row in range(int(first), int(last or first) + 1)]
    return pairs


def usd_mn(billions: str | None) -> Decimal | None:
    return None if billions is None else Decimal(billions) * 1000


@pytest.mark.parametrize("name", sorted(GOOD))
def test_an_odd_but_valid_file_gives_its_figures_and_its_warnings(name):
    expected = GOOD[name]
    report = checked(CORPUS / "good" / name, expected["options"])
    assert report["ok"], report["problems"]
    figures = {(f["reporter"], f["partner"], f["flow"], f["period"]): f for f in report["figures"]}
    assert len(figures) == len(report["figures"]) == len(expected["tidy"])
    for tidy in expected["tidy"]:
        figure = figures[tidy["reporter"], tidy["partner"], tidy["flow"], tidy["period"]]
        value = figure["value_usd_mn"]
        assert (None if value is None else Decimal(value)) == usd_mn(tidy["value_usd_bn"])
        assert figure["status"] == tidy.get("status")
        assert figure["vintage"] == tidy.get("vintage")
        assert figure["origin"] == ("derived" if "derived" in tidy else "published")
    assert warned(report) == expected_warnings(expected["warnings"])


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_wrong_file_names_row_column_and_value(name, tmp_path):
    path = CORPUS / "bad" / name
    if name in MADE:
        path = tmp_path / name
        path.write_bytes(MADE[name]())
    expected, must = BAD[name], BAD[name]["must_name"]
    report = checked(path, expected["options"])
    seen = found(report)
    assert (expected["code"], expected["severity"], must["row"], must["column"], must["value"]) in seen
    assert report["ok"] == (expected["severity"] == "warning")
    assert report["figures"] == [] or report["ok"]
    others = {"b21_bare_flow_code.csv": {"ambiguous_flow"}, "b66_balance_mismatch.csv": {"missing_column"}}
    assert {code for code, *_ in seen} - {expected["code"]} <= others.get(name, set())
    assert all(p["reason"] and p["fix"] for p in report["problems"])


def test_the_vintage_known_at_a_date_is_the_figure_of_that_date():
    report = checked(CORPUS / "good" / "g37_vintages.csv", {"as_of": "2025-06-01"})
    assert [figure["value_usd_mn"] for figure in report["figures"]] == ["31400"]


@pytest.mark.parametrize("name", sorted(LEDGER))
def test_a_ledger_gives_its_leaves_or_its_problem(name):
    expected = LEDGER[name]
    report = checked(CORPUS / "ledger" / name, {})
    assert report["kind"] == "ledger"
    if expected["code"] == "ok":
        wanted = {tidy["id"]: usd_mn(tidy["value_usd_bn"]) for tidy in expected["tidy"]}
        assert {figure["id"]: Decimal(figure["value_usd_mn"]) for figure in report["figures"]} == wanted
        assert warned(report) == expected_warnings(expected["warnings"])
        return
    must = expected["must_name"]
    assert found(report) == [(expected["code"], expected["severity"], must["row"], must["column"], must["value"])]
    assert report["ok"] == (expected["severity"] == "warning")


SAME = ("kind", "ok", "figures", "rows_read", "rows_kept")


def found(report: dict) -> list[tuple]:
    return [(p["code"], p["severity"], p["row"], p["column"], p["value"]) for p in report["problems"]]


PLAIN = [
    (kind, name)
    for kind, files in (("good", GOOD), ("bad", BAD), ("ledger", LEDGER))
    for name in sorted(files)
    if name not in MADE and name.endswith((".csv", ".tsv")) and b"\0" not in (CORPUS / kind / name).read_bytes()
]


@pytest.mark.parametrize(("kind", "name"), PLAIN, ids=[name for _, name in PLAIN])
def test_neither_line_ends_nor_a_mark_nor_a_wrapping_change_the_report(kind, name, tmp_path):
    content = (CORPUS / kind / name).read_bytes()
    options = {"good": GOOD, "bad": BAD, "ledger": LEDGER}[kind][name].get("options", {})
    plain = checked(CORPUS / kind / name, options)
    wrapped = {f"{name}.gz": gzip.compress(content)}
    if b"\r" not in content and b'"' not in content:
        wrapped[name] = content.replace(b"\n", b"\r\n")
    if "encoding" not in options:
        wrapped[f"mark-{name}"] = b"\xef\xbb\xbf" + content
    for file, packed in wrapped.items():
        (tmp_path / file).write_bytes(packed)
        report = checked(tmp_path / file, options)
        assert [report[part] for part in SAME] == [plain[part] for part in SAME], file
        assert found(report) == found(plain)


def test_at_most_fifty_problems_are_shown_and_the_rest_counted(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text(HEADER + "".join(f"2025Q1,VNM,USA,export,bad{n},USD bn\n" for n in range(70)), encoding="utf-8")
    report = checked(path, {})
    assert (len(report["problems"]), report["problems_not_shown"]) == (50, 20)


def test_a_wrong_checksum_is_refused(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(HEADER + "2025Q1,VNM,USA,export,31.4,USD bn\n", encoding="utf-8")
    (problem,) = checked(path, {"sha256": "0" * 64})["problems"]
    assert problem["code"] == "checksum_mismatch"
