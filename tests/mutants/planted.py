"""A bug is planted, and the test that has to catch it is seen to fail.

A row names a bug that an economist would fear, where it is planted, the wrong code, and its killer: a test of this
suite. A killer that passes with the bug in place fails here. Bugs of one line are for `make mutants`.
"""

from collections.abc import Callable

import pytest

from tradebalance.words.problems import Refused


def caught(patch: pytest.MonkeyPatch, place: object, name: str, bug: object, killer: Callable[[], object]) -> None:
    """Plant a bug under a name of a module, class or dict. Fails unless its killer does."""
    if isinstance(place, dict):
        patch.setitem(place, name, bug)
    else:
        patch.setattr(place, name, bug)
    with pytest.raises((AssertionError, Refused, pytest.fail.Exception)):
        killer()
