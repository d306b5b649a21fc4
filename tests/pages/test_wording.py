"""Numbers as they are printed, and the sentences that every page shares: units, signs, ranges, and what is left out."""

import dataclasses
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from builders import gather, known_on
from tradebalance.answers.answer import Range, solve
from tradebalance.pages import delivery_scenario, say, wording
from tradebalance.pages.records import as_json
from tradebalance.words.terms import month

NUMBER = re.compile(r"\d+(?:\.\d+)?")
DIGITS_ONLY = str.maketrans("", "", "(),to")


def units_apart(one: str, other: str) -> int:
    """How many of the last decimal that both print lie between two printed numbers."""
    decimals = min(len(number.partition(".")[2]) for number in (one, other))
    return round(abs(round(float(one), decimals) - round(float(other), decimals)) * 10**decimals)


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
    amounts = Range(mean=16_800.0, p05=10_600.0, p50=16_000.0, p95=24_600.0, draws=10**9)
    assert say.ranged(amounts) == "16.8 (10.6 to 24.6)"
    assert say.ranged(Range(5.0, 5.0, 5.0, 5.0)) == "0.0"
    shares = Range(mean=0.004, p05=0.0024, p50=0.004, p95=0.0059)
    assert say.ranged_share(shares) == "0.40 % (0.24 to 0.59)"  # one path, whose numbers are no draws
    assert say.ranged_share(None) == "not defined: there is no surplus to close"
    assert say.mean_and_range(amounts, 0, say.bn) == "16,800 bn (10,600 to 24,600)"


@pytest.mark.parametrize(
    ("draws", "printed"),
    [
        (100, "17 (11 to 25)"),  # never coarser than ones
        (20_000, "17 (11 to 25)"),  # the mean's standard error is 0.03, five of them more than a tenth
        (200_000, "16.8 (11 to 25)"),  # 0.01 of the mean, 0.02 of the 95 % point
        (10_000_000, "16.8 (10.6 to 24.6)"),
    ],
)
def test_no_more_decimals_are_printed_than_the_draws_carry(draws, printed):
    assert say.ranged(Range(16_800.0, 10_600.0, 16_000.0, 24_600.0, draws)) == printed


@pytest.mark.parametrize(
    ("amount", "error", "most", "printed"),
    [(16.75, 0, 1, "16.8"), (16.75, 0.02, 1, "16.8"), (16.75, 0.021, 1, "17"), (134.2, 1.9, 1, "134"),
     (0.354, 0.0005, 2, "0.35"), (-0.04, 0.02, 1, "0.0"), (1_234.5, 0.1, 2, "1,234")],
)  # fmt: skip
def test_a_decimal_is_worth_five_standard_errors(amount, error, most, printed):
    assert say.carried(amount, error, most) == printed


def test_standard_errors_are_those_that_other_draws_show():
    """Of a skewed quantity, over four hundred repetitions of a thousand draws; three points tell it to a quarter."""
    draws = np.random.default_rng(5).lognormal(0, 0.4, (400, 1000))
    points = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
    found = {name: np.quantile(draws, at, axis=1) for name, at in points.items()} | {"mean": draws.mean(axis=1)}
    one = Range(**{name: float(values.mean()) for name, values in found.items()}, draws=1000)
    for name, values in found.items():
        assert getattr(one.standard_errors, name) == pytest.approx(values.std(), rel=0.25), name


