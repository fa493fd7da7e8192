"""Choose the rows of the test set and of the sample by a hash of each row's number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .stream import MIB

Hashes = NDArray[np.uint64]

MOST_SAMPLE_ROWS = 50_000
"""The test set and the sample have at most this many rows: the interval of an accuracy on them is at most ±0.5 %."""

SAMPLE_SHARE = 0.25
"""Test set and sample may each take this share of the memory."""

HASHED_ROWS = 1 << 20
"""How many rows are hashed at a time."""


class ChosenRows(NamedTuple):
    """The largest hash of a test row, and the largest hash of a row of the sample."""

    seed: int
    test: np.uint64
    sample: np.uint64

    def parts(self, start: int, stop: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each row from ``start`` to ``stop`` (from 0) is a test row, and whether it is in the sample."""
        hashed = hashes(self.seed, start, stop)
        test = hashed <= self.test
        return test, (hashed <= self.sample) & ~test


def choose_rows(rows: int, columns: int, share: float, seed: int, memory_mib: float) -> ChosenRows:
    """Choose a share of the rows for the test set, and other rows for the sample, as many as memory allows.

    Both have at most ``MOST_SAMPLE_ROWS`` rows.

    Args:
        rows, columns: size of the file.
        share: share of the rows for the test set.
        seed: seed of the hash.
        memory_mib: MiB for the stream.
    """
    most = max(1, min(MOST_SAMPLE_ROWS, int(MIB * memory_mib * SAMPLE_SHARE / (8 * columns))))
    test = max(1, min(most, round(share * rows)))
    lowest = _lowest(rows, min(rows, test + most), seed)
    return ChosenRows(seed, lowest[test - 1], lowest[-1])


def _lowest(rows: int, count: int, seed: int) -> Hashes:
    """Return the ``count`` lowest hashes of all rows, in ascending order; no two are equal."""
    kept: Hashes = np.empty(0, np.uint64)
    for start in range(0, rows, HASHED_ROWS):
        hashed = hashes(seed, start, min(rows, start + HASHED_ROWS))
        if len(kept) == count:
            hashed = hashed[hashed < kept.max()]
        kept = np.concatenate([kept, hashed])
        if len(kept) > count:
            kept = np.partition(kept, count - 1)[:count]
    return np.sort(kept)


def hashes(seed: int, start: int, stop: int) -> Hashes:
    """A hash of each row's number, (stop − start,), one to one: SplitMix64's finalizer (Steele, Lea & Flood 2014)."""
    z = np.arange(start, stop, dtype=np.uint64) + np.uint64(1)
    z *= np.uint64(0x9E3779B97F4A7C15)
    z ^= np.uint64(_mixed(seed))
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def _mixed(seed: int) -> int:
    """Mix the bits of a seed, so that similar seeds differ much."""
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
