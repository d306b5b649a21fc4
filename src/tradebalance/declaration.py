"""What a case is about: its `case.yaml`, validated. Whose surplus with whom, on whose books, and what is followed."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from .problems import Refused
from .terms import Pair, Strength, month
from .validation import Lines, Strict, Words, validated, wrong

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


class Window(Strict):
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
    windows: dict[str, Window] = Field(default_factory=dict)
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
