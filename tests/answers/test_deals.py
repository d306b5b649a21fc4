"""What a scenario says of one deal alone: its terms act on that deal and on no other, and options are not firm."""

import dataclasses
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from builders import FIRST, beta, component, fixed, gather
from tradebalance.answers import following, gap
from tradebalance.answers.answer import solve
from tradebalance.answers.draws import Exact, Raised, RandomBlock
from tradebalance.answers.gap import Calendar
from tradebalance.answers.model import model
from tradebalance.answers.unused import unused
from tradebalance.assumptions.credit import NOTHING
from tradebalance.case import folder, inputs
from tradebalance.words.problems import CHANGES, Refused

CALENDAR = Calendar(FIRST, 40)
JETS = "VJ-737-200"
TERMS = {
    "conversion": 0.9, "firm": 130, "price": 0.5, "additionality": 0.6, "landed": 0.65, "goods": 0.7,
    "slip_months": 12, "window": "2028Q1..2033Q4",
}  # fmt: skip


def parts(name: str, **changes: object):
    return {part.id: part for part in model(gather(name, changes=changes)).components}


def of_deal(term: str, value: object, deal: str = JETS):
    return {f"deals.{deal}.{term}": value}


# --- terms of one deal ----------------------------------------------------------------------------


@pytest.mark.parametrize("term", TERMS)
def test_a_term_changes_its_deal_and_no_other(term):
    """But for its engines, of which as many can have come as of the aircraft, at their price."""
    before, after = parts("slipped"), parts("slipped", **of_deal(term, TERMS[term]))
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {JETS} == ({"VJ-CFM-2024"} if term in ("price", "landed", "goods") else set())
    assert JETS in changed
    engines = [dataclasses.replace(of["VJ-CFM-2024"].factors, arrived=NOTHING) for of in (before, after)]
    assert engines[0] == engines[1]


@pytest.mark.parametrize(
    ("term", "factor"),
    [("conversion", "conversion"), ("price", "price"), ("additionality", "additionality"), ("landed", "landed"),
     ("goods", "goods")],
)  # fmt: skip
def test_a_number_takes_the_place_of_the_factor(term, factor):
    found = getattr(parts("slipped", **of_deal(term, 0.25))[JETS].factors, factor)
    assert (found.path, found.mean) == (f"deals.{JETS}.{term}", Fraction(1, 4))


def test_a_term_may_be_a_distribution():
    factors = parts(
        "slipped", **of_deal("price", {"beta": [6, 4]}), **of_deal("slip_months", {"median": 6, "sigma": 1})
    )
    assert factors[JETS].factors.price.parameters == (6, 4)
    assert factors[JETS].factors.slip.form == "slip"


def test_pieces_that_are_firm_are_a_share_of_the_ledgers_quantity():
    factors = parts("slipped", **of_deal("firm", 130))[JETS].factors
    assert factors.firm.mean == Fraction(130, 200)
    assert factors.exercise.path == "option_exercise.default"


def test_a_window_takes_the_place_of_the_printed_one():
    found = parts("published", **of_deal("window", "2028Q1..2033Q4", "VNA-737-2026"))["VNA-737-2026"]
    assert [str(quarter) for quarter in (min(found.schedule), max(found.schedule))] == ["2028Q1", "2033Q4"]
    assert len(found.schedule) == 24
    assert sum(found.schedule.values()) == 1
    one = parts("published", **of_deal("window", "2029Q2"))[JETS]
    assert [str(quarter) for quarter in one.schedule] == ["2029Q2"]


def test_a_conversion_of_one_deal_is_as_of_today_and_not_aged():
    before = parts("named_deals")["VNA-WB30"].factors
    after = parts("named_deals", **of_deal("conversion", {"beta": [2, 2]}, "VNA-WB30"))["VNA-WB30"].factors
    assert (after.age_months, after.is_coin, before.is_coin) == (0, True, True)


def test_a_slip_of_one_deal_acts_where_nothing_else_slips():
    before, after = parts("published"), parts("published", **of_deal("slip_months", 24, "VNA-737-2026"))
    assert after["VNA-737-2026"].factors.slip.mean == 8
    assert {part.factors.slip.mean for name, part in before.items()} == {0}


