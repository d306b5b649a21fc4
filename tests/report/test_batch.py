"""Notebooks to pages in one folder: what is run again, what is skipped, and what a failure costs.

One case is rendered once; each test works on its own copy of the folder of pages, and puts back what it changes in the
case. Its notebooks are thin: each says what its scenarios are called and leaves a record made beforehand, and runs in
this process where no kernel has to die. The shipped notebooks run in kernels where every page is rendered afresh, and
in tests/whole.
"""

import json
import shutil
from contextlib import contextmanager

import nbformat
import pytest
from filelock import FileLock

from builders import gather
from tests.report.test_rendering import executed
from tradebalance.answers.answer import solve
from tradebalance.case import folder, forecasts, writing
from tradebalance.pages.records import as_json, known_as_json
from tradebalance.report import batch, jobs, kernels, proofs
from tradebalance.report.jobs import Job
from tradebalance.words.problems import Refused

SCENARIOS = ("even", "as_announced")
BOOKS = ("USA",)  # pages of the other are made by the same code
DEEPER = f"{jobs.UNCERTAINTY_NOTEBOOK}-even"
COMPARED = jobs.COMPARISON_NOTEBOOK
FACTS = jobs.fact_notebooks(folder.case())
EVEN, EARLIER = (f"{jobs.SCENARIO_NOTEBOOK}-{name}" for name in ("even", "as_announced"))
READ, NOTEBOOK = "scenarios/even.yaml", f"notebooks/{jobs.SCENARIO_NOTEBOOK}.ipynb"
PAGES = [COMPARED, *FACTS, *(f"{jobs.SCENARIO_NOTEBOOK}-{name}" for name in SCENARIOS), DEEPER]


RECORDS = "records-of-thin-notebooks.json"
THIN = f"""
import json, re
from pathlib import Path
from tradebalance.case.writing import sha256_of
from tradebalance.pages.show import record, show
root, told = Path(case), globals()
records = json.loads((root / "{RECORDS}").read_text())
names = f"{{told.get('scenarios', '')}} {{told.get('scenario', '')}}".split()
titles = [re.search("^title: (.*)$", (root / "scenarios" / f"{{name}}.yaml").read_text(), re.M)[1] for name in names]
called = ", ".join(titles) or "facts"
read = {{f"scenarios/{{name}}.yaml": sha256_of(root / "scenarios" / f"{{name}}.yaml") for name in names}}
"""
SHOWN = "show(f'# {called}')"
LEFT = "record(called, {**records[KEY], 'title': called, 'inputs': read})"


def thin(path):
    """Leave of a notebook its parameters, and in place of its work the titles of its scenarios and a record."""
    notebook = nbformat.read(path, as_version=4)
    declared = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    of = "scenario" if path.stem == jobs.SCENARIO_NOTEBOOK else repr("facts")
    left = nbformat.v4.new_code_cell(LEFT.replace("KEY", of), metadata={"tags": ["record"]})
    notebook.cells = [*declared, *map(nbformat.v4.new_code_cell, (THIN, SHOWN)), left]
    nbformat.write(notebook, path)


def in_process(source, _out, parameters, **_options):
    """A notebook with its outputs, as papermill returns it, without a kernel."""
    return executed(nbformat.from_dict(source), **parameters)


@pytest.fixture(scope="module")
def case(small_case):
    made = small_case(*SCENARIOS)
    answers = [solve(gather(name, draws=100)) for name in SCENARIOS]
    records = {answer.scenario.name: as_json(answer) | {"changes": {}} for answer in answers}
    (made / RECORDS).write_text(json.dumps({**records, "facts": known_as_json(answers[0].known)}))
    for path in (made / "notebooks").glob("0*.ipynb"):
        thin(path)
    return made


@pytest.fixture(autouse=True)
def without_kernels(monkeypatch):
    monkeypatch.setattr(kernels.papermill(), "execute_notebook", in_process)


