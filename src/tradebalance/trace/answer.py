"""From a scenario's figure to the announced rows, the assumptions and keys that shape it with their lines, the gap."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from ..answers import timing
from ..answers.answer import Range, Solution
from ..answers.arrivals import RISEN
from ..answers.gap import Calendar
from ..answers.simulation import POINTS, Number
from ..assumptions import nowcast, pool
from ..assumptions.baseline import DEFAULT, Baseline
from ..assumptions.credit import CERTAIN, NOTHING, ON_TIME, ORDER, Component, mixes
from ..assumptions.distributions import Assumption
from ..assumptions.overrides import covers, terms_of
from ..assumptions.written import DEALS, MIX
from ..case import inputs, pooled
from ..case.folder import Folder
from ..case.store import Facts
from ..facts.trade import MONTHS_A_YEAR
from ..words.citations import Place
from ..words.problems import refuse
from ..words.schema import nearest, shown
from . import ledger, trade
from .chain import DRAWS, PATH, RATIO, Assumed, Cell, Chain, Part, Setting, summed

OF_A_BOOK = ("capture", "valuation", "additionality")  # where the last is one of these, a figure is one book's
NINE = Decimal("0.000000001")  # the digits to which `run --json` prints
DEFLATED = Decimal("0.000000000000001")  # those of one over a deflator: a hundred billion to less than a dollar


def decimal(number: Number | Decimal, digits: Decimal = NINE) -> Decimal:
    """To nine decimals, as `run --json` prints."""
    exact = _exact(number)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(digits)


def _exact(number: Number | Decimal) -> Fraction:
    return Fraction(number) if isinstance(number, Fraction | int | Decimal) else Fraction(float(number))


def assumed(where: Folder, answer: Solution, found: Sequence[Component], last: str | None) -> Iterable[Assumed]:
    """The assumptions up to the last that acts, each once, with its line and the components it acts on.

    They act in the order of the bridge, so a figure rests on those up to its place in it.
    """
    if last is None or answer.scenario.credit == "none":
        return
    included = [c for c in found if c.included]
    line_of = _lines_of(where, answer)
    for mix in mixes(included, answer.inputs.assumptions):
        words = ", ".join(f"{name} {float(share):g}" for name, share in mix.shares.items())
        split = tuple(c.id for c in included if c.leaf.is_remainder and f"{MIX}.{c.leaf.event.id}" == mix.path)
        yield Assumed(mix.path, words, None, mix.source, mix.strength, *line_of(mix.path), split)
    used: dict[str, tuple[Assumption, list[str]]] = {}
    for name in ORDER[: ORDER.index(last) + 1]:
        for component in included:
            assumption = getattr(component.factors, name)
            if assumption not in (CERTAIN, NOTHING, ON_TIME):
                used.setdefault(assumption.path, (assumption, []))[1].append(component.id)
    if last in OF_A_BOOK:
        lag = answer.inputs.assumptions.first_of(f"books.{answer.scenario.reporter}.lag_quarters")
        used[lag.path] = (lag, [c.id for c in included])
    for path, (each, parts) in used.items():
        mean, names = decimal(each.mean), tuple(dict.fromkeys(parts))
        yield Assumed(path, each.words, mean, each.source, each.strength, *line_of(path), names)


def _lines_of(where: Folder, answer: Solution) -> Callable[[str], tuple[str, int | None]]:
    """A function from an assumption's path to the file and line that state it."""
    written, tree = (inputs.document(where, name) for name in (answer.scenario.name, inputs.ASSUMPTIONS))

    deals = terms_of(answer.scenario.deals)

    def line_of(path: str) -> tuple[str, int | None]:
        if any(covers(name, path) for name in answer.inputs.changes):
            return "changed for this run", None
        if path in deals:
            return written.file, written.lines.get(deals[path][0])
        if path.startswith(f"{DEALS}.") and path not in answer.inputs.assumptions.by_path:
            return _told_by(where, answer, *path.removeprefix(f"{DEALS}.").rpartition(".")[::2])
        if path.startswith(RISEN):  # which lines of the customs hold a category's goods
            return where.commodities.relative_to(where.commodities.parents[1]).as_posix(), None
        own = next((name for name in answer.scenario.set if covers(name, path)), None)
        if own:
            return written.file, written.lines.get(("set", own))
        return tree.file, tree.lines.get(tuple(path.split(".")))

    return line_of


