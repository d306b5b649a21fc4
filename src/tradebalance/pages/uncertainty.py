"""How sure the answer is, what it hangs on, and what it would take to close more."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from ..answers.answer import Solution
from ..answers.goal import BreakEven, Lever, Sought
from ..answers.model import Model
from ..answers.sensitivity import LUCK, Outlook, Sobol, Tornado
from ..assumptions.baseline import METHODS
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
    Axes,
    Chart,
    Figure,
    bars,
    either_side,
    grid,
    is_narrow,
    year_ticks,
    years_of,
)
from .delivery_scenario import value_words
from .names import assumption_words, deal_words, method_words
from .say import (
    banded,
    between,
    billions,
    bn,
    ends_of,
    label,
    number,
    of_chart,
    opening,
    percent,
    period,
    say,
    span,
    with_per_cent,
    within,
)
from .wording import Cell, at_years_ends, captioned, chances_table, measures_table, table

LEVER_WORDS = {
    "announced_total": "Announced sum",
    "conversion": "Part that becomes a firm order",
    "additionality": "Part that would not have been bought anyway",
    "speed": "Speed",
}


def goal_finding(sought: Sought) -> str:
    """What it would take, or that it is out of reach, in one sentence."""
    goal, total = sought.goal, sought.lever("announced_total").needed
    said = {"goal": goal, "close": with_per_cent(number(100 * goal.share, "g"))}
    if goal.share > sought.every_dollar:
        return say("uncertainty.goal.too_little", **said)
    if sought.probability >= goal.confidence:
        return say("uncertainty.goal.enough", **said)
    if total is None:
        return say("uncertainty.goal.no_lever", **said)
    return say("uncertainty.goal.would_take", total=total, **said)


def goal_prose(sought: Sought) -> str:
    """The reasons as a list, under what it would take."""
    reasons = "\n".join(f"- {one}" for one in goal_reasons(sought))
    return say("uncertainty.goal_prose", finding=goal_finding(sought), reasons=reasons)


def goal_reasons(sought: Sought) -> list[str]:
    """As it is, what is out of reach and why, and what the baseline does meanwhile: a sentence each."""
    goal = sought.goal
    chance = percent(sought.probability, 1) if sought.probability else say("uncertainty.goal.none")
    reasons = [say("uncertainty.goal.as_it_stands", sought=sought, chance=chance)]
    if goal.share > sought.every_dollar:
        reasons.append(say("uncertainty.goal.every_dollar", sought=sought))
    reasons += [
        say("uncertainty.goal.at_the_end", end=_end(lever, sought), lever=lever, goal=goal)
        for lever in sought.levers
        if not lever.feasible
    ]
    if sought.rise is not None and sought.rise > sought.off:
        reasons.append(say("uncertainty.goal.larger_anyway", goal=goal, sought=sought))
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
        "Lever": lambda lever: label(LEVER_WORDS[lever.name]),
        "As it is": lambda lever: _level(lever, lever.as_it_is),
        "Needed, alone": lambda lever: label("not enough") if lever.needed is None else _level(lever, lever.needed),
        "Chance there or at its end": lambda lever: percent(lever.probability, 0),
        "Share reached": lambda lever: percent(lever.share),
    }
    return table(sought.levers, columns, say("uncertainty.goal.caption"))


def _level(lever: Lever, amount: float) -> str:
    if lever.name == "announced_total":
        return bn(billions(amount))
    if lever.name == "speed":
        words = say("uncertainty.speed", speed=amount, unit=lever.unit)
        return words if amount else label("printed windows")
    return percent(amount, 0)


OUTCOME_WORDS = {"credited": "firm orders", "additional": "new imports", "closure": "share closed a year"}
LEAST_SHARE = 0.0001  # a share of the variance below a hundredth of a per cent is shown as such
HALF = 0.5


def soon(width: Outlook) -> pd.Period:
    """The last quarter that a baseline still forecasts, or of the horizon."""
    last: pd.Period = width.with_deals.index[min(HORIZON, len(width.with_deals) + 3) - 4]
    return last


def headline(answer: Solution, width: Outlook) -> str:
    """What the deals may bring, or, where they are certain, what the surplus may be: the page's title."""
    if width.shares.empty:
        return say("uncertainty.headline.certain")
    if answer.additional.p05 == answer.additional.p95:
        return say("uncertainty.headline.trade", gap=width.with_deals.loc[soon(width)], last=soon(width))
    return say("uncertainty.headline.deals", ends=ends_of(answer.additional))


