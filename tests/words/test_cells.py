"""Printed cells become exact numbers and dates, or are refused with a code."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradebalance.words import cells
from tradebalance.words.cells import CellError, VagueDate


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def code_of(function, *arguments) -> str:
    with pytest.raises(CellError) as caught:
        function(*arguments)
    assert caught.value.reason
    assert caught.value.fix
    return caught.value.code


def test_decimals_subtract_without_rounding():
    assert cells.decimal("31.4") - cells.decimal("4.1") == Decimal("27.3")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Decimal(0)),
        (" 31.4 ", Decimal("31.4")),
        ("-5", Decimal(-5)),
        ("+.5", Decimal("0.5")),
        ("7.", Decimal(7)),
        ("1e3", Decimal(1000)),
        ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
    ],
)
def test_plain_numbers_keep_every_digit(text, value):
    assert cells.decimal(text) == value


@pytest.mark.parametrize("text", ["1,234", "-1,234", "1,234,567", "1,234.5", "31,4", "12,34"])
def test_a_comma_is_refused_as_ambiguous(text):
    assert code_of(cells.decimal, text) == "ambiguous_number"


@pytest.mark.parametrize(
    "text", ["", "abc", "NaN", "inf", "-Infinity", "1_000", "1 234", "0x10", "--5", "5%", "1.2.3", "1e9999", "(5)"]
)
def test_what_is_no_plain_number_is_refused(text):
    assert code_of(cells.decimal, text) == "not_a_number"


@pytest.mark.parametrize(
    ("words", "earliest", "latest"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        ("2026Q1", "2026-01-01", "2026-03-31"),
        ("2026Q2", "2026-04-01", "2026-06-30"),
        ("2026Q3", "2026-07-01", "2026-09-30"),
        ("2026Q4", "2026-10-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2100-02", "2100-02-01", "2100-02-28"),
        ("2025-03-13", "2025-03-13", "2025-03-13"),
        ("before 2025-03-13", "", "2025-03-12"),
        ("before 2025-03", "", "2025-02-28"),
        ("before 2025Q2", "", "2025-03-31"),
        ("end-2027", "2027-10-01", "2027-12-31"),
        ("about 2042 (15-year charter)", "2042-01-01", "2042-12-31"),
        ("2025-2027", "2025-01-01", "2027-12-31"),
        ("2025-2027 (sources differ)", "2025-01-01", "2027-12-31"),
        ("2019-02-27 (restructured 2022-05/07)", "2019-02-27", "2019-02-27"),
        ("2027 (reading of next year)", "2027-01-01", "2027-12-31"),
        ("2028 for first 50; rest not stated", "2028-01-01", ""),
        ("2027 in part", "2027-01-01", ""),
        ("", "", ""),
        ("not stated", "", ""),
        ("not disclosed", "", ""),
    ],
)
def test_a_date_is_as_vague_as_it_was_printed(words, earliest, latest):
    assert cells.vague_date(f" {words} ") == VagueDate(day(earliest), day(latest), words)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("03/04/2025", "ambiguous_date"),
        ("3.4.25", "ambiguous_date"),
        ("13/03/2025", "ambiguous_date"),
        ("2025-02-30", "bad_date"),
        ("2025-02-29", "bad_date"),
        ("2025-13", "bad_date"),
        ("2026Q5", "bad_date"),
        ("2026q1", "bad_date"),
        ("0000", "bad_date"),
        ("before 0001", "bad_date"),
        ("25", "bad_date"),
        ("soon", "bad_date"),
        ("2025-3-1", "bad_date"),
        ("20255", "bad_date"),
        ("2027-2025", "bad_interval"),
    ],
)
def test_a_date_that_cannot_be_told_is_refused(words, code):
    assert code_of(cells.vague_date, words) == code


@pytest.mark.parametrize("words", ["before 2025-2027", "end-2027-11"])
def test_words_that_do_not_go_with_a_date_are_refused_and_not_dropped(words):
    assert code_of(cells.vague_date, words) == "bad_date"


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2200, 12, 31)))
def test_every_day_lies_in_its_month_quarter_and_year(date):
    number = (date.month + 2) // 3
    spans = [cells.span(text) for text in (f"{date:%Y}", f"{date.year}Q{number}", f"{date:%Y-%m}", f"{date:%Y-%m-%d}")]
    for (first, last), (inner_first, inner_last) in itertools.pairwise(spans):
        assert first <= inner_first <= date <= inner_last <= last
    assert spans[-1] == (date, date)


@given(st.integers(min_value=1900, max_value=2200))
def test_the_quarters_of_a_year_follow_each_other_without_a_gap(year):
    quarters = [cells.span(f"{year}Q{number}") for number in (1, 2, 3, 4)]
    assert (quarters[0][0], quarters[3][1]) == cells.span(str(year))
    for (_, last), (first, _) in itertools.pairwise(quarters):
        assert first - last == dt.timedelta(days=1)