def _told_by(where: Folder, answer: Solution, deal: str, term: str) -> tuple[str, int | None]:
    """Where what an answer takes from the facts of a deal is told: of arrivals in their file, of a split in the
    ledger's row."""
    if term == "arrived":
        return inputs.evidence_line(where, deal)
    place = Place.of(next(part for part in answer.components if part.leaf.id == deal).leaf.split.source_id)
    return f"data/raw/{place.file}", place.row


def settings(where: Folder, answer: Solution, keys: Iterable[str]) -> Iterable[Setting]:
    """The scenario's keys that shape a figure: as changed for this run, as its file states them, or by default."""
    written = inputs.document(where, answer.scenario.name)
    for key in keys:
        changed = {name: value for name, value in answer.inputs.changes.items() if name.split(".")[0] == key}
        own = written.data.get(key) if isinstance(written.data, dict) else None
        yield from (Setting(name, shown(value), "changed for this run", None) for name, value in changed.items())
        if own is not None and key not in changed:
            yield Setting(key, shown(own), written.file, written.lines.get((key,)))
        elif not changed and key not in ("set", "deals", "events"):
            yield Setting(key, shown(getattr(answer.scenario, key)), "by default", None)


LAST_OF_STEP = {
    "announced": None,
    "overlaps": None,
    "left_out_by_the_scenario": None,
    "services_and_finance": "goods",
    "counted_in_the_aircraft": "goods",
    "made_elsewhere": "goods",
    "lands_elsewhere": "landed",
    "list_to_paid_price": "price",
    "prices_of_today": "escalation",
    "options_not_exercised": "exercise",
    "not_binding": "late",
    "arrived_before": "arrived",
    "cancelled": "hazard",
    "cancelled_by_an_event": "hazard",
    "after_the_horizon": "hazard",
    "no_room_in_time": "hazard",
    "prices_of_the_delivery_year": "hazard",
    "recorded_after_the_horizon": "valuation",
    "not_recorded_on_this_book": "valuation",
    "bought_anyway": "additionality",
}
ADDITIONAL = "additional_usd_mn"
# column -> its row in the totals, and the last factor that acts on it
TOTALS = {
    "credited_usd_mn": ("credited", "late"),
    "delivered_in_horizon_usd_mn": ("delivered", "hazard"),
    ADDITIONAL: ("additional", "additionality"),
}
CLOSURE = ("annual_rate", "best_year", "months_of_todays_gap")
SHARE = "share_a_year"
CLOSED = "probability_closed"
BASELINE = "baseline_gap_p50_usd_mn"
GAP_POINTS = {f"gap_{point}_usd_mn": point for point in POINTS}
COLUMNS = (*TOTALS, *LAST_OF_STEP, *CLOSURE, SHARE, CLOSED, BASELINE, *GAP_POINTS, trade.LAST_FOUR)
OF_DEALS = ("as_of", "include", "credit", "set", "deals", "draws", "seed")
OF_TIME = (*OF_DEALS, "horizon", "delivery", "events")
OF_GAP = (*OF_TIME, "reporter", "baseline", "tariff")
LEFT_OUT = {"announced": 1, "left_out_by_the_scenario": -1}  # what the scenario leaves out is announced and taken off


def answer_chain(where: Folder, facts: Facts, answer: Solution, column: str, which: str = "") -> Chain:
    """A figure of an answer: the means of its parts, their ledger rows, the assumptions, the keys, the gap's chain.

    `which` picks a category, a part of the ledger, or of additional_usd_mn a year or quarter. Raises Refused
    for what is not in the answer.
    """
    if column in TOTALS or column in LAST_OF_STEP:
        return _of_deals(where, facts, answer, column, which)
    if column in CLOSURE:
        return _closure(where, facts, answer, column)
    if column == SHARE:
        return _share_of_a_year(where, facts, answer)
    if column == trade.LAST_FOUR:
        return _todays_gap(where, facts, answer)
    if column == CLOSED:
        return _share_of_draws(where, facts, answer)
    return _forecast(where, facts, answer, column, which)


