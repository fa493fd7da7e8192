"""Which columns a network's answers depend on: what its score loses when a column is shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.evaluating.statistics import mean_interval
from layerlab.formulas.arrays import Floats
from layerlab.formulas.attribution import GIVEN
from layerlab.formulas.network import network_forward
from layerlab.runs.run import Run
from layerlab.settings import SETTINGS
from layerlab.text import amount

from .input_groups import InputGroup, column_groups, patch_groups

if TYPE_CHECKING:
    from rich.console import Console


MAX_SHUFFLED_COLUMNS = 200
"""Columns that are shuffled; of more, those that move the first layer most."""

MAX_TEST_EXAMPLES = 10_000
"""Test examples that are looked at, if not said otherwise."""


@dataclass(frozen=True)
class Importance:
    """What shuffling each column costs on the test part, the dearest column first.

    Attributes:
        columns: what was shuffled: columns of the table, features, or patches of an image.
        drops: (columns,) accuracy lost, or mean absolute error gained in the values' unit; means over repeats and
            examples. Below 0 where shuffling happened to help.
        intervals: (columns, 2) 95 % intervals, by Student's t over the test examples, each example's change averaged
            over the repeats: how far the figure would move with another test part of the same size.
        spreads: (columns,) standard deviation over the repeats: how far it moves with other shuffles.
        score: "accuracy" or "mean absolute error".
        base: that score without shuffling.
        examples, repeats: how many.
        remark: a sentence where columns or examples were left out; else empty.
    """

    columns: tuple[InputGroup, ...]
    drops: Floats
    intervals: Floats
    spreads: Floats
    score: str
    base: float
    examples: int
    repeats: int
    remark: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        rows = zip(self.columns, self.drops, self.intervals, self.spreads, strict=True)
        return {
            "score": self.score,
            "base": self.base,
            "examples": self.examples,
            "repeats": self.repeats,
            "remark": self.remark,
            "columns": [
                {"name": one.name, "drop": float(drop), "interval": interval.tolist(), "spread": float(spread)}
                for one, drop, interval, spread in rows
            ],
        }


def permutation_importance(
    run: Run, dataset: Dataset, *, repeats: int = 5, seed: int = 0, examples: int = MAX_TEST_EXAMPLES
) -> Importance:
    """Shuffle one column of the test part at a time, all its rows of X together, and see what the score loses.

    A column counts only beyond what others say as well: of two that say the same, each alone may be shuffled at little
    cost. Shuffled columns make examples that do not exist. Sources: Breiman 2001, "Random forests", section 10; Fisher,
    Rudin & Dominici 2019, "All models are wrong, but many are useful".

    Args:
        run: a classifier of one class an example, or a regression.
        dataset: prepared as for the run. Of a table its own columns are shuffled; of images patches of pixels.
        repeats: shuffles of each column, from 1 to 1000.
        seed: of the ``RandomState`` that shuffles.
        examples: at most so many test examples are looked at, drawn by the seed.

    Returns:
        One figure a column, the largest first.

    Raises:
        InputError: the run gives several labels, the data do not fit, or there are fewer than two test examples.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=500)
        >>> some = permutation_importance(run, flower)
        >>> print(some.score, len(some.drops), bool(some.drops[0] > 0.2))
        accuracy 2 True
    """
    _check(run, dataset, repeats, examples)
    random = np.random.RandomState(SETTINGS["seed"].check(seed))
    (X, Y), m = dataset.test, dataset.test.X.shape[1]
    some = random.permutation(m)[:examples]
    X, Y = np.asarray(X[:, some], np.float64), Y[:, some]
    columns, left_out = _columns(run, dataset)
    Z1 = run.parameters["W1"] @ X + run.parameters["b1"]
    before = _losses(run, Z1, Y)
    changes = np.empty((len(columns), repeats, X.shape[1]))
    for k, column in enumerate(columns):
        W, rows = run.parameters["W1"][:, column.rows], X[column.rows]
        for repeat in range(repeats):
            shuffled = rows[:, random.permutation(X.shape[1])]
            changes[k, repeat] = _losses(run, Z1 + W @ (shuffled - rows), Y) - before
    drops = changes.mean(axis=(1, 2))
    order = np.argsort(-drops, kind="stable")
    intervals = np.array([mean_interval(change.mean(axis=0))[1] for change in changes]).reshape(-1, 2)
    return Importance(
        tuple(columns[k] for k in order),
        drops[order],
        intervals[order],
        changes.mean(axis=2).std(axis=1, ddof=1 if repeats > 1 else 0)[order],
        "accuracy" if run.network.classifies else "mean absolute error",
        float(1 - before.mean() if run.network.classifies else before.mean()),
        X.shape[1],
        repeats,
        " ".join(filter(None, (left_out, _fewer(X.shape[1], m, seed)))),
    )


def _check(run: Run, dataset: Dataset, repeats: int, examples: int) -> None:
    if run.network.has_several_labels:
        raise InputError("the run gives each example several labels: importance is offered for one class or values")
    if isinstance(repeats, bool) or not isinstance(repeats, int | np.integer) or not 1 <= repeats <= 1000:
        raise InputError(f"repeats={repeats!r}: wanted a whole number from 1 to 1000")
    if isinstance(examples, bool) or not isinstance(examples, int | np.integer) or examples < 2:
        raise InputError(f"examples={examples!r}: wanted a whole number of at least 2")
    if not all(np.isfinite(value).all() for value in run.parameters.values()):
        raise InputError("the run diverged, its answers depend on nothing: train with a smaller rate")
    n_x, m = dataset.test.X.shape
    if n_x != run.network.layer_dims[0]:
        raise InputError(f"the data have {n_x} features, the network takes {run.network.layer_dims[0]}")
    if dataset.test.Y.shape[0] != run.network.layer_dims[-1]:
        raise InputError(
            f"the data have {dataset.test.Y.shape[0]} outputs, the network gives {run.network.layer_dims[-1]}"
        )
    if m < 2:
        raise InputError("the test part has one example, which cannot be shuffled: wanted at least two")


def _columns(run: Run, dataset: Dataset) -> tuple[list[InputGroup], str]:
    """What is shuffled, and a sentence about what is not."""
    if dataset.image_shape is not None:
        return patch_groups(dataset.image_shape), ""
    columns = column_groups(run, dataset)
    if len(columns) <= MAX_SHUFFLED_COLUMNS:
        return columns, ""
    moves = np.linalg.norm(run.parameters["W1"], axis=0) * dataset.train.X.std(axis=1)  # of Z_1 by each row of X
    strength = np.array([float(np.linalg.norm(moves[column.rows])) for column in columns])
    strongest = np.sort(np.argsort(-strength, kind="stable")[:MAX_SHUFFLED_COLUMNS])
    sentence = f"Shuffled were the {MAX_SHUFFLED_COLUMNS} of {len(columns):,} columns that move the first layer most."
    return [columns[k] for k in strongest], sentence


def _fewer(taken: int, m: int, seed: int) -> str:
    return f"It was measured on {taken:,} of {m:,} test examples, drawn by seed {seed}." if taken < m else ""


def _losses(run: Run, Z1: Floats, Y: Floats) -> Floats:
    """(m,) of each example: 1 where the answer is wrong and 0 where it is right, or the absolute error."""
    Z, _ = network_forward(Z1, run.parameters, run.network.activations, first=GIVEN)
    predictions = run.network.loss.prediction(Z)
    if not run.network.classifies:
        return np.asarray(np.abs(predictions - Y).mean(axis=0), np.float64)
    return np.asarray(run.network.labels(predictions)[0] != class_numbers(Y), np.float64)


def print_importance(facts: dict[str, Any], console: Console) -> None:
    """A row a column: what is lost when it is shuffled, and the interval; then what the figures are.

    Args:
        facts: of ``Importance.facts``.
        console: where.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    lost = "accuracy lost (points)" if facts["score"] == "accuracy" else "error gained"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for head in ("shuffled", lost, "95 % interval"):
        table.add_column(head, justify="left" if head == "shuffled" else "right")
    scale = 100 if facts["score"] == "accuracy" else 1
    for one in facts["columns"]:
        low, high = (amount(scale * end) for end in one["interval"])
        table.add_row(Text(one["name"]), amount(scale * one["drop"], "+"), f"{low} to {high}")
    console.print(table)
    base = f"{100 * facts['base']:.1f} %" if facts["score"] == "accuracy" else amount(facts["base"])
    console.print(
        f"Each was shuffled {facts['repeats']} times over {facts['examples']:,} test examples (permutation importance; "
        f"{facts['score']} {base} without). Of two that say the same, either can be shuffled at little cost. "
        f"{facts['remark']}".rstrip(),
        highlight=False,
        markup=False,
    )
