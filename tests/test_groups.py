"""Populations in groups: each member is the run that it is alone, whatever its group and whoever ends early."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import Network
from layerlab.datasets import Part
from layerlab.training import groups
from layerlab.training.groups import MOST_IN_A_GROUP, group_size, grouped, needed_bytes, update_seconds
from layerlab.training.speed import SHIPPED
from layerlab.training.updates import Program
from layerlab.training.work import Sizes

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # the runs here are short

RATES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]


def data(p: int = 6, m: int = 19, seed: int = 0) -> Part:
    random = np.random.default_rng(seed)
    return Part(random.normal(size=(p, m)), random.integers(0, 2, (1, m)).astype(np.float64))


def sizes(models: int, dims: tuple[int, ...] = (64, 32, 10), m: int = 1797, dtype: str = "float32") -> Sizes:
    return Sizes(Program(("relu",) * (len(dims) - 2), "softmax", "gd"), dims, m, 0, models, dtype)


def swept(**settings: Any) -> Any:
    arguments: dict[str, Any] = {"iterations": 30, "engine": "xla", "progress": False, **settings}
    return layerlab.sweep(Network([6, 4, 1], hidden="tanh"), arguments.pop("part", data()), **arguments)


@pytest.fixture
def three_in_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "group_size", lambda sizes: min(3, sizes.models))


def assert_each_is_the_run_alone(result: Any, part: Part, **settings: Any) -> None:
    for run in result.runs:
        own = {**run.settings, "engine": "numpy", "basis": "full", **settings}
        one = layerlab.train(run.network, part, progress=False, **own)
        assert_allclose(run.history.costs, one.history.costs, rtol=1e-9, equal_nan=True)
        assert_allclose(run.history.validation_costs, one.history.validation_costs, rtol=1e-9)
        assert run.history.stopped == one.history.stopped
        for name, value in one.parameters.items():
            assert_allclose(run.parameters[name], value, rtol=1e-8, atol=1e-10)


@pytest.mark.usefixtures("three_in_a_group")
@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "gd"},
        {"optimizer": "adam"},  # its state counts updates, without an axis of models
        {"batch_size": 7, "schedule": "cosine"},
        {"dropout": 0.2, "clip_norm": 0.5, "l2": 0.1},
        {"schedule": "adaptive", "iterations": 60},
    ],
    ids=str,
)
def test_a_member_of_any_group_is_the_run_that_it_is_alone(settings: dict[str, Any]) -> None:
    result = swept(learning_rate=RATES, **settings)
    assert (result.plans[0].group, len(result.runs)) == (3, 11)
    assert_each_is_the_run_alone(result, data())


@pytest.mark.usefixtures("three_in_a_group")
def test_groups_in_the_span_share_the_examples_and_have_their_own_starts() -> None:
    part = data(p=40)
    result = layerlab.sweep(
        Network([40, 4, 1], hidden="tanh"), part, learning_rate=[0.05, 0.1], seed=[1, 2, 3, 4], iterations=25,
        engine="xla", basis="span", validation=data(p=40, m=9, seed=3), progress=False,
    )  # fmt: skip
    assert (result.plans[0].basis, result.plans[0].group) == ("span", 3)
    assert_each_is_the_run_alone(result, part, validation=data(p=40, m=9, seed=3))


@pytest.mark.usefixtures("three_in_a_group")
def test_members_of_different_widths() -> None:
    networks = [Network([6, width, 1], hidden="tanh") for width in (1, 2, 3, 4, 5, 6, 7)]
    result = layerlab.sweep(networks, data(), learning_rate=0.1, iterations=20, engine="xla", progress=False)
    assert_each_is_the_run_alone(result, data())


@pytest.mark.usefixtures("three_in_a_group")
@pytest.mark.parametrize("batch_size", [None, 6])
def test_a_group_that_ends_early_leaves_the_others_alone(batch_size: int | None) -> None:
    """The first group diverges at once, another ends by its monitor, the last goes on."""
    rates = [1e300, 1e301, 1e302, 0.5, 0.6, 0.7, 1e-3, 2e-3]
    settings = {"learning_rate": rates, "iterations": 120, "batch_size": batch_size, "initializer": "he"}
    part, held_out = data(), data(m=8, seed=4)
    result = swept(part=part, monitor="validation_cost", patience=3, validation=held_out, **settings)
    ends = [len(run.history.costs) for run in result.runs]
    assert ends[0] < ends[-1]
    assert_each_is_the_run_alone(result, part, validation=held_out)


@pytest.mark.usefixtures("three_in_a_group")
def test_a_training_in_groups_goes_on_from_its_checkpoint(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = swept(learning_rate=RATES, iterations=40, optimizer="adam")
    from layerlab.training.grouped import GroupedEngine

    advance = GroupedEngine.advance
    made: list[int] = []

    def interrupted(self: Any, state: Any, batches: Any, n: int) -> Any:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(n)
        return advance(self, state, batches, n)

    monkeypatch.setattr(GroupedEngine, "advance", interrupted)
    settings = {"learning_rate": RATES, "iterations": 40, "optimizer": "adam", "checkpoint": tmp_path / "kept"}
    first = swept(**settings)
    assert 0 < len(first.runs[0].history.costs) < 40

    def counted(self: Any, state: Any, batches: Any, n: int) -> Any:
        made.append(n)
        return advance(self, state, batches, n)

    monkeypatch.setattr(GroupedEngine, "advance", counted)
    for run, one in zip(swept(**settings, resume=True).runs, whole.runs, strict=True):
        assert_array_equal(run.history.costs, one.history.costs)
        for name, value in one.parameters.items():
            assert_array_equal(run.parameters[name], value)
    assert sum(made) == 40  # nothing was trained twice


@pytest.mark.usefixtures("three_in_a_group")
def test_the_same_bits_with_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def costs() -> Any:
        return np.array([run.history.costs for run in swept(learning_rate=RATES).runs])

    several = costs()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert groups.group_threads() == 1
    assert_array_equal(costs(), several)


def test_a_state_in_groups_is_put_together_only_where_it_is_read() -> None:
    from layerlab.training.members import GroupedState
    from layerlab.training.updates import State

    parts = [
        State({"W1": np.full((2, 1, 1), k)}, (), np.array([True, False]), np.asarray(3 - k), (), ()) for k in (0.0, 1.0)
    ]
    state = GroupedState(parts, 3)
    assert "parameters" not in vars(state)
    assert state.parameters["W1"].ravel().tolist() == [0.0, 0.0, 1.0]
    assert (state.alive.tolist(), int(state.update)) == ([True, False, True], 3)
    assert isinstance(state._replace(alive=np.ones(3, bool)), State)


@pytest.mark.parametrize("models", [2, 3, 5, 8, 11, 64, 97, 512, 1000])
@pytest.mark.parametrize(("dims", "m"), [((64, 32, 10), 1797), ((2, 4, 1), 400), ((784, 512, 256, 10), 60_000)])
def test_groups_are_alike_fit_the_cache_and_waste_little(models: int, dims: tuple[int, ...], m: int) -> None:
    size = group_size(sizes(models, dims, m))
    assert 1 <= size <= MOST_IN_A_GROUP
    assert 2 * 4 * size * m * sum(dims[1:]) <= groups.GROUP_BYTES or size <= 2 or models < 4
    assert -(-models // size) * size < models + max(2, 0.2 * models)


def test_a_single_model_and_numpy_have_no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    assert group_size(sizes(0)) == 0
    assert group_size(sizes(1)) == 1
    assert grouped("numpy", sizes(64)) == 0
    assert grouped("xla", sizes(64)._replace(program=sizes(64).program._replace(optimizer="lbfgs"))) == 0
    monkeypatch.setattr(groups, "find_spec", lambda name: object())  # a plugin for a graphics card is installed
    assert grouped("xla", sizes(64)) == 0


def test_expected_time_and_memory_are_those_of_the_groups_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "find_spec", lambda name: None)
    population, size = sizes(64), group_size(sizes(64))
    one_group = population._replace(models=size)
    for threads in (1, 2, 4):
        monkeypatch.setattr(groups, "group_threads", lambda threads=threads: threads)
        rounds = -(-64 // size // threads)
        assert_allclose(update_seconds("xla", population, SHIPPED), rounds * SHIPPED.xla.update(one_group))
    assert one_group.bytes < needed_bytes("xla", population) < population.bytes
    assert needed_bytes("numpy", population) == population.bytes


def test_the_plan_says_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "find_spec", lambda name: None)
    monkeypatch.setattr(groups, "cores", lambda: 2)
    result = swept(learning_rate=RATES, iterations=2)
    size = result.plans[0].group
    assert 0 < size < len(RATES)
    text = str(result.plans[0])
    assert f"{-(-len(RATES) // size)} groups of {size} networks that fit the processor's cache, 2 at a time" in text