def test_terms_stand_under_deals_in_a_file_and_under_set_and_in_changes_alike():
    terms = {"conversion": Decimal("0.9"), "window": "2028Q1..2033Q4"}
    whole = parts("slipped", deals={JETS: terms})
    single = parts("slipped", **{f"deals.{JETS}.{term}": value for term, value in terms.items()})
    by_set = parts("slipped", set={f"deals.{JETS}.{term}": value for term, value in terms.items()})
    assert whole[JETS] == single[JETS] == by_set[JETS]


def test_no_draw_of_another_deal_moves_with_a_term():
    before, after = (
        solve(gather("slipped", draws=500, changes=c)).simulated.by_component for c in ({}, of_deal("price", 1))
    )
    others = before.index.drop(JETS)
    np.testing.assert_allclose(
        after.loc[others, "credited"].astype(float), before.loc[others, "credited"].astype(float), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("changes", "code", "column", "words"),
    [
        ({"deals.VJ-737-20.firm": 1}, "unknown_key", "deals.VJ-737-20.firm", "did you mean 'VJ-737-200'?"),
        ({"deals.VJ-737-200.convrsion": 1}, "unknown_key", "deals.VJ-737-200.convrsion", "did you mean 'conversion'?"),
        ({"deals.VJ-737-200.conversion": 2}, "out_of_range", "deals.VJ-737-200.conversion", "from 0 to 1"),
        ({"deals.VJ-737-200.firm": 300}, "out_of_range", "deals.VJ-737-200.firm", "at most so many"),
        ({"deals.VJ-HON-2024.firm": 1}, "out_of_range", "deals.VJ-HON-2024.firm", "leave it out"),
        ({"deals.T1-remainder.firm": 1}, "out_of_range", "deals.T1-remainder.firm", "leave it out"),
        ({"deals.VJ-737-200.firm": {"beta": [1, 2]}}, "wrong_type", "deals.VJ-737-200.firm", "give value in firm"),
        ({"deals.VJ-737-200.window": 7}, "wrong_type", "deals.VJ-737-200.window", "give first in window"),
        ({"deals.VJ-737-200.window": "2029Q1..2028Q1"}, "bad_interval", "deals.VJ-737-200.window", "correct one"),
        ({"deals.VJ-737-200": 7}, "wrong_type", "deals.VJ-737-200", "correct the value"),
    ],
)
def test_a_wrong_term_is_refused_by_name(changes, code, column, words):
    with pytest.raises(Refused) as caught:
        model(gather("slipped", changes=changes))
    found = {(problem.code, problem.file, problem.column) for problem in caught.value.problems}
    assert found == {(code, CHANGES, column)}
    assert any(words in problem.fix for problem in caught.value.problems)


def test_all_wrong_terms_are_told_at_once():
    wrong = {"deals.NOBODY.price": 1, "deals.VJ-737-200.firm": 300, "deals.NOTHING.goods": 1}
    with pytest.raises(Refused) as caught:
        model(gather("slipped", changes=wrong))
    assert sorted(problem.column for problem in caught.value.problems) == sorted(wrong)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("even", of_deal("window", "2028Q1..2033Q4"), "every part starts with the forecast"),
        ("even", of_deal("slip_months", 12), "every part starts with the forecast"),
        ("slipped", of_deal("exercise", 0.5), "the ledger tells of no options"),
        ("slipped", of_deal("price", 0.5, "SPA-787"), "no part of the announced sum here"),
        ("slipped", {**of_deal("price", 0.5), "include.status": ["mou"]}, "the scenario leaves VJ-737-200 out"),
        ("as_announced", of_deal("price", 0.5), "the scenario's credit is none"),
        ("slipped", {**of_deal("goods", 0), **of_deal("additionality", 1)}, "brings no goods"),
        ("slipped", {**of_deal("window", "2030Q1"), "delivery.milestones": {"2027Q1": 1},
                     "delivery.profile": "milestones"}, "arrives on milestones"),
    ],
)  # fmt: skip
def test_a_term_that_moves_nothing_is_told_of(name, changes, words):
    found = [
        warning
        for warning in unused(model(gather(name, changes=changes)))
        if (warning.column or "").startswith("deals.")
    ]
    assert [words in warning.reason for warning in found] == [True], found
    assert found[0].file == CHANGES


