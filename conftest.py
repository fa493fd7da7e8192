"""For all tests: how many processes share them, what plain ``pytest`` leaves out, and the examples of the pages.

Every ``python`` block in a Markdown file runs as a test. On the pages of docs/learn, commands run too, and what is
printed is compared with what the pages show (``tests/learn_pages.py``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import learn_pages
import polars  # noqa: F401 it looks once, when it is imported, for what is hidden below
import pytest
from caches import empty_cache
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

FIXTURES = ["in_a_cache_of_its_own", "in_a_folder_of_its_own"]

pages = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/*.md"],
    excludes=learn_pages.PATTERNS,
    fixtures=FIXTURES,
)
learn = Sybil(parsers=learn_pages.PARSERS, patterns=learn_pages.PATTERNS, fixtures=FIXTURES)
pytest_collect_file = (pages + learn).pytest()


UNOPTIMISED = "--xla_backend_optimization_level=0"
"""Most tests run a program for less time than it takes to compile. Without LLVM's optimisations, files that compile
much need a quarter less; with the mark "processes" programs are compiled as they are for users."""


def pytest_configure(config: pytest.Config) -> None:
    """Compile quickly where programs run briefly; jax reads this when it is imported."""
    flags = os.environ.get("XLA_FLAGS", "")
    if config.getoption("markexpr") == "not processes" and UNOPTIMISED not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {UNOPTIMISED}".strip()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--rewrite``: write the files in tests/contract/ anew, for an intended change (see tests/snapshots.py)."""
    parser.addoption("--rewrite", action="store_true", help="write the files in tests/contract/ anew")


MOST_PROCESSES = 4
"""Processes that ``-n auto`` starts at most: each of them loads jax, scikit-learn and matplotlib, about 1 GB."""

LEFT_OUT = pytest.StashKey[list[int]]()
"""How many tests that start processes were left out, one number for each process that collected."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process a core, but no more than there are files to share; one file runs in this process.

    Several processes multiply matrices on one thread each: OpenBLAS's threads wait for each other, which takes many
    times as long where the cores have other work.
    """
    named = [Path(str(argument).split("::")[0]) for argument in config.args]
    files = len(set(named)) if all(path.is_file() for path in named) else MOST_PROCESSES
    number = min(files, MOST_PROCESSES, os.cpu_count() or 1)
    if number > 1:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the processes inherit it
    return number if number > 1 else 0


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark the page whose examples start a cluster."""
    for item in items:
        if item.path.name == "cluster.md":
            item.add_marker("processes")


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what ``-m "not processes"`` leaves out, in the process that collects."""
    if items:
        left_out = sum(item.get_closest_marker("processes") is not None for item in items)
        config = items[0].config
        config.stash.setdefault(LEFT_OUT, []).append(left_out)
        if hasattr(config, "workeroutput"):
            config.workeroutput["left_out"] = left_out


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a process of pytest-xdist what it left out; each of them collects all tests."""
    if count := getattr(node, "workeroutput", {}).get("left_out"):
        node.config.stash.setdefault(LEFT_OUT, []).append(count)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was left out, and how to run it."""
    if count := max(config.stash.get(LEFT_OUT, [0])):
        terminalreporter.write_line(
            f"left out: {count} test{'s' * (count > 1)} that start other processes; some minutes: pytest -m processes"
        )


FOR_TESTS_ONLY = ("pandas", "pyarrow", "skops", "hypothesis", "array_api_strict")
"""What ``[dev]`` installs for the tests: who installs layerlab and copies an example has none of it."""


@pytest.fixture(scope="session")
def kept_for_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what takes seconds to make and is always the same, shared by all processes of a run of the tests."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    for name in ("matplotlib", "programs"):
        (folder / name).mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def in_a_cache_of_its_own(tmp_path_factory: pytest.TempPathFactory, kept_for_the_run: Path) -> Iterator[None]:
    """Pages and docstrings plan by the shipped speeds, whatever ``layerlab doctor --measure`` found on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        empty_cache(patch, tmp_path_factory.mktemp("cache") / "of_pages", kept_for_the_run)
        yield


@pytest.fixture(scope="module")
def in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What an example writes, it writes into a folder that goes away; and it finds what layerlab installs."""
    find = PathFinder.find_spec

    def found(name: str, *others: Any) -> Any:
        return None if name.split(".")[0] in FOR_TESTS_ONLY else find(name, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("pages"))
        patch.setattr(PathFinder, "find_spec", found)
        for name in [name for name in sys.modules if name.split(".")[0] in FOR_TESTS_ONLY]:
            patch.delitem(sys.modules, name)
        yield
