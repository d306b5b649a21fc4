"""axe-core finds nothing wrong on a page, and nothing that it leaves open but what is measured here in other ways."""

from importlib.resources import files

import pytest

from tests.browser.test_browser import OPEN, PAGES, every_scheme, every_screen, opened

pytestmark = pytest.mark.browser

# asks for a `tabindex` on each; a page is walked through by Tab in test_browser instead, and Chromium stops there
BY_KEYS = "scrollable-region-focusable"
# what stands on a chart, or on the shade at the end of a table that scrolls: measured in test_browser for every text
BY_MEASURE = "color-contrast"


@pytest.fixture(scope="module")
def axe():
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@every_scheme
@every_screen
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_a_page_with_all_of_it_open(chromium, site, axe, name, screen, scheme):
    with opened(chromium, f"{site[0]}/{name}.html", screen, scheme) as (page, _):
        page.evaluate(OPEN)
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
        assert len(found["passes"]) > 10
        wrong = [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found["violations"]]
        assert [each for each in wrong if each[0] != BY_KEYS] == []
        assert {each["id"] for each in found["incomplete"]} <= {BY_MEASURE}
