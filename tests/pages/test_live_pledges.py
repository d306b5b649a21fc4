"""The page and the command that set the live pledges side by side."""

import json

import pandas as pd
import pytest

from tradebalance.case import folder, track_inputs
from tradebalance.pages import live_pledges as page
from tradebalance.pages import pledge_records


@pytest.fixture(scope="module")
def pledges():
    return track_inputs.live(folder.case())


def test_the_title_gives_the_least_and_the_largest_share_and_the_lead_what_they_bound(pledges):
    assert page.headline(pledges) == "At most 60 to 82 % of the purchases due so far can be new"
    assert page.headline(pledges[:1]) == "At most 82 % of the purchases due so far can be new"
    assert "The rise of exports over 2024 is the most that can be new" in page.lead(pledges)


def test_each_pledge_says_how_it_is_dated(pledges):
    lines = dict(line.removeprefix("- **").split("**: ") for line in page.lines(pledges).splitlines())
    assert "$84.80 billion with printed dates. From January 2025" in lines["Taiwan"]
    assert "due by the printed dates" in lines["Taiwan"]
    assert "$8.00 billion for every year, end not stated" in lines["Thailand"]
    assert "$18.80 billion named, with dates not printed in full" in lines["Thailand"]
    assert "$48.40 billion not itemised, so without dates" in lines["Vietnam"]
    assert "by dates that are assumed" in lines["Vietnam"]


def test_the_kinds_of_parts_below_the_first_row_add_up_to_it(pledges):
    table = page.side_by_side_table(pledges).iloc[:5].astype(float)
    assert (table.iloc[1:].sum().round(2) == table.iloc[0]).all()
    assert "every year, first year, bn" not in page.side_by_side_table([pledges[0]]).index  # Taiwan has no such part


def test_every_part_has_a_name_dates_in_words_and_a_source_that_a_reader_can_open(pledges):
    parts = page.parts_table(pledges)
    own = parts[parts["Buyer"] != "Vietnam"]
    assert len(own) == 3 + 3
    assert all(source.href for source in own["Source"])
    dates = parts["Dates of delivery"]
    assert dates["80 US aircraft, buyers not named"] == "not printed in full"
    assert dates["Liquefied natural gas and crude oil"] == "January 2025 to December 2029"
    assert (
        dates["Farm goods, among them feed corn and soybean meal, a year"]
        == "every year from October 2025, end not stated"
    )
    assert parts.loc["Vietjet: 200 Boeing 737s", "Buyer"] == "Vietnam"


def test_the_pledges_stand_on_one_scale_with_what_was_due_and_what_can_be_new(pledges):
    chart = page.due_chart(pledges)
    assert chart.title == "In 3 of 3 pledges exports rose by less than was due"
    assert "Taiwan: 84.8 announced, 28.3 due by August 2026, 23.2 at most new, 82 % of what was due" in chart.alt
    assert "12.9 due by August 2026, dates assumed" in chart.alt
    (axes,) = chart.figure().axes
    shown = [amount for each in pledges for amount in (each.announced, each.due, each.bound.increment)]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([float(of) / 1000 for of in shown])
    assert isinstance(chart.data, pd.DataFrame)


def test_what_has_no_printed_dates_is_summed_and_shown_by_kind(pledges):
    chart = page.dates_chart(pledges)
    undated = sum(float(of.undated + of.unnamed) for of in pledges) / 1000
    assert chart.title == f"For ${undated:.1f} of $201.9 billion no full delivery dates were printed"
    assert sum(bar.get_width() for bar in chart.figure().axes[0].patches) == pytest.approx(201.9)
    in_all = pledge_records.live_pledges_as_json(pledges, "vietnam")["in_all"]
    assert in_all["announced_usd_mn"] == 201_900
    assert in_all["without_window_usd_mn"] == pytest.approx(undated * 1000)
    assert page.due_chart(pledges).title.startswith(f"In {in_all['short']:.0f} of {in_all['number']:.0f} pledges")


def test_two_cases_of_one_country_are_told_apart(pledges):
    assert page.labels(pledges) == ["Taiwan", "Thailand", "Vietnam"]
    assert page.labels([pledges[0], pledges[0]]) == ["Taiwan (taiwan)"] * 2


def test_the_command_prints_the_same_as_text_and_as_json(command, pledges):
    text = command("pledges")
    assert (text.code, text.err) == (0, "")
    assert page.lead(pledges) in text.out
    assert page.lines(pledges) in text.out
    found = json.loads(command("pledges", "--json").out)
    of = {row["case"]: row for row in found["pledges"]}
    assert list(of) == ["taiwan", "thailand", "vietnam"]
    assert of["taiwan"]["increment_ratio"] == pytest.approx(0.8208, abs=5e-5)
    assert of["thailand"]["parts"][1] == {
        "id": "T-AIR-80", "announced_usd_mn": 18800, "itemised": True, "from": None, "to": None, "recurs": False,
        "source": of["thailand"]["parts"][1]["source"],
    }  # fmt: skip
    assert "taiwan: data/raw/us-census/2026-10/taiwan.csv" in found["inputs"]


def test_it_is_the_same_from_any_of_the_cases(command):
    everywhere = {command("pledges", "--json", "--case", case).out for case in ("", "taiwan", "thailand", "phase-one")}
    assert len(everywhere) == 1


def test_a_month_with_nothing_announced_is_refused(command):
    refused = command("pledges", "--as-of", "2024-06")
    assert refused.code == 2
    assert "--as-of" in refused.err or "as_of" in refused.err
