"""The tables that users take away, as CSV or XLSX: plain columns and exact values, with what they are known from.

Money is USD million as Decimals. A spreadsheet opens a table without running what is in it, and it reads back equal: in
CSV as `plain.defused` writes it; in XLSX a text is a text whatever it looks like, never a formula or a link, and a
number is a number where that is exact, or else its digits as text. Both read back as the cells' texts (`text_of`).
"""

import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from .. import __version__
from ..case import asof, store, writing
from ..case.folder import Folder
from ..case.store import Facts
from ..facts import goods, ledger, mirror, revisions, trade
from ..facts.ledger import Event
from ..facts.mirror import Books
from ..pages import goods_by_kind, trade_gap
from ..words.citations import files_of
from ..words.plain import NUMBER, csv_text, text_of, text_or_none
from ..words.problems import Problem, raise_errors, refuse
from ..words.schema import nearest
from ..words.terms import FLOW_COLUMNS, Flow, Frequency

EXACT_DIGITS = 15  # a double holds any decimal of so many digits (IEEE 754)
LONGEST_CELL = 32_767  # characters, Excel's limit; XlsxWriter drops a longer text
NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
CREATED = dt.datetime(2000, 1, 1)  # the same table gives the same bytes
AS_WRITTEN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def xlsx_bytes(
    columns: Sequence[str], rows: Iterable[Sequence[object]], about: Mapping[str, str] | None = None
) -> bytes:
    """A workbook, always of the same bytes: the table on its first sheet, and what it is `about` on a second.

    Raises ValueError for what a sheet cannot give back: a column without a name, a row without any text, a text that
    is too long or holds a character that XML cannot.
    """
    import xlsxwriter

    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, AS_WRITTEN)
    workbook.set_properties({"created": CREATED})
    _write_sheet(workbook.add_worksheet("table"), [columns, *rows])
    if about:
        _write_sheet(workbook.add_worksheet("about"), [("key", "value"), *about.items()])
    workbook.close()
    return content.getvalue()


