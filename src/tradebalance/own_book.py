"""A reporter's own book from printed pieces: what was known when, and its rows in the long table of flows."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from . import flows
from .benchmark import Array, mirror_mean, reference_patterns, span_pattern
from .fragments import Fragment
from .quarterly import Reconciled, reconcile
from .terms import FLOW_COLUMNS, OTHER_SIDE, Basis, Flow, Frequency, Valuation, quarter

FIRST = quarter("2018Q1")  # before it, too little was printed to tie a quarter down
BEARING = 0.01  # a fragment that moves a quarter by less than a hundredth of itself is not named as its source


def book(
    fragments: Sequence[Fragment],
    table: pd.DataFrame,
    reporter: str,
    partner: str,
    at: pd.Period | None = None,
    mirror_at: pd.Period | None = None,
) -> Reconciled:
    """A reporter's own book from the fragments printed by `at` and the mirror as of `mirror_at` (default: all).

    Raises ValueError if nothing was printed by then, or the partner's book is not there.
    """
    known = [fragment for fragment in fragments if at is None or fragment.published <= at]
    snapshot = flows.as_of(table, partner, reporter, mirror_at)
    columns = {flow: flows.series(snapshot, other, Frequency.MONTHLY) for flow, other in OTHER_SIDE.items()}
    return reconcile(known, pd.DataFrame(columns), FIRST)


def as_flows(
    of: Reconciled, reporter: str, partner: str, vintage: pd.Period, valuation: Mapping[Flow, Valuation]
) -> pd.DataFrame:
    """The reconciled quarters as rows of the long table, to 0.1 USD million, with the fragments that bear on each."""
    constant = {
        "reporter": reporter, "partner": partner, "basis": Basis.CUSTOMS, "frequency": Frequency.QUARTERLY,
        "vintage": vintage, "status": "preliminary",
    }  # fmt: skip
    found = of.quarters.assign(
        value_usd_mn=[Decimal(f"{value:.1f}") for value in of.quarters["value_usd_mn"]],
        se_usd_mn=[Decimal(f"{error:.1f}") for error in of.quarters["se_usd_mn"]],
        valuation=[valuation[flow] for flow in of.quarters["flow"]],
        ids=[" ".join(bearing(of, row.flow, row.period)) for row in of.quarters.itertuples()],
    )
    return found.assign(**constant)[FLOW_COLUMNS]


def bearing(of: Reconciled, flow: Flow, period: pd.Period) -> dict[str, float]:
    """Raw row of each fragment that moves a quarter by at least BEARING of its own change -> that share."""
    column = of.weights[flow, period]
    return {
        fragment.source_id: float(column[fragment.id])
        for fragment in of.system.fragments
        if abs(column[fragment.id]) >= BEARING
    }


def pieces(of: Reconciled, signs: Mapping[Flow, int], quarters: Sequence[pd.Period]) -> tuple[Array, float]:
    """A signed sum of flows over quarters taken apart: what each fragment adds per unit it prints, and the rest.

    A level's unit is USD million; a growth rate's is 1, and it adds that times what the mirror puts at the
    span it is over. The rest is the mirror's part: the sum if every printed figure were zero. Weights
    times printed values, and the mirror's part, add up to the sum.
    """
    weights = of.total(signs, quarters)[2]
    system, settings = of.system, of.settings
    wanted = span_pattern(system, quarters)[None, :]
    at_ratio = mirror_mean(system.rows({flow: signs.get(flow, 0) * wanted for flow in Flow}, settings))[0]
    expected = mirror_mean(system.rows(system.patterns, settings))
    base = mirror_mean(system.rows(reference_patterns(system), settings))
    rate = np.array([float(f.value) if f.against else 0.0 for f in system.fragments])
    unit = np.where([f.against is not None for f in system.fragments], base, 1.0)
    # a growth rate's own row holds minus (1 + rate) x its base: what it says beyond "as before" is the rate x base
    return weights * unit, float(at_ratio - weights @ (expected + rate * base))
