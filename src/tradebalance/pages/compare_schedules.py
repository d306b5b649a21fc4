"""Read this first: every scenario under every baseline."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ..answers import comparison, timing
from ..answers.answer import Solution
from ..answers.comparison import TERM_WORDS
from ..assumptions.baseline import method_of
from ..words.terms import USD_MN_PER_BN, book_name
from .chart import ORANGE, PALE, Chart, Figure, bars, note, small_multiples, whiskers
from .say import billions, from_to, of_chart, percent, ranged, say, spaced
from .wording import (
    OF_WHICH,
    Cell,
    part_bn,
    parts_of,
    peak,
    share_cell,
    stock_against_flow,
    table,
    unit,
    years,
)


def compare_table(answers_: Sequence[Solution]) -> pd.DataFrame:
    """Scenarios side by side, one a row; shares and sums over years that are the same for all."""
    over, year = timing.years_of_delivery(*answers_), timing.common_year(answers_)
    columns: dict[str, Callable[[Solution], Cell]] = {"Scenario": lambda a: a.scenario.name}
    if year is not None:
        columns[f"By the end of {year}, bn"] = lambda a: part_bn(timing.by_end_of(a, year), a.additional, 2)
    columns |= {
        "At the peak, bn a year": lambda a: _at_peak(a)[0],
        "Peak": lambda a: _at_peak(a)[1],
        "In all, bn": lambda a: ranged(a.additional),
        "Over": years,
        f"{OF_WHICH[0]}, bn": lambda a: (parts_of(a) or ("", ""))[0],
        f"{OF_WHICH[1]}, bn": lambda a: (parts_of(a) or ("", ""))[1],
    }
    if len(over):
        columns[f"Share a year, {over[0]} to {over[-1]}"] = lambda a: share_cell(a, over)
    columns |= {
        "Gap of a year, bn": lambda a: billions(a.gap_of_a_year),
        "Credited, bn": lambda a: ranged(a.credited),
        "Book": lambda a: book_name(a.scenario.reporter),
    }
    return table(answers_, columns)


def _at_peak(answer: Solution) -> tuple[Cell, Cell]:
    """What a year at the peak brings, and the years."""
    found = timing.timing(answer)
    return ("none", "") if found is None else (peak(answer, found)[0], from_to(*map(str, found.peak)))


def headline(answers: Sequence[Solution]) -> str:
    """The finding of a comparison: what the deals bring by one date, credited where any are, and what the baseline
    moves."""
    untaxed = [a for a in answers if a.moved is None] or answers  # a tariff moves the gap too, and is no baseline
    ranges = [comparison.decisions(answer)["gap_4"].astype(float) for answer in untaxed]
    credited, whole = [a for a in answers if not a.is_certain] or answers, _taken_whole(answers)
    year, moved = timing.common_year(answers), max(float(gaps.max() - gaps.min()) for gaps in ranges)

    def sums(of: Sequence[Solution]) -> list[float]:
        return _deals(of) if year is None else [float(timing.by_end_of(answer, year)) for answer in of]

    at_word = say("compare_schedules.at_word", sums=sums(whole)) if whole else ""
    if year is None:
        return say("compare_schedules.headline_near", sums=sums(credited), at_word=at_word, moved=moved)
    return say("compare_schedules.headline", year=year, sums=sums(credited), at_word=at_word, moved=moved)


def lead(answers: Sequence[Solution]) -> str:
    """Stock against flow, and how much of the gap each way of delivery closes under each baseline."""
    stock, whole, over = stock_against_flow(answers[0]), _taken_whole(answers), timing.years_of_delivery(*answers)
    shares = [
        {"share": row["share"], "name": answer.scenario.name, "method": method}
        for answer in answers
        for method, row in comparison.decisions(answer, over).iterrows()
        if row["share"] is not None
    ]
    if not shares or not len(over):
        return say("compare_schedules.nothing_to_close", stock=stock)
    names = " and ".join(f"“{answer.scenario.name}”" for answer in whole)
    taken = say("compare_schedules.taken_whole", names=names, deals=_deals(whole)) if whole else ""
    low, high = (pick(shares, key=lambda each: float(each["share"])) for pick in (min, max))
    ends = {"first": over[0], "last": over[-1]}
    return say("compare_schedules.lead", stock=stock, taken=taken, low=low, high=high, **ends)


def _taken_whole(answers: Sequence[Solution]) -> list[Solution]:
    """Those where every announced dollar is taken for goods that arrive, where others credit the deals."""
    whole = [answer for answer in answers if answer.is_certain]
    return whole if len(whole) < len(answers) else []


def _deals(answers: Sequence[Solution]) -> list[float]:
    return [float(answer.additional_by_quarter.iloc[:4].sum()) for answer in answers]


def attribution_lead(old: Solution, new: Solution, spans: Mapping[str, pd.Series]) -> str:
    """What moved the gap between two answers, over the first of some spans, and what the terms miss of it."""
    if old is new:
        return say("compare_schedules.one_scenario")
    span, terms = next(iter(spans.items()))
    what, when = span.split(", ")
    over = say("compare_schedules.quarters", what=what) if what.startswith("published") else what
    first, second = (answer.scenario.baseline.method for answer in (old, new))
    differ = say("compare_schedules.two_baselines", first=first, second=second) if first != second else ""
    amounts = {"change": float(terms["change"]) / USD_MN_PER_BN, "residual": abs(float(terms["residual"]))}
    said = {"over": over, "when": when, "differ": differ}
    return say("compare_schedules.attribution_lead", old=old, new=new, **said, **amounts)


def decisions_table(answers: Sequence[Solution]) -> pd.DataFrame:
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
        f"Share, {over[0]} to {over[-1]}" if len(over) else "Share": _share,
    }
    return table(pd.concat({a.scenario.name: comparison.decisions(a, over) for a in answers}), columns)


def schedules_table(answers: Sequence[Solution]) -> pd.DataFrame:
    """Mean additional imports by calendar year, a column a scenario, in USD billion."""
    means = pd.DataFrame({answer.scenario.name: answer.simulated.by_year["mean"] for answer in answers})
    return means.map(lambda mean: "" if pd.isna(mean) else billions(mean, 2)).rename(index=str).rename_axis("Year")


def matrix_table(answers: Sequence[Solution]) -> pd.DataFrame:
    """The gap of the next four quarters by baseline, and what each scenario closes of it, all over the same years."""
    over = timing.years_of_delivery(*answers)
    found = {answer.scenario.name: comparison.decisions(answer, over) for answer in answers}
    gaps = pd.concat([rows["gap_4"] for rows in found.values()])
    gaps = gaps[~gaps.index.duplicated()]
    shares = {name: rows.apply(_share, axis=1).reindex(gaps.index, fill_value="") for name, rows in found.items()}
    shown = pd.DataFrame({"Gap, next 4 quarters, bn": gaps.map(billions), **shares})
    return shown.rename(index=lambda method: f"{method} ({method_of(method).short})").rename_axis("Baseline")


def _share(row: pd.Series) -> Cell:
    return "no gap" if row["share"] is None else percent(row["share"])


def attribution_table(spans: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The terms of a change of the gap over each of some named spans, in USD billion; they add up to the change.

    Terms that are exactly nothing over every span are left out, but for the residual.
    """
    shown = pd.DataFrame({f"{span}, bn": terms.map(signed) for span, terms in spans.items()})
    shown = shown[(shown != "0").any(axis=1) | shown.index.isin(["residual", "change"])]
    return shown.rename(index=TERM_WORDS).rename_axis("What moved the gap")


