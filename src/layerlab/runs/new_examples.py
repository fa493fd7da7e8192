"""Read new examples (tables, photographs, arrays) and prepare them for a run.

They are prepared as the training set was: with the same columns and kinds, the same medians and categories, the same
image size and colours. Notices say in what they differ from the training set.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part, load_photos
from layerlab.datasets.images.image_folders import IMAGE_ENDINGS, image_files
from layerlab.datasets.images.image_ranges import unlike_training_images
from layerlab.datasets.images.photos import image_header, pillow_is_quiet
from layerlab.datasets.input_record import InputRecord
from layerlab.datasets.part import Notice
from layerlab.datasets.preparing.split_table import Raw
from layerlab.datasets.printable_names import first_names, usual_forms
from layerlab.datasets.tabular.splitting import Split
from layerlab.datasets.tabular.table import Table
from layerlab.errors import InputError

from .run import Run
from .writing import DASH

if TYPE_CHECKING:
    import polars as pl

    from layerlab.datasets.tabular.reading import Read


ANSWERS = ("file", "class", "value", "lowest", "highest", "low", "high", "set", "probabilities")
"""Names of the columns of predictions, so that no column of ids may have them; ids may replace the column "row"."""

NUMBERED = ("probability of ", "value ", "lowest ", "highest ", "low ", "high ")
"""How names of further columns of predictions begin; the name of a class or the number of an output follows."""


NAMED_IMAGES = 5
"""How many images a notice names that are unlike the training images."""


class NewExamples(NamedTuple):
    """New examples, prepared for the network.

    Attributes:
        called: names of the m examples, by column: "file", "row" or both, and the ids under the name of their column.
        X: (n_x, m), prepared.
        notices: in what the examples differ from the training set, in words.
        table: the table that X was made from, or None.
        doubtful: indices of the examples that are unlike all training examples: they have a value, or look in a way,
            that does not occur in the training set.
        labelled: whether the table has the target column too.
    """

    called: Mapping[str, Sequence[Any]]
    X: NDArray[Any]
    notices: tuple[Notice, ...] = ()
    table: Table | None = None
    doubtful: frozenset[int] = frozenset()
    labelled: bool = False


def read_new_examples(
    run: Run,
    paths: Sequence[Any],
    encoding: str | None = None,
    skip_bad: bool = False,
    id_column: str | None = None,
) -> NewExamples:
    """Read new examples as the run takes them: tables, photographs or folders of them, or arrays.

    Args:
        run: a network that was trained on a table (with a preparation), on images (with an image shape), or on arrays.
        paths: at least one; - is a table on standard input. A data frame may stand for a table.
        encoding: encoding of text files; None for UTF-8, or if that fails the encoding of the run's own table.
        skip_bad: leave out photographs that cannot be read, and say which.
        id_column: the column of the tables that names their rows; None for the run's id column, if a table has it.

    Raises:
        InputError: one cannot be read, or is not what the run was trained on.
    """
    is_of_table = run.preparation is not None or (run.image_shape is None and run.feature_names)
    if id_column is not None and not is_of_table:
        raise InputError(f"id={id_column!r}: names rows of a table, and the run was trained on no table: leave it out")
    if run.preparation is None and _are_arrays(paths):
        return _joined([_of_array(run, path) for path in paths])
    if is_of_table:
        return _joined([_of_table(run, path, len(paths) > 1, encoding, id_column) for path in paths])
    if run.image_shape is not None:
        files = [file for path in paths for file in image_files(path)]
        return _of_photos(run, files, run.image_shape, skip_bad)
    raise InputError(
        f"{paths[0]}: the run was trained on arrays without names; wanted arrays, such as new.npy with an example a row"
    )


def _of_photos(run: Run, files: Sequence[Path], shape: tuple[int, ...], skip_bad: bool) -> NewExamples:
    """Read photographs at the network's size and standardise them; a notice says which photographs lost colours."""
    read, columns, notices = [], [], []
    for file in files:
        try:
            columns.append(load_photos([file], shape))
            read.append(file)
        except InputError as error:
            if not skip_bad and len(files) > 1:
                raise InputError(f"{error}; or leave such files out with --skip-bad") from error
            if not skip_bad:
                raise
            notices.append(Notice("bad", "", f"left out: {error}"))
    if not read:
        raise InputError(f"{files[0]}: none of the photographs can be read: wanted one at least")
    with pillow_is_quiet():
        headers = [image_header(file) for file in read]
    grey = [file for file, header in zip(read, headers, strict=True) if len(shape) == 2 and not header.grey]
    if grey:
        what = f"{grey[0]} is" if len(grey) == 1 else f"{len(grey)} photographs are"
        notices.append(Notice("colour", "", f"{what} in colour, but the run was trained on grey images: made grey"))
    X = np.concatenate(columns, axis=1)
    unlike = _unlike(run, X, list(map(str, read)), [header.width / header.height for header in headers])
    called = {"file": list(map(str, read))}
    return NewExamples(called, InputRecord.of(run).features(X), (*notices, *unlike), doubtful=_places(unlike))


