"""What is added in one place is known everywhere: a baseline and a delivery profile are planted and looked for.

The pages are run as a notebook runs them: cell by cell, with other parameters after the first.
"""

import json
from fractions import Fraction
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tradebalance.assumptions.baseline import METHODS, Method
from tradebalance.assumptions.delivery import PROFILES, Profile
from tradebalance.pages import show as shown

LAST = Fraction(11, 10)
PLANTED = Method(
    "planted",
    "a tenth above the last quarter",
    "a tenth more",
    4,
    lambda past, _: np.repeat(past[:, -1:] * LAST, 8, axis=1),
)
AT_ONCE = Profile("at_once", "all of it in the first quarter", lambda n: [Fraction(1), *[Fraction(0)] * (n - 1)])


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Method:
    """One more baseline in the register, and in the place of some that are estimated."""
    for name in ("ets", "ces", "sarima"):
        monkeypatch.delitem(METHODS, name)
    monkeypatch.setitem(METHODS, PLANTED.name, PLANTED)
    return PLANTED


@pytest.fixture
def written(small_case):
    """A function that copies the case with `even` on the last quarter's level, and `other`, one word of it changed."""

    def make(old: str, new: str) -> Path:
        case = small_case("even", draws=200)
        even = case / "scenarios" / "even.yaml"
        text = even.read_text(encoding="utf-8").replace("{method: mixture}", "{method: naive}")
        assert old in text
        even.write_text(text, encoding="utf-8")
        (case / "scenarios" / "other.yaml").write_text(text.replace(old, new), encoding="utf-8")
        return case

    return make


def page(number: str, monkeypatch: pytest.MonkeyPatch, root: Path, **parameters: str) -> str:
    """What a notebook shows under the given parameters, as plain text."""
    (path,) = (root / "notebooks").glob(f"{number}_*.ipynb")
    texts: list[str] = []
    whole = shown.Shown.__init__

    def keep(self, plain, **rich):
        texts.append(str(plain))
        whole(self, plain, **rich)

    monkeypatch.setattr(shown.Shown, "__init__", keep)
    cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    names: dict[str, object] = {}
    for cell in [cells[0], *[f"{name} = {value!r}" for name, value in parameters.items()], *cells[1:]]:
        exec(compile(cell, str(path), "exec"), names)  # the repository's own notebooks
    return "\n".join(texts)


def test_a_baseline_added_to_the_register_is_known_to_run_check_and_the_pages(planted, written, command, monkeypatch):
    case = written("{method: naive}", "{method: planted}")
    answer = json.loads(command("run", "other", "--case", case, "--json").out)
    last = json.loads(command("run", "even", "--case", case, "--json").out)
    gaps = [one["by_quarter"][1]["baseline_gap_p50_usd_mn"] for one in (answer, last)]
    assert gaps[0] == pytest.approx(1.1 * gaps[1], abs=1e-5)
    compared = json.loads(command("compare", "even", "other", "--case", case, "--json").out)
    assert "planted" in {row["baseline"] for row in compared["decisions"] if row["scenario"] == "even"}
    assert command("check", case / "scenarios" / "other.yaml").code == 0
    said = {n: page(n, monkeypatch, case, case=str(case)) for n in ("03",)}
    said["05"] = page("05", monkeypatch, case, case=str(case), scenarios="even other")
    said["04"] = page("04", monkeypatch, case, case=str(case), scenario="other")
    assert page("06", monkeypatch, case, case=str(case), scenario="other")  # it is among the chart's bars
    assert planted.words in said["03"]
    assert planted.words in said["04"]
    assert planted.short in said["05"].lower()


def test_a_profile_added_to_the_register_is_known_to_run_check_and_the_pages(written, command, monkeypatch):
    monkeypatch.setitem(PROFILES, AT_ONCE.name, AT_ONCE)
    case = written("profile: uniform", "profile: at_once")
    answer = json.loads(command("run", "other", "--case", case, "--set", "credit=none", "--json").out)
    arrived = [row["additional_mean_usd_mn"] for row in answer["by_quarter"]]
    assert arrived[0] == answer["additional_usd_mn"]["mean"] > 0
    assert not any(arrived[1:])
    assert command("check", case / "scenarios" / "other.yaml").code == 0
    assert AT_ONCE.words in page("04", monkeypatch, case, case=str(case), scenario="other")
    assert "other" in page("05", monkeypatch, case, case=str(case), scenarios="even other", baselines="naive")


@pytest.mark.parametrize(
    ("key", "register", "more"),
    [("baseline.method", METHODS, "fixed"), ("delivery.profile", PROFILES, "milestones")],
)
def test_an_unknown_word_names_the_nearest_and_lists_the_register(key, register, more, command, monkeypatch):
    monkeypatch.setitem(register, "planted", next(iter(register.values())))
    found = command("run", "even", "--set", f"{key}=plantd")
    assert found.code == 2
    assert "did you mean 'planted'?" in found.err
    assert all(f"'{name}'" in found.err for name in [*register, more])
