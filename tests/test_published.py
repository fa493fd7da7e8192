"""The figures that the course notebooks print, met by the notes' models and by ``layerlab.train``."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from published import FLOWER_LOGISTIC_REGRESSION_PERCENT, PUBLISHED
from threadpoolctl import threadpool_limits

import layerlab
from layerlab.formulas.arrays import Floats
from layerlab.notes import application, logistic, planar

Cats = tuple[Floats, Any, Floats, Any]
Answer = tuple[dict[int, float], dict[str, float]]
"""Costs by iteration and accuracies by part."""

DIGITS = {"logistic regression": 0.505e-6, "two layers": 1e-9, "four layers": 1e-9}  # six digits are printed, or all


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """At these sizes several threads only wait for each other."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="module")
def cats(cats_folder: Path) -> Cats:
    """Pixels as the notebook makes columns of them: X and Y to train on, X and Y for the test."""
    train_images, train_labels, test_images, test_labels, _ = application.load_data(cats_folder)
    flat = [images.reshape(images.shape[0], -1).T / 255 for images in (train_images, test_images)]
    return flat[0], train_labels, flat[1], test_labels


def printed_costs(text: str) -> dict[int, float]:
    return {int(i): float(cost) for i, cost in re.findall(r"^Cost after iteration (\d+): (\S+)$", text, re.MULTILINE)}


def printed_accuracy(X: Floats, Y: Any, parameters: Any) -> float:
    with redirect_stdout(io.StringIO()) as text:
        application.predict(X, Y, parameters)
    return float(text.getvalue().removeprefix("Accuracy: "))


@pytest.fixture(scope="module")
def logistic_regression(cats: Cats) -> Answer:
    X, Y, X_test, Y_test = cats
    published = PUBLISHED["logistic regression"]
    with redirect_stdout(io.StringIO()) as text:
        answer = logistic.model(X, Y, X_test, Y_test, published.iterations, published.learning_rate, print_cost=True)
    accuracies = {
        "train": (answer["Y_prediction_train"] == Y).mean(),
        "test": (answer["Y_prediction_test"] == Y_test).mean(),
    }
    return printed_costs(text.getvalue()), accuracies


@pytest.fixture(scope="module")
def two_layers(cats: Cats) -> Answer:
    X, Y, X_test, Y_test = cats
    published = PUBLISHED["two layers"]
    with redirect_stdout(io.StringIO()) as text:
        parameters, costs = application.two_layer_model(
            X, Y, published.layer_dims, published.learning_rate, published.iterations, print_cost=True
        )
    shown = printed_costs(text.getvalue())
    assert [shown[i] for i in range(0, published.iterations, 100)] == costs
    accuracies = {
        "train": printed_accuracy(X, Y, parameters),
        "test": printed_accuracy(X_test, Y_test, parameters),
    }
    return shown, accuracies


@pytest.fixture(scope="module")
def four_layers(cats_folder: Path) -> Answer:
    """By the other door: ``layerlab.train`` on ``load_cats``."""
    published, data = PUBLISHED["four layers"], layerlab.datasets.load_cats(cats_folder)
    run = layerlab.train(
        layerlab.Network(published.layer_dims),
        data,
        learning_rate=published.learning_rate,
        iterations=published.iterations,
        seed=published.seed,
        initializer=published.initializer,
    )
    accuracies = {"train": run.accuracy(data.train), "test": run.accuracy(data.test)}
    return dict(enumerate(run.history.costs.tolist())), accuracies


@pytest.fixture
def answer(name: str, request: pytest.FixtureRequest) -> Answer:
    answer: Answer = request.getfixturevalue(name.replace(" ", "_"))
    return answer


@pytest.mark.parametrize("name", DIGITS)
def test_costs_on_the_cats(name: str, answer: Answer) -> None:
    costs, _ = answer
    for iteration, published in PUBLISHED[name].costs.items():
        assert abs(costs[iteration] - published) <= DIGITS[name], iteration


@pytest.mark.parametrize("name", DIGITS)
def test_accuracies_on_the_cats(name: str, answer: Answer) -> None:
    _, accuracies = answer
    published = {"train": (209, PUBLISHED[name].train_accuracy), "test": (50, PUBLISHED[name].test_accuracy)}
    for part, (m, accuracy) in published.items():
        right = round(accuracy * m)
        assert abs(right / m - accuracy) < 1e-15  # the notebook adds up m-ths, and so rounds otherwise
        assert accuracies[part] == right / m


def test_the_notes_l_layer_model_starts_on_the_same_run(cats: Cats, four_layers: Answer) -> None:
    X, Y, _, _ = cats
    published = PUBLISHED["four layers"]
    _, costs = application.L_layer_model(X, Y, published.layer_dims, published.learning_rate, num_iterations=101)
    assert costs == pytest.approx([four_layers[0][0], four_layers[0][100]], rel=1e-12)


@pytest.fixture(scope="module")
def flower_network() -> tuple[dict[int, float], Any]:
    """The printed costs and the trained parameters."""
    with redirect_stdout(io.StringIO()) as text:
        parameters = planar.nn_model(*planar.load_planar_dataset(), n_h=4, num_iterations=10000, print_cost=True)
    return printed_costs(text.getvalue()), parameters


def test_costs_on_the_flower(flower_network: tuple[dict[int, float], Any]) -> None:
    costs, _ = flower_network
    published = PUBLISHED["flower"].costs
    assert list(costs) == list(published)
    for iteration, cost in published.items():
        assert abs(costs[iteration] - cost) <= (1e-6 if iteration <= 6000 else 5e-4), iteration


def test_accuracy_on_the_flower(flower_network: tuple[dict[int, float], Any]) -> None:
    X, Y = planar.load_planar_dataset()
    predictions = planar.predict(flower_network[1], X)
    right = (np.dot(Y, predictions.T) + np.dot(1 - Y, 1 - predictions.T)).item()
    assert int(100 * right / Y.size) / 100 == PUBLISHED["flower"].train_accuracy


def test_layerlab_train_takes_the_notes_first_thousand_steps_on_the_flower() -> None:
    published = PUBLISHED["flower"]
    run = layerlab.train(
        layerlab.Network(published.layer_dims, hidden="tanh"),
        layerlab.datasets.load_flower(),
        learning_rate=published.learning_rate,
        iterations=1001,
        seed=published.seed,
        initializer=published.initializer,
    )
    for iteration in (0, 1000):
        assert abs(run.history.costs[iteration] - published.costs[iteration]) <= 1e-6


@pytest.mark.parametrize("rate", [0.01, 1.2])
def test_a_logistic_regression_is_worse_than_guessing_on_the_flower(rate: float) -> None:
    X, Y = planar.load_planar_dataset()
    predictions = logistic.model(X, Y, X, Y, 1000, rate)["Y_prediction_train"]
    assert int(100 * (predictions == Y).mean()) == FLOWER_LOGISTIC_REGRESSION_PERCENT
