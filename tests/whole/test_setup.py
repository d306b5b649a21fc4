"""Set-up says each step before it starts, and gives a busy machine the time that compiling takes."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import setup_env


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """What set-up would have run: each command, its environment, and how many lines had been said by then."""
    ran, said = [], []
    monkeypatch.setattr(setup_env, "VENV", str(tmp_path))
    monkeypatch.setattr(setup_env, "STAMP", str(tmp_path / "installed-from"))
    monkeypatch.setattr(setup_env, "say", said.append)
    monkeypatch.setattr(subprocess, "check_call", lambda command, env, **_: ran.append((command, env, list(said))))
    ran.append(said)
    return ran


def test_each_step_is_said_before_it_starts_with_how_long_it_may_take(commands):
    setup_env.install()
    said, *ran = commands
    assert len(ran) == 4
    for number, (command, _, before) in enumerate(ran, start=1):
        assert before[-1].startswith(f"{number} of 4: "), command
        assert "second" in before[-1] or "minute" in before[-1]
    assert "minutes" in said[0]
    assert said[-1].startswith("done in ")
    assert setup_env.installed_stamp() == setup_env.wanted_stamp()


def test_compiling_has_ten_minutes_or_what_the_user_gives(commands, monkeypatch):
    monkeypatch.delenv("UV_COMPILE_BYTECODE_TIMEOUT", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    setup_env.install()
    (compiling,) = [environment for command, environment, _ in commands[1:] if "--compile-bytecode" in command]
    assert compiling["UV_COMPILE_BYTECODE_TIMEOUT"] == "600"
    assert "PYTHONDONTWRITEBYTECODE" not in compiling
    monkeypatch.setenv("UV_COMPILE_BYTECODE_TIMEOUT", "1200")
    setup_env.run("uv")
    assert commands[-1][1]["UV_COMPILE_BYTECODE_TIMEOUT"] == "1200"


def test_a_step_that_fails_leaves_no_stamp(commands, monkeypatch):
    def fails(command, cwd, env):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "check_call", fails)
    with pytest.raises(subprocess.CalledProcessError):
        setup_env.install()
    assert setup_env.installed_stamp() == ""