def _of_deals(
    where: Folder, facts: Facts, answer: Solution, column: str, which: str, over: Sequence[pd.Period] = ()
) -> Chain:
    """A sum over components: what each brings on average, over its announced value, is its weight; of additional
    imports those of a year or quarter that `which` names, or of the quarters `over`."""
    is_when = column == ADDITIONAL and which[:4].isdecimal()
    when = _named(answer, which, "year or quarter") if is_when else list(over)
    amounts = _amounts(answer, column, when or answer.calendar.quarters)
    chosen = [c for c in answer.components if c.id in amounts and (when or not which or which in _names(c))]
    if not chosen:
        known = sorted({name for c in answer.components for name in _names(c)})
        fix = f"use {', '.join(known)}{nearest(which, known)}"
        refuse("unknown_key", "trace", "nothing of the scenario is called that", fix, value=which)
    parts = [Part(_share(amounts[c.id], c), _announced(facts, answer, c)) for c in chosen if c.value_usd_mn]
    value = sum((_exact(amounts[c.id]) for c in chosen), Fraction(0))
    last = TOTALS[column][1] if column in TOTALS else LAST_OF_STEP[column]
    keys = OF_DEALS if last is None or ORDER.index(last) <= ORDER.index("exercise") else OF_TIME
    if last in OF_A_BOOK:
        keys = (*keys, "reporter")
    over = "on the one exact path" if answer.is_certain else "on average"
    return Chain(
        column=column,
        period=which,
        reporter=answer.scenario.reporter if "reporter" in keys else "",
        value=decimal(value),
        parts=tuple(parts),
        spread=_spread(answer, column, which),
        assumptions=tuple(assumed(where, answer, chosen, last)),
        settings=tuple(settings(where, answer, keys)),
        note=f"weights are what became of a part {over}, over its announced value",
    )


def _names(component: Component) -> tuple[str, str, str, str]:
    return component.id, component.leaf.id, component.category, component.leaf.tranche


def _named(answer: Solution, which: str, by: str) -> list[pd.Period]:
    """The forecast quarters that `which` names, `by` quarter or year. Raises Refused where there are none."""
    quarters = answer.calendar.quarters
    found = [q for q in quarters if which == str(q) or ("year" in by and which == str(q.year))]
    if not found:
        fix = f"use a {by} from {quarters[0]} to {quarters[-1]}"
        refuse("missing_period", "trace", "not in the scenario's horizon", fix, value=which)
    return found


def _amounts(answer: Solution, column: str, quarters: Sequence[pd.Period]) -> dict[str, Number]:
    """Component -> its mean in the figure, USD million; of additional imports in some quarters. What a scenario leaves
    out stands in the steps that say so."""
    table = answer.simulated.by_component
    if column in LAST_OF_STEP:
        left_out = {c.id: LEFT_OUT.get(column, 0) * c.value_usd_mn for c in answer.components if not c.included}
        return {c.id: left_out[c.id] if c.id in left_out else table.at[c.id, column] for c in answer.components}
    means = table[list(quarters)].sum(axis=1) if column == ADDITIONAL else table[TOTALS[column][0]]
    return dict(zip(table.index, means, strict=True))


def _announced(facts: Facts, answer: Solution, component: Component) -> Chain:
    """The component's announced value: its leaf's rows, times its share of a remainder's mix."""
    of = ledger.of_leaf(facts, answer.known.leaves, component.leaf)
    if not component.leaf.is_remainder:
        return of
    share = decimal(component.value_usd_mn / Fraction(component.leaf.value_usd_mn))
    return Chain(of.column, component.id, "", decimal(component.value_usd_mn), parts=(Part(share, of),))


def _share(amount: Number, component: Component) -> Decimal:
    """What an amount is of the component's announced value: of 36 billion, to a hundredth of a dollar."""
    return decimal(_exact(amount) / component.value_usd_mn, Decimal("0.000000000000001"))


def _spread(answer: Solution, column: str, which: str) -> dict[str, Decimal]:
    """The 5, 50 and 95 % points where the answer has them: of totals and of additional imports by year."""
    rows = None
    if column in TOTALS and not which:
        rows = answer.simulated.totals.loc[TOTALS[column][0]]
    elif column == ADDITIONAL and which.isdecimal():
        rows = answer.simulated.by_year.loc[int(which)]
    return {} if rows is None else {point: decimal(rows[point]) for point in POINTS}


