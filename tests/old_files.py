"""Files as users have them on their disks, in tests/contract/files/, and the training that they came from.

They were written once. Later versions have to read them, so they are not written anew when the package changes, but
only beside a new format version: ``PYTHONPATH=src python tests/old_files.py`` replaces them all.

All examples are eighths: every processor and library computes the same checksums of them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from small_data import NEW_ROWS, write_table

import layerlab
from layerlab.datasets import Dataset, Part
from layerlab.formulas.arrays import Floats

FILES = Path(__file__).parent / "contract" / "files"
REQUEST: dict[str, Any] = {"learning_rate": 0.2, "iterations": 60, "optimizer": "adam", "batch_size": 16}
STOPPED_AT = 7
"""The epoch, of 20, after which the checkpoint's training was interrupted."""
SEARCH: dict[str, Any] = {"trials": 12, "batch": 3, "folds": 2, "halving": 1, "workers": 0, "engine": "numpy"}
SPACE = {
    "depth": [0, 1],
    "width": [3, 4],
    "hidden": "tanh",
    "initializer": "he",
    "optimizer": "nesterov",
    "learning_rate": [0.05, 0.1],
    "l2": 0.0,
    "dropout": 0.0,
    "batch_size": "all",
    "iterations": 15,
}


def examples(m: int, seed: int) -> tuple[Floats, Floats]:
    """Points in rows with three features, and values that depend on them."""
    random = np.random.RandomState(seed)
    X = random.randint(-16, 17, (m, 3)) / 8
    return X, X @ [1, -0.5, 0.25] + random.randint(-4, 5, m) / 8


def points() -> Dataset:
    """Two classes of points, for the checkpoint and the search."""
    parts = []
    for m, seed in ((48, 0), (24, 1)):
        X, values = examples(m, seed)
        parts.append(Part(np.ascontiguousarray(X.T), (values > 0).astype(float)[None]))
    train, test = parts
    return Dataset("points", train, test, class_names=("low", "high"), feature_names=("a", "b", "c"))


def trained_points(**how: Any) -> layerlab.Run:
    """The training whose checkpoint is kept."""
    return layerlab.train(
        layerlab.Network([3, 4, 1], hidden="tanh"), points().train, engine="numpy", progress=False, **REQUEST, **how
    )


def searched_points(folder: Path, **how: Any) -> layerlab.Search:
    """The search whose half-done folder is kept."""
    return layerlab.search(points(), space=SPACE, folder=folder, **{**SEARCH, **how})


def scores(found: layerlab.Search) -> dict[str, float]:
    """The score of every trial that has ended."""
    return {str(one.candidate.number): float(one.score) for one in found.trials}


def grid() -> Floats:
    """Nine points of the plane, for the run on the flower."""
    return np.array([[x, y] for x in (-2.0, 0.5, 3.0) for y in (-3.0, 0.25, 1.5)]).T


def results(folder: Path) -> dict[str, bytes]:
    """The finished tasks of a search's folder."""
    return {path.name: path.read_bytes() for path in sorted((folder / "results").iterdir())}


def write() -> None:
    """Write all files, and what is expected of them."""
    import skops.io

    from layerlab.sklearn import MLPClassifier, MLPRegressor

    shutil.rmtree(FILES, ignore_errors=True)
    FILES.mkdir(parents=True)
    expected: dict[str, Any] = {}

    network = layerlab.Network([2, 4, 1], hidden="tanh")
    plane = layerlab.train(
        network, layerlab.datasets.load_flower(), learning_rate=1.2, iterations=60, engine="numpy", progress=False
    )
    plane.save(FILES / "plane")
    plane.save(FILES / "plane.safetensors")
    expected["plane"] = plane.predict_proba(grid())[0].tolist()

    (FILES / "new.csv").write_text(NEW_ROWS, encoding="utf-8")
    for name, target in (("cars", "price"), ("values", "value")):
        write_table(FILES / f"{name}.csv", target)
        data = layerlab.datasets.load_table(FILES / f"{name}.csv", target=target)
        run = layerlab.train(
            layerlab.Network([data.n_x, 4, 1], hidden="relu", output="sigmoid" if name == "cars" else "identity"),
            data,
            learning_rate=0.1,
            iterations=60,
            engine="numpy",
            progress=False,
        )
        run.save(FILES / f"{name}-run")

    def stop(moment: layerlab.Moment) -> None:
        if moment.epoch == STOPPED_AT:
            raise KeyboardInterrupt

    trained_points(checkpoint=FILES / "checkpoint.safetensors", callback=stop)
    expected["checkpoint"] = trained_points().history.costs.tolist()

    def interrupt(*_: Any) -> None:
        if len(list((FILES / "search" / "results").glob("*.safetensors"))) >= 2:
            raise KeyboardInterrupt

    half = searched_points(FILES / "search", watcher=interrupt)
    shutil.rmtree(FILES / "search" / "claims", ignore_errors=True)
    expected["search"] = {"finished": scores(half), "whole": scores(searched_points(FILES / "whole"))}
    shutil.rmtree(FILES / "whole")

    X, values = examples(60, 2)
    for name, estimator, y in (
        ("classifier", MLPClassifier, np.where(values > 0, "high", "low")),
        ("regressor", MLPRegressor, values),
    ):
        fitted = estimator(hidden_layer_sizes=(4,), max_iter=30, random_state=0).fit(X, y)
        path = FILES / f"{name}.skops"
        skops.io.dump(fitted, path, compression=zipfile.ZIP_DEFLATED)
        answers = fitted.predict_proba(X[:6])[:, 0] if name == "classifier" else fitted.predict(X[:6])
        expected[name] = {"answers": answers.tolist(), "classes": skops.io.get_untrusted_types(file=path)}
    for name in ("cars", "values"):
        command = [sys.executable, "-m", "layerlab", "predict", str(FILES / f"{name}-run"), str(FILES / "new.csv")]
        said = subprocess.run([*command, "--json", "-"], check=True, capture_output=True, text=True)  # noqa: S603
        expected[name] = json.loads(said.stdout)["predictions"]
    (FILES / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
