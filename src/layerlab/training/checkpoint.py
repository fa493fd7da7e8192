"""Checkpoints: everything that a training needs to continue, in one file, written under another name and renamed.

A training that was killed continues from its last checkpoint as if nothing had happened: in NumPy with the same bits,
in XLA as ``docs/engine.md`` promises. The file is safetensors with JSON: nothing in it is executed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.tensor_files import read_tensors
from layerlab.errors import InputError
from layerlab.network import Network
from layerlab.runs.claims import claimed
from layerlab.runs.settings_rules import check_resumable
from layerlab.runs.writing import check_new, go_on_without, kind_at

from .engines import Chunk
from .job import Job
from .members import plain_state
from .updates import State

CHECKPOINT_FORMAT = 2
"""The version of the file's format; a file of another version is refused."""

INFINITE = ("state.watch.best", "state.plateau.lowest")
"""Arrays that are infinite before the first epoch has ended, which is no sign of damage."""

SECONDS = 30.0
"""Seconds between two checkpoints."""

HASHED = 1 << 24
"""About this many bytes of an array are hashed at a time."""

RECORDED = ("costs", "validation", "measured")
"""The fields of every ``Chunk`` that are saved, joined over all chunks."""


class Earlier(NamedTuple):
    """What a checkpoint holds.

    Attributes:
        arrays: the arrays of the ``State``, by their places in it, such as "state.parameters.W1".
        costs, validation, measured, seconds: as in ``Chunk``, for all updates made.
        engine, basis: what made the updates; a training continues with the same.
    """

    arrays: dict[str, NDArray[Any]]
    costs: NDArray[Any]
    validation: NDArray[Any]
    measured: NDArray[Any]
    seconds: float
    engine: str
    basis: str

    def state(self, start: State) -> State:
        """Return the state at the end of the checkpoint.

        Args:
            start: a state before the first update, which has the same structure.

        Raises:
            InputError: the checkpoint does not hold such a state.
        """
        try:
            state: State = filled(start, self.arrays, "state")
        except (LookupError, ValueError) as error:
            raise InputError(f"the checkpoint is damaged or was changed ({error}); start again without it") from error
        return state


