"""The tables that users take away: plain columns and exact values, with what they are known from.

Money is USD million as Decimals. `tables` and `books` show the same to readers, rounded.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd

from . import __version__, asof, books, commitments, exports, flows, mirror, revisions, store
from .commitments import Event
from .mirror import Books
from .problems import Problem, Refused
from .store import Case, Facts
from .terms import FLOW_COLUMNS, Flow, Frequency
from .validation import nearest

FREQUENCIES = {"year": Frequency.YEARLY, "quarter": Frequency.QUARTERLY, "month": Frequency.MONTHLY}


@dataclass(frozen=True)
class Asked:
    """What a user may say of a table; None where nothing is said. `old` and `new` are releases, `by` of FREQUENCIES."""

    reporter: str | None = None
    as_of: pd.Period | None = None
    old: pd.Period | None = None
    new: pd.Period | None = None
    by: str | None = None


@dataclass(frozen=True)
class Extract:
    """A table by name: its columns, its rows, what it is about, the checksums of the files behind it, and in words
    what is worth saying beside it."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    about: Mapping[str, str]
    inputs: Mapping[str, str]
    notes: Sequence[str] = field(default_factory=tuple)

    def as_json(self) -> dict[str, object]:
        """The table in plain types, a record a row; numbers are decimal strings."""
        rows = [dict(zip(self.columns, (_plain(cell) for cell in row), strict=True)) for row in self.rows]
        told = {"notes": list(self.notes), "inputs": dict(self.inputs)}
        return {"table": self.name, **self.about, **told, "columns": list(self.columns), "rows": rows}

    def as_xlsx(self) -> bytes:
        """The table as a workbook, with what it is about on a second sheet."""
        checksums = {f"sha256 of {file}": sha256 for file, sha256 in self.inputs.items()}
        notes = {f"note {number}": note for number, note in enumerate(self.notes, 1)}
        return exports.xlsx_bytes(self.columns, self.rows, {"table": self.name, **self.about, **notes, **checksums})

    def as_csv(self) -> str:
        """The table as CSV."""
        return exports.csv_text(self.columns, self.rows)

    def as_text(self) -> str:
        """The table for a terminal."""
        cells = [[exports.text_of(cell) for cell in row] for row in self.rows]
        return "\n".join([pd.DataFrame(cells, columns=list(self.columns)).to_string(index=False), *self.notes])


def extract(name: str, where: Case, asked: Asked) -> Extract:
    """A table of the case by name. Raises Refused for a name there is not, and for what the table cannot be asked."""
    if name not in TABLES:
        fix = f"use one of {', '.join(TABLES)}{nearest(name, list(TABLES))}"
        raise Refused([Problem("unknown_key", "table", "no such table", fix, value=name)])
    build, takes = TABLES[name]
    said = {key: value for key, value in vars(asked).items() if value is not None}
    problems = [
        _problem(
            key, f"the table {name} cannot be asked for this", f"leave it out; {name} takes {_options(takes)}", value
        )
        for key, value in said.items()
        if key not in takes
    ]
    if asked.by and "by" in takes and asked.by not in takes["by"]:
        problems.append(
            _problem("by", f"the table {name} is not made by {asked.by}", f"use {_options(takes)}", asked.by)
        )
    if problems:
        raise Refused(problems)
    return build(where, asked)


OPTIONS = {"reporter": "--reporter", "as_of": "--as-of", "old": "--from", "new": "--to", "by": "--by"}


