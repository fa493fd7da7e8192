"""Which settings fit together: defaults are filled in, contradictions refused. Each alone is in ``settings.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import SCHEDULES
from layerlab.network import Network
from layerlab.settings import NUMBERS, OWN, SETTINGS, check_settings

from .all_optimizers import ALL_OPTIMIZERS, LBFGS

NOT_FOR_LBFGS = ("batch_size", "dropout", "clip_norm", "schedule")
"""Settings that would change the objective, the gradient or the step length behind the back of its line search."""

PATIENCE_DEFAULTS = {"patience": 10, "min_delta": 0.0}


def batches_an_epoch(m: int, batch_size: int) -> int:
    """Return the number of batches in which m examples are taken once."""
    return -(-m // batch_size)


def complete_settings(m: int, **values: Any) -> dict[str, Any]:
    """Check the settings of one model, fill in its optimiser's and schedule's own, and leave out those of others.

    Args:
        m: number of training examples.
        values: every setting by name; iterations or epochs is None.

    Raises:
        InputError: a value is out of its range, or belongs to another optimiser.
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
    settings |= check_settings(iterations=iterations)
    _check_warmup(settings, settings["iterations"] / batches_an_epoch(m, size or m))
    return settings


def check_learning_rate(settings: Mapping[str, Any]) -> None:
    """Check that there is a learning rate where one is needed, and for L-BFGS none, nor what disturbs its line search.

    Raises:
        InputError: that is not so.
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
    """Raise InputError where the learning rate would still be rising at the end of the training."""
    if (warmup := settings.get("warmup", 0.0)) >= epochs:
        raise InputError(
            f"warmup={warmup!r}: the training has {epochs:g} epoch{'' if epochs == 1 else 's'}, in which the learning "
            f"rate would do nothing but rise; wanted fewer epochs of warm-up than of training"
        )


def _own_settings(kind: str, table: Mapping[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that belong to the chosen optimiser, schedule or monitor; remove those of others.

    Args:
        kind: "optimizer", "schedule" or "monitor".
        table: all of this kind by name, with their ``defaults``.
        settings: is changed.

    Raises:
        InputError: a setting was given that belongs to others only.
    """
    own = table[settings[kind]].defaults
    for name in OWN[kind]:
        if name not in own and (value := settings.pop(name)) is not None:
            takers = ", ".join(repr(other) for other, row in table.items() if name in row.defaults)
            raise InputError(
                f"{name}={value!r} has no meaning for {kind}={settings[kind]!r}: wanted {takers}, or leave it out"
            )
    return {name: usual if settings[name] is None else settings[name] for name, usual in own.items()}


def check_meaning(network: Network, settings: Mapping[str, Any], validated: bool) -> None:
    """Check that settings about classes, hidden layers or a validation set have what they are about.

    Args:
        network: with its output named.
        settings: complete.
        validated: whether there is a validation set.

    Raises:
        InputError: one of them does not.
    """
    several_labels = network.has_several_labels
    if settings["class_weight"] is not None and (several_labels or not network.classifies):
        has = "several labels an example" if several_labels else "values"
        raise InputError(
            f"class_weight={settings['class_weight']!r}: wanted one class an example, and the network learns {has}; "
            f"leave it out, or weigh the examples with sample_weight"
        )
    if settings["dropout"] and not network.activations:
        raise InputError(
            f"dropout={settings['dropout']!r}: wanted hidden layers, whose values it leaves out, and the network has "
            f"none; leave dropout out, or give the network a hidden layer"
        )
    monitor = settings["monitor"] or ""
    if monitor.startswith("validation") and not validated:
        raise InputError(
            f"monitor={monitor!r} needs a validation part: give validation=… (--validation 0.2), or take monitor='cost'"
        )
    if monitor == "validation_accuracy" and not network.classifies:
        raise InputError(f"monitor={monitor!r}: wanted classes, and the network learns values; take 'validation_cost'")
    if settings["label_smoothing"] and not network.classifies:
        raise InputError(
            f"label_smoothing={settings['label_smoothing']!r}: wanted classes, and the network learns values; "
            f"leave it out"
        )


def given_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that have a value."""
    return {name: value for name, value in settings.items() if value is not None}


def setting_names(chosen: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the settings that a model has, which depend on its optimiser, schedule and monitor."""
    names = frozenset(SETTINGS) - {"epochs"}
    for kind, table in CHOICES_WITH_SETTINGS.items():
        own = table[check_settings(**{kind: chosen[kind]})[kind]].defaults
        names -= frozenset(OWN[kind]) - frozenset(own)
    return names


def _check_rounded(settings: Mapping[str, Any]) -> None:
    """Check that numbers stay in their range when they are rounded to the type that they are computed in.

    Raises:
        InputError: one does not.
    """
    dtype = settings["dtype"]
    for name in NUMBERS:
        value = settings.get(name)
        if value is None or dtype == "float64":
            continue
        with np.errstate(all="ignore"):
            rounded = float(np.float32(value))
        try:
            check_settings(**{name: rounded})
        except InputError as error:
            raise InputError(f"{name}={value!r} is {rounded} in {dtype}: {error}; or take dtype='float64'") from error


class Monitor(NamedTuple):
    """A number that may end a training early; ``defaults`` are its own settings with their default values."""

    defaults: dict[str, Any]


MONITORS: dict[str | None, Monitor] = {
    None: Monitor({}),
    **{name: Monitor(PATIENCE_DEFAULTS) for name in ("cost", "validation_cost", "validation_accuracy")},
}
"""What the setting ``monitor`` may be; None for nothing."""

CHOICES_WITH_SETTINGS: dict[str, Mapping[Any, Any]] = {
    "optimizer": ALL_OPTIMIZERS,
    "schedule": SCHEDULES,
    "monitor": MONITORS,
}
"""The settings that choose something with settings of its own, and what they choose among."""
