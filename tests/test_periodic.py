"""The periodic first layer against differences, complex steps and jax; networks with it, trained, saved and loaded."""

from __future__ import annotations

import ast
import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.testing import assert_allclose

import layerlab
from layerlab import InputError, Network, Periodic
from layerlab.datasets import Dataset, Part, Standardization
from layerlab.formulas import (
    LOSSES,
    Parameters,
    cost,
    hessian_product,
    initialize_parameters,
    l2_gradients,
    l2_penalty,
    network_backward,
    network_forward,
    periodic_layer,
    place_at,
)
from layerlab.formulas.attribution import chosen_output, input_gradient, integrated_gradients
from layerlab.runs.forward_statistics import effect_of_inputs

PLACES = [(0,), (1, 2), (3, 0), (0, 1, 2, 3)]
"""Embedded inputs: the first, neighbours, two in another order, all."""


def problem(inputs: tuple[int, ...], models: tuple[int, ...] = ()) -> tuple[Any, Any, Parameters, Any]:
    """Return X, Y, the parameters of a 4-5-3 network with waves of these inputs, and its first layer."""
    random, embedding = np.random.RandomState(3), Periodic(inputs, frequencies=4, outputs=2)
    drawn = initialize_parameters([4, 5, 3], "he", 2, embedding)
    parameters = {name: value + 0.1 * random.randn(*models, *value.shape) for name, value in drawn.items()}
    return random.randn(4, 7), np.eye(3)[:, random.randint(0, 3, 7)], parameters, periodic_layer(inputs)


def objective(X: Any, Y: Any, parameters: Parameters, first: Any) -> Any:
    """The cost of a softmax network with an L2 penalty."""
    Z, _ = network_forward(X, parameters, ["tanh"], first=first)
    return cost(LOSSES["softmax"].losses(Z, Y, None)) + l2_penalty(X, parameters, 0.3, 7, first)


def gradients_of(X: Any, Y: Any, parameters: Parameters, first: Any) -> Parameters:
    Z, caches = network_forward(X, parameters, ["tanh"], first=first)
    gradients = network_backward(LOSSES["softmax"].gradient(Z, Y, None), caches, first)
    return l2_gradients(parameters, gradients, 0.3, 7)


def test_a_wave_by_hand() -> None:
    parameters = {
        "f1": np.array([[2.0, 1.0]]),
        "c1": np.array([[0.0, 0.25]]),
        "V1": np.array([[1.0, 10.0], [0.0, 1.0]]),
        "v1": np.array([[0.5], [0.0]]),
        "W1": np.array([[1.0, 0.0, 2.0, 3.0]]),
        "b1": np.array([[100.0]]),
    }
    # x = 1/4 in row 1: cos 2π(1/2) = -1 and cos 2π(1/2) = -1, so H = (-1 - 10 + 1/2, -1)
    Z, caches = network_forward(np.array([[7.0], [0.25]]), parameters, [], first=periodic_layer((1,)))
    assert_allclose(caches[0].linear.A_prev.ravel(), [7.0, 0.25, -10.5, -1.0], rtol=1e-14)
    assert_allclose(Z, [[7.0 + 2.0 * -10.5 + 3.0 * -1.0 + 100.0]], rtol=1e-14)


@pytest.mark.parametrize("inputs", PLACES)
def test_the_gradient_is_a_central_difference(inputs: tuple[int, ...]) -> None:
    X, Y, parameters, first = problem(inputs)
    found = gradients_of(X, Y, parameters, first)
    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[place] = 1e-6
            up, down = (objective(X, Y, {**parameters, name: value + sign * step}, first) for sign in (1, -1))
            assert found[f"d{name}"][place] == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("inputs", PLACES)
