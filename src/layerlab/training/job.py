"""The job: what is to be trained, checked and complete: one model, or a population of models on the same data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part, Standardization
from layerlab.datasets.part import class_numbers
from layerlab.datasets.streaming.stream import Layout, Stream
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.settings_rules import batches_an_epoch, numbers_for

from .basis import lost_differences, products
from .folds import Folds
from .stages import stage
from .updates import Program


class Origin(NamedTuple):
    """All that random initial parameters depend on: sizes, initialiser, seed and type."""

    network: Network
    initializer: str
    seed: int
    dtype: str


class InitialParameters:
    """Makes initial parameters, and keeps the last ones.

    Neighbouring members often start from the same parameters, and leaving the span needs W_0 again. Keeping the
    parameters of every member would take as much memory as the population.
    """

    def __init__(self) -> None:
        self._origin: Origin | None = None
        self._drawn: Parameters = {}

    def drawn(self, origin: Origin) -> Parameters:
        """``W1 b1 … WL bL`` of an origin, in its dtype; they must not be changed.

        Raises:
            InputError: there are more parameters than memory holds.
        """
        if origin != self._origin:
            self._origin, self._drawn = None, {}  # freed before the next are made
            self._drawn, self._origin = _draw(origin), origin
        return self._drawn


def _draw(origin: Origin) -> Parameters:
    network = origin.network
    try:
        with stage("draw"):
            drawn = network.initial_parameters(origin.initializer, origin.seed)
            return {name: value.astype(origin.dtype, copy=False) for name, value in drawn.items()}
    except (MemoryError, OverflowError, ValueError) as error:
        raise InputError(f"{network.n_parameters} parameters do not fit into memory: choose smaller layers") from error


@dataclass(frozen=True)
class Member:
    """One model of a population, or the only one.

    Attributes:
        network: its own sizes, with the output named.
        settings: its hyperparameters by name, complete.
        number: its place in the population.
    """

    network: Network
    settings: Mapping[str, Any]
    number: int = 0

    @property
    def origin(self) -> Origin:
        """All that the member's initial parameters depend on."""
        return Origin(self.network, *(self.settings[name] for name in ("initializer", "seed", "dtype")))


