"""The notebooks' form, what they keep of their output, and the two ways in which others run them."""

import ast
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tokenize
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest

from tradebalance.answers.answer import solve
from tradebalance.case import folder, inputs
from tradebalance.pages.records import as_json

pytestmark = pytest.mark.newest
FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in PATHS}
KEPT = "keep_output"

every_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def code_cells(name):
    return [cell for cell in NOTEBOOKS[name].cells if cell.cell_type == "code"]


def tagged(name, tag):
    return [cell for cell in NOTEBOOKS[name].cells if tag in cell.metadata.get("tags", [])]


def nodes(name):
    return [node for cell in code_cells(name) for node in ast.walk(ast.parse(cell.source))]


def run(*arguments, cwd):
    """A tool of this environment as others start it."""
    command = [sys.executable, "-m", *map(str, arguments)]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def nbval(folder):
    """nbval on a folder of notebooks, under the repository's own settings for tests."""
    return run(
        "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env", folder, cwd=FOLDER.parent
    )


# --- form -----------------------------------------------------------------------------------------


def test_the_notebooks_of_the_reports_are_there():
    reports = """01_trade_gap 02_commitments 03_baseline 04_delivery_scenario 05_compare_schedules 06_uncertainty
        07_track_record 08_live_pledges"""
    assert set(reports.split()) <= set(NOTEBOOKS)


@every_notebook
def test_a_notebook_defines_no_function_and_imports_the_package_only(name):
    assert not [node for node in nodes(name) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    modules = {node.module for node in nodes(name) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in nodes(name) if isinstance(node, ast.Import) for alias in node.names}
    assert modules
    assert {module.split(".")[0] for module in modules} == {"tradebalance"}


@every_notebook
def test_a_notebook_shows_no_figure_by_pyplot_and_runs_no_shell(name):
    source = "\n".join(cell.source for cell in code_cells(name))
    assert not re.search(r"\bplt\b|pyplot", source)
    assert not re.search(r"^\s*[!%]", source, re.MULTILINE)


@every_notebook
def test_a_notebook_names_no_path(name):
    texts = [node.value for node in nodes(name) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert texts
    assert [text for text in texts if "/" in text or "\\" in text] == []


@every_notebook
def test_parameters_stand_in_one_cell_each_with_its_type_and_a_comment(name):
    (cell,) = tagged(name, "parameters")
    statements = ast.parse(cell.source).body
    assert statements
    commented = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(cell.source).readline)
        if token.type == tokenize.COMMENT and len(token.string) > 2
    }
    for statement in statements:
        assert isinstance(statement, ast.AnnAssign), ast.unparse(statement)
        assert ast.unparse(statement.annotation) in ("str", "int", "float", "bool")
        assert isinstance(ast.literal_eval(statement.value), eval(ast.unparse(statement.annotation)))
        assert statement.end_lineno in commented, ast.unparse(statement)


@every_notebook
def test_the_headline_cell_keeps_its_output_and_no_other_cell_does(name):
    (headline,) = tagged(name, KEPT)
    assert headline.source.splitlines()[0] == "# NBVAL_CHECK_OUTPUT"
    assert [cell.source for cell in code_cells(name) if cell is not headline and cell.outputs] == []
    assert [cell.source for cell in code_cells(name) if cell is not headline and "NBVAL" in cell.source] == []
    assert len(headline.outputs) == 1, "the headline cell has no stored output: run `make notebooks`"
    assert re.search(r"\d\.\d", headline.outputs[0].data["text/plain"])


@every_notebook
def test_the_last_cell_leaves_the_record(name):
    assert tagged(name, "record") == [NOTEBOOKS[name].cells[-1]]
    assert NOTEBOOKS[name].cells[-1].source.startswith("record(")


@every_notebook
def test_prose_holds_no_number_and_no_dollar(name):
    prose = [cell.source for cell in NOTEBOOKS[name].cells if cell.cell_type == "markdown"]
    assert prose
    assert [text for text in prose if re.search(r"[\d$]", text)] == []


@every_notebook
def test_a_notebooks_file_holds_nothing_of_the_run_that_made_it(name):
    assert set(NOTEBOOKS[name].metadata) <= {"kernelspec", "language_info"}
    assert not [cell for cell in NOTEBOOKS[name].cells if set(cell.metadata) - {"tags"}]


def test_the_comparison_names_its_scenarios_so_that_a_new_one_moves_no_kept_output():
    (cell,) = tagged("05_compare_schedules", "parameters")
    default = next(s.value for s in ast.parse(cell.source).body if s.target.id == "scenarios")
    names = ast.literal_eval(default).split()
    assert names == sorted(set(names) & set(inputs.names(folder.case())))
    assert len(names) >= 9


# --- run by others --------------------------------------------------------------------------------


def test_nbval_passes_on_the_notebooks():
    done = nbval(FOLDER)
    assert done.returncode == 0, done.stdout
    assert re.search(rf"\b{sum(len(code_cells(name)) for name in NOTEBOOKS)} passed", done.stdout), done.stdout


def with_headline(folder, pattern, replacement):
    """A copy of a notebook, with nbval's comparison beside it, whose headline table is said otherwise."""
    copy = folder / "01_trade_gap.ipynb"
    notebook = nbformat.read(FOLDER / copy.name, as_version=4)
    (headline,) = [cell for cell in notebook.cells if KEPT in cell.metadata.get("tags", [])]
    assert headline.outputs, "the headline cell has no stored output: run `make notebooks`"
    data = headline.outputs[0].data
    before = data["text/plain"]
    data["text/plain"] = re.sub(pattern, replacement, before)
    assert data["text/plain"] != before
    nbformat.write(notebook, copy)
    shutil.copyfile(FOLDER / "conftest.py", folder / "conftest.py")
    return copy


