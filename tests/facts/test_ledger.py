"""The ledger's parts add up to what was announced, each counted once, whatever links and order its rows have."""

import datetime as dt
import itertools
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from builders import table_of
from tradebalance.facts import ledger
from tradebalance.facts.ledger import FOREVER, Event, Leaf
from tradebalance.words.cells import vague_date
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Role, Status

FILE = "commitments/2026-11/commitments.csv"
TABLE = table_of((Path(__file__).resolve().parents[2] / "data/raw" / FILE).read_bytes(), FILE)
ANNOUNCED = Decimal(90_300)  # 50.15 + 4.15 + 36 USD billion, the three official totals
MAY_2025, OCTOBER_2026 = dt.date(2025, 5, 31), dt.date(2026, 10, 31)
NAMED = ["VJ-737-200", "VJ-CFM-2024", "VJ-HON-2024", "VNA-737-2023", "VNA-PW-2019"]

Rows = list[tuple[int, dict[str, str]]]
COLUMNS = ["id", "role", "part_of", "restates", "buyer", "seller", "category", "value", "currency", "unit", "status"]
COLUMNS += ["signed_on", "delivery_start", "delivery_end", "source"]


def the_ledger(**changes: dict[str, str]) -> Rows:
    """The repository's ledger with cells of single rows changed."""
    assert changes.keys() <= {row.cells["id"] for row in TABLE.rows}
    return [(row.line, row.cells | changes.get(row.cells["id"], {})) for row in TABLE.rows]


def made(*rows: dict[str, str]) -> Rows:
    """A ledger of rows that state only what matters to a test; values are USD million."""
    usual = {"buyer": "B", "seller": "S", "category": "energy", "currency": "USD", "unit": "mn", "status": "signed"}
    usual |= {"source": "a paper"}
    return [(line, {name: (usual | row).get(name, "") for name in COLUMNS}) for line, row in enumerate(rows, 2)]


def events(rows: Rows) -> list[Event]:
    return ledger.read(list(rows[0][1]), rows, FILE)


def refused(rows: Rows) -> list[tuple[str, int | None, str | None]]:
    """The code, row and column of every problem that a ledger is refused for."""
    with pytest.raises(Refused) as caught:
        events(rows)
    return [(problem.code, problem.row, problem.column) for problem in caught.value.problems]


def leaves(rows: Rows, at: dt.date = FOREVER) -> dict[str, Leaf]:
    found = ledger.leaves(events(rows), at)
    assert len({leaf.id for leaf in found}) == len(found), "one leaf counted twice"
    return {leaf.id: leaf for leaf in found}


def values(rows: Rows, at: dt.date = FOREVER) -> dict[str, Decimal]:
    return {name: leaf.value_usd_mn for name, leaf in leaves(rows, at).items()}


def carried(found: list[Event], at: dt.date) -> list[tuple[object, ...]]:
    """All that the leaves of a ledger carry into an answer."""
    return [
        (leaf.id, leaf.tranche, leaf.value_usd_mn, leaf.is_remainder, leaf.status, leaf.event.id, leaf.now.id, leaf.ids)
        for leaf in ledger.leaves(found, at)
    ]


@pytest.mark.parametrize("at", [MAY_2025, OCTOBER_2026, FOREVER])
def test_the_leaves_add_up_to_what_was_announced_to_the_dollar(at):
    assert sum(values(the_ledger(), at).values()) == ANNOUNCED


@pytest.mark.parametrize("at", [MAY_2025, OCTOBER_2026])
def test_each_tranche_is_its_named_parts_and_its_remainder(at):
    named: dict[str, Decimal] = {"T1": Decimal(0), "T2": Decimal(0), "T3": Decimal(0)}
    rest = dict(named)
    for leaf in leaves(the_ledger(), at).values():
        (rest if leaf.is_remainder else named)[leaf.tranche] += leaf.value_usd_mn
    assert named == {"T1": Decimal(41_900), "T2": Decimal(0), "T3": Decimal(0)}
    assert rest == {"T1": Decimal(8_250), "T2": Decimal(4_150), "T3": Decimal(36_000)}


