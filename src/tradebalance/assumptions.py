"""The hand-written assumptions: each a fixed number, a Beta or a Gamma, with source and strength.

They form a tree (section, then status, category, deal or book); an assumption's path joins the
keys by dots and is the name by which a scenario's `set` overrides it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from . import assumption_entries
from .assumption_entries import KEYS, Mix, Record
from .distributions import Assumption, Steps, TariffPath, Window
from .problems import Problem, Refused, raise_errors
from .terms import Category, Strength
from .validation import KeyPath, Lines, nearest

BY_CATEGORY = (
    "landed_in_vietnam", "goods_share", "cancellation_per_year", "additionality", "conversion.mou", "slip_months",
    "capacity_usd_mn_per_quarter", "window_where_none_is_printed",
)  # fmt: skip
Kind = TypeVar("Kind", bound=Record)


@dataclass(frozen=True)
class Assumptions:
    """All assumptions of a file by path."""

    file: str
    by_path: Mapping[str, Record]

    def first_of(self, *paths: str) -> Assumption:
        """The first path that is there, as a number. Raises Refused, naming them all, if none is."""
        return self._first(Assumption, paths)

    def steps_of(self, *paths: str) -> Steps:
        """The first path that is there, as steps. Raises Refused, naming them all, if none is."""
        return self._first(Steps, paths)

    def window_of(self, *paths: str) -> Window:
        """The first path that is there, as a window. Raises Refused, naming them all, if none is."""
        return self._first(Window, paths)

    def tariff_path(self, name: str) -> TariffPath:
        """The named path of tariff rates. Raises Refused, naming those there are, if it is none of them."""
        found = {
            path.split(".", 1)[1]: record for path, record in self.by_path.items() if isinstance(record, TariffPath)
        }
        if name in found:
            return found[name]
        fix = f"use none, {', '.join(found)}" + nearest(name, list(found))
        raise Refused([Problem("unknown_key", self.file, "no such tariff path", fix, None, "tariff", name)])

    def correlation(self, factor: str) -> float:
        """The correlation that a common factor gives; 0, so none, where the file states none."""
        path = f"correlation.{factor}"
        return float(self.first_of(path).mean) if path in self.by_path else 0.0

    def mix_of(self, tranche: str) -> Mapping[str, Fraction] | None:
        """Category -> share of a tranche's remainder, or None where no mix is stated."""
        found = self.by_path.get(f"category_mix.{tranche}")
        return found.shares if isinstance(found, Mix) else None

    def _first(self, kind: type[Kind], paths: Iterable[str]) -> Kind:
        paths = list(paths)
        for path in paths:
            found = self.by_path.get(path)
            if isinstance(found, kind):
                return found
        fix = "add one of them, with source and strength"
        raise Refused([Problem("empty", self.file, f"there is no assumption {' or '.join(paths)}", fix)])


def parse(tree: object, lines: Lines) -> Assumptions:
    """Validate a tree of assumptions. Raises Refused with every problem, each on its key's line."""
    problems: list[Problem] = []
    by_path: dict[str, Record] = {}
    for path, leaf in _entries(tree, ()):
        record, found = assumption_entries.parse(path, leaf, lines, path)
        problems += found
        if record is not None:
            by_path[".".join(path)] = record
    raise_errors(problems)
    return Assumptions(lines.file, by_path)


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
        problems += assumption_entries.parse(path, leaf, lines, where)[1]
        tree = _replaced(tree, path, leaf)
    raise_errors(problems)
    return dict(tree)


def _entries(node: object, path: KeyPath) -> Iterable[tuple[KeyPath, object]]:
    if not isinstance(node, Mapping) or (path and node.keys() & KEYS):
        yield path, node
        return
    for key, child in node.items():
        yield from _entries(child, (*path, key))


def _new_category(name: str, known: Mapping[str, KeyPath]) -> KeyPath | None:
    """The path of a category not stated yet, in a section that is looked up by category."""
    section, _, last = name.rpartition(".")
    by_category = section in BY_CATEGORY or section.endswith(".capture")
    beside = any(path.startswith(section + ".") for path in known)
    return (*section.split("."), last) if by_category and beside and last in [*Category, "default"] else None


def _replaced(tree: Mapping[str, Any], path: KeyPath, leaf: object) -> dict[str, Any]:
    head, *rest = path
    return {**tree, head: _replaced(tree.get(head, {}), tuple(rest), leaf) if rest else leaf}
