"""What a person does to a training on the way: what it means, what is refused, and what it leaves as it was."""

from __future__ import annotations

import copy
import math
import pickle
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_stepper import SMALL, TASKS, assert_same_run, flower, same

import layerlab
from layerlab import InputError, Network, Run, Stepper
from layerlab.datasets import Dataset, Part
from layerlab.datasets.images.augmentation import Augmentation
from layerlab.datasets.loading.array_streams import ArrayExamples
from layerlab.datasets.streaming.stream import Stream
from layerlab.training import fit
from layerlab.training.engines import Advance, NumpyEngine
from layerlab.training.planner import Unfit
from layerlab.training.stepper import stepping
from layerlab.training.stepper.states import owned, size_of
from layerlab.training.stepper.timeline import Rows, Timeline

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")

lopsided = flower.train.X[:, :45], flower.train.Y[:, :45]
"""More examples of one class than of the other."""


def stepper(**settings: Any) -> Stepper:
    return Stepper(SMALL, flower, **{"learning_rate": 0.1, "iterations": 40, **settings})


# What a change keeps


@pytest.mark.parametrize(
    "change",
    [
        {"l2": 0.5},
        {"dropout": 0.3},
        {"clip_norm": 0.01},
        {"batch_size": 16},
        {"schedule": "cosine"},
        {"engine": "xla"},
        {"label_smoothing": 0.2},
        {"class_weight": "balanced"},
    ],
)
def test_a_change_goes_on_from_the_present_state_and_keeps_the_memory(change: dict[str, Any]) -> None:
    s, other = (Stepper(SMALL, lopsided, learning_rate=0.1, iterations=40, optimizer="adam") for _ in range(2))
    s.advance(10)
    before, memory = s.parameters(), owned(s._stepping.here().state).memory
    s.change(**change)
    after = owned(s._stepping.here().state)
    assert same(s.parameters(), before)
    assert after.memory.step == memory.step
    assert same(after.memory.m, memory.m)
    assert after.update == 10
    s.advance(5)
    other.advance(15)
    assert not np.array_equal(s.costs[10:], other.costs[10:])
    assert s.settings[next(iter(change))] == next(iter(change.values()))
    assert s.run().settings == {**other.run().settings, "iterations": 40}


def test_another_optimizer_begins_with_the_memory_of_its_start_and_its_usual_settings() -> None:
    s = stepper(optimizer="momentum", momentum=0.5)
    s.advance(10)
    s.change(optimizer="adam", learning_rate=0.01)
    assert "momentum" not in s.settings
    assert (s.settings["beta1"], s._stepping.here().state.memory.step) == (0.9, 0)
    s.change(optimizer="lbfgs")
    assert s.settings["learning_rate"] is None
    s.advance(3)
    with pytest.raises(InputError, match="learning_rate=None: wanted a finite number above 0"):
        s.change(optimizer="gd")
    s.change(optimizer="gd", learning_rate=0.1)
    assert s.advance(3) == 3


def test_batches_after_a_change_are_those_of_a_training_that_had_them_from_the_start() -> None:
    s = stepper(batch_size=16)
    s.advance(10)
    s.change(batch_size=20, batch_seed=3)
    other = stepper(batch_size=20, batch_seed=3)
    other.advance(10)
    np.testing.assert_array_equal(s.dissect().examples, other.dissect().examples)
    s.advance(5)
    history = s.history
    assert history.sizes.tolist() == [*[16, 16, 16, 10] * 2, 16, 16, *[20, 18, 20, 20, 18]]
    assert (history.epoch, history.every) == (3, 3)
    assert history.initial_cost == pytest.approx(stepper(batch_size=16).dissect().cost, rel=0.2)
    s.change(batch_size=None)
    s.advance(2)
    assert s.history.sizes.tolist()[15:] == [58, 58]
    np.testing.assert_array_equal(s.history.curve, s.history.costs)


def test_after_many_batches_another_size_goes_on() -> None:
    changed = stepper(batch_size=16, iterations=400)
    changed.advance(200)
    changed.change(batch_size=None)
    assert changed.advance(100) == 100
    before = changed.costs
    changed.seek(150)
    changed.seek(300)
    assert (changed.costs == before).all()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_copy_is_refused_because_both_would_drive_one_engine(copied: Callable[[Stepper], Any]) -> None:
    with pytest.raises(InputError, match=r"cannot be copied: save what it has trained with s\.run\(\)\.save"):
        copied(stepper())


