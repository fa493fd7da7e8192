"""An update taken apart is the next update of the NumPy engine to the last bit, and its terms add up to its sums."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csc_array

from layerlab import InputError, Network
from layerlab.datasets import Part
from layerlab.formulas import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES, network_backward
from layerlab.runs.settings_rules import with_defaults
from layerlab.training.batches import Batch, batches, stacked
from layerlab.training.dissection.anatomy import Anatomy
from layerlab.training.dissection.taking_apart import dissected
from layerlab.training.engines import NumpyEngine
from layerlab.training.job import Job
from layerlab.training.layout import laid_out
from layerlab.training.train import single_job
from layerlab.training.updates import EngineData, State, parts

FEATURES, EXAMPLES = 4, 23
HIDDEN = (5, 3)


def labels(output: str, m: int = EXAMPLES) -> Any:
    random = np.random.RandomState(3)
    return {
        "sigmoid": random.randint(0, 2, (1, m)).astype(np.float64),
        "softmax": np.eye(3)[:, random.randint(0, 3, m)],
        "poisson": random.poisson(2.0, (2, m)).astype(np.float64),
    }.get(output, random.randn(2, m))


def job_of(
    output: str = "softmax",
    hidden: str = "tanh",
    dims: tuple[int, ...] = HIDDEN,
    weights: bool = False,
    sparse: bool = False,
    **settings: Any,
) -> Job:
    random = np.random.RandomState(1)
    X, Y = random.randn(FEATURES, EXAMPLES), labels(output)
    network = Network([FEATURES, *dims, len(Y)], hidden=hidden, output=output)
    complete = with_defaults({"learning_rate": 0.1, "iterations": 40, "seed": 2, **settings})
    own = random.rand(EXAMPLES) * 2 if weights else None
    job = single_job(network, (X, Y), (own, None), validation=None, parameters=None, settings=complete)
    return replace(job, part=Part(csc_array(np.where(X > 0.3, X, 0.0)), Y)) if sparse else job


def order(job: Job, skip: int = 0) -> Any:
    return batches(job.m, job.batch_size, 0, job.common["dtype"], job.weights, skip=skip) if job.batch_size else None


def after(job: Job, updates: int) -> tuple[EngineData, State, Batch | None]:
    """What the engine reads, the state after some updates, and the next batch."""
    data, state = laid_out(job, span=False)
    engine = NumpyEngine(job.program(span=False), data, one_thread=True)
    ours = order(job)
    if updates:
        state = engine.advance(state, stacked(list(islice(ours, updates))) if ours else None, updates).state
    return data, state, next(ours) if ours else None


def anatomy_of(job: Job, updates: int = 5) -> Anatomy:
    data, state, batch = after(job, updates)
    return dissected(job, data, state, batch, one_thread=True)


def assert_is_the_next_update(job: Job, updates: int) -> Anatomy:
    """The anatomy has the cost, the gradients, the parameters and the memory of the engine's own update."""
    data, state, batch = after(job, updates)
    anatomy = dissected(job, data, state, batch, one_thread=True)
    program = job.program(span=False)
    engine = NumpyEngine(program, data, one_thread=True)
    found = parts(program, data, state.parameters, batch, update=state.update)
    made = engine.advance(state, None if batch is None else stacked([batch]), 1)
    assert anatomy.update == updates
    assert anatomy.cost == made.costs[0]
    assert anatomy.new_parameters is not None
    assert anatomy.steps is not None
    for name, value in made.state.parameters.items():
        assert_array_equal(anatomy.new_parameters[name], value, strict=True)
        assert_array_equal(anatomy.gradients[f"d{name}"], found.gradients[f"d{name}"], strict=True)
        assert_array_equal(anatomy.steps[name], value - anatomy.parameters[name], strict=True)
    assert repr(anatomy.new_memory) == repr(made.state.memory)
    return anatomy


