"""One delivery scenario, from the announced sum to the gap."""

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any, Literal
from urllib.parse import quote

import pandas as pd

from ..answers import gap, timing
from ..answers.answer import LEVELS, Solution, contributions
from ..answers.gap import STEPS, step_words
from ..answers.simulation import Number
from ..assumptions import credit
from ..assumptions.distributions import Assumption, Record
from ..assumptions.methods import HORIZON
from ..assumptions.tariff import collected, on
from ..assumptions.written import COVERED_SHARE
from ..facts import duties
from ..facts.duties import Covered
from ..words.citations import cite
from ..words.terms import USD_MN_PER_BN
from .chart import BLUE, ORANGE, PALE, PALE_ORANGE, Axes, Chart, Figure, bars, note, whiskers, year_ticks
from .say import billions, from_to, mean_and_range, of_chart, percent, ranged, ranged_share, say
from .wording import (
    OF_WHICH,
    Cell,
    a_years_gap,
    base_gap,
    category_words,
    chances_table,
    measures_table,
    part_bn,
    parts_of,
    path_words,
    plain_text,
    share_cell,
    table,
    tariff_moves,
    unit,
    when,
    years,
)

URL_SAFE = ":/?#@!$&'*+,;=%~"  # all of an address but brackets and quotes, which would end a Markdown link


def headline(answer: Solution) -> str:
    """The finding, as a page's title: when how much comes, and what a tariff path does beside it."""
    found, moves = say("delivery_scenario.headline", answer=answer, when=when(answer)), tariff_moves(answer)
    return say("delivery_scenario.headline_tariff", headline=found, moves=moves) if moves else found


def about(answer: Solution) -> str:
    """The scenario's own words, as text, and the pages it refers to."""
    links = [f"[{number}]({quote(url, safe=URL_SAFE)})" for number, url in enumerate(answer.scenario.references, 1)]
    references = say("delivery_scenario.references", links=", ".join(links)) if links else ""
    return plain_text(answer.scenario.about) + references


def limits(answer: Solution) -> str:
    """What the figures of an answer cannot tell, and which parts of the model do not act on them."""
    plan, last = answer.scenario.delivery, answer.known.last_action
    acting = {
        say("delivery_scenario.no_delays"): plan.slips,
        say("delivery_scenario.no_limits"): plan.is_limited,
        say("delivery_scenario.no_tariffs"): answer.duty is not None,
    }
    idle = [words for words, acts in acting.items() if not acts]
    said = say("delivery_scenario.limits", newest=say("delivery_scenario.newest", day=last) if last else "")
    return f"{said} {say('delivery_scenario.idle', idle=idle)}" if idle else said


def duties_lead(answer: Solution) -> str:
    """What is collected on imports now and was before the tariffs, and what that tells of a published rate."""
    found, pair = answer.known.duties, answer.known.pair
    base = [each for each in found if each.month.year == duties.BASE_YEAR]
    if not base or not _collected(answer):
        return say("delivery_scenario.no_duties", pair=pair)
    last, source = found[-1], cite(answer.known.citations, [found[-1].source_id])[0]
    said = {"base": duties.share(base), "year": duties.BASE_YEAR, "source": plain_text(f"{source}")}
    return say("delivery_scenario.duties", pair=pair, last=last, **said)


def duties_table(answer: Solution) -> pd.DataFrame:
    """What was collected under each published rate, the part of the goods that bore it, and what a path takes it as."""
    taken = answer.inputs.assumptions.dated(COVERED_SHARE) if _collected(answer) else ()
    columns: dict[str, Callable[[Covered], Cell]] = {
        "Rate from": lambda each: f"{each.since:%d %b %Y}",
        "Published": lambda each: percent(each.rate, 1),
        "Months": lambda each: from_to(str(each.months[0]), str(each.months[-1])),
        "Collected": lambda each: percent(each.collected, 1),
        "Part that bears it": lambda each: f"{float(each.share):.2f}",
        "At most": lambda each: f"{float(each.most):.2f}",
        "Taken as": lambda each: f"{float(on(taken, pd.Timestamp(each.since)).mean):.2f}",
    }
    return table(_collected(answer), columns)


