"""Figures of comparisons: schedules side by side, deals against baselines, and forecasts against outturns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from . import comparison, decision_tables, decision_words
from .answer import Answer
from .charts import BLUE, INK, NARROW, ORANGE, PALE, SOFT, Chart, bar_label, finish, name_rows, note
from .known import Known
from .replay import Trial
from .sentences import is_certain, percent
from .terms import USD_MN_PER_BN, book_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def schedules(answers: Sequence[Answer]) -> Chart:
    """Additional imports by calendar year, a small panel a scenario, credited ones on one scale.

    Where every dollar counts the amounts are ten times larger, so such panels have a scale of their own.
    """
    by_year = {a.scenario.name: a.simulated.by_year.astype(float) / USD_MN_PER_BN for a in answers}
    credited = [a.scenario.name for a in answers if not is_certain(a)]
    top = max((by_year[name]["p95"].max() for name in credited), default=0.0)
    whole = {name: float(rows["mean"].sum()) for name, rows in by_year.items()}
    years = sorted({int(year) for rows in by_year.values() for year in rows.index})

    def draw(figure: "Figure") -> None:
        columns = 2 if figure.get_figwidth() == NARROW else 4
        panels = figure.subplots(-(-len(answers) // columns), columns, squeeze=False).ravel()
        for axes, (name, rows) in zip(panels, by_year.items(), strict=False):
            spread = None if name not in credited else [rows["mean"] - rows["p05"], rows["p95"] - rows["mean"]]
            axes.bar(rows.index, rows["mean"], color=ORANGE, width=0.8, yerr=spread, ecolor=INK, error_kw={"lw": 0.7})
            axes.set_xlim(years[0] - 0.7, years[-1] + 0.7)
            axes.set_xticks([years[0], years[-1]], [f"’{years[0] % 100}", f"’{years[-1] % 100}"])
            axes.set_ylim(0, top * 1.05 if name in credited else None)
            own = "" if name in credited else " (own scale)"
            note(axes, f"{name.replace('_', ' ')}{own}")
        for axes in panels[len(answers) :]:
            axes.set_visible(False)

    least, most = min(whole, key=whole.__getitem__), max(whole, key=whole.__getitem__)
    return finish(
        draw,
        heights=(1.75 * -(-len(answers) // 4) + 0.2, 1.55 * -(-len(answers) // 2) + 0.2),
        title=(
            f"Additional imports add up to ${whole[least]:,.1f} billion in “{least}” and "
            f"${whole[most]:,.1f} billion in “{most}”"
        ),
        alt="Small bar charts of additional imports by year, one a scenario: "
        + "; ".join(f"{name} {amount:,.1f} billion dollars in all" for name, amount in whole.items()),
        unit=f"USD billion a year, nominal, {book_name(answers[0].scenario.reporter)}; means, lines 5 to 95 %",
        sources=answers[0].known.sources,
        data=decision_tables.schedules(answers),
    )


def decisions(answers: Sequence[Answer]) -> Chart:
    """The gap of the next four quarters by baseline, and what each scenario's deals take off it, on one scale."""
    gaps = (comparison.decisions(answers[0])["gap_4"]).astype(float) / USD_MN_PER_BN
    deals = {
        a.scenario.name: float(comparison.additional_by_quarter(a).iloc[:4].sum()) / USD_MN_PER_BN for a in answers
    }
    rows = [(f"Gap by {method}", float(amount), PALE) for method, amount in gaps.items()]
    rows += [(f"Deals, {name.replace('_', ' ')}", amount, ORANGE) for name, amount in deals.items()]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for row, (_words, amount, color) in enumerate(rows):
            axes.barh(row, amount, color=color, height=0.62)
            bar_label(axes, row, max(amount, 0.0), f"{amount:,.1f}")
        name_rows(axes, [words for words, _, _ in rows], narrow=figure.get_figwidth() == NARROW)

    return finish(
        draw,
        heights=(0.27 * len(rows) + 0.4, 0.4 * len(rows) + 0.4),
        title=f"Without deals the gap is ${gaps.min():,.0f} billion by {gaps.idxmin()} and ${gaps.max():,.0f} "
        f"billion by {gaps.idxmax()}",
        alt=f"Bars: the gap of the next four quarters by baseline, {gaps.min():,.0f} to {gaps.max():,.0f} billion "
        f"dollars, and the deals of each scenario, at most {max(deals.values()):,.1f}.",
        unit=f"USD billion over the next four quarters, nominal, {book_name(answers[0].scenario.reporter)}; medians "
        f"without deals, means of the deals",
        sources=answers[0].known.sources,
        data=decision_tables.decisions(answers),
    )


