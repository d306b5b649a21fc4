"""The only module that knows a path: raw files and sidecars, processed data, scenarios, safe writes.

A case is a folder with data/raw and scenarios; the repository is one. What is read from data/raw
is checked against its sidecars, and what is read from data/processed against data/raw.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pandas as pd

from . import census, commitments, corrections, declaration, flows, raw_tables, readers, sidecars, terms, writing
from .commitments import Event
from .corrections import Correction
from .declaration import Declaration
from .problems import Problem, Refused, raise_errors
from .raw_tables import PrintedBooks, RawFile
from .terms import FLOW_COLUMNS, Frequency, Pair
from .timeline import Happening
from .validation import nearest

CHECKOUT = Path(__file__).resolve().parents[2]
DECLARATION = "case.yaml"
PROCESSED = ("flows.csv", "commitments.csv", "kept_aside.csv")
MANIFEST = "inputs.csv"
RAW_NAME = re.compile(r"[A-Za-z0-9._-]+")  # ids of raw rows are joined by spaces, and file and row by a colon
HIDDEN = (".", "~$")  # what file managers and office programs leave behind
DATA_SUFFIXES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Case:
    """A folder with data/raw and scenarios in this project's form."""

    root: Path

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        return self.root / "data" / "processed"

    @property
    def corrections(self) -> Path:
        return self.root / "data" / "corrections.yaml"

    @property
    def arrivals(self) -> Path:
        return self.root / "data" / "arrivals.yaml"

    @property
    def scenarios(self) -> Path:
        return self.root / "scenarios"

    @property
    def notebooks(self) -> Path:
        """The case's own notebooks, or those of the checkout."""
        own = self.root / "notebooks"
        return own if own.is_dir() else CHECKOUT / "notebooks"

    @property
    def declaration(self) -> Path:
        """What the case is about: its own case.yaml, or that of the checkout."""
        own = self.root / DECLARATION
        return own if own.is_file() else CHECKOUT / DECLARATION

    @property
    def forecasts(self) -> Path:
        return self.root / "forecasts"

    @property
    def reports(self) -> Path:
        return self.root / "reports"


def case(folder: str = "") -> Case:
    """The case in a folder, or one of the checkout's `cases` by name; by default the checkout itself.

    Raises Refused if there is no data/raw in it, naming the nearest known case.
    """
    by_name = {path.parent.parent.name: path.parent.parent for path in CHECKOUT.glob("cases/*/data/raw")}
    root = Path(folder).resolve() if folder else CHECKOUT
    if not (root / "data" / "raw").is_dir():
        root = by_name.get(folder, root)
    if not (root / "data" / "raw").is_dir():
        fix = (
            "name a folder with data/raw and scenarios by --case, or install from a checkout with pip install -e"
            if not by_name
            else f"name a folder with data/raw and scenarios, or one of {', '.join(sorted(by_name))}, by --case"
            + nearest(folder, sorted(by_name))
        )
        raise Refused([Problem("empty", folder or str(root), "no case here: there is no data/raw", fix)])
    return Case(root)


def declared(where: Case) -> Declaration:
    """What a case is about. Raises Refused with every problem of its case.yaml."""
    return declaration.parse(readers.yaml_document(where.declaration.read_bytes(), DECLARATION))


# --- raw ------------------------------------------------------------------------------------------


def raw_files(raw: Path) -> list[RawFile]:
    """Every raw file with its sidecar, in order of name. Raises Refused with all problems of all files."""
    if not raw.is_dir():
        raise Refused([Problem("empty", str(raw), "no folder of raw files", "name one with files and their sidecars")])
    problems: list[Problem] = []
    found = []
    paths = sorted(path for path in raw.rglob("*") if path.is_file() and not path.name.startswith(HIDDEN))
    for path in paths:
        if not RAW_NAME.fullmatch(path.name):
            fix = "use letters, digits, - _ and . only"
            name = path.relative_to(raw).as_posix()
            problems.append(Problem("unsafe_name", name, "a name that a list of sources cannot hold", fix))
        if path.suffix in DATA_SUFFIXES:
            file, of_file = _raw_file(path, path.relative_to(raw).as_posix())
            problems += of_file
            found += [file] if file else []
        elif not path.name.endswith(sidecars.SUFFIX) or not _data_files(path):
            name = path.relative_to(raw).as_posix()
            reason = (
                "a sidecar without its file" if path.name.endswith(sidecars.SUFFIX) else "neither CSV, XLSX nor sidecar"
            )
            problems.append(Problem("unknown_key", name, reason, "remove it, or add what is missing"))
    raise_errors(problems)
    return found


def _data_files(sidecar: Path) -> list[Path]:
    stem = sidecar.name.removesuffix(sidecars.SUFFIX)
    return [sidecar.with_name(stem + suffix) for suffix in DATA_SUFFIXES if sidecar.with_name(stem + suffix).exists()]


def _raw_file(path: Path, name: str) -> tuple[RawFile | None, list[Problem]]:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        table = readers.table(content, name)
    except Refused as refusal:
        return None, list(refusal.problems)
    beside = path.with_name(path.stem + sidecars.SUFFIX)
    if not beside.exists():
        return None, [sidecars.missing(table, sha256)]
    said = beside.read_bytes()
    sidecar, problems = sidecars.parse(readers.yaml_document(said, sidecars.name(name)), table, sha256)
    return (RawFile(table, sidecar, sha256, hashlib.sha256(said).hexdigest()) if sidecar else None), problems


# --- build ----------------------------------------------------------------------------------------


