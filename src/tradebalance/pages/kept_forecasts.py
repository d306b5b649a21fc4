"""Forecasts that were kept as they stood, with the milestones of deals: how many are due, and how they did."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from ..answers.milestones import BECOMES_BINDING
from ..facts.ledger import Event
from ..words.citations import Citation
from .chart import PALE, Chart, Figure, bars, is_narrow
from .names import event_words, id_words
from .say import bn_cell, book, label, month, number, of_chart, opening, out_of, percent, said_if_any, say
from .wording import Cell, table


def forecasts_lead(found: Mapping[str, Any]) -> str:
    """What is kept, and how much of it is due, from the scores as JSON; a plain sentence where nothing is kept."""
    files, dated, due = found["files"], found["milestones"], found["due"]
    if not files:
        return say("kept_forecasts.nothing_kept")
    kept = {key: sum(len(one[key]) for one in files) for key in ("methods", "scenarios")}
    lead = say("kept_forecasts.forecasts_lead", files=len(files), milestones=dated["kept"], **kept)
    return " ".join([lead, _quarters_due(due), *([_milestones_due(dated)] if dated["kept"] else [])])


def _quarters_due(due: Mapping[str, Any]) -> str:
    if due["next"] is None:
        return say("kept_forecasts.quarters_out", due=due)
    name, out = book(due["next"]["reporter"]), pd.Period(due["next"]["due"], freq="M")
    return say("kept_forecasts.quarters_due", due=due, book=name, month=out)


def _milestones_due(dated: Mapping[str, Any]) -> str:
    if dated["due"]:
        return say("kept_forecasts.milestones_due", dated=dated)
    first = min(pd.Period(one["by"], freq="M") for one in dated["each"])
    return say("kept_forecasts.milestones_open", first=first)


def kept_notes() -> str:
    """How kept forecasts are scored, and how the chances of milestones are made."""
    return say("kept_forecasts.kept_notes")


def scores_shown(found: Mapping[str, Any]) -> pd.DataFrame | str:
    """The table of scores, or a sentence where nothing that was forecast is out."""
    return scores_table(found) if found["trade"] else say("kept_forecasts.no_scores")


def milestones_shown(found: Mapping[str, Any], events: Sequence[Event]) -> pd.DataFrame | str:
    """The milestones that the ledger prints with a date, or a sentence where none is kept."""
    printed = [one for one in found["milestones"]["each"] if one["event"] != BECOMES_BINDING]
    return milestones_table(printed, events) if printed else say("kept_forecasts.no_milestones")


def forecasts_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """The files of kept forecasts, one a book and release, and what is in each."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "File": lambda one: one["file"],
        "Book": lambda one: one["reporter"],
        "As of": lambda one: one["as_of"],
        "Trade by": lambda one: ", ".join(one["methods"]),
        "Additions of": lambda one: ", ".join(one["scenarios"]),
        "Milestones": lambda one: str(one["milestones"]),
    }
    return table(found["files"], columns)


def scores_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """How kept forecasts of trade did by book, method, quarters ahead and release; scores in USD billion."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Book": lambda one: book(one["reporter"]),
        "Method": lambda one: " ".join(filter(None, (one["method"], one["note"]))),
        "Of": lambda one: label(one["flow"]),
        "Quarters ahead": lambda one: str(one["ahead"]),
        "Release": lambda one: one["release"],
        "CRPS, bn": lambda one: bn_cell(one["crps_usd_mn"]),
        "Mean PIT": lambda one: "" if one["pit"] is None else number(one["pit"], ".2f"),
        "Inside 80 %": lambda one: "" if one["inside_80"] is None else out_of(one["inside_80"], one["n"]),
        "Inside 5 to 95 %": lambda one: out_of(one["inside"], one["n"]),
    }
    return table(found["trade"], columns, say("kept_forecasts.scores.caption"))


def milestones_table(milestones: Sequence[Mapping[str, Any]], events: Sequence[Event] = ()) -> pd.DataFrame:
    """Milestones, soonest first: the chance that each has come by its date, and what became of it."""
    columns: dict[str, Callable[[Any], Cell]] = {
        "Deal": lambda one: _deal_words(one["deal"], events),
        "Milestone": lambda one: one["event"],
        "By the end of": lambda one: month(pd.Period(one["by"], freq="M")),
        "Source is sure": lambda one: label(one["confidence"]) if one["confidence"] else "",
        "Chance": lambda one: percent(one["probability"], 0),
        "Outcome": lambda one: label(one["outcome"]),
    }
    ordered = sorted(milestones, key=lambda one: (one["by"], one["deal"]))
    return table(ordered, columns, say("kept_forecasts.milestones.caption"))


def _deal_words(deal: str, events: Sequence[Event]) -> str:
    """A deal by its name, else by its newest row of the ledger."""
    rows = [event for event in events if event.id == deal]
    return said_if_any(f"deal.{deal}") or (event_words(rows[-1]) if rows else id_words(deal))


def firm_chart(found: Mapping[str, Any], events: Sequence[Event], sources: Sequence[Citation]) -> Chart | str:
    """The chance that each deal that is not firm has become so by the last date that one is kept for."""
    each = [one for one in found["milestones"]["each"] if one["event"] == BECOMES_BINDING]
    if not each:
        return say("kept_forecasts.no_milestones")
    by, made = max(one["by"] for one in each), max(one["as_of"] for one in each)
    last = [one for one in each if (one["by"], one["as_of"]) == (by, made)]
    last = sorted(last, key=lambda one: (-one["probability"], one["deal"]))
    chances = [100 * one["probability"] for one in last]
    labels = [(chance, percent(chance / 100, 0)) for chance in chances]
    names = [opening(_deal_words(one["deal"], events)) for one in last]

    def draw(figure: Figure) -> None:
        short = [textwrap.shorten(name, 52 if is_narrow(figure) else 44, placeholder=" …") for name in names]
        bars(short, [{"width": chances, "color": PALE}], labels)(figure)

    first = min(pd.Period(one["by"], freq="M") for one in found["milestones"]["each"])
    count = found["milestones"]["kept"]
    said = of_chart("kept_forecasts.firm_chart", first=first, count=count, by=pd.Period(by, freq="M"), top=names[0])
    heights = (0.25 * len(last) + 0.1, 0.42 * len(last) + 0.1)
    return Chart(draw, heights, **said, sources=sources, data=_firm_table(each, events))


def _firm_table(each: Sequence[Mapping[str, Any]], events: Sequence[Event]) -> pd.DataFrame:
    """Deals that are not firm: a row each, the chance of having become so by each date a column, and the outcome."""
    dates = sorted({one["by"] for one in each})
    cells = {
        say("kept_forecasts.firm_by", by=pd.Period(by, freq="M")): {
            _deal_words(one["deal"], events): f"{percent(one['probability'], 0)}, {label(one['outcome'])}"
            for one in each
            if one["by"] == by
        }
        for by in dates
    }
    return pd.DataFrame(cells).fillna("").rename_axis(label("Deal"))
