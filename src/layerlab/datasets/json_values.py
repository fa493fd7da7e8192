"""Values from a JSON file that may have been changed: each function checks one kind of value.

The functions raise ValueError or TypeError; the reader of the file says in one sentence which file is damaged.
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
        TypeError: it is not a JSON object.
    """
    if set(found) != wanted:
        raise ValueError(f"missing or unknown: {', '.join(sorted(map(str, set(found) ^ wanted)))}")


def texts_from(values: Any) -> tuple[str, ...]:
    """Return a list of texts as a tuple.

    Raises:
        TypeError: it is not a list of texts.
    """
    if not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        raise TypeError("wanted texts where there is something else")
    return tuple(values)


def numbers_from(values: Any) -> Floats:
    """Return a list of n numbers as an array (n,); null becomes nan.

    Raises:
        TypeError: it is not a list of numbers.
    """
    if not (isinstance(values, list) and all(value is None or type(value) in (int, float) for value in values)):
        raise TypeError("wanted numbers where there is something else")
    return np.array(values, dtype=np.float64)


def truth_from(value: Any) -> bool:
    """Return a truth value.

    Raises:
        TypeError: it is not true or false.
    """
    if not isinstance(value, bool):
        raise TypeError("wanted true or false where there is something else")
    return value