def corrected(where: Case, files: Iterable[RawFile]) -> list[RawFile]:
    """The raw files with the case's corrections made. Raises Refused if one does not find what it expects."""
    wanted = corrections_of(where)
    pairs = [(file, *corrections.apply(file.table, wanted)) for file in files]
    raise_errors(problem for _, _, problems in pairs for problem in problems)
    made = {file.table.file: tuple(one for one in wanted if one.file == file.table.file) for file, _, _ in pairs}
    return [replace(file, table=table, corrections=made[table.file]) for file, table, _ in pairs]


def corrections_of(where: Case) -> list[Correction]:
    """The case's corrections, in file order; none without a file. Raises Refused with every problem of it."""
    path = where.corrections
    if not path.exists():
        return []
    return corrections.parse(readers.yaml_document(path.read_bytes(), "data/corrections.yaml"))


def build(where: Case, raw: Path | None = None, out: Path | None = None) -> list[Problem]:
    """data/raw -> data/processed; returns the warnings. Raises Refused with every problem of every file."""
    files = corrected(where, raw_files(raw or where.raw))
    (table, aside), ledger, books, _ = raw_tables.all_or_refused(
        files, raw_tables.trade, raw_tables.ledger, raw_tables.printed_books, raw_tables.happenings
    )
    table = flows.combine([table[table["frequency"] == Frequency.MONTHLY], *raw_tables.reconciled(books, table)])
    leaves = commitments.table(commitments.leaves(ledger, commitments.FOREVER)) if ledger else pd.DataFrame()
    out = out or where.processed
    writing.write_csv(out / "flows.csv", _printable(table))
    writing.write_csv(out / "commitments.csv", _printable(leaves))
    writing.write_csv(out / "kept_aside.csv", pd.DataFrame(aside, columns=["file", "row", "code", "name"]))
    writing.write_csv(out / MANIFEST, pd.DataFrame(_checksums(files, out), columns=["file", "sha256"]))
    return [census.aside_warning(row) for row in aside]


def _checksums(files: Iterable[RawFile], out: Path) -> list[tuple[str, str]]:
    """Every file that data/processed rests on or consists of, but for the manifest itself, with its sha256."""
    raw = [(f.table.file, f.sha256) for f in files] + [(sidecars.name(f.table.file), f.sidecar_sha256) for f in files]
    return sorted(raw) + [(name, writing.sha256_of(out / name) if (out / name).exists() else "") for name in PROCESSED]


def _printable(table: pd.DataFrame) -> pd.DataFrame:
    """Decimals without exponents, so that the same figures give the same bytes."""
    return table.map(lambda cell: format(cell, "f") if isinstance(cell, Decimal) else cell)


# --- facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What is known: the processed flows, printed fragments by pair, the ledger's events, the timeline.

    `files` are all raw files by name, corrected by `corrections`; `pair` is whose surplus with whom the case is about.
    """

    flows: pd.DataFrame
    fragments: PrintedBooks
    events: list[Event]
    timeline: list[Happening]
    files: dict[str, RawFile]
    corrections: list[Correction]
    pair: Pair


def facts(where: Case) -> Facts:
    """What is known. Raises Refused if data/processed is not what data/raw gives."""
    files = {file.table.file: file for file in corrected(where, raw_files(where.raw))}
    manifest = where.processed / MANIFEST
    built = manifest.read_text(encoding="utf-8").splitlines()[1:] if manifest.exists() else []
    if built != [",".join(row) for row in _checksums(files.values(), where.processed)]:
        reason = "data/raw or data/processed has changed since the last build"
        raise Refused([Problem("checksum_mismatch", "data/processed", reason, "run `tradebalance build`")])
    table = read_flows(where.processed / "flows.csv")
    found, made = files.values(), corrections_of(where)
    books, ledger = raw_tables.printed_books(found), raw_tables.ledger(found)
    happenings = raw_tables.happenings(found)
    return Facts(table, books, ledger, happenings, files, made, declared(where).pair)


def newest_vintage(where: Case) -> pd.Period | None:
    """The newest vintage of the case's own figures, by the last build; None if there was none."""
    try:
        vintages = pd.read_csv(where.processed / "flows.csv", usecols=["vintage"], dtype=str)["vintage"]
        return None if vintages.empty else terms.month(vintages.max())
    except (OSError, ValueError, TypeError):
        return None


def contents(processed: Path) -> list[str]:
    """What a build holds, a line a book and vintage: figures, and the last period."""
    table = read_flows(processed / "flows.csv")
    lines = []
    for key, one in table.groupby(["reporter", "partner", "frequency", "vintage"], sort=True):
        reporter, partner, frequency, vintage = (str(part) for part in key)
        kind = "monthly" if frequency == Frequency.MONTHLY else "quarterly"
        lines.append(f"{reporter} with {partner}, {vintage}: {len(one)} {kind} figures to {max(one['period'])}")
    return lines


def read_flows(path: Path) -> pd.DataFrame:
    """The long table of flows from its CSV, with the types that `flows` states."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)[FLOW_COLUMNS]
    periods = {
        frequency: pd.PeriodIndex(table.loc[table["frequency"] == frequency, "period"], freq=frequency)
        for frequency in Frequency
    }
    return table.assign(
        period=[period for frequency in Frequency for period in periods[frequency]],
        vintage=pd.PeriodIndex(table["vintage"], freq="M"),
        value_usd_mn=[Decimal(value) for value in table["value_usd_mn"]],
        se_usd_mn=pd.Series([Decimal(error) if error else None for error in table["se_usd_mn"]], dtype=object),
    )
