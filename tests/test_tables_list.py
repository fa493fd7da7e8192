"""The list of the tables benchmark: no table twice, and every column that it names is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks.tables_list import LIST, MOST, Entry, entries, frame_of, split_of, table_of, usable_frame, whole_frame

ENTRIES = entries()
SEEN = [
    "mpg",
    "hedonic",
    "stocks",
    "diabetes",
    "gapminder",
    "computers",
    "diamonds",
    "retschool",
    "birthwt",
    "titanic",
    "weather",
]


def test_no_table_is_listed_twice() -> None:
    places = [(entry.source, entry.data) for entry in ENTRIES.values()]
    assert len(set(places)) == len(places)
    assert len(ENTRIES) >= 25


def test_the_tables_that_defaults_were_chosen_on_are_marked() -> None:
    assert [name for name, entry in ENTRIES.items() if entry.seen] == SEEN
    assert sum(not entry.seen for entry in ENTRIES.values()) >= 12


def test_every_task_occurs_among_the_tables_that_were_not_seen() -> None:
    assert {entry.task for entry in ENTRIES.values() if not entry.seen} == {"values", "two classes", "several classes"}


def test_every_source_is_what_the_project_says_to_install() -> None:
    versions = tomllib.loads(LIST.read_text(encoding="utf-8"))["versions"]
    project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {*project["dependencies"], *project["optional-dependencies"]["bench"]}
    assert {entry.source for entry in ENTRIES.values()} == set(versions)
    for source, version in versions.items():
        number = re.match(r"[\d.]+", version)
        assert number is not None
        assert {f"{source}=={version}", f"{source}>={number[0]}"} & wanted


@pytest.mark.parametrize("name", ENTRIES)
def test_every_column_exists_and_every_reason_is_given(name: str) -> None:
    entry = ENTRIES[name]
    frame = _or_skip(entry, whole_frame)
    named = {entry.target, *entry.without, *entry.categories, *entry.dates}
    assert named <= set(frame)
    assert entry.target not in entry.without
    assert not {*entry.categories, *entry.dates} & set(entry.without)
    assert all(len(reason) > 3 for reason in entry.without.values())


@pytest.mark.parametrize("name", ENTRIES)
def test_rows_classes_and_splits_are_as_listed(name: str) -> None:
    entry = ENTRIES[name]
    frame = _or_skip(entry, usable_frame)
    assert len(frame) == entry.rows
    table = table_of(name)
    assert len(table.y) == min(entry.rows, MOST)
    assert {*table.categories, *table.numbers} == set(table.X)
    classes = set(table.y) if entry.classifies else set()
    assert len(classes) == {"values": 0, "two classes": 2}.get(entry.task, len(classes))
    assert (entry.task == "several classes") == (len(classes) > 2)
    train, test = split_of(name, 0)
    assert sorted([*train, *test]) == list(range(len(table.y)))
    assert set(table.y[test]) == classes or not entry.classifies
    assert list(frame_of(name)) == list(frame)


def _or_skip(entry: Entry, read: Callable[[Entry], Any]) -> Any:
    try:
        return read(entry)
    except ImportError as error:
        pytest.skip(str(error))
