"""The rules that a ledger of commitments must keep, whatever its source: those of a row, and those between rows.

Its rows are parsed once into entries; every rule goes over these.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, TypeVar

from ..words import cells, money
from ..words.amounts import Unit
from ..words.cells import CellError, VagueDate, fold, missing_columns
from ..words.problems import Problem, Severity, repeats
from ..words.terms import Role, Status, ValueKind
from . import deal_terms
from .deal_terms import Terms

LINKS = ("part_of", "restates", "same_as")
DATES = ("signed_on", "delivery_start", "delivery_end")
YEARLY = "yearly"  # of a value that comes again every year; one that is announced once has nothing in its place
REPLACED = "umbrella_replaced_by_parts"
TOTAL = re.compile(r"(?:grand )?total\b.*|sum\b.*|tong(?: cong)?\b.*|all deals")
MOST_LEVELS = 20  # rows from a part up to its last whole; the committed ledger has two
NEARLY = Decimal("1.05")  # how far a sum may exceed the bound that it is printed as
LEDGER_COLUMNS = ["id", "part_of", "buyer", "seller", "category", "value", "currency", "unit", "status", "source"]
# beyond these a unit or a point has slipped: no purchase was announced at so much, and no sum of purchases
LARGEST_USD_MN, LARGEST_TOTAL_USD_MN = Decimal(200_000), Decimal(1_000_000)
UNSIGNED = (Status.NEGOTIATING, Status.PLANNED)
YEAR = re.compile(r"\b(19|20)\d\d\b")
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Entry:
    """A ledger's row with its cells read; where one cannot be read, the CellError that says why.

    `value` is in USD million, None where nothing was published: that of `value_used` where one is given, else the
    value's (needs_choice for a bound or range). `ends` are those of a value that was not read, `printed` is the unit
    that the value prints itself, and `dates` are by column.
    """

    line: int
    row: Mapping[str, str]
    value: Decimal | CellError | None
    ends: tuple[Decimal | None, Decimal | None] | CellError | None
    printed: Unit
    dates: Mapping[str, VagueDate | CellError]
    terms: Terms
    unread: Sequence[CellError]

    @property
    def id(self) -> str:
        return self.row["id"]

    @property
    def role(self) -> str:
        """The role as written; an absent one means deal."""
        return self.row.get("role") or Role.DEAL

    @property
    def is_part(self) -> bool:
        """Whether the row may be a part of a whole, if it says so."""
        return self.role in (Role.DEAL, Role.RESTATEMENT)

    @property
    def usd_mn(self) -> Decimal | None:
        """The value; None too where it cannot be read, which the value's own rule tells."""
        return None if isinstance(self.value, CellError) else self.value

    @property
    def has_value(self) -> bool:
        return bool(self.row["value"].strip())

    @property
    def is_open(self) -> bool:
        """Whether the value is a range or a bound of which no point was chosen."""
        return isinstance(self.value, CellError) and self.value.code == "needs_choice"

    @property
    def window(self) -> list[str]:
        """The delivery dates that are stated."""
        words = (self.row.get(column, "").strip() for column in DATES[1:])
        return [word for word in words if word not in cells.NO_DATE]

    @property
    def times(self) -> tuple[VagueDate, VagueDate, VagueDate]:
        """Signing, start and end of delivery; all open where one cannot be read, which is told for itself."""
        read = [date for date in self.dates.values() if isinstance(date, VagueDate)]
        signed, start, end = read if len(read) == len(DATES) else [VagueDate(None, None, "")] * 3
        return signed, start, end

    @property
    def is_whole_deal(self) -> bool:
        """Whether the row is a deal with a value that restates none and is no part of another."""
        row = self.row
        return self.role == Role.DEAL and not (row.get("restates") or row["part_of"]) and self.has_value

    def problem(self, code: str, reason: str, fix: str, column: str, severity: Severity = "error") -> Problem:
        """A problem at one of the row's cells; the file is set later."""
        return Problem(code, "", reason, fix, self.line, column, self.row.get(column, ""), severity)


def entries(rows: Iterable[tuple[int, Mapping[str, str]]]) -> list[Entry]:
    """The rows, each with its line, as entries."""
    found = []
    for line, row in rows:
        as_written = [row.get(column, "") for column in ("value", "currency", "unit")]
        printed = money.printed_unit(as_written[0])
        value = _tried(_value, row.get("value_used", "").strip(), *as_written, printed)
        ends = _tried(money.bounds, *as_written) if isinstance(value, CellError) else None
        dates = {column: _tried(cells.vague_date, row.get(column, "")) for column in DATES}
        terms, unread = deal_terms.read(row, None if isinstance(value, CellError) else value)
        found.append(Entry(line, row, value, ends, printed, dates, terms, unread))
    return found


