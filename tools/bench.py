"""`make bench`: processor time of tradebalance, and of other ways to the same, as tables of Markdown.

Two that are compared run by turns in the same run; a time is a median of TIMES runs, a ratio that of the ratios of the
turns. `--write` puts the tables into docs/performance.md, `--only WORD` measures those with the word in their titles,
`--trial` runs everything small and once.
"""

import argparse
import datetime as dt
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil
from scipy import special

import bench_peers
from tradebalance.answers.answer import answered, solve
from tradebalance.answers.draws import BLOCK, Quantiles
from tradebalance.answers.model import Model, model
from tradebalance.assumptions.distributions import Assumption
from tradebalance.case import inputs

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- written by `make bench`: from here -->", "<!-- to here -->"
WORKPLACE = ROOT / "build" / "bench"
CHILD = ROOT / "tools" / "bench_child.py"
PACKAGES = ("numpy", "pandas", "scipy", "papermill", "tradebalance")
PEER_DRAWS, LOOP_DRAWS = 20_000, 200  # a draw of the loop over rows takes a thousand times longer
TRIAL = "--trial" in sys.argv
TIMES = 1 if TRIAL else 5
SETS = 2 if TRIAL else 12
SMALL = {"draws": 4_000, "parts": 30, "quarters": 60, "scenarios": 2}  # of a trial
Cells = tuple[str, ...]
Work = Callable[[], object]


@dataclass(frozen=True)
class Table:
    """A table of the page: its title, what is to be known of it, the heads of its columns after the first, and by name
    of a row what measures its cells."""

    title: str
    about: str
    heads: Cells
    rows: Mapping[str, Callable[[], Cells]]


def few(count: int, of: str = "draws") -> int:
    """A number of draws, or of something else: in a trial fewer."""
    return min(count, SMALL[of]) if TRIAL else count


def cpu(work: Work) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def by_turns(*works: Work) -> list[list[float]]:
    """Of each of some works the processor times of TIMES runs, taken by turns, after one that fills the caches."""
    for work in works:
        work()
    return [*map(list, zip(*([cpu(work) for work in works] for _ in range(TIMES)), strict=True))]


def ratio(ours: Sequence[float], others: Sequence[float]) -> str:
    """How many times longer the others take, as the median of the turns."""
    return f"{statistics.median(other / mine for mine, other in zip(ours, others, strict=True)):,.3g}"


def in_ms(times: Sequence[float]) -> str:
    found = statistics.median(times) * 1000
    return f"{found:,.{0 if found >= 100 else 1}f} ms"


def in_seconds(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.2f} s"


