"""Printed totals against what they add up: rows of totals, checked and dropped, and columns beside wide periods."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd

from . import values
from .entries import Entry
from .headers import Record
from .problems import errors
from .rows import OF_ALL_YEARS
from .sheets import Sheet


def check(sheet: Sheet, entries: Sequence[Entry], totals: Sequence[tuple[Record, list[Entry]]]) -> None:
    """Each total against the rows above it since the last total of its kind, to half of each last digit."""
    for number, (row, stated) in enumerate(totals):
        before = len(errors(sheet.problems))
        after = max((r.line for r, others in totals[:number] if _kinds(others) & _kinds(stated)), default=0)
        wrong = {p.row or 0 for p in errors(sheet.problems)}
        if any(after < line <= row.line for line in wrong):
            continue  # a sum of what could not all be read
        for total in stated:
            parts = [e for e in entries if after < e.row < row.line and _is_part(e, total) and e.value is not None]
            summed = sum((e.value or Decimal(0) for e in parts), Decimal(0))
            allowed = (sum((e.step for e in parts), Decimal(0)) + total.step) / 2
            if total.value is not None and abs(summed - total.value) > allowed:
                reason = f"{len(parts)} rows sum to {summed.normalize():f} USD mn, stated {total.value.normalize():f}"
                sheet.add("total_mismatch", row.line, total.column, total.text, reason, "find the wrong row")
        if len(errors(sheet.problems)) == before:
            sheet.warn("totals_row_checked", row.line, None, None, "a total: checked, not kept", "none needed")


def check_columns(sheet: Sheet, entries: Sequence[Entry], data: Iterable[Record]) -> None:
    """Each `Total` beside columns of periods against the row's figures."""
    columns = [c for c in sheet.header.columns if c.role == "total"]
    wide = sum(bool(c.period) for c in sheet.header.values)
    for row in data:
        parts = [e for e in entries if e.row == row.line and e.value is not None] if columns else []
        for column in columns if len(parts) == wide > 1 else []:
            stated = values.value(sheet, row, column)
            summed = sum((e.value or Decimal(0) for e in parts), Decimal(0))
            if stated and stated[0] is not None:
                allowed = (sum((e.step for e in parts), Decimal(0)) + stated[1]) / 2
                reason = f"{len(parts)} columns sum to {summed.normalize():f} USD mn"
                if abs(summed - stated[0]) > allowed:
                    place = (row.line, column.name, row.cells[column.at].strip())
                    sheet.add("total_mismatch", *place, reason, "find the wrong figure")


def _kinds(entries: Iterable[Entry]) -> set[tuple[object, ...]]:
    return {(*entry.series, entry.column, entry.period) for entry in entries}


def _is_part(entry: Entry, total: Entry) -> bool:
    same = all(not wanted or wanted == own for wanted, own in zip(total.series, entry.series, strict=True))
    of_all = total.period.freqstr[0] == "Y" and total.period.year == OF_ALL_YEARS
    return same and entry.column == total.column and (of_all or _within(entry.period, total.period))


def _within(inner: pd.Period, outer: pd.Period) -> bool:
    return bool(outer.start_time <= inner.start_time and inner.end_time <= outer.end_time)
