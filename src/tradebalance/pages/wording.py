"""Sentences and tables of text cells that several pages share. They return, and never print nor save."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import pandas as pd

from .. import __version__
from ..answers import timing
from ..answers.answer import Range, Solution, of_which
from ..answers.arrivals import RISEN
from ..answers.simulation import Number
from ..answers.tariffs import A_YEAR
from ..answers.unused import NO_EFFECT
from ..assumptions import nowcast
from ..assumptions.credit import Component
from ..assumptions.delivery import PUBLISHED
from ..assumptions.methods import QUARTERS_A_YEAR
from ..facts.known import Known
from ..track.outturn import RiseOutturn
from ..words.citations import Citation
from ..words.schema import shown
from ..words.terms import USD_MN_PER_BN
from .names import category_words, deal_words, id_words
from .say import carried, decimals, label, number, percent, period, say, spaced, with_per_cent

Cell = str | Citation
Row = TypeVar("Row")
OF_WHICH = ("Of which stood before the talks", "Of which the talks added")
ESCAPED = str.maketrans({c: f"\\{c}" for c in ":@\\`*_{}[]<>()#+-.!|~$&"})


def plain_text(text: str) -> str:
    """Free text as it stands, with everything that Markdown or HTML would read as a command escaped."""
    return " ".join(text.split()).translate(ESCAPED)


def unmarked(text: str) -> str:
    """A sentence for a terminal, without what `plain_text` put before the marks in it."""
    return re.sub(r"\\([^\w\s])", r"\1", text)


def base_gap(answer: Solution) -> str:
    """What closure is measured against: `today's gap`, or the one that the scenario states."""
    return say("wording.stated_gap") if answer.scenario.baseline.is_level else say("wording.todays_gap")


def years(answer: Solution) -> str:
    """The horizon in words: `10 years`."""
    whole, quarters = divmod(answer.calendar.horizon, 4)
    return say("wording.quarters", quarters=answer.calendar.horizon) if quarters else say("wording.years", years=whole)


def stock_against_flow(answer: Solution) -> str:
    """The first sentence of every report: one sum against a gap that comes back every year, on a named book."""
    is_level = answer.scenario.baseline.is_level
    known, stated = answer.known, say("wording.stated_year")
    last = stated if is_level else say("wording.last_four", known=known, twelve=twelve_months(known))
    said = {"error": error_words(answer.known), "yearly": yearly_words(answer.known.yearly)}
    return say("wording.stock_against_flow", answer=answer, last=last, **said)


def yearly_words(usd_mn: Number) -> str:
    """That so much of the announced sum came for every year and counts for the first only; nothing where none did."""
    return say("wording.yearly", yearly=usd_mn) if usd_mn else ""


def at_most(rise: RiseOutturn) -> str:
    """The one most that can have arrived so far, on every page and command: of what, by when, and what it is not."""
    about, bound = rise.about, rise.bound
    own = about.reporter == about.home
    trade = say("wording.imports", about=about) if own else say("wording.exports", about=about)
    odd = say("wording.odd", rise=rise.rise) if bound.increment > rise.rise.increment else ""
    return say("wording.at_most", rise=rise, bound=bound, trade=trade, odd=odd)


def error_words(known: Known) -> str:
    """The standard error of the last four quarters' gap, where the book is pieced together; nothing for a count."""
    return "" if known.gap_error is None else say("wording.error", known=known)


def twelve_months(known: Known) -> str:
    """The gap of the newest twelve months, beside that of the last four quarters; nothing on a book without months."""
    return say("wording.twelve_months", twelve=known.twelve_months) if known.twelve_months else ""


def nowcast_words(known: Known) -> str:
    """What the running quarter is put at, with its band; nothing where none of its months is published."""
    found = nowcast.running(known)
    return say("wording.nowcast", count=found.months_known, **_nowcast(found)) if found else ""


