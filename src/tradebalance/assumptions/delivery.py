"""When deliveries arrive: profiles, windows, delays. Exact weights that add up to 1.

A schedule maps quarters to the share of a deal's value that is due in each. It knows nothing of
horizons: what falls before the forecast or after its end is for the answer to show.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..words.cells import VagueDate

Array = np.ndarray[Any, Any]
Schedule = dict[pd.Period, Fraction]
# The logistic form for cumulative progress is Cioffi's (2005; data/raw evidence, "S-curve form").
# Its steepness is judgement: a tenth is in after a quarter of the window, nine tenths after three.
S_CURVE_STEEPNESS = 4 * math.log(9)


@dataclass(frozen=True)
class Pace:
    """How a value is spread: a profile over a window's length, or explicit milestones, and a delay."""

    profile: str
    quarters: int
    delay_quarters: int = 0
    milestones: tuple[tuple[pd.Period, Decimal], ...] = ()


@dataclass(frozen=True)
class Delivery:
    """A scenario's delivery: where windows start, the general pace, the paces of single categories, and whether
    deliveries slip and are limited by capacity."""

    start: Literal["now", "announced"]
    pace: Pace
    by_category: Mapping[str, Pace]
    slips: bool = False
    is_limited: bool = False

    def pace_of(self, category: str) -> Pace:
        return self.by_category.get(category, self.pace)


def _uniform(n: int) -> list[Fraction]:
    return [Fraction(1, n)] * n


def _front_loaded(n: int) -> list[Fraction]:
    """Linear decline to the end: the sum-of-the-years'-digits rule of depreciation."""
    return [Fraction(2 * (n - t), n * (n + 1)) for t in range(n)]


def _back_loaded(n: int) -> list[Fraction]:
    return _front_loaded(n)[::-1]


def _s_curve(n: int) -> list[Fraction]:
    """Quarterly steps of a logistic curve centred on the window, cut to it and made to add up to 1."""
    curve = [1 / (1 + math.exp(-S_CURVE_STEEPNESS * (t / n - 0.5))) for t in range(n + 1)]
    steps = [Fraction(after) - Fraction(before) for before, after in itertools.pairwise(curve)]
    return [step / sum(steps) for step in steps]


PROFILES = {"uniform": _uniform, "front_loaded": _front_loaded, "back_loaded": _back_loaded, "s_curve": _s_curve}
PROFILE_OF = {"published": "uniform"}  # a printed window says when, not how
PROFILE_WORDS = {
    "uniform": "in equal quarters",
    "front_loaded": "declining to the end of the window",
    "back_loaded": "rising to the end of the window",
    "s_curve": "along an S-curve",
    "milestones": "on stated quarters",
    "published": "in equal quarters of the window printed, or where none is, of the one assumed",
}


def profile(name: str, quarters: int) -> list[Fraction]:
    """The named profile's weights over a window of `quarters`, oldest first; they add up to exactly 1."""
    return PROFILES[name](quarters)


def printed_window(start: VagueDate, end: VagueDate) -> pd.PeriodIndex | None:
    """The quarters of a window that was printed with both its ends, else None."""
    if start.earliest is None or end.latest is None or end.latest < start.earliest:
        return None
    return pd.period_range(pd.Period(start.earliest, freq="Q"), pd.Period(end.latest, freq="Q"))


def schedule(pace: Pace, first: pd.Period, window: pd.PeriodIndex | None = None) -> Schedule:
    """Quarter -> share of the value due, adding up to exactly 1.

    The window is the deal's own where one is given, else starts in `first`; either is then moved
    by the delay. Milestones are quarters themselves and only the delay moves them.
    """
    if pace.milestones:
        return {quarter + pace.delay_quarters: Fraction(share) for quarter, share in pace.milestones}
    quarters = pd.period_range(first, periods=pace.quarters, freq="Q") if window is None else window
    weights = profile(PROFILE_OF.get(pace.profile, pace.profile), len(quarters))
    return {quarter + pace.delay_quarters: share for quarter, share in zip(quarters, weights, strict=True)}


@dataclass(frozen=True)
class Due:
    """Shares of a value due before the forecast, in each of its quarters, and after its last: a row a draw.

    The three add up to 1 in every row; each is counted on its own.
    """

    before: Array
    within: Array
    beyond: Array


def due(weights: Array, first: int, horizon: int, slip: Array) -> Due:
    """When a schedule's shares fall due, each draw's moved `slip` quarters on.

    `weights` are the shares by quarter, the first of them `first` quarters from the forecast's start (negative:
    before it), floats or Fractions; `slip` has a whole number of quarters a draw, never negative.
    """
    at = first + slip  # where each draw's window starts
    zero = weights[:1] * 0
    up_to = np.concatenate([zero, np.cumsum(weights)])
    left = np.concatenate([np.cumsum(weights[::-1])[::-1], zero])
    span = len(weights)
    place = np.arange(horizon)[None, :] - at[:, None]
    inside = (place >= 0) & (place < span)
    within = np.where(inside, weights[np.clip(place, 0, span - 1)], zero[0])
    return Due(up_to[np.clip(-at, 0, span)], within, left[np.clip(horizon - at, 0, span)])


def within_capacity(wanted: Array, alive: Array, capacity: Array | None) -> tuple[Array, Array]:
    """What leaves in each quarter, and what still waits at the end, where a category can take so much a quarter.

    `wanted` is what falls due (deals x draws x quarters, before cancellations), `alive` the share not yet
    cancelled of the same shape, `capacity` the most that can arrive a quarter (None: any amount). What does not
    fit waits, first of all quarters after it, and shares the next quarter's room in proportion. Returns the
    amounts that leave, before cancellations, and the amounts that wait (deals x draws).
    """
    if capacity is None:
        return wanted, wanted[:, :, 0] * 0
    leaving, waiting = wanted * 0, wanted[:, :, 0] * 0
    for quarter, room in enumerate(capacity):
        queue = waiting + wanted[:, :, quarter]
        arriving = (queue * alive[:, :, quarter]).sum(axis=0)
        crowded = arriving > room
        share = np.where(crowded, room / np.where(crowded, arriving, 1), 1)
        leaving[:, :, quarter] = queue * share
        waiting = queue * (1 - share)
    return leaving, waiting
