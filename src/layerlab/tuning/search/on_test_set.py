"""After a search: train the choice on the whole training set, and use the test set, once.

The folder remembers for which choices the test set was used: searching on until its score looks good is choosing by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.files import read_file
from layerlab.datasets.part import base_rate
from layerlab.errors import InputError, WorkError
from layerlab.formulas.arrays import Floats
from layerlab.runs.how_to_repeat import command_can_repeat, train_command
from layerlab.runs.run import Run

from .estimates import Choice, Estimate, estimate, paired
from .proposals.candidate import Candidate
from .proposals.known_networks import KnownNetwork
from .result import RESULT, Nested, Rival, Search, judged_at_once
from .state import SearchState
from .trials.files import write_whole
from .trials.known_training import trained_quietly
from .trials.population import SharedSettings
from .usual_rival import usual_training

LOOKS = "test.json"
"""File in a search's folder with the choices for which the test set was used."""


def with_final_test(search: Search, state: SearchState, data: Dataset, nested: Nested | None) -> Search:
    """Train the choice and the reference networks on the whole training set, and score them on the test set.

    A choice for a table is compared with the table's usual training as well.

    If a chosen network diverges there, nothing is scored, and the test set is not used.

    Args:
        search: what was collected from the trials.
        state: the search in its folder, where the networks and the facts are saved.
        data: the dataset, as networks are trained on it.
        nested: the estimate over outer folds, if one was asked for.

    Raises:
        InputError: no trial finished with a finite score.
    """
    if search.choice is None:
        why = next((one.failed for one in search.trials if one.failed), "their costs were not finite")
        raise InputError(f"none of the {len(search.trials)} networks could be trained: {why}; try another space")
    runs = _trained_choice(search, search.choice, state, data)
    diverged = tuple(number for number, run in zip(search.choice.trials, runs, strict=True) if run.diverged)
    if diverged:
        done = replace(search, diverged=diverged, nested=nested)
        _write_result(done, state)
        return done
    looked = _look(state.folder.path, search.choice)
    Y = np.asarray(data.test.Y, np.float64)
    test = estimate(search.output, np.mean([predicted(run, data.test.X) for run in runs], axis=0), Y, by=search.by)
    trained = dict(zip(search.choice.trials, runs, strict=True))
    rivals = tuple(
        _tested(
            one,
            trained.get(one.number) or refit(state.candidate(one.number), 0, state.shared, search.output, data),
            data,
            test,
            search.by,
        )
        for one in search.rivals
    )
    if usual := usual_training(search, state, data):
        rival, run, ready = usual
        rivals = (*rivals, _tested(rival, run, ready, test, search.by))
    base_rates = search.base_rates[0], base_rate(Y) if np.isfinite(search.base_rates[0]) else float("nan")
    done = replace(
        search,
        runs=tuple(runs),
        test=test,
        looked=looked,
        commands=tuple(train_command(run) for run in runs if command_can_repeat(run, data)),
        base_rates=base_rates,
        rivals=judged_at_once(rivals, search.choice),
        nested=nested,
    )
    _write_result(done, state)
    return done


def _write_result(search: Search, state: SearchState) -> None:
    write_whole(state.folder.path / RESULT, json.dumps(search.facts(), indent=1, allow_nan=False).encode())


def _trained_choice(search: Search, choice: Choice, state: SearchState, data: Dataset) -> list[Run]:
    """Train the chosen networks on the whole training set, for the iterations that all folds picked, and save them."""
    ended = {one.candidate.number: one for one in (*search.known, *search.trials)}
    runs = []
    for number in choice.trials:
        one = ended[number]
        runs.append(refit(one.candidate, one.stopped_at, state.shared, search.output, data))
        _save(runs[-1], state.folder.path / search.place(number))
    return runs


def _save(run: Run, place: Path) -> None:
    """Save a chosen network that did not diverge, unless it is there.

    Another process that ended the same search at the same moment writes the same bits.
    """
    if run.diverged or place.exists():
        return
    place.parent.mkdir(exist_ok=True)
    try:
        run.save(place)
    except (InputError, WorkError):
        if not place.exists():  # it was not the other process that was faster
            raise


def refit(candidate: Candidate | KnownNetwork, iterations: int, shared: SharedSettings, output: str, data: Any) -> Run:
    """Train a candidate's network on a dataset's whole training set, or on a pair (X, Y).

    Args:
        candidate: a proposed trial, or a reference network, which is trained as long as its settings say.
        iterations: the iterations of a proposed trial.
        shared: settings of the search.
        output: the output of the network.
        data: what to train on.
    """
    X, Y = data.train if isinstance(data, Dataset) else data
    if isinstance(candidate, KnownNetwork):
        settings = candidate.settings(X.shape[1])
    else:
        settings = {**candidate.settings, "iterations": iterations}
    network = candidate.network(X.shape[0], Y.shape[0], output)
    common = {"seed": shared.seed, "dtype": shared.dtype, "engine": shared.engine}
    return trained_quietly(network, data, {**settings, **common})


def predicted(run: Run, X: Any) -> Floats:
    """Return probabilities of classes, or predicted values, (n_y, m); nan if the run diverged."""
    if run.diverged:
        return np.full((run.network.layer_dims[-1], np.shape(X)[1]), np.nan)
    return np.asarray(run.predict_proba(X) if run.network.classifies else run.predict(X), np.float64)


def _tested(rival: Rival, run: Run, data: Dataset, test: Estimate, by: str) -> Rival:
    """Return the rival with its score on the test set, compared with the choice."""
    output = str(run.network.output)
    Y = np.asarray(data.test.Y, np.float64)
    own = estimate(output, predicted(run, data.test.X), Y, by=by)
    return rival._replace(test=own, test_paired=paired(output, test, own, Y, by))


def _look(folder: Path, choice: Choice) -> tuple[tuple[int, ...], ...]:
    """Note that the test set is used for a choice; return all choices for which it was, each once."""
    choices = earlier_looks(folder)
    if choice.trials not in choices:
        choices = (*choices, choice.trials)
        write_whole(folder / LOOKS, json.dumps({"choices": choices}).encode())
    return choices


def earlier_looks(folder: Path) -> tuple[tuple[int, ...], ...]:
    """Return the choices for which the test set was used so far, by their trials.

    Raises:
        InputError: the record is damaged.
    """
    path = folder / LOOKS
    try:
        record: Mapping[str, Any] = json.loads(read_file(path)) if path.exists() else {"choices": []}
        return tuple(tuple(one) for one in record["choices"])
    except (ValueError, LookupError, RecursionError, TypeError) as error:
        raise InputError(f"{path}: is damaged ({error}), and it says how often the test set was used") from error
