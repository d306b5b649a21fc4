"""A sweep: its scenarios solved wherever there is room, each kept in a file of its own, and what they come to.

A scenario that is kept, whole and from the same inputs and code, is not solved again: a sweep that was cut off goes on
from there. Results stand in the order of the sweep's file, whatever order they came in.
"""

import hashlib
import io
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from types import FrameType
from typing import Any

import pandas as pd

from ..answers import answer, measures
from ..answers.unused import NO_EFFECT
from ..assumptions.sweep import SCENARIO, Point, Sweep, parse
from ..case import folder, inputs, regular, store, writing
from ..case.folder import Folder
from ..facts.known import Known
from ..pages.sweep import Swept
from ..reading import readers
from ..words.plain import csv_text
from ..words.problems import CHANGES, Problem, Refused, attempt, few, raise_errors, refuse, report
from ..words.schema import Document
from . import rendering
from .executors import Crew, Stopped

BESIDE = ("reporter", "as_of", "draws", "seed")  # as each scenario has them, whoever says so
FACTS_GO_BY = ("reporter", "as_of", "baseline", "horizon")  # the keys that say which facts a scenario stands on
SOLVING = ("words", "reading", "facts", "track", "assumptions", "answers", "case")  # rooms that shape an answer
SHAPING_PACKAGES = ("numpy", "pandas", "scipy")
MARKS = ("runs", "sweep.html")  # one of them stands in every folder that a sweep was written to
AT_ONCE = 10_000  # scenarios handed out and not back: more than any cluster has cores, and few megabytes
TICK = 1.0  # seconds without a result after which it is asked whether any can still come
TOLD_EVERY = 30.0  # seconds between two lines on how far it is


@dataclass(frozen=True)
class Task:
    """A point to solve: the name of its file, and the checksum of all that its answer is made from."""

    point: Point
    name: str
    made_of: str


def sweep(
    where: Folder,
    file: Path,
    out: Path,
    crew: Callable[[], AbstractContextManager[Crew]],
    tell: Callable[[str], object] = str,
) -> dict[str, str]:
    """Solve what is missing of a sweep's file, and write `results.csv`, `sweep.html` and, where pyarrow is installed,
    `results.parquet` to `out`. Returns the scenarios that failed, by name, with why.

    Raises Refused before anything is solved, with every problem of the file and its scenarios; Stopped where nobody is
    left to solve; Busy where another run holds the folder; CannotWrite.
    """
    writing.refuse_others(out, *MARKS)
    where = store.hold(where)
    document = readers.yaml_document(regular.read(file), file.name)
    plan = parse(document, inputs.central(where))
    tasks, known = prepared(where, plan, document)
    with writing.held(out), _terminated_as_interrupted():
        found = {task.name: kept for task in tasks if (kept := _kept(out, task))}
        missing = [task for task in tasks if task.name not in found]
        tell(f"{len(tasks):,} scenarios, {len(found):,} of them solved already")
        failed: dict[str, str] = {}
        if missing:
            with crew() as at_work:
                for task, solved in _told(_run(at_work, where, missing), len(missing), tell):
                    if isinstance(solved, str):
                        failed[_label(task.point)] = solved
                    else:
                        writing.write_text(_path(out, task), _sealed(task, solved))
                        found[task.name] = json.loads(json.dumps(solved))  # as it is read back
        _write(out, plan, [(task.point, task.name, found.get(task.name)) for task in tasks], known, failed, tell)
    return failed


# --- before anything runs -------------------------------------------------------------------------


def prepared(where: Folder, plan: Sweep, document: Document) -> tuple[list[Task], list[Known]]:
    """The tasks of a plan in order, and the facts that they stand on.

    Raises Refused with every problem of every point, told of the line of the sweep's file that says it.
    """
    problems, known_names = _of_names(where, plan, document), inputs.names(where)
    said = {name: inputs.document(where, name) for name in {point.scenario for point in plan.points} & {*known_names}}
    tree, books = inputs.document(where, inputs.ASSUMPTIONS), folder.declared(where).books
    for point in plan.points if said else ():
        name = point.scenario if point.scenario in said else next(iter(said))
        _, found = attempt(partial(inputs.parse_scenario, name, said[name], tree, point.changes, books))
        problems += [_of_file(problem, point, document) for problem in found]
    raise_errors(problems)
    standing = {_stands_on(point): point for point in reversed(plan.points)}
    gathered = {key: attempt(partial(_gather, where, point)) for key, point in standing.items()}
    raise_errors(_of_file(p, standing[key], document) for key, (_, found) in gathered.items() for p in found)
    known = {key: each.known for key, (each, _) in gathered.items() if each}
    made_of = {key: _made_of(where, each.files) for key, each in known.items()}
    return [Task(p, _name(p), made_of[_stands_on(p)]) for p in plan.points], list(known.values())[::-1]


