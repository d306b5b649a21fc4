"""Runs that are cut off: what they leave behind is whole, and the next run goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

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
