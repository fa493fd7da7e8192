"""The preset "tabular": what ``layerlab train`` trains on a table, several networks on folds, for an estimator."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part
from layerlab.datasets.part import standardization_of
from layerlab.errors import TrainingWarning
from layerlab.formulas import Periodic
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.run import Run
from layerlab.training.target import LINEAR
from layerlab.training.train import train
from layerlab.training.usual_members import USUAL_FOLDS, usual_members, usual_rate

from .examples import FitData
from .record import FitRecord

NUMBER = 4
"""A column with at least this many different values is a number, which the networks see as waves too. Columns with
fewer are those that stand for a category, a truth value or a missing cell."""

FIXED = {"learning_rate": "constant", "shuffle": True, "warm_start": False, "early_stopping": False}
"""Parameters that have no meaning for this preset, and the value that each has to keep."""


THEIR_NAMES = {
    "learning_rate": "learning_rate_init",
    "epochs": "max_iter",
    "members": "n_members",
    "l2": "alpha",
    "dropout": "dropout",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "epsilon": "epsilon",
    "initializer": "initializer",
    "engine": "engine",
}
"""The estimator's parameter for each setting that it may change; where it is None, the usual one counts."""


def check_fixed(parameters: dict[str, Any]) -> None:
    """Raise ValueError where a parameter has another value than the preset allows."""
    for name, wanted in FIXED.items():
        if parameters[name] != wanted:
            raise ValueError(
                f"{name}={parameters[name]!r} with preset='tabular': wanted {wanted!r}; its networks are trained by "
                f"AdamW with a cosine schedule, and each keeps the epoch that is best on the other folds"
            )


def network_on_folds(X: Floats, sizes: Sequence[int], hidden: str | Sequence[str], n_y: int, output: str) -> Network:
    """Return the network that each member is; it sees the columns of numbers as waves.

    Args:
        X: (m, n_x) training examples in rows.
        sizes, hidden: the hidden layers' sizes and activations, by layerlab's names.
        n_y, output: how many outputs it has, and of which kind.
    """
    numbers = [j for j, column in enumerate(X.T) if _has_many_values(column)]
    embedding = Periodic(inputs=numbers) if numbers else None
    return Network([X.shape[1], *sizes, n_y], hidden=hidden, output=output, embedding=embedding)


def _has_many_values(column: Floats) -> bool:
    """Return whether a column has at least ``NUMBER`` different values; most numbers show it in their first rows."""
    return any(len(np.unique(some)) >= NUMBER for some in (column[:50], column))


def train_on_folds(network: Network, examples: FitData, how: Any, random: np.random.RandomState) -> Run:
    """Train the networks of the preset.

    Args:
        network: what each of them is.
        examples: the training set.
        how: the estimator's parameters, completed by the preset; None stands for what suits the number of examples.
        random: the seed of everything that is random is drawn from it.

    Returns:
        The run with its members; ``diagnosis`` has what would be warned of, in the words of ``layerlab.train``.

    Raises:
        ValueError: there is a single example.
    """
    m = examples.m
    if m < 2:
        raise ValueError(f"{m} sample with preset='tabular': wanted at least 2, since each network leaves a fold out")
    settings = usual_members(m)
    size = settings["batch_size"] if how.batch_size == "auto" else how.batch_size
    settings |= {"batch_size": int(min(size, m)), "learning_rate": usual_rate(size), "folds": min(USUAL_FOLDS, m)}
    given = {name: getattr(how, theirs) for name, theirs in THEIR_NAMES.items()}
    settings |= {name: _plain(value) for name, value in given.items() if value is not None}
    settings |= {"label_smoothing": float(getattr(how, "label_smoothing", None) or 0.0)}
    settings |= dict.fromkeys(("seed", "batch_seed", "dropout_seed"), int(random.randint(2**31 - 2**16)))
    data = Dataset(
        "table",
        Part(examples.X, examples.Y),
        Part(examples.X[:, :0], examples.Y[:, :0]),
        target_scaling=standardization_of(examples.Y) if network.output in LINEAR else None,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return train(
            network, data, **settings, sample_weight=examples.weights, advice=False, progress=bool(how.verbose)
        )


def _plain(value: Any) -> Any:
    """Return a number of NumPy as one of Python, and anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def record_of(run: Run) -> FitRecord:
    """Return what an estimator keeps of a run with members under scikit-learn's names."""
    assert run.members is not None  # noqa: S101
    parameters = {name: value for name, value in run.members.parameters.items() if name[0] in "Wb"}
    curve = [float(cost) for cost in run.history.curve]
    return FitRecord(
        parameters,
        n_iter=len(curve),
        examples_seen=len(curve) * len(run.members.folds),
        loss=curve[-1],
        loss_curve=curve,
        best_loss=min(curve),
    )


def out_of_fold(run: Run) -> NDArray[Any]:
    """Return the answers (m, n_outputs) of the networks that did not train on an example, for each training example."""
    assert run.members is not None  # noqa: S101
    return np.ascontiguousarray(run.members.out_of_fold.T)
