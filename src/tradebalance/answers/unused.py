"""What was changed in a scenario and moves nothing in it, and why: an assumption not looked up, an idle key."""

from collections.abc import Iterable, Sequence

from ..assumptions import credit
from ..assumptions.delivery import PUBLISHED, printed_window
from ..assumptions.events import EVENTS
from ..assumptions.overrides import covers, terms_of
from ..assumptions.written import (
    CAPACITY,
    CONCENTRATION,
    DEALS,
    INFLATION,
    MIX,
    SLIP,
    TARIFF_PATH,
    WINDOW,
)
from ..words.problems import CHANGES, Problem
from ..words.terms import Status
from .model import Model
from .simulation import is_exact

NO_EFFECT = "no_effect"
UNFINISHED = {
    Status.MOU: "an unsigned memorandum",
    Status.NEGOTIATING: "under negotiation",
    Status.PLANNED: "only planned",
}
Why = tuple[str, str]  # the reason, and what to do instead


def unused(of: Model) -> list[Problem]:
    """A warning for each path of the scenario's `set` and `deals`, each event and each change of this run, that moves
    nothing."""
    scenario, found = of.scenario, []
    used = [record.path for record in (*of.assumptions, *of.settings)]  # beside them, what acts as 0
    if of.included and scenario.credit == "assumptions":
        used += [f"books.{scenario.reporter}.lag_quarters", "correlation.political"]
        used += ["correlation.seller"] if scenario.delivery.slips else []
    used += [INFLATION] if scenario.prices else []
    stated, changes = [*scenario.set, *terms_of(scenario.deals)], of.inputs.changes
    for path in dict.fromkeys([*stated, *changes]):
        why = _of_assumption(path, of, used) if path in stated else _of_key(path, of)
        if why:
            is_change = path in changes or any(covers(change, path) for change in changes if covers(DEALS, change))
            file = CHANGES if is_change else f"{scenario.name}.yaml"
            reason, fix = f"changes nothing: {why[0]}", why[1] or "leave it out"
            found.append(Problem(NO_EFFECT, file, reason, fix, None, path, severity="warning"))
    return [*found, *_idle_tariffs(of), *_idle_events(of)]


def _idle_tariffs(of: Model) -> Iterable[Problem]:
    """A warning for a tariff whose steps move nothing, and for each stated rate that begins after the horizon."""
    file, last = f"{of.scenario.name}.yaml", of.calendar.last.end_time
    late = [
        (f"tariff.{key}.{day.date()}", f"the horizon ends on {last:%d %b %Y}", "lengthen the horizon, or leave it out")
        for key, rates in of.scenario.tariff.stated.items()
        for day in rates
        if day > last
    ]
    if of.moved and not of.moved.moves and not late:
        known = "every step has phased in before the forecast, and what follows stays as it is"
        late = [("tariff", known, "give a rate from a later day, or leave the key out")]
    for path, reason, fix in late:
        yield Problem(NO_EFFECT, file, f"changes nothing: {reason}", fix, None, path, severity="warning")


def _idle_events(of: Model) -> Iterable[Problem]:
    """A warning for each event of the scenario that strikes nothing."""
    file = CHANGES if EVENTS in of.inputs.changes else f"{of.scenario.name}.yaml"
    for event in of.scenario.events:
        why = ""
        if event.condition == "tariff" and of.duty is None:
            why = "the scenario has no tariff"
        elif event.condition == "no tariff" and of.duty is not None and of.duty.takes_effect.mean == 1:
            why = "the scenario's tariff comes about in every draw"
        elif event.on is not None and event.on > of.calendar.last + 1:
            why = f"the forecast ends with {of.calendar.last}"
        elif not any(hit.name == event.name for part in of.included for hit in part.hits):
            why = f"no part that counts is {_some(event.of)}"
        if why:
            reason = f"the event {event.name} changes nothing: {why}"
            yield Problem(NO_EFFECT, file, reason, "leave it out", None, EVENTS, severity="warning")


def _of_assumption(path: str, of: Model, used: Sequence[str]) -> Why | None:
    """Why nothing looks the assumption up; None where something does."""
    if any(covers(path, each) for each in used):
        return None
    section, *keys = path.split(".")
    if section == "books" and keys[0] != of.inputs.scenario.reporter:
        return f"the answer is on the book of {of.inputs.scenario.reporter}", f"set reporter={keys[0]} too"
    if section == DEALS:
        deal, _, term = path.removeprefix(f"{DEALS}.").rpartition(".")
        return _of_deal(deal, term, of)
    return _switched_off(section, keys, of) or _of_parts(section, keys, of, used)


def _of_deal(deal: str, term: str, of: Model) -> Why:
    """Why what is said of one deal alone does not act."""
    parts, plan = [part for part in of.components if part.leaf.id == deal], of.scenario.delivery
    if not parts:
        return f"{deal} is no part of the announced sum here", "name it under include.fill too"
    if not any(part.included for part in parts):
        return f"the scenario leaves {deal} out", "let include take it in"
    if term in ("window", SLIP) and plan.start == "now":
        return "every part starts with the forecast", "set delivery.from=announced too"
    if term == "window":
        return f"{deal} arrives on milestones", ""
    if of.scenario.credit == "none":
        return "the scenario's credit is none, so that every factor is 1", "set credit=assumptions too"
    if term == "exercise":
        return f"the ledger tells of no options of {deal}", f"set {DEALS}.{deal}.firm too"
    return f"{deal} brings no goods", ""


