"""What was announced, each deal counted once, and what can have arrived so far."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from textwrap import fill
from typing import Any

import pandas as pd

from ..answers.arrivals import Arrival, day_of, landed_since
from ..assumptions.credit import Component
from ..facts import ledger
from ..facts.goods import NO_CATEGORY, NOT_MAPPED, ROUNDING, Goods, Kind
from ..facts.known import Known
from ..facts.ledger import Deal, Event, Leaf
from ..track.outturn import RiseOutturn
from ..words.cells import NO_DATE
from ..words.citations import Citation, Place
from ..words.terms import USD_MN_PER_BN, Category, Flow, Role, Stage, TimelineKind
from .chart import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    PALE,
    PALE_ORANGE,
    SOFT,
    Axes,
    Chart,
    Figure,
    bar_label,
    bars,
    is_narrow,
    note,
    small_multiples,
)
from .say import billions, bn_cell, from_to, listed, of_chart, opening, say
from .wording import Cell, at_most, category_words, plain_text, table, twelve_months, yearly_words


def headline(known: Known) -> str:
    """The finding of the page on the ledger."""
    matched = known.announced - _unnamed(known.leaves)
    if known.leaves and matched == known.announced:
        return say("commitments.all_named", known=known)
    return say("commitments.headline", known=known, matched=matched)


def lead(known: Known) -> str:
    """Stock against flow, and how much of the announced sum has a buyer, a seller or a product."""
    said = {"matched": _matched(known.leaves), "unnamed": _unnamed(known.leaves)}
    said |= {"twelve": twelve_months(known), "yearly": yearly_words(known.yearly)}
    unvalued = len(ledger.unvalued(known.events, known.last_day))
    return say("commitments.lead", known=known, unvalued=unvalued, not_found=_not_found(known), **said)


def _not_found(known: Known) -> str:
    """What was searched for and not found, to the last day that it was; nothing where nobody searched by then."""
    rows = [each for each in known.timeline if each.kind is TimelineKind.NOT_FOUND]
    if not rows:
        return ""
    last = max(each.date for each in rows)
    things = [plain_text(each.statement) for each in rows if each.date == last]
    return say("commitments.not_found", things=opening(listed(things)), day=last)


def _unnamed(leaves: Sequence[Leaf]) -> Fraction:
    return sum((Fraction(leaf.value_usd_mn) for leaf in leaves if leaf.is_remainder), Fraction(0))


def _matched(leaves: Sequence[Leaf]) -> str:
    """The named value by how sure its place in the announced totals is."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for leaf in leaves:
        if not leaf.is_remainder:
            sums[leaf.event.attribution or "not stated"] += leaf.value_usd_mn
    largest_first = sorted(sums.items(), key=lambda item: -item[1])
    parts = " and ".join(say("commitments.of_attribution", value=value, word=word) for word, value in largest_first)
    if set(sums) == {"documented"}:
        return say("commitments.documented", parts=parts)
    return say("commitments.inferred", parts=parts)


def leaves_table(found: Iterable[Leaf]) -> pd.DataFrame:
    """What was announced, each part counted once, with its status and the words of its window."""
    columns: dict[str, Callable[[Leaf], Cell]] = {
        "Part": lambda leaf: leaf.id,
        "Tranche": lambda leaf: leaf.tranche,
        "Buyer": lambda leaf: "unnamed" if leaf.is_remainder else leaf.event.buyer,
        "Category": lambda leaf: "mixed" if leaf.is_remainder else category_words(leaf.event.category),
        "USD bn": lambda leaf: billions(leaf.value_usd_mn, 2),
        "Printed, bn": _printed,
        "Value is": lambda leaf: str(leaf.event.value_kind),
        "In the tranche": lambda leaf: (
            "by subtraction" if leaf.is_remainder else leaf.event.attribution or "not stated"
        ),
        "Status": lambda leaf: str(leaf.status),
        "Window printed": lambda leaf: _window(leaf.now),
    }
    return table(found, columns)