def _tried(parse: Callable[..., Parsed], *texts: Any) -> Parsed | CellError:
    try:
        return parse(*texts)
    except CellError as error:
        return error


def _value(used: str, text: str, currency: str, unit: str, printed: Unit) -> Decimal | None:
    """A chosen value is in the currency and scale of the bound or range that it is chosen for."""
    if not used:
        return money.value(text, currency, unit)
    scale = next((word for word, known in money.SCALES.items() if known == printed.scale), "")
    try:
        return money.value(used, currency or "USD", unit or scale)
    except CellError as error:
        raise CellError(error.code, error.reason, error.fix, "value_used") from None


def ledger_problems(columns: Iterable[str], found: Sequence[Entry], file: str) -> list[Problem]:
    """Every problem of a ledger's cells and of the links between its rows, errors and warnings."""
    fix = f"a ledger has the columns {', '.join(LEDGER_COLUMNS)}"
    if absent := missing_columns(file, LEDGER_COLUMNS, set(columns), fix):
        return absent
    if not found:
        return [Problem("no_rows", file, "a header and nothing else", "add a row", 1)]
    of_rows = [problem for entry in found for problem in _of_row(entry)]
    between = [problem for rule in RULES for problem in rule(found)]
    return [replace(problem, file=file) for problem in (*of_rows, *between)]


def _of_row(entry: Entry) -> Iterable[Problem]:
    value = _refused_open(entry, entry.value) if isinstance(entry.value, CellError) else None
    unread = [(value.cell, value)] if value else []
    unread += [(column, date) for column, date in entry.dates.items() if isinstance(date, CellError)]
    unread += [(error.cell, error) for error in entry.unread]
    yield from (entry.problem(error.code, error.reason, error.fix, column) for column, error in unread)
    for rule in ROW_RULES:
        if rule.is_broken(entry):
            yield entry.problem(rule.code, rule.reason.format(entry), rule.fix, rule.column, rule.severity)


def _refused_open(entry: Entry, error: CellError) -> CellError | None:
    """Why a value will not do that was not read; None for one that may stay open.

    A range has two ends to schedule between; a bound has one, and may stand only where nothing is scheduled.
    """
    ends = entry.ends
    if not entry.is_open or ends is None:
        return error
    if isinstance(ends, CellError):
        return ends if ends.code == "ambiguous_number" else error
    may_stay = None not in ends or (ends != (None, None) and not entry.window)
    return None if may_stay else error


def _surely_before(one: VagueDate, other: VagueDate) -> bool:
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest


def _is_unsigned_on_a_day(entry: Entry) -> bool:
    signed, *_ = entry.times
    return entry.role == Role.DEAL and entry.row["status"] in UNSIGNED and signed.words == str(signed.earliest)


def _is_signed_without_date(entry: Entry) -> bool:
    row = entry.row
    undated = "signed_on" in row and not row["signed_on"].strip() and not YEAR.search(row.get("note", ""))
    return entry.is_whole_deal and row["status"] == Status.SIGNED and undated


def _is_implausible(entry: Entry) -> bool:
    is_total = entry.role in (Role.HEADLINE, Role.AGGREGATE)
    return (entry.usd_mn or 0) > (LARGEST_TOTAL_USD_MN if is_total else LARGEST_USD_MN)


def _is_yearly_without_a_year(entry: Entry) -> bool:
    _, start, end = entry.times
    first_and_last = (start.earliest, end.latest)
    months = [day.year * 12 + day.month for day in first_and_last if day is not None]
    return entry.row.get("recurs") == YEARLY and (len(months) < 2 or months[1] - months[0] != 11)


def _is_unknown(column: str, known: Iterable[str], entry: Entry) -> bool:
    return entry.row.get(column, "") not in [*known]


class RowRule(NamedTuple):
    """A rule of one row: the problem's code, the cell that it is told at, when, why (of the entry), and the fix."""

    code: str
    column: str
    is_broken: Callable[[Entry], object]
    reason: str
    fix: str
    severity: Severity = "error"


