"""What earlier forecasts said: a month run again as it was known then, and quarter after quarter, beside what came."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from ..answers.replay import Trial
from ..facts.known import Known
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, ORANGE, PALE, SOFT, Axes, Chart, Figure, bars, note, years_of
from .say import banded, billions, of_chart, percent, say
from .wording import Cell, hindsight, table, unit


def trial_headline(found: Trial) -> str:
    """The finding of a replay."""
    inside, held = found.in_all.query("is_inside").index, say("earlier_forecasts.none_held")
    if len(inside):
        held = say("earlier_forecasts.held", methods=" and ".join(inside))
    if len(inside) == len(found.in_all):
        held = say("earlier_forecasts.all_held")
    last, brought = found.outturn.index[-1], found.outturn.sum()
    return say("earlier_forecasts.trial_headline", found=found, last=last, brought=brought, held=held)


def trial_lead(found: Trial) -> str:
    """What was replayed, how the scores are to be read, and what is hindsight in it."""
    whole, hit = found.in_all.query("quarters_inside == quarters").index, say("earlier_forecasts.none_whole")
    if len(whole):
        hit = say("earlier_forecasts.whole", methods=", ".join(whole))
    put_back = hindsight(found.answer.hindsight, say("earlier_forecasts.no_hindsight"))
    least = found.in_all["crps"].astype(float).idxmin()
    return say("earlier_forecasts.trial_lead", answer=found.answer, hit=hit, least=least, hindsight=put_back)


def hedgehog_lead(knowns: Sequence[Known], method: str) -> str:
    """What the successive forecasts stand on."""
    true = sum(not known.hindsight for known in knowns)
    return say("earlier_forecasts.hedgehog_lead", method=method, months=len(knowns), true=true)


def trial_table(found: Trial) -> pd.DataFrame:
    """A replay by baseline: the quarters' sum as then forecast, hit or missed, and the scores in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Baseline": lambda row: str(row.name),
        "Forecast, bn": banded,
        "Outturn, bn": lambda row: billions(row["outturn"]),
        "Sum": lambda row: "inside" if row["is_inside"] else "outside",
        "Quarters inside": lambda row: f"{int(row['quarters_inside'])} of {int(row['quarters'])}",
        "Error, bn": lambda row: billions(row["error"]),
        "Interval score, bn": lambda row: billions(row["interval_score"]),
        "CRPS, bn": lambda row: billions(row["crps"]),
    }
    return table(found.in_all, columns)


def trial_by_quarter_table(found: Trial) -> pd.DataFrame:
    """The replayed scenario under its own baseline, or the first there is, quarter by quarter, in USD billion."""
    own = found.answer.scenario.baseline.method
    method = own if own in found.in_all.index else found.in_all.index[0]
    columns: dict[str, Callable[[Any], Cell]] = {
        "Quarter": lambda row: str(row.name),
        "Forecast, bn": banded,
        "Outturn, bn": lambda row: billions(row["outturn"]),
        "Band": lambda row: "hit" if row["is_inside"] else "missed",
    }
    return table(found.by_quarter.loc[method], columns)


def errors_by_horizon_table(found: pd.DataFrame) -> pd.DataFrame:
    """How far successive forecasts were off, by quarters ahead, in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Quarters ahead": lambda row: str(row.name),
        "Outturns": lambda row: str(int(row["n"])),
        "Mean error, bn": lambda row: f"{row['bias'] / USD_MN_PER_BN:+,.1f}",
        "Mean absolute error, bn": lambda row: billions(row["mean_absolute"]),
        "Of the outturn": lambda row: percent(row["share"], 0),
        "Inside the band": lambda row: f"{int(row['inside'])} of {int(row['n'])}",
        "Interval score, bn": lambda row: billions(row["interval_score"]),
    }
    return table(found, columns)


def trial_chart(found: Trial) -> Chart:
    """A replay's bands of the quarters' sum by baseline, and the outturn as a line."""
    table_ = found.in_all[["p05", "p50", "p95"]].astype(float) / USD_MN_PER_BN
    outturn = float(found.outturn.sum()) / USD_MN_PER_BN

    def marks(axes: Axes) -> None:
        for row, (low, middle, high) in enumerate(table_.itertuples(index=False)):
            axes.plot([middle, middle], [row - 0.25, row + 0.25], color=BLUE, lw=2)
            axes.annotate(f"{low:,.0f} to {high:,.0f}", (low, row), xytext=(-4, 0), textcoords="offset points",
                          ha="right", va="center")  # fmt: skip
        axes.axvline(outturn, color=ORANGE, lw=1.6)

    def last(axes: Axes) -> None:
        axes.set_xlim(0, max(float(table_["p95"].max()), outturn) * 1.05)
        axes.annotate(f"outturn {outturn:,.1f}", (outturn, -0.7), ha="right", color=ORANGE, xytext=(-4, -2),
                      textcoords="offset points", va="top")  # fmt: skip

    bands = "; ".join(say("earlier_forecasts.band_of", method=method, row=row) for method, row in table_.iterrows())
    band = {"width": table_["p95"] - table_["p05"], "left": table_["p05"], "color": PALE, "height": 0.5}
    draw = bars([str(method) for method in table_.index], [band], marks=marks, last=last)
    heights = (0.34 * len(table_) + 0.6, 0.44 * len(table_) + 0.7)
    alt = say("earlier_forecasts.trial_chart.alt", outturn=outturn, bands=bands)
    unit_ = say("earlier_forecasts.trial_chart.unit", found=found, unit=unit(found.answer))
    return Chart(draw, heights, trial_headline(found), alt, unit_, found.answer.known.sources, trial_table(found))


def hedgehog_chart(found: pd.DataFrame, now: Known, errors: pd.DataFrame) -> Chart:
    """Successive forecasts of the gap against its outturn; each spine starts at the last figure then known."""
    first = min(found["quarter"]) - 4
    observed = now.history.loc[now.history.index >= first, "gap_usd_mn"].astype(float) / USD_MN_PER_BN
    shares = errors["share"].filter([1, 4, 8])
    missed = ", ".join(say("earlier_forecasts.error_at", share=shares[ahead], ahead=ahead) for ahead in shares.index)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for _as_of, spine in found.groupby("as_of"):
            start = spine["quarter"].iloc[0] - 1
            y = [observed.get(start, float("nan")), *(spine["p50"] / USD_MN_PER_BN)]
            axes.plot(years_of([start, *spine["quarter"]], at=0.5), y, color=SOFT, lw=0.8)
        axes.plot(years_of(observed.index, at=0.5), observed, color=BLUE, lw=2)
        axes.set_ylim(0, None)
        note(axes, say("earlier_forecasts.hedgehog_chart.note"))

    words = of_chart("earlier_forecasts.hedgehog_chart", errors=missed, reporter=now.reporter)
    return Chart(draw, heights=(3.2, 3.2), **words, sources=now.figure_sources, data=errors_by_horizon_table(errors))
