"""The house: a room imports only what lies below it, nothing runs in a circle, and few rooms touch files."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tradebalance"
BELOW = {
    "words": "",
    "reading": "words",
    "facts": "words",
    "track": "words facts",
    "assumptions": "words facts",
    "answers": "words facts assumptions",
    "pages": "words facts assumptions answers track",
    "case": "words reading facts assumptions answers track",
    "trace": "words reading facts assumptions answers track case",
    "report": "words reading facts assumptions answers track pages case",
}
OPEN_FILES = {"case", "report"}  # and cli and api, which stand above all rooms
DISK_ONLY = {"pathlib", "os", "tempfile", "papermill", "nbconvert", "nbformat"}
FILE_METHODS = ("read_text", "read_bytes", "read_csv", "read_excel", "to_csv", "to_excel", "to_parquet", "to_pickle")
ONLY_INSIDE_FUNCTIONS = {"statsmodels", "matplotlib", "scipy", "papermill", "nbconvert", "numba"}
MODULES = sorted(SOURCE.rglob("*.py"))
ROOMED = [path for path in MODULES if path.parent != SOURCE]


def name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def own_imports(path: Path) -> set[str]:
    """The modules of this package that a module imports, in functions too, as `room.module` or `room`."""
    package = ["tradebalance", *name(path).split(".")[:-1]]
    if path.name == "__init__.py":
        package = ["tradebalance", *path.relative_to(SOURCE).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                inner = ".".join([*base[1:], alias.name])
                is_module = (SOURCE / inner.replace(".", "/")).with_suffix(".py").exists()
                found.add(inner if is_module else ".".join(base[1:]))
    return found - {""}


def test_every_module_stands_in_a_room_of_the_plan():
    assert {path.parent.name for path in ROOMED if "templates" not in path.parts} == set(BELOW)
    assert {path.stem for path in SOURCE.glob("*.py")} == {"__init__", "__main__", "api", "cli"}


@pytest.mark.parametrize("path", ROOMED, ids=name)
def test_a_room_imports_only_what_lies_below_it(path):
    room = path.parent.name
    rooms = {module.split(".")[0] for module in own_imports(path)}
    assert rooms - {room} <= set(BELOW[room].split())


def test_no_module_imports_itself_in_a_circle():
    graph = {name(path): own_imports(path) & {name(other) for other in ROOMED} for path in ROOMED}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(ROOMED)


@pytest.mark.parametrize("path", [path for path in ROOMED if path.parent.name not in OPEN_FILES], ids=name)
def test_only_case_report_and_the_command_open_files(path):
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    assert not {module.split(".")[0] for module in imported} & DISK_ONLY
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    assert not {f.attr for f in called if isinstance(f, ast.Attribute) and f.attr in FILE_METHODS}
    assert "open" not in {f.id for f in called if isinstance(f, ast.Name)}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_slow_packages_are_imported_inside_functions(path):
    top = ast.parse(path.read_text(encoding="utf-8")).body
    imported = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom) and not node.level}
    assert not {module.split(".")[0] for module in imported} & ONLY_INSIDE_FUNCTIONS


def test_no_dataframe_subclass_accessor_or_inplace():
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert "inplace=" not in text
        assert "register_dataframe_accessor" not in text
        bases = {
            ast.unparse(base)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ClassDef)
            for base in node.bases
        }
        assert not {base for base in bases if "DataFrame" in base or "Series" in base}


def test_no_class_name_stands_in_two_modules():
    names = [node.name for path in MODULES for node in ast.parse(path.read_text(encoding="utf-8")).body
             if isinstance(node, ast.ClassDef)]  # fmt: skip
    assert sorted(names) == sorted(set(names))


def test_a_class_has_one_name():
    places: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(name(path))
    assert not {of_class: found for of_class, found in places.items() if len(found) > 1}
