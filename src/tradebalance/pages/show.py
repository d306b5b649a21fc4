"""Show a chart, a table or a sentence in a notebook, as HTML that reads the same on a page.

`show` is the last word of a notebook's cell. A chart becomes a heading, its finding, over two drawings, wide and
narrow, of which the reader's screen shows one, and its numbers, folded; `fold` folds whatever is asked for by few.
Nothing is fetched. For a report's folder a chart also carries its drawings and its numbers as files.
JupyterLab reads what stands between two dollars as mathematics, but for elements of class `mathjax_ignore`:
so all that is shown is HTML in one of these, sentences too.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from html import escape
from typing import Any, cast
from urllib.parse import urlsplit

import mistune
import pandas as pd

from ..words.citations import WEB_ADDRESS, Citation
from ..words.problems import Problem, raise_errors
from ..words.schema import nearest
from . import svg
from .chart import Chart
from .say import between, bn, label, say
from .wording import unmarked

CHECKSUM = re.compile(r"[0-9a-f]{64}")
FILES = "application/vnd.tradebalance.chart+json"  # a chart's drawing and numbers, which a report keeps as files
# what a page's style says, where there is no page: one of the two drawings shows, and text stands flush left
IN_LAB = (
    "<style>svg.narrow{display:none}svg.wide{max-width:46rem}svg.narrow{max-width:26rem}"
    "@media screen and (max-width:40rem){svg.wide{display:none}svg.narrow{display:block}}"
    ".data th,.data td{text-align:left!important}.data .n{text-align:right!important}</style>"
)
VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
# JupyterLab prefers JSON to any other form of an output, and shows it as a tree: this line stands in its place
QUIET = """<p class="record">The notebook is complete.</p>
<style>.jp-OutputArea-child:has(p.record) + .jp-OutputArea-child { display: none }</style>"""


class Shown:
    """Something to display: HTML for a browser, plain text for a terminal and for comparison."""

    def __init__(self, plain: str, **rich: Any):
        self._bundle = {"text/plain": plain, **rich}

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, Any]:
        return self._bundle

    def __repr__(self) -> str:
        return str(self._bundle["text/plain"])


class LastWord(Shown):
    """A notebook's last word. JupyterLab shows a line in place of its JSON."""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": QUIET}, raw=True)  # type: ignore[no-untyped-call]
        display(self._bundle, raw=True)  # type: ignore[no-untyped-call]


def show(item: Chart | pd.DataFrame | str, caption: str = "", *, heading: int = 3) -> Shown:
    """A chart, its finding a heading of that level, a table under its caption, its own where it has one, or a string of
    Markdown as HTML. A table without rows and an empty string show nothing."""
    if not isinstance(item, Chart) and not len(item):
        return Shown("", **{"text/html": ""})
    if isinstance(item, Chart):
        return Shown(item.alt, **{"text/html": chart_html(item, heading=heading), FILES: files_of(item)})
    if isinstance(item, pd.DataFrame):
        caption = caption or item.attrs.get("caption", "")
        return Shown(f"{caption}\n{item.to_string()}".strip(), **{"text/html": table_html(item, caption)})
    return Shown(unmarked(item), **{"text/html": sentence_html(item)})


def fold(summary: str, *items: Shown) -> Shown:
    """What is shown under a line that opens it, a label; printed on paper it stands open. Nothing where there is
    nothing. Raises KeyError for a line that is not in the catalogue."""
    bundles = [item._repr_mimebundle_() for item in items]
    inner = "".join(bundle["text/html"] for bundle in bundles)
    if not inner:
        return Shown("", **{"text/html": ""})
    files = {name: file for bundle in bundles for name, file in bundle.get(FILES, {}).items()}
    named = label(summary)
    html = f'<details class="fold mathjax_ignore"><summary>{escape(named)}</summary>{inner}</details>'
    plain = "\n\n".join([named, *map(repr, items)])
    return Shown(plain, **{"text/html": html, **({FILES: files} if files else {})})


def refuse_unknown_parameters() -> None:
    """For a notebook's set-up: refuse what was injected under a name that its own cell of parameters does not have.

    papermill passes any name, and a misspelt one would leave the answer as it was; and it makes a number of a text that
    looks like one. It puts a cell after the notebook's own; what that cell sets is held against what the cells before
    it set. Digits for what was declared a text are the text again: a scenario may be called 2025. Raises Refused with
    the nearest name, and for what else was declared a text and is none any more.
    """
    from IPython import get_ipython

    shell = get_ipython()
    cells = shell.user_ns.get("In", []) if shell else []
    at = next((n for n, cell in enumerate(cells) if cell.startswith("# Parameters")), len(cells))
    own = {name: value for cell in cells[:at] for name, value in _set_by(cell).items()}
    given = {name: value for cell in cells[at : at + 1] for name, value in _set_by(cell).items()}
    digits = {name: str(value) for name, value in given.items() if isinstance(own.get(name), str) and _is_digits(value)}
    told = {**given, **digits}
    raise_errors(problem for name, value in told.items() if (problem := _wrong_parameter(name, value, own)))
    if shell:
        shell.user_ns.update(digits)


