"""The population of a task: a model for each trial, seed and fold, computed in groups of one fold.

A group is trained on its fold's own examples. All groups have the same shapes, so one compiled program serves all of
them, also after halving: the models of the trials that go on are put into new groups, from the states that they have.
A process that has the machine for itself computes several groups at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part
from layerlab.formulas import Parameters, Span
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import complete_settings, with_defaults
from layerlab.training.batches import Batch, stacked
from layerlab.training.engines import MOST_UPDATES, Engine
from layerlab.training.fit import group_engine
from layerlab.training.groups import grouped, side_by_side
from layerlab.training.interrupts import check_interrupts
from layerlab.training.job import Job, Member
from layerlab.training.layout import laid_out
from layerlab.training.members import put_together, state_of
from layerlab.training.planner import Unfit, make_plan
from layerlab.training.updates import EngineData, State
from layerlab.training.whole_sets import losses_and_predictions
from layerlab.training.work import Sizes
from layerlab.tuning.search.proposals.candidate import Candidate

from .fold_examples import FoldExamples, fold_programs, state_on_folds
from .search_data import SearchData
from .tasks import MOST_TRIALS, shared_method

T = TypeVar("T")

Judge = Callable[[EngineData, Parameters], tuple[Any, Any]]
"""From examples and parameters of a group to the loss (g, m) and prediction (g, n_y, m) of each example."""


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


class Group(NamedTuple):
    """Some models of one fold, which one program computes.

    Attributes:
        examples: of the fold.
        engine: makes the updates.
        state: of the models.
    """

    examples: FoldExamples
    engine: Engine
    state: State

    def trained(self, stack: Batch | None, n: int) -> Group:
        """Return the group after n more updates."""
        return self._replace(state=self.engine.advance(self.state, stack, n).state)


class Population:
    """The trials of a task that are still trained.

    Args:
        search_data: examples and folds.
        candidates: the trials.
        shared: settings that all tasks share.
        at_least: sizes to which their hidden layers are padded.

    Attributes:
        job: the models of all trials on all examples: trial 0 with the first seed, with the second, …
        trials: numbers, within the task, of the trials that are still trained.
        models: places of their models in the job.
        groups: for each fold, its groups of these models; the last group may repeat a model.
    """

    def __init__(
        self,
        search_data: SearchData,
        candidates: Sequence[Candidate],
        shared: SharedSettings,
        at_least: tuple[int, ...],
    ) -> None:
        self.search_data, self.shared = search_data, shared
        self.job = _job(search_data, candidates, shared, at_least)
        self.trials, self.models = list(range(len(candidates))), np.arange(len(self.job.members))
        self.plan, data, state = _laid_out(self.job)
        self.program, self.folds = fold_programs(search_data, self.job, data)
        begin = state_on_folds(self.program, self.folds, state)
        # the size of a group does not depend on the number of trials, so that tasks share compiled programs
        size = grouped(self.plan.engine, self._sizes(MOST_TRIALS))
        self.size = min(size or len(self.models), len(self.models))
        if size:
            from layerlab.training.grouped import on_device

            self.folds = [FoldExamples(*map(on_device, one)) for one in self.folds]
        self.groups = [self._groups(one, begin) for one in self.folds]
        self.judge = self._judge(self.groups[0][0])

    def _sizes(self, models: int) -> Sizes:
        """Return the sizes of the program for some models."""
        weights = self.folds[0].own.weights
        assert weights is not None  # noqa: S101
        common, dims = self.job.common, self.job.network.layer_dims
        return Sizes(self.program, dims, weights.shape[-1], 0, models, common["dtype"])

    def _groups(self, fold: FoldExamples, state: State) -> list[Group]:
        """Divide the models of a fold, which have this state, into groups of the same size."""
        last, sizes = len(self.models) - 1, self._sizes(self.size)
        groups = []
        for start in range(0, len(self.models), self.size):
            some = np.minimum(np.arange(start, start + self.size), last)
            examples, own = fold.of(self.models[some], len(self.job.members)), state_of(state, some)
            groups.append(Group(examples, group_engine(self.plan.engine, sizes, examples.own, own), own))
        return groups

    def _judge(self, group: Group) -> Judge:
        """Return the function that computes losses and predictions of a group; all groups have the same sizes."""
        if self.plan.engine == "numpy":
            return partial(losses_and_predictions, self.program)
        from layerlab.training.xla import judge_on_one_thread

        return judge_on_one_thread(self.program, group.examples.judged, group.state.parameters)

    def train(self, stream: Iterator[Batch] | None, n: int) -> None:
        """Make n updates.

        Args:
            stream: batches of examples, or None for all examples at once.
            n: number of updates.
        """
        while n > 0 and not self.dead().all():
            check_interrupts()
            some = min(n, MOST_UPDATES)
            stack = None if stream is None else stacked(list(islice(stream, some)))
            self.groups = self._on_folds(partial(Group.trained, stack=stack, n=some))
            n -= some

    def _on_folds(self, call: Callable[[Group], T]) -> list[list[T]]:
        """Call a function for each group, several at a time where programs are compiled; return its values by fold."""
        each = side_by_side if self.plan.engine == "xla" else map
        results = iter(each(call, [group for fold in self.groups for group in fold]))
        return [[next(results) for _ in fold] for fold in self.groups]

    def judged(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return every model's loss (n, seeds, folds, m) and prediction (n, seeds, folds, n_y, m) of each example."""
        found = self._on_folds(lambda group: self.judge(group.examples.judged, group.state.parameters))
        losses, predictions = ([[values[i] for values in fold] for fold in found] for i in (0, 1))
        return self._by_trial(losses), self._by_trial(predictions)

    def dead(self) -> NDArray[np.bool_]:
        """Return for each of the n trials whether one of its models diverged."""
        alive = self._by_trial([[group.state.alive for group in fold] for fold in self.groups])
        return np.asarray(~alive.all(axis=(1, 2)))

    def _by_trial(self, folds: Sequence[Sequence[Any]]) -> NDArray[Any]:
        """Return values (n, seeds, folds, …) from those of the groups of each fold."""
        each = np.stack([np.concatenate(groups)[: len(self.models)] for groups in folds], axis=1)
        return each.reshape(-1, self.shared.seeds, *each.shape[1:])

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Go on with some of the n trials, in new groups, from the states that their models have.

        Args:
            which: (n,) whether each trial goes on.
        """
        places, models = np.flatnonzero(np.repeat(which, self.shared.seeds)), len(self.models)
        self.trials = [one for one, on in zip(self.trials, which, strict=True) if on]
        self.models = self.models[places]
        for fold, (examples, groups) in enumerate(zip(self.folds, self.groups, strict=True)):
            state = put_together([group.state for group in groups], models)
            self.groups[fold] = self._groups(examples, state_of(state, places))


def _job(
    search_data: SearchData, candidates: Sequence[Candidate], shared: SharedSettings, at_least: tuple[int, ...]
) -> Job:
    """Return a model for each trial and seed as members of one training job on all examples."""
    usual = with_defaults({})
    n_x, n_y = search_data.X.shape[0], search_data.Y.shape[0]
    members: list[Member] = []
    for candidate in candidates:
        network = candidate.network(n_x, n_y, search_data.output)
        for seed in range(shared.seed, shared.seed + shared.seeds):
            own = {**usual, **shared_method(candidate.settings), "seed": seed}
            own |= {"dtype": shared.dtype, "engine": engine_for(shared.engine)}
            settings = complete_settings(search_data.m, **own)
            members.append(Member(network, settings, len(members)))
    return Job(tuple(members), Part(search_data.X, search_data.Y), alone=False, at_least=tuple(at_least))


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
            # Each member needs its own start in a group, though all of them may begin with the same.
            models = len(job.members)
            each = {name: np.repeat(value, models, axis=0) for name, value in _common_starts(data.X, models)}
            data = data._replace(X=data.X._replace(**each))
        return plan, data, state


def _common_starts(span: Span, models: int) -> list[tuple[str, Any]]:
    """Return arrays of a span that its models share because all of them start from the same weights."""
    return [(name, getattr(span, name)) for name in ("start", "norm") if getattr(span, name).shape[0] != models]
