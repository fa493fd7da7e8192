"""The progress bar, which is shown on standard error, with the cost and the speed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, cast

import numpy as np

from layerlab.escapes import printable
from layerlab.text import Forgiving

from .engines import Chunk


@contextmanager
def progress_bar(label: str, iterations: int) -> Iterator[Callable[[Chunk], None]]:
    """Show a bar while the training runs.

    Args:
        label: the text before the bar.
        iterations: how many are expected.

    Yields:
        A function to call with every chunk: it shows the iterations done, the last cost (of several models the lowest)
        and the iterations per second.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from layerlab.console import Console

    columns = (
        TextColumn("{task.description}", markup=False),  # a label may hold brackets
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("cost {task.fields[cost]}"),
        TextColumn("{task.fields[speed]} updates/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=cast(IO[str], Forgiving(sys.stderr)))) as bars:
        task = bars.add_task(printable(label), total=iterations, cost="–", speed="–")

        def show(chunk: Chunk) -> None:
            speed = len(chunk.costs) / max(chunk.seconds, 1e-9)
            lowest = np.nanmin(chunk.costs[-1]) if np.isfinite(chunk.costs[-1]).any() else np.nan
            bars.update(task, advance=len(chunk.costs), cost=f"{lowest:.6g}", speed=f"{speed:,.0f}")

        yield show
