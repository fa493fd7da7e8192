"""What every command writes with ``--json``: key paths and values, compared with tests/contract/json/.

The trainings are short, so that they do not amplify how a processor or a BLAS library rounds. What depends on the
machine or on the time (seconds, versions, memory, checksums of compressed files) is replaced by its type.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import main
from small_data import NEW_ROWS, write_arrays, write_photos, write_table
from snapshots import Snapshots

from layerlab.course.checker.exercise import EXERCISES, read_exercise
from layerlab.datasets import Dataset
from layerlab.evaluating.comparisons.recipes import Recipe, members_recipe

COMMANDS = {
    "data-list": "data list",
    "data-describe-digits": "data describe digits",
    "data-describe-table": "data describe cars.csv --target price",
    "data-describe-images": "data describe photos",
    "data-describe-arrays": "data describe points.npz --plots plots/data",
    "data-fetch": "data fetch digits",
    "train-plane": "train flower --learning-rate 1.2 --iterations 40 --engine numpy --out flower",
    "train-table": (
        "train cars.csv --target price --layers 6 --learning-rate 0.1 --iterations 60 --engine numpy "
        "--validation 0.2 --metrics accuracy,auc --out cars"
    ),
    "train-values": (
        "train values.csv --target value --layers 6 --learning-rate 0.05 --iterations 60 --engine numpy --out values"
    ),
    "train-images": "train photos --layers 4 --learning-rate 0.003 --iterations 30 --engine numpy --out photo-run",
    "train-digits": (
        "train digits --layers 8 --learning-rate 0.1 --iterations 20 --engine numpy --out digits.safetensors"
    ),
    "train-members": (
        "train values.csv --target value --layers 4 --members 2 --folds 2 --learning-rate 0.05 --iterations 30 "
        "--engine numpy --baseline linear --out members"
    ),
    "train-explain": "train points.npz --layers 5 --learning-rate 0.1 --iterations 20 --explain",
    "step-plane": (
        "step flower --batch-size 5 --iterations 30 --engine numpy --at 3 --layer 2 --input 3 --plots plots/step"
    ),
    "step-table": (
        "step cars.csv --target price --layers 6 --optimizer adam --learning-rate 0.01 --batch-size 4 --epochs 2 "
        "--engine numpy --input bias"
    ),
    "step-run": "step photo-run --layer 2 --input 3 --at 4",
    "compare-builtin": "compare breast-cancer",
    "compare-table": "compare cars.csv --target price --seeds 2 --splits 2",
    "sweep-rates": "sweep flower --learning-rate 0.1,0.3 --seed 0..1 --iterations 30 --engine numpy --plots plots/a",
    "sweep-table": (
        "sweep cars.csv --target price --layers 4 --learning-rate 0.1 --l2 0,1 --iterations 30 --engine numpy "
        "--plots plots/b"
    ),
    "sweep-explain": "sweep flower --learning-rate 0.1,0.3 --iterations 30 --engine numpy --explain",
    "rate-plane": "rate flower --iterations 20 --engine numpy",
    "rate-values": "rate values.csv --target value --iterations 20 --engine numpy",
    "search-table": (
        "search cars.csv --target price --space space.toml --trials 3 --folds 2 --workers 0 --engine numpy --out found"
    ),
    "search-values": (
        "search values.csv --target value --space space.toml --trials 2 --folds 2 --workers 0 --engine numpy "
        "--no-ensemble --out found-values"
    ),
    "predict-table": "predict cars new.csv",
    "predict-values": "predict values new.csv",
    "predict-intervals": "predict members new.csv --intervals 0.8",
    "predict-images": "predict photo-run photos/dark/00.png photos/light/01.png",
    "predict-several": "predict digits.safetensors photos/dark/00.png --with digits.safetensors",
    "explain-columns": "explain cars --plots plots/c",
    "explain-row": "explain cars 3",
    "explain-value": "explain values 2",
    "explain-image": "explain photo-run photos/light/02.png",
    "explain-point": "explain flower 1",
    "export-onnx": "export cars cars.onnx",
    "export-numpy": "export flower flower-numpy --format numpy",
    "report-table": "report cars --out cars.html",
    "report-values": "report values --out values.html",
    "report-search": "report found --out found.html",
    "doctor": "doctor",
    "learn-new": "learn new course",
    "learn-new-again": "learn new course --lang ko",
    "learn-list": "learn list",
    "learn-hint": "learn --course course hint 4.05 --lang en",
    "learn-check": "learn check mine.py",
    "learn-solution": "learn solution 4.05 --show-anyway",
    "learn-reset": "learn --course course reset 4.05",
    "learn-export-results": "learn --course course export-results",
    "learn-doctor": "learn doctor",
    "learn-dev-check": "learn dev check 1.02",
}
SPACE = """
depth = [0, 1]
width = [4]
hidden = "tanh"
initializer = "he"
optimizer = "nesterov"
learning_rate = [0.1, 0.2]
l2 = 0.0
dropout = 0.0
batch_size = "all"
iterations = 20
"""
OF_THE_MACHINE = {"seconds", "budget", "at_once", "expected", "actual", "versions", "measured", "deviation"}
OF_TEXTS = ("doctor", "learn-hint", "learn-solution", "learn-doctor", "learn-dev-check")
"""Commands whose JSON is compared by its types: it holds versions, seconds, or texts that authors improve."""

OF_COMPRESSION = ("photos", "points.npz")
"""Files whose bytes, and with them the checksum, depend on the version of a compressing library."""


def write_data(folder: Path) -> None:
    """Tables, photographs, arrays and a search space for the commands."""
    write_table(folder / "cars.csv", "price")
    write_table(folder / "values.csv", "value")
    (folder / "new.csv").write_text(NEW_ROWS, encoding="utf-8")
    (folder / "space.toml").write_text(SPACE, encoding="utf-8")
    (folder / "mine.py").write_text(read_exercise(EXERCISES / "1_numpy" / "01_sigmoid").solution, encoding="utf-8")
    write_photos(folder / "photos")
    write_arrays(folder / "points.npz")


def kind(value: Any) -> Any:
    """The type of a value that another machine has another of."""
    if isinstance(value, dict):
        return {name: kind(one) for name, one in value.items()}
    return type(value).__name__


def of_any_machine(value: Any) -> Any:
    """The same facts, with types in place of what depends on the machine."""
    if isinstance(value, list):
        return [of_any_machine(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, one in value.items():
        if name in ("versions", "actual"):
            kept[name] = "dict"  # its keys, too: which stages took time, which packages there are
        elif name in OF_THE_MACHINE or (name == "digest" and value["path"] in OF_COMPRESSION):
            kept[name] = kind(one)
        elif name == "what" and isinstance(one, str):
            kept[name] = re.sub(r"Fitting the trees took .*", "Fitting the trees took # s.", one)
        elif name == "engine_reason":
            kept[name] = re.sub(r"[\d.,]+ (ms|µs|s|min|h)\b", "# s", one)
        else:
            kept[name] = of_any_machine(one)
    return kept


def key_paths(value: Any, path: str = "") -> Iterator[str]:
    """Every path of keys in a JSON value, items of a list taken together."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield f"{path}/{name}"
            yield from key_paths(one, f"{path}/{name}")
    elif isinstance(value, list):
        for one in value:
            yield from key_paths(one, f"{path}/*")


