"""Goods by kind: what Vietnam Customs' bulletins print by commodity of the trade with one country.

A hand-written table (data/commodities.yaml) says in English what each line is and which category of the ledger stands
in it. A line that is not in it is counted as not mapped. What the lines miss of the printed total stands in a line of
its own, so that all kinds together are the country's total exactly: the rounding to dollars, and what is revised of
lines that come or go within a year.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Annotated, NamedTuple, Self

import pandas as pd
from pydantic import Field, model_validator

from ..words import terms
from ..words.cells import Cells, Rows
from ..words.citations import Place
from ..words.problems import Problem, raise_errors
from ..words.schema import Strict, Words, one_of, wrong
from ..words.terms import Category, Flow
from . import customs_vn
from .customs_vn import SLACK_USD, USD_IN_MN
from .trade import Source

NO_CATEGORY, NOT_MAPPED, ROUNDING = "none", "not mapped", "rounding"
REPORTER = "VNM"  # whose bulletins these are
TOTAL = ""  # the commodity of a country's total
COLUMNS = ["flow", "period", "category", "kind", "commodity", "value_usd_mn", "ids"]
BY = {"month": "M", "quarter": "Q", "year": "Y"}
TO_DATE = "year-to-date"


class Kind(Strict):
    """One line of data/commodities.yaml: the name as printed, and what it is."""

    printed: Words
    english: Words
    category: Annotated[str, one_of(lambda: [*Category, NO_CATEGORY])]
    reason: Words
    also: list[Annotated[str, one_of(lambda: [*Category])]] = Field(default_factory=list)

    def can_hold(self, category: str) -> bool:
        """Whether goods of a category of the ledger can stand in this line."""
        return category in (self.category, *self.also)


class Kinds(Strict):
    lines: list[Kind]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [line.printed for line in self.lines]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise wrong("duplicate_key", f"told of twice: {', '.join(twice)}", "keep one line of each")
        return self

    @property
    def by_name(self) -> dict[str, Kind]:
        return {line.printed: line for line in self.lines}


class Printed(NamedTuple):
    """What a bulletin prints in one line, in USD: the month and the year to date (0 where blank), and the raw row."""

    month: int
    to_date: int
    id: str


NOTHING = Printed(0, 0, "")
Bulletins = dict[Flow, dict[pd.Period, dict[str, Printed]]]  # by flow, month and commodity, TOTAL among them
Cell = tuple[pd.Period, str, int]  # a bulletin, a field of Printed, and 1 or -1


def read(files: Iterable[tuple[Rows, Source]], partner: str) -> Bulletins:
    """Every line of a country's block in every bulletin. Raises Refused with every problem, also where the commodities
    of a bulletin do not add up to its total."""
    found: Bulletins = {flow: {} for flow in Flow}
    problems: list[Problem] = []
    for rows, source in files:
        check = Cells(source.file)
        for line, row in rows:
            if source.partner in ("", partner) and customs_vn.partner_of(row, source) == partner:
                _add(line, row, check, found)
        problems += check.problems
    raise_errors([*problems, *_wrong_sums(found)])
    return {flow: dict(sorted(months.items())) for flow, months in found.items()}


LINES = ["flow", "period", "commodity", "month_usd", "year_to_date_usd", "id"]


def as_lines(found: Bulletins) -> list[tuple[str, ...]]:
    """Every line of the bulletins as texts by LINES, in their order."""
    return [
        (flow, str(period), name, str(line.month), str(line.to_date), line.id)
        for flow, months in found.items()
        for period, lines in months.items()
        for name, line in lines.items()
    ]


def of_lines(lines: Iterable[Sequence[str]]) -> Bulletins:
    """The bulletins of which these are the lines, by LINES."""
    found: Bulletins = {flow: {} for flow in Flow}
    months = cache(lambda flow, month: found[Flow(flow)].setdefault(terms.month(month), {}))
    for flow, month, name, usd, to_date, of in lines:
        months(flow, month)[name] = Printed(int(usd), int(to_date), of)
    return found


def _add(line: int, row: Mapping[str, str], check: Cells, found: Bulletins) -> None:
    period, flow = check.read(line, row, "period", terms.month), check.read(line, row, "flow", Flow)
    month, to_date = (check.read(line, row, column, customs_vn.dollars) for column in customs_vn.DOLLARS)
    if period is None or flow is None:
        return
    name, of = row.get("commodity", TOTAL), f"{check.file}:{line}"
    new = Printed(month or 0, to_date or 0, of)
    before = found[flow].setdefault(period, {}).setdefault(name, new)
    if before[:2] != new[:2]:
        check.note("duplicate_key", line, "commodity", name, f"{before.id} prints another figure")


def _wrong_sums(found: Bulletins) -> Iterator[Problem]:
    for flow, months in found.items():
        for period, lines in months.items():
            total, *parts = lines.get(TOTAL, NOTHING), *(each for name, each in lines.items() if name != TOTAL)
            for at, column in enumerate(customs_vn.DOLLARS):
                printed, *added = (line.to_date if at else line.month for line in (total, *parts))
                apart = sum(added) - printed
                if parts and total.id and abs(apart) > SLACK_USD:
                    file, row = Place.of(total.id)
                    reason = f"the commodities of the {flow}s of {period} come to {apart:+,} USD over the total"
                    fix = "compare both with the bulletin"
                    yield Problem("total_mismatch", file, reason, fix, row, column, f"{printed}")


def not_mapped(found: Bulletins, kinds: Kinds) -> list[Problem]:
    """A warning for each commodity that is not in the table of kinds, on the first row that prints it."""
    first: dict[str, str] = {}
    for months in found.values():
        for lines in months.values():
            for name, line in lines.items():
                if name not in (TOTAL, *kinds.by_name):
                    first.setdefault(name, line.id)
    reason, fix = "this commodity is counted as not mapped", "add it to data/commodities.yaml, with a reason"
    places = {name: Place.of(of) for name, of in first.items()}
    return [
        Problem("unknown_commodity", file, reason, fix, row, "commodity", name, "warning")
        for name, (file, row) in places.items()
    ]


class Held(NamedTuple):
    """What some lines brought together in USD million, and by how much that was more than in the base year's months,
    a line that fell counted as none: nothing that a deal adds takes another line down."""

    lines: tuple[str, ...]
    usd_mn: Decimal
    rise_usd_mn: Decimal


@dataclass(frozen=True)
class Since:
    """What each line of the imports brought from a month to another, and in the same months of the year `base`: USD
    million by printed name, first now, then before."""

    first: pd.Period
    last: pd.Period
    base: int
    by_line: Mapping[str, Sequence[Decimal]]
    kinds: Kinds

    def names(self, categories: Iterable[str]) -> list[str]:
        """The lines in which goods of any of the categories can stand, and those not mapped, the largest first."""
        wanted, of = [*categories], self.kinds.by_name
        found = [n for n in self.by_line if n not in of or any(of[n].can_hold(category) for category in wanted)]
        return sorted(found, key=lambda name: -self.by_line[name][0])

    def held(self, categories: Iterable[str]) -> Held:
        """What the lines brought in which goods of any of the categories can stand, and those not mapped, which may be
        anything; their English names, the largest first."""
        of, found = self.kinds.by_name, self.names(categories)
        both = [self.by_line[name] for name in found]
        names = tuple(of[name].english if name in of else name for name in found)
        rises = (max(now - before, Decimal(0)) for now, before in both)
        return Held(names, sum((now for now, _ in both), Decimal(0)), sum(rises, Decimal(0)))


@dataclass(frozen=True)
class Goods:
    """A country's block in the bulletins, as known at the end of a month, and what its lines are.

    Money is in USD million, exact: imports CIF and exports FOB, on Vietnam's book with `partner`.
    """

    partner: str
    printed: Bulletins
    kinds: Kinds

    def known(self, at: pd.Period) -> "Goods":
        """The same with the bulletins that were out by the end of a month: one is out in the month after its own."""
        printed = {
            flow: {period: lines for period, lines in months.items() if period + 1 <= at}
            for flow, months in self.printed.items()
        }
        return replace(self, printed=printed)

    @property
    def files(self) -> set[str]:
        """The raw files of the bulletins."""
        months = (lines for of_flow in self.printed.values() for lines in of_flow.values())
        return {Place.of(line.id).file for lines in months for line in lines.values()}

    def last(self, flow: Flow = Flow.IMPORT) -> pd.Period | None:
        """The newest bulletin's month; None without one."""
        return max(self.printed[flow], default=None)

    def kind(self, commodity: str) -> tuple[str, str]:
        """The category of the ledger and the English name of a line; the printed name of one that is not mapped."""
        if commodity == TOTAL:
            return ROUNDING, "Rounding, and lines that come or go"
        of = self.kinds.by_name.get(commodity)
        return (of.category, of.english) if of else (NOT_MAPPED, commodity)

    def cells(self, flow: Flow) -> dict[pd.Period, dict[str, list[Cell]]]:
        """By month and commodity, the printed cells that its figure is the sum of, as `customs_vn.read` takes them: the
        month's own bulletin, until the next one's year to date, less its own month, says otherwise."""
        printed, found = self.printed[flow], {}
        for period, lines in printed.items():
            found[period] = {name: [(period, "month", 1)] for name in lines}
            if revised := customs_vn.earlier(period, printed):
                found[period - 1] = self._revised(flow, found.get(period - 1, {}), revised)
        return dict(sorted(found.items()))

    def _revised(self, flow: Flow, own: Mapping[str, list[Cell]], cells: list[Cell]) -> dict[str, list[Cell]]:
        """A month's lines by the cells of the next bulletin, but for those that it leaves as the month's `own` say.

        A line that only one of the two prints was not revised but renamed, split or joined: it stays as it was.
        """
        printed = self.printed[flow]
        told = dict.fromkeys((name for at, _, _ in cells for name in printed[at]), cells)
        kept = {
            name: of
            for name, of in own.items()
            if name not in printed[cells[0][0]] or self._sum(flow, name, of) == self._sum(flow, name, cells)
        }
        return {name: of for name, of in {**told, **kept}.items() if name in own or not own}

    def _sum(self, flow: Flow, name: str, cells: Iterable[Cell]) -> int:
        months = self.printed[flow]
        return sum(sign * int(getattr(months[at].get(name, NOTHING), field)) for at, field, sign in cells)

    def table(self, by: str = "month") -> pd.DataFrame:
        """A row a flow, period and line by COLUMNS, in USD million; `by` is of BY, or the printed year to date.

        Quarters and years are whole ones. `ids` are the raw rows behind.
        """
        rows = [row for flow in Flow for row in (self._to_date(flow) if by == TO_DATE else self._months(flow))]
        table = pd.DataFrame(rows, columns=COLUMNS)
        if by in (TO_DATE, "month"):
            return table
        table["period"] = [period.asfreq(BY[by]) for period in table["period"]]
        months = {flow: Counter(month.asfreq(BY[by]) for month in self.cells(flow)) for flow in Flow}
        at = zip(table["flow"], table["period"], strict=True)
        kept = [months[flow][period] == {"quarter": 3, "year": 12}[by] for flow, period in at]
        grouped = table[kept].groupby(COLUMNS[:5], sort=False, as_index=False)
        return grouped.agg({"value_usd_mn": lambda values: sum(values, Decimal(0)), "ids": _once})[COLUMNS]

    def compared(self, flow: Flow = Flow.IMPORT) -> pd.DataFrame:
        """The printed year to date of the newest bulletin and the one of a year before, in USD million: a row a line of
        either, `before` and `now`; empty without both."""
        last = self.last(flow)
        both = [self.printed[flow].get(at, {}) for at in (last - 12, last)] if last is not None else [{}, {}]
        names = dict.fromkeys(name for lines in both for name in lines if name != TOTAL) if all(both) else {}
        values = [[Decimal(lines.get(name, NOTHING).to_date) / USD_IN_MN for lines in both] for name in names]
        return pd.DataFrame(values, index=pd.Index([*names], dtype=object), columns=["before", "now"], dtype=object)

    def since(
        self, first: pd.Period, base: int, flow: Flow = Flow.IMPORT, last: pd.Period | None = None
    ) -> "Since | None":
        """What each line brought since a month, up to `last` if one is given; None where nothing is printed of those
        months, or not all of them in the year `base`."""
        cells = self.cells(flow)
        months = [month for month in cells if first <= month and (last is None or month <= last)]
        before = [month - 12 * (month.year - base) for month in months]
        if not months or not set(before) <= set(cells):
            return None
        names = {name for month in (*months, *before) for name in cells[month] if name != TOTAL}
        sums = {
            name: [sum(self._sum(flow, name, cells[at].get(name, [])) for at in of) for of in (months, before)]
            for name in sorted(names)
        }
        exact = {name: [Decimal(usd) / USD_IN_MN for usd in both] for name, both in sums.items()}
        return Since(months[0], months[-1], base, exact, self.kinds)

    def _months(self, flow: Flow) -> Iterator[list[object]]:
        for period, lines in self.cells(flow).items():
            values = {name: self._sum(flow, name, cells) for name, cells in lines.items()}
            ids = {name: self._ids(flow, name, cells) for name, cells in lines.items()}
            yield from self._rows(flow, period, values, ids)

    def _to_date(self, flow: Flow) -> Iterator[list[object]]:
        for period, lines in self.printed[flow].items():
            values = {name: line.to_date for name, line in lines.items()}
            yield from self._rows(flow, period, values, {name: line.id for name, line in lines.items()})

    def _ids(self, flow: Flow, name: str, cells: Iterable[Cell]) -> str:
        rows = (self.printed[flow][at].get(name, NOTHING).id for at, _, _ in cells)
        return " ".join(dict.fromkeys(row for row in rows if row))

    def _rows(
        self, flow: Flow, period: pd.Period, usd: Mapping[str, int], ids: Mapping[str, str]
    ) -> Iterator[list[object]]:
        """The lines from the largest down, and what they miss of the total where one is printed."""
        lines = {name: value for name, value in usd.items() if name != TOTAL}
        for name, value in sorted(lines.items(), key=lambda line: -line[1]):
            category, kind = self.kind(name)
            yield [flow, period, category, kind, name, Decimal(value) / USD_IN_MN, ids[name]]
        missed = usd[TOTAL] - sum(lines.values()) if TOTAL in usd and lines else 0
        if missed:
            yield [flow, period, *self.kind(TOTAL), TOTAL, Decimal(missed) / USD_IN_MN, ids[TOTAL]]


def _once(ids: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(row for each in ids for row in each.split()))
