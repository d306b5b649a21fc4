"""Printed files by class: what each must give or be refused for, decided by the rules before it is run.

A row is a file, what is said of it, and the outcome: figures in USD million in file order with the codes and rows
of warnings after a plus, or problems as code@row/column/value.
"""

import datetime as dt
import gzip
import io
import zipfile
from decimal import Decimal

import pandas as pd
import pytest
import xlsxwriter

from tests import builders
from tradebalance.reading.options import options
from tradebalance.words.problems import Refused, errors

HEADER = "period,reporter,partner,flow,value,unit\n"
PAIR = {"reporter": "VNM", "partner": "USA"}
OURS = PAIR | {"unit": "USD bn"}
NEWEST = pd.Period("2026-10", freq="M")


def row(p="2025Q1", v="31.4", f="export", u="USD bn", r="VNM", to="USA") -> str:
    return f"{p},{r},{to},{f},{v},{u}\n"


def series(*values: str, unit="USD bn", year=2024) -> str:
    periods = [f"{year + n // 4}Q{n % 4 + 1}" for n in range(len(values))]
    return HEADER + "".join(row(p, v, u=unit) for p, v in zip(periods, values, strict=True))


def workbook(*rows: list, merged=(), sheets=("S",)) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    first, *others = [book.add_worksheet(name) for name in sheets]
    for y, cells in enumerate(rows):
        for x, cell in enumerate(cells):
            first.write(y, x, cell, day if isinstance(cell, dt.date) else None)
    for span in merged:
        first.merge_range(*span)
    for sheet in others:
        sheet.write(0, 0, "notes")
    book.close()
    return content.getvalue()


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name in names:
            packed.writestr(name, TWO)
    return content.getvalue()


def page(*rows: str, before: str = "") -> str:
    cells = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in one.split("|")) + "</tr>" for one in rows]
    return f"<html><table>{before}" + "\n".join(cells) + "</table></html>"


TWO = HEADER + row() + row(v="4.1", f="import")
QUARTERS = [25, 26, 27, 28]
YEAR = HEADER + "".join(row(f"2024Q{q}", f"{v}.0") for q, v in enumerate(QUARTERS, 1))
WIDE = "reporter,partner,flow,unit,2024Q1,2024Q2,2024Q3,2024Q4"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
SWAPPED = HEADER + "".join(
    row(p, v, f) for p, e, i in (("2024Q3", 30, 4), ("2024Q4", 4, 31), ("2025Q1", 31, 4))
    for f, v in (("export", e), ("import", i))
)  # fmt: skip

