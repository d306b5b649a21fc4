"""Numbers as they are printed, and sentences that several pages share.

Money is shown in billions of dollars, shares in per cent; every number in a sentence is computed.
They return, and never print nor save.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pandas as pd

from .. import __version__
from ..answers.answer import Range, Solution
from ..answers.simulation import Number
from ..answers.unused import NO_EFFECT
from ..facts.known import Known
from ..words.schema import shown
from ..words.terms import CATEGORY_WORDS, Category, book_name
from .say import billions, percent

ESCAPED = str.maketrans({c: f"\\{c}" for c in ":@\\`*_{}[]<>()#+-.!|~$&"})


def bn_cell(usd_mn: Number | Decimal | None, absent: str = "", digits: int = 2) -> str:
    """The same for a cell that may have nothing to show."""
    return absent if usd_mn is None else billions(usd_mn, digits)


def from_to(*ends: str) -> str:
    """Two ends as `Q3 to Q4`, or the one that both are."""
    return " to ".join(dict.fromkeys(ends))


def span(low: Number, high: Number, digits: int = 2) -> str:
    """Billions from low to high: `10.60 to 24.63`."""
    return f"{billions(low, digits)} to {billions(high, digits)}"


def banded(row: pd.Series, middle: str = "p50", low: str = "p05", high: str = "p95") -> str:
    """Billions of a row with its band: `16.8 (10.6 to 24.6)`."""
    return f"{billions(row[middle])} ({billions(row[low])} to {billions(row[high])})"


def plain_text(text: str) -> str:
    """Free text as it stands, with everything that Markdown or HTML would read as a command escaped."""
    return " ".join(text.split()).translate(ESCAPED)


def ranged(amounts: Range, certain: bool) -> str:
    """Billions with their 5 to 95 % range: `16.8 (10.6 to 24.6)`; without it where nothing is uncertain."""
    mean, low, high = map(billions, (amounts.mean, amounts.p05, amounts.p95))
    return mean if certain or low == mean == high else f"{mean} ({low} to {high})"


def mean_and_range(amounts: Range, certain: bool, form: str, unit: str = "") -> str:
    """A mean with its 5 to 95 % range: `0.40 % (0.24 to 0.59)`; without it where nothing is uncertain."""
    mean, low, high = (form.format(float(amount)) for amount in (amounts.mean, amounts.p05, amounts.p95))
    return f"{mean}{unit}" if certain else f"{mean}{unit} ({low} to {high})"


def ranged_share(shares: Range | None, certain: bool) -> str:
    """A share with its 5 to 95 % range: `0.40 % (0.24 to 0.59)`."""
    if shares is None:
        return "not defined: there is no surplus to close"
    return mean_and_range(Range(*(100 * float(share) for share in shares)), certain, "{:,.2f}", " %")


def base_gap(answer: Solution) -> str:
    """What closure is measured against: `today's gap`, or the one that the scenario states."""
    return "the stated gap" if answer.scenario.baseline.is_stated else "today's gap"


def years(answer: Solution) -> str:
    """The horizon in words: `10 years`."""
    whole, quarters = divmod(answer.calendar.horizon, 4)
    return f"{whole} years" if not quarters else f"{answer.calendar.horizon} quarters"


def stock_against_flow(answer: Solution) -> str:
    """The first sentence of every report: one sum against a gap that comes back every year, on a named book."""
    last = f"in the four quarters {answer.known.last_four[0]} to {answer.known.last_four[-1]}"
    if answer.scenario.baseline.is_stated:
        last = "a year, at four times the one quarter that the scenario states"
    return (
        f"The deals are one sum of ${billions(answer.known.announced)} billion; the gap is a flow that comes back "
        f"every year: on the {book_name(answer.scenario.reporter)}, {sold(answer.known)} "
        f"${billions(answer.gap_last_four)} billion more goods than it bought there {last}{error_words(answer.known)}."
    )


def sold(known: Known) -> str:
    """Who sells to whom: `Vietnam sold the United States`."""
    return f"{known.pair.home_name} sold {known.pair.partner_name}"


def error_words(known: Known) -> str:
    """The standard error of the last four quarters' gap, where the book is pieced together; nothing for a count."""
    return "" if known.gap_error is None else f" (standard error {billions(known.gap_error)})"


def what_arrives(answer: Solution) -> str:
    """The second sentence: credited, delivered, additional, and what that is of the gap."""
    certain, last = answer.is_certain, answer.calendar.quarters[-1]
    months = answer.months_of_todays_gap
    closed = "no part" if months is None else mean_and_range(months, certain, "{:.1f}", " months")
    measure = (
        f"**{closed} of {base_gap(answer)}**, or {ranged_share(answer.annual_rate, certain)} of it a year on average "
        f"over {years(answer)}"
    )
    if certain:
        return (
            f"Read that way, {billions(answer.delivered.mean)} billion arrive by {last} and "
            f"{billions(answer.additional.mean)} are additional: {measure if months else 'no gap to close'}."
        )
    return (
        f"Of the {billions(answer.known.announced)} announced, {ranged(answer.credited, certain)} would become "
        f"firm orders of goods for {answer.known.pair.home_name} at the price paid; "
        f"{ranged(answer.delivered, certain)} would be left after cancellations and arrive by {last}; "
        f"and {ranged(answer.additional, certain)} would show on this book and not have been bought anyway: "
        f"{measure if months else 'there is no gap to close'}. Ranges are the 5 and 95 % points."
    )


