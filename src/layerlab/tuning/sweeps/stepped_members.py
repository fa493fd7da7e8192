"""The members of one job, trained together update by update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from time import perf_counter

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.plan import Plan
from layerlab.training.batches import Batch, batches, stacked
from layerlab.training.engines import Chunk
from layerlab.training.fit import EngineStart, coordinates_of, full_parameters, start_engine
from layerlab.training.job import Job
from layerlab.training.layout import together
from layerlab.training.planner import GIB, Unfit, make_plan
from layerlab.training.record import history_of
from layerlab.training.stepper.states import owned, size_of
from layerlab.training.stepper.stepping import KEPT_AFTER, MOST_BETWEEN
from layerlab.training.stepper.timeline import BUDGET, FEWEST, Rows, Timeline
from layerlab.training.target import in_own_units
from layerlab.training.watching import Record

from .result import TrainedMember


class SteppedMembers:
    """Members that share a program, from the initial weights to the present update.

    Args:
        job: the members, their data and settings.
        budget: as for ``make_plan``.

    Attributes:
        job, plan: what is trained, and how it is computed.
        state: after the last update.
        update: number of updates made; fewer than were asked for once no member is alive.

    Raises:
        InputError: they do not all fit into the memory at once.
    """

    def __init__(self, job: Job, budget: float | None = None) -> None:
        self.job, self.update, self.seconds = job, 0, 0.0
        self.plan, (self._engine, self.state) = _started(job, budget)
        self._order: Iterator[Batch] | None = None
        members = len(job.members)
        self._costs, self._validation = Rows(members), Rows(2 if job.validation is not None else 0, members)
        self._recorded = self._validated = 0
        self._end: int | None = None
        self._timeline = Timeline()
        self._timeline.keep(0, 0, self.state)
        self._keeps = size_of(self.state) * FEWEST <= BUDGET and job.common["optimizer"] != LBFGS

    @property
    def between(self) -> int:
        """Number of updates that take a moment; after each such number a state is kept, where states are small."""
        return max(1, min(MOST_BETWEEN, int(KEPT_AFTER / max(self.plan.products, 1.0))))

    @property
    def alive(self) -> bool:
        """Whether some member is still trained."""
        return bool(np.any(self.state.alive))

    def advance_to(self, update: int) -> None:
        """Make updates until so many are made, or no member is alive any more."""
        while self._recorded < update and self.alive:
            self._advance(min(update - self._recorded, self.between - self._recorded % self.between))
            if self._keeps and self.alive and self._recorded % self.between == 0:
                self._timeline.keep(self._recorded, 0, self.state)

    def _advance(self, n: int) -> None:
        begun = perf_counter()
        batch = stacked(list(islice(self._batches(), n))) if self.job.batch_size else None
        order, self._order = self._order, None  # after an error here, the order is made again
        self.state, costs, validation = self._engine.advance(self.state, batch, n)
        self._order = order
        self._costs.write(self._recorded, np.asarray(costs))
        self._recorded += len(costs)
        self.update = self._recorded
        if validation.size:
            self._validation.write(self._validated, np.asarray(validation))
            self._validated += len(validation)
        if not self.alive:
            self._end = self._recorded
            if int(self.state.update) == 0 or not np.isfinite(self.costs(self._recorded)[-1]).any():
                self.update -= 1  # the last cost is that of an update that was not made
        self.seconds += perf_counter() - begun

    def seek(self, update: int) -> None:
        """Go to where so many updates were made, from the last state before it that was kept.

        L-BFGS is computed again from its start, because SciPy keeps what it remembers of earlier steps to itself.
        """
        if update < self._recorded:
            kept = self._timeline.before(update)
            self.state, self._order = owned(kept.state), None
            self.update = self._recorded = kept.update
            self._validated = kept.update // self.job.epoch if self.job.batch_size else kept.update
            if self.job.common["optimizer"] == LBFGS:
                self._engine = start_engine(self.job, self.plan).engine
        # L-BFGS says that it has converged only where it is asked for one more update
        self.advance_to(self._end + 1 if self._end is not None and update >= self._end else update)

    def _batches(self) -> Iterator[Batch]:
        """The batches of the updates to come."""
        if self._order is None:
            common, weights = self.job.common, None if self.job.each_weighs else self.job.weights
            size, seed, dtype = self.job.batch_size, common["batch_seed"], common["dtype"]
            self._order = batches(self.job.m, size, seed, dtype, weights, skip=self._recorded)
        return self._order

    def costs(self, updates: int) -> Floats:
        """Return the costs (updates, K) of so many updates; nan after the end of a member's training."""
        made = self._costs.first(min(self._recorded, updates))
        found = np.full((updates, made.shape[1]), np.nan)
        found[: len(made)] = made
        found[1:][np.logical_or.accumulate(~np.isfinite(found), axis=0)[:-1]] = np.nan
        if self.state.watch:
            ended = np.asarray(self.state.watch.ended_at).reshape(-1)
            found[(ended > 0) & (np.arange(updates)[:, None] >= ended)] = np.nan
        return found

    def trained(self, iterations: int) -> list[TrainedMember]:
        """Return every member as it is now: parameters (with a monitor those of its best epoch) and history.

        Args:
            iterations: number of updates that the runs are said to have been asked for.
        """
        members = tuple(
            replace(member, settings={**member.settings, "iterations": iterations}) for member in self.job.members
        )
        job = replace(self.job, members=members, whole=self.job)
        chunk = Chunk(self.state, np.empty(0), np.empty(0), 0.0)
        costs, validation = self._costs.first(self._recorded), self._validation.first(self._validated)
        stopped = self.alive and self.update < iterations
        record = Record(chunk, costs, validation, self.seconds, interrupted=False, stopped=stopped)
        plan = replace(self.plan, iterations=iterations)
        return [
            TrainedMember(job, k, coordinates_of(job, chunk, k), history_of(record, job, k), plan)
            for k in range(len(members))
        ]

    def parameters(self, member: int) -> Parameters:
        """Return a member's present ``W1 b1 … WL bL``, as they are learned."""
        now = Chunk(self.state._replace(watch=()), np.empty(0), np.empty(0), 0.0)
        return full_parameters(self.job, member, coordinates_of(self.job, now, member))

    def forward(self, X: Floats) -> list[list[Floats]]:
        """Return every unit's value of each member: for each layer (n, m); all are computed by one forward pass.

        Args:
            X: (n_x, m), checked.
        """
        job = self.job
        members = range(len(job.members))
        if self.plan.basis == "span":
            parameters = together(job, [self.parameters(member) for member in members])
        else:
            parameters = {name: np.asarray(value) for name, value in self.state.parameters.items()}
        with np.errstate(all="ignore"):  # of a member that diverged
            network, own = job.network, in_own_units(job, parameters)
            Z, caches = network_forward(X, own, network.activations, job.units(), network.first)
            layers = [cache.A for cache in caches[:-1]] + [job.network.loss.prediction(Z)]
        sizes = [job.members[member].network.layer_dims[1:] for member in members]
        return [[A[k, :n] for A, n in zip(layers, sizes[k], strict=True)] for k in members]


def _started(job: Job, budget: float | None) -> tuple[Plan, EngineStart]:
    """Return the first plan that works, and its engine before the first update."""
    unfit: dict[str, str] = {}
    while True:
        plan = make_plan(job, budget, unfit)
        if plan.slice < len(job.members):
            raise InputError(
                f"{len(job.members)} members are stepped side by side, and {plan.budget / GIB:.3g} GiB hold "
                f"{plan.slice}: wanted fewer members or smaller layers; layerlab.sweep trains them one slice after the "
                f"other"
            )
        try:
            return plan, start_engine(job, plan)
        except Unfit as error:
            unfit[error.choice] = error.reason
