"""`make clean` removes what was made, and nothing that somebody else put beside it."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tradebalance.pages import show
from tradebalance.pages.chart import Chart

ROOT = Path(__file__).resolve().parents[2]
MADE = ".venv/bin/python .ruff_cache/x build/lib/tradebalance/a.py build/bdist.linux/x src/tradebalance.egg-info/x"
MINE = "reports/README.md reports/notes.txt reports/data/01_page-other.csv build/notes.txt src/a.py data/raw/a/a.csv"


@pytest.fixture
def checkout(tmp_path):
    """A folder with what was made and what was not, and the Makefile of the repository."""
    shutil.copyfile(ROOT / "Makefile", tmp_path / "Makefile")
    (tmp_path / "tools").mkdir()
    shutil.copyfile(ROOT / "tools" / "clean.py", tmp_path / "tools" / "clean.py")
    for name in f"{MADE} {MINE}".split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


def add_report(reports, page):
    """A page with a chart, its record, drawing and numbers, and the index of all pages, as a report leaves them."""
    numbers = pd.DataFrame({"n": ["1"]}, index=pd.Index(["2025"], name="year"))
    told = {"title": "Title", "alt": "Words", "unit": "USD", "sources": ["Census"], "name": "a-chart"}
    chart = Chart(lambda _: None, (2.0, 2.0), data=numbers, **told)
    html = show.chart_html(chart)
    record = {"fingerprint": "f", "page_sha256": hashlib.sha256(html.encode()).hexdigest(), "record": {}}
    files = {
        f"{page}.html": html,
        f"records/{page}.json": json.dumps(record),
        f"figures/{page}-a-chart.svg": "<svg/>",
        f"data/{page}-a-chart.csv": "n\n1\n",
        "index.html": "index",
        "files.html": "files",
    }
    for name, text in files.items():
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (reports / name).write_text(text, encoding="utf-8")


def clean(checkout):
    command = ["make", "--no-print-directory", "clean", f"PYTHON={sys.executable}"]
    said = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
    left = {path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file()}
    return said, left - {"Makefile", "tools/clean.py"}


def test_what_was_made_goes_and_what_was_not_stays(checkout):
    for reports in ("reports", "cases/one/reports"):
        add_report(checkout / reports, "01_page")
    said, left = clean(checkout)
    assert left == set(MINE.split())
    told = {line.partition(": ")[0] for line in said.splitlines()}
    assert told == {"reports/data/01_page-other.csv", "reports/notes.txt"}
    assert not (checkout / "cases/one/reports").exists()
    assert not (checkout / "build/lib").exists()


def test_a_page_that_somebody_changed_stays_with_what_is_beside_it(checkout):
    add_report(checkout / "reports", "01_page")
    (checkout / "reports/01_page.html").write_text("my notes", encoding="utf-8")
    said, left = clean(checkout)
    of_page = {"reports/01_page.html", "reports/records/01_page.json", "reports/figures/01_page-a-chart.svg"}
    assert left == {*MINE.split(), *of_page, "reports/data/01_page-a-chart.csv"}
    assert "reports/01_page.html: not as a report wrote it; it stays" in said
