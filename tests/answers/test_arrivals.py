"""What has arrived so far: counted at the least, bounded at the most, and what of it can have come in addition."""

import dataclasses
import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
import yaml

from builders import FIRST, component, fixed, gather, shipped
from tradebalance.answers import answer, arrivals, following, model
from tradebalance.answers.arrivals import Grounds
from tradebalance.answers.draws import Exact
from tradebalance.answers.gap import Calendar
from tradebalance.assumptions import credit
from tradebalance.case import asof, folder, inputs, store, track_inputs
from tradebalance.words.cells import vague_date
from tradebalance.words.problems import Refused
from tradebalance.words.terms import month


def solved(**changes):
    return answer.solve(gather("even", **changes))


@pytest.fixture(scope="module")
def today():
    return solved(draws=10)


@pytest.fixture(scope="module")
def rise():
    return track_inputs.rise_of(shipped())


def by_id(result, **changes):
    """The bounds by part, with changes to what they are told from."""
    grounds = dataclasses.replace(result.inputs.grounds, **changes)
    return {each.leaf.id: each for each in arrivals.bounds(result.known, result.components, grounds)}


def test_no_part_has_more_than_its_lines_brought_nor_less_than_its_count(today, rise):
    found = by_id(today)
    assert set(found) == {leaf.id for leaf in today.known.leaves}
    for each in found.values():
        held = each.held.usd_mn if each.held else each.leaf.value_usd_mn
        assert 0 <= each.low_usd_mn <= each.high_usd_mn <= min(held, each.leaf.value_usd_mn)
        assert 0 <= each.additional_usd_mn <= min(each.high_usd_mn, round(rise.at_most, 2))
        assert each.low_why
        assert each.high_why
    assert found["VNA-PW-2019"].held is None  # a service stands in no line of goods
    rest = found["T3-remainder"]
    assert f"its {len(rest.held.lines)} lines brought" in rest.high_why


def test_the_line_of_aircraft_fell_so_none_of_it_is_additional(today):
    """By the bulletins' rows: what other transport equipment brought since March 2025, and in 2024's same months."""
    jets = by_id(today)["VJ-737-200"]
    monthly = asof.goods_of(case=shipped()).table()
    own = monthly[(monthly["flow"] == "import") & (monthly["category"] == "aircraft")]
    own = own.set_index("period")["value_usd_mn"]
    since = pd.period_range("2025-03", "2026-06", freq="M")
    before = [month - 12 * (month.year - 2024) for month in since]
    assert jets.held.lines == ("Other transport equipment incl. aircraft",)
    assert jets.held.usd_mn == sum(own[since]) == jets.high_usd_mn < jets.uncapped_usd_mn
    assert jets.held.rise_usd_mn == max(sum(own[since]) - sum(own[month] for month in before), 0) == 0
    assert jets.additional_usd_mn == 0
    assert "Other transport equipment incl. aircraft" in jets.high_why


def test_the_lines_of_energy_take_in_what_is_not_itemised(today):
    """LPG, crude oil and LNG have no line: a part with energy in it can stand in other goods."""
    held = by_id(today)["T2-remainder"].held
    assert "Other goods, not itemised" in held.lines
    assert "Computers, electronics and parts" not in held.lines
    assert "Cotton" not in held.lines


def test_a_line_that_nobody_has_mapped_can_hold_anything(today):
    lines = today.inputs.grounds.lines
    unknown = dataclasses.replace(lines, by_line={**lines.by_line, "Tàu bay": [Decimal(900), Decimal(100)]})
    jets = by_id(today, lines=unknown)["VJ-737-200"]
    assert "Tàu bay" in jets.held.lines
    assert jets.held.rise_usd_mn == 800
    assert jets.high_usd_mn == jets.uncapped_usd_mn


def test_the_crude_of_november_2025_is_documented_as_landed_and_only_from_then_on(today):
    assert [event.id for event in arrivals.landed_since(today.known.events, dt.date(2026, 6, 30))] == ["CRD-BSR-1"]
    assert arrivals.landed_since(today.known.events, dt.date(2025, 11, 13)) == []


