"""Deals against baselines: every pair, on the same draws, and the measures that stand beside them."""

from fractions import Fraction

import pytest

from tradebalance.answers import comparison
from tradebalance.answers.answer import Solution, contributions, solve
from tradebalance.assumptions import baseline
from tradebalance.assumptions.baseline import METHODS, Baseline
from tradebalance.case import inputs
from tradebalance.facts import trade
from tradebalance.pages.records import as_json

LEVELS = {"method": "fixed", "exports_usd_mn": 50_000, "imports_usd_mn": 4_000}


@pytest.fixture(scope="module")
def even() -> Solution:
    return solve(inputs.gather("even", draws=800))


def test_every_baseline_stands_beside_every_scenario(even):
    assert list(comparison.decisions(even).index) == list(METHODS)


def test_a_row_is_the_gap_without_and_with_the_deals(even):
    found = comparison.decisions(even)
    for method, row in found.iterrows():
        path = baseline.forecast(Baseline(method=str(method)), even.known.history, even.calendar.first, 40)
        gaps = trade.with_gap(path)["gap_usd_mn"]
        for ahead in (4, 8):
            assert row[f"gap_{ahead}"] == sum(gaps[:ahead])
            additional = even.simulated.by_component[list(even.calendar.quarters[:ahead])].sum().sum()
            assert float(row[f"additional_{ahead}"]) == pytest.approx(additional)
            assert float(row[f"with_{ahead}"]) == pytest.approx(float(sum(gaps[:ahead])) - additional)
        total = even.simulated.totals.at["additional", "mean"]
        assert row["closure"] == pytest.approx(total / float(sum(gaps)))


@pytest.mark.parametrize("method", ["naive", "seasonal_naive_drift"])
def test_the_table_says_what_a_scenario_with_that_baseline_says(even, method):
    """The deals' draws are the same whatever the baseline, so one simulation serves them all."""
    other = solve(inputs.gather("even", draws=800, **{"baseline.method": method}))
    row = comparison.decisions(even).loc[method]
    assert row["closure"] == pytest.approx(other.baseline_closure.mean)
    assert row["gap_4"] == sum(other.baseline["gap_usd_mn"].iloc[:4])
    assert other.simulated.totals.at["additional", "mean"] == even.simulated.totals.at["additional", "mean"]


def test_baselines_are_under_the_scenarios_own_tariff_and_estimated_as_it_says():
    taxed = solve(inputs.gather("even", draws=200, tariff="duty_proposed", **{"baseline.method": "hold"}))
    assert comparison.decisions(taxed).at["hold", "gap_4"] == sum(taxed.baseline["gap_usd_mn"].iloc[:4])
    early = {"method": "seasonal_naive_drift", "estimate_to": "2025Q1"}
    answer = solve(inputs.gather("even", draws=200, baseline=early))
    assert comparison.decisions(answer).at["seasonal_naive_drift", "gap_8"] == sum(
        answer.baseline["gap_usd_mn"].iloc[:8]
    )


def test_a_stated_level_stands_first_and_a_short_record_leaves_methods_out():
    stated = solve(inputs.gather("seed_2025"))
    found = comparison.decisions(stated)
    assert list(found.index) == ["fixed"]
    assert found.at["fixed", "gap_4"] == 4 * 27_300
    assert found.at["fixed", "closure"] == Fraction(90_300, 20 * 27_300)


def test_closure_is_left_open_where_there_is_no_gap():
    levels = {"method": "fixed", "exports_usd_mn": 100, "imports_usd_mn": 200}
    answer = solve(inputs.gather("even", draws=100, baseline=levels))
    assert comparison.decisions(answer).at["fixed", "closure"] is None
    assert answer.baseline_closure is None


def test_closure_against_the_baseline_is_a_ratio_of_sums():
    stated = solve(inputs.gather("as_announced", baseline=LEVELS))
    assert stated.baseline_closure.mean == Fraction(90_300, 20 * 46_000)
    assert as_json(stated)["closure"]["against_baseline"]["mean"] == pytest.approx(90_300 / 920_000, abs=1e-9)


def test_the_first_quarter_closed_is_that_of_the_mean_path():
    levels = {"method": "fixed", "exports_usd_mn": 8_000, "imports_usd_mn": 4_000}
    closed = solve(inputs.gather("as_announced", baseline=levels))
    assert str(closed.first_quarter_closed) == "2026Q3"
    later = solve(inputs.gather("as_announced", baseline=levels, **{"delivery.profile": "back_loaded"}))
    assert str(later.first_quarter_closed) == "2028Q4"  # 90,300 (2 n / 420) passes 4,000 with n = 10
    assert solve(inputs.gather("as_announced", baseline=LEVELS)).first_quarter_closed is None


def test_contributions_by_deal_add_up_as_those_by_category_do(even):
    by_deal, by_category = contributions(even, "deal"), contributions(even)
    assert set(by_deal.index) == {component.leaf.id for component in even.components}
    for column in ("announced", "credited", "delivered", "additional"):
        assert float(by_deal[column].sum()) == pytest.approx(float(by_category[column].sum()))
    told = {row["deal"]: row["additional_mean_usd_mn"] for row in as_json(even)["contributions_by_deal"]}
    rest = even.simulated.by_component.filter(like="T3-remainder", axis=0)[list(even.calendar.quarters)]
    assert told["T3-remainder"] == pytest.approx(rest.sum().sum(), abs=1e-6)


def test_the_gap_by_year_is_that_of_its_quarters_together(even):
    sums = even.simulated.gap["mean"].groupby(even.calendar.quarters.year).sum()
    assert list(even.simulated.gap_by_year["mean"]) == pytest.approx(list(sums))
    widths = even.simulated.gap_by_year["p95"] - even.simulated.gap_by_year["p05"]
    quarters = even.simulated.gap["p95"] - even.simulated.gap["p05"]
    assert 0 < widths[2027] < quarters[even.calendar.quarters.year == 2027].sum()  # errors do not move as one


def test_what_the_book_records_is_what_is_bought_anyway_and_what_is_additional(even):
    book = even.simulated.on_book
    assert list(book["recorded"] - book["bought_anyway"]) == pytest.approx(list(comparison.additional_by_quarter(even)))
    assert float(book["bought_anyway"].sum()) == pytest.approx(-float(even.simulated.steps.at["bought_anyway", "mean"]))
