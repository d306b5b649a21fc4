"""When deliveries arrive: profiles, windows, delays. Exact weights that add up to 1.

The register PROFILES is where a new profile goes, and the only place: scenarios, sentences and errors read it.
A schedule maps quarters to the share of a deal's value that is due in each. It knows nothing of
horizons: what falls before the forecast or after its end is for the answer to show.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from ..words.cells import VagueDate
from ..words.phrase import Phrase
from ..words.schema import Quarter, Share, Strict, one_of, wrong
from ..words.terms import Category

Array = np.ndarray[Any, Any]
Schedule = dict[pd.Period, Fraction]
# The logistic form for cumulative progress is Cioffi's (2005; data/raw evidence, "S-curve form").
# Its steepness is judgement: a tenth is in after a quarter of the window, nine tenths after three.
S_CURVE_STEEPNESS = 4 * math.log(9)


def _uniform(n: int) -> list[Fraction]:
    return [Fraction(1, n)] * n


def _front_loaded(n: int) -> list[Fraction]:
    """Linear decline to the end: the sum-of-the-years'-digits rule of depreciation."""
    return [Fraction(2 * (n - t), n * (n + 1)) for t in range(n)]


def _s_curve(n: int) -> list[Fraction]:
    """Quarterly steps of a logistic curve centred on the window, cut to it and made to add up to 1."""
    curve = [1 / (1 + math.exp(-S_CURVE_STEEPNESS * (t / n - 0.5))) for t in range(n + 1)]
    steps = [Fraction(after) - Fraction(before) for before, after in itertools.pairwise(curve)]
    return [step / sum(steps) for step in steps]


@dataclass(frozen=True)
class Profile:
    """A way to spread a value over a window: its name in a scenario, how it says so in a sentence, and its weights.

    `weights` gives a share for each of so many quarters, oldest first; they add up to exactly 1.
    """

    name: str
    words: str
    weights: Callable[[int], list[Fraction]]


PUBLISHED = "published"
PROFILES = {
    profile.name: profile
    for profile in (
        Profile("uniform", "in equal quarters", _uniform),
        Profile("front_loaded", "declining to the end of the window", _front_loaded),
        Profile("back_loaded", "rising to the end of the window", lambda n: _front_loaded(n)[::-1]),
        Profile("s_curve", "along an S-curve", _s_curve),
        # a printed window says when, not how
        Profile(PUBLISHED, "in equal quarters of the window printed, or where none is, of the one assumed", _uniform),
    )
}
MILESTONES = "milestones"  # the one profile that is stated, quarter by quarter
MOST_QUARTERS = 200
Quarters = Annotated[int, Field(ge=1, le=MOST_QUARTERS)]


class Pace(Strict):
    """How a value is spread: a profile over a window's length, or explicit milestones, and a delay.

    What a category's own pace leaves out is as in the general one.
    """

    profile: Annotated[str, one_of(lambda: [*PROFILES, MILESTONES])] = "uniform"
    milestones: Annotated[dict[Quarter, Share], Field(min_length=1)] | None = None
    quarters: Quarters = 1
    delay_quarters: Annotated[int, Field(ge=0, le=MOST_QUARTERS)] = 0

    @model_validator(mode="before")
    @classmethod
    def _milestones_name_their_profile(cls, given: Any) -> Any:
        """`milestones: {...}` says enough, inside `profile:` or beside it; a key without a value is left out."""
        if not isinstance(given, Mapping):
            return given
        given = {key: value for key, value in given.items() if key not in Pace.model_fields or value is not None}
        inside = given.get("profile")
        if isinstance(inside, Mapping) and inside.keys() == {MILESTONES}:
            if MILESTONES in given:
                raise wrong("wrong_type", "milestones stand twice, inside profile and beside it", "keep one")
            given = {**given, "profile": MILESTONES, **inside}
        return {"profile": MILESTONES, **given} if MILESTONES in given else given

    @field_validator("milestones")
    @classmethod
    def _add_up(cls, shares: dict[pd.Period, Decimal] | None) -> dict[pd.Period, Decimal] | None:
        if shares is not None and sum(shares.values()) != 1:
            raise wrong("shares_sum", f"the shares add up to {sum(shares.values())}", "make them add up to 1")
        return shares and dict(sorted(shares.items()))

    @model_validator(mode="after")
    def _milestones_go_with_their_profile(self) -> Self:
        if (self.profile == MILESTONES) != (self.milestones is not None):
            fix = "give milestones: {2027Q1: 0.4, 2028Q1: 0.6}, and no other profile beside them"
            raise wrong("wrong_type", "profile and milestones do not go together", fix)
        return self

    @property
    def words(self) -> str:
        """How the value is spread, to follow `arrive` in a sentence."""
        return Phrase("on stated quarters" if self.milestones else PROFILES[self.profile].words)

    def within(self, general: "Pace") -> "Pace":
        """This pace, with what it leaves out as in a general one."""
        left_out = Pace.model_fields.keys() - self.model_fields_set
        if "profile" in self.model_fields_set:
            left_out -= {"milestones"}
        return self.model_copy(update={name: getattr(general, name) for name in left_out})


