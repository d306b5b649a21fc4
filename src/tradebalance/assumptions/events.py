"""One-off events of a scenario: what cancels a part of what has not arrived, by chance or with a tariff."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator, Field

from ..words.problems import Problem
from ..words.schema import Quarter, Share, Strict, Words, nearest, wrong
from ..words.terms import Category
from .tariff import Tariff

EVENTS = "events"
Condition = Literal["tariff", "no tariff"]


class OneOff(Strict):
    """An event: from the quarter `on` (by default the forecast's first) the share `cancels` of what has not arrived is
    cancelled, in a share `chance` of the draws, of the categories or deals named in `of` (by default of all).

    `if` ties it to the scenario's tariff: it happens in the draws in which the tariff path comes about, or in which it
    does not.
    """

    name: Words
    on: Quarter | None = None
    chance: Annotated[Share, Field(gt=0)] = Decimal(1)
    cancels: Annotated[Share, Field(gt=0)]
    of: list[Words] = Field(default_factory=list)
    condition: Condition | None = Field(None, alias="if")


def _named_once(events: list[OneOff]) -> list[OneOff]:
    names = [event.name for event in events]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise wrong("duplicate_key", f"two events are called {', '.join(twice)}", "give each a name of its own")
    return events


OneOffs = Annotated[list[OneOff], AfterValidator(_named_once)]


@dataclass(frozen=True)
class Hit:
    """An event as it strikes a part: `at` quarters after the forecast's start, with its chance and share.

    `duty` is the tariff that it hangs on, None where it hangs on none, and `unless` whether it happens where the tariff
    does not come about.
    """

    name: str
    at: int
    chance: Fraction
    cancels: Fraction
    duty: Tariff | None = None
    unless: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether it happens in all draws, or in none of them."""
        tied = self.duty is None or (self.duty.takes_effect.is_fixed and self.duty.takes_effect.mean in (0, 1))
        return self.chance == 1 and tied


def hits(events: Iterable[OneOff], deal: str, category: str, first: pd.Period, duty: Tariff | None) -> tuple[Hit, ...]:
    """What strikes a part of a deal and category in a forecast from `first` on, under the scenario's tariff, if any."""
    return tuple(
        Hit(
            name=event.name,
            at=0 if event.on is None else max(0, (event.on - first).n),
            chance=Fraction(event.chance),
            cancels=Fraction(event.cancels),
            duty=duty if event.condition else None,
            unless=event.condition == "no tariff" and duty is not None,
        )
        for event in events
        if (not event.of or {deal, category} & {*event.of}) and not (event.condition == "tariff" and duty is None)
    )


def problems(events: Sequence[OneOff], deals: Collection[str], file: str) -> Iterable[Problem]:
    """What an event names that is neither a category nor a deal of the ledger, with the nearest that is."""
    known = [*map(str, Category), *sorted(deals)]
    for event in events:
        for name in event.of:
            if name not in known:
                fix = f"use a category or the id of a deal{nearest(name, known)}"
                reason = f"the event {event.name} is of nothing in the ledger"
                yield Problem("unknown_key", file, reason, fix, None, f"{EVENTS}.of", name)
