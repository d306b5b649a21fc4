"""One delivery scenario, from the announced sum to the surplus."""

from collections.abc import Callable
from itertools import accumulate
from operator import itemgetter
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import pandas as pd

from ..answers import comparison, gap, tariffs, timing
from ..answers.answer import LEVELS, Range, Solution, StandardErrors, contributions
from ..answers.gap import STEPS, Calendar
from ..answers.sensitivity import Tornado
from ..answers.timing import DuePart
from ..assumptions import credit
from ..assumptions.distributions import MONTHS_A_QUARTER, Assumption, Record
from ..assumptions.methods import HORIZON, QUARTERS_A_YEAR
from ..assumptions.tariff import collected, on
from ..assumptions.written import COVERED_SHARE
from ..facts import duties
from ..facts.duties import Covered
from ..words.citations import cite
from ..words.terms import USD_MN_PER_BN
from .chart import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    Axes,
    Chart,
    Figure,
    dots,
    grid,
    note,
    spans,
    waterfall,
    whiskers,
    year_ticks,
)
from .names import assumption_words, category_words, deal_words, in_words, method_words
from .say import (
    between,
    billions,
    bn,
    day,
    decimals,
    ends_of,
    from_to,
    label,
    mean_and_range,
    minus,
    number,
    of_chart,
    opening,
    parts_adding_up,
    percent,
    period,
    ranged,
    ranged_share,
    say,
    with_range,
)
from .wording import (
    OF_WHICH,
    Cell,
    a_years_gap,
    base_gap,
    captioned,
    chances_table,
    measures_table,
    part_bn,
    parts_of,
    plain_text,
    share_cell,
    table,
    unit,
    years,
)

URL_SAFE = ":/?#@!$&'*+,;=%~"  # all of an address but brackets and quotes, which would end a Markdown link


def headline(answer: Solution) -> str:
    """The finding, as a page's title: how much, in which years, what share; what a tariff path does beside it."""
    amount, over = ranged(answer.additional).partition(" ")[0], timing.years_of_delivery(answer)
    last = answer.calendar.last.year
    if not len(over):
        return say("delivery_scenario.headline_none", last=last)
    if answer.moved_by_tariffs:
        moved = answer.moved_by_tariffs["gap"].at[tariffs.A_YEAR, "mean"]
        deals = part_bn(answer.additional.mean * QUARTERS_A_YEAR / answer.calendar.horizon, answer.additional)
        if moved > 0:
            return say("delivery_scenario.headline_tariff_adds", moved=moved, deals=deals)
        return say("delivery_scenario.headline_tariff", moved=-moved, deals=deals)
    share = share_cell(answer, over)
    if answer.is_certain:
        last = max(q for q, brought in answer.additional_by_quarter.items() if brought).year
        return say("delivery_scenario.headline_certain", amount=amount, last=last, share=share)
    return say("delivery_scenario.headline", amount=amount, first=over[0].year, last=over[-1].year, share=share)


def lead(answer: Solution, central: Solution | None) -> str:
    """What the scenario assumes and how far it is from the central one; how wide the deals are, beside the surplus."""
    assumes = say("delivery_scenario.assumes", title=plain_text(answer.scenario.title), place=_place(answer, central))
    gap_, deals = answer.gap_of_a_year, answer.additional
    said = {"year": a_years_gap(answer), "answer": answer, "gap": gap_}
    if answer.is_certain:
        return f"{assumes} {say('delivery_scenario.beside_exact', **said)}"
    ends = ends_of(deals)
    return f"{assumes} {say('delivery_scenario.beside', ends=ends, **said)}"


