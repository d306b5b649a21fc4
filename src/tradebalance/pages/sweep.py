"""A sweep: what its scenarios come to, which of its dimensions the spread hangs on, and which move nothing."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..answers.factorial import Results, Shares, shares, strongest
from ..assumptions.sweep import OWN, SCENARIO, Sweep
from ..words.citations import Citation
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, INK, SOFT, Axes, Chart, Figure, bars, dots, is_narrow, note
from .names import assumption_words
from .say import billions, book, listed, number, of_chart, percent, say, spaced, within
from .wording import captioned

MOST_ROWS = 30  # of a chart or table of single scenarios: half of them the lowest, half the highest
MOST_PANELS, MOST_NUMBERS = 12, 10  # panels of small multiples; columns of a panel whose cells have room for a number
PALEST, DEEPEST = 0.04, 0.45  # opacity of the emptiest and of the fullest cell, on which words keep 4.5 to 1
TOP = (SCENARIO, "reporter", "as_of")


@dataclass(frozen=True)
class Swept:
    """A plan and its results: additional imports, a row a point in order (mean, p05, p50, p95), USD million; what
    stands behind them, paths that move nothing, and points that failed, by name."""

    plan: Sweep
    results: pd.DataFrame
    sources: Sequence[Citation]
    inputs: Mapping[str, str]
    idle: Sequence[str]
    failed: Mapping[str, str]

    @cached_property
    def means(self) -> pd.Series:
        """Mean additional imports of what was solved, USD billion, by the point's number."""
        return (self.results["mean"] / USD_MN_PER_BN).dropna()

    @cached_property
    def grid(self) -> Results | None:
        """The means with an axis a dimension, USD billion; None for a list, and where a point failed."""
        sizes = [len(levels) for levels in self.plan.dimensions.values()]
        is_full = bool(sizes) and len(self.means) == len(self.results)
        return self.means.to_numpy().reshape(sizes) if is_full else None

    @cached_property
    def differing(self) -> list[str]:
        """The keys that tell points of a list apart, the scenario always."""
        said = {key: {point.said(key) for point in self.plan.points} for key in (*OWN, *self.plan.keys)}
        return [key for key, words in said.items() if key == SCENARIO or len(words) > 1]

    @cached_property
    def shares(self) -> Shares | None:
        """What the spread hangs on; None without a full grid, or without a spread."""
        return None if self.grid is None else shares(self.grid)


def dimension_words(key: str) -> str:
    """What a dimension varies: `Scenario`, `Share of aircraft that would not have been bought anyway`."""
    own = {SCENARIO: say("sweep.one"), "reporter": say("sweep.book"), "as_of": say("sweep.month")}
    return own[key] if key in own else assumption_words(key)


def level_words(key: str, level: str) -> str:
    """A level of a dimension: a book in words, a scenario's name, an assumption's value as it is written."""
    return book(level) if key == "reporter" else spaced(level)


def name_of(swept: Swept, at: int) -> str:
    """A point by what tells it from the others: its levels in the order of the dimensions."""
    point, plan = swept.plan.points[at], swept.plan
    if plan.dimensions:
        return ", ".join(level_words(key, point.said(key)) for key in plan.dimensions)
    told = {key: point.said(key) for key in swept.differing}
    return ", ".join(level_words(k, said) if k in TOP else f"{spaced(k)} {said}" for k, said in told.items() if said)


# --- sentences ------------------------------------------------------------------------------------


def headline(swept: Swept) -> str:
    """What the scenarios come to, and what that hangs on most."""
    if swept.means.empty:
        return say("sweep.headline_nothing")
    low, high = (billions(amount * USD_MN_PER_BN) for amount in (swept.means.min(), swept.means.max()))
    if swept.shares is None or len(swept.plan.dimensions) < 2:
        return say("sweep.headline_alone", low=low, high=high, count=len(swept.means))
    first = strongest(swept.shares)[0]
    key = list(swept.plan.dimensions)[first]
    return say("sweep.headline", low=low, high=high, share=swept.shares.own[first], what=_inside(dimension_words(key)))


def lead(swept: Swept) -> str:
    """How many scenarios, what was varied, and what a range of each is."""
    plan = swept.plan
    counts = {_inside(dimension_words(key)): len(levels) for key, levels in plan.dimensions.items()}
    sizes = [say("sweep.varied", of=words, count=count) for words, count in counts.items()]
    varied = say("sweep.grid", varied=listed(sizes)) if sizes else say("sweep.list")
    failed = say("sweep.failed", count=len(swept.failed)) if swept.failed else ""
    return say("sweep.lead", count=len(swept.results), varied=varied, failed=failed)


