"""How cells are reported: how many, what was done, and the first of them with their rows and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .table import Notice

ROWS = 20
"""Rows that a notice remembers."""

EXAMPLES = 3
"""Cells that a sentence quotes."""


class Report(NamedTuple):
    """Cells of one column that something was done to.

    Attributes:
        name: of the column.
        rows: numbers of all their rows.
        words: what the first of them said.
        became: what the first of them became; empty where they became missing.
    """

    name: str
    rows: NDArray[np.int64]
    words: Sequence[str]
    became: Sequence[str] = ()

    def notice(self, kind: str, what: str) -> Notice:
        """A notice that says ``what``, with "{s}" and "{was}" for one cell or more."""
        one = len(self.rows) == 1
        said = what.replace("{s}", "" if one else "s").replace("{was}", "was" if one else "were")
        first = f"{self.name!r}: {len(self.rows)} cell{'' if one else 's'} {'is' if one else 'are'} {said}"
        return Notice(kind, self.name, f"{first}: {self._examples()}", some_rows(self.rows))

    def _examples(self) -> str:
        said = [
            f"row {row} {shown(word)}" for row, word in zip(self.rows[:EXAMPLES].tolist(), self.words, strict=False)
        ]
        if self.became:
            said = [f"{one} as {value}" for one, value in zip(said, self.became, strict=False)]
        return ", ".join(said) + ", …" * (len(self.rows) > EXAMPLES)


def some_rows(rows: NDArray[np.int64]) -> tuple[int, ...]:
    """The first numbers, as a notice keeps them."""
    return tuple(int(row) for row in rows[:ROWS])


def said_rows(rows: NDArray[np.int64]) -> str:
    """Numbers of rows in words.

    Example:
        >>> said_rows(np.array([3])), said_rows(np.array([3, 7, 8, 9]))
        ('row 3', 'rows 3, 7, 8, …')
    """
    numbers = ", ".join(str(row) for row in rows[:EXAMPLES].tolist())
    return f"row{'s' * (len(rows) > 1)} {numbers}{', …' * (len(rows) > EXAMPLES)}"


def shown(word: str, most: int = 30) -> str:
    """A cell's words in quotation marks, cut where they are long."""
    return repr(word if len(word) <= most else word[: most - 1] + "…")
