"""A sweep on the shipped case, solved in this process: its table, what is solved again, and what is refused first."""

import csv
import json
import re
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from builders import shipped
from tradebalance.answers import answer
from tradebalance.assumptions.sweep import parse
from tradebalance.case import inputs, writing
from tradebalance.case.writing import Busy
from tradebalance.reading import readers
from tradebalance.report import executors, sweep
from tradebalance.words.problems import Refused, refuse

ROOT = Path(__file__).resolve().parents[2]
TEXT = """
draws: 20
grid:
  scenario: [as_announced, stalled]
  reporter: [USA, VNM]
  set:
    baseline: [{method: hold}]
    books.VNM.lag_quarters: [0, 3]
"""
POINTS = 8


class Backwards(Executor):
    """Solves nothing until it is asked, and then what it was handed last first."""

    def __init__(self):
        self.handed = []

    def submit(self, fn, /, *said):
        self.handed.append((Future(), fn, said))
        return self.handed[-1][0]

    def solve(self):
        while self.handed:
            future, fn, said = self.handed.pop()
            try:
                future.set_result(fn(*said))
            except Refused as refusal:
                future.set_exception(refusal)


def once(function, key):
    """The function, which does its work once for what has the same key."""
    kept = {}

    def cached(*said, **named):
        at = key(*said, **named)
        if at not in kept:
            kept[at] = function(*said, **named)
        return kept[at]

    return cached


GATHER = once(inputs.gather, lambda name, **said: (name, str(dict(said["changes"]))))
SOLVE = once(answer.solve, lambda found: (found.scenario.name, str(dict(found.changes))))


@pytest.fixture(autouse=True)
def facts_and_answers_once(monkeypatch):
    monkeypatch.setattr(sweep, "_read_once", lambda _: shipped())
    monkeypatch.setattr(sweep, "TICK", 0.01)
    monkeypatch.setattr(inputs, "gather", GATHER)
    monkeypatch.setattr(answer, "solve", SOLVE)


@pytest.fixture
def run(tmp_path):
    """A function that runs a sweep's text into a folder; `handed` and `told` are the last run's tasks and words."""

    def sweep_(text=TEXT, out="out"):
        file = tmp_path / "sweep.yaml"
        file.write_text(text, encoding="utf-8")
        executor, run.handed, run.told = Backwards(), [], []

        @contextmanager
        def crew():
            yield executors.Crew(executor, solve, "lost")

        def solve():
            run.handed += [said[1:3] for _, _, said in executor.handed]
            executor.solve()

        run.failed = sweep.sweep(shipped(), file, tmp_path / out, crew, run.told.append)
        return tmp_path / out

    run = sweep_
    return run


def rows_of(out):
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def test_a_row_is_a_scenario_and_a_measure_of_run_in_the_order_of_the_file(run):
    out = run()
    rows = rows_of(out)
    assert list(rows[0])[:8] == "id scenario reporter as_of draws seed baseline books.VNM.lag_quarters".split()
    assert list(rows[0])[8:] == "measure year mean p05 p50 p95".split()
    points = list(dict.fromkeys((r["scenario"], r["reporter"], r["books.VNM.lag_quarters"]) for r in rows))
    assert points == [(s, b, lag) for s in ("as_announced", "stalled") for b in ("USA", "VNM") for lag in "03"]
    assert len(run.handed) == POINTS
    changes = {"baseline": {"method": "hold"}, "books.VNM.lag_quarters": 3}
    own_changes = {"draws": 20, "reporter": "VNM", **changes}
    found = answer.solve(inputs.gather("stalled", case=shipped(), changes=own_changes))
    own = {(r["measure"], r["year"]): r for r in rows if (r["scenario"], r["reporter"]) == ("stalled", "VNM")
           and r["books.VNM.lag_quarters"] == "3"}  # fmt: skip
    for name, points in (("additional_usd_mn", found.additional), ("closure.annual_rate", found.annual_rate),
                         ("months_of_todays_gap", found.months_of_todays_gap)):  # fmt: skip
        row = own[name, ""]
        assert [float(row[key]) for key in ("mean", "p05", "p50", "p95")] == [
            round(float(value), 9) for value in points.points.values()
        ]
    assert float(own["gap_last_four_quarters_usd_mn", ""]["mean"]) == float(found.gap_last_four)
    years = {int(year): float(row["mean"]) for (name, year), row in own.items() if name == "by_year.additional_usd_mn"}
    assert years == {int(year): round(float(mean), 9) for year, mean in found.simulated.by_year["mean"].items()}
    assert sum(years.values()) == pytest.approx(float(found.additional.mean))


