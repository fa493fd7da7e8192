"""An engine on a stream: its batches are taken from a buffer, and when they are used up it is given the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from time import perf_counter
from typing import Any

from numpy.typing import NDArray

from layerlab.datasets import Dataset, Standardization
from layerlab.datasets.streaming.buffers import BuffersAhead
from layerlab.datasets.streaming.stream import Stream
from layerlab.errors import InputError
from layerlab.formulas import Array, Gradients, Parameters

from .batches import Batch, dealt
from .engines import Advance, Engine
from .job import Job
from .updates import State

USUAL_BATCH = 256
"""Examples an update takes from a stream where nobody says."""


@contextmanager
def buffers_of(job: Job, done: int) -> Iterator[BuffersAhead | None]:
    """The buffers of a job's stream, from that of the next update on; None for a job without."""
    if job.stream is None:
        yield None
        return
    with closing(BuffersAhead(job.stream, job.layout, job.common["batch_seed"], job.common["dtype"], done)) as ahead:
        yield ahead


class StreamEngine:
    """An engine that is given one buffer after another.

    Args:
        engine: whose data is a buffer.
        job: what is trained, on a stream.
        ahead: the buffers, from that of the first update on.
        done: updates made before.
        spent: the seconds that it waits for buffers are added to it as "read", and taken from "updates".
    """

    def __init__(self, engine: Engine, job: Job, ahead: BuffersAhead, done: int, spent: dict[str, float]) -> None:
        self.engine, self.job, self.ahead, self.spent = engine, job, ahead, spent
        self._skip = job.layout.place(done)[2]
        self._batches, self._at = Batch(*[[]] * 3), 0

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:  # noqa: ARG002
        """As in ``Engine``, and no more updates than the buffer has batches left."""
        if self._at == len(self._batches.size):
            self._refill()
        n = min(n, len(self._batches.size) - self._at)
        made = self.engine.advance(state, Batch(*(rows[self._at : self._at + n] for rows in self._batches)), n)
        self._at += n
        return made

    def _refill(self) -> None:
        begun = perf_counter()
        buffer = self.ahead.next()
        self.engine.exchange(buffer.X, self.job.smoothed(buffer.Y))
        self._batches = dealt(buffer.order, self.job.batch_size, self.job.common["dtype"])
        self._at, self._skip = self._skip, 0
        waited = perf_counter() - begun
        self.spent["read"] = self.spent.get("read", 0.0) + waited
        self.spent["updates"] = self.spent.get("updates", 0.0) - waited

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """As in ``Engine``."""
        self.engine.exchange(X, Y)

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """As in ``Engine``, on the buffer."""
        return self.engine.objective(parameters)

    def change(self, rate: str, value: float) -> None:
        """As in ``Engine``."""
        self.engine.change(rate, value)

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """As in ``Engine``, of the sample."""
        return self.engine.predictions(parameters)

    def judgements(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """As in ``Engine``, of the buffer."""
        return self.engine.judgements(parameters)


def for_stream(
    data: Any, settings: Mapping[str, Any], sample_weight: Any, scaling: Standardization | None = None
) -> tuple[Stream | None, dict[str, Any]]:
    """The stream of a dataset that has one, its values on the scale that is learned, and settings with a batch size.

    Raises:
        InputError: something is asked for that needs all examples in memory.
    """
    stream = _stream_of(data) if isinstance(data, Dataset) else None
    if stream is None:
        return None, dict(settings)
    for name, value in ("sample_weight", sample_weight), ("class_weight", settings["class_weight"]):
        if value is not None:
            raise InputError(
                f"{name}: wanted all examples in memory, and {stream.source.name} is a stream; leave it out"
            )
    if settings["optimizer"] == "lbfgs":
        raise InputError(
            f"optimizer='lbfgs' takes all examples at every update, and {stream.source.name} is a stream of "
            f"{stream.rows:,} rows, which are not in memory: take another optimizer, such as 'adam'"
        )
    size = min(USUAL_BATCH, stream.rows) if settings["batch_size"] is None else settings["batch_size"]
    stream = stream if scaling is None else replace(stream, target_scaling=scaling)
    return stream, {**settings, "batch_size": size}


def _stream_of(data: Dataset) -> Stream | None:
    """What is read, or made anew, in each epoch."""
    if data.stream is not None or data.augmentation is None:
        return data.stream
    from layerlab.datasets.augmented_images import augmented_images
    from layerlab.datasets.streaming.generated import generated

    return generated(augmented_images(data, data.augmentation), name=data.name)
