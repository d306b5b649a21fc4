"""Kernels that run notebooks: one a worker, kept from page to page, each page in a namespace of its own.

A kernel's start and its imports cost more than most pages. What pages share in a kernel are modules and what these hold
of files by their checksums; names, outputs and counts of cells are cleared between pages.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import Empty
from threading import Event
from typing import Any

STARTS = 3  # one of some hundred fails where several runs share a machine
CLEARED = """shell = get_ipython()
for history in (shell.history_manager.input_hist_parsed, shell.history_manager.input_hist_raw):
    history[:] = [""]
shell.execution_count = 1
shell.reset(new_session=False)
"""
SOON = 60  # seconds in which a kernel that waits for work answers


class Kernel:
    """A kernel of this interpreter, started with its first notebook, and anew after one that it died of, but for
    good once `ended` is set."""

    def __init__(self, ended: Event | None = None) -> None:
        self._manager: Any = None
        self._ended = ended or Event()

    def execute(self, notebook: Path, parameters: Mapping[str, object], out: Path, starts: int = STARTS) -> Any:
        """A notebook as it ran, with its outputs. A kernel that dies before any cell ran is started again: between the
        choice of a port and its use another process may have taken it.

        Raises what papermill does where a cell fails, and RuntimeError of nbclient or jupyter_client for a dead kernel.
        """
        try:
            self._ready()
            return papermill().execute_notebook(
                _literal(notebook),
                _literal(out),
                dict(parameters),
                kernel_name="python3",
                km=self._manager,
                progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=50"],  # quiet: it warns of TCP on every start
            )
        except RuntimeError:  # the kernel died, or did not answer
            self._stop()
            if starts == 1 or self._ended.is_set() or _has_begun(out):
                raise
            return self.execute(notebook, parameters, out, starts - 1)

    def close(self) -> None:
        """Stop the kernel, and the event loop that nbclient opens in a thread and leaves, with its sockets, to the
        garbage collector. To be called where `execute` was, in the same thread."""
        from jupyter_core.utils import ensure_event_loop

        self._stop()
        loop = ensure_event_loop()
        if not loop.is_running():  # then it is somebody else's
            loop.close()

    def _ready(self) -> None:
        """Clear the kernel of the notebook before."""
        if self._manager is None or not self._manager.has_kernel:
            self._manager = _own_kernels()()
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

        if self._manager is not None and self._manager.has_kernel:
            run_sync(self._manager.shutdown_kernel)(now=True)
        self._manager = None


@cache
def _own_kernels() -> Any:
    """A manager whose kernels run in this interpreter, whatever is installed as python3 in the folders of the user."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class OwnKernels(AsyncKernelManager):
        _last: Any = None

        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

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


def _literal(path: Path) -> str:
    """A path as papermill reads it, to which braces are those of a template."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _has_begun(out: Path) -> bool:
    """Whether a cell of a notebook that papermill leaves behind has run, as far as it tells."""
    try:
        cells = json.loads(out.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        return False
    return any(cell.get("execution_count") or cell.get("outputs") for cell in cells)


def declared(notebook: Path) -> Mapping[str, Mapping[str, Any]]:
    """The parameters that a notebook declares, by name, as papermill infers them."""
    return dict(papermill().inspect_notebook(_literal(notebook)))


def papermill() -> Any:
    # jupyter's event schemas pull in a grammar that takes a second to compile and that nothing here checks
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill

    return papermill
