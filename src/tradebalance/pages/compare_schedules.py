"""Read this first: every scenario beside every other, and beside what is not known of trade."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ..answers import comparison, timing
from ..answers.answer import Solution
from ..answers.comparison import TERM_WORDS
from ..words.problems import Problem
from ..words.terms import USD_MN_PER_BN
from .chart import INK, ORANGE, PALE, Chart, Figure, bars, dots, note, small_multiples, waterfall
from .names import deal_words, method_words
from .say import billions, book, from_to, label, minus, number, of_chart, opening, parts_adding_up, percent, ranged, say
from .wording import (
    Cell,
    captioned,
    part_bn,
    parts_of,
    peak,
    plain_text,
    share_cell,
    table,
    unit,
    years,
)

Label = Callable[[Solution], str]


def title_of(answer: Solution) -> str:
    """What a scenario is called on a page."""
    return answer.scenario.title


def name_of(answer: Solution) -> str:
    """What a scenario is called in a command: its file's name."""
    return answer.scenario.name


def headline(answers: Sequence[Solution]) -> str:
    """The finding of a comparison: what the choice of a projection moves, and what that of a scenario does."""
    found = comparison.choices(answers)
    if found.scenarios is None:
        return say("compare_schedules.headline_one", projections=found.projections, deals=found.most)
    return say("compare_schedules.headline", projections=found.projections, scenarios=found.scenarios)


def lead(answers: Sequence[Solution]) -> str:
    """Over which quarters that is, and how much of the surplus scenarios close a year."""
    found, over = comparison.choices(answers), timing.years_of_delivery(*answers)
    deals = [found.least, found.most]
    near = say("compare_schedules.near", first=answers[0].calendar.first, found=found, deals=deals)
    shares = [timing.share_of_a_year(answer, over) for answer in credited(answers)]
    closed = [float(share) for share in shares if share is not None]
    if not closed:
        return f"{near} {say('compare_schedules.nothing_to_close')}"
    said = {"first": over[0].year, "last": over[-1].year, "shares": from_to(percent(min(closed)), percent(max(closed)))}
    return f"{near} {say('compare_schedules.closed', **said)}{_off_the_scale(answers, over)}"


def left_out(refused: Sequence[tuple[str, Sequence[Problem]]]) -> str:
    """Which scenarios, by title, are not compared, and why; nothing where all are."""
    told = [
        say("compare_schedules.refused", title=plain_text(title), reasons=[problem.reason for problem in problems])
        for title, problems in refused
    ]
    return f" {say('compare_schedules.left_out', told=told)}" if told else ""


def _off_the_scale(answers: Sequence[Solution], over: pd.PeriodIndex) -> str:
    """Which scenarios are arithmetic and what they close; nothing where all are, or none is."""
    whole = taken_whole(answers)
    shares = [timing.share_of_a_year(answer, over) for answer in whole]
    told = [
        say("compare_schedules.arithmetic", title=plain_text(title_of(answer)), share=share)
        for answer, share in zip(whole, shares, strict=True)
        if share is not None
    ]
    return f" {say('compare_schedules.off_the_scale', told=told)}" if told else ""


def credited(answers: Sequence[Solution]) -> list[Solution]:
    """Those that credit the deals, most new imports first; all of them where none does."""
    found = [answer for answer in answers if not answer.is_certain] or list(answers)
    return sorted(found, key=lambda answer: -float(answer.additional.mean))


def by_result(answers: Sequence[Solution]) -> list[Solution]:
    """Those that credit the deals, most new imports first, and after them those that take every dollar at its word."""
    return [*credited(answers), *taken_whole(answers)]


def taken_whole(answers: Sequence[Solution]) -> list[Solution]:
    """Those where every announced dollar is taken for goods that arrive, where others credit the deals."""
    whole = [answer for answer in answers if answer.is_certain]
    return whole if len(whole) < len(answers) else []


def compare_table(answers_: Sequence[Solution], label: Label = title_of) -> pd.DataFrame:
    """Scenarios side by side, one a row: when how much comes; shares and sums over years that are the same for all."""
    over, year = timing.years_of_delivery(*answers_), timing.common_year(answers_)
    columns: dict[str, Callable[[Solution], Cell]] = {"Scenario": label}
    if year is not None:
        columns[say("compare_schedules.by_end_of", year=year)] = lambda a: part_bn(
            timing.by_end_of(a, year), a.additional, 2
        )
    columns |= {
        "At the peak, bn a year": lambda a: _at_peak(a)[0],
        "Peak": lambda a: _at_peak(a)[1],
        "In all, bn": lambda a: ranged(a.additional),
    }
    if len(over):
        columns[say("compare_schedules.share_over", first=over[0], last=over[-1])] = lambda a: share_cell(a, over)
    return table(answers_, columns, say("compare_schedules.compare_table.caption", unit=unit(answers_[0])))


