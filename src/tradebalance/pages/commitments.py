"""What was announced, each deal counted once, when it is due, and what can have arrived so far."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from ..answers import timing
from ..answers.answer import Solution
from ..answers.arrivals import Arrival, day_of, landed_since
from ..facts import ledger
from ..facts.known import Known
from ..facts.ledger import Deal, Event, Leaf
from ..track.outturn import RiseOutturn
from ..words.cells import NO_DATE
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN, Category, Role, Stage, TimelineKind
from .chart import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    PALE,
    PALE_ORANGE,
    PAPER,
    SOFT,
    Axes,
    Chart,
    Figure,
    bar_label,
    bars,
    is_narrow,
    year_ticks,
    years_of,
)
from .names import ROLE_WORDS, STATUS_WORDS, VALUE_WORDS, deal_words, in_words, who_words
from .say import (
    billions,
    bn_cell,
    exact_billions,
    from_to,
    label,
    label_if_any,
    listed,
    number,
    of_chart,
    opening,
    parts_adding_up,
    period,
    said_if_any,
    say,
)
from .wording import Cell, at_most, plain_text, table, yearly_words

NOT_STATED = "not stated"


def headline(known: Known) -> str:
    """The answer of the page: how much of the announced sum has a name."""
    named = known.announced - unnamed(known.leaves)
    if not known.leaves:
        return say("commitments.none_announced", known=known)
    if named == known.announced:
        return say("commitments.all_named", known=known)
    return say("commitments.headline", known=known, named=named)


def lead(known: Known) -> str:
    """What the rest lacks, and stock against flow."""
    nameless = unnamed(known.leaves)
    rest = say("commitments.rest", unnamed=nameless) if nameless else ""
    twelve = known.twelve_months
    gap = known.gap_last_four if twelve is None else twelve.now["gap_usd_mn"]
    over = say("trade_gap.over_quarters", known=known) if twelve is None else say("wording.twelve", twelve=twelve)
    one_sum = say("commitments.one_sum") if known.leaves else ""
    said = {"rest": rest, "one_sum": one_sum, "gap": gap, "over": over, "yearly": yearly_words(known.yearly)}
    said["reporter"] = known.reporter
    return say("commitments.lead", **said)


def counting(known: Known) -> str:
    """How parts are counted, and how sure it is that the named ones belong to the announced totals."""
    return say("commitments.counting", known=known, matched=_matched(known.leaves))


def next_lead(known: Known) -> str:
    """What was searched for and not found, to the last day that it was, under a heading; the heading alone where nobody
    searched by then, nothing where nothing is to come either."""
    rows = [each for each in known.timeline if each.kind is TimelineKind.NOT_FOUND]
    last = max((each.date for each in rows), default=None)
    things = [plain_text(each.statement) for each in rows if each.date == last]
    found = say("commitments.not_found", things=opening(listed(things)), day=last) if things else ""
    is_known = found or ledger.next_events(known.events, known.last_day)
    return say("commitments.next_lead", not_found=found) if is_known else ""


def unnamed(leaves: Sequence[Leaf]) -> Fraction:
    """What of the announced sum has no name, in USD million."""
    return sum((Fraction(leaf.value_usd_mn) for leaf in leaves if leaf.is_remainder), Fraction(0))


def by_attribution(leaves: Sequence[Leaf]) -> dict[str, Decimal]:
    """The named value in USD million by how sure its place in the announced totals is, largest first."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for leaf in leaves:
        if not leaf.is_remainder:
            sums[leaf.event.attribution or NOT_STATED] += leaf.value_usd_mn
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def _matched(leaves: Sequence[Leaf]) -> str:
    sums = by_attribution(leaves)
    parts = listed([say("commitments.of_attribution", value=value, word=word) for word, value in sums.items()])
    if set(sums) == {"documented"}:
        return say("commitments.documented", parts=parts)
    return say("commitments.inferred", parts=parts)


def leaves_table(known: Known) -> pd.DataFrame:
    """What was announced, each part counted once, with what it was called and the words of its window, largest
    first."""
    columns: dict[str, Callable[[Leaf], Cell]] = {
        "Part": deal_words,
        "Counted": lambda leaf: billions(leaf.value_usd_mn, 2),
        "Printed": _printed,
        "Value is": lambda leaf: label(VALUE_WORDS[leaf.event.value_kind]),
        "Called": lambda leaf: label(STATUS_WORDS[leaf.status]),
        "Place in the total": lambda leaf: label_if_any(
            "what is left" if leaf.is_remainder else leaf.event.attribution or NOT_STATED
        ),
        "Delivery, as printed": lambda leaf: _window(leaf.now),
    }
    largest_first = sorted(known.leaves, key=lambda leaf: (leaf.is_remainder, -leaf.value_usd_mn))
    return table(largest_first, columns, say("commitments.leaves.caption", known=known))


