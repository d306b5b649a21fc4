"""Milestones of deals: each with a date and the chance that it has come by then, and what became of it.

There are two kinds. That a deal which is not binding becomes so, within SPANS: its conversion prior, aged by what it
has waited (`binding`). And what the ledger prints as its next event, with a date that is still to come: that the deal
is binding by then, that it is not cancelled, and that the event is not late. Whatever is printed is taken for a step of
delivery, and an end of memoranda for what they were about having come. The event is planned in each quarter of its
printed date alike, as deliveries are in a printed window, and slips by whole quarters as its category does; so what is
printed to the quarter is mostly late, and what is printed to the year less so. How sure the source is (`confidence`)
stands beside the chance and is no part of it.

A milestone has come where the ledger says so: by the deal's status, or by a later row of it that names the event in its
column `happened`. Chances are scored by Brier's squared error once their date has come, and not before, when only those
that came could be.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp, lgamma
from typing import Any

import numpy as np
import pandas as pd

from ..assumptions.credit import UNFINISHED, age_months, chance
from ..assumptions.delivery import printed_window
from ..assumptions.distributions import EVIDENCE_MONTHS, Assumption
from ..assumptions.written import HAZARD, LATE, SLIP, Assumptions
from ..facts import ledger
from ..facts.known import Known
from ..facts.ledger import Deal, Event
from ..words.terms import Role, Status

SPANS = (12, EVIDENCE_MONTHS)  # months ahead by which a deal becomes binding or does not
BECOMES_BINDING = "becomes binding"
BINDING = (Status.SIGNED, Status.DELIVERED)
PARTS = (Role.DEAL, Role.RESTATEMENT)
OVER = (Status.DELIVERED, Status.CANCELLED)
HAPPENED, MISSED, OPEN = "happened", "not by its date", "open"
MONTHS_A_YEAR, DIGITS = 12, 4
Json = dict[str, Any]


def milestones(known: Known, assumptions: Assumptions) -> list[Json]:
    """Every milestone of the deals that are neither delivered nor cancelled: `deal`, `event`, the deal's `status`, `by`
    (a month, to its end), `confidence` and `probability`.

    Raises Refused where an assumption is missing.
    """
    found = []
    for deal in ledger.deals(known.events).values():
        now = deal.newest(known.last_day)
        if now is not None and now.role in PARTS and now.status not in OVER:
            found += [*_becoming_binding(deal, now, known, assumptions), *_printed(deal, now, known, assumptions)]
    return found


def _becoming_binding(deal: Deal, now: Event, known: Known, assumptions: Assumptions) -> Iterator[Json]:
    for months in SPANS if now.status in UNFINISHED else ():
        share = binding(now, known.as_of, months, assumptions)
        yield _entry(deal, BECOMES_BINDING, now, known.as_of + months, now, share)


def _printed(deal: Deal, now: Event, known: Known, assumptions: Assumptions) -> Iterator[Json]:
    """The next event that was last told of, where it has a date with an end, and that is after the month."""
    told = ledger.next_event(deal, known.last_day)
    last = told.next_event_on.latest if told else None
    if told is None or last is None or last <= known.last_day:
        return
    by = pd.Period(last, freq="M")
    months = (by - known.as_of).n
    survives = exp(-float(assumptions.of_category(Assumption, HAZARD, now.category).mean) * months / MONTHS_A_YEAR)
    share = binding(now, known.as_of, months, assumptions) * survives * in_time(told, known.first, assumptions)
    yield _entry(deal, told.next_event, now, by, told, share)


def _entry(deal: Deal, event: str, now: Event, by: pd.Period, told: Event, probability: float) -> Json:
    confidence = None if told.confidence is None else str(told.confidence)
    about = {"deal": deal.id, "event": event, "status": str(now.status), "by": str(by), "confidence": confidence}
    return about | {"probability": round(probability, DIGITS)}


def binding(now: Event, as_of: pd.Period, months: int, assumptions: Assumptions) -> float:
    """The probability that a deal is binding after some months: by its conversion for the evidence's span, by
    `late_conversion` beyond it; 1 for one that is."""
    if now.status not in UNFINISHED:
        return 1.0
    conversion = chance(now.status, now.category, assumptions)
    soon = within(conversion, age_months(now, as_of), min(months, EVIDENCE_MONTHS))
    late = assumptions.of_category(Assumption, LATE, now.category)
    return 1 - (1 - soon) * (1 - within(late, 0, max(0, months - EVIDENCE_MONTHS)))


def within(conversion: Assumption, age_months: int, months: int) -> float:
    """The probability of becoming binding within some months, after an age without it.

    A deal converts at a rate of its own that does not change, so it stays open for a part s of the evidence's span with
    (1 - p) ** s, p its share within that span; of a Beta, the mean of that over what is left at the age.
    """
    span = months / EVIDENCE_MONTHS
    aged = conversion.aged(age_months)
    if aged.form != "beta":
        return float(1 - (1 - float(aged.mean)) ** span)
    a, b = map(float, aged.parameters)
    return 1 - exp(lgamma(b + span) + lgamma(a + b) - lgamma(b) - lgamma(a + b + span))


def in_time(told: Event, first: pd.Period, assumptions: Assumptions) -> float:
    """The probability that a printed event slips no further than the last quarter of its date, planned in each quarter
    of it alike; of a date that has begun by the quarter `first`, by what is left of the slip."""
    on, latest = told.next_event_on, pd.Period(told.next_event_on.latest, freq="Q")
    window = printed_window(on, on)
    quarters = pd.period_range(latest, latest) if window is None else window
    slip = assumptions.of_category(Assumption, SLIP, told.category)
    slip = slip.after((first - quarters[0]).n) if quarters[0] < first else slip
    return float(np.mean([_at_most(slip, (latest - max(quarter, first)).n) for quarter in quarters]))


def _at_most(slip: Assumption, quarters: int) -> float:
    """The probability that a slip, fixed or drawn, is at most so many quarters."""
    return float(slip.mean <= quarters) if slip.is_fixed else float(sum(slip.quarters[: quarters + 1]))


def resolved(kept: Iterable[Mapping[str, Any]], events: Iterable[Event], at: pd.Period) -> list[Json]:
    """What became of milestones by the end of a month: each with its `outcome`, HAPPENED, MISSED or OPEN.

    `kept` have the month they are of as `as_of`.
    """
    deals = ledger.deals(events)
    return [{**one, "outcome": _outcome(one, deals.get(one["deal"]), at)} for one in kept]


def _outcome(one: Mapping[str, Any], deal: Deal | None, at: pd.Period) -> str:
    due = pd.Period(one["by"], freq="M")
    day = min(due, at).end_time.date()
    if deal is not None and _has_come(one, deal, day):
        return HAPPENED
    return MISSED if due <= at else OPEN


def _has_come(one: Mapping[str, Any], deal: Deal, day: Any) -> bool:
    now = deal.newest(day)
    if one["event"] == BECOMES_BINDING:
        return now is not None and now.status in BINDING
    since = pd.Period(one["as_of"], freq="M").end_time.date()
    later = [event for event in deal.events if since < ledger.day_of(event, since) <= day]
    return any(event.happened == one["event"] or event.status is Status.DELIVERED for event in later)


def brier(found: Sequence[Mapping[str, Any]], at: pd.Period) -> Json:
    """How many milestones there are (`kept`) and whose date has come (`due`), and the mean squared error of the chances
    of those; None where there is none."""
    due = [one for one in found if pd.Period(one["by"], freq="M") <= at]
    errors = [(one["probability"] - (one["outcome"] == HAPPENED)) ** 2 for one in due]
    return {"kept": len(found), "due": len(due), "brier": round(float(np.mean(errors)), 9) if errors else None}
