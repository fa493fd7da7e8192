"""A small fit by one library from its import on, one process a time: ``python -m benchmarks.cold_fit LIBRARY``."""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Any

from .rows import COLD_FIT as ROW
from .worker import peak_bytes


def fit_layerlab(X: Any, y: Any) -> tuple[float, float]:
    """When the library was there, and the last cost."""
    import layerlab

    imported = perf_counter()
    network = layerlab.Network(ROW.layer_dims, hidden=ROW.hidden)
    iterations = ROW.contender("layerlab").iterations
    run = layerlab.train(
        network, (X.T, y[None, :]), learning_rate=ROW.learning_rate, iterations=iterations, initializer=ROW.initializer
    )
    return imported, float(run.history.costs[-1])


def fit_sklearn(X: Any, y: Any) -> tuple[float, float]:
    """The same."""
    from sklearn.neural_network import MLPClassifier

    imported = perf_counter()
    model = MLPClassifier(
        ROW.layer_dims[1:-1],
        activation=ROW.hidden,
        solver="sgd",
        learning_rate_init=ROW.learning_rate,
        momentum=0.0,
        alpha=0.0,
        batch_size=len(X),
        max_iter=ROW.contender("scikit-learn").iterations,
        tol=0.0,
        n_iter_no_change=10**9,
        random_state=ROW.seed,
    )
    model.fit(X, y)
    return imported, float(model.loss_)


FITS = {"layerlab": fit_layerlab, "scikit-learn": fit_sklearn}


def main() -> None:
    """Fit, and print what it took as JSON."""
    import warnings

    import numpy as np

    warnings.simplefilter("ignore")
    random = np.random.RandomState(0)
    X = random.standard_normal((ROW.examples, ROW.layer_dims[0]))
    y = (X @ random.standard_normal(ROW.layer_dims[0]) > 0).astype(float)
    begun = perf_counter()
    try:
        imported, cost = FITS[sys.argv[1]](X, y)
    except ModuleNotFoundError as error:
        print(json.dumps({"skipped": f"{error.name} is not installed here"}))
        return
    stages = {"import": imported - begun, "fit": perf_counter() - imported}
    print(json.dumps({"stages": stages, "last": [cost], "peak": peak_bytes()}))


if __name__ == "__main__":
    main()