def _place(answer: Solution, central: Solution | None) -> str:
    """How the share closed a year differs from the central scenario's over the same years, in points."""
    if central is None:
        return say("delivery_scenario.stands_apart")
    if answer.scenario.name == central.scenario.name:
        return say("delivery_scenario.is_central")
    found = timing.against(answer, central)
    if found is None:
        return say("delivery_scenario.stands_apart")
    if answer.is_certain:
        return say("delivery_scenario.off_the_scale", times=found.times)
    said = {"first": found.over[0].year, "last": found.over[-1].year, "points": abs(100 * found.apart)}
    if round(said["points"], 2) == 0:
        del said["points"]
        place = say("delivery_scenario.as_much", **said)
    elif found.apart > 0:
        place = say("delivery_scenario.more", **said)
    else:
        place = say("delivery_scenario.less", **said)
    if not answer.moved:
        return place
    moved = answer.moved_by_tariffs["gap"].loc[tariffs.A_YEAR] / USD_MN_PER_BN
    low, mean, high = (minus(number(moved[point], "+,.1f")) for point in ("p05", "mean", "p95"))
    return say("delivery_scenario.tariff_beside", low=low, mean=mean, high=high, place=place)


def about(answer: Solution) -> str:
    """The scenario's own words, as text, and the pages it refers to."""
    links = [f"[{_host(url)}]({quote(url, safe=URL_SAFE)})" for url in answer.scenario.references]
    references = say("delivery_scenario.references", links=", ".join(links)) if links else ""
    return plain_text(answer.scenario.about) + references


def _host(url: str) -> str:
    """Whose page an address is of, as text: `vietnamnews.vn`."""
    return plain_text((urlsplit(url).hostname or url).removeprefix("www."))


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
    if not collected_rates(answer):
        return say("delivery_scenario.no_duties", pair=pair)
    last, source = found[-1], cite(answer.known.citations, [found[-1].source_id])[0]
    said = {"base": duties.base(found), "year": duties.BASE_YEAR, "source": plain_text(f"{source}")}
    return say("delivery_scenario.duties", pair=pair, last=last, **said)


def duties_table(answer: Solution) -> pd.DataFrame:
    """What was collected under each published rate, the part of the goods that bore it, and what a path takes it as."""
    columns: dict[str, Callable[[Covered], Cell]] = {
        "Rate from": lambda each: day(each.since),
        "Published": lambda each: percent(each.rate, 1),
        "Months": lambda each: from_to(str(each.months[0]), str(each.months[-1])),
        "Collected": lambda each: percent(each.collected, 1),
        "Part that bears it": lambda each: number(float(each.share), ".2f"),
        "At most": lambda each: number(float(each.most), ".2f"),
        "Taken as": lambda each: number(float(covered_share(answer, each).mean), ".2f"),
    }
    return table(collected_rates(answer), columns, say("delivery_scenario.duties_table.caption"))


def covered_share(answer: Solution, each: Covered) -> Assumption:
    """What a path takes the part of the goods as that bears a published rate."""
    return on(answer.inputs.assumptions.dated(COVERED_SHARE), pd.Timestamp(each.since))


def collected_rates(answer: Solution) -> list[Covered]:
    """What was collected under each published rate of the scenario's path, else of the first there is: paths differ in
    what is to come alone. Empty without the months of the base year."""
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
    level = answer.scenario.baseline.is_level
    base = say("delivery_scenario.stated_base") if level else between(period(last[0]), period(last[-1]))
    closed = answer.first_quarter_closed
    rows = {
        "Announced": bn(billions(answer.known.announced)),
        _named("surplus", base=base): bn(billions(answer.gap_last_four)),
        **({_named("twelve", last=answer.known.months.index[-1]): bn(billions(twelve))} if twelve else {}),
        "Firm orders": bn(ranged(answer.credited)),
        _named("delivered", last=answer.calendar.last): bn(ranged(answer.delivered)),
        "New imports": bn(ranged(answer.additional)),
        **(dict(zip(OF_WHICH, map(bn, parts), strict=True)) if parts else {}),
        _named("best_year", best=best): bn(ranged(answer.in_year(best), 2)),
        **({_named("share", of=a_years_gap(answer), first=over[0], last=over[-1]): share} if len(over) else {}),
        _named("closed", over=years(answer)): ranged_share(answer.annual_rate),
        _named("closed_best", best=best): ranged_share(answer.best_year_rate),
        _named("months", of=base_gap(answer)): label("none") if months is None else mean_and_range(months, 2),
        _named("closed_ahead", over=years(answer)): ranged_share(answer.baseline_closure),
        "First quarter with no surplus left, on the mean path": label("none") if closed is None else period(closed),
        "Chance that some quarter has no surplus": percent(answer.simulated.probability_closed, 0),
    }
    caption = say("delivery_scenario.headline_table.caption")
    return captioned(measures_table(say("delivery_scenario.in_dollars", unit=unit(answer)), rows), caption)


