"""``PopulationStepper``: stepping is the sweep, a member picked is the run that ``train`` gives, all units in view."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pytest
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import InputError, Network, PopulationStepper, Sweep
from layerlab.datasets import Part, load_flower
from layerlab.formulas import OPTIMIZERS, SCHEDULES

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # all runs here are short

NETS = [
    Network([3, 4, 1], hidden="tanh"),
    Network([3, 4, 3, 1], hidden="relu"),
    Network([3, 2, 1], hidden="tanh"),
    Network([3, 1]),
]
"""Three programs: the first and the third share one."""

UPDATES = 12


def draw(n_x: int = 3, m: int = 11) -> Part:
    random = np.random.RandomState(4)
    return Part(random.randn(n_x, m), random.randint(0, 2, (1, m)).astype(np.float64))


def values(m: int = 11) -> Part:
    """Regression, in which a learning rate that is too large diverges at once."""
    random = np.random.RandomState(7)
    return Part(random.randn(3, m), random.randn(1, m))


def settings_of(**settings: Any) -> dict[str, Any]:
    return {"learning_rate": [0.3, 0.02], "iterations": UPDATES, "engine": "numpy", **settings}


def stepped(networks: Any, part: Part, by: tuple[int, ...] = (1, 1, 3, 5, 40), **settings: Any) -> PopulationStepper:
    population = PopulationStepper(networks, part, **settings)
    for n in by:
        if not population.ended:
            population.advance(n)
    return population


def assert_same(population: PopulationStepper, swept: Sweep, rtol: float = 0.0) -> None:
    """The present members are those of the sweep."""
    assert len(population.members) == len(swept.runs)
    found = population.sweep()
    for k, run in enumerate(swept.runs):
        assert population.members[k].network == run.network
        assert {**population.members[k].settings, "iterations": run.settings["iterations"]} == run.settings
        n = len(run.history.costs)
        assert_allclose(population.costs[:n, k], run.history.costs, rtol=rtol)
        assert np.isnan(population.costs[n:, k]).all()
        assert_allclose(population.histories[k].validation_costs, run.history.validation_costs, rtol=rtol)
        assert population.histories[k].kept_at == run.history.kept_at
        for name, value in run.parameters.items():
            assert_allclose(found.runs[k].parameters[name], value, rtol=rtol, atol=rtol, err_msg=name)
            if run.history.kept_at is None and not run.diverged:
                assert_allclose(population.parameters(k)[name], value, rtol=rtol, atol=rtol, err_msg=name)
    if not rtol:
        assert repr(found.table) == repr(swept.table)  # a cost may be nan, which is not equal to itself
        assert [verdict.word for verdict in population.behaviours()] == [row["behaviour"] for row in swept.table]
        assert (found.varied, found.common) == (swept.varied, swept.common)


# Stepping is the sweep


@pytest.mark.parametrize(
    ("optimizer", "schedule", "batch_size", "dropout", "l2", "clip_norm", "weighs"),
    covering(OPTIMIZERS, SCHEDULES, (None, 4, 11), (0.0,), ([0.0, 0.5], 0.0), (None, 0.1), (False, True)),
)
def test_stepping_gives_the_bits_of_a_sweep(
    optimizer: str, schedule: str, batch_size: int | None, dropout: Any, l2: Any, clip_norm: Any, weighs: bool
) -> None:
    part = draw()
    settings = settings_of(
        optimizer=optimizer, schedule=schedule, batch_size=batch_size, dropout=dropout, l2=l2, clip_norm=clip_norm
    )
    if weighs:
        settings["sample_weight"] = np.arange(11.0)
    settings["validation"] = draw(m=5)
    assert_same(stepped(NETS, part, **settings), layerlab.sweep(NETS, part, progress=False, **settings))


def test_with_dropout_seeds_and_initializers() -> None:
    settings = settings_of(learning_rate=0.3, dropout=[0.0, 0.4], seed=[1, 2], initializer=["he", "normal"])
    settings["batch_size"] = 3
    assert_same(stepped(NETS[:2], draw(), **settings), layerlab.sweep(NETS[:2], draw(), progress=False, **settings))


def test_in_float32_and_in_the_span() -> None:
    for settings in (settings_of(dtype="float32"), settings_of(basis="span", l2=[0.0, 0.3], optimizer="momentum")):
        part = draw(n_x=40)
        nets = [Network([40, 4, 1], hidden="tanh"), Network([40, 2, 1], hidden="tanh")]
        population = stepped(nets, part, **settings)
        assert_same(population, layerlab.sweep(nets, part, progress=False, **settings))
        assert population.plans[0].basis == "span"


def test_with_lbfgs_every_member_has_its_own_line_search() -> None:
    settings = settings_of(learning_rate=None, optimizer="lbfgs", l2=[0.1, 1.0], iterations=6)
    assert_same(stepped(NETS, draw(), **settings), layerlab.sweep(NETS, draw(), progress=False, **settings))


@pytest.mark.parametrize("batch_size", [4, pytest.param(None, marks=pytest.mark.processes)])
def test_in_the_compiled_engine(batch_size: int | None) -> None:
    settings = settings_of(engine="xla", optimizer="adam", batch_size=batch_size)
    assert_same(
        stepped(NETS[:1], draw(), **settings), layerlab.sweep(NETS[:1], draw(), progress=False, **settings), 1e-12
    )


def test_how_the_updates_are_cut_changes_no_number() -> None:
    settings = settings_of(optimizer="adam", batch_size=4, schedule=["constant", "cosine"])
    one, other = stepped(NETS, draw(), **settings), stepped(NETS, draw(), by=(UPDATES,), **settings)
    assert_array_equal(one.costs, other.costs)
    for k in range(len(one.members)):
        for name, value in other.parameters(k).items():
            assert_array_equal(one.parameters(k)[name], value)


@pytest.mark.parametrize("batch_size", [None, 4])
def test_before_the_end_it_is_the_sweep_of_fewer_iterations(batch_size: int | None) -> None:
    settings = settings_of(batch_size=batch_size, learning_rate=[0.1, 1e200])
    population = stepped(NETS, values(), by=(7,), **settings)
    swept = layerlab.sweep(NETS, values(), progress=False, **{**settings, "iterations": 7})
    assert_same(population, swept)
    assert str(population.sweep()) == str(swept)
    assert repr(population) == "<PopulationStepper of 8 members: 7 of 12 updates>"
    stopped = stepped(NETS, draw(), by=(7,), **{**settings_of(), "schedule": "cosine"}).runs()[0]
    assert (stopped.settings["iterations"], stopped.history.stopped) == (12, True)


# Members that end


def test_a_member_that_diverges_stays_and_the_others_go_on() -> None:
    settings = settings_of(learning_rate=[0.1, 1e200], iterations=30)
    population = stepped(NETS, values(), by=(30,), **settings)
    assert population.update == 30
    assert_array_equal(population.alive, [True, False] * 4)
    assert_same(population, layerlab.sweep(NETS, values(), progress=False, **settings))
    before = population.parameters(1)
    words = [verdict.word for verdict in population.behaviours()]
    assert words[1] == "diverged"
    assert "diverged" not in words[0::2]
    for name, value in population.parameters(1).items():
        assert_array_equal(before[name], value)


def test_where_nobody_is_left_it_says_so() -> None:
    population = PopulationStepper(NETS[:2], values(), **settings_of(learning_rate=1e300, iterations=50))
    made = population.advance(50)
    assert made == population.update < 50
    assert not population.alive.any()
    assert "diverged" in population.ended
    with pytest.raises(InputError, match="no member is trained any more"):
        population.advance()
    assert population.update == made
    assert population.costs.shape == (made, 2)


def test_a_monitor_ends_a_member() -> None:
    settings = settings_of(learning_rate=[0.5, 1e-9], monitor="cost", patience=2, min_delta=1e-4, iterations=40)
    population = stepped(NETS[:1], draw(), by=(40,), **settings)
    assert_same(population, layerlab.sweep(NETS[:1], draw(), progress=False, **settings))
    assert list(population.alive) == [True, False]


def test_the_end_of_the_iterations() -> None:
    population = PopulationStepper(NETS, draw(), **settings_of())
    assert population.ended == ""
    assert population.advance(UPDATES - 2) == UPDATES - 2
    assert population.advance(40) == 2
    assert population.ended == "all 12 iterations are made"
    with pytest.raises(InputError, match="all 12 iterations are made"):
        population.advance()


def test_before_the_first_update() -> None:
    population = PopulationStepper(NETS, draw(), **settings_of(seed=[1, 2]))
    assert (population.update, population.costs.shape) == (0, (0, 16))
    assert population.alive.all()
    assert {verdict.word for verdict in population.behaviours()} == {"stuck"}
    for k, member in enumerate(population.members):
        start = layerlab.formulas.initialize_parameters(member.network.layer_dims, "he", member.settings["seed"])
        for name, value in start.items():
            assert_array_equal(population.parameters(k)[name], value)
    assert len(population.runs()) == 16
    with pytest.raises(InputError, match="no update has been made"):
        population.sweep()


def test_ctrl_c_keeps_what_was_made_and_all_members_stand_at_the_same_update(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.tuning.sweeps.stepped_members import SteppedMembers

    population, advance_to = PopulationStepper(NETS, draw(), **settings_of(iterations=500, batch_size=4)), []

    def pressed(group: SteppedMembers, update: int) -> None:
        advance_to.append(update)
        real(group, update)
        if len(advance_to) == 4:  # the first of three programs, in the second round
            signal.raise_signal(signal.SIGINT)

    real = SteppedMembers.advance_to
    monkeypatch.setattr(SteppedMembers, "advance_to", pressed)
    with pytest.raises(KeyboardInterrupt):
        population.advance(500)
    made = population.update
    assert 0 < made < 500
    assert population.furthest == made
    assert np.isfinite(population.costs).all()
    population.advance(500)
    swept = layerlab.sweep(NETS, draw(), progress=False, **settings_of(iterations=500, batch_size=4))
    assert_same(population, swept)


# Back and forth


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"batch_size": 4},
        {"batch_size": 4, "optimizer": "adam", "dropout": [0.0, 0.3], "schedule": "adaptive", "plateau": 1},
        {"monitor": "validation_cost", "patience": 3, "learning_rate": [0.1, 2.0]},
        {"learning_rate": [0.05, 1e200]},
        {"learning_rate": None, "optimizer": "lbfgs", "l2": [0.1, 1.0], "iterations": 20},
        {"engine": "xla", "optimizer": "momentum"},
    ],
    ids=str,
)
def test_seek_gives_what_was_there(settings: dict[str, Any]) -> None:
    nets = NETS[:2] if set(settings) <= {"batch_size", "learning_rate"} else NETS[:1]
    settings = settings_of(**{"iterations": 150, "validation": values(m=5), **settings})
    population, seen = PopulationStepper(nets, values(), **settings), {}
    while not population.ended:
        seen[population.update] = looks(population)
        population.advance(9)
    last = population.update
    seen[last] = looks(population)
    for update in sorted(seen, key=lambda update: update * 7 % 11)[:8]:
        population.seek(update)
        assert population.update == update
        for now, before in zip(looks(population), seen[update], strict=True):
            assert_array_equal(now, before)
    population.seek(0)
    assert population.ended == ""
    population.advance(150)
    assert (population.update, population.furthest) == (last, last)
    for now, before in zip(looks(population), seen[last], strict=True):
        assert_array_equal(now, before)


def looks(population: PopulationStepper) -> list[Any]:
    """All that one can see of a population."""
    members = range(len(population.members))
    parameters = [value for k in members for value in population.parameters(k).values()]
    validation = [history.validation_costs for history in population.histories]
    words = [verdict.sentence for verdict in population.behaviours()]
    return [population.update, population.costs, population.alive, *parameters, *validation, words]


@pytest.mark.parametrize("update", [4, -1, 1.0, True, "1", None])
def test_an_update_that_was_not_made(update: Any) -> None:
    population = PopulationStepper(NETS[0], draw(), **settings_of())
    population.advance(3)
    with pytest.raises(InputError, match=r"seek\(.*\): wanted a number of updates from 0 to 3"):
        population.seek(update)
    assert population.update == 3


# Every unit in view


@pytest.mark.parametrize("basis", ["full", "span"])
def test_forward_gives_every_unit_of_every_member(basis: str) -> None:
    n_x = 40 if basis == "span" else 3
    nets = [Network([n_x, *net.layer_dims[1:]], hidden=net.hidden) for net in NETS]
    population = stepped(nets, draw(n_x=n_x), **settings_of(basis=basis))
    grid = np.random.RandomState(1).randn(n_x, 50)
    maps = population.forward(grid)
    for k, member in enumerate(population.members):
        theta, A = population.parameters(k), grid
        for layer, values in enumerate(maps[k], start=1):
            Z = theta[f"W{layer}"] @ A + theta[f"b{layer}"]
            last = layer == len(member.network.layer_dims) - 1
            A = 1 / (1 + np.exp(-Z)) if last else np.tanh(Z) if member.network.hidden == "tanh" else np.maximum(Z, 0)
            assert values.shape == (member.network.layer_dims[layer], 50)
            assert_allclose(values, A, rtol=1e-12, atol=1e-12)


def test_forward_in_the_target_s_own_units(tmp_path: Any) -> None:
    from small_data import write_table

    write_table(tmp_path / "table.csv", "value")
    table = layerlab.datasets.load_data(tmp_path / "table.csv", target="value")
    net = Network([table.train.X.shape[0], 4, 1], hidden="tanh")
    population = PopulationStepper(net, table, **settings_of())
    population.advance(5)
    for k, run in enumerate(population.runs()):
        assert_allclose(population.forward(table.test.X)[k][-1], run.predict(table.test.X), rtol=1e-12)


def test_what_was_handed_out_stays_as_it_is() -> None:
    for engine in ("numpy", "xla"):
        population = PopulationStepper(NETS[:1], draw(), **settings_of(engine=engine))
        population.advance(3)
        costs, parameters, maps = population.costs, population.parameters(0), population.forward(draw().X)
        kept = costs.copy(), parameters["W1"].copy(), maps[0][0].copy()
        population.advance(3)
        for now, before in zip((costs, parameters["W1"], maps[0][0]), kept, strict=True):
            assert isinstance(now, np.ndarray)
            assert now.dtype == np.float64
            assert_array_equal(now, before)


# One member alone


@pytest.mark.parametrize("settings", [{}, {"batch_size": 4, "optimizer": "adam"}, {"monitor": "cost", "patience": 2}])
def test_the_member_picked_is_the_run_that_train_gives(settings: dict[str, Any]) -> None:
    part = draw()
    settings = settings_of(l2=[0.0, 0.1], engine="auto", **settings)
    population = stepped(NETS, part, by=(7,), **settings)
    for k in (0, 5, len(population.members) - 1):
        member, stepper = population.members[k], population.pick(k)
        run = layerlab.train(member.network, part, advice=False, progress=False, **member.settings)
        assert stepper.update == 7
        assert stepper.events == ()
        assert_array_equal(stepper.costs, run.history.costs[:7])
        assert_allclose(stepper.costs, population.costs[:, k], rtol=1e-10)
        for name, value in population.parameters(k).items():
            assert_allclose(stepper.parameters()[name], value, rtol=1e-10, atol=1e-12)
        stepper.advance(UPDATES)
        for name, value in run.parameters.items():
            assert_array_equal(stepper.run().parameters[name], value)


def test_a_member_that_has_ended_is_picked_where_it_ended() -> None:
    population = PopulationStepper(NETS, values(), **settings_of(learning_rate=[0.1, 1e200], iterations=30))
    population.advance(30)
    stepper = population.pick(1)
    assert stepper.ended
    assert stepper.run().diverged


def test_the_member_picked_has_the_weights_and_the_validation_set() -> None:
    weights = np.linspace(0.5, 2, 11)
    population = PopulationStepper(NETS, draw(), validation=draw(m=5), sample_weight=weights, **settings_of())
    population.advance(4)
    history = population.pick(2).history
    assert_allclose(history.costs, population.histories[2].costs, rtol=1e-10)
    assert_allclose(history.validation_costs, population.histories[2].validation_costs, rtol=1e-10)


# What is refused


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3", None])
def test_a_number_of_updates_that_is_none(n: Any) -> None:
    population = PopulationStepper(NETS[0], draw(), **settings_of())
    with pytest.raises(InputError, match="wanted a whole number of at least 1"):
        population.advance(n)
    assert population.update == 0


@pytest.mark.parametrize("k", [2, -1, 0.0, True, "0", None])
def test_a_member_that_does_not_exist(k: Any) -> None:
    population = PopulationStepper(NETS[0], draw(), **settings_of())
    for ask in (population.parameters, population.pick):
        with pytest.raises(InputError, match=r"member .*: wanted a whole number from 0 to 1"):
            ask(k)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"learning_rate": []}, "wanted one value or a list of at least one"),
        ({"learning_rate": [0.1, 0.1]}, "given twice"),
        ({"learing_rate": 0.1}, "no setting is called 'learing_rate'"),
        ({"iterations": [1, 2]}, "takes one value only"),
        ({"iterations": None}, "wanted one of the two"),
        ({"memory_gib": 1e-9}, "GiB"),
        ({"memory_gib": 0}, "memory_gib=0"),
        ({"sample_weight": np.ones(3)}, "sample_weight"),
    ],
)
def test_bad_settings(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        PopulationStepper(NETS, draw(), **{**settings_of(), **changes})


def test_networks_and_inputs_that_do_not_fit() -> None:
    with pytest.raises(InputError, match="networks is empty"):
        PopulationStepper([], draw(), **settings_of())
    population = PopulationStepper(NETS, draw(), **settings_of())
    with pytest.raises(InputError, match="X has 2 features"):
        population.forward(np.ones((2, 5)))


def test_members_that_do_not_fit_into_memory_together() -> None:
    nets = [Network([2, 64, 64, 1], hidden="tanh")]
    plan = layerlab.explain(nets[0], load_flower(), learning_rate=0.1, iterations=10, engine="numpy")
    gib = 3 * plan.memory / 1024**3
    with pytest.raises(InputError, match=r"members are stepped side by side, and .* GiB hold"):
        PopulationStepper(nets, load_flower(), learning_rate=0.1, iterations=10, seed=list(range(40)), memory_gib=gib)


def test_a_population_that_ended_by_itself_says_what_its_sweep_says() -> None:
    flower = load_flower()
    labels = np.random.default_rng(3).permutation(flower.test.Y[0])[None]
    settings: dict[str, Any] = {
        "learning_rate": [0.5, 1.2],
        "l2": 0.1,
        "iterations": 40,
        "optimizer": "momentum",
        "schedule": "constant",
        "validation": (flower.test.X, labels),
        "monitor": "validation_cost",
        "patience": 2,
    }
    network = Network([2, 4, 1])
    population = PopulationStepper(network, flower, **settings)
    while not population.ended:
        population.advance(7)
    assert population.update < 40
    assert str(population.sweep()) == str(layerlab.sweep(network, flower, **settings))