def _of_names(where: Folder, plan: Sweep, document: Document) -> list[Problem]:
    """What is wrong with the names of a plan's scenarios."""
    by_name = {point.scenario: point for point in reversed(plan.points)}
    _, found = attempt(partial(inputs.check_names, where, by_name))
    return [_of_file(replace(problem, column=SCENARIO), by_name[str(problem.value)], document) for problem in found]


def _gather(where: Folder, point: Point) -> Any:
    return inputs.gather(point.scenario, case=where, changes=point.changes)


def _stands_on(point: Point) -> tuple[str, ...]:
    """What tells points apart that stand on other facts."""
    keys = (key for key in sorted(point.changes) if key.split(".")[0] in FACTS_GO_BY)
    return point.scenario, *(f"{key}={point.said(key)}" for key in keys)


def _of_file(problem: Problem, point: Point, document: Document) -> Problem:
    """A problem of a point's change, told of the key of the sweep's file that makes it."""
    column = problem.column or ""
    keys = [key for key in point.at if _is_within(column, key) or _is_within(key, column)]
    if problem.file not in (CHANGES, "scenarios") or not keys:
        return problem
    told = document.problem(problem.code, point.at[keys[0]], problem.reason, problem.fix, problem.value)
    return replace(told, severity=problem.severity)


def _is_within(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}.")


def _name(point: Point) -> str:
    return writing.sha256_of_text(json.dumps(point.identity))[:16]


def _made_of(where: Folder, inputs_: Mapping[str, str]) -> str:
    """The checksum of a scenario's input files, of what the case says of itself and corrects, and of the code."""
    own = [where.declaration, *([where.corrections] if where.corrections.exists() else [])]
    shown = [sorted(inputs_.items()), [writing.sha256_of(path) for path in own], _code()]
    return writing.sha256_of_text(json.dumps(shown))


@cache
def _code() -> str:
    """The checksum of the modules and the versions of the libraries that shape an answer."""
    digest = hashlib.sha256()
    for name in SHAPING_PACKAGES:
        digest.update(f"{name} {version(name)}\n".encode())
    package = Path(str(files("tradebalance")))
    for path in sorted(path for room in SOLVING for path in (package / room).glob("*.py")):
        digest.update(f"{path.name} {writing.sha256_of(path)}\n".encode())
    return digest.hexdigest()


# --- solving --------------------------------------------------------------------------------------

_reading = Lock()


@cache
def _read_once(root: str) -> Folder:
    return store.hold(Folder(Path(root)))


def solve(root: str, scenario: str, changes: Mapping[str, object], made_of: str) -> dict[str, Any]:
    """A point's answer as plain types, in any process that has this package and the case in the same place; its facts
    are read once a process. Raises Refused where inputs or code are others than those of the sweep."""
    with _reading:  # workers may be threads
        where = _read_once(root)
    found = inputs.gather(scenario, case=where, changes=changes)
    if _made_of(where, found.known.files) != made_of:
        reason = "a worker has other inputs or other code than the sweep"
        refuse("checksum_mismatch", root, reason, "give all workers the same case and package, and start them anew")
    of = answer.solve(found)
    idle = [p for p in of.warnings if p.code == NO_EFFECT and p.file == CHANGES]
    return {
        "reporter": of.scenario.reporter,
        "as_of": str(of.known.as_of),
        "draws": of.simulated.draws,
        "seed": of.scenario.seed,
        "measures": measures.measures(of),
        "idle": [[p.column, str(p.reason), str(p.fix)] for p in idle],
    }


def _run(crew: Crew, where: Folder, tasks: Sequence[Task]) -> Iterator[tuple[Task, dict[str, Any] | str]]:
    """Each task as it comes back with its answer, or why it has none. Raises Stopped where nothing more can come."""
    todo, handed = iter(tasks), dict[Future[dict[str, Any]], Task]()
    back: SimpleQueue[Future[dict[str, Any]]] = SimpleQueue()
    while True:
        for task in islice(todo, AT_ONCE - len(handed)):
            said = str(where.root), task.point.scenario, task.point.changes, task.made_of
            future = crew.executor.submit(solve, *said)
            handed[future] = task
            future.add_done_callback(back.put)
        if not handed:
            return
        try:
            future = back.get(timeout=TICK)
        except Empty:
            crew.check()
            continue
        yield handed.pop(future), _result(future, crew)


def _result(future: Future[dict[str, Any]], crew: Crew) -> dict[str, Any] | str:
    try:
        return future.result()
    except (BrokenExecutor, CancelledError):
        raise Stopped(crew.lost) from None
    except Exception as error:
        return str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"


