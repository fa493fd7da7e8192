"""The measured values that docs/engine.md quotes are those in the files that the measurements left."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "engine.md"


def test_the_tables_of_the_page_on_engines_are_those_of_the_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.quoted import TABLES, with_tables

    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "python -m benchmarks.quoted writes the tables again"
    assert all(f"<!-- table {name} -->" in page for name in TABLES)


def test_a_table_with_another_value_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.quoted import with_tables

    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page.replace("| **missed** |", "| reached |", 1)) == page
