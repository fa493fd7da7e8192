"""A bar on standard error with the cost and the speed; one reader of the stream of chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from .engines import Chunk


@contextmanager
def progress_bar(label: str, iterations: int) -> Iterator[Callable[[Chunk], None]]:
    """Shows each chunk it is called with: iterations done, last cost (the lowest, of several), iterations a second."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),  # a label may hold brackets
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("cost {task.fields[cost]}"),
        TextColumn("{task.fields[speed]} it/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(label, total=iterations, cost="–", speed="–")

        def show(chunk: Chunk) -> None:
            speed = len(chunk.costs) / max(chunk.seconds, 1e-9)
            lowest = np.nanmin(chunk.costs[-1]) if np.isfinite(chunk.costs[-1]).any() else np.nan
            bars.update(task, advance=len(chunk.costs), cost=f"{lowest:.6g}", speed=f"{speed:,.0f}")

        yield show
