"""A new file as a table of the kinds that a model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...errors import InputError
from ..listing import some_of
from ..preparing.words import with_likeness
from .making import as_kind
from .table import Notice, Table

if TYPE_CHECKING:
    import polars as pl


def typed(
    frame: pl.DataFrame,
    kinds: Mapping[str, str],
    words: Mapping[str, tuple[str, ...]] | None = None,
    file: str = "the table",
) -> tuple[Table, tuple[Notice, ...]]:
    """A table with columns of given kinds; the frame's other columns are left alone.

    Args:
        frame: as ``read_frame`` returns it.
        kinds: of ``KINDS`` for the name of each column that is wanted.
        words: ``Column.words`` of the columns that were learned from, where there are some.
        file: for messages.

    Returns:
        The table in the order of ``kinds``, its rows numbered from 1, and notices of cells that were repaired or do not
        fit and are missing.

    Raises:
        InputError: columns are not there; the sentence names them.
    """
    have = set(frame.columns)
    if missing := [name for name in kinds if name not in have]:
        named = some_of([with_likeness(name, frame.columns) for name in missing], 5)
        raise InputError(
            f"{file}: has no column {named}; wanted the {len(kinds)} columns that the model was trained on"
        )
    every = [as_kind(frame[name], kind, (words or {}).get(name, ())) for name, kind in kinds.items()]
    columns = tuple(one.column for one in every if one.column is not None)
    return Table(columns, np.arange(1, frame.height + 1)), tuple(notice for one in every for notice in one.notices)
