"""Pictures of what units compute: maps over the plane of two inputs, and first-layer weights as small images.

They are bytes, for colours alone. Byte 0 stands for the lower end of a unit's range and 255 for the upper end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

Bytes = NDArray[np.uint8]
Singles = NDArray[np.float32]

BOUNDED = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0)}
"""Functions whose range of values is that of the colours. For others the largest absolute value of the unit ends it."""

AT_A_TIME = 1 << 22
"""About this many values of a layer are computed at a time, so that maps of a wide network do not fill the memory."""

FINE = 100
"""Points along each axis of a fine map."""

MOST_BYTES = 120_000
"""Of the maps of all units, and of the fine ones, in a frame: 30 a second have to pass a slow line, too."""

LONGEST_SIDE = 32
"""Pixels of a picture of weights along its longer side, at most: in larger images, squares of pixels are averaged."""


def grids_of(units: Sequence[int], grid: int, fine: int) -> list[int]:
    """Return the points along each axis of the maps of each layer: fewer than wanted where there are many units.

    Args:
        units: how many are drawn, of each layer.
        grid: points that are wanted.
        fine: number of the layer that gets ``FINE`` points, or as many as fit; 0 for none.

    Example:
        >>> print(grids_of([8, 8, 1], 40, fine=3), grids_of([200, 100, 3], 40, fine=0))
        [40, 40, 100] [19, 19, 19]
    """
    common = min(grid, math.isqrt(MOST_BYTES // sum(units)))
    return [
        max(common, min(FINE, math.isqrt(MOST_BYTES // n))) if layer == fine else common
        for layer, n in enumerate(units, start=1)
    ]


def unit_maps(
    network: Network,
    parameters: Parameters,
    box: Sequence[float],
    grids: Sequence[int],
    shown: Mapping[int, NDArray[np.intp]],
) -> dict[str, NDArray[Any]]:
    """Compute the activation of units at the points of grids, in float32; in float64 where a parameter is beyond that.

    Args:
        network: of two inputs, its output named.
        parameters: ``W1 b1 … WL bL``.
        box: left, right, lower and upper end of the plane.
        grids: number of points along each axis, of each layer; each is the centre of its cell. Row 0 is at the top.
        shown: for layers of which only some units are drawn, their numbers, from 0.

    Returns:
        ``map:l`` (units, grid, grid) of bytes and ``range:l`` (units, 2), for every layer l. The last layer's values
        are predictions.
    """
    with np.errstate(over="ignore"):
        small: Parameters = {name: value.astype(np.float32) for name, value in parameters.items()}
    if not all(np.isfinite(value).all() for value in small.values()):
        small = dict(parameters)
    found: dict[str, NDArray[Any]] = {}
    for grid in set(grids):
        layers = [layer for layer, own in enumerate(grids, start=1) if own == grid]
        points = _points(tuple(box), grid).astype(small["b1"].dtype, copy=False)
        for layer, values in _values_at(points, network, small, layers, shown).items():
            last = layer == len(grids)
            bounds = BOUNDED.get(str(network.output if last else network.activations[layer - 1]))
            ends = _ends(values, bounds, symmetric=not last)
            found[f"map:{layer}"] = as_bytes(values, ends).reshape(-1, grid, grid)
            found[f"range:{layer}"] = ends
    return found


def _values_at(
    points: Floats,
    network: Network,
    parameters: Parameters,
    layers: Sequence[int],
    shown: Mapping[int, NDArray[np.intp]],
) -> dict[int, Singles]:
    """Return the values of the drawn units of some layers at points (2, n), each (units, n)."""
    step = max(1, AT_A_TIME // max(network.layer_dims[1:]))
    blocks: dict[int, list[Singles]] = {layer: [] for layer in layers}
    for start in range(0, points.shape[1], step):
        Z, caches = network_forward(
            points[:, start : start + step], parameters, network.activations, first=network.first
        )
        values = [*(cache.A for cache in caches[:-1]), network.loss.prediction(Z)]
        for layer, block in blocks.items():
            A = values[layer - 1]
            block.append(A[shown[layer]] if layer in shown else A)
    return {layer: block[0] if len(block) == 1 else np.concatenate(block, axis=1) for layer, block in blocks.items()}


@lru_cache(maxsize=8)
def _points(box: tuple[float, float, float, float], grid: int) -> Singles:
    """Return the centres of the cells, (2, grid²), from the top left one on, row by row."""
    x0, x1, y0, y1 = box
    at = (np.arange(grid) + 0.5) / grid
    across, down = np.meshgrid(x0 + (x1 - x0) * at, y1 - (y1 - y0) * at)
    return np.stack([across.ravel(), down.ravel()]).astype(np.float32)


def _ends(values: Singles, bounds: tuple[float, float] | None, *, symmetric: bool) -> Singles:
    """Return the ends of each unit's colours, (units, 2): those of its function, else of its own values."""
    if bounds is not None:
        return np.tile(np.array(bounds, np.float32), (len(values), 1))
    low, high = values.min(axis=1), values.max(axis=1)
    if symmetric:
        high = np.maximum(-low, high)
        low = -high
    return np.stack([low, high], axis=1)


