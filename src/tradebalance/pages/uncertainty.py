"""How sure the answer is, what it hangs on, and what it would take to close more."""

from collections.abc import Callable, Sequence

import pandas as pd

from ..answers.answer import Solution, at_prices
from ..answers.goal import BreakEven, Lever, Sought
from ..answers.model import Model
from ..answers.sensitivity import Outlook, Sobol, Tornado
from ..assumptions.methods import HORIZON
from ..words.terms import USD_MN_PER_BN, book_name
from .chart import BLUE, INK, LINE, ORANGE, PALE, PALE_ORANGE, SOFT, Axes, Chart, Figure
from .drawing import bars, either_side, is_narrow, note, year_ticks, years_of
from .say import billions, percent
from .tables import Cell, at_years_ends, chances_table, measures_table, path_words, rows_of, table
from .wording import banded, ranged, span

LEVER_WORDS = {
    "announced_total": "Announced total",
    "conversion": "Becomes binding",
    "additionality": "Not bought anyway",
    "speed": "Speed",
}
ENDS = {
    "conversion": "every deal that counts became binding in full",
    "additionality": "nothing would have been bought anyway",
}


def goal_finding(sought: Sought) -> str:
    """What it would take, or that it is out of reach, in one sentence."""
    goal, total = sought.goal, sought.lever("announced_total")
    aim = f"making the gap {percent(goal.share)} smaller a year by {goal.by}"
    if goal.share > sought.every_dollar:
        return f"What was announced is too little for {aim}"
    if sought.probability >= goal.confidence:
        return f"The scenario as it stands is enough for {aim}"
    if total.needed is not None:
        return (
            f"{aim[0].upper()}{aim[1:]} would take ${billions(total.needed)} billion of announcements, all else equal"
        )
    return f"No lever alone is enough for {aim}"


def goal_prose(sought: Sought) -> str:
    """The reasons in one paragraph, with what the table's words mean."""
    return (
        f"{' '.join(goal_reasons(sought))} Each lever is moved alone, on the same draws; shares are means over the "
        f"deals, weighted by the announced value of goods."
    )


def goal_reasons(sought: Sought) -> list[str]:
    """As it is, what is out of reach and why, and what the baseline does meanwhile: a sentence each."""
    goal = sought.goal
    sure = f"in {percent(goal.confidence, 0)} of the draws"
    reasons = [
        f"As the scenario stands, {percent(sought.share)} or more is reached {sure}, and {percent(goal.share)} in "
        f"{percent(sought.probability, 1)} of them."
    ]
    if goal.share > sought.every_dollar:
        reasons.append(
            f"Even if every announced dollar that counts arrived as additional goods by {goal.by}, it would be "
            f"{percent(sought.every_dollar)} of today's gap a year over these {sought.quarters} quarters, less than "
            f"the {percent(goal.share)} asked for."
        )
    reasons += [
        f"{_end(lever, sought)}, {percent(lever.share)} would be reached {sure}."
        for lever in sought.levers
        if not lever.feasible
    ]
    rise = None if sought.baseline_gap is None else sought.baseline_gap - sought.gap_today
    if rise is not None and rise > goal.share * sought.gap_today:
        reasons.append(
            f"Even then the gap would be larger than today's: without the deals it is ${billions(rise)} billion larger "
            f"in the four quarters to {goal.by}, and the goal takes ${billions(goal.share * sought.gap_today)} billion "
            f"off."
        )
    return reasons


def _end(lever: Lever, sought: Sought) -> str:
    """What a lever's end means, as the condition of a sentence."""
    if lever.name in ENDS:
        return f"Even if {ENDS[lever.name]}"
    if lever.name == "speed":
        what = "within one quarter" if lever.unit.startswith("quarters of") else "in the first quarter"
        waits = ", as far as capacity lets it" if sought.capacity else ""
        return f"Even if everything was due {what}{waits}"
    if sought.capacity:
        return "However much is announced, as capacity limits what arrives in a quarter"
    return f"However much is announced, as too little of it is due by {sought.goal.by} or too often none is binding"


def goal_table(sought: Sought) -> pd.DataFrame:
    """Each lever alone: as it is, as needed, the chance of the goal there or at the lever's end."""
    columns: dict[str, Callable[[Lever], Cell]] = {
        "Lever": lambda lever: LEVER_WORDS[lever.name],
        "As it is": lambda lever: _level(lever, lever.as_it_is),
        "Needed, alone": lambda lever: "not enough" if lever.needed is None else _level(lever, lever.needed),
        "Chance there or at its end": lambda lever: percent(lever.probability, 0),
        "Share reached": lambda lever: percent(lever.share),
    }
    return table(sought.levers, columns)


