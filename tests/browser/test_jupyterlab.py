"""A notebook in JupyterLab: dollars are dollars, mathematics is mathematics, and it ends on a line."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.reader import NotJSONError
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

from builders import visible
from tests.conftest import ESTIMATES_TOO, SIMPLE_ONLY

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("0*.ipynb"))
BASELINES = (ESTIMATES_TOO, SIMPLE_ONLY)  # each replay takes a second or two
UNFOLDED = ".jp-OutputArea-output section:not(details section)"
SETTINGS = "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"


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
        with suppress(NotJSONError):  # half written
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
    texts = [" ".join(text.split()) for text in page.locator(UNFOLDED).all_inner_texts()]
    cells = saved(page, folder / f"{name}.ipynb").cells
    outputs = [output.data for cell in cells for output in cell.get("outputs", [])]
    sentences = [data for data in outputs if data.get("text/html", "").startswith("<section")]
    assert texts == [visible(data["text/plain"]) for data in sentences]
    assert texts[0] == page.locator(".jp-OutputArea-output h1").inner_text()
    assert "".join(page.locator(".jp-OutputArea-output section").all_text_contents()).count("$") > 1
    expect(page.get_by_text("The notebook is complete.")).to_be_visible()
    assert [each.is_visible() for each in page.locator(".jp-RenderedJSON").all()] == [False]
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    shown = "all => all.filter(e => e.getClientRects().length).map(e => e.getAttribute('class'))"
    assert set(page.eval_on_selector_all("figure svg", shown)) == {"wide"}
    context.close()
