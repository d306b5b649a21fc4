"""What has arrived so far of each part of the announced sum, between a counted least and a bounded most, and where a
scenario starts from.

The least is what dated rows count as landed in the home country, at the low point of the price paid. The most is what
could have arrived: nothing of services, nothing before a printed window opens or a part is announced, no more than the
elapsed part of a window or the seller's rate times the deal's share of its backlog; each at the high points of goods,
landed and price; and no more than the lines of the home country's customs brought in which its goods can stand. What of
it came in addition, and would not have been bought anyway, is bounded by how far those lines rose over the year before
the totals, and by how far all purchases did. That rise bounds no deliveries: a purchase that took the place of another
left none. The single mosts do not add up. All is of one day, the end of the last quarter that the book holds.

A scenario starts from a share evenly likely between the two. Of a part that a count, a rate or a printed window dates
it is up to the most above, as a share of the goods at the paid price. Of one that nobody dates the most is mostly
ordinary trade, which came before any deal: it starts from no more than its part of the rise. Each line's rise is spread
over all such parts that can stand in it, in proportion to their announced value, so that what they start from adds up
to no more than the rise. Parts of one category start from one share: one unknown. A memorandum or a rest in talks is no
exception, since a purchase may serve it before anybody calls it signed; but what of it is not binding in a draw has not
arrived in it, for there it was ordinary trade. The lines are those of Vietnam's customs, CIF, whatever the answer's
book; where no bulletin is at hand such parts start from nothing.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from ..assumptions.credit import Component
from ..assumptions.delivery import printed_window
from ..assumptions.distributions import Assumption
from ..facts import ledger, timeline
from ..facts.goods import Held, Since
from ..facts.known import Known
from ..facts.ledger import Event, Leaf, is_known
from ..words.cells import decimal
from ..words.schema import Strict, Words
from ..words.terms import Role, Status, Strength

LOW, HIGH = 0.05, 0.95  # the points of every range that readers see
CENT, POINT = Decimal("0.01"), Decimal("0.001")
NAMED = 3  # so many lines of a part are named, the largest
RISEN = "arrived."  # begins the path of the share of a category of which its lines' rise tells


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
class Grounds:
    """What counts or bounds arrivals: what a case says of single deals, what the lines of the imports brought from the
    first total to the day, and by how much all purchases rose, in USD million. None where nothing tells of it."""

    deals: tuple[Evidence, ...] = ()
    lines: Since | None = None
    most: Fraction | None = None


class Rate(NamedTuple):
    """A deal's units in a seller's backlog of so many, made at a rate a month for some months; `elsewhere` are units
    that went to other places, `at_most` is what that leaves."""

    units: Fraction
    backlog: Fraction
    a_month: Fraction
    months: int
    elsewhere: Fraction

    @property
    def at_most(self) -> Fraction:
        made = min(self.a_month * self.months * self.units / self.backlog, self.units)
        return max(made - self.elsewhere, Fraction(0))

    @property
    def words(self) -> str:
        gone = f", less {self.elsewhere} gone elsewhere" if self.elsewhere else ""
        of = f"{self.units} of {int(self.backlog):,} orders at {self.a_month} a month for {self.months} months"
        return f"{float(self.at_most):.1f} of {self.units}: {of}{gone}"


@dataclass(frozen=True)
class Possible:
    """The share of a part that can have arrived, why no more, and the raw rows that say so; `is_dated` where a count, a
    rate, a window or its kind tells of it, `rate` the one that does."""

    share: Fraction
    why: str
    rows: tuple[str, ...] = ()
    is_dated: bool = True
    rate: Rate | None = None


@dataclass(frozen=True)
class Arrival:
    """One part's bounds in USD million, with the reasons and the raw rows behind.

    `uncapped_usd_mn` is the most before `held`, what its lines brought, bounds it (None where no bulletin tells);
    `additional_usd_mn` is the most of it that came in addition. `starts` has, by component, the share of it that had
    arrived where a scenario starts, of those of which any can have, and `start_usd_mn` what that comes to at most.
    `rate` is the seller's, where one bounds the part.
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
    starts: Mapping[str, Assumption]
    start_usd_mn: Decimal
    rate: Rate | None


@dataclass(frozen=True)
class _Told:
    """What the bounds of every part are told from: its components, what is said of deals, and what had happened."""

    known: Known
    parts: Mapping[str, Sequence[Component]]
    grounds: Grounds
    risen: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def day(self) -> dt.date:
        return day_of(self.known)

    @property
    def happened(self) -> list[timeline.Happening]:
        return timeline.known(self.known.timeline, self.day)

    def said(self, leaf: Leaf) -> Evidence | None:
        return next((each for each in self.grounds.deals if each.deal == leaf.id), None)

    def carrier(self, leaf: Leaf) -> Leaf | None:
        """The part whose units carry this one's goods."""
        given = self.said(leaf)
        carrying = self.parts.get(given.moves_with) if given else None
        return carrying[0].leaf if carrying else None

    def held(self, leaf: Leaf) -> Held | None:
        """What the lines brought in which a part can stand."""
        lines = self.grounds.lines
        return lines.held(part.category for part in self.parts[leaf.id]) if lines and leaf.is_goods else None

    def at_most(self, leaf: Leaf, share: Fraction) -> Decimal:
        """A share of a part at the high points of its factors."""
        return sum((_at_most(part, share) for part in self.parts[leaf.id]), Decimal(0))


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


