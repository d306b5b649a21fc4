"""What was announced: deals with dated events, and the leaves that add up to the announced total.

Rows linked by `restates` are one deal, and each row an event of it. A deal is a leaf of the
tranche that the `part_of` of one of its events names, at that event's value (the one that stood
when the tranche was announced). What a tranche holds beyond its named parts is one more leaf,
its remainder. Nothing else is added: subsets, aggregates and price evidence are context. A scenario
may take named deals to sit inside a remainder (`filled`), which fills it and never adds.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

import pandas as pd

from ..words.cells import VagueDate
from ..words.problems import errors, raise_errors
from ..words.terms import Role, Stage, Status, ValueKind
from . import deal_terms, ledger_rules
from .deal_terms import Terms

is_ledger = {"part_of", "buyer", "seller"}.issubset  # by a file's columns
PART_ROLES = (Role.DEAL, Role.RESTATEMENT)
FOREVER = dt.date.max  # as of no date: everything the ledger says


@dataclass(frozen=True, kw_only=True)
class Event(Terms):
    """What was said of a deal on a date: one ledger row, with the terms that it prints.

    `quantity` is the printed number of pieces or amount, None where none is (its unit is in the ledger).
    `attribution` says how sure it is that the deal belongs to its tranche (documented, probable, possible).
    `value_usd_mn` is None where no value was published, and the point taken of a printed bound or range, whose words
    are `bound_words` (empty for a plain value); `part_of` is the id of the whole this
    value is a part of; `source_id` is the row's `file:line`. `is_yearly`: the value comes again every year without a
    stated end, and the delivery dates are those of the first.
    """

    id: str
    role: Role
    part_of: str
    restates: str
    tranche: str
    attribution: str
    category: str
    nature: str
    buyer: str
    seller: str
    description: str
    quantity: Decimal | None
    value_usd_mn: Decimal | None
    value_kind: ValueKind
    date: VagueDate
    status: Status
    delivery_start: VagueDate
    delivery_end: VagueDate
    source: str
    source_url: str
    source_id: str
    bound_words: str = ""
    is_yearly: bool = False


@dataclass(frozen=True)
class Deal:
    """One purchase: its events, oldest first. `id` is that of the row which the others restate."""

    id: str
    events: tuple[Event, ...]

    def newest(self, at: dt.date, *, valued: bool = False) -> Event | None:
        """The newest event known on a day, or the newest that has a value; None if there was none yet."""
        events = [event for event in self.events if event.value_usd_mn is not None or not valued]
        return next((event for event in reversed(events) if is_known(event, at)), None)


@dataclass(frozen=True)
class Leaf:
    """A part of the announced total that is counted once: a named deal, or a tranche's remainder.

    `event` is the row that holds its value in the tranche (the headline's, for a remainder), and
    `now` the deal's newest event by the as-of date, which gives status and printed window. `told` is how
    often the deal had been told by then, and `printed` the values printed by then for as many pieces as it counts.
    """

    id: str
    tranche: str
    value_usd_mn: Decimal
    is_remainder: bool
    event: Event
    now: Event
    told: int = 1
    printed: tuple[Decimal, ...] = ()

    @property
    def status(self) -> Status:
        return self.now.status

    @property
    def is_goods(self) -> bool:
        """False where the ledger itself calls the deal services or finance."""
        return self.is_remainder or self.event.nature not in ("services", "finance")

    @property
    def split(self) -> Event:
        """The newest of its two events that tells firm pieces from options, else the one that holds its value."""
        told = (e for e in (self.now, self.event) if e.is_split_undisclosed or e.firm_quantity is not None)
        return next(told, self.event)

    @property
    def ids(self) -> str:
        """The raw rows behind the leaf, joined by spaces."""
        return " ".join(dict.fromkeys([self.event.source_id, self.now.source_id]))


def is_known(event: Event, at: dt.date) -> bool:
    """Whether an event had happened by a day at the latest. One without a date cannot be told: it counts."""
    return day_of(event, dt.date.min) <= at


def deals(events: Iterable[Event]) -> dict[str, Deal]:
    """Events gathered into deals by `restates`, in either direction and over any number of steps."""
    by_id = {event.id: event for event in events}
    groups: dict[str, list[Event]] = {}
    for event in by_id.values():
        root = event
        while root.restates:
            root = by_id[root.restates]
        groups.setdefault(root.id, []).append(event)

    def age(event: Event) -> tuple[dt.date, bool, str]:
        """Of two on one day the row that restates is the older."""
        return day_of(event, dt.date.min), not event.restates, event.id

    return {root: Deal(root, tuple(sorted(group, key=age))) for root, group in sorted(groups.items())}


def leaves(events: Sequence[Event], at: dt.date) -> list[Leaf]:
    """The parts that add up to what was announced by a day, each counted once, in order of id.

    The wholes are the ledger's headlines; a ledger without any is read as a list of deals.
    """
    by_root = deals(events)
    is_list = all(event.role is not Role.HEADLINE for event in events)
    tops = _whole_deals(by_root.values(), at) if is_list else _headlines(events, at)
    found = [leaf for top in tops for leaf in _split(top, top, by_root, at)]
    return sorted(found, key=lambda leaf: leaf.id)


def _headlines(events: Iterable[Event], at: dt.date) -> list[Event]:
    """The totals announced by a day. One without a date of its own was announced with the first that has one."""
    headlines = [event for event in events if event.role is Role.HEADLINE]
    known = [event for event in headlines if is_known(event, at)]
    dated = [event for event in headlines if event.date.earliest or event.date.latest]
    return known if not dated or any(event in known for event in dated) else []


def _whole_deals(found: Iterable[Deal], at: dt.date) -> Iterator[Event]:
    """In a list of deals without headlines: of each that is no part of another, the newest event with a value."""
    for deal in found:
        root = next(event for event in deal.events if event.id == deal.id)
        valued = deal.newest(at, valued=True)
        if root.role is Role.DEAL and valued and not any(event.part_of for event in deal.events):
            yield valued


def _split(top: Event, whole: Event, by_root: Mapping[str, Deal], at: dt.date) -> list[Leaf]:
    """The leaves inside one whole: its named parts, split in turn, and what they leave over."""
    own = next(deal for deal in by_root.values() if whole in deal.events)
    names = {event.id for event in own.events}
    parts = [
        event
        for deal in by_root.values()
        for event in deal.events
        if event.part_of in names and event.role in PART_ROLES and event.value_usd_mn is not None
        if is_known(event, at)
    ]
    value = whole.value_usd_mn or Decimal(0)
    if not parts and whole.role is not Role.HEADLINE:
        told = [event for event in own.events if is_known(event, at)]
        now, printed = own.newest(at) or whole, _printed(whole, told)
        leaf = Leaf(own.id, top.id, value, is_remainder=False, event=whole, now=now, told=len(told), printed=printed)
        return [leaf]
    found = [leaf for event in parts for leaf in _split(top, event, by_root, at)]
    rest = value - sum((leaf.value_usd_mn for leaf in found), Decimal(0))
    if rest:
        found.append(Leaf(f"{whole.id}-remainder", top.id, rest, is_remainder=True, event=whole, now=whole))
    return found


def _printed(counted: Event, told: Iterable[Event]) -> tuple[Decimal, ...]:
    """The values, oldest first, that were told of the same number of pieces; none where no number was printed."""
    same = (event for event in told if event.quantity is not None and event.quantity == counted.quantity)
    return tuple(event.value_usd_mn for event in same if event.value_usd_mn is not None)


def day_of(event: Event, undated: dt.date) -> dt.date:
    """The latest day that an event's date can mean, else the earliest, else what stands for no date."""
    return event.date.latest or event.date.earliest or undated


def stage(leaf: Leaf) -> Stage:
    """Where a part of the announced sum stands, each in one place: unnamed, told again, signed, or talked about."""
    if leaf.is_remainder:
        return Stage.UNNAMED
    if leaf.told > 1:
        return Stage.RESTATED
    return Stage.SIGNED if leaf.status in (Status.SIGNED, Status.DELIVERED) else Stage.TALKED_ABOUT


def inside(remainder: Leaf, leaves: Iterable[Leaf], events: Iterable[Event]) -> list[Leaf]:
    """The parts whose values a remainder is the rest of: those below its whole, at any depth, but for itself."""
    by_root = deals(events)
    below = {remainder.event.id}
    while True:
        parts = [deal for deal in by_root.values() if any(event.part_of in below for event in deal.events)]
        grown = below | {event.id for deal in parts for event in deal.events if event.role in PART_ROLES}
        if grown == below:
            return [leaf for leaf in leaves if leaf.event.id in below and leaf.id != remainder.id]
        below = grown


def unvalued(events: Iterable[Event], at: dt.date) -> list[Event]:
    """Named parts of a headline whose value was never published: inside its remainder."""
    known = [event for event in events if is_known(event, at)]
    headlines = {event.id for event in known if event.role is Role.HEADLINE}
    parts = [event for event in known if event.role in PART_ROLES and event.part_of in headlines]
    return [event for event in parts if event.value_usd_mn is None]


def next_events(events: Iterable[Event], at: dt.date) -> list[Event]:
    """Of each deal the newest event, known by a day, that tells of a next one: soonest first, undated ones last."""
    told = [next_event(deal, at) for deal in deals(events).values()]

    def when(event: Event) -> tuple[dt.date, str]:
        on = event.next_event_on
        return on.latest or on.earliest or dt.date.max, event.id

    return sorted((event for event in told if event), key=when)


def next_event(deal: Deal, at: dt.date) -> Event | None:
    """The newest event of a deal, known by a day, that tells of a next one; None without any, or of mere context."""
    told = [event for event in deal.events if event.next_event and is_known(event, at)]
    return told[-1] if told and told[-1].role in PART_ROLES else None


LEAF_COLUMNS = {
    "id": "id", "tranche": "tranche", "is_remainder": "is_remainder", "category": "event.category",
    "buyer": "event.buyer", "seller": "event.seller", "value_usd_mn": "value_usd_mn",
    "value_kind": "event.value_kind.value", "status": "now.status.value", "event_date": "now.date.words",
    "delivery_start": "now.delivery_start.words", "delivery_end": "now.delivery_end.words",
    "firm_quantity": "split.firm_quantity", "option_quantity": "split.option_quantity",
    "list_price_year": "event.list_price_year.words", "next_event": "now.next_event",
    "next_event_on": "now.next_event_on.words", "confidence": "event.confidence", "ids": "ids",
}  # fmt: skip


def table(found: Sequence[Leaf]) -> pd.DataFrame:
    """The leaves as a table: one row a leaf, its value in USD million, and the ids of the rows behind it."""
    return pd.DataFrame({name: [attrgetter(of)(leaf) for leaf in found] for name, of in LEAF_COLUMNS.items()})


def read(columns: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str]]], file: str) -> list[Event]:
    """A ledger's rows as events. Raises Refused with every problem of the ledger, and for a value left open."""
    found = ledger_rules.entries(rows)
    reason, fix = "a range or bound cannot be scheduled without a stated value", "add value_used, and why in the note"
    unchosen = [entry.problem("needs_choice", reason, fix, "value") for entry in found if entry.is_open]
    wrong = errors(ledger_rules.ledger_problems(columns, found, file))
    raise_errors(wrong or (replace(problem, file=file) for problem in unchosen))
    return [_event(entry, file) for entry in found]


