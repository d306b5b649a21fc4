"""The first page: how much, when and how sure, on both books, told from the records of the other pages.

A record is a notebook's last word as `records` writes it; money in it is USD million.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..answers.answer import Range
from ..words.terms import USD_MN_PER_BN, Pair
from . import wording
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
    dots,
    is_narrow,
    waterfall,
    year_ticks,
)
from .names import assumption_words
from .say import billions, label, number, of_chart, parts_adding_up, ranged, say

Record = Mapping[str, Any]
# the steps from announced to new imports, told together where they are of one kind
STEPS: dict[str, tuple[str, ...]] = {
    "counted_otherwise": ("overlaps", "left_out_by_the_scenario"),
    "services": ("services_and_finance",),
    "inside": ("counted_in_the_aircraft", "made_elsewhere"),
    "elsewhere": ("lands_elsewhere",),
    "price": ("list_to_paid_price", "prices_of_today", "prices_of_the_delivery_year"),
    "not_firm": ("options_not_exercised", "not_binding"),
    "cancelled": ("cancelled", "cancelled_by_an_event"),
    "outside": ("arrived_before", "after_the_horizon", "no_room_in_time", "recorded_after_the_horizon"),
    "not_recorded": ("not_recorded_on_this_book",),
    "anyway": ("bought_anyway",),
}
GLOSSARY = ("surplus", "new", "firm", "nine", "books", "without")
AHEAD = 8  # quarters after which the surplus's own range is told: as far as forecasts are scored


@dataclass(frozen=True)
class Answers:
    """The records that the first page is told from.

    `central` is that of the central scenario on the partner's book, `scenarios` are all on its book, `other` is the
    central one's on the other book; of the rest each is None where there is no page of it.
    """

    central: Record
    scenarios: Sequence[Record]
    other: Record | None = None
    uncertainty: Record | None = None
    earlier: Record | None = None

    @property
    def at_word(self) -> Record | None:
        """Of the scenario that takes every dollar for goods that arrive."""
        return next((each for each in self.scenarios if each["draws"] == 1 and each is not self.central), None)

    def scenario(self, name: str) -> Record | None:
        return next((each for each in self.scenarios if each["scenario"] == name), None)


def additional(record: Record) -> Range:
    """New imports over a record's horizon, USD million."""
    error = record["mean_standard_errors"]["additional_usd_mn"]
    return Range(**record["additional_usd_mn"], draws=record["draws"], error=error)


def share(record: Record, most: int = 2) -> str:
    """What is closed of a year's surplus in the years of delivery: `0.48 %`."""
    return wording.per_cent(record["years_of_delivery"]["share_a_year"], additional(record), most)


def headline(of: Answers) -> str:
    """The answer as a title."""
    record, pair = of.central, _pair(of.central)
    if "timing" not in record:
        return say("index.headline_nothing", record=record)
    if record["years_of_delivery"]["share_a_year"] is None:
        return say("index.headline_no_surplus", record=record, brought=ranged(additional(record)))
    return say("index.headline", record=record, pair=pair, share=share(record, 1))


def lead(of: Answers) -> str:
    """The two sentences below it: how much of what, when, and against what."""
    record = of.central
    if "timing" not in record:
        return str(record["says"])
    return say("index.lead", record=record, pair=_pair(record), brought=ranged(additional(record)), **_said(record))


def _said(record: Record) -> dict[str, Any]:
    """What sentences on a record fill in."""
    found, brought, years = record["timing"], additional(record), record["years_of_delivery"]
    first, last = found["peak_years"]
    in_years = say("index.in_years", first=first, last=last) if first != last else say("index.in_year", year=first)
    return {
        "at_peak": wording.part_bn(found["at_peak_usd_mn"], brought),
        "years": in_years,
        "little": wording.part_bn(found["little_usd_mn"], brought),
        "gap": years["gap_of_a_year_usd_mn"],
        "of": years["gap_of_a_year_is_of"],
        "end": record["last_quarter"],
    }


def _pair(record: Record) -> Pair:
    return Pair(record["home"], record["partner"])


# --- three boxes ----------------------------------------------------------------------------------


def boxes(of: Answers) -> list[tuple[str, str, str]]:
    """How much, when, how sure: a question, the answer, and what it rests on."""
    record = of.central
    if "timing" not in record:
        return []
    return [
        (say("index.how_much"), *_how_much(of)),
        (say("index.when"), *_when(record)),
        (say("index.how_sure"), *_how_sure(of)),
    ]


