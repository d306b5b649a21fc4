"""What an assumption is: a number, a distribution, a step function of time or a window, with source and strength."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from ..words.terms import Strength

# Months after which the evidence on memoranda was read (data/raw evidence/priors: "within 24 months").
EVIDENCE_MONTHS = 24
# A slip is drawn in whole quarters; beyond twenty years even the crisis regime leaves less than one in a million.
LONGEST_SLIP_QUARTERS = 80
SLIP_STEPS = 4_096
MONTHS_A_QUARTER = 3
TAIL, TABLE_POINTS, KNOT_EVERY = 1 / 64, 16_385, 4
TAIL_POINTS, LEAST, TINIEST = 1_025, -54 * math.log(2), 1e-300  # a uniform float is a multiple of 2^-53


@dataclass(frozen=True)
class Stated:
    """What every assumption says of itself: its path in the file, its source and how far that can be trusted."""

    path: str
    source: str
    strength: Strength


@dataclass(frozen=True)
class Assumption(Stated):
    """One number that nobody knows for sure.

    Forms: a fixed `value`; `beta` (a, b) on 0..`at_most`; `gamma` (shape, mean); `lognormal` (median, sigma); `slip`, a
    mixture of lognormal delays given as (weight, median in months, sigma) one after the other, drawn in whole
    quarters; `range` (low, value, high), half of the draws evenly on either side of the value. `elsewhere` names the
    ledger's subsets that take their share of the deal's quantity off `at_most`. `between` is the range that a source
    states for a fixed value, moved over in a tornado and drawn only as `over_its_range`. `elapsed` are the quarters of
    a slip that are over without a delivery: what is left is the slip less these, given that it is at least as long.
    """

    form: str
    parameters: tuple[Decimal, ...]
    at_most: Decimal = Decimal(1)
    elsewhere: tuple[str, ...] = ()
    between: tuple[Decimal, Decimal] | None = None
    elapsed: int = 0

    def __hash__(self) -> int:
        """Of the path, by which an assumption is looked up many times a draw."""
        return hash(self.path)

    @property
    def is_fixed(self) -> bool:
        return self.form == "value"

    @cached_property
    def mean(self) -> Fraction:
        """The expected value, exactly but for a slip (quarters) and a lognormal."""
        first, *rest = (Fraction(p) for p in self.parameters)
        if self.form == "beta":
            return Fraction(self.at_most) * first / (first + rest[0])
        if self.form == "slip":
            return sum((q * p for q, p in enumerate(self.quarters)), Fraction(0))
        if self.form == "lognormal":
            return first * Fraction(math.exp(float(rest[0]) ** 2 / 2))
        if self.form == "range":
            return (first + 2 * rest[0] + rest[1]) / 4
        return rest[0] if self.form == "gamma" else first

    @property
    def words(self) -> str:
        """The form as one would say it: `0.95`, `Beta(1.5, 1.5) up to 0.65`, `Gamma(shape 4, mean 0.03)`."""
        first, *rest = (str(p) for p in self.parameters)
        if self.form == "beta":
            return f"Beta({first}, {rest[0]})" + ("" if self.at_most == 1 else f" up to {self.at_most}")
        if self.form == "slip":
            regimes = zip(*(iter(self.parameters),) * 3, strict=True)
            return "; ".join(f"{w} x lognormal(median {m} months, sigma {s})" for w, m, s in regimes)
        if self.form == "lognormal":
            return f"lognormal(median {first}, sigma {rest[0]})"
        if self.form == "range":
            return f"{rest[0]}, from {first} to {rest[1]}"
        return f"Gamma(shape {first}, mean {rest[0]})" if self.form == "gamma" else first

    @property
    def centre(self) -> float:
        """The mean, which of a slip is a whole number of quarters."""
        return float(round(self.mean) if self.form == "slip" else self.mean)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The 5 and 95 % points, or a fixed value's stated range; None where nobody states one."""
        if self.is_fixed:
            return None if self.between is None else (float(self.between[0]), float(self.between[1]))
        return float(self.quantile(0.05)), float(self.quantile(0.95))

    @property
    def quarters(self) -> tuple[Fraction, ...]:
        """Of a slip: the probability of each number of quarters from 0 on; they add up to 1."""
        return _slip_quarters(self.parameters, self.elapsed)

    def quantile(self, probability: Any) -> Any:
        """The inverse distribution function at probabilities (float or array), as floats of that shape."""
        first, *rest = (float(p) for p in self.parameters)
        if self.form == "beta":
            return float(self.at_most) * inverse("betaincinv", (first, rest[0]), probability)
        if self.form == "gamma":
            return inverse("gammaincinv", (first,), probability) * rest[0] / first
        if self.form == "slip":
            return _slip_at(probability, *_slip_steps(self.parameters, self.elapsed))
        if self.form == "lognormal":
            from scipy import special

            return first * np.exp(rest[0] * special.ndtri(probability))
        if self.form == "range":
            return np.interp(probability, [0, 0.5, 1], [first, *rest])
        return first + 0.0 * probability

    @property
    def over_its_range(self) -> "Assumption":
        """A value with a stated range as one that is drawn over it; any other as it is."""
        if self.between is None:
            return self
        (low, high), (value,) = self.between, self.parameters
        return replace(self, form="range", parameters=(low, value, high), between=None)

    def after(self, quarters: int) -> "Assumption":
        """What is left of a slip when so many quarters of it are over."""
        if self.is_fixed:
            return replace(self, parameters=(max(Decimal(0), self.parameters[0] - quarters),))
        return replace(self, elapsed=self.elapsed + quarters)

    def misses(self, times: int) -> Fraction:
        """Of a fixed value or a Beta on 0..1 that is a chance: the mean chance to miss it so many times in a row."""
        if self.is_fixed:
            return (1 - self.mean) ** times
        a, b = (Fraction(p) for p in self.parameters)
        return math.prod(((b + n) / (a + b + n) for n in range(times)), start=Fraction(1))

    def aged(self, months: int) -> "Assumption":
        """The probability of becoming binding within another 24 months, after `months` without it.

        A deal converts at a rate of its own that does not change, and rates differ between deals as the Beta
        says, so those that wait longer are the slower ones: surviving n evidence periods turns Beta(a, b) into
        Beta(a, b + n). This is the beta-geometric model (Fader and Hardie 2007, "How to project customer
        retention"). A fixed probability stays.
        """
        if self.form != "beta":
            return self
        a, b = self.parameters
        return replace(self, parameters=(a, b + Decimal(months) / EVIDENCE_MONTHS))


