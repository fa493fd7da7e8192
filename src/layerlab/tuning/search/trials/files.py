"""Files that several processes may write and read at once: each is complete or does not exist."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.tensor_files import read_tensors
from layerlab.errors import InputError, WorkError
from layerlab.runs.writing import move


def write_whole(path: Path, data: bytes, new: bool = False) -> None:
    """Write a file that is there whole or not at all, also after a power cut.

    Args:
        path: its place.
        data: its content.
        new: whether a file that is there already is an error.

    Raises:
        FileExistsError: with ``new``, where another process was faster.
        WorkError: it cannot be written.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")  # machines may share a disk, not their numbers
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        move(aside, path, new)
    except FileExistsError:
        raise
    except OSError as error:
        raise WorkError(
            f"{path}: cannot be written ({error.strerror or error}); make room and go on with it"
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], text: str) -> None:
    """Write arrays and a text into one file, whole or not at all."""
    from safetensors.numpy import save

    write_whole(path, save({name: np.ascontiguousarray(value) for name, value in arrays.items()}, {"layerlab": text}))


def read_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], str]:
    """Read the arrays and the text that ``write_arrays`` wrote.

    Raises:
        InputError: it is something else, or damaged.
    """
    try:
        arrays, about = read_tensors(path)
        return arrays, str(about["layerlab"])
    except (OSError, LookupError, ValueError) as error:
        raise InputError(f"{path}: is damaged ({error}); remove it, and it is computed anew") from error
