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


def kept(quarters=(), outcomes=("open",)):
    """The JSON of scores: one file, as many milestones as outcomes, two forecast quarters of which some are scored."""
    row = {"method": "hold", "note": "", "reporter": "USA", "flow": "gap", "release": "first", "ahead": 1, "n": 1}
    row |= {"inside": 1, "inside_80": 0, "mean_absolute_error_usd_mn": 1500.0, "interval_score_usd_mn": 9000.0}
    row |= {"crps_usd_mn": 1234.0, "pit": 0.93}
    each = {"deal": "A", "event": "first aircraft", "status": "signed", "by": "2030-12", "as_of": "2026-10"}
    each |= {"confidence": "high", "probability": 0.183}
    done = [outcome for outcome in outcomes if outcome != "open"]
    following = {"due": "2026-11", "reporter": "USA", "quarter": "2026Q3"}
    return {
        "files": [{"file": "USA-2026-10.json", "methods": ["hold"], "scenarios": ["even"], "milestones": 1}],
        "due": {"forecast": 2, "published": len(quarters), "next": following if len(quarters) < 2 else None},
        "trade": [row for _ in quarters],
        "milestones": {
            "kept": len(outcomes),
            "due": len(done),
            "brier": 0.0335 if done else None,
            "each": [each | {"outcome": outcome} for outcome in outcomes],
        },
    }


def test_what_is_not_due_is_said_plainly():
    said = track_record.forecasts_lead(kept())
    assert "Of 2 quarters that they forecast, both books counted, 0 are published since" in said
    assert "the next to come is 2026Q3 on the US Census book, due in November 2026." in said
    assert "No milestone has come to its date; the first does at the end of December 2030." in said
    assert track_record.scores_shown(kept()).startswith("No forecast has a score yet")
    nothing = {**kept(outcomes=()), "files": []}
    assert track_record.forecasts_lead(nothing).startswith("No forecast is kept yet")
    assert track_record.milestones_shown(nothing) == "No milestone is kept."


def test_scores_stand_by_book_method_quarters_ahead_and_release_and_milestones_with_their_outcome():
    found = kept(["2026Q3", "2026Q4"], ["happened"])
    said = track_record.forecasts_lead(found)
    assert "All 2 quarters that they forecast are published since." in said
    assert "1 of 1 milestones have come to their date, with a Brier score of 0.03" in said
    table = track_record.scores_shown(found).reset_index()
    assert list(table.columns[:5]) == ["Book", "Method", "Of", "Quarters ahead", "Release"]
    assert tuple(table.iloc[0, 5:9]) == ("1.23", "0.93", "0 of 1", "1 of 1")
    (row,) = track_record.milestones_shown(found).reset_index().itertuples(index=False)
    assert tuple(row)[2:] == ("first aircraft", "signed", "2026-10", "high", "18 %", "happened")
