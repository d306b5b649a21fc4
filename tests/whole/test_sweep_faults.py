"""Sweeps that are cut off, here and on a cluster: what is done is kept whole, and the next call goes on from there."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tradebalance.case import writing
from tradebalance.report import executors

pytestmark = pytest.mark.fault
POINTS = 4
SWEEP = """
draws: 20
grid:
  scenario: [stalled]
  set:
    baseline: [{method: hold}]
    additionality.aircraft: [0.3, 0.7]
    conversion.mou.default: [0.2, 0.4]
"""
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that starts a command; what is left of its processes in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def command(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield command
    for process in started:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.communicate()


@pytest.fixture
def sweep(start: Start, tmp_path: Path) -> Start:
    """A function that starts the sweep into a folder."""
    (tmp_path / "sweep.yaml").write_text(SWEEP, encoding="utf-8")

    def run(out: str, *options: object) -> subprocess.Popen[str]:
        return start("tradebalance", "sweep", tmp_path / "sweep.yaml", "--out", tmp_path / out, *options)

    return run


@pytest.fixture
def scheduler(start: Start, tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A Dask scheduler on the loopback, at a free port, and the file that tells of it."""
    file = tmp_path / "scheduler.json"
    options = "--host 127.0.0.1 --port 0 --no-dashboard --scheduler-file".split()
    process = start("distributed.cli.dask_scheduler", *options, file)
    wait_for(file.exists, process)
    return process, file


def worker(start: Start, file: Path) -> subprocess.Popen[str]:
    """A Dask worker of one thread, no other process beside it, its local files beside the scheduler's."""
    options = "--host 127.0.0.1 --nthreads 1 --no-nanny --no-dashboard --local-directory".split()
    return start("distributed.cli.dask_worker", "--scheduler-file", file, *options, file.parent / "local")


def wait_for(what: Callable[[], object], process: subprocess.Popen[str], seconds: float = 120) -> None:
    """Until the callable is true; the process must not end before."""
    until = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.02)


def kept(out: Path) -> list[Path]:
    return [*(out / "runs").glob("*.json")]


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """A command's exit code and what it said of itself; never a traceback."""
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said, said
    return process.returncode, said


def assert_whole(out: Path) -> None:
    """Every file of a scenario is whole by its own checksum, and there are no others."""
    assert {path.suffix for path in (out / "runs").iterdir()} == {".json"}
    for path in kept(out):
        said = json.loads(path.read_text(encoding="utf-8"))
        assert writing.sha256_of_text(json.dumps(said["solved"])) == said["sha256"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sweep_ends_with_its_processes_and_leaves_whole_files_only(sweep, tmp_path, number):
    process, out = sweep("out", "--jobs", 2), tmp_path / "out"
    wait_for(lambda: kept(out), process)
    running = psutil.Process(process.pid).children(recursive=True)
    assert running
    process.send_signal(number)
    code, said = ended(process)
    assert (code, said.splitlines()[-1]) == (130, "interrupted")
    assert not psutil.wait_procs(running, timeout=10)[1]
    assert_whole(out)
    assert not (out / "results.csv").exists()


def test_processes_end_with_a_sweep_that_is_killed(sweep, tmp_path):
    process = sweep("out", "--jobs", 2)
    wait_for(lambda: kept(tmp_path / "out"), process)
    running = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert not psutil.wait_procs(running, timeout=10)[1]
    assert_whole(tmp_path / "out")


def test_a_killed_process_is_told_of_and_what_is_done_is_kept(sweep, tmp_path):
    process, out = sweep("out", "--jobs", 1), tmp_path / "out"
    wait_for(lambda: kept(out), process)
    (solving,) = (one for one in psutil.Process(process.pid).children() if "spawn_main" in " ".join(one.cmdline()))
    solving.kill()
    code, said = ended(process)
    assert code == 1
    assert "was killed or ran out of memory; run the same command again" in said
    assert_whole(out)
    assert 0 < len(kept(out)) < POINTS


def test_a_cluster_gives_the_same_bits_though_a_worker_is_killed(start, sweep, scheduler, tmp_path):
    here = sweep("here", "--jobs", 1)
    assert ended(here)[0] == 0
    _, file = scheduler
    first = worker(start, file)
    process, out = sweep("there", "--scheduler-file", file), tmp_path / "there"
    wait_for(lambda: kept(out), process)
    first.kill()
    worker(start, file)
    code, said = ended(process)
    assert code == 0, said
    assert f"{POINTS} scenarios, 0 of them solved already" in said
    for name in ("results.csv", "sweep.html"):
        assert (out / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_a_killed_scheduler_ends_a_sweep_and_the_next_call_goes_on(start, sweep, scheduler, tmp_path):
    process, file = scheduler
    worker(start, file)
    running, out = sweep("out", "--scheduler", json.loads(file.read_text())["address"]), tmp_path / "out"
    wait_for(lambda: kept(out), running)
    process.kill()
    code, said = ended(running)
    assert code == 1
    assert "lost the Dask scheduler at tcp://127.0.0.1" in said
    solved = len(kept(out))
    assert 0 < solved < POINTS
    assert_whole(out)
    code, said = ended(sweep("out", "--jobs", 1))
    assert code == 0
    assert f"{POINTS} scenarios, {solved} of them solved already" in said


def test_without_a_worker_a_sweep_ends_after_the_stated_wait(sweep, scheduler):
    code, said = ended(sweep("out", "--scheduler-file", scheduler[1], "--wait", 2))
    assert code == 1
    assert "no worker joined the Dask scheduler" in said
    assert "within 2 seconds; start some, as in `dask worker" in said


def test_without_a_scheduler_a_sweep_ends_after_the_stated_wait():
    nobody = "tcp://127.0.0.1:9"  # the port of `discard`, which nobody listens at
    with (
        pytest.raises(executors.Stopped, match=f"no Dask scheduler at {nobody} within 1 seconds"),
        executors.cluster(nobody, None, 1),
    ):
        pass
