"""How sure the answer is, what it hangs on, and what it would take to close more."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from ..answers.answer import Solution
from ..answers.goal import BreakEven, Lever, Sought
from ..answers.model import Model
from ..answers.sensitivity import LUCK, Outlook, Sobol, Tornado
from ..assumptions.methods import HORIZON
from ..assumptions.written import MIX, SLIP
from ..words.terms import USD_MN_PER_BN
from .chart import (
    BLUE,
    INK,
    LINE,
    ORANGE,
    PALE,
    PALE_ORANGE,
    SOFT,
    Axes,
    Chart,
    Figure,
    bars,
    either_side,
    is_narrow,
    note,
    year_ticks,
    years_of,
)
from .say import banded, billions, of_chart, opening, percent, say, spaced, span
from .wording import Cell, at_years_ends, chances_table, measures_table, path_words, table, unit

LEVER_WORDS = {
    "announced_total": "Announced total",
    "conversion": "Becomes binding",
    "additionality": "Not bought anyway",
    "speed": "Speed",
}


def goal_finding(sought: Sought) -> str:
    """What it would take, or that it is out of reach, in one sentence."""
    goal, total = sought.goal, sought.lever("announced_total").needed
    if goal.share > sought.every_dollar:
        return say("uncertainty.goal.too_little", goal=goal)
    if sought.probability >= goal.confidence:
        return say("uncertainty.goal.enough", goal=goal)
    if total is None:
        return say("uncertainty.goal.no_lever", goal=goal)
    return say("uncertainty.goal.would_take", goal=goal, total=total)


def goal_prose(sought: Sought) -> str:
    """The reasons in one paragraph, with what the table's words mean."""
    return say("uncertainty.goal_prose", reasons=" ".join(goal_reasons(sought)))


def goal_reasons(sought: Sought) -> list[str]:
    """As it is, what is out of reach and why, and what the baseline does meanwhile: a sentence each."""
    goal, off = sought.goal, sought.goal.share * sought.gap_today
    reasons = [say("uncertainty.goal.as_it_stands", sought=sought)]
    if goal.share > sought.every_dollar:
        reasons.append(say("uncertainty.goal.every_dollar", sought=sought))
    reasons += [
        say("uncertainty.goal.at_the_end", end=_end(lever, sought), lever=lever, goal=goal)
        for lever in sought.levers
        if not lever.feasible
    ]
    if sought.baseline_gap is not None and (rise := sought.baseline_gap - sought.gap_today) > off:
        reasons.append(say("uncertainty.goal.larger_anyway", goal=goal, rise=rise, off=off))
    return reasons


def _end(lever: Lever, sought: Sought) -> str:
    """What a lever's end means, as the condition of a sentence."""
    if lever.name == "conversion":
        return say("uncertainty.end.conversion")
    if lever.name == "additionality":
        return say("uncertainty.end.additionality")
    if lever.name == "speed":
        waits = say("uncertainty.end.waits") if sought.capacity else ""
        is_window = lever.unit.startswith("quarters of")
        what = say("uncertainty.end.within_one") if is_window else say("uncertainty.end.in_the_first")
        return say("uncertainty.end.speed", what=what, waits=waits)
    return say("uncertainty.end.total_limited") if sought.capacity else say("uncertainty.end.total", goal=sought.goal)


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
    if width.shares.empty:
        return say("uncertainty.headline.certain", scenario=answer.scenario)
    last, share = soon(width), width.shares.at[soon(width), "deals"]
    if share > 0.5:
        return say("uncertainty.headline.deals", scenario=answer.scenario, last=last, share=_share(share))
    return say("uncertainty.headline.trade", scenario=answer.scenario, last=last, share=_share(share))


def _share(share: float) -> str:
    return f"under {percent(LEAST_SHARE)}" if share < LEAST_SHARE else percent(share)


def lead(answer: Solution, width: Outlook) -> str:
    """How wide the gap and the deals are, in dollars."""
    if width.shares.empty:
        return say("uncertainty.lead.certain")
    last = soon(width)
    gap, spreads = width.with_deals.loc[last], width.spreads.loc[last]
    return say("uncertainty.lead", last=last, gap=gap, spreads=spreads, answer=answer)


def method(of: Model) -> str:
    """What is drawn and what is not."""
    baseline = of.inputs.scenario.baseline
    trade = say("uncertainty.trade.stated") if of.paths is None else say("uncertainty.trade.drawn", baseline=baseline)
    return say("uncertainty.method", trade=trade, horizon=HORIZON)


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
        ends = span(first[f"{swings.by}_low"], first[f"{swings.by}_high"], 1)
        rows[f"Largest swing: {words(str(first.name))}"] = f"{ends} bn"
    if len(shares.table):
        top = str(shares.table.index[0])
        rows[f"Largest share of variance: {words(top)}"] = percent(shares.table.at[top, "total"], 0)
    return rows


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
    return table(at_years_ends(width.shares), columns)