def test_the_gradient_is_a_complex_step(inputs: tuple[int, ...]) -> None:
    X, _, parameters, first = problem(inputs)

    def logits(own: Parameters) -> Any:
        return network_forward(X, own, ["tanh"], first=first)[0]

    Z, caches = network_forward(X, parameters, ["tanh"], first=first)
    found = network_backward(np.cos(Z) * Z.shape[-1], caches, first)  # of Σ sin z: no mean over the examples
    for name, value in parameters.items():
        for place in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[place] = 1e-30
            slope = np.sin(logits({**parameters, name: value + 1j * step})).sum().imag / 1e-30
            assert found[f"d{name}"][place] == pytest.approx(slope, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("inputs", PLACES[2:3])
def test_the_gradient_is_jaxs(inputs: tuple[int, ...]) -> None:
    X, Y, parameters, first = problem(inputs)
    with jax.enable_x64(True):
        theirs = jax.grad(lambda own: objective(X, Y, own, first))(jax.device_put(parameters))
    for name, gradient in gradients_of(X, Y, parameters, first).items():
        assert_allclose(gradient, np.asarray(theirs[name[1:]]), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("inputs", PLACES[2:3])
def test_the_hessian_product_is_jaxs(inputs: tuple[int, ...]) -> None:
    X, Y, parameters, first = problem(inputs)
    direction = problem(inputs[::-1])[2]
    product = hessian_product(place_at(X, Y, parameters, ["tanh"], "softmax", decay=0.3 / 7, first=first), direction)
    with jax.enable_x64(True):
        gradient = jax.grad(lambda own: objective(X, Y, own, first))
        _, theirs = jax.jvp(gradient, (jax.device_put(parameters),), (jax.device_put(direction),))
    for name, value in product.items():
        assert_allclose(value, np.asarray(theirs[name]), rtol=1e-9, atol=1e-13)


def test_models_of_a_population_do_not_see_each_other() -> None:
    X, Y, parameters, first = problem((3, 0), models=(3,))
    found = gradients_of(X, Y, parameters, first)
    for model in range(3):
        alone = gradients_of(X, Y, {name: value[model] for name, value in parameters.items()}, first)
        for name, gradient in alone.items():
            assert_allclose(found[name][model], gradient, rtol=1e-12, atol=1e-15)


def test_the_penalty_is_that_of_W_and_V() -> None:
    X, _, parameters, first = problem((1, 2))
    squares = sum(np.sum(parameters[name] ** 2) for name in ("W1", "V1", "W2"))
    assert float(l2_penalty(X, parameters, 3.0, 2, first)) == pytest.approx(3.0 / 4.0 * squares)
    zero = {f"d{name}": np.zeros_like(value) for name, value in parameters.items()}
    decays = {name for name, value in l2_gradients(parameters, zero, 1.0, 1).items() if np.any(value)}
    assert decays == {"dW1", "dV1", "dW2"}


def test_adamw_lets_only_weights_decay() -> None:
    network = Network([3, 4, 1], output="identity", embedding=Periodic([0, 2], frequencies=5))
    X, Y = np.random.RandomState(0).randn(3, 20), np.zeros((1, 20))
    start = network.initial_parameters("he", 1)
    start["W2"] *= 0.0  # the answer is right and no gradient moves anything: decay alone is left
    run = layerlab.train(
        network, (X, Y), optimizer="adamw", weight_decay=0.5, learning_rate=0.1, iterations=3, parameters=start
    )
    for name, value in run.parameters.items():
        left = 0.95**3 if name in ("W1", "V1") else 1.0
        assert_allclose(value, left * start[name], rtol=1e-14)


def test_the_shapes_and_the_start() -> None:
    embedding = Periodic([0, 2], frequencies=16, outputs=3)
    network = Network([5, 8, 2], embedding=embedding)
    assert network.shapes == {
        "f1": (2, 16),
        "c1": (2, 16),
        "V1": (6, 16),
        "v1": (6, 1),
        "W1": (8, 11),
        "b1": (8, 1),
        "W2": (2, 8),
        "b2": (2, 1),
    }
    start = network.initial_parameters("he", 0)
    assert {name: value.shape for name, value in start.items()} == network.shapes
    assert network.n_parameters == sum(value.size for value in start.values()) == 32 + 32 + 96 + 6 + 88 + 8 + 16 + 2
    plain = initialize_parameters([11, 8, 2], "he", 0)
    assert all(np.array_equal(start[name], plain[name]) for name in plain)
    many = Periodic(range(100), frequencies=50).drawn(np.random.RandomState(1).uniform)
    logs = np.log(many["f1"])
    for values, low, high in (
        (logs, np.log(0.05), np.log(2.0)),
        (many["c1"], -0.5, 0.5),
        (many["V1"], -(50**-0.5), 50**-0.5),
    ):
        assert low <= values.min() < values.max() <= high
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.02 * (high - low))


WAVY = Network([3, 9, 1], "mish", "identity", embedding=Periodic([2, 0], frequencies=6))


def wavy(m: int = 120) -> tuple[Any, Any]:
    X = np.random.RandomState(0).randn(3, m)
    return X, np.sin(6.0 * X[:1]) + X[2:] + 0.5


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0.05},
        {"learning_rate": 0.02, "optimizer": "adamw", "batch_size": 32, "dropout": 0.2, "l2": 0.1, "clip_norm": 1.0},
        {"learning_rate": 0.02, "optimizer": "adam", "batch_size": 50, "schedule": "cosine"},
    ],
)
def test_both_engines_train_the_same(settings: dict[str, Any]) -> None:
    numpy, xla = (layerlab.train(WAVY, wavy(), iterations=60, engine=engine, **settings) for engine in ("numpy", "xla"))
    assert numpy.history.final_cost < numpy.history.costs[0]
    assert_allclose(xla.history.costs, numpy.history.costs, rtol=1e-9)
    for name, value in numpy.parameters.items():
        assert_allclose(xla.parameters[name], value, rtol=1e-7, atol=1e-10)
        assert not np.array_equal(value, WAVY.initial_parameters(numpy.settings["initializer"], 0)[name])


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_population_trains_like_each_of_its_members(engine: str) -> None:
    networks = [WAVY, Network([3, 4, 1], "mish", "identity", embedding=WAVY.embedding), Network([3, 4, 1], "mish")]
    settings: dict[str, Any] = {"optimizer": "adamw", "batch_size": 40, "iterations": 30, "l2": 0.2}
    several = layerlab.sweep(networks, wavy(), learning_rate=[0.01, 0.03], engine=engine, **settings)
    assert [row["network"] for row in several.table[::2]] == [
        "3-9-1 mish, 2 inputs as waves",
        "3-4-1 mish, 2 inputs as waves",
        "3-4-1 mish",
    ]
    for run in several.runs:
        rate = run.settings["learning_rate"]
        alone = layerlab.train(run.network, wavy(), learning_rate=rate, engine="numpy", **settings)
        assert_allclose(run.history.costs, alone.history.costs, rtol=1e-9)
        assert {name: value.shape for name, value in run.parameters.items()} == run.network.shapes