def _collected(answer: Solution) -> list[Covered]:
    """By the rates of the scenario's path, else of the first there is: paths differ in what is to come alone."""
    paths = [answer.duty.path] if answer.duty and answer.duty.path else answer.inputs.assumptions.paths_of_rates[:1]
    return collected(paths[0], answer.known.duties, answer.known.last_day) if paths else []


def chances_lead(answer: Solution) -> str:
    """What the table of chances counts, and what its errors are worth."""
    if answer.has_one_path:
        return say("delivery_scenario.one_path")
    if answer.scenario.baseline.is_stated:
        return say("delivery_scenario.chances_of_deals")
    return say("delivery_scenario.chances", count=answer.simulated.draws)


def headline_table(answer: Solution) -> pd.DataFrame:
    """The measures that readers quote, one a row, with their 5 to 95 % range."""
    months, last, twelve = answer.months_of_todays_gap, answer.known.last_four, answer.gap_twelve_months
    best, parts, over = answer.best_year, parts_of(answer), timing.years_of_delivery(answer)
    share = share_cell(answer, over)
    base = "four times the stated quarter" if answer.scenario.baseline.is_level else f"{last[0]} to {last[-1]}"
    rows = {
        "Announced": f"{billions(answer.known.announced)} bn",
        f"Gap, {base}": f"{billions(answer.gap_last_four)} bn",
        **({f"Gap, twelve months to {answer.known.months.index[-1]}": f"{billions(twelve)} bn"} if twelve else {}),
        "Credited": f"{ranged(answer.credited)} bn",
        f"Delivered by {answer.calendar.last}": f"{ranged(answer.delivered)} bn",
        "Additional imports": f"{ranged(answer.additional)} bn",
        **(dict(zip(OF_WHICH, (f"{part} bn" for part in parts), strict=True)) if parts else {}),
        f"Best year, {best}": f"{ranged(answer.in_year(best), 2)} bn",
        **({f"Share of {a_years_gap(answer)}, a year, {over[0]} to {over[-1]}": share} if len(over) else {}),
        f"Closure, a year over {years(answer)}": ranged_share(answer.annual_rate),
        f"Closure in the best year, {best}": ranged_share(answer.best_year_rate),
        f"Months of {base_gap(answer)}": "none" if months is None else mean_and_range(months, 2),
        f"Closure against the baseline over {years(answer)}": ranged_share(answer.baseline_closure),
        "First quarter with no gap left, on the mean path": str(answer.first_quarter_closed or "none"),
        "Share of draws in which some quarter's gap closes": percent(answer.simulated.probability_closed, 0),
    }
    return measures_table(f"USD, {unit(answer)}", rows)


def bridge_table(answer: Solution) -> pd.DataFrame:
    """The steps from announced to additional imports in USD billion: mean, what is left after it, 5 to 95 % range
    where there is one, and the amount whatever the order of the steps."""
    steps, end = answer.simulated.steps, answer.simulated.totals.loc["additional"]
    words = step_words(answer.calendar)
    shown = pd.DataFrame(
        {
            "Mean, bn": steps["mean"].map(_signed),
            "Left, bn": steps["mean"].cumsum().map(lambda left: billions(left, 2)),
            "5 to 95 %": steps.apply(_low_to_high, axis=1),
            "In any order, bn": steps.apply(_order_free, axis=1, words=words),
        }
    )
    shown.loc["additional"] = ["", shown["Left, bn"].iloc[-1], _low_to_high(end), billions(sum(steps["order_free"]), 2)]
    shown = shown.rename(words).rename_axis("Step")
    return shown.drop(columns="5 to 95 %") if answer.is_certain else shown


