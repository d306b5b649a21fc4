"""The project's figures: each a function of what was found, returning a Chart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import answer as answers
from . import tables
from .answer import Answer
from .charts import (
    BLUE,
    INK,
    NARROW,
    ORANGE,
    PALE,
    PALE_ORANGE,
    Chart,
    bar_label,
    finish,
    name_rows,
    note,
)
from .gap import STEP_WORDS
from .log_models import HORIZON
from .sentences import billions, is_certain
from .terms import USD_MN_PER_BN, book_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def yearly_gap(answer: Answer) -> Chart:
    """The gap by calendar year with its band and what the deals take off it, and that addition on a scale of its own.

    The band is that of the gap with deals, of quarters already published and drawn ones together.
    """
    observed = answer.known.history["gap_usd_mn"]
    both = pd.concat([observed.astype(float), answer.baseline["gap_usd_mn"].astype(float)])
    first = max(answer.calendar.years[0] - 8, both.index[0].year)
    whole = {year: part.sum() for year, part in both.groupby(both.index.year) if len(part) == 4 and year >= first}
    whole = whole or both.groupby(both.index.year).sum().to_dict()
    so_far = observed.astype(float).groupby(observed.index.year).sum() / USD_MN_PER_BN
    full = [year for year in answer.calendar.years if (answer.calendar.quarters.year == year).sum() == 4]
    added = answer.simulated.by_year.astype(float) / USD_MN_PER_BN
    gap = pd.Series(whole) / USD_MN_PER_BN
    band = _band(answer, so_far).reindex(gap.index).dropna()

    def draw(figure: "Figure") -> None:
        from matplotlib.ticker import MaxNLocator

        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        top.bar(gap.index, gap, color=PALE, width=0.75)
        published = so_far.reindex(gap.index).dropna()
        top.bar(published.index, published, color=BLUE, width=0.75)
        taken = added["mean"].reindex(gap.index).dropna()
        top.bar(taken.index, taken, bottom=gap[taken.index] - taken, color=ORANGE, width=0.75)
        middle, points = band["p50"], [band["p50"] - band["p05"], band["p95"] - band["p50"]]
        top.errorbar(band.index, middle, yerr=points, fmt="none", ecolor=INK, elinewidth=0.9)
        lines = ", its 5 to 95 % with deals (line)" if len(band) else ""
        note(top, f"Gap: as published (dark), without deals (pale), taken off by the deals (orange){lines}")
        spread = None if is_certain(answer) else [added["mean"] - added["p05"], added["p95"] - added["mean"]]
        color = [ORANGE if year in full else PALE_ORANGE for year in added.index]
        bottom.bar(added.index, added["mean"], color=color, width=0.75, yerr=spread, ecolor=INK, error_kw={"lw": 0.9})
        bottom.xaxis.set_major_locator(MaxNLocator(integer=True))
        note(bottom, "Additional imports" + ("" if is_certain(answer) else ", with 5 to 95 % range"))

    best, mean = answer.best_year, "" if is_certain(answer) else " on average"
    return finish(
        draw,
        heights=(4.6, 4.8),
        title=f"In the deals' best year, {best}, ${added.at[best, 'mean']:,.1f} billion comes off the gap{mean}",
        alt=(
            f"Two bar charts by year. The gap without deals is {gap.iloc[-1]:,.0f} billion dollars in {gap.index[-1]}"
            f"{_band_words(band)}; "
            f"additional imports are highest in {best} at {added.at[best, 'mean']:,.2f} billion."
        ),
        unit=(
            f"USD billion, nominal, {book_name(answer.scenario.reporter)}; the gap without deals is a median"
            f"{'' if is_certain(answer) else ', additional imports are means'}; "
            f"a pale orange bar is a year of which the horizon holds fewer than four quarters{_band_ends(band)}"
        ),
        sources=answer.known.sources,
        data=tables.by_year(answer),
    )


def _band(answer: Answer, so_far: pd.Series) -> pd.DataFrame:
    """Median and 5 and 95 % points of the gap with deals by calendar year in USD billion; empty where it has none.

    Only years that end where the baseline's errors are measured: later ones are a scenario, and a band of a walk that
    goes on would dwarf all that was published.
    """
    measured = answer.calendar.quarters[:HORIZON]
    drawn = answer.simulated.gap_by_year[["p05", "p50", "p95"]].astype(float) / USD_MN_PER_BN
    within = drawn[[pd.Period(f"{year}Q4", freq="Q") in measured for year in drawn.index]]
    with_published = within.add(so_far.reindex(within.index).fillna(0.0), axis=0)
    return with_published[with_published["p95"] > with_published["p05"]]


def _band_ends(band: pd.DataFrame) -> str:
    return "" if band.empty else "; the gap's band ends where no error of the baseline is measured"


def _band_words(band: pd.DataFrame) -> str:
    if band.empty:
        return ""
    low, high = (f"{band[point].iloc[-1]:,.0f}" for point in ("p05", "p95"))
    return f"; with the deals that of {band.index[-1]} is {low} to {high} in nine of ten draws"


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

    taken = " to ".join(dict.fromkeys(f"{of(table['additional']):,.1f}" for of in (min, max)))
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
    amounts = {STEP_WORDS[name]: float(amount) / USD_MN_PER_BN for name, amount in answer.bridge.items()}
    steps = [(words, amount) for words, amount in amounts.items() if round(amount, 1)]
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

    announced = billions(answer.known.announced)
    lost = max(steps[1:], key=lambda step: -step[1], default=None)
    most = f"; the largest step is “{lost[0].lower()}”, {lost[1]:+,.1f}" if lost else ""
    return finish(
        draw,
        heights=(0.36 * len(steps) + 1.0, 0.44 * len(steps) + 1.0),
        title=f"Of ${announced} billion announced, ${total:,.1f} billion would be additional imports",
        alt=f"Waterfall from {announced} billion dollars to {total:,.1f} additional{most}.",
        unit=(
            f"USD billion{_means(answer)}; the order moves the steps, not the end; steps that round to nothing are "
            "left out"
        ),
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


def _means(answer: Answer) -> str:
    return "" if is_certain(answer) else ", means over the draws"
