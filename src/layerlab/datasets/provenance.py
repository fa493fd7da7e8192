"""From a path to a dataset: what is there decides how it is read, and the dataset remembers where it came from."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .files import file_of
from .part import Source

PACKED = (".gz", ".bz2", ".xz", ".zip", ".zst")
"""Endings of compressed tables."""

TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".arrow", ".feather", ".ipc", ".jsonl", ".ndjson")
ARRAYS = (".npy", ".npz", ".h5", ".hdf5", ".hdf", ".mat")

WHOLE = 1 << 28
"""Bytes up to which a digest is that of the whole file; of a larger one it is of its size, first and last MiB."""

MIB = 1 << 20


def is_path(text: str) -> bool:
    """Whether a text names something on the disk, be it with the name of an array behind a colon, or looks like it."""
    return (bool(text) and _there(text)) or "/" in text or "\\" in text or _ending(file_of(text)) in (*TABLES, *ARRAYS)


def source_of(loader: Callable[..., Any], path: Any, digest: str, **options: Any) -> Source | None:
    """What a dataset remembers of where it was read: the options that are not the loader's own defaults.

    None for what has no path, such as a frame.
    """
    if not isinstance(path, str | Path):
        return None
    usual = {name: one.default for name, one in inspect.signature(loader).parameters.items()}
    said = {name: value for name, value in options.items() if value != usual[name]}
    return Source(str(path), {name: _plain(value) for name, value in said.items()}, digest)


def _plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def digest_of(*paths: Any) -> str:
    """SHA-256 of files, one after the other; of one above ``WHOLE`` bytes its size, first and last MiB."""
    digest = hashlib.sha256()
    for path in dict.fromkeys(str(path) for path in paths if isinstance(path, str | Path)):
        size = Path(path).stat().st_size
        digest.update(f"{size}\n".encode())
        with Path(path).open("rb") as file:
            while piece := file.read(MIB):
                digest.update(piece)
                if size > WHOLE and file.tell() < size - MIB:
                    file.seek(-MIB, os.SEEK_END)
    return digest.hexdigest()


def _there(path: str) -> bool:
    try:
        return Path(path).exists() or file_of(path).exists()
    except (OSError, ValueError):  # too long, a zero byte
        return False


def _ending(path: Path) -> str:
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in PACKED]
    return endings[-1] if endings else ""