def _inside(words: str) -> str:
    """Words inside a sentence."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


# --- charts ---------------------------------------------------------------------------------------


def charts(swept: Swept) -> list[Chart]:
    """What the spread hangs on and, over its two strongest dimensions, what the scenarios come to; over one dimension
    or a list, each of them with its range."""
    if swept.means.empty:
        return []
    if swept.grid is None or swept.grid.ndim < 2:
        return [points_chart(swept)]
    return [*([drivers_chart(swept)] if swept.shares else []), heat_chart(swept)]


def drivers_chart(swept: Swept) -> Chart:
    """Bars of what share of the variance each dimension explains alone, and all of them together."""
    found, keys = swept.shares, list(swept.plan.dimensions)
    assert found is not None
    order = strongest(found)
    rows = {dimension_words(keys[axis]): found.own[axis] for axis in order} | {say("sweep.together"): found.together}
    labels = [(share, percent(share, 0)) for share in rows.values()]
    colours = [*[BLUE] * len(order), SOFT]
    words = of_chart("sweep.drivers_chart", share=found.own[order[0]], what=_inside(next(iter(rows))))
    index = pd.Index([*rows], name=say("sweep.dimension"))
    shown = pd.DataFrame({say("sweep.share"): [text for _, text in labels]}, index)
    heights = (0.32 * len(rows) + 0.2, 0.42 * len(rows) + 0.3)
    draw = bars(list(rows), [{"width": list(rows.values()), "color": colours}], labels)
    return Chart(draw, heights, **words, sources=swept.sources, data=shown)


@dataclass(frozen=True)
class _Panels:
    """Small multiples of a grid: its two strongest dimensions across and down, the third a panel a level; over all
    others, means."""

    across: str
    down: str
    panel: str
    cells: Results  # panel, down, across; USD billion


def _panels(swept: Swept) -> _Panels:
    keys, grid = list(swept.plan.dimensions), swept.grid
    assert grid is not None
    order = strongest(swept.shares) if swept.shares else range(grid.ndim)
    across, down, *rest = order
    if grid.shape[across] < grid.shape[down]:  # a page is wider than it is high, but for long names
        across, down = down, across
    panel = next((axis for axis in rest if grid.shape[axis] <= MOST_PANELS), None)
    left = tuple(axis for axis in rest if axis != panel)
    order_ = [*([panel] if panel is not None else []), down, across]
    means = grid.mean(axis=left, keepdims=True)
    cells = np.moveaxis(means, order_, range(-len(order_), 0)).reshape([grid.shape[axis] for axis in order_])
    named = "" if panel is None else keys[panel]
    return _Panels(keys[across], keys[down], named, cells if panel is not None else cells[None])


def heat_chart(swept: Swept) -> Chart:
    """Cells over the two strongest dimensions, darker for more additional imports; a panel a level of a third."""
    of, plan = _panels(swept), swept.plan
    levels = {key: [level_words(key, each) for each in plan.dimensions[key]] for key in (of.across, of.down)}
    titles = [level_words(of.panel, each) for each in plan.dimensions[of.panel]] if of.panel else [""]
    low, high = float(of.cells.min()), float(of.cells.max())

    def draw(figure: Figure) -> None:
        wide = 1 if len(titles) == 1 or is_narrow(figure) else 2
        rows = -(-len(titles) // wide)
        drawn = figure.subplots(rows, wide, squeeze=False, sharex=True, sharey=True).ravel()
        for axes in drawn[len(titles) :]:
            axes.set_visible(False)
        for axes, title, cells in zip(drawn, titles, of.cells, strict=False):
            _cells(axes, cells, low, high)
            axes.set_xticks(range(cells.shape[1]), [textwrap.fill(each, 14) for each in levels[of.across]])
            axes.set_yticks(range(cells.shape[0]), [textwrap.fill(each, 18) for each in levels[of.down]])
            _thin(axes)
            if title:
                note(axes, f"{textwrap.fill(dimension_words(of.panel), 44)}: {title}")
                axes.grid(visible=False)

    others = [key for key in plan.dimensions if key not in (of.across, of.down, of.panel)]
    over = say("sweep.over", others=listed([_inside(dimension_words(key)) for key in others])) if others else ""
    place = np.unravel_index(int(of.cells.argmax()), of.cells.shape)
    most = {"across": levels[of.across][place[2]], "down": levels[of.down][place[1]]}
    ends = {"low": billions(low * USD_MN_PER_BN), "high": billions(high * USD_MN_PER_BN)}
    words = of_chart("sweep.heat_chart", over=over, what=_inside(dimension_words(of.across)),
                     other=_inside(dimension_words(of.down)), **most, **ends)  # fmt: skip
    each = 0.3 * len(levels[of.down]) + 0.75
    heights = (each * (-(-len(titles) // 2) if len(titles) > 1 else 1) + 0.5, each * len(titles) + 0.5)
    return Chart(draw, heights, **words, sources=swept.sources, data=_numbers(of, titles, levels))


def _cells(axes: Axes, cells: Results, low: float, high: float) -> None:
    """A rectangle a cell, the fuller the higher, with its number where there is room."""
    from matplotlib.patches import Rectangle

    has_room = cells.shape[1] <= (MOST_NUMBERS // 2 if is_narrow(axes) else MOST_NUMBERS)
    for (row, column), value in np.ndenumerate(cells):
        depth = (value - low) / (high - low) if high > low else 0.0
        fullness = PALEST + (DEEPEST - PALEST) * depth
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=BLUE, alpha=fullness))
        if has_room:
            axes.text(column, row, number(value), ha="center", va="center", fontsize=8, color=INK)
    axes.set_xlim(-0.5, cells.shape[1] - 0.5)
    axes.set_ylim(cells.shape[0] - 0.5, -0.5)
    axes.tick_params(length=0, labelsize=8)
    axes.spines[["bottom", "left"]].set_visible(False)


def _thin(axes: Axes) -> None:
    """So many ticks that their words have room."""
    for axis, most in ((axes.xaxis, 4 if is_narrow(axes) else 8), (axes.yaxis, 20)):
        labels = axis.get_ticklabels()
        for at, label in enumerate(labels):
            label.set_visible(at % -(-len(labels) // most) == 0)


def _numbers(of: _Panels, titles: Sequence[str], levels: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The cells of a heat map as text, a row a panel and level down."""
    rows, names = [], []
    for title, cells in zip(titles, of.cells, strict=True):
        for name, row in zip(levels[of.down], cells, strict=True):
            rows.append([number(value, ",.2f") for value in row])
            names.append(f"{title}; {name}" if title else name)
    return pd.DataFrame(rows, pd.Index(names, name=dimension_words(of.down)), columns=list(levels[of.across]))


