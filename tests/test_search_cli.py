"""``layerlab search`` and the report on it, from outside: what they print, keep and return, and what they refuse."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from command import Said, Say

import layerlab
from layerlab.commands.main import main
from layerlab.datasets import load_breast_cancer
from layerlab.tuning.search.proposals.space import usual_space, with_changes
from layerlab.tuning.search.state import SearchState
from layerlab.tuning.search.workers.processes import ThisProcess

ROOT = Path(__file__).parent.parent

SPACE = """
depth = [0, 1]
width = { low = 3, high = 6 }
hidden = "tanh"
initializer = "he"
optimizer = "nesterov"
learning_rate = { low = 0.05, high = 0.5, log = true }
l2 = 0.0
dropout = [0.0, 0.2]
batch_size = "all"
iterations = 40
"""


class Kept(NamedTuple):
    """A search that was interrupted, and then went on to its end."""

    folder: Path
    interrupted: Said
    said: Said
    facts: dict[str, Any]


def call(*arguments: object) -> Said:
    """The command line outside a test function."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["layerlab", *map(str, arguments)])
        patch.setenv("COLUMNS", "100")
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
    return Said(status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("search")
    (folder / "space.toml").write_text(SPACE)
    asked = ["search", "breast-cancer", "--space", folder / "space.toml", "--trials", 8, "--folds", 3]
    asked += ["--workers", 0, "--engine", "numpy", "--out", folder / "found", "--json", folder / "facts.json"]
    tasks = []

    def stopped(self: ThisProcess, state: SearchState) -> None:
        tasks.append(state.run_one())
        if len(tasks) == 5:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ThisProcess, "attend", stopped)
        interrupted = call(*asked)
    said = call(*asked, "--resume", "--plots", folder / "plots", "--report", folder / "page.html")
    return Kept(folder, interrupted, said, json.loads((folder / "facts.json").read_text()))


def test_an_interrupt_keeps_what_has_ended_and_leaves_the_test_set_alone(kept: Kept) -> None:
    said = kept.interrupted
    assert said.status == 1
    assert said.err.endswith(
        "layerlab: interrupted: the same command with --resume goes on; the test set was not used\n"
    )
    assert "! Interrupted: the values below are those of the trials that have ended." in said.words
    assert "test set was used" not in said.words
    assert said.out.splitlines()[-1].startswith("Next: layerlab search breast-cancer --trials 8 --space ")
    assert said.out.splitlines()[-1].endswith(f" --out {kept.folder}/found --resume")


def test_a_resumed_search_ends_and_says_what_it_found(kept: Kept) -> None:
    said, facts = kept.said, kept.facts
    assert said.status == 0
    searched = "Search on breast_cancer: 8 trials and 3 reference networks, ranked by accuracy on 455 held-out examples"
    assert f"{searched} (3 folds)." in said.words
    assert [trial["number"] for trial in facts["trials"]] == list(range(8))
    for name in ("cross_fitted", "test"):
        assert f"{100 * facts[name]['figure']:.1f} %" in said.words
    assert "The test set was used once, after the choice." in said.words
    known = {one["number"]: one["name"] for one in facts["known"]}
    assert list(known.values()) == ["logistic regression", "2-layer network", "4-layer network"]
    listed = (
        r"the logistic regression \([\d.]+ %\), the 2-layer network \([\d.]+ %\) and the 4-layer network \([\d.]+ %\)\."
    )
    assert re.search(f"with the trials by accuracy on the held-out examples: {listed}", said.words)
    for rival in [name for number, name in known.items() if facts["choice"]["trials"] != [number]]:
        pair = rf"(chosen \w+ [\d.]+ %, {rival} [\d.]+ %|{rival} [\d.]+ %, chosen \w+ [\d.]+ %)\."
        assert len(re.findall(pair, said.words, re.IGNORECASE)) == 1  # on the test set
        assert re.search(
            rf"On the 455 held-out examples \(corrected estimate\): chosen \w+ [\d.]+ %, {rival} [\d.]+ % \(",
            said.words,
        )
    assert f"Saved in {kept.folder}/found" in said.words
    assert said.out.splitlines()[-1] == f"Next: layerlab report {kept.folder}/found"
    written = json.loads((kept.folder / "found/result.json").read_text())
    assert facts == written | {"plots": facts["plots"]}
    assert facts["test_looks"] == [facts["choice"]["trials"]]


def test_the_printed_line_trains_the_same_network(kept: Kept, say: Say, tmp_path: Path) -> None:
    place, line = kept.facts["chosen"][0], kept.facts["commands"][0]
    assert f"  {line}\n" in kept.said.out
    program, *arguments = shlex.split(line)
    assert program == "layerlab"
    assert say(*arguments, "--out", "again").status == 0
    ours, again = (layerlab.load(path) for path in (kept.folder / "found" / place, tmp_path / "again"))
    assert ours.parameters.keys() == again.parameters.keys()
    for name, value in ours.parameters.items():
        np.testing.assert_array_equal(value, again.parameters[name])


