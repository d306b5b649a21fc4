"""Live pledges side by side: what is dated of each, what is due, and the most that came on top, by hand and exactly."""

import csv
from dataclasses import replace
from fractions import Fraction as F

import pandas as pd
import pytest

from builders import leaf
from tradebalance.case import folder, track_inputs
from tradebalance.facts.ledger import Event
from tradebalance.track.live import LivePledge, live_pledge
from tradebalance.track.outturn import About, RiseOutturn
from tradebalance.track.rise import printed_window
from tradebalance.words.cells import vague_date
from tradebalance.words.citations import Citation
from tradebalance.words.terms import Role, Strength, month

MONTHS = "EJAN EFEB EMAR EAPR EMAY EJUN EJUL EAUG ESEP EOCT ENOV EDEC".split()


def event(name: str, value: object, start: str = "", end: str = "", **more: object) -> Event:
    dates = {"delivery_start": vague_date(start), "delivery_end": vague_date(end)}
    return replace(leaf(name, value).event, id=name, tranche=name, source_id=f"{name}:2", **dates, **more)


def pledge(*parts: tuple[Event, bool], exports: object = 12) -> LivePledge:
    """A pledge whose wholes are its parts (event, whether it is a remainder); 10 a month in 2024, then `exports`."""
    leaves = [
        replace(leaf(e.id, e.value_usd_mn), id=e.id, tranche=e.id, event=e, now=e, is_remainder=rest)
        for e, rest in parts
    ]
    months = {
        at: F(10) if at.year == 2024 else F(str(exports)) for at in pd.period_range("2024-01", "2025-06", freq="M")
    }
    printed = {e.id: window for e, _ in parts if (window := printed_window(e))}
    about = About("test", month("2025-08"), "USA", "THA", "THA", "linear", "words", "", (), {})
    announced = {e.id: F(e.value_usd_mn) for e, _ in parts}
    outturn = RiseOutturn(
        months, 2024, announced, printed, max(months), "linear", printed=frozenset(printed), about=about
    )
    return live_pledge(outturn, leaves, [e for e, _ in parts], {f"{e.id}:2": Citation(e.id) for e, _ in parts})


def test_the_parts_of_a_pledge_add_up_to_what_was_announced():
    found = pledge(
        (event("A", 240, "2025-01", "2026-12"), False),
        (event("Y", 12, "2025-04", "2026-03", is_yearly=True), False),
        (event("N", 50, "2025", "not stated"), False),
        (event("R", 7), True),
    )
    assert (found.dated, found.yearly, found.undated, found.unnamed) == (240, 12, 50, 7)
    assert found.announced == 240 + 12 + 50 + 7
    assert found.due == found.due_as_printed == 240 * F(6, 24) + 12 * F(3, 12)
    assert (found.months, found.bound.increment) == (6, 12)
    assert found.due_a_month == F(63, 6)
    assert found.outturn.undated == {"N": 50, "R": 7}
    assert not found.is_assumed


def test_a_value_a_year_is_due_again_in_every_year():
    yearly = pledge((event("Y", 12, "2024-02", "2025-01", is_yearly=True), False))
    once = pledge((event("Y", 12, "2024-02", "2025-01"), False))
    assert yearly.due == 17  # of the seventeen months since, one more than a year by five
    assert once.due == 12
    assert yearly.bound.required is None
    assert yearly.bound.months_left == once.bound.months_left == 0
    assert yearly.yearly == yearly.announced == 12  # counted for its first year


def test_a_part_without_a_window_of_its_own_has_that_of_its_whole():
    whole = event("W", 100, "2025-01", "2025-12", role=Role.HEADLINE)
    part = replace(leaf("P", 60), tranche="W", event=event("P", 60), now=event("P", 60))
    rest = replace(leaf("W-rest", 40), tranche="W", event=whole, now=whole, is_remainder=True)
    found = live_pledge(
        pledge((whole, False)).outturn, [part, rest], [whole], {"P:2": Citation("p"), "W:2": Citation("w")}
    )
    assert (found.dated, found.unnamed, found.undated) == (100, 0, 0)
    assert [p.source.title for p in found.parts] == ["p", "w"]


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-01", "2029-12", 60),
        ("2030", "2032", 36),
        ("2025", "not stated", None),
        ("", "", None),
        ("2025", "2028 for first 50; rest not stated", None),
    ],
)
def test_a_window_is_printed_with_both_its_ends(start, end, months):
    window = printed_window(event("A", 1, start, end))
    assert (window and window.months) == months
    assert window is None or (window.strength, window.recurs) == (Strength.STRONG, False)


# --- the cases ------------------------------------------------------------------------------------


def raw_exports(case):
    """US exports by month from the case's raw file, read apart."""
    (path,) = folder.case(case).raw.glob("us-census/2026-10/*.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["year"]: [F(row[name]) for name in MONTHS] for row in csv.DictReader(lines)}


def live():
    return {found.case: found for found in track_inputs.live(folder.case())}


def test_taiwan_is_at_most_82_1_per_cent_of_28_3_billion_due_by_august_2026():
    found, years = live()["taiwan"], raw_exports("taiwan")
    rise = sum(years["2025"]) + sum(years["2026"][:8]) - sum(years["2024"]) * F(20, 12)
    assert found.bound.increment == rise
    assert found.due == found.due_as_printed == F(84_800) * 20 / 60
    assert (found.dated, found.announced, found.is_assumed) == (84_800, 84_800, False)
    assert (str(found.bound.first), str(found.through)) == ("2025-01", "2026-08")
    assert round(float(found.due) / 1000, 1) == 28.3
    assert round(100 * float(rise / found.due), 1) == 82.1


def test_thailand_is_at_most_81_per_cent_of_what_it_was_to_buy_a_year():
    found, years = live()["thailand"], raw_exports("thailand")
    rise = sum(years["2025"][9:]) + sum(years["2026"][:8]) - sum(years["2024"]) * F(11, 12)
    assert found.bound.increment == rise
    assert found.due == F(2600 + 5400) * 11 / 12
    assert (found.yearly, found.undated, found.dated) == (8000, 18_800, 0)
    assert round(100 * float(rise / found.due)) == 81


def test_of_vietnams_sum_48_4_billion_is_not_itemised_and_no_total_has_a_printed_window():
    found = live()["vietnam"]
    assert (found.announced, found.unnamed) == (90_300, 48_400)
    assert found.dated + found.undated == 90_300 - 48_400
    assert found.is_assumed
    assert found.outturn.printed == frozenset()
    assert found.due_as_printed == 0  # the only window printed in full opens in 2030
    assert found.due == found.outturn.bound.path > 0


def test_a_month_before_an_announcement_leaves_that_pledge_out():
    found = track_inputs.live(folder.case(), month("2025-08"))
    assert [pledge.case for pledge in found] == ["vietnam"]
    with_thailand = track_inputs.live(folder.case(), month("2026-01"))
    assert [pledge.case for pledge in with_thailand] == ["thailand", "vietnam"]