def bounds(known: Known, parts: Sequence[Component], grounds: Grounds) -> tuple[Arrival, ...]:
    """The least and the most that has arrived of each part of the announced sum, and where a scenario starts from, in
    order of the parts."""
    by_leaf: dict[str, list[Component]] = {}
    for part in parts:
        by_leaf.setdefault(part.leaf.id, []).append(part)
    of = _Told(known, by_leaf, grounds)
    of = replace(of, risen=_risen(of))
    return tuple(_arrival(each[0].leaf, of) for each in by_leaf.values())


def _arrival(leaf: Leaf, of: _Told) -> Arrival:
    possible, held, given = possible_share(leaf, of), of.held(leaf), of.said(leaf)
    landed, counted = _landed(given, of.happened)
    low = _least(leaf, of.parts[leaf.id], landed, given)
    uncapped = of.at_most(leaf, possible.share).quantize(CENT)
    high = max(min(uncapped, held.usd_mn), low) if held else uncapped
    most = of.grounds.most
    bounding = [high, *([held.rise_usd_mn] if held else []), *([] if most is None else [Decimal(float(most))])]
    starts = _starts(leaf, of)
    return Arrival(
        leaf=leaf,
        low_usd_mn=low,
        high_usd_mn=high,
        uncapped_usd_mn=uncapped,
        additional_usd_mn=min(bounding).quantize(CENT),
        held=held,
        low_why=_least_why(low, landed, given, {*counted, *possible.rows}, of.known),
        high_why=possible.why + (_lines_why(held, of) if held and high < uncapped else ""),
        rows=tuple(dict.fromkeys(counted + possible.rows)),
        starts=starts,
        start_usd_mn=_most_at_the_start(of.parts[leaf.id], starts).quantize(CENT),
        rate=possible.rate,
    )


def _least_why(low: Decimal, landed: Decimal, given: Evidence | None, rows: set[str], known: Known) -> str:
    """Why a part's least is no less: what was counted, what the evidence says once anything of it had happened."""
    if low:
        return f"{landed} counted as landed in {known.pair.home_name}"
    told = given is not None and rows & {each.source_id for each in known.timeline}
    return given.reason if given and told else "nothing is known to have been handed over"


def _most_at_the_start(parts: Iterable[Component], starts: Mapping[str, Assumption]) -> Decimal:
    """What the highest share from which a scenario starts comes to, at the high points of the other factors."""
    return sum(
        (_at_most(part, Fraction(starts[part.id].parameters[-1])) for part in parts if part.id in starts), Decimal(0)
    )


def _starts(leaf: Leaf, of: _Told) -> dict[str, Assumption]:
    """By component, the share that had arrived by the day, evenly likely between what is counted and what can have.

    Of a part that is dated, what can have is its most; of one that nobody dates, its part of the rise of its lines.
    """
    landed, _ = _landed(given := of.said(leaf), of.happened)
    low = landed / given.units.value if given and given.units else Decimal(0)
    dated = _within_its_lines(leaf, of)
    # what another deal's units carry has arrived as far as these: one unknown, by its path
    carrier = of.carrier(leaf) or leaf
    own, found = f"deals.{carrier.id}.arrived", {}
    for part in of.parts[leaf.id]:
        share = dated.share if dated.is_dated else of.risen.get(part.category, Fraction(0))
        path = own if dated.is_dated or low else f"{RISEN}{part.category}"
        high = max(low, Decimal(share.numerator) / share.denominator)
        if high := high.quantize(POINT, ROUND_DOWN):  # no more than the lines allow
            why = dated.why if dated.is_dated else _rise_why(part, of)
            found[part.id] = _evenly(path, low.quantize(POINT, ROUND_DOWN), high, f"by {of.day} from", why)
    return found


def _evenly(path: str, low: Decimal, high: Decimal, by: str, why: str) -> Assumption:
    source = f"{by} {low:%} that is counted to {high:%}, {why}"
    return Assumption(path, source, Strength.WEAK, "range", (low, (low + high) / 2, high))


def _rise_why(part: Component, of: _Told) -> str:
    """That a part starts from no more than its lines rose by, with the months."""
    lines, goods = of.grounds.lines, part.category.replace("_", " ")
    assert lines is not None
    rose = f"the rise of its lines of {of.known.pair.home_name}'s customs, {lines.first:%B %Y} to {lines.last:%B %Y}"
    return f"{rose}, spread over all {goods} that nobody dates and what else can stand in them"


