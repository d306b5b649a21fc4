"""One assumption as written in YAML: its form, its section's limits, and the record it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self

import pandas as pd
from pydantic import ConfigDict, Field, model_validator

from .distributions import MONTHS_A_QUARTER, Assumption, Steps, TariffPath, Window
from .problems import Problem
from .scenario_fields import Day, Quarter
from .terms import Category, Strength
from .validation import KeyPath, Lines, Number, Positive, Share, Strict, Words, nearest, validated, wrong

# The range of each section's values: shares are shares; a valuation is a ratio of price points (CIF
# over FAS differs by freight and insurance); a lag is a shipment's, so well under two years; a slip of
# twenty years is longer than any on record; a quarter's capacity is below what any pair of countries trades.
LIMITS: dict[str, tuple[Decimal, Decimal]] = {
    "conversion": (Decimal(0), Decimal(1)),
    "remainder_fraction": (Decimal(0), Decimal(1)),
    "price_paid_of_announced": (Decimal(0), Decimal(1)),
    "landed_in_vietnam": (Decimal(0), Decimal(1)),
    "goods_share": (Decimal(0), Decimal(1)),
    "cancellation_per_year": (Decimal(0), Decimal(1)),
    "additionality": (Decimal(0), Decimal(1)),
    "capture": (Decimal(0), Decimal(1)),
    "valuation": (Decimal("0.5"), Decimal(2)),
    "lag_quarters": (Decimal(0), Decimal(8)),
    "slip_months": (Decimal(0), Decimal(240)),
    "capacity_usd_mn_per_quarter": (Decimal(0), Decimal(1_000_000)),
    "correlation": (Decimal(0), Decimal("0.99")),
    "tariff_effect": (Decimal(0), Decimal(10)),
}
MIX, HAZARD, SLIP, CAPACITY = "category_mix", "cancellation_per_year", "slip_months", "capacity_usd_mn_per_quarter"
WINDOW, TARIFF_PATH = "window_where_none_is_printed", "tariff_path"
FORMS: dict[str, set[str]] = {  # the forms that a section takes, where they are not a number or a Beta
    MIX: {"shares"},
    HAZARD: {"value", "beta", "gamma"},
    SLIP: {"value", "median", "mixture"},
    CAPACITY: {"value", "steps"},
    WINDOW: {"first"},
    TARIFF_PATH: {"rates"},
    "correlation": {"value"},
}
NUMBERS = {"value", "beta"}
ALWAYS = pd.Period("1900Q1", freq="Q")  # a level that no step changes holds from before all data


class Gamma(Strict):
    shape: Positive
    mean: Positive


class Lognormal(Strict):
    """One regime of a delay: its weight in the mixture, median in months and sigma of the logarithm."""

    weight: Share = Decimal(1)
    median: Positive
    sigma: Positive


class Entry(Strict):
    """One assumption: a number, a distribution, a mix, steps, a window or dated rates, with source and strength."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

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
        if (
            len(given) != 1
            or (self.median is None) != (self.sigma is None)
            or (self.first is None) != (self.last is None)
        ):
            known = "value, beta, gamma, shares, median with sigma, mixture, steps, first with last, rates"
            raise wrong("wrong_type", "not one number or distribution", f"give one of {known}")
        return given[0]

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.form != "beta" and self.model_fields_set & {"at_most", "elsewhere"}:
            raise wrong("wrong_type", "at_most and elsewhere go with beta", "remove them")
        if self.between is not None and (
            self.value is None or not self.between[0] <= self.value <= self.between[1] or self.between[0] < 0
        ):
            raise wrong("bad_interval", "between is the range around a value", "give value, and low and high around it")
        if self.shares is not None:
            _check_mix(self.shares)
        if self.mixture is not None and sum(part.weight for part in self.mixture) != 1:
            raise wrong("shares_sum", "the weights do not add up to 1", "make them add up to 1")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise wrong("bad_interval", "the window ends before it starts", "correct one of the two")
        return self


KEYS = {field.alias or name for name, field in Entry.model_fields.items()}


def _check_mix(shares: Mapping[str, Decimal]) -> None:
    unknown = [category for category in shares if category not in [*Category]]
    if unknown:
        raise wrong("unknown_key", f"{unknown[0]!r} is not a category", f"use {', '.join(Category)}")
    if sum(shares.values()) != 1:
        raise wrong("shares_sum", f"the shares add up to {sum(shares.values())}", "make them add up to 1")


