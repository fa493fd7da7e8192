"""HDF5 files, including MATLAB's of version 7.3: every array inside, and nothing from other files."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .entry import Entry, reading

WORD = np.dtype([("length", "<u4"), ("heap", "<u8"), ("number", "<u4")])
"""How an array of texts of any length stores a text: the place of the heap in the file, and the object in it."""

UNREAD_DTYPE: np.dtype[Any] = np.dtype(np.void)
"""The dtype of arrays that are not read."""

MOST_LINKS = 32
"""At most this many soft links are followed one after the other; longer chains are circles."""


def hdf5_entries(path: Path, *, matlab: bool = False) -> list[Entry]:
    """List the arrays of an HDF5 file by their full names.

    Args:
        path: the file.
        matlab: whether MATLAB wrote the file; it stores the axes in reverse order, so they are reversed again.
    """
    import h5py

    links: dict[str, Any] = {}
    with reading(str(path), "HDF5 file"), h5py.File(path, "r") as file:
        file.visititems_links(lambda name, link: links.__setitem__(name, link))
        found = [_entry(path, file, name, links, matlab) for name in links if not name.startswith("#")]
    return [entry for entry in found if entry is not None]


def _entry(path: Path, file: Any, name: str, links: dict[str, Any], matlab: bool) -> Entry | None:
    """List the array that a link leads to; None for a group."""
    import h5py

    def refused(why: str) -> Entry:
        return Entry(path, name, (), UNREAD_DTYPE, lambda: np.empty(0), why)

    end = _end(name, links)
    if end is None:
        return refused("is a link that leads nowhere, or in a circle: wanted an array in this file")
    if isinstance(links[end], h5py.ExternalLink):
        return refused("is a link into another file, which is not followed: name that file itself")
    try:
        there = file[end]
        if not isinstance(there, h5py.Dataset):
            return refused("is sparse: wanted a full matrix; save full(X)") if "MATLAB_sparse" in there.attrs else None
        shape, dtype, trouble = _claims(there, matlab)
    except Exception as error:  # types that NumPy does not know, damaged headers
        return refused(f"cannot be read ({error})")
    text = h5py.check_string_dtype(dtype)
    dtype = np.dtype("U") if text is not None and text.length is None else dtype
    stored = None if there.chunks is None else there.id.get_storage_size()
    return Entry(path, name, shape, dtype, _reader(path, end, dtype.kind == "U", matlab), trouble, stored)


def _end(name: str, links: dict[str, Any]) -> str | None:
    """Follow soft links inside the file to their end; None if there is none."""
    import h5py

    for _ in range(MOST_LINKS):
        if name not in links:
            return None
        if not isinstance(links[name], h5py.SoftLink):
            return name
        name = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), links[name].path)).lstrip("/")
    return None


def _claims(array: Any, matlab: bool) -> tuple[tuple[int, ...], np.dtype[Any], str]:
    """Return the shape and dtype that an array claims, and why it is not read, or ""."""
    trouble = ""
    if array.shape is None:
        return (), UNREAD_DTYPE, "holds nothing: wanted an array"
    if array.external or (array.is_virtual and any(source.file_name != "." for source in array.virtual_sources())):
        trouble = "takes its numbers from other files, which are not read: wanted an array in this file"
    kind = array.attrs.get("MATLAB_class", b"") if matlab else b""
    if kind in (b"char", b"cell"):
        trouble = f"is a {kind.decode()} array of MATLAB: wanted numbers, so number the classes"
    if "MATLAB_empty" in array.attrs:
        trouble = "holds nothing: wanted an array"
    dtype = np.dtype(bool) if kind == b"logical" else array.dtype
    return tuple(array.shape[::-1] if matlab else array.shape), dtype, trouble


def _reader(path: Path, name: str, text: bool, matlab: bool) -> Callable[[], NDArray[Any]]:
    """Make the function that reads an array of the file."""

    def read() -> NDArray[Any]:
        import h5py

        with h5py.File(path, "r") as file:
            if text:
                check_heaps(path, file[name])
            array: NDArray[Any] = np.asarray(file[name].asstr()[()], np.str_) if text else file[name][()]
        return array.T if matlab else array

    return read


def check_heaps(path: Path, array: Any) -> None:
    """Check texts before HDF5 reads them: raises ValueError where they or their heap are damaged.

    Texts may claim to be longer than their file. The library steps from one object of a heap to the next by its size,
    and never ends if that is zero (HDF5 File Format Specification, III.E: Global Heap). Chunked arrays are not checked.
    """
    start = array.id.get_offset()
    if start is None:
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(start)
        octets = np.frombuffer(file.read(min(WORD.itemsize * array.size, size)), np.uint8)
        words = octets[: octets.size // WORD.itemsize * WORD.itemsize].view(WORD)
        if (longest := int(words["length"].max(initial=0))) > size:
            raise ValueError(f"a text of {longest:,} bytes in a file of {size:,}")
        for heap in np.unique(words["heap"]).tolist():
            if heap < size:
                file.seek(heap)
                _check_heap(file.read(16), file)


def _check_heap(head: bytes, file: IO[bytes]) -> None:
    """Check the objects of a heap: their sizes must lead from one to the next."""
    rest = int.from_bytes(head[8:16], "little") - 16 if head.startswith(b"GCOL") else 0
    while rest >= 16 and len(object_ := file.read(16)) == 16:
        number, size = int.from_bytes(object_[:2], "little"), int.from_bytes(object_[8:], "little")
        if number == size == 0:
            raise ValueError("its heap of texts is damaged")
        step = size - 16 if number == 0 else -(-size // 8) * 8
        if not 0 <= step <= rest:
            return
        file.seek(step, 1)
        rest -= 16 + step
