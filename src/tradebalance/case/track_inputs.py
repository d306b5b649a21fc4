"""From a case's name to the outturn that `track` follows, and to the evidence that the priors rest on."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd

from ..facts import ledger, trade
from ..track import evidence, pledges, rise
from ..track.live import LivePledge, live_pledge
from ..track.outturn import About, PledgeOutturn, RiseOutturn
from ..track.priors import Checked, check
from ..track.rise import TrackWindow
from ..words.cells import Rows
from ..words.citations import Citation, files_of
from ..words.problems import Problem, Refused, attempt, raise_errors, refuse
from ..words.terms import Flow, Frequency
from . import asof, folder, store, writing
from .folder import DECLARATION, Declaration, Folder
from .layouts import RawFile

REPLAY = "phase-one"  # the case whose pledge stands beside one that has none


def gather(where: Folder, as_of: pd.Period | None = None, path: str | None = None) -> PledgeOutturn | RiseOutturn:
    """What a case follows, as known at the end of a month (None: the newest release).

    Raises Refused where files are missing or wrong, or nothing was known by then.
    """
    about, facts = folder.declared(where), store.facts(where)
    vintages = facts.flows.loc[facts.flows["reporter"] == about.followed.reporter, "vintage"]
    newest = vintages.max() if len(vintages) else None
    asof.refuse_later(as_of, newest, "data/processed", "as_of")
    given = where, about, facts, as_of, path or about.followed.path
    return _pledge(*given) if about.followed.groups else _rise(*given)


def rise_of(where: Folder, as_of: pd.Period | None = None) -> RiseOutturn | None:
    """By how much a case's trade rose since its totals, which is the most that can have come in addition; None for a
    case that follows none, and for a month by which nothing was to be followed yet."""
    track = folder.declared(where).track
    if track is None or track.groups:
        return None
    newest = asof.newest_month(store.facts(where), track.reporter)
    found, _ = attempt(lambda: gather(where, as_of and min(as_of, newest)))
    return found if isinstance(found, RiseOutturn) else None


def both(where: Folder, as_of: pd.Period | None = None, path: str | None = None) -> tuple[PledgeOutturn, RiseOutturn]:
    """A pledge's replay and a rise: the case's own, by the month given, and beside it the other one of its kind.

    Of a case that follows nothing, those of the main case.
    """
    where = where if folder.declared(where).track else folder.beside(where)
    own = gather(where, as_of, path)
    is_pledge = isinstance(own, PledgeOutturn)
    other = gather(folder.beside(where, "" if is_pledge else REPLAY), None, path)
    replay, rise = (own, other) if is_pledge else (other, own)
    assert isinstance(replay, PledgeOutturn)
    assert isinstance(rise, RiseOutturn)
    return replay, rise


def live(where: Folder, as_of: pd.Period | None = None) -> list[LivePledge]:
    """The pledges of the cases at hand that are followed as a rise, as known at the end of a month, by country.

    The case's own is among them; another of which nothing was due by then is left out. Raises Refused where a case's
    data or declaration will not do, and where no case follows any.
    """
    found = []
    for each in folder.neighbours(where):
        about = folder.declared(each)
        if about.track is None or about.followed.groups:
            continue
        try:
            outturn = gather(each, as_of)
        except Refused as refusal:
            if each != where and as_of and all(problem.column == "as_of" for problem in refusal.problems):
                continue
            raise Refused(replace(p, file=f"{about.name}: {p.file}") for p in refusal.problems) from None
        assert isinstance(outturn, RiseOutturn)
        facts = store.facts(each)
        parts = ledger.leaves(facts.events, outturn.about.as_of.end_time.date())
        found.append(live_pledge(outturn, parts, facts.events, facts.citations.rows))
    if not found:
        reason, fix = "no pledge is followed as a rise", "use a later month, or a case with base_year under track"
        refuse("empty", "case.yaml", reason, fix, None, "track")
    return sorted(found, key=lambda pledge: (pledge.name, pledge.case))


def episodes(where: Folder) -> tuple[list[Checked], tuple[Citation, ...], dict[str, str]]:
    """The priors' check, the sources and the checksums; of the main case for one without evidence of its own."""
    about, files = folder.declared(where), store.facts(where).files
    if about.track is None or not about.followed.anchors:
        return episodes(folder.beside(where))
    kinds: list[tuple[Callable[..., bool], Callable[..., Any]]] = [
        (evidence.is_episodes, evidence.episodes),
        (evidence.is_priors, evidence.priors),
        (evidence.is_figures, evidence.figures),
    ]
    used = [(read, file) for holds, read in kinds for file in _newest_of_each(files, holds)]
    read = {kind: [each for of, file in used if of is kind for each in of(*_rows(file))] for _, kind in kinds}
    kept_apart = about.followed.never_tested
    past, priors, single = (read[kind] for _, kind in kinds)
    found = check(about.followed.anchors, priors, past, single, kept_apart, DECLARATION)
    return found, tuple(f.sidecar.citation for _, f in used), _checksums(f for _, f in used)