def test_a_validation_set_keeps_the_batch_size() -> None:
    s = stepper(batch_size=16, validation=flower.test)
    with pytest.raises(InputError, match="batch_size=8: cannot be changed where a validation set"):
        s.change(batch_size=8)
    s.change(batch_size=16, learning_rate=0.2)
    assert dict(s.events[0].values) == {"learning_rate": 0.2}


def test_patience_counts_again_after_a_change_and_the_best_epoch_stays() -> None:
    s = stepper(monitor="validation_cost", validation=flower.test, patience=3, learning_rate=30, iterations=200)
    s.advance(200)
    best = s.run().history.kept_at
    assert "validation cost has not improved for 3 epochs" in s.ended
    assert best is not None
    s.change(learning_rate=25)
    assert not s.ended
    made = s.advance(100)
    assert made >= 3
    run = s.run()
    assert int(run.history.kept_at or 0) >= best
    s.seek(int(run.history.kept_at or 0))
    assert same(run.parameters, s.parameters())


def test_a_way_over_the_end_that_a_change_revived_goes_on() -> None:
    s = stepper(monitor="cost", patience=2, learning_rate=30)
    s.advance(40)
    at, costs = s.update, s.costs
    assert s.ended
    s.change(learning_rate=0.1)
    made = s.advance(10)
    end = s.parameters()
    s.seek(0)
    s.advance(at)
    assert not s.ended
    assert s.advance(10) == made
    assert same(s.parameters(), end)
    assert np.array_equal(s.costs[:at], costs)


def test_costs_that_cannot_be_compared_are_not() -> None:
    s = stepper(monitor="cost", patience=50)
    s.advance(20)
    assert s.run().history.kept_at == 20
    s.change(l2=10.0)  # the cost is higher from now on, and the epochs before would always be the best
    assert s.run().history.kept_at == 0
    s.advance(10)
    assert int(s.run().history.kept_at or 0) > 20
    other = stepper(monitor="cost", patience=50)
    other.advance(20)
    other.change(clip_norm=0.001)
    other.advance(1)
    assert int(other.run().history.kept_at or 0) >= 20


def test_an_adaptive_schedule_keeps_its_plateaus() -> None:
    s = stepper(schedule="adaptive", plateau=2, least_progress=10.0, iterations=200)
    s.advance(20)
    plateaus = float(s._stepping.here().state.plateau.plateaus)
    assert plateaus > 0
    s.change(learning_rate=1.0)
    assert float(s._stepping.here().state.plateau.plateaus) == plateaus
    assert s.dissect().learning_rate == pytest.approx(1.0 * 0.2**plateaus)
    s.change(schedule="constant")
    assert s.dissect().learning_rate == 1.0


# More iterations


def test_with_a_constant_rate_more_iterations_are_as_if_asked_for_from_the_start() -> None:
    s = stepper(batch_size=16)
    s.advance(40)
    assert s.ended == "all 40 iterations are made; prolong(n) adds n more"
    s.prolong(20)
    assert (s.iterations, s.ended, s.events) == (60, "", ())
    s.advance(20)
    assert_same_run(
        s.run(), layerlab.train(SMALL, flower, learning_rate=0.1, iterations=60, batch_size=16, advice=False)
    )


def test_a_schedule_counts_with_the_new_total_from_now_on() -> None:
    s = stepper(schedule="cosine")
    s.advance(30)
    rate = s.dissect().learning_rate
    s.prolong(60)
    assert [str(event) for event in s.events] == [
        "After 30 updates, the training was prolonged by 60 iterations, and its schedule counts with the new total."
    ]
    other = stepper(schedule="cosine", iterations=100)
    other.advance(30)
    assert s.dissect().learning_rate == other.dissect().learning_rate != rate
    s.advance(70)
    assert s.update == 100
    s.seek(29)
    assert s.iterations == 40
    s.advance(71)
    assert s.update == 100


def test_more_iterations_drop_what_another_schedule_did_ahead() -> None:
    s = stepper()
    s.advance(10)
    s.change(schedule="cosine")
    s.advance(10)
    s.seek(5)
    s.prolong(10)
    assert (s.furthest, s.events, s.iterations) == (5, (), 50)


