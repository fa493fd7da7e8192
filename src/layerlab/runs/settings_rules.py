"""Which hyperparameters fit together: defaults are filled in, and combinations without meaning are refused.

``settings`` describes each hyperparameter alone: its range and its default. Whatever depends on two of them, or on one
of them and the network or the data, is here: the checks, and which settings belong to which optimiser, schedule or
monitor (``CHOICES_WITH_SETTINGS``). ``train``, ``sweep`` and everything else with ``**settings`` use
``with_defaults`` and ``complete_settings``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import SCHEDULES
from layerlab.network import Network
from layerlab.settings import NUMBERS, OWN, SETTINGS, check_settings

from .all_optimizers import ALL_OPTIMIZERS, LBFGS


class Monitor(NamedTuple):
    """A value that can end a training early, with the default values of its own settings."""

    defaults: dict[str, Any]


_PATIENT = Monitor({"patience": 10, "min_delta": 0.0})

MONITORS: dict[str | None, Monitor] = {
    None: Monitor({}),
    **dict.fromkeys(("cost", "validation_cost", "validation_accuracy"), _PATIENT),
}
"""What can be monitored, by name; None for nothing."""

CHOICES_WITH_SETTINGS: dict[str, Mapping[Any, Any]] = {
    "optimizer": ALL_OPTIMIZERS,
    "schedule": SCHEDULES,
    "monitor": MONITORS,
}
"""The choices that have settings of their own; the ``defaults`` of each row name them."""

NOT_FOR_LBFGS = ("batch_size", "dropout", "clip_norm", "schedule")
"""Settings that change the objective, the gradient or the step between updates; a line search does not allow that."""

STREAM_BATCH = 256
"""Examples per update from a stream where ``batch_size`` is None."""

MOST_ITERATIONS = 2**53
"""Floats count no further than this one by one."""


def batches_an_epoch(m: int, batch_size: int) -> int:
    """Return the number of batches that use m examples once."""
    return -(-m // batch_size)


def sizes_of_an_epoch(m: int, batch_size: int) -> list[float]:
    """Return the number of examples of each batch of an epoch of m examples; the last batch has the rest."""
    before = (batches_an_epoch(m, batch_size) - 1) * batch_size
    return [float(batch_size)] * (before // batch_size) + [float(m - before)]


def with_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every hyperparameter by name: as given, else its default.

    Raises:
        InputError: a name is unknown.
    """
    unknown = ", ".join(repr(name) for name in given if name not in SETTINGS)
    if unknown:
        raise InputError(f"no setting is called {unknown}; the settings are {', '.join(SETTINGS)}")
    return {name: setting.default for name, setting in SETTINGS.items()} | dict(given)


def complete_settings(m: int, **values: Any) -> dict[str, Any]:
    """Check one model's settings; fill in those of its optimiser, schedule and monitor, and leave out those of others.

    Args:
        m: number of training examples.
        values: every hyperparameter by name; iterations or epochs is None.

    Returns:
        The settings by name, with iterations in place of epochs.

    Raises:
        InputError: a value is out of its range, or belongs to another optimiser, schedule or monitor.
    """
    epochs, iterations = values.pop("epochs"), values.pop("iterations")
    if (epochs is None) == (iterations is None):
        raise InputError(f"iterations={iterations!r}, epochs={epochs!r}: wanted one of the two; leave the other out")
    settings = check_settings(**values)
    check_learning_rate(settings)
    size = settings["batch_size"]
    if size is not None and size > m:
        raise InputError(
            f"batch_size={size}: wanted at most the {m} training examples; leave it out to take all at once"
        )
    for kind, table in CHOICES_WITH_SETTINGS.items():
        settings |= _own_settings(kind, table, settings)
    _check_rounded(settings)
    if iterations is None:
        iterations = check_settings(epochs=epochs)["epochs"] * batches_an_epoch(m, size or m)
    settings["iterations"] = checked_iterations(iterations)
    _check_warmup(settings, settings["iterations"] / batches_an_epoch(m, size or m))
    return settings


