"""Run notebooks by papermill, some at a time, and leave whole pages: run, verify, render, rename.

papermill neither checks parameters nor notices a kernel that left early; so parameters are checked before a kernel
starts, and a page gets its name only after the notebook has proved that all of it ran, from inputs that stayed as they
were. What goes wrong with a page becomes its reason, and costs no other.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from threading import Event

from ..case import folder, forecasts, inputs, store, writing
from ..case.folder import Folder
from ..words.problems import Refused, raise_errors
from . import jobs as planned
from . import kernels, pages_folder, proofs, rendering
from .jobs import Job
from .kernels import Kernel
from .proofs import Files, Made
from .rendering import Page

LONGEST = {planned.COMPARISON_NOTEBOOK, planned.UNCERTAINTY_NOTEBOOK, planned.TRACK_NOTEBOOK}
FONTS = "MPLCONFIGDIR"
OTHER_FILES = 64  # open at once in this process, besides those of kernels


@dataclass(frozen=True)
class Run:
    """One report of a case into a folder: how many notebooks at a time, how many minutes each may take, whether pages
    that are proven done are made again, and who is told of each."""

    where: Folder
    out: Path
    workers: int
    limit: float
    fresh: bool
    tell: Callable[[str], object]


def report(
    where: Folder,
    scenarios: Sequence[str] = (),
    *,
    books: Sequence[str] = (),
    only: str = "",
    out: Path | None = None,
    workers: int = 2,
    limit: float = kernels.LIMIT,
    fresh: bool = False,
    case_folder: str = "",
    tell: Callable[[str], object] = str,
) -> list[Page]:
    """Render every page and the index; unchanged pages are skipped. Returns the pages, failed ones with a reason.

    `only` is how the notebooks' names begin, `limit` the minutes of each. Raises Refused before any kernel starts for
    names, scenarios or data that will not do, writing.CannotWrite for a folder that cannot be written or holds pages
    of others, and writing.Busy where another run holds it.
    """
    if where.root.is_relative_to(folder.PACKAGE):
        raise writing.CannotWrite(
            "the cases are as installed; lay them out by `tradebalance init DIR`, and report there"
        )
    work = planned.jobs(where, scenarios, case_folder, books, only)
    seen, out = Files(), out or where.reports
    is_settled = proofs.is_settled(where, out, seen)
    where = where if is_settled else store.hold(where)
    run = Run(where, out, _affordable(workers, tell), limit, fresh, tell)
    with pages_folder.held(out, [job.page for job in work]) as own, _fonts_kept(own):
        is_kept = is_settled or _keep(run, [])  # before a page judges them
        pages = _rendered(run, _leading_somewhere(out, work), seen, own)
        everything = [*pages, *proofs.earlier(out, [job.page for job in work], seen.code)]
        _tell(run, everything, seen, is_kept=is_kept, is_settled=is_settled)
    return pages


@contextmanager
def _fonts_kept(own: Path) -> Iterator[None]:
    """For a home that cannot be written, a folder of this run where matplotlib keeps its list of fonts: else each
    kernel would make one, and say so."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    kept = Path(os.environ.get(FONTS) or Path(caches) / "matplotlib")
    try:
        kept.mkdir(parents=True, exist_ok=True)
        is_fine = os.access(kept, os.W_OK)
    except OSError:
        is_fine = False
    before = os.environ.get(FONTS)
    if not is_fine:
        os.environ[FONTS] = str(own / "matplotlib")
    try:
        yield
    finally:
        os.environ.pop(FONTS, None)
        os.environ.update({FONTS: before} if before is not None else {})