def test_nbval_fails_when_a_headline_changes_and_shows_the_line_as_it_was_and_as_it_is(tmp_path):
    done = nbval(with_headline(tmp_path, r"(2024 .*) 123\.25", r"\1 123.27"))
    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout
    assert "mismatch 'text/plain'" in done.stdout
    lines = [re.sub(r"\s+", " ", line).strip() for line in done.stdout.splitlines()]
    assert "- 2024 136.32 13.07 123.27" in lines
    assert "+ 2024 136.32 13.07 123.25" in lines
    assert "<table" not in done.stdout
    assert not [line for line in lines if line.startswith(("- 2023", "+ 2023"))]


def test_nbval_passes_where_a_headline_is_one_of_the_last_decimal_off(tmp_path):
    done = nbval(with_headline(tmp_path, r"(2024 .*) 123\.25", r"\1 123.26"))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("kept", "now", "is_same"),
    [
        ("Surplus 123.25 bn", "Surplus  123.26 bn", True),
        ("Surplus 1,123.25 bn", "Surplus 1,123.24 bn", True),
        ("Surplus 123.25 bn", "Surplus 123.27 bn", False),
        ("Surplus 123.25 bn", "Surplus 123.3 bn", False),
        ("Surplus 123.25 bn", "Gap 123.25 bn", False),
        ("in 2024", "in 2025", False),
        ("29 deals", "30 deals", False),
        ("one\ntwo", "one", False),
    ],
)
def test_numbers_of_a_headline_are_compared_as_they_are_rounded(kept, now, is_same):
    compared = runpy.run_path(str(FOLDER / "conftest.py"))["Printed"]
    assert (compared(kept) == compared(now)) is is_same
    assert (compared(kept) != compared(now)) is not is_same


def test_nbval_fails_when_a_cell_breaks(tmp_path):
    copy = shutil.copyfile(FOLDER / "01_trade_gap.ipynb", tmp_path / "01_trade_gap.ipynb")
    shutil.copyfile(FOLDER / "conftest.py", tmp_path / "conftest.py")
    copy.write_text(copy.read_text(encoding="utf-8").replace("lead(known)", "leed(known)"), encoding="utf-8")
    done = nbval(copy)
    assert done.returncode == 1, done.stdout
    assert "leed" in done.stdout


def test_papermill_runs_a_scenario_from_another_folder(tmp_path):
    source = FOLDER / "04_delivery_scenario.ipynb"
    before = source.read_bytes()
    done = run("papermill", source, "out.ipynb", "-p", "scenario", "back_loaded", "-p", "draws", 500, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    record = executed.cells[-1].outputs[-1].data["application/json"]
    assert (record["scenario"], record["draws"]) == ("back_loaded", 500)
    assert record["bridge"][0]["step"] == "announced"
    assert record["bridge"][0]["usd_mn"] == 90300.0
    assert source.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]


def test_papermill_with_an_unknown_scenario_fails_and_names_the_nearest(tmp_path):
    done = run("papermill", FOLDER / "04_delivery_scenario.ipynb", "out.ipynb", "-p", "scenario", "evne", cwd=tmp_path)
    assert done.returncode == 1
    assert "did you mean 'even'?" in done.stderr
    assert json.loads((tmp_path / "out.ipynb").read_text(encoding="utf-8"))["cells"][-1]["outputs"] == []


@every_notebook
def test_a_notebook_sets_up_in_eight_lines_and_by_the_api(name):
    (set_up,) = [cell.source for cell in code_cells(name) if "import tradebalance as tb" in cell.source]
    assert len([line for line in set_up.splitlines() if line.strip()]) <= 8
    assert len(re.findall(r" as page\b", set_up)) == 1
    assert not [cell for cell in code_cells(name) if "import" in cell.source.split() and cell.source != set_up]


def test_any_assumption_can_be_set_from_papermill(tmp_path):
    source, changed = FOLDER / "04_delivery_scenario.ipynb", "{additionality.aircraft: 0.5}"
    done = run("papermill", source, "out.ipynb", "-p", "set", changed, "-p", "draws", 500, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs[-1].data["application/json"]
    assert record["changes"] == {"draws": "500", "additionality.aircraft": "0.5"}
    plain = solve(inputs.gather("slipped", changes={"additionality.aircraft": Decimal("0.5")}, draws=500))
    assert record["additional_usd_mn"] == as_json(plain)["additional_usd_mn"]


def test_a_misspelt_parameter_is_refused_and_not_answered(tmp_path):
    source = FOLDER / "04_delivery_scenario.ipynb"
    done = run("papermill", source, "out.ipynb", "-p", "scenaro", "back_loaded", cwd=tmp_path)
    assert done.returncode != 0
    assert "scenaro: no such parameter" in done.stderr
    assert "did you mean 'scenario'" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2025", "no such scenario (found '2025')"),  # taken as a name
        ("None", "scenario: a text is needed, and papermill made NoneType of it"),
    ],
)
def test_a_name_that_papermill_takes_for_something_else_is_a_name_if_it_is_of_digits(tmp_path, given, said):
    done = run("papermill", FOLDER / "04_delivery_scenario.ipynb", "out.ipynb", "-p", "scenario", given, cwd=tmp_path)
    assert done.returncode != 0
    assert said in done.stderr


def test_nbval_in_two_processes_keeps_the_cells_of_a_notebook_together(tmp_path):
    copy = shutil.copyfile(FOLDER / "01_trade_gap.ipynb", tmp_path / "01_trade_gap.ipynb")
    options = ("-q", "-n", "2", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env")
    done = run("pytest", "-c", FOLDER.parent / "pyproject.toml", *options, copy, cwd=FOLDER.parent)
    assert done.returncode == 0, done.stdout
