"""A search on the disk: the request, the proposed trials, and their outcomes.

    search.json                   the request: space, seed, folds, …; another one is refused
    material.safetensors          examples and folds, for the processes that work on it
    batches/0003.json             a batch's trials, written before any of them is trained
    results/0003-p05.safetensors   the outcome of a task, which is part of a batch
    journal.log                   the trials that have ended, as Optuna keeps them (optuna-dashboard reads it)
    claims/                       notes on tasks that have not ended: which process trains them, how far they are

A task that was begun and has not ended leaves nothing but notes in ``claims``, and the next process begins it again.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layerlab.datasets.files import read_file
from layerlab.errors import InputError, WorkError
from layerlab.runs.claims import Lock
from layerlab.runs.writing import NO_ROOM, cannot_be_written, try_folder
from layerlab.tuning.search.proposals.candidate import Candidate

from .files import write_whole

SEARCH_FORMAT = 1
"""Version of a search folder's format, kept in search.json."""

REQUEST_FILE, DATA_FILE, JOURNAL_FILE = "search.json", "material.safetensors", "journal.log"

BATCHES, RESULTS, CLAIMS = "batches", "results", "claims"
"""Folders in the folder of a search."""

REQUEST_WORDS = {"data": "examples or folds", "eta": "halving", "references": "reference networks"}
"""What messages call the entries of a request."""


