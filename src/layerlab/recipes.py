"""Which networks are compared on which data, with the settings that are known to work there.

On cats and the flower they are the notes' own, so that the published figures come out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """A network's hidden layers and how it is trained; inputs and outputs come from the data.

    Attributes:
        name: what it is called.
        layers: sizes of the hidden layers; none for logistic regression.
        hidden: their activation.
        learning_rate, iterations, initializer, seed: as for ``train``.
    """

    name: str
    layers: tuple[int, ...]
    learning_rate: float
    iterations: int
    hidden: str | tuple[str, ...] = "relu"
    initializer: str = "he"
    seed: int = 0


@dataclass(frozen=True)
class Suite:
    """The recipes for one dataset.

    Attributes:
        recipes: simplest first.
        standardize: whether the features are standardised first.
    """

    recipes: tuple[Recipe, ...]
    standardize: bool = False


PLANAR = (
    Recipe("logistic regression", (), 1.2, 2000, initializer="zeros"),
    Recipe("2-layer network", (5,), 1.2, 5000, hidden="tanh", initializer="lecun", seed=1),
    Recipe("4-layer network", (10, 10, 5), 0.1, 5000, hidden="tanh", initializer="lecun", seed=1),
)
"""For the five extra planar sets."""

SUITES = {
    "digits": Suite(
        (
            Recipe("logistic regression", (), 0.5, 1000, initializer="zeros"),
            Recipe("2-layer network", (32,), 0.5, 1000),
            Recipe("4-layer network", (40, 20, 20), 0.1, 1000),
        )
    ),
    "cats": Suite(
        (
            Recipe("logistic regression", (), 0.005, 2000, initializer="zeros", seed=1),
            Recipe("2-layer network", (7,), 0.0075, 2500, initializer="normal", seed=1),
            Recipe("4-layer network", (20, 7, 5), 0.0075, 2500, initializer="lecun", seed=1),
        )
    ),
    "flower": Suite(
        (
            Recipe("logistic regression", (), 1.2, 2000, initializer="zeros", seed=3),
            Recipe("2-layer network", (4,), 1.2, 10000, hidden="tanh", initializer="normal", seed=3),
            Recipe("4-layer network", (10, 10, 5), 0.1, 5000, hidden="tanh", initializer="lecun", seed=1),
        )
    ),
    "breast_cancer": Suite(
        (
            Recipe("logistic regression", (), 0.1, 1000, initializer="zeros"),
            Recipe("2-layer network", (10,), 0.1, 1000),
            Recipe("4-layer network", (20, 10, 5), 0.1, 1000),
        ),
        standardize=True,
    ),
    **dict.fromkeys(("noisy_circles", "noisy_moons", "gaussian_quantiles", "no_structure"), Suite(PLANAR)),
    "blobs": Suite(PLANAR, standardize=True),
}
"""A suite for every dataset in ``layerlab.datasets``."""
