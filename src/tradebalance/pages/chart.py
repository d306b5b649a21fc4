"""What a figure is: a drawing at two widths, with its finding, words for it, sources and data.

Charts return figures, and never save nor show; every one passes `finish`. A chart knows how to draw
itself wide (a page, a screen) and narrow (a phone), where letters keep their size and the picture
grows taller. Its title is the finding and stands outside the picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..words.citations import Citation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE = "#1d2a33", "#5b6770", "#c9d1d6"
BLUE, PALE, ORANGE, PALE_ORANGE = "#1f5f8b", "#b8cfdf", "#b4530f", "#e3b896"
WIDE, NARROW = 7.2, 3.5  # inches at 100 dots each: a page's column, a phone's
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "figure.dpi": 100,
    "svg.hashsalt": "tradebalance",
    "svg.fonttype": "path",
}


@dataclass(frozen=True)
class Chart:
    """A drawing, its finding, what a reader who cannot see it should know, its unit, its sources and its data."""

    draw: Callable[["Figure"], None]
    heights: tuple[float, float]
    title: str
    alt: str
    unit: str
    sources: tuple[str | Citation, ...]
    data: pd.DataFrame

    @property
    def caption(self) -> str:
        """The line below the picture, as plain text."""
        return f"{self.unit}. Sources: {'; '.join(map(str, self.sources))}."

    def figure(self, narrow: bool = False) -> "Figure":
        """A new matplotlib Figure, owned by nobody else."""
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        with rc_context(STYLE):
            figure = Figure(figsize=(NARROW if narrow else WIDE, self.heights[narrow]), layout="constrained")
            self.draw(figure)
        return figure


def finish(
    draw: Callable[["Figure"], None],
    *,
    heights: tuple[float, float],
    title: str,
    alt: str,
    unit: str,
    sources: Sequence[str | Citation],
    data: pd.DataFrame,
) -> Chart:
    """The gate: no chart without a finding, words for it, a unit and sources. Raises ValueError."""
    if not (title and alt and unit and sources):
        raise ValueError("a chart needs a title, alt text, a unit and sources")
    return Chart(draw, heights, title, alt, unit, tuple(dict.fromkeys(sources)), data)


def note(axes: "Axes", text: str) -> None:
    """What a panel shows, in its upper left corner, wrapped to the figure's width."""
    axes.set_title(text, loc="left", fontsize=8.5, color=SOFT, wrap=True)
    axes.grid(axis="y", color=LINE, lw=0.5)
    axes.set_axisbelow(True)


def bar_label(axes: "Axes", row: int, at: float, text: str) -> None:
    axes.annotate(text, (at, row), xytext=(4, 0), textcoords="offset points", va="center", annotation_clip=False)


def name_rows(axes: "Axes", words: Sequence[str], *, narrow: bool) -> None:
    """Rows from top to bottom, named at the left; on a phone the name stands above its bar."""
    axes.set_ylim(len(words) - 0.4, -0.7)
    axes.set_xlim(0, axes.get_xlim()[1] * (1.18 if narrow else 1.08))
    axes.xaxis.set_visible(False)
    axes.spines[["bottom", "left"]].set_visible(False)
    if narrow:
        axes.set_yticks([])
        for row, word in enumerate(words):
            axes.annotate(word, (0, row - 0.34), va="bottom", fontsize=8.5, color=SOFT)
    else:
        axes.set_yticks(range(len(words)), words)
        axes.tick_params(left=False)