@pytest.fixture(scope="module")
def rendered(case, tmp_path_factory):
    out = tmp_path_factory.mktemp("rendered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels.papermill(), "execute_notebook", in_process)
        report(case, out)
    return out


@pytest.fixture
def out(rendered, tmp_path):
    shutil.copytree(rendered, tmp_path / "out")
    return tmp_path / "out"


def report(case, out, **options):
    """The pages by name, and what the run said of each."""
    said = {}
    pages = batch.report(
        folder.case(str(case)),
        SCENARIOS,
        books=BOOKS,
        out=out,
        case_folder=str(case),
        tell=lambda line: said.update([line.split(" (")[0].split(": ", 1)]),
        **options,
    )
    return {page.name: page for page in pages}, said


def jobs_of(case):
    return jobs.jobs(folder.case(str(case)), SCENARIOS, str(case), BOOKS)


def is_done(where, out, job):
    (led,) = batch._leading_somewhere(out, [job])
    return proofs.finished(where, out, led, proofs.made_from(where, led, proofs.Files()))


def html(folder):
    return {path.stem: path.read_bytes() for path in folder.glob("*.html")}


@contextmanager
def changed(path, old, new):
    """A file of the case with some words changed, for the length of a test."""
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


@contextmanager
def notebook_with(case, line):
    """The scenario notebook with a line of code more, before its record."""
    path = case / "notebooks" / f"{jobs.SCENARIO_NOTEBOOK}.ipynb"
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    notebook.cells.insert(-1, nbformat.v4.new_code_cell(line))
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.fixture
def no_kernel(monkeypatch):
    """From here on a test fails if a notebook is run."""

    def started(*_args, **_options):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr(kernels.papermill(), "execute_notebook", started)


# --- a run, and a run again -----------------------------------------------------------------------


def test_a_run_leaves_every_page_and_an_index_that_links_each(rendered):
    assert_whole(rendered)


def assert_whole(rendered):
    """Every page with its record, drawings and numbers is there, and an index that links each."""
    found = html(rendered)
    assert sorted(found) == sorted([*PAGES, "index", "files"])
    index = found["index"].decode()
    assert all(f'<a href="{name}.html">' in index for name in PAGES)
    for name in SCENARIOS:
        record = json.loads((rendered / "records" / f"{jobs.SCENARIO_NOTEBOOK}-{name}.json").read_text())["record"]
        assert record["scenario"] == name
        own = found[f"{jobs.SCENARIO_NOTEBOOK}-{name}"].decode()
        assert record["headline"] in own.replace("\u00a0", " ")
        for kind, count in (("figures", "*.svg"), ("data", "*.csv")):
            kept = [*(rendered / kind).glob(f"{jobs.SCENARIO_NOTEBOOK}-{name}-{count}")]
            assert len(kept) == own.count('role="img"')
    listed = found["files"].decode()
    assert all(f'<a href="records/{name}.json">' in listed for name in PAGES)


def test_a_second_run_starts_no_kernel_and_leaves_the_same_bytes(case, rendered, out, no_kernel):
    pages, said = report(case, out)
    assert said == dict.fromkeys(PAGES, "unchanged")
    assert all(page.record for page in pages.values())
    assert html(out) == html(rendered)


def test_a_changed_scenario_renders_its_own_page_the_ledgers_bridge_and_the_index_again(case, rendered, out):
    with changed(case / "scenarios" / "even.yaml", "Even delivery over ten years", "Evenly, over ten years"):
        _, said = report(case, out)
    mine, bridge = f"{jobs.SCENARIO_NOTEBOOK}-even", "02_commitments"
    before = f"{jobs.SCENARIO_NOTEBOOK}-as_announced"  # it leads to the next by its title
    again = (mine, before, bridge, jobs.TRACK_NOTEBOOK, "09_changes", DEEPER, COMPARED)
    assert {name: said[name] for name in PAGES} == {name: "done" if name in again else "unchanged" for name in PAGES}
    assert not [word for word in said.values() if word.endswith("kept")]  # what is tried is no forecast
    before, after = html(rendered), html(out)
    assert {name for name in after if after[name] != before[name]} == {*again, "index", "files"}
    assert b"<h1>Evenly, over ten years" in after[mine]
    assert b"Evenly, over ten years" in after["index"]
    assert b"Evenly, over ten years" in after[bridge]


def test_changed_assumptions_render_every_page_again_but_those_of_trade(case, out):
    with changed(case / "scenarios" / "_assumptions.yaml", "nothing measured", "nobody measured it"):
        where = folder.case(str(case))
        unchanged = [job.page for job in jobs_of(case) if is_done(where, out, job)]
    assert sorted(unchanged) == ["01_trade_gap", "03_baseline", "08_live_pledges"]


def test_changed_evidence_of_arrivals_renders_the_pages_of_facts_again(case, out):
    with changed(case / "data" / "arrivals.yaml", "went to Thailand", "flew to Thailand"):
        where = folder.case(str(case))
        stale = [job.page for job in jobs_of(case) if not is_done(where, out, job)]
    assert "02_commitments" in stale


def test_a_page_that_was_touched_or_lost_is_rendered_again(case, rendered, out):
    touched, lost = PAGES[0], PAGES[3]
    with (out / f"{touched}.html").open("a") as page:
        page.write(" ")
    (out / f"{lost}.html").unlink()
    _, said = report(case, out)
    assert {name for name, word in said.items() if word == "done"} == {touched, lost}
    assert html(out) == html(rendered)


@pytest.mark.slow
def test_all_pages_are_rendered_afresh_to_the_same_bytes_by_any_number_of_workers(small_case, tmp_path, monkeypatch):
    """The shipped notebooks, in kernels; a page that was there is rendered again too."""
    monkeypatch.undo()
    case, found = small_case(*SCENARIOS), {}
    for workers in (2, 1):
        _, said = report(case, tmp_path / "out", fresh=True, workers=workers)
        assert {name: said[name] for name in PAGES} == dict.fromkeys(PAGES, "done")
        found[workers] = html(tmp_path / "out")
    assert found[1] == found[2]
    assert_whole(tmp_path / "out")


def test_a_run_for_one_scenario_leaves_the_pages_of_all_and_keeps_the_others_in_the_index(case, rendered, out):
    """Its comparison has a name of its own; what leads from page to page stays."""
    where = folder.case(str(case))
    pages = batch.report(where, ["even"], books=BOOKS, out=out, case_folder=str(case))
    own = f"{COMPARED}-even"
    names = [page.name for page in pages]
    assert own in names
    assert COMPARED not in names
    before, after = html(rendered), html(out)
    assert {name for name in after if after[name] != before.get(name)} == {own, "index", "files"}
    index = after["index"].decode()
    assert all(f'<a href="{name}.html">' in index for name in [*PAGES, own])
    assert index.count("from an earlier run") == 1


def test_a_run_for_one_scenario_into_a_new_folder_leads_to_no_page_that_is_not_there(case, tmp_path):
    batch.report(folder.case(str(case)), ["even"], books=BOOKS, only="04", out=tmp_path, case_folder=str(case))
    assert sorted(html(tmp_path)) == [f"{jobs.SCENARIO_NOTEBOOK}-even", "files", "index"]
    page = html(tmp_path)[f"{jobs.SCENARIO_NOTEBOOK}-even"].decode()
    assert page.count("<a href=") == page.count('<a href="index.html">') == 1


def test_pages_of_some_notebooks_are_asked_for_by_how_their_names_begin(case):
    where = folder.case(str(case))
    assert [job.page for job in jobs.jobs(where, (), str(case), BOOKS, "04")] == PAGES[-3:-1][::-1]
    with pytest.raises(Refused, match="use one of 01_trade_gap, "):
        jobs.jobs(where, (), str(case), BOOKS, "40")


def earlier(out):
    """What a run that asks for all but one page finds of it: its record and why there is none."""
    asked = [page for page in PAGES if page != EARLIER]
    return [(page.name, bool(page.record), page.reason) for page in proofs.earlier(out, asked, proofs.Files().code)]


def edited(out, page, **changes):
    path = out / "records" / f"{page}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_record_is_believed_as_it_was_written_and_of_the_same_code_alone(out):
    """Else the index would tell what no page says, and a forecast be kept that none made; one of a page without its
    HTML would be a dead link."""
    record = out / "records" / f"{EARLIER}.json"
    whole = record.read_text()
    proof = json.loads(whole)
    assert earlier(out) == [(EARLIER, True, "")]
    lie = {**proof["record"], "announced_usd_mn": 1}
    for broken in ("{", "[]", json.dumps({"record": {}}), json.dumps({**proof, "record": {}}),
                   json.dumps({**proof, "record": lie}), json.dumps({**proof, "files": {"../x": ""}})):  # fmt: skip
        record.write_text(broken)
        assert earlier(out) == [(EARLIER, False, "it or its record was changed since it was made; report it again")]
    record.write_text(json.dumps({**proof, "code": "of before"}))
    assert earlier(out) == [(EARLIER, False, "it was made by another version of this program; report it again")]
    record.write_text(whole)
    drawing = next((out / "figures").glob(f"{EARLIER}-*.svg"), None)
    assert drawing is None  # a thin notebook draws nothing; where one does, it is proven as the page is
    (out / f"{EARLIER}.html").unlink()
    assert earlier(out) == []


def test_an_edited_record_is_made_again_and_one_of_another_shape_stops_no_run(case, rendered, out):
    for page, changes in ((EARLIER, {"record": {"scenario": "x"}}), (f"{jobs.SCENARIO_NOTEBOOK}-even", {"files": 1})):
        edited(out, page, **changes)
    batch.report(folder.case(str(case)), ["even"], books=BOOKS, only="01", out=out, case_folder=str(case))
    index = (out / "index.html").read_text(encoding="utf-8")
    failed = index.split('<section class="failed">')[1].split("</section>")[0]
    assert failed.count("report it again") == failed.count("<a href=") == failed.count("<li>") == 2
    _, said = report(case, out)
    assert {said[page] for page in PAGES if page.startswith(jobs.SCENARIO_NOTEBOOK)} == {"done"}
    assert html(out) == html(rendered)


# --- forecasts ------------------------------------------------------------------------------------


def test_a_report_keeps_its_forecasts_once(case, rendered, out, no_kernel):
    folder = case / "forecasts"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(name.split("-")[0] for name in before) == ["USA", "VNM"]
    report(case, out)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    kept = json.loads(before["USA-2026-10.json"])
    assert sorted(one["scenario"] for one in kept["scenarios"]) == sorted(SCENARIOS)
    record = json.loads((rendered / "records" / f"{jobs.SCENARIO_NOTEBOOK}-even.json").read_text())["record"]
    (even,) = [one for one in kept["scenarios"] if one["scenario"] == "even"]
    added = even["additional_mean_by_quarter_usd_mn"]
    assert added[3] == round(record["by_quarter"][3]["additional_mean_usd_mn"], 1)


def test_a_case_that_cannot_be_written_has_its_report_and_is_told(case, out, monkeypatch, no_kernel):
    write = writing.write_text

    def refused(path, text):
        if path.parent.name == "forecasts":
            raise writing.CannotWrite(f"cannot write {path}: Read-only file system")
        write(path, text)

    kept = {path: path.read_bytes() for path in (case / "forecasts").iterdir()}
    for path, content in kept.items():  # what the page of the track record judges stays, or it would be an old one
        path.write_text(forecasts.text({**json.loads(content), "scenarios": []}), encoding="utf-8")
    monkeypatch.setattr(writing, "write_text", refused)
    pages, said = report(case, out)
    assert all(page.record for page in pages.values())
    assert "Read-only file system" in said["forecasts not kept"]
    for path, content in kept.items():
        path.write_bytes(content)


# --- what a failure costs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason", "in_kernels"),
    [
        ("raise ValueError('<b>no</b> figures')", "ValueError: &lt;b&gt;no&lt;/b&gt; figures", False),
        ("import sys\n    sys.exit(0)", "did not run", True),
        ("import os\n    os._exit(0)", "DeadKernelError", True),
    ],
    ids=["an error", "an early exit", "a dead kernel"],
)
def test_a_scenario_that_fails_loses_its_page_and_costs_no_other(
    case, rendered, out, command, monkeypatch, line, reason, in_kernels
):
    if in_kernels:
        monkeypatch.undo()
    lost, kept = (f"{jobs.SCENARIO_NOTEBOOK}-{name}" for name in SCENARIOS)
    with notebook_with(case, f"if scenario == 'even':\n    {line}"):
        outcome = command("report", *SCENARIOS, "--reporter", "USA", "--case", case, "--out", out)
    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    assert sorted(html(out)) == sorted([*FACTS, COMPARED, kept, DEEPER, "index", "files"])
    assert html(out)[kept] == html(rendered)[kept]
    assert not (out / "records" / f"{lost}.json").exists()
    index = (out / "index.html").read_text(encoding="utf-8")
    failed = index.split('<section class="failed">')[1].split("</section>")[0]
    assert f"<strong>{lost}</strong>" in failed
    assert reason in failed
    assert failed.count("<li>") == 1
    assert f'<a href="{lost}.html">' not in index
    assert f'<a href="{kept}.html">' in index


