"""Opens a file with more rows than memory holds: a sample to learn the columns from, a test part, and a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InputError
from ...settings import SETTINGS, Setting
from .. import preparation
from ..dataset import Dataset, Part, Source, Standardization
from ..opening import check_file
from ..source import file_of
from ..tabular.table import KINDS, Notice
from .arrays import open_arrays
from .dealing import dealt
from .notices import stream_notice
from .parquet import Prepared, Slices, as_table, kinds_of, slices_of
from .passing import Pass, Some, passed, together
from .sources import readable
from .stream import MEMORY, Stream, block_rows

TEST = Setting("test", float, 0.2, "Share of the rows that are set apart for the test", above=0, below=1)


@dataclass(frozen=True)
class Wish:
    """How a file is opened: share of the test, seed of the hash that deals, and memory of the stream."""

    test: float
    seed: int
    memory_mib: float


def open_stream(
    path: str | Path,
    *,
    target: str,
    test: float = TEST.default,
    seed: int = SETTINGS["seed"].default,
    memory_mib: float = MEMORY.default,
    drop: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
) -> Dataset:
    """A dataset whose training part is a stream: more rows than memory holds.

    One pass over the file, in blocks, sets rows apart for the test by a hash of their numbers, at most 50,000; takes as
    many of the others as a sample, from which the preparation is learned, and which stands for all in figures and
    pictures; and looks for a row of every class. Training reads rows in blocks, in the order that
    ``streaming.stream`` describes.

    Args:
        path: a Parquet file; or arrays: "X.npy" with (rows, n_x), or "file.h5:X", a dataset of an HDF5 file.
        target: name of the column; of arrays the .npy file, or the dataset in the same file, with the labels.
        test: share of the rows for the test.
        seed: of the hash.
        memory_mib: MiB that two buffers and what fills them may take; sample and test part may take a quarter each.
        drop: columns that are left out.
        kinds: of columns that are to be another than they seem: "number", "truth", "category" or "date".

    Returns:
        ``train`` is the sample, ``test`` the test part, and ``stream`` all labelled rows that are not in the test part.

    Raises:
        InputError: the file cannot be read, or columns or settings are not right.
    """
    wish = Wish(TEST.check(test), SETTINGS["seed"].check(seed), MEMORY.check(memory_mib))
    check_file(file_of(str(path)))  # a pipe would never end
    if Path(path).suffix in (".parquet", ".pq"):
        return _open_parquet(Path(path), target, wish, tuple(drop), dict(kinds or {}))
    if drop or kinds:
        raise InputError(f"{path}: drop and kinds speak of the columns of a Parquet file; leave them out")
    return open_arrays(str(path), str(target), wish.test, wish.seed, wish.memory_mib)


def _open_parquet(path: Path, target: str, wish: Wish, drop: tuple[str, ...], kinds: dict[str, str]) -> Dataset:
    slices, types = slices_of(path)
    _check_names(slices, target, drop, kinds)
    _check_target(path, target, types[target], kinds)
    slices = slices.only(tuple(name for name in slices.names if name not in drop))
    block = block_rows(len(slices.names), wish.memory_mib)
    with ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(digest_of, path)
        parts = dealt(slices.rows, len(slices.names), wish.test, wish.seed, wish.memory_mib)
        found = passed(slices, target, parts, block)
        digest = hashed.result()
    sample = together(found.sample + found.firsts)
    own = kinds_of(sample.frame, target) | kinds
    unknown = [
        Notice("text", name, f"column {name!r} holds {types[name]}, which is not used: left out", left_out=True)
        for name, kind in own.items()
        if not kind
    ]
    own = {name: kind for name, kind in own.items() if kind}
    test, unseen = _test_rows(found, target, own[target])
    learned = preparation.learned(
        as_table(sample.frame, own, sample.numbers), target, [name for name in own if name != target]
    )
    train, held = (_part(learned, some, own, target) for some in (sample, test))
    block = block_rows(max(len(own), len(train.X) + len(train.Y)), wish.memory_mib)
    source = Prepared(slices.only(tuple(own)), own, target, learned, len(train.Y), block, digest)
    options = {"target": target, "test": wish.test, "seed": wish.seed, "memory_mib": wish.memory_mib}
    stream = Stream(source, found.used, wish.memory_mib)
    dataset = Dataset(
        name=path.stem,
        train=train,
        test=held,
        class_names=tuple(getattr(learned.target, "classes", ())),
        feature_names=learned.feature_names,
        about=f"{stream.rows:,} rows of {path.name} to train on, in blocks of {block:,}",
        called=(sample.numbers + 1, test.numbers + 1),
        preparation=learned,
        source=Source(str(path), options | {"drop": list(drop), "kinds": kinds}, digest),
        notices=(
            stream_notice(stream, len(sample.numbers), len(test.numbers)),
            *found.notices(target),
            *unseen,
            *unknown,
        ),
        stream=stream,
    )
    return dataset if own[target] != "number" else _with_scale(dataset)


def _check_names(slices: Slices, target: str, drop: tuple[str, ...], kinds: dict[str, str]) -> None:
    for name in (target, *drop, *kinds):
        if name not in slices.names:
            raise InputError(
                f"{slices.path}: has no column {name!r}: wanted one of {', '.join(map(repr, slices.names))}"
            )
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise InputError(f"kinds={{{name!r}: {kind!r}}}: wanted one of {', '.join(map(repr, KINDS))}")
    if slices.rows < 2 or set(slices.names) <= {target, *drop}:
        raise InputError(f"{slices.path}: wanted two rows at least, and a column beside the target; take another file")


def _check_target(path: Path, target: str, dtype: Any, kinds: Mapping[str, str]) -> None:
    """Raises InputError where the target's type is none that can be predicted, before any row is read."""
    import polars as pl

    if target not in kinds and not kinds_of(pl.DataFrame(schema={target: dtype}), target)[target]:
        raise InputError(f"{path}, column {target!r}: holds {dtype}: wanted numbers, truth values or words")


def _test_rows(found: Pass, target: str, kind: str) -> tuple[Some, list[Notice]]:
    """The test rows; those with a class that no training row has are left out, and it is said."""
    test = together(found.test)
    if kind == "number" or found.labels is None:
        return test, []
    known = np.fromiter((label in found.labels for label in test.frame[target]), bool, len(test.numbers))
    if known.all():
        return test, []
    numbers = test.numbers[~known]
    what = f"{len(numbers)} of the test rows have a {target} that no row of the training part has: left out of the test"
    return Some(test.frame.filter(known), test.numbers[known]), [
        Notice("unseen", target, what, tuple((numbers + 1).tolist()))
    ]


def _part(learned: preparation.Preparation, some: Some, kinds: Mapping[str, str], target: str) -> Part:
    table = as_table(some.frame, kinds, some.numbers)
    return Part(learned.features(table), learned.labels(table[target]))


def _with_scale(dataset: Dataset) -> Dataset:
    """Values are learned with mean 0 and deviation 1 on the sample."""
    Y = dataset.train.Y
    deviation = Y.std(axis=1, keepdims=True)
    return replace(
        dataset, target_scaling=Standardization(Y.mean(axis=1, keepdims=True), np.where(deviation > 0, deviation, 1.0))
    )


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with readable(str(path)), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
