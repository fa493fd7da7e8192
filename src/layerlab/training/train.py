"""``train``: check, plan, carry out the plan chunk by chunk, and diagnose the result."""

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
from layerlab.settings import SETTINGS
from layerlab.text import warn

from .callbacks import Listeners, listeners_of
from .checkpoint import Checkpoint, as_before, checkpoint_of
from .examining import evidence_in, findings_of
from .fit import chunks_of, coordinates_of, full_parameters
from .interrupts import deferred_interrupts
from .job import Job, Member
from .layout import aligned_rows
from .planner import Unfit, full_width_reason, make_plan
from .record import history_of
from .stages import stage, stopwatch
from .target import as_learned, in_own_units, scaled, scaling_of
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

    Ctrl-C ends the training and keeps what was trained (``run.history.interrupted``). ``run.verdict`` says what the
    cost did. Where a run ends badly, short trainings from the same start find out what would have helped, and a
    ``TrainingWarning`` and ``run.diagnosis`` say so. How it was computed is in ``run.plan``; ``explain`` plans without
    training.

    Args:
        network: sizes and activations of the layers; if it names no output, the labels decide.
        data: a ``Dataset``, one of its parts, or a pair (X, Y): X (n_x, m), Y (n_y, m), examples in columns. X is not
            copied where its type and its order in memory suit, so do not change it while it is trained on. Of a
            ``Dataset`` with a stream all examples are trained on; metrics and diagnosis of the training set are taken
            on the sample that lies in memory.
        learning_rate: α in W ← W − α dW, the length of a step; every optimiser but "lbfgs" needs one.
        iterations: number of updates.
        epochs: number of passes over the examples; either this or iterations is given.
        seed: seed of the initial weights.
        initializer: "zeros", "normal" (× 0.01), "lecun" (/ √n_prev), "xavier" (× √(2/(n + n_prev))) or "he"
            (× √(2/n_prev)).
        optimizer: "gd", "momentum", "nesterov", "rmsprop", "adam", "adam_hat", "adamw" or "lbfgs" (SciPy's, all
            examples at once): ``formulas.optimizers`` and ``training.lbfgs`` have them.
        batch_size: examples per update (mini-batch size); None takes the whole training set, of a stream 256. The last
            batch of an epoch has the rest.
        batch_seed: seed of the order in which batches take the examples.
        l2: λ of the penalty λ/2 Σ W² / m on weights, not on biases; m is the number of examples of the update.
        momentum, beta1, beta2, epsilon, weight_decay: the optimiser's own, where it has them; None takes 0.9, 0.9,
            0.999 (for RMSprop 0.9), 1e-8, 0.01.
        sample_weight: (m,) weights of the training examples: the cost is the weighted mean, and the penalty's m the sum
            of the weights. An example of weight 2 counts as two.
        class_weight: with "balanced" every class counts the same, however many examples it has; with None every example
            does.
        label_smoothing: ε: a classifier learns (1 − ε) y + ε / K in place of its labels y of K classes.
        dropout: share of the hidden values that each update sets to 0, chosen by ``dropout_seed``; the others are
            divided by what is left, so that predictions need no change (inverted dropout).
        clip_norm: if the gradient of all parameters together is longer than this, it is shortened to this length.
        schedule: "constant", "inverse_time", "interval", "step", "cosine", "log_cosine" or "adaptive":
            ``formulas.schedules`` has them.
        decay, interval, drop, warmup, cycles, plateau, least_progress: the schedule's own, where it has them; None
            takes 1, 1000 epochs, 0.5 (for adaptive 0.2), 0 epochs, 4, 10 epochs and 1e-4.
        monitor: "cost" (an epoch's mean), "validation_cost" or "validation_accuracy": the training ends (early
            stopping) after ``patience`` epochs in a row (None takes 10) in which it did not improve by ``min_delta``
            (None takes 0). The parameters are those of the best epoch, ended early or not.
        validation: a validation set, a part or a pair as for data: its cost (without penalty) and accuracy are recorded
            at every update, with batches after every epoch.
        validation_weight: (m,) weights of the validation examples: cost and accuracy are weighted means.
        engine: "auto", "numpy" or "xla".
        basis: "auto", "full" or "span": whether the first layer is computed in the span of the examples, which changes
            nothing but the time. "span" stops where the optimiser does not allow it, or the products of examples
            would be too coarse.
        dtype: "float64" or "float32".
        parameters: start from these instead of drawing initial weights; they are not changed.
        checkpoint: a file that holds everything that the training needs to go on, written every 30 seconds and at the
            end; it stays until you remove it.
        resume: go on from the checkpoint, if there is one; the data and all settings have to be the same.
        metrics: names of metrics to record on the training set and the validation set after an epoch: "accuracy",
            "error", "balanced_accuracy", "f1" (the classes' mean) and "auc" for classes; "r2", "mae" and "rmse" for
            regression.
        every: number of epochs from one call, metrics or line of the log to the next. None takes 1 with batches;
            without, where an epoch is one update, so many that there are at most 100 of them (of lines alone 10,000).
            The last epoch always has its own.
        callback: a function that is called with a ``Moment`` after an epoch. If it returns True the training ends
            (``run.history.stopped``).
        log: an existing folder, for ``log.csv`` and ``log.jsonl``, or a path that gets these two endings: a line for
            each epoch, written while the training runs. With resume the file is written again from its first line.
        advice: whether short trainings may follow a run that ends badly, a few seconds at most, to find out what would
            have helped. Without them only what the run itself shows is said.
        progress: a progress bar on standard error: True, False, a label for it, or None to show one on a terminal only.

    Returns:
        The run: parameters, history, plan, verdict, diagnosis, and methods to predict and save.

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
    if not isinstance(advice, bool):
        raise InputError(f"advice={advice!r}: wanted True or False")
    weights = sample_weight, validation_weight
    job = single_job(network, data, weights, validation=validation, parameters=parameters, settings=settings)
    job, listeners = listeners_of(job, metrics, callback, log, every, again=resume)
    with deferred_interrupts() as interrupts, stopwatch() as seconds:
        kept = _checkpoint(job, checkpoint, resume)
        plan, record = _carried_out(job, progress, kept, listeners)
        with stage("finish"):
            trained = job.start(job.members[0]) if record.last is None else _trained(job, record)
            history = history_of(record, job)
            evidence = evidence_in(job, trained, history)
        if interrupts.count:  # after the last update, too
            interrupts.answered, history = True, replace(history, interrupted=True)
        found = findings_of(job, evidence, interrupts, advice and not history.interrupted)
    run = Run(
        network=job.members[0].network,
        parameters=in_own_units(job, trained),
        history=history,
        settings=job.common,
        plan=with_actual(plan, seconds),
        verdict=evidence.verdict,
        diagnosis=found,
        weighted=job.sample_weight is not None,
        given_start=job.given is not None,
        **job.description,
    )
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
    **settings: Any,
) -> Plan:
    """Plan how ``train`` would compute a run with these arguments, without training.

    Args:
        network, data, sample_weight, validation, validation_weight, parameters: as for ``train``.
        settings: the hyperparameters of ``train`` by name.

    Returns:
        The plan: coordinates of the first layer, engine, memory and expected time; ``print`` shows it.

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
    """Check everything that one training needs, and make its job.

    Args:
        network, data, validation, parameters, settings: as for ``train``.
        weights: of the training examples and of the validation examples.

    Raises:
        InputError: data, parameters or settings are not right.
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
    """Check that both parts fit the network and each other.

    Args:
        network, data, validation: as for ``train``.
        dtype: type of the arrays.
        convert: brings the training inputs to this type.

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
    """How inputs of another type are converted: once, and straight into rows if batches are going to be rows of them.

    The engine would else make the rows from the converted columns, and both would stay in memory. It takes rows of what
    lies in memory, at full width, where an update does not take all examples; the settings are not checked yet.
    """
    size = settings["batch_size"]

    def convert(X: NDArray[Any], dtype: Any) -> NDArray[Any]:
        n_x, m = X.shape
        batches = isinstance(size, int) and 0 < size < m and not _is_stream(data)
        rows = batches and full_width_reason(settings, n_x, m)
        return aligned_rows(X, dtype).T if rows and X.dtype != dtype else converted(X, dtype)

    return convert


def _is_stream(data: Any) -> TypeGuard[Dataset]:
    """Whether the training examples do not all lie in memory: they are read, or made anew, in each epoch."""
    return isinstance(data, Dataset) and (data.stream is not None or data.augmentation is not None)


def _stream_of(data: Any, scaling: Standardization | None) -> Stream | None:
    """The stream of the training examples, target values scaled; None if all lie in memory."""
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
    """Carry out the first plan that works; that plan, and what was recorded.

    Whether jax or the span work here shows only when they are tried. What did not work is planned around.
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


def _trained(job: Job, record: Record) -> Parameters:
    assert record.last is not None  # noqa: S101
    return full_parameters(job, 0, coordinates_of(job, record.last, 0))
