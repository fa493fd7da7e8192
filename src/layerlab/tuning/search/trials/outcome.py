"""What became of a task's trials: their curves on the held-out examples, and what they said of each of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

from .scoring import stop

FIGURES = ("cost", "accuracy")
"""By which trials are ranked; the accuracy of classes alone."""


TIE = 1e-6
"""Of equal accuracies the one with the lower cost is better: accuracy is a few hundredths on a small block."""


def figure_of(by: str, cost: Floats, accuracy: Floats) -> Floats:
    """What ranks, less is better."""
    return cost if by == "cost" else TIE * np.minimum(cost, 1 / TIE) - accuracy


class Outcome(NamedTuple):
    """Of n trials, E moments and B blocks of held-out examples.

    Attributes:
        numbers: (n,) of the trials.
        moments: (E,) iterations after which the held-out examples were looked at.
        cost, accuracy: (n, E, B) mean loss, and share right (nan for values); nan where a trial did not come so far.
        trained: (n, E) mean objective of the models on the examples that they are trained on.
        reached: (n,) moments that each trial came to.
        diverged: (n,) iteration at which the first of its models stood still, or 0.
        passed: (n, 1 + B) rungs at which halving kept a trial, with all blocks and without each of them.
        predictions: (n, B, n_y, m) what the trial said of each example by the model that was not trained on it, at the
            moment at which its block is counted; once for each block that is kept for a report and has no say in that
            moment. nan for trials that were given up.
        seconds: of the whole task.
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
        """(E', B) of trial i at the moments that it came to, less is better."""
        reached = self.reached[i]
        return figure_of(by, self.cost[i, :reached], self.accuracy[i, :reached])

    def stopped_at(self, i: int, by: str) -> int:
        """Iterations after which training trial i on all examples ends."""
        return int(self.moments[stop(self.curves(i, by))])

    def finished(self, i: int) -> bool:
        """Whether trial i was trained to the end."""
        return bool(self.reached[i] == len(self.moments)) and int(self.numbers[i]) not in self.failed

    def save(self, path: Path) -> None:
        """Write it into one file, whole or not at all."""
        from .folder import write_arrays

        arrays = {name: value for name, value in self._asdict().items() if isinstance(value, np.ndarray)}
        about = {"seconds": self.seconds, "failed": {str(number): why for number, why in self.failed.items()}}
        write_arrays(path, arrays, json.dumps(about))

    @classmethod
    def load(cls, path: Path) -> Outcome:
        """What ``save`` wrote."""
        from .folder import read_arrays

        arrays, text = read_arrays(path)
        about = json.loads(text)
        failed = {int(number): str(why) for number, why in about["failed"].items()}
        return cls(**arrays, seconds=float(about["seconds"]), failed=failed)


def failed_outcome(why: dict[int, str], moments: list[int], blocks: int, n_y: int, m: int) -> Outcome:
    """Of trials that could not be trained at all, by their numbers."""
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
