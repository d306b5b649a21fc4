"""The shipped scenarios on the real figures: what readers quote, and what must never move."""

import dataclasses
import json
import random
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

import tradebalance
from builders import gather
from tradebalance.answers import answer, gap
from tradebalance.answers.answer import Solution, contributions, solve
from tradebalance.case import folder, inputs
from tradebalance.pages import uncertainty
from tradebalance.pages.records import as_json
from tradebalance.words.problems import Refused

NAMES = inputs.names(folder.case())


@pytest.fixture(scope="module")
def answers() -> dict[str, Solution]:
    return {name: solve(gather(name, draws=1000)) for name in NAMES}


def test_seed_2025_is_exact(answers):
    seed = answers["seed_2025"]
    assert set(seed.baseline["gap_usd_mn"]) == {Decimal("27300")}
    assert seed.gap_last_four == 4 * 27_300
    assert str(seed.calendar.first) == "2025Q2"
    assert all(row["baseline_gap_p50_usd_mn"] == 27_300 for row in as_json(seed)["by_quarter"])


def test_as_announced_delivers_every_announced_dollar(answers):
    result = answers["as_announced"]
    delivered = result.simulated.totals.at["delivered", "mean"]
    to_come = -result.simulated.steps["mean"]["after_the_horizon"]
    assert result.known.announced == 90_300
    assert delivered + to_come == 90_300
    assert result.annual_rate.mean == Fraction(90_300, 5) / Fraction("210931.5")
    assert round(float(result.annual_rate.mean), 4) == 0.0856


# quantiles of fewer draws lie wider apart from what an independent trial found
DRAWS = pytest.mark.parametrize(("draws", "within"), [(4000, 0.25), pytest.param(20_000, 0.1, marks=pytest.mark.slow)])


@DRAWS
def test_the_trial_of_the_methods_is_met(draws, within):
    """Credited 16.8 (10.6 to 24.6), additional 8.4 (5.2 to 12.4): 0.48 months of today's gap, 0.40 % a year."""
    even = solve(gather("even", draws=draws, **{"correlation.political": 0}))
    totals = even.simulated.totals.astype(float) / 1000
    assert totals.loc["credited", ["mean", "p05", "p95"]].tolist() == pytest.approx([16.8, 10.6, 24.6], abs=within)
    assert totals.loc["additional", ["mean", "p05", "p95"]].tolist() == pytest.approx([8.4, 5.2, 12.4], abs=within)
    assert even.months_of_todays_gap.mean == pytest.approx(0.48, abs=0.01)
    assert even.annual_rate.mean == pytest.approx(0.0040, abs=0.0001)


@DRAWS
def test_the_trial_with_windows_and_slip_is_met(draws, within):
    """Additional 6.5 (3.6 to 10.0) with independent deals; common factors widen the range and leave the mean."""
    independent = {"correlation.political": 0, "correlation.seller": 0}
    alone, together = (solve(gather("slipped", draws=draws, changes=c)).simulated.totals for c in (independent, {}))
    found = alone.astype(float).loc["additional", ["mean", "p05", "p95"]] / 1000
    assert found.tolist() == pytest.approx([6.5, 3.6, 10.0], abs=within)
    assert together.at["additional", "mean"] == pytest.approx(alone.at["additional", "mean"], rel=within / 10)
    assert together.at["additional", "p05"] < alone.at["additional", "p05"]
    assert together.at["additional", "p95"] > alone.at["additional", "p95"]


@pytest.mark.parametrize("name", NAMES)
def test_the_bridge_ends_at_the_additional_imports(answers, name):
    result = answers[name]
    end = float(sum(result.simulated.steps["mean"]))
    assert end == pytest.approx(float(result.simulated.totals.at["additional", "mean"]), rel=1e-9)
    assert list(result.bridge.index) == gap.STEPS


@pytest.mark.parametrize("name", NAMES)
def test_shown_contributions_add_up_to_the_shown_total(answers, name):
    parts = contributions(answers[name])
    totals = answers[name].simulated.totals["mean"]
    for column in ("credited", "delivered", "additional"):
        assert float(parts[column].sum()) == pytest.approx(float(totals[column]), rel=1e-9)


