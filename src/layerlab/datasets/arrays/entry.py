"""An array in a file before it is read: its name, its claimed shape and type, and why it cannot be used."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.files import check_ratio, check_room
from layerlab.datasets.part import LARGEST_LEARNED
from layerlab.errors import InputError
from layerlab.escapes import printable

DTYPE_WORDS = {
    "c": "complex numbers",
    "V": "records of several fields",
    "O": "objects",
    "M": "dates",
    "m": "spans of time",
    "S": "text",
    "U": "text",
    "T": "text",
}
"""What the letter of a dtype means, if it is not a number."""

FEATURE_DTYPES, LABEL_DTYPES = "biuf", "biufSU"
"""Letters of the dtypes that inputs and labels can have."""


@dataclass(frozen=True)
class Entry:
    """One array of a file.

    Attributes:
        file: the file that contains it.
        name: its name in the file; for a .npy file, the file's name without the ending.
        shape, dtype: what the file claims.
        read: the function that reads it.
        trouble: why it cannot be read, or "".
        stored: bytes that it takes in the file if it is compressed; None if it is not.
    """

    file: Path
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], NDArray[Any]]
    trouble: str = ""
    stored: int | None = None

    @property
    def place(self) -> str:
        """File and name, for messages."""
        alone = self.file.suffix.lower() == ".npy"
        return printable(str(self.file) if alone else f"{self.file}:{self.name}")

    @property
    def described(self) -> str:
        """Name, type and shape, for lists."""
        what = "not readable" if self.trouble else f"{self.dtype} {' × '.join(map(str, self.shape)) or 'one number'}"
        return printable(f"{self.name} ({what})")


def read_values(entry: Entry, kinds: str) -> NDArray[Any]:
    """Read the array if it has the wanted kind of values.

    Args:
        entry: an array in a file.
        kinds: letters of the dtypes that can be used.

    Raises:
        InputError: it is of another kind, empty, larger than memory, damaged, or holds a number that is not finite.
    """
    check_readable(entry)
    _check_kind(entry, entry.dtype, kinds)
    if entry.shape == () or 0 in entry.shape:
        came = f"has the shape {entry.shape}" if entry.shape else "is a single number"
        raise InputError(f"{entry.place}: {came}: wanted at least one example with at least one number")
    size = math.prod(entry.shape)
    what = f"{entry.place}: {' × '.join(f'{n:,}' for n in entry.shape)} numbers: reading them"
    check_room(what, float(size) * (8 + entry.dtype.itemsize), "write a smaller part of it into another file")
    if entry.stored is not None:
        remedy = "if you trust it, write it without compression"
        check_ratio(entry.place, float(size) * entry.dtype.itemsize, entry.stored, remedy)
    with reading(entry.place, "array"):
        array = np.asarray(entry.read())
    _check_kind(entry, array.dtype, kinds)
    if array.shape != entry.shape:
        raise InputError(f"{entry.place}: claims the shape {entry.shape} but has {array.shape}: the file is damaged")
    if array.dtype.kind == "f":
        _check_range(entry, array)
    return array


def check_readable(entry: Entry) -> None:
    """Refuse an array that cannot be read.

    Raises:
        InputError: it cannot be read.
    """
    if entry.trouble:
        raise InputError(f"{entry.place}: {entry.trouble}")


def _check_kind(entry: Entry, dtype: np.dtype[Any], kinds: str) -> None:
    """Refuse an array of another kind of values than is wanted."""
    if dtype.kind not in kinds:
        wanted = "numbers" if kinds == FEATURE_DTYPES else "numbers or names"
        raise InputError(f"{entry.place}: holds {DTYPE_WORDS.get(dtype.kind, str(dtype))} ({dtype}): wanted {wanted}")


def _check_range(entry: Entry, array: NDArray[Any]) -> None:
    """Check that all numbers and their squares are finite, without a copy: minimum and maximum show NaN and infinity.

    Raises:
        InputError: a number is not finite, or above ``LARGEST_LEARNED``.
    """
    with np.errstate(invalid="ignore"):
        if array.min() >= -LARGEST_LEARNED and array.max() <= LARGEST_LEARNED:
            return
        finite = np.isfinite(array)
        where = tuple(map(int, np.argwhere((np.abs(array) > LARGEST_LEARNED) if finite.all() else ~finite)[0]))
    at = f"{entry.place}: the number at [{', '.join(map(str, where))}] is"
    if finite.all():
        raise InputError(
            f"{at} {array[where]:g}: wanted numbers up to {LARGEST_LEARNED:g}; correct it, or use another unit"
        )
    lost = int((~finite).sum())
    raise InputError(
        f"{at} {array[where]}, and {lost} number{'s are' if lost > 1 else ' is'} not finite in all: wanted finite "
        "ones; fill them in, or delete their rows"
    )


@contextmanager
def reading(place: str, what: str) -> Iterator[None]:
    """Turn whatever a reader raises for a broken file into an ``InputError``, and silence its warnings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(
            f"{place}: there is not enough memory for what this {what} claims to hold; it may be damaged"
        ) from error
    except Exception as error:  # nobody lists what the readers raise for damaged files
        reason = printable(" ".join(str(error).split())) or type(error).__name__
        raise InputError(f"{place}: cannot be read as {'an' if what[0] in 'aH' else 'a'} {what} ({reason})") from error
