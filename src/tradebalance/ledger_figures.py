"""The figures of the ledger: its parts by stage, what was told again, what has arrived so far."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from . import ledger_tables, tables
from .arrivals import Arrival, Rise
from .charts import BLUE, INK, LINE, NARROW, ORANGE, PALE, PALE_ORANGE, SOFT, Chart, bar_label, finish, name_rows
from .commitments import Deal, Event, Leaf
from .known import Known
from .sentences import billions
from .sources import Citation
from .terms import USD_MN_PER_BN, Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FACES = {Stage.SIGNED: BLUE, Stage.RESTATED: PALE, Stage.TALKED_ABOUT: PALE_ORANGE, Stage.UNNAMED: "white"}
CLOSE_YEARS = 1  # two labels nearer than this on a phone would cover each other
STATUS_WORDS = {"signed": "called signed", "mou": "memoranda", "negotiating": "in talks"}


def stages(known: Known) -> Chart:
    """The announced totals, every part once: signed, talked about, told again, unnamed."""
    table = ledger_tables.stage_sums(known.leaves)
    total, unnamed = (float(table.at[row, "sum"]) / USD_MN_PER_BN for row in ("sum", Stage.UNNAMED))
    tranches = [name for name in table.columns if name != "sum"]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        narrow = figure.get_figwidth() == NARROW
        for row, tranche in enumerate(tranches):
            left = 0.0
            for stage in Stage:
                width = float(table.at[stage, tranche]) / USD_MN_PER_BN
                if width:
                    _segment(axes, row, left, width, stage, narrow)
                left += width
            bar_label(axes, row, left, f"{left:g}")
        words = [f"{name}: {_status_words(known.leaves, name)}" for name in tranches]
        name_rows(axes, words, narrow=narrow)

    restated = float(table.at[Stage.RESTATED, "sum"]) / USD_MN_PER_BN
    signed = float(table.at[Stage.SIGNED, "sum"]) / USD_MN_PER_BN
    return finish(
        draw,
        heights=(2.2, 2.8),
        title=f"${unnamed:,.1f} of the ${total:,.1f} billion announced are unnamed; ${restated:,.1f} were told again",
        alt=(
            f"Bars of the tranches by stage, in all {signed:,.1f} signed and told once, {restated:,.1f} told more than "
            f"once, {unnamed:,.1f} unnamed, {total:,.2f} billion dollars together."
        ),
        unit=(
            "USD billion as announced, mostly list prices, each part once; dark: a named deal signed and told once, "
            "pale blue: a named deal told more than once, orange: a named deal only talked about, hatched: unnamed"
        ),
        sources=known.ledger_sources,
        data=ledger_tables.stages(known.leaves),
    )


def _segment(axes: "Axes", row: int, left: float, width: float, stage: Stage, narrow: bool) -> None:
    hatch = "///" if stage is Stage.UNNAMED else None
    axes.barh(row, width, left=left, color=FACES[stage], height=0.5, edgecolor=SOFT, hatch=hatch)
    if width > (5 if narrow else 1.5):
        word = ledger_tables.STAGE_WORDS[stage] if width > (22 if narrow else 12) else ""
        patch = {"facecolor": FACES[stage], "edgecolor": "none", "pad": 1.0}
        colour = "white" if stage is Stage.SIGNED else INK
        text = f"{width:g} {word}".strip()  # exact: no digit of the ledger is rounded away
        axes.text(left + width / 2, row, text, ha="center", va="center", color=colour, bbox=patch)


def _status_words(leaves: Sequence[Leaf], tranche: str) -> str:
    """What the whole of a tranche was called: the status of its headline."""
    rest = [leaf for leaf in leaves if leaf.tranche == tranche and leaf.is_remainder]
    return STATUS_WORDS.get(str(rest[0].status), "") if rest else ""


def told(known: Known) -> Chart:
    """The deals that were told more than once: their values as dated events, and the one that counts."""
    several = tables.told_again(known)
    counted = {leaf.event.id for leaf in known.leaves}
    times = max((len(deal.events) for deal in several), default=0)

    def draw(figure: "Figure") -> None:
        axes = figure.subplots(max(len(several), 1), 1, sharex=True, squeeze=False)[:, 0]
        for panel, deal in zip(axes, several, strict=False):  # nothing told again leaves one empty panel
            _events(panel, deal, counted)
        axes[-1].margins(x=0.12)

    return finish(
        draw,
        heights=(1.15 * len(several) + 0.4, 1.25 * len(several) + 0.4),
        title=f"{len(several) or 'No'} purchases were told again, and what looks like new money is one deal each",
        alt=f"One panel a deal, its printed values by date; none was told more than {times} times.",
        unit="USD billion as printed on that date; filled: the value that counts in its tranche",
        sources=known.ledger_sources,
        data=tables.events(event for deal in several for event in deal.events),
    )


def _events(panel: "Axes", deal: Deal, counted: set[str]) -> None:
    valued = [(day, event) for event in deal.events if event.value_usd_mn is not None and (day := _day(event))]
    x = [day.year + (day.timetuple().tm_yday - 1) / 365.25 for day, _ in valued]
    y = [float(event.value_usd_mn or 0) / USD_MN_PER_BN for _, event in valued]
    panel.plot(x, y, color=LINE, lw=1.2, zorder=1)
    for n, (at, value, (_, event)) in enumerate(zip(x, y, valued, strict=True)):
        face = BLUE if event.id in counted else "white"
        panel.scatter([at], [value], s=36, facecolor=face, edgecolor=BLUE, zorder=2)
        is_close = n > 0 and at - x[n - 1] < CLOSE_YEARS and abs(value - y[n - 1]) < 0.2 * max(y)
        offset, side = ((0, -6), "top") if is_close else ((0, 6), "bottom")
        panel.annotate(
            f"{value:g}", (at, value), offset, textcoords="offset points", ha="center", va=side, annotation_clip=False
        )
    panel.set_title(ledger_tables.deal_words(deal), loc="left", fontsize=8.5, color=SOFT, pad=12)
    panel.set_ylim(0, max(y) * 1.25)
    panel.yaxis.set_visible(False)
    panel.spines["left"].set_visible(False)


def _day(event: Event) -> dt.date | None:
    return event.date.latest or event.date.earliest


def arrived(found: Sequence[Arrival], most: Rise | None, sources: Sequence[Citation]) -> Chart:
    """What has arrived so far of each part: from a counted least to a bounded most."""
    shown = sorted(found, key=lambda each: (-each.high_usd_mn, each.leaf.id))
    low = sum((each.low_usd_mn for each in found), Decimal(0))
    top = most.total if most else sum((each.high_usd_mn for each in found), Decimal(0))

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for row, each in enumerate(shown):
            start, end = (float(amount) / USD_MN_PER_BN for amount in (each.low_usd_mn, each.high_usd_mn))
            face = PALE if each.high_usd_mn == each.uncapped_usd_mn else "white"
            hatch = None if face == PALE else "///"
            axes.barh(row, end - start, left=start, color=face, height=0.5, edgecolor=SOFT, hatch=hatch)
            axes.plot([start, start], [row - 0.3, row + 0.3], color=BLUE, lw=2.2)
            bar_label(axes, row, end, f"{start:,.1f} to {end:,.1f}")
        if most:
            axes.axvline(float(most.total) / USD_MN_PER_BN, color=ORANGE, lw=1.4)
        axes.margins(x=0.1)
        words = [f"{each.leaf.id} ({billions(each.leaf.value_usd_mn, 2)})" for each in shown]
        name_rows(axes, words, narrow=figure.get_figwidth() == NARROW)

    counted = f"${billions(low)} billion is" if low else "Nothing is"
    return finish(
        draw,
        heights=(0.36 * len(shown) + 0.7, 0.46 * len(shown) + 0.7),
        title=f"{counted} counted as landed in Vietnam; by all imports' rise, at most ${billions(top)} billion",
        alt=f"Bars by part from the least to the most that can have arrived; together {billions(top)} at most.",
        unit=(
            "USD billion, announced value in brackets; blue: the least, as counted; pale: the most that goods, price, "
            "window, count or rate allow; hatched: the rise of all imports, the orange line, does; bars do not add up"
        ),
        sources=sources,
        data=ledger_tables.arrivals(found),
    )
