"""The facts as known at the end of a month, on one book or two, with what they are cited as and the files behind."""

import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ..assumptions import baseline
from ..facts import benchmark, duties, goods, ledger, mirror, own_book, revisions, timeline, trade
from ..facts.goods import Goods
from ..facts.known import Known
from ..facts.revisions import Revisions
from ..words.citations import files_of
from ..words.phrase import Phrase
from ..words.problems import Refused, refuse
from ..words.terms import Frequency, Pair
from . import folder, pooled, store, writing


def known(
    reporter: str,
    as_of: pd.Period | None = None,
    *,
    case: folder.Folder | str | None = None,
    partner: str = "",
    without_figures: bool = False,
) -> Known:
    """The facts on a reporter's book at the end of a month (None: the newest release's).

    `partner` is whose trade the book tells of, if not that of the deals. `without_figures` leaves the book empty, for a
    scenario that states the level of trade itself. Raises Refused for a book or a month without figures.
    """
    where = folder.case(case or "")
    facts = store.facts(where)
    pair = Pair(home=partner, partner=reporter) if partner else facts.pair
    at = _at(facts, reporter, as_of)
    read = _no_figures() if without_figures else figures_of(facts, reporter, at, pair)
    first = read.history.index[-1] + 1 if len(read.history) else trade.first_forecast_quarter(at, reporter)
    day = at.end_time.date()
    used = files_of([*read.history_ids, *read.mirror_ids, *(event.source_id for event in facts.events)])
    return Known(
        **vars(read),
        reporter=reporter,
        pair=pair,
        as_of=at,
        first=first,
        is_replay=at < newest_month(facts, reporter),
        leaves=tuple(ledger.leaves(facts.events, day)),
        events=tuple(facts.events),
        timeline=tuple(timeline.known(facts.timeline, day)),
        duties=tuple(duties.known(facts.duties, at)),
        citations=facts.citations,
        files=checksums(facts, used) | writing.checksum(where.root, where.corrections),
        pooled=pooled.table(where),
        pooled_files=pooled.checksums(where),
        dates=facts.dates,
        corrections=tuple(one.words for file in sorted(used) for one in facts.files[file].corrections),
        is_of_deals=pair == facts.pair,
    )


def replays(reporter: str, months: Iterable[pd.Period], *, case: folder.Folder | str | None = None) -> list[Known]:
    """The facts on a reporter's book at the end of each of several months that had figures; the others are left out."""
    where = store.hold(folder.case(case or ""))
    newest, found = newest_month(store.facts(where), reporter), []
    for month in months:
        if month <= newest:
            with contextlib.suppress(Refused):
                found.append(known(reporter, month, case=where))
    return found


def releases(
    reporter: str, old: pd.Period | None, new: pd.Period | None, *, case: folder.Folder | str | None = None
) -> tuple[Known, Known, Revisions]:
    """What was known by two releases of a reporter's months (by default the newest, and the one before), and what
    the newer one revised. Raises Refused for a month without a release, and where there are not two."""
    where = store.hold(folder.case(case or ""))
    facts = store.facts(where)
    partner = facts.pair.other(reporter)
    held = trade.releases(facts.flows, reporter, partner)
    new = new or max(held, default=None)
    old = old or max((vintage for vintage in held if new is not None and vintage < new), default=None)
    if old is None or new is None or not {old, new} <= set(held) or old >= new:
        there = f"{len(held)} from {held[0]} to {held[-1]}" if held else "none"
        reason = f"no older and newer release of months of {reporter}; there are {there}"
        refuse("empty", "data/processed", reason, "name two of them, the older one first", None, "from", f"{old}")
    changed = revisions.between(facts.flows, reporter, partner, old, new, facts.pair.home)
    return known(reporter, old, case=where), known(reporter, new, case=where), changed


def books(
    as_of: pd.Period | None = None, *, reporter: str = "", case: folder.Folder | str | None = None
) -> mirror.Books:
    """A reporter's book (the home country's, if none is named) pieced together and its partner's count, both as known
    at the end of a month (None: now).

    Raises Refused for a reporter whose book is not printed in pieces, and a month with nothing printed.
    """
    where = folder.case(case or "")
    facts = store.facts(where)
    reporter = reporter or facts.pair.home
    pairs = [pair for pair in facts.fragments if pair[0] == reporter]
    if not pairs:
        there = ", ".join(sorted({f"{one} with {two}" for one, two in facts.fragments})) or "none"
        reason, fix = "no book in pieces to set beside", f"use one of {there}"
        refuse("empty", "data/raw", reason, fix, None, "reporter", reporter)
    at = _at(facts, reporter, as_of)
    try:
        found = _books(facts, *pairs[0], at)
    except ValueError as error:
        refuse("empty", "data/raw", str(error), "use a later month", None, "as_of", str(as_of))
    return replace(found, files={**found.files, **writing.checksum(where.root, where.corrections)})


