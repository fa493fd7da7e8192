"""Explanations of answers: gradients by the inputs against three referees, and the axioms of integrated gradients."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import layerlab
from layerlab import InputError, Network, Run, datasets
from layerlab.console import as_text
from layerlab.datasets import Dataset, Part
from layerlab.evaluating.explanations.attribute import MAX_STEPS, attribute
from layerlab.evaluating.explanations.explanation import explain_answer, nothing_moves
from layerlab.evaluating.explanations.importance import nothing_matters, permutation_importance
from layerlab.evaluating.explanations.words import explanation_lines, explanation_text, print_importance
from layerlab.formulas import ACTIVATIONS, initialize_parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.formulas.attribution import chosen_output, gradient_times_input, input_gradient, integrated_gradients
from layerlab.reporting.pictures.of_explanations import explanation_pictures, importance_pictures

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")

SMOOTH = ("sigmoid", "tanh", "mish", "identity")


def problem(hidden: str, n_y: int = 3, depth: int = 2) -> tuple[Floats, dict[str, Any], list[str], Floats]:
    """Five inputs, seven examples, and another output chosen for each of them."""
    random = np.random.RandomState(1)
    sizes = [5, 4, 6][: depth + 1]
    parameters = initialize_parameters([*sizes, n_y], seed=2)
    parameters = {name: value + 0.3 * random.randn(*value.shape) for name, value in parameters.items()}
    return random.randn(5, 7), parameters, [hidden] * depth, np.eye(n_y)[:, np.arange(7) % n_y]


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_input_gradient_is_a_central_difference(hidden: str, depth: int) -> None:
    X, parameters, names, chosen = problem(hidden, depth=depth)
    dX = input_gradient(X, parameters, names, chosen)
    for j in range(5):
        step = np.zeros((5, 1))
        step[j] = 1e-6
        up, down = (chosen_output(X + sign * step, parameters, names, chosen) for sign in (1, -1))
        assert_allclose(dX[j], (up - down) / 2e-6, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("hidden", SMOOTH)
def test_the_input_gradient_is_a_complex_step(hidden: str) -> None:
    X, parameters, names, chosen = problem(hidden)
    dX = input_gradient(X, parameters, names, chosen)
    for j in range(5):
        step = np.zeros((5, 1), complex)
        step[j] = 1e-30j
        Z, _ = network_forward(X + step, parameters, names)
        assert_allclose(dX[j], (chosen * Z).sum(axis=0).imag / 1e-30, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_input_gradient_is_jaxs(hidden: str) -> None:
    jax = pytest.importorskip("jax")
    with jax.experimental.enable_x64(True) if hasattr(jax.experimental, "enable_x64") else jax.enable_x64(True):
        X, parameters, names, chosen = problem(hidden)
        there = {name: jax.numpy.asarray(value) for name, value in parameters.items()}
        slope = jax.grad(lambda X: chosen_output(X, there, names, jax.numpy.asarray(chosen)).sum())(
            jax.numpy.asarray(X)
        )
        assert_allclose(input_gradient(X, parameters, names, chosen), np.asarray(slope), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("method", [integrated_gradients, gradient_times_input])
def test_a_linear_network_is_divided_exactly(method: Any) -> None:
    X, parameters, names, chosen = problem("identity")
    start = np.full((5, 1), 0.7)
    some = method(X, start, parameters, names, chosen)
    W = parameters["W3"] @ parameters["W2"] @ parameters["W1"]
    assert_allclose(some.values, (X - start) * (W.T @ chosen), rtol=1e-12)
    assert_allclose(some.values.sum(axis=0), some.outputs - some.baseline_outputs, rtol=1e-10)


def test_integrated_gradients_of_a_square_by_hand() -> None:
    # mish bends; the mean slope of z(x) = 2 mish(x) from 0 to 1 times 1 is z(1) − z(0) = 2 tanh(log(1 + e))
    one = np.ones((1, 1))
    parameters = {"W1": one, "b1": 0 * one, "W2": 2 * one, "b2": 0 * one}
    some = integrated_gradients(one, 0 * one, parameters, ["mish"], one, 2000)
    assert_allclose(some.values, 2 * np.tanh(np.log1p(np.e)), rtol=1e-7)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(SMOOTH), st.integers(0, 2**31 - 1))
def test_shares_sum_to_the_difference_the_better_the_more_steps(hidden: str, seed: int) -> None:
    X, parameters, names, chosen = problem(hidden)
    start = np.random.RandomState(seed).randn(5, 1)
    lacks = []
    for steps in (40, 80):
        some = integrated_gradients(X, start, parameters, names, chosen, steps)
        lacks.append(np.abs(some.outputs - some.baseline_outputs - some.values.sum(axis=0)).max())
    assert lacks[1] <= lacks[0] / 2 + 1e-12  # the midpoint rule: a quarter, in the limit
    assert lacks[1] < 0.02


def test_an_input_that_is_not_used_or_not_moved_gets_nothing() -> None:
    X, parameters, names, chosen = problem("tanh")
    parameters["W1"][:, 2] = 0
    X[4] = 0.25
    start = np.full((5, 1), 0.25)
    values = integrated_gradients(X, start, parameters, names, chosen).values
    assert (values[[2, 4]] == 0).all()
    assert (values[[0, 1, 3]] != 0).all()


def trained(data: Dataset, *hidden: int, **how: Any) -> Run:
    output = how.pop("output", None)
    arguments: dict[str, Any] = {"learning_rate": 0.3, "iterations": 200, "progress": False, **how}
    return layerlab.train(Network((data.n_x, *hidden, data.n_y), hidden="relu", output=output), data, **arguments)


def test_attribute_takes_steps_until_the_remainder_is_small() -> None:
    digits = datasets.load_digits()
    run = trained(digits, 12)
    some = attribute(run, digits.test.X)
    assert some.values.shape == (64, 360)
    difference = some.answers - some.baseline_answers
    assert (np.abs(some.remainder) <= 0.01 * np.maximum(np.abs(difference), 0.01)).all() or some.steps == MAX_STEPS
    assert_allclose(some.values.sum(axis=0) + some.remainder, difference)
    assert (some.of == run.predict(digits.test.X)[0]).all()
    assert_allclose(some.by_column, some.values)
    seven = attribute(run, digits.test.X[:, :3], of=7, steps=5)
    assert (seven.of.tolist(), seven.steps) == ([7, 7, 7], 5)
    slope = attribute(run, digits.test.X[:, :3], method="gradient", of=7)
    product = attribute(run, digits.test.X[:, :3], method="gradient_times_input", of=7)
    assert_allclose(product.values, slope.values * digits.test.X[:, :3])
    assert np.isnan(slope.remainder).all()


class Preparation:
    """A table of two columns, of which the second became three rows of X."""

    columns = ("age", "town")
    groups = (slice(0, 1), slice(1, 4))
    feature_names = ("age", "town=A", "town=B", "town=C")


def test_rows_of_x_that_belong_to_a_column_are_summed() -> None:
    random = np.random.RandomState(0)
    X = random.randn(4, 60)
    Y = np.where(X[:1] + X[2:3] > 0, 1.0, 0.0)
    run = trained(Dataset("mine", Part(X, Y), Part(X, Y)), 5)
    run = replace(run, preparation=Preparation())  # type: ignore[arg-type]
    some = attribute(run, X)
    assert [column.name for column in some.columns] == ["age", "town"]
    assert_allclose(some.by_column, np.stack([some.values[0], some.values[1:].sum(axis=0)]))
    shuffled = permutation_importance(run, Dataset("mine", Part(X, Y), Part(X, Y)))
    assert {column.name for column in shuffled.columns} == {"age", "town"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "lime"}, "method='lime': wanted one of integrated_gradients"),
        ({"of": 2}, "of=2: wanted the number of an output, 0 to 1"),
        ({"of": True}, "of=True: wanted"),
        ({}, "the run predicts several labels per example: say which is to be explained, of=0 to of=1"),
        ({"of": 0, "steps": 0}, "steps=0: wanted a whole number from 1"),
        ({"of": 0, "baseline": np.zeros(3)}, "baseline has the shape (3, 1): wanted one example, (2, 1)"),
        ({"of": 0, "baseline": [np.nan, 0]}, "baseline"),
    ],
)
def test_wrong_requests_get_one_sentence(given: dict[str, Any], words: str) -> None:
    X, Y = datasets.load_flower().train
    run = layerlab.train(Network([2, 2], output="sigmoid"), (X, np.vstack([Y, Y])), learning_rate=0.1, iterations=2)
    with pytest.raises(InputError) as caught:
        attribute(run, X, **given)
    assert str(caught.value).startswith(words)


def test_several_labels_and_counts_are_explained_in_their_own_unit() -> None:
    X, Y = datasets.load_flower().train
    labels = layerlab.train(
        Network([2, 2], output="sigmoid"), (X, np.vstack([Y, 1 - Y])), learning_rate=0.1, iterations=9
    )
    assert attribute(labels, X, of=1).unit == "z before the sigmoid"
    counts = trained(Dataset("counts", Part(X, 3 * Y), Part(X, 3 * Y)), output="poisson", learning_rate=0.01)
    some = attribute(counts, X)
    assert some.unit == "logarithm of the count"
    assert_allclose(np.exp(some.answers), counts.predict(X)[0])
    with pytest.raises(InputError, match="wanted a run that predicts one class, or values"):
        permutation_importance(labels, Dataset("l", Part(X, np.vstack([Y, Y])), Part(X, np.vstack([Y, Y]))))


def test_one_answer_is_explained_in_words() -> None:
    tumours = datasets.load_breast_cancer()
    run = trained(tumours.standardized(), 6, learning_rate=0.1)
    data = tumours.standardized()
    facts = explain_answer(run, data, 3)
    assert facts["of"] == "benign"
    assert facts["answer"] == tumours.class_names[int(run.predict(data.test.X)[0, 3])]
    shares = sum(one["share"] for one in facts["columns"]) + facts["others_share"]
    assert shares + facts["remainder"] == pytest.approx(facts["at_row"] - facts["at_baseline"])
    assert len(facts["columns"]) == 10
    assert facts["others"] == 20
    place = tumours.feature_names.index(facts["columns"][0]["name"])
    assert facts["columns"][0]["value"] == f"{tumours.test.X[place, 3]:.4g}"
    text = " ".join(explanation_text(facts).split())
    assert explanation_lines(facts)[0] in text
    assert "20 others" in text
    assert "Contributions above 0 speak for benign, those below 0 against it; the largest come first." in text
    for wrong in (-1, 114, "x", "1.5"):
        with pytest.raises(InputError, match=r"wanted the number of a test example, 0 to 113"):
            explain_answer(run, data, wrong)


def test_examples_are_found_by_what_they_are_called() -> None:
    flower = datasets.load_flower()
    run = trained(flower, 3)
    rows = np.arange(1, 401), np.arange(1001, 1401)
    named = replace(flower, called=rows)
    assert explain_answer(run, named, 1003)["at_row"] == explain_answer(run, flower, 2)["at_row"]
    assert explain_answer(run, named, "7")["part"] == "the training set"
    with pytest.raises(InputError, match="row 9999: wanted a row of the data, 1 to 1400"):
        explain_answer(run, named, 9999)
    files = replace(flower, called=(np.array([f"red/{k}.png" for k in range(400)]), rows[1].astype(str)))
    assert explain_answer(run, files, "red/5.png")["part"] == "the training set"


def handmade(parameters: dict[str, Any], hidden: str, dims: list[int]) -> Run:
    """A network of these parameters, trained by no update that moves it."""
    part = Part(np.arange(2.0 * dims[0]).reshape(dims[0], 2), np.array([[0.0, 1.0]]))
    network = Network(dims, hidden=hidden)
    return layerlab.train(network, part, learning_rate=1e-300, iterations=1, parameters=parameters)


def test_an_example_for_which_a_whole_layer_is_0_is_said_to_get_the_common_answer(tmp_path: Path) -> None:
    """Ten rows of +0 said nothing. Layer 1 is 0 where x_1 + x_2 < 1, for three of the five training examples."""
    parameters = {
        "W1": np.array([[1.0, 1.0], [2.0, 2.0]]),
        "b1": np.array([[-1.0], [-2.0]]),
        "W2": np.array([[1.0, 1.0]]),
        "b2": np.array([[-0.5]]),
    }
    run = handmade(parameters, "relu", [2, 2, 1])
    X = np.array([[0.0, 0.3, 0.2, -1.0, 4.0], [0.0, 0.3, 0.1, 0.0, -2.9]])
    Y = np.array([[0.0, 0.0, 1.0, 1.0, 1.0]])
    data = Dataset("d", Part(X, Y), Part(np.array([[0.2, 3.0], [0.2, 3.0]]), np.array([[0.0, 1.0]])))
    facts = explain_answer(run, data, 0)
    assert facts["inactive"] is not None
    assert facts["inactive"] | {"what": ""} == {
        "layer": 1,
        "units": 2,
        "zero": True,
        "alike": 4,
        "examples": 5,
        "what": "",
    }
    assert nothing_moves(facts)
    text = " ".join(explanation_text(facts).split())
    assert text == (
        "Test example 0: the prediction is class 0 (probability 62.2 %), which is correct. All 2 units of layer 1 are "
        "0 for this example. It gets the same prediction as 4 of 5 training examples. No column contributes to the "
        "prediction."
    )
    assert explanation_pictures(run, data, facts, tmp_path) == []
    through = explain_answer(run, data, 1)
    assert through["inactive"] is None
    assert not nothing_moves(through)
    assert "contribution" in explanation_text(through)


def test_a_saturated_layer_and_shares_that_do_not_add_up_are_said() -> None:
    """A step between the mean and the example, thinner than any step of the sum: the shares miss all of it."""
    parameters = {name: np.array([[value]]) for name, value in (("W1", 1e9), ("b1", -3e8), ("W2", 4.0), ("b2", -2.0))}
    run = handmade(parameters, "tanh", [1, 1, 1])
    X, Y = np.array([[-1.0, -2.0, 0.2, 3.0]]), np.array([[0.0, 0.0, 0.0, 1.0]])
    facts = explain_answer(run, Dataset("d", Part(X, Y), Part(X, Y)), 3)
    assert (facts["at_baseline"], facts["at_row"]) == (-6.0, 2.0)
    lines = explanation_lines(facts)
    assert lines[1].startswith(
        "The only unit of layer 1 is saturated for this example: its output hardly depends on the inputs. The example "
        "gets the same prediction as 1 of 4 training examples."
    )
    assert not nothing_moves(facts)
    assert lines[-1].startswith(
        "Do not rely on the contributions: 8 of that difference remains unexplained (integrated gradients"
    )


def test_a_network_that_tells_no_examples_apart_is_said_to(tmp_path: Path) -> None:
    flower = datasets.load_flower()
    run = layerlab.train(
        Network([2, 3, 1], hidden="tanh"), flower, learning_rate=0.1, iterations=5, initializer="zeros"
    )
    facts = explain_answer(run, flower, 7)
    assert facts["inactive"]["what"] == (
        "The network does not distinguish between training examples: it gives all of them the same output. No column "
        "contributes to the prediction."
    )
    importance = permutation_importance(run, flower)
    said = "No input matters: shuffling changes nothing (the network predicts the same for every test example)."
    assert importance.remark == said
    assert nothing_matters(importance.facts)
    assert importance_pictures(flower, importance.facts, tmp_path) == []
    assert as_text(lambda console: print_importance(importance.facts, console)).split() == said.split()


def test_examples_are_named_by_their_rows_and_files() -> None:
    flower = datasets.load_flower()
    run = trained(flower, 3)
    rows = np.arange(1, 401), np.arange(1001, 1401)
    lines = explanation_lines(explain_answer(run, replace(flower, called=rows), 1003))
    assert lines[0].startswith("Row 1003 (in the test set): the prediction is ")
    red, blue = (np.array([f"{side}/{k}.png" for k in range(400)]) for side in ("red", "blue"))
    files = replace(flower, called=(red, blue))
    assert explanation_lines(explain_answer(run, files, "red/5.png"))[0].startswith(
        "red/5.png (in the training set): the"
    )
    assert explanation_lines(explain_answer(run, flower, 2))[0].startswith("Test example 2: the prediction is ")


def test_importance_is_what_shuffling_by_hand_costs() -> None:
    random = np.random.RandomState(3)
    X = random.randn(3, 4000)
    Y = np.where(X[:1] > 0, 1.0, 0.0)
    data = Dataset("one", Part(X, Y), Part(X, Y), feature_names=("all", "none", "nothing"))
    run = trained(data, 4, learning_rate=1.0)
    some = permutation_importance(run, data, repeats=3, seed=5)
    assert some.columns[0].name == "all"
    assert some.base == pytest.approx(run.accuracy(data.test))
    assert some.drops[0] == pytest.approx(0.5, abs=0.02)  # chance is left
    low, high = some.intervals[0]
    assert low < some.drops[0] < high
    assert np.abs(some.drops[1:]).max() < 0.02
    again = permutation_importance(run, data, repeats=3, seed=5)
    assert (again.drops == some.drops).all()
    fewer = permutation_importance(run, data, examples=100)
    assert fewer.remark == "Only 100 of the 4,000 test examples were used, chosen at random (seed 0)."
    losses = []
    for shuffle in range(200):
        shuffled = X.copy()
        shuffled[0] = X[0, np.random.RandomState(shuffle).permutation(4000)]
        losses.append(some.base - run.accuracy((shuffled, Y)))
    assert some.drops[0] == pytest.approx(np.mean(losses), abs=0.01)


def test_of_many_columns_the_strongest_are_shuffled() -> None:
    random = np.random.RandomState(0)
    X = random.randn(230, 80)
    X[:30] *= 1e-3
    Y = X[-1:] * 3
    data = Dataset("wide", Part(X, Y), Part(X, Y))
    some = permutation_importance(trained(data, output="identity", learning_rate=0.003), data, repeats=1)
    assert some.remark == "Only 200 of the 230 inputs were shuffled: those with the most effect on the first layer."
    assert some.score == "mean absolute error"
    assert len(some.columns) == 200
    assert some.columns[0].name == "feature 230"
    hows: list[tuple[dict[str, Any], str]] = [({"repeats": 0}, "repeats=0"), ({"examples": 1}, "examples=1")]
    for how, words in (*hows, ({"by": "roc_auc"}, "score for one class per example, and the network learns values")):
        with pytest.raises(InputError, match=words):
            permutation_importance(trained(data, output="identity", iterations=1), data, **how)
