"""From a job of one network to several members on folds, and from what they recorded to the members of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.folds import folds_of, split_into_folds
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.constant_baseline import constant_cost, constant_losses
from layerlab.runs.findings import Finding
from layerlab.runs.history import History
from layerlab.runs.members import Members
from layerlab.runs.network_outputs import network_outputs
from layerlab.runs.verdict import Constant, verdict_of
from layerlab.settings import FOLDS, MEMBERS, SETTINGS

from .examining import evidence_in, findings_of
from .finishing import Ending
from .fit import coordinates_of, full_parameters
from .folds import Folds, held_out_parts
from .interrupts import Interrupts
from .job import Job, Member
from .record import history_of, initial_cost_of
from .stages import stage
from .target import in_own_units
from .usual_members import USUAL_FOLDS
from .watching import Record


class WantedMembers(NamedTuple):
    """What a user asked for: ``members``, ``folds`` and ``fold_groups`` of ``train``."""

    members: Any = MEMBERS.default
    folds: Any = None
    groups: Any = None


def with_members(job: Job, data: Any, wanted: WantedMembers) -> Job:
    """Return the job of the members that are wanted; the job itself where one network is.

    Args:
        job: the job of a single network.
        data: as for ``train``.
        wanted: how many members, on how many folds, and which examples belong together.

    Raises:
        InputError: a number is out of its range, or the members do not fit the data or another setting.
    """
    count, folds = MEMBERS.check(wanted.members), FOLDS.check(wanted.folds)
    if count == 1:
        given = [name for name, value in (("folds", folds), ("fold_groups", wanted.groups)) if value is not None]
        if given:
            raise InputError(f"{given[0]} has no meaning for members=1: ask for members=8, or leave {given[0]} out")
        return job
    _check_suitable(job, count)
    seed = job.common["seed"]
    SETTINGS["seed"].check(seed + count - 1)
    numbers, ordered = _folds(job, data, folds or USUAL_FOLDS, wanted.groups)
    held_out = np.arange(count) % (int(numbers.max()) + 1)
    job = replace(job, alone=False)
    own = job.weights  # with those of the classes
    about = ordered, job.sample_weight is not None, wanted.groups is not None
    found = Folds(numbers, held_out, _scales(job, numbers, held_out), *about)
    validation, weights = held_out_parts(job.part, found, own)
    masks = found.masks().astype(job.part.Y.dtype)
    first = job.members[0]
    members = [Member(first.network, {**first.settings, "seed": seed + k}, k) for k in range(count)]
    sample_weight = masks if job.sample_weight is None else masks * job.sample_weight
    _check_weights(weights, sample_weight)
    return replace(
        job,
        members=tuple(members),
        sample_weight=sample_weight,
        validation=validation,
        validation_weight=weights,
        folds=found,
    )


def _check_suitable(job: Job, count: int) -> None:
    """Raise InputError where members on folds make no sense, or are not made."""
    said = f"members={count}"
    settings = job.common
    if job.stream is not None or job.sparse:
        what = "a stream or augmented images" if job.stream is not None else "a sparse array"
        raise InputError(f"{said}: wanted examples that lie in memory, in a dense array, not {what}; take members=1")
    if settings["optimizer"] == LBFGS:
        raise InputError(f"{said}: optimizer='lbfgs' trains one network at a time; take another, such as 'adamw'")
    if settings["monitor"] is not None or job.validation is not None:
        name = "validation" if job.validation is not None else "monitor"
        raise InputError(
            f"{said}, {name}=…: each member keeps the epoch that is best on the folds which other members leave out, "
            f"so no set has to be held out for that; leave {name} out, or take members=1"
        )
    if job.given is not None:
        raise InputError(f"{said}, parameters=…: each member starts from random weights of its own; take members=1")


def _folds(job: Job, data: Any, folds: int, groups: Any) -> tuple[NDArray[np.int16], bool]:
    """Return each training example's fold, and whether the folds follow each other in time."""
    network, seed = job.members[0].network, job.common["seed"]
    if groups is not None:
        together = np.asarray(groups)
        if together.shape != (job.m,):
            raise InputError(
                f"fold_groups has the shape {together.shape}: wanted one group for each training example, ({job.m},)"
            )
        number = np.unique(together.astype(str), return_inverse=True)[1]
        return split_into_folds(job.part.Y, folds, network.classifies, seed, number).astype(np.int16), False
    if isinstance(data, Dataset):
        ordered = data.raw is not None and data.raw.split.time is not None
        return folds_of(data, job.part.Y, folds, network.classifies, seed).astype(np.int16), ordered
    return split_into_folds(job.part.Y, folds, network.classifies, seed).astype(np.int16), False


def _scales(job: Job, numbers: NDArray[np.int16], held_out: NDArray[np.int64]) -> NDArray[np.float64]:
    """(K,) cost on each member's fold of the constant that is best for the whole training set."""
    losses = constant_losses(job.members[0].network, job.part.Y, job.weights)
    own = np.ones(job.m) if job.weights is None else job.weights
    costs = np.array([np.average(losses[numbers == fold], weights=_some(own[numbers == fold])) for fold in held_out])
    return np.where(costs > 0, costs, 1.0)


def _some(weights: NDArray[Any]) -> NDArray[Any]:
    """Return the weights, or ones where all of them are 0."""
    return weights if weights.any() else np.ones_like(weights)


