"""Frozen forecasts: kept once, never changed, and scored when figures come out."""

import json

import pandas as pd
import pytest

from builders import gather, known_on, solved, trade
from tradebalance.answers.answer import solve
from tradebalance.case import folder, forecasts, inputs
from tradebalance.case.writing import CannotWrite
from tradebalance.pages.records import as_json
from tradebalance.words import terms
from tradebalance.words.problems import Refused

CASE = folder.case
HOLD = {"method": "hold"}  # which is not estimated


@pytest.fixture(scope="module")
def changed() -> dict:
    """The record of a run with fewer draws than the scenario states."""
    return as_json(solved("even", draws=300))


@pytest.fixture(scope="module")
def record(changed) -> dict:
    return {**changed, "changes": {}}


@pytest.fixture
def case(tmp_path) -> folder.Folder:
    return folder.Folder(tmp_path)


def names(case):
    return sorted(path.name for path in case.forecasts.iterdir())


def test_a_forecast_is_kept_under_scenario_book_and_month(case, record):
    (path,) = forecasts.keep(case, [record])
    assert path.name == "even-USA-2026-10.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["by_quarter"][0]["quarter"] == "2026Q3"
    assert kept["by_quarter"][0]["gap_p50_usd_mn"] == round(record["by_quarter"][0]["gap_p50_usd_mn"], 1)
    assert {"inputs", "seed", "version", "known"} <= kept.keys()
    assert kept["inputs"] == record["inputs"]


def test_the_same_forecast_is_kept_once_and_another_one_beside_it(case, record):
    (first,) = forecasts.keep(case, [record])
    before = first.read_bytes()
    assert forecasts.keep(case, [record]) == []
    (second,) = forecasts.keep(case, [{**record, "seed": 2}])
    assert second.name.startswith("even-USA-2026-10-")
    assert forecasts.keep(case, [{**record, "seed": 2}, record]) == []
    assert first.read_bytes() == before
    assert names(case) == sorted([first.name, second.name])


def test_a_kept_forecast_whose_text_was_changed_is_named_and_stays(case, record):
    forecasts.keep(case, [record])
    (second,) = forecasts.keep(case, [{**record, "seed": 2}])
    second.write_text("{}", encoding="utf-8")
    with pytest.raises(CannotWrite, match=second.name):
        forecasts.keep(case, [{**record, "seed": 2}])
    assert second.read_text(encoding="utf-8") == "{}"


def test_a_replay_and_a_changed_run_are_no_forecasts(case, changed):
    replayed = as_json(solve(gather("even", draws=100, as_of="2025-05", baseline=HOLD)))
    assert replayed["is_replay"]
    assert changed["changes"] == {"draws": "300"}
    assert forecasts.keep(case, [{**replayed, "changes": {}}, changed]) == []
    assert not case.forecasts.exists()


def test_a_forecast_below_what_is_published_of_the_running_quarter_is_none(case, record):
    published = record["nowcast"]["published_usd_mn"]
    assert published < record["by_quarter"][0]["gap_p50_usd_mn"]
    first = {**record["by_quarter"][0], "gap_p50_usd_mn": published - 1}
    assert forecasts.keep(case, [{**record, "by_quarter": [first, *record["by_quarter"][1:]]}]) == []


def test_a_later_release_scores_each_quarter_against_its_own_outturn(record):
    """Two quarters come out, one where the forecast's median was and one far above its band."""
    kept = forecasts.freeze(record)
    medians = [row["gap_p50_usd_mn"] for row in kept["by_quarter"]]
    highs = [row["gap_p95_usd_mn"] for row in kept["by_quarter"]]
    gaps = [1000.0, 2000.0, medians[0], highs[1] + 500]
    history = trade([gap + 4000 for gap in gaps], [4000.0] * 4, "2026Q4")
    found = forecasts.scored(kept, history)
    assert [str(quarter) for quarter in found.index] == ["2026Q3", "2026Q4"]
    first, second = (row for _, row in found.iterrows())
    assert (first["error"], first["is_inside"]) == (0, True)
    assert not second["is_inside"]
    assert second["error"] == pytest.approx(highs[1] + 500 - medians[1])
    assert second["interval_score"] == pytest.approx(second["p95"] - second["p05"] + 20 * 500)
    together = forecasts.summary([found, forecasts.scored(kept, history.iloc[:2])])
    assert (together["n"], together["inside"]) == (2, 1)
    assert together["mean_absolute_error_usd_mn"] == pytest.approx(second["error"] / 2)


def test_nothing_is_scored_before_its_quarter_is_out(record):
    known = known_on("USA")
    assert forecasts.scored(forecasts.freeze(record), known.history).empty
    assert forecasts.summary([]) == {
        "n": 0,
        "inside": 0,
        "mean_absolute_error_usd_mn": None,
        "interval_score_usd_mn": None,
    }


def test_the_command_scores_forecasts_made_before_the_newest_release(small_case, command):
    """A forecast as it would have been frozen in May 2025, against the release of October 2026."""
    small = small_case("even")
    record = as_json(solve(inputs.gather("even", case=CASE(str(small)), as_of="2025-05", baseline=HOLD)))
    forecasts.keep(CASE(str(small)), [{**record, "is_replay": False, "changes": {}}])
    done = command("score", "--case", small, "--json")
    assert done.code == 0
    found = json.loads(done.out)
    (one,) = found["forecasts"]
    assert (one["file"], one["n"]) == ("even-USA-2025-05.json", 5)
    history = known_on("USA").history
    for row in one["quarters"]:
        assert row["outturn_usd_mn"] == float(history.at[terms.quarter(row["quarter"]), "gap_usd_mn"])
    assert found["all"]["n"] == 5
    assert "2025-05" in command("score", "--case", small).out


def test_a_file_that_is_no_forecast_is_named(case, record):
    forecasts.keep(case, [record])
    (case.forecasts / "broken.json").write_text("{", encoding="utf-8")
    (case.forecasts / "other.json").write_text('{"scenario": "even"}', encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        forecasts.read(case)
    assert {problem.file for problem in refusal.value.problems} == {"forecasts/broken.json", "forecasts/other.json"}


def test_periods_of_a_scored_forecast_are_quarters(record):
    history = trade([5000.0] * 4, [4000.0] * 4, "2026Q3")
    assert isinstance(forecasts.scored(forecasts.freeze(record), history).index, pd.PeriodIndex)
