"""All chapters of the notes at once: names, signatures, types, seeds, untouched arguments, light imports."""

from __future__ import annotations

import inspect
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from layerlab.notes import application, basics, deep, logistic, planar

STEPS_OF_CHAPTER_4 = {
    "sigmoid": "Z",
    "relu": "Z",
    "sigmoid_backward": "dA, cache",
    "relu_backward": "dA, cache",
    "linear_forward": "A, W, b",
    "linear_activation_forward": "A_prev, W, b, activation",
    "L_model_forward": "X, parameters",
    "compute_cost": "AL, Y",
    "linear_backward": "dZ, cache",
    "linear_activation_backward": "dA, cache, activation",
    "L_model_backward": "AL, Y, caches",
    "update_parameters": "params, grads, learning_rate",
    "initialize_parameters": "n_x, n_h, n_y, seed=1",
}
SIGNATURES = {
    basics: {
        "sigmoid": "x",
        "sigmoid_derivative": "x",
        "image2vector": "image",
        "normalize_rows": "x",
        "softmax": "x",
        "L1": "yhat, y",
        "L2": "yhat, y",
        "basic_sigmoid": "x",
        "vectorization": "n=1000, seed=0",
    },
    logistic: {
        "sigmoid": "z",
        "initialize_with_zeros": "dim",
        "propagate": "w, b, X, Y",
        "optimize": "w, b, X, Y, num_iterations=100, learning_rate=0.009, print_cost=False",
        "predict": "w, b, X",
        "model": "X_train, Y_train, X_test, Y_test, num_iterations=2000, learning_rate=0.5, print_cost=False",
        "load_dataset": "folder=None",
    },
    planar: {
        "sigmoid": "x",
        "load_planar_dataset": "seed=1",
        "load_extra_datasets": "",
        "layer_sizes": "X, Y",
        "initialize_parameters": "n_x, n_h, n_y, seed=None",
        "forward_propagation": "X, parameters",
        "compute_cost": "A2, Y",
        "backward_propagation": "parameters, cache, X, Y",
        "update_parameters": "parameters, grads, learning_rate=1.2",
        "nn_model": "X, Y, n_h, num_iterations=10000, print_cost=False, learning_rate=1.2, seed=3",
        "predict": "parameters, X",
        "plot_decision_boundary": "model, X, y",
    },
    deep: {**STEPS_OF_CHAPTER_4, "initialize_parameters_deep": "layer_dims, seed=3"},
    application: {
        **STEPS_OF_CHAPTER_4,
        "initialize_parameters_deep": "layer_dims, seed=1",
        "load_data": "folder=None",
        "two_layer_model": "X, Y, layers_dims, learning_rate=0.0075, num_iterations=3000, print_cost=False",
        "L_layer_model": "X, Y, layers_dims, learning_rate=0.0075, num_iterations=3000, print_cost=False",
        "predict": "X, y, parameters",
        "plot_costs": "costs, learning_rate=0.0075",
        "print_mislabeled_images": "classes, X, y, p",
    },
}