def _signed(usd_mn: Number) -> Cell:
    shown = round(float(usd_mn) / USD_MN_PER_BN, 2)
    return f"{shown:+,.2f}" if shown else "0"


def _low_to_high(row: pd.Series) -> Cell:
    low, high = (billions(row[point], 2) for point in ("p05", "p95"))
    return "" if low == high else f"{low} to {high}"


def _order_free(row: pd.Series, words: Mapping[str, str]) -> Cell:
    """Steps that share a factor have one amount together, in the row of one of them."""
    carrier = gap.CARRIED_BY.get(str(row.name))
    if carrier:
        return f"in “{words[carrier]}”" if row["mean"] else "0"
    return _signed(row["order_free"])


def by_year_table(answer: Solution) -> pd.DataFrame:
    """The gap without deals and what the deals take off it, by calendar year in USD billion."""
    by_year, quarters = answer.simulated.by_year, answer.calendar.quarters
    without = answer.baseline["gap_usd_mn"].groupby(answer.baseline.index.year).sum()
    so_far = by_year["mean"].astype(float).cumsum()
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Year": lambda year: _year_words(quarters[quarters.year == year.name]),
        "Gap without deals, bn": lambda year: billions(without[year.name]),
        "Additional imports, bn": lambda year: ranged(answer.in_year(year.name), 2),
        "Since the start, bn": lambda year: part_bn(so_far[year.name], answer.additional, 2),
        "Share": lambda year: (
            percent(float(year["mean"]) / float(without[year.name])) if without[year.name] > 0 else ""
        ),
    }
    return table(by_year, columns)


def _year_words(quarters: pd.PeriodIndex) -> str:
    """`2027`, or `2026, Q3 to Q4` where the horizon holds a part of the year."""
    part = from_to(*(f"Q{quarter.quarter}" for quarter in (quarters[0], quarters[-1])))
    return f"{quarters[0].year}" if len(quarters) == 4 else f"{quarters[0].year}, {part}"


def contributions_table(answer: Solution, by: Literal["category", "deal"] = "category") -> pd.DataFrame:
    """Announced, credited, delivered and additional by category or deal in USD billion (means), and their sum."""
    found = contributions(answer, by)
    found.loc["Total"] = found.sum()
    shown = found.map(lambda amount: billions(amount, 2)).rename(columns=lambda name: f"{name.capitalize()}, bn")
    return shown.rename(category_words).rename_axis(by.capitalize())


def probabilities_table(answer: Solution) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below shares of today's, by the last quarter of each year."""
    levels = [f"At most {percent(share, 0)} of today's" if share else "At most nothing" for share in LEVELS]
    return chances_table(answer, levels)


def assumptions_table(answer: Solution) -> pd.DataFrame:
    """Every assumption that acted on the answer: value, 5 to 95 % range, source and strength."""
    used: list[Record] = [*(answer.assumptions or [credit.CERTAIN]), *answer.settings]
    columns: dict[str, Callable[[Record], Cell]] = {
        "Assumption": lambda a: path_words(a.path),
        "Mean": lambda a: f"{float(a.mean):.3g}" if isinstance(a, Assumption) else a.words,
        "5 to 95 %": lambda a: (
            f"{a.quantile(0.05):.2g} to {a.quantile(0.95):.2g}" if isinstance(a, Assumption) and not a.is_fixed else ""
        ),
        "From": lambda a: a.source,
        "Strength": lambda a: str(a.strength),
    }
    return table(used, columns)


