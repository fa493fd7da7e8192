"""Which columns a network's score depends on: what is shown, and what chance may have done."""

from __future__ import annotations

from dataclasses import replace

import pytest

import layerlab
from layerlab import InputError, Network, datasets
from layerlab.evaluating.explanations.attribute import attribute
from layerlab.evaluating.explanations.importance import permutation_importance
from layerlab.runs.findings import Finding

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")


def test_a_run_that_diverged_explains_nothing_though_its_parameters_are_finite() -> None:
    flower = datasets.load_flower()
    run = layerlab.train(Network([2, 3, 1]), flower, learning_rate=0.1, iterations=3, progress=False)
    diverged = replace(run, diagnosis=(Finding("diverged", "the cost is not finite", "", ""),))
    assert diverged.diverged
    with pytest.raises(InputError, match="the run diverged, its answers depend on nothing"):
        permutation_importance(diverged, flower)
    with pytest.raises(InputError, match="the run diverged, it gives no answers to explain"):
        attribute(diverged, flower.test.X)
