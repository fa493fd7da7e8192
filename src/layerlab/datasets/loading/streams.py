"""``open_stream``: a file with more rows than memory holds, as a sample to learn from, a test set and a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.files import check_file, file_of, without_library_messages
from layerlab.datasets.part import SEED, Notice, Part, Source, standardization_of
from layerlab.datasets.preparing import preparation
from layerlab.datasets.streaming.first_pass import FrameRows, ParquetPass, joined_rows, pass_over_file
from layerlab.datasets.streaming.generated import readable
from layerlab.datasets.streaming.parquet import ParquetExamples, ParquetFile, parquet_file
from layerlab.datasets.streaming.parquet_columns import ColumnChoices, learn_columns
from layerlab.datasets.streaming.row_sampling import choose_rows
from layerlab.datasets.streaming.stream import MEMORY, Stream, rows_of_block
from layerlab.datasets.streaming.stream_notices import stream_notice
from layerlab.errors import InputError
from layerlab.settings import Setting

from .array_streams import open_arrays

TEST = Setting("test", float, 0.2, "Share of the rows that are set apart for the test", above=0, below=1)


@dataclass(frozen=True)
class StreamOptions:
    """How a file is opened: share of the test rows, seed of the hash that chooses them, and memory of the stream."""

    test: float
    seed: int
    memory_mib: float


def open_stream(
    path: str | Path,
    *,
    target: str,
    task: str | None = None,
    test: float = TEST.default,
    seed: int = SEED.default,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    categories: Sequence[str] = (),
    numbers: Sequence[str] = (),
    memory_mib: float = MEMORY.default,
) -> Dataset:
    """Open a dataset whose training set is a stream: more rows than memory holds.

    One pass over the file, in blocks, chooses test rows by a hash of their numbers, at most 50,000, and as many of the
    others as a sample: the preparation is learned from it, and scores and pictures of the training set are made of it.
    The pass also looks for a row of every class. Training reads rows in blocks, in the order that
    ``streaming.stream`` describes.

    Args:
        path: a Parquet file; or arrays: "X.npy" with (rows, n_x), or "file.h5:X", a dataset of an HDF5 file.
        target: name of the column; of arrays the labels, named as for ``load_arrays``: "y.npy", "file.h5:y" or "y".
        task, drop, keep, categories, numbers: as for ``load_table``; not for arrays.
        test: share of the rows for the test.
        seed: seed of the hash that chooses the test rows.
        memory_mib: MiB that two buffers and what fills them may take; sample and test set may take a quarter each.

    Returns:
        ``train`` is the sample, ``test`` the test set, and ``stream`` all labelled rows that are not in the test set.

    Raises:
        InputError: the file cannot be read, or columns or settings are not right.
    """
    wish = StreamOptions(TEST.check(test), SEED.check(seed), MEMORY.check(memory_mib))
    check_file(file_of(str(path)))  # a pipe would never end
    choices = ColumnChoices(task, drop, keep, categories, numbers)
    if Path(path).suffix.lower() in (".parquet", ".pq"):
        with without_library_messages():
            return _open_parquet(Path(path), target, wish, choices)
    if choices != ColumnChoices():
        raise InputError(f"{path}: task, drop, keep, categories and numbers speak of a table's columns; leave them out")
    return open_arrays(str(path), str(target), wish.test, wish.seed, wish.memory_mib)


def _open_parquet(path: Path, target: str, wish: StreamOptions, choices: ColumnChoices) -> Dataset:
    """Open a Parquet file."""
    slices = parquet_file(path)
    _check_names(slices, target, choices)
    slices = slices.only(tuple(name for name in slices.names if name not in choices.drop))
    with ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(sha256_of_file, path)
        parts = choose_rows(slices.rows, len(slices.names), wish.test, wish.seed, wish.memory_mib)
        found = pass_over_file(slices, target, parts, rows_of_block(len(slices.names), wish.memory_mib))
        digest = hashed.result()
    sample = joined_rows(found.sample + found.firsts)
    columns, table, noticed = learn_columns(sample.frame, sample.numbers, target, choices, str(path))
    test, unseen = _test_rows(found, target, columns.target.kind)
    learned = preparation.learn_preparation(table, target, list(columns.kinds))
    train = Part(learned.features(table), learned.labels(table[target]))
    held = columns.part(test.frame, test.numbers, learned)
    block = rows_of_block(max(len(columns.names), len(train.X) + len(train.Y)), wish.memory_mib)
    source = ParquetExamples(slices.only(columns.names), columns, learned, len(train.Y), block, digest)
    stream = Stream(source, found.used, wish.memory_mib)
    options = {"target": target, "test": wish.test, "seed": wish.seed, "memory_mib": wish.memory_mib}
    said = {name: value if name == "task" else list(value) for name, value in asdict(choices).items()}
    return Dataset(
        name=path.stem,
        train=train,
        test=held,
        class_names=learned.class_names,
        feature_names=learned.feature_names,
        about=f"{path.name}: {slices.rows:,} rows read in blocks, {target!r} told by {len(columns.kinds)} columns",
        called=(table.rows, test.numbers + 1),
        preparation=learned,
        target_scaling=None if learned.class_names else standardization_of(train.Y),
        source=Source(str(path), options | said, digest),
        notices=(
            stream_notice(stream, table.m, len(test.numbers)),
            *found.notices(target),
            *unseen,
            *noticed,
        ),
        stream=stream,
    )


def _check_names(slices: ParquetFile, target: str, choices: ColumnChoices) -> None:
    """Check that the columns that the user names are there."""
    for said, names in (("drop", choices.drop), ("keep", choices.keep)):
        if target in names:
            raise InputError(f"{said}={target!r}: is the target; wanted another column")
    for name in (target, *choices.drop, *choices.keep):
        if name not in slices.names:
            there = ", ".join(map(repr, slices.names))
            raise InputError(f"{slices.path}: has no column {name!r}: wanted one of {there}")
    if slices.rows < 2 or set(slices.names) <= {target, *choices.drop}:
        raise InputError(f"{slices.path}: wanted two rows at least, and a column beside the target; take another file")
    if slices.only((target,)).read(0, 1)[target].dtype.is_nested():
        raise InputError(f"{slices.path}, column {target!r}: holds lists; wanted numbers or words to predict")


def _test_rows(found: ParquetPass, target: str, kind: str) -> tuple[FrameRows, list[Notice]]:
    """The test rows; those with a class that no training row has are left out, with a notice."""
    test = joined_rows(found.test)
    if kind == "number" or found.labels is None:
        return test, []
    known = np.fromiter((label in found.labels for label in test.frame[target]), bool, len(test.numbers))
    if known.all():
        return test, []
    numbers = test.numbers[~known]
    what = f"{len(numbers)} of the test rows have a {target} that no row of the training part has: left out of the test"
    return FrameRows(test.frame.filter(known), test.numbers[known]), [
        Notice("unseen", target, what, tuple((numbers + 1).tolist()))
    ]


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a whole file."""
    with readable(str(path)), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
