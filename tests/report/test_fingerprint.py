"""What shapes a page: each ingredient of its fingerprint, changed alone, makes the page an old one.

A fingerprint reads bytes only, so a folder of short files stands for a case, another for the checkout, and a copy of
the package for the code.
"""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from tradebalance.case import folder, forecasts
from tradebalance.report import jobs, proofs
from tradebalance.report.jobs import Job

LIBRARIES = ["tradebalance", "matplotlib", "numpy", "pandas", "scipy", "nbconvert"]
SCENARIO = Job(jobs.SCENARIO_NOTEBOOK, "04-even", {"scenario": "even"}, "even", "slow")
COMPARED = Job(jobs.COMPARISON_NOTEBOOK, "05", {"scenarios": "even slow", "reporter": "USA"})
FACTS = Job("01_trade_gap", "01", {})
TRACKED = Job(jobs.TRACK_NOTEBOOK, "07", {})
LIVE = Job(jobs.LIVE_NOTEBOOK, "08", {})
SOURCE = Path(str(files("tradebalance")))
IS_CODE = {".py", ".po", ".j2", ".css", ".json"}
CODE = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.suffix in IS_CODE)
BESIDE = ["data/corrections.yaml", "data/arrivals.yaml", "data/commodities.yaml", "data/pooled_errors.csv"]
OF_ANY_PAGE = ["data/processed/inputs.csv", "data/processed/flows.csv", *BESIDE]


def write(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"this is {name}\n")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    root = tmp_path / "checkout"
    for case in (root, root / "cases" / "phase-one"):
        (case / "data" / "raw").mkdir(parents=True)
        write(case, "case.yaml", "data/processed/inputs.csv", "data/processed/flows.csv")
    monkeypatch.setattr(folder, "shipped", lambda: root)
    return root


