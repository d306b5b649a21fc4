"""The report in adverse surroundings, by the command itself: what is cut off, what is broken, what is in the way. What
a run leaves behind is whole, what goes wrong with a page costs no other, and the next run goes on.

The notebooks are thin, and of real kernels: one leaves a record, or does what a test has it do.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import nbformat
import psutil
import pytest
from filelock import FileLock

from releases import CASE
from tests.case.test_store import edit_census
from tradebalance.case import folder, store
from tradebalance.words.terms import month

pytestmark = pytest.mark.fault

RECORD = {
    "last_four_quarters": ["2025Q3", "2026Q2"], "reporter": "USA", "home": "VNM", "partner": "USA", "known": "now",
    "sources": [], "inputs": {},
}  # fmt: skip
DECLARED = 'case: str = ""'
SHOWN = "from tradebalance.pages.show import record, show\nshow('# whole')"
LEFT = f"record('whole', {RECORD!r})"
STUBBORN = """import signal, time
from pathlib import Path
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
if (Path(case) / "stall").exists():
    (Path(case) / "stalled").write_text("")
    while True:
        time.sleep(0.1)"""


def notebook(*cells, **metadata):
    """A notebook of cells of code, the first of which declares its parameters and the last leaves its record."""
    tags = {0: ["parameters"], len(cells) - 1: ["record"]}
    made = [nbformat.v4.new_code_cell(one, metadata={"tags": tags.get(n, [])}) for n, one in enumerate(cells)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=made, metadata=metadata))


@pytest.fixture(scope="module")
def made(small_case):
    """A case with one notebook, and the folder of its page."""
    root = small_case("even")
    shutil.copytree(CASE / "forecasts", root / "forecasts")
    shutil.rmtree(root / "notebooks")
    (root / "notebooks").mkdir()
    (root / "notebooks" / "01_thin.ipynb").write_text(notebook(DECLARED, SHOWN, STUBBORN, LEFT))
    done = report(root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def case(made, tmp_path):
    """A copy of it at its own place."""
    return shutil.copytree(made, tmp_path / "case")


def start(root, *options, only="01", **surroundings):
    """The command, started; without a folder of its own for what is temporary it has one in the case."""
    (root / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tradebalance", "report", "--case", str(root), "--only", only, *options]
    environment = {**os.environ, "TMPDIR": str(root / "tmp"), **surroundings.pop("env", {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen([*command, "--out", str(root / "out")], env=environment, **pipes, **surroundings)


def report(root, *options, **surroundings):
    process = start(root, *options, **surroundings)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def wait_for(what, process, seconds=120):
    """Until the callable is true; the run must not end before."""
    until = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.05)


def stalled(root, *options):
    """A run whose kernel hangs in a cell that ignores what asks it to end, and its kernels."""
    (root / "stall").touch()
    process = start(root, "--fresh", *options)
    wait_for((root / "stalled").exists, process)
    return process, psutil.Process(process.pid).children(recursive=True)


def content(root):
    """Every file of the folder of pages but its lock."""
    found = {path.relative_to(root / "out").as_posix(): path for path in (root / "out").rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != ".lock"}


# --- cut off --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_an_interrupted_run_ends_its_kernels_and_leaves_the_pages_as_they_were(case, number, code):
    """Of those that it was to make afresh too; no folder of it is left."""
    before = content(case)
    process, kernels = stalled(case)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in said
    assert kernels
    assert not psutil.wait_procs(kernels, timeout=10)[1]
    assert content(case) == before
    assert list((case / "tmp").iterdir()) == []


def test_a_killed_run_gives_the_folder_free_and_the_next_one_clears_it(case):
    before = content(case)
    process, kernels = stalled(case)
    process.kill()
    process.communicate(timeout=30)
    for kernel in kernels:  # they end once they notice, but for a cell that holds them
        kernel.kill()
    assert (case / "out" / ".work").is_dir()
    (case / "stall").unlink()
    done = report(case)
    assert done.returncode == 0, done.stderr
    assert "01_thin: done" in done.stderr
    assert content(case).keys() == before.keys()
    assert content(case)["01_thin.html"] == before["01_thin.html"]
    assert not (case / "out" / ".work").exists()
    assert list((case / "tmp").iterdir()) == []


def test_a_notebook_without_end_costs_its_page_at_the_limit_and_no_other(case):
    (case / "notebooks" / "01_other.ipynb").write_text(notebook(DECLARED, SHOWN, LEFT))
    (case / "stall").touch()
    done = report(case, "--fresh", "--limit", "0.1", "--jobs", "1")
    assert done.returncode == 1
    reason = "it ran longer than 0.1 minutes; give it more by --limit"
    assert f"01_thin: {reason}" in done.stderr
    assert "01_other: done" in done.stderr
    assert reason in (case / "out" / "index.html").read_text(encoding="utf-8")


# --- broken ---------------------------------------------------------------------------------------


def test_a_file_that_is_no_notebook_costs_its_own_page(case):
    notebooks = case / "notebooks"
    for name, text in {
        "10_empty": "",
        "11_text": "no notebook\nat all",
        "12_bare": json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}),
        "14_undeclared": notebook(SHOWN, LEFT),
        "15_foreign": notebook(DECLARED, LEFT, kernelspec={"name": "ir", "language": "R", "display_name": "R"}),
        "16_fine": notebook(
            DECLARED, SHOWN, LEFT, kernelspec={"name": "team", "language": "python", "display_name": "Team"}
        ),
    }.items():
        (notebooks / f"{name}.ipynb").write_text(text)
    (notebooks / "13_gone.ipynb").symlink_to("nowhere.ipynb")
    done = report(case, only="1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said = dict(line.rsplit(" (", 1)[0].split(": ", 1) for line in done.stderr.splitlines() if line.endswith(" of 7)"))
    index = (case / "out" / "index.html").read_text(encoding="utf-8")
    failed = index.split('<section class="failed">')[1].split("</section>")[0]
    for name, reason in {
        "10_empty": "the file is empty",
        "11_text": "this is no notebook: ",
        "12_bare": "this notebook has no cells",
        "13_gone": "the file is missing",
        "14_undeclared": "case: no such parameter",
        "15_foreign": "it is written in r, and pages run in Python",
    }.items():
        assert f"notebooks/{name}.ipynb: {reason}" in said.pop(name)
        assert f"<strong>{name}</strong>" in failed
    assert failed.count("<li>") == 6
    assert said == {"16_fine": "done"}
    assert (
        "notebooks/16_fine.ipynb: its kernel 'team' is not used; pages run in the Python of this command" in done.stderr
    )


# --- adverse --------------------------------------------------------------------------------------

DRAWN = """import pandas as pd
from tradebalance.pages.chart import Chart
words = {"title": "Of $1 and $2", "alt": "a", "unit": "USD billion", "sources": ["one"]}
show(Chart(lambda figure: figure.subplots().plot([1, 3]), (1, 2), data=pd.DataFrame({"x": ["1"]}), **words))"""


def test_pages_are_the_same_bytes_in_a_locale_a_home_and_a_folder_that_are_adverse(made, tmp_path):
    """A C locale without UTF-8 mode, a Vietnamese path, composed and not, with braces and a dollar; a home that cannot
    be written; another interpreter as python3, settings of matplotlib and IPython; few files, many workers."""
    name = "việt {x} {} $HOME"
    pages = {}
    for form in ("NFC", "NFD"):
        root = shutil.copytree(made, tmp_path / form / unicodedata.normalize(form, name))
        (root / "notebooks" / "01_thin.ipynb").write_text(notebook(DECLARED, SHOWN, DRAWN, LEFT))
        (root / "matplotlibrc").write_text("text.usetex: True\nlines.linewidth: 9\n")
        foreign = root / "share" / "kernels" / "python3"
        foreign.mkdir(parents=True)
        spec = {"argv": ["/usr/bin/false"], "display_name": "Python 3", "language": "python"}
        (foreign / "kernel.json").write_text(json.dumps(spec))
        start_up = root / "ipython" / "profile_default" / "startup"
        start_up.mkdir(parents=True)
        (start_up / "00.py").write_text("print('by hand')\nraise SystemExit")
        adverse = {
            "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": "/proc/nohome",
            "JUPYTER_PATH": str(root / "share"), "JUPYTER_PREFER_ENV_PATH": "0", "IPYTHONDIR": str(root / "ipython"),
        }  # fmt: skip
        env = {"PYTHONUTF8": "1"} if form == "NFC" and not pages else {}
        for surroundings in (
            {"env": env},
            {"env": adverse, "cwd": root, "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))},
        ):
            done = report(root, "--fresh", "--jobs", "14", **surroundings)
            assert done.returncode == 0, done.stderr
            assert done.stdout.strip() == str(root / "out" / "index.html")
            pages[form, "env" in surroundings and bool(surroundings["env"].get("LC_ALL"))] = {
                name: each for name, each in content(root).items() if name.endswith((".html", ".svg", ".csv"))
            }
        assert "--jobs 14 needs 624 open files and 256 are allowed (ulimit -n): 4 at a time" in done.stderr
        assert list((root / "tmp").iterdir()) == []
    assert len(pages) == 4
    first, *others = pages.values()
    assert any(name.endswith(".svg") for name in first)
    assert all(each == first for each in others)
    assert b"by hand" not in first["01_thin.html"]


def test_what_is_in_the_way_is_exit_3_in_a_line(case):
    shutil.rmtree(case / "out")
    Path(case / "out").symlink_to("nowhere")
    done = report(case)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"cannot write {case / 'out'}: ")
    assert done.stderr.count("\n") == 1


# --- two at once ----------------------------------------------------------------------------------


def test_of_two_builds_at_once_the_one_that_read_older_files_writes_nothing(tmp_path):
    """Both wait to write, while another holds the folder; between the two the newest figure was revised."""
    for name in ("data", "scenarios"):
        shutil.copytree(CASE / name, tmp_path / name, copy_function=shutil.copyfile)
    case = folder.case(tmp_path)
    (case.processed / "flows.csv").write_text("figures of an older build", encoding="utf-8")
    command = [sys.executable, "-m", "tradebalance", "build", "--case", str(tmp_path)]

    def build() -> subprocess.Popen[str]:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    with FileLock(case.processed / ".lock"):
        older = build()
        wait_for((case.processed / ".writable").exists, older)  # it has read all that it is to write
        edit_census(case, 2026, "IAUG", "26474.6")
        newer = build()
    said = [process.communicate(timeout=120)[1] for process in (older, newer)]
    assert (older.returncode, newer.returncode) == (2, 0), said
    assert "has changed while it was read" in said[0]
    flows = store.facts(case).flows
    last = flows[(flows["period"] == month("2026-08")) & (flows["flow"] == "import")]
    assert [str(value) for value in last["value_usd_mn"]] == ["26474.6"]