def assert_terms_add_up(anatomy: Anatomy, rtol: float) -> None:
    """Every sum of one unit and one weight is the sum of its terms, and every product of its rows is one."""
    for layer in anatomy.layers:
        units, inputs = layer.W.shape
        example = int(anatomy.examples[-1])
        for unit in (1, units):
            one = anatomy.sum_of(layer=layer.layer, unit=unit, example=example)
            size = max(1.0, sum(abs(row[3]) for row in one.terms))
            assert len(one.terms) == inputs
            assert_allclose(sum(row[3] for row in one.terms) + one.b, one.z, rtol=0, atol=rtol * size)
            delta = anatomy.delta_of(layer=layer.layer, unit=unit, example=example)
            if delta.da is not None and delta.slope is not None:
                kept = 1.0 if delta.kept is None else delta.kept
                assert_allclose(sum(row.product for row in delta.terms), delta.da, rtol=rtol, atol=rtol)
                assert_allclose(delta.da * kept * delta.slope, delta.dz, rtol=rtol)
            for number in (1, inputs, None):
                chain = anatomy.chain_of(layer=layer.layer, unit=unit, input=number)
                assert [row.example for row in chain.terms] == anatomy.examples.tolist()
                assert_allclose(sum(row[3] for row in chain.terms) / chain.m, chain.mean, rtol=rtol, atol=rtol)
                assert_allclose((chain.mean + chain.penalty) * chain.clipped_by, chain.gradient, rtol=rtol)
                step = anatomy.step_of(layer=layer.layer, unit=unit, input=number)
                assert step.gradient == chain.gradient
                assert_allclose(step.before + step.step, step.after, rtol=rtol)


@pytest.mark.parametrize(("hidden", "output"), covering(ACTIVATIONS, LOSSES))
def test_every_activation_and_every_loss_is_taken_apart_exactly(hidden: str, output: str) -> None:
    assert_terms_add_up(assert_is_the_next_update(job_of(output, hidden, learning_rate=0.01), 3), 1e-12)


SETTINGS: dict[str, dict[str, Any]] = {
    "batches": {"batch_size": 5},
    "a short last batch": {"batch_size": 6},
    "weights": {"weights": True, "l2": 0.3},
    "weights in batches": {"weights": True, "batch_size": 6, "l2": 0.3, "class_weight": "balanced"},
    "label smoothing": {"label_smoothing": 0.1},
    "dropout": {"dropout": 0.4, "batch_size": 6},
    "L2": {"l2": 0.5, "batch_size": 6},
    "clipping": {"clip_norm": 0.01, "l2": 0.2},
    "float32": {"dtype": "float32", "l2": 0.2, "dropout": 0.2, "batch_size": 6},
    "sparse": {"sparse": True},
    "sparse batches": {"sparse": True, "batch_size": 6, "l2": 0.1, "optimizer": "adam"},
    "no hidden layer": {"dims": (), "l2": 0.1, "optimizer": "momentum"},
    "no hidden layer, sparse": {"dims": (), "sparse": True, "batch_size": 6},
}


@pytest.mark.parametrize("updates", [0, 3, 7])
@pytest.mark.parametrize("name", SETTINGS)
def test_all_that_a_setting_changes_is_taken_apart_exactly(name: str, updates: int) -> None:
    single = SETTINGS[name].get("dtype") == "float32"
    assert_terms_add_up(assert_is_the_next_update(job_of(**SETTINGS[name]), updates), 1e-5 if single else 1e-12)


@pytest.mark.parametrize(("optimizer", "schedule"), covering(OPTIMIZERS, SCHEDULES))
def test_every_optimizer_and_every_schedule_is_taken_apart_exactly(optimizer: str, schedule: str) -> None:
    warmup: dict[str, Any] = {"warmup": 2.0} if schedule == "cosine" else {}
    job = job_of(optimizer=optimizer, schedule=schedule, batch_size=6, l2=0.1, clip_norm=0.5, **warmup)
    assert_terms_add_up(assert_is_the_next_update(job, 9), 1e-12)


def test_a_rate_that_has_fallen_by_a_plateau_is_the_one_that_is_shown() -> None:
    job = job_of(schedule="adaptive", plateau=1, least_progress=10.0, batch_size=6, learning_rate=0.1)
    assert anatomy_of(job, 0).learning_rate == 0.1
    anatomy = assert_is_the_next_update(job, 30)
    assert anatomy.learning_rate is not None
    assert anatomy.learning_rate < 0.1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_is_that_of_the_optimizer_on_the_one_weights_numbers(optimizer: str) -> None:
    anatomy = anatomy_of(job_of(optimizer=optimizer, l2=0.1))
    rates = {name: anatomy.rates[name] for name in OPTIMIZERS[optimizer].defaults}
    for layer, unit, number in ((1, 2, 3), (2, 1, None), (3, 3, 1)):
        step = anatomy.step_of(layer=layer, unit=unit, input=number)
        terms = dict(step.terms)
        name = f"b{layer}" if number is None else f"W{layer}"
        memory = OPTIMIZERS[optimizer].start({name: np.zeros((1, 1))})
        if memory:
            kept = {
                field: {name: np.array([[terms[f"{field}_before"]]])} for field in memory._fields if field != "step"
            }
            counted = {"step": np.array([[terms["t"] - 1]])} if "step" in memory._fields else {}
            memory = memory._replace(**kept, **counted)
        new, _ = OPTIMIZERS[optimizer].update(
            {name: np.array([[step.before]])},
            {f"d{name}": np.array([[step.gradient]])},
            memory,
            learning_rate=step.learning_rate,
            **rates,
        )
        assert new[name].item() == step.after


