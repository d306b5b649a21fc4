"""Whatever bytes a file holds, `check` gives figures or problems with a listed code, and soon."""

import random
import re
import time
from pathlib import Path

import pandas as pd
import pytest

from tests import builders
from tradebalance.case import folder
from tradebalance.reading.options import Options
from tradebalance.report import check
from tradebalance.words.problems import Refused

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
CODES = set(re.findall(r"^\| (\w+) \|", (CORPUS / "CODES.md").read_text(encoding="utf-8"), re.MULTILINE))
LISTED = dict(re.findall(r"^\| (\w+) \| ([^|]+) \|", (CORPUS / "CODES.md").read_text(encoding="utf-8"), re.MULTILINE))
NAMED = {"flows": "figures", "ledger": "ledger", "scenario": "scenarios"}  # a kind's word in the list of codes
# What can be wrong with any table's cells, rows or bytes is listed with the figures, and means the same in a ledger.
OF_ANY_TABLE = {code for code, where in LISTED.items() if "figures" in where}
ROOT = Path(__file__).resolve().parents[2]
LEDGER = (
    b"id,part_of,buyer,seller,category,value,currency,unit,status,signed_on,delivery_start,delivery_end,source,note\n"
)
DEAL = b"r%d,%s,B%d,S,g,%s,USD,bn,signed,2025,2026,2027,x,\n"
SEEDS = [
    path
    for kind in ("good", "bad")
    for path in sorted((CORPUS / kind).iterdir())
    if path.name != "expected.json" and path.stat().st_size < 65_536
]
ENDINGS = [".csv", ".tsv", ".xlsx", ".html", ".csv.gz", ".zip", ".parquet"]
PIECES = [b",", b'"', b"\n", b"\0", b"Total", b"..", b";", b"-", b"2025Q1", b"\xff", b"9" * 40, b"1e999", b"<table>"]
MOST_BYTES = 65_536
MOST_SECONDS = 2  # of the processor: what else runs beside a test is not its file's doing
HEADER = b"period,reporter,partner,flow,value,unit\n"
STRESS = {  # inputs that a careless pattern or loop takes minutes over
    "unclosed comments": b"<!--" * 16_000,
    "unclosed tags": b"<a " * 21_000,
    "nested tables": b"<table><tr><td>" * 4_000,
    "wide spans": b"<table><tr>" + b"<td rowspan=200 colspan=200>x" * 2_200,
    "quotes": b'"' * 65_000,
    "quoted cells": b'"a",' * 13_000,
    "blank lines": b"\n" * 65_000,
    "a thousand unknown countries": HEADER
    + b"".join(b"2025Q1,Viet%dman,USA,export,31.4x,USD bn\n" % n for n in range(1_500)),
    "a long number": HEADER + b"2025Q1,VNM,USA,export," + b"1-" * 30_000 + b",USD bn\n",
    "a long period": HEADER + b"q" * 30_000 + b" " * 30_000 + b",VNM,USA,export,3,USD bn\n",
    "many months": HEADER
    + b"".join(b"%dM%02d,VNM,USA,export,%d,USD bn\n" % (1900 + n // 12, n % 12 + 1, n + 1) for n in range(1_700)),
    "a gap of centuries": HEADER + b"1900-01,VNM,USA,export,1,USD bn\n2200-01,VNM,USA,export,1,USD bn\n",
    "totals": HEADER + b"Total,VNM,USA,export,1,USD bn\n" * 1_500,
    "columns": HEADER[:-1] + b",2025Q1,2025Q2" * 4_000 + b"\n",
}


def codes(content: bytes, name: str) -> set[str]:
    started = time.process_time()
    try:
        problems = builders.figures(content, name, Options(), pd.Period("2026-10", freq="M")).problems
    except Refused as refusal:
        problems = list(refusal.problems)
    assert time.process_time() - started < MOST_SECONDS
    assert all(str(problem) and problem.reason and problem.fix for problem in problems)
    return {problem.code for problem in problems}


def mutated(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice([1, 2, 5, 20])):
        at = chance.randrange(len(content) + 1)
        piece = chance.choice([*PIECES, bytes([chance.randrange(256)]), content[: chance.randrange(1, 200)]])
        content = content[:at] + piece + content[at + chance.choice([0, 0, 1, 5, 50]) :]
    return content[:MOST_BYTES]


@pytest.mark.parametrize("name", STRESS)
def test_a_stress_is_answered_in_time(name):
    for ending in ENDINGS:
        assert codes(STRESS[name], f"f{ending}") <= CODES


@pytest.mark.parametrize("size", [0, 1, 2, 16, 1_000, MOST_BYTES])
def test_random_bytes_give_a_listed_code(size):
    chance = random.Random(size)
    for ending in ENDINGS * 3:
        found = codes(chance.randbytes(size), f"f{ending}")
        assert found
        assert found <= CODES


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_a_damaged_file_gives_figures_or_a_listed_code(path):
    chance = random.Random(path.name)
    content = path.read_bytes()
    for _ in range(25):
        assert codes(mutated(content, chance), path.name) <= CODES


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_a_file_cut_anywhere_gives_figures_or_a_listed_code(path):
    content = path.read_bytes()
    for end in range(0, len(content), max(1, len(content) // 25)):
        assert codes(content[:end], path.name) <= CODES


LINKED = {  # ledgers that a rule between rows takes too long over, or too deep
    "a circle": [DEAL % (n, b"r%d" % ((n + 1) % 1_000), n, b"1") for n in range(1_000)],
    "a chain": [DEAL % (n, b"r%d" % (n + 1) if n < 999 else b"", n, b"1") for n in range(1_000)],
    "parts": [DEAL % (0, b"", 0, b"100"), *(DEAL % (n, b"r0", n, b"0.1") for n in range(1, 1_000))],
    "one deal": [DEAL % (n, b"", 1, b"1") for n in range(1_200)],
    "hedges": [DEAL % (n, b"", n, "hơn ".encode() * 25) for n in range(250)],
    "dashes": [DEAL % (n, b"", n, b"1-" * 55) for n in range(250)],
    "blanks": [DEAL % (n, b"", n, b"1" + b" " * 110 + b"to") for n in range(250)],
    "a long value": [DEAL % (1, b"", 1, b"1 - " * 15_000)],
    "a long hedge": [DEAL % (1, b"", 1, "khoảng ".encode() * 7_000)],
}


def reported(path: Path) -> dict:
    """The report of a file within the time there is, every code of it listed for the file's kind."""
    started = time.process_time()
    (report,) = check.check([path], None, folder.case(), {})
    assert time.process_time() - started < MOST_SECONDS
    for problem in report["problems"]:
        allowed = {code for code, where in LISTED.items() if NAMED[report["kind"]] in where}
        assert problem["code"] in allowed | (OF_ANY_TABLE if report["kind"] == "ledger" else set())
    return report


@pytest.mark.parametrize("name", LINKED)
def test_a_ledger_of_many_rows_is_answered_in_time(name, tmp_path):
    path = tmp_path / "l.csv"
    path.write_bytes((LEDGER + b"".join(LINKED[name]))[:MOST_BYTES])
    assert reported(path)["kind"] == "ledger"


@pytest.mark.parametrize(
    "path",
    [*sorted((CORPUS / "ledger").glob("*.csv")), ROOT / "scenarios" / "even.yaml",
     ROOT / "data/raw/us-census/2026-10/vietnam.csv", ROOT / "data/raw/vietnam-customs/2026-11/fragments.csv",
     ROOT / "data/raw/commitments/2026-11/commitments.csv"],
    ids=lambda path: path.name,
)  # fmt: skip
def test_a_damaged_file_of_any_kind_gets_a_code_of_its_kind(path, tmp_path):
    chance = random.Random(path.name)
    for _ in range(15):
        (tmp_path / path.name).write_bytes(mutated(path.read_bytes(), chance))
        reported(tmp_path / path.name)