def _options(takes: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{OPTIONS[key]} {' or '.join(values)}".strip() for key, values in takes.items())


def _problem(key: str, reason: str, fix: str, value: object) -> Problem:
    return Problem("unknown_key", "table", reason, fix, None, OPTIONS[key], str(value))


def _flows(where: Case, asked: Asked) -> Extract:
    """A book as published or pieced together, with standard errors and origin, from the reporter's side."""
    facts = store.facts(where)
    reporter = asked.reporter or facts.pair.partner
    if any(pair[0] == reporter for pair in facts.fragments):
        found = asof.books(asked.as_of, reporter=reporter, case=where)
        table, words, files = found.rows.flows, found.words, found.files
    else:
        found, snapshot = None, _snapshot(facts, reporter, asked.as_of)
        table, words, files = snapshot.flows, snapshot.words, asof.checksums(facts, snapshot.flows["ids"])
    frequency = FREQUENCIES[asked.by or "quarter"]
    if frequency is Frequency.YEARLY:
        table = flows.years(table[table["frequency"] == Frequency.QUARTERLY])
        table = _with_errors_of_years(table, found) if found else table
    table = table[table["frequency"] == frequency].sort_values(["flow", "period"])
    if table.empty:
        reason, fix = f"this book is not known by {asked.by}", "use --by quarter or --by year"
        raise Refused([_problem("by", reason, fix, asked.by)])
    return _extract("flows", table[FLOW_COLUMNS], _about(words, reporter), files)


def _snapshot(facts: Facts, reporter: str, at: pd.Period | None) -> flows.Snapshot:
    try:
        return flows.as_of(facts.flows, reporter, facts.pair.other(reporter) or facts.pair.home, at)
    except ValueError as error:
        raise Refused([_problem("reporter", str(error), "use another reporter", reporter)]) from None


def _with_errors_of_years(table: pd.DataFrame, found: Books) -> pd.DataFrame:
    """Yearly sums with the error of the sum, and with the origin of the year itself where one was printed."""
    years = mirror.by_year(found)
    names = {Flow.EXPORT: "exports", Flow.IMPORT: "imports"}
    at = [
        (period, f"{names[Flow(f)]}_{found.reporter}") for f, period in zip(table["flow"], table["period"], strict=True)
    ]
    return table.assign(
        se_usd_mn=[years.at[period, f"{column}_se_usd_mn"] for period, column in at],
        origin=[years.at[period, f"{column}_origin"] for period, column in at],
    )


def _mirror(where: Case, asked: Asked) -> Extract:
    """Two books side by side, by year or quarter."""
    found = asof.books(asked.as_of, reporter=asked.reporter or "", case=where)
    table = (mirror.by_quarter if asked.by == "quarter" else mirror.by_year)(found)
    notes = (
        [f"Quarters after {found.bound[-1]} are extrapolated and bind no headline."] if asked.by == "quarter" else []
    )
    return _extract(
        "mirror", table.rename_axis("period").reset_index(), _about(found.words, found.reporter), found.files, notes
    )


def _revisions(where: Case, asked: Asked) -> Extract:
    """What a release says otherwise than another."""
    facts = store.facts(where)
    reporter = asked.reporter or facts.pair.partner
    partner = facts.pair.other(reporter)
    pair = facts.flows[(facts.flows["reporter"] == reporter) & (facts.flows["partner"] == partner)]
    new = asked.new or max(pair["vintage"], default=None)
    old = asked.old or (flows.older_vintage(facts.flows, reporter, partner, new) if new else None)
    try:
        if old is None or new is None:
            raise ValueError(f"there are no two releases of {reporter} to compare")
        found = revisions.between(facts.flows, reporter, partner, old, new, facts.pair.home)
    except ValueError as error:
        raise Refused(
            [Problem("empty", "table", str(error), "use releases that there are, of a book with two")]
        ) from None
    table = revisions.by(found, FREQUENCIES[asked.by or "month"])
    both = pair[pair["vintage"].isin([old, new])]
    about, files = _about(f"releases of {old} and {new}", reporter), asof.checksums(facts, both["ids"])
    return _extract("revisions", table, about, files, [f"Not compared: {words}." for words in found.one_sided])


def _residuals(where: Case, asked: Asked) -> Extract:
    """Each printed figure beside what the fit and what all the others say, and whether they are in conflict."""
    found = asof.books(asked.as_of, reporter=asked.reporter or "", case=where)
    in_conflict = set(found.own.conflicts.index)
    rows = []
    for fragment, (_, row) in zip(found.own.system.fragments, found.own.residuals.iterrows(), strict=True):
        amounts = {name: round(Decimal(float(row[name])), 1) for name in row.index if name != "z"}
        rows.append({
            "fragment": fragment.id, "flow": fragment.flow, "start": fragment.first, "end": fragment.last,
            "against_start": fragment.against and fragment.against[0],
            "against_end": fragment.against and fragment.against[1], "words": fragment.words, **amounts,
            "z": round(Decimal(float(row["z"])), 2), "in_conflict": "yes" if fragment.id in in_conflict else "no",
            "source": fragment.source, "url": fragment.url, "ids": fragment.source_id,
        })  # fmt: skip
    notes = [books.conflicts_lead(found).rstrip(":") + "."]
    return _extract(
        "residuals", pd.DataFrame(rows, dtype=object), _about(found.words, found.reporter), found.files, notes
    )


def _leaves(where: Case, asked: Asked) -> Extract:
    """The parts of what was announced that are counted once."""
    facts = store.facts(where)
    return _of_ledger("leaves", facts, asked, commitments.table(commitments.leaves(facts.events, _day(asked))))


def _ledger(where: Case, asked: Asked) -> Extract:
    """Every row of the ledger as a dated event."""
    facts = store.facts(where)
    table = pd.DataFrame([_event(e) for e in facts.events if commitments.is_known(e, _day(asked))], dtype=object)
    return _of_ledger("ledger", facts, asked, table)


def _event(event: Event) -> dict[str, object]:
    dates = {name: getattr(event, name).words for name in ("date", "delivery_start", "delivery_end")}
    cells = {**vars(event), **dates, "ids": event.source_id}
    del cells["source_id"]
    return cells


def _day(asked: Asked) -> dt.date:
    return asked.as_of.end_time.date() if asked.as_of else commitments.FOREVER


def _of_ledger(name: str, facts: Facts, asked: Asked, table: pd.DataFrame) -> Extract:
    files = sorted({event.source_id.rsplit(":", 1)[0] for event in facts.events})
    notes = [f"Corrected before use: {one.words}." for file in files for one in facts.files[file].corrections]
    words = f"events by {asked.as_of:%B %Y}" if asked.as_of else "all events of the ledger"
    checksums = asof.checksums(facts, [event.source_id for event in facts.events])
    return _extract(name, table, _about(words, None), checksums, notes)


def _about(words: str, reporter: str | None) -> dict[str, str]:
    whose = {"reporter": reporter} if reporter else {}
    return {**whose, "known": words, "unit": "USD million, nominal", "version": __version__}


def _extract(
    name: str, table: pd.DataFrame, about: Mapping[str, str], files: Mapping[str, str], notes: Sequence[str] = ()
) -> Extract:
    rows = [[_cell(cell) for cell in row] for row in table.itertuples(index=False)]
    return Extract(name, [str(column) for column in table.columns], rows, about, files, tuple(notes))


def _cell(cell: object) -> object:
    """A Decimal for every number, None for nothing, and else a text."""
    if isinstance(cell, Decimal) or cell is None:
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return Decimal(cell) if isinstance(cell, int) else str(cell)


def _plain(cell: object) -> object:
    return None if cell is None else exports.text_of(cell)


TABLES: dict[str, tuple[Callable[[Case, Asked], Extract], dict[str, Sequence[str]]]] = {
    "flows": (_flows, {"reporter": (), "as_of": (), "by": ("year", "quarter", "month")}),
    "mirror": (_mirror, {"reporter": (), "as_of": (), "by": ("year", "quarter")}),
    "revisions": (_revisions, {"reporter": (), "old": (), "new": (), "by": ("year", "quarter", "month")}),
    "residuals": (_residuals, {"reporter": (), "as_of": ()}),
    "leaves": (_leaves, {"as_of": ()}),
    "ledger": (_ledger, {"as_of": ()}),
}
