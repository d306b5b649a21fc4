"""What a raw file is: the `<name>.source.yaml` beside it, validated, or one ready to paste; and its corrections.

Corrections of raw cells are data, each with a reason and the value it expects, never a patch in code.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from ..facts.trade import Source
from ..reading import options
from ..reading.options import Options
from ..reading.readers import Row, Table
from ..words.citations import Citation
from ..words.problems import Problem
from ..words.schema import Document, Strict, Words, validated, wrong
from ..words.terms import Basis, Valuation, month
from .folder import Country

SUFFIX = ".source.yaml"
ENDING = re.compile(r"(\.[a-z]{3,5})?\.(gz|zip)$|\.[^.]+$")
TODO = "TODO"  # what a template leaves to its reader
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
STATUS_SPAN = re.compile(r"(?:(to )|(\d{4})-)?(\d{4}) (final|revised|preliminary)")


def _month(value: object) -> pd.Period:
    if not isinstance(value, str):
        raise wrong("wrong_type", "not a text", "correct the value")
    try:
        return month(value)
    except ValueError as error:
        raise wrong("bad_period", str(error), "write a month like 2026-08") from None


def _is_filled_in(text: str) -> str:
    if text.strip(" .:").upper() == TODO:
        raise wrong("empty", "still to be filled in", "write what the publisher says")
    return text


Month = Annotated[pd.Period, BeforeValidator(_month)]
Told = Annotated[Words, AfterValidator(_is_filled_in)]
Enum = Field(strict=False)


def name(file: str) -> str:
    """The sidecar's name beside a raw file."""
    return ENDING.sub("", file) + SUFFIX


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
        return Citation(self.title, f"{self.producer}; release of {self.vintage:%B %Y}", where)

    def flow_source(self, file: str) -> Source:
        """The part that a reader of figures needs. Raises ValueError without a last period or status."""
        if self.last_period is None:
            raise ValueError("a file of figures needs last_period, the last published month")
        return Source(file, self.vintage, self.last_period, status_by_year(self.status), self.partner)


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


def said(document: Document, *, is_printed: bool = True) -> tuple[Sidecar | None, list[Problem]]:
    """What a sidecar says, or None and what is wrong with it by itself; that of a printed table may have keys that say
    how it is read."""
    if document.problems:
        return None, list(document.problems)
    data = document.data
    if is_printed and isinstance(data, Mapping):
        data = {key: value for key, value in data.items() if not _is_option(key)}
    return validated(Sidecar, data, document)


def parse(
    document: Document, table: Table, sha256: str, must_say: Mapping[str, str] | None = None, *, in_place: bool = True
) -> tuple[Sidecar | None, list[Problem]]:
    """The sidecar of one raw file, or None and what is wrong with it; `in_place`, in the folder of its vintage.

    `must_say` is what a publisher's own layout asks of it; None for any other file.
    """
    sidecar, problems = said(document, is_printed=table.read_from is not None)
    if document.problems:
        return None, problems
    problems += printed_options(document)[1] if table.read_from else []
    if sidecar and sidecar.sha256 != sha256:
        reason = f"{table.file} has the checksum {sha256}"
        fix = "restore the raw file, or state the new checksum if the new content is meant"
        problems.append(document.problem("checksum_mismatch", ("sha256",), reason, fix, sidecar.sha256))
    folder = table.file.split("/")[-2] if "/" in table.file else ""
    if in_place and sidecar and str(sidecar.vintage) != folder:
        fix = "move the file to the folder of its vintage"
        problems.append(document.problem("bad_value", ("vintage",), f"the folder is {folder}", fix, sidecar.vintage))
    if sidecar and must_say is not None:
        problems += _figures_problems(sidecar, document, table.file, must_say)
    return (None, problems) if problems else (sidecar, [])


def _figures_problems(sidecar: Sidecar, document: Document, file: str, must_say: Mapping[str, str]) -> list[Problem]:
    """What is wrong in the sidecar of a publisher's own layout."""
    problems = []
    try:
        source = sidecar.flow_source(file)
    except ValueError as error:
        return [document.problem("empty", (), str(error), "add the key to the sidecar")]
    if source.last_period > source.vintage:
        reason, fix = f"published before the last period, {source.last_period}, had ended", "correct one of the two"
        problems.append(document.problem("vintage_too_early", ("vintage",), reason, fix, sidecar.vintage))
    for key, text in must_say.items():
        if (found := getattr(sidecar, key)) != text:
            code, reason = "unit_conflict" if key == "unit" else "bad_value", f"the layout is one of {text}"
            problems.append(document.problem(code, (key,), reason, f"state {text}", found))
    return problems


def missing(table: Table, sha256: str, says: Mapping[str, str]) -> Problem:
    """A raw file without a sidecar; the fix is one ready to paste."""
    reason = "a raw file without a sidecar says neither what it is nor where it comes from"
    beside = f"Check this and save it beside the file, below data/raw as {name(table.file)}:"
    return Problem("source_missing", table.file, reason, f"{beside}\n{template(table, sha256, says)}")


def template(table: Table, sha256: str, says: Mapping[str, str]) -> str:
    """A sidecar for a file, as far as the file itself, by what its layout `says`, tells."""
    folder = table.file.split("/")[-2] if "/" in table.file else ""
    lines = dict.fromkeys(("title", "producer", "url", "licence"), TODO) | {"vintage": folder, **says}
    return "\n".join(f"{key}: {text or TODO}" for key, text in (lines | {"sha256": sha256}).items())


def printed_options(document: Document) -> tuple[Options, list[Problem]]:
    """What a sidecar says of how a printed table is to be read, and the keys of it that will not do."""
    data = document.data if isinstance(document.data, Mapping) else {}
    will_do, problems = {}, []
    for key, value in data.items():
        try:
            options.options({key: value}, strict=_is_option(key))
            will_do[key] = value
        except options.Unknown as error:
            problems.append(document.problem("bad_value", (key,), str(error), "correct the value", value))
    return options.options(will_do, strict=False), problems


def _is_option(key: str) -> bool:
    """Whether a key is one that only the sidecar of a printed table has."""
    return options.is_key(key) and key not in Sidecar.model_fields


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
    """A case's data/corrections.yaml."""

    corrections: list[Correction]


def correct(table: Table, corrections: Sequence[Correction]) -> tuple[Table, list[Problem]]:
    """The table with its corrections made, and a problem for each that does not find what it expects."""
    rows = {row.line: row for row in table.rows}
    problems = []
    for correction in (each for each in corrections if each.file == table.file):
        row = rows.get(correction.row)
        found = row.cells.get(correction.column) if row else None
        if row is None or found != correction.expected:
            reason = f"a correction expects {correction.expected!r} here"
            fix = "look at data/corrections.yaml: the raw file has changed, or the correction is wrong"
            problems.append(Problem("inconsistent", table.file, reason, fix, correction.row, correction.column, found))
            continue
        rows[correction.row] = Row(row.line, {**row.cells, correction.column: correction.value})
    return replace(table, rows=list(rows.values())), problems
