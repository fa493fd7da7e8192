"""The README's own words: its two commands, its console lines and the files that it names."""

import re
import shlex
import sys
from pathlib import Path

import polars
import pytest
from command import Say
from PIL import Image
from sklearn.datasets import load_digits, load_wine

from layerlab.commands.main import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def console_lines() -> list[str]:
    """Commands after a $ in console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_the_readme_has_console_lines() -> None:
    assert len(console_lines()) >= 3


def files_of_ones_own(folder: Path) -> None:
    """What the lines about own data speak of: a table in two formats, and a folder of photographs."""
    wine = load_wine(as_frame=True)
    frame = wine.frame.rename(columns={"target": "cultivar"})
    frame.to_csv(folder / "wine.csv", index=False)
    polars.DataFrame({name: frame[name].to_numpy() for name in frame}).write_parquet(folder / "wine.parquet")
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images[:60], digits.target[:60] % 2, strict=True)):
        place = folder / "photos" / ("odd" if label else "even") / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((15 * image).astype("uint8")).save(place)


@pytest.mark.processes
def test_console_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files_of_ones_own(tmp_path)
    for line in console_lines():
        monkeypatch.setattr(sys, "argv", shlex.split(line, comments=True))
        main()  # ends the process only where something went wrong


def test_the_two_commands_stand_where_ci_finds_them() -> None:
    lines = [line.strip() for line in README.splitlines() if line.startswith("    python3 -m venv")]
    assert lines == [
        "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/layerlab compare",
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest",
    ]


def masked(text: str) -> str:
    """Text in one line, with a # for each number: seconds differ from run to run."""
    return re.sub(r"[\d.,]*\d", "#", " ".join(text.split()))


def test_the_screen_that_the_readme_shows_is_the_one_that_compare_prints(say: Say) -> None:
    shown = README.split("<!-- compare digits -->\n```text\n")[1].split("```")[0]
    said = masked(say("compare").out)
    table: list[str] = []
    paragraphs: list[str] = []
    for paragraph in shown.split("\n\n"):
        in_table = "───" in paragraph
        (table if in_table else paragraphs).extend(paragraph.splitlines() if in_table else [paragraph])
    assert len(table) >= 8
    assert len(paragraphs) >= 2
    for piece in (*table, *paragraphs):
        assert re.sub("─+", "", masked(piece)) in said, piece


def test_every_file_that_the_pages_link_to_is_there() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_the_architecture_names_every_room() -> None:
    listed = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## The rooms")[1].split("## ")[0]
    package = ROOT / "src" / "layerlab"
    rooms = {path.name for path in package.iterdir() if not path.name.startswith("_") and path.suffix in ("", ".py")}
    for room in rooms:
        assert room in listed, room


def test_every_file_that_architecture_names_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    package = ROOT / "src" / "layerlab"
    named = {name for name in re.findall(r"[\w/]+\.py", text) if name != "tests/test_house.py"}
    for name in named:
        places = (ROOT / name, package / name, *package.glob(f"*/{name}"))
        assert any(place.exists() for place in places), name
