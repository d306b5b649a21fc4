"""What a traced figure is: a value, the raw cells and the parts it is made of, and their form as text and JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..case.sidecars import Correction
from ..words import terms
from ..words.plain import text_of, text_or_none
from ..words.terms import Strength

USD_MN = "USD million"
WEIGHT_DIGITS = 6  # 31,400 times half a unit of the seventh is 0.02, below the 0.1 that a figure is shown to
SCREEN = 40  # lines
SUM, RATIO, DRAWS, LESSER = "the sum of", "the ratio of", "over the draws of", "the lesser of"
PATH = "a path drawn from"


@dataclass(frozen=True)
class Cell:
    """One raw cell: where it stands, what it says, what it counts for in the figure, and who publishes it.

    `raw` is the cell as it stands in the file and `printed` what that is in USD million (a growth rate
    as a fraction). `weight` is 1 or -1 in a sum of counts, 0 for a row that only tells more of the
    same, and how much the figure moves per unit printed in a book pieced together. `printed_in` is the publisher's own
    document, or the page and line of it, where the file holds what several print.
    """

    file: str
    row: int
    column: str
    period: str
    flow: str
    printed: Decimal
    weight: Decimal
    url: str
    raw: str = ""
    unit: str = ""
    id: str = ""
    printed_in: str = ""

    @property
    def place(self) -> str:
        """The file from the case's folder, and the line."""
        folder = "" if self.file.startswith("scenarios/") else "data/raw/"
        return f"{folder}{self.file}:{self.row}"


@dataclass(frozen=True)
class Assumed:
    """An assumption that enters a figure: path, form, mean, source, strength, its line, the parts it acts on."""

    path: str
    form: str
    mean: Decimal | None
    source: str
    strength: Strength
    file: str
    row: int | None
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Setting:
    """A key that shapes a figure, its value, and the line that states it (None for a default or this run's change)."""

    key: str
    value: str
    file: str
    row: int | None


