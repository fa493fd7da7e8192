"""What a trained population is: its members as runs, their table, and the best of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from layerlab.datasets import Part
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.runs.diagnosis import diagnose
from layerlab.runs.history import History
from layerlab.runs.plan import Plan
from layerlab.runs.run import Run
from layerlab.training.fit import full_parameters
from layerlab.training.job import Job
from layerlab.training.target import in_own_units

from .seeds import OverSeeds, over_seeds


@dataclass(frozen=True)
class Trained:
    """One member after training: where it came from, its coordinates, and what was recorded."""

    job: Job
    number: int
    coordinates: Parameters
    history: History
    plan: Plan


class Runs(Sequence[Run]):
    """The members as runs, in the order of the product. A run's full weights are made when it is asked for."""

    def __init__(self, members: Sequence[Trained]) -> None:
        self._members = members

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Runs: ...
    def __getitem__(self, index: int | slice) -> Run | Runs:
        if isinstance(index, slice):
            return Runs(self._members[index])
        one = self._members[index]
        member = one.job.members[one.number]
        parameters = full_parameters(one.job, one.number, one.coordinates)
        return Run(
            network=member.network,
            parameters=in_own_units(one.job, parameters),
            history=one.history,
            settings=member.settings,
            plan=one.plan,
            diagnosis=diagnose(
                member.network,
                parameters,
                one.history,
                Part(one.job.part.X, one.job.targets),
                one.job.weights,
                member.settings["dropout"],
            ),
            weighted=one.job.sample_weight is not None,
            **one.job.description,
        )


@dataclass(frozen=True)
class Sweep:
    """A trained population; ``print`` shows the table and says what each curve did.

    Attributes:
        runs: one run a member, in the order of the product.
        histories: what was recorded of each, without making its weights; ``seconds`` are those of its whole slice.
        varied: names of what was varied, "network" among them.
        common: what is the same for all by its name: network and settings.
        table: a dict a member: its varied settings (None where its schedule has no such setting), cost, validation cost
            and accuracy as ``History.figures`` has them, the update that a monitor kept, and what its curve did.
        plans: how they were computed; one for members that could share a program.
        dataset: name of the dataset, if there was one.
        left_over: number of members that an interrupt left untrained; they are not among the runs.
        interrupted: whether Ctrl-C ended it; the members hold what was trained until then.
    """

    runs: Runs = field(repr=False)
    histories: tuple[History, ...] = field(repr=False)
    varied: tuple[str, ...]
    common: Mapping[str, Any]
    table: tuple[dict[str, Any], ...]
    plans: tuple[Plan, ...]
    dataset: str = ""
    left_over: int = 0
    interrupted: bool = False

    def __str__(self) -> str:
        from .words import sweep_text

        return sweep_text(self)

    @property
    def over_seeds(self) -> tuple[OverSeeds, ...]:
        """The table with members that differ in their seed alone in one row: median, lowest and highest figures."""
        return over_seeds(self.table, self.varied)

    def best(self, by: str = "validation_cost") -> Run:
        """The run with the lowest cost or the highest accuracy in the table; of several alike the first.

        Whatever it scores on the data it was picked by flatters it: tell its worth by data that picked nothing.

        Args:
            by: "validation_cost", "validation_accuracy" or "cost" (of the training, with the penalty if there is one:
                members of different ``l2`` are not fairly ranked by it).

        Raises:
            InputError: another name, nothing recorded under it, or no member with a finite figure.
        """
        wanted = ("validation_cost", "validation_accuracy", "cost")
        if by not in wanted:
            raise InputError(f"by={by!r}: wanted one of {', '.join(map(repr, wanted))}")
        figures = [row.get(by) for row in self.table]
        if all(figure is None for figure in figures):
            raise InputError(
                f"by={by!r}: nothing was recorded under it; give sweep a validation part, or take by='cost'"
            )
        sign = -1.0 if by == "validation_accuracy" else 1.0
        ranks = [sign * figure if figure is not None and math.isfinite(figure) else math.inf for figure in figures]
        if min(ranks) == math.inf:
            raise InputError(f"by={by!r}: no member has a finite figure; sweep smaller learning rates")
        return self.runs[ranks.index(min(ranks))]
