"""What the comparison's page shows: findings and figures that say what the numbers say."""

import pandas as pd
import pytest

from builders import gather
from tradebalance.answers import comparison, timing
from tradebalance.answers.answer import solve
from tradebalance.pages import compare_schedules, svg
from tradebalance.pages.say import billions
from tradebalance.pages.wording import OF_WHICH


@pytest.fixture(scope="module")
def results():
    return [solve(gather(name, draws=400)) for name in ("as_announced", "even", "slipped")]


def test_the_headline_holds_baselines_against_credited_deals_by_one_date(results):
    """The naive reading's horizon ends in the middle of 2031: 2030 is the last full year of all three."""
    gaps = comparison.decisions(results[1])["gap_4"].astype(float)
    deals = [float(a.simulated.by_year["mean"].loc[:2030].sum()) for a in results]
    said = compare_schedules.headline(results)
    assert said.endswith(f"moves the gap of the next four quarters by ${billions(gaps.max() - gaps.min())} billion")
    credited = f"${billions(min(deals[1:]))} to {billions(max(deals[1:]))} billion in all as credited"
    assert said.startswith(f"By the end of 2030 the deals bring {credited}, $81.3 billion at their word; ")
    lead = compare_schedules.lead(results)
    assert lead.startswith("The deals are one sum of $90.3 billion; the surplus is a flow")
    assert "(“as_announced”), the deals bring $18.06 billion" in lead
    over = timing.years_of_delivery(*results)
    most = max(share for a in results for share in comparison.decisions(a, over)["share"])
    assert f"From {over[0]} to {over[-1]}, when at least nine tenths" in lead
    assert f"{float(most) * 100:.2f} % at the most (as_announced, under seasonal_naive)" in lead


def test_what_a_tariff_moves_is_not_put_down_to_the_baseline(results):
    """With 46 % from 2027 beside it the gap ahead is lower under every baseline: the baselines differ by as much."""
    taxed = solve(gather("tariff_46", draws=50))
    ends = [compare_schedules.headline(of).rpartition("by $")[2] for of in (results, [*results, taxed])]
    assert ends[0] == ends[1]


def test_a_horizon_without_a_full_year_is_told_by_its_next_quarters():
    short = [solve(gather(name, draws=50, horizon={"quarters": 5})) for name in ("even", "slipped")]
    said = compare_schedules.headline(short)
    assert said.startswith("Over the next four quarters the deals bring $")
    assert not [name for name in compare_schedules.compare_table(short) if name.startswith("By the end")]


def test_scenarios_stand_side_by_side_over_the_same_years(results):
    over, table = timing.years_of_delivery(*results), compare_schedules.compare_table(results)
    assert list(table.index) == ["as_announced", "even", "slipped"]
    assert table.loc["as_announced", ["At the peak, bn a year", "Peak"]].tolist() == ["18.1", "2027 to 2030"]
    assert table.at["as_announced", "By the end of 2030, bn"] == "81.27"
    assert table.loc["as_announced", [f"{name}, bn" for name in OF_WHICH]].tolist() == ["50.15", "40.15"]
    share = 90_300 * 4 / len(over) / float(results[0].known.twelve_months.now["gap_usd_mn"])
    assert table.at["as_announced", f"Share a year, {over[0]} to {over[-1]}"] == f"{share * 100:.2f} %"


def test_the_matrix_holds_each_share_once(results):
    over = timing.years_of_delivery(*results)
    table = compare_schedules.matrix_table(results)
    assert list(table.columns) == ["Gap, next 4 quarters, bn", "as_announced", "even", "slipped"]
    assert table.at["hold (last year's mean held)", "as_announced"] == (
        f"{float(comparison.decisions(results[0], over).at['hold', 'share']) * 100:.2f} %"
    )
    assert len(compare_schedules.decisions_table(results)) == 3 * len(table)


def test_every_figure_draws_wide_and_narrow(results):
    for chart in (compare_schedules.schedules_chart(results), compare_schedules.decisions_chart(results)):
        wide, narrow = (svg.whole(chart, narrow=narrow) for narrow in (False, True))
        assert wide != narrow
        assert isinstance(chart.data, pd.DataFrame)
        assert any(character.isdigit() for character in chart.title)


def test_an_attributions_words_give_the_change_and_the_residual(results):
    old, new = comparison.extremes(results)
    assert (old.scenario.name, new.scenario.name) == ("as_announced", "slipped")
    spans = comparison.spans(old, new)
    said = compare_schedules.attribution_lead(old, new, spans)
    first = next(iter(spans.values()))
    assert f"{float(first['change']) / 1000:+,.2f} billion" in said
    assert "miss the change by 0.0 million" in said
    assert "the gap over the next four quarters (2026Q3 to 2027Q2) changes" in said
    assert "The first stands on hold, the second on mixture" in said
    assert "one scenario only" in compare_schedules.attribution_lead(old, old, comparison.spans(old, old))


def test_published_years_follow_one_another(results):
    found = comparison.published_years(results[0].known)
    assert list(found) == ["2023 to 2024", "2024 to 2025"]
    history = results[0].known.history["gap_usd_mn"].groupby(results[0].known.history.index.year).sum()
    assert found["2024 to 2025"]["change"] == history[2025] - history[2024]
