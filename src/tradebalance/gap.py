"""The arithmetic: the gap, the bridge from announced to additional imports, and closure.

The gap is the home country's exports to its partner minus its imports from there, on a named book:
Vietnam's with the United States, unless a case says otherwise. Positive is the home country's surplus.
This is the one place that says so.

`trace_component` is the model's equation for one component. It works on arrays of one value a
draw, float64 for simulated draws and Fraction objects where everything is fixed, so that the
deterministic path is exact and is the same code. Terms that have their place in the equation but
are 1 so far: the tariff path (on exports) and capacity (which moves `due` to later quarters).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from .flows import Snapshot, series
from .terms import HOME, Flow, Frequency, Origin

# Two flows printed at 0.1 USD million differ from the same at more digits by up to half of that each.
DIGITS_USD_MN = Decimal("0.1")

Array = np.ndarray[Any, Any]

# The bridge's order: facts before judgement. The order moves the steps, never their end.
STEPS = [
    "announced",
    "overlaps",
    "left_out_by_the_scenario",
    "services_and_finance",
    "lands_elsewhere",
    "list_to_paid_price",
    "not_firm",
    "cancelled",
    "due_before_the_forecast",
    "after_the_horizon",
    "recorded_after_the_horizon",
    "not_recorded_on_this_book",
    "bought_anyway",
]
STEP_WORDS = {
    "announced": "Announced",
    "overlaps": "Counted twice",
    "left_out_by_the_scenario": "Left out by the scenario",
    "services_and_finance": "Services and finance, not goods",
    "lands_elsewhere": "Lands in another country",
    "list_to_paid_price": "List price above the price paid",
    "not_firm": "Never becomes binding",
    "cancelled": "Cancelled",
    "due_before_the_forecast": "Due before the forecast starts",
    "after_the_horizon": "Arrives after the horizon",
    "recorded_after_the_horizon": "Arrives in time, recorded after the horizon",
    "not_recorded_on_this_book": "Not recorded on this book",
    "bought_anyway": "Would have been bought anyway",
    "additional": "Additional imports",
}


def observed(snapshot: Snapshot, reporter: str, home: str = HOME) -> pd.DataFrame:
    """Exports, imports and gap by quarter as published or reconciled: Decimals in USD million, oldest first.

    The home country's exports are the reporter's imports on any book but its own. Extrapolated quarters are
    no observation and are left out.
    """
    known = snapshot.flows[snapshot.flows["origin"] != Origin.EXTRAPOLATED]
    snapshot = replace(snapshot, flows=known)
    out, back = (Flow.EXPORT, Flow.IMPORT) if reporter == home else (Flow.IMPORT, Flow.EXPORT)
    table = pd.DataFrame({"exports_usd_mn": series(snapshot, out), "imports_usd_mn": series(snapshot, back)})
    return with_gap(table.dropna())


def revisions(old: Snapshot, new: Snapshot, reporter: str, home: str = HOME) -> pd.DataFrame:
    """The gap of each month that two vintages both hold: old, new and their difference, exact, in USD million."""
    before, after = (_balance(snapshot, reporter, home) for snapshot in (old, new))
    both = before.index.intersection(after.index)
    columns = {"old_usd_mn": before[both], "new_usd_mn": after[both], "change_usd_mn": after[both] - before[both]}
    return pd.DataFrame(columns)


def is_revised(changes: pd.DataFrame) -> pd.Series:
    """Which months changed by more than the digits that a release may be printed with."""
    return changes["change_usd_mn"].map(abs) > DIGITS_USD_MN


def no_revisions() -> pd.DataFrame:
    """No month that was revised."""
    columns = ["old_usd_mn", "new_usd_mn", "change_usd_mn"]
    return pd.DataFrame(columns=columns, index=pd.PeriodIndex([], freq="M"), dtype=object)


def _balance(snapshot: Snapshot, reporter: str, home: str) -> pd.Series:
    out, back = (Flow.EXPORT, Flow.IMPORT) if reporter == home else (Flow.IMPORT, Flow.EXPORT)
    return series(snapshot, out, Frequency.MONTHLY) - series(snapshot, back, Frequency.MONTHLY)


def with_gap(trade: pd.DataFrame) -> pd.DataFrame:
    """The table with the column `gap_usd_mn`, exports minus imports."""
    return trade.assign(gap_usd_mn=trade["exports_usd_mn"] - trade["imports_usd_mn"])


@dataclass(frozen=True)
class Calendar:
    """The forecast's quarters, from `first` on, `horizon` of them."""

    first: pd.Period
    horizon: int

    @property
    def quarters(self) -> pd.PeriodIndex:
        return pd.period_range(self.first, periods=self.horizon, freq="Q")

    @property
    def years(self) -> list[int]:
        """Calendar years with at least one quarter in the horizon."""
        return sorted(set(self.quarters.year))

    def weights(self, schedule: Mapping[pd.Period, Fraction]) -> tuple[Fraction, list[Fraction]]:
        """The share due before the forecast, and the shares due in its quarters and beyond, in order."""
        beyond = max((quarter - self.first).n for quarter in schedule) + 1
        shares = [Fraction(0)] * max(beyond, self.horizon)
        before = Fraction(0)
        for quarter, share in schedule.items():
            at = (quarter - self.first).n
            if at < 0:
                before += share
            else:
                shares[at] += share
        return before, shares


