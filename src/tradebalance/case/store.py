"""From data/raw to data/processed and back: what `build` writes is read only while it is what data/raw gives.

What was read and what was made of it are known by their checksums, kept in the manifest. Facts of the same checksums
are put together once a process; raw tables behind them are parsed where they are asked for.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from typing import cast

import pandas as pd

from ..facts import benchmark, goods, ledger, trade
from ..facts.duties import Duty
from ..facts.known import Dates
from ..facts.timeline import Happening
from ..reading import readers, rules
from ..words.citations import Citation, Citations, Place
from ..words.plain import restored
from ..words.problems import Problem, raise_errors, refuse, together
from ..words.schema import read
from ..words.terms import FLOW_COLUMNS, Frequency, Pair, month
from . import raw as raw_folder
from . import regular, sidecars, writing
from .folder import Folder, declared
from .layouts import RawFile
from .sidecars import Correction, Corrections

PROCESSED = ("flows.csv", "commitments.csv", "kept_aside.csv")
FITS = "fits.json"  # only where there is a book in pieces
MANIFEST = "inputs.csv"
CORRECTIONS = "data/corrections.yaml"
PATIENCE = 60  # seconds that a build waits for another one to write


def _goods(pair: Pair) -> list[str]:
    """The file of Vietnam's trade with the other side by commodity; none in a case that is not about Vietnam."""
    partner = pair.other(goods.REPORTER)
    return [f"goods-{partner}.csv"] if partner else []


# --- build ----------------------------------------------------------------------------------------


def corrected(where: Folder, files: Iterable[RawFile]) -> list[RawFile]:
    """The raw files with the case's corrections made. Raises Refused if one does not find what it expects."""
    found = _with_corrections(files, corrections_of(_corrections(where)))
    raise_errors(problem for file in found for problem in sidecars.correct(file.as_it_stands, file.corrections)[1])
    return found


def _with_corrections(files: Iterable[RawFile], wanted: Iterable[Correction]) -> list[RawFile]:
    by_file: dict[str, list[Correction]] = {}
    for each in wanted:
        by_file.setdefault(each.file, []).append(each)
    return [replace(f, corrections=tuple(by_file[f.name])) if f.name in by_file else f for f in files]


def _corrections(where: Folder) -> bytes | None:
    return regular.read(where.corrections, CORRECTIONS) if where.corrections.exists() else None


def corrections_of(content: bytes | None) -> list[Correction]:
    """The corrections that a file says, in its order; none without one. Raises Refused with every problem of it."""
    return [] if content is None else read(Corrections, readers.yaml_document(content, CORRECTIONS)).corrections


def kinds_of(where: Folder) -> goods.Kinds:
    """What the lines of Vietnam Customs' bulletins are. Raises Refused with every problem of the table."""
    name = f"data/{where.commodities.name}"
    return read(goods.Kinds, readers.yaml_document(regular.read(where.commodities, name), name))


def build(where: Folder, raw: Path | None = None, out: Path | None = None) -> list[Problem]:
    """data/raw -> data/processed; returns the warnings. Raises Refused with every problem of every file, and where the
    raw files changed meanwhile, and Busy where another build writes for long."""
    pair, corrections = declared(where).pair, _corrections(where)
    files = corrected(where, raw_folder.raw_files(raw or where.raw))
    of, printed = raw_folder, partial(raw_folder.bulletins, partner=pair.other(goods.REPORTER))
    readings = of.trade, of.ledger, of.printed_books, printed, of.happenings, of.collected
    traded, events, books, lines, *_ = together(partial(reading, files) for reading in readings)
    pieced, fits = raw_folder.reconciled(books, traded.flows)
    table = trade.combine([traded.flows, *pieced])
    raise_errors(trade.flow_problems(table))
    if table.empty and not events:
        reason, fix = "neither figures nor a ledger", "add files of figures or a ledger, each with its sidecar"
        refuse("no_rows", str(raw or "data/raw"), reason, fix)
    leaves = ledger.table(ledger.leaves(events, ledger.FOREVER)) if events else pd.DataFrame()
    aside = pd.DataFrame(traded.aside, columns=["file", "row", "code", "name"])
    tables = dict(zip(PROCESSED, (_printable(table), _printable(leaves), aside), strict=True))
    tables |= {name: pd.DataFrame(goods.as_lines(lines), columns=goods.LINES) for name in _goods(pair)}
    made = {name: writing.csv_text(each) for name, each in tables.items()}
    if fits:
        made[FITS] = json.dumps({_code(): fits}, indent=1) + "\n"
    made[MANIFEST] = _manifest(files, corrections, {name: text.encode() for name, text in made.items()})
    out = out or where.processed
    _refuse_others(out, where, [*tables, FITS])
    _write(out, made, lambda: _is_unchanged(where, raw or where.raw, files, corrections))
    unknown = goods.not_mapped(lines, kinds_of(where))
    return [*traded.warnings, *_beside_pieces(traded.flows, books), *unknown]


