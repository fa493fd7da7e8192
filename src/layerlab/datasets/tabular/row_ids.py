"""The ids of a file's rows, from a column that names them: kept exactly as written, and never a feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl


def row_ids(frame: pl.DataFrame, name: str) -> NDArray[Any]:
    """Return the ids of a frame's rows, (m,) texts.

    Text stays as it is, with leading zeros and spaces; a number is written as Python writes it; a missing id is "".

    Args:
        frame: as ``read_frame`` returns it.
        name: name of the column of ids.
    """
    ids = np.empty(frame.height, object)
    ids[:] = ["" if one is None else str(one) for one in frame[name].to_list()]
    return ids
