"""The project's figures: each a function of what was found, returning a Chart."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import answer as answers
from . import tables
from .answer import Answer, Known
from .charts import (
    BLUE,
    INK,
    LINE,
    NARROW,
    ORANGE,
    PALE,
    PALE_ORANGE,
    SOFT,
    Chart,
    bar_label,
    finish,
    name_rows,
    note,
)
from .commitments import Leaf
from .gap import STEP_WORDS
from .sentences import billions, is_certain
from .terms import USD_MN_PER_BN, book_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def yearly_gap(answer: Answer) -> Chart:
    """The gap by calendar year with what the deals take off it, and that addition on a scale of its own."""
    observed = answer.known.history["gap_usd_mn"]
    both = pd.concat([observed.astype(float), answer.baseline["gap_usd_mn"].astype(float)])
    first = max(answer.calendar.years[0] - 8, both.index[0].year)
    whole = {year: part.sum() for year, part in both.groupby(both.index.year) if len(part) == 4 and year >= first}
    whole = whole or both.groupby(both.index.year).sum().to_dict()
    so_far = observed.astype(float).groupby(observed.index.year).sum() / USD_MN_PER_BN
    full = [year for year in answer.calendar.years if (answer.calendar.quarters.year == year).sum() == 4]
    added = answer.simulated.by_year.astype(float) / USD_MN_PER_BN
    gap = pd.Series(whole) / USD_MN_PER_BN

    def draw(figure: "Figure") -> None:
        from matplotlib.ticker import MaxNLocator

        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        top.bar(gap.index, gap, color=PALE, width=0.75)
        published = so_far.reindex(gap.index).dropna()
        top.bar(published.index, published, color=BLUE, width=0.75)
        taken = added["mean"].reindex(gap.index).dropna()
        top.bar(taken.index, taken, bottom=gap[taken.index] - taken, color=ORANGE, width=0.75)
        note(top, "Gap: as published (dark), without deals (pale), taken off by the deals (orange)")
        spread = None if is_certain(answer) else [added["mean"] - added["p05"], added["p95"] - added["mean"]]
        color = [ORANGE if year in full else PALE_ORANGE for year in added.index]
        bottom.bar(added.index, added["mean"], color=color, width=0.75, yerr=spread, ecolor=INK, error_kw={"lw": 0.9})
        bottom.xaxis.set_major_locator(MaxNLocator(integer=True))
        note(bottom, "Additional imports" + ("" if is_certain(answer) else ", with 5 to 95 % range"))

    best = answer.best_year
    return finish(
        draw,
        heights=(4.6, 4.8),
        title=f"At most ${added.at[best, 'mean']:,.1f} billion a year comes off the gap, in {best}",
        alt=(
            f"Two bar charts by year. The gap without deals is {gap.iloc[-1]:,.0f} billion dollars in {gap.index[-1]}; "
            f"additional imports are highest in {best} at {added.at[best, 'mean']:,.2f} billion."
        ),
        unit=(
            f"USD billion, nominal, {book_name(answer.scenario.reporter)}; additional imports are means; "
            f"a pale orange bar is a year of which the forecast holds fewer than four quarters"
        ),
        sources=answer.known.sources,
        data=tables.by_year(answer),
    )


def yearly(record: Mapping[str, Any]) -> pd.DataFrame:
    """From an answer's JSON: gap without deals and additional imports of each full forecast year, USD billion."""
    quarters = pd.DataFrame(record["by_quarter"])
    of_years = quarters.assign(year=quarters["quarter"].str[:4]).groupby("year")
    full = of_years.filter(lambda part: len(part) == 4)
    by_year = full if len(full) else quarters  # a horizon without one full year shows the years it has
    sums = by_year.groupby(by_year["quarter"].str[:4])[["baseline_gap_p50_usd_mn", "additional_mean_usd_mn"]].sum()
    return (sums / USD_MN_PER_BN).set_axis(["gap", "additional"], axis=1)


