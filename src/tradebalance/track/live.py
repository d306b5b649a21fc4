"""Pledges whose time is not over, side by side: what was announced, what of it is dated, what can have come so far.

A part is dated by the window that the ledger prints for it or for its whole with both ends; a value a year is dated by
its first year. What is on the path with an assumed window is told apart. Everything is exact.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from ..facts.ledger import Event, Leaf
from ..words.citations import Citation
from ..words.terms import country_name
from .outturn import RiseOutturn
from .rise import Rise, TrackWindow, printed_window


@dataclass(frozen=True)
class LivePart:
    """One leaf of what was announced, in USD million, with its printed window, None where none is."""

    id: str
    description: str
    value_usd_mn: Fraction
    window: TrackWindow | None
    is_named: bool
    source: Citation


@dataclass(frozen=True)
class LivePledge:
    """What one country announced to buy of another, by part, and how far the seller's exports rose since.

    All amounts are USD million. `bound` is the larger of the two rises that page 07 tells apart.
    """

    outturn: RiseOutturn
    parts: tuple[LivePart, ...]

    @property
    def name(self) -> str:
        """The country that buys."""
        return country_name(self.outturn.about.home)

    @property
    def case(self) -> str:
        return self.outturn.about.case

    @property
    def through(self) -> pd.Period:
        return self.outturn.through

    @property
    def bound(self) -> Rise:
        return self.outturn.bound

    @property
    def months(self) -> int:
        """How many months the path counts so far."""
        return int((self.through - self.bound.first).n) + 1

    @property
    def announced(self) -> Fraction:
        return self._sum(self.parts)

    @property
    def dated(self) -> Fraction:
        """What has a printed window, but for values a year."""
        return self._sum(part for part in self.parts if part.window and not part.window.recurs)

    @property
    def yearly(self) -> Fraction:
        """The first year of what was announced for every year."""
        return self._sum(part for part in self.parts if part.window and part.window.recurs)

    @property
    def undated(self) -> Fraction:
        """What has a name and no printed window."""
        return self._sum(part for part in self.parts if not part.window and part.is_named)

    @property
    def unnamed(self) -> Fraction:
        """What nobody itemised, and what therefore has no window."""
        return self._sum(part for part in self.parts if not part.window and not part.is_named)

    @property
    def due_as_printed(self) -> Fraction:
        """What of the dated parts is due by now."""
        windows = [(part.value_usd_mn, part.window) for part in self.parts if part.window]
        return sum((value * self.outturn.share_due(window) for value, window in windows), Fraction(0))

    @property
    def due(self) -> Fraction:
        """What is due by now on the path, assumed windows too."""
        return self.bound.path

    @property
    def is_assumed(self) -> bool:
        """Whether any window on the path is an assumed one."""
        return not set(self.outturn.used) <= self.outturn.printed

    @property
    def due_a_month(self) -> Fraction:
        return self.due / self.months

    @staticmethod
    def _sum(parts: Iterable[LivePart]) -> Fraction:
        return sum((part.value_usd_mn for part in parts), Fraction(0))


class InAll(NamedTuple):
    """What some pledges come to together, and what of it has no printed window, in USD million; how many they are, and
    in how many of them the rise is short of what was due."""

    announced: Fraction
    without_window: Fraction
    number: int
    short: int


def in_all(pledges: Collection[LivePledge]) -> InAll:
    """The sums of some pledges, exact, and their numbers."""
    announced = sum((each.announced for each in pledges), Fraction(0))
    without = sum((each.undated + each.unnamed for each in pledges), Fraction(0))
    return InAll(announced, without, len(pledges), sum(each.bound.increment < each.due for each in pledges))


def live_pledge(
    outturn: RiseOutturn, leaves: Iterable[Leaf], events: Iterable[Event], cited: Mapping[str, Citation]
) -> LivePledge:
    """The pledge behind an outturn from the leaves of its ledger; `cited` are the sources of the ledger's rows."""
    wholes = {event.id: event for event in events}
    return LivePledge(
        outturn,
        tuple(
            LivePart(
                id=leaf.id,
                description=leaf.event.description,
                value_usd_mn=Fraction(leaf.value_usd_mn),
                window=printed_window(leaf.now) or printed_window(wholes[leaf.tranche]),
                is_named=not leaf.is_remainder,
                source=cited[leaf.event.source_id],
            )
            for leaf in leaves
        ),
    )