def _differing(request: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[str]:
    """Yield names of what differs between a request and the one that is in the folder."""
    for name, value in request.items():
        if name == "how" and isinstance(there.get(name), dict):
            yield from _differing(value, there[name])
        elif value != there.get(name):
            yield REQUEST_WORDS.get(name, name)


@contextmanager
def what_the_disk_refuses(path: Path) -> Iterator[None]:
    """Say what a disk refuses inside in a sentence that names the folder of the search.

    Raises:
        WorkError: it has no room; what has ended is kept.
        InputError: nothing may be written there.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise WorkError(
                f"{path}: cannot be written ({error.strerror}); make room there, and the same search goes on with "
                "resume=True"
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise cannot_be_written(path, error, "folder") from error
        raise


@dataclass(frozen=True)
class SearchFolder:
    """The folder of a search, or of one of its outer folds.

    Attributes:
        path: where it is.
    """

    path: Path

    @property
    def journal(self) -> Path:
        """The file with Optuna's journal."""
        return self.path / JOURNAL_FILE

    @property
    def data_file(self) -> Path:
        """The file with examples and folds."""
        return self.path / DATA_FILE

    def begin(self, request: Mapping[str, Any]) -> None:
        """Make the folder, or check that the one that is there belongs to the same request.

        Raises:
            InputError: it belongs to another one, or is no search.
        """
        own = self.path / REQUEST_FILE
        begun = os.path.lexists(own)  # a link that leads nowhere is damage, and no other process that begins
        if begun:
            there = self.read_request()
            if not there.get("references"):  # older searches knew no network for data made by hand or in outer folds
                begun, there = False, {**there, "references": request["references"]}
            other = list(_differing(json.loads(json.dumps(request)), there))
            if other:
                raise InputError(
                    f"{self.path}: holds a search with other {', '.join(other)}; ask for the same one, or name another "
                    f"folder"
                )
        try:  # also in a folder that was begun: git and zip leave empty folders out
            for name in (BATCHES, RESULTS, CLAIMS):
                (self.path / name).mkdir(parents=True, exist_ok=True)
            try_folder(self.path / CLAIMS, self.path)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise cannot_be_written(self.path, error, "folder") from error
            raise InputError(f"{self.path}: cannot be made ({error.strerror or error}); name another folder") from error
        if not begun:
            try:
                record = {"format_version": SEARCH_FORMAT, **request}
                write_whole(own, json.dumps(record, indent=1).encode(), new=not own.exists())
            except FileExistsError:  # another process has begun at the same moment: perhaps with the same request
                self.begin(request)

    def read_request(self) -> dict[str, Any]:
        """Return the request that the search in this folder was begun with.

        Raises:
            InputError: it cannot be read, or is of another format.
        """
        own = self.path / REQUEST_FILE
        try:
            record = json.loads(read_file(own))
            version = record.pop("format_version")
        except (OSError, ValueError, LookupError, AttributeError, RecursionError, TypeError) as error:
            raise InputError(f"{own}: is no search, or is damaged ({error}); name another folder") from error
        if version != SEARCH_FORMAT:
            raise InputError(f"{own}: is of format {version!r}; wanted {SEARCH_FORMAT}, of this layerlab")
        return dict(record)

    def save_batch(self, number: int, candidates: list[Candidate]) -> None:
        """Write down the trials of a batch before any of them is trained."""
        lines = [{"number": one.number, "values": dict(one.values)} for one in candidates]
        write_whole(self.path / BATCHES / f"{number:04d}.json", json.dumps(lines, indent=0).encode())

    def batch(self, number: int) -> list[Candidate] | None:
        """Return the trials of a batch, or None if it was not proposed yet."""
        path = self.path / BATCHES / f"{number:04d}.json"
        if not path.exists():
            return None
        try:
            return [Candidate(one["number"], one["values"]) for one in json.loads(read_file(path))]
        except (OSError, ValueError, LookupError, RecursionError, TypeError) as error:
            raise InputError(f"{path}: is damaged ({error}); begin the search anew in another folder") from error

    def result(self, task: str) -> Path:
        """Return the file with a task's outcome, which is there once the task has ended."""
        return self.path / RESULTS / f"{task}.safetensors"

    def claim(self, task: str) -> Lock | None:
        """Claim a task for this process; None if another one has it or it has ended."""
        if self.result(task).exists():
            return None
        lock = Lock.take(self._note(task, "lock"))
        if lock is not None and self.result(task).exists():
            lock.release()
            return None
        return lock

    def _note(self, task: str, kind: str) -> Path:
        return self.path / CLAIMS / f"{task}.{kind}"

    def note_begin(self, task: str, worker: str) -> None:
        """Note which worker process begins a task."""
        with self._note(task, "begun").open("a") as file:
            file.write(f"{worker}\n")

    def note_dead_worker(self, worker: str) -> None:
        """Count a death for the task that a worker process had begun and not ended."""
        for path in (self.path / CLAIMS).glob("*.begun"):
            with suppress(OSError, InputError):
                if worker in read_file(path).decode().split() and not self.result(path.stem).exists():
                    self.note_death(path.stem)

    def note_death(self, task: str) -> None:
        """Count that a worker process died at a task."""
        with self._note(task, "deaths").open("a") as file:
            file.write("x")

    def deaths(self, task: str) -> int:
        """Return how many processes died at a task; those that ended with the whole search do not count."""
        path = self._note(task, "deaths")
        return len(read_file(path)) if path.exists() else 0

    def note_single_trials(self, task: str) -> None:
        """Note that from now on each trial of a task is its own task."""
        self._note(task, "cut").touch()

    def is_in_single_trials(self, task: str) -> bool:
        """Return whether each trial of a task is a task of its own; not if the whole task has ended after all."""
        return self._note(task, "cut").exists() and not self.result(task).exists()

    def progress_file(self, task: str) -> Path:
        """Return the file in which the process that trains a task says how far it is."""
        return self._note(task, "news")

    def remove_notes(self, task: str) -> None:
        """Remove what was noted of a task that has ended."""
        for kind in ("begun", "deaths", "news"):
            with suppress(OSError):
                self._note(task, kind).unlink(missing_ok=True)

    @contextmanager
    def proposing(self) -> Iterator[bool]:
        """Hold the right to write into the journal and to propose; gives whether this process has got it."""
        lock = Lock.take(self.path / CLAIMS / "proposing.lock")
        try:
            if lock is not None:
                self._mend_journal()
            yield lock is not None
        finally:
            if lock is not None:
                lock.release()

    def _mend_journal(self) -> None:
        """Remove what a process that was killed while writing left in the journal: its lock, half a line."""
        self.journal.with_name(f"{JOURNAL_FILE}.lock").unlink(missing_ok=True)
        if not self.journal.exists():
            return
        whole = read_file(self.journal).rfind(b"\n") + 1
        with self.journal.open("rb+") as file:
            file.truncate(whole)