def _refuse_others(out: Path, where: Folder, names: Iterable[str]) -> None:
    """Raise Refused for a folder other than data/processed that holds, under one of the names of files that are to be
    written, one that no build left there: a build's manifest has the checksum of each."""
    writing.refuse_raw(out)
    if out.resolve() == where.processed.resolve():
        return
    manifest = out / MANIFEST
    built = set(manifest.read_text(encoding="utf-8").splitlines()) if manifest.is_file() else set()
    there = [name for name in names if (out / name).exists()]
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


def _manifest(files: Iterable[RawFile], corrections: bytes | None, made: Mapping[str, bytes]) -> str:
    """Every file that data/processed rests on or consists of, but for the manifest itself, with the sha256 of what was
    read or is written: not of what stands there by now."""
    rows = [(file.name, file.sha256) for file in files]
    rows += [(file.sidecar_name, writing.sha256_of_bytes(file.said or b"")) for file in files]
    rows = [*sorted(rows), *([(CORRECTIONS, writing.sha256_of_bytes(corrections))] if corrections is not None else [])]
    rows += [(name, writing.sha256_of_bytes(content)) for name, content in made.items()]
    return "".join(f"{','.join(row)}\n" for row in [("file", "sha256"), *rows])


def _write(out: Path, made: Mapping[str, str], unchanged: Callable[[], bool]) -> None:
    """Write what was made, the manifest last, while no other build does. Raises Refused where what it was made from
    changed meanwhile: another build may have read what stands there now."""
    with writing.held(out, PATIENCE):
        if not unchanged():
            reason, fix = "data/raw has changed while it was read", "run `tradebalance build` again"
            refuse("checksum_mismatch", "data/raw", reason, fix)
        for old in [*out.glob("goods-*.csv"), out / FITS]:
            if old.name not in made:
                old.unlink(missing_ok=True)
        for name, text in made.items():
            writing.write_text(out / name, text)


def _is_unchanged(where: Folder, raw: Path, files: Sequence[RawFile], corrections: bytes | None) -> bool:
    now = [(file.name, file.content, file.said) for file in raw_folder.as_they_stand(raw)]
    return now == [(file.name, file.content, file.said) for file in files] and corrections == _corrections(where)


def _code() -> str:
    """The checksum of the module that searches for the fits: what another one found is not used."""
    return writing.sha256_of(Path(benchmark.__file__))


def _printable(table: pd.DataFrame) -> pd.DataFrame:
    """Decimals without exponents, so that the same figures give the same bytes."""
    return table.map(lambda cell: format(cell, "f") if isinstance(cell, Decimal) else cell)


