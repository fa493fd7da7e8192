"""Short trainings at several learning rates from the same start, judged on examples that stay the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from layerlab.formulas import Parameters, cost, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.training.fit import full_parameters
from layerlab.training.job import Job, Member
from layerlab.tuning.sweeps.sweep import train_members

EXAMPLES = 4096
"""Number of training examples on which a cost is measured at most, so that it costs little beside the updates."""


def fixed_cost(job: Job) -> Callable[[Parameters], float]:
    """Return the training cost as a function of ``W1 b1 … WL bL``, on the same examples every time.

    A batch's cost goes up and down as the batches differ, and with dropout as the units do; this one moves with the
    parameters alone. It is without penalty and dropout; of more than ``EXAMPLES`` examples it takes a random choice,
    and of a stream its sample.
    """
    X, Y, weights = job.part.X, job.targets, job.weights
    if X.shape[1] > EXAMPLES:
        some = np.sort(np.random.RandomState(0).choice(X.shape[1], EXAMPLES, replace=False))
        X, Y, weights = X[:, some], Y[:, some], None if weights is None else weights[some]
    mean_one = None if weights is None else weights / weights.mean()
    loss = job.network.loss

    @np.errstate(all="ignore")  # what overflows shows as a cost that is not finite
    def cost_at(parameters: Parameters) -> float:
        Z, _ = network_forward(X, parameters, job.network.activations)
        return float(cost(loss.losses(Z, Y, mean_one)))

    return cost_at


def costs_after(job: Job, rates: Sequence[float], updates: int) -> Floats:
    """The cost that a network ends at when it is trained with each of several learning rates.

    Args:
        job: of one network; its own learning rate and length do not matter.
        rates: learning rates.
        updates: the length of every training.

    Returns:
        The fixed cost after the last update, for each learning rate; infinite where the training diverged.
    """
    cost_at, (only,) = fixed_cost(job), job.members
    members = [
        Member(only.network, {**only.settings, "learning_rate": rate, "iterations": updates}, number)
        for number, rate in enumerate(rates)
    ]
    given = None if job.given is None else job.given * len(rates)
    whole = replace(job, members=tuple(members), given=given, alone=False)
    # A population shares examples that lie in memory; a stream is read anew by each.
    jobs = [whole] if job.stream is None else [whole.slice(k, k + 1) for k in range(len(members))]
    trained = [one for some in jobs for one in train_members(some, progress=False)]
    if any(one.history.interrupted for one in trained):
        raise KeyboardInterrupt
    ends = (cost_at(full_parameters(one.job, one.number, one.coordinates)) for one in trained)
    diverged = (not np.isfinite(one.history.costs).all() for one in trained)
    return np.array([np.inf if lost else end for lost, end in zip(diverged, ends, strict=True)])
