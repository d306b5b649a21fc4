"""Do the priors cover the episodes they were made from? Each is held out in turn and looked for.

A prior says nothing of how it was made; here each of its n episodes is taken to hold an equal share of it. Holding one
out of a Beta(a, b) takes its 1/n of the weight a + b off: y of it from a, 1 - y from b. Out of a LogNormal it takes its
share of the median's logarithm, and leaves sigma. What is left covers the episode if it lies between its 5 and 95 %
points, the range that readers are shown. A Beta of which both parameters are above 1 covers no outcome of exactly 0 or
1 that way, whatever its mean: those are counted apart.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from ..words.problems import Problem, raise_errors
from ..words.schema import Strict, Words
from .evidence import Episode, Figure, Prior

NOMINAL = Fraction(9, 10)  # between the 5 and the 95 % point
LEVELS = (0.05, 0.95)


class Anchors(Strict):
    """Which episodes (or figures) a prior of the evidence rests on, and the column that holds their number."""

    block: Words
    item: Words
    column: Literal["ratio", "increment_ratio", "value"]
    episodes: Annotated[list[Words], Field(min_length=1)]


@dataclass(frozen=True)
class Test:
    """One episode, the prior without it as its 5 and 95 % points, and where it fell (its share of the prior below)."""

    item: str
    episode: str
    outcome: Fraction
    low: float
    high: float
    below: float

    @property
    def is_covered(self) -> bool:
        return self.low <= self.outcome <= self.high

    @property
    def is_at_a_bound(self) -> bool:
        return self.outcome in (0, 1)


@dataclass(frozen=True)
class Checked:
    """A prior's tests; `n` counts its episodes with a number, `apart` are those that calibrate and are never tested.

    `nothing_left` are those without which the prior is no distribution, so that they cannot be tested either.
    """

    prior: Prior
    n: int
    apart: tuple[str, ...]
    without_number: tuple[str, ...]
    nothing_left: tuple[str, ...]
    tests: tuple[Test, ...]


def check(
    anchored: Sequence[Anchors], priors: Sequence[Prior], episodes: Sequence[Episode], figures: Sequence[Figure],
    never_tested: str, file: str,
) -> list[Checked]:  # fmt: skip
    """Each prior with what it says of each of its episodes held out; one needs at least two with a number.

    Episodes whose name has `never_tested` in it stay on the calibrating side. Raises Refused where `file`
    names a prior or an episode that is not there.
    """
    by_key = {(prior.block, prior.item): prior for prior in priors}
    raise_errors(_unknown(anchored, by_key, {e.name for e in episodes} | {f.name for f in figures}, file))
    found = []
    for each in anchored:
        prior = by_key[each.block, each.item]
        outcomes, silent = _outcomes(each, episodes, figures)
        apart = tuple(name for name in outcomes if never_tested in name)
        wanted = [name for name in outcomes if len(outcomes) > 1 and name not in apart]
        left = {name: without(prior, list(outcomes.values()), outcomes[name]) for name in wanted}
        nothing_left = tuple(name for name, parameters in left.items() if parameters is None)
        tests = tuple(
            Test(prior.item, name, outcomes[name], *_placed(prior.distribution, parameters, float(outcomes[name])))
            for name, parameters in left.items()
            if parameters is not None
        )
        found.append(Checked(prior, len(outcomes), apart, silent, nothing_left, tests))
    return found


def _unknown(
    anchored: Iterable[Anchors], priors: Mapping[tuple[str, str], Prior], names: set[str], file: str
) -> Iterable[Problem]:
    for each in anchored:
        if (each.block, each.item) not in priors:
            yield Problem("unknown_key", file, "no such prior", "copy block and item from priors.csv", None,
                          "track.anchors", f"{each.block}: {each.item}")  # fmt: skip
        for name in each.episodes:
            if name not in names:
                fix = "copy the name from episodes.csv or micro.csv"
                yield Problem("unknown_key", file, "no such episode", fix, None, "track.anchors", name)


def _outcomes(
    each: Anchors, episodes: Sequence[Episode], figures: Sequence[Figure]
) -> tuple[dict[str, Fraction], tuple[str, ...]]:
    """The episodes with a number, and the names of those without."""
    values: dict[str, Fraction | None] = {figure.name: figure.value for figure in figures}
    values |= {e.name: e.ratio if each.column == "ratio" else e.increment_ratio for e in episodes}
    known = {name: value for name in each.episodes if (value := values[name]) is not None}
    return known, tuple(name for name in each.episodes if name not in known)


def without(prior: Prior, outcomes: Sequence[Fraction], held_out: Fraction) -> tuple[float, float] | None:
    """The parameters of a prior with one of its outcomes held out; None where they are no distribution."""
    if prior.distribution == "Beta":
        a, b = prior.parameters["a"], prior.parameters["b"]
        share = (a + b) / len(outcomes)
        left = a - share * held_out, b - share * (1 - held_out)
        return (float(left[0]), float(left[1])) if min(left) > 0 else None
    if prior.distribution == "LogNormal" and min(outcomes) > 0:
        n, mu = len(outcomes), math.log(prior.parameters["median"])
        return (n * mu - math.log(held_out)) / (n - 1), float(prior.parameters["sigma"])
    return None


def _placed(form: str, parameters: tuple[float, float], value: float) -> tuple[float, float, float]:
    """A distribution's points at LEVELS, and its share below a value."""
    from scipy import special

    first, second = parameters
    if form == "Beta":
        low, high = special.betaincinv(first, second, LEVELS)
        return float(low), float(high), float(special.betainc(first, second, min(max(value, 0.0), 1.0)))
    low, high = (math.exp(first + second * z) for z in special.ndtri(LEVELS))
    return low, high, float(special.ndtr((math.log(value) - first) / second))


def usual_count(n: int) -> tuple[int, int]:
    """Between how many of n outcomes intervals that truly cover 90 % would cover, but for 5 % at either end."""
    from scipy.stats import binom

    low, high = binom.interval(float(NOMINAL), n, float(NOMINAL))
    return int(low), int(high)
