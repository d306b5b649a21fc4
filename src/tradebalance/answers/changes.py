"""What a newer release says that an older one did not: months added, months revised, and what became of the headlines.

A headline is told as it stood when the older release was the newest, and as it stands by the newer one: with the
ledger, the evidence and the months that were out by each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from ..assumptions import nowcast
from ..facts.known import Known
from ..facts.revisions import Revisions
from ..facts.trade import MONTHS_A_YEAR
from ..words.phrase import Phrase
from . import timing
from .answer import Solution


class Headline(NamedTuple):
    """A measure by the older and the newer release: the period that each is of, and the values, USD million or, where
    `is_share`, a fraction; None where a release has none. `revised` is the older release's period by the newer one."""

    measure: str
    was_of: str
    was: Fraction | None
    is_of: str
    now: Fraction | None
    revised: Fraction | None = None
    is_share: bool = False

    @property
    def change(self) -> Fraction | None:
        """Newer less older; None where one of them has none."""
        return None if self.was is None or self.now is None else self.now - self.was


@dataclass(frozen=True)
class Changes:
    """Two releases of a book: what was known by each, the months that both hold with what changed of them, the months
    that only the newer one holds (exports, imports, gap), and the headlines."""

    before: Known
    after: Known
    revisions: Revisions
    added: pd.DataFrame
    headlines: tuple[Headline, ...]


def changes(
    before: Known, after: Known, revisions: Revisions, answers: Iterable[tuple[Solution, Solution]] = ()
) -> Changes:
    """Two releases of one book set side by side; `answers` are the same scenarios by the older and the newer."""
    added = after.months.loc[after.months.index.difference(before.months.index)]
    of_answers = [headline for pair in answers for headline in _of_answers(*pair)]
    return Changes(before, after, revisions, added, (*_of_facts(before, after), *of_answers))


def _of_facts(before: Known, after: Known) -> Iterable[Headline]:
    """The headlines that follow from the facts alone."""
    ends = [Phrase("to {last}", last=each.first - 1) for each in (before, after)]
    same = after.history["gap_usd_mn"].reindex(list(before.last_four))
    found = Headline("gap_last_four_quarters_usd_mn", ends[0], before.gap_last_four, ends[1], after.gap_last_four)
    yield found._replace(revised=_sum(same))
    was, now = before.twelve_months, after.twelve_months
    if was and now:
        year = after.months["gap_usd_mn"].reindex(pd.period_range(end=was.last, periods=MONTHS_A_YEAR, freq="M"))
        values = [Fraction(each.now["gap_usd_mn"]) for each in (was, now)]
        found = Headline(
            "gap_twelve_months_usd_mn",
            Phrase("to {last}", last=was.last),
            values[0],
            Phrase("to {last}", last=now.last),
            values[1],
        )
        yield found._replace(revised=_sum(year))
    if (running := nowcast.running(before)) and (by_now := nowcast.running(after)):
        values = [Fraction(each.gap_at(0.5)[0]) for each in (running, by_now)]
        yield Headline(
            "nowcast_gap_usd_mn",
            Phrase("{quarter}", quarter=running.quarter),
            values[0],
            Phrase("{quarter}", quarter=by_now.quarter),
            values[1],
        )
    yield Headline(
        "announced_usd_mn",
        Phrase("by {month}", month=before.as_of),
        before.announced,
        Phrase("by {month}", month=after.as_of),
        after.announced,
    )


def _sum(values: pd.Series) -> Fraction | None:
    """The exact sum; None where one is not held."""
    return None if values.isna().any() else sum(map(Fraction, values), Fraction(0))


def _of_answers(was: Solution, now: Solution) -> Iterable[Headline]:
    """What a scenario's headlines were and are: means of its draws."""
    name, ends = now.scenario.name, [Phrase("to {last}", last=each.calendar.last) for each in (was, now)]
    means = [Fraction(each.additional.mean) for each in (was, now)]
    yield Headline(f"{name}: additional_usd_mn", ends[0], means[0], ends[1], means[1])
    over = timing.years_of_delivery(was, now)
    if len(over):
        shares = [timing.share_of_a_year(each, over) for each in (was, now)]
        was_share, now_share = (None if share is None else Fraction(share) for share in shares)
        span = Phrase("{first} to {last}", first=over[0], last=over[-1])
        yield Headline(f"{name}: share_a_year", span, was_share, span, now_share, is_share=True)
