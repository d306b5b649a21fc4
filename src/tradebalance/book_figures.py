"""The figures of two books of one trade: the gap on each, and the ratio of mirror figures, with what is known of them.

Only quarters that printed figures bind are drawn of the book in pieces; bands are 90 % from its standard errors.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from . import books as shown
from . import mirror
from .charts import BLUE, LINE, ORANGE, PALE_ORANGE, Chart, finish, note
from .mirror import Z90, Books
from .terms import USD_MN_PER_BN, book_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAND = "band: 90 % from the standard errors"


def gaps(books: Books) -> Chart:
    """The quarterly gap on two books, the one in pieces with its band."""
    own, other = books.reporter, books.partner
    whole = mirror.by_quarter(books)
    bound = whole.loc[books.bound]
    value, error, count = (
        bound[f"gap_{name}_usd_mn"].astype(float) / USD_MN_PER_BN for name in (own, f"{own}_se", other)
    )

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        x = _years(bound.index)
        axes.fill_between(x, value - Z90 * error, value + Z90 * error, color=PALE_ORANGE, lw=0, alpha=0.6)
        for series, color, name in ((count, BLUE, other), (value, ORANGE, own)):
            axes.plot(x, series, color=color, lw=1.8)
            label = f" {book_name(name).split()[0]} {series.iloc[-1]:,.1f}"
            axes.annotate(label, (x[-1], series.iloc[-1]), color=color, va="center", annotation_clip=False)
        axes.set_ylim(bottom=min(0.0, float((value - Z90 * error).min())))
        note(axes, f"Gap by quarter, USD billion; {BAND}")
        _by_year(axes)

    last = bound.index[-1]
    apart, spread = count[last] - value[last], Z90 * error[last]
    return finish(
        draw,
        heights=(3.2, 3.4),
        title=f"The gaps of the two books are ${apart:,.1f} billion apart in {last}, give or take {spread:,.1f}",
        alt=(
            f"Lines of the quarterly gap on both books, {bound.index[0]} to {last}: at the end {count[last]:,.1f} "
            f"billion dollars on the {book_name(other)} and {value[last]:,.1f} on the {book_name(own)}, in a band."
        ),
        unit=(
            f"USD billion a quarter, nominal, not seasonally adjusted; two books, never added; {BAND} of the "
            f"{book_name(own)}, of which quarters after {last} are extrapolated and not drawn"
        ),
        sources=books.sources,
        data=shown.mirror_table(whole, books, 12),
    )


def ratios(books: Books) -> Chart:
    """The ratio of mirror figures by quarter with its band, exports above and imports below."""
    own, other = books.reporter, books.partner
    bound, years = mirror.by_quarter(books).loc[books.bound], mirror.by_year(books)

    def draw(figure: "Figure") -> None:
        panels = zip(figure.subplots(2, 1, sharex=True), ("exports", "imports"), (BLUE, ORANGE), strict=True)
        for axes, flow, color in panels:
            ratio, error = bound[f"{flow}_ratio"].astype(float), bound[f"{flow}_ratio_se"].astype(float)
            x = _years(bound.index)
            axes.fill_between(x, ratio - Z90 * error, ratio + Z90 * error, color=color, lw=0, alpha=0.25)
            axes.plot(x, ratio, color=color, lw=1.8)
            axes.axhline(1, color=LINE, lw=1.2)
            axes.annotate(
                f" {ratio.iloc[-1]:.2f}", (x[-1], ratio.iloc[-1]), color=color, va="center", annotation_clip=False
            )
            note(axes, f"Vietnam's {flow}: {book_name(other)} over {book_name(own)}")
            _by_year(axes)

    first, last = bound.index[0], bound.index[-1]
    ends = bound["exports_ratio"].astype(float)
    found = f"{ends[last]:.2f} times Vietnam's own exports in {last}, {ends[first]:.2f} times in {first}"
    whole = [year for year in years.index if year.asfreq("Q", "end") <= last]
    if len(whole) > 1:
        at = [years["exports_ratio"][year] for year in (whole[0], whole[-1])]
        found = f"{at[1]:.2f} times Vietnam's own exports in {whole[-1]}, {at[0]:.2f} times in {whole[0]}"
    return finish(
        draw,
        heights=(4.2, 4.4),
        title=f"The {book_name(other)} holds {found}",
        alt=(
            f"Two lines by quarter, {first} to {last}: for exports the ratio of the {book_name(other)} to the "
            f"{book_name(own)} ends at {ends[last]:.2f}, for imports at {bound['imports_ratio'][last]:.2f}."
        ),
        unit=(
            f"Ratio of the {book_name(other)} to the {book_name(own)}; {BAND} by the delta method, wide where no "
            f"printed figure ties a quarter down; 1 means that both say the same"
        ),
        sources=books.sources,
        data=shown.mirror_table(years, books),
    )


def _years(quarters: pd.Index) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array([quarter.year + (quarter.quarter - 1) / 4 for quarter in quarters])


def _by_year(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    axes.margins(x=0.0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
