"""Arrays that can be read in slices: found as by ``load_arrays``, opened but not read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerlab.datasets.arrays.choosing import ArrayPair, choose_arrays
from layerlab.datasets.arrays.entry import Entry, check_readable
from layerlab.datasets.arrays.hdf5_files import check_heaps
from layerlab.datasets.files import HARMLESS_BYTES, MOST_UNPACKED_RATIO, file_of, readable
from layerlab.datasets.part import Notice
from layerlab.errors import InputError

SLICED = (".npy", ".h5", ".hdf5")
"""Endings of files that can be read in slices."""


def find_sliceable(path: str, target: str) -> tuple[ArrayPair, list[Notice]]:
    """Find the two arrays as ``load_arrays`` does, without reading them; notices say what was guessed.

    Raises:
        InputError: they do not exist, or their files cannot be read in slices.
    """
    ending = file_of(path).suffix.lower()
    if ending not in SLICED:
        raise InputError(
            f"{path}: wanted a .parquet file, a .npy file, or a dataset in an HDF5 file (file.h5:X) to read "
            f"in blocks; convert a table to Parquet, which can be read from the middle"
        )
    if ending == ".npy" and file_of(target).suffix.lower() not in SLICED:
        raise InputError(f"{target}: is not a .npy file: wanted the labels of {path} in one, with target=")
    pairs, _, notices = choose_arrays(path, target)
    for entry in pairs["train"]:
        check_readable(entry)
        if entry.file.suffix.lower() not in SLICED:
            raise InputError(f"{entry.place}: cannot be read in blocks; wanted the labels in a .npy or an HDF5 file")
    return pairs["train"], notices[:1]


def open_sliceable(entry: Entry) -> Any:
    """Open an array to read slices of it: NumPy maps it, or h5py opens it."""
    import h5py

    if entry.file.suffix.lower() == ".npy":
        with readable(entry.place):
            return np.load(entry.file, mmap_mode="r", allow_pickle=False)
    _check_filled(entry)
    with readable(str(entry.file)):
        array = h5py.File(entry.file, "r")[entry.name]
        if entry.dtype.kind == "U":
            check_heaps(entry.file, array)
        return array.asstr() if h5py.check_string_dtype(array.dtype) else array


def _check_filled(entry: Entry) -> None:
    """Refuse an array that claims far more than its file holds, since reading it would never end."""
    claimed, stored = math.prod(entry.shape) * entry.dtype.itemsize, entry.file.stat().st_size
    if claimed > max(HARMLESS_BYTES, 10 * MOST_UNPACKED_RATIO * stored):
        raise InputError(
            f"{entry.place}: claims {claimed:,} bytes of numbers, but its file has {stored:,}, so nearly all were "
            "never written; wanted an array that is filled"
        )