def child(*arguments: object) -> dict[str, float]:
    """What tools/bench_child.py measures in a process of its own."""
    command = [sys.executable, CHILD, *map(str, arguments)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)  # kernels warn on every start
    if told.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {told.stderr}")
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def command(*arguments: str) -> float:
    """The processor time of a command in a process that has read nothing yet, with those that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "tradebalance", *arguments]
    subprocess.run(words, check=True, capture_output=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@cache
def ready(name: str, draws: int) -> Model:
    return model(inputs.gather(name, draws=draws))


def versus(ours: Work, other: Work) -> Cells:
    mine, theirs = by_turns(ours, other)
    return in_ms(mine), in_ms(theirs), ratio(mine, theirs)


def betas() -> Cells:
    found = inputs.gather("even").assumptions.by_path.values()
    known = [record for record in found if isinstance(record, Assumption) and record.form == "beta"]
    uniforms = np.random.default_rng(1).random(BLOCK)
    return versus(
        lambda: [beta.quantile(uniforms) for beta in known],
        lambda: [special.betaincinv(*map(float, beta.parameters), uniforms) for beta in known],
    )


def histogram() -> Cells:
    values = np.random.default_rng(2).gamma(2, 1000, (10 * BLOCK, 80))

    def ours() -> object:
        quantiles = Quantiles()
        for block in np.array_split(values, len(values) // BLOCK):
            quantiles.add(block)
        return [quantiles.at(point) for point in (0.05, 0.5, 0.95)]

    return versus(ours, lambda: np.quantile(values, [0.05, 0.5, 0.95], axis=0))


def blocks() -> Cells:
    one, ten = (inputs.gather("slipped", draws=count * BLOCK) for count in (1, 10))
    return versus(lambda: solve(one), lambda: solve(ten))


def warm(name: str) -> Cells:
    some, many = ready(name, 2_000), ready(name, few(100_000))
    short, long = by_turns(lambda: answered(some), lambda: answered(many))
    count = many.scenario.draws
    more = statistics.median(b - a for a, b in zip(short, long, strict=True)) / (count - 2_000)
    return in_ms(short), in_seconds(long), f"{statistics.median(long) / count * 1e6:.1f} µs", f"{more * 1e6:.1f} µs"


def peer(name: str) -> Cells:
    """A peer's time of the same model. Raises ValueError where it is not the same: where its numbers differ by more
    than their sampling explains."""
    bench_peers.install()
    of = bench_peers.simplified(ready("even", few(PEER_DRAWS)))
    draw = bench_peers.PEERS[name]
    draws = min(LOOP_DRAWS, few(PEER_DRAWS)) if draw is bench_peers.pandas_loop else few(PEER_DRAWS)
    found = bench_peers.summed(draw(of, draws), of)
    if wrong := bench_peers.disagreements(bench_peers.ours(of), found):
        raise ValueError(f"{name} is not the same model: {'; '.join(wrong)}")
    ours, theirs = by_turns(lambda: bench_peers.ours(of), lambda: bench_peers.summed(draw(of, draws), of))
    mine, other = [each / of.scenario.draws for each in ours], [each / draws for each in theirs]
    times = f"{statistics.median(mine) * 1e6:,.1f} µs", f"{statistics.median(other) * 1e6:,.1f} µs"
    return *times, ratio(mine, other), f"{draws:,}"


@cache
def batches() -> dict[str, list[dict[str, float]]]:
    """What batches take by each way, by turns."""
    ways: dict[str, list[dict[str, float]]] = {"report": [], "loop": [], "command": []}
    for turn in range(TIMES):
        for how, found in ways.items():
            found.append(child("batch", how, SETS, WORKPLACE / f"{how} {turn}"))
    return ways


def batch(how: str) -> Cells:
    ours, found = ([each["seconds"] for each in batches()[way]] for way in ("report", how))
    return in_seconds(found), f"{statistics.median(found) / SETS:.2f} s", ratio(ours, found)


def taken(found: Sequence[Mapping[str, float]]) -> Cells:
    return in_seconds([each["seconds"] for each in found]), f"{max(each['peak_mb'] for each in found):,.0f} MB"


def grown(by: str, count: int) -> Cells:
    return taken([child("grown", by, few(count, by)) for _ in range(TIMES)])


def pages(count: int) -> Cells:
    if count >= SETS:
        return taken(batches()["report"])
    return taken([child("batch", "report", count, WORKPLACE / f"pages {count} {turn}") for turn in range(TIMES)])


def cold(*arguments: str) -> Cells:
    return (in_seconds([command(*arguments) for _ in range(TIMES)]),)


def facts(which: str) -> Cells:
    return (in_seconds([child("facts")[which] for _ in range(TIMES)]),)


def report_again() -> Cells:
    """Of a case laid out for it, as a report keeps forecasts in its case."""
    case = WORKPLACE / "case"
    shutil.rmtree(case, ignore_errors=True)
    command("init", str(case))
    wanted = ("report", "even", "--reporter", "USA", "--case", str(case))
    command(*wanted)
    return cold(*wanted)


@cache
def profiles() -> list[dict[str, float]]:
    return [child("layers", "run", "slipped") for _ in range(TIMES)]


def layer(name: str) -> Cells:
    found = profiles()
    share = statistics.median(each.get(name, 0.0) / sum(each.values()) for each in found)
    return in_seconds([each.get(name, 0.0) for each in found]), f"{share:.0%}"


LAYERS = {
    "the interpreter and imports": "imports",
    "facts: read, proven and put together": "facts",
    "the scenario, its assumptions and evidence": "inputs",
    "the model: parts, path without deals, arrivals": "model",
    "draws": "draws",
    "means": "means",
    "tables, words and the command": "command",
}
SIZES = [
    *(("draws", count, f"{count:,} draws of `even`") for count in (10_000, 100_000, 1_000_000)),
    *(("parts", count, f"{count:,} deals, 2,000 draws, with delays and capacity") for count in (10, 100, 1_000)),
    *(("quarters", count, f"{count} quarters, 20,000 draws of `even`") for count in (40, 200)),
    *(("scenarios", count, f"scenarios solved: {count}") for count in (1, 4, 12)),
]
VERSUS = ("here", "there", "there / here")
TABLES = (
    Table(
        "The numeric core, facts and model held",
        "A draw is one of all parts, the bridge, the gap and its chances. The last column is what one more draw takes.",
        ("2,000 draws", "100,000 draws", "a draw of these", "one more draw"),
        {f"`{name}`": partial(warm, name) for name in ("even", "slipped")},
    ),
    Table(
        "Inside the core",
        "",
        VERSUS,
        {
            "a block of draws of all Betas: by tables here, scipy's inverse there": betas,
            "three quantiles of 80 columns: by a histogram here, sorting there": histogram,
            "an answer of `slipped`: a block of draws here, ten there": blocks,
        },
    ),
    Table(
        "The same model in other ways",
        "The deals of `even` without finer factors, as tools/bench_peers.py states them; means and outer points agree, "
        "or the bench fails. A peer gives additional imports by year; here the bridge, the parts, the gap and means "
        "without sampling error come with them. The loop is timed on few draws.",
        ("a draw here", "a draw there", "there / here", "draws there"),
        {name: partial(peer, name) for name in bench_peers.PEERS},
    ),
    Table(
        "Twelve pages of page 04",
        "Twelve scenarios of 500 draws. The first row checks the notebooks that ran and renders pages; papermill's "
        "rows leave notebooks alone.",
        ("in all", "each", "times the first"),
        {
            "`tradebalance report`'s kernel and pages": partial(batch, "report"),
            "papermill in a loop": partial(batch, "loop"),
            "the papermill command": partial(batch, "command"),
        },
    ),
    Table(
        "How cost grows",
        "Each in a process of its own, facts and model held; the peak is the whole process's, of pages the kernel's.",
        ("processor time", "peak memory"),
        {words: partial(grown, by, count) for by, count, words in SIZES}
        | {f"pages rendered: {count}": partial(pages, count) for count in (1, 4, 12)},
    ),
    Table(
        "Cold commands",
        "Each in a process that has read nothing.",
        ("processor time",),
        {
            "`tradebalance --help`": partial(cold, "--help"),
            "`tradebalance run even --draws 100`": partial(cold, "run", "even", "--draws", "100"),
            "`tradebalance run even`": partial(cold, "run", "even"),
            "`tradebalance run slipped`": partial(cold, "run", "slipped"),
            "facts alone, first": partial(facts, "first"),
            "facts alone, once more": partial(facts, "again"),
            "`tradebalance report even --reporter USA`, nothing changed": report_again,
        },
    ),
    Table(
        "Where the time of a cold `run slipped` goes",
        "",
        ("processor time", "share"),
        {words: partial(layer, name) for words, name in LAYERS.items()},
    ),
)


def machine() -> str:
    """What the numbers were measured on, by what, and when."""
    info = Path("/proc/cpuinfo")
    told = info.read_text(encoding="utf-8") if info.exists() else ""
    names = [line.split(":", 1)[1].strip() for line in told.splitlines() if line.startswith("model name")]
    memory = psutil.virtual_memory().total / 2**30
    of = [names[0] if names else platform.processor() or platform.machine(), f"{os.cpu_count()} cores, {memory:.0f} GB"]
    found = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
    return f"Measured on {dt.date.today()}: {', '.join([*of, *found])}; medians of {TIMES}."


def measured(table: Table) -> str:
    """A table in Markdown."""
    rows = [("", *table.heads), ("---", *("---:" for _ in table.heads))]
    for name, measure in table.rows.items():
        print(f"{table.title}: {name}", file=sys.stderr, flush=True)
        rows.append((name, *measure()))
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join(part for part in (f"### {table.title}", table.about, lines) if part)


def main() -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    parser.add_argument("--only", default="", metavar="WORD", help="tables with this in their titles")
    parser.add_argument("--trial", action="store_true", help="small and once")
    asked = parser.parse_args()
    if asked.write and (asked.only or asked.trial):
        parser.error("--write needs all of it, in full")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    text = "\n\n".join([machine(), *(measured(table) for table in TABLES if asked.only.lower() in table.title.lower())])
    print(text)
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
