"""The ``--help`` page of every command, compared with tests/contract/help_pages.json.

The pages are printed so wide that nothing is wrapped, and boxes and runs of spaces are taken out: what is compared
are the options, their metavars, defaults and sentences, not how a version of Typer or Rich draws them.
"""

from __future__ import annotations

import re

import pytest
from command import Say
from snapshots import Snapshots

from layerlab.commands.main import parser

COMMANDS = (
    *("", "compare", "train", "step", "sweep", "rate", "search", "report", "predict", "explain", "export", "doctor"),
    *("lab", "data", "data list", "data describe", "data fetch"),
    *("learn", "learn new", "learn list", "learn check", "learn hint", "learn solution", "learn reset"),
    *("learn doctor", "learn export-results", "learn dev", "learn dev check"),
)
TYPES = {"<str>": "TEXT", "<int>": "INTEGER", "<float>": "FLOAT", "<path>": "PATH", "<int range>": "INTEGER RANGE"}
"""How newer versions of Typer write the type of a value, and how older ones do."""


def one_way(line: str) -> str:
    """A line as every version of Typer means it."""
    line = line.removeprefix("* ")  # what is required
    if line.startswith("Usage:"):
        return re.sub(r"[\[\]{}]|\.\.\.", "", line)
    for new, old in TYPES.items():
        line = line.replace(f" {new} ", f" {old} ")
    return line.replace(" <bool> ", " ").replace(" [default: None]", "")


def lines(page: str) -> list[str]:
    """The sentences and options of a page, one line for each."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", page)
    spaced = [" ".join(re.sub(r"[\u2500-\u257f]", " ", line).split()) for line in plain.splitlines()]
    found = [one_way(line) for line in spaced if line]
    if "Arguments" in found:  # whose names the first line has; versions fill two columns otherwise
        first, end = found.index("Arguments") + 1, found.index("Options")
        found[first:end] = [" ".join(line.split()[2:]) for line in found[first:end]]
    return found


def test_help_pages_are_kept(say: Say, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "2000")
    pages = {}
    for command in COMMANDS:
        said = say(*command.split(), "--help")
        assert said.status == 0
        pages[f"layerlab {command}".strip()] = lines(said.out)
    snapshots.check("help_pages.json", pages)


def test_every_command_has_a_page(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    for group in ("", "data", "learn", "learn dev"):
        page = lines(say(*group.split(), "--help").out)
        named = [line.split()[0] for line in page[page.index("Commands") + 1 :] if not line.startswith("Exit status")]
        assert {f"{group} {name}".strip() for name in named} <= set(COMMANDS)


def test_every_page_of_a_command_has_an_example_that_can_be_typed(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sentence says what the command gives; the line after it is an example that the parser understands."""
    monkeypatch.setenv("COLUMNS", "2000")
    groups = "", "data", "learn dev"
    for command in COMMANDS:
        if command in groups:
            continue
        usage, sentence, example, *_ = lines(say(*command.split(), "--help").out)
        assert sentence.endswith("."), usage
        assert example.startswith(f"Example: layerlab {command}"), usage
        called = parser()
        for name in command.split():
            called = called.commands[name]
        called.make_context(command, example.removeprefix(f"Example: layerlab {command}").split())
