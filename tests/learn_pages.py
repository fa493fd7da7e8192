"""The pages of docs/learn: their blocks, and how they run.

A ``python`` block runs with what the blocks before it on its page defined. A ``console`` block has commands after a $.
A ``text`` block is what the block before it prints: its words exactly, its numbers up to two units of the last digit
that is shown; a line ``…`` stands for any number of lines.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from sybil import Example
from sybil.parsers.markdown import CodeBlockParser, SkipParser

from layerlab import TrainingWarning

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "learn"

PATTERNS = ["docs/learn/*.md", "docs/learn/ko/*.md"]

BLOCK = re.compile(
    r"(?:<!-- question: (?P<question>[\w-]+) -->\n)?^```(?P<language>\w*)\n(?P<source>.*?)^```$", re.M | re.S
)

NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d*)?(?:e[-+]?\d+)?|(?<![\w.])[-−]?\.\d+")


class Block(NamedTuple):
    """A fenced block of a page.

    Attributes:
        language: "python", "text" or "console".
        source: its lines.
        question: the name of the question that it answers; "" if none.
    """

    language: str
    source: str
    question: str


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [Block(one["language"], one["source"], one["question"] or "") for one in BLOCK.finditer(text)]


def chapters(language: str = "") -> list[Path]:
    """The pages of the chapters: in English, or in the language of a folder ("ko")."""
    return sorted((FOLDER / language).glob("[0-9]-*.md"))


def run_python(source: str, namespace: dict[str, Any], name: str = "page") -> str:
    """Run lines in a namespace, and return what they print. Warnings about a training that ends badly are no errors."""
    said = io.StringIO()
    with redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        exec(compile(source, name, "exec"), namespace)  # noqa: S102 these are our own pages
    return said.getvalue()


def run_console(source: str) -> str:
    """Run the commands of a block, and return what they print, 80 columns wide."""
    from layerlab.commands.main import main  # conftest.py, which imports this page, loads no more than it needs

    said = io.StringIO()
    for line in (line[2:] for line in source.splitlines() if line.startswith("$ ")):
        arguments = shlex.split(line, comments=True)
        assert arguments[0] == "layerlab", line
        with (
            redirect_stdout(said),
            mock.patch.object(sys, "argv", arguments),
            mock.patch.dict("os.environ", COLUMNS="80"),
        ):
            main()  # ends the process only where something went wrong
    return said.getvalue()


def numbers_of(line: str) -> list[tuple[float, float]]:
    """The numbers of a line, each with the unit of its last digit."""
    found = []
    for number in NUMBER.findall(line):
        plain = number.replace(",", "").replace("−", "-")
        digits, _, power = plain.partition("e")
        decimals = len(digits.partition(".")[2])
        found.append((float(plain), 10.0 ** (int(power or 0) - decimals)))
    return found


def words_of(line: str) -> str:
    """A line with # for each number; how far apart the words are does not matter."""
    return re.sub(r"\[ +", "[", " ".join(NUMBER.sub("#", line).split()))


def same_line(shown: str, said: str) -> bool:
    """Whether two lines have the same words, and numbers that differ by at most two units of the last digit."""
    if words_of(shown) != words_of(said):
        return False
    pairs = zip(numbers_of(shown), numbers_of(said), strict=True)
    return all(abs(a - b) <= 2.01 * max(unit, other) for (a, unit), (b, other) in pairs)


def same_text(shown: str, said: str) -> bool:
    """Whether a text shows what was printed; its line "…" stands for any number of lines."""
    wanted, lines = [[line for line in text.strip().splitlines() if line.strip()] for text in (shown, said)]
    return matches(wanted, lines)


def matches(wanted: list[str], lines: list[str]) -> bool:
    """Whether lines are those that are wanted, where "…" is any number of them."""
    if not wanted:
        return not lines
    if wanted[0].strip() == "…":
        return any(matches(wanted[1:], lines[skipped:]) for skipped in range(len(lines) + 1))
    return bool(lines) and same_line(wanted[0], lines[0]) and matches(wanted[1:], lines[1:])


def python_block(example: Example) -> None:
    """Run a python block of a page, and keep what it prints."""
    example.namespace["_said"] = run_python(example.parsed, example.namespace, example.path)


def console_block(example: Example) -> None:
    """Run a console block of a page, and keep what it prints."""
    example.namespace["_said"] = run_console(example.parsed)


def text_block(example: Example) -> None:
    """Compare a text block of a page with what the block before it printed."""
    said = example.namespace.pop("_said")
    assert same_text(example.parsed, said), f"the page shows\n{example.parsed}\nbut this was printed:\n{said}"


PARSERS = [
    CodeBlockParser("python", python_block),
    CodeBlockParser("console", console_block),
    CodeBlockParser("text", text_block),
    SkipParser(),
]
