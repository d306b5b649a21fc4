"""What was printed of a book in pieces: one record a fragment, from the rows of a fragments file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from ..words.cells import CellError, Cells, Complaint, Rows, decimal
from ..words.citations import Place
from ..words.problems import Problem, repeats
from ..words.terms import month

COLUMNS = ["id", "flow", "start", "end", "kind", "value", "unit", "against_start", "against_end", "rounding",
           "wording", "published", "agency", "source_title", "source_url"]  # fmt: skip
is_fragments = {"against_start", "rounding", "wording"}.issubset  # by a file's columns
FLOWS = ("export", "import", "balance")
UNITS = {
    ("level", "USD billion"): Decimal(1000),
    ("level", "USD million"): Decimal(1),
    ("growth", "percent"): Decimal("0.01"),
}
EXACT = "exact"


@dataclass(frozen=True)
class Fragment:
    """A printed level in USD million, or a growth rate as a fraction, over a span of months.

    `flow` is export, import or balance, `against` the span that a growth rate is over, `half_unit`
    half the last printed digit in the value's unit, `published` the month it was out. `is_count`: a month of the
    book's own later counts, which binds the pieces at their end.
    """

    id: str
    flow: str
    first: pd.Period
    last: pd.Period
    against: tuple[pd.Period, pd.Period] | None
    value: Decimal
    half_unit: Decimal
    is_vague: bool
    is_estimate: bool
    published: pd.Period
    words: str
    source: str
    url: str
    source_id: str
    is_count: bool = False

    @property
    def subject(self) -> str:
        """What it is about: `export, 2025Q1`, a growth rate naming the span that it is over."""
        words = " over ".join(_span(first, last) for first, last in self._spans)
        return f"{self.flow}{' growth' if self.against else ''}, {words}"

    @property
    def months(self) -> set[pd.Period]:
        """Every month the fragment speaks of."""
        return {each for first, last in self._spans for each in pd.period_range(first, last, freq="M")}

    @property
    def _spans(self) -> list[tuple[pd.Period, pd.Period]]:
        return [(self.first, self.last), *([self.against] if self.against else [])]


def _span(first: pd.Period, last: pd.Period) -> str:
    """`2025`, `2025Q1`, `2025-03` or `2025-01 to 2025-08`."""
    for whole in (first.asfreq("Y"), first.asfreq("Q"), first):
        if (whole.asfreq("M", "start"), whole.asfreq("M", "end")) == (first, last):
            return str(whole)
    return f"{first} to {last}"


def read(columns: Sequence[str], rows: Rows, file: str) -> list[Fragment]:
    """Fragments in file order. Raises Refused with every problem of every row."""
    check = Cells(file)
    check.need(COLUMNS, columns, "a fragments file")
    check.hold(rows, _complaints)
    return [_fragment(row, f"{file}:{line}") for line, row in rows]


def repeated(read: Sequence[Fragment], file: str) -> list[Problem]:
    """Ids used twice: a fragment is cited by its id, and counts once."""
    fix = "give it an id of its own"
    lines = [(one.id, Place.of(one.source_id).row) for one in read]
    return [
        Problem("duplicate_key", file, f"used in row {first}", fix, line, "id", name)
        for (name, line), (_, first) in repeats(lines, key=lambda each: each[0])
    ]


def _complaints(row: Mapping[str, str]) -> Iterable[Complaint]:
    numbers: dict[str, Callable[[str], object]] = {"value": decimal, "rounding": decimal}
    months = ["start", "end", "published", *(["against_start", "against_end"] if row["kind"] == "growth" else [])]
    for column, parse in [*numbers.items(), *((name, month) for name in months)]:
        try:
            parse(row[column])
        except CellError as error:
            yield error.code, column, error.reason, error.fix
        except ValueError as error:
            yield "bad_period", column, str(error), "write a month like 2025-03"
    if row["flow"] not in FLOWS:
        yield "unknown_flow", "flow", "not a flow", f"use {', '.join(FLOWS)}"
    if (row["kind"], row["unit"]) not in UNITS:
        allowed = "; ".join(f"{kind} in {unit}" for kind, unit in UNITS)
        yield "unit_conflict", "unit", f"a {row['kind']} in this unit is not known", f"use {allowed}"
    if row["start"] > row["end"]:
        yield "bad_period", "end", "the span ends before it starts", "correct one of the two"
    elif row["published"] and row["published"] < row["end"]:
        yield "vintage_too_early", "published", "printed before its span had ended", "correct one of the two"
    if row["kind"] == "growth" and row["against_start"] > row["against_end"]:
        yield "bad_period", "against_end", "the span ends before it starts", "correct one of the two"


def _fragment(row: Mapping[str, str], source_id: str) -> Fragment:
    scale = UNITS[row["kind"], row["unit"]]
    against = (month(row["against_start"]), month(row["against_end"])) if row["kind"] == "growth" else None
    return Fragment(
        id=row["id"],
        flow=row["flow"],
        first=month(row["start"]),
        last=month(row["end"]),
        against=against,
        value=decimal(row["value"]) * scale,
        half_unit=decimal(row["rounding"]) * scale,
        is_vague=row["wording"] != EXACT,
        is_estimate="estimate" in row["agency"],  # printed before customs had counted
        published=month(row["published"]),
        words=f"{row['wording']} {row['value']} {row['unit']}".removeprefix(f"{EXACT} "),
        source=row["source_title"],
        url=row["source_url"],
        source_id=source_id,
    )
