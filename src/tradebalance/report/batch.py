"""Run notebooks by papermill, two at a time, and leave whole pages: run, verify, render, rename.

papermill neither checks parameters nor notices a kernel that left early, and it leaves an output
file behind a failure; so parameters are checked before any kernel starts, every run goes to a
temporary file, and a page gets its name only after the notebook has proved that all of it ran.
"""

import hashlib
import json
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any

from ..case import folder, forecasts, inputs, store, track_inputs, writing
from ..case.folder import Folder
from ..pages.say import say
from ..words.problems import Problem, Refused, raise_errors, together
from . import kernels, rendering
from .rendering import Page

TRACK_NOTEBOOK, LIVE_NOTEBOOK = "07_track_record", "08_live_pledges"
COMPARISON_NOTEBOOK = "05_compare_schedules"
BASELINE_NOTEBOOK = "03_baseline"
SCENARIO_NOTEBOOK = "04_delivery_scenario"
UNCERTAINTY_NOTEBOOK = "06_uncertainty"
OF_SCENARIOS = {COMPARISON_NOTEBOOK, SCENARIO_NOTEBOOK, UNCERTAINTY_NOTEBOOK}
LONGEST = {COMPARISON_NOTEBOOK, UNCERTAINTY_NOTEBOOK, TRACK_NOTEBOOK}
TYPES = {"str": str, "int": int, "float": float, "bool": bool}
MARKS = ("records", ".lock")  # one of them stands in every folder that a report was written to
SHAPING_PACKAGES = ("tradebalance", "matplotlib", "numpy", "pandas", "scipy", "nbconvert")


@dataclass(frozen=True)
class Job:
    """One notebook with its parameters, the name of its page, and the pages that it leads to: words and address."""

    notebook: str
    page: str
    parameters: Mapping[str, object]
    links: tuple[tuple[str, str], ...] = ()


def fact_notebooks(where: Folder) -> list[str]:
    """The numbered notebooks that are of no scenario: one page each."""
    return sorted({path.stem for path in where.notebooks.glob("[0-9]*.ipynb")} - OF_SCENARIOS)


def jobs(where: Folder, scenarios: Sequence[str], case_folder: str, books: Sequence[str] = ()) -> list[Job]:
    """On each of the books, by default all of the case, the partner's first: the comparison, the projection without
    deals, the scenario notebook for each scenario that can stand there, and the one on uncertainty for the central one;
    and each fact notebook once. Pages of another book than the partner's end in its name.

    Raises Refused for unknown names.
    """
    wanted = list(dict.fromkeys(scenarios)) or inputs.names(where)
    together(partial(inputs.read_scenario, where, name) for name in wanted)
    about, own = folder.declared(where), {"case": str(where.root)} if case_folder else {}
    books = books or sorted(about.books, key=lambda book: book != about.partner)
    central = inputs.central(where)
    lean = {"02_commitments": {"scenario": central}, TRACK_NOTEBOOK: {"scenario": central}}
    lean["09_changes"] = {"scenarios": central}
    once = [name for name in fact_notebooks(where) if name != BASELINE_NOTEBOOK]
    found = [job for book in books for job in _on_book(where, wanted, book, own)]
    found += [Job(name, name, {**lean.get(name, {}), **own}) for name in once]
    return _linked(where, found)


def _on_book(where: Folder, wanted: Sequence[str], book: str, own: Mapping[str, object]) -> list[Job]:
    """The jobs of one book; books do not mix on a page."""
    end = "" if book == folder.declared(where).partner else f"-{book}"
    names, on = inputs.comparable(where, wanted, book), {"reporter": book, **own}
    of_each = [(SCENARIO_NOTEBOOK, name) for name in names]
    of_each += [(UNCERTAINTY_NOTEBOOK, name) for name in names if name == inputs.central(where)]
    compared = {"scenarios": " ".join(names), **on}
    return [
        *([Job(COMPARISON_NOTEBOOK, f"{COMPARISON_NOTEBOOK}{end}", compared)] if names else []),
        Job(BASELINE_NOTEBOOK, f"{BASELINE_NOTEBOOK}{end}", on),
        *(Job(notebook, f"{notebook}-{name}{end}", {"scenario": name, **on}) for notebook, name in of_each),
    ]


def _linked(where: Folder, found: Sequence[Job]) -> list[Job]:
    """The same jobs, each leading to the same page on another book, and a scenario's to those before and after it."""
    linked = []
    for job in found:
        twins = [each for each in found if each is not job and _twin(each) == _twin(job)]
        links = [(say("page.other_book", reporter=each.parameters["reporter"]), f"{each.page}.html") for each in twins]
        if job.notebook == SCENARIO_NOTEBOOK:
            row = [each for each in found if each.notebook == job.notebook and _book(each) == _book(job)]
            at = row.index(job)
            beside = {"page.before": row[at - 1 : at] if at else [], "page.next": row[at + 1 : at + 2]}
            for key, pages in beside.items():
                links += [(say(key, title=_title(where, page)), f"{page.page}.html") for page in pages]
        linked.append(replace(job, links=tuple(links)))
    return linked