def test_many_models_are_computed_in_groups() -> None:
    several = layerlab.sweep(
        WAVY,
        wavy(),
        seed=list(range(9)),
        learning_rate=0.02,
        optimizer="adam",
        batch_size=40,
        iterations=20,
        engine="xla",
    )
    alone = layerlab.train(
        WAVY, wavy(), seed=7, learning_rate=0.02, optimizer="adam", batch_size=40, iterations=20, engine="numpy"
    )
    assert_allclose(several.histories[7].costs, alone.history.costs, rtol=1e-9)


@pytest.mark.parametrize("name", ["run", "run.safetensors"])
def test_a_saved_run_predicts_the_same(tmp_path: Path, name: str) -> None:
    X, _ = wavy()
    run = layerlab.train(WAVY, wavy(), learning_rate=0.05, iterations=5)
    run.save(tmp_path / name)
    loaded = layerlab.load(tmp_path / name)
    assert loaded.network == WAVY
    assert np.array_equal(loaded.predict(X), run.predict(X))


def test_a_run_of_before_has_no_embedding(tmp_path: Path) -> None:
    run = layerlab.train(Network([3, 2, 1]), wavy(), learning_rate=0.05, iterations=5)
    run.save(tmp_path / "run")
    record = json.loads((tmp_path / "run/run.json").read_text())
    assert record["network"].pop("embedding") is None
    (tmp_path / "run/run.json").write_text(json.dumps(record))
    assert layerlab.load(tmp_path / "run").network.embedding is None


