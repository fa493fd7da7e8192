"""The training cost on a fixed set of examples, and its value after short trainings with several learning rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from layerlab.formulas import Parameters, cost, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.training.job import Job
from layerlab.training.short_trainings import last_costs

EXAMPLES = 4096
"""A cost is measured on at most this many examples, so that it takes little time compared with the updates."""


def fixed_cost(job: Job) -> Callable[[Parameters], float]:
    """Return the training cost as a function of ``W1 b1 … WL bL``, on the same examples every time.

    The cost of a mini-batch goes up and down because batches differ, and dropout adds noise. This cost depends only on
    the parameters. It has no penalty and no dropout. If there are more than ``EXAMPLES`` examples, a random sample is
    used; for a stream, its sample.
    """
    X, Y, weights = job.part.X, job.targets, job.weights
    if X.shape[1] > EXAMPLES:
        some = np.sort(np.random.RandomState(0).choice(X.shape[1], EXAMPLES, replace=False))
        X, Y, weights = X[:, some], Y[:, some], None if weights is None else weights[some]
    mean_one = None if weights is None else weights / weights.mean()
    loss = job.network.loss

    @np.errstate(all="ignore")  # what overflows shows as a cost that is not finite
    def cost_at(parameters: Parameters) -> float:
        Z, _ = network_forward(X, parameters, job.network.activations, first=job.network.first)
        return float(cost(loss.losses(Z, Y, mean_one)))

    return cost_at


def costs_after(job: Job, rates: Sequence[float], updates: int) -> Floats:
    """Return the cost at the end of short trainings from the same start, one for each of several learning rates.

    Args:
        job: a job of one network; its own learning rate and number of updates are ignored. For a stream, its sample is
            trained on.
        rates: learning rates.
        updates: number of updates of every training.

    Returns:
        For each learning rate, the cost on all examples after the last update, without penalty and dropout; infinite if
        the training diverged.
    """
    (only,) = job.members
    short = replace(job, members=(replace(only, settings={**only.settings, "iterations": updates}),))
    return last_costs(short, [{"learning_rate": rate} for rate in rates], updates, stop=lambda: False)[:, 0]