def test_the_line_of_a_file_has_its_options(say: Say, tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    X = random.randn(60, 2)
    rows = np.column_stack([X, X @ [1.0, -2.0] + 0.1 * random.randn(60)])
    np.savetxt(tmp_path / "line.csv", rows, delimiter=",", header="a,b,y", comments="")
    (tmp_path / "space.toml").write_text(SPACE.replace("0.5, log", "0.06, log"))
    asked = ("search", "line.csv", "--target", "y", "--space", "space.toml", "--trials", 3, "--folds", 2)
    said = say(*asked, "--workers", 0, "--engine", "numpy", "--no-ensemble", "--json", "-")
    assert said.status == 0, said.err
    facts = json.loads(said.out)
    listed = (
        r"the linear regression \(-?[\d.]+\), the 2-layer network \(-?[\d.]+\) and the 4-layer network \(-?[\d.]+\)\."
    )
    assert re.search(f"with the trials by cost on the held-out examples: {listed}", said.words), said.words
    _, *arguments = shlex.split(facts["commands"][0])
    assert "None" not in arguments  # what a network has none of is left out, or typed as "none"
    assert arguments[:4] == ["train", "line.csv", "--target", "y"]
    assert say(*arguments, "--out", "again").status == 0
    (place,) = facts["chosen"]
    ours = layerlab.load(tmp_path / "runs/line-search" / place)
    for name, value in layerlab.load(tmp_path / "again").parameters.items():
        np.testing.assert_array_equal(value, ours.parameters[name])


def test_pictures_and_page_are_drawn(kept: Kept) -> None:
    assert {path.stem for path in (kept.folder / "plots").iterdir()} == {"selection", "curves", "best", "rates"}
    assert all(Path(path).exists() for path in kept.facts.get("plots", []))
    page = (kept.folder / "page.html").read_text(encoding="utf-8")
    titles = re.findall("<h2>(.*?)</h2>", page)
    assert titles == [
        "How good the choice is",
        "Compared with the reference networks",
        "The chosen network",
        "How the trials went",
        "Which settings mattered",
        "Settings that were tried",
        "What was asked for",
    ]
    assert page.index("Chosen from ") < page.index(titles[0])
    assert kept.facts["commands"][0].split(" --")[0] in page
    assert "<script" not in page


def test_report_takes_the_folder_of_a_search(kept: Kept, say: Say, tmp_path: Path) -> None:
    said = say("report", kept.folder / "found", "--json", "facts.json")
    assert said.status == 0
    chosen = kept.folder / "found" / "chosen"
    assert said.out.startswith(f"Saved in found.html: open it in a browser.\nNext: layerlab report {chosen}")
    assert (tmp_path / "found.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads((tmp_path / "facts.json").read_text())["naive"] == kept.facts["naive"]
    again = say("report", kept.folder / "found")
    assert again.status == 2
    assert "found.html: is there already" in again.err
    other = say("report", kept.folder / "found", "--data", "digits", "--out", "other.html")
    assert other.status == 2
    assert "leave --data, --folder and --baseline out" in other.err


def test_report_on_a_search_that_has_not_ended_or_is_damaged(say: Say, tmp_path: Path) -> None:
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun/search.json").write_text("{}")
    said = say("report", "begun")
    assert said.status == 2
    assert "begun: the search has not ended yet; run the command that started it again with --resume" in said.err
    (tmp_path / "begun/result.json").write_text("{")
    said = say("report", "begun")
    assert said.status == 2
    assert "begun/result.json: is damaged" in said.err


def test_a_folder_that_is_there_is_refused_and_another_search_too(kept: Kept, say: Say) -> None:
    asked = ("search", "breast-cancer", "--space", kept.folder / "space.toml", "--trials", 8, "--out")
    said = say(*asked, kept.folder / "found")
    assert said.status == 2
    assert "holds something already; --resume goes on with that search" in said.err
    said = say(*asked, kept.folder / "found", "--resume", "--engine", "numpy", "--folds", 4)
    assert said.status == 2
    assert "holds a search with other" in said.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--trials", 0), "--trials 0: wanted a whole number of at least 1"),
        (
            ("--by", "auc"),
            "--by 'auc': wanted one of 'cost', 'accuracy', 'balanced_accuracy', 'roc_auc'",
        ),
        (("--folds", 1), "--folds 1: wanted a whole number of at least 2"),
        (("--outer", 1), "--outer 1: wanted 0, or at least 2 outer folds"),
        (("--space", "no.toml"), "no.toml: there is no such file"),
        (("--workers", -1), "--workers -1: wanted a whole number of at least 0"),
        (("--workers", 1, "--cluster", "local:2"), "wanted one of the two"),
        (("--dtype", "float16"), "--dtype 'float16': wanted one of"),
        (("--trials", "many"), "Invalid value for '--trials'"),
        (("--report", "."), "is there already"),
        (("--out", "place", "--json", "place"), "is the place of --out too"),
    ],
)
def test_what_is_not_right_is_said_in_a_sentence(arguments: tuple[object, ...], sentence: str, say: Say) -> None:
    said = say("search", "flower", *arguments)
    assert said.status == 2
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not Path("runs").exists()


def test_the_space_can_be_printed_edited_and_given_back(say: Say, tmp_path: Path) -> None:
    said = say("search", "breast-cancer", "--show-space")
    assert said.status == 0
    data = load_breast_cancer()
    usual = usual_space(data.n_x, data.train.X.shape[1], classes=True)
    assert with_changes(usual, tomllib.loads(said.out)) == usual
    (tmp_path / "edited.toml").write_text(said.out.replace("depth = [0, 1, 2, 3]", "depth = 1\nclip_norm = 2.5"))
    edited = say("search", "breast-cancer", "--show-space", "--space", "edited.toml")
    assert "depth = [1]" in edited.out
    assert "clip_norm = [2.5]" in edited.out
    assert [path.name for path in tmp_path.iterdir()] == ["edited.toml"]  # nothing was trained


@pytest.mark.processes
def test_the_console_lines_of_the_page_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/search.md").read_text(encoding="utf-8")
    (space,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    Path("small.toml").write_text(space)
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    assert len(lines) >= 4
    for line in lines:
        command, _, into = line.partition(" > ")
        said = call(*shlex.split(command)[1:])
        assert said.status == 0, (line, said.err)
        if into:
            Path(into).write_text(said.out)
