"""One fit as epochs on an engine: what is trained is a ``Job`` like any other, planned like any other."""

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
    """The job of a fit.

    Args:
        network: with its output named.
        examples: to train on.
        parameters: initial ones of each member.
        settings: those that differ from ``train``'s defaults; they have been checked.
        factors: of parameters, the scales of the features among them if there are any.
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


def facts_of(job: Job, settings: Mapping[str, Any], kept_epoch: int | None) -> dict[str, Any]:
    """What an estimator remembers of a fit, in plain values.

    Args:
        job: what was trained.
        settings: what else is to be said of it.
        kept_epoch: the epoch whose parameters were kept, if not the last one's.
    """
    return {
        "settings": {**job.common, **settings},
        "epoch": job.epoch,
        "weighted": job.sample_weight is not None,
        "kept_epoch": kept_epoch,
    }


class Trainer:
    """A job of which epochs are made when they are asked for.

    Args:
        job: what is trained.
        memory: the optimiser's, as ``memory`` gave it; None begins anew.
        made: updates made before.

    Attributes:
        plan: how it is computed.
    """

    def __init__(self, job: Job, memory: Mapping[str, NDArray[Any]] | None = None, made: int = 0) -> None:
        self.job = job
        self.plan, self.engine, state = _started(job)
        self.state = state._replace(update=np.asarray(made))
        if memory:
            self.state = self.state._replace(memory=filled(self.state.memory, dict(memory), "memory"))

    def epoch(self, order: NDArray[np.intp]) -> Floats:
        """The examples once, in this order.

        Returns:
            (batches,) or (batches, K): the objective that each update differentiates; fewer if one is not finite.
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
        """Around many epochs: the number of threads is set once."""
        small = isinstance(self.engine, NumpyEngine) and self.engine.one_thread
        return one_thread() if small else nullcontext()

    @property
    def alive(self) -> bool:
        """Whether all costs so far are finite."""
        return bool(np.all(self.state.alive))

    def parameters(self) -> Parameters:
        """``W1 b1 … WL bL`` as they are now, NumPy arrays of their own; with an axis of models if there are several."""
        chunk = Chunk(self.state, np.empty(0), np.empty(0), 0.0)
        members = [
            full_parameters(self.job, k, coordinates_of(self.job, chunk, k)) for k in range(len(self.job.members))
        ]
        return stacked_members(members)

    @property
    def memory(self) -> dict[str, NDArray[Any]]:
        """The optimiser's, at full width, as plain arrays by name."""
        memory = self.state.memory
        if self.plan.basis == "span":
            memory = type(memory)(*map(self._at_full_width, memory))
        return {name: np.array(value) for name, value in flat(memory, "memory")}

    def _at_full_width(self, remembered: Parameters) -> Parameters:
        """What is remembered of each parameter, which in the span has the parameters' own coordinates."""
        job, each = self.job, []
        for k, member in enumerate(job.members):
            own = {name: np.asarray(value) if job.alone else np.asarray(value)[k] for name, value in remembered.items()}
            full = out_of_span(own, job.start(member)["W1"], job.part.X)
            each.append({name: full[name] for name in job.network.shapes})
        return stacked_members(each)


def _started(job: Job) -> tuple[Plan, Engine, State]:
    """The plan that works, its engine and the state before the first update."""
    unfit: dict[str, str] = {}
    while True:
        plan = make_plan(job, unfit=unfit)
        try:
            return plan, *start_engine(job, plan, longest=min(job.epoch, MOST_UPDATES))
        except Unfit as error:
            unfit[error.choice] = error.reason
