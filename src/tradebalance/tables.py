"""Tables for readers: text cells, ready to show. They return, and never print nor save.

Money is in billions of dollars, shares in per cent; a table's heading cells say so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import pandas as pd

from . import answer as answers
from . import commitments, credit, gap
from .answer import Answer
from .assumption_entries import Record
from .commitments import Deal, Event, Leaf
from .distributions import Assumption
from .known import Known
from .sentences import base_gap, billions, is_certain, percent, ranged, ranged_share, states_level, years
from .simulation import Number
from .sources import Citation
from .terms import CATEGORY_WORDS, USD_MN_PER_BN, Category, Role, book_name

Cell = str | Citation


def headline(answer: Answer) -> pd.DataFrame:
    """The measures that readers quote, one a row, with their 5 to 95 % range."""
    certain, totals = is_certain(answer), answer.simulated.totals
    months, last = answer.months_of_todays_gap, answer.known.last_four
    base = "four times the stated quarter" if states_level(answer) else f"{last[0]} to {last[-1]}"
    rows = {
        "Announced": f"{billions(answer.known.announced)} bn",
        f"Gap, {base}": f"{billions(answer.gap_last_four)} bn",
        "Credited": f"{ranged(totals.loc['credited'], certain)} bn",
        f"Delivered by {answer.calendar.quarters[-1]}": f"{ranged(totals.loc['delivered'], certain)} bn",
        "Additional imports": f"{ranged(totals.loc['additional'], certain)} bn",
        f"Closure, a year over {years(answer)}": ranged_share(answer.annual_rate, certain),
        f"Closure in the best year, {answer.best_year}": ranged_share(answer.best_year_rate, certain),
        f"Months of {base_gap(answer)}": "none" if months is None else _span(months, certain, "{:.2f}"),
        f"Closure against the baseline over {years(answer)}": ranged_share(answer.baseline_closure, certain),
        "First quarter with no gap left, on the mean path": str(answer.first_quarter_closed or "none"),
        "Chance that some quarter's gap closes": percent(answer.simulated.probability_closed, 0),
    }
    return table_of("Measure", {"USD, nominal": rows})


def bridge(answer: Answer) -> pd.DataFrame:
    """The steps from announced to additional imports in USD billion: mean, what is left after it, 5 to 95 % range
    where there is one, and the amount whatever the order of the steps."""
    left: Number = Fraction(0)
    columns: dict[str, dict[str, Cell]] = {"Mean, bn": {}, "Left, bn": {}, "5 to 95 %": {}, "In any order, bn": {}}
    for name, row in answer.simulated.steps.iterrows():
        step, words = str(name), gap.STEP_WORDS[str(name)]
        left = left + row["mean"]
        columns["Mean, bn"][words] = _signed(row["mean"])
        columns["Left, bn"][words] = billions(left, 2)
        columns["5 to 95 %"][words] = _low_to_high(row)
        columns["In any order, bn"][words] = _order_free(step, row)
    last, total = gap.STEP_WORDS["additional"], answer.simulated.totals.loc["additional"]
    ends = {"Mean, bn": "", "Left, bn": billions(left, 2), "5 to 95 %": _low_to_high(total)}
    ends["In any order, bn"] = billions(sum(answer.simulated.steps["order_free"]), 2)
    if is_certain(answer):
        del columns["5 to 95 %"]
    return table_of("Step", {name: {**cells, last: ends[name]} for name, cells in columns.items()})


def _signed(usd_mn: Number) -> Cell:
    shown = round(float(usd_mn) / USD_MN_PER_BN, 2)
    return f"{shown:+,.2f}" if shown else "0"


def _low_to_high(row: pd.Series) -> Cell:
    low, high = (billions(row[point], 2) for point in ("p05", "p95"))
    return "" if low == high else f"{low} to {high}"


def _order_free(step: str, row: pd.Series) -> Cell:
    """Steps that share a factor have one amount together, in the row of one of them."""
    if step in gap.CARRIED_BY:
        return f"in “{gap.STEP_WORDS[gap.CARRIED_BY[step]].lower()}”" if row["mean"] else "0"
    return _signed(row["order_free"])


def by_year(answer: Answer) -> pd.DataFrame:
    """The gap without deals and what the deals take off it, by calendar year in USD billion."""
    certain = is_certain(answer)
    names = ("Gap without deals, bn", "Additional imports, bn", "Since the start, bn", "Share")
    columns: dict[str, dict[str, Cell]] = {name: {} for name in names}
    so_far = 0.0
    for year, row in answer.simulated.by_year.iterrows():
        quarters = answer.calendar.quarters[answer.calendar.quarters.year == year]
        without = answer.baseline.loc[quarters, "gap_usd_mn"].sum()
        ends = dict.fromkeys(f"Q{quarter.quarter}" for quarter in (quarters[0], quarters[-1]))
        label = f"{year}" if len(quarters) == 4 else f"{year}, {' to '.join(ends)}"
        columns["Gap without deals, bn"][label] = billions(without)
        columns["Additional imports, bn"][label] = _span(row / USD_MN_PER_BN, certain, "{:,.2f}")
        so_far += float(row["mean"])
        columns["Since the start, bn"][label] = billions(so_far, 2)
        columns["Share"][label] = percent(float(row["mean"]) / float(without)) if without > 0 else ""
    return table_of("Year", columns)


def contributions(answer: Answer, by: Literal["category", "deal"] = "category") -> pd.DataFrame:
    """Announced, credited, delivered and additional by category or deal in USD billion (means), and their sum."""
    table = answers.contributions(answer, by)
    table.loc["Total"] = table.sum()
    words = [category_words(str(name)) for name in table.index]
    cells = {f"{column.capitalize()}, bn": [billions(v, 2) for v in table[column]] for column in table.columns}
    return pd.DataFrame(cells, index=pd.Index(words, name=by.capitalize()))


def probabilities(answer: Answer) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below shares of today's, by the last quarter of each year."""
    shares, reached = answers.LEVELS, answer.simulated.at_or_below
    ends = [quarter for quarter in reached.index if quarter.quarter == 4]
    names = {share: "nothing" if not share else f"{percent(share, 0)} of today's" for share in shares}
    return table_of(
        "Four quarters to",
        {
            f"At most {names[share]}": {str(q): percent(reached.at[q, level], 0) for q in ends}
            for share, level in zip(shares, reached.columns, strict=True)
        },
    )