def _affordable(workers: int, tell: Callable[[str], object]) -> int:
    """As many workers as this process may open files for; it is told where they are fewer than asked for."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = OTHER_FILES + workers * kernels.FILES_OF_A_KERNEL
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return workers
    most = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    found = max(1, (most - OTHER_FILES) // kernels.FILES_OF_A_KERNEL)
    if found < workers:
        tell(f"--jobs {workers} needs {needed} open files and {most} are allowed (ulimit -n): {found} at a time")
    return min(found, workers)


def _leading_somewhere(out: Path, work: Sequence[Job]) -> list[Job]:
    """The jobs with those of their links that lead to a page of this run, or to one that is there."""
    own = {f"{job.page}.html" for job in work}

    def leads(href: str) -> bool:
        return href in own or (out / href).exists()

    return [replace(job, links=tuple(link for link in job.links if leads(link[1]))) for job in work]


def _rendered(run: Run, work: Sequence[Job], seen: Files, own: Path) -> list[Page]:
    """The pages of the jobs: those that are proven done, and the others made again."""
    made = {job.page: proofs.made_from(run.where, job, seen) for job in work}
    found = [] if run.fresh else [proofs.finished(run.where, run.out, job, made[job.page]) for job in work]
    done = {page.name: page for page in found if page}
    for name in done:
        run.tell(f"{name}: unchanged")

    def note(page: Page) -> None:
        done[page.name] = page
        run.tell(f"{page.name}: {'done' if page.record else page.reason} ({len(done)} of {len(work)})")

    _run_all(run, [job for job in work if job.page not in done], made, own, note)
    return [done[job.page] for job in work]


def _tell(run: Run, pages: Sequence[Page], seen: Files, *, is_kept: bool, is_settled: bool) -> None:
    """Write the first pages where they are not what they would be, and keep what the pages forecast."""
    central = inputs.central(run.where)
    is_told = proofs.is_told(run.out, pages, central, seen)
    if is_told and is_settled:
        return
    first = {"files.html": rendering.files_page(pages), "index.html": rendering.index(pages, central)}
    if not is_told:
        for name, html in first.items():
            writing.write_text(run.out / name, html)
    if is_kept and _keep(run, pages):
        proofs.note_told(run.where, run.out, pages, central, seen, first)


def _keep(run: Run, pages: Sequence[Page]) -> bool:
    """Keep what the newest releases forecast, and tell what is new. A case that cannot be written has its report, and
    is told: then False."""
    answers = [page.record for page in pages if page.record and "scenario" in page.record]
    try:
        for line in forecasts.keep(run.where, answers):
            run.tell(line)
    except (writing.CannotWrite, Refused) as error:
        run.tell(f"forecasts not kept: {error}")
        return False
    return True


# --- kernels at work ------------------------------------------------------------------------------

Outcome = Page | BaseException


def _run_all(
    run: Run, work: Sequence[Job], made: Mapping[str, Made], own: Path, each: Callable[[Page], object]
) -> None:
    """Run the jobs, as many at a time as the run has workers, and hand over each page as it ends."""
    if not work:
        return
    todo = deque(sorted(work, key=lambda job: job.notebook not in LONGEST))
    done: SimpleQueue[Outcome] = SimpleQueue()
    ended = Event()
    workers = [Kernel(ended, own / "ipython", run.limit) for _ in range(min(run.workers, len(work)))]

    def one(job: Job, kernel: Kernel) -> Page:
        return _run(run, job, made[job.page], kernel)

    with ThreadPoolExecutor(len(workers)) as pool:
        served = [pool.submit(_serve, todo, one, done, kernel) for kernel in workers]
        try:
            for _ in work:
                page = done.get()
                if isinstance(page, BaseException):
                    raise page
                each(page)
        except BaseException:
            ended.set()
            todo.clear()
            _end(workers, served)
            raise


def _end(workers: Sequence[Kernel], served: Sequence[Future[None]]) -> None:
    """Kill the kernels, those too that are just being started, until each worker has noticed."""
    while wait(served, timeout=0.1).not_done:
        for kernel in workers:
            kernel.kill()


def _serve(todo: deque[Job], one: Callable[[Job, Kernel], Page], done: SimpleQueue[Outcome], kernel: Kernel) -> None:
    """Run jobs in one kernel until none is left, and hand over each page, or the error that ends the whole run."""
    try:
        while True:
            try:
                job = todo.popleft()
            except IndexError:  # none is left, or another worker has taken the last
                return
            done.put(one(job, kernel))
    except BaseException as error:
        done.put(error)
    finally:
        kernel.close()


def _run(run: Run, job: Job, made: Made, kernel: Kernel) -> Page:
    """One job from notebook to page; whatever goes wrong becomes the page's reason.

    Its page of before goes, but where it is still true, where no kernel began with the notebook, or where the whole run
    was ended.
    """
    try:
        notebook = _notebook(run, job)
        ran = kernel.execute(notebook, job.parameters)
        record = rendering.verified_record(ran)
        proofs.refuse_changed(run.where, made, record)
        html = {f"{job.page}.html": rendering.report(ran, record, job.links)}
        proofs.keep(run.out, job.page, made, record, {**rendering.files_beside(job.page, ran), **html})
        return Page(job.page, record)
    except writing.CannotWrite:
        raise
    except Exception as error:
        if kernel.has_ended:
            raise
        is_kept = isinstance(error, kernels.NotStarted) or bool(proofs.finished(run.where, run.out, job, made))
        if not is_kept:
            proofs.drop(run.out, job.page)
        return Page(job.page, None, _reason(error), is_kept=is_kept and (run.out / f"{job.page}.html").exists())


def _notebook(run: Run, job: Job) -> object:
    """The notebook of a job, which takes its parameters; it is told where it asks for another kernel. Raises Unusable
    and Refused."""
    name = f"notebooks/{job.notebook}.ipynb"
    path = run.where.notebooks / f"{job.notebook}.ipynb"
    if not path.is_file():
        raise kernels.Unusable(f"{name}: the file is missing")
    found = kernels.notebook(path.read_bytes(), name)
    raise_errors(planned.check_parameters(job, found))
    if asked := kernels.kernel_of(found):
        run.tell(f"{name}: its kernel {asked!r} is not used; pages run in the Python of this command")
    return found


def _reason(error: Exception) -> str:
    """What a reader needs, in one line: papermill wraps a cell's error in its whole traceback."""
    name, value = getattr(error, "ename", ""), getattr(error, "evalue", "")
    is_plain = isinstance(error, kernels.Unusable | kernels.NotStarted | kernels.Overdue | proofs.Rewritten | Refused)
    said = f"{name}: {value}" if name else str(error) if is_plain else f"{type(error).__name__}: {error}"
    return " ".join(said.split())
