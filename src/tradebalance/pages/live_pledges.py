"""The live pledges side by side: how much was announced, dated, due by now, and at most bought on top.

A rise over the base year bounds what was added, never what was delivered.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

import pandas as pd

from ..facts.trade import MONTHS_A_YEAR
from ..track.live import LivePart, LivePledge, in_all
from ..track.rise import TrackWindow
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, ORANGE, PALE, Chart, Figure, bar_label, bars
from .say import billions, country, from_to, label, month, number, of_chart, percent, said_if_any, say
from .track_record import trade_words
from .wording import Cell, captioned, table

Pledges = Sequence[LivePledge]


def headline(pledges: Pledges) -> str:
    """The finding of the page: what share of each pledge's due can have come on top of the base year."""
    found = [pledge.bound.increment_ratio for pledge in pledges]
    shares = sorted(share for share in found if share is not None)
    if not shares:
        return say("live_pledges.nothing_due", through=_last(pledges))
    ends = from_to(*(number(100 * float(share), ",.0f") for share in (shares[0], shares[-1])))
    return say("live_pledges.headline", ends=ends)


def _last(pledges: Pledges) -> pd.Period:
    return max(pledge.through for pledge in pledges)


def _bases(pledges: Pledges) -> str:
    """The years that the rises are over."""
    return say("live_pledges.years", years=[str(year) for year in sorted({each.outturn.base_year for each in pledges})])


def lead(pledges: Pledges) -> str:
    """What a rise bounds, and what it does not say."""
    return say("live_pledges.lead", base=_bases(pledges))


def lines(pledges: Pledges) -> str:
    """A line on each pledge: announced, how it is dated, due, and the rise."""
    return "\n".join(map(_line, pledges))


def _line(pledge: LivePledge) -> str:
    bound = pledge.bound
    is_apart = bound.increment != pledge.outturn.rise.increment
    months = [month(each.month) for each in pledge.outturn.odd]
    said = {
        "trade": trade_words(pledge.outturn),
        "parts": [words for words, amount in _by_dates(pledge).values() if amount],
        "by": _by_which_windows(pledge),
        "odd": say("live_pledges.odd", months=months) if is_apart else "",
    }
    return say("live_pledges.line", pledge=pledge, bound=bound, base=pledge.outturn.base_year, **said)


def bound_note() -> str:
    """What else a rise holds."""
    return say("live_pledges.bound_note")


def _by_which_windows(pledge: LivePledge) -> str:
    """What the path rests on, the weakest first."""
    if pledge.is_assumed:
        return say("live_pledges.by_assumed", pledge=pledge)
    return say("live_pledges.by_pace") if pledge.yearly else say("live_pledges.by_printed")


def _by_dates(pledge: LivePledge) -> dict[str, tuple[str, Fraction]]:
    """The announced sum in four kinds of parts that add up to it, by a few words: a clause on it, and the amount."""
    return {
        say("live_pledges.is_dated"): (say("live_pledges.dated", amount=pledge.dated), pledge.dated),
        say("live_pledges.is_yearly"): (say("live_pledges.yearly", amount=pledge.yearly), pledge.yearly),
        say("live_pledges.is_undated"): (say("live_pledges.undated", amount=pledge.undated), pledge.undated),
        say("live_pledges.is_unnamed"): (say("live_pledges.unnamed", amount=pledge.unnamed), pledge.unnamed),
    }


def labels(pledges: Pledges) -> list[str]:
    """The buying countries, those of several cases with the case."""
    names = [country(pledge.outturn.about.home) for pledge in pledges]
    return [f"{name} ({p.case})" if names.count(name) > 1 else name for name, p in zip(names, pledges, strict=True)]


def side_by_side_table(pledges: Pledges) -> pd.DataFrame:
    """One measure a row, one pledge a column; the kinds of parts that any pledge has add up to the first row."""
    kinds = [{name: amount for name, (_, amount) in _by_dates(pledge).items()} for pledge in pledges]
    measures: dict[str, Callable[[LivePledge], Cell]] = {
        "Announced, bn": lambda p: billions(p.announced, 2),
        **{
            say("live_pledges.in_bn", kind=name): partial(_kind, name)
            for name in kinds[0]
            if any(amounts[name] for amounts in kinds)
        },
        "Due by now, printed dates, bn": lambda p: billions(p.due_as_printed, 2),
        "Due by now, assumed dates too, bn": lambda p: billions(p.due, 2),
        "Rise over the base year: at most new, bn": lambda p: billions(p.bound.increment, 2),
        "At most of what was due": lambda p: percent(p.bound.increment_ratio, 1),
        "Months so far": lambda p: str(p.months),
        "Due a month, bn": lambda p: billions(p.due_a_month, 2),
        "At most new a month, bn": lambda p: billions(p.bound.so_far, 2),
    }
    cells = {name: [cell(p) for cell in measures.values()] for name, p in zip(labels(pledges), pledges, strict=True)}
    found = pd.DataFrame(cells, index=pd.Index(map(label, measures), name=label("Measure")))
    return captioned(found, say("live_pledges.side_by_side.caption", through=_last(pledges)))


def _kind(name: str, pledge: LivePledge) -> str:
    return billions(_by_dates(pledge)[name][1], 2)


