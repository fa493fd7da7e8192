"""Lines of a given width, where a Korean letter is two columns wide, and letters that a stream cannot print."""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len

IN_ASCII = {
    "✓": "+",
    "✗": "x",
    "▸": ">",
    "·": "*",
    "•": "*",
    "█": "#",
    "░": ".",
    "─": "-",
    "−": "-",
    "–": "-",
    "—": "-",
    "→": "->",
    "←": "<-",
    "×": "x",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "√": "sqrt",
    "Σ": "sum",
    "σ": "sigma",
    "α": "alpha",
    "ε": "eps",
    "∂": "d",
    "μ": "mu",
    "∗": "*",
    "‖": "||",
    "′": "'",
    "…": "...",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}
"""What stands for a sign on a terminal that has only the letters of ASCII."""


POWER = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀˣᶻⁿᵐˡ]+")


SHAPE = re.compile(r"\([^()\s]{1,12}(?:, [^()\s]{1,12}){1,3}\)")
"""A shape such as (n, n_prev), which stays on one line."""

JOINED = "\ue000"
"""What stands for a space at which no line is broken; one column wide."""


def wrapped_lines(text: str, width: int, indent: str = "") -> list[str]:
    """Break a text into lines of a width at most; a word that is longer stays whole.

    Line ends and empty lines are kept. A line that begins with spaces, such as a formula, goes on under its beginning.
    A shape such as (n, m) is not broken, nor is a line at ``JOINED``.

    Example:
        >>> wrapped_lines("Where is it divided by m?", 14)
        ['Where is it', 'divided by m?']
    """
    lines: list[str] = []
    for line in text.split("\n"):
        margin = indent + line[: len(line) - len(line.lstrip(" "))]
        if cell_len(indent + line) <= width:
            lines.append(f"{indent}{line}".rstrip())
            continue
        current = ""
        for word in SHAPE.sub(lambda found: found[0].replace(" ", JOINED), line).split():
            if current and cell_len(f"{margin}{current} {word}") > width:
                lines.append(margin + current)
                current = word
            else:
                current = f"{current} {word}" if current else word
        lines.append(margin + current)
    return [line.replace(JOINED, " ") for line in lines]


def can_print(text: str, encoding: str | None) -> bool:
    """Return whether a stream of an encoding can print a text."""
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def fitted(text: str, encoding: str | None) -> str:
    """Write a text with the letters that a stream can print: `→` becomes `->` where there is only ASCII.

    Example:
        >>> fitted("σ(z) = 1 / (1 + e⁻ᶻ)", "ascii")
        'sigma(z) = 1 / (1 + e^-z)'
    """
    if can_print(text, encoding):
        return text
    text = POWER.sub(lambda found: found[0] if can_print(found[0], encoding) else _typed_power(found[0]), text)
    return "".join(letter if can_print(letter, encoding) else _similar(letter, encoding) for letter in text)


def _typed_power(raised: str) -> str:
    """Return a power as it is typed: `^-x` for raised letters."""
    return "^" + unicodedata.normalize("NFKD", raised).replace("−", "-")


def _similar(letter: str, encoding: str | None) -> str:
    """Return what stands for a letter that cannot be printed; a question mark where nothing is similar."""
    plain = IN_ASCII.get(letter) or unicodedata.normalize("NFKD", letter)
    kept = "".join(one for one in plain if can_print(one, encoding))
    return kept or "?"
