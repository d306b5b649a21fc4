"""A scenario: which deals count, when they arrive and from what baseline, as one frozen record.

The declaration below is the file's format; every key of it is a key of the YAML file. What is
absent has the default that stands here, each a neutral choice that the page then states.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import ConfigDict, Field, field_validator, model_validator

from ..words.problems import Problem, Refused
from ..words.schema import Lines, Month, Number, Quarter, Share, Strict, Words, nearest, validated, wrong
from ..words.terms import BOOKS, Category, Status
from . import delivery
from .baseline import Baseline

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
RESERVED = {"_assumptions", "con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
MOST_QUARTERS = 200
MOST_DRAWS = 10_000_000
Quarters = Annotated[int, Field(ge=1, le=MOST_QUARTERS)]
Delay = Annotated[int, Field(ge=0, le=MOST_QUARTERS)]


class Horizon(Strict):
    quarters: Quarters


class Pace(Strict):
    """A window's profile and length; what a category leaves out is as in the general pace."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    profile: Literal["uniform", "front_loaded", "back_loaded", "s_curve", "milestones", "published"] | None = None
    milestones: Annotated[dict[Quarter, Share], Field(min_length=1)] | None = None
    quarters: Quarters | None = None
    delay_quarters: Delay | None = None

    @model_validator(mode="before")
    @classmethod
    def _milestones_name_their_profile(cls, given: Any) -> Any:
        """`milestones: {...}` says enough, inside `profile:` or beside it."""
        if not isinstance(given, Mapping):
            return given
        inside = given.get("profile")
        if isinstance(inside, Mapping) and inside.keys() == {"milestones"}:
            if "milestones" in given:
                raise wrong("wrong_type", "milestones stand twice, inside profile and beside it", "keep one")
            given = {**given, "profile": "milestones", **inside}
        return {"profile": "milestones", **given} if "milestones" in given else given

    @field_validator("milestones")
    @classmethod
    def _add_up(cls, shares: dict[pd.Period, Decimal] | None) -> dict[pd.Period, Decimal] | None:
        if shares is not None and sum(shares.values()) != 1:
            raise wrong("shares_sum", f"the shares add up to {sum(shares.values())}", "make them add up to 1")
        return shares

    @model_validator(mode="after")
    def _milestones_go_with_their_profile(self) -> Self:
        if (self.profile == "milestones") != (self.milestones is not None):
            fix = "give milestones: {2027Q1: 0.4, 2028Q1: 0.6}, and no other profile beside them"
            raise wrong("wrong_type", "profile and milestones do not go together", fix)
        return self

    def record(self, general: delivery.Pace | None = None) -> delivery.Pace:
        general = general or delivery.Pace("uniform", 1)
        quarters = self.quarters or general.quarters
        delay = general.delay_quarters if self.delay_quarters is None else self.delay_quarters
        if self.profile is None:
            return delivery.Pace(general.profile, quarters, delay, general.milestones)
        return delivery.Pace(self.profile, quarters, delay, tuple(sorted((self.milestones or {}).items())))


class Delivery(Pace):
    """`slip` and `capacity` say whether the assumptions' delays and limits act, or none do."""

    start: Literal["now", "announced"] = Field(alias="from")
    slip: Literal["none", "assumptions"] = "none"
    capacity: Literal["none", "assumptions"] = "none"
    by_category: dict[Annotated[Category, Field(strict=False)], Pace] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_window(self) -> Self:
        if self.profile is None:
            raise wrong("empty", "no profile", "give a profile, or milestones")
        if self.quarters is None and self.profile not in ("milestones", "published"):
            raise wrong("empty", "no length of the window", "give quarters")
        return self

    @model_validator(mode="after")
    def _no_delay_counts_twice(self) -> Self:
        if self.start == "now" and self.slip != "none":
            fix = "write slip: none, or from: announced"
            raise wrong("wrong_type", "from: now has every deal start late already; slip would count it twice", fix)
        if self.start == "now" and "published" in (self.profile, *(pace.profile for pace in self.by_category.values())):
            raise wrong("wrong_type", "published windows do not start now", "write from: announced")
        return self

    def schedule(self) -> delivery.Delivery:
        pace = self.record()
        by_category = {str(category): each.record(pace) for category, each in self.by_category.items()}
        slips, is_limited = (word == "assumptions" for word in (self.slip, self.capacity))
        return delivery.Delivery(self.start, pace, by_category, slips, is_limited)


