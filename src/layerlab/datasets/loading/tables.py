"""``load_table``: read a table, find the kinds of its columns, check it, split it, and prepare it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.part import Notice
from layerlab.datasets.preparing.learning_encoders import MAX_CATEGORIES, SCALING
from layerlab.datasets.preparing.split_table import Raw, dataset_fields, notices_of
from layerlab.datasets.printable_names import usual_forms
from layerlab.datasets.provenance import digest_of, source_of
from layerlab.datasets.tabular.column_checks import check_columns
from layerlab.datasets.tabular.duplicates import FileRows, file_rows_of, repeated_entity_notices
from layerlab.datasets.tabular.inferring_kinds import Written, infer_kinds
from layerlab.datasets.tabular.new_tables import read_as_trained
from layerlab.datasets.tabular.reading import Read, read_frame
from layerlab.datasets.tabular.row_ids import row_ids
from layerlab.datasets.tabular.splitting import Split, split_rows
from layerlab.datasets.tabular.table import Table
from layerlab.datasets.tabular.target_drift import time_hints, time_notices
from layerlab.datasets.tabular.targets import PreparedTarget, check_column, prepare_second_target, prepare_target
from layerlab.errors import InputError
from layerlab.formulas.arrays import Indices
from layerlab.text import count_text


def load_table(
    source: Any,
    *,
    target: str,
    task: str | None = None,
    test: float = 0.2,
    seed: int = 0,
    id: str | None = None,  # noqa: A002  (the option's name; the built-in is not used here)
    group: str | None = None,
    time: str | None = None,
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    categories: Sequence[str] = (),
    numbers: Sequence[str] = (),
    decimal: str | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    test_file: Any = None,
    max_categories: int | None = None,
    scaling: str = SCALING.default,
    drop_rare: bool = False,
    skip: int = 0,
    limit_bytes: int | None = None,
) -> Dataset:
    """Load a table: one of its columns is predicted from the others.

    Args:
        source: a path (CSV, TSV, Parquet, Arrow, JSON lines, packed or not), an open file, or a data frame of pandas,
            polars or pyarrow.
        target: the column that is predicted; rows without a value in it are left out.
        task: "classes" for a classification, "values" for a regression; None to infer it.
        test: share of the rows in the test set.
        seed: seed of the random split.
        id: a column that names the rows; it is not a feature, and predictions repeat it.
        group: a column; rows with the same value in it stay in one set. It is not a feature.
        time: a column; the last rows in its order are the test set. It is a feature only if it is in ``keep``. With
            ``group`` too, earlier rows of the test set's groups are left out.
        drop, keep: columns that are not features; columns that are features, whatever is noticed about them.
        categories, numbers: columns that have these kinds, whatever they look like.
        max_categories: how many of the most frequent values of a category get an input each; the others share one. None
            for all values with five training rows, as far as memory allows.
        scaling: how numbers and dates are scaled: "robust" takes median and quartiles, "quantile" the normal scores of
            their ranks.
        decimal: the decimal separator, "." or ",", where no column shows it for certain; None to decide it.
        day_first: whether the day comes before the month in dates such as 01/02/2024, where no column shows it.
        encoding: encoding of a text file that is not UTF-8.
        test_file: a second table with the same columns, as the test set.
        drop_rare: whether a row that is the only one of its class is left out; otherwise it is an error.
        skip: how many lines of a text file stand above its line of names.
        limit_bytes: memory that the table may take; None for a share of the free memory.

    Returns:
        The dataset, with features prepared by what the training set shows, and their table (``raw``).

    Raises:
        InputError: the table cannot be read, a column does not exist, or nothing can be learned; one sentence says why.
    """
    options = {name: value for name, value in locals().items() if name != "source"}
    target, id, group, time, drop, keep = map(usual_forms, (target, id, group, time, drop, keep))  # noqa: A001
    whole = read_frame(source, encoding=encoding, limit_bytes=limit_bytes, skip=skip)
    read = _with_columns(whole, target, drop, keep, {"id": id, "group": group, "time": time})
    categories, numbers = (_kept(usual_forms(names), [*drop, id]) for names in (categories, numbers))
    how = Written(whole.separator, decimal, day_first)
    table, kind_notices = infer_kinds(read.frame, categories=categories, numbers=numbers, file=read.name, written=how)
    _check_usable(table, target, read.name)
    table = table if id is None else replace(table, ids=row_ids(whole.frame, id))
    rows = prepare_target(table, target, task, read.name, drop_rare)
    split = Split(test, seed, group, time)
    if test_file is None:
        train, test_rows = split_rows(rows.table, target, split)
        # Copies are rows that are equal in all columns of the file, including those that are not used.
        file_rows = file_rows_of(whole.frame, whole.frame.columns).taken(rows.table.rows)
    else:
        if group is not None or time is not None:
            raise InputError("test_file= and group= or time=: a test set from a file needs no split; leave one out")
        other = read_frame(test_file, encoding=encoding, limit_bytes=limit_bytes, known=read.frame.columns)
        # Both files become one table, so that everything below treats given test rows like chosen ones.
        m_train, rows = rows.table.m, _with_test_rows(rows, table, other, target, id)
        train, test_rows = np.arange(m_train), np.arange(m_train, rows.table.m)
        split = replace(split, share=len(test_rows) / rows.table.m, given=True)
        file_rows = _rows_of_both(whole, other, rows.table.rows, m_train)
    # The columns of a split are not features: a group in the test set, or a later time, is never in the training set.
    candidates = [name for name in rows.table.names if name not in (target, id, group, *({time} - set(keep)))]
    checked = check_columns(
        rows.table, target, candidates, train=train, test=test_rows, keep=set(keep), whole=file_rows
    )
    of_roles = (*_id_notices(rows.table, id), *_split_notices(split, keep))
    found = (notice for notice in checked.notices if time is None or notice.kind != "trend")
    notices = (*read.notices, *kind_notices, *rows.notices, *of_roles, *found)
    notices += _notices_by_split(rows.table, target, (train, test_rows), split, candidates, notices)
    _check_left(checked.names, notices, target, read.name)
    wanted = {*checked.names, target, group, time}
    used = [name for name in rows.table.names if name in wanted]
    most = MAX_CATEGORIES.check(max_categories)
    how_scaled = SCALING.check(scaling)
    raw = Raw(rows.table.only(used), target, train, test_rows, split, checked.names, most, how_scaled)
    return Dataset(
        Path(read.name).name.split(".")[0] or read.name,
        about=f"{rows.table.m:,} rows of {read.name}, predicting {target!r} from "
        f"{_of_all(len(checked.names), read.frame.width - 1)}",
        notices=notices_of(raw, notices),
        source=source_of(load_table, source, digest_of(source, test_file), **options),
        split_at_random=test_file is None and time is None and group is None,
        id_column=id,
        **dataset_fields(raw),
    )


def _notices_by_split(
    table: Table,
    target: str,
    parts: tuple[Indices, Indices],
    split: Split,
    names: Sequence[str],
    noticed: Sequence[Notice],
) -> tuple[Notice, ...]:
    """Return the notices about the split: what changed over time, or by which columns it is better to split."""
    if split.given:
        return ()
    if split.time is not None:
        return tuple(time_notices(table, target, *parts, split))
    entities = repeated_entity_notices(table, names) if split.group is None else ()
    offered = any(notice.kind == "trend" for notice in noticed)  # that notice already offers a split by time
    return (*entities, *(() if offered else time_hints(table, target, names)))


def _id_notices(table: Table, id_column: str | None) -> tuple[Notice, ...]:
    """Make the notice about the column that names the rows."""
    if id_column is None or table.ids is None:
        return ()
    again = len(table.ids) - len(set(table.ids.tolist()))
    what = f"{id_column!r} names the rows and is not an input"
    if again:
        what += (
            f"; {again:,} of {len(table.ids):,} rows {'repeats' if again == 1 else 'repeat'} the id of an earlier row"
        )
    return (Notice("id", id_column, what, left_out=True),)


def _split_notices(split: Split, keep: Sequence[str]) -> tuple[Notice, ...]:
    """Make the notices about the columns by which rows are split."""
    groups: tuple[Notice, ...] = ()
    if split.group is not None:
        what = f"{split.group!r} decides the split (rows with the same value stay in one set) and is not an input"
        groups = (Notice("split", split.group, what, left_out=True),)
    if split.time is None:
        return groups
    what = f"{split.time!r} decides the split (the last rows are the test set) and is "
    if split.time in keep:
        return (*groups, Notice("split", split.time, f"{what}also an input, because of keep=[{split.time!r}]"))
    what += f"not an input, so the model cannot learn season or trend (keep=[{split.time!r}] makes it an input)"
    return (*groups, Notice("split", split.time, what, left_out=True))


def _of_all(used: int, others: int) -> str:
    """Say how many of the other columns are used."""
    columns = count_text(others, "other column")
    return f"{used:,} of {columns}" if used < others else "the other column" if others == 1 else f"all {columns}"


def _kept(names: Sequence[str], drop: Sequence[str | None]) -> Sequence[str]:
    """Return the names of columns that are not dropped."""
    dropped = set(drop)
    return names if isinstance(names, str) else [name for name in names if name not in dropped]


def _with_columns(
    read: Read, target: str, drop: Sequence[str], keep: Sequence[str], single: Mapping[str, str | None]
) -> Read:
    """Return the frame without dropped columns and without ids; every name that was given must exist.

    Args:
        read, target, drop, keep: the table that was read, and the arguments.
        single: the columns of id, group and time, by these words; ids that also decide the split stay.
    """
    id_column, group, time = (single[role] for role in ("id", "group", "time"))
    for argument, names in (("drop", drop), ("keep", keep)):
        if isinstance(names, str):
            raise InputError(f"{argument}={names!r}: is one word; wanted a list of column names")
    given = [("target", target), *(("drop", name) for name in drop), *(("keep", name) for name in keep)]
    given += [(argument, name) for argument, name in single.items() if name is not None]
    for argument, name in given:
        check_column(name, read.frame.columns, argument, read.name)
    no_feature: dict[str | None, str] = {id_column: "the id", target: "the target", group: "the group"}
    needed = no_feature | {time: "the time"} | dict.fromkeys(keep, "to be kept")
    for argument, name in given:
        roles = needed if argument == "drop" else no_feature if argument == "keep" else {}
        roles = {target: "the target"} if argument == "id" else roles
        if name in roles:
            raise InputError(f"{argument}={name!r}: is {roles[name]}; wanted another column")
    unread = [*drop, *([id_column] if id_column is not None and id_column not in (group, time) else [])]
    return read._replace(frame=read.frame.drop(unread))


MOST_REASONS = 10
"""For how many left-out columns an error says why."""


def _check_left(names: Sequence[str], notices: Sequence[Notice], target: str, file: str) -> None:
    """Refuse a table without any column left as a feature, and say why."""
    if not names:
        said = [notice.what for notice in notices if notice.left_out or notice.kind in ("ambiguous", "unit", "mixed")]
        more = f"; … and {len(said) - MOST_REASONS:,} more" if len(said) > MOST_REASONS else ""
        why = "; ".join(said[:MOST_REASONS]) + more or f"{target!r} is the only column"
        raise InputError(f"{file}: no column is left to predict {target!r} from: {why}")


def _check_usable(table: Table, target: str, file: str) -> None:
    """Refuse a target that is not a column of numbers or words."""
    if target not in table.names:
        raise InputError(f"{file}, column {target!r}: holds lists, times or bytes; wanted numbers or words to predict")


def _rows_of_both(one: Read, other: Read, rows: Indices, first: int) -> FileRows:
    """Return the rows of two files, compared by their common columns: first the rows of ``one``, then of ``other``."""
    of_other = set(other.frame.columns)
    names = [name for name in one.frame.columns if name in of_other]
    first_rows, other_rows = (file_rows_of(read.frame, names) for read in (one, other))
    return first_rows.taken(rows[:first]).joined(other_rows.taken(rows[first:]))


def _with_test_rows(
    rows: PreparedTarget, table: Table, read: Read, target: str, id_column: str | None
) -> PreparedTarget:
    """Return the table followed by the rows of a second one, whose columns are read as the kinds of the first."""
    kinds = {column.name: column.kind for column in table.columns}
    words = {column.name: column.words for column in table.columns}
    other, kind_notices = read_as_trained(read.frame, kinds, words, read.name)
    if id_column is not None:
        check_column(id_column, read.frame.columns, "id", read.name)
        other = replace(other, ids=row_ids(read.frame, id_column))
    second = prepare_second_target(other, rows.table[target], read.name)
    columns = tuple(
        replace(column, values=np.concatenate([column.values, second.table[column.name].values]))
        for column in rows.table.columns
    )
    both = [rows.table.ids, second.table.ids]
    ids = None if id_column is None else np.concatenate([one for one in both if one is not None])
    joined = Table(columns, np.concatenate([rows.table.rows, second.table.rows]), ids)
    notices = (_of_file(notice, read.name) for notice in (*read.notices, *kind_notices, *second.notices))
    return PreparedTarget(joined, rows.task, (*rows.notices, *notices))


def _of_file(notice: Notice, file: str) -> Notice:
    """Add the file's name to a notice."""
    return notice if notice.what.startswith(file) else notice._replace(what=f"{file}: {notice.what}")