def parts_table(answers: Sequence[Solution], label: Label = title_of) -> pd.DataFrame:
    """What of the new imports of each scenario stood before the talks, over which horizon they are counted, on what."""
    columns: dict[str, Callable[[Solution], Cell]] = {
        "Scenario": label,
        "Firm orders, bn": lambda a: ranged(a.credited),
        "Of which stood before the talks, bn": lambda a: (parts_of(a) or ("", ""))[0],
        "Of which the talks added, bn": lambda a: (parts_of(a) or ("", ""))[1],
        "Over": years,
        "Surplus of a year, bn": lambda a: billions(a.gap_of_a_year),
        "Book": lambda a: book(a.scenario.reporter),
    }
    return table(answers, columns, say("compare_schedules.parts_table.caption"))


def _at_peak(answer: Solution) -> tuple[Cell, Cell]:
    """What a year at the peak brings, and the years."""
    found = timing.timing(answer)
    return (label("none"), "") if found is None else (peak(answer, found)[0], from_to(*map(str, found.peak)))


def decisions_table(answers: Sequence[Solution], label: Label = name_of) -> pd.DataFrame:
    """Every scenario under every baseline, a pair a row: the gap ahead without and with deals, and the share of it."""
    over = timing.years_of_delivery(*answers)
    columns: dict[str, Callable[[Any], Cell]] = {
        "Scenario, baseline": lambda row: ", ".join(row.name),
        "Gap, 4 quarters, bn": lambda row: billions(row["gap_4"]),
        "Deals, bn": lambda row: billions(row["additional_4"], 2),
        "With deals, bn": lambda row: billions(row["with_4"]),
        "Gap, 8 quarters, bn": lambda row: billions(row["gap_8"]),
        "Deals, bn (8)": lambda row: billions(row["additional_8"], 2),
        "With deals, bn (8)": lambda row: billions(row["with_8"]),
        _over("Share", over): _share,
    }
    return table(pd.concat({label(a): comparison.decisions(a, over) for a in answers}), columns)


def _over(head: str, over: pd.PeriodIndex) -> str:
    """A head with the quarters that it is over, where there are any."""
    return say("compare_schedules.head_over", head=label(head), first=over[0], last=over[-1]) if len(over) else head


def matrix_table(answers: Sequence[Solution]) -> pd.DataFrame:
    """The surplus of the next four quarters by projection, and below it the share of the surplus that each scenario
    closes under that projection, all over the same years."""
    over = timing.years_of_delivery(*answers)
    found = {title_of(answer): comparison.decisions(answer, over) for answer in answers}
    gaps = pd.concat([rows["gap_4"] for rows in found.values()])
    gaps = gaps[~gaps.index.duplicated()]
    shares = {title: rows.apply(_share, axis=1).reindex(gaps.index, fill_value="") for title, rows in found.items()}
    shown = pd.DataFrame({say("compare_schedules.matrix_table.surplus"): gaps.map(billions), **shares}).T
    shown = shown.rename(columns=lambda method: opening(method_words(method)))
    shown = shown.rename_axis(label("Scenario"))
    return captioned(shown.rename_axis(None, axis=1), say("compare_schedules.matrix_table.caption"))


def _share(row: pd.Series) -> Cell:
    return label("no gap") if row["share"] is None else percent(row["share"])


def choices_chart(answers: Sequence[Solution]) -> Chart:
    """What the choice of a projection of trade moves over the next four quarters, and what that of a scenario does."""
    found = comparison.choices(answers)
    rows = {
        say("compare_schedules.choices_chart.projections"): found.projections,
        say("compare_schedules.choices_chart.most"): found.most,
    }
    if found.scenarios is not None:
        rows[say("compare_schedules.choices_chart.scenarios")] = found.scenarios
    amounts = [float(amount) / USD_MN_PER_BN for amount in rows.values()]
    bar = {"width": amounts, "color": [PALE] + [ORANGE] * (len(rows) - 1)}
    draw = bars(list(rows), [bar], [(amount, number(amount)) for amount in amounts])
    heights = (0.34 * len(rows) + 0.2, 0.44 * len(rows) + 0.2)
    said = {"found": found, "unit": unit(answers[0]), "reporter": answers[0].scenario.reporter}
    words = of_chart("compare_schedules.choices_chart", **said)
    billion = [number(amount, ",.2f") for amount in amounts]
    shown = pd.DataFrame({label("USD billion"): billion}, pd.Index(rows, name=label("What moves")))
    return Chart(draw, heights, **words, sources=answers[0].known.sources, data=shown)


