"""The first page says how much, when and how sure from records, and its pictures add up as printed."""

import re
from decimal import Decimal

import pytest

from builders import gather
from tradebalance.answers.answer import solve
from tradebalance.answers.gap import STEPS
from tradebalance.pages import index, say
from tradebalance.pages.records import as_json
from tradebalance.words.terms import USD_MN_PER_BN

LONGEST_TITLE = 15


def record_of(name: str, **changes):
    found = solve(gather(name, **changes))
    return {"headline": name, **as_json(found)}


@pytest.fixture(scope="module")
def of() -> index.Answers:
    drawn = [record_of(name, draws=400) for name in ("slipped", "named_deals", "tariff_46")]
    return index.Answers(
        drawn[0], [*drawn, record_of("as_announced")], record_of("slipped", draws=400, changes={"reporter": "VNM"})
    )


def test_every_kind_of_step_and_question_has_its_words_and_no_step_is_forgotten():
    messages = {key for key in say.catalogue()._catalog if isinstance(key, str)}
    steps = {key.removeprefix("index.step_") for key in messages if key.startswith("index.step_")}
    assert steps == {*index.STEPS, "announced", "new"}
    told = [step for kind in index.STEPS.values() for step in kind]
    assert sorted([*told, "announced"]) == sorted(STEPS)
    asked = {key.removeprefix("index.ask_") for key in messages if key.startswith("index.ask_")}
    for word in index.GLOSSARY:
        assert {f"index.word_{word}", f"index.means_{word}"} <= messages
    assert len([key for key in messages if key.startswith("index.word_")]) == len(index.GLOSSARY)
    assert asked == {"hold", "later", "matters", "earlier", "tariff", "arrived"}


def test_titles_are_short_and_say_the_numbers_of_the_record(of):
    titles = [index.headline(of), *(chart.title for chart in index.charts(of))]
    assert all(len(title.split()) <= LONGEST_TITLE for title in titles)
    share = of.central["years_of_delivery"]["share_a_year"]
    assert f"close {100 * share:.1f} % of its US surplus" in index.headline(of)
    gap = of.central["twelve_months"]["gap_usd_mn"] / USD_MN_PER_BN
    assert f"The surplus was ${gap:.1f} billion in the twelve months" in index.lead(of)


def test_the_steps_as_printed_add_up_to_the_new_imports_as_printed(of):
    for record in (of.central, of.other, of.at_word):
        steps = index.steps_of(record)
        printed = sum(Decimal(f"{amount:.1f}") for amount in steps.values())
        assert printed == Decimal(f"{record['additional_usd_mn']['mean'] / USD_MN_PER_BN:.1f}")
        assert 0 not in steps.values() or record is not of.at_word
    chart = index.steps_chart(of.central)
    cells = [Decimal(cell.replace("−", "-").replace("+", "")) for cell in chart.data["USD billion"]]
    assert sum(cells[:-1]) == cells[-1]
    bars = chart.figure().axes[0].patches
    assert [round(bar.get_width(), 1) for bar in bars] == [abs(float(cell)) for cell in cells]


def test_the_timeline_fills_what_a_source_printed_and_its_parts_add_up(of):
    chart = index.timeline_chart(of.central)
    upper, lower = chart.figure().axes
    deals = [deal for deal in of.central["deals"] if deal["additional_mean_usd_mn"] > 0]
    assert [bar.get_facecolor()[3] > 0 for bar in upper.patches] == [deal["is_printed"] for deal in deals]
    starts = [bar.get_x() for bar in upper.patches]
    assert starts == [int(d["due_first"][:4]) + (int(d["due_first"][-1]) - 1) / 4 for d in deals]
    by_year = [row["additional_usd_mn"]["mean"] / USD_MN_PER_BN for row in of.central["by_year"]]
    assert [bar.get_height() for bar in lower.patches] == pytest.approx(by_year)
    new = [Decimal(cell.rpartition(" ")[2]) for cell in chart.data["Announced → new, USD billion"]]
    assert sum(new) == Decimal(f"{sum(d['additional_mean_usd_mn'] for d in deals) / USD_MN_PER_BN:.1f}")
    assert "assumed: end not stated" in chart.data.at["Vietjet: 200 Boeing 737s", "Due"]


def test_scenarios_stand_by_what_they_bring_and_those_at_their_word_are_off_the_scale(of):
    chart = index.scenarios_chart(of)
    drawn = [each for each in of.scenarios if each["draws"] > 1]
    means = sorted((each["additional_usd_mn"]["mean"] for each in drawn), reverse=True)
    dots = [line for line in chart.figure().axes[0].lines if len(line.get_xdata()) == 1]
    assert [float(dot.get_xdata()[0]) * USD_MN_PER_BN for dot in dots] == pytest.approx(means)
    assert "Off the scale: “As announced”, 90.3" in chart.unit
    assert sum("(central)" in name for name in chart.data.index) == 1


