"""How the rows of a table are dealt into a training and a test part, so that it can be written down and done again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .table import Table


@dataclass(frozen=True)
class Split:
    """How rows are dealt.

    Attributes:
        share: of the rows that go to the test part, above 0 and below 1.
        seed: of the ``RandomState`` that deals.
        group: a column whose equal values stay in one part, or None.
        time: a column by which the last rows are the test part, or None. Of group and time one at most.
    """

    share: float = 0.2
    seed: int = 0
    group: str | None = None
    time: str | None = None


def dealt(table: Table, target: str, split: Split) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the rows of the training and of the test part, each ascending.

    Args:
        table: all rows, with the target and the columns that the split speaks of.
        target: its name; of classes ("truth", "category") each part has its share where rows are dealt by chance.
        split: how.

    Raises:
        InputError: the split speaks of a column that is not there, or leaves a part or a class of a part empty.
    """
    raise NotImplementedError
