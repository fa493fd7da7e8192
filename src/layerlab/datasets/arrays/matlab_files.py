"""MATLAB files: versions 5 to 7 are read here, version 7.3 as HDF5.

SciPy's own reader crashes the whole process on some damaged files. This one reads only numbers and texts, and believes
no length before it has seen the bytes (MathWorks, MAT-File Format, "Level 5 MAT-File Format").
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .entry import Entry, reading
from .hdf5_files import hdf5_entries

MATRIX, COMPRESSED = 14, 15
"""The kinds of elements in a file."""

STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""How numbers are stored, often in fewer bytes than their class needs."""

ENCODINGS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
"""How the letters of a text are encoded, by the number of its type in the file."""

CELL, CHAR = 1, 4
"""Classes of arrays that hold texts."""

CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
"""Classes of arrays of numbers, and their dtypes."""

OTHERS = {2: "struct", 3: "object", 5: "sparse matrix", 16: "function", 17: "object"}
"""Classes of arrays that are not read."""

LOGICAL, COMPLEX = 0x0200, 0x0800
"""Bits of an array's flags."""

HEAD = 2**12
"""The first bytes of an array, which hold its flags, shape and name."""


class _Head(NamedTuple):
    """The beginning of a variable: flags, shape, name, and the place where its values begin."""

    flags: int
    shape: tuple[int, ...]
    name: str
    after: int  # where the values begin


def matlab_entries(path: Path) -> list[Entry]:
    """List the variables of a .mat file."""
    import h5py

    if h5py.is_hdf5(path):
        return hdf5_entries(path, matlab=True)
    with reading(str(path), "MATLAB file"):
        order = _order(path)
        return [_entry(path, order, *element) for element in _elements(path, order)]


def _order(path: Path) -> str:
    """Return the order of bytes, < or >, from the last four bytes of the header."""
    with path.open("rb") as file:
        header = file.read(128)
    for order, mark in (("<", b"\x00\x01IM"), (">", b"\x01\x00MI")):
        if header[124:] == mark:
            return order
    raise ValueError("there is no header of MATLAB 5 to 7.3; save it again with save -v7")


def _elements(path: Path, order: str) -> Iterator[tuple[int, int, int]]:
    """Type, place and length of each element."""
    size, place = path.stat().st_size, 128
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            kind, length = struct.unpack(f"{order}II", file.read(8))
            if kind not in (MATRIX, COMPRESSED) or place + 8 + length > size:
                raise ValueError(f"what begins at byte {place:,} is not a variable, or is cut off")
            yield kind, place + 8, length
            place += 8 + length


def _content(path: Path, order: str, kind: int, place: int, length: int, most: int) -> bytes:
    """Return the first bytes of a variable, unpacked, without its tag."""
    with path.open("rb") as file:
        file.seek(place)
        if kind == MATRIX:
            return file.read(min(length, most))
        unpacked = zlib.decompressobj().decompress(file.read(length), most + 8)
    if struct.unpack_from(f"{order}I", unpacked)[0] != MATRIX:
        raise ValueError("the compressed data are not a variable")
    return unpacked[8:]


def _part(data: bytes, place: int, order: str) -> tuple[int, bytes, int]:
    """Type and bytes of one element of a variable, and the place where the next one begins."""
    kind, length = struct.unpack_from(f"{order}II", data, place)
    if kind >> 16:  # four bytes or fewer are in the tag itself
        kind, length, start, after = kind & 0xFFFF, kind >> 16, place + 4, place + 8
    else:
        start, after = place + 8, place + 8 + length + -length % 8
    if start + length > len(data):
        raise ValueError("a variable is cut off")
    return kind, data[start : start + length], after


def _head(data: bytes, order: str) -> _Head:
    """Read the beginning of a variable."""
    _, flags, place = _part(data, 0, order)
    _, lengths, place = _part(data, place, order)
    _, name, place = _part(data, place, order)
    shape = tuple(map(int, np.frombuffer(lengths, f"{order}i4")))
    if len(shape) < 2 or min(shape) < 0:
        raise ValueError(f"a variable has the shape {shape}")
    return _Head(struct.unpack_from(f"{order}I", flags)[0], shape, name.decode("latin-1"), place)


def _entry(path: Path, order: str, kind: int, place: int, length: int) -> Entry:
    """List one variable of the file."""
    head = _head(_content(path, order, kind, place, length, HEAD), order)
    class_, shape, trouble = head.flags & 0xFF, head.shape, ""
    if class_ in CLASSES:
        dtype = np.dtype("c16" if head.flags & COMPLEX else "?" if head.flags & LOGICAL else CLASSES[class_])
    elif class_ in (CELL, CHAR):
        dtype, shape = np.dtype("U"), shape[:1] if class_ == CHAR else shape
    else:
        dtype = np.dtype("V")
        trouble = f"is a {OTHERS.get(class_, 'variable')} of MATLAB: wanted a full matrix of numbers"

    def read() -> NDArray[Any]:
        array = _array(_content(path, order, kind, place, length, _most(head)), order)
        return array.astype(dtype) if class_ in CLASSES else array

    return Entry(path, head.name, shape, dtype, read, trouble, length if kind == COMPRESSED else None)


def _most(head: _Head) -> int:
    """Return how many bytes a variable with that beginning can need; a text in a cell may have a thousand letters."""
    each = 4096 if head.flags & 0xFF == CELL else 8
    return HEAD + each * math.prod(head.shape)


def _array(data: bytes, order: str) -> NDArray[Any]:
    """Read the values of a variable."""
    head = _head(data, order)
    read: Callable[[bytes, _Head, str], NDArray[Any]] = {CELL: _cells, CHAR: _texts}.get(head.flags & 0xFF, _numbers)
    return read(data, head, order)


def _numbers(data: bytes, head: _Head, order: str) -> NDArray[Any]:
    """Read an array of numbers."""
    kind, raw, _ = _part(data, head.after, order)
    return np.frombuffer(raw, order + STORED[kind]).reshape(head.shape, order="F")


def _texts(data: bytes, head: _Head, order: str) -> NDArray[Any]:
    """Read a char array as one text for each row."""
    kind, raw, _ = _part(data, head.after, order)
    ending = {"<": "-le", ">": "-be"}[order] if ENCODINGS[kind].endswith(("16", "32")) else ""
    letters = np.array(list(raw.decode(ENCODINGS[kind] + ending)), np.str_).reshape(head.shape, order="F")
    return np.array(["".join(row) for row in letters.reshape(head.shape[0], -1).tolist()], np.str_)


def _cells(data: bytes, head: _Head, order: str) -> NDArray[Any]:
    """Read a cell array of texts as an array of them."""
    texts, place = [], head.after
    for _ in range(math.prod(head.shape)):
        kind, cell, place = _part(data, place, order)
        inner = _head(cell, order) if kind == MATRIX else None
        if inner is None or inner.flags & 0xFF != CHAR:
            raise ValueError("a cell array that holds more than texts; number the classes")
        texts.append("".join(_texts(cell, inner, order).tolist()))
    return np.array(texts, np.str_).reshape(head.shape, order="F")
