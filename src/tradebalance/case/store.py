"""From data/raw to data/processed and back: what `build` writes is read only while it is what data/raw gives."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import cast

import pandas as pd

from ..facts import benchmark, goods, ledger, trade
from ..facts.duties import Duty
from ..facts.known import Dates
from ..facts.timeline import Happening
from ..reading import readers, rules
from ..words.citations import Place
from ..words.problems import Problem, raise_errors, refuse, together
from ..words.schema import read
from ..words.terms import FLOW_COLUMNS, Frequency, Pair, month
from . import raw as raw_folder
from . import regular, sidecars, writing
from .folder import Folder, declared
from .sidecars import Correction, Corrections, RawFile

PROCESSED = ("flows.csv", "commitments.csv", "kept_aside.csv")
FITS = "fits.json"  # only where there is a book in pieces
MANIFEST = "inputs.csv"


# --- build ----------------------------------------------------------------------------------------


def corrected(where: Folder, files: Iterable[RawFile]) -> list[RawFile]:
    """The raw files with the case's corrections made. Raises Refused if one does not find what it expects."""
    wanted = corrections_of(where)
    pairs = [(file, *sidecars.correct(file.table, wanted)) for file in files]
    raise_errors(problem for _, _, problems in pairs for problem in problems)
    made = {file.table.file: tuple(one for one in wanted if one.file == file.table.file) for file, _, _ in pairs}
    return [replace(file, table=table, corrections=made[table.file]) for file, table, _ in pairs]


def corrections_of(where: Folder) -> list[Correction]:
    """The case's corrections, in file order; none without a file. Raises Refused with every problem of it."""
    path = where.corrections
    if not path.exists():
        return []
    name = "data/corrections.yaml"
    return read(Corrections, readers.yaml_document(regular.read(path, name), name)).corrections


def kinds_of(where: Folder) -> goods.Kinds:
    """What the lines of Vietnam Customs' bulletins are. Raises Refused with every problem of the table."""
    name = f"data/{where.commodities.name}"
    return read(goods.Kinds, readers.yaml_document(regular.read(where.commodities, name), name))


def build(where: Folder, raw: Path | None = None, out: Path | None = None) -> list[Problem]:
    """data/raw -> data/processed; returns the warnings. Raises Refused with every problem of every file."""
    partner = declared(where).pair.other(goods.REPORTER)
    files = corrected(where, raw_folder.raw_files(raw or where.raw))
    of, printed = raw_folder, partial(raw_folder.bulletins, partner=partner)
    readings = of.trade, of.ledger, of.printed_books, printed, of.happenings, of.collected
    traded, events, books, lines, *_ = together(partial(reading, files) for reading in readings)
    pieced, fits = raw_folder.reconciled(books, traded.flows)
    table = trade.combine([traded.flows, *pieced])
    raise_errors(trade.flow_problems(table))
    if table.empty and not events:
        reason, fix = "neither figures nor a ledger", "add files of figures or a ledger, each with its sidecar"
        refuse("no_rows", str(raw or "data/raw"), reason, fix)
    leaves = ledger.table(ledger.leaves(events, ledger.FOREVER)) if events else pd.DataFrame()
    out = out or where.processed
    _refuse_others(out, where)
    writing.write_csv(out / "flows.csv", _printable(table))
    writing.write_csv(out / "commitments.csv", _printable(leaves))
    writing.write_csv(out / "kept_aside.csv", pd.DataFrame(traded.aside, columns=["file", "row", "code", "name"]))
    (out / FITS).unlink(missing_ok=True)
    if fits:
        writing.write_text(out / FITS, json.dumps({_code(): fits}, indent=1) + "\n")
    writing.write_csv(out / MANIFEST, pd.DataFrame(_checksums(files, out), columns=["file", "sha256"]))
    unknown = goods.not_mapped(lines, kinds_of(where))
    return [*traded.warnings, *_beside_pieces(traded.flows, books), *unknown]


def _refuse_others(out: Path, where: Folder) -> None:
    """Raise Refused for a folder other than data/processed that holds, under the name of a file that is to be written,
    one that no build left there: a build's manifest has the checksum of each."""
    writing.refuse_raw(out)
    if out.resolve() == where.processed.resolve():
        return
    manifest = out / MANIFEST
    built = set(manifest.read_text(encoding="utf-8").splitlines()) if manifest.is_file() else set()
    there = [name for name in (*PROCESSED, FITS) if (out / name).exists()]
    others = [name for name in there if f"{name},{writing.sha256_of(out / name)}" not in built]
    others += [MANIFEST] if manifest.exists() and "file,sha256" not in built else []
    reason, fix = "a file of this name is there, which no build wrote", "name another folder by --out"
    raise_errors(Problem("name_clash", str(out / name), reason, fix) for name in others)


def _beside_pieces(given: pd.DataFrame, books: raw_folder.PrintedBooks) -> list[Problem]:
    """A warning for each file of quarters of a book that is pieced together from fragments, which answers go on to
    read; its months would take their place."""
    quarters = given[given["frequency"] == Frequency.QUARTERLY]
    rows = [row for row in quarters.itertuples() if (row.reporter, row.partner) in books]
    found = {Place.of(row.ids.split()[0]).file: (row.reporter, row.partner) for row in rows}
    reason, fix = (
        "the book of {} with {} is pieced together from fragments, and these are quarters",
        "give its months, or take the fragments out for the answers to read this",
    )
    return [Problem("kept_apart", file, reason.format(*pair), fix, severity="warning") for file, pair in found.items()]


