"""What a new pledge of a kind would come to, by past ones: partial pooling over kinds, each episode held out in turn.

The share of a pledge that came is a normal number cut off at nothing and at all of it (a two-limit Tobit, Rosett and
Nelson 1975, "Estimation of the two-limit probit regression model", Econometrica 43), so that outcomes of exactly 0 or 1
are a part of the distribution; a delay is normal in logarithms and not cut off. The kind's own level is normal about
one of all kinds, so that a kind of few episodes leans on the others as far as kinds are alike. Level of all, spread
between kinds and spread within them are uniform over a grid (of spreads: Gelman 2006, "Prior distributions for variance
parameters in hierarchical models", Bayesian Analysis 1), and the sums over it are exact: nothing is sampled.

Held out, an episode leaves every kind that it stands in. What is left covers it if it lies between the 10 and 90 %
points of a new pledge of the kind. Where a part of that lies on nothing or on all, such a range holds more than 80 %.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..words.problems import Problem, raise_errors
from ..words.schema import Strict, Words
from .evidence import Episode, Figure, Prior

Array = np.ndarray[Any, Any]
LEVELS = (0.1, 0.9)
USUAL = 0.9  # of the counts of covered outcomes that are called usual
LEVELS_OF_A_KIND, SPREADS, STEPS = 141, 16, 400


class Anchors(Strict):
    """Which episodes (or figures) a prior of the evidence rests on, and the column that holds their number.

    A `kind` is pooled with the other kinds whose numbers stand in that column; without one they are listed and make
    nothing. `assumption` is the path of what takes its numbers from the fit.
    """

    block: Words
    item: Words
    column: Literal["ratio", "increment_ratio", "value"]
    kind: Words | None = None
    assumption: Words | None = None
    episodes: Annotated[list[Words], Field(min_length=1)]


@dataclass(frozen=True)
class Scale:
    """Where levels of kinds may lie, how far they and episodes may spread, and whether numbers are cut off there."""

    low: float
    high: float
    widest: float
    is_cut: bool

    def read(self, outcome: Fraction) -> float:
        """An outcome on the scale: a share as it is, a delay in logs of months, of one at least."""
        return float(outcome) if self.is_cut else math.log(max(float(outcome), 1.0))

    @property
    def levels(self) -> Array:
        beyond = 3 * self.widest
        return np.asarray(np.linspace(self.low - beyond, self.high + beyond, LEVELS_OF_A_KIND))

    @property
    def spreads(self) -> Array:
        return np.asarray(self.widest * np.arange(1, SPREADS + 1) / SPREADS)

    @property
    def edges(self) -> Array:
        """Of the steps in which a new pledge is told."""
        low, high = (self.low, self.high) if self.is_cut else map(float, (self.levels[0], self.levels[-1]))
        return np.asarray(np.linspace(low, high, STEPS + 1))


# a spread of 1 is a whole pledge; delays range over 20 years, and a log spread of 2 is a factor of 7 either way
SCALES = {"ratio": Scale(0.0, 1.0, 1.0, is_cut=True), "value": Scale(0.0, math.log(240), 2.0, is_cut=False)}


@dataclass(frozen=True)
class Predicted:
    """A new pledge of a kind, as values on its scale in order and the probability of each; adds up to 1."""

    scale: Scale
    values: Array
    mass: Array

    @cached_property
    def mean(self) -> float:
        return float(self.values @ self.mass)

    @property
    def centre(self) -> float:
        """The mean share, or the mean delay in logarithms as months."""
        return self.mean if self.scale.is_cut else math.exp(self.mean)

    @property
    def beta(self) -> tuple[float, float]:
        """The parameters of the Beta of the same mean and variance. It has no atoms: those are spread near its ends."""
        spread = self.mean * (1 - self.mean) / (float(self.values**2 @ self.mass) - self.mean**2) - 1
        return self.mean * spread, (1 - self.mean) * spread

    def at(self, probability: float) -> float:
        """A point of the distribution, in shares or months: an end where so much of it lies there."""
        found = float(self.values[np.searchsorted(self.mass.cumsum(), probability)])
        return found if self.scale.is_cut else math.exp(found)

    def between(self, low: float, high: float) -> float:
        """How much of it lies from one number to another, both with their atoms."""
        ends = [self.scale.read(Fraction(end)) for end in (low, high)]
        inside = (self.values >= ends[0] - 1e-9) & (self.values <= ends[1] + 1e-9)
        return float(self.mass[inside].sum())


@dataclass(frozen=True)
class Test:
    """One episode, the 10 and 90 % points of its kind without it, and how much of that lies between them and below."""

    episode: str
    outcome: Fraction
    low: float
    high: float
    holds: float
    below: float

    @property
    def is_covered(self) -> bool:
        return self.low - 1e-9 <= self.outcome <= self.high + 1e-9

    @property
    def is_at_a_bound(self) -> bool:
        return self.outcome in (0, 1)


@dataclass(frozen=True)
class Checked:
    """A prior with its episodes that have a number, what they make of a new pledge (None without a kind), its tests.

    `apart` are those that calibrate and are never tested.
    """

    prior: Prior
    anchors: Anchors
    outcomes: Mapping[str, Fraction]
    without_number: tuple[str, ...]
    apart: tuple[str, ...]
    predicted: Predicted | None
    tests: tuple[Test, ...]

    @property
    def own(self) -> float | None:
        """The mean of its own episodes, of delays in logarithms as months; None without any."""
        scale = SCALES.get(self.anchors.column, SCALES["ratio"])
        if not self.outcomes:
            return None
        if not scale.is_cut and self.predicted:
            return math.exp(sum(map(scale.read, self.outcomes.values())) / len(self.outcomes))
        return float(sum(self.outcomes.values()) / len(self.outcomes))


Kinds = Mapping[str, Mapping[str, Fraction]]  # kind -> episode -> outcome


def check(
    anchored: Sequence[Anchors], priors: Sequence[Prior], episodes: Sequence[Episode], figures: Sequence[Figure],
    never_tested: str, file: str,
) -> list[Checked]:  # fmt: skip
    """Each prior with what its kind's episodes and those of other kinds make of a new pledge, and its tests.

    Episodes whose name has `never_tested` in it stay on the calibrating side. Raises Refused where `file`
    names a prior or an episode that is not there.
    """
    by_key = {(prior.block, prior.item): prior for prior in priors}
    raise_errors(_unknown(anchored, by_key, {e.name for e in episodes} | {f.name for f in figures}, file))
    told = [(each, *_outcomes(each, episodes, figures)) for each in anchored]
    pools: dict[str, dict[str, dict[str, Fraction]]] = {}
    for each, outcomes, _ in told:
        if each.kind and each.column in SCALES:
            pools.setdefault(each.column, {}).setdefault(each.kind, {}).update(outcomes)
    found = []
    for each, outcomes, silent in told:
        pool, apart = pools.get(each.column, {}), tuple(name for name in outcomes if never_tested in name)
        tested = [name for name in outcomes if name not in apart] if each.kind else []
        predicted = predict(pool, each.kind, SCALES[each.column]) if each.kind and each.kind in pool else None
        tests = tuple(_test(pool, each, name, outcomes[name]) for name in tested)
        found.append(Checked(by_key[each.block, each.item], each, outcomes, silent, apart, predicted, tests))
    return found


def _unknown(
    anchored: Iterable[Anchors], priors: Mapping[tuple[str, str], Prior], names: set[str], file: str
) -> Iterable[Problem]:
    for each in anchored:
        if (each.block, each.item) not in priors:
            yield Problem("unknown_key", file, "no such prior", "copy block and item from priors.csv", None,
                          "track.anchors", f"{each.block}: {each.item}")  # fmt: skip
        if each.kind and each.column not in SCALES:
            fix = f"leave kind out, or use {' or '.join(SCALES)}"
            yield Problem("wrong_type", file, "no kinds are pooled by this column", fix, None, "track.anchors",
                          each.column)  # fmt: skip
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


def _test(pool: Kinds, each: Anchors, episode: str, outcome: Fraction) -> Test:
    """An episode against its kind without it."""
    scale = SCALES[each.column]
    predicted = predict(without(pool, episode), each.kind or "", scale)
    low, high = (predicted.at(level) for level in LEVELS)
    below = predicted.between(0.0, float(outcome))
    return Test(episode, outcome, low, high, predicted.between(low, high), below)


def without(pool: Kinds, episode: str) -> Kinds:
    """The kinds with an episode held out of each that it stands in."""
    return {kind: {name: outcome for name, outcome in of.items() if name != episode} for kind, of in pool.items()}


def predict(pool: Kinds, kind: str, scale: Scale) -> Predicted:
    """A new pledge of a kind, by its own episodes and those of all kinds of the pool."""
    levels, spreads = scale.levels, scale.spreads
    of_kind = {name: _likelihood([scale.read(y) for y in of.values()], scale) for name, of in pool.items()}
    of_all = np.linspace(scale.low, scale.high, 2 * SPREADS + 1)
    about = np.exp(-(((levels[:, None, None] - of_all[:, None]) / spreads) ** 2) / 2)  # level x level of all x spread
    about /= about.sum(axis=0)
    others = [np.einsum("ls,lmt->mts", likely, about) for name, likely in of_kind.items() if name != kind]
    weight = np.prod(others, axis=0) if others else np.ones((len(of_all), SPREADS, SPREADS))
    level = np.einsum("mts,lmt->ls", weight, about) * of_kind[kind]
    level /= level.sum()
    below = np.array([(level * _cdf((edge - levels[:, None]) / spreads)).sum() for edge in scale.edges])
    middles = (scale.edges[1:] + scale.edges[:-1]) / 2
    values = np.concatenate([scale.edges[:1], middles, scale.edges[-1:]])
    return Predicted(scale, values, np.concatenate([below[:1], np.diff(below), 1 - below[-1:]]))


def _likelihood(outcomes: Iterable[float], scale: Scale) -> Array:
    """Of some outcomes by the kind's level and the spread within it: of one at an end, of all that lies beyond it."""
    found = np.ones((len(scale.levels), SPREADS))
    for outcome in outcomes:
        off = (outcome - scale.levels[:, None]) / scale.spreads
        if scale.is_cut and not scale.low < outcome < scale.high:
            found *= _cdf(off if outcome <= scale.low else -off)
        else:
            found *= np.exp(-(off**2) / 2) / scale.spreads
    return found


def _cdf(score: Array) -> Array:
    from scipy import special

    return np.asarray(special.ndtr(score))


def usual_count(tests: Sequence[Test]) -> tuple[int, int]:
    """Between how many of some outcomes their ranges would cover, were each drawn from what is left without it, but for
    5 % at either end."""
    from scipy.stats import binom

    low, high = binom.interval(USUAL, len(tests), sum(test.holds for test in tests) / max(len(tests), 1))
    return int(low), int(high)
