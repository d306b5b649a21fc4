"""How a notebook is started: by this interpreter, from any folder, whatever is in the user's folders or the machine's.

The kernels here are real but for those that die; test_batch has the pages.
"""

import json
import os
import subprocess
import sys

import nbformat
import psutil
import pytest
from papermill.exceptions import PapermillExecutionError

from tradebalance.case import folder
from tradebalance.report import batch, kernels, rendering
from tradebalance.report.batch import Job

CELLS = (
    "import os, sys\nsys.stderr.write('/tmp/matplotlib-x1: a folder of its own')\n"
    "print('for readers'); print(os.path.realpath(sys.executable))",
    "# the last word\nword = {'headline': 'x', 'last_four_quarters': ['2026Q2'], 'reporter': 'USA', 'home': 'VNM'}",
)
DIED = "Kernel died before replying to kernel_info"


@pytest.fixture
def notebook(tmp_path):
    """A notebook in a folder with braces, of two cells."""
    path = tmp_path / "notes {x} {" / "n.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS]), path)
    return path


def foreign(tmp_path):
    """A folder in which `python3` is another interpreter, as `ipykernel install --user` leaves one."""
    spec = {"argv": ["/usr/bin/false", "-f", "{connection_file}"], "display_name": "Python 3", "language": "python"}
    kernel = tmp_path / "share" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(spec))
    return str(tmp_path / "share")


def test_a_kernel_runs_in_this_interpreter_and_from_a_folder_with_braces(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", foreign(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    kernel = kernels.Kernel()
    ran = kernel.execute(notebook, {}, notebook.with_name("out.ipynb"))
    kernel.close()
    assert [cell.execution_count for cell in ran.cells] == [1, 2]
    said = {output.name: output.text for output in ran.cells[0].outputs}
    assert said["stdout"].split() == ["for", "readers", os.path.realpath(sys.executable)]
    page = rendering.report(ran, {**RECORD})
    assert "for readers" in page
    assert "matplotlib-x1" not in page


def test_a_kernel_is_kept_and_each_notebook_finds_it_as_new(tmp_path):
    """Counts and histories begin again, names and imports of the notebook before are gone; one that failed too."""
    first, second, failing = (tmp_path / f"{name}.ipynb" for name in ("first", "second", "failing"))
    told = "import os; print(os.getpid(), sorted(n for n in globals() if n in ('mine', 'os')), len(In))"
    for path, cells in ((first, [told, "mine = 1"]), (second, [told]), (failing, ["mine = 1", "1 / 0"])):
        cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    kernel = kernels.Kernel()
    try:
        texts = []
        for path in (first, second, failing, second):
            if path == failing:
                with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
                    kernel.execute(path, {}, tmp_path / "out.ipynb")
                continue
            ran = kernel.execute(path, {}, tmp_path / "out.ipynb")
            assert [cell.execution_count for cell in ran.cells] == list(range(1, len(ran.cells) + 1))
            texts.append(ran.cells[0].outputs[0].text)
    finally:
        kernel.close()
    assert len(set(texts)) == 1
    assert texts[0].split(" ", 1)[1] == "['os'] 2\n"
    assert not psutil.pid_exists(int(texts[0].split()[0]))


RECORD = {
    "headline": "x", "last_four_quarters": ["2025Q3", "2026Q2"], "reporter": "USA", "home": "VNM", "partner": "USA",
    "known": "now",
}  # fmt: skip


def test_the_parameters_of_a_notebook_are_read_from_a_folder_with_braces(small_case, tmp_path):
    where = folder.case(str(small_case("even").rename(tmp_path / "case {x}")))
    job = Job("01_trade_gap", "01_trade_gap", {"reporter": "USA", "scenaro": "even"})
    (problem,) = batch.check_parameters(where, job)
    assert problem.column == "scenaro"


class Dying:
    """In place of papermill: so many kernels die before they answer, the last one after as many cells as stated."""

    def __init__(self, times, cells=0):
        self.times, self.cells, self.started = times, cells, 0

    def execute_notebook(self, _source, out, parameters, **_options):
        from nbclient.exceptions import DeadKernelError

        self.started += 1
        if self.started > self.times:
            return "ran"
        cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
        for n, cell in enumerate(cells[: self.cells], 1):
            cell.execution_count = n
        nbformat.write(nbformat.v4.new_notebook(cells=cells), out.format(**parameters))
        raise DeadKernelError(DIED) if self.cells else RuntimeError(DIED)


@pytest.mark.parametrize(("times", "cells", "started"), [(0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 0, 3), (1, 1, 1)])
def test_a_kernel_that_dies_before_any_cell_ran_is_started_again(notebook, monkeypatch, times, cells, started):
    """Twice at most; what a cell has done is done, and its kernel's death is the page's reason."""
    dying = Dying(times, cells)
    monkeypatch.setattr(kernels, "papermill", lambda: dying)
    if times < started:
        assert kernels.Kernel().execute(notebook, {}, notebook.with_name("out.ipynb")) == "ran"
    else:
        with pytest.raises(RuntimeError, match=DIED):
            kernels.Kernel().execute(notebook, {}, notebook.with_name("out.ipynb"))
    assert dying.started == started


def test_where_the_home_folder_cannot_be_written_all_kernels_share_one_for_matplotlib(tmp_path):
    """Else each makes one, builds its list of fonts anew, and says so on the page."""
    code = (
        "import os; from tradebalance.report import batch\n"
        "batch._run_all(None, [], None, {}, 1, print); print(os.environ['MPLCONFIGDIR'])"
    )
    kept = {name: value for name, value in os.environ.items() if name not in ("MPLCONFIGDIR", "XDG_CONFIG_HOME")}
    environment = {**kept, "HOME": "/proc/nohome", "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith(str(tmp_path))