def _unlike(run: Run, X: NDArray[Any], names: Sequence[str], proportions: Sequence[float] | None) -> list[Notice]:
    """Make notices about images that are unlike all training images of the run."""
    if run.image_ranges is None or run.image_shape is None:
        return []
    found = unlike_training_images(run.image_ranges, X, run.image_shape, proportions)
    if not found:
        return []
    named = first_names([f"{names[k]} ({clause})" for k, clause in found.items()], NAMED_IMAGES)
    which = "1 image is" if len(found) == 1 else f"{len(found)} images are"
    their = "its prediction says" if len(found) == 1 else "their predictions say"
    what = f"{which} unlike all training images, so {their} little: {named}"
    return [Notice("unlike", "", what, tuple(k + 1 for k in found))]


def _places(unlike: Sequence[Notice]) -> frozenset[int]:
    """Return the indices of the images that the notices are about."""
    return frozenset(row - 1 for notice in unlike for row in notice.rows)


def _are_arrays(paths: Sequence[Path]) -> bool:
    """Return whether all paths have the ending of an array file."""
    from layerlab.datasets.provenance import ARRAY_ENDINGS

    return all(path.suffix.lower().partition(":")[0] in ARRAY_ENDINGS for path in paths)


def _of_table(run: Run, path: Any, several: bool, encoding: str | None, id_column: str | None) -> NewExamples:
    """Read a table; notices say in what it differs from the training set."""
    from layerlab.datasets.tabular.new_tables import read_as_trained

    prepared = run.preparation
    kinds = dict.fromkeys(run.feature_names, "number") if prepared is None else prepared.inputs
    name, frame, read_notices, _ = _read(run, path, encoding, kinds)
    table, dirty = read_as_trained(frame, kinds, None if prepared is None else prepared.words, name)
    notices = (*read_notices, *dirty)
    unusual: Sequence[int] = ()
    if prepared is None:
        X: Any = np.stack([table[name].values for name in kinds])
        if np.isnan(X).any():
            j, k = (int(place[0]) for place in np.nonzero(np.isnan(X)))
            raise InputError(
                f"{name}, row {table.rows[k]}, column {list(kinds)[j]!r}: has no number; the run was trained on "
                f"numbers alone and knows nothing to put there: fill it in"
            )
    else:
        X, notices = table, (*notices, *prepared.drift(table))
        unusual = prepared.unlike_rows(table).tolist()
    called: dict[str, Sequence[Any]] = {"file": [str(path)] * table.m} if several else {}
    called["row"] = table.rows.tolist()
    ids, missing = _ids(run, frame, name, id_column)
    if ids is not None:
        heading, values = ids
        called[heading] = values.tolist()
        table = replace(table, ids=values)
    labelled = prepared is not None and prepared.target.name in frame.columns
    X = InputRecord.of(run).features(X)
    return NewExamples(called, X, (*notices, *missing), table, frozenset(unusual), labelled)


def _ids(
    run: Run, frame: pl.DataFrame, file: str, asked: str | None
) -> tuple[tuple[str, NDArray[Any]] | None, tuple[Notice, ...]]:
    """Return the heading and the ids of a table's rows, or None; and a notice if the run's id column is missing.

    Raises:
        InputError: the column that was asked for is not there.
    """
    from layerlab.datasets.tabular.row_ids import row_ids
    from layerlab.datasets.tabular.targets import check_column

    asked = usual_forms(asked)
    if asked is not None:
        check_column(asked, frame.columns, "id", file)
    name = run.id_column if asked is None else asked
    if name is None:
        return None, ()
    if name not in frame.columns:
        what = f"{file}: has no column {name!r}, which names the rows that the run was trained on: rows are numbered"
        return None, (Notice("id", name, what),)
    return (name if is_free_heading(name) else "id", row_ids(frame, name)), ()


