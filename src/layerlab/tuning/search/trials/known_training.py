"""Train a reference network on the same folds and with the same seeds as the trials.

``train`` trains it for all updates of its own settings. It is scored only at the end, because before the end its
schedule has not yet lowered the learning rate. Halving does not prune it, and does not compare trials with it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from contextlib import redirect_stderr
from time import perf_counter
from typing import Any

import numpy as np

from layerlab.errors import InputError, TrainingWarning
from layerlab.formulas import LOSSES, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.run import Run
from layerlab.training.train import train
from layerlab.tuning.search.proposals.known_networks import KnownNetwork

from .outcome import Outcome, failed_outcome
from .population import SharedSettings, engine_for
from .scoring import example_scores
from .search_data import SearchData


def trained_quietly(network: Network, part: Any, settings: Mapping[str, Any], **others: Any) -> Run:
    """Train without any output; findings are kept in the run, and there is no warning.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed. A search must not use half a training in place of a whole one.
    """
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore", TrainingWarning)
        run = train(network, part, advice=False, progress=False, **settings, **others)
    if run.history.interrupted:
        raise KeyboardInterrupt
    return run


def train_known(search_data: SearchData, known: KnownNetwork, shared: SharedSettings) -> Outcome:
    """Train a reference network; if it cannot be trained, it is reported as failed.

    Returns:
        An outcome of one trial with the network's number, and of one moment, the end.
    """
    begin = perf_counter()
    try:
        outcome = _trained_on_folds(search_data, known, shared)
    except Exception as error:
        outcome = failed_known(
            known, search_data, str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        )
    return outcome._replace(seconds=perf_counter() - begin)


def failed_known(known: KnownNetwork, search_data: SearchData, why: str) -> Outcome:
    """Return the outcome of a reference network that could not be trained."""
    return failed_outcome({known.number: why}, [1], len(search_data.sizes), search_data.Y.shape[0], search_data.m)


@np.errstate(all="ignore")  # of a network that diverged
def _trained_on_folds(search_data: SearchData, known: KnownNetwork, shared: SharedSettings) -> Outcome:
    """Train once for each seed and fold, on the examples that the fold does not hold out."""
    (n_y, m), loss = search_data.Y.shape, LOSSES[search_data.output]
    losses = np.full((shared.seeds, m), np.nan)
    predictions = np.full((shared.seeds, n_y, m), np.nan, np.float32)
    network = known.network(search_data.X.shape[0], n_y, search_data.output)
    settings = {**known.settings(m), "engine": engine_for(shared.engine)}
    runs, trained = [], []
    for i in range(shared.seeds):
        for fold, weights in enumerate(search_data.weights()):
            part = search_data.X, search_data.Y
            run = trained_quietly(network, part, {**settings, "seed": shared.seed + i}, sample_weight=weights)
            Z, _ = network_forward(search_data.X, run.parameters, run.network.activations, first=run.network.first)
            own, held_out = loss.losses(Z, search_data.Y), search_data.fold == fold
            losses[i, held_out] = own[held_out]
            predictions[i][:, held_out] = loss.prediction(Z)[:, held_out]
            trained.append(own[~held_out])
            runs.append(run)
    blocks, updates = search_data.block_masks(), max(len(run.history.costs) for run in runs)
    right = example_scores(shared.by, search_data.output, predictions, search_data.Y, blocks)

    def by_block(values: Floats) -> Floats:
        return np.array([[[values[:, block].mean() for block in blocks]]])

    return Outcome(
        numbers=np.array([known.number]),
        moments=np.array([updates]),
        cost=by_block(losses),
        accuracy=by_block(right),
        trained=np.array([[np.concatenate(trained).mean()]]),
        reached=np.array([1]),
        diverged=np.array([0 if np.isfinite(losses[:, search_data.fold >= 0]).all() else updates]),
        passed=np.zeros((1, 1 + len(blocks)), np.int64),
        predictions=np.repeat(predictions[:1], len(blocks), axis=0)[None],
    )
