"""The Python API: what a user types first, and what it says to a slip."""

import os
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import tradebalance as tb
from releases import CASE, CHECKOUT
from tradebalance.case import folder
from tradebalance.pages.records import as_json
from tradebalance.pages.say import ranged

MINE = {
    "title": "Mine",
    "reporter": "USA",
    "baseline": {"method": "hold"},
    "horizon": {"quarters": 20},
    "credit": "none",
    "delivery": {"from": "now", "profile": "uniform", "quarters": 20},
}


@pytest.fixture(scope="module")
def case() -> tb.Case:
    return tb.load()


@pytest.fixture(scope="module")
def answer(case) -> tb.Answer:
    return case.scenario("even").set(draws=500).solve()


def test_the_names_are_the_six_and_all_are_there():
    assert sorted(tb.__all__) == ["Answer", "Case", "Problem", "Refused", "Scenario", "load"]
    assert all(getattr(tb, name) for name in tb.__all__)
    with pytest.raises(AttributeError, match="'lod'"):
        _ = tb.lod


def test_importing_it_waits_for_no_pandas():
    code = "import sys, tradebalance; print('pandas' in sys.modules, tradebalance.Refused.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "Refused"]


def test_of_several_scenarios_those_that_are_refused_are_told_and_the_others_solved(small_case):
    """A path in a file that is not there is found out only when it is needed."""
    root = small_case("even", "s_curve", draws=20)
    at_hand = tb.load(root)
    for name in ("lost", "gone"):
        text = (root / "scenarios" / "even.yaml").read_text(encoding="utf-8")
        text = text.replace("{method: mixture}", f"{{method: file, path: {name}.csv}}")
        (root / "scenarios" / f"{name}.yaml").write_text(text.replace("title: ", f"title: {name} "), encoding="utf-8")
    answers, refused = at_hand.solved(["even", "lost", "s_curve"], reporter="USA")
    assert [answer.scenario.name for answer in answers] == ["even", "s_curve"]
    ((title, problems),) = refused
    assert title.startswith("lost ")
    assert [problem.column for problem in problems] == ["baseline.path"]
    with pytest.raises(tb.Refused, match="evne"):
        at_hand.solved(["even", "evne"])
    with pytest.raises(tb.Refused, match=r"lost\.csv"):
        at_hand.solved(["lost", "gone"])


# --- the case at hand -----------------------------------------------------------------------------


def test_at_hand_is_the_nearest_folder_with_a_case_then_the_shipped_one(monkeypatch, tmp_path):
    monkeypatch.chdir(CASE / "cases" / "phase-one" / "data" / "raw")
    assert folder.case().root == CASE / "cases" / "phase-one"
    monkeypatch.chdir(CASE / "notebooks")
    assert folder.case().root == CASE
    monkeypatch.chdir(tmp_path)
    assert folder.case().root == folder.shipped() == CASE


def test_a_case_goes_by_name_or_folder_as_text_or_path():
    assert tb.load("phase-one").about.home == "CHN"
    assert tb.load("vietnam").about.home == "VNM"
    assert tb.load(CASE / "cases" / "phase-one").about.home == "CHN"
    with pytest.raises(tb.Refused, match="did you mean 'phase-one'"):
        tb.load("phase-on")


def test_a_case_reads_its_raw_files_once(case, monkeypatch):
    monkeypatch.setattr(Path, "rglob", lambda *_: pytest.fail("data/raw is read again"))
    assert case.known().history.index[-1] == pd.Period("2026Q2", freq="Q")
    assert case.scenario("even").set(draws=10).solve().known.announced == 90_300


def test_cases_are_laid_out_whole_and_nothing_is_overwritten(tmp_path):
    target = tmp_path / "mine"
    under = [target / "cases" / name for name in ("phase-one", "taiwan", "thailand")]
    assert folder.lay_out(target) == [target, *under]
    assert folder.case(under[1]).scenarios == target / "cases" / "scenarios"
    for name in ("case.yaml", "scenarios/even.yaml", "data/processed/inputs.csv", "notebooks/01_trade_gap.ipynb"):
        assert (target / name).read_bytes() == (CASE / name).read_bytes()
    assert not (target / "cases" / "phase-one" / "reports").exists()
    with pytest.raises(tb.Refused, match="not empty"):
        folder.lay_out(target)


# --- scenarios ------------------------------------------------------------------------------------


def test_changes_are_the_commands_and_leave_the_scenario_alone(case, command):
    even = case.scenario("even")
    changed = even.set({"additionality.aircraft": Decimal("0.5")}, reporter="VNM", draws=300)
    told = command("run", "even", "--set", "additionality.aircraft=0.5", "--reporter", "VNM", "--draws", 300, "--json")
    assert f'"additional_usd_mn": {{\n  "mean": {as_json(changed.solve())["additional_usd_mn"]["mean"]}' in told.out
    assert (even.changes, even.spec.reporter) == ({}, "USA")


