"""The hand-written assumptions: each a fixed number, a Beta or a Gamma, with source and strength.

They form a tree (section, then status, category, deal or book); an assumption's path joins the
keys by dots and is the name by which a scenario's `set` overrides it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from .problems import Problem, Refused, raise_errors
from .terms import Category, Strength
from .validation import KeyPath, Lines, Number, Positive, Share, Strict, Words, nearest, validated, wrong

# The range of each section's values: shares are shares; a valuation is a ratio of price points (CIF
# over FAS differs by freight and insurance); a lag is a shipment's, so well under two years.
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
}


BY_CATEGORY = ("landed_in_vietnam", "goods_share", "cancellation_per_year", "additionality", "conversion.mou")
MIX, HAZARD = "category_mix", "cancellation_per_year"  # sections with a form of their own


class Gamma(Strict):
    shape: Positive
    mean: Positive


class Entry(Strict):
    """One assumption as written: a number, a distribution or a mix, with its source and strength."""

    value: Number | None = None
    beta: Annotated[list[Positive], Field(min_length=2, max_length=2)] | None = None
    gamma: Gamma | None = None
    shares: dict[str, Share] | None = None
    at_most: Share = Decimal(1)
    source: Words = Field(alias="from")
    strength: Annotated[Strength, Field(strict=False)]

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(form is not None for form in (self.value, self.beta, self.gamma, self.shares)) != 1:
            raise wrong("wrong_type", "not one number or distribution", "give one of value, beta, gamma, shares")
        if self.beta is None and "at_most" in self.model_fields_set:
            raise wrong("wrong_type", "at_most goes with beta", "remove it")
        if self.shares is not None:
            _check_mix(self.shares)
        return self


ENTRY_KEYS = {field.alias or name for name, field in Entry.model_fields.items()}


def _check_mix(shares: Mapping[str, Decimal]) -> None:
    unknown = [category for category in shares if category not in [*Category]]
    if unknown:
        raise wrong("unknown_key", f"{unknown[0]!r} is not a category", f"use {', '.join(Category)}")
    if sum(shares.values()) != 1:
        raise wrong("shares_sum", f"the shares add up to {sum(shares.values())}", "make them add up to 1")


@dataclass(frozen=True)
class Assumption:
    """One number that nobody knows for sure: a fixed value, Beta(a, b) on 0..`at_most`, or Gamma(shape, mean)."""

    path: str
    form: str
    parameters: tuple[Decimal, ...]
    at_most: Decimal
    source: str
    strength: Strength

    @property
    def is_fixed(self) -> bool:
        return self.form == "value"

    @property
    def mean(self) -> Fraction:
        """The expected value, exactly."""
        first, *rest = (Fraction(p) for p in self.parameters)
        if self.form == "beta":
            return Fraction(self.at_most) * first / (first + rest[0])
        return rest[0] if self.form == "gamma" else first

    @property
    def words(self) -> str:
        """The form as one would say it: `0.95`, `Beta(1.5, 1.5) up to 0.65`, `Gamma(shape 4, mean 0.03)`."""
        first, *rest = (str(p) for p in self.parameters)
        if self.form == "beta":
            return f"Beta({first}, {rest[0]})" + ("" if self.at_most == 1 else f" up to {self.at_most}")
        return f"Gamma(shape {first}, mean {rest[0]})" if self.form == "gamma" else first

    def quantile(self, probability: Any) -> Any:
        """The inverse distribution function at probabilities (float or array), as floats of that shape."""
        from scipy import special

        first, *rest = (float(p) for p in self.parameters)
        if self.form == "beta":
            return float(self.at_most) * special.betaincinv(first, rest[0], probability)
        if self.form == "gamma":
            return special.gammaincinv(first, probability) * rest[0] / first
        return first + 0.0 * probability


def stated(path: str, value: int, source: str) -> Assumption:
    """A number that holds by definition, not by evidence."""
    return Assumption(path, "value", (Decimal(value),), Decimal(1), source, Strength.STRONG)


@dataclass(frozen=True)
class Assumptions:
    """All assumptions of a file by path, and the categories that each tranche's remainder is mixed from."""

    file: str
    by_path: Mapping[str, Assumption]
    mixes: Mapping[str, Mapping[str, Fraction]]

    def first_of(self, *paths: str) -> Assumption:
        """The first path that is there. Raises Refused, naming them all, if none is."""
        for path in paths:
            if path in self.by_path:
                return self.by_path[path]
        fix = "add one of them, with source and strength"
        raise Refused([Problem("empty", self.file, f"there is no assumption {' or '.join(paths)}", fix)])


