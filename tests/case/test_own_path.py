"""A path of trade in a file of the user's: read like any printed table, and every quarter asked for."""

import json
from fractions import Fraction

import pandas as pd
import pytest

from tradebalance.answers.answer import solve
from tradebalance.assumptions.baseline import Baseline, forecast
from tradebalance.case import folder, inputs, own_path, store
from tradebalance.case.folder import Folder
from tradebalance.trace.answer import BASELINE, answer_chain
from tradebalance.words.problems import Refused
from tradebalance.words.terms import Pair

PAIR, QUARTERS = Pair("VNM", "USA"), pd.period_range("2026Q3", "2027Q2", freq="Q")
LINES = ["2026Q2,59.5,4.4", "2026Q3,60,4.5", "2026Q4,61.5,4.6", "2027Q1,58,4.4", "2027Q2,62,4.8"]
BILLIONS = "quarter,exports (USD billion),imports (USD billion)"


def case(tmp_path, header: str = BILLIONS, lines: list[str] = LINES, sidecar: str = "") -> Folder:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    if sidecar:
        (tmp_path / "scenarios" / "mine.source.yaml").write_text(sidecar, encoding="utf-8")
    return Folder(tmp_path)


def read(where: Folder, path: str = "mine.csv"):
    return own_path.with_figures(Baseline(method="file", path=path), where.scenarios, "mine", PAIR, QUARTERS)


def problems(where: Folder, path: str = "mine.csv") -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refusal:
        read(where, path)
    return [(problem.code, problem.column) for problem in refusal.value.problems]


def test_the_path_is_the_files_figures_in_usd_million_from_the_first_forecast_quarter(tmp_path):
    given, files = read(case(tmp_path))
    path = forecast(given, pd.DataFrame(), QUARTERS[0], 4)
    assert list(path["exports_usd_mn"]) == [60_000, 61_500, 58_000, 62_000]
    assert list(path["imports_usd_mn"]) == [4500, Fraction(4600), 4400, 4800]
    assert list(files) == ["scenarios/mine.csv"]
    assert len(files["scenarios/mine.csv"]) == 64


def test_a_sidecar_may_say_the_unit_and_is_an_input_too(tmp_path):
    given, files = read(case(tmp_path, "quarter,exports,imports", sidecar="unit: USD million\n"))
    assert list(forecast(given, pd.DataFrame(), QUARTERS[0], 1)["exports_usd_mn"]) == [60]
    assert list(files) == ["scenarios/mine.csv", "scenarios/mine.source.yaml"]


def test_a_path_that_lacks_quarters_names_them_all(tmp_path):
    with pytest.raises(Refused) as refusal:
        read(case(tmp_path, lines=LINES[:3]))
    found = {problem.column: problem.reason for problem in refusal.value.problems}
    assert set(found) == {"exports", "imports"}
    assert "no figures of imports in 2027Q1, 2027Q2, which the scenario forecasts" in found["imports"]


def test_a_path_without_a_unit_below_zero_or_twice_is_refused(tmp_path):
    assert {code for code, _ in problems(case(tmp_path, "quarter,exports,imports"))} == {"unit_missing"}
    for name, lines, code in (
        ("zero", [*LINES[:-1], "2027Q2,62,-4.8"], "out_of_range"),
        ("twice", [*LINES, "2027Q2,63,4.8"], "duplicate_key"),
        ("words", [*LINES[:-1], "2027Q2,62,many"], "not_a_number"),
    ):
        (tmp_path / name).mkdir()
        assert code in {found for found, _ in problems(case(tmp_path / name, lines=lines))}


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    found = problems(case(tmp_path, lines=["2026Q3,60,4.5", "2026Q4,61.5,many"]))
    assert {code for code, _ in found} >= {"not_a_number", "missing_period"}


def test_a_file_that_is_not_there_is_refused_by_its_key(tmp_path):
    assert problems(case(tmp_path), "other.csv") == [("empty", "baseline.path")]


def test_check_tells_of_the_file_at_the_key_that_names_it(tmp_path, command):
    where = case(tmp_path, lines=[*LINES[:2], "2026Q4,61.5,many"])
    even = (folder.case().scenarios / "even.yaml").read_text(encoding="utf-8")
    (where.scenarios / "mine.yaml").write_text(
        even.replace("{method: mixture}", "{method: file, path: mine.csv}"), encoding="utf-8"
    )
    found = command("check", where.scenarios / "mine.yaml", "--json")
    problems = json.loads(found.out)["files"][0]["problems"]
    assert found.code == 2
    assert {problem["column"] for problem in problems} == {"baseline.path"}
    (words,) = [problem["reason"] for problem in problems if problem["code"] == "not_a_number"]
    assert words.startswith("scenarios/mine.csv, line 4: imports")


def test_a_scenario_stands_on_its_file_and_on_its_own_book_only(tmp_path):
    shipped = folder.case()
    for name in ("data", "case.yaml"):
        (tmp_path / name).symlink_to(shipped.root / name)
    where = case(
        tmp_path,
        lines=[
            f"{quarter},{60 + at},4.5" for at, quarter in enumerate(pd.period_range("2026Q3", periods=12, freq="Q"))
        ],
    )
    even = (shipped.scenarios / "even.yaml").read_text(encoding="utf-8")
    text = even.replace("{method: mixture}", "{method: file, path: mine.csv}").replace(
        "quarters: 40}", "quarters: 12}", 1
    )
    (where.scenarios / "mine.yaml").write_text(text, encoding="utf-8")
    (where.scenarios / "_assumptions.yaml").write_bytes((shipped.scenarios / "_assumptions.yaml").read_bytes())
    found = inputs.gather("mine", case=where, draws=100)
    answer = solve(found)
    assert found.known.files["scenarios/mine.csv"]
    assert list(answer.baseline["exports_usd_mn"].iloc[:2]) == [60_000, 61_000]
    assert answer.paths is None  # a stated path has no errors
    assert answer.gap_last_four == answer.known.gap_last_four  # today's gap is the published one
    assert "a path stated in a file" in answer.scenario.baseline.words
    chain = answer_chain(where, store.facts(where), answer, BASELINE, "2026Q4")
    assert [(cell.place, cell.flow, cell.weight * cell.printed) for cell in chain.cells] == [
        ("scenarios/mine.csv:3", "exports", 61_000),
        ("scenarios/mine.csv:3", "imports", -4500),
    ]
    assert sum(cell.weight * cell.printed for cell in chain.cells) == chain.value
    with pytest.raises(Refused, match="is on the book of USA"):
        inputs.gather("mine", case=where, reporter="VNM")


@pytest.mark.parametrize("path", ["../outside.csv", "{}/outside.csv", "sub/../../outside.csv", "link.csv"])
def test_a_file_outside_of_the_scenarios_folder_is_not_read(tmp_path, path):
    where = case(tmp_path)
    (tmp_path / "outside.csv").write_text("secret", encoding="utf-8")
    (where.scenarios / "link.csv").symlink_to(tmp_path / "outside.csv")
    assert problems(where, path.format(tmp_path)) == [("unsafe_name", "baseline.path")]