def test_nothing_is_announced_before_the_first_tranche_was():
    assert values(the_ledger(), dt.date(2025, 2, 28)) == {}


def test_the_fifty_aircraft_of_vietnam_airlines_are_one_deal_with_three_events():
    deal = ledger.deals(events(the_ledger()))["VNA-737-2026"]
    told = [(event.id, event.value_usd_mn, event.status) for event in deal.events]
    assert told == [
        ("VNA-737-2023", Decimal(7_800), Status.MOU),
        ("VNA-737-2025", Decimal(8_000), Status.MOU),
        ("VNA-737-2026", Decimal(8_100), Status.SIGNED),
    ]


def test_the_fifty_aircraft_count_at_the_value_that_stood_and_with_the_status_of_the_day():
    signed, memorandum = (leaves(the_ledger(), at)["VNA-737-2026"] for at in (OCTOBER_2026, MAY_2025))
    assert signed.value_usd_mn == memorandum.value_usd_mn == Decimal(7_800)
    assert (signed.status, memorandum.status) == (Status.SIGNED, Status.MOU)
    assert signed.now.delivery_start.earliest == dt.date(2030, 1, 1)
    assert signed.now.delivery_end.latest == dt.date(2032, 12, 31)
    assert (memorandum.now.delivery_start.earliest, memorandum.now.delivery_end.latest) == (None, None)


def test_a_deal_changes_on_the_day_of_its_event_and_not_before():
    day = dt.date(2026, 2, 18)
    assert leaves(the_ledger(), day)["VNA-737-2026"].status is Status.SIGNED
    assert leaves(the_ledger(), day - dt.timedelta(days=1))["VNA-737-2026"].status is Status.MOU


@pytest.mark.parametrize("row_id", NAMED)
def test_a_deal_taken_out_of_its_tranche_moves_to_the_remainder(row_id):
    before, after = values(the_ledger()), values(the_ledger(**{row_id: {"part_of": ""}}))
    (gone,) = before.keys() - after.keys()
    assert after == {name: value for name, value in before.items() if name != gone} | {
        "T1-remainder": before["T1-remainder"] + before[gone]
    }
    assert sum(after.values()) == ANNOUNCED


@pytest.mark.parametrize("row_id", NAMED)
def test_a_deal_that_is_not_in_the_ledger_at_all_is_inside_the_remainder(row_id):
    rows, gone = the_ledger(), {row_id}
    for _ in rows:  # whatever hangs on a removed row goes with it, over any number of links
        gone |= {row["id"] for _, row in rows if {row["part_of"], row["restates"]} & gone}
        gone |= {row["restates"] for _, row in rows if row["id"] in gone and row["restates"]}
    kept = [(line, row) for line, row in rows if row["id"] not in gone]
    after, before = values(kept), values(rows)
    (missing,) = before.keys() - after.keys()
    assert after["T1-remainder"] == before["T1-remainder"] + before[missing]
    assert sum(after.values()) == ANNOUNCED


def test_parts_that_exceed_their_tranche_are_refused_by_name():
    with pytest.raises(Refused) as caught:
        events(the_ledger(**{"VJ-CFM-2024": {"value": "16.26"}}))
    (problem,) = caught.value.problems
    assert (problem.code, problem.row, problem.column, problem.value) == ("parts_sum", 2, "value", "50.15")
    assert all(name in problem.reason for name in [*NAMED, "T1", "50160", "50150"])


def test_parts_may_fill_their_tranche_to_the_dollar_and_leave_no_remainder():
    after = values(the_ledger(**{"VJ-CFM-2024": {"value": "16.25"}}))
    assert "T1-remainder" not in after
    assert sum(after.values()) == ANNOUNCED


@pytest.mark.parametrize("turn", range(4))
def test_the_tranche_of_a_row_is_context_and_moves_nothing(turn):
    """In the four turns each row is of each tranche once, and its neighbours of others."""
    tranches = itertools.islice(itertools.cycle(("", "T1", "T2", "T3")), turn, None)
    rows = the_ledger(**{row.cells["id"]: {"tranche": next(tranches)} for row in TABLE.rows})
    assert carried(events(rows), OCTOBER_2026) == carried(events(the_ledger()), OCTOBER_2026)