def test_a_failed_page_is_tried_again_and_comes_back(case, rendered, out):
    with notebook_with(case, "if scenario == 'even':\n    raise ValueError"):
        pages, _ = report(case, out)
    assert [name for name, page in pages.items() if page.record is None] == [f"{jobs.SCENARIO_NOTEBOOK}-even"]
    pages, said = report(case, out)
    assert said[f"{jobs.SCENARIO_NOTEBOOK}-even"] == "done"
    assert html(out) == html(rendered)


@pytest.mark.parametrize(
    ("name", "undone"),
    [(READ, False), (READ, True), ("scenarios/_assumptions.yaml", True), (NOTEBOOK, True)],
)
def test_a_page_fails_whose_files_were_written_while_it_was_made(case, out, name, undone):
    """Undone before the end as well: what stands on the page is what was read in between."""
    path = case / name
    line = f"path = Path({str(path)!r}); whole = path.read_bytes(); path.write_bytes(whole + b' ')"
    back = "\n    path.write_bytes(whole)" if undone else ""
    before = path.read_bytes()
    with notebook_with(case, f"if scenario == 'even':\n    {line}{back}"):
        pages, _ = report(case, out, only="04")
    path.write_bytes(before)
    failed = {name: page.reason for name, page in pages.items() if page.record is None}
    (reason,) = [failed.pop(f"{jobs.SCENARIO_NOTEBOOK}-even")]
    assert reason == f"{name}: written while the page was made from it; run the report again"
    assert set(failed.values()) <= {reason}  # the other shows it too


