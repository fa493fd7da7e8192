"""A session of the lab: it plays, pauses, goes back and changes a training, and loses no command on the way."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars
import pytest
from lab_bench import Desk, Drawings

import layerlab
from layerlab import InputError, Network, Stepper, WorkError
from layerlab.datasets import load_flower
from layerlab.lab import opening
from layerlab.lab.clock import FRAME, GO, Frames, Limit, Pace
from layerlab.lab.downloads import MOST_FILES, Downloads
from layerlab.lab.memory import needed_memory
from layerlab.lab.opening import Given, check_given, opened
from layerlab.lab.sessions import Registry, Session

SMALL = Given("noisy_moons", layers=(3,), settings={"iterations": 600})
"""A small network, whose updates take little time."""


def desk(given: Given = SMALL, **more: Any) -> Desk:
    """Return a session in which a training is open."""
    made = Desk(given, **more)
    made.turn()
    return made


# Playing


def test_a_training_plays_until_it_is_paused_and_pause_makes_no_further_update() -> None:
    one = desk()
    assert one.post("play", id=1)[-1]["state"] == "playing"
    one.turn(20)
    at = one.update
    assert at > 5
    (told,) = one.post("pause", id=2)
    assert (told["state"], told["update"], told["id"]) == ("ready", at, 2)
    one.turn(20)
    assert one.update == at


def test_playing_makes_the_numbers_of_train() -> None:
    one = desk()
    one.post("play")
    one.until_ready()
    assert one.last["ended"] == "all 600 iterations are made"
    assert one.last["update"] == 600
    training = one.bench.training
    assert training is not None
    s = training.stepper
    settings = {name: value for name, value in s.settings.items() if value is not None}
    run = layerlab.train(s.network, training.data, validation=training.data.test, advice=False, **settings)
    assert np.array_equal(s.history.costs, run.history.costs)
    assert all(np.array_equal(value, run.parameters[name]) for name, value in s.parameters().items())


def test_play_stops_where_it_is_asked_to() -> None:
    one = desk()
    one.post("play", until=37)
    one.until_ready()
    assert (one.update, one.last["state"], one.last["ended"]) == (37, "ready", "")
    assert "until=37: wanted a number of updates above the 37" in one.post("play", until=37)[0]["what"]
    assert "at most the 600 iterations" in one.post("play", until=601)[0]["what"]


def test_at_the_end_play_and_step_are_refused_until_the_training_is_prolonged() -> None:
    one = desk()
    one.post("step", n=600, id=1)
    one.until_ready()
    for message in ({"type": "play"}, {"type": "step", "n": 1}):
        assert one.send(message)[0]["what"] == "no further update can be made: all 600 iterations are made"
    assert one.post("prolong", iterations=10)[-1]["iterations"] == 610
    one.post("play")
    one.until_ready()
    assert (one.update, one.last["ended"]) == (610, "all 610 iterations are made")
    assert "wanted at most 1,000,000 in the lab" in one.post("prolong", iterations=1_000_000)[0]["what"]


@pytest.mark.parametrize("by_change", [False, True])
@pytest.mark.parametrize("updates", [5, 30])
def test_a_cost_beyond_all_bounds_is_found_after_few_updates_and_after_a_change(by_change: bool, updates: int) -> None:
    one = desk()
    settings = {"learning_rate": 1e300}
    one.post("open", settings={} if by_change else settings)
    if by_change:
        one.post("change", settings=settings)
    one.post("step", n=updates)
    one.until_ready()
    assert one.last["cost"] > 1e290
    one.rest()
    (finding,) = one.last["findings"]
    assert finding["cause"] == "the learning rate is too large"
    assert finding["changes"] == {"learning_rate": 1.0}


def test_divergence_and_early_stopping_end_it_with_their_sentence() -> None:
    one = desk()
    one.post("open", hidden="relu", settings={"learning_rate": 1e200})
    one.post("play")
    one.until_ready()
    assert "the training diverged: after 1 update the cost is not finite" in one.last["ended"]
    one.rest()
    (finding,) = one.last["findings"]
    assert (one.update, finding["kind"]) == (1, "diverged")
    assert finding["what"] == "the cost diverged: it was not finite after 1 iteration"
    assert finding["changes"] == {"learning_rate": 1.0}
    one.post("open", settings={"monitor": "validation_cost", "patience": 2, "min_delta": 10})
    one.post("play")
    one.until_ready()
    assert "has not improved for 2 epochs (early stopping)" in one.last["ended"]
    json.dumps(one.told, allow_nan=False)


def test_step_makes_so_many_updates_and_answers_at_the_end() -> None:
    one = desk()
    assert [told["state"] for told in one.post("step", n=300, id="s")] == ["computing"]
    assert not one.answers("s")
    one.until_ready()
    ((answer,), update) = one.answers("s"), one.update
    assert (answer["update"], answer["state"], update) == (300, "ready", 300)
    one.post("step", n=5_000, id="t")
    one.until_ready()
    assert one.answers("t")[0]["ended"] == "all 600 iterations are made"


def test_a_speed_limits_the_updates_of_a_second() -> None:
    one = desk()
    one.post("speed", per_second=100)
    one.post("play")
    begun = one.clock.now
    while one.clock.now < begun + 2:
        wait = one.turn()
        one.clock.now += wait or 0.0
    assert abs(one.update - 200) <= 3
    assert abs(one.last["per_second"] - 100) < 10
    assert one.last["speed"] == 100
    one.post("speed", per_second=None)
    one.turn(100)
    assert one.update > 300


# Going back


def test_seek_goes_to_any_update_and_the_training_plays_on_from_there() -> None:
    one = desk()
    one.post("step", n=500)
    one.until_ready()
    assert one.bench.driver is not None
    stepper = one.bench.driver.stepper
    costs = stepper.costs
    for update in (0, 301, 500, 77):
        one.post("seek", update=update, id=update)
        one.until_ready()
        assert one.answers(update)[-1]["update"] == one.update == update
    assert one.last["furthest"] == 500
    one.post("play", until=500)
    one.until_ready()
    assert np.array_equal(stepper.costs, costs)
    assert "update=501: wanted at most the 500 updates that were made" in one.post("seek", update=501)[0]["what"]


def test_a_seek_works_in_short_goes_between_which_it_can_be_stopped() -> None:
    one = desk(
        Given("noisy_moons", layers=(3,), settings={"optimizer": "lbfgs", "iterations": 60, "learning_rate": None})
    )
    one.post("step", n=60)
    one.until_ready()
    furthest = one.last["furthest"]
    one.post("seek", update=0)
    one.until_ready()
    one.post("seek", update=furthest - 1, id="far")  # L-BFGS is computed again from its start
    one.turn()
    assert one.bench.state == "computing"
    assert 0 < one.update < furthest - 1
    answers = one.post("pause", id="stop")
    assert [told.get("id") for told in answers] == ["far", "stop"]
    assert one.bench.state == "ready"


def test_another_seek_takes_the_place_of_one_that_is_under_way() -> None:
    one = desk()
    one.post("step", n=400)
    one.until_ready()
    one.post("seek", update=50, id=1)
    one.post("seek", update=120, id=2)
    one.until_ready()
    assert len(one.answers(1)) == len(one.answers(2)) == 1
    assert one.update == 120
    one.post("seek", update=50, id=3)
    assert "wanted at most the 400" in one.post("seek", update=401, id=4)[0]["what"]
    one.until_ready()
    assert one.update == 50


def test_commands_after_a_seek_wait_until_it_has_arrived() -> None:
    one = desk()
    one.post("step", n=400)
    one.until_ready()
    one.post("seek", update=133, id=1)
    one.post("edit", name="W1", row=0, column=1, value=0.25, id=2)
    one.post("step", n=7, id=3)
    one.post("change", settings={"learning_rate": 0.5}, id=4)
    one.post("seek", update=135, id=5)
    for _ in range(200):
        one.turn()
    assert [one.answers(id)[-1]["update"] for id in range(1, 6)] == [133, 133, 140, 140, 135]  # noqa: A001
    assert [event["update"] for event in one.last["events"]] == [133]
    assert one.last["settings"]["learning_rate"] == 1.2


# Changing


def test_changes_are_events_with_their_sentences() -> None:
    one = desk()
    one.post("play")
    one.turn(5)
    told = one.post("change", settings={"learning_rate": 0.5}, id=1)[-1]
    assert told["state"] == "playing"
    assert told["settings"]["learning_rate"] == 0.5
    one.turn(5)
    one.post("pause")
    told = one.post("edit", name="b1", row=2, column=0, value=-1, id=2)[-1]
    assert [event["kind"] for event in told["events"]] == ["change", "edit"]
    assert told["events"][1]["sentence"] == f"After {one.update} updates, b1[2, 0] was set to -1."
    assert one.bench.driver is not None
    assert one.bench.driver.stepper.parameters()["b1"][2, 0] == -1


def test_what_the_stepper_refuses_is_refused_in_its_words_and_nothing_changes() -> None:
    one = desk()
    for message, sentence in (
        ({"type": "edit", "name": "W3", "row": 0, "column": 0, "value": 1}, "wanted one of W1, b1, W2, b2"),
        (
            {"type": "edit", "name": "W1", "row": 3, "column": 0, "value": 1},
            "row 3 of W1: wanted a whole number from 0 to 2",
        ),
        ({"type": "change", "settings": {"momentum": 0.9}}, "momentum=0.9 has no meaning for optimizer='gd'"),
        ({"type": "change", "settings": {}}, "wanted a setting by its name"),
        ({"type": "open", "data": "dogs"}, "no dataset is called 'dogs'"),
        ({"type": "open", "layers": [4], "hidden": ["tanh", "relu"]}, "hidden"),
        ({"type": "open", "settings": {"optimizer": "adam"}}, "is for gradient descent; give one, such as 0.001"),
        ({"type": "open", "layers": [], "settings": {"dropout": 0.5}}, "dropout=0.5: wanted hidden layers"),
        ({"type": "open", "settings": {"batch_size": 1, "epochs": 900_000}}, "wanted at most 1,000,000 in the lab"),
        ({"type": "look", "example": 400}, "example=400: wanted the number of a training example, from 0 to"),
        ({"type": "inside", "layer": 1, "unit": 1, "input": 1, "example": 400}, "example=400: wanted the number"),
        ({"type": "drawn", "frame": 7}, "frame=7: wanted the number of the frame that came last"),
    ):
        before = one.bench.training
        refused = [told for told in one.send({**message, "id": "x"}) if told["type"] == "refused"]
        assert sentence in refused[0]["what"], message
        assert refused[0]["id"] == "x"
        assert one.bench.training is before
        assert one.bench.state == "ready"
        assert not one.post("pause", id="p")[0]["events"]


def test_a_network_too_large_for_the_lab_is_refused() -> None:
    with pytest.raises(InputError, match=r"a network with 20,981,761 parameters: wanted at most 20,000,000"):
        opening.check_size(Network((12288, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1)))
    with pytest.raises(InputError, match="wanted at most 12 layers of at most 1024 units"):
        opening.check_size(Network((2, 1025, 1)))


def test_what_a_person_did_is_repeated_by_the_lines_of_the_stepper() -> None:
    one, draw = desk(), np.random.RandomState(0)
    for _ in range(30):
        kind = draw.choice(["play", "step", "seek", "change", "edit", "prolong"])
        if kind == "play":
            one.post("play")
            one.turn(int(draw.randint(1, 5)))
            one.post("pause")
        elif kind == "step":
            one.post("step", n=int(draw.randint(1, 40)))
        elif kind == "seek":
            one.post("seek", update=max(0, one.last["furthest"] - int(draw.randint(20))))
        elif kind == "change":
            rate, momentum = float(draw.choice([0.1, 0.5, 1.0])), float(draw.choice([0.5, 0.9]))
            changes = [{"learning_rate": rate}, {"optimizer": "momentum", "momentum": momentum}, {"l2": rate}]
            one.post("change", settings=changes[draw.randint(3)])
        elif kind == "edit":
            one.post("edit", name="W1", row=int(draw.randint(3)), column=0, value=float(draw.randn()))
        else:
            one.post("prolong", iterations=50)
        one.until_ready()
    assert one.bench.driver is not None
    stepper, names = one.bench.driver.stepper, dict[str, Any]()
    assert len(stepper.events) > 3
    exec(stepper.python(), names)  # noqa: S102
    run = names["run"]
    assert len(run.history.costs) == one.update
    assert all(np.array_equal(value, run.parameters[name]) for name, value in stepper.parameters().items())


# Frames


def test_frames_go_to_clients_that_can_take_one_and_no_more_than_thirty_a_second() -> None:
    one = desk()
    assert len(one.frames) == 1
    one.post("play")
    one.turn(60)
    assert len(one.frames) == 1  # the first is not drawn yet
    begun, drawn, at = one.clock.now, 0, one.update
    one.post("seek", update=0)
    one.until_ready()
    one.post("play")
    while one.clock.now < begun + 1.0 and one.bench.state != "ready":
        if len(one.frames) > drawn:
            drawn = len(one.frames)
            one.draw()
        one.turn()
    seconds = one.clock.now - begun
    assert 0.7 * seconds / FRAME < len(one.frames) <= seconds / FRAME + 2
    assert at


def test_at_rest_nothing_is_drawn_twice_and_nothing_is_due() -> None:
    one = desk()
    one.draw()
    one.rest()
    assert one.turn() is None
    assert len(one.frames) == 1
    one.post("look", lens="numbers", example=3)
    one.rest()
    assert [frame.split()[-1] for _, frame in one.frames] == [b"maps", b"numbers"]
    one.draw()
    assert one.turn() is None


def test_the_last_frame_of_a_training_that_pauses_says_so() -> None:
    one = desk()
    one.draw()
    one.post("play")
    one.clock.now += 1.0
    one.turn()
    one.draw()
    one.post("pause")
    one.clock.now += 1.0
    one.turn()
    number, state, update, _ = one.frames[-1][1].split()
    assert (number, state, int(update)) == (b"3", b"ready", one.update)
    one.draw()
    one.post("step", n=2)
    one.until_ready()
    one.clock.now += 1.0
    one.turn()
    assert one.frames[-1][1].split()[1:3] == [b"ready", str(one.update).encode()]


def test_each_client_has_its_own_look() -> None:
    one = desk(clients=("a", "b"))
    assert len({frame for _, frame in one.frames}) == 1  # one drawing for both
    for name in one.clients:
        one.draw(name)
    one.post("look", "b", lens="steps")
    one.post("step", n=1)
    one.until_ready()
    one.rest()
    last = dict(one.frames[-2:])
    assert last["a"].split()[2:] == [b"1", b"maps"]
    assert last["b"].split()[2:] == [b"1", b"steps"]


def test_the_example_of_a_look_exists_in_the_next_training_too() -> None:
    one = desk(Given("digits"))
    one.post("look", example=1400)
    one.post("open", data="noisy_moons")
    assert one.clients["a"].look.example == one.last_of("opened")["examples"] - 1


# Findings


def test_findings_are_computed_once_when_the_training_rests() -> None:
    one = desk()
    one.post("open", settings={"initializer": "zeros"})
    one.post("play", until=300)
    one.until_ready()
    assert one.last["findings"] is None
    one.rest()
    found, count = one.last["findings"], len(one.told)
    assert found
    assert {"kind", "what", "cause", "remedy", "changes"} == set(found[0])
    one.rest()
    assert len(one.told) == count
    assert one.post("pause", id=1)[0]["findings"] == found
    one.post("play", until=310)
    assert one.last["findings"] is None


# What goes wrong


class Breaks(Drawings):
    """Drawings that break when something is looked at inside."""

    def inside(self, **_: Any) -> dict[str, Any]:
        """Break."""
        raise ZeroDivisionError("a mistake of ours")


def test_a_mistake_of_ours_has_a_number_and_a_new_training_helps(caplog: pytest.LogCaptureFixture) -> None:
    one = desk(shows=Breaks, clients=("a", "b"))
    with caplog.at_level(logging.ERROR, "layerlab.lab"):
        broke = one.post("inside", layer=1, unit=1, input=None, example=0, id=9)[0]
    assert broke["type"] == "broke"
    assert broke["id"] == 9
    assert f"error {broke['number']}" in caplog.text
    assert "a mistake of ours" in caplog.text
    assert one.last["state"] == "broken"
    assert one.last["iterations"] == 600
    assert [told["what"] for told in one.post("play")] == ["this training broke: open a new one"]
    one.rest()
    assert one.post("open", id=10)[-2]["type"] == "opened"
    one.post("play", until=3)
    one.until_ready()
    assert one.update == 3


def test_a_failure_on_the_way_is_told_and_the_training_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk()

    def fails(n: int) -> int:
        raise WorkError("the disk is full")

    assert one.bench.driver is not None
    monkeypatch.setattr(one.bench.driver.stepper, "advance", fails)
    one.post("step", n=3, id=1)
    one.until_ready()
    assert {"type": "refused", "what": "the disk is full"} in [told for _, told in one.told]
    assert one.answers(1)[-1]["state"] == "ready"


def test_too_many_waiting_commands_are_refused_and_none_is_lost() -> None:
    one = desk()
    one.post("step", n=200, id="first")
    for number in range(80):
        one.post("edit", name="b1", row=0, column=0, value=number, id=number)
    for _ in range(300):
        one.turn()
    kinds = [one.answers(number)[-1]["type"] for number in range(80)]
    assert kinds == ["told"] * 64 + ["refused"] * 16
    assert "too fast: 64 commands are waiting already" in one.answers(79)[0]["what"]
    assert len(one.last["events"]) == 64


def test_the_changes_of_a_training_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.lab.driving.MOST_EVENTS", 3)
    one = desk()
    for value in range(3):
        one.post("edit", name="b1", row=0, column=0, value=value + 1)
    assert "was changed 3 times" in one.post("change", settings={"l2": 0.1})[0]["what"]


# Data and networks


def test_cats_are_not_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAYERLAB_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("layerlab.lab.opening.cats_here", lambda: None)
    opening._loaded.cache_clear()
    one = desk()
    cats = next(data for data in one.told[0][1]["datasets"] if data["name"] == "cats")
    assert not cats["at_hand"]
    assert "the lab downloads nothing" in one.post("open", data="cats")[-1]["what"]
    with pytest.raises(InputError, match="the lab downloads nothing"):
        check_given(Given("cats"))
    first = Desk(Given("cats"))
    assert [told["type"] for _, told in first.told] == ["welcome", "refused"]
    assert "no training is open" in first.post("play")[0]["what"]
    assert first.post("open", data="noisy_moons")[0]["type"] == "opened"


@pytest.mark.parametrize(
    ("name", "dims", "rate"),
    [
        ("flower", (2, 8, 8, 1), 0.3),
        ("digits", (64, 32, 10), 0.5),
        ("noisy_moons", (2, 5, 1), 1.2),
        ("breast_cancer", (30, 10, 1), 0.1),
    ],
)
def test_each_dataset_has_its_own_network(name: str, dims: tuple[int, ...], rate: float) -> None:
    training = opened(Given(name))
    assert training.stepper.network.layer_dims == dims
    assert training.stepper.settings["learning_rate"] == rate
    assert (training.box is None) == (dims[0] != 2)
    assert training.validation is training.data.test


def test_layers_and_settings_of_the_command_line_are_as_in_train() -> None:
    one = opened(Given("digits", layers=(40, 20, 20), settings={"seed": 4}))
    assert one.stepper.network.layer_dims == (64, 40, 20, 20, 10)
    assert (one.stepper.settings["learning_rate"], one.stepper.settings["seed"]) == (0.1, 4)
    other = opened(Given("digits", layers=(40, 20, 20)), "digits", layers=(5,), hidden="tanh", settings={"seed": 5})
    assert other.stepper.network.layer_dims == (64, 5, 10)
    assert (other.stepper.settings["learning_rate"], other.stepper.settings["seed"]) == (0.1, 5)


def test_data_that_were_read_from_a_file_are_called_given() -> None:
    flower = load_flower()
    frame = polars.DataFrame({"a": np.cos(np.arange(60.0)), "b": np.sin(np.arange(60.0)), "y": ["x", "z"] * 30})
    table = layerlab.datasets.load_table(frame, target="y")
    given = Given("digits", data=table, settings={"epochs": 2})  # a file may be called like a dataset
    one = Desk(given)
    welcome, described = (told for _, told in one.told[:2])
    assert welcome["given"] == "digits"
    assert described["data"]["name"] == "given"
    assert described["data"]["train"] == 48
    assert described["planar"] is not None
    assert one.post("open", data="digits", id=1)[-2]["data"]["train"] == 1437
    assert one.post("open", data="given", layers=[], id=2)[-2]["network"]["layer_dims"][-1] == 1
    assert flower.n_x == 2


def test_a_network_can_have_an_activation_for_each_hidden_layer() -> None:
    given = Given("noisy_moons", layers=(4, 3), hidden=("relu", "tanh"))
    assert opened(given).stepper.network.activations == ("relu", "tanh")
    assert opened(given, layers=(4, 3, 2)).stepper.network.activations == ("relu",) * 3
    assert opened(given, layers=(), hidden=()).stepper.network.layer_dims == (2, 1)
    assert opened(given, layers=(5, 5), hidden=("selu", "relu")).stepper.network.hidden == ("selu", "relu")


def test_what_was_typed_gives_way_to_what_a_client_asks_for() -> None:
    given = SMALL._replace(settings={"optimizer": "momentum", "momentum": 0.5, "learning_rate": 0.2, "iterations": 300})
    assert opened(given).stepper.settings["momentum"] == 0.5
    assert opened(given, settings={"epochs": 7}).stepper.iterations == 7
    assert "momentum" not in opened(given, settings={"optimizer": "gd"}).stepper.settings
    assert opened(given, "flower").stepper.settings["learning_rate"] == 0.3


def test_the_validation_set_of_the_command_line_is_the_one_that_is_measured() -> None:
    one = Desk(Given("noisy_moons", share=0.25))
    described = one.told[1][1]
    assert described["data"]["validation"]["what"] == "validation"
    assert described["data"]["validation"]["examples"] == described["data"]["train"] / 3
    assert "measured on a validation set." in described["data"]["notices"][-1]


# The engine


@pytest.mark.parametrize("engine", ["numpy", "xla"])
def test_what_a_client_sees_is_in_float64_in_both_engines(engine: str) -> None:
    one = desk(
        Given(
            "noisy_moons",
            layers=(3,),
            settings={"engine": engine, "iterations": 100, "optimizer": "adam", "learning_rate": 0.01},
        )
    )
    one.post("step", n=50)
    one.until_ready()
    assert one.bench.driver is not None
    stepper = one.bench.driver.stepper
    assert stepper.plan.engine == engine
    anatomy = stepper.dissect()
    assert all(type(array) is np.ndarray and array.dtype == np.float64 for array in stepper.parameters().values())
    one.post("step", n=1)
    one.until_ready()
    new = stepper.parameters()
    assert all(
        np.allclose(value, new[name], rtol=0, atol=1e-14) for name, value in (anatomy.new_parameters or {}).items()
    )


def test_kept_states_stay_within_their_bytes_and_seek_is_still_right() -> None:
    s = Stepper(Network([2, 3, 1], hidden="tanh"), load_flower(), learning_rate=0.5, iterations=3000)
    with pytest.raises(InputError, match=r"keep_at_most\(0\): wanted a whole number of at least 1"):
        s.keep_at_most(0)
    s.keep_at_most(1)
    s.advance(2000)
    assert s.nearest(1999) == 1984
    assert s.nearest(1000) == 0
    W1 = s.parameters()["W1"]
    s.seek(100)
    assert s.nearest(150) == 100
    s.seek(2000)
    assert np.array_equal(s.parameters()["W1"], W1)
    with pytest.raises(InputError, match=r"nearest\(2001\): wanted a whole number from 0 to 2,000"):
        s.nearest(2001)


# The clock


def test_a_go_has_as_many_updates_as_fit() -> None:
    pace = Pace()
    assert pace.updates(1.0) == 1
    pace.measured(1, 0.001)
    assert pace.updates(1.0) == 2  # no more than twice those of the last go
    pace.measured(20, 0.020)
    assert pace.updates(1.0) == GO // 0.001
    assert pace.updates(0.004) == 4
    pace.measured(1, 1.0)
    assert pace.updates(1.0) == 1


def test_frames_keep_to_their_grid() -> None:
    frames = Frames()
    frames.made(10.0)
    assert frames.left(10.0) == pytest.approx(FRAME)
    frames.made(10.0 + FRAME + 0.01)  # late
    assert frames.left(10.0 + 2 * FRAME) == pytest.approx(0.0, abs=1e-9)
    frames.made(12.0)
    assert frames.left(12.0) == pytest.approx(FRAME)


def test_a_limit_does_not_make_up_for_a_long_stop() -> None:
    limit = Limit()
    limit.per_second = 10
    limit.begin(0.0)
    assert limit.allowed(0.0, 100) == 1
    limit.made(1)
    assert limit.allowed(0.05, 100) == 0
    assert limit.wait(0.05) == pytest.approx(0.05)
    assert limit.allowed(0.55, 100) == 5
    assert limit.allowed(50.0, 100) == 1


# Threads


def eventually(happens: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until something happens; only a test that fails waits so long."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


class Mail:
    """What clients are told by sessions with threads, and the sessions' answers to frames."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, Any]] = []

    def tell(self, client: Any, message: Any) -> None:
        """Keep a message."""
        self.told.append((client, message))

    def has(self, client: Any, **fields: Any) -> bool:
        """Return whether a client was told something with these fields."""
        messages = [one for name, one in [*self.told] if name == client and isinstance(one, dict)]
        return any(all(one.get(key) == value for key, value in fields.items()) for one in messages)