@dataclass(frozen=True, repr=False)
class Chain:
    """A figure and what it rests on.

    `how` says what it is of its cells and parts: SUM (each times its weight, with `mirror_usd_mn`, what the other book
    contributes where little was printed, and `lesser_usd_mn`, fragments too light to be named), RATIO (of the first
    part to the second, each times its weight), LESSER (of the parts so weighed), DRAWS or PATH, which no sum gives.
    `spread` holds quantiles, `se_usd_mn` the standard error of a figure that is pieced together.
    """

    column: str
    period: str
    reporter: str
    value: Decimal
    cells: tuple[Cell, ...] = ()
    parts: tuple["Part", ...] = ()
    unit: str = USD_MN
    how: str = SUM
    se_usd_mn: Decimal | None = None
    mirror_usd_mn: Decimal | None = None
    lesser_usd_mn: Decimal | None = None
    spread: Mapping[str, Decimal] = field(default_factory=dict)
    assumptions: tuple[Assumed, ...] = ()
    settings: tuple[Setting, ...] = ()
    corrections: tuple[Correction, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        """The chain as text, cut to a screen; `as_text` has it all."""
        lines = as_text(self).splitlines()
        more = [f"... and {len(lines) - SCREEN} lines more"] if len(lines) > SCREEN else []
        return "\n".join([*lines[:SCREEN], *more])

    @property
    def value_usd_mn(self) -> Decimal:
        """The value of a figure that is money. Raises ValueError for any other."""
        if self.unit != USD_MN:
            raise ValueError(f"{self.column} is in {self.unit}")
        return self.value

    def all_cells(self) -> Iterable[Cell]:
        """Its own cells and those of its parts, in order."""
        yield from self.cells
        for part in self.parts:
            yield from part.chain.all_cells()


@dataclass(frozen=True)
class Part:
    """A figure inside another, and how often it counts there."""

    weight: Decimal
    chain: Chain


def summed(column: str, period: object, reporter: str, *, cells: Iterable[Cell] = (), parts: Iterable[Part] = (),
           note: str = "") -> Chain:  # fmt: skip
    """A figure in USD million that is the exact sum of its cells and parts, each times its weight."""
    cells, parts = tuple(cells), tuple(parts)
    weighed = [*(cell.weight * cell.printed for cell in cells), *(part.weight * part.chain.value for part in parts)]
    return Chain(column, str(period), reporter, sum(weighed, Decimal(0)), cells, parts, note=note)


def as_text(chain: Chain) -> str:
    """The chain for a terminal: the figure, a line a cell and a part, what was assumed, and the addresses."""
    lines = [*_lines(chain, "", set())]
    for title, found in (
        ("corrected by data/corrections.yaml", [_correction(each) for each in chain.corrections]),
        ("assumed", [_assumed(each) for each in chain.assumptions]),
        ("shaped by", [f"{each.key} = {each.value}  {_stated(each)}" for each in chain.settings]),
    ):
        lines += [f"{title}:", *(f"  {line}" for line in found)] if found else []
    addresses = sorted({cell.url for cell in chain.all_cells() if cell.url})
    return "\n".join([*lines, *(f"published at {url}" for url in addresses)])


def _lines(chain: Chain, indent: str, told: set[tuple[str, str, str]]) -> Iterable[str]:
    """The chain as lines; a figure that stands in several parts is told in full once."""
    name = (chain.column, chain.period, chain.reporter)
    if name in told:
        yield f"{indent}{' '.join(name[:2])} = {_number(chain.value)} {chain.unit}, as above"
        return
    told.add(name)
    yield indent + _figure(chain)
    inside = f"{indent}  "
    for cell in chain.cells:
        printed = f"{_weight(cell.weight)} x {cell.printed:>12,f}"
        raw = f" ({cell.raw} {cell.unit})" if cell.raw and cell.unit not in ("", USD_MN) else ""
        named = f"{cell.id}  " if cell.id else ""
        within = f", {cell.printed_in}" if cell.printed_in else ""
        yield f"{inside}{printed}  {named}{cell.period}  {cell.flow:<6}  {cell.place} {cell.column}{raw}{within}"
    if chain.mirror_usd_mn is not None:
        yield f"{inside}{_weight(Decimal(1))} x {chain.mirror_usd_mn:>12,f}  the mirror series' part"
    if chain.lesser_usd_mn:
        yield f"{inside}{_weight(Decimal(1))} x {chain.lesser_usd_mn:>12,f}  fragments that weigh less than these"
    for part in chain.parts:
        first, *rest = _lines(part.chain, inside, told)
        yield f"{inside}{_weight(part.weight).strip()} x {first.strip()}"
        yield from rest
    if chain.note:
        yield f"{inside}{chain.note}"


def _weight(weight: Decimal) -> str:
    sign = "-" if weight < 0 else "+"
    return f"{sign + text_of(round(abs(weight), WEIGHT_DIGITS)):>9}"


def _number(number: Decimal) -> str:
    """With thousands separated, at least one decimal, and no idle zeros after it."""
    whole, _, decimals = f"{number:,f}".partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def _figure(chain: Chain) -> str:
    name = f"{chain.column} {chain.period}".strip()
    book = f", {terms.book_name(chain.reporter)}" if chain.reporter else ""
    value = f"{_number(chain.value)} {chain.unit}"
    if chain.se_usd_mn is not None:
        pieced = "the mirror series, moved by what was printed, with weights" if chain.cells else chain.how
        return f"{name} = {value}{book}, standard error {chain.se_usd_mn:,f}: {pieced}"
    spread = "".join(f", {point} {_number(number)}" for point, number in chain.spread.items())
    return f"{name} = {value}{spread}{book}, {chain.how if chain.cells or chain.parts else 'from what is listed below'}"


def _correction(each: Correction) -> str:
    change = f"{each.expected!r} is read as {each.value!r}"
    return f"data/raw/{each.file}:{each.row} {each.column}: {change}, because {each.reason} ({each.source})"


def _assumed(each: Assumed) -> str:
    mean = "" if each.mean is None else f", mean {text_of(each.mean)}"
    shown = f"{each.path} = {each.form}{mean}; {each.source} ({each.strength})"
    return f"{shown}; {_stated(each)}; for {_parts(each.parts)}"


def _parts(names: Iterable[str]) -> str:
    """Parts by name, categories of one remainder gathered: `T1-remainder (aircraft, energy), VJ-737-200`."""
    gathered: dict[str, list[str]] = {}
    for name in names:
        whole, _, category = name.partition(": ")
        gathered.setdefault(whole, []).extend([category] if category else [])
    return ", ".join(f"{whole} ({', '.join(inner)})" if inner else whole for whole, inner in gathered.items())


def _stated(each: Assumed | Setting) -> str:
    return each.file if each.row is None else f"{each.file}:{each.row}"


def as_json(chain: Chain) -> dict[str, object]:
    """The chain in plain types; numbers are decimal strings, but for rows."""
    money = {"value_usd_mn": text_of(chain.value)} if chain.unit == USD_MN else {}
    return {
        "column": chain.column,
        "period": chain.period,
        "reporter": chain.reporter,
        "value": text_of(chain.value),
        "unit": chain.unit,
        **money,
        "how": chain.how,
        "se_usd_mn": text_or_none(chain.se_usd_mn),
        "mirror_usd_mn": text_or_none(chain.mirror_usd_mn),
        "lesser_usd_mn": text_or_none(chain.lesser_usd_mn),
        "spread": {point: text_of(number) for point, number in chain.spread.items()},
        "cells": [
            {**vars(cell), "flow": str(cell.flow), "printed": f"{cell.printed:f}", "weight": text_of(cell.weight)}
            for cell in chain.cells
        ],
        "parts": [{"weight": text_of(part.weight), **as_json(part.chain)} for part in chain.parts],
        "assumptions": [
            {**vars(each), "mean": text_or_none(each.mean), "strength": str(each.strength), "parts": list(each.parts)}
            for each in chain.assumptions
        ],
        "settings": [vars(each) for each in chain.settings],
        "corrections": [each.model_dump() for each in chain.corrections],
        "note": chain.note,
    }