def test_more_iterations_do_not_revive_what_has_ended() -> None:
    s = stepper(monitor="cost", patience=1, learning_rate=30, schedule="inverse_time")
    s.advance(40)
    assert s.ended
    s.prolong(10)
    assert "has not improved" in s.ended
    t = Stepper(SMALL, flower, optimizer="lbfgs", iterations=500, l2=20)
    t.advance(500)
    assert "converged" in t.ended
    t.prolong(10)
    assert "converged" in t.ended


# What is refused, and leaves everything as it was


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda s: s.change(), "wanted a setting by its name"),
        (lambda s: s.change(learning_rat=1), "no setting is called 'learning_rat'"),
        (lambda s: s.change(learning_rate=-1), "learning_rate=-1: wanted a finite number above 0"),
        (lambda s: s.change(learning_rate=True), "learning_rate=True: wanted"),
        (lambda s: s.change(learning_rate=math.nan), "learning_rate=nan: wanted a finite number"),
        (lambda s: s.change(batch_size=59), "wanted at most the 58 training examples"),
        (lambda s: s.change(beta1=0.5), "beta1=0.5 has no meaning for optimizer='gd'"),
        (lambda s: s.change(warmup=40, schedule="cosine"), "would only rise"),
        (lambda s: s.change(seed=1), "seed=1: belongs to the whole training"),
        (lambda s: s.change(patience=1), "patience=1: belongs to the whole training"),
        (lambda s: s.change(iterations=100), "prolong"),
        (lambda s: s.change(epochs=3), "prolong"),
        (lambda s: s.change(monitor="cost"), "belongs to the whole training"),
        (lambda s: s.change(dtype="float32"), "belongs to the whole training"),
        (lambda s: s.change(initializer="he"), "belongs to the whole training"),
        (lambda s: s.change(basis="span"), "basis='span': wanted 'full'"),
        (lambda s: s.change(basis="auto"), "basis='auto': wanted 'full'"),
        (lambda s: s.change(engine="auto"), "engine='auto': wanted 'numpy' or 'xla'"),
        (lambda s: s.change(learning_rate=1, engine="cuda"), "engine='cuda': wanted"),
        (lambda s: s.edit("W4", 0, 0, 1), r"edit\('W4', …\): wanted one of W1, b1, W2, b2, W3, b3"),
        (lambda s: s.edit(1, 0, 0, 1), "wanted one of W1"),
        (lambda s: s.edit("W1", 5, 0, 1), "row 5 of W1: wanted a whole number from 0 to 4"),
        (lambda s: s.edit("W1", -1, 0, 1), "row -1 of W1"),
        (lambda s: s.edit("b1", 0, 1, 1), "column 1 of b1: wanted a whole number from 0 to 0"),
        (lambda s: s.edit("W1", True, 0, 1), "row True of W1"),
        (lambda s: s.edit("W1", 0.0, 0, 1), "row 0.0 of W1"),
        (lambda s: s.edit("W1", 0, 0, math.nan), r"W1\[0, 0\] = nan: wanted a finite number"),
        (lambda s: s.edit("W1", 0, 0, math.inf), "wanted a finite number"),
        (lambda s: s.edit("W1", 0, 0, True), "wanted a finite number"),
        (lambda s: s.edit("W1", 0, 0, "1"), "wanted a finite number"),
        (lambda s: s.edit("W1", 0, 0, 10**400), "wanted a finite number"),
        (lambda s: s.edit("W1", 0, 0, np.ones(2)), "wanted a finite number"),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(act: Callable[[Stepper], None], words: str) -> None:
    s = stepper()
    s.advance(6)
    s.edit("W2", 0, 0, 0.5)
    s.advance(6)
    s.seek(9)
    before, told = s.parameters(), (s.update, s.furthest, s.events, dict(s.settings), s.plan)
    with pytest.raises(InputError, match=words):
        act(s)
    assert same(s.parameters(), before)
    assert (s.update, s.furthest, s.events, dict(s.settings), s.plan) == told
    other = stepper()
    other.advance(6)
    other.edit("W2", 0, 0, 0.5)
    other.advance(9)
    s.advance(6)
    assert same(s.parameters(), other.parameters())


