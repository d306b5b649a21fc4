"""What is wrong with an input: one record a problem, collected so that all are told at once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, NoReturn, TypeVar

Item = TypeVar("Item")
Severity = Literal["error", "warning"]
SHOWN = 50
FEW = 3  # so many names fit in a line
CHANGES = "changes"  # stands for a file where a change of a run is at fault


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where (file, row, column), the value found, why it will not do, and the fix.

    `row` is the physical line of the file, the header being line 1; `column` a column's name or a
    YAML key's path. `code` is machine-readable and stable, the sentences are not.
    """

    code: str
    file: str
    reason: str
    fix: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        what = f"{self.column}: " if self.column else ""
        value = f"{self.value[:77]}..." if self.value and len(self.value) > 80 else self.value
        found = "" if value is None else f" (found {value!r})"
        fix, _, to_paste = self.fix.partition("\n")  # what is to be pasted holds nothing else
        pasted = to_paste and f"\n{to_paste}"
        return f"{self.severity}: {place}: {what}{self.reason}{found}. {fix} [{self.code}]{pasted}"

    def as_json(self) -> dict[str, object]:
        """The problem as in `check --json`; the file is named once, outside."""
        return {name: value for name, value in asdict(self).items() if name != "file"}


def few(names: Iterable[str]) -> str:
    """The first of distinct names, and how many more there are."""
    each = list(dict.fromkeys(names))
    return ", ".join(each[:FEW]) + (f" and {len(each) - FEW} more" if len(each) > FEW else "")


class Refused(ValueError):
    """Input was refused. Carries every problem found, errors and warnings, in file order."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = in_order(problems)
        super().__init__(report(self.problems))

    def __reduce__(self) -> tuple[type["Refused"], tuple[tuple[Problem, ...]]]:
        return Refused, (self.problems,)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Distinct problems sorted by file, row and column; those of one cell and code in the order given."""
    ordered = sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.row or 0, p.column or "", p.code, p.value or ""))
    return tuple(ordered)


def shown(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The first 50 in order, errors before warnings where there are more."""
    ordered = in_order(problems)
    first = sorted(ordered, key=lambda problem: problem.severity)[:SHOWN]  # error comes before warning
    return in_order(first)


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [p for p in problems if p.severity == "error"]


def raise_errors(problems: Iterable[Problem]) -> None:
    """Raise Refused with all problems if at least one is an error."""
    problems = list(problems)
    if errors(problems):
        raise Refused(problems)


def refuse(code: str, file: str, reason: str, fix: str, row: int | None = None, column: str | None = None,
           value: str | None = None) -> NoReturn:  # fmt: skip
    """Raise Refused with one error, and without what it was caught from: the reason says it."""
    raise Refused([Problem(code, file, reason, fix, row, column, value)]) from None


def repeats(items: Iterable[Item], key: Callable[[Item], object]) -> Iterator[tuple[Item, Item]]:
    """Each item whose key an earlier one has, with the first that has it."""
    first: dict[object, Item] = {}
    for item in items:
        known = first.setdefault(key(item), item)
        if known is not item:
            yield item, known


def attempt(call: Callable[[], Item]) -> tuple[Item | None, list[Problem]]:
    """What a call gives, or None and why it was refused: for problems that are to be told with those of others."""
    try:
        return call(), []
    except Refused as refusal:
        return None, list(refusal.problems)


def together(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    """What each call gives. Where some are refused, raises one Refused with the problems of them all."""
    tried = [attempt(call) for call in calls]
    raise_errors(problem for _, problems in tried for problem in problems)
    return [found for found, _ in tried]


def report(problems: Iterable[Problem]) -> str:
    """The problems as text, at most 50 of them and the count of the rest."""
    ordered = in_order(problems)
    lines = [str(p) for p in shown(ordered)]
    if len(ordered) > SHOWN:
        lines.append(f"... and {len(ordered) - SHOWN} more")
    return "\n".join(lines)
