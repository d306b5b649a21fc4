"""Deals against baselines: every pair, on the same draws, and the measures that stand beside them."""

import dataclasses
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from builders import gather, known_on
from tradebalance.answers import comparison, timing
from tradebalance.answers.answer import Solution, contributions, solve
from tradebalance.assumptions import fan, nowcast
from tradebalance.assumptions.baseline import METHODS, Baseline
from tradebalance.facts import trade
from tradebalance.pages.records import as_json
from tradebalance.words import terms
from tradebalance.words.problems import Refused

LEVELS = {"method": "fixed", "exports_usd_mn": 50_000, "imports_usd_mn": 4_000}


@pytest.fixture(scope="module")
def even() -> Solution:
    return solve(gather("even", draws=800))


def test_every_baseline_stands_beside_every_scenario(even):
    assert list(comparison.decisions(even).index) == list(METHODS)


def test_a_row_is_the_gap_without_and_with_the_deals(even):
    found = comparison.decisions(even)
    for method, row in found.iterrows():
        history, running = even.known.history, nowcast.running(even.known)
        given = Baseline(method=str(method)).without_deals_after(even.known.dates.before_deals, history)
        path = fan.path(given, history, even.calendar.first, 40, running)
        gaps = trade.with_gap(path)["gap_usd_mn"]
        for ahead in (4, 8):
            assert row[f"gap_{ahead}"] == sum(gaps[:ahead])
            additional = even.simulated.by_component[list(even.calendar.quarters[:ahead])].sum().sum()
            assert float(row[f"additional_{ahead}"]) == pytest.approx(additional)
            assert float(row[f"with_{ahead}"]) == pytest.approx(float(sum(gaps[:ahead])) - additional)
        total = even.simulated.totals.at["additional", "mean"]
        assert row["closure"] == pytest.approx(total / float(sum(gaps)))


def test_a_flat_scenario_shows_every_other_baseline_as_its_own_scenario_would(even):
    flat = comparison.decisions(solve(gather("even", draws=200, **{"baseline.method": "hold"})))
    for method in ("mixture", "sarima"):
        assert flat.at[method, "gap_8"] == comparison.decisions(even).at[method, "gap_8"]
    assert flat.at["mixture", "gap_4"] == sum(even.baseline["gap_usd_mn"].iloc[:4])


@pytest.mark.parametrize("method", ["naive", "seasonal_naive_drift"])
def test_the_table_says_what_a_scenario_with_that_baseline_says(even, method):
    """The deals' draws are the same whatever the baseline, so one simulation serves them all."""
    other = solve(gather("even", draws=800, **{"baseline.method": method}))
    row = comparison.decisions(even).loc[method]
    assert row["closure"] == pytest.approx(other.baseline_closure.mean)
    assert row["gap_4"] == sum(other.baseline["gap_usd_mn"].iloc[:4])
    assert other.simulated.totals.at["additional", "mean"] == even.simulated.totals.at["additional", "mean"]


def test_baselines_are_under_the_scenarios_own_tariff_and_estimated_as_it_says():
    taxed = solve(gather("even", draws=200, tariff="in_force", **{"baseline.method": "hold"}))
    assert comparison.decisions(taxed).at["hold", "gap_4"] == sum(taxed.baseline["gap_usd_mn"].iloc[:4])
    early = {"method": "seasonal_naive_drift", "estimate_to": "2025Q1"}
    answer = solve(gather("even", draws=200, baseline=early))
    assert comparison.decisions(answer).at["seasonal_naive_drift", "gap_8"] == sum(
        answer.baseline["gap_usd_mn"].iloc[:8]
    )


def test_a_stated_level_stands_first_and_a_short_record_leaves_methods_out():
    stated = solve(gather("seed_2025"))
    found = comparison.decisions(stated)
    assert list(found.index) == ["fixed"]
    assert found.at["fixed", "gap_4"] == 4 * 27_300
    assert found.at["fixed", "closure"] == Fraction(90_300, 20 * 27_300)


def test_closure_is_left_open_where_there_is_no_gap():
    levels = {"method": "fixed", "exports_usd_mn": 100, "imports_usd_mn": 200}
    answer = solve(gather("even", draws=100, baseline=levels))
    assert comparison.decisions(answer).at["fixed", "closure"] is None
    assert answer.baseline_closure is None


def test_closure_against_the_baseline_is_a_ratio_of_sums():
    stated = solve(gather("as_announced", baseline=LEVELS))
    assert stated.baseline_closure.mean == Fraction(90_300, 20 * 46_000)
    assert as_json(stated)["closure"]["against_baseline"]["mean"] == pytest.approx(90_300 / 920_000, abs=1e-9)


def test_the_first_quarter_closed_is_that_of_the_mean_path():
    levels = {"method": "fixed", "exports_usd_mn": 8_000, "imports_usd_mn": 4_000}
    closed = solve(gather("as_announced", baseline=levels))
    assert str(closed.first_quarter_closed) == "2026Q3"
    later = solve(gather("as_announced", baseline=levels, **{"delivery.profile": "back_loaded"}))
    assert str(later.first_quarter_closed) == "2028Q4"  # 90,300 (2 n / 420) passes 4,000 with n = 10
    assert solve(gather("as_announced", baseline=LEVELS)).first_quarter_closed is None


