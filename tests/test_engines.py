"""The two engines compute the same, for every activation, loss and optimiser; what the compiled one leaves alone."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import Network, Run
from layerlab.datasets import Part, load_flower
from layerlab.formulas import ACTIVATIONS, LOSSES, OPTIMIZERS, cost, network_backward, network_forward
from layerlab.training import compiled, engines
from layerlab.training.engines import MOST_UPDATES

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

FEATURES, HIDDEN, EXAMPLES = 5, (4, 6), 17


def draw(output: str, m: int = EXAMPLES) -> Part:
    random = np.random.RandomState(3)
    X = random.randn(FEATURES, m)
    Y = {
        "sigmoid": random.randint(0, 2, (1, m)).astype(np.float64),
        "softmax": np.eye(3)[:, random.randint(0, 3, m)],
        "poisson": random.poisson(2.0, (2, m)).astype(np.float64),
    }.get(output, random.randn(2, m))
    return Part(X, Y)


def trained(engine: str, output: str, hidden: str, **settings: Any) -> Run:
    part = draw(output)
    dims = (FEATURES, *HIDDEN, part.Y.shape[0])
    arguments = {"learning_rate": 0.01, "iterations": 100, "seed": 1, "progress": False, **settings}
    return layerlab.train(Network(dims, hidden=hidden, output=output), part, engine=engine, **arguments)


def assert_close(one: Run, other: Run, rtol: float) -> None:
    assert_allclose(one.history.costs, other.history.costs, rtol=rtol)
    for name, value in other.parameters.items():
        size = max(1e-3, float(np.abs(value).max()))
        assert_allclose(one.parameters[name], value, rtol=0, atol=rtol * size, err_msg=name)


@pytest.mark.parametrize(("hidden", "output"), covering(ACTIVATIONS, LOSSES))
def test_a_hundred_updates_are_the_same_in_both_engines(hidden: str, output: str) -> None:
    plain, compiled = (trained(engine, output, hidden) for engine in ("numpy", "xla"))
    assert output == "absolute" or (np.diff(plain.history.costs) < 0).all()  # where a cost swings, the last bit grows
    assert_close(compiled, plain, rtol=1e-10)
    assert (plain.plan and plain.plan.engine, compiled.plan and compiled.plan.engine) == ("numpy", "xla")


@pytest.mark.parametrize(("optimizer", "output"), covering(OPTIMIZERS, LOSSES))
def test_every_optimizer_is_the_same_in_both_engines(optimizer: str, output: str) -> None:
    rate = 1e-3 if optimizer in ("rmsprop", "adam", "adam_hat", "adamw") else 0.01
    rate /= 4 if output == "poisson" else 1
    settings: dict[str, Any] = {"optimizer": optimizer, "learning_rate": rate, "l2": 0.3}
    plain, compiled = (trained(engine, output, "tanh", **settings) for engine in ("numpy", "xla"))
    assert output == "absolute" or (np.diff(plain.history.costs) < 0).all()
    assert_close(compiled, plain, rtol=1e-10)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_one_update_is_the_same_anywhere(optimizer: str) -> None:
    """From large weights and with long steps, where trajectories part soon."""
    random = np.random.RandomState(5)
    shapes = Network((FEATURES, *HIDDEN, 1)).shapes
    wild = {name: 5 * random.randn(*shape) for name, shape in shapes.items()}
    settings: dict[str, Any] = {"optimizer": optimizer, "learning_rate": 1.0, "iterations": 1, "parameters": wild}
    plain, compiled = (trained(engine, "sigmoid", "relu", **settings) for engine in ("numpy", "xla"))
    assert_close(compiled, plain, rtol=1e-12)


def test_float32_and_validation_and_batches_are_the_same_in_both_engines() -> None:
    flower = load_flower()
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 40, "batch_size": 96, "progress": False}
    network = Network([2, 4, 1], hidden="tanh")
    for dtype, rtol in (("float64", 1e-11), ("float32", 1e-4)):
        plain, compiled = (
            layerlab.train(network, flower, engine=engine, dtype=dtype, validation=flower.test, **settings)
            for engine in ("numpy", "xla")
        )
        assert_close(compiled, plain, rtol)
        assert_allclose(compiled.history.validation_costs, plain.history.validation_costs, rtol=rtol)
        assert len(plain.history.validation_costs) == 8  # after each epoch of 5 batches
        last = plain.network.loss.losses(network_forward(flower.test.X, plain.parameters, ("tanh",))[0], flower.test.Y)
        assert plain.history.validation_costs[-1] == pytest.approx(last.mean(), rel=1e-6)
        assert_allclose(compiled.history.validation_accuracies, plain.history.validation_accuracies, atol=0.01)
        assert {value.dtype for value in compiled.parameters.values()} == {np.dtype(dtype)}
        assert all(type(value) is np.ndarray for value in compiled.parameters.values())


def test_regression_has_no_accuracy_in_either_engine() -> None:
    part = draw("identity")
    for engine in ("numpy", "xla"):
        run = trained(engine, "identity", "tanh", validation=part, iterations=3)
        assert np.isnan(run.history.validation_accuracies).all()
        assert run.history.validation_costs.shape == (3,)
        assert_allclose(run.history.validation_costs, run.history.costs, rtol=1e-14)


@pytest.mark.parametrize(("hidden", "output"), covering(ACTIVATIONS, LOSSES, rounds=2))
def test_the_explicit_backward_is_jaxs_own_gradient(hidden: str, output: str) -> None:
    part = draw(output)
    network = Network((FEATURES, *HIDDEN, part.Y.shape[0]), hidden=hidden, output=output)
    random = np.random.RandomState(2)
    p = {name: random.randn(*shape) for name, shape in network.shapes.items()}

    def mean_loss(parameters: dict[str, Any]) -> Any:
        Z, _ = network_forward(jnp.asarray(part.X), parameters, network.activations)
        return cost(network.loss.losses(Z, jnp.asarray(part.Y)))

    with jax.enable_x64(True):
        automatic = jax.grad(mean_loss)({name: jnp.asarray(value) for name, value in p.items()})
    Z, caches = network_forward(part.X, p, network.activations)
    explicit = network_backward(network.loss.gradient(Z, part.Y), caches)
    for name in p:
        assert_allclose(explicit[f"d{name}"], automatic[name], rtol=1e-11, atol=1e-14)


def test_chunks_change_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {"iterations": 70, "batch_size": 6, "optimizer": "adam"}
    long = trained("xla", "sigmoid", "tanh", **settings)
    monkeypatch.setattr(engines, "CHUNK_SECONDS", 0.0)  # one iteration a chunk
    short = trained("xla", "sigmoid", "tanh", **settings)
    assert_array_equal(long.history.costs, short.history.costs)
    for name in long.parameters:
        assert_array_equal(long.parameters[name], short.parameters[name])


def test_more_iterations_than_a_call_records() -> None:
    run = trained("xla", "sigmoid", "tanh", iterations=MOST_UPDATES + 5)
    assert_allclose(
        run.history.costs, trained("numpy", "sigmoid", "tanh", iterations=MOST_UPDATES + 5).history.costs, rtol=1e-9
    )


def test_a_diverged_run_ends_where_it_ends_in_numpy() -> None:
    X = np.array([[1.0, 2.0, 3.0]])
    runs = [
        layerlab.train(
            Network([1, 1]), (X, 2 * X), learning_rate=10.0, iterations=5000, engine=engine, progress=False, seed=3
        )
        for engine in ("numpy", "xla")
    ]
    plain, compiled = runs
    assert 10 < len(plain.history.costs) == len(compiled.history.costs) < 5000
    assert not np.isfinite(compiled.history.costs[-1])
    assert np.isfinite(compiled.history.costs[:-1]).all()
    assert [run.diagnosis[0].kind for run in runs] == ["diverged", "diverged"]
    assert_allclose(compiled.parameters["W1"], plain.parameters["W1"], rtol=1e-9)


def test_given_parameters_stay_as_they_are() -> None:
    start = {"W1": np.ones((1, FEATURES)), "b1": np.zeros((1, 1))}
    kept = {name: value.copy() for name, value in start.items()}
    part = draw("sigmoid")
    run = layerlab.train(
        Network([FEATURES, 1]), part, learning_rate=0.5, iterations=9, parameters=start, engine="xla", progress=False
    )
    for name, value in kept.items():
        assert_array_equal(start[name], value)
        assert not (run.parameters[name] == value).all()


# What is left alone


def test_the_64_bit_mode_is_ours_alone() -> None:
    before = jnp.zeros(1).dtype
    trained("xla", "sigmoid", "tanh", iterations=2)
    assert jnp.zeros(1).dtype == before == jnp.float32
    with jax.enable_x64(True):
        trained("xla", "sigmoid", "tanh", iterations=2, dtype="float32")
        assert jnp.zeros(1).dtype == jnp.float64


def fresh(code: str, folder: Path, **variables: str) -> str:
    """What a new process prints."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder), **variables}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


