"""Choosing honestly: what picks the moment, what ranks and what reports are different examples.

The held-out examples lie in B blocks. For each block a choice is made anew with the others alone: they say when each
trial should have stopped, they rank the trials, they say whether an average of the best is better. What was chosen is
then counted on the block. The blocks together are the cross-fitted estimate: every example is counted once, by a
choice that it had no part in. The naive figure is the best that any finished trial had at any moment on all of them:
what one claims who picks and reports on the same data (Cawley & Talbot 2010, "On over-fitting in model selection").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.evaluating.statistics import (
    cross_validated_interval,
    mcnemar_p_value,
    paired_p_value,
    r_squared,
    wilson_interval,
)
from layerlab.formulas import LOSSES
from layerlab.formulas.arrays import Floats

from .trials.outcome import Outcome, figure_of
from .trials.scoring import score
from .trials.search_data import NEVER, Material

SIZES = (2, 4, 8, 16)
"""Of the averages of the best trials that are tried."""

TINY = 1e-7
"""Probabilities are kept in float32; nearer to 0 or 1 than this their logarithm says nothing."""


class Finished(NamedTuple):
    """A trial that was trained to the end.

    Attributes:
        number: its own.
        curves: (E, B) the figure that ranks, less is better.
        predictions: (B, n_y, m) as in ``Outcome``.
        accuracy: (E, B).
        iterations: after which training on all examples ends.
        eligible: (1 + B,) whether halving kept it to the end, with all blocks and without each of them.
    """

    number: int
    curves: Floats
    predictions: NDArray[np.float32]
    accuracy: Floats
    iterations: int
    eligible: NDArray[np.bool_]


class Estimate(NamedTuple):
    """A figure with its 95 % interval.

    Attributes:
        figure: accuracy of classes, R² of values.
        low, high: nan where there is none.
        cost: mean loss.
        right: (m,) share of each example's labels that are right, or the negative squared error of values.
    """

    figure: float
    low: float
    high: float
    cost: float
    right: Floats


class Choice(NamedTuple):
    """Trials whose predictions are averaged; one for no average.

    Attributes:
        trials: their numbers, the best first.
        score: what ranked it, less is better.
    """

    trials: tuple[int, ...]
    score: float


class Judge:
    """Ranks finished trials by some blocks of the held-out examples.

    Args:
        material: examples and folds.
        by: "cost" or "accuracy".
        trials: the finished ones.
        averages: whether averages of several may be chosen.
    """

    def __init__(self, material: Material, by: str, trials: Sequence[Finished], averages: bool = True) -> None:
        self.material, self.by, self.trials, self.averages = material, by, list(trials), averages
        self.held_out = material.fold != NEVER

    def ranking(self, without: int | None = None) -> list[tuple[float, Finished]]:
        """The trials that halving kept by what the blocks say, the best first; of several alike the first proposed.

        Args:
            without: a block that has no say, because it is kept for a report.
        """
        blocks = None if without is None else np.arange(len(self.material.sizes)) != without
        some = [one for one in self.trials if one.eligible[0 if without is None else 1 + without]] or self.trials
        scored = [(score(one.curves, self.material.sizes, blocks), one) for one in some]
        return sorted(scored, key=lambda pair: (pair[0], pair[1].number))

    def choice(self, without: int | None = None) -> Choice:
        """The best trial, or the average of the best if that is better.

        Args:
            without: as for ``ranking``.
        """
        ranked = self.ranking(without)
        best = Choice((ranked[0][1].number,), ranked[0][0])
        inside = self.held_out & (self.material.block != without)
        alone = self._figure(self.averaged(best.trials, without), inside)
        for size in SIZES if self.averages else ():
            if size <= len(ranked):
                some = tuple(one.number for _, one in ranked[:size])
                figure = self._figure(self.averaged(some, without), inside)
                if figure < alone:
                    best, alone = Choice(some, figure), figure
        return best

    def averaged(self, numbers: Sequence[int], without: int | None = None) -> Floats:
        """(n_y, m) mean of the trials' predictions, at moments in which a block has no say."""
        known = {one.number: self._said(one, without) for one in self.trials if one.number in numbers}
        return np.asarray(np.mean([known[number] for number in numbers], axis=0, dtype=np.float64))

    def _said(self, one: Finished, without: int | None) -> NDArray[np.float32]:
        if without is not None:
            return np.asarray(one.predictions[without])
        examples = np.arange(self.material.m)
        return np.asarray(
            one.predictions[self.material.block, :, examples].T
        )  # each block's own moment is picked by all others

    def _figure(self, said: Floats, inside: NDArray[np.bool_]) -> float:
        """What ranks, less is better."""
        said, Y = said[:, inside], self.material.Y[:, inside]
        cost, right = losses_of(self.material.output, said, Y).mean(), rightness(self.material.output, said, Y).mean()
        return float(figure_of(self.by, cost, right))

    def cross_fitted(self) -> tuple[Estimate, list[Choice]]:
        """The estimate, and what was chosen for each block by the others."""
        n = len(self.material.sizes)
        said = np.full(self.material.Y.shape, np.nan)
        choices = []
        for b in range(n):
            chosen = self.choice(without=b)
            inside = self.held_out & (self.material.block == b)
            said[:, inside] = self.averaged(chosen.trials, without=b)[:, inside]
            choices.append(chosen)
        inside = self.held_out
        folds = self.material.folds
        return estimate(self.material.output, said[:, inside], self.material.Y[:, inside], folds), choices

    def naive(self) -> float:
        """The best figure that any finished trial had at any moment on all held-out examples; of values the best R²."""
        sizes = self.material.sizes
        if LOSSES[self.material.output].labels is None:
            inside = self.held_out
            Y = self.material.Y[:, inside]
            said = [self._said(one, None)[:, inside].astype(np.float64) for one in self.trials]
            return max(r_squared(Y, one) for one in said)
        return max(float(((one.accuracy * sizes).sum(axis=1) / sizes.sum()).max()) for one in self.trials)


