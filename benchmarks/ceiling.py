"""What the machine can do at most: matrix products by NumPy on all cores, and copying.

``python -m benchmarks.ceiling`` is a process of its own, so that its memory and its threads are nobody else's.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import numpy as np

from .material import Turn, Work, facts

SIDE = 2048
"""Rows and columns of the matrices that are multiplied."""

COPIED = 1 << 28
"""Bytes that are copied at a time: more than caches hold."""


def product_rate(dtype: str, repeats: int = 3) -> float:
    """Floating-point operations a second of a large matrix product; the fastest of some."""
    random = np.random.RandomState(0)
    A, B = (random.random_sample((SIDE, SIDE)).astype(dtype) for _ in range(2))
    out = np.empty_like(A)
    return 2.0 * SIDE**3 / _fastest(lambda: np.matmul(A, B, out=out), repeats)


def copy_rate(repeats: int = 5) -> float:
    """Bytes a second, read and written, of copying memory by as many threads as there are cores."""
    cores = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
    source, target = np.ones(COPIED, np.uint8), np.zeros(COPIED, np.uint8)
    pieces = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    with ThreadPoolExecutor(cores) as pool:
        return 2.0 * COPIED / _fastest(lambda: list(pool.map(lambda piece: np.copyto(*piece), pieces)), repeats)


def _fastest(work: Any, repeats: int) -> float:
    times = []
    for _ in range(repeats + 1):  # the first one warms up; it is never the fastest
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return min(times)


def prepare(work: Work) -> Turn:
    """The products of one update as a contender: the time that they take at the ceiling."""

    def turn() -> dict[str, Any]:
        begun = perf_counter()
        rate = product_rate(work.row.dtype)
        seconds = perf_counter() - begun
        updates = work.row.product_operations(len(work.material.X)) / rate
        how = f"{rate / 1e9:.0f} GFLOP/s"
        return facts(seconds=seconds, updates=updates, iterations=1, checked=[], last=[], stages={}, how=how)

    return turn


def main() -> None:
    """Measure and print as JSON."""
    rates = {f"product_{dtype}": product_rate(dtype) for dtype in ("float64", "float32")}
    print(json.dumps({**rates, "copy": copy_rate()}))


if __name__ == "__main__":
    main()