def changed_settings(network: Network, m: int, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a training after some were changed on its way, checked.

    Args:
        network: the network, with its output named.
        m: number of training examples.
        before: all settings before.
        given: the new ones. Settings of a new optimiser or schedule have their usual values where none is given.

    Raises:
        InputError: they do not fit each other, or the network.
    """
    dropped = set(left_behind(before, given))
    merged = {name: value for name, value in before.items() if name not in dropped} | dict(given)
    settings = complete_settings(m, **with_defaults(merged))
    check_meaning(network, settings, validated=True)  # a monitor does not change
    return settings


def left_behind(before: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Return the names of the settings that a new optimiser or schedule does not take over from the one before."""
    kinds = [kind for kind in CHOICES_WITH_SETTINGS if kind in given and given[kind] != before[kind]]
    names = [name for kind in kinds for name in OWN[kind]]
    return [*names, "learning_rate"] if given.get("optimizer") == LBFGS else names


def checked_iterations(iterations: Any) -> int:
    """Return a number of iterations, if it is a whole number of at least 1 with which schedules can be computed.

    Raises:
        InputError: it is not.
    """
    checked = int(SETTINGS["iterations"].check(iterations))
    if checked > MOST_ITERATIONS:
        raise InputError(f"iterations={iterations!r}: wanted at most {MOST_ITERATIONS:,}")
    return checked


def check_learning_rate(settings: Mapping[str, Any]) -> None:
    """Check that there is a learning rate if the optimiser needs one, and no setting that L-BFGS cannot use.

    Raises:
        InputError: the learning rate is missing, or L-BFGS has such a setting.
    """
    optimizer, rate = settings["optimizer"], SETTINGS["learning_rate"]
    if optimizer != LBFGS:
        replace(rate, optional=False).check(settings["learning_rate"])
    for name in ("learning_rate", *NOT_FOR_LBFGS) if optimizer == LBFGS else ():
        if settings[name] != SETTINGS[name].default:
            raise InputError(
                f"{name}={settings[name]!r} has no meaning for optimizer='lbfgs', whose line search finds the length "
                f"of a step on the same objective of all examples: leave it out"
            )


def _check_warmup(settings: Mapping[str, Any], epochs: float) -> None:
    """Raise InputError if the learning rate would still be rising at the end of the training."""
    if (warmup := settings.get("warmup", 0.0)) >= epochs:
        raise InputError(
            f"warmup={warmup!r}: the training has {epochs:g} epoch{'' if epochs == 1 else 's'}, so the learning "
            f"rate would only rise; wanted fewer epochs of warm-up than of training"
        )


def _own_settings(kind: str, table: Mapping[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the chosen optimiser (schedule, monitor), filled in; remove those of the others."""
    own = table[settings[kind]].defaults
    for name in OWN[kind]:
        if name not in own and (value := settings.pop(name)) is not None:
            takers = ", ".join(repr(other) for other, row in table.items() if name in row.defaults)
            raise InputError(
                f"{name}={value!r} has no meaning for {kind}={settings[kind]!r}: wanted {takers}, or leave it out"
            )
    return {name: usual if settings[name] is None else settings[name] for name, usual in own.items()}


def _check_rounded(settings: Mapping[str, Any]) -> None:
    """Check that numbers stay in their range when they are rounded to float32.

    Raises:
        InputError: a number does not.
    """
    dtype = settings["dtype"]
    for name in (*NUMBERS, *OWN["monitor"]):
        value = settings.get(name)
        if value is None or dtype == "float64":
            continue
        with np.errstate(all="ignore"):
            rounded = float(np.float32(value))
        if SETTINGS[name].kind is int and math.isfinite(rounded):
            rounded = int(rounded)
        try:
            check_settings(**{name: rounded})
        except InputError as error:
            raise InputError(f"{name}={value!r} is {rounded} in {dtype}: {error}; or take dtype='float64'") from error


def check_meaning(network: Network, settings: Mapping[str, Any], validated: bool) -> None:
    """Check that a training with settings about classes, hidden layers or a validation set has such.

    Args:
        network: the network, with its output named.
        settings: complete.
        validated: whether there is a validation set.

    Raises:
        InputError: a setting does not suit the training.
    """
    several_labels = network.has_several_labels
    if settings["class_weight"] is not None and (several_labels or not network.classifies):
        has = "several labels per example" if several_labels else "values (regression)"
        raise InputError(
            f"class_weight={settings['class_weight']!r}: wanted one class per example, and the network learns {has}; "
            f"leave it out, or weigh the examples with sample_weight"
        )
    if settings["dropout"] and not network.activations:
        raise InputError(
            f"dropout={settings['dropout']!r}: wanted hidden layers, whose values dropout leaves out, and the network "
            f"has none; leave dropout out, or give the network a hidden layer"
        )
    monitor = settings["monitor"] or ""
    if monitor.startswith("validation") and not validated:
        raise InputError(
            f"monitor={monitor!r} needs a validation set: give one (validation=…, or --validation 0.2), or take "
            f"monitor='cost'"
        )
    if monitor == "validation_accuracy" and not network.classifies:
        raise InputError(
            f"monitor={monitor!r}: wanted classes, and the network learns values (regression); take 'validation_cost'"
        )
    if settings["label_smoothing"] and not network.classifies:
        raise InputError(
            f"label_smoothing={settings['label_smoothing']!r}: wanted classes, and the network learns values "
            f"(regression); leave it out"
        )


def for_stream(settings: Mapping[str, Any], sample_weight: Any, name: str, rows: int) -> dict[str, Any]:
    """Return the settings for examples that are not all in memory: with a batch size.

    Args:
        settings: every hyperparameter by name, as ``with_defaults`` gives them.
        sample_weight: as for ``train``.
        name: the name of the stream.
        rows: number of its examples.

    Raises:
        InputError: a setting needs all examples in memory.
    """
    for setting, value in ("sample_weight", sample_weight), ("class_weight", settings["class_weight"]):
        if value is not None:
            raise InputError(f"{setting}: wanted all examples in memory, and {name} is a stream; leave it out")
    if settings["optimizer"] == LBFGS:
        raise InputError(
            f"optimizer='lbfgs' takes all examples at every update, and {name} is a stream of {rows:,} rows, which are "
            f"not in memory: take another optimizer, such as 'adam'"
        )
    size = min(STREAM_BATCH, rows) if settings["batch_size"] is None else settings["batch_size"]
    return {**settings, "batch_size": size}


def check_resumable(optimizer: str) -> None:
    """Check that a training with this optimiser can be saved in a checkpoint.

    Raises:
        InputError: it cannot.
    """
    if optimizer == LBFGS:
        raise InputError(
            "a checkpoint of optimizer='lbfgs': SciPy does not give access to what it remembers of earlier steps, so "
            "the training could not go on unchanged; leave the checkpoint out, or take another optimizer"
        )


def usual_values(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that settings have where none is given, for the optimiser, schedule and monitor in use.

    Args:
        settings: complete, or those that several networks share; a choice that is not among them has no own settings.
    """
    usual = {name: setting.default for name, setting in SETTINGS.items()}
    for kind, table in CHOICES_WITH_SETTINGS.items():
        usual |= table[settings[kind]].defaults if kind in settings else {}
    return usual


def setting_names(chosen: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the settings that ``complete_settings`` gives with this optimiser, schedule and monitor."""
    names = frozenset(SETTINGS) - {"epochs"}
    for kind, table in CHOICES_WITH_SETTINGS.items():
        own = table[check_settings(**{kind: chosen[kind]})[kind]].defaults
        names -= frozenset(OWN[kind]) - frozenset(own)
    return names


def numbers_for(settings: Mapping[str, Any], schedules: Iterable[str]) -> dict[str, float]:
    """Return all numbers that updates can use, by name, also those that this model does not have.

    The models of one population share a program. A model without the penalty, dropout, clipping or schedule of another
    model gets the number that has no effect.

    Args:
        settings: all settings of the model.
        schedules: those of the population.
    """
    neutral = {"learning_rate": 0.0, "l2": 0.0, "dropout": 0.0, "clip_norm": math.inf}
    neutral |= ALL_OPTIMIZERS[settings["optimizer"]].defaults
    for name in schedules:
        neutral |= SCHEDULES[name].defaults
    return {name: usual if settings.get(name) is None else settings[name] for name, usual in neutral.items()}
