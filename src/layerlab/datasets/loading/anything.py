"""``load_data``: the path decides which loader reads it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.files import BYTES_PER_BYTE, file_of, placed_in
from layerlab.datasets.packed_files import NUMBERS_PER_BYTE
from layerlab.datasets.part import Source
from layerlab.datasets.provenance import ARRAY_ENDINGS, PACKED_ENDINGS, TABLE_ENDINGS, ending_of, is_there
from layerlab.datasets.streaming.stream import MEMORY
from layerlab.errors import InputError
from layerlab.settings import ARGUMENTS


def load_data(path: str | Path, **options: Any) -> Dataset:
    """Load your own data: a table, a folder of images, or arrays.

    Args:
        path: a table (.csv, .tsv, .parquet, .arrow, .feather, .jsonl, .ndjson, compressed or not), a folder with a
            folder of images for each class, or arrays (.npy, .npz, .h5, .hdf5, .mat; ``file.h5:name`` is one of them).
        options: arguments of the loader for that path: ``load_table``, ``load_images`` or ``load_arrays``; with
            ``memory`` (MiB) those of ``open_stream``. For a compressed table, ``memory`` limits what reading it takes.
            ``test`` may also be a file that is the test set.

    Raises:
        InputError: the path does not exist, cannot be read, or does not go with an option.
    """
    options = {name: value for name, value in options.items() if value is not None}
    streamed = {"memory", "memory_mib"} & set(options)
    if streamed and _is_packed_table(str(path)):
        allowed = MEMORY.check(options.pop(streamed.pop())) * 2**20
        options["limit_bytes"] = int(allowed * NUMBERS_PER_BYTE / BYTES_PER_BYTE)
    loader, what = _loader(str(path), bool(streamed))
    with placed_in(path):
        return loader(path, **_suited(options, loader, what, path))


def _is_packed_table(path: str) -> bool:
    """Return whether a path has the name of a compressed table, which cannot be read in blocks."""
    return Path(path).suffix.lower() in PACKED_ENDINGS and ending_of(Path(path)) in TABLE_ENDINGS


def read_again(source: Source) -> Dataset:
    """Read the same dataset again, from the same path with the same options.

    Raises:
        InputError: the file is gone or has changed.
    """
    if not is_there(source.path):
        raise InputError(
            f"{source.path}: is not there (looked for in {Path.cwd()}); wanted the data that the run was trained on: "
            f"change to the folder where they are, or name them with --data"
        )
    data = load_data(source.path, **source.options)
    if data.source is None or data.source.digest != source.digest:
        raise InputError(
            f"{source.path}: was changed since the run was trained on it; wanted the same data: name them with --data"
        )
    return data


def _loader(path: str, streamed: bool) -> tuple[Callable[..., Dataset], str]:
    """Choose the loader for a path, and describe in words what the path holds."""
    from .arrays import load_arrays
    from .images import load_images
    from .streams import open_stream
    from .tables import load_table

    if not is_there(path):
        raise InputError(f"{path}: there is no such file or folder; wanted a table, a folder of images, or arrays")
    file = file_of(path)
    if file.is_dir():
        return load_images, "a folder of images"
    if streamed:
        return open_stream, "a file read in blocks"
    if ending_of(file) in TABLE_ENDINGS:
        return load_table, "a table"
    if ending_of(file) in ARRAY_ENDINGS:
        return load_arrays, "a file of arrays"
    from layerlab.datasets.images.image_folders import IMAGE_ENDINGS

    if ending_of(file) in IMAGE_ENDINGS:
        raise InputError(
            f"{path}: is a single image; wanted a folder of images (a trained run classifies it: layerlab predict RUN "
            f"{file.name}, or layerlab explain RUN {file.name})"
        )
    raise InputError(
        f"{path}: its ending is unknown; wanted a table ({', '.join(TABLE_ENDINGS)}, also "
        f"{', '.join(PACKED_ENDINGS)}), arrays ({', '.join(ARRAY_ENDINGS)}), or a folder of images"
    )


def _suited(options: Mapping[str, Any], loader: Callable[..., Dataset], what: str, path: Any) -> dict[str, Any]:
    """Return the options under the names of the loader's arguments.

    Raises:
        InputError: the loader does not take one of them.
    """
    known = inspect.signature(loader).parameters
    own: dict[str, Any] = {}
    for name, value in options.items():
        called = ARGUMENTS.get(name, name)
        if name == "test" and isinstance(value, str | Path):
            called, value = _test_argument(value)
        if called not in known:
            raise InputError(f"{name}={value!r} does not apply to {path}, which is {what}: leave it out")
        own[called] = value
    missing = [p.name for p in known.values() if p.default is inspect.Parameter.empty and p.name not in own][1:]
    if missing:
        there = _columns_in_words(path, own) if what == "a table" and missing[0] == "target" else ""
        raise InputError(f"{path}: is {what}; wanted {missing[0]}=NAME too{there}")
    return own


def _columns_in_words(path: Any, own: Mapping[str, Any]) -> str:
    """Say which columns a table has; the last one is often the target."""
    from layerlab.datasets.tabular.reading import read_frame
    from layerlab.datasets.tabular.targets import first_and_last_names

    names = read_frame(path, encoding=own.get("encoding"), skip=own.get("skip", 0)).frame.columns
    return f": it has {first_and_last_names(names)}; did you mean the last one, target={names[-1]!r}?"


def _test_argument(value: str | Path) -> tuple[str, Any]:
    """Return the test set as a loader's argument: a share, or another file."""
    try:
        return "test", float(str(value))
    except ValueError:
        return "test_file", value
