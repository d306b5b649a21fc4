"""Every sentence, table, chart's words and data of the pages, as committed. `make golden` rewrites the files.

A notebook's code runs here, in this process and without a drawing. What counts is what is shown, in its order, so a
cell may be written anew as long as its reader sees the same.
"""

import ast
import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
import pytest

from builders import visible
from tests.report.test_rendering import Elements, assert_opens_with_its_book
from tradebalance import __version__
from tradebalance.pages import show, svg

pytestmark = pytest.mark.newest
ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "pages"
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("0*.ipynb"))}
# the track record replays baselines, each in a second or two; all of them are held in the backtest's file
PLAIN = {"baselines": "mixture hold sarima"}
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, PLAIN if name.startswith("07") else {}) for name in NOTEBOOKS},
    "03_baseline-VNM": ("03_baseline", {"reporter": "VNM"}),
    "04_delivery_scenario-as_announced": ("04_delivery_scenario", {"scenario": "as_announced"}),
    "04_delivery_scenario-VNM": ("04_delivery_scenario", {"reporter": "VNM"}),
    "05_compare_schedules-three": ("05_compare_schedules", {"scenarios": "as_announced even slipped"}),
}
SLOW = {"03_baseline", "05_compare_schedules"}  # a backtest of sixty origins, every scenario: shorter ones stand in
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# a file's checksum, the package's version, and the backslash before a sign that Markdown would read as a command
NOT_OF_THE_PAGE = {r"\b[0-9a-f]{64}\b": "(sha256)", re.escape(__version__): "(version)", r"\\([^\w\s])": r"\1"}


class Words(HTMLParser):
    """The text of a chart's HTML: a line a row of a table or a paragraph, and the words for who cannot see it."""

    def __init__(self, html: str):
        super().__init__()
        self.lines = [""]
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.hidden = tag == "style"
        if tag in ("h2", "h3", "caption", "p", "tr", "summary"):
            self.lines.append("")
        if tag in ("td", "th") and self.lines[-1]:
            self.lines[-1] += " | "
        if ("role", "img") in attributes:
            self.lines.append(dict(attributes)["aria-label"])

    def handle_data(self, data):
        self.lines[-1] += "" if self.hidden else data


def shown(notebook: str, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """What the code cells of a notebook show, in each of its forms, in order."""
    names: dict[str, Any] = {}
    found = []
    for cell in nbformat.read(NOTEBOOKS[notebook], as_version=4).cells:
        if cell.cell_type != "code":
            continue
        code = ast.parse(cell.source)
        last = code.body.pop() if isinstance(code.body[-1], ast.Expr) else None
        exec(compile(code, notebook, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            assert set(settings) <= set(names)
            names |= settings
        value = last and eval(compile(ast.Expression(last.value), notebook, "eval"), names)
        if value is not None:
            found.append(value._repr_mimebundle_())
    return found


def text(bundle: dict[str, Any]) -> str:
    """A chart's title, words, unit, sources and data; the text of all else."""
    html = bundle.get("text/html", "")
    lines = Words(html).lines if html.startswith("<figure") else bundle["text/plain"].splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


@cache
def bundles(name: str) -> list[dict[str, Any]]:
    with mock.patch.multiple(svg, inside=mock.Mock(return_value=""), whole=mock.Mock(return_value="")):
        return shown(*VARIANTS[name])


def page(name: str) -> str:
    blocks = map(text, bundles(name))
    whole = "".join(f"[{number}]\n{block}\n\n" for number, block in enumerate(blocks, 1))
    for pattern, word in NOT_OF_THE_PAGE.items():
        whole = re.sub(pattern, word, whole)
    return whole


def is_near(found: str, expected: str) -> bool:
    """Whether two printed numbers are one, but for the last decimal or half a per cent: an estimate on another machine
    ends a hair elsewhere. Numbers without decimals are years and counts, and have to be the same."""
    if "." not in expected:
        return found == expected
    one, other = (float(number.replace(",", "")) for number in (found, expected))
    return abs(one - other) <= max(1.01 * 10.0 ** -len(expected.partition(".")[2]), 0.005 * other)


EACH = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in VARIANTS]
)


@EACH
def test_page(name):
    found = page(name).split("\n\n")
    expected = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").split("\n\n")
    for block, golden in zip(found, expected, strict=True):
        assert " ".join(NUMBER.sub("#", block).split()) == " ".join(NUMBER.sub("#", golden).split()), block
        numbers = zip(NUMBER.findall(block), NUMBER.findall(golden), strict=True)
        assert [(one, other) for one, other in numbers if not is_near(one, other)] == [], block


@EACH
def test_all_that_a_notebook_shows_is_html_that_mathematics_leaves_alone(name):
    *outputs, last = bundles(name)
    assert set(last) == {"text/plain", "application/json"}
    sentences = 0
    for data in outputs:
        assert {"text/plain", "text/html"} <= set(data) <= {"text/plain", "text/html", show.FILES}
        found = Elements(data["text/html"])
        assert "mathjax_ignore" in found.found[0]["class"].split()
        assert data["text/html"].endswith(f"</{found.found[0]['tag']}>")
        if found.found[0]["tag"] == "section":
            sentences += 1
            assert " ".join(found.text.split()) == visible(data["text/plain"])
    assert sentences >= 2
    assert any("$" in data["text/plain"] for data in outputs)


@pytest.mark.parametrize("name", ["01_trade_gap", "02_commitments", "04_delivery_scenario", "04_delivery_scenario-VNM"])
def test_a_page_opens_with_the_book_and_the_sum_against_the_yearly_flow(name):
    *outputs, last = bundles(name)
    book = "Vietnam Customs" if name.endswith("VNM") else "US Census"
    html = "".join(data["text/html"] for data in outputs)
    assert_opens_with_its_book(html, last["application/json"], book)


def test_every_golden_text_has_a_page():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(VARIANTS)


if __name__ == "__main__":
    only = tuple(sys.argv[1:]) or ("",)
    for each in [name for name in VARIANTS if name.startswith(only)]:
        (GOLDEN / f"{each}.txt").write_text(page(each), encoding="utf-8")