def totals_table(known: Known) -> pd.DataFrame:
    """The official totals as announced: what, how much, when, at what stage, and who printed it."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Total": lambda event: event.id,
        "What": lambda event: event.description,
        "USD bn": lambda event: bn_cell(event.value_usd_mn),
        "Date": lambda event: event.date.words or "undated",
        "Status": lambda event: str(event.status),
        "Source": _source,
    }
    told = (event for event in known.events if ledger.is_known(event, known.last_day))
    return table((event for event in told if event.role is Role.HEADLINE), columns)


def unvalued_table(known: Known) -> pd.DataFrame:
    """Named deals inside a tranche's unnamed rest, whose value was never published."""
    return events_table(ledger.unvalued(known.events, known.last_day))


def terms_table(known: Known) -> pd.DataFrame:
    """Aircraft by row: how many are firm, what one comes to, and at which list prices."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Row": lambda event: event.id,
        "Pieces": lambda event: f"{event.quantity:,}",
        "Firm": lambda event: _pieces(event, event.firm_quantity),
        "Options": lambda event: _pieces(event, event.option_quantity),
        "USD mn a piece": lambda event: "" if event.unit_price_usd_mn is None else f"{event.unit_price_usd_mn:,.1f}",
        "Value is": lambda event: str(event.value_kind),
        "List prices of": lambda event: event.list_price_year.words,
        "Confidence": lambda event: event.confidence or "",
        "Source": _source,
    }
    told = (event for event in known.events if ledger.is_known(event, known.last_day))
    jets = (event for event in told if event.quantity and event.category == Category.AIRCRAFT)
    return table((event for event in jets if event.role in ledger.PART_ROLES and event.value_usd_mn), columns)


def _pieces(event: Event, count: Decimal | None) -> Cell:
    if event.is_split_undisclosed:
        return say("commitments.undisclosed")
    return "" if count is None else f"{count:,}"


def next_events_table(known: Known) -> pd.DataFrame:
    """What is to happen next with each deal, as last told by then, soonest first, and whether its date has passed."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Row": lambda event: event.id,
        "What comes next": lambda event: event.next_event,
        "When": lambda event: event.next_event_on.words or "undated",
        "By then": lambda event: say("commitments.passed") if _has_passed(event, known) else say("commitments.ahead"),
        "Confidence": lambda event: event.confidence or "",
        "Source": _source,
    }
    return table(ledger.next_events(known.events, known.last_day), columns)


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
    return events_table(event for deal in told_again(known) for event in deal.events)


def uncounted_table(known: Known) -> pd.DataFrame:
    """Rows of the ledger, known by then, that add nothing to the announced sum."""
    counted = {leaf.id for leaf in known.leaves} | {leaf.event.id for leaf in known.leaves}
    told = {event.id for event in ledger.unvalued(known.events, known.last_day)}
    others = (event for deal in _told(known) if deal.id not in counted for event in deal.events)
    return events_table(event for event in others if event.id not in counted | told)