def _level(lever: Lever, amount: float) -> str:
    if lever.name == "announced_total":
        return f"{amount / USD_MN_PER_BN:,.1f} bn"
    if lever.name == "speed":
        return f"{amount:,.0f} {lever.unit}" if amount else "printed windows"
    return percent(amount, 0)


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


def headline(answer: Solution, width: Outlook) -> str:
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


def lead(answer: Solution, width: Outlook) -> str:
    """How wide the gap and the deals are, in dollars."""
    last, additional = soon(width), answer.additional
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
        f"add {ranged(additional, answer.is_certain)} billion."
    )


def method(of: Model) -> str:
    """What is drawn and what is not."""
    trade = (
        "is stated and has no error"
        if of.paths is None
        else f"is {of.inputs.scenario.baseline.words}, and is drawn with the errors that this method has made"
    )
    return (
        f"Trade without the deals {trade}; after {HORIZON} quarters it is a scenario, not a forecast. The deals are "
        f"drawn by the assumptions. Both are drawn apart, but for a tariff path where the scenario names one. Bands "
        f"are the 5 to 95 % and 25 to 75 % points of sums of four quarters; the table has their standard deviations."
    )


def headline_table(
    answer: Solution, width: Outlook, swings: Tornado, shares: Sobol, sought: Sought, held: Sequence[BreakEven]
) -> pd.DataFrame:
    """The page's measures, one a row."""
    last = soon(width)
    row, today = width.with_deals.loc[last], float(answer.gap_last_four)
    chance = answer.simulated.at_or_below.at[last, 1.0 * today] if last in answer.simulated.at_or_below.index else 0
    costliest = max(held, key=lambda one: one.purchases)
    total = sought.lever("announced_total").needed
    rows = {
        f"Gap, four quarters to {last}": f"{banded(row)} bn",
        "The deals' part of its variance": _share(width.shares.at[last, "deals"]) if len(width.shares) else "none",
        **_largest(swings, shares),
        f"Chance that the gap to {last} is no larger than today's": percent(chance, 0),
        f"Purchases a year that hold the gap to {last}, {costliest.method}": f"{billions(costliest.purchases)} bn",
        f"Announcements that close {percent(sought.goal.share)} a year by {sought.goal.by}": (
            "not enough" if total is None else f"{billions(total)} bn"
        ),
    }
    return measures_table("Found", rows)


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


def variance_table(width: Outlook) -> pd.DataFrame:
    """Whose the spread of the gap is, for the four quarters to the end of each year."""
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Four quarters to": lambda row: str(row.name),
        "Deals, bn": lambda row: billions(width.spreads.at[row.name, "deals"], 2),
        "Trade, bn": lambda row: billions(width.spreads.at[row.name, "trade"]),
        "Deals' part": lambda row: _share(row["deals"]),
    }
    return table(rows_of(at_years_ends(width.shares)), columns)


def swings_table(found: Tornado) -> pd.DataFrame:
    """Each assumption's range, and what it alone moves, in USD billion; with source and strength."""
    low, high = (f"{found.by}_{end}" for end in ("low", "high"))
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Assumption": lambda row: words(str(row.name)),
        "Range": _ends,
        f"{opening(OUTCOME_WORDS[found.by])}, bn": lambda row: span(row[low], row[high]),
        "Swing, bn": lambda row: billions(found.swings[row.name], 2),
        "From": lambda row: row["source"],
        "Strength": lambda row: row["strength"],
    }
    return table(rows_of(found.table), columns)


def _ends(row: pd.Series) -> Cell:
    unit = " quarters" if str(row.name).startswith("slip_months") else ""
    return f"{row['low']:.2g} to {row['high']:.2g}{unit}"


def not_varied(found: Tornado) -> str:
    """What acts on the answer and has no range to move over."""
    return f"Not varied, as nobody states a range: {', '.join(words(path) for path in found.not_varied)}."


def indices_table(found: Sobol) -> pd.DataFrame:
    """First-order and total indices with their 90 % intervals, per cent of the variance."""
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Input": lambda row: words(str(row.name)),
        "Alone, %": lambda row: _index(row, "first"),
        "With interactions, %": lambda row: _index(row, "total"),
    }
    return table(rows_of(found.table), columns)


