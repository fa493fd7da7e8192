"""MATLAB's files: up to version 7 by SciPy, 7.3 as the HDF5 files that they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .entry import Entry, reading
from .hdf5_files import hdf5_entries

TYPES = {"double": "f8", "single": "f4", "logical": "?", "char": "U", "cell": "U"}
"""NumPy's name of MATLAB's classes; whole numbers are called the same."""


def matlab_entries(path: Path) -> list[Entry]:
    """The variables of a .mat file."""
    import h5py
    from scipy.io import whosmat

    if h5py.is_hdf5(path):
        return hdf5_entries(path, matlab=True)
    with reading(str(path), "MATLAB file"), path.open("rb") as file:
        return [_entry(path, *variable) for variable in whosmat(file)]


def _entry(path: Path, name: str, shape: tuple[int, ...], kind: str) -> Entry:
    whole = kind.startswith(("int", "uint"))
    dtype = np.dtype(TYPES.get(kind, kind if whole else "V"))
    trouble = "" if whole or kind in TYPES else f"is a {kind} of MATLAB's: wanted a full matrix of numbers"
    shape = (shape[0],) if kind == "char" and len(shape) == 2 else tuple(shape)
    return Entry(path, name, shape, dtype, _reader(path, name), trouble)


def _reader(path: Path, name: str) -> Callable[[], NDArray[Any]]:
    def read() -> NDArray[Any]:
        from scipy.io import loadmat

        with path.open("rb") as file:
            array: NDArray[Any] = loadmat(file, variable_names=[name])[name]
        return _texts(array) if array.dtype == object else array

    return read


def _texts(cells: NDArray[Any]) -> NDArray[Any]:
    """A cell array of texts as an array of them."""
    texts = [cell.item() if isinstance(cell, np.ndarray) and cell.size == 1 else cell for cell in cells.ravel()]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a cell array that holds more than texts; number the classes")
    return np.array(texts, np.str_).reshape(cells.shape)
