"""The pages in Chromium: on a desk and on a phone, by day and by night, by mouse and by keys, served and from disk."""

from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rendered import JOBS, OF_NOTEBOOKS, OF_SCENARIOS, record_of

pytestmark = pytest.mark.browser

PAGES = ["index", "files", *OF_NOTEBOOKS]
DESK, PHONE = (1280, 900), (390, 844)
TEXT, MARK = 4.5, 3.0  # to 1, by WCAG 2: how far text, and what else has to be seen, stands off what lies behind it
SCREENS_TO_A_PICTURE = {DESK: 1.0, PHONE: 1.2}
MEASURE = Path(__file__).with_name("measure.js").read_text(encoding="utf-8")
OPEN = "document.querySelectorAll('details').forEach(details => details.open = true)"
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
# words of a chart that stand on others, and those that leave the picture
IN_EACH_OTHERS_WAY = """svg => {
    const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
    const frame = svg.getBoundingClientRect(), share = 0.35, edge = 4;
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > edge / 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > share * Math.min(a.height, b.height);
    const on = texts.flatMap(([one, a], at) =>
        texts.slice(at + 1).filter(([, b]) => meet(a, b)).map(([other]) => [one, other]));
    const off = texts.filter(([, box]) => box.left < frame.left - edge || box.right > frame.right + edge
        || box.top < frame.top - edge || box.bottom > frame.bottom + edge).map(([one]) => one);
    return [...on, ...off];
}"""

every_page = pytest.mark.parametrize("name", PAGES)
every_notebooks_page = pytest.mark.parametrize("name", OF_NOTEBOOKS)
every_screen = pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])


@contextmanager
def opened(chromium, address, screen=DESK, scheme="light", **options):
    """A page, and what its console complained of."""
    size = dict(zip(("width", "height"), screen, strict=True))
    context = chromium.new_context(viewport=size, color_scheme=scheme, **options)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type != "info" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    yield page, complaints
    context.close()


def of_all(page, selector, expression):
    """What an expression of JavaScript gives of each element `e` of a selector."""
    return page.eval_on_selector_all(selector, f"all => all.map(e => {expression})")


def spaced(text):
    """A text whose spaces are all of one kind."""
    return " ".join(text.split())


# --- what is seen ---------------------------------------------------------------------------------


@every_scheme
@every_screen
@every_page
def test_a_page_asks_for_itself_only_fits_its_window_and_can_be_read(chromium, site, name, screen, scheme):
    """Folded or open, texts and marks stand off what lies behind them, and no chart is a white card at night."""
    address, asked = site
    before = len(asked)
    with opened(chromium, f"{address}/{name}.html", screen, scheme) as (page, complaints):
        assert asked[before:] == [f"/{name}.html"]
        assert complaints == []
        assert page.evaluate(FITS)
        page.evaluate(OPEN)
        assert page.evaluate(FITS)
        seen = page.evaluate(MEASURE)
        assert len(seen["texts"]) > 20
        assert [text for text in seen["texts"] if text["ratio"] < TEXT] == []
        assert [mark for mark in seen["marks"] if mark["ratio"] < MARK] == []
        assert seen["cards"] == []
        assert (len(seen["marks"]) > 5) == (name != "files")


DRAWN = """<body style="background:#12191e;color:#e8edf0"><p>fine</p><p style="color:#555">faint</p>
<div role="img"><svg class="wide" viewBox="0 0 100 50" width="400">
<path d="M0 0H100V50H0z" style="fill:#ffffff"/><path d="M10 10H30V20H10z" style="fill:#8cc4ea"/>
<path d="M40 10H60V20H40z" style="fill:#8cc4ea;fill-opacity:0.1"/>
<path d="M70 10H90V20H70z" style="fill:#8cc4ea;fill-opacity:0.1;stroke:#8cc4ea"/>
<path d="M0 40H100" style="fill:none;stroke:var(--line,#3a4851)"/>
<text x="12" y="18" font-size="6" style="fill:#e8edf0">on a mark</text></svg></div></body>"""


def test_what_is_measured_of_a_page_finds_faint_words_faint_marks_and_white_cards(chromium):
    page = chromium.new_page()
    page.set_content(DRAWN)
    seen = page.evaluate(MEASURE)
    assert [text["text"] for text in seen["texts"] if text["ratio"] < TEXT] == ["faint", "on a mark"]
    assert [mark["style"] for mark in seen["marks"] if mark["ratio"] < MARK] == ["fill:#8cc4ea;fill-opacity:0.1"]
    assert seen["cards"] == ["fill:#ffffff"]
    assert len(seen["marks"]) == 4
    page.close()


