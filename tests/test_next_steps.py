"""Every command ends with one line that says what to do next, and what it says can be typed as it stands."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from command import Said, Say
from PIL import Image

from layerlab import InputError
from layerlab.commands.output import Output


def test_the_last_line_is_one_command_that_can_be_copied(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a narrow terminal too, and of a path with a space; the sentence about a failure comes before it."""
    monkeypatch.setenv("COLUMNS", "30")
    words = ["layerlab", "report", "runs/a very long name of a folder, with a space in it"]
    with Output() as output:
        output.next_step("layerlab", "doctor")
        output.next_step("layerlab", "report", Path(words[-1]))
        output.say("first")
    first, last = capsys.readouterr().out.splitlines()
    assert (first, last[:6]) == ("first", "Next: ")
    assert shlex.split(last[6:]) == words


def test_a_failure_is_said_before_the_next_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    with pytest.raises(SystemExit, match="1"):
        _end_with_next_step(failure="the training diverged")
    assert capsys.readouterr().out == "layerlab: the training diverged\nNext: layerlab doctor\n"


def test_a_refused_request_has_no_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="refused"):
        _end_with_next_step(refusal="refused")
    assert capsys.readouterr() == ("", "")


def _end_with_next_step(failure: str = "", refusal: str = "") -> None:
    with Output() as output:
        output.next_step("layerlab", "doctor")
        output.failure = failure
        if refusal:
            raise InputError(refusal)


COURSE = "learn new course"
FLOWER = "train flower --iterations 50 --baseline none --out run"
DIGITS = "train digits --iterations 20 --baseline none --out run"
SEARCH = "search flower --trials 2 --folds 2 --workers 0 --out found"

COMMANDS = [
    ("", "data list"),
    ("", "data describe flower"),
    ("", "data describe table.csv --target y"),
    ("", "data fetch flower"),
    ("", "doctor"),
    ("", FLOWER),
    ("", FLOWER + " --explain"),
    ("", "train flower --iterations 50 --initializer zeros --out run"),
    ("", "train flower --iterations 50 --layers 4 --hidden identity --learning-rate 1e300 --out run"),
    ("", "train table.csv --target y --iterations 5 --baseline none"),
    ("", "step flower"),
    ("", "step flower --at 100 --layer 2 --input 3 --example 5"),
    ("", "step flower --iterations 1 --layers none"),
    ("", "step table.csv --target y --at 3"),
    (FLOWER, "step run"),
    ("", "compare breast-cancer"),
    ("", "compare breast-cancer --splits 2"),
    ("", "sweep flower --learning-rate 0.1,1 --iterations 20"),
    ("", "sweep flower --learning-rate 0.1,1 --validation 0.2 --iterations 20"),
    ("", "sweep flower --learning-rate 0.1,1 --iterations 20 --explain"),
    ("", "rate flower --iterations 50"),
    ("", SEARCH),
    (SEARCH, "report found --out page.html"),
    (FLOWER, "report run"),
    (FLOWER, "explain run"),
    (FLOWER, "explain run 3"),
    (FLOWER, "export run model --format numpy"),
    (FLOWER, "predict run points.csv"),
    (FLOWER, "predict run points.csv --out -"),
    (DIGITS, "predict run photo.png"),
    (DIGITS, "explain run photo.png"),
    ("train table.csv --target y --iterations 5 --baseline none --out run", "predict run new.csv"),
    ("train table.csv --target y --iterations 5 --baseline none --out run", "predict run table.csv"),
    (
        "train table.csv --target y --layers 2 --members 2 --folds 2 --epochs 2 --baseline none --out run",
        "predict run new.csv --intervals 0.9",
    ),
    ("", "learn"),
    ("", COURSE),
    (COURSE, COURSE),
    (COURSE, "learn"),
    (COURSE, "learn --course course"),
    ("", "learn list"),
    (COURSE, "learn --course course list"),
    (COURSE, "learn --course course hint 4.05"),
    (COURSE, "learn --course course check 4.05"),
    (COURSE, "learn --course course check course/4-layers/05_linear_backward.py"),
    ("", "learn check mine.py"),
    ("", "learn solution 4.05 --show-anyway"),
    (COURSE, "learn --course course reset 4.05"),
    ("", "learn doctor"),
    (COURSE, "learn --course course export-results --out results.csv"),
    ("", "learn dev check 1.02"),
]


