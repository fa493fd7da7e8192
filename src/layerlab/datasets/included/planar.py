"""Points in the plane: the flower of the course notes, and five more datasets with two classes each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.part import Part
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.settings import SETTINGS

N_EXTRA = 200
"""The number of points in each of the five extra datasets, as in the course."""


def flower_points(seed: int | None = 1) -> tuple[Floats, Floats]:
    """Generate the flower: two classes of 200 points whose radius oscillates with the angle.

    Class j has angles t = linspace(3.12 j, 3.12 (j + 1), 200) + 0.2 ε and radii r = 4 sin 4t + 0.2 ε, with the noise of
    the angles drawn before that of the radii. A point is (r sin t, r cos t).

    Args:
        seed: seed of the noise; None uses NumPy's global random state.

    Returns:
        X (2, 400) and Y (1, 400), the 200 points of class 0 first.
    """
    randn = np.random.randn if seed is None else np.random.RandomState(SETTINGS["seed"].check(seed)).randn
    points = []
    for j in (0, 1):
        t = np.linspace(j * 3.12, (j + 1) * 3.12, 200) + 0.2 * randn(200)
        r = 4 * np.sin(4 * t) + 0.2 * randn(200)
        points.append(np.stack([r * np.sin(t), r * np.cos(t)]))
    return np.concatenate(points, axis=1), np.repeat([[0.0, 1.0]], 200, axis=1)


def extra_points(name: str, seed: int | None = None) -> tuple[Floats, NDArray[np.int64]]:
    """Generate one of the course's five extra datasets exactly as the course does, with points in rows.

    Only "no_structure" differs: the course draws points for its labels too; here labels are 0 and 1 at random.

    Args:
        name: a name in ``EXTRA``.
        seed: None uses NumPy's global random state, and gives the course's own blobs; a number gives other points
            around the same centres.

    Returns:
        Points (200, 2) and class numbers (200,): 0 to 5 for the blobs, 0 and 1 elsewhere.

    Raises:
        InputError: the name is unknown, or the seed out of range.
    """
    from sklearn.datasets import make_blobs, make_circles, make_gaussian_quantiles, make_moons

    if name not in EXTRA:
        raise InputError(f"no planar set is called {name!r}: wanted one of {', '.join(EXTRA)}")
    if seed is not None:
        seed = SETTINGS["seed"].check(seed)
    if name == "noisy_circles":
        points, classes = make_circles(n_samples=N_EXTRA, factor=0.5, noise=0.3, random_state=seed)
    elif name == "noisy_moons":
        points, classes = make_moons(n_samples=N_EXTRA, noise=0.2, random_state=seed)
    elif name == "blobs":
        points, classes, centers = make_blobs(N_EXTRA, centers=6, random_state=5, return_centers=True)
        if seed is not None:
            points, classes = make_blobs(N_EXTRA, centers=centers, random_state=seed)
    elif name == "gaussian_quantiles":
        points, classes = make_gaussian_quantiles(
            mean=None, cov=0.5, n_samples=N_EXTRA, n_features=2, n_classes=2, shuffle=True, random_state=seed
        )
    else:
        rand = np.random.rand if seed is None else np.random.RandomState(seed).rand
        points, classes = rand(N_EXTRA, 2), (rand(N_EXTRA) > 0.5).astype(np.int64)
    return points, classes


EXTRA = ("noisy_circles", "noisy_moons", "blobs", "gaussian_quantiles", "no_structure")
"""The course's five extra datasets of points."""


def load_flower(seed: int = 1) -> Dataset:
    """Load the flower of the course notes (planar classification); the test set is the flower with the next seed.

    Args:
        seed: seed of the training set; the course notes use 1.

    Returns:
        The dataset: two features, one row of labels, 0 (red) and 1 (blue); 400 points in each set.
    """
    SETTINGS["seed"].check(seed)
    return Dataset(
        name="flower",
        train=Part(*flower_points(seed)),
        test=Part(*flower_points(seed + 1)),
        class_names=("red", "blue"),
        feature_names=("x1", "x2"),
        about=f"points of two classes on the petals of a flower, made at random "
        f"(seed {seed}; test set: seed {seed + 1})",
        split_at_random=True,
    )


def load_extra(name: str, seed: int = 1) -> Dataset:
    """Load one of the course's five extra datasets of points; the test set is drawn with the next seed.

    Args:
        name: "noisy_circles", "noisy_moons", "blobs", "gaussian_quantiles" or "no_structure".
        seed: seed of the training set.

    Returns:
        The dataset: two features, one row of labels 0 and 1 (for the blobs: the number of the blob modulo 2); 200
        points in each set.

    Raises:
        InputError: the name is unknown.
    """

    def part(seed: int) -> Part:
        points, classes = extra_points(name, seed)
        return Part(np.ascontiguousarray(points.T), (classes % 2).astype(np.float64).reshape(1, -1))

    SETTINGS["seed"].check(seed)
    return Dataset(
        name=name,
        train=part(seed),
        test=part(seed + 1),
        class_names=("0", "1"),
        feature_names=("x1", "x2"),
        about=f"points in the plane, an extra dataset of the course, made at random "
        f"(seed {seed}; test set: seed {seed + 1})",
        split_at_random=True,
    )
