"""``open_stream``: a file with more rows than fit in memory, as a sample to learn from, a test set and a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.files import check_file, file_of, open_file, readable, without_library_messages
from layerlab.datasets.part import SEED, Notice, Part, Source, standardization_of
from layerlab.datasets.preparing.describing_encoders import pooled_notices
from layerlab.datasets.preparing.learning_encoders import MAX_CATEGORIES, SCALING
from layerlab.datasets.preparing.preparation import learn_preparation
from layerlab.datasets.printable_names import usual_form
from layerlab.datasets.streaming.first_pass import FrameRows, ParquetPass, joined_rows, label_words, pass_over_file
from layerlab.datasets.streaming.parquet import ParquetExamples, ParquetFile, parquet_file
from layerlab.datasets.streaming.parquet_columns import ColumnChoices, learn_columns
from layerlab.datasets.streaming.row_sampling import SAMPLE_SHARE, choose_rows
from layerlab.datasets.streaming.stream import MEMORY, MIB, Stream, rows_of_block
from layerlab.datasets.streaming.stream_notices import stream_notice
from layerlab.errors import InputError
from layerlab.settings import Setting
from layerlab.text import count_text

from .array_streams import open_arrays

TEST = Setting("test", float, 0.2, "Share of the rows in the test set", above=0, below=1)


@dataclass(frozen=True)
class StreamOptions:
    """How a file is opened: the share of test rows, the seed of the hash that chooses them, and the stream's memory."""

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
    id: str | None = None,  # noqa: A002  (named as for load_table)
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    categories: Sequence[str] = (),
    numbers: Sequence[str] = (),
    max_categories: int | None = None,
    decimal: str | None = None,
    day_first: bool | None = None,
    scaling: str = SCALING.default,
    memory_mib: float = MEMORY.default,
) -> Dataset:
    """Open a dataset whose training set is a stream: it may have more rows than fit in memory.

    One pass over the file, in blocks, chooses at most 50,000 test rows by a hash of their numbers, and as many other
    rows as a sample. The preparation is learned from the sample, and scores and pictures of the training set show the
    sample. The pass also finds a row of every class. Training reads rows in blocks, in the order that
    ``streaming.stream`` describes.

    Args:
        path: a Parquet file; or an array: "X.npy" with (rows, n_x), or "file.h5:X", a dataset of an HDF5 file.
        target: name of the target's column; for arrays, the labels as for ``load_arrays``: "y.npy", "file.h5:y" or "y".
        task, drop, keep, categories, numbers, max_categories, decimal, day_first, scaling: as for ``load_table``; not
            for arrays.
        test: share of the rows for the test set.
        seed: seed of the hash that chooses the test rows.
        id: a column that names the rows; it is not a feature, and predictions repeat it. Not for arrays.
        memory_mib: MiB for two buffers and the threads that fill them; sample and test set may take a quarter each.

    Returns:
        ``train`` is the sample, ``test`` the test set, and ``stream`` all rows with a label outside of the test set.

    Raises:
        InputError: the file cannot be read, a column does not exist, or a setting is out of its range.
    """
    options = StreamOptions(TEST.check(test), SEED.check(seed), MEMORY.check(memory_mib))
    check_file(file_of(str(path)))  # a pipe would never end
    most = MAX_CATEGORIES.check(max_categories)
    way = SCALING.check(scaling)
    choices = ColumnChoices(task, drop, keep, categories, numbers, most, decimal, day_first, way)
    if Path(path).suffix.lower() in (".parquet", ".pq"):
        with without_library_messages():
            return _open_parquet(Path(path), target, options, choices, id)
    if choices != ColumnChoices() or id is not None:
        raise InputError(f"{path}: the options id, {', '.join(asdict(choices))} are for tables; leave them out")
    return open_arrays(str(path), str(target), options.test, options.seed, options.memory_mib)


