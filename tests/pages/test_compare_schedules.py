"""What the comparison's page shows: findings and figures that say what the numbers say."""

import pandas as pd
import pytest

from builders import gather, visible
from tradebalance.answers import comparison, timing
from tradebalance.answers.answer import solve
from tradebalance.pages import compare_schedules, records, svg
from tradebalance.pages.say import billions
from tradebalance.pages.wording import OF_WHICH
from tradebalance.words.problems import Problem


@pytest.fixture(scope="module")
def results():
    return [solve(gather(name, draws=400)) for name in ("as_announced", "even", "slipped")]


def test_the_headline_holds_the_choice_of_projection_against_the_choice_of_scenario(results):
    gaps = comparison.decisions(results[1])["gap_4"].astype(float)
    deals = [float(answer.additional_by_quarter.iloc[:4].sum()) for answer in results[1:]]  # what is credited
    said = compare_schedules.headline(results)
    moved, chosen = billions(gaps.max() - gaps.min(), 0), billions(max(deals) - min(deals))
    assert said == f"What you assume about trade moves ${moved} billion, about the deals ${chosen} billion"
    lead = compare_schedules.lead(results)
    assert f"${billions(gaps.min(), 0)} to {billions(gaps.max(), 0)} billion by projection" in lead
    assert f"the deals bring ${billions(min(deals), 2)} to {billions(max(deals), 2)} billion." in lead
    over = timing.years_of_delivery(*results)
    shares = [float(timing.share_of_a_year(answer, over)) for answer in results]
    assert f"they close {min(shares[1:]) * 100:.2f} % to {max(shares[1:]) * 100:.2f} % of the surplus a year" in lead
    assert lead.endswith(f"Off the scale stands the arithmetic of “As announced”, {shares[0] * 100:.2f} %.")


def test_scenarios_that_cannot_be_worked_out_are_told_by_title_with_the_reason():
    def refused(reason):
        return Problem("empty", "scenarios/mine.yaml", reason, "look")

    assert compare_schedules.left_out([]) == ""
    found = [("Mine *only*", [refused("no file"), refused("no quarter")]), ("Yours", [refused("too short")])]
    assert visible(compare_schedules.left_out(found)) == (
        "Not compared, as it cannot be worked out: “Mine *only*”, since no file and no quarter and “Yours”, since "
        "too short."
    )


def test_what_a_tariff_moves_is_not_put_down_to_the_projection(results):
    """With 46 % from 2027 beside it the surplus ahead is lower by every projection: they differ by as much."""
    taxed = solve(gather("tariff_46", draws=50))
    assert comparison.choices([*results, taxed]).projections == comparison.choices(results).projections
    assert comparison.choices([taxed]).projections < comparison.choices(results).projections


def test_one_scenario_that_credits_the_deals_has_no_choice_of_scenario(results):
    alone = [results[0], results[2]]
    assert comparison.choices(alone).scenarios is None
    brought = billions(results[2].additional_by_quarter.iloc[:4].sum())
    assert compare_schedules.headline(alone).endswith(f"the deals bring ${brought} billion")
    assert len(compare_schedules.choices_chart(alone).data) == 2
    assert len(compare_schedules.choices_chart(results).data) == 3


def test_a_horizon_without_a_full_year_has_no_column_of_one():
    short = [solve(gather(name, draws=50, horizon={"quarters": 5})) for name in ("even", "slipped")]
    assert not [name for name in compare_schedules.compare_table(short) if name.startswith("By the end")]
    assert "over the next four quarters" in compare_schedules.lead(short).lower()


def test_scenarios_stand_side_by_side_over_the_same_years_in_seven_columns_at_most(results):
    over, table = timing.years_of_delivery(*results), compare_schedules.compare_table(results)
    assert list(table.index) == [answer.scenario.title for answer in results]
    assert len(table.columns) + 1 <= 7
    assert table.loc["As announced", ["At the peak, bn a year", "Peak"]].tolist() == ["18.1", "2027 to 2030"]
    assert table.at["As announced", "By the end of 2030, bn"] == "81.27"
    share = 90_300 * 4 / len(over) / float(results[0].known.twelve_months.now["gap_usd_mn"])
    assert table.at["As announced", f"Share a year, {over[0]} to {over[-1]}"] == f"{share * 100:.2f} %"
    parts = compare_schedules.parts_table(results, compare_schedules.name_of)
    assert list(parts.index) == ["as_announced", "even", "slipped"]
    assert parts.loc["as_announced", [f"{name}, bn" for name in OF_WHICH]].tolist() == ["50.15", "40.15"]


def test_the_matrix_holds_each_share_once(results):
    over = timing.years_of_delivery(*results)
    table = compare_schedules.matrix_table(results)
    assert list(table.index) == ["Surplus, next four quarters, bn", *(answer.scenario.title for answer in results)]
    assert table.at["As announced", "Last year's mean held"] == (
        f"{float(comparison.decisions(results[0], over).at['hold', 'share']) * 100:.2f} %"
    )
    assert len(compare_schedules.decisions_table(results)) == 3 * len(table.columns)


