"""Steps of a bridge whatever their order: Shapley values of the factors of a product."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from operator import mul
from typing import Any

import numpy as np

from ..assumptions.delivery import Array


def order_free(value: Array, factors: Mapping[str, Array], draws: int) -> dict[str, Any]:
    """Each factor's Shapley value in what a product of shares takes off a value: signed, summed over the draws.

    The average of the factor's step over all orders. By the multilinear extension (Owen 1972, "Multilinear
    extensions of games") it is the integral over q of -(1 - m[i]) value prod[j != i] (1 - q (1 - m[j])), a
    polynomial in q, taken at as many points as its degree asks for: exact, and it adds up to value x (product - 1).
    """
    lost = {name: 1 - share for name, share in factors.items()}
    acting = {name: part for name, part in lost.items() if part.any()}
    points, weights = _rule(len(acting), value.dtype.type)
    left = {name: 1 - points * part for name, part in acting.items()}
    whole = reduce(mul, sorted(left.values(), key=np.size), weights * value)
    times = draws if whole.shape[1] == 1 else 1
    return {
        name: -times * (whole / left[name] * acting[name]).sum() if name in acting else 0 * value[0] for name in factors
    }


@cache
def _rule(factors: int, dtype: type) -> tuple[Array, Array]:
    """Points inside 0..1 and weights, a row each, of a sum that is the integral of a polynomial of a degree below the
    number of factors: Gauss's for floats, and evenly spaced ones for Fractions."""
    if dtype is not object:
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
