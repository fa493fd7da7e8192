"""A process of its own that reads a Parquet or Arrow file and throws it away: ``using_polars`` starts this file.

polars ends the whole process on some damaged files, whose lengths make it ask for more memory than there is. It imports
nothing of layerlab, so that it starts quickly. Arguments: the kind of file, a path or - for standard input, bytes.
"""

from __future__ import annotations

import io
import sys
from typing import Any

REFUSED = 3
"""Exit status where polars says what is wrong; its words are on standard output."""

ROWS_AT_A_TIME = 65_536
"""Rows of a stream that are read together."""


def read_in_vain(kind: str, place: str, allowed: int) -> None:
    """Read the file; the process ends with status 0 where it can be read."""
    import polars as pl

    _limit_memory(allowed)
    try:
        if kind == "stream":
            scan = pl.scan_parquet(place, glob=False)
            rows = scan.select(pl.len()).collect().item()
            for start in range(0, rows, ROWS_AT_A_TIME):
                scan.slice(start, ROWS_AT_A_TIME).collect()
            return
        file: Any = sys.stdin.buffer if sys.stdin.buffer.seekable() else io.BytesIO(sys.stdin.buffer.read())
        file.seek(0)  # the process that opened it may have read its first bytes
        if kind == "parquet":
            pl.read_parquet(file)
        elif kind == "arrow":
            pl.read_ipc(file)
        else:
            pl.read_ipc_stream(io.BytesIO(file.read()))
    except BaseException as error:  # polars' panics are no Exceptions
        sys.stdout.write((str(error).splitlines() or [type(error).__name__])[0])
        sys.stdout.flush()
        sys.exit(REFUSED)


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
    read_in_vain(sys.argv[1], sys.argv[2], int(sys.argv[3]))
