"""The lab of an installed package: a wheel is built, installed elsewhere, and its lab gives the page and greets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lab_server import HELLO, Talking, heard, in_a_process

ROOT = Path(__file__).resolve().parents[1]
LAB = ROOT / "src" / "layerlab" / "lab"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling builds the wheel; the extra dev has it")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)  # noqa: S603
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.processes
def test_the_wheel_has_every_file_of_the_lab(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    files = [path for path in LAB.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.suffix for path in files} >= {".py", ".html", ".js", ".css", ".json"}
    assert {f"layerlab/lab/{path.relative_to(LAB).as_posix()}" for path in files} <= names


@pytest.mark.processes
def test_the_lab_of_an_installed_wheel_gives_the_page_and_greets(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=300)  # noqa: S603
    installed = {"PYTHONPATH": str(place), "PYTHONSAFEPATH": "1"}
    with in_a_process("flower", **installed) as lab:
        look_at_the_page(lab)
        with lab.connect() as client:
            client.send(json.dumps(HELLO))
            welcome = heard(client, 60)
    assert (welcome["type"], welcome["version"]) == ("welcome", 1)
    assert {"flower", "digits"} <= {one["name"] for one in welcome["datasets"]}
    where = [sys.executable, "-c", "import layerlab; print(layerlab.__file__)"]
    said = subprocess.run(where, env=os.environ | installed, capture_output=True, text=True, check=True)  # noqa: S603
    assert Path(said.stdout.strip()).is_relative_to(place)


def look_at_the_page(lab: Talking) -> None:
    """The page and every file that it or one of its files names is there."""

    def get(path: str) -> str:
        answer = lab.get(path)
        assert answer.status == 200, path
        return answer.body.decode()

    page = get("/")
    assert 'class="layerlab-lab"' in page
    wanted, seen = set(re.findall(r'(?:src|href)="([\w./-]+)"', page)), set[str]()
    assert "main.js" in wanted
    while wanted - seen:
        name = (wanted - seen).pop()
        seen.add(name)
        body = get(f"/{name}")
        wanted |= set(re.findall(r'^import .* from "\./([\w.-]+)";$', body, re.MULTILINE))
    assert len(seen) >= 10
    for language in ("en", "ko"):
        assert json.loads(get(f"/words/{language}.json"))