def _told(
    results: Iterator[tuple[Task, dict[str, Any] | str]], count: int, tell: Callable[[str], object]
) -> Iterator[tuple[Task, dict[str, Any] | str]]:
    """The same results, with a line now and then on how many are there, and how long the rest may take."""
    begun = last = time.monotonic()
    for done, result in enumerate(results, start=1):
        yield result
        now = time.monotonic()
        if now - last > TOLD_EVERY and done < count:
            minutes = (now - begun) / done * (count - done) / 60
            tell(f"{done:,} of {count:,} solved, about {minutes:,.0f} minutes more")
            last = now


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Have a signal to terminate end a run as Ctrl-C does: in order, with its processes."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# --- a file a scenario ----------------------------------------------------------------------------


def _path(out: Path, task: Task) -> Path:
    return out / "runs" / f"{task.name}.json"


def _sealed(task: Task, solved: Mapping[str, Any]) -> str:
    """A solved scenario as its file has it, with the checksums of what it is made from and of itself."""
    text = json.dumps(solved)
    return f'{json.dumps({"made_of": task.made_of, "sha256": writing.sha256_of_text(text)})[:-1]}, "solved": {text}}}\n'


def _kept(out: Path, task: Task) -> dict[str, Any] | None:
    """What an earlier run left of a task, if it is whole and made from the same inputs and code."""
    try:
        said = json.loads(_path(out, task).read_text(encoding="utf-8"))
        is_whole = writing.sha256_of_text(json.dumps(said["solved"])) == said["sha256"]
        return dict(said["solved"]) if is_whole and said["made_of"] == task.made_of else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


# --- what it comes to -----------------------------------------------------------------------------

Solved = tuple[Point, str, dict[str, Any] | None]  # a point, the name of its file, and its answer where it has one


def _write(
    out: Path,
    plan: Sweep,
    solved: Sequence[Solved],
    known: Sequence[Known],
    failed: Mapping[str, str],
    tell: Callable[[str], object],
) -> None:
    columns = ["id", SCENARIO, *BESIDE, *plan.keys, *measures.COLUMNS]
    rows = [row for each in solved for row in _rows(plan, *each)]
    writing.write_text(out / "results.csv", csv_text(columns, [[*map(_text, row)] for row in rows]))
    (out / "results.parquet").unlink(missing_ok=True)
    if find_spec("pyarrow"):
        buffer = io.BytesIO()
        pd.DataFrame(rows, columns=columns).astype({"year": "Int64"}).to_parquet(buffer, index=False)
        writing.write_bytes(out / "results.parquet", buffer.getvalue())
    else:
        tell("results.csv only; for results.parquet: pip install 'tradebalance[parquet]'")
    idle = _idle(solved)
    if idle:
        tell(report(idle))
    inputs_ = {name: sha256 for each in known for name, sha256 in each.files.items()}
    sources = dict.fromkeys(source for each in known for source in each.sources)
    lines = [f"{each.file}: {each.column} {each.reason}; {each.fix}" for each in idle]
    found = Swept(plan, _headlines(solved), list(sources), inputs_, lines, failed)
    writing.write_text(out / "sweep.html", rendering.sweep_page(found, known[0].pair))


def _rows(plan: Sweep, point: Point, name: str, solved: Mapping[str, Any] | None) -> Iterator[list[Any]]:
    """The rows of a point, one a measure."""
    if solved:
        head = [name, point.scenario, *(solved[key] for key in BESIDE), *map(point.said, plan.keys)]
        yield from ([*head, *measure] for measure in solved["measures"])


def _text(cell: Any) -> Any:
    """A number in plain digits: 0.000012 has no exponent, which some readers take for text."""
    return Decimal(str(cell)) if isinstance(cell, float) else cell


def _headlines(solved: Sequence[Solved]) -> pd.DataFrame:
    """Additional imports of each point in USD million, a row a point in order, NaN for one that failed."""
    points = measures.POINTS
    found = [
        {name: row for name, year, *row in each["measures"] if year is None}[measures.ADDITIONAL] if each else None
        for _, _, each in solved
    ]
    return pd.DataFrame([row or [None] * len(points) for row in found], columns=points).astype(float)


def _label(point: Point) -> str:
    """A point in a few words: its scenario and what is changed in it."""
    return ", ".join([point.scenario, *(f"{key} {point.said(key)}" for key in point.changes)])


def _idle(solved: Sequence[Solved]) -> list[Problem]:
    """A warning for each path of the sweep that moves nothing, naming the scenarios where it does not."""
    of: dict[tuple[str, ...], list[str]] = {}
    for point, _, each in solved:
        for told in each["idle"] if each else ():
            of.setdefault(tuple(told), []).append(f"{point.scenario} ({each['reporter']})" if each else "")
    return [
        Problem(NO_EFFECT, few(names), reason, fix, column=path, severity="warning")
        for (path, reason, fix), names in of.items()
    ]
