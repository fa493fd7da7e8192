"""The first layer in the span of the examples: the same run, whatever the data; refused where it would be another."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from published import PUBLISHED

import layerlab
from layerlab import InputError, Network, Run
from layerlab.datasets import Part, load_cats
from layerlab.formulas import OPTIMIZERS, SPAN, Span, initialize_parameters, network_backward, network_forward
from layerlab.training.basis import into_span, out_of_span, products, projected

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

COMMUTE = [name for name, optimizer in OPTIMIZERS.items() if optimizer.commutes]


def wide(p: int = 60, m: int = 11, seed: int = 0) -> Part:
    """More features than examples, one row of labels."""
    random = np.random.RandomState(seed)
    return Part(random.randn(p, m), random.randint(0, 2, (1, m)).astype(np.float64))


def pair(part: Part, dims: tuple[int, ...] | None = None, **settings: Any) -> tuple[Run, Run]:
    """The same run at full width and in the span."""
    network = Network(dims or (part.X.shape[0], 6, 4, 1), hidden="tanh")
    arguments = {"learning_rate": 0.02, "iterations": 100, "seed": 4, "progress": False, "engine": "numpy", **settings}
    full, span = (layerlab.train(network, part, basis=basis, **arguments) for basis in ("full", "span"))
    assert full.plan is not None
    assert span.plan is not None
    assert (full.plan.basis, span.plan.basis) == ("full", "span")
    return full, span


def assert_same_run(one: Run, other: Run, rtol: float = 1e-10) -> None:
    """Costs and parameters, W1 as exactly as it moved."""
    assert_allclose(one.history.costs, other.history.costs, rtol=rtol)
    assert_allclose(one.history.validation_costs, other.history.validation_costs, rtol=rtol)
    assert_array_equal(one.history.validation_accuracies, other.history.validation_accuracies)
    start = initialize_parameters(other.network.layer_dims, other.settings["initializer"], other.settings["seed"])
    for name, value in other.parameters.items():
        moved = float(np.abs(value - start[name]).max())
        assert_allclose(one.parameters[name], value, rtol=0, atol=rtol * max(moved, 1e-3), err_msg=name)
        assert one.parameters[name].dtype == value.dtype


# The formula


def test_the_layer_is_the_plain_one_in_other_coordinates() -> None:
    X, Y = wide()
    random = np.random.RandomState(1)
    W0, C, s = random.randn(6, 60), random.randn(6, 11), 0.7
    rest = {"b1": random.randn(6, 1), "W2": random.randn(1, 6), "b2": random.randn(1, 1)}
    span = Span(X.T @ X, W0 @ X, np.array([[(W0**2).sum()]]))
    own = {"C1": C, "s1": np.array([[s]]), **rest}
    plain = {"W1": s * W0 + C @ X.T, **rest}
    Z, caches = network_forward(X, plain, ["tanh"])
    Z_span, caches_span = network_forward(span, own, ["tanh"], first=SPAN)
    assert_allclose(Z_span, Z, rtol=1e-12)
    gradients, in_span = network_backward(Z - Y, caches), network_backward(Z_span - Y, caches_span, SPAN)
    assert_allclose(in_span["dC1"] @ X.T, gradients["dW1"], rtol=1e-11, atol=1e-13)
    assert_array_equal(in_span["ds1"], [[0.0]])
    for name in ("db1", "dW2", "db2"):
        assert_allclose(in_span[name], gradients[name], rtol=1e-11, atol=1e-14)
    assert float(SPAN.squared_norm(span, own)) == pytest.approx(float((plain["W1"] ** 2).sum()), rel=1e-12)


def test_a_batch_moves_the_coefficients_of_its_own_examples() -> None:
    X, _ = wide()
    chosen = [7, 2, 9]
    span = Span((X.T @ X)[:, chosen], np.zeros((1, 3)), np.ones((1, 1)), np.eye(11)[:, chosen])
    own = {"C1": np.zeros((1, 11)), "s1": np.ones((1, 1)), "b1": np.zeros((1, 1))}
    _, caches = network_forward(span, own, [], first=SPAN)
    dC = network_backward(np.array([[3.0, 6.0, 9.0]]), caches, SPAN)["dC1"]
    wanted = np.zeros((1, 11))
    wanted[0, chosen] = [1.0, 2.0, 3.0]  # a third each
    assert_array_equal(dC, wanted)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_tables_by_blocks_are_the_products(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.training.basis.BLOCK", 70)
    random = np.random.RandomState(0)
    A, B, W = (random.randn(*shape).astype(dtype) for shape in ((50, 6), (50, 4), (3, 50)))
    wide_A, wide_B, wide_W = (array.astype(np.float64) for array in (A, B, W))
    assert products(A, A).dtype == np.float64
    assert_allclose(products(A, A), wide_A.T @ wide_A, rtol=1e-13)
    assert_array_equal(products(A, A), products(A, A).T)
    assert_allclose(products(A, B), wide_A.T @ wide_B, rtol=1e-12)
    assert_allclose(projected(W, A), wide_W @ wide_A, rtol=1e-12)


def test_there_and_back_without_an_update_is_where_one_started() -> None:
    start = initialize_parameters([60, 6, 1], seed=3)
    back = out_of_span(into_span(start, 11), start["W1"], wide().X)
    assert list(back) == list(start)
    for name, value in start.items():
        assert_array_equal(back[name], value)


# Whole runs


@pytest.mark.parametrize(("optimizer", "l2", "batch_size"), list(product(COMMUTE, [0.0, 0.5], [None, 4])))
def test_the_run_is_the_same(optimizer: str, l2: float, batch_size: int | None) -> None:
    part, held_out = wide(), wide(seed=1)
    full, span = pair(part, optimizer=optimizer, l2=l2, batch_size=batch_size, validation=held_out)
    assert batch_size or (np.diff(full.history.costs) < 0).all()
    assert_same_run(span, full)


@pytest.mark.parametrize("output", ["softmax", "identity"])
def test_every_output(output: str) -> None:
    random = np.random.RandomState(0)
    Y = np.eye(3)[:, random.randint(0, 3, 11)] if output == "softmax" else random.randn(3, 11)
    full, span = pair(Part(wide().X, Y), dims=(60, 6, 3))
    assert_same_run(span, full)


def test_logistic_regression_from_zeros() -> None:
    full, span = pair(wide(), dims=(60, 1), initializer="zeros")
    assert_same_run(span, full)


def test_duplicate_examples_constant_features_and_empty_examples() -> None:
    X, Y = wide()
    X = X.copy()
    X[:, 3], X[:, 8] = X[:, 1], X[:, 1]
    X[:, 5] = 0
    X[10:40] = 1.5
    X[50:] = 0
    assert np.linalg.matrix_rank(X) < 10
    full, span = pair(Part(X, Y), l2=0.1, optimizer="momentum")
    assert_same_run(span, full)


def test_nearly_dependent_examples() -> None:
    """A Gram matrix of condition 10¹⁰: nothing is inverted, and rounding is far below the differences."""
    random = np.random.RandomState(0)
    X = random.randn(60, 1) + 1e-5 * random.randn(60, 11)
    assert np.linalg.cond(X.T @ X) > 1e9
    full, span = pair(Part(X, wide().Y))
    assert_same_run(span, full)


def around(offset: float, *, large: float = 1.0) -> Part:
    """50 features of 10 examples: noise of deviation 1 around a number, the first feature so many times as large."""
    X = offset + np.random.RandomState(0).randn(50, 10)
    X[0] *= large
    return Part(X, np.arange(10)[None] % 2.0)


@pytest.mark.parametrize("part", [around(1000.0), around(3.0, large=1500.0)], ids=["an offset", "one large feature"])
def test_full_width_where_float32_would_lose_the_differences_between_examples(part: Part) -> None:
    """With 1000 + noise the span in float32 ended at cost 0.741 with half of the answers wrong, for 0.564 and none."""
    largest = float(np.linalg.norm(part.X, 2)) ** 2 / 10
    settings: dict[str, Any] = {"initializer": "zeros", "optimizer": "momentum", "momentum": 0.999}
    settings |= {"learning_rate": 4 / largest, "iterations": 3000, "engine": "numpy"}
    exact = layerlab.train(Network([50, 1]), part, basis="full", **settings)
    coarse = layerlab.train(Network([50, 1]), part, dtype="float32", **settings)
    assert coarse.plan is not None
    assert coarse.plan.basis == "full"
    assert coarse.plan.basis_reason.startswith("float32 would lose differences between examples: their products, up to")
    assert coarse.history.costs[-1] == pytest.approx(exact.history.costs[-1], rel=1e-2)
    assert_array_equal(coarse.predict(part.X), exact.predict(part.X))
    with pytest.raises(InputError, match=r"lose differences .* use basis='full', dtype='float64', or standardised"):
        layerlab.train(Network([50, 1]), part, dtype="float32", basis="span", **settings)
    in_float64 = layerlab.explain(Network([50, 1]), part, **settings)
    assert in_float64.basis == "span"  # whose rounding is 5 · 10⁸ times finer


def test_full_width_where_float64_would_lose_the_differences_between_examples() -> None:
    settings: dict[str, Any] = {"learning_rate": 1e-18, "iterations": 1000}
    plan = layerlab.explain(Network([50, 1]), around(1e8), **settings)
    assert plan.basis == "full"
    assert "float64 would lose differences between examples" in str(plan)
    with pytest.raises(InputError, match=r"float64 would lose .* use basis='full', or standardised features"):
        layerlab.explain(Network([50, 1]), around(1e8), basis="span", **settings)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_span_stays_where_examples_differ_enough_or_not_at_all(dtype: str) -> None:
    constant = np.full((50, 10), 1000.1)
    duplicates = np.repeat(around(0.0).X[:, :5], 2, axis=1)
    for X in (around(0.0).X, around(8.0).X, duplicates, constant, 0 * constant, constant[:, :1]):
        some = X, np.arange(X.shape[1])[None] % 2.0
        network = Network([50, 1], output="identity")
        plan = layerlab.explain(network, some, learning_rate=0.1, iterations=3000, dtype=dtype)
        assert plan.basis == "span"


def test_a_population_is_planned_at_full_width_there_too() -> None:
    result = layerlab.sweep(
        Network([50, 1]), around(1000.0), learning_rate=[1e-8, 1e-9], iterations=3000, dtype="float32", engine="numpy"
    )
    (plan,) = result.plans
    assert plan.basis == "full"
    assert "would lose differences" in plan.basis_reason


def test_features_of_very_different_sizes() -> None:
    X = wide().X * np.geomspace(1e-6, 1.0, 60)[:, None]
    full, span = pair(Part(X, wide().Y))
    assert_same_run(span, full)


def test_one_example() -> None:
    full, span = pair(Part(wide().X[:, :1], np.array([[0.3]])), iterations=8)
    assert_same_run(span, full)


def test_more_examples_than_features_if_asked_for() -> None:
    random = np.random.RandomState(0)
    part = Part(random.randn(3, 40), random.randint(0, 2, (1, 40)).astype(float))
    full, span = pair(part, l2=0.2, optimizer="nesterov")
    assert_same_run(span, full)


def test_given_parameters_are_where_it_starts() -> None:
    part = wide()
    given = {name: value + 0.1 for name, value in initialize_parameters([60, 6, 1], seed=9).items()}
    network, settings = Network([60, 6, 1]), {"learning_rate": 0.05, "iterations": 20, "engine": "numpy"}
    full, span = (
        layerlab.train(network, part, parameters=given, basis=basis, **settings)  # type: ignore[arg-type]
        for basis in ("full", "span")
    )
    for name, value in full.parameters.items():
        assert_allclose(span.parameters[name], value, rtol=1e-11, atol=1e-13)


def test_float32_is_as_near_to_float64_as_at_full_width() -> None:
    part = wide(p=400, m=30)
    exact, _ = pair(part)
    full, span = pair(part, dtype="float32")
    errors = [np.abs(run.history.costs / exact.history.costs - 1).max() for run in (full, span)]
    assert errors[1] < max(4 * errors[0], 1e-6)
    assert {value.dtype for value in span.parameters.values()} == {np.dtype(np.float32)}


def test_a_diverged_run_says_so() -> None:
    full, span = pair(wide(), dims=(60, 5, 1), learning_rate=1e6, initializer="he", iterations=300, l2=500.0)
    assert [run.diagnosis[0].kind for run in (full, span)] == ["diverged", "diverged"]
    assert len(full.history.costs) == len(span.history.costs) < 300


def test_the_notes_four_layer_cats_in_the_span(cats_folder: Path) -> None:
    cats = load_cats(cats_folder)
    for engine in ("numpy", "xla"):
        run = layerlab.train(
            Network([12288, 20, 7, 5, 1]), cats, learning_rate=0.0075, iterations=2500, initializer="lecun", seed=1,
            engine=engine, progress=False,
        )  # fmt: skip
        assert run.plan is not None
        assert run.plan.basis == "span"
        published = PUBLISHED["four layers"]
        assert_allclose(run.history.costs[list(published.costs)], list(published.costs.values()), rtol=1e-9)
        assert run.accuracy(cats.test) == 0.8


# What does not commute


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name not in COMMUTE])
def test_what_does_not_commute_runs_at_full_width_and_says_why(optimizer: str) -> None:
    part, network = wide(), Network([60, 6, 1])
    settings: dict[str, Any] = {"learning_rate": 0.01, "iterations": 5, "optimizer": optimizer}
    run = layerlab.train(network, part, **settings)
    title = {"rmsprop": "RMSprop", "adam": "Adam", "adam_hat": "Adam with ε̂", "adamw": "AdamW"}[optimizer]
    assert run.plan is not None
    assert run.plan.basis == "full"
    assert run.plan.basis_reason == f"{title} is not rotation-equivariant"
    assert f"{title} is not rotation-equivariant" in run.plan.explain()
    with pytest.raises(InputError) as caught:
        layerlab.train(network, part, basis="span", **settings)
    assert str(caught.value) == (
        f"basis='span': {title} is not rotation-equivariant, so a run in the span of the examples would be another "
        f"run; use basis='auto' or 'full', or one of the optimizers gd, momentum, nesterov"
    )


def test_sparse_features_are_refused_with_the_reason() -> None:
    from scipy.sparse import csr_matrix

    with pytest.raises(InputError, match=r"X is csr_matrix, a sparse matrix: wanted a dense table .* X\.toarray\(\)"):
        layerlab.train(Network([60, 1]), (csr_matrix(wide().X), wide().Y), learning_rate=0.1, iterations=1)
