"""A new file read as a table with the kinds of columns that a model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from layerlab.datasets.part import Notice
from layerlab.datasets.printable_names import usual_form
from layerlab.errors import InputError

from . import dates
from .cell_reports import quoted
from .cells import stripped
from .decimal_separators import Words, is_text, words_as_written
from .parsing_columns import read_as_kind
from .table import Table
from .targets import similar_names

if TYPE_CHECKING:
    import polars as pl


def read_as_trained(
    frame: pl.DataFrame,
    kinds: Mapping[str, str],
    words: Mapping[str, tuple[str, ...]] | None = None,
    file: str = "the table",
) -> tuple[Table, tuple[Notice, ...]]:
    """Read a frame's columns as given kinds; the frame's other columns are ignored.

    Args:
        frame: as ``read_frame`` returns it.
        kinds: the kind (one of ``KINDS``) of each wanted column, by its name.
        words: ``Column.words`` of the training columns that have some.
        file: the file's name, for messages.

    Returns:
        The table in the order of ``kinds``, its rows numbered from 1, and notices about cells that were repaired,
        or that do not fit and are missing.

    Raises:
        InputError: columns are missing; the sentence names them.
    """
    frame = _with_names_of(kinds, frame)
    have = set(frame.columns)
    if missing := [name for name in kinds if name not in have]:
        raise InputError(_missing(missing, kinds, frame.columns, file))
    words, decimal_notices = words_as_written(frame, kinds, words or {}, file)
    words, date_notices = _dates_as_written(frame, kinds, words, file)
    read = [read_as_kind(frame[name], kind, words.get(name, ())) for name, kind in kinds.items()]
    columns = tuple(one.column for one in read if one.column is not None)
    own = (notice for one in read for notice in one.notices if notice.kind != "codes")  # that was decided in training
    notices = (*decimal_notices, *date_notices, *own)
    return Table(columns, np.arange(1, frame.height + 1)), notices


def _with_names_of(kinds: Mapping[str, str], frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with the model's column names, where the names differ only in their Unicode form."""
    have = set(frame.columns)
    forms = {usual_form(name): name for name in kinds if name not in have}
    return frame.rename({name: forms[name] for name in frame.columns if name in forms}) if forms else frame


def _dates_as_written(
    frame: pl.DataFrame, kinds: Mapping[str, str], words: Words, file: str
) -> tuple[Words, list[Notice]]:
    """Decide how dates are read: like the training dates, or with day and month exchanged if only that fits."""
    changed, notices = {}, []
    for name, how in words.items():
        other = dates.swapped(how[0]) if kinds.get(name) == "date" and how else None
        if other is None or not is_text(frame[name]):
            continue
        cells_of = stripped(frame[name])
        unread = dates.days(cells_of, how[0]).is_null() & cells_of.is_not_null()
        if unread.any() and dates.days(cells_of, other).count() == cells_of.count():
            changed[name] = (other, *how[1:])
            example = quoted(cells_of.filter(unread)[0])
            what = (
                f"{file}: {name!r} has dates written as {dates.shown(other)}, such as {example}, and the training data "
                f"as {dates.shown(how[0])}; they are read so"
            )
            notices.append(Notice("dates", name, what))
    return {**words, **changed}, notices


def _missing(missing: list[str], kinds: Mapping[str, str], names: list[str], file: str) -> str:
    """Say which columns are missing, with similar names among the columns that the model does not use."""
    others = [name for name in names if name not in kinds]
    hints = {name: close[0] for name in missing[:5] if (close := similar_names(name, others))}
    near = ", ".join(f"{there!r} for {name!r}" for name, there in hints.items())
    columns = "column" if len(kinds) == 1 else f"{len(kinds)} columns"
    many = f" and {len(missing) - 5} more" * (len(missing) > 5)
    return (
        f"{file}: has no column {', '.join(map(repr, missing[:5]))}{many}; wanted the {columns} that the "
        f"model was trained on" + (f" (it has {near}: the names must be the same)" if near else "")
    )