def test_an_edit_takes_numpy_numbers_and_gives_exact_ones_to_the_event() -> None:
    s = stepper(dtype="float32")
    numbers: tuple[Any, ...] = np.int64(1), np.int8(0), np.float32(0.1)
    s.edit("W1", *numbers)
    assert s.events[0].line == "s.edit('W1', 1, 0, 0.10000000149011612)"
    assert s.parameters()["W1"][1, 0] == np.float32(0.1)
    with pytest.raises(InputError, match=r"1e\+39: wanted a finite number in float32"):
        s.edit("W1", 0, 0, 1e39)


def test_an_engine_that_does_not_work_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    s = stepper(optimizer="adam")
    s.advance(5)
    before = s.parameters()

    def unfit(*_: Any) -> Any:
        raise Unfit("engine", "jax cannot be used here")

    monkeypatch.setattr(fit, "_xla_engine", unfit)
    with pytest.raises(InputError, match="engine='xla': jax cannot be used here"):
        s.change(engine="xla", learning_rate=0.5)
    assert (s.plan.engine, s.settings["learning_rate"], s.events) == ("numpy", 0.1, ())
    assert same(s.parameters(), before)
    assert s.advance(5) == 5
    with pytest.raises(InputError, match="engine='xla': jax cannot be used here"):
        stepper(engine="xla")


@pytest.mark.parametrize(
    "given",
    [
        {"learning_rate": None},
        {"learning_rate": 0.1, "iterations": None},
        {"learning_rate": 0.1, "iterations": 5, "epochs": 2},
        {"learning_rate": 0.1, "monitor": "validation_cost"},
        {"learning_rate": 0.1, "sample_weight": [1, 2]},
        {"learning_rate": 0.1, "basis": "span", "optimizer": "adam"},
        {"learning_rate": 0.1, "parameters": {"W1": np.zeros((2, 2))}},
        {"learning_rate": 0.1, "validation": (np.ones((3, 4)), np.ones((1, 4)))},
    ],
)
def test_wrong_data_and_settings_are_refused_in_the_words_of_train(given: dict[str, Any]) -> None:
    given = {"iterations": 5, **given}
    said = []
    for door in (layerlab.train, Stepper):
        with pytest.raises(InputError) as error:
            door(SMALL, flower, **given)
        said.append(str(error.value))
    assert said[0] == said[1]
    with pytest.raises(InputError, match="no setting is called 'checkpoint'"):
        Stepper(SMALL, flower, learning_rate=1, iterations=5, checkpoint="x")


def test_streams_and_augmented_images_are_refused() -> None:
    X, Y = flower.train
    stream = Stream(ArrayExamples("rows", np.ascontiguousarray(X.T), np.ascontiguousarray(Y.T), 8))
    with pytest.raises(InputError, match="needs all training examples in memory"):
        Stepper(SMALL, replace(flower, stream=stream), learning_rate=0.1, iterations=5)
    images = Part(np.random.RandomState(0).rand(12, 10), np.array([[0.0, 1.0] * 5]))
    augmented = Dataset("photos", images, images, image_shape=(2, 2, 3), augmentation=Augmentation(flip=True))
    with pytest.raises(InputError, match="at random in every epoch"):
        Stepper(Network([12, 1]), augmented, learning_rate=0.1, iterations=5)


# The end, and back to life


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_a_training_that_diverged_goes_on_after_an_edit_or_from_before(engine: str) -> None:
    network, data = TASKS["photos"]
    s = Stepper(network, data, learning_rate=0.1, iterations=40, engine=engine, optimizer="momentum", basis="full")
    s.advance(10)
    s.edit("W2", 0, 0, 1e200)
    s.edit("W1", 0, 0, 1e200)
    made = s.advance(20)
    assert s.ended == f"the training diverged: after {10 + made} updates the cost is not finite"
    assert s.update == len(s.costs) == 10 + made
    assert np.isfinite(s.costs).all()
    run = s.run()
    assert run.diverged
    assert len(run.history.costs) == s.update + 1
    assert not np.isfinite(run.history.costs[-1])
    with pytest.raises(InputError, match="no update can be made: the training diverged"):
        s.advance()
    s.change(learning_rate=0.05)
    assert s.advance(1) == 0  # its parameters still are what they were
    assert s.ended
    s.seek(9)
    assert not s.ended
    s.change(learning_rate=0.05)
    assert s.advance(20) == 20
    assert not s.run().diverged


