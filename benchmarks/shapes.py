"""The matrix products of an update as a contender, at their own sizes: some networks on each core, by NumPy.

Large products run faster than small ones. So this says how near an update is to what its own products take at least,
and ``ceiling`` what they would take at the speed of large ones.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import ceil
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from .material import Turn, Work, facts
from .turns import cores

LEAST_SECONDS = 0.3
"""A turn repeats the products for at least this long."""


def prepare(work: Work) -> Turn:
    """The products of one update of all networks, again and again; they stay in the cache of the core."""
    row, m, threads = work.row, len(work.material.X), min(cores(), work.row.at_once)
    sizes = row.products(m)
    share = ceil(row.at_once / threads)
    random = np.random.RandomState(0)

    def operand(*shape: int) -> Any:
        return random.standard_normal(shape).astype(row.dtype)

    tables = [
        [(operand(rows, summed), operand(summed, columns), operand(rows, columns)) for rows, columns, summed in sizes]
        for _ in range(threads)
    ]

    def update(products: list[tuple[Any, Any, Any]]) -> None:
        for _ in range(share):
            for A, B, out in products:
                np.matmul(A, B, out=out)

    def turn() -> dict[str, Any]:
        with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
            updates, begun = 0, perf_counter()
            while (seconds := perf_counter() - begun) < LEAST_SECONDS or not updates:
                list(pool.map(update, tables))
                updates += 1
        how = f"{row.product_operations(m) * updates / seconds / 1e9:.0f} GFLOP/s"
        return facts(seconds=seconds, updates=seconds, iterations=updates, checked=[], last=[], stages={}, how=how)

    return turn