def points_chart(swept: Swept) -> Chart:
    """A dot a scenario with its range, in order; of many, the lowest and the highest."""
    numbers = [*swept.means.index] if len(swept.means) <= MOST_ROWS else _ends(swept, MOST_ROWS // 2)
    rows = swept.results.loc[numbers] / USD_MN_PER_BN
    names = [name_of(swept, at) for at in numbers]
    labels = [number(mean) for mean in rows["mean"]]
    low, high = (billions(amount * USD_MN_PER_BN) for amount in (swept.means.min(), swept.means.max()))
    is_cut = len(numbers) < len(swept.means)
    left_out = say("sweep.left_out", count=len(swept.means) - len(numbers)) if is_cut else ""
    by = "".join(say("sweep.by", what=_inside(dimension_words(key))) for key in swept.plan.dimensions)
    words = of_chart("sweep.points_chart", low=low, high=high, count=len(numbers), left_out=left_out, by=by)
    points = rows[["mean", "p05", "p95"]].itertuples(index=False)
    ranges = [within(*(number(point, ",.2f") for point in row)) for row in points]
    shown = pd.DataFrame({say("sweep.amount"): ranges}, pd.Index(names, name=say("sweep.one")))
    draw = dots(names, [*rows["mean"]], labels, ends=[*zip(rows["p05"], rows["p95"], strict=True)])
    heights = (0.3 * len(names) + 0.5, 0.44 * len(names) + 0.6)
    return Chart(draw, heights, **words, sources=swept.sources, data=shown)


def _ends(swept: Swept, each: int) -> list[Any]:
    """The numbers of so many points with the least and the most additional imports, from low to high."""
    order = swept.means.sort_values(kind="stable").index
    return [*order[:each], *order[-each:]]


# --- tables ---------------------------------------------------------------------------------------


def levels_table(swept: Swept) -> pd.DataFrame:
    """Each level of each dimension: the mean, the lowest and the highest of its scenarios, USD billion."""
    if swept.grid is None:
        return pd.DataFrame()
    rows = {}
    for axis, (key, levels) in enumerate(swept.plan.dimensions.items()):
        for at, level in enumerate(levels):
            of = np.take(swept.grid, at, axis=axis)
            name = f"{dimension_words(key)}: {level_words(key, level)}"
            rows[name] = [number(each, ",.2f") for each in (of.mean(), of.min(), of.max())]
    columns = [say("sweep.levels_table.mean"), say("sweep.levels_table.low"), say("sweep.levels_table.high")]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(say("sweep.dimension"))
    return captioned(table, say("sweep.levels_table.caption"))


def ends_table(swept: Swept) -> pd.DataFrame:
    """The scenarios with the least and with the most additional imports, five each, with their ranges, USD billion."""
    numbers = [*dict.fromkeys(_ends(swept, 5))]
    points, keys = [swept.plan.points[at] for at in numbers], list(swept.plan.dimensions)
    told = {dimension_words(key): [level_words(key, point.said(key)) for point in points] for key in keys}
    told = told or {say("sweep.one"): [name_of(swept, at) for at in numbers]}
    columns = {
        say("sweep.ends_table.mean"): "mean",
        say("sweep.ends_table.p05"): "p05",
        say("sweep.ends_table.p95"): "p95",
    }
    for name, key in columns.items():
        told[name] = [billions(amount, 2) for amount in swept.results.loc[numbers, key]]
    table = pd.DataFrame(told).set_index(next(iter(told)))
    return captioned(table, say("sweep.ends_table.caption"))
