"""From a figure of goods by kind to the cells of the bulletins."""

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from ..case import asof
from ..case.folder import Folder
from ..case.store import Facts
from ..facts.customs_vn import USD_IN_MN
from ..facts.goods import NOTHING, REPORTER, Goods
from ..words.citations import Place
from ..words.problems import refuse
from ..words.schema import nearest
from ..words.terms import Flow
from .chain import Cell, Chain, summed
from .trade import MONTHS_IN, netted

COLUMN = re.compile(r"(imports|exports)_of_(.+)_usd_mn")
FLOWS = {"imports": Flow.IMPORT, "exports": Flow.EXPORT}
PRINTED_IN = {"month": "usd_month", "to_date": "usd_year_to_date"}


def is_of_goods(column: str) -> bool:
    """Whether a column is of goods by kind: `imports_of_cotton_usd_mn`, or of a category of the ledger."""
    return COLUMN.fullmatch(column) is not None


def goods(where: Folder, facts: Facts, column: str, period: pd.Period, at: pd.Period | None) -> Chain:
    """A kind or category over a month, quarter or year, as known at the end of a month, to the bulletins' cells.

    Raises Refused for a kind there is not, and a period with a month that is not printed.
    """
    found, match = asof.goods_of(at, case=replace(where, held=facts)), COLUMN.fullmatch(column)
    assert match is not None
    flow, word = FLOWS[match[1]], match[2]
    months = found.cells(flow)
    wanted = [month for month in months if period.start_time <= month.start_time <= period.end_time]
    if len(wanted) < MONTHS_IN[period.freqstr[0]]:
        fix = f"use a period from {min(months)} to {max(months)}" if months else "use a case with bulletins"
        refuse("missing_period", "trace", "not all its months are printed", fix, value=str(period))
    names = {name for lines in months.values() for name in lines}
    by_word = {slug(of): [name for name in names if of in found.kind(name)] for n in names for of in found.kind(n)}
    if word not in by_word:
        fix = f"use {', '.join(sorted(by_word))}{nearest(word, list(by_word))}"
        refuse("unknown_key", "trace", "no such kind of goods", fix, value=word)
    return summed(column, period, REPORTER, cells=cells(facts, found, flow, by_word[word], wanted))


def slug(words: str) -> str:
    """A kind's English name as it stands in a column: `other_goods_not_itemised`."""
    return re.sub(r"\W+", "_", words.lower()).strip("_")


def cells(facts: Facts, of: Goods, flow: Flow, names: Iterable[str], months: Iterable[pd.Period]) -> list[Cell]:
    """The printed cells that lines of some months are the sum of; what is added and taken off again is left out."""
    lines, wanted = of.cells(flow), [*names]
    found = []
    for month in months:
        for name in wanted:
            for bulletin, field, sign in lines[month].get(name, []):
                printed = of.printed[flow][bulletin].get(name, NOTHING)
                if printed.id:
                    file, row = Place.of(printed.id)
                    value, column = Decimal(getattr(printed, field)), PRINTED_IN[field]
                    said = facts.files[file].sidecar
                    cell = Cell(file, row, column, str(month), flow, value / USD_IN_MN, Decimal(sign), said.url)
                    found.append(replace(cell, raw=str(value), unit=said.unit, id=of.kind(name)[1]))
    return netted(found)
