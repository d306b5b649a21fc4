"""Executed notebook -> self-contained HTML page; pages' records -> index. Text in, text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import pandas as pd

from .. import __version__
from ..answers.answer import Range
from ..pages import delivery_scenario, show, svg, wording
from ..pages.say import from_to, ranged, say
from ..words.terms import Pair, book_name
from .extracts import csv_text

TEMPLATES = files(__package__) / "templates"
HIDDEN_TAGS = {"lab_only", "record"}


@dataclass(frozen=True)
class Page:
    """A page's outcome: its record (the notebook's JSON) if it was rendered, else why not."""

    name: str
    record: Mapping[str, Any] | None
    reason: str = ""
    status: str = "current"

    @property
    def href(self) -> str:
        return f"{self.name}.html"


class Incomplete(ValueError):
    """An executed notebook does not prove that all of it ran."""


def verified_record(notebook: Any) -> dict[str, Any]:
    """The JSON that a notebook's last cell leaves. Raises Incomplete unless every cell ran, in order, without error."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        stopped = next((n for n, count in enumerate(counts, 1) if count != n), len(code))
        raise Incomplete(f"code cell {stopped} of {len(code)} did not run")
    outputs = [output for cell in code for output in cell.outputs]
    if any(output.output_type == "error" for output in outputs):
        raise Incomplete("a cell ended in an error")
    data = code[-1].outputs[-1].get("data", {}) if code and code[-1].outputs else {}
    if not code or "record" not in code[-1].metadata.get("tags", []) or "application/json" not in data:
        raise Incomplete("the last cell left no record")
    return dict(data["application/json"])


def report(notebook: Any, record: Mapping[str, Any]) -> str:
    """The page of an executed notebook, as HTML that needs nothing else."""
    shown = notebook.copy()
    shown.cells = [cell for cell in notebook.cells if not HIDDEN_TAGS & set(cell.metadata.get("tags", []))]
    page = {"title": record["headline"], "kicker": kicker(record), "css": _css()}
    last = record["last_four_quarters"][-1]
    page["trace"] = wording.how_to_trace(record["reporter"], last, record.get("scenario", ""))
    html = str(_exporter().from_notebook_node(shown, resources={"page": page})[0])
    return html.replace(show.IN_LAB, "")  # the page's own style says it once


def files_beside(page: str, notebook: Any) -> dict[str, str]:
    """What the charts of an executed notebook leave beside its page, by path: drawings in `figures`, numbers in
    `data`."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    charts = [chart for output in outputs for chart in output.get("data", {}).get(show.FILES, {}).items()]
    found = {}
    for name, chart in charts:
        columns, *rows = chart["numbers"]
        found[f"figures/{page}-{name}.svg"] = chart["drawing"]
        found[f"data/{page}-{name}.csv"] = csv_text(columns, rows)
    return found


def kicker(record: Mapping[str, Any]) -> str:
    """The line above a title: what, which book, which scenario, how new."""
    parts = [f"{_pair(record).words} goods trade", book_name(record["reporter"])]
    parts += [f"scenario {record['scenario']}"] if "scenario" in record else []
    return " · ".join([*parts, f"data to {record['last_four_quarters'][-1]}, {record['known']}"])


def _pair(record: Mapping[str, Any]) -> Pair:
    return Pair(record["home"], record["partner"])


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(  # type: ignore[no-untyped-call]
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="report",
        exclude_input=True,
        exclude_anchor_links=True,
        sanitize_html=False,  # sanitising shows tables as source; the page's policy lets no script run
    )


@cache
def _css() -> str:
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def index(pages: Sequence[Page], central: str) -> str:
    """The index of all pages, failed ones with their reason; its first sentences are those of the central scenario, or
    of the first that there is a page of."""
    from jinja2 import Environment
    from markupsafe import Markup

    of_scenarios = [page for page in pages if page.record and "scenario" in page.record]
    scenarios = sorted(of_scenarios, key=partial(_reading_order, central))
    facts = [page for page in pages if page.record and "scenario" not in page.record]
    facts.sort(key=lambda page: (not _about(page).startswith("Read this first"), page.name))
    inputs = {name: sha256 for page in pages if page.record for name, sha256 in page.record["inputs"].items()}
    over = _years_of_delivery([page.record for page in scenarios if page.record])
    template = Environment(autoescape=True).from_string((TEMPLATES / "index.html.j2").read_text(encoding="utf-8"))
    return template.render(
        css=Markup(_css()),
        version=__version__,
        pair=next((_pair(page.record) for page in pages if page.record and "home" in page.record), None),
        lead=_lead([page.record for page in scenarios if page.record], central),
        over=over,
        rows=[_scenario_row(page, over) for page in scenarios],
        multiples=[_multiple(page, scenarios) for page in scenarios],
        facts=[{"href": p.href, "headline": (p.record or {})["headline"], "about": _about(p)} for p in facts],
        failed=[page for page in pages if page.record is None],
        inputs=Markup(show.table_html(wording.inputs_table(inputs))),
    )


def _about(page: Page) -> str:
    """What a page is: the first line of its notebook's module; nothing for a notebook that has none."""
    module = f"tradebalance.pages.{page.name.partition('-')[0].partition('_')[2]}"
    return str(import_module(module).__doc__).partition("\n")[0] if find_spec(module) else ""