# --- facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What is known: the processed flows, the lines of Vietnam Customs' bulletins, what was fitted of books in pieces,
    printed fragments by pair, the ledger's events, the timeline, the duties collected by month.

    `files` are all raw files by name, corrected by `corrections`; `pair` is whose surplus with whom the case is about,
    `dates` are its quarters of change.
    """

    flows: pd.DataFrame
    bulletins: goods.Bulletins
    fits: benchmark.Fits
    fragments: raw_folder.PrintedBooks
    events: list[ledger.Event]
    timeline: list[Happening]
    duties: list[Duty]
    files: dict[str, RawFile]
    corrections: list[Correction]
    pair: Pair
    dates: Dates

    @cached_property
    def citations(self) -> Citations:
        """What the raw files are cited as, and the rows of the ledger, of fragments and of the timeline as well."""
        printed = [fragment for book in self.fragments.values() for fragment in book.fragments]
        rows = {event.source_id: Citation(event.source, url=event.source_url) for event in self.events if event.source}
        rows |= {fragment.source_id: Citation(fragment.source, url=fragment.url) for fragment in printed}
        rows |= {each.source_id: Citation(each.statement, f"{each.date}", each.url) for each in self.timeline}
        return Citations({name: file.sidecar.citation for name, file in self.files.items()}, rows)


def hold(where: Folder) -> Folder:
    """The folder with its facts read and checked once. Raises Refused as `facts` does."""
    return replace(where, held=facts(where))


def facts(where: Folder) -> Facts:
    """What is known. Raises Refused if data/processed is not what data/raw gives."""
    if where.held is not None:
        return cast(Facts, where.held)
    about = declared(where)
    found = _as_built(where, about.pair)
    if found is None:
        corrected(where, raw_folder.raw_files(where.raw))  # what is wrong with one of them is told first
        reason = "data/raw or data/processed has changed since the last build"
        refuse("checksum_mismatch", "data/processed", reason, "run `tradebalance build`")
    known = _facts(found, about.pair, about.dates, _code())
    return replace(known, flows=known.flows.copy())  # for a reader who writes into it


@dataclass(frozen=True)
class _Built:
    """A case's data as it was read, known by the manifest, which says the checksums of all of it."""

    manifest: bytes
    raw: tuple[RawFile, ...] = field(compare=False, repr=False)
    corrections: bytes | None = field(compare=False, repr=False)
    made: Mapping[str, bytes] = field(compare=False, repr=False)


def _as_built(where: Folder, pair: Pair) -> _Built | None:
    """What is in data/raw and data/processed; None where that is not what the last build left."""
    names = [*PROCESSED, *_goods(pair), *([FITS] if (where.processed / FITS).exists() else [])]
    paths = {name: where.processed / name for name in [*names, MANIFEST]}
    if not all(path.exists() for path in paths.values()):
        return None
    made = {name: regular.read(path) for name, path in paths.items()}
    manifest, corrections = made.pop(MANIFEST), _corrections(where)
    files = tuple(raw_folder.as_they_stand(where.raw))
    is_same = manifest == _manifest(files, corrections, made).encode()
    return _Built(manifest, files, corrections, made) if is_same else None


@lru_cache(maxsize=8)  # cases: pages of one stand beside those of others
def _facts(built: _Built, pair: Pair, dates: Dates, code: str) -> Facts:
    """The facts of a build, put together once a process."""
    corrections = corrections_of(built.corrections)
    files = _with_corrections(built.raw, corrections)
    return Facts(
        flows=read_flows(io.BytesIO(built.made["flows.csv"])),
        bulletins=goods.of_lines(row for name in _goods(pair) for row in _rows(built.made[name])),
        fits=json.loads(built.made[FITS]).get(code, {}) if FITS in built.made else {},
        fragments=raw_folder.printed_books(files),
        events=raw_folder.ledger(files),
        timeline=raw_folder.happenings(files),
        duties=raw_folder.collected(files),
        files={file.name: file for file in files},
        corrections=corrections,
        pair=pair,
        dates=dates,
    )


def _rows(content: bytes) -> Iterator[list[str]]:
    """The rows of a CSV file of data/processed below its header."""
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    next(rows)
    return ([restored(cell) for cell in row] for row in rows)


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


def read_flows(file: Path | io.BytesIO) -> pd.DataFrame:
    """The long table of flows from its CSV, with the types that `flows` states."""
    table = pd.read_csv(file, dtype=str, keep_default_na=False)[FLOW_COLUMNS]
    texts = {name: table[name].to_numpy(dtype=object) for name in table}
    period = cache(lambda text, frequency: pd.Period(text, freq=frequency))
    return table.assign(
        period=list(map(period, texts["period"], texts["frequency"])),
        vintage=pd.PeriodIndex([period(text, Frequency.MONTHLY) for text in texts["vintage"]], freq="M"),
        value_usd_mn=[Decimal(value) for value in texts["value_usd_mn"]],
        se_usd_mn=pd.Series([Decimal(error) if error else None for error in texts["se_usd_mn"]], dtype=object),
    )
