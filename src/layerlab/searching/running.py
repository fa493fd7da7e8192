"""One task: its trials, on all folds and seeds, as one population that is halved on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..datasets import Part
from ..errors import InputError
from ..formulas import LOSSES, Span
from ..settings import SETTINGS
from ..training.batches import Batch, batches, stacked
from ..training.engines import MOST_UPDATES, Engine
from ..training.fit import engine_of, laid_out
from ..training.job import Job, Member, complete_settings
from ..training.plan import Plan, Unfit, make_plan, sizes_of
from ..training.updates import Data, State, judgements
from .candidate import Candidate
from .halving import MOMENTS, moments, rungs
from .halving import kept as kept_of
from .material import NEVER, Material
from .outcome import Outcome, failed_outcome, figure_of
from .scoring import decisions, stops
from .tasks import Task, filled_up, method_of

COMPILE = 2e10
"""Floating-point operations that take about as long as compiling a program does: half a second."""


class How(NamedTuple):
    """What is the same for all tasks.

    Attributes:
        by: "cost" or "accuracy": what ranks.
        eta: of successive halving; 1 for none.
        seeds: initial weights that each trial is tried with, from the first on.
        seed: the first of them.
        dtype, engine: as for ``train``.
    """

    by: str
    eta: int
    seeds: int
    seed: int
    dtype: str
    engine: str


class News(NamedTuple):
    """How far a task is.

    Attributes:
        task: its name.
        iteration, iterations: made, and of how many.
        trials: that are being trained.
        costs: mean held-out cost of the best trial at each moment so far.
        moments: iterations of these.
    """

    task: str
    iteration: int
    iterations: int
    trials: int
    costs: list[float]
    moments: list[int]


def run_task(
    material: Material,
    task: Task,
    how: How,
    seen: Sequence[Sequence[NDArray[np.float64]]] = (),
    watcher: Callable[[News], None] | None = None,
) -> Outcome:
    """Train a task's trials; one that cannot be trained is reported and does not end the others.

    Args:
        material: examples and folds.
        task: the trials.
        how: what is the same for all tasks.
        seen: of each trial of the earlier batches, its scores for each decision, at its rungs and its end.
        watcher: is told how far it is, at every moment.
    """
    begun = perf_counter()
    try:
        outcome = _population(material, task, how, seen, watcher)
    except Exception as error:
        if len(task.candidates) > 1:
            parts = [
                run_task(material, task._replace(candidates=(one,)), how, seen, watcher) for one in task.candidates
            ]
            outcome = _joined(parts)
        else:
            why = f"{type(error).__name__}: {error}" if not isinstance(error, InputError) else str(error)
            outcome = _failed(task, material, how, {task.candidates[0].number: why})
    return outcome._replace(seconds=perf_counter() - begun)


def failed_task(task: Task, material: Material, how: How, why: str) -> Outcome:
    """All of a task's trials reported as failed."""
    return _failed(task, material, how, {one.number: why for one in task.candidates})


def _failed(task: Task, material: Material, how: How, why: dict[int, str]) -> Outcome:
    when = moments(task.candidates[0].settings["iterations"], how.eta)
    return failed_outcome(why, when, len(material.sizes), material.Y.shape[0], material.m)


def _joined(parts: Sequence[Outcome]) -> Outcome:
    """Outcomes of the same moments, one after the other."""
    stacked: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in parts])
        for name, value in parts[0]._asdict().items()
        if isinstance(value, np.ndarray) and name != "moments"
    }
    return parts[0]._replace(**stacked, failed={number: why for one in parts for number, why in one.failed.items()})