def test_part_of_alone_makes_a_leaf():
    after = values(the_ledger(**{"SPA-787": {"part_of": "T3"}}))
    assert after == values(the_ledger()) | {"SPA-787": Decimal(22_500), "T3-remainder": Decimal(13_500)}


@pytest.mark.parametrize("role", ["subset", "aggregate", "price_evidence"])
def test_a_row_that_is_no_deal_is_no_leaf_even_with_part_of(role):
    assert values(the_ledger(**{"SPA-787": {"part_of": "T3", "role": role}})) == values(the_ledger())


def test_the_order_of_the_rows_changes_nothing():
    rows = the_ledger()
    in_order = events(rows)
    for seed in range(20):
        random.Random(seed).shuffle(rows)
        shuffled = events(rows)
        for at in (MAY_2025, OCTOBER_2026, FOREVER):
            assert carried(shuffled, at) == carried(in_order, at)


def test_named_deals_without_a_value_are_inside_the_remainder_of_their_tranche():
    inside = ledger.unvalued(events(the_ledger()), OCTOBER_2026)
    stated = {row["id"] for _, row in the_ledger() if row["part_of"] == "T2" and not row["value"]}
    assert {event.id for event in inside} == stated
    assert stated
    assert not stated & leaves(the_ledger()).keys()


def chain(length: int, part: int) -> Rows:
    """A tranche of 100 with one deal restated from year to year, of which one row is a part."""
    steps = [
        {
            "id": f"d{n}",
            "role": "restatement" if n < length else "deal",
            "value": str(10 + n),
            "signed_on": str(2000 + n),
        }
        | {"restates": f"d{n + 1}" if n < length else "", "part_of": "T" if n == part else ""}
        for n in range(length + 1)
    ]
    return made({"id": "T", "role": "headline", "value": "100"}, *steps)


@pytest.mark.parametrize("length", [0, 1, 2, 5])
def test_a_chain_of_restatements_is_one_deal_at_the_value_of_its_part(length):
    for part in range(length + 1):
        found = leaves(chain(length, part))
        deal = found[f"d{length}"]
        assert (deal.value_usd_mn, found["T-remainder"].value_usd_mn) == (10 + part, 90 - part)
        assert (deal.event.id, deal.now.id) == (f"d{part}", f"d{length}")
        assert len(found) == 2


def test_a_restatement_may_point_to_the_older_row_as_well(rows):
    """A deal told three times, each row naming the one before it; the oldest is the tranche's part.

    id,  role,        part_of, restates, value, signed_on, status
    T,   headline,    ,        ,         100,   ,          signed
    new, restatement, ,        mid,      30,    2026,      signed
    mid, restatement, ,        old,      20,    2025,      signed
    old, deal,        T,       ,         10,    2024,      mou
    """
    assert values(rows) == {"old": Decimal(10), "T-remainder": Decimal(90)}
    assert leaves(rows)["old"].now.id == "new"
    assert leaves(rows, dt.date(2025, 12, 31))["old"].now.id == "mid"
    assert leaves(rows, dt.date(2024, 12, 31))["old"].status is Status.MOU


def test_a_part_of_a_part_is_counted_inside_it(rows):
    """A lot of a framework that is a part of a tranche.

    id,    role,     part_of, value
    T,     headline, ,        100
    frame, deal,     T,       60
    lot,   deal,     frame,   50
    """
    assert values(rows) == {"lot": Decimal(50), "frame-remainder": Decimal(10), "T-remainder": Decimal(40)}
    assert {leaf.tranche for leaf in leaves(rows).values()} == {"T"}


def test_two_events_of_one_deal_cannot_both_be_parts_of_a_tranche(rows):
    """The 8.1 billion of 2026 marked a part beside the 7.8 billion of 2023: the same aircraft twice.

    id,    role,        part_of, restates, value
    T,     headline,    ,        ,         100
    early, restatement, T,       late,     10
    late,  deal,        T,       ,         12
    """
    assert refused(rows) == [("double_count", 4, "part_of")]


