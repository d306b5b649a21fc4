"""Executed notebook -> page: what proves that all of it ran, what a page holds, and what it never runs."""

import ast
import contextlib
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from builders import gather
from tradebalance.answers import model
from tradebalance.pages import delivery_scenario, index, show
from tradebalance.report import rendering
from tradebalance.report.rendering import Incomplete, Page
from tradebalance.words.problems import Refused

VOID = {"meta", "img", "source", "br", "hr", "link", "input"}
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](https://y.example/z.png) "
    "`code` $x$ **bold** _it_ &lt;b&gt; <!-- gone --> \\_ ~~struck~~ | <https://z.example>"
)


class Elements(HTMLParser):
    """The elements of a page in order, each with its attributes and the text inside it."""

    def __init__(self, html):
        super().__init__()
        self.found, self._open, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.found.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()["tag"] != tag:
            pass

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data
        if not any(element["tag"] in ("style", "head") for element in self._open):
            self.text += data

    def of(self, *tags):
        return [element for element in self.found if element["tag"] in tags]


def executed(notebook, **parameters):
    """A notebook with the outputs that its cells give in this process: a kernel's work, without a kernel."""
    names = {}
    counted = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        counted += 1
        *lines, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            lines, last = [*lines, last], None
        exec(compile(ast.Module(lines, []), "cell", "exec"), names)
        names.update(parameters if "parameters" in cell.metadata.get("tags", []) else {})
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
        data = shown._repr_mimebundle_() if shown else None
        cell.outputs = [new_output("execute_result", data=data, execution_count=counted)] if data else []
        cell.execution_count = counted
    return notebook


def charts_of(case, name):
    """How many charts a notebook shows."""
    notebook = nbformat.read(case / "notebooks" / f"{name}.ipynb", as_version=4)
    return sum(cell.source.count("_chart(") for cell in notebook.cells if cell.cell_type == "code")


def run_of(case, name, **parameters):
    notebook = nbformat.read(case / "notebooks" / f"{name}.ipynb", as_version=4)
    return executed(notebook, case=str(case), **parameters)


def page_of(case, name, **parameters):
    done = run_of(case, name, **parameters)
    record = rendering.verified_record(done)
    return rendering.report(done, record), record


def cell(number, tags=(), **data):
    outputs = [new_output("execute_result", data=data, execution_count=number)] if data else []
    return new_code_cell("x", execution_count=number, outputs=outputs, metadata={"tags": list(tags)})


def record_cell(number):
    return cell(number, ["record"], **{"application/json": {"headline": "whole"}})


@pytest.fixture(scope="module")
def case(small_case):
    return small_case("even")


@pytest.fixture(scope="module")
def page(case):
    return page_of(case, "04_delivery_scenario", scenario="even")


# --- what proves that a notebook ran --------------------------------------------------------------


def test_the_record_of_a_whole_notebook_is_its_last_json():
    notebook = new_notebook(cells=[new_markdown_cell("x"), cell(1), record_cell(2)])
    assert rendering.verified_record(notebook) == {"headline": "whole"}


def erroneous():
    failed = cell(1)
    failed.outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])]
    return failed


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([cell(1), cell(None), record_cell(3)], "cell 2 of 3 did not run"),
        ([cell(1), cell(None), record_cell(None)], "cell 2 of 3 did not run"),
        ([cell(2), cell(1), record_cell(3)], "cell 1 of 3 did not run"),
        ([cell(1), cell(1), record_cell(2)], "cell 2 of 3 did not run"),
        ([erroneous(), record_cell(2)], "ended in an error"),
        ([cell(1), cell(2, **{"text/plain": "x"})], "no record"),
        ([cell(1), cell(2, ["record"])], "no record"),
        ([cell(1), cell(2, ["record"], **{"text/plain": "x"})], "no record"),
        ([record_cell(1), cell(2)], "no record"),
        ([new_markdown_cell("only prose")], "no record"),
        ([], "no record"),
    ],
)
def test_a_notebook_that_did_not_run_to_its_record_is_refused(cells, reason):
    with pytest.raises(Incomplete, match=reason):
        rendering.verified_record(new_notebook(cells=cells))


