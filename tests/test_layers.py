"""The house: imports point upward only, and what touches the disk stays below."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "tradebalance"

# From the top of the house to its ground: a module may import those above it.
ORDER = [
    "terms", "problems", "sources", "cells", "checked", "validation", "digits", "amounts", "money", "dates", "periods",
    "countries", "headers", "options",  # words
    "census", "flows", "entries", "series_checks", "sheets", "values", "rows", "totals", "printed",  # facts
    "ledger_links", "checks", "fragments", "benchmark", "quarterly", "own_book", "commitments", "ledger_events",
    "filling", "timeline", "pledges",
    "evidence", "declaration", "scores",
    "distributions", "scenario_fields", "assumption_entries", "assumptions", "log_models", "baseline",
    "fan", "backtest", "outlook", "delivery", "scenario", "credit", "tariff", "acting",  # assumptions
    "gap", "mirror", "revisions", "known", "draws", "sums", "simulation", "without_deals", "answer",
    "spread", "sensitivity", "break_even", "levers", "goal", "prices", "comparison", "attribution", "replay",
    "frozen", "records", "arrivals",
    "tracking", "increments", "held_out", "outturn",  # answers
    "sentences", "fact_words", "baseline_words", "tables", "ledger_tables", "books", "charts", "figures",
    "fact_figures", "ledger_figures", "book_figures", "baseline_figures", "track_words", "track_tables",
    "track_figures",
    "goal_words", "uncertainty", "uncertainty_figures", "decision_words", "decision_tables", "decision_figures",
    "writing", "decoding", "html_tables", "grids", "readers", "exports",
    "sidecars", "corrections", "raw_tables", "store", "asof", "inputs", "forecasts", "arrival_inputs", "track_inputs",
    "chains", "trace_trade", "trace_ledger", "trace_assumed", "trace_answer", "trace_arrivals", "tracing",
    "extracts", "layouts", "checking",
    "display", "pages", "batch", "arguments", "cli", "__main__",
]  # fmt: skip
FIRST_ON_DISK = ORDER.index("writing")
DISK_ONLY = {"pathlib", "os", "io", "tempfile", "papermill", "yaml", "nbconvert", "nbformat"}
ONLY_INSIDE_FUNCTIONS = {"statsmodels", "matplotlib", "scipy", "papermill", "nbconvert", "numba"}
FILE_METHODS = ("read_", "to_csv", "to_excel", "to_parquet", "to_pickle", "to_feather")


def parsed(module: str) -> ast.Module:
    return ast.parse((SOURCE / f"{module}.py").read_text(encoding="utf-8"))


def imported(node: ast.AST) -> set[str]:
    """Top-level packages of an import statement, and `.name` for modules of this package."""
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level:
        return {f".{node.module}"} if node.module else {f".{alias.name}" for alias in node.names}
    return {node.module.split(".")[0]} if isinstance(node, ast.ImportFrom) and node.module else set()


def is_for_types_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_every_module_has_its_place_in_the_order():
    assert {path.stem for path in SOURCE.glob("*.py")} - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("module", ORDER)
def test_imports_point_upward(module):
    own = {name[1:] for node in ast.walk(parsed(module)) for name in imported(node) if name.startswith(".")}
    below = {name for name in own - {"__version__"} if ORDER.index(name) >= ORDER.index(module)}
    assert not below, f"{module} imports {below}, which stand below it"


@pytest.mark.parametrize("module", ORDER[:FIRST_ON_DISK])
def test_nothing_above_readers_touches_files(module):
    nodes = list(ast.walk(parsed(module)))
    assert not {name for node in nodes for name in imported(node)} & DISK_ONLY
    calls = {node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    assert not {call for call in calls if call.startswith(FILE_METHODS)}
    assert "open" not in {
        node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


@pytest.mark.parametrize("module", ORDER)
def test_slow_packages_are_imported_inside_functions(module):
    top = [node for node in parsed(module).body if not is_for_types_only(node)]
    assert not {name for node in top for name in imported(node)} & ONLY_INSIDE_FUNCTIONS


@pytest.mark.parametrize("module", ORDER)
def test_no_dataframe_subclass_accessor_or_inplace(module):
    text = (SOURCE / f"{module}.py").read_text(encoding="utf-8")
    assert "inplace=" not in text
    assert "register_dataframe_accessor" not in text
    bases = {
        ast.unparse(base) for node in ast.walk(parsed(module)) if isinstance(node, ast.ClassDef) for base in node.bases
    }
    assert not {base for base in bases if "DataFrame" in base or "Series" in base}