def nowcast_line(known: Known, found: nowcast.Nowcast) -> str:
    """A nowcast as a command prints it, with its flows."""
    exports, imports = found.values
    return say("wording.nowcast_line", known=known, exports=exports, imports=imports, **_nowcast(found))


def _nowcast(found: nowcast.Nowcast) -> dict[str, object]:
    low, middle, high = found.gap_at(*nowcast.POINTS)
    nominal = nowcast.POINTS[2] - nowcast.POINTS[0]
    return {"nowcast": found, "low": low, "middle": middle, "high": high, "nominal": nominal}


def says(answer: Solution) -> str:
    """The answer in a few sentences, the same wherever it stands: when how much comes, whose it is, what that is of a
    year's gap, and in which terms."""
    credit = {"assumptions": say("wording.by_assumptions"), "none": say("wording.at_word")}[answer.scenario.credit]
    said = {"when": when(answer), "credit": credit, "of_which": of_which_words(answer), "share": share_words(answer)}
    found = say("wording.says", answer=answer, dollars=dollars(answer), terms=terms(answer), **said)
    moves = tariff_moves(answer)
    return say("wording.says_tariff", found=found, moves=moves) if moves else found


def tariff_moves(answer: Solution) -> str:
    """What the tariff steps move in the horizon's mean year, beside what the deals do; nothing without any."""
    moved = {flow: by_year.loc[A_YEAR] for flow, by_year in answer.moved_by_tariffs.items()}
    if not moved or answer.duty is None:
        return ""
    imports = say("wording.tariff_moves_imports", imports=moved["imports"]["mean"]) if answer.duty.imports else ""
    deals = -answer.additional.mean * QUARTERS_A_YEAR / answer.calendar.horizon
    exports, gap = moved["exports"]["mean"], moved["gap"]
    return say("wording.tariff_moves", exports=exports, imports=imports, gap=gap, deals=deals)


def when(answer: Solution) -> str:
    """Until when little comes, how much in which years at the peak, and how much in all by the end of the horizon."""
    found = timing.timing(answer)
    if found is None:
        return say("wording.nothing", answer=answer)
    at_peak, years = peak(answer, found)
    amount, before = part_bn(found.little, answer.additional), found.little_before
    little = say("wording.little", year=before, amount=amount) if before else ""
    return say("wording.when", answer=answer, little=little, at_peak=at_peak, years=years)


def peak(answer: Solution, found: timing.Timing) -> tuple[str, str]:
    """What a year at the peak brings, in billions, and in which years that is: `1.1`, `in 2031 and 2032`."""
    first, last = found.peak
    years = {0: say("wording.in_year", year=first), 1: say("wording.in_two_years", first=first, last=last)}
    in_years = years.get(last - first, say("wording.in_years", first=first, last=last))
    return part_bn(found.at_peak, answer.additional), in_years


def part_bn(usd_mn: Number, additional: Range, most: int = 1) -> str:
    """A part of the mean additional imports in billions, with the decimals that the draws carry of as much."""
    amount = float(usd_mn) / USD_MN_PER_BN
    return carried(amount, relative_error(additional) * amount, most)


def relative_error(amounts: Range) -> float:
    """The standard error of a mean over the mean; 0 for a mean of nothing."""
    return amounts.standard_errors.mean / float(amounts.mean) if amounts.mean else 0.0


def two_lines(stood_before: Number, additional: Range) -> tuple[str, str]:
    """What of the additional imports stood before the talks, and what these added, in billions: with as many decimals
    as the whole, so that as printed they add up to it."""
    digits = decimals(additional.standard_errors.mean / USD_MN_PER_BN, 2 if additional.draws == 1 else 1)
    before, whole = (round(float(usd_mn) / USD_MN_PER_BN, digits) for usd_mn in (stood_before, additional.mean))
    return number(before, f",.{digits}f"), number(whole - before, f",.{digits}f")


def parts_of(answer: Solution) -> tuple[str, str] | None:
    """The two lines of an answer; None for a case that names no talks."""
    found = of_which(answer)
    return None if found is None else two_lines(found.stood_before, answer.additional)


