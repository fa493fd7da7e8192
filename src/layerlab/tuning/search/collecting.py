"""After a search: the choice trained on all training examples, and reported on data that chose nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run

from .model_selection import Choice, Estimate, Finished, Judge, estimate, finished, paired
from .proposals.candidate import Candidate
from .proposals.sampler import importance, told_so_far
from .reference_networks import Reference, trained
from .request import Wish, arm_in
from .result import RESULT, Nested, Rival, Search, TrialResult
from .state import Arm
from .trials.folder import write_whole
from .trials.outcome import Outcome
from .trials.population import How
from .trials.scoring import stops
from .trials.search_data import NEVER, Material, blocks_of, dealt
from .trials.task_training import scores_of
from .workers.running import Work, carry_out

LEAK = "the test part ranked the networks (rank_on_test): its figure says how well they were picked for it, no more"

LOOKS = "test.json"
"""The choices for which the test part was looked at."""

APART = 100_000
"""Between the seed of a search and those of its outer folds."""


def found(arm: Arm, wish: Wish, data: Dataset, work: Work) -> Search:
    """What the trials that have ended say; nothing is trained, and the test part is not looked at."""
    outcomes, told = ended(arm), told_trials(arm)  # in this order: a task may end in between
    known = [(one, arm.outcome(arm.reference_name(i))) for i, one in enumerate(arm.references)]
    references = [(one, outcome) for one, outcome in known if outcome is not None]
    search = Search(
        folder=arm.folder.path,
        dataset=data.name,
        output=arm.material.output,
        by=wish.how.by,
        folds=arm.material.folds,
        seeds=wish.how.seeds,
        examples=int((arm.material.fold != NEVER).sum()),
        space=arm.space,
        trials=tuple(told),
        base_rates=(_base_rate(arm), float("nan")),
        test_examples=data.test.X.shape[1],
        importance=importance(arm.folder.journal) if told_so_far(arm.folder.journal) else {},
        leak=LEAK if wish.leak else "",
        seconds=(sum(one.seconds for one in (*outcomes, *(own for _, own in references))), work.seconds),
        asked=_asked(wish),
        looked=_looked(arm.folder.path),
    )
    done = finished(outcomes, wish.how.by)
    if not done:
        return search
    judge = Judge(arm.material, wish.how.by, done, wish.averages)
    cross, _ = judge.cross_fitted()
    rivals = tuple(_rival(arm, one.name, own, cross) for one, own in references)
    return replace(search, choice=judge.choice(), cross=cross, naive=judge.naive(), rivals=rivals)


def reported(search: Search, arm: Arm, data: Dataset, nested: Nested | None) -> Search:
    """The choice and its rivals trained on the whole training part, and the test part looked at, once.

    Raises:
        InputError: no trial came to its end with a finite figure.
    """
    if search.choice is None:
        why = next((one.failed for one in search.trials if one.failed), "their costs were not finite")
        raise InputError(f"none of the {len(search.trials)} networks could be trained: {why}; try another space")
    from layerlab.runs.how_to_repeat import command_can_repeat, train_command

    runs = chosen_runs(search, arm, data)
    looked = _look(arm.folder.path, search.choice)
    Y = np.asarray(data.test.Y, np.float64)
    test = estimate(search.output, np.mean([_said(run, data.test.X) for run in runs], axis=0), Y)
    rivals = tuple(
        _tested(rival, one, search, data, test) for rival, one in zip(search.rivals, arm.references, strict=False)
    )
    base_rates = search.base_rates[0], base_rate(Y) if np.isfinite(search.base_rates[0]) else float("nan")
    done = replace(
        search,
        runs=tuple(runs),
        test=test,
        looked=looked,
        commands=tuple(train_command(run) for run in runs if command_can_repeat(run, data)),
        base_rates=base_rates,
        rivals=rivals,
        nested=nested,
    )
    write_whole(arm.folder.path / RESULT, json.dumps(done.facts(), indent=1, allow_nan=False).encode())
    return done


def _asked(wish: Wish) -> dict[str, Any]:
    """What was asked, by the names of the arguments of ``search``."""
    how = wish.how
    return {
        "trials": wish.trials,
        "by": how.by,
        "folds": wish.folds,
        "seeds": how.seeds,
        "halving": how.eta,
        "outer": wish.outer,
        "seed": how.seed,
        "batch": wish.batch,
        "ensemble": wish.averages,
        "rank_on_test": wish.leak,
        "dtype": how.dtype,
        "engine": how.engine,
    }


def _base_rate(arm: Arm) -> float:
    """Share of the most frequent class among the held-out examples; nan of values, and of several labels an example."""
    Y = arm.material.Y[:, arm.material.fold != NEVER]
    one_class = arm.material.output == "softmax" or (arm.material.output == "sigmoid" and len(Y) == 1)
    return base_rate(np.asarray(Y, np.float64)) if one_class else float("nan")


def ended(arm: Arm) -> list[Outcome]:
    """Outcomes of all tasks that have ended, in order."""
    found = [arm.outcome(task.name) for number, some in arm.batches() for task in arm.tasks(number, some)]
    return [one for one in found if one is not None]


def told_trials(arm: Arm) -> list[TrialResult]:
    """All trials that have ended, by number."""
    results = []
    for number, candidates in arm.batches():
        for task in arm.tasks(number, candidates):
            outcome = arm.outcome(task.name)
            if outcome is not None:
                results += [trial_of(outcome, i, one, arm) for i, one in enumerate(task.candidates)]
    return sorted(results, key=lambda one: one.candidate.number)


def trial_of(outcome: Outcome, i: int, candidate: Candidate, arm: Arm) -> TrialResult:
    """What became of the i-th trial of a task."""
    how, sizes = arm.how, arm.material.sizes
    failed = outcome.failed.get(candidate.number, "")
    state = "failed" if failed else "finished" if outcome.finished(i) else "given up"
    scores = scores_of(outcome, i, how, sizes)
    reached = int(outcome.reached[i])
    accuracy = float("nan")
    if reached:
        at = stops(outcome.curves(i, how.by))
        accuracy = float((outcome.accuracy[i][at, np.arange(len(sizes))] * sizes).sum() / sizes.sum())
    return TrialResult(
        candidate,
        state,
        float(scores[max(scores)][0]) if scores else float("inf"),
        accuracy,
        outcome.stopped_at(i, how.by) if reached else 0,
        tuple(outcome.moments[:reached].tolist()),
        tuple(outcome.cost[i, :reached].mean(axis=-1).tolist()),
        tuple(outcome.trained[i, :reached].tolist()),
        int(outcome.diverged[i]),
        failed,
    )


def _rival(arm: Arm, name: str, outcome: Outcome, cross: Estimate) -> Rival:
    inside = arm.material.fold != NEVER
    said = outcome.predictions[0, 0][:, inside].astype(np.float64)
    own = estimate(arm.material.output, said, arm.material.Y[:, inside], arm.material.folds)
    return Rival(name, own, None, paired(arm.material.output, cross, own), None)


def _tested(rival: Rival, reference: Reference, search: Search, data: Dataset, test: Estimate) -> Rival:
    network = reference.network(data.n_x, data.n_y, search.output)
    run = trained(network, data, reference.settings)
    own = estimate(search.output, _said(run, data.test.X), np.asarray(data.test.Y, np.float64))
    return rival._replace(test=own, test_paired=paired(search.output, test, own))


def _said(run: Run, X: Any) -> Floats:
    return np.asarray(run.predict_proba(X) if run.network.classifies else run.predict(X), np.float64)


def chosen_runs(search: Search, arm: Arm, data: Dataset) -> list[Run]:
    """The chosen trials trained on the whole training part, for as long as all folds together say, and saved."""
    assert search.choice is not None  # noqa: S101
    known = {one.candidate.number: one for one in search.trials}
    runs = []
    for number in search.choice.trials:
        one = known[number]
        runs.append(refit(one.candidate, one.stopped_at, arm.how, search.output, data))
        place = arm.folder.path / "chosen" / f"trial-{number}"
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            runs[-1].save(place)
    return runs


def refit(candidate: Candidate, iterations: int, how: How, output: str, data: Any) -> Run:
    """A trial's network trained on all of a dataset's training part, or of a pair (X, Y)."""
    X, Y = data.train if isinstance(data, Dataset) else data
    settings = {**candidate.settings, "iterations": iterations, "seed": how.seed, "dtype": how.dtype}
    return trained(candidate.network(X.shape[0], Y.shape[0], output), data, {**settings, "engine": how.engine})


def _look(folder: Path, choice: Choice) -> tuple[tuple[int, ...], ...]:
    """Note that the test part is looked at for a choice, and say for which it was; the same choice is the same look."""
    choices = _looked(folder)
    if choice.trials not in choices:
        choices = (*choices, choice.trials)
        write_whole(folder / LOOKS, json.dumps({"choices": choices}).encode())
    return choices


def _looked(folder: Path) -> tuple[tuple[int, ...], ...]:
    """The choices for which the test part was looked at so far.

    Raises:
        InputError: the record is damaged.
    """
    path = folder / LOOKS
    try:
        record: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {"choices": []}
        return tuple(tuple(one) for one in record["choices"])
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"{path}: is damaged ({error}), and it says how often the test part was looked at") from error


def nested_estimate(work: Work, arm: Arm, wish: Wish) -> Nested:
    """The whole search without each outer fold in turn, and what it chooses counted there: every example once."""
    material = arm.material
    labelled = material.output in ("sigmoid", "softmax")
    outer = dealt(material.Y, wish.outer, labelled, wish.how.seed + APART)
    said = np.full(material.Y.shape, np.nan)
    lines = []
    for number in range(wish.outer):
        inside = outer != number
        own = replace(wish, how=wish.how._replace(seed=wish.how.seed + APART + 1 + number))
        part = without_fold(material, inside, own, labelled)
        inner = arm_in(work.place / f"outer-{number}", part, own)
        carry_out(work, inner, wish.trials)
        done = finished(ended(inner), wish.how.by)
        if not done:
            raise InputError(
                f"none of the {wish.trials} networks of outer fold {number + 1} came to its end; try another space, or "
                f"leave outer out"
            )
        judge = Judge(part, wish.how.by, done, wish.averages)
        choice = judge.choice()
        said[:, ~inside] = _averaged(inner, judge.trials, choice, material.X[:, ~inside])
        lines.append(_line(inner, choice))
    figures = [
        estimate(material.output, said[:, outer == i], material.Y[:, outer == i]).figure for i in range(wish.outer)
    ]
    return Nested(estimate(material.output, said, material.Y, wish.outer), tuple(figures), tuple(lines))


def without_fold(material: Material, inside: NDArray[np.bool_], wish: Wish, classes: bool) -> Material:
    """The examples of the other outer folds, in folds of their own."""
    X, Y = material.X[:, inside], material.Y[:, inside]
    fold = dealt(Y, wish.folds, classes, wish.how.seed)
    return Material(X, Y, material.output, fold, blocks_of(Y, fold, classes, wish.how.seed))


def _averaged(arm: Arm, trials: Sequence[Finished], choice: Choice, X: NDArray[Any]) -> Floats:
    """What a choice, trained on all of its search's examples, says of others."""
    known = {one.number: one for _, some in arm.batches() for one in some}
    when = {one.number: one.iterations for one in trials}
    part = arm.material.X, arm.material.Y
    runs = [refit(known[number], when[number], arm.how, arm.material.output, part) for number in choice.trials]
    return np.asarray(np.mean([_said(run, X) for run in runs], axis=0), np.float64)


def _line(arm: Arm, choice: Choice) -> str:
    known = {one.number: one for _, some in arm.batches() for one in some}
    more = f" and {len(choice.trials) - 1} more, averaged" if len(choice.trials) > 1 else ""
    return f"{known[choice.trials[0]]}{more}"
