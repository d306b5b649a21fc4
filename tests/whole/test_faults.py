"""Runs that are cut off: what they leave behind is whole, and the next run goes on."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from releases import CASE
from tests.case.test_store import edit_census
from tradebalance.case import folder, store
from tradebalance.words.terms import month

pytestmark = pytest.mark.fault


def start(out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tradebalance", "report", "even", "stalled", "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(what: object, process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Until the callable is true; the run must not end before."""
    until = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.05)


def kernels(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_an_interrupted_run_stops_its_kernels_and_leaves_whole_pages_only(tmp_path):
    process = start(tmp_path)
    wait_for(lambda: (tmp_path / "01_trade_gap.html").exists() and kernels(process), process)
    running = kernels(process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert not psutil.wait_procs(running, timeout=10)[1]
    assert all(page.read_text(encoding="utf-8").endswith("</html>\n") for page in tmp_path.glob("*.html"))


def test_a_killed_run_gives_the_folder_free_and_the_next_one_finishes(tmp_path):
    process = start(tmp_path)
    wait_for(lambda: kernels(process), process)
    running = kernels(process)
    process.kill()
    process.communicate(timeout=30)
    for kernel in running:
        kernel.kill()  # started by the run that this test killed
    again = start(tmp_path)
    out, said = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert (tmp_path / "04_delivery_scenario-stalled.html").exists()
    assert out.strip().endswith("index.html")


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