def scenarios_chart(answers: Sequence[Solution], central: str) -> Chart:
    """New imports of each scenario that credits the deals, most first, with its range; the central one stands out, and
    those that take every dollar at its word are named as off the scale."""
    found = credited(answers)
    amounts = [float(answer.additional.mean) / USD_MN_PER_BN for answer in found]
    ends = [(float(a.additional.p05) / USD_MN_PER_BN, float(a.additional.p95) / USD_MN_PER_BN) for a in found]
    marked = [row for row, answer in enumerate(found) if answer.scenario.name == central]
    names = [title_of(answer) for answer in found]
    labels = [say("compare_schedules.scenarios_chart.central", amount=ranged(answer.additional)) if row in marked
              else ranged(answer.additional) for row, answer in enumerate(found)]  # fmt: skip
    draw = dots(names, amounts, labels, ends=ends, marked=marked)
    beyond = [
        say("compare_schedules.beyond", title=title_of(a), amount=a.additional.mean) for a in taken_whole(answers)
    ]
    said = {
        "ends": from_to(number(min(amounts)), number(max(amounts))),
        "found": len(found),
        "unit": unit(found[0]),
        "reporter": found[0].scenario.reporter,
    }
    said["beyond"] = say("compare_schedules.all_beyond", told=beyond) if beyond else ""
    words = of_chart("compare_schedules.scenarios_chart", **said)
    heights = (0.3 * len(found) + 0.5, 0.44 * len(found) + 0.6)
    shown = pd.DataFrame({label("New imports, bn"): [ranged(answer.additional) for answer in found]},
                         pd.Index(names, name=label("Scenario")))  # fmt: skip
    return Chart(draw, heights, **words, sources=answers[0].known.ledger_sources, data=shown)


def schedules_table(answers: Sequence[Solution]) -> pd.DataFrame:
    """Mean new imports by calendar year, a row a year, a column a scenario, in USD billion."""
    means = pd.DataFrame({title_of(answer): answer.simulated.by_year["mean"] for answer in answers})
    shown = (
        means.map(lambda mean: "" if pd.isna(mean) else billions(mean, 2)).rename(index=str).rename_axis(label("Year"))
    )
    return captioned(shown, say("compare_schedules.schedules_table.caption"))