def is_free_heading(name: str) -> bool:
    """Return whether ids may have this heading: predictions have no other column of that name."""
    return name not in ANSWERS and not name.startswith(NUMBERED)


class StandardInput(io.BytesIO):
    """All bytes of standard input, so that a table can be read from them more than once."""

    name = "standard input"


def _standard_input() -> StandardInput:
    """Read all of standard input, if memory has room.

    Raises:
        InputError: it is closed, or does not end in time.
    """
    from layerlab.datasets.files import memory_budget, read_within

    if sys.stdin is None:
        raise InputError("standard input: is closed; wanted a table")
    return StandardInput(read_within(sys.stdin.buffer, StandardInput.name, memory_budget()))


def _read(run: Run, path: Any, encoding: str | None, known: Mapping[str, str]) -> Read:
    """Read a table as UTF-8; if that fails, in the encoding of the table that the run was trained on."""
    from layerlab.datasets.tabular.reading import read_frame

    if isinstance(path, Path) and path.suffix.lower() in IMAGE_ENDINGS:
        raise InputError(f"{path}: is an image, and the run was trained on {run.dataset!r}, a table: wanted a table")
    standard = isinstance(path, Path) and path == DASH
    source: Any = _standard_input() if standard else path
    own = None if run.source is None else run.source.options.get("encoding")
    try:
        return read_frame(source, encoding=encoding, known=known)
    except InputError as error:
        if own is None or encoding or not isinstance(error.__cause__ or error.__context__, UnicodeError):
            raise
        if standard:
            source.seek(0)
        return read_frame(source, encoding=own, known=known)


def _of_array(run: Run, path: Path) -> NewExamples:
    """Read an array with one example per row, as the run's own array was read."""
    from layerlab.datasets.loading.arrays import read_inputs

    X, notices = read_inputs(path, run.look)
    n_x, m = run.network.layer_dims[0], X.shape[1]
    if len(X) != n_x:
        raise InputError(f"{path}: has examples of {len(X)} numbers, and the network {n_x} inputs: wanted as many")
    rows = list(range(1, m + 1))
    called: dict[str, Sequence[Any]] = {"file": [str(path)] * m, "row": rows}
    unlike = _unlike(run, X, [f"row {row}" for row in rows], None)
    return NewExamples(called, InputRecord.of(run).features(X), (*notices, *unlike), doubtful=_places(unlike))


def _joined(parts: list[NewExamples]) -> NewExamples:
    """Join the examples of several files."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.called)
    absent = [[""] * part.X.shape[1] for part in parts]  # a file may lack the ids that another has
    called = {
        name: [one for part, none in zip(parts, absent, strict=True) for one in part.called.get(name, none)]
        for name in names
    }
    notices = tuple(notice for part in parts for notice in part.notices)
    starts = np.cumsum([0, *(part.X.shape[1] for part in parts)])
    doubtful = frozenset(
        int(start) + place for start, part in zip(starts, parts, strict=False) for place in part.doubtful
    )
    X = np.concatenate([part.X for part in parts], axis=1)
    return NewExamples(called, X, notices, doubtful=doubtful, labelled=any(part.labelled for part in parts))


def as_unlabelled_dataset(run: Run, examples: NewExamples, like: Dataset | None = None) -> Dataset:
    """Put new examples into a dataset as its test set, with unknown labels, so that predictions can be explained.

    Args:
        run: the run that makes the predictions.
        examples: the examples, prepared for the run.
        like: the dataset that the run was trained on, if an explanation needs it; else None.
    """
    called, m, table = list(examples.called.values())[-1], examples.X.shape[1], examples.table
    nothing = np.full((run.network.layer_dims[-1], m), np.nan)
    part = Part(examples.X, nothing)
    names = np.array([str(one) for one in called]) if table is None else table.rows
    if like is not None:
        return replace(like, test=part, called=(np.empty(0, object), names), raw=None)
    places = np.arange(m)
    raw = None if table is None else Raw(table, "", np.arange(0), places, Split(), ())
    none = Part(examples.X[:, :0], nothing[:, :0])
    return Dataset(
        "new examples",
        none,
        part,
        run.class_names,
        run.feature_names,
        run.image_shape,
        preparation=run.preparation,
        standardization=run.standardization,
        called=(np.empty(0, names.dtype), names),
        raw=raw,
        id_column=run.id_column,
    )
