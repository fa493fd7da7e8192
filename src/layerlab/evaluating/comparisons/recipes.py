"""Recipes: which networks are trained on which data, with settings that are known to work there.

For the cats and the flower they are those of the notes of the Deep Learning Specialization's first course (weeks 2 to
4), and give the published values. For data that was read from files they depend on its size: the settings do well on
many tables and images, but are not the best for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from layerlab.training.usual_members import USUAL_FOLDS, USUAL_HIDDEN, USUAL_LAYERS, usual_members

if TYPE_CHECKING:
    from layerlab.datasets import Dataset
    from layerlab.datasets.preparing.split_table import Raw


@dataclass(frozen=True)
class Recipe:
    """A network's hidden layers and how it is trained; inputs and outputs come from the data.

    Attributes:
        name: what the network is called in tables and sentences.
        layers: sizes of the hidden layers; () for logistic or linear regression.
        hidden: the hidden layers' activation, or one for each.
        learning_rate, iterations, initializer, seed: settings of ``train``. The learning rate is None for L-BFGS, and
            the iterations are None where ``others`` has ``epochs``.
        others: further settings of ``train``.
        by_steps: the same network with an optimiser that has a learning rate, if this recipe's optimiser has none.
        embedded: whether numbers and dates of a table are embedded by waves (``Periodic``).
        scaling: how numbers of a table are scaled for this network; None as the table was read.
    """

    name: str
    layers: tuple[int, ...]
    learning_rate: float | None
    iterations: int | None
    hidden: str | tuple[str, ...] = "relu"
    initializer: str = "he"
    seed: int = 0
    others: Mapping[str, Any] = field(default_factory=dict)
    by_steps: Recipe | None = None
    embedded: bool = False
    scaling: str | None = None


@dataclass(frozen=True)
class Suite:
    """The recipes for one dataset.

    Attributes:
        recipes: the simplest network first.
        standardize: whether the features are standardised before training.
        usual: what ``layerlab train`` trains where no layers were asked for; None for the second of ``recipes``.
    """

    recipes: tuple[Recipe, ...]
    standardize: bool = False
    usual: Recipe | None = None

    @property
    def contenders(self) -> tuple[Recipe, ...]:
        """All networks of the dataset, also the usual one."""
        return self.recipes if self.usual is None else (*self.recipes, self.usual)


PLANAR = (
    Recipe("logistic regression", (), 1.2, 2000, initializer="zeros"),
    Recipe("2-layer network", (5,), 1.2, 5000, hidden="tanh", initializer="lecun", seed=1),
    Recipe("4-layer network", (10, 10, 5), 0.1, 5000, hidden="tanh", initializer="lecun", seed=1),
)
"""The networks for the five extra planar datasets."""

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
"""The suite of every dataset that comes with layerlab, by its name."""


def suite_of(data: Dataset) -> Suite | None:
    """Return the networks for a dataset. If it was read from files, they depend on its size.

    Returns:
        The suite; None for a dataset that was made by hand from arrays.
    """
    if data.source is None and data.raw is None and data.stream is None:
        return SUITES.get(data.name)
    return _own_suite(data)


def linear_recipe(classes: bool) -> Recipe:
    """Return logistic or linear regression by L-BFGS with a small L2 penalty: it suits all data without any tuning."""
    name = "logistic regression" if classes else "linear regression"
    return Recipe(name, (), None, 500, others={"optimizer": "lbfgs", "l2": 1.0})


MAX_UPDATES = 20_000
"""The largest number of updates on data that was read from files; but there are always at least two epochs."""


MANY_CATEGORIES, SMALL = 100, 5000
"""A table with fewer rows than the second number and more inputs from categories than the first gets a network with
twice the units, and twice the epochs, because each weight of a category learns from only a few rows. (Example: life
expectancy in 142 countries with 12 rows each; the mean error was 0.68 years instead of 0.74.)"""


def _own_suite(data: Dataset) -> Suite:
    """Return networks for data of any kind: AdamW, mini-batches, cosine schedule, weight decay, a little dropout.

    The linear model is trained by L-BFGS. On eleven real tables these settings score as well as early stopping
    (benchmarks/own_data.md), and they need no validation set.
    """
    m = data.train.X.shape[1] if data.stream is None else data.stream.rows
    batch = 32 if m < 5000 else 256 if m < 1_000_000 else 1024
    longer = 2 if m < SMALL and _category_inputs(data) > MANY_CATEGORIES else 1
    epochs = max(2, min(100 * longer, MAX_UPDATES // max(1, m // batch)))
    adamw: dict[str, Any] = {
        "optimizer": "adamw",
        "weight_decay": 0.1,
        "batch_size": min(batch, m),
        "epochs": epochs,
        "schedule": "cosine",
    }
    # A step of AdamW moves a weight by about the learning rate, and a unit's input by up to n_x times that.
    rate = float(f"{min(0.003, 1 / data.n_x):.2g}")
    changing = data.stream is not None or data.augmentation is not None  # L-BFGS needs the same examples every time
    linear = linear_recipe(bool(data.class_names))
    by_steps = replace(linear, learning_rate=rate, iterations=None, others=adamw)
    linear = by_steps if changing else replace(linear, by_steps=by_steps)
    deep = adamw | {"dropout": 0.1}
    return Suite(
        (
            linear,
            Recipe("2-layer network", (128 * longer,), rate, None, others=deep),
            Recipe("4-layer network", (128, 64, 32), rate, None, others=deep),
        ),
        standardize=data.preparation is None and data.image_shape is None,
        usual=members_recipe(data),
    )


FEWEST_FOR_FOLDS = 50
"""With fewer rows than this, a fold of eight has too few to choose anything by."""


def members_recipe(data: Dataset) -> Recipe | None:
    """Return the usual training for tables: eight networks, each without one of eight folds, which answer together.

    Numbers are scaled by the normal scores of their ranks and embedded by waves; each network keeps the epoch that is
    best on the other folds. It is None for data that are no table, for few rows, and for rows of a single group, which
    has no folds. Nothing is learned from the table for this.
    """
    if data.raw is None:
        return None
    m = len(data.raw.train)
    folds = min(USUAL_FOLDS, _groups(data.raw))
    if m < FEWEST_FOR_FOLDS or folds < 2:
        return None
    settings = usual_members(m)
    rate = settings.pop("learning_rate")
    initializer = settings.pop("initializer")
    return Recipe(
        f"mean of {USUAL_FOLDS} networks",
        USUAL_LAYERS,
        rate,
        None,
        hidden=USUAL_HIDDEN,
        initializer=initializer,
        others=settings | {"folds": folds},
        embedded=True,
        scaling="quantile",
    )


def _groups(raw: Raw) -> int:
    """Return how many groups of training rows belong together; the number of rows where each stands for itself."""
    if raw.split.group is None:
        return len(raw.train)
    return len(set(map(str, raw.table[raw.split.group].values[raw.train])))


def _category_inputs(data: Dataset) -> int:
    """Return how many inputs stand for values of categories."""
    from layerlab.datasets.preparing.encoders import Category  # with NumPy, which `--help` does without

    encoders = data.preparation.encoders if data.preparation else ()
    return sum(len(encoder.values) for encoder in encoders if isinstance(encoder, Category))
