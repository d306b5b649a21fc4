"""The folder that a report is written to: held by one run at a time, free of what a run that was cut off left there,
and of nothing that others wrote."""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..case import writing
from ..case.writing import CannotWrite
from . import proofs
from .rendering import MARK

LOCK, WORK, TRIED = ".lock", ".work", ".writable"
MARKS = ("records", LOCK)  # one of them stands in every folder that a report was written to
FIRST_PAGES = ("index.html", "files.html")
UNFINISHED = re.compile(r"\.(.+\.(html|json|svg|csv)|\.writable)\.[a-z0-9_]{8}")  # as writing names them


@contextmanager
def held(out: Path, pages: Iterable[str]) -> Iterator[Path]:
    """Hold a folder for one run that writes these pages; gives a folder for what is of this run alone, which goes with
    it. The system releases the lock when its holder dies, and the next run clears what it left.

    Raises CannotWrite where something else stands in the way, or a page that this command did not write, and
    writing.Busy where another run holds the folder.
    """
    _refuse_in_the_way(out)
    _refuse_foreign(out, pages)
    with writing.held(out):
        _clear(out)
        (out / WORK).mkdir()
        try:
            yield out / WORK
        finally:
            shutil.rmtree(out / WORK, ignore_errors=True)


def _refuse_in_the_way(out: Path) -> None:
    """Raises CannotWrite where a file, or a link to nothing, stands for the folder, or anything but a file for its
    lock."""
    for path in (out, *out.parents):
        if path.is_symlink() and not path.exists():
            raise CannotWrite(f"cannot write {out}: {path} is a link to {path.readlink()}, which is not there; "
                              "make that folder, or name another by --out")  # fmt: skip
        if path.exists() and not path.is_dir():
            raise CannotWrite(f"cannot write {out}: {path} is no folder; name one by --out")
    for name in (LOCK, TRIED, WORK):
        path = out / name
        if path.is_symlink() or (path.exists() and path.is_dir() != (name == WORK)):
            kind = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "a file"
            raise CannotWrite(f"cannot write {out}: {path} is {kind}, and a run needs that name; take it away")


def _refuse_foreign(out: Path, pages: Iterable[str]) -> None:
    """Raises CannotWrite with the pages of those names, and the first ones, that this command did not write."""
    names = [*FIRST_PAGES, *(f"{page}.html" for page in pages)]
    found = [name for name in names if (out / name).exists() or (out / name).is_symlink()]
    foreign = [name for name in found if not _is_own(out / name)]
    if foreign:
        raise CannotWrite(f"cannot write {out}: {', '.join(foreign)} there was not written by this command; "
                          "take it away, or name another folder by --out")  # fmt: skip


def _is_own(path: Path) -> bool:
    """Whether a page bears the mark of this command, or a record proves it."""
    if path.is_symlink() or not path.is_file():
        return False
    return bool(MARK.search(path.read_bytes())) or proofs.proven(path.parent, path.stem) is not None


def _clear(out: Path) -> None:
    """Take away what a run that was cut off left in the folder."""
    shutil.rmtree(out / WORK, ignore_errors=True)
    for folder in (out, *(out / name for name in ("records", "figures", "data"))):
        for path in folder.glob(".*"):
            if UNFINISHED.fullmatch(path.name) and path.is_file():
                path.unlink(missing_ok=True)