def _switched_off(section: str, keys: Sequence[str], of: Model) -> Why | None:
    """Where the scenario itself says that the section does not act."""
    scenario, plan = of.scenario, of.scenario.delivery
    if section == TARIFF_PATH or (section == "tariff_effect" and of.duty is None):
        is_path = section == TARIFF_PATH
        return f"the scenario's tariff is {scenario.tariff.name}", f"set tariff={keys[0] if is_path else 'NAME'} too"
    if section == "tariff_effect":
        return f"no step of the tariff {scenario.tariff} goes by it", "name the day of one of its steps, or an earlier"
    if not plan.slips and (section == SLIP or (section, *keys) == ("correlation", "seller")):
        return "nothing slips in this scenario", "set delivery.slip=assumptions too, with delivery.from=announced"
    if section == CAPACITY and not plan.is_limited:
        return "nothing is limited in this scenario", "set delivery.capacity=assumptions too"
    if section == INFLATION:
        return "amounts are in the dollars of their years", "set prices.dollars_of too"
    paces = [plan, *plan.by_category.values()]
    if section == WINDOW and (plan.start == "now" or all(pace.profile != PUBLISHED for pace in paces)):
        fix = "set delivery.profile=published too, with delivery.from=announced"
        return "assumed windows go with the profile published", fix
    if scenario.credit == "none" and section not in (SLIP, CAPACITY, WINDOW, MIX):
        return "the scenario's credit is none, so that every factor is 1", "set credit=assumptions too"
    return None


def _of_parts(section: str, keys: Sequence[str], of: Model, used: Iterable[str]) -> Why:
    """Which parts of the ledger would look it up, and what they go by instead."""
    if section == CONCENTRATION:
        return "no unnamed rest counts here", ""
    key, included = keys[-1], of.included
    instead = [path for path in dict.fromkeys(used) if path.startswith(".".join((section, *keys[:-1])) + ".")]
    if section == "conversion":
        return _of_conversion(keys, included, instead)
    if section in (MIX, "remainder_fraction") and key != "default":
        there = any(part.leaf.is_remainder and part.leaf.event.id == key for part in of.components)
        return (f"the unnamed rest of {key} does not count here" if there else f"nothing of {key} is unnamed"), ""
    if section == "price_paid_of_announced":
        return f"no part that counts is priced so; the parts go by {_some(instead)}", ""
    if key == "default":
        return f"every part that counts has one of its own; they go by {_some(instead)}", ""
    of_key = [part for part in included if key in (part.category, part.leaf.id)]
    if not of_key:
        return f"no part that counts is {key}", ""
    if all(not part.factors.goods.mean for part in of_key):
        return f"what is {key} here brings no goods", ""
    return f"what is {key} here goes by {_some(instead)}", ""


def _of_conversion(keys: Sequence[str], included: Sequence[credit.Component], instead: Sequence[str]) -> Why:
    status, *category = keys
    unnamed = {part.leaf.event.id: part for part in included if part.leaf.is_remainder and part.leaf.status == status}
    named = [part for part in included if part.leaf.status == status and not part.leaf.is_remainder]
    if named:
        which = f"of category {category[0]}" if category and category[0] != "default" else "without one of its own"
        return f"no named part that is {status} is {which}; they go by {_some(instead)}", ""
    words = f"no named part of this ledger is {UNFINISHED.get(Status(status), status)}"
    rest = _some(sorted({part.factors.conversion.path for part in unnamed.values()}))
    return (f"{words}; the unnamed rest goes by {rest}", f"set {rest} instead") if unnamed else (words, "")


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:4]) + (" and others" if len(paths) > 4 else "") if paths else "none"


def _of_key(path: str, of: Model) -> Why | None:
    """Why a key of the scenario cannot act; None where it can, as far as that is plain."""
    if path in ("draws", "seed") and of.paths is None and is_exact(of.components):
        return "nothing is drawn: every number of this scenario is certain", ""
    if path == "delivery.quarters" and not any(_takes_length(part, of) for part in of.included):
        return "every part arrives in a window or on milestones of its own", ""
    head, _, rest = path.partition("delivery.by_category.")
    category = rest.split(".")[0]
    if rest and not head and all(part.category != category for part in of.included):
        return f"no part that counts is {category}", ""
    return None


def _takes_length(part: credit.Component, of: Model) -> bool:
    """Whether a part's window has the length that the scenario states for all."""
    plan = of.inputs.scenario.delivery
    own = next((pace for category, pace in plan.by_category.items() if category == part.category), None)
    if plan.pace_of(part.category).milestones or (own and "quarters" in own.model_fields_set):
        return False
    now = part.leaf.now
    printed = printed_window(now.delivery_start, now.delivery_end)
    has_window = plan.start != "now" and (part.window is not None or printed is not None)
    return not has_window and not credit.is_window_assumed(part.leaf, plan, part.category)
