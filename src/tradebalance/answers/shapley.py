"""Steps of a bridge whatever their order: Shapley values of the factors of a product."""

from collections.abc import Container, Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from operator import mul
from typing import Any

import numpy as np

from ..assumptions.delivery import Array


class Shapley:
    """Each factor's Shapley value in what products of shares take off values: signed, in `sums` over the draws and the
    products, by the factor's name.

    The average of the factor's step over all orders. By the multilinear extension (Owen 1972, "Multilinear
    extensions of games") it is the integral over q of -(1 - m[i]) value prod[j != i] (1 - q (1 - m[j])), a
    polynomial in q, taken at as many points as its degree asks for: exact, and all add up to value x (product - 1).
    What is asked of a share that several products have, of those named `shared`, is reckoned once.
    """

    def __init__(self, draws: int, shared: Container[str] = ()):
        self.sums: dict[str, Any] = {}
        self._draws, self._shared = draws, shared
        self._kept: dict[tuple[int, int], tuple[Array, Array, Array]] = {}

    def add(self, value: Array, factors: Mapping[str, Array]) -> None:
        """Add a product; values and shares are arrays of one a draw, or of one for all."""
        acting = {name: share for name, share in factors.items() if share.size > 1 or share[0] != 1}
        points, weights = _rule(len(acting), exact=value.dtype == object)
        each = {name: self._at(share, points, kept=name in self._shared) for name, share in acting.items()}
        fixed = reduce(mul, (left for _, left, _ in each.values() if left.shape[1] == 1), weights)
        whole = fixed * value
        for _, left, _ in each.values():
            if left.shape[1] > 1:
                whole = whole * left if whole.shape[1] == 1 else np.multiply(whole, left, out=whole)
        sums = whole.sum(axis=1) * (self._draws if whole.shape[1] == 1 else 1)
        for name, (_, _, ratio) in each.items():
            # not vdot: its two threads wait for each other longer than a product this small takes
            found = sums @ ratio[:, 0] if ratio.shape[1] == 1 else np.einsum("qd,qd->", whole, ratio)
            self.sums[name] = self.sums.get(name, 0) - found

    def _at(self, share: Array, points: Array, *, kept: bool) -> tuple[Array, Array, Array]:
        """The share, and at each point what it leaves, and the ratio of what it takes to that."""
        key = id(share), len(points)
        if key in self._kept:
            return self._kept[key]
        lost = 1 - share
        left = points * lost
        left = np.subtract(1, left, out=left)
        found = share, left, lost / left
        if kept:
            self._kept[key] = found
        return found


@cache
def _rule(factors: int, *, exact: bool) -> tuple[Array, Array]:
    """Points inside 0..1 and weights, a row each, of a sum that is the integral of a polynomial of a degree below the
    number of factors: Gauss's for floats, and evenly spaced ones for Fractions."""
    if not exact:
        points, weights = np.polynomial.legendre.leggauss(max(factors + 1, 2) // 2)
        return (points[:, None] + 1) / 2, weights[:, None] / 2
    count = max(factors, 1)
    at = [Fraction(2 * n + 1, 2 * count) for n in range(count)]
    return np.array(at, object)[:, None], np.array(_interpolated(at), object)[:, None]


def _interpolated(at: Sequence[Fraction]) -> list[Fraction]:
    """The integrals over 0..1 of the polynomials that are 1 at one point and 0 at the others."""
    found = []
    for own in at:
        coefficients = [Fraction(1)]
        for other in (each for each in at if each != own):
            shifted = zip([Fraction(0), *coefficients], [*coefficients, Fraction(0)], strict=True)
            coefficients = [(before - other * here) / (own - other) for before, here in shifted]
        found.append(sum((c / n for n, c in enumerate(coefficients, 1)), Fraction(0)))
    return found