def test_one_number_can_have_arrived_whatever_book_is_asked(rise):
    """Exports since March 2025 above the level of 2024, July 2024 at what June and August average."""
    exports = rise.exports
    usual = sum(exports[month(f"2024-{m:02d}")] for m in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12))
    usual += (exports[month("2024-06")] + exports[month("2024-08")]) / 2
    since = pd.period_range("2025-03", rise.through, freq="M")
    assert rise.at_most == sum(exports[each] for each in since) - usual * Fraction(len(since), 12)
    assert rise.at_most == sum(weight * exports[each] for each, weight in rise.weights.items())
    seasonal = track_inputs.gather(shipped(), None, "seasonal")
    assert seasonal.at_most == sum(weight * exports[each] for each, weight in seasonal.weights.items())


def test_a_case_without_totals_to_follow_has_no_such_number():
    assert track_inputs.rise_of(folder.case("phase-one")) is None
    assert track_inputs.rise_of(shipped(), month("2025-02")) is None


def test_the_one_aircraft_went_to_thailand_so_none_is_counted(today):
    jets = by_id(today)["VJ-737-200"]
    assert jets.low_usd_mn == 0
    assert "Thailand" in jets.low_why
    assert {"timeline/2026-11/timeline.csv:23", "timeline/2026-11/timeline.csv:28"} <= set(jets.rows)


def test_the_sellers_rate_bounds_the_aircraft(today):
    """200 of 4,282 orders at 42 a month, September 2025 to June 2026, less the one in Thailand."""
    jets = by_id(today, lines=None)["VJ-737-200"]
    units = Fraction(42 * 10 * 200, 4282) - 1
    price, landed = (
        next(a for a in today.assumptions if a.path == path).quantile(0.95)
        for path in ("price_paid_of_announced.list", "landed_in_vietnam.VJ-737-200")
    )
    assert float(jets.high_usd_mn) == pytest.approx(24_000 * float(units) / 200 * price * landed, abs=0.01)
    assert jets.rate == (200, 4282, 42, 10, 1)
    assert jets.rate.at_most == units
    assert f"{float(units):.1f} of 200: 200 of 4,282 orders at 42 a month for 10 months, less 1" in jets.high_why
    assert {id_ for id_, each in by_id(today).items() if each.rate} == {"VJ-737-200"}


def test_what_opens_later_and_what_is_no_goods_cannot_have_come(today):
    found = by_id(today)
    assert found["VNA-737-2026"].high_usd_mn == 0
    assert "2030" in found["VNA-737-2026"].high_why
    assert found["VNA-PW-2019"].high_usd_mn == 0
    assert "services" in found["VNA-PW-2019"].high_why


def test_before_the_first_delivery_no_aircraft_can_have_come():
    early = by_id(solved(as_of="2025-06", draws=10))
    assert early["VJ-737-200"].high_usd_mn == 0
    assert "Thailand" not in early["VJ-737-200"].low_why
    assert not [row for row in early["VJ-737-200"].rows if row.startswith("timeline")]


def test_an_aircraft_that_stayed_would_be_counted_at_the_low_price(today):
    (jets,) = [each for each in today.inputs.grounds.deals if each.deal == "VJ-737-200"]
    found = by_id(today, deals=(jets.model_copy(update={"elsewhere": []}),))["VJ-737-200"]
    price = next(a for a in today.assumptions if a.path == "price_paid_of_announced.list").quantile(0.05)
    assert float(found.low_usd_mn) == pytest.approx(120 * price, abs=0.01)
    assert "counted" in found.low_why
    assert found.starts["VJ-737-200"].parameters[0] == Decimal("0.005")  # one of 200


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
    assert by_id(today, deals=(), lines=None)["VJ-737-200"].low_usd_mn == 0
    held = by_id(today, deals=())["VJ-737-200"]
    assert held.high_usd_mn == held.held.usd_mn.quantize(Decimal("0.000001"))


# --- where a scenario starts ----------------------------------------------------------------------


def test_a_scenario_starts_from_the_bounds_that_page_02_shows(today):
    """Every part that counts starts from what its bounds say, and from nothing where they say nothing."""
    starts = {name: start for each in today.arrived for name, start in each.starts.items()}
    assert len(starts) > 10
    assert {part.id: part.factors.arrived for part in today.components} == {
        part.id: starts.get(part.id, credit.NOTHING) for part in today.components
    }
    assert by_id(today) == {each.leaf.id: each for each in today.arrived}


def high_value(part):
    """A part's goods at the 95 % points of goods, landed and price, in USD million."""
    factors = part.factors.goods, part.factors.landed, part.factors.price
    return float(part.value_usd_mn) * math.prod(float(factor.quantile(0.95)) for factor in factors)


