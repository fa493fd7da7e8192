"""What plain English means here, so that a machine can count it: the terms to write, and the length of sentences.

``python tests/plain_words.py README.md docs screens`` lists what it finds in these files and folders: words of the left
column of ``TERMS``, and for each file the number of sentences, their mean length and the longest.
"""

from __future__ import annotations

import ast
import html
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LONGEST, MEAN = 35, 18
"""Words of a sentence at most, and below this on average."""

TERMS: dict[str, str] = {
    r"\b(training|test|validation)['’]? parts?\b": "training set, test set, validation set",
    r"\bparts? on\b|\bparted\b|\bthey part\b": "disagree on",
    r"\bdealt\b|\bdeals? (all|the|out|them|examples|rows)\b": "split, split at random",
    r"\btold by\b|\bis told\b|\bare told\b|\bwas told\b|\bwere told\b": "predicted from; shown, reported",
    r"\b(was|were|is|are|been) given up\b|[,\d] given up\b|\bgives? up (the|a|hopeless|trials)\b": "pruned",
    r"\bless the (median|mean)\b": "minus the median, minus the mean",
    r"\bcommonest\b|\bmost frequent class(es)?\b|\bmost common class\b": "majority class",
    r"\bcounted (where|on|for)\b": "measured on",
    r"\bhardly chance\b|\bmay be chance\b": "probably a real difference; can be luck",
    r"\bnats\b": "cross-entropy, per example",
    r"\bvermill?ion\b": "orange",
    r"\b(trained|training|networks?|task|models?|runs?|tables?) of values\b|\bnetworks? on values\b": "regression",
    r"\bre-?drawn splits?\b|\bredrawn\b": "random splits",
}
"""What is not written, as a pattern, and what is written in its place (one thing, one name)."""

NOTES = re.compile(r"(?<!course )\bthe notes\b(?! of the Deep Learning)", re.IGNORECASE)
"""Which notes they are is said at first use: those of the Deep Learning Specialization's first course."""

COURSE = "Deep Learning Specialization"

RATE = re.compile(
    r"(?<![-_=\w.])(?:(?P<before>[\w-]+)[\s_]+)?[\"'*]*\b(?<!`)(?<!− )rates?\b"
    r"(?![\w, ]*: )(?! (DATA|digits|flower|cats|of (learning|error)))",
    re.IGNORECASE,
)
RATES = {
    *("learning", "error", "base", "positive", "negative", "dropout", "false", "true", "layerlab", "misclassification"),
    *("frame", "sampling", "success", "discovery", "detection", "rejection", "convergence", "hit", "command"),
}
"""Words before "rate" that say which one it is."""

FIGURE = re.compile(r"(?<![\w.`/_])figures?\b(?![\w./_=(:])")
"""A number is no figure. Pictures that matplotlib draws are, where a file speaks of them."""

DRAWING = ("plots", "reporting", "notes")
"""Folders whose files speak of pictures."""


class Found(NamedTuple):
    """A place where another term should stand.

    Attributes:
        line: of the file.
        words: what stands there.
        better: what should.
    """

    line: int
    words: str
    better: str


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Comments and strings of more than one word, docstrings among them, with the lines where they begin."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


def wrong_terms(text: str, line: int = 1, *, pictures: bool = False, course: bool = True) -> Iterator[Found]:
    """Terms of the left column in a text.

    Args:
        text: of a page, or a string or comment of a program.
        line: of the file in which it begins.
        pictures: whether a figure may be a picture.
        course: whether the file says which notes "the notes" are.
    """
    found = [
        (match, better) for pattern, better in TERMS.items() for match in re.finditer(pattern, text, re.IGNORECASE)
    ]
    rates = (match for match in RATE.finditer(text) if (match["before"] or "").lower() not in RATES)
    found += [(match, "learning rate, if it is one") for match in rates]
    found += [] if pictures else [(match, "value, score, metric") for match in FIGURE.finditer(text)]
    found += [] if course else [(match, f"the notes of the {COURSE}'s first course") for match in NOTES.finditer(text)]
    for match, better in found:
        yield Found(line + text.count("\n", 0, match.start()), match[0], better)


