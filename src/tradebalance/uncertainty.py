"""The page on uncertainty: its sentences and tables, and its figures as plain types for JSON."""

from collections.abc import Sequence

import pandas as pd

from . import goal_words, records
from .answer import Answer, Model
from .break_even import BreakEven
from .goal import Sought
from .log_models import HORIZON
from .prices import by_year
from .sensitivity import Sobol, Tornado
from .sentences import billions, is_certain, percent, ranged
from .spread import Outlook
from .tables import path_words

COMMON = {
    "correlation.political": "common political factor",
    "correlation.seller": "common factor of a category's slip",
}
OUTCOME_WORDS = {"credited": "credited value", "additional": "additional imports", "closure": "closure a year"}
LEAST_SHARE = 0.0001  # a share of the variance below a hundredth of a per cent is shown as such


def soon(width: Outlook) -> pd.Period:
    """The last quarter that a baseline still forecasts, or of the horizon."""
    last: pd.Period = width.with_deals.index[min(HORIZON, len(width.with_deals) + 3) - 4]
    return last


def headline(answer: Answer, width: Outlook) -> str:
    """What makes the gap uncertain, as the page's title."""
    title = answer.scenario.title
    if width.shares.empty:
        return f"{title}: nothing is uncertain, as the scenario states every number"
    share = width.shares.at[soon(width), "deals"]
    whose = "the deals" if share > 0.5 else "trade, not the deals"
    return (
        f"{title}: what is unknown about the gap of the four quarters to {soon(width)} is {whose}, which are "
        f"{_share(share)} of its variance"
    )


def _share(share: float) -> str:
    return f"under {percent(LEAST_SHARE)}" if share < LEAST_SHARE else percent(share)


def lead(answer: Answer, width: Outlook) -> str:
    """How wide the gap and the deals are, in dollars."""
    last, additional = soon(width), answer.simulated.totals.loc["additional"]
    row = width.with_deals.loc[last]
    if width.shares.empty:
        return "The scenario states the trade without the deals and credits every dollar, so no figure has a range."
    spreads = width.spreads.loc[last]
    return (
        f"Nine times in ten the gap over the four quarters to {last} is between ${billions(row['p05'])} and "
        f"${billions(row['p95'])} billion, if this baseline errs as it has; how often such bands "
        f"held, before the tariffs and since, is on the page on baselines. "
        f"What the deals add in those four quarters has a standard deviation of ${billions(spreads['deals'], 2)} "
        f"billion, trade without them one of ${billions(spreads['trade'])} billion. Over the whole horizon the deals "
        f"add {ranged(additional, is_certain(answer))} billion."
    )


def method(of: Model) -> str:
    """What is drawn and what is not."""
    trade = (
        "is stated and has no error"
        if of.paths is None
        else f"is {of.inputs.scenario.baseline.record().words}, and is drawn with the errors that this method has made"
    )
    return (
        f"Trade without the deals {trade}; after {HORIZON} quarters it is a scenario, not a forecast. The deals are "
        f"drawn by the assumptions. Both are drawn apart, but for a tariff path where the scenario names one. Bands "
        f"are the 5 to 95 % and 25 to 75 % points of sums of four quarters; the table has their standard deviations."
    )


def headline_table(
    answer: Answer, width: Outlook, swings: Tornado, shares: Sobol, sought: Sought, held: Sequence[BreakEven]
) -> pd.DataFrame:
    """The page's measures, one a row."""
    last = soon(width)
    row, today = width.with_deals.loc[last], float(answer.gap_last_four)
    chance = answer.simulated.at_or_below.at[last, 1.0 * today] if last in answer.simulated.at_or_below.index else 0
    costliest = max(held, key=lambda one: one.purchases)
    total = sought.lever("announced_total").needed
    rows = {
        f"Gap, four quarters to {last}": (
            f"{billions(row['p50'])} ({billions(row['p05'])} to {billions(row['p95'])}) bn"
        ),
        "The deals' part of its variance": _share(width.shares.at[last, "deals"]) if len(width.shares) else "none",
        **_largest(swings, shares),
        f"Chance that the gap to {last} is no larger than today's": percent(chance, 0),
        f"Purchases a year that hold the gap to {last}, {costliest.method}": f"{billions(costliest.purchases)} bn",
        f"Announcements that close {percent(sought.goal.share)} a year by {sought.goal.by}": (
            "not enough" if total is None else f"{billions(total)} bn"
        ),
    }
    return pd.DataFrame({"Found": pd.Series(rows, dtype=str)}).rename_axis("Measure")