def test_two_events_of_one_deal_cannot_be_parts_of_two_tranches(rows):
    """As above, of two totals.

    id,    role,        part_of, restates, value
    T,     headline,    ,        ,         100
    U,     headline,    ,        ,         100
    early, restatement, T,       late,     10
    late,  deal,        U,       ,         12
    """
    assert refused(rows) == [("double_count", 5, "part_of")]


def test_a_ledger_without_headlines_is_a_list_of_deals(rows):
    """Deals with a value count, but for their parts' share, and a row that says it is a sum.

    id,      role,      part_of, value
    a,       deal,      ,        10
    b,       deal,      ,        5
    part,    deal,      b,       2
    unknown, deal,      ,
    sum,     aggregate, ,        15
    """
    assert values(rows) == {"a": Decimal(10), "part": Decimal(2), "b-remainder": Decimal(3)}


def test_a_restatement_in_a_ledger_without_headlines_is_not_a_second_deal(rows):
    """A list of deals that has no column for roles.

    id,    restates, value, signed_on
    a,     ,         10,    2024
    again, a,        10,    2025
    """
    assert values(rows) == {"a": Decimal(10)}


def test_every_leaf_names_the_rows_it_comes_from():
    lines = {f"{FILE}:{row.line}": row.cells["id"] for row in TABLE.rows}
    for leaf in leaves(the_ledger(), OCTOBER_2026).values():
        assert [lines[source_id] for source_id in leaf.ids.split()] == list(dict.fromkeys([leaf.event.id, leaf.now.id]))


def test_services_and_finance_are_no_goods_and_a_remainder_is_left_to_its_mix():
    found = leaves(the_ledger(), OCTOBER_2026)
    assert {name for name, leaf in found.items() if not leaf.is_goods} == {"VNA-PW-2019"}


def test_the_table_of_leaves_says_what_the_leaves_do():
    found = leaves(the_ledger(), OCTOBER_2026)
    table = ledger.table(found.values()).set_index("id")
    assert dict(table["value_usd_mn"]) == values(the_ledger(), OCTOBER_2026)
    assert sum(table["value_usd_mn"]) == ANNOUNCED
    assert table.loc["VNA-737-2026", ["status", "delivery_start", "delivery_end"]].tolist() == [
        "signed",
        "2030",
        "2032",
    ]


def test_the_headlines_of_the_ledger_are_the_three_totals():
    headlines = {event.id: event.value_usd_mn for event in events(the_ledger()) if event.role is Role.HEADLINE}
    assert headlines == {"T1": Decimal(50_150), "T2": Decimal(4_150), "T3": Decimal(36_000)}


def test_a_whole_without_a_value_cannot_hold_parts(rows):
    """A total of which only a part has a value.

    id, role,     part_of, value
    T,  headline, ,
    A,  deal,     T,       5
    """
    assert refused(rows) == [("inconsistent", 2, "value")]


def test_a_row_of_context_cannot_hold_parts(rows):
    """A part of a sum that is itself counted nowhere.

    id, role,      part_of, value
    T,  aggregate, ,        9
    A,  deal,      T,       5
    """
    assert refused(rows) == [("inconsistent", 3, "part_of")]


def test_a_row_without_an_id_is_refused(rows):
    """A deal that nothing can name.

    id, value
    ,   5
    """
    assert refused(rows) == [("inconsistent", 2, "id")]


def test_in_a_list_of_deals_the_newest_known_value_counts(rows):
    """A deal told at 3 in 2024 and at 8 in 2025.

    id, restates, role,        value, signed_on
    A,  ,         deal,        3,     2024-03
    B,  A,        restatement, 8,     2025-03
    """
    assert values(rows, dt.date(2024, 12, 31)) == {"A": Decimal(3)}
    assert values(rows, dt.date(2025, 12, 31)) == {"A": Decimal(8)}


