"""Numbers of the lab are those of the Python that it exports, run in a new process: forward, cost, backward, update."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lab_bench import Desk

from layerlab.formulas.arrays import Floats
from layerlab.lab.framing import unframed
from layerlab.lab.opening import Given
from layerlab.lab.snapshots import Snapshots

pytestmark = [pytest.mark.processes, pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")]

CLOSE = 1e-6
"""The largest difference; of float32 numbers also as a share."""

LENSES = ("numbers", "gradients", "steps")

CHOSEN = [(1, 1, 1, 0), (1, 2, None, 3), (2, 3, 2, 7)]
"""Layer, unit, input (None: the bias) and example that are looked at inside."""

AFTERWARDS = """

import json
import sys

import numpy as np

anatomy = s.dissect() if "s" in globals() else layerlab.dissect(run, data)
place, chosen = sys.argv[1], json.loads(sys.argv[2])
arrays = dict(anatomy.parameters) | dict(anatomy.gradients)
arrays |= {f"s{name}": step for name, step in (anatomy.steps or {}).items()}
arrays |= {f"new {name}": value for name, value in (anatomy.new_parameters or {}).items()}
for layer in anatomy.layers:
    arrays |= {f"z:{layer.layer}": layer.Z, f"a:{layer.layer}": layer.A, f"dz:{layer.layer}": layer.dZ}
    arrays |= {} if layer.dA is None else {f"da:{layer.layer}": layer.dA}
np.savez(place, examples=anatomy.examples, costs=run.history.costs, **arrays)
names = "layer", "unit", "input", "example"
print(json.dumps([anatomy.facts(**dict(zip(names, one))) for one in chosen]))
"""
"""What is added to the exported Python, so that another process says the numbers of its next update."""


class Exported:
    """What the exported Python of a session gives in a new process, for the same units and examples."""

    def __init__(self, desk: Desk, chosen: list[Any], folder: Path) -> None:
        (taken,) = desk.post("take", what="python", id="take")
        program = folder / "run.py"
        program.write_text(taken["text"] + AFTERWARDS, encoding="utf-8")
        command = [sys.executable, str(program), str(folder / "numbers.npz"), json.dumps(chosen)]
        done = subprocess.run(  # noqa: S603  (our own program)
            command, capture_output=True, text=True, cwd=folder, timeout=300
        )
        assert done.returncode == 0, done.stderr
        self.facts = json.loads(done.stdout.splitlines()[-1])
        with np.load(folder / "numbers.npz") as arrays:
            self.arrays: dict[str, Floats] = dict(arrays)


@pytest.fixture
def data_at_hand(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and new ones find the photographs of cats; skip where there are none."""
    if name == "cats":
        monkeypatch.setenv("LAYERLAB_DATA", str(request.getfixturevalue("cats_folder")))


def desk_of(name: str, **settings: Any) -> Desk:
    desk = Desk(Given(name, settings=settings), shows=Snapshots)
    assert desk.last_of("opened")["data"]["name"] == name
    return desk


