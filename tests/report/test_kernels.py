"""How a notebook is started: by this interpreter, from any folder, whatever is in the user's folders or the machine's.

The kernels here are real but for those that die; test_batch has the pages.
"""

import json
import os
import subprocess
import sys
from threading import Event

import nbformat
import psutil
import pytest
from papermill.exceptions import PapermillExecutionError

from tradebalance.report import batch, kernels, rendering

CELLS = (
    "import os, sys\nsys.stderr.write('/tmp/matplotlib-x1: a folder of its own')\n"
    "print('for readers'); print(os.path.realpath(sys.executable))",
    "# the last word\nword = {'headline': 'x', 'last_four_quarters': ['2026Q2'], 'reporter': 'USA', 'home': 'VNM'}",
)
DIED = "Kernel died before replying to kernel_info"


def of_cells(*sources, **metadata):
    """A notebook of these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def spec(name, language):
    return {"name": name, "language": language, "display_name": name}


@pytest.fixture
def kernel(tmp_path):
    """A kernel, stopped in the end."""
    made = kernels.Kernel(settings=tmp_path / "ipython")
    yield made
    made.close()


def foreign(tmp_path):
    """A folder in which `python3` is another interpreter, as `ipykernel install --user` leaves one."""
    spec = {"argv": ["/usr/bin/false", "-f", "{connection_file}"], "display_name": "Python 3", "language": "python"}
    kernel = tmp_path / "share" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(spec))
    return str(tmp_path / "share")


def test_a_kernel_runs_in_this_interpreter(kernel, tmp_path, monkeypatch):
    """Whatever kernels, profiles and files of a start are the user's."""
    monkeypatch.setenv("JUPYTER_PATH", foreign(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    for name in ("mine/profile_default/startup", "home"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "start.py").write_text("print('started by hand')\nsys = None\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "mine"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "home" / "start.py"))
    ran = kernel.execute(
        of_cells(*CELLS, kernelspec={"name": "mine", "language": "python", "display_name": "Mine"}), {}
    )
    assert [cell.execution_count for cell in ran.cells] == [1, 2]
    said = {output.name: output.text for output in ran.cells[0].outputs}
    assert said["stdout"].split() == ["for", "readers", os.path.realpath(sys.executable)]
    page = rendering.report(ran, {**RECORD})
    assert "for readers" in page
    assert "matplotlib-x1" not in page
    assert "by hand" not in page


def test_a_kernel_is_kept_and_each_notebook_finds_it_as_new(kernel):
    """Counts and histories begin again, names and imports of the notebook before are gone; one that failed too."""
    told = "import os; print(os.getpid(), sorted(n for n in globals() if n in ('mine', 'os')), len(In))"
    first, second, failing = of_cells(told, "mine = 1"), of_cells(told), of_cells("mine = 1", "1 / 0")
    texts = []
    for found in (first, second, failing, second):
        if found is failing:
            with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
                kernel.execute(found, {})
            continue
        ran = kernel.execute(found, {})
        assert [cell.execution_count for cell in ran.cells] == list(range(1, len(ran.cells) + 1))
        texts.append(ran.cells[0].outputs[0].text)
    kernel.close()
    assert len(set(texts)) == 1
    assert texts[0].split(" ", 1)[1] == "['os'] 2\n"
    assert not psutil.pid_exists(int(texts[0].split()[0]))


COUNTED = """
import nbformat, psutil
from tradebalance.report import kernels
found = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
kernel, process = kernels.Kernel(), psutil.Process()
for _ in range(6):
    kernel.execute(found, {})
    print(process.num_fds())
kernel.close()
"""


def test_what_is_open_does_not_grow_from_page_to_page():
    """Two hundred pages of two hundred scenarios hold as many files as two. Counted in a process of its
    own: in this one other tests leave theirs to be collected."""
    done = subprocess.run([sys.executable, "-c", COUNTED], capture_output=True, text=True, check=True)
    first, second, *others = done.stdout.splitlines()
    assert others == [second] * 4
    assert 0 < int(first) <= kernels.FILES_OF_A_KERNEL


def test_a_cell_without_end_is_ended_at_the_limit_with_what_it_started(tmp_path):
    """It ignores what asks for less than a kill; the kernel is as new for the next notebook."""
    kernel = kernels.Kernel(settings=tmp_path / "ipython", limit=0.1)
    told = tmp_path / "started"
    stubborn = (
        "import signal, subprocess, sys\n"
        "for number in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(number, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\nwhile True: pass"
    )
    with pytest.raises(kernels.Overdue, match=r"longer than 0\.1 minutes; give it more by --limit"):
        kernel.execute(of_cells(stubborn), {})
    assert is_gone(int(told.read_text()))
    assert kernel.execute(of_cells("1 + 1"), {}).cells[0].execution_count == 1
    kernel.close()


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"{", "this is no notebook: "),
        (b"[]", "this is no notebook: "),
        (b"\xff\xfe", "this is no notebook: UnicodeDecodeError"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "this is no notebook: "),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}', "this notebook has no cells"),
        (
            nbformat.writes(of_cells("1", kernelspec=spec("ir", "R"))).encode(),
            "it is written in r",
        ),
    ],
)
def test_a_file_that_is_no_notebook_is_told_in_a_line(content, reason):
    with pytest.raises(kernels.Unusable) as refused:
        kernels.notebook(content, "notebooks/x.ipynb")
    assert str(refused.value).startswith(f"notebooks/x.ipynb: {reason}")
    assert "\n" not in str(refused.value)