def wrong_terms_in(path: Path) -> Iterator[Found]:
    """Terms of the left column in a page, or in the comments and strings of a program."""
    source = path.read_text(encoding="utf-8")
    course = COURSE in source
    if path.suffix != ".py":
        yield from wrong_terms(without_code(source), course=course)
        return
    for line, text in texts_of(source):
        yield from wrong_terms(text, line, pictures=bool(set(DRAWING) & set(path.parts)), course=course)


def without_code(markdown: str) -> str:
    """A page of Markdown without its blocks of code, each of which leaves as many empty lines."""
    code = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
    return code.sub(lambda found: "\n" * found[0].count("\n"), markdown)


def prose(markdown: str) -> str:
    """What a page of Markdown says in sentences: without code, tables, comments and pictures."""
    text = re.sub(r"<!--.*?-->", "", without_code(markdown), flags=re.DOTALL)
    text = re.sub(r"^( {4}|\t).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^ *\|.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`[^`\n]*(\n[^`\n]*)?`", "code", text)
    return re.sub(r"^#+ .*$|^ *[-*•] |^ *\d+\. ", "\n\n", text, flags=re.MULTILINE)


def page_prose(page: str) -> str:
    """What a page of HTML says in sentences: its paragraphs, items and captions, without pictures and tables' cells."""
    text = re.sub(r"<(style|svg|script|pre|code|td|th)\b.*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(
        r"</?(p|li|h\d|caption|figcaption|section|div|ul|tr|table|body|title|summary|details)\b[^>]*>", "\n\n", text
    )
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def screen_prose(screen: str) -> str:
    """What a screen says in sentences, without tables and commands; it was printed so wide that nothing is wrapped."""
    lines = [
        line
        for line in screen.splitlines()
        if "  " not in line.strip() and not line.startswith(("$", "[exit", "  ", "│"))
    ]
    lines = [re.sub(r"^[•!→…] ?|^layerlab: |^\w[\w ]{0,20}: ", "", line) for line in lines]
    return "\n\n".join(re.sub(r"layerlab [a-z].*$", "code", line) for line in lines)


def sentences(text: str) -> list[str]:
    """Split prose into sentences; one of fewer than three words is a label."""
    pieces: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        whole = " ".join(paragraph.split())
        pieces += re.split(r"(?<=[.!?])[\"”)’]*\s+(?=[^a-z])|(?<=[:;])\s+(?=[•])", whole)
    return [piece for piece in pieces if len(words(piece)) >= 3]


def words(sentence: str) -> list[str]:
    """The words of a sentence; a number with its unit is one."""
    joined = re.sub(r"(\d) (%|s|ms|MiB|GB|MB|kB|points?)\b", r"\1\2", sentence)
    return [word for word in joined.split() if re.search(r"\w", word)]


def prose_of(path: Path) -> str:
    """The sentences of a file by its ending: Markdown, HTML, or a screen as text."""
    text = path.read_text(encoding="utf-8")
    return {".md": prose, ".html": page_prose}.get(path.suffix, screen_prose)(text)


def main(places: list[str]) -> None:
    """List wrong terms and the lengths of sentences."""
    paths = [file for place in map(Path, places) for file in (sorted(place.rglob("*")) if place.is_dir() else [place])]
    n = total = 0
    for path in (path for path in paths if path.suffix in (".py", ".md", ".txt", ".html")):
        for found in wrong_terms_in(path):
            print(f"{path}:{found.line}: {found.words!r}: {found.better}")
        if path.suffix == ".py":
            continue
        lengths = [(len(words(sentence)), sentence) for sentence in sentences(prose_of(path))]
        for length, sentence in lengths:
            if length > LONGEST:
                print(f"{path}: {length} words: {sentence}")
        n, total = n + len(lengths), total + sum(length for length, _ in lengths)
        if lengths:
            print(f"{path}: {len(lengths)} sentences, {sum(x for x, _ in lengths) / len(lengths):.1f} words on average")
    if n:
        print(f"all: {n} sentences, {total / n:.1f} words on average")


if __name__ == "__main__":
    main(sys.argv[1:])
