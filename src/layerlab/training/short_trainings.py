"""Short trainings of one job with some settings changed, as one population, to see which change would have helped."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from layerlab.datasets import Part
from layerlab.datasets.part import standardization_of
from layerlab.formulas.arrays import Floats
from layerlab.formulas.penalties import l2_penalty
from layerlab.formulas.weighing import cost, weigh_losses
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.findings import STANDARDIZE
from layerlab.runs.forward_statistics import forward_statistics
from layerlab.runs.plan import Plan
from layerlab.settings import OWN

from .batches import Batch, batches, stacked
from .engines import Chunk, Engine
from .fit import coordinates_of, full_parameters, start_engine
from .job import Job, Member
from .planner import Unfit, make_plan
from .updates import State

Changes = Mapping[str, Any]
"""New values of settings, by name; "standardize" is one of the names."""

UPDATES_AT_A_TIME = 256
"""How many updates are made before it is checked again whether to stop."""

MOST_JUDGED = 2000
"""With batches, costs are measured on at most this many examples: on all they could take longer than the updates."""

CHECKED = (1.0, 0.95, 0.9)
"""Shares of the updates after which the cost is measured."""

SHARED = ("batch_size", STANDARDIZE)
"""Changes that must be the same for all members of a population."""


def last_costs(job: Job, several: Sequence[Changes], updates: int, stop: Callable[[], bool]) -> Floats:
    """Train with each of several changes from the start, and measure the cost of the training set.

    Args:
        job: a job of one model; its checkpoint, metrics, monitor and validation set are left out.
        several: K changes of settings.
        updates: how many updates are made; a schedule behaves as if all updates of the job were going to be made.
        stop: a function that says whether to end early; it is called every few updates.

    Returns:
        (K, len(CHECKED)) the objective on the training examples, with the penalty and without dropout, at the end and
        shortly before it. Where these differ much, the last value is a matter of luck. It is infinite where it is not
        finite, and for changes that were not trained because of ``stop``.
    """
    costs = np.full((len(several), len(CHECKED)), math.inf)
    alone = job.common["optimizer"] == LBFGS  # its line search cannot share a program
    groups: dict[Any, list[int]] = {}
    for number, changes in enumerate(several):
        key = number if alone else tuple(changes.get(name, "as it is") for name in SHARED)
        groups.setdefault(key, []).append(number)
    for numbers in groups.values():
        if not stop():
            costs[numbers] = _costs(_population(job, [several[number] for number in numbers], alone), updates, stop)
    return costs


def seconds_for(job: Job, models: int, updates: int) -> float:
    """Return the expected seconds for this many updates of a population of this many models."""
    population = _population(job, [{}] * models, alone=False)
    own = population.batch_size or population.m
    # measuring the costs at the end takes passes over more examples than an update has
    passes = len(CHECKED) * min(population.m, max(own, MOST_JUDGED)) / (3 * own)
    return sum(_plan(population, updates + math.ceil(passes)).expected.values())


def _population(job: Job, several: Sequence[Changes], alone: bool) -> Job:
    """Return the job with a member for each of several changes, which agree in what all members share."""
    network, part = job.members[0].network, job.part
    if several[0].get(STANDARDIZE):
        part = Part(standardization_of(part.X)(part.X).astype(part.X.dtype), part.Y)
    settings = dict(job.common)
    if settings["batch_size"] is not None and settings["batch_size"] >= part.X.shape[1]:
        settings["batch_size"] = None  # the job has only a sample of a stream
    members = tuple(Member(network, _changed(settings, one), number) for number, one in enumerate(several))
    population = replace(
        job, members=members, part=part, validation=None, validation_weight=None, alone=alone, given=None, metrics=(),
        every=0, stream=None, whole=None, like=job,
    )  # fmt: skip
    if job.given is None:
        return population
    own = job.given[0]
    given = (
        population.start(one) if "initializer" in changes else own
        for one, changes in zip(members, several, strict=True)
    )
    return replace(population, given=tuple(given))


def _changed(settings: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """Return a member's settings with the changes, without a monitor and without settings of unused schedules."""
    own = {**settings, **{name: value for name, value in changes.items() if name != STANDARDIZE}, "monitor": None}
    foreign = (*OWN["monitor"], *(OWN["schedule"] if own["schedule"] != settings["schedule"] else ()))
    return {name: value for name, value in own.items() if name not in foreign}


