"""The result of a search: the chosen network, its scores, and everything that was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from layerlab.console import as_text
from layerlab.evaluating.statistics import holm
from layerlab.formulas import LOSSES
from layerlab.formulas.arrays import Floats
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.runs.run import Run
from layerlab.views import html_of

from .estimates import Choice, Estimate
from .proposals.candidate import Candidate
from .proposals.known_networks import KnownNetwork
from .proposals.space import Space
from .proposals.what_mattered import WhatMattered
from .words import print_search

RESULT = "result.json"
"""File in a search's folder with the facts of a search that has ended."""


class TrialResult(NamedTuple):
    """The result of one trial.

    Attributes:
        candidate: what was tried: a proposed trial, or a reference network.
        state: "finished", "pruned" (by halving) or "failed".
        score: the number that ranked it at the end, or when it was pruned; lower is better, inf if it was not finite.
        accuracy: accuracy on the held-out examples, each block at the moment that the others pick; nan for regression.
        stopped_at: iterations after which training on all examples would stop; of a reference network, its own.
        moments, curve: iterations, and the mean held-out cost after them.
        trained: the mean cost on the examples that the models are trained on, after the same iterations.
        diverged: iteration at which one of its models diverged, or 0.
        failed: why it could not be trained, or "".
    """

    candidate: Candidate | KnownNetwork
    state: str
    score: float
    accuracy: float
    stopped_at: int
    moments: tuple[int, ...]
    curve: tuple[float, ...]
    trained: tuple[float, ...]
    diverged: int
    failed: str = ""


class Rival(NamedTuple):
    """A reference network, compared with what was chosen.

    Attributes:
        number: number of the reference network; that of a table's usual training is below all of them.
        name: its name.
        cross: its estimate on the held-out folds; None where it did not predict all of their examples.
        test: its estimate on the test set; None if that was not used.
        cross_paired, test_paired: number of examples that only the choice predicts correctly, number that only the
            rival does, and the p-value; the p-value is nan if one of the two diverged.
        cross_adjusted, test_adjusted: the p-values, adjusted for all rivals by Holm's correction.
    """

    number: int
    name: str
    cross: Estimate | None
    test: Estimate | None
    cross_paired: tuple[int, int, float]
    test_paired: tuple[int, int, float] | None
    cross_adjusted: float = 1.0
    test_adjusted: float | None = None


def judged_at_once(rivals: Sequence[Rival], choice: Choice) -> tuple[Rival, ...]:
    """Return the rivals with adjusted p-values; the one that is itself the choice is not compared, and has 1."""
    others = [one for one in rivals if (one.number,) != choice.trials]
    cross = dict(zip([one.number for one in others], holm([one.cross_paired[2] for one in others]), strict=True))
    tested = [(one.number, one.test_paired[2]) for one in others if one.test_paired]
    test = dict(zip([number for number, _ in tested], holm([p for _, p in tested]), strict=True))
    return tuple(
        one._replace(
            cross_adjusted=cross.get(one.number, 1.0),
            test_adjusted=test.get(one.number, 1.0) if one.test_paired else None,
        )
        for one in rivals
    )