def yearly_gap_chart(answer: Solution) -> Chart:
    """The gap by calendar year with its band and what the deals take off it, and that addition on a scale of its own.

    The band is that of the gap with deals, of quarters already published and drawn ones together.
    """
    published, gap = _published_and_whole(answer)
    added = answer.simulated.by_year.astype(float) / USD_MN_PER_BN
    band = _band(answer, published).reindex(gap.index).dropna()

    def draw(figure: Figure) -> None:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _gap_panel(top, gap, published, added["mean"], band)
        full = [year for year in added.index if (answer.calendar.quarters.year == year).sum() == 4]
        color = [ORANGE if year in full else PALE_ORANGE for year in added.index]
        bottom.bar(added.index, added["mean"], color=color, width=0.75)
        if not answer.is_certain:
            whiskers(bottom, added, "mean")
        year_ticks(bottom)
        note(bottom, say("delivery_scenario.yearly_gap_chart.additional", count=answer.simulated.draws))

    within = say("delivery_scenario.yearly_gap_chart.within", last=band.iloc[-1]) if len(band) else ""
    ends = say("delivery_scenario.yearly_gap_chart.ends") if len(band) else ""
    said = {"answer": answer, "year_of_most": answer.best_year, "year": gap.index[-1], "gap": gap.iloc[-1]}
    said["unit"] = unit(answer)
    said |= {"within": within, "ends": ends, "most": ranged(answer.in_year(answer.best_year), 2)}
    words = of_chart("delivery_scenario.yearly_gap_chart", count=answer.simulated.draws, **said)
    return Chart(draw, heights=(4.6, 4.8), **words, sources=answer.known.sources, data=by_year_table(answer))


def _published_and_whole(answer: Solution) -> tuple[pd.Series, pd.Series]:
    """The published gap by calendar year, and with that without deals for what is left, in USD billion of the answer's
    dollars.

    The latter of the whole years from eight before the forecast on; of all there are where none is whole.
    """
    published, ahead = (of["gap_usd_mn"].astype(float) for of in (answer.published, answer.baseline))
    both = pd.concat([published, ahead])
    by_year = both.groupby(both.index.year)
    is_shown = (by_year.size() == 4) & (by_year.size().index >= answer.calendar.years[0] - 8)
    sums = by_year.sum() / USD_MN_PER_BN
    return published.groupby(published.index.year).sum() / USD_MN_PER_BN, sums[is_shown] if is_shown.any() else sums


def _gap_panel(axes: Axes, gap: pd.Series, published: pd.Series, added: pd.Series, band: pd.DataFrame) -> None:
    """The gap by year in USD billion: as published over that without deals, what they take off it, and its band."""
    published, taken = (part.reindex(gap.index).dropna() for part in (published, added))
    axes.bar(gap.index, gap, color=PALE, width=0.75)
    axes.bar(published.index, published, color=BLUE, width=0.75)
    axes.bar(taken.index, taken, bottom=gap[taken.index] - taken, color=ORANGE, width=0.75)
    whiskers(axes, band, "p50")
    lines = say("delivery_scenario.yearly_gap_chart.line") if len(band) else ""
    note(axes, say("delivery_scenario.yearly_gap_chart.note", lines=lines))


def _band(answer: Solution, so_far: pd.Series) -> pd.DataFrame:
    """Median and 5 and 95 % points of the gap with deals by calendar year in USD billion; empty where it has none.

    Only years that end where the baseline's errors are measured: later ones are a scenario, and a band of a walk that
    goes on would dwarf all that was published.
    """
    measured = answer.calendar.quarters[:HORIZON]
    drawn = answer.simulated.gap_by_year[["p05", "p50", "p95"]].astype(float) / USD_MN_PER_BN
    within = drawn[[pd.Period(f"{year}Q4", freq="Q") in measured for year in drawn.index]]
    with_published = within.add(so_far.reindex(within.index).fillna(0.0), axis=0)
    return with_published[with_published["p95"] > with_published["p05"]]


def yearly_table(record: Mapping[str, Any]) -> pd.DataFrame:
    """From an answer's JSON: gap without deals and additional imports of each full forecast year, USD billion."""
    quarters = pd.DataFrame(record["by_quarter"])
    of_years = quarters.assign(year=quarters["quarter"].str[:4]).groupby("year")
    full = of_years.filter(lambda part: len(part) == 4)
    by_year = full if len(full) else quarters  # a horizon without one full year shows the years it has
    sums = by_year.groupby(by_year["quarter"].str[:4])[["baseline_gap_p50_usd_mn", "additional_mean_usd_mn"]].sum()
    return (sums / USD_MN_PER_BN).set_axis(["gap", "additional"], axis=1)


