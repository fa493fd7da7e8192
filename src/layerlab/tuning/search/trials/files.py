"""Files that several processes may write and read at once: each is there whole or not at all; and lock files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.tensor_files import read_tensors
from layerlab.errors import InputError, WorkError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, also after a power cut.

    Raises:
        WorkError: it cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
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


class Lock:
    """A lock file, held until it is released or the process ends; the system frees it with the process."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file, self.path = file, path

    def release(self) -> None:
        """Remove the lock file, so that another process can take the lock."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._file.close()

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """Take the lock, or return None while another process holds it.

        Where the system or the disk knows no such locks, every process gets it: work may be done twice then, and the
        same files are written twice with the same content.
        """
        path.parent.mkdir(exist_ok=True)
        file = path.open("a")
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The one who held it before may have removed the file between the opening and the locking: then the lock
            # is on a file that nobody else will find.
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return cls(file, path)
        except (BlockingIOError, FileNotFoundError):
            pass
        except (ImportError, OSError):
            return cls(file, path)
        file.close()
        return None