def assumed(answer: Solution) -> str:
    """What the scenario assumes: delivery, credit, tariffs, the path without deals, and the release of the figures."""
    credit = {
        "assumptions": "The announced value is credited by the assumptions that the report lists.",
        "none": "Every announced dollar counts as goods that arrive.",
    }[answer.scenario.credit]
    figures = f"Figures: {answer.known.words}."
    parts = [_delivery(answer), credit, _filled(answer), _tariff(answer), _without_deals(answer), figures]
    return " ".join(part for part in [*parts, hindsight(answer.hindsight), _changed(answer)] if part)


def _delivery(answer: Solution) -> str:
    """When deals are due, whether they are late, and what limits them."""
    plan = answer.scenario.delivery
    is_published = plan.profile == "published"
    start = {
        "now": f"start from the first forecast quarter, {answer.calendar.first},",
        "announced": f"start in printed windows where there are any, else from {answer.calendar.first},",
    }[plan.start]
    length = "" if plan.milestones or is_published else f" over {plan.quarters} quarters"
    delay = f", {plan.delay_quarters} quarters late" if plan.delay_quarters else ""
    own = [CATEGORY_WORDS[Category(name)] for name in plan.by_category]
    apart = f"; {', '.join(own)} at a pace of their own" if own else ""
    slips = {
        (True, True): "They slip as such deliveries have slipped before, and what does not fit a category's capacity "
        "waits for the next quarter.",
        (True, False): "They slip as such deliveries have slipped before; nothing limits how much arrives at once.",
        (False, True): "Nothing slips; what does not fit a category's capacity waits for the next quarter.",
        (False, False): "Nothing slips further, and nothing limits how much arrives at once.",
    }[plan.slips, plan.is_limited]
    when = "arrive" if is_published else start
    return f"Deliveries are assumed to {when} {plan.words}{length}{delay}{apart}. {slips}"


def _filled(answer: Solution) -> str:
    fill = answer.scenario.include.fill
    parts = [f"{', '.join(names)} inside the unnamed rest of {tranche}" for tranche, names in fill.items()]
    return f"Taken to sit, at no extra sum: {'; '.join(parts)}." if parts else ""


def _tariff(answer: Solution) -> str:
    if answer.duty is None:
        return "No tariff step moves exports."
    comes = answer.duty.takes_effect.mean
    chance = "" if comes == 1 else f", by a chance of {percent(comes, 0)}"
    rates, elasticity = answer.duty.path.words, float(answer.duty.elasticity.mean)
    return f"Exports answer to tariffs of {rates} with an elasticity of {elasticity:g}{chance}."


def _without_deals(answer: Solution) -> str:
    """The baseline, and what ranges hold."""
    method = answer.scenario.baseline
    if method.is_stated:
        band = "without an error band"
        held = "" if answer.is_certain else "; ranges hold what is unknown of the deals"
    else:
        band = "with the errors that this method has made on this book"
        both = "those and what is unknown of the deals, ranges of imports the latter only"
        held = f"; the band of the gap holds {'those; imports have no range' if answer.is_certain else both}"
    return f"Without the deals: {method.words}, {band}{held}."


def hindsight(of: Sequence[str], without: str = "") -> str:
    """What a replay of an earlier month does not filter by date, or what is said of one without."""
    return f"With hindsight: {'; '.join(of)}." if of else without


def _changed(answer: Solution) -> str:
    """What was changed for this run against the scenario's file, and what of it moves nothing; or nothing."""
    changes = [f"{name} = {shown(value)}" for name, value in answer.inputs.changes.items()]
    idle = [f" {each.column} {each.reason}." for each in answer.warnings if each.code == NO_EFFECT]
    return f"Changed for this run: {'; '.join(changes)}.{''.join(idle)}" if changes else ""


TRACE = "tradebalance trace"


def how_to_trace(reporter: str, quarter: str, scenario: str = "") -> str:
    """How to get from a figure of a page, say the gap of a quarter, to its raw rows."""
    asked = [f"{TRACE} gap_usd_mn {quarter} --reporter {reporter}", f"{TRACE} announced_usd_mn"]
    asked += [f"{TRACE} additional_usd_mn --scenario {scenario}"] if scenario else []
    return f"Trace any figure to its raw rows and their publishers: {'; '.join(asked)}; {TRACE} --help."


def colophon(answer: Solution) -> str:
    """How to get the page again."""
    draws = f"{answer.scenario.draws:,} draws, seed {answer.scenario.seed}"
    if answer.has_one_path:
        draws = "one exact path"
    elif answer.is_certain:
        draws = f"one exact path of the deals, the gap's band from {draws}"
    return f"tradebalance {__version__}; {draws}. The same inputs and seed give this page again, byte for byte."


def corrected(known: Known) -> str:
    """Which raw cells were read otherwise than they stand, and why; nothing where none was."""
    if not known.corrections:
        return ""
    return plain_text(f"Corrected before use: {'. '.join(known.corrections)}.")


def inputs_table(files: Mapping[str, str]) -> pd.DataFrame:
    """Each input file and its checksum, in order of name."""
    return pd.DataFrame({"sha256": dict(sorted(files.items()))}).rename_axis("File")
