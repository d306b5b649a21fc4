"""What the newest release added and revised, and what that did to each headline."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from ..answers.changes import Changes, Headline
from ..facts.trade import MONTHS_A_YEAR
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, ORANGE, PALE, Chart, Figure, grid, is_narrow
from .say import billions, bn_cell, label, minus, month, number, of_chart, percent, phrase, say
from .trade_gap import COLUMN_WORDS, column_words, revised_months_table
from .wording import Cell, captioned, table

LAST_FOUR = "gap_last_four_quarters_usd_mn"


def headline(found: Changes) -> str:
    """The finding: how many months came in, and from what to what they took the surplus of the last four quarters."""
    gap = next(one for one in found.headlines if one.measure == LAST_FOUR)
    if gap.was == gap.now:
        return say("changes.headline_same", count=len(found.added), gap=gap)
    if gap.was_of == gap.is_of:  # no quarter is new, so revision alone moved it
        return say("changes.headline_revised", count=len(found.added), gap=gap)
    return say("changes.headline", count=len(found.added), gap=gap)


def lead(found: Changes) -> str:
    """Which releases these are, and how much of the months that both hold was revised."""
    revised = found.revisions.changed
    said = {"found": found, "held": len(found.revisions.of("gap")), "changed": len(revised)}
    most = revised["change_usd_mn"].map(abs).max() if len(revised) else 0
    return say("changes.lead", most=say("changes.most", most=most) if len(revised) else "", **said)


def one_release(reporter: str) -> str:
    """That there is nothing to hold a release against."""
    return say("changes.one_release", reporter=reporter)


def headlines_note() -> str:
    """What was out by each release, and what counts as revised."""
    return say("changes.headlines_note")


def headlines_table(found: Changes, titles: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Each headline by the older release, the same period by the newer one, and by the newer one; `titles` are those of
    scenarios by their names."""
    columns: dict[str, Callable[[Headline], Cell]] = {
        "Headline": lambda one: _name(one, titles or {}),
        "By the older": lambda one: f"{_value(one.was, one)} {phrase(one.was_of)}",
        "The same, revised": lambda one: bn_cell(one.revised, "", 1),
        "By the newer": lambda one: f"{_value(one.now, one)} {phrase(one.is_of)}",
        "Change": lambda one: _signed(one),
    }
    return table(found.headlines, columns, say("changes.headlines.caption"))


def _name(one: Headline, titles: Mapping[str, str]) -> str:
    scenario, _, measure = one.measure.rpartition(": ")
    words = {
        LAST_FOUR: say("changes.last_four"),
        "gap_twelve_months_usd_mn": say("changes.twelve_months"),
        "nowcast_gap_usd_mn": say("changes.nowcast"),
        "announced_usd_mn": say("changes.announced"),
        "additional_usd_mn": say("changes.additional"),
        "share_a_year": say("changes.share_a_year"),
    }[measure]
    return f"{titles.get(scenario, scenario)}: {words}" if scenario else words


def _value(value: Fraction | None, one: Headline) -> str:
    if value is None:
        return say("changes.none")
    return percent(value) if one.is_share else billions(value, 1)


def _signed(one: Headline) -> str:
    if one.change is None:
        return ""
    change = float(one.change)
    return say("changes.points", points=change * 100) if one.is_share else number(change / USD_MN_PER_BN, "+,.1f")


def revised_table(found: Changes, last: int = 14) -> pd.DataFrame:
    """What the newer release revised of the last months that both hold, in USD million; only months that it did."""
    revised = found.revisions.changed.index
    before, after = (rows[rows["period"].isin(revised)] for rows in (found.revisions.before, found.revisions.after))
    return revised_months_table(replace(found.revisions, before=before, after=after), last)


def added_table(found: Changes) -> pd.DataFrame:
    """The months that only the newer release holds, USD billion."""
    return _months_table(found.added, say("changes.added.caption"))


def _months_table(months: pd.DataFrame, caption: str = "") -> pd.DataFrame:
    cells = months[list(COLUMN_WORDS)].map(lambda usd_mn: billions(usd_mn, 2))
    return captioned(cells.rename(index=str, columns=column_words()).rename_axis(label("Month")), caption)


def months_chart(found: Changes, last: int = 36) -> Chart:
    """The surplus by month as the newer release has it, the months that it added told apart."""
    gap = found.after.months["gap_usd_mn"].astype(float).iloc[-last:] / USD_MN_PER_BN
    is_new = gap.index.isin(found.added.index)
    words = (say("changes.months_chart.both"), say("changes.months_chart.added"))

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for color, shown, text in zip((PALE, BLUE), (~is_new, is_new), words, strict=True):
            at = [n for n, on in enumerate(shown) if on]
            axes.bar(at, gap[shown], color=color, width=0.75)
            if at:  # words go left from late bars, over the number on the last one
                late = at[0] > len(gap) / 2
                over = float(gap[shown].max() if late else gap[shown].iloc[: 2 * len(at) // 3 + 1].max())
                place, off = ((at[-1] + 0.4, over), (0, 16)) if late else ((at[0] - 0.4, over), (0, 6))
                axes.annotate(text, place, off, textcoords="offset points", ha="right" if late else "left")
        starts = [n for n, month in enumerate(gap.index) if month.month == 1]
        axes.set_xticks(starts, [str(gap.index[n].year) for n in starts])
        axes.annotate(number(gap.iloc[-1]), (len(gap) - 1, gap.iloc[-1]), ha="center", va="bottom")
        axes.margins(y=0.12)
        grid(axes)

    said = {"count": len(found.added), "first": gap.index[0], "last": gap.index[-1], "end": gap.iloc[-1]}
    texts = of_chart("changes.months_chart", reporter=found.after.reporter, start=gap.iloc[0], **said)
    data = _months_table(found.after.months[::-1][:last])
    sources = list(dict.fromkeys([*found.before.figure_sources, *found.after.figure_sources]))
    return Chart(draw, heights=(2.8, 3.0), **texts, sources=sources, data=data)


def revisions_chart(found: Changes, last: int = 24) -> Chart | str:
    """By how much the newer release changed the surplus of each of the last months that both hold; a sentence where it
    changed none by more than its digits."""
    months = found.revisions.of("gap").iloc[-last:]
    change = months["change_usd_mn"].astype(float)
    if found.revisions.changed.empty:
        return say("changes.none_revised")
    most = change.abs().idxmax()

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.bar(range(len(change)), change, color=ORANGE, width=0.7)
        for when in filter(change.get, dict.fromkeys((change.idxmax(), change.idxmin()))):
            at, off = (change.index.get_loc(when), change[when]), 4 if change[when] >= 0 else -4
            axes.annotate(minus(number(change[when], "+,.0f")), at, (0, off), textcoords="offset points", ha="center",
                          va="bottom" if off > 0 else "top")  # fmt: skip
        step = MONTHS_A_YEAR if is_narrow(figure) else MONTHS_A_YEAR // 2
        starts = [n for n, when in enumerate(change.index) if (when.month - 1) % step == 0]
        axes.set_xticks(starts, [month(change.index[n], "yMMM") for n in starts])
        axes.margins(y=0.15)
        grid(axes)

    said = {"most": most, "by": change[most], "first": change.index[0], "last": change.index[-1]}
    texts = of_chart("changes.revisions_chart", reporter=found.after.reporter, **said)
    sources = list(dict.fromkeys([*found.before.figure_sources, *found.after.figure_sources]))
    return Chart(draw, heights=(2.2, 2.4), **texts, sources=sources, data=revised_table(found, last))