def goods_of(as_of: pd.Period | None = None, *, case: folder.Folder | str | None = None) -> Goods:
    """Vietnam's trade with the other side by commodity, as printed by the end of a month (None: now); empty for a case
    without bulletins."""
    where = folder.case(case or "")
    facts = store.facts(where)
    partner = facts.pair.other(goods.REPORTER)
    found = Goods(partner, facts.bulletins, store.kinds_of(where))
    return found if as_of is None else found.known(as_of)


def pieced(facts: store.Facts, reporter: str, partner: str, at: pd.Period) -> own_book.Reconciled:
    """A book printed in pieces and its mirror as known at the end of a month.

    Raises ValueError where nothing was printed by then.
    """
    printed, mirror_at = facts.fragments[reporter, partner].fragments, min(at, newest_month(facts, partner))
    return own_book.book(printed, facts.flows, reporter, partner, at, mirror_at, kept=facts.fits)


def _books(facts: store.Facts, reporter: str, partner: str, at: pd.Period) -> mirror.Books:
    """Raises ValueError where by then nothing was counted, or printed that binds a quarter."""
    printed, pieces = facts.fragments[reporter, partner], pieced(facts, reporter, partner, at)
    counts = own_book.counts(facts.flows, reporter, partner, at)
    other = trade.as_of(facts.flows, partner, reporter, min(at, newest_month(facts, partner)))
    vintage = counts.vintage if counts else min(at, printed.vintage)  # a replay is no part of its source's release
    rows, first = [own_book.as_flows(pieces, reporter, partner, vintage, printed.valuation)], None
    template = "{figures} figures printed by {at:%B %Y}, reconciled with the mirror series ({other})"
    words = Phrase(template, figures=len(pieces.printed), at=at, other=other.words)
    if counts:
        rows += [counts.flows, trade.quarters(counts.flows)]
        first = min(counts.flows["period"]).asfreq("Q")
        template = "monthly bulletins of its customs since {first.year}, {counts}; before that {before}"
        words = Phrase(template, first=first, counts=counts.words, before=words)
    counted = counts.flows["ids"] if counts else []
    files = files_of([*(fragment.source_id for fragment in pieces.system.fragments), *other.flows["ids"], *counted])
    own = trade.Snapshot(pd.concat(rows, ignore_index=True), at, vintage, truncated=not counts and at < printed.vintage)
    sources = tuple(facts.files[file].sidecar.citation for file in sorted(files))
    found = mirror.Books(reporter, partner, pieces, own, first, other, words, sources, checksums(facts, files))
    if not found.bound:
        raise ValueError(f"nothing printed by {at} binds a whole quarter")
    return found


def checksums(facts: store.Facts, files: Iterable[str]) -> dict[str, str]:
    """Raw files, named from the case's folder -> sha256."""
    return {f"data/raw/{file}": facts.files[file].sha256 for file in sorted(files)}


def others(known_: Known, *, case: folder.Folder | str | None = None) -> list[Known]:
    """The same facts on the other side's book: one, or none where the case has no figures of it, or had none then."""
    where = folder.case(case or "")
    reporter = known_.pair.other(known_.reporter)
    return replays(reporter, [known_.as_of], case=where) if reporter in folder.declared(where).books else []


OBSERVED = (Frequency.QUARTERLY, Frequency.MONTHLY)


@dataclass(frozen=True)
class Figures:
    """A book as known: what `Known` says of its figures, with the same words."""

    history: pd.DataFrame
    months: pd.DataFrame
    words: str
    history_ids: tuple[str, ...] = ()
    mirror_ids: tuple[str, ...] = ()
    gap_error: float | None = None
    hindsight: tuple[str, ...] = ()
    revisions: Revisions | None = None
    revision_files: Mapping[str, str] = field(default_factory=dict)


