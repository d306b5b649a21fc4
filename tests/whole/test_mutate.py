"""The mutation run: which wrong changes it makes, on which lines, and that it leaves the tree alone."""

import ast
import sys
from pathlib import Path

import mutate

SOURCE = '''
def share(part: int | None, whole: int = 1) -> float:
    """Not 1."""
    if not whole or part < 0:
        raise ValueError(f"{part + 1} of {whole}")
    return max(part, whole) / whole - 1
'''


def test_each_mutant_is_one_wrong_operator_number_return_or_order():
    made = list(mutate.mutants(SOURCE, set(range(1, 9))))
    assert sorted((line, words) for line, words, _ in made) == sorted(
        [
            (2, "2"),  # the default of `whole`
            (4, "not whole and part < 0"),
            (4, "not not whole"),
            (4, "part <= 0"),
            (4, "1"),
            (6, "return None"),
            (6, "max(part, whole) / whole + 1"),
            (6, "max(part, whole) * whole"),
            (6, "max(whole, part)"),
            (6, "2"),
        ]
    )
    whole = ast.unparse(ast.parse(SOURCE))
    for _, _, mutant in made:
        changed = [pair for pair in zip(whole.splitlines(), mutant.splitlines(), strict=True) if len(set(pair)) > 1]
        assert len(changed) == 1


def test_only_the_lines_asked_for_are_changed():
    assert {line for line, _, _ in mutate.mutants(SOURCE, {6})} == {6}
    assert not list(mutate.mutants(SOURCE, set()))


def test_a_module_meets_its_own_tests_then_its_rooms():
    assert mutate.tests_of(Path("src/tradebalance/answers/goal.py")) == ["tests/answers/test_goal.py", "tests/answers"]
    assert mutate.tests_of(Path("src/tradebalance/answers/gap.py")) == ["tests/answers"]
    assert mutate.tests_of(Path("src/tradebalance/cli.py")) == ["tests/whole/test_cli.py", "tests/whole"]


def test_a_mutant_is_caught_by_its_test_and_one_that_no_test_sees_survives(tmp_path, monkeypatch, capsys):
    """On a tree of one module and one test, in a copy: what is here stays as it was."""
    root, copy = tmp_path / "root", tmp_path / "copy"
    module, test = Path("src/room/part.py"), Path("tests/test_part.py")
    for tree in (root, copy):
        for path, text in (
            (module, "def share(a, b):\n    return a / b if b > 0 else 0\n"),
            (test, "from room.part import share\n\n\ndef test_share():\n    assert share(1, 2) == 0.5\n"),
        ):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
    monkeypatch.setattr(mutate, "ROOT", root)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(copy / "src")
    monkeypatch.chdir(copy)
    total, alive = mutate.survivors(copy, module, {2}, None, [str(test)])
    capsys.readouterr()
    assert total == 5
    assert [line.split("survived: ")[1] for line in alive] == ["b >= 0", "1", "1"]
    assert (root / module).read_text() == (copy / module).read_text()
