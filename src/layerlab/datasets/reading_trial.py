"""A separate process that reads a Parquet or Arrow file as a trial; ``using_polars`` starts it.

Some damaged files make polars request more memory than there is, which ends the whole process. This file imports
nothing of layerlab, so that it starts quickly. Arguments: the kind of file; a path, or - for standard input; the bytes
of memory that it may take; the bytes of the table after which reading may stop.
"""

from __future__ import annotations

import io
import sys
from typing import Any

REFUSED = 3
"""Exit status if polars reports an error; its message is on standard output."""

ROWS_AT_A_TIME = 65_536
"""How many rows of a Parquet file are read together; more if there are few columns."""

CELLS_AT_A_TIME = 1 << 24
"""How many cells of a Parquet file are read together; more if ``ROWS_AT_A_TIME`` rows have more."""


def read_in_vain(kind: str, place: str, allowed: int, most: int) -> None:
    """Read the file and print the bytes that its table takes; end with status 0 if it can be read."""
    import polars as pl

    _limit_memory(allowed)
    try:
        source: Any = place
        if place == "-":
            source = sys.stdin.buffer if sys.stdin.buffer.seekable() else io.BytesIO(sys.stdin.buffer.read())
            source.seek(0)  # the process that opened it may have read its first bytes
        if kind in ("parquet", "stream"):
            took = _by_slices(pl.scan_parquet(source, glob=False), most)
        elif kind == "arrow":
            took = _bytes_of(pl.read_ipc(source))
        else:
            took = _bytes_of(pl.read_ipc_stream(io.BytesIO(source.read())))
        sys.stdout.write(str(took))
    except BaseException as error:  # polars' panics are not Exceptions
        sys.stdout.write((str(error).splitlines() or [type(error).__name__])[0])
        sys.stdout.flush()
        sys.exit(REFUSED)


def _by_slices(scan: Any, most: int) -> int:
    """Return the bytes of a Parquet file's table, estimated from its first rows if there are very many.

    The footer of the file cannot be used, since it counts a repeated text only once.
    """
    import polars as pl

    rows, width = scan.select(pl.len()).collect().item(), len(scan.collect_schema())
    took, step = 0, max(ROWS_AT_A_TIME, CELLS_AT_A_TIME // max(width, 1))
    for start in range(0, rows, step):
        took += _bytes_of(scan.slice(start, step).collect())
        if took > most:
            return int(took * rows / min(start + step, rows))
    return took


def _bytes_of(frame: Any) -> int:
    """Return the bytes of a table in which repeated texts are written out, as they are when it is used."""
    import polars as pl

    repeated = frame.select(pl.selectors.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))
    return int(frame.estimated_size() + repeated.estimated_size())


def _limit_memory(allowed: int) -> None:
    """Limit the process to ``allowed`` more bytes than it has now, if the system has such limits."""
    try:
        import resource
        from pathlib import Path

        there = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (there + allowed, there + allowed))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return


if __name__ == "__main__":
    read_in_vain(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
