"""Where a dataset came from: the path and options to read it again, and a digest that shows whether it has changed."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .files import file_of, open_file
from .part import Source

PACKED_ENDINGS = (".gz", ".bz2", ".xz", ".zip", ".zst")
"""Endings of compressed tables."""

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".arrow", ".feather", ".ipc", ".jsonl", ".ndjson")
"""Endings of tables."""
ARRAY_ENDINGS = (".npy", ".npz", ".h5", ".hdf5", ".hdf", ".mat")
"""Endings of files of arrays."""

WHOLLY_HASHED_BYTES = 1 << 28
"""Up to this many bytes, the whole file is hashed; of a larger file, its size and its first and last MiB."""

HASHED_AT_A_TIME = 1 << 20
"""How many bytes are read and hashed at a time."""


def looks_like_path(text: str) -> bool:
    """Whether a text is a path that exists (perhaps with a colon and the name of an array), or looks like a path."""
    return (
        (bool(text) and is_there(text))
        or "/" in text
        or "\\" in text
        or ending_of(file_of(text)) in (*TABLE_ENDINGS, *ARRAY_ENDINGS)
    )


def source_of(loader: Callable[..., Any], path: Any, digest: str, **options: Any) -> Source | None:
    """Record where a dataset was read: path, digest, and the options that differ from the loader's defaults.

    The result is None for data without a path, such as a data frame.
    """
    if not isinstance(path, str | Path):
        return None
    defaults = {name: one.default for name, one in inspect.signature(loader).parameters.items()}
    given = {name: value for name, value in options.items() if value != defaults[name]}
    return Source(str(path), {name: _plain(value) for name, value in given.items()}, digest)


def _plain(value: Any) -> Any:
    """Convert a path or a tuple to a value that JSON can hold."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def digest_of(*paths: Any) -> str:
    """Return the SHA-256 of files, one after the other.

    Of a file above ``WHOLLY_HASHED_BYTES``, only its size and its first and last MiB are hashed.
    """
    digest = hashlib.sha256()
    for path in dict.fromkeys(str(path) for path in paths if isinstance(path, str | Path)):
        size = Path(path).stat().st_size
        digest.update(f"{size}\n".encode())
        with open_file(path, empty=True) as file:
            while piece := file.read(HASHED_AT_A_TIME):
                digest.update(piece)
                if size > WHOLLY_HASHED_BYTES and file.tell() < size - HASHED_AT_A_TIME:
                    file.seek(-HASHED_AT_A_TIME, os.SEEK_END)
    return digest.hexdigest()


def is_there(path: str) -> bool:
    """Return whether a path exists; it may end in a colon and the name of an array."""
    try:
        return Path(path).exists() or file_of(path).exists()
    except (OSError, ValueError):  # too long, a zero byte
        return False


def ending_of(path: Path) -> str:
    """Return the ending of a file's name in lower case, without the ending for its compression; "" for none."""
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in PACKED_ENDINGS]
    return endings[-1] if endings else ""
