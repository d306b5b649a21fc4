"""The live pledges side by side: how much was announced, dated, due by now, and at most bought on top.

A rise over the base year bounds what was added, never what was delivered.
"""

from collections.abc import Callable, Sequence

import pandas as pd

from ..track.live import LivePart, LivePledge
from ..track.rise import TrackWindow
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, PALE, Axes, Chart, bars
from .say import billions, of_chart, percent, say
from .track_record import trade_words
from .wording import Cell, table

Pledges = Sequence[LivePledge]


def headline(pledges: Pledges) -> str:
    """The finding of the page: what share of each pledge's due can have come on top of the base year."""
    through = _last(pledges)
    shares = [_share(pledge, through) for pledge in pledges]
    return say("live_pledges.headline", through=through, base=_bases(pledges), shares=shares)


def _last(pledges: Pledges) -> pd.Period:
    return max(pledge.through for pledge in pledges)


def _bases(pledges: Pledges) -> str:
    """The years that the rises are over."""
    return say("live_pledges.years", years=[str(year) for year in sorted({each.outturn.base_year for each in pledges})])


def _share(pledge: LivePledge, through: pd.Period) -> str:
    """`81.4 % of Thailand's`, with what is assumed and an earlier month than the others'."""
    notes = [say("live_pledges.assumed")] if pledge.is_assumed else []
    notes += [say("live_pledges.earlier", through=pledge.through)] if pledge.through < through else []
    more = say("live_pledges.notes", notes=", ".join(notes)) if notes else ""
    return say("live_pledges.share", share=pledge.bound.increment_ratio, home=pledge.outturn.about.home, more=more)


def lead(pledges: Pledges) -> str:
    """What a rise bounds, and a line on each pledge: announced, how it is dated, due, and the rise."""
    return say("live_pledges.lead", base=_bases(pledges), each="\n".join(map(_line, pledges)))


def _line(pledge: LivePledge) -> str:
    bound = pledge.bound
    is_apart = bound.increment != pledge.outturn.rise.increment
    months = [f"{each.month:%B %Y}" for each in pledge.outturn.odd]
    said = {
        "trade": trade_words(pledge.outturn),
        "parts": _how_dated(pledge),
        "by": _by_which_windows(pledge),
        "odd": say("live_pledges.odd", months=months) if is_apart else "",
    }
    return say("live_pledges.line", pledge=pledge, bound=bound, base=pledge.outturn.base_year, **said)


def _by_which_windows(pledge: LivePledge) -> str:
    """What the path rests on, the weakest first."""
    if pledge.is_assumed:
        return say("live_pledges.by_assumed", pledge=pledge)
    return say("live_pledges.by_pace") if pledge.yearly else say("live_pledges.by_printed")


def _how_dated(pledge: LivePledge) -> list[str]:
    """The announced sum in parts that add up to it, those that are there."""
    parts = {
        say("live_pledges.dated", amount=pledge.dated): pledge.dated,
        say("live_pledges.yearly", amount=pledge.yearly): pledge.yearly,
        say("live_pledges.undated", amount=pledge.undated): pledge.undated,
        say("live_pledges.unnamed", amount=pledge.unnamed): pledge.unnamed,
    }
    return [words for words, amount in parts.items() if amount]


def labels(pledges: Pledges) -> list[str]:
    """The buying countries, those of several cases with the case."""
    names = [pledge.name for pledge in pledges]
    return [f"{p.name} ({p.case})" if names.count(p.name) > 1 else p.name for p in pledges]


