"""How the text of an iteration is laid out: sentences, formulas with their shapes, tables; and how numbers are written.

A line is at most as wide as a terminal, from 40 characters on.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from layerlab.text import amount

TABLES = 80
"""Formulas and tables use no more characters in a line than this."""

INDENT, UNBROKEN = "  ", "\N{NO-BREAK SPACE}"


class Formula(NamedTuple):
    """A formula, and what stands to the right of it: shapes, or the numbers put in."""

    left: str
    right: str


class Row(NamedTuple):
    """A row of a table; the cells are aligned right."""

    cells: tuple[str, ...]


Item = str | Formula | Row
"""A sentence, a formula, or a row of a table."""


def as_lines(items: Sequence[Item], width: int) -> str:
    """Return sentences, formulas and tables as lines of at most this many characters.

    Formulas that follow each other have their right sides in one column; where there is no room, below the formula.
    """
    lines: list[str] = []
    for kind, group in groupby(items, type):
        some = list(group)
        if kind is str:
            lines += [line for item in some for line in _wrapped(str(item), width)]
        elif kind is Formula:
            lines += _formulas([item for item in some if isinstance(item, Formula)], min(width, TABLES))
        else:
            lines += _table([item.cells for item in some if isinstance(item, Row)], width)
    return "\n".join(lines)


def _wrapped(text: str, width: int, first: str = "", others: str = INDENT) -> list[str]:
    """Break a text into lines, at spaces only."""
    how = {"break_long_words": False, "break_on_hyphens": False}
    lines = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=others, **how)  # type: ignore[arg-type]
    return [line.replace(UNBROKEN, " ") for line in lines]


def unbroken(text: str) -> str:
    """Return a text in which no line ends: its spaces are replaced until the lines are laid out."""
    return text.replace(" ", UNBROKEN)


def shape(n: int, m: int) -> str:
    """Write the shape of a matrix, such as (4, 400)."""
    return unbroken(f"({n}, {m})")


def _formulas(formulas: Sequence[Formula], width: int) -> Iterator[str]:
    """Yield formulas with their right sides beside them, or below if one of them would be too long."""
    column = max(len(one.left) for one in formulas) + 2
    beside = all(len(INDENT) + column + len(one.right) <= width for one in formulas)
    for left, right in formulas:
        if beside or len(INDENT) + column + len(right) <= width:
            yield f"{INDENT}{left:<{column}}{right}".replace(UNBROKEN, " ").rstrip()
            continue
        yield from _wrapped(left, width, INDENT, 3 * INDENT)
        yield from _wrapped(right, width, 3 * INDENT, 3 * INDENT)


def _table(rows: Sequence[tuple[str, ...]], width: int) -> Iterator[str]:
    """Yield the rows of a table; in a narrow terminal its columns are closer together."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    gap = "   " if len(INDENT) + sum(widths) + 3 * len(widths) <= width else "  "
    for row in rows:
        cells = (cell.rjust(own) for cell, own in zip(row, widths, strict=True))
        yield f"{INDENT}{gap.join(cells)}".rstrip()


def number(value: float | None) -> str:
    """Write a number with four digits and a minus sign; "not finite" for None, as which JSON has such a number.

    Example:
        >>> number(-0.98765), number(1.2e-7), number(0.0)
        ('−0.9877', '1.2e-07', '0')
    """
    if value is None or not math.isfinite(value):
        return "not finite"
    return amount(value + 0.0).replace("-", "−", 1) if value < 0 else amount(abs(value))


def detailed(value: float, other: float | None) -> str:
    """Write a number with so many decimals that its difference to another number shows, at most twelve.

    Example:
        >>> detailed(0.01788628, 0.01787458), detailed(0.5, 0.5)
        ('0.0178863', '0.5000')
    """
    difference = abs(value - other) if other is not None and math.isfinite(other) else 0.0
    if not math.isfinite(value) or abs(value) >= 1e6 or value == difference == 0:
        return number(value)
    places = 2 - math.floor(math.log10(difference)) if difference else 4
    if value:
        places = max(places, 3 - math.floor(math.log10(abs(value))))
    if places > 9 and abs(value) < 1e-3:
        return number(value)
    return f"{value:.{min(12, max(0, places))}f}".replace("-", "−")


def factor(value: float) -> str:
    """Write a number inside of a product or sum: in brackets if it is below 0."""
    return f"({number(value)})" if value < 0 else number(value)


def product(*factors: float) -> str:
    """Write a product with its value.

    Example:
        >>> product(0.5, -2.0)
        '0.5 × (−2) = −1'
    """
    written = " × ".join([number(factors[0]), *map(factor, factors[1:])])
    return f"{written} = {number(math.prod(factors))}"


def signed_sum(products: Sequence[Sequence[float]], others: int, rest: float) -> str:
    """Write a sum of products, and how many others there are with their sum."""
    written = " + ".join(
        " × ".join([number(a) if not k else factor(a), factor(b)]) for k, (a, b) in enumerate(products)
    )
    return f"{written} + {factor(rest)} (sum of {others} others)" if others else written


def added(values: Iterable[float]) -> float:
    """Return the exact sum of some numbers, rounded once; of numbers that overflow, what addition gives."""
    some = list(values)
    try:
        return math.fsum(some)
    except (OverflowError, ValueError):  # a sum beyond the largest number, or of −∞ and ∞
        return sum(some)
