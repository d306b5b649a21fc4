"""Source lines: computed from the rows behind a figure, and links that nothing can break out of."""

from html.parser import HTMLParser

import pandas as pd
import pytest

from tradebalance.case import asof
from tradebalance.pages import records, show
from tradebalance.pages.chart import Chart
from tradebalance.words import citations, terms
from tradebalance.words.citations import Citation, Citations, Place, files_of

FILE = Citation("A file", "maker", "https://file.example")
ROWS = {f"a.csv:{n}": Citation(f"title {n}", url=f"https://{n}.example") for n in range(2, 9)}
KNOWN = Citations({"a.csv": FILE, "b.csv": Citation("B")}, ROWS)


class Anchors(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_a_place_reads_back_as_it_prints_and_sorts_by_number():
    place = Place("census/2026-10/country.xlsx", 12)
    assert Place.of(str(place)) == place
    assert str(Place.of("a:b.csv:2")) == "a:b.csv:2"
    assert sorted([Place("a.csv", 10), Place("b.csv", 1), Place("a.csv", 9)]) == [
        ("a.csv", 9),
        ("a.csv", 10),
        ("b.csv", 1),
    ]
    assert files_of(["a.csv:2 b.csv:3", "a.csv:10"]) == {"a.csv", "b.csv"}


def test_few_publishers_are_named_and_many_are_cited_by_their_file():
    few = citations.cite(KNOWN, ["a.csv:2 a.csv:3", "a.csv:2"])
    assert few == (ROWS["a.csv:2"], ROWS["a.csv:3"])
    assert citations.cite(KNOWN, [f"a.csv:{n}" for n in range(2, 3 + citations.FEW)]) == (FILE,)


def test_a_row_that_names_no_publisher_is_cited_by_its_file():
    assert citations.cite(KNOWN, ["a.csv:2", "a.csv:99"]) == (FILE,)
    assert citations.cite(KNOWN, ["b.csv:1", "a.csv:2"]) == (ROWS["a.csv:2"], Citation("B"))


def test_a_file_that_is_not_there_is_no_source():
    with pytest.raises(KeyError):
        citations.cite(KNOWN, ["c.csv:1"])


def test_the_us_books_figures_cite_the_census_alone():
    known = asof.known("USA")
    (source,) = known.figure_sources
    assert source.url == "https://www.census.gov/foreign-trade/balance/country.xlsx"
    assert {row.split("/")[0] for row in known.history_ids} == {"us-census"}
    assert not known.mirror_ids


def test_vietnams_book_cites_its_own_file_and_names_the_mirror_as_one():
    counted, printed, mirror = asof.known("VNM").figure_sources
    assert "monthly bulletins" in counted.title
    assert "as printed in the press" in printed.title
    assert mirror.title.startswith("as the mirror series, ")


def test_no_file_of_a_later_release_or_another_pair_is_cited():
    known = asof.known("USA", terms.month("2024-08"))
    assert {row.rsplit(":", 1)[0] for row in known.history_ids} == {"us-census/2024-08/vietnam.csv"}
    assert "August 2024" in str(known.figure_sources[0])


def test_the_jsons_sources_are_those_of_the_rows_behind_it():
    known = asof.known("USA")
    listed = records.known_as_json(known)["sources"]
    rows = [*known.history_ids, *(leaf.ids for leaf in known.leaves)]
    assert listed == [str(each) for each in citations.cite(known.citations, rows)][::-1]


HOSTILE = [
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'https://x.example/"onmouseover="alert(1)',
    "https://x.example/'onmouseover='alert(1)",
    "https://x.example/><script>alert(1)</script>",
    "https://x.example/ a",
    "https://x.example/\njavascript:alert(1)",
    "//x.example",
    " https://x.example",
    "ftp://x.example",
    "in each row",
    "",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_is_no_plain_web_page_is_text(url):
    html = show.text_html(Citation("t", url=url))
    assert Anchors(html).tags == []


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))", "</a><b>"]
)
def test_a_title_is_shown_as_text_inside_its_link(title):
    html = show.text_html(Citation(title, title, "https://x.example/?a=1&b=2"))
    assert Anchors(html).tags == [("a", {"href": "https://x.example/?a=1&b=2"})]


def test_every_address_of_the_ledger_that_is_a_web_page_becomes_a_link():
    known = asof.known("USA")
    urls = [event.source_url for event in known.events]
    assert all(Citation("t", url=url).href == url for url in urls)
    assert len(urls) > 50


def test_a_tables_sources_are_links_and_its_other_cells_text():
    cells = {"Source": [Citation("t", url="https://x.example")], "Words": ["https://y.example <b>"]}
    tags = Anchors(show.table_html(pd.DataFrame(cells, index=["a"], dtype=object))).tags
    assert [attrs["href"] for tag, attrs in tags if tag == "a"] == ["https://x.example"]
    assert "b" not in [tag for tag, _ in tags]


def test_a_charts_source_line_links_what_it_cites():
    chart = Chart(
        lambda _figure: None, heights=(1, 1), title="t", alt="a", unit="u", sources=[FILE, "words"], data=pd.DataFrame()
    )
    assert chart.source_line == "Sources: A file; words"
    assert ("a", {"href": "https://file.example"}) in Anchors(show.chart_html(chart)).tags
