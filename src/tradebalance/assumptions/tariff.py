"""A country's exports under dated tariff steps: a scenario's choice, never a default.

ln X[t] = ln X0[t] - e sum[k] dln(1 + s[k] tau[k]) phase(t - t[k]): e is the elasticity of import quantity, s the
share of trade that the rate falls on (measured from the duties collected under it) and that competitors do not bear
too, and a step's effect grows in a straight line over the phase. The reference is what the baseline's own window
already bears, so that nothing counts twice.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from ..facts import duties
from ..facts.duties import Covered, Duty
from .distributions import Assumption, Dated, TariffPath
from .written import COVERED_SHARE, RELATIVE_SHARE, Assumptions

DAYS_A_QUARTER = 365.25 / 4


@dataclass(frozen=True)
class Tariff:
    """A path of rates and the numbers that turn it into an effect on exports."""

    path: TariffPath
    elasticity: Assumption
    covered_share: Dated
    relative_share: Dated
    phase_quarters: Assumption
    takes_effect: Assumption
    political: float

    @property
    def assumptions(self) -> list[Assumption]:
        """What acts on the path: of what is stated by days, that of the days of its steps."""
        days = [day for day, _ in self.path.rates]
        dated = [on(of, day) for of in (self.covered_share, self.relative_share) for day in days]
        return [self.elasticity, *dict.fromkeys(dated), self.phase_quarters, self.takes_effect]


def tariff(name: str, known: Assumptions) -> Tariff | None:
    """The named path of the assumptions; None for `none`. Raises Refused for one that is not there."""
    if name == "none":
        return None
    return Tariff(
        path=known.tariff_path(name),
        elasticity=known.first_of("tariff_effect.elasticity"),
        covered_share=known.dated(COVERED_SHARE),
        relative_share=known.dated(RELATIVE_SHARE),
        phase_quarters=known.first_of("tariff_effect.phase_quarters"),
        takes_effect=known.first_of("tariff_effect.takes_effect"),
        political=known.correlation("political"),
    )


def collected(path: TariffPath, months: Sequence[Duty], at: dt.date) -> list[Covered]:
    """What was collected under each rate of a path that had begun by a day, oldest first."""
    begun = {day.date(): Fraction(rate) for day, rate in path.rates if day.date() <= at}
    return duties.covered(months, begun)


def multipliers(of: Tariff, quarters: pd.PeriodIndex, reference: pd.PeriodIndex) -> list[float]:
    """What exports of each quarter are multiplied by against a baseline read off the `reference` quarters."""
    embedded = sum(burden(of, quarter) for quarter in reference) / len(reference)
    elasticity = float(of.elasticity.mean)
    return [math.exp(-elasticity * (burden(of, quarter) - embedded)) for quarter in quarters]


def burden(of: Tariff, quarter: pd.Period) -> float:
    """The effective rate in a quarter as ln(1 + rate), each step as far as it has phased in on the mean day."""
    total, before = 0.0, 0.0
    for day, rate in of.path.rates:
        effective = float(on(of.covered_share, day).mean * on(of.relative_share, day).mean)
        now = math.log1p(effective * float(rate))
        total += (now - before) * _phased_in(day, quarter, float(of.phase_quarters.mean))
        before = now
    return total


def on(dated: Dated, day: pd.Timestamp) -> Assumption:
    """What holds on a day; before the first, the first."""
    return next((one for since, one in reversed(dated) if since <= day), dated[0][1])


def _phased_in(day: pd.Timestamp, quarter: pd.Period, phase: float) -> float:
    since = np.arange((quarter.start_time - day).days, (quarter.end_time - day).days + 1) + 1
    return float((since > 0).mean() if not phase else np.clip(since / (phase * DAYS_A_QUARTER), 0, 1).mean())