def events_table(found: Iterable[Event]) -> pd.DataFrame:
    """Ledger rows as dated events: what was said, when, at what value."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Row": lambda event: event.id,
        "Date": lambda event: event.date.words or "undated",
        "Buyer and seller": lambda event: f"{event.buyer}; {event.seller}",
        "USD bn": _event_value,
        "Role and status": lambda event: f"{event.role.replace('_', ' ')}, {event.status}",
        "Source": _source,
    }
    return table(found, columns)


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
        return "none, a value a year"
    printed = (event.delivery_start.words, event.delivery_end.words)
    start, end = ("" if words in NO_DATE else words for words in printed)
    if start and not end:
        return say("commitments.open_end", start=start)
    if end and not start:
        return say("commitments.open_start", end=end)
    return from_to(start, end) or "none"


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
    """What has arrived of each part, from the least to the most in USD billion, why no less nor more, and the rows."""
    columns: dict[str, Callable[[Arrival], Cell]] = {
        "Part": lambda each: each.leaf.id,
        "Announced, bn": lambda each: billions(each.leaf.value_usd_mn, 2),
        "Least, bn": lambda each: billions(each.low_usd_mn, 2),
        "Most, bn": lambda each: billions(each.high_usd_mn, 2),
        "Of it additional, at most, bn": lambda each: billions(each.additional_usd_mn, 2),
        "A scenario starts from, at most, bn": lambda each: billions(each.start_usd_mn, 2),
        "Why no less, and no more": lambda each: f"{each.low_why}; at most {each.high_why}",
        # `timeline:23` for `timeline/2026-11/timeline.csv:23`
        "Rows": lambda each: ", ".join(f"{p.file.split('/')[0]}:{p.row}" for p in map(Place.of, each.rows)) or "none",
    }
    return table(found, columns)


def held_table(found: Iterable[Arrival]) -> pd.DataFrame:
    """Per part, the lines of the home customs that its goods can stand in, what those brought since the totals and by
    how much they rose, USD billion: the most that can have come, and have come in addition."""
    columns: dict[str, Callable[[Arrival], Cell]] = {
        "Part": lambda each: each.leaf.id,
        "Lines that its goods can stand in": lambda each: "; ".join(each.held.lines) if each.held else "",
        "They brought, bn": lambda each: billions(each.held.usd_mn, 2) if each.held else "",
        "They rose by, bn": lambda each: billions(each.held.rise_usd_mn, 2) if each.held else "",
    }
    return table((each for each in found if each.held), columns)


def stages_lead(known: Known) -> str:
    """What the stages mean, and that every part stands in one of them."""
    return say("commitments.stages_lead", known=known)


def bridge_lead(known: Known) -> str:
    """What the steps from the announced sum to additional imports take off, under a heading."""
    return say("commitments.bridge_lead", pair=known.pair)


def arrivals_lead(known: Known, found: Sequence[Arrival], rise: RiseOutturn | None) -> str:
    """What has arrived so far: the least that is counted, what is documented beside, the one most, and of what."""
    low = sum((each.low_usd_mn for each in found), Decimal(0))
    what = say("commitments.counted", low=low) if low else say("commitments.none_counted")
    landed = say("commitments.landed", day=day_of(known), what=what, pair=known.pair)
    is_by_lines = any(each.held for each in found)
    lines = say("commitments.by_lines", pair=known.pair) if is_by_lines else ""
    starts = say("commitments.starts") if is_by_lines else ""
    most = at_most(rise) if rise else ""
    parts = [landed, documented(known), most, say("commitments.arrivals_lead", lines=lines, starts=starts)]
    return " ".join(part for part in parts if part)


def documented(known: Known) -> str:
    """What the ledger calls delivered since the first total, though it is no part of one; or nothing."""
    came = landed_since(known.events, day_of(known))
    listed = [say("commitments.cargo", event=event, value=_value_words(event)) for event in came]
    return say("commitments.documented_landed", listed=listed) if came else ""


def _value_words(event: Event) -> str:
    value = event.value_usd_mn
    return say("commitments.no_value") if value is None else say("commitments.valued", value=value)


def arrival_reasons(found: Sequence[Arrival]) -> str:
    """Why each part's least is no less and its most no more, as a list; parts with the same reasons together."""
    together = defaultdict(list)
    for each in found:
        part = say("commitments.bounds", id=plain_text(each.leaf.id), each=each)
        together[plain_text(each.low_why), plain_text(each.high_why)].append(part)
    return "\n".join(
        say("commitments.reasons", parts=", ".join(parts), low_why=low_why, high_why=high_why)
        for (low_why, high_why), parts in together.items()
    )


FACES = {Stage.SIGNED: BLUE, Stage.RESTATED: PALE, Stage.TALKED_ABOUT: PALE_ORANGE, Stage.UNNAMED: "white"}
CLOSE_YEARS = 1  # two labels nearer than this on a phone would cover each other: the lower value's goes below
STATUS_WORDS = {"signed": "called signed", "mou": "memoranda", "negotiating": "in talks"}