def _index(row: pd.Series, kind: str) -> Cell:
    return f"{row[kind] * 100:.1f} ({row[f'{kind}_low'] * 100:.1f} to {row[f'{kind}_high'] * 100:.1f})"


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
    columns: dict[str, Callable[[BreakEven], Cell]] = {
        "Without deals": lambda one: one.method.replace("_", " "),
        "Gap, bn": lambda one: billions(one.gap_then),
        "Holding purchases, bn": lambda one: billions(one.purchases),
        "Deals, bn": lambda one: billions(one.deals, 2),
        "Export growth": lambda one: percent(one.growth, 1),
        "Holding growth": lambda one: percent(one.holding, 1),
    }
    return table(held, columns)


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


def probabilities_table(answer: Solution) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below a share of today's, to the end of each year."""
    today, levels = float(answer.gap_last_four), answer.simulated.at_or_below.columns
    return chances_table(
        answer, [f"At most {billions(level)} bn" + (" (today's)" if level == today else "") for level in levels]
    )


def prices(answer: Solution) -> pd.DataFrame | str:
    """Nominal against constant dollars by year of delivery, or why there is no such view."""
    rates, found = answer.scenario.prices, at_prices(answer)
    if rates is None or found is None:
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
    shown = found[list(names)].map(lambda amount: billions(amount, 2)).rename(index=str, columns=names)
    shown.insert(0, "Aircraft with a number", [f"{planes:,.1f}" for planes in found["aircraft"]])
    return shown.rename_axis("Year")


MOST_ROWS = 12  # of a tornado or of indices: what comes after them moves next to nothing


def fan_chart(answer: Solution, width: Outlook) -> Chart:
    """The gap in sums of four quarters with its bands, and what the deals take off it on a scale of its own."""
    past = answer.known.history["gap_usd_mn"].astype(float).rolling(4).sum().dropna().iloc[-24:] / USD_MN_PER_BN
    gap, taken = (bands / USD_MN_PER_BN for bands in (width.with_deals, width.additional))
    without = width.without_deals["p50"] / USD_MN_PER_BN
    last, row = soon(width), width.with_deals.loc[soon(width)]

    def draw(figure: Figure) -> None:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        top.plot(years_of(past.index), past, color=INK, lw=1.6)
        _bands(top, gap, BLUE)
        top.plot(years_of(without.index), without, color=ORANGE, lw=1.2, ls=(0, (4, 2)))
        if len(gap) > HORIZON - 3:
            top.axvline(years_of(gap.index)[HORIZON - 4], color=SOFT, lw=0.8, ls=":")
        top.set_ylim(bottom=min(0.0, float(gap["p05"].min())))
        note(top, "Gap: 5 to 95 and 25 to 75 %, median (dashed: without deals); past the dots a scenario")
        _bands(bottom, taken, ORANGE)
        bottom.set_ylim(bottom=0)
        year_ticks(bottom, 4 if is_narrow(figure) else 8)
        note(bottom, "Taken off by the deals")

    return Chart(
        draw,
        heights=(4.6, 4.8),
        title=(
            f"To {last} the gap of four quarters may be ${billions(row['p05'], 0)} or ${billions(row['p95'], 0)} "
            f"billion; the deals take ${billions(width.additional.at[last, 'p50'])} billion off"
        ),
        alt=(
            f"Fan of the gap in sums of four quarters: from {billions(row['p05'], 0)} to {billions(row['p95'], 0)} "
            f"billion dollars in the four quarters to {last}, wider with each year; below it what the deals take off, "
            f"{billions(width.additional['p50'].max())} billion at most by the median."
        ),
        unit=f"USD billion, nominal, sums of four quarters, {book_name(answer.scenario.reporter)}",
        sources=answer.known.sources,
        data=_fan_table(width),
    )


def _bands(axes: Axes, bands: pd.DataFrame, color: str) -> None:
    x, outer = years_of(bands.index), {BLUE: PALE, ORANGE: PALE_ORANGE}[color]
    axes.fill_between(x, bands["p05"], bands["p95"], color=outer, alpha=0.6, lw=0)
    axes.fill_between(x, bands["p25"], bands["p75"], color=outer, lw=0)
    axes.plot(x, bands["p50"], color=color, lw=1.6)