# --- what a page holds ----------------------------------------------------------------------------


def test_a_page_opens_with_the_book_and_the_sum_against_the_yearly_flow(page):
    html, record = page
    assert_opens_with_its_book(html, record)


def assert_opens_with_its_book(html, record, book="US Census"):
    elements = Elements(html).of("h1", "p")
    heads = [n for n, element in enumerate(elements) if element["tag"] == "h1"]
    assert [" ".join(elements[n]["text"].split()) for n in heads] == [record["headline"]]
    lead = elements[heads[0] + 1]["text"]
    for words in (book, "one sum", "every year", "billion"):
        assert words in lead


def assert_is_inert(html):
    """Nothing on the page can run or fetch anything."""
    elements = Elements(html)
    policy = next(e for e in elements.found if e.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(maxsplit=1) for rule in policy["content"].split("; "))
    assert rules == {"default-src": "'none'", "img-src": "data:", "style-src": "'unsafe-inline'"}
    assert elements.found.index(policy) < elements.found.index(elements.of("style")[0])
    assert not elements.of("script", "iframe", "object", "embed", "form", "link", "base", "video", "audio")
    for element in elements.found:
        assert not [name for name in element if name.startswith("on")], element
        assert not {"src", "srcset", "data", "poster", "action", "background"} & element.keys(), element
        if "href" in element:
            assert element["tag"] == "a"
            assert element["href"].startswith(("https://", "http://", "#")) or element["href"].endswith(".html")


def test_a_page_holds_a_policy_and_nothing_that_runs_or_is_fetched(page, case):
    html, _ = page
    assert_is_inert(html)
    pictures = [e for e in Elements(html).of("div") if e.get("role") == "img"]
    assert len(pictures) == charts_of(case, "04_delivery_scenario") >= 3
    assert all(e["aria-label"] for e in pictures)
    assert "No description has been provided" not in html


def test_the_index_holds_a_policy_links_to_its_pages_and_tells_why_one_is_missing(page):
    _, record = page
    html = rendering.index([Page("even", record), Page("lost", None, "ValueError: <b>no</b>")], "even")
    assert_is_inert(html)
    elements = Elements(html)
    assert {e["href"] for e in elements.of("a")} >= {"even.html"}
    assert "lost.html" not in html
    assert "lost: ValueError: <b>no</b>" in elements.text
    assert elements.of("h1")[0]["text"] == rendering._spare(index.headline(index.Answers(record, [record])))
    assert_parts_stand_once(elements)


