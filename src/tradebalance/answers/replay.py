"""What the model would have said in an earlier month, held against what was published since.

A trial stands on an answer of that month: its figures, ledger and errors of the baseline end there, and
the outturn is only ever laid beside. What cannot be put back is named by `Answer.hindsight`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions import fan, nowcast, scoring
from ..assumptions.baseline import Baseline, above_zero
from ..assumptions.methods import HORIZON
from ..facts.known import Known
from ..facts.trade import lag
from ..words import terms
from . import model
from .answer import Solution
from .comparison import methods
from .draws import Array, random_blocks

HEDGEHOG_DRAWS = 8000  # of one block; a 5 % point is then good to a quarter of a percentage point
SEED = 1
AT_LEAST = 4  # quarters of outturn: a year, so that no season decides


@dataclass(frozen=True)
class Trial:
    """One replayed month: the answer as of then, and the quarters published since.

    `outturn` is the gap by quarter, USD million. `by_quarter` has a row a baseline and quarter, `in_all` a row a
    baseline, for the quarters' sum: the 5, 50 and 95 % points of the gap with deals, whether the outturn lies
    between the outer two, and the scores of `scores`, in USD million; `quarters_inside` of `quarters`.
    """

    answer: Solution
    outturn: pd.Series
    by_quarter: pd.DataFrame
    in_all: pd.DataFrame


def outturn_of(then: Solution, now: Known) -> pd.Series:
    """The gap of the quarters that an answer forecast and that are known now, USD million in the dollars of the answer;
    may be empty.

    Raises ValueError for two books.
    """
    if then.scenario.reporter != now.reporter:
        raise ValueError(f"an answer on the book of {then.scenario.reporter} has no outturn on that of {now.reporter}")
    since = now.history.loc[then.calendar.quarters.intersection(now.history.index)]
    return model.in_dollars(since, then.calendar)["gap_usd_mn"].astype(float)


def month(asked: str, now: Known) -> pd.Period:
    """The month to replay: the one asked for (2025-05), or one early enough for AT_LEAST quarters to be out since."""
    return min(terms.month(asked), (now.first - 1 - AT_LEAST).asfreq("M", how="end") + lag(now.reporter))


def months(now: Known, first: pd.Period | None = None) -> list[pd.Period]:
    """The months in which a quarter had just come out, from that of `first` (the case's `replayed_from`) to the last
    one with an outturn.

    Where the book ends by then, of the last AT_LEAST quarters with an outturn.
    """
    latest = now.first - 1 - AT_LEAST
    ends = pd.period_range(min(first or now.dates.replayed_from or latest, latest), now.first - 2, freq="Q")
    return [end.asfreq("M", how="end") + lag(now.reporter) for end in ends]


def trial(then: Solution, now: Known, names: Sequence[str] = ()) -> Trial:
    """An earlier month's answer under several baselines (default: all) against what is known now.

    Raises ValueError where nothing was published since, or the record is too short for a baseline's errors.
    """
    outturn = outturn_of(then, now)
    if outturn.empty:
        raise ValueError(f"nothing of what was forecast as of {then.known.as_of} was published by {now.as_of}")
    record = len(above_zero(then.known.history))
    wanted = [m for m in methods(then) if record >= fan.needed_quarters(m.method) and (not names or m.method in names)]
    if not wanted:
        raise ValueError(f"the record as of {then.known.as_of} is too short for the errors of a baseline")
    additional = np.concatenate([then.draw_additional(block) for block in then.blocks])  # the very draws of the answer
    by_quarter, in_all = [], []
    for method in wanted:
        drawn = (_without(then, method) - additional)[:, : len(outturn)]
        single = [
            _score(drawn[:, n], float(value)) | {"baseline": method.method, "quarter": when}
            for n, (when, value) in enumerate(outturn.items())
        ]
        inside = sum(row["is_inside"] for row in single)
        whole = _score(drawn.sum(axis=1), float(outturn.sum()))
        by_quarter += single
        in_all.append(whole | {"baseline": method.method, "quarters_inside": inside, "quarters": len(outturn)})
    quarterly = pd.DataFrame(by_quarter).set_index(["baseline", "quarter"])
    return Trial(then, outturn, quarterly, pd.DataFrame(in_all).set_index("baseline"))


def _score(drawn: Array, outturn: float) -> dict[str, Any]:
    low, middle, high = (float(point) for point in np.quantile(drawn, [scoring.LOW, 0.5, scoring.HIGH]))
    return scoring.score_of_band(low, middle, high, outturn) | {"crps": scoring.crps_of_sample(drawn, outturn)}


def _without(then: Solution, method: Baseline) -> Array:
    """Draws of the gap without deals by another baseline, from the same random numbers."""
    of = model.model(model.under_baseline(then.inputs, method))
    return np.concatenate([of.draw_without(block) for block in of.blocks])


def hedgehog(knowns: Iterable[Known], method: str, now: Known) -> pd.DataFrame:
    """A baseline's path and band of the gap from each of several months, and the outturn known now.

    A row a month and quarter, HORIZON quarters from each: `as_of`, `quarter`, `ahead` (1 is the first quarter
    after the data), `p50`, `p05`, `p95`, `outturn` (not a number where there is none yet), all USD million. The
    deals are left out: before their totals were announced there were none, and they move no band. Months whose
    record is too short for the baseline's errors are passed over.
    """
    rows: list[tuple[Any, ...]] = []
    (block,) = random_blocks(SEED, HEDGEHOG_DRAWS)
    normals = block.normals("hedgehog", HORIZON * 2).reshape(-1, HORIZON, 2)
    for known in knowns:
        if len(above_zero(known.history)) < fan.needed_quarters(method):
            continue
        quarters = pd.period_range(known.first, periods=HORIZON, freq="Q")
        given = Baseline(method=method).without_deals_after(known.dates.before_deals, known.history)
        trade = fan.fan(given, known.history, known.first, HORIZON, nowcast.running(known), known.pooled)
        low, high = np.quantile(trade.draw_gap(normals), [scoring.LOW, scoring.HIGH], axis=0)
        outturn = now.history["gap_usd_mn"].astype(float).reindex(quarters)
        ahead = range(1, HORIZON + 1)
        rows += zip([known.as_of] * HORIZON, quarters, ahead, trade.gap, low, high, outturn, strict=True)
    return pd.DataFrame(rows, columns=["as_of", "quarter", "ahead", "p50", "p05", "p95", "outturn"])


def errors_by_horizon(found: pd.DataFrame) -> pd.DataFrame:
    """How far the paths of `hedgehog` were off, by quarters ahead.

    Columns: `n` outturns, `bias` (mean of outturn less forecast) and `mean_absolute` in USD million, `share`, the
    mean absolute error over the mean outturn, `inside` (outturns within the band) and `interval_score`.
    """
    known = found.dropna(subset=["outturn"])
    return pd.DataFrame({ahead: _errors(part) for ahead, part in known.groupby("ahead")}).T.rename_axis("ahead")


def _errors(part: pd.DataFrame) -> dict[str, float]:
    low, high, outturn = part["p05"], part["p95"], part["outturn"]
    missed = outturn - part["p50"]
    return {
        "n": len(part),
        "bias": float(missed.mean()),
        "mean_absolute": float(missed.abs().mean()),
        "share": float(missed.abs().sum() / outturn.sum()),
        "inside": int(outturn.between(low, high).sum()),
        "interval_score": float(scoring.interval_score(low, high, outturn).mean()),
    }
