"""The pages in Chromium, wide and narrow, light and dark, served and from disk; a notebook in JupyterLab."""

import http.server
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect, sync_playwright

from builders import visible
from tests.conftest import ESTIMATES_TOO, SIMPLE_ONLY
from tradebalance.case import inputs
from tradebalance.case.folder import case
from tradebalance.report import batch

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = (inputs.central(case()), "as_announced")
SCENARIO_PAGES = [f"{batch.SCENARIO_NOTEBOOK}-{name}" for name in SCENARIOS]
DEEPER = [batch.COMPARISON_NOTEBOOK, f"{batch.UNCERTAINTY_NOTEBOOK}-{inputs.central(case())}"]
FACTS = batch.fact_notebooks(case())
PAGES = ["index", *FACTS, *DEEPER, *SCENARIO_PAGES]
WIDE, NARROW = 1280, 390
NOTEBOOKS = sorted((ROOT / "notebooks").glob("0*.ipynb"))
BASELINES = (ESTIMATES_TOO, SIMPLE_ONLY)  # each replay takes a second or two
SETTINGS = "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
FLAGS = """--no-sandbox --disable-gpu --disable-background-networking --disable-sync --no-first-run
    --disable-component-update""".split()
every_page = pytest.mark.parametrize("name", PAGES)
every_width = pytest.mark.parametrize("width", [WIDE, NARROW])
every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])

# contrast of a text with what lies behind it, by the formula of WCAG 2
CONTRAST = """selector => [...document.querySelectorAll(selector)].filter(e => e.innerText.trim()).map(element => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const opaque = colour => { const c = channels(colour); return c.length < 4 || c[3] === 1; };
    const light = colour => { const [r, g, b] = channels(colour).slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    let behind = element;
    while (behind.parentElement && !opaque(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
    const pair = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(light).sort();
    return {text: element.innerText.slice(0, 40), ratio: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)};
})"""


@pytest.fixture(scope="module")
def chromium():
    found = shutil.which("chromium")
    if not found:
        pytest.fail("no chromium on this machine: run `make browser`, which installs Debian's")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("pages")
    pages = batch.report(case(), SCENARIOS, out=out)
    assert all(page.record for page in pages), pages
    return out


@pytest.fixture(scope="module")
def site(folder):
    """The folder on a loopback address: (its address, the paths asked of it so far)."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

        def do_GET(self):
            if self.path == "/favicon.ico":
                self.send_response(204)
                self.end_headers()
                return
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def opened(chromium, address, width=WIDE, scheme="light", offline=False):
    """A page, and what its console complained of."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=offline)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type != "info" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    yield page, complaints
    context.close()


def record_of(folder, name):
    return json.loads((folder / "records" / f"{name}.json").read_text(encoding="utf-8"))["record"]


@every_scheme
@every_width
@every_page
def test_a_page_asks_for_itself_only_fits_its_window_and_can_be_read(chromium, site, name, width, scheme):
    address, asked = site
    before = len(asked)
    with opened(chromium, f"{address}/{name}.html", width, scheme) as (page, complaints):
        assert asked[before:] == [f"/{name}.html"]
        assert complaints == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        images = page.evaluate("[...document.images].map(i => [i.naturalWidth, i.clientWidth, i.alt])")
        assert images
        assert all(natural > 0 and shown > 0 and alt.strip() for natural, shown, alt in images)
        measured = page.evaluate(CONTRAST, "p, td, th, a, .source, figcaption, summary, h1, h2")
        assert len(measured) > 20
        assert [text for text in measured if text["ratio"] < 4.5] == []


def test_dark_and_light_are_two_colours(chromium, site):
    colours = set()
    for scheme in ("light", "dark"):
        with opened(chromium, f"{site[0]}/index.html", scheme=scheme) as (page, _):
            colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(colours) == 2


@pytest.mark.parametrize("name", PAGES[1:])
def test_a_phone_gets_its_own_drawing(chromium, site, name):
    sources = {}
    for width in (WIDE, NARROW):
        with opened(chromium, f"{site[0]}/{name}.html", width) as (page, _):
            sources[width] = page.evaluate("[...document.querySelectorAll('picture img')].map(i => i.currentSrc)")
    assert sources[WIDE]
    assert len(sources[WIDE]) == len(sources[NARROW])
    assert all(wide != narrow for wide, narrow in zip(*sources.values(), strict=True))


@every_page
def test_headings_are_one_title_and_no_level_is_skipped(chromium, site, name):
    with opened(chromium, f"{site[0]}/{name}.html") as (page, _):
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert page.locator("h1").inner_text().strip()
        assert page.locator("html").get_attribute("lang") == "en"
        assert "No description has been provided" not in page.content()


def test_every_link_of_the_index_opens_the_report_it_names(chromium, site, folder):
    with opened(chromium, f"{site[0]}/index.html") as (page, _):
        links = {link.get_attribute("href"): n for n, link in enumerate(page.locator("main a").all())}
        assert sorted(links) == sorted(f"{name}.html" for name in PAGES[1:])
        for href, n in links.items():
            page.locator("main a").nth(n).click()
            page.wait_for_url(f"**/{href}")
            assert page.locator("h1").inner_text() == record_of(folder, href.removesuffix(".html"))["headline"]
            page.get_by_role("link", name="All reports").click()
            page.wait_for_url("**/index.html")


