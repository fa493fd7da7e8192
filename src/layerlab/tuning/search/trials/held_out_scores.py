"""The scores of a task's trials on the held-out examples, collected moment by moment while they are trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

from .outcome import Outcome, ranking_value
from .population import Population
from .scoring import best_moments, decision_scores, example_scores
from .search_data import SearchData


class HeldOutScores:
    """The scores and predictions of n trials at E moments; nan until a trial has reached a moment.

    Args:
        search_data: examples and folds.
        n: number of trials.
        moments: iterations after which the held-out examples are looked at.
    """

    def __init__(self, search_data: SearchData, n: int, moments: Sequence[int]) -> None:
        self.search_data, self.moments, self.blocks = search_data, list(moments), search_data.block_masks()
        e, b, n_y, m = len(moments), len(self.blocks), search_data.Y.shape[0], search_data.m
        self.cost = np.full((n, e, b), np.nan)
        self.accuracy = np.full((n, e, b), np.nan)
        self.trained = np.full((n, e), np.nan)
        self.reached = np.zeros(n, np.int64)
        self.diverged = np.zeros(n, np.int64)
        self.passed = np.zeros((n, 1 + b), np.int64)
        self.predictions = np.full((e, n, n_y, m), np.nan, np.float32)  # of the first seed

    def record(self, at: int, population: Population) -> None:
        """Score the population's trials at a moment.

        Args:
            at: number of the moment.
            population: the trials that are still trained.
        """
        losses, predictions = population.judged()
        trials, m = population.trials, self.search_data.m
        own_losses = np.full((len(trials), population.shared.seeds, m), np.nan)
        own_predictions = np.full((*own_losses.shape[:2], *predictions.shape[3:]), np.nan)
        # every model has judged every example; only the model that was not trained on an example may speak for it
        for fold in range(self.search_data.folds):
            held_out = self.search_data.fold == fold
            own_losses[..., held_out] = losses[:, :, fold][..., held_out]
            own_predictions[..., held_out] = predictions[:, :, fold][..., held_out]
        dead = population.dead()
        own_losses[dead] = np.inf
        self.cost[trials, at] = self._by_block(own_losses)
        by, data = population.shared.by, self.search_data
        accuracy = self._by_block(example_scores(by, data.output, own_predictions, data.Y, self.blocks))
        self.accuracy[trials, at] = np.where(dead[:, None], -np.inf, accuracy)
        self.trained[trials, at] = np.where(dead, np.inf, self._trained(losses))
        self.reached[trials] = at + 1
        first_time = (self.diverged[trials] == 0) & dead
        self.diverged[trials] = np.where(first_time, self.moments[at], self.diverged[trials])
        self.predictions[at, trials] = own_predictions[:, 0]

    def _trained(self, losses: NDArray[Any]) -> Floats:
        """Return the mean (n',) of losses (n', seeds, folds, m) over the examples that each model is trained on."""
        own = self.search_data.weights() > 0
        total = np.where(own, losses, 0.0).sum(axis=(1, 2, 3))
        return np.asarray(total / (losses.shape[1] * own.sum()))

    def _by_block(self, values: NDArray[Any]) -> Floats:
        """Return the mean (n, B) of values (n, seeds, m) over the examples of each block and over the seeds."""
        return np.stack([values[..., block].mean(axis=(1, 2)) for block in self.blocks], axis=1)

    def scores(self, trials: Sequence[int], upto: int, by: str) -> Floats:
        """Return the scores (n', 1 + B) of some trials at the moments so far, one for each decision of halving."""
        curves = (ranking_value(by, self.cost[i, :upto], self.accuracy[i, :upto]) for i in trials)
        return np.array([decision_scores(one, self.search_data.sizes) for one in curves])

    def outcome(self, numbers: Sequence[int], by: str) -> Outcome:
        """Return what is kept of the task, with predictions only at the moments at which their blocks are scored.

        Args:
            numbers: the numbers of the trials in the search.
            by: what ranks, as for ``search``.
        """
        n, e = len(numbers), len(self.moments)
        predictions = np.full((n, len(self.blocks), *self.predictions.shape[2:]), np.nan, np.float32)
        sizes = self.search_data.sizes
        for i in np.flatnonzero(self.reached == e):
            curves = ranking_value(by, self.cost[i], self.accuracy[i])
            for without in range(len(self.blocks)):
                for block, moment in zip(self.blocks, best_moments(curves, sizes, without), strict=True):
                    predictions[i, without][:, block] = self.predictions[moment, i][:, block]
        return Outcome(
            np.array(numbers, np.int64),
            np.array(self.moments, np.int64),
            self.cost,
            self.accuracy,
            self.trained,
            self.reached,
            self.diverged,
            self.passed,
            predictions,
        )
