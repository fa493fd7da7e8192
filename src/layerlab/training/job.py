"""What is to be trained, checked and complete: one model, or several as one population on the same data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part, Standardization
from layerlab.datasets.dataset import class_numbers
from layerlab.datasets.streaming.stream import Layout, Stream
from layerlab.errors import InputError
from layerlab.formulas import SCHEDULES, Parameters, initialize_parameters
from layerlab.network import Network
from layerlab.runs.methods import LBFGS, METHODS
from layerlab.settings import NUMBERS, OWN, SETTINGS, check_settings

from .batches import batches_an_epoch
from .stopping import MONITORS
from .updates import Program

TABLES: dict[str, Mapping[Any, Any]] = {"optimizer": METHODS, "schedule": SCHEDULES, "monitor": MONITORS}
"""The choices that have settings of their own."""


def _balanced(own: NDArray[Any], classes: NDArray[np.intp], rows: int) -> NDArray[Any]:
    """Weights (m,) of which every class that has some gets the same sum."""
    total = np.bincount(classes, weights=own, minlength=max(2, rows))
    each = own.sum() / (len(total) * np.where(total > 0, total, 1.0))
    weights: NDArray[Any] = (own * each[classes]).astype(own.dtype)
    return weights


class Origin(NamedTuple):
    """What initial parameters depend on: sizes, initialiser, seed and type."""

    network: Network
    initializer: str
    seed: int
    dtype: str


def _draw(network: Network, initializer: str, seed: int, dtype: str) -> Parameters:
    try:
        drawn = initialize_parameters(network.layer_dims, initializer, seed)
    except (MemoryError, OverflowError, ValueError) as error:
        raise InputError(f"{network.n_parameters} parameters do not fit into memory: choose smaller layers") from error
    return {name: value.astype(dtype, copy=False) for name, value in drawn.items()}


@dataclass(frozen=True)
class Member:
    """One model of a population, or the only one.

    Attributes:
        network: its own sizes, output named.
        settings: its hyperparameters by name, all of them.
        number: its place in the population.
    """

    network: Network
    settings: Mapping[str, Any]
    number: int = 0

    @property
    def origin(self) -> Origin:
        """All that its initial parameters depend on."""
        return Origin(self.network, *(self.settings[name] for name in ("initializer", "seed", "dtype")))


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
    check_rate(settings)
    size = settings["batch_size"]
    if size is not None and size > m:
        raise InputError(
            f"batch_size={size}: wanted at most the {m} training examples; leave it out to take all at once"
        )
    for kind, table in TABLES.items():
        settings |= _own_settings(kind, table, settings)
    _check_rounded(settings)
    if iterations is None:
        iterations = check_settings(epochs=epochs)["epochs"] * batches_an_epoch(m, size or m)
    settings |= check_settings(iterations=iterations)
    _check_warmup(settings, settings["iterations"] / batches_an_epoch(m, size or m))
    return settings


NOT_FOR_LBFGS = ("batch_size", "dropout", "clip_norm", "schedule")
"""Settings that would take the objective, the gradient or the length of a step out of a line search's hands."""


def check_rate(settings: Mapping[str, Any]) -> None:
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


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def settings_of(chosen: Mapping[str, Any]) -> frozenset[str]:
    """Names of the settings that ``complete_settings`` gives a model of this optimiser and schedule."""
    names = frozenset(SETTINGS) - {"epochs"}
    for kind, table in TABLES.items():
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