# Arguments of one call a function: whole numbers in arrays of pairwise different sizes, so that they can come as lists,
# integers, float64 or float32. What is an array below goes through the conversion, whatever else stays as it is.
IMAGE = np.arange(24.0).reshape(2, 4, 3)
TABLE = np.array([[1.0, -2.0, 2.0, 0.0], [3.0, 4.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
X = np.array([[1.0, -2.0, 0.0, 3.0, 1.0], [0.0, 1.0, -1.0, 2.0, -3.0]])
Y = np.array([[1.0, 0.0, 0.0, 1.0, 1.0]])
PROBABILITIES = np.array([[0.5, 0.25, 0.75, 0.125, 0.875]])
W_COLUMN = np.array([[1.0], [-1.0]])
ONE_HIDDEN = {
    "W1": np.array([[1.0, 2.0], [-1.0, 1.0], [2.0, -1.0], [0.0, 1.0]]),
    "b1": np.array([[0.0], [1.0], [-1.0], [0.0]]),
    "W2": np.array([[1.0, -1.0, 2.0, 1.0]]),
    "b2": np.array([[-1.0]]),
}
SLOPES = {f"d{name}": 2 * value + 1 for name, value in ONE_HIDDEN.items()}
HIDDEN = np.array(
    [[1.0, 0.0, 2.0, 0.0, 1.0], [0.0, 3.0, 0.0, 1.0, 2.0], [2.0, 1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0, 3.0]]
)
FIRST_CACHE = ((X, ONE_HIDDEN["W1"], ONE_HIDDEN["b1"]), HIDDEN - 1)
LAST_CACHE = ((HIDDEN, ONE_HIDDEN["W2"], ONE_HIDDEN["b2"]), Y - 2)
TANH_CACHE = {"A1": HIDDEN / 4, "A2": PROBABILITIES}

CALLS: dict[tuple[ModuleType, str], tuple[Any, ...]] = {
    (basics, "sigmoid"): (TABLE,),
    (basics, "sigmoid_derivative"): (TABLE,),
    (basics, "image2vector"): (IMAGE,),
    (basics, "normalize_rows"): (TABLE,),
    (basics, "softmax"): (TABLE,),
    (basics, "L1"): (TABLE, 2 * TABLE),
    (basics, "L2"): (TABLE, 2 * TABLE),
    (logistic, "sigmoid"): (TABLE,),
    (logistic, "propagate"): (W_COLUMN, 1, X, Y),
    (logistic, "optimize"): (W_COLUMN, 1, X, Y, 3),
    (logistic, "predict"): (W_COLUMN, 1, X),
    (logistic, "model"): (X, Y, X, Y, 3, 1),
    (planar, "sigmoid"): (TABLE,),
    (planar, "forward_propagation"): (X, ONE_HIDDEN),
    (planar, "compute_cost"): (PROBABILITIES, Y),
    (planar, "backward_propagation"): (ONE_HIDDEN, TANH_CACHE, X, Y),
    (planar, "update_parameters"): (ONE_HIDDEN, SLOPES),
    (planar, "nn_model"): (X, Y, 4, 3),
    (planar, "predict"): (ONE_HIDDEN, X),
    (deep, "sigmoid"): (TABLE,),
    (deep, "relu"): (TABLE,),
    (deep, "sigmoid_backward"): (2 * TABLE, TABLE),
    (deep, "relu_backward"): (2 * TABLE + 1, TABLE),
    (deep, "linear_forward"): (X, ONE_HIDDEN["W1"], ONE_HIDDEN["b1"]),
    (deep, "linear_activation_forward"): (X, ONE_HIDDEN["W1"], ONE_HIDDEN["b1"], "relu"),
    (deep, "L_model_forward"): (X, ONE_HIDDEN),
    (deep, "compute_cost"): (PROBABILITIES, Y),
    (deep, "linear_backward"): (HIDDEN, FIRST_CACHE[0]),
    (deep, "linear_activation_backward"): (HIDDEN, FIRST_CACHE, "sigmoid"),
    (deep, "L_model_backward"): (PROBABILITIES, Y, [FIRST_CACHE, LAST_CACHE]),
    (deep, "update_parameters"): (ONE_HIDDEN, SLOPES, 0.5),
    (application, "two_layer_model"): (X, Y, (2, 4, 1), 0.5, 3),
    (application, "L_layer_model"): (X, Y, (2, 4, 3, 1), 0.5, 3),
    (application, "predict"): (X, Y, ONE_HIDDEN),
}
each_call = pytest.mark.parametrize(
    ("chapter", "name"), [pytest.param(*call, id=f"{call[0].__name__.split('.')[-1]}.{call[1]}") for call in CALLS]
)


def called(chapter: ModuleType, name: str, convert: Callable[[Any], Any]) -> Any:
    return getattr(chapter, name)(*converted(CALLS[chapter, name], convert))


def converted(value: Any, convert: Callable[[Any], Any]) -> Any:
    """The same nest of tuples, lists and dicts, its arrays converted."""
    if isinstance(value, dict):
        return {key: converted(inner, convert) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(converted(inner, convert) for inner in value)
    return convert(value) if isinstance(value, np.ndarray) else value


def leaves(value: Any) -> Iterator[Any]:
    """Every array and number in a nest of tuples, lists and dicts."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ():
        yield from leaves(inner)
    if not isinstance(value, dict | tuple | list):
        yield value


def whole(array: Any) -> Any:
    """An integer array, where the numbers are whole."""
    return array.astype(np.int64) if (array == array.round()).all() else array


def read_only(array: Any) -> Any:
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def signature(function: Callable[..., Any]) -> str:
    parameters = inspect.signature(function).parameters.values()
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    return ", ".join(p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters)


@pytest.mark.parametrize("chapter", SIGNATURES)
def test_a_star_import_gives_the_names_of_the_chapter_and_no_others(chapter: ModuleType) -> None:
    assert sorted(chapter.__all__) == sorted(SIGNATURES[chapter])


@pytest.mark.parametrize("chapter", SIGNATURES)
def test_signatures_are_the_notes(chapter: ModuleType) -> None:
    found = {name: signature(getattr(chapter, name)) for name in SIGNATURES[chapter]}
    assert found == SIGNATURES[chapter]


@pytest.mark.processes
def test_every_chapter_imports_numpy_and_nothing_heavier() -> None:
    script = (
        "import sys\n"
        "from layerlab.notes import basics, logistic, planar, deep, application\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    loaded = set(done.stdout.split())
    assert {"layerlab", "numpy"} <= loaded
    assert not loaded & {"sklearn", "scipy", "matplotlib", "h5py", "PIL", "pooch", "requests"}


@each_call
def test_lists_and_whole_numbers_count_as_float64(chapter: ModuleType, name: str) -> None:
    from_floats = list(leaves(called(chapter, name, np.asarray)))
    for convert in (np.ndarray.tolist, whole, lambda array: whole(array).tolist()):
        results = list(leaves(called(chapter, name, convert)))
        for result, expected in zip(results, from_floats, strict=True):
            assert_array_equal(result, expected)
            assert np.asarray(result).dtype == np.asarray(expected).dtype
    numbers = [leaf for leaf in from_floats if not isinstance(leaf, int)]  # num_iterations comes back as it went in
    wanted = np.bool_ if (chapter, name) == (planar, "predict") else np.float64
    assert {np.asarray(number).dtype for number in numbers} == {np.dtype(wanted)}


@each_call
def test_float32_stays_float32(chapter: ModuleType, name: str) -> None:
    narrow, wide = list(leaves(called(chapter, name, np.float32))), list(leaves(called(chapter, name, np.asarray)))
    for a, b in zip(narrow, wide, strict=True):
        assert_allclose(a, b, rtol=1e-4, atol=1e-5)
        if is_number_or_prediction(b):
            assert type(a) is type(b)
        else:
            assert a.dtype == np.float32


def is_number_or_prediction(answer: Any) -> bool:
    """What has no type of its own: a Python number, and zeros and ones (or truths), one for each example."""
    if type(answer) in (int, float):
        return True
    return bool(np.shape(answer) == Y.shape and np.isin(answer, (0, 1)).all())


@pytest.mark.parametrize(("chapter", "name"), [call for call in CALLS if any(value is Y for value in CALLS[call])])
def test_whole_labels_do_not_widen_float32(chapter: ModuleType, name: str) -> None:
    def convert(array: Any) -> Any:
        return array.astype(np.int64) if array is Y else array.astype(np.float32)

    mixed, narrow = leaves(called(chapter, name, convert)), leaves(called(chapter, name, np.float32))
    for a, b in zip(mixed, narrow, strict=True):
        assert_array_equal(a, b)
        assert np.asarray(a).dtype == np.asarray(b).dtype


@each_call
def test_arguments_stay_as_they_are(chapter: ModuleType, name: str) -> None:
    arguments = converted(CALLS[chapter, name], read_only)
    before = deepcopy(arguments)
    getattr(chapter, name)(*arguments)
    assert repr(arguments) == repr(before)


@each_call
def test_the_same_call_gives_the_same_bits(chapter: ModuleType, name: str) -> None:
    np.random.seed(5)
    first = list(leaves(called(chapter, name, np.asarray)))
    second = list(leaves(called(chapter, name, np.asarray)))
    for a, b in zip(first, second, strict=True):
        assert_array_equal(a, b)
    assert np.random.randn() == np.random.RandomState(5).randn()  # and the global stream has not moved


def hundredth(n_prev: int) -> float:
    return 0.01


def root(n_prev: int) -> float:
    return 1 / math.sqrt(n_prev)


each_initializer = pytest.mark.parametrize(
    ("initialize", "layer_dims", "default_seed", "scale"),
    [
        pytest.param(planar.initialize_parameters, (5, 4, 2), None, hundredth, id="planar"),
        pytest.param(deep.initialize_parameters, (5, 4, 2), 1, hundredth, id="deep, two layers"),
        pytest.param(deep.initialize_parameters_deep, (5, 4, 3, 2), 3, hundredth, id="deep"),
        pytest.param(application.initialize_parameters, (5, 4, 2), 1, hundredth, id="application, two layers"),
        pytest.param(application.initialize_parameters_deep, (5, 4, 3, 2), 1, root, id="application"),
    ],
)
Initializer = Callable[..., dict[str, Any]]
Scale = Callable[[int], float]


def drawn(initialize: Initializer, layer_dims: tuple[int, ...], **seed: int | None) -> dict[str, Any]:
    """Three sizes one by one, more of them as a list."""
    return initialize(*layer_dims, **seed) if len(layer_dims) == 3 else initialize(list(layer_dims), **seed)


def check_drawn(parameters: dict[str, Any], stream: np.random.RandomState, layer_dims: Any, scale: Scale) -> None:
    """The next numbers of the stream, layer by layer, and zero biases."""
    assert list(parameters) == [f"{kind}{layer}" for layer in range(1, len(layer_dims)) for kind in "Wb"]
    for layer, (n_prev, n) in enumerate(pairwise(layer_dims), start=1):
        assert_allclose(parameters[f"W{layer}"], stream.randn(n, n_prev) * scale(n_prev), rtol=1e-15)
        assert_array_equal(parameters[f"b{layer}"], np.zeros((n, 1)))


@each_initializer
def test_initial_weights_come_layer_by_layer_from_the_seeded_stream(
    initialize: Initializer, layer_dims: tuple[int, ...], default_seed: int | None, scale: Scale
) -> None:
    np.random.seed(11)
    check_drawn(drawn(initialize, layer_dims, seed=7), np.random.RandomState(7), layer_dims, scale)
    if default_seed is not None:
        check_drawn(drawn(initialize, layer_dims), np.random.RandomState(default_seed), layer_dims, scale)
    assert np.random.randn() == np.random.RandomState(11).randn()  # the global stream has not moved


@each_initializer
def test_seed_none_is_the_global_stream(
    initialize: Initializer, layer_dims: tuple[int, ...], default_seed: int | None, scale: Scale
) -> None:
    stream = np.random.RandomState(2)
    np.random.seed(2)
    for _ in range(2):
        check_drawn(drawn(initialize, layer_dims, seed=None), stream, layer_dims, scale)
    if default_seed is None:
        check_drawn(drawn(initialize, layer_dims), stream, layer_dims, scale)


def test_a_model_may_draw_from_the_global_stream() -> None:
    np.random.seed(2)
    unseeded = planar.nn_model(X, Y, 4, num_iterations=2, seed=None)
    seeded = planar.nn_model(X, Y, 4, num_iterations=2, seed=2)
    for name, value in seeded.items():
        assert_array_equal(unseeded[name], value)
    assert not np.array_equal(planar.nn_model(X, Y, 4, num_iterations=2)["W1"], seeded["W1"])  # the default is 3