def _is_digits(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _wrong_parameter(name: str, value: object, own: Mapping[str, object]) -> Problem | None:
    """Why a value will not do under a name; `own` are the notebook's names with their defaults."""
    if name not in own:
        fix = f"use {', '.join(own)}{nearest(name, list(own))}"
        return Problem("unknown_key", "parameters", "no such parameter", fix, None, name)
    if isinstance(own[name], str) and (value is None or isinstance(value, int | float)):
        reason = f"a text is needed, and papermill made {type(value).__name__} of it"
        return Problem(
            "wrong_type", "parameters", reason, f"hand it over as it is by -r {name}", None, name, f"{value}"
        )
    return None


def _set_by(cell: str) -> dict[str, object]:
    """The names that a cell sets, with their values where these are literal; else `...`."""
    found: dict[str, object] = {}
    for line in ast.parse(cell).body:
        if not isinstance(line, ast.AnnAssign | ast.Assign):
            continue
        targets = [line.target] if isinstance(line, ast.AnnAssign) else line.targets
        value: object = ...
        with suppress(ValueError, TypeError):
            value = ast.literal_eval(line.value or ast.Constant(...))
        found |= {target.id: value for target in targets if isinstance(target, ast.Name)}
    return found


def record(title: str, found: Mapping[str, object]) -> LastWord:
    """A notebook's last word: its title and its figures as JSON, by which a page proves that it is complete."""
    return LastWord(f"complete: {title}", **{"application/json": {"headline": title, **found}})


def sentence_html(markdown: str) -> str:
    """Headings, paragraphs and lists of Markdown. What could act is shown as text, should it come from outside: HTML,
    pictures, and links other than to a web page under the name of its host."""
    return f'<section class="mathjax_ignore">{_markdown()(markdown)}</section>'


class Inert(mistune.HTMLRenderer):
    """Marks of text, and links that say where they lead."""

    # a title is what mistune hands over, and stands in no sentence here
    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        return escape(f"![{text}]({url})")

    def link(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        said = WEB_ADDRESS.fullmatch(url) and text == escape((urlsplit(url).hostname or "").removeprefix("www."))
        return str(super().link(text, url)) if said else f"[{text}]({escape(url)})"


@cache
def _markdown() -> Callable[[str], str]:
    made = mistune.create_markdown(renderer=Inert(escape=True))
    made.block.rules.remove("ref_link")  # which would be shown nowhere, and lead elsewhere
    for rule in ("auto_link", "auto_email"):
        made.inline.rules.remove(rule)
    return cast(Callable[[str], str], made)


def chart_html(chart: Chart, *, heading: int = 3) -> str:
    """A chart under its finding, with its numbers and the addresses of its sources folded below."""
    return (
        f'<figure class="chart mathjax_ignore" id="{chart.name}">{IN_LAB}'
        f"<h{heading}>{escape(chart.title)}</h{heading}>"
        f'<div role="img" aria-label="{escape(chart.alt)}">{svg.inside(chart)}{svg.inside(chart, narrow=True)}</div>'
        f"<details><summary>{escape(say('page.numbers'))}</summary>{table_html(chart.data, chart.unit, chart.title)}"
        f'<p class="source">{escape(say("page.sources", count=len(chart.sources)))} '
        f"{'; '.join(map(text_html, chart.sources))}.</p>"
        "</details></figure>"
    )


def files_of(chart: Chart) -> dict[str, dict[str, Any]]:
    """What of a chart is kept beside its page, by its name: its drawing with title, unit and sources, and its numbers
    as rows of text, the first of them the columns' names."""
    rows = [[chart.data.index.name or "", *chart.data.columns], *chart.data.reset_index().to_numpy().tolist()]
    return {chart.name: {"drawing": svg.whole(chart), "numbers": [list(map(str, row)) for row in rows]}}


def table_html(table: pd.DataFrame, caption: str = "", region: str = "") -> str:
    """A table of text cells as HTML in a region of its name, its caption by default, which scrolls where too wide;
    columns of numbers are set flush right, and those of checksums may break anywhere."""
    classes = [_class(table[column]) for column in table.columns]
    heads = "".join(
        f'<th scope="col"{of_class}>{escape(str(name))}</th>'
        for name, of_class in zip(table.columns, classes, strict=True)
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(str(label))}</th>'
        + "".join(f"<td{c}>{text_html(cell)}</td>" for cell, c in zip(cells, classes, strict=True))
        + "</tr>"
        for label, cells in zip(table.index, table.itertuples(index=False), strict=True)
    )
    corner = f'<th scope="col">{escape(str(table.index.name or ""))}</th>'
    name = region or caption
    named = f' role="region" aria-label="{escape(name)}"' if name else ""
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll mathjax_ignore"{named}>{IN_LAB}<table class="data">{said}'
        f"<thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _class(cells: Iterable[object]) -> str:
    texts = [str(cell) for cell in cells]
    unit, to, digits = re.escape(bn("").strip()), re.escape(between("", "")), r"[\d.,\u00a0\u202f]+"
    kinds = {
        "n": re.compile(rf"\s*([+-]?{digits}({to}[+-]?{digits})?|)(\s*(%|{unit}))?(\s*\([^)]*\))?\s*"),
        "h": CHECKSUM,
    }
    return next((f' class="{kind}"' for kind, form in kinds.items() if all(map(form.fullmatch, texts))), "")


def text_html(words: object) -> str:
    """Words as HTML text; a source's title is a link where its address is a web page's."""
    if not isinstance(words, Citation) or not words.href:
        return escape(str(words))
    detail = f" ({escape(words.detail)})" if words.detail else ""
    language = ' lang="vi"' if VIETNAMESE.search(words.title) else ""
    return f'<a href="{escape(words.href)}"{language}>{escape(words.title)}</a>{detail}'
