"""Changes of assumptions by path, of a scenario or of a run: which they are of, and the tree with them made."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..words.problems import Problem, raise_errors
from ..words.schema import Document, KeyPath, nearest
from ..words.terms import Category, Strength
from .written import DATED, DEALS, WINDOW, day_of_key, entries, parse_entry

BY_CATEGORY = (
    "landed_in_vietnam", "goods_share", "cancellation_per_year", "additionality", "conversion.mou", "slip_months",
    "capacity_usd_mn_per_quarter", "window_where_none_is_printed", "late_conversion", "escalation_per_year",
    "option_exercise", "firm_share_where_undisclosed",
)  # fmt: skip


def terms_of(deals: Mapping[str, object]) -> dict[str, tuple[KeyPath, object]]:
    """A scenario's `deals` as changes by the path of an assumption, each with its place in the file."""
    said = {name: terms for name, terms in deals.items() if isinstance(terms, Mapping)}
    return {
        f"{DEALS}.{name}.{term}": ((DEALS, name, str(term)), change)
        for name, terms in said.items()
        for term, change in terms.items()
    }


UNSAID = {"from": "set by the scenario", "strength": str(Strength.JUDGEMENT)}


def override(
    tree: Mapping[str, Any],
    changes: Mapping[str, object],
    lines: Document,
    beside: Sequence[str] = (),
    deals: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The tree with assumptions replaced by path: `additionality.agriculture: 0.5`, `deals.VJ-737-200.firm: 130`.

    A bare number is short for {value: number}, `2028Q1..2033Q4` for a window's first and last
    quarter; a category may
    be added beside others, and a status of `conversion` stands for all its categories. `deals` are a scenario's terms
    of single deals. Raises Refused with every problem; an unknown path's names the nearest of the known ones and of
    those `beside`.
    """
    known = {".".join(path): path for path, _ in entries(tree)}
    problems: list[Problem] = []
    told = {name: (("set", name), change) for name, change in changes.items()} | terms_of(deals or {})
    for name, (where, change) in told.items():
        paths = _paths_of(name, known)
        if not paths:
            fix = "use the path of an assumption" + nearest(name, [*known, *beside])
            problems.append(lines.problem("unknown_key", where, "no such assumption", fix))
        given = _spelled_out(name, change)
        leaf = {**given, **{key: word for key, word in UNSAID.items() if key not in given}}
        for path in paths:
            problems += parse_entry(path, leaf, lines, where)[1]
            tree = _replaced(tree, path, leaf)
    raise_errors(problems)
    return dict(tree)


def _spelled_out(name: str, change: object) -> Mapping[str, object]:
    """A change as a mapping of an assumption's keys."""
    if isinstance(change, Mapping):
        return change
    is_window = name.startswith(f"{WINDOW}.") or (name.startswith(f"{DEALS}.") and name.endswith(".window"))
    if not (is_window and isinstance(change, str)):
        return {"value": change}
    first, dots, last = change.partition("..")
    return {"first": first.strip(), "last": last.strip() if dots else first.strip()}


def covers(name: str, path: str) -> bool:
    """Whether a change of `name` changes the assumption at `path`: it is that, or stands above it."""
    return path == name or path.startswith(f"{name}.")


def _paths_of(name: str, known: Mapping[str, KeyPath]) -> list[KeyPath]:
    """What a change of `name` changes: that one, a category's or a day's not stated yet, or all of a status of
    `conversion` or of what is stated by days."""
    if name in known:
        return [known[name]]
    if name.startswith(f"{DEALS}."):
        deal, _, term = name.removeprefix(f"{DEALS}.").rpartition(".")
        return [(DEALS, deal, term)] if deal else []
    section, _, last = name.rpartition(".")
    below = [path for stated, path in known.items() if covers(name, stated)]
    if below and (section == "conversion" or name in DATED):
        return below
    if section in DATED and section not in known and day_of_key(last) is not None:
        return [(*section.split("."), last)]
    beside = any(covers(section, stated) for stated in known)
    by_category = section in BY_CATEGORY or section.endswith(".capture")
    return [(*section.split("."), last)] if by_category and beside and last in [*Category, "default"] else []


def _replaced(tree: Mapping[str, Any], path: KeyPath, leaf: object) -> dict[str, Any]:
    head, *rest = path
    return {**tree, head: _replaced(tree.get(head, {}), tuple(rest), leaf) if rest else leaf}
