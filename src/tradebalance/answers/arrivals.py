"""What has arrived so far of each part of the announced sum: between a counted least and a bounded most.

The least is what dated rows count as landed in the home country, at the low point of the price paid. The most is what
could have arrived: nothing of services, nothing before a printed window opens, no more than the elapsed part of one or
the seller's rate times the deal's share of its backlog; each at the high points of goods, landed and price; and no more
than the lines of the home country's customs brought in which its goods can stand. What of it came in addition, and
would not have been bought anyway, is bounded by how far those lines rose over the year before the totals, and by how
far all purchases did. That rise bounds no deliveries: a purchase that took the place of another left none. The single
mosts do not add up. Both ends are of one day, the last of the quarters that the book holds.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from ..assumptions.credit import Component
from ..assumptions.delivery import printed_window
from ..assumptions.distributions import Assumption
from ..facts import timeline
from ..facts.goods import Held, Since
from ..facts.known import Known
from ..facts.ledger import Event, Leaf, is_known
from ..words.cells import decimal
from ..words.schema import Strict, Words
from ..words.terms import Role, Status, Strength

LOW, HIGH = 0.05, 0.95  # the points of every range that readers see
CENT, POINT = Decimal("0.01"), Decimal("0.001")
NAMED = 3  # so many lines of a part are named, the largest


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
class Possible:
    """The share of a part that can have arrived, why no more, and the raw rows that say so."""

    share: Fraction
    why: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrival:
    """One part's bounds in USD million, with the reasons and the raw rows behind.

    `uncapped_usd_mn` is the most before `held`, what its lines brought, bounds it (None where no bulletin tells);
    `additional_usd_mn` is the most of it that came in addition.
    """

    leaf: Leaf
    low_usd_mn: Decimal
    high_usd_mn: Decimal
    uncapped_usd_mn: Decimal
    additional_usd_mn: Decimal
    held: Held | None
    low_why: str
    high_why: str
    rows: tuple[str, ...]


def day_of(known: Known) -> dt.date:
    """The day by which arrivals are told: the end of the book's last quarter, or of the as-of month without one."""
    ends: list[dt.date] = [period.end_time.date() for period in (known.as_of, *known.history.index[-1:])]
    return min(ends)


def landed_since(events: Iterable[Event], day: dt.date) -> list[Event]:
    """Rows of the ledger, known by a day, that call a deal delivered since the first total, with the day it came."""
    events = [event for event in events if is_known(event, day)]
    dated = (event.date.latest or event.date.earliest for event in events if event.role is Role.HEADLINE)
    first = min((each for each in dated if each), default=None)
    came = ((event, event.delivery_start.earliest) for event in events if event.status is Status.DELIVERED)
    return [event for event, at in came if first and at and first <= at <= day]


def before_the_forecast(known: Known, leaves: Iterable[Leaf], evidence: Sequence[Evidence]) -> dict[str, Assumption]:
    """By deal, the share of it that had arrived by the day, evenly likely between what is counted and what can have.

    Of named deals in goods whose printed window had opened by then. What can have arrived is what was due by then, the
    elapsed part of a window with two ends, or what the seller's rate allows; of deals of which nobody says either
    nothing is taken to have arrived, nor of those of which none can have.
    """
    of_deal = {each.deal: each for each in evidence}
    found = {}
    for leaf in leaves:
        start, given = leaf.now.delivery_start.earliest, of_deal.get(leaf.id)
        possible = possible_share(leaf, of_deal, known)
        has_begun = start is not None and start <= day_of(known) and not leaf.is_remainder
        if not has_begun or not possible.rows or not possible.share:
            continue
        landed, _ = _landed(given, timeline.known(known.timeline, day_of(known)))
        low = landed / given.units.value if given and given.units else Decimal(0)
        high = max(low, Decimal(possible.share.numerator) / possible.share.denominator)
        low, high = (end.quantize(POINT) for end in (low, high))
        source = f"by {day_of(known)} from {low:%} that is counted to {high:%}, {possible.why}"
        ends = (low, (low + high) / 2, high)
        # what another deal's units carry has arrived as far as these: one unknown, by its path
        carrier = given.moves_with if given and given.moves_with else leaf.id
        found[leaf.id] = Assumption(f"deals.{carrier}.arrived", source, Strength.WEAK, "range", ends)
    return found


def bounds(
    known: Known,
    parts: Sequence[Component],
    evidence: Sequence[Evidence],
    most: Fraction | None = None,
    lines: Since | None = None,
) -> list[Arrival]:
    """The least and the most that has arrived of each part of the announced sum, in order of the parts.

    `most` is by how much all purchases rose, in USD million, `lines` what each line of the imports brought.
    """
    of_deal = {each.deal: each for each in evidence}
    by_leaf = {leaf.id: [part for part in parts if part.leaf.id == leaf.id] for leaf in known.leaves}
    return [_arrival(leaf, by_leaf[leaf.id], of_deal, known, most, lines) for leaf in known.leaves]


def _arrival(
    leaf: Leaf,
    parts: Sequence[Component],
    of_deal: Mapping[str, Evidence],
    known: Known,
    most: Fraction | None,
    lines: Since | None,
) -> Arrival:
    possible = possible_share(leaf, of_deal, known)
    given = of_deal.get(leaf.id)
    landed, counted = _landed(given, timeline.known(known.timeline, day_of(known)))
    low = _least(leaf, parts, landed, given)
    uncapped = sum((_at_most(part, possible.share) for part in parts), Decimal(0)).quantize(CENT)
    held = lines.held(part.category for part in parts) if lines and leaf.is_goods else None
    high = max(min(uncapped, held.usd_mn), low) if held else uncapped
    bounding = [high, *([held.rise_usd_mn] if held else []), *([] if most is None else [Decimal(float(most))])]
    told = given is not None and (counted or set(possible.rows) & {each.source_id for each in known.timeline})
    least = given.reason if given and told else "nothing is known to have been handed over"
    if low:
        least = f"{landed} counted as landed in {known.pair.home_name}"
    why = possible.why + (_lines_why(held, lines) if held and lines and high < uncapped else "")
    rows = tuple(dict.fromkeys(counted + possible.rows))
    return Arrival(leaf, low, high, uncapped, min(bounding).quantize(CENT), held, least, why, rows)


def _lines_why(held: Held, lines: Since) -> str:
    """That a part's lines brought no more, with the names of the largest."""
    others = f" and {len(held.lines) - NAMED} more" if len(held.lines) > NAMED else ""
    names = "; ".join(held.lines[:NAMED])
    return f", and no more than its lines brought from {lines.first:%B %Y} to {lines.last:%B %Y} ({names}{others})"


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
        # of a value a year no first year was printed: the ledger counts one from its announcement
        why = "the elapsed part of its first year" if leaf.now.is_yearly else "the elapsed part of its printed window"
        return Possible(Fraction(gone, len(window)), why, row)
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