def assert_parts_stand_once(elements):
    """No id twice, headings in order, every table with a caption."""
    names = [e["id"] for e in elements.found if "id" in e]
    assert len(names) == len(set(names))
    levels = [int(e["tag"][1]) for e in elements.found if e["tag"] in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(elements.of("caption")) == len(elements.of("table"))


def test_the_index_leads_with_the_central_scenario_on_the_partners_book(page):
    """Of those there are the one named, in whatever order the pages stand; the same one on the other book beside it."""
    _, early = page
    late = early | {"scenario": "late", "title": "Late", "announced_usd_mn": 80_000.0}
    own = late | {"reporter": "VNM"}
    for central, announced in (("late", 80), ("even", 90), ("gone", 90)):
        pages = [Page("own", own), Page("even", early), Page("late", late)]
        elements = Elements(rendering.index(pages, central))
        assert elements.of("h1")[0]["text"].startswith(f"Vietnam's ${announced} billion of purchases")
        links = [e["href"] for e in elements.of("a") if e["href"] in ("own.html", "even.html", "late.html")]
        assert links == [*(("late.html", "even.html") if central == "late" else ("even.html", "late.html")), "own.html"]
        told = [e["text"] for e in elements.of("label")]
        assert told == (["US Census figures", "Vietnam Customs figures"] if central == "late" else [])


def test_the_index_says_what_each_page_is(page):
    facts = {name: value for name, value in page[1].items() if name != "scenario"}
    names = ["mine", "01_trade_gap", "05_compare_schedules"]
    pages = [Page(name, {**facts, "headline": f"of {name}"}) for name in names]
    found = [e["text"] for e in Elements(rendering.index(pages, "even")).of("li")]
    assert [each.split(" ", 2)[:2] for each in found] == [
        ["of", "01_trade_gap"],
        ["of", "05_compare_schedules"],
        ["of", "mine"],
    ]
    assert found[2] == "of mine"
    assert all(len(each) > 30 for each in found[:2])


def test_the_index_tells_pages_of_one_notebook_apart_by_their_book(page):
    facts = {name: value for name, value in page[1].items() if name != "scenario"}
    pages = [
        Page(f"03_baseline{end}", {**facts, "headline": "h", "reporter": book})
        for end, book in (("-VNM", "VNM"), ("", "USA"))
    ]
    own, other = (each["text"] for each in Elements(rendering.index(pages, "even")).of("li"))
    assert other == f"{own} On Vietnam Customs figures."


def test_free_text_of_a_scenario_is_shown_as_text_on_page_and_index(small_case):
    case = small_case("even")
    file = case / "scenarios" / "even.yaml"
    scenario = yaml.safe_load(file.read_text(encoding="utf-8"))
    scenario |= {"title": f"A title {HOSTILE}", "about": f"Of note: {HOSTILE}\n\n# 1. not a heading"}
    file.write_text(yaml.safe_dump(scenario), encoding="utf-8")
    html, record = page_of(case, "04_delivery_scenario", scenario="even")
    assert_is_inert(html)
    elements = Elements(html)
    shown = " ".join(elements.text.split())
    assert f"Of note: {HOSTILE} # 1. not a heading" in shown
    assert elements.of("h1")[0]["text"].startswith("New imports: $")
    assert any(f"“A title {HOSTILE}”" in element["text"] for element in elements.of("p"))
    front = rendering.index([Page("even", record)], "even")
    assert_is_inert(front)
    links = [e for e in Elements(front).of("a") if e["href"] == "even.html"]
    assert links
    assert {" ".join(e["text"].split()) for e in links} == {f"A title {HOSTILE}"}


@pytest.mark.parametrize(
    "reference",
    [
        "https://x.example/)<script>alert(1)</script>",
        "https://x.example/)<img/src=x/onerror=alert(1)>",
        "https://x.example/)![y](https://y.example/z.png",
        'https://x.example/"onmouseover="alert(1)',
    ],
)
def test_an_address_that_breaks_out_of_its_link_is_refused_or_inert(page, reference):
    with contextlib.suppress(Refused):
        gathered = gather("even", changes={"references": [reference]})
        shown = show.show(delivery_scenario.about(model.model(gathered)))._repr_mimebundle_()
        html = rendering.report(new_notebook(cells=[cell(1, **shown)]), page[1])
        assert_is_inert(html)
        assert not Elements(html).of("img")


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("A title (a publisher; https://x.example/a)", "https://x.example/a"),
        ("A title (https://x.example/a_(b))", "https://x.example/a_(b)"),
        ("See https://x.example/a.", "https://x.example/a"),
        ("More (https://x.example/a?b=1&c=2)", "https://x.example/a?b=1&amp;c=2"),
    ],
)
def test_an_address_in_a_sentence_is_a_link_without_the_bracket_that_closes_the_sentence(words, address):
    """Sources on the page of files led to an address with a bracket at its end."""
    html = rendering.sentence_with_links(words)
    assert f'<a href="{address}">{address}</a>' in html
    assert Elements(html).text == words


def test_a_page_rendered_twice_is_the_same_text(case, page):
    assert page_of(case, "04_delivery_scenario", scenario="even") == page