def test_a_notebook_that_says_nothing_of_its_kernel_is_run_and_one_that_asks_for_another_is_told():
    plain = kernels.notebook(nbformat.writes(of_cells("a: int = 1")).encode(), "x")
    assert kernels.kernel_of(plain) == ""
    assert kernels.declared(plain) == {}
    asking = of_cells("1", kernelspec=spec("team-3.9", "python"))
    assert kernels.kernel_of(asking) == "team-3.9"


RECORD = {
    "headline": "x", "last_four_quarters": ["2025Q3", "2026Q2"], "reporter": "USA", "home": "VNM", "partner": "USA",
    "known": "now",
}  # fmt: skip


class Dying:
    """In place of papermill: so many kernels die before they answer, the last one after as many cells as stated."""

    def __init__(self, times, cells=0):
        self.times, self.cells, self.started = times, cells, 0

    def execute_notebook(self, _source, _out, _parameters, on_cell_executed, **_options):
        from nbclient.exceptions import DeadKernelError

        self.started += 1
        if self.started > self.times:
            return "ran"
        for _ in range(self.cells):
            on_cell_executed()
        raise DeadKernelError(DIED) if self.cells else RuntimeError(DIED)


@pytest.mark.parametrize(("times", "cells", "started"), [(0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 0, 3), (1, 1, 1)])
def test_a_kernel_that_dies_before_any_cell_ran_is_started_again(kernel, monkeypatch, times, cells, started):
    """Twice at most; what a cell has done is done, and its kernel's death is the page's reason."""
    dying = Dying(times, cells)
    monkeypatch.setattr(kernels, "papermill", lambda: dying)
    if times < started:
        assert kernel.execute(of_cells(*CELLS), {}) == "ran"
    else:
        with pytest.raises(RuntimeError, match=DIED) as died:
            kernel.execute(of_cells(*CELLS), {})
        assert isinstance(died.value, kernels.NotStarted) == (cells == 0)
    assert dying.started == started


def test_no_kernel_is_started_once_all_are_ended(monkeypatch):
    ended, dying = Event(), Dying(3)
    monkeypatch.setattr(kernels, "papermill", lambda: dying)
    ended.set()
    with pytest.raises(RuntimeError, match=DIED):
        kernels.Kernel(ended).execute(of_cells(*CELLS), {})
    assert dying.started == 1


def test_where_the_home_folder_cannot_be_written_all_kernels_share_one_for_matplotlib(tmp_path, monkeypatch):
    """Else each makes one, builds its list of fonts anew, and says so; and it goes with the run."""
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for home, told in (("/proc/nohome", str(tmp_path / "matplotlib")), (str(tmp_path / "home"), None)):
        monkeypatch.setenv("HOME", home)
        with batch._fonts_kept(tmp_path):
            assert os.environ.get("MPLCONFIGDIR") == told
        assert "MPLCONFIGDIR" not in os.environ
