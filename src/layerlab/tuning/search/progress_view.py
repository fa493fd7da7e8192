"""Show a search while it runs: the best trial so far, how many have ended, the running curves, the time left.

On a terminal these are a few lines that stay in place, elsewhere a line on standard error now and then.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import IO, Any, cast

from layerlab.console import Console
from layerlab.datasets.files import read_file
from layerlab.escapes import printable
from layerlab.text import Forgiving, amount, count_text, percent, spoken_time, tell

from .collecting import trial_result
from .result import TrialResult
from .state import SearchState
from .trials.task_training import TaskProgress
from .trials.tasks import Task
from .words import STATES
from .workers.running import Watcher
from .worth import measure_name, score_text

REDRAW_INTERVAL = 0.25
"""On a terminal, the progress is drawn again after this many seconds."""

LINE_INTERVAL = 10.0
"""Elsewhere, a line is written after this many seconds."""

MOST_CURVES_SHOWN = 8
"""The largest number of running tasks whose curves are drawn."""

BARS = "▁▂▃▄▅▆▇█"
"""Characters of a curve in text, from low to high."""


@dataclass
class SearchProgress:
    """How far a search has come; a task that has ended is read once.

    Attributes:
        state: the search.
        trials: how many there will be.
        since: time at which this process began the search, or resumed it.
        ended: trials of the tasks that have ended, by task.
        finished: when each task that has ended since then began and ended, and how many trials it has.
    """

    state: SearchState
    trials: int
    since: float = field(default_factory=time)
    ended: dict[str, list[TrialResult]] = field(default_factory=dict)
    finished: list[tuple[float, float, int]] = field(default_factory=list)
    _whole: set[int] = field(default_factory=set)  # batches all of whose tasks have ended

    def look(self) -> list[tuple[Task, TaskProgress]]:
        """Read what has ended since the last look; return the tasks that are being trained, with their progress."""
        running = []
        for number, candidates in self.state.batches():
            if number in self._whole:
                continue
            tasks = self.state.tasks(number, candidates)
            open_tasks = [task for task in tasks if task.name not in self.ended and not self._note(task)]
            running += [(task, progress) for task in open_tasks if (progress := self._progress(task.name))]
            if all(task.name in self.ended for task in tasks):
                self._whole.add(number)
        return running

    def _note(self, task: Task) -> bool:
        outcome = self.state.outcome(task.name)
        if outcome is None:
            return False
        self.ended[task.name] = [trial_result(outcome, i, one, self.state) for i, one in enumerate(task.candidates)]
        end = self.state.folder.result(task.name).stat().st_mtime
        if end >= self.since:
            self.finished.append((end - outcome.seconds, end, len(task.candidates)))
        return True

    def _progress(self, task: str) -> TaskProgress | None:
        """Return the last progress report of the process that trains a task; None if it is older than this process."""
        path = self.state.folder.progress_file(task)
        try:
            return TaskProgress(**json.loads(read_file(path))) if path.stat().st_mtime >= self.since else None
        except (OSError, ValueError, TypeError, RecursionError):
            return None

    @property
    def results(self) -> list[TrialResult]:
        """All trials that have ended."""
        return [one for some in self.ended.values() for one in some]

    @property
    def best(self) -> TrialResult | None:
        """The finished trial that is ranked first, if any has finished."""
        done = [one for one in self.results if one.state == "finished" and math.isfinite(one.score)]
        return min(done, key=lambda one: (one.score, one.candidate.number)) if done else None

    def left(self) -> float | None:
        """Seconds that the other trials take, if they take as long as those that have ended since this process began.

        None before one has ended, when none is left, and when the others take longer than expected.
        """
        others = self.trials - len(self.results)
        if not self.finished or others <= 0:
            return None
        begins, ends, counts = zip(*self.finished, strict=True)
        left = (max(ends) - min(begins)) / sum(counts) * others - (time() - max(ends))
        return left if left > 0 else None

    def known_ended(self) -> int:
        """Return how many of the reference networks have been trained."""
        return sum(self.state.folder.result(task.name).exists() for task in self.state.known_tasks())


@contextmanager
def watching() -> Iterator[Watcher]:
    """A watcher for ``search``: on a terminal it draws, elsewhere it writes a line on standard error now and then."""
    stream = Forgiving(sys.stderr)
    if not stream.isatty():
        yield _throttled(lambda lines: tell(f"layerlab: {lines[0]}"), LINE_INTERVAL, first=LINE_INTERVAL)
        return
    from rich.live import Live
    from rich.text import Text

    with Live(console=Console(file=cast(IO[str], stream)), auto_refresh=False, transient=True) as live:

        def draw(lines: list[str]) -> None:
            width = live.console.width
            live.update(Text("\n".join(printable(line)[:width] for line in lines), no_wrap=True), refresh=True)

        yield _throttled(draw, REDRAW_INTERVAL)


def _throttled(show: Callable[[list[str]], None], between: float, first: float = 0.0) -> Watcher:
    """Make a watcher that shows the progress at most once in ``between`` seconds, and not before ``first`` seconds."""
    seen: dict[str, Any] = {"next": perf_counter() + first, "progress": None}

    def watcher(state: SearchState, trials: int, seconds: float) -> None:
        if perf_counter() < seen["next"]:
            return
        if seen["progress"] is None or seen["progress"].state is not state:
            seen["progress"] = SearchProgress(state, trials, time() - seconds)
        show(progress_lines(seen["progress"], seconds))
        seen["next"] = perf_counter() + between

    return watcher


def progress_lines(progress: SearchProgress, seconds: float) -> list[str]:
    """Return the shown lines: one on the search, one on the best trial so far, one for each task in training."""
    running = progress.look()
    more = len(running) - MOST_CURVES_SHOWN
    return [
        _whole_line(progress, running, seconds),
        _best_line(progress),
        *(_task_line(task, task_progress) for task, task_progress in running[:MOST_CURVES_SHOWN]),
        *([f"  … and {count_text(more, 'more task')}"] if more > 0 else []),
    ]


def _whole_line(progress: SearchProgress, running: Sequence[tuple[Task, TaskProgress]], seconds: float) -> str:
    states = [one.state for one in progress.results]
    in_play = sum(len(task.candidates) for task, _ in running)
    counts = [f"{states.count(state)} {state}" for state in STATES if state in states]
    counts += [f"{in_play} in training"] if in_play else []
    name = progress.state.folder.path.name
    which = f"outer fold {int(name.removeprefix('outer-')) + 1}: " if name.startswith("outer-") else ""
    of = f"{len(states)} of {count_text(progress.trials, 'trial')} ended ({', '.join(counts) or 'beginning'})"
    known, known_ended = len(progress.state.known_networks), progress.known_ended()
    still = f", {known_ended} of {count_text(known, 'reference network')}" if known_ended < known else ""
    return f"{which}{of}{still}, after {spoken_time(seconds)}{_left_text(progress)}"


def _left_text(progress: SearchProgress) -> str:
    """Say how long the trials that have not ended may take; "" where nothing that has ended shows it."""
    left = progress.left()
    if left is None:
        return ""
    how_long = "less than a second" if left < 1 else f"about {spoken_time(left)}"
    others = progress.trials - len(progress.results)
    return f"; {how_long} left for the {f'other {others:,}' if others > 1 else 'last one'}"


def _best_line(progress: SearchProgress) -> str:
    best = progress.best
    if best is None:
        return "best so far: none has finished yet"
    by = progress.state.shared.by
    score = f"cost {amount(best.score)}" if by == "cost" else f"{measure_name(by)} {score_text(-best.score, by)}"
    accuracy = f" (accuracy {percent(best.accuracy)})" if by == "cost" and math.isfinite(best.accuracy) else ""
    return f"best so far: held-out {score}{accuracy}, trial {best.candidate.number}: {best.candidate}".replace("_", " ")


def _task_line(task: Task, task_progress: TaskProgress) -> str:
    first, n = task.candidates[0], len(task.candidates)
    layers = f"hidden layers {'-'.join(map(str, first.layers))}" if first.layers else "no hidden layer"
    what = f"{task_progress.trials} of {n} networks left, such as {layers}" if n > 1 else layers
    costs = [cost for cost in task_progress.costs if math.isfinite(cost)]
    cost = amount(costs[-1]) if costs else "–"
    done = f"{task_progress.iteration:,} of {task_progress.iterations:,}"
    return f"  {spark(task_progress.costs):23} {cost:>8}  iteration {done}, {what}"


def spark(costs: Sequence[float]) -> str:
    """Return a curve in one line of text, from its lowest to its highest value; a value that is not finite is a cross.

    A curve that changes by less than a tenth of its height looks flat.

    Example:
        >>> spark([1.0, 0.5, 0.25, float("nan")]), spark([0.70, 0.69])
        ('█▃▁×', '█▇')
    """
    finite = [cost for cost in costs if math.isfinite(cost)]
    high = max(finite, default=1.0)
    reach = max(high - min(finite, default=0.0), abs(high) / 10) or 1.0
    top = len(BARS) - 1
    return "".join(BARS[top - round((high - cost) / reach * top)] if math.isfinite(cost) else "×" for cost in costs)
