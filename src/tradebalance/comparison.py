"""Delivery cases against baselines: how little the deals move a gap that the baseline moves by tens of billions.

Additional imports do not depend on the path without deals, so a scenario's draws serve for every baseline.
"""

from fractions import Fraction

import pandas as pd

from . import answer as answers
from . import baseline, gap
from .answer import Answer
from .baseline import METHODS, Baseline
from .simulation import Number

AHEAD = (4, 8)  # quarters; beyond two years a path is a scenario


def decisions(answer: Answer) -> pd.DataFrame:
    """What the deals of a scenario do to the gap under every baseline that the record is long enough for.

    A row a method (index); columns, in USD million over the next 4 and 8 quarters (or the horizon, if that is
    shorter): `gap_4` and `gap_8` without deals, `additional_4` and `additional_8` (means), `with_4` and `with_8`;
    and `closure`, all additional imports over the gap without deals of the whole horizon (None where that is
    not above zero). Paths are medians under the scenario's own tariff steps.
    """
    additional = additional_by_quarter(answer)
    rows = {method.method: _row(answer, method, additional) for method in methods(answer)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("baseline")


def methods(answer: Answer) -> list[Baseline]:
    """The baselines that the answer's record is long enough for; a stated level first, where the scenario has one."""
    own = answer.scenario.baseline.record()
    known = answer.known.history
    found = [Baseline(name, estimate_to=own.estimate_to) for name in METHODS]
    long_enough = [
        each
        for each in found
        if baseline.estimated_on(each, baseline.usable(each, known)) >= baseline.NEEDED_QUARTERS[each.method]
    ]
    return [own, *long_enough] if own.method == "fixed" else long_enough


def additional_by_quarter(answer: Answer) -> pd.Series:
    """Mean additional imports by quarter, USD million."""
    total: pd.Series = answer.simulated.by_component[list(answer.calendar.quarters)].sum()
    return total


def _row(answer: Answer, method: Baseline, additional: pd.Series) -> dict[str, Number | None]:
    without = list(answers.path(answer.inputs, method)["gap_usd_mn"])
    row: dict[str, Number | None] = {}
    for ahead in AHEAD:
        gap_, more = sum(without[:ahead], Fraction(0)), additional.iloc[:ahead].sum()
        row |= {f"gap_{ahead}": gap_, f"additional_{ahead}": more, f"with_{ahead}": gap_ - more}
    total, over = answer.simulated.totals.at["additional", "mean"], sum(without, Fraction(0))
    exact = isinstance(total, Fraction)
    closure = gap.baseline_closure(total, over if exact else float(over)) if over > 0 else None
    return row | {"closure": closure}