def test_a_page_fails_that_read_its_scenario_otherwise_than_it_is(case, out):
    with notebook_with(case, "if scenario == 'even':\n    read = {'scenarios/even.yaml': 'of another'}"):
        pages, _ = report(case, out, only="04")
    assert [page.name for page in pages.values() if page.record is None] == [f"{jobs.SCENARIO_NOTEBOOK}-even"]


def test_a_file_of_figures_that_a_scenario_names_makes_its_page_an_old_one(case, out):
    own = case / "scenarios" / "mine.csv"
    own.write_text("of before")
    line = "read['scenarios/mine.csv'] = sha256_of(root / 'scenarios' / 'mine.csv')"
    with notebook_with(case, f"if scenario == 'even':\n    {line}"):
        report(case, out, only="04")
        assert set(report(case, out, only="04")[1].values()) == {"unchanged"}
        own.write_text("of now")
        said = report(case, out, only="04")[1]
    own.unlink()
    assert {name: word for name, word in said.items() if word != "unchanged"} == {EVEN: "done"}


def test_the_page_of_before_stays_where_no_kernel_started(case, rendered, out, monkeypatch):
    def none(*_args, **_options):
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(kernels.papermill(), "execute_notebook", none)
    with changed(case / "scenarios" / "even.yaml", "Even delivery over ten years", "Evenly"):
        pages, said = report(case, out, only="04")
    assert pages[EVEN].record is None
    assert said[EVEN].startswith("no kernel started, tried 3 times: ")
    assert html(out)[EVEN] == html(rendered)[EVEN]
    index = (out / "index.html").read_text(encoding="utf-8")
    assert f'<a href="{EVEN}.html">Its page of an earlier run stands.</a>' in index