def of_which_words(answer: Solution) -> str:
    """What of the additional imports stood before the talks and what these added; nothing where no talks are named."""
    found, talks = parts_of(answer), answer.known.dates.talks
    if found is None or talks is None:
        return ""
    before, added = found
    return say("wording.of_which", before=before, added=added, began=talks.began)


def share_words(answer: Solution) -> str:
    """What the additional imports are of a year's gap in the years of delivery; that there is none to close."""
    over = timing.years_of_delivery(answer)
    if answer.gap_of_a_year <= 0:
        return say("wording.no_gap")
    if not len(over):
        return ""
    said = {"gap": answer.gap_of_a_year, "share": share_cell(answer, over), "year": a_years_gap(answer)}
    return say("wording.share", first=over[0], last=over[-1], **said)


def share_cell(answer: Solution, over: pd.PeriodIndex) -> str:
    """Mean additional imports a year over some quarters, in per cent of a year's gap, as far as the draws carry it."""
    share = timing.share_of_a_year(answer, over)
    return label("none") if share is None else per_cent(share, answer.additional)


def per_cent(share: Number, additional: Range, most: int = 2) -> str:
    """A share that rests on mean additional imports, with the decimals that their draws carry: `0.35 %`."""
    return with_per_cent(carried(100 * share, 100 * float(share) * relative_error(additional), most))


def a_years_gap(answer: Solution) -> str:
    """What shares of a year are of: the twelve months, four quarters on a book without months, or a stated level; and
    in which dollars, where these are not those of its time."""
    if answer.scenario.baseline.is_level:
        return say("wording.stated_level")
    twelve, year = answer.known.twelve_months, answer.calendar.dollars_of
    said = say("wording.twelve", twelve=twelve) if twelve else say("wording.no_months", known=answer.known)
    return said if year is None else say("wording.in_dollars", said=said, year=year)


def dollars(answer: Solution) -> str:
    """Which dollars amounts are in."""
    year = answer.calendar.dollars_of
    return say("wording.nominal") if year is None else say("wording.constant", year=year)


def unit(answer: Solution) -> str:
    """The same, after `USD billion,`."""
    year = answer.calendar.dollars_of
    return say("wording.unit_nominal") if year is None else say("wording.unit_constant", year=year)


def terms(answer: Solution) -> str:
    """What an answer's words mean: what additional is against, and what its range holds."""
    drawn = "" if answer.is_certain else say("wording.range")
    return say("wording.terms", answer=answer, drawn=drawn)


def what_arrives(answer: Solution) -> str:
    """The second sentence: credited, delivered, additional, whose that is, and what it is of the gap."""
    said = {"of_which": of_which_words(answer), "share": share_words(answer), "terms": terms(answer)}
    said["dollars"] = dollars(answer)
    return say("wording.what_arrives", count=answer.simulated.draws, answer=answer, **said)


def assumed(answer: Solution) -> str:
    """What the scenario assumes: delivery, credit, tariffs, the path without deals, and the release of the figures."""
    credit = {"assumptions": say("wording.credited"), "none": say("wording.every_dollar")}[answer.scenario.credit]
    figures = say("wording.figures", known=answer.known)
    parts = [_delivery(answer), _arrived(answer), credit, _own_terms(answer), _filled(answer), _tariff(answer)]
    parts.append(_events(answer))
    parts += [_without_deals(answer), figures]
    return " ".join(part for part in [*parts, hindsight(answer.hindsight), _changed(answer)] if part)


def _delivery(answer: Solution) -> str:
    """When deals are due, whether they are late, and what limits them."""
    plan, first = answer.scenario.delivery, answer.calendar.first
    starts = {"now": say("wording.start_now", first=first), "announced": say("wording.start_announced", first=first)}
    when, length = starts[plan.start], "" if plan.milestones else say("wording.length", plan=plan)
    if plan.profile == PUBLISHED:
        when, length = say("wording.arrive"), ""
    delay = say("wording.delay", plan=plan) if plan.delay_quarters else ""
    own = ", ".join(map(category_words, plan.by_category))
    apart = say("wording.apart", categories=own) if own else ""
    slips = {
        (True, True): say("wording.slips_and_waits"),
        (True, False): say("wording.slips"),
        (False, True): say("wording.waits"),
        (False, False): say("wording.on_time"),
    }[plan.slips, plan.is_limited]
    return say("wording.delivery", when=when, plan=plan, length=length, delay=delay, apart=apart, slips=slips)


