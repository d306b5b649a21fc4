"""How nbval compares a headline cell: by its plain text, line by line, with numbers as they are rounded.

The HTML beside it says the same in one line of thousands of signs, in which a change cannot be read. A number with
decimals may end one of its last decimal elsewhere, as an estimate does on another machine; years and counts may not.
"""

import re
from difflib import ndiff
from typing import Any

import pytest

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
NOT_COMPARED = ("text/html", "application/vnd.tradebalance.chart+json")


class Printed(str):
    """A text that equals another of the same words whose numbers are the same as far as they are rounded."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and not changed(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """The pairs of lines that differ; where there are more or fewer of them, all from the first that does."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) != len(new):
        return [(before, after)]
    return [(one, other) for one, other in zip(old, new, strict=True) if not is_same(one, other)]


def is_same(one: str, other: str) -> bool:
    """Whether two lines have the same words, and numbers that are apart by one of the last decimal at most."""
    if NUMBER.sub("#", one).split() != NUMBER.sub("#", other).split():
        return False
    return all(map(_is_near, NUMBER.findall(one), NUMBER.findall(other)))


def _is_near(one: str, other: str) -> bool:
    decimals = len(one.partition(".")[2])
    if not decimals or decimals != len(other.partition(".")[2]):
        return one == other
    apart = abs(float(one.replace(",", "")) - float(other.replace(",", "")))
    return apart < 1.01 * 10.0**-decimals


def pytest_itemcollected(item: pytest.Item) -> None:
    """Have the cells of a notebook compared so."""
    if type(item).__name__ == "IPyNbCell":
        cell: Any = item
        cell.parent.skip_compare = tuple(dict.fromkeys((*cell.parent.skip_compare, *NOT_COMPARED)))
        given = cell.sanitize
        cell.sanitize = lambda output: Printed(text) if isinstance(text := given(output), str) else text


def pytest_assertrepr_compare(left: object, right: object) -> list[str] | None:
    """The lines that moved, as they stand in the notebook (-) and as they came now (+)."""
    if not isinstance(left, Printed):
        return None
    pairs = changed(left, str(right))
    return [line for old, new in pairs for line in ndiff(old.splitlines(), new.splitlines()) if line[0] in "-+"]
