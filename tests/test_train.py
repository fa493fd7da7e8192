"""Training through the door: against a loop written independently, reproducible, interruptible, and what it refuses."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.sparse import csr_array

import layerlab
from layerlab import InputError, Network, Run, TrainingWarning
from layerlab.datasets import Dataset, Part, load_flower
from layerlab.formulas.arrays import Floats
from layerlab.training import engines, watching
from layerlab.training import train as training
from layerlab.training.engines import Chunk, NumpyEngine, chunks, initial_state
from layerlab.training.fit import chunks_of
from layerlab.training.updates import EngineData, Program

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

Parameters = dict[str, Any]

# All sizes differ, so that no axis can stand in for another: 5 features, 4 and 6 hidden units, 3 outputs, 17 examples.
FEATURES, HIDDEN, EXAMPLES = 5, (4, 6), 17


def draw(output: str, n_y: int) -> Part:
    random = np.random.RandomState(3)
    X = random.randn(FEATURES, EXAMPLES)
    Y = {
        "sigmoid": random.randint(0, 2, (n_y, EXAMPLES)).astype(np.float64),
        "softmax": np.eye(n_y)[:, random.randint(0, n_y, EXAMPLES)],
        "identity": random.randn(n_y, EXAMPLES),
    }[output]
    return Part(X, Y)


class Naive:
    """A network by the textbook: probabilities first, every product an einsum, the mean taken at the very start."""

    def __init__(self, dims: tuple[int, ...], hidden: str, output: str, seed: int) -> None:
        randn = np.random.RandomState(seed).randn
        self.W = [randn(n, n_prev) * math.sqrt(2 / n_prev) for n_prev, n in pairwise(dims)]
        self.b = [np.zeros(n) for n in dims[1:]]
        self.hidden, self.output = hidden, output

    def forward(self, X: Floats) -> list[Floats]:
        A = [X]
        for W, b in zip(self.W, self.b, strict=True):
            Z = np.einsum("ij,jm->im", W, A[-1]) + b[:, None]
            if len(A) < len(self.W):
                A.append(np.tanh(Z) if self.hidden == "tanh" else np.where(Z > 0, Z, 0))
            elif self.output == "sigmoid":
                A.append(1 / (1 + np.exp(-Z)))
            elif self.output == "softmax":
                A.append(np.exp(Z) / np.exp(Z).sum(axis=0))
            else:
                A.append(Z)
        return A

    def cost(self, X: Floats, Y: Floats) -> float:
        P = self.forward(X)[-1]
        if self.output == "sigmoid":
            return float(-np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P)) / X.shape[1])
        if self.output == "softmax":
            return float(-np.sum(Y * np.log(P)) / X.shape[1])
        return float(np.sum((P - Y) ** 2) / 2 / X.shape[1])

    def accuracy(self, X: Floats, Y: Floats) -> float:
        P = self.forward(X)[-1]
        right = P.argmax(axis=0) == Y.argmax(axis=0) if self.output == "softmax" else P.round() == Y
        return float(np.mean(right))

    def step(self, X: Floats, Y: Floats, learning_rate: float) -> None:
        A = self.forward(X)
        P = A[-1]
        if self.output == "sigmoid":
            dZ = ((1 - Y) / (1 - P) - Y / P) / X.shape[1] * P * (1 - P)
        elif self.output == "softmax":
            dP = -Y / P / X.shape[1]
            slope = np.einsum("im,ij->ijm", P, np.eye(len(P))) - np.einsum("im,jm->ijm", P, P)
            dZ = np.einsum("ijm,jm->im", slope, dP)
        else:
            dZ = (P - Y) / X.shape[1]
        steps = []
        for layer in reversed(range(len(self.W))):
            steps.append((layer, np.einsum("im,jm->ij", dZ, A[layer]), np.einsum("im->i", dZ)))
            if layer:
                dA = np.einsum("ij,im->jm", self.W[layer], dZ)
                dZ = dA * (1 - A[layer] ** 2 if self.hidden == "tanh" else A[layer] > 0)
        for layer, dW, db in steps:
            self.W[layer] = self.W[layer] - learning_rate * dW
            self.b[layer] = self.b[layer] - learning_rate * db

    def parameters(self) -> Parameters:
        weights = {f"W{layer}": W for layer, W in enumerate(self.W, start=1)}
        return weights | {f"b{layer}": b[:, None] for layer, b in enumerate(self.b, start=1)}


def quick(data: Any = None, **changes: Any) -> Run:
    """A short run on the flower, with whatever is to be changed."""
    arguments: dict[str, Any] = {
        "network": Network([2, 4, 1], hidden="tanh"),
        "learning_rate": 1.2,
        "iterations": 60,
        "progress": False,
    }
    arguments |= changes
    return layerlab.train(data=load_flower() if data is None else data, **arguments)


def assert_same(a: Parameters, b: Parameters) -> None:
    """Bit for bit."""
    assert list(a) == list(b)
    for name in a:
        assert_array_equal(a[name], b[name], strict=True)


@pytest.fixture
def one_iteration_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK_SECONDS", 0.0)


# What is computed


@pytest.mark.parametrize("hidden", ["tanh", "relu"])
@pytest.mark.parametrize(("output", "n_y"), [("sigmoid", 1), ("sigmoid", 3), ("softmax", 3), ("identity", 3)])
def test_a_hundred_updates_are_those_of_a_plain_loop(output: str, n_y: int, hidden: str) -> None:
    train, held_out = draw(output, n_y), Part(*(array[:, ::-2] for array in draw(output, n_y)))
    dims = (FEATURES, *HIDDEN, n_y)
    naive = Naive(dims, hidden, output, seed=5)
    costs, validation_costs, validation_accuracies = [], [], []
    for _ in range(100):
        costs.append(naive.cost(*train))
        validation_costs.append(naive.cost(*held_out))
        validation_accuracies.append(naive.accuracy(*held_out))
        naive.step(*train, learning_rate=0.05)
    assert (np.diff(costs) < 0).all()  # where the cost swings, the last bits of two ways to compute it drift apart

    network = Network(dims, hidden=hidden, output=output)
    run = layerlab.train(network, train, learning_rate=0.05, iterations=100, seed=5, validation=held_out)
    assert_allclose(run.history.costs, costs, rtol=1e-10)
    assert_allclose(run.history.validation_costs, validation_costs, rtol=1e-10)
    for name, value in naive.parameters().items():
        assert_allclose(run.parameters[name], value, rtol=1e-10, atol=1e-13)
    if output == "identity":
        assert np.isnan(run.history.validation_accuracies).all()
        assert run.history.validation_accuracies.shape == (100,)
    else:
        assert_allclose(run.history.validation_accuracies, validation_accuracies, rtol=1e-15)


def test_each_cost_is_the_one_before_its_update() -> None:
    X, Y = draw("sigmoid", 1)
    network = Network([FEATURES, 4, 1])
    run = layerlab.train(network, (X, Y), learning_rate=0.1, iterations=7)
    assert run.history.costs.shape == (7,)
    for done in range(1, 7):
        earlier = layerlab.train(network, (X, Y), learning_rate=0.1, iterations=done)
        A = np.maximum(earlier.parameters["W1"] @ X + earlier.parameters["b1"], 0)
        P = 1 / (1 + np.exp(-(earlier.parameters["W2"] @ A + earlier.parameters["b2"])))
        assert_allclose(run.history.costs[done], -np.mean(np.where(Y == 1, np.log(P), np.log(1 - P))), rtol=1e-13)


def test_without_a_validation_part_there_are_no_validation_curves() -> None:
    history = quick().history
    assert history.validation_costs.shape == history.validation_accuracies.shape == (0,)
    assert history.seconds > 0
    assert not history.interrupted


@pytest.mark.parametrize(
    ("Y", "output"),
    [
        ([[0, 1, 1, 0]], "sigmoid"),
        ([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1]], "softmax"),
        ([[0, 1], [1, 0]], "softmax"),
        ([[0, 1, 1, 0], [1, 1, 0, 0]], "identity"),  # a column of two ones is no class
        ([[0.5, 1, 0, 0]], "identity"),
        ([[1, 2, 2, 1]], "identity"),
    ],
)
def test_the_labels_choose_the_output(Y: list[list[float]], output: str) -> None:
    X = np.arange(3.0 * len(Y[0])).reshape(3, -1) / 10
    run = quick((X, Y), network=Network([3, len(Y)]), learning_rate=0.01)
    assert run.network.output == output


def test_a_named_output_overrules_the_labels() -> None:
    data = ([[0.0, 1.0, 2.0, 3.0]], [[0, 0, 1, 1]])
    for output in ("sigmoid", "identity"):
        assert quick(data, network=Network([1, 1], output=output), learning_rate=0.1).network.output == output


def test_dataset_part_pair_and_lists_are_the_same_data() -> None:
    flower = load_flower()
    wanted = quick(flower).parameters
    lists = (flower.train.X.tolist(), flower.train.Y.astype(int).tolist())
    for data in (flower.train, tuple(flower.train), lists, (flower.train.X, flower.train.Y.astype(bool))):
        assert_same(quick(data).parameters, wanted)


def test_a_dataset_gives_the_run_its_names() -> None:
    flower = load_flower().standardized()
    run = quick(flower)
    assert (run.dataset, run.class_names, run.feature_names) == ("flower", ("red", "blue"), ("x1", "x2"))
    assert run.standardization is flower.standardization
    assert quick(flower.train).class_names == ()


def test_an_object_that_turns_into_an_array_is_taken() -> None:
    class Table:
        def __array__(self, dtype: Any = None, copy: bool | None = None) -> Floats:
            return load_flower().train.X

    assert_same(quick((Table(), load_flower().train.Y)).parameters, quick().parameters)


def test_settings_are_kept_with_their_defaults() -> None:
    assert quick(learning_rate=1, iterations=3).settings == {
        "class_weight": None,
        "label_smoothing": 0.0,
        "dropout": 0.0,
        "dropout_seed": 0,
        "clip_norm": None,
        "schedule": "constant",
        "monitor": None,
        "learning_rate": 1.0,
        "iterations": 3,
        "seed": 0,
        "initializer": "he",
        "optimizer": "gd",
        "batch_size": None,
        "batch_seed": 0,
        "l2": 0.0,
        "engine": "auto",
        "basis": "auto",
        "dtype": "float64",
    }


def test_same_seed_same_bits_another_seed_other_weights() -> None:
    assert_same(quick(seed=3).parameters, quick(seed=3).parameters)
    assert_array_equal(quick(seed=3).history.costs, quick(seed=3).history.costs)
    assert not np.allclose(quick(seed=3).parameters["W1"], quick(seed=4).parameters["W1"])


def test_the_global_random_stream_is_left_alone() -> None:
    np.random.seed(0)
    wanted = np.random.rand()
    np.random.seed(0)
    quick()
    assert np.random.rand() == wanted


def test_initializers_scale_the_same_draw() -> None:
    drawn = np.random.RandomState(2).randn(4, 2)
    scales = {"zeros": 0.0, "normal": 0.01, "lecun": math.sqrt(1 / 2), "xavier": math.sqrt(2 / 6), "he": 1.0}
    for initializer, scale in scales.items():
        run = quick(initializer=initializer, seed=2, learning_rate=1e-300, iterations=1)
        assert_allclose(run.parameters["W1"], drawn * scale, rtol=1e-15)


def test_float32_stays_float32() -> None:
    flower = load_flower()
    run = quick(flower, dtype="float32", validation=flower.test)
    assert {value.dtype for value in run.parameters.values()} == {np.dtype(np.float32)}
    assert run.history.costs.dtype == np.float64
    double = quick(flower, validation=flower.test)
    assert_allclose(run.history.costs, double.history.costs, rtol=1e-4)
    assert not (run.history.costs == double.history.costs).any()
    assert (quick(flower, dtype="float32", iterations=1).history.costs.astype(np.float32) == run.history.costs[0]).all()


def test_training_goes_on_from_given_parameters_and_leaves_them_as_they_are() -> None:
    half = quick(iterations=30)
    before = {name: value.copy() for name, value in half.parameters.items()}
    scrambled = {name: half.parameters[name] for name in ("b2", "W1", "b1", "W2")}
    rest = quick(iterations=30, parameters=scrambled)
    assert_same(half.parameters, before)
    assert_same(rest.parameters, quick(iterations=60).parameters)
    assert_array_equal(
        np.concatenate([half.history.costs, rest.history.costs]),
        quick(iterations=60).history.costs,
    )


def test_the_data_is_left_as_it_is() -> None:
    X, Y = (array.copy() for array in load_flower().train)
    quick((X, Y))
    assert_array_equal(X, load_flower().train.X)
    assert_array_equal(Y, load_flower().train.Y)


# The stream


def petals(iterations: int = 500) -> Iterator[Chunk]:
    """The engine on the flower."""
    flower = load_flower()
    program = Program(hidden=("tanh",), output="sigmoid", optimizer="gd")
    data = EngineData(*flower.train, rates={"learning_rate": np.asarray(1.2)}, validation=flower.test)
    start = quick(flower, iterations=1).parameters
    return chunks(NumpyEngine(program, data), initial_state(program, start), None, iterations)


def test_chunks_change_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths, costs, validations, parameters = [], [], [], []
    for seconds in (0.0, 0.005, math.inf):
        monkeypatch.setattr(engines, "CHUNK_SECONDS", seconds)
        chunks = list(petals())
        lengths.append([len(chunk.costs) for chunk in chunks])
        costs.append(np.concatenate([chunk.costs for chunk in chunks]))
        validations.append(np.concatenate([chunk.validation for chunk in chunks]))
        parameters.append(chunks[-1].state.parameters)
    assert lengths[0] == [1] * 500
    assert lengths[2] == [1, 2, 4, 8, 16, 32, 64, 128, 245]
    for other in (1, 2):
        assert_array_equal(costs[0], costs[other])
        assert_array_equal(validations[0], validations[other])
        assert_same(parameters[0], parameters[other])


@pytest.mark.usefixtures("one_iteration_a_chunk")
def test_to_stop_means_to_stop_asking() -> None:
    stream = petals(10**12)
    some = list(islice(stream, 5))
    assert [len(chunk.costs) for chunk in some] == [1] * 5
    assert some[0].validation.shape == (1, 2)
    assert all(chunk.seconds > 0 for chunk in some)
    (five,) = islice(petals(10**12), 4, 5)
    assert_same(some[-1].state.parameters, five.state.parameters)


@pytest.mark.usefixtures("one_iteration_a_chunk")
def test_the_callers_floating_point_settings_hold_between_chunks() -> None:
    with np.errstate(all="raise", under="warn"):
        wanted = np.geterr()
        for _ in islice(petals(), 3):
            assert np.geterr() == wanted
        X = np.array([[1e200, -1e200, 1e200]])
        with pytest.warns(TrainingWarning, match="diverged"):
            run = quick((X, X), network=Network([1, 3, 1], hidden="identity"))
        assert run.history.costs[0] == math.inf
        assert np.geterr() == wanted


def test_training_ends_at_the_first_cost_that_is_not_finite() -> None:
    X = np.array([[1.0, 2.0, 3.0]])
    with pytest.warns(TrainingWarning, match="diverged"):
        run = quick((X, 2 * X), network=Network([1, 1]), learning_rate=10.0, iterations=5000)
    costs = run.history.costs
    assert 10 < len(costs) < 5000
    assert np.isfinite(costs[:-1]).all()
    assert not np.isfinite(costs[-1])


# Ctrl-C


def interrupted_after(n_chunks: int) -> Callable[..., Iterator[Chunk]]:
    def stream(*args: Any, **settings: Any) -> Iterator[Chunk]:
        yield from islice(chunks_of(*args, **settings), n_chunks)
        raise KeyboardInterrupt

    return stream


@pytest.mark.usefixtures("one_iteration_a_chunk")
@pytest.mark.parametrize("progress", [False, True, "petals"])
def test_an_interrupt_keeps_what_was_trained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], progress: bool | str
) -> None:
    flower = load_flower()
    whole = quick(flower, iterations=23, validation=flower.test)
    monkeypatch.setattr(training, "chunks_of", interrupted_after(23))
    run = quick(flower, iterations=60, validation=flower.test, progress=progress)
    assert run.history.interrupted
    assert_array_equal(run.history.costs, whole.history.costs)
    assert_array_equal(run.history.validation_costs, whole.history.validation_costs)
    assert_same(run.parameters, whole.parameters)
    label = progress if isinstance(progress, str) else "training"
    assert f"{label}: interrupted after 23 of 60 iterations; what was trained is kept\n" in capsys.readouterr().err


@pytest.mark.usefixtures("one_iteration_a_chunk")
def test_an_interrupt_in_a_reader_keeps_the_chunk_it_was_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def bar(label: str, iterations: int) -> Iterator[Callable[[Chunk], None]]:
        seen = []

        def show(chunk: Chunk) -> None:
            seen.append(chunk)
            if len(seen) == 4:
                raise KeyboardInterrupt

        yield show

    monkeypatch.setattr(watching, "progress_bar", bar)
    run = quick(progress=True)
    assert run.history.interrupted
    assert len(run.history.costs) == 4
    assert_same(run.parameters, quick(iterations=4).parameters)


def test_an_interrupt_before_anything_was_trained_leaves_the_initial_weights(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "chunks_of", interrupted_after(0))
    run = quick(seed=7)
    assert run.history.interrupted
    assert run.history.costs.shape == run.history.validation_costs.shape == (0,)
    assert run.diagnosis == ()
    assert_allclose(run.parameters["W1"], np.random.RandomState(7).randn(4, 2))
    assert "interrupted after 0 of 60" in capsys.readouterr().err


SIGNALLED = """
import json, numpy, signal, layerlab
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background passes on that it is ignored
flower = layerlab.datasets.load_flower()
network, train = layerlab.Network([2, 4, 1], hidden="tanh"), layerlab.train
how = {"learning_rate": 0.1, "engine": ENGINE}
train(network, flower, iterations=1, **how)
print("training", flush=True)
run = train(network, flower, iterations=10**8, **how)
n = len(run.history.costs)
again = train(network, flower, iterations=n, **how)
same = all(numpy.array_equal(run.parameters[name], again.parameters[name]) for name in run.parameters)
print(json.dumps([run.history.interrupted, n, same, numpy.array_equal(run.history.costs, again.history.costs)]))
"""


@pytest.mark.processes
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for another process")
@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_real_interrupt_ends_the_training_and_not_the_program(engine: str) -> None:
    command = [sys.executable, "-c", SIGNALLED.replace("ENGINE", repr(engine))]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "training\n"
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        try:
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    interrupted, n, same_parameters, same_costs = json.loads(out)
    assert interrupted
    assert same_parameters
    assert same_costs
    assert n > 0
    assert f"training: interrupted after {n} of 100000000 iterations" in err
    assert child.returncode == 0


# Progress


@pytest.mark.parametrize(("progress", "label"), [(True, "training"), ("[petals] [/]", "[petals] [/]")])
def test_a_bar_shows_label_cost_and_speed(capsys: pytest.CaptureFixture[str], progress: bool | str, label: str) -> None:
    run = quick(progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(label)
    assert "60/60" in err
    assert f"cost {run.history.costs[-1]:.6g}" in err
    assert "updates/s" in err


def test_no_bar_where_none_is_wanted_or_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(progress=False)
    quick(progress=None)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    quick(progress=False)
    assert capsys.readouterr().err == ""
    quick(progress=None)
    assert "training" in capsys.readouterr().err


# What is refused

X6 = np.array([[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]])
Y6 = np.array([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]])
K6 = np.eye(3)[:, [0, 1, 2, 2, 1, 0]]


def with_value(array: Floats, value: Any, *place: int) -> Floats:
    changed = array.astype(np.result_type(array, type(value)))
    changed[place] = value
    return changed


def refusal(data: Any, network: Any = None, **settings: Any) -> str:
    """The one sentence of an ``InputError``; anything else fails the test."""
    arguments: dict[str, Any] = {"learning_rate": 0.1, "iterations": 3, "progress": False}
    with pytest.raises(InputError) as caught:
        layerlab.train(network or Network([2, 1], output="sigmoid"), data, **(arguments | settings))
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


class Refuses:
    """Like a tensor on another device."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Floats:
        raise RuntimeError("copy it to the host first")


