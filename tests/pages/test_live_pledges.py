"""The page and the command that set the live pledges side by side."""

import json

import pandas as pd
import pytest

from tradebalance.case import folder, track_inputs
from tradebalance.pages import live_pledges as page


@pytest.fixture(scope="module")
def pledges():
    return track_inputs.live(folder.case())


def test_the_headline_gives_each_share_and_says_what_is_assumed(pledges):
    said = page.headline(pledges)
    assert "by August 2026" in said
    assert "82.1 % of Taiwan's, 81.4 % of Thailand's and" in said
    assert said.count("windows assumed") == 1
    assert "of Vietnam's (windows assumed) can have come on top of the level of 2024" in said


def test_the_lead_says_what_a_rise_bounds_and_how_each_sum_is_dated(pledges):
    said = page.lead(pledges)
    assert "bounds what was bought beyond that level, not what was delivered" in said
    lines = dict(line.removeprefix("- **").split("**: ") for line in said.splitlines() if line.startswith("- "))
    assert "$84.80 billion with a printed window. From January 2025" in lines["Taiwan"]
    assert "due by the printed windows" in lines["Taiwan"]
    assert "$8.00 billion for every year without an end" in lines["Thailand"]
    assert "$18.80 billion named, with no window printed in full" in lines["Thailand"]
    assert "$48.40 billion not itemised, so without a window" in lines["Vietnam"]
    assert "by windows that are assumed" in lines["Vietnam"]


def test_the_rows_below_the_first_add_up_to_it(pledges):
    table = page.side_by_side_table(pledges).iloc[:5].astype(float)
    assert (table.iloc[1:].sum().round(2) == table.iloc[0]).all()


def test_every_part_has_a_source_that_a_reader_can_open(pledges):
    parts = page.parts_table(pledges)
    own = parts[parts["Pledge"] != "Vietnam"]
    assert len(own) == 3 + 3
    assert all(source.href for source in own["Source"])
    assert parts.loc["T-AIR-80", "Window"] == "none printed in full"
    assert parts.loc["A3-ENE", "Window"] == "2025-01 to 2029-12"
    assert parts.loc["T-AGR", "Window"] == "every 12 months from 2025-10"


def test_the_chart_tells_its_rows_and_never_calls_a_pledge_behind(pledges):
    chart = page.due_chart(pledges)
    assert chart.title == "In 3 of 3 pledges less can have come on top of 2024 than was due"
    assert "Taiwan 23.2 of 28.3, 82 %" in chart.alt
    assert "Vietnam, windows assumed" in chart.alt
    assert isinstance(chart.data, pd.DataFrame)


def test_two_cases_of_one_country_are_told_apart(pledges):
    assert page.labels(pledges) == ["Taiwan", "Thailand", "Vietnam"]
    assert page.labels([pledges[0], pledges[0]]) == ["Taiwan (taiwan)"] * 2


def test_the_command_prints_the_same_as_text_and_as_json(command, pledges):
    text = command("pledges")
    assert (text.code, text.err) == (0, "")
    assert page.lead(pledges) in text.out
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
