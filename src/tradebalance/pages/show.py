"""Show a chart, a table or a sentence in a notebook, as HTML that reads the same on a page.

`show` is the last word of a notebook's cell. A chart becomes two SVG pictures, wide and narrow, of
which the reader's screen picks one, with its finding, source line and data; nothing is fetched.
JupyterLab reads what stands between two dollars as mathematics, but for elements of class `mathjax_ignore`:
so all that is shown is HTML in one of these, sentences too.
"""

import ast
import base64
import io
import re
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from typing import Any

import mistune
import pandas as pd

from ..words.citations import Citation
from ..words.problems import Problem, raise_errors
from ..words.schema import nearest
from .chart import STYLE, Chart

NUMBER_CELL = re.compile(r"\s*([+-]?[\d.,]+|)(\s*(%|bn))?(\s*\([^)]*\))?\s*")
PHONE = "(max-width: 640px)"
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


def show(item: Chart | pd.DataFrame | str) -> Shown:
    """A chart, a table or a string of Markdown as HTML."""
    if isinstance(item, Chart):
        return Shown(item.alt, **{"text/html": chart_html(item)})
    if isinstance(item, pd.DataFrame):
        return Shown(item.to_string(), **{"text/html": table_html(item)})
    return Shown(item, **{"text/html": sentence_html(item)})


def refuse_unknown_parameters() -> None:
    """For a notebook's set-up: refuse what was injected under a name that its own cell of parameters does not have.

    papermill passes any name, and a misspelt one would leave the answer as it was; and it makes a number of a text that
    looks like one. It puts a cell after the notebook's own; what that cell sets is held against what the cells before
    it set. Raises Refused with the nearest name, and for what was declared a text and is none any more.
    """
    from IPython import get_ipython

    shell = get_ipython()
    cells = shell.user_ns.get("In", []) if shell else []
    at = next((n for n, cell in enumerate(cells) if cell.startswith("# Parameters")), len(cells))
    own = {name: value for cell in cells[:at] for name, value in _set_by(cell).items()}
    given = {name: value for cell in cells[at : at + 1] for name, value in _set_by(cell).items()}
    raise_errors(problem for name, value in given.items() if (problem := _wrong_parameter(name, value, own)))


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
    """Headings, paragraphs and lists of Markdown; HTML inside it is shown as text."""
    return f'<section class="mathjax_ignore">{mistune.markdown(markdown)}</section>'


def chart_html(chart: Chart) -> str:
    """A chart with its finding above, its source line and its data below."""
    wide, narrow = (picture(chart, narrow=narrow) for narrow in (False, True))
    return (
        f'<figure class="chart mathjax_ignore"><figcaption class="finding">{escape(chart.title)}</figcaption>'
        f'<picture><source media="{PHONE}" srcset="{narrow}">'
        f'<img src="{wide}" alt="{escape(chart.alt)}" style="max-width:100%"></picture>'
        f'<p class="source">{escape(chart.unit)}. Sources: {"; ".join(map(text_html, chart.sources))}.</p>'
        f"<details><summary>Data behind this chart</summary>{table_html(chart.data)}</details></figure>"
    )


def picture(chart: Chart, *, narrow: bool) -> str:
    """The wide or the narrow drawing as a data URI."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg(chart, narrow=narrow).encode()).decode()


def svg(chart: Chart, *, narrow: bool = False, transparent: bool = True) -> str:
    """The drawing as SVG text; the same chart gives the same text."""
    from matplotlib import rc_context

    buffer, undated = io.StringIO(), {"Date": None, "Creator": None}
    with rc_context(STYLE):
        chart.figure(narrow).savefig(buffer, format="svg", transparent=transparent, metadata=undated)
    return buffer.getvalue()


def table_html(table: pd.DataFrame) -> str:
    """A table of text cells as HTML; columns of numbers are set flush right."""
    numeric = [all(NUMBER_CELL.fullmatch(str(cell)) for cell in table[column]) for column in table.columns]
    classes = [' class="n"' if is_number else "" for is_number in numeric]
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
    return (
        '<div class="scroll mathjax_ignore" tabindex="0"><table class="data">'
        f"<thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def text_html(words: object) -> str:
    """Words as HTML text; a source's title is a link where its address is a web page's."""
    if not isinstance(words, Citation) or not words.href:
        return escape(str(words))
    detail = f" ({escape(words.detail)})" if words.detail else ""
    return f'<a href="{escape(words.href)}">{escape(words.title)}</a>{detail}'
