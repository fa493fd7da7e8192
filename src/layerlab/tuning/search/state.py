"""One search on one set of examples: batches proposed, tasks run by whoever claims them, trials told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from layerlab.errors import WorkError
from layerlab.formulas.arrays import Floats
from layerlab.tuning.search.proposals.candidate import Candidate
from layerlab.tuning.search.proposals.sampler import Told, propose, tell, told_so_far
from layerlab.tuning.search.proposals.space import Range, Space
from layerlab.tuning.search.reference_networks import Reference, reference_from, run_reference
from layerlab.tuning.search.trials.cutting import compared_with_nobody, is_part, parts_of, together
from layerlab.tuning.search.trials.folder import Folder
from layerlab.tuning.search.trials.halving import in_question
from layerlab.tuning.search.trials.outcome import Outcome
from layerlab.tuning.search.trials.population import How
from layerlab.tuning.search.trials.search_data import Material
from layerlab.tuning.search.trials.task_training import News, failed_task, run_task, scores_of
from layerlab.tuning.search.trials.tasks import Task, tasks_of

DEATHS = 4
"""A task at which so many processes died is cut into single trials; a single trial has failed then."""


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
            Material.load(folder.material) if material is None else _in_rows(material),
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
        """The tasks of a batch."""
        return tasks_of(number, candidates, self.material, self.how.seeds)

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

    def reference(self, task: str) -> Reference:
        """The reference of a task."""
        return self.references[int(task.split("-")[1])]

    def open_tasks(self) -> list[str | Task]:
        """What has not ended: names of references, and of the last batch its tasks, or their parts before them."""
        names: list[str | Task] = [
            name
            for name in map(self.reference_name, range(len(self.references)))
            if not self.folder.result(name).exists()
        ]
        proposed = list(self.batches())
        for number, candidates in proposed[-1:]:
            for task in self.tasks(number, candidates):
                if not self.folder.result(task.name).exists():
                    names += self._open_parts(task) or [task]
        return names

    def _open_parts(self, task: Task) -> list[Task]:
        """Of a task that was cut the trials that have not ended."""
        if not self.folder.is_cut(task.name):
            return []
        return [one for one in parts_of(task) if not self.folder.result(one.name).exists()]

    def seen(self, task: str) -> list[list[Floats]]:
        """Of each trial of the batches before a task's own, its scores for each decision, at its rungs and its end."""
        before = int(task[:4])
        earlier = [one for number, some in self.batches() if number < before for one in self.told(number, some)]
        return [[in_question(row, one.passed, rung) for rung, row in enumerate(one.scores.values())] for one in earlier]

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
        return Told(candidate, scores, not outcome.finished(i), failed, outcome.passed[i])

    def goes_on(self, trials: int) -> bool:
        """Tell what has ended and propose what comes next, unless somebody else does just now; False at the end.

        Args:
            trials: how many there shall be in all.
        """
        with self.folder.proposing() as alone:
            if not alone:
                return True
            proposed = list(self.batches())
            still = self.open_tasks()
            if any(isinstance(task, Task) for task in still):
                return True
            n = sum(len(candidates) for _, candidates in proposed)
            if proposed and told_so_far(self.folder.journal) < n:
                self._tell(proposed)
            if n >= trials:
                return bool(still)
            size = min(self.size, trials - n)
            number = len(proposed)
            self.folder.propose(number, propose(self.space, self.how.seed, number, n, size, self.folder.journal))
            return True

    def _tell(self, proposed: Sequence[tuple[int, Sequence[Candidate]]]) -> None:
        tell(self.space, self.folder.journal, [one for number, some in proposed for one in self.told(number, some)])

    def run_one(self, watcher: Callable[[News], None] | None = None, by: str = "") -> bool:
        """Claim a task, run it, write what came of it; False where none is left to claim.

        Args:
            watcher: is told how far it is.
            by: who runs it, so that others can say at which task somebody died; nothing where nobody would notice.
        """
        for task in self.open_tasks():
            lock = self.folder.claim(name_of(task))
            if lock is None:
                continue
            try:
                if self.may_begin(task, by):
                    self.end(task, self.compute(task, watcher))
            finally:
                lock.release()
            return True
        return False

    def may_begin(self, task: str | Task, by: str = "") -> bool:
        """Note that a task is begun; one at which processes died again and again is given up.

        Raises:
            WorkError: it is a reference, without which there is nothing to compare with.
        """
        name = name_of(task)
        if self.folder.deaths(name) >= DEATHS and not self.folder.is_cut(name):
            self.give_up(task, f"the process that trained it died {DEATHS} times")
            return False
        if by:
            self.folder.begun(name, by)
        return True

    def give_up(self, task: str | Task, why: str) -> None:
        """Cut a task into single trials; report one that is single as failed.

        Raises:
            WorkError: as in ``may_begin``.
        """
        if isinstance(task, str):
            raise WorkError(f"{self.reference(task).name}: {why}; it was probably short of memory")
        if len(task.candidates) > 1:
            self.folder.cut(task.name)
        else:
            self.end(task, failed_task(task, self.material, self.how, why))

    def end(self, task: str | Task, outcome: Outcome) -> None:
        """Write what came of a task."""
        outcome.save(self.folder.result(name_of(task)))
        self.folder.tidy(name_of(task))

    def compute(self, task: str | Task, watcher: Callable[[News], None] | None = None) -> Outcome:
        """What comes of a task."""
        if isinstance(task, str):
            return run_reference(self.material, self.reference(task))
        if self.folder.is_cut(task.name):
            return self.joined(task)
        return run_task(self.material, task, self.how, self.rivals(task), watcher)

    def rivals(self, task: Task) -> list[list[Floats]]:
        """What its trials are compared with at the rungs; those of a cut task later, when all of them are there."""
        blocks = len(self.material.sizes)
        return compared_with_nobody(self.how.eta, blocks) if is_part(task) else self.seen(task.name)

    def joined(self, task: Task) -> Outcome:
        """What comes of a cut task whose parts have ended."""
        parts = [Outcome.load(self.folder.result(part.name)) for part in parts_of(task)]
        return together(parts, task.candidates, self.seen(task.name), self.how, self.material.sizes)


def _in_rows(material: Material) -> Material:
    """As it is read from the disk: a product of the same numbers in another order in memory has other last bits."""
    return material._replace(X=np.ascontiguousarray(material.X), Y=np.ascontiguousarray(material.Y))


def name_of(task: str | Task) -> str:
    """A reference has only its name."""
    return task if isinstance(task, str) else task.name


def space_of(record: Mapping[str, Any]) -> Space:
    """What JSON made of a space."""
    return Space({name: Range(**one) if isinstance(one, dict) else tuple(one) for name, one in record.items()})