def lead(answer: Solution, width: Outlook) -> str:
    """How wide the surplus is, and how much of that is the deals'."""
    if width.shares.empty:
        return say("uncertainty.lead.certain")
    if answer.additional.p05 == answer.additional.p95:
        return say("uncertainty.lead.word", answer=answer)
    last = soon(width)
    share = width.shares.at[last, "deals"]
    said = {"last": last, "gap": width.with_deals.loc[last], "share": _share(share)}
    return say("uncertainty.lead.deals", **said) if share > HALF else say("uncertainty.lead.trade", **said)


def _share(share: float) -> str:
    return (
        say("uncertainty.under", share=LEAST_SHARE) if share < LEAST_SHARE else percent(share, 2 if share < HALF else 0)
    )


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
        say("uncertainty.measure.surplus", last=last): bn(banded(row)),
        "The deals' part of its variance": (
            _share(width.shares.at[last, "deals"]) if len(width.shares) else label("none")
        ),
        **_largest(answer, swings, shares),
        say("uncertainty.measure.no_larger", last=last): percent(chance, 0),
        say("uncertainty.measure.hold", last=last, method=_short(costliest)): bn(billions(costliest.purchases)),
        say("uncertainty.measure.close", goal=sought.goal): (
            label("not enough") if total is None else bn(billions(total))
        ),
    }
    return captioned(measures_table("Found", rows), say("uncertainty.headline.caption"))


def _largest(answer: Solution, swings: Tornado, shares: Sobol) -> dict[str, str]:
    """The assumption that moves most, and the input with the largest share of the variance, where there are any."""
    rows = {}
    if len(swings.table):
        first = swings.table.iloc[0]
        ends = span(first[f"{swings.by}_low"], first[f"{swings.by}_high"], 1)
        words = assumption_words(str(first.name), answer.known.leaves)
        rows[say("uncertainty.measure.swing", words=words)] = bn(ends)
    if len(shares.table):
        top = str(shares.table.index[0])
        words = assumption_words(top, answer.known.leaves)
        rows[say("uncertainty.measure.variance", words=words)] = percent(shares.table.at[top, "total"], 0)
    return rows


def _short(one: BreakEven) -> str:
    """A baseline in a few words."""
    return method_words(one.method) if one.method in METHODS else say("uncertainty.stated")


def _growth(rate: float) -> str:
    return percent(round(rate, 3) + 0.0, 1)  # no minus before a zero


def variance_table(width: Outlook) -> pd.DataFrame:
    """Whose the spread of the surplus is, for the four quarters to the end of each year and to the last forecast."""
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Four quarters to": lambda row: period(row.name),
        "Deals, bn": lambda row: billions(width.spreads.at[row.name, "deals"], 2),
        "Trade, bn": lambda row: billions(width.spreads.at[row.name, "trade"]),
        "Deals' part of the variance": lambda row: _share(row["deals"]),
    }
    return table(at_years_ends(width.shares, soon(width)), columns)


def _ends_words(answer: Solution, row: pd.Series) -> str:
    """Between which values an assumption is moved: `2.1 to 79 months`, `45 to 90 %`."""
    ends = _level_words(answer, row)
    if ends is None:
        return say("uncertainty.one_at_a_time")
    low, _, unit = ends[0].partition(" ")
    return between(low if ends[1].endswith(unit) else ends[0], ends[1])


