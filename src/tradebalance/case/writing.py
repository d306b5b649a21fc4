"""Files written whole or not at all, over nothing that somebody else wrote, and their checksums."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from ..words.plain import defused
from ..words.problems import refuse


class Busy(RuntimeError):
    """Another run holds the folder."""


class CannotWrite(OSError):
    """A folder or file cannot be written."""


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all. Raises CannotWrite naming it."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises CannotWrite naming it."""
    with _beside(path, content) as temporary:
        temporary.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file whole, where none of its name with other content is. Raises Refused for one that is, CannotWrite."""
    refuse_raw(path)
    with _beside(path, content) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            if not path.is_file() or path.read_bytes() != content:
                fix = "name another file, or take that one away"
                refuse("name_clash", str(path), "a file of this name is there, with other content", fix)


def refuse_raw(out: Path) -> None:
    """Raise Refused for a place to write that is, or lies in, what a case is made of: data/raw, also by a link."""
    place = out.resolve()
    if any(folder.parts[-2:] == ("data", "raw") for folder in (place, *place.parents)):
        refuse("name_clash", str(out), "data/raw holds what publishers wrote", "name a place outside of it by --out")


def refuse_others(out: Path, *marks: str) -> None:
    """Raise Refused for a folder to fill that is, or lies in, data/raw, or that holds files, hidden ones aside, but
    none of the marks of what filled it before."""
    refuse_raw(out)
    holds = [path.name for path in out.iterdir()] if out.is_dir() else []
    if not set(marks) & set(holds) and any(not name.startswith(".") for name in holds):
        refuse("name_clash", str(out), "the folder holds what is not of this command", "name a new one by --out")


@contextmanager
def _beside(path: Path, content: bytes) -> Iterator[Path]:
    """A file with the content in the folder of `path`, gone in the end but where it was moved. Raises CannotWrite."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)  # mkstemp makes it private
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror or error}") from error


@contextmanager
def held(folder: Path, seconds: float = 0) -> Iterator[None]:
    """Hold a folder for one run, waited for so long. The system releases the lock when its holder dies.

    Raises Busy where another run holds it, and CannotWrite.
    """
    from filelock import FileLock, Timeout

    write_text(folder / ".writable", "")
    try:
        with FileLock(folder / ".lock", timeout=seconds):
            yield
    except Timeout:
        raise Busy(f"another run holds {folder}; wait for it, or choose another folder by --out") from None
    finally:
        (folder / ".writable").unlink(missing_ok=True)


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV, without its index, its texts defused."""
    safe = table.map(lambda cell: defused(cell) if isinstance(cell, str) else cell)
    return str(safe.to_csv(index=False, lineterminator="\n"))


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, without its index, its texts defused, whole or not at all."""
    write_text(path, csv_text(table))


def sha256_of(path: Path) -> str:
    return sha256_of_bytes(path.read_bytes())


def sha256_of_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def checksum(root: Path, path: Path) -> dict[str, str]:
    """A file, named from `root`, and its sha256; nothing where there is none."""
    return {path.relative_to(root).as_posix(): sha256_of(path)} if path.exists() else {}


def sha256_of_text(text: str) -> str:
    return sha256_of_bytes(text.encode())
