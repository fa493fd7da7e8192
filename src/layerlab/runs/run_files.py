"""A run on the disk: a folder that one can look into, or the same in a single file. The name decides which.

    anything                a folder: ``model.safetensors`` with the numbers, ``run.json`` with everything one reads
    NAME.safetensors        one file: the numbers, and the text of ``run.json`` in its metadata, under that name

Nothing in it is executed on reading. What is kept appears whole or not at all: written beside its place, and renamed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from layerlab.errors import InputError, WorkError
from layerlab.formulas.arrays import Floats

from .writing import written_aside

RUN_FORMAT = 4
"""Of ``run.json``; another one is refused."""

RECORD, NUMBERS = "run.json", "model.safetensors"
"""The files of a folder; the first is also the name of a single file's metadata."""

RECORD_LIMIT = 90_000_000
"""Bytes of a record that a single file takes: safetensors allows 100 million with all else that stands in front."""

MADE = "`layerlab train` or Run.save made"

Arrays = dict[str, Floats]


class Place(NamedTuple):
    """Where a run's record and its numbers are, as messages call them."""

    record: str
    numbers: str


def is_one_file(path: str | Path) -> bool:
    """Whether a run with this path is a single file: its name ends in .safetensors, in capitals or not."""
    return Path(path).name.lower().endswith(".safetensors")


def kind_of(path: str | Path) -> str:
    """What a run with this path is: "file" or "folder"."""
    return "file" if is_one_file(path) else "folder"


def place_of(path: str | Path) -> Place:
    """What messages about a run call its parts."""
    if is_one_file(path):
        return Place(f"{path} ({RECORD})", str(path))
    return Place(str(Path(path) / RECORD), str(Path(path) / NUMBERS))


def write_run(path: str | Path, record: dict[str, Any], arrays: Arrays, others: Mapping[str, str]) -> Path:
    """A new folder with ``run.json`` (the record and a ``format_version``) and ``model.safetensors``, or one file.

    Args:
        path: the folder, or a file that ends in .safetensors.
        record, arrays: what ``read_run`` reads.
        others: texts for whoever looks into a folder, by the names of their files; a single file has none.

    Raises:
        InputError: something is there already, the place cannot be written to, or the record is too long for one file.
        WorkError: writing failed on the way; nothing is left behind.
    """
    path = Path(path)
    with written_aside(path, kind_of(path)) as aside:
        text = json.dumps({"format_version": RUN_FORMAT, **record}, indent=1, allow_nan=False, ensure_ascii=False)
        if is_one_file(path):
            _write_numbers(path, aside, arrays, {RECORD: _fitting(path, text)})
            return path
        aside.mkdir()
        _write_numbers(path, aside / NUMBERS, arrays, None)
        for name, content in {RECORD: text + "\n", **others}.items():
            (aside / name).write_text(content, encoding="utf-8")
    return path


def _write_numbers(path: Path, file: Path, arrays: Arrays, about: dict[str, str] | None) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, file, about)
    except SafetensorError as error:  # a full disk is an error of its own there
        raise WorkError(f"{path}: writing failed ({error}); nothing was left there") from error
    file.chmod(0o644)  # it was made for its owner alone


def _fitting(path: Path, text: str) -> str:
    """The text, which goes into the front of a file.

    Raises:
        InputError: it is too long.
    """
    size = len(json.dumps(text, ensure_ascii=False).encode())  # a line's end takes two letters there
    if size > RECORD_LIMIT:
        raise InputError(
            f"{path}: history and names take {size / 1e6:.0f} MB, and one file has room for {RECORD_LIMIT / 1e6:.0f}; "
            f"name a folder, which is a path that does not end in .safetensors"
        )
    return text


def read_run(path: str | Path) -> tuple[dict[str, Any], Arrays]:
    """The record and the arrays that ``write_run`` wrote.

    Raises:
        InputError: no such folder or file, a part missing or damaged, or another format version.
    """
    path, place = Path(path), place_of(path)
    if is_one_file(path):
        arrays, about = _numbers_from(_bytes_of(path, path), place)
        if RECORD not in about:
            raise InputError(
                f"{path}: has no {RECORD} in its metadata; wanted a file that {MADE}, or the whole folder of a run"
            )
        return _record_from(about[RECORD].encode(), place), arrays
    text, tensors = (_bytes_of(path, path / name) for name in (RECORD, NUMBERS))
    return _record_from(text, place), _numbers_from(tensors, place)[0]


def _bytes_of(path: Path, file: Path) -> bytes:
    """All of a file of the run at the path."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{path}: no {'file' if file == path else file.name} there; wanted a {kind_of(path)} that {MADE}"
        ) from error
    except (OSError, ValueError) as error:  # no permission, a folder, a name that no file can have
        raise InputError(f"{path}: cannot be read ({error})") from error


def _record_from(text: bytes, place: Place) -> dict[str, Any]:
    try:
        record = json.loads(text.decode())
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested without end
        raise InputError(f"{place.record}: is damaged ({error}); train again") from error
    version = record.get("format_version") if isinstance(record, dict) else None
    if type(version) is not int or version != RUN_FORMAT:  # true and 1.0 are equal to 1
        raise InputError(
            f"{place.record}: has format version {version!r}; this layerlab reads {RUN_FORMAT}: use the "
            f"layerlab that wrote it, or train again"
        )
    return dict(record)


def _numbers_from(tensors: bytes, place: Place) -> tuple[Arrays, dict[str, str]]:
    """The arrays, and the metadata, which stand as JSON behind eight bytes with their length."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(tensors)
        header = json.loads(tensors[8 : 8 + int.from_bytes(tensors[:8], "little")])
    except (SafetensorError, LookupError, ValueError) as error:  # a number type that NumPy lacks is a KeyError
        raise InputError(f"{place.numbers}: is damaged ({error}); train again") from error
    return arrays, header.get("__metadata__") or {}
