"""What has arrived so far of each part of the announced sum: between a counted least and a bounded most.

The least is what dated rows count as landed in the home country, at the low point of the price paid. The most is what
could have arrived: nothing of services, nothing before a printed window opens, no more than the elapsed part of one or
the seller's rate times the deal's share of its backlog; each at the high points of goods, landed and price; and never
more than imports from the US have risen since the year before the totals were announced, or before their printed
windows opened. That rise bounds all parts together, if other purchases did not fall: it is no measure of deliveries,
and the single mosts do not add up to it. Both ends are of one day, the last of the quarters that the book holds.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import pandas as pd
from pydantic import Field

from ..assumptions.credit import Component
from ..assumptions.delivery import printed_window
from ..facts import timeline
from ..facts.known import Known
from ..facts.ledger import Event, Leaf, is_known
from ..words.cells import decimal
from ..words.schema import Strict, Words
from ..words.terms import Role

LOW, HIGH = 0.05, 0.95  # the points of every range that readers see
CENT = Decimal("0.01")


class CellOf(Strict):
    """A cell of data/raw by file, physical row and column, and what it holds."""

    file: Words
    row: Annotated[int, Field(ge=2)]
    column: Words
    expected: Words

    @property
    def value(self) -> Decimal:
        return decimal(self.expected)

    @property
    def source_id(self) -> str:
        return f"{self.file}:{self.row}"


class Evidence(Strict):
    """What counts or bounds the arrivals of one deal; see data/arrivals.yaml."""

    deal: Words
    reason: Words
    units: CellOf | None = None
    handed_over: list[CellOf] = Field(default_factory=list)
    elsewhere: list[CellOf] = Field(default_factory=list)
    rate_per_month: CellOf | None = None
    backlog: CellOf | None = None
    moves_with: str = ""

    @property
    def cells(self) -> list[CellOf]:
        """Every cell it rests on."""
        return [*self.handed_over, *self.elsewhere, *filter(None, (self.units, self.rate_per_month, self.backlog))]


class Evidences(Strict):
    deals: list[Evidence]


@dataclass(frozen=True)
class ImportsRise:
    """By how much imports from the US exceeded those of the same quarters of `base`, USD million, by quarter."""

    base: int
    by_quarter: pd.Series

    @property
    def total(self) -> Decimal:
        """All quarters since; never below zero, since nothing arrives in the negative."""
        return max(sum(self.by_quarter, Decimal(0)), Decimal(0))


@dataclass(frozen=True)
class Possible:
    """The share of a part that can have arrived, why no more, and the raw rows that say so."""

    share: Fraction
    why: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrival:
    """One part's bounds in USD million, with the reasons and the raw rows behind.

    `uncapped_usd_mn` is the most before the rise of imports bounds it.
    """

    leaf: Leaf
    low_usd_mn: Decimal
    high_usd_mn: Decimal
    uncapped_usd_mn: Decimal
    low_why: str
    high_why: str
    rows: tuple[str, ...]


def day_of(known: Known) -> dt.date:
    """The day by which arrivals are told: the end of the book's last quarter, or of the as-of month without one."""
    ends: list[dt.date] = [period.end_time.date() for period in (known.as_of, *known.history.index[-1:])]
    return min(ends)


def rise(events: Iterable[Event], history: pd.DataFrame, as_of: pd.Period) -> ImportsRise | None:
    """How far a book's imports rose over the year before the first total was announced; None without such a year.

    The year before its printed window opens, where that is earlier: what was bought since counts.
    """
    tops = [event for event in events if event.role is Role.HEADLINE and is_known(event, as_of.end_time.date())]
    if not any(event.date.latest or event.date.earliest for event in tops) or history.empty:
        return None
    base = min(year for event in tops for year in _first_years(event)) - 1
    imports = history["imports_usd_mn"]
    before = {quarter.quarter: value for quarter, value in imports.items() if quarter.year == base}
    since = imports[imports.index.year > base]
    if len(before) < 4 or since.empty:
        return None
    return ImportsRise(base, since - [before[quarter.quarter] for quarter in since.index])


def _first_years(event: Event) -> Iterable[int]:
    """The years in which a total was announced, and in which its printed window opens."""
    day, window = event.date.latest or event.date.earliest, printed_window(event.delivery_start, event.delivery_end)
    return [*([day.year] if day else []), *([window[0].year] if window is not None else [])]


def bounds(known: Known, parts: Sequence[Component], evidence: Sequence[Evidence]) -> list[Arrival]:
    """The least and the most that has arrived of each part of the announced sum, in order of the parts."""
    of_deal = {each.deal: each for each in evidence}
    most = rise(known.events, known.history, known.as_of)
    return [_arrival(leaf, [c for c in parts if c.leaf.id == leaf.id], of_deal, known, most) for leaf in known.leaves]