def _largest(swings: Tornado, shares: Sobol) -> dict[str, str]:
    """The assumption that moves most, and the input with the largest share of the variance, where there are any."""
    rows = {}
    if len(swings.table):
        first = swings.table.iloc[0]
        low, high = (billions(first[f"{swings.by}_{end}"]) for end in ("low", "high"))
        rows[f"Largest swing: {words(str(swings.table.index[0]))}"] = f"{low} to {high} bn"
    if len(shares.table):
        top = str(shares.table.index[0])
        rows[f"Largest share of variance: {words(top)}"] = percent(shares.table.at[top, "total"], 0)
    return rows


def opening(words_: str) -> str:
    """Words with a capital letter first, all else as it is."""
    return words_[:1].upper() + words_[1:]


def words(path: str) -> str:
    """An input in words."""
    return COMMON.get(path, path_words(path))


def variance(width: Outlook) -> pd.DataFrame:
    """Whose the spread of the gap is, for the four quarters to the end of each year."""
    rows = [quarter for quarter in width.shares.index if quarter.quarter == 4]
    cells = {
        "Deals, bn": [billions(width.spreads.at[q, "deals"], 2) for q in rows],
        "Trade, bn": [billions(width.spreads.at[q, "trade"]) for q in rows],
        "Deals' part": [_share(width.shares.at[q, "deals"]) for q in rows],
    }
    return pd.DataFrame(cells, index=pd.Index([str(q) for q in rows], name="Four quarters to"), dtype=str)


def swings_table(found: Tornado) -> pd.DataFrame:
    """Each assumption's range, and what it alone moves, in USD billion; with source and strength."""
    table = found.table
    money = [
        f"{billions(table.at[p, f'{found.by}_low'], 2)} to {billions(table.at[p, f'{found.by}_high'], 2)}"
        for p in table.index
    ]
    cells = {
        "Range": [_ends(str(path), table.loc[path]) for path in table.index],
        f"{opening(OUTCOME_WORDS[found.by])}, bn": money,
        "Swing, bn": [billions(swing, 2) for swing in found.swings],
        "From": list(table["source"]),
        "Strength": list(table["strength"]),
    }
    return pd.DataFrame(cells, index=pd.Index([words(str(p)) for p in table.index], name="Assumption"), dtype=str)


def _ends(path: str, row: pd.Series) -> str:
    unit = " quarters" if path.startswith("slip_months") else ""
    return f"{row['low']:.2g} to {row['high']:.2g}{unit}"


def not_varied(found: Tornado) -> str:
    """What acts on the answer and has no range to move over."""
    return f"Not varied, as nobody states a range: {', '.join(words(path) for path in found.not_varied)}."


def indices_table(found: Sobol) -> pd.DataFrame:
    """First-order and total indices with their 90 % intervals, per cent of the variance."""
    cells = {
        name: [
            f"{row[kind] * 100:.1f} ({row[f'{kind}_low'] * 100:.1f} to {row[f'{kind}_high'] * 100:.1f})"
            for _, row in found.table.iterrows()
        ]
        for kind, name in (("first", "Alone, %"), ("total", "With interactions, %"))
    }
    return pd.DataFrame(cells, index=pd.Index([words(str(p)) for p in found.table.index], name="Input"), dtype=str)


def settled(found: Sobol) -> str:
    """What the indices add up to, and what the draws leave open."""
    total, low, high = found.first_sum
    warnings = "".join(f" Not settled: {warning}." for warning in found.warnings)
    return (
        f"Alone, the inputs explain {percent(total, 0)} ({low * 100:.0f} to {high * 100:.0f}) of the variance of the "
        f"{OUTCOME_WORDS[found.by]}; the rest is what they do together. Intervals are the 5 and 95 % "
        f"points of a bootstrap of {found.draws:,} draws.{warnings}"
    )


def break_even_table(held: Sequence[BreakEven]) -> pd.DataFrame:
    """What would hold the gap under each baseline: purchases a year, and exports' growth."""
    cells = {
        "Gap, bn": [billions(one.gap_then) for one in held],
        "Holding purchases, bn": [billions(one.purchases) for one in held],
        "Deals, bn": [billions(one.deals, 2) for one in held],
        "Export growth": [percent(one.growth, 1) for one in held],
        "Holding growth": [percent(one.holding, 1) for one in held],
    }
    index = pd.Index([one.method.replace("_", " ") for one in held], name="Without deals")
    return pd.DataFrame(cells, index=index, dtype=str)


