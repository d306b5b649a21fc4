"""A case is a folder with data/raw and scenarios in this project's form; the checkout is one.

Its `case.yaml` says what it is about: whose surplus with whom, on whose books, and what is followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from ..reading import readers
from ..words.problems import Refused, refuse
from ..words.schema import Lines, Strict, Words, nearest, validated, wrong
from ..words.terms import Pair, Strength, month

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


def _as_month(value: object) -> object:
    try:
        return month(str(value))
    except ValueError as error:
        raise wrong("bad_period", str(error), "write a month like 2025-03") from None


class Group(Strict):
    """A group that is followed: the agreement's groups that add to it, and the groups of export lines in it."""

    additions: Annotated[list[Words], Field(min_length=1)]
    lines: Annotated[list[Words], Field(min_length=1)]


class TrackWindow(Strict):
    """When an announced total is taken to arrive: evenly over so many months from a month on."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    first: Annotated[pd.Period, BeforeValidator(_as_month), Field(alias="from")]
    months: Annotated[int, Field(ge=1, le=600)]
    source: Words
    strength: Annotated[Strength, Field(strict=False)]


class Anchors(Strict):
    """Which episodes a prior of the evidence rests on, and the column that holds their number."""

    block: Words
    item: Words
    column: Literal["ratio", "increment_ratio", "value"]
    episodes: Annotated[list[Words], Field(min_length=1)]


class Track(Strict):
    """What `track` follows: a pledge by `groups`, or the rise over `base_year` against totals in `windows`."""

    reporter: Country
    path: Literal["linear", "seasonal"]
    groups: dict[str, Group] = Field(default_factory=dict)
    base_year: int | None = None
    windows: dict[str, TrackWindow] = Field(default_factory=dict)
    anchors: list[Anchors] = Field(default_factory=list)
    never_tested: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.groups) == bool(self.windows):
            raise wrong("inconsistent", "a pledge has groups, a rise has windows", "give one of the two")
        if self.windows and self.base_year is None:
            raise wrong("empty", "the year that a rise is over is missing", "give base_year")
        return self


class Declaration(Strict):
    """One case.yaml: the home country is the one whose surplus the gap is."""

    name: Words
    home: Country
    partner: Country
    books: Annotated[list[Country], Field(min_length=1)]
    track: Track

    @model_validator(mode="after")
    def _two_countries(self) -> Self:
        if self.home == self.partner or not set(self.books) <= {self.home, self.partner}:
            raise wrong("inconsistent", "books are those of two countries", "name home, partner and their books")
        return self

    @property
    def pair(self) -> Pair:
        return Pair(self.home, self.partner)


def parse(document: Lines) -> Declaration:
    """A case.yaml as a record. Raises Refused with every problem, each on its key's line."""
    problems = list(document.problems)
    found = None
    if isinstance(document.data, Mapping) or not problems:
        found, more = validated(Declaration, document.data, document)
        problems += more
    if found is None or problems:
        raise Refused(problems)
    return found


CHECKOUT = Path(__file__).resolve().parents[3]
DECLARATION = "case.yaml"


@dataclass(frozen=True)
class Folder:
    """A folder with data/raw and scenarios in this project's form."""

    root: Path

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        return self.root / "data" / "processed"

    @property
    def corrections(self) -> Path:
        return self.root / "data" / "corrections.yaml"

    @property
    def arrivals(self) -> Path:
        return self.root / "data" / "arrivals.yaml"

    @property
    def scenarios(self) -> Path:
        return self.root / "scenarios"

    @property
    def notebooks(self) -> Path:
        """The case's own notebooks, or those of the checkout."""
        own = self.root / "notebooks"
        return own if own.is_dir() else CHECKOUT / "notebooks"

    @property
    def declaration(self) -> Path:
        """What the case is about: its own case.yaml, or that of the checkout."""
        own = self.root / DECLARATION
        return own if own.is_file() else CHECKOUT / DECLARATION

    @property
    def forecasts(self) -> Path:
        return self.root / "forecasts"

    @property
    def reports(self) -> Path:
        return self.root / "reports"


def case(folder: str = "") -> Folder:
    """The case in a folder, or one of the checkout's `cases` by name; by default the checkout itself.

    Raises Refused if there is no data/raw in it, naming the nearest known case.
    """
    by_name = {path.parent.parent.name: path.parent.parent for path in CHECKOUT.glob("cases/*/data/raw")}
    root = Path(folder).resolve() if folder else CHECKOUT
    if not (root / "data" / "raw").is_dir():
        root = by_name.get(folder, root)
    if not (root / "data" / "raw").is_dir():
        fix = (
            "name a folder with data/raw and scenarios by --case, or install from a checkout with pip install -e"
            if not by_name
            else f"name a folder with data/raw and scenarios, or one of {', '.join(sorted(by_name))}, by --case"
            + nearest(folder, sorted(by_name))
        )
        refuse("empty", folder or str(root), "no case here: there is no data/raw", fix)
    return Folder(root)


def declared(where: Folder) -> Declaration:
    """What a case is about. Raises Refused with every problem of its case.yaml."""
    return parse(readers.yaml_document(where.declaration.read_bytes(), DECLARATION))
