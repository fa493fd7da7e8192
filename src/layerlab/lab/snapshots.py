"""What a frame holds, by lens and kind of data, and the numbers of one unit, weight and example."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property, partial
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.formulas import LayerCache, Span, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.machine import one_thread
from layerlab.training.dissection.anatomy import Anatomy
from layerlab.training.stepper.stepper import Stepper
from layerlab.training.stepper.stepping import Present

from .curves import Curve
from .framing import framed
from .inside import inside_message
from .maps import averaged, example_picture, grids_of, unit_maps, weight_pictures
from .pacing import Pacing

Arrays = dict[str, NDArray[Any]]

LARGEST_LAYER = 8192
"""The weights of a layer with more of them are not in a frame."""

MOST_INPUTS = 1024
"""The inputs of an example with more of them are not in a frame."""

MOST_UNITS, WIDE, FEW = 256, 400, 64
"""At most 256 units of a layer have pictures; of a layer with more than 400, the 64 with the largest weights out."""

MOVING = ("playing", "computing")
"""States of a session in which what is costly may be that of an earlier update."""

LARGEST_SINGLE = float(np.finfo(np.float32).max)


class _Training(Protocol):
    """What was opened."""

    @property
    def data(self) -> Dataset:
        """The data as the network gets them: prepared, and standardised if that was asked for."""
        ...

    @property
    def stepper(self) -> Stepper:
        """The training, which a snapshot looks at and never moves."""
        ...

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """Left, right, lower and upper end of the plane of two features; else None."""
        ...


class _Look(Protocol):
    """What one page looks at; ``lab.commands`` checks it."""

    @property
    def lens(self) -> str:
        """One of "maps", "numbers", "gradients", "steps"."""
        ...

    @property
    def example(self) -> int:
        """Number of a training example, from 0."""
        ...

    @property
    def grid(self) -> int:
        """Points of the maps along each axis."""
        ...

    @property
    def fine(self) -> int:
        """Number of the layer whose maps are as fine as they get; 0 for none."""
        ...

    @property
    def pictures(self) -> str:
        """Which pictures of an image network: "learned" for W1 − W1 at the start, or "weights" for W1."""
        ...


class Snapshots:
    """Makes the frames and numbers of one training that was opened.

    It reads the stepper and moves nothing: the updates are the same with and without it. One thread at a time uses it,
    that of the stepper.

    Args:
        training: what was opened.
        clock: returns seconds, for the pace of what is costly.
    """

    def __init__(self, training: _Training, clock: Callable[[], float] = perf_counter) -> None:
        self._data, self._stepper, self._box = training.data, training.stepper, training.box
        self._pacing = Pacing(clock)
        self._cost, self._validation = Curve(), (Curve(), Curve())
        self._seen = self._moment
        self._shown: dict[int, NDArray[np.intp]] | None = None

    def frame(self, look: _Look, number: int, state: str, seconds_per_update: float | None) -> bytes:
        """Return a frame.

        Args:
            look: what is looked at.
            number: of the frame, from 1.
            state: of the session. In those of ``MOVING`` the head says of which update the pictures and the lens are.
            seconds_per_update: as measured; None if not.

        Returns:
            Bytes of ``framed``. The page on the protocol says which arrays there are.
        """
        stepper, fresh = self._stepper, state not in MOVING
        if self._has_jumped():
            self._pacing.make_all_due()
        example = min(look.example, stepper.job.m - 1)
        with np.errstate(all="ignore"), one_thread():
            present = stepper.present()
            arrays, notes = self._curves(), self._pace_notes()
            arrays |= self._weights(present)
            arrays |= self._example(present, example)
            if fresh or self._shown is None:
                self._shown = self._units_shown(present)
            pictures, made = self._pictures(present, look, fresh=fresh)
            arrays |= pictures
            notes["pictures_update"] = made
            if look.lens in ("gradients", "steps"):
                lens, notes["lens_update"], notes["in_update"] = self._lens(look.lens, example, fresh=fresh)
                arrays |= lens
        drawable = {name: _drawable(array) for name, array in arrays.items()}
        head = {
            "number": number,
            "update": stepper.update,
            "furthest": stepper.furthest,
            "state": state,
            "lens": look.lens,
            "example": example,
            "block": self._cost.block,
            "seconds_per_update": seconds_per_update,
            **self.figures(),
            "pictures": look.pictures,
            "shown": {layer: (units + 1).tolist() for layer, units in (self._shown or {}).items()},
            "beyond": sorted(name for name, array in drawable.items() if _reaches_beyond(array)),
            **notes,
        }
        return framed(head, drawable)

    def inside(self, layer: int, unit: int, input: int | None, example: int) -> dict[str, Any]:  # noqa: A002
        """Return the message ``inside``: the next update in numbers, about one unit, weight and example.

        Raises:
            InputError: there is no such layer, unit, input or example.
        """
        return inside_message(self.anatomy(), layer, unit, input, example)

    def figures(self) -> dict[str, float | None]:
        """Return the values that were recorded last: ``cost``, ``validation_cost`` and ``validation_accuracy``.

        After t updates these are the values of update t, which a run of t updates ends with too; before the first one,
        those of the initial weights. None where there is none, or it is not finite.
        """
        stepper, job = self._stepper, self._stepper.job
        costs, rows = stepper.known_costs, stepper.known_validation
        t = stepper.update
        cost = costs[max(t, 1) - 1] if len(costs) else self.anatomy().cost
        last = t // job.epoch - 1 if job.batch_size else max(t, 1) - 1
        measured = rows[last] if rows.shape[1] and 0 <= last < len(rows) else (None, None)
        values = {"cost": cost, "validation_cost": measured[0], "validation_accuracy": measured[1]}
        return {name: None if one is None or not np.isfinite(one) else float(one) for name, one in values.items()}

    def anatomy(self) -> Anatomy:
        """Return the next update taken apart; it is made once and kept until the training moves."""
        found: Anatomy = self._pacing.get(
            "anatomy", self._moment, self._stepper.update, self._stepper.dissect, fresh=True
        )[0]
        return found

    def _has_jumped(self) -> bool:
        """Return whether the training went back, or something was changed, since the last frame."""
        (update, version), now = self._seen, self._moment
        self._seen = now
        return now[1] != version or now[0] < update

    @property
    def _moment(self) -> tuple[int, int]:
        """What every number depends on."""
        return self._stepper.update, self._stepper.version

    def _curves(self) -> Arrays:
        """Return the whole curves, as lowest and highest values of blocks."""
        stepper = self._stepper
        arrays: Arrays = {"curve:cost": self._cost.pairs(stepper.known_costs, stepper.version)}
        rows = stepper.known_validation
        if rows.shape[1]:
            names = ("validation_cost", "validation_accuracy") if self._classifies else ("validation_cost",)
            for column, name in enumerate(names):
                curve = self._validation[column]
                arrays[f"curve:{name}"] = curve.pairs(rows[:, column], stepper.version)
        return arrays

    def _pace_notes(self) -> dict[str, Any]:
        """Return what the head says about the validation curves."""
        job = self._stepper.job
        every = job.epoch if job.batch_size else 1
        return {"validation_block": self._validation[0].block, "validation_every": every}

    @property
    def _classifies(self) -> bool:
        return self._stepper.network.classifies

    def _weights(self, present: Present) -> Arrays:
        """Return the weights and biases of layers that are not too large, at full width."""
        parameters, shapes = present.state.parameters, self._stepper.network.shapes
        if present.span and shapes["W1"][0] * shapes["W1"][1] <= LARGEST_LAYER:
            parameters = self._stepper.parameters()
        return {
            name: parameters[name]
            for name, (rows, columns) in shapes.items()
            if name in parameters and rows * columns <= LARGEST_LAYER
        }

    def _example(self, present: Present, example: int) -> Arrays:
        """Return z and a of every unit for one example, without dropout; its inputs, label, prediction and picture."""
        network, job = self._stepper.network, present.job
        Z, caches = self._forward(present, example)
        prediction = network.loss.prediction(Z)
        arrays: Arrays = {}
        for layer, cache in enumerate(caches, start=1):
            arrays[f"z:{layer}"] = cache.Z[:, 0]
            arrays[f"a:{layer}"] = (cache.A if layer < len(caches) else prediction)[:, 0]
        arrays |= {"y": job.targets[:, example], "p": prediction[:, 0]}
        if job.scaling is not None:
            for name in ("y", "p"):
                arrays[f"{name}:given"] = job.scaling.undone(arrays[name][:, None].astype(np.float64))[:, 0]
        X, standardization = self._data.train.X, self._data.standardization
        if len(X) <= MOST_INPUTS:
            arrays["x"] = job.part.X[:, example]
            if standardization is not None:
                arrays["x:given"] = standardization.undone(X[:, example : example + 1])[:, 0]
        if self._data.image_shape is not None:
            arrays["picture"] = self._pacing.get("picture", example, 0, lambda: self._picture(example), fresh=True)[0]
        return arrays

    @staticmethod
    def _forward(present: Present, example: int) -> tuple[Floats, list[LayerCache]]:
        """Return the forward pass of one training example, in the coordinates of the training."""
        job, one = present.job, slice(example, example + 1)
        X: Any = job.part.X[:, one]
        first = job.program(present.span).first
        if present.span:
            tables = present.data.X
            X = Span(np.asarray(tables.gram)[:, one], np.asarray(tables.start)[:, one], tables.norm)
        Z, caches = network_forward(X, present.state.parameters, job.members[0].network.activations, first=first)
        return Z, caches

    def _picture(self, example: int) -> NDArray[np.uint8]:
        """Return an image of the training set as it was before it was standardised."""
        data, column = self._data, self._data.train.X[:, example : example + 1]
        if data.standardization is not None:
            column = data.standardization.undone(column)
        assert data.image_shape is not None  # noqa: S101
        low, high = self._brightness
        return example_picture((column[:, 0] - low) / (high - low), data.image_shape)

    @cached_property
    def _brightness(self) -> tuple[float, float]:
        """What is drawn as black and as white: 0 and 1, unless some pixel of the training set is beyond."""
        X, undone = self._data.train.X, self._data.standardization
        blocks = [X[:, start : start + 256] for start in range(0, X.shape[1], 256)]
        ends = [(block.min(), block.max()) for block in (undone.undone(one) if undone else one for one in blocks)]
        low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
        return (0.0, 1.0) if low >= -1e-6 and high <= 1 + 1e-6 else (low, high)

    def _units_shown(self, present: Present) -> dict[int, NDArray[np.intp]]:
        """Return the units that are drawn, from 0, of each layer of which not all are."""
        dims = self._stepper.network.layer_dims
        shown = {}
        for layer, n in enumerate(dims[1:], start=1):
            if n <= MOST_UNITS:
                continue
            most = FEW if n > WIDE else MOST_UNITS
            out = present.state.parameters.get(f"W{layer + 1}")
            importance = np.zeros(n) if out is None else np.abs(out).max(axis=0)
            shown[layer] = np.sort(np.argsort(-importance, kind="stable")[:most])
        return shown

    def _pictures(self, present: Present, look: _Look, *, fresh: bool) -> tuple[Arrays, int]:
        """Return maps or pictures of weights, and the number of updates that they are of."""
        shown, stepper = self._shown or {}, self._stepper
        what: Hashable
        if self._box is not None:
            what, make = ("maps", look.grid, look.fine), partial(self._maps, present, look, shown)
        elif self._data.image_shape is not None:
            what, make = ("weights", look.pictures), partial(self._weight_pictures, present, look.pictures, shown)
        else:
            return {}, stepper.update
        moment = (self._moment, tuple(map(len, shown.values())))
        found: tuple[Arrays, int] = self._pacing.get(what, moment, stepper.update, make, fresh=fresh)
        return found

    def _maps(self, present: Present, look: _Look, shown: Mapping[int, NDArray[np.intp]]) -> Arrays:
        network = self._stepper.network
        drawn = [len(shown.get(layer, range(n))) for layer, n in enumerate(network.layer_dims[1:], start=1)]
        grids = grids_of(drawn, look.grid, look.fine)
        parameters = self._stepper.parameters() if present.span else present.state.parameters
        assert self._box is not None  # noqa: S101
        maps, scaling = unit_maps(network, parameters, self._box, grids, shown), self._stepper.job.scaling
        if scaling is not None:
            last = maps[f"range:{len(grids)}"]
            maps["range:given"] = scaling.undone(last.astype(np.float64))
        return maps

    def _weight_pictures(self, present: Present, which: str, shown: Mapping[int, NDArray[np.intp]]) -> Arrays:
        """Return pictures of W1, or of W1 − W1 at the start. In the span, W1 itself is not needed."""
        parameters, shape = present.state.parameters, self._shape
        units: Any = shown.get(1, slice(None))
        learned = which == "learned"
        if present.span:  # W1 = s W_0 + C Xᵀ, averaged
            share = parameters["s1"] - 1 if learned else parameters["s1"]
            pixels = parameters["C1"][units] @ self._averaged_examples
            if share.any():
                pixels = pixels + share * averaged(self._start[units], shape)
        else:
            W1 = parameters["W1"][units]
            pixels = averaged(W1 - self._start[units] if learned else W1, shape)
        return weight_pictures(pixels, shape)

    @property
    def _shape(self) -> Sequence[int]:
        assert self._data.image_shape is not None  # noqa: S101
        return self._data.image_shape

    @property
    def _start(self) -> Floats:
        """W1 before the first update."""
        job = self._stepper.job
        start: Floats = job.start(job.members[0])["W1"]
        return start

    @cached_property
    def _averaged_examples(self) -> Floats:
        """(m, h·w): the training examples as small grey images."""
        return averaged(np.ascontiguousarray(self._stepper.job.part.X.T), self._shape)

    def _lens(self, lens: str, example: int, *, fresh: bool) -> tuple[Arrays, int, bool]:
        """Return gradients or steps of the next update, of which update they are, and whether it uses the example."""
        anatomy: Anatomy
        anatomy, update = self._pacing.get(
            "anatomy", self._moment, self._stepper.update, self._stepper.dissect, fresh=fresh
        )
        small = [name for name, shape in self._stepper.network.shapes.items() if shape[0] * shape[1] <= LARGEST_LAYER]
        arrays: Arrays = {}
        if lens == "gradients":
            arrays |= {f"d{name}": anatomy.gradients[f"d{name}"] for name in small}
        elif anatomy.steps is not None:
            arrays |= {f"s{name}": anatomy.steps[name] for name in small}
        place = np.flatnonzero(anatomy.examples == example)
        if not place.size:
            return arrays, update, False
        column = int(place[0])
        for layer in anatomy.layers:
            arrays[f"z:{layer.layer}"], arrays[f"a:{layer.layer}"] = layer.Z[:, column], layer.A[:, column]
            arrays[f"dz:{layer.layer}"] = layer.dZ[:, column]
            if layer.dA is not None:
                arrays[f"da:{layer.layer}"] = layer.dA[:, column]
        return arrays, update, True


def _drawable(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array as float32, or as the bytes that it is; what float32 cannot hold becomes its largest number."""
    if array.dtype == np.uint8:
        return array
    with np.errstate(all="ignore"):
        single = array.astype(np.float32)
    return single if np.isfinite(single).all() else np.clip(single, -LARGEST_SINGLE, LARGEST_SINGLE)


def _reaches_beyond(array: NDArray[Any]) -> bool:
    """Return whether a value of a drawable array is larger than float32 holds."""
    return array.dtype != np.uint8 and bool((np.abs(array) >= LARGEST_SINGLE).any())
