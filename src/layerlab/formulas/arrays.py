"""Arrays and their shapes: the names used everywhere, norms of rows, and images as columns.

Every formula in this folder asks its argument for its namespace, ``xp = X.__array_namespace__()``, so that the same
lines run in NumPy and in any library that follows the array API standard. ``...`` in a shape stands for leading model
axes: parameters of shape (K, n, n_prev) are K models.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError

Array: TypeAlias = Any
"""An array of any library that follows the array API standard."""

Floats: TypeAlias = NDArray[np.floating[Any]]
"""A NumPy array of floating-point numbers."""

Indices: TypeAlias = NDArray[np.int64]
"""A NumPy array of whole numbers: places in an array, or numbers of classes."""

Parameters: TypeAlias = dict[str, Array]
"""``W1 b1 … WL bL``: ``W`` of shape (..., n, n_prev), ``b`` of shape (..., n, 1)."""

Gradients: TypeAlias = dict[str, Array]
"""``dW1 db1 … dWL dbL``, each of the shape of its parameter."""

PerModel: TypeAlias = Array | float
"""A hyperparameter: one number, or an array (..., 1, 1) with a number for each model."""


def normalize_rows(X: Array) -> Array:
    """Divide each row by its Euclidean length.

        x_i ← x_i / ‖x_i‖

    A row of zeros has no direction and stays zero.

    Args:
        X: (..., n, m), floating.

    Returns:
        (..., n, m), rows of length 1 (or 0).

    Example:
        >>> import numpy as np
        >>> normalize_rows(np.array([[3.0, 4.0], [0.0, 2.0]]))
        array([[0.6, 0.8],
               [0. , 1. ]])
    """
    return _divide_by_length(X, axis=-1)


def normalize_columns(X: Array) -> Array:
    """Divide each column by its Euclidean length; a column of zeros stays zero.

    Args:
        X: (..., n, m), floating.

    Returns:
        (..., n, m), columns of length 1 (or 0).

    Example:
        >>> import numpy as np
        >>> normalize_columns(np.array([[3.0, 0.0], [4.0, 2.0]]))
        array([[0.6, 0. ],
               [0.8, 1. ]])
    """
    return _divide_by_length(X, axis=-2)


def _divide_by_length(X: Array, axis: int) -> Array:
    xp = X.__array_namespace__()
    largest = xp.max(xp.abs(X), axis=axis, keepdims=True)
    largest = xp.where(largest == 0, xp.ones_like(largest), largest)
    scaled = X / largest  # squares of the scaled entries neither overflow nor vanish
    length = xp.sqrt(xp.sum(scaled * scaled, axis=axis, keepdims=True))
    return scaled / xp.where(length == 0, xp.ones_like(length), length)


def image2vector(image: Array) -> Array:
    """Turn one image into one column, with its values in reading order.

    Args:
        image: (height, width, channels), or (height, width) for grey.

    Returns:
        (height·width·channels, 1).

    Example:
        >>> import numpy as np
        >>> image2vector(np.arange(12).reshape(2, 2, 3)).shape
        (12, 1)
    """
    if image.ndim not in (2, 3):
        raise InputError(
            f"an image has the shape (height, width, channels), or (height, width) if grey; this one has "
            f"{image.shape}: for a stack of images use flatten_images"
        )
    return image.__array_namespace__().reshape(image, (-1, 1))


def flatten_images(images: Array) -> Array:
    """Turn a stack of images into columns, one column for each image.

    The formula is ``images.reshape(m, -1).T``. The tempting ``images.reshape(-1, m)`` has the same shape but is wrong:
    it fills each column with pixels of many images.

    Args:
        images: (m, height, width, channels), or (m, height, width) for grey.

    Returns:
        (height·width·channels, m): column i is image i in reading order.

    Example:
        >>> import numpy as np
        >>> images = np.arange(24).reshape(2, 2, 2, 3)
        >>> flatten_images(images)[:, 1]
        array([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23])
    """
    if images.ndim not in (3, 4):
        raise InputError(
            f"a stack of images has the shape (m, height, width, channels), or (m, height, width) if grey; "
            f"this one has {images.shape}: for one image use image2vector"
        )
    size = 1
    for length in images.shape[1:]:
        size *= length
    return images.__array_namespace__().reshape(images, (images.shape[0], size)).mT
