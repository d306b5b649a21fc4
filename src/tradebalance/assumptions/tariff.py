"""A country's exports under dated tariff steps: a scenario's choice, never a default.

ln X[t] = ln X0[t] - e sum[k] dln(1 + s tau[k]) phase(t - t[k]): e is the elasticity of import quantity, s the
share of trade that the rate falls on and that competitors do not bear too, and a step's effect grows in a straight
line over the phase. The reference is what the baseline's own window already bears, so that nothing counts twice.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .distributions import Assumption, TariffPath
from .written import Assumptions

DAYS_A_QUARTER = 365.25 / 4
FACTORS = ("elasticity", "covered_share", "relative_share", "phase_quarters", "takes_effect")


@dataclass(frozen=True)
class Tariff:
    """A path of rates and the numbers that turn it into an effect on exports."""

    path: TariffPath
    elasticity: Assumption
    covered_share: Assumption
    relative_share: Assumption
    phase_quarters: Assumption
    takes_effect: Assumption
    political: float

    @property
    def assumptions(self) -> list[Assumption]:
        return [getattr(self, name) for name in FACTORS]


def tariff(name: str, known: Assumptions) -> Tariff | None:
    """The named path of the assumptions; None for `none`. Raises Refused for one that is not there."""
    if name == "none":
        return None
    factors = {factor: known.first_of(f"tariff_effect.{factor}") for factor in FACTORS}
    return Tariff(known.tariff_path(name), **factors, political=known.correlation("political"))


def multipliers(of: Tariff, quarters: pd.PeriodIndex, reference: pd.PeriodIndex) -> list[float]:
    """What exports of each quarter are multiplied by against a baseline read off the `reference` quarters."""
    embedded = sum(burden(of, quarter) for quarter in reference) / len(reference)
    elasticity = float(of.elasticity.mean)
    return [math.exp(-elasticity * (burden(of, quarter) - embedded)) for quarter in quarters]


def burden(of: Tariff, quarter: pd.Period) -> float:
    """The effective rate in a quarter as ln(1 + rate), each step as far as it has phased in on the mean day."""
    effective = float(of.covered_share.mean * of.relative_share.mean)
    total, before = 0.0, 0.0
    for day, rate in of.path.rates:
        now = math.log1p(effective * float(rate))
        total += (now - before) * _phased_in(day, quarter, float(of.phase_quarters.mean))
        before = now
    return total


def _phased_in(day: pd.Timestamp, quarter: pd.Period, phase: float) -> float:
    since = np.arange((quarter.start_time - day).days, (quarter.end_time - day).days + 1) + 1
    return float((since > 0).mean() if not phase else np.clip(since / (phase * DAYS_A_QUARTER), 0, 1).mean())
