"""The gradient check: right gradients pass everywhere, and each classic mistake is found in the parameters it is in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import layerlab
from layerlab import InputError, Network, gradient_check
from layerlab.datasets import Part, load_flower
from layerlab.formulas import ACTIVATIONS, LOSSES, initialize_parameters, network_backward, network_forward
from layerlab.training.gradient_checking.gradient_check import GradientCheck, ParameterCheck

Parameters = dict[str, Any]

# All sizes differ and none is m − 1: 5 features, 4 and 7 hidden units, 3 outputs, 11 examples.
FEATURES, HIDDEN, OUTPUTS, EXAMPLES = 5, (4, 7), 3, 11
METHODS = ["complex", "central"]


def problem(hidden: str = "tanh", output: str = "softmax") -> tuple[Network, Part, Parameters]:
    random = np.random.RandomState(1)
    network = Network([FEATURES, *HIDDEN, OUTPUTS], hidden=hidden, output=output)
    Y = {
        "sigmoid": random.randint(0, 2, (OUTPUTS, EXAMPLES)).astype(np.float64),
        "softmax": np.eye(OUTPUTS)[:, random.randint(0, OUTPUTS, EXAMPLES)],
        "poisson": random.poisson(2.0, (OUTPUTS, EXAMPLES)).astype(np.float64),
    }.get(output, random.randn(OUTPUTS, EXAMPLES))
    parameters = {name: random.randn(*shape) * 0.6 for name, shape in network.shapes.items()}
    return network, Part(random.randn(FEATURES, EXAMPLES), Y), parameters


def learners(parameters: Parameters, part: Part, mistake: str = "", m: int = EXAMPLES) -> Parameters:
    """Gradients of a network of tanh units with a softmax output, as a learner writes them; with one mistake."""
    A = [part.X]
    for layer in (1, 2):
        A.append(np.tanh(parameters[f"W{layer}"] @ A[-1] + parameters[f"b{layer}"]))
    Z = parameters["W3"] @ A[-1] + parameters["b3"]
    dZ = np.exp(Z) / np.exp(Z).sum(axis=0) - part.Y
    if mistake == "sign":
        dZ = -dZ
    gradients = {}
    for layer in (3, 2, 1):
        divisor = m
        if mistake == "1/m missing":
            divisor = 1
        if mistake == "divided by n_prev":
            divisor = len(A[layer - 1])
        if mistake == "another 1/m in dW1" and layer == 1:
            divisor = m * m
        gradients[f"dW{layer}"] = dZ @ A[layer - 1].T / divisor
        gradients[f"db{layer}"] = dZ.sum(axis=1, keepdims=True) / (m if mistake == "another 1/m in dW1" else divisor)
        dA = parameters[f"W{layer}"].T @ dZ
        slope = 1 - A[layer - 1] ** 2
        if mistake == "slope left out":
            slope = np.ones_like(slope)
        if mistake == "slope of the sigmoid":
            slope = A[layer - 1] * (1 - A[layer - 1])
        if mistake == "slope left out of layer 1" and layer == 2:
            slope = np.ones_like(slope)
        dZ = dA * slope
    return gradients


def wrong(check: GradientCheck) -> list[str]:
    return [one.name for one in check.checks if not check.right(one)]


EVERYTHING = ["dW1", "db1", "dW2", "db2", "dW3", "db3"]


# Right gradients


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity"])
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_layerlabs_own_gradients_are_right(hidden: str, output: str, method: str) -> None:
    network, part, parameters = problem(hidden, output)
    for at in (None, parameters):
        check = gradient_check(network, part, parameters=at, method=method)
        assert check
        assert [one.name for one in check.checks] == EVERYTHING
        assert all(one.relative_difference < check.tolerance / 10 for one in check.checks)
        assert all(one.checked == one.entries for one in check.checks if method == "complex")


@pytest.mark.parametrize("dims", [[5, 1], [5, 3], [5, 4, 1], [5, 4, 7, 6, 2, 3]])
def test_every_depth(dims: list[int]) -> None:
    random = np.random.RandomState(0)
    Y = random.randint(0, 2, (1, 11)) if dims[-1] == 1 else np.eye(3)[:, random.randint(0, 3, 11)]
    check = gradient_check(Network(dims), (random.randn(5, 11), Y))
    assert check
    assert len(check.checks) == 2 * (len(dims) - 1)


@pytest.mark.parametrize("method", METHODS)
def test_a_learners_right_gradients_are_right(method: str) -> None:
    network, part, parameters = problem()
    gradients = learners(parameters, part) | {"dA2": np.ones((7, 11))}  # whatever else the learner keeps there
    assert gradient_check(network, part, parameters=parameters, gradients=gradients, method=method)


def test_a_dataset_its_part_and_a_pair_of_lists_are_taken() -> None:
    flower = load_flower()
    lists = (flower.train.X.tolist(), flower.train.Y.tolist())
    reports = {str(gradient_check(Network([2, 4, 1]), data)) for data in (flower, flower.train, lists)}
    assert len(reports) == 1


def test_the_order_of_given_parameters_does_not_matter() -> None:
    network, part, parameters = problem()
    backwards = dict(reversed(parameters.items()))
    check = gradient_check(network, part, parameters=backwards)
    assert check
    assert [one.name for one in check.checks] == EVERYTHING


def test_the_arguments_stay_as_they_are() -> None:
    network, part, parameters = problem()
    gradients = learners(parameters, part)
    before = [array.copy() for array in (*part, *parameters.values(), *gradients.values())]
    gradient_check(network, part, parameters=parameters, gradients=gradients)
    for array, copy in zip((*part, *parameters.values(), *gradients.values()), before, strict=True):
        assert (array == copy).all()


def test_numerical_slopes_are_those_of_a_function_known_by_hand() -> None:
    # One weight w = 3 and one bias b = 1 on x = 2 with y = 4: ½ (w x + b − y)² has the slopes 3 · 2 = 6 and 3.
    network = Network([1, 1], output="identity")
    for method in METHODS:
        check = gradient_check(network, ([[2.0]], [[4.0]]), parameters={"W1": [[3.0]], "b1": [[1.0]]}, method=method)
        assert [one.explicit for one in check.checks] == [6.0, 3.0]
        assert_allclose(
            [one.numerical for one in check.checks], [6.0, 3.0], rtol=1e-14 if method == "complex" else 1e-9
        )


# Mistakes


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("mistake", "found", "words"),
    [
        ("sign", EVERYTHING, "Your dW1, db1, dW2, db2, dW3 and db3 have the wrong sign everywhere."),
        ("1/m missing", EVERYTHING, "Your dW1, db1, dW2, db2, dW3 and db3 are 11 times too large everywhere: m is 11."),
        ("another 1/m in dW1", ["dW1"], "Your dW1 is 11 times too small everywhere: m is 11."),
        (
            "slope left out",
            ["dW1", "db1", "dW2", "db2"],
            "Your dW1, db1, dW2 and db2 are what comes out without the slope g′(Z) in all hidden layers.",
        ),
        (
            "slope of the sigmoid",
            ["dW1", "db1", "dW2", "db2"],
            "Your dW1, db1, dW2 and db2 are what comes out with the slope of the sigmoid in all hidden layers.",
        ),
        (
            "slope left out of layer 1",
            ["dW1", "db1"],
            "Your dW1 and db1 are what comes out without the slope g′(Z) in layer 1.",
        ),
        (
            "divided by n_prev",
            EVERYTHING,
            "Your dW1 and db1 are 2.2 times too large everywhere: 11 / 5 is m / n, with the 5 inputs.",
        ),
    ],
)
def test_a_mistake_is_found_in_the_parameters_it_is_in(mistake: str, found: list[str], words: str, method: str) -> None:
    network, part, parameters = problem()
    gradients = learners(parameters, part, mistake)
    check = gradient_check(network, part, parameters=parameters, gradients=gradients, method=method)
    assert not check
    assert wrong(check) == found
    assert str(check).startswith(words)
    assert f"\nWrong gradients: {', '.join(found)}.\n" in str(check)
    assert all(one.relative_difference > 1e-3 for one in check.checks if one.name in found)


def test_a_sign_mistake_has_the_difference_one() -> None:
    network, part, parameters = problem()
    check = gradient_check(network, part, parameters=parameters, gradients=learners(parameters, part, "sign"))
    assert [one.relative_difference for one in check.checks] == pytest.approx([1.0] * 6)  # ‖2g‖ / 2‖g‖


def test_a_single_wrong_entry_is_pointed_at() -> None:
    network, part, parameters = problem()
    gradients = learners(parameters, part)
    gradients["dW2"][6, 3] += 1e-6
    check = gradient_check(network, part, parameters=parameters, gradients=gradients)
    assert wrong(check) == ["dW2"]
    (found,) = (one for one in check.checks if one.name == "dW2")
    assert found.worst == (6, 3)
    assert found.explicit == gradients["dW2"][6, 3]
    assert found.explicit - found.numerical == pytest.approx(1e-6)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_gradient_that_is_no_number_is_wrong(value: float) -> None:
    network, part, parameters = problem()
    gradients = learners(parameters, part)
    gradients["db2"][4] = value
    check = gradient_check(network, part, parameters=parameters, gradients=gradients)
    assert wrong(check) == ["db2"]
    assert str(check).startswith("Some of your values are no finite numbers: db2 (1 of 7).\nWrong gradients: db2.\n")
    assert str(value) in str(check)


def test_a_mistake_in_gradients_that_nearly_vanish_is_found() -> None:
    network, part, _ = problem()
    parameters = initialize_parameters(network.layer_dims, "normal", seed=0)
    assert np.abs(learners(parameters, part)["dW1"]).max() < 2e-4
    gradients = learners(parameters, part, "another 1/m in dW1")
    assert wrong(gradient_check(network, part, parameters=parameters, gradients=gradients)) == ["dW1"]


# Gradients of zero, and kinks


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "identity"])
def test_gradients_that_are_zero_are_right(hidden: str, method: str) -> None:
    network, part, parameters = problem(hidden)
    for start in (0.0, 0.3):  # with equal weights in all outputs, what flows back cancels
        constant = {name: np.full_like(value, start) for name, value in parameters.items()}
        assert gradient_check(network, part, parameters=constant, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_gradients_at_a_minimum_are_right(method: str) -> None:
    flower = load_flower()
    settings: dict[str, Any] = {"learning_rate": 1.0, "iterations": 2000, "initializer": "zeros", "progress": False}
    trained = layerlab.train(Network([2, 1]), flower, **settings).parameters
    check = gradient_check(Network([2, 1]), flower, parameters=trained, method=method)
    assert max(abs(one.explicit) for one in check.checks) < 1e-14
    assert check
    X = np.random.RandomState(0).randn(3, 20)
    exact = {"W1": np.array([[1.0, -2.0, 0.5]]), "b1": np.array([[3.0]])}
    values = exact["W1"] @ X + exact["b1"]
    assert gradient_check(Network([3, 1]), (X, values), parameters=exact, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_gradient_at_a_minimum_is_found(method: str) -> None:
    X = np.random.RandomState(0).randn(3, 20)
    exact = {"W1": np.array([[1.0, -2.0, 0.5]]), "b1": np.array([[3.0]])}
    gradients = {"dW1": np.array([[0.0, 1e-3, 0.0]]), "db1": np.zeros((1, 1))}
    data = (X, exact["W1"] @ X + exact["b1"])
    assert wrong(gradient_check(Network([3, 1]), data, parameters=exact, gradients=gradients, method=method)) == ["dW1"]


@pytest.mark.parametrize("method", METHODS)
def test_large_features_raise_no_false_alarm(method: str) -> None:
    cancer = layerlab.datasets.load_breast_cancer()
    for hidden in ("tanh", "leaky_relu"):
        assert gradient_check(Network([30, 3, 1], hidden=hidden), cancer, method=method, entries=20)


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_at_a_kink_every_gradient_between_the_two_slopes_is_right(slope: float) -> None:
    # z = w x + b = 0 on the second example: relu may have any slope from 0 to 1 there, and ∂c/∂b is (1 + slope) / 2.
    network = Network([1, 1, 1], hidden="relu", output="identity")
    part = Part(np.array([[1.0, 0.0]]), np.array([[0.0, -1.0]]))
    parameters = {"W1": [[1.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    gradients: Parameters = {"dW1": [[0.5]], "db1": [[(1 + slope) / 2]], "dW2": [[0.5]], "db2": [[1.0]]}
    assert gradient_check(network, part, parameters=parameters, gradients=gradients)
    for beyond in (-0.1, 1.1):
        changed = gradients | {"db1": [[(1 + beyond) / 2]]}
        assert wrong(gradient_check(network, part, parameters=parameters, gradients=changed)) == ["db1"]


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu"])
def test_initial_weights_with_biases_of_zero_can_be_checked(hidden: str) -> None:
    network, part, _ = problem(hidden)
    X = part.X.copy()
    X[:, 4] = 0  # every unit of every layer stands at its kink on this example
    start = initialize_parameters(network.layer_dims, "he", seed=0)
    check = gradient_check(network, (X, part.Y), parameters=start)
    assert check
    assert all(one.checked == one.entries for one in check.checks)
    own = network_backward(
        LOSSES[network.output or ""].gradient(network_forward(X, start, network.activations)[0], part.Y),
        network_forward(X, start, network.activations)[1],
    )
    flipped = own | {"db2": -own["db2"]}
    assert wrong(gradient_check(network, (X, part.Y), parameters=start, gradients=flipped)) == ["db2"]


def test_central_differences_leave_out_the_entries_that_cross_a_kink() -> None:
    # The first unit stands at its kink on every example, the second far from it.
    network = Network([1, 2, 1], hidden="relu", output="identity")
    part = Part(np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 1.0, 0.0]]))
    parameters = {"W1": [[0.0], [1.0]], "b1": [[0.0], [5.0]], "W2": [[1.0, 1.0]], "b2": [[0.0]]}
    check = gradient_check(network, part, parameters=parameters, method="central")
    assert check
    assert [(one.checked, one.entries) for one in check.checks] == [(1, 2), (1, 2), (2, 2), (1, 1)]
    assert "right  1 of 2 " in str(check)


def test_what_cannot_be_checked_is_neither_right_nor_called_wrong() -> None:
    network = Network([1, 1, 1], hidden="relu", output="identity")
    part = Part(np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 1.0, 0.0]]))
    parameters = {"W1": [[0.0]], "b1": [[0.0]], "W2": [[1.0]], "b2": [[0.0]]}
    check = gradient_check(network, part, parameters=parameters, method="central")
    assert not check
    assert [one.checked for one in check.checks] == [0, 0, 1, 1]
    assert math.isnan(check.checks[0].relative_difference)
    assert str(check).startswith("Not checked, because every step crosses the kink of a relu: dW1, db1.\nMethod: ")
    assert "WRONG" not in str(check)


# The report


def test_the_report_can_be_read() -> None:
    check = GradientCheck(
        "central",
        1e-6,
        (
            ParameterCheck("dW1", 3.21e-9, (1, 0), 0.25, 0.25, 100, 240),
            ParameterCheck("db1", 0.5, (2, 0), 0.125, -0.0625, 3, 3),
        ),
    )
    assert str(check).split("\n") == [
        "Wrong gradients: db1.",
        "Method: central differences; a gradient is right if its relative difference is at most 1e-06.",
        "",
        "      difference         entries checked    largest difference",
        "dW1      3.2e-09  right  100 of 240         [1, 0]: 0.25, numerically 0.25",
        "db1      5.0e-01  WRONG  3 of 3             [2, 0]: 0.125, numerically -0.0625",
    ]
    assert not check
    right = GradientCheck("complex", 1e-8, check.checks[:1])
    assert right
    method = "Method: complex step; a gradient is right if its relative difference is at most 1e-08.\n"
    assert str(right).startswith(f"All gradients are right.\n{method}")
    assert str(right).endswith("numerically 0.25")


def test_entries_are_counted_and_drawn_by_the_seed() -> None:
    network, part, parameters = problem()

    def check(**settings: Any) -> GradientCheck:
        return gradient_check(network, part, parameters=parameters, **settings)

    sizes = [20, 4, 28, 7, 21, 3]
    assert [(one.checked, one.entries) for one in check().checks] == [(size, size) for size in sizes]
    assert [(one.checked, one.entries) for one in check(entries=6).checks] == [(min(size, 6), size) for size in sizes]
    assert str(check(entries=6, seed=1)) == str(check(entries=6, seed=1))
    assert str(check(entries=6, seed=1)) != str(check(entries=6, seed=2))
    assert str(gradient_check(network, part, seed=1)) != str(gradient_check(network, part, seed=2))


# What is refused


def refusal(ask: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        ask()
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"W1": np.ones((5, 4))}, "W1 has the shape (5, 4): wanted (4, 5) for layer_dims (5, 4, 7, 3); a row of W"),
        ({"b2": np.ones(7)}, "b2 has the shape (7,): wanted (7, 1) for layer_dims (5, 4, 7, 3); a row of W is a unit"),
        ({"W4": np.ones((1, 1))}, "parameters has W4 too: wanted W1, b1, W2, b2, W3, b3 and nothing else"),
        ({"b3": np.full((3, 1), np.nan)}, "b3 has 3 values that are not finite, the first (nan) in row 0, column 0:"),
        ({"W2": "weights"}, "W2 is str: wanted a table of real numbers; turn it into numbers first"),
        ({"W2": np.ones((7, 4)) * 1j}, "W2 holds complex128: wanted a table of real numbers; turn it into numbers"),
    ],
)
def test_parameters_that_are_refused(changes: Parameters, words: str) -> None:
    network, part, parameters = problem()
    assert refusal(lambda: gradient_check(network, part, parameters=parameters | changes)).startswith(words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dW1": np.ones((5, 4))}, "dW1 has the shape (5, 4): wanted (4, 5) for layer_dims (5, 4, 7, 3); a row of W"),
        ({"db2": 0.5}, "db2 has the shape (): wanted (7, 1) for layer_dims (5, 4, 7, 3); a row of W is a unit, b is"),
        ({"db2": np.ones(7)}, "db2 has the shape (7,): wanted (7, 1) for layer_dims (5, 4, 7, 3); a row of W is a"),
        ({"dW3": None}, "dW3 is NoneType: wanted a table of real numbers; turn it into numbers first"),
        ({"dW3": [[1.0], [2.0, 3.0]]}, "dW3 is no table of numbers (rows of different lengths): wanted rows of"),
    ],
)
def test_gradients_that_are_refused(changes: Parameters, words: str) -> None:
    network, part, parameters = problem()
    gradients = learners(parameters, part) | changes
    ask = lambda: gradient_check(network, part, parameters=parameters, gradients=gradients)  # noqa: E731
    assert refusal(ask).startswith(words)


def test_gradients_have_to_be_a_complete_dict() -> None:
    network, part, parameters = problem()
    names = "dW1, db1, dW2, db2, dW3, db3"
    assert refusal(lambda: gradient_check(network, part, gradients=parameters)) == (
        f"gradients has no {names}: wanted {names}; what came is called 'W1', 'b1', 'W2', 'b2', 'W3', 'b3'"
    )
    assert refusal(lambda: gradient_check(network, part, gradients=[1.0])) == (  # type: ignore[arg-type]
        f"gradients is list: wanted a dict of arrays, {names}"
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"method": "forward"},
            "method='forward': wanted one of 'complex', 'central' (how the numerical slopes are computed)",
        ),
        (
            {"method": ["complex"]},
            (
                "method=['complex']: takes one value only; wanted one of 'complex', 'central' "
                "(how the numerical slopes are computed)"
            ),
        ),
        (
            {"entries": 0},
            "entries=0: wanted a whole number of at least 1 (how many entries of each parameter are checked at most)",
        ),
        ({"entries": 2.5}, "entries=2.5: wanted a whole number of at least 1 (how many entries of each parameter are"),
        (
            {"seed": -1},
            "seed=-1: wanted a whole number of at least 0, at most 4294967295 (seed of the random initial weights)",
        ),
    ],
)
def test_settings_that_are_refused(settings: dict[str, Any], words: str) -> None:
    network, part, _ = problem()
    assert refusal(lambda: gradient_check(network, part, **settings)).startswith(words)


def test_data_that_is_refused() -> None:
    network, part, _ = problem()
    assert "it looks transposed, pass X.T" in refusal(lambda: gradient_check(network, (part.X.T, part.Y)))
    assert refusal(lambda: gradient_check(network, (part.X, 2 * part.Y))).startswith("labels go from 0 to 2: wanted")
    assert refusal(lambda: gradient_check(network, (part.X, 0 * part.Y))).startswith("labels of example 0 sum to 0:")


def test_parameters_beyond_the_range_of_numbers_are_refused() -> None:
    network, part, parameters = problem("identity")
    huge = {name: 1e200 * value for name, value in parameters.items()}
    for method in METHODS:
        assert refusal(lambda method=method: gradient_check(network, part, parameters=huge, method=method)) == (  # type: ignore[misc]
            "the cost is not finite at these parameters: wanted smaller parameters or features"
        )
