"""``train``: check the arguments, plan, carry out the plan chunk by chunk, and diagnose the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part, Standardization
from layerlab.datasets.streaming.stream import Stream
from layerlab.errors import InputError, TrainingWarning
from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.runs.argument_checks import (
    Conversion,
    TrainingData,
    check_balance,
    check_classes,
    check_labels_fit,
    check_parameters,
    check_part,
    check_validation_weights,
    check_weights,
    converted,
)
from layerlab.runs.moments import Moment
from layerlab.runs.plan import Plan, with_actual
from layerlab.runs.run import Run, description_of
from layerlab.runs.settings_rules import check_meaning, complete_settings, for_stream, with_defaults
from layerlab.settings import MEMBERS, SETTINGS
from layerlab.text import warn

from .callbacks import Listeners, listeners_of
from .checkpoint import Checkpoint, as_before, checkpoint_of
from .finishing import concluded, finished
from .fit import chunks_of
from .fold_members import WantedMembers, concluded_members, members_examined, with_members
from .interrupts import deferred_interrupts
from .job import Job, Member
from .layout import aligned_rows
from .planner import Unfit, full_width_reason, make_plan
from .stages import stopwatch
from .target import as_learned, scaled, scaling_of
from .watching import Record, watch


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
    members: int = MEMBERS.default,
    folds: int | None = None,
    fold_groups: Any = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    metrics: Sequence[str] | str = (),
    every: int | None = None,
    callback: Callable[[Moment], Any] | None = None,
    log: str | Path | None = None,
    advice: bool = True,
    progress: bool | str | None = None,
) -> Run:
    """Train a network.

    Ctrl-C ends the training and keeps what was trained (``run.history.interrupted``). ``run.verdict`` says how the
    training went. Where it ended badly, short trainings from the same start find out what would have helped, and a
    ``TrainingWarning`` and ``run.diagnosis`` say so. ``run.plan`` says how the run was computed; ``explain`` makes the
    plan without training.

    Args:
        network: sizes and activations of the layers; if it names no output, the labels decide.
        data: a ``Dataset`` (its training set is used), one of its two sets, or a pair (X, Y): X (n_x, m), Y (n_y, m),
            examples in columns. X is not copied if its type and its order in memory are right, so do not change it
            during training. If the training set is a stream, all its examples are trained on, but its metrics and
            diagnosis come from the sample that is in memory.
        learning_rate: the step size α; in gradient descent W ← W − α dW. Every optimiser except "lbfgs" needs one.
        iterations: number of updates.
        epochs: number of passes over the training set; give either this or iterations.
        seed: seed of the random initial weights.
        initializer: "zeros", "normal" (× 0.01), "lecun" (/ √n_prev), "xavier" (× √(2/(n + n_prev))) or "he"
            (× √(2/n_prev)).
        optimizer: "gd", "momentum", "nesterov", "rmsprop", "adam", "adam_hat", "adamw" or "lbfgs" (SciPy's, all
            examples at once); ``formulas.optimizers`` and ``training.lbfgs`` have the formulas.
        batch_size: examples per update (mini-batch size); None for the whole training set, or 256 of a stream. The last
            batch of an epoch has the rest.
        batch_seed: seed of the random order in which batches take the examples.
        l2: λ of the L2 penalty λ/(2m) Σ W² on weights, not on biases; m is the number of examples of the update.
        momentum, beta1, beta2, epsilon, weight_decay: settings that some optimisers have; None means 0.9, 0.9, 0.999
            (RMSprop: 0.9), 1e-8 and 0.01.
        sample_weight: (m,) weights of the training examples. The cost is the weighted mean, and m in the penalty is the
            sum of the weights: an example of weight 2 counts as two examples.
        class_weight: with "balanced" every class counts the same, however many examples it has; with None every example
            does.
        label_smoothing: ε: a classifier learns (1 − ε) y + ε / K in place of its labels y of K classes.
        dropout: share of the hidden values that each update sets to 0, chosen at random by ``dropout_seed``. The others
            are divided by 1 − dropout, so that predictions need no change (inverted dropout).
        clip_norm: if the norm of the whole gradient is larger than this, the gradient is scaled down to this norm.
        schedule: "constant", "inverse_time", "interval", "step", "cosine", "log_cosine" or "adaptive":
            ``formulas.schedules`` has the formulas.
        decay, interval, drop, warmup, cycles, plateau, least_progress: settings that some schedules have; None means 1,
            1000 epochs, 0.5 (adaptive: 0.2), 0 epochs, 4, 10 epochs and 1e-4.
        monitor: "cost" (an epoch's mean), "validation_cost" or "validation_accuracy". The training ends (early
            stopping) after ``patience`` epochs in a row (None means 10) in which this value did not improve by
            ``min_delta`` (None means 0). The parameters are always those of the best epoch.
        validation: a validation set, one of a ``Dataset``'s sets or a pair (X, Y). Its cost (without penalty) and its
            accuracy are recorded at every update, or with batches after every epoch.
        validation_weight: (m,) weights of the validation examples: cost and accuracy are weighted means.
        engine: "auto", "numpy" or "xla".
        basis: "auto", "full" or "span": whether the first layer is computed in the span of the examples, which changes
            only the time. "span" is refused where the optimiser does not allow it, or where the products of examples
            would be too coarse.
        dtype: "float64" or "float32".
        parameters: start from these instead of random initial weights; they are not changed.
        members: how many networks are trained together, each from its own random weights and without one fold of the
            training set. The run answers with the mean of their probabilities or values. Each member keeps the epoch
            that was best on the folds that other members leave out, so ``run.members.out_of_fold`` has for every
            training example the answer of networks that neither saw it nor were chosen by it.
        folds: into how many folds the training set is split: with the same share of each class, by whole groups or
            into stretches of time where the table was split so. None means 8. Members leave them out in turn.
        fold_groups: (m,) group of each training example; a group is never in two folds.
        checkpoint: a file with everything that is needed to continue the training, written every 30 seconds and at the
            end; it stays until you remove it.
        resume: continue from the checkpoint, if there is one; the data and all settings have to be the same.
        metrics: names of metrics to record on the training set and the validation set after an epoch: "accuracy",
            "error", "balanced_accuracy", "f1" (the classes' mean) and "auc" for classes; "r2", "mae" and "rmse" for
            regression.
        every: how many epochs lie between two calls of the callback, measurements of metrics or lines of the log. None
            means 1 with batches. Without batches an epoch is one update; then None gives at most 100 of them (10,000
            if there is only a log). The last epoch is always included.
        callback: a function that is called with a ``Moment`` after an epoch. If it returns True the training ends
            (``run.history.stopped``).
        log: an existing folder, for ``log.csv`` and ``log.jsonl``, or a path that gets these two endings: a line for
            each epoch, written while the training runs. With resume the file is written again from its first line.
        advice: whether short trainings, of a few seconds at most, may follow a run that ends badly, to find out what
            would have helped. Without them, the diagnosis has only what the run itself shows.
        progress: a progress bar on standard error: True, False, a label for it, or None to show one on a terminal only.

    Returns:
        The run: parameters, history, plan, verdict, diagnosis, and methods to predict and save.

    Raises:
        InputError: data or settings are wrong; the message says what was wanted, what was given and what to do.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2,
        ...                      iterations=1000, initializer="normal", seed=3)
        >>> print(f"{run.history.costs[0]:.6f} {run.history.costs[-1]:.2f}")
        0.693162 0.26
    """
    settings = {name: value for name, value in locals().items() if name in SETTINGS}
    if not isinstance(advice, bool):
        raise InputError(f"advice={advice!r}: wanted True or False")
    weights = sample_weight, validation_weight
    job = single_job(network, data, weights, validation=validation, parameters=parameters, settings=settings)
    job = with_members(job, data, WantedMembers(members, folds, fold_groups))
    job, listeners = listeners_of(job, metrics, callback, log, every, again=resume)
    with deferred_interrupts() as interrupts, stopwatch() as seconds:
        kept = _checkpoint(job, checkpoint, resume)
        plan, record = _carried_out(job, progress, kept, listeners)
        ending = concluded(job, record) if job.folds is None else concluded_members(job, record)
        if interrupts.count:  # even after the last update
            interrupts.answered = True
            ending = ending._replace(history=replace(ending.history, interrupted=True))
        found = members_examined(job, ending, interrupts, advice and not ending.history.interrupted)
    run = finished(job, with_actual(plan, seconds), ending, found)
    for finding in run.diagnosis:
        warn(str(finding), TrainingWarning, stacklevel=2)
    return run


def explain(
    network: Network,
    data: TrainingData,
    *,
    sample_weight: Any = None,
    validation: Part | tuple[Any, Any] | None = None,
    validation_weight: Any = None,
    parameters: Parameters | None = None,
    members: int = MEMBERS.default,
    folds: int | None = None,
    fold_groups: Any = None,
    **settings: Any,
) -> Plan:
    """Plan how ``train`` would compute a run with these arguments, without training.

    Args:
        network, data, sample_weight, validation, validation_weight, parameters, members, folds, fold_groups: as for
            ``train``.
        settings: the hyperparameters of ``train`` by name.

    Returns:
        The plan: coordinates of the first layer, engine, memory and expected time; ``print`` shows it.

    Raises:
        InputError: as in ``train``.

    Example:
        >>> import layerlab
        >>> plan = layerlab.explain(layerlab.Network([64, 20, 10]), layerlab.datasets.load_digits(), learning_rate=0.1,
        ...                         iterations=10, optimizer="adam", engine="numpy")
        >>> print(plan)  # doctest: +ELLIPSIS
        Expected time: ... ms with the numpy engine.
        network 64-20-10, 1,437 examples per update, 10 updates by Adam, float64
        engine  numpy: asked for
        ...
    """
    weights = sample_weight, validation_weight
    job = single_job(network, data, weights, validation=validation, parameters=parameters, settings=settings)
    return make_plan(with_members(job, data, WantedMembers(members, folds, fold_groups)))


def single_job(
    network: Network,
    data: TrainingData,
    weights: tuple[Any, Any] = (None, None),
    *,
    validation: Any,
    parameters: Parameters | None,
    settings: Mapping[str, Any],
) -> Job:
    """Check everything that a single training needs, and make its job.

    Args:
        network, data, validation, parameters, settings: as for ``train``.
        weights: weights of the training examples and of the validation examples.

    Raises:
        InputError: data, parameters or settings are wrong.
    """
    settings = with_defaults(settings)
    dtype = SETTINGS["dtype"].check(settings["dtype"])
    part, held_out, network = checked_parts(network, data, validation, dtype, _conversion(data, settings))
    scaling = scaling_of(network, data)
    stream = _stream_of(data, scaling)
    if stream is not None:
        settings = for_stream(settings, weights[0], stream.source.name, stream.rows)
    complete = complete_settings(part.X.shape[1] if stream is None else stream.rows, **settings)
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
    network: Network, data: TrainingData, validation: Any, dtype: str, convert: Conversion = converted
) -> tuple[Part, Part | None, Network]:
    """Check that the training set and the validation set fit the network and each other.

    Args:
        network, data, validation: as for ``train``.
        dtype: type of the arrays.
        convert: a function that converts the training inputs to this type.

    Returns:
        The training set and the validation set as arrays, target values scaled for learning; and the network with its
        output named.

    Raises:
        InputError: they do not fit.
    """
    part = check_part(network, data, dtype, convert=convert)
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


def _conversion(data: Any, settings: Mapping[str, Any]) -> Conversion:
    """Return how inputs of another type are converted: once, and directly into rows if batches will be made of rows.

    Otherwise the engine would make rows from the converted columns, and both would stay in memory. It uses rows of what
    is in memory, at full width, if an update does not take all examples. The settings are not checked yet.
    """
    size = settings["batch_size"]

    def convert(X: NDArray[Any], dtype: Any) -> NDArray[Any]:
        n_x, m = X.shape
        batches = isinstance(size, int) and 0 < size < m and not _is_stream(data)
        rows = batches and full_width_reason(settings, n_x, m)
        return aligned_rows(X, dtype).T if rows and X.dtype != dtype else converted(X, dtype)

    return convert


def _is_stream(data: Any) -> TypeGuard[Dataset]:
    """Return whether the training examples are a stream: they are read, or made again, in each epoch."""
    return isinstance(data, Dataset) and (data.stream is not None or data.augmentation is not None)


def _stream_of(data: Any, scaling: Standardization | None) -> Stream | None:
    """Return the stream of the training examples, with target values scaled; None if all are in memory."""
    if not _is_stream(data):
        return None
    stream = data.stream
    if stream is None and data.augmentation is not None:
        from layerlab.datasets.augmented_images import augmented_images
        from layerlab.datasets.streaming.generated import generated

        stream = generated(augmented_images(data, data.augmentation), name=data.name)
    return stream if stream is None or scaling is None else replace(stream, target_scaling=scaling)


def _checkpoint(job: Job, path: str | Path | None, resume: bool) -> Checkpoint | None:
    if path is None:
        if resume:
            raise InputError("resume=True: name the file to go on from, checkpoint='…'")
        return None
    return checkpoint_of(job, path, resume)


def _carried_out(
    job: Job, progress: bool | str | None, kept: Checkpoint | None, listeners: Listeners
) -> tuple[Plan, Record]:
    """Carry out the first plan that works; return that plan and what was recorded.

    Whether jax or the span work here shows only when they are tried. If one does not work, a new plan avoids it.
    """
    earlier, unfit = kept.read() if kept else None, dict[str, str]()
    while True:
        plan = make_plan(job if earlier is None else as_before(job, earlier), unfit=unfit)
        stream = chunks_of(job, plan, earlier)
        stream = kept.kept(stream, plan.engine, plan.basis) if kept else stream
        try:
            with closing(stream):
                reader = listeners.reader(job, heard=0 if earlier is None else len(earlier.costs))
                return plan, watch(stream, plan.iterations, progress, reader)
        except Unfit as error:
            unfit[error.choice] = error.reason