def test_of_the_two_hundred_no_more_than_the_line_of_aircraft_brought(today):
    """The seller's rate allows 18.6 of 200, which at the high points is more than the line brought."""
    (jets,) = [part for part in today.components if part.id == "VJ-737-200"]
    low, middle, high = by_id(today)["VJ-737-200"].starts["VJ-737-200"].parameters
    line = by_id(today)["VJ-737-200"].held.usd_mn
    by_rate = Fraction(42 * 10 * 200, 4282) - 1
    assert (low, middle) == (0, high / 2)
    assert float(high) == pytest.approx(float(line) / high_value(jets), abs=0.001)
    assert float(high) * high_value(jets) <= line
    assert float(high) < float(by_rate) / 200 - 0.005
    free = by_id(today, lines=None)["VJ-737-200"].starts["VJ-737-200"]
    assert float(free.parameters[-1]) == pytest.approx(float(by_rate) / 200, abs=0.001)
    assert free.quantile(0.25) == pytest.approx(float(free.parameters[-1]) / 4)  # as likely anywhere between


def test_engines_have_arrived_as_far_as_the_aircraft_that_carry_them(today):
    found = by_id(today)
    jets, engines = (found[name].starts[name] for name in ("VJ-737-200", "VJ-CFM-2024"))
    assert engines.path == jets.path == "deals.VJ-737-200.arrived"
    assert engines.parameters == jets.parameters
    said = gather("slipped", changes={"deals.VJ-737-200.arrived": 0.05})
    parts = {part.id: part.factors.arrived.mean for part in model.model(said).components}
    assert (parts["VJ-737-200"], parts["VJ-CFM-2024"], parts["VNA-737-2026"]) == (Fraction(1, 20), Fraction(1, 20), 0)


def test_what_nobody_dates_starts_from_its_part_of_the_rise_of_its_lines(today):
    """A second way to the shares: dollar by dollar, line by line from the monthly table and the file of commodities."""
    kinds = yaml.safe_load(shipped().commodities.read_text(encoding="utf-8"))["lines"]
    holds = {line["printed"]: {line["category"], *line.get("also", [])} for line in kinds}
    table = asof.goods_of(case=shipped()).table()
    table = table[(table["flow"] == "import") & (table["commodity"] != "")]
    since = pd.period_range("2025-03", "2026-06", freq="M")
    by_line = table.assign(value=table["value_usd_mn"].astype(float)).groupby(["commodity", "period"])["value"].sum()
    rises = {
        name: sum(by_line.get((name, m), 0) - by_line.get((name, m - 12 * (m.year - 2024)), 0) for m in since)
        for name in holds
    }
    dated = {"VJ-737-200", "VJ-CFM-2024", "VNA-737-2026", "VNA-PW-2019"}
    undated = [part for part in today.components if part.leaf.id not in dated]
    got = dict.fromkeys((part.id for part in undated), 0.0)
    for name, rise in rises.items():
        sharing = {part.id: float(part.value_usd_mn) for part in undated if part.category in holds[name]}
        for part, value in sharing.items():
            got[part] += max(rise, 0) * value / sum(sharing.values())
    starts = {name: start for each in by_id(today).values() for name, start in each.starts.items()}
    for part in undated:
        expected = min(got[part.id] / float(part.value_usd_mn), 1)
        share = starts[part.id].parameters[-1] if part.id in starts else 0
        assert float(share) == pytest.approx(expected, abs=0.001), part.id
    assert starts["T3-remainder: agriculture"].path == "arrived.agriculture"
    assert starts["T1-remainder: energy"] == starts["T3-remainder: energy"]  # one unknown
    assert {part.id for part in undated if part.category == "aircraft"}.isdisjoint(starts)  # the line fell


def test_what_all_start_from_adds_up_to_no_more_than_the_rise_of_the_lines_and_of_all_purchases(today):
    lines = today.inputs.grounds.lines
    rises = sum(max(now - before, 0) for now, before in lines.by_line.values())

    def undated(found):
        return [each for each in found.values() if any(s.path.startswith("arrived.") for s in each.starts.values())]

    found = undated(by_id(today))
    assert len(found) == 4
    assert 0 < sum(each.start_usd_mn for each in found) <= min(rises, today.inputs.grounds.most)
    assert all(each.start_usd_mn <= each.additional_usd_mn for each in found)
    small = undated(by_id(today, most=Fraction(1000)))
    assert 800 < sum(each.start_usd_mn for each in small) <= 1000
    assert undated(by_id(today, most=Fraction(-1000))) == []
    assert undated(by_id(today, lines=None)) == []  # no bulletin tells by kind


