"""The search space: for each hyperparameter a value, a list of values, or a range.

    depth = [0, 1, 2]                                  number of hidden layers
    width = { low = 4, high = 128, log = true }        units of the first hidden layer
    taper = [1.0, 0.5]                                 each further layer is this many times as wide
    layers = ["none", "64", "20,7,5"]                  all sizes written out, instead of these three
    learning_rate = { low = 1e-4, high = 1, log = true }

Other names are optimizer, batch_size, iterations, and any setting of ``train`` that members of a sweep may differ in.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from layerlab.datasets.files import check_file, read_file
from layerlab.errors import InputError
from layerlab.formulas import ACTIVATIONS
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS, LBFGS
from layerlab.settings import OWN, SETTINGS, Setting

ALL = "all"
"""The batch size that means all examples at once, as a word: a TOML file has no null."""

SHAPE = {
    "depth": Setting("depth", int, None, "Number of hidden layers", low=0, high=20),
    "width": Setting("width", int, None, "Units of the first hidden layer", low=1, high=100_000),
    "taper": Setting("taper", float, 1.0, "Width of each further layer as a share of the one before", above=0, high=4),
    "layers": Setting("layers", str, None, "Sizes of the hidden layers, such as 20,7,5, or none"),
    "hidden": Setting("hidden", str, "relu", "Activation of the hidden layers", choices=tuple(ACTIVATIONS)),
}
"""Dimensions that describe the network rather than its training."""

TRIED_SETTINGS = (
    "learning_rate",
    "optimizer",
    "initializer",
    "l2",
    "dropout",
    "clip_norm",
    "batch_size",
    "iterations",
    *OWN["optimizer"],
)
"""The settings of ``train`` that a search may try."""

SEARCHABLE = {**SHAPE, **{name: SETTINGS[name] for name in TRIED_SETTINGS}}


@dataclass(frozen=True)
class Range:
    """All numbers from ``low`` to ``high``; each is equally likely or, if ``log``, each power of ten is."""

    low: float
    high: float
    log: bool = False


Values = tuple[Any, ...]
"""Values of which one is taken; a single one is fixed."""


@dataclass(frozen=True)
class Space:
    """What may be tried.

    Attributes:
        dimensions: values or a range, by name; "learning_rate (adamw)" is the learning rate of one optimiser.
    """

    dimensions: Mapping[str, Values | Range]

    def plain(self) -> dict[str, Any]:
        """Return the space as lists and dicts, as a TOML or JSON file has it."""
        return {name: dict(vars(one)) if isinstance(one, Range) else list(one) for name, one in self.dimensions.items()}

    def __str__(self) -> str:
        return "\n".join(f"{name:24} {_dimension_text(one)}" for name, one in self.dimensions.items())


def space_from_json(record: Mapping[str, Any]) -> Space:
    """Rebuild the search space from search.json."""
    return Space({name: Range(**one) if isinstance(one, dict) else tuple(one) for name, one in record.items()})


class OptunaTrial(Protocol):
    """The methods of Optuna's trial that are used here: they choose a value for a dimension."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = ...) -> float: ...  # noqa: D102
    def suggest_int(self, name: str, low: int, high: int, *, log: bool = ...) -> int: ...  # noqa: D102
    def suggest_categorical(self, name: str, choices: Any) -> Any: ...  # noqa: D102


