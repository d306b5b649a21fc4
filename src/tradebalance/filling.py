"""Named deals taken to sit inside a tranche's unnamed rest: a scenario's choice, which fills and never adds."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .commitments import PART_ROLES, Deal, Event, Leaf, day_of, deals, is_known


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
            now = next(event for event in reversed(deal.events) if is_known(event, at))
            valued = [(e, e.value_usd_mn) for e in deal.events if is_known(e, at) and e.value_usd_mn is not None]
            if rest is None or not valued:
                continue
            row, value = valued[-1]
            taken = min(value, rest.value_usd_mn)
            left[deal.id] = Leaf(deal.id, tranche, taken, is_remainder=False, event=row, now=now)
            left[rest.id] = replace(rest, value_usd_mn=rest.value_usd_mn - taken)
            if taken == rest.value_usd_mn:
                del left[rest.id]
    return sorted(left.values(), key=lambda leaf: leaf.id), wrong


def _can_fill(deal: Deal | None, found: Sequence[Leaf]) -> bool:
    """Whether a deal is one of the ledger's, has a value, is no total, and is not counted already."""
    return (
        deal is not None
        and deal.id not in {leaf.id for leaf in found}
        and all(event.role in PART_ROLES for event in deal.events)
        and any(event.value_usd_mn is not None for event in deal.events)
    )