def _named(measure: str, **values: object) -> str:
    return say(f"delivery_scenario.measure_{measure}", **values)


def bridge_table(answer: Solution) -> pd.DataFrame:
    """The steps from announced to additional imports in USD billion: mean, what is left after it, 5 to 95 % range
    where there is one, and the amount whatever the order of the steps, which share one where they share a factor. As
    printed they add up, with the decimals that the draws carry."""
    steps, end, words = answer.simulated.steps, answer.additional, step_words(answer.calendar)
    digits = decimals(end.standard_errors.mean / USD_MN_PER_BN, 2)
    means, free = (
        pd.Series(parts_adding_up(list(amounts), digits), amounts.index)
        for amounts in (steps["mean"], steps["order_free"].drop(list(gap.CARRIED_BY)))
    )
    shared = {
        step: say("delivery_scenario.in_step", step=words[carrier]) if steps.at[step, "mean"] else "0"
        for step, carrier in gap.CARRIED_BY.items()
    }
    left, ranges = means.cumsum().map(lambda left: number(left + 0.0, f",.{digits}f")), label("5 to 95 %")
    shown = pd.DataFrame(
        {
            label(MEAN): means.map(lambda amount: _signed(amount, digits)),
            label("Left, bn"): left,
            ranges: [_ends_of_step(answer, row) for _, row in steps.iterrows()],
            label("In any order, bn"): free.map(lambda amount: _signed(amount, digits))
            .reindex(steps.index)
            .fillna(shared),
        }
    )
    shown.loc["additional"] = ["", left.iloc[-1], ends_of(end, 2), number(sum(free), f",.{digits}f")]
    shown = shown.rename(words).rename_axis(label("Step"))
    return shown.drop(columns=ranges) if answer.is_certain else shown


MEAN = "Mean, bn"


def step_words(calendar: Calendar) -> dict[str, str]:
    """What each step, and what they add up to, is called."""
    return {step: say(f"delivery_scenario.step_{step}", calendar=calendar) for step in (*STEPS, "additional")}


def _signed(amount: float, digits: int) -> Cell:
    return number(amount, f"+,.{digits}f") if amount else "0"


def _ends_of_step(answer: Solution, row: pd.Series) -> Cell:
    """The 5 and 95 % points of a step, nothing where they are one as printed."""
    points = {name: row[name] for name in StandardErrors._fields}
    shown = ends_of(Range(**points, draws=answer.simulated.draws), 2)
    low, *_, high = shown.split()
    return "" if low == high else shown


def by_year_table(answer: Solution) -> pd.DataFrame:
    """The gap by calendar year in USD billion: as published, of the years that are drawn, then without deals, with its
    band with them over the whole year, and what the deals take off it, which adds up as printed."""
    published, ahead = _published_and_projected(answer)
    quarters, band = answer.calendar.quarters, _band(answer, published).reindex(ahead.index).dropna()
    without = answer.baseline["gap_usd_mn"].groupby(answer.baseline.index.year).sum()
    new, before = _new_imports(answer), answer.published["gap_usd_mn"]
    rows = [
        (say("delivery_scenario.by_year_table.published", year=_year_words(own.index)), billions(own.sum()), *[""] * 4)
        for year, own in before.groupby(before.index.year)
        if year >= min(published.index, default=quarters[0].year)
    ]
    rows += [
        (
            _year_words(quarters[quarters.year == year]),
            billions(without[year]),
            between(*(number(band.at[year, end], ",.1f") for end in ("p05", "p95"))) if year in band.index else "",
            *new.loc[year],
            percent(float(mean) / float(without[year])) if without[year] > 0 else "",
        )
        for year, mean in answer.simulated.by_year["mean"].items()
    ]
    heads = ["Year", "Surplus without the deals, bn", WITH_DEALS, "New imports, bn", "Since the start, bn", "Share"]
    columns = {head: itemgetter(at) for at, head in enumerate(heads) if head != WITH_DEALS or len(band)}
    return table(rows, columns, say("delivery_scenario.by_year_table.caption"))


