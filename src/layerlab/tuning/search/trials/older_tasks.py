"""Take over the outcomes of a search that an earlier layerlab began, which cut a batch into tasks by other rules.

The names of the earlier tasks have a "t" or no letter where those of today have a "p". Their files stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from .folder import RESULTS, SearchFolder
from .outcome import Outcome, joined, one_trial
from .tasks import Task


def take_over(folder: SearchFolder, tasks: Sequence[Task]) -> None:
    """Save the outcomes of those tasks all of whose trials have ended in earlier tasks; the others are trained.

    Args:
        folder: of the search.
        tasks: of one batch.
    """
    older: dict[int, tuple[Outcome, int]] = {}
    for path in sorted((folder.path / RESULTS).glob(f"{tasks[0].name[:4]}-[t0-9]*.safetensors")):
        outcome = Outcome.load(path)
        older |= {int(number): (outcome, i) for i, number in enumerate(outcome.numbers)}
    for task in tasks:
        ended = [older.get(one.number) for one in task.candidates]
        if all(ended) and not folder.result(task.name).exists():
            joined([one_trial(*one) for one in ended if one]).save(folder.result(task.name))
