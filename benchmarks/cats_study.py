"""How good dense networks become on the course notes' cats: what helps, and what is chosen inside each training set.

    python -m benchmarks.cats_study [--splits 20] [--data FOLDER]

All 259 images are split at random into 209 and 50, each class in both as in the whole. On every split

- each contender of ``cats_contenders.py`` is trained on the 209 and asked about the 50 (the ladder of the page), and
- one contender is chosen by five folds of the 209 alone, trained on all 209 and asked about the 50 (the nested score).

At the end the choice is made once more, on the 209 images that the course notes train on, and the winner answers the
course notes' 50 test images: once. Writes benchmarks/cats_study.json after every split, at the end cats_study.md and
the picture docs/cats_study.png. What stands in the .json is not measured again: delete it where a contender has
changed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import layerlab
from layerlab.datasets import Dataset, Part, load_cats
from layerlab.datasets.part import class_numbers, standardization_of, stratified_split
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import suite_of
from layerlab.evaluating.comparisons.resplits import resplit_accuracies
from layerlab.formulas.arrays import Floats

from .cats_contenders import AVERAGES, CONTENDERS, EVERYTHING, PIXELS, SERIES, Contender
from .cats_report import write_report
from .cats_views import Rows, View, view_rows

RESULTS = Path(__file__).with_suffix(".json")
FOLDS, TEST = 5, 50

Numbers = NDArray[np.int64]


class Photographs(NamedTuple):
    """All images of the two parts, the course notes' training set first.

    Attributes:
        data: as loaded.
        labels: (259,) 1 for a cat.
        rows: of each view, (259, copies, n).
    """

    data: Dataset
    labels: Numbers
    rows: Mapping[View, Rows]


def photographs(folder: str | None) -> Photographs:
    """The images, and everything that any contender is given of them."""
    data = load_cats(folder)
    assert data.image_shape is not None  # noqa: S101
    X = np.concatenate([data.train.X, data.test.X], axis=1).T.astype(np.float32)
    labels = class_numbers(np.concatenate([data.train.Y, data.test.Y], axis=1))
    wanted = [contender.view for contender in CONTENDERS.values()]
    return Photographs(data, labels, view_rows(X, data.image_shape, wanted))


def answers(one: Contender, all_: Photographs, train: Numbers, asked: Numbers, seed: int, members: int) -> Floats:
    """Train members on the copies of some images; what they say of the copies of others.

    Args:
        one: what is trained.
        all_: the images.
        train, asked: numbers of images, none in both.
        seed: the members' seeds begin here.
        members: how many networks, alike but for their seed.

    Returns:
        (members, asked, copies) probability of a cat.
    """
    rows = all_.rows[one.view]
    copies, n_x = rows.shape[1:]
    X = rows[train].reshape(-1, n_x).T
    standardize = standardization_of(X)
    Y = np.repeat(all_.labels[train], copies)[None].astype(np.float64)
    result = layerlab.sweep(
        layerlab.Network([n_x, *one.hidden, 1]),
        Part(standardize(X), Y),
        seed=list(range(seed, seed + members)),
        batch_seed=seed,
        dropout_seed=seed,
        engine="xla",
        dtype="float32",
        progress=False,
        **one.settings,
    )
    new = standardize(rows[asked].reshape(-1, n_x).T)
    told = [run.predict_proba(new).reshape(len(asked), copies) for run in result.runs]
    return np.array(told, np.float64)


def with_averages(told: Mapping[str, Floats]) -> dict[str, Floats]:
    """Probabilities (k,) of contenders, and of those averages that may be chosen and whose parts are all there."""
    there = {name: some for name, some in AVERAGES.items() if set(some) <= set(told)}
    return {**told, **{name: np.mean([told[one] for one in some], axis=0) for name, some in there.items()}}


def inner_losses(all_: Photographs, train: Numbers, seed: int) -> dict[str, float]:
    """Mean cross-entropy of everything that may be chosen, over five folds of the training set."""
    from sklearn.model_selection import StratifiedKFold

    labels = all_.labels[train]
    told = {name: np.empty(len(train)) for name in EVERYTHING}
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(train, labels)
    for kept, held_out in folds:
        for name, values in told.items():
            one = answers(CONTENDERS[name], all_, train[kept], train[held_out], seed=1000 * seed, members=2)
            values[held_out] = one.mean(axis=(0, 2))
    return {name: cross_entropy(values, labels) for name, values in with_averages(told).items()}


def cross_entropy(probability: Floats, labels: Numbers) -> float:
    """Mean of −log of the probability that the right answer had; at most 13.8, so that one answer cannot decide all."""
    of_right = np.where(labels == 1, probability, 1 - probability)
    return float(-np.log(np.maximum(of_right, 1e-6)).mean())


def chosen(losses: Mapping[str, float], among: Sequence[str]) -> str:
    """The name with the lowest loss, and the averages of which all parts are among the names."""
    names = [*among, *(name for name, some in AVERAGES.items() if set(some) <= set(among))]
    return min(names, key=lambda name: losses[name])


def one_split(all_: Photographs, seed: int, known: Mapping[str, Any]) -> dict[str, Any]:
    """Everything about one split: right or wrong for each contender and test image, losses inside, and the choices.

    Args:
        all_: the images.
        seed: of the split.
        known: what was measured before, which is kept.
    """
    train, test = stratified_split(all_.labels, TEST, seed)
    new = {name: one for name, one in CONTENDERS.items() if name not in known.get("right", {})}
    told = {name: answers(one, all_, train, test, 1000 * seed, one.members) for name, one in new.items()}
    means = with_averages({name: values.mean(axis=(0, 2)) for name, values in told.items()})
    right = {name: ((values > 0.5) == all_.labels[test]).astype(int).tolist() for name, values in means.items()}
    of_parts = {name: _of_parts(values, all_.labels[test]) for name, values in told.items()}
    losses = known.get("losses") or inner_losses(all_, train, seed)
    return {
        "test": test.tolist(),
        "right": {**known.get("right", {}), **right},
        "accuracy_of_parts": {**known.get("accuracy_of_parts", {}), **of_parts},
        "losses": losses,
        "chosen": {"pixels": chosen(losses, PIXELS), "everything": chosen(losses, EVERYTHING)},
        "alone": [int(not _series_of(number) & set(train.tolist())) for number in test.tolist()],
    }


def _of_parts(told: Floats, labels: Numbers) -> dict[str, float]:
    """Accuracy of one member or all, on the image as it is or on all its copies."""
    some = {
        "one member, one view": told[0, :, 0],
        "one member, all views": told[0].mean(axis=1),
        "all members, one view": told[:, :, 0].mean(axis=0),
        "all members, all views": told.mean(axis=(0, 2)),
    }
    return {name: float(((values > 0.5) == labels).mean()) for name, values in some.items()}


def _series_of(number: int) -> set[int]:
    return {other for series in SERIES if number in series for other in series} - {number}


def official(all_: Photographs, seed: int = 0) -> dict[str, Any]:
    """The choice on the course notes' 209 training images, and its answers about the course notes' 50 test images."""
    m = all_.data.train.X.shape[1]
    train, test = np.arange(m), np.arange(m, len(all_.labels))
    losses = inner_losses(all_, train, seed)
    name = chosen(losses, EVERYTHING)
    parts = AVERAGES.get(name, (name,))
    told = [answers(CONTENDERS[part], all_, train, test, seed, CONTENDERS[part].members) for part in parts]
    probability = np.mean([values.mean(axis=(0, 2)) for values in told], axis=0)
    right = (probability > 0.5) == all_.labels[test]
    return {"chosen": name, "losses": losses, "test": test.tolist(), "right": right.astype(int).tolist()}


def main() -> None:
    """Measure, keep what was measured, and write the page's numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--data", help="the folder of the two cat files")
    parser.add_argument("--report", action="store_true", help="write page and picture again, measure nothing")
    given = parser.parse_args()
    if given.report:
        write_report(json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    begun, all_ = perf_counter(), photographs(given.data)
    print(f"{len(all_.rows)} views of {len(all_.labels)} images, {perf_counter() - begun:.0f} s", flush=True)
    facts = measured_before(given.splits)
    before = facts["seconds"]

    def keep() -> None:
        facts["seconds"] = before + perf_counter() - begun
        RESULTS.write_text(json.dumps(facts) + "\n", encoding="utf-8")

    facts["nearest"] = nearest_pairs(all_.data)
    facts.update(of_the_notes(all_.data, given.splits, facts))
    for seed in range(given.splits):
        known = facts["splits"][seed] if seed < len(facts["splits"]) else {}
        facts["splits"][seed : seed + 1] = [split := one_split(all_, seed, known)]
        keep()
        shares = {pool: float(np.mean(split["right"][name])) for pool, name in split["chosen"].items()}
        print(seed, split["chosen"], shares, f"{facts['seconds']:.0f} s", flush=True)
    facts["official"] = facts.get("official") or official(all_)
    keep()
    write_report(facts)


def measured_before(splits: int) -> dict[str, Any]:
    """What cats_study.json holds, or nothing."""
    facts: dict[str, Any] = {"splits": [], "seconds": 0.0}
    if RESULTS.exists():
        facts = json.loads(RESULTS.read_text(encoding="utf-8"))
    facts["splits"] = facts["splits"][:splits]
    return {
        **facts,
        "command": f"python -m benchmarks.cats_study --splits {splits}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, XLA_FLAGS={os.environ.get('XLA_FLAGS', '')!r}",
    }


def nearest_pairs(data: Dataset, most: int = 3) -> list[tuple[int, int, float]]:
    """The images that are most alike: their numbers, and the root of the mean squared difference of their pixels."""
    from scipy.spatial.distance import pdist

    X = np.concatenate([data.train.X, data.test.X], axis=1).T
    first, second = np.triu_indices(len(X), 1)
    apart = pdist(X) / np.sqrt(X.shape[1])
    nearest = np.argsort(apart)[:most]
    return [(int(first[i]), int(second[i]), float(apart[i])) for i in nearest]


def of_the_notes(data: Dataset, splits: int, known: Mapping[str, Any]) -> dict[str, Any]:
    """The course notes' models: base rate, accuracy on every split, and the test images they classify correctly."""
    if len(known.get("base_rate", ())) == splits and "notes_right" in known:
        return {}
    suite = suite_of(data)
    assert suite is not None  # noqa: S101
    base, *rows = np.array(list(resplit_accuracies(data, suite.recipes, splits, progress=False))).T.tolist()
    right = {one.name: (train_recipe(one, data).predict(data.test.X) == data.test.Y)[0] for one in suite.recipes}
    return {
        "base_rate": base,
        "notes_right": {name: values.astype(int).tolist() for name, values in right.items()},
        "notes": {recipe.name: row for recipe, row in zip(suite.recipes, rows, strict=True)},
    }


if __name__ == "__main__":
    main()
