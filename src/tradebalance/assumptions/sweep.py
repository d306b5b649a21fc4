"""A sweep: scenarios, books, months and assumptions as a grid or a list, and the points that it comes to, in order.

The records below are the file's format. A point is what `run` takes: a scenario, and changes by the scenario's keys or
an assumption's path.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from ..words.problems import Problem, raise_errors, repeats
from ..words.schema import NEWEST_OR_MONTH, Document, KeyPath, Strict, Words, keyed, read, shown, written_as, wrong
from ..words.terms import month
from .scenario import MOST_DRAWS, SETTINGS

SCENARIO = "scenario"
OWN = (SCENARIO, *SETTINGS)  # keys that stand by themselves, and not under `set`
MOST_POINTS = 100_000  # each is checked before any runs, and stands in memory in the end: docs/scale.md
AsOf = Annotated[str, written_as(lambda text: text if text == "newest" else str(month(text)), NEWEST_OR_MONTH)]
Draws = Annotated[int, Field(ge=1, le=MOST_DRAWS)]
Seed = Annotated[int, Field(ge=0)]
FIX = "give grid, with lists of values, or list, with a scenario an entry"


class SweepGrid(Strict):
    """Every value of a key with every one of all others. A key that is absent is as each scenario has it."""

    scenario: Annotated[list[Words], Field(min_length=1)] | None = None
    reporter: Annotated[list[Words], Field(min_length=1)] | None = None
    as_of: Annotated[list[AsOf], Field(min_length=1)] | None = None
    set: dict[Words, Annotated[list[Any], Field(min_length=1)]] = Field(default_factory=dict)


class SweepEntry(Strict):
    """One scenario of a list."""

    scenario: Words | None = None
    reporter: Words | None = None
    as_of: AsOf | None = None
    draws: Draws | None = None
    seed: Seed | None = None
    set: dict[Words, Any] = Field(default_factory=dict)


class SweepSpec(Strict):
    """One file of a sweep; `draws` and `seed` are those of every scenario that says no other."""

    title: str = ""
    draws: Draws | None = None
    seed: Seed | None = None
    grid: SweepGrid | None = None
    entries: Annotated[list[SweepEntry], Field(min_length=1)] | None = Field(None, alias="list")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.grid is None) == (self.entries is None):
            raise wrong("inconsistent", "neither grid nor list, or both", FIX)
        return self


@dataclass(frozen=True)
class Point:
    """A scenario by name with its changes by key or path; `at` is where they stand in the file."""

    scenario: str
    changes: Mapping[str, Any]
    at: Mapping[str, KeyPath]

    def said(self, key: str) -> str:
        """What the point says of a key, as a file would write it; nothing for what it leaves as it is."""
        if key == SCENARIO:
            return self.scenario
        return shown(self.changes[key]) if key in self.changes else ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it from all others: the scenario, and each change as it would be written, by name."""
        return self.scenario, *(f"{key}={self.said(key)}" for key in sorted(self.changes))


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep in the order of its file; of a grid the last key moves fastest.

    `keys` are those that a point may say something of, `dimensions` the grid's keys with more than one value, and
    these; nothing for a list.
    """

    title: str
    points: Sequence[Point]
    keys: Sequence[str]
    dimensions: Mapping[str, Sequence[str]]


def parse(document: Document, central: str) -> Sweep:
    """A sweep's file as its points; those that name no scenario are of `central`.

    Raises Refused with every problem of the file, each on its key's line: keys that are none, one said twice, equal
    points, and more than MOST_POINTS of them.
    """
    keyed(document, "write key: value lines, as in grid: {set: {additionality.aircraft: [0.3, 0.5]}}")
    spec = read(SweepSpec, document)
    raise_errors([*_said_twice(spec, document), *_too_many(spec, document), *_repeated_values(spec, document)])
    points = [*_points(spec, central)]
    raise_errors(
        document.problem("duplicate_key", point.at[SCENARIO], "the same scenario as another entry", "say each once")
        for point, _ in repeats(points if spec.entries else (), lambda each: each.identity)
    )
    found = dict.fromkeys(key for point in points for key in point.changes if key not in OWN)
    levels = {key: [*map(shown, values)] for key, values in _axes(spec.grid).items()} if spec.grid else {}
    dimensions = {key: values for key, values in levels.items() if len(values) > 1}
    return Sweep(spec.title, points, [*found], dimensions)


def _axes(grid: SweepGrid) -> dict[str, Sequence[Any]]:
    """The values of each key of a grid, in order."""
    own = {key: values for key in (SCENARIO, "reporter", "as_of") if (values := getattr(grid, key))}
    return {**own, **grid.set}


def _points(spec: SweepSpec, central: str) -> Iterator[Point]:
    of_all = {key: value for key in ("draws", "seed") if (value := getattr(spec, key)) is not None}
    if spec.grid:
        axes = _axes(spec.grid)
        at: dict[str, KeyPath] = {key: ("grid", key) if key in OWN else ("grid", "set", key) for key in axes}
        for values in itertools.product(*axes.values()):
            yield _point(dict(zip(axes, values, strict=True)), of_all, central, at)
    for number, entry in enumerate(spec.entries or ()):
        own = {key: value for key in OWN if (value := getattr(entry, key)) is not None}
        place: KeyPath = ("list", str(number))
        at = {key: (*place, key) for key in own} | {path: (*place, "set", path) for path in entry.set}
        yield _point({**own, **entry.set}, of_all, central, {SCENARIO: place, **at})


def _point(said: Mapping[str, Any], of_all: Mapping[str, Any], central: str, at: Mapping[str, KeyPath]) -> Point:
    changes = {**of_all, **{key: value for key, value in said.items() if key != SCENARIO}}
    return Point(said.get(SCENARIO, central), changes, {**{key: (key,) for key in of_all}, **at})


def _said_twice(spec: SweepSpec, document: Document) -> Iterator[Problem]:
    """A key under `set` that stands beside it too, or above."""
    above = [key for key in ("draws", "seed") if getattr(spec, key) is not None]
    places: Iterable[tuple[KeyPath, SweepGrid | SweepEntry]] = [(("grid",), spec.grid)] if spec.grid else []
    places = [*places, *((("list", str(n)), entry) for n, entry in enumerate(spec.entries or ()))]
    for place, part in places:
        for path in part.set:
            reason, fix = "", f"say {path} once"
            if path == SCENARIO:
                reason, fix = "the scenario is no key of a scenario", "put it beside set, not under it"
            elif path in above or (path in OWN and getattr(part, path, None) is not None):
                reason = "said in two places"
            if reason:
                yield document.problem("duplicate_key", (*place, "set", path), reason, fix)


def _repeated_values(spec: SweepSpec, document: Document) -> Iterator[Problem]:
    """A value that stands twice in a list of a grid's."""
    for key, values in _axes(spec.grid).items() if spec.grid else ():
        place: KeyPath = ("grid", key) if key in OWN else ("grid", "set", key)
        for value, _ in repeats(map(shown, values), str):
            yield document.problem("duplicate_key", place, "a value stands twice", "say it once", value)


def _too_many(spec: SweepSpec, document: Document) -> Iterator[Problem]:
    grid = math.prod(len(values) for values in _axes(spec.grid).values()) if spec.grid else 0
    count = grid or len(spec.entries or ())
    if count > MOST_POINTS:
        fix = "give fewer values, or split it into several sweeps"
        place = ("grid",) if spec.grid else ("list",)
        reason = f"{count:,} scenarios, where a sweep takes at most {MOST_POINTS:,}"
        yield document.problem("too_large", place, reason, fix)
    elif spec.grid and not _axes(spec.grid):
        yield document.problem("empty", ("grid",), "no key has values", "give scenario, reporter, as_of or set")