class Nested(NamedTuple):
    """Nested cross-validation: the whole search repeated without each outer fold, and its choice scored there.

    Attributes:
        estimate: the estimate over all examples.
        figures: accuracy or R² of each outer fold.
        chosen: for each outer fold, a line that describes what was chosen without it.
    """

    estimate: Estimate
    figures: tuple[float, ...]
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    """A search that has ended, or was interrupted; ``print`` shows what was found.

    Attributes:
        folder: the folder of the search.
        dataset: name of the dataset.
        output: the output of the networks; classification has an accuracy, regression an R².
        by: the score that ranked the trials: "cost", "accuracy", "balanced_accuracy", "roc_auc" or "average_precision".
        folds, seeds, examples: number of folds, of initial weights of each trial, and of held-out examples.
        space: the search space: what could be tried.
        trials: all proposed trials, by number.
        choice: the trials or reference networks that were chosen; if there are several, they are averaged.
        runs: the chosen networks, trained on all training examples; empty if the search was interrupted.
        cross: the corrected (cross-fitted) estimate.
        naive: the optimistic estimate, measured on the examples that also picked the winner.
        test: estimate on the test set; None where that was not used.
        looked: the choices for which the test set was used, in order; more than one makes its score optimistic.
        commands: for each chosen network, the `layerlab train` line that trains it again; none for data made by hand.
        base_rates: share of the majority class among the held-out and among the test examples; nan for regression.
        test_examples: number of test examples.
        known: results of the reference networks: the dataset's own, or a linear model. They are candidates like the
            trials, with numbers below 0.
        rivals: the reference networks, each compared with the choice; after the search of a table, its usual training
            too, which is no candidate.
        nested: the estimate over outer folds, if one was asked for.
        mattered: which settings the trials' scores depend on, or how many trials are needed to show it; None if neither
            is known.
        leak: why the scores say nothing about new examples, or "".
        seconds: computing time of all processes, and elapsed time since it was begun or resumed.
        interrupted: whether Ctrl-C ended it.
        diverged: the chosen networks that diverged on the whole training set; then there are no runs and no test.
        asked: the arguments of ``search`` that decide what is computed.
    """

    folder: Path
    dataset: str
    output: str
    by: str
    folds: int
    seeds: int
    examples: int
    space: Space
    trials: tuple[TrialResult, ...] = field(repr=False)
    choice: Choice | None = None
    runs: tuple[Run, ...] = field(default=(), repr=False)
    cross: Estimate | None = field(default=None, repr=False)
    naive: float = float("nan")
    test: Estimate | None = field(default=None, repr=False)
    looked: tuple[tuple[int, ...], ...] = ()
    commands: tuple[str, ...] = field(default=(), repr=False)
    base_rates: tuple[float, float] = (float("nan"), float("nan"))
    test_examples: int = 0
    known: tuple[TrialResult, ...] = field(default=(), repr=False)
    rivals: tuple[Rival, ...] = field(default=(), repr=False)
    nested: Nested | None = field(default=None, repr=False)
    mattered: WhatMattered | None = None
    leak: str = ""
    seconds: tuple[float, float] = (0.0, 0.0)
    interrupted: bool = False
    diverged: tuple[int, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def looks(self) -> int:
        """How often the test set was used for this search."""
        return len(self.looked)

    @property
    def importance(self) -> Mapping[str, float]:
        """The share of each setting in what the trials' scores depend on; empty where the trials do not show it."""
        return self.mattered.shares if self.mattered else {}

    @property
    def best(self) -> Run:
        """The chosen network, or the first of those that are averaged."""
        return self.runs[0]

    def place(self, number: int) -> str:
        """Return the folder of a chosen network in the search's folder, by its number."""
        return f"chosen/trial-{number}" if number >= 0 else f"chosen/known-{number + len(self.known)}"

    @property
    def optimism(self) -> float:
        """By how much the optimistic estimate is higher than the corrected one."""
        return self.naive - self.cross.figure if self.cross else float("nan")

    def predict_proba(self, X: Any) -> Floats:
        """Return the mean of the chosen networks' predictions, (n_y, m).

        They are probabilities of the classes, or values for regression.
        """
        return np.asarray(np.mean([run.predict_proba(X) for run in self.runs], axis=0))

    def __str__(self) -> str:
        facts = self.facts()
        return as_text(lambda console: print_search(facts, console))

    def _repr_html_(self) -> str:
        """Return what notebooks show: the text and a picture, as HTML."""
        return html_of(self)

    def facts(self) -> dict[str, Any]:
        """Return everything that ``print`` shows, as plain values."""
        return {
            "dataset": self.dataset,
            "folder": str(self.folder),
            "output": self.output,
            "measure": _measure(self.output, self.by),
            "asked": dict(self.asked),
            "by": self.by,
            "folds": self.folds,
            "seeds": self.seeds,
            "examples": self.examples,
            "space": self.space.plain(),
            "trials": [_trial_facts(one) for one in self.trials],
            "known": [_known_facts(one) for one in self.known],
            "choice": None if self.choice is None else {**self.choice._asdict(), "score": _finite(self.choice.score)},
            "chosen": [self.place(number) for number in self.choice.trials] if self.runs and self.choice else [],
            "commands": list(self.commands),
            "base_rates": [_finite(rate) for rate in self.base_rates],
            "test_examples": self.test_examples,
            "cross_fitted": _estimate_facts(self.cross),
            "naive": _finite(self.naive),
            "optimism": _finite(self.optimism),
            "test": _estimate_facts(self.test),
            "test_looks": [list(one) for one in self.looked],
            "rivals": [_rival_facts(one) for one in self.rivals],
            "nested": None if self.nested is None else _nested_facts(self.nested),
            "importance": dict(self.importance),
            "mattered": self.mattered and {n: one for n, one in self.mattered._asdict().items() if n != "shares"},
            "leak": self.leak,
            "seconds": {"work": self.seconds[0], "clock": self.seconds[1]},
            "interrupted": self.interrupted,
            "diverged": list(self.diverged),
        }


def _measure(output: str, by: str) -> str:
    """Return the name of the score that is reported: R², the accuracy, or the score of classes that ranks."""
    if LOSSES[output].labels is None:
        return "r2"
    return by if by in RANKED_BY_CLASSES else "accuracy"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _estimate_facts(one: Estimate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {name: _finite(getattr(one, name)) for name in ("figure", "low", "high", "cost")} | {"n": len(one.right)}


def _nested_facts(one: Nested) -> dict[str, Any]:
    return {
        "estimate": _estimate_facts(one.estimate),
        "figures": [_finite(figure) for figure in one.figures],
        "chosen": list(one.chosen),
    }


def _rival_facts(one: Rival) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "cross_fitted": _estimate_facts(one.cross),
        "test": _estimate_facts(one.test),
        "cross_fitted_paired": _paired_facts(one.cross_paired),
        "test_paired": None if one.test_paired is None else _paired_facts(one.test_paired),
        "cross_fitted_p_adjusted": _finite(one.cross_adjusted),
        "test_p_adjusted": None if one.test_adjusted is None else _finite(one.test_adjusted),
    }


def _paired_facts(paired: tuple[int, int, float]) -> list[float | None]:
    return [*paired[:2], _finite(paired[2])]


def _known_facts(one: TrialResult) -> dict[str, Any]:
    assert isinstance(one.candidate, KnownNetwork)  # noqa: S101
    return {"name": one.candidate.name, **_trial_facts(one)}


def _trial_facts(one: TrialResult) -> dict[str, Any]:
    return {
        "number": one.candidate.number,
        "words": str(one.candidate),
        "values": {name.partition(" (")[0]: value for name, value in one.candidate.values.items()},
        "layers": list(one.candidate.layers),
        "hidden": one.candidate.hidden if isinstance(one.candidate.hidden, str) else list(one.candidate.hidden),
        "state": one.state,
        "score": _finite(one.score),
        "accuracy": _finite(one.accuracy),
        "stopped_at": one.stopped_at,
        "moments": list(one.moments),
        "curve": [_finite(value) for value in one.curve],
        "diverged": one.diverged,
        "failed": one.failed,
    }