def _book(job: Job) -> object:
    return job.parameters.get("reporter")


def _twin(job: Job) -> tuple[object, ...]:
    """What pages on two books have in common; of a page of no book, or of one without another, all of it."""
    return job.notebook, job.parameters.get("scenario", "") if "reporter" in job.parameters else job.page


def _title(where: Folder, job: Job) -> str:
    return inputs.read_scenario(where, str(job.parameters["scenario"]))[0].title


def check_parameters(where: Folder, job: Job) -> list[Problem]:
    """What papermill would let pass: names that the notebook does not declare, and values of another type."""
    declared = kernels.declared(where.notebooks / f"{job.notebook}.ipynb")
    problems, file = [], f"notebooks/{job.notebook}.ipynb"
    for name, value in job.parameters.items():
        if name not in declared:
            fix = f"use {', '.join(declared)}"
            problems.append(Problem("unknown_key", file, "no such parameter", fix, None, name, str(value)))
        elif type(value) is not TYPES.get(kind := declared[name]["inferred_type_name"]):
            reason = f"the notebook declares {kind}"
            problems.append(Problem("wrong_type", file, reason, "give that type", None, name, repr(value)))
    return problems


def report(
    where: Folder,
    scenarios: Sequence[str] = (),
    *,
    books: Sequence[str] = (),
    out: Path | None = None,
    workers: int = 2,
    fresh: bool = False,
    case_folder: str = "",
    tell: Callable[[str], object] = str,
) -> list[Page]:
    """Render every page and the index; unchanged pages are skipped. Returns the pages, failed ones with a reason.

    Raises Refused before any kernel starts for names, scenarios or parameters that will not do,
    writing.CannotWrite for a folder that cannot be written, and writing.Busy where another run holds it.
    """
    if where.root.is_relative_to(folder.PACKAGE):
        raise writing.CannotWrite(
            "the cases are as installed; lay them out by `tradebalance init DIR`, and report there"
        )
    work = jobs(where, scenarios, case_folder, books)
    raise_errors(problem for job in work for problem in check_parameters(where, job))
    store.facts(where)
    out = out or where.reports
    with writing.held(out):
        is_kept = _keep(where, [], tell)  # before a page judges them
        prints = {job.page: fingerprint(where, job) for job in work}
        found = [] if fresh else [_finished(out, job, prints[job.page]) for job in work]
        done = {page.name: page for page in found if page}
        for name in done:
            tell(f"{name}: unchanged")

        def note(page: Page) -> None:
            done[page.name] = page
            tell(f"{page.name}: {'done' if page.record else page.reason} ({len(done)} of {len(work)})")

        _run_all(where, [job for job in work if job.page not in done], out, prints, workers, note)
        finished = [done[job.page] for job in work]
        index = rendering.index([*finished, *_earlier(out, work)], inputs.central(where))
        writing.write_text(out / "files.html", rendering.files_page([*finished, *_earlier(out, work)]))
        writing.write_text(out / "index.html", index)
        if is_kept:
            _keep(where, finished, tell)
    return finished


def _keep(where: Folder, finished: Sequence[Page], tell: Callable[[str], object]) -> bool:
    """Keep what the newest releases forecast, and tell what is new. A case that cannot be written has its report, and
    is told: then False."""
    answers = [page.record for page in finished if page.record and "scenario" in page.record]
    try:
        for line in forecasts.keep(where, answers):
            tell(line)
    except (writing.CannotWrite, Refused) as error:
        tell(f"forecasts not kept: {error}")
        return False
    return True


def _run_all(
    where: Folder,
    work: Sequence[Job],
    out: Path,
    prints: Mapping[str, str],
    workers: int,
    each: Callable[[Page], object],
) -> None:
    """Run the jobs, `workers` at a time, and hand over each page as it ends. An interruption stops the kernels."""
    import matplotlib as mpl
    import psutil

    if work:  # of a home folder that cannot be written it names another in the environment, once for all kernels
        mpl.get_cachedir()
    todo = deque(sorted(work, key=lambda job: job.notebook not in LONGEST))
    done: SimpleQueue[Page | BaseException] = SimpleQueue()
    ended = Event()

    def run(job: Job, kernel: kernels.Kernel) -> Page:
        return _run(where, job, out, prints[job.page], kernel)

    with ThreadPoolExecutor(workers) as pool:
        for _ in range(min(workers, len(work))):
            pool.submit(_serve, todo, run, done, ended)
        try:
            for _ in work:
                page = done.get()
                if isinstance(page, BaseException):
                    raise page
                each(page)
        except BaseException:
            ended.set()
            todo.clear()
            for kernel in psutil.Process().children(recursive=True):
                kernel.terminate()
            raise