def test_every_figure_draws_wide_and_narrow_and_says_a_number(results):
    charts = [
        compare_schedules.choices_chart(results),
        compare_schedules.scenarios_chart(results, "slipped"),
        compare_schedules.schedules_chart(results),
        compare_schedules.why_chart(results),
    ]
    for chart in charts:
        wide, narrow = (svg.whole(chart, narrow=narrow) for narrow in (False, True))
        assert wide != narrow
        assert isinstance(chart.data, pd.DataFrame)
        assert any(character.isdigit() for character in chart.title)
        assert len(chart.title.split()) <= 15


def test_scenarios_stand_by_what_they_bring_with_the_central_one_told_and_the_arithmetic_off_the_scale(results):
    chart = compare_schedules.scenarios_chart(results, "slipped")
    axes = chart.figure().axes[0]
    dots = [line for line in axes.lines if len(line.get_xdata()) == 1]
    means = sorted((float(answer.additional.mean) / 1000 for answer in results[1:]), reverse=True)
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(means)
    told = [text.get_text() for text in axes.texts]
    assert [text.endswith(", central") for text in told].count(True) == 1
    assert "off the scale: “As announced”, 90.3" in chart.unit
    assert [a.scenario.name for a in compare_schedules.by_result(results)] == ["even", "slipped", "as_announced"]


def test_the_waterfall_from_the_most_to_the_least_adds_up_as_printed(results):
    chart = compare_schedules.why_chart(results)
    cells = [float(cell.replace("−", "-")) for cell in chart.data["USD billion"]]
    assert cells[0] + sum(cells[1:-1]) == pytest.approx(cells[-1])
    assert [cells[0], cells[-1]] == [round(float(answer.additional.mean) / 1000, 1) for answer in results[1:]]
    change = compare_schedules.differences(results[1], results[2])
    assert change.sum() == pytest.approx(float(results[2].additional.mean - results[1].additional.mean))
    named = {part.leaf.id: float(part.additional) for part in timing.parts(results[2])}
    before = {part.leaf.id: float(part.additional) for part in timing.parts(results[1])}
    assert change["Vietjet: 200 Boeing 737s"] == pytest.approx(named["VJ-737-200"] - before["VJ-737-200"])


def test_an_attributions_words_give_the_change_and_the_residual(results):
    old, new = comparison.extremes(results)
    assert (old.scenario.name, new.scenario.name) == ("as_announced", "slipped")
    credited = comparison.extremes(compare_schedules.credited(results))
    assert [answer.scenario.name for answer in credited] == ["even", "slipped"]
    spans = comparison.spans(old, new)
    said = compare_schedules.attribution_lead(old, new, spans)
    first = next(iter(spans.values()))
    assert f"{float(first['change']) / 1000:+,.2f} billion" in said
    assert "miss the change by 0.0 million" in said
    assert "the surplus over the next four quarters (2026Q3 to 2027Q2) changes" in said
    assert "The first stands on last year's mean held, the second on mean of three" in said
    assert "one scenario only" in compare_schedules.attribution_lead(old, old, comparison.spans(old, old))


def test_published_years_follow_one_another(results):
    found = comparison.published_years(results[0].known)
    assert list(found) == ["2023 to 2024", "2024 to 2025"]
    history = results[0].known.history["gap_usd_mn"].groupby(results[0].known.history.index.year).sum()
    assert found["2024 to 2025"]["change"] == history[2025] - history[2024]


def test_the_record_holds_what_the_two_choices_move(results):
    found = records.comparison_as_json(results, {})["next_four_quarters"]
    gaps = comparison.decisions(results[1])["gap_4"].astype(float)
    assert found["projections_usd_mn"] == pytest.approx(found["high_usd_mn"] - found["low_usd_mn"])
    assert found["high_usd_mn"] == pytest.approx(gaps.max())
    assert found["scenarios_usd_mn"] == pytest.approx(found["most_usd_mn"] - found["least_usd_mn"])
    assert "scenarios_usd_mn" not in records.comparison_as_json(results[:2], {})["next_four_quarters"]


def test_a_table_of_what_moved_the_surplus_has_no_row_of_nothing_and_says_over_what():
    terms = pd.Series({"deals": -1500.0, "tariff": 0.0, "residual": 1e-9, "change": -1500.0})
    shown = compare_schedules.attribution_table({"2025 to 2026": terms, "2026 to 2027": terms * 0})
    assert shown.iloc[:, 0].tolist() == ["-1.500"] * 2
    assert "2025 to 2026; 2026 to 2027" in shown.attrs["caption"]
    assert compare_schedules.attribution_table({"2025 to 2026": terms * 0}).empty
