"""What a raw file is: the `<name>.source.yaml` beside it, validated, or one ready to paste.

Hand-written corrections of raw cells: data with a reason and the value they expect, never a patch in code.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ..facts.census import MONTHS, YEAR, Source, is_layout
from ..reading.readers import Document, Row, Table
from ..words.citations import Citation
from ..words.problems import Problem, raise_errors
from ..words.schema import Strict, Words, validated, wrong
from ..words.terms import Basis, Valuation, month
from .folder import Country

SUFFIX = ".source.yaml"
TODO = "TODO"  # what a template leaves to its reader
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FIGURE = re.compile(r"[1-9]")  # any digit but 0 makes a cell a figure
STATUS_SPAN = re.compile(r"(?:(to )|(\d{4})-)?(\d{4}) (final|revised|preliminary)")


def _is_month(text: str) -> str:
    try:
        month(text)
    except ValueError as error:
        raise wrong("bad_period", str(error), "write a month like 2026-08") from None
    return text


def _is_filled_in(text: str) -> str:
    if text.strip(" .:").upper() == TODO:
        raise wrong("empty", "still to be filled in", "write what the publisher says")
    return text


Month = Annotated[str, AfterValidator(_is_month)]
Told = Annotated[Words, AfterValidator(_is_filled_in)]
Enum = Field(strict=False)


def name(file: str) -> str:
    """The sidecar's name beside a raw file."""
    return file.rpartition(".")[0] + SUFFIX


class Sidecar(Strict):
    """Every key a sidecar may have; those without a default must be there."""

    title: Told
    producer: Told
    url: Told
    licence: Told
    vintage: Month
    sha256: Sha256
    reporter: Country = ""
    partner: Country = ""
    unit: str = ""
    frequency: str = ""
    basis: Annotated[Basis, Enum] | None = None
    valuation: dict[Literal["export", "import"], Annotated[Valuation, Enum]] = Field(default_factory=dict)
    seasonally_adjusted: bool | None = None
    layout: str = ""
    last_period: Month | None = None
    status: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _adjusted_figures_are_refused(self) -> Self:
        if self.seasonally_adjusted:
            raise wrong("bad_value", "the figures are seasonally adjusted", "use the series as recorded")
        return self

    @property
    def citation(self) -> Citation:
        """What the file is cited as: title, producer and release, address."""
        where = "each row of it names its own" if self.url == "in each row" else self.url
        return Citation(self.title, f"{self.producer}; release of {month(self.vintage):%B %Y}", where)

    def flow_source(self, file: str) -> Source:
        """The part that a reader of figures needs. Raises ValueError without a last period or status."""
        if self.last_period is None:
            raise ValueError("a file of figures needs last_period, the last published month")
        return Source(file, month(self.vintage), month(self.last_period), status_by_year(self.status))


def status_by_year(words: str) -> dict[int, str]:
    """Year -> final, revised or preliminary, from words like `to 2021 final, 2022-2023 revised`.

    Raises ValueError where no such span is found.
    """
    found = {
        year: status
        for up_to, first, last, status in STATUS_SPAN.findall(words)
        for year in range(1900 if up_to else int(first or last), int(last) + 1)
    }
    if not found:
        raise ValueError("status needs spans like `to 2021 final, 2022-2025 revised, 2026 preliminary`")
    return found


def parse(
    document: Document, table: Table, sha256: str, *, in_place: bool = True
) -> tuple[Sidecar | None, list[Problem]]:
    """The sidecar of one raw file, or None and what is wrong with it; `in_place`, in the folder of its vintage."""
    if document.problems:
        return None, list(document.problems)
    sidecar, problems = validated(Sidecar, document.data, document)
    if sidecar and sidecar.sha256 != sha256:
        reason = f"{table.file} has the checksum {sha256}"
        fix = "restore the raw file, or state the new checksum if the new content is meant"
        problems.append(document.problem("checksum_mismatch", ("sha256",), reason, fix, sidecar.sha256))
    folder = table.file.split("/")[-2] if "/" in table.file else ""
    if in_place and sidecar and sidecar.vintage != folder:
        fix = "move the file to the folder of its vintage"
        problems.append(document.problem("bad_value", ("vintage",), f"the folder is {folder}", fix, sidecar.vintage))
    if sidecar and is_layout(table.columns):
        problems += _census_problems(sidecar, document, table.file)
    return (None, problems) if problems else (sidecar, [])