def _serve(
    todo: deque[Job],
    run: Callable[[Job, kernels.Kernel], Page],
    done: SimpleQueue[Page | BaseException],
    ended: Event,
) -> None:
    """Run jobs in one kernel until none is left, and hand over each page, or the error that ends the whole run."""
    kernel = kernels.Kernel(ended)
    try:
        while True:
            try:
                job = todo.popleft()
            except IndexError:  # none is left, or another worker has taken the last
                return
            done.put(run(job, kernel))
    except BaseException as error:
        done.put(error)
    finally:
        kernel.close()


def _run(where: Folder, job: Job, out: Path, fingerprint_: str, kernel: kernels.Kernel) -> Page:
    """One job from notebook to page; whatever goes wrong becomes the page's reason, and its old page goes."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = where.notebooks / f"{job.notebook}.ipynb"
            notebook = kernel.execute(source, job.parameters, Path(folder) / "out.ipynb")
        record = rendering.verified_record(notebook)
        html = rendering.report(notebook, record, job.links)
        for path, text in rendering.files_beside(job.page, notebook).items():
            writing.write_text(out / path, text)
        writing.write_text(out / f"{job.page}.html", html)
        done = {"fingerprint": fingerprint_, "page_sha256": writing.sha256_of_text(html), "record": record}
        writing.write_text(_record_path(out, job.page), json.dumps(done, indent=1, ensure_ascii=False) + "\n")
        return Page(job.page, record)
    except writing.CannotWrite:
        raise
    except Exception as error:
        for stale in (out / f"{job.page}.html", _record_path(out, job.page)):
            stale.unlink(missing_ok=True)
        return Page(job.page, None, _reason(error))


def _reason(error: Exception) -> str:
    """The last line a reader needs: papermill wraps a cell's error in its whole traceback."""
    name, value = getattr(error, "ename", ""), getattr(error, "evalue", "")
    return f"{name}: {value}" if name else f"{type(error).__name__}: {error}"


def fingerprint(where: Folder, job: Job) -> str:
    """A checksum of everything that shapes a page: notebook, parameters, data, scenario, code, libraries."""
    shown = [
        job.notebook,
        dict(job.parameters),
        job.links,
        forecasts.judged(where) if job.notebook == TRACK_NOTEBOOK else {},
    ]
    digest = hashlib.sha256(json.dumps(shown, sort_keys=True).encode())
    for name in SHAPING_PACKAGES:
        digest.update(f"{name} {version(name)}\n".encode())
    own = [where.notebooks / f"{job.notebook}.ipynb", where.processed / "inputs.csv", where.processed / "flows.csv"]
    beside = where.corrections, where.arrivals, where.commodities, where.pooled
    own += [*(path for path in beside if path.exists()), where.declaration]
    for other in _beside(where, job.notebook):
        own += [other.declaration, other.processed / "inputs.csv", other.processed / "flows.csv"]
    named = " ".join(str(job.parameters.get(key, "")) for key in ("scenario", "scenarios")).split()
    own += [where.scenarios / f"{name}.yaml" for name in (*named, inputs.ASSUMPTIONS)] if named else []
    package = Path(str(files("tradebalance")))
    code = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".po", ".j2", ".css", ".json"))
    for path in [*own, *code]:
        digest.update(f"{path.name} {writing.sha256_of(path)}\n".encode())
    return digest.hexdigest()


def _beside(where: Folder, notebook: str) -> list[Folder]:
    """The other cases that a page shows beside its own, as far as they are built."""
    if notebook == TRACK_NOTEBOOK:
        return [folder.beside(where), folder.beside(where, track_inputs.REPLAY)]
    all_of_them = folder.neighbours(where) if notebook == LIVE_NOTEBOOK else []
    return [each for each in all_of_them if (each.processed / "inputs.csv").exists()]


def _record_path(out: Path, page: str) -> Path:
    return out / "records" / f"{page}.json"


def _finished(out: Path, job: Job, fingerprint_: str) -> Page | None:
    """The page of an earlier run, if its record proves that it came from the same inputs and is whole."""
    done, html = _record(_record_path(out, job.page)), out / f"{job.page}.html"
    if not done or done["fingerprint"] != fingerprint_ or not html.exists():
        return None
    return Page(job.page, done["record"]) if writing.sha256_of(html) == done["page_sha256"] else None


def _record(path: Path) -> dict[str, Any] | None:
    try:
        done = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return done if done.keys() >= {"fingerprint", "page_sha256", "record"} else None


def _earlier(out: Path, work: Sequence[Job]) -> Iterator[Page]:
    """Pages of scenarios that this run was not asked for."""
    asked = {job.page for job in work}
    for path in sorted((out / "records").glob("*.json")):
        done = _record(path)
        if path.stem not in asked and done and (out / f"{path.stem}.html").exists():
            yield Page(path.stem, done["record"], status="from an earlier run")
