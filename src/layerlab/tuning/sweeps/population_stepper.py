"""``PopulationStepper``: the members of a sweep, trained side by side update by update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Part
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.argument_checks import TrainingData, check_features
from layerlab.runs.findings import Verdict
from layerlab.runs.history import History
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import with_defaults
from layerlab.training.interrupts import deferred_interrupts
from layerlab.training.job import Member
from layerlab.training.stepper.stepper import Stepper

from .population_jobs import population_jobs
from .result import MemberRuns, Sweep, TrainedMember
from .stepped_members import SteppedMembers
from .sweep import memory_in_bytes, summary_of, verdicts_of


class PopulationStepper:
    """Train the members of a sweep side by side, and look at all of them after any update.

    The members are those of ``sweep`` with the same arguments, and get the same parameters and costs. Networks that
    differ in depth or activations have programs of their own, which take turns. A member that diverges, or that a
    monitor ends, stays as it is; the others go on.

    Args:
        networks, data, sample_weight, validation, validation_weight, memory_gib: as for ``sweep``.
        settings: the settings of ``sweep`` by name; lists make the members.

    Attributes:
        members: network and settings of each member, in the order of the product.
        varied: names of the settings that have several values; "network" if there are several networks.
        iterations: number of updates that can be made.
        plans: how the members are computed; one plan for all members that share a program.

    Raises:
        InputError: data or settings are wrong, or the members do not fit into the memory together.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> nets = [layerlab.Network([2, 4, 1], hidden="tanh"), layerlab.Network([2, 4, 4, 1], hidden="tanh")]
        >>> population = layerlab.PopulationStepper(nets, flower, learning_rate=[0.01, 1.2], iterations=500)
        >>> population.advance(100)
        100
        >>> for k, verdict in enumerate(population.behaviours()):
        ...     print(population.members[k].network.layer_dims, f"{population.costs[-1, k]:.2f}", verdict.word)
        (2, 4, 1) 0.69 crept
        (2, 4, 1) 0.34 fell
        (2, 4, 4, 1) 0.66 fell
        (2, 4, 4, 1) 0.33 oscillated
        >>> [A.shape for A in population.forward(flower.test.X)[3]]  # units of the last member, layer by layer
        [(4, 400), (4, 400), (1, 400)]
        >>> stepper = population.pick(3)  # this member alone, at the same update
        >>> stepper.update
        100
    """

    def __init__(
        self,
        networks: Network | Sequence[Network],
        data: TrainingData,
        *,
        sample_weight: Any = None,
        validation: Part | tuple[Any, Any] | None = None,
        validation_weight: Any = None,
        memory_gib: float | None = None,
        **settings: Any,
    ) -> None:
        weights, budget = (sample_weight, validation_weight), memory_in_bytes(memory_gib)
        jobs, self.varied = population_jobs(networks, data, weights, validation, with_defaults(settings))
        self._data = data
        self._beside = {"validation": validation, "sample_weight": sample_weight}
        self._beside["validation_weight"] = validation_weight
        self._groups = [SteppedMembers(job, budget) for job in jobs]
        places = {member.number: (group, k) for group in self._groups for k, member in enumerate(group.job.members)}
        self._places = [places[number] for number in range(len(places))]
        trained = tuple(group.job.members[k] for group, k in self._places)
        self.members: tuple[Member, ...] = tuple(replace(one, settings=dict(one.settings)) for one in trained)
        self.plans: tuple[Plan, ...] = tuple(group.plan for group in self._groups)
        self._furthest = 0
        self.iterations: int = self.members[0].settings["iterations"]

    def __repr__(self) -> str:
        return f"<PopulationStepper of {len(self.members)} members: {self.update:,} of {self.iterations:,} updates>"

    @property
    def update(self) -> int:
        """Number of updates made until here."""
        return max(group.update for group in self._groups)

    @property
    def furthest(self) -> int:
        """Number of updates until which the training is known: ``seek`` goes so far."""
        return self._furthest

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Whether each member is still trained, (K,): its costs are finite, and no monitor has ended it."""
        return np.array([bool(np.asarray(group.state.alive)[k]) for group, k in self._places])

    @property
    def ended(self) -> str:
        """Why no further update can be made from here, a sentence; "" if one can."""
        if not self.alive.any():
            return f"no member is trained any more after update {self.update:,}: each diverged or ended early"
        return f"all {self.iterations:,} iterations are made" if self.update >= self.iterations else ""

    @property
    def costs(self) -> Floats:
        """The cost of each update and member, (update, K); nan after a member's training has ended."""
        each = {id(group): group.costs(self.update) for group in self._groups}
        return np.stack([each[id(group)][:, k] for group, k in self._places], axis=1)

    @property
    def histories(self) -> tuple[History, ...]:
        """What was recorded for each member."""
        return tuple(one.history for one in self._trained())

    def advance(self, n: int = 1) -> int:
        """Make n updates of every member that is still trained.

        Ctrl-C ends it between two updates with a ``KeyboardInterrupt``; what was made is kept.

        Args:
            n: at least 1; at the end of the iterations fewer are made.

        Returns:
            The number of updates that were made.

        Raises:
            InputError: n is no such number, or no more updates can be made.
        """
        if not _is_whole(n) or n < 1:
            raise InputError(f"advance({n!r}): wanted a whole number of at least 1")
        if self.ended:
            raise InputError(
                f"advance({n}): no update can be made: {self.ended}; seek(update) goes back, and a new "
                f"PopulationStepper takes other settings"
            )
        before = self.update
        target = min(before + int(n), self.iterations)
        with deferred_interrupts() as interrupts:
            while self.update < target and not self.ended and not interrupts.count:
                goal = min(target, self.update + min(group.between for group in self._groups))
                for group in self._groups:
                    group.advance_to(goal)
                self._furthest = max(self._furthest, self.update)
        return self.update - before

    def seek(self, update: int) -> None:
        """Go to where this many updates were made, with the same numbers as then. ``advance`` goes on from there.

        Args:
            update: from 0 to ``furthest``. Some earlier states are kept, so that few updates are made again.

        Raises:
            InputError: so many updates have not been made.
        """
        if not _is_whole(update) or not 0 <= update <= self._furthest:
            raise InputError(
                f"seek({update!r}): wanted a number of updates from 0 to {self._furthest}, the furthest made"
            )
        for group in self._groups:
            group.seek(int(update))

    def parameters(self, k: int) -> Parameters:
        """Return copies of a member's ``W1 b1 … WL bL`` after the last update, as they are learned.

        Args:
            k: number of the member, from 0.

        Raises:
            InputError: there is no such member.
        """
        group, place = self._place(k)
        return group.parameters(place)

    def forward(self, X: Any) -> list[list[Floats]]:
        """Return the value of every unit of every member; members that share a program take one forward pass.

        Args:
            X: (n_x, m) inputs, such as the points of a grid.

        Returns:
            For each member, layer by layer: (n, m) values of its units, from 0; those of the last layer are its
            predictions, in the target's own units. They must not be changed.

        Raises:
            InputError: X does not fit the networks' inputs, or has values that are not finite.
        """
        first = self.members[0]
        X = check_features(X, first.network, first.settings["dtype"])
        each = {id(group): group.forward(X) for group in self._groups}
        return [each[id(group)][k] for group, k in self._places]

    def behaviours(self) -> list[Verdict]:
        """Return what each member's cost has done until now, compared with the best one: the words of ``sweep``."""
        return verdicts_of(self._trained())

    def sweep(self) -> Sweep:
        """Return the members as they are now, as ``layerlab.sweep`` does: table, histories, runs and the best.

        With a constant learning rate it is the sweep of as many iterations. With another schedule, the settings name
        the iterations that were asked for, and ``history.stopped`` says that not all of them were made.

        Raises:
            InputError: no update has been made.
        """
        if not self.update:
            raise InputError("sweep(): no update has been made, so there is nothing to compare; advance(n) first")
        trained = self._trained()
        jobs = {id(one.job): one.job for one in trained}
        return summary_of(trained, self.varied, list(jobs.values()), self._data)

    def runs(self) -> MemberRuns:
        """Return a run of each member as it is now; its weights are made when it is asked for."""
        return MemberRuns(self._trained())

    def pick(self, k: int) -> Stepper:
        """Return a ``Stepper`` of one member alone, at the same update: to change, edit or take it apart.

        It is trained again from its initial weights, by a plan of its own: the run that ``train`` gives with the
        member's settings, which agrees with the member of the population up to rounding.

        Args:
            k: number of the member, from 0.

        Raises:
            InputError: there is no such member.
        """
        group, place = self._place(k)
        member, wanted = group.job.members[place], self.update
        stepper = Stepper(member.network, self._data, **self._beside, **member.settings)
        while stepper.update < wanted and not stepper.ended:
            stepper.advance(wanted - stepper.update)
        return stepper

    def _trained(self) -> list[TrainedMember]:
        """Every member as it is now, in the order of the product.

        With a constant learning rate, training until here is the same as a training that was asked for so many updates,
        unless it has ended by itself.
        """
        constant = all(group.job.schedules == ("constant",) for group in self._groups)
        whole = not self.update or not self.alive.any()  # one that ended by itself was asked for all iterations
        asked = self.update if constant and not whole else self.iterations
        each = {id(group): group.trained(asked) for group in self._groups}
        return [each[id(group)][k] for group, k in self._places]

    def _place(self, k: int) -> tuple[SteppedMembers, int]:
        if not _is_whole(k) or not 0 <= k < len(self._places):
            last = len(self._places) - 1
            raise InputError(f"member {k!r}: wanted a whole number from 0 to {last}, the member's place in .members")
        return self._places[int(k)]


def _is_whole(n: Any) -> bool:
    return isinstance(n, Integral) and not isinstance(n, bool)
