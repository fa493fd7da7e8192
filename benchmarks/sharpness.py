"""How many Hessian products the largest eigenvalue takes: SciPy's Lanczos iteration against power iteration.

Run: python benchmarks/sharpness.py (cats in LAYERLAB_DATA or downloaded)
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

import layerlab
from layerlab import Network
from layerlab.formulas import hessian_product, place_at

MOST = 5000
"""Products that power iteration gets."""

CASES: tuple[tuple[str, Network, dict[str, Any]], ...] = (
    ("flower", Network([2, 4, 1], hidden="tanh"), {"learning_rate": 1.2, "initializer": "normal", "seed": 3}),
    ("digits", Network([64, 32, 10]), {"learning_rate": 0.5}),
    ("digits", Network([64, 40, 20, 20, 10]), {"learning_rate": 0.1}),
    ("cats", Network([12288, 7, 1]), {"learning_rate": 0.0075, "initializer": "normal", "seed": 1}),
)


class Counted:
    """Products with the Hessian of a run's cost as a vector, and how many were taken."""

    def __init__(self, run: layerlab.Run, X: Any, Y: Any) -> None:
        parameters = run.parameters
        if X.shape[0] > X.shape[1]:
            basis, X = np.linalg.qr(X)
            parameters = {**parameters, "W1": parameters["W1"] @ basis}
        self.parameters, self.taken = parameters, 0
        self.place = place_at(X, Y, parameters, run.network.activations, str(run.network.output))
        self.n = sum(value.size for value in parameters.values())

    def __call__(self, vector: Any) -> Any:
        """H times the vector."""
        self.taken += 1
        pieces = np.split(vector.ravel(), np.cumsum([value.size for value in self.parameters.values()])[:-1])
        direction = {
            name: piece.reshape(value.shape)
            for piece, (name, value) in zip(pieces, self.parameters.items(), strict=True)
        }
        return np.concatenate([value.ravel() for value in hessian_product(self.place, direction).values()])


def lanczos(product: Counted, start: Any) -> float:
    """The largest eigenvalue to 1e-6."""
    hessian = LinearOperator((product.n, product.n), matvec=product, dtype=np.float64)
    return float(eigsh(hessian, k=1, which="LA", v0=start, tol=1e-6, return_eigenvectors=False)[0])


def power(product: Counted, start: Any) -> float:
    """The eigenvalue of largest magnitude, to a residual of 1e-3 of it."""
    vector, value = start / np.linalg.norm(start), 0.0
    while product.taken < MOST:
        image = product(vector)
        value = float(vector @ image)
        if np.linalg.norm(image - value * vector) < 1e-3 * abs(value):
            break
        vector = image / np.linalg.norm(image)
    return value


def main() -> None:
    """A line a case."""
    warnings.simplefilter("ignore")
    for name, network, settings in CASES:
        data = layerlab.datasets.load_dataset(name)
        for iterations in (1, 100, 1000):
            run = layerlab.train(network, data, iterations=iterations, progress=False, **settings)
            told = []
            for method in (lanczos, power):
                product = Counted(run, *data.train)
                value = method(product, np.random.RandomState(0).randn(product.n))
                told.append(f"{product.taken} products: {value:.6g}")
            dims = "-".join(map(str, network.layer_dims))
            print(f"| {name}, {dims}, after {iterations:,} updates | {' | '.join(told)} |")


if __name__ == "__main__":
    main()
