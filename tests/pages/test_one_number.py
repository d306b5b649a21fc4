"""One number, one place: what stands on several pages and in the JSON is one figure wherever it is shown."""

import json
import re

import pandas as pd
import pytest

from builders import solved
from tradebalance.answers import sensitivity
from tradebalance.pages import (
    commitments,
    compare_schedules,
    delivery_scenario,
    index,
    records,
    say,
    uncertainty,
    wording,
)
from tradebalance.words.terms import USD_MN_PER_BN

NUMBER = r"-?\d[\d,]*(?:\.\d+)?"


@pytest.fixture(scope="module", params=["slipped", "even", "as_announced"])
def answer(request):
    return solved(request.param, draws=4000)


@pytest.fixture(scope="module")
def said(answer):
    return json.loads(json.dumps(records.as_json(answer)))


@pytest.fixture(scope="module")
def ahead(answer):
    return sensitivity.outlook(answer)


def number(text: str) -> float:
    return float(re.search(NUMBER, text)[0].replace(",", ""))


def is_rounded(text: str, usd_mn: float) -> bool:
    """Whether the first number of a text is these USD million in billions, at the decimals that it is printed with."""
    printed = re.search(NUMBER, text)[0].replace(",", "")
    return abs(float(printed) - usd_mn / USD_MN_PER_BN) <= 0.5001 * 10 ** -len(printed.partition(".")[2])


def test_the_path_without_deals_is_the_sum_of_its_quarters_medians_on_every_page(answer, said, ahead):
    """A year's gap was 342.5 billion on page 04 and 338.2 on page 06: the one a sum of medians, the other a median of
    sums."""
    tables = delivery_scenario.by_year_table(answer), uncertainty.fan_chart(answer, ahead).data
    quarters = pd.DataFrame(said["by_quarter"])
    for row in said["by_year"]:
        year, gap = row["year"], row["baseline_exports_usd_mn"] - row["baseline_imports_usd_mn"]
        medians = quarters[quarters["quarter"].str.startswith(year)]["baseline_gap_p50_usd_mn"]
        assert medians.sum() == pytest.approx(gap)
        if row["quarters_in_horizon"] < 4:
            continue
        assert tables[0].at[year, "Surplus without the deals, bn"] == say.billions(gap)
        if f"{year}Q4" in tables[1].index:
            shown = tables[1].at[f"{year}Q4", "Without deals, sum of the quarters' medians, bn"]
            assert shown == say.billions(gap)


def test_a_years_band_with_deals_is_the_same_by_year_and_by_four_quarters(answer, ahead):
    by_year = answer.simulated.gap_by_year
    for year in range(2027, 2031):
        for point in ("p05", "p50", "p95"):
            assert float(by_year.at[year, point]) == pytest.approx(
                ahead.with_deals.at[pd.Period(f"{year}Q4", "Q"), point]
            )


def test_additional_imports_are_one_number_in_sentences_tables_charts_and_json(answer, said):
    exact, shown = said["additional_usd_mn"]["mean"], say.ranged(answer.additional)
    texts = {
        "the answer": wording.says(answer),
        "in JSON": said["says"],
        "the second sentence": wording.what_arrives(answer),
        "the headline table": delivery_scenario.headline_table(answer).at["New imports", "USD, nominal"],
        "the comparison": compare_schedules.compare_table([answer])["In all, bn"].iloc[0],
        "the index": say.ranged(index.additional(said)),
    }
    assert [name for name, text in texts.items() if shown not in text] == []
    assert f"${shown.split()[0]} billion" in delivery_scenario.headline(answer)
    bridge = delivery_scenario.bridge_chart(answer).title
    assert is_rounded(bridge.rpartition("$")[2], exact)
    ends = {
        "the bridge": delivery_scenario.bridge_table(answer).iloc[-1]["Left, bn"],
        "by year": delivery_scenario.by_year_table(answer)["Since the start, bn"].iloc[-1],
        "by category": delivery_scenario.contributions_table(answer).at["Total", "Additional, bn"],
        "by deal": delivery_scenario.contributions_table(answer, "deal").at["Total", "Additional, bn"],
    }
    assert [name for name, text in ends.items() if not is_rounded(text, exact)] == []
    sums = [said["of_which"].values(), (row["additional_usd_mn"]["mean"] for row in said["by_year"])]
    assert [sum(each) for each in sums] == [pytest.approx(exact)] * 2