def assumptions(answer: Answer) -> pd.DataFrame:
    """Every assumption that acted on the answer: value, 5 to 95 % range, source and strength."""
    used: list[Record] = [*(answer.assumptions or [credit.CERTAIN]), *answer.settings]
    columns: dict[str, Callable[[Record], Cell]] = {
        "Mean": lambda a: f"{float(a.mean):.3g}" if isinstance(a, Assumption) else a.words,
        "5 to 95 %": lambda a: _assumed_range(a) if isinstance(a, Assumption) else "",
        "From": lambda a: a.source,
        "Strength": lambda a: str(a.strength),
    }
    return table_of("Assumption", {name: {path_words(a.path): cell(a) for a in used} for name, cell in columns.items()})


def _assumed_range(a: Assumption) -> Cell:
    return "" if a.is_fixed else f"{a.quantile(0.05):.2g} to {a.quantile(0.95):.2g}"


def leaves(found: Iterable[Leaf]) -> pd.DataFrame:
    """What was announced, each part counted once, with its status and the words of its window."""
    columns: dict[str, Callable[[Leaf], Cell]] = {
        "Tranche": lambda leaf: leaf.tranche,
        "Buyer": lambda leaf: "unnamed" if leaf.is_remainder else leaf.event.buyer,
        "Category": lambda leaf: "mixed" if leaf.is_remainder else category_words(leaf.event.category),
        "USD bn": lambda leaf: billions(leaf.value_usd_mn, 2),
        "Value is": lambda leaf: str(leaf.event.value_kind),
        "In the tranche": _attribution,
        "Status": lambda leaf: str(leaf.status),
        "Window printed": lambda leaf: _window(leaf.now),
    }
    found = list(found)
    return table_of("Part", {name: {leaf.id: cell(leaf) for leaf in found} for name, cell in columns.items()})


def _attribution(leaf: Leaf) -> Cell:
    return "by subtraction" if leaf.is_remainder else leaf.event.attribution or "not stated"


def totals(known: Known) -> pd.DataFrame:
    """The official totals as announced: what, how much, when, at what stage, and who printed it."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "What": lambda event: event.description,
        "USD bn": lambda event: "" if event.value_usd_mn is None else billions(event.value_usd_mn, 2),
        "Date": lambda event: event.date.words or "undated",
        "Status": lambda event: str(event.status),
        "Source": _source,
    }
    found = [event for event in _told(known.events, known) if event.role is Role.HEADLINE]
    return table_of("Total", {name: {event.id: cell(event) for event in found} for name, cell in columns.items()})


def unvalued(known: Known) -> pd.DataFrame:
    """Named deals inside a tranche's unnamed rest, whose value was never published."""
    return events(commitments.unvalued(known.events, known.as_of.end_time.date()))


def told_again(known: Known) -> list[Deal]:
    """The deals that were told more than once by the as-of date, each with the events known by then."""
    at = known.as_of.end_time.date()
    found = [
        Deal(deal.id, tuple(event for event in deal.events if commitments.is_known(event, at)))
        for deal in commitments.deals(known.events).values()
    ]
    return [deal for deal in found if len(deal.events) > 1]