def _at(facts: store.Facts, reporter: str, as_of: pd.Period | None) -> pd.Period:
    """The month of a replay, by default that of the newest figures. Raises Refused for one after them."""
    newest = newest_month(facts, reporter)
    refuse_later(as_of, newest, "data/processed", "as_of")
    return as_of or newest


def refuse_later(as_of: pd.Period | None, newest: pd.Period | None, file: str, column: str | None = None) -> None:
    """Raise Refused for a month after the newest figures, of which nothing can be known yet."""
    if as_of is not None and newest is not None and as_of > newest:
        fix = f"use a month up to {newest}"
        refuse("out_of_range", file, "after the newest release of figures", fix, None, column, str(as_of))


def newest_month(facts: store.Facts, reporter: str) -> pd.Period:
    """The newest vintage of the reporter's figures; of any figures where there are none of its own."""
    own = facts.flows[facts.flows["reporter"] == reporter]
    if facts.flows.empty:
        refuse("empty", "data/processed", "there are no figures of trade", "add a release and build")
    newest: pd.Period = (own if len(own) else facts.flows)["vintage"].max()
    return newest


def _no_figures() -> Figures:
    empty = pd.DataFrame(columns=[*baseline.COLUMNS, "gap_usd_mn"], index=pd.PeriodIndex([], freq="Q"), dtype=object)
    return Figures(empty, empty.asfreq("M"), "no release: the scenario states the level of trade")


def figures_of(facts: store.Facts, reporter: str, at: pd.Period, pair: Pair | None = None) -> Figures:
    """A book of a pair (the case's, if none is named) as known at the end of a month. Raises Refused without one."""
    pair = pair or facts.pair
    partner = pair.other(reporter)
    try:
        if (reporter, partner) in facts.fragments:
            return _own_book(facts, reporter, partner, at)
        snapshot = trade.as_of(facts.flows, reporter, partner, at)
    except ValueError as error:
        fix = "use another reporter or month, or a scenario that states the level of trade (baseline: {method: fixed})"
        refuse("empty", "data/processed", str(error), fix, None, "reporter", reporter)
    history, months = (trade.observed(snapshot, reporter, pair.home, each) for each in OBSERVED)
    hindsight = ("the figures of trade, as revised since",) if snapshot.truncated else ()
    read = Figures(history, months, snapshot.words, _rows(snapshot.flows, set(history.index)), hindsight=hindsight)
    return _with_revisions(read, facts, snapshot, reporter, pair)


def _with_revisions(read: Figures, facts: store.Facts, snapshot: trade.Snapshot, reporter: str, pair: Pair) -> Figures:
    """What the release changed of the one before; nothing where it is the first, or is cut to an earlier month: then
    it was not out, nor what it revised."""
    partner = pair.other(reporter)
    older = trade.older_vintage(facts.flows, reporter, partner, snapshot.vintage)
    if older is None or snapshot.truncated:
        return read
    before = trade.as_of(facts.flows, reporter, partner, older)
    changes = revisions.between(facts.flows, reporter, partner, older, snapshot.vintage, pair.home)
    return replace(read, revisions=changes, revision_files=checksums(facts, files_of(before.flows["ids"])))


def _own_book(facts: store.Facts, reporter: str, partner: str, at: pd.Period) -> Figures:
    """A book that was printed in pieces before it was published: its counts, and before them the pieces and the mirror
    figures that were out by then."""
    found = _books(facts, reporter, partner, at)
    history, months = (trade.observed(found.own, reporter, facts.pair.home, each) for each in OBSERVED)
    last_four = found.pieced(list(history.index[-4:]))
    error = found.pieces.total(benchmark.SIGNS["balance"], last_four)[1] if last_four else None
    hindsight = ("the mirror series, as revised since",) if found.counted.truncated else ()
    own = _rows(found.own.flows, set(history.index))
    mirrored = _rows(found.counted.flows, set(found.pieced(list(history.index))))
    read = Figures(history, months, found.words, own, mirrored, gap_error=error, hindsight=hindsight)
    return _with_revisions(read, facts, found.own, reporter, facts.pair) if found.counted_from else read


def _rows(table: pd.DataFrame, periods: Collection[pd.Period]) -> tuple[str, ...]:
    """The raw rows behind the quarters of a table, each once."""
    chosen = table.loc[[period in periods for period in table["period"]]]
    return tuple(dict.fromkeys(row for each in chosen["ids"] for row in each.split()))