def _how_much(of: Answers) -> tuple[str, str]:
    record, word = of.central, of.at_word
    brought, parts, said = additional(record), record.get("of_which"), _said(record)
    whose = ""
    if parts:
        before, added = wording.two_lines(parts["stood_before_usd_mn"], brought)
        whose = say("index.of_which", before=before, added=added)
    at_word = ""
    if word and said["gap"] > 0:
        over = len(word["by_quarter"]) / 4
        at_word = say("index.at_word", share=word["additional_usd_mn"]["mean"] / over / said["gap"], over=over)
    years = record["years_of_delivery"]
    if years["share_a_year"] is None:
        return say("index.much_usd", brought=ranged(brought)), whose
    span = {"first": int(years["first_quarter"][:4]), "last": int(years["last_quarter"][:4])}
    return say("index.much", share=share(record)), say("index.much_of", whose=whose, at_word=at_word, **span, **said)


def _when(record: Record) -> tuple[str, str]:
    found, said = record["timing"], _said(record)
    dates = say("index.no_dates", record=record) if record["without_window_usd_mn"] else ""
    if found["little_before"] is None:
        return say("index.from_now", **said), say("index.when_of", before="", dates=dates, **said)
    before = say("index.before", year=found["little_before"], **said)
    return say("index.from", year=found["little_before"]), say("index.when_of", before=before, dates=dates, **said)


def _how_sure(of: Answers) -> tuple[str, str]:
    brought = additional(of.central)
    if brought.p05 == brought.p95:
        return say("index.sure_at_word"), say("index.sure_at_word_of")
    band = _band(of)
    surplus = say("index.surplus_range", band=band) if band else ""
    low, high = (billions(end, 0) for end in (brought.p05, brought.p95))
    return say("index.sure", low=low, high=high), say("index.sure_of", surplus=surplus)


def _band(of: Answers) -> Mapping[str, Any] | None:
    """The surplus's own range, AHEAD quarters on."""
    bands = of.uncertainty["bands"] if of.uncertainty else []
    last = pd.Period(of.central["first_quarter"], "Q") + AHEAD - 1
    return next((band for band in bands if band["four_quarters_to"] == str(last)), None)


# --- pictures -------------------------------------------------------------------------------------


def charts(of: Answers) -> list[Chart]:
    """The page's pictures in order; those of what comes only where something does."""
    if "timing" not in of.central:
        return []
    drawn = [scale_chart(of), steps_chart(of.central), timeline_chart(of.central)]
    return [*drawn, scenarios_chart(of)] if len(_credited(of)) > 1 else drawn


def scale_chart(of: Answers) -> Chart:
    """The surplus of a year, every announced dollar a year, and the new imports of a year at the peak, on one scale."""
    record, word, said = of.central, of.at_word, _said(of.central)
    rows = [(say("index.surplus_row", **said), said["gap"], PALE)]
    if word:
        over = len(word["by_quarter"]) / 4
        rows.append((say("index.every_row", over=over), word["additional_usd_mn"]["mean"] / over, BLUE))
    rows.append((say("index.new_row", **said), record["timing"]["at_peak_usd_mn"], ORANGE))
    names, amounts, colours = zip(*rows, strict=True)
    billion = [amount / USD_MN_PER_BN for amount in amounts]
    labels = [(amount, billions(usd_mn)) for amount, usd_mn in zip(billion, amounts, strict=True)]
    draw = bars(names, [{"width": billion, "color": colours}], labels)
    texts = {label("USD billion a year"): [words for _, words in labels]}
    data = pd.DataFrame(texts, pd.Index(names, name=label("Amount")))
    gap, new = said["gap"], record["timing"]["at_peak_usd_mn"]
    words = of_chart("index.scale_chart", gap=gap, new=new, times=gap / new, record=record)
    return Chart(draw, heights=(1.25, 1.7), **words, sources=_titles(record), data=data)


def steps_chart(record: Record) -> Chart:
    """From announced to new imports, steps of one kind together; as printed they add up."""
    steps = steps_of(record)
    names, amounts = [say(f"index.step_{key}") for key in steps], list(steps.values())
    total = round(sum(amounts), 1)
    names.append(say("index.step_new"))
    draw, texts = waterfall(names, amounts)
    data = pd.DataFrame({label("USD billion"): texts}, pd.Index(names, name=label("Step")))
    least = min(amounts[1:], default=0.0)
    most = names[amounts.index(least)] if amounts[1:] else ""
    words = of_chart("index.steps_chart", record=record, cents=100 * total / amounts[0], most=most, least=abs(least))
    heights = (0.27 * len(names) + 0.1, 0.42 * len(names) + 0.1)
    return Chart(draw, heights, **words, sources=_titles(record), data=data)


def steps_of(record: Record) -> dict[str, float]:
    """The announced sum and what each kind of step takes or adds, in USD billion of one decimal: they add up to the
    new imports as printed. Kinds of nothing are left out."""
    found = {row["step"]: row["usd_mn"] for row in record["bridge"]}
    kinds = {key: sum(found[step] for step in steps) for key, steps in STEPS.items()}
    amounts = {"announced": found["announced"], **{key: amount for key, amount in kinds.items() if amount}}
    return dict(zip(amounts, parts_adding_up(list(amounts.values())), strict=True))


