"""Properties of printed tables: formatting and reading back, and what must not matter to the figures."""

import calendar
import gzip
import unicodedata
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders
from tests.reading.test_classes import page, workbook
from tradebalance.reading import countries, periods
from tradebalance.reading.options import options
from tradebalance.reading.printed import as_figure
from tradebalance.words import amounts, plain
from tradebalance.words.cells import CellError
from tradebalance.words.problems import Refused, errors
from tradebalance.words.terms import CENSUS_COUNTRIES

HEADER = ["period", "reporter", "partner", "flow", "value", "unit"]
NEWEST = pd.Period("2026-10", freq="M")
NUMBERS = st.decimals(min_value=0, max_value=10**9, places=3)
STYLES = {  # locale -> how it prints thousands and decimals
    "en": (",", "."), "vi": (".", ","), "de": (".", ","), "fr": ("\u202f", ","), "en_US": (",", "."), "pt": (".", ","),
}  # fmt: skip


def printed(number: Decimal, group: str, point: str) -> str:
    return f"{number:,}".replace(",", "G").replace(".", point).replace("G", group)


def read(content: bytes | str, name: str = "f.csv", **said):
    content = content.encode() if isinstance(content, str) else content
    return builders.figures(content, name, options(said), NEWEST)


def values(result) -> dict[tuple, Decimal | None]:
    assert not errors(result.problems), result.problems
    return {(*entry.series, str(entry.period)): entry.value for entry in result.entries}


def codes(content: bytes | str, name: str = "f.csv", **said) -> set[str]:
    try:
        return {problem.code for problem in read(content, name, **said).problems}
    except Refused as refusal:
        return {problem.code for problem in refusal.problems}


def table(rows: list[list[str]], delimiter: str = ",", newline: str = "\n", header: list[str] = HEADER) -> str:
    return "".join(delimiter.join(row) + newline for row in [header, *rows])


ROWS = [
    [f"{year}Q{quarter}", "Việt Nam", "USA", flow, f"{size + quarter}.{year % 10}", "USD bn"]
    for year in (2023, 2024)
    for quarter in (1, 2, 3, 4)
    for flow, size in (("xuất khẩu", 30), ("nhập khẩu", 4))
]
PLAIN = values(read(table(ROWS)))


@given(NUMBERS, st.sampled_from(sorted(STYLES)), st.booleans())
def test_a_number_reads_back_as_it_was_formatted_in_its_locale(number, locale, grouped):
    group, point = STYLES[locale]
    text = printed(number, group if grouped else "", point)
    assert amounts.amount(text, locale).number == number
    for before, after in (("-", ""), ("\u2212", ""), ("(", ")"), ("", "-"), ("\u2013", "")):
        assert amounts.amount(before + text + after, locale).number == -number
    for mark in ("*", "¹", " (p)", " [r]", "†"):
        assert amounts.amount(text + mark, locale).number == number
    wide = text.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert amounts.amount(wide, locale).number == number


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=4))
def test_a_canonical_number_needs_no_locale(number):
    assert amounts.amount(f"{number:f}").number == number


@given(st.permutations(ROWS), st.permutations(range(len(HEADER))))
def test_neither_row_nor_column_order_matters(rows, order):
    shuffled = table([[row[at] for at in order] for row in rows], header=[HEADER[at] for at in order])
    assert values(read(shuffled)) == PLAIN


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_neither_line_ends_nor_delimiter_nor_encoding_matter(newline, delimiter, encoding):
    text = table(ROWS, delimiter, newline)
    assert values(read(text.encode(encoding))) == PLAIN
    assert values(read(unicodedata.normalize("NFD", text).encode(encoding))) == PLAIN
    assert values(read(gzip.compress(text.encode(encoding)), "f.csv.gz")) == PLAIN


def test_neither_the_layout_nor_the_container_matters():
    flows, periods_ = ("xuất khẩu", "nhập khẩu"), [row[0] for row in ROWS[::2]]
    by_key = {(row[0], row[3]): row[4] for row in ROWS}
    wide = [["reporter", "partner", "flow", "unit", *periods_]]
    wide += [["Vietnam", "US", flow, "tỷ USD", *(by_key[p, flow] for p in periods_)] for flow in flows]
    side = [["reporter", "partner", "period", *(f"{flow} (tỷ USD)" for flow in flows)]]
    side += [["704", "840", p, *(by_key[p, flow] for flow in flows)] for p in periods_]
    for rows in ([HEADER, *ROWS], wide, side):
        assert values(read(table(rows[1:], header=rows[0]))) == PLAIN
        assert values(read(workbook(*rows), "f.xlsx")) == PLAIN
        assert values(read(workbook(*([number(cell) for cell in row] for row in rows)), "f.xlsx", locale="vi")) == PLAIN
        assert values(read(page(*("|".join(row) for row in rows)), "f.html")) == PLAIN