def _pledge(where: Folder, about: Declaration, facts: store.Facts, as_of: pd.Period | None, path: str) -> PledgeOutturn:
    agreement = _only(where, facts.files, pledges.is_agreement, "the agreed additions", as_of)
    exports = _only(where, facts.files, pledges.is_lines, "the exports by product line", as_of)
    printed = _newest_of_each(facts.files, pledges.is_printed)
    base_year, additions = pledges.read_additions(*_rows(agreement))
    lines = pledges.read_lines(*_rows(exports)[1:])
    pledge = pledges.pledge(base_year, additions, lines, about.followed.groups, DECLARATION)
    release, release_last = exports.sidecar.vintage, _last(exports)
    at = as_of or release
    last = trade.known_to(at, release, release_last, about.followed.reporter)
    _check_year(pledge, last, at, about.followed.reporter)
    told = (each for file in printed for each in pledges.read_printed(*_rows(file)[1:]))
    used = [agreement, exports, *printed]
    words = trade.release_words(release, at if at < release else None)
    return PledgeOutturn(
        about=_about(where, about, at, path, words, _unfinished(lines, last, release_last), used),
        pledge=pledge,
        last=last,
        release=release,
        release_last=release_last,
        printed=tuple(each for each in told if each.actual_usd_mn is None or each.through <= last),
    )


def _check_year(pledge: pledges.Pledge, last: pd.Period, at: pd.Period, reporter: str) -> None:
    years = sorted({year for _, year in pledge.additions})
    if last.year not in years:
        first = pd.Period(year=years[0], month=1, freq="M") + trade.lag(reporter)
        reason = f"by then figures went to {last}, and the agreement adds to {', '.join(map(str, years))}"
        refuse("out_of_range", "track", reason, f"use {first} or later", None, "as_of", str(at))


def _last(file: RawFile) -> pd.Period:
    if file.sidecar.last_period is None:
        reason, fix = "the last published month is not stated", "add last_period to the sidecar"
        refuse("empty", file.name, reason, fix, column="last_period")
    return file.sidecar.last_period


def _unfinished(
    lines: Mapping[pledges.Line, Mapping[pd.Period, Fraction]], last: pd.Period, release_last: pd.Period
) -> str:
    """Which lines end before the month `last`, or go on beyond what the release calls its last, in a sentence."""
    ends = {line: max(months) for line, months in lines.items()}
    early = [f"{product} to {end}" for (_, product), end in sorted(ends.items()) if end < last]
    late = ", ".join(sorted({group.replace("_", " ") for (group, _), end in ends.items() if end > release_last}))
    words = [f"Published to an earlier month than the rest: {', '.join(early)}."] if early else []
    words += [f"Left out: months of {late} beyond {release_last}, the release's last."] if late else []
    return " ".join(words)