GOOD = {
    "any unit": (
        HEADER + row(v="31400000", u="USD thousand") + row(v="4.1 tỷ đô", u="", f="import"),
        {},
        "31400 4100",
    ),
    "january in Vietnamese": (
        "Kỳ báo cáo;Đối tác;Chiều;Trị giá\nT1/2025;Mỹ;XK;10,5 tỷ USD\nTháng Giêng 2025;Hoa Kì;NK;965,3 triệu USD\n",
        {"locale": "vi", "reporter": "VNM"},
        "10500 965.3",
    ),
    "thousandths of a billion": (
        'period,reporter,partner,flow,value\nT1/2025,VNM,Mỹ,XK,"5,151 tỷ USD"\n',
        {"locale": "vi"},
        "5.151e3",
    ),
    "a leading zero is a decimal": (HEADER + row(v='"0,123"'), {}, "123"),
    "one wide sum": (
        f"{WIDE},Total\nVNM,USA,export,USD bn,25.0,26.0,27.0,28.0,106.0\n",
        {},
        "25000 26000 27000 28000 + unknown_column@1",
    ),
    "a year's total": (YEAR + row("Cả năm 2024", "106"), {}, "25000 26000 27000 28000 + totals_row_checked@6"),
    "years alone are no totals": (HEADER + row("Cả năm 2023", "100") + row("Cả năm 2024", "110"), {}, "100000 110000"),
    "year to date from a first quarter": (
        HEADER + row("Jan-Mar 2024", "10.1") + row("Jan-Jun 2024", "22.6"),
        {},
        "10100 12500",
    ),
    "year to date in Vietnamese": (
        HEADER + row("3 tháng đầu năm 2024", "10.1") + row("6 tháng đầu năm 2024", "22.6"),
        {},
        "10100 12500",
    ),
    "roman quarter beside its year": (
        "Năm;Quý;Đối tác;Chiều;Trị giá (tỷ USD)\n2025;I;Hoa Kỳ;Xuất khẩu;31,4\n",
        {"reporter": "VNM", "locale": "vi"},
        "31400",
    ),
    "named month beside its year": (
        "year,month,reporter,partner,flow,value,unit\n2025,January,VNM,USA,export,31.4,USD bn\n",
        {},
        "31400",
    ),
    "a vintage with one reading": (
        "period,reporter,partner,flow,value,unit,vintage\n2025Q1,VNM,USA,export,31.4,USD bn,15/08/2025\n",
        {},
        "31400",
    ),
    "a vintage that is a month in Vietnamese": (
        "period,reporter,partner,flow,value,unit,vintage\n2025Q1,VNM,USA,export,31.4,USD bn,tháng 5 2025\n",
        {},
        "31400",
    ),
    "a vintage with a mark": (
        "period,reporter,partner,flow,value,unit,vintage\n2025Q1,VNM,USA,export,31.4,USD bn,15/08/2025 (*)\n",
        {},
        "31400",
    ),
    "sep line of a spreadsheet": ("sep=;\n" + TWO.replace(",", ";"), {}, "31400 4100 + preamble_skipped@1"),
    "rates are plain numbers": (
        "period;reporter;partner;flow;value\n2025Q1;VNM;USA;export;785 nghìn tỷ đồng\n",
        {"locale": "vi", "fx_vnd_per_usd": "25000.0"},
        "31400",
    ),
    "codes of Comtrade": (HEADER + row(to="842"), {}, "31400"),
    "named twice": (HEADER + row(r="Viet-Nam", to="Hoa Kỳ (Mỹ)"), {}, "31400"),
    "UTF-32": (TWO.encode("utf-32"), {}, "31400 4100"),
    "one flow swapped": (SWAPPED, {}, "30000 4000 4000 31000 31000 4000 + flows_swapped@4"),
    "honest seasons": (series("20", "25", "27", "30", "22", "27", "29", "33", "25"), {}, None),
    "seven alike": (series(*["31.4"] * 7), {}, None),
    "pack of a Mac.zip": (archive("d.csv", "__MACOSX/._d.csv"), {}, "31400 4100"),
    "packed.csv.gz": (gzip.compress(TWO.encode("utf-16")), {}, "31400 4100"),
    "numbers.xlsx": (
        workbook(["period", "exports"], ["Q1 2025", 1.234]),
        PAIR | {"unit": "USD mn", "locale": "vi"},
        "1.234",
    ),
    "years over quarters.xlsx": (
        workbook(
            ["flow", 2025, None],
            [None, "Q1", "Quý II"],
            ["exports", 30, 31],
            merged=[(0, 0, 1, 0, "flow"), (0, 1, 0, 2, 2025)],
        ),
        OURS,
        "30000 31000",
    ),
    "notes beside.xlsx": (
        workbook(["period", "exports"], [dt.date(2025, 3, 31), 31.4], sheets=("Data", "Notes")),
        OURS | {"frequency": "quarterly"},
        "31400",
    ),
    "units above.html": (
        page("period|exports|imports", "Q1 2025|31.4<sup>p</sup>|4.1", before="<caption>Unit: USD billion</caption>"),
        PAIR,
        "31400 4100",
    ),
    "lines above.html": ("<html>\n<head>\n</head>\n" + page("period|exports", "Q1 2025|31.4")[6:], OURS, "31400"),
}

