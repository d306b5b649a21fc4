"""Nominal against constant dollars: aircraft as quantity x paid unit price x escalation to the delivery year.

The model values a purchase at the prices of its announcement. Aircraft contracts escalate them to the year of
delivery, and dollars lose value meanwhile; neither rate is in the evidence, so a scenario states both or there is no
such view. Other goods keep their nominal value: energy and farm goods are valued at market prices anyway.
"""

from fractions import Fraction

import pandas as pd

from .answer import Answer
from .credit import Component
from .terms import Category


def by_year(answer: Answer) -> pd.DataFrame | None:
    """Mean additional imports by calendar year of delivery in USD million; None where the scenario states no rates.

    Columns: `aircraft` (how many, of deals whose number was announced), `announced_prices` (as everywhere else),
    `nominal` (aircraft escalated to the year) and `constant` (nominal in dollars of the base year).
    """
    rates = answer.scenario.prices
    if rates is None:
        return None
    counted = [c for c in answer.components if c.included]
    table = answer.simulated.by_component.astype(float)
    rows = {}
    for year in answer.calendar.years:
        quarters = [quarter for quarter in answer.calendar.quarters if quarter.year == year]
        added = {c.id: float(table.loc[c.id, quarters].sum()) for c in counted}
        planes = sum(added[c.id] for c in counted if c.category == Category.AIRCRAFT)
        rest = sum(added.values()) - planes
        later = year - rates.base_year
        nominal = rest + planes * float((1 + rates.escalation_per_year) ** later)
        rows[year] = {
            "aircraft": sum(added[c.id] / _paid_each(c) for c in counted if _paid_each(c)),
            "announced_prices": planes + rest,
            "nominal": nominal,
            "constant": nominal / float((1 + rates.inflation_per_year) ** later),
        }
    return pd.DataFrame(rows).T.rename_axis("year")


def _paid_each(component: Component) -> float:
    """The mean price paid for one aircraft as the book values it, USD million; 0 where nobody said how many.

    It is that of the row that printed the number: a deal that fills a rest counts in part only. The price is drawn
    apart from all else, so mean dollars over it are the mean number, of what the book records.
    """
    row = component.leaf.event
    quantity = row.quantity
    if component.category != Category.AIRCRAFT or component.leaf.is_remainder or not quantity:
        return 0.0
    factors = component.factors
    return float(Fraction(row.value_usd_mn or 0) / Fraction(quantity) * factors.price.mean * factors.valuation.mean)