def _level_words(answer: Solution, row: pd.Series) -> list[str] | None:
    """The two values that an assumption is moved between, in its unit; None for a mix, which has no two."""
    each = next((each for each in answer.assumptions if each.path == row.name), None)
    return None if each is None or pd.isna(row["low"]) else [value_words(each, row[end]) for end in ("low", "high")]


def swings_table(answer: Solution, found: Tornado) -> pd.DataFrame:
    """Each assumption's range, and what it alone moves, in USD billion; with how well it is known."""
    low, high = (f"{found.by}_{end}" for end in ("low", "high"))
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Assumption": lambda row: assumption_words(str(row.name), answer.known.leaves),
        "Moved over": partial(_ends_words, answer),
        "Answer at its ends, bn": lambda row: span(row[low], row[high]),
        "Swing, bn": lambda row: billions(found.swings[row.name], 2),
        "Strength": lambda row: label(row["strength"]),
    }
    return table(found.table, columns, say("uncertainty.swings.caption"))


def not_varied(answer: Solution, found: Tornado) -> str:
    """What acts on the answer and has no range to move over."""
    return say("uncertainty.not_varied", paths="; ".join(_all_words(answer, found.not_varied)))


def _all_words(answer: Solution, paths: Iterable[str]) -> list[str]:
    return [assumption_words(path, answer.known.leaves) for path in paths]


def indices_table(answer: Solution, found: Sobol) -> pd.DataFrame:
    """First-order and total indices with their 90 % intervals, per cent of the variance, of inputs that have any."""
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Input": lambda row: assumption_words(str(row.name), answer.known.leaves),
        "Alone, %": lambda row: _index(row, "first"),
        "With interactions, %": lambda row: _index(row, "total"),
    }
    shown = found.table[found.table["total"] >= LEAST_INDEX]
    return table(shown, columns, say("uncertainty.indices.caption"))


def _index(row: pd.Series, kind: str) -> Cell:
    share, low, high = (round(100 * row[f"{kind}{end}"], 1) + 0.0 for end in ("", "_low", "_high"))
    return within(*(number(each, ".1f") for each in (share, low, high)))


def settled(found: Sobol) -> str:
    """What the indices add up to, and what the draws leave open."""
    warnings = "".join(say("uncertainty.not_settled", warning=warning) for warning in found.warnings)
    alone = [100 * share for share in found.first_sum]
    return say(
        "uncertainty.settled", alone=alone, what=label(OUTCOME_WORDS[found.by]), draws=found.draws, warnings=warnings
    )


FIRST_FEW = 5  # inputs on whose order the tornado and the indices are held against each other
COMMON = ("correlation.political", "correlation.seller")


def agreement(answer: Solution, swings: Tornado, shares: Sobol) -> str:
    """Whether the tornado and the indices name the same inputs first, in one order, and why where they do not."""
    moved, shared = (list(map(str, found.table.index[:FIRST_FEW])) for found in (swings, shares))
    if moved == shared:
        return say("uncertainty.agree", inputs="; ".join(_all_words(answer, moved)))
    both = _all_words(answer, [name for name in moved if name in shared])
    named = {*moved, *shared}
    why = [say("uncertainty.apart.luck")] if named & {LUCK, *COMMON} else []
    why += [say("uncertainty.apart.slip")] if any(name.startswith(SLIP) for name in named) else []
    why += [say("uncertainty.apart.mix")] if any(name.startswith(MIX) for name in named) else []
    why += [say("uncertainty.apart.ends")]
    return say("uncertainty.apart", shared=len(both), of=FIRST_FEW, both="; ".join(both), why=" ".join(why))


def binding_lead() -> str:
    """What the odds speak of."""
    return say("uncertainty.binding_lead")


