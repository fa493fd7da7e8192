"""The layout of a text table: its quotation marks, separators and line ends, found in one pass over the bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SCANNED_BYTES = 1 << 24
"""Bytes that are scanned at a time."""

QUOTE, LINE_END, RETURN = b'"'[0], b"\n"[0], b"\r"[0]


@dataclass(frozen=True)
class CsvLayout:
    """Where the rows of a text end, and how many fields they have.

    Attributes:
        ends: (r,) the position after each row's last byte; the header is the first row.
        fields: (r,) number of fields in each row.
        blank: (r,) whether a row is empty.
        open_quote: whether a quotation mark is never closed.
    """

    ends: NDArray[np.int64]
    fields: NDArray[np.int64]
    blank: NDArray[np.bool_]
    open_quote: bool


def csv_layout(data: bytes, separator: str) -> CsvLayout:
    """Find where rows end and how many fields they have, ignoring what is inside quotation marks."""
    octets = np.frombuffer(data, np.uint8)
    ends, marks, quoted = [], [], 0
    for start in range(0, len(octets), SCANNED_BYTES):
        block = octets[start : start + SCANNED_BYTES]
        outside, quoted = _outside(block, quoted)
        breaks = np.flatnonzero((block == LINE_END) & outside)
        separators = np.flatnonzero((block == ord(separator)) & outside)
        ends.append(breaks + start)
        marks.append((len(separators), np.searchsorted(separators, breaks)))
    if octets.size and (octets[-1] != LINE_END or quoted):
        ends.append(np.array([octets.size]))
        marks.append((0, np.zeros(1, np.int64)))
    # Separators before each line end, over all blocks; the differences between two ends are those within a row.
    before = np.cumsum([0, *(total for total, _ in marks)])
    up_to = [count + places for count, (_, places) in zip(before, marks, strict=False)]
    all_ends = np.concatenate(ends) if ends else np.zeros(0, np.int64)
    counts = np.diff(np.concatenate(up_to), prepend=0) if up_to else np.zeros(0, np.int64)
    return CsvLayout(all_ends, counts + 1, _blank(octets, all_ends), bool(quoted))


def _outside(block: NDArray[np.uint8], quoted: int) -> tuple[NDArray[np.bool_] | bool, int]:
    """Return which bytes lie outside quotation marks, and whether the block ends inside them."""
    quotes = block == QUOTE
    if not quotes.any():
        return (quoted == 0), quoted
    # A byte is inside quotation marks if an odd number of them stands before it; a doubled mark changes nothing.
    inside = np.logical_xor.accumulate(quotes) ^ bool(quoted)
    return ~inside, int(inside[-1])


def _blank(octets: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which rows are empty, but for a carriage return."""
    length = np.diff(ends, prepend=-1) - 1
    first = octets[np.minimum(ends - length, max(octets.size - 1, 0))]
    blank: NDArray[np.bool_] = (length == 0) | ((length == 1) & (first == RETURN))
    return blank
