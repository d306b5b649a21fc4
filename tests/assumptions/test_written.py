"""The forms that an assumption may be written in, each in its own section, and what is refused."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from builders import gather
from tradebalance.assumptions import written
from tradebalance.assumptions.distributions import Steps, Window
from tradebalance.reading import readers
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Strength

SHIPPED = Path(__file__).resolve().parents[2] / "scenarios/_assumptions.yaml"
SAID = "from: a test, strength: judgement"


def known(text: str) -> written.Assumptions:
    document = readers.yaml_document(text.encode(), "a.yaml")
    assert not document.problems
    return written.parse(document.data, document)


def refused(text: str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(Refused) as caught:
        known(text)
    return [(problem.row, problem.column, problem.code) for problem in caught.value.problems]


def test_every_shipped_assumption_says_where_it_comes_from_and_how_far_to_trust_it():
    document = readers.yaml_document(SHIPPED.read_bytes(), "_assumptions.yaml")
    records = written.parse(document.data, document).by_path
    assert {path.partition(".")[0] for path in records} >= {"slip_months", "tariff_path", "books", "conversion"}
    for path, record in records.items():
        assert len(record.source) >= 5, path
        assert record.strength in [*Strength], path


def test_delays_are_a_lognormal_or_a_mixture_in_months_and_a_number_is_rounded_to_quarters():
    found = known(
        f"slip_months:\n  energy: {{median: 12, sigma: 0.7, {SAID}}}\n  default: {{value: 10, {SAID}}}\n"
        f"  aircraft: {{mixture: [{{weight: 0.75, median: 9, sigma: 0.6}}, {{weight: 0.25, median: 60, sigma: 0.3}}],"
        f" {SAID}}}\n"
    ).by_path
    assert found["slip_months.energy"].parameters == (1, 12, Decimal("0.7"))
    assert found["slip_months.aircraft"].parameters[:3] == (Decimal("0.75"), 9, Decimal("0.6"))
    assert found["slip_months.default"].mean == 3


def test_the_range_of_a_fixed_delay_is_in_quarters_as_the_delay_is():
    found = known(f"slip_months:\n  default: {{value: 9, between: [6, 12], {SAID}}}\n").by_path["slip_months.default"]
    assert (found.mean, found.between) == (3, (2, 4))


def test_steps_windows_rates_and_mixes_are_records_of_their_own():
    found = known(
        f"capacity_usd_mn_per_quarter:\n  energy: {{steps: {{2029Q1: 700, 2026Q3: 300}}, {SAID}}}\n"
        f"  default: {{value: 500, {SAID}}}\n"
        f"window_where_none_is_printed:\n  default: {{first: 2028Q1, last: 2030Q4, {SAID}}}\n"
        f"tariff_path:\n  lapses: {{rates: {{2026-07-24: 0, 2026-02-24: 0.1}}, {SAID}}}\n"
        f"category_mix:\n  T1: {{shares: {{energy: 0.25, aircraft: 0.75}}, {SAID}}}\n"
    )
    steps = found.of_category(Steps, "capacity_usd_mn_per_quarter", "energy")
    assert [steps.at(pd.Period(q)) for q in ("2026Q3", "2029Q1")] == [300, 700]
    assert found.of_category(Steps, "capacity_usd_mn_per_quarter", "farm").levels[0][1] == 500
    assert len(found.of_category(Window, "window_where_none_is_printed", "default").quarters) == 12
    assert [rate for _, rate in found.tariff_path("lapses").rates] == [Decimal("0.1"), 0]
    assert found.by_path["category_mix.T1"].shares == {"energy": Fraction(1, 4), "aircraft": Fraction(3, 4)}


@pytest.mark.parametrize(
    ("entry", "column", "code"),
    [
        ("slip_months: {energy: {median: 12, SAID}}", "slip_months.energy", "wrong_type"),
        ("slip_months: {energy: {value: 300, SAID}}", "slip_months.energy", "out_of_range"),
        ("slip_months: {energy: {beta: [1, 2], SAID}}", "slip_months.energy", "wrong_type"),
        ("slip_months: {energy: {mixture: [{weight: 0.5, median: 9, sigma: 1}], SAID}}",
         "slip_months.energy", "shares_sum"),
        ("window_where_none_is_printed: {default: {first: 2030Q1, last: 2028Q1, SAID}}",
         "window_where_none_is_printed.default", "bad_interval"),
        ("window_where_none_is_printed: {default: {first: 2030Q1, SAID}}",
         "window_where_none_is_printed.default", "wrong_type"),
        ("capacity_usd_mn_per_quarter: {energy: {steps: {2026Q3: -1}, SAID}}",
         "capacity_usd_mn_per_quarter.energy.steps.2026Q3", "out_of_range"),
        ("capacity_usd_mn_per_quarter: {energy: {steps: {2026: 1}, SAID}}",
         "capacity_usd_mn_per_quarter.energy.steps.2026", "wrong_type"),
        ("tariff_path: {x: {rates: {24/07/2026: 0.1}, SAID}}", "tariff_path.x.rates.24/07/2026", "wrong_type"),
        ("tariff_path: {x: {value: 0.1, SAID}}", "tariff_path.x", "wrong_type"),
        ("correlation: {political: {value: 1, SAID}}", "correlation.political", "out_of_range"),
        ("additionality: {energy: {steps: {2026Q3: 1}, SAID}}", "additionality.energy", "wrong_type"),
        ("additionality: {energy: {value: 0.5, between: [0.1, 3], SAID}}", "additionality.energy", "out_of_range"),
        ("additionality: {energy: {value: 0.5, elsewhere: [X], SAID}}", "additionality.energy", "wrong_type"),
        ("additionallity: {energy: {value: 0.5, SAID}}", "additionallity.energy", "unknown_key"),
    ],
)  # fmt: skip
def test_a_form_in_the_wrong_place_or_out_of_bounds_is_refused_on_its_line(entry, column, code):
    assert refused(entry.replace("SAID", SAID) + "\n") == [(1, column, code)]


def test_all_problems_of_a_file_come_at_once():
    text = f"slip_months:\n  energy: {{value: 300, {SAID}}}\nadditionality:\n  energy: {{value: 2, {SAID}}}\n"
    assert refused(text) == [(2, "slip_months.energy", "out_of_range"), (4, "additionality.energy", "out_of_range")]


def test_a_subset_that_lands_elsewhere_has_to_be_in_the_ledger():
    from tradebalance.answers import answer

    landed = {"landed_in_vietnam.VJ-737-200": {"beta": [2, 2], "elsewhere": ["VJ-737-MARS"]}}
    with pytest.raises(Refused, match="VJ-737-MARS"):
        answer.solve(gather("even", draws=10, changes=landed))