@dataclass(frozen=True)
class Job:
    """Models that are trained together: they share data, depth, activations, optimiser and batches.

    Attributes:
        members: the models; they may differ in ``NUMBERS``, schedule, seed, initialiser and hidden widths.
        part, validation: the training set and the validation set as checked arrays of the settings' dtype, with
            examples in columns. For a stream, ``part`` is a sample of the training set.
        alone: whether there is one model only, computed without an axis of models.
        given: initial parameters of each member instead of random ones.
        sample_weight, validation_weight: (m,) weights of the examples of the two sets, checked; None if all weigh the
            same. If each member has its own, those of the training examples are (K, m).
        metrics: names in ``METRICS`` of the metrics that are measured on each set, for a single model.
        every: how many epochs lie between two measurements of metrics or calls of the callback; 0 for never.
        factors: for parameters that the optimiser moves in other coordinates, their factors by name: see
            ``parametrization``.
        scaled: whether each feature has a scale of its own, 1 at the start.
        scaling: how the target values were scaled for learning; None where they are not scaled.
        description: facts about the dataset that the runs keep, as arguments of ``Run``; empty for arrays.
        stream: the source of training examples that do not all fit into memory, or None.
        at_least: smallest sizes to which the hidden layers are padded, so that several populations can share a
            program; empty to pad to the widest member only.
        folds: which fold each member leaves out, where it keeps the epoch that the other folds choose. Then the
            validation set holds each member's own fold, X (K, n_x, m'), Y (K, n_y, m') and weights (K, m').
        whole: the job of which this is a slice, or None. What both need is computed there, once.
        like: another job, or None. If it has the same training examples, their tables are computed there, once.
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
    description: Mapping[str, Any] = field(default_factory=dict, repr=False)
    stream: Stream | None = None
    at_least: tuple[int, ...] = ()
    folds: Folds | None = None
    whole: Job | None = field(default=None, repr=False, compare=False)
    like: Job | None = field(default=None, repr=False, compare=False)

    def start(self, member: Member) -> Parameters:
        """Return a member's initial ``W1 b1 … WL bL`` at its own sizes, in its dtype; they must not be changed.

        Raises:
            InputError: there are more parameters than memory holds.
        """
        return self.initial_parameters.drawn(member.origin) if self.given is None else self.given[member.number]

    @cached_property
    def initial_parameters(self) -> InitialParameters:
        """Makes the initial parameters of this job and its slices."""
        return InitialParameters() if self.whole is None else self.whole.initial_parameters

    @property
    def _with_tables(self) -> Job | None:
        """The job that computes what depends on the training examples alone; None where this one does."""
        return self.like if self.whole is None and self.like is not None and self.like.part is self.part else self.whole

    @cached_property
    def gram(self) -> Floats:
        """(m, m) products of the training examples with each other, Xᵀ X, for the span."""
        if self._with_tables is not None:
            return self._with_tables.gram
        return products(self.part.X, self.part.X).astype(self.common["dtype"])

    @cached_property
    def validation_gram(self) -> Floats:
        """(m, m') products of the training examples with the validation examples, for the span."""
        if self.whole is not None:
            return self.whole.validation_gram
        assert self.validation is not None  # noqa: S101
        return products(self.part.X, self.validation.X).astype(self.common["dtype"])

    @cached_property
    def lost_differences(self) -> str:
        """Why the span would lose differences between the training examples; "" where it does not."""
        return lost_differences(self.part.X) if self._with_tables is None else self._with_tables.lost_differences

    @cached_property
    def targets(self) -> NDArray[Any]:
        """(n_y, m) training labels, smoothed: what the network learns."""
        return self.smoothed(self.part.Y)

    def smoothed(self, Y: NDArray[Any]) -> NDArray[Any]:
        """Spread a share ε of the labels (in rows or columns) evenly over the classes: (1 − ε) y + ε / K."""
        share = self.common["label_smoothing"]
        classes = max(2, self.part.Y.shape[0]) if self.network.output == "softmax" else 2
        return Y if share == 0 else ((1 - share) * Y + share / classes).astype(Y.dtype)

    @cached_property
    def weights(self) -> NDArray[Any] | None:
        """(m,) or (K, m) weights of the training examples (own weight × class weight); None if all weigh the same."""
        if self.common["class_weight"] is None:
            return self.sample_weight
        own = np.ones(self.m, self.part.Y.dtype) if self.sample_weight is None else self.sample_weight
        classes = class_numbers(self.part.Y)
        if self.each_weighs:
            return np.stack([balanced_weights(np.asarray(row), classes, self.part.Y.shape[0]) for row in own])
        return balanced_weights(own, classes, self.part.Y.shape[0])

    @property
    def each_weighs(self) -> bool:
        """Whether each member has weights of its own."""
        return self.sample_weight is not None and self.sample_weight.ndim == 2

    @property
    def common(self) -> Mapping[str, Any]:
        """The first member's settings, to read those that all members share: dtype, optimizer, iterations and so on."""
        return self.members[0].settings

    @cached_property
    def network(self) -> Network:
        """The network that is computed: every hidden layer as wide as the widest member's."""
        first = self.members[0].network
        sizes = [member.network.layer_dims for member in self.members]
        if self.at_least:
            sizes.append((first.layer_dims[0], *self.at_least, first.layer_dims[-1]))
        widest = tuple(max(some) for some in zip(*sizes, strict=True))
        return replace(first, layer_dims=widest)

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
        """Examples per update; 0 for all."""
        size = self.common["batch_size"]
        if self.stream is not None:
            return int(size)
        return 0 if size is None or size == self.m else int(size)

    @property
    def epoch(self) -> int:
        """Number of updates in which every example is used once."""
        return batches_an_epoch(self.m, self.batch_size or self.m)

    def program(self, span: bool) -> Program:
        """Return what an update computes, in the span or at full width."""
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
            embedding=self.network.embedding,
        )

    @property
    def _counts_epochs(self) -> bool:
        """Whether something happens at the end of an epoch, so that the program has to know when that is."""
        validated = bool(self.batch_size) and self.validation is not None
        return self.schedules != ("constant",) or self.common["monitor"] is not None or validated

    @property
    def schedules(self) -> tuple[str, ...]:
        """The members' learning-rate schedules, each once."""
        return tuple(dict.fromkeys(member.settings["schedule"] for member in self.members))

    def rates(self) -> dict[str, NDArray[Any]]:
        """Return each hyperparameter of the update: () for a single model, else (K, 1, 1)."""
        dtype, schedules = self.common["dtype"], self.schedules
        own = [numbers_for(member.settings, schedules) for member in self.members]
        numbers = {name: np.array([one[name] for one in own], dtype) for name in own[0]}
        if len(schedules) > 1:
            chosen = [schedules.index(member.settings["schedule"]) for member in self.members]
            numbers["schedule"] = np.array(chosen, dtype)
        return {name: values[0] if self.alone else values.reshape(-1, 1, 1) for name, values in numbers.items()}

    def units(self) -> tuple[NDArray[np.bool_], ...] | None:
        """For each hidden layer (K, n, 1): which rows are a member's own units and not padding; None if all are."""
        if not self.padded:
            return None
        return tuple(
            np.stack([np.arange(widest)[:, None] < member.network.layer_dims[layer] for member in self.members])
            for layer, widest in enumerate(self.network.layer_dims[1:-1], start=1)
        )

    def slice(self, start: int, stop: int) -> Job:
        """Return the job of some of the members; it shares the initial parameters and tables of this one."""
        own = self.sample_weight
        if own is not None and self.each_weighs:
            own = own[start:stop]
        whole = self if self.whole is None else self.whole
        return replace(self, members=self.members[start:stop], sample_weight=own, whole=whole)


def balanced_weights(own: NDArray[Any], classes: NDArray[np.intp], rows: int) -> NDArray[Any]:
    """Scale the weights (m,) so that every class with examples has the same sum; the sum of all weights stays.

    Args:
        own: (m,) weights of the examples.
        classes: (m,) class numbers of the examples.
        rows: number of rows of the labels; one row for two classes.
    """
    total = np.bincount(classes, weights=own, minlength=max(2, rows))
    each = own.sum() / (len(total) * np.where(total > 0, total, 1.0))
    weights: NDArray[Any] = (own * each[classes]).astype(own.dtype)
    return weights