def stages_chart(known: Known) -> Chart:
    """The announced totals, every part once: signed, talked about, told again, unnamed."""
    sums = stage_sums(known.leaves)
    total, unnamed, restated, signed = sums.loc[["sum", Stage.UNNAMED, Stage.RESTATED, Stage.SIGNED], "sum"]
    tranches = [name for name in sums.columns if name != "sum"]

    def segments(axes: Axes) -> None:
        for row, tranche in enumerate(tranches):
            left = 0.0
            for stage in Stage:
                width = float(sums.at[stage, tranche]) / USD_MN_PER_BN
                if width:
                    _segment(axes, row, left, width, stage)
                left += width
            bar_label(axes, row, left, f"{left:g}")

    draw = bars([f"{name}: {_status_words(known.leaves, name)}" for name in tranches], marks=segments)
    words = of_chart("commitments.stages_chart", total=total, unnamed=unnamed, restated=restated, signed=signed)
    shown = sums.map(lambda usd_mn: billions(usd_mn, 2)).rename(index=STAGE_WORDS, columns=STAGE_WORDS)
    return Chart(draw, heights=(2.2, 2.8), **words, sources=known.ledger_sources, data=shown.rename_axis("USD bn"))


def _segment(axes: Axes, row: int, left: float, width: float, stage: Stage) -> None:
    narrow = is_narrow(axes)
    hatch = "///" if stage is Stage.UNNAMED else None
    axes.barh(row, width, left=left, color=FACES[stage], height=0.5, edgecolor=SOFT, hatch=hatch)
    if width > (5 if narrow else 1.5):
        word = STAGE_WORDS[stage] if width > (22 if narrow else 12) else ""
        patch = {"facecolor": FACES[stage], "edgecolor": "none", "pad": 1.0}
        colour = "white" if stage is Stage.SIGNED else INK
        text = f"{width:g} {word}".strip()  # exact: no digit of the ledger is rounded away
        axes.text(left + width / 2, row, text, ha="center", va="center", color=colour, bbox=patch)


def _status_words(leaves: Sequence[Leaf], tranche: str) -> str:
    """What the whole of a tranche was called: the status of its headline."""
    rest = [str(leaf.status) for leaf in leaves if leaf.tranche == tranche and leaf.is_remainder]
    return STATUS_WORDS.get(rest[0], "") if rest else ""


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
    words = of_chart("commitments.told_chart", several=len(several) or "No", times=times)
    return Chart(draw, heights, **words, sources=known.ledger_sources, data=restated_table(known))


def _events(panel: Axes, deal: Deal, counted: set[str]) -> None:
    dated = [(event.date.latest or event.date.earliest, event) for event in deal.events]
    valued = [(day, event) for day, event in dated if day and event.value_usd_mn is not None]
    x = [day.year + (day.timetuple().tm_yday - 1) / 365.25 for day, _ in valued]
    y = [float(event.value_usd_mn or 0) / USD_MN_PER_BN for _, event in valued]
    panel.plot(x, y, color=LINE, lw=1.2, zorder=1)
    for n, (at, value, (_, event)) in enumerate(zip(x, y, valued, strict=True)):
        face = BLUE if event.id in counted else "white"
        panel.scatter([at], [value], s=36, facecolor=face, edgecolor=BLUE, zorder=2)
        beside = [other for m, other in enumerate(y) if m != n and abs(x[m] - at) < CLOSE_YEARS]
        offset, side = ((0, -6), "top") if any(other > value for other in beside) else ((0, 6), "bottom")
        panel.annotate(
            f"{value:g}", (at, value), offset, textcoords="offset points", ha="center", va=side, annotation_clip=False
        )
    first = next((event for event in deal.events if event.id == deal.id), deal.events[-1])
    buyer, seller = (name.partition(" (")[0] for name in (first.buyer, first.seller))  # without what is in brackets
    panel.set_title(f"{deal.id}: {buyer} from {seller}", loc="left", fontsize=8.5, color=SOFT, pad=12)
    panel.set_ylim(0, max(y) * 1.25)
    panel.yaxis.set_visible(False)
    panel.spines["left"].set_visible(False)