def parts_table(pledges: Pledges) -> pd.DataFrame:
    """Each part of what was announced, with its printed window and its source."""
    named = zip(labels(pledges), pledges, strict=True)
    rows = [(name, part) for name, pledge in named for part in pledge.parts]
    columns: dict[str, Callable[[tuple[str, LivePart]], Cell]] = {
        "Part": lambda row: _part_words(row[1]),
        "Buyer": lambda row: row[0],
        "Announced, bn": lambda row: billions(row[1].value_usd_mn, 2),
        "Dates of delivery": lambda row: _window(row[1].window),
        "Source": lambda row: row[1].source,
    }
    return table(rows, columns, say("live_pledges.parts.caption"))


def _part_words(part: LivePart) -> str:
    """A part by its name, else by what was said of it."""
    return said_if_any(f"deal.{part.id}") or (part.description if part.is_named else say("live_pledges.rest"))


def _window(window: TrackWindow | None) -> str:
    if window is None:
        return say("live_pledges.no_window")
    if window.recurs:
        return say("live_pledges.every", count=window.months // MONTHS_A_YEAR, window=window)
    return say("live_pledges.from_to", window=window, last=window.span[-1])


ROWS = 4  # a pledge takes in a picture: its name and three bars


def due_chart(pledges: Pledges) -> Chart:
    """What was announced of each pledge, what of it was due by now, and what of that can be new: on one scale."""
    bars_of = [_bars(pledge) for pledge in pledges]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for n, (name, shown) in enumerate(zip(labels(pledges), bars_of, strict=True)):
            axes.text(0, ROWS * n, name, fontweight="bold", va="center")
            for row, (words, amount, color) in enumerate(shown, ROWS * n + 1):
                axes.barh(row, amount, height=0.74, color=color)
                bar_label(axes, row, amount, words)
        axes.set_ylim(ROWS * len(pledges) - 0.5, -0.6)
        axes.set_xlim(left=0)
        axes.set_axis_off()

    rows = [
        f"{name}: {', '.join(words for words, *_ in shown)}"
        for name, shown in zip(labels(pledges), bars_of, strict=True)
    ]
    said = of_chart("live_pledges.due_chart", found=in_all(pledges), base=_bases(pledges), rows="; ".join(rows))
    height = 0.21 * ROWS * len(pledges) + 0.1
    columns: dict[str, Callable[[tuple[str, LivePledge]], Cell]] = {
        "Buyer": lambda pair: pair[0],
        "Announced, bn": lambda pair: billions(pair[1].announced),
        "Due, bn": lambda pair: billions(pair[1].due),
        "At most new, bn": lambda pair: billions(pair[1].bound.increment),
    }
    data = table(zip(labels(pledges), pledges, strict=True), columns)
    return Chart(draw, (height, height), **said, sources=sources(pledges), data=data)


def _bars(pledge: LivePledge) -> list[tuple[str, float, str]]:
    """Three bars of a pledge: words, USD billion, colour."""
    due = say("live_pledges.due_chart.due", pledge=pledge)
    if pledge.is_assumed:
        due = say("live_pledges.due_chart.due_assumed", pledge=pledge)
    shown = {
        say("live_pledges.due_chart.announced", pledge=pledge): (pledge.announced, PALE),
        due: (pledge.due, BLUE),
        say("live_pledges.due_chart.new", bound=pledge.bound): (pledge.bound.increment, ORANGE),
    }
    return [(words, float(amount) / USD_MN_PER_BN, color) for words, (amount, color) in shown.items()]


def dates_chart(pledges: Pledges) -> Chart:
    """The announced sums by whether a source printed when they come, a row a pledge and kind of part."""
    rows = [
        (say("live_pledges.dates_chart.row", pledge=name, kind=kind), amount)
        for name, pledge in zip(labels(pledges), pledges, strict=True)
        for kind, (_, amount) in _by_dates(pledge).items()
        if amount
    ]
    names, amounts = [name for name, _ in rows], [float(amount) / USD_MN_PER_BN for _, amount in rows]
    printed = (say("live_pledges.is_dated"), say("live_pledges.is_yearly"))
    colors = [BLUE if name.endswith(printed) else PALE for name in names]
    draw = bars(names, [{"width": amounts, "color": colors}], [(of, number(of)) for of in amounts])
    said = of_chart(
        "live_pledges.dates_chart",
        found=in_all(pledges),
        rows=[f"{name} {number(amount)}" for name, amount in zip(names, amounts, strict=True)],
    )
    columns: dict[str, Callable[[tuple[str, Fraction]], Cell]] = {
        "Buyer and kind of part": lambda row: row[0],
        "Announced, bn": lambda row: billions(row[1], 2),
    }
    heights = (0.28 * len(rows) + 0.1, 0.46 * len(rows) + 0.1)
    return Chart(draw, heights, **said, sources=sources(pledges), data=table(rows, columns))


def sources(pledges: Pledges) -> list[Citation]:
    """The publishers of all figures shown, each once."""
    return list(dict.fromkeys(source for pledge in pledges for source in pledge.outturn.about.sources))


def input_files(pledges: Pledges) -> dict[str, str]:
    """Every input, named with its case -> sha256."""
    return {f"{p.case}: {name}": sha for p in pledges for name, sha in p.outturn.about.files.items()}


def as_text(pledges: Pledges) -> str:
    """The pledges for a terminal: the lines, the table, the sources."""
    cited = "\n".join(f"Source: {source}" for source in sources(pledges))
    return "\n\n".join([lead(pledges), lines(pledges), side_by_side_table(pledges).to_string(), cited])