def swings_table(found: Tornado) -> pd.DataFrame:
    """Each assumption's range, and what it alone moves, in USD billion; with source and strength."""
    low, high = (f"{found.by}_{end}" for end in ("low", "high"))
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Assumption": lambda row: words(str(row.name)),
        "Range": lambda row: (
            f"{row['low']:.2g} to {row['high']:.2g}" + (" quarters" if row.name.startswith("slip_months") else "")
        ),
        f"{opening(OUTCOME_WORDS[found.by])}, bn": lambda row: span(row[low], row[high]),
        "Swing, bn": lambda row: billions(found.swings[row.name], 2),
        "From": lambda row: row["source"],
        "Strength": lambda row: row["strength"],
    }
    return table(found.table, columns)


def not_varied(found: Tornado) -> str:
    """What acts on the answer and has no range to move over."""
    return say("uncertainty.not_varied", paths=", ".join(map(words, found.not_varied)))


def indices_table(found: Sobol) -> pd.DataFrame:
    """First-order and total indices with their 90 % intervals, per cent of the variance."""
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Input": lambda row: words(str(row.name)),
        "Alone, %": lambda row: _index(row, "first"),
        "With interactions, %": lambda row: _index(row, "total"),
    }
    return table(found.table, columns)


def _index(row: pd.Series, kind: str) -> Cell:
    return f"{row[kind] * 100:.1f} ({row[f'{kind}_low'] * 100:.1f} to {row[f'{kind}_high'] * 100:.1f})"


def settled(found: Sobol) -> str:
    """What the indices add up to, and what the draws leave open."""
    warnings = "".join(say("uncertainty.not_settled", warning=warning) for warning in found.warnings)
    alone = [100 * share for share in found.first_sum]
    return say("uncertainty.settled", alone=alone, what=OUTCOME_WORDS[found.by], draws=found.draws, warnings=warnings)


FIRST_FEW = 5  # inputs on whose order the tornado and the indices are held against each other


def agreement(swings: Tornado, shares: Sobol) -> str:
    """Whether the tornado and the indices name the same inputs first, in one order, and why where they do not."""
    moved, shared = (list(map(str, found.table.index[:FIRST_FEW])) for found in (swings, shares))
    if moved == shared:
        return say("uncertainty.agree", inputs=", ".join(map(words, moved)))
    named = {*moved, *shared}
    why = [say("uncertainty.apart.luck")] if named & {LUCK, *COMMON} else []
    why += [say("uncertainty.apart.slip")] if any(name.startswith(SLIP) for name in named) else []
    why += [say("uncertainty.apart.mix")] if any(name.startswith(MIX) for name in named) else []
    why += [say("uncertainty.apart.ends")]
    return say("uncertainty.apart", moved=", ".join(map(words, moved)), why=" ".join(why))