def figures(found: Sequence[ledger_rules.Entry], file: str) -> list[dict[str, str | None]]:
    """A sound ledger's leaves with their values, and its ranges and bounds with their ends, in USD million."""
    parts = leaves([_event(entry, file) for entry in found], FOREVER)
    valued: list[dict[str, str | None]] = [{"id": leaf.id, "value_usd_mn": str(leaf.value_usd_mn)} for leaf in parts]
    for entry in found:
        if isinstance(entry.ends, tuple):
            low, high = (end if end is None else str(end) for end in entry.ends)
            valued.append({"id": entry.id, "low_usd_mn": low, "high_usd_mn": high})
    return valued


def _event(entry: ledger_rules.Entry, file: str) -> Event:
    """The event of an entry without errors."""
    names = ("part_of", "tranche", "attribution", "category", "nature", "buyer", "seller", "description", "source")
    row = entry.row
    texts: dict[str, Any] = {name: row.get(name, "").strip() for name in names}
    signed, start, end = (date for date in entry.dates.values() if isinstance(date, VagueDate))
    return Event(
        id=entry.id,
        role=Role(entry.role),
        quantity=deal_terms.quantity(row.get("quantity", "")),
        value_usd_mn=entry.usd_mn,
        bound_words=row["value"].strip() if row.get("value_used", "").strip() else "",
        value_kind=ValueKind(row.get("value_kind") or ValueKind.ANNOUNCED),
        date=signed,
        status=Status(row["status"]),
        delivery_start=start,
        delivery_end=end,
        source_url=row.get("source_url", ""),
        source_id=f"{file}:{entry.line}",
        is_yearly=row.get("recurs") == ledger_rules.YEARLY,
        restates=(row.get("restates") or row.get("same_as") or "").strip(),
        **vars(entry.terms),
        **texts,
    )