def trial(found: Trial) -> Chart:
    """A replay's bands of the quarters' sum by baseline, and the outturn as a line."""
    table_ = found.in_all[["p05", "p50", "p95"]].astype(float) / USD_MN_PER_BN
    outturn = float(found.outturn.sum()) / USD_MN_PER_BN

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for row, (_method, (low, middle, high)) in enumerate(table_.iterrows()):
            axes.barh(row, high - low, left=low, color=PALE, height=0.5)
            axes.plot([middle, middle], [row - 0.25, row + 0.25], color=BLUE, lw=2)
            axes.annotate(f"{low:,.0f} to {high:,.0f}", (low, row), xytext=(-4, 0), textcoords="offset points",
                          ha="right", va="center")  # fmt: skip
        axes.axvline(outturn, color=ORANGE, lw=1.6)
        narrow = figure.get_figwidth() == NARROW
        name_rows(axes, [str(method) for method in table_.index], narrow=narrow)
        axes.set_xlim(0, max(float(table_["p95"].max()), outturn) * 1.05)
        axes.annotate(f"outturn {outturn:,.1f}", (outturn, -0.7), ha="right", color=ORANGE, xytext=(-4, -2),
                      textcoords="offset points", va="top")  # fmt: skip

    return finish(
        draw,
        heights=(0.34 * len(table_) + 0.6, 0.44 * len(table_) + 0.7),
        title=decision_words.trial_headline(found),
        alt="Bands of the sum by baseline against the outturn of "
        f"{outturn:,.1f} billion dollars: "
        + "; ".join(f"{m} {r.p05:,.0f} to {r.p95:,.0f}" for m, r in table_.iterrows()),
        unit=f"USD billion, {len(found.outturn)} quarters, nominal, {book_name(found.answer.scenario.reporter)}; "
        f"pale: 5 to 95 % with deals, dark: median, orange: outturn",
        sources=found.answer.known.sources,
        data=decision_tables.trial(found),
    )


def hedgehog(found: pd.DataFrame, now: Known, errors: pd.DataFrame) -> Chart:
    """Successive forecasts of the gap against its outturn; each spine starts at the last figure then known."""
    first = min(found["quarter"]) - 4
    observed = now.history.loc[now.history.index >= first, "gap_usd_mn"].astype(float) / USD_MN_PER_BN
    method_error = errors.loc[[ahead for ahead in (1, 4, 8) if ahead in errors.index], "share"]
    parts = ", ".join(f"{percent(share, 0)} at {ahead}" for ahead, share in method_error.items())

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for _as_of, spine in found.groupby("as_of"):
            start = spine["quarter"].iloc[0] - 1
            quarters = [start, *spine["quarter"]]
            before = observed.get(start, float("nan"))
            axes.plot(_dates(quarters), [before, *(spine["p50"] / USD_MN_PER_BN)], color=SOFT, lw=0.8)
        axes.plot(_dates(observed.index), observed, color=BLUE, lw=2)
        axes.set_ylim(0, None)
        note(axes, "The gap by quarter (dark) and what each date expected (thin)")

    return finish(
        draw,
        heights=(3.2, 3.2),
        title=f"Forecast quarter after quarter, the gap was missed by {parts} quarters ahead",
        alt=f"A line of the published gap with thin lines that leave it at each date; mean absolute errors {parts} "
        f"quarters ahead.",
        unit=f"USD billion a quarter, nominal, {book_name(now.reporter)}; errors as shares of the outturn",
        sources=now.figure_sources,
        data=decision_tables.errors_by_horizon(errors),
    )


def _dates(quarters: Sequence[pd.Period] | pd.PeriodIndex) -> list[float]:
    return [quarter.year + (quarter.quarter - 0.5) / 4 for quarter in quarters]
