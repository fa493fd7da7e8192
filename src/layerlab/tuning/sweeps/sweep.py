"""``sweep``: the product of several settings, trained as one population on shared data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from layerlab.datasets import Dataset, Part
from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.runs.argument_checks import TrainingData
from layerlab.runs.findings import Verdict
from layerlab.runs.history import History
from layerlab.runs.plan import Plan, with_actual
from layerlab.runs.settings_rules import with_defaults
from layerlab.settings import SETTINGS, Setting
from layerlab.training.checkpoint import Checkpoint, as_before
from layerlab.training.fit import chunks_of, coordinates_of
from layerlab.training.job import Job, Member
from layerlab.training.planner import GIB, Unfit, make_plan
from layerlab.training.record import history_of
from layerlab.training.stages import stopwatch
from layerlab.training.watching import watch

from .behaviour import beside_the_best
from .checkpoints import checkpoints_at
from .population_jobs import Several, population_jobs
from .result import MemberRuns, Sweep, TrainedMember

MEMORY = Setting("memory_gib", float, None, "Memory in GiB that the models may need beside the data", above=0, high=1e6)

MOST_WITH_UNITS = 256
"""In a population of more members, sentences do not mention hidden units."""


def sweep(
    networks: Network | Sequence[Network],
    data: TrainingData,
    *,
    learning_rate: Several = None,
    iterations: int | None = None,
    epochs: int | None = None,
    seed: Several = SETTINGS["seed"].default,
    initializer: Several = SETTINGS["initializer"].default,
    optimizer: str = SETTINGS["optimizer"].default,
    batch_size: int | None = SETTINGS["batch_size"].default,
    batch_seed: int = SETTINGS["batch_seed"].default,
    l2: Several = SETTINGS["l2"].default,
    momentum: Several = None,
    beta1: Several = None,
    beta2: Several = None,
    epsilon: Several = None,
    weight_decay: Several = None,
    sample_weight: Any = None,
    class_weight: str | None = SETTINGS["class_weight"].default,
    label_smoothing: float = SETTINGS["label_smoothing"].default,
    monitor: str | None = SETTINGS["monitor"].default,
    patience: int | None = None,
    min_delta: float | None = None,
    dropout: Several = SETTINGS["dropout"].default,
    dropout_seed: int = SETTINGS["dropout_seed"].default,
    clip_norm: Several = None,
    schedule: Several = SETTINGS["schedule"].default,
    decay: Several = None,
    interval: Several = None,
    drop: Several = None,
    warmup: Several = None,
    cycles: Several = None,
    plateau: Several = None,
    least_progress: Several = None,
    validation: Part | tuple[Any, Any] | None = None,
    validation_weight: Any = None,
    engine: str = SETTINGS["engine"].default,
    basis: str = SETTINGS["basis"].default,
    dtype: str = SETTINGS["dtype"].default,
    memory_gib: float | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    progress: bool | str | None = None,
) -> Sweep:
    """Train every combination of several settings at once, as one population.

    Every member is the run that ``train`` would give with its settings, up to rounding. Members share the data, the
    batches and some of the work. Networks whose hidden layers differ only in width are computed together; those that
    differ in depth or activations are computed one after another. A member that diverges stops there and does not
    affect the others.

    Args:
        networks: one network or several, with the same number of inputs and of outputs.
        data: as for ``train``.
        learning_rate, seed, initializer, schedule, l2, dropout, clip_norm, momentum, beta1, beta2, epsilon,
            weight_decay, decay, interval, drop, warmup, cycles, plateau, least_progress: as for ``train``, one value or
            a list of values. The members are all combinations: the networks vary slowest, the last list fastest. Each
            schedule takes only its own settings: a list of other settings does not make more members with it.
        iterations, epochs, optimizer, batch_size, batch_seed, dropout_seed, sample_weight, class_weight,
            label_smoothing, monitor, patience, min_delta, validation, validation_weight, engine, basis, dtype,
            progress: as for ``train``; these are the same for all members.
        memory_gib: GiB that the models may need in addition to the data; the population is cut into slices that fit.
            None takes half of what is free.
        checkpoint: a folder for everything that is needed to continue the sweep; ``train`` uses a file for that.
        resume: continue from the checkpoint, if there is one; the data and all settings have to be the same.

    Returns:
        The trained members: ``runs``, ``table``, ``best()``.

    Raises:
        InputError: data or settings are wrong, or not even one member fits into the memory.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> result = layerlab.sweep(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=[1.2, 0.01],
        ...                         iterations=500, initializer="normal", seed=3, validation=flower.test)
        >>> for row in result.table:
        ...     print(row["learning_rate"], row["behaviour"])
        1.2 fell
        0.01 crept
        >>> result.best().settings["learning_rate"]
        1.2
    """
    settings = {name: value for name, value in locals().items() if name in SETTINGS}
    jobs, varied = population_jobs(networks, data, (sample_weight, validation_weight), validation, settings)
    budget, places = memory_in_bytes(memory_gib), checkpoints_at(checkpoint, resume)
    for job in jobs:
        make_plan(job, budget)  # what cannot be done is said before anything is
    trained: list[TrainedMember] = []
    for number, job in enumerate(jobs):
        trained += train_members(job, budget, progress, partial(places.of, job, number) if places else None)
        if any(one.history.interrupted for one in trained):
            break
    return summary_of(trained, varied, jobs, data)


def plan_sweep(
    networks: Network | Sequence[Network],
    data: TrainingData,
    *,
    sample_weight: Any = None,
    validation: Any = None,
    validation_weight: Any = None,
    memory_gib: float | None = None,
    **settings: Any,
) -> list[Plan]:
    """Plan what ``sweep`` would train, one plan for the members that can share a program; nothing is trained."""
    jobs, _ = population_jobs(networks, data, (sample_weight, validation_weight), validation, with_defaults(settings))
    return [make_plan(job, memory_in_bytes(memory_gib)) for job in jobs]


def memory_in_bytes(memory_gib: float | None) -> float | None:
    """Return the memory that models may need, checked, in bytes; None where none was given."""
    return None if memory_gib is None else float(MEMORY.check(memory_gib)) * GIB


def train_members(
    job: Job,
    budget: float | None = None,
    progress: bool | str | None = None,
    place: Callable[[int, int], tuple[Job, Checkpoint]] | None = None,
) -> list[TrainedMember]:
    """Train all members of a job, slice by slice; after Ctrl-C only those that were begun are returned.

    Args:
        job, budget, progress: the members, the memory in bytes, and what is shown of the progress.
        place: gives the next slice and its checkpoint, from its first member's number and its size; None for none.
    """
    with stopwatch() as seconds:
        plan, records = _carried_out(job, budget, progress, place)
    plan = with_actual(plan, seconds)
    return [TrainedMember(*one, plan) for one in records]


def _carried_out(
    job: Job,
    budget: float | None,
    progress: bool | str | None,
    place: Callable[[int, int], tuple[Job, Checkpoint]] | None,
) -> tuple[Plan, list[tuple[Job, int, Parameters, History]]]:
    """The plan by which the last slice was trained; and each member's slice, number in it, coordinates and history."""
    plan, unfit = make_plan(job, budget), dict[str, str]()
    records: list[tuple[Job, int, Parameters, History]] = []
    while len(records) < len(job.members):
        some, kept, earlier = job.slice(len(records), len(records) + plan.slice), None, None
        if place:
            some, kept = place(len(records), plan.slice)
            earlier = kept.read()
        if earlier is not None and (plan.engine, plan.basis) != (earlier.engine, earlier.basis):
            plan = make_plan(as_before(job, earlier), budget, unfit)
        stream = chunks_of(some, plan, earlier)
        stream = kept.kept(stream, plan.engine, plan.basis) if kept else stream
        try:
            with closing(stream):
                record = watch(stream, plan.iterations, progress)
        except Unfit as error:  # the plan's choice did not work for these numbers: plan without it, from the same slice
            unfit[error.choice] = error.reason
            plan = make_plan(job, budget, unfit)
            continue
        if record.last is not None:
            numbers = range(len(some.members))
            records += [(some, k, coordinates_of(some, record.last, k), history_of(record, some, k)) for k in numbers]
        if record.interrupted:
            break
    return plan, records