def timeline_chart(record: Record) -> Chart:
    """When each part of the announced sum is due, over what all bring a year."""
    deals = [deal for deal in record["deals"] if deal["additional_mean_usd_mn"] > 0]
    new = parts_adding_up([deal["additional_mean_usd_mn"] for deal in deals])
    sums = [
        f"{billions(deal['announced_usd_mn'])} → {number(part, '.1f')}" for deal, part in zip(deals, new, strict=True)
    ]
    by_year = {int(row["year"]): row["additional_usd_mn"]["mean"] / USD_MN_PER_BN for row in record["by_year"]}
    quarters = {int(row["year"]): row["quarters_in_horizon"] for row in record["by_year"]}

    def draw(figure: Figure) -> None:
        rows = len(deals) * (0.42 if is_narrow(figure) else 0.27)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[rows, 1.2])
        _windows(upper, deals, sums)
        colours = [ORANGE if quarters[year] == 4 else PALE_ORANGE for year in by_year]
        lower.bar([year + 0.5 for year in by_year], list(by_year.values()), width=0.72, color=colours)
        for year, amount in by_year.items():
            lower.annotate(number(amount, ".1f"), (year + 0.5, amount), ha="center", va="bottom", fontsize=8)
        lower.set_title(say("index.timeline_chart.by_year"), loc="left", fontsize=8.5, color=INK)
        lower.yaxis.set_visible(False)
        lower.spines["left"].set_visible(False)
        year_ticks(lower, 6)

    printed = sum(deal["is_printed"] for deal in deals)
    start = record["timing"]["little_before"] or min(by_year)
    late = sum(amount for year, amount in by_year.items() if year >= start) / sum(by_year.values())
    data = pd.DataFrame(
        {
            label("Announced → new, USD billion"): sums,
            label("Due"): [_due(deal) for deal in deals],
        },
        pd.Index([deal["name"] for deal in deals], name=label("Part")),
    )
    said = {"start": start, "late": late, "parts": len(deals), "most": max(by_year.values())}
    words = of_chart("index.timeline_chart", count=printed, record=record, **said)
    heights = (0.27 * len(deals) + 1.45, 0.42 * len(deals) + 1.5)
    return Chart(draw, heights, **words, sources=_titles(record), data=data)


def _due(deal: Mapping[str, Any]) -> str:
    """A part's years, and who says so."""
    how = "printed" if deal["is_printed"] else "open" if deal["is_open"] else "assumed"
    first, last = (deal[key][:4] for key in ("due_first", "due_last"))
    return say(f"index.due_{how}", first=first, last=last)


