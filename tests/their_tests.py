"""Run scikit-learn's own tests of its networks on layerlab's: ``python tests/their_tests.py`` (10 seconds).

They import their classes by name, so ours are put in place first. Four of them look inside scikit-learn's estimator:
what they find there is given here, made of what ours have.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network as public
import sklearn.neural_network._multilayer_perceptron as private

from layerlab.sklearn import MLPClassifier, MLPRegressor
from layerlab.sklearn.coefficients import coefficients_of, parameters_of
from layerlab.sklearn.examples import FitData
from layerlab.sklearn.trainer import Trainer, job_of


def loss_and_gradient(estimator: Any, flat: Any, X: Any, Y: Any, *others: Any) -> tuple[float, Any]:
    """The objective of ``lbfgs`` and its slopes at all weights in a row, those of the layers before the biases."""
    like = [*estimator.coefs_, *estimator.intercepts_]
    ends = np.cumsum([value.size for value in like])
    parts = [part.reshape(value.shape) for part, value in zip(np.split(flat, ends[:-1]), like, strict=True)]
    parameters = parameters_of(parts[: len(parts) // 2], parts[len(parts) // 2 :])
    settings = {"optimizer": "lbfgs", "iterations": 1, "l2": estimator.alpha, "engine": "numpy", "basis": "full"}
    job = job_of(estimator._fitted_network(), FitData(X.T, Y.T, Y, None), [parameters], settings)
    cost, gradients = Trainer(job).engine.objective(parameters)
    slopes = coefficients_of({name[1:]: np.asarray(value) for name, value in gradients.items()})
    return float(cost.item()), np.hstack([slope.ravel() for slope in (*slopes["coefs_"], *slopes["intercepts_"])])


class Classifier(MLPClassifier):
    """With what the four tests look at."""

    _loss_grad_lbfgs = loss_and_gradient

    @property
    def _optimizer(self) -> SimpleNamespace:
        return SimpleNamespace(learning_rate=self._optimizer_state["learning_rate"])


for place in (public, private):
    place.MLPClassifier, place.MLPRegressor = Classifier, MLPRegressor


class Seeded:
    """Some of the tests name no random_state: they draw from the global stream, which starts alike for each."""

    @staticmethod
    def pytest_runtest_setup() -> None:
        """Before every test."""
        np.random.seed(0)


FLAGS = [
    "--pyargs",
    "sklearn.neural_network.tests.test_mlp",
    "-q",
    "-rfE",
    "--tb=short",
    "-p",
    "no:cacheprovider",
    "-c",
    "/dev/null",
    "-W",
    "ignore",
]

if __name__ == "__main__":
    sys.exit(pytest.main([*FLAGS, *sys.argv[1:]], plugins=[Seeded()]))