def _rise(where: Folder, about: Declaration, facts: store.Facts, as_of: pd.Period | None, path: str) -> RiseOutturn:
    reporter = about.followed.reporter
    try:
        snapshot = trade.as_of(facts.flows, reporter, about.pair.other(reporter), as_of)
    except ValueError as error:
        refuse("empty", "data/processed", str(error), "add a release and build")
    flow = Flow.EXPORT if reporter == about.partner else Flow.IMPORT
    exports = {when: Fraction(value) for when, value in trade.series(snapshot, flow, Frequency.MONTHLY).items()}
    parts = ledger.leaves(facts.events, snapshot.as_of.end_time.date())
    announced = _announced(parts)
    printed = _printed(facts.events, announced)
    windows = _windows(about, announced, printed)
    first = min((window.first for window in windows.values()), default=None)
    if first is None or not exports or max(exports) < first:
        last = max(exports, default="none")
        reason = f"by then figures went to {last} and {len(announced)} totals were announced"
        fix = "use a later month" + (f"; the first window starts in {first}" if first else "")
        refuse("out_of_range", "track", reason, fix, None, "as_of", str(snapshot.as_of))
    rows = [*snapshot.flows["ids"], *(event.source_id for event in facts.events)]
    used = [facts.files[name] for name in sorted(files_of(rows))]
    return RiseOutturn(
        about=_about(where, about, snapshot.as_of, path, snapshot.words, "", used),
        exports=exports,
        base_year=about.followed.base_year or 0,
        announced=announced,
        windows=windows,
        through=max(exports),
        path=path,
        printed=frozenset(name for name, window in windows.items() if _is_printed(window, printed.get(name))),
        is_goods=all(leaf.event.nature == "goods" for leaf in parts),
    )


def _announced(parts: Iterable[ledger.Leaf]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for leaf in parts:
        found[leaf.tranche] = found.get(leaf.tranche, Fraction(0)) + Fraction(leaf.value_usd_mn)
    return found


def _printed(events: Iterable[ledger.Event], announced: Container[str]) -> dict[str, TrackWindow]:
    """The windows that the ledger prints from the first to the last month, by the announced total."""
    found = {event.id: rise.printed_window(event) for event in events if event.id in announced}
    return {name: window for name, window in found.items() if window}


def _is_printed(window: TrackWindow, printed: TrackWindow | None) -> bool:
    return printed is not None and (window.first, window.months) == (printed.first, printed.months)


def _windows(
    about: Declaration, announced: Iterable[str], printed: Mapping[str, TrackWindow]
) -> dict[str, TrackWindow]:
    """The window of each announced total but those that are stated to have none: the case's, else the printed one.

    Raises Refused for a total of which nothing is said.
    """
    given = {**printed, **about.followed.windows}
    reason = "an announced total has no window"
    fix = "say in case.yaml from when over how many months it is taken to arrive, and why, or null to leave it out"
    missing = [tranche for tranche in announced if tranche not in given]
    raise_errors(Problem("missing_value", DECLARATION, reason, fix, None, "track.windows", name) for name in missing)
    return {name: window for name in announced if (window := given[name])}


def _about(
    where: Folder, about: Declaration, at: pd.Period, path: str, words: str, note: str, used: Sequence[RawFile]
) -> About:
    return About(
        case=about.name,
        as_of=at,
        reporter=about.followed.reporter,
        partner=about.pair.other(about.followed.reporter),
        home=about.home,
        path=path,
        words=words,
        note=note,
        sources=tuple(dict.fromkeys(file.sidecar.citation for file in used)),
        files=_checksums(used) | {DECLARATION: writing.sha256_of(where.declaration)},
    )


def _checksums(files: Iterable[RawFile]) -> dict[str, str]:
    return {f"data/raw/{file.name}": file.sha256 for file in files}


def _rows(file: RawFile) -> tuple[list[str], Rows, str]:
    return file.table.columns, file.table.rows, file.name


def _newest_of_each(files: Mapping[str, RawFile], holds: Callable[..., bool]) -> list[RawFile]:
    """Of the files of a kind, the newest vintage of each name."""
    found = sorted((file for file in files.values() if holds(file.columns)), key=lambda file: file.sidecar.vintage)
    return list({file.name.rsplit("/", 1)[-1]: file for file in found}.values())


def _only(
    where: Folder, files: Mapping[str, RawFile], holds: Callable[..., bool], what: str, as_of: pd.Period | None
) -> RawFile:
    """The file of a kind that a month knew: a release at most three months old, else the newest."""
    found = sorted((file for file in files.values() if holds(file.columns)), key=lambda f: f.sidecar.vintage)
    if not found:
        reason, fix = f"there is no file of {what}", "add it under data/raw with its sidecar and build"
        refuse("empty", str(where.root), reason, fix)
    fresh = [f for f in found if as_of is not None and 0 <= (as_of - f.sidecar.vintage).n <= trade.FRESH_MONTHS]
    return (fresh or found)[-1]
