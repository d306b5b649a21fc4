"""Kept forecasts: kept once, never changed, and scored when figures come out."""

import json

import pandas as pd
import pytest

from builders import known_on, shipped, solved
from tradebalance.answers import score
from tradebalance.case import asof, folder, forecasts
from tradebalance.case.writing import CannotWrite
from tradebalance.pages.records import as_json
from tradebalance.words.problems import Refused

QUICK = ["hold", "naive"]


@pytest.fixture(scope="module")
def record() -> dict:
    """An answer's record, as if it had been run with the draws that the scenario states."""
    return {**as_json(solved("even", draws=300)), "changes": {}}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Methods that are not estimated, and books read once."""
    monkeypatch.setattr(score, "methods", lambda _: list(QUICK))
    monkeypatch.setattr(asof, "known", lambda reporter, *_, **__: known_on(reporter))


@pytest.fixture
def case(tmp_path) -> folder.Folder:
    """The shipped case, whose forecasts are kept elsewhere."""
    there = folder.Folder(tmp_path)
    for name in ("data", "scenarios", "case.yaml"):
        (tmp_path / name).symlink_to(shipped().root / name)
    return there


def names(case):
    return sorted(path.name for path in case.forecasts.iterdir())


def kept(case, reporter="USA"):
    (path,) = case.forecasts.glob(f"{reporter}-*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_release_is_kept_in_a_file_a_book(case, record):
    assert forecasts.keep(case, [record]) == [
        "USA-2026-10: hold, naive, even, milestones kept",
        f"VNM-{known_on('VNM').as_of}: hold, naive kept",
    ]
    assert names(case) == ["USA-2026-10.json", f"VNM-{known_on('VNM').as_of}.json"]
    found = kept(case)
    assert [one["method"] for one in found["trade"]] == QUICK
    assert found["trade"][0]["inputs"] == known_on("USA").files
    (even,) = found["scenarios"]
    assert even["additional_mean_by_quarter_usd_mn"][3] == round(record["by_quarter"][3]["additional_mean_usd_mn"], 1)
    assert even["inputs"] == record["inputs"]
    assert kept(case, "VNM")["milestones"] == []  # deals are of no book


def test_what_is_kept_stays_and_what_is_tried_leaves_nothing(case, record):
    """Another draw, assumption or text of a scenario is no other forecast of the same release."""
    forecasts.keep(case, [record])
    before = {path: path.read_bytes() for path in case.forecasts.iterdir()}
    tried = [{**record, "seed": 2, "title": "Tried"}, {**record, "draws": 7}]
    assert forecasts.keep(case, tried) == []
    assert {path: path.read_bytes() for path in case.forecasts.iterdir()} == before


def test_a_method_or_scenario_that_is_new_is_added_and_the_others_stay(case, record, monkeypatch):
    forecasts.keep(case, [record])
    before = kept(case)
    monkeypatch.setattr(score, "methods", lambda _: [*QUICK, "seasonal_naive"])
    lines = forecasts.keep(case, [record, {**record, "scenario": "mine"}])
    assert lines[0] == "USA-2026-10: seasonal_naive, mine kept"
    after = kept(case)
    assert after["trade"][:2] == before["trade"]
    assert after["scenarios"][:1] == before["scenarios"]
    assert (len(after["trade"]), len(after["scenarios"])) == (3, 2)
    assert after["milestones"] == before["milestones"]


def test_a_replay_and_a_changed_run_add_nothing(case, record):
    forecasts.keep(case, [{**record, "is_replay": True}, {**record, "changes": {"draws": "300"}}])
    assert kept(case)["scenarios"] == []


def test_a_file_that_was_spoiled_is_named_and_left(case, record):
    forecasts.keep(case, [record])
    path = case.forecasts / "USA-2026-10.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(Refused, match=path.name):
        forecasts.keep(case, [record])
    assert path.read_text(encoding="utf-8") == "{}"
    (case.forecasts / "other.json").write_text("[", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        forecasts.read(case)
    assert {problem.file for problem in refused.value.problems} == {
        "forecasts/USA-2026-10.json",
        "forecasts/other.json",
    }


def test_a_folder_that_cannot_be_written_is_told(case, record):
    case.forecasts.write_text("a file in its place", encoding="utf-8")
    with pytest.raises(CannotWrite):
        forecasts.keep(case, [record])


def test_the_first_release_of_a_quarter_is_told_from_the_newest(case, monkeypatch):
    """Two releases after the forecast: the older holds one quarter more than was known, the newer revised it."""
    releases = {"2026-12": (1, 0.0), "2027-03": (2, 500.0)}

    def known(_, as_of=None, **__):
        month = str(as_of or "2027-03")
        more, revised = releases.get(month, (0, 0.0))
        history = known_on("USA").history[["exports_usd_mn", "imports_usd_mn", "gap_usd_mn"]].astype(float)
        for n in range(more):
            history.loc[history.index[-1] + 1] = [1000.0 + n + revised, 100.0, 900.0 + n + revised]
        return type("Known", (), {"history": history, "as_of": pd.Period(month, freq="M")})

    monkeypatch.setattr(asof, "known", known)
    months = [pd.Period(month, freq="M") for month in ("2026-10", *releases)]
    monkeypatch.setattr(forecasts.trade, "releases", lambda *_: months)
    found = forecasts.outturns(case, "USA", pd.Period("2026-10", freq="M"))
    gaps = {release: list(history["gap_usd_mn"].iloc[-2:]) for release, history in found.items()}
    assert gaps == {"first": [900.0, 1401.0], "latest": [1400.0, 1401.0]}
    later = forecasts.outturns(case, "USA", pd.Period("2026-12", freq="M"))
    assert list(later["first"]["gap_usd_mn"].iloc[-2:]) == [1400.0, 1401.0]


def test_the_command_scores_each_method_once_against_what_came_out(small_case, command, monkeypatch):
    """A forecast as it would have been kept in May 2025, against the release of October 2026."""
    small = folder.case(str(small_case("even")))
    then = known_on("USA", pd.Period("2025-05", freq="M"))
    entries = [score.trade(then, method) | {"version": "0", "inputs": {}} for method in QUICK]
    about = {"reporter": "USA", "as_of": "2025-05", "known": then.words}
    small.forecasts.mkdir()
    text = forecasts.text({**about, "trade": entries, "scenarios": [], "milestones": []})
    (small.forecasts / "USA-2025-05.json").write_text(text, encoding="utf-8")
    monkeypatch.undo()
    done = command("score", "--case", small.root, "--json")
    assert done.code == 0
    found = json.loads(done.out)
    (file,) = found["files"]
    assert (file["file"], file["methods"]) == ("USA-2025-05.json", QUICK)
    history = known_on("USA").history
    gaps = [
        row for row in found["quarters"] if (row["flow"], row["method"], row["release"]) == ("gap", "hold", "latest")
    ]
    assert [row["ahead"] for row in gaps] == [1, 2, 3, 4, 5]
    assert [row["outturn_usd_mn"] for row in gaps] == [float(history.at[row["quarter"], "gap_usd_mn"]) for row in gaps]
    assert {row["n"] for row in found["trade"]} == {1}
    assert len(found["trade"]) == 2 * 3 * 2 * 5  # methods, flows, releases, quarters ahead
    said = command("score", "--case", small.root).out
    assert found["due"] == {
        "forecast": 8,
        "published": 5,
        "next": {"due": "2026-11", "reporter": "USA", "quarter": "2026Q3"},
    }
    assert "Of 8 quarters that they forecast, both books counted, 5 are published since; the next to come" in said
    assert "2025-05" in said


@pytest.mark.newest
def test_the_shipped_files_hold_a_release_a_book_and_each_method_once():
    found = forecasts.read(folder.case())
    assert len(found) == len({(one["reporter"], one["as_of"]) for one in found.values()})
    for reporter in ("USA", "VNM"):
        newest = max((one for one in found.values() if one["reporter"] == reporter), key=lambda one: one["as_of"])
        methods = [(one["method"], one.get("note")) for one in newest["trade"]]
        assert len(methods) == len(set(methods)) >= 5
        for one in newest["trade"]:
            for flow in score.FLOWS:
                for row in one.get(f"{flow}_usd_mn", ()):
                    assert row == sorted(row)
                    assert len(row) == len(one["probabilities"])


@pytest.mark.newest
def test_what_was_kept_by_scenario_is_kept_as_it_stood():
    """Figures of the files before, of the scenario `even` and `as_announced`, USD million."""
    trade = {
        (one["method"], one.get("note")): one for one in forecasts.read(folder.case())["USA-2026-10.json"]["trade"]
    }
    before, since = "before the running quarter was read", "from a scenario's report"
    assert trade["sarima", before]["gap_usd_mn"][0] == [59283.9, 69555.0, 81475.4]
    assert trade["sarima", since]["gap_usd_mn"][1] == [60672.3, 72134.1, 85666.9]
    assert trade["hold", before]["gap_usd_mn"][0] == [40937.3, 52732.9, 67784.9]
    assert trade["hold", since]["gap_usd_mn"][0] == [71726.0, 76068.1, 80669.0]
