"""The shipped case's facts, read once for all tests of a chain."""

import pytest

from builders import shipped
from tradebalance.case import folder
from tradebalance.case.store import Facts


@pytest.fixture(scope="session")
def facts() -> Facts:
    return shipped().held


@pytest.fixture(autouse=True)
def _the_command_finds_the_facts_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command traces the shipped case by the facts that the tests hold."""
    held, find = shipped(), folder.case
    monkeypatch.setattr(folder, "case", lambda named="": find(named) if named else held)
