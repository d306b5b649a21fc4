"""Trade without the deals under a scenario's tariff steps: its path, and draws of its gap."""

from fractions import Fraction

import numpy as np
import pandas as pd

from . import fan, gap, tariff
from .draws import Array, Common, RandomBlock
from .gap import Calendar
from .known import Known
from .simulation import Paths


def moved(duty: tariff.Tariff | None, calendar: Calendar, known: Known) -> list[float] | None:
    """What the tariff steps multiply exports by in each quarter, or None without any."""
    return None if duty is None else tariff.multipliers(duty, calendar.quarters, pd.PeriodIndex(known.last_four))


def under(moved_by: list[float] | None, duty: tariff.Tariff | None, path: pd.DataFrame) -> pd.DataFrame:
    """The path without deals, its exports moved by the tariff steps as far as they are likely, with its gap."""
    if moved_by is None or duty is None:
        return gap.with_gap(path)
    likely = duty.takes_effect.mean
    expected = [1 + likely * (Fraction(by) - 1) for by in moved_by]
    exports = [Fraction(value) * by for value, by in zip(path["exports_usd_mn"], expected, strict=True)]
    return gap.with_gap(path.assign(exports_usd_mn=exports))


def draws(trade: fan.Fan, moved_by: list[float] | None, duty: tariff.Tariff | None) -> Paths:
    """Draws of the gap without deals; a tariff path that may not come about does so by a coin."""
    quarters, flows = trade.path.shape

    def draw(block: RandomBlock) -> Array:
        exports, imports = trade.draw(
            block.normals("trade without deals", quarters * flows).reshape(-1, quarters, flows)
        )
        if moved_by is not None and duty is not None:
            # likelier the worse the political draw that makes deals binding
            against = Common("political", duty.political, sign=-1)
            comes = block.coin("tariff", block.value(duty.takes_effect, "tariff"), against)[:, None]
            exports = exports * np.where(comes > 0, np.array(moved_by)[None, :], 1.0)
        gaps: Array = exports - imports
        return gaps

    return draw
