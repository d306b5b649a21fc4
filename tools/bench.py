"""`make bench`: what was made faster against what it replaced, as ratios within one run (medians of N), and the seconds
of processor time of commands, each in a process of its own."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from scipy import special

from tradebalance.answers import means
from tradebalance.answers.answer import LEVELS, solve
from tradebalance.answers.draws import BLOCK, Quantiles
from tradebalance.answers.model import Model
from tradebalance.answers.model import model as of_model
from tradebalance.answers.simulation import simulate
from tradebalance.assumptions.distributions import Assumption
from tradebalance.case import folder, inputs, store

N = 7
COLD = 5  # processes
COMMANDS = ("--help", "run even --draws 100", "run even")


def seconds(work: Callable[[], object]) -> float:
    """The median time of N runs, after one that fills the caches."""
    work()
    times = []
    for _ in range(N):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def cold(*arguments: str) -> float:
    """The median processor time of the command, in a process that has read nothing yet."""
    times = []
    for _ in range(COLD):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "tradebalance", *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(times)


def put_together(where: folder.Folder) -> store.Facts:
    """Facts as the first command of a process reads them, but for its imports."""
    store._facts.cache_clear()
    return store.facts(where)


def histogram(values: np.ndarray) -> object:
    quantiles = Quantiles()
    for block in np.array_split(values, len(values) // BLOCK):
        quantiles.add(block)
    return [quantiles.at(point) for point in (0.05, 0.5, 0.95)]


def answered(of: Model, draws: int) -> object:
    """All that an answer's tables hold, of so many draws."""
    gaps, levels = list(of.baseline["gap_usd_mn"]), [share * float(of.gap_last_four) for share in LEVELS]
    given = {"capacities": of.capacities, "paths": of.paths, "levels": levels}
    drawn = simulate(of.components, gaps, of.calendar, draws, of.scenario.seed, **given)
    return means.worked_out(drawn, of.components, of.calendar)


def main() -> None:
    """Print a line a comparison: what, its time, the other's time, and how many times faster."""
    found = inputs.gather("even").assumptions.by_path.values()
    betas = [record for record in found if isinstance(record, Assumption) and record.form == "beta"]
    uniforms = np.random.default_rng(1).random(BLOCK)
    values = np.random.default_rng(2).gamma(2, 1000, (10 * BLOCK, 80))
    few, many = (inputs.gather("slipped", draws=n) for n in (BLOCK, 10 * BLOCK))
    rows = {
        f"a block of draws of all {len(betas)} Betas: table against scipy's inverse": (
            lambda: [beta.quantile(uniforms) for beta in betas],
            lambda: [special.betaincinv(*map(float, beta.parameters), uniforms) for beta in betas],
        ),
        "three quantiles of 80 columns: histogram against sorting": (
            lambda: histogram(values),
            lambda: np.quantile(values, [0.05, 0.5, 0.95], axis=0),
        ),
        "draws of `slipped`: a block against ten": (lambda: solve(few), lambda: solve(many)),
    }
    for words, (ours, other) in rows.items():
        mine, theirs = seconds(ours), seconds(other)
        print(f"{words}: {mine * 1000:,.1f} ms against {theirs * 1000:,.1f} ms, {theirs / mine:.1f} times (n={N})")
    for name in ("even", "slipped"):
        model = of_model(inputs.gather(name))
        some, more = (seconds(lambda n=n, m=model: answered(m, n)) for n in (2_000, 100_000))
        print(f"`{name}`, facts and model held: {more * 10:.1f} microseconds a draw of 100,000, with what does not")
        print(f"  grow with them; 2,000 draws in {some * 1000:,.0f} ms (n={N})")
    where = folder.case()
    facts = {"read and put together": put_together, "read again": store.facts}
    for words, read in facts.items():
        print(f"facts {words}: {seconds(lambda read=read: read(where)) * 1000:,.0f} ms (n={N})")  # type: ignore[misc]
    for command in COMMANDS:
        print(f"tradebalance {command}: {cold(*command.split()):.2f} s of processor time (n={COLD})")


if __name__ == "__main__":
    main()
