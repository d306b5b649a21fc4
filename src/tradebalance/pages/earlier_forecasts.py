"""What earlier forecasts said: a month run again as it was known then, and quarter after quarter, beside what came."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from ..answers.replay import Trial
from ..assumptions.baseline import METHODS
from ..facts.known import Known
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, INK, ORANGE, PALE, SOFT, Axes, Chart, Figure, bars, grid, year_ticks, years_of
from .names import method_words
from .say import banded, billions, label, number, of_chart, opening, out_of, percent, period, say, spaced
from .wording import Cell, hindsight, plain_text, table, unit


def finding(found: Trial) -> str:
    """What was forecast of some quarters' surplus by the scenario's own way, and what they brought."""
    row, last = found.in_all.loc[_own(found)], found.outturn.index[-1]
    return say("earlier_forecasts.finding", found=found, row=row, last=last, brought=found.outturn.sum())


def _own(found: Trial) -> str:
    """The scenario's own way of forecasting, or the first that was run again."""
    own, run = found.answer.scenario.baseline.method, found.in_all.index
    return str(own if own in run else run[0])


def trial_lead(found: Trial) -> str:
    """What was run again, how many bands held, and what is hindsight in it."""
    inside = [_short(method) for method in found.in_all.query("is_inside").index]
    held = say("earlier_forecasts.held", methods=inside) if inside else say("earlier_forecasts.none_held")
    if len(inside) == len(found.in_all):
        held = say("earlier_forecasts.all_held")
    put_back = hindsight(found.answer.hindsight, say("earlier_forecasts.no_hindsight"))
    least = _short(found.in_all["crps"].astype(float).idxmin())
    title = plain_text(found.answer.scenario.title)
    said = {"answer": found.answer, "title": title, "held": held, "least": least, "hindsight": put_back}
    return say("earlier_forecasts.trial_lead", **said)


def _short(method: object) -> str:
    """A way of forecasting in a few words."""
    return method_words(method) if str(method) in METHODS else spaced(str(method))


def hedgehog_lead(knowns: Sequence[Known], method: str) -> str:
    """What the successive forecasts stand on."""
    true = sum(not known.hindsight for known in knowns)
    return say("earlier_forecasts.hedgehog_lead", method=_short(method), months=len(knowns), true=true)


def trial_table(found: Trial) -> pd.DataFrame:
    """A replay by baseline: the quarters' sum as then forecast, hit or missed, and the scores in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Way of forecasting": lambda row: opening(_short(row.name)),
        "Forecast, bn": banded,
        "In the band": lambda row: label("yes" if row["is_inside"] else "no"),
        "Quarters inside": lambda row: out_of(int(row["quarters_inside"]), int(row["quarters"])),
        "Error, bn": lambda row: billions(row["error"]),
        "CRPS, bn": lambda row: billions(row["crps"]),
    }
    return table(found.in_all, columns)


def trial_by_quarter_table(found: Trial) -> pd.DataFrame:
    """The replayed scenario under its own baseline, or the first there is, quarter by quarter, in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Quarter": lambda row: period(row.name),
        "Forecast, bn": banded,
        "Outturn, bn": lambda row: billions(row["outturn"]),
        "Band": lambda row: label("hit" if row["is_inside"] else "missed"),
    }
    rows = found.by_quarter.loc[_own(found)]
    return table(rows, columns, say("earlier_forecasts.by_quarter.caption", method=_short(_own(found))))


