"""The rules of the house (ARCHITECTURE.md has them), kept by a machine: floors, no circle, sizes, one name a thing.

Imports are read as text, those inside functions and those for types counted. Exceptions are the short lists below.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"
TOP = SRC / "layerlab"

FLOORS = (
    ("escapes",),
    ("errors", "text", "machine", "views"),
    ("console",),
    ("formulas", "settings"),
    ("network", "typed_options"),
    ("datasets",),
    ("runs",),
    ("training",),
    ("evaluating", "sklearn"),
    ("tuning", "plots"),
    ("notes", "reporting"),
    ("lab", "course"),
    ("",),  # the door
    ("commands",),
    ("__main__",),
)
"""What lies at the top of src/layerlab, from the ground up: a file imports from its own room and from floors below."""

LONGEST_FILE, LONGEST_BODY = 400, 50
"""Lines of a file, and of a function's body without its signature and docstring."""

NOT_YET: set[str] = set()
"""Rooms of the plan that are not built."""

EXERCISES = TOP / "course" / "exercises"
"""Solutions of learners, right and wrong, which are data."""

IMPORT_BY_NAME = {"__init__.py", "views.py"}
"""Files at the top that may import by a string: they hand out what lies on floors above them."""


@cache
def files() -> dict[str, tuple[Path, ast.Module]]:
    """Every file of the package by its module's name."""
    found = {}
    for path in sorted(TOP.rglob("*.py")):
        if EXERCISES in path.parents:
            continue
        name = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        found[name] = (path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def imported(module: str) -> Iterator[str]:
    """The package's modules that one imports, anywhere in its file."""
    path, tree = files()[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in files())
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                child = f"{origin}.{alias.name}"
                if child in files():
                    yield child
                elif origin in files():
                    yield origin


@cache
def arrows() -> dict[str, set[str]]:
    return {module: set(imported(module)) - {module} for module in files()}


def room(module: str) -> str:
    """What lies at the top that a module belongs to; "" for the door."""
    return module.split(".")[1] if "." in module else ""


def test_no_file_imports_itself_in_a_circle() -> None:
    try:
        TopologicalSorter(arrows()).prepare()
    except CycleError as circle:
        raise AssertionError(f"a circle: {' → '.join(circle.args[1])}") from None


def test_no_circle_among_the_children_of_a_folder() -> None:
    for folder in [module for module, (path, _) in files().items() if path.name == "__init__.py" and "." in module]:
        depth = folder.count(".") + 1
        inside = [module for module in files() if module.startswith(f"{folder}.")]
        children: dict[str, set[str]] = {}
        for module in inside:
            child = module.split(".")[depth]
            others = {other.split(".")[depth] for other in arrows()[module] if other in inside}
            children.setdefault(child, set()).update(others - {child})
        try:
            TopologicalSorter(children).prepare()
        except CycleError as circle:
            raise AssertionError(f"a circle among the children of {folder}: {' → '.join(circle.args[1])}") from None


def test_no_arrow_runs_up() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    up = [
        f"{module} → {other}"
        for module, others in arrows().items()
        for other in sorted(others)
        if room(module) != room(other) and floor[room(other)] >= floor[room(module)]
    ]
    assert not up


def test_formulas_import_errors_and_numpy_alone() -> None:
    for module, (_, tree) in files().items():
        if room(module) != "formulas":
            continue
        assert {room(other) for other in arrows()[module]} <= {"errors", "formulas"}, module
        outside = {
            name
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and not node.level
                else []
            )
            if not name.startswith("layerlab")
        }
        assert {name.split(".")[0] for name in outside} <= {*sys.stdlib_module_names, "numpy"}, module


def test_what_lies_at_the_top_is_what_the_plan_says() -> None:
    there = {path.stem for path in TOP.iterdir() if path.name != "__pycache__" and path.suffix in ("", ".py")}
    planned = {name for names in FLOORS for name in names if name}
    assert there == planned - NOT_YET | {"__init__"}


def test_no_file_is_named_like_a_test() -> None:
    for path, _ in files().values():
        assert not path.stem.startswith("test_"), path
        assert not path.stem.endswith("_test"), path


def test_only_the_door_and_views_import_by_a_string() -> None:
    for path, tree in files().values():
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if path.parent != TOP or path.name not in IMPORT_BY_NAME:
            assert not names & {"import_module", "__import__"}, path


def test_no_file_and_no_function_is_long() -> None:
    long = []
    for module, (path, tree) in files().items():
        lines = path.read_text(encoding="utf-8").count("\n")
        long += [f"{module}: {lines} lines"] if lines > LONGEST_FILE else []
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[ast.get_docstring(node) is not None :]
                size = node.end_lineno - first[0].lineno + 1 if first and node.end_lineno else 0
                long += [f"{module}.{node.name}: {size} lines"] if size > LONGEST_BODY else []
    assert not long


def test_no_private_name_is_imported_from_another_file() -> None:
    private = [
        f"{module}: {alias.name}"
        for module, (_, tree) in files().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("layerlab"))
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert not private


def test_a_public_name_has_one_definition() -> None:
    """Notes, plots and commands aside: the notes' own words, the picture of a thing, the command that does it."""
    counts: Counter[str] = Counter()
    for module, (_, tree) in files().items():
        if room(module) in ("notes", "plots", "commands"):
            continue
        counts.update(
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        )
    assert not {name: n for name, n in counts.items() if n > 1}