def test_no_month_after_the_book_ends_counts_as_arrived(today):
    """July 2026 is printed, and belongs to the forecast's first quarter."""
    assert asof.goods_of(case=shipped()).last() == month("2026-07")
    assert today.inputs.grounds.lines.last == month("2026-06")
    assert today.calendar.first == pd.Period("2026Q3")


def test_in_may_2025_next_to_nothing_had_arrived():
    early = solved(as_of="2025-05", draws=10)
    assert early.inputs.grounds.lines.last == month("2025-03")
    assert sum(each.start_usd_mn for each in early.arrived) < early.known.announced / 200
    starts = {each.leaf.id: each for each in early.arrived}
    assert starts["T3-remainder"].high_usd_mn == 0  # told in May
    assert "announced after" in starts["T3-remainder"].high_why
    assert starts["VJ-737-200"].starts == {}


def test_both_books_start_from_the_lines_of_vietnams_customs(today):
    other = solved(reporter="VNM", draws=10)
    assert other.inputs.grounds.lines == today.inputs.grounds.lines
    starts = [{name: s.parameters for each in a.arrived for name, s in each.starts.items()} for a in (today, other)]
    assert starts[0] == starts[1]


def test_of_a_filled_tranche_the_deals_inside_start_from_their_part():
    """Farm memoranda have a window without an end; aircraft of 2026 stand in a line that fell."""
    filled = model.model(gather("named_deals"))
    arrived = {part.id: part.factors.arrived for part in filled.components}
    assert arrived["AG-TOTAL"].path == "arrived.agriculture"
    assert arrived["AG-TOTAL"].mean > 0
    assert arrived["SPA-787"] == arrived["VNA-WB30"] == arrived["VNA-737-2026"] == credit.NOTHING


def test_a_window_with_two_ends_had_its_elapsed_part_at_most(today):
    jets = next(part for part in today.components if part.leaf.id == "VNA-737-2026")
    now = dataclasses.replace(jets.leaf.now, delivery_start=vague_date("2025Q3"), delivery_end=vague_date("2027Q4"))
    part = dataclasses.replace(jets, leaf=dataclasses.replace(jets.leaf, now=now))
    (found,) = arrivals.bounds(today.known, [part], Grounds())
    assert found.starts[part.id].parameters == (0, Decimal("0.2"), Decimal("0.4"))  # four quarters of ten to 2026Q2


def test_what_starts_a_scenario_is_among_its_files(today):
    assert {"data/arrivals.yaml", "data/commodities.yaml"} < set(today.known.files)
    assert any("vietnam-customs-bulletins" in name for name in today.known.files)


def test_every_dollar_starts_with_the_forecast_where_nothing_is_credited():
    assert {part.factors.arrived.mean for part in model.model(gather("as_announced")).components} == {0}


def test_what_had_arrived_does_not_arrive_again():
    """Of 1,000 a fifth had arrived; the rest falls due in the forecast's eight quarters."""
    (traced,) = following.trace([component(arrived=fixed("0.2"))], Exact(), Calendar(FIRST, 8))
    assert traced.steps["arrived_before"][0] == -200
    assert list(traced.delivered[0]) == [100] * 8
    assert traced.credited[0] == 1000


def test_what_becomes_binding_later_had_not_arrived():
    one = component(conversion=fixed("0.5"), late=fixed(1), arrived=fixed("0.2"), due={FIRST: Fraction(1)})
    (traced,) = following.trace([one], Exact(), Calendar(FIRST, 9))
    assert list(traced.delivered[0]) == [400, *[0] * 7, 500]
    assert traced.steps["arrived_before"][0] == -100


def test_the_bridge_has_a_step_for_what_had_arrived():
    totals = answer.solve(gather("slipped", draws=400)).simulated
    assert totals.steps.at["arrived_before", "mean"] < 0
    for column in ("mean", "order_free"):
        assert totals.steps[column].sum() == pytest.approx(totals.totals.at["additional", "mean"], rel=1e-9)