@dataclass(frozen=True)
class Job:
    """Models that are trained together: the same data, depth, activations, optimiser and batches.

    Attributes:
        members: the models; they may differ in ``NUMBERS``, schedule, seed, initialiser and hidden widths.
        part, validation: checked arrays of the jobs' dtype; on a stream the part is a sample of it.
        alone: one model, computed without an axis of models.
        given: initial parameters of each member instead of drawn ones.
        sample_weight, validation_weight: (m,) of each part's examples, checked, or None for all alike; of the training
            examples (K, m) where each member has its own.
        metrics: names in ``METRICS`` that are taken on each part, for one that is alone.
        every: epochs from one time that they are taken, or that somebody is told, to the next; 0 for never.
        factors: of parameters, by name, that the optimiser moves in other coordinates: see ``parametrization``.
        scaled: whether each feature has a scale of its own, 1 at the start.
        scaling: of the parts' values, which are on the scale that is learned; None where they are as they came.
        stream: where the training examples come from that do not all lie in memory, or None.
        at_least: sizes to which the hidden layers are padded at least, so that populations of other members have the
            same program; empty for no more than the widest member's.
        drawn: the last draw, kept because the next member may well start from the same.
        tables: products of examples, made once for all slices.
    """

    members: tuple[Member, ...]
    part: Part
    validation: Part | None = None
    alone: bool = True
    given: tuple[Parameters, ...] | None = None
    sample_weight: NDArray[Any] | None = None
    validation_weight: NDArray[Any] | None = None
    metrics: tuple[str, ...] = ()
    every: int = 0
    factors: Mapping[str, float] = field(default_factory=dict)
    scaled: bool = False
    scaling: Standardization | None = None
    stream: Stream | None = None
    at_least: tuple[int, ...] = ()
    drawn: dict[Any, Parameters] = field(default_factory=dict, repr=False, compare=False)
    tables: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)

    def start(self, member: Member) -> Parameters:
        """A member's initial ``W1 b1 … WL bL`` at its own sizes, in its dtype: not to be changed.

        Raises:
            InputError: there are more parameters than memory holds.
        """
        if self.given is not None:
            return self.given[member.number]
        if member.origin not in self.drawn:
            self.drawn.clear()
            self.drawn[member.origin] = _draw(*member.origin)
        return self.drawn[member.origin]

    def table(self, name: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """A table of products by its name, made when it is first asked for."""
        if name not in self.tables:
            self.tables[name] = make()
        return self.tables[name]

    @cached_property
    def targets(self) -> NDArray[Any]:
        """(n_y, m): the training labels, smoothed."""
        return self.smoothed(self.part.Y)

    def smoothed(self, Y: NDArray[Any]) -> NDArray[Any]:
        """Labels in columns or rows, a share ε of each dealt out evenly over the classes."""
        share = self.common["label_smoothing"]
        classes = max(2, self.part.Y.shape[0]) if self.network.output == "softmax" else 2
        return Y if share == 0 else ((1 - share) * Y + share / classes).astype(Y.dtype)

    @cached_property
    def weights(self) -> NDArray[Any] | None:
        """(m,) or (K, m) of each training example, or None for all alike: its own, times that of its class."""
        if self.common["class_weight"] is None:
            return self.sample_weight
        own = np.ones(self.m, self.part.Y.dtype) if self.sample_weight is None else self.sample_weight
        classes = class_numbers(self.part.Y)
        if self.each_weighs:
            return np.stack([_balanced(np.asarray(row), classes, self.part.Y.shape[0]) for row in own])
        return _balanced(own, classes, self.part.Y.shape[0])

    @property
    def each_weighs(self) -> bool:
        """Whether each member has weights of its own."""
        return self.sample_weight is not None and self.sample_weight.ndim == 2

    @property
    def common(self) -> Mapping[str, Any]:
        """The settings, of which all but a member's own are the same for all."""
        return self.members[0].settings

    @cached_property
    def network(self) -> Network:
        """The members' network, every hidden layer as wide as the widest member's."""
        first = self.members[0].network
        sizes = [member.network.layer_dims for member in self.members]
        if self.at_least:
            sizes.append((first.layer_dims[0], *self.at_least, first.layer_dims[-1]))
        widest = tuple(max(some) for some in zip(*sizes, strict=True))
        return Network(widest, first.hidden, first.output)

    @property
    def padded(self) -> bool:
        """Whether some member is narrower than the network."""
        return any(member.network.layer_dims != self.network.layer_dims for member in self.members)

    @property
    def sparse(self) -> bool:
        """Whether the inputs are one of SciPy's sparse arrays."""
        return not isinstance(self.part.X, np.ndarray)

    @property
    def m(self) -> int:
        """Number of training examples."""
        return int(self.part.X.shape[1]) if self.stream is None else self.stream.rows

    @cached_property
    def layout(self) -> Layout:
        """How an epoch of the stream is cut into buffers.

        Raises:
            InputError: a batch does not fit into a buffer.
        """
        assert self.stream is not None  # noqa: S101
        return self.stream.layout(self.batch_size, np.dtype(self.common["dtype"]).itemsize)

    @property
    def batch_size(self) -> int:
        """Examples an update takes, if not all; else 0."""
        size = self.common["batch_size"]
        if self.stream is not None:
            return int(size)
        return 0 if size is None or size == self.m else int(size)

    @property
    def epoch(self) -> int:
        """Updates that take every example once."""
        return batches_an_epoch(self.m, self.batch_size or self.m)

    def program(self, span: bool) -> Program:
        """What an update does."""
        return Program(
            hidden=self.network.activations,
            output=str(self.network.output),
            optimizer=self.common["optimizer"],
            span=span,
            batch_size=self.batch_size,
            ragged=bool(self.batch_size) and self.m % self.batch_size != 0,
            weighted=self.weights is not None,
            penalized=any(member.settings["l2"] for member in self.members),
            clipped=any(member.settings["clip_norm"] is not None for member in self.members),
            dropped=any(member.settings["dropout"] for member in self.members) and bool(self.network.activations),
            schedules=self.schedules,
            epoch=self.epoch if self._counts_epochs else 0,
            monitor=self.common["monitor"],
            sparse=self.sparse,
            scaled=self.scaled,
        )

    @property
    def _counts_epochs(self) -> bool:
        validated = bool(self.batch_size) and self.validation is not None
        return self.schedules != ("constant",) or self.common["monitor"] is not None or validated

    @property
    def schedules(self) -> tuple[str, ...]:
        """Those of the members, each once."""
        return tuple(dict.fromkeys(member.settings["schedule"] for member in self.members))

    def rates(self) -> dict[str, NDArray[Any]]:
        """Each hyperparameter of the update: 0-d for one alone, else (K, 1, 1)."""
        usual = {"learning_rate": 0.0, "l2": 0.0, "dropout": 0.0, "clip_norm": math.inf}
        usual |= METHODS[self.common["optimizer"]].defaults
        for name in self.schedules:
            usual |= SCHEDULES[name].defaults
        dtype = self.common["dtype"]
        own = [{**usual, **_given(member.settings)} for member in self.members]
        numbers = {name: np.array([one[name] for one in own], dtype) for name in usual}
        if len(self.schedules) > 1:
            numbers["schedule"] = np.array([self.schedules.index(one["schedule"]) for one in own], dtype)
        return {name: values[0] if self.alone else values.reshape(-1, 1, 1) for name, values in numbers.items()}

    def units(self) -> tuple[NDArray[np.bool_], ...] | None:
        """For each hidden layer (K, n, 1): which rows are a member's own units; None if all are."""
        if not self.padded:
            return None
        return tuple(
            np.stack([np.arange(widest)[:, None] < member.network.layer_dims[layer] for member in self.members])
            for layer, widest in enumerate(self.network.layer_dims[1:-1], start=1)
        )

    def slice(self, start: int, stop: int) -> Job:
        """Some of the members."""
        own = self.sample_weight
        if own is not None and self.each_weighs:
            own = own[start:stop]
        return replace(self, members=self.members[start:stop], sample_weight=own)