def _check_weights(held_out: NDArray[Any], trained: NDArray[Any]) -> None:
    """Raise InputError where all examples of a fold, or all others, have weight 0."""
    if not (held_out.any(axis=1).all() and trained.any(axis=1).all()):
        raise InputError(
            "sample_weight: all examples of a fold, or all others, have weight 0; wanted some weight in each fold: "
            "take fewer folds, or members=1"
        )


def single(job: Job, member: int = 0) -> Job:
    """Return the job by which one member would be trained alone, with its own weights."""
    assert job.sample_weight is not None  # noqa: S101
    one = replace(job.members[member], number=0)
    return replace(
        job,
        members=(one,),
        alone=True,
        sample_weight=job.sample_weight[member],
        validation=None,
        validation_weight=None,
        folds=None,
        every=0,
    )


def averaged_job(job: Job) -> Job:
    """Return a job of one network whose examples weigh what they weigh on average for the members.

    The costs of the members' updates, averaged, are recorded as if this job had been trained.
    """
    assert job.sample_weight is not None  # noqa: S101
    assert job.folds is not None  # noqa: S101
    mean = job.sample_weight.mean(axis=0)
    alike = not job.folds.weighted and np.ptp(mean) <= 1e-6
    one = single(job)
    return replace(one, sample_weight=None if alike else mean, validation=job.validation, every=job.every)


def over_members(costs: Floats, validation: Floats) -> tuple[Floats, Floats]:
    """Return the means over the members of their costs (n, K), and of their held-out scores (n, 2, K) if there are any.

    Args:
        costs, validation: as in ``Chunk``.
    """
    return costs.mean(axis=-1), validation.mean(axis=-1) if validation.ndim == 3 else validation


def _mean_history(job: Job, record: Record) -> History:
    """Return the history of the members together: means of their costs, and no epoch that all of them keep."""
    costs, validation = over_members(record.costs, record.validation) if record.costs.size else (np.empty(0),) * 2
    together = record._replace(costs=costs, validation=validation.reshape(len(validation), -1))
    history = replace(history_of(together, averaged_job(job)), kept_at=None)
    if history.initial_cost is None:
        return history
    starts = [initial_cost_of(single(job, k)) for k in range(len(job.members))]
    return replace(history, initial_cost=float(np.mean([one for one in starts if one is not None])))


@np.errstate(all="ignore")  # of members that diverged
def concluded_members(job: Job, record: Record) -> Ending:
    """Return what a training of members left; its evidence is that of one member, its verdict that of all.

    Args:
        job: members with folds.
        record: all that was recorded; with no last chunk, nothing was trained.
    """
    with stage("finish"):
        count, last = len(job.members), record.last
        starts = [job.start(one) for one in job.members]
        trained = (
            starts if last is None else [full_parameters(job, k, coordinates_of(job, last, k)) for k in range(count)]
        )
        histories = [history_of(record, job, k) for k in range(count)]
        history = _mean_history(job, record)
        shown = next((k for k, one in enumerate(histories) if one.diverged), 0)
        evidence = evidence_in(
            single(job, shown), trained[shown], replace(histories[shown], interrupted=record.interrupted)
        )
        lowest = float(histories[shown].curve.min()) if len(record.costs) else evidence.final
        evidence = evidence._replace(final=min(evidence.final, lowest))  # with the epoch that it keeps
        constant = constant_cost(job.network, job.targets, averaged_job(job).weights)
        end = history.final_cost
        answer = Constant(constant, end is not None and end > constant)
        verdict = verdict_of(history, answer, noisy=bool(job.common["dropout"]))
        kept = tuple(int(one.kept_at or 0) for one in histories)
        members = _members(job, [in_own_units(job, one) for one in trained], kept)
        return Ending(trained[0], history, evidence._replace(verdict=verdict), members, shown)


def _members(job: Job, parameters: list[Parameters], kept: tuple[int, ...]) -> Members:
    """Put the members of a run together, and predict each fold by those that did not train on it."""
    assert job.folds is not None  # noqa: S101
    network, numbers, held_out = job.members[0].network, job.folds.numbers, job.folds.held_out
    answers = np.full(job.part.Y.shape, np.nan, job.part.Y.dtype)
    for fold in np.unique(held_out):
        own = np.flatnonzero(numbers == fold)
        some = [parameters[k] for k in np.flatnonzero(held_out == fold)]
        predicted = [network_outputs(network, one, job.part.X[:, own], network.loss.prediction) for one in some]
        answers[:, own] = np.mean(predicted, axis=0)
    targets = job.part.Y if job.scaling is None else job.scaling.undone(job.part.Y).astype(job.part.Y.dtype)
    return Members(
        parameters={name: np.stack([one[name] for one in parameters]) for name in parameters[0]},
        seeds=tuple(int(member.settings["seed"]) for member in job.members),
        held_out=tuple(map(int, held_out)),
        kept_at=kept,
        folds=numbers,
        out_of_fold=answers,
        targets=targets,
        ordered=job.folds.ordered,
        grouped=job.folds.grouped,
    )


def members_examined(job: Job, ending: Ending, interrupts: Interrupts, advice: bool) -> tuple[Finding, ...]:
    """Return what is wrong with a run, as ``findings_of`` does; with members it is about one, and says about which.

    Args:
        job: what was trained: one network, or members with folds.
        ending: what it left.
        interrupts, advice: as for ``findings_of``.
    """
    if job.folds is None:
        return findings_of(job, ending.evidence, interrupts, advice)
    found = findings_of(single(job, ending.shown), ending.evidence, interrupts, advice)
    which = f"of the {len(job.members)} members, number {ending.shown + 1} was examined: "
    return tuple(finding._replace(what=which + finding.what) for finding in found)
