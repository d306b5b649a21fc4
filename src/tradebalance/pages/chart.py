"""What a figure is: a drawing at two widths, with its finding, words for it, sources and data.

Charts are returned, and never saved nor shown. A chart knows how to draw itself wide (a page, a screen) and narrow (a
phone), where letters keep their size and the picture grows taller. Its title is the finding and stands outside the
picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..words.citations import Citation

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure
else:
    Axes = Figure = Any  # matplotlib takes a second to import, and only what draws needs it

Draw = Callable[[Figure], None]
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
    """A drawing, its finding, what a reader who cannot see it should know, its unit, its sources and its data.

    There is no chart without a finding, words for it, a unit and sources. Raises ValueError.
    """

    draw: Draw
    heights: tuple[float, float]
    title: str
    alt: str
    unit: str
    sources: Sequence[str | Citation]
    data: pd.DataFrame

    def __post_init__(self) -> None:
        if not (self.title and self.alt and self.unit and self.sources):
            raise ValueError("a chart needs a title, alt text, a unit and sources")
        object.__setattr__(self, "sources", tuple(dict.fromkeys(self.sources)))

    @property
    def caption(self) -> str:
        """The line below the picture, as plain text."""
        return f"{self.unit}. Sources: {'; '.join(map(str, self.sources))}."

    def figure(self, narrow: bool = False) -> Figure:
        """A new matplotlib Figure, owned by nobody else."""
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        with rc_context(STYLE):
            figure = Figure(figsize=(NARROW if narrow else WIDE, self.heights[narrow]), layout="constrained")
            self.draw(figure)
        return figure