def test_only_what_is_missing_broken_or_stale_is_solved_again_and_gives_the_same_bytes(run):
    out = run()
    before = {name: (out / name).read_bytes() for name in ("results.csv", "sweep.html")}
    files = sorted((out / "runs").iterdir())
    assert len(files) == POINTS
    texts = [path.read_text(encoding="utf-8") for path in files]
    files[0].unlink()
    files[1].write_text(texts[1][:-20], encoding="utf-8")  # cut off
    said = json.loads(texts[2])
    said["solved"]["measures"][0][2] += 1.0  # not what was solved
    files[2].write_text(json.dumps(said), encoding="utf-8")
    said = json.loads(texts[3])
    files[3].write_text(json.dumps({**said, "made_of": "0" * 64}), encoding="utf-8")  # of other inputs
    files[4].write_text("[]", encoding="utf-8")
    run()
    assert (len(run.handed), run.told[0]) == (5, "8 scenarios, 3 of them solved already")
    assert [path.read_text(encoding="utf-8") for path in files] == texts
    assert {name: (out / name).read_bytes() for name in before} == before
    run()
    assert (run.handed, run.told[0]) == ([], "8 scenarios, 8 of them solved already")


def test_what_was_solved_by_other_code_or_from_other_facts_is_stale(run, monkeypatch):
    run()
    monkeypatch.setattr(sweep, "_code", lambda: "another")
    run()
    assert len(run.handed) == POINTS

    def with_another_file(name, **said):
        found = GATHER(name, **said)
        files = {**found.known.files, "scenarios/_assumptions.yaml": "another"}
        return replace(found, known=replace(found.known, files=files))

    monkeypatch.setattr(inputs, "gather", with_another_file)
    run()
    assert len(run.handed) == POINTS


def test_a_larger_sweep_solves_what_is_new_and_a_smaller_one_nothing(run):
    run()
    out = run(TEXT.replace("[0, 3]", "[0, 3, 2]"))
    assert {changes["books.VNM.lag_quarters"] for _, changes in run.handed} == {2}
    assert len(rows_of(out)) == 3 * len(rows_of(run(TEXT.replace("[0, 3]", "[2]"))))
    assert run.handed == []


def test_every_problem_of_every_scenario_is_told_with_its_line_before_anything_runs(run, tmp_path):
    text = TEXT.replace("stalled", "stalld").replace("VNM]", "VNX]").replace("[0, 3]", "[0, 3000]")
    with pytest.raises(Refused) as caught:
        run(text + "    additionality.aircrft: [0.1]\n    horizon.quarters: [40, 4000]\n")
    found = [(problem.file, problem.row, problem.column, problem.value) for problem in caught.value.problems]
    assert found == [
        ("sweep.yaml", 4, "grid.scenario", "stalld"),
        ("sweep.yaml", 5, "grid.reporter", "VNX"),
        ("sweep.yaml", 8, "grid.set.books.VNM.lag_quarters", "3000"),
        ("sweep.yaml", 9, "grid.set.additionality.aircrft", None),
        ("sweep.yaml", 10, "grid.set.horizon.quarters", "4000"),
    ]
    assert "did you mean 'stalled'?" in caught.value.problems[0].fix
    assert "did you mean 'additionality.aircraft'?" in caught.value.problems[3].fix
    assert not (tmp_path / "out").exists()


def test_a_month_without_figures_is_refused_before_anything_runs(run):
    with pytest.raises(Refused) as caught:
        run("list:\n  - {scenario: even}\n  - {scenario: even, as_of: 1950-01}\n")
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [(3, "list.1.as_of")]
    assert run.handed == []


def test_a_path_that_moves_nothing_is_warned_of_by_name(run):
    out = run()
    (warning,) = (line for line in run.told if "no_effect" in line and "USA" in line)
    assert "stalled (USA): books.VNM.lag_quarters: changes nothing: the answer is on the book of USA" in warning
    assert "as_announced (USA)" in warning
    assert "stalled (VNM)" not in warning
    assert "books.VNM.lag_quarters changes nothing" in (out / "sweep.html").read_text(encoding="utf-8")


def test_what_a_scenarios_own_file_says_in_vain_is_no_matter_of_the_sweep(run):
    """Its `set` is of a tariff that the sweep takes away."""
    run("draws: 20\nlist:\n  - {scenario: tariff_46, set: {tariff: none, baseline: {method: hold}}}\n")
    assert not [line for line in run.told if "no_effect" in line]


