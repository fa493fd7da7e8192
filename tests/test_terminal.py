"""Names from files that would steer a terminal are shown as escapes on every screen, whoever wrote them."""

from __future__ import annotations

import csv
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from command import Say
from PIL import Image

import layerlab
from layerlab import InputError
from layerlab.console import Console, plain_table
from layerlab.escapes import escaped_json, printable
from layerlab.plots.style import house_style, named_rows, settled, svg

EVIL = "n\x1b[31m\x07\x9b2J\u202e\r\nFORGED"
"""A name that colours a terminal, rings, clears it, turns the direction of writing, and begins a line of its own."""

QUICK = ("--epochs", 2, "--layers", 3)


def harmless(*texts: str) -> None:
    """Check that texts steer no terminal and that no line begins in the middle of the evil name."""
    for text in texts:
        wrong = [line for line in text.splitlines() if not line.isprintable() or line.lstrip().startswith("FORGED")]
        assert not wrong, wrong
        assert text.replace("\n", "").isprintable()


@pytest.fixture
def evil_table() -> Path:
    """A table whose name, columns, categories and classes are evil."""
    path = Path(f"{EVIL}.csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["a" + EVIL, "b" + EVIL, "c" + EVIL, "same" + EVIL, "y" + EVIL])
        for k in range(60):
            writer.writerow([k * k % 17, "uvw"[k % 3] + EVIL, k * k % 17, "1" + EVIL, "pq"[k % 2] + EVIL])
    return path


@pytest.fixture
def wide(say: Say, monkeypatch: pytest.MonkeyPatch) -> Say:
    """The command line on a terminal so wide that no line is broken but by a line end."""
    monkeypatch.setenv("COLUMNS", "3000")
    return say


def test_every_screen_of_a_table(wide: Say, evil_table: Path) -> None:
    run, target = "run" + EVIL, "y" + EVIL
    seen = ""
    for command in (
        ("data", "describe", evil_table, "--target", target),
        ("train", evil_table, "--target", target, *QUICK, "--out", run, "--plots", "plots" + EVIL, "--json", "-"),
        ("train", evil_table, "--target", target, *QUICK, "--explain"),
        ("predict", run, evil_table),
        ("explain", run),
        ("explain", run, 3, "--plots", "more"),
        ("report", run, "--out", "page.html"),
        ("sweep", evil_table, "--target", target, "--iterations", 5, "--learning-rates", "0.1,0.2", "--layers", 3),
        ("rate", evil_table, "--target", target, "--layers", 3),
        ("compare", evil_table, "--target", target),
        ("search", evil_table, "--target", target, "--trials", 2, "--out", "search" + EVIL),
        ("export", run, "model.onnx"),
        ("train", evil_table, "--target", "z" + EVIL),
        ("predict", run, "gone" + EVIL),
        ("report", "gone" + EVIL, "--out", "other.html"),
    ):
        said = wide(*command)
        assert "mistake in layerlab" not in said.err
        assert said.status in (0, 1, 2)
        harmless(said.out, said.err)
        seen += said.out + said.err
    assert "n\\x1b[31m\\x07\\x9b2J\\u202e\\r\\nFORGED" in seen
    for path in (Path("page.html"), *Path("plots" + EVIL).glob("*.svg"), *Path("more").glob("*.svg")):
        assert path.read_text(encoding="utf-8").replace("\n", "").isprintable(), path  # a line end is a space there


def test_a_run_that_somebody_else_wrote(wide: Say, evil_table: Path) -> None:
    assert wide("train", evil_table, "--target", "y" + EVIL, *QUICK, "--out", "run").status == 0
    record = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    for changed in (
        {"dataset": EVIL},
        {"class_names": ["p" + EVIL, "q" + EVIL]},
        {"layerlab_version": EVIL},
        {EVIL: 1},
    ):
        Path("run/run.json").write_text(json.dumps({**record, **changed}), encoding="utf-8")
        for command in (("predict", "run", evil_table), ("explain", "run"), ("report", "run", "--out", "p.html")):
            said = wide(*command)
            assert "mistake in layerlab" not in said.err
            harmless(said.out, said.err)
            Path("p.html").unlink(missing_ok=True)


def test_answers_as_csv_on_a_terminal(wide: Say, evil_table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wide("train", evil_table, "--target", "y" + EVIL, *QUICK, "--out", "run").status == 0
    assert EVIL.replace("\r", "") in wide("predict", "run", evil_table, "--out", "-").out.replace(
        "\r", ""
    )  # the data as they are
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert wide("predict", "run", evil_table, "--out", "-").out.replace("\n", "").isprintable()


def test_folders_of_images(wide: Say) -> None:
    for k in range(24):
        folder = Path("pets" + EVIL, "ab"[k % 2] + EVIL)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((5, 5, 3), 9 * k, np.uint8)).save(folder / f"{k}{EVIL}.png")
    Path("pets" + EVIL, "a" + EVIL, f"bad{EVIL}.png").write_bytes(b"no image")
    for command in (
        ("train", "pets" + EVIL, *QUICK),
        ("train", "pets" + EVIL, *QUICK, "--skip-bad", "--out", "run"),
        ("predict", "run", f"pets{EVIL}/a{EVIL}/0{EVIL}.png"),
        ("data", "describe", "pets" + EVIL, "--skip-bad"),
    ):
        harmless(*wide(*command)[1:])


def test_what_python_shows_of_a_dataset_and_of_errors(say: Say, evil_table: Path) -> None:
    data = layerlab.datasets.load_table(evil_table, target="y" + EVIL)
    run = layerlab.train(layerlab.Network([data.n_x, 2, 1]), data, learning_rate=0.1, epochs=2, progress=False)
    sweep = layerlab.sweep(layerlab.Network([data.n_x, 2, 1]), data, epochs=2, learning_rate=[0.1, 0.2], progress=False)
    harmless(repr(data), repr(run), str(run.plan), str(sweep), *map(str, data.notices))
    with pytest.raises(InputError) as caught:
        layerlab.datasets.load_table("gone" + EVIL, target="y")
    harmless(str(caught.value))
    assert "gone" + printable(EVIL) in str(caught.value)


def test_a_message_is_never_longer_than_a_screen() -> None:
    text = str(InputError("x" * 10**6 + " what to do"))
    assert len(text) < 2600
    assert text.endswith("what to do")
    assert "characters are left out" in text


def test_cells_of_a_table_are_as_wide_as_their_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    table = plain_table("name", "n")
    table.add_row("a\x1b[2J", "1")
    Console(width=40).print(table)
    assert "a\\x1b[2J" in capsys.readouterr().out


def test_pictures_show_names_with_escapes_and_warn_of_no_letter() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with house_style():
            figure, _ = named_rows(["a\x1b[2J", "猫 \u202e"], "x\x9b\x1b")
            drawn = svg(settled(figure))
    harmless(drawn)
    assert "a\\x1b[2J" in drawn


def test_json_that_is_printed_means_the_same() -> None:
    value = [EVIL, "\ud800", "😀", "\U000e0001"]
    text = escaped_json(json.dumps(value, ensure_ascii=False, indent=1))
    harmless(text)
    assert json.loads(text) == value
    assert "😀" in text


def test_names_that_utf8_cannot_hold_are_saved_and_read_back(say: Say) -> None:
    data = layerlab.datasets.load_flower()
    data = layerlab.datasets.Dataset("x\ud800", data.train, data.test, class_names=("a\ud800", "b\udcff"))
    run = layerlab.train(layerlab.Network([data.n_x, 2, 1]), data, learning_rate=0.1, iterations=2, progress=False)
    for place in ("run", "run.safetensors"):
        run.save(place)
        again = layerlab.load(place)
        assert again.class_names == run.class_names
        assert again.dataset == run.dataset
