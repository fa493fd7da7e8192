"""Notices about a file that is read in blocks."""

from __future__ import annotations

from collections.abc import Sequence

from layerlab.datasets.part import Notice

from .stream import Stream

NAMED_ROWS = 5
"""How many rows a notice names."""


def first_rows_in_words(rows: Sequence[int], count: int) -> str:
    """Write the numbers of the first rows out of ``count``, in words.

    Example:
        >>> first_rows_in_words([3, 17], 4)
        'rows 3, 17, …'
    """
    named = ", ".join(f"{row:,}" for row in rows)
    return f"row{'s' * (count > 1)} {named}{', …' * (count > len(rows))}"


def stream_notice(stream: Stream, sample: int, test: int) -> Notice:
    """Say how many rows the training set, the test set and the sample have."""
    return Notice(
        "stream",
        "",
        f"The training set ({stream.rows:,} rows) is read in blocks; training scores are measured on a sample of "
        f"{sample:,} rows, test scores on {test:,} rows",
    )
