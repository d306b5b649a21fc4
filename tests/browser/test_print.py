"""A page on paper holds all of it: what is folded on a screen, both books, every head and cell, every address."""

import re

import pypdfium2
import pytest
from bs4 import BeautifulSoup

from tests.browser.test_browser import PAGES, opened

pytestmark = pytest.mark.browser

NOT_SEEN = re.compile(r"[\s\x02\u00ad\u200b\ufeff\ufffe-]|\u2212")  # where a line ends a hyphen may be another sign
A4 = (595, 842)  # points
HEADS = ["h2", "h3"]


def squeezed(text):
    """A text without spaces and hyphens, which lines of print set anew."""
    return NOT_SEEN.sub("", text)


@pytest.fixture(scope="module")
def printed(request, chromium, pages):
    """A page's elements, the text of its print, and the sizes and the texts of its sheets."""
    path = pages / f"{request.param}.html"
    with opened(chromium, path.as_uri()) as (page, _):
        document = pypdfium2.PdfDocument(page.pdf(format="A4"))
    texts, sizes = [], []
    for sheet in document:
        lines = sheet.get_textpage()
        texts.append(lines.get_text_bounded())
        sizes.append(sheet.get_size())
        lines.close()
    document.close()
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"), squeezed("".join(texts)), sizes, texts


@pytest.mark.parametrize("printed", PAGES, indirect=True)
def test_print_holds_every_text_of_a_page_folded_or_not_but_for_its_ways_to_other_pages(printed):
    soup, paper, *_ = printed
    wanted = soup.select("h1, h2, h3, p, li, th, td, caption, summary, dt, dd, svg.wide text")
    hidden = {id(each) for each in soup.select("figure > details > summary")}
    leaves = [text for each in wanted if id(each) not in hidden for text in each.find_all(string=True)]
    assert len(leaves) > 50
    assert [text for text in leaves if squeezed(text) not in paper] == []


@pytest.mark.parametrize("printed", PAGES, indirect=True)
def test_print_holds_the_address_of_every_source(printed):
    soup, paper, *_ = printed
    addresses = {link["href"] for link in soup.select("main a[href^=http]")}
    assert [address for address in addresses if squeezed(address) not in paper] == []


@pytest.mark.parametrize("printed", PAGES, indirect=True)
def test_print_is_on_sheets_of_paper_and_not_many(printed):
    _, _, sizes, _ = printed
    assert all(size == pytest.approx(A4, abs=2) for size in sizes)
    assert len(sizes) <= 16


@pytest.mark.parametrize("printed", PAGES, indirect=True)
def test_on_paper_the_first_picture_stands_under_the_answer_and_every_heading_on_the_sheet_of_its_picture(printed):
    soup, *_, texts = printed
    sheets = [squeezed(text) for text in texts]
    figures = [
        each for each in soup.select("figure") if each.find(HEADS, recursive=False) and each.select("svg.wide text")
    ]
    ends = [
        (
            squeezed(figure.find(HEADS, recursive=False).get_text()),
            squeezed(figure.select("svg.wide text")[-1].get_text()),
        )
        for figure in figures
    ]
    together = [any(heading in sheet and last in sheet for sheet in sheets) for heading, last in ends]
    assert together == [True] * len(ends)
    assert not ends or ends[0][0] in sheets[0]
