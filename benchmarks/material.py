"""On what is measured: the same examples, initial weights and order of batches for all contenders."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas.arrays import Floats

from .row import Contender, Row, UnavailableError
from .rows import SWEPT_RATES

ROOT = Path(__file__).parents[1]
ESTIMATED = ("breast_cancer", "digits", "synthetic")
"""Tables of scikit-learn's: estimators are fitted to them, populations trained on them."""

EXAMPLES = 209
"""Generated images: as many as the course notes have of cats and non-cats."""


class Material(NamedTuple):
    """Examples as most libraries want them, in rows; layerlab takes the transposed views.

    Attributes:
        X: (m, n_x), contiguous.
        Y: (m, n_y), 0 and 1 or one-hot.
    """

    X: NDArray[Any]
    Y: NDArray[Any]

    @property
    def labels(self) -> NDArray[np.int64]:
        """Class numbers, (m,)."""
        numbers: NDArray[np.int64] = self.Y.argmax(axis=1) if self.Y.shape[1] > 1 else self.Y[:, 0].astype(np.int64)
        return numbers


class Work(NamedTuple):
    """All that a contender needs to know: the row, its own options, iterations a turn, examples."""

    row: Row
    contender: Contender
    iterations: int
    material: Material

    @property
    def layer_dims(self) -> tuple[int, ...]:
        """Sizes of the layers, the first as the examples have it."""
        return (self.material.X.shape[1], *self.row.layer_dims[1:])

    @property
    def learning_rate(self) -> float:
        """The row's, smaller for larger images: the slope by a layer's sum grows with its inputs."""
        return self.row.learning_rate * self.row.layer_dims[0] / self.layer_dims[0]

    @property
    def checked_rates(self) -> list[float]:
        """Learning rates whose costs are compared: one, or some of a sweep's."""
        if self.row.task != "sweep":
            return [self.learning_rate]
        return [float(swept_rates(self.row)[member]) for member in self.row.checked_members]

    def parameters(self, seed: int | None = None) -> dict[str, NDArray[Any]]:
        """Initial weights as layerlab draws them (the row's seed if none is given): ``W1 b1 … WL bL``, a row a unit."""
        from layerlab.formulas import initialize_parameters

        drawn = initialize_parameters(self.layer_dims, self.row.initializer, self.row.seed if seed is None else seed)
        return {name: value.astype(self.row.dtype, copy=False) for name, value in drawn.items()}

    def layers(self, seed: int | None = None) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Initial W (n, n_prev) and b (n,), layer by layer."""
        drawn = self.parameters(seed)
        return [(drawn[f"W{i}"], drawn[f"b{i}"][:, 0]) for i in range(1, len(self.layer_dims))]

    def batches(self) -> NDArray[np.int64]:
        """Examples of each update, (iterations, batch_size), in the order in which layerlab uses them."""
        from layerlab.training.batches import batches

        m, size = self.material.X.shape[0], self.row.batch_size or 0
        dealt = islice(batches(m, size, 0, self.row.dtype), self.iterations)
        return np.stack([np.asarray(batch.examples) for batch in dealt]).astype(np.int64)

    def checked_cost(self, costs: Any) -> float:
        """The cost that is compared, of the costs (iterations,) before each update."""
        checked = self.row.checked
        return float(np.mean(costs[:checked]) if self.row.batch_size else costs[checked])


class Turn(Protocol):
    """A contender that is ready: each call does the work once and returns the facts."""

    def __call__(self) -> dict[str, Any]:
        """Seconds, iterations, costs: ``facts`` has the names."""


def facts(
    *, seconds: float, updates: float, iterations: int, checked: list[float], last: list[float], **more: Any
) -> dict[str, Any]:
    """What a turn tells.

    Args:
        seconds: of the whole call.
        updates: those of them that belong to updates alone.
        iterations: number of updates in it, of all models.
        checked: what has to agree with the other contenders.
        last: cost at the last iteration.
        more: "stages", seconds by name; "how", in words.
    """
    known = {"seconds": seconds, "updates": updates, "iterations": iterations, "checked": checked, "last": last}
    return {**known, **more}


def predicted(seconds: float, work: Work, labels: Any) -> dict[str, Any]:
    """The facts of a turn of ``predict``, whose labels (m,) have to agree in their shares."""
    shares = np.bincount(labels, minlength=work.layer_dims[-1]) / len(labels)
    return facts(
        seconds=seconds, updates=seconds, iterations=work.iterations, checked=shares.tolist(), last=[], stages={}
    )


def population_facts(work: Work, seconds: float, costs: NDArray[Any], compiling: float = 0.0) -> dict[str, Any]:
    """The facts of a turn of a population.

    Args:
        work: the row.
        seconds: of the updates.
        costs: (iterations, members), before each update.
        compiling: seconds of that, before.
    """
    return facts(
        seconds=compiling + seconds,
        updates=seconds,
        iterations=work.iterations,
        checked=[work.checked_cost(costs[:, member]) for member in work.row.checked_members],
        last=[float(costs[-1, 0])],
        stages={"compile": compiling} if compiling else {},
    )


def swept_rates(row: Row) -> Floats:
    """Learning rates of a sweep."""
    return np.geomspace(*SWEPT_RATES, row.members)


def material_of(row: Row, contender: Contender) -> Material:
    """The examples of a row in its dtype.

    Raises:
        UnavailableError: there are no cat files here.
    """
    if row.data == "table":
        return _table(row)
    if row.data in ESTIMATED:
        return _estimated(row.data, row.dtype)
    if row.data == "images":
        random = np.random.RandomState(0)
        labels = random.randint(0, 2, (EXAMPLES, 1)).astype(row.dtype)
        return Material(random.random_sample((EXAMPLES, 3 * contender.side**2)), labels)
    X, Y = cats() if row.data == "cats" else _flower()
    return Material(*(np.ascontiguousarray(values.T.astype(row.dtype, copy=False)) for values in (X, Y)))


def _estimated(name: str, dtype: str) -> Material:
    """Features of mean 0 and deviation 1."""
    from sklearn import datasets
    from sklearn.preprocessing import StandardScaler

    if name == "synthetic":
        X, y = datasets.make_classification(20_000, 50, n_informative=20, random_state=0)
    else:
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return Material(StandardScaler().fit_transform(X).astype(dtype), np.eye(y.max() + 1, dtype=dtype)[y])


def _table(row: Row) -> Material:
    """Normal features; the label is the largest of as many random projections as there are classes."""
    random = np.random.RandomState(0)
    classes = max(2, row.layer_dims[-1])
    X = random.standard_normal((row.examples, row.layer_dims[0])).astype(row.dtype)
    labels = (X @ random.standard_normal((row.layer_dims[0], classes))).argmax(axis=1)
    return Material(X, np.eye(classes)[labels][:, -row.layer_dims[-1] :].astype(row.dtype))


def cats() -> Any:
    """The training set of the cats, examples in columns.

    Raises:
        UnavailableError: there are no cat files here.
    """
    from layerlab.datasets import load_cats
    from layerlab.errors import InputError

    folder = os.environ.get("LAYERLAB_DATA") or ROOT.parent / "shared" / "data"
    try:
        return load_cats(folder).train
    except InputError as error:
        raise UnavailableError("no cat files where LAYERLAB_DATA says, or else in ../shared/data") from error


def _flower() -> Any:
    from layerlab.datasets import load_flower

    return load_flower().train
