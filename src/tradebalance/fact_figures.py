"""The figures of a book's trade as published."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from .charts import (
    BLUE,
    LINE,
    ORANGE,
    SOFT,
    Chart,
    finish,
)
from .sentences import billions
from .sources import Citation
from .terms import USD_MN_PER_BN, book_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def four_quarter_sums(history: pd.DataFrame, reporter: str, sources: Sequence[Citation], first: int = 2010) -> Chart:
    """Exports, imports and gap of a book as sums of four quarters."""
    sums = history.astype(float).rolling(4).sum().dropna() / USD_MN_PER_BN
    sums = sums[sums.index.year >= first]
    styles = {"exports_usd_mn": ("exports", SOFT), "imports_usd_mn": ("imports", ORANGE), "gap_usd_mn": ("gap", BLUE)}
    earlier = sums[sums.index.year < sums.index[-1].year - 4]
    last, then = sums.iloc[-1], earlier.iloc[-1] if len(earlier) else sums.iloc[0]  # a young book has no five years

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for column, (word, color) in styles.items():
            x = [quarter.year + (quarter.quarter - 1) / 4 for quarter in sums.index]
            axes.plot(x, sums[column], color=color, lw=2.2 if word == "gap" else 1.4)
            axes.annotate(
                f" {word} {last[column]:,.0f}", (x[-1], last[column]), color=color, va="center", annotation_clip=False
            )
        axes.set_ylim(bottom=min(0.0, float(sums.min().min())))
        axes.margins(x=0.0)
        axes.grid(axis="y", color=LINE, lw=0.5)

    table = (sums[::-1][:12]).map(lambda value: f"{value:,.1f}")
    table = table.set_axis(["Exports, bn", "Imports, bn", "Gap, bn"], axis=1).rename_axis("Four quarters to")
    return finish(
        draw,
        heights=(3.4, 3.4),
        title=(
            f"The gap is ${last['gap_usd_mn']:,.0f} billion over the four quarters to {sums.index[-1]}, "
            f"{last['gap_usd_mn'] / then['gap_usd_mn']:,.1f} times that to {then.name}"
        ),
        alt=(
            f"Lines of four-quarter sums since {sums.index[0].year}: exports {last['exports_usd_mn']:,.0f}, imports "
            f"{last['imports_usd_mn']:,.0f}, gap {last['gap_usd_mn']:,.0f} billion dollars at the end."
        ),
        unit=f"USD billion, nominal, sums of four quarters, not seasonally adjusted, {book_name(reporter)}",
        sources=sources,
        data=table,
    )


def quarters(history: pd.DataFrame, reporter: str, sources: Sequence[Citation], last: int = 20) -> Chart:
    """The gap by quarter over the last years, as published."""
    gap = history["gap_usd_mn"].astype(float).iloc[-last:] / USD_MN_PER_BN
    names = {"exports_usd_mn": "Exports, bn", "imports_usd_mn": "Imports, bn", "gap_usd_mn": "Gap, bn"}
    table = history[::-1][:last].map(billions).rename(columns=names).rename_axis("Quarter")

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.bar(range(len(gap)), gap, color=BLUE, width=0.75)
        starts = [row for row, quarter in enumerate(gap.index) if quarter.quarter == 1]
        axes.set_xticks(starts, [str(gap.index[row].year) for row in starts])
        axes.annotate(
            f"{gap.iloc[-1]:,.1f}", (len(gap) - 1, gap.iloc[-1]), ha="center", va="bottom", annotation_clip=False
        )
        axes.grid(axis="y", color=LINE, lw=0.5)
        axes.set_axisbelow(True)

    return finish(
        draw,
        heights=(2.6, 2.8),
        title=f"The gap of the last quarter, {gap.index[-1]}, is ${gap.iloc[-1]:,.1f} billion",
        alt=f"Bars by quarter, {gap.iloc[0]:,.1f} in {gap.index[0]} to {gap.iloc[-1]:,.1f} billion in {gap.index[-1]}.",
        unit=f"USD billion, nominal, not seasonally adjusted, {book_name(reporter)}",
        sources=sources,
        data=table,
    )