def binding_table(of: Model) -> pd.DataFrame:
    """What part of each unsigned sum becomes binding, on average, by when; and if its first odds held for ever."""
    shown = binding(of).map(lambda share: percent(share, 0)).rename(index=deal_words).rename_axis(label("Part"))
    by = say("uncertainty.binding.by", by=of.calendar.bound_by)
    heads = [label("Within two years"), by, label("Had the odds of the first two years held")]
    return captioned(shown.set_axis(heads, axis=1), say("uncertainty.binding.caption"))


def binding(of: Model) -> pd.DataFrame:
    """The same as shares, a row a part: `within_two_years`, `by_the_last_spell` and `if_odds_held`."""
    spells = of.calendar.spells
    rows = {
        c.leaf: (c.factors.bound(1), c.factors.bound(spells), c.factors.bound_if_odds_held(spells))
        for c in of.included
        if c.factors.late.mean and not c.factors.conversion.is_fixed
    }
    columns = ["within_two_years", "by_the_last_spell", "if_odds_held"]
    return pd.DataFrame(list(rows.values()), pd.Index(list(rows), dtype=object), columns, dtype=object)


def break_even_table(held: Sequence[BreakEven]) -> pd.DataFrame:
    """What would hold the surplus under each baseline: new imports a year, and exports' growth."""
    columns: dict[str, Callable[[BreakEven], Cell]] = {
        "Projection without the deals": lambda one: opening(_short(one)),
        "Surplus then, bn": lambda one: billions(one.gap_then),
        "New imports that hold it, bn": lambda one: billions(one.purchases),
        "Growth of exports": lambda one: _growth(one.growth),
        "Growth that holds it": lambda one: _growth(one.holding),
    }
    return table(held, columns)


def break_even_lead(held: Sequence[BreakEven], home: str) -> str:
    """What would hold the surplus by growth instead; `home` is the code of the country with the surplus."""
    slow = max(held, key=lambda one: one.slowdown)
    return say("uncertainty.break_even_lead", slow=slow, home=home, short=_short(slow), holding=_growth(slow.holding))


def probabilities_table(answer: Solution) -> pd.DataFrame:
    """The chance that four quarters' surplus is at or below a share of today's, to the end of each year; levels that
    hardly any draw comes down to are left out."""
    today, levels = float(answer.gap_last_four), answer.simulated.at_or_below.columns
    named = [
        say("uncertainty.odds.today", level=level) if level == today else say("uncertainty.odds.level", level=level)
        for level in levels
    ]
    found = chances_table(answer, named)
    shown = [name for name in named if name == named[0] or set(found[name]) != {percent(0, 0)}]
    return captioned(found[shown], say("uncertainty.odds.caption"))


MOST_ROWS = 8  # of a tornado or of indices in a picture: what comes after them moves next to nothing
LEAST_INDEX = 0.0005  # below it an index is printed as nothing
PAST = 24  # quarters that a fan starts before


