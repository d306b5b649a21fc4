"""Mutation run: one small wrong change at a time on changed lines of src, and which of them no test notices.

    python tools/mutate.py [--since REVISION] [--module src/tradebalance/ROOM/MODULE.py] [--tests FILE ...] [--most N]

Lines changed since the revision are mutated (by default since the branch left main, or the last commit); with
--module all lines of that module. A mutant meets the tests of its module, then those of its room, or those named; one
that they let pass is printed, as `survived`. Some survivors mean the same as the original; others show a missing test.
All of it happens in a copy of the tree: nothing here is touched, whatever ends the run.
"""

import argparse
import ast
import importlib
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "reports", "build", "*.html"
)
FLIPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Pow: ast.Mult, ast.USub: ast.UAdd,
}  # fmt: skip
Change = tuple[str, object]  # a field of a node, and its wrong value


def changes(node: ast.AST) -> Iterator[Change]:
    """The wrong values that a node's fields are given, one at a time."""
    if isinstance(node, ast.Compare):
        for n, op in enumerate(node.ops):
            yield "ops", [*node.ops[:n], FLIPS[type(op)](), *node.ops[n + 1 :]]
    elif isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp, ast.UnaryOp)) and type(node.op) in FLIPS:
        yield "op", FLIPS[type(node.op)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "operand", ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield "value", not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "value", ast.Constant(None)
    elif isinstance(node, ast.Call) and len(node.args) > 1 and not isinstance(node.args[0], ast.Starred):
        yield "args", [node.args[1], node.args[0], *node.args[2:]]


def mutants(source: str, lines: set[int]) -> Iterator[tuple[int, str, str]]:
    """Line, what it reads in the mutant, and the mutant's source. Types and what f-strings hold stay as they are."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    types = [getattr(node, name) for node in nodes for name in ("annotation", "returns") if getattr(node, name, None)]
    asides = [*types, *(node for node in nodes if isinstance(node, ast.JoinedStr))]
    left = {id(inner) for aside in asides for inner in ast.walk(aside)}
    for node in nodes:
        if getattr(node, "lineno", 0) in lines and id(node) not in left:
            for field, wrong in changes(node):
                right = getattr(node, field)
                setattr(node, field, wrong)
                yield node.lineno, ast.unparse(node), ast.unparse(tree)
                setattr(node, field, right)


def git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True, text=True).stdout


def changed_lines(since: str) -> dict[Path, set[int]]:
    """The lines of src that are new or other than in a revision, by file."""
    found: dict[Path, set[int]] = {}
    path = Path()
    for line in git("diff", "--unified=0", "--no-ext-diff", since, "--", "src/*.py").splitlines():
        if line.startswith("+++ "):
            path = Path(line.removeprefix("+++ b/"))
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            found.setdefault(path, set()).update(range(first, first + count))
    return {path: lines for path, lines in found.items() if (ROOT / path).exists()}


def default_base() -> str:
    left, head = git("merge-base", "main", "HEAD").strip(), git("rev-parse", "HEAD").strip()
    return "HEAD~1" if left == head else left


def tests_of(module: Path) -> list[str]:
    """The test file of a module, if there is one, then its room's."""
    room = module.parent.name if module.parent.name != "tradebalance" else "whole"
    own = Path("tests") / room / f"test_{module.stem}.py"
    return [str(each) for each in (own, Path("tests") / room) if (ROOT / each).exists()]


def _pytest(tests: str) -> None:
    import pytest

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # what the tests print is theirs
    os.dup2(nothing, 2)
    marks = "not browser and not fault and not slow"
    os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-m", marks, tests]))


def passes(tests: str, limit: float | None = None) -> bool:
    """Whether the tests pass in a process of their own; one that takes longer than the limit does not."""
    run = multiprocessing.get_context("fork").Process(target=_pytest, args=(tests,), daemon=True)
    run.start()
    run.join(limit)
    if run.is_alive():
        run.kill()
        run.join()
    return run.exitcode == 0


def _limit(tests: str) -> float:
    """The seconds after which a mutant hangs. Ends the run where the tests fail without one."""
    started = time.monotonic()
    if not passes(tests):
        sys.exit(f"{tests} fails as it is")
    return 60 + 5 * (time.monotonic() - started)


def survivors(copy: Path, module: Path, lines: set[int], most: int | None, named: list[str]) -> tuple[int, list[str]]:
    """How many mutants of a module's lines there were, and those that no test noticed."""
    source, found, total = (ROOT / module).read_text(encoding="utf-8"), [], 0
    limits: dict[str, float] = {}
    for line, words, mutant in mutants(source, lines):
        if total == most:
            break
        total += 1
        for tests in named or tests_of(module):
            if tests not in limits:
                (copy / module).write_text(source, encoding="utf-8")
                limits[tests] = _limit(tests)
            (copy / module).write_text(mutant, encoding="utf-8")
            if not passes(tests, limits[tests]):
                break
        else:
            found.append(f"{module}:{line}: survived: {' '.join(words.split())[:100]}")
            print(found[-1], flush=True)
    (copy / module).write_text(source, encoding="utf-8")
    return total, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--since", default="", help="mutate the lines changed since this revision")
    parser.add_argument("--module", type=Path, default=None, help="mutate all of one module instead")
    parser.add_argument("--most", type=int, default=None, help="no more mutants than this a module")
    parser.add_argument("--tests", nargs="+", default=[], help="run these instead of the module's and its room's")
    given = parser.parse_args()
    if given.module:
        chosen = {given.module: set(range(1, len((ROOT / given.module).read_text(encoding="utf-8").splitlines()) + 1))}
    else:
        chosen = changed_lines(given.since or default_base())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the copy goes then too
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        os.chdir(copy)
        os.environ |= {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.dont_write_bytecode = True  # two mutants of one second and size would share their bytecode
        sys.path.insert(0, str(copy / "src"))
        for name in ("pandas", "pydantic", "pytest", "statsmodels.api"):  # once, before the processes fork
            importlib.import_module(name)

        counted = [survivors(copy, module, lines, given.most, given.tests) for module, lines in sorted(chosen.items())]
        os.chdir(ROOT)
    total, alive = sum(n for n, _ in counted), sum(len(found) for _, found in counted)
    print(f"{total} mutants in {len(chosen)} modules: {total - alive} noticed, {alive} survived")


if __name__ == "__main__":
    main()
