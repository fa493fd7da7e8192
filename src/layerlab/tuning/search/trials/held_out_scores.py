"""What a task's trials say of the held-out examples, moment by moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import LOSSES
from layerlab.formulas.arrays import Floats

from .outcome import Outcome, figure_of
from .population import Population
from .scoring import decisions, stops
from .search_data import NEVER, Material


class Figures:
    """The figures of a task's trials, as they come."""

    def __init__(self, material: Material, n: int, when: Sequence[int]) -> None:
        e, b, m, n_y = len(when), len(material.sizes), material.m, material.Y.shape[0]
        self.material, self.when = material, list(when)
        self.cost = np.full((n, e, b), np.nan)
        self.accuracy = np.full((n, e, b), np.nan)
        self.trained = np.full((n, e), np.nan)
        self.reached = np.zeros(n, np.int64)
        self.diverged = np.zeros(n, np.int64)
        self.passed = np.zeros((n, 1 + b), np.int64)
        self.said = np.full((e, n, n_y, m), np.nan, np.float32)

    def note(self, at: int, population: Population, objective: Floats) -> None:
        """What the population says at a moment."""
        losses, said = population.judged()
        trials, m = population.trials, self.material.m
        own_loss = np.full((len(trials), population.how.seeds, m), np.nan)
        own_said = np.full((*own_loss.shape[:2], *said.shape[3:]), np.nan)
        for fold in range(self.material.folds):
            held_out = self.material.fold == fold
            own_loss[..., held_out] = losses[:, :, fold][..., held_out]
            own_said[..., held_out] = said[:, :, fold][..., held_out]
        dead = population.dead()
        own_loss[dead] = np.inf
        self.cost[trials, at] = self._by_block(own_loss)
        self.accuracy[trials, at] = np.where(dead[:, None], -np.inf, self._by_block(self._right(own_said)))
        self.trained[trials, at] = objective
        self.reached[trials] = at + 1
        self.diverged[trials] = np.where((self.diverged[trials] == 0) & dead, self.when[at], self.diverged[trials])
        self.said[at, trials] = own_said[:, 0]

    def _right(self, said: NDArray[Any]) -> Floats:
        """(…, m) share of an example's labels that are right; nan for values."""
        labels = LOSSES[self.material.output].labels
        if labels is None:
            return np.full((*said.shape[:2], said.shape[-1]), np.nan)
        return np.asarray((labels(said) == labels(self.material.Y)).mean(axis=-2))

    def _by_block(self, values: NDArray[Any]) -> Floats:
        """(n, B) of values (n, seeds, m): the mean over the examples of each block, and over the seeds."""
        block, fold = self.material.block, self.material.fold
        blocks = [values[..., (block == b) & (fold != NEVER)] for b in range(len(self.material.sizes))]
        return np.stack([one.mean(axis=(1, 2)) for one in blocks], axis=1)

    def scores(self, trials: Sequence[int], upto: int, by: str) -> Floats:
        """(n, 1 + B) what trials are worth by the moments so far, for each decision."""
        curves = (figure_of(by, self.cost[i, :upto], self.accuracy[i, :upto]) for i in trials)
        return np.array([decisions(one, self.material.sizes) for one in curves])

    def outcome(self, numbers: Sequence[int], by: str) -> Outcome:
        """All that is kept of it."""
        n, e = len(numbers), len(self.when)
        blocks = [(self.material.block == b) & (self.material.fold != NEVER) for b in range(len(self.material.sizes))]
        predictions = np.full((n, len(blocks), *self.said.shape[2:]), np.nan, np.float32)
        for i in np.flatnonzero(self.reached == e):
            figure = figure_of(by, self.cost[i], self.accuracy[i])
            for without in range(len(blocks)):
                for held_out, moment in zip(blocks, stops(figure, without), strict=True):
                    predictions[i, without][:, held_out] = self.said[moment, i][:, held_out]
        return Outcome(
            np.array(numbers, np.int64),
            np.array(self.when, np.int64),
            self.cost,
            self.accuracy,
            self.trained,
            self.reached,
            self.diverged,
            self.passed,
            predictions,
        )