class Delivery(Pace):
    """A scenario's delivery: where windows start, the general pace, and the paces of single categories.

    `slip` and `capacity` say whether the assumptions' delays and limits act, or none do.
    """

    start: Literal["now", "announced"] = Field(alias="from")
    slip: Literal["none", "assumptions"] = "none"
    capacity: Literal["none", "assumptions"] = "none"
    by_category: dict[Annotated[Category, Field(strict=False)], Pace] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_window_and_no_delay_twice(self) -> Self:
        if "profile" not in self.model_fields_set:
            raise wrong("empty", "no profile", "give a profile, or milestones")
        if "quarters" not in self.model_fields_set and self.profile not in (MILESTONES, PUBLISHED):
            raise wrong("empty", "no length of the window", "give quarters")
        if self.start == "now" and self.slips:
            fix = "write slip: none, or from: announced"
            raise wrong("wrong_type", "from: now has every deal start late already; slip would count it twice", fix)
        if self.start == "now" and PUBLISHED in (self.profile, *(pace.profile for pace in self.by_category.values())):
            raise wrong("wrong_type", "published windows do not start now", "write from: announced")
        return self

    @property
    def slips(self) -> bool:
        return self.slip == "assumptions"

    @property
    def is_limited(self) -> bool:
        return self.capacity == "assumptions"

    def pace_of(self, category: str) -> Pace:
        """A category's own pace, or the general one."""
        own = self.by_category.get(Category(category))
        return own.within(self) if own else self


def printed_window(start: VagueDate, end: VagueDate) -> pd.PeriodIndex | None:
    """The quarters of a window that was printed with both its ends, else None."""
    if start.earliest is None or end.latest is None or end.latest < start.earliest:
        return None
    return pd.period_range(pd.Period(start.earliest, freq="Q"), pd.Period(end.latest, freq="Q"))


def schedule(pace: Pace, first: pd.Period, window: pd.PeriodIndex | None = None) -> Schedule:
    """Quarter -> share of the value due, adding up to exactly 1.

    The window is the deal's own where one is given, else starts in `first`, and is held against the calendar: what has
    not arrived by `first` is late, and comes in what is left of the window, or at once where nothing is. Milestones
    are quarters themselves, late ones due in `first`. The delay moves either.
    """
    if pace.milestones:
        due: Schedule = {}
        for quarter, share in planned(pace, first).items():
            due[max(first, quarter)] = due.get(max(first, quarter), Fraction(0)) + share
        return due
    left = [quarter for quarter in planned(pace, first, window) if quarter >= first] or [first]
    return dict(zip(left, PROFILES[pace.profile].weights(len(left)), strict=True))


def planned(pace: Pace, first: pd.Period, window: pd.PeriodIndex | None = None) -> Schedule:
    """As `schedule`, but as it was planned, also before `first`."""
    if pace.milestones:
        return {quarter + pace.delay_quarters: Fraction(share) for quarter, share in pace.milestones.items()}
    quarters = pd.period_range(first, periods=pace.quarters, freq="Q") if window is None else window
    return dict(zip(quarters + pace.delay_quarters, PROFILES[pace.profile].weights(len(quarters)), strict=True))


