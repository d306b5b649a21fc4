"""What several test files share: the repository, small cases to change, and the command run in this process."""

import re
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import Phase, settings

import releases
from releases import CASE
from tradebalance import cli

ESTIMATES_TOO, SIMPLE_ONLY = r"baselines: str = \"\"", r"baselines: str = \"mixture hold sarima\""


class Outcome(NamedTuple):
    """What a run of the command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a script; what tests start would ignore it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Before modules of tests read the case at hand; a process that only starts others stays where it is."""
    if not session.config.getoption("numprocesses", None):
        releases.stand_in(CASE)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture, a test gets the case that its numbers speak of, or the newest if it follows that."""
    releases.stand_in(releases.CHECKOUT if item.get_closest_marker("newest") else CASE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if later := ", ".join(map(str, releases.later())):
        terminalreporter.write_line(f"numbers speak of the releases in tests/releases.yaml, and not of {later}")


@pytest.fixture(scope="session")
def small_case(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that copies the repository's case to a new folder, with the named scenarios only and few draws.

    The comparison is of those scenarios, and earlier months are run with the baselines that need no estimation: the
    others take half a minute a page.
    """

    def make(*scenarios: str, draws: int = 500) -> Path:
        folder = tmp_path_factory.mktemp("case")
        for name in ("data", "notebooks"):
            # the shipped files may be read-only: their bytes are copied, not their modes
            shutil.copytree(CASE / name, folder / name, copy_function=shutil.copyfile)
        compared, replayed = (folder / "notebooks" / f"{n}.ipynb" for n in ("05_compare_schedules", "07_track_record"))
        text = compared.read_text(encoding="utf-8")
        text = re.sub(r'(scenarios: str = \\")[^"\\]*', r"\1", text)  # those of this case, not the shipped ones
        compared.write_text(text, encoding="utf-8")
        text = replayed.read_text(encoding="utf-8")
        assert ESTIMATES_TOO in text
        replayed.write_text(text.replace(ESTIMATES_TOO, SIMPLE_ONLY), encoding="utf-8")
        (folder / "scenarios").mkdir()
        for name in ("_assumptions", *scenarios):
            text = (CASE / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
            text = re.sub(r"^draws: \d+", f"draws: {draws}", text, flags=re.MULTILINE)
            (folder / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report of two scenarios on both books, rendered once a run."""
    from rendered import rendered

    return rendered(tmp_path_factory)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The command, run in this process as its console script runs it."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["tradebalance", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Outcome(ended.value.code, *capsys.readouterr())

    return run


# A loaded machine is no failure. Killers of planted bugs fail on purpose, and shrinking each of their examples would
# take minutes: a failure that is no planted one is made small by `pytest --hypothesis-profile shrink`.
settings.register_profile("shrink", deadline=None)
settings.register_profile("project", deadline=None, phases=set(Phase) - {Phase.shrink, Phase.explain})
settings.load_profile("project")