ONE_OF_TWO, KEEP_ONE = "correct one of the two", "keep one of the two"
ROW_RULES = (
    RowRule("inconsistent", "id", lambda of: not of.id.strip(),
            "a row without an id", "give each row an id of its own"),
    RowRule("out_of_range", "value", lambda of: (of.usd_mn or 0) < 0,
            "a purchase is not negative", "give a cancellation a row and status of its own"),
    RowRule("implausible", "value", _is_implausible,
            "{0.usd_mn} USD million is beyond all that was ever announced", "check the unit and the decimal point"),
    *(RowRule(code, column, partial(_is_unknown, column, (*codes, *blank)),
              "not a known code", f"use one of {', '.join(codes)}")
      for code, column, codes, blank in (("bad_value", "role", Role, [""]), ("unknown_status", "status", Status, []),
                                         ("bad_value", "value_kind", ValueKind, [""]),
                                         ("bad_value", "recurs", [YEARLY], [""]))),
    RowRule("bad_interval", "delivery_end", _is_yearly_without_a_year,
            "a yearly value without its first year", "give the first and the last month of it"),
    RowRule("bad_interval", "delivery_end", lambda of: _surely_before(of.times[2], of.times[1]),
            "delivery ends before it starts", ONE_OF_TWO),
    RowRule("bad_interval", "delivery_start", lambda of: _surely_before(of.times[1], of.times[0]),
            "delivery starts before signing",
            f"{ONE_OF_TWO}, unless purchases before the signing count", "warning"),
    RowRule("inconsistent", "signed_on", _is_unsigned_on_a_day,
            "a day of signing, and the status {0.row[status]}", ONE_OF_TWO),
    RowRule("delivery_dates_missing", "delivery_start",
            lambda of: of.is_whole_deal and "delivery_start" in of.row and not of.window,
            "no delivery dates", "give them, or leave it to the scenario", "warning"),
    RowRule("date_missing", "signed_on", _is_signed_without_date,
            "signed, without a date", "give a date, or a bound (before 2025-03)", "warning"),
    RowRule("inconsistent", "currency",
            lambda of: of.printed.currency and of.row["currency"] not in ("", of.printed.currency),
            "the value is printed in {0.printed.currency}", KEEP_ONE),
    RowRule("inconsistent", "unit",
            lambda of: of.printed.scale and money.SCALES.get(of.row["unit"]) not in (None, of.printed.scale),
            "the value is printed in another unit", KEEP_ONE),
    RowRule("source_missing", "source", lambda of: not of.row["source"].strip(),
            "a figure without a source", "name the page or document"),
)  # fmt: skip


def _repeated_ids(found: Sequence[Entry]) -> Iterable[Problem]:
    for entry, first in repeats(found, key=lambda entry: entry.id):
        yield entry.problem("duplicate_id", f"used in row {first.line}", "rename one", "id")


def _dangling_links(found: Sequence[Entry]) -> Iterable[Problem]:
    for link in LINKS:
        up = {entry.id: entry.row.get(link, "") for entry in found}
        for entry in found:
            target = entry.row.get(link, "")
            above = _above(target, up)
            if target and target not in up:
                yield entry.problem("unknown_parent", "no row has this id", "correct it or add the row", link)
            elif entry.id in above:
                reason = f"{link} leads back to this row"
                yield entry.problem("parent_cycle", reason, "remove one of the links", link)
            elif len(above) > MOST_LEVELS:
                fix = f"link it within {MOST_LEVELS} steps"
                yield entry.problem("inconsistent", f"a chain of {len(above)} rows", fix, link)


def _above(start: str, up: Mapping[str, str]) -> list[str]:
    """The chain of ids from `start` upward, to its end or to the first id met twice."""
    chain: dict[str, None] = {}
    while start and start not in chain:
        chain[start] = None
        start = up.get(start, "")
    return list(chain)


def _parts_beyond_their_whole(found: Sequence[Entry]) -> Iterable[Problem]:
    up = {entry.id: entry.row["part_of"] for entry in found}
    parts_of: dict[str, dict[str, Decimal | None]] = {}
    for entry in found:
        parts_of.setdefault(entry.row["part_of"], {})[entry.id] = entry.usd_mn
    for whole in found:
        if whole.id in _above(whole.row["part_of"], up):
            continue  # a circle, told by its own rule
        total = whole.usd_mn
        parts = parts_of.get(whole.id, {}) if whole.id else {}
        named = sum((value for value in parts.values() if value is not None), Decimal(0))
        if parts and total is not None and named > total:
            reason = f"its parts {', '.join(parts)} sum to {named} USD million, {whole.id} says {total}"
            yield whole.problem("parts_sum", reason, "correct a part", "value")
        elif parts and named == total:
            reason = f"its parts {', '.join(parts)} are counted in its place"
            yield whole.problem(REPLACED, reason, "none needed", "value", "warning")