def multiple(record: Mapping[str, Any], top: float) -> Chart:
    """A small picture of the yearly gap and what the deals take off it, on a scale up to `top` USD billion."""
    table = yearly(record)

    def draw(figure: "Figure") -> None:
        gap, taken = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        rows = range(len(table))
        gap.bar(rows, table["gap"], color=PALE, width=0.8)
        gap.bar(rows, table["additional"], bottom=table["gap"] - table["additional"], color=ORANGE, width=0.8)
        gap.set_ylim(0, top * 1.05)
        taken.bar(rows, table["additional"], color=ORANGE, width=0.8)
        taken.set_xticks([0, len(table) - 1], [table.index[0], table.index[-1]])

    taken = f"{table['additional'].min():,.1f} to {table['additional'].max():,.1f}"
    return finish(
        draw,
        heights=(2.6, 2.6),
        title=str(record["title"]),
        alt=f"Yearly gap {table.index[0]} to {table.index[-1]}; the deals take {taken} billion dollars off it a year.",
        unit=f"{book_name(record['reporter'])}; taken off a year: {taken}",
        sources=[record["known"]],
        data=table,
    )


def bridge(answer: Answer) -> Chart:
    """From announced to additional imports, step by step."""
    steps = [(STEP_WORDS[name], float(amount) / USD_MN_PER_BN) for name, amount in answer.bridge.items() if amount]
    total = float(answer.simulated.totals.at["additional", "mean"]) / USD_MN_PER_BN

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        narrow = figure.get_figwidth() == NARROW
        left = 0.0
        for row, (_label, amount) in enumerate(steps):
            color = BLUE if not row else PALE
            axes.barh(row, amount, left=left, color=color, height=0.62)
            left += amount
            bar_label(axes, row, max(left, left - amount), f"{amount:+,.1f}" if row else f"{amount:,.1f}")
        axes.barh(len(steps), total, color=ORANGE, height=0.62)
        bar_label(axes, len(steps), total, f"{total:,.1f}")
        name_rows(axes, [*(label for label, _ in steps), STEP_WORDS["additional"]], narrow=narrow)

    lost = max(steps[1:], key=lambda step: -step[1], default=None)
    most = f"; the largest step is “{lost[0].lower()}”, {lost[1]:+,.1f}" if lost else ""
    return finish(
        draw,
        heights=(0.36 * len(steps) + 1.0, 0.44 * len(steps) + 1.0),
        title=f"Of ${billions(answer.known.announced)} billion announced, ${total:,.1f} billion are additional imports",
        alt=f"Waterfall from {billions(answer.known.announced)} billion dollars to {total:,.1f} additional{most}.",
        unit=f"USD billion{_means(answer)}; the order moves the steps, not the end; steps of nothing are left out",
        sources=answer.known.ledger_sources,
        data=tables.bridge(answer),
    )


def contributions(answer: Answer) -> Chart:
    """Announced and additional by category."""
    table = answers.contributions(answer).astype(float) / USD_MN_PER_BN
    words = [tables.category_words(str(name)) for name in table.index]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        rows = range(len(table))
        axes.barh(rows, table["announced"], color=PALE, height=0.62)
        axes.barh(rows, table["additional"], color=ORANGE, height=0.62)
        for row, (whole, part) in enumerate(zip(table["announced"], table["additional"], strict=True)):
            bar_label(axes, row, max(whole, part), f"{part:,.1f} of {whole:,.1f}")
        name_rows(axes, words, narrow=figure.get_figwidth() == NARROW)

    top = table.index[0] if len(table) else None
    lead = f"{words[0].capitalize()}: ${table.at[top, 'additional']:,.1f} billion" if top else "No category brings any"
    return finish(
        draw,
        heights=(0.36 * len(table) + 0.7, 0.44 * len(table) + 0.7),
        title=f"{lead} of the additional imports",
        alt=f"Bars by category: announced (pale) and additional imports (orange). {lead} of the additional imports.",
        unit=f"USD billion{_means(answer)}: additional of announced",
        sources=answer.known.ledger_sources,
        data=tables.contributions(answer),
    )


def four_quarter_sums(history: pd.DataFrame, reporter: str, sources: Sequence[str], first: int = 2010) -> Chart:
    """Exports, imports and gap of a book as sums of four quarters."""
    sums = history.astype(float).rolling(4).sum().dropna() / USD_MN_PER_BN
    sums = sums[sums.index.year >= first]
    styles = {"exports_usd_mn": ("exports", SOFT), "imports_usd_mn": ("imports", ORANGE), "gap_usd_mn": ("gap", BLUE)}
    last, then = sums.iloc[-1], sums[sums.index.year < sums.index[-1].year - 4].iloc[-1]

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
    table = table.set_axis(["Vietnam's exports, bn", "imports, bn", "Gap, bn"], axis=1).rename_axis("Four quarters to")
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