WITH_DEALS = "Whole year with the deals, 5 to 95 %, bn"


def _new_imports(answer: Solution) -> pd.DataFrame:
    """What the deals take off by calendar year in USD billion, in words: the mean with its range, and the sum since the
    start. Means have the decimals that the draws carry, and as printed they add up."""
    years_ = answer.simulated.by_year.index
    of_each = [answer.in_year(year) for year in years_]
    digits = min(decimals(one.standard_errors.mean / USD_MN_PER_BN, 2) for one in of_each)
    means = parts_adding_up([one.mean for one in of_each], digits)
    printed, so_far = ([number(one, f",.{digits}f") for one in found] for found in (means, accumulate(means)))
    in_year = [with_range(mean, one, 2) for mean, one in zip(printed, of_each, strict=True)]
    return pd.DataFrame({"in_year": in_year, "so_far": so_far}, index=years_)


def _year_words(quarters: pd.PeriodIndex) -> str:
    """`2027`, or `2026, Q3 to Q4` where the horizon holds a part of the year."""
    ends = (say("delivery_scenario.quarter", of=quarter) for quarter in (quarters[0], quarters[-1]))
    return f"{quarters[0].year}" if len(quarters) == 4 else f"{quarters[0].year}, {from_to(*ends)}"


def contributions_table(answer: Solution, by: Literal["category", "deal"] = "category") -> pd.DataFrame:
    """Announced, credited, delivered and additional by category or deal in USD billion (means), and their sum."""
    found = contributions(answer, by)
    columns = {label(f"{name.capitalize()}, bn"): _with_sum(list(amounts), 2) for name, amounts in found.items()}
    index = pd.Index([*map(category_words, found.index), label("Total")], name=label(by.capitalize()))
    return pd.DataFrame(columns, index)


def probabilities_table(answer: Solution) -> pd.DataFrame:
    """The chance that four quarters' gap is at or below shares of today's, by the last quarter of each year."""
    levels = [say("delivery_scenario.at_most", share=share) if share else label("At most nothing") for share in LEVELS]
    return captioned(chances_table(answer, levels), say("delivery_scenario.probabilities_table.caption"))


def assumptions_table(answer: Solution) -> pd.DataFrame:
    """Every assumption that acted on the answer: what it is taken as, where that comes from, how strong that is."""
    used: list[Record] = [*(answer.assumptions or [credit.CERTAIN]), *answer.settings]
    columns: dict[str, Callable[[Record], Cell]] = {
        "Assumption": lambda each: assumption_words(each.path, answer.known.leaves),
        "Taken as": _taken_as,
        "From": lambda each: source_words(answer, each.source),
        "Strength": lambda each: label(str(each.strength)),
    }
    return table(used, columns, say("delivery_scenario.assumptions_table.caption"))


