"""A network before training: sizes, names, shapes, the output that labels call for, labels and accuracy."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from layerlab import InputError, Network
from layerlab.formulas import ACTIVATIONS, LOSSES, initialize_parameters
from layerlab.network import output_for


def test_sizes_may_come_as_anything_that_counts() -> None:
    networks = {Network(dims) for dims in ([2, 4, 1], (2, 4, 1), np.array([2, 4, 1]), iter((2, 4, 1)), range(2, 5, 2))}
    assert networks == {Network([2, 4, 1]), Network([2, 4])}
    assert all(type(n) is int for network in networks for n in network.layer_dims)


@pytest.mark.parametrize(
    "dims",
    [[], [3], 5, None, "2-4-1", [2, 0, 1], [2, -4, 1], [2, 4.0, 1], [2, True, 1], [2, "4", 1], [2, None], [[2, 4, 1]]],
)
def test_sizes_that_are_refused(dims: Any) -> None:
    with pytest.raises(InputError) as caught:
        Network(dims)
    assert str(caught.value).startswith("layer_dims=(")
    assert str(caught.value).endswith(
        "): wanted at least two whole numbers above 0, inputs first and outputs last, such as (64, 20, 10)"
    )


@pytest.mark.parametrize(
    ("hidden", "which"),
    [
        *((name, "") for name in ("Relu", "swish", "", None, 3)),
        (["Relu"], "'Relu' is no activation; "),
        (["relu", "swish"], "'swish' is no activation; "),
        (["relu", None], "None is no activation; "),
        (np.array(["relu", "tanh"]), ""),
    ],
)
def test_hidden_activations_that_are_refused(hidden: Any, which: str) -> None:
    with pytest.raises(InputError) as caught:
        Network([2, 4, 1], hidden=hidden)
    assert str(caught.value) == (
        f"hidden={hidden!r}: {which}wanted one of sigmoid, tanh, relu, leaky_relu, selu, mish, identity, or a list "
        f"with one for each hidden layer"
    )


def test_as_many_activations_as_hidden_layers() -> None:
    for dims, hidden, words in (
        ([2, 4, 1], ["relu", "tanh"], "2 activations for 1 hidden layer; wanted one for each, or one name for all"),
        ([2, 4, 4, 1], ["relu"], "1 activation for 2 hidden layers; wanted"),
        ([2, 1], ["relu"], "1 activation for 0 hidden layers; wanted"),
    ):
        with pytest.raises(InputError) as caught:
            Network(dims, hidden=hidden)
        assert str(caught.value).startswith(f"hidden={hidden!r}: {words}")


def test_an_activation_for_each_hidden_layer() -> None:
    network = Network([2, 4, 3, 1], hidden=["relu", "tanh"])
    assert network.hidden == network.activations == ("relu", "tanh")
    assert network.hidden_name == "relu-tanh"
    alike = Network([2, 4, 3, 1], hidden=["tanh", "tanh"])
    assert alike == Network([2, 4, 3, 1], hidden="tanh")
    assert Network([2, 1], hidden=[]).activations == ()


@pytest.mark.parametrize("output", ["relu", "", 3, ["sigmoid"], np.array(["sigmoid", "softmax"])])
def test_outputs_that_are_refused(output: Any) -> None:
    with pytest.raises(InputError) as caught:
        Network([2, 4, 1], output=output)
    assert (
        str(caught.value)
        == f"output={output!r}: wanted one of {', '.join(LOSSES)}, or None to choose it from the labels"
    )


def test_a_softmax_of_one_output_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Network([2, 1], output="softmax")
    assert str(caught.value) == (
        "output='softmax' with one output is always 1: wanted one output per class, or output='sigmoid'"
    )


@pytest.mark.parametrize("dims", [(3, 1), (5, 4, 3), (2, 7, 6, 5, 4)])
def test_shapes_and_number_of_parameters_are_those_that_are_drawn(dims: tuple[int, ...]) -> None:
    network, drawn = Network(dims), initialize_parameters(dims)
    assert network.shapes == {name: value.shape for name, value in drawn.items()}
    assert list(network.shapes) == list(drawn)
    assert network.n_parameters == sum(value.size for value in drawn.values())


def test_every_hidden_layer_has_the_activation() -> None:
    assert Network([2, 4, 3, 1], hidden="tanh").activations == ("tanh", "tanh")
    assert Network([2, 1]).activations == ()
    assert all(Network([2, 3, 1], hidden=name).hidden == name for name in ACTIVATIONS)


@pytest.mark.parametrize(
    ("Y", "output"),
    [
        ([[0, 1, 1]], "sigmoid"),
        ([[1, 1, 1]], "sigmoid"),
        ([[False, True]], "sigmoid"),
        ([[0, 1], [1, 0]], "softmax"),
        ([[0, 1, 0], [1, 0, 0], [0, 0, 1]], "softmax"),
        ([[0, 1], [1, 1]], "identity"),
        ([[0, 0], [1, 0]], "identity"),
        ([[0, 2]], "identity"),
        ([[0.5, 0.5]], "identity"),
        ([[-1, 1]], "identity"),
    ],
)
def test_labels_call_for_an_output(Y: Any, output: str) -> None:
    assert output_for(np.array(Y)) == output
    assert Network([2, len(Y)]).for_labels(np.array(Y)).output == output


def test_a_named_output_stays() -> None:
    network = Network([2, 3, 1], hidden="tanh", output="identity")
    assert network.for_labels(np.array([[0, 1]])) == network
    chosen = Network([2, 3, 1], hidden="tanh").for_labels(np.array([[0, 1]]))
    assert chosen == Network([2, 3, 1], hidden="tanh", output="sigmoid")


def test_the_loss_belongs_to_the_output() -> None:
    for output, loss in LOSSES.items():
        assert Network([2, 2], output=output).loss is loss
        assert Network([2, 2], output=output).classifies == (output in ("sigmoid", "softmax"))
    with pytest.raises(InputError, match="the network has no output yet: name one, or let train"):
        _ = Network([2, 2]).loss


def test_labels_and_accuracy() -> None:
    sigmoid, softmax, identity = (Network([2, 2], output=output) for output in ("sigmoid", "softmax", "identity"))
    P = np.array([[0.5, 0.51, 0.1, 0.9], [0.2, 0.6, 0.7, 0.05]])
    assert_array_equal(sigmoid.labels(P), [[0, 1, 0, 1], [0, 1, 1, 0]])
    assert sigmoid.accuracy(P, np.array([[0, 1, 1, 1], [0, 1, 1, 1]])) == 6 / 8
    assert_array_equal(softmax.labels(P), [[0, 1, 1, 0]])
    assert softmax.accuracy(P, np.array([[1, 0, 1, 1], [0, 1, 0, 0]])) == 3 / 4
    assert identity.labels(P) is P
    assert np.isnan(identity.accuracy(P, P))


def test_a_network_is_a_value() -> None:
    network = Network([2, 4, 1])
    assert repr(network) == "Network(layer_dims=(2, 4, 1), hidden='relu', output=None)"
    assert pickle.loads(pickle.dumps(network)) == network  # noqa: S301
    with pytest.raises(FrozenInstanceError):
        network.hidden = "tanh"  # type: ignore[misc]