def usual_space(n_x: int, m: int, classes: bool) -> Space:
    """Return the space that is searched by default, for data of these sizes.

    With more features than examples it holds only optimisers that train in the span of the examples, whose cost does
    not grow with the features, and all examples at once. Otherwise it holds AdamW and Nesterov's method, with
    mini-batches where there are many examples.

    Args:
        n_x, m: features and training examples.
        classes: whether it is classification rather than regression.
    """
    wide = n_x > m
    low, high = (1e-4, 0.3) if wide else (1e-3, 1.0)
    widest = 64 if wide else 128
    dimensions: dict[str, Values | Range] = {
        "depth": (0, 1, 2, 3),
        "width": Range(4, widest, log=True),
        "taper": (1.0, 0.5),
        "hidden": ("relu", "tanh"),
        "initializer": ("lecun", "xavier", "he"),
        "optimizer": ("gd", "nesterov") if wide else ("nesterov", "adamw"),
        "learning_rate": Range(low, high if classes else high / 10, log=True),
        "l2": Range(1e-3, 30.0, log=True),
        "dropout": (0.0, 0.2, 0.5),
        "batch_size": (ALL,) if wide or m < 200 else (32, 128),
        "iterations": (2000,) if wide else (max(500, min(5000, 100 * m // 128)),),
    }
    if not wide:
        dimensions["learning_rate (adamw)"] = Range(1e-4, 3e-2, log=True)
        dimensions["weight_decay"] = Range(1e-3, 1.0, log=True)
    return Space(dimensions)


def with_changes(space: Space, changes: Mapping[str, Any]) -> Space:
    """Check what a user wants to try, and put it in the place of the usual dimensions.

    Args:
        space: the usual space.
        changes: by name a value, a list of values, or a table with low, high and log; "learning_rate" may be a table of
            such by optimiser. ``layers`` takes the place of depth, width and taper.

    Raises:
        InputError: an unknown name, or values that are out of range.
    """
    dimensions = dict(space.dimensions)
    for name, given in _by_optimizer(changes):
        base, _, optimizer = name.partition(" (")
        if base not in SEARCHABLE or (optimizer and base != "learning_rate"):
            raise InputError(f"{name!r} in the search space: wanted one of {', '.join(SEARCHABLE)}")
        dimensions[name] = _dimension(SEARCHABLE[base], given)
        if name == "learning_rate":
            for other in [other for other in dimensions if other.startswith("learning_rate (")]:
                if other not in dict(_by_optimizer(changes)):
                    del dimensions[other]
    if "layers" in changes and not {"depth", "width", "taper"}.isdisjoint(changes):
        raise InputError("layers in the search space together with depth, width or taper: wanted one of the two ways")
    for name in ("depth", "width", "taper") if "layers" in changes else ("layers",):
        dimensions.pop(name, None)
    optimizers = dimensions["optimizer"]
    if "weight_decay" not in changes and not _some_take(optimizers, "weight_decay"):
        dimensions.pop("weight_decay", None)
    dimensions = {
        name: one
        for name, one in dimensions.items()
        if not name.startswith("learning_rate (") or name[15:-1] in _values(optimizers)
    }
    return Space(dimensions)


MOST_SPACE_BYTES = 1_000_000
"""Bytes of the largest TOML file that is read as a space."""


def read_space(path: str | Path) -> dict[str, Any]:
    """Read the changes to the space from a TOML file.

    Raises:
        InputError: it cannot be read, or is no TOML.
    """
    data = read_file(check_file(path), MOST_SPACE_BYTES)
    try:
        return tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
        raise InputError(
            f"{path}: is no TOML ({error}); wanted lines such as learning_rate = {{ low = 1e-4, high = 1, log = true }}"
        ) from error


def propose_values(space: Space, trial: OptunaTrial) -> dict[str, Any]:
    """Have a trial choose values, by dimension; it is asked only for those that mean something together.

    The order of the questions matters: Optuna's sampler draws its random numbers in it.
    """
    asked: dict[str, Any] = {}

    def ask(name: str) -> Any:
        if name in space.dimensions:
            asked[name] = _suggested(name, space.dimensions[name], trial)
        return asked.get(name)

    if "layers" in space.dimensions:
        hidden = ask("layers") != "none"
    else:
        depth = ask("depth")
        hidden = depth > 0
        if hidden:
            ask("width")
        if depth > 1:
            ask("taper")
    optimizer = ask("optimizer")
    ask(f"learning_rate ({optimizer})" if f"learning_rate ({optimizer})" in space.dimensions else "learning_rate")
    for name in space.dimensions:
        base = name.partition(" (")[0]
        if base in (*SHAPE, "optimizer", "learning_rate") and base != "hidden":
            continue
        if (base in ("hidden", "dropout") and not hidden) or _is_of_another(base, optimizer):
            continue
        ask(name)
    return asked


def _is_of_another(name: str, optimizer: str) -> bool:
    """Return whether a setting belongs to another optimiser."""
    return name in OWN["optimizer"] and name not in ALL_OPTIMIZERS[optimizer].defaults


def _suggested(name: str, dimension: Values | Range, trial: OptunaTrial) -> Any:
    if isinstance(dimension, Range):
        if SEARCHABLE[name.partition(" (")[0]].kind is int:
            return trial.suggest_int(name, int(dimension.low), int(dimension.high), log=dimension.log)
        return trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
    return dimension[0] if len(dimension) == 1 else trial.suggest_categorical(name, dimension)


def _by_optimizer(changes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the changes, the learning rate of each optimiser under a name of its own."""
    if not isinstance(changes, Mapping):
        raise InputError(f"the search space is {type(changes).__name__}: wanted a table of hyperparameters by name")
    flat: list[tuple[str, Any]] = []
    optimizers = SETTINGS["optimizer"].choices
    for name, given in changes.items():
        if name == "learning_rate" and isinstance(given, Mapping) and set(given) & set(optimizers):
            flat += [(f"learning_rate ({optimizer})", one) for optimizer, one in given.items()]
        else:
            flat.append((name, given))
    return flat


def _dimension(setting: Setting, given: Any) -> Values | Range:
    """Check the values or the range of one hyperparameter.

    Raises:
        InputError: they are not right.
    """
    name = setting.name
    if isinstance(given, Mapping):
        return _range(setting, given)
    values = tuple(given) if isinstance(given, list | tuple) else (given,)
    if not values:
        raise InputError(f"{name} in the search space: is an empty list; wanted at least one value")
    checked = tuple(_value(setting, value) for value in values)
    twice = [value for i, value in enumerate(checked) if value in checked[:i]]
    if twice:
        raise InputError(f"{name} in the search space: {twice[0]!r} is given twice; name each value once")
    return checked


def _range(setting: Setting, given: Mapping[str, Any]) -> Range:
    name = setting.name
    if setting.kind is str:
        raise InputError(f"{name}={dict(given)!r} in the search space: wanted a value or a list of values, no range")
    if not {"low", "high"} <= set(given) <= {"low", "high", "log"} or not isinstance(given.get("log", False), bool):
        raise InputError(
            f"{name}={dict(given)!r} in the search space: wanted low and high, and log = true for an even spread of "
            f"the logarithm"
        )
    low, high, log = _number(setting, given["low"]), _number(setting, given["high"]), given.get("log", False)
    if low > high or (log and low <= 0):
        wanted = "low above 0, for its logarithm is taken" if low <= high else "low at most high"
        raise InputError(f"{name} in the search space, from {low:g} to {high:g}: wanted {wanted}")
    return Range(low, high, log)


def _number(setting: Setting, value: Any) -> float:
    return float(setting.check(value))


def _value(setting: Setting, value: Any) -> Any:
    if setting.name == "batch_size" and value in (ALL, None):
        return ALL
    if setting.name == "layers":
        return _layers(value)
    if setting.name == "optimizer" and value == LBFGS:
        raise InputError(
            "optimizer='lbfgs' in the search space: its line search cannot share a program with others; name others, "
            "which take a learning rate"
        )
    checked = setting.check(value)
    return checked if not isinstance(checked, float) or math.isfinite(checked) else None


def _layers(value: Any) -> str:
    words = str(value).replace(" ", "")
    if words == "none":
        return words
    sizes = words.split(",")
    if not all(size.isdigit() and int(size) > 0 for size in sizes):
        raise InputError(f"layers={value!r} in the search space: wanted sizes such as '20,7,5', or 'none'")
    return words


def _values(dimension: Values | Range) -> Values:
    return () if isinstance(dimension, Range) else dimension


def _some_take(optimizers: Values | Range, name: str) -> bool:
    """Return whether some of the optimisers has a setting."""
    return any(name in ALL_OPTIMIZERS[optimizer].defaults for optimizer in _values(optimizers))


def _dimension_text(dimension: Values | Range) -> str:
    if isinstance(dimension, Range):
        return f"{dimension.low:g} … {dimension.high:g}{', logarithmic' if dimension.log else ''}"
    return ", ".join(map(str, dimension))
