"""Who published a figure: what a raw file and a raw row are cited as, and the source line of a set of rows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

FEW = 4  # so many publishers of rows fit in one line; more are cited by the file that lists them
WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>\\`{}|^\x00-\x20\x7f]+")


class Place(NamedTuple):
    """A row of a raw file, the header being row 1. It is printed, and stored in `ids`, as `file:row`."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"

    @classmethod
    def of(cls, text: str) -> Self:
        """The place that `file:row` says."""
        file, _, row = text.rpartition(":")
        return cls(file, int(row))


@dataclass(frozen=True)
class Citation:
    """One publication: its title, what else tells it apart, and its address, or words in place of one."""

    title: str
    detail: str = ""
    url: str = ""

    @property
    def href(self) -> str:
        """The address if it is a web page's, else nothing."""
        return self.url if WEB_ADDRESS.fullmatch(self.url) else ""

    def __str__(self) -> str:
        more = "; ".join(part for part in (self.detail, self.url) if part)
        return f"{self.title} ({more})" if more else self.title


@dataclass(frozen=True)
class Citations:
    """What raw files (by name) and raw rows (by `file:row`) that name their own publisher are cited as."""

    files: Mapping[str, Citation] = field(default_factory=dict)
    rows: Mapping[str, Citation] = field(default_factory=dict)


def cite(known: Citations, ids: Iterable[str]) -> tuple[Citation, ...]:
    """The sources of raw rows given as `file:row`, or several joined by spaces: each once, in order of file.

    A file's rows are cited by their own publishers where those are few, else by the file. Raises
    KeyError for a file that is not there.
    """
    by_file: dict[str, list[str]] = {}
    for row in (part for each in ids for part in each.split()):
        by_file.setdefault(Place.of(row).file, []).append(row)
    found: list[Citation] = []
    for file, rows in sorted(by_file.items()):
        own = list(dict.fromkeys(known.rows[row] for row in rows if row in known.rows))
        named = own and len(own) <= FEW and all(row in known.rows for row in rows)
        found += own if named else [known.files[file]]
    return tuple(dict.fromkeys(found))


def files_of(ids: Iterable[str]) -> frozenset[str]:
    """The raw files of rows given as `file:row`, or several joined by spaces."""
    return frozenset(Place.of(part).file for each in ids for part in each.split())
