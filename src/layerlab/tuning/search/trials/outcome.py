"""The outcome of a task: its trials' scores on the held-out examples, moment by moment, and their predictions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.evaluating.pseudo_values import CLASS_SCORES
from layerlab.formulas.arrays import Floats

from .files import read_arrays, write_arrays
from .scoring import best_moment

RANKED_BY = ("cost", *CLASS_SCORES)
"""The scores by which trials can be ranked; all but the cost are only for classification."""

TIE = 1e-6
"""Weight of the cost in addition to the accuracy, so that among equal accuracies the lower cost ranks first.

On a small block many trials have the same accuracy.
"""


def ranking_value(by: str, cost: Floats, accuracy: Floats) -> Floats:
    """Return the number that trials are ranked by; lower is better.

    Args:
        by: one of ``RANKED_BY``.
        cost, accuracy: of the same shape, which the result has too; in place of the accuracy the score that ranks.
    """
    return cost if by == "cost" else TIE * np.minimum(cost, 1 / TIE) - accuracy


class Outcome(NamedTuple):
    """The outcome of a task: the scores of n trials at E moments on B blocks of held-out examples.

    Attributes:
        numbers: (n,) numbers of the trials.
        moments: (E,) iterations after which the held-out examples were scored.
        cost, accuracy: (n, E, B) mean loss, and accuracy (nan for regression) or another score of classes that ranks
            the trials. Both are nan at moments that a trial did not reach.
        trained: (n, E) mean loss, without penalty, of the models on the examples that they are trained on; infinite
            after one of them diverged.
        reached: (n,) number of moments that each trial reached.
        diverged: (n,) iteration at which the first of its models diverged and stopped, or 0.
        passed: (n, 1 + B) number of rungs at which halving kept a trial, with all blocks and without each of them.
        predictions: (n, B, n_y, m) each example's prediction by the model that was not trained on it, at the moment at
            which its block is scored. There is one for each of the B blocks, because that moment is picked without the
            block that will be scored. nan for pruned trials.
        seconds: the time that the whole task took.
        failed: why a trial could not be trained, by its number.
    """

    numbers: NDArray[np.int64]
    moments: NDArray[np.int64]
    cost: Floats
    accuracy: Floats
    trained: Floats
    reached: NDArray[np.int64]
    diverged: NDArray[np.int64]
    passed: NDArray[np.int64]
    predictions: NDArray[np.float32]
    seconds: float = 0.0
    failed: dict[int, str] = {}  # noqa: RUF012 - never changed

    def curves(self, i: int, by: str) -> Floats:
        """Return the numbers (E', B) that rank trial i at the moments that it reached; lower is better."""
        reached = self.reached[i]
        return ranking_value(by, self.cost[i, :reached], self.accuracy[i, :reached])

    def stopped_at(self, i: int, by: str, sizes: NDArray[Any]) -> int:
        """Return after how many iterations a training of trial i on all examples stops, for blocks of these sizes."""
        return int(self.moments[best_moment(self.curves(i, by), sizes)])

    def finished(self, i: int) -> bool:
        """Return whether trial i was trained to the end."""
        return bool(self.reached[i] == len(self.moments)) and int(self.numbers[i]) not in self.failed

    def save(self, path: Path) -> None:
        """Write the outcome into one file, whole or not at all."""
        arrays = {name: value for name, value in self._asdict().items() if isinstance(value, np.ndarray)}
        about = {"seconds": self.seconds, "failed": {str(number): why for number, why in self.failed.items()}}
        write_arrays(path, arrays, json.dumps(about))

    @classmethod
    def load(cls, path: Path) -> Outcome:
        """Read the file that ``save`` wrote."""
        arrays, text = read_arrays(path)
        about = json.loads(text)
        failed = {int(number): str(why) for number, why in about["failed"].items()}
        return cls(**arrays, seconds=float(about["seconds"]), failed=failed)


def failed_outcome(why: dict[int, str], moments: list[int], blocks: int, n_y: int, m: int) -> Outcome:
    """Return the outcome of trials that could not be trained at all.

    Args:
        why: the reason, by the trials' numbers.
        moments: iterations after which held-out examples would have been looked at.
        blocks, n_y, m: number of blocks, of outputs, and of examples.
    """
    n, e = len(why), len(moments)
    nothing: Any = np.full((n, e, blocks), np.nan)
    return Outcome(
        np.array(list(why), np.int64),
        np.array(moments, np.int64),
        nothing,
        nothing.copy(),
        np.full((n, e), np.nan),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros((n, 1 + blocks), np.int64),
        np.full((n, blocks, n_y, m), np.nan, np.float32),
        failed=why,
    )


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome with the trials of several, which were looked at after the same iterations."""
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in outcomes])
        for name, value in outcomes[0]._asdict().items()
        if isinstance(value, np.ndarray) and name != "moments"
    }
    failed = {number: why for one in outcomes for number, why in one.failed.items()}
    return outcomes[0]._replace(**arrays, seconds=sum(one.seconds for one in outcomes), failed=failed)


def one_trial(outcome: Outcome, i: int) -> Outcome:
    """Return trial i alone, with its share of the time."""
    arrays: dict[str, Any] = {
        name: value[i : i + 1]
        for name, value in outcome._asdict().items()
        if isinstance(value, np.ndarray) and name != "moments"
    }
    number, seconds = int(outcome.numbers[i]), outcome.seconds / len(outcome.numbers)
    failed = {number: outcome.failed[number]} if number in outcome.failed else {}
    return outcome._replace(**arrays, seconds=seconds, failed=failed)
