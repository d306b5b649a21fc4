"""The figure of the page on baselines: the recent gap and each method's fan."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from .backtest import NOMINAL
from .charts import BLUE, INK, LINE, NARROW, ORANGE, PALE, Chart, finish
from .known import Known
from .sentences import percent
from .terms import USD_MN_PER_BN, book_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAST = 16  # quarters shown before the forecast: two years back for each year ahead


def fans(known: Known, bands: pd.DataFrame) -> Chart:
    """The gap of the last years and, in a panel each, every method's median and band."""
    past = known.history["gap_usd_mn"].astype(float).iloc[-PAST:] / USD_MN_PER_BN
    by_method = {
        str(method): part.droplevel("method") / USD_MN_PER_BN for method, part in bands.groupby("method", sort=False)
    }
    ends = {method: float(part["median"].iloc[-1]) for method, part in by_method.items()}
    lowest, highest = (pick(ends, key=lambda method: ends[method]) for pick in (min, max))
    top = max(float(past.max()), max(float(part["high"].max()) for part in by_method.values()))

    def draw(figure: "Figure") -> None:
        across = 2 if figure.get_figwidth() == NARROW else 4
        down = -(-len(by_method) // across)
        panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, (method, part) in zip(panels, by_method.items(), strict=False):
            _panel(axes, method, past, part)
        for axes in panels[len(by_method) :]:
            axes.set_visible(False)
        for axes in panels[len(by_method) - across : len(by_method)]:  # those with no panel below
            axes.tick_params(labelbottom=True)
        panels[0].set_ylim(min(0.0, float(bands["low"].min()) / USD_MN_PER_BN), top * 1.02)
        starts = [row for row, quarter in enumerate([*past.index, *by_method[lowest].index]) if quarter.quarter == 1]
        panels[0].set_xticks(starts[::2], [_year(past, row) for row in starts[::2]])

    last = by_method[lowest].index[-1]
    return finish(
        draw,
        heights=(4.0, 7.4),
        title=(
            f"Two years ahead the medians run from ${ends[lowest]:,.0f} billion a quarter ({lowest}) "
            f"to ${ends[highest]:,.0f} billion ({highest})"
        ),
        alt=(
            f"{len(by_method)} panels of the quarterly gap since {past.index[0]} and a method's forecast to {last} "
            f"with its {percent(NOMINAL, 0)} band; the medians end between {ends[lowest]:,.0f} and "
            f"{ends[highest]:,.0f} billion dollars."
        ),
        unit=(
            f"USD billion a quarter, nominal, not seasonally adjusted, {book_name(known.reporter)}; line: median, "
            f"shaded: {percent(NOMINAL, 0)} band from the method's own past errors"
        ),
        sources=known.figure_sources,
        data=_data(by_method),
    )


def _panel(axes: "Axes", method: str, past: pd.Series, part: pd.DataFrame) -> None:
    start = len(past)
    ahead = range(start, start + len(part))
    axes.plot(range(start), past, color=BLUE, lw=1.4)
    axes.fill_between(ahead, part["low"], part["high"], color=PALE, lw=0)
    axes.plot([start - 1, *ahead], [past.iloc[-1], *part["median"]], color=ORANGE, lw=1.4)
    axes.set_title(method.replace("_", " "), loc="left", fontsize=8.5, color=INK)
    axes.grid(axis="y", color=LINE, lw=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)


def _year(past: pd.Series, row: int) -> str:
    return str((past.index[0] + row).year)


def _data(by_method: dict[str, pd.DataFrame]) -> pd.DataFrame:
    columns: dict[str, Sequence[str]] = {
        method: [f"{row['median']:,.1f} ({row['low']:,.1f} to {row['high']:,.1f})" for _, row in part.iterrows()]
        for method, part in by_method.items()
    }
    index = pd.Index([str(quarter) for quarter in next(iter(by_method.values())).index], name="Gap, bn")
    return pd.DataFrame(columns, index=index)
