"""Nothing that others write becomes markup: a payload in every text from outside, every page in Chromium.

The page's own policy, which would stop most of it, is set aside: JupyterLab, which shows the same texts, has none.
"""

import http.server
import re
import threading

import pytest

from hostile import hostile, payload
from tradebalance.case import folder, store
from tradebalance.report import batch

pytestmark = pytest.mark.browser

SECRET = "planted-1f6b2c9d"
# texts that some page is known to show
SHOWN = set(
    """about arrival assumption correction-reason correction-source correction-effect description event next_event
    sidecar-title sidecar-producer source source_title statement title wording""".split()
)
CUT = {"buyer", "seller"}  # names, which a page shortens and takes what stands in brackets from
ACTIVE = "img, script, iframe, object, embed, base, form, link, meta[http-equiv=refresh], [onerror], [onload]"
TEXTS = """() => {
    document.querySelectorAll('details').forEach(details => details.open = true);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let all = document.title + '\\n';
    while (texts.nextNode()) if (!texts.currentNode.parentElement.closest('svg')) all += texts.currentNode.data;
    return all;
}"""


@pytest.fixture(scope="module")
def listener():
    """The address of a server that answers nothing of use, and the paths that it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def pages(small_case, listener):
    """The folder of the report of a hostile case, every page of it done."""
    where = folder.case(hostile(small_case("even", draws=200), listener[0]))
    store.build(where)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        environment.setenv("HTTPS_PROXY", f"http://user:{SECRET}@127.0.0.1:9")
        done = batch.report(where, ["even"], books=("USA",), case_folder=str(where.root))
    assert [page.reason for page in done if not page.record] == []
    return where.reports


def test_no_page_asks_leaves_or_speaks_and_every_payload_is_read_as_text(chromium, pages, listener):
    address, asked = listener
    context = chromium.new_context(bypass_csp=True)
    places, torn, active, dialogs = set(), [], [], []
    for path in sorted(pages.glob("*.html")):
        page = context.new_page()
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        text = " ".join(page.evaluate(TEXTS).split())
        for found in re.finditer("«([a-z_-]+)»", text):
            whole = payload(found[1], address)
            places.add(found[1])
            if found[1] not in CUT and not text.startswith(whole, found.start()):
                torn.append((path.name, text[found.start() :][:300]))
        active += [(path.name, e) for e in page.eval_on_selector_all(ACTIVE, "all => all.map(e => e.outerHTML)")]
        marked = page.eval_on_selector_all("strong, em, code, b, i, a", "all => all.map(e => e.textContent)")
        active += [(path.name, text) for text in {*marked} & {"bold", "slanted", "code", "l", "m"}]
        links = page.eval_on_selector_all("a", "all => all.map(a => a.getAttribute('href'))")
        leading = {link for link in links if link.startswith((address, "javascript:"))}
        active += [(path.name, link) for link in leading - {f"{address}/reference"}]  # which the scenario refers to
        assert page.url == path.as_uri()
        page.close()
    context.close()
    assert (asked, dialogs, active) == ([], [], [])
    assert torn == []
    assert places >= SHOWN


def test_what_stands_in_the_environment_stands_in_no_file_of_a_report(pages):
    files = [path for path in pages.parent.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
