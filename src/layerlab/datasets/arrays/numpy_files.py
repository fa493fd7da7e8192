"""NumPy files: .npy holds one array, .npz several with names. Nothing is ever unpickled."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from layerlab.errors import InputError

from .entry import Entry, reading

MAPPED_BYTES = 2**26
"""A .npy file with more bytes is mapped, and read only as needed."""

PICKLED = (
    "holds Python objects, which need pickle, and a pickle can run any program: wanted numbers or names; save it again "
    "with a plain dtype"
)


def npy_entries(path: Path) -> list[Entry]:
    """List the one array of a .npy file."""
    with reading(str(path), ".npy file"), path.open("rb") as file:
        _refuse_pickle(path, file)
        shape, dtype = _header(file)
        trouble = _trouble(shape, dtype, path.stat().st_size - file.tell())

    def read() -> NDArray[Any]:
        array: NDArray[Any] = np.load(
            path, mmap_mode="r" if path.stat().st_size > MAPPED_BYTES else None, allow_pickle=False
        )
        return array

    return [Entry(path, path.stem, shape, dtype, read, trouble)]


def npz_entries(path: Path) -> list[Entry]:
    """List the arrays of a .npz file."""
    entries = []
    with reading(str(path), ".npz file"):
        with path.open("rb") as file:
            _refuse_pickle(path, file)
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.filename.endswith(".npy"):
                    with archive.open(info) as member:
                        shape, dtype = _header(member)
                        trouble = _trouble(shape, dtype, info.file_size - member.tell())
                    name = info.filename.removesuffix(".npy")
                    stored = None if info.compress_type == zipfile.ZIP_STORED else info.compress_size
                    entries.append(Entry(path, name, shape, dtype, _member(path, name), trouble, stored))
    return entries


def _member(path: Path, name: str) -> Callable[[], NDArray[Any]]:
    """Make the function that reads an array of a .npz file."""

    def read() -> NDArray[Any]:
        with np.load(path, allow_pickle=False) as file:
            array: NDArray[Any] = file[name]
            return array

    return read


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and dtype in a file's header. Versions 2 and 3 differ only in the names of fields, which are not read."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if min(shape, default=0) < 0:
        raise ValueError(f"the shape {shape} has a negative length")
    return shape, dtype


def _trouble(shape: tuple[int, ...], dtype: np.dtype[Any], there: int) -> str:
    """Say why an array cannot be read, as far as its header shows it; else ""."""
    if dtype.hasobject:
        return PICKLED
    claimed = math.prod(shape) * dtype.itemsize
    if claimed > there:
        return (
            f"claims {claimed:,} bytes of numbers but holds {there:,}: the file is cut off or damaged; write it again"
        )
    return ""


def _refuse_pickle(path: Path, file: IO[bytes]) -> None:
    """Refuse a file that begins as a pickle does."""
    if file.read(1) == b"\x80":
        raise InputError(
            f"{path}: is a pickle, which can run any program when it is read: wanted the format of numpy.save"
        )
    file.seek(0)