@pytest.mark.parametrize(
    ("day", "known"),
    [("2025-03-30", ""), ("2025-03-31", "q"), ("2025-12-30", "q"), ("2025-12-31", "q y"), ("2026-03-12", "q y e")],
)
def test_what_was_said_on_a_vague_date_is_known_on_the_latest_day_that_it_can_mean(rows, day, known):
    """A quarter, a year, a day that another stands before, and no date at all.

    id, value, signed_on
    q,  1,     2025Q1
    y,  2,     2025
    e,  4,     before 2026-03-13
    u,  8,
    """
    assert values(rows, dt.date.fromisoformat(day)).keys() == {*known.split(), "u"}


# --- named deals that fill a tranche --------------------------------------------------------------

LATER = ["AG-TOTAL", "VNA-WB30", "SPA-787", "VJ-PW-2026"]  # 2.9 + 12 + 22.5 + 5.4 = 42.8 billion, more than T3 holds


def fill(at: dt.date, *names: str) -> tuple[dict[str, Leaf], list[str]]:
    known = events(the_ledger())
    found, wrong = ledger.filled(ledger.leaves(known, at), known, at, {"T3": names})
    return {leaf.id: leaf for leaf in found}, wrong


def test_named_deals_fill_a_tranche_in_order_of_date_and_never_add():
    found, wrong = fill(OCTOBER_2026, *LATER)
    assert wrong == []
    assert sum(leaf.value_usd_mn for leaf in found.values()) == ANNOUNCED
    taken = {name: found[name].value_usd_mn for name in LATER if name in found}
    # June 2025, the two of February 2026, and of the widebodies, which have no date, what is left
    assert taken == {"AG-TOTAL": 2_900, "SPA-787": 22_500, "VJ-PW-2026": 5_400, "VNA-WB30": 5_200}
    assert "T3-remainder" not in found
    assert not found["SPA-787"].is_remainder
    assert found["SPA-787"].status is Status.SIGNED


def test_the_deal_that_was_first_fills_first_whatever_it_is_called(rows):
    """Three deals for a rest that holds one and a half: the oldest whole, the next in part, the undated one never.

    id,   role,     value, signed_on
    T,    headline, 30,    2025-03
    a,    deal,     20,
    late, deal,     20,    2026-02
    z,    deal,     20,    2025-06
    """
    known = events(rows)
    found, wrong = ledger.filled(ledger.leaves(known, OCTOBER_2026), known, OCTOBER_2026, {"T": ["a", "late", "z"]})
    assert wrong == []
    assert {leaf.id: leaf.value_usd_mn for leaf in found} == {"z": 20, "late": 10}


def test_a_deal_smaller_than_the_rest_leaves_the_rest_of_it():
    found, _ = fill(OCTOBER_2026, "AG-TOTAL")
    assert found["AG-TOTAL"].value_usd_mn == 2_900
    assert found["T3-remainder"].value_usd_mn == 33_100


def test_a_value_restated_later_fills_nothing_before_it_is_known():
    """The newest row known that has a value counts, and is the one that the leaf names."""
    known = events(the_ledger())
    (old,) = [event for event in known if event.id == "SPA-787"]
    late = vague_date("2026-12-01")
    restated = replace(old, id="SPA-787-late", restates="SPA-787", value_usd_mn=Decimal(1_000), date=late)
    rows = [*known, restated]
    for at, expected in ((OCTOBER_2026, (22_500, old)), (dt.date(2027, 1, 31), (1_000, restated))):
        found, _ = ledger.filled(ledger.leaves(known, at), rows, at, {"T3": ["SPA-787"]})
        assert [(leaf.value_usd_mn, leaf.event) for leaf in found if leaf.id == "SPA-787"] == [expected]


def test_a_deal_not_known_yet_fills_nothing():
    found, wrong = fill(MAY_2025, "SPA-787")
    assert wrong == []
    assert found["T3-remainder"].value_usd_mn == 36_000


@pytest.mark.parametrize("name", ["VJ-737-200", "F26", "AG-IOWA", "NOPE", "LNG-COP", "T1"])
def test_what_is_counted_already_or_is_no_deal_with_a_value_fills_nothing_and_is_named(name):
    found, wrong = fill(OCTOBER_2026, name, "AG-TOTAL")
    assert wrong == [name]
    assert sum(leaf.value_usd_mn for leaf in found.values()) == ANNOUNCED
