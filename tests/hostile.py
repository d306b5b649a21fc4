"""A case in which every text that others write holds markup."""

import csv
import hashlib
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from releases import CASE

# columns of raw tables that hold words, and not what a reader counts, dates or looks up
WORDS = set(
    """buyer seller description status_as_reported goods_share_note source note next_event statement source_title
    anchors instrument wording""".split()
)
SIDECAR = ("title", "producer", "licence", "note")


def payload(place: str, address: str) -> str:
    """Markup of HTML and of Markdown that asks for a page of `address` if any of it is obeyed."""
    to = f"{address}/{place}"
    return (
        f"«{place}» <meta http-equiv=refresh content=0;url={to}><img src={to}.png onerror=alert(1)>"
        f"<script>alert(1)</script></title></style></p><svg onload=alert(1)> ![i]({to}.gif) [l](javascript:alert(1)) "
        f"[m]({to}) <{to}> **bold** _slanted_ `code` &lt;b&gt; $x$ <!-- gone -->"
    )


def edited(path: Path, change: Callable[[Any], None]) -> None:
    """Change what a YAML file holds."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


def of_table(path: Path, address: str) -> None:
    """Put markup behind the words of a CSV."""
    header, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            f"{cell} {payload(name, address)}" if name in WORDS and cell else cell
            for name, cell in zip(header, row, strict=True)
        )
    path.write_text(out.getvalue(), encoding="utf-8")


def of_raw(raw: Path, address: str) -> None:
    """Put markup into every raw table with words, and into every sidecar."""
    for sidecar in sorted(raw.rglob("*.source.yaml")):
        table = sidecar.with_name(sidecar.name.replace(".source.yaml", ".csv"))
        if table.is_file() and "us-census" not in table.parts:
            of_table(table, address)

        def change(said: dict[str, Any], table: Path = table) -> None:
            for key in SIDECAR:
                said[key] = f"{said.get(key, '')} {payload(f'sidecar-{key}', address)}"
            if table.is_file():
                said["sha256"] = hashlib.sha256(table.read_bytes()).hexdigest()

        edited(sidecar, change)


def hostile(folder: Path, address: str) -> Path:
    """A case made hostile: its raw files, what is written by hand, and a scenario's own words."""
    shutil.copyfile(CASE / "case.yaml", folder / "case.yaml")
    of_raw(folder / "data" / "raw", address)

    def of_scenario(said: dict[str, Any]) -> None:
        said["title"], said["about"] = payload("title", address), f"{payload('about', address)}\n\n# heading"
        said["references"] = [f"{address}/reference"]
        said["events"] = [{"name": payload("event", address), "on": "2028Q1", "chance": 0.1, "cancels": 0.5}]

    def of_corrections(said: Mapping[str, Any]) -> None:
        for correction in said["corrections"]:
            for key in ("reason", "source", "effect"):
                correction[key] += f" {payload(f'correction-{key}', address)}"

    def of_arrivals(said: Mapping[str, Any]) -> None:
        for deal in said["deals"]:
            deal["reason"] += f" {payload('arrival', address)}"

    def of_case(said: dict[str, Any]) -> None:
        said["central"] = "even"
        said["track"]["never_tested"] = payload("never_tested", address)

    def of_assumptions(said: dict[str, Any]) -> None:
        for key, value in said.items():
            if isinstance(value, dict):
                of_assumptions(value)
            elif key == "from":
                said[key] = f"{value} {payload('assumption', address)}"

    edited(folder / "scenarios" / "_assumptions.yaml", of_assumptions)
    edited(folder / "scenarios" / "even.yaml", of_scenario)
    edited(folder / "data" / "corrections.yaml", of_corrections)
    edited(folder / "data" / "arrivals.yaml", of_arrivals)
    edited(folder / "case.yaml", of_case)
    return folder
