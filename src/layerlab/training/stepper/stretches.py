"""Stretches of a training: updates in a row with the same settings. An event ends one and begins the next.

A stretch follows from the one before and its event alone. So does the state at its beginning. That is why a training
can be computed again from any of its states, over any number of events, with the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import OPTIMIZERS
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS, LBFGS
from layerlab.runs.argument_checks import check_balance
from layerlab.runs.events import CHANGE, EDIT, FIXED, PROLONG, Event, checked_event
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import changed_settings, checked_iterations, left_behind, with_defaults
from layerlab.training.job import Job
from layerlab.training.planner import make_plan
from layerlab.training.plateau import new_plateau
from layerlab.training.record import initial_cost_of, update_sizes
from layerlab.training.stopping import new_monitor
from layerlab.training.updates import State

from .states import at_full_width

OBJECTIVE = ("l2", "dropout", "class_weight", "label_smoothing", "batch_size")
"""Settings of which the cost of an epoch depends, so that costs before and after a change cannot be compared."""

HOW = ("engine", "basis")
"""Settings that say how a training is computed."""


class Stretch(NamedTuple):
    """Updates in a row with the same settings.

    Attributes:
        start: number of updates made before it.
        job: what is trained, with the settings of the stretch.
        plan: how it is computed.
        event: what began it; None for the first.
    """

    start: int
    job: Job
    plan: Plan
    event: Event | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        """All hyperparameters of these updates, by name."""
        return self.job.common

    @property
    def span(self) -> bool:
        """Whether the first layer is computed in the span of the examples."""
        return self.plan.basis == "span"

    @property
    def begins_anew(self) -> bool:
        """Whether the training can go on from the state at its beginning: not in the middle of L-BFGS."""
        return self.event is None or self.event.kind != PROLONG or self.settings["optimizer"] != LBFGS


def with_settings(job: Job, **settings: Any) -> Job:
    """Return a job with other settings, which shares the initial parameters and the tables of the span."""
    (member,) = job.members
    changed = replace(member, settings={**member.settings, **settings})
    return replace(job, members=(changed,), whole=job if job.whole is None else job.whole)


def after_change(now: Stretch, update: int, given: Mapping[str, Any]) -> list[Stretch]:
    """Return the stretches that a change of settings begins: none if nothing changes, two if it leaves the span first.

    Args:
        now: the stretch at present.
        update: number of updates made.
        given: the new settings by name.

    Raises:
        InputError: a setting is wrong, or cannot be changed in a training that has begun.
    """
    _check_changeable(now, given)
    before = {**now.settings, "engine": now.plan.engine, "basis": now.plan.basis}
    settings = changed_settings(now.job.network, now.job.m, before, given)
    check_balance(settings["class_weight"], now.job.part.Y, now.job.sample_weight)
    known = {name: value for name, value in before.items() if name not in left_behind(before, given)}
    values = {name: settings[name] for name in given if name in settings and settings[name] != known.get(name)}
    if not values:
        return []
    if now.span and settings["basis"] == "span" and ALL_OPTIMIZERS[settings["optimizer"]].full_only:
        first = after_change(now, update, {"basis": "full"})
        return [*first, *after_change(first[-1], update, given)]
    event = checked_event(Event(update, CHANGE, values), now.job.network)
    (member,) = now.job.members
    whole = now.job if now.job.whole is None else now.job.whole
    job = replace(now.job, members=(replace(member, settings=settings),), whole=whole)
    same = all(settings[name] == before[name] for name in (*HOW, "optimizer", "batch_size"))
    return [Stretch(update, job, now.plan if same else make_plan(job), event)]


def _check_changeable(now: Stretch, given: Mapping[str, Any]) -> None:
    """Raise InputError where a setting cannot be changed in a training that has begun."""
    if not given:
        raise InputError("change(): wanted a setting by its name, such as change(learning_rate=0.05)")
    with_defaults(given)  # refuses unknown names
    for name in given:
        if name in FIXED:
            instead = "prolong(n) adds iterations" if name in ("iterations", "epochs") else "make a new Stepper"
            raise InputError(f"{name}={given[name]!r}: belongs to the whole training and cannot be changed; {instead}")
    for name, words in ("engine", ("numpy", "xla")), ("basis", ("full",)):
        value, present = given.get(name, words[0]), getattr(now.plan, name)
        if value not in (*words, present):
            wanted = " or ".join(map(repr, words))
            raise InputError(f"{name}={value!r}: wanted {wanted}, as the training has begun with {present!r}")
    if "batch_size" in given and now.job.validation is not None and given["batch_size"] != now.settings["batch_size"]:
        raise InputError(
            f"batch_size={given['batch_size']!r}: cannot be changed where a validation set is measured after each "
            f"epoch, because the epochs would have other numbers of updates; make a new Stepper"
        )


def after_edit(now: Stretch, update: int, name: Any, row: Any, column: Any, value: Any) -> list[Stretch]:
    """Return the stretches that an edit of a weight begins: two if it leaves the span first.

    Args:
        now, update: as for ``after_change``.
        name, row, column, value: as for ``Stepper.edit``.

    Raises:
        InputError: there is no such weight, or the value is not a finite number.
    """
    shapes = now.job.network.shapes
    if not isinstance(name, str) or name not in shapes:
        raise InputError(f"edit({name!r}, …): wanted one of {', '.join(shapes)}")
    for what, place, size in zip(("row", "column"), (row, column), shapes[name], strict=True):
        if isinstance(place, bool | np.bool_) or not isinstance(place, Integral) or not 0 <= int(place) < size:
            raise InputError(f"{what} {place!r} of {name}: wanted a whole number from 0 to {size - 1}")
    number = _as_number(value, now.settings["dtype"])
    if number is None:
        raise InputError(f"{name}[{row}, {column}] = {value!r}: wanted a finite number in {now.settings['dtype']}")
    first = after_change(now, update, {"basis": "full"}) if now.span and name == "W1" else []
    values = {"name": name, "row": int(row), "column": int(column), "value": number}
    event = checked_event(Event(update, EDIT, values), now.job.network)
    return [*first, (first or [now])[-1]._replace(start=update, event=event)]


def _as_number(value: Any, dtype: str) -> float | None:
    """Return a value as a number that is finite in the type of the training; None if it is not."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        return None
    try:
        with np.errstate(all="ignore"):
            return float(value) if np.isfinite(np.dtype(dtype).type(float(value))) else None
    except OverflowError:  # a whole number that no float can hold
        return None


