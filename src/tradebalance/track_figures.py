"""Figures of outturns: levels and increments by month, a rise against its path."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from . import increments, track_tables, track_words
from .charts import BLUE, INK, LINE, NARROW, ORANGE, PALE, SOFT, Chart, finish, note
from .outturn import PledgeOutturn, RiseOutturn
from .sentences import billions, percent
from .terms import USD_MN_PER_BN
from .tracking import Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = (INK, BLUE, ORANGE, SOFT, PALE)


def ratios(outturn: PledgeOutturn) -> Chart:
    """Level and increment ratios of the groups that the release holds to its last month, by month."""
    lead = track_words.widest(outturn)
    names = [
        group.name
        for group in outturn.pledge.groups
        if outturn.by_month(group.name)[lead.through.month - 1].actual is not None
    ]
    found = {name: [each for each in outturn.by_month(name) if each.actual is not None] for name in names}

    def draw(figure: "Figure") -> None:
        narrow = figure.get_figwidth() == NARROW
        panels = figure.subplots(2, 1) if narrow else figure.subplots(1, 2)
        _panel(panels[0], found, "ratio", "Level: share of the target to date")
        _panel(panels[1], found, "increment_ratio", f"Increment: share of the rise over {outturn.pledge.base_year} due")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=1 if narrow else 2,
                      frameon=False)  # fmt: skip

    return finish(
        draw,
        heights=(3.4, 6.2),
        title=(
            f"Two measures of one outturn: by {lead.through:%B %Y} {_pct(lead.ratio)} of the level, "
            f"{_pct(lead.increment_ratio)} of the increment"
        ),
        alt=(
            f"Lines by month of {lead.through.year} for {len(found)} groups: the level ratio of "
            f"{track_words.group_words(lead.group)} ends at {_pct(lead.ratio)}, its increment ratio at "
            f"{_pct(lead.increment_ratio)}."
        ),
        unit=f"Per cent of what the {outturn.about.path} path asks for, year to date, US Census exports, nominal",
        sources=outturn.about.sources,
        data=_by_month(found),
    )


def _apart(values: Sequence[float], least: float) -> list[float]:
    """Heights for labels at the values, moved up just enough that none is nearer than `least` to the one below."""
    at: dict[int, float] = {}
    for row in sorted(range(len(values)), key=lambda row: values[row]):
        at[row] = max([values[row], *(height + least for height in at.values())])
    return [at[row] for row in range(len(values))]


def _panel(axes: "Axes", found: dict[str, list[Standing]], measure: str, words: str) -> None:
    ends: list[tuple[int, float, str]] = []
    for color, (name, standings) in zip(COLORS, found.items(), strict=False):
        points = [(each.through.month, getattr(each, measure)) for each in standings]
        x, y = zip(*[(month, 100 * float(value)) for month, value in points if value is not None], strict=True)
        axes.plot(x, y, color=color, lw=2.2 if color == INK else 1.5, label=track_words.group_words(name))
        ends.append((x[-1], y[-1], color))
    low, high = axes.get_ylim()
    heights = _apart([end for _, end, _ in ends], 0.07 * (high - low))
    for (at, end, color), height in zip(ends, heights, strict=True):
        axes.annotate(f" {end:.0f}", (at, height), color=color, va="center", annotation_clip=False)
    axes.axhline(100, color=LINE, lw=1)
    axes.axhline(0, color=SOFT, lw=0.8)
    axes.set_xticks([1, 3, 6, 9, 12], ["Jan", "Mar", "Jun", "Sep", "Dec"])
    note(axes, words)


def _by_month(found: dict[str, list[Standing]]) -> pd.DataFrame:
    months = [str(each.through) for each in next(iter(found.values()))]
    columns = {
        f"{track_words.group_words(name)}, {word}": [_pct(getattr(each, measure)) for each in standings]
        for name, standings in found.items()
        for word, measure in (("level", "ratio"), ("increment", "increment_ratio"))
    }
    return pd.DataFrame(columns, index=pd.Index(months, name="Through"))


def rise(outturn: RiseOutturn) -> Chart:
    """The rise so far by month against the even path, as published and without the odd months."""
    months = pd.period_range(outturn.rise.first, outturn.through, freq="M")
    due = [_to(outturn, month).path for month in months]
    lines = {
        "due on the even path": (SOFT, due),
        "rise, an upper bound": (BLUE, [_to(outturn, month).increment for month in months]),
    }
    if outturn.odd:
        names = ", ".join(f"{odd.month:%B %Y}" for odd in outturn.odd)
        usual = [_to(outturn, month, usual=True).increment for month in months]
        lines[f"the same with {names} as its neighbours"] = (ORANGE, usual)

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for word, (color, amounts) in lines.items():
            y = [float(amount) / USD_MN_PER_BN for amount in amounts]
            axes.plot(range(len(y)), y, color=color, lw=2.2 if color == BLUE else 1.4, label=word,
                      ls="--" if color == ORANGE else "-")  # fmt: skip
            axes.annotate(f" {y[-1]:.1f}", (len(y) - 1, y[-1]), color=color, va="center", annotation_clip=False)
        starts = [at for at, month in enumerate(months) if month.month in (1, 7)]
        axes.set_xticks(starts, [f"{months[at]:%b %Y}" for at in starts])
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.grid(axis="y", color=LINE, lw=0.5)
        figure.legend(loc="outside lower center", frameon=False)

    last = outturn.rise
    return finish(
        draw,
        heights=(3.4, 3.8),
        title=track_words.rise_headline(outturn),
        alt=(
            f"Lines since {last.first:%B %Y}: the even path reaches {billions(last.path)}, the rise over "
            f"{outturn.base_year} {billions(last.increment)} billion dollars by {last.through:%B %Y}."
        ),
        unit=f"USD billion, nominal, added up since {last.first:%B %Y}, US Census exports, {outturn.about.path} path",
        sources=outturn.about.sources,
        data=track_tables.rise(outturn),
    )


def _to(outturn: RiseOutturn, month: pd.Period, *, usual: bool = False) -> increments.Rise:
    exports = increments.without(outturn.exports, outturn.odd) if usual else outturn.exports
    return increments.rise(exports, outturn.base_year, outturn.announced, outturn.windows, month, outturn.about.path)


def _pct(share: object) -> str:
    return "" if share is None else percent(share, 0)  # type: ignore[arg-type]