def frame(desk: Desk, lens: str, example: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A frame as a page gets it."""
    desk.post("look", lens=lens, example=example)
    if not desk.clients["a"].credit:
        desk.post("drawn", frame=unframed(desk.frames[-1][1])[0]["number"])
    before = len(desk.frames)
    desk.clock.now += 1.0
    desk.turn(2)
    assert len(desk.frames) > before
    head, arrays = unframed(desk.frames[-1][1])
    assert (head["lens"], head["example"]) == (lens, example)
    return head, arrays


def compare(desk: Desk, folder: Path) -> None:
    """Compare every number that a page can read now with that of the exported Python."""
    inside = [
        desk.post("inside", layer=layer, unit=unit, input=input, example=example, id=k)[-1]
        for k, (layer, unit, input, example) in enumerate(CHOSEN)  # noqa: A001  (the field's name)
    ]
    assert {one["type"] for one in inside} == {"inside"}
    chosen = [[one["layer"], one["unit"], one["input"], one["example"]] for one in inside]
    exported = Exported(desk, chosen, folder)
    for here, there in zip(inside, exported.facts, strict=True):
        assert here["update"] == desk.update
        for facts in (here["facts"], there):
            for name in ("engine", "basis", "iterations"):  # they say how the update is computed, and how many follow
                facts["settings"].pop(name)
                facts.pop(name, None)
        assert_close(here["facts"], there)
    example = inside[0]["example"]
    column = exported.arrays["examples"].tolist().index(example)
    for lens in LENSES:
        head, arrays = frame(desk, lens, example)
        assert head["update"] == desk.update
        compared = {name for name in arrays if name in exported.arrays}
        assert {"z:1", "a:1"} <= compared
        assert "b1" in compared or desk.last_of("opened")["data"]["name"] == "cats"
        assert lens == "numbers" or "dz:1" in compared
        for name in compared:
            if lens == "numbers" and name[0] in "az" and desk.last["settings"]["dropout"]:
                continue  # this lens shows the network as it predicts
            value = exported.arrays[name]
            value = value[:, column] if ":" in name else value
            np.testing.assert_allclose(arrays[name], value, rtol=CLOSE, atol=CLOSE, err_msg=f"{lens} {name}")
    assert desk.bench.driver is not None
    stepper = desk.bench.driver.stepper
    np.testing.assert_allclose(stepper.costs, exported.arrays["costs"][: desk.update], rtol=0, atol=CLOSE)
    for name, value in stepper.parameters().items():
        np.testing.assert_allclose(value, exported.arrays[name], rtol=0, atol=CLOSE)
    if "new W1" in exported.arrays and not stepper.ended:  # the update that was shown is the one that is made
        desk.post("step", n=1)
        desk.until_ready()
        for name, value in stepper.parameters().items():
            np.testing.assert_allclose(value, exported.arrays[f"new {name}"], rtol=0, atol=CLOSE)


def assert_close(here: Any, there: Any, where: str = "facts") -> None:
    """Compare values as JSON has them: same keys and texts, numbers as close as ``CLOSE``."""
    if isinstance(here, dict):
        assert list(here) == list(there), where
        for name in here:
            assert_close(here[name], there[name], f"{where}.{name}")
    elif isinstance(here, list):
        assert len(here) == len(there), where
        for k, (one, other) in enumerate(zip(here, there, strict=True)):
            assert_close(one, other, f"{where}[{k}]")
    elif isinstance(here, float) and isinstance(there, float):
        assert abs(here - there) <= CLOSE * max(1.0, abs(there)), f"{where}: {here} and {there}"
    else:
        assert here == there, where


@pytest.mark.usefixtures("data_at_hand")
@pytest.mark.parametrize("name", ["flower", "digits", "cats"])
def test_numbers_are_those_of_the_exported_python(name: str, tmp_path: Path) -> None:
    desk = desk_of(name)
    for n in (0, 12) if name == "cats" else (0, 60):
        if n:
            desk.post("step", n=n)
            desk.until_ready()
        folder = tmp_path / str(n)
        folder.mkdir()
        compare(desk, folder)


def change(desk: Desk, random: np.random.RandomState) -> None:
    """One change by hand that a person could make, and some iterations before or after it."""
    opened, told = desk.last_of("opened"), desk.last
    n_events = len(told["events"])
    while len(desk.last["events"]) == n_events:
        kind = random.choice(["edit", "edit", "change", "seek", "step", "prolong"])
        if kind == "edit":
            name = str(random.choice(list(opened["parameters"])))
            rows, columns = opened["parameters"][name]
            row, column, value = random.randint(rows), random.randint(columns), 0.3 * random.randn()
            desk.post("edit", name=name, row=int(row), column=int(column), value=float(value))
        elif kind == "change":
            choices: list[tuple[str, list[Any]]] = [
                ("learning_rate", [0.01, 0.003, 0.02]),
                ("l2", [0.0, 0.1]),
                ("optimizer", ["gd", "adam", "momentum"]),
                ("schedule", ["constant", "cosine"]),
                ("clip_norm", [None, 1.0]),
                ("dropout", [0.0, 0.1]),
                ("seed", [1]),  # is refused, as it belongs to the whole training
            ]
            name, values = choices[random.randint(len(choices))]
            desk.post("change", settings={name: values[random.randint(len(values))]})
        elif kind == "seek":
            desk.post("seek", update=int(random.randint(max(1, desk.update - 3), desk.last["furthest"] + 1)))
        elif kind == "step":
            desk.post("step", n=int(random.randint(1, 6)))
        else:
            desk.post("prolong", iterations=5)
        desk.until_ready()
        n_events = min(n_events, len(desk.last["events"]))


@pytest.mark.usefixtures("data_at_hand")
@pytest.mark.parametrize("name", ["flower", "digits", "cats"])
def test_after_thirty_random_events_too(name: str, tmp_path: Path) -> None:
    settings = {"batch_size": 300} if name == "digits" else {}
    desk, random = desk_of(name, **settings), np.random.RandomState(30)
    desk.post("step", n=3)
    desk.until_ready()
    for _ in range(60):
        change(desk, random)
        if len(desk.last["events"]) >= 30:
            break
    assert len(desk.last["events"]) >= 30
    compare(desk, tmp_path)