def lab_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith("layerlab lab")]


def test_a_session_works_in_its_thread_and_the_thread_ends() -> None:
    mail = Mail()
    session = Session(SMALL, mail.tell, shows=Drawings)
    session.join("a")
    session.post('{"type": "hello", "version": 1, "language": "en"}', "a")
    session.post({"type": "play", "until": 100, "id": 1}, "a")
    eventually(lambda: mail.has("a", type="told", update=100, state="ready"))
    session.post("x" * 100_000, "a")
    eventually(lambda: mail.has("a", type="refused"))
    session.post({"type": "play"}, "nobody")
    session.close()
    assert session.is_closed
    assert not lab_threads()
    with pytest.raises(InputError, match="reload the page"):
        session.join("b")


def test_no_command_is_lost_while_a_training_plays() -> None:
    mail = Mail()
    session = Session(SMALL._replace(settings={"iterations": 1_000_000}), mail.tell, shows=Drawings)
    session.join("a")
    session.post({"type": "hello", "version": 1, "language": "en"}, "a")
    session.post({"type": "play"}, "a")
    for number in range(300):
        session.post({"type": "change", "settings": {"learning_rate": 0.1 + number / 1000}, "id": number}, "a")
        eventually(lambda number=number: mail.has("a", id=number) or number % 20 != 19)  # type: ignore[misc]
    session.post({"type": "pause", "id": "end"}, "a")
    eventually(lambda: mail.has("a", id="end"))
    assert all(mail.has("a", id=number) for number in range(300))
    assert mail.has("a", id="end", state="ready")
    session.close()


