"""What is known at the end of a month, on one book."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pandas as pd

from ..words.citations import Citation, Citations, cite
from ..words.schema import Day, Quarter, Strict, Words
from ..words.terms import Pair, TimelineKind, book_name
from .duties import Duty
from .ledger import Event, Leaf
from .revisions import Revisions
from .timeline import Happening
from .trade import TwelveMonths, twelve_months


class Talks(Strict):
    """Talks between the two countries: an order announced before the day they began stood already."""

    began: Day
    source: Words


class Dates(Strict):
    """Quarters of a case at which what is known of its trade changes; one that is not stated plays no part.

    `before_deals` is the last without deliveries of the deals, `quiet_to` the last before a shock that methods are
    judged apart by, `replayed_from` the first whose forecasts are replayed. `talks` are those that the announcements
    came of.
    """

    before_deals: Quarter | None = None
    quiet_to: Quarter | None = None
    replayed_from: Quarter | None = None
    talks: Talks | None = None


@dataclass(frozen=True, repr=False)
class Known:
    """The facts of a pair at the end of a month, on one book.

    `history` is the book's quarters as published by then (exports, imports, gap; empty where nothing is), `months`
    its months, where it has any, `first` the first quarter after them, `words` say which release they come from,
    and `gap_error` is the standard error of the last four quarters' gap in USD million (None for a count).
    `is_replay`: a month before the newest release; `hindsight` names what of the facts is not as it stood then.
    `revisions` is what this release changed of the one before (None where no two true ones were out), and
    `revision_files` the files of that one. `corrections` say which raw cells were read otherwise than they stand.
    `leaves` are the parts of what was announced, `events` all rows of the ledger, `timeline` what had happened by
    then, `duties` what was collected by month and out by then. `history_ids` are the raw rows behind `history`, and
    `mirror_ids` those of the other book where that one fills in what was not printed. `citations` says what rows
    and files are cited as, `files` maps each input file to its sha256, `dates` are the case's.
    `is_of_deals`: the deals are of this pair. `pooled` is how far forecasts of several partners' trade were off, by
    year and horizon, of which only what was over by then is ever taken (`assumptions.pool`); `pooled_files` is its
    file, which only the mixture's errors rest on.
    """

    reporter: str
    pair: Pair
    as_of: pd.Period
    history: pd.DataFrame
    months: pd.DataFrame
    first: pd.Period
    words: str
    is_replay: bool
    hindsight: tuple[str, ...]
    gap_error: float | None
    leaves: tuple[Leaf, ...]
    events: tuple[Event, ...]
    revisions: Revisions | None
    revision_files: Mapping[str, str]
    timeline: tuple[Happening, ...]
    history_ids: tuple[str, ...]
    mirror_ids: tuple[str, ...]
    citations: Citations
    files: Mapping[str, str]
    pooled: pd.DataFrame
    pooled_files: Mapping[str, str]
    dates: Dates = field(default_factory=Dates)
    corrections: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    is_of_deals: bool = True

    @property
    def partner(self) -> str:
        """The other side of the reporter's trade."""
        return self.pair.other(self.reporter)

    @property
    def last_day(self) -> dt.date:
        """The end of the month that the facts are of."""
        day: dt.date = self.as_of.end_time.date()
        return day

    def __repr__(self) -> str:
        return f"{book_name(self.reporter)} as known in {self.as_of:%B %Y}: {self.words}, quarters to {self.first - 1}"

    @property
    def figure_sources(self) -> tuple[Citation, ...]:
        """The publishers of the book's figures: its own, then the mirror's, which says that it is one."""
        mirror = cite(self.citations, self.mirror_ids)
        own = cite(self.citations, self.history_ids)
        return (*own, *(replace(each, title=f"as the mirror series, {each.title}") for each in mirror))

    @property
    def ledger_sources(self) -> tuple[Citation, ...]:
        """The publishers of the parts of the announced sum; of the whole ledger where nothing was announced yet."""
        rows = [leaf.ids for leaf in self.leaves] or [event.source_id for event in self.events]
        return cite(self.citations, rows)

    @property
    def sources(self) -> tuple[Citation, ...]:
        return (*self.figure_sources, *self.ledger_sources)

    @property
    def last_action(self) -> dt.date | None:
        """The day of the newest tariff action or deal that is known, or None."""
        actions = [each.date for each in self.timeline if each.kind is TimelineKind.TARIFF]
        deals = [event.date.latest or event.date.earliest for event in self.events]
        return max((day for day in [*actions, *deals] if day and day <= self.last_day), default=None)

    @property
    def announced(self) -> Fraction:
        return sum((Fraction(leaf.value_usd_mn) for leaf in self.leaves), Fraction(0))

    @property
    def yearly(self) -> Fraction:
        """What of the announced sum is the first year of a value that was announced for every year."""
        return sum((Fraction(leaf.value_usd_mn) for leaf in self.leaves if leaf.event.is_yearly), Fraction(0))

    @property
    def gap_last_four(self) -> Fraction:
        """The gap of the last four published quarters, USD million."""
        return sum((Fraction(value) for value in self.history["gap_usd_mn"].iloc[-4:]), Fraction(0))

    @property
    def twelve_months(self) -> TwelveMonths | None:
        """The newest twelve published months; None on a book without so many."""
        return twelve_months(self.months)

    @property
    def last_four(self) -> tuple[pd.Period, ...]:
        return tuple(self.first - n for n in (4, 3, 2, 1))
