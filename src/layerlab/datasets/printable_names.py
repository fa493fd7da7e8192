"""Names from a user's files in a sentence: printable, shortened to the first few, and in natural order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from math import isfinite
from typing import Any

from layerlab.escapes import printable

OTHER_SPACES = "\u00a0\u2007\u2009\u202f\u3000"
"""Spaces other than the usual one: non-breaking, thin and wide ones."""

NO_WIDTH = "\u200b\u2060\ufeff"
"""Invisible characters without width."""


def usual_form(name: str) -> str:
    """Write a name in its usual form: accented letters as one character (NFC), plain spaces, no spaces around it.

    Example:
        >>> usual_form(" cafe" + chr(0x301)) == "caf" + chr(0xE9)
        True
    """
    table = dict.fromkeys(map(ord, OTHER_SPACES), " ") | dict.fromkeys(map(ord, NO_WIDTH), "")
    return unicodedata.normalize("NFC", name).translate(table).strip()


def usual_forms(names: Any) -> Any:
    """Write a name, or a list of names, in the usual form; anything else is returned unchanged, to be refused later."""
    if isinstance(names, str):
        return usual_form(names)
    return [usual_forms(name) for name in names] if isinstance(names, list | tuple) else names


def first_names(names: Sequence[str], most: int = 3) -> str:
    """Write the first of some names, and how many more there are.

    Example:
        >>> first_names(["a", "b", "c", "d"]), first_names(["a", "b"])
        ('a, b, c and 1 more', 'a, b')
    """
    return ", ".join(map(printable, names[:most])) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def natural_order(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Return a sort key for names, by which 9 comes before 10.

    Example:
        >>> sorted(["b", "a10", "a9", "10", "9"], key=natural_order)
        ['9', '10', 'a9', 'a10', 'b']
    """
    pieces = [piece for piece in re.split(r"([0-9]+)", name.casefold()) if piece]
    return [(not p.isdecimal(), int(p), "") if re.fullmatch("[0-9]+", p) else (True, 0, p) for p in pieces], name


def number_order(name: str) -> tuple[int, float, str]:
    """Return a sort key for names: numbers first, by value, then words."""
    try:
        value = float(name)
    except ValueError:
        value = float("nan")
    return (0, value, name) if isfinite(value) else (1, 0.0, name)