def arrived_chart(
    known: Known, found: Sequence[Arrival], rise: RiseOutturn | None, sources: Sequence[Citation]
) -> Chart:
    """What has arrived so far of each part: from a counted least to a bounded most, and what of it is additional."""
    shown = sorted(found, key=lambda each: (-each.high_usd_mn, each.leaf.id))
    low = sum((each.low_usd_mn for each in found), Decimal(0))
    names = [f"{each.leaf.id} ({billions(each.leaf.value_usd_mn, 2)})" for each in shown]
    high = [float(each.high_usd_mn) / USD_MN_PER_BN for each in shown]
    added = [float(each.additional_usd_mn) / USD_MN_PER_BN for each in shown]
    labels = [(float(each.high_usd_mn) / USD_MN_PER_BN, _ends_words(each)) for each in shown]

    def least(axes: Axes) -> None:
        for row, each in enumerate(shown):
            start = float(each.low_usd_mn) / USD_MN_PER_BN
            axes.plot([start, start], [row - 0.3, row + 0.3], color=BLUE, lw=2.2)
        axes.margins(x=0.3)

    series: list[dict[str, Any]] = [{"width": high, "color": PALE}]
    series += [{"width": added, "color": ORANGE, "height": 0.24}]
    what = say("commitments.arrived_chart.counted", low=low) if low else say("commitments.arrived_chart.none")
    top = "" if rise is None else say("commitments.arrived_chart.top", rise=rise)
    heights = (0.36 * len(shown) + 0.7, 0.46 * len(shown) + 0.7)
    words = of_chart("commitments.arrived_chart", what=what, pair=known.pair, top=top)
    draw = bars(names, series, labels, marks=least)
    return Chart(draw, heights, **words, sources=sources, data=arrivals_table(found))


def _ends_words(each: Arrival) -> str:
    least, most, part = map(billions, (each.low_usd_mn, each.high_usd_mn, each.additional_usd_mn))
    return say("commitments.arrived_chart.ends", least=least, most=most, part=part)


# --- goods by kind --------------------------------------------------------------------------------

SHOWN_LINES = 14  # of the bulletins' lines, the largest; the others are one row
PANELS, PANEL_LETTERS = 8, 22


def goods_note() -> str:
    """What a line of the bulletins can and cannot say of a deal."""
    return say("commitments.goods_note")


def goods_lead(goods: Goods, parts: Sequence[Component]) -> str:
    """What was bought by kind in the year so far, what of its rise the announced parts can be, and what they cannot;
    a sentence that there is nothing where no bulletin is at hand."""
    found, last = goods.compared(), goods.last()
    if last is None or found.empty:
        return say("commitments.no_goods")
    rises = found["now"] - found["before"]
    named, rests, none = (sum(rises[names], Decimal(0)) for names in _by_stand(goods, found.index, parts))
    tops = [say("commitments.risen", kind=_inside(goods, name), rise=rises[name]) for name in _top(rises, 2)]
    jets = [name for name in found.index if goods.kind(name)[0] == Category.AIRCRAFT]
    sums = {"before": found.loc[jets, "before"].sum(), "now": found.loc[jets, "now"].sum()}
    down = sums["now"] <= sums["before"]
    flew = say("commitments.jets_down", **sums) if down else say("commitments.jets_up", **sums)
    said = {
        "named": named,
        "rests": rests,
        "none": none,
        "tops": tops,
        "jets": flew if jets else "",
        "note": goods_note(),
    }
    return say("commitments.goods_lead", last=last, now=sum(found["now"]), rise=sum(rises), **said)


def _inside(goods: Goods, name: str) -> str:
    """A line's English name inside a sentence."""
    words = goods.kind(name)[1]
    return words[:1].lower() + words[1:]


def _top(rises: pd.Series, count: int) -> list[str]:
    return list(rises.astype(float).sort_values(ascending=False).index[:count])


