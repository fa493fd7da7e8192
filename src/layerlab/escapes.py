"""What would steer a terminal, written as an escape: names in files, and words of libraries, may hold it."""

from __future__ import annotations

import json
from unicodedata import category


def printable(text: str) -> str:
    r"""Write a text in one line that steers no terminal: what cannot be printed becomes an escape.

    That is what ``repr`` escapes, other spaces than the usual one apart: control characters, line ends, marks that turn
    the direction of writing, lone surrogates.

    Example:
        >>> printable("red: \x1b[31m")
        'red: \\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if _is_harmless(c) else c.encode("unicode_escape").decode() for c in text)


def _is_harmless(character: str) -> bool:
    """Whether a character is printed as itself: letters, signs, spaces of every width."""
    return character.isprintable() or category(character) == "Zs"


def printable_lines(text: str) -> str:
    """Write a text of several lines as ``printable`` writes one: its line ends stay."""
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def escaped_json(text: str) -> str:
    """Write what cannot be printed in a JSON text, its line ends apart, as JSON's own escapes: it means the same.

    So it steers no terminal, and a lone surrogate, which UTF-8 cannot hold, is read back as it was.
    """
    return "\n".join(
        line if line.isprintable() else "".join(c if _is_harmless(c) else json.dumps(c)[1:-1] for c in line)
        for line in text.split("\n")
    )
