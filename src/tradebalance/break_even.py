"""What would hold the gap where it is: purchases a year, or slower growth of exports. Exact, on the path without draws.

Measured on four quarters, against the four before the forecast, so that seasons play no part. The purchases are the
rise of the gap; the growth is the compound yearly rate by which exports would reach what holds the gap, imports
following the path, and has a closed form.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from . import simulation
from .answer import Model, path
from .baseline import METHODS, NEEDED_QUARTERS, Baseline, estimated_on, usable
from .draws import Points
from .log_models import HORIZON, QUARTERS_A_YEAR


@dataclass(frozen=True)
class BreakEven:
    """Four quarters to `last` against the last four before the forecast; USD million, growth as yearly fractions.

    `purchases` are the additional imports of that year that would hold the gap (negative: it falls anyway), `deals`
    the mean path's; `growth` is exports' on the path, `holding` the growth that would hold the gap without deals.
    """

    method: str
    last: pd.Period
    gap_today: Fraction
    gap_then: Fraction
    deals: float
    growth: float
    holding: float

    @property
    def purchases(self) -> Fraction:
        return self.gap_then - self.gap_today

    @property
    def slowdown(self) -> float:
        """By how much exports would have to grow slower a year."""
        return self.growth - self.holding


def break_even(of: Model, quarters: int, method: Baseline | None = None) -> BreakEven:
    """The break-even of the four quarters that end `quarters` after today's, under the scenario's or another baseline.

    Raises ValueError outside 4..horizon, where no exports could hold the gap, or for a history too short.
    """
    if not QUARTERS_A_YEAR <= quarters <= of.calendar.horizon:
        raise ValueError(f"{quarters} quarters are not between {QUARTERS_A_YEAR} and {of.calendar.horizon}")
    year = slice(quarters - QUARTERS_A_YEAR, quarters)
    trade = of.baseline if method is None else path(of.inputs, method)
    exports, imports = (_sum(trade[name].iloc[year]) for name in ("exports_usd_mn", "imports_usd_mn"))
    today = _exports_today(of)
    needed = of.gap_last_four + imports
    if min(today, exports, needed) <= 0:
        raise ValueError("without exports above zero no growth of them can hold the gap")
    return BreakEven(
        method=of.inputs.scenario.baseline.method if method is None else method.method,
        last=of.calendar.quarters[quarters - 1],
        gap_today=of.gap_last_four,
        gap_then=exports - imports,
        deals=_deals(of, year),
        growth=_yearly(exports / today, quarters),
        holding=_yearly(needed / today, quarters),
    )


def horizon(of: Model) -> int:
    """As far as a baseline forecasts, or the scenario's horizon where that is shorter."""
    return min(HORIZON, of.calendar.horizon)


def by_method(of: Model, quarters: int) -> Iterator[BreakEven]:
    """The break-even under each baseline that the history is long enough for; under a stated one, its own only."""
    own = of.inputs.scenario.baseline.record()
    if own.method == "fixed":
        yield break_even(of, quarters)
        return
    for name in METHODS:
        other = replace(own, method=name)
        history = usable(other, of.inputs.known.history)
        if estimated_on(other, history) >= NEEDED_QUARTERS[name]:
            yield break_even(of, quarters, other)


def _yearly(ratio: Fraction, quarters: int) -> float:
    growth: float = float(ratio) ** (QUARTERS_A_YEAR / quarters) - 1
    return growth


def _exports_today(of: Model) -> Fraction:
    if of.inputs.scenario.baseline.method == "fixed":
        return QUARTERS_A_YEAR * Fraction(of.baseline["exports_usd_mn"].iloc[0])
    return _sum(of.inputs.known.history["exports_usd_mn"].iloc[-QUARTERS_A_YEAR:])


def _deals(of: Model, year: slice) -> float:
    """The deals' additional imports of the year with every assumption at its mean."""
    mean_path = simulation.traces(of.components, Points((None,)), of.calendar, of.capacities)
    return float(sum(traced.additional[0, year].sum() for _, traced in mean_path))


def _sum(amounts: pd.Series) -> Fraction:
    return sum((Fraction(amount) for amount in amounts), Fraction(0))