def summary_of(
    trained: Sequence[TrainedMember], varied: tuple[str, ...], jobs: Sequence[Job], data: TrainingData
) -> Sweep:
    """Put the trained members together in the order of the product.

    Args:
        trained: the members, in any order.
        varied, jobs: what ``population_jobs`` returned.
        data: as for ``sweep``.
    """
    trained = sorted(trained, key=lambda one: one.job.members[one.number].number)
    histories, did = tuple(one.history for one in trained), verdicts_of(trained)
    plans = {id(one.plan): one.plan for one in trained}
    return Sweep(
        runs=MemberRuns(trained),
        histories=histories,
        varied=varied,
        common=_common([_described(member) for job in jobs for member in job.members], varied),
        table=tuple(_row(one, varied, what) for one, what in zip(trained, did, strict=True)),
        plans=tuple(plans.values()),
        dataset=data.name if isinstance(data, Dataset) else "",
        left_over=sum(len(job.members) for job in jobs) - len(trained),
        interrupted=any(history.interrupted for history in histories),
    )


def verdicts_of(trained: Sequence[TrainedMember]) -> list[Verdict]:
    """Return what each member's cost did, compared with the best one's."""
    return beside_the_best([one.history for one in trained], [_verdict(one, len(trained)) for one in trained])


def _verdict(one: TrainedMember, members: int) -> Verdict:
    """A member's verdict; in a large population that of its curve alone, since units take a pass over the data."""
    return one.verdict_on_curve() if members > MOST_WITH_UNITS else one.evidence().verdict


def _common(members: Sequence[Mapping[str, Any]], varied: Sequence[str]) -> dict[str, Any]:
    """Network and settings that all members share; a schedule's own setting that some lack is not among them."""
    first, *others = members
    return {
        name: value
        for name, value in first.items()
        if name not in varied and all(name in other and other[name] == value for other in others)
    }


def _row(one: TrainedMember, varied: tuple[str, ...], did: Verdict) -> dict[str, Any]:
    """Return a member's row of the table; None where nothing was recorded."""
    settings, history = _described(one.job.members[one.number]), one.history
    own = {name: settings.get(name) for name in varied}
    end = {"iterations": len(history.costs), "kept_at": history.kept_at, "behaviour": did.word, "what": did.sentence}
    return {**own, "start_cost": history.start, **history.figures, **end}


def _described(member: Member) -> dict[str, Any]:
    """Network, as layer sizes and activation, and settings of a member."""
    network = member.network
    dims = "-".join(map(str, network.layer_dims))
    named = f"{dims} {network.hidden_name}" if len(network.layer_dims) > 2 else dims
    embedded = f", {network.embedding_name}" if network.embedding else ""
    return {"network": f"{named}{embedded}", **member.settings}
