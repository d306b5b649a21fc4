"""What became of pledges as plain types for JSON: USD million to a dollar, shares to nine decimals."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ..answers.replay import Trial, errors_by_horizon
from ..track.live import LivePart, LivePledge, in_all
from ..track.outturn import PledgeOutturn, RiseOutturn, input_files
from ..track.pledges import TrackerFigure
from ..track.rise import Rise
from ..track.tracking import Standing
from ..words.plain import plain
from . import live_pledges
from .records import at_most_as_json, made_from, named, trial_as_json

ABOUT = "case as_of known=words reporter partner path"


def outturn_as_json(outturn: PledgeOutturn | RiseOutturn) -> dict[str, object]:
    """The outturn as plain types for JSON: USD million to a dollar, shares to nine decimals."""
    about = outturn.about
    body = _pledge_json(outturn) if isinstance(outturn, PledgeOutturn) else _rise_json(outturn)
    return {**named(about, ABOUT), **body, "note": about.note, **made_from(about.sources, about.files)}


def track_record_as_json(
    replay: PledgeOutturn, rise: RiseOutturn, trial: Trial, successive: pd.DataFrame, files: Mapping[str, str]
) -> dict[str, object]:
    """Both outturns and what earlier forecasts said, for the record of their page, with the checksums of everything
    that it shows."""
    errors = errors_by_horizon(successive)
    sources = dict.fromkeys(map(str, [*replay.about.sources, *rise.about.sources, *trial.answer.known.sources]))
    return {
        **_of_page(rise),
        "replay": outturn_as_json(replay),
        "rise": outturn_as_json(rise),
        "earlier_forecast": trial_as_json(trial),
        "errors_by_horizon": [{"quarters_ahead": int(ahead), **plain(row)} for ahead, row in errors.iterrows()],
        **made_from(sources, {**input_files(replay, rise, files), **trial.answer.known.files}),
    }


def _of_page(rise: RiseOutturn) -> dict[str, object]:
    """What the line above a page's title says."""
    about, last = rise.about, (rise.through + 1).asfreq("Q") - 1  # the last quarter that is published to its last month
    return {
        **named(about, "reporter home"),
        "partner": ({about.reporter, about.partner} - {about.home}).pop(),
        **named(about, "as_of known=words"),
        "last_four_quarters": [str(last - n) for n in (3, 2, 1, 0)],
    }


def pledges_as_json(pledges: Sequence[LivePledge]) -> dict[str, object]:
    """The live pledges as plain types for JSON: USD million to a dollar, shares to nine decimals."""
    return {
        "in_all": named(in_all(pledges), "announced:mn without_window:mn number short"),
        "pledges": [_live(pledge) for pledge in pledges],
        **made_from(live_pledges.sources(pledges), live_pledges.input_files(pledges)),
    }


def live_pledges_as_json(pledges: Sequence[LivePledge], case: str) -> dict[str, object]:
    """The same for the record of their page, whose pair is that of the case, or of the first pledge."""
    own = next((pledge for pledge in pledges if pledge.case == case), pledges[0]).outturn
    return {**_of_page(own), **pledges_as_json(pledges)}


def _live(pledge: LivePledge) -> dict[str, object]:
    amounts = (
        "announced:mn dated:mn yearly:mn undated:mn unnamed:mn due_as_printed:mn due:mn increment:mn=bound.increment"
    )
    return {
        **named(pledge.outturn.about, "case home as_of known=words"),
        **named(pledge, f"first=bound.first through {amounts} increment_ratio=bound.increment_ratio"),
        **named(pledge, "due:a_month=due_a_month increment:a_month=bound.so_far"),
        "months": pledge.months,
        "windows_assumed": pledge.is_assumed,
        "parts": [_part(part) for part in pledge.parts],
    }


def _part(part: LivePart) -> dict[str, object]:
    window = part.window
    return {
        **named(part, "id announced:mn=value_usd_mn"),
        "itemised": part.is_named,
        "from": str(window.first) if window else None,
        "to": str(window.span[-1]) if window else None,
        "recurs": bool(window and window.recurs),
        "source": str(part.source),
    }


def _pledge_json(outturn: PledgeOutturn) -> dict[str, object]:
    return {
        "base_year": outturn.pledge.base_year,
        "year": outturn.last.year,
        "groups": [_standing(standing) for standing in outturn.standings],
        "by_month": [_standing(each) for group in outturn.pledge.groups for each in outturn.by_month(group)],
        "by_vintage": [
            {"known_at_the_end_of": str(as_of), **_standing(each)}
            for group in outturn.pledge.groups
            for as_of, each in outturn.by_vintage(group).items()
        ],
        "printed": [_printed(each, outturn.beside(each)) for each in outturn.printed],
    }


def _printed(printed: TrackerFigure, own: Standing) -> dict[str, object]:
    """What a tracker printed, and the same from these data."""
    return {
        **named(printed, "group path through"),
        **named(own, "target:mn"),
        **named(printed, "target_printed:mn=target_usd_mn"),
        **named(own, "actual:mn"),
        **named(printed, "actual_printed:mn=actual_usd_mn url"),
    }


def _standing(standing: Standing) -> dict[str, object]:
    """A row of a month that is not published has no actual and no ratio."""
    keys = "group product through target:mn actual:mn ratio increment_ratio full_target:mn base_to_date:mn"
    return named(standing, f"{keys} required:a_month so_far:a_month verdict")


def _rise_json(outturn: RiseOutturn) -> dict[str, object]:
    return {
        "base_year": outturn.base_year,
        **at_most_as_json(outturn),
        "groups": [_rise(outturn.rise)],
        "without_odd_months": [_rise(outturn.without_odd)],
        "by_quarter": [_rise_quarter(alone, to_date) for alone, to_date in outturn.by_quarter],
        "odd_months": [
            {
                **named(odd, "month actual:mn=value usual:mn=usual z"),
                "share_of_base_year": plain(odd.value / outturn.base),
                "excess_share_of_base_year": plain((odd.value - odd.usual) / outturn.base),
            }
            for odd in outturn.odd
        ],
        "windows": [
            {
                "tranche": tranche,
                "from": str(window.first),
                "months": window.months,
                "announced_usd_mn": plain(outturn.announced[tranche]),
                "is_printed": tranche in outturn.printed,
                "recurs": window.recurs,
                "source": window.source,
            }
            for tranche, window in outturn.windows.items()
        ],
        "without_window": [
            {"tranche": tranche, "announced_usd_mn": plain(amount)} for tranche, amount in outturn.undated.items()
        ],
    }


def _rise(rise: Rise) -> dict[str, object]:
    """One row: the level and its target in the form of a pledge's, and the increment, the most that was added."""
    return {
        "group": "all",
        "product": None,
        **named(rise, "first through"),
        "target_usd_mn": plain(rise.base_to_date + rise.path),
        **named(rise, "actual:mn=exports ratio increment_ratio"),
        "full_target_usd_mn": plain(rise.full_base + rise.whole),
        **named(rise, "path:mn increment:mn announced:mn=whole required:a_month so_far:a_month"),
    }


def _rise_quarter(alone: Rise, to_date: Rise) -> dict[str, object]:
    return {
        "quarter": str(alone.through.asfreq("Q")),
        **named(alone, "through increment:mn path:mn"),
        **named(to_date, "increment:to_date path:to_date increment_ratio_to_date=increment_ratio required:a_month"),
    }
