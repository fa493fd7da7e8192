"""A training that is driven update by update is that of ``train``, and goes back and on with the same numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from covering import covering

import layerlab
from layerlab import InputError, Network, Run, Stepper
from layerlab.datasets import Part
from layerlab.formulas import Parameters
from layerlab.training.batches import batches
from layerlab.training.compiled import CompiledPrograms
from layerlab.training.engines import MOST_UPDATES, Advance, NumpyEngine
from layerlab.training.stepper import stepping

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")

whole_flower = layerlab.datasets.load_flower()
flower = replace(
    whole_flower,
    train=Part(whole_flower.train.X[:, ::7], whole_flower.train.Y[:, ::7]),
    test=Part(whole_flower.test.X[:, ::11], whole_flower.test.Y[:, ::11]),
)
SMALL = Network([2, 5, 4, 1], hidden="tanh")
random = np.random.RandomState(0)
photos = random.randn(90, 20), (random.rand(1, 20) > 0.5).astype(float)
digits = layerlab.datasets.load_digits()
seventy = digits.train.X[:, :70], digits.train.Y[:, :70]
values = random.randn(4, 50), 100 + 20 * random.randn(2, 50)

TASKS: dict[str, tuple[Network, Any]] = {
    "flower": (SMALL, flower),
    "photos": (Network([90, 4, 1], hidden="relu"), photos),  # more features than examples: the span
    "digits": (Network([64, 6, 10]), seventy),
    "regression": (Network([4, 5, 2], hidden="tanh", output="huber"), values),
}


def same(one: Parameters, other: Parameters) -> bool:
    """Whether all parameters have the same bits."""
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def assert_same_run(one: Run, other: Run) -> None:
    """Everything that a run says but its times."""
    assert same(one.parameters, other.parameters)
    for name in ("costs", "validation_costs", "validation_accuracies", "sizes"):
        np.testing.assert_array_equal(getattr(one.history, name), getattr(other.history, name), name)
    for name in ("every", "epoch", "kept_at", "initial_cost", "stopped", "interrupted", "validated_after"):
        assert getattr(one.history, name) == getattr(other.history, name), name
    assert (one.verdict, one.diagnosis, one.settings) == (other.verdict, other.diagnosis, other.settings)


def assert_same(one: Parameters, other: Parameters, engine: str) -> None:
    """The same bits in NumPy; in XLA several threads may add up in another order."""
    if engine == "numpy":
        assert same(one, other)
    rounding = 1e-4 if one["W1"].dtype == np.float32 else 1e-9
    for name, value in one.items():
        np.testing.assert_allclose(value, other[name], rtol=rounding, atol=rounding)


WAYS: dict[str, dict[str, Any]] = {
    "gd": {"learning_rate": 0.2, "optimizer": "gd", "l2": 0.3},
    "momentum": {"learning_rate": 0.02, "optimizer": "momentum", "clip_norm": 0.5},
    "nesterov": {"learning_rate": 0.02, "optimizer": "nesterov", "batch_size": 16, "schedule": "step", "interval": 4},
    "rmsprop": {"learning_rate": 0.003, "optimizer": "rmsprop", "dropout": 0.2, "schedule": "inverse_time"},
    "adam": {
        "learning_rate": 0.01,
        "optimizer": "adam",
        "batch_size": 7,
        "dropout": 0.3,
        "l2": 0.1,
        "clip_norm": 1.0,
        "schedule": "cosine",
        "warmup": 1,
    },
    "adam_hat": {"learning_rate": 0.01, "optimizer": "adam_hat", "monitor": "cost", "patience": 3, "batch_size": 16},
    "adamw": {"learning_rate": 0.01, "optimizer": "adamw", "schedule": "adaptive", "plateau": 2, "batch_size": 16},
    "log_cosine": {"learning_rate": 0.01, "optimizer": "gd", "schedule": "log_cosine", "batch_size": 16},
    "interval": {"learning_rate": 0.01, "optimizer": "gd", "schedule": "interval", "interval": 3},
    "lbfgs": {"optimizer": "lbfgs", "l2": 0.1},
}


@pytest.mark.parametrize(
    ("way", "task", "engine", "dtype"),
    covering(WAYS, TASKS, ["numpy", "xla", "numpy"], ["float64", "float32", "float64", "float64", "float64"]),
)
def test_a_training_in_steps_is_the_training(way: str, task: str, engine: str, dtype: str) -> None:
    network, data = TASKS[task]
    settings = {**WAYS[way], "iterations": 50, "engine": engine, "dtype": dtype}
    s = Stepper(network, data, **settings)
    for n in (1, 1, 3, 5, 40):
        if not s.ended:
            s.advance(n)
    whole = layerlab.train(network, data, **settings, advice=False)
    if engine == "numpy":
        assert_same_run(s.run(), whole)
    assert_same(s.run().parameters, whole.parameters, engine)
    np.testing.assert_allclose(s.run().history.costs, whole.history.costs, rtol=1e-4 if dtype == "float32" else 1e-10)
    assert s.update == 50 or s.ended
    assert not s.events


@pytest.mark.parametrize(
    "settings",
    [
        {"validation": flower.test, "learning_rate": 0.3},
        {"validation": flower.test, "learning_rate": 0.1, "batch_size": 16},
        {"validation": flower.test, "validation_weight": np.arange(1.0, 38.0), "optimizer": "lbfgs"},
        {"sample_weight": np.linspace(0, 3, 58), "learning_rate": 0.1, "batch_size": 16, "l2": 0.1},
        {"class_weight": "balanced", "learning_rate": 0.1},
        {"label_smoothing": 0.1, "learning_rate": 0.1, "batch_size": 20},
        {"monitor": "validation_cost", "validation": flower.test, "patience": 2, "min_delta": 0.01, "learning_rate": 1},
        {"monitor": "validation_accuracy", "validation": flower.test, "batch_size": 20, "learning_rate": 0.5},
        {"learning_rate": 1e200},  # diverges
        {"learning_rate": 1e200, "validation": flower.test, "monitor": "cost"},
    ],
)
def test_weights_validation_and_the_end_are_those_of_the_training(settings: dict[str, Any]) -> None:
    network = Network([2, 5, 4, 1], hidden="relu")
    s = Stepper(network, flower, iterations=50, **settings)
    while not s.ended:
        s.advance(7)
    whole = layerlab.train(network, flower, iterations=50, **settings, advice=False)
    assert_same_run(s.run(), whole)
    with pytest.raises(InputError, match="no update can be made"):
        s.advance()


def test_a_scaled_target_is_learned_and_predicted_as_in_train(tmp_path: Any) -> None:
    lines = ["x,y", *(f"{i / 10},{1000 + 3 * i + i % 7}" for i in range(60))]
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    table = layerlab.datasets.load_data(tmp_path / "table.csv", target="y", task="values")
    network = Network([table.train.X.shape[0], 3, 1], hidden="tanh")
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": 30}
    s = Stepper(network, table, **settings)
    s.advance(30)
    assert_same_run(s.run(), layerlab.train(network, table, **settings, advice=False))
    assert abs(s.parameters()["b2"]).max() < 100 < abs(s.run().parameters["b2"]).max()


# Going back


@pytest.mark.parametrize(("way", "task", "engine"), covering(WAYS, TASKS, ["numpy", "xla"]))
def test_seek_gives_the_same_bits_as_the_first_time(way: str, task: str, engine: str) -> None:
    network, data = TASKS[task]
    s = Stepper(network, data, **WAYS[way], iterations=40, engine=engine)
    seen = {}
    for n in (0, 3, 10, 11, 1):
        if n:
            s.advance(n)
        seen[s.update] = s.parameters()
    costs = s.costs
    for update in [*reversed(seen), *seen]:
        s.seek(update)
        assert_same(s.parameters(), seen[update], engine)
        assert np.array_equal(s.costs, costs[:update])
        assert s.furthest == max(seen)
    s.seek(3)
    s.advance(22)
    assert_same(s.parameters(), seen[25], engine)


def test_seek_goes_over_events_and_makes_them_again() -> None:
    s = Stepper(SMALL, flower, learning_rate=0.1, iterations=40, optimizer="adam", batch_size=16)
    s.advance(5)
    s.change(learning_rate=0.02)
    s.edit("W2", 1, 2, -0.5)
    s.advance(6)
    s.change(optimizer="momentum", dropout=0.2)
    s.advance(4)
    end, events = s.parameters(), s.events
    assert [event.update for event in events] == [5, 5, 11]
    s.seek(5)  # the events of an update belong to the state after it
    assert s.parameters()["W2"][1, 2] == -0.5
    assert s.settings["learning_rate"] == 0.02
    s.seek(4)
    assert (s.events, s.settings["learning_rate"], s.furthest) == ((), 0.1, 15)
    s.advance(11)
    assert s.update == 15
    assert same(s.parameters(), end)
    s.seek(0)
    s.seek(15)
    assert same(s.parameters(), end)
    assert s.events == events


def test_what_lay_ahead_is_dropped_only_when_something_is_changed_earlier() -> None:
    s = Stepper(SMALL, flower, learning_rate=0.1, iterations=40)
    s.advance(10)
    s.change(learning_rate=0.5)
    s.advance(10)
    s.seek(7)
    s.change(learning_rate=0.1)  # as it is: no event
    s.edit("b1", 0, 0, s.parameters()["b1"][0, 0])
    assert (s.furthest, len(s.events)) == (20, 0)
    s.edit("b1", 0, 0, 0.25)
    assert (s.furthest, len(s.costs), len(s.events)) == (7, 7, 1)
    s.advance(13)
    assert s.settings["learning_rate"] == 0.1
    with pytest.raises(InputError, match=r"seek\(21\): wanted a whole number from 0 to 20"):
        s.seek(21)


@pytest.mark.parametrize("wrong", [-1, 1.0, True, None, "3", 10**30])
def test_seek_and_advance_want_numbers_of_updates(wrong: Any) -> None:
    s = Stepper(SMALL, flower, learning_rate=0.1, iterations=5)
    with pytest.raises(InputError, match="wanted a whole number from 0 to 0"):
        s.seek(wrong)
    if wrong != 10**30:
        for move in (s.advance, s.prolong):
            with pytest.raises(InputError, match="wanted a whole number of at least 1"):
                move(wrong)
    assert s.advance(10**30) == 5


# The engine is played as it is


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_state_looked_at_is_in_numpy_and_stays_as_it_is(engine: str) -> None:
    """Formulas on jax's arrays would compute in float32, and XLA writes the next state over the last one."""
    s = Stepper(SMALL, flower, learning_rate=0.3, iterations=40, engine=engine, dropout=0.1)
    s.advance(3)
    before = s.parameters()
    copies = {name: value.copy() for name, value in before.items()}
    anatomy = s.dissect()
    s.advance(20)
    assert all(type(value) is np.ndarray and value.dtype == np.float64 for value in before.values())
    assert same(before, copies)
    assert anatomy.cost == pytest.approx(s.costs[3], rel=1e-12)
    s.seek(3)
    assert_same(s.parameters(), copies, engine)
    s.advance(1)
    assert anatomy.new_parameters is not None
    for name, value in s.parameters().items():
        np.testing.assert_allclose(anatomy.new_parameters[name], value, rtol=1e-12, atol=1e-13)


