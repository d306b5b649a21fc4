"""A scenario: which deals count, when they arrive and from what baseline, as one frozen record.

The declaration below is the file's format; every key of it is a key of the YAML file. What is
absent has the default that stands here, each a neutral choice that the page then states.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from ..words.problems import Problem
from ..words.schema import Document, Month, Strict, Words, keyed, nearest, read
from ..words.terms import BOOKS, Status
from .baseline import DEFAULT, Baseline
from .delivery import Delivery, Quarters
from .events import OneOffs
from .tariff import NONE, TariffChoice

SETTINGS = ("reporter", "as_of", "draws", "seed")  # the keys that the commands have an option for
NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,64}")  # what begins with - is an option to a command
RESERVED = {"_assumptions", "con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
MOST_DRAWS = 10_000_000


class Horizon(Strict):
    quarters: Quarters


class Include(Strict):
    """Which deals count. `fill` names deals that are taken to sit inside a tranche's unnamed rest: T3: [SPA-787]."""

    status: list[Annotated[Status, Field(strict=False)]] = Field(default_factory=lambda: [*Status])
    remainders: bool = True
    fill: dict[str, Annotated[list[Words], Field(min_length=1)]] = Field(default_factory=dict)


class Prices(Strict):
    """The year in whose dollars all amounts are; without it they are in the dollars of their own years."""

    dollars_of: Annotated[int, Field(ge=1990, le=2100)]


class ScenarioSpec(Strict):
    """One scenario file.

    `as_of` None is the newest vintage; `set` overrides assumptions by path, `deals` those of single deals:
    {VJ-737-200: {window: 2028Q1..2033Q4, conversion: 0.9}}.
    """

    name: Annotated[Words, Field(exclude=True)]  # the file's
    title: Words
    about: str = ""
    references: list[Annotated[str, Field(pattern=r"^https?://\S+$")]] = Field(default_factory=list)
    reporter: Words
    as_of: Month = None
    baseline: Baseline = Baseline(method=DEFAULT)
    horizon: Horizon
    credit: Literal["assumptions", "none"]
    include: Include = Include()
    delivery: Delivery
    tariff: TariffChoice = TariffChoice(path=NONE)
    prices: Prices | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    deals: dict[Words, Annotated[dict[str, Any], Field(min_length=1)]] = Field(default_factory=dict)
    events: OneOffs = Field(default_factory=list)
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 20_000
    seed: Annotated[int, Field(ge=0)] = 1


def parse(name: str, document: Document, books: Sequence[str] = tuple(BOOKS)) -> ScenarioSpec:
    """A scenario file's content as a record, its reporter one of those that have a book.

    Raises Refused with every problem, each on its key's line.
    """
    written = keyed(document, "write key: value lines; copy a shipped scenario")
    return read(ScenarioSpec, document, *_own_problems(written, document, books), name=name)


def _own_problems(written: Mapping[str, Any], document: Document, books: Sequence[str]) -> Iterable[Problem]:
    """A name, which the file has already, and a reporter without a book; what is no text is told of as such."""
    if "name" in written:
        fix = "remove the key: the file's name is the scenario's"
        yield document.problem("unknown_key", ("name",), "no such key", fix)
    reporter = written.get("reporter")
    if isinstance(reporter, str) and reporter.strip() and reporter not in books:
        fix = f"use {' or '.join(repr(book) for book in books)}{nearest(reporter, list(books))}"
        yield document.problem("wrong_type", ("reporter",), "not one of the books of this case", fix, reporter)


def name_problems(files: Iterable[str]) -> list[Problem]:
    """Names that a file system or a shell could trip over, and names that differ by case or ending only."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for file in files:
        folder, _, base = file.rpartition("/")
        stem = base.rpartition(".")[0]
        if not NAME.fullmatch(stem) or stem.lower() in RESERVED:
            fix = "use 1 to 64 letters, digits, - and _, no - first, and no device's name"
            problems.append(Problem("unsafe_name", file, "not a safe file name on every system", fix, value=stem))
        other = seen.setdefault(f"{folder}/{stem.lower()}", file)
        if other != file:
            code = "duplicate_id" if other.rpartition(".")[0] == file.rpartition(".")[0] else "name_clash"
            problems.append(Problem(code, file, f"the same name as {other}", "rename one", value=stem))
    return problems