def yearly_gap_chart(answer: Solution) -> Chart:
    """The surplus by calendar year as published and as projected without the deals, with its band to the horizon, and
    what the deals take off it on a scale of its own.

    The band is that of the surplus with deals, of quarters already published and drawn ones together.
    """
    published, ahead = _published_and_projected(answer)
    added = answer.simulated.by_year.astype(float) / USD_MN_PER_BN
    band = _band(answer, published).reindex(ahead.index).dropna()
    counts = {year: int((answer.calendar.quarters.year == year).sum()) for year in added.index}

    def draw(figure: Figure) -> None:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _gap_panel(top, published, ahead, band)
        bottom.bar(added.index, added["mean"], color=ORANGE, width=[0.19 * count for count in counts.values()])
        if not answer.is_certain:
            whiskers(bottom, added, "mean")
        year_ticks(bottom)
        note(bottom, say("delivery_scenario.yearly_gap_chart.added"))

    measured = band[[pd.Period(f"{year}Q4", "Q") in answer.calendar.quarters[:HORIZON] for year in band.index]]
    most = ranged(answer.in_year(answer.best_year), 2)
    said = {"unit": unit(answer), "answer": answer, "most": most, "mean": most.partition(" ")[0]}
    said |= {"last": ahead.index[-1], "gap": ahead.iloc[-1]}
    if len(measured):
        words = of_chart("delivery_scenario.yearly_gap_chart", near=measured.iloc[-1], far=band.iloc[-1], **said)
    else:
        words = of_chart("delivery_scenario.yearly_gap_chart_exact", **said)
    words["name"] = "yearly-gap-chart"
    return Chart(draw, heights=(4.4, 4.6), **words, sources=answer.known.sources, data=by_year_table(answer))


def _published_and_projected(answer: Solution) -> tuple[pd.Series, pd.Series]:
    """The surplus by calendar year in USD billion: as published, and with published quarters that without deals.

    Of whole years from eight before the forecast on; of all there are where none is whole. The projection starts with
    the last published year, so that a line of it leaves there.
    """
    both = pd.concat([answer.published["gap_usd_mn"], answer.baseline["gap_usd_mn"]]).astype(float) / USD_MN_PER_BN
    by_year = both.groupby(both.index.year)
    sums, is_whole = by_year.sum(), (by_year.size() == 4) & (by_year.size().index >= answer.calendar.years[0] - 8)
    sums = sums[is_whole] if is_whole.any() else sums
    first = answer.calendar.years[0]
    return sums[sums.index < first], sums[sums.index >= first - 1]


def _gap_panel(axes: Axes, published: pd.Series, ahead: pd.Series, band: pd.DataFrame) -> None:
    """The surplus by year in USD billion as lines with their words, and its band."""
    if len(band):
        axes.fill_between(band.index, band["p05"], band["p95"], color=PALE, alpha=0.45, lw=0)
        last = band.iloc[-1]
        at = (band.index[-1], last["p50"] + (last["p95"] - last["p50"]) / 4)  # off the band's edge on a phone
        label = say("delivery_scenario.yearly_gap_chart.band")
        axes.annotate(label, at, (-6, 4), textcoords="offset points", ha="right", va="center", color=INK, fontsize=8.5)
    axes.plot(ahead.index, ahead, color=BLUE, lw=1.6, ls=(0, (4, 2)))
    axes.plot(published.index, published, color=BLUE, lw=2.4)
    labels = {"published": published, "projected": ahead}
    words = {"published": say("delivery_scenario.yearly_gap_chart.published"),
             "projected": say("delivery_scenario.yearly_gap_chart.projected")}  # fmt: skip
    for name, line in labels.items():
        if len(line):
            middle = len(line) // 2
            side = {"published": (-4, 6, "right"), "projected": (6, -12, "left")}[name]
            axes.annotate(words[name], (line.index[middle], line.iloc[middle]), side[:2], textcoords="offset points",
                          ha=side[2], color=BLUE, fontsize=8.5)  # fmt: skip
    axes.set_ylim(0, None)
    axes.margins(x=0.02)
    grid(axes)


def _band(answer: Solution, published: pd.Series) -> pd.DataFrame:
    """Median and 5 and 95 % points of the surplus with deals by calendar year in USD billion, to the horizon, with the
    quarters of the first year that are published; empty where it has none."""
    drawn = answer.simulated.gap_by_year[["p05", "p50", "p95"]].astype(float) / USD_MN_PER_BN
    first = answer.calendar.years[0]
    so_far = answer.published["gap_usd_mn"].astype(float) / USD_MN_PER_BN
    drawn.loc[first] = drawn.loc[first] + so_far[so_far.index.year == first].sum()
    drawn = drawn[drawn["p95"] > drawn["p05"]]
    if len(drawn) and len(published):
        drawn.loc[published.index[-1]] = published.iloc[-1]  # the band opens where the published line ends
    return drawn.sort_index()