BAD = {
    "columns of one period": (
        f"{WIDE},Q1 2024\nVNM,USA,export,USD bn,25,26,27,28,25\n",
        {},
        "duplicate_column@1/Q1 2024/Q1 2024",
    ),
    "two values": (HEADER.replace("unit", "VALUE") + row(u="31.4"), OURS, "duplicate_column@1/VALUE/VALUE"),
    "too many columns": (HEADER[:-1] + ",c" * 600 + "\n", {}, "too_many_columns@1/None/None"),
    "a decimal sign of another locale": (
        HEADER + row(v='"0,123"', u="USD mn"),
        {"locale": "en"},
        "locale_conflict@2/value/0,123",
    ),
    "a point in Vietnamese": (HEADER + row(v="1.200 triệu USD", u=""), {}, "ambiguous_number@2/value/1.200 triệu USD"),
    "a year that does not add up": (YEAR + row("2024", "107.5"), {}, "annual_mismatch@6/value/107.5"),
    "a year that adds up": (YEAR + row("2024", "106.0"), {}, "mixed_frequency@6/period/2024"),
    "a year in a column": (f"{WIDE},2024\nVNM,USA,export,USD bn,25,26,27,28,109\n", {}, "annual_mismatch@2/2024/109"),
    "a wrong wide sum": (f"{WIDE},Total\nVNM,USA,export,USD bn,25,26,27,28,109\n", {}, "total_mismatch@2/Total/109"),
    "a total of what cannot be read": (
        HEADER + row() + row("2025Q2", "n/a") + row("Total", "64.4"),
        {},
        "bad_value@3/value/n/a",
    ),
    "an unread value is no gap": (HEADER + row() + row("2025Q2", "") + row("2025Q3"), {}, "bad_value@3/value/"),
    "a torn row is no gap": (HEADER + row() + "2025Q2,VNM,33\n" + row("2025Q3"), {}, "ragged_row@3/None/2025Q2,VNM,33"),
    "an unread period is no gap": (HEADER + row() + row("2025Q9") + row("2025Q3"), {}, "bad_period@3/period/2025Q9"),
    "a gap beside an unread value": (
        HEADER + row() + row("2025Q2", "") + row("2025Q4"),
        {},
        "bad_value@3/value/ missing_period@4/period/2025Q4",
    ),
    "a gap in a year to date": (
        HEADER + row("3M2024", "10") + row("9M2024", "36"),
        {},
        "missing_period@3/period/9M2024",
    ),
    "a currency of another column": (
        "period,reporter,partner,flow,value,unit,currency\n2025Q1,VNM,USA,export,31.4,bn,USD\n"
        "2025Q2,VNM,USA,export,33.0,bn,EUR\n",
        {},
        "currency_mix@3/currency/EUR",
    ),
    "a flow's code in two digits": (HEADER + row(f="02"), {}, "ambiguous_flow@2/flow/02"),
    "a fiscal year": (HEADER + row("2024-25"), {}, "ambiguous_period@2/period/2024-25"),
    "a separator too many": (HEADER + row(v="31.4/"), {}, "bad_value@2/value/31.4/"),
    "a minus alone": (HEADER + row(v="--"), {}, "bad_value@2/value/--"),
    "one flow in two currencies": (
        HEADER + row(v="$31.4bn", u="") + row("2025Q2", "€33.0bn", u=""),
        {},
        "currency_mix@3/value/€33.0bn",
    ),
    "a unit that slipped": (series("31.0", "0.033", "33.0"), {}, "scale_jump@3/value/0.033"),
    "a pointer.html": (POINTER, {}, "lfs_pointer@1/None/version https://git-lfs.github.com/spec/v1"),
    "a pointer.csv.gz": (POINTER, {}, "lfs_pointer@1/None/version https://git-lfs.github.com/spec/v1"),
    "a merge of old line ends": (f"{TWO}=======\n".replace("\n", "\r"), {}, "merge_conflict@4/None/======="),
    "a merge.html": (
        f"<<<<<<< HEAD\n{page('period|exports', 'Q1 2025|31.4')}\n",
        OURS,
        "merge_conflict@1/None/<<<<<<< HEAD",
    ),
    "a page with a comment": ("<!-- saved -->\n<html></html>", {}, "not_csv@1/None/<!-- saved -->"),
    "a field over lines": (HEADER + row(v='"' + "x\n" * 150_000 + '"'), {}, "field_too_long@2/value/None"),
    "a doubled quote at the end": (HEADER + row(u='"USD bn""'), {}, "unclosed_quote@2/unit/None"),
    "two tables.html": (page("period|exports", "Q1 2025|31.4") * 2, OURS, "not_csv@None/None/None"),
    "paths.zip": (archive("C:\\evil.csv"), {}, "unsafe_member@None/None/C:\\evil.csv"),
}