@dataclass(frozen=True)
class Mix:
    """The categories that a tranche's remainder is mixed from, by share of its value."""

    path: str
    shares: Mapping[str, Fraction]
    source: str
    strength: Strength

    @property
    def words(self) -> str:
        return "; ".join(f"{float(share):.0%} {category.replace('_', ' ')}" for category, share in self.shares.items())


Record = Assumption | Mix | Steps | Window | TariffPath


def parse(path: KeyPath, leaf: object, lines: Lines, where: KeyPath) -> tuple[Record | None, list[Problem]]:
    """One assumption's record, or None and every problem, each at `where` or below it."""
    entry, problems = validated(Entry, leaf, lines, where)
    if entry is None:
        return None, problems
    problem = _misplaced(entry, path, lines, where) or _out_of_limits(entry, path, lines, where)
    return (None, [problem]) if problem else (_record(".".join(path), entry), [])


def _misplaced(entry: Entry, path: KeyPath, lines: Lines, where: KeyPath) -> Problem | None:
    known = [*LIMITS, MIX, WINDOW, TARIFF_PATH]
    if not any(key in known for key in path):
        fix = f"use {', '.join(known)}" + nearest(path[0], known)
        return lines.problem("unknown_key", where, "not a section of assumptions", fix)
    allowed = FORMS.get(path[0], NUMBERS)
    if entry.form not in allowed:
        fix = f"give {' or '.join(sorted(allowed))} in {path[0]}"
        return lines.problem("wrong_type", where, "a form that does not fit the section", fix)
    return None


def _out_of_limits(entry: Entry, path: KeyPath, lines: Lines, where: KeyPath) -> Problem | None:
    section = next((key for key in reversed(path) if key in LIMITS), "")
    if entry.value is None:
        if section == "lag_quarters":
            return lines.problem("wrong_type", where, "not a whole number of quarters", "give one")
        return None
    low, high = LIMITS[section]
    outside = [number for number in (entry.value, *(entry.between or ())) if not low <= number <= high]
    if outside:
        fix = f"give a number from {low} to {high}"
        return lines.problem("out_of_range", where, f"outside {low} to {high}", fix, outside[0])
    if section == "lag_quarters" and entry.value % 1:
        return lines.problem("wrong_type", where, "not a whole number of quarters", "give one", entry.value)
    return None


def _record(path: str, entry: Entry) -> Record:
    said = (entry.source, entry.strength)
    if entry.shares is not None:
        return Mix(path, {category: Fraction(share) for category, share in entry.shares.items()}, *said)
    steps = {ALWAYS: entry.value} if entry.value is not None and path.startswith(CAPACITY) else entry.steps
    if steps is not None:
        return Steps(path, tuple(sorted(steps.items())), *said)
    if entry.first is not None and entry.last is not None:
        return Window(path, entry.first, entry.last, *said)
    if entry.rates is not None:
        return TariffPath(path, tuple(sorted(entry.rates.items())), *said)
    form, parameters = _parameters(path, entry)
    between = (_acting(path, entry.between[0]), _acting(path, entry.between[1])) if entry.between else None
    return Assumption(path, form, parameters, entry.at_most, *said, elsewhere=tuple(entry.elsewhere), between=between)


def _parameters(path: str, entry: Entry) -> tuple[str, tuple[Decimal, ...]]:
    if entry.beta is not None:
        return "beta", tuple(entry.beta)
    if entry.gamma is not None:
        return "gamma", (entry.gamma.shape, entry.gamma.mean)
    regimes = entry.mixture or []
    if entry.median is not None and entry.sigma is not None:
        regimes = [Lognormal(median=entry.median, sigma=entry.sigma)]
    if regimes:
        return "slip", tuple(number for part in regimes for number in (part.weight, part.median, part.sigma))
    return "value", (_acting(path, entry.value or Decimal(0)),)


def _acting(path: str, value: Decimal) -> Decimal:
    """A stated number as it acts: a slip, stated in months, in whole quarters, like one that is drawn."""
    return round(value / MONTHS_A_QUARTER) + Decimal(0) if path.startswith(SLIP) else value
