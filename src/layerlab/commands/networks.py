"""The networks that the options --layers and --hidden ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from layerlab.datasets import Dataset
from layerlab.errors import InputError
from layerlab.evaluating.comparisons.recipes import Recipe, suite_of


def recipes_for(data: Dataset, layers: Sequence[str], hidden: str | None, usual: int) -> list[Recipe]:
    """Networks with the settings of the dataset's own network that is as deep as the deepest of them.

    Args:
        data: one that comes with layerlab, or was read from a file.
        layers: hidden layers of each: "20,7,5" or "none".
        hidden: their activation, or one for each layer with commas; None for the own network's.
        usual: number of the dataset's network that is meant where no layers are given.

    Raises:
        InputError: layers are not whole numbers above 0.
    """
    suite, sizes = suite_of(data), [_sizes(text) for text in layers]
    assert suite is not None  # noqa: S101
    own = suite.recipes
    deepest = max(map(len, sizes)) if sizes else usual
    pattern = own[min(deepest, len(own) - 1)]
    if hidden is not None:
        pattern = replace(pattern, hidden=tuple(hidden.split(",")) if "," in hidden else hidden)
    return [replace(pattern, name=_called(some, own[0]), layers=some) for some in sizes] or [pattern]


def _called(sizes: tuple[int, ...], linear: Recipe) -> str:
    return f"{len(sizes) + 1}-layer network" if sizes else linear.name


def _sizes(layers: str) -> tuple[int, ...]:
    if layers == "none":
        return ()
    try:
        sizes = tuple(int(size) for size in layers.split(","))
    except ValueError:
        sizes = (0,)
    if min(sizes) < 1:
        raise InputError(f"--layers {layers!r}: wanted whole numbers above 0 with commas, such as 20,7,5, or none")
    return sizes
