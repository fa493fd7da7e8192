"""How cells of a column are reported: how many there are, what was done to them, and the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice

REMEMBERED_ROWS = 20
"""How many row numbers a notice remembers."""

QUOTED_CELLS = 3
"""How many cells a sentence quotes."""


class CellReport(NamedTuple):
    """Cells of one column to which something was done.

    Attributes:
        name: the column's name.
        rows: numbers of all their rows.
        words: the text of the first cells.
        became: what the first cells became; empty where they became missing.
    """

    name: str
    rows: NDArray[np.int64]
    words: Sequence[str]
    became: Sequence[str] = ()

    def notice(self, kind: str, what: str, end: str = "") -> Notice:
        """Make a notice that says ``what``, with "{a}", "{s}" and "{was}" in the singular or plural, and ``end``."""
        one = len(self.rows) == 1
        said = what.replace("{a}", "a " if one else "").replace("{s}", "" if one else "s")
        said = said.replace("{was}", "was" if one else "were")
        first = f"{self.name!r}: {len(self.rows)} cell{'' if one else 's'} {'is' if one else 'are'} {said}{end}"
        return Notice(kind, self.name, f"{first}: {self._examples()}", first_rows(self.rows))

    def _examples(self) -> str:
        """Return the first of the cells, with their rows."""
        said = [
            f"row {row} {quoted(word)}"
            for row, word in zip(self.rows[:QUOTED_CELLS].tolist(), self.words, strict=False)
        ]
        if self.became:
            said = [f"{one} as {value}" for one, value in zip(said, self.became, strict=False)]
        return ", ".join(said) + ", …" * (len(self.rows) > QUOTED_CELLS)


def first_rows(rows: NDArray[np.int64]) -> tuple[int, ...]:
    """Return the first row numbers, as many as a notice keeps."""
    return tuple(int(row) for row in rows[:REMEMBERED_ROWS])


def rows_in_words(rows: NDArray[np.int64]) -> str:
    """Write row numbers in words, only the first of many.

    Example:
        >>> rows_in_words(np.array([3])), rows_in_words(np.array([3, 7, 8, 9]))
        ('row 3', 'rows 3, 7, 8, …')
    """
    numbers = ", ".join(str(row) for row in rows[:QUOTED_CELLS].tolist())
    return f"row{'s' * (len(rows) > 1)} {numbers}{', …' * (len(rows) > QUOTED_CELLS)}"


def quoted(word: str, most: int = 30) -> str:
    """Return the text of a cell in quotation marks, cut off where it is long."""
    return repr(word if len(word) <= most else word[: most - 1] + "…")