def read(name: str, content: bytes | str, said: dict):
    content = content.encode() if isinstance(content, str) else content
    file = name if "." in name else "f.csv"
    return builders.figures(content, file, options(said), NEWEST)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_printed_oddly_gives_its_figures(name):
    content, said, wanted = GOOD[name]
    result = read(name, content, said)
    assert not errors(result.problems), result.problems
    values, *warned = (wanted or "").split(" + ")
    if wanted is not None:
        assert [entry.value for entry in result.entries] == [Decimal(value) for value in values.split()]
    assert [f"{p.code}@{p.row}" for p in result.problems] == warned
    dropped = {p.row for p in result.problems if p.code != "flows_swapped" and p.row != 1} | {
        p.row for p in result.problems if p.code == "preamble_skipped"
    }
    assert result.rows_read == result.rows_kept + len(dropped)


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_refused_at_its_cell_and_for_nothing_else(name):
    content, said, wanted = BAD[name]
    try:
        problems = read(name, content, said).problems
    except Refused as refusal:
        problems = refusal.problems
    found = {f"{p.code}@{p.row}/{p.column}/{p.value}" for p in errors(problems)}
    assert all(one in found for one in (wanted.split() if wanted.count("@") > 1 else [wanted]))
    assert len(found) == max(wanted.count("@"), 1)


@pytest.mark.parametrize(
    ("cell", "status"),
    [("31.4 (*)", "note:(*)"), ("31.4ᵖ", "preliminary"), ("31.4 (prel.)", "preliminary"), ("31.4⁽¹⁾", "note:⁽¹⁾"),
     ("31.4 (ước thực hiện)", "estimated"), ("31.4 (USD bn)", None), ("31.4", None)],
)  # fmt: skip
def test_a_mark_is_a_status_and_never_part_of_the_number(cell, status):
    (entry,) = read("f", HEADER + row(v=cell), {}).entries
    assert (entry.value, entry.status) == (Decimal(31400), status)


@pytest.mark.parametrize(
    ("period", "status"), [("2025Q1p", "preliminary"), ("2025Q1¹", "note:¹"), ("Quý I/2025 (*)", "note:(*)")]
)
def test_a_mark_on_a_period_marks_the_figure(period, status):
    (entry,) = read("f", HEADER + row(period), {}).entries
    assert (str(entry.period), entry.value, entry.status) == ("2025Q1", Decimal(31400), status)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("as_of", "garbage"),
        ("as_of", "2025-13"),
        ("locale", "klingon"),
        ("flow_scheme", "x"),
        ("flow_scheme.1", "exprot"),
        ("frequency", "weekly"),
    ],
)
def test_an_option_that_cannot_be_read_is_refused_and_a_sidecars_is_passed_over(key, value):
    with pytest.raises(ValueError, match=key.partition(".")[0]):
        options({key: value})
    if key != "flow_scheme" and "." not in key:
        assert getattr(options({key: value}, strict=False), key) is None