def as_bytes(values: Singles, ends: Singles) -> Bytes:
    """Return values (n, p) as bytes between the ends (n, 2) of their rows; where both ends are the same, as 128.

    A value that is not a number is 128 too.
    """
    low, high = ends[:, :1], ends[:, 1:]
    with np.errstate(all="ignore"):
        scale = np.where(high > low, np.float32(255) / (high - low), np.float32(0))
        shares = (values - low) * scale
        shares += np.float32(0.5)
        if (scale == 0).any() or not np.isfinite(scale).all():
            shares[~(scale[:, 0] > 0)] = 128
        np.clip(shares, 0, 255, out=shares)
        if not np.isfinite(shares).all():
            shares[~np.isfinite(shares)] = 128
    return shares.astype(np.uint8)


def weight_pictures(pixels: Floats, image_shape: Sequence[int]) -> dict[str, NDArray[Any]]:
    """Return first-layer weights, averaged by ``averaged``, as pictures, each with a scale that is symmetric about 0.

    Args:
        pixels: (units, h·w).
        image_shape: height, width, channels of the examples.

    Returns:
        ``image:1`` (units, h, w) of bytes, and ``range:1`` (units, 2).
    """
    small = pixels.astype(np.float32)
    with np.errstate(all="ignore"):
        end = np.abs(small).max(axis=1) if small.size else np.zeros(len(small), np.float32)
    ends = np.stack([-end, end], axis=1)
    return {"image:1": as_bytes(small, ends).reshape(-1, *picture_size(image_shape)), "range:1": ends}


def _squares(image_shape: Sequence[int], longest: int) -> int:
    """Return the side of the squares of pixels that are averaged."""
    return max(1, math.ceil(max(image_shape[:2]) / longest))


def picture_size(image_shape: Sequence[int], longest: int = LONGEST_SIDE) -> tuple[int, int]:
    """Return height and width of a picture of an image, in pixels."""
    side = _squares(image_shape, longest)
    return math.ceil(image_shape[0] / side), math.ceil(image_shape[1] / side)


def averaged(rows: Floats, image_shape: Sequence[int], longest: int = LONGEST_SIDE) -> Floats:
    """Return means over the colours, and in large images over squares of pixels.

    Args:
        rows: (k, n_x), an image or the weights of its pixels in each row.
        image_shape: height, width and channels, or height and width.
        longest: pixels along the longer side of the result, at most.

    Returns:
        (k, h·w).
    """
    height, width, channels = (*image_shape, 1)[:3]
    images = rows.reshape(-1, height, width, channels)
    grey = images[..., 0].copy()
    for channel in range(1, channels):
        grey += images[..., channel]
    if channels > 1:
        grey /= channels
    return pooled(grey, _squares(image_shape, longest)).reshape(len(rows), -1)


def pooled(images: Floats, side: int) -> Floats:
    """Return the means of squares of pixels of (k, h, w); those at the right and at the bottom may be smaller."""
    if side == 1:
        return images
    sums, counts = images, np.ones((1, 1))
    for axis in (1, 2):
        starts = np.arange(0, images.shape[axis], side)
        sums = np.add.reduceat(sums, starts, axis=axis)
        own = np.diff(np.append(starts, images.shape[axis]))
        counts = counts * (own[:, None] if axis == 1 else own[None, :])
    return np.asarray(sums / counts.astype(images.dtype))


def example_picture(column: Floats, image_shape: Sequence[int], longest: int = 96) -> Bytes:
    """Return an example as a picture, (h, w, 3): brightness from 0 to 1 as 0 to 255.

    Args:
        column: (n_x,) its features, not standardised.
        image_shape: height, width and channels, or height and width.
        longest: pixels along the longer side, at most.
    """
    height, width, channels = (*image_shape, 1)[:3]
    image = column.reshape(height, width, channels)
    colours = pooled(np.moveaxis(image, 2, 0), _squares(image_shape, longest))
    three = colours[:3] if channels >= 3 else np.repeat(colours[:1], 3, axis=0)
    return (np.moveaxis(three, 0, 2).clip(0, 1) * 255 + 0.5).astype(np.uint8)