def _closure(where: Folder, facts: Facts, answer: Solution, column: str) -> Chain:
    measures: dict[str, tuple[Range | None, str, Fraction, str]] = {
        "annual_rate": (answer.annual_rate, "", Fraction(4, answer.calendar.horizon), "fraction a year"),
        "best_year": (answer.best_year_rate, str(answer.best_year), Fraction(1), "fraction"),
        "months_of_todays_gap": (answer.months_of_todays_gap, "", Fraction(12), "months"),
    }
    found, which, times, unit = measures[column]
    if found is None:
        refuse("empty", "trace", "there is no surplus to close", "use another scenario or book", value=column)
    added = _of_deals(where, facts, answer, ADDITIONAL, which)
    over = Part(Decimal(times.numerator) / Decimal(times.denominator), replace(added, assumptions=(), settings=()))
    parts = over, Part(Decimal(1), _todays_gap(where, facts, answer))
    spread = {point: decimal(getattr(found, point)) for point in POINTS}
    return _of_gap(where, answer, added, column, found.mean, parts, unit=unit, how=RATIO, spread=spread, note="")


def _share_of_a_year(where: Folder, facts: Facts, answer: Solution) -> Chain:
    """Mean additional imports a year in the years of delivery over the gap of the newest twelve months."""
    over = timing.years_of_delivery(answer)
    value = timing.share_of_a_year(answer, over)
    if value is None:
        refuse("empty", "trace", "there is no share of a surplus", "use another scenario or book", value=SHARE)
    added = replace(_of_deals(where, facts, answer, ADDITIONAL, "", over), period=f"{over[0]} to {over[-1]}", spread={})
    a_year = Part(Decimal(4) / Decimal(len(over)), replace(added, assumptions=(), settings=()))
    parts = a_year, Part(Decimal(1), _gap_of_a_year(where, facts, answer))
    return _of_gap(where, answer, added, SHARE, value, parts, unit="fraction a year", how=RATIO, note="")


def _gap_of_a_year(where: Folder, facts: Facts, answer: Solution) -> Chain:
    """The gap of the newest twelve months; today's on a book without months, and under a stated level."""
    scenario, known = answer.scenario, answer.known
    if scenario.baseline.is_level or known.twelve_months is None:
        return _todays_gap(where, facts, answer)
    months = list(known.months.index[-MONTHS_A_YEAR:])
    return _in_dollars(trade.over(facts, "gap_usd_mn", months, scenario.reporter, known.as_of), answer.calendar)


def _in_dollars(found: Chain, calendar: Calendar) -> Chain:
    """Published trade in the dollars of the answer: each part, a quarter or a month, over the deflator of its year."""
    if calendar.dollars_of is None:
        return found
    years = [pd.Period(part.chain.period).year for part in found.parts]
    weights = [part.weight * _over_deflator(calendar, year) for part, year in zip(found.parts, years, strict=True)]
    parts = tuple(Part(weight, part.chain) for weight, part in zip(weights, found.parts, strict=True))
    value = sum((part.weight * part.chain.value for part in parts), Decimal(0))
    return replace(found, value=value, parts=parts, note=f"in dollars of {calendar.dollars_of}")


def _over_deflator(calendar: Calendar, year: int) -> Decimal:
    return decimal(1 / calendar.deflator(year), DEFLATED).normalize()


def _todays_gap(where: Folder, facts: Facts, answer: Solution) -> Chain:
    """The gap of the last four quarters; four times the stated quarter where the scenario states the level of trade."""
    scenario, known = answer.scenario, answer.known
    if not scenario.baseline.is_level:
        return _in_dollars(trade.last_four(facts, scenario.reporter, known.as_of), answer.calendar)
    written = inputs.document(where, scenario.name)
    cells, today = [], _over_deflator(answer.calendar, answer.calendar.first.year)
    for flow, sign in (("exports", 4), ("imports", -4)):
        key = f"{flow}_usd_mn"
        level, line = getattr(scenario.baseline, key), written.lines.get(("baseline", key), 1)
        cells.append(Cell(written.file, line, f"baseline.{key}", "a quarter", flow, level, sign * today, ""))
    note = "no release: the scenario states the level of trade of a quarter"
    return summed(trade.LAST_FOUR, "", scenario.reporter, cells=cells, note=note)


def _share_of_draws(where: Folder, facts: Facts, answer: Solution) -> Chain:
    """The share of draws in which the gap of some quarter of the horizon is at or below zero."""
    added = _of_deals(where, facts, answer, ADDITIONAL, "")
    parts = (Part(Decimal(1), replace(added, assumptions=(), settings=())),)
    note = "a draw counts where the path without the deals, less its additional imports, reaches zero in a quarter"
    value, unit = answer.simulated.probability_closed, "fraction of draws"
    return _of_gap(where, answer, added, CLOSED, value, parts, unit=unit, how=DRAWS, note=note)