def _filled(answer: Solution) -> str:
    fill, told = answer.scenario.include.fill, _told_by_id(answer)
    parts = [
        say(
            "wording.inside",
            names=[told.get(name) or id_words(name) for name in names],
            rest=id_words(f"{of}-remainder"),
        )
        for of, names in fill.items()
    ]
    return say("wording.filled", parts="; ".join(parts)) if parts else ""


def _arrived(answer: Solution) -> str:
    """Of which deals, and of which goods that nobody dates, a part is taken to have arrived before the forecast, and
    between which shares."""
    begun = [(part, part.factors.arrived) for part in answer.components if part.included]
    ends = {_begun_words(part): (of.quantile(0), of.quantile(1)) for part, of in begun if of.mean}
    parts = [say("wording.arrived_part", name=name, low=low, high=high) for name, (low, high) in ends.items()]
    return say("wording.arrived", parts=parts, first=answer.calendar.first) if parts else ""


def _begun_words(part: Component) -> str:
    is_of_kind = part.factors.arrived.path.startswith(RISEN)
    return say("wording.arrived_kind", kind=category_words(part.category)) if is_of_kind else _told(part)


def _told(part: Component) -> str:
    """What a part is called, in a sentence."""
    return plain_text(deal_words(part.leaf))


def _told_by_id(answer: Solution) -> dict[str, str]:
    """What the parts that an answer counts are called, by their ids."""
    return {part.leaf.id: _told(part) for part in answer.components}


def _own_terms(answer: Solution) -> str:
    """What the scenario says of single deals alone."""
    said = {
        deal: ", ".join(f"{spaced(term)} {shown(value)}" for term, value in terms.items())
        for deal, terms in answer.scenario.deals.items()
    }
    told = _told_by_id(answer)
    parts = [
        say("wording.own_term", deal=told.get(deal) or id_words(deal), terms=terms) for deal, terms in said.items()
    ]
    return say("wording.own_terms", parts="; ".join(parts)) if parts else ""


def _events(answer: Solution) -> str:
    """The scenario's one-off events: when, how likely, and what they cancel."""
    parts = []
    for event in answer.scenario.events:
        given = {"tariff": say("wording.event_if"), "no tariff": say("wording.event_unless"), None: ""}[event.condition]
        chance = say("wording.event_chance", event=event) if event.chance < 1 else ""
        of = say("wording.event_all")
        if event.of:
            of = ", ".join(category_words(name) for name in event.of)
        said = {"name": plain_text(event.name), "on": event.on or answer.calendar.first, "of": of}
        parts.append(say("wording.event", event=event, chance=chance, given=given, **said))
    return " ".join(parts)


def _tariff(answer: Solution) -> str:
    duty = answer.duty
    if duty is None:
        return say("wording.no_tariff")
    chance = "" if duty.takes_effect.mean == 1 else say("wording.chance", duty=duty)
    exports = say("wording.tariff_exports", duty=duty) if duty.path else ""
    imports = say("wording.tariff_imports", duty=duty) if duty.imports else ""
    low, middle, high = (float(duty.elasticity.quantile(point)) for point in (0.05, 0.5, 0.95))
    spread = "" if duty.elasticity.is_fixed else say("wording.elasticity", low=low, high=high)
    return say("wording.tariff", flows=[*filter(None, (exports, imports))], middle=middle, spread=spread, chance=chance)


