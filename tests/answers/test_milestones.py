"""Dated milestones of deals: how their chances are made, what the ledger says became of them, and Brier's score."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from builders import beta, fixed, known_on, shipped
from tradebalance.answers import milestones
from tradebalance.answers.milestones import BECOMES_BINDING, HAPPENED, MISSED, OPEN
from tradebalance.case import inputs
from tradebalance.words.cells import vague_date
from tradebalance.words.terms import Status, month, quarter


@pytest.fixture(scope="module")
def assumed():
    return inputs.parse_assumptions(inputs.document(shipped(), inputs.ASSUMPTIONS))


@pytest.fixture(scope="module")
def found(assumed):
    return milestones.milestones(known_on("USA"), assumed)


def test_the_chance_within_the_evidences_span_is_the_aged_mean_and_halves_multiply():
    memorandum = beta(2, 3, "conversion.mou")
    assert milestones.within(memorandum, 0, 24) == pytest.approx(2 / 5)
    assert milestones.within(memorandum, 12, 24) == pytest.approx(2 / 5.5)
    shares = np.random.default_rng(1).beta(2, 3.5, 400_000)
    assert milestones.within(memorandum, 12, 12) == pytest.approx(1 - np.sqrt(1 - shares).mean(), abs=0.002)
    assert milestones.within(fixed("0.36"), 99, 12) == pytest.approx(0.2)
    assert milestones.within(memorandum, 12, 0) == 0


def test_every_deal_that_is_not_binding_has_a_chance_by_its_status_and_age(found, assumed):
    known = known_on("USA")
    own = {(one["deal"], one["by"]): one for one in found if one["event"] == BECOMES_BINDING}
    assert {one["status"] for one in own.values()} <= {"mou", "negotiating", "planned"}
    months = (known.as_of - pd.Period("2025-03", freq="M")).n
    late = own["LNG-COP", str(known.as_of + 24)]
    gas = assumed.first_of("conversion.mou.energy")
    assert late["probability"] == pytest.approx(float(gas.aged(months).mean), abs=1e-4)
    assert own["LNG-COP", str(known.as_of + 12)]["probability"] < late["probability"]


def test_what_the_ledger_prints_next_has_a_chance_if_its_date_is_still_to_come(found):
    printed = {one["deal"]: one for one in found if one["event"] != BECOMES_BINDING}
    assert {one["by"] for one in printed.values()} == {"2027-12", "2028-12", "2030-12", "2031-12"}
    assert "VJ-PW-2026" not in printed  # due in July 2026
    first = printed["VNA-737-2026"]
    assert (first["event"], first["status"], first["confidence"]) == ("first aircraft", "signed", "high")
    assert len({(one["deal"], one["event"], one["by"]) for one in found}) == len(found)


def test_a_printed_event_comes_if_the_deal_is_binding_and_not_cancelled_and_not_late(found, assumed):
    """A signed aircraft deal and a memorandum, worked out from their priors one by one."""
    events = {event.id: event for event in known_on("USA").events}
    printed = {one["deal"]: one["probability"] for one in found if one["event"] != BECOMES_BINDING}
    slips = assumed.first_of("slip_months.aircraft").quarters
    in_time = np.mean([float(sum(slips[: n + 1])) for n in range(4)])  # of any quarter of 2030
    kept = np.exp(-float(assumed.first_of("cancellation_per_year.aircraft").mean) * 50 / 12)
    assert printed["VNA-737-2026"] == pytest.approx(in_time * kept, abs=1e-4)
    oil = events["BSR-CVX-2026"]
    chance = milestones.binding(oil, month("2026-10"), 14, assumed)
    assert chance == pytest.approx(milestones.within(assumed.first_of("conversion.mou.energy"), 8, 14), abs=1e-9)
    assert printed["BSR-CVX-2026"] < chance
    beyond = milestones.binding(oil, month("2026-10"), 48, assumed)
    late = assumed.first_of("late_conversion.energy", "late_conversion.default")
    soon = milestones.binding(oil, month("2026-10"), 24, assumed)
    assert beyond == pytest.approx(1 - (1 - soon) * (1 - milestones.within(late, 0, 24)))


@pytest.mark.parametrize(
    ("on", "first", "quarters"),
    [
        ("2027", "2026Q3", [3, 2, 1, 0]),
        ("2027Q2", "2026Q3", [0]),
        ("end-2027", "2026Q3", [0]),
        ("before 2027-07-01", "2026Q3", [0]),
    ],
)
def test_an_event_is_planned_in_each_quarter_of_its_date_alike(assumed, on, first, quarters):
    told = dataclasses.replace(
        next(e for e in known_on("USA").events if e.id == "VNA-737-2026"), next_event_on=vague_date(on)
    )
    slips = assumed.first_of("slip_months.aircraft").quarters
    expected = np.mean([float(sum(slips[: n + 1])) for n in quarters])
    assert milestones.in_time(told, quarter(first), assumed) == pytest.approx(expected)


def test_of_a_date_that_has_begun_what_is_over_of_the_slip_is_over(assumed):
    """Half of 2026 is over: the event, planned in any quarter of it, has not come, and slips by what is left."""
    told = dataclasses.replace(
        next(e for e in known_on("USA").events if e.id == "VNA-737-2026"), next_event_on=vague_date("2026")
    )
    left = assumed.first_of("slip_months.aircraft").after(2).quarters
    to_last = [float(sum(left[: n + 1])) for n in (1, 1, 1, 0)]
    assert milestones.in_time(told, quarter("2026Q3"), assumed) == pytest.approx(np.mean(to_last))


def told(name, *rows, **said):
    """A memorandum of March 2025 and later rows of it, each a day, a status and what it says has happened."""
    first = dataclasses.replace(
        next(e for e in known_on("USA").events if e.id == "LNG-COP"), id=name, restates="", part_of="", **said
    )
    found = [first]
    for n, (day, status, happened) in enumerate(rows):
        date = dataclasses.replace(first.date, earliest=day, latest=day)
        later = {"status": status, "happened": happened, "date": date, "restates": name}
        found.append(dataclasses.replace(first, id=f"{name}{n}", **later))
    return found


def kept(deal, by, probability, event=BECOMES_BINDING):
    return {"deal": deal, "event": event, "by": by, "probability": probability, "as_of": "2026-10"}


def test_a_milestone_is_scored_when_its_date_has_come():
    """Of three memoranda one is signed in time, one too late, one not at all."""
    ledger = [
        *told("A", (dt.date(2027, 1, 5), Status.SIGNED, "")),
        *told("B", (dt.date(2027, 12, 5), Status.SIGNED, "")),
        *told("C"),
    ]
    dated = [*(kept(name, "2027-10", 0.3) for name in "ABC"), kept("C", "2028-10", 0.9)]
    early, late = month("2027-02"), month("2028-01")
    found = milestones.resolved(dated, ledger, early)
    assert [one["outcome"] for one in found] == [HAPPENED, OPEN, OPEN, OPEN]
    assert milestones.brier(found, early) == {"kept": 4, "due": 0, "brier": None}  # not only what came is scored
    found = milestones.resolved(dated, ledger, late)
    assert [one["outcome"] for one in found] == [HAPPENED, MISSED, MISSED, OPEN]
    expected = pytest.approx((0.49 + 0.09 + 0.09) / 3)
    assert milestones.brier(found, late) == {"kept": 4, "due": 3, "brier": expected}


def test_a_printed_event_has_come_where_a_later_row_names_it_or_all_is_delivered():
    ledger = [
        *told("A", (dt.date(2027, 1, 5), Status.SIGNED, "first cargo")),
        *told("B", (dt.date(2027, 1, 5), Status.SIGNED, "another one")),
        *told("C", (dt.date(2027, 1, 5), Status.DELIVERED, "")),
        *told("D", (dt.date(2026, 9, 5), Status.SIGNED, "first cargo")),  # before the forecast: of an earlier cargo
    ]
    dated = [kept(name, "2027-06", 0.5, "first cargo") for name in ("A", "B", "C", "D", "gone")]
    found = milestones.resolved(dated, ledger, month("2027-06"))
    assert [one["outcome"] for one in found] == [HAPPENED, MISSED, HAPPENED, MISSED, MISSED]