def filled(
    found: Sequence[Leaf], events: Sequence[Event], at: dt.date, fill: Mapping[str, Sequence[str]]
) -> tuple[list[Leaf], list[str]]:
    """The leaves with named deals taken out of a tranche's unnamed rest, and the ids that cannot be.

    `fill` maps a tranche to deals that are taken to sit inside it: in order of date (undated ones last), each at
    its newest value, the last in part, and never beyond the rest, so the sum stays. Deals not known by the day are
    passed over.
    """
    left = {leaf.id: leaf for leaf in found}
    by_id = {event.id: deal for deal in deals(events).values() for event in deal.events}
    wrong = [name for names in fill.values() for name in names if not _can_fill(by_id.get(name), found)]
    for tranche, names in fill.items():
        known = {deal.id: deal for name in names if name not in wrong for deal in [by_id[name]] if deal.newest(at)}
        for deal in sorted(known.values(), key=lambda deal: (day_of(deal.events[0], dt.date.max), deal.id)):
            rest = left.get(f"{tranche}-remainder")
            now, row = deal.newest(at), deal.newest(at, valued=True)
            if rest is None or now is None or row is None:
                continue
            taken = min(row.value_usd_mn or Decimal(0), rest.value_usd_mn)
            left[deal.id] = Leaf(deal.id, tranche, taken, is_remainder=False, event=row, now=now)
            left[rest.id] = replace(rest, value_usd_mn=rest.value_usd_mn - taken)
            if taken == rest.value_usd_mn:
                del left[rest.id]
    return sorted(left.values(), key=lambda leaf: leaf.id), wrong


def _can_fill(deal: Deal | None, found: Sequence[Leaf]) -> bool:
    return (
        deal is not None
        and deal.id not in {leaf.id for leaf in found}
        and all(event.role in PART_ROLES for event in deal.events)
        and any(event.value_usd_mn is not None for event in deal.events)
    )