def _without_deals(answer: Solution) -> str:
    """The baseline, and what ranges hold."""
    method, draws = answer.scenario.baseline, answer.simulated.draws
    if method.is_stated:
        return say("wording.stated", count=draws, method=method)
    return say("wording.forecast", count=draws, method=method, nowcast=nowcast_words(answer.known))


def hindsight(of: Sequence[str], without: str = "") -> str:
    """What a replay of an earlier month does not filter by date, or what is said of one without."""
    return say("wording.hindsight", of="; ".join(of)) if of else without


def _changed(answer: Solution) -> str:
    """What was changed for this run against the scenario's file, and what of it moves nothing; or nothing."""
    changes = "; ".join(f"{name} = {shown(value)}" for name, value in answer.inputs.changes.items())
    idle = "".join(f" {each.column} {each.reason}." for each in answer.warnings if each.code == NO_EFFECT)
    return say("wording.changed", changes=changes, idle=idle) if changes else ""


def how_to_trace(reporter: str, quarter: str, scenario: str = "") -> str:
    """How to get from a figure of a page, say the gap of a quarter, to its raw rows."""
    deals = say("wording.trace_deals", scenario=scenario) if scenario else ""
    return say("wording.how_to_trace", reporter=reporter, quarter=quarter, deals=deals)


def colophon(answer: Solution) -> str:
    """How to get the page again."""
    draws = say("wording.draws", scenario=answer.scenario)
    if answer.has_one_path:
        draws = say("wording.one_path")
    elif answer.is_certain:
        draws = say("wording.one_path_of_deals", draws=draws)
    return say("wording.colophon", version=__version__, draws=draws)


def release(known: Known) -> str:
    """Which release the figures are of."""
    return say("wording.figures", known=known)


def corrected(known: Known) -> str:
    """Which raw cells were read otherwise than they stand, and why; nothing where none was."""
    return plain_text(say("wording.corrected", cells=". ".join(known.corrections))) if known.corrections else ""


def inputs_table(files: Mapping[str, str]) -> pd.DataFrame:
    """Each input file and its checksum, in order of name."""
    found = pd.DataFrame({"sha256": dict(sorted(files.items()))}).rename_axis(label("File"))
    return captioned(found, say("wording.inputs"))


def table(
    rows: Iterable[Row] | pd.DataFrame, columns: Mapping[str, Callable[[Row], Cell]], caption: str = ""
) -> pd.DataFrame:
    """Text cells: a row each, a column each, filled by its function; the first column names the rows. A caption goes
    with the table, to be shown above it. Heads are labels of the catalogue, or said; raises KeyError for any other.

    A frame's rows have their label as `name`. A source in a cell stays one, so that it can be shown as a link.
    """
    found = [row for _, row in rows.iterrows()] if isinstance(rows, pd.DataFrame) else list(rows)
    (corner, name), *rest = columns.items()
    cells = {label(head): [cell(row) for row in found] for head, cell in rest}
    made = pd.DataFrame(cells, index=pd.Index([name(row) for row in found], name=label(corner)))
    return captioned(made, caption)


def captioned(made: pd.DataFrame, caption: str) -> pd.DataFrame:
    """A table with words on what it is, which `show` sets above it."""
    made.attrs["caption"] = caption
    return made


def measures_table(heading: str, measures: Mapping[str, Cell]) -> pd.DataFrame:
    """Named measures, one a row; their names are labels, as heads are."""
    return table(measures.items(), {"Measure": lambda one: label(one[0]), heading: lambda one: one[1]})


def chances_table(answer: Solution, levels: Sequence[str]) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below each level, so named, to the end of each year."""
    shown = at_years_ends(answer.simulated.at_or_below).map(lambda chance: percent(chance, 0))
    return shown.set_axis(levels, axis=1).rename(period).rename_axis(label("Four quarters to"))


def at_years_ends(by_quarter: pd.DataFrame, *also: pd.Period) -> pd.DataFrame:
    """The rows of last quarters of a year, and of other quarters."""
    return by_quarter[(by_quarter.index.quarter == 4) | by_quarter.index.isin(also)]
