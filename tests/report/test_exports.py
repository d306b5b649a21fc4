"""Tables as CSV and XLSX: what is written reads back equal, and nothing in it runs."""

import csv
import io
import re
import zipfile
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import load_workbook

from tradebalance.report import extracts
from tradebalance.words import plain

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
    read = extracts.rows_of(extracts.csv_text(columns, rows))
    assert read == texts(columns, rows)
    assert all(before == after for before, after in as_numbers(rows, read[1:]))


@given(TABLES)
@example((["a"], [[text] for text in NASTY]))
def test_a_workbook_reads_back_equal(table):
    columns, rows = table
    read = extracts.xlsx_rows(extracts.xlsx_bytes(columns, rows))
    assert read == texts(columns, rows)
    assert all(before == after for before, after in as_numbers(rows, read[1:]))


@given(TABLES)
def test_no_cell_of_a_csv_starts_like_a_formula(table):
    for row in csv.reader(io.StringIO(extracts.csv_text(*table), newline="")):
        for cell in row:
            assert extracts.NUMBER.fullmatch(cell) or not re.match(r"[\s\u00a0\u200b\ufeff]*[=+\-@|%]", cell), cell


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
    (_, (read,)) = extracts.xlsx_rows(extracts.xlsx_bytes(["a"], [[number]]))
    assert Decimal(read) == number


def test_the_same_table_is_the_same_bytes():
    table = ["a", "b"], [["x", Decimal(1)], [None, Decimal("2.50")]]
    assert extracts.xlsx_bytes(*table, {"known": "now"}) == extracts.xlsx_bytes(*table, {"known": "now"})
    assert extracts.csv_text(*table) == 'a,b\nx,1\n"",2.5\n'


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
