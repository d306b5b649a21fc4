"""A bug is planted, and the test that has to catch it is seen to fail.

A row of a room's table names a bug that an economist would fear, the module, class or dict where it is planted, under
which name, the wrong code, and its killer: a test of this suite. A killer that passes with the bug in place fails
here. Bugs of one line are for `make mutants`.
"""

import pytest

from tests.mutants import answers, assumptions, facts, pages, reading, track
from tradebalance.words.problems import Refused

ROOMS = (answers, assumptions, facts, pages, reading, track)
PLANTED = [pytest.param(*planted, id=bug) for room in ROOMS for bug, *planted in room.PLANTED]


@pytest.mark.parametrize(("place", "name", "bug", "killer"), PLANTED)
def test_a_planted_bug_is_caught(monkeypatch, place, name, bug, killer):
    plant = monkeypatch.setitem if isinstance(place, dict) else monkeypatch.setattr
    plant(place, name, bug)
    with pytest.raises((AssertionError, Refused, pytest.fail.Exception)):
        killer()
