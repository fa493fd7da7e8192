"""How a batch of trials is cut into tasks, and a task's models into groups of one fold."""

from __future__ import annotations

import numpy as np
import pytest

from layerlab.training.batches import batches
from layerlab.training.compiled import COMPILED
from layerlab.tuning.search.proposals.candidate import Candidate
from layerlab.tuning.search.trials.population import Population, SharedSettings
from layerlab.tuning.search.trials.search_data import SearchData
from layerlab.tuning.search.trials.tasks import MOST_TRIALS, split_into_tasks

OWN = {"hidden": "tanh", "optimizer": "gd", "iterations": 9, "initializer": "he"}


def material(n_x: int) -> SearchData:
    """Sixty examples in folds of 19, 20 and 21."""
    random = np.random.RandomState(0)
    fold = np.repeat(np.arange(3, dtype=np.int32), [19, 20, 21])
    return SearchData(random.randn(n_x, 60), (random.rand(1, 60) > 0.5).astype(float), "sigmoid", fold, fold)


def test_trials_are_cut_across_the_layer_that_saves_most_padding() -> None:
    random = np.random.RandomState(0)
    seconds = np.repeat([8, 60], MOST_TRIALS)[random.permutation(2 * MOST_TRIALS)]
    layers = [f"{first},{second}" for first, second in zip(random.randint(20, 25, len(seconds)), seconds, strict=True)]
    candidates = [Candidate(i, {**OWN, "learning_rate": 0.1, "layers": one}) for i, one in enumerate(layers)]
    tasks = split_into_tasks(0, candidates, material(3), 1)
    assert [task.at_least for task in tasks] == [(24, 64), (24, 8)], "wide ones first, padded to multiples of 8"
    for task, width in zip(tasks, (60, 8), strict=True):
        assert {one.layers[1] for one in task.candidates} == {width}
    assert len(split_into_tasks(0, candidates[:-1], material(3), 1)) == 2


def test_long_trainings_are_cut_as_long_as_padding_takes_longer_than_compiling() -> None:
    random = np.random.RandomState(0)
    layers = [f"{first},{second}" for first, second in random.randint(4, 65, (MOST_TRIALS, 2))]

    def cut(iterations: int) -> list[int]:
        own = {**OWN, "learning_rate": 0.1, "iterations": iterations}
        candidates = [Candidate(i, {**own, "layers": one}) for i, one in enumerate(layers)]
        tasks = split_into_tasks(0, candidates, material(64), 1)
        assert sorted(one.number for task in tasks for one in task.candidates) == list(range(MOST_TRIALS))
        return [len(task.candidates) for task in tasks]

    assert cut(10) == [MOST_TRIALS]
    assert cut(10_000) == [8, 4, 4], "the work decides"
    assert cut(10_000_000) == [2] * 8, "a group of one would take as long as one of two"


@pytest.mark.parametrize(("n_x", "batch_size", "read"), [(3, "all", 41), (90, "all", 41), (3, 20, 60)])
def test_groups_have_models_of_one_fold_and_read_its_examples(n_x: int, batch_size: object, read: int) -> None:
    search_data, own = material(n_x), {**OWN, "depth": 1, "width": 5, "batch_size": batch_size}
    candidates = [Candidate(i, {**own, "learning_rate": 0.1 / (i + 1)}) for i in range(6)]
    population = Population(search_data, candidates, SharedSettings("cost", 3, 1, 0, "float64", "xla"), (8,))
    compiled = dict(COMPILED._programs)
    assert population.size == 6
    stream = batches(60, 20, 0, "float64") if batch_size != "all" else None
    population.train(stream, 3)
    population.keep(np.array([False, True, False, False, True, True]))
    population.train(stream, 2)
    assert population.trials == [1, 4, 5]
    assert len(population.groups) == 3
    for number, (group,) in enumerate(population.groups):
        data = group.examples.own
        assert data.weights is not None
        assert data.weights.shape == (6, read), "as many as the largest fold has"
        assert (np.asarray(data.weights) > 0).sum(axis=1).tolist() == [int((search_data.fold != number).sum())] * 6
        assert int(group.state.update) == 5
    assert dict(COMPILED._programs) == compiled, "halving needs no other program"
    losses, predictions = population.judged()
    assert (losses.shape, predictions.shape) == ((3, 1, 3, 60), (3, 1, 3, 1, 60))