def test_a_scenario_that_fails_is_told_of_and_the_others_are_kept(run, monkeypatch):
    def fails(found):
        if found.scenario.reporter == "VNM" and found.changes["books.VNM.lag_quarters"] == 3:
            refuse("empty", "a file", "a reason", "a fix")
        return SOLVE(found)

    monkeypatch.setattr(answer, "solve", fails)
    out = run()
    assert list(run.failed) == [
        f"{name}, draws 20, reporter VNM, baseline {{method: hold}}, books.VNM.lag_quarters 3"
        for name in ("stalled", "as_announced")
    ]
    assert all("a reason" in why for why in run.failed.values())
    assert len({row["id"] for row in rows_of(out)}) == POINTS - 2
    page = (out / "sweep.html").read_text(encoding="utf-8")
    assert "a reason" in page
    assert "Of these 2 failed" in page
    monkeypatch.setattr(answer, "solve", SOLVE)
    run()
    assert (len(run.handed), run.failed) == (2, {})


def test_a_worker_with_another_case_or_package_refuses():
    with pytest.raises(Refused, match="a worker has other inputs or other code than the sweep"):
        sweep.solve("", "as_announced", {}, "0" * 64)


def test_parquet_holds_the_same_table_where_pyarrow_is_installed_and_is_said_to_be_missing_elsewhere(run, monkeypatch):
    out, written = run(), []
    assert "results.csv only; for results.parquet: pip install 'tradebalance[parquet]'" in run.told
    monkeypatch.setattr(sweep, "find_spec", lambda name: name)

    def to_parquet(table, buffer, *, index):
        assert not index
        written.append(table)
        buffer.write(b"parquet")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", to_parquet)
    run()
    assert (out / "results.parquet").read_bytes() == b"parquet"
    rows, (table,) = rows_of(out), written
    assert list(table.columns) == list(rows[0])
    assert [*table["mean"]] == [float(row["mean"]) for row in rows]
    assert [*table["year"].fillna(0)] == [int(row["year"] or 0) for row in rows]
    monkeypatch.setattr(sweep, "find_spec", lambda _: None)
    run()
    assert not (out / "results.parquet").exists()  # of an earlier run


def test_a_folder_takes_one_sweep_at_a_time(run, tmp_path):
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out" / ".lock"), pytest.raises(Busy):
        run()


def test_the_page_is_whole_needs_nothing_from_elsewhere_and_names_its_inputs(run):
    out = run("title: Whose <figures>\n" + TEXT)
    page = (out / "sweep.html").read_text(encoding="utf-8")
    assert page.endswith("</html>\n") or page.endswith("</html>")
    assert "<h1>Whose &lt;figures&gt;</h1>" in page
    assert "src=" not in page
    assert writing.sha256_of(shipped().scenarios / "stalled.yaml") in page
    assert page.count('<svg class="wide"') == page.count('<svg class="narrow"') == 2


def test_the_example_of_the_papers_is_of_as_many_scenarios_as_they_say():
    paper = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    document = readers.yaml_document(re.findall(r"```yaml\n(.*?)```", paper, re.DOTALL)[0].encode(), "sweep.yaml")
    plan = parse(document, "slipped")
    tasks, known = sweep.prepared(shipped(), plan, document)
    assert f"These are {len(tasks)} scenarios" in paper
    assert {each.reporter for each in known} == {"USA", "VNM"}


class Scheduler:
    """What a watch asks of a Dask client."""

    def __init__(self, status, *workers):
        self.status, self.workers = status, workers

    def scheduler_info(self):
        return {"workers": dict.fromkeys(self.workers)}


def test_a_cluster_without_workers_or_contact_stops_a_sweep_after_the_stated_seconds(monkeypatch):
    now, seen = [100.0], [100.0]
    monkeypatch.setattr(executors.time, "monotonic", lambda: now[0])

    def check(client):
        executors._check(client, "tcp://x", 60, seen)

    now[0] = 160.0
    check(Scheduler("running"))
    check(Scheduler("running", "a"))
    assert seen == [160.0]
    now[0] = 220.0
    check(Scheduler("connecting", "a"))
    now[0] = 221.0
    for client in (Scheduler("connecting", "a"), Scheduler("running")):
        with pytest.raises(
            executors.Stopped, match="nobody has worked for the Dask scheduler at tcp://x for 60 seconds"
        ):
            check(client)
