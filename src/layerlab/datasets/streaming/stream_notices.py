"""Notices about a file that is read in blocks."""

from __future__ import annotations

from collections.abc import Sequence

from layerlab.datasets.part import Notice

from .stream import Stream

NAMED_ROWS = 5
"""Rows that a notice names."""


def first_rows_in_words(rows: Sequence[int], count: int) -> str:
    """Numbers of the first of so many rows, in words.

    Example:
        >>> first_rows_in_words([3, 17], 4)
        'rows 3, 17, …'
    """
    named = ", ".join(f"{row:,}" for row in rows)
    return f"row{'s' * (count > 1)} {named}{', …' * (count > len(rows))}"


def stream_notice(stream: Stream, sample: int, test: int) -> Notice:
    """Say how many rows are trained on, tested on, and in the sample."""
    return Notice(
        "stream",
        "",
        f"{stream.rows:,} rows are trained on, read in blocks; {test:,} are set apart for the test; figures of the "
        f"training part come from a sample of {sample:,}",
    )