def test_the_profile_moves_deliveries_but_not_what_is_credited(answers):
    credited = {answers[n].simulated.totals.at["credited", "mean"] for n in ("even", "front_loaded", "back_loaded")}
    assert len(credited) == 1
    rate = {n: answers[n].annual_rate.mean for n in ("even", "front_loaded", "back_loaded")}
    assert rate["front_loaded"] > rate["even"] > rate["back_loaded"]  # later deliveries are cancelled more often


def test_stalled_counts_only_named_signed_deals(answers):
    result = answers["stalled"]
    included = {c.leaf.id for c in result.components if c.included}
    assert included == {"VJ-737-200", "VJ-CFM-2024", "VJ-HON-2024", "VNA-737-2026", "VNA-PW-2019"}
    assert result.simulated.steps["mean"]["left_out_by_the_scenario"] == pytest.approx(-48_400)


def test_zero_conversion_and_zero_remainders_give_the_baseline():
    none = {"conversion.signed": 0} | {f"remainder_fraction.{t}": 0 for t in ("T1", "T2", "T3")}
    result = solve(gather("even", draws=2000, **none))
    pd.testing.assert_frame_equal(result.simulated.gap, result.simulated.without_deals, check_exact=True)
    for row in as_json(result)["by_quarter"]:
        assert row["gap_p50_usd_mn"] == row["baseline_gap_p50_usd_mn"]


def test_the_median_path_without_deals_is_the_baseline(answers):
    for result in answers.values():
        path, drawn = (x.astype(float) for x in (result.baseline["gap_usd_mn"], result.simulated.without_deals["p50"]))
        assert list(drawn) == pytest.approx(list(path), rel=1e-12)


def test_the_order_of_ledger_rows_changes_no_figure(answers):
    shuffled = list(answers["even"].known.leaves)
    random.Random(4).shuffle(shuffled)
    known = dataclasses.replace(answers["even"].known, leaves=tuple(shuffled))
    again = solve(dataclasses.replace(answers["even"].inputs, known=known))
    one, other = as_json(answers["even"]), as_json(again)
    assert other["additional_usd_mn"] == pytest.approx(one["additional_usd_mn"], rel=1e-12)
    assert other["closure"]["best_year_label"] == one["closure"]["best_year_label"]


def test_printed_windows_are_used_from_announced_and_only_there():
    printed = solve(gather("even", draws=100, **{"delivery.from": "announced"}))
    due = {c.leaf.id: c.schedule for c in printed.components}
    assert (str(min(due["VNA-737-2026"])), str(max(due["VNA-737-2026"]))) == ("2030Q1", "2032Q4")
    assert str(min(due["VJ-737-200"])) == "2026Q3"


def test_the_same_inputs_give_the_same_json():
    one, other = (json.dumps(as_json(solve(gather("even", draws=500)))) for _ in range(2))
    assert one == other


def test_an_override_is_used_and_says_so():
    result = solve(gather("even", draws=500, **{"additionality.aircraft": {"beta": [2, 8]}}))
    used = {a.path: a for a in result.assumptions}["additionality.aircraft"]
    assert used.mean == Fraction(1, 5)
    assert used.source == "set by the scenario"


def test_as_of_replays_what_was_known():
    result = solve(gather("even", draws=100, as_of="2025-05"))
    assert str(result.calendar.first) == "2025Q2"
    assert "hindsight" in result.known.words
    status = {leaf.id: str(leaf.status) for leaf in result.known.leaves}
    assert status["VNA-737-2026"] == "mou"


def test_the_last_four_quarters_are_named(answers):
    assert [str(q) for q in answers["even"].known.last_four] == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]


def test_closure_is_undefined_without_a_surplus():
    levels = {"baseline": {"method": "fixed", "exports_usd_mn": 100, "imports_usd_mn": 200}}
    result = solve(gather("even", draws=100, **levels))
    assert result.annual_rate is None
    assert as_json(result)["closure"]["annual_rate"] is None


