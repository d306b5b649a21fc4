"""When additional imports come: counted by hand, and the same whatever the horizon."""

from fractions import Fraction

import pandas as pd
import pytest

from builders import component, fixed, gather, model_of, solved
from tradebalance.answers import timing
from tradebalance.answers.answer import Solution, of_which, solve
from tradebalance.answers.gap import Calendar
from tradebalance.answers.simulation import simulate
from tradebalance.words.terms import quarter

FIRST = quarter("2026Q3")


def answer_of(due: dict[str, object], quarters: int = 40, value: int = 1000, **factors: object) -> Solution:
    """An answer of one part that comes in shares of its value by quarter, on a stated level of trade."""
    calendar = Calendar(FIRST, quarters)
    parts = [component("A", value, {quarter(at): Fraction(str(share)) for at, share in due.items()}, **factors)]
    of = model_of(parts, calendar, draws=1)
    path = list(of.baseline["gap_usd_mn"])[:1] * quarters
    return Solution(**vars(of), simulated=simulate(parts, path, calendar, 1, 1))


def evenly(first: str, quarters: int) -> dict[str, object]:
    return {str(quarter(first) + n): Fraction(1, quarters) for n in range(quarters)}


def test_the_years_of_delivery_are_the_shortest_run_that_holds_nine_tenths():
    found = answer_of({"2027Q1": "0.04", "2029Q2": "0.5", "2029Q4": "0.4", "2033Q1": "0.06"})
    over = timing.years_of_delivery(found)
    assert (str(over[0]), str(over[-1])) == ("2029Q2", "2029Q4")
    assert timing.a_year(found, over) == 900 * Fraction(4, 3)
    assert timing.share_of_a_year(found, over) == Fraction(1200, 200_000)


def test_of_two_runs_as_short_the_first_counts():
    over = timing.years_of_delivery(answer_of(evenly("2027Q1", 20)))
    assert (str(over[0]), len(over)) == ("2027Q1", 18)


@pytest.mark.parametrize("name", ["even", "as_announced", "back_loaded"])
def test_the_same_deliveries_are_the_same_share_whatever_the_horizon(name):
    """Closure (i) of one and the same deliveries is half as much over twice the years. Every dollar is taken at its
    word: by the assumptions, more becomes binding the longer one looks."""
    near, far = (solve(gather(name, credit="none", horizon={"quarters": quarters})) for quarters in (40, 80))
    assert far.additional.mean == pytest.approx(near.additional.mean)
    assert far.annual_rate.mean == pytest.approx(near.annual_rate.mean / 2)
    over = timing.years_of_delivery(near)
    assert list(timing.years_of_delivery(far)) == list(over)
    assert timing.share_of_a_year(far, over) == pytest.approx(timing.share_of_a_year(near, over))
    assert timing.timing(far).peak[0] == timing.timing(near).peak[0]


def test_the_naive_reading_stays_what_it_was():
    """90.3 billion over five years: 18.06 a year of 210.93."""
    found = solved("as_announced")
    assert round(float(found.annual_rate.mean), 4) == 0.0856
    over = timing.years_of_delivery(found)
    assert timing.a_year(found, over) == 18_060
    assert timing.share_of_a_year(found, over) == 18_060 / Fraction(found.known.twelve_months.now["gap_usd_mn"])


def test_scenarios_that_are_compared_share_one_span():
    early, late = answer_of(evenly("2027Q1", 4)), answer_of(evenly("2033Q1", 4))
    over = timing.years_of_delivery(early, late)
    assert (str(over[0]), str(over[-1])) == ("2027Q1", "2033Q4")
    assert timing.a_year(early, over) == timing.a_year(late, over) == Fraction(1000, 7)


def test_an_answer_stands_against_another_over_the_years_of_both():
    one, other = answer_of(evenly("2027Q1", 4), value=3000), answer_of(evenly("2028Q1", 4))
    found = timing.against(one, other)
    assert (str(found.over[0]), str(found.over[-1])) == ("2027Q1", "2028Q4")
    assert (found.own, found.other) == (Fraction(1500, 200_000), Fraction(500, 200_000))
    assert (found.apart, found.times) == (pytest.approx(0.005), pytest.approx(3))
    assert timing.against(one, answer_of(evenly("2028Q1", 4), value=0)) is None


