"""Which networks are compared on which data, with the settings that are known to work there.

On cats and the flower they are the notes' own, so that the published figures come out. Data of one's own get networks
by their sizes: what does well on many tables and images, not what is best on one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerlab.datasets import Dataset


@dataclass(frozen=True)
class Recipe:
    """A network's hidden layers and how it is trained; inputs and outputs come from the data.

    Attributes:
        name: what it is called.
        layers: sizes of the hidden layers; none for logistic regression.
        hidden: their activation.
        learning_rate, iterations, initializer, seed: as for ``train``; None for what the others say or do without.
        others: settings of ``train`` beside these.
    """

    name: str
    layers: tuple[int, ...]
    learning_rate: float | None
    iterations: int | None
    hidden: str | tuple[str, ...] = "relu"
    initializer: str = "he"
    seed: int = 0
    others: Mapping[str, Any] = field(default_factory=dict)


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


def suite_of(data: Dataset) -> Suite | None:
    """The networks for a dataset: its own if it comes with layerlab, by its sizes if it was read from somewhere.

    None for one that was made by hand.
    """
    if data.source is None and data.raw is None and data.stream is None:
        return SUITES.get(data.name)
    return _own_suite(data)


UPDATES = 20_000
"""Of a training on data of one's own, at most, but for a second epoch."""


def _own_suite(data: Dataset) -> Suite:
    """AdamW on mini-batches with a cosine to zero, weight decay and a little dropout; a linear model by L-BFGS.

    On eleven real tables this does as well as stopping by a held-out share (benchmarks/own_data.md), and needs none.
    """
    m = data.train.X.shape[1] if data.stream is None else data.stream.rows
    batch = 32 if m < 5000 else 256 if m < 1_000_000 else 1024
    epochs = max(2, min(100, UPDATES // max(1, m // batch)))
    how: dict[str, Any] = {
        "optimizer": "adamw",
        "weight_decay": 0.1,
        "batch_size": min(batch, m),
        "epochs": epochs,
        "schedule": "cosine",
    }
    rate = float(f"{min(0.003, 1 / data.n_x):.2g}")  # a step moves a weight by it, a unit by up to n times that
    renewed = data.stream is not None or data.augmentation is not None
    linear = how if renewed else {"optimizer": "lbfgs", "l2": 1.0}
    name, dropped = "logistic regression" if data.class_names else "linear regression", how | {"dropout": 0.1}
    return Suite(
        (
            Recipe(name, (), rate if renewed else None, None if renewed else 500, others=linear),
            Recipe("2-layer network", (128,), rate, None, others=dropped),
            Recipe("4-layer network", (128, 64, 32), rate, None, others=dropped),
        ),
        standardize=data.preparation is None and data.image_shape is None,
    )
