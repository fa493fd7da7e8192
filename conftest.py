"""Collects the Python examples of the pages: every ``python`` block in a Markdown file runs as a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/*.md"],
    fixtures=["in_a_folder_of_its_own"],
).pytest()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--rewrite``: write the files in tests/contract/ anew, for an intended change (see tests/snapshots.py)."""
    parser.addoption("--rewrite", action="store_true", help="write the files in tests/contract/ anew")


@pytest.fixture(scope="module")
def in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What an example writes, it writes into a folder that goes away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("pages"))
        yield
