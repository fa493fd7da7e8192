"""After a search: train the choice on the whole training set, and look at the test set, once.

The folder remembers for which choices the test set was looked at: whoever goes on until its score pleases picks by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate
from layerlab.errors import InputError, WorkError
from layerlab.formulas.arrays import Floats
from layerlab.runs.how_to_repeat import command_can_repeat, train_command
from layerlab.runs.run import Run

from .estimates import Choice, Estimate, estimate, paired
from .proposals.candidate import Candidate
from .reference_networks import ReferenceNetwork, trained_quietly
from .result import RESULT, Nested, Rival, Search
from .state import SearchState
from .trials.files import write_whole
from .trials.population import SharedSettings

LOOKS = "test.json"
"""File in a search's folder with the choices for which the test set was looked at."""


def with_final_test(search: Search, state: SearchState, data: Dataset, nested: Nested | None) -> Search:
    """Train the choice and the reference networks on the whole training set, and score them on the test set.

    Args:
        search: what was collected from the trials.
        state: the search in its folder, where the networks and the facts are saved.
        data: the dataset, as networks are trained on it.
        nested: the estimate over outer folds, if one was asked for.

    Raises:
        InputError: no trial came to its end with a finite score.
    """
    if search.choice is None:
        why = next((one.failed for one in search.trials if one.failed), "their costs were not finite")
        raise InputError(f"none of the {len(search.trials)} networks could be trained: {why}; try another space")
    runs = _trained_choice(search, state, data)
    looked = _look(state.folder.path, search.choice)
    Y = np.asarray(data.test.Y, np.float64)
    test = estimate(search.output, np.mean([predicted(run, data.test.X) for run in runs], axis=0), Y)
    rivals = tuple(
        _tested(rival, one, search, data, test) for rival, one in zip(search.rivals, state.references, strict=False)
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
    write_whole(state.folder.path / RESULT, json.dumps(done.facts(), indent=1, allow_nan=False).encode())
    return done


def _trained_choice(search: Search, state: SearchState, data: Dataset) -> list[Run]:
    """Train the chosen trials on the whole training set, for as long as all folds together say, and save them."""
    assert search.choice is not None  # noqa: S101
    known = {one.candidate.number: one for one in search.trials}
    runs = []
    for number in search.choice.trials:
        one = known[number]
        runs.append(refit(one.candidate, one.stopped_at, state.shared, search.output, data))
        _save(runs[-1], state.folder.path / "chosen" / f"trial-{number}")
    return runs


def _save(run: Run, place: Path) -> None:
    """Save a chosen network, unless it is there: another process that ended the same search writes the same bits."""
    if place.exists():
        return
    place.parent.mkdir(exist_ok=True)
    try:
        run.save(place)
    except (InputError, WorkError):
        if not place.exists():  # it was not the other process that was faster
            raise


def refit(candidate: Candidate, iterations: int, shared: SharedSettings, output: str, data: Any) -> Run:
    """Train a trial's network on a dataset's whole training set, or on a pair (X, Y)."""
    X, Y = data.train if isinstance(data, Dataset) else data
    settings = {**candidate.settings, "iterations": iterations, "seed": shared.seed, "dtype": shared.dtype}
    network = candidate.network(X.shape[0], Y.shape[0], output)
    return trained_quietly(network, data, {**settings, "engine": shared.engine})


def predicted(run: Run, X: Any) -> Floats:
    """(n_y, m) probabilities of classes, or predicted values for regression."""
    return np.asarray(run.predict_proba(X) if run.network.classifies else run.predict(X), np.float64)


def _tested(rival: Rival, reference: ReferenceNetwork, search: Search, data: Dataset, test: Estimate) -> Rival:
    """The rival with its score on the test set, beside the choice's."""
    network = reference.network(data.n_x, data.n_y, search.output)
    run = trained_quietly(network, data, reference.settings)
    own = estimate(search.output, predicted(run, data.test.X), np.asarray(data.test.Y, np.float64))
    return rival._replace(test=own, test_paired=paired(search.output, test, own))


def _look(folder: Path, choice: Choice) -> tuple[tuple[int, ...], ...]:
    """Note that the test set is looked at for a choice; gives all choices for which it was, each named once."""
    choices = earlier_looks(folder)
    if choice.trials not in choices:
        choices = (*choices, choice.trials)
        write_whole(folder / LOOKS, json.dumps({"choices": choices}).encode())
    return choices


def earlier_looks(folder: Path) -> tuple[tuple[int, ...], ...]:
    """The choices for which the test set was looked at so far, by their trials.

    Raises:
        InputError: the record is damaged.
    """
    path = folder / LOOKS
    try:
        record: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {"choices": []}
        return tuple(tuple(one) for one in record["choices"])
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"{path}: is damaged ({error}), and it says how often the test part was looked at") from error
