"""The command `track`: its JSON, its text, what it refuses, and what its page says where there is nothing to tell."""

import json
from dataclasses import replace

import pytest

from tradebalance.case import folder, track_inputs
from tradebalance.pages import track_record


def found(command, *arguments):
    outcome = command("track", *arguments, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(outcome.out)


def test_phase_one_by_name_and_by_folder_is_the_same(command):
    by_name = command("track", "--case", "phase-one", "--json")
    by_folder = command("track", "--case", folder.case().root / "cases" / "phase-one", "--json")
    assert by_name == by_folder
    assert by_name.code == 0


def test_year_to_march_linear(command):
    rows = found(command, "--case", "phase-one", "--as-of", "2020-05", "--path", "linear")["groups"]
    row = next(row for row in rows if row["group"] == "goods_ex_aircraft")
    assert (row["through"], row["product"]) == ("2020-03", None)
    assert round(row["actual_usd_mn"] / 1000, 2) == 14.32
    assert round(row["target_usd_mn"] / 1000, 2) == 35.67
    assert round(row["ratio"], 2) == 0.40


def test_without_a_case_it_is_vietnams_rise_over_2024(command):
    said = found(command)
    (row,) = said["groups"]
    assert (said["case"], said["reporter"], said["partner"], said["path"]) == ("vietnam", "USA", "VNM", "linear")
    assert (row["group"], row["product"], row["through"]) == ("all", None, "2026-08")
    assert row["announced_usd_mn"] == 90300
    assert row["increment_ratio"] == pytest.approx(row["increment_usd_mn"] / row["path_usd_mn"])
    assert row["ratio"] == pytest.approx(row["actual_usd_mn"] / row["target_usd_mn"])
    assert [odd["month"] for odd in said["odd_months"]] == ["2024-07"]


def test_the_text_leads_with_the_finding_and_ends_with_the_sources(command):
    outcome = command("track", "--case", "phase-one")
    lines = outcome.out.strip().splitlines()
    assert lines[0].startswith("US exports of goods without aircraft to China stood at $89.3 billion by December 2020")
    assert "62.6 %" in lines[0]
    assert "16.5 %" in lines[0]
    assert lines[-1].startswith("Source: ")
    text = command("track").out
    assert "It bounds additional purchases, not deliveries" in text
    assert "July 2024" in text


def test_the_same_trade_on_the_other_sides_book_is_imports():
    rise = track_inputs.gather(folder.case())
    own = replace(rise, about=replace(rise.about, reporter="VNM", partner="USA"))
    assert "by so much Vietnam's imports from the United States from March 2025" in track_record.rise_lead(own)


def test_without_anything_printed_or_out_of_line_the_page_says_so():
    replay = replace(track_inputs.gather(folder.case("phase-one")), printed=())
    assert track_record.near(replay) == "Nothing printed is at hand to set beside all of it."
    rise = track_inputs.gather(folder.case())
    even = replace(rise, exports=dict.fromkeys(rise.exports, rise.base / 12))
    assert track_record.odd_lead(even) == "No month from the base year on is out of line."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--case phase-oen", "did you mean 'phase-one'?"),
        ("--case phase-one --as-of 2020-02", "use 2020-03 or later"),
        ("--case phase-one --as-of 2020-2", "2020-2"),
        ("--case phase-one --path seasnal", "'seasonal'"),
        ("--as-of 2025-04", "the first window starts in 2025-03"),
        ("--as-of 2024-01", "use a later month"),
        ("--as-of 2030-01", "use a month up to 2026-10"),
        ("--case phase-one --as-of 2030-01", "use a month up to 2024-08"),
    ],
)
def test_bad_input_is_exit_2_with_one_message_and_no_traceback(command, arguments, words):
    outcome = command("track", *arguments.split())
    assert outcome.code == 2
    assert outcome.out == ""
    assert words in outcome.err
    assert outcome.err.lower().count("error: ") == 1


def test_the_title_and_the_first_picture_say_what_came_of_what_was_promised_on_top():
    replay = track_inputs.gather(folder.case("phase-one"))
    found = track_record.widest(replay)
    assert track_record.headline(replay) == "Of the extra purchases that Phase One promised, 17 % came"
    before = f"{float(found.base_to_date / found.target):.0%}".replace("%", " %")
    assert (
        f"reached 63 % of the level that was asked for, but {before} of that level stood before"
        in track_record.lead(replay)
    )
    chart = track_record.came_chart(replay)
    due, came = (float(of) / 1000 for of in (found.target - found.base_to_date, found.actual - found.base_to_date))
    assert chart.title == f"Of ${due:.1f} billion that was promised on top, ${came:.1f} billion came"
    bars = [bar.get_width() for bar in chart.figure().axes[0].patches]
    assert (bars[0], bars[len(bars) // 2]) == (pytest.approx(due), pytest.approx(came))  # the widest group is first
    assert chart.data["Share"].iloc[0] == "17 %"


def test_the_months_of_a_pledge_end_at_its_ratio_and_those_below_the_base_year_are_counted():
    replay = track_inputs.gather(folder.case("phase-one"))
    chart = track_record.by_month_chart(replay)
    widest = chart.figure().axes[0].lines[0].get_ydata()
    assert widest[-1] == pytest.approx(100 * float(track_record.widest(replay).increment_ratio))
    below = sum(share < 0 for share in widest)
    assert chart.title == f"For {below} months of the year purchases stood below those of the base year"


def test_the_rise_is_pictured_with_its_path_in_words():
    vietnam, taiwan = (track_inputs.gather(folder.case(name)) for name in ("", "taiwan"))
    chart = track_record.rise_chart(vietnam)
    assert chart.title == "At most $7.7 of the $12.9 billion due by August 2026 can be new"
    assert chart.unit.endswith("due: all that is announced, services included, over an assumed 10 years, evenly")
    assert "over 5 printed years" in track_record.rise_chart(taiwan).unit
    totals = track_record.windows_table(vietnam).index
    thailand = track_record.rise_lead(track_inputs.gather(folder.case("thailand")))
    assert "$18.80 billion of the announced sum." in thailand
    assert "T-AIR" not in thailand
    assert list(totals) == ["Called signed before March 2025", "Of the memoranda of March 2025", "Under negotiation"]


def test_past_outcomes_stand_on_the_range_that_the_others_give():
    found, sources, _ = track_inputs.episodes(folder.case())
    chart = track_record.priors_chart(found, sources)
    tests = [test for each in found for test in each.tests]
    covered = sum(test.is_covered for test in tests)
    assert chart.title == f"{covered} of {len(tests)} past outcomes lie where the other pledges would put them"
    axes = chart.figure().axes[0]
    (points,) = axes.lines
    ranges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
    pairs = zip(ranges, points.get_xdata(), strict=True)
    inside = [low - 1e-9 <= point <= high + 1e-9 for (low, high), point in pairs]
    assert all(inside) is (covered == len(tests))
    assert not any("slip" in name.get_text() for name in axes.get_yticklabels())  # delays have another unit
    assert "No past pledge can be held out." in track_record.priors_chart([], sources)