def finished(outcomes: Sequence[Outcome], by: str) -> list[Finished]:
    """The trials that were trained to the end and whose figure is finite."""
    found = [
        Finished(
            int(outcome.numbers[i]),
            outcome.curves(i, by),
            outcome.predictions[i],
            outcome.accuracy[i],
            outcome.stopped_at(i, by),
            outcome.passed[i] == outcome.passed[i].max(),
        )
        for outcome in outcomes
        for i in range(len(outcome.numbers))
        if outcome.finished(i)
    ]
    usable = [one for one in found if np.isfinite(one.curves).all(axis=1).any()]
    return sorted(usable, key=lambda one: one.number)


def losses_of(output: str, said: Floats, Y: Floats) -> Floats:
    """(m,) losses of predictions."""
    if output == "sigmoid":
        inside = np.clip(said, TINY, 1 - TINY)
        logits = np.log(inside) - np.log1p(-inside)
    elif output in ("softmax", "poisson"):
        logits = np.log(np.maximum(said, TINY))
    else:
        logits = said
    losses: Floats = LOSSES[output].losses(logits, np.asarray(Y, np.float64))
    return losses


def rightness(output: str, said: Floats, Y: Floats) -> Floats:
    """(m,) share of an example's labels that are right; of values the negative squared error."""
    labels = LOSSES[output].labels
    if labels is None:
        return -np.asarray(((said - Y) ** 2).sum(axis=0), np.float64)
    return np.asarray((labels(said) == labels(Y)).mean(axis=0), np.float64)


def estimate(output: str, said: Floats, Y: Floats, folds: int = 0) -> Estimate:
    """Accuracy with its interval, or R² without one.

    Args:
        output: of the networks.
        said, Y: (n_y, m).
        folds: over which it was counted, each by a model that was trained on the others; 0 for a set of its own.
    """
    right = rightness(output, said, Y)
    cost = float(losses_of(output, said, Y).mean())
    if LOSSES[output].labels is None:
        return Estimate(r_squared(np.asarray(Y, np.float64), said), np.nan, np.nan, cost, right)
    if folds > 1:
        low, high = cross_validated_interval(float(right.mean()), len(right), folds)
    else:
        low, high = wilson_interval(round(float(right.sum())), len(right))
    return Estimate(float(right.mean()), low, high, cost, right)


def paired(output: str, first: Estimate, second: Estimate) -> tuple[int, int, float]:
    """Examples that one of two alone gets right (of values: has nearer), and the p-value of the difference."""
    if LOSSES[output].labels is None:
        nearer = int((first.right > second.right).sum()), int((first.right < second.right).sum())
        return *nearer, paired_p_value(first.right, second.right)
    only_first, only_second = int((first.right > second.right).sum()), int((first.right < second.right).sum())
    return only_first, only_second, mcnemar_p_value(only_first, only_second)
