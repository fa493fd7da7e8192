"""``dissect``: take apart an update of a training that is over, from the run that it left."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.errors import InputError
from layerlab.formulas import OPTIMIZERS, Parameters
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.argument_checks import TrainingData, check_part
from layerlab.runs.events import CHANGE, EDIT, Event, settings_at_end
from layerlab.runs.run import Run
from layerlab.training.batches import Batch, batches
from layerlab.training.dissection.anatomy import Anatomy
from layerlab.training.dissection.taking_apart import dissected
from layerlab.training.fit import LARGE_PRODUCTS
from layerlab.training.job import Job
from layerlab.training.layout import laid_out
from layerlab.training.planner import sizes_of
from layerlab.training.target import as_learned
from layerlab.training.train import single_job

from .stepper import IN_SPAN, Stepper

AGREEMENT = 1e-3
"""The largest relative difference of a cost between a run and its repeat. Another machine rounds otherwise, which a
long training can amplify; other data differ by more."""

ROUNDING = {"float64": 1e-9, "float32": 1e-4}
"""The same for the first cost, at the initial weights."""

NO_MONITOR = {"monitor": None, "patience": None, "min_delta": None}
"""Early stopping changes no update, so a repeat makes the same updates without it."""


def dissect(run: Run, part: TrainingData, *, update: int | None = None) -> Anatomy:
    """Take apart one update of a run: forward pass, cost, backward pass and step, with the terms of every sum.

    Settings, order of batches and the values that dropout sets to 0 are those of the run. The update that would come
    next starts from the run's parameters. Where these do not say everything, the training is repeated, with the run's
    engine and basis, and its costs are compared with the run's. This is so for an update before the end, for an
    optimiser or a schedule that remembers something, after early stopping, and for a run that was changed while it was
    trained.

    Args:
        run: a trained network.
        part: its training set: the ``Dataset``, its training set, or a pair (X, Y), prepared as for the training.
        update: how many updates were made before the one to take apart: 0 for the first one, from the initial weights.
            None for the update that would come next after the run's last one.

    Returns:
        The update, taken apart; ``print`` tells it on a screen.

    Raises:
        InputError: the run has members; its examples had weights, which it does not keep; its probabilities were
            calibrated; its examples are a stream; it has to be repeated and started from parameters that it does not
            keep; there is no such update; or the examples do not fit, or are not those of the training.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=300)
        >>> first, second = (layerlab.dissect(run, flower, update=t) for t in (0, 1))
        >>> print(first.new_parameters["W1"][0, 0] == second.parameters["W1"][0, 0], first.new_cost == second.cost)
        True True
        >>> layerlab.dissect(run, flower)
        <Anatomy of update 300 of 2-4-1: 400 examples, cost 0.3094>
    """
    _check(run, part)
    m = check_part(run.network, part, run.settings["dtype"]).X.shape[1]
    if run.plan is not None and run.plan.examples != m:
        raise InputError(
            f"the run was trained on {run.plan.examples:,} examples, and here are {m:,}: give its training set"
        )
    made = _updates_of(run, part)
    if update is not None and not (_is_whole(update) and 0 <= int(update) <= made):
        wanted = (
            f"a whole number from 0 to {made:,}, the run's updates" if made else "0, because the run made no update"
        )
        raise InputError(f"update={update!r}: wanted {wanted}, or None")
    target = made if update is None else int(update)
    if target == made and not _remembers(run):
        return _from_the_end(run, part, made)
    return _repeated(run, part, target, made)


def _check(run: Run, part: Any) -> None:
    if not isinstance(run, Run):
        raise InputError(f"run is {type(run).__name__}: wanted a Run, as layerlab.train returns it")
    missing = [name for name in ("optimizer", "schedule", "monitor", "dtype") if name not in run.settings]
    if missing:
        raise InputError(
            f"the run has no setting {missing[0]!r}: wanted a run with all its settings, as train returns it"
        )
    if run.members is not None:
        raise InputError(
            f"the run has {len(run.members)} members, which were trained together: wanted a run of one network; train "
            f"again with members=1"
        )
    if run.weighted:
        raise InputError(
            "the run's examples had weights, which it does not keep: take the update apart with "
            "layerlab.Stepper(…, sample_weight=w).dissect()"
        )
    if run.temperature != 1:
        raise InputError("the run was calibrated, which changed its last layer: take apart the run before calibrate")
    if (run.plan is not None and run.plan.stream) or (isinstance(part, Dataset) and _is_streamed(part)):
        raise InputError(
            "the run's training examples are a stream, or images that are changed at random: an update can be taken "
            "apart only if its examples are in memory"
        )


def _is_streamed(data: Dataset) -> bool:
    return data.stream is not None or data.augmentation is not None


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _updates_of(run: Run, part: TrainingData) -> int:
    """Return how many updates the run has made: not one whose cost is not finite, nor one that L-BFGS found needless.

    If L-BFGS has converged before its first update, the run has the cost of an update all the same. Then the repeat
    says so.
    """
    costs = run.history.costs
    made = len(costs) - bool(len(costs) and not np.isfinite(costs[-1]))
    at_start = [event for event in run.events if event.update == 0]
    if made != 1 or run.given_start or settings_at_end(run.settings, at_start)["optimizer"] != LBFGS:
        return made
    stepper = _stepper_of(run, part)
    for event in at_start:
        _make(stepper, event)
    return made if stepper.ended else stepper.advance(1)


def _remembers(run: Run) -> bool:
    """Return whether the next update depends on more than the run's parameters, settings and number of updates."""
    optimizer = run.settings["optimizer"]
    has_memory = optimizer in OPTIMIZERS and OPTIMIZERS[optimizer].start({"W1": np.zeros((1, 1))}) != ()
    adaptive = run.settings["schedule"] == "adaptive"
    return has_memory or adaptive or run.settings["monitor"] is not None or bool(run.events)


