"""Files written whole or not at all, and their checksums."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd


class CannotWrite(OSError):
    """A folder or file cannot be written."""


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all. Raises CannotWrite naming it."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises CannotWrite naming it."""
    with _beside(path, content) as temporary:
        temporary.replace(path)


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


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, without its index, whole or not at all."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checksum(root: Path, path: Path) -> dict[str, str]:
    """A file, named from `root`, and its sha256; nothing where there is none."""
    return {path.relative_to(root).as_posix(): sha256_of(path)} if path.exists() else {}


def sha256_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
