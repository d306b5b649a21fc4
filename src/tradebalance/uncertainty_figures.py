"""Figures of the page on uncertainty: the fan, the tornado and the shares of the variance."""

from typing import TYPE_CHECKING

import pandas as pd

from . import uncertainty
from .answer import Answer
from .charts import BLUE, INK, LINE, NARROW, ORANGE, PALE, PALE_ORANGE, SOFT, Chart, bar_label, finish, name_rows, note
from .log_models import HORIZON
from .sensitivity import Sobol, Tornado
from .sentences import billions, percent
from .spread import Outlook
from .terms import USD_MN_PER_BN, book_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 12  # of a tornado or of indices: what comes after them moves next to nothing


def fan(answer: Answer, width: Outlook) -> Chart:
    """The gap in sums of four quarters with its bands, and what the deals take off it on a scale of its own."""
    past = answer.known.history["gap_usd_mn"].astype(float).rolling(4).sum().dropna().iloc[-24:] / USD_MN_PER_BN
    gap, taken = (table / USD_MN_PER_BN for table in (width.with_deals, width.additional))
    without = width.without_deals["p50"] / USD_MN_PER_BN
    last, row = uncertainty.soon(width), width.with_deals.loc[uncertainty.soon(width)]

    def draw(figure: "Figure") -> None:
        from matplotlib.ticker import MaxNLocator

        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        top.plot(_years(past.index), past, color=INK, lw=1.6)
        _bands(top, gap, BLUE)
        top.plot(_years(without.index), without, color=ORANGE, lw=1.2, ls=(0, (4, 2)))
        if len(gap) > HORIZON - 3:
            top.axvline(_years(gap.index)[HORIZON - 4], color=SOFT, lw=0.8, ls=":")
        top.set_ylim(bottom=min(0.0, float(gap["p05"].min())))
        note(top, "Gap: 5 to 95 and 25 to 75 %, median (dashed: without deals); past the dots a scenario")
        _bands(bottom, taken, ORANGE)
        bottom.set_ylim(bottom=0)
        bottom.xaxis.set_major_locator(MaxNLocator(4 if figure.get_figwidth() == NARROW else 8, integer=True))
        note(bottom, "Taken off by the deals")

    return finish(
        draw,
        heights=(4.6, 4.8),
        title=(
            f"To {last} the gap of four quarters may be ${billions(row['p05'], 0)} or ${billions(row['p95'], 0)} "
            f"billion; the deals take ${billions(width.additional.at[last, 'p50'])} billion off"
        ),
        alt=(
            f"Fan of the gap in sums of four quarters: from {billions(row['p05'], 0)} to {billions(row['p95'], 0)} "
            f"billion dollars in the four quarters to {last}, wider with each year; below it what the deals take off, "
            f"{billions(width.additional['p50'].max())} billion at most by the median."
        ),
        unit=f"USD billion, nominal, sums of four quarters, {book_name(answer.scenario.reporter)}",
        sources=answer.known.sources,
        data=_fan_table(width),
    )


def _years(quarters: pd.PeriodIndex) -> list[float]:
    return [quarter.year + (quarter.quarter - 1) / 4 for quarter in quarters]


def _bands(axes: "Axes", table: pd.DataFrame, color: str) -> None:
    x, outer = _years(table.index), {BLUE: PALE, ORANGE: PALE_ORANGE}[color]
    axes.fill_between(x, table["p05"], table["p95"], color=outer, alpha=0.6, lw=0)
    axes.fill_between(x, table["p25"], table["p75"], color=outer, lw=0)
    axes.plot(x, table["p50"], color=color, lw=1.6)


def _fan_table(width: Outlook) -> pd.DataFrame:
    rows = [quarter for quarter in width.with_deals.index if quarter.quarter == 4]

    def span(table: pd.DataFrame, low: str, high: str, digits: int) -> list[str]:
        return [f"{billions(table.at[q, low], digits)} to {billions(table.at[q, high], digits)}" for q in rows]

    cells = {
        "Gap, median, bn": [billions(width.with_deals.at[q, "p50"]) for q in rows],
        "25 to 75 %": span(width.with_deals, "p25", "p75", 1),
        "5 to 95 %": span(width.with_deals, "p05", "p95", 1),
        "Without deals, median, bn": [billions(width.without_deals.at[q, "p50"]) for q in rows],
        "Taken off by the deals, 5 to 95 %, bn": span(width.additional, "p05", "p95", 2),
    }
    return pd.DataFrame(cells, index=pd.Index([str(q) for q in rows], name="Four quarters to"), dtype=str)