@pytest.mark.parametrize("optimizer", ["lbfgs", "gd"])
def test_validation_of_a_training_that_diverged_is_that_of_train(optimizer: str) -> None:
    X, Y = flower.train
    given: dict[str, Any] = {"optimizer": optimizer, "learning_rate": None if optimizer == "lbfgs" else 0.1}
    for scale in (1e160, 1e306):
        more: dict[str, Any] = {**given, "validation": (X[:, :9] * scale, Y[:, :9]), "iterations": 9}
        s = Stepper(Network([2, 3, 1]), (X * scale, Y), **more)
        s.advance(9)
        assert_same_run(s.run(), layerlab.train(Network([2, 3, 1]), (X * scale, Y), **more, advice=False))


def test_minimisations_that_were_left_do_not_go_on() -> None:
    s = stepper(optimizer="lbfgs", learning_rate=None)
    s.advance(5)
    for _ in range(20):
        s.seek(2)
        s.seek(5)
    assert sum(thread.name == "L-BFGS" for thread in threading.enumerate()) < 5
    assert repr(s) == "<Stepper 2-5-4-1 on flower: 5 of 40 updates>"


def test_an_edit_brings_a_diverged_training_back() -> None:
    s = stepper(optimizer="adam")
    s.advance(5)
    before = s.parameters()["W3"][0, 1]
    s.edit("W3", 0, 1, 1e308)
    s.edit("W3", 0, 2, 1e308)
    s.advance(5)
    assert "diverged" in s.ended
    s.edit("W3", 0, 1, before)
    s.edit("W3", 0, 2, 0.5)
    assert not s.ended
    s.advance(10)
    assert np.isfinite(s.costs).all()
    clean = stepper(optimizer="adam")
    clean.advance(5)
    clean.edit("W3", 0, 2, 0.5)
    clean.advance(10)
    assert same(clean.parameters(), s.parameters()), "the update that was not made left something behind"


def test_ctrl_c_inside_advance_leaves_it_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [5]
    real = NumpyEngine.advance

    def advance(self: NumpyEngine, state: Any, batches: Any, n: int) -> Advance:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(self, state, batches, n)

    s, other = (stepper(batch_size=16, optimizer="adam", dropout=0.2) for _ in range(2))
    monkeypatch.setattr(NumpyEngine, "advance", advance)
    with pytest.raises(KeyboardInterrupt):
        s.advance(40)
    made = s.update
    assert 5 <= made < 40
    left[0] = 1000
    assert len(s.costs) == made
    s.advance(40 - made)
    other.advance(40)
    assert same(s.parameters(), other.parameters())
    assert np.array_equal(s.costs, other.costs)
    left[0] = 0
    with pytest.raises(KeyboardInterrupt):
        s.seek(3)
    assert s.update == 40
    left[0] = 1000
    assert same(s.parameters(), other.parameters())


def test_a_real_ctrl_c_is_raised_after_the_updates_that_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    import signal

    real = NumpyEngine.advance

    def advance(self: NumpyEngine, state: Any, batches: Any, n: int) -> Advance:
        if n > 2:
            signal.raise_signal(signal.SIGINT)
        return real(self, state, batches, n)

    monkeypatch.setattr(NumpyEngine, "advance", advance)
    monkeypatch.setattr(stepping, "CHUNK_SECONDS", math.inf)
    s = stepper()
    with pytest.raises(KeyboardInterrupt):
        s.advance(40)
    assert s.update == len(s.costs) == 7  # 1, 2 and 4


# What it keeps


def test_kept_states_stay_within_their_bytes_and_near_to_every_update() -> None:
    state = owned(stepper(optimizer="adam")._stepping.here().state)
    timeline = Timeline(budget=100 * size_of(state))
    for update in range(0, 100_000, 16):
        timeline.keep(update, 0, state)
        assert len(timeline.states) <= 100
    updates = [kept.update for kept in timeline.states]
    assert updates[0] == 0
    gaps, ages = np.diff(updates), 100_000 - np.array(updates[:-1])
    assert gaps.max() < 4 * 100_000 / 75
    assert (gaps <= 16 + 4 * np.sqrt(100_000) / 75 * np.sqrt(ages)).all()
    assert timeline.before(99_990).update == updates[-1]
    assert timeline.before(15).update == 0
    timeline.drop(16)
    assert [kept.update for kept in timeline.states] == [0]


