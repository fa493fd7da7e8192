"""Choosing honestly: different examples pick the moment to stop, rank the trials, and score the choice.

The held-out examples are split into B blocks. For each block, a choice is made with the other blocks alone: they decide
when each trial stops, how the trials rank, and whether an average of the best is better. The choice is then scored on
the block. All blocks together are the corrected (cross-fitted) estimate: every example is scored once, by a choice that
it was not used for. The optimistic (naive) estimate is the best score that any finished trial had at any moment on all
held-out examples, as if the choice were made and scored on the same data. Source: Cawley & Talbot 2010, "On
over-fitting in model selection".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.evaluating.statistics import r_squared
from layerlab.formulas import LOSSES
from layerlab.formulas.arrays import Floats

from .estimates import Choice, Estimate, correctness, estimate, prediction_losses
from .trials.outcome import Outcome, ranking_value
from .trials.scoring import mean_over_blocks, score
from .trials.search_data import ALWAYS_TRAINED, SearchData

SIZES = (2, 4, 8, 16)
"""How many of the best trials are averaged; each of these numbers is tried."""


class FinishedTrial(NamedTuple):
    """A trial that was trained to the end.

    Attributes:
        number: the number of the trial.
        curves: (E, B) the number that ranks it at each moment on each block; lower is better.
        predictions: (B, n_y, m) as in ``Outcome``.
        accuracy: (E, B) accuracy at each moment on each block.
        iterations: number of updates for a training on all examples.
        eligible: (1 + B,) whether halving kept it to the end, with all blocks and without each of them.
    """

    number: int
    curves: Floats
    predictions: NDArray[np.float32]
    accuracy: Floats
    iterations: int
    eligible: NDArray[np.bool_]


class ModelSelection:
    """Ranks finished trials on some blocks of the held-out examples, and chooses among them.

    Args:
        search_data: examples, folds and blocks.
        by: the score that ranks the trials.
        trials: the finished trials.
        averages: whether averages of several trials may be chosen.
    """

    def __init__(
        self, search_data: SearchData, by: str, trials: Sequence[FinishedTrial], averages: bool = True
    ) -> None:
        self.search_data, self.by, self.trials, self.averages = search_data, by, list(trials), averages
        self.held_out = search_data.fold != ALWAYS_TRAINED

    def ranking(self, without: int | None = None) -> list[tuple[float, FinishedTrial]]:
        """Return the trials that halving kept, with their scores, the best first; of equal ones the one proposed first.

        Args:
            without: a block that is not used, because the choice will be scored on it.
        """
        blocks = None if without is None else np.arange(len(self.search_data.sizes)) != without
        some = [one for one in self.trials if one.eligible[0 if without is None else 1 + without]] or self.trials
        scored = [(score(one.curves, self.search_data.sizes, blocks), one) for one in some]
        return sorted(scored, key=lambda pair: (pair[0], pair[1].number))

    def choice(self, without: int | None = None) -> Choice:
        """Return the best trial, or the average of the best trials if that is better.

        Args:
            without: as for ``ranking``.
        """
        ranked = self.ranking(without)
        best = Choice((ranked[0][1].number,), ranked[0][0])
        inside = self.held_out & (self.search_data.block != without)
        lowest = self._rank_value(self.averaged(best.trials, without), inside)
        for size in SIZES if self.averages else ():
            if size <= len(ranked):
                some = tuple(one.number for _, one in ranked[:size])
                value = self._rank_value(self.averaged(some, without), inside)
                if value < lowest:
                    best, lowest = Choice(some, value), value
        return best

    def averaged(self, numbers: Sequence[int], without: int | None = None) -> Floats:
        """Return the mean of the trials' predictions, (n_y, m), at moments that were picked without one block."""
        known = {one.number: self._predictions(one, without) for one in self.trials if one.number in numbers}
        return np.asarray(np.mean([known[number] for number in numbers], axis=0, dtype=np.float64))

    def _predictions(self, one: FinishedTrial, without: int | None) -> NDArray[np.float32]:
        """Return a trial's predictions, (n_y, m); with all blocks, each block at the moment that the others pick."""
        if without is not None:
            return np.asarray(one.predictions[without])
        examples = np.arange(self.search_data.m)
        return np.asarray(one.predictions[self.search_data.block, :, examples].T)

    def _rank_value(self, predictions: Floats, inside: NDArray[np.bool_]) -> float:
        """Return the number that predictions are ranked by on some examples; lower is better."""
        predictions, Y, output = predictions[:, inside], self.search_data.Y[:, inside], self.search_data.output
        right = correctness(output, predictions, Y, self.by, self.search_data.block[inside])
        return float(ranking_value(self.by, prediction_losses(output, predictions, Y).mean(), right.mean()))

    def cross_fitted(self) -> tuple[Estimate, list[Choice]]:
        """Return the corrected estimate, and what was chosen for each block by the others."""
        search_data, inside = self.search_data, self.held_out
        predictions = np.full(search_data.Y.shape, np.nan)
        choices = []
        for number, block in enumerate(search_data.block_masks()):
            chosen = self.choice(without=number)
            predictions[:, block] = self.averaged(chosen.trials, without=number)[:, block]
            choices.append(chosen)
        Y = search_data.Y[:, inside]
        block = search_data.block[inside]
        own = estimate(search_data.output, predictions[:, inside], Y, search_data.folds, self.by, block)
        return own, choices

    def naive(self) -> float:
        """Return the best accuracy or R² that any finished trial had at any moment on all held-out examples.

        For trials that are ranked by another score of classes, it is that score.
        """
        sizes = self.search_data.sizes
        if LOSSES[self.search_data.output].labels is None:
            inside = self.held_out
            Y = self.search_data.Y[:, inside]
            predictions = [self._predictions(one, None)[:, inside].astype(np.float64) for one in self.trials]
            return max(r_squared(Y, one) for one in predictions)
        return max(float(np.nanmax(mean_over_blocks(one.accuracy, sizes))) for one in self.trials)


def finished_trials(outcomes: Sequence[Outcome], by: str, sizes: NDArray[np.int64]) -> list[FinishedTrial]:
    """Return the trials that were trained to the end and have a finite score; ``sizes`` are those of the blocks."""
    found = [
        FinishedTrial(
            int(outcome.numbers[i]),
            outcome.curves(i, by),
            outcome.predictions[i],
            outcome.accuracy[i],
            outcome.stopped_at(i, by, sizes),
            outcome.passed[i] == outcome.passed[i].max(),
        )
        for outcome in outcomes
        for i in range(len(outcome.numbers))
        if outcome.finished(i)
    ]
    usable = [one for one in found if np.isfinite(one.curves).all(axis=1).any()]
    return sorted(usable, key=lambda one: one.number)
