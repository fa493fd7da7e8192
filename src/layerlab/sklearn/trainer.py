"""An estimator's fit on layerlab's engines: a ``Job`` that is planned as usual, and trained one epoch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from layerlab.datasets import Part
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.machine import one_thread
from layerlab.network import Network
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import CHOICES_WITH_SETTINGS, with_defaults
from layerlab.training.basis import out_of_span
from layerlab.training.batches import Batch, cut_into_batches
from layerlab.training.checkpoint import filled, flat
from layerlab.training.engines import MOST_UPDATES, Chunk, Engine, NumpyEngine
from layerlab.training.fit import coordinates_of, full_parameters, start_engine
from layerlab.training.job import Job, Member
from layerlab.training.planner import Unfit, make_plan
from layerlab.training.updates import State

from .coefficients import stacked_members
from .examples import FitData


def job_of(
    network: Network,
    examples: FitData,
    parameters: Sequence[Parameters],
    settings: Mapping[str, Any],
    factors: Mapping[str, float] | None = None,
) -> Job:
    """Make the job that trains a network on examples.

    Args:
        network: the network, with its output named.
        examples: the training set.
        parameters: the initial parameters of each member.
        settings: the settings that differ from ``train``'s defaults; they have been checked.
        factors: factors of the parameters by name, for ``formulas.parametrization``; "g1" if features have scales.
    """
    usual = with_defaults(settings)
    for kind, table in CHOICES_WITH_SETTINGS.items():
        usual |= {name: value for name, value in table[usual[kind]].defaults.items() if usual[name] is None}
    members = tuple(
        Member(network, {**usual, "seed": number, "dtype": str(examples.X.dtype)}, number)
        for number in range(len(parameters))
    )
    return Job(
        members,
        Part(examples.X.T if issparse(examples.X) else examples.X, examples.Y),
        alone=len(parameters) == 1,
        given=tuple(parameters),
        sample_weight=examples.weights,
        factors=factors or {},
        scaled="g1" in (factors or {}),
    )


def training_facts(job: Job, settings: Mapping[str, Any], kept_epoch: int | None) -> dict[str, Any]:
    """Return the facts about its training that an estimator remembers for ``to_run``, as plain values.

    Args:
        job: what was trained.
        settings: settings that the job itself does not have.
        kept_epoch: the epoch whose parameters were kept, if it is not the last.
    """
    return {
        "settings": {**job.common, **settings},
        "epoch": job.epoch,
        "weighted": job.sample_weight is not None,
        "kept_epoch": kept_epoch,
    }


class Trainer:
    """Trains a job, one epoch for each call.

    Args:
        job: what is trained.
        memory: what the optimiser remembers of earlier updates, from the property ``memory``; None to start afresh.
        updates_made: the number of earlier updates.

    Attributes:
        plan: how the job is computed.
        engine: what computes the updates.
        state: the state after the last update.
    """

    def __init__(self, job: Job, memory: Mapping[str, NDArray[Any]] | None = None, updates_made: int = 0) -> None:
        self.job = job
        self.plan, self.engine, state = _started(job)
        self.state = state._replace(update=np.asarray(updates_made))
        if memory:
            self.state = self.state._replace(memory=filled(self.state.memory, dict(memory), "memory"))

    def epoch(self, order: NDArray[np.intp]) -> Floats:
        """Train on every example once, in this order.

        Returns:
            (batches,) or (batches, K): the objective of each update; fewer if one is not finite.
        """
        job, costs = self.job, []
        batches = cut_into_batches(order, job.batch_size, job.common["dtype"], job.weights) if job.batch_size else None
        for start in range(0, job.epoch, MOST_UPDATES):
            n = min(MOST_UPDATES, job.epoch - start)
            some = batches and Batch(*(rows[start : start + n] for rows in batches))
            made = self.engine.advance(self.state, some, n)
            self.state = made.state
            costs.append(made.costs)
            if not self.alive:
                break
        return np.concatenate(costs)

    def at_work(self) -> AbstractContextManager[Any]:
        """Return a context for many epochs; it sets the number of threads once."""
        small = isinstance(self.engine, NumpyEngine) and self.engine.one_thread
        return one_thread() if small else nullcontext()

    @property
    def alive(self) -> bool:
        """Whether all costs so far are finite."""
        return bool(np.all(self.state.alive))

    def parameters(self) -> Parameters:
        """Return the present ``W1 b1 … WL bL`` as new NumPy arrays; several members have an axis in front."""
        chunk = Chunk(self.state, np.empty(0), np.empty(0), 0.0)
        members = [
            full_parameters(self.job, k, coordinates_of(self.job, chunk, k)) for k in range(len(self.job.members))
        ]
        return stacked_members(members)

    @property
    def memory(self) -> dict[str, NDArray[Any]]:
        """What the optimiser remembers (moments, velocities), at full width, as plain arrays by name."""
        memory = self.state.memory
        if self.plan.basis == "span":
            memory = type(memory)(*map(self._at_full_width, memory))
        return {name: np.array(value) for name, value in flat(memory, "memory")}

    def _at_full_width(self, remembered: Parameters) -> Parameters:
        """Turn coordinates in the span of the examples, if the plan uses them, into one array for each parameter."""
        job, each = self.job, []
        for k, member in enumerate(job.members):
            own = {name: np.asarray(value) if job.alone else np.asarray(value)[k] for name, value in remembered.items()}
            full = out_of_span(own, job.start(member)["W1"], job.part.X)
            each.append({name: full[name] for name in job.network.shapes})
        return stacked_members(each)


def _started(job: Job) -> tuple[Plan, Engine, State]:
    """Make plans until one works; return it with its engine and the state before the first update."""
    unfit: dict[str, str] = {}
    while True:
        plan = make_plan(job, unfit=unfit)
        try:
            return plan, *start_engine(job, plan, longest=min(job.epoch, MOST_UPDATES))
        except Unfit as error:
            unfit[error.choice] = error.reason
