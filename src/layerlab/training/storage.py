"""A folder on the disk: ``model.safetensors`` with the numbers, ``run.json`` with everything one reads.

Nothing in it is executed on reading. What is kept appears whole or not at all: written beside its place, and renamed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, WorkError

FORMAT_VERSION = 3
"""Of ``run.json``; another one is refused."""

Arrays = dict[str, NDArray[np.floating[Any]]]


def check_new(path: str | Path, what: str = "folder") -> Path:
    """A path at which a folder or a file can be made, tried out before any long work.

    Args:
        path: the place.
        what: "folder" or "file", for the messages.

    Raises:
        InputError: something is there already, or the place cannot be written to.
    """
    path = Path(path)
    try:
        if path.exists() or path.is_symlink():
            raise InputError(f"{path}: is there already, and nothing is overwritten; name another {what} or remove it")
        parent = path.parent
        while not parent.exists():
            parent = parent.parent
        with tempfile.TemporaryDirectory(dir=parent, prefix=".layerlab-"):
            pass
    except OSError as error:  # a file in the way, a name too long, no permission
        raise InputError(f"{path}: cannot be made ({error}); name a {what} that can be written to") from error
    return path


@contextmanager
def written_aside(path: str | Path, what: str = "folder") -> Iterator[Path]:
    """A place beside the path, in a folder of its own: what is made there is renamed to the path at the end.

    Args:
        path: where it belongs; folders on the way are made.
        what: "folder" or "file", for the messages.

    Raises:
        InputError: something is there already, or the place cannot be written to.
        WorkError: writing failed on the way. Whatever is raised inside, nothing is left behind.
    """
    path, aside = check_new(path, what), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=".layerlab-"))
        yield aside / path.name
        check_new(path, what)  # somebody may have been faster
        (aside / path.name).rename(path)
    except OSError as error:
        raise WorkError(f"{path}: writing failed ({error}); nothing was left there") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def write_folder(path: str | Path, record: dict[str, Any], arrays: Arrays, others: Mapping[str, str]) -> Path:
    """A new folder with ``run.json`` (the record and a ``format_version``) and ``model.safetensors``.

    Args:
        path: the folder.
        record, arrays: what ``read_folder`` reads.
        others: texts for whoever looks into it, by the names of their files.

    Raises:
        InputError: something is there already, or the place cannot be written to.
        WorkError: writing failed on the way; nothing is left behind.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    path = Path(path)
    with written_aside(path) as aside:
        aside.mkdir()
        try:
            save_file(
                {name: np.ascontiguousarray(array) for name, array in arrays.items()}, aside / "model.safetensors"
            )
        except SafetensorError as error:  # a full disk is an error of its own there
            raise WorkError(f"{path}: writing failed ({error}); nothing was left there") from error
        (aside / "model.safetensors").chmod(0o644)  # it was made for its owner alone
        text = json.dumps({"format_version": FORMAT_VERSION, **record}, indent=1, allow_nan=False, ensure_ascii=False)
        for name, content in {"run.json": text + "\n", **others}.items():
            (aside / name).write_text(content, encoding="utf-8")
    return path


def read_folder(path: str | Path) -> tuple[dict[str, Any], Arrays]:
    """The record and the arrays of a folder that ``write_folder`` made.

    Raises:
        InputError: no such folder, a file missing or damaged, or another format version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = Path(path)
    try:
        record = json.loads((path / "run.json").read_text(encoding="utf-8"))
        tensors = (path / "model.safetensors").read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{path}: no {Path(error.filename).name} there; wanted a folder that `layerlab train` or Run.save made"
        ) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise InputError(f"{path / 'run.json'}: is damaged ({error}); train again") from error
    version = record.get("format_version") if isinstance(record, dict) else None
    if type(version) is not int or version != FORMAT_VERSION:  # true and 1.0 are equal to 1
        raise InputError(
            f"{path / 'run.json'}: has format version {version!r}; this layerlab reads {FORMAT_VERSION}: use the "
            f"layerlab that wrote it, or train again"
        )
    try:
        return record, load(tensors)
    except (SafetensorError, LookupError, ValueError) as error:  # a number type that NumPy lacks is a KeyError
        raise InputError(f"{path / 'model.safetensors'}: is damaged ({error}); train again") from error


def check_keys(found: Any, wanted: frozenset[str]) -> None:
    """All of the keys and no others; raises ValueError or TypeError."""
    if set(found) != wanted:
        raise ValueError(f"missing or unknown: {', '.join(sorted(map(str, set(found) ^ wanted)))}")


def texts_from(values: Any) -> tuple[str, ...]:
    """A list of texts; raises TypeError if it is something else."""
    if not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        raise TypeError("wanted texts where something else stands")
    return tuple(values)