def totals_table(known: Known) -> pd.DataFrame:
    """The official totals as announced: what, how much, when, what they were called, and who printed it."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Total": lambda event: event.description,
        "USD bn": lambda event: bn_cell(event.value_usd_mn),
        "Date": lambda event: event.date.words or label("undated"),
        "Called": lambda event: label(STATUS_WORDS[event.status]),
        "Source": _source,
    }
    totals = (event for event in _known_events(known) if event.role is Role.HEADLINE)
    return table(totals, columns, say("commitments.totals.caption"))


def _known_events(known: Known) -> list[Event]:
    return [event for event in known.events if ledger.is_known(event, known.last_day)]


def unvalued_table(known: Known) -> pd.DataFrame:
    """Named deals inside a tranche's unnamed rest, whose value was never published."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Buyer": lambda event: who_words(event.buyer),
        "Seller": lambda event: event.seller,
        "Date": lambda event: event.date.words or label("undated"),
        "Called": lambda event: label(STATUS_WORDS[event.status]),
        "Source": _source,
    }
    return table(ledger.unvalued(known.events, known.last_day), columns, say("commitments.unvalued.caption"))


def terms_table(known: Known) -> pd.DataFrame:
    """Aircraft by row: how many are firm, what one comes to, and at which list prices."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Buyer": lambda event: who_words(event.buyer),
        "Told": lambda event: event.date.words or label("undated"),
        "Pieces": lambda event: number(event.quantity, ","),
        "Firm, options": _firmness,
        "USD mn a piece": lambda event: _price(event),
        "Prices of": lambda event: event.list_price_year.words or label(VALUE_WORDS[event.value_kind]),
        "Source": _source,
    }
    jets = (event for event in _known_events(known) if event.quantity and event.category == Category.AIRCRAFT)
    rows = (event for event in jets if event.role in ledger.PART_ROLES and event.value_usd_mn)
    return table(rows, columns, say("commitments.terms.caption"))


def _firmness(event: Event) -> Cell:
    if event.is_split_undisclosed:
        return say("commitments.undisclosed")
    counts = (event.firm_quantity, event.option_quantity)
    return ", ".join("?" if count is None else number(count, ",") for count in counts) if any(counts) else ""


def _price(event: Event) -> Cell:
    return "" if event.unit_price_usd_mn is None else number(event.unit_price_usd_mn)


def next_events_table(known: Known, passed: bool = False) -> pd.DataFrame:
    """What is to happen next with each deal, as last told by then, soonest first: what lies ahead, or what was told for
    a date that has passed."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "When": lambda event: event.next_event_on.words or label("undated"),
        "What comes next": lambda event: opening(event.next_event),
        "Buyer": lambda event: who_words(event.buyer),
        "Source": _source,
    }
    rows = (event for event in ledger.next_events(known.events, known.last_day) if _has_passed(event, known) is passed)
    caption = say("commitments.next_passed.caption") if passed else say("commitments.next.caption")
    return table(rows, columns, caption)


def _has_passed(event: Event, known: Known) -> bool:
    return (event.next_event_on.latest or known.last_day) < known.last_day


def told_again(known: Known) -> list[Deal]:
    """The deals that were told more than once by the as-of date, each with the events known by then."""
    return [deal for deal in _told(known) if len(deal.events) > 1]


def _told(known: Known) -> list[Deal]:
    """Every deal with its events known at the end of the month that the facts are of."""
    deals, at = ledger.deals(known.events).values(), known.last_day
    return [Deal(deal.id, tuple(event for event in deal.events if ledger.is_known(event, at))) for deal in deals]


def restated_table(known: Known) -> pd.DataFrame:
    """The events of every deal that was told more than once by then, oldest first."""
    rows = (event for deal in told_again(known) for event in deal.events)
    return events_table(rows, say("commitments.restated.caption"))


