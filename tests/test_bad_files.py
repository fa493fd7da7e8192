"""Bad input from outside: exit status 2, one sentence that names file and place, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_files import CORPUS, Bad
from command import Said, Say

FEW = ("--epochs", 2, "--layers", 4)


def refused(say: Say, *command: object, words: tuple[str, ...] = ()) -> Said:
    """What a command says that refuses: in one line, leaving nothing behind."""
    before = sorted(Path().iterdir())
    said = say(*command)
    assert said.status == 2, said
    assert said.err.count("\n") == 1, said.err
    assert said.err.startswith("layerlab: ")
    assert "mistake in layerlab" not in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    for word in words:
        assert word in said.err, said.err
    assert sorted(Path().iterdir()) == before
    return said


def test_the_corpus_is_large() -> None:
    assert len({case.name for case in CORPUS}) == len(CORPUS) >= 180


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_bad_files_are_refused_in_a_sentence(say: Say, case: Bad) -> None:
    case.make()
    refused(say, *case.command, words=case.words)