def binding_table(of: Model) -> pd.DataFrame:
    """What part of each unsigned sum becomes binding, on average, by when; and if its first odds held for ever."""
    spells = of.calendar.spells
    rows = {
        c.leaf.id.replace("-remainder", ", unnamed rest"): {
            "Within 24 months": percent(c.factors.bound(1), 0),
            f"By {of.calendar.bound_by}": percent(c.factors.bound(spells), 0),
            "If the odds of the first 24 months held": percent(c.factors.bound_if_odds_held(spells), 0),
        }
        for c in of.included
        if c.factors.late.mean and not c.factors.conversion.is_fixed
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("Part")


def break_even_table(held: Sequence[BreakEven]) -> pd.DataFrame:
    """What would hold the gap under each baseline: purchases a year, and exports' growth."""
    columns: dict[str, Callable[[BreakEven], Cell]] = {
        "Without deals": lambda one: spaced(one.method),
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
    return say("uncertainty.break_even_lead", low=low, high=high, slow=slow, home=home)


def probabilities_table(answer: Solution) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below a share of today's, to the end of each year."""
    today, levels = float(answer.gap_last_four), answer.simulated.at_or_below.columns
    named = [f"At most {billions(level)} bn" + (" (today's)" if level == today else "") for level in levels]
    return chances_table(answer, named)


MOST_ROWS = 12  # of a tornado or of indices: what comes after them moves next to nothing


def fan_chart(answer: Solution, width: Outlook) -> Chart:
    """The gap in sums of four quarters with its bands, and what the deals take off it on a scale of its own."""
    past = answer.published["gap_usd_mn"].astype(float).rolling(4).sum().dropna().iloc[-24:] / USD_MN_PER_BN
    gap, taken = (bands / USD_MN_PER_BN for bands in (width.with_deals, width.additional))
    without = width.without_deals["p50"] / USD_MN_PER_BN
    last, most = soon(width), width.additional["p50"].max()
    said = {"last": last, "gap": width.with_deals.loc[last], "taken": width.additional.at[last, "p50"], "most": most}

    def draw(figure: Figure) -> None:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        top.plot(years_of(past.index), past, color=INK, lw=1.6)
        _bands(top, gap, BLUE)
        top.plot(years_of(without.index), without, color=ORANGE, lw=1.2, ls=(0, (4, 2)))
        if len(gap) > HORIZON - 3:
            top.axvline(years_of(gap.index)[HORIZON - 4], color=SOFT, lw=0.8, ls=":")
        top.set_ylim(bottom=min(0.0, float(gap["p05"].min())))
        note(top, say("uncertainty.fan_chart.gap"))
        _bands(bottom, taken, ORANGE)
        bottom.set_ylim(bottom=0)
        year_ticks(bottom, 4 if is_narrow(figure) else 8)
        note(bottom, say("uncertainty.fan_chart.deals"))

    finding = of_chart("uncertainty.fan_chart", reporter=answer.scenario.reporter, unit=unit(answer), **said)
    return Chart(draw, heights=(4.6, 4.8), **finding, sources=answer.known.sources, data=_fan_table(width))


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
        "Without deals, sum of the quarters' medians, bn": lambda row: billions(
            width.without_deals.at[row.name, "p50"]
        ),
        "Taken off by the deals, 5 to 95 %, bn": lambda row: span(*width.additional.loc[row.name, ["p05", "p95"]]),
    }
    return table(at_years_ends(width.with_deals), columns)


def _largest_rows(found: Tornado | Sobol) -> tuple[pd.DataFrame, tuple[float, float], dict[str, Any]]:
    """The rows that a chart has room for, by their inputs' words, its heights, and what its words say of both."""
    shown = found.table.iloc[:MOST_ROWS].rename(index=words)
    said = {"first": shown.index[0], "what": OUTCOME_WORDS[found.by], "shown": len(shown), "of": len(found.table)}
    return shown, (0.36 * len(shown) + 0.8, 0.46 * len(shown) + 0.8), said


def tornado_chart(answer: Solution, found: Tornado) -> Chart | str:
    """What each assumption alone moves, largest first; a sentence where none has a range."""
    if found.table.empty:
        return say("uncertainty.tornado_chart.none")
    shown, heights, said = _largest_rows(found)
    low, high = (shown[f"{found.by}_{end}"] / USD_MN_PER_BN for end in ("low", "high"))
    left, mean = min(low.min(), high.min()), found.mean_path[found.by] / USD_MN_PER_BN

    # the axis has no numbers and starts at the smallest end
    side = {"left": mean - left, "height": 0.56}
    parts = [{"width": low - mean, "color": PALE, **side}, {"width": high - mean, "color": ORANGE, **side}]

    def middle(axes: Axes) -> None:
        rows = range(len(shown))
        axes.vlines([mean - left] * len(rows), [row - 0.28 for row in rows], [row + 0.28 for row in rows], INK, lw=0.9)

    def last(axes: Axes) -> None:
        axes.set_xlim(right=axes.get_xlim()[1] * 1.15)

    labels = [(max(ends) - left, f"{ends[0]:,.1f} to {ends[1]:,.1f}") for ends in zip(low, high, strict=True)]
    draw = bars(list(shown.index), parts, labels, marks=middle, last=last)
    finding = of_chart("uncertainty.tornado_chart", low=low.iloc[0], high=high.iloc[0], mean=mean, **said)
    return Chart(draw, heights, **finding, sources=answer.known.ledger_sources, data=swings_table(found))


def indices_chart(answer: Solution, found: Sobol) -> Chart | str:
    """Shares of the variance by input, alone and with all that they interact with; a sentence where nothing varies."""
    if found.table.empty:
        return say("uncertainty.indices_chart.none")
    shown, heights, said = _largest_rows(found)
    shown = shown * 100
    error = {"xerr": either_side(shown, "total", "total_low", "total_high"), "ecolor": INK, "error_kw": {"lw": 0.9}}
    total = {"width": shown["total"], "color": PALE, "height": 0.56, **error}
    alone = {"width": shown["first"].clip(lower=0), "color": BLUE, "height": 0.28}

    def marks(axes: Axes) -> None:
        axes.set_xlim(0, float(shown["total_high"].max()))
        axes.grid(axis="x", color=LINE, lw=0.5)

    labels = [(high, f"{share:.0f} %") for high, share in zip(shown["total_high"], shown["total"], strict=True)]
    draw = bars(list(shown.index), [total, alone], labels, marks=marks)
    finding = of_chart("uncertainty.indices_chart", share=found.table["total"].iloc[0], **said)
    return Chart(draw, heights, **finding, sources=answer.known.ledger_sources, data=indices_table(found))
