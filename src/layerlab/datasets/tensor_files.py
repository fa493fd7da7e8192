"""Files of safetensors from any source, checked: it is a file, its size fits its header, and there is enough memory.

A file begins with eight bytes for the length of the header. The header is JSON: names, types, shapes and places of the
arrays.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from .files import check_room, open_file

LONGEST_HEADER = 100_000_000
"""The bytes of the longest header that safetensors itself reads."""


def read_tensors(path: str | Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Read the arrays and the metadata of a file; nothing in it is executed.

    Raises:
        InputError: there is no such file, it cannot be read, or there is not enough memory for it.
        ValueError: it is damaged; the message says how.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    with open_file(path, empty=True) as file:
        header = _header(file)
        size = os.fstat(file.fileno()).st_size
        check_room(f"{path}: its content", 2 * size, "close other programs, or read it on a larger machine")
        file.seek(0)
        data = file.read(size)
    try:
        return load(data), {**header.get("__metadata__", {})}
    except (
        SafetensorError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # a type that NumPy does not have raises KeyError
        raise ValueError(str(error)) from error


def _header(file: IO[bytes]) -> Mapping[str, Any]:
    """Read the header, and check that the file has the size that the header gives, before the rest is read.

    Raises:
        ValueError: it has another size, or the header is damaged.
    """
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(size - 8, LONGEST_HEADER):
        raise ValueError(f"its header has {length:,} bytes, in a file of {size:,}")
    try:
        header = json.loads(file.read(length))
        ends = [one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"]
        claimed = 8 + length + max(ends, default=0)
    except RecursionError:
        raise ValueError("its header is nested too deep") from None
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"its header is damaged ({error})") from error
    if claimed != size:
        raise ValueError(f"it has {size:,} bytes, but {claimed:,} according to its header")
    return header  # type: ignore[no-any-return]