def _write_sheet(sheet: Any, rows: Sequence[Sequence[object]]) -> None:
    if not all(map(text_of, rows[0])):
        raise ValueError("every column of a sheet needs a name")
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows):
        if not any(map(text_of, row)):
            raise ValueError(f"row {line + 1} of the sheet has no text")
        for column, cell in enumerate(row):
            text = text_of(cell)
            if len(text.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST_CELL or NOT_IN_XML.search(text):
                raise ValueError(f"a sheet cannot hold the text in row {line + 1}, column {column + 1}")
            is_number = isinstance(cell, Decimal) and NUMBER.fullmatch(text)
            if is_number and len(Decimal(text).as_tuple().digits) <= EXACT_DIGITS:
                sheet.write_number(line, column, float(text))
            else:
                sheet.write_string(line, column, text)


FREQUENCIES = {"year": Frequency.YEARLY, "quarter": Frequency.QUARTERLY, "month": Frequency.MONTHLY}


@dataclass(frozen=True)
class Asked:
    """What a user may say of a table; None where nothing is said. `old` and `new` are releases, `by` of FREQUENCIES, or
    of goods the year to date; `since_first`, for revisions: against what was first published of each month."""

    reporter: str | None = None
    as_of: pd.Period | None = None
    old: pd.Period | None = None
    new: pd.Period | None = None
    by: str | None = None
    since_first: bool | None = None


@dataclass(frozen=True)
class Extract:
    """A table by name: its columns, its rows, what it is about, the checksums of the files behind it, and in words
    what is worth saying beside it."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    about: Mapping[str, str]
    inputs: Mapping[str, str]
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, object]:
        """The table in plain types, a record a row; numbers are decimal strings."""
        rows = [dict(zip(self.columns, map(text_or_none, row), strict=True)) for row in self.rows]
        told = {"notes": list(self.notes), "inputs": dict(self.inputs)}
        return {"table": self.name, **self.about, **told, "columns": list(self.columns), "rows": rows}

    def as_xlsx(self) -> bytes:
        """The table as a workbook, with what it is about on a second sheet."""
        checksums = {f"sha256 of {file}": sha256 for file, sha256 in self.inputs.items()}
        notes = {f"note {number}": note for number, note in enumerate(self.notes, 1)}
        return xlsx_bytes(self.columns, self.rows, {"table": self.name, **self.about, **notes, **checksums})

    def as_csv(self) -> str:
        """The table as CSV."""
        return csv_text(self.columns, self.rows)

    def as_text(self) -> str:
        """The table for a terminal."""
        cells = [[text_of(cell) for cell in row] for row in self.rows]
        return "\n".join([pd.DataFrame(cells, columns=list(self.columns)).to_string(index=False), *self.notes])


def extract(name: str, where: Folder, asked: Asked) -> Extract:
    """A table of the case by name. Raises Refused for a name there is not, and for what the table cannot be asked."""
    if name not in TABLES:
        fix = f"use one of {', '.join(TABLES)}{nearest(name, list(TABLES))}"
        refuse("unknown_key", "table", "no such table", fix, value=name)
    build, takes = TABLES[name]
    options = ", ".join(f"{OPTIONS[key]} {' or '.join(values)}".strip() for key, values in takes.items())
    reason, fix = f"the table {name} cannot be asked for this", f"leave it out; {name} takes {options}"
    said = {key: value for key, value in vars(asked).items() if value is not None}
    problems = [_problem(key, reason, fix, value) for key, value in said.items() if key not in takes]
    if asked.by and "by" in takes and asked.by not in takes["by"]:
        problems.append(_problem("by", f"the table {name} is not made by {asked.by}", f"use {options}", asked.by))
    raise_errors(problems)
    table, known, reporter, inputs, notes = build(where, asked)
    rows = [[_cell(cell) for cell in row] for row in table.itertuples(index=False)]
    whose = {"reporter": reporter} if reporter else {}
    about = {**whose, "known": known, "unit": "USD million, nominal", "version": __version__}
    return Extract(name, [*map(str, table.columns)], rows, about, inputs, tuple(notes))


OPTIONS = {
    "since_first": "--from first",
    "reporter": "--reporter",
    "as_of": "--as-of",
    "old": "--from",
    "new": "--to",
    "by": "--by",
}


def _problem(key: str, reason: str, fix: str, value: object) -> Problem:
    return Problem("unknown_key", "table", reason, fix, None, OPTIONS[key], str(value))


# a table, what is known of it in words, whose book it is if of one, the checksums of its files, and notes on it
Built = tuple[pd.DataFrame, str, str | None, Mapping[str, str], Sequence[str]]


def _flows(where: Folder, asked: Asked) -> Built:
    """A book as published or pieced together, with standard errors and origin, from the reporter's side."""
    facts = store.facts(where)
    reporter = asked.reporter or facts.pair.partner
    if any(pair[0] == reporter for pair in facts.fragments):
        found = asof.books(asked.as_of, reporter=reporter, case=where)
        table, words, files = found.own.flows, found.words, found.files
    else:
        found, snapshot = None, _snapshot(facts, reporter, asked.as_of)
        table, words, files = snapshot.flows, snapshot.words, asof.checksums(facts, files_of(snapshot.flows["ids"]))
    frequency = FREQUENCIES[asked.by or "quarter"]
    if frequency is Frequency.YEARLY:
        table = trade.years(table[table["frequency"] == Frequency.QUARTERLY])
        table = _with_errors_of_years(table, found) if found else table
    table = table[table["frequency"] == frequency].sort_values(["flow", "period"])
    if table.empty:
        reason, fix = f"this book is not known by {asked.by}", "use --by quarter or --by year"
        refuse("unknown_key", "table", reason, fix, None, OPTIONS["by"], asked.by)
    return table[FLOW_COLUMNS], words, reporter, files, ()


def _snapshot(facts: Facts, reporter: str, at: pd.Period | None) -> trade.Snapshot:
    try:
        return trade.as_of(facts.flows, reporter, facts.pair.other(reporter) or facts.pair.home, at)
    except ValueError as error:
        refuse("unknown_key", "table", str(error), "use another reporter", None, OPTIONS["reporter"], reporter)


def _with_errors_of_years(table: pd.DataFrame, found: Books) -> pd.DataFrame:
    """Yearly sums with the error of the sum, and with the origin of the year itself where one was printed."""
    years = mirror.by_year(found)
    names = {Flow.EXPORT: f"exports_{found.reporter}", Flow.IMPORT: f"imports_{found.reporter}"}
    table = table.copy()
    for row in table.itertuples():
        if row.period in years.index:  # the other book may end before it
            column = names[Flow(row.flow)]
            table.at[row.Index, "se_usd_mn"] = years.at[row.period, f"{column}_se_usd_mn"]
            table.at[row.Index, "origin"] = years.at[row.period, f"{column}_origin"]
    return table


def _mirror(where: Folder, asked: Asked) -> Built:
    """Two books side by side, by year or quarter."""
    found = asof.books(asked.as_of, reporter=asked.reporter or "", case=where)
    table = (mirror.by_quarter if asked.by == "quarter" else mirror.by_year)(found)
    last = found.bound[-1]
    is_loose = asked.by == "quarter" and found.shared[-1] > last
    notes = [f"Quarters after {last} are extrapolated and bind no headline."] if is_loose else []
    return table.rename_axis("period").reset_index(), found.words, found.reporter, found.files, notes


def _revisions(where: Folder, asked: Asked) -> Built:
    """What a release says otherwise than another, or than was first published of each month."""
    facts = store.facts(where)
    reporter = asked.reporter or facts.pair.partner
    partner, home = facts.pair.other(reporter), facts.pair.home
    held = trade.releases(facts.flows, reporter, partner)
    new = asked.new or max(held, default=None)
    old = asked.old or max((release for release in held if new and release < new), default=None)
    try:
        if old is None or new is None:
            raise ValueError(f"there are no two releases of {reporter} to compare")
        if asked.since_first:
            found = revisions.since_first(facts.flows, reporter, partner, new, home)
        else:
            found = revisions.between(facts.flows, reporter, partner, old, new, home)
    except ValueError as error:
        refuse("empty", "table", str(error), "use releases that there are, of a book with two")
    table = found.by(FREQUENCIES[asked.by or "month"])
    used = [release for release in held if release <= new] if asked.since_first else [old, new]
    pair = facts.flows[(facts.flows["reporter"] == reporter) & (facts.flows["partner"] == partner)]
    files = asof.checksums(facts, files_of(pair.loc[pair["vintage"].isin(used), "ids"]))
    words = (
        f"release of {new} against what was first published" if asked.since_first else f"releases of {old} and {new}"
    )
    return table, words, reporter, files, [f"Not compared: {each}." for each in found.one_sided]


def _residuals(where: Folder, asked: Asked) -> Built:
    """Each printed figure beside what the fit and what all the others say, and whether they are in conflict."""
    found = asof.books(asked.as_of, reporter=asked.reporter or "", case=where)
    in_conflict = set(found.pieces.conflicts.index)
    rows = []
    for fragment, (_, row) in zip(found.pieces.system.fragments, found.pieces.residuals.iterrows(), strict=True):
        amounts = {name: round(Decimal(float(row[name])), 1) for name in row.index if name != "z"}
        rows.append({
            "fragment": fragment.id, "flow": fragment.flow, "start": fragment.first, "end": fragment.last,
            "against_start": fragment.against and fragment.against[0],
            "against_end": fragment.against and fragment.against[1], "words": fragment.words, **amounts,
            "z": round(Decimal(float(row["z"])), 2), "in_conflict": "yes" if fragment.id in in_conflict else "no",
            "source": fragment.source, "url": fragment.url, "ids": fragment.source_id,
        })  # fmt: skip
    named = f": {', '.join(map(str, found.pieces.conflicts.index))}" if in_conflict else ""
    notes = [trade_gap.conflicts_lead(found).rstrip(":.") + f"{named}."]
    return pd.DataFrame(rows, dtype=object), found.words, found.reporter, found.files, notes


def _leaves(where: Folder, asked: Asked) -> Built:
    """The parts of what was announced that are counted once."""
    facts = store.facts(where)
    return _of_ledger(facts, asked, ledger.table(ledger.leaves(facts.events, _day(asked))))


def _ledger(where: Folder, asked: Asked) -> Built:
    """Every row of the ledger as a dated event."""
    facts = store.facts(where)
    rows = [_event(event) for event in facts.events if ledger.is_known(event, _day(asked))]
    return _of_ledger(facts, asked, pd.DataFrame(rows, dtype=object))


def _event(event: Event) -> dict[str, object]:
    dates = {name: getattr(event, name).words for name in ("date", "delivery_start", "delivery_end")}
    cells = {**vars(event), **dates, "ids": event.source_id}
    del cells["source_id"]
    return cells


def _day(asked: Asked) -> dt.date:
    return asked.as_of.end_time.date() if asked.as_of else ledger.FOREVER


def _of_ledger(facts: Facts, asked: Asked, table: pd.DataFrame) -> Built:
    files = sorted(files_of(event.source_id for event in facts.events))
    notes = [f"Corrected before use: {one.words}." for file in files for one in facts.files[file].corrections]
    words = f"events by {asked.as_of:%B %Y}" if asked.as_of else "all events of the ledger"
    return table, words, None, asof.checksums(facts, files), notes


def _goods(where: Folder, asked: Asked) -> Built:
    """Vietnam's trade with the other side by kind, from its bulletins, each kind's category of the ledger beside it."""
    facts, found = store.facts(where), asof.goods_of(asked.as_of, case=where)
    table, last = found.table(asked.by or "month"), found.last()
    if last is None or table.empty:
        reason, fix = "no bulletin by commodity was out", "use a later month, or a case with bulletins"
        refuse("empty", "table", reason, fix, None, OPTIONS["as_of"], asked.as_of and str(asked.as_of))
    unknown = [
        f"Not mapped, and in no category: {each.value}." for each in goods.not_mapped(found.printed, found.kinds)
    ]
    words = f"bulletins of Vietnam Customs to {last}, imports CIF, exports FOB"
    files = asof.checksums(facts, files_of(table["ids"]))
    files |= writing.checksum(where.commodities.parents[1], where.commodities)
    return table, words, goods.REPORTER, files, [goods_by_kind.note(), *unknown]


def _cell(cell: object) -> object:
    """A Decimal for every number, None for nothing, and else a text."""
    if isinstance(cell, Decimal) or cell is None:
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return Decimal(cell) if isinstance(cell, int) else str(cell)


TABLES: dict[str, tuple[Callable[[Folder, Asked], Built], dict[str, Sequence[str]]]] = {
    "flows": (_flows, {"reporter": (), "as_of": (), "by": ("year", "quarter", "month")}),
    "mirror": (_mirror, {"reporter": (), "as_of": (), "by": ("year", "quarter")}),
    "revisions": (
        _revisions,
        {"reporter": (), "old": (), "new": (), "since_first": (), "by": ("year", "quarter", "month")},
    ),
    "residuals": (_residuals, {"reporter": (), "as_of": ()}),
    "goods": (_goods, {"as_of": (), "by": ("year", "quarter", "month", goods.TO_DATE)}),
    "leaves": (_leaves, {"as_of": ()}),
    "ledger": (_ledger, {"as_of": ()}),
}