def test_dark_and_light_are_two_colours(chromium, site):
    colours = set()
    for scheme in ("light", "dark"):
        with opened(chromium, f"{site[0]}/index.html", scheme=scheme) as (page, _):
            colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(colours) == 2


@pytest.mark.parametrize("name", ["index", *OF_NOTEBOOKS])
def test_of_the_two_drawings_of_a_chart_the_one_for_the_window_shows(chromium, site, name):
    shown = "[...e.children].filter(s => s.getClientRects().length).map(s => s.getAttribute('class'))"
    for screen, drawing in ((DESK, "wide"), (PHONE, "narrow")):
        with opened(chromium, f"{site[0]}/{name}.html", screen) as (page, _):
            page.evaluate(OPEN)
            found = of_all(page, "[role=img]", shown)
            assert found
            assert found == [[drawing]] * len(found)
            widths = of_all(page, f"[role=img] svg.{drawing}", "e.getBoundingClientRect().width")
            assert all(250 < width <= screen[0] for width in widths)


@pytest.mark.parametrize("name", ["index", *OF_NOTEBOOKS])
def test_no_word_of_a_chart_stands_on_another_or_leaves_the_picture(chromium, site, name):
    check_words_of_charts(chromium, site, name, DESK, "wide")


@pytest.mark.parametrize("name", ["index", *OF_NOTEBOOKS])
def test_no_word_of_a_chart_for_a_phone_stands_on_another_or_leaves_the_picture(chromium, site, name):
    check_words_of_charts(chromium, site, name, PHONE, "narrow")


def check_words_of_charts(chromium, site, name, screen, drawing):
    with opened(chromium, f"{site[0]}/{name}.html", screen) as (page, _):
        page.evaluate(OPEN)
        drawings = page.locator(f"[role=img] svg.{drawing}").all()
        assert drawings
        assert [pair for each in drawings for pair in each.evaluate(IN_EACH_OTHERS_WAY)] == []


@every_screen
@pytest.mark.parametrize("name", ["index", *OF_NOTEBOOKS])
def test_the_answer_stands_on_the_first_screen_and_a_picture_starts_there(chromium, site, name, screen):
    box = "selector => document.querySelector(selector).getBoundingClientRect().toJSON()"
    with opened(chromium, f"{site[0]}/{name}.html", screen) as (page, _):
        assert page.evaluate(box, "h1")["bottom"] < screen[1]
        assert page.evaluate(box, "[role=img]")["top"] < SCREENS_TO_A_PICTURE[screen] * screen[1]


# --- what is heard --------------------------------------------------------------------------------


@every_page
def test_headings_are_one_title_and_no_level_is_skipped(chromium, site, name):
    with opened(chromium, f"{site[0]}/{name}.html") as (page, _):
        levels = of_all(page, "h1,h2,h3,h4,h5,h6", "+e.tagName[1]")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert page.locator("h1").inner_text().strip()
        assert page.locator("html").get_attribute("lang") == "en"
        assert "No description has been provided" not in page.content()


@pytest.mark.parametrize("name", PAGES)
def test_a_table_has_a_caption_and_the_region_that_it_scrolls_in_a_name_of_its_own(chromium, site, name):
    with opened(chromium, f"{site[0]}/{name}.html") as (page, _):
        captions = of_all(page, "table", "e.caption?.textContent.trim() ?? ''")
        assert all(captions)
        regions = of_all(page, ".scroll", "[e.getAttribute('role'), e.getAttribute('aria-label')]")
        assert len(regions) == len(captions)
        assert {role for role, _ in regions} <= {"region"}
        names = [label for _, label in regions]
        assert all(names)
        assert len(set(names)) == len(names)
        assert all(of_all(page, "[role=img]", "e.getAttribute('aria-label').trim()"))


# --- by keys --------------------------------------------------------------------------------------


@every_screen
@every_page
def test_a_table_is_reached_by_keys_where_it_scrolls_and_is_no_stop_where_it_does_not(chromium, site, name, screen):
    """Chromium and Firefox stop at what scrolls and holds no link; a `tabindex` would stop at every table."""
    with opened(chromium, f"{site[0]}/{name}.html", screen) as (page, _):
        page.evaluate(OPEN)
        holding = of_all(page, ".scroll:has(a)", "e.getAttribute('aria-label')")
        scrolling = of_all(page, ".scroll", "[e.getAttribute('aria-label'), e.scrollWidth > e.clientWidth]")
        reached = stops(page)
        assert [label for label, scrolls in scrolling if not scrolls and label in reached] == []
        assert [label for label, scrolls in scrolling if scrolls and label not in {*reached, *holding}] == []