@pytest.mark.parametrize("changed", [{"inputs": [0, 9]}, {"inputs": [0], "sines": 3}, [0, 1], {"inputs": [0, 0]}])
def test_a_changed_record_is_refused(tmp_path: Path, changed: Any) -> None:
    run = layerlab.train(WAVY, wavy(), learning_rate=0.05, iterations=5)
    run.save(tmp_path / "run")
    record = json.loads((tmp_path / "run/run.json").read_text())
    record["network"]["embedding"] = changed
    (tmp_path / "run/run.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="is damaged or was changed"):
        layerlab.load(tmp_path / "run")


def test_a_checkpoint_goes_on_the_same(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"learning_rate": 0.02, "optimizer": "adamw", "batch_size": 40, "iterations": 40}
    whole = layerlab.train(WAVY, wavy(), **settings)

    def interrupted(moment: layerlab.Moment) -> None:
        if moment.epoch == 5:
            raise KeyboardInterrupt

    half = layerlab.train(WAVY, wavy(), **settings, checkpoint=tmp_path / "half", callback=interrupted, every=1)
    assert half.history.interrupted
    assert 0 < len(half.history.costs) < 40
    resumed = layerlab.train(WAVY, wavy(), **settings, checkpoint=tmp_path / "half", resume=True)
    assert np.array_equal(resumed.history.costs, whole.history.costs)


def test_the_span_is_refused_and_not_planned() -> None:
    X, Y = np.random.RandomState(0).randn(40, 10), np.random.RandomState(1).randn(1, 10)
    network = Network([40, 3, 1], output="identity", embedding=Periodic([5]))
    plan = layerlab.explain(network, (X, Y), learning_rate=0.1, iterations=1000)
    assert (plan.basis, plan.basis_reason) == ("full", "the embedding's waves change during the training")
    with pytest.raises(
        InputError, match=r"basis='span': the embedding's waves change .* or a network without embedding"
    ):
        layerlab.train(network, (X, Y), learning_rate=0.1, iterations=3, basis="span")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Periodic([]), r"inputs=\(\): wanted rows of X, numbered from 0"),
        (lambda: Periodic([1, 1]), r"inputs=\(1, 1\): wanted rows of X"),
        (lambda: Periodic([-1]), r"inputs=\(-1,\): wanted"),
        (lambda: Periodic([0.5]), r"inputs=\(0.5,\): wanted"),  # type: ignore[list-item]
        (lambda: Periodic([0], frequencies=0), "frequencies=0: wanted a whole number of at least 1"),
        (lambda: Periodic([0], outputs=True), "outputs=True: wanted a whole number"),
        (lambda: Network([2, 1], embedding=Periodic([2])), "wanted rows of X from 0 to 1, because the network has 2"),
        (lambda: Network([2, 1], embedding=3), "embedding=3: wanted layerlab.Periodic"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_embedding_is_refused(wrong: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        wrong()


def test_shapes_that_do_not_fit_are_refused() -> None:
    X, _, parameters, _ = problem((1, 2))
    with pytest.raises(InputError, match=r"reads row 6 of X, counted from 0, and X has 4 rows"):
        periodic_layer((6, 2)).forward(X, parameters)
    with pytest.raises(InputError, match=r"wanted as many columns in W1 as rows in X and V1 together"):
        periodic_layer((1, 2)).forward(X, {**parameters, "W1": parameters["W1"][:, 1:]})


def test_a_network_repeats_itself_as_code() -> None:
    assert eval(repr(WAVY)) == WAVY  # noqa: S307
    assert repr(Network([2, 1])) == "Network(layer_dims=(2, 1), hidden='relu', output=None)"
    assert hash(WAVY) == hash(eval(repr(WAVY)))  # noqa: S307


def test_every_forward_pass_of_a_network_says_how_its_first_layer_is_computed() -> None:
    source, left_out = Path(layerlab.__file__).parent, []
    places = {"network_forward": 4, "network_backward": 2, "backward_steps": 2, "l2_penalty": 4}
    for file in source.rglob("*.py"):
        if file.parts[len(source.parts)] in ("formulas", "notes", "course"):
            continue
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in places:
                named = {word.arg for word in call.keywords}
                if len(call.args) <= places[call.func.id] and "first" not in named:
                    left_out.append(f"{file.relative_to(source)}:{call.lineno}")
    assert left_out == []


@pytest.mark.parametrize("method", ["complex", "central"])
@pytest.mark.parametrize("hidden", ["mish", "relu"])
def test_the_gradient_check_checks_the_waves_too(method: str, hidden: str) -> None:
    network = Network([3, 4, 2], hidden, "softmax", embedding=Periodic([2, 0], frequencies=3))
    X, Y = np.random.RandomState(1).randn(3, 12), np.eye(2)[:, np.arange(12) % 2]
    check = layerlab.gradient_check(network, (X, Y), method=method)
    assert check, str(check)
    assert [one.name for one in check.checks] == ["df1", "dc1", "dV1", "dv1", "dW1", "db1", "dW2", "db2"]


def test_wrong_gradients_of_waves_are_found() -> None:
    network = Network([3, 4, 1], "tanh", "identity", embedding=Periodic([2, 0], frequencies=3))
    X, Y = wavy(12)
    at = network.initial_parameters("lecun", 1)
    Z, caches = network_forward(X, at, ["tanh"], first=network.first)
    right = network_backward(Z - Y, caches, network.first)
    assert layerlab.gradient_check(network, (X, Y), parameters=at, gradients=right)
    check = layerlab.gradient_check(network, (X, Y), parameters=at, gradients={**right, "df1": right["df1"] * 12})
    assert not check
    assert check.faults == (
        "Your df1 is 12 times too large everywhere: m is 12. The mean over the examples is missing: divide by m.",
    )
    without_slope = network_backward(Z - Y, [caches[0]._replace(activation="identity"), caches[1]], network.first)
    found = layerlab.gradient_check(network, (X, Y), parameters=at, gradients=without_slope)
    assert "dW1 and db1 are what comes out without the slope g′(Z) in layer 1." in " ".join(found.faults).replace(
        "db1 and dW1", "dW1 and db1"
    )


def test_an_update_is_taken_apart() -> None:
    X, Y = wavy(30)
    settings: dict[str, Any] = {"optimizer": "adamw", "learning_rate": 0.03, "l2": 0.5, "engine": "numpy"}
    run = layerlab.train(WAVY, (X, Y), iterations=8, **settings)
    anatomy = layerlab.dissect(run, (X, Y), update=7)
    assert anatomy.cost == run.history.costs[7]
    assert anatomy.new_parameters is not None
    for name, value in run.parameters.items():
        assert np.array_equal(anatomy.new_parameters[name], value)
    assert np.array_equal(anatomy.X, X)
    assert anatomy.layers[0].A_prev.shape == (9, 30)
    assert any("Inputs 4 to 9 of layer 1 are the values H" in note for note in anatomy.notes)
    one = anatomy.sum_of(layer=1, unit=2, example=4)
    assert sum(term.product for term in one.terms) + one.b == pytest.approx(one.z, rel=1e-12)
    own = [anatomy.of_example(number) for number in range(30)]
    plain = anatomy.layers[0]
    assert_allclose(np.mean([each["dW1"] for each in own], axis=0), plain.dW, rtol=1e-10, atol=1e-13)
    assert_allclose(np.mean([each["df1"] for each in own], axis=0), anatomy.gradients["df1"], rtol=1e-10, atol=1e-13)
    assert "layer 1" in str(anatomy)
    assert "inputs" in str(anatomy.signal())


def test_a_stepper_steps_edits_and_goes_back() -> None:
    settings: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.02, "batch_size": 40, "iterations": 12}
    stepper = layerlab.Stepper(WAVY, wavy(), **settings)
    stepper.advance(5)
    before = stepper.parameters()
    stepper.edit("f1", 1, 3, 1.5)
    assert stepper.parameters()["f1"][1, 3] == 1.5
    stepper.advance(3)
    stepper.seek(5)
    stepper.advance(7)
    run = stepper.run()
    assert run.events[0].line == "s.edit('f1', 1, 3, 1.5)"
    assert not np.array_equal(run.parameters["f1"], before["f1"])
    plain = layerlab.Stepper(WAVY, wavy(), **settings)
    plain.advance(12)
    assert np.array_equal(plain.run().parameters["f1"], layerlab.train(WAVY, wavy(), **settings).parameters["f1"])


@pytest.mark.parametrize("inputs", PLACES)
def test_the_derivative_by_the_inputs_goes_both_ways(inputs: tuple[int, ...]) -> None:
    X, _, parameters, first = problem(inputs)
    chosen = np.eye(3)[:, np.arange(7) % 3]
    slope = input_gradient(X, parameters, ["tanh"], chosen, first)
    for row in range(4):
        step = np.zeros_like(X)
        step[row] = 1e-30
        other = chosen_output(X + 1j * step, parameters, ["tanh"], chosen, first).imag / 1e-30
        assert_allclose(slope[row], other, rtol=1e-11, atol=1e-14)
    start = 0.3 * np.ones((4, 1))
    parts = integrated_gradients(X, start, parameters, ["tanh"], chosen, 2000, first)
    assert_allclose(parts.remainder, 0.0, atol=1e-4 * np.abs(parts.outputs - parts.baseline_outputs).max())


def test_an_embedded_run_is_explained() -> None:
    X, Y = wavy(200)
    run = layerlab.train(WAVY, (X, Y), optimizer="adam", learning_rate=0.02, iterations=200)
    parts = layerlab.attribute(run, X[:, :20])
    assert_allclose(parts.answers, run.predict(X[:, :20])[0], rtol=1e-9)
    assert_allclose(parts.values.sum(axis=0) + parts.remainder, parts.answers - parts.baseline_answers, rtol=1e-9)
    assert np.all(np.abs(parts.remainder) <= 0.02 * np.maximum(np.abs(parts.answers - parts.baseline_answers), 0.02))
    data = Dataset("waves", Part(X, Y), Part(*wavy(60)))
    importance = layerlab.permutation_importance(run, data, repeats=2)
    assert importance.columns[-1].name == "feature 2"  # which the values do not depend on
    changed = wavy(60)[0]
    assert importance.base == pytest.approx(float(np.abs(run.predict(changed) - wavy(60)[1]).mean()))
    strengths = effect_of_inputs(WAVY, run.parameters, X)
    assert strengths.argmin() == 1


def test_the_sharpness_is_that_of_a_dense_hessian() -> None:
    network = Network([2, 2, 1], "tanh", "identity", embedding=Periodic([1], frequencies=2, outputs=1))
    X, Y = np.random.RandomState(0).randn(2, 9), np.random.RandomState(1).randn(1, 9)
    run = layerlab.train(network, (X, Y), learning_rate=0.01, iterations=3, l2=0.4)
    place = place_at(X, Y, run.parameters, ["tanh"], "identity", decay=0.4 / 9, first=network.first)
    columns = []
    for name, value in run.parameters.items():
        for entry in np.ndindex(value.shape):
            direction = {key: np.zeros_like(other) for key, other in run.parameters.items()}
            direction[name][entry] = 1.0
            columns.append(np.concatenate([part.ravel() for part in hessian_product(place, direction).values()]))
    dense = np.array(columns)
    assert_allclose(dense, dense.T, rtol=1e-9, atol=1e-12)
    assert layerlab.sharpness(run, (X, Y)) == pytest.approx(np.linalg.eigvalsh(dense)[-1], rel=1e-5)
    few = (X[:, :1], Y[:, :1])  # fewer examples than features: the inputs stay as they are
    assert np.isfinite(layerlab.sharpness(layerlab.train(network, few, learning_rate=0.01, iterations=3), few))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("form", ["onnx", "numpy"])
def test_an_export_predicts_the_same(tmp_path: Path, form: str, dtype: str) -> None:
    X, Y = wavy(60)
    standard = X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True)
    run = layerlab.train(WAVY, (X, Y), optimizer="adam", learning_rate=0.02, iterations=30, dtype=dtype)
    run = replace(run, standardization=Standardization(*standard))
    done = layerlab.export(run, tmp_path / "model", X, format=form)
    assert done.deviation < (1e-12 if dtype == "float64" else 1e-5)
    if form == "onnx":
        session = onnxruntime.InferenceSession(str(tmp_path / "model"), providers=["CPUExecutionProvider"])
        (answers,) = session.run(None, {"X": X.T.astype(dtype)})
        nodes = [node.op_type for node in onnx.load(tmp_path / "model").graph.node]
        assert {"Cos", "Concat", "MatMul"} <= set(nodes)
    else:
        answers = runpy.run_path(str(tmp_path / "model/predict.py"))["predict"](X.T)
    inside = (X - standard[0]) / standard[1]
    assert_allclose(answers, run.predict(inside).T, rtol=0, atol=1e-12 if dtype == "float64" else 1e-5)


def test_the_nearest_examples_of_an_embedded_layer() -> None:
    X, _ = wavy(40)
    network = Network([3, 6, 2], "tanh", "softmax", embedding=Periodic([0]))
    data = Dataset("waves", Part(X, np.eye(2)[:, np.arange(40) % 2]), Part(X[:, :5], np.eye(2)[:, np.arange(5) % 2]))
    run = layerlab.train(network, data, learning_rate=0.1, iterations=20)
    found = layerlab.nearest_neighbours(run, X[:, :2], data)
    assert found.layer == 1
    assert found.numbers[0].tolist() == [0, 1]


def test_reports_and_texts_say_what_is_embedded(tmp_path: Path) -> None:
    X, Y = wavy(60)
    data = Dataset("waves", Part(X, Y), Part(*wavy(20)))
    run = layerlab.train(WAVY, data, optimizer="adam", learning_rate=0.02, iterations=30)
    layerlab.report(run, data, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "2 inputs as waves" in page
    assert "embedding=layerlab.Periodic(inputs=(2, 0), frequencies=6, outputs=3)" in page
    assert "2 inputs as waves" in run._repr_html_()