def _open_parquet(
    path: Path, target: str, options: StreamOptions, choices: ColumnChoices, id_column: str | None
) -> Dataset:
    """Open a Parquet file as a dataset, as ``open_stream`` does."""
    file = parquet_file(path)
    target, choices, id_column = _names_of(file, target, choices, id_column)
    _check_names(file, target, choices, id_column)
    file = file.only(tuple(name for name in file.names if name not in (*choices.drop, id_column)))
    chosen = choose_rows(file.rows, len(file.names), options.test, options.seed, options.memory_mib)
    with ThreadPoolExecutor(1) as beside:  # the digest needs the whole file too
        hashed = beside.submit(sha256_of_file, path)
        found = pass_over_file(file, target, chosen, rows_of_block(len(file.names), options.memory_mib))
        digest = hashed.result()
    # The sample has a row of every class, so that no class is unknown when it comes up in training.
    sample = joined_rows(found.sample + found.firsts)
    columns, table, column_notices = learn_columns(sample.frame, sample.numbers, target, choices, str(path))
    test, unseen = _test_rows(found, target, columns.target.kind)
    room = int(options.memory_mib * MIB * SAMPLE_SHARE / 8)
    preparation = learn_preparation(table, target, list(columns.kinds), choices.max_categories, room, choices.scaling)
    train = Part(preparation.features(table), preparation.labels(table[target]))
    block = rows_of_block(max(len(columns.names), len(train.X) + len(train.Y)), options.memory_mib)
    examples = ParquetExamples(file.only(columns.names), columns, preparation, len(train.Y), block, digest)
    stream = Stream(examples, found.rows.used, options.memory_mib)
    given = {"target": target, **asdict(options)}
    given |= {} if id_column is None else {"id": id_column}
    given |= {
        name: value if value is None or isinstance(value, str | int) else list(value)
        for name, value in asdict(choices).items()
    }
    return Dataset(
        name=path.stem,
        train=train,
        test=columns.part(test.frame, test.numbers, preparation),
        class_names=preparation.class_names,
        feature_names=preparation.feature_names,
        about=f"{file.rows:,} rows of {path.name} read in blocks, predicting {target!r} from "
        f"{count_text(len(columns.kinds), 'column')}",
        called=(table.rows, test.numbers + 1),
        preparation=preparation,
        target_scaling=None if preparation.class_names else standardization_of(train.Y),
        source=Source(str(path), given, digest),
        notices=(
            stream_notice(stream, table.m, len(test.numbers)),
            *found.notices(target),
            *unseen,
            *column_notices,
            *pooled_notices(preparation.encoders, [table[name] for name in preparation.columns], "rows of the sample"),
        ),
        stream=stream,
        id_column=id_column,
        split_at_random=True,
    )


def _names_of(
    file: ParquetFile, target: str, choices: ColumnChoices, id_column: str | None
) -> tuple[str, ColumnChoices, str | None]:
    """The target, the choices and the id under the file's own names, if the user's are in another Unicode form."""
    own = {usual_form(name): name for name in file.names}

    def found(name: str) -> str:
        return name if name in file.names else own.get(usual_form(name), name)

    def all_found(names: Sequence[str]) -> Sequence[str]:
        return names if isinstance(names, str) else [found(name) for name in names]

    own_choices = replace(
        choices,
        drop=all_found(choices.drop),
        keep=all_found(choices.keep),
        categories=all_found(choices.categories),
        numbers=all_found(choices.numbers),
    )
    return found(target), own_choices, None if id_column is None else found(id_column)


def _check_names(file: ParquetFile, target: str, choices: ColumnChoices, id_column: str | None) -> None:
    """Check that the columns that the user names exist."""
    ids = () if id_column is None else (id_column,)
    for argument, names in (("drop", choices.drop), ("keep", choices.keep), ("id", ids)):
        if target in names:
            raise InputError(f"{argument}={target!r}: is the target; wanted another column")
        if id_column in names and argument != "id":
            raise InputError(f"{argument}={id_column!r}: is the id; wanted another column")
    for name in (target, *choices.drop, *choices.keep, *ids):
        if name not in file.names:
            there = ", ".join(map(repr, file.names))
            raise InputError(f"{file.path}: has no column {name!r}: wanted one of {there}")
    if file.rows < 2 or set(file.names) <= {target, *choices.drop, *ids}:
        raise InputError(f"{file.path}: wanted at least two rows, and a column besides the target; use another file")
    if file.only((target,)).read(0, 1)[target].dtype.is_nested():
        raise InputError(f"{file.path}, column {target!r}: holds lists; wanted numbers or words to predict")


def _test_rows(found: ParquetPass, target: str, kind: str) -> tuple[FrameRows, list[Notice]]:
    """Return the test rows; those with a class that no training row has are left out, with a notice."""
    test = joined_rows(found.test)
    if kind == "number" or found.labels is None:
        return test, []
    labels = label_words(test.frame[target]).to_list()
    known = np.fromiter((label in found.labels for label in labels), bool, len(test.numbers))
    if known.all():
        return test, []
    numbers = test.numbers[~known]
    what = (
        f"{len(numbers)} of the test rows have a value of {target!r} that no training row has; they are left out of "
        f"the test set"
    )
    return FrameRows(test.frame.filter(known), test.numbers[known]), [
        Notice("unseen", target, what, tuple((numbers + 1).tolist()))
    ]


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a whole file."""
    with readable(str(path)), open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
