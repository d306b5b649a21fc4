"""Exact distributions by numerical convolution: products of Betas, coins, fractions and sums, for independent parts.

A distribution is a probability by step of a grid that starts at 0. Nothing here comes from the package but the
assumptions' numbers: shares multiply by their distribution functions, parts add up by the fast Fourier transform.
"""

import numpy as np
from scipy import signal, stats


def _beta(assumption):
    a, b = (float(p) for p in assumption.parameters)
    return stats.beta(a, b, scale=float(assumption.at_most))


def product(assumptions, value, step):
    """The distribution of a value times independent shares, each fixed or a Beta."""
    amount = value * float(np.prod([float(a.mean) for a in assumptions if a.is_fixed]))
    drawn = sorted((a for a in assumptions if not a.is_fixed), key=lambda a: a.parameters)
    found = point(amount, step)
    for share in drawn:
        found = times(found, share, step)
    return found


def point(amount, step):
    """All of the probability on an amount, between two grid points where it falls there."""
    place, rest = divmod(amount / step, 1)
    found = np.zeros(int(place) + 2)
    found[int(place)], found[int(place) + 1] = 1 - rest, rest
    return found


def times(distribution, share, step):
    """The distribution of an amount times an independent Beta share: rounded to the nearest grid point."""
    upper = (np.arange(len(distribution)) + 0.5) * step
    cumulative = np.zeros(len(distribution))
    of = _beta(share)
    for place in np.flatnonzero(distribution):
        at = place * step
        cumulative += distribution[place] * (of.cdf(upper / at) if at else 1.0)
    return np.diff(cumulative, prepend=0.0)


def coin(distribution, probability):
    """All of the amount with a probability, else nothing."""
    found = probability * distribution
    found[0] += 1 - probability
    return found


def total(distributions):
    """The distribution of a sum of independent amounts, by FFT."""
    found = np.array([1.0])
    for distribution in distributions:
        found = np.clip(signal.fftconvolve(found, distribution), 0, None)
    return found