def _by_stand(goods: Goods, names: Iterable[str], parts: Sequence[Component]) -> tuple[list[str], list[str], list[str]]:
    """Lines by what of the announced sum can stand in them: a named part, an unnamed rest only, nothing."""
    found: dict[str, list[str]] = {"named": [], "rests": [], "none": []}
    for name in names:
        leaves = _can_stand(goods, name, parts)
        key = "named" if any(not leaf.is_remainder for leaf in leaves) else "rests" if leaves else "none"
        found[key].append(name)
    return found["named"], found["rests"], found["none"]


def _can_stand(goods: Goods, name: str, parts: Sequence[Component]) -> list[Leaf]:
    """The goods of the announced sum that can stand in a line; all of them in one that is not mapped."""
    kind: Kind | None = goods.kinds.by_name.get(name)
    held = (part.leaf for part in parts if part.leaf.is_goods and (kind is None or kind.can_hold(part.category)))
    return list({leaf.id: leaf for leaf in held}.values())


def goods_table(goods: Goods, parts: Sequence[Component]) -> pd.DataFrame:
    """Imports by kind in USD million: full years, the year so far and a year before, the rise, and what of the
    announced sum can stand in the line; the largest lines, the others together, and all."""
    found, last = goods.compared(), goods.last()
    if last is None or found.empty:
        return pd.DataFrame()
    years = _by_line(goods, "year")
    shown = _top(found["now"], SHOWN_LINES)
    shown += [name for name in found.index if name not in shown and goods.kind(name)[0] == Category.ENERGY]
    rest = [name for name in found.index if name not in shown]
    rows = {goods.kind(name)[1]: [name] for name in shown}
    rows |= {say("commitments.other_lines", count=len(rest)): rest, say("commitments.all_lines"): list(found.index)}
    columns: dict[str, Callable[[tuple[str, list[str]]], Cell]] = {"Kind, USD mn": lambda row: row[0]}
    columns |= {str(year): partial(_sum_cell, years[year]) for year in years.columns}
    columns |= {
        say("commitments.so_far", month=at): partial(_sum_cell, found[name])
        for name, at in (("before", last - 12), ("now", last))
    }
    columns["Rise"] = lambda row: f"{sum(found.loc[row[1], 'now'] - found.loc[row[1], 'before']):+,.0f}"
    columns["Can hold"] = lambda row: _stand_words(goods, row[1], parts)
    return table(rows.items(), columns)


def _sum_cell(amounts: pd.Series, row: tuple[str, list[str]]) -> str:
    """What some lines come to in USD million; nothing of those that are not printed."""
    return f"{sum(amounts.reindex(row[1]).dropna(), Decimal(0)):,.0f}"


def _stand_words(goods: Goods, names: Sequence[str], parts: Sequence[Component]) -> str:
    """Named parts by id, and the rests of which tranches, that a line can hold."""
    if len(names) > 1:
        return ""
    leaves = _can_stand(goods, names[0], parts)
    named = [leaf.id for leaf in leaves if not leaf.is_remainder]
    rests = [leaf.tranche for leaf in leaves if leaf.is_remainder]
    words = [*named, *([say("commitments.rests_of", tranches=rests)] if rests else [])]
    return ", ".join(words) or say("commitments.holds_none")


def _by_line(goods: Goods, by: str) -> pd.DataFrame:
    """Imports in USD million, a row a line as printed, a column a period."""
    found = goods.table(by)
    found = found[found["flow"] == Flow.IMPORT]
    return found.pivot(index="commodity", columns="period", values="value_usd_mn")


def goods_months_table(goods: Goods, months: int = 13) -> pd.DataFrame:
    """Imports of the newest months in USD million by what stands in the lines: the ledger's categories, what is not
    itemised, and all else."""
    found = goods.table()
    found = found[found["flow"] == Flow.IMPORT]
    if found.empty:
        return pd.DataFrame()
    sums = (
        found.groupby(["period", "category"])["value_usd_mn"]
        .agg(lambda of: sum(of, Decimal(0)))
        .unstack("category", fill_value=Decimal(0))
    )
    shown = sums.drop(columns=ROUNDING, errors="ignore").iloc[-months:]
    order = _top(shown.sum(), len(shown.columns))
    cells = shown[order].map(lambda of: f"{of:,.0f}").rename(columns=_category_columns())
    cells[say("commitments.all_lines")] = [f"{of:,.0f}" for of in sums.iloc[-months:].sum(axis=1)]
    return cells.rename(index=str).rename_axis("Month, USD mn").rename_axis(None, axis=1)