def _plan(job: Job, updates: int) -> Plan:
    """Return the plan for the first updates of a job."""
    short = tuple(replace(member, settings={**member.settings, "iterations": updates}) for member in job.members)
    return make_plan(replace(job, members=short, like=job))


def _costs(job: Job, updates: int, stop: Callable[[], bool]) -> Floats:
    plan = _plan(job, updates)
    slices = (job.slice(start, start + plan.slice) for start in range(0, len(job.members), plan.slice))
    return np.concatenate([_costs_of(some, plan, updates, stop) for some in slices])


@np.errstate(all="ignore")  # models may diverge here
def _costs_of(job: Job, plan: Plan, updates: int, stop: Callable[[], bool]) -> Floats:
    try:
        engine, state = start_engine(job, plan, longest=UPDATES_AT_A_TIME)
    except Unfit as error:
        return _costs_of(job, make_plan(job, unfit={error.choice: error.reason}), updates, stop)
    order, done, found = _order(job), 0, []
    for share in reversed(CHECKED):
        upto = max(done, round(share * updates))
        while done < upto and np.any(state.alive) and not stop():
            n = min(UPDATES_AT_A_TIME, upto - done)
            state, *_ = engine.advance(state, stacked(list(islice(order, n))) if order else None, n)
            done += n
        means = _own_costs(job, state) if _one_by_one(job) else _shared_costs(job, engine, state)
        # a model is not alive either after L-BFGS has converged
        alive = np.asarray(state.alive).reshape(-1) | (job.common["optimizer"] == LBFGS)
        found.append(np.where(alive & np.isfinite(means), means, math.inf))
    costs: Floats = np.stack(found[::-1], axis=1)
    return np.full_like(costs, math.inf) if stop() else costs


def _one_by_one(job: Job) -> bool:
    """Return whether costs are measured member by member: with a penalty, or where a batch is few of the examples."""
    return any(member.settings["l2"] for member in job.members) or bool(job.batch_size and job.m > MOST_JUDGED)


def _shared_costs(job: Job, engine: Engine, state: State) -> Floats:
    """Return each member's mean loss on all examples, (K,)."""
    weights = None if job.weights is None else job.weights / job.weights.mean(axis=-1, keepdims=True)
    losses, _ = engine.losses_and_predictions(state.parameters)
    means: Floats = cost(weigh_losses(np.asarray(losses, np.float64).reshape(len(job.members), -1), weights))
    return means


def _own_costs(job: Job, state: State) -> Floats:
    """Return each member's mean loss on at most ``MOST_JUDGED`` examples with its penalty, (K,)."""
    chunk = Chunk(state, np.empty(0), np.empty((0, 0)), 0.0)
    some = np.linspace(0, job.m - 1, min(job.m, MOST_JUDGED)).astype(int)
    part = Part(job.part.X[:, some], job.targets[:, some])
    weights = None if job.weights is None else job.weights[..., some]
    found = []
    for number, member in enumerate(job.members):
        own = full_parameters(job, number, coordinates_of(job, chunk, number))
        each = weights[number] if weights is not None and job.each_weighs else weights
        loss, l2 = forward_statistics(member.network, own, part, each).cost, member.settings["l2"]
        found.append(loss + float(l2_penalty(part.X, own, l2, job.batch_size or job.m, member.network.first)))
    return np.array(found)


def _order(job: Job) -> Iterator[Batch] | None:
    if not job.batch_size:
        return None
    return batches(job.m, job.batch_size, job.common["batch_seed"], job.common["dtype"], job.weights)