def signed(usd_mn: Any) -> Cell:
    """Billions to a million, with a sign where they are not nothing: `+1.366`, `0.000`, and `0` for an exact zero."""
    shown = round(float(usd_mn) / USD_MN_PER_BN, 3)
    return "0" if not usd_mn else f"{shown:+,.3f}" if shown else "0.000"


ENDS = ["min", "idxmin", "max", "idxmax"]  # the least and the most of some amounts, and whose they are


def schedules_chart(answers: Sequence[Solution]) -> Chart:
    """Additional imports by calendar year, a small panel a scenario, credited ones on one scale.

    Where every dollar counts the amounts are ten times larger, so such panels have a scale of their own.
    """
    by_year = {a.scenario.name: a.simulated.by_year.astype(float) / USD_MN_PER_BN for a in answers}
    credited = [a.scenario.name for a in answers if not a.is_certain]
    top = max((by_year[name]["p95"].max() for name in credited), default=0.0)
    whole = pd.Series({name: float(rows["mean"].sum()) for name, rows in by_year.items()})
    years = sorted({int(year) for rows in by_year.values() for year in rows.index})

    def draw(figure: Figure) -> None:
        for axes, (name, rows) in zip(small_multiples(figure, len(by_year)), by_year.items(), strict=True):
            axes.bar(rows.index, rows["mean"], color=ORANGE, width=0.8)
            if name in credited:
                whiskers(axes, rows, "mean", 0.7)
            axes.set_xlim(years[0] - 0.7, years[-1] + 0.7)
            axes.set_xticks([years[0], years[-1]], [f"’{years[0] % 100}", f"’{years[-1] % 100}"])
            axes.set_ylim(0, top * 1.05 if name in credited else None)
            note(axes, spaced(name) if name in credited else say("compare_schedules.own_scale", name=name))

    sums = "; ".join(say("compare_schedules.in_all", name=name, amount=amount) for name, amount in whole.items())
    said = {"whole": whole.agg(ENDS), "sums": sums, "reporter": answers[0].scenario.reporter}
    said["unit"] = unit(answers[0])
    heights = (1.75 * -(-len(answers) // 4) + 0.2, 1.55 * -(-len(answers) // 2) + 0.2)
    words = of_chart("compare_schedules.schedules_chart", **said)
    return Chart(draw, heights, **words, sources=answers[0].known.sources, data=schedules_table(answers))


def decisions_chart(answers: Sequence[Solution]) -> Chart:
    """The gap of the next four quarters by baseline, and what each scenario's deals take off it, on one scale."""
    gaps = comparison.decisions(answers[0])["gap_4"].astype(float) / USD_MN_PER_BN
    deals = [amount / USD_MN_PER_BN for amount in _deals(answers)]
    names = [f"Gap by {method}" for method in gaps.index]
    names += [f"Deals, {spaced(answer.scenario.name)}" for answer in answers]
    amounts = [*gaps, *deals]
    rows = {"width": amounts, "color": [PALE] * len(gaps) + [ORANGE] * len(deals)}
    draw = bars(names, [rows], [(max(amount, 0.0), f"{amount:,.1f}") for amount in amounts])
    heights = (0.27 * len(names) + 0.4, 0.4 * len(names) + 0.4)
    said = {"gaps": gaps.agg(ENDS), "deals": max(deals), "reporter": answers[0].scenario.reporter}
    said["unit"] = unit(answers[0])
    words = of_chart("compare_schedules.decisions_chart", **said)
    return Chart(draw, heights, **words, sources=answers[0].known.sources, data=decisions_table(answers))