def test_sources_and_checksums_name_every_input(answers):
    files = as_json(answers["even"])["inputs"]
    assert set(files) == {
        "data/raw/us-census/2026-10/vietnam.csv",
        "data/raw/commitments/2026-11/commitments.csv",
        "data/corrections.yaml",
        "scenarios/_assumptions.yaml",
        "scenarios/even.yaml",
    }
    assert files["data/raw/us-census/2026-10/vietnam.csv"].startswith("ed7d924753b5")
    assert tradebalance.__version__ == as_json(answers["even"])["version"]


# --- nominal against constant dollars, by hand ----------------------------------------------------


RATES = {
    "prices.escalation_per_year": Decimal("0.03"),
    "prices.inflation_per_year": Decimal("0.02"),
    "prices.base_year": 2025,
}


@pytest.fixture(scope="module")
def stated():
    return solve(gather("as_announced", changes=RATES))


def test_aircraft_escalate_to_their_year_and_all_is_deflated_to_the_base_year(stated):
    table = answer.at_prices(stated)
    share = 4 / 20
    planes = (24_000 + 7_800 + 0.30 * 8_250 + 0.35 * 36_000) * share
    year = table.loc[2028]
    assert year["announced_prices"] == pytest.approx(90_300 * share)
    assert year["nominal"] == pytest.approx(90_300 * share + planes * (1.03**3 - 1))
    assert year["constant"] == pytest.approx(year["nominal"] / 1.02**3)
    assert table["announced_prices"].sum() == pytest.approx(90_300)


def test_the_number_of_aircraft_is_that_of_the_deals_that_print_one(stated):
    """As announced: all of Vietjet's 200 and Vietnam Airlines' 50 arrive over the horizon."""
    assert answer.at_prices(stated)["aircraft"].sum() == pytest.approx(250)


def test_dollars_over_the_paid_unit_price_are_the_aircraft_that_add():
    found = solve(gather("even", draws=2000, changes=RATES))
    (vietjet,) = [c for c in found.components if c.id == "VJ-737-200"]
    mean = {name: float(getattr(vietjet.factors, name).mean) for name in ("landed", "capture", "additionality")}
    most = 250 * 1.05 * mean["capture"] * mean["additionality"]
    planes = answer.at_prices(found)["aircraft"].sum()
    assert 0.5 * most * mean["landed"] < planes < most
    assert answer._paid_each(vietjet) == pytest.approx(24_000 / 200 * 0.5)


def test_a_deal_that_fills_a_rest_in_part_is_priced_by_its_own_row():
    """12 billion for 30 widebodies, of which 5.2 fill the rest; Vietnam's book counts freight and insurance too."""
    ours, theirs = (
        next(c for c in solve(gather("named_deals", reporter=book, draws=300)).components if c.id == "VNA-WB30")
        for book in ("USA", "VNM")
    )
    assert ours.value_usd_mn == 5_200
    assert answer._paid_each(ours) == pytest.approx(12_000 / 30 * float(ours.factors.price.mean))
    assert answer._paid_each(theirs) == pytest.approx(1.03 * answer._paid_each(ours))


def test_without_rates_there_is_no_such_view_and_the_page_says_why():
    plain = solve(gather("as_announced"))
    assert answer.at_prices(plain) is None
    assert "No source at hand" in uncertainty.prices(plain)


def test_the_table_names_the_rates_and_the_base_year(stated):
    table = uncertainty.prices(stated)
    assert list(table.columns)[2:] == [
        "Aircraft at 3.0 % a year more, bn",
        "In dollars of 2025, at 2.0 % a year, bn",
    ]
    assert table.index[0] == "2026"


def test_the_rates_come_together_and_within_reason():
    with pytest.raises(Refused, match="inflation_per_year"):
        gather("even", changes={"prices.escalation_per_year": Decimal("0.03")})
    with pytest.raises(Refused, match=r"prices\.escalation_per_year"):
        gather("even", changes={**RATES, "prices.escalation_per_year": Decimal(3)})
