"""Frames: arrays and a head of plain values as bytes, in the format of safetensors, and back.

A frame is a file of safetensors whose metadata has one entry, ``frame``: the head as JSON. Eight bytes give the length
of the header; the header is JSON with the type, shape and place of each array; then follow the arrays. Those with the
largest numbers come first, so that a browser can read each of them in place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEAD = "frame"
"""The name of the metadata that is the head."""


def framed(head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return a frame.

    Args:
        head: plain values without NaN or infinity.
        arrays: float32 or uint8, by name.

    Example:
        >>> head, arrays = unframed(framed({"update": 3}, {"a:1": np.float32([0.5, -1.0])}))
        >>> print(head["update"], arrays["a:1"])
        3 [ 0.5 -1. ]
    """
    from safetensors.numpy import save

    text = json.dumps(head, allow_nan=False, separators=(",", ":"))
    return bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, {HEAD: text}))


def unframed(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the head and the arrays of a frame."""
    from safetensors.numpy import load

    length = int.from_bytes(data[:8], "little")
    head = json.loads(data[8 : 8 + length])["__metadata__"][HEAD]
    return json.loads(head), load(data)