def test_few_updates_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    s = Stepper(Network([2, 3, 1]), flower, learning_rate=0.1, iterations=5000)
    s.advance(5000)
    made: list[int] = []
    real = NumpyEngine.advance

    def advance(self: NumpyEngine, state: Any, batches: Any, n: int) -> Advance:
        made.append(n)
        return real(self, state, batches, n)

    monkeypatch.setattr(NumpyEngine, "advance", advance)
    for update in (4999, 17, 2500, 0, 4096):
        made.clear()
        s.seek(update)
        assert sum(made) < stepping.MOST_BETWEEN


def test_rows_grow_and_are_overwritten() -> None:
    rows = Rows(2)
    for start in range(0, 1000, 10):
        rows.write(start, np.full((10, 2), float(start)))
    assert rows.first(1000)[::10, 0].tolist() == list(range(0, 1000, 10))
    rows.write(5, np.zeros((3, 2)))
    assert rows.first(8)[:, 1].tolist() == [0.0] * 8
    assert rows.first(0).shape == (0, 2)


# What it says


def run_of(text: str, data: Any, **more: Any) -> Run:
    """Run the lines of Python, with these arrays as data."""
    lines = [line for line in text.splitlines() if not line.startswith(("data =", "validation ="))]
    names = {"data": data, **more}
    exec("\n".join(lines), names)  # noqa: S102
    run: Run = names["run"]
    return run


def test_its_lines_of_python_repeat_it() -> None:
    s = stepper(validation=flower.test, optimizer="momentum", schedule="inverse_time", monitor="cost")
    s.advance(7)
    middle = s.run()
    assert middle.history.stopped
    assert same(run_of(s.python(), flower, validation=flower.test).parameters, middle.parameters)
    s.change(learning_rate=1 / 3, dropout=0.1)
    s.edit("W1", 1, 1, 0.1 + 0.2)
    s.advance(5)
    s.prolong(20)
    s.advance(43)
    s.edit("b3", 0, 0, -1e-7)
    again = run_of(s.python(), flower, validation=flower.test)
    assert same(again.parameters, s.run().parameters)
    assert again.events == s.run().events
    np.testing.assert_array_equal(again.history.validation_costs, s.history.validation_costs)


def test_a_run_in_mid_way_is_that_of_fewer_iterations_where_the_rate_is_constant() -> None:
    s = stepper(batch_size=16, monitor="cost")
    s.advance(13)
    assert_same_run(
        s.run(),
        layerlab.train(SMALL, flower, learning_rate=0.1, iterations=13, batch_size=16, monitor="cost", advice=False),
    )
    assert "layerlab.train(" in s.python()
    assert (s.iterations, s.settings["iterations"]) == (40, 40)


def test_before_the_first_update_there_is_a_run_too() -> None:
    s = stepper()
    assert (len(s.run().history.costs), s.run().history.stopped, s.costs.shape) == (0, True, (0,))
    s.edit("W1", 0, 0, 0.5)
    assert s.run().parameters["W1"][0, 0] == 0.5


def test_a_run_with_events_is_saved_and_loaded(tmp_path: Path) -> None:
    s = stepper(batch_size=16)
    s.advance(5)
    s.change(batch_size=20, learning_rate=0.2)
    s.advance(5)
    run = s.run()
    loaded = layerlab.load(run.save(tmp_path / "run"))
    assert loaded.plan is not None
    assert run.plan is not None
    assert (loaded.events, loaded.plan.basis) == (run.events, run.plan.basis)
    assert run.settings == {**stepper(batch_size=16).settings}
    np.testing.assert_array_equal(loaded.history.sizes, run.history.sizes)


def test_given_parameters_and_data_stay_as_they_are() -> None:
    start = stepper().parameters()
    copies = {name: value.copy() for name, value in start.items()}
    s = stepper(parameters=start)
    s.edit("W1", 0, 0, 9.0)
    s.advance(5)
    s.parameters()["W1"][:] = 0.0
    s.costs[:] = 0.0
    s.run().parameters["W1"][:] = 0.0
    dict(s.run().settings)["learning_rate"] = 5.0
    with pytest.raises(TypeError):
        s.settings["learning_rate"] = 5.0  # type: ignore[index]
    assert same(start, copies)
    assert s.costs.all()
    s.seek(0)
    assert s.parameters()["W1"][0, 0] == 9.0
    assert s.run().given_start
