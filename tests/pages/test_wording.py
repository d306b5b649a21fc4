"""Numbers as they are printed, and the sentences that every page shares: units, signs, ranges, and what is left out."""

import dataclasses
from decimal import Decimal
from fractions import Fraction

import pytest

from builders import gather, known_on
from tradebalance.answers.answer import Range, solve
from tradebalance.pages import say, wording
from tradebalance.words.terms import month

# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (say.billions(210_931.5), "210.9"),
        (say.billions(-1_366, 3), "-1.366"),
        (say.billions(Decimal("1234567.8"), 2), "1,234.57"),
        (say.bn_cell(Fraction(90_300)), "90.30"),
        (say.bn_cell(None), ""),
        (say.bn_cell(None, "not published"), "not published"),
        (say.percent(0.004), "0.40 %"),
        (say.percent(Fraction(-1, 8), 0), "-12 %"),
        (say.span(10_600, 24_630), "10.60 to 24.63"),
        (say.from_to("Q3", "Q4"), "Q3 to Q4"),
        (say.from_to("Q3", "Q3"), "Q3"),
    ],
)
def test_money_is_shown_in_billions_and_shares_in_per_cent(printed, words):
    assert printed == words


def test_a_range_stands_behind_its_mean_lower_end_first():
    amounts = Range(mean=16_800.0, p05=10_600.0, p50=16_000.0, p95=24_600.0)
    assert say.ranged(amounts) == "16.8 (10.6 to 24.6)"
    assert say.ranged(Range(5.0, 5.0, 5.0, 5.0)) == "0.0"
    shares = Range(mean=0.004, p05=0.0024, p50=0.004, p95=0.0059)
    assert say.ranged_share(shares) == "0.40 % (0.24 to 0.59)"
    assert say.ranged_share(None) == "not defined: there is no surplus to close"
    assert say.mean_and_range(amounts, "{:,.0f}", " mn") == "16,800 mn (10,600 to 24,600)"


def test_what_is_exact_has_no_range_and_what_was_drawn_has_one_though_its_ends_are_the_same():
    exact = Range(*[Fraction(1, 250)] * 4)
    assert say.ranged(Range(*[Fraction(16_800)] * 4)) == "16.8"
    assert say.ranged_share(exact) == "0.40 %"
    assert say.ranged_share(Range(*map(float, exact))) == "0.40 % (0.40 to 0.40)"
    assert say.FORMS["months"](Range(*[Fraction(65, 12)] * 4)) == "5.4 months"


def test_free_text_cannot_become_a_command_of_markdown():
    assert wording.plain_text("*a*\n [b](c:d) <i> $1~") == "\\*a\\* \\[b\\]\\(c\\:d\\) \\<i\\> \\$1\\~"


# --- sentences ------------------------------------------------------------------------------------


def test_the_first_sentence_holds_a_sum_against_a_yearly_flow(drawn):
    known = drawn.known
    gap = float(known.history["gap_usd_mn"].iloc[-4:].sum()) / 1000
    assert wording.stock_against_flow(drawn) == (
        "The deals are one sum of $90.3 billion; the gap is a flow that comes back every year: on the US Census book, "
        f"Vietnam sold the United States ${gap:.1f} billion more goods than it bought there in the four quarters "
        f"2025Q3 to 2026Q2, and ${float(known.months['gap_usd_mn'].iloc[-12:].sum()) / 1000:.1f} billion in the twelve "
        "months to August 2026."
    )


def test_a_stated_level_is_four_times_its_quarter_and_no_published_gap(certain):
    said = wording.stock_against_flow(certain)
    assert "$200.0 billion more goods than it bought there a year, at four times the one quarter that" in said
    assert "2026Q2" not in said
    assert wording.base_gap(certain) == "the stated gap"


def test_the_book_in_pieces_says_its_standard_error():
    own = known_on("VNM", month("2023-06"))  # the first quarter that was counted is out, three before it are pieces
    assert wording.error_words(own) == f" (standard error {own.gap_error / 1000:.1f})"
    assert wording.error_words(known_on("USA")) == wording.error_words(known_on("VNM")) == ""


def test_what_arrives_repeats_the_answers_ranges_in_their_order(drawn):
    said = wording.what_arrives(drawn)
    credited, delivered, additional = (
        say.ranged(amounts) for amounts in (drawn.credited, drawn.delivered, drawn.additional)
    )
    assert said.index(f"announced, {credited} would become") < said.index(f"Vietnam at the price paid; {delivered}")
    assert f"and {additional} would show on this book and not have been bought anyway" in said
    share = say.ranged_share(drawn.annual_rate)
    assert f"of today's gap**, or {share} of it a year on average over 10 years" in said


def test_every_dollar_at_its_word_has_no_range(certain):
    assert wording.what_arrives(certain) == (
        "Read that way, 90.3 billion arrive by 2031Q2 and 90.3 are additional: **5.4 months of the stated gap**, or "
        "9.03 % of it a year on average over 5 years."
    )


def test_without_a_gap_there_is_nothing_to_close(certain):
    none = dataclasses.replace(certain, gap_last_four=Fraction(-1))
    assert wording.what_arrives(none).endswith("90.3 are additional: no gap to close.")


def test_the_horizon_is_years_where_it_is_whole_ones(drawn):
    assert wording.years(drawn) == "10 years"
    odd = dataclasses.replace(drawn, calendar=dataclasses.replace(drawn.calendar, horizon=39))
    assert wording.years(odd) == "39 quarters"


def test_what_is_assumed_is_one_paragraph_and_tells_what_was_changed():
    changed = solve(gather("even", draws=50, **{"additionality.aircraft": 0.5, "delivery.delay_quarters": 2}))
    said = wording.assumed(changed)
    assert said.startswith("Deliveries are assumed to start from the first forecast quarter, 2026Q3,")
    assert ", 2 quarters late. " in said
    assert " No tariff step moves exports. Without the deals: " in said
    assert said.endswith("Changed for this run: draws = 50; additionality.aircraft = 0.5; delivery.delay_quarters = 2.")
    assert "  " not in said
    assert "Changed" not in wording.assumed(solve(gather("as_announced")))


def test_hindsight_is_told_or_its_absence_where_that_is_asked_for():
    assert wording.hindsight(["the figures", "the ledger"]) == "With hindsight: the figures; the ledger."
    assert wording.hindsight([]) == ""
    assert wording.hindsight([], "none") == "none"


def test_the_last_line_says_how_to_get_the_page_again(drawn, certain):
    assert "; 200 draws, seed 1. " in wording.colophon(drawn)
    assert "; one exact path. " in wording.colophon(certain)


def test_files_are_listed_by_name_with_their_checksums():
    table = wording.inputs_table({"b.csv": "22", "a.csv": "11"})
    assert list(table["sha256"].items()) == [("a.csv", "11"), ("b.csv", "22")]
    assert table.index.name == "File"
    assert wording.inputs_table({}).empty