def _windows(axes: Axes, deals: Sequence[Mapping[str, Any]], sums: Sequence[str]) -> None:
    """A bar a part over its years: filled where a source printed them, else an outline."""
    narrow = is_narrow(axes)
    for row, (deal, words) in enumerate(zip(deals, sums, strict=True)):
        first, last = (pd.Period(deal[key], "Q") for key in ("due_first", "due_last"))
        start, end = first.year + (first.quarter - 1) / 4, last.year + last.quarter / 4
        filled: dict[str, Any] = (
            {"color": BLUE} if deal["is_printed"] else {"facecolor": "none", "edgecolor": BLUE, "linestyle": "--"}
        )
        axes.barh(row, end - start, left=start, height=0.5, **filled)
        at: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
        if narrow:
            axes.annotate(textwrap.shorten(deal["name"], 42), (0, row - 0.3), va="bottom", in_layout=False, **at)
            axes.annotate(words, (1, row - 0.3), va="bottom", ha="right", **at)
        else:
            axes.annotate(words, (1.01, row), va="center", **at)
    names = [textwrap.fill(deal["name"], 40) for deal in deals]
    axes.set_yticks([] if narrow else range(len(deals)), [] if narrow else names)
    axes.set_ylim(len(deals) - 0.5, -0.9)
    axes.tick_params(left=False, labelbottom=False, bottom=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.grid(axis="x", color=LINE, lw=0.5)
    axes.set_axisbelow(True)


def _credited(of: Answers) -> list[Record]:
    """The scenarios that do not take every dollar at its word, those that bring most first."""
    found = [record for record in of.scenarios if record["draws"] > 1]
    return sorted(found, key=lambda record: -record["additional_usd_mn"]["mean"])


def scenarios_chart(of: Answers) -> Chart:
    """New imports of each scenario that credits the deals as a dot with its range, most first."""
    drawn = _credited(of)
    found = [additional(record) for record in drawn]
    names = [_named(record, of.central) for record in drawn]
    low, middle, high = (
        [float(getattr(each, point)) / USD_MN_PER_BN for each in found] for point in ("p05", "mean", "p95")
    )

    texts = [ranged(each) for each in found]
    marked = [row for row, record in enumerate(drawn) if record is of.central]
    draw = dots(names, middle, texts, ends=list(zip(low, high, strict=True)), marked=marked)
    data = pd.DataFrame({label("New imports, USD billion"): texts}, pd.Index(names, name=label("Scenario")))
    word = of.at_word
    beyond = say("index.off_the_scale", title=word["title"], amount=word["additional_usd_mn"]["mean"]) if word else ""
    ends = {"least": min(middle), "most": max(middle)}
    words = of_chart("index.scenarios_chart", beyond=beyond, record=of.central, **ends)
    heights = (0.27 * len(names) + 0.4, 0.42 * len(names) + 0.4)
    return Chart(draw, heights, **words, sources=_titles(of.central), data=data)


def _named(record: Record, central: Record) -> str:
    return say("index.central", title=record["title"]) if record is central else str(record["title"])


def _titles(record: Record) -> list[str]:
    """What a record cites, by title."""
    return [str(source).partition(" (")[0] for source in record["sources"]]


# --- both books, and questions --------------------------------------------------------------------


def books(of: Answers) -> list[tuple[str, str]]:
    """The answer in a sentence on each book: whose figures, and what they say."""
    both = [of.central, *([of.other] if of.other else [])]
    told = [record for record in both if record.get("years_of_delivery", {}).get("share_a_year") is not None]
    return [
        (
            say("index.book", reporter=record["reporter"]),
            say("index.on_book", share=share(record), brought=ranged(additional(record)), **_said(record)),
        )
        for record in told
    ]


def questions(of: Answers) -> list[tuple[str, str]]:
    """What a ministry asks next, each with the model's answer."""
    asked = [*_to_hold(of), *_named_later(of), *_what_matters(of), *_earlier(of), *_tariffs(of), *_arrived(of)]
    return [(say(f"index.ask_{key}"), answer) for key, answer in asked]


def _to_hold(of: Answers) -> Iterator[tuple[str, str]]:
    held = of.uncertainty["break_even"] if of.uncertainty else []
    if held and held[0]["purchases_usd_mn"] > 0:
        yield "hold", say("index.hold", held=held[0], quarter=pd.Period(held[0]["four_quarters_to"], "Q"))


def _named_later(of: Answers) -> Iterator[tuple[str, str]]:
    later = of.scenario("named_deals")
    if later and later is not of.central:
        brought, usual = (additional(record) for record in (later, of.central))
        yield "later", say("index.later", title=later["title"], brought=ranged(brought), usual=ranged(usual))


def _what_matters(of: Answers) -> Iterator[tuple[str, str]]:
    rows = of.uncertainty["tornado"]["rows"] if of.uncertainty and of.uncertainty["tornado"] else []
    if rows:
        first, *rest = rows
        ends = sorted((first["additional_low"], first["additional_high"]))
        words = assumption_words(first["assumption"])
        others = [assumption_words(row["assumption"]) for row in rest[:2]]
        yield "matters", say("index.matters", words=words, low=ends[0], high=ends[1], row=first, others=others)


def _earlier(of: Answers) -> Iterator[tuple[str, str]]:
    trial = of.earlier["earlier_forecast"] if of.earlier else {}
    found = next((one for one in trial.get("baselines", ()) if one["baseline"] == trial["baseline"]), None)
    if found:
        held = say("index.held") if found["is_inside"] else say("index.missed")
        month, count = pd.Period(trial["as_of"], "M"), len(trial["quarters"])
        yield "earlier", say("index.earlier", found=found, held=held, month=month, quarters=count)


def _tariffs(of: Answers) -> Iterator[tuple[str, str]]:
    told = []
    for record in of.scenarios:
        moved = record.get("tariff", {}).get("exports_change_a_year_usd_mn")
        if moved:
            told.append(say("index.tariff", title=record["title"], moved=moved))
    if told:
        yearly = of.central["additional_usd_mn"]["mean"] * 4 / len(of.central["by_quarter"])
        yield "tariff", say("index.tariffs", told=" ".join(told), deals=yearly)


def _arrived(of: Answers) -> Iterator[tuple[str, str]]:
    found = of.central.get("can_have_arrived")
    if found:
        since, through = (pd.Period(found[key], "M") for key in ("from", "through"))
        own, sides = found["reporter"] == of.central["home"], {key: found[key] for key in ("reporter", "partner")}
        trade = say("index.imports_of", **sides) if own else say("index.exports_of", **sides)
        yield "arrived", say("index.arrived", found=found, trade=trade, since=since, through=through)


def cited(of: Answers) -> str:
    """How to quote the page: what says it, of which version, on whose figures."""
    return say("index.cited", headline=headline(of), record=of.central)
