"""A search on the disk: what was asked, what was proposed, and what came of it, each file whole or not there.

    search.json               the request: space, seed, folds, …; another one is refused
    material.safetensors      examples and folds, for the processes that work on it
    batches/0003.json         a batch's trials, written before any of them is trained
    results/0003-05.safetensors   what became of a task
    journal.log               the trials that were told, as Optuna keeps them (optuna-dashboard reads it)
    claims/                   locks: who is at a task; the system takes them away with the process

A task that was begun and not ended leaves nothing but its claim, and is begun anew by whoever comes next.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError, WorkError
from layerlab.tuning.search.proposals.candidate import Candidate

SEARCH_FORMAT = 1

REQUEST, MATERIAL, JOURNAL = "search.json", "material.safetensors", "journal.log"


def write_whole(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all, also after a power cut.

    Raises:
        WorkError: it cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise WorkError(
            f"{path}: cannot be written ({error.strerror or error}); make room and go on with it"
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], text: str) -> None:
    """Arrays and a text in one file."""
    from safetensors.numpy import save

    write_whole(path, save({name: np.ascontiguousarray(value) for name, value in arrays.items()}, {"layerlab": text}))


def read_arrays(path: Path) -> tuple[dict[str, NDArray[Any]], str]:
    """What ``write_arrays`` wrote.

    Raises:
        InputError: it is something else, or damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays, str((file.metadata() or {})["layerlab"])
    except (OSError, SafetensorError, LookupError) as error:
        raise InputError(f"{path}: is damaged ({error}); remove it, and it is computed anew") from error


CALLED = {"data": "examples or folds", "eta": "halving"}
"""What messages call parts of a request."""


def _unlike(request: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[str]:
    """What is other in a request than in the one that is there."""
    for name, value in request.items():
        if name == "how" and isinstance(there.get(name), dict):
            yield from _unlike(value, there[name])
        elif value != there.get(name):
            yield CALLED.get(name, name)


class Lock:
    """A lock file, held until it is closed or the process ends."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file, self.path = file, path

    def release(self) -> None:
        """Let others have it."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._file.close()

    @classmethod
    def take(cls, path: Path) -> Lock | None:
        """The lock, or None while somebody else has it.

        Where the system or the disk knows no such locks, everybody has it: work may be done twice then, and the same
        files are written twice with the same in them.
        """
        file = path.open("a")
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return cls(file, path)
        except (BlockingIOError, FileNotFoundError):
            pass
        except (ImportError, OSError):
            return cls(file, path)
        file.close()
        return None


@dataclass(frozen=True)
class Folder:
    """The folder of a search, or of one of its outer folds."""

    path: Path

    @property
    def journal(self) -> Path:
        """Optuna's journal."""
        return self.path / JOURNAL

    @property
    def material(self) -> Path:
        """Examples and folds."""
        return self.path / MATERIAL

    def begin(self, request: Mapping[str, Any]) -> None:
        """Make the folder, or check that the one that is there belongs to the same request.

        Raises:
            InputError: it belongs to another one, or is no search.
        """
        own = self.path / REQUEST
        if own.exists():
            there = self.request()
            other = list(_unlike(json.loads(json.dumps(request)), there))
            if other:
                raise InputError(
                    f"{self.path}: holds a search with other {', '.join(other)}; ask for the same one, or name another "
                    f"folder"
                )
            return
        try:
            for name in ("batches", "results", "claims"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be made ({error.strerror or error}); name another folder") from error
        write_whole(own, json.dumps({"format_version": SEARCH_FORMAT, **request}, indent=1).encode())

    def request(self) -> dict[str, Any]:
        """What was asked.

        Raises:
            InputError: it cannot be read, or is of another format.
        """
        own = self.path / REQUEST
        try:
            record = json.loads(own.read_text(encoding="utf-8"))
            version = record.pop("format_version")
        except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
            raise InputError(f"{own}: is no search, or is damaged ({error}); name another folder") from error
        if version != SEARCH_FORMAT:
            raise InputError(f"{own}: is of format {version!r}; wanted {SEARCH_FORMAT}, of this layerlab")
        return dict(record)

    def propose(self, batch: int, candidates: list[Candidate]) -> None:
        """Write a batch down, whole, before any of it runs."""
        lines = [{"number": one.number, "values": dict(one.values)} for one in candidates]
        write_whole(self.path / "batches" / f"{batch:04d}.json", json.dumps(lines, indent=0).encode())

    def batch(self, number: int) -> list[Candidate] | None:
        """A batch's trials, or None if it was not proposed yet."""
        path = self.path / "batches" / f"{number:04d}.json"
        try:
            return [Candidate(one["number"], one["values"]) for one in json.loads(path.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise InputError(f"{path}: is damaged ({error}); begin the search anew in another folder") from error

    def result(self, task: str) -> Path:
        """Where a task's outcome is, once it has ended."""
        return self.path / "results" / f"{task}.safetensors"

    def claim(self, task: str) -> Lock | None:
        """A task for oneself, unless somebody has it or it has ended."""
        if self.result(task).exists():
            return None
        lock = Lock.take(self.path / "claims" / f"{task}.lock")
        if lock is not None and self.result(task).exists():
            lock.release()
            return None
        return lock

    def begun(self, task: str, by: str) -> None:
        """Note who begins a task."""
        with (self.path / "claims" / f"{task}.begun").open("a") as file:
            file.write(f"{by}\n")

    def died(self, who: str) -> None:
        """Note that somebody died, who had begun a task and not ended it."""
        for path in (self.path / "claims").glob("*.begun"):
            with suppress(OSError):
                if who in path.read_text().split() and not self.result(path.stem).exists():
                    self.death(path.stem)

    def death(self, task: str) -> None:
        """Note that somebody died at a task."""
        with (self.path / "claims" / f"{task}.deaths").open("a") as file:
            file.write("x")

    def deaths(self, task: str) -> int:
        """How many have died at a task; those that were ended, with everything that worked, are not among them."""
        path = self.path / "claims" / f"{task}.deaths"
        return len(path.read_text()) if path.exists() else 0

    def tidy(self, task: str) -> None:
        """Remove what was noted of a task that has ended."""
        for kind in ("begun", "deaths", "news"):
            with suppress(OSError):
                (self.path / "claims" / f"{task}.{kind}").unlink(missing_ok=True)

    def is_cut(self, task: str) -> bool:
        """Whether the trials of a task are tried one by one."""
        return (self.path / "claims" / f"{task}.cut").exists()

    def cut(self, task: str) -> None:
        """From now on the trials of a task are tried one by one."""
        (self.path / "claims" / f"{task}.cut").touch()

    def news(self, task: str) -> Path:
        """Where whoever is at a task says how far it is."""
        return self.path / "claims" / f"{task}.news"

    @contextmanager
    def proposing(self) -> Iterator[bool]:
        """Whether nobody else proposes or tells just now."""
        lock = Lock.take(self.path / "claims" / "proposing.lock")
        try:
            if lock is not None:
                self._mend()
            yield lock is not None
        finally:
            if lock is not None:
                lock.release()

    def _mend(self) -> None:
        """Take away what somebody left in the journal who was killed while writing: its lock, half a line."""
        self.journal.with_name(f"{JOURNAL}.lock").unlink(missing_ok=True)
        if not self.journal.exists():
            return
        with self.journal.open("rb+") as file:
            whole = file.read().rfind(b"\n") + 1
            file.truncate(whole)