def errors_by_horizon_table(found: pd.DataFrame) -> pd.DataFrame:
    """How far successive forecasts were off, by quarters ahead, in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Quarters ahead": lambda row: str(row.name),
        "Outturns": lambda row: str(int(row["n"])),
        "Mean error, bn": lambda row: number(row["bias"] / USD_MN_PER_BN, "+,.1f"),
        "Mean size of error, bn": lambda row: billions(row["mean_absolute"]),
        "Of the outturn": lambda row: percent(row["share"], 0),
        "Inside the band": lambda row: out_of(int(row["inside"]), int(row["n"])),
        "Interval score, bn": lambda row: billions(row["interval_score"]),
    }
    return table(found, columns)


def trial_chart(found: Trial) -> Chart:
    """Bands of the quarters' sum by way of forecasting, the scenario's own first, and the outturn as a line."""
    own = _own(found)
    order = [own, *(method for method in found.in_all.index if method != own)]
    rows = found.in_all.loc[order, ["p05", "p50", "p95"]].astype(float) / USD_MN_PER_BN
    outturn = float(found.outturn.sum()) / USD_MN_PER_BN

    def marks(axes: Axes) -> None:
        for row, middle in enumerate(rows["p50"]):
            axes.plot([middle, middle], [row - 0.25, row + 0.25], color=INK, lw=2)
        axes.axvline(outturn, color=ORANGE, lw=1.8)

    def last(axes: Axes) -> None:
        axes.set_xlim(0, max(float(rows["p95"].max()), outturn) * 1.3)
        words = say("earlier_forecasts.trial_chart.came", outturn=outturn)
        axes.annotate(words, (outturn, -0.62), ha="right", color=ORANGE, xytext=(-4, 0), textcoords="offset points")

    labels = [
        (max(high, outturn), say("earlier_forecasts.trial_chart.label", low=low, middle=middle, high=high))
        for low, middle, high in rows.itertuples(index=False)
    ]
    names = [opening(_short(method)) for method in rows.index]
    band = {"width": rows["p95"] - rows["p05"], "left": rows["p05"], "color": PALE, "height": 0.5}
    draw = bars(names, [band], labels, marks=marks, last=last)
    heights = (0.3 * len(rows) + 0.2, 0.46 * len(rows) + 0.3)
    is_inside = bool(found.in_all.at[own, "is_inside"])
    held = say("earlier_forecasts.inside") if is_inside else say("earlier_forecasts.outside")
    said = {"found": found, "middle": rows["p50"].iloc[0], "outturn": outturn, "held": held}
    bands = [f"{name} {words}" for name, (_, words) in zip(names, labels, strict=True)]
    words = of_chart("earlier_forecasts.trial_chart", bands=bands, unit=unit(found.answer), **said)
    return Chart(draw, heights, **words, sources=found.answer.known.sources, data=trial_table(found))


def hedgehog_chart(found: pd.DataFrame, now: Known, errors: pd.DataFrame) -> Chart:
    """Successive forecasts of the gap against its outturn; each spine starts at the last figure then known."""
    first = min(found["quarter"]) - 4
    observed = now.history.loc[now.history.index >= first, "gap_usd_mn"].astype(float) / USD_MN_PER_BN
    shares = errors["share"].filter([1, 4, 8])
    ends = {"near": shares.iloc[0], "far": shares.iloc[-1], "ahead": shares.index[-1]}

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for _as_of, spine in found.groupby("as_of"):
            start = spine["quarter"].iloc[0] - 1
            y = [observed.get(start, float("nan")), *(spine["p50"] / USD_MN_PER_BN)]
            axes.plot(years_of([start, *spine["quarter"]], at=0.5), y, color=SOFT, lw=0.8)
        at = years_of(observed.index, at=0.5)
        axes.plot(at, observed, color=BLUE, lw=2)
        axes.annotate(say("earlier_forecasts.hedgehog_chart.came"), (at[-1], observed.iloc[-1]), (-6, 4),
                      textcoords="offset points", color=BLUE, ha="right")  # fmt: skip
        axes.text(0.99, 0.04, say("earlier_forecasts.hedgehog_chart.expected"), transform=axes.transAxes, color=SOFT,
                  ha="right")  # fmt: skip
        axes.set_ylim(0, None)
        year_ticks(axes, 5)
        grid(axes)

    words = of_chart("earlier_forecasts.hedgehog_chart", reporter=now.reporter, **ends)
    return Chart(draw, heights=(2.8, 2.8), **words, sources=now.figure_sources, data=errors_by_horizon_table(errors))
