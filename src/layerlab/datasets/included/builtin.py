"""Real data that come with scikit-learn: handwritten digits and breast cancer."""

from __future__ import annotations

import math

import numpy as np

from layerlab.datasets.dataset import Dataset
from layerlab.datasets.part import Part, one_hot, stratified_split
from layerlab.formulas.arrays import Floats


def load_digits() -> Dataset:
    """Load 1797 handwritten digits of 8 × 8 pixels (UCI; Alpaydin & Kaynak 1998), from scikit-learn.

    Returns:
        The dataset: 64 features from 0 to 1, the amount of ink (0 to 16, divided by 16); one-hot labels of 10 classes.
        The random split is stratified (seed 0): 1437 training and 360 test examples.
    """
    from sklearn.datasets import load_digits as source

    bunch = source()
    train, test = _split(bunch.data.T / 16.0, one_hot(bunch.target, 10), bunch.target)
    return Dataset(
        name="digits",
        train=train,
        test=test,
        class_names=tuple("0123456789"),
        image_shape=(8, 8),
        about="handwritten digits, 8 × 8 pixels (UCI, from scikit-learn)",
        split_at_random=True,
    )


def load_breast_cancer() -> Dataset:
    """Load 569 tumours with 30 measurements each (Wisconsin diagnostic; UCI), from scikit-learn.

    Returns:
        The dataset: 30 features in their own units (some near 0.001, some above 1000: see ``Dataset.standardized``);
        one row of labels, 0 (malignant) and 1 (benign). The random split is stratified (seed 0): 455 training and 114
        test examples.
    """
    from sklearn.datasets import load_breast_cancer as source

    bunch = source()
    train, test = _split(bunch.data.T, bunch.target.reshape(1, -1).astype(np.float64), bunch.target)
    return Dataset(
        name="breast_cancer",
        train=train,
        test=test,
        class_names=tuple(str(name) for name in bunch.target_names),
        feature_names=tuple(str(name) for name in bunch.feature_names),
        about="tumours with 30 measurements each (Wisconsin diagnostic, UCI, from scikit-learn)",
        split_at_random=True,
    )


def _split(X: Floats, Y: Floats, classes: np.ndarray) -> tuple[Part, Part]:
    """Split the examples, with the same share of each class in both sets."""
    train, test = stratified_split(classes, n_test=math.ceil(0.2 * len(classes)), seed=0)
    return Part(X[:, train], Y[:, train]), Part(X[:, test], Y[:, test])