def test_both_books_are_told_each_with_its_own_surplus(of):
    (first, on_us), (second, on_own) = index.books(of)
    assert (first, second) == ("US Census figures", "Vietnam Customs figures")
    for record, words in ((of.central, on_us), (of.other, on_own)):
        gap = record["years_of_delivery"]["gap_of_a_year_usd_mn"] / USD_MN_PER_BN
        assert f"Surplus ${gap:.1f} billion" in words


def test_questions_are_answered_by_the_records_that_there_are(of):
    assert [question for question, _ in index.questions(of)] == [
        "What about the deals signed in Washington in February 2026?",
        "What if the tariff changes?",
    ]
    moved = of.scenario("tariff_46")["tariff"]["exports_change_a_year_usd_mn"]
    answer = dict(index.questions(of))["What if the tariff changes?"]
    assert f"{moved['mean'] / USD_MN_PER_BN:+,.1f} billion a year" in answer
    low, high = (moved[point] / USD_MN_PER_BN for point in ("p05", "p95"))
    assert f"nine times in ten by {low:+,.1f} to {high:+,.1f}" in answer
    row = {
        "assumption": "slip_months.aircraft",
        "additional_low": 9_900.0,
        "additional_high": 3_300.0,
        "strength": "weak",
    }
    held = {"four_quarters_to": "2028Q2", "purchases_usd_mn": 149_900.0, "deals_usd_mn": 176.0}
    bands = [{"four_quarters_to": "2028Q2", "p05": 218_400.0, "p95": 600_400.0}]
    more = index.Answers(
        of.central,
        of.scenarios,
        uncertainty={"tornado": {"rows": [row]}, "break_even": [held], "bands": bands},
    )
    told = dict(index.questions(more))
    assert "from $3.3 to 9.9 billion" in told["Which assumption matters most?"]
    assert "About $150 billion" in told["What would it take to hold the surplus where it is?"]
    assert "$218 to 600 billion in the year to 2028Q2" in index.boxes(more)[2][2]


def test_shares_in_a_box_are_of_one_surplus(of):
    """What every dollar at its word would close is of the same months as what is expected."""
    word, gap = of.at_word, of.central["years_of_delivery"]["gap_of_a_year_usd_mn"]
    share = word["additional_usd_mn"]["mean"] * 4 / len(word["by_quarter"]) / gap
    assert f"at most {100 * share:.1f} %" in index.boxes(of)[0][2]


@pytest.mark.parametrize(
    ("reporter", "partner", "trade"),
    [("USA", "VNM", "US exports to Vietnam"), ("VNM", "USA", "Vietnam's imports from the United States"),
     ("USA", "TWN", "US exports to Taiwan")],
)  # fmt: skip
def test_what_can_have_arrived_names_whose_trade_and_the_year_it_exceeds(of, reporter, partner, trade):
    found = {"at_most_usd_mn": 5_100.0, "reporter": reporter, "partner": partner, "over": 2023.0}
    found |= {"from": "2025-03", "through": "2026-08"}
    home = "TWN" if partner == "TWN" else "VNM"
    more = index.Answers({**of.central, "home": home, "can_have_arrived": found}, of.scenarios)
    told = dict(index.questions(more))["What has arrived so far?"]
    assert told.startswith(f"At most $5.1 billion that would not have been bought anyway: by so much {trade} from ")
    assert "the level of 2023" in told


def test_an_earlier_forecast_is_that_of_the_scenarios_own_way(of):
    rows = [
        {"baseline": name, "is_inside": name == "hold", "p05_usd_mn": 1e3, "p50_usd_mn": middle, "p95_usd_mn": 9e3,
         "outturn_usd_mn": 5e3}
        for name, middle in (("naive", 2e3), ("hold", 4e3))
    ]  # fmt: skip
    trial = {"as_of": "2025-05", "baseline": "hold", "quarters": ["2025Q2"], "baselines": rows}
    told = dict(index.questions(index.Answers(of.central, of.scenarios, earlier={"earlier_forecast": trial})))
    assert "at $4.0 billion (1.0 to 9.0); it was $5.0 billion, inside" in told["How did the method do before?"]


def test_no_words_of_the_page_are_keys(of):
    said = [index.headline(of), index.lead(of), *(word for box in index.boxes(of) for word in box)]
    said += [word for pair in (*index.books(of), *index.questions(of)) for word in pair]
    said += [
        word for chart in index.charts(of) for word in (chart.title, chart.alt, chart.unit, *map(str, chart.data.index))
    ]
    assert not [words for words in said if re.search(r"[_`]|\b[A-Z]{2,3}-[A-Z0-9]|\bT[123]\b", words)]