def prolonged(stretch: Stretch, n: int) -> Stretch:
    """Return the stretch of a training that was asked for n more iterations, or fewer where n is negative.

    Its settings name engine and basis only where a new plan would choose others than this training has.
    """
    iterations = checked_iterations(stretch.settings["iterations"] + n)
    job, how = with_settings(stretch.job, iterations=iterations), {name: getattr(stretch.plan, name) for name in HOW}
    try:
        plan = make_plan(job)
        chosen = {name: getattr(plan, name) for name in HOW}
    except InputError:  # there is less memory than before
        chosen = {}
    job = job if chosen == how else with_settings(job, **how)
    return stretch._replace(job=job, plan=replace(stretch.plan, iterations=iterations))


def after_prolong(now: Stretch, update: int, n: int) -> Stretch:
    """Return the stretch that more iterations begin where a schedule counts with the number of all iterations."""
    event = checked_event(Event(update, PROLONG, {"iterations": n}), now.job.network)
    return prolonged(now, n)._replace(start=update, event=event)


def entered(before: Stretch, after: Stretch, state: State) -> State:
    """Return the state with which a stretch begins: what its event makes of the state at the end of the one before.

    Args:
        before, after: two stretches, one after the other.
        state: at the end of the first, in NumPy arrays; it is not changed.
    """
    event = after.event
    if event is None or event.kind == PROLONG:
        return state
    if before.span and not after.span:
        state = at_full_width(before.job, state)
    if event.kind == EDIT:
        name, row, column, value = (event.values[key] for key in ("name", "row", "column", "value"))
        edited = state.parameters[name].copy()
        edited[row, column] = value
        state = state._replace(parameters={**state.parameters, name: edited})
    elif (optimizer := after.settings["optimizer"]) != before.settings["optimizer"]:
        memory = OPTIMIZERS[optimizer].start(state.parameters) if optimizer in OPTIMIZERS else ()
        state = state._replace(memory=memory)
    return _waiting_anew(before, after, state._replace(alive=np.ones_like(state.alive)))


def revived(stretches: Sequence[Stretch]) -> bool:
    """Return whether a training that has ended goes on with stretches: after a change or an edit it does."""
    return any(one.event is not None and one.event.kind != PROLONG for one in stretches)


def _waiting_anew(before: Stretch, after: Stretch, state: State) -> State:
    """Let a monitor and an adaptive schedule wait anew, and forget costs with which later ones cannot be compared."""
    comparable = all(before.settings[name] == after.settings[name] for name in OBJECTIVE)
    watch, plateau = state.watch, state.plateau
    if watch and not comparable and after.settings["monitor"] == "cost":
        watch = new_monitor(state.parameters, state.alive)
    elif watch:
        watch = watch._replace(waited=np.zeros_like(watch.waited), ended_at=np.zeros_like(watch.ended_at))
    if after.settings["schedule"] != "adaptive":
        plateau = ()
    elif not plateau:
        plateau = new_plateau(state.parameters, state.alive)
    else:
        plateau = plateau._replace(waited=np.zeros_like(plateau.waited))
        if not comparable:
            plateau = new_plateau(state.parameters, state.alive)._replace(plateaus=plateau.plateaus)
    return state._replace(watch=watch, plateau=plateau)


def recorded_over(stretches: Sequence[Stretch], n: int) -> dict[str, Any]:
    """Return the fields of a history that depend on more than its last stretch.

    Args:
        stretches: of the training, from its beginning.
        n: number of costs that were recorded.
    """
    fields: dict[str, Any] = {"initial_cost": initial_cost_of(stretches[0].job)}
    kinds = {
        (one.job.batch_size, one.job.weights is None or (one.settings["batch_seed"], one.settings["class_weight"]))
        for one in stretches
    }
    if len(kinds) > 1 and any(one.job.batch_size for one in stretches):
        ends = [*(one.start for one in stretches[1:]), n]
        parts = [_sizes_in(one.job, one.start, end) for one, end in zip(stretches, ends, strict=True)]
        fields["sizes"] = np.concatenate(parts)
    return fields


def _sizes_in(job: Job, start: int, end: int) -> Floats:
    """Return the number of examples, or the sum of their weights, of each update of a stretch."""
    if not job.batch_size:
        return np.full(end - start, float(job.m if job.weights is None else job.weights.sum()))
    return np.fromiter(islice(update_sizes(job), start, end), np.float64)
