"""One search on one set of examples: batches proposed, tasks run by whoever claims them, trials told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .candidate import Candidate
from .folder import Folder
from .material import Material
from .outcome import Outcome
from .proposing import Told, propose, tell, told_so_far
from .references import Reference, reference_from, run_reference
from .running import How, News, failed_task, run_task, scores_of
from .space import Range, Space
from .tasks import Task, tasks_of

ATTEMPTS = 4
"""A task whose process died so often is cut into single trials; a trial is then given up."""


@dataclass(frozen=True)
class Arm:
    """A search as all processes that work on it see it.

    Attributes:
        folder: where it is kept.
        material: examples and folds.
        space: what may be tried.
        how: what is the same for all tasks.
        size: trials of a batch.
        references: networks that are trained on the same folds.
        known: outcomes that were read, by their task.
        read: batches that were read, in order.
        worth: trials of the batches that have ended, by their number.
    """

    folder: Folder
    material: Material
    space: Space
    how: How
    size: int
    references: tuple[Reference, ...] = ()
    known: dict[str, Outcome] = field(default_factory=dict, repr=False, compare=False)
    read: list[list[Candidate]] = field(default_factory=list, repr=False, compare=False)
    worth: dict[int, list[Told]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def at(cls, path: str | Path, material: Material | None = None) -> Arm:
        """The search that is kept in a folder."""
        folder = Folder(Path(path))
        record = folder.request()
        return cls(
            folder,
            Material.load(folder.material) if material is None else material,
            space_of(record["space"]),
            How(**record["how"]),
            record["batch"],
            tuple(reference_from(one) for one in record["references"]),
        )

    def batches(self) -> Iterator[tuple[int, list[Candidate]]]:
        """The batches that were proposed, in order."""
        while (candidates := self.folder.batch(len(self.read))) is not None:
            self.read.append(candidates)
        yield from enumerate(self.read)

    def tasks(self, number: int, candidates: Sequence[Candidate]) -> list[Task]:
        """The tasks of a batch, those that were cut into single trials so."""
        whole = tasks_of(number, candidates, self.material, self.how.seeds)
        return [part for task in whole for part in self._parts(task)]

    def _parts(self, task: Task) -> list[Task]:
        if not self.folder.is_cut(task.name):
            return [task]
        return [task._replace(name=f"{task.name}.{i:02d}", candidates=(one,)) for i, one in enumerate(task.candidates)]

    def outcome(self, task: str) -> Outcome | None:
        """What became of a task, if it has ended."""
        if task not in self.known:
            path = self.folder.result(task)
            if not path.exists():
                return None
            self.known[task] = Outcome.load(path)
        return self.known[task]

    def reference_name(self, number: int) -> str:
        """The task of a reference."""
        return f"reference-{number}"

    def open_tasks(self) -> list[str | Task]:
        """What has not ended: names of references, and the tasks of the last batch."""
        names: list[str | Task] = [
            name
            for name in map(self.reference_name, range(len(self.references)))
            if not self.folder.result(name).exists()
        ]
        proposed = list(self.batches())
        for number, candidates in proposed[-1:]:
            names += [one for one in self.tasks(number, candidates) if not self.folder.result(one.name).exists()]
        return names

    def seen(self, task: str) -> list[list[NDArray[np.float64]]]:
        """Of each trial of the batches before a task's own, its scores for each decision, at its rungs and its end."""
        before = int(task[:4])
        earlier = [one for number, some in self.batches() if number < before for one in self.told(number, some)]
        return [list(one.scores.values()) for one in earlier]

    def told(self, number: int, candidates: Sequence[Candidate]) -> list[Told]:
        """The trials of a batch that has ended, by their numbers."""
        if number not in self.worth:
            tasks = self.tasks(number, candidates)
            ended = [self._told(task, i, one) for task in tasks for i, one in enumerate(task.candidates)]
            self.worth[number] = sorted(ended, key=lambda one: one.candidate.number)
        return self.worth[number]

    def _told(self, task: Task, i: int, candidate: Candidate) -> Told:
        outcome = self.outcome(task.name)
        assert outcome is not None  # noqa: S101
        scores = scores_of(outcome, i, self.how, self.material.sizes)
        failed = outcome.failed.get(candidate.number, "")
        return Told(candidate, scores, not outcome.finished(i), failed)

    def goes_on(self, trials: int) -> bool:
        """Tell what has ended and propose what comes next, unless somebody else does just now; False at the end.

        Args:
            trials: how many there shall be in all.
        """
        with self.folder.proposing() as alone:
            if not alone:
                return True
            proposed = list(self.batches())
            if self.open_tasks():
                return True
            n = sum(len(candidates) for _, candidates in proposed)
            if proposed and told_so_far(self.folder.journal) < n:
                self._tell(proposed)
            if n >= trials:
                return False
            size = min(self.size, trials - n)
            number = len(proposed)
            self.folder.propose(number, propose(self.space, self.how.seed, number, n, size, self.folder.journal))
            return True

    def _tell(self, proposed: Sequence[tuple[int, Sequence[Candidate]]]) -> None:
        tell(self.space, self.folder.journal, [one for number, some in proposed for one in self.told(number, some)])

    def run_one(self, watcher: Callable[[News], None] | None = None) -> bool:
        """Claim a task, run it, write what came of it; False where none is left to claim."""
        for task in self.open_tasks():
            name = task if isinstance(task, str) else task.name
            lock = self.folder.claim(name)
            if lock is None:
                continue
            try:
                if self.may_begin(task):
                    self.compute(task, watcher).save(self.folder.result(name))
            finally:
                lock.release()
            return True
        return False

    def may_begin(self, task: str | Task) -> bool:
        """Note that a task is begun; one at which processes died again and again is cut, or given up."""
        name = task if isinstance(task, str) else task.name
        died = self.folder.attempts(name)
        if died < ATTEMPTS or isinstance(task, str):
            self.folder.begun(name)
            return True
        if len(task.candidates) > 1:
            self.folder.cut(name)
        else:
            why = f"the process that trained it died {died} times"
            failed_task(task, self.material, self.how, why).save(self.folder.result(name))
        return False

    def compute(self, task: str | Task, watcher: Callable[[News], None] | None = None) -> Outcome:
        """What comes of a task."""
        if isinstance(task, str):
            return run_reference(self.material, self.references[int(task.split("-")[1])])
        return run_task(self.material, task, self.how, self.seen(task.name), watcher)


def space_of(record: Mapping[str, Any]) -> Space:
    """What JSON made of a space."""
    return Space({name: Range(**one) if isinstance(one, dict) else tuple(one) for name, one in record.items()})