class _Population:
    """The trials of a task that are still trained: a population whose members are their seeds, of each the folds."""

    def __init__(
        self, material: Material, candidates: Sequence[Candidate], how: How, at_least: tuple[int, ...]
    ) -> None:
        self.material, self.how = material, how
        self.trials = list(range(len(candidates)))
        self.places = np.arange(len(candidates))
        self.job = _job(material, filled_up(candidates), how, tuple(at_least))
        self.plan, self.data, self.state = _laid_out(self.job)
        self.engine: Engine = engine_of(self.job, self.plan, self.data, self.state, {})

    @property
    def each(self) -> int:
        """Models of a trial."""
        return self.how.seeds * self.material.folds

    def train(self, dealt: Iterator[Batch] | None, n: int) -> NDArray[np.float64]:
        """n updates; the objective of each trial at the last of them, the mean over its models."""
        own = np.full(len(self.alive), np.nan)
        while n > 0 and self.alive.any():
            some = min(n, MOST_UPDATES)
            stack = None if dealt is None else stacked(list(islice(dealt, some)))
            self.state, costs, _ = self.engine.advance(self.state, stack, some)
            own, n = costs[-1], n - some
        return np.asarray(self._by_trial(own).mean(axis=(1, 2)))

    @property
    def alive(self) -> NDArray[np.bool_]:
        """(K,) whether each model goes on."""
        return np.asarray(self.state.alive)

    def judged(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Loss (n, seeds, folds, m) and prediction (n, seeds, folds, n_y, m) of every example by every model."""
        if self.products * MOMENTS < COMPILE:
            parameters = {name: np.asarray(value) for name, value in self.state.parameters.items()}
            losses, said = judgements(self.job.program(self.plan.basis == "span"), self.data, parameters)
        else:
            losses, said = self.engine.judgements(self.state.parameters)
        return self._by_trial(np.asarray(losses)), self._by_trial(np.asarray(said))

    def dead(self) -> NDArray[np.bool_]:
        """(n,) whether some model of a trial stands still."""
        return np.asarray(~self._by_trial(self.alive).all(axis=(1, 2)))

    def _by_trial(self, values: NDArray[Any]) -> NDArray[Any]:
        shape = -1, self.how.seeds, self.material.folds, *values.shape[1:]
        return np.asarray(values.reshape(shape)[self.places])

    @property
    def products(self) -> float:
        """Floating-point operations of the matrix products of an update."""
        return sizes_of(self.job, self.plan.basis == "span", len(self.job.members)).products

    def keep(self, which: NDArray[np.bool_], left: int) -> None:
        """Go on with some of the trials, their states as they are.

        The others are taken out of the population where that saves more than compiling for what is left costs; else
        they are trained along, and nobody looks.

        Args:
            which: (n,) trials.
            left: updates to come.
        """
        self.trials = [one for one, on in zip(self.trials, which, strict=True) if on]
        self.places = self.places[which]
        filled = filled_up([Candidate(int(place), {}) for place in self.places])
        members = np.concatenate([np.arange(one.number * self.each, (one.number + 1) * self.each) for one in filled])
        if (1 - len(members) / len(self.job.members)) * left * self.products < COMPILE:
            return
        self.places = np.arange(len(self.trials))
        self.data, self.state = _some(self.data, members), _some_state(self.state, members)
        own, weights = self.job.members, self.job.sample_weight
        assert weights is not None  # noqa: S101
        self.job = replace(self.job, members=tuple(own[i] for i in members), sample_weight=weights[members])
        self.engine = engine_of(self.job, self.plan, self.data, self.state, {})


def _job(material: Material, candidates: Sequence[Candidate], how: How, at_least: tuple[int, ...]) -> Job:
    usual = {name: setting.default for name, setting in SETTINGS.items()}
    n_x, n_y = material.X.shape[0], material.Y.shape[0]
    members: list[Member] = []
    for candidate in candidates:
        network = candidate.network(n_x, n_y, material.output)
        for seed in range(how.seed, how.seed + how.seeds):
            own = {**usual, **method_of(candidate.settings), "seed": seed}
            own |= {"dtype": how.dtype, "engine": engine_for(how.engine)}
            settings = complete_settings(material.m, **own)
            members += [Member(network, settings, len(members) + fold) for fold in range(material.folds)]
    weights = np.tile(material.weights(), (len(candidates) * how.seeds, 1))
    part = Part(material.X, material.Y)
    return Job(tuple(members), part, alone=False, sample_weight=weights, at_least=at_least)


def engine_for(wish: str) -> str:
    """The engine of tasks: compiled where jax is there, since one program serves many tasks and is kept on the disk."""
    return ("xla" if find_spec("jax") else "numpy") if wish == "auto" else wish


def _laid_out(job: Job) -> tuple[Plan, Data, State]:
    """The plan that works, the members' data and their state before the first update."""
    unfit: dict[str, str] = {}
    while True:
        plan = make_plan(job, budget=float("inf"), unfit=unfit)
        try:
            data, state = laid_out(job, plan, {})
        except Unfit as error:
            unfit[error.choice] = error.reason
            continue
        if isinstance(data.X, Span):
            models = len(job.members)
            each = {name: np.repeat(value, models, axis=0) for name, value in _shared(data.X, models)}
            data = data._replace(X=data.X._replace(**each))
        return plan, data, state


def _shared(span: Span, models: int) -> list[tuple[str, Any]]:
    """What all models of a span share because they start from the same weights."""
    return [(name, getattr(span, name)) for name in ("start", "norm") if getattr(span, name).shape[0] != models]


def _some(data: Data, members: NDArray[np.intp]) -> Data:
    """The data of some members."""
    X = data.X
    if isinstance(X, Span):
        X = X._replace(start=X.start[members], norm=X.norm[members])
    return data._replace(
        X=X,
        rates={name: value[members] for name, value in data.rates.items()},
        units=None if data.units is None else tuple(value[members] for value in data.units),
        weights=None if data.weights is None else data.weights[members],
        total=None if data.total is None else data.total[members],
    )


def _some_state(state: State, members: NDArray[np.intp]) -> State:
    """The state of some members."""

    def some(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: some(one) for name, one in value.items()}
        if isinstance(value, tuple):
            parts = [some(one) for one in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        array = np.asarray(value)
        return array[members] if array.ndim else array

    return state._replace(
        parameters=some(state.parameters),
        memory=some(state.memory),
        alive=some(state.alive),
        update=np.asarray(state.update),
    )


class _Kept:
    """The figures of a task's trials, as they come."""

    def __init__(self, material: Material, n: int, when: Sequence[int]) -> None:
        e, b, m, n_y = len(when), len(material.sizes), material.m, material.Y.shape[0]
        self.material, self.when = material, list(when)
        self.cost = np.full((n, e, b), np.nan)
        self.accuracy = np.full((n, e, b), np.nan)
        self.trained = np.full((n, e), np.nan)
        self.reached = np.zeros(n, np.int64)
        self.diverged = np.zeros(n, np.int64)
        self.eligible = np.ones((n, 1 + b), bool)
        self.said = np.full((e, n, n_y, m), np.nan, np.float32)

    def note(self, at: int, population: _Population, objective: NDArray[np.float64]) -> None:
        """What the population says at a moment."""
        losses, said = population.judged()
        trials, m = population.trials, self.material.m
        own_loss = np.full((len(trials), population.how.seeds, m), np.nan)
        own_said = np.full((*own_loss.shape[:2], *said.shape[3:]), np.nan)
        for fold in range(self.material.folds):
            held_out = self.material.fold == fold
            own_loss[..., held_out] = losses[:, :, fold][..., held_out]
            own_said[..., held_out] = said[:, :, fold][..., held_out]
        dead = population.dead()
        own_loss[dead] = np.inf
        self.cost[trials, at] = self._by_block(own_loss)
        self.accuracy[trials, at] = np.where(dead[:, None], -np.inf, self._by_block(self._right(own_said)))
        self.trained[trials, at] = objective
        self.reached[trials] = at + 1
        self.diverged[trials] = np.where((self.diverged[trials] == 0) & dead, self.when[at], self.diverged[trials])
        self.said[at, trials] = own_said[:, 0]

    def _right(self, said: NDArray[Any]) -> NDArray[np.float64]:
        """(…, m) share of an example's labels that are right; nan for values."""
        labels = LOSSES[self.material.output].labels
        if labels is None:
            return np.full((*said.shape[:2], said.shape[-1]), np.nan)
        return np.asarray((labels(said) == labels(self.material.Y)).mean(axis=-2))

    def _by_block(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """(n, B) of values (n, seeds, m): the mean over the examples of each block, and over the seeds."""
        block, fold = self.material.block, self.material.fold
        blocks = [values[..., (block == b) & (fold != NEVER)] for b in range(len(self.material.sizes))]
        return np.stack([one.mean(axis=(1, 2)) for one in blocks], axis=1)

    def scores(self, trials: Sequence[int], upto: int, by: str) -> NDArray[np.float64]:
        """(n, 1 + B) what trials are worth by the moments so far, for each decision."""
        curves = (figure_of(by, self.cost[i, :upto], self.accuracy[i, :upto]) for i in trials)
        return np.array([decisions(one, self.material.sizes) for one in curves])

    def outcome(self, numbers: Sequence[int], by: str) -> Outcome:
        """All that is kept of it."""
        n, e = len(numbers), len(self.when)
        blocks = [(self.material.block == b) & (self.material.fold != NEVER) for b in range(len(self.material.sizes))]
        predictions = np.full((n, len(blocks), *self.said.shape[2:]), np.nan, np.float32)
        for i in np.flatnonzero(self.reached == e):
            figure = figure_of(by, self.cost[i], self.accuracy[i])
            for without in range(len(blocks)):
                for held_out, moment in zip(blocks, stops(figure, without), strict=True):
                    predictions[i, without][:, held_out] = self.said[moment, i][:, held_out]
        return Outcome(
            np.array(numbers, np.int64),
            np.array(self.when, np.int64),
            self.cost,
            self.accuracy,
            self.trained,
            self.reached,
            self.diverged,
            self.eligible,
            predictions,
        )


@np.errstate(all="ignore")  # of a network that diverged
def _population(
    material: Material,
    task: Task,
    how: How,
    seen: Sequence[Sequence[NDArray[np.float64]]],
    watcher: Callable[[News], None] | None,
) -> Outcome:
    first = task.candidates[0].settings
    when, decided = moments(first["iterations"], how.eta), rungs(first["iterations"], how.eta)
    population = _Population(material, task.candidates, how, task.at_least)
    kept, done = _Kept(material, len(task.candidates), when), 0
    size, common = population.job.batch_size, population.job.common
    dealt = batches(material.m, size, common["batch_seed"], how.dtype) if size else None
    for at, moment in enumerate(when):
        objective = population.train(dealt, moment - done)
        done = moment
        kept.note(at, population, objective)
        if watcher:
            best = np.nanmin(kept.cost[population.trials, : at + 1].mean(axis=-1), axis=0)
            watcher(News(task.name, moment, when[-1], len(population.trials), best.tolist(), when[: at + 1]))
        if moment in decided:
            scores = kept.scores(population.trials, at + 1, how.by)
            rung = [one[decided.index(moment)] for one in seen if len(one) > decided.index(moment)]
            kept.eligible[population.trials] &= kept_of(scores, rung, how.eta)
            which = np.asarray(kept.eligible[population.trials].any(axis=1))
            if not which.any():
                break
            population.keep(which, when[-1] - moment)
    return kept.outcome([one.number for one in task.candidates], how.by)


def scores_of(outcome: Outcome, i: int, how: How, sizes: NDArray[Any]) -> dict[int, NDArray[np.float64]]:
    """What a trial was worth for each decision, at each rung that it reached and at its end, by iterations."""
    curves, when = outcome.curves(i, how.by), outcome.moments
    places = [*rungs(int(when[-1]), how.eta), int(when[-1])]
    reached = [place for place in places if len(curves) and place <= when[len(curves) - 1]]
    return {place: decisions(curves[: int(np.searchsorted(when, place)) + 1], sizes) for place in reached}
