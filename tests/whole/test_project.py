"""What stands in two places is kept in step: conda's environment, the lock, the first page."""

import ast
import doctest
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml

from tradebalance.case import writing
from tradebalance.cli import cli
from tradebalance.pages import compare_schedules, delivery_scenario

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import first_page  # noqa: E402 (a tool, not a part of the package)

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {
    "Jinja2": "jinja2",
    "MarkupSafe": "markupsafe",
    "matplotlib": "matplotlib-base",
    "PyYAML": "pyyaml",
    "XlsxWriter": "xlsxwriter",
}
SOURCE = ROOT / "src" / "tradebalance"


def name_of(requirement: str) -> str:
    return re.split(r"[<>=]", requirement)[0]


def canonical(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_environment_yml_names_the_dependencies_of_pyproject_and_what_checks_notebooks():
    """pip reads its section as a requirements file, which takes no option like --no-deps."""
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    checking = [r for r in PROJECT["optional-dependencies"]["dev"] if name_of(r) in ("pytest", "nbval")]
    needed = [*PROJECT["dependencies"], *checking]
    wanted = [r.replace(name_of(r), CONDA_NAMES.get(name_of(r), name_of(r))) for r in needed]
    own = {"python>=3.11", "pip", "setuptools>=77"}
    assert len(checking) == 2
    assert {item for item in conda if isinstance(item, str)} - own == set(wanted)
    assert [item["pip"] for item in conda if not isinstance(item, str)] == [["-e ."]]


def test_every_package_that_the_source_imports_is_declared():
    """And nothing else is, but for what a notebook runs in, which papermill starts by name."""
    nodes = [node for path in SOURCE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    foreign = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"tradebalance"}
    of_module = packages_distributions()
    imported = {canonical(of_module[name][0]) for name in foreign}
    notebooks = {"ipykernel", "jupyterlab", "nbclient", "nbformat"}
    assert {canonical(name_of(requirement)) for requirement in PROJECT["dependencies"]} == imported | notebooks


def test_the_lock_pins_every_dependency_with_hashes_and_names_no_registry():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {canonical(match) for match in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    needed = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert {canonical(name_of(r)) for r in needed} <= pinned
    assert not re.findall(r"https?://", lock)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


def test_the_first_page_says_what_the_answer_says():
    even, as_announced = first_page.answers()
    data = (ROOT / "docs" / "headline.json").read_text(encoding="utf-8")
    earlier = first_page.replayed(even)
    assert data == first_page.headline(even, earlier)
    assert f"**{delivery_scenario.first_page(even, as_announced)}**" in README
    assert compare_schedules.replayed(earlier, first_page.REPLAYED_WITH) in README
    assert writing.sha256_of_text(data) in (ROOT / "docs" / "headline.svg").read_text(encoding="utf-8")


def test_the_picture_is_drawn_from_the_figures_it_names():
    even, _ = first_page.answers()
    drawn = first_page.picture(even, first_page.headline(even, first_page.replayed(even)))
    assert drawn == (ROOT / "docs" / "headline.svg").read_text(encoding="utf-8")


def test_the_example_on_the_first_page_runs():
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted >= 4
    assert results.failed == 0


def test_the_first_page_names_commands_and_files_that_exist():
    for command in re.findall(r"^tradebalance (\w+)", README, re.MULTILINE):
        assert command in cli.commands
    for target in re.findall(r"`make ([a-z-]+)", README):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists()