def schedules_chart(answers: Sequence[Solution]) -> Chart:
    """New imports by calendar year, a small panel a scenario that credits the deals, on one scale."""
    found = credited(answers)
    by_year = {title_of(a): a.simulated.by_year.astype(float) / USD_MN_PER_BN for a in found}
    top = max(rows["p95"].max() for rows in by_year.values())
    years_ = sorted({int(year) for rows in by_year.values() for year in rows.index})
    best = {title: int(rows["mean"].idxmax()) for title, rows in by_year.items()}

    def draw(figure: Figure) -> None:
        panels = small_multiples(figure, len(by_year), share=True)
        for axes, (title, rows) in zip(panels, by_year.items(), strict=True):
            edges = [*(rows.index - 0.5), rows.index[-1] + 0.5]
            axes.stairs(rows["mean"], edges, fill=True, color=ORANGE)
            for point in ("p05", "p95"):
                axes.stairs(rows[point], edges, baseline=None, color=INK, lw=0.7)
            axes.set_xlim(years_[0] - 0.7, years_[-1] + 0.7)
            axes.set_xticks([years_[0], years_[-1]], [f"’{years_[0] % 100}", f"’{years_[-1] % 100}"])
            axes.set_ylim(0, top * 1.05)
            note(axes, textwrap.fill(title, 24))

    peaks = "; ".join(say("compare_schedules.best_year", title=title, year=year) for title, year in best.items())
    said = {"peaks": peaks, "years": from_to(str(min(best.values())), str(max(best.values()))), "unit": unit(found[0])}
    said["reporter"] = found[0].scenario.reporter
    heights = (1.7 * -(-len(found) // 4) + 0.2, 1.6 * -(-len(found) // 2) + 0.2)
    words = of_chart("compare_schedules.schedules_chart", **said)
    return Chart(draw, heights, **words, sources=answers[0].known.sources, data=schedules_table(answers))


MOST_PARTS = 8  # rows of a waterfall from one scenario to another; what is left is one more


def why_chart(answers: Sequence[Solution]) -> Chart:
    """Why the scenarios with the most and the least new imports differ: by which parts of the announced sum, from one
    end to the other; as printed they add up."""
    first, second = comparison.extremes(credited(answers))
    change = differences(first, second)
    start, end = (round(float(each.additional.mean) / USD_MN_PER_BN, 1) for each in (first, second))
    change.iloc[0] += (end - start) * USD_MN_PER_BN - change.sum()  # the ends are printed as everywhere
    rows = {name: amount for name, amount in zip(change.index, parts_adding_up(change), strict=True) if amount}
    names = [title_of(first), *rows, title_of(second)]
    draw, texts = waterfall(names, [start, *rows.values()])
    most = max(rows, key=lambda name: abs(rows[name]), default="")
    said = {"part": most, "amount": minus(number(rows.get(most, 0.0), "+,.1f")), "unit": unit(first)}
    said |= {"one": title_of(first), "other": title_of(second)}
    words = of_chart("compare_schedules.why_chart", start=start, end=end, **said)
    shown = pd.DataFrame({label("USD billion"): texts}, pd.Index(names, name=label("From one to the other")))
    heights = (0.34 * len(names) + 0.2, 0.44 * len(names) + 0.3)
    return Chart(draw, heights, **words, sources=first.known.ledger_sources, data=shown)


def differences(first: Solution, second: Solution) -> pd.Series:
    """By how much the mean additional imports of each part of the announced sum differ, USD million, by its words; the
    largest ones first and all others together last."""
    means = [
        pd.Series({deal_words(part.leaf): float(part.additional) for part in timing.parts(each)})
        for each in (first, second)
    ]
    change = means[1].sub(means[0], fill_value=0.0).sort_values(key=abs, ascending=False, kind="stable")
    if len(change) <= MOST_PARTS:
        return change
    others = pd.Series({say("compare_schedules.why_chart.others"): change[MOST_PARTS:].sum()})
    return pd.concat([change[:MOST_PARTS], others])


def attribution_lead(old: Solution, new: Solution, spans: Mapping[str, pd.Series]) -> str:
    """What moved the gap between two answers, over the first of some spans, and what the terms miss of it."""
    if old is new:
        return say("compare_schedules.one_scenario")
    span, terms = next(iter(spans.items()))
    what, when = span.split(", ")
    over = say("compare_schedules.quarters", what=label(what)) if what.startswith("published") else label(what)
    first, second = (method_words(answer.scenario.baseline.method) for answer in (old, new))
    differ = say("compare_schedules.two_baselines", first=first, second=second) if first != second else ""
    amounts = {"change": float(terms["change"]) / USD_MN_PER_BN, "residual": abs(float(terms["residual"]))}
    one, other = (plain_text(answer.scenario.title) for answer in (old, new))
    said = {"one": one, "other": other, "over": over, "when": when, "differ": differ}
    return say("compare_schedules.attribution_lead", old=old, new=new, **said, **amounts)


def attribution_table(spans: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The terms of a change of the gap over each of some named spans, in USD billion; they add up to the change.

    Terms that print as nothing over every span are left out; there is no row where all do.
    """
    named = {span: _span_words(span) for span in spans}
    heads = {span: say("compare_schedules.in_bn", what=words) for span, words in named.items()}
    shown = pd.DataFrame({heads[span]: terms.map(signed) for span, terms in spans.items()})
    moved = ~shown.isin(["0", number(0, ".3f")]).all(axis=1)
    shown = shown[moved | (shown.index == "change") & moved.any()]
    terms = {term: label(words) for term, words in TERM_WORDS.items()}
    shown = shown.rename(index=terms).rename_axis(label("What moved the surplus"))
    return captioned(shown, say("compare_schedules.attribution_table.caption", spans="; ".join(named.values())))


def _span_words(span: str) -> str:
    """What quarters are called, and which they are: `next four quarters, 2026Q3 to 2027Q2`."""
    what, _, when = span.rpartition(", ")
    ends = from_to(*when.split()[::2])
    return f"{label(what)}, {ends}" if what else ends


def signed(usd_mn: Any) -> Cell:
    """Billions to a million, with a sign where they are not nothing: `+1.366`, `0.000`, and `0` for an exact zero."""
    shown = round(float(usd_mn) / USD_MN_PER_BN, 3)
    return "0" if not usd_mn else number(shown + 0.0, "+,.3f" if shown else ".3f")
