"""The bytes of files that people give: of regular files only, and of no more than can be read at once."""

import json
import stat
from pathlib import Path
from typing import Any

from ..words.problems import refuse

MOST_BYTES = 50_000_000  # as much as an archive may unpack to (reading/decoding)


def read(path: Path, file: str = "") -> bytes:
    """The bytes of a file, named `file` in what is said of it.

    Raises Refused, before anything is read, for what is no file (a pipe or a device may never end) and for more than
    MOST_BYTES; OSError for one that is not there or may not be read.
    """
    found, file = path.stat(), file or str(path)
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or a device"
        refuse("not_text", file, f"{kind}, not a file", "write what it gives to a file, and name that")
    if found.st_size > MOST_BYTES:
        reason = f"{found.st_size:,} bytes, of at most {MOST_BYTES:,}"
        refuse("too_large", file, reason, "give the part that is wanted as a file of its own")
    return path.read_bytes()


def read_json(path: Path, file: str = "") -> Any:
    """What a file of JSON holds. Raises Refused as `read` does, and ValueError for one that is no JSON or nested beyond
    what can be read."""
    try:
        return json.loads(read(path, file))
    except RecursionError:
        raise ValueError("nested too deeply") from None
