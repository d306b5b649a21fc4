"""Files written whole or not at all, and their checksums."""

import hashlib
import os
import tempfile
from pathlib import Path

import pandas as pd


class CannotWrite(OSError):
    """A folder or file cannot be written."""


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all. Raises CannotWrite naming it."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises CannotWrite naming it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).chmod(0o644)  # mkstemp makes it private
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink()
            raise
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror or error}") from error


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, without its index, whole or not at all."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sha256_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