def number(cell: str) -> float | str:
    """A cell as a spreadsheet would hold it."""
    return float(cell) if "." in cell else cell


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("USD mn", 1000), ("million US$", 1000), ("triệu USD", 1000), ("nghìn USD", 10**6), ("tỷ USD", 1),
     ("USD thousand", 10**6), ("US dollars", 10**9), ("bn USD", 1), ("tỷ đô la Mỹ", 1)],
)  # fmt: skip
def test_the_unit_does_not_matter(unit, factor):
    rows = [[*row[:4], f"{Decimal(row[4]) * factor:f}", unit] for row in ROWS]
    assert values(read(table(rows))) == PLAIN


def test_figures_written_out_read_back_equal():
    figures = [as_figure(entry) for entry in read(table(ROWS)).entries]
    columns = ["period", "reporter", "partner", "flow", "value_usd_mn"]
    text = plain.csv_text([*columns[:4], "value", "unit"], [[*(f[c] for c in columns), "USD mn"] for f in figures])
    once = read(text)
    assert values(once) == PLAIN
    assert [as_figure(entry) for entry in once.entries] == figures


FORMS = {
    "2025Q1": "2025Q1|Q1 2025|2025-Q1|1Q2025|1Q25|Q1'25|Q1/25|q1-25|Q1 25|Quý I/25|25Q1|25-Q1|"
    "Quý I/2025|quý 1 năm 2025|I/2025|Jan-Mar 2025",
    "2025-01": "2025-01|2025M01|Jan-2025|January 2025|T1/2025|tháng 1 năm 2025|Tháng 01/2025|01/2025|202501",
    "2025": "2025|năm 2025",
}


@pytest.mark.parametrize(
    ("period", "text"), [(period, text) for period, all_ in FORMS.items() for text in all_.split("|")]
)
def test_a_period_has_many_forms(period, text):
    for form in (text, unicodedata.normalize("NFD", text), text.upper(), f" {text} "):
        assert str(periods.read(form).period) == period


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("ambiguous_period", "FY2025|FY25|2024/25|Q125|Q1 FY2025|Jan-25|9M24|2025.1"),
        ("ambiguous_date", "03/04/2025|44285|45747|1/2/25"),
        ("bad_period", "Q5 2025|2025Q0|2025-13|2025-13-31|2025-02-30|hello|2025-03-15||0|1899|Q"),
        ("mixed_frequency", "H1 2025|2025H1|1H2025"),
    ],
)
def test_a_period_of_two_readings_or_none_is_refused(code, texts):
    for text in texts.split("|"):
        with pytest.raises(CellError) as caught:
            periods.read(text)
        assert caught.value.code == code, text


@pytest.mark.parametrize(
    "text", ["6M2024", "6M 2024", "6 tháng 2024", "6 tháng đầu năm 2024", "6T/2024", "Jan-Jun 2024"]
)
def test_a_year_to_date_is_told_from_a_month(text):
    assert periods.read(text) == periods.PrintedPeriod(pd.Period("2024-06", freq="M"), to_date=True)


def test_three_months_are_a_quarter_only_where_one_starts():
    for first in range(1, 11):
        text = f"{calendar.month_abbr[first]}-{calendar.month_abbr[first + 2]} 2025"
        if first % 3 == 1:
            assert periods.read(text) == periods.PrintedPeriod(pd.Period(f"2025Q{(first + 2) // 3}", freq="Q"))
        else:
            with pytest.raises(CellError) as caught:
                periods.read(text)
            assert caught.value.code == "bad_period", text


@pytest.mark.parametrize(("text", "day"), [("03/03/2025", "2025-03-03"), ("13/03/2025", "2025-03-13"),
                                           ("03/13/2025", "2025-03-13"), ("12/12/2025", "2025-12-12")])  # fmt: skip