class Include(Strict):
    """Which deals count. `fill` names deals that are taken to sit inside a tranche's unnamed rest: T3: [SPA-787]."""

    status: list[Annotated[Status, Field(strict=False)]] = Field(default_factory=lambda: [*Status])
    remainders: bool = True
    fill: dict[str, Annotated[list[Words], Field(min_length=1)]] = Field(default_factory=dict)


Rate = Annotated[Number, Field(ge=Decimal("-0.5"), le=1)]


class Prices(Strict):
    """Yearly rates for the view in constant dollars; no evidence gives one, so there is no default."""

    escalation_per_year: Rate
    inflation_per_year: Rate
    base_year: Annotated[int, Field(ge=1990, le=2100)]


class ScenarioSpec(Strict):
    """One scenario file.

    `as_of` None is the newest vintage; `tariff` names a path of the assumptions, or none; `set` overrides
    assumptions by path.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: Words
    title: Words
    about: str = ""
    references: list[Annotated[str, Field(pattern=r"^https?://\S+$")]] = Field(default_factory=list)
    reporter: Words
    as_of: Month = None
    baseline: Baseline
    horizon: Horizon
    credit: Literal["assumptions", "none"]
    include: Include = Include()
    delivery: Delivery
    tariff: Words = "none"
    prices: Prices | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = 20_000
    seed: Annotated[int, Field(ge=0)] = 1


def parse(name: str, document: Lines, books: Sequence[str] = tuple(BOOKS)) -> ScenarioSpec:
    """A scenario file's content as a record, its reporter one of those that have a book.

    Raises Refused with every problem, each on its key's line.
    """
    problems = list(document.problems)
    scenario = None
    if isinstance(document.data, Mapping):
        if "name" in document.data:
            fix = "remove the key: the file's name is the scenario's"
            problems.append(document.problem("unknown_key", ("name",), "no such key", fix))
        scenario, found = validated(ScenarioSpec, {**document.data, "name": name}, document)
        problems += [*found, *_reporter_problems(document, books)]
    elif not problems:
        fix = "write key: value lines; copy a shipped scenario"
        problems.append(document.problem("wrong_type", (), "not a mapping of keys to values", fix))
    if scenario is None or problems:
        raise Refused(problems)
    return scenario


def _reporter_problems(document: Lines, books: Sequence[str]) -> list[Problem]:
    reporter = document.data.get("reporter") if isinstance(document.data, Mapping) else None
    if not isinstance(reporter, str) or not reporter.strip() or reporter in books:
        return []  # what is no text is told of as such
    fix = f"use {' or '.join(repr(book) for book in books)}{nearest(reporter, list(books))}"
    return [document.problem("wrong_type", ("reporter",), "not one of the books of this case", fix, reporter)]


def name_problems(files: Iterable[str]) -> list[Problem]:
    """Names that a file system or a shell could trip over, and names that differ by case or ending only."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for file in files:
        folder, _, base = file.rpartition("/")
        stem = base.rpartition(".")[0]
        if not NAME.fullmatch(stem) or stem.lower() in RESERVED:
            fix = "use 1 to 64 letters, digits, - and _, and no device's name"
            problems.append(Problem("unsafe_name", file, "not a safe file name on every system", fix, value=stem))
        other = seen.setdefault(f"{folder}/{stem.lower()}", file)
        if other != file:
            same = other.rpartition(".")[0] == file.rpartition(".")[0]
            code = "duplicate_id" if same else "name_clash"
            problems.append(Problem(code, file, f"the same name as {other}", "rename one", value=stem))
    return problems