def test_a_flood_is_refused_at_the_door() -> None:
    mail, gate = Mail(), threading.Event()

    class Slow(Drawings):
        def inside(self, **chosen: Any) -> dict[str, Any]:
            gate.wait(60)
            return chosen

    session = Session(SMALL, mail.tell, shows=Slow)
    session.join("a")
    session.post({"type": "hello", "version": 1, "language": "en"}, "a")
    session.post({"type": "inside", "layer": 1, "unit": 1, "input": 1, "example": 0}, "a")
    eventually(lambda: mail.has("a", type="opened"))
    for _ in range(200):
        session.post({"type": "pause"}, "a")
    eventually(lambda: mail.has("a", type="bye"))
    refused = [one for _, one in mail.told if isinstance(one, dict) and one["type"] == "refused"]
    assert len(refused) == 20
    assert "too fast" in refused[0]["what"]
    gate.set()
    session.close()


def test_a_registry_keeps_sessions_and_makes_place_for_new_ones() -> None:
    mail = Mail()
    registry = Registry(SMALL, mail.tell, limit=2, shows=Drawings)
    first = registry.open()
    first.join("a")
    assert registry.open(first.id) is first
    second = registry.open("no such id")
    assert second.id != first.id
    third = registry.open()  # nobody is in the second
    assert second.is_closed
    third.join("b")
    with pytest.raises(InputError, match="2 trainings are open, and the lab keeps no more"):
        registry.open()
    third.leave("b")
    assert registry.open(third.id) is third
    assert len(registry) == 2
    registry.close()
    assert not lab_threads()