def test_the_two_lines_are_the_same_wherever_they_stand(answer, said):
    before, added = wording.parts_of(answer)
    for text in (wording.says(answer), wording.what_arrives(answer)):
        assert f"${before} billion come from orders that stood before" in text
        assert f"${added} billion from what the talks added" in text
    table, compared = (
        delivery_scenario.headline_table(answer)["USD, nominal"],
        compare_schedules.parts_table([answer]),
    )
    assert [table[name] for name in wording.OF_WHICH] == [f"{before} bn", f"{added} bn"]
    assert [compared[f"{name}, bn"].iloc[0] for name in wording.OF_WHICH] == [before, added]
    assert is_rounded(before, said["of_which"]["stood_before_usd_mn"])


def test_the_share_of_a_year_is_the_same_wherever_it_stands(answer, said):
    share = said["years_of_delivery"]["share_a_year"]
    shown = wording.per_cent(share, answer.additional)
    assert is_rounded(shown, 1e5 * share)
    span = "{first_quarter} to {last_quarter}".format(**said["years_of_delivery"])
    assert f"that is {shown} a year of the surplus of the twelve months" in wording.says(answer)
    assert delivery_scenario.headline_table(answer)["USD, nominal"].filter(like=span).to_list() == [shown]
    assert compare_schedules.compare_table([answer])[f"Share a year, {span}"].iloc[0] == shown
    assert index.share(said) == shown


def test_a_step_in_a_sentence_is_the_step_in_the_table_below_it(answer):
    chart = delivery_scenario.bridge_chart(answer)
    cells = delivery_scenario.bridge_table(answer)["Mean, bn"]
    named = re.search(r"the largest step is “(.*)”, (.*)\.", chart.alt)
    if named:  # every dollar at its word takes no step
        step = next(words for words in cells.index if words == named[1])
        printed = float(named[2].replace("−", "-"))
        assert abs(printed - number(cells[step])) < 0.1
        assert number(cells[step]) == min(number(cell) for cell in cells if cell not in ("", "0"))


def test_the_peak_is_the_same_in_sentences_tables_and_json(answer, said):
    shown = wording.part_bn(said["timing"]["at_peak_usd_mn"], answer.additional)
    assert is_rounded(shown, said["timing"]["at_peak_usd_mn"])
    first, last = said["timing"]["peak_years"]
    assert f"about ${shown} billion a year at the peak, " in wording.says(answer)
    row = compare_schedules.compare_table([answer]).iloc[0]
    assert (row["At the peak, bn a year"], row["Peak"]) == (shown, say.from_to(str(first), str(last)))


def test_todays_gap_and_the_announced_sum_are_the_same_on_every_page(answer, said):
    gap, announced = say.billions(said["gap_last_four_quarters_usd_mn"]), say.billions(said["announced_usd_mn"])
    twelve = say.billions(said["twelve_months"]["gap_usd_mn"])
    table = delivery_scenario.headline_table(answer)["USD, nominal"]
    assert {f"{gap} bn", f"{twelve} bn", f"{announced} bn"} <= set(table)
    text = wording.stock_against_flow(answer)
    assert f"${announced}" in text
    assert f"${gap} billion" in text
    assert f"${twelve} billion" in text
    assert f"Of ${announced} billion announced" in commitments.headline(answer.known)
    assert f"${twelve} billion" in commitments.lead(answer.known)
