"""Where commands write: nothing that they read, nor what another place of the same command holds, is written over."""

from __future__ import annotations

import os
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
        assert (
            f"{command[-1]}: is there already, and --json overwrites only JSON that a command wrote before" in said.err
        )
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == kept
    Path("empty.json").touch()
    for _ in range(2):
        assert say("data", "list", "--json", "empty.json").status == 0


POSIX = pytest.mark.skipif(os.name == "nt", reason="pipes, links and /proc differ on Windows")


@POSIX
@pytest.mark.parametrize("made", ["fifo", "link"])
def test_what_has_the_name_of_a_lock_is_neither_waited_for_nor_followed(say: Say, made: str) -> None:
    if made == "fifo":
        os.mkfifo(".there.lock")
    else:
        Path(".there.lock").symlink_to("elsewhere")
    for option in ("--out", "--log", "--checkpoint", "--json"):
        said = say("train", "flower", *FEW[2:], option, "there")
        assert said.status == 2
        assert said.err.endswith(
            ".there.lock: is not a file, and layerlab needs a lock file with this name; remove it, or name another "
            "place\n"
        )
    assert not Path("elsewhere").exists()


@POSIX
@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("/", "/: is there already, and nothing is overwritten"),
        ("nowhere/d", "nowhere/d: cannot be made ("),
        ("x/../x", "x/../x: uses .. after a folder that does not exist; name the path without .."),
        ("n" * 250, f"{'n' * 250}: has a name of 250 bytes; wanted at most 240"),
        ("é" * 127, f"{'é' * 127}: has a name of 254 bytes; wanted at most 240"),
        ("n" * 300, f"{'n' * 300}: cannot be written ("),
        pytest.param(
            "/proc/x", "/proc/x: cannot be made (", marks=pytest.mark.skipif(not Path("/proc").exists(), reason="Linux")
        ),
    ],
)
def test_a_place_where_no_run_can_be_kept_is_refused_at_the_start(say: Say, out: str, words: str) -> None:
    Path("nowhere").symlink_to("gone")
    said = say("train", "flower", *FEW[2:], "--out", out)
    assert (said.status, said.out) == (2, "")
    assert words in said.err
    assert [path.name for path in Path().iterdir()] == ["nowhere"]


@pytest.mark.parametrize("length", [240, 250])
def test_a_long_name_is_a_place_and_of_a_longer_one_the_beginning_is(say: Say, table: Path, length: int) -> None:
    name = "q" * (length - 4)
    table.rename(f"{name}.csv")
    assert say("train", f"{name}.csv", *FEW, "--out", "n" * 240).status == 0
    assert sorted(path.name for path in Path("n" * 240).iterdir()) == [
        "log.csv", "log.jsonl", "model.safetensors", "run.json", "split.csv",
    ]  # fmt: skip
    said = say("train", f"{name}.csv", *FEW)
    assert (said.status, said.err) == (0, "")
    assert [path.name for path in Path("runs").iterdir()] == [f"{'q' * 100}-1"]


def test_pictures_may_lie_in_the_run(say: Say) -> None:
    assert say("train", "flower", *FEW[2:], "--out", "x", "--plots", "x/p").status == 0
    assert Path("x/p/costs.png").exists()
    assert [path.name for path in Path().iterdir()] == ["x"]


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


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--out", "-"], "--out -: cannot be standard output; name a path"),
        (["--log", "-"], "--log -: cannot be standard output"),
        (["--out", "", "--json", "f"], ".: is there already, and nothing is overwritten"),
        (["--checkpoint", "", "--out", "o"], "--checkpoint: wanted the name of a file"),
    ],
)
def test_what_names_no_place(say: Say, tmp_path: Path, options: list[str], words: str) -> None:
    said = say("train", "flower", *FEW[2:], *options)
    assert (said.status, said.out) == (2, "")
    assert words in said.err
    assert not list(tmp_path.iterdir())


def test_a_log_in_the_working_folder(say: Say) -> None:
    assert say("train", "flower", *FEW[2:], "--log", ".", "--out", "o").status == 0
    assert Path("log.csv").read_bytes() == Path("o/log.csv").read_bytes()


def test_a_file_that_is_called_as_a_log_is_kept(say: Say) -> None:
    Path("r.log.csv").write_text("my,own\n1,2\n")
    said = say("train", "flower", *FEW[2:], "--out", "r")
    assert (said.status, "r.log.csv: is there already, where the log would be" in said.err) == (2, True)
    assert Path("r.log.csv").exists()
