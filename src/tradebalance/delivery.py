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
from typing import Literal

import pandas as pd

from .cells import VagueDate

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
    """A scenario's delivery: where windows start, the general pace, and the paces of single categories."""

    start: Literal["now", "announced"]
    pace: Pace
    by_category: Mapping[str, Pace]

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
PROFILE_WORDS = {
    "uniform": "in equal quarters",
    "front_loaded": "declining to the end of the window",
    "back_loaded": "rising to the end of the window",
    "s_curve": "along an S-curve",
    "milestones": "on stated quarters",
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
    weights = profile(pace.profile, len(quarters))
    return {quarter + pace.delay_quarters: share for quarter, share in zip(quarters, weights, strict=True)}