def uncounted_table(known: Known) -> pd.DataFrame:
    """Rows of the ledger, known by then, that add nothing to the announced sum."""
    counted = {leaf.id for leaf in known.leaves} | {leaf.event.id for leaf in known.leaves}
    told = {event.id for event in ledger.unvalued(known.events, known.last_day)}
    others = (event for deal in _told(known) if deal.id not in counted for event in deal.events)
    rows = sorted((e for e in others if e.id not in counted | told), key=lambda e: -(e.value_usd_mn or Decimal(0)))
    return events_table(rows, say("commitments.uncounted.caption"))


def events_table(found: Iterable[Event], caption: str = "") -> pd.DataFrame:
    """Ledger rows as dated events: what was said, when, at what value."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Buyer and seller": lambda event: f"{who_words(event.buyer)}; {who_words(event.seller)}",
        "Date": lambda event: event.date.words or label("undated"),
        "USD bn": _event_value,
        "What it is": lambda event: f"{label(ROLE_WORDS[event.role])}, {label(STATUS_WORDS[event.status])}",
        "Source": _source,
    }
    return table(found, columns, caption)


def _printed(leaf: Leaf) -> Cell:
    """From the least to the most that was printed of as many pieces as the part counts."""
    values = leaf.printed or (leaf.value_usd_mn,)
    return from_to(billions(min(values), 2), billions(max(values), 2))


def _event_value(event: Event) -> Cell:
    """Billions, and after the point taken of a bound the words that were printed."""
    value = bn_cell(event.value_usd_mn)
    return f"{value} ({event.bound_words})" if event.bound_words else value


def _source(event: Event) -> Citation:
    return Citation(event.source, url=event.source_url)


def _window(event: Event) -> Cell:
    if event.is_yearly:  # no first year was printed either
        return say("commitments.value_a_year")
    printed = (event.delivery_start.words, event.delivery_end.words)
    start, end = ("" if words in NO_DATE else words for words in printed)
    if start and not end:
        return say("commitments.open_end", start=start)
    if end and not start:
        return say("commitments.open_start", end=end)
    return from_to(start, end) or say("commitments.no_window")


STAGE_WORDS: dict[str, str] = {
    Stage.SIGNED: "signed",
    Stage.TALKED_ABOUT: "talked about",
    Stage.RESTATED: "told again",
    Stage.UNNAMED: "unnamed",
    "sum": "Together",
}


def stage_sums(found: Iterable[Leaf]) -> pd.DataFrame:
    """The announced sum by stage (rows) and tranche (columns), each part once, with their sums: USD million, exact."""
    found = list(found)
    tranches = sorted({leaf.tranche for leaf in found})
    sums = pd.DataFrame(Decimal(0), index=[*map(str, Stage), "sum"], columns=[*tranches, "sum"], dtype=object)
    for leaf in found:
        for row in (str(ledger.stage(leaf)), "sum"):
            for column in (leaf.tranche, "sum"):
                sums.at[row, column] += leaf.value_usd_mn
    return sums


def arrivals_table(found: Iterable[Arrival]) -> pd.DataFrame:
    """What has arrived of each part, from least to most in USD billion, and what of it a scenario starts from."""
    columns: dict[str, Callable[[Arrival], Cell]] = {
        "Part": lambda each: deal_words(each.leaf),
        "Announced, bn": lambda each: billions(each.leaf.value_usd_mn, 2),
        "Least, bn": lambda each: billions(each.low_usd_mn, 2),
        "Most, bn": lambda each: billions(each.high_usd_mn, 2),
        "New, at most, bn": lambda each: billions(each.additional_usd_mn, 2),
        "A scenario starts from, at most, bn": lambda each: billions(each.start_usd_mn, 2),
    }
    return table(found, columns)


def held_table(found: Iterable[Arrival]) -> pd.DataFrame:
    """Per part, the lines of the home customs that its goods can stand in, what those brought since the totals and by
    how much they rose, USD billion: the most that can have come, and have come in addition."""
    columns: dict[str, Callable[[Arrival], Cell]] = {
        "Part": lambda each: deal_words(each.leaf),
        "Lines that its goods can stand in": lambda each: "; ".join(each.held.lines) if each.held else "",
        "They brought, bn": lambda each: billions(each.held.usd_mn, 2) if each.held else "",
        "They rose by, bn": lambda each: billions(each.held.rise_usd_mn, 2) if each.held else "",
    }
    return table((each for each in found if each.held), columns, say("commitments.held.caption"))


def arrivals_lead(known: Known, found: Sequence[Arrival]) -> str:
    """What has arrived so far: the least that is counted, and what is documented beside."""
    low = sum((each.low_usd_mn for each in found), Decimal(0))
    what = say("commitments.counted", low=low) if low else say("commitments.none_counted")
    landed = say("commitments.landed", day=day_of(known), what=what, pair=known.pair)
    return f"{landed} {documented(known)}".strip()


def bounds_lead(known: Known, found: Sequence[Arrival], rise: RiseOutturn | None) -> str:
    """The one most that can have arrived, of what, and how the mosts of single parts are bounded."""
    is_by_lines = any(each.held for each in found)
    lines = say("commitments.by_lines", pair=known.pair) if is_by_lines else ""
    starts = say("commitments.starts") if is_by_lines else ""
    most = at_most(rise) if rise else ""
    return f"{most} {say('commitments.bounds_lead', lines=lines, starts=starts)}".strip()


def documented(known: Known) -> str:
    """What the ledger calls delivered since the first total, though it is no part of one; or nothing."""
    came = landed_since(known.events, day_of(known))
    listed = [say("commitments.cargo", event=event, value=_value_words(event)) for event in came]
    return say("commitments.documented_landed", listed=[*map(plain_text, listed)]) if came else ""


def _value_words(event: Event) -> str:
    value = event.value_usd_mn
    return say("commitments.no_value") if value is None else say("commitments.valued", value=value)


def counted_table(sources: Iterable[Citation]) -> pd.DataFrame:
    """Who says what has arrived, or bounds it."""
    columns: dict[str, Callable[[Citation], Cell]] = {
        "Published by": lambda each: each.detail or say("commitments.not_stated"),
        "Source": lambda each: each,
    }
    return table(sources, columns, say("commitments.counted.caption"))


def arrival_reasons(found: Sequence[Arrival]) -> str:
    """Why each part's least is no less and its most no more, as a list; parts with the same reasons together."""
    together = defaultdict(list)
    for each in found:
        part = say("commitments.bounds", name=plain_text(deal_words(each.leaf)), each=each)
        reasons = (plain_text(in_words(why, [of.leaf for of in found])) for why in (each.low_why, each.high_why))
        together[tuple(reasons)].append(part)
    return "\n".join(
        say("commitments.reasons", parts="; ".join(parts), low_why=low_why, high_why=high_why)
        for (low_why, high_why), parts in together.items()
    )


