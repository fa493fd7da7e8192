"""Where two values differ most, for a finding that cannot say how they differ."""

from __future__ import annotations

from typing import Any

import numpy as np


def largest_difference(got: Any, wanted: Any) -> dict[str, Any]:
    """The largest difference of two values, and where it is; only the shapes where those differ."""
    try:
        a, b = np.asarray(got, float), np.asarray(wanted, float)
    except (TypeError, ValueError):
        return {}
    if a.shape != b.shape:
        return {"got_shape": list(a.shape), "wanted_shape": list(b.shape)}
    if not a.size:
        return {}
    off = np.where(np.isfinite(a), np.abs(a - b), np.inf)
    place = np.unravel_index(int(np.argmax(off)), off.shape)
    return {"index": [int(n) for n in place], "got": float(a[place]), "expected": float(b[place])}
