"""What the spread of a full grid of results hangs on: how much of their variance each of its dimensions accounts for.

A grid holds every level of a dimension with every one of all others, each as often, so that the parts are exact and
their order does not matter: the main effects of an analysis of variance (Montgomery, Design and Analysis of
Experiments, 5.3). What they leave is what dimensions do together.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Results = npt.NDArray[np.float64]


class Shares(NamedTuple):
    """Shares of the variance of results, which add up to 1: each dimension's own, and what only several explain."""

    own: tuple[float, ...]
    together: float


def shares(results: Results) -> Shares | None:
    """Of results with an axis a dimension; None where all are the same.

    An axis of one level has no share. Differences below the last digits of the results count as none.
    """
    spread = float(np.var(results))
    if spread <= (np.finfo(float).eps * float(np.abs(results).max(initial=0.0)) * 8) ** 2:
        return None
    axes = range(results.ndim)
    own = tuple(float(np.var(results.mean(axis=tuple(n for n in axes if n != axis)))) / spread for axis in axes)
    return Shares(own, max(0.0, 1.0 - sum(own)))


def strongest(found: Shares) -> Sequence[int]:
    """The axes by their share, the largest first; of equal ones the earlier."""
    return sorted(range(len(found.own)), key=lambda axis: -found.own[axis])