def test_changes_may_be_text_and_add_up(case):
    even = case.scenario("even")
    text = even.set("{additionality.aircraft: 0.5}").set('{"draws": 200}')
    assert even.set("").changes == {}
    assert text.changes == even.set({"additionality.aircraft": Decimal("0.5")}, draws=200).changes


@pytest.mark.parametrize(
    ("changes", "keys", "words"),
    [
        ({"additionality.aircrft": Decimal("0.5")}, {}, "did you mean 'additionality.aircraft'"),
        ({}, {"reportr": "VNM"}, "did you mean 'reporter'"),
        ("[1]", {}, "not a mapping of paths"),
        ("a: b: c", {}, "set:1"),
    ],
)
def test_a_slip_is_refused_with_the_nearest(case, changes, keys, words):
    with pytest.raises(tb.Refused, match=words):
        case.scenario("even").set(changes, **keys)


def test_a_scenario_from_python_is_a_files(case):
    mine = tb.Scenario(case=case, **MINE)
    assert mine.solve().simulated.totals.loc["additional", "mean"] == 90_300
    with pytest.raises(tb.Refused) as refused:
        tb.Scenario(case=case, **{**MINE, "credit": "some", "horizon": {"quarters": 0}})
    assert {problem.column for problem in refused.value.problems} == {"credit", "horizon.quarters"}


# --- answers --------------------------------------------------------------------------------------


def test_tables_are_plain_numbers_with_units_in_their_columns(answer):
    for table in (answer.bridge, answer.by_quarter, answer.by_year):
        assert all(name.endswith("_usd_mn") for name in table.columns)
        assert all(kind == "float64" for kind in table.dtypes)
        assert "/" not in table.to_csv()
    additional = float(answer.simulated.totals.at["additional", "mean"])
    assert answer.bridge["mean_usd_mn"].sum() == pytest.approx(additional)
    assert answer.by_quarter["additional_mean_usd_mn"].sum() == pytest.approx(additional)
    assert answer.by_year["additional_mean_usd_mn"].sum() == pytest.approx(additional)


def test_an_answer_leads_back_to_its_rows(answer):
    chain = answer.trace("announced_usd_mn")
    assert chain.value == 90_300
    assert {cell.file.split("/")[0] for cell in chain.all_cells()} == {"commitments"}


def test_what_is_printed_fits_a_screen(case, answer):
    shown = [case, case.scenario("even"), answer, case.known(), case.books(), answer.trace("additional_usd_mn")]
    for each in shown:
        lines = repr(each).splitlines()
        assert len(lines) <= 45
        assert "object at 0x" not in repr(each)
    additional = ranged(answer.additional)
    assert f"{additional} bn" in repr(answer)
    assert f"<td>{additional} bn</td>" in answer._repr_html_()
    assert answer._repr_markdown_().splitlines()[3] == "| --- | --- |"


# --- elsewhere ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_wheel_elsewhere_lays_out_a_case_and_reports_on_it(tmp_path):
    """Built, unpacked into an empty environment beside the libraries, and used where no checkout is."""
    source = tmp_path / "source"  # a build leaves files behind
    shutil.copytree(CHECKOUT, source, ignore=shutil.ignore_patterns(".*", "reports", "build", "*.egg-info"))
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, source]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), libraries])}

    def run(*arguments: object, cwd: Path, code: int = 0) -> str:
        words = [sys.executable, "-m", "tradebalance", *map(str, arguments)]
        done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    where = [sys.executable, "-c", "import tradebalance; print(tradebalance.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    assert found.startswith(str(tmp_path / "site"))
    assert "init" in run("report", cwd=tmp_path, code=3)
    run("init", "mine", cwd=tmp_path)
    for name in ("even", "stalled"):
        scenario = tmp_path / "mine" / "scenarios" / f"{name}.yaml"
        scenario.write_text(
            scenario.read_text(encoding="utf-8").replace("draws: 20000", "draws: 200"), encoding="utf-8"
        )
    replayed = tmp_path / "mine" / "notebooks" / "07_track_record.ipynb"
    text = replayed.read_text(encoding="utf-8")
    simple = text.replace(r"baselines: str = \"\"", r"baselines: str = \"naive hold\"")
    assert simple != text
    replayed.write_text(simple, encoding="utf-8")
    assert "mine/reports/index.html" in run("report", "even", "stalled", cwd=tmp_path / "mine")
    pages = {path.stem for path in (tmp_path / "mine" / "reports").glob("*.html")}
    assert {"index", "01_trade_gap", "04_delivery_scenario-even", "04_delivery_scenario-stalled"} <= pages


def test_before_a_book_binds_a_quarter_the_other_stands_alone():
    case = tb.load()
    early = case.known("USA", "2018-06")
    assert case.books("2018-06") is None
    assert case.others(early) == []
    with pytest.raises(tb.Refused, match="after the newest release"):
        case.books("2030-01")