def multiple_chart(record: Mapping[str, Any], top: float) -> Chart:
    """A small picture of the yearly gap and what the deals take off it, on a scale up to `top` USD billion."""
    table = yearly_table(record)
    years = [table.index[0], table.index[-1]]

    def draw(figure: Figure) -> None:
        gap, taken = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        rows = range(len(table))
        gap.bar(rows, table["gap"], color=PALE, width=0.8)
        gap.bar(rows, table["additional"], bottom=table["gap"] - table["additional"], color=ORANGE, width=0.8)
        gap.set_ylim(0, top * 1.05)
        taken.bar(rows, table["additional"], color=ORANGE, width=0.8)
        taken.set_xticks([0, len(table) - 1], years)

    taken = from_to(*(f"{of(table['additional']):,.1f}" for of in (min, max)))
    words = of_chart("delivery_scenario.multiple_chart", record=record, years=years, taken=taken)
    return Chart(draw, heights=(2.6, 2.6), **words, sources=[record["known"]], data=table)


def bridge_chart(answer: Solution) -> Chart:
    """From announced to additional imports, step by step."""
    amounts = {name: float(mean) / USD_MN_PER_BN for name, mean in answer.simulated.steps["mean"].items()}
    shown = {name: amount for name, amount in amounts.items() if round(amount, 1) or name == STEPS[0]}
    named = step_words(answer.calendar)
    steps = pd.Series({named[name]: amount for name, amount in shown.items()}, dtype=float)
    ends, total = list(accumulate(steps)), float(answer.additional.mean) / USD_MN_PER_BN
    colors = [BLUE, *[PALE] * (len(steps) - 1), ORANGE]
    waterfall = {"width": [*steps, total], "left": [0.0, *ends[:-1], 0.0], "color": colors}
    signs = ["", *["+"] * (len(steps) - 1)]
    labels = [(max(end, end - step), f"{step:{sign},.2f}") for end, step, sign in zip(ends, steps, signs, strict=True)]

    lost, most = steps.iloc[1:], ""
    if len(lost):
        most = say("delivery_scenario.bridge_chart.most", step=lost.idxmin().lower(), amount=f"{lost.min():+,.2f}")
    draw = bars([*steps.index, named["additional"]], [waterfall], [*labels, (total, f"{total:,.2f}")])
    heights = (0.36 * len(steps) + 1.0, 0.44 * len(steps) + 1.0)
    words = of_chart("delivery_scenario.bridge_chart", count=answer.simulated.draws, answer=answer, most=most)
    return Chart(draw, heights, **words, sources=answer.known.ledger_sources, data=bridge_table(answer))


def contributions_chart(answer: Solution) -> Chart:
    """Announced and additional by category."""
    table = contributions(answer).astype(float) / USD_MN_PER_BN
    names = [category_words(str(name)) for name in table.index]
    pairs = [*zip(table["announced"], table["additional"], strict=True)]
    lead = say("delivery_scenario.contributions_chart.none")
    if pairs:
        category, amount = names[0].capitalize(), pairs[0][1]
        lead = say("delivery_scenario.contributions_chart.lead", category=category, amount=amount)
    series = [{"width": table["announced"], "color": PALE}, {"width": table["additional"], "color": ORANGE}]
    draw = bars(names, series, [(max(whole, part), f"{part:,.1f} of {whole:,.1f}") for whole, part in pairs])
    heights = (0.36 * len(table) + 0.7, 0.44 * len(table) + 0.7)
    words = of_chart("delivery_scenario.contributions_chart", count=answer.simulated.draws, lead=lead)
    return Chart(draw, heights, **words, sources=answer.known.ledger_sources, data=contributions_table(answer))
