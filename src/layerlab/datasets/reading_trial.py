"""A process of its own that reads a Parquet or Arrow file and throws it away: ``using_polars`` starts this file.

polars ends the whole process on some damaged files, whose lengths make it ask for more memory than there is. It imports
nothing of layerlab, so that it starts quickly. Arguments: the kind of file, a path or - for standard input, bytes of
memory that it may take, bytes of the table above which it need not be read to its end.
"""

from __future__ import annotations

import io
import sys
from typing import Any

REFUSED = 3
"""Exit status where polars says what is wrong; its words are on standard output."""

ROWS_AT_A_TIME = 65_536
"""Rows of a Parquet file that are read together, or more where they have few columns."""

CELLS_AT_A_TIME = 1 << 24
"""Cells of a Parquet file that are read together, or more where so many rows have more."""


def read_in_vain(kind: str, place: str, allowed: int, most: int) -> None:
    """Read the file and print the bytes that its table takes; the process ends with status 0 where it can be read."""
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
    except BaseException as error:  # polars' panics are no Exceptions
        sys.stdout.write((str(error).splitlines() or [type(error).__name__])[0])
        sys.stdout.flush()
        sys.exit(REFUSED)


def _by_slices(scan: Any, most: int) -> int:
    """Bytes of a whole Parquet file's table, whose footer counts a repeated text once; told from its start if many."""
    import polars as pl

    rows, width = scan.select(pl.len()).collect().item(), len(scan.collect_schema())
    took, step = 0, max(ROWS_AT_A_TIME, CELLS_AT_A_TIME // max(width, 1))
    for start in range(0, rows, step):
        took += _bytes_of(scan.slice(start, step).collect())
        if took > most:
            return int(took * rows / min(start + step, rows))
    return took


def _bytes_of(frame: Any) -> int:
    """Bytes of a table whose repeated texts are written out, as they are where it is used."""
    import polars as pl

    repeated = frame.select(pl.selectors.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))
    return int(frame.estimated_size() + repeated.estimated_size())


def _limit_memory(allowed: int) -> None:
    """Let the process have so many bytes more than it has now, where the system knows such limits."""
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