def fan_chart(answer: Solution, width: Outlook) -> Chart:
    """The surplus in sums of four quarters with its bands as far as a baseline forecasts, and on the same scale what
    the deals take off it."""
    last = soon(width)
    gap, taken = (bands.loc[:last] / USD_MN_PER_BN for bands in (width.with_deals, width.additional))
    ends = {point: number(gap[point].iloc[-1], ",.0f") for point in ("p95", "p05")}
    ends["p50"] = say("uncertainty.fan_chart.middle", gap=gap["p50"].iloc[-1])
    past = answer.known.history["gap_usd_mn"].astype(float).rolling(4).sum().dropna().iloc[-PAST:] / USD_MN_PER_BN
    # sums that straddle today lie between its and the first that is all forecast; a stated trade has no past
    widening = pd.concat([pd.DataFrame(dict.fromkeys(gap, past.iloc[-1:])), gap])

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _bands(axes, widening, BLUE)
        axes.plot(years_of(past.index), past, color=INK, lw=1.8)
        axes.plot(years_of(taken.index), taken["p50"], color=ORANGE, lw=2.6, solid_capstyle="butt")
        if len(past):
            _at_end(axes, past, say("uncertainty.fan_chart.today", gap=past.iloc[-1]), INK, (-4, 8), "right")
        for point, end in ends.items():
            _at_end(axes, gap[point], end, BLUE)
        _at_end(axes, taken["p50"], say("uncertainty.fan_chart.deals", taken=taken["p50"].iloc[-1]), ORANGE, (4, 5))
        axes.set_ylim(bottom=min(0.0, float(gap["p05"].min())))
        axes.set_xlim(*years_of([past.index[0] if len(past) else gap.index[0], last]))
        year_ticks(axes, 4 if is_narrow(figure) else 8)
        grid(axes)

    said = {"last": last, "gap": width.with_deals.loc[last], "taken": width.additional.at[last, "p50"]}
    finding = of_chart("uncertainty.fan_chart", reporter=answer.scenario.reporter, **said)
    return Chart(draw, heights=(3.3, 3.4), **finding, sources=answer.known.sources, data=_fan_table(width))


def _at_end(
    axes: Axes, values: pd.Series, text: str, color: str, off: tuple[float, float] = (4, 0), side: str = "left"
) -> None:
    """Words at the last point of a line, so many points off it."""
    at = (years_of(values.index)[-1], float(values.iloc[-1]))
    axes.annotate(
        text, at, xytext=off, textcoords="offset points", color=color, va="center", ha=side, annotation_clip=False
    )


def _bands(axes: Axes, bands: pd.DataFrame, color: str) -> None:
    x, outer = years_of(bands.index), {BLUE: PALE, ORANGE: PALE_ORANGE}[color]
    axes.fill_between(x, bands["p05"], bands["p95"], color=outer, alpha=0.45, lw=0)
    axes.fill_between(x, bands["p25"], bands["p75"], color=outer, lw=0)
    axes.plot(x, bands["p50"], color=color, lw=1.8)


def _fan_table(width: Outlook) -> pd.DataFrame:
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Four quarters to": lambda row: period(row.name),
        "Surplus, median, bn": lambda row: billions(row["p50"]),
        "25 to 75 %": lambda row: span(row["p25"], row["p75"], 1),
        "5 to 95 %": lambda row: span(row["p05"], row["p95"], 1),
        "Without deals, sum of the quarters' medians, bn": lambda row: billions(
            width.without_deals.at[row.name, "p50"]
        ),
        "Taken off by the deals, 5 to 95 %, bn": lambda row: span(*width.additional.loc[row.name, ["p05", "p95"]]),
    }
    return table(at_years_ends(width.with_deals, soon(width)), columns)


def new_imports_chart(answer: Solution, width: Outlook) -> Chart | str:
    """What the deals take off in sums of four quarters with its bands, over the horizon; a sentence where it is
    certain."""
    if answer.additional.p05 == answer.additional.p95:
        return say("uncertainty.new_imports_chart.none")
    taken = width.additional / USD_MN_PER_BN
    top = taken["p50"].idxmax()

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _bands(axes, taken, ORANGE)
        at = years_of([top])[0]
        for point in ("p95", "p50", "p05"):
            shown = number(taken.at[top, point])
            side = "left" if top == taken.index[0] else "center"
            axes.annotate(shown, (at, taken.at[top, point]), xytext=(0, 4), textcoords="offset points", ha=side)
        _at_end(axes, taken["p95"], say("uncertainty.new_imports_chart.high"), ORANGE)
        _at_end(axes, taken["p50"], say("uncertainty.new_imports_chart.middle"), ORANGE)
        axes.set_ylim(0, float(taken["p95"].max()) * 1.12)
        axes.set_xlim(years_of(taken.index)[0], years_of(taken.index)[-1])
        year_ticks(axes, 4 if is_narrow(figure) else 8)
        grid(axes)

    finding = of_chart("uncertainty.new_imports_chart", top=top, row=width.additional.loc[top])
    return Chart(draw, (2.4, 2.8), **finding, sources=answer.known.ledger_sources, data=_new_imports_table(width))


