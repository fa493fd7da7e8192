"""A bar on standard error with the cost and the speed; one reader of the stream of chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .engines import Chunk


@contextmanager
def progress_bar(label: str, iterations: int) -> Iterator[Callable[[Chunk], None]]:
    """Shows each chunk that it is called with: iterations done, last cost, iterations a second, time left."""
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
            bars.update(task, advance=len(chunk.costs), cost=f"{chunk.costs[-1]:.6g}", speed=f"{speed:,.0f}")

        yield show
