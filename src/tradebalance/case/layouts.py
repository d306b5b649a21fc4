"""What a raw file is read by: the layouts that are known by their columns, and a file's table and sidecar."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import ModuleType

from ..facts import census, customs_vn, duties, fragments, timeline
from ..facts import ledger as ledgers
from ..reading import grids, readers
from ..reading.headers import Grid, Record
from ..reading.options import Options
from ..track import evidence, pledges
from ..words.cells import Rows
from ..words.problems import raise_errors
from ..words.schema import Document
from . import sidecars
from .sidecars import Correction, Sidecar

Holds = Callable[[Iterable[str]], bool]
FIRST_LINE = 100_000  # bytes among which a first line must end

# What tells a layout by its columns and, of one with counts of trade, the module of `facts` that reads it and has all
# that `census` has. A publisher's layout is added here; a file of none of them is a printed table.
READERS: tuple[tuple[Holds, ModuleType | None], ...] = (
    (census.is_layout, census),
    (customs_vn.is_layout, customs_vn),
    (fragments.is_fragments, None),
    (ledgers.is_ledger, None),
    (timeline.is_timeline, None),
    (duties.is_duties, None),
    (pledges.is_agreement, None),
    (pledges.is_lines, None),
    (pledges.is_printed, None),
    (evidence.is_episodes, None),
    (evidence.is_priors, None),
    (evidence.is_figures, None),
    (evidence.is_cited, None),
)


# The layouts that hold neither trade nor a ledger, by the word that `check` has for them, and what reads each.
OTHERS: dict[str, tuple[Holds, Callable[[Sequence[str], Rows, str], object]]] = {
    "timeline": (timeline.is_timeline, timeline.read),
    "duties": (duties.is_duties, duties.read),
    "agreement": (pledges.is_agreement, pledges.read_additions),
    "episodes": (evidence.is_episodes, evidence.episodes),
    "priors": (evidence.is_priors, evidence.priors),
    "evidence": (evidence.is_figures, evidence.figures),
}


def is_own(columns: Iterable[str]) -> bool:
    """Whether a file has one of the layouts of READERS, by its columns."""
    columns = list(columns)
    return any(holds(columns) for holds, _ in READERS)


def holds_trade(columns: Iterable[str]) -> bool:
    """Whether a file of these columns holds a publisher's counts, or a book in pieces."""
    columns = list(columns)
    return fragments.is_fragments(columns) or any(holds(columns) for holds, of in READERS if of)


def publisher(table: readers.Table) -> ModuleType | None:
    """The module that reads the table's layout, if it is one with counts of trade."""
    return next((one for holds, one in READERS if not table.read_from and holds(table.columns)), None)


def grid(content: bytes, file: str, given: Options) -> Grid:
    """The records of a file's bytes; one of READERS with commas is not searched for another delimiter."""
    if is_bulletin(content):
        return bulletin(content, file)
    return grids.grid(content, file, given, delimiter="," if is_own(_first_names(content)) else "")


def is_bulletin(content: bytes) -> bool:
    """Whether a file is a PDF, as Vietnam Customs publishes its bulletins."""
    return content.startswith(customs_vn.PDF_MARK)


@lru_cache(maxsize=64)
def bulletin(content: bytes, file: str) -> Grid:
    """The records of a bulletin's PDF, kept: a thousand letters a page take their time. Raises Refused."""
    header = Record(1, customs_vn.COLUMNS)
    rows = (Record(line, tuple(cells.values())) for line, cells in customs_vn.lines(content, file))
    return Grid(file, (header, *rows))


def _first_names(content: bytes) -> list[str]:
    """The names in the first line of a text with commas."""
    first = content[:FIRST_LINE].split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    return _names(first.split(","))


def _names(cells: Iterable[str]) -> list[str]:
    return [cell.strip().strip('"') for cell in cells]


def table(found: Grid, given: Options) -> readers.Table:
    """A raw file's records as a table. Raises Refused for one of READERS that is not rectangular."""
    if not found.records or is_own(_names(found.records[0].cells)):
        return readers.rectangular(found)
    return readers.printed(found, given.reading)


@dataclass(frozen=True)
class RawFile:
    """One raw file as it was read: its name below data/raw, its bytes and those of its sidecar (None without one), and
    the corrections made to its table. What the bytes say is worked out when it is first asked for, and once."""

    name: str
    content: bytes = field(repr=False)
    said: bytes | None = field(default=None, repr=False)
    corrections: tuple[Correction, ...] = ()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def sidecar_name(self) -> str:
        return sidecars.name(self.name)

    @cached_property
    def document(self) -> Document:
        """The sidecar's content, not judged."""
        return readers.yaml_document(self.said or b"", self.sidecar_name)

    @cached_property
    def sidecar(self) -> Sidecar:
        """What the sidecar says. Raises Refused with every problem of it alone; `sidecars.parse` judges it by the
        table."""
        found, problems = sidecars.said(self.document)
        raise_errors(problems)
        assert found is not None
        return found

    @cached_property
    def options(self) -> Options:
        """How a printed table is read."""
        return sidecars.printed_options(self.document)[0]

    @cached_property
    def columns(self) -> Sequence[str]:
        """The table's columns; of a layout that is known by its first line they are told without the rest of it."""
        if is_bulletin(self.content):
            return customs_vn.COLUMNS
        first = _first_names(self.content)
        return first if is_own(first) else self.table.columns

    @cached_property
    def as_it_stands(self) -> readers.Table:
        """The table without its corrections. Raises Refused for what is none."""
        return table(grid(self.content, self.name, self.options), self.options)

    @cached_property
    def table(self) -> readers.Table:
        """The table, corrected. Raises Refused for what is none."""
        return sidecars.correct(self.as_it_stands, self.corrections)[0] if self.corrections else self.as_it_stands
