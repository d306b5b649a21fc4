"""A release added later leaves tests of numbers green; releases.yaml names what they speak of."""

import csv
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

import releases
from releases import CHECKOUT, NAMED
from tradebalance.case import folder, store, writing
from tradebalance.facts.census import MONTHS
from tradebalance.words.terms import month

CENSUS = "data/raw/us-census"
TABLE, SAYS = "vietnam.csv", "vietnam.source.yaml"
RUN = [  # numbers of trade and of chains to raw cells, and what follows the newest release
    "tests/facts/test_mirror.py",
    "tests/trace/test_trade.py",
    "tests/whole/test_releases.py",
    "tests/case/test_store.py::test_the_processed_data_in_the_repository_is_what_a_build_gives",
]


def add_month(root: Path) -> Path:
    """A release of a checkout's US figures with one month more, which is the same month's of the year before."""
    named = root / CENSUS / NAMED[CENSUS]
    said = yaml.safe_load((named / SAYS).read_text(encoding="utf-8"))
    last = month(said["last_period"]) + 1
    made = root / CENSUS / str(max(month(path.name) for path in (root / CENSUS).iterdir()) + 1)
    made.mkdir()
    with (named / TABLE).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    by_year = {row["year"]: row for row in rows}
    for side in "IE":
        name = f"{side}{MONTHS[last.month - 1]}"
        new = by_year[str(last.year)]
        new[name] = by_year[str(last.year - 1)][name]
        new[f"{side}YR"] = str(sum(Decimal(new[f"{side}{each}"]) for each in MONTHS))
    with (made / TABLE).open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    changed = {"vintage": made.name, "last_period": str(last), "sha256": writing.sha256_of(made / TABLE)}
    (made / SAYS).write_text(yaml.safe_dump({**said, **changed}, allow_unicode=True), encoding="utf-8")
    return made


def test_every_release_that_the_numbers_speak_of_is_there():
    assert [f"{source}/{name}" for source, name in NAMED.items() if not (CHECKOUT / source / name).is_dir()] == []


def test_the_case_at_hand_holds_what_the_numbers_speak_of_and_nothing_later():
    root = folder.case().root
    assert folder.shipped() == root
    found = {path.relative_to(root) for path in root.glob("data/raw/*/*")}
    assert not found & set(releases.later())
    assert {path.name for path in root.glob(f"{CENSUS}/*")} == {"2024-08", NAMED[CENSUS]}


@pytest.mark.newest
def test_what_follows_the_newest_release_has_the_repository_at_hand():
    assert folder.case().root == folder.shipped() == CHECKOUT


@pytest.mark.slow
def test_a_release_added_by_the_recipe_leaves_tests_of_numbers_green(tmp_path):
    """As a new user has it: a release with one month more, a build, the tests."""
    root = tmp_path / "checkout"
    shutil.copytree(
        CHECKOUT, root, ignore=shutil.ignore_patterns(".*", "reports", "build", "*.egg-info", "__pycache__")
    )
    added = add_month(root).relative_to(root)
    store.build(folder.Folder(root))
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    environment.pop(releases.MADE, None)
    quick = ["-q", "-p", "no:cacheprovider", "-m", "not slow"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quick, *RUN],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(added) in done.stdout.splitlines()[-2], done.stdout  # the line that tells what was left out
