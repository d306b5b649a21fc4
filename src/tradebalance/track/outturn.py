"""An outturn to be followed, with all that it stands on: a pledge by groups, or a rise against announced totals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from ..facts import trade
from ..words.citations import Citation
from . import tracking
from .pledges import Pledge, TrackerFigure, first_months
from .rise import Followed


@dataclass(frozen=True)
class About:
    """What every outturn says of itself: case, month, whose book with whom, path, release in words, where from.

    `note` says what the reader should know of how complete the figures are.
    """

    case: str
    as_of: pd.Period
    reporter: str
    partner: str
    home: str
    path: str
    words: str
    note: str
    sources: tuple[Citation, ...]
    files: Mapping[str, str]


@dataclass(frozen=True)
class PledgeOutturn:
    """A pledge by groups, with figures of one release to `last`; `release` and `release_last` are that file's own."""

    about: About
    pledge: Pledge
    last: pd.Period
    release: pd.Period
    release_last: pd.Period
    printed: tuple[TrackerFigure, ...]

    @cached_property
    def standings(self) -> list[tracking.Standing]:
        return tracking.track(self.pledge, self.last, self.about.path)

    def by_month(self, group: str) -> list[tracking.Standing]:
        """By each month of the tracked year; months not published have no actual."""
        return [self._standing(group, at, self.last) for at in first_months(self.last.year)]

    def by_vintage(self, group: str) -> dict[pd.Period, tracking.Standing]:
        """As known at the end of each month from the tracked year's start to the one that is asked about."""
        months = pd.period_range(f"{self.last.year}-01", min(self.release, self.about.as_of), freq="M")
        found = {}
        for at in months:
            last = trade.known_to(at, self.release, self.release_last, self.about.reporter)
            month = tracking.last_month(self.pledge, group, None, last.year, last)
            if month and (self.pledge.groups[group].additions[0], last.year) in self.pledge.additions:
                found[at] = self._standing(group, pd.Period(year=last.year, month=month, freq="M"), last)
        return found

    def _standing(self, group: str, through: pd.Period, last: pd.Period) -> tracking.Standing:
        return tracking.standing(self.pledge, group, None, through, last, self.about.path)

    def beside(self, printed: TrackerFigure) -> tracking.Standing:
        """The same group, month and path from these data."""
        return tracking.standing(self.pledge, printed.group, None, printed.through, self.last, printed.path)


@dataclass(frozen=True)
class RiseOutturn(Followed):
    """Monthly exports over a base year against announced totals by tranche, with all that they stand on.

    `is_goods`: every part of what was announced is goods by the ledger.
    """

    about: About
    is_goods: bool = field(default=False, kw_only=True)


def input_files(replay: PledgeOutturn, rise: RiseOutturn, files: Mapping[str, str]) -> dict[str, str]:
    """Every input of both outturns, named with its case, and other files -> sha256."""
    own = {f"{of.about.case}: {name}": sha for of in (replay, rise) for name, sha in of.about.files.items()}
    return {**own, **files}