def loses_nothing(answer: Solution) -> bool:
    """Whether every announced dollar is taken for new imports, so that there is no step to show."""
    return not any(answer.simulated.steps["mean"].drop(STEPS[0]))


def bridge_chart(answer: Solution) -> Chart:
    """From announced to new imports, step by step; as printed the steps add up."""
    means = answer.simulated.steps["mean"]
    printed = dict(zip(means.index, parts_adding_up(list(means)), strict=True))
    shown = {name: amount for name, amount in printed.items() if amount or name == STEPS[0]}
    named = step_words(answer.calendar)
    steps = pd.Series({named[name]: amount for name, amount in shown.items()}, dtype=float)
    total = round(sum(steps), 1)
    lost, most = steps.iloc[1:], ""
    if len(lost):
        amount = minus(number(lost.min(), "+,.1f"))
        most = say("delivery_scenario.bridge_chart.most", step=lost.idxmin(), amount=amount)
    draw, _ = waterfall([*steps.index, named["additional"]], list(steps))
    heights = (0.34 * len(steps) + 0.8, 0.44 * len(steps) + 0.9)
    said = {"answer": answer, "total": number(total), "most": most, "unit": unit(answer)}
    words = of_chart("delivery_scenario.bridge_chart", count=answer.simulated.draws, **said)
    data = bridge_table(answer)
    data = captioned(data[data[label(MEAN)] != "0"], say("delivery_scenario.bridge_table.caption"))
    return Chart(draw, heights, **words, sources=answer.known.ledger_sources, data=data)


def deals_table(answer: Solution) -> pd.DataFrame:
    """The parts of the announced sum: what of each is firm and new, and when it is due; parts that bring nothing as
    printed are one row. Columns add up as printed."""
    parts, small = _large_and_small(answer)
    rows = [(deal_words(part.leaf), [part], _due(answer, part)) for part in parts]
    if small:
        rows.append((say("delivery_scenario.deals_table.others", count=len(small)), small, ""))
    sums = [[sum(float(getattr(part, kind)) for part in group) for _, group, _ in rows] for kind in KINDS]
    printed = (_with_sum(column, digits) for column, digits in zip(sums, _digits(answer), strict=True))
    columns = dict(zip(map(label, ("Announced", "Firm orders", "New imports")), printed, strict=True))
    if _all_due(answer) is None:
        columns[label("Due")] = [*(due for *_, due in rows), ""]
    index = pd.Index([*(words for words, *_ in rows), say("delivery_scenario.deals_table.all")], name=label("Part"))
    return captioned(
        pd.DataFrame(columns, index=index), say("delivery_scenario.deals_table.caption", unit=unit(answer))
    )


KINDS = ("announced", "credited", "additional")


def _digits(answer: Solution) -> tuple[int, int, int]:
    """The decimals of each of KINDS: what was announced has two, and so has all that is taken at its word."""
    return (2, 2, 2) if answer.is_certain else (2, 1, 1)


def _with_sum(amounts: list[float], digits: int) -> list[str]:
    """Amounts in billions, and their sum, to which they add up as printed."""
    printed = parts_adding_up(amounts, digits)
    return [number(amount + 0.0, f",.{digits}f") for amount in (*printed, sum(printed))]


def _all_due(answer: Solution) -> str | None:
    """When all parts are due where that is the same for each."""
    due = {_due(answer, part) for part in timing.parts(answer)}
    return due.pop() if len(due) == 1 else None


def _large_and_small(answer: Solution) -> tuple[list[DuePart], list[DuePart]]:
    """The parts of an answer that bring something as printed, and those that do not where there are several."""
    parts = timing.parts(answer)
    small = [part for part in parts if round(float(part.additional) / USD_MN_PER_BN, _digits(answer)[-1]) == 0]
    return ([part for part in parts if part not in small], small) if len(small) > 1 else (parts, [])