def parse(tree: object, lines: Lines) -> Assumptions:
    """Validate a tree of assumptions. Raises Refused with every problem, each on its key's line."""
    problems: list[Problem] = []
    by_path: dict[str, Assumption] = {}
    mixes: dict[str, Mapping[str, Fraction]] = {}
    for path, leaf in _entries(tree, ()):
        entry, found = _entry(path, leaf, lines, path)
        problems += found
        if entry and entry.shares is not None:
            mixes[path[-1]] = {category: Fraction(share) for category, share in entry.shares.items()}
        elif entry:
            by_path[".".join(path)] = _assumption(path, entry)
    raise_errors(problems)
    return Assumptions(lines.file, by_path, mixes)


def override(tree: Mapping[str, Any], changes: Mapping[str, object], lines: Lines) -> dict[str, Any]:
    """The tree with assumptions replaced by path: `additionality.agriculture: 0.5`.

    A bare number is short for {value: number}; a category may be added beside others. Raises
    Refused with every problem; an unknown path's names the nearest known one.
    """
    known = {".".join(path): path for path, _ in _entries(tree, ())}
    problems: list[Problem] = []
    for name, change in changes.items():
        where = ("set", name)
        path = known.get(name) or _new_category(name, known)
        if path is None:
            fix = "use the path of an assumption" + nearest(name, list(known))
            problems.append(lines.problem("unknown_key", where, "no such assumption", fix, name))
            continue
        given = change if isinstance(change, Mapping) else {"value": change}
        leaf = {"from": "set by the scenario", "strength": str(Strength.JUDGEMENT), **given}
        problems += _entry(path, leaf, lines, where)[1]
        tree = _replaced(tree, path, leaf)
    raise_errors(problems)
    return dict(tree)


def _entries(node: object, path: KeyPath) -> Iterable[tuple[KeyPath, object]]:
    if not isinstance(node, Mapping) or (path and node.keys() & ENTRY_KEYS):
        yield path, node
        return
    for key, child in node.items():
        yield from _entries(child, (*path, key))


def _entry(path: KeyPath, leaf: object, lines: Lines, where: KeyPath) -> tuple[Entry | None, list[Problem]]:
    entry, problems = validated(Entry, leaf, lines, where)
    if entry is None:
        return None, problems
    if (entry.shares is not None) != (path[0] == MIX) or (entry.gamma and path[0] != HAZARD):
        fix = f"give shares in {MIX} and only there, gamma in {HAZARD} only"
        return None, [lines.problem("wrong_type", where, "a form that does not fit the section", fix)]
    if entry.shares is not None:
        return entry, []
    section = next((key for key in reversed(path) if key in LIMITS), "")
    if not section:
        fix = f"use {', '.join(LIMITS)}" + nearest(path[0], list(LIMITS))
        return None, [lines.problem("unknown_key", where, "not a section of assumptions", fix)]
    low, high = LIMITS[section]
    value = entry.value
    if value is not None and not low <= value <= high:
        fix = f"give a number from {low} to {high}"
        return None, [lines.problem("out_of_range", where, f"outside {low} to {high}", fix, value)]
    if section == "lag_quarters" and (value is None or value % 1):
        return None, [lines.problem("wrong_type", where, "not a whole number of quarters", "give one", value)]
    return entry, []


def _new_category(name: str, known: Mapping[str, KeyPath]) -> KeyPath | None:
    """The path of a category not stated yet, in a section that is looked up by category."""
    section, _, last = name.rpartition(".")
    by_category = section in BY_CATEGORY or section.endswith(".capture")
    beside = any(path.startswith(section + ".") for path in known)
    return (*section.split("."), last) if by_category and beside and last in [*Category, "default"] else None


def _replaced(tree: Mapping[str, Any], path: KeyPath, leaf: object) -> dict[str, Any]:
    head, *rest = path
    return {**tree, head: _replaced(tree.get(head, {}), tuple(rest), leaf) if rest else leaf}


def _assumption(path: KeyPath, entry: Entry) -> Assumption:
    if entry.beta is not None:
        form, parameters = "beta", tuple(entry.beta)
    elif entry.gamma is not None:
        form, parameters = "gamma", (entry.gamma.shape, entry.gamma.mean)
    else:
        form, parameters = "value", (entry.value or Decimal(0),)
    return Assumption(".".join(path), form, parameters, entry.at_most, entry.source, entry.strength)