class Mixed:
    """Like a table with a column of text."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array([[1.0, "red"] * 3, [2.0, "blue"] * 3], dtype=object)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (
            with_value(X6, math.nan, 1, 3),
            (
                "X has a value that is not finite, the first (nan) in row 1, column 3: wanted finite numbers; fill in "
                "or leave out what is missing"
            ),
        ),
        (
            with_value(with_value(X6, -math.inf, 0, 2), math.inf, 0, 4),
            (
                "X has 2 values that are not finite, the first (-inf) in row 0, column 2: wanted finite numbers; fill "
                "in or leave out what is missing"
            ),
        ),
        (
            X6.T,
            (
                "X has 6 features (shape (6, 2)), the network takes 2: wanted shape (2, m), examples in columns: it "
                "looks transposed, pass X.T"
            ),
        ),
        (
            np.ones((3, 6)),
            "X has 3 features (shape (3, 6)), the network takes 2: wanted shape (2, m), examples in columns",
        ),
        (
            X6[0],
            (
                "X has the shape (6,): wanted two axes, examples in columns; X.reshape(1, -1) makes a row, "
                "X.reshape(-1, 1) a column"
            ),
        ),
        (
            np.ones((4, 8, 8)),
            "X has the shape (4, 8, 8): wanted two axes, examples in columns; flatten each example into a column",
        ),
        (
            np.ones((2, 0)),
            "X has the shape (2, 0): wanted at least one example and one row; it is empty",
        ),
        (
            [],
            (
                "X has the shape (0,): wanted two axes, examples in columns; X.reshape(1, -1) makes a row, "
                "X.reshape(-1, 1) a column"
            ),
        ),
        (
            [[1.0, 2.0], [3.0]],
            "X is no table of numbers (rows of different lengths): wanted rows of numbers of one length",
        ),
        (
            Refuses(),
            "X is no table of numbers (copy it to the host first): wanted rows of numbers of one length",
        ),
        (None, "X is NoneType: wanted a table of real numbers; turn it into numbers first"),
        ("data.csv", "X is str: wanted a table of real numbers; turn it into numbers first"),
        (csr_array(X6), "X is csr_array, a sparse matrix: wanted a dense table of numbers; X.toarray() makes it one"),
        ({"x1": [1, 2]}, "X is dict: wanted a table of real numbers; turn it into numbers first"),
        (X6.astype(str), "X holds <U32: wanted a table of real numbers; turn it into numbers first"),
        (X6 + 1j, "X holds complex128: wanted a table of real numbers; turn it into numbers first"),
        (Mixed(), "X holds object: wanted a table of real numbers; turn it into numbers first"),
        ([[1, None]] * 2, "X holds object: wanted a table of real numbers; turn it into numbers first"),
        (
            np.array([["2024-01-01"]], dtype="datetime64[D]"),
            "X holds datetime64[D]: wanted a table of real numbers; turn it into numbers first",
        ),
        (
            np.ma.masked_greater(X6, 4),
            "X has masked values: wanted a number everywhere; fill in or leave out what is missing",
        ),
        (7, "X has the shape (): wanted two axes, examples in columns; flatten each example into a column"),
    ],
)
def test_features_that_are_refused(X: Any, words: str) -> None:
    assert refusal((X, Y6)) == words
    assert refusal((X6, Y6), validation=(X, Y6)) == f"validation {words}"


@pytest.mark.parametrize(
    ("Y", "network", "words"),
    [
        (
            Y6[0],
            Network([2, 1]),
            (
                "Y has the shape (6,): wanted two axes, examples in columns; Y.reshape(1, -1) makes a row, "
                "Y.reshape(-1, 1) a column"
            ),
        ),
        (
            Y6[:, :5],
            Network([2, 1]),
            "X has 6 examples (shape (2, 6)) and Y 5 (shape (1, 5)): wanted one column of Y for each column of X",
        ),
        (
            Y6.T,
            Network([2, 1]),
            "X has 6 examples (shape (2, 6)) and Y 1 (shape (6, 1)): wanted one column of Y for each column of X",
        ),
        (
            K6,
            Network([2, 4, 1]),
            (
                "Y has 3 rows (shape (3, 6)) and the network 1 outputs: wanted as many; end layer_dims with 3, or give "
                "Y one row per output"
            ),
        ),
        (
            with_value(Y6, math.nan, 0, 0),
            Network([2, 1]),
            (
                "Y has a value that is not finite, the first (nan) in row 0, column 0: wanted finite numbers; fill in "
                "or leave out what is missing"
            ),
        ),
        (
            np.array([["cat", "dog"] * 3]),
            Network([2, 1]),
            "Y holds <U3: wanted a table of real numbers; turn it into numbers first",
        ),
        (
            Y6 + 1,
            Network([2, 1], output="sigmoid"),
            (
                "labels go from 1 to 2: wanted 0 to 1 for a sigmoid output; number the classes from 0 and, for more "
                "than two, give each its own row (one-hot)"
            ),
        ),
        (
            2 * Y6 - 1,
            Network([2, 1], output="sigmoid"),
            (
                "labels go from -1 to 1: wanted 0 to 1 for a sigmoid output; number the classes from 0 and, for "
                "more than two, give each its own row (one-hot)"
            ),
        ),
        (
            with_value(K6, 1.0, 0, 1),
            Network([2, 3], output="softmax"),
            (
                "labels of example 1 sum to 2: wanted 1 in each column for a softmax output; give each class its own "
                "row (one-hot)"
            ),
        ),
        (
            0 * K6,
            Network([2, 3], output="softmax"),
            (
                "labels of example 0 sum to 0: wanted 1 in each column for a softmax output; give each class its own "
                "row (one-hot)"
            ),
        ),
        (
            0 * Y6,
            Network([2, 1]),
            "all 6 labels are the same: wanted examples of at least two classes; add some of another class",
        ),
        (
            K6[:, [1] * 6],
            Network([2, 3]),
            "all 6 labels are the same: wanted examples of at least two classes; add some of another class",
        ),
    ],
)
def test_labels_that_are_refused(Y: Any, network: Network, words: str) -> None:
    assert refusal((X6, Y), network) == words


@pytest.mark.parametrize("value", [1e300, -1e39])
def test_numbers_that_float32_cannot_hold_are_refused(value: float) -> None:
    X = with_value(X6, value, 0, 5)
    words = f"X has a value that is not finite as float32, the first ({value}) in row 0, column 5: wanted finite"
    assert refusal((X, Y6), dtype="float32").startswith(words)
    layerlab.train(Network([2, 1]), (X6, Y6), learning_rate=0.1, iterations=30, dtype="float32")


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        (
            (X6, Y6 + 1),
            (
                "validation labels go from 1 to 2: wanted 0 to 1 for a sigmoid output; number the classes from 0 "
                "and, for more than two, give each its own row (one-hot)"
            ),
        ),
        (
            (X6[:, :4], Y6),
            (
                "validation X has 4 examples (shape (2, 4)) and Y 6 (shape (1, 6)): wanted one column of Y for each "
                "column of X"
            ),
        ),
        (load_flower(), "validation data is Dataset: wanted one set of a Dataset or a pair (X, Y)"),
    ],
)
def test_validation_parts_that_are_refused(validation: Any, words: str) -> None:
    assert refusal((X6, Y6), validation=validation) == words


def test_a_validation_part_may_hold_one_class() -> None:
    run = quick((X6, Y6), network=Network([2, 1]), learning_rate=0.1, validation=(X6[:, :3], Y6[:, :3]))
    assert len(run.history.validation_costs) == 60


@pytest.mark.parametrize("data", [X6, [X6, Y6], (X6,), (X6, Y6, Y6), None, "digits", {"X": X6, "Y": Y6}])
def test_data_that_is_no_pair_is_refused(data: Any) -> None:
    words = f"data is {type(data).__name__}: wanted a Dataset, one of its sets, or a pair (X, Y)"
    assert refusal(data) == words


def test_a_network_has_to_be_one() -> None:
    words = "network is list: wanted a layerlab.Network, such as Network([64, 20, 10])"
    assert refusal((X6, Y6), [2, 1]) == words


LEARNING_RATE = "wanted a finite number above 0 (step size α; in gradient descent W ← W − α dW)"
ITERATIONS = "wanted a whole number of at least 1 (number of updates of the parameters)"
SEED = "wanted a whole number of at least 0, at most 4294967295 (seed of the random initial weights)"


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        (
            "learning_rate",
            [0, 0.0, -1, -1e-9, math.nan, math.inf, "0.1", True, None, 1j, 10**400],
            LEARNING_RATE,
        ),
        ("iterations", [0, -5, 1.5, 10.0, True, "10", math.nan, 10**400], ITERATIONS),
        ("seed", [-1, 2**32, 0.5, True, "0", None], SEED),
        (
            "initializer",
            ["best", "He", None, 0],
            "wanted one of 'zeros', 'normal', 'lecun', 'xavier', 'he' (how the initial weights are chosen)",
        ),
        ("engine", ["jax", None, 1], "wanted one of 'auto', 'numpy', 'xla' (what computes the updates)"),
        (
            "dtype",
            ["float16", "double", np.float64, None],
            "wanted one of 'float64', 'float32' (floating-point type of all numbers)",
        ),
    ],
)
def test_settings_that_are_refused(name: str, values: list[Any], words: str) -> None:
    for value in values:
        assert refusal((X6, Y6), **{name: value}) == f"{name}={value!r}: {words}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"W1": np.ones((2, 4))}, "W1 has the shape (2, 4): wanted (4, 2) for layer_dims (2, 4, 1); a row of W is"),
        ({"b1": np.zeros(4)}, "b1 has the shape (4,): wanted (4, 1) for layer_dims (2, 4, 1); a row of W is a unit,"),
        ({"W3": np.ones((1, 1))}, "parameters has W3 too: wanted W1, b1, W2, b2 and nothing else"),
        ({"W1": np.full((4, 2), math.nan)}, "W1 has 8 values that are not finite, the first (nan) in row 0, column 0:"),
        ({"W1": [[1, 2], [3]]}, "W1 is no table of numbers (rows of different lengths): wanted rows of numbers"),
        ({"b2": "zero"}, "b2 is str: wanted a table of real numbers; turn it into numbers first"),
        ({"W2": np.ones((1, 4)) * 1j}, "W2 holds complex128: wanted a table of real numbers; turn it into numbers"),
        ({"W2": None}, "W2 is NoneType: wanted a table of real numbers; turn it into numbers first"),
    ],
)
def test_parameters_that_are_refused(changes: Parameters, words: str) -> None:
    parameters = {"W1": np.ones((4, 2)), "b1": np.zeros((4, 1)), "W2": np.ones((1, 4)), "b2": np.zeros((1, 1))}
    assert refusal((X6, Y6), Network([2, 4, 1]), parameters=parameters | changes).startswith(words)


def test_parameters_have_to_be_a_complete_dict() -> None:
    words = "parameters has no b1, W2: wanted W1, b1, W2, b2"
    assert refusal((X6, Y6), Network([2, 4, 1]), parameters={"W1": np.ones((4, 2)), "b2": [[0]]}) == words
    words = "parameters is list: wanted a dict of arrays, W1, b1"
    assert refusal((X6, Y6), parameters=[np.ones((1, 2))]) == words


def test_layers_beyond_all_numbers_are_refused() -> None:
    assert refusal((X6, Y6), Network([2, 10**400, 1])).endswith(
        " parameters do not fit into memory: choose smaller layers"
    )


@pytest.mark.parametrize("n", [10**15, 10**30])
def test_more_parameters_than_memory_holds_are_refused(n: int) -> None:
    words = f"a network of {4 * n + 1} parameters needs "
    assert refusal((X6, Y6), Network([2, n, 1])).startswith(words)


def test_a_dataset_is_refused_by_the_same_words() -> None:
    part = Part(X6, Y6)
    assert "the network takes 3" in refusal(Dataset("small", part, part), Network([3, 1]))
