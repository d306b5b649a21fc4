"""A notebook's set-up refuses what papermill would pass; what is shown is HTML that reads as it is meant."""

import re
from types import SimpleNamespace

import IPython
import pandas as pd
import pytest

from tests.report.test_rendering import Elements
from tradebalance.pages import delivery_scenario, show, svg
from tradebalance.pages.chart import Chart
from tradebalance.words.problems import Refused

OWN = "scenario: str = 'even'\ndraws = 0"
SETUP = "from tradebalance.pages import show\nshow.refuse_unknown_parameters()"


@pytest.mark.parametrize(
    ("injected", "words"),
    [
        ([], None),
        (["# Parameters\nscenario = 's_curve'\n"], None),
        (["# Parameters\nscenaro = 's_curve'\n"], "did you mean 'scenario'?"),
        (["# Parameters\ndraws = 5\nseed: int = 1\n"], "seed"),
        (
            ["# Parameters\nscenario = 2025.0\n"],
            "scenario: a text is needed, and papermill made float of it (found '2025.0')",
        ),
        (["# Parameters\nscenario = -2025\n"], "papermill made int of it (found '-2025')"),
        (["# Parameters\nscenario = None\n"], "papermill made NoneType of it"),
        (["# Parameters\nscenario = -1.5\n"], "hand it over as it is by -r scenario"),
        (["# Parameters\nscenario = True\n"], "papermill made bool of it"),
        (["# Parameters\nscenario = '2025'\ndraws = -5\n"], None),
    ],
)
def test_a_misspelt_parameter_is_refused_with_the_nearest(monkeypatch, injected, words):
    """The cells of a kernel, as papermill leaves them; tests/whole runs papermill itself."""
    shell = SimpleNamespace(user_ns={"In": ["", OWN, *injected, SETUP]})
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    if words is None:
        show.refuse_unknown_parameters()
    else:
        with pytest.raises(Refused, match=re.escape(words)):
            show.refuse_unknown_parameters()


def test_digits_for_a_text_are_the_text_again_and_a_number_stays_one(monkeypatch):
    """papermill makes 2025 of `-p scenario 2025`, and a scenario may be called so."""
    injected = "# Parameters\nscenario = 2025\ndraws = 500\n"
    shell = SimpleNamespace(user_ns={"In": ["", OWN, injected, SETUP], "scenario": 2025, "draws": 500})
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    show.refuse_unknown_parameters()
    assert (shell.user_ns["scenario"], shell.user_ns["draws"]) == ("2025", 500)


def test_a_sentence_keeps_its_marks_and_shows_its_dollars_and_tags_as_text():
    markdown = "# A $1 to $2\n\n**Bold *<i>*** at [x.example](https://x.example/?a=$1&b=$2), `$5`:\n\n- \\$3\n- $4"
    elements = Elements(show.show(markdown)._repr_mimebundle_()["text/html"])
    assert [e["tag"] for e in elements.found] == "section h1 p strong em a code ul li li".split()
    texts = [e["text"] for e in elements.of("h1", "strong", "code", "li")]
    assert texts == ["A $1 to $2", "Bold <i>", "$5", "$3", "$4"]
    (link,) = elements.of("a")
    assert (link["text"], link["href"]) == ("x.example", "https://x.example/?a=$1&b=$2")


@pytest.mark.parametrize(
    "markdown",
    [
        "![y](https://y.example/z.png)",
        "[x](javascript:alert(1))",
        "[news](https://x.example/a)",
        "[x.example](https://y.example)",
        "<https://x.example>",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_what_could_act_in_a_sentence_is_read_as_text(markdown):
    elements = Elements(show.show(f"Before {markdown} after.")._repr_mimebundle_()["text/html"])
    assert [e["tag"] for e in elements.found] == ["section", "p"]
    assert elements.text.strip() == f"Before {markdown} after."


def test_an_address_kept_for_links_below_stays_a_line_of_text():
    elements = Elements(show.show("[x]: https://x.example\n\nA [x] here.")._repr_mimebundle_()["text/html"])
    assert not elements.of("a")
    assert "[x]: https://x.example" in elements.text


def test_a_chart_drawn_twice_is_the_same_text_and_its_two_widths_differ(drawn):
    chart = delivery_scenario.yearly_gap_chart(drawn)
    for drawing in (svg.whole, svg.inside):
        wide, narrow = drawing(chart), drawing(chart, narrow=True)
        assert drawing(chart) == wide
        assert drawing(chart, narrow=True) == narrow
        assert wide != narrow
        assert "<dc:date>" not in wide


def test_a_charts_words_and_its_data_are_escaped():
    data = pd.DataFrame({"<i>": ["<script>alert(1)</script>"]}, index=pd.Index(["a & b"], name="<u>"))
    words = {"title": "<b>t", "alt": '"><script>', "unit": "<i>u", "sources": ["<s>"]}
    html = show.chart_html(Chart(lambda _figure: None, heights=(1, 1), data=data, **words))
    elements = Elements(html)
    assert not elements.of("script", "b", "i", "s", "u")
    assert [e["aria-label"] for e in elements.of("div") if e.get("role") == "img"] == ['"><script>']
    assert [e["text"] for e in elements.of("h3", "caption")] == ["<b>t", "<i>u"]
    assert [e["aria-label"] for e in elements.of("div") if e.get("role") == "region"] == ["<b>t"]
    assert [e["text"] for e in elements.of("th", "td")] == ["<u>", "<i>", "a & b", "<script>alert(1)</script>"]


def test_columns_of_numbers_are_flush_right_and_others_are_not():
    table = pd.DataFrame(
        {
            "whole": ["1,234", "-5"],
            "range": ["16.8 (10.6 to 24.6)", ""],
            "share": ["0.40 %", "+1.5 %"],
            "words": ["12", "none"],
            "period": ["2025Q1", "2025Q2"],
        },
        index=["a", "b"],
    )
    elements = Elements(show.table_html(table))
    heads = {e["text"]: e.get("class") for e in elements.of("th") if e.get("scope") == "col"}
    assert heads == {"": None, "whole": "n", "range": "n", "share": "n", "words": None, "period": None}
    assert [e.get("class") for e in elements.of("td")] == ["n", "n", "n", None, None] * 2


def test_a_column_of_checksums_may_break_anywhere_and_one_of_numbers_nowhere():
    table = pd.DataFrame({"sum": ["0" * 63 + "a", "b" * 64], "number": ["1", "2"], "words": ["a" * 64, "no sum"]})
    cells = Elements(show.table_html(table)).of("td")
    assert [e.get("class") for e in cells] == ["h", "n", None] * 2


def test_what_holds_nothing_shows_nothing_and_folds_to_nothing():
    empty = show.show(pd.DataFrame({"a": []}), "A caption")
    assert empty._repr_mimebundle_()["text/html"] == show.show("")._repr_mimebundle_()["text/html"] == ""
    assert show.fold("Each lever alone", empty, empty)._repr_mimebundle_()["text/html"] == ""
    assert (
        "Each lever alone" in show.fold("Each lever alone", empty, show.show("word"))._repr_mimebundle_()["text/html"]
    )
