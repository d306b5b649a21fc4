"""What has arrived so far: counted at the least, bounded at the most, and never more than imports rose."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
import yaml

from builders import gather
from tradebalance.answers import answer, arrivals
from tradebalance.case import folder, inputs, store
from tradebalance.words.problems import Refused


def solved(**changes):
    return answer.solve(gather("even", **changes))


@pytest.fixture(scope="module")
def evidence():
    where = folder.case()
    return inputs.evidence(where, store.facts(where))


@pytest.fixture(scope="module")
def today():
    return solved(draws=10)


def by_id(result, evidence):
    return {each.leaf.id: each for each in arrivals.bounds(result.known, result.components, evidence)}


def test_the_rise_of_imports_is_that_of_the_methods(today):
    known = today.known
    rise = arrivals.rise(known.events, known.history, known.as_of)
    assert rise.base == 2024
    in_2025 = sum(value for quarter, value in rise.by_quarter.items() if quarter.year == 2025)
    assert in_2025 == Decimal("15603.2") - Decimal("13068.4")  # the years as the publisher prints them: +2.5 bn
    assert round(rise.by_quarter.iloc[-4:].sum() / 1000, 1) == Decimal("4.8")
    assert rise.total == sum(rise.by_quarter)


def test_no_part_has_more_than_the_rise_nor_less_than_its_count(today, evidence):
    found = by_id(today, evidence)
    assert set(found) == {leaf.id for leaf in today.known.leaves}
    most = arrivals.rise(today.known.events, today.known.history, today.known.as_of).total
    for each in found.values():
        assert 0 <= each.low_usd_mn <= each.high_usd_mn <= min(most, each.leaf.value_usd_mn)
        assert each.low_why
        assert each.high_why


def test_the_one_aircraft_went_to_thailand_so_none_is_counted(today, evidence):
    jets = by_id(today, evidence)["VJ-737-200"]
    assert jets.low_usd_mn == 0
    assert "Thailand" in jets.low_why
    assert {"timeline/2026-11/timeline.csv:23", "timeline/2026-11/timeline.csv:28"} <= set(jets.rows)


def test_the_sellers_rate_bounds_the_aircraft(today, evidence):
    """200 of 4,282 orders at 42 a month, September 2025 to June 2026, less the one in Thailand."""
    jets = by_id(today, evidence)["VJ-737-200"]
    units = Fraction(42 * 10 * 200, 4282) - 1
    price, landed = (
        next(a for a in today.assumptions if a.path == path).quantile(0.95)
        for path in ("price_paid_of_announced.list", "landed_in_vietnam.VJ-737-200")
    )
    assert float(jets.high_usd_mn) == pytest.approx(24_000 * float(units) / 200 * price * landed, abs=0.01)


def test_what_opens_later_and_what_is_no_goods_cannot_have_come(today, evidence):
    found = by_id(today, evidence)
    assert found["VNA-737-2026"].high_usd_mn == 0
    assert "2030" in found["VNA-737-2026"].high_why
    assert found["VNA-PW-2019"].high_usd_mn == 0
    assert "services" in found["VNA-PW-2019"].high_why


def test_before_the_first_delivery_no_aircraft_can_have_come(evidence):
    early = by_id(solved(as_of="2025-06", draws=10), evidence)
    assert early["VJ-737-200"].high_usd_mn == 0
    assert "Thailand" not in early["VJ-737-200"].low_why
    assert not [row for row in early["VJ-737-200"].rows if row.startswith("timeline")]


def test_an_aircraft_that_stayed_would_be_counted_at_the_low_price(today, evidence):
    (jets,) = [each for each in evidence if each.deal == "VJ-737-200"]
    stayed = [jets.model_copy(update={"elsewhere": []})]
    found = by_id(today, stayed)["VJ-737-200"]
    price = next(a for a in today.assumptions if a.path == "price_paid_of_announced.list").quantile(0.05)
    assert float(found.low_usd_mn) == pytest.approx(120 * price, abs=0.01)
    assert "counted" in found.low_why


def test_both_ends_are_of_the_last_quarter_that_the_book_holds(today):
    assert arrivals.day_of(today.known) == dt.date(2026, 6, 30)


def test_a_cell_that_holds_something_else_is_refused_with_its_line(small_case):
    where = folder.case(str(small_case("even")))
    text = where.arrivals.read_text(encoding="utf-8").replace('expected: "4282"', 'expected: "4283"')
    where.arrivals.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        inputs.evidence(where, store.facts(where))
    (problem,) = refused.value.problems
    assert (problem.file, problem.code, problem.value) == (
        "data/arrivals.yaml", "inconsistent", "capacity/2026-11/capacity.csv:7",
    )  # fmt: skip
    assert "'4283'" in problem.reason
    assert "'4282'" in problem.reason
    assert problem.row > 1


def test_an_unknown_key_of_the_evidence_is_refused(small_case):
    where = folder.case(str(small_case("even")))
    written = yaml.safe_load(where.arrivals.read_text(encoding="utf-8"))
    written["deals"][0]["rate"] = written["deals"][0].pop("rate_per_month")
    where.arrivals.write_text(yaml.safe_dump(written), encoding="utf-8")
    with pytest.raises(Refused, match="rate: no such key"):
        inputs.evidence(where, store.facts(where))


def test_a_deal_that_the_ledger_does_not_know_or_that_is_told_of_twice_is_refused(small_case):
    where = folder.case(str(small_case("even")))
    text = where.arrivals.read_text(encoding="utf-8")
    first, *_ = yaml.safe_load(text)["deals"]
    assert first["deal"] == "VJ-737-200"
    again = (
        "\n  - {deal: VJ-737-200, moves_with: VJ-CFM-2024, reason: twice}\n  - {deal: VJ-737-20, reason: misspelt}\n"
    )
    where.arrivals.write_text(text.rstrip("\n") + again, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        inputs.evidence(where, store.facts(where))
    assert {(problem.code, problem.value) for problem in refused.value.problems} == {
        ("duplicate_key", "VJ-737-200"), ("inconsistent", "VJ-CFM-2024"), ("inconsistent", "VJ-737-200"),
        ("unknown_parent", "VJ-737-20"),
    }  # fmt: skip


def test_a_case_without_evidence_still_has_bounds(today):
    found = by_id(today, [])
    assert found["VJ-737-200"].low_usd_mn == 0
    assert (
        found["VJ-737-200"].high_usd_mn
        == arrivals.rise(today.known.events, today.known.history, today.known.as_of).total
    )
