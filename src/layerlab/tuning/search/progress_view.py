"""What one sees while a search runs: the best so far, how many trials have ended, the running curves, the time left.

On a terminal a few lines that stay where they are, elsewhere a line on standard error now and then.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import Any

from layerlab.text import amount, count_text, percent, spoken_time

from .collecting import trial_of
from .result import TrialResult
from .state import Arm
from .trials.task_training import News
from .trials.tasks import Task
from .workers.running import Watcher

BETWEEN = 0.25
"""Seconds from one picture to the next, on a terminal."""

LINES = 10.0
"""Seconds from one line to the next, elsewhere."""

SHOWN = 8
"""Running tasks whose curves are drawn."""

BARS = "▁▂▃▄▅▆▇█"


@dataclass
class Progress:
    """How far a search is; what has ended is counted once and kept.

    Attributes:
        arm: the search.
        trials: how many there shall be.
        since: time at which it was begun to be watched.
        ended: trials of the tasks that have ended, by task.
        before: trials that had ended when it was begun to be watched.
        moved: time at which the first trial was seen in training.
    """

    arm: Arm
    trials: int
    since: float = field(default_factory=time)
    ended: dict[str, list[TrialResult]] = field(default_factory=dict)
    before: int | None = None
    moved: float | None = None

    def look(self) -> list[tuple[Task, News]]:
        """Count what has ended since the last look; the tasks that run, with their news."""
        running = []
        for number, candidates in self.arm.batches():
            if number in self._whole:
                continue
            tasks = self.arm.tasks(number, candidates)
            open_tasks = [task for task in tasks if task.name not in self.ended and not self._note(task)]
            running += [(task, news) for task in open_tasks if (news := self._news(task.name))]
            if all(task.name in self.ended for task in tasks):
                self._whole.add(number)
        if self.before is None:
            self.before = len(self.results)
        if self.moved is None and (running or len(self.results) > self.before):
            self.moved = time()
        return running

    def __post_init__(self) -> None:
        self._whole: set[int] = set()

    def _note(self, task: Task) -> bool:
        outcome = self.arm.outcome(task.name)
        if outcome is None:
            return False
        self.ended[task.name] = [trial_of(outcome, i, one, self.arm) for i, one in enumerate(task.candidates)]
        return True

    def _news(self, task: str) -> News | None:
        """What whoever is at a task said last; nothing of somebody who was at it before."""
        path = self.arm.folder.news(task)
        try:
            return News(**json.loads(path.read_text())) if path.stat().st_mtime >= self.since else None
        except (OSError, ValueError, TypeError):
            return None

    @property
    def results(self) -> list[TrialResult]:
        """The trials that have ended."""
        return [one for some in self.ended.values() for one in some]

    @property
    def best(self) -> TrialResult | None:
        """The finished trial that ranks first."""
        done = [one for one in self.results if one.state == "finished" and math.isfinite(one.score)]
        return min(done, key=lambda one: (one.score, one.candidate.number)) if done else None

    def left(self, running: Sequence[tuple[Task, News]]) -> float | None:
        """Seconds until the end, as if the trials to come took as long as those that this process saw."""
        half = sum(len(task.candidates) * news.iteration / news.iterations for task, news in running)
        done = len(self.results) - (self.before or 0) + half
        if done <= 0 or self.moved is None or time() == self.moved:
            return None
        return (time() - self.moved) / done * (self.trials - len(self.results) - half)


@contextmanager
def watching() -> Iterator[Watcher]:
    """A watcher for ``search``: on a terminal it draws, elsewhere it writes a line now and then."""
    if not sys.stderr.isatty():
        yield _seldom(lambda lines: print(f"layerlab: {lines[0]}", file=sys.stderr, flush=True), LINES, first=LINES)
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:

        def draw(lines: list[str]) -> None:
            width = live.console.width
            live.update(Text("\n".join(line[:width] for line in lines), no_wrap=True), refresh=True)

        yield _seldom(draw, BETWEEN)


def _seldom(show: Callable[[list[str]], None], between: float, first: float = 0.0) -> Watcher:
    """Shows no oftener than every so many seconds, and not before some have passed."""
    seen: dict[str, Any] = {"next": perf_counter() + first, "progress": None}

    def watcher(arm: Arm, trials: int, seconds: float) -> None:
        if perf_counter() < seen["next"]:
            return
        if seen["progress"] is None or seen["progress"].arm is not arm:
            seen["progress"] = Progress(arm, trials)
        show(view_lines(seen["progress"], seconds))
        seen["next"] = perf_counter() + between

    return watcher


def view_lines(progress: Progress, seconds: float) -> list[str]:
    """A line on the whole, one on the best so far, and one for each task that runs."""
    running = progress.look()
    return [
        _whole_line(progress, running, seconds),
        _best_line(progress),
        *(_task_line(task, news) for task, news in running[:SHOWN]),
        *([f"  … and {count_text(len(running) - SHOWN, 'more task')}"] if len(running) > SHOWN else []),
    ]


def _whole_line(progress: Progress, running: Sequence[tuple[Task, News]], seconds: float) -> str:
    states = [one.state for one in progress.results]
    in_play = sum(len(task.candidates) for task, _ in running)
    told = [f"{states.count(state)} {state}" for state in ("finished", "given up", "failed") if state in states]
    told += [f"{in_play} in training"] if in_play else []
    name = progress.arm.folder.path.name
    which = f"outer fold {int(name.removeprefix('outer-')) + 1}: " if name.startswith("outer-") else ""
    left = progress.left(running)
    time_left = "" if left is None else f", about {spoken_time(max(left, 0))} left"
    of = f"{len(states)} of {count_text(progress.trials, 'trial')}"
    return f"{which}{of} ({', '.join(told) or 'beginning'}), {spoken_time(seconds)}{time_left}"


def _best_line(progress: Progress) -> str:
    best = progress.best
    if best is None:
        return "best so far: none has finished yet"
    score = f"accuracy {percent(-best.score)}" if progress.arm.how.by == "accuracy" else f"cost {amount(best.score)}"
    told = progress.arm.how.by == "cost" and math.isfinite(best.accuracy)
    right = f" ({percent(best.accuracy)} right)" if told else ""
    return f"best so far: held-out {score}{right}, trial {best.candidate.number}: {best.candidate}".replace("_", " ")


def _task_line(task: Task, news: News) -> str:
    first = task.candidates[0]
    layers = "-".join(map(str, first.layers)) or "linear"
    what = f"{len(task.candidates)} × such as {layers}" if len(task.candidates) > 1 else layers
    costs = [cost for cost in news.costs if math.isfinite(cost)]
    cost = amount(costs[-1]) if costs else "–"
    done = f"{news.iteration:,} of {news.iterations:,}"
    return f"  {spark(news.costs):23} {cost:>8}  iteration {done}, {news.trials} left of {what}"


def spark(costs: Sequence[float]) -> str:
    """A curve in one line of text, from its lowest value to its highest; what is not finite is a cross.

    A curve that moves by less than a tenth of its height looks flat, as it is.

    Example:
        >>> spark([1.0, 0.5, 0.25, float("nan")]), spark([0.70, 0.69])
        ('█▃▁×', '█▇')
    """
    finite = [cost for cost in costs if math.isfinite(cost)]
    high = max(finite, default=1.0)
    reach = max(high - min(finite, default=0.0), abs(high) / 10) or 1.0
    top = len(BARS) - 1
    return "".join(BARS[top - round((high - cost) / reach * top)] if math.isfinite(cost) else "×" for cost in costs)