def _forecast(where: Folder, facts: Facts, answer: Solution, column: str, which: str) -> Chain:
    """The gap of a forecast quarter, with the deals or without them; without them also of a year's quarters."""
    wanted = _named(answer, which, "quarter or year" if column == BASELINE else "quarter")
    if column == BASELINE:
        return _without(where, facts, answer, wanted, which)
    without = replace(_without(where, facts, answer, wanted, which), settings=())
    added = _of_deals(where, facts, answer, ADDITIONAL, which)
    value = answer.simulated.gap.at[wanted[0], GAP_POINTS[column]]
    parts = Part(Decimal(1), without), Part(Decimal(-1), replace(added, assumptions=()))
    return _of_gap(where, answer, added, column, value, parts, how=DRAWS)


def _stated(baseline: Baseline, quarters: Collection[pd.Period]) -> Iterator[Cell]:
    """The cells of a path's file that state some quarters."""
    for each in baseline.given:
        if each.quarter in quarters:
            for sign, flow, amount, row in ((1, "exports", each.exports, 0), (-1, "imports", each.imports, 1)):
                place = each.file, each.rows[row], flow, str(each.quarter), flow
                yield Cell(*place, decimal(amount), Decimal(sign), "")


def _of_gap(
    where: Folder, answer: Solution, added: Chain, column: str, value: Number, parts: tuple[Part, ...], **more: Any
) -> Chain:
    """A figure that rests on what the deals add, by their assumptions, and on every key that shapes the gap."""
    keys = (*settings(where, answer, OF_GAP), *_pooled(answer))
    return replace(added, **{"spread": {}, **more}, column=column, value=decimal(value), parts=parts, settings=keys)


def _pooled(answer: Solution) -> Iterator[Setting]:
    """The errors of several partners that a drawn path strays by: the years of them, and the first line of those."""
    years = pool.known_years(answer.known.first)
    at = answer.known.pooled.index[answer.known.pooled["year"].isin(years)]
    if len(at) and not answer.is_certain and answer.scenario.baseline.method == DEFAULT:
        yield Setting("pooled_errors", f"{years[0]} to {years[-1]}", pooled.FILE, int(at[0]) + 2)


def _of_tariff(where: Folder, answer: Solution) -> Iterable[Assumed]:
    """What the tariff steps in the path rest on: the path as stated, and the numbers that turn it into an effect."""
    duty, line_of = answer.duty, _lines_of(where, answer)
    for path in duty.records if duty else ():
        yield Assumed(path.path, path.words, None, path.source, path.strength, *line_of(path.path), ())
    for each in duty.assumptions if duty else ():
        mean = decimal(each.mean)
        yield Assumed(each.path, each.words, mean, each.source, each.strength, *line_of(each.path), ())


def _without(where: Folder, facts: Facts, answer: Solution, quarters: Sequence[pd.Period], which: str) -> Chain:
    """The path without the deals over some quarters; today's gap stands beside it, the published months of a quarter
    that is a nowcast, and the cells of a path that a file states."""
    known, known_months = answer.known, [month for month in answer.known.months.index if month.asfreq("Q") in quarters]
    months = [
        Part(Decimal(0), trade.over(facts, "gap_usd_mn", known_months, answer.scenario.reporter, known.as_of))
        for found in [nowcast.running(known)]
        if found and known_months and not answer.scenario.baseline.states_amounts
    ]
    value = sum((_exact(answer.baseline.at[quarter, "gap_usd_mn"]) for quarter in quarters), Fraction(0))
    return Chain(
        column=BASELINE,
        period=which,
        reporter=answer.scenario.reporter,
        value=decimal(value),
        cells=tuple(_stated(answer.scenario.baseline, quarters)),
        parts=(Part(Decimal(0), _todays_gap(where, facts, answer)), *months),
        how=PATH,
        assumptions=tuple(_of_tariff(where, answer)),
        settings=tuple(settings(where, answer, ("reporter", "as_of", "baseline", "tariff"))),
        note=f"{answer.scenario.baseline.words}; the last four quarters stand beside it with the weight 0",
    )