def test_a_page_that_is_still_true_stays_where_making_it_afresh_fails(case, rendered, out, monkeypatch):
    def failing(*_args, **_options):
        raise ValueError("for once")

    monkeypatch.setattr(kernels.papermill(), "execute_notebook", failing)
    pages, _ = report(case, out, only="04", fresh=True)
    assert {page.reason for page in pages.values()} == {"ValueError: for once"}
    assert {name for name, text in html(out).items() if html(rendered)[name] != text} == {"index", "files"}


def test_as_many_workers_as_there_are_files_to_open(monkeypatch):
    said, limits = [], {"found": (256, 256)}
    monkeypatch.setattr("resource.getrlimit", lambda _: limits["found"])
    monkeypatch.setattr("resource.setrlimit", lambda _, made: limits.update(made=made))
    assert batch._affordable(2, said.append) == 2
    assert said == []
    assert batch._affordable(14, said.append) == 4
    assert said == ["--jobs 14 needs 624 open files and 256 are allowed (ulimit -n): 4 at a time"]
    limits["found"] = (256, 4096)
    assert batch._affordable(14, said.append) == 14
    assert limits["made"] == (624, 4096)
    limits["found"] = (32, 32)
    assert batch._affordable(1, said.append) == 1


# --- refused before a kernel starts ---------------------------------------------------------------


def problems_of(where, job):
    notebook = nbformat.read(where.notebooks / f"{job.notebook}.ipynb", as_version=4)
    return jobs.check_parameters(job, notebook)


