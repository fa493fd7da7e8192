"""The population of a task: a model for each trial, seed and fold, all trained together by one program.

The order along the model axis is trial 0 with seed 0 on fold 0, on fold 1, …: folds vary fastest. Folds are made by
example weights, which are 0 for held-out examples. Trials that halving prunes are removed from the population if that
saves more time than compiling takes; the others go on from their states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part
from layerlab.formulas import Span
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import complete_settings, with_defaults
from layerlab.training.batches import Batch, stacked
from layerlab.training.engines import MOST_UPDATES, Engine
from layerlab.training.fit import engine_of
from layerlab.training.interrupts import check_interrupts
from layerlab.training.job import Job, Member
from layerlab.training.layout import laid_out
from layerlab.training.members import data_of, state_of
from layerlab.training.planner import Unfit, make_plan, sizes_of
from layerlab.training.updates import EngineData, State
from layerlab.training.whole_sets import losses_and_predictions
from layerlab.tuning.search.proposals.candidate import Candidate

from .halving import MOMENTS
from .search_data import SearchData
from .tasks import filled_up, shared_method

COMPILE = 2e10
"""Floating-point operations that take as long as compiling a program does: about half a second."""


class SharedSettings(NamedTuple):
    """Settings that all tasks of a search share; search.json has them under "how".

    Attributes:
        by: what trials are ranked by, one of ``RANKED_BY``.
        eta: the η of successive halving; 1 for none.
        seeds: number of initial weights that each trial is trained with.
        seed: the first of these seeds.
        dtype, engine: as for ``train``.
    """

    by: str
    eta: int
    seeds: int
    seed: int
    dtype: str
    engine: str


class Population:
    """The trials of a task that are still trained.

    Args:
        search_data: examples and folds.
        candidates: the trials. The last one is repeated up to one of the usual numbers; the copies are not used.
        shared: settings that all tasks share.
        at_least: sizes to which their hidden layers are padded.

    Attributes:
        trials: numbers, within the task, of the trials that are still trained.
        places: (n,) place of each of them among the trials on the model axis.
    """

    def __init__(
        self,
        search_data: SearchData,
        candidates: Sequence[Candidate],
        shared: SharedSettings,
        at_least: tuple[int, ...],
    ) -> None:
        self.search_data, self.shared = search_data, shared
        self.trials = list(range(len(candidates)))
        self.places = np.arange(len(candidates))
        self.job = _job(search_data, filled_up(candidates), shared, tuple(at_least))
        self.plan, self.data, self.state = _laid_out(self.job)
        self.engine: Engine = engine_of(self.job, self.plan, self.data, self.state)

    @property
    def each(self) -> int:
        """Number of models of each trial: one for each seed and fold."""
        return self.shared.seeds * self.search_data.folds

    def train(self, stream: Iterator[Batch] | None, n: int) -> None:
        """Make n updates.

        Args:
            stream: batches of examples, or None for all examples at once.
            n: number of updates.
        """
        while n > 0 and self.alive.any():
            check_interrupts()
            some = min(n, MOST_UPDATES)
            stack = None if stream is None else stacked(list(islice(stream, some)))
            self.state, *_ = self.engine.advance(self.state, stack, some)
            n -= some

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Return whether each of the K models is still trained; a model that diverged is not."""
        return np.asarray(self.state.alive)

    def judged(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return every model's loss (n, seeds, folds, m) and prediction (n, seeds, folds, n_y, m) of each example."""
        # a forward pass at each moment: compiled only if that computes longer than the compiling takes
        if self.products * MOMENTS < COMPILE:
            parameters = {name: np.asarray(value) for name, value in self.state.parameters.items()}
            losses, said = losses_and_predictions(self.job.program(self.plan.basis == "span"), self.data, parameters)
        else:
            losses, said = self.engine.losses_and_predictions(self.state.parameters)
        return self._by_trial(np.asarray(losses)), self._by_trial(np.asarray(said))

    def dead(self) -> NDArray[np.bool_]:
        """Return for each of the n trials whether one of its models diverged."""
        return np.asarray(~self._by_trial(self.alive).all(axis=(1, 2)))

    def _by_trial(self, values: NDArray[Any]) -> NDArray[Any]:
        shape = -1, self.shared.seeds, self.search_data.folds, *values.shape[1:]
        return np.asarray(values.reshape(shape)[self.places])

    @property
    def products(self) -> float:
        """Floating-point operations of the matrix products of an update."""
        return sizes_of(self.job, self.plan.basis == "span", len(self.job.members)).products

    def keep(self, which: NDArray[np.bool_], left: int) -> None:
        """Go on with some of the trials from the states that they have.

        The others are taken out of the population if that saves more than compiling a program for the rest costs; if
        not, they are trained along, and nobody looks at them.

        Args:
            which: (n,) whether each trial goes on.
            left: number of updates to come.
        """
        self.trials = [one for one, on in zip(self.trials, which, strict=True) if on]
        self.places = self.places[which]
        # filled up to a usual number like the first population, by candidates that only carry their place
        filled = filled_up([Candidate(int(place), {}) for place in self.places])
        members = np.concatenate([np.arange(one.number * self.each, (one.number + 1) * self.each) for one in filled])
        if (1 - len(members) / len(self.job.members)) * left * self.products < COMPILE:
            return
        self.places = np.arange(len(self.trials))
        self.data = data_of(self.data, members, len(self.job.members))
        self.state = state_of(self.state, members)
        own, weights = self.job.members, self.job.sample_weight
        assert weights is not None  # noqa: S101
        self.job = replace(self.job, members=tuple(own[i] for i in members), sample_weight=weights[members])
        self.engine = engine_of(self.job, self.plan, self.data, self.state)


def _job(
    search_data: SearchData, candidates: Sequence[Candidate], shared: SharedSettings, at_least: tuple[int, ...]
) -> Job:
    """Return the models as members of one training job, the folds as example weights of shape (K, m)."""
    usual = with_defaults({})
    n_x, n_y = search_data.X.shape[0], search_data.Y.shape[0]
    members: list[Member] = []
    for candidate in candidates:
        network = candidate.network(n_x, n_y, search_data.output)
        for seed in range(shared.seed, shared.seed + shared.seeds):
            own = {**usual, **shared_method(candidate.settings), "seed": seed}
            own |= {"dtype": shared.dtype, "engine": engine_for(shared.engine)}
            settings = complete_settings(search_data.m, **own)
            members += [Member(network, settings, len(members) + fold) for fold in range(search_data.folds)]
    weights = np.tile(search_data.weights(), (len(candidates) * shared.seeds, 1))
    part = Part(search_data.X, search_data.Y)
    return Job(tuple(members), part, alone=False, sample_weight=weights, at_least=at_least)


def engine_for(wanted: str) -> str:
    """Return the engine of tasks: the compiled one if jax is installed, since many tasks share a compiled program."""
    return ("xla" if find_spec("jax") else "numpy") if wanted == "auto" else wanted


def _laid_out(job: Job) -> tuple[Plan, EngineData, State]:
    """Return the plan that works, the members' data, and their state before the first update."""
    unfit: dict[str, str] = {}
    while True:
        plan = make_plan(job, budget=float("inf"), unfit=unfit)
        try:
            data, state = laid_out(job, plan.basis == "span")
        except Unfit as error:
            unfit[error.choice] = error.reason
            continue
        if isinstance(data.X, Span):
            # Members may be taken out later, so each needs its own start, though folds of a trial begin with the same.
            models = len(job.members)
            each = {name: np.repeat(value, models, axis=0) for name, value in _common_starts(data.X, models)}
            data = data._replace(X=data.X._replace(**each))
        return plan, data, state


def _common_starts(span: Span, models: int) -> list[tuple[str, Any]]:
    """Return arrays of a span that its models share because all of them start from the same weights."""
    return [(name, getattr(span, name)) for name in ("start", "norm") if getattr(span, name).shape[0] != models]
