"""What the gradient check says of wrong gradients: a factor, a transpose, a slope, a first wrong step, or nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerlab import Network, Stepper, gradient_check
from layerlab.datasets import Part, load_flower
from layerlab.formulas import network_backward, network_forward
from layerlab.formulas.layers import LayerCache

Gradients = dict[str, Any]

# All sizes differ, none is m − 1, and layers 2 and 3 have square weights: 5 features, 4, 4 and 4 units, 3 outputs.
M, LAMBDA = 11, 0.7
DIMS = [5, 4, 4, 4, 3]
EVERYTHING = "dW1, db1, dW2, db2, dW3, db3, dW4 and db4"


class Problem:
    """A network with softmax outputs, its parameters, and its right gradients."""

    def __init__(self, dims: list[int], m: int, output: str = "softmax", hidden: str = "tanh") -> None:
        random = np.random.RandomState(3)
        self.network = Network(dims, hidden=hidden, output=output)
        labels = np.eye(dims[-1])[:, random.randint(0, dims[-1], m)]
        Y = {"softmax": labels, "sigmoid": labels[:1] if dims[-1] > 1 else (random.rand(1, m) > 0.5).astype(float)}
        self.part = Part(random.randn(dims[0], m), Y.get(output, random.randn(dims[-1], m)))
        self.parameters = {name: random.randn(*shape) for name, shape in self.network.shapes.items()}
        Z, self.caches = network_forward(self.part.X, self.parameters, self.network.activations)
        self.dZ = self.network.loss.gradient(Z, self.part.Y)
        self.right: Gradients = network_backward(self.dZ, self.caches)

    def backward(self, change: Callable[[list[LayerCache]], None]) -> Gradients:
        """The gradients with other caches in the backward pass."""
        caches = list(self.caches)
        change(caches)
        return network_backward(self.dZ, caches)

    def faults(self, gradients: Gradients, **settings: Any) -> list[str]:
        check = gradient_check(
            self.network, self.part, parameters=self.parameters, gradients=self.right | gradients, **settings
        )
        assert str(check).startswith("\n".join(check.faults))
        return list(check.faults)


@pytest.fixture(scope="module")
def given() -> Problem:
    return Problem(DIMS, M)


def times(factor: float, right: Gradients) -> Gradients:
    return {name: factor * value for name, value in right.items()}


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (M, "are 11 times too large everywhere: m is 11. The mean over the examples is missing: divide by m."),
        (1 / M, "are 11 times too small everywhere: m is 11. It is divided by m once too often."),
        (1 / M**2, "are 121 times too small everywhere: m² is 121, m is 11. It is divided by m twice too often."),
        (M / (M - 1), "are 1.1 times too large everywhere: m / (m − 1) is 11 / 10. Divide by m, not by m − 1."),
        (-1, "have the wrong sign everywhere. The gradient of the loss begins with prediction minus label."),
        (
            -M,
            "have the wrong sign and are 11 times too large everywhere: m is 11. The mean over the examples is missing",
        ),
        (2, "are 2 times too large everywhere."),
        (0.5, "are 2 times too small everywhere."),
        (3, "are 3 times too large everywhere: 3 is the number of outputs."),
        (1 / 3, "are 3 times too small everywhere: 3 is the number of outputs."),
        (M / 3, "are 3.66667 times too large everywhere: 11 / 3 is m / n, with the 3 outputs. Divide by m, the number"),
        (1 / math.log(2), "are 1.4427 times too large everywhere: 1 / ln 2 is the factor of logarithms of base 2."),
        (0.123, "are 8.13008 times too small everywhere."),
    ],
)
def test_a_constant_factor_is_named(given: Problem, factor: float, words: str) -> None:
    first, *others = given.faults(times(factor, given.right))
    assert first.startswith(f"Your {EVERYTHING} {words}")
    assert others == []


def test_the_factor_of_a_learner_who_forgot_the_mean_is_m() -> None:
    flower, (X, Y) = load_flower(), load_flower().train
    parameters = {"W1": np.ones((4, 2)) * [[0.1], [-0.2], [0.3], [0.4]], "b1": np.zeros((4, 1))}
    parameters |= {"W2": np.array([[0.5, -0.4, 0.3, 0.2]]), "b2": np.zeros((1, 1))}
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    dZ2 = 1 / (1 + np.exp(-(parameters["W2"] @ A1 + parameters["b2"]))) - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    mine = {"dW2": dZ2 @ A1.T, "db2": dZ2.sum(axis=1, keepdims=True)}
    mine |= {"dW1": dZ1 @ X.T, "db1": dZ1.sum(axis=1, keepdims=True)}
    network = Network([2, 4, 1], hidden="tanh")
    check = gradient_check(network, flower, parameters=parameters, gradients=mine)
    sentence = "Your dW1, db1, dW2 and db2 are 400 times too large everywhere: m is 400."
    assert str(check).startswith(sentence)
    assert len(check.faults) == 1
    assert "Wrong gradients: dW1, db1, dW2, db2." in str(check)


def test_each_factor_has_its_sentence(given: Problem) -> None:
    sizes = dict(zip((1, 2, 3, 4), DIMS, strict=False))
    divided = {name: value * M / sizes[int(name[2:])] for name, value in given.right.items()}
    beside = "Divide by m, the number of examples, alone."
    unlike = "Your dW{0} and db{0} are 2.75 times too large everywhere: 11 / 4 is m / n, with the 4 units of layer "
    assert given.faults(divided) == [
        f"Your dW1 and db1 are 2.2 times too large everywhere: 11 / 5 is m / n, with the 5 inputs. {beside}",
        f"{unlike.format(2)}2, and 11 / 4 is m / n, with the 4 units of layer 1.",
        f"{unlike.format(3)}3, and 11 / 4 is m / n, with the 4 units of layer 2.",
        f"{unlike.format(4)}3. {beside}",
    ]


def test_two_explanations_of_one_factor_are_both_said() -> None:
    given = Problem([3, 4, 2], 4)
    (sentence,) = given.faults(times(4, given.right))
    assert sentence.startswith("Your dW1, db1, dW2 and db2 are 4 times too large everywhere: m is 4, and ")
    assert "4 is the number of units of layer 1" in sentence
    assert "divide by m" not in sentence


def test_squared_error_is_halved_here() -> None:
    given = Problem([3, 4, 2], 7, output="identity")
    (sentence,) = given.faults(times(2, given.right))
    assert (
        "are 2 times too large everywhere: the squared error is halved here, and 2 is the number of outputs."
        in sentence
    )


def test_one_number_alone_is_named_only_with_a_known_factor_or_that_of_others() -> None:
    given = Problem([3, 4, 1], 7, output="sigmoid")
    assert given.right["db2"].shape == (1, 1)
    line = "dW2 is right and db2 is not: look first at its line, db2 = Σ dZ2 / m."
    assert given.faults({"db2": 1.234 * given.right["db2"]}) == [line]
    first, second = given.faults({"db2": 7 * given.right["db2"]})
    assert (
        first == "Your db2 is 7 times too large everywhere: m is 7. The mean over the examples is missing: divide by m."
    )
    assert second == line
    assert given.faults(times(1.234, given.right)) == [
        "Your dW1, db1, dW2 and db2 are 1.234 times too large everywhere."
    ]


def test_where_the_backward_pass_first_goes_wrong(given: Problem) -> None:
    random = np.random.RandomState(0)
    noise = {name: random.randn(*value.shape) for name, value in given.right.items()}
    (sentence,) = given.faults({name: noise[name] for name in ("dW1", "db1", "dW2", "db2")})
    assert sentence == (
        "dW3 and db3 are right, dW2 and db2 are wrong: the fault lies in the backward step of layer 2. Look at "
        "dA2 = W3ᵀ dZ3, at dZ2 = dA2 · g′(Z2) with the slope of tanh, and at the lines of dW2 and db2."
    )
    assert given.faults({name: noise[name] for name in ("dW1", "dW3")}) == [
        "db3 is right and dW3 is not: look first at its line, dW3 = dZ3 A2ᵀ / m."
    ]
    assert given.faults({"dW1": noise["dW1"]}) == [
        "db1 is right and dW1 is not: look first at its line, dW1 = dZ1 Xᵀ / m."
    ]
    assert given.faults({"dW4": noise["dW4"], "db4": noise["db4"]}) == []


@pytest.mark.parametrize("name", ["identity", "sigmoid", "relu"])
def test_the_slope_of_another_activation_is_named(given: Problem, name: str) -> None:
    def change(caches: list[LayerCache]) -> None:
        caches[1] = caches[1]._replace(activation=name)

    slope = "without the slope g′(Z)" if name == "identity" else f"with the slope of the {name}"
    first, second = given.faults(given.backward(change))
    assert first == f"Your dW1, db1, dW2 and db2 are what comes out {slope} in layer 2."
    assert second.startswith(
        "dW3 and db3 are right, dW2 and db2 are wrong: the fault lies in the backward step of layer 2."
    )


def test_two_mistakes_at_once_are_both_named(given: Problem) -> None:
    def change(caches: list[LayerCache]) -> None:
        caches[0] = caches[0]._replace(activation="identity")

    first, second = given.faults(times(M, given.backward(change)))
    assert first.startswith("Your dW2, db2, dW3, db3, dW4 and db4 are 11 times too large everywhere: m is 11.")
    assert second == (
        "Your dW1 and db1 are what comes out without the slope g′(Z) in layer 1, and are 11 times too large: m is 11."
    )


@pytest.mark.parametrize(
    ("dZ", "words"),
    [
        (
            lambda A, Y, Z: (A - Y) * A * (1 - A),
            "if the output's dZ is a − y times the slope a (1 − a), which the gradient",
        ),
        (lambda A, Y, Z: Z - Y, "with z in place of the output a = g(z)"),
        (lambda A, Y, Z: -(Y / A) + (1 - Y) / (1 - A), "if dA is taken for dZ at the output, without the slope a (1"),
        (
            lambda A, Y, Z: -(Y / A + (1 - Y) / (1 - A)) * A * (1 - A),
            "with dA = −(y / a + (1 − y) / (1 − a)) at the output, where − stands between the two terms",
        ),
    ],
)
@pytest.mark.parametrize("dims", [[3, 4, 1], [3, 1]])
def test_what_is_taken_for_dZ_of_the_output_is_named(dims: list[int], dZ: Callable[..., Any], words: str) -> None:
    given = Problem(dims, 7, output="sigmoid")
    Z = given.caches[-1].Z
    mine = network_backward(dZ(1 / (1 + np.exp(-Z)), given.part.Y, Z), given.caches)
    names = "dW1, db1, dW2 and db2" if len(dims) == 3 else "dW1 and db1"
    (sentence,) = given.faults(mine)
    assert sentence.startswith(f"Your {names} are what comes out {words}")
    (sentence,) = given.faults(times(7, mine))
    assert sentence.startswith(f"Your {names} are what comes out {words}")
    assert sentence.endswith(", and are 7 times too large: m is 7.")


def test_a_gradient_that_travels_back_through_the_wrong_matrix_is_named(given: Problem) -> None:
    def change(caches: list[LayerCache]) -> None:
        linear = caches[2].linear
        caches[2] = caches[2]._replace(linear=linear._replace(W=linear.W.T))

    assert given.faults(given.backward(change))[0] == (
        "Your dW1, db1, dW2 and db2 are what comes out with W3 dZ3 in place of W3ᵀ dZ3."
    )


def test_right_numbers_in_a_wrong_place_are_named(given: Problem) -> None:
    right = given.right
    assert given.faults({"dW2": right["dW2"].T})[0] == "Your dW2 is the transpose of the right one."
    assert given.faults({"dW2": M * right["dW2"].T})[0] == (
        "Your dW2 is the transpose of the right one, and is 11 times too large."
    )
    assert given.faults({"dW2": right["dW3"], "dW3": right["dW2"]}) == [
        "Your dW2 is what dW3 should be.",
        "Your dW3 is what dW2 should be.",
    ]
    assert given.faults({"dW2": 0 * right["dW2"], "db2": 0 * right["db2"]})[0] == "Your dW2 and db2 are 0 everywhere."
    assert given.faults({"db2": np.full((4, 1), right["db2"].sum())})[0] == (
        "Your db2 has one number for all units. Add over the examples only: np.sum(dZ, axis=1, keepdims=True) / m."
    )


def test_an_l2_penalty_that_the_cost_does_not_have_is_named(given: Problem) -> None:
    penalised = {f"dW{k}": given.right[f"dW{k}"] + LAMBDA / M * given.parameters[f"W{k}"] for k in range(1, 5)}
    assert given.faults(penalised)[0] == (
        "Your dW1, dW2, dW3 and dW4 have λ W / m added, with λ = 0.7. "
        "That is an L2 penalty, and the cost of this check has none."
    )


def test_float32_is_not_called_a_mistake_of_the_formulas(given: Problem) -> None:
    rounded = {name: value.astype(np.float32) for name, value in given.right.items()}
    assert given.faults(rounded) == [
        f"Your {EVERYTHING} are right to the precision of float32. Compute in float64 for this check."
    ]
    scaled = {name: (M * value).astype(np.float32) for name, value in given.right.items()}
    assert given.faults(scaled)[0].startswith(f"Your {EVERYTHING} are 11 times too large everywhere: m is 11.")


def test_right_gradients_and_layerlabs_own_have_no_faults(given: Problem) -> None:
    assert given.faults({}) == []
    assert gradient_check(given.network, given.part).faults == ()


@pytest.mark.parametrize("dims", [DIMS, [2, 1], [3, 2, 1], [1, 1, 1]])
def test_of_random_gradients_nothing_is_said(dims: list[int]) -> None:
    given = Problem(dims, 6, output="identity")
    for seed in range(100):
        random = np.random.RandomState(seed)
        drawn = {name: random.randn(*value.shape) * 10 ** random.uniform(-3, 3) for name, value in given.right.items()}
        assert given.faults(drawn, entries=1) == []


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1e-3, 0.1])
def test_of_a_small_random_error_nothing_is_said(given: Problem, size: float) -> None:
    for seed in range(25):
        random = np.random.RandomState(seed)
        spoiled = {name: value * (1 + size * random.randn(*value.shape)) for name, value in given.right.items()}
        assert given.faults(spoiled) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e200, -1e308, 1e-310])
def test_numbers_beyond_all_bounds_do_no_harm(given: Problem, value: float) -> None:
    gradients = {name: np.full_like(array, value) for name, array in given.right.items()}
    assert all("nan" not in fault and "inf" not in fault for fault in given.faults(gradients))
    assert all("nan" not in fault for fault in given.faults(times(value, given.right)))


def test_at_a_kink_nothing_is_said_that_may_be_wrong() -> None:
    given = Problem([5, 4, 7, 3], M, hidden="relu")
    given.part.X[:, 4] = 0
    start = {name: value if name[0] == "W" else 0 * value for name, value in given.parameters.items()}
    Z, caches = network_forward(given.part.X, start, given.network.activations)
    dZ = given.network.loss.gradient(Z, given.part.Y)
    own = network_backward(dZ, caches)
    check = gradient_check(given.network, given.part, parameters=start, gradients=own | {"db2": -own["db2"]})
    assert check.faults[0].startswith("Your db2 has the wrong sign everywhere.")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_no_numbers_are_named_and_found_wherever_they_are(value: float) -> None:
    network, flower = Network([2, 40, 1], hidden="tanh"), load_flower()
    s = Stepper(network, flower, learning_rate=0.1, iterations=3)
    parameters, right = s.parameters(), s.dissect().gradients
    for row in range(0, 40, 7):
        mine = {name: array.copy() for name, array in right.items()}
        mine["dW1"][row, 1] = value
        check = gradient_check(network, flower, parameters=parameters, gradients=mine, entries=5)
        assert check.faults[0] == "Some of your values are no finite numbers: dW1 (1 of 80)."
        assert check.checks[0].worst == (row, 1)
        assert check.checks[0].checked == 5
        assert math.isfinite(check.checks[0].numerical)
    mine["dW2"] *= 2
    faults = gradient_check(network, flower, parameters=parameters, gradients=mine).faults
    assert faults[1] == "Your dW2 is 2 times too large everywhere."


@pytest.mark.parametrize("own", ["relu", "sigmoid"])
def test_gradients_of_another_activation_are_recognised(own: str) -> None:
    flower, network = load_flower(), Network([2, 4, 3, 1], hidden="tanh")
    s = Stepper(Network([2, 4, 3, 1], hidden=own), flower, learning_rate=0.1, iterations=3)
    s.advance(1)
    check = gradient_check(network, flower, parameters=s.parameters(), gradients=s.dissect().gradients)
    (fault,) = check.faults
    assert fault == f"Your gradients are right for hidden layers with {own}, and those of the network have tanh."