FACES = {Stage.RESTATED: BLUE, Stage.SIGNED: PALE, Stage.TALKED_ABOUT: PALE_ORANGE, Stage.UNNAMED: "none"}
CLOSE_YEARS = 1  # two labels nearer than this on a phone would cover each other: the lower value's goes below


def stages_chart(known: Known) -> Chart:
    """The announced totals to one scale, every part once: told again, signed, talked about, unnamed."""
    sums = stage_sums(known.leaves)
    total, unnamed, restated, signed = sums.loc[["sum", Stage.UNNAMED, Stage.RESTATED, Stage.SIGNED], "sum"]
    tranches = [name for name in sums.columns if name != "sum"]

    def segments(axes: Axes) -> None:
        for row, tranche in enumerate(tranches):
            left = 0.0
            for stage in FACES:
                width = float(sums.at[stage, tranche]) / USD_MN_PER_BN
                if width:
                    _segment(axes, row, left, width, stage)
                left += width
            bar_label(axes, row, left, number(left, "g"))

    names = [_tranche_words(known, name) for name in tranches]
    draw = bars(names, marks=segments)
    said = {"total": total, "unnamed": unnamed, "restated": restated, "named": total - unnamed, "signed": signed}
    words = of_chart("commitments.stages_chart", **said)
    if not restated:
        words["title"] = say("commitments.told_once", named=total - unnamed)
    shown = sums.loc[[row for row in sums.index if sums.at[row, "sum"]]]  # no row of zeros
    stages = {stage: label(words) for stage, words in STAGE_WORDS.items()}
    columns = {**dict(zip(tranches, names, strict=True)), "sum": stages["sum"]}
    data = shown.map(lambda usd_mn: billions(usd_mn, 2)).rename(index=stages, columns=columns)
    heights = (0.6 * len(names) + 0.1, 0.85 * len(names) + 0.1)
    return Chart(draw, heights, **words, sources=known.ledger_sources, data=data.rename_axis(label("USD bn")))