def _fan_table(width: Outlook) -> pd.DataFrame:
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Four quarters to": lambda row: str(row.name),
        "Gap, median, bn": lambda row: billions(row["p50"]),
        "25 to 75 %": lambda row: span(row["p25"], row["p75"], 1),
        "5 to 95 %": lambda row: span(row["p05"], row["p95"], 1),
        "Without deals, median, bn": lambda row: billions(width.without_deals.at[row.name, "p50"]),
        "Taken off by the deals, 5 to 95 %, bn": lambda row: span(*width.additional.loc[row.name, ["p05", "p95"]]),
    }
    return table(rows_of(at_years_ends(width.with_deals)), columns)


def tornado_chart(answer: Solution, found: Tornado) -> Chart | str:
    """What each assumption alone moves, largest first; a sentence where none has a range."""
    if found.table.empty:
        return "No assumption that this scenario uses has a range."
    shown = found.table.iloc[:MOST_ROWS]
    low, high = (shown[f"{found.by}_{end}"] / USD_MN_PER_BN for end in ("low", "high"))
    sides = ((low, PALE), (high, ORANGE))
    left, what = min(low.min(), high.min()), OUTCOME_WORDS[found.by]
    mean, names = found.mean_path[found.by] / USD_MN_PER_BN, [words(str(path)) for path in shown.index]

    # the axis has no numbers and starts at the smallest end
    parts = [{"width": end - mean, "left": mean - left, "color": color, "height": 0.56} for end, color in sides]

    def middle(axes: Axes) -> None:
        rows = range(len(shown))
        axes.vlines([mean - left] * len(rows), [row - 0.28 for row in rows], [row + 0.28 for row in rows], INK, lw=0.9)

    first, ends = names[0], (f"{low.iloc[0]:,.1f}", f"{high.iloc[0]:,.1f}")
    return Chart(
        bars(
            names,
            parts,
            [(max(ends) - left, f"{ends[0]:,.1f} to {ends[1]:,.1f}") for ends in zip(low, high, strict=True)],
            marks=middle,
            last=lambda axes: axes.set_xlim(right=axes.get_xlim()[1] * 1.15),
        ),
        heights=(0.36 * len(shown) + 0.8, 0.46 * len(shown) + 0.8),
        title=f"{opening(first)} alone moves the {what} most: from ${ends[0]} to ${ends[1]} billion",
        alt=(
            f"Bars by assumption about {mean:,.1f} billion dollars, where every assumption is at its mean; the longest "
            f"is {first}, from {ends[0]} to {ends[1]}."
        ),
        unit=(
            f"{opening(what)}, USD billion over the horizon: each assumption at its 5 % (pale) and "
            f"95 % point (orange), all others at their means; they meet on the path of means; the {len(shown)} "
            f"largest of {len(found.table)}"
        ),
        sources=answer.known.ledger_sources,
        data=swings_table(found),
    )


def indices_chart(answer: Solution, found: Sobol) -> Chart | str:
    """Shares of the variance by input, alone and with all that they interact with; a sentence where nothing varies."""
    if found.table.empty:
        return "Nothing of the deals is drawn in this scenario, so there is no variance to share out."
    shown = found.table.iloc[:MOST_ROWS] * 100
    names = [words(str(path)) for path in shown.index]
    error = {"xerr": either_side(shown, "total", "total_low", "total_high"), "ecolor": INK, "error_kw": {"lw": 0.9}}
    total = {"width": shown["total"], "color": PALE, "height": 0.56, **error}
    alone = {"width": shown["first"].clip(lower=0), "color": BLUE, "height": 0.28}

    def marks(axes: Axes) -> None:
        axes.set_xlim(0, float(shown["total_high"].max()))
        axes.grid(axis="x", color=LINE, lw=0.5)

    first, share = names[0], percent(found.table["total"].iloc[0], 0)
    what = OUTCOME_WORDS[found.by]
    return Chart(
        bars(
            names,
            [total, alone],
            [(high, f"{share:.0f} %") for high, share in zip(shown["total_high"], shown["total"], strict=True)],
            marks=marks,
        ),
        heights=(0.36 * len(shown) + 0.8, 0.46 * len(shown) + 0.8),
        title=f"{opening(first)} is behind {share} of what is unknown about the {what}",
        alt=f"Bars by input: share of the variance alone and with interactions. The longest is {first}, {share}.",
        unit=(
            f"Per cent of the variance of the {what} (Sobol indices): alone (dark), with interactions (pale, "
            f"with a 90 % interval); the {len(shown)} largest of {len(found.table)}"
        ),
        sources=answer.known.ledger_sources,
        data=indices_table(found),
    )
