"""What a figure is: a drawing at two widths, with its finding, words for it, sources and data; and parts of drawings
that several figures share: axes of years, rows of bars, lines with their words, small multiples.

Charts are returned, and never saved nor shown. A chart knows how to draw itself wide (a page, a screen) and narrow (a
phone), where letters keep their size and the picture grows taller. Its title is the finding and stands outside the
picture.
"""

import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from ..words.citations import Citation
from .say import minus, number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure
else:
    Axes = Figure = Any  # matplotlib takes a second to import, and only what draws needs it

Draw = Callable[[Figure], None]
PAPER = "#ffffff"
INK, SOFT, LINE, PAPER = "#1d2a33", "#54616a", "#c9d1d6", "#ffffff"
# marks stand off white by 3 to 1, and the two hues off each other where colours are printed grey
BLUE, PALE, ORANGE, PALE_ORANGE = "#16456b", "#7597b3", "#c7661a", "#c98049"
HOT = "#a04c0b"  # of words, which need more than marks: 4.5 to 1
OF_WORDS = {ORANGE: HOT, PALE_ORANGE: HOT, PALE: SOFT}  # what words beside such marks are set in
COLOURS = {
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    PAPER: "paper",
    BLUE: "blue",
    PALE: "pale",
    ORANGE: "orange",
    PALE_ORANGE: "pale-orange",
    HOT: "hot",
}  # as a page names them, to have its own at night
FONT_SIZE = 9
EDGE = 0.8  # points, of a faint area
WIDE, NARROW = 7.2, 3.5  # inches at 100 dots each: a page's column, a phone's
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": FONT_SIZE,
    "text.parse_math": False,  # a buyer's name may hold dollars
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "figure.dpi": 100,
    "svg.hashsalt": "tradebalance",
    "svg.fonttype": "none",
}


def styled() -> AbstractContextManager[None]:
    """What all is drawn in: this style on matplotlib's own, whatever a user's matplotlibrc says."""
    from matplotlib import style

    return cast(AbstractContextManager[None], style.context(["default", STYLE]))


@dataclass(frozen=True)
class Chart:
    """A drawing, its finding, what a reader who cannot see it should know, its unit, its sources and its data.

    Unit and sources are written into the picture, to go where it goes. `name` tells it apart on a page. There is no
    chart without a finding, words for it, a unit and sources. Raises ValueError.
    """

    draw: Draw
    heights: tuple[float, float]
    title: str
    alt: str
    unit: str
    sources: Sequence[str | Citation]
    data: pd.DataFrame
    name: str = "chart"
    # as SVG once drawn, by whether narrow
    drawings: dict[bool, str] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.title and self.alt and self.unit and self.sources):
            raise ValueError("a chart needs a title, alt text, a unit and sources")
        object.__setattr__(self, "sources", tuple(dict.fromkeys(self.sources)))

    @property
    def source_line(self) -> str:
        """Who published what the picture shows, by title."""
        titles = dict.fromkeys(each.title if isinstance(each, Citation) else each for each in self.sources)
        return f"{say('page.sources', count=len(titles))} {'; '.join(titles)}"

    def title_lines(self, narrow: bool) -> list[dict[str, Any]]:
        """The finding as it stands in the picture, where that goes alone: in a group of its own."""
        lines = _lines(self.title, 11, 0.9 * (NARROW if narrow else WIDE))  # bold letters are wider
        look = {"fontweight": "bold", "color": INK}
        return [{**line, **look, "gid": f"{TITLE}-{number}"} for number, line in enumerate(lines)]

    def figure(self, narrow: bool = False) -> Figure:
        """A new matplotlib Figure, owned by nobody else."""
        from matplotlib.figure import Figure

        width = NARROW if narrow else WIDE
        above = [*self.title_lines(narrow), *_lines(self.unit, 8, width)]
        below = _lines(self.source_line, 7, width)
        top, bottom = height_of(above), height_of(below)
        height = self.heights[narrow] + top + bottom
        with styled():
            figure = Figure(figsize=(width, height), layout="constrained")
            self.draw(figure)
            _stand_off(figure)
            _write(figure, above, height)
            _write(figure, below, bottom)
            engine = figure.get_layout_engine()
            assert engine is not None
            engine.set(rect=(0, bottom / height, 1, self.heights[narrow] / height))  # type: ignore[call-arg]
        return figure