def test_contributions_by_deal_add_up_as_those_by_category_do(even):
    by_deal, by_category = contributions(even, "deal"), contributions(even)
    assert set(by_deal.index) == {component.leaf.id for component in even.components}
    for column in ("announced", "credited", "delivered", "additional"):
        assert float(by_deal[column].sum()) == pytest.approx(float(by_category[column].sum()))
    told = {row["deal"]: row["additional_mean_usd_mn"] for row in as_json(even)["deals"]}
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
    assert list(book["recorded"] - book["bought_anyway"]) == pytest.approx(list(even.additional_by_quarter))
    assert float(book["bought_anyway"].sum()) == pytest.approx(-float(even.simulated.steps.at["bought_anyway", "mean"]))


# --- why one gap differs from another -----------------------------------------------------------


# Two stated levels, every dollar counted: exact from end to end. 90,300 over 20 quarters are 4,515 a quarter.


def stated(name: str = "as_announced", **changes: object) -> Solution:
    return solve(gather(name, changes={"baseline": LEVELS, "reporter": "USA", **changes}))


def moved(old: Solution, new: Solution) -> dict[str, Fraction]:
    """The terms that are not nothing in the first quarter both forecast."""
    table = comparison.by_quarter(old, new)
    row = table.loc[new.calendar.first]
    return {name: amount for name, amount in row.items() if amount}


def adds_up(old: Solution, new: Solution) -> pd.DataFrame:
    table = comparison.by_quarter(old, new)
    assert len(table)
    for _, row in table.iterrows():
        assert sum(row[comparison.TERMS]) == row["change"]
        assert abs(row["residual"]) < 1e-6
    return table


# --- one cause at a time --------------------------------------------------------------------------


def test_nothing_moves_between_an_answer_and_itself():
    assert moved(stated(), stated()) == {}


def test_exports_without_deals_move_alone():
    more = stated(**{"baseline.exports_usd_mn": 51_000})
    assert moved(stated(), more) == {"baseline_exports": 1_000, "change": 1_000}


def test_more_imports_without_deals_make_the_gap_smaller():
    more = stated(**{"baseline.imports_usd_mn": 4_700})
    assert moved(stated(), more) == {"baseline_imports": -700, "change": -700}


def test_a_tariff_step_moves_its_own_term_alone():
    taxed = stated(tariff="in_force")
    effect = taxed.baseline["exports_usd_mn"].iloc[0] - 50_000
    assert effect < 0
    assert moved(stated(), taxed) == {"tariff": effect, "change": effect}


def test_deliveries_move_alone_where_all_are_additional():
    slower = stated(**{"delivery.quarters": 40})
    assert moved(stated(), slower) == {"deliveries": Fraction(90_300, 40), "change": Fraction(90_300, 40)}


def test_displacement_moves_alone_where_deliveries_stay():
    """What is bought anyway takes nothing off the gap, so more of it leaves a larger gap."""
    credited = {"credit": "assumptions", "include": {"status": ["signed"], "remainders": False}, "draws": 500}
    half, none = (stated(**credited, **_certain(additional)) for additional in ("0.5", "0.25"))
    row = moved(half, none)
    recorded = none.simulated.on_book["recorded"].iloc[0]
    assert set(row) <= {"displacement", "residual", "change"}
    assert float(row["displacement"]) == pytest.approx(float(recorded) / 4, rel=1e-9)
    assert row["displacement"] > 0


def _certain(additional: str) -> dict[str, object]:
    categories = ("aircraft", "engines_and_aviation_services")
    return {f"additionality.{category}": Decimal(additional) for category in categories}


def test_the_residual_is_nothing_where_everything_is_exact():
    table = adds_up(stated(), stated(tariff="in_force", **{"delivery.quarters": 40}))
    assert set(table["residual"]) == {0}


def test_the_terms_add_up_with_draws():
    even, slipped = (solve(gather(name, draws=800)) for name in ("even", "slipped"))
    table = adds_up(even, slipped)
    assert (table[["baseline_exports", "baseline_imports", "tariff", "ledger", "revision"]] == 0).all(axis=None)
    assert (table["deliveries"] != 0).any()


# --- two dates ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dates() -> tuple[Solution, Solution]:
    simple = {"baseline.method": "seasonal_naive"}
    return tuple(solve(gather("even", draws=800, as_of=month, **simple)) for month in ("2024-09", "2026-10"))


def test_what_a_newer_release_revised_is_told_apart(dates):
    """The vintage of August 2024 against that of October 2026: the quarters both publish, each difference by itself."""
    old, new = dates
    assert old.known.hindsight == ()
    table = adds_up(old, new)
    both = table[table.index < old.calendar.first]
    assert list(both["revision"]) == list(both["change"])
    gaps = [answer.known.history.loc[both.index, "gap_usd_mn"].sum() for answer in dates]
    expected = Fraction(gaps[1] - gaps[0])
    assert sum(both["revision"]) == expected
    assert expected != 0
    assert (both.drop(columns=["revision", "change"]) == 0).all(axis=None)


