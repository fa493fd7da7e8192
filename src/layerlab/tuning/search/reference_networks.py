"""The networks that a search has to beat: the dataset's own, on the same folds, trained as they are always trained."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Dataset
from layerlab.errors import TrainingWarning
from layerlab.evaluating.comparisons.recipe_training import recipe_settings
from layerlab.evaluating.comparisons.recipes import suite_of
from layerlab.formulas import LOSSES, network_forward
from layerlab.network import Network
from layerlab.runs.run import Run
from layerlab.training.train import train

from .trials.outcome import Outcome
from .trials.search_data import NEVER, Material


class Reference(NamedTuple):
    """A network that is known before the search.

    Attributes:
        name: what it is called.
        layers, hidden: of the network.
        settings: of ``train``.
    """

    name: str
    layers: tuple[int, ...]
    hidden: Any
    settings: Mapping[str, Any]

    def network(self, n_x: int, n_y: int, output: str | None) -> Network:
        """The network between that many inputs and outputs."""
        return Network((n_x, *self.layers, n_y), self.hidden, output)


def references_of(data: Dataset, dtype: str) -> list[Reference]:
    """The recipes of a dataset's suite; none for data that were made by hand."""
    suite = suite_of(data)
    return [
        Reference(one.name, tuple(one.layers), one.hidden, {**recipe_settings(one, {}), "dtype": dtype})
        for one in (suite.recipes if suite else ())
    ]


def reference_from(record: Sequence[Any]) -> Reference:
    """What JSON made of one."""
    name, layers, hidden, settings = record
    return Reference(name, tuple(layers), hidden if isinstance(hidden, str) else tuple(hidden), settings)


def trained(network: Network, part: Any, settings: Mapping[str, Any], **others: Any) -> Run:
    """``train`` without a bar, its findings in the run and not as warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return train(network, part, progress=False, **settings, **others)


@np.errstate(all="ignore")  # of a network that diverged
def run_reference(material: Material, reference: Reference) -> Outcome:
    """A reference trained once a fold, on what the fold does not hold out."""
    begun, (n_y, m) = perf_counter(), material.Y.shape
    loss = LOSSES[material.output]
    losses, said = np.full(m, np.nan), np.full((n_y, m), np.nan, np.float32)
    network = reference.network(material.X.shape[0], n_y, material.output)
    objective = []
    for fold, weights in enumerate(material.weights()):
        run = trained(network, (material.X, material.Y), reference.settings, sample_weight=weights)
        if run.history.interrupted:
            raise KeyboardInterrupt  # ``train`` keeps what was trained until Ctrl-C; a part of it is no reference
        held_out = material.fold == fold
        Z, _ = network_forward(material.X[:, held_out], run.parameters, run.network.activations)
        losses[held_out] = loss.losses(Z, material.Y[:, held_out])
        said[:, held_out] = loss.prediction(Z)
        objective.append(run.history.final_cost)
    right = np.full(m, np.nan)
    if loss.labels is not None:
        right = (loss.labels(said) == loss.labels(material.Y)).mean(axis=0)
    blocks = [(material.block == b) & (material.fold != NEVER) for b in range(len(material.sizes))]
    return Outcome(
        numbers=np.array([-1]),
        moments=np.array([len(run.history.costs)]),
        cost=np.array([[[losses[block].mean() for block in blocks]]]),
        accuracy=np.array([[[right[block].mean() for block in blocks]]]),
        trained=np.array([[np.mean(np.array(objective, float))]]),
        reached=np.array([1]),
        diverged=np.array([0]),
        passed=np.zeros((1, 1 + len(blocks)), np.int64),
        predictions=said[None, None],
        seconds=perf_counter() - begun,
    )
