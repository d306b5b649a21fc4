"""What becomes of a dollar by the quarter in which it falls due: cancelled, at its prices, on the book, waiting.

One table of it serves all parts of the same hazard, events and prices, and every quarter in which a schedule may start:
what an amount comes to is read off it, and no quarter is held of each part and draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..assumptions.delivery import Array, Due, in_turn, queued


@dataclass(frozen=True)
class Course:
    """How a spell's amount goes on: USD million at today's prices (`to_come`), the quarter in which it became binding
    (`since`) and the one in which its schedule starts (`starts`), counted from the forecast's start, the horizon for
    any beyond; a value a draw, or one for all."""

    to_come: Array
    since: Array
    starts: Array

    @cached_property
    def places(self) -> Array:
        """Where each draw's `starts` stands in a table with a row a quarter and a column a draw."""
        return np.asarray(self.starts * self.starts.size + np.arange(self.starts.size))


@dataclass(frozen=True)
class Waiting:
    """In which draws, of how many, something of a category waits for room, and what share leaves in each quarter
    there."""

    draws: Array
    of: int
    served: Array


@dataclass(frozen=True, eq=False)
class Prospects:
    """What a dollar comes to that is binding from the forecast's start, by the quarter in which it falls due.

    `alive` is what of it is not cancelled by each quarter and at the end, `kept` what of that events leave (the same
    array where none strikes), `prices` the ratio of each quarter's prices to today's: a row a draw, or one for all.
    `lag` is the quarters until the book records a delivery. All parts with the same hazard, events and prices share it.
    """

    alive: Array
    kept: Array
    prices: Array
    lag: int
    waiting: Waiting | None = None
    _found: dict[Any, Array] = field(default_factory=dict, init=False, repr=False)

    @property
    def horizon(self) -> int:
        return int(self.prices.shape[1])

    def at_end(self, of: Array, since: Array) -> Array:
        """What of `alive` or `kept` is left at the end of what became binding in a quarter."""
        return np.asarray(of[:, -1] * self.since(since))

    def since(self, quarter: Array) -> Array:
        """By what to multiply a dollar that became binding in a quarter, since none of it was cancelled before."""
        if quarter.size == 1 and not quarter[0]:
            return self.alive[:1, 0]  # all of it
        return np.asarray(1 / _at(self.alive.T, quarter))

    def of(self, worth: str, due: Due, course: Course) -> Array:
        """What a dollar of a course comes to, a value a draw: what of it leaves within the horizon (`leaving`), not
        cancelled (`alive`), spared by events (`kept`), at prices of its quarter (`delivered`), on the book in time
        (`recorded`), or still waits for room at the end (`waits`)."""
        starts = course.starts
        if starts.size > 1:
            key: Any = worth, id(due)
            if key not in self._found:
                self._found[key] = self._table(worth, due.within)
            table = self._found[key]
            return np.asarray(table[starts, 0] if table.shape[1] == 1 else table.ravel()[course.places])
        key = worth, id(due), starts[0]
        if key not in self._found:
            self._found[key] = self._table(worth, due.within[starts])[0]
        return self._found[key]

    def flow(self, falls_due: Array) -> Array:
        """What is delivered in each quarter of what falls due: draws x quarters, at prices of the quarter."""
        if self.waiting is None:
            return np.asarray(falls_due * self._worth("delivered"))
        draws, whole = self.waiting.draws, (self.waiting.of, self.horizon)
        leaving = np.array(np.broadcast_to(falls_due, whole), order="F")
        leaving[draws] = queued(self.waiting.served, leaving[draws])[0]
        return np.asarray(leaving * self._worth("delivered"))

    def _table(self, worth: str, within: Array) -> Array:
        """By the quarter in which a schedule starts, a column a draw or one for all."""
        each = self._worth(worth)
        found = within @ each.T
        if self.waiting is None:
            return np.asarray(found)
        draws, served = self.waiting.draws, self.waiting.served
        found = np.broadcast_to(found, (len(within), self.waiting.of)).copy()
        here = each[draws] if len(each) > 1 else np.broadcast_to(each, served.shape)
        found[:, draws] = within @ in_turn(served, here, int(worth == "waits")).T
        return found

    def _worth(self, of: str) -> Array:
        """What a dollar is worth in the quarter in which it leaves: draws x quarters, or one for all."""
        if of not in self._found:
            self._found[of] = self._worked_out(of)
        return self._found[of]

    def _worked_out(self, of: str) -> Array:
        one = self.prices[:1] * 0 + 1
        if of in ("leaving", "waits"):
            return one * int(of == "leaving")
        if of == "delivered":
            kept = self._worth("kept")
            return kept if (self.prices == 1).all() else kept * self.prices
        if of == "recorded":
            delivered = self._worth("delivered")
            return delivered if not self.lag else delivered * (np.arange(self.horizon) < self.horizon - self.lag)
        if of == "kept" and self.kept is self.alive:
            return self._worth("alive")
        return np.asarray((self.alive if of == "alive" else self.kept)[:, :-1])

    def is_same(self, worth: str, other: str) -> bool:
        """Whether two ways to count a dollar are one: no event strikes, prices stay, the book has no lag."""
        return self._worth(worth) is self._worth(other)


def _at(table: Array, rows: Array) -> Array:
    """Of a table with a column a draw, or one for all, the row that each draw has."""
    if rows.size == 1:
        return np.asarray(table[rows[0]])
    columns = table.shape[1]
    return np.asarray(table[rows, 0] if columns == 1 else table.ravel()[rows * columns + np.arange(columns)])


def spread(courses: Sequence[Course], amounts: Sequence[Array], due: Due) -> Array:
    """What falls due in each quarter, draws x quarters, of amounts whose schedules start as their courses say and have
    the same shares: by one product, whatever the number of amounts."""
    size = max(each.size for each in (*(course.starts for course in courses), *amounts))
    sums = np.zeros((len(due.within), size), amounts[0].dtype)
    flat = sums.reshape(-1)
    for course, amount in zip(courses, amounts, strict=True):
        if course.starts.size == 1:
            sums[course.starts[0]] += amount
        else:
            flat[course.places] += amount  # a draw has one start, so no place is named twice
    fixed = [course.starts[0] for course in courses if course.starts.size == 1]
    used = np.unique(fixed) if len(fixed) == len(courses) else slice(None)
    return np.asarray((due.within[used].T @ sums[used]).T)
