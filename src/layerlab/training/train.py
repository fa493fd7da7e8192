"""``train``: check, plan, ask the engine for chunks until done, and say what came of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from layerlab.datasets import Part
from layerlab.errors import InputError, TrainingWarning
from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.runs.argument_checks import (
    TrainingData,
    check_balance,
    check_classes,
    check_labels_fit,
    check_parameters,
    check_part,
    check_validation_weights,
    check_weights,
)
from layerlab.runs.diagnosis import diagnose
from layerlab.runs.moments import Moment
from layerlab.runs.plan import COMMON_STAGES, Plan, with_actual
from layerlab.runs.run import Run, description_of
from layerlab.runs.settings_rules import check_meaning, complete_settings
from layerlab.settings import SETTINGS

from .checkpoint import Checkpoint, as_before, checkpoint_of
from .fit import Spent, chunks_of, coordinates_of, full_parameters
from .job import Job, Member
from .moments import Wish, wish_of
from .planner import Unfit, make_plan
from .recording import history_of
from .streamed import for_stream
from .target import as_learned, in_own_units, scaled, scaling_of
from .watching import Record, deferred, watch


def train(
    network: Network,
    data: TrainingData,
    *,
    learning_rate: float | None = None,
    iterations: int | None = None,
    epochs: int | None = None,
    seed: int = SETTINGS["seed"].default,
    initializer: str = SETTINGS["initializer"].default,
    optimizer: str = SETTINGS["optimizer"].default,
    batch_size: int | None = SETTINGS["batch_size"].default,
    batch_seed: int = SETTINGS["batch_seed"].default,
    l2: float = SETTINGS["l2"].default,
    momentum: float | None = None,
    beta1: float | None = None,
    beta2: float | None = None,
    epsilon: float | None = None,
    weight_decay: float | None = None,
    sample_weight: Any = None,
    class_weight: str | None = SETTINGS["class_weight"].default,
    label_smoothing: float = SETTINGS["label_smoothing"].default,
    monitor: str | None = SETTINGS["monitor"].default,
    patience: int | None = None,
    min_delta: float | None = None,
    dropout: float = SETTINGS["dropout"].default,
    dropout_seed: int = SETTINGS["dropout_seed"].default,
    clip_norm: float | None = None,
    schedule: str = SETTINGS["schedule"].default,
    decay: float | None = None,
    interval: float | None = None,
    drop: float | None = None,
    warmup: float | None = None,
    cycles: int | None = None,
    plateau: int | None = None,
    least_progress: float | None = None,
    validation: Part | tuple[Any, Any] | None = None,
    validation_weight: Any = None,
    engine: str = SETTINGS["engine"].default,
    basis: str = SETTINGS["basis"].default,
    dtype: str = SETTINGS["dtype"].default,
    parameters: Parameters | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    metrics: Sequence[str] | str = (),
    every: int | None = None,
    callback: Callable[[Moment], Any] | None = None,
    log: str | Path | None = None,
    progress: bool | str | None = None,
) -> Run:
    """Train a network.

    Ctrl-C ends the training and keeps what was trained (``run.history.interrupted``). A run that ends diverged, stuck,
    saturated, or with dead or equal units says so in a ``TrainingWarning`` and in ``run.diagnosis``. How it was
    computed is in ``run.plan``; ``explain`` plans without training.

    Args:
        network: sizes and activations; without an output it is chosen by the labels.
        data: a ``Dataset``, one of its parts, or a pair (X, Y): X (n_x, m), Y (n_y, m), examples in columns. Of a
            ``Dataset`` with a stream all of the stream is trained on; metrics and diagnosis of the training part are
            those of the sample.
        learning_rate: length of a step, as a multiple of the gradient; wanted by all optimisers but "lbfgs".
        iterations: number of updates.
        epochs: passes over the examples, instead of iterations.
        seed: of the initial weights.
        initializer: "zeros", "normal" (× 0.01), "lecun" (/ √n_prev), "xavier" (× √(2/(n + n_prev))) or "he"
            (× √(2/n_prev)).
        optimizer: "gd", "momentum", "nesterov", "rmsprop", "adam", "adam_hat", "adamw" or "lbfgs" (SciPy's, all
            examples at once): ``formulas.optimizers`` and ``training.lbfgs`` have them.
        batch_size: examples an update; None takes all, of a stream 256. The last batch of an epoch has the rest.
        batch_seed: of the order in which batches take the examples.
        l2: λ of the penalty λ/2 Σ W² / m, m the examples of the update; biases are free.
        momentum, beta1, beta2, epsilon, weight_decay: of the optimisers that have them; None takes 0.9, 0.9, 0.999 (for
            RMSprop 0.9), 1e-8, 0.01.
        sample_weight: (m,) weights of the training examples: the cost is the weighted mean, and the penalty's m the sum
            of the weights. An example of weight 2 counts as two.
        class_weight: "balanced" lets the classes weigh the same, whatever their numbers of examples.
        label_smoothing: ε: a classifier learns (1 − ε) y + ε / K in place of its labels y of K classes.
        dropout: share of the hidden values that each update leaves out, chosen by ``dropout_seed``; the others are
            enlarged, so that predictions need no change (inverted dropout).
        clip_norm: where the gradient of all parameters together is longer than this, it is shortened to it.
        schedule: "constant", "inverse_time", "interval", "step", "cosine", "log_cosine" or "adaptive":
            ``formulas.schedules`` has them.
        decay, interval, drop, warmup, cycles, plateau, least_progress: of the schedules that have them; None takes 1,
            1000 epochs, 0.5 (for adaptive 0.2), 0 epochs, 4, 10 epochs and 1e-4.
        monitor: "cost" (an epoch's mean), "validation_cost" or "validation_accuracy": after ``patience`` epochs in a
            row (None takes 10) in which it did not improve by ``min_delta`` (0) the training ends. The parameters are
            those of the best epoch, ended early or not.
        validation: a part whose cost (without penalty) and accuracy join the history at every update, with batches
            after every epoch.
        validation_weight: (m,) weights of its examples: cost and accuracy are weighted means.
        engine: "auto", "numpy" or "xla".
        basis: "auto", "full" or "span": whether the first layer is computed in the span of the examples, which changes
            nothing but the time. "span" stops where the optimiser does not allow it.
        dtype: "float64" or "float32".
        parameters: start from these instead of drawing initial weights; they are not changed.
        checkpoint: a file in which everything is kept that the training needs to go on, written every 30 seconds and at
            the end; it stays until you remove it.
        resume: go on from the checkpoint, if there is one; the data and all settings have to be the same.
        metrics: figures that are taken on the training and the validation part after an epoch: "accuracy", "error",
            "balanced_accuracy", "f1" (the classes' mean) and "auc" of classes, "r2", "mae" and "rmse" of values.
        every: epochs from one call, metrics or line of the log to the next. None takes 1 with batches; without, where
            an epoch is one update, as many that there are at most 100 of them (of lines alone 10,000). The last
            epoch has its own in any case.
        callback: a function that is called with a ``Moment`` after an epoch. Where it returns True the training ends
            (``run.history.stopped``).
        log: a folder that is there, for ``log.csv`` and ``log.jsonl``, or a path to which these endings are put: a line
            an epoch, written while the training runs. With resume it is begun anew, with the lines of before.
        progress: a bar on standard error: True, False, a label for it, or None to show one on a terminal.

    Returns:
        The run: parameters, history, plan, diagnosis, and methods to predict and save.

    Raises:
        InputError: data or settings are not right; the sentence says what was wanted, what came and what to do.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2,
        ...                      iterations=1000, initializer="normal", seed=3)
        >>> print(f"{run.history.costs[0]:.6f} {run.history.costs[-1]:.2f}")
        0.693162 0.26
    """
    settings = {name: value for name, value in locals().items() if name in SETTINGS}
    weights = sample_weight, validation_weight
    job = single_job(network, data, weights, validation=validation, parameters=parameters, settings=settings)
    job, wish = wish_of(job, metrics, callback, log, every, again=resume)
    spent: Spent = dict.fromkeys(COMMON_STAGES, 0.0)
    with deferred() as presses:
        kept = _checkpoint(job, checkpoint, resume)
        plan, record = _carried_out(job, spent, progress, kept, wish)
        begun = perf_counter()
        trained = job.start(job.members[0]) if record.last is None else _trained(job, record)
        history = history_of(record, job)
        part, dropout = Part(job.part.X, job.targets), job.common["dropout"]
        findings = diagnose(job.network, trained, history, part, job.weights, dropout)
        spent["finish"] = perf_counter() - begun
        if presses.count:  # after the last update, too
            presses.answered, history = True, replace(history, interrupted=True)
    run = Run(
        network=job.members[0].network,
        parameters=in_own_units(job, trained),
        history=history,
        settings=job.common,
        plan=with_actual(plan, spent),
        diagnosis=findings,
        weighted=job.sample_weight is not None,
        given_start=job.given is not None,
        **job.description,
    )
    for finding in run.diagnosis:
        warnings.warn(str(finding), TrainingWarning, stacklevel=2)
    return run


def explain(
    network: Network,
    data: TrainingData,
    *,
    sample_weight: Any = None,
    validation: Part | tuple[Any, Any] | None = None,
    validation_weight: Any = None,
    parameters: Parameters | None = None,
    **settings: Any,
) -> Plan:
    """How ``train`` would compute a run with these arguments, without training.

    Args:
        network, data, sample_weight, validation, validation_weight, parameters: as for ``train``.
        settings: hyperparameters as for ``train``.

    Raises:
        InputError: as ``train``.

    Example:
        >>> import layerlab
        >>> plan = layerlab.explain(layerlab.Network([64, 20, 10]), layerlab.datasets.load_digits(), learning_rate=0.1,
        ...                         iterations=10, optimizer="adam", engine="numpy")
        >>> print(plan)  # doctest: +ELLIPSIS
        64-20-10, 1,437 examples an update, 10 updates by Adam, float64
        basis   full: 64 features; Adam is not rotation-equivariant
        ...
    """
    weights = sample_weight, validation_weight
    return make_plan(
        single_job(network, data, weights, validation=validation, parameters=parameters, settings=settings)
    )


def single_job(
    network: Network,
    data: TrainingData,
    weights: tuple[Any, Any] = (None, None),
    *,
    validation: Any,
    parameters: Parameters | None,
    settings: Mapping[str, Any],
) -> Job:
    """One model's job, everything checked.

    Args:
        network, data, validation, parameters, settings: as for ``train``.
        weights: of the training examples and of the validation examples.

    Raises:
        InputError: data, parameters or settings are not right.
    """
    unknown = ", ".join(repr(name) for name in settings if name not in SETTINGS)
    if unknown:
        raise InputError(f"no setting is called {unknown}; the settings are {', '.join(SETTINGS)}")
    wished = {name: setting.default for name, setting in SETTINGS.items()} | dict(settings)
    dtype = SETTINGS["dtype"].check(wished["dtype"])
    part, held_out, network = checked_parts(network, data, validation, dtype)
    scaling = scaling_of(network, data)
    stream, wished = for_stream(data, wished, weights[0], scaling)
    complete = complete_settings(part.X.shape[1] if stream is None else stream.rows, **wished)
    check_meaning(network, complete, held_out is not None)
    given = None if parameters is None else (as_learned(check_parameters(network, parameters, dtype), scaling),)
    own = check_weights(weights[0], part.X.shape[1], dtype)
    others = check_validation_weights(weights[1], held_out, dtype)
    check_balance(complete["class_weight"], part.Y, own)
    return Job(
        (Member(network, complete),),
        part,
        held_out,
        given=given,
        sample_weight=own,
        validation_weight=others,
        scaling=scaling,
        description=description_of(data, scaling),
        stream=stream,
    )


def checked_parts(
    network: Network, data: TrainingData, validation: Any, dtype: str
) -> tuple[Part, Part | None, Network]:
    """Both parts as arrays that fit the network and each other, and the network with its output named.

    Values are on the scale that is learned.

    Raises:
        InputError: they do not.
    """
    part = check_part(network, data, dtype)
    network = network.for_labels(part.Y)
    check_labels_fit(network, part.Y)
    check_classes(network, part.Y)
    scaling = scaling_of(network, data)
    part = scaled(part, scaling)
    if validation is None:
        return part, None, network
    held_out = check_part(network, validation, dtype, "validation ")
    check_labels_fit(network, held_out.Y, "validation ")
    return part, scaled(held_out, scaling), network


def _checkpoint(job: Job, path: str | Path | None, resume: bool) -> Checkpoint | None:
    if path is None:
        if resume:
            raise InputError("resume=True: name the file to go on from, checkpoint='…'")
        return None
    return checkpoint_of(job, path, resume)


def _carried_out(
    job: Job, spent: Spent, progress: bool | str | None, kept: Checkpoint | None, wish: Wish
) -> tuple[Plan, Record]:
    """The plan that works, and what came of it."""
    earlier, unfit = kept.read() if kept else None, dict[str, str]()
    while True:
        plan = make_plan(job if earlier is None else as_before(job, earlier), unfit=unfit)
        stream = chunks_of(job, plan, spent, earlier)
        stream = kept.kept(stream, plan.engine, plan.basis) if kept else stream
        try:
            with closing(stream):
                reader = wish.reader(job, told=0 if earlier is None else len(earlier.costs))
                return plan, watch(stream, plan.iterations, progress, reader)
        except Unfit as error:
            unfit[error.choice] = error.reason


def _trained(job: Job, record: Record) -> Parameters:
    assert record.last is not None  # noqa: S101
    return full_parameters(job, 0, coordinates_of(job, record.last, 0))