def _segment(axes: Axes, row: int, left: float, width: float, stage: Stage) -> None:
    """A stage's part of a bar; its words stand in it, or where it is too short above it, the last one's below."""
    axes.barh(row, width, left=left, color=FACES[stage], height=0.4, edgecolor=SOFT, lw=0.8)
    text = f"{number(width, 'g')} {label(STAGE_WORDS[stage])}"  # exact: no digit of the ledger is rounded away
    is_short = width < (20 if is_narrow(axes) else 9)
    side = 0.22 if stage is Stage.UNNAMED else -0.22
    at, va = ((left, row + side), "top" if side > 0 else "bottom") if is_short else ((left + 0.4, row), "center")
    colour = PAPER if stage is Stage.RESTATED and not is_short else INK
    axes.annotate(text, at, va=va, color=colour, fontsize=8, annotation_clip=False)


def _tranche_words(known: Known, tranche: str) -> str:
    """What the whole of a tranche was called, and when."""
    whole = next((event for event in known.events if event.id == tranche), None)
    if whole is None:
        return tranche
    called, date = label(STATUS_WORDS[whole.status]), whole.date.words or label("undated")
    return opening(say("commitments.tranche", called=called, date=date))


def timeline_chart(answer: Solution) -> Chart:
    """When each part is due: where a source printed the window, and where it is assumed; announced and new imports."""
    parts = sorted(timing.parts(answer), key=lambda part: (part.leaf.is_remainder, -part.announced))
    new = parts_adding_up([part.additional for part in parts])
    sums = [f"{exact_billions(part.announced)} → {number(to, '.1f')}" for part, to in zip(parts, new, strict=True)]
    names = [deal_words(part.leaf) for part in parts]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        narrow = is_narrow(axes)
        for row, part in enumerate(parts):
            _due(axes, row, part)
            at: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
            above: dict[str, Any] = {"va": "bottom", "fontsize": 8}
            if narrow:
                axes.annotate(sums[row], (1, row - 0.3), ha="right", **at, **above)
                axes.annotate(names[row], (0, row - 0.3), color=SOFT, **at, **above)
            else:
                axes.annotate(sums[row], (1.02, row), va="center", **at)
        axes.set_yticks([] if narrow else range(len(parts)), [] if narrow else names)
        axes.set_ylim(len(parts) - 0.4, -0.8)
        axes.tick_params(left=False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.grid(axis="x", color=LINE, lw=0.5)
        axes.set_axisbelow(True)
        year_ticks(axes, 6)

    printed = sum((part.announced for part in parts if part.is_printed), Fraction(0))
    total = sum((part.announced for part in parts), Fraction(0))
    said = {"new": answer.additional, "title": answer.scenario.title}
    words = of_chart("commitments.timeline_chart", printed=printed, announced=total, **said)
    columns: dict[str, Callable[[tuple[timing.DuePart, str]], Cell]] = {
        "Part": lambda both: deal_words(both[0].leaf),
        "Announced → new, bn": lambda both: both[1],
        "Window, as printed": lambda both: _window(both[0].leaf.now),
        "Due before delays": lambda both: from_to(period(both[0].first), period(both[0].last)),
    }
    heights = (0.3 * len(parts) + 0.5, 0.44 * len(parts) + 0.5)
    data = table(zip(parts, sums, strict=True), columns)
    return Chart(draw, heights, **words, sources=answer.known.ledger_sources, data=data)


def _due(axes: Axes, row: int, part: timing.DuePart) -> None:
    """A part's years: an outline where they are assumed, a bar where a source printed them; of a window with an open
    end, from its beginning to the earliest end that was printed, a mark where none was."""
    start, end = years_of([part.first])[0], years_of([part.last], 1)[0]
    outline: dict[str, Any] = {"facecolor": "none", "edgecolor": BLUE, "linestyle": (0, (3, 2)), "lw": 1.1}
    if not part.is_printed:
        axes.barh(row, end - start, left=start, height=0.46, **outline)
        if not part.is_open:
            return
        opens, closes = part.leaf.now.delivery_start.earliest, part.leaf.now.delivery_end.earliest
        start = float(opens.year) if opens else start
        end = max(float(closes.year), start + 0.15) if closes else start + 0.15
    axes.barh(row, end - start, left=start, height=0.46, color=BLUE)


def told_chart(known: Known) -> Chart:
    """The deals that were told more than once: their values as dated events, and the one that counts."""
    several = told_again(known)
    counted = {leaf.event.id for leaf in known.leaves}
    times = max((len(deal.events) for deal in several), default=0)

    def draw(figure: Figure) -> None:
        axes = figure.subplots(max(len(several), 1), 1, sharex=True, squeeze=False)[:, 0]
        for panel, deal in zip(axes, several, strict=False):  # nothing told again leaves one empty panel
            _events(panel, deal, counted)
        axes[-1].margins(x=0.12)

    heights = (1.15 * len(several) + 0.4, 1.25 * len(several) + 0.4)
    words = of_chart("commitments.told_chart", several=len(several) or label("No"), times=times)
    return Chart(draw, heights, **words, sources=known.ledger_sources, data=restated_table(known))


def _events(panel: Axes, deal: Deal, counted: set[str]) -> None:
    dated = [(event.date.latest or event.date.earliest, event) for event in deal.events]
    valued = [(day, event) for day, event in dated if day and event.value_usd_mn is not None]
    x = [day.year + (day.timetuple().tm_yday - 1) / 365.25 for day, _ in valued]
    y = [float(event.value_usd_mn or 0) / USD_MN_PER_BN for _, event in valued]
    panel.plot(x, y, color=LINE, lw=1.2, zorder=1)
    for n, (at, value, (_, event)) in enumerate(zip(x, y, valued, strict=True)):
        face = BLUE if event.id in counted else "none"
        panel.scatter([at], [value], s=36, facecolor=face, edgecolor=BLUE, zorder=2)
        beside = [other for m, other in enumerate(y) if m != n and abs(x[m] - at) < CLOSE_YEARS]
        offset, side = ((0, -6), "top") if any(other > value for other in beside) else ((0, 6), "bottom")
        panel.annotate(
            number(value, "g"),
            (at, value),
            offset,
            textcoords="offset points",
            ha="center",
            va=side,
            annotation_clip=False,
        )
    first = next((event for event in deal.events if event.id == deal.id), deal.events[-1])
    buyer, seller = (who_words(name) for name in (first.buyer, first.seller))
    words = say("commitments.told_chart.panel", buyer=buyer, seller=seller)
    panel.set_title(said_if_any(f"deal.{deal.id}") or words, loc="left", fontsize=8.5, color=SOFT, pad=12)
    panel.set_ylim(0, max(y) * 1.25)
    panel.yaxis.set_visible(False)
    panel.spines["left"].set_visible(False)


def arrived_chart(
    known: Known, found: Sequence[Arrival], rise: RiseOutturn | None, sources: Sequence[Citation]
) -> Chart:
    """What has arrived so far of each part of which any can have: from a counted least to a bounded most, and what of
    it can be new."""
    shown = sorted((each for each in found if each.high_usd_mn), key=lambda each: (-each.high_usd_mn, each.leaf.id))
    low = sum((each.low_usd_mn for each in found), Decimal(0))
    names = [f"{deal_words(each.leaf)} ({exact_billions(each.leaf.value_usd_mn)})" for each in shown]
    high = [float(each.high_usd_mn) / USD_MN_PER_BN for each in shown]
    added = [float(each.additional_usd_mn) / USD_MN_PER_BN for each in shown]
    labels = [(float(each.high_usd_mn) / USD_MN_PER_BN, _ends_words(each)) for each in shown]

    def least(axes: Axes) -> None:
        for row, each in enumerate(shown):
            start = float(each.low_usd_mn) / USD_MN_PER_BN
            axes.plot([start, start], [row - 0.3, row + 0.3], color=INK, lw=2.2)
        axes.margins(x=0.3)

    series: list[dict[str, Any]] = [{"width": high, "color": PALE}]
    series += [{"width": added, "color": ORANGE, "height": 0.24}]
    what = say("commitments.arrived_chart.counted", low=low) if low else say("commitments.arrived_chart.none")
    top = "" if rise is None else say("commitments.arrived_chart.top", rise=rise)
    heights = (0.36 * len(shown) + 0.4, 0.46 * len(shown) + 0.4)
    left_out = len(found) - len(shown)
    out = say("commitments.arrived_chart.left_out", count=left_out) if left_out else ""
    words = of_chart("commitments.arrived_chart", what=what, pair=known.pair, top=top, out=out)
    draw = bars(names, series, labels, marks=least)
    return Chart(draw, heights, **words, sources=sources, data=arrivals_table(found))


def _ends_words(each: Arrival) -> str:
    least, most, part = map(billions, (each.low_usd_mn, each.high_usd_mn, each.additional_usd_mn))
    return say("commitments.arrived_chart.ends", least=least, most=most, part=part)