SMALL = """
import layerlab
data = ([[0.0, 1.0, 2.0]], [[0, 1, 1]])
def small(engine="xla"):
    return layerlab.train(layerlab.Network([1, 1]), data, learning_rate=0.1, iterations=3, engine=engine)
"""


def programs(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME moves the cache on Linux")
def test_programs_are_kept_in_the_users_cache_and_found_again(tmp_path: Path) -> None:
    said = fresh(f"{SMALL}\nprint(small().plan.actual['compile'])", tmp_path)
    kept = programs(tmp_path / "layerlab" / "programs")
    assert len(kept) == 1
    written = kept[0].stat().st_ino
    again = fresh(f"{SMALL}\nprint(small().plan.actual['compile'])", tmp_path)
    assert programs(tmp_path) == kept
    assert kept[0].stat().st_ino == written
    assert float(said) > 0
    assert float(again) > 0


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME moves the cache on Linux")
def test_only_a_program_that_nobody_else_can_have_written_is_read(tmp_path: Path) -> None:
    """Programs are pickles. A file that others can write is compiled anew, and a folder of that kind is not used."""
    code = f"{SMALL}\nprint(small().history.costs.tolist())"
    costs = fresh(code, tmp_path)
    (kept,) = programs(tmp_path / "layerlab" / "programs")
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o077) == (0o600, 0)
    bomb = pickle.dumps(Bomb())
    kept.write_bytes(bomb)
    kept.chmod(0o620)
    assert fresh(code, tmp_path) == costs  # had it been read, "read" would have been printed as well
    assert kept.read_bytes() != bomb
    kept.unlink()
    kept.parent.chmod(0o770)
    assert fresh(code, tmp_path) == costs
    assert not kept.exists()


