"""What scikit-learn gives on the rows that layerlab trained on: ``python -m benchmarks.fifteen_peers``, a fit each.

It prints a line of JSON: the score on the test rows, and the seconds of the fit.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fifteen_material import EXAMPLES, Example
from .tables_contenders import CONTENDERS
from .tables_material import Table

PEERS = {"linear": "linear", "boosted trees": "HistGradientBoosting", "MLP": "scikit-learn MLP"}
"""Who is compared, and what ``tables_contenders`` calls them."""


def main() -> None:
    """Fit one peer to the training rows, and score it on the test rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fifteen_peers", description=__doc__)
    parser.add_argument("name", choices=EXAMPLES)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("data", type=Path, help="the file or folder that layerlab read")
    parser.add_argument("split", type=Path, help="the split.csv of layerlab's run")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # of trainings that end at their number of iterations
    example = EXAMPLES[asked.name]
    table, called = read_table(example, asked.data)
    train, test = rows_of(asked.split, called)
    model = CONTENDERS[PEERS[asked.peer]](table, 0)
    start = perf_counter()
    model.fit(table.X.iloc[train], table.y[train])
    seconds = perf_counter() - start
    print(json.dumps({"score": score(example, model, table.X.iloc[test], table.y[test]), "seconds": seconds}))


def read_table(example: Example, path: Path) -> tuple[Table, list[str]]:
    """Read the data as a user of pandas would, and what layerlab calls each of the rows.

    Text becomes categories. A date becomes its days since 1970, the sine and the cosine of its place in the year.
    """
    import pandas as pd

    if not example.target:
        return read_images(path)
    frame = pd.read_csv(path)
    for name in example.dates:
        days = (pd.to_datetime(frame[name]) - pd.Timestamp("1970-01-01")).dt.days.astype(float)
        angle = 2 * np.pi * days / 365.2425
        frame = frame.drop(columns=name).assign(**{name: days, "sine": np.sin(angle), "cosine": np.cos(angle)})
    y = frame.pop(example.target).to_numpy()
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    numbers = [name for name in frame if name not in texts]
    X = frame.astype({**dict.fromkeys(texts, "category"), **dict.fromkeys(numbers, float)})
    table = Table(X, y.astype(str if example.classifies else float), example.classifies)
    return table, [str(row) for row in range(1, len(y) + 1)]


def read_images(path: Path) -> tuple[Table, list[str]]:
    """Read a folder of images: a row of pixels from 0 to 1 for each, and its file's name below the folder."""
    import pandas as pd
    from PIL import Image

    files = sorted(path.glob("*/*.png"))
    pixels = np.stack([np.asarray(Image.open(file), float).ravel() / 255 for file in files])
    X = pd.DataFrame(pixels, columns=[f"p{k}" for k in range(pixels.shape[1])])
    y = np.array([file.parent.name for file in files])
    return Table(X, y, True), [file.relative_to(path).as_posix() for file in files]


def rows_of(split: Path, called: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the training and of the test rows; rows that layerlab left out are in neither."""
    import pandas as pd

    places = {name: place for place, name in enumerate(called)}
    parts = pd.read_csv(split, dtype=str)
    train, test = (np.array([places[name] for name in parts.example[parts.part == part]]) for part in ("train", "test"))
    return train, test


def score(example: Example, model: Any, X: Any, y: NDArray[Any]) -> float:
    """The example's score of a fitted model on the test rows."""
    from sklearn.metrics import average_precision_score

    if example.score == "average precision":
        rare = min(set(y), key=y.tolist().count)
        return float(average_precision_score(y == rare, model.predict_proba(X)[:, list(model.classes_).index(rare)]))
    answers = model.predict(X)
    return float((answers == y).mean() if example.classifies else np.abs(answers - y).mean())


if __name__ == "__main__":
    main()
