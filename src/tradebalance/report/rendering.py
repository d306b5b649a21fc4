"""Executed notebook -> self-contained HTML page; pages' records -> index. Text in, text out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from .. import __version__
from ..pages import index as first
from ..pages import show, sweep, wording
from ..pages.say import LANGUAGE, figures, label, label_if_any, pair_words, period, say
from ..words.citations import WEB_ADDRESS
from ..words.plain import csv_text
from ..words.terms import Pair, quarter

TEMPLATES = files(__package__) / "templates"
OF_CELLS = re.compile(r'(?<=<t[dh]) (class|scope)="([a-z]+)"')
NUMBER_OF_PERCENT = re.compile(r"(\d) %")
HIDDEN_TAGS = {"lab_only", "record"}
# by which a run knows what it may write over; attributes stand in any order
MARK = re.compile(rb'<meta (?=[^>]*name="generator")(?=[^>]*content="tradebalance )')


@dataclass(frozen=True)
class Page:
    """A page's outcome: its record (the notebook's JSON) if it was rendered, else why not, and whether the page of an
    earlier run stands."""

    name: str
    record: Mapping[str, Any] | None
    reason: str = ""
    status: str = "current"
    is_kept: bool = False

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


def report(notebook: Any, record: Mapping[str, Any], links: Sequence[tuple[str, str]] = ()) -> str:
    """The page of an executed notebook, as HTML that needs nothing else; `links` lead to pages beside it."""
    shown = notebook.copy()
    shown.cells = [cell for cell in notebook.cells if not HIDDEN_TAGS & set(cell.metadata.get("tags", []))]
    page = {
        "title": record["headline"],
        "kicker": kicker(record),
        "css": _css(),
        "links": links,
        "say": say,
        "label": label_if_any,
        "language": LANGUAGE.get(),
        "version": __version__,
    }
    html = str(_exporter().from_notebook_node(shown, resources={"page": page})[0])
    return _spare(html)


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
    """The line above a title: what, whose figures, which scenario, how new."""
    pair = pair_words(Pair(record["home"], record["partner"]))
    parts = [say("page.kicker", pair=pair), figures(record["reporter"])]
    parts += [f"“{record['title']}”"] if "scenario" in record else []
    last = period(quarter(record["last_four_quarters"][-1]))
    return " · ".join([*parts, say("page.known", last=last, known=record["known"])])


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
    """The first page: the answer of the central scenario on the partner's book, or of the first that there is a page
    of; then every page, failed ones with their reason."""
    from markupsafe import Markup

    of_scenarios = sorted(_of(pages, "scenario"), key=partial(_reading_order, central))
    told = _answers([page.record for page in of_scenarios if page.record], pages)
    return _page(
        "index.html.j2",
        title=first.headline(told) if told else say("index.no_answer"),
        kicker=kicker(told.central) if told else "",
        lead=first.lead(told) if told else "",
        boxes=first.boxes(told) if told else (),
        charts=[Markup(show.chart_html(chart, heading=2)) for chart in first.charts(told)] if told else (),
        books=first.books(told) if told else (),
        questions=first.questions(told) if told else (),
        cited=first.cited(told) if told else "",
        glossary=[(say(f"index.word_{word}"), say(f"index.means_{word}")) for word in first.GLOSSARY],
        contents=_contents(pages, of_scenarios),
        failed=[page for page in pages if page.record is None],
    )


def files_page(pages: Sequence[Page]) -> str:
    """What the pages were made from: sources, checksums, and how to make them again."""
    from markupsafe import Markup

    records = [page.record for page in pages if page.record]
    inputs = {name: sha256 for record in records for name, sha256 in record["inputs"].items()}
    sources = sorted({str(source) for record in records for source in record["sources"]})
    of = next((record for record in records if "scenario" in record), records[0] if records else None)
    return _page(
        "files.html.j2",
        title=say("files.title"),
        kicker=say("files.name"),
        lead=say("files.lead"),
        trace=wording.how_to_trace(of["reporter"], of["last_four_quarters"][-1], of.get("scenario", "")) if of else "",
        sources=[Markup(sentence_with_links(source)) for source in sources],
        inputs=Markup(show.table_html(wording.inputs_table(inputs), say("files.checksums"))),
        records=[(page.name, page.href) for page in pages if page.record],
    )


def sweep_page(found: sweep.Swept, pair: Pair) -> str:
    """The page of a sweep: what its scenarios come to, and what the spread hangs on."""
    from markupsafe import Markup

    tables, trade = [sweep.levels_table(found), sweep.ends_table(found)], say("page.kicker", pair=pair_words(pair))
    return _page(
        "sweep.html.j2",
        title=found.plan.title or sweep.headline(found),
        kicker=" · ".join([trade, *([sweep.headline(found)] if found.plan.title else [])]),
        lead=sweep.lead(found),
        charts=[Markup(show.chart_html(chart, heading=2)) for chart in sweep.charts(found)],
        tables=[Markup(show.table_html(table, table.attrs["caption"])) for table in tables if len(table)],
        idle=found.idle,
        failed=found.failed.items(),
        sources=[Markup(sentence_with_links(str(source))) for source in found.sources],
        inputs=Markup(show.table_html(wording.inputs_table(found.inputs), say("sweep.checksums"))),
    )


def _page(template: str, **values: Any) -> str:
    from jinja2 import Environment, PackageLoader
    from markupsafe import Markup

    frame = Environment(autoescape=True, loader=PackageLoader(__package__), trim_blocks=True)
    shared = {"css": Markup(_css()), "version": __version__, "say": say, "language": LANGUAGE.get()}
    return _spare(frame.get_template(template).render(**shared, **values))


def _spare(html: str) -> str:
    """A page whose style stands once, without what JupyterLab alone needs, attributes of cells bare, and where no
    line ends before a per cent sign."""
    for needless in (show.IN_LAB, ' class="mathjax_ignore"', " mathjax_ignore"):
        html = html.replace(needless, "")
    return NUMBER_OF_PERCENT.sub("\\1\u00a0%", OF_CELLS.sub(r" \1=\2", html))


def sentence_with_links(text: str) -> str:
    """Text as HTML, an address at its end as a link."""
    return re.sub(rf"{WEB_ADDRESS.pattern}$", _linked, str(escape(text)))


def _linked(found: re.Match[str]) -> str:
    """An address as a link, without the bracket or stop that closes the sentence it stands in."""
    address = found[0].rstrip(".,;")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(".,;")
    return f'<a href="{address}">{address}</a>{found[0][len(address) :]}'


def _of(pages: Sequence[Page], key: str) -> list[Page]:
    return [page for page in pages if page.record and key in page.record]


def _answers(scenarios: Sequence[Mapping[str, Any]], pages: Sequence[Page]) -> first.Answers | None:
    """What the first page is told from; None without a page of a scenario. `scenarios` are in reading order."""
    if not scenarios:
        return None
    central = scenarios[0]
    same = [record for record in scenarios if record["reporter"] == central["reporter"]]
    others = (each for each in scenarios if each["scenario"] == central["scenario"] and each not in same)

    def beside(key: str) -> Mapping[str, Any] | None:
        found = (page.record for page in _of(pages, key) if page.record)
        return next((record for record in found if record["reporter"] == central["reporter"]), None)

    return first.Answers(central, same, next(others, None), beside("uncertainty_of"), beside("earlier_forecast"))


def _contents(pages: Sequence[Page], of_scenarios: Sequence[Page]) -> list[tuple[str, list[dict[str, str]]]]:
    """Every page by what it is of: its address, what it is, and its finding; facts first, then scenarios by book."""
    facts = [page for page in pages if page.record and page not in of_scenarios]
    facts.sort(key=lambda page: (page.name.partition("-")[0], _is_other_book(page)))
    by_book: dict[str, list[dict[str, str]]] = {}
    for page in of_scenarios:
        record = page.record or {}
        stale = {"about": page.status} if page.status != "current" else {"about": ""}
        entry = {"href": page.href, "title": record["title"], **stale}
        by_book.setdefault(say("index.scenarios_on", reporter=record["reporter"]), []).append(entry)
    told = [{"href": p.href, "title": (p.record or {})["headline"], "about": _about(p)} for p in facts]
    return [(say("index.facts"), told), *by_book.items()]


def _about(page: Page) -> str:
    """What a page is: the first line of its notebook's module as the catalogue words it, and whose figures it is on
    where these are not the partner's; nothing for a notebook that has none."""
    module = f"tradebalance.pages.{page.name.partition('-')[0].partition('_')[2]}"
    line = label(str(import_module(module).__doc__).partition("\n")[0]) if find_spec(module) else ""
    return f"{line} {say('index.on_figures', **(page.record or {}))}" if line and _is_other_book(page) else line


def _is_other_book(page: Page) -> bool:
    record = page.record or {}
    return record.get("reporter") != record.get("partner")


def _reading_order(central: str, page: Page) -> tuple[bool, bool, bool, str]:
    """Those on the partner's book first, of them the central scenario, then credited ones before those that take every
    dollar at its word, then by name."""
    record = page.record or {}
    is_other = record["scenario"] != central
    return record["reporter"] != record["partner"], is_other, record["draws"] == 1, page.name
