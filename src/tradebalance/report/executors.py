"""Where a sweep's scenarios are solved, as executors of concurrent.futures: processes here, or a Dask cluster.

Light, so that a process that starts here imports what solves after it has set itself up.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..words.problems import refuse
from .kernels import ONE_THREAD

HEARD_WITHIN = 5.0  # seconds for a scheduler to say who works for it


class Stopped(RuntimeError):
    """Nobody is left to solve scenarios. What is done is kept, and another run goes on from there."""


@dataclass(frozen=True)
class Crew:
    """An executor, and a check to call while nothing comes back: raises Stopped where nothing ever will."""

    executor: Executor
    check: Callable[[], object]
    lost: str  # what is wrong where the executor gives up a task


def cores() -> int:
    """The processors that this process may use."""
    has = getattr(os, "sched_getaffinity", None)
    return len(has(0)) if has else os.cpu_count() or 1


@contextmanager
def processes(jobs: int) -> Iterator[Crew]:
    """So many processes on this machine, each started afresh (spawned, on every system alike). They end with this one,
    however that ends."""
    import multiprocessing

    lost = "a process that solves scenarios was killed or ran out of memory; run the same command again, or fewer jobs"
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    executor = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_set_up)
    try:
        yield Crew(executor, lambda: None, lost)
        executor.shutdown()
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _set_up() -> None:
    """Leave interruptions to the process that started this one, and end when it does."""
    import multiprocessing
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@contextmanager
def cluster(address: str, file: Path | None, seconds: float) -> Iterator[Crew]:
    """The workers of a Dask scheduler at an address or told of by its file, at least one after so many seconds.

    Raises Refused where Dask is not installed, and Stopped where no scheduler or no worker is there in time, or where
    none is left later on for as long.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        refuse("empty", "--scheduler", "Dask is not installed here", "pip install 'tradebalance[cluster]'")
    for log in ("distributed", "distributed.client"):  # what is wrong is said once, here
        logging.getLogger(log).setLevel(logging.CRITICAL)
    name, start = address or str(file), "start it, as in `dask scheduler`, or give it longer by --wait"
    make: Any = Client  # untyped
    try:
        found = {"address": address} if address else {"scheduler_file": str(file)}
        client = make(**found, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Stopped(f"no Dask scheduler at {name} within {seconds:g} seconds: {error}; {start}") from None
    try:
        _wait_for_a_worker(client, name, seconds)
        lost = f"lost the Dask scheduler at {name}; run the same command again once it is back"
        yield Crew(client.get_executor(pure=False), partial(_check, client, name, seconds, [time.monotonic()]), lost)
    finally:
        with suppress(Exception):  # of a scheduler that is gone
            client.close(timeout=HEARD_WITHIN)


def _wait_for_a_worker(client: Any, name: str, seconds: float) -> None:
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError:
        start = f"start some, as in `dask worker {name}`, or give them longer by --wait"
        raise Stopped(f"no worker joined the Dask scheduler at {name} within {seconds:g} seconds; {start}") from None


def _check(client: Any, name: str, seconds: float, seen: list[float]) -> None:
    """Whether somebody works for a scheduler, of which `seen` keeps when that was last so. Raises Stopped after so many
    seconds without; a lost scheduler gives its tasks up, which is told there."""
    if client.status == "running" and client.scheduler_info()["workers"]:
        seen[0] = time.monotonic()
    elif time.monotonic() - seen[0] > seconds:
        since = f"nobody has worked for the Dask scheduler at {name} for {seconds:g} seconds"
        raise Stopped(f"{since}; start workers, and run the same command again")
