"""The timeline: dated happenings, read whole or refused with every problem at once."""

import datetime as dt
from decimal import Decimal

import pytest

from builders import known_on, shipped
from tradebalance.case import folder, store
from tradebalance.facts import timeline
from tradebalance.words import terms
from tradebalance.words.problems import Refused
from tradebalance.words.terms import TimelineKind

GOOD = {
    "date": "2025-04-02", "kind": "tariff", "statement": "a rate", "value": "46.0", "unit": "percent",
    "source_url": "https://x.example",
}  # fmt: skip


def read(*rows):
    return timeline.read(timeline.COLUMNS, [(line, GOOD | row) for line, row in enumerate(rows, 2)], "t.csv")


def test_a_row_becomes_a_record_with_its_line():
    (found,) = read({})
    assert found == timeline.Happening(
        dt.date(2025, 4, 2), TimelineKind.TARIFF, "a rate", Decimal("46.0"), "percent", "https://x.example", "t.csv:2"
    )


def test_rows_come_oldest_first_and_keep_their_lines_within_a_day():
    found = read({"date": "2025-08-07"}, {"statement": "b"}, {"statement": "c", "value": "", "unit": ""})
    assert [each.source_id for each in found] == ["t.csv:3", "t.csv:4", "t.csv:2"]
    assert found[1].value is None


def test_every_problem_of_every_row_is_told_at_once():
    with pytest.raises(Refused) as refused:
        read({"date": "2025-4-2"}, {"kind": "tarif"}, {"value": "4,6"}, {"unit": ""}, {"statement": " "})
    told = {(p.row, p.column, p.code) for p in refused.value.problems}
    assert told == {
        (2, "date", "bad_date"),
        (3, "kind", "unknown_key"),
        (4, "value", "ambiguous_number"),
        (5, "unit", "unit_conflict"),
        (6, "statement", "missing_value"),
    }
    assert "did you mean 'tariff'?" in str(refused.value)


def test_a_column_that_is_missing_is_named():
    with pytest.raises(Refused, match="unit: the column is missing"):
        timeline.read([c for c in timeline.COLUMNS if c != "unit"], [], "t.csv")


def test_nothing_after_a_day_is_known_on_it():
    found = read({"date": "2025-04-02"}, {"date": "2025-04-09"})
    assert [each.date.day for each in timeline.known(found, dt.date(2025, 4, 8))] == [2]
    assert len(timeline.known(found, dt.date(2025, 4, 9))) == 2


def test_the_shipped_timeline_holds_the_tariffs_of_the_methods():
    tariffs = [each for each in store.facts(shipped()).timeline if each.kind is TimelineKind.TARIFF]
    rates = {each.date.isoformat(): each.value for each in tariffs}
    assert rates["2025-04-02"] == 46
    assert rates["2025-04-09"] == 10
    assert rates["2025-08-07"] == 20
    assert rates["2026-02-20"] == 0
    assert rates["2026-06-02"] == Decimal("12.5")
    assert [each.value for each in tariffs if each.date == dt.date(2026, 7, 24) and each.unit == "percent"] == [
        Decimal("12.5")
    ]
    others = {each.value: each.statement for each in tariffs if each.unit.startswith("percent on others")}
    assert "Korea" in others[Decimal("12.5")]


def test_the_newest_tariff_action_is_of_the_first_of_october():
    known = known_on("USA")
    assert known.last_action == dt.date(2026, 10, 1)
    assert not [each for each in known.timeline if "Nothing stored after" in each.statement]


def test_the_facts_of_a_month_hold_what_had_happened_by_its_end():
    known = known_on("USA", terms.month("2025-09"))
    assert max(each.date for each in known.timeline) == dt.date(2025, 9, 21)


def test_a_bad_timeline_stops_the_build_beside_other_problems(small_case):
    import hashlib

    where = folder.case(str(small_case("even")))
    for name, old, new in (
        ("timeline/2026-11/timeline", "2025-04-02,tariff", "2025-04-02,duty"),
        ("commitments/2026-11/commitments", "24,USD,bn,list", "24,EUR,bn,list"),
    ):
        file = where.raw / f"{name}.csv"
        before = file.read_bytes()
        after = before.replace(old.encode(), new.encode())
        assert after != before
        file.write_bytes(after)
        beside = where.raw / f"{name}.source.yaml"
        sums = [hashlib.sha256(content).hexdigest() for content in (before, after)]
        beside.write_text(beside.read_text(encoding="utf-8").replace(*sums), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        store.build(where)
    assert {problem.file.split("/")[0] for problem in refused.value.problems} == {"timeline", "commitments"}
