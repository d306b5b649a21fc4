"""The rules that a printed series must keep, whatever its source: each takes the entries and yields problems.

Last come printed totals against what they add up: rows of totals, and columns beside wide periods.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

import pandas as pd

from ..words.problems import Problem, errors
from ..words.terms import HOME, PARTNER, SCALE_JUMP
from . import rows
from .headers import Record
from .sheet import PrintedFigure, Sheet

CONSTANT_RUN = 8
PARTS_OF_YEAR = {0: 12, 1: 4}
CLEARLY = 3  # one flow this many times the other
HALF = Decimal("0.5")
FEWEST_TO_DATE = 3
LEAST, MOST = Decimal("0.6"), Decimal("1.5")  # of an even year to date
MOST_A_YEAR = 5_000_000  # USD million: some times the largest trade of any two countries
YEARS_NEAR = 5  # between a figure and one of the case's that it is held against
Held = Mapping[tuple[str, ...], Mapping[int, Decimal]]  # series -> year -> USD million a year, of the case


@dataclass(frozen=True)
class Said:
    """What a file's sidecar, or the case, says that the rules need."""

    newest: pd.Period | None = None
    held: Held = field(default_factory=dict)
    known_gaps: Collection[str] = ()
    cumulative: bool | None = None
    gaps_can_be_told: bool = True  # not where a row's period could not be read: it may be the one that is missing


def problems(entries: Sequence[PrintedFigure], known: Said) -> list[Problem]:
    """Every problem of the entries, of which at most one vintage a key is left."""
    return [problem for rule in RULES for problem in rule(entries, known)]


def groups(
    entries: Iterable[PrintedFigure], key: Callable[[PrintedFigure], tuple[Any, ...]] = attrgetter("series")
) -> Iterator[list[PrintedFigure]]:
    """The entries of each key, by default their series, oldest period first, or by row where frequencies mix."""
    entries = list(entries)
    by_period = _one_frequency(entries)
    ordered = sorted(entries, key=lambda entry: (key(entry), entry.period.ordinal if by_period else entry.row))
    return (list(group) for _, group in groupby(ordered, key=key))


def _one_frequency(entries: Iterable[PrintedFigure]) -> bool:
    return len({entry.period.freqstr for entry in entries}) <= 1