def _new_imports_table(width: Outlook) -> pd.DataFrame:
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Four quarters to": lambda row: period(row.name),
        "Median, bn": lambda row: billions(row["p50"], 2),
        "25 to 75 %": lambda row: span(row["p25"], row["p75"]),
        "5 to 95 %": lambda row: span(row["p05"], row["p95"]),
    }
    return table(at_years_ends(width.additional, width.additional["p50"].idxmax()), columns)


def doubt_chart(answer: Solution, width: Outlook) -> Chart | str:
    """What part of the doubt about the surplus is the deals' and what trade's: one bar."""
    if width.shares.empty:
        return say("uncertainty.lead.certain")
    last = soon(width)
    deals = max(float(width.shares.at[last, "deals"]), 0.0)
    most = say("uncertainty.over", share=1 - LEAST_SHARE)
    of_trade = percent(1 - deals, 0) if deals >= LEAST_SHARE else most
    said = {"last": last, "share": _share(deals), "spreads": width.spreads.loc[last], "trade": of_trade}

    def draw(figure: Figure) -> None:
        axes, seen = figure.subplots(), max(deals, 0.004)  # a sliver still shows
        axes.barh([0, 0], [1 - seen, seen], left=[0, 1 - seen], color=[PALE, ORANGE], height=0.6)
        at, on = (-0.36, "top") if is_narrow(figure) else (0.36, "bottom")
        axes.text(0, 0.36, say("uncertainty.doubt_chart.trade", **said), va="bottom")
        axes.text(1, at, say("uncertainty.doubt_chart.deals", **said), color=ORANGE, ha="right", va=on)
        axes.set(xlim=(0, 1), ylim=(-0.9 if is_narrow(figure) else -0.32, 0.85))
        axes.set_axis_off()

    finding = of_chart("uncertainty.doubt_chart", **said)
    return Chart(draw, (0.6, 0.9), **finding, sources=answer.known.sources, data=variance_table(width))


def _largest_rows(answer: Solution, found: Tornado | Sobol) -> tuple[pd.DataFrame, tuple[float, float], dict[str, Any]]:
    """The rows that a chart has room for, its heights, and what its words say of both."""
    shown = found.table.iloc[:MOST_ROWS]
    said = {"first": assumption_words(str(shown.index[0]), answer.known.leaves), "what": label(OUTCOME_WORDS[found.by])}
    return (
        shown,
        (0.42 * len(shown) + 0.3, 0.8 * len(shown) + 0.2),
        {**said, "shown": len(shown), "of": len(found.table)},
    )


def _named(answer: Solution, shown: pd.DataFrame, letters: int) -> list[str]:
    """The rows' inputs in words, in lines of so many letters."""
    return ["\n".join(textwrap.wrap(words, letters)) for words in _all_words(answer, map(str, shown.index))]


ROW_LETTERS = {False: 34, True: 52}  # of a row's name wide, beside its bar, and narrow, above it


