"""One printed figure of a table, and where it stands in the file."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from .problems import Problem


@dataclass(frozen=True)
class Entry:
    """One printed figure and where it stands; `value` in USD million, None where stated to be missing.

    `step` is the unit of the last printed digit in USD million, `published` the last day of the printed vintage.
    """

    row: int
    column: str
    text: str
    reporter: str
    partner: str
    flow: str
    period: pd.Period
    value: Decimal | None
    step: Decimal = Decimal(0)
    to_date: bool = False
    period_text: str = ""
    period_column: str = "period"
    flow_column: str = "flow"
    vintage: str | None = None
    published: dt.date | None = None
    vintage_column: str = "vintage"
    valuation: str = ""
    valuation_text: str = ""
    status: str | None = None
    origin: str = "published"

    @property
    def key(self) -> tuple[object, ...]:
        """What one figure is given for, but for the vintage."""
        return (*self.series, str(self.period), self.to_date)

    @property
    def series(self) -> tuple[str, str, str]:
        return (self.reporter, self.partner, self.flow)

    def problem(self, code: str, reason: str, fix: str, *, at: str = "value", warning: bool = False) -> Problem:
        """A problem at this entry's value, or at its period, flow, vintage or valuation cell; the file is set later."""
        places = {
            "value": (self.column, self.text),
            "period": (self.period_column, self.period_text),
            "flow": (self.flow_column, self.flow),
            "vintage": (self.vintage_column, self.vintage),
            "valuation": ("valuation", self.valuation_text),
        }
        column, value = places[at]
        return Problem(code, "", reason, fix, self.row, column, value, "warning" if warning else "error")