def break_even_lead(held: Sequence[BreakEven], home: str) -> str:
    """The span of what would hold the gap, over the baselines; `home` is the name of the country with the surplus."""
    low, high = (pick(held, key=lambda one: one.purchases) for pick in (min, max))
    slow = max(held, key=lambda one: one.slowdown)
    return (
        f"To hold the gap of the four quarters to {high.last} at today's ${billions(high.gap_today)} billion, "
        f"purchases that would not have been made anyway would have to be ${billions(low.purchases)} "
        f"({low.method.replace('_', ' ')}) to ${billions(high.purchases)} billion "
        f"({high.method.replace('_', ' ')}) in that year; the deals, with every assumption at its mean, bring "
        f"${billions(high.deals, 2)} billion. Or {home}'s exports would have to grow {slow.holding * 100:.1f} % a "
        f"year instead of the {slow.growth * 100:.1f} % that {slow.method.replace('_', ' ')} has them grow."
    )


def probabilities(answer: Answer) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below a share of today's, to the end of each year."""
    table = answer.simulated.at_or_below
    rows = [quarter for quarter in table.index if quarter.quarter == 4]
    today = float(answer.gap_last_four)
    cells = {
        f"At most {billions(level)} bn" + (" (today's)" if level == today else ""): [
            percent(table.at[quarter, level], 0) for quarter in rows
        ]
        for level in table.columns
    }
    return pd.DataFrame(cells, index=pd.Index([str(q) for q in rows], name="Four quarters to"), dtype=str)


def prices(answer: Answer) -> pd.DataFrame | str:
    """Nominal against constant dollars by year of delivery, or why there is no such view."""
    rates, table = answer.scenario.prices, by_year(answer)
    if rates is None or table is None:
        return (
            "Amounts are at the prices of the announcements. No source at hand gives a rate at which aircraft "
            "prices escalate until delivery or at which dollars lose value; a scenario that states both under `prices` "
            "gets a table of nominal and constant dollars here."
        )
    names = {
        "announced_prices": "At announced prices, bn",
        "nominal": f"Aircraft at {percent(rates.escalation_per_year, 1)} a year more, bn",
        "constant": f"In dollars of {rates.base_year}, at {percent(rates.inflation_per_year, 1)} a year, bn",
    }
    cells = {"Aircraft with a number": [f"{planes:,.1f}" for planes in table["aircraft"]]}
    cells |= {name: [billions(amount, 2) for amount in table[column]] for column, name in names.items()}
    return pd.DataFrame(cells, index=pd.Index([str(year) for year in table.index], name="Year"), dtype=str)


def as_json(
    answer: Answer, of: Model, width: Outlook, swings: Tornado, shares: Sobol, sought: Sought, held: Sequence[BreakEven]
) -> dict[str, object]:
    """What the page found as plain types for JSON: USD million, shares as fractions."""
    return {
        **records.known_as_json(answer.known),
        "uncertainty_of": answer.scenario.name,
        "draws": answer.simulated.draws,
        "seed": answer.scenario.seed,
        "bands": _rows(width.with_deals, "four_quarters_to"),
        "variance": _rows(width.shares, "four_quarters_to"),
        "tornado": {"by": swings.by, "rows": _rows(swings.table, "assumption"), "not_varied": list(swings.not_varied)},
        "sobol": {"by": shares.by, "draws": shares.draws, "rows": _rows(shares.table, "input")},
        "sobol_warnings": list(shares.warnings),
        "break_even": [_break_even(one) for one in held],
        "goal": goal_words.as_json(sought, of),
    }


def _break_even(one: BreakEven) -> dict[str, object]:
    return {
        "baseline": one.method,
        "four_quarters_to": str(one.last),
        "purchases_usd_mn": round(float(one.purchases), 6),
        "deals_usd_mn": round(one.deals, 6),
        "export_growth": round(one.growth, 9),
        "holding_growth": round(one.holding, 9),
    }


def _rows(table: pd.DataFrame, key: str) -> list[dict[str, object]]:
    return [
        {key: str(label)} | {str(k): round(v, 9) if isinstance(v, float) else v for k, v in row.items()}
        for label, row in table.iterrows()
    ]
