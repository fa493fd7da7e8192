"""Every command ends with one line that says what to do next, and what it says can be typed as it stands."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

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
