"""The result of a sweep: its members as runs, their table, the best of them, and its facts as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload

from layerlab.console import as_text
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.runs.causes import Suspect
from layerlab.runs.constant_baseline import constant_cost
from layerlab.runs.diagnosis import Trial, TriedChange, findings
from layerlab.runs.evidence import Evidence
from layerlab.runs.findings import NO_CHANGES, Verdict
from layerlab.runs.history import History
from layerlab.runs.metrics import METRICS, RANKED_BY_CLASSES, metric_value
from layerlab.runs.network_outputs import network_outputs
from layerlab.runs.plan import Plan
from layerlab.runs.run import Run
from layerlab.runs.verdict import Constant, verdict_of
from layerlab.training.examining import evidence_in
from layerlab.training.fit import full_parameters
from layerlab.training.job import Job
from layerlab.training.target import in_own_units
from layerlab.views import html_of

from .advice import advised
from .seeds import OverSeeds, over_seeds
from .words import print_sweep


@dataclass(frozen=True)
class TrainedMember:
    """One member of a population after training.

    Attributes:
        job, number: the job that it was trained in, and its place among that job's members.
        coordinates: its parameters as they were trained, which may be coordinates in the span of the examples.
        history, plan: what was recorded, and how it was computed.
    """

    job: Job
    number: int
    coordinates: Parameters
    history: History
    plan: Plan

    @property
    def settings(self) -> Mapping[str, Any]:
        """Its own settings, complete."""
        return self.job.members[self.number].settings

    @property
    def parameters(self) -> Parameters:
        """``W1 b1 … WL bL`` at full width, as they were learned."""
        return full_parameters(self.job, self.number, self.coordinates)

    def evidence(self) -> Evidence:
        """Return the evidence of its training, hidden units included; takes a pass over the training set."""
        return evidence_in(self.job, self.parameters, self.history, self.number)

    def validation_score(self, name: str) -> float:
        """Return a score of ``runs.metrics`` on the validation set; nan without one, or where it is not defined."""
        network, part = self.job.members[self.number].network, self.job.validation
        if part is None:
            return math.nan
        P = network_outputs(network, self.parameters, part.X, network.loss.prediction)
        return metric_value(METRICS[name], network, P, part.Y, self.job.validation_weight)

    def verdict_on_curve(self) -> Verdict:
        """Return the verdict by its cost curve alone, without its hidden units."""
        job = self.job
        weights = job.weights[self.number] if job.weights is not None and job.each_weighs else job.weights
        noisy = bool(self.settings["dropout"])
        cost, end = constant_cost(job.network, job.targets, weights), self.history.final_cost
        return verdict_of(self.history, Constant(cost, end is not None and end > cost), noisy=noisy)


def _end(one: TrainedMember) -> float:
    cost = one.history.final_cost
    return math.nan if cost is None else cost


class MemberRuns(Sequence[Run]):
    """The members as runs, in the order of the product.

    A run's full weights are made when it is asked for: those of ten thousand members would fit into no memory.
    """

    def __init__(self, members: Sequence[TrainedMember]) -> None:
        self._members = members

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> MemberRuns: ...
    def __getitem__(self, index: int | slice) -> Run | MemberRuns:
        if isinstance(index, slice):
            return MemberRuns(self._members[index])
        one = self._members[index]
        evidence = one.evidence()
        return Run(
            network=one.job.members[one.number].network,
            parameters=in_own_units(one.job, one.parameters),
            history=one.history,
            settings=one.settings,
            plan=one.plan,
            verdict=evidence.verdict,
            diagnosis=findings(evidence, self._siblings(one)),
            weighted=one.job.sample_weight is not None,
            **one.job.description,
        )

    def validation_scores(self, name: str) -> list[float]:
        """Return a score of ``runs.metrics`` on the validation set, one per member; nan where there is none."""
        return [one.validation_score(name) for one in self._members]

    def _siblings(self, one: TrainedMember) -> Trial | None:
        """The members that differ from one in the learning rate alone: for its diagnosis, they are what was tried."""
        rate = "learning_rate"
        same = [
            other
            for other in self._members
            if other.history.final_cost is not None
            and other.settings[rate] != one.settings[rate]
            and {**other.settings, rate: None} == {**one.settings, rate: None}
            and other.job.members[other.number].network == one.job.members[one.number].network
        ]
        if not same or one.history.final_cost is None:
            return None
        suspect = Suspect("", NO_CHANGES)
        outcomes = tuple(TriedChange(suspect, {rate: other.settings[rate]}, *[_end(other)] * 2) for other in same)
        return Trial(one.history.final_cost, one.settings["iterations"], outcomes, searched=False)


@dataclass(frozen=True)
class Sweep:
    """A trained population; ``print`` shows the table and says what each curve did.

    Attributes:
        runs: one run per member, in the order of the product.
        histories: what was recorded for each member; ``seconds`` are those of the slice that it was trained in.
        varied: names of the settings that have several values; "network" if there are several networks.
        common: the network and the settings that all members share, by name.
        table: a dict for each member. It has the varied settings (None if the member's schedule has no such setting),
            the cost at the start, and cost, validation cost and validation accuracy as ``History.figures`` has them. It
            also has the update that a monitor kept, and what the curve did.
        plans: how the members were computed; one plan for all members that shared a program.
        dataset: name of the dataset, if there was one.
        left_over: number of members that an interrupt left untrained; they are not among the runs.
        interrupted: whether Ctrl-C ended it; the members hold what was trained until then.
    """

    runs: MemberRuns = field(repr=False)
    histories: tuple[History, ...] = field(repr=False)
    varied: tuple[str, ...]
    common: Mapping[str, Any]
    table: tuple[dict[str, Any], ...]
    plans: tuple[Plan, ...]
    dataset: str = ""
    left_over: int = 0
    interrupted: bool = False

    def __str__(self) -> str:
        facts = facts_about(self, self.table)
        every = self.histories[0].every if self.histories else 1
        return as_text(lambda console: print_sweep(facts, console, every))

    def _repr_html_(self) -> str:
        """Return what notebooks show: the text and a picture, as HTML."""
        return html_of(self)

    @property
    def over_seeds(self) -> tuple[OverSeeds, ...]:
        """The table with one row for members that differ only in the seed: median, lowest and highest scores."""
        return over_seeds(self.table, self.varied)

    def best(self, by: str = "validation_cost") -> Run:
        """Return the run with the lowest cost or the highest accuracy in the table; the first of equal ones.

        A run that diverged is never the best. The score by which the best run was picked is too optimistic: measure it
        on examples that were not used to choose.

        Args:
            by: "validation_cost", "validation_accuracy" or "cost". "cost" is the training cost with its penalty, so it
                is not fair to members of different ``l2``. If a class is rare: "validation_balanced_accuracy",
                "validation_roc_auc" or "validation_average_precision", which are computed now.

        Raises:
            InputError: the name is unknown, no such score was recorded, or every member diverged.
        """
        return self.runs[self.best_member(by)]

    def best_member(self, by: str = "validation_cost") -> int:
        """Return the number of the best run, as ``best`` chooses it."""
        computed = [f"validation_{name}" for name in RANKED_BY_CLASSES]
        wanted = ("validation_cost", "validation_accuracy", "cost", *computed)
        if by not in wanted:
            raise InputError(f"by={by!r}: wanted one of {', '.join(map(repr, wanted))}")
        scores: list[Any] = [row.get(by) for row in self.table]
        if by in computed:
            self._check_classes(by)
            scores = list(self.runs.validation_scores(by.removeprefix("validation_")))
        alive = [number for number, history in enumerate(self.histories) if not history.diverged]
        missing = [score is None or math.isnan(score) for score in scores]
        if all(score is None for score in scores) or (alive and all(missing[number] for number in alive)):
            raise InputError(
                f"by={by!r}: nothing was recorded under it; give sweep a validation set, or take by='cost'"
            )
        sign = 1.0 if by.endswith("cost") else -1.0
        ranked = sorted((sign * scores[number], number) for number in alive if not missing[number])
        for _, number in ranked:
            if not self.runs[number].diverged:  # by its last update
                return number
        raise InputError(
            f"no run is the best: all {len(self.table)} diverged, their costs or parameters are not finite any more; "
            f"sweep smaller learning rates, or standardise the features"
        )

    def _check_classes(self, by: str) -> None:
        """Raise InputError where the networks do not learn classes."""
        if len(self.runs) and not self.runs[0].network.classifies:
            raise InputError(f"by={by!r}: is a score of classes, and this is a regression: take 'validation_cost'")


def facts_about(sweep: Sweep, members: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a sweep as plain values, from which text and JSON are made.

    Args:
        sweep: the population.
        members: the sweep's table, or the same rows with what was measured on a dataset.
    """
    advice = None if sweep.interrupted else advised(members, sweep.varied)
    return {
        "dataset": sweep.dataset,
        "varied": list(sweep.varied),
        "common": dict(sweep.common),
        "members": list(members),
        "over_seeds": [_group_facts(group) for group in over_seeds(members, sweep.varied)],
        "advice": advice and {"rate": advice.rate, "sentence": f"{advice.answer} {advice.why}"},
        "interrupted": sweep.interrupted,
        "left_over": sweep.left_over,
        "plans": [asdict(plan) for plan in sweep.plans],
    }


def _group_facts(group: OverSeeds) -> dict[str, Any]:
    spreads = {name: spread._asdict() for name, spread in group.figures.items() if spread is not None}
    return {**group.settings, "members": list(group.members), **spreads, "behaviours": group.behaviours}