def on_time(plan: Schedule, first: pd.Period) -> tuple[Fraction, Schedule]:
    """The share of a plan that has arrived before `first` where everything arrives when it is due, and of the rest the
    schedule; of what has arrived in full, nothing is left, and it stands in `first`."""
    arrived = sum((share for quarter, share in plan.items() if quarter < first), Fraction(0))
    left = {quarter: share / (1 - arrived) for quarter, share in plan.items() if quarter >= first}
    return arrived, left or {first: Fraction(1)}


@dataclass(frozen=True, eq=False)
class Due:
    """Shares of a value due in each quarter of the forecast (`within`), and after its last (`beyond`): a row for each
    number of quarters, from 0 to the horizon, after the forecast's start at which a schedule starts.

    The shares of a row add up to 1; each is counted on its own.
    """

    within: Array
    beyond: Array

    def spread(self, delays: Array) -> "Due":
        """The mean shares where the start is later by 0, 1, 2 ... quarters with the chances `delays`."""
        horizon = len(self.beyond) - 1
        starts = np.minimum(np.arange(horizon + 1)[:, None] + np.arange(len(delays)), horizon)
        late_within, late_beyond = self.within[starts], self.beyond[starts]
        return Due((late_within * delays[:, None]).sum(axis=1), (late_beyond * delays).sum(axis=1))


def due(weights: Array, horizon: int) -> Due:
    """When a schedule's shares fall due, by the quarter in which it starts.

    `weights` are the shares by quarter from its start on, floats or Fractions.
    """
    zero, span = weights[:1] * 0, len(weights)
    left = np.concatenate([np.cumsum(weights[::-1])[::-1], zero])
    around = np.repeat(zero, horizon)
    starts = np.lib.stride_tricks.sliding_window_view(np.concatenate([around, weights, around]), horizon)
    at = horizon - np.arange(horizon + 1)
    return Due(starts[at], left[np.minimum(at, span)])


def served(wanted: Sequence[Array], alive: Sequence[Array], capacity: Array) -> Array:
    """The share that leaves, in each quarter, of what falls due and what waits: draws x quarters.

    `wanted` is what falls due of some deals of a category (draws x quarters, before cancellations), `alive` the share
    not yet cancelled, `capacity` the most that can arrive a quarter of all of them. What does not fit waits, first of
    all quarters after it, and shares the next quarter's room in proportion.
    """
    waiting = [each[:, 0] * 0 for each in wanted]
    shares = []
    for quarter, room in enumerate(capacity):
        queue = [before + each[:, quarter] for before, each in zip(waiting, wanted, strict=True)]
        arriving = reduce(add, (each * left[:, quarter] for each, left in zip(queue, alive, strict=True)))
        crowded = arriving > room
        shares.append(np.where(crowded, room / np.where(crowded, arriving, 1), 1))
        waiting = [each * (1 - shares[-1]) for each in queue]
    return np.array(shares).T


def queued(served: Array, wanted: Array) -> tuple[Array, Array]:
    """What leaves in each quarter (draws x quarters) and what still waits at the end (a draw each), before
    cancellations, of what falls due in each."""
    waiting, leaving = wanted[:, 0] * 0, []
    for share, falls_due in zip(served.T, wanted.T, strict=True):
        queue = waiting + falls_due
        leaving.append(queue * share)
        waiting = queue * (1 - share)
    return np.array(leaving).T, waiting


def in_turn(served: Array, worth: Array, at_end: int = 0) -> Array:
    """What a dollar that falls due in a quarter comes to, draws x quarters, where it is worth so much in the quarter in
    which it leaves, and `at_end` if it still waits then."""
    found, later = [], at_end
    for share, now in zip(served.T[::-1], worth.T[::-1], strict=True):
        later = share * now + (1 - share) * later
        found.append(later)
    return np.array(found[::-1]).T
