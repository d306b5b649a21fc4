"""The hand-written assumptions: how each is written in YAML, its section's limits, and the record it becomes.

They form a tree (section, then status, category, deal or book); an assumption's path joins the
keys by dots and is the name by which a scenario's `set` overrides it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self, TypeVar

import pandas as pd
from pydantic import Field, model_validator

from ..words.problems import Problem, raise_errors, refuse
from ..words.schema import Day, Document, KeyPath, Number, Quarter, Share, Strict, Words, nearest, validated, wrong
from ..words.terms import Category, Strength
from .distributions import MONTHS_A_QUARTER, Assumption, Dated, Mix, Record, Steps, TariffPath, Window

SHARES = (
    "conversion", "remainder_fraction", "price_paid_of_announced", "landed_in_vietnam", "goods_share",
    "cancellation_per_year", "additionality", "capture", "late_conversion", "option_exercise",
    "firm_share_where_undisclosed", "arrived",
)  # fmt: skip
# The range of each section's values: shares are shares; a valuation is a ratio of price points (CIF
# over FAS differs by freight and insurance); a lag is a shipment's, so well under two years; a slip of
# twenty years is longer than any on record; a quarter's capacity is below what any pair of countries trades. Prices
# that rise by a fifth a year are a crisis's, not a contract's.
LIMITS: dict[str, tuple[Decimal, Decimal]] = {
    **dict.fromkeys(SHARES, (Decimal(0), Decimal(1))),
    "valuation": (Decimal("0.5"), Decimal(2)),
    "lag_quarters": (Decimal(0), Decimal(8)),
    "slip_months": (Decimal(0), Decimal(240)),
    "capacity_usd_mn_per_quarter": (Decimal(0), Decimal(1_000_000)),
    "correlation": (Decimal(0), Decimal("0.99")),
    "tariff_effect": (Decimal(0), Decimal(10)),
    "escalation_per_year": (Decimal("-0.1"), Decimal("0.2")),
    "inflation_per_year": (Decimal("-0.1"), Decimal("0.2")),
    "mix_concentration": (Decimal("0.1"), Decimal(1000)),
    "firm": (Decimal(0), Decimal(1_000_000)),
}
MIX, HAZARD, SLIP, CAPACITY = "category_mix", "cancellation_per_year", "slip_months", "capacity_usd_mn_per_quarter"
LATE, ESCALATION, INFLATION, CONCENTRATION = (
    "late_conversion", "escalation_per_year", "inflation_per_year", "mix_concentration",
)  # fmt: skip
EXERCISE, FIRM_SHARE = "option_exercise", "firm_share_where_undisclosed"
WINDOW, TARIFF_PATH = "window_where_none_is_printed", "tariff_path"
# What a published rate comes to may differ from one rate to the next: one number for all, or one a day from which.
COVERED_SHARE, RELATIVE_SHARE = "tariff_effect.covered_share", "tariff_effect.relative_share"
DATED = (COVERED_SHARE, RELATIVE_SHARE)
PHASE = "tariff_effect.phase_quarters"  # read as one number: neither drawn nor moved over a range
FORMS: dict[str, set[str]] = {  # the forms that a section or path takes, where they are not a number or a Beta
    MIX: {"shares"},
    HAZARD: {"value", "beta", "gamma"},
    SLIP: {"value", "median", "mixture"},
    CAPACITY: {"value", "steps"},
    WINDOW: {"first"},
    TARIFF_PATH: {"rates"},
    "correlation": {"value"},
    "tariff_effect.elasticity": {"value", "median"},
    PHASE: {"value"},
    INFLATION: {"value"},
    CONCENTRATION: {"value"},
    "firm": {"value"},
}
NUMBERS = {"value", "beta"}
# What may be said of one deal alone, in `deals.ID.TERM`, and the section that has its limits and forms. `firm` is a
# number of pieces of the deal's quantity.
DEALS = "deals"
TERMS = {
    "window": WINDOW, "conversion": "conversion", "firm": "firm", "price": "price_paid_of_announced",
    "additionality": "additionality", "landed": "landed_in_vietnam", "goods": "goods_share", "exercise": EXERCISE,
    "slip_months": SLIP, "arrived": "arrived",
}  # fmt: skip
ALWAYS = pd.Period("1900Q1", freq="Q")  # a level that no step changes holds from before all data
Positive = Annotated[Number, Field(gt=0)]


class Gamma(Strict):
    shape: Positive
    mean: Positive


class Lognormal(Strict):
    """One regime of a delay: its weight in the mixture, median in months and sigma of the logarithm."""

    weight: Share = Decimal(1)
    median: Positive
    sigma: Positive


class WrittenAssumption(Strict):
    """One assumption: a number, a distribution, a mix, steps, a window or dated rates, with source and strength."""

    value: Number | None = None
    beta: Annotated[list[Positive], Field(min_length=2, max_length=2)] | None = None
    gamma: Gamma | None = None
    shares: dict[str, Share] | None = None
    median: Positive | None = None
    sigma: Positive | None = None
    mixture: Annotated[list[Lognormal], Field(min_length=1)] | None = None
    steps: Annotated[dict[Quarter, Annotated[Number, Field(ge=0)]], Field(min_length=1)] | None = None
    first: Quarter | None = None
    last: Quarter | None = None
    rates: Annotated[dict[Day, Annotated[Number, Field(ge=0, le=10)]], Field(min_length=1)] | None = None
    at_most: Share = Decimal(1)
    elsewhere: list[Words] = Field(default_factory=list)
    between: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    acts_on: list[Words] = Field(default_factory=list)
    source: Words = Field(alias="from")
    strength: Annotated[Strength, Field(strict=False)]

    @property
    def form(self) -> str:
        forms = ("value", "beta", "gamma", "shares", "median", "mixture", "steps", "first", "rates")
        given = [form for form in forms if getattr(self, form) is not None]
        is_half = (self.median is None) != (self.sigma is None) or (self.first is None) != (self.last is None)
        if len(given) != 1 or is_half:
            known = "value, beta, gamma, shares, median with sigma, mixture, steps, first with last, rates"
            raise wrong("wrong_type", "not one number or distribution", f"give one of {known}")
        return given[0]

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.form != "beta" and self.model_fields_set & {"at_most", "elsewhere"}:
            raise wrong("wrong_type", "at_most and elsewhere go with beta", "remove them")
        if self.between is not None and (
            self.value is None or not 0 <= self.between[0] <= self.value <= self.between[1]
        ):
            raise wrong("bad_interval", "between is the range around a value", "give value, and low and high around it")
        if self.shares is not None:
            unknown = [category for category in self.shares if category not in [*Category]]
            if unknown:
                raise wrong("unknown_key", f"{unknown[0]!r} is not a category", f"use {', '.join(Category)}")
            if sum(self.shares.values()) != 1:
                raise wrong("shares_sum", f"the shares add up to {sum(self.shares.values())}", "make them add up to 1")
        if self.mixture is not None and sum(part.weight for part in self.mixture) != 1:
            raise wrong("shares_sum", "the weights do not add up to 1", "make them add up to 1")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise wrong("bad_interval", "the window ends before it starts", "correct one of the two")
        return self


KEYS = {field.alias or name for name, field in WrittenAssumption.model_fields.items()}


def parse_entry(path: KeyPath, leaf: object, lines: Document, where: KeyPath) -> tuple[Record | None, list[Problem]]:
    """One assumption's record, or None and every problem, each at `where` or below it."""
    entry, problems = validated(WrittenAssumption, leaf, lines, where)
    if entry is None:
        return None, problems
    problem = _misplaced(entry, path, lines, where) or _out_of_limits(entry, path, lines, where)
    return (None, [problem]) if problem else (_record(".".join(path), entry), [])


