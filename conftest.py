"""Collects the Python examples of the pages: every ``python`` block in a Markdown file runs as a test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from typing import Any

import polars  # noqa: F401 it looks once, when it is imported, for what is hidden below
import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/*.md"],
    fixtures=["in_a_cache_of_its_own", "in_a_folder_of_its_own"],
).pytest()


FOR_TESTS_ONLY = ("pandas", "pyarrow", "skops", "hypothesis", "array_api_strict")
"""What ``[dev]`` installs for the tests: who installs layerlab and copies an example has none of it."""


@pytest.fixture(scope="session", autouse=True)
def in_a_cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages and docstrings plan by the shipped speeds, whatever ``layerlab doctor --measure`` found on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
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
