"""What others wrote reaches the terminal as it reads: no escape is obeyed, no mark turns a line around."""

import json
import shutil
import unicodedata

import pytest

from releases import CASE

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u2066\u200b\x9bH"
AS_SHOWN = "\\u001b]0;owned\\u0007\\u001b[2J\\u202egnp.exe\\u2066\\u200b\\u009bH"


def is_shown(text):
    unshown = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return not {unicodedata.category(one) for one in set(text) - {"\n", "\t"}} & unshown


@pytest.fixture(scope="module")
def hostile(small_case):
    """A case whose scenario has a title with escapes."""
    folder = small_case("even")
    shutil.copyfile(CASE / "case.yaml", folder / "case.yaml")
    path = folder / "scenarios" / "even.yaml"
    text = path.read_text(encoding="utf-8").splitlines(keepends=True)
    quoted = json.dumps(HOSTILE)
    path.write_text("".join(f"title: {quoted}\n" if line.startswith("title:") else line for line in text), "utf-8")
    return folder


def test_a_title_with_escapes_is_shown_by_every_command_that_prints_it(command, hostile):
    for line in ("run even", "run even --json", "compare even even", "compare even even --json", "list scenarios"):
        outcome = command(*line.split(), "--case", hostile)
        assert outcome.code == 0
        assert is_shown(outcome.out + outcome.err)
    assert AS_SHOWN in command("list", "scenarios", "--case", hostile).out


def test_json_with_escapes_reads_back_equal(command, hostile):
    (found,) = json.loads(command("list", "scenarios", "--json", "--case", hostile).out)["scenarios"]
    assert found["title"] == HOSTILE


def test_problems_of_a_file_with_a_hostile_name_and_hostile_cells_are_shown(command, tmp_path):
    path = tmp_path / f"a{HOSTILE}.csv"
    path.write_text(f"period,value,{HOSTILE}\nx{HOSTILE},1{HOSTILE},2\n", encoding="utf-8")
    for arguments in (["--kind", "flows"], ["--kind", "ledger"], ["--kind", "flows", "--json"]):
        outcome = command("check", *arguments, path)
        assert outcome.code == 2
        assert is_shown(outcome.out + outcome.err)
        assert "gnp.exe" in outcome.out


def test_a_name_that_is_none_is_shown(command):
    for arguments in (["run", HOSTILE], ["check", HOSTILE], [HOSTILE], ["table", HOSTILE], ["list", "--case", HOSTILE]):
        outcome = command(*arguments)
        assert outcome.code == 2
        assert "gnp.exe" in outcome.err
        assert is_shown(outcome.err)