def _sections(path: KeyPath) -> KeyPath:
    """The keys among which an entry's section stands: its own, or that of a deal's term."""
    return (TERMS.get(path[-1], ""),) if path[0] == DEALS else path


def section_of(path: str) -> str:
    """The section that an assumption is of: of a term of one deal, that of all deals."""
    return _sections(tuple(path.split(".")))[0]


def _misplaced(entry: WrittenAssumption, path: KeyPath, lines: Document, where: KeyPath) -> Problem | None:
    known = [*LIMITS, MIX, WINDOW, TARIFF_PATH]
    if path[0] == DEALS and (len(path) != 3 or path[-1] not in TERMS):
        fix = f"write deals.ID.TERM with one of {', '.join(TERMS)}" + nearest(path[-1], list(TERMS))
        return lines.problem("unknown_key", where, "not a term of a deal", fix)
    if not any(key in known for key in _sections(path)):
        fix = f"use {', '.join(known)}" + nearest(path[0], known)
        return lines.problem("unknown_key", where, "not a section of assumptions", fix)
    if ".".join(path[:-1]) in DATED and day_of_key(path[-1]) is None:
        return lines.problem("wrong_type", where, "not a day", "give one number, or numbers by a day like 2026-07-24")
    name, own = ".".join(path), _sections(path)[0]
    section = name if name in FORMS else own
    allowed = FORMS.get(section, NUMBERS)
    if entry.form not in allowed:
        fix = f"give {' or '.join(sorted(allowed))} in {path[-1] if path[0] == DEALS else section}"
        return lines.problem("wrong_type", where, "a form that does not fit the section", fix)
    if name == PHASE and entry.between is not None:
        return lines.problem("wrong_type", where, "a range that nothing would move over", "give a value alone")
    return None