def _negative_flows(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    for entry in entries:
        if entry.flow in ("export", "import") and entry.value is not None and entry.value < 0:
            yield entry.problem("negative_flow", "a gross flow cannot be negative", "a balance? use flow=balance")


def _self_trade(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    for entry in entries:
        if entry.reporter == entry.partner != "":
            reason, fix = "reporter and partner are one country", "correct one of the two"
            yield Problem("self_trade", "", reason, fix, entry.row, "partner", entry.partner)


def _vintages(entries: Sequence[PrintedFigure], known: Said) -> Iterable[Problem]:
    """Published before the period ended; or, without a vintage, later than anything known."""
    horizon = known.newest.end_time.date() if known.newest is not None else None
    for entry in entries:
        ends = entry.period.end_time.date()
        if entry.published and entry.published < ends:
            reason, fix = f"published before the period ended ({ends})", "a forecast? correct the vintage"
            yield entry.problem("vintage_too_early", reason, fix, at="vintage")
        elif not entry.published and horizon and ends > horizon:
            reason, fix = f"after the as-of date, {known.newest}", "a typo? forecasts belong in scenarios"
            yield entry.problem("future_period", reason, fix, at="period")


def _valuations(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    for series in groups(entries):
        in_file = sorted((entry for entry in series if entry.valuation), key=lambda entry: entry.row)
        for entry in in_file:
            if entry.valuation != in_file[0].valuation:
                reason = f"one series, two valuations: row {in_file[0].row} is {in_file[0].valuation}"
                yield entry.problem("valuation_mix", reason, "split the series", at="valuation")


def _frequencies(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    """Rows of a coarser frequency than the file's finest: they would be counted twice, if they add up at all."""
    order = {"M": 0, "Q": 1, "Y": 2}
    grain = {entry: order[entry.period.freqstr[0]] for entry in entries if not entry.to_date}
    finest = min(grain.values(), default=0)
    for entry, found in grain.items():
        if found > finest:
            year = (entry.series, entry.period.year)
            inside = [e for e, g in grain.items() if g == finest and (e.series, e.period.year) == year]
            is_whole = found == order["Y"] and len(inside) == PARTS_OF_YEAR[finest]
            is_known = all(part.value is not None for part in inside)
            off = _off(inside, entry.value, entry.step) if is_whole and is_known else None
            if off is not None:
                reason = f"the year's {len(inside)} parts sum to {off.normalize():f} USD mn"
                yield entry.problem("annual_mismatch", reason, "find the wrong figure, and move the year elsewhere")
            else:
                reason = "a longer period among shorter ones would be counted twice"
                yield entry.problem("mixed_frequency", reason, "move it to a file of its own", at="period")


def _off(parts: Sequence[PrintedFigure], whole: Decimal | None, step: Decimal) -> Decimal | None:
    """The sum of the parts if it is not the whole's figure within half of each last digit, else None."""
    summed = sum((_value(part) for part in parts), Decimal(0))
    allowed = (sum((part.step for part in parts), Decimal(0)) + step) * HALF
    return summed if whole is not None and abs(summed - whole) > allowed else None


def _gaps(entries: Sequence[PrintedFigure], known: Said) -> Iterable[Problem]:
    """Periods missing inside a series, at the row after the gap.

    A table that gives one flow in each period tells what it tells of the pair, so there the gap is one of the pair.
    """
    if not _one_frequency(entries) or not known.gaps_can_be_told:
        return
    for pair in groups(entries, lambda entry: entry.series[:2]):
        together = len({(entry.period, entry.flow) for entry in pair}) > len({entry.period for entry in pair})
        for before, after in (two for series in (groups(pair) if together else [pair]) for two in pairwise(series)):
            missing = pd.period_range(before.period + 1, after.period - 1) if after.period > before.period else []
            unknown = [str(period) for period in missing[:60] if str(period) not in known.known_gaps]
            if unknown:
                some = unknown[0] if len(unknown) == 1 else f"{unknown[0]} to {unknown[-1]}"
                reason = f"{some} absent between {before.period} and {after.period}"
                yield after.problem("missing_period", reason, "add it, or list it under known_gaps", at="period")


def _scale_jumps(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    """Of two neighbours a factor of hundreds apart, the one further from the middle of the series."""
    for series in groups(entries):
        sized = [entry for entry in series if entry.value]
        for entry in series if len(sized) > 1 and series[0].flow != "balance" else []:
            if entry.value == 0 and min(abs(_value(one)) for one in sized) > SCALE_JUMP:
                yield entry.problem("scale_jump", "a 0 among figures of billions", "is it missing?", warning=True)
        if len(sized) < 2 or not _one_frequency(sized):
            continue
        middle = sorted(abs(_value(entry)) for entry in sized)[(len(sized) - 1) // 2]
        for pair in pairwise(sized):
            if _ratio(pair[0].value, pair[1].value) >= SCALE_JUMP:
                entry = max(pair, key=lambda e: (_ratio(e.value, middle), e.period.ordinal))
                reason = f"{_ratio(entry.value, middle):.0f} times apart from the rest of its series"
                yield entry.problem("scale_jump", reason, "check the unit: bn for mn, or mn for bn?")


def _unlike_the_case(entries: Sequence[PrintedFigure], known: Said) -> Iterable[Problem]:
    """Hundreds of times what the case itself holds of the series about that year, or a part of it as small; more than
    any two countries trade."""
    for entry in entries:
        held, year = known.held.get(entry.series, {}), entry.period.year
        near = min(held, key=lambda other: (abs(other - year), other), default=None)
        yearly = _value(entry) * {"M": 12, "Q": 4}.get(entry.period.freqstr[0], 1)
        if abs(yearly) > MOST_A_YEAR:
            yield entry.problem("scale_jump", "more than any two countries trade", "check the unit: bn for mn?")
        elif near is None or abs(near - year) > YEARS_NEAR or not yearly:
            continue
        elif _ratio(yearly, held[near]) >= SCALE_JUMP:
            reason = f"USD {yearly.normalize():f} mn a year, where the case holds {held[near].normalize():f} in {near}"
            yield entry.problem("scale_jump", reason, "check the unit: is it in thousands, millions or billions?")


def _ratio(one: Decimal | None, other: Decimal | None) -> Decimal:
    small, large = sorted(abs(value or Decimal(1)) for value in (one, other))
    return large / small


def _looks_cumulative(entries: Sequence[PrintedFigure], known: Said) -> Iterable[Problem]:
    """Rises in each year about as a year to date does, and falls after it: three steps or more in all, or three periods
    or more from the first of a year where no other flow of the table is seen to be none."""
    found = [series for series in groups(entries) if len(series) >= FEWEST_TO_DATE and _one_frequency(series)]
    told = [s for s in found if all(e.value is not None for e in s) and s[0].period.freqstr[0] in "QM"]
    split = [[list(year) for _, year in groupby(series, key=lambda entry: entry.period.year)] for series in told]
    to_date = [years for years in split if all(_accumulates(year) for year in years)]
    for years in to_date if known.cumulative is None else []:
        falls = [
            after[0] for before, after in pairwise(years) if _value(after[0]) < _value(before[-1]) * Decimal("0.6")
        ]
        from_the_first = any(_part_of_year(year[0]) == 1 and len(year) >= FEWEST_TO_DATE for year in years)
        steps = sum(map(len, years)) - len(years) + len(falls)
        is_enough = (falls and steps >= FEWEST_TO_DATE) or (from_the_first and len(to_date) == len(split))
        if is_enough and len(falls) == len(years) - 1:
            reason = "rises within each year as a year to date does" + (", and falls at its end" if falls else "")
            fix = "label it 3M/6M/9M/12M, or set cumulative: true or false"
            yield (falls or years[0][1:])[0].problem("looks_cumulative", reason, fix)


def _accumulates(year: Sequence[PrintedFigure]) -> bool:
    """Whether each value is near as many times the one of a first month or quarter as the periods are to date."""
    values = [_value(entry) for entry in year]
    rates = [_value(entry) / _part_of_year(entry) for entry in year]
    rises = all(after > before for before, after in pairwise(values))
    return values[0] > 0 and rises and all(LEAST * rates[0] <= rate <= MOST * rates[0] for rate in rates)


def _part_of_year(entry: PrintedFigure) -> int:
    """1 for January and a first quarter, 12 for December."""
    return int(entry.period.quarter if entry.period.freqstr[0] == "Q" else entry.period.month)


def _value(entry: PrintedFigure) -> Decimal:
    return entry.value or Decimal(0)


def _constant(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    """Many figures of two digits or more, equal to the last one. Zeros and 0.1s repeat honestly."""
    for series in groups(entries):
        for value, run in groupby(series, key=lambda entry: entry.value):
            same = list(run)
            if value and len(same) >= CONSTANT_RUN and len(value.normalize().as_tuple().digits) > 1:
                reason = f"{len(same)} periods equal to the last digit: filled down by hand?"
                yield same[0].problem("constant_series", reason, "confirm", warning=True)


def _balances(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    """Exports minus imports against the printed balance, each rounded to its last digit."""
    by_place = {entry.key: entry for entry in entries}
    for entry in entries:
        sides = [by_place.get(replace(entry, flow=flow).key) for flow in ("export", "import")]
        if entry.flow != "balance" or entry.value is None or any(s is None or s.value is None for s in sides):
            continue
        exports, imports = (side for side in sides if side is not None)
        difference = _value(exports) - _value(imports)
        if abs(difference - entry.value) > (exports.step + imports.step + entry.step) * HALF:
            reason = f"{exports.text} - {imports.text} is not {entry.text}, but {difference.normalize():f} USD mn"
            fix = "whose balance? set its reporter, or correct or drop it"
            yield entry.problem("balance_mismatch", reason, fix)


def _swapped(entries: Sequence[PrintedFigure], _: Said) -> Iterable[Problem]:
    """Exports and imports clearly the other way round than the two always trade, or than in the two periods nearest."""
    imports = {(*e.series[:2], e.period): e for e in entries if e.flow == "import" and e.value}
    pairs = [e for e in entries if e.flow == "export" and _value(e) > 0 and (*e.series[:2], e.period) in imports]
    for found in groups(pairs, lambda entry: entry.series[:2]):
        signs = [_surplus(entry, imports[*entry.series[:2], entry.period]) for entry in found]
        for at, entry in enumerate(found):
            start = min(max(at - 1, 0), max(len(found) - 3, 0))
            around = [sign for n, sign in enumerate(signs[start : start + 3], start) if n != at]
            usual = {_always(entry)} if _always(entry) else set(around) if len(around) == 2 else set()
            if signs[at] and usual == {-signs[at]}:
                reason = "exports and imports the other way round than usual: swapped?"
                yield entry.problem("flows_swapped", reason, "check which is which", at="flow", warning=True)


def _surplus(exports: PrintedFigure, imports: PrintedFigure) -> int:
    """1 for exports clearly above imports, -1 for the reverse, 0 for neither."""
    if _ratio(exports.value, imports.value) < CLEARLY:
        return 0
    return 1 if _value(exports) > _value(imports) else -1


def _always(entry: PrintedFigure) -> int:
    """The sign of a surplus that is known: Vietnam's with the US, on both books, since the agreement of 2001."""
    known = (entry.reporter, entry.partner) in PARTNER.items() and entry.period.year > 2001
    return (1 if entry.reporter == HOME else -1) if known else 0


RULES: tuple[Callable[[Sequence[PrintedFigure], Said], Iterable[Problem]], ...] = (
    _negative_flows, _self_trade, _vintages, _valuations, _frequencies, _gaps, _scale_jumps, _unlike_the_case,
    _looks_cumulative, _constant, _balances, _swapped,
)  # fmt: skip


def check(sheet: Sheet, entries: Sequence[PrintedFigure], totals: rows.Totals) -> None:
    """Each total against the rows above it since the last total of its kind, to half of each last digit."""
    for number, (row, stated) in enumerate(totals):
        before = len(errors(sheet.problems))
        after = max((r.line for r, others in totals[:number] if _kinds(others) & _kinds(stated)), default=0)
        if any(after < (p.row or 0) <= row.line for p in errors(sheet.problems)):
            continue  # a sum of what could not all be read
        for total in stated:
            parts = [e for e in entries if after < e.row < row.line and _is_part(e, total) and e.value is not None]
            off = _off(parts, total.value, total.step)
            if off is not None:
                reason = f"{len(parts)} rows sum to {off.normalize():f} USD mn, stated {_value(total).normalize():f}"
                sheet.note("total_mismatch", row.line, total.column, total.text, reason, "find the wrong row")
        if len(errors(sheet.problems)) == before:
            sheet.warn("totals_row_checked", row.line, None, None, "a total: checked, not kept", "none needed")


def check_columns(sheet: Sheet, entries: Sequence[PrintedFigure], data: Iterable[Record]) -> None:
    """Each `Total` beside columns of periods against the row's figures."""
    columns = [c for c in sheet.header.columns if c.role == "total"]
    wide = sum(bool(c.period) for c in sheet.header.values)
    for row in data:
        parts = [e for e in entries if e.row == row.line and e.value is not None] if columns else []
        for column in columns if len(parts) == wide > 1 else []:
            stated = rows.read_value(sheet, row, column)
            off = _off(parts, *stated[:2]) if stated else None
            if off is not None:
                reason = f"{len(parts)} columns sum to {off.normalize():f} USD mn"
                place = (row.line, column.name, row.cells[column.at].strip())
                sheet.note("total_mismatch", *place, reason, "find the wrong figure")


def _kinds(entries: Iterable[PrintedFigure]) -> set[tuple[object, ...]]:
    return {(*entry.series, entry.column, entry.period) for entry in entries}


def _is_part(entry: PrintedFigure, total: PrintedFigure) -> bool:
    same = all(not wanted or wanted == own for wanted, own in zip(total.series, entry.series, strict=True))
    of_all = total.period.freqstr[0] == "Y" and total.period.year == rows.OF_ALL_YEARS
    inner, outer = entry.period, total.period
    inside = of_all or (outer.start_time <= inner.start_time and inner.end_time <= outer.end_time)
    return bool(same and entry.column == total.column and inside)
