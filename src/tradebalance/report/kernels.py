"""Kernels that run notebooks: one a worker, kept from page to page, each page in a namespace of its own.

A kernel's start and its imports cost more than most pages. What pages share in a kernel are modules and what these hold
of files by their checksums; names, outputs and counts of cells are cleared between pages. Nothing of the user's own
settings of Jupyter and IPython is read: neither kernels, profiles nor files that run at a start.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from queue import Empty
from threading import Event, Timer
from typing import Any
from uuid import uuid4

LANGUAGE = "python"
STARTS = 3  # one of some hundred fails where several runs share a machine
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # of linear algebra in each process
CLEARED = """shell = get_ipython()
for history in (shell.history_manager.input_hist_parsed, shell.history_manager.input_hist_raw):
    history[:] = [""]
shell.execution_count = 1
shell.reset(new_session=False)
"""
SOON = 60  # seconds in which a kernel that waits for work answers, and in which what it printed arrives
# the slowest page takes about a minute on two cores of its own: room for a machine twenty times as slow or as busy
LIMIT = 30.0  # minutes
OPTIONS = (
    "--IPKernelApp.log_level=50",  # quiet: it warns of TCP on every start
    "--HistoryManager.enabled=False",  # a database, which a folder on a network may not hold
    "--IPKernelApp.exec_PYTHONSTARTUP=False",
)
FILES_OF_A_KERNEL = 40  # open at once in the process that runs it: 28 of the first page, some at a start


class Unusable(ValueError):
    """A notebook's file cannot be run, by its reason."""


class NotStarted(RuntimeError):
    """No kernel began with a notebook, however often it was tried: nothing is known of the notebook."""


class Overdue(RuntimeError):
    """A notebook ran longer than it may."""


def notebook(content: bytes, name: str) -> Any:
    """A notebook from the bytes of its file. Raises Unusable, naming it, for any that is none, or of no Python."""
    import nbformat

    if not content.strip():
        raise Unusable(f"{name}: the file is empty")
    try:
        found: Any = nbformat.reads(content.decode(), as_version=4)  # type: ignore[no-untyped-call]
        cells = list(found["cells"])
    except Exception as error:  # of JSON, of encoding, of its shape: whatever nbformat raises
        said = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        raise Unusable(f"{name}: this is no notebook: {said}") from None
    if not cells:
        raise Unusable(f"{name}: this notebook has no cells")
    if (language := language_of(found)) != LANGUAGE:
        raise Unusable(f"{name}: it is written in {language}, and pages run in Python")
    return found


def language_of(found: Any) -> str:
    """The language that a notebook says it is written in; Python where it says nothing."""
    said = [found.metadata.get("kernelspec", {}).get("language"), found.metadata.get("language_info", {}).get("name")]
    return next((str(each).lower() for each in said if each), LANGUAGE)


def kernel_of(found: Any) -> str:
    """The kernel that a notebook asks for by name, where it is not the one of every Python; else nothing."""
    named = str(found.metadata.get("kernelspec", {}).get("name") or "")
    return "" if named in ("python3", "python") else named


