"""What the newest release added and revised, and what that did to each headline."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from ..answers.changes import Changes, Headline
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, PALE, Chart, Figure, grid
from .say import billions, bn_cell, of_chart, percent, say
from .trade_gap import COLUMN_WORDS, revised_months_table
from .wording import Cell, table

LAST_FOUR = "gap_last_four_quarters_usd_mn"


def headline(found: Changes) -> str:
    """The finding: how many months came in, and from what to what the gap of the last four quarters moved."""
    gap = next(one for one in found.headlines if one.measure == LAST_FOUR)
    return say("changes.headline", found=found, count=len(found.added), gap=gap)


def lead(found: Changes) -> str:
    """What each release is, and how many of the months that both hold were revised."""
    months = found.revisions.of("gap")
    changed = int((months["revised_months"] > 0).sum())
    return say("changes.lead", found=found, changed=changed, held=len(months))


def one_release(reporter: str) -> str:
    """That there is nothing to hold a release against."""
    return say("changes.one_release", reporter=reporter)


def headlines_table(found: Changes) -> pd.DataFrame:
    """Each headline by the older release, the same period by the newer one, and by the newer one."""
    columns: dict[str, Callable[[Headline], Cell]] = {
        "Headline": _name,
        "By the older": lambda one: f"{_value(one.was, one)} {one.was_of}",
        "The same, revised": lambda one: bn_cell(one.revised, "", 1),
        "By the newer": lambda one: f"{_value(one.now, one)} {one.is_of}",
        "Change": lambda one: _signed(one),
    }
    return table(found.headlines, columns)


def _name(one: Headline) -> str:
    scenario, _, measure = one.measure.rpartition(": ")
    words = {
        LAST_FOUR: say("changes.last_four"),
        "gap_twelve_months_usd_mn": say("changes.twelve_months"),
        "nowcast_gap_usd_mn": say("changes.nowcast"),
        "announced_usd_mn": say("changes.announced"),
        "additional_usd_mn": say("changes.additional"),
        "share_a_year": say("changes.share_a_year"),
    }[measure]
    return f"{scenario}: {words}" if scenario else words


def _value(value: Fraction | None, one: Headline) -> str:
    if value is None:
        return say("changes.none")
    return percent(value) if one.is_share else billions(value, 1)


def _signed(one: Headline) -> str:
    if one.change is None:
        return ""
    change = float(one.change)
    return f"{change * 100:+,.2f} points" if one.is_share else f"{change / USD_MN_PER_BN:+,.1f}"


def revised_table(found: Changes, last: int = 14) -> pd.DataFrame:
    """What the newer release revised of the last months that both hold, in USD million; only months that it did."""
    moved = found.revisions.of("gap")["revised_months"] > 0
    months = found.revisions.months
    revised = months[[moved[period] for period in months["period"]]]
    return revised_months_table(replace(found.revisions, months=revised), last)


def added_table(found: Changes, last: int = 14) -> pd.DataFrame:
    """The newest of the months that only the newer release holds, USD billion."""
    shown = found.added[list(COLUMN_WORDS)].iloc[-last:]
    return shown.map(lambda usd_mn: billions(usd_mn, 2)).rename(index=str, columns=COLUMN_WORDS).rename_axis("Month")


def months_chart(found: Changes, last: int = 36) -> Chart:
    """The gap by month as the newer release has it, the months that it added told apart."""
    gap = found.after.months["gap_usd_mn"].astype(float).iloc[-last:] / USD_MN_PER_BN
    is_new = gap.index.isin(found.added.index)
    words = (say("changes.months_chart.both"), say("changes.months_chart.added"))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for color, shown, label in zip((PALE, BLUE), (~is_new, is_new), words, strict=True):
            axes.bar([n for n, on in enumerate(shown) if on], gap[shown], color=color, width=0.75, label=label)
        starts = [n for n, month in enumerate(gap.index) if month.month == 1]
        axes.set_xticks(starts, [str(gap.index[n].year) for n in starts])
        axes.annotate(f"{gap.iloc[-1]:,.1f}", (len(gap) - 1, gap.iloc[-1]), ha="center", va="bottom")
        axes.margins(y=0.12)
        axes.legend(loc="upper left", frameon=False)
        grid(axes)

    said = {"count": len(found.added), "first": gap.index[0], "last": gap.index[-1], "end": gap.iloc[-1]}
    texts = of_chart("changes.months_chart", reporter=found.after.reporter, start=gap.iloc[0], **said)
    months = found.after.months[list(COLUMN_WORDS)][::-1][:last]
    data = months.map(lambda usd_mn: billions(usd_mn, 2)).rename(index=str, columns=COLUMN_WORDS).rename_axis("Month")
    sources = list(dict.fromkeys([*found.before.figure_sources, *found.after.figure_sources]))
    return Chart(draw, heights=(2.8, 3.0), **texts, sources=sources, data=data)