def inverse(function: str, parameters: tuple[float, ...], probability: Any) -> Any:
    """scipy's inverse distribution function, read off tables.

    The function takes milliseconds for a block of draws and the tables a fraction of one (`make bench`). Between the
    outer sixty-fourths, where the inverse is smooth, the two differ by less than a millionth, beyond by a hundredth of
    that: there the table is over the log of the probability, and cubic.
    """
    from scipy import special

    if np.ndim(probability) == 0:
        return getattr(special, function)(*parameters, probability)
    table, low, high = _tables(function, parameters)
    place = (probability - TAIL) / (1 - 2 * TAIL) * (TABLE_POINTS - 1)
    below = place.astype(np.int64)
    np.minimum(np.maximum(below, 0, out=below), TABLE_POINTS - 2, out=below)
    values = table[below]
    place -= below
    below += 1
    values += place * (table[below] - values)
    for outside, logs, of in ((probability < TAIL, np.log, low), (probability > 1 - TAIL, _log_of_rest, high)):
        at = np.flatnonzero(outside)
        steps = (np.maximum(logs(probability[at]), LEAST) - LEAST) * ((TAIL_POINTS - 1) / (math.log(TAIL) - LEAST))
        found = _cubic(of, steps)
        values[at] = np.exp(found) if of is low else found
    return values


def _log_of_rest(probability: Any) -> Any:
    return np.log(1 - probability)