class Kernel:
    """A kernel of this interpreter, started with its first notebook, and anew after one that it died of, but for
    good once `ended` is set. `settings` is a folder that stands in for the user's of IPython; `limit` is in minutes."""

    def __init__(self, ended: Event | None = None, settings: Path | None = None, limit: float = LIMIT) -> None:
        self._manager: Any = None
        self._ended = ended or Event()
        self._settings = settings
        self._limit = limit

    def execute(self, found: Any, parameters: Mapping[str, object], starts: int = STARTS) -> Any:
        """A notebook as it ran, with its outputs. A kernel that dies before any cell ran is started again: between the
        choice of a port and its use another process may have taken it.

        Raises what papermill does where a cell fails, DeadKernelError of nbclient for a kernel that died of a cell,
        Overdue after the limit, and NotStarted where none began.
        """
        begun = Event()
        try:
            self._ready()
            with self._timed():
                return papermill().execute_notebook(
                    _of_own_kernel(found),
                    None,
                    dict(parameters),
                    kernel_name="python3",
                    km=self._manager,
                    progress_bar=False,
                    extra_arguments=[*OPTIONS],
                    iopub_timeout=SOON,
                    on_cell_executed=lambda **_: begun.set(),
                )
        except RuntimeError as error:  # the kernel died, or did not answer
            self._stop()
            if isinstance(error, Overdue) or begun.is_set() or self._ended.is_set():
                raise
            if starts == 1:
                raise NotStarted(f"no kernel started, tried {STARTS} times: {error}; run it again") from error
            return self.execute(found, parameters, starts - 1)

    @property
    def has_ended(self) -> bool:
        """Whether it will not start again."""
        return self._ended.is_set()

    def kill(self) -> None:
        """End the kernel and what its cells started, now: a cell may ignore what asks for less. Of any thread."""
        import psutil

        pid = getattr(getattr(self._manager, "provisioner", None), "pid", None)
        with suppress(psutil.Error):
            of_it = psutil.Process(pid) if pid else None
            for process in [*of_it.children(recursive=True), of_it] if of_it else []:
                with suppress(psutil.Error):
                    process.kill()

    def close(self) -> None:
        """Stop the kernel, and the event loop that nbclient opens in a thread and leaves, with its sockets, to the
        garbage collector. To be called where `execute` was, in the same thread."""
        from jupyter_core.utils import ensure_event_loop

        self._stop()
        loop = ensure_event_loop()
        if not loop.is_running():  # then it is somebody else's
            loop.close()

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Kill the kernel at the limit, which then is why it died. Raises Overdue."""
        overdue = Event()

        def end() -> None:
            overdue.set()
            self.kill()

        timer = Timer(60 * self._limit, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if overdue.is_set():
                raise Overdue(f"it ran longer than {self._limit:g} minutes; give it more by --limit") from error
            raise
        finally:
            timer.cancel()

    def _ready(self) -> None:
        """Clear the kernel of the notebook before."""
        if self._manager is None or not self._manager.has_kernel:
            self._manager = _own_kernels()()
            self._manager.settings = self._settings
            if self._settings and _is_private(self._settings):
                self._manager.connection_file = str(self._settings / f"{uuid4()}.json")
            return
        from jupyter_client.blocking.client import BlockingKernelClient
        from jupyter_core.utils import run_sync

        client = BlockingKernelClient(connection_file=self._manager.connection_file)
        client.load_connection_file()
        client.start_channels()
        try:
            client.execute(CLEARED, silent=True, store_history=False)
            for _ in range(SOON):
                with suppress(Empty):
                    client.get_shell_msg(timeout=1)
                    return
                if self._ended.is_set() or not run_sync(self._manager.is_alive)():
                    break
            raise RuntimeError("the kernel of the page before does not answer")
        finally:
            client.stop_channels()

    def _stop(self) -> None:
        from jupyter_core.utils import run_sync

        self.kill()
        if self._manager is not None and self._manager.has_kernel:
            run_sync(self._manager.shutdown_kernel)(now=True)
        self._manager = None


def _is_private(folder: Path) -> bool:
    """Whether a file there can be read by its owner alone, as one with a kernel's key has to be: not so on a disk that
    knows no owners."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        return not Path(file.name).stat().st_mode & 0o077


@cache
def _own_kernels() -> Any:
    """A manager whose kernels run in this interpreter, whatever is installed as python3 in the folders of the user."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class OwnKernels(AsyncKernelManager):
        _last: Any = None
        settings: Path | None = None

        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            # a dollar begins a variable there
            own = {"IPYTHONDIR": str(self.settings).replace("$", "$$")} if self.settings else {}
            own |= dict.fromkeys(ONE_THREAD, "1")  # a kernel a core: more threads would wait for each other
            return KernelSpec(argv=argv, env=own, display_name="Python 3", language=LANGUAGE)

        def client(self, **options: Any) -> Any:
            """A client, after the one before has let go of its sockets: nbclient leaves those of a kept kernel open."""
            if self._last is not None:
                self._last.stop_channels()
            self._last = super().client(**options)
            return self._last

        async def _async_shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
            if self._last is not None:
                self._last.stop_channels()
            await super()._async_shutdown_kernel(now=now, restart=restart)

        shutdown_kernel = _async_shutdown_kernel

    return OwnKernels


def _of_own_kernel(found: Any) -> Any:
    """A notebook that asks for this interpreter's kernel, whatever it says of itself."""
    import nbformat

    spec = {"name": "python3", "display_name": "Python 3", "language": LANGUAGE}
    own = {**found, "metadata": {**found.metadata, "kernelspec": spec}}
    return nbformat.from_dict(own)  # type: ignore[no-untyped-call]


def declared(found: Any) -> Mapping[str, Mapping[str, Any]]:
    """The parameters that a notebook declares, by name, as papermill infers them."""
    return dict(papermill().inspect_notebook(_of_own_kernel(found)))


def papermill() -> Any:
    # jupyter's event schemas pull in a grammar that takes a second to compile and that nothing here checks
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill

    return papermill