def deals_note(answer: Solution) -> str:
    """Which parts stand in one row of the table of deals, and when all are due; nothing where there is neither."""
    _, small = _large_and_small(answer)
    due, said = _all_due(answer), []
    if small:
        names = [f"“{plain_text(deal_words(part.leaf))}”" for part in small]
        said.append(say("delivery_scenario.deals_note", names=names))
    if due:
        said.append(say("delivery_scenario.all_due", due=due))
    return " ".join(said)


def _due(answer: Solution, part: DuePart) -> str:
    """When a part is due before any delay, and whether a source printed that."""
    years_ = from_to(str(part.first.year), str(part.last.year))
    if part.is_printed:
        return say("delivery_scenario.due_printed", years=years_)
    if part.is_open:
        return say("delivery_scenario.due_open", first=part.first.year, last=part.last.year)
    if answer.scenario.delivery.start == "now":
        return say("delivery_scenario.due_spread", years=years_)
    return say("delivery_scenario.due_assumed", years=years_)


def nothing_assumed() -> str:
    """What stands in the place of assumptions that matter where none has a range."""
    return say("delivery_scenario.nothing_assumed")


MATTER = 6  # assumptions that are shown unfolded


def matters_chart(answer: Solution, swings: Tornado) -> Chart:
    """New imports with each of the assumptions that matter most at its 5 and 95 % points, all others at their means."""
    rows = swings.table.head(MATTER)
    ends = rows[["additional_low", "additional_high"]].astype(float) / USD_MN_PER_BN
    names = [assumption_words(str(path), answer.known.leaves) for path in rows.index]
    middle = swings.mean_path["additional"] / USD_MN_PER_BN
    said = {"low": ends.iloc[0].min(), "high": ends.iloc[0].max(), "middle": middle, "unit": unit(answer)}
    words = of_chart("delivery_scenario.matters_chart", name=names[0], found=len(rows), **said)
    draw = spans(names, list(ends.min(axis=1)), list(ends.max(axis=1)), middle)
    heights = (0.44 * len(rows) + 0.2, 0.62 * len(rows) + 0.2)
    return Chart(draw, heights, **words, sources=answer.known.ledger_sources, data=swings_table(answer, swings))


def swings_table(answer: Solution, swings: Tornado) -> pd.DataFrame:
    """The same in numbers, of every assumption that moves new imports by as much as is printed."""
    by_path = {each.path: each for each in answer.assumptions}
    moving = swings.table[(swings.swings / USD_MN_PER_BN).round(1) > 0]

    def end(row: pd.Series, which: str) -> str:
        return value_words(by_path[str(row.name)], float(row[which])) if row.name in by_path else ""

    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Assumption": lambda row: assumption_words(str(row.name), answer.known.leaves),
        "Low": lambda row: end(row, "low"),
        "High": lambda row: end(row, "high"),
        "New imports at low, bn": lambda row: billions(row["additional_low"]),
        "At high, bn": lambda row: billions(row["additional_high"]),
    }
    return table(moving, columns, say("delivery_scenario.swings_table.caption"))


def matters_table(answer: Solution, swings: Tornado) -> pd.DataFrame:
    """Where the assumptions that matter most come from, and how strong that is."""
    by_path = {each.path: each for each in answer.assumptions}
    columns: dict[str, Callable[[pd.Series], Cell]] = {
        "Assumption": lambda row: assumption_words(str(row.name), answer.known.leaves),
        "Taken as": lambda row: _taken_as(by_path[str(row.name)]) if row.name in by_path else "",
        "From": lambda row: source_words(answer, row["source"]),
        "Strength": lambda row: label(row["strength"]),
    }
    return table(swings.table.head(MATTER), columns, say("delivery_scenario.matters_table.caption"))


