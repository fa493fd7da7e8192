"""What a person changes while a network is trained: the run keeps it, says it, and can be repeated with it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.testing import assert_array_equal

import layerlab
from layerlab import InputError, Network, Stepper
from layerlab.datasets import hold_out, load_breast_cancer, load_flower
from layerlab.runs.events import Event, check_events, checked_event, event_lines, settings_at_end
from layerlab.runs.how_to_repeat import command_can_repeat, needs_stepping, python_lines
from layerlab.runs.run import Run

NETWORK = Network([2, 4, 1], hidden="tanh", output="sigmoid")
EDIT = {"name": "W1", "row": 0, "column": 1, "value": 0.1 + 0.2}


def stepped(update: int = 40, **settings: Any) -> Stepper:
    """A training of the flower in which a rate was changed, a weight edited, and that has some updates to go."""
    chosen = {"learning_rate": 1.2, "iterations": 60, "seed": 3, **settings}
    s = Stepper(NETWORK, load_flower(), **chosen)
    s.advance(15)
    s.change(learning_rate=1 / 3)
    s.edit("W1", 0, 1, 0.1 + 0.2)
    s.advance(update - 15)
    return s


@pytest.fixture(scope="module")
def run() -> Run:
    return stepped().run()


def again(text: str, **known: Any) -> Run:
    """The run that some lines of Python make."""
    room: dict[str, Any] = dict(known)
    exec(text, room)  # noqa: S102 (our own words)
    result: Run = room["run"]
    return result


def at(record: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        record = record[key]
    return record


def assert_same(one: Run, other: Run) -> None:
    assert one.events == other.events
    assert one.settings["iterations"] == other.settings["iterations"]
    assert_same_numbers(one, other)


def assert_same_numbers(one: Run, other: Run) -> None:
    assert_array_equal(one.history.costs, other.history.costs, strict=True)
    for name, value in one.parameters.items():
        assert_array_equal(other.parameters[name], value, strict=True)


# One event


@pytest.mark.parametrize(
    ("event", "line", "sentence"),
    [
        (
            Event(500, "change", {"learning_rate": 0.1 + 0.2}),
            "s.change(learning_rate=0.30000000000000004)",
            "After 500 updates, learning rate was set to 0.3.",
        ),
        (
            Event(1, "change", {"optimizer": "adam", "clip_norm": None, "batch_size": 32}),
            "s.change(optimizer='adam', clip_norm=None, batch_size=32)",
            "After 1 update, optimizer was set to adam, clip norm to none and batch size to 32.",
        ),
        (
            Event(0, "change", {"basis": "full"}),
            "s.change(basis='full')",
            "Before the first update, basis was set to full.",
        ),
        (
            Event(1234, "edit", EDIT),
            "s.edit('W1', 0, 1, 0.30000000000000004)",
            "After 1,234 updates, W1[0, 1] was set to 0.3.",
        ),
        (
            Event(7, "prolong", {"iterations": 1}),
            "s.prolong(1)",
            "After 7 updates, the training was prolonged by 1 iteration, and its schedule counts with the new total.",
        ),
    ],
)
def test_an_event_has_a_line_and_a_sentence(event: Event, line: str, sentence: str) -> None:
    assert event.line == line
    assert str(event) == sentence
    assert Event(**json.loads(json.dumps(event.facts()))) == event


def test_numbers_of_numpy_become_plain_ones() -> None:
    edit = {"name": "b1", "row": np.int64(3), "column": np.int32(0), "value": np.float32(0.25)}
    assert checked_event(Event(2, "edit", edit), NETWORK).line == "s.edit('b1', 3, 0, 0.25)"
    rate = checked_event(Event(2, "change", {"learning_rate": np.float64(0.1), "batch_size": np.int64(8)}), NETWORK)
    assert rate.line == "s.change(learning_rate=0.1, batch_size=8)"
    assert json.dumps(rate.facts())


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event(0, "jump", {"a": 1}), "an event of the kind 'jump': wanted one of 'change', 'edit', 'prolong'"),
        (Event(-1, "prolong", {"iterations": 1}), "an event after -1 updates: wanted a whole number of at least 0"),
        (Event(True, "prolong", {"iterations": 1}), "an event after True updates: wanted a whole number"),
        (Event(1.0, "prolong", {"iterations": 1}), "an event after 1.0 updates: wanted a whole number"),  # type: ignore[arg-type]
        (Event(0, "change", {}), "an event with the values {}: wanted values by their names"),
        (
            Event(0, "change", {"seed": 1}),
            "an event changes 'seed': wanted a setting that can change during a training",
        ),
        (Event(0, "change", {"__class__": 1}), "an event changes '__class__': wanted a setting"),
        (Event(0, "change", {"learning_rate": -1}), "learning_rate=-1: wanted a finite number above 0"),
        (Event(0, "edit", EDIT | {"name": "W9"}), "an event edits 'W9': wanted one of W1, b1, W2, b2"),
        (Event(0, "edit", EDIT | {"row": 4}), "an event edits row 4 of W1: wanted a whole number from 0 to 3"),
        (Event(0, "edit", EDIT | {"column": -1}), "an event edits column -1 of W1: wanted a whole number from 0 to 1"),
        (Event(0, "edit", EDIT | {"value": float("nan")}), "an event sets W1[0, 1] to nan: wanted a finite number"),
        (Event(0, "edit", EDIT | {"value": "1"}), "an event sets W1[0, 1] to '1': wanted a finite number"),
        (Event(0, "edit", EDIT | {"more": 1}), "missing or unknown: more"),
        (Event(0, "prolong", {"iterations": 0}), "iterations=0: wanted a whole number of at least 1"),
        (Event(0, "prolong", {}), "an event with the values {}"),
    ],
)
def test_an_event_that_cannot_be_is_refused(event: Event, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        checked_event(event, NETWORK)


def test_events_come_in_the_order_of_the_updates(run: Run) -> None:
    check_events(run.events, run.network, 40)
    for events, updates in [((*run.events, Event(3, "change", {"l2": 0.1})), 40), (run.events, 14)]:
        with pytest.raises(InputError, match="wanted events in their order"):
            check_events(events, run.network, updates)


def test_the_settings_at_the_end() -> None:
    events = (Event(3, "change", {"l2": 0.1}), Event(5, "prolong", {"iterations": 7}), Event(6, "change", {"l2": 0.2}))
    start = {"l2": 0.0, "iterations": 10, "seed": 1}
    assert settings_at_end(start, events) == {"l2": 0.2, "iterations": 17, "seed": 1}
    assert start["l2"] == 0.0


# A run with events is saved, loaded and repeated


def test_a_run_keeps_its_events(tmp_path: Path, run: Run) -> None:
    assert run.events == (Event(15, "change", {"learning_rate": 1 / 3}), Event(15, "edit", EDIT))
    assert run.settings["learning_rate"] == 1.2
    for place in (tmp_path / "run", tmp_path / "run.safetensors"):
        loaded = layerlab.load(run.save(place))
        assert_same(loaded, run)
        assert_same(again(python_lines(loaded, True)), run)


def test_every_value_of_an_event_is_checked_when_it_is_loaded(tmp_path: Path, run: Run) -> None:
    prolonged = (*run.events, Event(20, "prolong", {"iterations": 5}))
    path = replace(run, events=prolonged).save(tmp_path / "run") / "run.json"
    whole = path.read_text(encoding="utf-8")
    wrongs: list[Any] = [None, True, -1, 1.5, "x", [], {}, [1], {"x": 1}, 10**400]
    right_too = [("value", -1), ("value", 1.5), ("learning_rate", 1.5), ("learning_rate", None)]
    for number, event in enumerate(json.loads(whole)["events"]):
        for place in [(number, key) for key in event] + [(number, "values", name) for name in event["values"]]:
            for wrong in wrongs:
                if wrong is not True and (place[-1], wrong) in right_too:
                    continue
                record = json.loads(whole)
                at(record["events"], place[:-1])[place[-1]] = wrong
                path.write_text(json.dumps(record), encoding="utf-8")
                with pytest.raises(InputError, match="is damaged or was changed"):
                    layerlab.load(path.parent)
    for wrong in (None, {}, "x", 1, [1], [None], [{}], [[]], [{"update": 1}], json.loads(whole)["events"][::-1]):
        record = json.loads(whole) | {"events": wrong}
        path.write_text(json.dumps(record), encoding="utf-8")
        with pytest.raises(InputError, match="is damaged or was changed"):
            layerlab.load(path.parent)
    path.write_text(whole, encoding="utf-8")
    assert layerlab.load(path.parent).events == prolonged


def test_events_that_do_not_fit_are_not_saved(tmp_path: Path, run: Run) -> None:
    with pytest.raises(InputError, match="an event edits 'W3': wanted one of W1, b1, W2, b2"):
        replace(run, events=(Event(3, "edit", EDIT | {"name": "W3"}),)).save(tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_a_run_of_an_older_version_has_none(tmp_path: Path, run: Run) -> None:
    path = replace(run, events=()).save(tmp_path / "run") / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    del record["events"]
    path.write_text(json.dumps(record), encoding="utf-8")
    assert layerlab.load(path.parent).events == ()


def test_the_text_is_exact_and_names_engine_and_basis(run: Run) -> None:
    assert python_lines(run, True) == (
        "import layerlab\n"
        "\n"
        "data = layerlab.datasets.load_dataset('flower')\n"
        "network = layerlab.Network(layer_dims=(2, 4, 1), hidden='tanh', output='sigmoid')\n"
        "s = layerlab.Stepper(\n"
        "    network,\n"
        "    data,\n"
        "    learning_rate=1.2,\n"
        "    seed=3,\n"
        "    initializer='he',\n"
        "    iterations=60,\n"
        "    engine='numpy',\n"
        "    basis='full',\n"
        ")\n"
        "s.advance(15)\n"
        "s.change(learning_rate=0.3333333333333333)\n"
        "s.edit('W1', 0, 1, 0.30000000000000004)\n"
        "s.advance(25)\n"
        "run = s.run()\n"
    )


def test_a_run_without_changes_that_is_whole_is_repeated_by_train() -> None:
    s = Stepper(NETWORK, load_flower(), learning_rate=1.2, iterations=20)
    s.advance(20)
    assert "layerlab.train(" in s.python()
    assert_same(again(s.python()), s.run())
    assert not needs_stepping(s.run())


@pytest.mark.parametrize("settings", [{"schedule": "cosine"}, {}])
def test_a_run_that_its_caller_ended_is_repeated_until_there(settings: dict[str, Any]) -> None:
    chosen: dict[str, Any] = {
        "learning_rate": 1.2,
        "iterations": 50,
        "optimizer": "adam",
        "batch_size": 100,
        "progress": False,
    }
    flower, ended = load_flower(), lambda moment: moment.epoch == 5
    run = layerlab.train(NETWORK, flower, callback=ended, **chosen, **settings)
    assert (run.history.stopped, len(run.history.costs)) == (True, 20)
    assert "s.advance(20)\n" in python_lines(run, True)
    assert_same_numbers(again(python_lines(run, True)), run)
    assert not command_can_repeat(run, flower)
    stepper = Stepper(
        NETWORK, flower, **{name: value for name, value in chosen.items() if name != "progress"}, **settings
    )
    stepper.advance(20)
    assert_same(again(stepper.python()), stepper.run())


SPAN = load_breast_cancer().standardized()
FEW = SPAN.train.X[:, :12], SPAN.train.Y[:, :12]  # fewer examples than features


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "adam", "batch_size": 64, "dropout": 0.2, "l2": 0.3, "clip_norm": 1.5},
        {"schedule": "cosine", "warmup": 5.0},
        {"optimizer": "momentum", "dtype": "float32"},
        {"optimizer": "lbfgs", "learning_rate": None},
        {"monitor": "cost", "patience": 5},
        {"engine": "xla", "optimizer": "nesterov"},
    ],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_the_text_makes_the_same_run_again(settings: dict[str, Any]) -> None:
    s = Stepper(NETWORK, load_flower(), **{"learning_rate": 0.3, "iterations": 40, **settings})
    s.advance(9)
    s.edit("b1", 2, 0, -1e-3)
    if settings.get("optimizer") == "lbfgs":
        s.change(l2=0.1)
    else:
        s.change(learning_rate=0.1 * 3, l2=0.7)
    s.advance(12)
    s.seek(18)
    if settings.get("schedule"):
        s.prolong(11)
    s.change(label_smoothing=0.05)
    s.advance(10)
    text, run = s.python(), s.run()
    assert len(run.events) == (4 if settings.get("schedule") else 3)
    assert [event.update for event in run.events] == [9, 9, *[18] * (len(run.events) - 2)]
    assert_same(again(text), run)


def test_the_text_leaves_the_span_where_the_run_did() -> None:
    s = Stepper(Network([30, 4, 1]), FEW, learning_rate=0.1, iterations=30, basis="span")
    s.advance(7)
    s.edit("W1", 3, 29, 0.5)
    s.advance(8)
    text, run = s.python(), s.run()
    assert [event.line for event in run.events] == ["s.change(basis='full')", "s.edit('W1', 3, 29, 0.5)"]
    assert "    basis='span',\n" in text
    assert text.startswith("import layerlab\n\ndata = (X, Y)  # the training examples: the run does not name them\n")
    assert_same(again(text, X=FEW[0], Y=FEW[1]), run)


def test_the_validation_set_is_named_where_it_can_be() -> None:
    flower = load_flower()
    s = Stepper(NETWORK, flower, validation=flower.test, learning_rate=1.2, iterations=30)
    s.advance(10)
    s.change(learning_rate=0.5)
    s.advance(10)
    assert "validation = data.test\n" in s.python()
    assert_array_equal(again(s.python()).history.validation_costs, s.run().history.validation_costs)
    data, validation = hold_out(load_breast_cancer(), 0.25, seed=4)
    s = Stepper(Network([30, 3, 1]), data, validation=validation, learning_rate=0.001, iterations=30)
    s.change(l2=0.5)
    s.advance(10)
    assert "data, validation = layerlab.datasets.hold_out(data, 0.25, seed=4)\n" in s.python()
    other = again(s.python())
    assert_array_equal(other.history.validation_costs, s.run().history.validation_costs)
    assert_same(other, s.run())


# What is said about such a run


def test_it_is_said_in_a_few_sentences(run: Run) -> None:
    assert event_lines(()) == ()
    (sentences,) = event_lines(run.events)
    assert sentences == (
        "This training was changed by hand 2 times while it ran, so no single command repeats it. After 15 updates, "
        "learning rate was set to 0.333333. After 15 updates, W1[0, 1] was set to 0.3."
    )
    (many,) = event_lines(tuple(Event(k, "change", {"l2": 0.1 * k}) for k in range(5)))
    assert many.count("was set to") == 3
    assert many.endswith("2 more changes followed: run.events lists all of them.")


def test_screens_reports_and_notebooks_say_it(say: Say, tmp_path: Path, run: Run) -> None:
    run.save(tmp_path / "run")
    (sentence,) = event_lines(run.events)
    assert say("report", "run", "--baseline", "none", "--json", "facts.json").status == 0
    facts = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    assert [(one["update"], one["kind"], one["what"]) for one in facts["events"]] == [
        (15, "change", "After 15 updates, learning rate was set to 0.333333."),
        (15, "edit", "After 15 updates, W1[0, 1] was set to 0.3."),
    ]
    page = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert page.index(sentence.split(".")[0]) < page.index("<h2>Accuracy</h2>")
    assert "layerlab train" not in page
    assert "On the command line:" not in page
    assert "It was changed by hand while it was trained, which the command line cannot do." in page
    assert "These are the settings at the start" in page
    assert "Trained on flower for 40 of 60 iterations" in page
    assert sentence.split(".")[0] in say("explain", "run", "--json", "explained.json").words
    assert json.loads((tmp_path / "explained.json").read_text(encoding="utf-8"))["events"] == facts["events"]
    assert repr(run).endswith(", 2 changes by hand>")
    assert sentence in run._repr_html_()
    assert "settings at the start" in run._repr_html_()


def test_the_lines_of_the_report_make_the_same_run(tmp_path: Path, run: Run) -> None:
    from test_report import Page

    path = layerlab.report(run, load_flower(), tmp_path / "page.html", baseline="none")
    lines = Page(path.read_text(encoding="utf-8")).inside("pre")[-1]
    assert_same(again(lines), run)


def test_no_command_is_offered_for_it(run: Run) -> None:
    flower = load_flower()
    assert command_can_repeat(replace(run, events=(), history=replace(run.history, stopped=False)), flower)
    assert not command_can_repeat(run, flower)
    assert not command_can_repeat(replace(run, history=replace(run.history, stopped=False)), flower)


def test_what_is_made_of_it_keeps_its_events(run: Run) -> None:
    flower = load_flower()
    assert layerlab.calibrate(run, flower.test).run.events == run.events
    assert layerlab.choose_threshold(run, flower.test, "accuracy").run.events == run.events


def test_the_sharpness_is_that_of_the_cost_at_the_end() -> None:
    flower = load_flower()
    s = Stepper(NETWORK, flower, learning_rate=1.2, iterations=20)
    s.advance(10)
    s.change(l2=40.0)
    s.advance(10)
    run = s.run()
    whole = replace(run, settings=dict(run.settings) | {"l2": 40.0}, events=())
    assert layerlab.sharpness(run, flower) == layerlab.sharpness(whole, flower)
    assert layerlab.sharpness(run, flower) > layerlab.sharpness(replace(run, events=()), flower)
