"""What `make bench` measures in a process of its own: cost by size, layers of a command, batches of notebooks.

`python tools/bench_child.py WHAT ARGUMENT...` does it and prints a line of JSON; processor time in seconds.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

NOTEBOOK = "04_delivery_scenario"
BATCH_DRAWS = 500  # of a batch's parameter sets: kernels, cells and pages are what is timed
PARTS_DRAWS = 2_000


def peak_mb() -> float:
    """The most memory that this process has held, in MB. What `getrusage` tells of a process begins with that of the
    one that started it; Linux tells its own apart."""
    status = Path("/proc/self/status")
    told = status.read_text(encoding="utf-8") if status.exists() else ""
    own = (int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM:"))
    return next(own, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def facts() -> dict[str, float]:
    """Facts read for the first time in a process, and once more."""
    from tradebalance.case import folder, store

    where = folder.case()
    return {"first": _timed(lambda: store.facts(where)), "again": _timed(lambda: store.facts(where))}


def grown(by: str, count: str) -> dict[str, float]:
    """One answer, or so many, with the facts held: what it takes by one size, all else as it is."""
    work = {"draws": _of_draws, "parts": _of_parts, "quarters": _of_quarters, "scenarios": _of_scenarios}[by]
    solve = work(int(count))
    return {"seconds": _timed(solve), "peak_mb": peak_mb()}


def _of_draws(draws: int) -> Callable[[], object]:
    from tradebalance.answers.answer import answered
    from tradebalance.answers.model import model
    from tradebalance.case import inputs

    of = model(inputs.gather("even", draws=draws))
    return lambda: answered(of)


def _of_parts(count: int) -> Callable[[], object]:
    """The parts of `slipped` over and over, each a deal with luck of its own, of the same sum in all."""
    from tradebalance.answers.answer import answered
    from tradebalance.answers.model import model
    from tradebalance.case import inputs

    of = model(inputs.gather("slipped", draws=PARTS_DRAWS))
    known, parts = of.included, []
    for at in range(count):
        part = known[at % len(known)]
        leaf = replace(part.leaf, id=f"{part.id} {at}", is_remainder=False)
        factors = replace(part.factors, is_coin=True)
        value = part.value_usd_mn * len(known) / count
        parts.append(replace(part, leaf=leaf, factors=factors, mix=None, value_usd_mn=value))
    synthetic = replace(of, components=tuple(parts))
    return lambda: answered(synthetic)


def _of_quarters(count: int) -> Callable[[], object]:
    from tradebalance.answers.answer import answered
    from tradebalance.answers.model import model
    from tradebalance.case import inputs

    longer: dict[str, object] = {"horizon.quarters": count, "delivery.quarters": count}
    of = model(inputs.gather("even", changes=longer))
    return lambda: answered(of)


def _of_scenarios(count: int) -> Callable[[], object]:
    from tradebalance.answers.answer import solve
    from tradebalance.case import folder, inputs, store

    where = store.hold(folder.case())
    names = inputs.names(where)[:count]
    return lambda: [solve(inputs.gather(name, case=where)) for name in names]


def layers(*command: str) -> dict[str, float]:
    """A command's processor time by layer, from the interpreter's start; what a layer calls of another is the other's.

    Modules are read before, so that no layer pays for them.
    """
    import scipy.special  # noqa: F401

    from tradebalance import cli
    from tradebalance.answers import answer, means
    from tradebalance.case import inputs, store, track_inputs  # noqa: F401
    from tradebalance.pages import delivery_scenario, records, wording  # noqa: F401

    spent = {"imports": time.process_time()}
    stack, since = ["command"], [time.process_time()]

    @contextmanager
    def within(layer: str) -> Iterator[None]:
        charge()
        stack.append(layer)
        try:
            yield
        finally:
            charge()
            stack.pop()

    def charge() -> None:
        now = time.process_time()
        spent[stack[-1]] = spent.get(stack[-1], 0.0) + now - since[0]
        since[0] = now

    def watch(module: Any, name: str, layer: str) -> None:
        original = getattr(module, name)

        def watched(*args: Any, **options: Any) -> Any:
            with within(layer):
                return original(*args, **options)

        setattr(module, name, watched)

    watch(store, "facts", "facts")
    watch(inputs, "gather", "inputs")
    watch(answer, "model", "model")
    watch(answer, "simulate", "draws")
    watch(means, "worked_out", "means")
    with redirect_stdout(StringIO()):
        cli.cli(command, standalone_mode=False)
    charge()
    return spent


def batch(how: str, count: str, out: str) -> dict[str, float]:
    """So many parameter sets of the page of a scenario, one a scenario, by tradebalance (a kernel that is kept, pages
    checked and rendered) or by papermill alone (notebooks), in a loop of calls or of commands."""
    from tradebalance.case import folder, inputs

    where, target = folder.case(), Path(out)
    target.mkdir(parents=True, exist_ok=True)
    source = where.notebooks / f"{NOTEBOOK}.ipynb"
    sets = [{"scenario": name, "draws": BATCH_DRAWS} for name in inputs.names(where)[: int(count)]]
    {"report": _by_report, "loop": _by_loop, "command": _by_command}[how](source, sets, target)
    return _all_time()


def _all_time() -> dict[str, float]:
    """Of this process and of those it waited for, kernels among them."""
    each = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(of.ru_utime + of.ru_stime for of in each)
    return {"seconds": seconds, "peak_mb": max(peak_mb(), each[1].ru_maxrss / 1024)}


def _by_report(source: Path, sets: list[dict[str, Any]], target: Path) -> None:
    from tradebalance.report import kernels, rendering

    kernel, found = kernels.Kernel(), kernels.notebook(source.read_bytes(), source.name)
    try:
        for each in sets:
            name = each["scenario"]
            notebook = kernel.execute(found, each)
            page = rendering.report(notebook, rendering.verified_record(notebook))
            (target / f"{name}.html").write_text(page, encoding="utf-8")
    finally:
        kernel.close()


def _by_loop(source: Path, sets: list[dict[str, Any]], target: Path) -> None:
    import papermill

    for each in sets:
        out = target / f"{each['scenario']}.ipynb"
        papermill.execute_notebook(source, out, each, kernel_name="python3", progress_bar=False)


def _by_command(source: Path, sets: list[dict[str, Any]], target: Path) -> None:
    for each in sets:
        out = target / f"{each['scenario']}.ipynb"
        given = [word for name, value in each.items() for word in ("-p", name, str(value))]
        command = [sys.executable, "-m", "papermill", "--no-progress-bar", "-k", "python3", source, out, *given]
        subprocess.run(command, check=True, capture_output=True)


WORK = {"facts": facts, "grown": grown, "layers": layers, "batch": batch}

if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    print(json.dumps(WORK[what](*arguments)))
