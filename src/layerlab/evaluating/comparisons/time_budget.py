"""How a training is made to fit into some seconds: a few updates are timed, then epochs and members are cut.

The cut is made before the training begins, so that the schedule of the learning rate ends where the training does. What
is left is written into the run as plain numbers; a training by these numbers gives the same network on any day.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from layerlab.datasets import Dataset
from layerlab.runs.run import Run
from layerlab.text import count_text

from .recipe_training import explain_recipe, recipe_settings, train_recipe
from .recipes import Recipe

NOT_TIMED = ("checkpoint", "resume", "log", "metrics", "every", "progress", "advice")
"""Settings of ``train`` that have no part in the time of an update."""

USUAL_SECONDS = 60.0
"""How long the usual training of a table may take, unless the user says otherwise."""

FEWEST_EPOCHS = 25
"""Epochs are cut down to this number before members are left out."""

FEWEST_MEMBERS = 2
"""Members are cut down to this number; then epochs are cut further."""

TIMED_UPDATES = 50
"""At most this many updates are timed."""


class Cut(NamedTuple):
    """What is left of a training that fits into the budget.

    Attributes:
        epochs, members: how many are trained.
        sentence: what was cut and why; "" where nothing was.
    """

    epochs: int
    members: int
    sentence: str

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of ``train`` that it replaces; empty where nothing was cut."""
        if not self.sentence:
            return {}
        return {"epochs": self.epochs} | ({"members": self.members} if self.members > 1 else {})


def cut_to(
    seconds: float, epoch: Callable[[], float], epochs: int, members: int, fewest_members: int = FEWEST_MEMBERS
) -> Cut:
    """Cut a training so that it is expected to end within some seconds: first epochs, then members.

    Args:
        seconds: the budget.
        epoch: times a few updates, and returns the seconds that an epoch of all members takes.
        epochs, members: how many there would be without a budget.
        fewest_members: how many members are kept in any case.

    Example:
        >>> cut_to(60.0, lambda: 0.5, 60, 8).sentence
        ''
        >>> [cut_to(60.0, lambda: seconds, 60, 8)[:2] for seconds in (1.5, 4.8, 60.0)]
        [(40, 8), (25, 4), (4, 2)]
        >>> cut_to(60.0, lambda: 1.5, 60, 8).sentence
        'For the time budget of 60 s the training has 40 epochs instead of 60: an epoch would take about 1.5 s'
    """
    each = epoch()
    fits = seconds / max(each, 1e-9)
    if fits >= epochs:
        return Cut(epochs, members, "")
    fewest = min(FEWEST_EPOCHS, epochs)
    if fits >= fewest:
        left, kept = int(fits), members
    else:
        kept = min(members, max(int(members * fits / fewest), fewest_members))
        left = max(1, min(fewest, int(fits * members / kept)))
    return Cut(left, kept, _sentence(seconds, each, (epochs, members), (left, kept)))


def _sentence(seconds: float, each: float, before: tuple[int, int], after: tuple[int, int]) -> str:
    """Say in words for the user how many epochs and networks are left of how many, and why."""
    cuts = [f"{count_text(after[0], 'epoch')} instead of {before[0]}"]
    if after[1] < before[1]:
        cuts.append(f"{count_text(after[1], 'network')} instead of {before[1]}")
    return (
        f"For the time budget of {seconds:g} s the training has {' and '.join(cuts)}: an epoch would take about "
        f"{each:.2g} s"
    )


SURELY_FITS = 0.05
"""A training that is expected to need less than this share of its budget is not timed."""


def cut_recipe(recipe: Recipe, data: Dataset, settings: Mapping[str, Any], seconds: float) -> Cut | None:
    """Cut a recipe's training so that it fits into some seconds; a number of members that was given is not cut.

    Args:
        recipe, data, settings: as for ``train_recipe``.
        seconds: the budget.

    Returns:
        What is left of it; None where its length is not given in epochs.
    """
    own = {name: value for name, value in settings.items() if name not in NOT_TIMED}
    chosen = recipe_settings(recipe, own)
    if "epochs" not in chosen:
        return None
    plan = explain_recipe(recipe, data, **own)
    if sum(plan.expected.values()) < SURELY_FITS * seconds:
        return Cut(chosen["epochs"], chosen.get("members", 1), "")
    epoch = math.ceil(plan.examples / plan.batch_size)
    timed = min(epoch, TIMED_UPDATES)

    def seconds_of_an_epoch() -> float:
        run = train_recipe(recipe, data, **own, iterations=timed, advice=False, progress=False)
        assert run.plan is not None  # noqa: S101
        return run.plan.actual["updates"] * epoch / timed

    fewest = own.get("members") or FEWEST_MEMBERS
    return cut_to(seconds, seconds_of_an_epoch, chosen["epochs"], chosen.get("members", 1), fewest)


def with_cut(run: Run, sentence: str) -> Run:
    """Write into a run's plan what was cut before the training."""
    return replace(run, plan=replace(run.plan, cut=sentence)) if sentence and run.plan is not None else run
