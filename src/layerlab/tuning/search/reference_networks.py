"""The networks that a search is compared with: the dataset's own, trained on the same folds with their own settings."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
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
from .trials.search_data import SearchData


class ReferenceNetwork(NamedTuple):
    """A network that was known before the search.

    Attributes:
        name: what it is called.
        layers: sizes of its hidden layers.
        hidden: activation of its hidden layers, or one for each.
        settings: of ``train``.
    """

    name: str
    layers: tuple[int, ...]
    hidden: Any
    settings: Mapping[str, Any]

    def network(self, n_x: int, n_y: int, output: str | None) -> Network:
        """The network with n_x inputs and n_y outputs."""
        return Network((n_x, *self.layers, n_y), self.hidden, output)


def reference_networks(data: Dataset, dtype: str) -> list[ReferenceNetwork]:
    """The networks that a dataset comes with; none for data that were made by hand."""
    suite = suite_of(data)
    return [
        ReferenceNetwork(one.name, tuple(one.layers), one.hidden, {**recipe_settings(one, {}), "dtype": dtype})
        for one in (suite.recipes if suite else ())
    ]


def reference_from_json(record: Sequence[Any]) -> ReferenceNetwork:
    """Rebuild a reference network from search.json."""
    name, layers, hidden, settings = record
    return ReferenceNetwork(name, tuple(layers), hidden if isinstance(hidden, str) else tuple(hidden), settings)


def trained_quietly(network: Network, part: Any, settings: Mapping[str, Any], **others: Any) -> Run:
    """Train without a word; findings are kept in the run and not given as warnings.

    Raises:
        KeyboardInterrupt: Ctrl-C. ``train`` keeps what was trained until then, and says so; a search has no use for
            half a training, which would stand for the whole one.
    """
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore", TrainingWarning)
        run = train(network, part, progress=False, **settings, **others)
    if run.history.interrupted:
        raise KeyboardInterrupt
    return run


@np.errstate(all="ignore")  # of a network that diverged
def train_reference(search_data: SearchData, reference: ReferenceNetwork) -> Outcome:
    """Train a reference network once for each fold, on the examples that the fold does not hold out.

    Returns:
        An outcome of one trial, whose number is -1, and of one moment, the end.
    """
    begin, (n_y, m) = perf_counter(), search_data.Y.shape
    loss = LOSSES[search_data.output]
    losses, predictions = np.full(m, np.nan), np.full((n_y, m), np.nan, np.float32)
    network = reference.network(search_data.X.shape[0], n_y, search_data.output)
    objective = []
    for fold, weights in enumerate(search_data.weights()):
        run = trained_quietly(network, (search_data.X, search_data.Y), reference.settings, sample_weight=weights)
        held_out = search_data.fold == fold
        Z, _ = network_forward(search_data.X[:, held_out], run.parameters, run.network.activations)
        losses[held_out] = loss.losses(Z, search_data.Y[:, held_out])
        predictions[:, held_out] = loss.prediction(Z)
        objective.append(run.history.final_cost)
    right = np.full(m, np.nan)
    if loss.labels is not None:
        right = (loss.labels(predictions) == loss.labels(search_data.Y)).mean(axis=0)
    blocks = search_data.block_masks()
    return Outcome(
        numbers=np.array([-1]),
        moments=np.array([len(run.history.costs)]),
        cost=np.array([[[losses[block].mean() for block in blocks]]]),
        accuracy=np.array([[[right[block].mean() for block in blocks]]]),
        trained=np.array([[np.mean(np.array(objective, float))]]),
        reached=np.array([1]),
        diverged=np.array([0]),
        passed=np.zeros((1, 1 + len(blocks)), np.int64),
        predictions=predictions[None, None],
        seconds=perf_counter() - begin,
    )
