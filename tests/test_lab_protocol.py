"""The messages of a client: what is right, and what is refused in one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lab_bench import Desk

from layerlab.lab.clients import Client
from layerlab.lab.commands import (
    COMMANDS,
    LARGEST,
    MOST_ITERATIONS,
    MOST_LAYERS,
    MOST_UNITS,
    Command,
    Refusal,
    command_of,
    parsed,
)
from layerlab.settings import SETTINGS

RIGHT: dict[str, list[dict[str, Any]]] = {
    "hello": [{"version": 1, "language": "en"}, {"version": 1, "language": "ko", "session": "0123", "id": "h"}],
    "open": [
        {},
        {"data": None, "layers": None, "hidden": None, "settings": None},
        {"data": "digits", "layers": [], "settings": {"learning_rate": 0.1, "batch_size": None}},
        {"layers": [8] * 12, "hidden": "relu"},
        {"layers": [1024, 1], "hidden": ["tanh", "relu"]},
        {"link": "v=1&d=flower&l=8,8&h=tanh&learning_rate=0.3&iterations=50&update=7"},
    ],
    "play": [{}, {"until": 1}, {"until": None}],
    "pause": [{}],
    "step": [{"n": 1}, {"n": 10_000}],
    "speed": [{"per_second": 1}, {"per_second": 0.5}, {"per_second": None}],
    "seek": [{"update": 0}],
    "prolong": [{"iterations": 100}],
    "change": [{"settings": {"learning_rate": 1, "optimizer": "adam", "clip_norm": None}}],
    "edit": [{"name": "W1", "row": 0, "column": 1, "value": -0.5}, {"name": "b2", "row": 0, "column": 0, "value": 1}],
    "look": [{}, {"lens": "steps", "example": 3, "grid": 24, "fine": 2, "pictures": "weights"}],
    "inside": [{"layer": 1, "unit": 2, "input": None, "example": 0}, {"layer": 1, "unit": 2, "input": 1, "example": 0}],
    "take": [{"what": "python"}, {"what": "link"}],
    "drawn": [{"frame": 1}],
    "bye": [{}],
}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "no message is called None: wanted one of hello, open,"),
    ({"type": "jump"}, "no message is called 'jump'"),
    ({"type": ["play"]}, "no message is called ['play']"),
    ({"type": "play", "untill": 3}, "play has no field 'untill'; its fields are: until"),
    ({"type": "pause", "now": True}, "pause has no field 'now'; its fields are: none"),
    ({"type": "hello", "language": "en"}, "hello needs the field 'version'"),
    ({"type": "hello", "version": 2, "language": "en"}, "version=2: wanted a whole number of at least 1, at most 1"),
    ({"type": "hello", "version": 1, "language": ""}, "language='': wanted a text of 1 to 35 characters"),
    ({"type": "hello", "version": 1, "language": "en", "session": "x" * 65}, "wanted a text of 1 to 64 characters"),
    ({"type": "open", "data": 3}, "data=3: wanted a text"),
    ({"type": "open", "link": "x" * 2001}, "wanted a text of 1 to 2000 characters"),
    ({"type": "open", "layers": "8,8"}, "layers='8,8': wanted a list of at most 12 numbers"),
    ({"type": "open", "layers": [1] * 13}, "wanted a list of at most 12 numbers"),
    ({"type": "open", "layers": [8, 0]}, "units=0: wanted a whole number of at least 1, at most 1024"),
    ({"type": "open", "layers": [1025]}, "units=1025: wanted a whole number of at least 1, at most 1024"),
    ({"type": "open", "layers": [8.0]}, "units=8.0: wanted a whole number"),
    ({"type": "open", "layers": [True]}, "units=True: wanted a whole number"),
    ({"type": "open", "hidden": "step"}, "hidden='step': wanted one of 'sigmoid', 'tanh'"),
    ({"type": "open", "hidden": ["tanh", 1]}, "hidden=1: wanted one of"),
    ({"type": "open", "hidden": ["tanh"] * 13}, "wanted at most 12 activations"),
    ({"type": "open", "settings": [1]}, "settings=[1]: wanted settings by name"),
    ({"type": "open", "settings": {"rate": 1}}, "no setting is called 'rate'; the settings are learning_rate,"),
    ({"type": "open", "settings": {"learning_rate": "fast"}}, "learning_rate='fast': wanted a finite number above 0"),
    ({"type": "open", "settings": {"learning_rate": -1}}, "learning_rate=-1: wanted a finite number above 0"),
    ({"type": "open", "settings": {"iterations": 10**9}}, "iterations=1000000000: wanted at most 1,000,000 in the lab"),
    ({"type": "open", "settings": {"epochs": 10**9}}, "epochs=1000000000: wanted at most 1,000,000 in the lab"),
    ({"type": "open", "settings": {"iterations": None}}, "iterations=None: wanted a whole number"),
    ({"type": "play", "until": 0}, "until=0: wanted a whole number of at least 1"),
    ({"type": "step"}, "step needs the field 'n'"),
    ({"type": "step", "n": None}, "n=None: wanted a whole number of at least 1, at most 10000"),
    ({"type": "step", "n": 1.5}, "n=1.5: wanted a whole number"),
    ({"type": "step", "n": 10**400}, "wanted a whole number of at least 1, at most 10000"),
    ({"type": "speed"}, "speed needs the field 'per_second'"),
    ({"type": "speed", "per_second": 0}, "per_second=0: wanted a finite number of at least 0.1"),
    ({"type": "seek", "update": -1}, "update=-1: wanted a whole number of at least 0"),
    ({"type": "prolong", "iterations": 0}, "iterations=0: wanted a whole number of at least 1"),
    ({"type": "change", "settings": {"seed": 3}}, "seed belongs to the whole training and cannot be changed"),
    ({"type": "change", "settings": {"batch_size": 3}}, "batch_size belongs to the whole training"),
    ({"type": "change"}, "change needs the field 'settings'"),
    ({"type": "edit", "name": "W1", "row": 0, "column": 0}, "edit needs the field 'value'"),
    ({"type": "edit", "name": "W1", "row": -1, "column": 0, "value": 0}, "row=-1: wanted a whole number of at least 0"),
    ({"type": "edit", "name": "W1", "row": 0, "column": 0, "value": "0"}, "value='0': wanted a finite number"),
    ({"type": "edit", "name": "W1", "row": 0, "column": 0, "value": 10**400}, "wanted a finite number"),
    ({"type": "look", "lens": "all"}, "lens='all': wanted one of 'maps', 'numbers', 'gradients', 'steps'"),
    ({"type": "look", "fine": 14}, "fine=14: wanted a whole number of at least 0, at most 13"),
    ({"type": "look", "grid": 101}, "grid=101: wanted a whole number of at least 24, at most 100"),
    ({"type": "look", "example": -1}, "example=-1: wanted a whole number of at least 0"),
    ({"type": "inside", "layer": 0, "unit": 1, "input": 1, "example": 0}, "layer=0: wanted a whole number"),
    ({"type": "take", "what": "all"}, "what='all': wanted one of 'python', 'notebook'"),
    ({"type": "drawn", "frame": "1"}, "frame='1': wanted a whole number"),
    ({"type": "pause", "id": 1.5}, "id=1.5: wanted a whole number, or a text of at most 64 characters"),
    ({"type": "pause", "id": {"a": 1}}, "id={'a': 1}: wanted a whole number"),
    ({"type": "pause", "id": "x" * 65}, "wanted a whole number, or a text"),
]

NO_MESSAGES = [
    ("", "the message is not JSON"),
    ("play", "the message is not JSON"),
    ('{"type": "play"', "the message is not JSON"),
    ("[]", "the message is not a JSON object"),
    ('"play"', "the message is not a JSON object"),
    ("null", "the message is not a JSON object"),
    ('{"type": "edit", "value": NaN}', "NaN is not a number of JSON"),
    ('{"type": "edit", "value": -Infinity}', "-Infinity is not a number of JSON"),
    ('{"type": "edit", "value": 1e400}', "'1e400': wanted a number that a float can hold"),
    ('{"type": "play", "type": "pause"}', "the message has a field twice"),
    ("[" * 7 + "]" * 7, "more than 6 brackets inside each other"),
    ("[" * 30_000, "more than 6 brackets inside each other"),
    ('{"a":' * 10_000, "more than 6 brackets inside each other"),
    ("x" * (LARGEST + 1), "wanted at most 64 kB"),
    ("é" * (LARGEST // 2 + 1), "wanted at most 64 kB"),
    ("1" * 10_000, "the message is not JSON"),
]


def test_every_message_has_a_right_example() -> None:
    assert list(RIGHT) == list(COMMANDS)


@pytest.mark.parametrize("kind", RIGHT)
def test_a_right_message_becomes_a_command(kind: str) -> None:
    for fields in RIGHT[kind]:
        command = command_of(parsed(json.dumps({"type": kind, **fields})))
        assert (command.type, command.id) == (kind, fields.get("id"))
        assert set(command.fields) <= set(fields)


def test_values_have_their_own_types() -> None:
    given = {"layers": [8, 4], "hidden": ["tanh", "relu"], "settings": {"learning_rate": 1}}
    command = command_of({"type": "open", "id": 5, **given})
    assert command == Command(
        "open", {"layers": (8, 4), "hidden": ("tanh", "relu"), "settings": {"learning_rate": 1.0}}, 5
    )
    assert isinstance(command.fields["settings"]["learning_rate"], float)
    assert command_of({"type": "play", "until": None}).fields == {}
    assert command_of({"type": "speed", "per_second": None}).fields == {"per_second": None}


@pytest.mark.parametrize(("message", "sentence"), WRONG)
def test_a_wrong_message_is_refused_in_one_sentence(message: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        command_of(message)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(("text", "sentence"), NO_MESSAGES)
def test_what_is_no_message_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        parsed(text)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 1000


def test_brackets_in_texts_do_not_count() -> None:
    text = '{"type": "open", "data": "[[[[[[[[\\"]]]]{{{{{{{{"}'
    assert command_of(parsed(text)).fields["data"] == '[[[[[[[["]]]]{{{{{{{{'


def test_a_refusal_has_the_id_of_its_message() -> None:
    with pytest.raises(Refusal) as refused:
        command_of({"type": "step", "n": 0, "id": "mine"})
    assert refused.value.id == "mine"


def test_a_session_refuses_in_the_same_words_and_goes_on() -> None:
    desk = Desk()
    for message, sentence in WRONG:
        (refused,) = desk.send(message)
        assert refused["type"] == "refused"
        assert sentence in refused["what"]
        assert desk.post("pause", id=1)[0]["type"] == "told"
    for text, sentence in NO_MESSAGES:
        (refused,) = desk.send(text)
        assert sentence in refused["what"]
        assert desk.send('{"type": "pause", "id": 1}')[0]["type"] == "told"


def test_a_message_that_no_screen_can_show_is_refused_in_letters_that_can_be_sent() -> None:
    desk = Desk()
    (refused,) = desk.send('{"type": "edit", "name": "\\ud800\\u0000", "row": 0, "column": 0, "value": 1}')
    json.dumps(refused).encode()
    assert "wanted one of W1, b1" in refused["what"]
    assert refused["what"].isprintable()


def test_twenty_refusals_in_a_row_end_the_connection() -> None:
    desk = Desk(clients=("a", "b"))
    for _ in range(19):
        desk.send("nonsense")
    assert desk.post("pause", id=1)[-1]["type"] == "told"  # a right one between them
    for _ in range(19):
        assert [one["type"] for one in desk.send("nonsense")] == ["refused"]
    assert [one["type"] for one in desk.send("nonsense")] == ["refused", "bye"]
    assert not desk.post("pause", id=2)
    assert desk.post("pause", "b", id=3)[-1]["id"] == 3


def test_hello_comes_first() -> None:
    desk = Desk(clients=())
    desk.clients["late"] = Client("late", desk.tell)
    assert not desk.post("play", "late")  # it has not joined
    desk.actor.join(desk.clients["late"])
    assert desk.post("play", "late", id=1) == [
        {"type": "refused", "what": "wanted hello as the first message", "id": 1}
    ]
    assert desk.post("hello", "late", version=1, language="en")[0]["type"] == "welcome"


def test_welcome_says_what_there_is_to_choose_from() -> None:
    welcome = Desk().told[0][1]
    assert {one["name"] for one in welcome["settings"]} == set(SETTINGS)
    by_name = {one["name"]: one for one in welcome["settings"]}
    assert by_name["learning_rate"]["above"] == 0
    assert by_name["learning_rate"]["live"]
    assert not by_name["seed"]["live"]
    assert by_name["momentum"]["belongs"] == {"to": "optimizer", "values": ["momentum", "nesterov"]}
    assert [one["name"] for one in welcome["datasets"]][:2] == ["digits", "cats"]
    assert welcome["given"] is None
    assert welcome["limits"] == {"layers": MOST_LAYERS, "units": MOST_UNITS, "iterations": MOST_ITERATIONS}
    json.dumps(welcome, allow_nan=False)


def test_the_plan_says_nothing_about_the_time_and_the_progress_bar_of_train() -> None:
    opened, told = (message for _, message in Desk().told[1:3])
    for plan in (opened["plan"], told["plan"]):
        assert {line[:8].strip() for line in plan.splitlines()} - {""} == {"network", "engine", "memory", "basis"}
        assert "progress" not in plan


def test_opened_describes_data_network_and_plane() -> None:
    opened = Desk().told[1][1]
    json.dumps(opened, allow_nan=False)
    assert opened["network"] == {"layer_dims": [2, 8, 8, 1], "activations": ["tanh", "tanh"], "output": "sigmoid"}
    assert opened["settings"]["learning_rate"] == 0.3
    assert opened["parameters"]["W2"] == [8, 8]
    assert opened["examples"] == opened["data"]["train"] == len(opened["planar"]["points"]) == 400
    x0, x1, y0, y1 = opened["planar"]["box"]
    assert all(x0 < x < x1 and y0 < y < y1 for x, y in opened["planar"]["points"])
    assert set(opened["planar"]["labels"]) == {0, 1}
    assert opened["data"]["notices"] == ["Validation cost and accuracy are measured on the test set while you watch."]
