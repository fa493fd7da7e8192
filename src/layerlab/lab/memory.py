"""How much memory a training takes, which is asked for before it is opened."""

from __future__ import annotations

from collections.abc import Callable

from layerlab.datasets import Part
from layerlab.network import Network

COPIES = 4
"""A training in the lab takes about so many times the memory that its updates need, as measured with networks of 12
layers of 1024 units: an update that is taken apart and copies of earlier states are there as well."""

MakeRoom = Callable[[float], None]
"""A function of the bytes that a training will need, called before it takes them; an InputError refuses it."""


def any_size(_: float) -> None:
    """Refuse nothing: the room for a training that is alone."""


def needed_memory(network: Network, *parts: Part) -> float:
    """Return about how many bytes a training needs beside its data, whatever its optimiser is.

    Args:
        network: what is trained.
        parts: the examples that pass through it at a time: all of the training set, and of the validation set.

    Example:
        >>> from layerlab.datasets import load_flower
        >>> print(round(needed_memory(Network([2, 512, 512, 1]), load_flower().train) / 2**20), "MiB")
        90 MiB
    """
    parameters = 5 * network.n_parameters  # with gradients, and two arrays of an optimiser
    values = 4 * sum(network.layer_dims[1:]) * max(part.X.shape[1] for part in parts)
    return float(8 * COPIES * (parameters + values))
