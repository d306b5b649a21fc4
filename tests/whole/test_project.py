"""What stands in two places is kept in step: conda's environment, the lock, the first page, the papers."""

import ast
import doctest
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from tradebalance.case import writing
from tradebalance.cli import cli
from tradebalance.pages import wording

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import first_page  # noqa: E402 (tools, not a part of the package)
import reference_page  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAPERS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in ROOT.glob("**/*.md")
    if path.parent in (ROOT, ROOT / "docs")
}
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
    """And nothing else is, but for what a notebook runs in, which papermill starts by name; what a sweep on a cluster
    imports beside is the extra `cluster`."""
    nodes = [node for path in SOURCE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    foreign = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"tradebalance"}
    of_module = packages_distributions()
    imported = {canonical(of_module[name][0]) for name in foreign}
    notebooks = {"ipykernel", "jupyterlab", "nbclient", "nbformat"}
    extra = {canonical(name_of(requirement)) for requirement in PROJECT["optional-dependencies"]["cluster"]}
    assert extra <= imported
    assert {canonical(name_of(requirement)) for requirement in PROJECT["dependencies"]} == (
        imported - extra
    ) | notebooks


def test_the_lock_pins_every_dependency_with_hashes_and_names_no_registry():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {canonical(match) for match in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    extras = PROJECT["optional-dependencies"]
    needed = PROJECT["dependencies"] + extras["dev"] + extras["cluster"]
    assert {canonical(name_of(r)) for r in needed} <= pinned
    assert not re.findall(r"https?://", lock)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


@pytest.mark.newest
def test_the_first_page_says_what_the_answer_says():
    central, at_word = first_page.answers()
    data = (ROOT / "docs" / "headline.json").read_text(encoding="utf-8")
    earlier = first_page.replayed(central)
    assert data == first_page.headline(central, earlier)
    said = first_page.sentences(central, at_word)
    assert said in README
    assert f"the announced $90.3 billion would bring {wording.when(central)}, in nominal dollars" in said.split("**")[1]
    assert "8.56 % of the $210.9 billion of the four quarters to 2026Q2" in said
    said = first_page.how_it_did(earlier)
    assert said in README
    assert f"The gap was ${earlier.outturn.sum() / 1000:.1f} billion." in said
    for row in earlier.in_all.itertuples():
        word = "hit" if row.is_inside else "missed"
        assert f"{word}, with {row.quarters_inside} of the {len(earlier.outturn)} quarters inside" in said
    assert writing.sha256_of_text(data) in (ROOT / "docs" / "headline.svg").read_text(encoding="utf-8")


@pytest.mark.newest
def test_the_picture_is_drawn_from_the_figures_it_names():
    central, _ = first_page.answers()
    drawn = first_page.picture(central, first_page.headline(central, first_page.replayed(central)))
    assert drawn == (ROOT / "docs" / "headline.svg").read_text(encoding="utf-8")


@pytest.mark.newest
def test_the_example_on_the_first_page_runs():
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted >= 4
    assert results.failed == 0


def test_the_first_page_is_short_and_says_to_activate_before_the_first_bare_command():
    lines = README.splitlines()
    assert len(lines) < 120
    bare = [n for n, line in enumerate(lines) if line.split(" ")[0] in ("tradebalance", "papermill", "pytest")]
    assert bare
    assert lines.index(". .venv/bin/activate") < bare[0]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_names_commands_targets_and_files_that_exist(paper):
    text = PAPERS[paper]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.findall(r"^tradebalance ([\w-]+)", text, re.MULTILINE)) <= set(cli.commands)
    assert set(re.findall(r"`tradebalance ([a-z][\w-]*)", text)) <= set(cli.commands)
    for targets in re.findall(r"(?:`|^)make ((?:[a-z-]+ ?)+)", text, re.MULTILINE):
        for target in targets.split():
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)#:]+)", prose):
        assert ((ROOT / paper).parent / link).exists(), link
    for section in re.findall(r"\]\(#([^)]+)\)", prose):
        assert section in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads(text)}


def heads(text: str) -> list[str]:
    return re.findall(r"^#+ (.*)", text, re.MULTILINE)


def test_no_paper_says_what_another_says():
    said: dict[str, str] = {}
    for paper, text in PAPERS.items():
        for sentence in re.split(r"(?<=[.:;]) |\|", " ".join(text.split())):
            if len(sentence) > 60 and paper != "CHANGELOG.md":
                assert said.setdefault(sentence, paper) == paper, sentence


def test_the_reference_is_what_the_code_says():
    """`make reference` rewrites it."""
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == reference_page.page()


def test_the_citation_is_of_this_version():
    """The keys that the Citation File Format 1.2.0 requires, and those that pyproject states too."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["cff-version"] == "1.2.0"
    assert (cited["title"], cited["version"], cited["license"]) == (
        PROJECT["name"], PROJECT["version"], PROJECT["license"],
    )  # fmt: skip
    assert (cited["authors"], cited["keywords"]) == (PROJECT["authors"], PROJECT["keywords"])
    assert cited["authors"][0]["name"] in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_command_that_renews_goldens_starts():
    """Outside pytest, which puts the tests' own folder on the path by itself."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (path,) = re.findall(r"^golden: export PYTHONPATH := (\S+)$", makefile, re.MULTILINE)
    modules = re.findall(r"-m (tests\.\S+)", makefile)
    assert modules == ["tests.whole.test_golden", "tests.whole.test_page_texts"]
    for module in modules:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([path, os.environ.get("PYTHONPATH", "")])}
        run = subprocess.run(
            [sys.executable, "-m", module, "no-such-name"], cwd=ROOT, env=env, capture_output=True, text=True
        )
        assert (run.returncode, run.stderr) == (0, "")