def restated(known: Known) -> pd.DataFrame:
    """The events of every deal that was told more than once by then, oldest first."""
    return events(event for deal in told_again(known) for event in deal.events)


def uncounted(known: Known) -> pd.DataFrame:
    """Rows of the ledger, known by then, that add nothing to the announced sum."""
    counted = {leaf.id for leaf in known.leaves} | {leaf.event.id for leaf in known.leaves}
    told = {event.id for event in commitments.unvalued(known.events, known.as_of.end_time.date())}
    roots = commitments.deals(known.events)
    return events(
        event
        for deal in roots.values()
        for event in _told(deal.events, known)
        if deal.id not in counted and event.id not in counted | told
    )


def _told(events: Iterable[Event], known: Known) -> list[Event]:
    """The events known at the end of the month that the facts are of."""
    return [event for event in events if commitments.is_known(event, known.as_of.end_time.date())]


def events(found: Iterable[Event]) -> pd.DataFrame:
    """Ledger rows as dated events: what was said, when, at what value."""
    columns: dict[str, Callable[[Event], Cell]] = {
        "Date": lambda event: event.date.words or "undated",
        "Buyer and seller": lambda event: f"{event.buyer}; {event.seller}",
        "USD bn": lambda event: "" if event.value_usd_mn is None else billions(event.value_usd_mn, 2),
        "Role and status": lambda event: f"{event.role.replace('_', ' ')}, {event.status}",
        "Source": _source,
    }
    found = list(found)
    return table_of("Row", {name: {event.id: cell(event) for event in found} for name, cell in columns.items()})


def _source(event: Event) -> Citation:
    return Citation(event.source, url=event.source_url)


def trade_by_year(history: pd.DataFrame, last: int = 10) -> pd.DataFrame:
    """Exports, imports and gap of the last full calendar years in USD billion."""
    full = {year: part for year, part in history.groupby(history.index.year) if len(part) == 4}
    years = list(full)[-last:]
    names = {"exports_usd_mn": "Exports, bn", "imports_usd_mn": "Imports, bn", "gap_usd_mn": "Gap, bn"}
    return table_of(
        "Year", {name: {str(y): billions(full[y][column].sum(), 2) for y in years} for column, name in names.items()}
    )


def compare(answers_: Sequence[Answer]) -> pd.DataFrame:
    """Scenarios side by side, one a row."""
    columns: dict[str, Callable[[Answer], Cell]] = {
        "Book": lambda a: book_name(a.scenario.reporter),
        "Over": years,
        "Gap of last four quarters, bn": lambda a: billions(a.gap_last_four),
        "Credited, bn": lambda a: ranged(a.simulated.totals.loc["credited"], is_certain(a)),
        "Additional, bn": lambda a: ranged(a.simulated.totals.loc["additional"], is_certain(a)),
        "Closure, a year": lambda a: ranged_share(a.annual_rate, is_certain(a)),
        "Months of gap": lambda a: (
            "none" if a.months_of_todays_gap is None else _span(a.months_of_todays_gap, is_certain(a), "{:.2f}")
        ),
    }
    return table_of("Scenario", {name: {a.scenario.name: cell(a) for a in answers_} for name, cell in columns.items()})


def inputs(files: Mapping[str, str]) -> pd.DataFrame:
    """Each input file and its checksum, in order of name."""
    return table_of("File", {"sha256": dict(sorted(files.items()))})


def path_words(path: str) -> str:
    """An assumption's path, spaced so that it can wrap: `additionality · power equipment`."""
    return path.replace(".", " · ").replace("_", " ")


def category_words(category: str) -> str:
    return CATEGORY_WORDS[Category(category)] if category in [*Category] else category


def _window(event: Event) -> Cell:
    words = [event.delivery_start.words, event.delivery_end.words]
    return " to ".join(word for word in words if word and not word.startswith("not ")) or "none"


def _span(amounts: Mapping[str, object] | pd.Series, certain: bool, form: str) -> Cell:
    mean, low, high = (form.format(float(amounts[point])) for point in ("mean", "p05", "p95"))  # type: ignore[arg-type]
    return mean if certain else f"{mean} ({low} to {high})"


def table_of(index: str, columns: Mapping[str, Mapping[str, Cell]]) -> pd.DataFrame:
    """Text cells by column and row; a column with sources keeps them, so that they can be shown as links."""
    kinds = {
        name: str if all(isinstance(cell, str) for cell in cells.values()) else object
        for name, cells in columns.items()
    }
    table = pd.DataFrame({name: pd.Series(cells, dtype=kinds[name]) for name, cells in columns.items()})
    return table.rename_axis(index)