def test_the_terms_of_adam_are_those_of_its_formula() -> None:
    step = anatomy_of(job_of(optimizer="adam"), 4).step_of(layer=1, unit=1, input=2)
    of = dict(step.terms)
    assert of["t"] == 5
    assert_allclose(of["m"], 0.9 * of["m_before"] + 0.1 * step.gradient)
    assert_allclose(of["v"], 0.999 * of["v_before"] + 0.001 * step.gradient**2)
    assert_allclose(step.step, -0.1 * of["m_corrected"] / (of["v_corrected"] ** 0.5 + of["epsilon"]))
    assert "weight_decay" in dict(anatomy_of(job_of(optimizer="adamw")).step_of(layer=1, unit=1, input=2).terms)
    assert "weight_decay" not in dict(anatomy_of(job_of(optimizer="adamw")).step_of(layer=1, unit=1).terms)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_examples_own_gradients_have_the_layers_gradient_as_their_mean(name: str) -> None:
    anatomy = anatomy_of(job_of(**SETTINGS[name]))
    own = [anatomy.of_example(number) for number in anatomy.examples.tolist()]
    atol = 1e-5 if SETTINGS[name].get("dtype") == "float32" else 1e-13
    for layer in anatomy.layers:
        for kind, mean in (("dW", layer.dW), ("db", layer.db)):
            total = sum(one[f"{kind}{layer.layer}"] for one in own)
            assert_allclose(total / anatomy.m, mean, rtol=0, atol=atol)


def test_the_cost_is_the_mean_of_the_losses_and_the_penalty() -> None:
    for settings in SETTINGS.values():
        anatomy = anatomy_of(job_of(**settings))
        assert_allclose(anatomy.losses.sum() / anatomy.m, anatomy.mean_loss, rtol=1e-6)
        assert_allclose(anatomy.mean_loss + anatomy.penalty, anatomy.cost, rtol=1e-6)
        assert (anatomy.penalty > 0) == bool(settings.get("l2"))


def test_the_new_cost_is_the_next_cost_of_a_training_on_all_examples() -> None:
    job = job_of(l2=0.1)
    assert anatomy_of(job, 4).new_cost == anatomy_of(job, 5).cost


def test_lbfgs_is_shown_up_to_its_line_search() -> None:
    job = job_of(optimizer="lbfgs", learning_rate=None, l2=0.1)
    data, state = laid_out(job, span=False)
    anatomy = dissected(job, data, state, None, one_thread=True)
    found = network_backward(anatomy.layers[-1].dZ, parts(job.program(span=False), data, state.parameters).caches)
    for layer in anatomy.layers:
        assert_array_equal(layer.dW, found[f"dW{layer.layer}"])
    assert (anatomy.new_parameters, anatomy.new_memory, anatomy.steps) == (None, None, None)
    assert (anatomy.new_cost, anatomy.learning_rate) == (None, None)
    assert any("line search" in note for note in anatomy.notes)
    assert anatomy.weight(1, 1, 1).step is None
    assert anatomy.facts()["step"] is None
    assert anatomy.signal().rows[0].step is None
    with pytest.raises(InputError, match="no step to take apart: L-BFGS"):
        anatomy.step_of(layer=1, unit=1)
    assert str(anatomy)


def test_an_update_that_the_engine_does_not_make_has_no_step() -> None:
    job = job_of("identity", learning_rate=1e200)
    data, state, _ = after(job, 3)
    engine = NumpyEngine(job.program(span=False), data, one_thread=True)
    anatomy = dissected(job, data, state, None, one_thread=True)
    assert not np.isfinite(anatomy.cost)
    assert not engine.advance(state, None, 1).state.alive
    assert anatomy.new_parameters is None
    assert any("not finite" in note for note in anatomy.notes)
    assert str(anatomy)
    assert str(anatomy.signal())