def _out_of_limits(entry: WrittenAssumption, path: KeyPath, lines: Document, where: KeyPath) -> Problem | None:
    section = next((key for key in reversed(_sections(path)) if key in LIMITS), "")
    if entry.value is not None:
        low, high = LIMITS[section]
        outside = [number for number in (entry.value, *(entry.between or ())) if not low <= number <= high]
        if outside:
            fix = f"give a number from {low} to {high}"
            return lines.problem("out_of_range", where, f"outside {low} to {high}", fix, outside[0])
    if section == "lag_quarters" and (entry.value is None or entry.value % 1):
        return lines.problem("wrong_type", where, "not a whole number of quarters", "give one", entry.value)
    return None


def _record(path: str, entry: WrittenAssumption) -> Record:
    said = (path, entry.source, entry.strength)
    if entry.shares is not None:
        return Mix(*said, {category: Fraction(share) for category, share in entry.shares.items()})
    steps = {ALWAYS: entry.value} if entry.value is not None and path.startswith(CAPACITY) else entry.steps
    if steps is not None:
        return Steps(*said, tuple(sorted(steps.items())))
    if entry.first is not None and entry.last is not None:
        return Window(*said, entry.first, entry.last)
    if entry.rates is not None:
        return TariffPath(*said, tuple(sorted(entry.rates.items())))
    form, parameters = _parameters(path, entry)
    between = (_acting(path, entry.between[0]), _acting(path, entry.between[1])) if entry.between else None
    return Assumption(*said, form, parameters, entry.at_most, tuple(entry.elsewhere), between)


def _parameters(path: str, entry: WrittenAssumption) -> tuple[str, tuple[Decimal, ...]]:
    if entry.beta is not None:
        return "beta", tuple(entry.beta)
    if entry.gamma is not None:
        return "gamma", (entry.gamma.shape, entry.gamma.mean)
    regimes = entry.mixture or []
    if entry.median is not None and entry.sigma is not None:
        if not _is_slip(path):
            return "lognormal", (entry.median, entry.sigma)
        regimes = [Lognormal(median=entry.median, sigma=entry.sigma)]
    if regimes:
        return "slip", tuple(number for part in regimes for number in (part.weight, part.median, part.sigma))
    return "value", (_acting(path, entry.value or Decimal(0)),)


def _acting(path: str, value: Decimal) -> Decimal:
    """A stated number as it acts: a slip, stated in months, in whole quarters, like one that is drawn."""
    return round(value / MONTHS_A_QUARTER) + Decimal(0) if _is_slip(path) else value