def test_batches_are_shuffled_once_while_playing(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(*given: Any, **more: Any) -> Any:
        made.append(more["skip"])
        return batches(*given, **more)

    monkeypatch.setattr("layerlab.training.stepper.standing.batches", counted)
    s = Stepper(SMALL, flower, learning_rate=0.1, iterations=100, batch_size=16)
    for _ in range(20):
        s.advance(2)
        s.dissect()
    s.change(learning_rate=0.05)
    s.advance(10)
    assert made == [0]
    s.seek(30)
    s.advance(5)
    assert len(made) == 2


def test_updates_are_made_in_few_calls_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = NumpyEngine.advance

    def advance(self: NumpyEngine, state: Any, batches: Any, n: int) -> Advance:
        asked.append(n)
        return real(self, state, batches, n)

    monkeypatch.setattr(NumpyEngine, "advance", advance)
    monkeypatch.setattr(stepping, "CHUNK_SECONDS", np.inf)
    s = Stepper(Network([2, 1]), flower, learning_rate=0.1, iterations=2000)
    s.advance(2000)
    assert sum(asked) == 2000
    assert max(asked) == stepping.MOST_BETWEEN < MOST_UPDATES
    assert len(asked) < 50


def test_lbfgs_may_converge_on_the_way_over_known_updates() -> None:
    X = np.random.RandomState(0).randn(2, 12)
    s, other = (
        Stepper(Network([2, 1], output="identity"), (X, 2 * X[:1] + 1), optimizer="lbfgs", iterations=100)
        for _ in range(2)
    )
    s.advance(100)
    end = s.update
    assert "converged" in s.ended
    other.advance(end)
    other.seek(end - 2)
    other.advance(1)
    assert other.advance(10) == 1
    assert (other.update, other.ended) == (end, s.ended)
    with pytest.raises(InputError, match="converged"):
        other.advance()


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_lbfgs_is_computed_again_from_its_start(engine: str) -> None:
    s = Stepper(SMALL, flower, optimizer="lbfgs", iterations=30, engine=engine)
    s.advance(12)
    reached = s.parameters()
    s.advance(8)
    end = s.parameters()
    s.seek(12)
    assert_same(s.parameters(), reached, engine)
    s.advance(8)
    assert_same(s.parameters(), end, engine)
    assert not s.events
    s.seek(12)
    s.edit("W1", 0, 0, 0.5)  # a new minimisation begins here
    s.advance(5)
    changed = s.parameters()
    s.seek(13)
    s.seek(17)
    assert_same(s.parameters(), changed, engine)


def test_a_number_changes_without_a_new_program(monkeypatch: pytest.MonkeyPatch) -> None:
    s = Stepper(SMALL, flower, learning_rate=0.1, iterations=100, l2=0.1, engine="xla", optimizer="adam")
    s.advance(3)
    programs: list[Any] = []
    real = CompiledPrograms.program

    def noted(self: CompiledPrograms, key: Any, lower: Any, options: Any = None) -> Any:
        programs.append(key)
        return real(self, key, lower, options)

    monkeypatch.setattr(CompiledPrograms, "program", noted)
    engine = s._stepping.here().engine
    s.change(learning_rate=0.02)
    s.change(l2=0.3, beta1=0.5)
    s.edit("W1", 0, 0, 0.25)
    s.advance(3)
    assert s._stepping.here().engine is engine
    assert not programs
    s.change(l2=0.0)  # without the penalty it is another program
    s.advance(3)
    assert s._stepping.here().engine is not engine
    assert len(programs) == 1


def test_a_changed_number_is_that_of_a_training_that_had_it() -> None:
    """From a common state: the rest of a training with another learning rate is the same, whatever came before."""
    start = Stepper(SMALL, flower, learning_rate=0.1, iterations=20)
    start.advance(10)
    start.change(learning_rate=0.4)
    start.advance(10)
    half = layerlab.train(SMALL, flower, learning_rate=0.1, iterations=10)
    rest = layerlab.train(SMALL, flower, learning_rate=0.4, iterations=10, parameters=half.parameters)
    assert same(start.parameters(), rest.parameters)
    assert np.array_equal(start.costs[10:], rest.history.costs)


# The span


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_an_edit_of_the_first_weights_leaves_the_span(optimizer: str, engine: str) -> None:
    network, data = TASKS["photos"]
    settings: dict[str, Any] = {
        "learning_rate": 0.01,
        "optimizer": optimizer,
        "iterations": 40,
        "l2": 0.1,
        "engine": engine,
    }
    s = Stepper(network, data, **settings, basis="span")
    s.advance(10)
    s.edit("b1", 0, 0, 0.25)
    s.edit("W2", 0, 1, 0.5)
    anatomy = s.dissect()
    assert s.plan.basis == "span"
    assert any("span" in note for note in anatomy.notes)
    s.edit("W1", 0, 3, 0.125)
    assert [(event.kind, event.values.get("basis")) for event in s.events[2:]] == [("change", "full"), ("edit", None)]
    assert s.plan.basis == "full"
    assert s.parameters()["W1"][0, 3] == 0.125
    s.advance(20)
    full = Stepper(network, data, **settings, basis="full")
    full.advance(10)
    for event in s.events:
        if event.kind == "edit":
            full.edit(*event.values.values())
    full.advance(20)
    np.testing.assert_allclose(s.costs, full.costs, rtol=1e-10)
    for name, value in s.parameters().items():
        np.testing.assert_allclose(value, full.parameters()[name], rtol=1e-9, atol=1e-12)
    end = s.parameters()
    s.seek(5)
    assert s.plan.basis == "span"
    s.advance(25)
    assert_same(s.parameters(), end, engine)


def test_an_optimizer_that_needs_full_width_leaves_the_span_first() -> None:
    network, data = TASKS["photos"]
    s = Stepper(network, data, learning_rate=0.01, iterations=40, basis="span", monitor="cost")
    s.advance(5)
    s.change(optimizer="adam")
    assert [dict(event.values) for event in s.events] == [{"basis": "full"}, {"optimizer": "adam"}]
    s.advance(5)
    assert s.run().parameters["W1"].shape == (4, 90)
    with pytest.raises(InputError, match="basis='span': wanted 'full', as the training has begun with 'full'"):
        s.change(basis="span")
