"""Text that is safe to print: control characters, which names in files may contain, become visible escapes."""

from __future__ import annotations

import json
from unicodedata import category


def printable(text: str) -> str:
    r"""Write a text in one line that cannot control a terminal: each unprintable character becomes an escape.

    These are the characters that ``repr`` escapes, except for unusual spaces: control characters, line ends, marks that
    change the direction of writing, and lone surrogates.

    Example:
        >>> printable("red: \x1b[31m")
        'red: \\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if _is_harmless(c) else c.encode("unicode_escape").decode() for c in text)


def _is_harmless(character: str) -> bool:
    """Return whether a character is printed as it is: letters, signs, and spaces of every width."""
    return character.isprintable() or category(character) == "Zs"


def printable_lines(text: str) -> str:
    """Write a text of several lines as ``printable`` does, but keep its line ends."""
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def escaped_json(text: str) -> str:
    """Replace each unprintable character of a JSON text, except line ends, by JSON's own escape.

    The JSON means the same, but it cannot control a terminal. A lone surrogate, which UTF-8 cannot hold, can be read
    back.
    """
    return "\n".join(
        line if line.isprintable() else "".join(c if _is_harmless(c) else json.dumps(c)[1:-1] for c in line)
        for line in text.split("\n")
    )
