"""The files of a saved run: a folder with readable files, or the same in one file; the name decides which.

    any other name          a folder: ``model.safetensors`` with the parameters, ``run.json`` with everything else
    NAME.safetensors        one file: the parameters, and the text of ``run.json`` in the metadata

Nothing in the files is executed on reading. A run appears on the disk as a whole or not at all: it is written next to
its place and then renamed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets.files import read_file
from layerlab.datasets.tensor_files import read_tensors
from layerlab.errors import InputError, WorkError
from layerlab.escapes import escaped_json
from layerlab.formulas.arrays import Floats

from .writing import written_aside

RUN_FORMAT = 5
"""The format version of the ``run.json`` that is written."""

READABLE_FORMATS = (4, RUN_FORMAT)
"""The format versions that are read; files of other versions are refused. Format 4 has no verdict, and its history has
no sizes, no initial cost and no validated_after."""

RECORD, NUMBERS = "run.json", "model.safetensors"
"""The two files of a folder; in a single file the metadata hold the record under this name."""

RECORD_LIMIT = 90_000_000
"""Bytes of the largest record in a single file: safetensors allows 100 million before the parameters."""

MADE = "`layerlab train` or Run.save made"
"""Where the wanted files come from, for messages."""

SavedArrays = dict[str, Floats]
"""The parameters of a file by name, not yet checked."""


class RunPlaces(NamedTuple):
    """Where a run's record and its parameters are, as messages name them."""

    record: str
    numbers: str


def is_one_file(path: str | Path) -> bool:
    """Return whether a run at this path is a single file: whether its name ends in .safetensors, in capitals or not."""
    return Path(path).name.lower().endswith(".safetensors")


def kind_of(path: str | Path) -> str:
    """Return what a run at this path is: "file" or "folder"."""
    return "file" if is_one_file(path) else "folder"


def place_of(path: str | Path) -> RunPlaces:
    """Return how messages name the record and the parameters of a run."""
    if is_one_file(path):
        return RunPlaces(f"{path} ({RECORD})", str(path))
    return RunPlaces(str(Path(path) / RECORD), str(Path(path) / NUMBERS))


def write_run(path: str | Path, record: dict[str, Any], arrays: SavedArrays, others: Mapping[str, str]) -> Path:
    """Write a new folder with ``run.json`` (record and ``format_version``) and ``model.safetensors``, or a single file.

    Args:
        path: the folder, or a file that ends in .safetensors.
        record, arrays: what ``read_run`` returns.
        others: texts of other files for a folder, by their names; a single file has none.

    Raises:
        InputError: something is there already, the place cannot be written to, or the record is too long for one file.
        WorkError: writing failed on the way; nothing is left behind.
    """
    path = Path(path)
    with written_aside(path, kind_of(path)) as aside:
        text = json.dumps({"format_version": RUN_FORMAT, **record}, indent=1, allow_nan=False, ensure_ascii=False)
        text = escaped_json(text)
        if is_one_file(path):
            _write_numbers(path, aside, arrays, {RECORD: _fitting(path, text)})
            return path
        aside.mkdir()
        _write_numbers(path, aside / NUMBERS, arrays, None)
        for name, content in {RECORD: text + "\n", **others}.items():
            (aside / name).write_text(content, encoding="utf-8")
    return path


def _write_numbers(path: Path, file: Path, arrays: SavedArrays, about: dict[str, str] | None) -> None:
    """Write a safetensors file with the arrays and the metadata; errors name the run's path."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, file, about)
    except SafetensorError as error:  # a full disk is an error of its own there
        raise WorkError(f"{path}: writing failed ({error}); nothing was left there") from error
    file.chmod(0o644)  # it was made readable for its owner only


def _fitting(path: Path, text: str) -> str:
    """Check that the text of a record fits into the metadata of a single file, and return it.

    Raises:
        InputError: it is too long.
    """
    size = len(json.dumps(text, ensure_ascii=False).encode())  # a line end takes two characters there
    if size > RECORD_LIMIT:
        raise InputError(
            f"{path}: history and names take {size / 1e6:.0f} MB, and one file has room for {RECORD_LIMIT / 1e6:.0f}; "
            f"name a folder, which is a path that does not end in .safetensors"
        )
    return text


def read_run(path: str | Path) -> tuple[dict[str, Any], SavedArrays]:
    """Return the record and the arrays that ``write_run`` wrote.

    Raises:
        InputError: there is no such folder or file, something is missing or damaged, or it has another format version.
    """
    path, place = Path(path), place_of(path)
    if is_one_file(path):
        _check_there(path, path)
        arrays, about = _numbers_from(path, place)
        if RECORD not in about:
            raise InputError(
                f"{path}: has no {RECORD} in its metadata; wanted a file that {MADE}, or the whole folder of a run"
            )
        return _record_from(about[RECORD].encode(), place), arrays
    for name in (RECORD, NUMBERS):
        _check_there(path, path / name)
    return _record_from(read_file(path / RECORD), place), _numbers_from(path / NUMBERS, place)[0]


def _check_there(path: Path, file: Path) -> None:
    """Raise InputError if a file of the run does not exist."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{path}: no {'file' if file == path else file.name} there; wanted a {kind_of(path)} that {MADE}"
        ) from error
    except (OSError, ValueError) as error:  # a folder that may not be entered, a name that no file can have
        raise InputError(f"{path}: cannot be read ({error})") from error


def _record_from(text: bytes, place: RunPlaces) -> dict[str, Any]:
    """Parse ``run.json``; raise InputError if it is no JSON object of a known format version."""
    try:
        record = json.loads(text.decode())
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise InputError(f"{place.record}: is damaged ({error}); train again") from error
    version = record.get("format_version") if isinstance(record, dict) else None
    if type(version) is not int or version not in READABLE_FORMATS:  # true and 1.0 are equal to 1
        read = " and ".join(map(str, READABLE_FORMATS))
        raise InputError(
            f"{place.record}: has format version {version!r}; this layerlab reads {read}: use the layerlab that wrote "
            f"it, or train again"
        )
    return dict(record)


def _numbers_from(file: Path, place: RunPlaces) -> tuple[SavedArrays, dict[str, str]]:
    """Return the arrays and the metadata of a safetensors file; raise InputError if it is none."""
    try:
        return read_tensors(file)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{place.numbers}: is damaged ({error}); train again") from error