def _taken_as(each: Record) -> str:
    """A mean with its 5 and 95 % points in the unit that the assumption's name says; other records in their words."""
    if not isinstance(each, Assumption):
        return each.words
    if each.is_fixed:
        return value_words(each, float(each.mean))
    mean, low, high = (value_words(each, float(at)) for at in (each.mean, each.quantile(0.05), each.quantile(0.95)))
    _, _, of = mean.partition(" ")
    return say("delivery_scenario.taken_as", mean=mean, low=low.removesuffix(f" {of}") if of else low, high=high)


SHARES = {
    "additionality", "arrived", "cancellation_per_year", "capture", "conversion", "covered_share",
    "escalation_per_year", "firm_share_where_undisclosed", "goods_share", "landed_in_vietnam", "late_conversion",
    "option_exercise", "price_paid_of_announced", "relative_share", "remainder_fraction", "takes_effect",
}  # fmt: skip


def value_words(each: Assumption, value: float) -> str:
    """A value of an assumption: a delay in months, as its name says, a share in per cent, all else as it is."""
    if each.form == "slip":  # kept in quarters
        return say("delivery_scenario.months", months=value * MONTHS_A_QUARTER)
    if SHARES.intersection(each.path.split(".")[:3]):  # of a book or a deal the third key says what it is
        return percent(value, 1 if 0 < value < 0.1 else 0)
    return number(value, ",.3g" if value < 1000 else ",.0f")


def source_words(answer: Solution, source: str) -> str:
    """Where an assumption comes from, without the folders of its files, and deals named in place of their keys."""
    return in_words(source.replace("evidence/", ""), answer.known.leaves)


def others_chart(answer: Solution) -> Chart | str:
    """The surplus of the next four quarters by every way to project it, on one axis; words where there is no other."""
    found = comparison.decisions(answer)
    gaps = found["gap_4"].astype(float).sort_values() / USD_MN_PER_BN
    if len(gaps) < 2:
        stated = answer.scenario.baseline.is_stated
        return say("delivery_scenario.others_stated") if stated else say("delivery_scenario.others_too_short")
    own = answer.scenario.baseline.method
    names = [opening(method_words(method)) for method in gaps.index]
    marked = [row for row, method in enumerate(gaps.index) if method == own]
    labels = [say("delivery_scenario.others_chart.own", gap=gap_) if row in marked else number(gap_, ",.0f")
              for row, gap_ in enumerate(gaps)]  # fmt: skip
    said = {"unit": unit(answer), "answer": answer, "low": gaps.min(), "high": gaps.max()}
    said["deals"] = billions(answer.additional_by_quarter.iloc[:4].sum())
    words = of_chart("delivery_scenario.others_chart", **said)
    heights = (0.28 * len(gaps) + 0.5, 0.4 * len(gaps) + 0.6)
    draw = dots(names, list(gaps), labels, marked=marked)
    return Chart(draw, heights, **words, sources=answer.known.sources, data=_others_table(answer, found))


def _share_closed(over: pd.PeriodIndex) -> str:
    """The head of shares closed over some quarters."""
    return say("delivery_scenario.share_closed", first=over[0], last=over[-1]) if len(over) else label("Share closed")


def _others_table(answer: Solution, found: pd.DataFrame) -> pd.DataFrame:
    """Of `decisions`, by way to project trade: the surplus ahead, what the deals take off it, and the share closed."""
    over = timing.years_of_delivery(answer)
    columns: dict[str, Callable[[Any], Cell]] = {
        "Projection": lambda row: opening(method_words(row.name)),
        "Surplus, 4 quarters, bn": lambda row: billions(row["gap_4"]),
        "Deals, bn": lambda row: billions(row["additional_4"], 2),
        "Surplus, 8 quarters, bn": lambda row: billions(row["gap_8"]),
        "Deals, 8 quarters, bn": lambda row: billions(row["additional_8"], 2),
        _share_closed(over): lambda row: (
            say("delivery_scenario.no_surplus") if row["share"] is None else percent(row["share"])
        ),
    }
    return table(found, columns, say("delivery_scenario.others_table.caption"))
