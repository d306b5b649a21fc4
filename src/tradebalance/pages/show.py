"""Show a chart, a table or a sentence in a notebook, as HTML that reads the same on a page.

`show` is the last word of a notebook's cell. A chart becomes two SVG pictures, wide and narrow, of
which the reader's screen picks one, with its finding, source line and data; nothing is fetched.
"""

import base64
import io
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from ..words.citations import Citation
from .chart import STYLE, Chart

NUMBER_CELL = re.compile(r"\s*([+-]?[\d.,]+|)(\s*(%|bn))?(\s*\([^)]*\))?\s*")
PHONE = "(max-width: 640px)"


class Shown:
    """Something to display: HTML or Markdown for a browser, plain text for a terminal and for comparison."""

    def __init__(self, plain: str, **rich: Any):
        self._bundle = {"text/plain": plain, **rich}

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, Any]:
        return self._bundle

    def __repr__(self) -> str:
        return str(self._bundle["text/plain"])


def show(item: Chart | pd.DataFrame | str) -> Shown:
    """A chart or table as HTML, a string as Markdown."""
    if isinstance(item, Chart):
        return Shown(item.alt, **{"text/html": chart_html(item)})
    if isinstance(item, pd.DataFrame):
        return Shown(item.to_string(), **{"text/html": table_html(item)})
    return Shown(item, **{"text/markdown": item})


def record(title: str, found: Mapping[str, object]) -> Shown:
    """A notebook's last word: its title and its figures as JSON, by which a page proves that it is complete."""
    return Shown(f"complete: {title}", **{"application/json": {"headline": title, **found}})


def chart_html(chart: Chart) -> str:
    """A chart with its finding above, its source line and its data below."""
    wide, narrow = (_data_uri(svg(chart, narrow=narrow)) for narrow in (False, True))
    return (
        f'<figure class="chart"><figcaption class="finding">{escape(chart.title)}</figcaption>'
        f'<picture><source media="{PHONE}" srcset="{narrow}">'
        f'<img src="{wide}" alt="{escape(chart.alt)}" style="max-width:100%"></picture>'
        f'<p class="source">{escape(chart.unit)}. Sources: {"; ".join(map(text_html, chart.sources))}.</p>'
        f"<details><summary>Data behind this chart</summary>{table_html(chart.data)}</details></figure>"
    )


def picture(chart: Chart) -> str:
    """The narrow drawing as a data URI."""
    return _data_uri(svg(chart, narrow=True))


def svg(chart: Chart, *, narrow: bool = False, transparent: bool = True) -> str:
    """The drawing as SVG text; the same chart gives the same text."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context(STYLE):
        chart.figure(narrow).savefig(
            buffer, format="svg", transparent=transparent, metadata={"Date": None, "Creator": None}
        )
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
        '<div class="scroll" tabindex="0"><table class="data">'
        f"<thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def text_html(words: object) -> str:
    """Words as HTML text; a source's title is a link where its address is a web page's."""
    if not isinstance(words, Citation) or not words.href:
        return escape(str(words))
    detail = f" ({escape(words.detail)})" if words.detail else ""
    return f'<a href="{escape(words.href)}">{escape(words.title)}</a>{detail}'


def _data_uri(drawing: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
