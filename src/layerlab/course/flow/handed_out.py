"""The files of a new course folder as texts, in the chosen language.

    README.md              how to go on
    .gitignore             what a course in Git leaves out
    4-layers/lesson.md     a page about the chapter
    4-layers/given.py      functions that the chapter's exercises use
    4-layers/05_linear_backward.py

A start file is made here of the author's statement, of ``start.py``, and of what the line "# TODO" says.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from layerlab.course.checker.exercise import Exercise

from .words import said
from .wrapping import wrapped_lines

COLUMNS = 79
"""How wide the lines of a statement are in a start file."""

Section = Literal["Title", "Statement", "Hint 1", "Hint 2", "Hint 3", "Why", "Try"]

HINTS: tuple[Section, ...] = ("Hint 1", "Hint 2", "Hint 3")

TODO = re.compile(r"^( *)# TODO$", re.MULTILINE)

LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)([\w.-]+\.md)(?:#[^)]*)?\)")
"""A link to a page of docs/learn, which a learner's folder does not have."""

IGNORED = "__pycache__/\n.progress-*\n"


def section_of(exercise: Exercise, lang: str, name: Section) -> str:
    """Return a part of what an exercise says in a language; "" if it does not have this part."""
    head, *parts = re.split(r"^## *(.+)$", exercise.text(f"{lang}.md"), flags=re.MULTILINE)
    if name == "Title":
        return head.strip().removeprefix("#").strip()
    found: dict[str, str] = dict(zip((title.strip() for title in parts[::2]), parts[1::2], strict=True))
    return found.get(name, "").strip("\n").rstrip()


def hints(exercise: Exercise, lang: str) -> list[str]:
    """Return the hints of an exercise, from the first nudge to nearly the line."""
    return [text for name in HINTS if (text := section_of(exercise, lang, name))]


def chapter_title(exercise: Exercise, lang: str) -> str:
    """Return the heading of the lesson of an exercise's chapter; without a lesson, the name of its folder."""
    path = exercise.folder.parent / f"lesson.{lang}.md"
    first = path.read_text(encoding="utf-8").splitlines()[0] if path.exists() else ""
    return first.removeprefix("#").strip() or exercise.folder.parent.name.split("_", 1)[1].replace("_", " ")


def start_text(exercise: Exercise, lang: str) -> str:
    """Return an exercise's file as a learner gets it: the statement, the function to write, and a line to fill in."""
    statement = "\n".join(_statement_lines(section_of(exercise, lang, "Statement")))
    check = said("file.check", lang, name=exercise.file)
    words = f"{section_of(exercise, lang, 'Title')}\n\n{statement}\n\n{check}\n"
    quoted = words.replace('"""', "'''")
    opening = 'r"""' if "\\" in quoted else '"""'
    todo = said("file.todo", lang, outputs=", ".join(exercise.outputs))
    body = _in_language(exercise.text("start.py"), exercise.folder.parent, lang)
    body = TODO.sub(lambda found: f"{found[1]}# TODO: {todo}", body)
    return f'{opening}{quoted}"""\n\n{body}'


def _in_language(code: str, chapter: Path, lang: str) -> str:
    """Return code whose docstrings and comments are in a language; the chapter's ``code.ko.toml`` has the words."""
    path = chapter / f"code.{lang}.toml"
    for english, words in tomllib.loads(path.read_text(encoding="utf-8")).items() if path.exists() else ():
        code = code.replace(english, words)
    return code


def _statement_lines(statement: str) -> list[str]:
    """Return a statement in lines for a file: paragraphs are filled, formulas stay as they are."""
    lines: list[str] = []
    paragraph: list[str] = []
    for line in [*statement.split("\n"), ""]:
        if line.startswith((" ", "- ", "* ")) or not line.strip():
            lines += _filled(" ".join(paragraph)) if paragraph else []
            paragraph = []
        if line.startswith(" ") or not line.strip():
            lines.append(line.rstrip())
        else:
            paragraph.append(line.strip())
    return lines[:-1]


def _filled(paragraph: str) -> list[str]:
    """Return a paragraph in lines; an item of a list hangs on its mark."""
    mark = paragraph[:2] if paragraph[:2] in ("- ", "* ") else ""
    lines = wrapped_lines(paragraph.removeprefix(mark), COLUMNS - len(mark))
    return [(mark if number == 0 else " " * len(mark)) + line for number, line in enumerate(lines)]


def lesson_text(chapter: Path, lang: str) -> str:
    """Return the page about a chapter; links to docs/learn say where that page is."""
    path = chapter / f"lesson.{lang}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    folder = "docs/learn" if lang == "en" else f"docs/learn/{lang}"
    return LINK.sub(lambda link: f"{link[1]} (`{folder}/{link[2]}`)", text)


def readme_text(exercises: Sequence[Exercise], lang: str) -> str:
    """Return the page that says how to go on."""
    first = {exercise.folder.parent: exercise for exercise in reversed(exercises)}
    rows = [
        f"| `{Path(first[chapter].file).parent}` | {chapter_title(first[chapter], lang)} | {count} |"
        for chapter in sorted(first)
        if (count := sum(one.folder.parent == chapter for one in exercises))
    ]
    return said("readme", lang, chapters="\n".join(rows), first=exercises[0].file)


def handed_out(exercises: Sequence[Exercise], lang: str) -> dict[str, str]:
    """Return every file of a new course in a language, by its path in the course's folder."""
    texts = {"README.md": readme_text(exercises, lang), ".gitignore": IGNORED}
    for exercise in exercises:
        chapter, folder = exercise.folder.parent, Path(exercise.file).parent
        if (lesson := lesson_text(chapter, lang)) and (name := (folder / "lesson.md").as_posix()) not in texts:
            texts[name] = lesson
        given = chapter / "given.py"
        if given.exists():
            code = _in_language(given.read_text(encoding="utf-8"), chapter, lang)
            texts[(folder / "given.py").as_posix()] = code
        texts[exercise.file] = start_text(exercise, lang)
    return texts