def _stand_off(figure: Figure) -> None:
    """Have words and areas stand off paper: words in a mark's colour get a darker one, a faint area an edge."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_hex, to_rgba_array
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_color(OF_WORDS.get(to_hex(text.get_color()), text.get_color()))
    for area in figure.findobj(lambda each: isinstance(each, PolyCollection | Patch)):
        opacity = area.get_alpha()
        if opacity is not None and opacity < 1:
            (*solid, _), *_ = to_rgba_array(area.get_facecolor())  # type: ignore[attr-defined]
            area.set_alpha(None)
            area.set(facecolor=(*solid, opacity), edgecolor=solid, linewidth=EDGE)


# --- words around drawings ------------------------------------------------------------------------

TITLE = "title"  # the group of a picture's title
LEADING = 1.3  # from line to line, in heights of a letter
LETTER = 0.55  # the width of one, the same


def _lines(text: str, size: float, width: float) -> list[dict[str, Any]]:
    """A text's lines in a picture so many inches wide, as matplotlib takes each."""
    letters = int(width * 72 / (size * LETTER))
    return [{"s": one, "fontsize": size, "color": SOFT} for one in textwrap.wrap(text, letters)]


def height_of(lines: Iterable[Mapping[str, Any]]) -> float:
    """Of lines, in inches."""
    return sum((float(line["fontsize"]) * LEADING / 72 for line in lines), 0.0)


def _write(figure: Figure, lines: Iterable[Mapping[str, Any]], top: float) -> None:
    """Lines of text from so many inches above the lower edge downwards."""
    _, height = figure.get_size_inches()
    for line in lines:
        figure.text(0, top / height, va="top", **line)
        top -= height_of([line])


# --- parts of drawings ----------------------------------------------------------------------------


def is_narrow(drawn: Axes | Figure) -> bool:
    """Whether a figure, or that of some axes, is for a phone."""
    figure = drawn.get_figure(root=True)
    return figure is not None and figure.get_figwidth() == NARROW


def years_of(quarters: Iterable[pd.Period], at: float = 0.0) -> list[float]:
    """Where quarters stand on an axis of years: their beginning, or a part of a quarter after it."""
    return [quarter.year + (quarter.quarter - 1 + at) / 4 for quarter in quarters]


def grid(axes: Axes) -> None:
    """Thin lines across, behind all that is drawn."""
    axes.grid(axis="y", color=LINE, lw=0.5)
    axes.set_axisbelow(True)


def note(axes: Axes, text: str) -> None:
    """What a panel shows, in its upper left corner, wrapped to the figure's width; with a grid."""
    axes.set_title(text, loc="left", fontsize=8.5, color=SOFT, wrap=True)
    grid(axes)


def year_ticks(axes: Axes, most: int = 10) -> None:
    """Whole years at the most so many ticks of an axis of years."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(most, integer=True))


def line(axes: Axes, x: Sequence[float], y: Iterable[float], color: str, words: str, **style: Any) -> None:
    """A line with words right of its last point."""
    values = list(y)
    axes.plot(x, values, color=color, **style)
    beside(axes, (x[-1], values[-1]), words, color=color)


def beside(axes: Axes, point: tuple[float, float], words: str, **style: Any) -> None:
    """Words right of a point, level with it unless `va` says otherwise."""
    look = {"va": "center", **style}
    axes.annotate(words, point, (5, 0), textcoords="offset points", annotation_clip=False, **look)


def either_side(rows: pd.DataFrame, middle: str, low: str = "p05", high: str = "p95") -> list[pd.Series]:
    """How far the ends of ranges are below and above their middle, as matplotlib takes error bars."""
    return [rows[middle] - rows[low], rows[high] - rows[middle]]


def whiskers(axes: Axes, rows: pd.DataFrame, middle: str, lw: float = 0.9) -> None:
    """A line from the 5 to the 95 % point of each row, of which `middle` is the mean or the median."""
    axes.errorbar(rows.index, rows[middle], yerr=either_side(rows, middle), fmt="none", ecolor=INK, elinewidth=lw)


def small_multiples(figure: Figure, count: int, *, share: bool = False) -> Sequence[Axes]:
    """Panels, four in a row or two on a phone; with `share` on one scale, the lowest of a column has the ticks."""
    across = 2 if is_narrow(figure) else 4
    panels = figure.subplots(-(-count // across), across, squeeze=False, sharex=share, sharey=share).ravel()
    for axes in panels[count:]:
        axes.set_visible(False)
    if share:
        for axes in panels[count - across : count]:  # those with no panel below
            axes.tick_params(labelbottom=True)
    return list(panels[:count])


def bar_label(axes: Axes, row: int, at: float, text: str) -> None:
    axes.annotate(text, (at, row), xytext=(4, 0), textcoords="offset points", va="center", annotation_clip=False)


def bars(
    names: Sequence[str],
    series: Sequence[Mapping[str, Any]] = (),
    labels: Iterable[tuple[float, str]] = (),
    *,
    marks: Callable[[Axes], object] | None = None,
    last: Callable[[Axes], object] | None = None,
) -> Draw:
    """A drawing of horizontal bars, a named row each from top to bottom, with a label right of a row's end.

    `series` are drawn over each other (what `barh` takes; `width` has an amount a row); `labels` have a place and words
    a row. `marks` draws more before the axis is set to what is there, `last` changes what then stands.
    """
    labels = list(labels)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for one in series:
            axes.barh(range(len(names)), **{"height": 0.62, **one})
        if marks:
            marks(axes)
        for row, (at, text) in enumerate(labels):
            bar_label(axes, row, at, text)
        _name_rows(axes, names)
        if last:
            last(axes)

    return draw


def waterfall(names: Sequence[str], amounts: Sequence[float]) -> tuple[Draw, list[str]]:
    """A drawing from a first amount through steps to what they leave, and the words of each row: `names` has one more
    than `amounts`, for the end. Amounts as printed, of one decimal, add up to it."""
    ends = [round(end, 1) for end in accumulate(amounts)]
    left = [0.0, *(min(pair) for pair in pairwise(ends)), 0.0]
    width = [amounts[0], *map(abs, amounts[1:]), ends[-1]]
    steps = (minus(number(amount, "+,.1f")) for amount in amounts[1:])
    texts = [number(amounts[0]), *steps, number(ends[-1])]
    labels = [(at + wide, text) for at, wide, text in zip(left, width, texts, strict=True)]
    rows = {"width": width, "left": left, "color": [BLUE, *[PALE] * (len(amounts) - 1), ORANGE]}
    return bars(names, [rows], labels), texts


def wrapped(name: str, figure: Axes | Figure) -> str:
    """A row's name, on as many lines as a phone needs for it."""
    return textwrap.fill(name, 46) if is_narrow(figure) else name