def test_answers_of_two_dates_share_the_years_that_both_forecast():
    old, new = (solve(gather(name, draws=50)) for name in ("seed_2025", "even"))
    assert (str(old.calendar.first), str(timing.years_of_delivery(old)[0])) == ("2025Q2", "2025Q2")
    assert str(timing.years_of_delivery(old, new)[0]) == str(new.calendar.first) == "2026Q3"


def test_what_is_due_after_a_horizon_counts_as_none():
    short = answer_of(evenly("2026Q3", 20), quarters=10)
    over = pd.period_range("2026Q3", periods=20, freq="Q")
    assert timing.a_year(short, over) == Fraction(500 * 4, 20)


def test_little_comes_before_a_quarter_of_the_best_years_pace():
    due = {"2027Q2": "0.04", "2028Q1": "0.1", "2029Q1": "0.38", "2030Q4": "0.36", "2032Q1": "0.12"}
    found = timing.timing(answer_of(due))
    assert (found.little_before, found.little) == (2028, 40)
    assert found.peak == (2029, 2030)
    assert found.at_peak == 370


def test_a_part_of_a_year_counts_at_its_pace():
    """Half a year at two fifths of the best year's pace is no year with little, though it brings a fifth as much."""
    slow = {"2026Q3": "0.02", "2026Q4": "0.02", "2027Q4": "0.2", "2028Q4": "0.2", "2029Q4": "0.2", "2030Q4": "0.2"}
    assert timing.timing(answer_of({**slow, "2031Q1": "0.16"})).little_before is None
    found = timing.timing(answer_of(evenly("2026Q3", 20)))
    assert (found.little_before, found.little) == (None, 0)
    assert (found.peak, found.at_peak) == ((2027, 2030), 200)


def test_nothing_additional_has_no_years():
    none = answer_of(evenly("2027Q1", 4), additionality=fixed(0))
    assert timing.timing(none) is None
    assert len(timing.years_of_delivery(none)) == 0
    assert timing.share_of_a_year(none, timing.years_of_delivery(none)) is None
    with pytest.raises(ValueError, match="no quarters"):
        timing.a_year(none, timing.years_of_delivery(none))


def test_a_common_date_is_the_end_of_the_last_full_year_of_all():
    long, short = answer_of(evenly("2027Q1", 20)), answer_of(evenly("2027Q1", 20), quarters=11)
    assert (timing.common_year([long]), timing.common_year([long, short])) == (2035, 2028)
    assert timing.common_year([answer_of(evenly("2027Q1", 4), quarters=5)]) is None
    assert timing.by_end_of(long, 2028) == timing.by_end_of(short, 2028) == 400
    assert timing.by_end_of(long, 2035) == 1000


def test_what_stood_before_the_talks_goes_by_the_date_of_its_total():
    """T1 is dated before 13 March 2025, T2 on it, T3 in May: 50.15 of the 90.3 stood before."""
    found = of_which(solved("as_announced"))
    assert found == (50_150, 40_150)
    drawn = solved("slipped", draws=2000)
    assert sum(of_which(drawn)) == pytest.approx(float(drawn.additional.mean), rel=1e-12)


def test_a_deal_that_fills_a_total_is_of_that_total():
    filled = solve(gather("named_deals", draws=50))
    means = filled.simulated.by_component[list(filled.calendar.quarters)].sum(axis=1)
    inside = {c.id: c.leaf.tranche for c in filled.included}
    assert inside["SPA-787"] == "T3"
    assert of_which(filled).added == pytest.approx(sum(means[name] for name, total in inside.items() if total != "T1"))


def test_before_anything_was_announced_nothing_stood():
    assert of_which(solve(gather("even", draws=10, as_of="2025-02"))) is None


def test_parts_add_up_and_say_whose_years_a_source_printed():
    slipped, even = (solve(gather(name, draws=200)) for name in ("slipped", "even"))
    for answer in (slipped, even):
        found = timing.parts(answer)
        assert sum(part.announced for part in found) == answer.counted
        assert float(sum(part.additional for part in found)) == pytest.approx(float(answer.additional.mean))
        assert [float(part.additional) for part in found] == sorted((float(p.additional) for p in found), reverse=True)
    by_name = {part.leaf.id: part for part in timing.parts(slipped)}
    printed = {name for name, part in by_name.items() if part.is_printed}
    assert printed == {"VNA-737-2026"}
    assert (str(by_name["VNA-737-2026"].first), str(by_name["VNA-737-2026"].last)) == ("2030Q1", "2032Q4")
    assert by_name["VJ-737-200"].is_open  # its beginning was printed, its end was not
    assert not any(part.is_printed or part.is_open for part in timing.parts(even))