def stops(page):
    """The names of what has one at which Tab stops on its way through a page."""
    found, told = [], "[document.activeElement === document.body, document.activeElement.getAttribute('aria-label')]"
    for _ in range(600):
        page.keyboard.press("Tab")
        is_through, label = page.evaluate(told)
        if is_through:
            return found
        found += [label] if label else []
    return pytest.fail("Tab does not come to the end of the page")


@every_page
def test_what_is_folded_opens_and_closes_by_keys(chromium, site, name):
    with opened(chromium, f"{site[0]}/{name}.html") as (page, _):
        folds = page.locator("details:not(details details)")
        for at in range(folds.count()):
            fold = folds.nth(at)
            inner = fold.locator("> :not(summary)").first
            expect(inner).to_be_hidden()
            fold.locator("> summary").focus()
            page.keyboard.press("Enter")
            expect(inner).to_be_visible()
            page.keyboard.press("Space")
            expect(inner).to_be_hidden()


def test_the_first_pages_answer_on_the_other_book_shows_by_keys_and_without_script(chromium, site):
    with opened(chromium, f"{site[0]}/index.html", java_script_enabled=False) as (page, _):
        assert page.locator("script").count() == 0
        books, told = page.locator("input[name=book]"), page.locator(".book")
        assert (books.count(), told.count()) == (2, 2)
        expect(told.nth(0)).to_be_visible()
        expect(told.nth(1)).to_be_hidden()
        books.nth(0).focus()
        page.keyboard.press("ArrowRight")
        expect(books.nth(1)).to_be_checked()
        expect(told.nth(0)).to_be_hidden()
        expect(told.nth(1)).to_be_visible()
        expect(told.nth(1)).to_contain_text("Vietnam Customs figures")
        page.keyboard.press("ArrowLeft")
        expect(told.nth(0)).to_be_visible()


@every_notebooks_page
def test_on_a_phone_the_names_of_rows_stay_where_a_table_scrolls(chromium, site, name):
    moved = """element => { const left = () => [...element.querySelectorAll('tbody th')]
        .map(th => Math.round(th.getBoundingClientRect().left - element.getBoundingClientRect().left));
        const before = left(); element.scrollLeft = 120; return [before, left(), element.scrollLeft]; }"""
    with opened(chromium, f"{site[0]}/{name}.html", PHONE) as (page, _):
        page.evaluate(OPEN)
        for region in page.locator(".scroll").all():
            before, after, scrolled = region.evaluate(moved)
            assert before == after, (name, region.get_attribute("aria-label"), scrolled)


# --- from page to page ----------------------------------------------------------------------------


def test_every_link_of_the_index_opens_the_report_it_names(chromium, site, pages):
    with opened(chromium, f"{site[0]}/index.html") as (page, _):
        hrefs = of_all(page, "main a", "e.getAttribute('href')")
        assert {*hrefs} == {f"{name}.html" for name in PAGES[1:]}
        for href in dict.fromkeys(hrefs):
            page.evaluate(OPEN)
            page.locator(f"main a[href='{href}']").first.click()
            page.wait_for_url(f"**/{href}")
            if (name := href.removesuffix(".html")) != "files":
                assert spaced(page.locator("h1").inner_text()) == spaced(record_of(pages, name)["headline"])
            page.get_by_role("link", name="The answer", exact=True).click()
            page.wait_for_url("**/index.html")


@every_page
def test_a_page_opens_from_disk_with_the_network_off(chromium, pages, name):
    with opened(chromium, (pages / f"{name}.html").as_uri(), offline=True) as (page, complaints):
        assert complaints == []
        expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("name", OF_SCENARIOS)
def test_a_scenarios_page_leads_to_its_neighbours_that_are_there_and_to_the_other_book(chromium, site, pages, name):
    with opened(chromium, f"{site[0]}/{name}.html") as (page, _):
        links = of_all(page, "nav a", "e.getAttribute('href')")
        other = name.removesuffix("-VNM") if name.endswith("-VNM") else f"{name}-VNM"
        leads = {href for _, href in JOBS[name].links if (pages / href).exists()}
        assert {*links} == {"index.html", f"{other}.html", *leads}
