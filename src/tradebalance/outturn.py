"""An outturn to be followed, with all that it stands on: a pledge by groups, or a rise against announced totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from . import __version__, flows, increments, tracking
from .increments import Odd, Rise, Window
from .pledges import Group, Months, Pledge, Printed
from .sources import Citation
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
    printed: tuple[Printed, ...]

    @property
    def standings(self) -> list[Standing]:
        return tracking.track(self.pledge, self.last, self.about.path)

    def by_month(self, group: str) -> list[Standing]:
        return tracking.by_month(self.pledge, self._group(group), self.last, self.about.path)

    def by_vintage(self, group: str) -> dict[pd.Period, Standing]:
        """As known at the end of each month from the tracked year's start to the one that is asked about."""
        months = pd.period_range(f"{self.last.year}-01", min(self.release, self.about.as_of), freq="M")
        known = {at: flows.known_to(at, self.release, self.release_last, self.about.reporter) for at in months}
        return tracking.by_vintage(self.pledge, self._group(group), known, self.about.path)

    def beside(self, printed: Printed) -> Standing:
        """The same group, month and path from these data."""
        group = self._group(printed.group)
        return tracking.standing(self.pledge, group, None, printed.through, self.last, printed.path)

    def _group(self, name: str) -> Group:
        return next(group for group in self.pledge.groups if group.name == name)


@dataclass(frozen=True)
class RiseOutturn:
    """Monthly exports over a base year against announced totals by tranche, as known by `through`."""

    about: About
    exports: Months
    base_year: int
    announced: Mapping[str, Fraction]
    windows: tuple[Window, ...]
    through: pd.Period

    @property
    def rise(self) -> Rise:
        return self._rise(self.exports)

    @property
    def by_quarter(self) -> list[tuple[Rise, Rise]]:
        """Each quarter alone, and all to its end."""
        return increments.by_quarter(
            self.exports, self.base_year, self.announced, self.windows, self.through, self.about.path
        )

    @property
    def odd(self) -> list[Odd]:
        return increments.odd_months(self.exports, self.base_year)

    @property
    def without_odd(self) -> Rise:
        """The rise with each odd month at what its neighbours average."""
        return self._rise(increments.without(self.exports, self.odd))

    @property
    def bound(self) -> Rise:
        """The larger of the two: deliveries are bounded by it whichever is the base year's usual level."""
        return max(self.rise, self.without_odd, key=lambda rise: rise.increment)

    @property
    def base(self) -> Fraction:
        """Exports of the base year."""
        return sum((value for month, value in self.exports.items() if month.year == self.base_year), Fraction(0))

    def _rise(self, exports: Months) -> Rise:
        return increments.rise(exports, self.base_year, self.announced, self.windows, self.through, self.about.path)


def as_json(outturn: PledgeOutturn | RiseOutturn) -> dict[str, object]:
    """The outturn as plain types for JSON: USD million to a dollar, shares to nine decimals."""
    about = outturn.about
    body = _pledge_json(outturn) if isinstance(outturn, PledgeOutturn) else _rise_json(outturn)
    return {
        "case": about.case,
        "as_of": str(about.as_of),
        "known": about.words,
        "reporter": about.reporter,
        "partner": about.partner,
        "path": about.path,
        **body,
        "note": about.note,
        "sources": list(map(str, about.sources)),
        "inputs": dict(about.files),
        "version": __version__,
    }


def page_json(replay: PledgeOutturn, rise: RiseOutturn, files: Mapping[str, str]) -> dict[str, object]:
    """Both outturns for the record of their page, with the checksums of everything that it shows."""
    last = (rise.through + 1).asfreq("Q") - 1  # the last quarter of which every month is published
    return {
        "reporter": rise.about.reporter,
        "home": rise.about.home,
        "partner": ({rise.about.reporter, rise.about.partner} - {rise.about.home}).pop(),
        "as_of": str(rise.about.as_of),
        "known": rise.about.words,
        "last_four_quarters": [str(last - n) for n in (3, 2, 1, 0)],
        "replay": as_json(replay),
        "rise": as_json(rise),
        "sources": list(dict.fromkeys(map(str, [*replay.about.sources, *rise.about.sources]))),
        "inputs": all_files(replay, rise, files),
        "version": __version__,
    }


def all_files(replay: PledgeOutturn, rise: RiseOutturn, files: Mapping[str, str]) -> dict[str, str]:
    """Every input of both outturns, named with its case, and other files -> sha256."""
    own = {f"{of.about.case}: {name}": sha for of in (replay, rise) for name, sha in of.about.files.items()}
    return {**own, **files}