@pytest.fixture
def case(checkout, tmp_path):
    root = tmp_path / "case"
    notebooks = [f"notebooks/{job.notebook}.ipynb" for job in (SCENARIO, COMPARED, FACTS, TRACKED)]
    scenarios = [f"scenarios/{name}.yaml" for name in ("_assumptions", "even", "slow", "other")]
    write(root, "case.yaml", *OF_ANY_PAGE, *notebooks, *scenarios)
    return folder.Folder(root)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package, to change."""
    kept = shutil.copytree(SOURCE, tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(proofs, "files", lambda _: kept)
    return kept


def fingerprint(case, job):
    return proofs.made_from(case, job, proofs.Files()).fingerprint


def is_old_after(change, case, job):
    before = fingerprint(case, job)
    assert fingerprint(case, job) == before
    change()
    return fingerprint(case, job) != before


def grown(path):
    return lambda: path.write_text(path.read_text() + "\n")


def test_a_changed_file_of_any_room_makes_every_page_an_old_one(case, package):
    prints = [fingerprint(case, FACTS)]
    for path in CODE:
        grown(package / path)()
        prints.append(fingerprint(case, FACTS))
    unseen = [path for path, before, after in zip(CODE, prints, prints[1:], strict=False) if before == after]
    assert unseen == []


def test_no_file_of_the_package_is_of_a_kind_that_the_fingerprint_passes_over():
    kinds = {path.suffix for path in SOURCE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kinds - {".typed"} == IS_CODE


def test_code_is_looked_for_in_every_room_and_in_folders_of_rooms():
    rooms = {path.parts[0] for path in CODE if len(path.parts) > 1}
    assert rooms == {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    assert {Path("cli.py"), Path("report/templates/style.css"), Path("report/templates/report/conf.json")} <= {*CODE}


def test_a_module_that_comes_goes_or_is_renamed_makes_every_page_an_old_one(case, package):
    module = package / "facts" / "trade.py"
    assert is_old_after(lambda: module.rename(module.with_name("commerce.py")), case, FACTS)
    assert is_old_after(lambda: write(package, "facts/another.py"), case, FACTS)
    assert is_old_after((package / "facts" / "another.py").unlink, case, FACTS)


@pytest.mark.parametrize("library", LIBRARIES)
def test_another_release_of_a_library_makes_every_page_an_old_one(case, monkeypatch, library):
    released = proofs.version
    newer = {library: "99.1"}
    assert is_old_after(
        lambda: monkeypatch.setattr(proofs, "version", lambda name: newer.get(name) or released(name)), case, FACTS
    )


@pytest.mark.parametrize("job", [FACTS, SCENARIO, COMPARED, TRACKED], ids=lambda job: job.notebook)
@pytest.mark.parametrize("name", ["case.yaml", *OF_ANY_PAGE, "notebooks/{notebook}.ipynb"])
def test_a_changed_file_of_the_case_makes_its_pages_old_ones(case, job, name):
    assert is_old_after(grown(case.root / name.format(notebook=job.notebook)), case, job)


@pytest.mark.parametrize("name", BESIDE)
def test_a_file_that_a_case_may_have_counts_from_when_it_is_there(case, name):
    assert is_old_after((case.root / name).unlink, case, FACTS)


@pytest.mark.parametrize(
    ("job", "names"),
    [(FACTS, []), (SCENARIO, ["_assumptions", "even", "slow"]), (COMPARED, ["_assumptions", "even", "slow"])],
)
def test_a_page_hangs_on_its_own_scenarios_the_one_beside_them_and_on_no_other(case, job, names):
    scenarios = sorted(path.stem for path in case.scenarios.glob("*.yaml"))
    assert [name for name in scenarios if is_old_after(grown(case.scenarios / f"{name}.yaml"), case, job)] == names


@pytest.mark.parametrize("root", ["", "cases/phase-one"])
@pytest.mark.parametrize("name", ["case.yaml", "data/processed/inputs.csv", "data/processed/flows.csv"])
def test_the_track_record_hangs_on_the_cases_it_shows_beside_its_own(case, checkout, root, name):
    other = checkout / root / name
    assert not is_old_after(grown(other), case, FACTS)
    assert is_old_after(grown(other), case, TRACKED)


def test_the_live_pledges_hang_on_every_case_at_hand(case, checkout, monkeypatch):
    monkeypatch.chdir(case.root)
    for root, text in (
        (case.root, "name: mine"),
        (checkout, "name: main"),
        (checkout / "cases/phase-one", "name: other"),
    ):
        (root / "case.yaml").write_text(f"{text}\nhome: VNM\npartner: USA\nbooks: [USA]\n")
    write(case.root, f"notebooks/{LIVE.notebook}.ipynb")
    for changed in (checkout / "cases/phase-one/case.yaml", checkout / "data/processed/inputs.csv"):
        assert not is_old_after(grown(changed), case, FACTS)
        assert is_old_after(grown(changed), case, LIVE)


def test_a_page_hangs_on_its_notebook_and_on_each_parameter(case):
    shutil.copyfile(case.notebooks / f"{FACTS.notebook}.ipynb", case.notebooks / "02_commitments.ipynb")
    found = [
        FACTS,
        Job("02_commitments", "01", {}),
        *(Job(FACTS.notebook, "01", {"reporter": reporter}) for reporter in ("USA", "VNM")),
        Job(FACTS.notebook, "01", {"reporter": "USA", "draws": 500}),
    ]
    assert len({fingerprint(case, job) for job in found}) == len(found)
    turned = Job(FACTS.notebook, "01", {"draws": 500, "reporter": "USA"})
    assert fingerprint(case, turned) == fingerprint(case, found[-1])


def test_the_track_record_hangs_on_the_forecasts_that_it_judges_and_on_no_scenarios_additions(case):
    kept = {"reporter": "USA", "as_of": "2026-10", "known": "", "trade": [], "scenarios": [], "milestones": []}

    def keep(**grown):
        write(case.root, "forecasts/USA-2026-10.json")
        (case.forecasts / "USA-2026-10.json").write_text(forecasts.text({**kept, **grown}))

    keep()
    assert is_old_after(lambda: keep(milestones=[{"deal": "A"}]), case, TRACKED)
    assert is_old_after(lambda: keep(trade=[{"method": "hold"}]), case, TRACKED)
    keep()
    assert not is_old_after(lambda: keep(scenarios=[{"scenario": "even"}]), case, TRACKED)
    assert not is_old_after(lambda: keep(trade=[{"method": "hold"}]), case, FACTS)