@pytest.mark.parametrize(
    ("parameters", "code", "column"),
    [
        ({"scenaro": "even"}, "unknown_key", "scenaro"),
        ({"draws=1; import os": 1}, "unknown_key", "draws=1; import os"),
        ({"draws": "500"}, "wrong_type", "draws"),
        ({"draws": 500.0}, "wrong_type", "draws"),
        ({"draws": True}, "wrong_type", "draws"),
        ({"scenario": None}, "wrong_type", "scenario"),
        ({"scenario": ("even",)}, "wrong_type", "scenario"),
    ],
)
def test_parameters_that_a_notebook_does_not_declare_cost_its_page_before_a_kernel_starts(
    case, tmp_path, monkeypatch, no_kernel, parameters, code, column
):
    where = folder.case(str(case))
    (problem,) = problems_of(where, Job(jobs.SCENARIO_NOTEBOOK, "x", parameters))
    assert (problem.code, problem.column, problem.severity) == (code, column, "error")
    monkeypatch.setattr(jobs, "jobs", lambda *_args: [Job(jobs.SCENARIO_NOTEBOOK, "x", parameters)])
    (page,) = batch.report(where, out=tmp_path / "out")
    assert page.record is None
    assert page.reason.endswith(f"[{code}]")


def test_every_job_passes_its_own_notebooks_declaration(case):
    where = folder.case(str(case))
    found = jobs.jobs(where, (), str(case), BOOKS)
    assert sorted(job.page for job in found) == sorted(PAGES)
    assert found[0].parameters["scenarios"] == "as_announced even"
    assert [problem for job in found for problem in problems_of(where, job)] == []


def test_both_books_have_their_pages_and_each_leads_to_its_twin_and_its_neighbours(case):
    where = folder.case(str(case))
    found = {job.page: job for job in jobs.jobs(where, (), str(case))}
    of_books = {name for name in PAGES if name == "03_baseline" or name not in FACTS}
    assert set(found) == {*PAGES, *(f"{name}-VNM" for name in of_books)}
    assert [problem for job in found.values() for problem in problems_of(where, job)] == []
    assert {found[f"{name}-VNM"].parameters["reporter"] for name in of_books} == {"VNM"}
    first, second = (f"{jobs.SCENARIO_NOTEBOOK}-{name}" for name in ("as_announced", "even"))
    assert dict(found[first].links) == {
        "On Vietnam Customs figures": f"{first}-VNM.html",
        "Next: Even delivery over ten years": f"{second}.html",
    }
    assert dict(found[f"{second}-VNM"].links) == {
        "On US Census figures": f"{second}.html",
        "Before: As announced": f"{first}-VNM.html",
    }
    assert found["01_trade_gap"].links == ()
    assert dict(found["03_baseline"].links) == {"On Vietnam Customs figures": "03_baseline-VNM.html"}


def test_a_new_numbered_notebook_is_a_page_and_one_without_a_number_is_none(case):
    where = folder.case(str(case))
    added = [where.notebooks / name for name in ("08_mine.ipynb", "scratch.ipynb")]
    for path in added:
        shutil.copyfile(where.notebooks / "01_trade_gap.ipynb", path)
    try:
        found = [job.page for job in jobs.jobs(where, (), str(case), BOOKS)]
    finally:
        for path in added:
            path.unlink()
    assert sorted(found) == sorted([*PAGES, "08_mine"])


def test_an_unknown_scenario_and_a_broken_one_are_refused(case, tmp_path, no_kernel):
    where = folder.case(str(case))
    with pytest.raises(Refused, match="'evne'"):
        batch.report(where, ["even", "evne"], out=tmp_path / "out")
    with (
        changed(case / "scenarios" / "as_announced.yaml", "profile: uniform", "profile: unifrom"),
        pytest.raises(Refused, match="unifrom"),
    ):
        batch.report(where, (), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_held_folder_is_left_alone(case, rendered, out, command, no_kernel):
    with FileLock(out / ".lock"):
        with pytest.raises(writing.Busy, match="another run holds"):
            report(case, out, fresh=True)
        assert command("report", *SCENARIOS, "--reporter", "USA", "--case", case, "--out", out).code == 4
    assert html(out) == html(rendered)


def test_a_folder_that_cannot_be_written_is_told_before_a_kernel_starts(case, tmp_path, command, no_kernel):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(writing.CannotWrite, match="cannot write"):
        report(case, tmp_path / "file" / "out")
    outcome = command("report", *SCENARIOS, "--reporter", "USA", "--case", case, "--out", tmp_path / "file" / "out")
    assert outcome.code == 3
    assert outcome.err.startswith("cannot write")