def test_trainings_that_need_too_much_memory_together_are_refused() -> None:
    mail = Mail()
    large = {"type": "open", "data": "flower", "layers": [512, 512]}
    needed = needed_memory(Network([2, 512, 512, 1]), load_flower().train)
    registry = Registry(SMALL, mail.tell, memory=2.5 * needed, shows=Drawings)
    sessions = {name: registry.open() for name in "abc"}
    for name, session in sessions.items():
        session.join(name)
        session.post({"type": "hello", "version": 1, "language": "en"}, name)
        session.post({**large, "id": 1}, name)
        eventually(lambda name=name: mail.has(name, id=1))  # type: ignore[misc]
    assert mail.has("a", id=1, type="opened")
    assert mail.has("b", id=1, type="opened")
    assert mail.has("c", id=1, type="refused")
    assert sessions["c"].needs < needed / 10 < sessions["a"].needs == needed
    refusal = next(one["what"] for name, one in mail.told if isinstance(one, dict) and one["type"] == "refused")
    assert re.fullmatch(
        r"this training needs about [\d.]+ GiB of memory, and those of all tabs may need [\d.]+ GiB together, of which "
        r"[\d.]+ GiB are taken: choose fewer units, or close a tab with a large network",
        refusal,
    )
    sessions["a"].post({**large, "id": 2}, "a")  # in place of its own
    eventually(lambda: mail.has("a", id=2, type="opened"))
    sessions["b"].leave("b")  # its place can be taken then
    sessions["c"].post({**large, "id": 2}, "c")
    eventually(lambda: mail.has("c", id=2, type="opened"))
    assert sessions["b"].is_closed
    registry.close()


