"""An outturn to be followed, with all that it stands on: a pledge by groups, or a rise against announced totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from ..facts import trade
from ..words.citations import Citation
from . import rise, tracking
from .pledges import Months, Pledge, TrackerFigure
from .rise import Odd, Rise, TrackWindow
from .tracking import Standing


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

    @property
    def standings(self) -> list[Standing]:
        return tracking.track(self.pledge, self.last, self.about.path)

    def by_month(self, group: str) -> list[Standing]:
        """By each month of the tracked year; months not published have no actual."""
        months = pd.period_range(f"{self.last.year}-01", periods=12, freq="M")
        return [tracking.standing(self.pledge, group, None, at, self.last, self.about.path) for at in months]

    def by_vintage(self, group: str) -> dict[pd.Period, Standing]:
        """As known at the end of each month from the tracked year's start to the one that is asked about."""
        months = pd.period_range(f"{self.last.year}-01", min(self.release, self.about.as_of), freq="M")
        found = {}
        for at in months:
            last = trade.known_to(at, self.release, self.release_last, self.about.reporter)
            month = tracking.last_month(self.pledge, group, None, last.year, last)
            if month and (self.pledge.groups[group].additions[0], last.year) in self.pledge.additions:
                through = pd.Period(year=last.year, month=month, freq="M")
                found[at] = tracking.standing(self.pledge, group, None, through, last, self.about.path)
        return found

    def beside(self, printed: TrackerFigure) -> Standing:
        """The same group, month and path from these data."""
        return tracking.standing(self.pledge, printed.group, None, printed.through, self.last, printed.path)


@dataclass(frozen=True)
class RiseOutturn:
    """Monthly exports over a base year against announced totals by tranche, as known by `through`."""

    about: About
    exports: Months
    base_year: int
    announced: Mapping[str, Fraction]
    windows: Mapping[str, TrackWindow]
    through: pd.Period

    def to(self, through: pd.Period, *, usual: bool = False) -> Rise:
        """The rise by a month; `usual` takes each odd month at what its neighbours average."""
        exports = rise.without(self.exports, self.odd) if usual else self.exports
        return rise.rise(exports, self.base_year, self.announced, self.windows, through, self.about.path)

    @property
    def rise(self) -> Rise:
        return self.to(self.through)

    @property
    def by_quarter(self) -> list[tuple[Rise, Rise]]:
        """Each quarter alone, and all to its end."""
        return rise.by_quarter(
            self.exports, self.base_year, self.announced, self.windows, self.through, self.about.path
        )

    @property
    def odd(self) -> list[Odd]:
        return rise.odd_months(self.exports, self.base_year)

    @property
    def without_odd(self) -> Rise:
        return self.to(self.through, usual=True)

    @property
    def bound(self) -> Rise:
        """The larger of the two: deliveries are bounded by it whichever is the base year's usual level."""
        return max(self.rise, self.without_odd, key=lambda rise: rise.increment)

    @property
    def base(self) -> Fraction:
        """Exports of the base year."""
        return rise.base(self.exports, self.base_year)


def input_files(replay: PledgeOutturn, rise: RiseOutturn, files: Mapping[str, str]) -> dict[str, str]:
    """Every input of both outturns, named with its case, and other files -> sha256."""
    own = {f"{of.about.case}: {name}": sha for of in (replay, rise) for name, sha in of.about.files.items()}
    return {**own, **files}