def _counted_twice(found: Sequence[Entry]) -> Iterable[Problem]:
    """A deal is part of one whole, at one value: of the rows that restate one another one may say so."""
    up = {entry.id: entry.row.get("restates", "") for entry in found}
    parts = [e for e in found if e.id and e.is_part and e.row["part_of"] and e.usd_mn is not None]
    for entry, first in repeats(parts, key=lambda entry: _above(entry.id, up)[-1]):
        reason = f"the deal {_above(entry.id, up)[-1]} is already a part by row {first.line}"
        fix = "leave part_of on the row whose value stood when the whole was announced"
        yield entry.problem("double_count", reason, fix, "part_of")


def _happened_unannounced(found: Sequence[Entry]) -> Iterable[Problem]:
    """What a row says has happened is the next event of another row of its deal, in the same words."""
    up = {entry.id: entry.row.get("restates", "") or entry.row.get("same_as", "") for entry in found}
    roots = {entry.id: [entry.id, *_above(up[entry.id], up)][-1] for entry in found}
    for entry in found:
        told = {one.row.get("next_event", "").strip() for one in found if roots[one.id] == roots[entry.id] != ""}
        happened = entry.row.get("happened", "").strip()
        if happened and happened not in told:
            reason, fix = "no row of this deal has it as its next event", "use the words of the row that announced it"
            yield entry.problem("inconsistent", reason, fix, "happened")


def _same_deal_twice(found: Sequence[Entry]) -> Iterable[Problem]:
    """Deals of one buyer, seller, category and value that do not say whether they are one."""
    columns = ("buyer", "seller", "category", "description")
    words = [(entry, tuple(fold(entry.row.get(column, "")) for column in columns)) for entry in _counted(found)]
    named = [(entry, said) for entry, said in words if all(said[:3])]
    for (entry, _), (first, _) in repeats(named, key=lambda each: (each[0].usd_mn, each[1])):
        reason = f"the buyer, seller, goods and value of row {first.line}"
        fix = "set same_as, or confirm that they are two"
        yield entry.problem("possible_double_count", reason, fix, "id", "warning")


def _total_as_row(found: Sequence[Entry]) -> Iterable[Problem]:
    """A list of deals whose last row is the sum of the others, or a row that calls itself a total."""
    if any(entry.role == Role.HEADLINE for entry in found):
        return
    counted = _counted(found, open_ones=True)
    total = sum((entry.usd_mn or Decimal(0) for entry in counted), Decimal(0))
    for entry in counted if len(counted) > 2 else []:
        labelled = any(TOTAL.fullmatch(fold(entry.row[column])) for column in ("id", "buyer"))
        if labelled or (entry is counted[-1] and _is_sum(entry, total - (entry.usd_mn or Decimal(0)))):
            reason = "a total of the other rows would be counted with them"
            yield entry.problem("double_count", reason, "remove it, or give it the role aggregate", "value")


def _is_sum(entry: Entry, total: Decimal) -> bool:
    if entry.usd_mn is not None:
        return entry.usd_mn == total
    low = entry.ends[0] if isinstance(entry.ends, tuple) else None
    return low is not None and low <= total <= low * NEARLY


def _counted(found: Sequence[Entry], *, open_ones: bool = False) -> list[Entry]:
    """The deals that are no part of another and restate none, with a value, or with a bound too."""
    return [
        entry
        for entry in found
        if entry.role == Role.DEAL and not any(entry.row.get(link, "") for link in LINKS)
        if entry.usd_mn is not None or (open_ones and entry.has_value)
    ]


def _wholes_that_hold_nothing(found: Sequence[Entry]) -> Iterable[Problem]:
    """A whole that cannot hold its parts: without a value, or itself only context."""
    of_id = {entry.id: entry for entry in found}
    valued = [entry for entry in found if entry.row["part_of"] and entry.is_part and entry.has_value]
    fix = "give the whole its value, or leave part_of of its parts empty"
    for entry in valued:
        whole = of_id.get(entry.row["part_of"], entry)
        if whole.role in (Role.AGGREGATE, Role.PRICE_EVIDENCE):
            reason = f"row {whole.line} is context, and its parts would be counted nowhere"
            yield entry.problem("inconsistent", reason, fix, "part_of")
        elif not whole.has_value:
            reason = f"it has the part {entry.id} but no value of its own"
            yield whole.problem("inconsistent", reason, fix, "value")


RULES: tuple[Callable[[Sequence[Entry]], Iterable[Problem]], ...] = (
    _repeated_ids, _dangling_links, _parts_beyond_their_whole, _counted_twice, _same_deal_twice, _total_as_row,
    _wholes_that_hold_nothing, _happened_unannounced,
)  # fmt: skip