@dataclass(frozen=True)
class Values:
    """One draw's (or every draw's) values of a component's factors: arrays of one value a draw."""

    goods: Array
    landed: Array
    price: Array
    conversion: Array
    hazard: Array
    capture: Array
    valuation: Array
    additionality: Array


@dataclass(frozen=True)
class Trace:
    """What becomes of one component: USD million, a row a draw; `steps` are signed, of STEPS."""

    steps: dict[str, Array]
    credited: Array
    delivered: Array
    additional: Array


def trace_component(
    value: Any, values: Values, before: Any, shares: Sequence[Any], calendar: Calendar, lag: int
) -> Trace:
    """Follow an announced value to the additional imports on a book, each term counted on its own.

    `before` and `shares` are the component's weights (see Calendar.weights) in the number type of
    `values`. `delivered` and `additional` have a column a quarter of the horizon.
    """
    as_goods = value * values.goods
    landed = as_goods * values.landed
    paid = landed * values.price
    credited = paid * values.conversion
    due = credited[:, None] * np.asarray(shares)[None, :]
    alive = survival(values.hazard, len(shares))
    arriving = due * alive
    delivered = arriving[:, : calendar.horizon]
    on_book = (values.capture * values.valuation)[:, None]
    recorded = _later(delivered, lag) * on_book
    too_late = delivered[:, max(calendar.horizon - lag, 0) :] if lag else delivered[:, :0]
    additional = recorded * values.additionality[:, None]
    steps = {
        "announced": value + 0 * values.goods,
        "services_and_finance": -value * (1 - values.goods),
        "lands_elsewhere": -as_goods * (1 - values.landed),
        "list_to_paid_price": -landed * (1 - values.price),
        "not_firm": -paid * (1 - values.conversion),
        "cancelled": -(due * (1 - alive)).sum(axis=1),
        "due_before_the_forecast": -credited * before,
        "after_the_horizon": -arriving[:, calendar.horizon :].sum(axis=1),
        "recorded_after_the_horizon": -(too_late * on_book).sum(axis=1),
        "not_recorded_on_this_book": -(delivered * (1 - on_book)).sum(axis=1),
        "bought_anyway": -(recorded * (1 - values.additionality)[:, None]).sum(axis=1),
    }
    return Trace(steps, credited, delivered, additional)


def survival(hazard: Array, quarters: int) -> Array:
    """R: the share not yet cancelled by each quarter, exp(-hazard x years since the forecast's start)."""
    if hazard.dtype != object:
        return np.exp(-hazard[:, None] * (np.arange(quarters) / 4)[None, :])
    exact = [[Fraction(math.exp(-float(h) * t / 4)) for t in range(quarters)] for h in hazard]
    return np.array(exact, dtype=object)


def _later(amounts: Array, lag: int) -> Array:
    """Amounts moved `lag` quarters on; nothing from before the forecast moves in."""
    if not lag:
        return amounts
    moved = np.zeros_like(amounts)
    moved[:, lag:] = amounts[:, :-lag]
    return moved


def annual_rate(additional: Any, quarters: int, gap_last_four: Any) -> Any:
    """Closure (i): mean yearly additional imports over the gap of the last four observed quarters."""
    return additional * 4 / quarters / gap_last_four


def best_year_rate(additional_in_year: Any, gap_last_four: Any) -> Any:
    """Closure (ii): additional imports of the best calendar year over the same gap."""
    return additional_in_year / gap_last_four


def months_of_gap(additional: Any, gap_last_four: Any) -> Any:
    """Closure (iii), of stock against flow: how many months of today's gap all additional imports amount to."""
    return additional * 12 / gap_last_four