def _name_rows(axes: Axes, words: Sequence[str]) -> None:
    """Rows from top to bottom, named at the left; on a phone the name stands above its bar."""
    axes.set_ylim(len(words) - 0.4, -0.7)
    axes.set_xlim(0, axes.get_xlim()[1] * (1.18 if is_narrow(axes) else 1.08))
    axes.xaxis.set_visible(False)
    axes.spines[["bottom", "left"]].set_visible(False)
    if is_narrow(axes):
        axes.set_yticks([])
        for row, word in enumerate(words):
            axes.annotate(word, (0, row - 0.34), va="bottom", fontsize=8.5, color=SOFT)
    else:
        axes.set_yticks(range(len(words)), words)
        axes.tick_params(left=False)


def dots(
    names: Sequence[str],
    at: Sequence[float],
    labels: Sequence[str],
    *,
    ends: Sequence[tuple[float, float]] = (),
    marked: Collection[int] = (),
) -> Draw:
    """A drawing of a dot a named row on one scale from nothing, with its words and, where `ends` has them, a line over
    its range; the rows of `marked` stand out."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for row, (low, high) in enumerate(ends):
            axes.plot([low, high], [row, row], color=PALE, lw=3, solid_capstyle="butt")
        for row, value in enumerate(at):
            axes.plot([value], [row], "o", color=ORANGE if row in marked else BLUE, ms=6)
            end = max(value, ends[row][1]) if ends else value
            weight = "bold" if row in marked else "normal"
            axes.annotate(labels[row], (end, row), xytext=(7, 0), textcoords="offset points", va="center",
                          annotation_clip=False, fontweight=weight)  # fmt: skip
        _name_rows(axes, names)
        _scale(axes)

    return draw


def spans(names: Sequence[str], low: Sequence[float], high: Sequence[float], middle: float) -> Draw:
    """A drawing of a bar a row from a low to a high value, both said, with a mark at the middle; names stand above."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.barh(range(len(names)), [b - a for a, b in zip(low, high, strict=True)], left=low, height=0.34, color=PALE)
        for row, (name, first, last) in enumerate(zip(names, low, high, strict=True)):
            axes.plot([middle, middle], [row - 0.17, row + 0.17], color=ORANGE, lw=2)
            bar_label(axes, row, last, number(last))
            axes.annotate(number(first), (first, row), xytext=(-4, 0), textcoords="offset points", ha="right",
                          va="center", annotation_clip=False)  # fmt: skip
            axes.annotate(wrapped(name, axes), (0, row - 0.25), va="bottom", fontsize=8.5, color=SOFT)
        axes.set_ylim(len(names) - 0.7, -0.8)
        axes.set_xlim(0, max(high) * (1.18 if is_narrow(axes) else 1.08))
        axes.set_yticks([])
        axes.xaxis.set_visible(False)
        axes.spines[["bottom", "left"]].set_visible(False)

    return draw


def _scale(axes: Axes) -> None:
    """Whole steps of a scale below rows of dots, with thin lines up through them."""
    axes.xaxis.set_visible(True)
    axes.tick_params(bottom=False)
    axes.locator_params(axis="x", nbins=4)
    axes.grid(axis="x", color=LINE, lw=0.5)
    axes.set_axisbelow(True)