HAS_RUN: set[tuple[str, ...]] = set()
"""Next steps that were typed already, each with the data that it is about; one of them is typed once."""


@pytest.mark.parametrize(("before", "command"), COMMANDS, ids=[command for _, command in COMMANDS])
def test_every_command_ends_with_a_next_step_that_runs(say: Say, tmp_path: Path, before: str, command: str) -> None:
    (tmp_path / "points.csv").write_text("x1,x2\n0.5,1\n-1,2\n")
    rows = [f"{k % 7},{'abc'[k % 3]},{'no' if k % 7 < 3 else 'yes'}" for k in range(60)]
    (tmp_path / "table.csv").write_text("\n".join(["x,town,y", *rows]))
    (tmp_path / "new.csv").write_text("x,town\n3,a\n99,b\n4,d\n")
    Image.new("L", (8, 8), 255).save(tmp_path / "photo.png")
    (tmp_path / "mine.py").write_text("def sigmoid(x):\n    return x\n")
    if before:
        assert say(*before.split()).status == 0
    said = say(*command.split())
    assert said.status in (0, 1), said.err
    lines = (said.err if command.endswith("--out -") else said.out).splitlines()
    assert [line.startswith("Next: ") for line in lines].count(True) == 1
    program, *words = shlex.split(lines[-1].removeprefix("Next: "))
    assert (lines[-1][:6], program) == ("Next: ", "layerlab")
    about = (*words, *(before or command).split()[:2])
    if about in HAS_RUN:
        return
    HAS_RUN.add(about)
    then = say(*words)
    assert then.status in (0, 1), f"{lines[-1]}\n{then.err}"


def test_the_lab_ends_with_a_next_step_too_but_on_standard_error(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its only line on standard output is the address; a signal ends it, which here comes at once."""
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    said = say("lab", "flower", "--port", 0, "--no-browser", "--learning-rate", 0.5)
    assert (said.status, said.out) == (0, "")
    assert said.err == "Next: layerlab train flower --learning-rate 0.5\n"
    assert say("lab", "--no-browser", "--port", 0).err == "Next: layerlab train flower\n"


def next_of(said: Said) -> list[str]:
    """The words of the command that a screen recommends."""
    return shlex.split(said.out.rstrip("\n").rpartition("\nNext: layerlab ")[2])


@pytest.mark.advice
def test_after_a_failed_training_the_remedy_that_was_tried_is_an_option(say: Say) -> None:
    said = say("train", "flower", "--initializer", "zeros", "--iterations", 300, "--out", "run", "--json", "run.json")
    assert next_of(said) == ["train", "flower", "--iterations", "300", "--initializer", "he"]
    mended = say(*next_of(said))
    assert mended.status == 0
    assert "compute the same" not in mended.words
    assert next_of(mended) == ["report", "runs/flower-1"]
    assert say(*next_of(mended)).status == 0


@pytest.mark.advice
def test_a_switch_and_the_settings_of_a_schedule_are_replaced(say: Say) -> None:
    asked = ["--no-standardize", "--iterations", 100, "--learning-rate", 0.001]
    slow = say("train", "breast-cancer", *asked)
    assert next_of(slow)[:3] == ["train", "breast-cancer", "--standardize"]
    assert "--no-standardize" not in next_of(slow)
    decays = ["--schedule", "inverse_time", "--decay", 1000, "--iterations", 300]
    slowed = say("train", "flower", *decays)
    assert next_of(slowed)[-2:] == ["--schedule", "constant"]
    assert "--decay" not in next_of(slowed)
    assert say(*next_of(slowed)).status == 0


def test_after_a_training_that_diverged_without_advice_a_smaller_learning_rate_is_next(say: Say) -> None:
    how = ["--hidden", "identity", "--iterations", 20, "--no-advice"]
    said = say("train", "digits", *how, "--learning-rate", "1e200")
    assert said.status == 1
    assert next_of(said) == [
        "train",
        "digits",
        "--hidden",
        "identity",
        "--no-advice",
        "--learning-rate",
        "1",
        "--iterations",
        "20",
    ]