@dataclass(frozen=True)
class Checkpoint:
    """The place of a training's checkpoint.

    Attributes:
        path: the file.
        request: data, network and settings of the training, as values of JSON; with any other it is another training.
    """

    path: Path
    request: dict[str, Any]

    def read(self) -> Earlier | None:
        """Read the file; None if there is none.

        Raises:
            InputError: the file is damaged, of another format, or belongs to another training.
        """
        if not self.path.exists():
            return None
        try:
            arrays, about = read_tensors(self.path)
            record = json.loads(about["layerlab"])
            if record["format_version"] != CHECKPOINT_FORMAT:
                raise ValueError(f"format version {record['format_version']!r}")
            other = [name for name in self.request if record["request"][name] != self.request[name]]
            rows: dict[str, Any] = {name: arrays.pop(name) for name in RECORDED}
            earlier = Earlier(arrays, **rows, **{name: record[name] for name in ("seconds", "engine", "basis")})
            _check(earlier, every_update=not self.request["batch_size"], metrics=len(self.request["metrics"]))
        except (OSError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise InputError(
                f"{self.path}: is no checkpoint, or is damaged ({error}); start again without it"
            ) from error
        if other:
            raise InputError(
                f"{self.path}: belongs to another training, with other {', '.join(other)}; name another file, or ask "
                f"for the same training"
            )
        return earlier

    def kept(self, stream: Iterator[Chunk], engine: str, basis: str) -> Generator[Chunk]:
        """Pass the chunks on, and write a checkpoint every ``SECONDS``, at their end, and when the caller stops early.

        Raises:
            InputError: another training writes to the same file.
        """
        refusal = f"{self.path}: another training keeps its checkpoint there; name another file, or wait for it"
        with claimed(self.path, refusal):
            yield from self._kept(stream, engine, basis)

    def _kept(self, stream: Iterator[Chunk], engine: str, basis: str) -> Generator[Chunk]:
        # A chunk's state is valid until the next chunk is asked for. So it is written before the chunk is passed on,
        # or, where nobody asks for more (the generator is closed, an error, Ctrl-C), at the end.
        made: dict[str, list[NDArray[Any]]] = {name: [] for name in RECORDED}
        about: dict[str, Any] = {"engine": engine, "basis": basis, "seconds": 0.0}
        last, chunk = monotonic(), None
        try:
            for chunk in stream:
                if len(chunk.costs):
                    about["seconds"] += chunk.seconds
                    for name, rows in made.items():
                        rows.append(getattr(chunk, name))
                if made["costs"] and monotonic() - last > SECONDS:
                    self._write(chunk.state, made, about)
                    last = monotonic()
                yield chunk
        finally:
            if chunk is not None and made["costs"]:
                self._write(chunk.state, made, about)

    def _write(self, state: State, made: dict[str, list[NDArray[Any]]], about: dict[str, Any]) -> None:
        """Write the state and what was recorded: first to another file, so that a kill leaves the old one whole."""
        from safetensors import SafetensorError
        from safetensors.numpy import save

        arrays = dict(flat(plain_state(state), "state")) | {name: np.concatenate(rows) for name, rows in made.items()}
        record = {"format_version": CHECKPOINT_FORMAT, "request": self.request, **about}
        metadata = {"layerlab": json.dumps(record)}
        try:
            data = save({name: np.asarray(array, order="C") for name, array in arrays.items()}, metadata)
            aside = self.path.with_name(f".{self.path.name}.part")  # what a kill leaves of it, the next one overwrites
            try:
                with aside.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(self.path)
            finally:
                aside.unlink(missing_ok=True)
        except (OSError, SafetensorError) as error:  # the training is worth more than its checkpoint
            go_on_without("checkpoint", self.path, error)


def checkpoint_of(job: Job, path: str | Path, resume: bool) -> Checkpoint:
    """Check a job and the path of its checkpoint, and make its ``Checkpoint``.

    Args:
        job: what is trained.
        path: the file.
        resume: whether to continue from the file if it exists.

    Raises:
        InputError: the file exists and is not to be resumed, or cannot be written.
    """
    path = Path(path)
    check_resumable(job.common["optimizer"])
    there = kind_at(path)
    if there not in ("file", ""):  # opening a pipe would wait for ever
        raise InputError(f"{path}: is {'a folder' if there == 'folder' else 'no file'}; name a file for the checkpoint")
    if not there:
        check_new(path, "file")
    elif not resume:
        raise InputError(f"{path}: is there already; resume=True goes on from it, or remove it")
    about = [
        {"network": _described(network), **member.settings} for member in job.members for network in [member.network]
    ]
    names = dict.fromkeys(name for one in about for name in one)  # schedules have settings of their own
    request = {
        "data": _fingerprint(job),
        "metrics": job.metrics,
        **{name: _said_once([one.get(name) for one in about]) for name in names if name not in ("engine", "basis")},
    }
    return Checkpoint(path, json.loads(json.dumps(request)))


def _described(network: Network) -> list[Any]:
    """Return what a checkpoint says of a network; an embedding is said only where there is one, as before."""
    embedded = [] if network.embedding is None else [asdict(network.embedding)]
    return [network.layer_dims, network.activations, network.output, *embedded]


def _said_once(values: list[Any]) -> Any:
    """Return one value if all members have the same, else each member's."""
    return values[0] if all(value == values[0] for value in values) else {"each": values}


def _check(earlier: Earlier, every_update: bool, metrics: int) -> None:
    """Raise LookupError or ValueError where the parts of a checkpoint do not fit each other.

    Args:
        earlier: what it holds.
        every_update: whether there is a row of validation for each update, not for each epoch.
        metrics: how many metrics are measured on each set.
    """
    n, kept = len(earlier.costs), earlier.arrays.get("state.watch.kept_at", np.zeros(()))
    alive = earlier.arrays["state.alive"]
    # The update at which the last model diverged has a cost, but was not made.
    made = n if alive.any() else int(earlier.arrays["state.update"])
    if earlier.engine not in ("numpy", "xla") or earlier.basis not in ("full", "span"):
        raise ValueError("its engine or basis is unknown")
    rows = earlier.validation.shape[0]
    if (
        earlier.costs.shape != (n, *alive.shape)
        or int(earlier.arrays["state.update"]) != made
        or made not in (n, n - 1)
        or rows > n
        or (every_update and rows < n)
    ):
        raise ValueError("there are not as many costs as updates")
    taken_at = earlier.measured[:, 0] if metrics else np.empty(0)
    columns = (1 + metrics, 1 + 2 * metrics) if metrics else (0,)
    if earlier.measured.shape[1] not in columns or not _is_rising(taken_at, n) or not 0 <= earlier.seconds < np.inf:
        raise ValueError("its metrics or its seconds are impossible")
    state = [array for name, array in earlier.arrays.items() if name not in INFINITE]  # infinite at the start
    sound = not alive.all() or all(np.isfinite(array).all() for array in state)
    if not sound or not ((kept >= 0) & (kept <= n)).all():
        raise ValueError("its numbers are impossible")


def _is_rising(numbers: NDArray[Any], n: int) -> bool:
    """Return whether the numbers are whole, from 1 to n, each above the one before."""
    return bool((np.diff(numbers, prepend=0, append=n + 1) > 0).all() and (numbers % 1 == 0).all())


def as_before(job: Job, earlier: Earlier) -> Job:
    """Return the job with the engine and basis of its checkpoint as settings, so that the plan continues with them."""
    how = {"engine": earlier.engine, "basis": earlier.basis}
    return replace(job, members=tuple(replace(one, settings={**one.settings, **how}) for one in job.members))


def _fingerprint(job: Job) -> str:
    """Return the SHA-256 of all arrays that the training starts from; a stream has a digest of its own."""
    digest = hashlib.sha256()
    given = [] if job.given is None else list(job.given[0].values())
    parts = *job.part, *(job.validation or (None, None)), job.sample_weight, job.validation_weight
    digest.update((job.stream.digest if job.stream else "").encode())
    for number, array in enumerate((*parts, *given)):
        if array is not None:
            digest.update(f"{number} {array.shape} {array.dtype} ".encode())
            step = max(1, HASHED // max(1, array[:1].nbytes))
            for start in range(0, len(array), step):  # so that no copy of the whole array is made
                digest.update(np.ascontiguousarray(array[start : start + step]).data)
    return digest.hexdigest()


def flat(value: Any, name: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield every array in nested named tuples and dicts with its place, such as "state.parameters.W1"."""
    inside = _inside(value)
    if inside is None:
        yield name, np.asarray(value)
    else:
        for key, one in inside.items():
            yield from flat(one, f"{name}.{key}")


def filled(template: Any, arrays: dict[str, NDArray[Any]], name: str) -> Any:
    """Return the structure of a template with the arrays of ``flat`` in their places.

    Args:
        template: nested named tuples and dicts.
        arrays: the arrays by their places.
        name: the place of the template itself.

    Raises:
        LookupError: an array is missing.
        ValueError: an array has another shape or type than the template's.
    """
    inside = _inside(template)
    if inside is None:
        array, wanted = arrays[name], np.asarray(template)
        if (array.shape, array.dtype) != (wanted.shape, wanted.dtype):
            raise ValueError(f"{name} is {array.dtype} {array.shape}: wanted {wanted.dtype} {wanted.shape}")
        return array
    values = {key: filled(one, arrays, f"{name}.{key}") for key, one in inside.items()}
    return values if isinstance(template, dict) else type(template)(*values.values()) if values else template


def _inside(value: Any) -> dict[str, Any] | None:
    """Return the fields of a named tuple or dict by name; None for an array."""
    if isinstance(value, dict):
        return value
    if isinstance(value, tuple):  # () stands for what a training does not have
        return value._asdict() if hasattr(value, "_asdict") else {}
    return None
