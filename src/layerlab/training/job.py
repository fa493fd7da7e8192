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
from layerlab.datasets.part import class_numbers
from layerlab.datasets.streaming.stream import Layout, Stream
from layerlab.errors import InputError
from layerlab.formulas import SCHEDULES, Parameters, initialize_parameters
from layerlab.network import Network
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS
from layerlab.runs.settings_rules import batches_an_epoch, given_settings

from .updates import Program


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
        description: what the runs keep of the dataset, as arguments of ``Run``; empty for arrays without a dataset.
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
    description: Mapping[str, Any] = field(default_factory=dict, repr=False)
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
        usual |= ALL_OPTIMIZERS[self.common["optimizer"]].defaults
        for name in self.schedules:
            usual |= SCHEDULES[name].defaults
        dtype = self.common["dtype"]
        own = [{**usual, **given_settings(member.settings)} for member in self.members]
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