def test_a_session_that_nobody_needs_pauses_and_ends() -> None:
    one = desk()
    one.post("play")
    one.turn(3)
    one.actor.leave(one.clients["a"])
    wait = one.turn()
    assert wait is not None
    one.clock.now += 9.0
    one.turn()
    assert one.bench.state == "playing"
    one.clock.now += 1.5
    one.turn()
    assert one.bench.state == "ready"
    assert not one.actor.finished
    assert 3500 < (one.turn() or 0.0) < 3600
    one.clock.now += 3600.0
    one.turn()
    assert one.actor.finished


def test_bye_is_like_leaving() -> None:
    one = desk()
    one.post("play")
    one.post("bye")
    one.clock.now += 11.0
    one.turn()
    assert one.bench.state == "ready"
    assert not one.post("play")


# Downloads


def test_a_file_is_fetched_once_and_old_ones_make_place() -> None:
    downloads = Downloads()
    tokens = []
    for number in range(MOST_FILES + 1):
        path = downloads.folder() / "curves.csv"
        path.write_text(str(number), encoding="utf-8")
        tokens.append(downloads.add(path, "curves.csv"))
    assert downloads.fetch(tokens[0]) is None
    found = downloads.fetch(tokens[-1])
    assert found is not None
    path, name = found
    assert (path.read_text(encoding="utf-8"), name) == (str(MOST_FILES), "curves.csv")
    assert downloads.fetch(tokens[-1]) is None
    downloads.close()
    assert not path.parent.parent.exists()


def test_what_is_taken_away_waits_for_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    def take(training: Any, what: str, folder: Path) -> SimpleNamespace:
        if what == "link":
            return SimpleNamespace(name="link", text="#d=noisy_moons", path=None)
        path = folder / "file"
        path.write_text(training.name, encoding="utf-8")
        return SimpleNamespace(name="weights.npz", text=None, path=path)

    monkeypatch.setitem(sys.modules, "layerlab.lab.taking", SimpleNamespace(take=take))
    one = desk()
    assert one.post("take", what="link", id=1) == [
        {"type": "taken", "what": "link", "name": "link", "update": 0, "text": "#d=noisy_moons", "id": 1}
    ]
    (taken,) = one.post("take", what="weights", id=2)
    found = one.downloads.fetch(taken["path"].removeprefix("take/"))
    assert found is not None
    assert (found[0].read_text(encoding="utf-8"), found[1]) == ("noisy_moons", "weights.npz")
    one.downloads.close()