def _checksums(files: Iterable[RawFile], out: Path) -> list[tuple[str, str]]:
    """Every file that data/processed rests on or consists of, but for the manifest itself, with its sha256."""
    raw = [(f.table.file, f.sha256) for f in files] + [(sidecars.name(f.table.file), f.sidecar_sha256) for f in files]
    own = [*PROCESSED, *([FITS] if (out / FITS).exists() else [])]
    return sorted(raw) + [(name, writing.sha256_of(out / name) if (out / name).exists() else "") for name in own]


def _code() -> str:
    """The checksum of the module that searches for the fits: what another one found is not used."""
    return writing.sha256_of(Path(benchmark.__file__))


def _printable(table: pd.DataFrame) -> pd.DataFrame:
    """Decimals without exponents, so that the same figures give the same bytes."""
    return table.map(lambda cell: format(cell, "f") if isinstance(cell, Decimal) else cell)


# --- facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What is known: the processed flows, what was fitted of books in pieces, printed fragments by pair, the ledger's
    events, the timeline, the duties collected by month.

    `files` are all raw files by name, corrected by `corrections`; `pair` is whose surplus with whom the case is about,
    `dates` are its quarters of change.
    """

    flows: pd.DataFrame
    fits: benchmark.Fits
    fragments: raw_folder.PrintedBooks
    events: list[ledger.Event]
    timeline: list[Happening]
    duties: list[Duty]
    files: dict[str, RawFile]
    corrections: list[Correction]
    pair: Pair
    dates: Dates


def hold(where: Folder) -> Folder:
    """The folder with its facts read and checked once. Raises Refused as `facts` does."""
    return replace(where, held=facts(where))


def facts(where: Folder) -> Facts:
    """What is known. Raises Refused if data/processed is not what data/raw gives."""
    if where.held is not None:
        return cast(Facts, where.held)
    files = {file.table.file: file for file in corrected(where, raw_folder.raw_files(where.raw))}
    manifest = where.processed / MANIFEST
    built = manifest.read_text(encoding="utf-8").splitlines()[1:] if manifest.exists() else []
    if built != [",".join(row) for row in _checksums(files.values(), where.processed)]:
        reason = "data/raw or data/processed has changed since the last build"
        refuse("checksum_mismatch", "data/processed", reason, "run `tradebalance build`")
    table = read_flows(where.processed / "flows.csv")
    found, made = files.values(), corrections_of(where)
    books, events = raw_folder.printed_books(found), raw_folder.ledger(found)
    happenings, collected = raw_folder.happenings(found), raw_folder.collected(found)
    fits = where.processed / FITS
    fitted = regular.read_json(fits).get(_code(), {}) if fits.exists() else {}
    about = declared(where)
    return Facts(table, fitted, books, events, happenings, collected, files, made, about.pair, about.dates)


def published(where: Folder) -> tuple[pd.Period | None, rules.Held]:
    """By the last build, the newest vintage of the case's own figures, and what its newest quarters come to a year in
    USD million (four times their mean) by reporter, partner and flow; None and nothing if there was none."""
    columns = ["reporter", "partner", "flow", "frequency", "period", "vintage", "value_usd_mn"]
    try:
        table = pd.read_csv(where.processed / "flows.csv", usecols=columns, dtype=str).sort_values("vintage")
        newest = month(table["vintage"].max())
    except (OSError, ValueError, TypeError):
        return None, {}
    quarters = table[table["frequency"] == Frequency.QUARTERLY].drop_duplicates([*columns[:3], "period"], keep="last")
    held: dict[tuple[str, ...], dict[int, Decimal]] = {}
    for (*series, year), values in quarters.groupby([*columns[:3], quarters["period"].str[:4]])["value_usd_mn"]:
        of_series = held.setdefault(tuple(map(str, series)), {})
        of_series[int(year)] = 4 * sum(map(Decimal, values), Decimal(0)) / len(values)
    return newest, held


def contents(processed: Path) -> list[str]:
    """What a build holds, a line a book and source: figures of its newest release, and the last period."""
    table = read_flows(processed / "flows.csv")
    lines = []
    by_source = table.groupby(["reporter", "partner", table["ids"].str.partition("/")[0], "frequency"], sort=True)
    for (reporter, partner, source, frequency), each in by_source:
        newest, releases = each[each["vintage"] == each["vintage"].max()], each["vintage"].nunique()
        kind = "monthly" if frequency == Frequency.MONTHLY else "quarterly"
        told = f"{len(newest)} {kind} figures to {newest['period'].max()}"
        earlier = f"; earlier releases: {releases - 1}" if releases > 1 else ""
        lines.append(f"{reporter} with {partner}, {source} {newest['vintage'].iloc[0]}: {told}{earlier}")
    return lines


def read_flows(path: Path) -> pd.DataFrame:
    """The long table of flows from its CSV, with the types that `flows` states."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)[FLOW_COLUMNS]
    periods = [pd.PeriodIndex(table.loc[table["frequency"] == each, "period"], freq=each) for each in Frequency]
    return table.assign(
        period=[period for of_one in periods for period in of_one],
        vintage=pd.PeriodIndex(table["vintage"], freq="M"),
        value_usd_mn=[Decimal(value) for value in table["value_usd_mn"]],
        se_usd_mn=pd.Series([Decimal(error) if error else None for error in table["se_usd_mn"]], dtype=object),
    )
