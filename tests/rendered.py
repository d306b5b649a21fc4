"""The report that tests read and look at: two scenarios on both books, rendered once a run."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tradebalance.case import inputs
from tradebalance.case.folder import case
from tradebalance.report import batch, jobs

AT_HAND = "TRADEBALANCE_TESTS_PAGES"  # names a folder of pages to read as they are, while a rule or a style is tried
SCENARIOS = (inputs.central(case()), "as_announced")
# a folder at hand has the comparison of all scenarios, which has the plain name
JOBS = {job.page: job for job in jobs.jobs(case(), () if AT_HAND in os.environ else SCENARIOS, "")}
OF_NOTEBOOKS = [*JOBS]
OF_SCENARIOS = [name for name in OF_NOTEBOOKS if name.startswith(jobs.SCENARIO_NOTEBOOK)]
OWN_BOOK = [name for name in OF_NOTEBOOKS if not name.endswith("-VNM")]


def rendered(temporary: pytest.TempPathFactory) -> Path:
    """The report's folder, which the first process of a run to ask fills."""
    if at_hand := os.environ.get(AT_HAND):
        return Path(at_hand)
    own = temporary.getbasetemp()
    out = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "pages"
    with FileLock(f"{out}.lock"):
        if not (out / "index.html").exists():
            pages = batch.report(case(), SCENARIOS, out=out)
            assert all(page.record for page in pages), pages
    return out


def record_of(folder: Path, name: str) -> dict[str, Any]:
    return json.loads((folder / "records" / f"{name}.json").read_text(encoding="utf-8"))["record"]