def _within_its_lines(leaf: Leaf, of: _Told) -> Possible:
    """The share of a part that can have arrived, no more of it than its lines brought."""
    possible, held = possible_share(leaf, of), of.held(leaf)
    uncapped = of.at_most(leaf, possible.share)
    if held is None or held.usd_mn >= uncapped:
        return possible
    share = possible.share * Fraction(held.usd_mn) / Fraction(uncapped)
    return replace(possible, share=share, why=possible.why + _lines_why(held, of))


def _risen(of: _Told) -> dict[str, Fraction]:
    """By category, the share of what nobody dates that its lines' rise comes to: each line's is spread over all of it
    that can stand in that line, in proportion to its announced value, up to all of it and to `most` in all."""
    lines, claims = of.grounds.lines, _undated(of)
    if lines is None:
        return {}
    can_stand = {category: {*lines.names([category])} for category in claims}
    shares = dict.fromkeys(claims, Fraction(0))
    for name, (now, before) in lines.by_line.items():
        sharing = [category for category, names in can_stand.items() if name in names]
        whole = sum((claims[category] for category in sharing), Fraction(0))
        for category in sharing if whole else ():
            shares[category] += Fraction(max(now - before, Decimal(0))) / whole
    shares = {category: min(share, Fraction(1)) for category, share in shares.items()}
    come, most = sum(share * claims[category] for category, share in shares.items()), of.grounds.most
    scale = max(most, Fraction(0)) / come if most is not None and come > most else Fraction(1)
    return {category: share * scale for category, share in shares.items()}


def _undated(of: _Told) -> dict[str, Fraction]:
    """By category, the announced value of the goods of all parts that nobody dates, in USD million."""
    found: dict[str, Fraction] = {}
    for part in (part for parts in of.parts.values() for part in parts):
        if not possible_share(part.leaf, of).is_dated:
            found[part.category] = found.get(part.category, Fraction(0)) + part.value_usd_mn
    return found


def _lines_why(held: Held, of: _Told) -> str:
    """That a part's lines brought no more, with the names of the largest."""
    lines = of.grounds.lines
    assert lines is not None
    names = "; ".join(held.lines[:NAMED])
    brought = f"its {len(held.lines)} lines" if len(held.lines) > 1 else "its line"
    named = f"the largest {names}" if len(held.lines) > NAMED else names
    return f", and no more than {brought} brought from {lines.first:%B %Y} to {lines.last:%B %Y} ({named})"


def possible_share(leaf: Leaf, of: _Told) -> Possible:
    """The share of a part that can have arrived by the day, and the first reason that holds."""
    start, row = leaf.now.delivery_start, (leaf.now.source_id,)
    if not leaf.is_goods:
        return Possible(Fraction(0), "nothing: the ledger calls it services or finance, not goods", row)
    if ledger.day_of(leaf.event, dt.date.min) > of.day:
        return Possible(Fraction(0), f"nothing: it was announced after {of.day}", row)
    if start.earliest and start.earliest > of.day:
        return Possible(Fraction(0), f"nothing: its printed window opens in {start.words}", row)
    if carrier := of.carrier(leaf):
        inner = _within_its_lines(carrier, of)
        return replace(inner, why=f"the same share as of {carrier.id}, which carries it", rate=None)
    given = of.said(leaf)
    if given and given.units and given.rate_per_month and given.backlog:
        return _by_rate(given, of.happened, of.day)
    window = printed_window(start, leaf.now.delivery_end)
    if window is not None and not leaf.is_remainder:
        gone = sum(quarter.start_time.date() <= of.day for quarter in window)
        # of a value a year no first year was printed: the ledger counts one from its announcement
        why = "the elapsed part of its first year" if leaf.now.is_yearly else "the elapsed part of its printed window"
        return Possible(Fraction(gone, len(window)), why, row)
    why = "all goods at the price paid, since no printed window, count or rate bounds them"
    return Possible(Fraction(1), why, is_dated=False)


def _by_rate(given: Evidence, happened: Iterable[timeline.Happening], at: dt.date) -> Possible:
    """Units that the seller's rate allows since the first was handed over, less those known to have gone elsewhere."""
    known = {each.source_id: each for each in happened}
    first = min((known[cell.source_id].date for cell in given.handed_over if cell.source_id in known), default=None)
    rows = tuple(cell.source_id for cell in given.cells if cell.source_id in known or "timeline" not in cell.file)
    if first is None:
        return Possible(Fraction(0), f"nothing: none was known to be handed over by {at:%B %Y}", rows)
    months = (at.year - first.year) * 12 + at.month - first.month + 1
    units, rate, backlog = (Fraction(cell.value) for cell in (given.units, given.rate_per_month, given.backlog) if cell)
    gone = sum((Fraction(cell.value) for cell in given.elsewhere if cell.source_id in known), Fraction(0))
    found = Rate(units, backlog, rate, months, gone)
    return Possible(found.at_most / units, found.words, rows, rate=found)


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
