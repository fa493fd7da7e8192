"""The state of a search: which batches were proposed, which tasks have ended, what comes next.

All of it is read from the search's folder, so every process that works on the search sees the same. A process claims a
task by a lock, which the system releases when the process ends; it trains the task and writes its outcome. When a batch
has ended, one process adds its trials to the journal and proposes the next batch. Both depend only on the batches
before, so it does not matter which process does it, or how often a process was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from layerlab.formulas.arrays import Floats

from .proposals.candidate import Candidate
from .proposals.known_networks import KnownNetwork, known_from_json
from .proposals.sampler import EndedTrial, propose_batch, record_trials, recorded_trials
from .proposals.space import Space, space_from_json
from .trials.folder import SearchFolder
from .trials.halving import scores_in_question
from .trials.known_training import failed_known, train_known
from .trials.outcome import Outcome
from .trials.population import SharedSettings
from .trials.search_data import SearchData
from .trials.task_training import TaskProgress, failed_task, rung_scores, train_task
from .trials.tasks import KnownTask, Task, Work, single_trials, split_into_tasks

DEATHS = 4
"""When this many processes have died at a task, its trials are trained one by one; at a single trial, it has failed."""


@dataclass(frozen=True)
class SearchState:
    """A search, or that of one outer fold, as all processes that work on it see it.

    Attributes:
        folder: where it is kept.
        search_data: examples and folds.
        space: what may be tried.
        shared: settings that all tasks share.
        size: number of trials in a batch.
        known_networks: the reference networks; each is a task.
        known: outcomes that were read already, by their task.
        read: batches that were read already, in order.
        ended: trials of the batches that have ended, by the batch's number.
    """

    folder: SearchFolder
    search_data: SearchData
    space: Space
    shared: SharedSettings
    size: int
    known_networks: tuple[KnownNetwork, ...] = ()
    known: dict[str, Outcome] = field(default_factory=dict, repr=False, compare=False)
    read: list[list[Candidate]] = field(default_factory=list, repr=False, compare=False)
    ended: dict[int, list[EndedTrial]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def at(cls, path: str | Path, search_data: SearchData | None = None) -> SearchState:
        """Open the search that is kept in a folder.

        Args:
            path: the folder.
            search_data: what the folder holds, if it is in memory already.
        """
        folder = SearchFolder(Path(path))
        record = folder.read_request()
        return cls(
            folder,
            SearchData.load(folder.data_file) if search_data is None else _in_rows(search_data),
            space_from_json(record["space"]),
            SharedSettings(**record["how"]),
            record["batch"],
            known_from_json(record["references"]),
        )

    def batches(self) -> Iterator[tuple[int, list[Candidate]]]:
        """Yield the batches that were proposed, in order, with their numbers."""
        while (candidates := self.folder.batch(len(self.read))) is not None:
            self.read.append(candidates)
        yield from enumerate(self.read)

    def tasks(self, number: int, candidates: Sequence[Candidate]) -> list[Task]:
        """Return the tasks of a batch; where processes died again and again, each trial is a task of its own."""
        tasks = split_into_tasks(number, candidates, self.search_data, self.shared.seeds)
        return [
            one
            for task in tasks
            for one in (single_trials(task) if self.folder.is_in_single_trials(task.name) else [task])
        ]

    def outcome(self, task: str) -> Outcome | None:
        """Return the outcome of a task, or None if it has not ended."""
        if task not in self.known:
            path = self.folder.result(task)
            if not path.exists():
                return None
            self.known[task] = Outcome.load(path)
        return self.known[task]

    def known_tasks(self) -> list[KnownTask]:
        """Return the tasks of the reference networks."""
        return [KnownTask(f"known-{i}", one) for i, one in enumerate(self.known_networks)]

    def candidate(self, number: int) -> Candidate | KnownNetwork:
        """Return the proposed trial, or the reference network, with this number."""
        if number < 0:
            return next(one for one in self.known_networks if one.number == number)
        return next(one for _, some in self.batches() for one in some if one.number == number)

    def open_tasks(self) -> list[Work]:
        """Return the tasks that have not ended: of the reference networks, and of the last batch."""
        proposed = list(self.batches())
        tasks: list[Work] = [*self.known_tasks()]
        for number, candidates in proposed[-1:]:
            tasks += self.tasks(number, candidates)
        return [task for task in tasks if not self.folder.result(task.name).exists()]

    def seen(self, task: str) -> list[list[Floats]]:
        """Return the scores of the trials that a task's trials are compared with: those of all earlier batches.

        Returns:
            For each of these trials, its scores for each decision, at its rungs and at its end.
        """
        before = int(task[:4])
        earlier = [one for number, some in self.batches() if number < before for one in self.ended_batch(number, some)]
        return [
            [scores_in_question(scores, one.passed, rung) for rung, scores in enumerate(one.scores.values())]
            for one in earlier
        ]

    def ended_batch(self, number: int, candidates: Sequence[Candidate]) -> list[EndedTrial]:
        """Return the trials of a batch that has ended, in the order of their numbers."""
        if number not in self.ended:
            tasks = self.tasks(number, candidates)
            trials = [self._ended_trial(task, i, one) for task in tasks for i, one in enumerate(task.candidates)]
            self.ended[number] = sorted(trials, key=lambda one: one.candidate.number)
        return self.ended[number]

    def _ended_trial(self, task: Task, i: int, candidate: Candidate) -> EndedTrial:
        outcome = self.outcome(task.name)
        assert outcome is not None  # noqa: S101
        scores = rung_scores(outcome, i, self.shared, self.search_data.sizes)
        failed = outcome.failed.get(candidate.number, "")
        return EndedTrial(candidate, scores, not outcome.finished(i), failed, outcome.passed[i])

    def goes_on(self, trials: int) -> bool:
        """Propose the next batch if the last one has ended; return False when there is nothing left to do.

        Only one process proposes at a time; the others try again later.

        Args:
            trials: how many there will be in all.
        """
        with self.folder.proposing() as alone:
            if not alone:
                return True
            proposed = list(self.batches())
            still_open = self.open_tasks()
            if any(isinstance(task, Task) for task in still_open):
                return True
            n = sum(len(candidates) for _, candidates in proposed)
            if proposed and recorded_trials(self.folder.journal) < n:
                ended = [one for number, some in proposed for one in self.ended_batch(number, some)]
                record_trials(self.space, self.folder.journal, ended)
            if n >= trials:
                return bool(still_open)
            number, size = len(proposed), min(self.size, trials - n)
            batch = propose_batch(self.space, self.shared.seed, number, n, size, self.folder.journal)
            self.folder.save_batch(number, batch)
            return True

    def run_one(self, watcher: Callable[[TaskProgress], None] | None = None, worker: str = "") -> bool:
        """Claim a task, train it and save its outcome; return False if none is left to claim.

        Args:
            watcher: is called with the task's progress.
            worker: name of the process that trains, so that others can report at which task it died; "" if none do.
        """
        for task in self.open_tasks():
            lock = self.folder.claim(task.name)
            if lock is None:
                continue
            try:
                if self.may_begin(task, worker):
                    self.save(task, self.compute(task, watcher))
            finally:
                lock.release()
            return True
        return False

    def may_begin(self, task: Work, worker: str = "") -> bool:
        """Note that a claimed task is begun, unless processes died at it again and again."""
        name = task.name
        if self.folder.is_in_single_trials(name):  # another process has just noted it
            return False
        if self.folder.deaths(name) >= DEATHS:
            self.give_up(task, f"the process that trained it died {DEATHS} times")
            return False
        if worker:
            self.folder.note_begin(name, worker)
        return True

    def give_up(self, task: Work, why: str) -> None:
        """Have the trials of a task trained one by one from now on; a single one is reported as failed."""
        if isinstance(task, KnownTask):
            self.save(task, failed_known(task.known, self.search_data, why))
        elif len(task.candidates) > 1:
            self.folder.note_single_trials(task.name)
        else:
            self.save(task, failed_task(task, self.search_data, self.shared, why))

    def save(self, task: Work, outcome: Outcome) -> None:
        """Save a finished task's outcome, and remove the files that were kept while it ran."""
        outcome.save(self.folder.result(task.name))
        self.folder.remove_notes(task.name)

    def compute(self, task: Work, watcher: Callable[[TaskProgress], None] | None = None) -> Outcome:
        """Train the networks of a task without each fold and with every seed, and return how they scored."""
        if isinstance(task, KnownTask):
            return train_known(self.search_data, task.known, self.shared)
        return train_task(self.search_data, task, self.shared, self.seen(task.name), watcher)


def _in_rows(search_data: SearchData) -> SearchData:
    """Return the arrays as they are read from the disk: another order in memory would give other last digits."""
    return search_data._replace(X=np.ascontiguousarray(search_data.X), Y=np.ascontiguousarray(search_data.Y))
