"""What stands in two places is kept in step: conda's environment, the lock, the first page."""

import json
import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "PyYAML": "pyyaml"}


def name_of(requirement: str) -> str:
    return re.split(r"[<>=]", requirement)[0]


def test_environment_yml_names_the_dependencies_of_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    wanted = [r.replace(name_of(r), CONDA_NAMES.get(name_of(r), name_of(r))) for r in PROJECT["dependencies"]]
    own = {"python>=3.11", "pip", "setuptools>=77"}
    assert {item for item in conda if isinstance(item, str)} - own == set(wanted)


def test_the_lock_pins_every_dependency_with_hashes_and_names_no_registry():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {match.lower().replace("_", "-") for match in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    needed = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert {name_of(r).lower() for r in needed} <= pinned
    assert not re.findall(r"https?://", lock)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


def test_the_first_page_says_what_the_answer_says():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    data = json.loads((ROOT / "docs" / "headline.json").read_text(encoding="utf-8"))
    from tradebalance import answer, inputs, sentences

    result = answer.solve(inputs.gather("even"))
    now = answer.as_json(result)
    assert data == {key: now[key] for key in data}
    assert sentences.first_page(result) in page.replace("\n", " ")
