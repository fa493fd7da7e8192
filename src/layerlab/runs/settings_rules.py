"""Which hyperparameters fit together: defaults completed, contradictions refused."""

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
"""Settings that would take the objective, the gradient or the length of a step out of a line search's hands."""
PATIENCE = {"patience": 10, "min_delta": 0.0}


def batches_an_epoch(m: int, batch_size: int) -> int:
    """Number of batches that take m examples once."""
    return -(-m // batch_size)


def complete_settings(m: int, **values: Any) -> dict[str, Any]:
    """Checked settings of one model, the optimiser's own completed and those of other optimisers left out.

    Args:
        m: number of training examples.
        values: every hyperparameter by name; of iterations and epochs one is None.

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
    """A learning rate where one is needed; with a line search neither one nor anything that disturbs it.

    Raises:
        InputError: it is not so.
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
    """Raises InputError where the rate would still be rising at the end."""
    if (warmup := settings.get("warmup", 0.0)) >= epochs:
        raise InputError(
            f"warmup={warmup!r}: the training has {epochs:g} epoch{'' if epochs == 1 else 's'}, in which the learning "
            f"rate would do nothing but rise; wanted fewer epochs of warm-up than of training"
        )


def _own_settings(kind: str, table: Mapping[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """What belongs to the optimiser or schedule of the settings; what belongs to others is taken out of them."""
    own = table[settings[kind]].defaults
    for name in OWN[kind]:
        if name not in own and (value := settings.pop(name)) is not None:
            takers = ", ".join(repr(other) for other, row in table.items() if name in row.defaults)
            raise InputError(
                f"{name}={value!r} has no meaning for {kind}={settings[kind]!r}: wanted {takers}, or leave it out"
            )
    return {name: usual if settings[name] is None else settings[name] for name, usual in own.items()}


def check_meaning(network: Network, settings: Mapping[str, Any], validated: bool) -> None:
    """Settings that speak of classes, hidden layers or a validation part belong to trainings that have some.

    Raises:
        InputError: one does not.
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
    """Names of the settings that ``complete_settings`` gives a model of this optimiser and schedule."""
    names = frozenset(SETTINGS) - {"epochs"}
    for kind, table in CHOICES_WITH_SETTINGS.items():
        own = table[check_settings(**{kind: chosen[kind]})[kind]].defaults
        names -= frozenset(OWN[kind]) - frozenset(own)
    return names


def _check_rounded(settings: Mapping[str, Any]) -> None:
    """Rates that stay in their range in the type that they are computed in.

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
    """A figure that may end a training: settings of its own with their usual values."""

    defaults: dict[str, Any]


MONITORS: dict[str | None, Monitor] = {
    None: Monitor({}),
    **{name: Monitor(PATIENCE) for name in ("cost", "validation_cost", "validation_accuracy")},
}
"""What may be monitored, by name; None for nothing."""


CHOICES_WITH_SETTINGS: dict[str, Mapping[Any, Any]] = {
    "optimizer": ALL_OPTIMIZERS,
    "schedule": SCHEDULES,
    "monitor": MONITORS,
}
"""The choices that have settings of their own."""