def side_by_side_table(pledges: Pledges) -> pd.DataFrame:
    """One measure a row, one pledge a column; the four rows below the first add up to it."""
    measures: dict[str, Callable[[LivePledge], Cell]] = {
        "Announced, bn": lambda p: billions(p.announced, 2),
        "with a printed window, bn": lambda p: billions(p.dated, 2),
        "for every year, its first year, bn": lambda p: billions(p.yearly, 2),
        "named, no window printed in full, bn": lambda p: billions(p.undated, 2),
        "not itemised, so without a window, bn": lambda p: billions(p.unnamed, 2),
        "Due by now, printed windows and values a year, bn": lambda p: billions(p.due_as_printed, 2),
        "Due by now, assumed windows too, bn": lambda p: billions(p.due, 2),
        "Bought beyond the base year, at most, bn": lambda p: billions(p.bound.increment, 2),
        "At most of what was due": lambda p: percent(p.bound.increment_ratio, 1),
        "Months so far": lambda p: str(p.months),
        "Due a month, bn": lambda p: billions(p.due_a_month, 2),
        "Beyond the base year a month, at most, bn": lambda p: billions(p.bound.so_far, 2),
    }
    cells = {name: [cell(p) for cell in measures.values()] for name, p in zip(labels(pledges), pledges, strict=True)}
    return pd.DataFrame(cells, index=pd.Index([*measures], name="Measure"))


def parts_table(pledges: Pledges) -> pd.DataFrame:
    """Each part of what was announced, with its printed window and its source."""
    named = zip(labels(pledges), pledges, strict=True)
    rows = [(name, part) for name, pledge in named for part in pledge.parts]
    columns: dict[str, Callable[[tuple[str, LivePart]], Cell]] = {
        "Part": lambda row: row[1].id,
        "Pledge": lambda row: row[0],
        "What": lambda row: row[1].description if row[1].is_named else say("live_pledges.rest"),
        "Announced, bn": lambda row: billions(row[1].value_usd_mn, 2),
        "Window": lambda row: _window(row[1].window),
        "Source": lambda row: row[1].source,
    }
    return table(rows, columns)


def _window(window: TrackWindow | None) -> str:
    if window is None:
        return say("live_pledges.no_window")
    if window.recurs:
        return say("live_pledges.every", window=window)
    return say("live_pledges.from_to", window=window, last=window.span[-1])


def due_chart(pledges: Pledges) -> Chart:
    """What was due by now of each pledge, and what can have come on top of the base year."""
    due = [float(pledge.due) / USD_MN_PER_BN for pledge in pledges]
    came = [float(pledge.bound.increment) / USD_MN_PER_BN for pledge in pledges]

    def thinner(axes: Axes) -> None:
        axes.barh(range(len(came)), came, height=0.3, color=BLUE)

    ends = [max(pair) for pair in zip(due, came, strict=True)]
    words = [say("live_pledges.due_chart.label", pledge=pledge, bound=pledge.bound) for pledge in pledges]
    names = [
        say("live_pledges.due_chart.assumed", name=name) if pledge.is_assumed else name
        for name, pledge in zip(labels(pledges), pledges, strict=True)
    ]
    draw = bars(names, [{"width": due, "color": PALE}], zip(ends, words, strict=True), marks=thinner)
    short = sum(pledge.bound.increment < pledge.due for pledge in pledges)
    rows = [say("live_pledges.due_chart.row", name=name, words=word) for name, word in zip(names, words, strict=True)]
    of = {"through": _last(pledges), "base": _bases(pledges), "of": len(pledges), "rows": rows}
    said = of_chart("live_pledges.due_chart", short=short, **of)
    heights = (0.9 + 0.5 * len(pledges), 1.0 + 0.75 * len(pledges))
    return Chart(draw, heights=heights, **said, sources=sources(pledges), data=side_by_side_table(pledges))


def sources(pledges: Pledges) -> list[Citation]:
    """The publishers of all figures shown, each once."""
    return list(dict.fromkeys(source for pledge in pledges for source in pledge.outturn.about.sources))


def input_files(pledges: Pledges) -> dict[str, str]:
    """Every input, named with its case -> sha256."""
    return {f"{p.case}: {name}": sha for p in pledges for name, sha in p.outturn.about.files.items()}


def as_text(pledges: Pledges) -> str:
    """The pledges for a terminal: the lines, the table, the sources."""
    cited = "\n".join(f"Source: {source}" for source in sources(pledges))
    return "\n\n".join([lead(pledges), side_by_side_table(pledges).to_string(), cited])