@cache
def _tables(function: str, parameters: tuple[float, ...]) -> tuple[Any, Any, Any]:
    """The inverse on even points between the tails, and on points even in the log of what is cut off: the log of the
    inverse in the lower tail, the inverse in the upper one."""
    from scipy import special

    exact = partial(getattr(special, function), *parameters)
    knots = exact(np.linspace(TAIL, 1 - TAIL, (TABLE_POINTS - 1) // KNOT_EVERY + 1))
    cut_off = np.exp(np.linspace(LEAST, np.log(TAIL), TAIL_POINTS))
    low = np.log(np.maximum(exact(cut_off), TINIEST))
    return _cubic(knots, np.arange(TABLE_POINTS) / KNOT_EVERY), low, exact(1 - cut_off)


def _cubic(of: Any, places: Any) -> Any:
    """Between evenly spaced values, the cubic through the four around each place."""
    first = np.clip(places.astype(np.int64) - 1, 0, len(of) - 4)
    at = places - first
    found = of[first] * (at - 1) * (at - 2) * (at - 3) / -6
    found += of[first + 1] * at * (at - 2) * (at - 3) / 2
    found += of[first + 2] * at * (at - 1) * (at - 3) / -2
    found += of[first + 3] * at * (at - 1) * (at - 2) / 6
    return found


@cache
def _slip_quarters(parameters: tuple[Decimal, ...], elapsed: int = 0) -> tuple[Fraction, ...]:
    """Months are rounded to the nearest quarter; what little lies beyond the longest slip is put on it.

    After the longest slip nothing is known of what is left: it is due.
    """
    if elapsed:
        left = _slip_quarters(parameters)[elapsed:] or (Fraction(1),)
        whole = sum(left, Fraction(0))
        return tuple(p / whole for p in left) if whole else (Fraction(1),)
    from scipy import special

    edges = MONTHS_A_QUARTER * (np.arange(LONGEST_SLIP_QUARTERS) + 0.5)
    cumulative = np.zeros(LONGEST_SLIP_QUARTERS)
    for weight, median, sigma in zip(*(iter(float(p) for p in parameters),) * 3, strict=True):
        cumulative += weight * special.ndtr((np.log(edges) - np.log(median)) / sigma)
    exact = [Fraction(0), *(Fraction(round(float(p), 9)).limit_denominator(10**9) for p in cumulative), Fraction(1)]
    return tuple(after - before for before, after in itertools.pairwise(exact))


@cache
def _slip_steps(parameters: tuple[Decimal, ...], elapsed: int) -> tuple[Any, Any]:
    """Up to which probability each number of quarters reaches, and by even steps of the probability that number where
    it is the same within the step, else -1."""
    up_to = np.cumsum([float(p) for p in _slip_quarters(parameters, elapsed)])[:-1]
    reached = np.searchsorted(up_to, np.arange(SLIP_STEPS + 1) / SLIP_STEPS, side="right")
    return up_to, np.where(reached[1:] == reached[:-1], reached[:-1], -1).astype(float)


def _slip_at(probability: Any, up_to: Any, by_step: Any) -> Any:
    if np.ndim(probability) == 0:
        return np.searchsorted(up_to, probability, side="right").astype(float)
    found = by_step[np.minimum((probability * SLIP_STEPS).astype(np.int64), SLIP_STEPS - 1)]
    between = np.flatnonzero(found < 0)
    found[between] = np.searchsorted(up_to, probability[between], side="right")
    return found


def stated(path: str, value: int, source: str) -> Assumption:
    """A number that holds by definition, not by evidence."""
    return Assumption(path, source, Strength.STRONG, "value", (Decimal(value),))


@dataclass(frozen=True)
class Steps(Stated):
    """A level that changes on stated quarters: (from, level) in order; before the first, the first level holds."""

    levels: tuple[tuple[pd.Period, Decimal], ...]

    def at(self, quarter: pd.Period) -> Decimal:
        """The level that holds in a quarter."""
        reached = [level for start, level in self.levels if start <= quarter]
        return reached[-1] if reached else self.levels[0][1]

    @property
    def words(self) -> str:
        if len(self.levels) == 1:
            return f"{self.levels[0][1]:,}"
        return "; ".join(f"{level:,} from {start}" for start, level in self.levels)


@dataclass(frozen=True)
class Window(Stated):
    """The quarters in which deliveries are expected where none were printed."""

    first: pd.Period
    last: pd.Period

    @property
    def quarters(self) -> pd.PeriodIndex:
        return pd.period_range(self.first, self.last, freq="Q")

    @property
    def words(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True)
class TariffPath(Stated):
    """Dated tariff rates on a country's goods: (day from which, rate as a fraction) in order."""

    rates: tuple[tuple[pd.Timestamp, Decimal], ...]

    @property
    def words(self) -> str:
        return "; ".join(f"{float(rate):.1%} from {day:%d %b %Y}" for day, rate in self.rates)


Dated = tuple[tuple[pd.Timestamp, Assumption], ...]  # by the day from which it holds, in order


@dataclass(frozen=True)
class Mix(Stated):
    """The categories that a tranche's remainder is mixed from, by share of its value."""

    shares: Mapping[str, Fraction]

    @property
    def words(self) -> str:
        return "; ".join(f"{float(share):.0%} {category.replace('_', ' ')}" for category, share in self.shares.items())


Record = Assumption | Mix | Steps | Window | TariffPath
