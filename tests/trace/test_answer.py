"""From a scenario's figure to announced rows, assumptions with their lines, keys and the gap."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from builders import gather, shipped, solved
from tradebalance.answers import answer, gap
from tradebalance.case import folder, inputs, store
from tradebalance.pages import records
from tradebalance.trace import ask

ROOT = Path(__file__).resolve().parents[2]


def traced_in(result, column, which=""):
    return ask.trace_answer_of(shipped(), shipped().held, result, column, which)


def even():
    return solved("even", draws=200)


@cache
def traced(column, which=""):
    """A figure of `even` in few draws, traced once: the steps of the bridge are drawn again for each."""
    return traced_in(even(), column, which)


TOTALS = ("credited_usd_mn", "delivered_in_horizon_usd_mn", "additional_usd_mn")


def arithmetic(chain):
    return sum((part.weight * part.chain.value for part in chain.parts), Decimal(0))


@pytest.mark.parametrize(
    ("column", "which"),
    [
        *[
            (column, "")
            for column in ("credited_usd_mn", "delivered_in_horizon_usd_mn", "additional_usd_mn", *gap.STEPS)
        ],
        ("additional_usd_mn", "2030"),
        ("additional_usd_mn", "2030Q1"),
        ("additional_usd_mn", "aircraft"),
        ("credited_usd_mn", "VJ-737-200"),
    ],
)
def test_a_sum_over_deals_is_its_parts_times_their_weights(column, which):
    chain = traced(column, which)
    assert abs(arithmetic(chain) - chain.value) < Decimal("0.000001")


def test_traced_figures_are_those_that_the_answer_prints():
    printed = records.as_json(even())
    for column in TOTALS:
        chain = traced(column)
        assert float(chain.value) == pytest.approx(printed[column]["mean"], abs=1e-6)
        assert {point: float(v) for point, v in chain.spread.items()} == pytest.approx(
            {point: printed[column][point] for point in ("p05", "p50", "p95")}, abs=1e-6
        )
    for step in printed["bridge"]:
        assert float(traced(step["step"]).value) == pytest.approx(step["usd_mn"], abs=1e-6)
    for column in ("annual_rate", "best_year"):
        assert float(traced(column).value) == pytest.approx(printed["closure"][column]["mean"], abs=2e-9)
    by_quarter = {row["quarter"]: row for row in printed["by_quarter"]}
    for column in ("baseline_gap_p50_usd_mn", "gap_p05_usd_mn", "gap_p50_usd_mn", "gap_p95_usd_mn"):
        assert float(traced(column, "2030Q1").value) == by_quarter["2030Q1"][column]


def test_the_bridges_traced_steps_add_up_to_the_traced_end():
    steps = sum(traced(step).value for step in gap.STEPS)
    assert abs(steps - traced("additional_usd_mn").value) < Decimal("0.000001")


@pytest.mark.parametrize("column", ["annual_rate", "best_year", "months_of_todays_gap"])
def test_closure_is_the_additional_imports_over_the_gap_with_its_raw_cells(column):
    chain = traced(column)
    over, under = chain.parts
    assert abs(over.weight * over.chain.value / under.chain.value - chain.value) < Decimal("0.00000001")
    assert under.chain.value == even().gap_last_four
    assert {cell.file.split("/")[0] for cell in under.chain.all_cells()} == {"us-census"}
    assert "baseline" in {setting.key for setting in chain.settings}


def test_the_share_of_a_year_leads_to_the_quarters_of_delivery_and_the_cells_of_twelve_months():
    chain, printed = traced("share_a_year"), records.as_json(even())["years_of_delivery"]
    over, under = chain.parts
    assert float(chain.value) == pytest.approx(printed["share_a_year"], abs=2e-9)
    assert abs(over.weight * over.chain.value / under.chain.value - chain.value) < Decimal("0.00000001")
    assert over.chain.period == f"{printed['first_quarter']} to {printed['last_quarter']}"
    assert float(under.chain.value) == pytest.approx(printed["gap_of_a_year_usd_mn"])
    assert len({cell.column for cell in under.chain.all_cells()}) == 24  # two flows in twelve months
    assert {setting.key for setting in chain.settings} >= {"baseline", "horizon", "delivery"}


def test_the_traced_gap_of_a_year_is_that_of_the_answer_in_its_dollars_and_under_a_stated_growth():
    growth = {"method": "growth", "exports": Decimal("0.06"), "imports": Decimal("0.04")}
    for changes in ({"prices": {"dollars_of": 2026}}, {"baseline": growth}):
        result = answer.solve(gather("even", draws=50, changes=changes))
        for column, gap_ in (("share_a_year", result.gap_of_a_year), ("annual_rate", result.gap_last_four)):
            over, under = traced_in(result, column).parts
            assert float(under.chain.value) == pytest.approx(float(gap_), abs=1e-6)
            assert abs(arithmetic(under.chain) - under.chain.value) < Decimal("0.000001")
            shown = traced_in(result, column).value
            assert abs(over.weight * over.chain.value / under.chain.value - shown) < Decimal("0.00000001")


def test_an_exact_scenario_is_traced_exactly():
    result = solved("as_announced")
    chain = traced_in(result, "additional_usd_mn")
    assert chain.value == arithmetic(chain) == 90_300
    assert chain.assumptions == ()


def test_every_assumption_of_the_answer_enters_with_the_line_that_states_it():
    chain = traced("additional_usd_mn")
    entered = {each.path: each for each in chain.assumptions}
    assert {a.path for a in even().assumptions} <= set(entered)
    assert {"category_mix.T1", "books.USA.lag_quarters"} <= set(entered)
    lines = (ROOT / "scenarios" / "_assumptions.yaml").read_text(encoding="utf-8").splitlines()
    by_evidence = {path: each for path, each in entered.items() if path.startswith(("deals.", "arrived."))}
    for path, each in entered.items() - by_evidence.items():
        assert each.file == "scenarios/_assumptions.yaml"
        assert lines[each.row - 1].strip().startswith(f"{path.split('.')[-1]}:")
        assert each.source in lines[each.row - 1]
        assert str(each.strength) in lines[each.row - 1]


def test_what_has_arrived_of_a_deal_has_the_line_of_its_evidence():
    (arrived,) = [each for each in traced("additional_usd_mn").assumptions if each.path.endswith(".arrived")]
    lines = (ROOT / "data" / "arrivals.yaml").read_text(encoding="utf-8").splitlines()
    assert (arrived.path, arrived.file) == ("deals.VJ-737-200.arrived", "data/arrivals.yaml")
    assert "VJ-737-200" in lines[arrived.row - 1]
    assert set(arrived.parts) == {"VJ-737-200", "VJ-CFM-2024"}


def test_what_has_arrived_of_goods_that_nobody_dates_names_the_table_of_their_lines():
    found = [each for each in traced("additional_usd_mn").assumptions if each.path.startswith("arrived.")]
    assert {each.file for each in found} == {"data/commodities.yaml"}
    (farm,) = [each for each in found if each.path == "arrived.agriculture"]
    assert farm.parts == ("T3-remainder: agriculture",)
    assert "March 2025 to June 2026" in farm.source


def test_a_term_of_one_deal_has_the_scenarios_line(small_case):
    where = folder.case(str(small_case("even")))
    file = where.scenarios / "even.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "deals:\n  VJ-737-200:\n    price: 0.4\n", encoding="utf-8")
    result = answer.solve(inputs.gather("even", case=where))
    chain = ask.trace_answer_of(where, store.facts(where), result, "additional_usd_mn")
    (own,) = [each for each in chain.assumptions if each.path == "deals.VJ-737-200.price"]
    assert (own.file, own.row) == ("scenarios/even.yaml", len(file.read_text(encoding="utf-8").splitlines()))
    assert "deals" in {setting.key for setting in chain.settings}


def test_a_step_rests_on_no_assumption_that_acts_after_it():
    sections = {each.path.split(".")[0] for each in traced("list_to_paid_price").assumptions}
    assert sections == {
        "category_mix",
        "mix_concentration",
        "goods_share",
        "landed_in_vietnam",
        "price_paid_of_announced",
    }
    assert {each.path.split(".")[0] for each in traced("announced").assumptions} == set()


def test_what_was_changed_for_a_run_says_so_and_has_no_line():
    result = answer.solve(gather("even", draws=50, changes={"additionality.aircraft": Decimal("0.5")}))
    chain = traced_in(result, "additional_usd_mn")
    (changed,) = [each for each in chain.assumptions if each.path == "additionality.aircraft"]
    assert (changed.form, changed.file, changed.row) == ("0.5", "changed for this run", None)
    draws = next(setting for setting in chain.settings if setting.key == "draws")
    assert (draws.value, draws.file) == ("50", "changed for this run")


def test_an_assumption_that_the_scenario_sets_has_the_scenarios_line(small_case):
    where = folder.case(str(small_case("even")))
    file = where.scenarios / "even.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "set:\n  additionality.aircraft: 0.5\n", encoding="utf-8")
    result = answer.solve(inputs.gather("even", case=where))
    chain = ask.trace_answer_of(where, store.facts(where), result, "additional_usd_mn")
    (own,) = [each for each in chain.assumptions if each.path == "additionality.aircraft"]
    assert (own.file, own.row) == ("scenarios/even.yaml", len(file.read_text(encoding="utf-8").splitlines()))


def test_the_scenarios_keys_stand_where_they_are_said_to():
    lines = (ROOT / "scenarios" / "even.yaml").read_text(encoding="utf-8").splitlines()
    settings = traced("annual_rate").settings
    assert {"seed", "draws", "delivery", "horizon", "reporter", "as_of", "include", "credit"} <= {
        s.key for s in settings
    }
    # changed for this run, and by default
    assert [setting.key for setting in settings if setting.row is None] == ["draws", "tariff"]
    (errors,) = (setting for setting in settings if setting.key == "pooled_errors")
    of_partners = (ROOT / errors.file).read_text(encoding="utf-8").splitlines()
    assert (errors.value, of_partners[errors.row - 1][:7]) == ("2023 to 2025", "2023,1,")
    for setting in settings:
        if setting.row is not None and setting != errors:
            assert lines[setting.row - 1].startswith(f"{setting.key}:")


def test_a_stated_level_of_trade_is_traced_to_the_scenarios_line(command):
    chain = json.loads(command("trace", "gap_last_four_quarters_usd_mn", "--scenario", "seed_2025", "--json").out)
    assert Decimal(chain["value_usd_mn"]) == 4 * 27_300
    line = (ROOT / chain["cells"][0]["file"]).read_text(encoding="utf-8").splitlines()[chain["cells"][0]["row"] - 1]
    assert "31400" in line