def _reading_order(central: str, page: Page) -> tuple[bool, bool, bool, str]:
    """The central scenario first, then those on the partner's book, credited ones before those that take every dollar
    at its word, then by name."""
    record = page.record or {}
    is_other = record["scenario"] != central
    return is_other, record["reporter"] != record["partner"], record["draws"] == 1, page.name


def _lead(records: Sequence[Mapping[str, Any]], central: str) -> list[str]:
    """What the central scenario says; then stock against flow, and what it would be at the deals' word."""
    if not records:
        return []
    record = next((each for each in records if each["scenario"] == central), records[0])
    newest, at_word = record.get("twelve_months"), [each for each in records if each["draws"] == 1]
    twelve = say("index.twelve", twelve=newest) if newest else ""
    said = {"twelve": twelve, "yearly": wording.yearly_words(record["of_it_yearly_usd_mn"])}
    whole = at_word[0] if at_word and at_word[0] is not record else None
    if whole and whole["closure"]["annual_rate"]:
        over = len(whole["by_quarter"]) / 4
        said["at_word"] = say("index.at_word", share=whole["closure"]["annual_rate"]["mean"], over=over)
    return [record["says"], say("index.lead", record=record, **{"at_word": "", **said})]


def _years_of_delivery(records: Sequence[Mapping[str, Any]]) -> pd.PeriodIndex:
    """One span of quarters for the shares of all scenarios: from the first to the last of their years of delivery that
    all of them forecast."""
    spans = [record["years_of_delivery"] for record in records if "years_of_delivery" in record]
    if not spans:
        return pd.PeriodIndex([], freq="Q")
    first = max(min(span["first_quarter"] for span in spans), *(record["first_quarter"] for record in records))
    return pd.period_range(first, max(span["last_quarter"] for span in spans), freq="Q")


def _scenario_row(page: Page, over: pd.PeriodIndex) -> dict[str, Any]:
    record = page.record or {}
    additional, parts = _range(record, "additional_usd_mn"), record.get("of_which")
    cells = [
        _at_peak(record, additional),
        ranged(additional),
        *(wording.two_lines(parts["stood_before_usd_mn"], additional) if parts else ("", "")),
        _share(record, over, additional),
        ranged(_range(record, "credited_usd_mn")),
        f"{len(record['by_quarter']) / 4:g} years",
        book_name(record["reporter"]),
        f"{record['last_four_quarters'][-1]}, as of {record['as_of']}",
        page.status,
    ]
    return {"href": page.href, "title": record["title"], "cells": cells}


def _range(record: Mapping[str, Any], key: str) -> Range:
    return Range(**record[key], draws=record["draws"])


def _at_peak(record: Mapping[str, Any], additional: Range) -> str:
    found = record.get("timing")
    return (
        f"{wording.part_bn(found['at_peak_usd_mn'], additional)} ({from_to(*map(str, found['peak_years']))})"
        if found
        else "none"
    )


def _share(record: Mapping[str, Any], over: pd.PeriodIndex, additional: Range) -> str:
    """Mean additional imports a year over some quarters, as a share of the gap of a year."""
    if not len(over) or record["years_of_delivery"]["share_a_year"] is None:
        return "none"
    within = [row["additional_mean_usd_mn"] for row in record["by_quarter"] if pd.Period(row["quarter"], "Q") in over]
    share = sum(within) * 4 / len(over) / record["years_of_delivery"]["gap_of_a_year_usd_mn"]
    return wording.per_cent(share, additional)


def _multiple(page: Page, pages: Sequence[Page]) -> dict[str, Any]:
    """One scenario's small picture, on the scale of its book."""
    from markupsafe import Markup

    record = page.record or {}
    book = (each.record for each in pages if each.record and each.record["reporter"] == record["reporter"])
    top = max(delivery_scenario.yearly_table(each)["gap"].max() for each in book)
    chart = delivery_scenario.multiple_chart(record, top)
    return {"href": page.href, "picture": Markup(svg.inside(chart)), "chart": chart}