@pytest.mark.parametrize("term", TERMS)
def test_a_term_that_acts_is_not_told_of(term):
    assert unused(model(gather("slipped", changes=of_deal(term, TERMS[term])))) == []


def test_exercise_acts_where_there_are_options():
    both = {**of_deal("firm", 100), **of_deal("exercise", 0.5)}
    assert unused(model(gather("slipped", changes=both))) == []
    assert parts("slipped", **both)[JETS].factors.exercise.mean == Fraction(1, 2)


def test_what_raises_the_conversion_of_all_raises_that_of_one_too():
    raised = Raised(1, 0, 3, sections=("conversion",), times=2.0)
    assert list(raised.value(fixed("0.3", f"deals.{JETS}.conversion"))) == [0.6]
    assert list(raised.value(fixed("0.3", f"deals.{JETS}.price"))) == [0.3]


# --- options --------------------------------------------------------------------------------------


def test_an_option_is_no_order_until_it_is_exercised():
    """Of 1,000 a quarter is firm; of the rest a fifth is taken up: 400 are ordered, and half of it becomes binding."""
    one = component(firm=fixed("0.25"), exercise=fixed("0.2"), conversion=fixed("0.5"))
    (traced,) = following.trace([one], Exact(), CALENDAR)
    assert traced.steps["options_not_exercised"][0] == -600
    assert traced.steps["not_binding"][0] == -200
    assert traced.credited[0] == 200


def test_all_firm_or_all_exercised_is_the_whole_deal():
    whole = [
        following.trace([component(firm=fixed(firm), exercise=fixed(exercise))], Exact(), CALENDAR)[0].credited[0]
        for firm, exercise in ((1, 0), (0, 1), ("0.5", 1))
    ]
    assert whole == [1000, 1000, 1000]


def test_the_mean_of_what_is_credited_is_firm_plus_options_times_exercise():
    one = component(firm=beta(2, 2, "firm"), exercise=beta(1, 1, "exercise"), conversion=fixed("0.3"))
    (traced,) = following.trace([one], RandomBlock(1, 0, 8192), CALENDAR)
    assert traced.credited.mean() == pytest.approx(1000 * 0.3 * 0.75, rel=0.01)


def test_the_forty_of_sun_phuquoc_are_not_all_firm_and_the_fifty_of_vietnam_airlines_are():
    found = parts("named_deals")
    sun, fifty = found["SPA-787"].factors, found["VNA-737-2026"].factors
    assert (sun.firm.path, sun.exercise.path) == ("firm_share_where_undisclosed.default", "option_exercise.default")
    assert (fifty.firm.mean, fifty.exercise.mean) == (1, 1)


def test_a_split_that_the_ledger_tells_is_taken_from_it():
    """Of the widebodies in talks say 12 were firm: the ledger's row, not an assumption, says 0.4."""
    before = gather("named_deals")
    split = {"firm_quantity": Decimal(12), "option_quantity": Decimal(18)}
    events = tuple(
        dataclasses.replace(event, **(split if event.id == "VNA-WB30" else {})) for event in before.known.events
    )
    told = dataclasses.replace(before, known=dataclasses.replace(before.known, events=events))
    found = {part.id: part for part in model(told).components}["VNA-WB30"].factors
    assert (found.firm.mean, str(found.firm.strength)) == (Fraction(12, 30), "strong")
    assert "VNA-WB30" in found.firm.source


def test_the_bridge_has_a_step_for_options_and_still_adds_up():
    result = solve(gather("named_deals", draws=500))
    steps = result.simulated.steps["mean"]
    assert steps["options_not_exercised"] < 0
    assert steps.sum() == pytest.approx(result.simulated.totals.at["additional", "mean"], rel=1e-9)
    assert gap.STEPS.index("options_not_exercised") < gap.STEPS.index("not_binding")
    assert solve(gather("slipped", draws=200)).simulated.steps.at["options_not_exercised", "mean"] == 0


def test_every_shipped_ledger_can_be_asked_of_its_options():
    for case in ("phase-one", "taiwan", "thailand"):
        where = folder.case(case)
        model(inputs.gather(inputs.names(where)[0], case=where))