def _pledge_json(outturn: PledgeOutturn) -> dict[str, object]:
    return {
        "base_year": outturn.pledge.base_year,
        "year": outturn.last.year,
        "groups": [_standing(standing) for standing in outturn.standings],
        "by_month": [_standing(each) for group in outturn.pledge.groups for each in outturn.by_month(group.name)],
        "by_vintage": [
            {"known_at_the_end_of": str(as_of), **_standing(each)}
            for group in outturn.pledge.groups
            for as_of, each in outturn.by_vintage(group.name).items()
        ],
        "printed": [_printed(each, outturn.beside(each)) for each in outturn.printed],
    }


def _printed(printed: Printed, own: Standing) -> dict[str, object]:
    """What a tracker printed, and the same from these data."""
    return {
        "group": printed.group,
        "path": printed.path,
        "through": str(printed.through),
        "target_usd_mn": _plain(own.target),
        "target_printed_usd_mn": _plain(printed.target_usd_mn),
        "actual_usd_mn": _plain(own.actual),
        "actual_printed_usd_mn": _plain(printed.actual_usd_mn),
        "url": printed.url,
    }


def _standing(standing: Standing) -> dict[str, object]:
    """One row. A row of a month that is not published has no actual and no ratio."""
    return {
        "group": standing.group,
        "product": standing.product,
        "through": str(standing.through),
        "target_usd_mn": _plain(standing.target),
        "actual_usd_mn": _plain(standing.actual),
        "ratio": _plain(standing.ratio),
        "increment_ratio": _plain(standing.increment_ratio),
        "full_target_usd_mn": _plain(standing.full_target),
        "base_to_date_usd_mn": _plain(standing.base_to_date),
        "required_usd_mn_a_month": _plain(standing.required),
        "so_far_usd_mn_a_month": _plain(standing.so_far),
        "verdict": standing.verdict,
    }


def _rise_json(outturn: RiseOutturn) -> dict[str, object]:
    return {
        "base_year": outturn.base_year,
        "groups": [_rise(outturn.rise)],
        "without_odd_months": [_rise(outturn.without_odd)],
        "by_quarter": [_quarter(alone, to_date) for alone, to_date in outturn.by_quarter],
        "odd_months": [
            {"month": str(odd.month), "actual_usd_mn": _plain(odd.value), "usual_usd_mn": _plain(odd.usual),
             "z": round(odd.z, 9), "share_of_base_year": _plain(odd.value / outturn.base),
             "excess_share_of_base_year": _plain(odd.excess / outturn.base)}
            for odd in outturn.odd
        ],
        "windows": [
            {"tranche": window.tranche, "from": str(window.first), "months": window.months,
             "announced_usd_mn": _plain(outturn.announced[window.tranche]), "source": window.source}
            for window in outturn.windows
        ],
    }  # fmt: skip


def _rise(rise: Rise) -> dict[str, object]:
    """One row: the level and its target in the form of a pledge's, and the increment, an upper bound on deliveries."""
    return {
        "group": "all",
        "product": None,
        "first": str(rise.first),
        "through": str(rise.through),
        "target_usd_mn": _plain(rise.base_to_date + rise.path),
        "actual_usd_mn": _plain(rise.exports),
        "ratio": _plain(rise.ratio),
        "increment_ratio": _plain(rise.increment_ratio),
        "full_target_usd_mn": _plain(rise.full_base + rise.whole),
        "path_usd_mn": _plain(rise.path),
        "increment_usd_mn": _plain(rise.increment),
        "announced_usd_mn": _plain(rise.whole),
        "required_usd_mn_a_month": _plain(rise.required),
        "so_far_usd_mn_a_month": _plain(rise.so_far),
    }


def _quarter(alone: Rise, to_date: Rise) -> dict[str, object]:
    return {
        "quarter": str(alone.through.asfreq("Q")),
        "through": str(alone.through),
        "increment_usd_mn": _plain(alone.increment),
        "path_usd_mn": _plain(alone.path),
        "increment_to_date_usd_mn": _plain(to_date.increment),
        "path_to_date_usd_mn": _plain(to_date.path),
        "increment_ratio_to_date": _plain(to_date.increment_ratio),
        "required_usd_mn_a_month": _plain(to_date.required),
    }


def _plain(amount: Fraction | None) -> float | None:
    return None if amount is None else round(float(amount), 9)
