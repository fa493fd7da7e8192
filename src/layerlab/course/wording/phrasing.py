"""The words of one language, and how names, shapes, numbers and whole messages are written in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

LANGUAGES = ("en", "ko")
"""The languages that the course speaks."""

LONGEST = 90
"""Characters of a piece of code or of Python's own words that a message quotes."""


class Words(NamedTuple):
    """A finding in words.

    Attributes:
        message: one to three lines: where and what, the proof, what it means.
        question: one question, which leads on and does not give the answer.
    """

    message: str
    question: str


@dataclass(frozen=True)
class Language:
    """The words of one language, by section and key."""

    sections: Mapping[str, Mapping[str, Any]]

    def phrase(self, key: str, **fields: object) -> str:
        """A short phrase with its fields filled in."""
        text: str = self.sections["phrases"][key]
        return text.format_map(fields)

    def term(self, section: str, key: str) -> str:
        """What something is called: a function, a type, a warning; the key itself where there is no word."""
        return str(self.sections[section].get(key, key))

    def names(self, names: Sequence[str]) -> str:
        """A list of names: "dW1, db1 and dW2"; of more than four, the first three and how many more."""
        if len(names) > 4:
            return self.phrase("more", names=self.phrase("comma").join(names[:3]), count=len(names) - 3)
        if len(names) < 2:
            return "".join(names)
        return self.phrase("comma").join(names[:-1]) + self.phrase("and") + names[-1]

    def shape(self, shape: Sequence[int] | None) -> str:
        """A shape as NumPy writes it: "(3,)", and in words that () is one number."""
        if shape is None:
            return "?"
        return str(tuple(shape)) if shape else self.phrase("one number")


@cache
def language(name: str) -> Language:
    """Read the words of one language.

    Raises:
        ValueError: the course does not speak it.
    """
    if name not in LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(LANGUAGES)}, not {name!r}")
    path = Path(__file__).with_name(f"{name}.toml")
    return Language(tomllib.loads(path.read_text(encoding="utf-8")))


def shortened(text: object) -> str:
    """A piece of code, or Python's own words, on one line and of bounded length."""
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def digits(value: object) -> str:
    """A number with at most four digits, and a real minus sign."""
    return f"{float(str(value)):.4g}".replace("-", "−")


@dataclass
class Topic:
    """The words that a finding takes: a fact, a meaning and a question, with what fills them in.

    Attributes:
        language: that it is said in.
        section: of the language's words.
        key: in that section.
        line: of the learner's file, if it has a place.
        fields: what the words name.
        between: lines that stand between fact and meaning.
        instead: lines in place of the meaning.
    """

    language: Language
    section: str
    key: str
    line: int | None
    fields: dict[str, object]
    between: list[str] = field(default_factory=list)
    instead: list[str] = field(default_factory=list)
    after: str = ""

    def words(self) -> Words:
        """The message, its lines joined, and the question."""
        _, meaning, question = (text.format_map(self.fields) for text in self._texts)
        lines = [self._placed(), *self.between, *(self.instead or [meaning])]
        message = "\n".join(lines[:3])
        return Words(message.replace("….", "…").replace("?.", "?"), question)

    def fact(self) -> str:
        """The fact alone, without its place."""
        return self._texts[0].format_map(self.fields).rstrip(".")

    @property
    def _texts(self) -> list[str]:
        texts: list[str] = self.language.sections[self.section][self.key]
        return texts

    def _placed(self) -> str:
        """The fact with its place, as a sentence."""
        template = self._texts[0]
        fact = template.format_map(self.fields).rstrip(".") + self.after
        if self.line is not None:
            return self.language.phrase("line", line=self.line, fact=fact)
        if not template.startswith("{"):
            fact = fact[0].upper() + fact[1:]
        return self.language.phrase("no line", fact=fact)