def _census_problems(sidecar: Sidecar, document: Document, file: str) -> list[Problem]:
    problems = []
    try:
        source = sidecar.flow_source(file)
    except ValueError as error:
        return [document.problem("empty", (), str(error), "add the key to the sidecar")]
    if source.last_period > source.vintage:
        fix = "correct one of the two"
        reason = f"published before the last period, {source.last_period}, had ended"
        problems.append(document.problem("vintage_too_early", ("vintage",), reason, fix, sidecar.vintage))
    if sidecar.unit != "USD million":
        reason = "the layout prints USD million"
        problems.append(document.problem("unit_conflict", ("unit",), reason, "state USD million", sidecar.unit))
    if sidecar.reporter != "USA":
        reason = "the layout is the US Census Bureau's"
        problems.append(document.problem("bad_value", ("reporter",), reason, "state USA", sidecar.reporter))
    return problems


def missing(table: Table, sha256: str) -> Problem:
    """A raw file without a sidecar; the fix is one ready to paste."""
    reason = "a raw file without a sidecar says neither what it is nor where it comes from"
    fix = f"Check this and save it beside the file, below data/raw as {name(table.file)}:\n{template(table, sha256)}"
    return Problem("source_missing", table.file, reason, fix)


def template(table: Table, sha256: str) -> str:
    """A sidecar for a file, as far as the file itself tells."""
    folder = table.file.split("/")[-2] if "/" in table.file else ""
    lines = dict.fromkeys(("title", "producer", "url", "licence"), TODO) | {"vintage": folder}
    if is_layout(table.columns):
        lines |= _census_lines(table)
    return "\n".join(f"{key}: {text}" for key, text in (lines | {"sha256": sha256}).items())


def _census_lines(table: Table) -> dict[str, str]:
    last = last_published(table)
    published = {"last_period": TODO, "status": TODO}
    if last is not None:
        published = {"last_period": str(last), "status": f"to {last.year - 1} revised, {last.year} preliminary"}
    return {
        "title": "U.S. Trade in Goods by Country",
        "producer": "U.S. Census Bureau, Foreign Trade Division",
        "url": "https://www.census.gov/foreign-trade/balance/country.xlsx",
        "licence": "public domain (US government work)",
        "reporter": "USA",
        "unit": "USD million",
        "frequency": "monthly",
        "basis": "customs",
        "valuation": "{export: fas, import: customs_value}",
        "seasonally_adjusted": "false",
        **published,
    }


def last_published(table: Table) -> pd.Period | None:
    """The last month with a figure other than 0 in a file of the Census layout; None if there is none."""
    months = [
        pd.Period(year=int(row.cells["year"]), month=number, freq="M")
        for row in table.rows
        if YEAR.fullmatch(row.cells.get("year", ""))
        for number, name in enumerate(MONTHS, 1)
        if FIGURE.search(row.cells.get(f"I{name}", "")) or FIGURE.search(row.cells.get(f"E{name}", ""))
    ]
    return max(months, default=None)


class Correction(Strict):
    """One cell by file (below data/raw), physical row and column: as it stands, as it should, why, to what effect."""

    file: Words
    row: Annotated[int, Field(ge=2)]
    column: Words
    expected: str
    value: str
    reason: Words
    source: Words
    effect: Words

    @property
    def words(self) -> str:
        """For a page: which cell is read otherwise than it stands, why, and to what effect."""
        stands = f"“{self.expected}”" if self.expected else "blank"
        return (
            f"row {self.row} of {self.file}, {self.column}: {stands} as published, read as “{self.value}”, because "
            f"{self.reason} ({self.source}); effect: {self.effect}"
        )


class Corrections(Strict):
    corrections: list[Correction]


def parse_corrections(document: Document) -> list[Correction]:
    """The corrections of a file. Raises Refused with every problem, each on its key's line."""
    raise_errors(document.problems)
    found, problems = validated(Corrections, document.data, document)
    raise_errors(problems)
    return found.corrections if found else []


def correct(table: Table, corrections: Sequence[Correction]) -> tuple[Table, list[Problem]]:
    """The table with its corrections made, and a problem for each that does not find what it expects."""
    wanted = [correction for correction in corrections if correction.file == table.file]
    rows = {row.line: row for row in table.rows}
    problems = []
    for correction in wanted:
        row = rows.get(correction.row)
        found = row.cells.get(correction.column) if row else None
        if row is None or found != correction.expected:
            reason = f"a correction expects {correction.expected!r} here"
            fix = "look at data/corrections.yaml: the raw file has changed, or the correction is wrong"
            where = (correction.row, correction.column, found)
            problems.append(Problem("inconsistent", table.file, reason, fix, *where))
            continue
        rows[correction.row] = Row(row.line, {**row.cells, correction.column: correction.value})
    return replace(table, rows=list(rows.values())), problems
