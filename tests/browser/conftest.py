"""Debian's chromium, and a report's folder served to it."""

import http.server
import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright

FLAGS = """--no-sandbox --disable-gpu --disable-background-networking --disable-sync --no-first-run
    --disable-component-update""".split()


@pytest.fixture(scope="session")
def chromium():
    found = shutil.which("chromium")
    if not found:
        pytest.fail("no chromium on this machine: run `make browser`, which installs Debian's")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(pages):
    """The report on a loopback address: (its address, the paths asked of it so far)."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=pages)

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