def test_looking_changes_nothing_and_cannot_be_used_to_change_anything() -> None:
    job = job_of(optimizer="adam", batch_size=6)
    data, state, batch = after(job, 3)
    before = [value.copy() for value in (*state.parameters.values(), *state.memory.m.values(), data.X, data.Y)]
    anatomy = dissected(job, data, state, batch, one_thread=True)
    for array in (anatomy.parameters["W1"], anatomy.layers[0].W, anatomy.memory.m["W1"], anatomy.layers[1].dZ):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 7.0
    for value, kept in zip((*state.parameters.values(), *state.memory.m.values(), data.X, data.Y), before, strict=True):
        assert_array_equal(value, kept)


def test_arrays_of_another_library_are_refused() -> None:
    import jax.numpy as jnp

    job = job_of()
    data, state = laid_out(job, span=False)
    foreign = state._replace(parameters={name: jnp.asarray(value) for name, value in state.parameters.items()})
    with pytest.raises(InputError, match="copy the state into NumPy arrays first"):
        dissected(job, data, foreign, None, one_thread=True)


def test_parameters_are_in_the_networks_order_whatever_the_order_of_a_state() -> None:
    job = job_of(optimizer="adam", clip_norm=0.01, l2=0.1)
    data, state, _ = after(job, 3)
    m, v = ({name: values[name] for name in sorted(values)} for values in (state.memory.m, state.memory.v))
    parameters = {name: state.parameters[name] for name in sorted(state.parameters)}
    sorted_state = state._replace(parameters=parameters, memory=state.memory._replace(m=m, v=v))
    one, other = (dissected(job, data, each, None, one_thread=True) for each in (state, sorted_state))
    names = ["W1", "b1", "W2", "b2", "W3", "b3"]
    for found in (other.parameters, other.new_parameters, other.steps, other.memory.m, other.new_memory.v):
        assert found is not None
        assert list(found) == names
    assert list(other.gradients) == list(other.of_example()) == [f"d{name}" for name in names]
    assert other.clipped_by == one.clipped_by
    assert one.new_parameters is not None
    assert other.new_parameters is not None
    for name in names:
        assert_array_equal(one.new_parameters[name], other.new_parameters[name])


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("sum_of", {"layer": 0, "unit": 1}, "layer=0: wanted a whole number from 1 to 3, a layer of the network"),
    ("sum_of", {"layer": 9, "unit": 1}, "layer=9: wanted a whole number from 1 to 3"),
    ("sum_of", {"layer": 1, "unit": 6}, "unit=6: wanted a whole number from 1 to 5, a unit of layer 1"),
    ("sum_of", {"layer": 1, "unit": 1.0}, "unit=1.0: wanted a whole number from 1 to 5"),
    ("sum_of", {"layer": True, "unit": 1}, "layer=True: wanted a whole number from 1 to 3"),
    ("sum_of", {"layer": 1, "unit": -1}, "unit=-1: wanted a whole number from 1 to 5"),
    ("sum_of", {"layer": 1, "unit": 1, "example": -1}, "example=-1: wanted a whole number from 0 to 22"),
    ("sum_of", {"layer": 1, "unit": 1, "example": 23}, "example=23: wanted a whole number from 0 to 22"),
    ("delta_of", {"layer": 1, "unit": 1, "example": "a"}, "example='a': wanted a whole number from 0 to 22"),
    ("delta_of", {"layer": None, "unit": 1}, "layer=None: wanted a whole number from 1 to 3"),
    (
        "chain_of",
        {"layer": 1, "unit": 1, "input": 5},
        "input=5: wanted a whole number from 1 to 4, an input of layer 1",
    ),
    ("chain_of", {"layer": 1, "unit": 1, "input": 0}, "or None for the bias"),
    ("step_of", {"layer": 1, "unit": 1, "input": 1.5}, "input=1.5: wanted a whole number from 1 to 4"),
    ("step_of", {"layer": 1, "unit": np.nan}, "unit=nan: wanted a whole number from 1 to 5"),
    ("weight", {"layer": 4, "unit": 1}, "layer=4: wanted a whole number from 1 to 3"),
    ("of_example", {"example": 1.0}, "example=1.0: wanted a whole number from 0 to 22"),
    ("facts", {"layer": 1, "unit": 9}, "unit=9: wanted a whole number from 1 to 5"),
    ("text", {"example": True}, "example=True: wanted a whole number from 0 to 22"),
]