class Bomb:
    def __reduce__(self) -> Any:
        return print, ("read",)


def test_the_oldest_programs_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MOST_KEPT", 2)
    for age, name in enumerate(("new", "middle", "old")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    compiled.forget_old_programs(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"new", "middle"}


def test_the_file_of_a_program_depends_on_everything_that_its_code_does(monkeypatch: pytest.MonkeyPatch) -> None:
    jax = pytest.importorskip("jax")
    if jax.config.jax_compilation_cache_dir:
        pytest.skip("a cache of jax's own is set up here")
    paths = [compiled.path_of("one"), compiled.path_of("two")]
    monkeypatch.setenv("XLA_FLAGS", f"{os.environ.get('XLA_FLAGS', '')} --another_processor")
    paths.append(compiled.path_of("one"))
    monkeypatch.setattr(compiled, "source_digest", lambda: "another formula")
    paths.append(compiled.path_of("one"))
    assert None not in paths
    assert len(set(paths)) == 4
    assert compiled.path_of("one") == paths[-1]


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME moves the cache on Linux")
def test_a_cache_that_the_user_has_set_up_for_jax_is_used(tmp_path: Path) -> None:
    own = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "own"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    fresh(f"{SMALL}\nsmall()", tmp_path / "layerlabs", **own)
    assert programs(tmp_path / "own")
    assert not programs(tmp_path / "layerlabs")


@pytest.mark.processes
def test_without_a_cache_folder_it_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder would be")
    assert fresh(f"{SMALL}\nprint(len(small().history.costs))", tmp_path / "taken") == "3"


@pytest.mark.processes
def test_the_numpy_engine_never_imports_jax(tmp_path: Path) -> None:
    code = f"{SMALL}\nimport sys\nsmall('numpy'); small('auto')\nprint('jax' in sys.modules)"
    assert fresh(code, tmp_path) == "False"


@pytest.fixture
def without_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine for which there is no jax."""
    monkeypatch.setattr("layerlab.training.planner.find_spec", lambda name: None)


@pytest.mark.usefixtures("without_jax")
def test_where_jax_is_missing_numpy_serves_and_xla_is_refused_in_words() -> None:
    run = trained("auto", "sigmoid", "tanh", iterations=3)
    assert run.plan is not None
    assert (run.plan.engine, run.plan.engine_reason) == ("numpy", "jax is not installed here")
    with pytest.raises(layerlab.InputError) as caught:
        trained("xla", "sigmoid", "tanh")
    assert str(caught.value) == "engine='xla': jax is not installed here; use engine='numpy' or 'auto'"


# Prediction


def test_prediction_in_blocks_is_prediction_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained("numpy", "softmax", "relu", iterations=5)
    X = np.random.RandomState(0).randn(FEATURES, 2500)
    Z, _ = network_forward(X, run.parameters, run.network.activations)
    wanted = run.network.loss.prediction(Z)
    assert_allclose(run.predict_proba(X), wanted, rtol=1e-14)
    assert_array_equal(run.predict(X), wanted.argmax(axis=0, keepdims=True))
    assert_allclose(run.predict_proba(X[:, :1]), wanted[:, :1], rtol=1e-14)
    monkeypatch.setattr("layerlab.runs.network_outputs.EXAMPLES_AT_A_TIME", 7)
    assert_allclose(run.predict_proba(X), wanted, rtol=1e-14)


def test_prediction_after_a_divergence_is_quiet_on_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.runs.network_outputs.EXAMPLES_AT_A_TIME", 3)
    X = np.full((1, 20), 1e200)
    run = layerlab.train(Network([1, 3, 1], "identity"), (X, X), learning_rate=1.0, iterations=2, progress=False)
    with np.errstate(all="raise"):
        assert run.predict(X).shape == (1, 20)