def test_a_day_that_reads_alike_either_way_round_is_no_riddle(text, day):
    assert str(periods.last_day(text)) == day


@pytest.mark.parametrize("text", ["03/04/2025", "12/11/2025", "01/02/2025"])
def test_a_day_that_reads_two_ways_is_refused_unless_the_locale_says(text):
    with pytest.raises(CellError) as caught:
        periods.last_day(text)
    assert caught.value.code == "ambiguous_date"
    day, month, year = text.split("/")
    assert str(periods.last_day(text, periods.Reading(locale="vi"))) == f"{year}-{month}-{day}"


def test_every_census_and_iso_country_is_known_by_code_and_name():
    import pycountry

    for number, (name, alpha3) in CENSUS_COUNTRIES.items():
        assert countries.code(number) == countries.code(name) == alpha3
    for country in pycountry.countries:
        codes_ = {country.alpha_2, country.alpha_3, country.numeric} - {"NA"}
        assert {countries.code(code) for code in codes_} == {country.alpha_3}
    assert countries.code("NAM") == countries.code("Namibia") == "NAM"
    with pytest.raises(CellError) as caught:
        countries.code("NA")  # what R writes where nothing is known, too
    assert caught.value.code == "ambiguous_country"
    assert countries.code("Mỹ") == countries.code("Hoa Kỳ") == "USA"


@pytest.mark.parametrize(
    ("content", "wanted", "said"),
    [
        (table([["2025Q1", "VNM", "USA", "export", '"1,234"', "USD mn"]]), "ambiguous_number", {}),
        (table([["2025Q1", "VNM", "USA", "export", "31.4", "EUR bn"]]), "rate_missing", {}),
        (table([*ROWS[:1], ["2023Q2", "VNM", "USA", "export", "31.4", "EUR bn"]]), "currency_mix", {}),
        (table([["2025Q1", "VNM", "VN", "export", "31.4", "USD bn"]]), "self_trade", {}),
        (table([["2025Q1", "VNM", "USA", "exprot", "31.4", "USD bn"]]), "unknown_flow", {}),
        (table([["2025Q1", "VNM", "USA", "", "31.4", "USD bn"]]), "missing_flow", {}),
        (table([["2025Q1", "VNM", "USA", "export", "over 31", "USD bn"]]), "bad_value", {}),
        (table([]), "no_rows", {}),
        (table([["2025Q1", "VNM", "USA", "export", "31.4", "USD bn", "31.4"]], header=[*HEADER, "value"]),
         "duplicate_column", {}),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "lfs_pointer", {}),
        (table(ROWS).encode()[:60] + b"\0" + table(ROWS).encode()[60:], "nul_byte", {}),
        (table([["2025Q1", "Vi\ufffdt Nam", "USA", "export", "31.4", "USD bn"]]), "mojibake", {}),
        (table([[*ROWS[0][:4], "4.1", "USD bn"], [*ROWS[1][:4], "31.4", "USD bn"]]), "flows_swapped", {}),
        (table([["2025Q1", "VNM", "USA", "export", "7", "tỷ đồng"]]), "inexact_value", {"fx_vnd_per_usd": 26001}),
        (table([["2025Q1", "VNM", "USA", "export", "31.4", "USD bn"]]).encode("utf-16-le"), "bad_encoding", {}),
    ],
)  # fmt: skip
def test_each_class_has_its_code(content, wanted, said):
    assert wanted in codes(content, **said)


def test_gzip_beyond_the_ratio_or_cut_off_is_refused():
    packed = gzip.compress(table(ROWS).encode())
    assert codes(packed[:-9], "f.csv.gz") == {"truncated"}
    assert codes(gzip.compress(b"0" * 10_000_000), "f.csv.gz") == {"decompression_ratio"}


def test_two_values_of_a_period_are_told_what_their_table_lacks():
    twice = [ROWS[0], [*ROWS[0][:4], "9999.9", ROWS[0][5]]]
    (problem,) = read(table(twice)).problems
    assert (problem.code, problem.fix) == ("duplicate_key", "add a vintage column, or remove one")
    same_release = table([[*row, "2025-05-06"] for row in twice], header=[*HEADER, "vintage"])
    (problem,) = read(same_release).problems
    assert (problem.code, problem.fix) == ("duplicate_key", "give each its own vintage, or remove one")