def short_members(data: Dataset) -> Recipe | None:
    """The usual training of a table, shortened so that it does not amplify how a processor rounds."""
    usual = members_recipe(data)
    short = {"epochs": 2, "members": 2, "folds": 2, "dtype": "float64"}
    return usual and replace(usual, others={**usual.others, **short})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON of every command, by its name; later commands read what earlier ones made."""
    folder = tmp_path_factory.mktemp("commands")
    write_data(folder)
    facts = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "100")
        for module in ("evaluating.comparisons.recipes", "tuning.search.usual_rival"):
            patch.setattr(f"layerlab.{module}.members_recipe", short_members)
        for name, command in COMMANDS.items():
            patch.setattr(sys, "argv", ["layerlab", *shlex.split(command), "--json", f"{name}.json"])
            said = io.StringIO()
            with redirect_stdout(said), redirect_stderr(said):
                try:
                    main()
                except SystemExit as stop:
                    if stop.code:
                        pytest.fail(f"{command}: {said.getvalue()}")
            facts[name] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return facts


@pytest.mark.parametrize("name", COMMANDS)
def test_values_are_kept(name: str, written: dict[str, Any], snapshots: Snapshots) -> None:
    facts = written[name]
    snapshots.check(f"json/{name}.json", kind(facts) if name in OF_TEXTS else of_any_machine(facts))


def test_key_paths_are_kept(written: dict[str, Any], snapshots: Snapshots) -> None:
    snapshots.check("json_keys.json", {name: list(dict.fromkeys(key_paths(facts))) for name, facts in written.items()})
