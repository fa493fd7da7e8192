"""Where commands write: nothing that they read, nor what another place of the same command holds, is written over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command import Say
from small_data import write_table

FEW = ("--target", "class", "--iterations", 5, "--no-advice")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table in the working folder."""
    write_table(tmp_path / "t.csv", "class")
    return tmp_path / "t.csv"


def test_json_overwrites_nothing_but_json_of_a_command(say: Say, table: Path) -> None:
    assert say("train", "t.csv", *FEW, "--out", "r").status == 0
    Path("s").mkdir()
    Path("s/search.json").write_text('{\n "format_version": 1}')
    Path("s/result.json").write_text('{\n "dataset": "t"}')
    Path("space.toml").write_text("depth = [0, 1]\n")
    kept = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    commands: list[tuple[Any, ...]] = [
        ("train", "t.csv", *FEW, "--json", "t.csv"),
        ("train", "flower", "--test", "t.csv", "--json", "t.csv"),
        ("predict", "r", "t.csv", "--json", "t.csv"),
        ("predict", "r", "t.csv", "--json", "r/run.json"),
        ("predict", "r", "t.csv", "--json", "r/log.jsonl"),
        ("report", "r", "--json", "t.csv"),
        ("explain", "r", "--json", "r/model.safetensors"),
        ("search", "t.csv", "--space", "space.toml", "--json", "s/result.json"),
        ("search", "t.csv", "--json", "space.toml"),
    ]
    for command in commands:
        said = say(*command)
        assert (said.status, said.out) == (2, ""), command
        assert f"{command[-1]}: is there already, and only JSON that a command wrote before is overwritten" in said.err
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == kept
    Path("empty.json").touch()
    for _ in range(2):
        assert say("data", "list", "--json", "empty.json").status == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--json", "L.csv", "--log", "L"], "L.csv: is the place of --json too; name another one for --log"),
        (["--plots", "P", "--json", "P/costs.png"], "P/costs.png: lies in P, which is the place of --plots too"),
    ],
)
def test_a_file_of_the_log_or_a_picture_is_no_place_for_the_json(say: Say, options: list[str], words: str) -> None:
    said = say("train", "flower", *FEW[2:], *options)
    assert (said.status, said.out) == (2, "")
    assert words in said.err


def test_another_process_has_the_files_of_its_log(say: Say, tmp_path: Path) -> None:
    from layerlab.commands.output import Output

    with Output(log=Path("L")):
        said = say("data", "list", "--json", "L.csv")
    assert said.status == 2
    assert "L.csv: another process of layerlab writes there" in said.err
