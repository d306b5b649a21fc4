"""Random numbers that stay put, and quantiles that need no memory for the draws.

One unknown is one unknown: an assumption has one value a draw, whoever looks it up. Luck is a part's own: its coins and
its delay have streams keyed by its name. Every stream is keyed by the seed and what it is of, so that adding or
reordering deals leaves the others' draws as they were. Values come from uniforms by the inverse distribution function,
so a higher conversion signs a superset of deals, draw by draw. By a common factor the normal scores of uniforms
correlate (a Gaussian copula): each keeps its own distribution.
"""

import hashlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from ..assumptions.distributions import Assumption, Mix, inverse
from ..assumptions.written import section_of

Array = np.ndarray[Any, Any]
BLOCK = 8192  # draws held at once: with 200 quarters and 20 components, some tens of megabytes
BINS = 8192
MIDDLE = (0.005, 0.995)
TINY = 1e-12  # keeps a uniform's normal score finite
HIGH = 0.95


@dataclass(frozen=True)
class Common:
    """A common factor by name, and the correlation that any two streams get by it: 0 leaves them as they are."""

    name: str
    correlation: float


INDEPENDENT = Common("", 0.0)


@dataclass(frozen=True)
class RandomBlock:
    """One block of the draws that belong to a seed; `dtype` is the type of a source's numbers."""

    dtype: ClassVar[type] = float
    seed: int
    block: int
    size: int
    redrawn: Container[str] = frozenset()  # streams by name that give other numbers than the seed's, all else as it is
    _kept: dict[Any, Array] = field(default_factory=dict, init=False, repr=False, compare=False)  # one unknown, once
    _luck: dict[Any, Array] = field(default_factory=dict, init=False, repr=False, compare=False)  # a part's own

    def value(self, assumption: Assumption, common: Common = INDEPENDENT, owner: str = "") -> Array:
        """One value a draw, rising with the common factor: the same for all who ask, but for luck with its `owner`;
        of a fixed assumption one for all draws."""
        if assumption.is_fixed:
            common, owner = INDEPENDENT, ""
        key, kept = (assumption, common, owner), self._luck if owner else self._kept
        if key not in kept:
            kept[key] = self._drawn(*key)
        return kept[key]

    def _drawn(self, assumption: Assumption, common: Common, owner: str) -> Array:
        if assumption.is_fixed:
            return np.array([float(assumption.parameters[0])])
        return np.asarray(assumption.quantile(self._uniform(_stream(assumption.path, owner), common)))

    def luck(self, name: str, common: Common = INDEPENDENT) -> Array:
        """Uniforms of a named part's coin or wait."""
        key = name, common
        if key not in self._luck:
            self._luck[key] = self._uniform(name, common)
        return self._luck[key]

    def forget_luck(self) -> None:
        """Let go of what is drawn for single parts, once they are done: memory does not grow with their number."""
        self._luck.clear()

    def share(self, mix: Mix, concentration: Assumption, category: str) -> Array:
        """A category's share of a mix, drawn about the stated one: a Dirichlet's, from a gamma a category."""
        if (mix.path, category) not in self._kept:
            gammas = {
                name: self._gamma(f"{mix.path} {name}", part * concentration.mean) for name, part in mix.shares.items()
            }
            whole = np.add.reduce(list(gammas.values()))
            self._kept.update({(mix.path, name): drawn / whole for name, drawn in gammas.items()})
        return self._kept[mix.path, category]

    def _gamma(self, stream: str, shape: Fraction) -> Array:
        return np.asarray(inverse("gammaincinv", (float(shape),), self._uniform(stream, INDEPENDENT)))

    def wait(self, name: str, chance: Array) -> Array:
        """In which spell a named coin comes up first that is thrown once a spell, from 1 on, as floats: geometric."""
        never = np.log1p(-np.minimum(chance, 1 - TINY))
        tails = np.log(self.luck(f"wait {name}"))
        return np.asarray(1 + np.floor(np.divide(tails, never, out=np.full(self.size, np.inf), where=never < 0)))

    def coin(self, name: str, probability: Array, common: Common = INDEPENDENT) -> Array:
        """1 where the named coin comes up, else 0: likelier the higher the common factor."""
        if len(probability) == 1 and probability[0] in (0, 1):
            return np.asarray(probability, float)
        return (1.0 - self.luck(f"coin {name}", common) <= probability).astype(float)

    def normals(self, name: str, columns: int) -> Array:
        """Standard normals of a stream of its own, a row a draw, every second row the one before with its sign turned.

        Antithetic draws (Hammersley and Morton 1956): medians of what the normals move one way are met exactly.
        """
        half = self.half_of_normals(name, columns)
        return np.stack([half, -half], axis=1).reshape(-1, columns)[: self.size]

    def half_of_normals(self, name: str, columns: int) -> Array:
        """Every second row of `normals`, from the first on."""
        return self._generator(name).standard_normal((-(-self.size // 2), columns))

    def _uniform(self, name: str, common: Common) -> Array:
        """Uniforms of a stream, open at 0 as at 1."""
        own = self._generator(name).random(self.size)
        if not common.correlation:
            return own
        from scipy import special

        weights = common.correlation**0.5, (1 - common.correlation) ** 0.5
        scores = weights[0] * self._shared(common.name) + weights[1] * special.ndtri(np.clip(own, TINY, 1 - TINY))
        return np.asarray(special.ndtr(scores))

    def _shared(self, name: str) -> Array:
        """Normal scores of a common factor."""
        from scipy import special

        stream = f"common {name}"
        if stream not in self._kept:
            self._kept[stream] = special.ndtri(np.clip(self._generator(stream).random(self.size), TINY, 1 - TINY))
        return self._kept[stream]

    def _generator(self, name: str) -> np.random.Generator:
        stream = f"{name} redrawn" if name in self.redrawn else name
        key = int.from_bytes(hashlib.sha256(stream.encode()).digest()[:8])
        return np.random.default_rng([self.seed, key, self.block])


@dataclass(frozen=True)
class Exact:
    """The one draw there is where every factor is fixed, in exact arithmetic; offers what RandomBlock does."""

    dtype: ClassVar[type] = object
    size: int = 1

    def forget_luck(self) -> None:
        """There is none."""

    def value(self, assumption: Assumption, common: Common = INDEPENDENT, owner: str = "") -> Array:  # noqa: ARG002
        """The fixed value."""
        return np.array([Fraction(assumption.parameters[0])], dtype=object)

    def share(self, mix: Mix, concentration: Assumption, category: str) -> Array:  # noqa: ARG002
        """The stated share."""
        return np.array([mix.shares[category]], dtype=object)

    def coin(self, name: str, probability: Array, common: Common = INDEPENDENT) -> Array:  # noqa: ARG002
        """A coin that is certain. Raises ValueError for any other."""
        if probability[0] not in (0, 1):
            raise ValueError(f"the coin {name} is not certain: {probability[0]}")
        return probability


@dataclass(frozen=True)
class Listening(RandomBlock):
    """A draw that is thrown away: `names` are the streams that were asked for."""

    names: list[str] = field(default_factory=list)

    def _generator(self, name: str) -> np.random.Generator:
        self.names.append(name)
        return super()._generator(name)


@dataclass(frozen=True)
class Raised(RandomBlock):
    """The draws of a block with the shares of some sections of assumptions multiplied, each to at most 1.

    Every draw rises with `times`, so what holds in a share of the draws holds in more of them the higher it is.
    """

    sections: tuple[str, ...] = ()
    times: float = 1.0

    def _drawn(self, assumption: Assumption, common: Common, owner: str) -> Array:
        values = super()._drawn(assumption, common, owner)
        return np.minimum(1.0, self.times * values) if section_of(assumption.path) in self.sections else values


@dataclass(frozen=True)
class Stretch(RandomBlock):
    """Some of another block's draws, those at `rows`, each as it is among all."""

    whole: RandomBlock = field(default_factory=lambda: RandomBlock(0, 0, 0))
    rows: Array | slice = field(default_factory=lambda: slice(None))

    def value(self, assumption: Assumption, common: Common = INDEPENDENT, owner: str = "") -> Array:
        key = assumption, common, owner
        if key not in self._kept:
            self._kept[key] = self._of(self.whole.value(assumption, common, owner))
        return self._kept[key]

    def share(self, mix: Mix, concentration: Assumption, category: str) -> Array:
        return self._of(self.whole.share(mix, concentration, category))

    def luck(self, name: str, common: Common = INDEPENDENT) -> Array:
        return self._of(self.whole.luck(name, common))

    def _of(self, values: Array) -> Array:
        return values if len(values) == 1 else np.asarray(values[self.rows])


def stretch(whole: RandomBlock, rows: Array | slice) -> Stretch:
    """Some of a block's draws."""
    size = len(range(whole.size)[rows]) if isinstance(rows, slice) else len(rows)
    return Stretch(whole.seed, whole.block, size, whole.redrawn, whole=whole, rows=rows)


@dataclass(frozen=True)
class Points:
    """A row a point: every assumption at its mean, but one at an end of its range; offers what RandomBlock does.

    `moved` names the assumption by path and its end, 0 or 1, or a mix and the category that is at the 95 % point of its
    share; None is the mean path. A coin falls in part.
    """

    dtype: ClassVar[type] = float
    moved: tuple[tuple[str, int | str] | None, ...]

    @property
    def size(self) -> int:
        return len(self.moved)

    def forget_luck(self) -> None:
        """There is none."""

    def value(self, assumption: Assumption, common: Common = INDEPENDENT, owner: str = "") -> Array:  # noqa: ARG002
        """The mean, and the ends on the rows where this assumption is moved, whoever asks."""
        values = np.full(self.size, assumption.centre)
        for row, point in enumerate(self.moved):
            if point is not None and point[0] == assumption.path and assumption.ends is not None:
                values[row] = assumption.ends[int(point[1])]
        return values

    def share(self, mix: Mix, concentration: Assumption, category: str) -> Array:
        """The stated share; where a category of the mix is moved, its 95 % point, and the others in proportion."""
        from scipy import special

        stated = {name: float(share) for name, share in mix.shares.items()}
        values = np.full(self.size, stated[category])
        for row, point in enumerate(self.moved):
            if point is not None and point[0] == mix.path and 0 < stated[str(point[1])] < 1:
                moved, whole = stated[str(point[1])], float(concentration.mean)
                high = float(special.betaincinv(whole * moved, whole * (1 - moved), HIGH))
                values[row] = high if category == point[1] else stated[category] * (1 - high) / (1 - moved)
        return values

    def coin(self, name: str, probability: Array, common: Common = INDEPENDENT) -> Array:  # noqa: ARG002
        """The probability: what the coin brings on average."""
        return probability


@dataclass(frozen=True)
class Cases:
    """A row a case of one part of the ledger, with its probability in `weights`; offers what RandomBlock does.

    `at` has what tells the cases apart: values of assumptions by path, by name whether a coin comes up, and by a part's
    in which spell it becomes binding. All else is at its mean.
    """

    dtype: ClassVar[type] = float
    weights: Array
    at: Mapping[str, Array]

    @property
    def size(self) -> int:
        return len(self.weights)

    def forget_luck(self) -> None:
        """There is none."""

    def value(self, assumption: Assumption, common: Common = INDEPENDENT, owner: str = "") -> Array:  # noqa: ARG002
        """The cases' values, or the mean."""
        return self.at.get(assumption.path, np.full(self.size, float(assumption.mean)))

    def share(self, mix: Mix, concentration: Assumption, category: str) -> Array:  # noqa: ARG002
        """The stated share, which is the mean of what is drawn about it."""
        return np.full(self.size, float(mix.shares[category]))

    def wait(self, name: str, chance: Array) -> Array:  # noqa: ARG002
        """The cases' spells, from 0 on, infinity for never."""
        return self.at[f"wait {name}"]

    def coin(self, name: str, probability: Array, common: Common = INDEPENDENT) -> Array:  # noqa: ARG002
        """The cases' outcomes, or the probability, which is 0 or 1 where conversion tells cases apart."""
        return self.at.get(name, probability)


def _stream(path: str, owner: str) -> str:
    return f"{path} {owner}" if owner else path


def random_blocks(seed: int, draws: int) -> Iterator[RandomBlock]:
    """The draws in blocks of BLOCK, the last one shorter. Block b holds the same draws for any total."""
    for block, start in enumerate(range(0, draws, BLOCK)):
        yield RandomBlock(seed, block, min(BLOCK, draws - start))


class Single:
    """Quantiles of columns that have one value only: that value, exactly."""

    def add(self, *values: Array) -> None:
        """Keep the one row there is."""
        (self._row,) = np.concatenate(values, axis=1)

    def at(self, probability: float) -> Array:  # noqa: ARG002 (as Quantiles's)
        return np.asarray(self._row)


class Quantiles:
    """Quantiles of columns of numbers seen a block at a time.

    A histogram over the middle 99 % of the first block (what lies beyond goes to its end bins, so it serves for
    quantiles inside) that keeps the sum of each bin: a quantile is the mean of the bin it falls in, so an atom is
    met exactly, and elsewhere the error is within a bin, 1/8192 of that range.
    """

    def __init__(self) -> None:
        self._counts: Array | None = None
        self._up_to: Array | None = None

    def add(self, *values: Array) -> None:
        """Add a block: a row a draw, a column a quantity; quickest where a column's numbers stand side by side."""
        columns = [np.ascontiguousarray(column) for each in values for column in each.T]
        if self._counts is None:
            self._low, self._high = np.array([_ends(column) for column in columns]).T
            self._counts, self._sums = np.zeros((len(columns), BINS)), np.zeros((len(columns), BINS))
        self._up_to = None
        width = np.where(self._high > self._low, self._high - self._low, 1.0)
        for row, column in enumerate(columns):
            bins = column - self._low[row]
            bins *= BINS / width[row]
            at = np.minimum(np.maximum(bins, 0, out=bins), BINS - 1, out=bins).astype(np.intp)
            self._counts[row] += np.bincount(at, minlength=BINS)
            self._sums[row] += np.bincount(at, weights=column, minlength=BINS)

    def at(self, probability: float) -> Array:
        """The quantile of each column. Raises ValueError before anything was added."""
        if self._counts is None:
            raise ValueError("no draws were added")
        if self._up_to is None:
            self._up_to = self._counts.cumsum(axis=1)
        rank = probability * (self._up_to[0, -1] - 1) + 1
        row = np.arange(len(self._counts))
        bins = np.array([np.searchsorted(each, rank) for each in self._up_to])
        return np.asarray(self._sums[row, bins] / self._counts[row, bins])


def _ends(column: Array) -> tuple[float, float]:
    """The points MIDDLE of a column, as numpy's quantiles between the two nearest values."""
    found = []
    places = [p * (len(column) - 1) for p in MIDDLE]
    below = [int(place) for place in places]
    part = np.partition(column, sorted({at for n in below for at in (n, min(n + 1, len(column) - 1))}))
    for place, at in zip(places, below, strict=True):
        found.append(float(part[at] + (part[min(at + 1, len(column) - 1)] - part[at]) * (place - at)))
    return found[0], found[1]
