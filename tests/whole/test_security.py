"""docs/security.md: every promise names tests that are there, and those of set-up and of the lab are kept."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROMISES = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PROMISES)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_shows_a_promise_is_there(file, name):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_promise_names_a_test():
    promises = re.split(r"^\*\*", PROMISES, flags=re.MULTILINE)[1:]
    assert len(promises) == 10
    assert [promise for promise in promises if not re.search(r"^`tests/", promise, re.MULTILINE)] == []


def made(target):
    """What make would run, without running it."""
    command = ["make", "--dry-run", "--no-print-directory", "--always-make", target]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_lab_is_on_loopback_and_asks_for_its_token():
    from jupyter_server.auth import IdentityProvider
    from jupyter_server.serverapp import ServerApp

    assert made("lab")[-1] == ".venv/bin/jupyter lab notebooks"  # nothing that opens it
    assert ServerApp.ip.default_value in ("localhost", "127.0.0.1")
    assert ServerApp.allow_remote_access.default_value is False or not ServerApp().allow_remote_access
    assert len(IdentityProvider().token) >= 32


def test_set_up_asks_for_hashes_and_the_lock_has_one_for_each_package():
    installing = (ROOT / "tools" / "setup_env.py").read_text(encoding="utf-8").splitlines()
    installing = [line for line in installing if '"-r"' in line]
    assert len(installing) == 2
    assert all('"--require-hashes"' in line for line in installing)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]
    assert len(packages) > 100
    assert [package for package in packages if "--hash=sha256:" not in package] == []
    assert "pip-audit" in " ".join(made("audit"))
    assert "requirements.lock" in " ".join(made("audit"))