def _category_columns() -> dict[str, str]:
    """How a column is named of the lines in which a category stands: by the lines, which hold other goods too."""
    return {
        Category.AIRCRAFT: say("commitments.kind.aircraft"),
        Category.AGRICULTURE: say("commitments.kind.agriculture"),
        Category.TECHNOLOGY: say("commitments.kind.technology"),
        Category.POWER_EQUIPMENT: say("commitments.kind.power_equipment"),
        Category.ENERGY: say("commitments.kind.energy"),
        Category.MIXED: say("commitments.kind.mixed"),
        NO_CATEGORY: say("commitments.kind.none"),
        NOT_MAPPED: say("commitments.kind.not_mapped"),
    }


def goods_chart(goods: Goods, sources: Sequence[Citation]) -> Chart:
    """Imports by kind of the year so far beside those of a year before, the largest lines."""
    found, last = goods.compared(), goods.last()
    assert last is not None
    shown = _top(found["now"], SHOWN_LINES)
    now, before = ([float(found.at[name, of]) / USD_MN_PER_BN for name in shown] for of in ("now", "before"))
    labels = [(max(ends), f"{ends[0]:,.2f} to {ends[1]:,.2f}") for ends in zip(before, now, strict=True)]
    series: list[dict[str, Any]] = [{"width": now, "color": BLUE}]
    series += [{"width": before, "color": PALE, "height": 0.3}]
    rises = found["now"] - found["before"]
    top = _top(rises, 1)[0]
    said = {"last": last, "kind": _inside(goods, top), "rise": rises[top], "all": sum(rises)}
    words = of_chart("commitments.goods_chart", **said)
    heights = (0.34 * len(shown) + 0.6, 0.44 * len(shown) + 0.6)
    names = [goods.kind(name)[1] for name in shown]
    draw = bars(names, series, labels)
    data = pd.DataFrame({"Before, bn": before, "Now, bn": now}, index=pd.Index(names, name="Kind"))
    return Chart(draw, heights, **words, sources=sources, data=data.map("{:,.2f}".format))


def goods_months_chart(goods: Goods, sources: Sequence[Citation]) -> Chart:
    """The lines of the largest imports by month, each on a scale of its own."""
    months, found = _by_line(goods, "month"), goods.compared()
    shown = _top(found["now"], PANELS - 1)
    shown += [n for n in found.index if goods.kind(n)[0] == Category.AIRCRAFT and n not in shown][:1]

    years = range(months.columns[0].year, months.columns[-1].year + 1)

    def draw(figure: Figure) -> None:
        for axes, name in zip(small_multiples(figure, len(shown)), shown, strict=True):
            values = months.loc[name].fillna(Decimal(0)).astype(float)
            axes.bar([at.year + (at.month - 0.5) / 12 for at in values.index], values, color=BLUE, width=0.07)
            axes.set_xticks([year + 0.5 for year in years], [f"’{year % 100}" for year in years])
            axes.tick_params(length=0)
            note(axes, fill(goods.kind(name)[1], PANEL_LETTERS))

    jets = [name for name in shown if goods.kind(name)[0] == Category.AIRCRAFT]
    peak = months.loc[jets].astype(float).sum().max() if jets else 0.0
    words = of_chart("commitments.goods_months_chart", first=months.columns[0], last=months.columns[-1], peak=peak)
    drawn = months.loc[shown].rename(index=lambda name: goods.kind(name)[1]).T.fillna(Decimal(0))
    data = drawn.map("{:,.1f}".format).rename(index=str).rename_axis("Month").rename_axis(None, axis=1)
    return Chart(draw, heights=(3.6, 7.0), **words, sources=sources, data=data)
