"""Values from a JSON file that anyone may have changed: each function checks one kind and refuses all others.

They raise ValueError or TypeError; whoever reads the file says in one sentence which file is damaged.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from layerlab.formulas.arrays import Floats


def check_keys(found: Any, wanted: Set[str]) -> None:
    """Check that a JSON object has exactly these keys.

    Raises:
        ValueError: a key is missing or unknown.
        TypeError: it has no keys.
    """
    if set(found) != wanted:
        raise ValueError(f"missing or unknown: {', '.join(sorted(map(str, set(found) ^ wanted)))}")


def texts_from(values: Any) -> tuple[str, ...]:
    """Return a list of texts as a tuple.

    Raises:
        TypeError: it is no list, or holds something else.
    """
    if not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        raise TypeError("wanted texts where something else stands")
    return tuple(values)


def numbers_from(values: Any) -> Floats:
    """Return a list of n numbers as an array (n,); null becomes nan.

    Raises:
        TypeError: it is no list, or holds something else.
    """
    if not (isinstance(values, list) and all(value is None or type(value) in (int, float) for value in values)):
        raise TypeError("wanted numbers where something else stands")
    return np.array(values, dtype=np.float64)


def truth_from(value: Any) -> bool:
    """Return true or false as it is.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, bool):
        raise TypeError("wanted true or false where something else stands")
    return value