@pytest.mark.parametrize(("method", "arguments", "message"), BAD)
def test_what_there_is_not_is_refused_with_what_there_is(method: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        getattr(anatomy_of(job_of(), 0), method)(**arguments)
    assert message in str(error.value)


def test_numpys_own_whole_numbers_are_numbers() -> None:
    anatomy, numbers = anatomy_of(job_of(), 0), np.arange(1, 5)
    places: dict[str, Any] = dict(zip(("layer", "unit", "input", "example"), numbers, strict=True))
    one = anatomy.weight(**places)
    assert (one.sum.layer, one.sum.unit, one.chain.input, one.sum.example) == (1, 2, 3, 4)
    assert json.dumps(anatomy.facts(**places))


def test_an_example_of_another_batch_is_refused() -> None:
    anatomy = anatomy_of(job_of(batch_size=6))
    other = sorted(set(range(EXAMPLES)) - set(anatomy.examples.tolist()))[0]
    with pytest.raises(
        InputError, match=rf"example={other}: wanted one of the \d training examples that update 5 uses"
    ):
        anatomy.sum_of(layer=1, unit=1, example=other)


def test_a_short_batch_has_only_its_own_examples() -> None:
    job = job_of(batch_size=6)
    anatomy = anatomy_of(job, 3)
    assert len(anatomy.examples) == 23 % 6 == 5
    assert anatomy.m == 6
    assert {values.shape[1] for layer in anatomy.layers for values in (layer.A_prev, layer.Z, layer.A, layer.dZ)} == {5}
    assert "5 examples in place of 6" in " ".join(anatomy.notes)
    used = [anatomy_of(job, update).examples for update in range(4)]
    assert sorted(np.concatenate(used)) == list(range(EXAMPLES))


def test_facts_are_plain_and_short_for_a_very_wide_layer() -> None:
    random = np.random.RandomState(0)
    X, Y = random.randn(3000, 9), np.arange(9)[None] % 2 * 1.0
    complete = with_defaults({"learning_rate": 0.1, "iterations": 9})
    job = single_job(Network([3000, 2, 1]), (X, Y), validation=None, parameters=None, settings=complete)
    anatomy = anatomy_of(job)
    one = anatomy.sum_of(layer=1, unit=2, example=7)
    facts = anatomy.facts(unit=2, example=7)
    assert len(one.terms) == facts["sum"]["n"] == 3000
    assert len(facts["sum"]["terms"]) == 1000
    total = sum(row[3] for row in facts["sum"]["terms"]) + facts["sum"]["rest"] + one.b
    assert_allclose(total, one.z, rtol=1e-10)
    listed = {row[0] for row in facts["sum"]["terms"]}
    assert min(abs(row.product) for row in one.terms if row.input in listed) >= max(
        abs(row.product) for row in one.terms if row.input not in listed
    )
    assert json.loads(json.dumps(facts)) == facts
    assert len(str(anatomy).splitlines()) < 100
    assert len(repr(one.terms)) < 400


def test_facts_survive_json_for_every_setting() -> None:
    for settings in SETTINGS.values():
        facts = anatomy_of(job_of(**settings)).facts()
        assert json.loads(json.dumps(facts)) == facts


def test_the_signal_shows_what_zeros_and_small_weights_do() -> None:
    zeros = anatomy_of(job_of(initializer="zeros"), 0).signal().rows
    assert [row.a for row in zeros[:2]] == [0.0, 0.0]
    assert [row.dW for row in zeros] == [0.0, 0.0, 0.0]
    small = anatomy_of(job_of(initializer="normal"), 0).signal()
    sizes = [row.a for row in small.rows[:2]]
    assert sizes[1] < 0.1 * sizes[0]
    assert [row.layer for row in small.rows] == [1, 2, 3]
    assert len({len(line) for line in str(small).splitlines()[:4]}) == 1


def test_every_part_says_itself_in_a_line() -> None:
    anatomy = anatomy_of(job_of(dropout=0.2, l2=0.1, clip_norm=0.01))
    for part in (
        anatomy.sum_of(layer=1, unit=1),
        anatomy.delta_of(layer=1, unit=1),
        anatomy.delta_of(layer=3, unit=1),
        anatomy.chain_of(layer=1, unit=1, input=1),
        anatomy.step_of(layer=1, unit=1, input=1),
    ):
        assert "\n" not in str(part)
    assert len(str(anatomy.weight(1, 1, 1)).splitlines()) == 3
    assert repr(anatomy) == f"<Anatomy of update 5 of 4-5-3-3: 23 examples, cost {anatomy.cost:.4g}>"