def _arrival(
    leaf: Leaf, parts: Sequence[Component], of_deal: Mapping[str, Evidence], known: Known, most: ImportsRise | None
) -> Arrival:
    possible = possible_share(leaf, of_deal, known)
    given = of_deal.get(leaf.id)
    landed, counted = _landed(given, timeline.known(known.timeline, day_of(known)))
    low = _least(leaf, parts, landed, given)
    uncapped = sum((_at_most(part, possible.share) for part in parts), Decimal(0)).quantize(CENT)
    high = min(uncapped, most.total) if most else uncapped
    capped = f", and no more than all imports have risen since {most.base}" if most and high < uncapped else ""
    told = given is not None and (counted or set(possible.rows) & {each.source_id for each in known.timeline})
    least = given.reason if given and told else "nothing is known to have been handed over"
    if low:
        least = f"{landed} counted as landed in {known.pair.home_name}"
    rows = tuple(dict.fromkeys(counted + possible.rows))
    return Arrival(leaf, low, high, uncapped, least, possible.why + capped, rows)


def possible_share(leaf: Leaf, of_deal: Mapping[str, Evidence], known: Known) -> Possible:
    """The share of a part that can have arrived by then, and the first reason that holds."""
    at = day_of(known)
    start, end = leaf.now.delivery_start, leaf.now.delivery_end
    given = of_deal.get(leaf.id)
    row = (leaf.now.source_id,)
    if not leaf.is_goods:
        return Possible(Fraction(0), "nothing: the ledger calls it services or finance, not goods", row)
    if start.earliest and start.earliest > at:
        return Possible(Fraction(0), f"nothing: its printed window opens in {start.words}", row)
    if given and given.moves_with:
        carrier = next((other for other in known.leaves if other.id == given.moves_with), None)
        if carrier:
            inner = possible_share(carrier, of_deal, known)
            return Possible(inner.share, f"the same share as of {carrier.id}, which carries it", inner.rows)
    if given and given.units and given.rate_per_month and given.backlog:
        return _by_rate(given, timeline.known(known.timeline, at), at)
    window = printed_window(start, end)
    if window is not None and not leaf.is_remainder:
        gone = sum(quarter.start_time.date() <= at for quarter in window)
        return Possible(Fraction(gone, len(window)), "the elapsed part of its printed window", row)
    return Possible(Fraction(1), "all goods at the price paid, since no printed window, count or rate bounds them")


def _by_rate(given: Evidence, happened: Iterable[timeline.Happening], at: dt.date) -> Possible:
    """Units that the seller's rate allows since the first was handed over, less those known to have gone elsewhere."""
    known = {each.source_id: each for each in happened}
    first = min((known[cell.source_id].date for cell in given.handed_over if cell.source_id in known), default=None)
    rows = tuple(cell.source_id for cell in given.cells if cell.source_id in known or "timeline" not in cell.file)
    if first is None:
        return Possible(Fraction(0), f"nothing: none was known to be handed over by {at:%B %Y}", rows)
    months = (at.year - first.year) * 12 + at.month - first.month + 1
    units, rate, backlog = (Fraction(cell.value) for cell in (given.units, given.rate_per_month, given.backlog) if cell)
    made = min(rate * months * units / backlog, units)
    gone = sum((Fraction(cell.value) for cell in given.elsewhere if cell.source_id in known), Fraction(0))
    left = max(made - gone, Fraction(0))
    why = (
        f"{float(left):.1f} of {units}: {units} of {int(backlog):,} orders at {rate} a month for {months} months"
        f"{f', less {gone} gone elsewhere' if gone else ''}"
    )
    return Possible(left / units, why, rows)


def _landed(given: Evidence | None, happened: Iterable[timeline.Happening]) -> tuple[Decimal, tuple[str, ...]]:
    """Units counted as handed over there, and the timeline's rows that count them."""
    if given is None:
        return Decimal(0), ()
    known = {each.source_id for each in happened}
    over, elsewhere = ([c for c in cells if c.source_id in known] for cells in (given.handed_over, given.elsewhere))
    count = sum((cell.value for cell in over), Decimal(0)) - sum((cell.value for cell in elsewhere), Decimal(0))
    return max(count, Decimal(0)), tuple(cell.source_id for cell in [*over, *elsewhere])


def _least(leaf: Leaf, parts: Sequence[Component], landed: Decimal, given: Evidence | None) -> Decimal:
    """Units landed at the announced value of one and the low point of the price paid."""
    if not landed or not given or not given.units:
        return Decimal(0)
    price = min((Decimal(str(float(part.factors.price.quantile(LOW)))) for part in parts), default=Decimal(1))
    return (leaf.value_usd_mn / given.units.value * landed * price).quantize(CENT)


def _at_most(part: Component, share: Fraction) -> Decimal:
    """A component's value at the high points of goods, landed and price, for the share that can have arrived."""
    factors = (part.factors.goods, part.factors.landed, part.factors.price)
    high = math.prod(float(factor.quantile(HIGH)) for factor in factors)
    return Decimal(str(float(part.value_usd_mn * share) * high))