def _from_the_end(run: Run, part: TrainingData, made: int) -> Anatomy:
    """Take apart the update after the run's last one, from the run's own parameters."""
    settings = {**run.settings, "engine": "numpy", "basis": "full"}
    job = single_job(run.network, part, validation=None, parameters=run.parameters, settings=settings)
    if not run.given_start and len(run.history.costs):
        first = single_job(run.network, part, validation=None, parameters=None, settings=settings)
        _check_costs(run, np.array([_taken_apart(first, 0).cost]))
    in_span = run.plan is not None and run.plan.basis == "span"
    return _taken_apart(job, made, (IN_SPAN,) if in_span else ())


def _taken_apart(job: Job, update: int, notes: tuple[str, ...] = ()) -> Anatomy:
    """Take apart an update from the job's initial parameters as if so many updates had been made."""
    data, state = laid_out(job, span=False)
    sizes = sizes_of(job, False, 1)
    state = state._replace(update=np.asarray(update))
    single = sizes.products < LARGE_PRODUCTS
    return dissected(job, data, state, _batch(job, update), one_thread=single, notes=notes)


def _batch(job: Job, update: int) -> Batch | None:
    if not job.batch_size:
        return None
    common = job.common
    return next(batches(job.m, job.batch_size, common["batch_seed"], common["dtype"], job.weights, skip=update))


def _repeated(run: Run, part: TrainingData, update: int, made: int) -> Anatomy:
    """Train the run again until an update, of those that it made, and take it apart."""
    if run.given_start:
        raise InputError(
            "this update needs the training to be repeated, and it started from parameters that the run does not keep: "
            "take it apart with layerlab.Stepper(…, parameters=p).dissect()"
        )
    stepper = _stepper_of(run, part)
    for event in run.events:
        if event.update < update:
            _advance(run, stepper, event.update)
            _make(stepper, event)
    _advance(run, stepper, update)
    _check_costs(run, stepper.costs)
    trained = stepper.parameters()  # those of early stopping have no event that came after them
    for event in run.events:
        if event.update == update:
            _make(stepper, event)
    if update == made:
        _check_parameters(run, stepper, trained)
    return stepper.dissect()


def _stepper_of(run: Run, part: TrainingData) -> Stepper:
    """Return the training of a run before its first update."""
    plan = {} if run.plan is None else {"engine": run.plan.engine, "basis": run.plan.basis}
    return Stepper(run.network, part, **{**run.settings, **NO_MONITOR, **plan})


def _advance(run: Run, stepper: Stepper, update: int) -> None:
    if update > stepper.update:
        stepper.advance(update - stepper.update)
    if update > stepper.update:
        if not stepper.ended:  # the Stepper has noted Ctrl-C
            raise KeyboardInterrupt
        _check_costs(run, stepper.costs)
        raise _other_data(run, f"the repeat ended after {stepper.update:,} updates")


def _make(stepper: Stepper, event: Event) -> None:
    """Make an event again.

    Raises:
        InputError: it does not fit the training.
    """
    values = event.values
    try:
        if event.kind == CHANGE:
            stepper.change(**values)
        elif event.kind == EDIT:
            stepper.edit(values["name"], values["row"], values["column"], values["value"])
        else:
            stepper.prolong(values["iterations"])
    except InputError as error:
        raise InputError(
            f"the run cannot be repeated, because one of its changes does not fit it ({event.line}: {error}): its "
            f"run.json is damaged or was changed, or these are not its training examples"
        ) from error


def _check_costs(run: Run, costs: Floats) -> None:
    """Check that the run had these costs.

    Raises:
        InputError: it had others. The first is compared up to rounding, because small initial weights give nearly the
            same cost for all data.
    """
    both = np.stack([costs, run.history.costs[: len(costs)]])
    size = np.abs(both).max(axis=0)
    limits = np.full(len(costs), AGREEMENT) * np.maximum(size, size[:1])
    limits[:1] = ROUNDING[run.settings["dtype"]] * size[:1]
    differs = np.flatnonzero(np.abs(both[0] - both[1]) > limits)
    if differs.size:
        ours, theirs = (f"{value:.10g}" for value in both[:, differs[0]])
        raise _other_data(run, f"at update {differs[0]:,} the cost is {ours} for them, and in the run it was {theirs}")


def _check_parameters(run: Run, stepper: Stepper, trained: Parameters) -> None:
    """Check that the repeat ended at the run's parameters, unless early stopping kept earlier ones.

    Args:
        run: the run.
        stepper: its repeat, after the last update and the events after it.
        trained: the parameters before these events.
    """
    kept_at = run.history.kept_at
    if kept_at not in (None, 0, stepper.update):
        return
    theirs = as_learned(run.parameters, stepper.job.scaling)
    for name, ours in (trained if kept_at else stepper.parameters()).items():
        if np.abs(ours - theirs[name]).max() > AGREEMENT * max(1.0, float(np.abs(ours).max())):
            raise _other_data(run, f"the repeat ends at another {name} than the run")


def _other_data(run: Run, reason: str) -> InputError:
    changed = ", or the changes in its run.json are not those that were made" if run.events else ""
    return InputError(
        f"these are not the run's training examples, or they were prepared in another way{changed}: {reason}; give the "
        f"data with which it was trained, standardized as they were then"
    )