def test_other_draws_seldom_print_another_number_and_never_one_further_off_than_a_unit():
    """Two hundred pairs of seeds of a skewed quantity, as many draws as a scenario's."""
    printed = []
    for seed in range(400):
        draws = np.random.default_rng(seed).lognormal(2.1, 0.28, 20_000) * (1 + seed // 2 / 200)
        low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
        printed.append(say.mean_and_range(Range(float(draws.mean()), low, middle, high, len(draws)), 2))
    pairs = [*zip(printed[::2], printed[1::2], strict=True)]
    numbers = [[*zip(*(each.translate(DIGITS_ONLY).split() for each in pair), strict=True)] for pair in pairs]
    apart = [units_apart(one, other) for pair in numbers for one, other in pair]
    assert max(apart) <= 1
    assert apart.count(0) / len(apart) > 0.85


def test_what_is_exact_has_no_range_and_what_was_drawn_has_one_though_its_ends_are_the_same():
    exact = Range(*[Fraction(1, 250)] * 4)
    assert say.ranged(Range(*[Fraction(16_800)] * 4)) == "16.8"
    assert say.ranged_share(exact) == "0.40 %"
    assert say.ranged_share(exact.map(float)) == "0.40 % (0.40 to 0.40)"


def test_free_text_cannot_become_a_command_of_markdown():
    assert wording.plain_text("*a*\n [b](c:d) <i> $1~") == "\\*a\\* \\[b\\]\\(c\\:d\\) \\<i\\> \\$1\\~"


# --- sentences ------------------------------------------------------------------------------------


def test_the_first_sentence_holds_a_sum_against_a_yearly_flow(drawn):
    known = drawn.known
    gap = float(known.history["gap_usd_mn"].iloc[-4:].sum()) / 1000
    assert wording.stock_against_flow(drawn) == (
        "The deals are one sum of $90.3 billion; the surplus is a flow that comes back every year: on US Census "
        f"figures, Vietnam sold the United States ${gap:.1f} billion more goods than it bought there in the four "
        f"quarters 2025Q3 to 2026Q2, and ${float(known.months['gap_usd_mn'].iloc[-12:].sum()) / 1000:.1f} billion in "
        "the twelve months to August 2026."
    )


def test_a_stated_level_is_four_times_its_quarter_and_no_published_gap(certain):
    said = wording.stock_against_flow(certain)
    assert "$200.0 billion more goods than it bought there a year, at four times the one quarter that" in said
    assert "2026Q2" not in said
    assert wording.base_gap(certain) == "the stated surplus"


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
    assert f"and {additional} would be recorded and not have been bought anyway" in said
    assert wording.share_words(drawn) in said


def test_every_dollar_at_its_word_has_no_range(certain):
    """4.515 billion in each of twenty quarters: the first eighteen hold nine tenths, at 18.06 a year of 200."""
    assert wording.what_arrives(certain) == (
        "Read that way, 90.3 billion arrive by 2031Q2 and 90.3 are additional. Of these, $50.15 billion come from "
        "orders that stood before the talks of March 2025, and $40.15 billion from what the talks added. From 2026Q3 "
        "to 2030Q4, when nine tenths of them come, that is 9.03 % a year of the surplus of the year that the scenario "
        "states, $200.0 billion. Amounts are in nominal dollars. New is what Vietnam would not have bought from "
        "the United States without the announcements, whatever it would have bought elsewhere."
    )


def test_without_a_gap_there_is_nothing_to_close(certain):
    none = dataclasses.replace(certain, gap_last_four=Fraction(-1))
    assert "There is no surplus to close. Amounts are in nominal dollars." in wording.what_arrives(none)


def test_the_answer_says_when_how_much_whose_and_on_what_terms(drawn, certain):
    said = wording.says(drawn)
    opening = "On US Census figures (release of October 2026) the announced $90.3 billion would bring "
    assert said.startswith(f"{opening}{wording.when(drawn)}, in nominal dollars, by assumptions")
    for words in (drawn.scenario.baseline.words,
                  "would not have bought from the United States without the announcements", "5 and 95 % points",
                  wording.of_which_words(drawn).strip(), wording.share_words(drawn)):  # fmt: skip
        assert words in said
    whole = wording.says(certain)
    assert "if every announced dollar arrived as goods" in whole
    assert "5 and 95 %" not in whole


def test_years_with_little_come_first_then_the_peak_then_all_of_it(certain):
    assert wording.when(certain) == (
        "about $18.1 billion a year at the peak, from 2027 to 2030, and $90.3 billion of new imports in all by 2031Q2"
    )
    late = solve(gather("as_announced", changes={"delivery.profile": {"milestones": {"2027Q2": 0.02, "2030Q1": 0.98}}}))
    assert wording.when(late) == (
        "little before 2030 ($1.8 billion), about $88.5 billion a year at the peak, in 2030, and $90.3 billion of "
        "new imports in all by 2031Q2"
    )
    none = solve(gather("as_announced", changes={"include.remainders": False, "include.status": ["cancelled"]}))
    assert wording.when(none) == "no new imports by 2031Q2"


@pytest.mark.parametrize("name", ["slipped", "even", "stalled"])
def test_the_two_lines_as_printed_add_up_to_the_whole_as_printed(name):
    for seed in (1, 2):
        answer = solve(gather(name, draws=4000, seed=seed))
        before, added = map(float, wording.parts_of(answer))
        assert f"{before + added:.1f}" == f"{float(say.ranged(answer.additional).split()[0]):.1f}"


def test_shares_are_of_the_twelve_months_and_say_so_where_a_book_has_none(drawn):
    assert wording.a_years_gap(drawn) == "the twelve months to August 2026"
    by_quarter = dataclasses.replace(drawn.known, months=drawn.known.months.iloc[:0])
    without = dataclasses.replace(drawn, inputs=dataclasses.replace(drawn.inputs, known=by_quarter))
    assert without.gap_of_a_year == drawn.known.gap_last_four
    assert (
        "of the surplus of the four quarters to 2026Q2, as these figures have no months, $210.9"
        in wording.what_arrives(without)
    )


def test_amounts_in_the_dollars_of_a_year_say_so():
    real = solve(gather("even", draws=50, changes={"prices": {"dollars_of": 2026}}))
    assert ", in dollars of 2026, by assumptions" in wording.says(real)
    assert "Amounts are in dollars of 2026." in wording.what_arrives(real)


def test_a_share_of_amounts_in_the_dollars_of_a_year_says_which_and_so_does_each_table_and_chart():
    real = solve(gather("even", draws=50, changes={"prices": {"dollars_of": 2026}}))
    gap_ = f"${float(real.gap_of_a_year) / 1000:,.1f} billion"
    assert f"of the surplus of the twelve months to August 2026, in dollars of 2026, {gap_}" in wording.says(real)
    headline = delivery_scenario.headline_table(real)
    assert headline.columns[-1] == "USD, in dollars of 2026"
    assert headline.iloc[:, -1]["Surplus, twelve months to 2026-08"] == gap_.strip("$").replace("illion", "n")
    assert as_json(real)["dollars_of"] == 2026
    chart = delivery_scenario.yearly_gap_chart(real)
    assert chart.unit.startswith("USD billion a year, in dollars of 2026, US Census figures")


def test_a_case_that_names_no_talks_has_no_two_lines(drawn):
    quiet = dataclasses.replace(drawn.known, dates=drawn.known.dates.model_copy(update={"talks": None}))
    without = dataclasses.replace(drawn, inputs=dataclasses.replace(drawn.inputs, known=quiet))
    assert wording.of_which_words(without) == ""
    assert "the talks" not in wording.says(without)


def test_another_seed_prints_the_same_first_sentences_but_for_a_last_decimal():
    """Of all numbers of three scenarios' sentences four in five at least are the same, none is off by more than one."""
    apart = []
    for name in ("slipped", "even", "published"):
        # enough that the first year that brings more than little, a quarter of the peak, is the same
        said = [wording.says(solve(gather(name, draws=8000, seed=seed))) for seed in (1, 2)]
        assert len({NUMBER.sub("#", each) for each in said}) == 1
        for one, other in zip(*map(NUMBER.findall, said), strict=True):
            apart.append(units_apart(one, other))
    assert max(apart) <= 1
    assert apart.count(0) >= 0.8 * len(apart)


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
