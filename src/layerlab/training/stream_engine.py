"""An engine on a stream: it takes batches from a buffer of examples; when they are used up, the next buffer follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from layerlab.datasets.streaming.buffers import BuffersAhead

from .batches import Batch, cut_into_batches
from .engines import Advance, Engine, EngineAround
from .job import Job
from .stages import stage
from .updates import State


@contextmanager
def buffers_of(job: Job, done: int) -> Iterator[BuffersAhead | None]:
    """The buffers of a job's stream, which a thread fills; None for a job without a stream.

    Args:
        job: what is trained.
        done: updates made before: the first buffer is the one from which the next update takes its batch.
    """
    if job.stream is None:
        yield None
        return
    with closing(BuffersAhead(job.stream, job.layout, job.common["batch_seed"], job.common["dtype"], done)) as ahead:
        yield ahead


class StreamEngine(EngineAround):
    """An engine that gets one buffer of examples after another.

    The inner engine trains on the examples of the buffer; it predicts the stream's sample.

    Args:
        engine: computes on the buffer.
        job: what is trained on a stream.
        ahead: the buffers, beginning with that of the first update.
        done: updates made before.
    """

    def __init__(self, engine: Engine, job: Job, ahead: BuffersAhead, done: int) -> None:
        super().__init__(engine)
        self.job, self.ahead = job, ahead
        self._skip = job.layout.place(done)[2]
        self._batches, self._at = Batch(*[[]] * 3), 0

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:  # noqa: ARG002
        """Make n updates, as in ``Engine``; fewer if the buffer has fewer batches left."""
        if self._at == len(self._batches.size):
            with stage("read"):
                self._refill()
        n = min(n, len(self._batches.size) - self._at)
        made = self.engine.advance(state, Batch(*(rows[self._at : self._at + n] for rows in self._batches)), n)
        self._at += n
        return made

    def _refill(self) -> None:
        """Take the next buffer; batches of the first buffer that were used before are left out."""
        buffer = self.ahead.next()
        self.engine.exchange(buffer.X, self.job.smoothed(buffer.Y))
        self._batches = cut_into_batches(buffer.order, self.job.batch_size, self.job.common["dtype"])
        self._at, self._skip = self._skip, 0