def tornado_chart(answer: Solution, found: Tornado) -> Chart | str:
    """What each assumption alone moves, largest first; a sentence where none has a range."""
    if found.table.empty:
        return say("uncertainty.tornado_chart.none")
    shown, heights, said = _largest_rows(answer, found)
    low, high = (shown[f"{found.by}_{end}"] / USD_MN_PER_BN for end in ("low", "high"))
    left, mean = min(low.min(), high.min()), found.mean_path[found.by] / USD_MN_PER_BN

    # the axis has no numbers and starts at the smallest end
    side = {"left": mean - left, "height": 0.5, "color": PALE}
    parts = [{"width": end - mean, **side} for end in (low, high)]

    def middle(axes: Axes) -> None:
        rows = range(len(shown))
        axes.vlines([mean - left] * len(rows), [row - 0.25 for row in rows], [row + 0.25 for row in rows], INK, lw=1.4)

    def last(axes: Axes) -> None:
        axes.set_xlim(right=axes.get_xlim()[1] * (1.2 if is_narrow(axes) else 1.6))

    def draw(figure: Figure) -> None:
        narrow = is_narrow(figure)
        words = [_swing_words(answer, row, found.by, is_short=narrow) for _, row in shown.iterrows()]
        labels = zip(low.combine(high, max) - left, words, strict=True)
        bars(_named(answer, shown, ROW_LETTERS[narrow]), parts, labels, marks=middle, last=last)(figure)

    finding = of_chart("uncertainty.tornado_chart", low=low.iloc[0], high=high.iloc[0], mean=mean, **said)
    return Chart(draw, heights, **finding, sources=answer.known.ledger_sources, data=swings_table(answer, found))


def _swing_words(answer: Solution, row: pd.Series, by: str, *, is_short: bool) -> str:
    """The answer at both ends of an assumption: `9.8 at 2 months, 3.1 at 79 months`, or without these."""
    low, high = (billions(row[f"{by}_{end}"]) for end in ("low", "high"))
    ends = None if is_short else _level_words(answer, row)
    if ends is None:
        return between(low, high)
    return say("uncertainty.tornado_chart.swing", low=low, at_low=ends[0], high=high, at_high=ends[1])


def indices_chart(answer: Solution, found: Sobol) -> Chart | str:
    """Shares of the variance by input, with all that they interact with; a sentence where nothing varies."""
    if found.table.empty:
        return say("uncertainty.indices_chart.none")
    shown, heights, said = _largest_rows(answer, found)
    shown = shown * 100
    error = {"xerr": either_side(shown, "total", "total_low", "total_high"), "ecolor": INK, "error_kw": {"lw": 0.9}}
    total = {"width": shown["total"], "color": PALE, "height": 0.5, **error}

    def marks(axes: Axes) -> None:
        axes.set_xlim(0, float(shown["total_high"].max()))
        axes.grid(axis="x", color=LINE, lw=0.5)

    labels = [
        (high, with_per_cent(number(share, ".0f")))
        for high, share in zip(shown["total_high"], shown["total"], strict=True)
    ]

    def draw(figure: Figure) -> None:
        bars(_named(answer, shown, ROW_LETTERS[is_narrow(figure)]), [total], labels, marks=marks)(figure)

    finding = of_chart("uncertainty.indices_chart", share=found.table["total"].iloc[0], **said)
    return Chart(draw, heights, **finding, sources=answer.known.ledger_sources, data=indices_table(answer, found))


def break_even_chart(answer: Solution, held: Sequence[BreakEven]) -> Chart:
    """The new imports of a year that would hold the surplus, by baseline, beside what the deals bring: one scale."""
    rows = sorted(held, key=lambda one: one.purchases)
    needed = [max(float(one.purchases) / USD_MN_PER_BN, 0.0) for one in rows]
    deals = rows[0].deals / USD_MN_PER_BN
    names = [say("uncertainty.break_even_chart.deals"), *(opening(_short(one)) for one in rows)]
    labels = [(max(deals, 0.0), billions(rows[0].deals, 2)), *((n, number(n)) for n in needed)]
    bar = {"width": [deals, *needed], "color": [ORANGE, *[PALE] * len(rows)]}
    said = {"low": rows[0], "high": rows[-1]}
    finding = of_chart("uncertainty.break_even_chart", **said)
    heights = (0.27 * len(names) + 0.2, 0.42 * len(names) + 0.2)
    return Chart(bars(names, [bar], labels), heights, **finding, sources=answer.known.sources,
                 data=break_even_table(held))  # fmt: skip