def test_an_outturn_is_held_against_the_older_path(dates):
    old, new = dates
    quarter = old.calendar.first
    row = adds_up(old, new).loc[quarter]
    published = {name: Fraction(new.known.history.at[quarter, f"{name}_usd_mn"]) for name in ("exports", "imports")}
    assert row["outturn_exports"] == published["exports"] - old.baseline.at[quarter, "exports_usd_mn"]
    assert row["outturn_imports"] == old.baseline.at[quarter, "imports_usd_mn"] - published["imports"]
    assert (row[["baseline_exports", "baseline_imports", "ledger", "revision"]] == 0).all()


def test_what_was_expected_of_the_deals_leaves_as_the_outturn_comes():
    old, new = (solve(gather("even", draws=800, as_of=month)) for month in ("2025-05", "2026-10"))
    row = adds_up(old, new).loc[old.calendar.first]
    book = old.simulated.on_book.iloc[0]
    assert float(row["deliveries"]) == pytest.approx(book["recorded"])
    assert float(row["displacement"]) == pytest.approx(-book["bought_anyway"])


def test_the_ledgers_new_events_have_a_term_of_their_own():
    """A deal signed since May 2025 was a memorandum then; nothing else of the newer answer changes with it."""
    old, new = (solve(gather("even", draws=800, as_of=month)) for month in ("2025-05", "2026-10"))
    quarter = new.calendar.first
    row = comparison.by_quarter(old, new).loc[quarter]
    older = dataclasses.replace(new.known, leaves=old.known.leaves)
    without = solve(dataclasses.replace(new.inputs, known=older))
    additional = [answer.simulated.by_component[quarter].sum() for answer in (without, new)]
    assert float(row["ledger"]) == pytest.approx(additional[0] - additional[1])
    assert row["ledger"] < 0
    unchanged = dataclasses.replace(old.inputs.known, leaves=new.known.leaves)
    again = solve(dataclasses.replace(old.inputs, known=unchanged))
    assert comparison.by_quarter(again, new).loc[quarter, "ledger"] == 0


def test_spans_are_what_was_published_since_and_what_both_forecast(dates):
    spans = comparison.spans(*dates)
    names = list(spans)
    assert names[0].startswith("published since, 2024Q")
    assert names[0].endswith("to 2026Q2")
    assert names[1] == "next four quarters, 2026Q3 to 2027Q2"
    table = comparison.by_quarter(*dates)
    assert spans[names[1]]["change"] == sum(table.loc["2026Q3":"2027Q2", "change"])


# --- published figures, refusals ------------------------------------------------------------------


def test_two_published_years_differ_by_exports_imports_and_revision():
    older, newer = (known_on("USA", terms.month(month)) for month in ("2024-09", "2026-10"))
    before, after = (pd.period_range(f"{year}Q1", f"{year}Q4", freq="Q") for year in (2023, 2025))
    row = comparison.published(older, newer, before, after)
    assert row["residual"] == 0
    assert sum(row[comparison.TERMS]) == row["change"]
    sums = newer.history.loc[after].sum() - newer.history.loc[before].sum()
    assert row["outturn_exports"] == Fraction(sums["exports_usd_mn"])
    assert row["outturn_imports"] == -Fraction(sums["imports_usd_mn"])
    then, first = (known.history.loc[before, "gap_usd_mn"].sum() for known in (newer, older))
    assert row["revision"] == Fraction(then - first)
    assert row["revision"] != 0


def test_dollars_of_different_years_are_refused_in_every_comparison(even):
    real = solve(gather("even", draws=50, changes={"prices.dollars_of": 2026}))
    for compared in (lambda: comparison.by_quarter(even, real), lambda: timing.years_of_delivery(even, real)):
        with pytest.raises(Refused, match="amounts in dollars of different years"):
            compared()


def test_what_came_out_is_told_in_the_dollars_of_the_path_it_came_out_against():
    """Of a quarter of 2025, forecast in May and published since, every term is 2 % more in dollars of 2026."""
    own, real = (
        comparison.by_quarter(
            *(solve(gather("even", draws=50, as_of=at, changes=changes)) for at in ("2025-05", "2026-10"))
        ).loc["2025Q4", ["outturn_exports", "outturn_imports", "change"]]
        for changes in ({}, {"prices.dollars_of": 2026})
    )
    assert abs(own["outturn_exports"]) > 1000
    assert list((real / own).astype(float)) == pytest.approx([1.02] * 3, rel=1e-9)


def test_two_books_are_refused():
    with pytest.raises(Refused, match="nothing adds across"):
        comparison.by_quarter(stated(), solve(gather("seed_2025")))


def test_an_older_answer_cannot_come_second(dates):
    with pytest.raises(Refused, match="put the older one first"):
        comparison.by_quarter(dates[1], dates[0])


def test_amounts_of_a_thousand_billion_are_shown_too():
    from tradebalance.pages.compare_schedules import signed

    assert [signed(value) for value in (1_326_936, -1_366, 0.2, 0)] == ["+1,326.936", "-1.366", "0.000", "0"]