def tornado(answer: Answer, found: Tornado) -> Chart | str:
    """What each assumption alone moves, largest first; a sentence where none has a range."""
    if found.table.empty:
        return "No assumption that this scenario uses has a range."
    shown = found.table.iloc[:MOST_ROWS]
    low, high = (shown[f"{found.by}_{end}"] / USD_MN_PER_BN for end in ("low", "high"))
    left, what = min(low.min(), high.min()), uncertainty.OUTCOME_WORDS[found.by]
    mean, names = found.mean_path[found.by] / USD_MN_PER_BN, [uncertainty.words(str(path)) for path in shown.index]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        rows = range(len(shown))
        # the axis has no numbers and starts at the smallest end
        axes.barh(rows, low - mean, left=mean - left, color=PALE, height=0.56)
        axes.barh(rows, high - mean, left=mean - left, color=ORANGE, height=0.56)
        axes.vlines([mean - left] * len(rows), [row - 0.28 for row in rows], [row + 0.28 for row in rows], INK, lw=0.9)
        for row, ends in enumerate(zip(low, high, strict=True)):
            bar_label(axes, row, max(ends) - left, f"{ends[0]:,.1f} to {ends[1]:,.1f}")
        name_rows(axes, names, narrow=figure.get_figwidth() == NARROW)
        axes.set_xlim(right=axes.get_xlim()[1] * 1.15)

    first, ends = names[0], (f"{low.iloc[0]:,.1f}", f"{high.iloc[0]:,.1f}")
    return finish(
        draw,
        heights=(0.36 * len(shown) + 0.8, 0.46 * len(shown) + 0.8),
        title=f"{uncertainty.opening(first)} alone moves the {what} most: from ${ends[0]} to ${ends[1]} billion",
        alt=(
            f"Bars by assumption about {mean:,.1f} billion dollars, where every assumption is at its mean; the longest "
            f"is {first}, from {ends[0]} to {ends[1]}."
        ),
        unit=(
            f"{uncertainty.opening(what)}, USD billion over the horizon: each assumption at its 5 % (pale) and "
            f"95 % point (orange), all others at their means; they meet on the path of means; the {len(shown)} "
            f"largest of {len(found.table)}"
        ),
        sources=answer.known.ledger_sources,
        data=uncertainty.swings_table(found),
    )


def indices(answer: Answer, found: Sobol) -> Chart | str:
    """Shares of the variance by input, alone and with all that they interact with; a sentence where nothing varies."""
    if found.table.empty:
        return "Nothing of the deals is drawn in this scenario, so there is no variance to share out."
    shown = found.table.iloc[:MOST_ROWS] * 100
    names = [uncertainty.words(str(path)) for path in shown.index]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        rows = range(len(shown))
        error = [shown["total"] - shown["total_low"], shown["total_high"] - shown["total"]]
        axes.barh(rows, shown["total"], color=PALE, height=0.56, xerr=error, ecolor=INK, error_kw={"lw": 0.9})
        axes.barh(rows, shown["first"].clip(lower=0), color=BLUE, height=0.28)
        axes.set_xlim(0, float(shown["total_high"].max()))
        for row in rows:
            bar_label(axes, row, shown["total_high"].iloc[row], f"{shown['total'].iloc[row]:.0f} %")
        axes.grid(axis="x", color=LINE, lw=0.5)
        name_rows(axes, names, narrow=figure.get_figwidth() == NARROW)

    first, share = names[0], percent(found.table["total"].iloc[0], 0)
    what = uncertainty.OUTCOME_WORDS[found.by]
    return finish(
        draw,
        heights=(0.36 * len(shown) + 0.8, 0.46 * len(shown) + 0.8),
        title=f"{uncertainty.opening(first)} is behind {share} of what is unknown about the {what}",
        alt=f"Bars by input: share of the variance alone and with interactions. The longest is {first}, {share}.",
        unit=(
            f"Per cent of the variance of the {what} (Sobol indices): alone (dark), with interactions (pale, "
            f"with a 90 % interval); the {len(shown)} largest of {len(found.table)}"
        ),
        sources=answer.known.ledger_sources,
        data=uncertainty.indices_table(found),
    )