@every_page
def test_a_page_opens_from_disk_with_the_network_off(chromium, folder, name):
    with opened(chromium, (folder / f"{name}.html").as_uri(), offline=True) as (page, complaints):
        assert complaints == []
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


@pytest.mark.parametrize("name", SCENARIO_PAGES[:1])  # every dollar at its word takes no step
def test_the_data_behind_a_chart_open_and_end_at_the_records_figure(chromium, site, folder, name):
    record = record_of(folder, name)
    with opened(chromium, f"{site[0]}/{name}.html", NARROW) as (page, _):
        details = page.locator("#bridge-chart details")
        assert not details.locator("table").is_visible()
        details.locator("summary").click()
        row = details.get_by_role("row", name="New imports").last
        expect(row).to_be_visible()
        left = row.locator("td").last.inner_text()
        assert left == f"{record['additional_usd_mn']['mean'] / 1000:,.2f}"
        announced = details.get_by_role("row", name="Announced").locator("td").last.inner_text().lstrip("+")
        assert announced == f"{record['announced_usd_mn'] / 1000:,.2f}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# --- JupyterLab -----------------------------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address, server, seconds=60):
    for _ in range(seconds * 5):
        if server.poll() is not None:
            pytest.fail(f"JupyterLab ended with {server.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail("JupyterLab did not answer")


def stop(server):
    """End the server and the kernels it started, and nothing else."""
    started = psutil.Process(server.pid).children(recursive=True)
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    for child in psutil.wait_procs(started, 5)[1]:
        child.kill()


def copied(path, folder):
    """A notebook in a folder, with few draws, the quick baselines and, at its end, a formula."""
    text = path.read_text(encoding="utf-8").replace("draws: int = 0", "draws: int = 500")
    notebook = nbformat.reads(text.replace(*BASELINES), as_version=4)
    notebook.cells.append(new_code_cell("from IPython.display import Latex\n\nLatex('$x^2$')"))
    nbformat.write(notebook, folder / path.name)


@pytest.fixture
def lab(tmp_path):
    """JupyterLab on a copy of the notebooks, with folders of its own: its address, its token, the copy's folder."""
    notebooks, settings = tmp_path / "work" / "notebooks", tmp_path / "jupyterlab_settings_dir" / SETTINGS
    for path in (notebooks, settings.parent):
        path.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}', encoding="utf-8")  # else what is out of sight is not drawn
    for path in NOTEBOOKS:
        copied(path, notebooks)
    port, token = free_port(), secrets.token_hex(16)
    names = """JUPYTER_CONFIG_DIR JUPYTER_DATA_DIR JUPYTER_RUNTIME_DIR JUPYTERLAB_WORKSPACES_DIR
        JUPYTERLAB_SETTINGS_DIR""".split()
    own = {name: str(tmp_path / name.lower()) for name in names}
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": tmp_path / "work",
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.extension_manager": "readonly",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
            cwd=tmp_path / "work",
            env={**os.environ, **own},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/api/status?token={token}", server)
            yield address, token, notebooks
        finally:
            stop(server)


def saved(page, path):
    """The notebook as JupyterLab saves it: with what its cells gave."""
    page.keyboard.press("Control+s")
    for _ in range(100):
        notebook = nbformat.read(path, as_version=4)
        if notebook.cells[-1].outputs:
            return notebook
        time.sleep(0.2)
    return pytest.fail("JupyterLab did not save the notebook")


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_jupyterlab_shows_dollars_as_dollars_and_ends_on_a_line(chromium, lab, name):
    address, token, folder = lab
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{address}/lab/tree/notebooks/{name}.ipynb?reset&token={token}")
    expect(page.get_by_text("| Idle").first).to_be_visible(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    formula = page.locator(".jp-Notebook .jp-Cell").last.locator("mjx-container")
    expect(formula).to_be_visible(timeout=300_000)  # mathematics is at work, and has seen all outputs above
    assert page.locator(".jp-OutputArea-output mjx-container").count() == 1
    texts = [" ".join(text.split()) for text in page.locator(".jp-OutputArea-output section").all_inner_texts()]
    cells = saved(page, folder / f"{name}.ipynb").cells
    outputs = [output.data for cell in cells for output in cell.get("outputs", [])]
    sentences = [data for data in outputs if data.get("text/html", "").startswith("<section")]
    assert texts == [visible(data["text/plain"]) for data in sentences]
    assert texts[0] == page.locator(".jp-OutputArea-output h1").inner_text()
    assert any(text.count("$") > 1 for text in texts)
    expect(page.get_by_text("The notebook is complete.")).to_be_visible()
    assert [each.is_visible() for each in page.locator(".jp-RenderedJSON").all()] == [False]
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.evaluate("[...document.querySelectorAll('figure img')].every(i => i.naturalWidth > 0)")
    context.close()