def mirror(own: Known, other: Known) -> Chart:
    """The quarterly gap on two books."""
    books = {known.reporter: known.history["gap_usd_mn"].astype(float) / USD_MN_PER_BN for known in (own, other)}
    first = max(series.index[0] for series in books.values())
    shown = {reporter: series[series.index >= first] for reporter, series in books.items()}
    colors = dict(zip(books, (BLUE, ORANGE), strict=True))

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for reporter, series in shown.items():
            x = [quarter.year + (quarter.quarter - 1) / 4 for quarter in series.index]
            axes.plot(x, series, color=colors[reporter], lw=1.8)
            label = f" {book_name(reporter).split()[0]} {series.iloc[-1]:,.0f}"
            axes.annotate(label, (x[-1], series.iloc[-1]), color=colors[reporter], va="center", annotation_clip=False)
        axes.set_ylim(bottom=0)
        axes.margins(x=0.0)
        axes.grid(axis="y", color=LINE, lw=0.5)

    last = min(series.index[-1] for series in shown.values())
    apart = shown[own.reporter][last] - shown[other.reporter][last]
    return finish(
        draw,
        heights=(3.0, 3.2),
        title=f"The gaps of the two books are ${apart:,.1f} billion apart in {last}",
        alt=f"Lines of the quarterly gap on both books since {first.year}, {apart:,.1f} billion apart in {last}.",
        unit="USD billion a quarter, nominal, not seasonally adjusted; two books, never added",
        sources=[*own.figure_sources, *other.figure_sources],
        data=tables.mirror(own, other),
    )


def quarters(history: pd.DataFrame, reporter: str, sources: Sequence[str], last: int = 20) -> Chart:
    """The gap by quarter over the last years, as published."""
    gap = history["gap_usd_mn"].astype(float).iloc[-last:] / USD_MN_PER_BN
    names = {"exports_usd_mn": "Vietnam's exports, bn", "imports_usd_mn": "imports, bn", "gap_usd_mn": "Gap, bn"}
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


def tranches(leaves: Sequence[Leaf], sources: Sequence[str]) -> Chart:
    """The three announced totals: what has a name in each, by status, and what has none."""
    colors = {"signed": BLUE, "mou": PALE, "negotiating": PALE, "planned": PALE}
    by_tranche: Mapping[str, list[Leaf]] = {
        name: sorted((leaf for leaf in leaves if leaf.tranche == name), key=lambda leaf: leaf.is_remainder)
        for name in sorted({leaf.tranche for leaf in leaves})
    }
    unnamed = sum(float(leaf.value_usd_mn) for leaf in leaves if leaf.is_remainder) / USD_MN_PER_BN
    total = sum(float(leaf.value_usd_mn) for leaf in leaves) / USD_MN_PER_BN

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        narrow = figure.get_figwidth() == NARROW
        for row, parts in enumerate(by_tranche.values()):
            left = 0.0
            for leaf in parts:
                width = float(leaf.value_usd_mn) / USD_MN_PER_BN
                face = "white" if leaf.is_remainder else colors.get(str(leaf.status), PALE)
                axes.barh(
                    row,
                    width,
                    left=left,
                    color=face,
                    height=0.5,
                    edgecolor=SOFT,
                    hatch="///" if leaf.is_remainder else None,
                )
                if width > (5 if narrow else 2.5):
                    room = width > (22 if narrow else 12)
                    text = f"{width:g}" + (" unnamed" if leaf.is_remainder and room else "")
                    colour = "white" if face == BLUE else INK
                    patch = {"facecolor": face, "edgecolor": "none", "pad": 1.0}
                    axes.text(left + width / 2, row, text, ha="center", va="center", color=colour, bbox=patch)
                left += width
        words = [f"{name}: {_status_words(parts)}" for name, parts in by_tranche.items()]
        name_rows(axes, words, narrow=narrow)

    return finish(
        draw,
        heights=(2.2, 2.8),
        title=f"${unnamed:,.1f} of the ${total:,.1f} billion announced are unnamed",
        alt=f"Bars of the tranches: named deals (filled) and the unnamed rest (hatched), {unnamed:,.1f} billion.",
        unit="USD billion as announced, mostly list prices; filled: named deals, hatched: the unnamed rest",
        sources=sources,
        data=tables.leaves(leaves),
    )


def _means(answer: Answer) -> str:
    return "" if is_certain(answer) else ", means over the draws"


def _status_words(parts: Sequence[Leaf]) -> str:
    return {"signed": "called signed", "mou": "memoranda", "negotiating": "in talks"}.get(str(parts[-1].status), "")