def _is_slip(path: str) -> bool:
    """Whether a delay stands at a path: in its section, or as a term of one deal."""
    return SLIP in path.split(".")


Kind = TypeVar("Kind", bound=Record)


@dataclass(frozen=True)
class Assumptions:
    """All assumptions of a file by path."""

    file: str
    by_path: Mapping[str, Record]

    def first_of(self, *paths: str) -> Assumption:
        """The first path that is there, as a number. Raises Refused, naming them all, if none is."""
        return self._first(Assumption, paths)

    def of_category(self, kind: type[Kind], section: str, category: str) -> Kind:
        """A category's record in a section, or the section's default. Raises Refused, naming both, if neither is."""
        return self._first(kind, (f"{section}.{category}", f"{section}.default"))

    def of_deal(self, kind: type[Kind], deal: str, term: str) -> Kind | None:
        """What is said of one deal alone; None where nothing is."""
        found = self.by_path.get(f"{DEALS}.{deal}.{term}")
        return found if isinstance(found, kind) else None

    @property
    def deals(self) -> dict[str, list[str]]:
        """The deals of which something is said alone, each with the paths."""
        found: dict[str, list[str]] = {}
        for path in self.by_path:
            if path.startswith(f"{DEALS}."):
                found.setdefault(path.split(".", 1)[1].rpartition(".")[0], []).append(path)
        return found

    def dated(self, path: str) -> Dated:
        """An assumption by the day from which it holds, in order; one number for all days holds from the first.

        Raises Refused if there is neither.
        """
        below = {
            day: record for name, record in self.by_path.items() if (day := day_of_key(name.removeprefix(f"{path}.")))
        }
        numbers = [(day, record) for day, record in sorted(below.items()) if isinstance(record, Assumption)]
        return tuple(numbers) or ((pd.Timestamp.min, self.first_of(path)),)

    def tariff_path(self, name: str) -> TariffPath:
        """The named path of tariff rates. Raises Refused, naming those there are, if it is none of them."""
        found = {record.path.split(".", 1)[1]: record for record in self.paths_of_rates}
        if name not in found:
            fix = f"use none, {', '.join(found)}" + nearest(name, list(found))
            refuse("unknown_key", self.file, "no such tariff path", fix, None, "tariff", name)
        return found[name]

    @property
    def paths_of_rates(self) -> tuple[TariffPath, ...]:
        """Every path of tariff rates, in the file's order."""
        return tuple(record for record in self.by_path.values() if isinstance(record, TariffPath))

    def correlation(self, factor: str) -> float:
        """The correlation that a common factor gives; 0, so none, where the file states none."""
        path = f"correlation.{factor}"
        return float(self.first_of(path).mean) if path in self.by_path else 0.0

    def _first(self, kind: type[Kind], paths: Sequence[str]) -> Kind:
        found = next((record for path in paths if isinstance(record := self.by_path.get(path), kind)), None)
        if found is None:
            fix = "add one of them, with source and strength"
            refuse("empty", self.file, f"there is no assumption {' or '.join(paths)}", fix)
        return found


def parse(tree: object, lines: Document) -> Assumptions:
    """Validate a tree of assumptions. Raises Refused with every problem, each on its key's line."""
    parsed = {".".join(path): parse_entry(path, leaf, lines, path) for path, leaf in entries(tree)}
    raise_errors(problem for _, problems in parsed.values() for problem in problems)
    return Assumptions(lines.file, {path: record for path, (record, _) in parsed.items() if record is not None})


def day_of_key(text: str) -> pd.Timestamp | None:
    """The day that a key names, or None."""
    with suppress(ValueError):
        return pd.Timestamp(dt.date.fromisoformat(text))
    return None


def entries(node: object, path: KeyPath = ()) -> Iterable[tuple[KeyPath, object]]:
    """The assumptions of a tree, each with its path; what has none of an assumption's keys is a branch."""
    if not isinstance(node, Mapping) or (path and node.keys() & KEYS):
        yield path, node
        return
    for key, child in node.items():
        yield from entries(child, (*path, key))
