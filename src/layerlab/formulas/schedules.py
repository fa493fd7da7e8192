"""Learning-rate schedules: factors by which the learning rate is multiplied during training.

Hyperparameters are numbers, or (..., 1, 1) with one per model; so are the factors. ⌊ ⌋ rounds down.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from .arrays import Array, PerModel


class Progress(NamedTuple):
    """How far the training has come.

    Attributes:
        update: () number of updates made before this one.
        an_epoch: () number of updates in an epoch.
        epochs: () number of epochs of the whole training.
        plateaus: how often the cost has stopped falling, () or (..., 1, 1); only "adaptive" uses it.
    """

    update: Array
    an_epoch: Array
    epochs: Array
    plateaus: PerModel = 0.0

    @property
    def epoch(self) -> Array:
        """Number of epochs done before the update, with its fraction, ()."""
        return self.update / self.an_epoch


def inverse_time(progress: Progress, *, decay: PerModel) -> PerModel:
    """Inverse-time decay: 1 / (1 + decay ⌊epoch⌋)."""
    return 1.0 / (1.0 + decay * _floor(progress.epoch))


def interval_decay(progress: Progress, *, decay: PerModel, interval: PerModel) -> PerModel:
    """Inverse-time decay in steps of ``interval`` epochs: 1 / (1 + decay ⌊epoch / interval⌋)."""
    return 1.0 / (1.0 + decay * _floor(_floor(progress.epoch) / interval))


def step_decay(progress: Progress, *, drop: PerModel, interval: PerModel) -> PerModel:
    """Step decay: drop^⌊epoch / interval⌋."""
    return drop ** _floor(_floor(progress.epoch) / interval)


def cosine(progress: Progress, *, warmup: PerModel) -> PerModel:
    """Linear warm-up over the first epochs, then down along half a cosine to 0 (Loshchilov & Hutter 2017).

    (update + 1) / (updates of the warm-up)   while epoch < warmup
    ½ (1 + cos π (epoch − warmup) / (epochs − warmup))   after that
    """
    epoch, epochs = progress.epoch, progress.epochs
    xp = epoch.__array_namespace__()
    rising, left = warmup + 0.0 * epoch, epochs - warmup
    up = (epoch + 1.0 / progress.an_epoch) / xp.where(rising > 0, rising, 1.0)
    down = 0.5 * (1.0 + xp.cos(math.pi * (epoch - warmup) / xp.where(left > 0, left, 1.0)))
    return xp.where(epoch < rising, xp.minimum(up, xp.ones_like(up)), down)


def log_cosine(progress: Progress, *, cycles: PerModel) -> PerModel:
    """Cosine cycles from 0 up to 1 and back, each about twice as long as the one before (Holzmüller et al. 2024).

        ½ (1 − cos(2π log₂(1 + (2^cycles − 1) t)))   with t = epoch / epochs

    It is 0 at the first update and near 0 at the last; the last cycle is a little more than half of the training.
    """
    share = progress.epoch / progress.epochs
    xp = share.__array_namespace__()
    return 0.5 * (1.0 - xp.cos(2.0 * math.pi * xp.log2(1.0 + (2.0**cycles - 1.0) * share)))


def adaptive(progress: Progress, *, drop: PerModel, plateau: PerModel, least_progress: PerModel) -> PerModel:  # noqa: ARG001
    """drop^plateaus: the learning rate is multiplied by ``drop`` at every plateau of the cost.

    The training finds the plateaus, by ``plateau`` (in epochs) and ``least_progress`` (in units of the cost).
    """
    return drop**progress.plateaus


def _floor(x: Array) -> Array:
    return x.__array_namespace__().floor(x)


class Schedule(NamedTuple):
    """A schedule: its factor, its own hyperparameters with their usual values, and its name in a sentence."""

    factor: Callable[..., PerModel]
    defaults: dict[str, float]
    title: str


SCHEDULES = {
    "constant": Schedule(lambda _: 1.0, {}, "a constant learning rate"),
    "inverse_time": Schedule(inverse_time, {"decay": 1.0}, "inverse-time decay"),
    "interval": Schedule(interval_decay, {"decay": 1.0, "interval": 1000.0}, "decay by intervals"),
    "step": Schedule(step_decay, {"drop": 0.5, "interval": 1000.0}, "decay by steps"),
    "cosine": Schedule(cosine, {"warmup": 0.0}, "a cosine"),
    "log_cosine": Schedule(log_cosine, {"cycles": 4}, "cosines of doubling length"),
    "adaptive": Schedule(
        adaptive, {"drop": 0.2, "plateau": 10, "least_progress": 1e-4}, "a smaller learning rate after every plateau"
    ),
}
"""Every schedule by its name."""
