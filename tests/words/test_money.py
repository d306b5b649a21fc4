"""A ledger's printed value becomes exact USD million, or the bounds of a range, or is refused; in two languages."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.words.test_cells import code_of
from tradebalance.words import money
from tradebalance.words.amounts import Unit

BN = Decimal(10) ** 9


@pytest.mark.parametrize(
    ("text", "currency", "unit", "usd_mn"),
    [
        ("50.15", "USD", "bn", "50150"),
        ("4150", "USD", "mn", "4150"),
        ("US$50.15 billion", "", "", "50150"),
        ("$4.15bn", "", "", "4150"),
        ("$36 billion", "", "", "36000"),
        ("USD 300 mn", "", "", "300"),
        ("8.1 billion USD", "", "", "8100"),
        ("8 billion dollars", "", "", "8000"),
        ("$1,234.5 mn", "", "", "1234.5"),
        ("US$ 5", "", "bn", "5000"),
        ("8.1 bn", "USD", "", "8100"),
        ("0", "USD", "bn", "0"),
        ("(1.5)", "USD", "bn", "-1500"),
        ("8,1 tỷ USD", "", "", "8100"),
        ("8,1 tỉ đô la Mỹ", "", "", "8100"),
        ("50,15 tỷ đô", "", "", "50150"),
        ("965 triệu USD", "", "", "965"),
        ("1.200,5 triệu USD", "", "", "1200.5"),
        ("8 tỷ", "USD", "", "8000"),
        ("8 tỷ USD (ước tính)", "", "", "8000"),
    ],
)
def test_a_value_is_in_usd_million_in_either_language_and_form_of_letters(text, currency, unit, usd_mn):
    for form in (text, unicodedata.normalize("NFD", text), text.upper(), f"  {text} "):
        assert money.value(form, currency, unit) == Decimal(usd_mn)


def test_a_scale_printed_with_the_value_holds_against_the_unit_column():
    assert money.value("US$50.15 billion", "USD", "mn") == Decimal(50150)


@pytest.mark.parametrize("text", ["", "   "])
def test_an_unpublished_value_is_none_and_never_zero(text):
    assert money.value(text, "", "") is None


@pytest.mark.parametrize(
    ("text", "currency", "unit", "code"),
    [
        ("5", "", "bn", "currency_missing"),
        ("5", "EUR", "bn", "unknown_currency"),
        ("5", "US", "bn", "unknown_currency"),
        ("5", "usd", "bn", "unknown_currency"),
        ("€3 bn", "", "", "unknown_currency"),
        ("37 tỷ đồng", "USD", "bn", "unknown_currency"),
        ("1,5 nghìn tỷ đồng", "", "", "unknown_currency"),
        ("5", "USD", "", "bad_value"),
        ("5", "USD", "trn", "bad_value"),
        ("1,234", "USD", "mn", "ambiguous_number"),
        ("-1,234", "USD", "mn", "ambiguous_number"),
        ("$1,234 mn", "", "", "ambiguous_number"),
        ("5,151 tỷ USD", "", "", "ambiguous_number"),
        ("5.151 tỷ USD", "", "", "ambiguous_number"),  # a point between thousands, in Vietnamese
        ("1.200 triệu USD", "", "", "ambiguous_number"),
        ("$10+ billion", "", "", "bad_value"),
        ("n/a", "USD", "bn", "bad_value"),
        ("không công bố", "USD", "bn", "not_a_number"),
    ],
)
def test_nothing_is_guessed(text, currency, unit, code):
    assert code_of(money.value, text, currency, unit) == code


@pytest.mark.parametrize(
    ("texts", "low", "high"),
    [
        ("over $90 billion|more than $90bn|>$90bn|hơn 90 tỷ USD|trên 90 tỉ đô la Mỹ|ít nhất 90 tỷ USD|"
         "90 tỷ USD trở lên|$90 billion or more|well over $90 billion", "90000", None),
        ("nearly $3bn|almost US$3 billion|up to $3bn|gần 3 tỷ USD|dưới 3 tỷ USD|tối đa 3 tỷ đô la|lên tới 3 tỷ USD|"
         "as much as USD 3bn|≤ $3bn", None, "3000"),
        ("about $8bn|~$8bn|circa $8 billion|approx. $8 billion|khoảng 8 tỷ USD|xấp xỉ 8 tỷ USD|ước khoảng 8 tỷ USD",
         None, None),
        ("$4-5 billion|$4bn–$5bn|US$4 billion to US$5 billion|between $4 and $5 billion|4-5 tỷ USD|4–5 tỷ USD|"
         "4 đến 5 tỷ USD|từ 4 đến 5 tỷ USD|4,0-5,0 tỷ USD", "4000", "5000"),
        ("500 triệu - 1 tỷ USD|500 million to 1 billion USD", "500", "1000"),
    ],
)  # fmt: skip
def test_a_bound_or_a_range_has_its_ends_and_is_no_value(texts, low, high):
    wanted = tuple(end and Decimal(end) for end in (low, high))
    for text in texts.split("|"):
        for form in (text, unicodedata.normalize("NFD", text), text.capitalize()):
            assert money.bounds(form, "", "") == wanted, form
            assert code_of(money.value, form, "", "") == "needs_choice"
    bare = {("90000", None): "over 90", (None, "3000"): "gần 3", ("4000", "5000"): "4-5"}.get((low, high))
    assert bare is None or money.bounds(bare, "USD", "bn") == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [("6-5", "bad_value"), ("hơn 1.200 triệu USD", "ambiguous_number"), ("1.200-1.500 triệu USD", "ambiguous_number"),
     ("over €3bn", "unknown_currency"), ("2025-03-31", "not_a_number"), ("5", "not_a_number")],
)  # fmt: skip
def test_ends_that_cannot_be_told_are_refused(text, code):
    assert code_of(money.bounds, text, "USD", "bn") == code


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_a_billion_is_a_thousand_million(number):
    assert money.value(f"{number:f}", "USD", "bn") == 1000 * money.value(f"{number:f}", "USD", "mn")


@pytest.mark.parametrize(
    ("text", "unit"),
    [("over $90 billion", Unit("USD", BN)), ("hơn 37 tỷ", Unit(None, BN)), ("4-5 tỷ USD", Unit("USD", BN)),
     ("5", Unit()), ("TBD", Unit())],
)  # fmt: skip
def test_the_unit_that_a_value_prints_is_told(text, unit):
    assert money.printed_unit(text) == unit
